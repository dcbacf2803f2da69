/* SPDX-License-Identifier: Apache-2.0
 *
 * Arrears on both databases: what is late, the late fee to the fen, orders, money, enforcement, and the auditor's word on each.
 */
#include "office/firm.h"

#include "base/rng.h"
#include "pack/pack.h"
#include "support/cairo_leak.h"

#include <string.h>

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
        firm_assess(&f, "2025-12", 0, FIRM_WORKERS);
        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        firm_assess(&f, "2026-11", 0, FIRM_WORKERS); /* not due yet */
        json_decref(firm_receive(&f, "3000.00", "A1"));
        assert_int_equal(town_call(f.town, "arrears.list", json_pack("{s:i}", "limit", 7), &out), SB_OK);
        const json_t *first = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 7);
        assert_string_equal(json_string_value(json_object_get(first, "month")), "2025-11");
        assert_int_equal(town_whole(first, "days_late"), day_from(2026, 11, 24) - day_from(2025, 12, 15));
        json_t *page = json_pack("{s:i,s:O}", "limit", 7, "cursor", json_object_get(out, "next"));
        json_decref(out);
        assert_int_equal(town_call(f.town, "arrears.list", page, &out), SB_OK);
        json_decref(out);
        assert_int_equal(town_call(f.town, "arrears.employers", json_object(), &out), SB_OK);
        first = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        assert_int_equal(town_whole(first, "months"), 2);
        assert_int_equal(town_money(first, "open"), 2 * FIRM_DUE - 300000);
        assert_int_equal(town_whole(first, "days_late"), day_from(2026, 11, 24) - day_from(2025, 12, 15));
        json_decref(out);
        out = preview(&f);
        assert_int_equal(town_money(out, "principal"), 2 * FIRM_DUE - 300000);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 10); /* one was paid, but late */
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

        firm_assess(&f, "2025-11", 0, FIRM_WORKERS);
        firm_assess(&f, "2025-12", 0, FIRM_WORKERS);
        int64_t instance = arrears_case(&f);
        ordered(&f, instance);
        day_t day = clock_today(f.town->house.clock);
        fen_t fees = fees_by_hand(&f, day);
        assert_true(fees > 0);
        assert_int_equal(town_count(f.town, "SELECT fee_fen FROM arrears_order"), fees);
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), 2 * FIRM_DUE + fees);
        assert_int_equal(firm_book(&f, LEDGER_FUND), -2 * FIRM_DUE - fees);
        town_audit(f.town);
        json_t *out = preview(&f); /* nothing is charged twice for the same days */
        assert_int_equal(town_money(out, "late_fee"), 0);
        const json_t *made = json_array_get(json_object_get(out, "orders"), 0), *fee;
        size_t lines;
        assert_int_equal(town_whole(out, "case"), instance);
        assert_true(town_whole(made, "document") > 0);
        json_array_foreach(json_object_get(made, "fees"), lines, fee) fees -= town_money(fee, "amount");
        assert_int_equal(lines, 10);
        assert_int_equal(fees, 0);
        fees = town_money(made, "late_fee");
        json_decref(out);
        out = firm_receive(&f, money_text(2 * FIRM_DUE + 100, text), "A1");
        assert_int_equal(json_array_size(json_object_get(out, "late_fees")), 1);
        json_decref(out);
        assert_false(case_is_done(&f, instance));
        out = firm_receive(&f, money_text(fees - 100, text), "A2");
        assert_int_equal(town_money(out, "suspense"), 0);
        json_decref(out);
        town_work(f.town);
        assert_true(case_is_done(&f, instance));
        assert_int_equal(firm_book(&f, LEDGER_RECEIVABLE), 0);
        assert_int_equal(town_count(f.town, "SELECT COUNT(*) FROM arrears_order WHERE state = 'settled'"), 1);
        for (int i = 0; i < FIRM_WORKERS; i++)
                assert_int_equal(firm_balance(&f, i), 2 * FIRM_ACCOUNT[i]); /* a late fee is nobody's contribution */
        assert_int_equal(firm_reverse(&f, 4, FIRM_LAST("arrears.order")), SB_DESK_BOUND);
        town_audit(f.town);
        town_free(f.town);
}

/* Nothing is open any more, and the pack charges the days for which it was. */
static void who_pays_after_the_reminder_owes_the_days(void **state)
{
        struct firm f = firm_new(state);
        char text[24];

        firm_assess(&f, "2025-11", 0, 1);
        int64_t instance = arrears_case(&f);
        json_decref(firm_receive(&f, "9000.00", "A1"));
        town_work(f.town);
        assert_false(case_is_done(&f, instance));
        json_t *out = preview(&f);
        fen_t fees = fees_by_hand(&f, clock_today(f.town->house.clock));
        assert_int_equal(town_money(out, "principal"), 0);
        assert_int_equal(town_money(out, "late_fee"), fees);
        json_decref(out);
        days_pass(&f, 3); /* what is paid grows no more */
        for (int64_t staff = 2; staff <= 4; staff++)
                assert_int_equal(town_decide(f.town, instance, staff, "approve"), SB_OK);
        assert_int_equal(town_decide(f.town, instance, 1, "approve"), SB_OK);
        assert_int_equal(town_count(f.town, "SELECT fee_fen FROM arrears_order WHERE principal_fen = 0"), fees);
        town_audit(f.town);
        json_decref(firm_receive(&f, money_text(fees, text), "A2"));
        town_work(f.town);
        assert_true(case_is_done(&f, instance));
        out = preview(&f);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        town_audit(f.town);
        town_free(f.town);
}

/* What is not paid in the term of the order is handed over; the late fee goes on, from the day after the order, to the principal and no
 * further. */
static void an_order_is_handed_over(void **state)
{
        struct firm f = firm_new(state);
        json_t *out = NULL;

        firm_assess(&f, "2025-11", 0, 1);
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

/* --- the late fee by the pack's model, against a formula of its own ------------------------------------------------------------------ */

struct part {
        fen_t amount;
        day_t from, to;
};

static fen_t late_fee(struct town *t, fen_t obligation, fen_t ordered, const struct part *parts, size_t count)
{
        json_t *list = json_array(), *result = NULL;
        char money[24], other[24], from[16], to[16];
        fen_t fee = 0;

        for (size_t i = 0; i < count; i++)
                json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "amount", money_text(parts[i].amount, money), "from",
                                                      day_text(parts[i].from, from), "to", day_text(parts[i].to, to)));
        json_t *in =
            json_pack("{s:[{s:i,s:s,s:s,s:s,s:o}]}", "owed", "assessment", 1, "obligation", money_text(obligation, money),
                      "ordered", money_text(ordered, other), "open", "1.00", "parts", list);
        assert_ok(pack_decide(t->pack, "arrears", "late_fees", day_from(2026, 11, 24), in, &result, NULL, &t->err), t->err);
        const json_t *v = json_array_get(json_object_get(result, "fees"), 0);
        if (json_is_integer(v))
                fee = json_integer_value(v) * 100;
        else
                assert_ok(money_parse(&fee, str_from(json_string_value(v)), &t->err), t->err);
        json_decref(in);
        json_decref(result);
        return fee;
}

/* 0.05 % for each day, half up, and all of an assessment's late fees not above what was owed. */
static fen_t late_fee_by_hand(fen_t obligation, fen_t ordered, const struct part *parts, size_t count)
{
        fen_t sum = 0, rest = obligation > ordered ? obligation - ordered : 0;

        for (size_t i = 0; i < count; i++)
                sum += parts[i].amount * (parts[i].to - parts[i].from + 1) * 5;
        return (sum + 5000) / 10000 < rest ? (sum + 5000) / 10000 : rest;
}

/* Monotone in the days, the same in one period as in two, the same as by hand; what is ordered in parts is the whole but for a fen's
 * rounding. */
static void a_late_fee_is_the_sum_of_its_days(void **state)
{
        enum test_engine engine = TEST_SQLITE;
        struct town *t = town_founded(engine);
        struct rng r = rng_new(9, 1);

        (void)state;
        for (int i = 0; i < 150; i++) {
                fen_t amount = rng_between(&r, 1, 9999999), paid = rng_between(&r, 0, amount - 1);
                day_t from = day_from(2019, 1, 1) + (day_t)rng_below(&r, 2000), days = 2 + (day_t)rng_below(&r, 800);
                day_t middle = from + (day_t)rng_below(&r, (uint32_t)days - 1), to = from + days - 1;
                const struct part whole[] = {{amount, from, to}}, split[] = {{amount, from, middle}, {amount, middle + 1, to}},
                                  less[] = {{amount, from, middle}, {amount - paid, middle + 1, to}},
                                  shorter[] = {{amount, from, to - 1}};
                fen_t fee = late_fee(t, amount, 0, whole, 1), first = late_fee(t, amount, 0, split, 1);
                assert_int_equal(fee, late_fee_by_hand(amount, 0, whole, 1));
                assert_int_equal(fee, late_fee(t, amount, 0, split, 2));
                assert_int_equal(late_fee(t, amount, 0, less, 2), late_fee_by_hand(amount, 0, less, 2));
                assert_true(late_fee(t, amount, 0, less, 2) <= fee);
                assert_true(late_fee(t, amount, 0, shorter, 1) <= fee);
                fen_t second = late_fee(t, amount, first, split + 1, 1);
                assert_in_range(first + second, fee > 1 ? fee - 1 : 0, fee + 1);
                assert_true(first + second <= amount);
        }
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(what_is_late_is_listed),
            TEST_ON_BOTH(an_order_is_paid),
            TEST_ON_BOTH(who_pays_after_the_reminder_owes_the_days),
            TEST_ON_BOTH(an_order_is_handed_over),
            cmocka_unit_test(a_late_fee_is_the_sum_of_its_days),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
