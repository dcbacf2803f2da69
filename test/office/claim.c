/* SPDX-License-Identifier: Apache-2.0
 *
 * One-off payments on both databases: what is posted, where it is paid to, what is taken back.
 */
#include "office/claims.h"

#include <string.h>

struct opening {
        struct house *house;
        int64_t claim;
        struct payee *payee;
};

static int open_payee(struct tx *tx, void *ctx, struct error *err)
{
        struct opening *o = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT payee FROM payment_claim WHERE id = ?1@int", "i", o->claim);

        return rc == 1 ? payment_payee_open(tx, o->house, 1, stmt_int(q, 0), o->payee, err) : ERR;
}

static void an_amount_becomes_payable(void **state)
{
        struct town *t = town_of(state, 2);
        struct adding a = claim_of_person(t, 0, 500000, 200000);
        json_t *out = NULL;
        fen_t fund = book(t, LEDGER_FUND), personal = book(t, LEDGER_PERSONAL);

        assert_int_equal(claim_added(t, &a), SB_OK);
        assert_int_equal(book(t, LEDGER_PAYABLE), -500000);
        assert_int_equal(book(t, LEDGER_FUND) - fund, 300000);
        assert_int_equal(book(t, LEDGER_PERSONAL) - personal, 200000);
        assert_int_equal(town_ask(t, "SELECT balance_fen FROM personal_account WHERE id = ?1@int", a.what.account), 9800000);
        town_audit(t);
        assert_int_equal(town_call(t, "payment.claims", json_pack("{s:s}", "state", "open"), &out), SB_OK);
        json_t *one = json_array_get(json_object_get(out, "items"), 0);
        assert_int_equal(town_whole(one, "id"), a.claim);
        assert_string_equal(json_string_value(json_object_get(one, "kind_name")), "个人账户一次性支付");
        assert_string_equal(json_string_value(json_object_get(one, "name")), "王小明");
        json_decref(out);
        assert_int_equal(town_call(t, "payment.claims", json_pack("{s:s}", "state", "paid"), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        /* The account is that of the register, and shown in part. */
        assert_int_equal(town_call(t, "payment.claim_get", json_pack("{s:I}", "claim", (json_int_t)a.claim), &out), SB_OK);
        one = json_array_get(json_object_get(out, "payees"), 0);
        assert_string_equal(json_string_value(json_object_get(one, "account")), "6299****0000");
        assert_true(json_is_true(json_object_get(one, "current")));
        json_decref(out);
        struct payee p;
        assert_ok(store_read(t->house.store, open_payee, &(struct opening){&t->house, a.claim, &p}, &t->err), t->err);
        assert_string_equal(p.account, "629900000000");
        town_free(t);
}

static void what_does_not_add_up_is_refused(void **state)
{
        struct town *t = town_of(state, 1);
        struct adding nothing = claim_of_person(t, 0, 0, 0), too_much = claim_of_person(t, 0, 100, 101),
                      no_account = claim_of_person(t, 0, 100, 50),
                      more_than_there_is = claim_of_person(t, 0, 20000000, 20000000);

        no_account.what.account = 0;
        assert_int_equal(claim_added(t, &nothing), SB_CLAIM_AMOUNT);
        assert_int_equal(claim_added(t, &too_much), SB_CLAIM_AMOUNT);
        assert_int_equal(claim_added(t, &no_account), SB_CLAIM_AMOUNT);
        assert_int_equal(claim_added(t, &more_than_there_is), SB_LEDGER_OVERDRAWN);
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment_claim"), 0);
        assert_int_equal(town_call(t, "payment.claim_get", json_pack("{s:i}", "claim", 7), NULL), SB_CLAIM);
        town_free(t);
}

static void what_is_not_owed_any_more_is_reversed(void **state)
{
        struct town *t = town_of(state, 1);
        struct adding a = claim_of_person(t, 0, 500000, 500000);
        fen_t personal = book(t, LEDGER_PERSONAL);

        assert_int_equal(claim_added(t, &a), SB_OK);
        a.cancel = "算错了";
        assert_int_equal(claim_added(t, &a), SB_OK);
        assert_int_equal(book(t, LEDGER_PAYABLE), 0);
        assert_int_equal(book(t, LEDGER_PERSONAL), personal);
        assert_int_equal(claim_added(t, &a), SB_CLAIM_STATE);
        town_audit(t);
        town_free(t);
}

/* An employer's account is the register's; whoever has none waits for one. */
static void an_employer_is_paid_too(void **state)
{
        struct town *t = town_of(state, 1);
        int64_t employer = town_employer(t, "云山机械厂", "91990100000000001", "990100");
        struct adding a = claim_of_person(t, 0, 7700, 0);
        json_t *out = NULL;

        a.what.kind = "contribution.refund";
        a.what.beneficiary_kind = "employer";
        a.what.beneficiary = employer;
        a.what.debit = LEDGER_SUSPENSE;
        assert_int_equal(claim_added(t, &a), SB_OK);
        assert_int_equal(town_call(t, "payment.claims", json_pack("{s:I}", "employer", (json_int_t)employer), &out), SB_OK);
        json_t *one = json_array_get(json_object_get(out, "items"), 0);
        assert_true(json_is_false(json_object_get(one, "payee")));
        json_decref(out);
        struct payee p = {"云山机械厂", "云城银行", "9900000000000002"};
        a.what.payee = &p;
        assert_int_equal(claim_added(t, &a), SB_OK);
        struct payee seen;
        assert_ok(store_read(t->house.store, open_payee, &(struct opening){&t->house, a.claim, &seen}, &t->err), t->err);
        assert_string_equal(seen.account, p.account);
        assert_int_equal(book(t, LEDGER_SUSPENSE), 15400);
        town_audit(t);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_amount_becomes_payable),
            TEST_ON_BOTH(what_does_not_add_up_is_refused),
            TEST_ON_BOTH(what_is_not_owed_any_more_is_reversed),
            TEST_ON_BOTH(an_employer_is_paid_too),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
