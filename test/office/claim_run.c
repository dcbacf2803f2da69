/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs of one-off payments on both databases: listed, reviewed, released, filed, settled, returned, corrected and paid again; a benefit
 * that came back paid before the next month; and random sequences of all of it, in which no fen is paid twice or lost.
 */
#include "office/claims.h"

#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

/* --- steps ---------------------------------------------------------------------------------------------------------------------- */

static enum error_code claims_run(struct town *t, int64_t *run)
{
        json_t *out = NULL;
        enum error_code code = town_call(t, "payment.claims_run", json_pack("{s:I}", "pool", (json_int_t)town_pool(t)), &out);

        if (code == SB_OK)
                *run = town_whole(out, "id");
        json_decref(out);
        town_work(t);
        return code;
}

static int64_t claims_computed(struct town *t)
{
        int64_t run = 0;

        assert_int_equal(claims_run(t, &run), SB_OK);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'computed' AND kind = 'claims' AND id = ?1@int", run),
            1);
        reviewed(t, run);
        return run;
}

static void file(struct town *t, int64_t run)
{
        assert_int_equal(town_call(t, "payment.file", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        town_work(t);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'filed' AND id = ?1@int", run), 1);
}

static int64_t claims_paid_out(struct town *t)
{
        int64_t run = claims_computed(t);

        assert_int_equal(release(t, 2, "", run), SB_OK);
        town_work(t);
        file(t, run);
        return run;
}

/* The bank gives back what was paid to an item of a run. */
static void back(struct town *t, int64_t run, int64_t item, fen_t amount, const char *id)
{
        char details[256];

        text_format(
            details, sizeof details,
            "<TxDtls><Refs><EndToEndId>R%lldA%lld</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>",
            (long long)run, (long long)item);
        json_t *out = statement(t, id, true, amount, details);
        assert_int_equal(town_whole(out, "returned"), 1);
        json_decref(out);
}

static enum error_code payee(struct town *t, int64_t staff, int64_t claim, const char *account)
{
        return town_call_as(t, staff, ROLE_ANY, "", "payment.claim_payee",
                            json_pack("{s:I,s:s,s:s,s:s,s:s}", "claim", (json_int_t)claim, "name", "王小明", "bank", "云城银行",
                                      "account", account, "note", "银行来函更正"),
                            NULL);
}

static enum error_code checked(struct town *t, int64_t staff, int64_t claim, const char *decision)
{
        return town_call_as(t, staff, ROLE_ANY, "", "payment.claim_check",
                            json_pack("{s:I,s:s}", "claim", (json_int_t)claim, "decision", decision), NULL);
}

static enum error_code repay(struct town *t, int64_t run, int64_t of, int64_t *claim)
{
        json_t *out = NULL;
        enum error_code code = town_call(
            t, "payment.repay",
            json_pack("{s:I,s:I,s:s}", "run", (json_int_t)run, "award", (json_int_t)of, "reason", "银行账户已更正"), &out);

        if (code == SB_OK)
                *claim = town_whole(out, "claim");
        json_decref(out);
        return code;
}

static enum error_code cancel(struct town *t, int64_t claim)
{
        return town_call(t, "payment.claim_cancel",
                         json_pack("{s:I,s:s}", "claim", (json_int_t)claim, "reason", "改由下月发放"), NULL);
}

/* Texts of SQL are told apart by their address: each is a literal. */
static void state_is(struct town *t, int64_t claim, const char *state)
{
        static const char *const states[] = {"open", "listed", "paid", "returned", "corrected", "cancelled"};
        int64_t is =
            town_ask(t,
                     "SELECT CASE state WHEN 'open' THEN 0 WHEN 'listed' THEN 1 WHEN 'paid' THEN 2 WHEN 'returned' THEN 3 "
                     "WHEN 'corrected' THEN 4 ELSE 5 END FROM payment_claim WHERE id = ?1@int",
                     claim);

        assert_string_equal(states[is], state);
}

/* --- one after the other ---------------------------------------------------------------------------------------------------------- */

static void a_lump_sum_from_the_claim_to_the_statement(void **state)
{
        struct town *t = town_of(state, 2);
        struct adding a = claim_of_person(t, 0, 500000, 200000), b = claim_of_person(t, 1, 123, 0);
        int64_t run;
        json_t *out = NULL;

        assert_int_equal(claims_run(t, &run), SB_CLAIM_NONE);
        assert_int_equal(claim_added(t, &a), SB_OK);
        assert_int_equal(claim_added(t, &b), SB_OK);
        fen_t fund = book(t, LEDGER_FUND);
        run = claims_computed(t);
        assert_int_equal(claims_run(t, &(int64_t){0}), SB_PAYMENT_RUN_OPEN);
        state_is(t, a.claim, "listed");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 500123);
        assert_int_equal(town_ask(t, "SELECT account_fen FROM payment_run WHERE id = ?1@int", run), 200000);
        assert_int_equal(release(t, 1, "", run), SB_PAYMENT_FOUR_EYES);
        assert_int_equal(release(t, 2, "", run), SB_OK);
        town_work(t);
        file(t, run);
        assert_int_equal(town_call(t, "payment.payments", json_pack("{s:I}", "run", (json_int_t)run), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 2);
        json_decref(out);
        assert_int_equal(town_call(t, "payment.get", json_pack("{s:I}", "run", (json_int_t)run), &out), SB_OK);
        const char *hash = json_string_value(json_object_get(json_array_get(json_object_get(out, "files"), 0), "hash"));
        assert_non_null(hash);
        assert_int_equal(town_call(t, "payment.file_get", json_pack("{s:s}", "hash", hash), NULL), SB_OK);
        json_decref(out);
        json_decref(statement_of_file(t, run, "S1"));
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'settled' AND id = ?1@int", run), 1);
        state_is(t, a.claim, "paid");
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        assert_int_equal(book(t, LEDGER_BANK), FUNDS - 500123);
        assert_int_equal(book(t, LEDGER_FUND), fund); /* the debt was posted when it came to be */
        a.cancel = "太晚了";
        assert_int_equal(claim_added(t, &a), SB_CLAIM_STATE);
        town_audit(t);
        town_free(t);
}

static void what_came_back_is_corrected_by_two_and_paid_again(void **state)
{
        struct town *t = town_of(state, 1);
        struct adding a = claim_of_person(t, 0, 7700, 0);
        json_t *out = NULL, *one;

        assert_int_equal(claim_added(t, &a), SB_OK);
        int64_t first = claims_paid_out(t);
        assert_int_equal(payee(t, 1, a.claim, "6299000000009999"), SB_CLAIM_STATE);
        json_decref(statement_of_file(t, first, "S1"));
        back(t, first, a.claim, 7700, "S2");
        state_is(t, a.claim, "returned");
        assert_int_equal(book(t, LEDGER_PAYABLE), -7700);
        assert_int_equal(claims_run(t, &(int64_t){0}), SB_CLAIM_NONE);
        assert_int_equal(checked(t, 2, a.claim, "approve"), SB_CLAIM_STATE); /* nothing waits */
        assert_int_equal(payee(t, 1, a.claim, "6299000000009998"), SB_OK);
        assert_int_equal(payee(t, 3, a.claim, "6299000000009999"), SB_CLAIM_WAITS);
        assert_int_equal(checked(t, 1, a.claim, "approve"), SB_CLAIM_FOUR_EYES);
        assert_int_equal(checked(t, 2, a.claim, "refuse"), SB_OK);
        state_is(t, a.claim, "returned");
        assert_int_equal(payee(t, 1, a.claim, "6299000000009999"), SB_OK);
        assert_int_equal(checked(t, 2, a.claim, "approve"), SB_OK);
        state_is(t, a.claim, "corrected");
        int64_t second = claims_paid_out(t);
        assert_int_not_equal(first, second);
        json_decref(statement_of_file(t, second, "S3"));
        state_is(t, a.claim, "paid");
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        assert_int_equal(book(t, LEDGER_BANK), FUNDS - 7700);
        /* Its page tells each run that listed it, and each account. */
        assert_int_equal(town_call(t, "payment.claim_get", json_pack("{s:I}", "claim", (json_int_t)a.claim), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "runs")), 2);
        one = json_array_get(json_object_get(out, "runs"), 1);
        assert_int_equal(town_whole(one, "run"), first);
        assert_string_equal(json_string_value(json_object_get(one, "return_code")), "AC04");
        assert_int_equal(json_array_size(json_object_get(out, "payees")), 3);
        one = json_array_get(json_object_get(out, "payees"), 0);
        assert_true(json_is_true(json_object_get(one, "own"))); /* who asks entered it: somebody else checks */
        assert_true(json_is_string(json_object_get(one, "checked_at")));
        json_decref(out);
        /* The file of the first run is still the one that was sent. */
        assert_int_equal(town_call(t, "payment.get", json_pack("{s:I}", "run", (json_int_t)first), &out), SB_OK);
        const char *hash = json_string_value(json_object_get(json_array_get(json_object_get(out, "files"), 0), "hash"));
        assert_int_equal(town_call(t, "payment.file_get", json_pack("{s:s}", "hash", hash), NULL), SB_OK);
        json_decref(out);
        town_audit(t);
        town_free(t);
}

static void a_cancelled_run_leaves_its_claims(void **state)
{
        struct town *t = town_of(state, 1);
        struct adding a = claim_of_person(t, 0, 7700, 0);

        assert_int_equal(claim_added(t, &a), SB_OK);
        int64_t run = claims_computed(t);
        assert_int_equal(town_call(t, "payment.cancel", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        state_is(t, a.claim, "open");
        town_audit(t);
        assert_int_not_equal(claims_computed(t), run);
        town_audit(t);
        town_free(t);
}

static void a_benefit_that_came_back_is_paid_before_the_next_month(void **state)
{
        struct town *t = town_of(state, 2);
        int64_t first = award(t, 0), claim = 0, run = paid(t, NOW_MONTH);

        json_decref(statement_of_file(t, run, "S1"));
        assert_int_equal(repay(t, run, first, &claim), SB_CLAIM_RETURNED);
        back(t, run, first, TOTAL, "S2");
        assert_int_equal(repay(t, run, first, &claim), SB_OK);
        assert_int_equal(repay(t, run, first, &claim), SB_CLAIM_RETURNED);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM award_stop WHERE award = ?1@int AND known_to > 9000000000000000", first), 0);
        int64_t again = claims_paid_out(t);
        json_decref(statement_of_file(t, again, "S3"));
        state_is(t, claim, "paid");
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        assert_int_equal(book(t, LEDGER_BANK), FUNDS - 2 * TOTAL);
        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000); /* 2026-12-02 */
        run = paid(t, "2026-12");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 2 * TOTAL);
        assert_int_equal(town_count(t, "SELECT CAST(SUM(balance_fen) AS @int) FROM personal_account"),
                         2 * 10000000 - 4 * ACCOUNT);
        assert_int_equal(cancel(t, claim), SB_CLAIM_STATE);
        town_audit(t);
        town_free(t);
}

/* While a month is made, nothing that it counts on changes; what is taken back is the month's again. */
static void a_month_and_what_came_back_do_not_cross(void **state)
{
        struct town *t = town_of(state, 1);
        int64_t first = award(t, 0), claim = 0, run = paid(t, NOW_MONTH);

        json_decref(statement_of_file(t, run, "S0"));
        back(t, run, first, TOTAL, "S1");
        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000);
        int64_t december = computed(t, "2026-12");
        assert_int_equal(repay(t, run, first, &claim), SB_PAYMENT_RUN_OPEN);
        assert_int_equal(town_call(t, "payment.cancel", json_pack("{s:I}", "run", (json_int_t)december), NULL), SB_OK);
        assert_int_equal(repay(t, run, first, &claim), SB_OK);
        december = computed(t, "2026-12");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", december), TOTAL);
        assert_int_equal(cancel(t, claim), SB_PAYMENT_RUN_OPEN);
        assert_int_equal(town_call(t, "payment.cancel", json_pack("{s:I}", "run", (json_int_t)december), NULL), SB_OK);
        assert_int_equal(cancel(t, claim), SB_OK);
        town_audit(t);
        clock_advance(t->house.clock, 1000000);
        december = paid(t, "2026-12");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", december), 2 * TOTAL);
        assert_int_equal(-book(t, LEDGER_PAYABLE), 2 * TOTAL);
        town_audit(t);
        town_free(t);
}

/* --- any sequence ------------------------------------------------------------------------------------------------------------------ */

enum { PEOPLE = 3, STEPS = 60 };

struct chaos {
        struct town *town;
        struct rng rng;
        int statements, months; /* months: run after 2026-11 */
        fen_t claimed;          /* one-off amounts that were added and not taken back */
};

#define PICK(x, sql) pick(x, "SELECT COUNT(*) FROM (" sql ") x", sql " ORDER BY 1 LIMIT 1 OFFSET ?1@int")
static int64_t pick(struct chaos *x, const char *count, const char *one)
{
        int64_t n = town_count(x->town, count);

        return n == 0 ? 0 : town_ask(x->town, one, rng_between(&x->rng, 0, n - 1));
}

static const char *statement_name(struct chaos *x, char out[24])
{
        return text_format(out, 24, "C%d", ++x->statements);
}

static void chaos_add(struct chaos *x)
{
        fen_t amount = rng_between(&x->rng, 1, 100000), part = rng_between(&x->rng, 0, 1) ? rng_between(&x->rng, 0, amount) : 0;
        struct adding a = claim_of_person(x->town, (int)rng_between(&x->rng, 0, PEOPLE - 1), amount, part);

        assert_int_equal(claim_added(x->town, &a), SB_OK);
        x->claimed += amount;
}

static void chaos_month(struct chaos *x)
{
        char text[16];
        int64_t run;

        if (x->months >= 4 ||
            town_count(
                x->town,
                "SELECT COUNT(*) FROM payment_run WHERE kind = 'month' AND state IN ('computed', 'freezing', 'releasing')"))
                return;
        if (x->months++ > 0)
                clock_advance(x->town->house.clock, (int64_t)30 * 86400 * 1000000);
        run = computed(x->town, month_text(month_of(clock_today(x->town->house.clock)), text));
        (void)run;
}

static void chaos_release(struct chaos *x)
{
        int64_t run = PICK(x, "SELECT id FROM payment_run WHERE state = 'computed'");

        if (run == 0)
                return;
        if (rng_between(&x->rng, 0, 3) == 0)
                assert_int_equal(town_call(x->town, "payment.cancel", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        else
                assert_int_equal(release(x->town, 2, "", run), SB_OK);
        town_work(x->town);
}

static void chaos_file(struct chaos *x)
{
        int64_t run = PICK(x, "SELECT id FROM payment_run WHERE state = 'released'");

        if (run != 0)
                file(x->town, run);
}

static void chaos_settle(struct chaos *x)
{
        int64_t run = PICK(x, "SELECT id FROM payment_run WHERE state = 'filed'");
        char name[24];

        if (run != 0)
                json_decref(statement_of_file(x->town, run, statement_name(x, name)));
}

static void chaos_back(struct chaos *x)
{
        int64_t item = PICK(x, "SELECT y.item FROM payment_row y JOIN payment_run r ON r.id = y.run WHERE y.state = 'due' AND "
                               "r.state IN ('filed', 'settled')");
        char name[24];

        if (item == 0)
                return;
        int64_t run = town_ask(x->town,
                               "SELECT MAX(y.run) FROM payment_row y JOIN payment_run r ON r.id = y.run WHERE y.state = 'due' "
                               "AND r.state IN ('filed', 'settled') AND y.item = ?1@int",
                               item);
        fen_t amount = town_ask(x->town,
                                "SELECT y.amount_fen FROM payment_row y JOIN payment_run r ON r.id = y.run WHERE y.state = "
                                "'due' AND r.state IN ('filed', 'settled') AND y.item = ?1@int ORDER BY y.run DESC LIMIT 1",
                                item);
        back(x->town, run, item, amount, statement_name(x, name));
}

static void chaos_correct(struct chaos *x)
{
        int64_t claim = PICK(x, "SELECT id FROM payment_claim WHERE state = 'returned'");

        if (claim == 0)
                return;
        assert_int_equal(payee(x->town, 1, claim, "6299000000009999"), SB_OK);
        assert_int_equal(checked(x->town, 2, claim, rng_between(&x->rng, 0, 2) ? "approve" : "refuse"), SB_OK);
}

static void chaos_repay(struct chaos *x)
{
        int64_t run = PICK(x, "SELECT run FROM payment WHERE state = 'returned'"), claim;

        if (run == 0)
                return;
        enum error_code code =
            repay(x->town, run,
                  town_ask(x->town, "SELECT MIN(award) FROM payment WHERE state = 'returned' AND run = ?1@int", run), &claim);
        assert_true(code == SB_OK || code == SB_PAYMENT_RUN_OPEN);
}

static void chaos_cancel(struct chaos *x)
{
        int64_t claim = PICK(x, "SELECT id FROM payment_claim WHERE state IN ('open', 'returned', 'corrected')");

        if (claim == 0)
                return;
        if (town_ask(x->town, "SELECT source_run FROM payment_claim WHERE id = ?1@int", claim) != 0) {
                enum error_code code = cancel(x->town, claim);
                assert_true(code == SB_OK || code == SB_PAYMENT_RUN_OPEN);
                return;
        }
        assert_int_equal(cancel(x->town, claim), SB_CLAIM_SUBJECT);
        struct adding a = {.claim = claim, .cancel = "撤销"};
        x->claimed -= town_ask(x->town, "SELECT amount_fen FROM payment_claim WHERE id = ?1@int", claim);
        assert_int_equal(claim_added(x->town, &a), SB_OK);
}

/* The look before says what the run then lists. */
static void chaos_claims_run(struct chaos *x)
{
        int64_t run;
        json_t *out = NULL;

        assert_int_equal(
            town_call(x->town, "payment.claims_due", json_pack("{s:I}", "pool", (json_int_t)town_pool(x->town)), &out), SB_OK);
        json_t *look = json_array_get(json_object_get(out, "items"), 0);
        enum error_code code = claims_run(x->town, &run);
        bool open = json_is_integer(json_object_get(look, "open_run"));
        assert_int_equal(code, open ? SB_PAYMENT_RUN_OPEN : town_whole(look, "count") == 0 ? SB_CLAIM_NONE : SB_OK);
        if (code == SB_OK) {
                assert_int_equal(town_ask(x->town, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run),
                                 town_money(look, "sum"));
                assert_int_equal(town_ask(x->town, "SELECT due_count FROM payment_run WHERE id = ?1@int", run),
                                 town_whole(look, "count"));
                reviewed(x->town, run);
        }
        json_decref(out);
}

/* The holds of what came back are lifted, as a clerk does who has the new account. */
static void chaos_lift(struct chaos *x)
{
        int64_t stop = PICK(x, "SELECT id FROM award_stop WHERE reason = 'returned' AND known_to > 9000000000000000");

        if (stop != 0)
                assert_int_equal(
                    town_call(x->town, "pension.lift",
                              json_pack("{s:I,s:I}", "award",
                                        (json_int_t)town_ask(x->town, "SELECT award FROM award_stop WHERE id = ?1@int", stop),
                                        "stop", (json_int_t)stop),
                              NULL),
                    SB_OK);
        clock_advance(x->town->house.clock, 1000000);
}

/* Everything that is open is brought to its end, without a return. */
static void chaos_end(struct chaos *x)
{
        struct town *t = x->town;
        int64_t claim;
        char name[24];

        for (int turn = 0; turn < 3; turn++) {
                for (int64_t run; (run = PICK(x, "SELECT id FROM payment_run WHERE state = 'computed'")) != 0; town_work(t))
                        assert_int_equal(release(t, 2, "", run), SB_OK);
                for (int64_t run; (run = PICK(x, "SELECT id FROM payment_run WHERE state = 'released'")) != 0;)
                        file(t, run);
                for (int64_t run; (run = PICK(x, "SELECT id FROM payment_run WHERE state = 'filed'")) != 0;)
                        json_decref(statement_of_file(t, run, statement_name(x, name)));
                while ((claim = PICK(x, "SELECT id FROM payment_claim WHERE state = 'returned'")) != 0) {
                        assert_int_equal(payee(t, 1, claim, "6299000000009999"), SB_OK);
                        assert_int_equal(checked(t, 2, claim, "approve"), SB_OK);
                }
                while (PICK(x, "SELECT id FROM award_stop WHERE reason = 'returned' AND known_to > 9000000000000000") != 0)
                        chaos_lift(x);
                if (turn == 0)
                        chaos_claims_run(x);
                if (turn == 1) {
                        clock_advance(t->house.clock, (int64_t)30 * 86400 * 1000000);
                        x->months++;
                        computed(t, month_text(month_of(clock_today(t->house.clock)), name));
                }
        }
}

static void no_fen_is_paid_twice_or_lost(void **state)
{
        static void (*const steps[])(struct chaos *) = {chaos_add,    chaos_month,      chaos_release,    chaos_release,
                                                        chaos_file,   chaos_file,       chaos_settle,     chaos_settle,
                                                        chaos_back,   chaos_back,       chaos_correct,    chaos_repay,
                                                        chaos_cancel, chaos_claims_run, chaos_claims_run, chaos_lift};
        uint64_t seeds[2] = {27, 37};

        for (size_t s = 0; s < 2; s++) {
                struct chaos x = {.town = town_of(state, PEOPLE), .rng = rng_new(seeds[s], 0)};

                for (int i = 0; i < STEPS; i++) {
                        steps[rng_between(&x.rng, 0, (int64_t)(sizeof steps / sizeof *steps) - 1)](&x);
                        clock_advance(x.town->house.clock, 1000000);
                        if (i % 20 == 19)
                                town_audit(x.town);
                }
                if (x.months == 0)
                        chaos_month(&x);
                chaos_end(&x);
                /* From 2026-11 to the last month each pension once, each one-off amount once: that and nothing else has left the bank. */
                int64_t months = month_of(clock_today(x.town->house.clock)) - BEFORE;
                assert_int_equal(FUNDS - book(x.town, LEDGER_BANK), PEOPLE * TOTAL * months + x.claimed);
                assert_int_equal(book(x.town, LEDGER_PAYABLE), 0);
                assert_int_equal(
                    town_count(x.town, "SELECT COUNT(*) FROM payment_claim WHERE state NOT IN ('paid', 'cancelled')"), 0);
                town_audit(x.town);
                town_free(x.town);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_lump_sum_from_the_claim_to_the_statement),
            TEST_ON_BOTH(what_came_back_is_corrected_by_two_and_paid_again),
            TEST_ON_BOTH(a_cancelled_run_leaves_its_claims),
            TEST_ON_BOTH(a_benefit_that_came_back_is_paid_before_the_next_month),
            TEST_ON_BOTH(a_month_and_what_came_back_do_not_cross),
            TEST_ON_BOTH(no_fen_is_paid_twice_or_lost),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
