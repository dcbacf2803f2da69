/* SPDX-License-Identifier: Apache-2.0
 *
 * Bulk approval on both databases: what may be decided blindly and what not, that the sample has to be opened, that each approval is
 * what a single one would be, that nobody waits for a run, and that a kill repeats and loses nothing.
 */
#include "case/bulk.h"

#include "case/office.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define STATE "SELECT state FROM process_instance WHERE id = ?1@int"
#define THINGS "SELECT COUNT(*) FROM outbox WHERE target_home = ?1@int"
#define APPROVED "SELECT COUNT(*) FROM task WHERE node = 'approve' AND state = 'done' AND id <> ?1@int"

static const struct run_kind *const KINDS[] = {&bulk_plan_kind, &bulk_approve_kind, NULL};

/* Cases at the step `approve`, entered by staff 1. */
static int64_t entered(struct desk *d, const char *process)
{
        int64_t id = desk_start(d, process, "{\"n\":1}");

        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        return id;
}

static enum error_code as(struct desk *d, int64_t staff, const char *verb, json_t *in, json_t **out)
{
        return desk_call(d, staff, ROLE_APPROVER, 10, verb, in, out);
}

static int64_t whole(const json_t *o, const char *name)
{
        const json_t *v = json_object_get(o, name);

        assert_true(json_is_integer(v));
        return json_integer_value(v);
}

/* Plan as staff 3 and let the plan be made. */
static int64_t planned(struct desk *d)
{
        json_t *out = NULL;

        assert_int_equal(as(d, 3, "bulk.plan", json_pack("{s:s}", "step", "approve"), &out), SB_OK);
        int64_t plan = whole(out, "plan"), run = whole(out, "run");
        json_decref(out);
        assert_ok(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err);
        return plan;
}

static int64_t items(struct desk *d, int64_t plan, const char *kind, json_t **out)
{
        assert_int_equal(
            as(d, 3, "bulk.items", json_pack("{s:I,s:s,s:i}", "plan", (json_int_t)plan, "kind", kind, "limit", 200), out),
            SB_OK);
        return (int64_t)json_array_size(json_object_get(*out, "items"));
}

/* Open every case of the kind; the answer holds the case. */
static void open_all(struct desk *d, int64_t plan, const char *kind)
{
        json_t *list = NULL, *out = NULL, *item;
        size_t i;

        items(d, plan, kind, &list);
        json_array_foreach(json_object_get(list, "items"), i, item)
        {
                assert_int_equal(as(d, 3, "bulk.open",
                                    json_pack("{s:I,s:O}", "plan", (json_int_t)plan, "task", json_object_get(item, "task")),
                                    &out),
                                 SB_OK);
                assert_int_equal(whole(json_object_get(out, "file"), "id"), whole(item, "case"));
                json_decref(out);
        }
        json_decref(list);
}

static int64_t started(struct desk *d, int64_t plan)
{
        json_t *out = NULL;

        assert_int_equal(as(d, 3, "bulk.start", json_pack("{s:I}", "plan", (json_int_t)plan), &out), SB_OK);
        int64_t run = whole(out, "run");
        json_decref(out);
        return run;
}

static enum error_code start_code(struct desk *d, int64_t staff, int64_t plan)
{
        return as(d, staff, "bulk.start", json_pack("{s:I}", "plan", (json_int_t)plan), NULL);
}

static void a_plan_lists_exceptions_and_draws_a_sample(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t own, high, ids[20];
        json_t *out = NULL, *item;
        size_t i;

        for (int k = 0; k < 20; k++)
                ids[k] = entered(d, "B1");
        high = entered(d, "B2");
        own = desk_start(d, "B1", "{\"n\":1}");
        assert_int_equal(desk_decide(d, own, 3, ROLE_ANY, "approve"), SB_OK); /* entered by who will plan */
        int64_t plan = planned(d);
        assert_int_equal(items(d, plan, "sample", &out), 3); /* 2 % of 20, at least 3 */
        json_decref(out);
        assert_int_equal(items(d, plan, "blind", &out), 17);
        json_t *last = NULL;
        json_array_foreach(json_object_get(out, "items"), i, item)
        {
                if (last != NULL)
                        assert_true(whole(last, "case") < whole(item, "case")); /* same due day: in order of acceptance */
                last = item;
        }
        json_decref(out);
        assert_int_equal(items(d, plan, "high", &out), 1);
        assert_int_equal(whole(json_array_get(json_object_get(out, "items"), 0), "case"), high);
        json_decref(out);
        assert_int_equal(items(d, plan, "exception", &out), 1);
        item = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(whole(item, "case"), own);
        assert_string_equal(json_string_value(json_object_get(item, "reason")), "refused");
        assert_string_equal(json_string_value(json_object_get(json_object_get(item, "fault"), "code")), "SB-0452");
        json_decref(out);
        /* Nothing starts before the sample and the H case were opened, by the one who answers for it. */
        assert_int_equal(start_code(d, 3, plan), SB_CASE_BULK_UNOPENED);
        open_all(d, plan, "sample");
        assert_int_equal(start_code(d, 3, plan), SB_CASE_BULK_UNOPENED);
        assert_int_equal(start_code(d, 4, plan), SB_CASE_BULK_OWNER);
        assert_int_equal(as(d, 4, "bulk.open", json_pack("{s:I,s:i}", "plan", (json_int_t)plan, "task", 1), NULL),
                         SB_CASE_BULK_OWNER);
        assert_int_equal(as(d, 3, "bulk.open", json_pack("{s:I,s:i}", "plan", (json_int_t)plan, "task", 1), NULL),
                         SB_CASE_BULK_ITEM);
        open_all(d, plan, "high");
        int64_t run = started(d, plan);
        assert_int_equal(start_code(d, 3, plan), SB_CASE_BULK_STATE);
        assert_ok(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err);
        desk_work(d);
        for (int k = 0; k < 20; k++) {
                assert_string_equal(desk_text(d, STATE, ids[k]), "done");
                assert_int_equal(desk_int(d, THINGS, ids[k]), 1);
        }
        assert_string_equal(desk_text(d, STATE, high), "done");
        assert_string_equal(desk_text(d, STATE, own), "active");
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE done_by = 3 AND node = 'approve' AND id <> ?1@int", 0),
                         21);
        assert_int_equal(desk_int(d, "SELECT done FROM run WHERE id = ?1@int", run), 21);
        assert_string_equal(desk_text(d, "SELECT state FROM bulk_plan WHERE id = ?1@int", plan), "done");
        assert_int_equal(
            desk_int(d, "SELECT COUNT(*) FROM audit_row WHERE verb = 'tasks.complete' AND actor = 3 AND id <> ?1@int", 0), 22);
        desk_close(d);
}

/* The same seed draws the same cases; another draws others. */
static void the_sample_is_drawn_by_its_seed(void **state)
{
        struct desk *d = desk_fresh(state);

        for (int k = 0; k < 40; k++)
                entered(d, "B1");
        int64_t one = planned(d), two = planned(d);
        assert_string_not_equal(desk_text(d, "SELECT seed FROM bulk_plan WHERE id = ?1@int", one), "");
        char seed[65];
        text_copy(seed, sizeof seed, str_from(desk_text(d, "SELECT seed FROM bulk_plan WHERE id = ?1@int", one)));
        assert_string_not_equal(seed, desk_text(d, "SELECT seed FROM bulk_plan WHERE id = ?1@int", two));
        /* 3 of 40 alike twice: one chance in 9880 for each pair of plans, so three plans never. */
        int64_t three = planned(d);
        json_t *a = NULL, *b = NULL, *c = NULL;
        items(d, one, "sample", &a);
        items(d, two, "sample", &b);
        items(d, three, "sample", &c);
        assert_false(json_equal(json_object_get(a, "items"), json_object_get(b, "items")) &&
                     json_equal(json_object_get(b, "items"), json_object_get(c, "items")));
        json_decref(a);
        json_decref(b);
        json_decref(c);
        desk_close(d);
}

static void what_changed_meanwhile_is_listed_and_the_rest_goes_on(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t ids[8];
        json_t *out = NULL;

        for (int k = 0; k < 8; k++)
                ids[k] = entered(d, "B1");
        int64_t plan = planned(d);
        open_all(d, plan, "sample");
        assert_int_equal(desk_decide(d, ids[2], 4, ROLE_APPROVER, "return"), SB_OK); /* a colleague was first */
        json_t *first = NULL;
        items(d, plan, "blind", &first);
        int64_t task = whole(json_array_get(json_object_get(first, "items"), 0), "task");
        json_decref(first);
        assert_int_equal(
            as(d, 3, "bulk.exclude",
               json_pack("{s:I,s:I,s:s}", "plan", (json_int_t)plan, "task", (json_int_t)task, "reason", "look again"), NULL),
            SB_OK);
        bool excluded_gone = desk_int(d, "SELECT instance FROM task WHERE id = ?1@int", task) == ids[2];
        int64_t run = started(d, plan);
        assert_ok(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err);
        assert_int_equal(desk_int(d, "SELECT failed FROM run WHERE id = ?1@int", run), excluded_gone ? 0 : 1);
        assert_int_equal(desk_int(d, "SELECT done FROM run WHERE id = ?1@int", run), excluded_gone ? 7 : 6);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM task WHERE id = ?1@int AND state = 'open'", task),
                         excluded_gone ? 0 : 1);
        assert_int_equal(as(d, 3, "bulk.items", json_pack("{s:I,s:s}", "plan", (json_int_t)plan, "state", "failed"), &out),
                         SB_OK);
        if (!excluded_gone)
                assert_string_equal(json_string_value(json_object_get(
                                        json_object_get(json_array_get(json_object_get(out, "items"), 0), "fault"), "code")),
                                    "SB-0453");
        json_decref(out);
        desk_close(d);
}

static void overdue_and_incidents_are_exceptions(void **state)
{
        struct desk *d = desk_fresh(state);
        int64_t id = desk_start(d, "X1", "{\"n\":1}");
        json_t *out = NULL;

        assert_int_equal(desk_decide(d, id, 1, ROLE_CLERK, "approve"), SB_OK);
        assert_int_equal(desk_decide(d, id, 2, ROLE_REVIEWER, "approve"), SB_OK);
        clock_advance(d->house.clock, (int64_t)6 * 86400 * 1000000); /* four of five days are over */
        int64_t plan = planned(d);
        assert_int_equal(items(d, plan, "exception", &out), 1);
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "items"), 0), "reason")),
                            "late");
        json_decref(out);
        assert_int_equal(start_code(d, 3, plan), SB_CASE_BULK_EMPTY);
        clock_advance(d->house.clock, (int64_t)4 * 86400 * 1000000);
        plan = planned(d);
        assert_int_equal(items(d, plan, "exception", &out), 1);
        assert_string_equal(json_string_value(json_object_get(json_array_get(json_object_get(out, "items"), 0), "reason")),
                            "overdue");
        json_decref(out);
        desk_close(d);
}

/* --- what a plan takes and shows ------------------------------------------------------------------------------------------------------ */

/* Plan as staff 3 with this filter beside the step, and let the plan be made. */
static int64_t filtered(struct desk *d, json_t *filter)
{
        json_t *out = NULL;

        json_object_set_new(filter, "step", json_string("approve"));
        assert_int_equal(as(d, 3, "bulk.plan", filter, &out), SB_OK);
        int64_t plan = whole(out, "plan"), run = whole(out, "run");
        json_decref(out);
        assert_ok(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err);
        return plan;
}

static int64_t held(struct desk *d, int64_t plan)
{
        return desk_int(d, "SELECT COUNT(*) FROM bulk_item WHERE plan = ?1@int", plan);
}

static void a_filter_takes_what_it_names(void **state)
{
        struct desk *d = desk_fresh(state);

        for (int k = 0; k < 3; k++)
                entered(d, "B1");
        entered(d, "B2");
        int64_t below = entered(d, "B1");
        desk_put(d, "UPDATE task SET office = 100 WHERE instance = ?1@int", below, 0, 0, 0);
        assert_int_equal(held(d, filtered(d, json_object())), 5);
        assert_int_equal(held(d, filtered(d, json_pack("{s:s}", "process", "B2"))), 1);
        assert_int_equal(held(d, filtered(d, json_pack("{s:s}", "risk", "L"))), 4);
        assert_int_equal(held(d, filtered(d, json_pack("{s:s}", "risk", "M"))), 0);
        assert_int_equal(held(d, filtered(d, json_pack("{s:i}", "office", 100))), 1);
        assert_int_equal(held(d, filtered(d, json_pack("{s:s}", "due_to", "2026-11-24"))),
                         0); /* none has a day before the end */
        assert_int_equal(as(d, 3, "bulk.plan", json_pack("{s:s,s:i}", "step", "approve", "office", 11), NULL), SB_CASE_OFFICE);
        assert_int_equal(as(d, 3, "bulk.plan", json_pack("{s:s}", "step", "enter"), NULL), SB_FIELD_TYPE);
        desk_close(d);
}

static void plans_are_seen_by_their_office_and_listed_for_their_maker(void **state)
{
        struct desk *d = desk_fresh(state);
        json_t *out = NULL, *row;
        int64_t plans[3];

        entered(d, "B1");
        entered(d, "B2");
        for (int k = 0; k < 3; k++)
                plans[k] = filtered(d, json_pack("{s:s}", "process", k == 0 ? "B2" : "B1"));
        assert_int_equal(as(d, 3, "bulk.get", json_pack("{s:I}", "plan", (json_int_t)plans[0]), &out), SB_OK);
        row = json_array_get(json_object_get(out, "counts"), 0);
        assert_string_equal(json_string_value(json_object_get(row, "kind")), "high");
        assert_string_equal(json_string_value(json_object_get(row, "risk")), "H");
        assert_int_equal(whole(row, "count"), 1);
        assert_int_equal(whole(row, "opened"), 0);
        assert_int_equal(whole(out, "unopened"), 1);
        assert_true(json_is_true(json_object_get(out, "mine")));
        assert_string_equal(json_string_value(json_object_get(json_object_get(out, "filter"), "process")), "B2");
        json_decref(out);
        open_all(d, plans[0], "high");
        assert_int_equal(as(d, 4, "bulk.get", json_pack("{s:I}", "plan", (json_int_t)plans[0]), &out), SB_OK);
        assert_int_equal(whole(out, "unopened"), 0);
        assert_true(json_is_false(json_object_get(out, "mine")));
        json_decref(out);
        assert_int_equal(desk_call(d, 3, ROLE_APPROVER, 11, "bulk.get", json_pack("{s:I}", "plan", (json_int_t)plans[0]), NULL),
                         SB_CASE_OFFICE);
        assert_int_equal(
            desk_call(d, 3, ROLE_APPROVER, 11, "bulk.items", json_pack("{s:I}", "plan", (json_int_t)plans[0]), NULL),
            SB_CASE_OFFICE);
        static const char *const verbs[] = {"bulk.get", "bulk.items", "bulk.start", "bulk.drop"};
        for (size_t k = 0; k < sizeof verbs / sizeof verbs[0]; k++)
                assert_int_equal(as(d, 3, verbs[k], json_pack("{s:i}", "plan", 1), NULL), SB_CASE_BULK_UNKNOWN);
        /* Newest first, a page at a time; of somebody else none. */
        json_t *in = json_pack("{s:i}", "limit", 1);
        for (int k = 2; k >= 0; k--) {
                assert_int_equal(as(d, 3, "bulk.list", in, &out), SB_OK);
                row = json_array_get(json_object_get(out, "items"), 0);
                assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
                assert_int_equal(whole(row, "id"), plans[k]);
                assert_int_equal(whole(row, "total"), 1);
                assert_string_equal(json_string_value(json_object_get(row, "state")), "open");
                assert_string_equal(json_string_value(json_object_get(json_object_get(row, "filter"), "process")),
                                    k == 0 ? "B2" : "B1");
                assert_true(json_is_null(json_object_get(out, "next")) == (k == 0));
                in = json_pack("{s:i,s:O*}", "limit", 1, "cursor", k == 0 ? NULL : json_object_get(out, "next"));
                json_decref(out);
        }
        json_decref(in);
        assert_int_equal(as(d, 3, "bulk.list", json_pack("{s:s}", "cursor", "x"), NULL), SB_FIELD_TYPE);
        assert_int_equal(as(d, 4, "bulk.list", json_object(), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        desk_close(d);
}

/* Page by page each case comes once, in the legal order, also of those that were accepted on one day and that have no limit. */
static void items_are_paged_in_the_legal_order(void **state)
{
        struct desk *d = desk_fresh(state);
        json_t *out = NULL, *one = NULL;
        int64_t ids[5];

        for (int k = 0; k < 5; k++) {
                ids[k] = entered(d, "B1");
                clock_advance(d->house.clock, 1234567);
        }
        desk_put(d, "UPDATE process_instance SET due_day = ?2@int WHERE id = ?1@int", ids[4], day_from(2026, 12, 31), 0, 0);
        int64_t plan = planned(d), order[] = {ids[4], ids[0], ids[1], ids[2], ids[3]};
        json_t *in = json_pack("{s:I,s:i}", "plan", (json_int_t)plan, "limit", 1);
        for (int k = 0; k < 5; k++) {
                assert_int_equal(as(d, 3, "bulk.items", in, &out), SB_OK);
                one = json_array_get(json_object_get(out, "items"), 0);
                assert_int_equal(whole(one, "case"), order[k]);
                assert_true(json_is_null(json_object_get(one, "due_day")) == (k > 0));
                assert_true(json_is_null(json_object_get(one, "fault")));
                assert_true(json_is_null(json_object_get(out, "next")) == (k == 4));
                in = json_pack("{s:I,s:i,s:O*}", "plan", (json_int_t)plan, "limit", 1, "cursor",
                               k == 4 ? NULL : json_object_get(out, "next"));
                json_decref(out);
        }
        json_decref(in);
        static const char *const wrong[] = {"x", "1-x", "1-2-x", "-1-2"};
        for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++)
                assert_int_equal(
                    as(d, 3, "bulk.items", json_pack("{s:I,s:s}", "plan", (json_int_t)plan, "cursor", wrong[k]), NULL),
                    SB_FIELD_TYPE);
        assert_int_equal(as(d, 3, "bulk.items", json_pack("{s:I,s:s}", "plan", (json_int_t)plan, "state", "failed"), &out),
                         SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        desk_close(d);
}

static void a_plan_is_given_up(void **state)
{
        struct desk *d = desk_fresh(state);

        entered(d, "B1");
        int64_t plan = planned(d), task = desk_int(d, "SELECT task FROM bulk_item WHERE plan = ?1@int", plan);
        json_t *item = json_pack("{s:I,s:I}", "plan", (json_int_t)plan, "task", (json_int_t)task);
        assert_int_equal(as(d, 4, "bulk.drop", json_pack("{s:I}", "plan", (json_int_t)plan), NULL), SB_CASE_BULK_OWNER);
        assert_int_equal(as(d, 3, "bulk.drop", json_pack("{s:I}", "plan", (json_int_t)plan), NULL), SB_OK);
        assert_string_equal(desk_text(d, "SELECT state FROM bulk_plan WHERE id = ?1@int", plan), "dropped");
        assert_int_equal(as(d, 3, "bulk.open", json_incref(item), NULL), SB_CASE_BULK_STATE);
        json_object_set_new(item, "reason", json_string("because"));
        assert_int_equal(as(d, 3, "bulk.exclude", item, NULL), SB_CASE_BULK_STATE);
        assert_int_equal(start_code(d, 3, plan), SB_CASE_BULK_STATE);
        assert_int_equal(as(d, 3, "bulk.drop", json_pack("{s:I}", "plan", (json_int_t)plan), NULL), SB_CASE_BULK_STATE);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM audit_row WHERE verb = 'bulk.drop' AND subject = ?1@int", plan), 1);
        desk_close(d);
}

static void what_is_not_as_it_should_be_is_looked_at_by_somebody(void **state)
{
        static const struct {
                const char *sql, *reason;
        } cases[] = {
            {"UPDATE process_instance SET paused_at = 1 WHERE id = ?1@int", "paused"},
            {"UPDATE process_instance SET state = 'incident' WHERE id = ?1@int", "incident"},
            {"UPDATE process_instance SET state = 'done' WHERE id = ?1@int", "state"},
            {"UPDATE process_instance SET due_day = 20000 WHERE id = ?1@int", "overdue"},
            {"INSERT INTO case_paper (home, instance, material, state, due_day, attachment, asked_at, received_at, note, "
             "actor) "
             "VALUES (1, ?1@int, 'proof', 'promised', 30000, 0, 0, 0, '', 1)",
             "papers"},
            {"INSERT INTO case_paper (home, instance, material, state, due_day, attachment, asked_at, received_at, note, "
             "actor) "
             "VALUES (1, ?1@int, 'form', 'given', 30000, 0, 0, 0, '', 1)",
             ""},
        };
        enum { N = sizeof cases / sizeof cases[0] };
        struct desk *d = desk_fresh(state);
        int64_t ids[N];
        json_t *out = NULL;

        for (size_t k = 0; k < N; k++) {
                ids[k] = entered(d, "B1");
                desk_put(d, cases[k].sql, ids[k], 0, 0, 0);
        }
        int64_t plan = planned(d);
        for (size_t k = 0; k < N; k++)
                assert_string_equal(desk_text(d, "SELECT reason FROM bulk_item WHERE instance = ?1@int", ids[k]),
                                    cases[k].reason);
        assert_int_equal(items(d, plan, "exception", &out), N - 1);
        json_decref(out);
        desk_close(d);
}

/* The table of samples is the pack's: a class that it leaves out, or a number that is none, stops the plan instead of drawing nothing. */
static void a_sample_is_as_large_as_the_table_says(void **state)
{
        static const struct {
                const char *table;
                int drawn; /* of 4; -1: it stops */
        } cases[] = {{"L,50,1", 2}, {"L,51,1", 3},   {"L,0,0", 0},  {"L,0,9", 4},  {"L,100,0", 4},
                     {"M,5,5", -1}, {"L,101,1", -1}, {"L,x,1", -1}, {"L,5,-1", -1}};
        struct desk *d = desk_fresh(state);
        json_t *out = NULL;
        char table[100];

        for (int k = 0; k < 4; k++)
                entered(d, "B1");
        for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
                const struct desk_file files[] = {
                    {"bulk.csv", text_format(table, sizeof table, "risk,sample_percent,sample_min\n%s\n", cases[k].table)},
                    {NULL, NULL}};
                desk_pack(d, files);
                clock_advance(d->house.clock, (int64_t)86400 * 1000000); /* each in force from its day on */
                assert_int_equal(as(d, 3, "bulk.plan", json_pack("{s:s}", "step", "approve"), &out), SB_OK);
                int64_t plan = whole(out, "plan"), run = whole(out, "run");
                json_decref(out);
                if (cases[k].drawn >= 0) {
                        assert_ok(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err);
                        assert_int_equal(items(d, plan, "sample", &out), cases[k].drawn);
                        json_decref(out);
                } else {
                        assert_error(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err, SB_CASE_BULK_SAMPLE);
                        assert_string_equal(desk_text(d, "SELECT state FROM bulk_plan WHERE id = ?1@int", plan), "planning");
                        assert_int_equal(start_code(d, 3, plan), SB_CASE_BULK_STATE);
                }
        }
        desk_close(d);
}

/* --- nobody waits ---------------------------------------------------------------------------------------------------------------------- */

struct other {
        struct desk *desk;
        int64_t task;
        atomic_bool end;
        double worst;
        int calls;
};

static void *other_work(void *ctx)
{
        struct other *o = ctx;
        struct house *h = &o->desk->house;
        struct timespec wait = {.tv_nsec = 2000000};

        while (!atomic_load(&o->end)) {
                struct error err = {0};
                char key[40];
                struct call c = {.house = h,
                                 .who = {.staff = 1, .office = 10, .roles = ROLE_CLERK},
                                 .key = text_format(key, sizeof key, "other-%d", ++o->calls)};
                json_t *in = json_pack("{s:I}", "task", (json_int_t)o->task), *out = NULL;
                double start = clock_monotonic();
                if (verb_call(&c, registry_find(h->verbs, "tasks.take"), in, &out, &err) != 0)
                        o->worst = 1e9;
                double seconds = clock_monotonic() - start;
                o->worst = seconds > o->worst ? seconds : o->worst;
                json_decref(in);
                json_decref(out);
                nanosleep(&wait, NULL);
        }
        return NULL;
}

struct copies {
        struct desk *desk;
        int64_t from, first;
        int count;
};

/* Many cases like one that waits for approval: rows as the case itself has them. */
static int copy_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct copies *k = ctx;
        int rc = 0;

        for (int n = 0; rc == 0 && n < k->count; n++) {
                int64_t id = k->first + 2 * n;
                char number[24];
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO process_instance (home, id, number, process, pack_hash, model_hash, state, "
                    "subject_kind, subject, office, pool, variables, engine, started_by, started_at, due_day, ended_at, "
                    "incident, version) SELECT home, ?2@int, ?3@text, process, pack_hash, model_hash, state, "
                    "subject_kind, subject, office, pool, variables, engine, started_by, started_at, due_day, ended_at, "
                    "incident, version FROM process_instance WHERE home = 1 AND id = ?1@int",
                    "iit", k->from, id, text_format(number, sizeof number, "K%d", n));
                rc = rc ? rc
                        : tx_exec(tx, err,
                                  "INSERT INTO task (home, id, instance, token, process, node, role, office, assignee, state, "
                                  "created_at, due_day, done_by, done_at, outcome, version) SELECT home, CASE WHEN state = "
                                  "'open' THEN ?3@int ELSE ?3@int + 100000000 END, ?2@int, token, process, node, role, office, "
                                  "assignee, state, created_at, due_day, done_by, done_at, outcome, version FROM task WHERE "
                                  "home = 1 AND instance = ?1@int",
                                  "iii", k->from, id, id + 1);
        }
        return rc;
}

static int count_wanted(void)
{
        const char *text = getenv("SHEBAO_BULK_CASES");
        int64_t n = 0;

        return text != NULL && text_to_int(str_from(text), &n) && n > 0 && n <= 100000 ? (int)n : 400;
}

static void many(struct desk *d, int count)
{
        struct copies k = {.desk = d, .from = entered(d, "B1"), .count = count - 1};

        assert_ok(ids_range(d->house.ids, 2 * (int64_t)count, &k.first, &d->err), d->err);
        assert_ok(store_write(d->house.store, copy_apply, &k, &d->err), d->err);
}

/* SHEBAO_BULK_CASES=10000 measures as many as an office has at the end of a month. */
static void others_do_not_wait_for_a_run(void **state)
{
        struct desk *d = desk_fresh(state);
        int count = count_wanted();
        struct other o = {.desk = d};
        pthread_t thread;

        o.task = desk_task(d, desk_start(d, "B1", "{\"n\":1}"));
        many(d, count);
        double start = clock_monotonic();
        int64_t plan = planned(d);
        double planning = clock_monotonic() - start;
        open_all(d, plan, "sample");
        int64_t run = started(d, plan);
        atomic_init(&o.end, false);
        assert_int_equal(pthread_create(&thread, NULL, other_work, &o), 0);
        start = clock_monotonic();
        assert_ok(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err);
        double seconds = clock_monotonic() - start;
        atomic_store(&o.end, true);
        pthread_join(thread, NULL);
        assert_int_equal(desk_int(d, "SELECT done FROM run WHERE id = ?1@int", run), count);
        assert_int_equal(desk_int(d, APPROVED, 0), count);
        assert_true(o.calls > 3);
        /* A block holds the writer for some 50 ms; the machine of a test is shared, so there is room above. */
        assert_true(o.worst < 1.0);
        printf(
            "bulk approval: %d cases planned in %.2f s, approved in %.2f s (%.0f/s); slowest of %d calls beside it %.0f ms\n",
            count, planning, seconds, count / seconds, o.calls, o.worst * 1000);
        desk_close(d);
}

static void a_run_is_paused_resumed_and_cancelled(void **state)
{
        struct desk *d = desk_fresh(state);

        for (int k = 0; k < 6; k++)
                entered(d, "B1");
        int64_t plan = planned(d);
        open_all(d, plan, "sample");
        int64_t run = started(d, plan);
        assert_int_equal(as(d, 3, "runs.pause", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        assert_error(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err, SB_CASE_RUN_STATE);
        assert_int_equal(desk_int(d, APPROVED, 0), 0);
        assert_int_equal(as(d, 3, "runs.resume", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        assert_int_equal(as(d, 3, "runs.cancel", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        assert_error(run_work(&d->house, KINDS, run, NULL, NULL, &d->err), d->err, SB_CASE_RUN_STATE);
        assert_int_equal(desk_int(d, APPROVED, 0), 0);
        desk_close(d);
}

/* --- killed ------------------------------------------------------------------------------------------------------------------------------ */

static void a_kill_repeats_and_loses_nothing(void **state)
{
        char url[256];
        int pipes[2], status;
        int64_t told[2];

        if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                skip();
        assert_int_equal(pipe(pipes), 0);
        pid_t maker = fork(); /* the parent opens nothing before its last fork: threads do not survive one */
        assert_true(maker >= 0);
        if (maker == 0) {
                struct desk *d = desk_open(test_store_open(url), true);
                many(d, 300);
                int64_t plan = planned(d);
                open_all(d, plan, "sample");
                told[0] = plan;
                told[1] = started(d, plan);
                desk_close(d);
                _exit(write(pipes[1], told, sizeof told) == sizeof told ? 0 : 1);
        }
        assert_int_equal(waitpid(maker, &status, 0), maker);
        assert_int_equal(status, 0);
        assert_int_equal(read(pipes[0], told, sizeof told), sizeof told);
        close(pipes[0]);
        close(pipes[1]);
        for (int i = 0; i < 6; i++)
                desk_run_killed(url, KINDS, told[1], 0, 60 + i * 45);
        struct desk *d = desk_open(test_store_open(url), false);
        desk_run_end(d, KINDS, told[1]);
        assert_int_equal(desk_int(d, "SELECT done FROM run WHERE id = ?1@int", told[1]), 300);
        assert_int_equal(desk_int(d, "SELECT failed FROM run WHERE id = ?1@int", told[1]), 0);
        assert_int_equal(desk_int(d, APPROVED, 0), 300);
        assert_int_equal(
            desk_int(d, "SELECT COUNT(*) FROM audit_row WHERE verb = 'tasks.complete' AND actor = 3 AND id <> ?1@int", 0), 300);
        assert_int_equal(desk_int(d, "SELECT COUNT(*) FROM effect WHERE id <> ?1@int", 0), 300);
        desk_close(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_plan_lists_exceptions_and_draws_a_sample),
            TEST_ON_BOTH(the_sample_is_drawn_by_its_seed),
            TEST_ON_BOTH(what_changed_meanwhile_is_listed_and_the_rest_goes_on),
            TEST_ON_BOTH(overdue_and_incidents_are_exceptions),
            TEST_ON_BOTH(plans_are_seen_by_their_office_and_listed_for_their_maker),
            TEST_ON_BOTH(items_are_paged_in_the_legal_order),
            TEST_ON_SQLITE(a_filter_takes_what_it_names),
            TEST_ON_SQLITE(a_plan_is_given_up),
            TEST_ON_SQLITE(what_is_not_as_it_should_be_is_looked_at_by_somebody),
            TEST_ON_SQLITE(a_sample_is_as_large_as_the_table_says),
            TEST_ON_BOTH(others_do_not_wait_for_a_run),
            TEST_ON_BOTH(a_run_is_paused_resumed_and_cancelled),
            TEST_ON_BOTH(a_kill_repeats_and_loses_nothing),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
