/* SPDX-License-Identifier: Apache-2.0
 *
 * One-off payments on both databases: what is posted, where it is paid to, what is taken back.
 */
#include "office/claims.h"

#include "base/identity.h"

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

static json_t *look(struct town *t, const char *day)
{
        json_t *out = NULL, *in = json_pack("{s:I}", "pool", (json_int_t)town_pool(t));

        if (*day != '\0')
                json_object_set_new(in, "day", json_string(day));
        assert_int_equal(town_call(t, "payment.claims_due", in, &out), SB_OK);
        json_t *of_pool = json_incref(json_array_get(json_object_get(out, "items"), 0));
        json_decref(out);
        assert_non_null(of_pool);
        return of_pool;
}

static void waits(json_t *out, const char *for_what, int64_t count, fen_t sum)
{
        const json_t *o = json_object_get(out, for_what);

        assert_int_equal(town_whole(o, "count"), count);
        assert_int_equal(town_money(o, "sum"), sum);
}

/* What a run would pay is told without one, and why the rest waits. */
static void a_look_before_the_run(void **state)
{
        struct town *t = town_of(state, 2);
        int64_t employer = town_employer(t, "云山机械厂", "91990100000000001", "990100");
        struct adding now = claim_of_person(t, 0, 500000, 200000), checked = claim_of_person(t, 1, 300, 0),
                      later = claim_of_person(t, 1, 20, 0), nowhere = claim_of_person(t, 0, 1, 0);
        json_t *out = look(t, "");

        assert_int_equal(town_whole(out, "count"), 0);
        assert_int_equal(town_money(out, "sum"), 0);
        assert_true(json_is_null(json_object_get(out, "open_run")));
        json_decref(out);
        nowhere.what.beneficiary_kind = "employer";
        nowhere.what.beneficiary = employer;
        later.what.from = clock_today(t->house.clock) + 1;
        assert_int_equal(claim_added(t, &now), SB_OK);
        assert_int_equal(claim_added(t, &checked), SB_OK);
        assert_int_equal(claim_added(t, &later), SB_OK);
        assert_int_equal(claim_added(t, &nowhere), SB_OK);
        assert_int_equal(town_call(t, "payment.claim_payee",
                                   json_pack("{s:I,s:s,s:s,s:s,s:s}", "claim", (json_int_t)checked.claim, "name", "王小明",
                                             "bank", "云城银行", "account", "6299000000009999", "note", "本人来函"),
                                   NULL),
                         SB_OK);
        out = look(t, "");
        assert_int_equal(town_whole(out, "count"), 1);
        assert_int_equal(town_money(out, "sum"), 500000);
        assert_int_equal(town_money(out, "account"), 200000);
        assert_int_equal(town_money(out, "fund"), 300000);
        assert_int_equal(town_money(out, "largest"), 500000);
        assert_int_equal(town_money(out, "shortfall"), 0);
        waits(out, "ready", 1, 500000);
        waits(out, "waiting", 1, 300);
        waits(out, "later", 1, 20);
        waits(out, "unknown", 1, 1);
        waits(out, "returned", 0, 0);
        json_decref(out);
        out = look(t, "2030-01-01");
        assert_int_equal(town_whole(out, "count"), 2);
        json_decref(out);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM payment_run WHERE kind = 'claims'"), 0);
        assert_int_equal(town_call(t, "payment.claims_due",
                                   json_pack("{s:I,s:s}", "pool", (json_int_t)town_pool(t), "day", "soon"), NULL),
                         SB_FIELD_TYPE);
        town_free(t);
}

static size_t numbered(struct town *t, const char *number)
{
        json_t *out = NULL;

        assert_int_equal(town_call(t, "payment.claims", json_pack("{s:s}", "number", number), &out), SB_OK);
        size_t n = json_array_size(json_object_get(out, "items"));
        json_decref(out);
        return n;
}

static void a_claim_is_found_by_its_number(void **state)
{
        struct town *t = town_of(state, 1);
        struct adding a = claim_of_person(t, 0, 100, 0), b = claim_of_person(t, 0, 200, 0);
        char number[32];

        assert_int_equal(claim_added(t, &a), SB_OK);
        assert_int_equal(claim_added(t, &b), SB_OK);
        assert_int_equal(numbered(t, ""), 2);
        assert_int_equal(numbered(t, readable_number('Z', 1, a.claim, number)), 1);
        assert_int_equal(numbered(t, readable_number('R', 1, a.claim, number)), 0);
        assert_int_equal(numbered(t, readable_number('Z', 2, a.claim, number)), 0);
        assert_int_equal(town_call(t, "payment.claims", json_pack("{s:s}", "number", "Z01-0000000001-x"), NULL),
                         SB_READABLE_NUMBER);
        assert_string_equal(t->err.where, "number");
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(an_amount_becomes_payable),
            TEST_ON_BOTH(what_does_not_add_up_is_refused),
            TEST_ON_BOTH(what_is_not_owed_any_more_is_reversed),
            TEST_ON_BOTH(an_employer_is_paid_too),
            TEST_ON_BOTH(a_look_before_the_run),
            TEST_ON_BOTH(a_claim_is_found_by_its_number),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
