/* SPDX-License-Identifier: Apache-2.0 */
#include "case/office.h"

#include "case/bulk.h"
#include "case/map.h"
#include "case/past.h"
#include "engine/bpmn/bpmn.h"
#include "support/permissions.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- the verb ------------------------------------------------------------------------------------------------------------------------ */

static int failures;
static bool failures_soft, killing;

void desk_fail(int times, bool soft)
{
        failures = times;
        failures_soft = soft;
}

void desk_kill(bool now)
{
        killing = now;
}

static int thing_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        int64_t n = *(const int64_t *)ctx, id;
        char key[80];
        int rc = ids_next(c->house->ids, &id, err);

        change->subject_kind = "thing";
        change->subject = id;
        text_format(key, sizeof key, "%lld-%lld", (long long)c->instance, (long long)n);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO outbox (home, id, target_home, topic, message_key, body, created_at, state, lease_owner, "
                    "lease_until, "
                    "attempts, error) VALUES (1, ?1@int, ?2@int, 'thing', ?3@text, '', ?4@int, 'open', NULL, 0, 0, NULL)",
                    "iiti", id, c->instance, key, c->who.staff);
        if (rc == 0 && killing)
                raise(SIGKILL);
        *out = json_pack("{s:I,s:I}", "n", (json_int_t)(n + 1), "id", (json_int_t)id);
        return rc;
}

static int thing_run(struct call *c, const char *verb, const json_t *in, json_t **out, struct error *err)
{
        int64_t n = 0;
        int rc = json_get_int(in, "n", false, &n, err);

        if (rc == 0 && failures > 0) {
                failures--;
                return failures_soft ? error_raise_soft(err, SB_STORE_BUSY, "%s", "")
                                     : error_raise(err, SB_PARAMETER_UNKNOWN, "%s", "thing");
        }
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, verb), in, thing_apply, &n, out, err);
}

static int thing_do(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return thing_run(c, "thing.do", in, out, err);
}

static int thing_within(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return thing_run(c, "thing.within", in, out, err);
}

#define THING_IN "{\"type\":\"object\",\"properties\":{\"n\":{\"type\":\"integer\"}}}"
static const struct verb THING[] = {
    {"thing.do", VERB_WRITE, NULL, NULL, NULL, "Do", "做", THING_IN, "{\"type\":\"object\"}", thing_do, NULL},
    {"thing.within", VERB_WRITE, NULL, NULL, NULL, "Do", "做", THING_IN, "{\"type\":\"object\"}", thing_within, SCOPE_WITHIN},
    {0},
};
static const struct verb *const TABLES[] = {THING, case_verbs, bulk_verbs, map_verbs, past_verbs, NULL};
/* The pool of the tests is everybody's. */
static int pool_anywhere(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        (void)tx, (void)c, (void)value, (void)err;
        *within = true;
        return 0;
}
static const struct scope_rule POOLS[] = {{"pool", "The pool", "该统筹区", pool_anywhere, NULL}, {0}};
static const struct scope_rule *const SCOPES[] = {POOLS, case_scopes, NULL};

/* --- the pack ------------------------------------------------------------------------------------------------------------------------ */

#define HEAD(id)                                                                                                               \
        "<bpmn:definitions xmlns:bpmn=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><bpmn:process id=\"" id              \
        "\" name=\"流程\" shebao:titleEn=\"Process\" isExecutable=\"true\">"
#define TAIL "</bpmn:process></bpmn:definitions>"
#define FLOW(id, from, to) "<bpmn:sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>"
#define WHEN(id, from, to, condition)                                                                                          \
        "<bpmn:sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"><bpmn:conditionExpression>" condition    \
        "</bpmn:conditionExpression></bpmn:sequenceFlow>"
#define USER(id, role, limit)                                                                                                  \
        "<bpmn:userTask id=\"" id "\" name=\"办理\" shebao:titleEn=\"Do\" shebao:role=\"" role "\" " limit                     \
        " shebao:decisions=\"approve return\">"                                                                                \
        "<bpmn:extensionElements><shebao:output name=\"" id                                                                    \
        "\" value=\"result.decision\"/></bpmn:extensionElements></bpmn:userTask>"
#define SERVICE(id, verb)                                                                                                      \
        "<bpmn:serviceTask id=\"" id "\" name=\"执行\" shebao:titleEn=\"Execute\" shebao:verb=\"" verb                         \
        "\"><bpmn:extensionElements>"                                                                                          \
        "<shebao:input name=\"n\" value=\"n\"/><shebao:output name=\"n\" "                                                     \
        "value=\"result.n\"/></bpmn:extensionElements></bpmn:serviceTask>"

/* X1: enter (clerk) → do → review (reviewer, back to enter) → approve (approver) → do → end */
static const char X1[] = HEAD("X1") "<bpmn:startEvent id=\"start\" name=\"受理\"/>" USER("enter", "clerk", "shebao:limit=\"4\"")
    SERVICE("first", "thing.do")
        USER("review", "reviewer", "") "<bpmn:exclusiveGateway id=\"which\"/>" USER("approve", "approver", "")
            SERVICE("second", "thing.do") "<bpmn:endEvent id=\"end\"/>" FLOW("f1", "start", "enter")
                FLOW("f2", "enter", "first") FLOW("f3", "first", "review") FLOW("f4", "review", "which")
                    WHEN("f5", "which", "approve", "review = \"approve\"") WHEN("f6", "which", "enter", "review = \"return\"")
                        FLOW("f7", "approve", "second") FLOW("f8", "second", "end") TAIL;
/* X2: three things side by side, then one, then a wait of an hour, then one more */
static const char X2[] =
    HEAD("X2") "<bpmn:startEvent id=\"start\"/><bpmn:parallelGateway id=\"fork\"/>" SERVICE("a", "thing.do")
        SERVICE("b", "thing.do") SERVICE("c", "thing.do") "<bpmn:parallelGateway id=\"join\"/>" SERVICE(
            "d", "thing.do") "<bpmn:intermediateCatchEvent "
                             "id=\"wait\"><bpmn:timerEventDefinition><bpmn:timeDuration>PT1H</bpmn:timeDuration></"
                             "bpmn:timerEventDefinition>"
                             "</bpmn:intermediateCatchEvent>" SERVICE("e", "thing.do") "<bpmn:endEvent id=\"end\"/>" FLOW(
                                 "f1", "start", "fork") FLOW("f2", "fork", "a") FLOW("f3", "fork", "b") FLOW("f4", "fork", "c")
                                 FLOW("f5", "a", "join") FLOW("f6", "b", "join") FLOW("f7", "c", "join") FLOW("f8", "join", "d")
                                     FLOW("f9", "d", "wait") FLOW("f10", "wait", "e") FLOW("f11", "e", "end") TAIL;
/* X3: a verb that nobody has */
static const char X3[] = HEAD("X3") "<bpmn:startEvent id=\"start\"/>" SERVICE(
    "do", "thing.undo") "<bpmn:endEvent id=\"end\"/>" FLOW("f1", "start", "do") FLOW("f2", "do", "end") TAIL;

/* X4: a wait of an hour, and then a choice that needs a value nobody gave */
static const char X4[] =
    HEAD("X4") "<bpmn:startEvent id=\"start\"/><bpmn:intermediateCatchEvent id=\"wait\"><bpmn:timerEventDefinition>"
               "<bpmn:timeDuration>PT1H</bpmn:timeDuration></bpmn:timerEventDefinition></"
               "bpmn:intermediateCatchEvent><bpmn:exclusiveGateway id=\"which\"/>"
               "<bpmn:endEvent id=\"a\"/><bpmn:endEvent id=\"b\"/>" FLOW("f1", "start", "wait") FLOW("f2", "wait", "which")
                   WHEN("f3", "which", "a", "given") WHEN("f4", "which", "b", "not(given)") TAIL;

/* X5: an application: a form, papers, enter → review → approve → archive */
static const char X5[] = HEAD(
    "X5") "<bpmn:extensionElements>"
          "<shebao:variable name=\"amount\" type=\"money\" titleZh=\"金额\" titleEn=\"Amount\" required=\"true\"/>"
          "<shebao:variable name=\"kind\" type=\"choice\" titleZh=\"类别\" titleEn=\"Kind\" values=\"a b\"/>"
          "<shebao:variable name=\"from\" type=\"date\" titleZh=\"起始日\" titleEn=\"From\"/>"
          "<shebao:variable name=\"id\" type=\"identity\" titleZh=\"身份号码\" titleEn=\"Identity number\" required=\"true\" "
          "personal=\"true\"/><shebao:variable name=\"many\" type=\"number\" titleZh=\"数量\" titleEn=\"How many\"/>"
          "</bpmn:extensionElements><bpmn:startEvent id=\"start\" name=\"受理\"/>" USER("enter", "clerk", "shebao:limit=\"4\"")
              USER("review", "reviewer", "") "<bpmn:exclusiveGateway id=\"which\"/>" USER(
                  "approve", "approver",
                  "") "<bpmn:serviceTask id=\"archive\" name=\"归档\" shebao:titleEn=\"Archive\" shebao:verb=\"case.archive\"/>"
                      "<bpmn:endEvent id=\"closed\"/>" FLOW("f1", "start", "enter") FLOW("f2", "enter", "review")
                          FLOW("f3", "review", "which") WHEN("f4", "which", "approve", "review = \"approve\"")
                              WHEN("f5", "which", "enter", "review = \"return\"") FLOW("f6", "approve", "archive")
                                  FLOW("f7", "archive", "closed") TAIL;
/* X6: begins with something of the office, not with a form */
static const char X6[] =
    HEAD("X6") "<bpmn:extensionElements><shebao:variable name=\"thing\"/></bpmn:extensionElements>"
               "<bpmn:startEvent id=\"start\"/><bpmn:endEvent id=\"end\"/>" FLOW("f1", "start", "end") TAIL;
static const char MATERIALS[] = "process,material,name_zh,name_en,kind,required,promise,gap,source\n"
                                "X5,form,申请表,Application form,form,yes,no,no,令1号 2\n"
                                "X5,proof,证明,Proof,original,yes,yes,no,令1号 2\n"
                                "X5,photo,照片,Photograph,copy,no,no,yes,令1号 2\n";
static const char REASONS[] = "reason,name_zh,name_en,source\npapers,补正材料,Papers are missing,令1号 3\n"
                              "authority,等待其他机关,Another authority decides,令1号 3\n";
/* B1, B2: enter (clerk) → approve (approver) → do → end; of risk class L and H. */
#define BULK(id, risk)                                                                                                         \
        "<bpmn:definitions xmlns:bpmn=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><bpmn:process id=\"" id              \
        "\" name=\"流程\" shebao:titleEn=\"Process\" shebao:risk=\"" risk                                                      \
        "\" isExecutable=\"true\"><bpmn:startEvent id=\"start\"/>" USER("enter", "clerk", "") USER("approve", "approver", "")  \
            SERVICE("do", "thing.do") "<bpmn:endEvent id=\"end\"/>" FLOW("f1", "start", "enter")                               \
                FLOW("f2", "enter", "approve") FLOW("f3", "approve", "do") FLOW("f4", "do", "end") TAIL
static const char B1[] = BULK("B1", "L");
static const char B2[] = BULK("B2", "H");

static void file_put(const char *dir, const char *name, const char *text)
{
        char path[300];

        text_format(path, sizeof path, "%s/%s", dir, name);
        FILE *f = fopen(path, "wb");
        assert_non_null(f);
        assert_true(fputs(text, f) >= 0);
        assert_int_equal(fclose(f), 0);
}

static void pack_write(char dir[200], int version, const struct desk_file *files)
{
        char sub[260];

        text_format(dir, 200, "%s/land%d", test_scratch(), version);
        mkdir(dir, 0777);
        mkdir(text_format(sub, sizeof sub, "%s/rules", dir), 0777);
        mkdir(text_format(sub, sizeof sub, "%s/processes", dir), 0777);
        mkdir(text_format(sub, sizeof sub, "%s/parameters", dir), 0777);
        file_put(dir, "pack.json", "{\"name\":\"land\",\"title\":{\"zh\":\"国家\",\"en\":\"The land\"},\"version\":\"1\"}");
        file_put(dir, "units.csv", "unit,kind,scale\nworking_days,whole,\n");
        file_put(
            dir, "keys.csv",
            "key,unit,dimensions,values,limit,gaps,title_zh,title_en\ncase_limit,working_days,process,,max,no,时限,Limit\n");
        file_put(dir, "parameters/limits.csv",
                 "key,dimensions,value,unit,valid_from,valid_to,source,evidence\ncase_limit,process=X1,5,working_days,2020-01-"
                 "01,,令1号 1,T\ncase_limit,process=X5,5,working_days,2020-01-01,,令1号 1,T\n");
        file_put(dir, "holidays.csv",
                 "day,kind,source\n2026-01-01,year,令2号\n2026-11-28,work,令2号\n2026-11-30,holiday,令2号\n");
        file_put(dir, "processes/X1.bpmn", X1);
        file_put(dir, "processes/X2.bpmn", X2);
        file_put(dir, "processes/X3.bpmn", X3);
        file_put(dir, "processes/X4.bpmn", X4);
        file_put(dir, "processes/X5.bpmn", X5);
        file_put(dir, "processes/X6.bpmn", X6);
        file_put(dir, "materials.csv", MATERIALS);
        file_put(dir, "pause_reasons.csv", REASONS);
        file_put(dir, "processes/B1.bpmn", B1);
        file_put(dir, "processes/B2.bpmn", B2);
        file_put(dir, "bulk.csv", "risk,sample_percent,sample_min\nL,2,3\nM,5,5\n");
        test_permissions_write(dir);
        for (; files != NULL && files->name != NULL; files++)
                file_put(dir, files->name, files->text);
}

struct activation {
        struct desk *desk;
        const struct hash *hash;
        bool first;
};

static int activate(struct tx *tx, void *ctx, struct error *err)
{
        static const struct {
                int id, parent;
        } offices[] = {{1, 0}, {10, 1}, {11, 1}, {100, 10}};
        const struct activation *a = ctx;
        struct house *h = &a->desk->house;
        char code[16];
        day_t from = a->first ? day_from(2020, 1, 1) : clock_today(h->clock);
        int rc = pack_store_activate(tx, h->ids, POOL, a->hash, from, 0, clock_now(h->clock) - 1000000, err);

        for (size_t i = 0; rc == 0 && a->first && i < sizeof offices / sizeof offices[0]; i++)
                rc = tx_exec(tx, err,
                             "INSERT INTO office (id, code, parent, body, level, name_zh, name_en, territory, valid_from, "
                             "valid_to) VALUES (?1@int, "
                             "?2@text, ?3@int, '', 1, '', '', '', 0, ?4@int)",
                             "itii", (int64_t)offices[i].id, text_format(code, sizeof code, "O%d", offices[i].id),
                             (int64_t)offices[i].parent, (int64_t)DAY_END);
        return rc;
}

static void pack_store(struct desk *d, int version, const struct desk_file *files)
{
        struct pack *pack = NULL;
        char dir[200];

        pack_write(dir, version, files);
        assert_ok(pack_open(&pack, dir, &d->err), d->err);
        assert_ok(pack_store_put(d->house.packs, pack, clock_now(d->house.clock), &d->err), d->err);
        struct activation a = {d, pack_hash(pack), version == 0};
        assert_ok(store_write(d->house.store, activate, &a, &d->err), d->err);
        pack_free(pack);
}

struct desk *desk_fresh(void **state)
{
        struct desk *d = desk_open(test_store_new(*(enum test_engine *)*state), true);

        if (d == NULL)
                skip();
        return d;
}

void desk_pack(struct desk *d, const struct desk_file *files)
{
        pack_store(d, ++d->packs, files);
}

struct desk *desk_open(struct store *store, bool fresh)
{
        struct desk *d = calloc(1, sizeof *d);

        if (store == NULL || d == NULL) {
                free(d);
                return NULL;
        }
        d->house.store = store;
        d->house.home = 1;
        d->house.clock = clock_virtual(day_instant(day_from(2026, 11, 24)) + (instant_t)9 * 3600 * 1000000);
        assert_ok(ids_open(&d->house.ids, store, 1, 100, &d->err), d->err);
        assert_ok(keyring_demo(&d->house.keys, 1, &d->err), d->err);
        assert_ok(pack_store_new(&d->house.packs, store, &d->err), d->err);
        assert_ok(registry_new(&d->verbs, TABLES, SCOPES, &d->err), d->err);
        d->house.verbs = d->verbs;
        d->house.files = text_format(d->files, sizeof d->files, "%s/files", test_scratch());
        desk_fail(0, false);
        if (fresh)
                pack_store(d, 0, NULL);
        return d;
}

void desk_close(struct desk *d)
{
        registry_free(d->verbs);
        pack_store_free(d->house.packs);
        ids_close(d->house.ids);
        keyring_free(d->house.keys);
        clock_free(d->house.clock);
        store_close(d->house.store);
        free(d);
}

/* --- acting -------------------------------------------------------------------------------------------------------------------------- */

struct starting {
        struct desk *desk;
        const char *process;
        json_t *variables;
        int64_t instance;
};

static int start_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct starting *s = ctx;
        struct call c = {.house = &s->desk->house, .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK}};
        struct case_start start = {.process = s->process,
                                   .subject_kind = "thing",
                                   .subject = 77,
                                   .office = 10,
                                   .pool = POOL,
                                   .variables = s->variables};

        return case_start(tx, &c, &start, &s->instance, err);
}

int64_t desk_start(struct desk *d, const char *process, const char *variables)
{
        struct starting s = {.desk = d, .process = process};

        assert_ok(json_read(&s.variables, str_from(variables), &d->err), d->err);
        assert_ok(store_write(d->house.store, start_apply, &s, &d->err), d->err);
        json_decref(s.variables);
        assert_ok(case_work_instance(&d->house, s.instance, &d->err), d->err);
        return s.instance;
}

enum error_code desk_call(struct desk *d, int64_t staff, uint32_t roles, int64_t office, const char *verb, json_t *in,
                          json_t **out)
{
        const struct verb *v = registry_find(d->verbs, verb);
        struct call c = {.house = &d->house, .who = {.staff = staff, .office = office, .roles = roles, .lang = LANG_EN}};
        json_t *answer = NULL;
        char key[40];

        assert_non_null(v);
        error_clear(&d->err);
        if (v->kind == VERB_WRITE)
                c.key = text_format(key, sizeof key, "test-%ld-%d", (long)getpid(), ++d->keys);
        int rc = verb_call(&c, v, in, &answer, &d->err);
        json_decref(in);
        if (out != NULL)
                *out = answer;
        else
                json_decref(answer);
        return rc == 0 ? SB_OK : d->err.code;
}

json_t *desk_json(struct desk *d, const char *text)
{
        json_t *o = NULL;

        assert_ok(json_read(&o, str_from(text), &d->err), d->err);
        return o;
}

enum error_code desk_ask(struct desk *d, const char *verb, json_t *in, json_t **out)
{
        return desk_call(d, 1, ROLE_CLERK, 10, verb, in, out);
}

enum error_code desk_case(struct desk *d, int64_t instance, const char *verb, const char *more, json_t **out)
{
        json_t *in = desk_json(d, more);

        json_object_set_new(in, "case", json_integer(instance));
        return desk_ask(d, verb, in, out);
}

const char *desk_word(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        assert_non_null(s);
        return s;
}

enum error_code desk_decide(struct desk *d, int64_t instance, int64_t staff, uint32_t roles, const char *decision)
{
        int64_t task = desk_task(d, instance);

        assert_true(task > 0);
        return desk_call(
            d, staff, roles, 10, "tasks.complete",
            json_pack("{s:I,s:{s:s,s:s}}", "task", (json_int_t)task, "outcome", "decision", decision, "note", "because"), NULL);
}

struct asking {
        const char *sql;
        int64_t instance, value;
        char *text;
        size_t size;
};

static int ask(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, a->sql, "i", a->instance);

        a->value = rc == 1 && a->text == NULL ? stmt_int(q, 0) : 0;
        if (rc == 1 && a->text != NULL)
                text_copy(a->text, a->size, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

int64_t desk_int(struct desk *d, const char *sql, int64_t instance)
{
        struct asking a = {.sql = sql, .instance = instance};

        assert_ok(store_read(d->house.store, ask, &a, &d->err), d->err);
        return a.value;
}

const char *desk_text(struct desk *d, const char *sql, int64_t instance)
{
        static char text[4096];
        struct asking a = {.sql = sql, .instance = instance, .text = text, .size = sizeof text};

        text[0] = '\0';
        assert_ok(store_read(d->house.store, ask, &a, &d->err), d->err);
        return text;
}

struct writing {
        const char *sql;
        int64_t a, b, c, d;
};

static int write_one(struct tx *tx, void *ctx, struct error *err)
{
        const struct writing *w = ctx;
        const char *types = strstr(w->sql, "?4@")   ? "iiii"
                            : strstr(w->sql, "?3@") ? "iii"
                            : strstr(w->sql, "?2@") ? "ii"
                            : strstr(w->sql, "?1@") ? "i"
                                                    : "";

        return tx_exec(tx, err, w->sql, types, w->a, w->b, w->c, w->d);
}

void desk_put(struct desk *d, const char *sql, int64_t a, int64_t b, int64_t c, int64_t e)
{
        struct writing w = {sql, a, b, c, e};

        assert_ok(store_write(d->house.store, write_one, &w, &d->err), d->err);
}

int64_t desk_task(struct desk *d, int64_t instance)
{
        return desk_int(d, "SELECT id FROM task WHERE instance = ?1@int AND state = 'open' ORDER BY id LIMIT 1", instance);
}

void desk_work(struct desk *d)
{
        int done;

        assert_ok(case_work(&d->house, 100000, &done, &d->err), d->err);
}

static int pool_insert(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(
            tx, err,
            "INSERT INTO pool (id, code, scheme, territory, home, name_zh, name_en, valid_from, valid_to) VALUES (?1@int, "
            "'P', 'EP', '', 1, '', '', 0, ?2@int)",
            "ii", (int64_t)POOL, (int64_t)DAY_END);
}

void desk_pool(struct desk *d)
{
        assert_ok(store_write(d->house.store, pool_insert, NULL, &d->err), d->err);
}

struct desk *desk_with(void **state, const struct desk_file *files)
{
        struct desk *d = desk_fresh(state);

        desk_pool(d);
        desk_pack(d, files);
        return d;
}

void desk_run_killed(const char *url, const struct run_kind *const *kinds, int64_t run, instant_t now, int milliseconds)
{
        struct timespec wait = {.tv_nsec = (long)milliseconds * 1000000};
        int status;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
                struct desk *d = desk_open(test_store_open(url), false);
                struct error err = {0};
                if (now != 0)
                        clock_set(d->house.clock, now);
                (void)run_takeover(&d->house, run, &err);
                error_clear(&err);
                (void)run_work(&d->house, kinds, run, NULL, NULL, &err);
                pause();
                _exit(1);
        }
        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
}

void desk_run_end(struct desk *d, const struct run_kind *const *kinds, int64_t run)
{
        if (strcmp(desk_text(d, "SELECT state FROM run WHERE id = ?1@int", run), "running") == 0)
                assert_ok(run_takeover(&d->house, run, &d->err), d->err);
        clock_advance(d->house.clock, (int64_t)1000000);
        if (strcmp(desk_text(d, "SELECT state FROM run WHERE id = ?1@int", run), "done") != 0)
                assert_ok(run_work(&d->house, kinds, run, NULL, NULL, &d->err), d->err);
}
