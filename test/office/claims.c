/* SPDX-License-Identifier: Apache-2.0 */
#include "office/claims.h"

static int add(struct tx *tx, void *ctx, struct error *err)
{
        struct adding *a = ctx;

        return a->cancel ? payment_claim_cancel(tx, &a->call, a->claim, a->cancel, err)
                         : payment_claim_add(tx, &a->call, &a->what, &a->claim, err);
}

enum error_code claim_added(struct town *t, struct adding *a)
{
        a->call = (struct call){.house = &t->house, .who = {.staff = 1}};
        t->err = (struct error){0};
        return store_write(t->house.store, add, a, &t->err) == 0 ? SB_OK : t->err.code;
}

struct adding claim_of_person(struct town *t, int place, fen_t amount, fen_t account_part)
{
        int64_t person = town_ask(t, "SELECT person FROM award ORDER BY id LIMIT 1 OFFSET ?1@int", place);

        return (struct adding){
            .what = {.pool = town_pool(t),
                     .kind = "account.lump_sum",
                     .beneficiary_kind = "person",
                     .beneficiary = person,
                     .ref_kind = "person",
                     .ref = person,
                     .amount = amount,
                     .account_part = account_part,
                     .account = account_part ? town_ask(t, "SELECT id FROM personal_account WHERE person = ?1@int", person) : 0,
                     .entry = "lump_sum",
                     .debit = LEDGER_FUND}};
}
