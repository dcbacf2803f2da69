/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/feelin.h"

#include "bench/bench.h"
#include "bench/command.h"
#include "engine/feel/feel.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FEELIN "feelin@8.2.0"
#define SECONDS "0.6"
#define BATCH 200
#define TIMES_PARSED 20
#define TIMES_COMPILED 500

static const struct {
        const char *name, *text;
} EXPRESSIONS[] = {
    {"arithmetic", "a + b * 2 - c / 4"},
    {"condition", "if age >= 60 then \"pension\" else \"work\""},
    {"sum", "sum(list) + a"},
    {"for", "for x in 1..20 return x * 2"},
    {"some", "some x in list satisfies x > 50"},
    {"text", "contains(name, \"保险\") and starts with(name, \"社\")"},
    {"context", "{x: age, y: x + 1, z: y * 2}.z"},
    {"filter", "count(list[item >= 10 and item < 90])"},
    {"dates", "date(born) + duration(\"P60Y\") < date(\"2025-03-01\")"},
    {"rounding", "round half up(amount / 139, 2)"},
};
#define COUNT (sizeof EXPRESSIONS / sizeof EXPRESSIONS[0])

static double thread_time(void)
{
        struct timespec t;

        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
        return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static json_t *context_json(void)
{
        return json_pack("{s:i,s:f,s:i,s:i,s:[i,i,i,i],s:s,s:s,s:f}", "a", 3, "b", 4.5, "c", 12, "age", 63, "list", 5, 20, 95,
                         40, "name", "社会保险", "born", "1964-02-29", "amount", 78885.37);
}

static bool script_copy(const char *folder)
{
        char path[256];
        struct buf script;
        struct error err = {0};

        snprintf(path, sizeof path, "%s/feelin.mjs", folder);
        buf_init(&script, 1 << 16);
        bool ok = file_read(&script, BENCH_SOURCE "/feelin.mjs", 1 << 16, &err) == 0 &&
                  file_write(path, script.p, script.n, &err) == 0;
        buf_dispose(&script);
        return ok;
}

/* Evaluations a second by feelin; false when it cannot be had. */
static bool feelin_rates(const char *folder, double rates[COUNT])
{
        char *install[] = {"npm", "install", "--prefix", ".", "--no-save", "--no-audit", "--no-fund", FEELIN, NULL};
        char *measure[] = {"node", "feelin.mjs", "work.json", SECONDS, NULL};
        char path[256], answer[65536];
        json_t *expressions = json_array(), *work;
        size_t n = 0;

        for (size_t i = 0; i < COUNT; i++)
                json_array_append_new(expressions, json_string(EXPRESSIONS[i].text));
        work = json_pack("{s:o,s:o}", "context", context_json(), "expressions", expressions);
        snprintf(path, sizeof path, "%s/work.json", folder);
        bool ok = work != NULL && json_dump_file(work, path, 0) == 0 && script_copy(folder) &&
                  command_run(folder, install, NULL, 0) == 0 && command_run(folder, measure, answer, sizeof answer) == 0;
        json_decref(work);
        for (const char *line = answer; ok && n < COUNT && line != NULL && line[0] != '\0'; n++) {
                rates[n] = strtod(line, NULL);
                line = strchr(line, '\n');
                line = line == NULL ? NULL : line + 1;
        }
        return n == COUNT;
}

struct own {
        struct arena *arena, *program;
        struct feel_machine machine;
        struct feel_env env;
        struct feel_scope scope;
        const char *names[16];
        struct error err;
};

static void own_open(struct own *o)
{
        json_t *context = context_json();

        memset(o, 0, sizeof *o);
        o->arena = arena_new((size_t)64 << 20);
        o->program = arena_new((size_t)64 << 20);
        feel_machine_init(&o->machine, o->program, NULL, &o->err);
        if (feel_from_json(&o->machine, context, NULL, &o->env.value, &o->err) < 0)
                exit(1);
        for (uint32_t i = 0; i < o->env.value.count; i++)
                o->names[i] = o->env.value.entries[i].name;
        o->scope = (struct feel_scope){.names = o->names, .count = o->env.value.count};
        json_decref(context);
        feel_machine_init(&o->machine, o->arena, NULL, &o->err);
}

static void own_once(struct own *o, const struct feel_node *compiled, const char *text)
{
        struct feel_value v;

        arena_reset(o->arena);
        feel_machine_again(&o->machine, NULL, &o->err);
        if ((compiled == NULL && feel_compile(&compiled, o->arena, &o->scope, str_from(text), FEEL_EXPRESSION, &o->err) < 0) ||
            feel_eval(&o->machine, compiled, &o->env, &v) < 0 || v.kind == FEEL_NULL) {
                fprintf(stderr, "%s is not evaluated\n", text);
                exit(1);
        }
}

static double own_rate(struct own *o, const struct feel_node *compiled, const char *text)
{
        double best = 0;

        for (int round = 0; round < 3; round++) {
                double start = thread_time(), spent = 0;
                size_t n = 0;
                while (spent < 0.1) {
                        for (int i = 0; i < BATCH; i++)
                                own_once(o, compiled, text);
                        n += BATCH;
                        spent = thread_time() - start;
                }
                best = (double)n / spent > best ? (double)n / spent : best;
        }
        return best;
}

int bench_feelin(void)
{
        char folder[] = "/tmp/shebao-feelin-XXXXXX", name[64];
        char *clear[] = {"rm", "-rf", folder, NULL};
        double rates[COUNT];
        struct own o;
        int missed = 0;

        if (mkdtemp(folder) == NULL)
                return 1;
        bool there = feelin_rates(folder, rates);
        command_run("/", clear, NULL, 0);
        if (!there)
                printf("feelin: skipped, npm or %s is not there\n", FEELIN);
        own_open(&o);
        for (size_t i = 0; i < COUNT; i++) {
                const struct feel_node *compiled;
                if (feel_compile(&compiled, o.program, &o.scope, str_from(EXPRESSIONS[i].text), FEEL_EXPRESSION, &o.err) < 0)
                        exit(1);
                double parsed = own_rate(&o, NULL, EXPRESSIONS[i].text), once = own_rate(&o, compiled, EXPRESSIONS[i].text);
                snprintf(name, sizeof name, "feel_%s_parsed", EXPRESSIONS[i].name);
                bench_figure(name, parsed, "/s", 0);
                snprintf(name, sizeof name, "feel_%s_compiled", EXPRESSIONS[i].name);
                bench_figure(name, once, "/s", 0);
                if (!there)
                        continue;
                snprintf(name, sizeof name, "feelin_%s", EXPRESSIONS[i].name);
                bench_figure(name, rates[i], "/s", 0);
                snprintf(name, sizeof name, "feel_%s_parsed_against_feelin", EXPRESSIONS[i].name);
                missed += bench_at_least(name, parsed / rates[i], "x", TIMES_PARSED);
                snprintf(name, sizeof name, "feel_%s_compiled_against_feelin", EXPRESSIONS[i].name);
                missed += bench_at_least(name, once / rates[i], "x", TIMES_COMPILED);
        }
        feel_machine_dispose(&o.machine);
        arena_free(o.arena);
        arena_free(o.program);
        return missed;
}
