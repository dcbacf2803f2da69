/* SPDX-License-Identifier: Apache-2.0
 *
 * Office scope over the subjects: each route names where it may act; a district does not touch what another keeps, the city may. */
#include "office/town.h"

#include <string.h>

static const struct verb *const *const ALL = office_verbs;

static int districts_put(struct tx *tx, void *ctx, struct error *err)
{
        static const struct {
                int64_t id, parent;
                const char *territory;
        } offices[] = {{2, 1, "990100"}, {3, 2, "990101"}, {4, 2, "990102"}, {5, 1, "990200"}};
        int rc = 0;

        (void)ctx;
        for (size_t i = 0; rc == 0 && i < sizeof offices / sizeof offices[0]; i++)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO office (id, code, parent, body, level, name_zh, name_en, territory, valid_from, valid_to) "
                    "VALUES (?1@int, 'o', ?2@int, 'b', 3, 'n', 'n', ?3@text, 0, ?4@int)",
                    "iiti", offices[i].id, offices[i].parent, offices[i].territory, (int64_t)DAY_END);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO pool (id, code, scheme, territory, home, name_zh, name_en, valid_from, valid_to) VALUES (70, "
                    "'C-EP', 'EP', '990100', 1, '池', 'Pool', 0, ?1@int)",
                    "i", (int64_t)DAY_END);
        return rc;
}

static struct town *town_of_districts(void **state)
{
        struct town *t = town_new(*(enum test_engine *)*state, ALL);

        if (t != NULL)
                assert_ok(store_write(t->house.store, districts_put, NULL, &t->err), t->err);
        return t;
}

static enum error_code call_at(struct town *t, int64_t office, const char *verb, json_t *in)
{
        char key[40];
        json_t *out = NULL;
        const struct verb *v = registry_find(t->verbs, verb);
        struct call c = {.house = &t->house, .who = {.staff = 10 + office, .office = office, .roles = ROLE_ANY}};

        error_clear(&t->err);
        if (v->kind == VERB_WRITE)
                c.key = text_format(key, sizeof key, "scope-key-%d", ++t->calls);
        int rc = verb_call(&c, v, in, &out, &t->err);
        json_decref(in);
        json_decref(out);
        return rc == 0 ? SB_OK : t->err.code;
}

static void an_employer_is_kept_by_its_office(void **state)
{
        struct town *t = town_of_districts(state);
        char uscc[24];

        if (t == NULL)
                skip();
        json_t *in =
            json_pack("{s:s,s:s,s:s}", "name", "湖滨工厂", "uscc", town_uscc("91990101MA0000001", uscc), "territory", "990101");
        assert_int_equal(call_at(t, 3, "registry.employer_register", in), SB_OK);
        int64_t id = town_count(t, "SELECT id FROM employer");
        const struct {
                int64_t office;
                enum error_code code;
        } seen[] = {{3, SB_OK}, {2, SB_OK}, {1, SB_OK}, {4, SB_CASE_OFFICE}, {5, SB_CASE_OFFICE}};
        for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++)
                assert_int_equal(
                    call_at(t, seen[i].office, "registry.employer_get", json_pack("{s:I}", "employer", (json_int_t)id)),
                    seen[i].code);
        /* Money for it is not booked elsewhere; what does not exist is told as such. */
        in = json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)id, "amount", "10.00", "bank_ref", "r-1");
        assert_int_equal(call_at(t, 4, "contribution.receive", in), SB_CASE_OFFICE);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM receipt"), 0);
        assert_int_equal(call_at(t, 4, "registry.employer_get", json_pack("{s:I}", "employer", (json_int_t)999999)),
                         SB_REGISTRY_EMPLOYER);
        town_free(t);
}

static int pool_ask(struct tx *tx, void *ctx, struct error *err)
{
        static const struct {
                int64_t office;
                bool within, serves;
        } cases[] = {{1, true, true}, {2, true, true}, {3, false, true}, {5, false, false}, {77, false, false}};
        bool within, serves;

        (void)ctx;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                if (pool_within(tx, 70, cases[i].office, &within, err) != 0 ||
                    pool_serves(tx, 70, cases[i].office, &serves, err) != 0)
                        return ERR;
                assert_int_equal(within, cases[i].within);
                assert_int_equal(serves, cases[i].serves);
        }
        return 0;
}

static void a_pool_is_run_by_who_covers_it(void **state)
{
        struct town *t = town_of_districts(state);

        if (t == NULL)
                skip();
        assert_ok(store_read(t->house.store, pool_ask, NULL, &t->err), t->err);
        assert_int_equal(call_at(t, 3, "payment.run_create", json_pack("{s:i,s:s}", "pool", 70, "month", "2026-11")),
                         SB_CASE_OFFICE);
        town_free(t);
}

/* A route without authority or scope does not start: the tables as they are handed to http. */
static void every_route_says_who_and_where(void **state)
{
        (void)state;
        for (size_t i = 0; ALL[i] != NULL; i++)
                for (const struct verb *v = ALL[i]; v->name != NULL; v++)
                        if (v->path != NULL) {
                                assert_non_null(v->duty);
                                assert_non_null(v->scope);
                        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_employer_is_kept_by_its_office),
            TEST_ON_BOTH(a_pool_is_run_by_who_covers_it),
            cmocka_unit_test(every_route_says_who_and_where),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
