/* SPDX-License-Identifier: Apache-2.0
 *
 * Payment runs on both databases: who is paid and who stops and why, four eyes, postings, files, statements, what comes back, what
 * is cancelled; and a month that is killed again and again, which in the end has paid everybody once.
 */
#include "office/payments.h"

#include "base/rng.h"
#include "support/cairo_leak.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- who, and why not ----------------------------------------------------------------------------------------------------------- */

static int change(struct tx *tx, void *ctx, struct error *err)
{
        const int64_t *persons = ctx;
        int rc = tx_exec(tx, err, "UPDATE person_fact SET death_day = ?1@int WHERE person = ?2@int", "ii",
                         (int64_t)day_from(2026, 10, 10), persons[0]);

        /* An account that is nearly used up, with the money gone where it should be seen to have gone. */
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE personal_account SET balance_fen = 5000 WHERE person = ?1@int", "i", persons[1]);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE personal_entry SET amount_fen = 5000 WHERE account = (SELECT id FROM personal_account WHERE "
                    "person = ?1@int)",
                    "i", persons[1]);
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE ledger_posting SET amount_fen = amount_fen + 9995000 WHERE kind = 4", "");
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE ledger_posting SET amount_fen = amount_fen - 9995000 WHERE kind = 9 AND txn = (SELECT txn "
                             "FROM ledger_posting WHERE kind = 4)",
                             "");
        return rc;
}

static void reason_is(struct town *t, int64_t run, int place, const char *state, const char *reason)
{
        json_t *out = NULL, *one;
        size_t i;
        int64_t id = award(t, place);
        bool seen = false;

        assert_int_equal(town_call(t, "payment.payments", json_pack("{s:I}", "run", (json_int_t)run), &out), SB_OK);
        json_array_foreach(json_object_get(out, "items"), i, one)
        {
                if (town_whole(one, "award") != id)
                        continue;
                assert_string_equal(json_string_value(json_object_get(one, "state")), state);
                assert_string_equal(json_string_value(json_object_get(one, "reason")), reason);
                seen = true;
        }
        assert_true(seen);
        json_decref(out);
}

static void who_is_paid_and_who_stops(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        pensions(t, 5, 3, false);
        int64_t persons[2] = {town_ask(t, "SELECT person FROM award WHERE id = ?1@int", award(t, 2)),
                              town_ask(t, "SELECT person FROM award WHERE id = ?1@int", award(t, 4))};
        assert_ok(store_write(t->house.store, change, persons, &t->err), t->err);
        assert_int_equal(
            town_call(t, "pension.stop",
                      json_pack("{s:I,s:s,s:s}", "award", (json_int_t)award(t, 1), "reason", "prison", "month_from", NOW_MONTH),
                      NULL),
            SB_OK);
        town_audit(t);
        clock_advance(t->house.clock, 1000000);
        int64_t run = computed(t, NOW_MONTH);
        reason_is(t, run, 0, "due", "");
        reason_is(t, run, 1, "stopped", "prison");
        reason_is(t, run, 2, "stopped", "death");
        reason_is(t, run, 3, "stopped", "no_account");
        reason_is(t, run, 4, "due", "");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 2 * TOTAL);
        assert_int_equal(town_ask(t, "SELECT account_fen FROM payment_run WHERE id = ?1@int", run), ACCOUNT + 5000);
        assert_int_equal(town_ask(t, "SELECT stopped_count FROM payment_run WHERE id = ?1@int", run), 3);
        assert_int_equal(release(t, 1, "", run), SB_PAYMENT_FOUR_EYES);
        assert_int_equal(release(t, 2, "", run), SB_PAYMENT_FUNDS);
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        town_audit(t);
        town_free(t);
}

static void a_month_from_list_to_statement(void **state)
{
        struct town *t = town_of(state, 3);
        json_t *out = NULL;
        int64_t run = paid(t, NOW_MONTH);

        assert_int_equal(book(t, LEDGER_PAYABLE), -3 * TOTAL);
        assert_int_equal(book(t, LEDGER_FUND), 3 * BASIC);
        assert_int_equal(town_count(t, "SELECT CAST(SUM(balance_fen) AS @int) FROM personal_account"),
                         3 * (10000000 - ACCOUNT));
        assert_int_equal(town_call(t, "payment.get", json_pack("{s:I}", "run", (json_int_t)run), &out), SB_OK);
        const char *hash = json_string_value(json_object_get(json_array_get(json_object_get(out, "files"), 0), "hash"));
        assert_non_null(hash);
        assert_int_equal(town_call(t, "payment.file_get", json_pack("{s:s}", "hash", hash), NULL), SB_OK);
        json_decref(out);
        out = statement_of_file(t, run, "S1");
        assert_int_equal(town_whole(out, "matched"), 1);
        assert_true(json_is_true(json_object_get(out, "new")));
        json_decref(out);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'settled' AND id = ?1@int", run), 1);
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        assert_int_equal(book(t, LEDGER_BANK), FUNDS - 3 * TOTAL);
        out = statement_of_file(t, run, "S1"); /* the same bytes again */
        assert_true(json_is_false(json_object_get(out, "new")));
        json_decref(out);
        assert_int_equal(book(t, LEDGER_BANK), FUNDS - 3 * TOTAL);
        out = statement_of_file(t, run, "S2"); /* the bank took it twice: that is not ours */
        assert_int_equal(town_whole(out, "suspense"), 1);
        json_decref(out);
        town_audit(t);
        town_free(t);
}

static void what_comes_back_is_paid_once_more(void **state)
{
        struct town *t = town_of(state, 2);
        int64_t first = award(t, 0), run = paid(t, NOW_MONTH);
        char details[256];

        json_decref(statement_of_file(t, run, "S1"));
        text_format(
            details, sizeof details,
            "<TxDtls><Refs><EndToEndId>R%lldA%lld</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>",
            (long long)run, (long long)first);
        json_t *out = statement(t, "S2", true, TOTAL, details);
        assert_int_equal(town_whole(out, "returned"), 1);
        json_decref(out);
        assert_int_equal(book(t, LEDGER_PAYABLE), -TOTAL);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM payment WHERE state = 'returned' AND return_code = 'AC04' AND award = ?1@int",
                     first),
            1);
        town_audit(t);

        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000); /* 2026-12-02 */
        run = paid(t, "2026-12");
        reason_is(t, run, 0, "stopped", "returned");
        reason_is(t, run, 1, "due", "");
        int64_t stop = town_ask(t, "SELECT id FROM award_stop WHERE award = ?1@int", first);
        assert_int_equal(
            town_call(t, "pension.lift", json_pack("{s:I,s:I}", "award", (json_int_t)first, "stop", (json_int_t)stop), NULL),
            SB_OK);
        clock_advance(t->house.clock, 1000000);
        run = paid(t, "2026-12");
        reason_is(t, run, 0, "due", "repaid");
        reason_is(t, run, 1, "stopped", "paid");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 2 * TOTAL);
        /* Two months each, whichever way they went; the account has borne two months of each. */
        assert_int_equal(town_count(t, "SELECT CAST(SUM(amount_fen) AS @int) FROM payment WHERE state = 'due'"), 4 * TOTAL);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment WHERE state = 'repaid'"), 1);
        assert_int_equal(town_count(t, "SELECT CAST(SUM(balance_fen) AS @int) FROM personal_account"),
                         2 * 10000000 - 4 * ACCOUNT);
        assert_int_equal(-book(t, LEDGER_PAYABLE), 3 * TOTAL); /* of December; November is settled or reversed */
        town_audit(t);
        town_free(t);
}

static void came_back(struct town *t, int64_t run, int64_t to, const char *id)
{
        char details[256];

        text_format(
            details, sizeof details,
            "<TxDtls><Refs><EndToEndId>R%lldA%lld</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>",
            (long long)run, (long long)to);
        json_t *out = statement(t, id, true, TOTAL, details);
        assert_int_equal(town_whole(out, "returned"), 1);
        json_decref(out);
}

static void stops_lifted(struct town *t, int64_t of)
{
        int64_t stop = town_ask(t, "SELECT MAX(id) FROM award_stop WHERE award = ?1@int", of);

        assert_int_equal(
            town_call(t, "pension.lift", json_pack("{s:I,s:I}", "award", (json_int_t)of, "stop", (json_int_t)stop), NULL),
            SB_OK);
        clock_advance(t->house.clock, 1000000);
}

/* The award is paid to another account since: what came back from the first is made good by the new one, and borne once. */
static void what_comes_back_after_the_account_changed(void **state)
{
        struct town *t = town_of(state, 2);
        int64_t first = award(t, 0), run = paid(t, NOW_MONTH);

        json_decref(statement_of_file(t, run, "S1"));
        clock_advance(t->house.clock, 1000000);
        assert_int_equal(
            town_call_as(t, 5, ROLE_REVIEWER, "", "pension.payee", json_pack("{s:I}", "award", (json_int_t)first), NULL),
            SB_OK);
        came_back(t, run, first, "S2");
        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000); /* 2026-12-02 */
        run = paid(t, "2026-12");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 3 * TOTAL);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment WHERE state = 'repaid'"), 1);
        assert_int_equal(town_count(t, "SELECT CAST(SUM(balance_fen) AS @int) FROM personal_account"),
                         2 * 10000000 - 4 * ACCOUNT);
        assert_int_equal(-book(t, LEDGER_PAYABLE), 3 * TOTAL);
        town_audit(t);
        town_free(t);
}

/* A run pays what was believed when its list was frozen: what comes back later is another one's, also in the books; and so when the new
 * account was paid once before the old one's return came. */
static void what_comes_back_while_a_run_is_made(void **state)
{
        struct town *t = town_of(state, 2);
        int64_t first = award(t, 0), run = paid(t, NOW_MONTH), next = 0;

        json_decref(statement_of_file(t, run, "S1"));
        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000); /* 2026-12-02 */
        assert_int_equal(create(t, "2026-12", "", &next), SB_OK);
        clock_advance(t->house.clock, 1000000);
        came_back(t, run, first, "S2");
        town_work(t);
        reason_is(t, next, 0, "due", "");
        reviewed(t, next);
        assert_int_equal(release(t, 2, "", next), SB_OK);
        town_work(t);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment WHERE state = 'returned'"), 1); /* still to be made good */
        stops_lifted(t, first);
        clock_advance(t->house.clock, 1000000);
        assert_int_equal(
            town_call_as(t, 5, ROLE_REVIEWER, "", "pension.payee", json_pack("{s:I}", "award", (json_int_t)first), NULL),
            SB_OK);
        clock_advance(t->house.clock, (int64_t)31 * 86400 * 1000000); /* 2027-01-02 */
        next = paid(t, "2027-01");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", next), 3 * TOTAL);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment WHERE state = 'repaid'"), 1);
        assert_int_equal(town_count(t, "SELECT CAST(SUM(balance_fen) AS @int) FROM personal_account"),
                         2 * 10000000 - 6 * ACCOUNT);
        town_audit(t);
        town_free(t);
}

/* A payee was changed and paid, and only then the old account's return comes: the month is made good, though nothing is held. */
static void what_comes_back_late_is_made_good(void **state)
{
        struct town *t = town_of(state, 2);
        int64_t first = award(t, 0), run = paid(t, NOW_MONTH);

        json_decref(statement_of_file(t, run, "S1"));
        clock_advance(t->house.clock, 1000000);
        assert_int_equal(
            town_call_as(t, 5, ROLE_REVIEWER, "", "pension.payee", json_pack("{s:I}", "award", (json_int_t)first), NULL),
            SB_OK);
        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000); /* 2026-12-02 */
        (void)paid(t, "2026-12");
        came_back(t, run, first, "S2");
        clock_advance(t->house.clock, (int64_t)31 * 86400 * 1000000); /* 2027-01-02 */
        run = paid(t, "2027-01");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 3 * TOTAL);
        town_audit(t);
        town_free(t);
}

/* What is paid anew and what is taken back are the same amount: both are posted. */
static void a_run_that_only_pays_anew_is_posted(void **state)
{
        struct town *t = town_of(state, 1);
        int64_t first = award(t, 0), run = paid(t, NOW_MONTH);

        json_decref(statement_of_file(t, run, "S1"));
        came_back(t, run, first, "S2");
        clock_advance(t->house.clock, 1000000);
        stops_lifted(t, first);
        run = paid(t, NOW_MONTH);
        reason_is(t, run, 0, "due", "repaid");
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM ledger_transaction WHERE kind = 'payment.release' AND ref_id = ?1@int", run), 1);
        town_audit(t);
        town_free(t);
}

static int law_lose(struct tx *tx, void *ctx, struct error *err)
{
        return tx_exec(tx, err, "UPDATE pack_activation SET pack_hash = ?1@blob WHERE pool = ?2@int", "bi",
                       (struct str){"01234567890123456789012345678901", HASH_BYTES}, *(const int64_t *)ctx);
}

/* When it cannot be read whose account it is, nothing is booked: least of all to a pool that happens to share it. */
static void a_pool_that_cannot_be_read_is_not_passed_over(void **state)
{
        struct town *t = town_of(state, 1);
        int64_t pool = town_pool(t);
        char xml[1024];

        assert_ok(store_write(t->house.store, law_lose, &pool, &t->err), t->err);
        text_format(
            xml, sizeof xml,
            "<Document "
            "xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>S1</MsgId></GrpHdr>"
            "<Stmt><Id>S1</Id><Acct><Id><Othr><Id>9900010000000001</Id></Othr></Id></Acct><Ntry><Amt Ccy=\"CNY\">10.00</Amt>"
            "<CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-11-25</Dt></BookgDt></Ntry></Stmt>"
            "</BkToCstmrStmt></Document>");
        assert_int_equal(town_call_body(t, "payment.statement", json_object(), xml, NULL), SB_CASE_PACK_UNKNOWN);
        assert_int_equal(book(t, LEDGER_SUSPENSE), 0);
        town_free(t);
}

/* A month that a second run of a month makes good is another month: its word is not that of a usual one. */
static void what_a_second_run_makes_good_is_arrears(void **state)
{
        struct town *t = town_of(state, 1);
        int64_t first = award(t, 0);

        assert_int_equal(town_call(t, "pension.stop",
                                   json_pack("{s:I,s:s,s:s,s:s}", "award", (json_int_t)first, "reason", "prison", "month_from",
                                             NOW_MONTH, "month_to", "2026-12"),
                                   NULL),
                         SB_OK);
        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000); /* 2026-12-02 */
        int64_t run = paid(t, "2026-12");
        reason_is(t, run, 0, "due", "");
        stops_lifted(t, first);
        run = paid(t, "2026-12");
        reason_is(t, run, 0, "due", "arrears");
        assert_int_equal(town_count(t, "SELECT CAST(SUM(amount_fen) AS @int) FROM payment WHERE state = 'due'"), 2 * TOTAL);
        town_audit(t);
        town_free(t);
}

/* What was approved in time and is carried out after midnight is paid on that day. */
static void a_release_after_midnight_is_of_that_day(void **state)
{
        struct town *t = town_of(state, 1);
        int64_t run = computed(t, NOW_MONTH);
        int64_t instance = town_ask(t, "SELECT MAX(id) FROM process_instance WHERE process = 'P21' AND subject = ?1@int", run);
        struct call c = {
            .house = &t->house, .key = "midnight-1", .instance = instance, .who = {.staff = 2, .office = t->office}};
        json_t *out = NULL, *in = json_pack("{s:I,s:s}", "run", (json_int_t)run, "pay_day", "2026-11-23");

        assert_ok(verb_call(&c, registry_find(t->verbs, "payment.release"), in, &out, &t->err), t->err);
        assert_int_equal(town_ask(t, "SELECT pay_day FROM payment_run WHERE id = ?1@int", run), clock_today(t->house.clock));
        json_decref(in);
        json_decref(out);
        town_free(t);
}

/* The bank's statement is booked whoever has the case's task, and whether or not its clock stands. */
static void a_statement_waits_for_nobody(void **state)
{
        struct town *t = town_of(state, 1);
        int64_t run = paid(t, NOW_MONTH);
        int64_t task =
            town_ask(t,
                     "SELECT t.id FROM task t JOIN process_instance i ON i.id = t.instance WHERE t.node = 'pay' AND t.state "
                     "= 'open' AND i.subject = ?1@int",
                     run);

        assert_int_equal(
            town_call_as(t, 31, ROLE_FINANCE, "", "tasks.take", json_pack("{s:I}", "task", (json_int_t)task), NULL), SB_OK);
        json_decref(statement_of_file(t, run, "S1"));
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM task WHERE id = ?1@int AND state = 'done'", task), 1);
        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000); /* 2026-12-02 */
        run = paid(t, "2026-12");
        int64_t instance = town_ask(t, "SELECT MAX(id) FROM process_instance WHERE process = 'P21' AND subject = ?1@int", run);
        assert_int_equal(
            town_call(t, "cases.pause", json_pack("{s:I,s:s}", "case", (json_int_t)instance, "reason", "authority"), NULL),
            SB_OK);
        json_decref(statement_of_file(t, run, "S2"));
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        assert_int_equal(town_call(t, "cases.resume", json_pack("{s:I}", "case", (json_int_t)instance), NULL), SB_OK);
        assert_int_equal(town_decide(t, instance, 31, "approve"), SB_OK);
        town_audit(t);
        town_free(t);
}

static void a_cancelled_run_pays_nobody(void **state)
{
        struct town *t = town_of(state, 2);
        int64_t run = computed(t, NOW_MONTH), other = 0, again = 0;

        assert_int_equal(create(t, NOW_MONTH, "", &other), SB_PAYMENT_RUN_OPEN);
        assert_int_equal(town_call(t, "payment.cancel", json_pack("{s:I}", "run", (json_int_t)run), NULL), SB_OK);
        town_work(t);
        assert_int_equal(release(t, 2, "", run), SB_PAYMENT_STATE);
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        assert_int_equal(create(t, "2026-10", "", &other), SB_PAYMENT_MONTH); /* paid by the system before */
        assert_int_equal(create(t, NOW_MONTH, "create-key-1", &other), SB_OK);
        assert_int_equal(create(t, NOW_MONTH, "create-key-1", &again), SB_OK);
        assert_int_equal(other, again);
        town_work(t);
        assert_int_equal(release(t, 2, "", other), SB_PAYMENT_REVIEW);
        reviewed(t, other);
        assert_int_equal(release(t, 2, "release-key-1", other), SB_OK);
        assert_int_equal(release(t, 2, "release-key-1", other), SB_OK);
        town_work(t);
        assert_int_equal(book(t, LEDGER_PAYABLE), -2 * TOTAL);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM run WHERE kind = 'payment.release'"), 1);
        /* Asked again after midnight: the first answer, not that the day is over. */
        char day[16];
        json_t *in = json_pack("{s:I,s:s}", "run", (json_int_t)other, "pay_day", day_text(clock_today(t->house.clock), day));
        clock_advance(t->house.clock, (int64_t)86400 * 1000000);
        assert_int_equal(town_call_as(t, 2, ROLE_ANY, "release-key-1", "payment.release", in, NULL), SB_OK);
        town_audit(t);
        town_free(t);
}

/* Between the freezing of the list and its computation an award is replaced (paid to another account): it is paid as it was believed
 * when the list was frozen, once, and the next month as it is now. */
static void what_was_believed_when_frozen_is_paid(void **state)
{
        struct town *t = town_of(state, 2);
        int64_t run, first = award(t, 0);

        assert_int_equal(create(t, "2026-11", "", &run), SB_OK);
        clock_advance(t->house.clock, 1000000);
        assert_int_equal(
            town_call_as(t, 5, ROLE_REVIEWER, "", "pension.payee", json_pack("{s:I}", "award", (json_int_t)first), NULL),
            SB_OK);
        assert_true(award(t, 0) != first || award(t, 1) != first);
        town_work(t);
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 2 * TOTAL);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment WHERE state = 'due' AND award = ?1@int", first), 1);
        reviewed(t, run);
        assert_int_equal(release(t, 2, "", run), SB_OK);
        town_work(t);
        run = computed(t, "2026-12");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 2 * TOTAL);
        town_audit(t);
        town_free(t);
}

/* A month that was left out is made good by the next, and no month is paid twice, whatever the order. */
static void months_left_out_are_made_good(void **state)
{
        struct town *t = town_of(state, 2);

        clock_advance(t->house.clock, (int64_t)40 * 86400 * 1000000); /* 2027-01-03: nothing was paid in 11 and 12 */
        int64_t run = paid(t, "2027-01");
        reason_is(t, run, 0, "due", "arrears");
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), 2 * 3 * TOTAL);
        int64_t none = computed(t, "2027-01");
        assert_int_equal(town_ask(t, "SELECT due_count FROM payment_run WHERE id = ?1@int", none), 0);
        assert_int_equal(town_call(t, "payment.cancel", json_pack("{s:I}", "run", (json_int_t)none), NULL), SB_OK);
        int64_t late = 0;
        assert_int_equal(create(t, "2026-12", "", &late), SB_PAYMENT_MONTH);
        town_audit(t);
        town_free(t);
}

/* --- killed ------------------------------------------------------------------------------------------------------------------------ */

enum { MANY = 5200, KILLS_MAX = 10 }; /* two blocks to compute, three to release */

/* As far as the month goes. Keys stand still, so that what was asked before the kill is the same request. */
static void month_of_payment(struct town *t)
{
        int64_t run = 0;

        if (create(t, NOW_MONTH, "kill-create", &run) != SB_OK)
                exit(1);
        town_work(t);
        if (town_count(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'computed'") > 0) {
                reviewed(t, run);
                assert_int_equal(release(t, 2, "kill-release", run), SB_OK);
        }
        town_work(t);
        if (town_count(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'released'") > 0)
                assert_int_equal(
                    town_call_as(t, 1, ROLE_ANY, "kill-file", "payment.file", json_pack("{s:I}", "run", (json_int_t)run), NULL),
                    SB_OK);
        town_work(t);
}

static instant_t hour(int n)
{
        return day_instant(day_from(2026, 11, 24)) + (instant_t)(n + 1) * 600 * 1000000;
}

enum errand { FOUND, PAY };

/* In a process of its own: the parent opens nothing before its last fork, since threads do not survive one. It says when it
 * begins, so that a slow start is not all that is ever killed. */
static pid_t begin(const char *url, enum errand what, int n)
{
        int ends[2];
        char ready = 0;

        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
                struct town *t = town_at(test_store_open(url), hour(n), what == FOUND);
                if (what == PAY)
                        town_audit(t); /* what the kill before has left */
                if (write(ends[1], "!", 1) != 1)
                        _exit(1);
                if (what == FOUND)
                        pensions(t, MANY, -1, true);
                else
                        month_of_payment(t);
                _exit(0);
        }
        close(ends[1]);
        assert_int_equal(read(ends[0], &ready, 1), 1);
        close(ends[0]);
        return child;
}

/* Killed after a while by chance; false when it came to the end before. */
static bool killed_after(const char *url, int n, int64_t ms)
{
        struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000};
        int status = 0;
        pid_t child = begin(url, PAY, n);

        nanosleep(&wait, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) || status == 0);
        return WIFSIGNALED(status);
}

static void a_killed_month_pays_everybody_once(void **state)
{
        char url[256];
        uint64_t seed = (uint64_t)time(NULL);
        struct rng r = rng_new(seed, 1);
        int killed = 0, status = 0;

        if (test_store_url(*(enum test_engine *)*state, url) == NULL)
                skip();
        print_message("kills by seed %llu\n", (unsigned long long)seed);
        pid_t founder = begin(url, FOUND, 0);
        assert_int_equal(waitpid(founder, &status, 0), founder);
        assert_int_equal(status, 0);
        while (killed < KILLS_MAX && killed_after(url, killed + 1, rng_between(&r, 2, 100 + 100 * killed)))
                killed++;
        assert_true(killed > 0);
        struct town *t = town_at(test_store_open(url), hour(killed + 2), false);
        month_of_payment(t);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'filed'"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment WHERE state = 'due'"), MANY);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM personal_entry WHERE kind = 'pension'"), MANY);
        assert_int_equal(town_count(t, "SELECT COUNT(DISTINCT account) FROM personal_entry WHERE kind = 'pension'"), MANY);
        assert_int_equal(-book(t, LEDGER_PAYABLE), (fen_t)MANY * TOTAL);
        assert_int_equal(book(t, LEDGER_FUND), (fen_t)MANY * BASIC);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment_file"), 1);
        town_audit(t);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(who_is_paid_and_who_stops),
            TEST_ON_BOTH(a_month_from_list_to_statement),
            TEST_ON_BOTH(what_comes_back_is_paid_once_more),
            TEST_ON_BOTH(what_comes_back_after_the_account_changed),
            TEST_ON_BOTH(what_comes_back_while_a_run_is_made),
            TEST_ON_BOTH(what_comes_back_late_is_made_good),
            TEST_ON_BOTH(a_run_that_only_pays_anew_is_posted),
            TEST_ON_BOTH(a_statement_waits_for_nobody),
            TEST_ON_BOTH(a_pool_that_cannot_be_read_is_not_passed_over),
            TEST_ON_BOTH(what_a_second_run_makes_good_is_arrears),
            TEST_ON_BOTH(a_release_after_midnight_is_of_that_day),
            TEST_ON_BOTH(a_cancelled_run_pays_nobody),
            TEST_ON_BOTH(what_was_believed_when_frozen_is_paid),
            TEST_ON_BOTH(months_left_out_are_made_good),
            TEST_ON_BOTH(a_killed_month_pays_everybody_once),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
