/* SPDX-License-Identifier: Apache-2.0
 *
 * Cancellation of a registration (P05) on both databases: what stands against it by the rules of the pack, what it ends, that it is taken back
 * within its case as if it had not been, and that who registers again keeps the old number.
 */
#include "office/firm.h"

#include "support/cairo_leak.h"

#include <string.h>

enum { CLERK = 2, REVIEWER, SECOND, APPROVER };

struct look {
        const char *sql;
        int64_t about;
        char out[4000];
};

static int look_read(struct tx *tx, void *ctx, struct error *err)
{
        struct look *k = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, k->sql, "i", k->about);

        k->out[0] = '\0';
        if (rc == 1 && !stmt_null(q, 0))
                text_copy(k->out, sizeof k->out, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

static struct look looked(struct town *t, const char *sql, int64_t about)
{
        struct look k = {.sql = sql, .about = about};

        assert_ok(store_read(t->house.store, look_read, &k, &t->err), t->err);
        return k;
}

static void waits_at(struct town *t, int64_t id, const char *node)
{
        assert_string_equal(looked(t, "SELECT node FROM task WHERE instance = ?1@int AND state = 'open'", id).out, node);
}

#define STATE_OF(table) "SELECT state FROM " table " WHERE id = ?1@int"
#define VARIABLES "SELECT variables FROM process_instance WHERE id = ?1@int"

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
        return id;
}

static json_t *form_of(const char *kind, int64_t subject, const char *cause, const char *day)
{
        return json_pack("{s:I,s:s,s:s}", kind, (json_int_t)subject, "cause", cause, "event_day", day);
}

/* From the review to the letter. */
static void decided(struct town *t, int64_t id)
{
        waits_at(t, id, "review");
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        waits_at(t, id, "approve");
        assert_int_equal(town_decide(t, id, APPROVER, "approve"), SB_OK);
}

static void filed(struct town *t, int64_t id)
{
        waits_at(t, id, "serve");
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND state = 'done' AND archive_number <> ''",
                     id),
            1);
}

/* --- persons ----------------------------------------------------------------------------------------------------------------------- */

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
        struct award_import row = {.person = g->person, .from = 2021 * 12, .basic = 100000, .key = &p.key};

        row.payee_name = "王小明";
        row.bank_name = "云城银行";
        row.bank_account = "62990001";
        rc = rc ? rc : pool_read(tx, g->pool.id, &g->pool, err);
        rc = rc ? rc : ids_next(h->ids, &row.id, err);
        rc = rc ? rc : award_import_bulk(tx, &g->pool, &row, 1, 0, clock_now(h->clock) - 1000000, err);
        g->award = row.id;
        person_dispose(&p);
        return rc;
}

#define SPELLS "SELECT COUNT(*) FROM employment WHERE person = ?1@int AND known_to > 9000000000000000"
#define BELIEVED                                                                                                               \
        "SELECT f.death_day || '|' || p.state || '|' || (SELECT COUNT(*) FROM employment m WHERE m.person = p.id AND "         \
        "m.known_to > 9000000000000000 AND m.valid_to > 2000000) FROM person p JOIN person_fact f ON f.person = p.id AND "     \
        "f.known_to > 9000000000000000 WHERE p.id = ?1@int"
#define STOPS "SELECT COUNT(*) FROM award_stop WHERE award = ?1@int AND known_to > 9000000000000000"

static void a_death_ends_work_and_benefits_and_can_be_taken_back(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char before[4000], number[24];

        if (t == NULL)
                skip();
        struct grant g = {.town = t, .pool.id = town_pool(t), .person = town_person(t, "王小明", "99010119580517001", "male")};
        assert_ok(store_write(t->house.store, grant, &g, &t->err), t->err);
        town_employ(t, g.person, town_employer(t, "云山书店", "91990101MA0000009", "990101"), day_from(2024, 3, 1));
        text_copy(before, sizeof before, str_from(looked(t, BELIEVED, g.person).out));
        assert_non_null(strstr(before, "active"));
        int64_t id = opened(t, "P05", form_of("person", g.person, "death", "2026-11-20"));
        decided(t, id);
        waits_at(t, id, "serve");
        assert_string_equal(looked(t, STATE_OF("person"), g.person).out, "deregistered");
        assert_int_equal(
            town_ask(t, "SELECT death_day FROM person_fact WHERE person = ?1@int AND known_to > 9000000000000000", g.person),
            day_from(2026, 11, 20));
        assert_int_equal(town_ask(t,
                                  SPELLS " AND valid_to = (SELECT MAX(death_day) + 1 FROM person_fact WHERE person = ?1@int "
                                         "AND known_to > 9000000000000000)",
                                  g.person),
                         1);
        assert_int_equal(town_ask(t, STOPS " AND reason = 'death' AND month_from = 2026 * 12 + 11", g.award), 1);
        /* It was another person: taken back before it is served, and all is as it was. */
        clock_advance(t->house.clock, 1000000);
        assert_int_equal(town_decide(t, id, CLERK, "return"), SB_OK);
        waits_at(t, id, "correct");
        assert_string_equal(looked(t, BELIEVED, g.person).out, before);
        assert_int_equal(town_ask(t, STOPS, g.award), 0);
        assert_string_equal(looked(t, "SELECT state FROM cancellation WHERE instance = ?1@int", id).out, "undone");
        town_audit(t);
        /* It was the right one after all. */
        clock_advance(t->house.clock, 1000000);
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        decided(t, id);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM process_instance WHERE process = 'P20'"), 0);
        filed(t, id);
        town_work(t);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM process_instance WHERE process = 'P20'"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM process_instance WHERE process = 'P12'"), 0);
        /* The dead do not come back; and nothing is cancelled twice. */
        town_id("99010119580517001", number);
        assert_int_equal(
            town_call_as(t, CLERK, ROLE_CLERK, "", "cases.open",
                         json_pack("{s:s,s:{s:s,s:s}}", "process", "P02", "form", "id_number", number, "name", "王小明"), NULL),
            SB_CASE_FORM);
        error_clear(&t->err);
        assert_int_equal(
            town_call_as(t, CLERK, ROLE_CLERK, "", "cases.open",
                         json_pack("{s:s,s:o}", "process", "P05", "form", form_of("person", g.person, "death", "2026-11-20")),
                         NULL),
            SB_CASE_FORM);
        town_audit(t);
        town_free(t);
}

static void who_settles_abroad_is_cancelled_by_rule_and_comes_back(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        json_t *out = NULL, *form;
        char number[24];

        if (t == NULL)
                skip();
        int64_t person = town_person(t, "张三", "99010119930517001", "male");
        int64_t firm = town_employer(t, "云山书店", "91990101MA0000009", "990101");
        town_employ(t, person, firm, day_from(2024, 3, 1));
        int64_t id = opened(t, "P05", form_of("person", person, "emigration", "2026-11-20"));
        waits_at(t, id, "correct"); /* the account is kept */
        assert_non_null(strstr(looked(t, VARIABLES, id).out, "保留"));
        assert_int_equal(town_decide(t, id, CLERK, "return"), SB_OK);
        /* The page says the same before anybody applies. */
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "registry.person_cancellation",
                                      json_pack("{s:I,s:s,s:s}", "person", (json_int_t)person, "cause", "emigration",
                                                "event_day", "2026-11-20"),
                                      &out),
                         SB_OK);
        assert_true(json_is_true(json_object_get(json_object_get(out, "found"), "stopped")));
        assert_int_equal(json_array_size(json_object_get(json_object_get(out, "found"), "reasons")), 1);
        json_decref(out);
        form = form_of("person", person, "emigration", "2026-11-20");
        json_object_set_new(form, "nationality_lost", json_true());
        id = opened(t, "P05", form);
        decided(t, id);
        filed(t, id);
        assert_string_equal(looked(t, STATE_OF("person"), person).out, "deregistered");
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "registry.employment_open",
                                      json_pack("{s:I,s:I,s:s}", "person", (json_int_t)person, "employer", (json_int_t)firm,
                                                "from", "2026-11-23"),
                                      NULL),
                         SB_REGISTRY_CANCELLED);
        error_clear(&t->err);
        clock_advance(t->house.clock, 3600 * (instant_t)1000000);
        town_id("99010119930517001", number);
        id = opened(t, "P02",
                    json_pack("{s:s,s:s,s:s,s:I,s:s}", "id_number", number, "name", "张三丰", "category", "male", "employer",
                              (json_int_t)firm, "from", "2026-12"));
        waits_at(t, id, "review");
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        filed(t, id);
        assert_int_equal(town_ask(t, "SELECT subject FROM process_instance WHERE id = ?1@int", id), person);
        assert_string_equal(looked(t, STATE_OF("person"), person).out, "active");
        assert_string_equal(looked(t, "SELECT state FROM cancellation WHERE subject = ?1@int", person).out, "returned");
        assert_int_equal(town_ask(t, SPELLS, person), 2);
        town_audit(t);
        town_free(t);
}

/* --- employers --------------------------------------------------------------------------------------------------------------------- */

static void an_employer_pays_and_lets_its_workers_go_first(void **state)
{
        struct firm f = firm_new(state);
        struct town *t = f.town;
        json_t *out = NULL;
        char money[24];

        firm_assess(&f, "2026-11", 0, FIRM_WORKERS);
        int64_t id = opened(t, "P05", form_of("employer", f.id, "dissolved", "2026-11-24"));
        waits_at(t, id, "correct"); /* workers stop it; what is owed would be waited for */
        assert_non_null(strstr(looked(t, VARIABLES, id).out, "减员"));
        for (int i = 0; i < FIRM_WORKERS; i++) {
                int64_t spell = town_ask(t, "SELECT id FROM employment WHERE person = ?1@int AND known_to > 9000000000000000",
                                         f.workers[i]);
                assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "registry.employment_end",
                                              json_pack("{s:I,s:s,s:s}", "employment", (json_int_t)spell, "to", "2026-11-24",
                                                        "reason", "dissolved"),
                                              NULL),
                                 SB_OK);
        }
        assert_int_equal(town_decide(t, id, CLERK, "approve"), SB_OK);
        waits_at(t, id, ""); /* for money: nobody has a task */
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM subscription WHERE instance = ?1@int AND name = 'arrears.settled'", id), 1);
        json_decref(firm_receive(
            &f,
            money_text(town_ask(t,
                                "SELECT CAST(SUM(employer_fen + person_fen) AS @int) FROM assessment WHERE employer = ?1@int",
                                f.id),
                       money),
            "CANCEL-1"));
        town_work(t);
        decided(t, id);
        filed(t, id);
        assert_string_equal(looked(t, STATE_OF("employer"), f.id).out, "deregistered");
        assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "registry.employer_cancellation",
                                      json_pack("{s:I}", "employer", (json_int_t)f.id), &out),
                         SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        struct look uscc = looked(t, "SELECT uscc FROM employer WHERE id = ?1@int", f.id);
        clock_advance(t->house.clock, 3600 * (instant_t)1000000);
        id = opened(t, "P01", json_pack("{s:s,s:s}", "name", "云山新茶业有限公司", "uscc", uscc.out));
        waits_at(t, id, "review");
        assert_int_equal(town_decide(t, id, REVIEWER, "approve"), SB_OK);
        assert_int_equal(town_ask(t, "SELECT subject FROM process_instance WHERE id = ?1@int", id), f.id);
        assert_string_equal(looked(t, STATE_OF("employer"), f.id).out, "active");
        assert_string_equal(looked(t,
                                   "SELECT name FROM employer_fact WHERE employer = ?1@int AND known_to > 9000000000000000 "
                                   "ORDER BY valid_from DESC LIMIT 1",
                                   f.id)
                                .out,
                            "云山新茶业有限公司");
        town_audit(t);
        town_free(t);
}

static void a_form_that_cannot_be_is_refused_at_its_field(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        json_t *out = NULL;

        if (t == NULL)
                skip();
        int64_t person = town_person(t, "张三", "99010119930517001", "male");
        int64_t firm = town_employer(t, "云山书店", "91990101MA0000009", "990101");
        const struct {
                json_t *form;
                const char *field;
        } rows[] = {{json_pack("{s:s,s:s}", "cause", "death", "event_day", "2026-11-20"), "person"},
                    {json_pack("{s:I,s:I,s:s,s:s}", "person", (json_int_t)person, "employer", (json_int_t)firm, "cause",
                               "death", "event_day", "2026-11-20"),
                     "employer"},
                    {form_of("person", person, "bankrupt", "2026-11-20"), "cause"},
                    {form_of("employer", firm, "death", "2026-11-20"), "cause"},
                    {form_of("person", person, "death", "2026-12-20"), "event_day"}};
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                assert_int_equal(town_call_as(t, CLERK, ROLE_CLERK, "", "cases.check",
                                              json_pack("{s:s,s:o}", "process", "P05", "form", rows[i].form), &out),
                                 SB_OK);
                const json_t *fault = json_array_get(json_object_get(out, "faults"), 0);
                assert_string_equal(json_string_value(json_object_get(fault, "field")), rows[i].field);
                json_decref(out);
        }
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_death_ends_work_and_benefits_and_can_be_taken_back),
            TEST_ON_BOTH(who_settles_abroad_is_cancelled_by_rule_and_comes_back),
            TEST_ON_BOTH(an_employer_pays_and_lets_its_workers_go_first),
            TEST_ON_BOTH(a_form_that_cannot_be_is_refused_at_its_field),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
