/* SPDX-License-Identifier: Apache-2.0
 *
 * Personal accounts over the years on both databases: interest that follows from the entries, refused twice, taken back as a whole by
 * somebody else; the accounts always sum to the ledger.
 */
#include "office/town.h"

#include "base/rng.h"

enum { PEOPLE = 5 };

struct deposit {
        struct town *town;
        int64_t pool, person;
        month_t month;
        fen_t amount;
};

static int deposit_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct deposit *d = ctx;
        struct house *h = &d->town->house;
        struct posting postings[2] = {{d->pool, LEDGER_FUND, d->amount}, {d->pool, LEDGER_PERSONAL, -d->amount}};
        struct ledger_transaction t = {.home = 1,
                                       .month = d->month,
                                       .day = month_first(d->month),
                                       .kind = "test.deposit",
                                       .ref_kind = "pool",
                                       .ref_id = d->pool,
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = 2};
        struct personal_entry e = {.home = 1, .month = d->month, .kind = "contribution", .amount = d->amount, .at = t.at};
        int rc = personal_account_open(tx, h->ids, 1, d->person, "EP", d->pool, &e.account, err);

        if (rc == 0)
                rc = ids_next(h->ids, &t.id, err);
        e.transaction = t.id;
        if (rc == 0)
                rc = ledger_post(tx, h->ids, &t, err);
        return rc == 0 ? personal_account_add(tx, h->ids, &e, err) : rc;
}

static void deposit(struct town *t, int64_t person, int year, int month, fen_t amount)
{
        struct deposit d = {t, town_pool(t), person, month_of(day_from(year, month, 1)), amount};

        assert_ok(store_write(t->house.store, deposit_apply, &d, &t->err), t->err);
}

static struct town *begun(void **state, int64_t people[PEOPLE])
{
        struct town *t = town_founded(*(enum test_engine *)*state);
        char first[24];

        if (t == NULL)
                skip();
        for (int i = 0; i < PEOPLE; i++)
                people[i] = town_person(t, "王小明", text_format(first, sizeof first, "990101198001%02d111", i + 1), "male");
        return t;
}

/* As the process calls it: for whoever decided, by no route. */
static enum error_code interest(struct town *t, int64_t staff, int year)
{
        struct error err = {0};
        char key[32];
        struct call c = {.house = &t->house,
                         .who = {.staff = staff, .office = t->office, .roles = ROLE_ANY},
                         .key = text_format(key, sizeof key, "interest-%d", ++t->calls)};
        json_t *out = NULL, *in = json_pack("{s:I,s:i}", "pool", (json_int_t)town_pool(t), "year", year);
        int rc = registry_find(t->verbs, "account.interest")->run(&c, in, &out, &err);

        json_decref(in);
        json_decref(out);
        town_work(t);
        return rc == 0 ? SB_OK : err.code;
}

static enum error_code back(struct town *t, int64_t staff, int year)
{
        enum error_code code = town_call_as(
            t, staff, ROLE_ANY, "", "account.interest_reverse",
            json_pack("{s:I,s:i,s:s}", "pool", (json_int_t)town_pool(t), "year", year, "reason", "入账月份有误"), NULL);

        town_work(t);
        return code;
}

static fen_t balance(struct town *t, int64_t person)
{
        return town_ask(t, "SELECT balance_fen FROM personal_account WHERE scheme = 'EP' AND person = ?1@int", person);
}

static fen_t difference(struct town *t)
{
        json_t *out = NULL;

        assert_int_equal(town_call(t, "account.interest_check", json_pack("{s:I}", "pool", (json_int_t)town_pool(t)), &out),
                         SB_OK);
        fen_t d = town_money(out, "difference");
        assert_int_equal(town_whole(out, "differences"), 0);
        json_decref(out);
        return d;
}

/* The pack's worked examples: 10000 over 2025 at 1.5 %; 12345.67 in 2024 at 2.62 % with deposits in January, June and December. */
static void what_a_year_earns(void **state)
{
        int64_t p[PEOPLE];
        struct town *t = begun(state, p);

        deposit(t, p[0], 2024, 12, 1000000);
        assert_int_equal(interest(t, 1, 2026), SB_ACCOUNT_YEAR); /* has not ended */
        assert_int_equal(interest(t, 1, 2025), SB_OK);
        assert_int_equal(balance(t, p[0]), 1015000);
        assert_int_equal(interest(t, 1, 2025), SB_ACCOUNT_YEAR); /* once */
        assert_int_equal(interest(t, 1, 2024), SB_ACCOUNT_YEAR); /* 2025 rests on it */
        town_audit(t);

        assert_int_equal(back(t, 1, 2025), SB_ACCOUNT_OWN);
        assert_int_equal(back(t, 2, 2025), SB_OK);
        assert_int_equal(back(t, 2, 2025), SB_ACCOUNT_YEAR);
        assert_int_equal(balance(t, p[0]), 1000000);
        town_audit(t);

        deposit(t, p[1], 2023, 12, 1234567);
        deposit(t, p[1], 2024, 1, 10000);
        deposit(t, p[1], 2024, 6, 20050);
        deposit(t, p[1], 2024, 12, 30000);
        assert_int_equal(interest(t, 1, 2024), SB_OK);
        assert_int_equal(balance(t, p[1]), 1327466);
        assert_int_equal(interest(t, 1, 2025), SB_OK); /* again, on the balance with the interest of 2024 */
        assert_int_equal(balance(t, p[0]), 1015000);
        assert_int_equal(balance(t, p[1]), 1327466 + 19912);
        assert_int_equal(difference(t), 0);
        town_audit(t);

        json_t *out = NULL;
        assert_int_equal(
            town_call(t, "account.statement", json_pack("{s:I,s:i}", "person", (json_int_t)p[1], "year", 2024), &out), SB_OK);
        json_t *a = json_array_get(json_object_get(out, "accounts"), 0);
        assert_int_equal(town_money(a, "opening"), 1234567);
        assert_int_equal(town_money(a, "interest"), 32849);
        assert_int_equal(town_money(a, "closing"), 1327466);
        assert_int_equal(json_array_size(json_object_get(a, "deposits")), 3);
        assert_int_equal(json_array_size(json_object_get(out, "gaps")), 12);
        assert_string_equal(json_string_value(json_object_get(a, "rate")), "0.0262");
        json_decref(out);
        town_free(t);
}

/* Nobody knows what a year earns of which the pack says nothing; what does not agree with the ledger earns nothing. */
static void nothing_is_guessed(void **state)
{
        int64_t p[PEOPLE];
        struct town *t = begun(state, p);

        deposit(t, p[0], 2024, 12, 1000000);
        clock_set(t->house.clock, day_instant(day_from(2090, 1, 5)));
        assert_int_equal(interest(t, 1, 2089), SB_PARAMETER_MISSING);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM interest_run"), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM personal_entry"), 1);
        town_free(t);
}

/* Whatever comes, goes and is taken back: the accounts sum to the ledger, and interest that is taken back and posted again is the same. */
static void accounts_sum_to_the_ledger(void **state)
{
        int64_t p[PEOPLE];
        struct town *t = begun(state, p);
        struct rng rng = rng_new(20261130, 1);

        for (int i = 0; i < 60; i++)
                deposit(t, p[rng_below(&rng, PEOPLE)], 2020 + (int)rng_below(&rng, 6), 1 + (int)rng_below(&rng, 12),
                        1 + (fen_t)rng_below(&rng, 500000));
        for (int year = 2020; year <= 2025; year++) {
                assert_int_equal(interest(t, 1, year), SB_OK);
                fen_t once = town_count(t, "SELECT CAST(SUM(balance_fen) AS @int) FROM personal_account");
                if (rng_below(&rng, 2) == 0) {
                        assert_int_equal(back(t, 2, year), SB_OK);
                        assert_int_equal(difference(t), 0);
                        assert_int_equal(interest(t, 3, year), SB_OK);
                }
                assert_int_equal(town_count(t, "SELECT CAST(SUM(balance_fen) AS @int) FROM personal_account"), once);
                assert_int_equal(difference(t), 0);
        }
        town_audit(t);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_a_year_earns),
            TEST_ON_BOTH(nothing_is_guessed),
            TEST_ON_BOTH(accounts_sum_to_the_ledger),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
