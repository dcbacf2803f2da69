/* SPDX-License-Identifier: Apache-2.0
 *
 * What processes P04 (registered data) and P23 (state of a benefit) change by themselves, on both databases: what is granted changes the
 * register or the stops of the award, what is refused, or cannot be done, leaves them as they were.
 */
#include "office/town.h"

#include "support/cairo_leak.h"

#include <string.h>

enum { CLERK = 2, REVIEWER, FILES, APPROVER };

struct look {
        struct town *town;
        int64_t person, found, version;
        const char *id_number;
        struct person seen;
};

static int look_at(struct tx *tx, void *ctx, struct error *err)
{
        struct look *k = ctx;
        int32_t home;
        int rc = k->id_number == NULL ? 0 : person_find(tx, &k->town->house, str_from(k->id_number), &home, &k->found, err);

        rc = rc < 0 ? rc : person_read(tx, &k->town->house, 1, k->person, &k->seen, err);
        k->version = k->seen.version;
        return rc;
}

/* The person as the register has them, and who has a number. */
static struct look looked(struct town *t, int64_t person, const char *id_number)
{
        struct look k = {.town = t, .person = person, .id_number = id_number};

        assert_ok(store_read(t->house.store, look_at, &k, &t->err), t->err);
        person_dispose(&k.seen);
        return k;
}

struct standing {
        int64_t instance;
        char node[64];
};

static int standing_read(struct tx *tx, void *ctx, struct error *err)
{
        struct standing *s = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT node FROM task WHERE instance = ?1@int AND state = 'open'", "i", s->instance);

        if (rc == 1)
                text_copy(s->node, sizeof s->node, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

static bool waits_at(struct town *t, int64_t id, const char *node)
{
        struct standing s = {.instance = id};

        assert_ok(store_read(t->house.store, standing_read, &s, &t->err), t->err);
        if (strcmp(s.node, node) != 0)
                print_error("waits at %s, not at %s\n", s.node, node);
        return strcmp(s.node, node) == 0;
}

static int64_t opened(struct town *t, const char *process, json_t *form)
{
        json_t *out = NULL, *list = json_array(), *paper;
        size_t k;

        assert_int_equal(
            town_call_as(t, CLERK, ROLE_CLERK, "", "cases.open",
                         json_pack("{s:s,s:o,s:{s:s}}", "process", process, "form", form, "applicant", "kind", "office"), &out),
            SB_OK);
        int64_t id = town_whole(out, "case");
        json_decref(out);
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.get", json_pack("{s:I}", "case", (json_int_t)id), &out),
                         SB_OK);
        json_array_foreach(json_object_get(out, "papers"), k, paper) json_array_append_new(
            list, json_pack("{s:O,s:s}", "material", json_object_get(paper, "material"), "state", "given"));
        json_decref(out);
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.papers",
                                      json_pack("{s:I,s:o}", "case", (json_int_t)id, "papers", list), NULL),
                         SB_OK);
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        assert_true(waits_at(t, id, "review"));
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        return id;
}

static void filed(struct town *t, int64_t id)
{
        assert_true(waits_at(t, id, "serve"));
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND state = 'done' AND archive_number <> ''",
                     id),
            1);
}

/* --- P04 ------------------------------------------------------------------------------------------------------------------------ */

static int64_t change_asked(struct town *t, int64_t person, const char *item, const char *value)
{
        int64_t id = opened(t, "P04",
                            json_pack("{s:I,s:s,s:s,s:s,s:s}", "person", (json_int_t)person, "item", item, "new_value", value,
                                      "bank_name", "云山银行", "valid_from", "2026-11-01"));

        if (strcmp(item, "name") == 0 || strcmp(item, "identity") == 0)
                assert_int_equal(town_decide(t, id, FILES, "approve"), SB_OK);
        assert_true(waits_at(t, id, "approve"));
        return id;
}

static void granted_facts_are_changed_by_the_system(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char number[24], old[24];

        if (t == NULL)
                skip();
        int64_t person = town_person(t, "张三", "99010119930517001", "male"), before = looked(t, person, NULL).version;
        town_id("99010119930517001", old);
        town_id("99010119930517003", number);
        const char *const asked[][2] = {
            {"name", "张山"}, {"identity", number}, {"phone", "13800001234"}, {"account", "9900010000000009"}};
        for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
                int64_t id = change_asked(t, person, asked[i][0], asked[i][1]);
                assert_int_equal(looked(t, person, NULL).version, before);
                assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
                filed(t, id);
                int64_t now = looked(t, person, NULL).version;
                assert_true(now > before);
                before = now;
        }
        struct look k = {.town = t, .person = person, .id_number = number};
        assert_ok(store_read(t->house.store, look_at, &k, &t->err), t->err);
        assert_int_equal(k.found, person);
        assert_string_equal(k.seen.name, "张山");
        assert_string_equal(k.seen.id_number, number);
        assert_string_equal(k.seen.telephone, "13800001234");
        assert_string_equal(k.seen.bank_account, "9900010000000009");
        assert_string_equal(k.seen.bank_name, "云山银行");
        person_dispose(&k.seen);
        assert_int_equal(looked(t, person, old).found, 0);
        /* What stood before is still there, as it was believed. */
        assert_true(
            town_ask(t, "SELECT COUNT(*) FROM person_fact WHERE person = ?1@int AND known_to < 9000000000000000", person) >= 4);
        town_audit(t);
        town_free(t);
}

static void what_is_refused_or_cannot_be_changed_stays(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char taken[24];

        if (t == NULL)
                skip();
        int64_t person = town_person(t, "张三", "99010119930517001", "male"), before = looked(t, person, NULL).version;
        int64_t other = town_person(t, "李四", "99010119930517003", "male");
        town_id("99010119930517003", taken);
        int64_t id = change_asked(t, person, "name", "张山");
        assert_int_equal(town_decide(t, id, APPROVER, "refuse"), SB_OK);
        filed(t, id);
        /* The number is another's: the case goes back to the clerk with the reason. */
        id = change_asked(t, person, "identity", taken);
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        assert_true(waits_at(t, id, "correct"));
        id = change_asked(t, person, "identity", "1234");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        assert_true(waits_at(t, id, "correct"));
        /* An address is nothing that the register keeps: a clerk sees to it. */
        id = change_asked(t, person, "address", "云山路1号");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        assert_true(waits_at(t, id, "execute_by_hand"));
        assert_int_equal(looked(t, person, NULL).version, before);
        assert_int_equal(looked(t, person, taken).found, other);
        town_audit(t);
        town_free(t);
}

/* --- P23 ------------------------------------------------------------------------------------------------------------------------ */

struct grant {
        struct town *town;
        struct pool pool;
        int64_t person, award;
};

static int grant(struct tx *tx, void *ctx, struct error *err)
{
        struct grant *g = ctx;
        struct house *h = &g->town->house;
        struct person p;
        int rc = person_read(tx, h, 1, g->person, &p, err);
        struct award_import row = {.person = g->person,
                                   .from = 2021 * 12,
                                   .basic = 100000,
                                   .account = 50000,
                                   .key = &p.key,
                                   .payee_name = "王小明",
                                   .bank_name = "云城银行",
                                   .bank_account = "62990001"};

        rc = rc ? rc : pool_read(tx, g->pool.id, &g->pool, err);
        rc = rc ? rc : ids_next(h->ids, &row.id, err);
        rc = rc ? rc : award_import_bulk(tx, &g->pool, &row, 1, 0, clock_now(h->clock) - 1000000, err);
        g->award = row.id;
        person_dispose(&p);
        return rc;
}

static int64_t pensioner(struct town *t, int64_t *award)
{
        struct grant g = {.town = t, .pool.id = town_pool(t), .person = town_person(t, "王小明", "99010119580517001", "male")};

        assert_ok(store_write(t->house.store, grant, &g, &t->err), t->err);
        *award = g.award;
        return g.person;
}

static int64_t state_asked(struct town *t, int64_t person, const char *action, const char *month)
{
        int64_t id = opened(t, "P23",
                            json_pack("{s:I,s:s,s:s,s:s,s:s}", "person", (json_int_t)person, "action", action, "cause",
                                      "prison", "event_day", "2026-11-02", "month", month));

        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.answer",
                                      json_pack("{s:I,s:s,s:{s:s}}", "case", (json_int_t)id, "message", "benefit.statement",
                                                "fields", "text", "无异议"),
                                      NULL),
                         SB_OK);
        town_work(t);
        assert_true(waits_at(t, id, "approve"));
        return id;
}

#define STOPS "SELECT COUNT(*) FROM award_stop WHERE award = ?1@int AND known_to > 9000000000000000"

static void an_award_is_stopped_and_paid_again(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        int64_t award, person, id;

        if (t == NULL)
                skip();
        person = pensioner(t, &award);
        id = state_asked(t, person, "suspend", "2026-12");
        assert_int_equal(town_decide(t, id, APPROVER, "refuse"), SB_OK);
        filed(t, id);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM award_stop WHERE award = ?1@int", award), 0);
        /* Nothing is stopped that could be paid again: back to the clerk, with the reason. */
        id = state_asked(t, person, "resume", "2026-12");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        assert_true(waits_at(t, id, "correct"));
        id = state_asked(t, person, "suspend", "2026-12");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        filed(t, id);
        assert_int_equal(town_ask(t, STOPS " AND reason = 'prison' AND month_from = 2026 * 12 + 11", award), 1);
        assert_int_equal(town_ask(t, STOPS " AND month_to > 100000", award), 1);
        clock_advance(t->house.clock, 1000000);
        id = state_asked(t, person, "resume", "2027-02");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        assert_int_equal(town_ask(t, STOPS " AND month_from = 2026 * 12 + 11 AND month_to = 2027 * 12 + 1", award), 1);
        assert_int_equal(town_ask(t, STOPS, award), 1);
        clock_advance(t->house.clock, 1000000);
        id = state_asked(t, person, "terminate", "2027-06");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        filed(t, id);
        assert_int_equal(town_ask(t, STOPS, award), 2);
        town_audit(t);
        town_free(t);
}

static void a_benefit_kept_elsewhere_is_done_by_hand(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        int64_t id = state_asked(t, town_person(t, "张三", "99010119930517001", "male"), "suspend", "2026-12");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
        assert_true(waits_at(t, id, "execute_by_hand"));
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM award_stop"), 0);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(granted_facts_are_changed_by_the_system),
            TEST_ON_BOTH(what_is_refused_or_cannot_be_changed_stays),
            TEST_ON_BOTH(an_award_is_stopped_and_paid_again),
            TEST_ON_BOTH(a_benefit_kept_elsewhere_is_done_by_hand),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
