/* SPDX-License-Identifier: Apache-2.0
 *
 * Cases (bench/process/five.bpmn: accept, review, approve by people, execute and archive by verbs), each started and brought to its end
 * through the verbs that the desk calls, on a PostgreSQL of its own that flushes every commit; beside pgbench -N on the same server with
 * the same number of clients, in turns, and beside bpmn-engine (npm) in memory. Beside it a case of five automatic steps (auto.bpmn), which
 * one call begins and ends; both by verbs that may be done within the step that asks for them, as case.archive is. Then the same with the rows of a million finished cases
 * in the tables; the steps of living cases while those move to the past (case/past.h); and the task list of an office with a hundred
 * thousand open cases.
 */
#include "base/clock.h"
#include "bench/bench.h"
#include "bench/city.h"
#include "bench/command.h"
#include "case/instance.h"
#include "case/pack_store.h"
#include "case/past.h"
#include "pack/pack.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 8, ROUNDS = 5, LIST_CALLS = 400, OPEN_CASES = 100000, FINISHED_CASES = 1000000, STEPS_MAX = 400000 };
#define SECONDS 6
#define ENGINE "bpmn-engine@25.0.1"
#define SHARE_BAR 0.25
#define FLAT_BAR 0.9
#define LIST_BAR_MS 50
#define ARCHIVE_BAR 2

static double now_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int by_size(const void *a, const void *b)
{
        double x = *(const double *)a, y = *(const double *)b;

        return (x > y) - (x < y);
}

static double median(double *v, size_t n)
{
        qsort(v, n, sizeof *v, by_size);
        return v[n / 2];
}

/* --- the verb of the two last steps: it writes nothing but what every verb writes ------------------------------------------------------ */

static int execute_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        (void)tx, (void)ctx, (void)err, (void)out;
        change->subject_kind = "case";
        change->subject = c->instance;
        return 0;
}

static int execute(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return verb_change(c, registry_find(c->house->verbs, "bench.execute"), in, execute_apply, NULL, out, err);
}

struct starting {
        const struct case_start *start;
        int64_t instance;
};

static int start_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct starting *s = ctx;
        int rc = case_start(tx, c, s->start, &s->instance, err);

        change->subject_kind = "case";
        change->subject = s->instance;
        if (rc == 0)
                *out = json_pack("{s:I,s:[I]}", "case", (json_int_t)s->instance, "next", (json_int_t)c->follow->tasks[0]);
        return rc;
}

static int64_t pool_id, office_id;

static int start(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct case_start what = {.process = json_string_value(json_object_get(in, "process")),
                                  .subject_kind = "bench",
                                  .subject = 1,
                                  .office = office_id,
                                  .pool = pool_id};
        struct starting s = {.start = &what};

        return case_change(c, registry_find(c->house->verbs, "bench.start"), in, start_apply, &s, out, err);
}

#define ANY "{\"type\":\"object\"}"
static const struct verb MORE[] = {
    {"bench.execute", VERB_WRITE, NULL, NULL, NULL, "Execute", "执行", ANY, ANY, execute, SCOPE_WITHIN},
    {"bench.start", VERB_WRITE, DUTY_ALL, NULL, NULL, "Start", "受理", ANY, ANY, start, NULL},
    {0},
};

/* --- one case ---------------------------------------------------------------------------------------------------------------------------- */

struct client {
        pthread_t thread;
        struct place *place;
        int number;
        double until;
        bool automatic;
        int64_t count, made;
};

static json_t *do_verb(struct client *k, int64_t staff, uint32_t role, const char *verb, json_t *in)
{
        struct house *h = &k->place->house;
        char key[64];
        struct call c = {.house = h,
                         .who = {.staff = staff, .office = office_id, .roles = role, .lang = LANG_EN},
                         .key = text_format(key, sizeof key, "k-%d-%d-%lld", (int)getpid(), k->number, (long long)k->made++)};
        struct error err = {0};
        json_t *out = NULL;

        city_must(verb_call(&c, registry_find(h->verbs, verb), in, &out, &err), &err);
        json_decref(in);
        return out;
}

static int64_t next_task(const json_t *answer)
{
        return json_integer_value(json_array_get(json_object_get(answer, "next"), 0));
}

static void one_case(struct client *k)
{
        static const uint32_t roles[] = {ROLE_CLERK, ROLE_REVIEWER, ROLE_APPROVER};
        json_t *answer =
            do_verb(k, 1, ROLE_CLERK, "bench.start", json_pack("{s:s}", "process", k->automatic ? "AUTO" : "FIVE"));

        for (int i = 0; i < (k->automatic ? 0 : 3); i++) {
                int64_t task = next_task(answer);
                json_decref(answer);
                answer = do_verb(k, 1 + i, roles[i], "tasks.complete",
                                 json_pack("{s:I,s:{s:s}}", "task", (json_int_t)task, "outcome", "decision", "approve"));
        }
        json_decref(answer);
}

static void *client_run(void *ctx)
{
        struct client *k = ctx;

        while (now_s() < k->until) {
                one_case(k);
                k->count++;
        }
        return NULL;
}

/* Cases a second by CLIENTS threads. */
static double cases_rate(struct place *c, bool automatic)
{
        static int round;
        struct client clients[CLIENTS];
        double begin = now_s();
        int64_t count = 0;

        for (int i = 0; i < CLIENTS; i++) {
                clients[i] = (struct client){
                    .place = c, .number = round * CLIENTS + i, .until = begin + SECONDS, .automatic = automatic};
                pthread_create(&clients[i].thread, NULL, client_run, &clients[i]);
        }
        for (int i = 0; i < CLIENTS; i++) {
                pthread_join(clients[i].thread, NULL);
                count += clients[i].count;
        }
        round++;
        return (double)count / (now_s() - begin);
}

/* --- the server ----------------------------------------------------------------------------------------------------------------------------- */

struct server {
        char folder[200], url[300], script[512];
};

static void server_do(const struct server *s, const char *what, char *answer, size_t size)
{
        char text[1200];

        text_format(text, sizeof text, ". %s; export PG_OPTIONS='-c max_wal_size=4GB -c max_connections=60'; %s", s->script,
                    what);
        char *argv[] = {"bash", "-c", text, NULL};
        if (command_run(NULL, argv, answer, size) != 0) {
                fprintf(stderr, "PostgreSQL: %s failed\n", what);
                exit(1);
        }
}

static struct server server; /* ended with the program, in whatever way it ends */

static void server_stop(void)
{
        char what[300];

        server_do(&server, text_format(what, sizeof what, "pg_stop %s/pg; rm -rf %s/pg", server.folder, server.folder), NULL,
                  0);
}

static void server_start(const char *folder)
{
        char what[300];

        text_copy(server.folder, sizeof server.folder, str_from(folder));
        text_format(server.script, sizeof server.script, "%s/../test/support/pg.sh", BENCH_SOURCE);
        server_do(&server,
                  text_format(what, sizeof what, "chmod 755 %s && pg_make %s/pg && pg_url %s/pg bench >&2 && pg_url %s/pg work",
                              folder, folder, folder, folder),
                  server.url, sizeof server.url);
        atexit(server_stop);
        server_do(&server, text_format(what, sizeof what, "pgbench -h %s/pg -U shebao -q -i -s 10 bench", folder), NULL, 0);
}

static double pgbench_rate(void)
{
        char what[400], answer[64] = "";

        server_do(
            &server,
            text_format(what, sizeof what,
                        "pgbench -h %s/pg -U shebao -n -N -c %d -j 2 -T %d bench | sed -n 's/^tps = \\([0-9.]*\\).*/\\1/p'",
                        server.folder, CLIENTS, SECONDS),
            answer, sizeof answer);
        return strtod(answer, NULL);
}

/* --- the installation ------------------------------------------------------------------------------------------------------------------------ */

static struct pack *pack_make(struct pack *demo)
{
        struct error err = {0};
        struct buf model, automatic, archive;
        struct pack *pack = NULL;

        buf_init(&model, 1 << 16);
        buf_init(&automatic, 1 << 16);
        buf_init(&archive, (size_t)1 << 27);
        city_must(file_read(&model, BENCH_SOURCE "/process/five.bpmn", 1 << 16, &err), &err);
        city_must(file_read(&automatic, BENCH_SOURCE "/process/auto.bpmn", 1 << 16, &err), &err);
        struct pack_change changes[] = {{"processes/AUTO.bpmn", {automatic.p, automatic.n}},
                                        {"processes/FIVE.bpmn", {model.p, model.n}}};
        city_must(pack_archive_with(demo, changes, 2, &archive, &err), &err);
        city_must(pack_open_archive(&pack, (struct str){archive.p, archive.n},
                                    pack_ref((struct pack *)(uintptr_t)pack_parent(demo)), &err),
                  &err);
        buf_dispose(&model);
        buf_dispose(&automatic);
        buf_dispose(&archive);
        return pack;
}

static void place_make(struct place *c, const char *url)
{
        struct store_options options = {.readers = CLIENTS, .writers = CLIENTS};
        struct error err = {0};
        struct pack *demo = NULL, *pack;

        city_must(pack_open(&demo, BENCH_PACKS "/demo", &err), &err);
        pack = pack_make(demo);
        city_found_with(url, pack);
        pack_free(pack);
        pack_free(demo);
        city_open_with(c, url, &options, MORE);
        pool_id = c->pool.id;
        office_id = c->office;
}

/* --- many cases ------------------------------------------------------------------------------------------------------------------------------ */

/* Copies of the rows of the cases in a state, under other ids, written by the server itself. */
static void cases_copy(const char *state, int64_t copies)
{
        char what[900];

        server_do(
            &server,
            text_format(
                what, sizeof what,
                "psql -q -v ON_ERROR_STOP=1 -h %s/pg -U shebao -d work -c \"SET bench.copies = %lld; SET bench.state = '%s'\" "
                "-f %s/process/copy.sql >&2",
                server.folder, (long long)copies, state, BENCH_SOURCE),
            NULL, 0);
}

static int64_t count_of(struct place *c, const char *state)
{
        char what[400], answer[64] = "";

        (void)c;
        server_do(
            &server,
            text_format(
                what, sizeof what,
                "psql -q -t -A -h %s/pg -U shebao -d work -c \"SELECT COUNT(*) FROM process_instance WHERE state = '%s'\"",
                server.folder, state),
            answer, sizeof answer);
        return strtoll(answer, NULL, 10);
}

/* --- the figures ------------------------------------------------------------------------------------------------------------------------------- */

static void vacuum(void)
{
        char what[300];

        server_do(&server,
                  text_format(what, sizeof what, "psql -q -h %s/pg -U shebao -d work -c 'VACUUM ANALYZE' >&2", server.folder),
                  NULL, 0);
}

/* In turns, so that a busy moment of the machine meets both. Returns the median of ours. */
static double in_turns(struct place *c, const char *name, bool automatic, int *missed)
{
        double ours[ROUNDS], theirs[ROUNDS], share[ROUNDS], rate;
        char text[80];

        cases_rate(c, automatic); /* statements are prepared, pages are in memory, and the planner knows the tables */
        vacuum();
        for (int i = 0; i < ROUNDS; i++) {
                theirs[i] = pgbench_rate();
                ours[i] = cases_rate(c, automatic);
                share[i] = ours[i] / theirs[i];
        }
        rate = median(ours, ROUNDS);
        *missed += bench_at_least(text_format(text, sizeof text, "process_%s_share_of_pgbench", name), median(share, ROUNDS),
                                  "ratio", SHARE_BAR);
        *missed += bench_figure(text_format(text, sizeof text, "process_%s_cases", name), rate, "1/s", 0);
        *missed += bench_figure(text_format(text, sizeof text, "process_%s_pgbench", name), median(theirs, ROUNDS), "1/s", 0);
        return rate;
}

static void beside_engine(double rate, const char *folder)
{
        char script[300], answer[64] = "";
        char *install[] = {"npm", "install", "--prefix", ".", "--no-save", "--no-audit", "--no-fund", ENGINE, NULL};
        char *copy[] = {"cp", BENCH_SOURCE "/process/engine.mjs", script, NULL};
        char *measure[] = {"node", "engine.mjs", BENCH_SOURCE "/process/five.bpmn", "5", NULL};

        text_format(script, sizeof script, "%s/engine.mjs", folder);
        if (command_run(folder, install, NULL, 0) != 0 || command_run(folder, copy, NULL, 0) != 0 ||
            command_run(folder, measure, answer, sizeof answer) != 0) {
                printf("# %s could not be had: not measured\n", ENGINE);
                return;
        }
        bench_figure("process_bpmn_engine_in_memory", strtod(answer, NULL), "1/s", 0);
        bench_figure("process_cases_per_bpmn_engine", rate / strtod(answer, NULL), "ratio", 0);
}

/* --- the past -------------------------------------------------------------------------------------------------------------------------------- */

struct steps {
        pthread_mutex_t lock;
        double *ms;
        size_t count;
};

static void step_note(struct steps *s, double ms)
{
        pthread_mutex_lock(&s->lock);
        if (s->count < STEPS_MAX)
                s->ms[s->count++] = ms;
        pthread_mutex_unlock(&s->lock);
}

struct walker {
        struct client client;
        struct steps *steps;
};

/* Cases as a client's, with the time of each step. */
static void *walker_run(void *ctx)
{
        static const uint32_t roles[] = {ROLE_CLERK, ROLE_REVIEWER, ROLE_APPROVER};
        struct walker *w = ctx;

        while (now_s() < w->client.until) {
                json_t *answer = do_verb(&w->client, 1, ROLE_CLERK, "bench.start", json_pack("{s:s}", "process", "FIVE"));
                for (int i = 0; i < 3; i++) {
                        int64_t task = next_task(answer);
                        double begin = now_s();
                        json_decref(answer);
                        answer =
                            do_verb(&w->client, 1 + i, roles[i], "tasks.complete",
                                    json_pack("{s:I,s:{s:s}}", "task", (json_int_t)task, "outcome", "decision", "approve"));
                        step_note(w->steps, (now_s() - begin) * 1e3);
                }
                json_decref(answer);
        }
        return NULL;
}

static double step_p99(struct place *c)
{
        static int round = 1000;
        struct steps s = {.lock = PTHREAD_MUTEX_INITIALIZER, .ms = calloc(STEPS_MAX, sizeof *s.ms)};
        struct walker walkers[CLIENTS];
        double p99 = 0;

        for (int i = 0; s.ms != NULL && i < CLIENTS; i++) {
                walkers[i] = (struct walker){{.place = c, .number = round * CLIENTS + i, .until = now_s() + 2 * SECONDS}, &s};
                pthread_create(&walkers[i].client.thread, NULL, walker_run, &walkers[i]);
        }
        for (int i = 0; s.ms != NULL && i < CLIENTS; i++)
                pthread_join(walkers[i].client.thread, NULL);
        round++;
        if (s.count > 0) {
                qsort(s.ms, s.count, sizeof *s.ms, by_size);
                p99 = s.ms[s.count * 99 / 100];
        }
        free(s.ms);
        return p99;
}

struct archiving {
        struct place *place;
        int64_t run;
        double seconds;
};

static void *archiving_run(void *ctx)
{
        static const struct run_kind *const kinds[] = {&case_archive_kind, NULL};
        struct archiving *a = ctx;
        struct error err = {0};
        double begin = now_s();

        city_must(run_work(&a->place->house, kinds, a->run, NULL, NULL, &err), &err);
        a->seconds = now_s() - begin;
        return NULL;
}

/* Steps beside the move of all that ended before this month, and without it; then the rest of the move. */
static int archive_time(struct place *c)
{
        struct client admin = {.place = c, .number = 200000};
        struct archiving a = {.place = c};
        char month[16];
        pthread_t thread;
        double alone = step_p99(c);
        int64_t before = count_of(c, "done");
        json_t *out = do_verb(&admin, 9, ROLE_ADMIN, "cases.archive_past",
                              json_pack("{s:s}", "before", month_text(month_of(clock_today(c->house.clock)), month)));

        a.run = json_integer_value(json_object_get(out, "run"));
        json_decref(out);
        pthread_create(&thread, NULL, archiving_run, &a);
        double beside = step_p99(c);
        pthread_join(thread, NULL);
        int64_t moved = before - count_of(c, "done");
        bench_figure("archive_step_p99_alone", alone, "ms", 0);
        bench_figure("archive_step_p99_beside", beside, "ms", 0);
        bench_figure("archive_cases_moved", (double)moved, "cases", 0);
        bench_figure("archive_rate", (double)moved / a.seconds, "1/s", 0);
        return bench_figure("archive_step_ratio", beside / alone, "ratio", ARCHIVE_BAR);
}

/* The list as a clerk's desk asks for it, page after page. */
static int list_time(struct place *c)
{
        static double ms[LIST_CALLS];
        struct call call = {.house = &c->house, .who = {.staff = 1, .office = office_id, .roles = ROLE_CLERK, .lang = LANG_ZH}};
        struct error err = {0};
        json_t *page = NULL;

        for (int i = 0; i < LIST_CALLS; i++) {
                const char *next = json_string_value(json_object_get(page, "next"));
                json_t *in = json_pack("{s:s,s:i,s:s*}", "state", "open", "limit", 50, "cursor", i % 4 == 0 ? NULL : next),
                       *out;
                double begin = now_s();
                city_must(verb_call(&call, registry_find(c->house.verbs, "tasks.list"), in, &out, &err), &err);
                ms[i] = (now_s() - begin) * 1e3;
                json_decref(in);
                json_decref(page);
                page = out;
        }
        json_decref(page);
        qsort(ms, LIST_CALLS, sizeof ms[0], by_size);
        bench_figure("process_task_list_median", ms[LIST_CALLS / 2], "ms", 0);
        return bench_figure("process_task_list_p99", ms[LIST_CALLS * 99 / 100], "ms", LIST_BAR_MS);
}

int main(void)
{
        char folder[200];
        struct client opener = {.number = 100000};
        struct place c;
        int missed = 0;

        city_folder_new(folder, (int64_t)24 << 30);
        server_start(folder);
        place_make(&c, server.url);
        in_turns(&c, "automatic", true, &missed);
        double first = in_turns(&c, "first", false, &missed);
        beside_engine(first, folder);
        cases_copy("done", FINISHED_CASES / count_of(&c, "done") - 1);
        bench_figure("process_finished_cases", (double)count_of(&c, "done"), "cases", 0);
        double last = in_turns(&c, "millionth", false, &missed);
        missed += bench_at_least("process_millionth_per_first", last / first, "ratio", FLAT_BAR);
        missed += archive_time(&c);
        missed +=
            bench_at_least("process_archived_per_first", in_turns(&c, "archived", false, &missed) / first, "ratio", FLAT_BAR);
        opener.place = &c;
        for (int i = 0; i < OPEN_CASES / 100; i++)
                json_decref(do_verb(&opener, 1, ROLE_CLERK, "bench.start", json_pack("{s:s}", "process", "FIVE")));
        cases_copy("active", 99);
        bench_figure("process_open_cases", (double)count_of(&c, "active"), "cases", 0);
        missed += list_time(&c);
        city_close(&c);
        return missed != 0;
}
