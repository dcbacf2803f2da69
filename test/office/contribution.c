/* SPDX-License-Identifier: Apache-2.0
 *
 * Contributions on both databases, under the demonstration's law: from a declaration to the personal accounts. The figures of
 * the workers are those of office/firm.h.
 */
#include "office/firm.h"

#include "base/rng.h"
#include "support/cairo_leak.h"

#include <string.h>

static const json_t *of_scheme(const json_t *list, const char *scheme)
{
        const json_t *one;
        size_t i;

        json_array_foreach(list, i, one) if (strcmp(json_string_value(json_object_get(one, "scheme")), scheme) == 0) return one;
        fail_msg("nothing of %s", scheme);
        return NULL;
}

static void what_a_month_would_cost(void **state)
{
        struct firm f = firm_new(state);
        static const char *const reasons[FIRM_WORKERS] = {"floor", "within", "ceiling"};
        static const char *const bases[FIRM_WORKERS] = {"4162.00", "8000.33", "20808.00"};
        json_t *out = NULL;

        assert_int_equal(town_call(f.town, "contribution.preview", firm_declaration(&f, "2025-11", 0, FIRM_WORKERS), &out),
                         SB_OK);
        assert_int_equal(town_money(out, "total"), FIRM_DUE);
        assert_int_equal(json_array_size(json_object_get(out, "totals")), 5);
        for (size_t i = 0; i < FIRM_WORKERS; i++) {
                json_t *line = json_array_get(json_object_get(out, "lines"), i);
                assert_string_equal(json_string_value(json_object_get(line, "base_reason")), reasons[i]);
                assert_string_equal(json_string_value(json_object_get(line, "base")), bases[i]);
                assert_int_equal(town_money(of_scheme(json_object_get(line, "schemes"), "EP"), "account"), FIRM_ACCOUNT[i]);
        }
        json_decref(out);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM declaration"), 0);
        town_free(f.town);
}

static void nobody_reviews_what_they_entered(void **state)
{
        struct firm f = firm_new(state);
        int64_t instance = firm_declare(&f, "2025-11", 0, FIRM_WORKERS);

        assert_int_equal(town_decide(f.town, instance, 1, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_call(f.town, "contribution.declare", firm_declaration(&f, "2025-11", 0, 1), NULL),
                         SB_CONTRIBUTION_DECLARED);
        assert_int_equal(town_decide(f.town, instance, 2, "return"), SB_OK);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM declaration WHERE state = 'returned'"), 1);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM assessment"), 0);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM ledger_posting"), 0);
        firm_assess(&f, "2025-11", 0, FIRM_WORKERS); /* what was returned is declared again */
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM assessment"), 5);
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), FIRM_DUE);
        assert_int_equal(firm_book(&f, LEDGER_FUND), -FIRM_DUE);
        town_audit(f.town);
        town_free(f.town);
}

/* Two months are due. A part of the first comes in, then more than both; what is over pays the third. */
static void money_pays_the_oldest_first(void **state)
{
        struct firm f = firm_new(state);

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        firm_assess(&f, "2025-12", 0, FIRM_WORKERS);
        json_t *out = firm_receive(&f, "2000.00", "A1");
        assert_int_equal(town_money(out, "allocated"), 200000);
        assert_int_equal(json_array_size(json_object_get(out, "allocations")), 1);
        json_decref(out);
        assert_int_equal(
            town_count(f.town, "SELECT COUNT(*) FROM assessment WHERE received_fen > 0 AND month <> 2025 * 12 + 10"), 0);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM personal_account"), 0); /* nothing is paid in full yet */
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), 2 * FIRM_DUE - 200000);

        out = firm_receive(&f, "23000.00", "A2");
        fen_t over = 2500000 - 2 * FIRM_DUE;
        assert_int_equal(town_money(out, "suspense"), over);
        json_decref(out);
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), 0);
        assert_int_equal(firm_book(&f, LEDGER_BANK), 2500000);
        assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), -over);
        for (int i = 0; i < FIRM_WORKERS; i++)
                assert_int_equal(firm_balance(&f, i), 2 * FIRM_ACCOUNT[i]);
        /* A month of the same base lengthens the run: one for each worker and scheme. */
        assert_int_equal(town_count(f.town,
                                    "SELECT COUNT(*) FROM contribution WHERE month_from = 2025 * 12 + 10 AND month_to = "
                                    "2026 * 12"),
                         FIRM_WORKERS * 5);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM declaration WHERE state = 'paid'"), 2);
        town_audit(f.town);

        firm_assess(&f, "2026-01", 1, 1);
        fen_t third =
            town_count(f.town, "SELECT CAST(SUM(employer_fen + person_fen) AS @int) FROM assessment WHERE month = 2026 * 12");
        assert_int_equal(third, 273611);
        assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), 0);
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), third - over);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM receipt WHERE state = 'suspense'"), 0);
        town_audit(f.town);
        town_free(f.town);
}

static void a_receipt_counts_once(void **state)
{
        struct firm f = firm_new(state);
        json_t *first = NULL, *again = NULL;

        firm_assess(&f, "2025-11", 0, 1);
        for (int i = 0; i < 2; i++)
                assert_int_equal(
                    town_call_as(f.town, 1, ROLE_ANY, "receipt-key-1", "contribution.receive",
                                 json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)f.id, "amount", "10.00", "bank_ref", "B1"),
                                 i == 0 ? &first : &again),
                    SB_OK);
        assert_true(json_equal(first, again));
        json_decref(first);
        json_decref(again);
        assert_int_equal(
            town_call(f.town, "contribution.receive",
                      json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)f.id, "amount", "10.00", "bank_ref", "B1"), NULL),
            SB_CONTRIBUTION_BANK_REF);
        assert_int_equal(town_call(f.town, "contribution.receive",
                                   json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)f.id, "amount", "0.00", "bank_ref", "B2"),
                                   NULL),
                         SB_CONTRIBUTION_AMOUNT);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM receipt"), 1);
        assert_int_equal(firm_book(&f, LEDGER_BANK), 1000);
        town_free(f.town);
}

static void lines_that_cannot_be(void **state)
{
        struct firm f = firm_new(state);
        int64_t stranger = town_person(f.town, "赵新", "99010119850101111", "male");
        json_t *in = firm_declaration(&f, "2025-11", 0, 2), *lines = json_object_get(in, "lines"), *out = NULL;

        json_array_append(lines, json_array_get(lines, 0));
        json_array_append_new(lines, json_pack("{s:I,s:s}", "person", (json_int_t)stranger, "wage", "5000.00"));
        json_array_append_new(lines, json_pack("{s:I,s:s}", "person", (json_int_t)999999999, "wage", "5000.00"));
        assert_int_equal(town_call(f.town, "contribution.preview", json_incref(in), &out), SB_OK);
        json_t *faults = json_object_get(out, "faults");
        assert_int_equal(json_array_size(faults), 3);
        for (size_t i = 0; i < 3; i++) {
                char where[32];
                text_format(where, sizeof where, "lines[%zu].person", i + 2);
                assert_string_equal(json_string_value(json_object_get(json_array_get(faults, i), "where")), where);
        }
        json_decref(out);
        assert_int_not_equal(town_call(f.town, "contribution.declare", in, NULL), SB_OK);
        in = firm_declaration(&f, "2025-11", 0, 1);
        json_object_set_new(json_array_get(json_object_get(in, "lines"), 0), "wage", json_string("-1.00"));
        assert_int_equal(town_call(f.town, "contribution.declare", in, NULL), SB_CONTRIBUTION_WAGE);
        assert_string_equal(f.town->err.where, "lines[0].wage");
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM declaration"), 0);
        town_free(f.town);
}

/* Months declared and money received in any order and amount: what is owed, held and credited always follows from both. */
static void any_order_of_months_and_money(void **state)
{
        struct firm f = firm_new(state);
        struct rng r = rng_new(20261128, 3);
        fen_t received = 0;
        int months = 0;

        for (int step = 0; step < 14; step++) {
                char text[24], reference[24];
                if (months < 7 && rng_below(&r, 2) == 0) {
                        int count = 1 + (int)rng_below(&r, FIRM_WORKERS);
                        firm_assess(&f, month_text(2025 * 12 + 10 + months++, text),
                                    (int)rng_below(&r, (uint32_t)(FIRM_WORKERS - count + 1)), count);
                } else {
                        fen_t amount = rng_between(&r, 1, 1500000);
                        received += amount;
                        json_decref(
                            firm_receive(&f, money_text(amount, text), text_format(reference, sizeof reference, "R%d", step)));
                }
                fen_t due =
                    town_count(f.town, "SELECT CAST(COALESCE(SUM(employer_fen + person_fen), 0) AS @int) FROM assessment");
                fen_t spent = received < due ? received : due;
                assert_int_equal(firm_book(&f, LEDGER_BANK), received);
                assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), due - spent);
                assert_int_equal(firm_book(&f, LEDGER_SUSPENSE), spent - received);
                assert_int_equal(
                    -firm_book(&f, LEDGER_PERSONAL),
                    town_count(f.town,
                               "SELECT CAST(COALESCE(SUM(account_fen), 0) AS @int) FROM assessment WHERE state = 'paid'"));
                assert_int_equal(
                    -firm_book(&f, LEDGER_PERSONAL),
                    town_count(f.town, "SELECT CAST(COALESCE(SUM(balance_fen), 0) AS @int) FROM personal_account"));
                /* Never is a later month paid while an earlier one is open. */
                assert_int_equal(town_count(f.town,
                                            "SELECT COUNT(*) FROM assessment a JOIN assessment b ON b.month < a.month WHERE "
                                            "a.received_fen > 0 AND b.state = 'open'"),
                                 0);
        }
        town_audit(f.town);
        town_free(f.town);
}

/* A bill that is paid, and the money that paid it, are not taken out of the books beneath them; a balance that was taken over is,
 * by a colleague and once. */
static void only_what_stands_by_itself_is_reversed(void **state)
{
        struct firm f = firm_new(state);
        char id[24], csv[128];

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        json_decref(firm_receive(&f, "11275.85", "R-1"));
        assert_int_equal(firm_reverse(&f, 4, FIRM_LAST("contribution.assess")), SB_DESK_BOUND);
        assert_int_equal(firm_reverse(&f, 4, FIRM_LAST("contribution.receive")), SB_DESK_BOUND);
        assert_int_equal(firm_reverse(&f, 4, FIRM_LAST("contribution.credit")), SB_DESK_BOUND);
        int64_t newcomer = town_person(f.town, "司马青", "99010119800104111", "male");
        text_format(csv, sizeof csv, "id_number,scheme,balance\n%s,EP,100.00\n", town_id("99010119800104111", id));
        town_import(f.town, "balances", csv);
        assert_int_equal(firm_reverse(&f, 1, FIRM_LAST("opening")), SB_DESK_OWN);
        assert_int_equal(firm_reverse(&f, 4, FIRM_LAST("opening")), SB_OK);
        assert_int_equal(town_ask(f.town, "SELECT balance_fen FROM personal_account WHERE person = ?1@int", newcomer), 0);
        town_audit(f.town);
        assert_int_equal(firm_reverse(&f, 5, FIRM_LAST("opening")), SB_LEDGER_REVERSAL);
        town_free(f.town);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_a_month_would_cost),
            TEST_ON_BOTH(nobody_reviews_what_they_entered),
            TEST_ON_BOTH(money_pays_the_oldest_first),
            TEST_ON_BOTH(a_receipt_counts_once),
            TEST_ON_BOTH(lines_that_cannot_be),
            TEST_ON_BOTH(any_order_of_months_and_money),
            TEST_ON_BOTH(only_what_stands_by_itself_is_reversed),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
