/* SPDX-License-Identifier: Apache-2.0
 *
 * Contributions on both databases, under the demonstration's law: from a declaration to the personal accounts. The figures of
 * the workers are those of the pack's worked examples (floor 4162, ceiling 20808 in 2025), added up by hand.
 */
#include "office/town.h"

#include "base/rng.h"
#include "support/cairo_leak.h"

#include <string.h>

enum { WORKERS = 3 };

struct firm {
        struct town *town;
        int64_t id, workers[WORKERS];
};
/* Below the floor, within, above the ceiling. */
static const char *const WAGES[WORKERS] = {"1.00", "8000.33", "99999.99"};
/* The account's part of each in the pension scheme; what all five schemes cost for all three. */
static const fen_t ACCOUNT[WORKERS] = {33296, 64003, 166464};
static const fen_t DUE = 1127585;

static struct firm firm_new(void **state)
{
        static const char *const names[WORKERS] = {"王小明", "李䶮", "欧阳海"};
        struct firm f = {.town = town_founded(*(enum test_engine *)*state)};
        char first[24];

        if (f.town == NULL)
                skip();
        f.id = town_employer(f.town, "云城第一机械厂", "91990101MA0000001", "990101");
        for (int i = 0; i < WORKERS; i++) {
                f.workers[i] =
                    town_person(f.town, names[i], text_format(first, sizeof first, "990101198001%02d111", i + 1), "male");
                town_employ(f.town, f.workers[i], f.id, day_from(2010, 1, 1));
        }
        return f;
}

static json_t *declaration(const struct firm *f, const char *month, int from, int count)
{
        json_t *lines = json_array();

        for (int i = from; i < from + count; i++)
                json_array_append_new(lines, json_pack("{s:I,s:s}", "person", (json_int_t)f->workers[i], "wage", WAGES[i]));
        return json_pack("{s:I,s:s,s:s,s:o}", "employer", (json_int_t)f->id, "month", month, "channel", "form", "lines", lines);
}

/* Declared by the first member of staff; answers the case. */
static int64_t declare(const struct firm *f, const char *month, int from, int count)
{
        json_t *out = NULL;

        assert_int_equal(town_call(f->town, "contribution.declare", declaration(f, month, from, count), &out), SB_OK);
        int64_t instance = town_whole(out, "case");
        json_decref(out);
        town_work(f->town);
        return instance;
}

/* Reviews and approvals of a case, as far as the rules ask for them, by others than who entered it; not its letters. */
static void decided(const struct firm *f, int64_t instance)
{
        for (int64_t staff = 2; staff <= 3; staff++)
                if (town_ask(f->town,
                             "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open' AND node <> 'serve'",
                             instance) == 1)
                        assert_int_equal(town_decide(f->town, instance, staff, "approve"), SB_OK);
}

/* Declared, confirmed, and assessed by the office itself. */
static void assess(const struct firm *f, const char *month, int from, int count)
{
        int64_t instance = declare(f, month, from, count);

        decided(f, instance);
        decided(f, town_ask(f->town,
                            "SELECT j.id FROM process_instance i JOIN process_instance j ON j.process = 'P07' AND j.subject = "
                            "i.subject AND j.subject_kind = i.subject_kind WHERE i.id = ?1@int",
                            instance));
        assert_int_equal(town_ask(f->town,
                                  "SELECT COUNT(*) FROM declaration d JOIN process_instance i ON i.subject = d.id WHERE i.id = "
                                  "?1@int AND d.state IN ('assessed', 'paid')",
                                  instance),
                         1);
}

/* Money comes in: a reviewer looks at the match, and what the rule does not pass is decided by another; answers the receipt as it
 * stands then. */
static json_t *receive(const struct firm *f, const char *amount, const char *reference)
{
        json_t *out = NULL;

        assert_int_equal(
            town_call(f->town, "contribution.receive",
                      json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)f->id, "amount", amount, "bank_ref", reference), &out),
            SB_OK);
        assert_string_equal(json_string_value(json_object_get(out, "state")), "checking");
        int64_t instance = town_whole(out, "case"), receipt = town_whole(out, "id");
        assert_int_equal(town_money(out, "allocated"), 0);
        assert_int_equal(town_decide(f->town, instance, 1, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_decide(f->town, instance, 2, "approve"), SB_OK);
        if (town_ask(f->town, "SELECT COUNT(*) FROM task WHERE instance = ?1@int AND state = 'open' AND node = 'approve'",
                     instance) == 1) {
                assert_int_equal(town_decide(f->town, instance, 2, "approve"), SB_CASE_FOUR_EYES);
                assert_int_equal(town_decide(f->town, instance, 3, "approve"), SB_OK);
        }
        json_decref(out);
        assert_int_equal(
            town_call(f->town, "contribution.receipt_get", json_pack("{s:I}", "receipt", (json_int_t)receipt), &out), SB_OK);
        return out;
}

static fen_t book(const struct firm *f, enum ledger_kind kind)
{
        return town_ask(f->town, "SELECT CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM ledger_posting WHERE kind = ?1@int",
                        kind);
}

static fen_t balance(const struct firm *f, int worker)
{
        return town_ask(f->town, "SELECT balance_fen FROM personal_account WHERE scheme = 'EP' AND person = ?1@int",
                        f->workers[worker]);
}

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
        static const char *const reasons[WORKERS] = {"floor", "within", "ceiling"};
        static const char *const bases[WORKERS] = {"4162.00", "8000.33", "20808.00"};
        json_t *out = NULL;

        assert_int_equal(town_call(f.town, "contribution.preview", declaration(&f, "2025-11", 0, WORKERS), &out), SB_OK);
        assert_int_equal(town_money(out, "total"), DUE);
        assert_int_equal(json_array_size(json_object_get(out, "totals")), 5);
        for (size_t i = 0; i < WORKERS; i++) {
                json_t *line = json_array_get(json_object_get(out, "lines"), i);
                assert_string_equal(json_string_value(json_object_get(line, "base_reason")), reasons[i]);
                assert_string_equal(json_string_value(json_object_get(line, "base")), bases[i]);
                assert_int_equal(town_money(of_scheme(json_object_get(line, "schemes"), "EP"), "account"), ACCOUNT[i]);
        }
        json_decref(out);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM declaration"), 0);
        town_free(f.town);
}

static void nobody_reviews_what_they_entered(void **state)
{
        struct firm f = firm_new(state);
        int64_t instance = declare(&f, "2025-11", 0, WORKERS);

        assert_int_equal(town_decide(f.town, instance, 1, "approve"), SB_CASE_FOUR_EYES);
        assert_int_equal(town_call(f.town, "contribution.declare", declaration(&f, "2025-11", 0, 1), NULL),
                         SB_CONTRIBUTION_DECLARED);
        assert_int_equal(town_decide(f.town, instance, 2, "return"), SB_OK);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM declaration WHERE state = 'returned'"), 1);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM assessment"), 0);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM ledger_posting"), 0);
        assess(&f, "2025-11", 0, WORKERS); /* what was returned is declared again */
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM assessment"), 5);
        assert_int_equal(book(&f, LEDGER_RECEIVABLE), DUE);
        assert_int_equal(book(&f, LEDGER_FUND), -DUE);
        town_audit(f.town);
        town_free(f.town);
}

/* Two months are due. A part of the first comes in, then more than both; what is over pays the third. */
static void money_pays_the_oldest_first(void **state)
{
        struct firm f = firm_new(state);

        assess(&f, "2025-11", 0, WORKERS);
        assess(&f, "2025-12", 0, WORKERS);
        json_t *out = receive(&f, "2000.00", "A1");
        assert_int_equal(town_money(out, "allocated"), 200000);
        assert_int_equal(json_array_size(json_object_get(out, "allocations")), 1);
        json_decref(out);
        assert_int_equal(
            town_count(f.town, "SELECT COUNT(*) FROM assessment WHERE received_fen > 0 AND month <> 2025 * 12 + 10"), 0);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM personal_account"), 0); /* nothing is paid in full yet */
        assert_int_equal(book(&f, LEDGER_RECEIVABLE), 2 * DUE - 200000);

        out = receive(&f, "23000.00", "A2");
        fen_t over = 2500000 - 2 * DUE;
        assert_int_equal(town_money(out, "suspense"), over);
        json_decref(out);
        assert_int_equal(book(&f, LEDGER_RECEIVABLE), 0);
        assert_int_equal(book(&f, LEDGER_BANK), 2500000);
        assert_int_equal(book(&f, LEDGER_SUSPENSE), -over);
        for (int i = 0; i < WORKERS; i++)
                assert_int_equal(balance(&f, i), 2 * ACCOUNT[i]);
        /* A month of the same base lengthens the run: one for each worker and scheme. */
        assert_int_equal(town_count(f.town,
                                    "SELECT COUNT(*) FROM contribution WHERE month_from = 2025 * 12 + 10 AND month_to = "
                                    "2026 * 12"),
                         WORKERS * 5);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM declaration WHERE state = 'paid'"), 2);
        town_audit(f.town);

        assess(&f, "2026-01", 1, 1);
        fen_t third =
            town_count(f.town, "SELECT CAST(SUM(employer_fen + person_fen) AS @int) FROM assessment WHERE month = 2026 * 12");
        assert_int_equal(third, 273611);
        assert_int_equal(book(&f, LEDGER_SUSPENSE), 0);
        assert_int_equal(book(&f, LEDGER_RECEIVABLE), third - over);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM receipt WHERE state = 'suspense'"), 0);
        town_audit(f.town);
        town_free(f.town);
}

static void a_receipt_counts_once(void **state)
{
        struct firm f = firm_new(state);
        json_t *first = NULL, *again = NULL;

        assess(&f, "2025-11", 0, 1);
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
        assert_int_equal(book(&f, LEDGER_BANK), 1000);
        town_free(f.town);
}

static void lines_that_cannot_be(void **state)
{
        struct firm f = firm_new(state);
        int64_t stranger = town_person(f.town, "赵新", "99010119850101111", "male");
        json_t *in = declaration(&f, "2025-11", 0, 2), *lines = json_object_get(in, "lines"), *out = NULL;

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
        in = declaration(&f, "2025-11", 0, 1);
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
                        int count = 1 + (int)rng_below(&r, WORKERS);
                        assess(&f, month_text(2025 * 12 + 10 + months++, text),
                               (int)rng_below(&r, (uint32_t)(WORKERS - count + 1)), count);
                } else {
                        fen_t amount = rng_between(&r, 1, 1500000);
                        received += amount;
                        json_decref(
                            receive(&f, money_text(amount, text), text_format(reference, sizeof reference, "R%d", step)));
                }
                fen_t due =
                    town_count(f.town, "SELECT CAST(COALESCE(SUM(employer_fen + person_fen), 0) AS @int) FROM assessment");
                fen_t spent = received < due ? received : due;
                assert_int_equal(book(&f, LEDGER_BANK), received);
                assert_int_equal(book(&f, LEDGER_RECEIVABLE), due - spent);
                assert_int_equal(book(&f, LEDGER_SUSPENSE), spent - received);
                assert_int_equal(
                    -book(&f, LEDGER_PERSONAL),
                    town_count(f.town,
                               "SELECT CAST(COALESCE(SUM(account_fen), 0) AS @int) FROM assessment WHERE state = 'paid'"));
                assert_int_equal(
                    -book(&f, LEDGER_PERSONAL),
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

#define LAST(kind) "SELECT MAX(id) FROM ledger_transaction WHERE kind = '" kind "'"
static enum error_code reverse(const struct firm *f, int64_t staff, const char *last)
{
        json_t *in = json_pack("{s:I,s:s}", "transaction", (json_int_t)town_count(f->town, last), "reason", "entered twice");

        return town_call_as(f->town, staff, ROLE_APPROVER, "", "ledger.transaction_reverse", in, NULL);
}

/* A bill that is paid, and the money that paid it, are not taken out of the books beneath them; a balance that was taken over is,
 * by a colleague and once. */
static void only_what_stands_by_itself_is_reversed(void **state)
{
        struct firm f = firm_new(state);
        char id[24], csv[128];

        assess(&f, "2025-11", 0, WORKERS);
        json_decref(receive(&f, "11275.85", "R-1"));
        assert_int_equal(reverse(&f, 4, LAST("contribution.assess")), SB_DESK_BOUND);
        assert_int_equal(reverse(&f, 4, LAST("contribution.receive")), SB_DESK_BOUND);
        assert_int_equal(reverse(&f, 4, LAST("contribution.credit")), SB_DESK_BOUND);
        int64_t newcomer = town_person(f.town, "司马青", "99010119800104111", "male");
        text_format(csv, sizeof csv, "id_number,scheme,balance\n%s,EP,100.00\n", town_id("99010119800104111", id));
        town_import(f.town, "balances", csv);
        assert_int_equal(reverse(&f, 1, LAST("opening")), SB_DESK_OWN);
        assert_int_equal(reverse(&f, 4, LAST("opening")), SB_OK);
        assert_int_equal(town_ask(f.town, "SELECT balance_fen FROM personal_account WHERE person = ?1@int", newcomer), 0);
        town_audit(f.town);
        assert_int_equal(reverse(&f, 5, LAST("opening")), SB_LEDGER_REVERSAL);
        town_free(f.town);
}

/* --- arrears ---------------------------------------------------------------------------------------------------------------- */

/* 0.05 % for each day after the fifteenth of the month that follows, by hand: each assessment rounded to the fen, half up. */
static fen_t fees_by_hand(const struct firm *f, day_t to)
{
        /* Day 0 is 1970-01-01: the months fell due on 2025-12-15 and 2026-01-15. */
        return town_ask(
            f->town,
            "SELECT CAST(SUM(((employer_fen + person_fen) * 5 * (?1@int - CASE month WHEN 2025 * 12 + 10 THEN 20437 "
            "ELSE 20468 END) + 5000) / 10000) AS @int) FROM assessment",
            to);
}

static json_t *preview(const struct firm *f)
{
        json_t *out = NULL;

        assert_int_equal(town_call(f->town, "arrears.preview", json_pack("{s:I}", "employer", (json_int_t)f->id), &out), SB_OK);
        return out;
}

static int64_t arrears_case(const struct firm *f)
{
        json_t *out = NULL;

        assert_int_equal(town_call(f->town, "arrears.open", json_pack("{s:I}", "employer", (json_int_t)f->id), &out), SB_OK);
        int64_t instance = town_whole(out, "case");
        json_decref(out);
        assert_int_equal(town_call(f->town, "arrears.open", json_pack("{s:I}", "employer", (json_int_t)f->id), NULL),
                         SB_ARREARS_CASE);
        for (int i = 0; i < 2; i++)
                assert_int_equal(town_decide(f->town, instance, 1, "approve"), SB_OK);
        return instance;
}

static void days_pass(const struct firm *f, int days)
{
        clock_set(f->town->house.clock, clock_now(f->town->house.clock) + (instant_t)days * 86400 * 1000000);
        town_work(f->town);
}

/* The term of the reminder passes, and the order is signed and served. */
static void ordered(const struct firm *f, int64_t instance)
{
        days_pass(f, 12);
        for (int64_t staff = 2; staff <= 4; staff++)
                assert_int_equal(town_decide(f->town, instance, staff, "approve"), SB_OK);
        assert_int_equal(town_decide(f->town, instance, 1, "approve"), SB_OK);
}

static bool case_is_done(const struct firm *f, int64_t instance)
{
        return town_ask(f->town, "SELECT COUNT(*) FROM process_instance WHERE id = ?1@int AND state = 'done'", instance) == 1;
}

static void what_is_late_is_listed(void **state)
{
        struct firm f = firm_new(state);
        json_t *out = NULL;

        assert_int_equal(town_call(f.town, "arrears.open", json_pack("{s:I}", "employer", (json_int_t)f.id), NULL),
                         SB_ARREARS_NONE);
        assess(&f, "2025-12", 0, WORKERS);
        assess(&f, "2025-11", 0, WORKERS);
        assess(&f, "2026-11", 0, WORKERS); /* not due yet */
        json_decref(receive(&f, "3000.00", "A1"));
        assert_int_equal(town_call(f.town, "arrears.list", json_pack("{s:i}", "limit", 7), &out), SB_OK);
        const json_t *first = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 7);
        assert_string_equal(json_string_value(json_object_get(first, "month")), "2025-11");
        assert_int_equal(town_whole(first, "days_late"), day_from(2026, 11, 24) - day_from(2025, 12, 15));
        json_t *page = json_pack("{s:i,s:O}", "limit", 7, "cursor", json_object_get(out, "next"));
        json_decref(out);
        assert_int_equal(town_call(f.town, "arrears.list", page, &out), SB_OK);
        json_decref(out);
        out = preview(&f);
        assert_int_equal(town_money(out, "principal"), 2 * DUE - 300000);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 9); /* one was paid, another in part */
        json_decref(out);
        assert_int_equal(town_call(f.town, "arrears.preview",
                                   json_pack("{s:I,s:s}", "employer", (json_int_t)f.id, "day", "2026-11-25"), NULL),
                         SB_ARREARS_DAY);
        town_free(f.town);
}

/* From the list to the archive: reminder, late fee to the day of the order, money that pays both, the case that hears of it. */
static void an_order_is_paid(void **state)
{
        struct firm f = firm_new(state);
        char text[24];

        assess(&f, "2025-11", 0, WORKERS);
        assess(&f, "2025-12", 0, WORKERS);
        int64_t instance = arrears_case(&f);
        ordered(&f, instance);
        day_t day = clock_today(f.town->house.clock);
        fen_t fees = fees_by_hand(&f, day);
        assert_true(fees > 0);
        assert_int_equal(town_count(f.town, "SELECT fee_fen FROM arrears_order"), fees);
        assert_int_equal(book(&f, LEDGER_RECEIVABLE), 2 * DUE + fees);
        assert_int_equal(book(&f, LEDGER_FUND), -2 * DUE - fees);
        town_audit(f.town);
        json_t *out = preview(&f); /* nothing is charged twice for the same days */
        assert_int_equal(town_money(out, "late_fee"), 0);
        json_decref(out);
        out = receive(&f, money_text(2 * DUE + 100, text), "A1");
        assert_int_equal(json_array_size(json_object_get(out, "late_fees")), 1);
        json_decref(out);
        assert_false(case_is_done(&f, instance));
        out = receive(&f, money_text(fees - 100, text), "A2");
        assert_int_equal(town_money(out, "suspense"), 0);
        json_decref(out);
        town_work(f.town);
        assert_true(case_is_done(&f, instance));
        assert_int_equal(book(&f, LEDGER_RECEIVABLE), 0);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM arrears_order WHERE state = 'settled'"), 1);
        for (int i = 0; i < WORKERS; i++)
                assert_int_equal(balance(&f, i), 2 * ACCOUNT[i]); /* a late fee is nobody's contribution */
        assert_int_equal(reverse(&f, 4, LAST("arrears.order")), SB_DESK_BOUND);
        town_audit(f.town);
        town_free(f.town);
}

static void who_pays_after_the_reminder_ends_the_case(void **state)
{
        struct firm f = firm_new(state);

        assess(&f, "2025-11", 0, 1);
        int64_t instance = arrears_case(&f);
        json_decref(receive(&f, "9000.00", "A1"));
        town_work(f.town);
        assert_true(case_is_done(&f, instance));
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM late_fee"), 0);
        town_audit(f.town);
        town_free(f.town);
}

/* What is not paid in the term of the order is handed over; the late fee goes on, from the day after the order, to the principal and no
 * further. */
static void an_order_is_handed_over(void **state)
{
        struct firm f = firm_new(state);
        json_t *out = NULL;

        assess(&f, "2025-11", 0, 1);
        int64_t instance = arrears_case(&f);
        ordered(&f, instance);
        days_pass(&f, 12);
        assert_int_equal(town_decide(f.town, instance, 1, "approve"), SB_CASE_FORM);
        out = json_pack(
            "{s:I,s:{s:s,s:s,s:s,s:s}}", "task",
            (json_int_t)town_ask(
                f.town, "SELECT id FROM task WHERE instance = ?1@int AND node = 'hand_over' AND state = 'open'", instance),
            "outcome", "decision", "approve", "body", "云城市中级人民法院", "day", "2026-12-15", "reference", "移1号");
        assert_int_equal(town_call(f.town, "tasks.complete", out, NULL), SB_OK);
        town_work(f.town);
        assert_true(case_is_done(&f, instance));
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM arrears_order WHERE state = 'enforced' AND body_day > 0"), 1);
        days_pass(&f, 10);
        out = preview(&f);
        fen_t principal = town_money(out, "principal"), fees = town_count(f.town, "SELECT fee_fen FROM arrears_order");
        assert_int_equal(town_whole(json_array_get(json_object_get(out, "items"), 0), "days_late"),
                         clock_today(f.town->house.clock) - day_from(2025, 12, 15));
        assert_true(town_money(out, "late_fee") > 0 && town_money(out, "late_fee") < fees);
        json_decref(out);
        clock_set(f.town->house.clock, day_instant(day_from(2033, 1, 3)));
        out = preview(&f);
        assert_int_equal(town_money(out, "late_fee") + fees, principal);
        json_decref(out);
        town_audit(f.town);
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
            TEST_ON_BOTH(what_is_late_is_listed),
            TEST_ON_BOTH(an_order_is_paid),
            TEST_ON_BOTH(who_pays_after_the_reminder_ends_the_case),
            TEST_ON_BOTH(an_order_is_handed_over),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
