/* SPDX-License-Identifier: Apache-2.0
 *
 * The processes of the pack at work in a small city, on both databases: what is returned and mended, what is approved and what comes
 * of it, and that a page and a case agree.
 */
#include "testing.h"

#include "office/every.h"
#include "office/on_pages.h"

#include "case/case.h"
#include "case/pack_store.h"
#include "engine/bpmn/bpmn.h"
#include "office/demo/demo.h"
#include "office/office.h"
#include "office/setup/setup.h"
#include "pack/pack.h"
#include "support/cairo_leak.h"
#include "support/pg.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct city {
        struct house house;
        struct registry *verbs;
        struct pack *pack;
        struct error err;
        int keys;
};
struct person_of_staff {
        int64_t staff, office;
        uint32_t roles;
};

static struct city *city_new(enum test_engine engine)
{
        static int made;
        struct installation facts = {.installed = true, .home = 1, .demonstration = true, .seed = 7};
        const struct verb *tables[48];
        struct store *store = test_store_new(engine);
        struct city *c = calloc(1, sizeof *c);
        char dir[300];
        size_t n = 0;

        if (store == NULL || c == NULL) {
                free(c);
                return NULL;
        }
        tables[n++] = case_verbs;
        for (size_t i = 0; office_verbs[i] != NULL; i++)
                tables[n++] = office_verbs[i];
        tables[n] = NULL;
        c->house = (struct house){.store = store, .home = 1, .clock = clock_virtual(day_instant(day_from(2026, 10, 1)))};
        assert_ok(keyring_demo(&c->house.keys, 7, &c->err), c->err);
        assert_ok(ids_open(&c->house.ids, store, 1, 1000, &c->err), c->err);
        assert_ok(pack_store_new(&c->house.packs, store, &c->err), c->err);
        assert_ok(registry_new(&c->verbs, tables, office_scopes, &c->err), c->err);
        c->house.verbs = c->verbs;
        assert_ok(pack_open(&c->pack, "packs/demo", &c->err), c->err);
        text_copy(facts.pack, sizeof facts.pack, str_from("demo"));
        assert_ok(setup_found(&c->house, c->pack, &facts, &c->err), c->err);
        mkdir(text_format(dir, sizeof dir, "%s/city-%d", test_scratch(), ++made), 0777);
        struct demo_options o = {.persons = 300, .seed = 7, .today = day_from(2026, 11, 24), .work_dir = dir};
        assert_ok(demo_make(&c->house, office_runs, c->pack, &o, &c->err), c->err);
        return c;
}

static void city_free(struct city *c)
{
        registry_free(c->verbs);
        pack_store_free(c->house.packs);
        pack_free(c->pack);
        ids_close(c->house.ids);
        keyring_free(c->house.keys);
        store_close(c->house.store);
        clock_free(c->house.clock);
        free(c);
}

/* --- asking ------------------------------------------------------------------------------------------------------------------------- */

struct asking {
        const char *sql, *text;
        int64_t number;
        int64_t values[3];
        char answer[64];
};

static int ask_read(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        struct stmt *q;
        int rc = a->text != NULL ? tx_one(&q, tx, err, a->sql, "t", a->text) : tx_one(&q, tx, err, a->sql, "i", a->number);

        a->answer[0] = '\0';
        for (int i = 0; rc == 1 && i < 3; i++)
                a->values[i] = stmt_int(q, i);
        if (rc == 1)
                text_copy(a->answer, sizeof a->answer, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

static struct person_of_staff staff_of(struct city *c, const char *login)
{
        struct asking a = {.sql = "SELECT id, office, 0 FROM staff WHERE login = ?1@text", .text = login};
        static const struct {
                const char *login;
                uint32_t role;
        } roles[] = {{"clerk", ROLE_CLERK},        {"clerk2", ROLE_CLERK},       {"reviewer", ROLE_REVIEWER},
                     {"reviewer2", ROLE_REVIEWER}, {"reviewer3", ROLE_REVIEWER}, {"approver", ROLE_APPROVER},
                     {"finance", ROLE_FINANCE}};
        struct person_of_staff p = {0};

        assert_ok(store_read(c->house.store, ask_read, &a, &c->err), c->err);
        p.staff = a.values[0];
        p.office = a.values[1];
        for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++)
                if (strcmp(roles[i].login, login) == 0)
                        p.roles = roles[i].role;
        assert_true(p.staff > 0 && p.roles != 0);
        return p;
}

/* The SQL selects an integer, and two more columns (0 where there is none to ask). */
static int64_t number_of(struct city *c, const char *sql, int64_t about)
{
        struct asking a = {.sql = sql, .number = about};

        assert_ok(store_read(c->house.store, ask_read, &a, &c->err), c->err);
        return a.values[0];
}

static const char *word_of(struct city *c, const char *sql, int64_t about)
{
        static char answer[64];
        struct asking a = {.sql = sql, .number = about};

        assert_ok(store_read(c->house.store, ask_read, &a, &c->err), c->err);
        return text_copy(answer, sizeof answer, str_from(a.answer));
}

#define CASE_STATE "SELECT state, 0, 0 FROM process_instance WHERE id = ?1@int"
#define AT "SELECT node, 0, 0 FROM task WHERE instance = ?1@int AND state = 'open'"

static enum error_code act(struct city *c, const char *login, const char *verb, json_t *in, json_t **out)
{
        const struct verb *v = registry_find(c->verbs, verb);
        struct person_of_staff p = staff_of(c, login);
        struct call call = {.house = &c->house,
                            .who = {.staff = p.staff, .office = p.office, .roles = p.roles, .lang = LANG_EN}};
        json_t *answer = NULL;
        char key[40];

        assert_non_null(v);
        error_clear(&c->err);
        if (v->kind == VERB_WRITE)
                call.key = text_format(key, sizeof key, "process-test-%d", ++c->keys);
        int rc = verb_call(&call, v, in, &answer, &c->err);
        json_decref(in);
        if (out != NULL)
                *out = answer;
        else
                json_decref(answer);
        return rc == 0 ? SB_OK : c->err.code;
}

static enum error_code decide(struct city *c, int64_t instance, const char *login, const char *decision)
{
        int64_t task = number_of(c, "SELECT id, 0, 0 FROM task WHERE instance = ?1@int AND state = 'open'", instance);

        assert_true(task > 0);
        return act(c, login, "tasks.complete",
                   json_pack("{s:I,s:{s:s,s:s}}", "task", (json_int_t)task, "outcome", "decision", decision, "note", "因为"),
                   NULL);
}

/* --- the processes -------------------------------------------------------------------------------------------------------------------- */

/* An open case that waits at a node of a process. */
#define WAITS_AT(node)                                                                                                         \
        "SELECT i.id, 0, 0 FROM process_instance i JOIN task t ON t.instance = i.id AND t.state = 'open' AND t.node = '" node  \
        "' WHERE i.process = ?1@text AND i.state = 'active' ORDER BY i.id LIMIT 1"
#define case_open(c, process, node) case_at(c, process, WAITS_AT(node), node)

static int64_t case_at(struct city *c, const char *process, const char *sql, const char *node)
{
        struct asking a = {.sql = sql, .text = process};

        assert_ok(store_read(c->house.store, ask_read, &a, &c->err), c->err);
        if (a.values[0] == 0)
                fail_msg("the city has no open case of %s at %s", process, node);
        return a.values[0];
}

/* The other case of the same subject. */
#define CASE_OF_SUBJECT                                                                                                        \
        "SELECT i.id, 0, 0 FROM process_instance i JOIN process_instance j ON j.subject_kind = i.subject_kind AND j.subject "  \
        "= i.subject AND j.id < i.id WHERE j.id = ?1@int ORDER BY i.id DESC LIMIT 1"

static void works(struct city *c)
{
        int done = 1;

        while (done > 0)
                assert_ok(case_work(&c->house, 1000, &done, &c->err), c->err);
}

static void declarations(struct city *c)
{
        static const char STATE[] =
            "SELECT d.state, 0, 0 FROM declaration d JOIN process_instance i ON i.subject = d.id AND i.subject_kind = "
            "'declaration' WHERE i.id = ?1@int";
        int64_t id = case_open(c, "P06", "review"), assessment;

        assert_int_equal(decide(c, id, "clerk", "approve"), SB_CASE_ROLE);
        assert_int_equal(decide(c, id, "reviewer", "return"), SB_OK);
        assert_string_equal(word_of(c, STATE, id), "returned");
        assert_string_equal(word_of(c, AT, id), "serve"); /* the reason goes to the employer */
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_OK);
        assert_string_equal(word_of(c, CASE_STATE, id), "done");
        /* Confirmed: posted, and the office itself assesses it, since nothing stands against it. */
        id = case_open(c, "P06", "review");
        assert_int_equal(decide(c, id, "reviewer", "approve"), SB_OK);
        assessment = number_of(c, CASE_OF_SUBJECT, id);
        assert_true(assessment > id);
        works(c);
        assert_string_equal(word_of(c, STATE, id), "assessed");
        assert_string_equal(word_of(c, AT, assessment), "serve");
        assert_int_equal(number_of(c,
                                   "SELECT COUNT(*), 0, 0 FROM document d JOIN process_instance i ON i.subject = d.subject AND "
                                   "d.subject_kind = i.subject_kind WHERE i.id = ?1@int AND d.kind = 'collection-transfer'",
                                   assessment),
                         1);
        for (int k = 0; k < 2; k++) {
                int64_t each = k == 0 ? id : assessment;
                assert_int_equal(decide(c, each, "clerk", "approve"), SB_OK);
                assert_string_equal(word_of(c, CASE_STATE, each), "done");
        }
        /* The declaration says who approved it. */
        assert_int_equal(number_of(c,
                                   "SELECT d.approved_by, 0, 0 FROM declaration d JOIN process_instance i ON i.subject = d.id "
                                   "AND i.subject_kind = "
                                   "'declaration' WHERE i.id = ?1@int",
                                   id),
                         staff_of(c, "reviewer").staff);
}

static void pensions(struct city *c)
{
        int64_t id = case_open(c, "P17", "review2");
        json_t *file = NULL;

        assert_int_equal(decide(c, id, "reviewer", "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(decide(c, id, "reviewer2", "approve"), SB_OK);
        assert_string_equal(word_of(c, AT, id), "approve");
        assert_int_equal(decide(c, id, "approver", "return"), SB_OK);
        assert_string_equal(word_of(c, AT, id), "correct");
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_OK);
        assert_string_equal(word_of(c, AT, id), "review"); /* computed anew */
        assert_int_equal(number_of(c, "SELECT COUNT(*), 0, 0 FROM decision WHERE instance = ?1@int", id), 2);
        assert_int_equal(decide(c, id, "reviewer", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "reviewer2", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "approver", "approve"), SB_OK);
        assert_string_equal(word_of(c, AT, id), "serve");
        assert_int_equal(decide(c, id, "clerk", "return"), SB_CASE_DECISION); /* a letter is served, nothing else */
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_OK);
        assert_string_equal(word_of(c, CASE_STATE, id), "done");
        assert_int_equal(number_of(c, "SELECT COUNT(*), 0, 0 FROM award WHERE instance = ?1@int", id), 1);
        assert_int_equal(number_of(c, "SELECT approved_by, 0, 0 FROM award WHERE instance = ?1@int", id),
                         staff_of(c, "approver").staff);
        assert_int_equal(act(c, "clerk", "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &file), SB_OK);
        assert_true(json_array_size(json_object_get(file, "documents")) > 0);
        assert_int_equal(json_array_size(json_object_get(file, "decisions")), 2);
        assert_int_equal(json_array_size(json_object_get(file, "tasks")), 0);
        assert_non_null(json_object_get(file, "subject_title"));
        json_decref(file);
}

/* Half of what is due arrives: it lies in suspense until a reviewer and an approver have looked at it. */
static void receipts(struct city *c)
{
        int64_t id = case_open(c, "P08", "approve");

        assert_int_equal(number_of(c,
                                   "SELECT COUNT(*), 0, 0 FROM receipt r JOIN process_instance i ON i.subject = r.id WHERE "
                                   "i.id = ?1@int AND r.state = 'checking' AND r.allocated_fen = 0",
                                   id),
                         1);
        assert_int_equal(decide(c, id, "reviewer", "approve"), SB_CASE_ROLE);
        assert_int_equal(decide(c, id, "approver", "return"), SB_OK);
        assert_string_equal(word_of(c, AT, id), "correct");
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "reviewer", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "approver", "approve"), SB_OK);
        assert_string_equal(word_of(c, AT, id), "serve");
        assert_int_equal(number_of(c,
                                   "SELECT COUNT(*), 0, 0 FROM receipt r JOIN process_instance i ON i.subject = r.id WHERE "
                                   "i.id = ?1@int AND r.state = 'allocated' AND r.allocated_fen = r.amount_fen",
                                   id),
                         1);
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_OK);
        assert_string_equal(word_of(c, CASE_STATE, id), "done");
}

static int64_t payment_run(struct city *c)
{
        struct asking pool = {.sql = "SELECT id, 0, 0 FROM pool WHERE scheme = ?1@text", .text = "EP"};
        json_t *out = NULL;
        bool worked = true;

        assert_ok(store_read(c->house.store, ask_read, &pool, &c->err), c->err);
        assert_int_equal(act(c, "finance", "payment.run_create",
                             json_pack("{s:I,s:s}", "pool", (json_int_t)pool.values[0], "month", "2026-11"), &out),
                         SB_OK);
        int64_t run = json_integer_value(json_object_get(out, "id"));
        json_decref(out);
        while (worked)
                assert_ok(run_work_any(&c->house, office_runs, &worked, &c->err), c->err);
        return run;
}

#define RUN_CASE "SELECT id, 0, 0 FROM process_instance WHERE process = 'P21' AND subject = ?1@int ORDER BY id DESC LIMIT 1"
#define RUN_STATE "SELECT state, 0, 0 FROM payment_run WHERE id = ?1@int"

static void reviewed(struct city *c, int64_t id)
{
        assert_int_equal(decide(c, id, "finance", "approve"), SB_CASE_ROLE);
        assert_int_equal(decide(c, id, "reviewer2", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "reviewer2", "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(decide(c, id, "reviewer3", "approve"), SB_OK);
        assert_string_equal(word_of(c, AT, id), "approve");
}

static void payments(struct city *c)
{
        bool worked = true;
        int64_t run = payment_run(c), id = number_of(c, RUN_CASE, run);

        works(c);
        assert_true(id > 0);
        assert_string_equal(word_of(c, AT, id), "review");
        /* Cancelled on its page: the case is withdrawn. */
        assert_int_equal(act(c, "finance", "payment.cancel", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        assert_string_equal(word_of(c, CASE_STATE, id), "cancelled");
        assert_int_equal(number_of(c, "SELECT COUNT(*), 0, 0 FROM task WHERE instance = ?1@int AND state = 'open'", id), 0);
        /* Returned in the case: the run is cancelled. */
        run = payment_run(c);
        id = number_of(c, RUN_CASE, run);
        works(c);
        reviewed(c, id);
        assert_int_equal(decide(c, id, "approver", "return"), SB_OK);
        assert_string_equal(word_of(c, CASE_STATE, id), "done");
        assert_string_equal(word_of(c, RUN_STATE, run), "cancelled");
        /* Released on its page: the case goes on to the bank, and it is posted once. */
        run = payment_run(c);
        id = number_of(c, RUN_CASE, run);
        works(c);
        assert_int_equal(act(c, "approver", "payment.release", json_pack("{s:I}", "run", (json_int_t)run), NULL),
                         SB_PAYMENT_REVIEW);
        reviewed(c, id);
        assert_int_equal(act(c, "approver", "payment.release",
                             json_pack("{s:I,s:s}", "run", (json_int_t)run, "pay_day", "2026-11-26"), NULL),
                         SB_OK);
        assert_string_equal(word_of(c, AT, id), "pay");
        assert_int_equal(number_of(c, "SELECT COUNT(*), 0, 0 FROM run WHERE kind = 'payment.release' AND created_at >= ?1@int",
                                   day_instant(day_from(2026, 11, 20))),
                         1);
        while (worked)
                assert_ok(run_work_any(&c->house, office_runs, &worked, &c->err), c->err);
        assert_string_equal(word_of(c, RUN_STATE, run), "released");
        /* Released in the case itself, for the day of the decision: a second run of the month, in which nobody is due any more. */
        run = payment_run(c);
        id = number_of(c, RUN_CASE, run);
        works(c);
        reviewed(c, id);
        assert_int_equal(decide(c, id, "approver", "approve"), SB_OK);
        assert_string_equal(word_of(c, RUN_STATE, run), "releasing");
        assert_string_equal(word_of(c, AT, id), "serve");
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_CASE_OFFICE); /* the pool is the centre's */
        assert_int_equal(decide(c, id, "clerk2", "approve"), SB_OK);
        assert_string_equal(word_of(c, CASE_STATE, id), "done");
        assert_int_equal(number_of(c, "SELECT pay_day, 0, 0 FROM payment_run WHERE id = ?1@int", run),
                         clock_today(c->house.clock));
}

/* What the month left open is overdue in December: reminded, ordered with its late fee, served, and handed over after the term. */
static void arrears(struct city *c)
{
        static const instant_t DAY_US = (instant_t)86400 * 1000000;
        json_t *out = NULL;

        clock_set(c->house.clock, day_instant(day_from(2026, 12, 16)) + DAY_US / 2);
        works(c);
        assert_int_equal(act(c, "clerk", "arrears.list", json_pack("{s:i}", "limit", 1), &out), SB_OK);
        int64_t employer = json_integer_value(json_object_get(json_array_get(json_object_get(out, "items"), 0), "employer"));
        json_decref(out);
        assert_true(employer > 0);
        json_t *in = json_pack("{s:I}", "employer", (json_int_t)employer);
        assert_int_equal(act(c, "reviewer", "arrears.open", json_incref(in), NULL), SB_CASE_ROLE);
        assert_int_equal(act(c, "clerk", "arrears.open", in, &out), SB_OK);
        int64_t id = json_integer_value(json_object_get(out, "case"));
        json_decref(out);
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_OK);
        clock_set(c->house.clock, clock_now(c->house.clock) + 8 * DAY_US);
        works(c);
        assert_string_equal(word_of(c, AT, id), "review");
        assert_int_equal(decide(c, id, "reviewer", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "reviewer", "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(decide(c, id, "reviewer2", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "approver", "approve"), SB_OK);
        works(c);
        assert_string_equal(word_of(c, AT, id), "serve");
        assert_int_equal(number_of(c, "SELECT COUNT(*), 0, 0 FROM late_fee WHERE employer = ?1@int AND fee_fen = 0", employer),
                         0);
        assert_int_equal(decide(c, id, "clerk", "approve"), SB_OK);
        clock_set(c->house.clock, clock_now(c->house.clock) + 8 * DAY_US);
        works(c);
        int64_t task = number_of(c, "SELECT id, 0, 0 FROM task WHERE instance = ?1@int AND state = 'open'", id);
        assert_int_equal(act(c, "clerk", "tasks.complete",
                             json_pack("{s:I,s:{s:s,s:s,s:s}}", "task", (json_int_t)task, "outcome", "decision", "approve",
                                       "body", "云城市中级人民法院", "day", "2026-12-30"),
                             NULL),
                         SB_OK);
        works(c);
        assert_string_equal(word_of(c, CASE_STATE, id), "done");
        assert_int_equal(
            number_of(c, "SELECT COUNT(*), 0, 0 FROM arrears_order WHERE employer = ?1@int AND state = 'enforced'", employer),
            1);
}

/* The interest of 2026, from its page to the archive: opened once, sent back and checked again, approved, posted and told. */
static void interest(struct city *c)
{
        static const char POOL[] = "SELECT id, 0, 0 FROM pool WHERE scheme = ?1@text";
        struct asking ask = {.sql = POOL, .text = "EP"};
        bool worked = true;
        json_t *in, *out = NULL;

        assert_ok(store_read(c->house.store, ask_read, &ask, &c->err), c->err);
        in = json_pack("{s:I,s:i}", "pool", (json_int_t)ask.values[0], "year", 2026);
        clock_set(c->house.clock, day_instant(day_from(2027, 1, 5)));
        assert_int_equal(act(c, "finance", "account.interest_open",
                             json_pack("{s:I,s:i}", "pool", (json_int_t)ask.values[0], "year", 2027), NULL),
                         SB_ACCOUNT_YEAR); /* has not ended */
        assert_int_equal(act(c, "clerk2", "account.interest_open", json_incref(in), NULL), SB_CASE_ROLE);
        assert_int_equal(act(c, "finance", "account.interest_open", json_incref(in), &out), SB_OK);
        int64_t id = json_integer_value(json_object_get(out, "case"));
        json_decref(out);
        assert_int_equal(act(c, "finance", "account.interest_open", in, NULL), SB_ACCOUNT_CASE);
        works(c);
        assert_string_equal(word_of(c, AT, id), "review");
        assert_int_equal(decide(c, id, "reviewer2", "return"), SB_OK);
        assert_string_equal(word_of(c, AT, id), "correct");
        assert_int_equal(decide(c, id, "clerk2", "approve"), SB_OK);
        works(c);
        assert_string_equal(word_of(c, AT, id), "review");
        assert_int_equal(decide(c, id, "reviewer2", "approve"), SB_OK);
        assert_int_equal(decide(c, id, "approver", "approve"), SB_OK);
        works(c);
        assert_string_equal(word_of(c, AT, id), ""); /* it is being posted: nobody has a task */
        while (worked)
                assert_ok(run_work_any(&c->house, office_runs, &worked, &c->err), c->err);
        clock_set(c->house.clock, clock_now(c->house.clock) + (instant_t)3600 * 1000000);
        works(c);
        assert_string_equal(word_of(c, AT, id), "serve");
        assert_int_equal(decide(c, id, "clerk2", "approve"), SB_OK);
        works(c);
        assert_string_equal(word_of(c, CASE_STATE, id), "done");
        assert_int_equal(number_of(c,
                                   "SELECT COUNT(*), 0, 0 FROM interest_run WHERE pool = ?1@int AND year = 2026 AND state = "
                                   "'posted' AND accounts > 0 AND total_fen > 0",
                                   ask.values[0]),
                         1);
}

#define ENDED_CASES                                                                                                            \
        "SELECT COUNT(*), MIN(id), 0 FROM process_instance WHERE process = ?1@text AND state = 'done' AND archive_number <> "  \
        "''"
/* A letter of its own, or that of the award. */
#define LETTERS_OF                                                                                                             \
        "SELECT COUNT(*), 0, 0 FROM process_instance i WHERE i.process = ?1@text AND i.state = 'done' AND (EXISTS (SELECT 1 "  \
        "FROM effect e WHERE e.instance = i.id AND e.verb = 'letter.issue' AND e.state = 'done' AND e.result LIKE "            \
        "'%\"number\":\"%') OR EXISTS (SELECT 1 FROM award a JOIN document d ON d.subject_kind = 'award' AND d.subject = "     \
        "a.id AND d.kind LIKE 'letter.%' WHERE a.instance = i.id))"
#define TIMES_OF "SELECT started_at, due_day, 0 FROM process_instance WHERE id = ?1@int"

/* Each of the processes that begin on a page has run to the archive here, with its letter, and was due by its limit. */
static void all_archived(struct city *c)
{
        for (size_t i = 0; on_pages[i] != NULL; i++) {
                struct asking ended = {.sql = ENDED_CASES, .text = on_pages[i]},
                              letters = {.sql = LETTERS_OF, .text = on_pages[i]}, times = {.sql = TIMES_OF};
                char unit[16] = "";
                int n = limit_of(on_pages[i], unit);
                assert_ok(store_read(c->house.store, ask_read, &ended, &c->err), c->err);
                assert_ok(store_read(c->house.store, ask_read, &letters, &c->err), c->err);
                if (ended.values[0] < 1 || letters.values[0] < 1)
                        fail_msg("%s: %d cases archived, %d letters", on_pages[i], (int)ended.values[0],
                                 (int)letters.values[0]);
                times.number = ended.values[1];
                assert_ok(store_read(c->house.store, ask_read, &times, &c->err), c->err);
                day_t due = n == 0 ? DAY_END : limit_day(pack_calendar(c->pack), instant_day(times.values[0]), n, unit);
                if (times.values[1] != due)
                        fail_msg("%s is due on day %d, not %d", on_pages[i], (int)times.values[1], (int)due);
        }
}

static void the_processes_do_their_work(void **state)
{
        struct city *c = city_new(*(enum test_engine *)*state);

        if (c == NULL)
                skip();
        declarations(c);
        pensions(c);
        receipts(c);
        payments(c);
        arrears(c);
        interest(c);
        all_archived(c);
        assert_int_equal(
            number_of(c, "SELECT COUNT(*), 0, 0 FROM process_instance WHERE state = 'incident' AND id <> ?1@int", 0), 0);
        city_free(c);
}

static bool verb_among(const struct verb *table, const char *name)
{
        while (table->name != NULL && strcmp(table->name, name) != 0)
                table++;
        return table->name != NULL;
}

/* Every verb that a process of the packs names is one that the office has. */
static void processes_name_verbs_that_exist(void **state)
{
        static const char *const packs[] = {"packs/cn", "packs/demo", "packs/cn-hunan"};
        struct error err = {0};

        (void)state;
        for (size_t k = 0; k < sizeof packs / sizeof packs[0]; k++) {
                struct pack *pack = NULL;
                const char *file;
                size_t models = 0;
                assert_ok(pack_open(&pack, packs[k], &err), err);
                for (size_t i = 0; (file = pack_file_name(pack, "processes", i)) != NULL; i++, models++) {
                        const struct bpmn_model *m;
                        const struct bpmn_node *n;
                        char name[64];
                        const char *base = strrchr(file, '/') == NULL ? file : strrchr(file, '/') + 1;
                        text_copy(name, sizeof name, (struct str){base, strcspn(base, ".")});
                        assert_ok(pack_process(pack, name, &m, &err), err);
                        for (int j = 0; (n = bpmn_node(m, j)) != NULL; j++) {
                                bool found = n->kind != BPMN_SERVICE_TASK || verb_among(case_verbs, n->verb);
                                for (size_t t = 0; office_verbs[t] != NULL; t++)
                                        found |= verb_among(office_verbs[t], n->verb);
                                if (!found)
                                        fail_msg("%s: %s names the verb %s", file, n->id, n->verb);
                        }
                }
                assert_true(models >= 3);
                pack_free(pack);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(processes_name_verbs_that_exist),
            TEST_ON_BOTH(the_processes_do_their_work),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
