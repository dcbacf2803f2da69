/* SPDX-License-Identifier: Apache-2.0 */
#include "office/payment/claim.h"
#include "office/pension/pension.h"

#include <string.h>

/* --- rows --------------------------------------------------------------------------------------------------------------------- */

static int claim_unknown(int32_t home, int64_t id, struct error *err)
{
        char number[32];

        return error_raise(err, SB_CLAIM, "%s", readable_number(CLAIM_PREFIX, home, id, number));
}

int claim_read(struct tx *tx, int32_t home, int64_t id, struct payment_claim *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT pool, beneficiary, ref, source_run, instance, decision, account, run, payee, txn, actor, version, "
                   "amount_fen, account_fen, fund_fen, debit, from_day, posted, at, kind, beneficiary_kind, ref_kind, state, "
                   "return_code, reason FROM payment_claim WHERE home = ?1@int AND id = ?2@int",
                   "ii", (int64_t)home, id);

        if (rc != 1)
                return rc < 0 ? rc : claim_unknown(home, id, err);
        *out = (struct payment_claim){.home = home,
                                      .id = id,
                                      .pool = stmt_int(q, 0),
                                      .beneficiary = stmt_int(q, 1),
                                      .ref = stmt_int(q, 2),
                                      .source_run = stmt_int(q, 3),
                                      .instance = stmt_int(q, 4),
                                      .decision = stmt_int(q, 5),
                                      .account = stmt_int(q, 6),
                                      .run = stmt_int(q, 7),
                                      .payee = stmt_int(q, 8),
                                      .txn = stmt_int(q, 9),
                                      .actor = stmt_int(q, 10),
                                      .version = stmt_int(q, 11),
                                      .amount = stmt_int(q, 12),
                                      .account_part = stmt_int(q, 13),
                                      .fund_part = stmt_int(q, 14),
                                      .debit = (int)stmt_int(q, 15),
                                      .from = (day_t)stmt_int(q, 16),
                                      .posted = stmt_int(q, 17) != 0,
                                      .at = stmt_int(q, 18)};
        text_copy(out->kind, sizeof out->kind, stmt_text(q, 19));
        text_copy(out->beneficiary_kind, sizeof out->beneficiary_kind, stmt_text(q, 20));
        text_copy(out->ref_kind, sizeof out->ref_kind, stmt_text(q, 21));
        text_copy(out->state, sizeof out->state, stmt_text(q, 22));
        text_copy(out->return_code, sizeof out->return_code, stmt_text(q, 23));
        text_copy(out->reason, sizeof out->reason, stmt_text(q, 24));
        return 0;
}

int claim_state_set(struct tx *tx, const struct payment_claim *k, const char *state, struct error *err)
{
        int64_t changed = 0;
        int rc = tx_exec_changed(tx, &changed, err,
                                 "UPDATE payment_claim SET state = ?1@text, version = version + 1 WHERE home = ?2@int AND id = "
                                 "?3@int AND version = ?4@int",
                                 "tiii", state, (int64_t)k->home, k->id, k->version);

        return rc == 0 && changed != 1 ? error_raise(err, SB_STORE_CONFLICT, "%s", "") : rc;
}

int claim_state_refuse(const struct payment_claim *k, struct error *err)
{
        static const struct {
                const char *state, *words;
        } known[] = {{"open", ERROR_BOTH("waiting to be paid", "待发放")},
                     {"listed", ERROR_BOTH("in a run", "已列入批次")},
                     {"paid", ERROR_BOTH("paid", "已支付")},
                     {"returned", ERROR_BOTH("returned by the bank", "银行退回")},
                     {"corrected", ERROR_BOTH("corrected, waiting to be paid again", "账户已更正待补发")},
                     {"cancelled", ERROR_BOTH("taken back", "已撤销")}};
        const char *words = k->state;
        char number[32];

        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
                if (strcmp(known[i].state, k->state) == 0)
                        words = known[i].words;
        return error_raise(err, SB_CLAIM_STATE, "%s|%s", readable_number(CLAIM_PREFIX, k->home, k->id, number), words);
}

/* --- where to ------------------------------------------------------------------------------------------------------------------- */

#define EMPLOYER_PAYEE "payment_payee.sealed"

/* The key that seals payees of a beneficiary. */
static int payee_key(struct tx *tx, struct house *h, int32_t home, const char *kind, int64_t beneficiary, struct seal_key *key,
                     struct error *err)
{
        struct stmt *q = NULL;
        int rc;

        if (strcmp(kind, "employer") == 0) {
                keyring_field_key(h->keys, EMPLOYER_PAYEE, key);
                return 0;
        }
        rc = tx_one(&q, tx, err, "SELECT key_wrapped FROM person WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)home,
                    beneficiary);
        if (rc != 1)
                return rc < 0 ? rc : error_raise(err, SB_REGISTRY_PERSON, "%lld", (long long)beneficiary);
        return keyring_unwrap(h->keys, stmt_blob(q, 0), key, err);
}

int payee_insert(struct tx *tx, struct call *c, const struct payment_claim *k, const struct payee *p, const char *state,
                 const char *note, int64_t *id, struct error *err)
{
        struct house *h = c->house;
        struct seal_key key;
        struct buf sealed;
        bool stands = strcmp(state, "stands") == 0;
        int rc = payee_key(tx, h, k->home, k->beneficiary_kind, k->beneficiary, &key, err);

        buf_init(&sealed, 4096);
        if (rc == 0) {
                payee_seal(&sealed, &key, p->name, p->bank, p->account);
                rc = buf_check(&sealed, err);
        }
        explicit_bzero(&key, sizeof key);
        rc = rc ? rc : ids_next(h->ids, id, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO payment_payee (home, id, claim, sealed, state, note, entered_by, entered_at, checked_by, "
                    "checked_at) VALUES (?1@int, ?2@int, ?3@int, ?4@blob, ?5@text, ?6@text, ?7@int, ?8@int, 0, ?9@int)",
                    "iiibttiii", (int64_t)k->home, *id, k->id, (struct str){sealed.p, sealed.n}, state, note, c->who.staff,
                    (int64_t)clock_now(h->clock), stands ? (int64_t)clock_now(h->clock) : (int64_t)0);
        buf_dispose(&sealed);
        return rc;
}

int payment_payee_open(struct tx *tx, struct house *h, int32_t home, int64_t payee, struct payee *out, struct error *err)
{
        struct seal_key key;
        struct stmt *q = NULL;
        char kind[16];
        int64_t beneficiary;
        unsigned char sealed[1024];
        size_t n;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT k.beneficiary_kind, k.beneficiary, p.sealed FROM payment_payee p JOIN payment_claim k ON k.home = "
                   "p.home AND k.id = p.claim WHERE p.home = ?1@int AND p.id = ?2@int",
                   "ii", (int64_t)home, payee);

        if (rc != 1)
                return rc < 0 ? rc : claim_unknown(home, payee, err);
        text_copy(kind, sizeof kind, stmt_text(q, 0));
        beneficiary = stmt_int(q, 1);
        n = stmt_blob(q, 2).n;
        if (n > sizeof sealed)
                return error_raise(err, SB_SEAL_BROKEN, "%s", "");
        memcpy(sealed, stmt_blob(q, 2).p, n);
        rc = payee_key(tx, h, home, kind, beneficiary, &key, err);
        rc = rc ? rc : payee_unseal(out, &key, (struct str){(const char *)sealed, n}, err);
        explicit_bzero(&key, sizeof key);
        return rc;
}

/* What the register has. */
static int payee_registered(struct tx *tx, struct house *h, const struct payment_claim *k, struct payee *out, struct error *err)
{
        int rc;

        *out = (struct payee){.name = ""};
        if (strcmp(k->beneficiary_kind, "employer") == 0) {
                struct employer e;

                rc = employer_read(tx, h, k->home, k->beneficiary, &e, err);
                if (rc == 0) {
                        text_copy(out->name, sizeof out->name, str_from(e.name));
                        text_copy(out->bank, sizeof out->bank, str_from(e.bank_name));
                        text_copy(out->account, sizeof out->account, str_from(e.bank_account));
                }
                explicit_bzero(&e, sizeof e);
        } else {
                struct person p;

                rc = person_read(tx, h, k->home, k->beneficiary, &p, err);
                if (rc == 0) {
                        text_copy(out->name, sizeof out->name, str_from(p.name));
                        text_copy(out->bank, sizeof out->bank, str_from(p.bank_name));
                        text_copy(out->account, sizeof out->account, str_from(p.bank_account));
                }
                person_dispose(&p);
        }
        return rc;
}

/* --- added ---------------------------------------------------------------------------------------------------------------------- */

static int claim_post(struct tx *tx, struct call *c, const struct payment_claim *k, const char *entry, struct error *err)
{
        struct house *h = c->house;
        struct posting postings[3];
        struct ledger_transaction t = {.home = k->home,
                                       .month = month_of(clock_today(h->clock)),
                                       .id = k->txn,
                                       .day = clock_today(h->clock),
                                       .kind = "payment.claim",
                                       .ref_kind = "payment_claim",
                                       .ref_id = k->id,
                                       .actor = c->who.staff,
                                       .at = k->at,
                                       .postings = postings};
        struct personal_entry e = {.home = k->home,
                                   .month = t.month,
                                   .account = k->account,
                                   .transaction = k->txn,
                                   .kind = entry,
                                   .amount = -k->account_part,
                                   .at = k->at};
        int rc;

        if (k->account_part)
                postings[t.count++] = (struct posting){k->pool, LEDGER_PERSONAL, k->account_part};
        if (k->fund_part)
                postings[t.count++] = (struct posting){k->pool, (enum ledger_kind)k->debit, k->fund_part};
        postings[t.count++] = (struct posting){k->pool, LEDGER_PAYABLE, -k->amount};
        rc = ledger_post(tx, h->ids, &t, err);
        return rc == 0 && k->account_part ? personal_account_add(tx, h->ids, &e, err) : rc;
}

static int claim_insert(struct tx *tx, const struct payment_claim *k, struct error *err)
{
        return tx_exec(
            tx, err,
            "INSERT INTO payment_claim (home, id, pool, kind, beneficiary_kind, beneficiary, ref_kind, ref, source_run, "
            "instance, "
            "decision, amount_fen, account_fen, fund_fen, debit, account, from_day, state, run, payee, return_code, reason, "
            "txn, "
            "posted, actor, at, version) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@text, ?6@int, ?7@text, ?8@int, ?9@int, "
            "?10@int, ?11@int, ?12@int, ?13@int, ?14@int, ?15@int, ?16@int, ?17@int, 'open', 0, ?18@int, '', '', ?19@int, "
            "?20@int, ?21@int, ?22@int, 1)",
            "iiittitiiiiiiiiiiiiiii", (int64_t)k->home, k->id, k->pool, k->kind, k->beneficiary_kind, k->beneficiary,
            k->ref_kind, k->ref, k->source_run, k->instance, k->decision, k->amount, k->account_part, k->fund_part,
            (int64_t)k->debit, k->account, (int64_t)k->from, k->payee, k->txn, (int64_t)k->posted, k->actor, (int64_t)k->at);
}

static void claim_of(struct payment_claim *k, struct call *c, const struct payment_claim_new *n)
{
        *k = (struct payment_claim){.home = c->house->home,
                                    .pool = n->pool,
                                    .beneficiary = n->beneficiary,
                                    .ref = n->ref,
                                    .source_run = n->source_run,
                                    .instance = c->instance,
                                    .decision = n->decision,
                                    .account = n->account,
                                    .txn = n->txn,
                                    .actor = c->who.staff,
                                    .amount = n->amount,
                                    .account_part = n->account_part,
                                    .fund_part = n->amount - n->account_part,
                                    .debit = (int)n->debit,
                                    .from = n->from ? n->from : clock_today(c->house->clock),
                                    .posted = n->txn == 0,
                                    .at = clock_now(c->house->clock)};
        text_copy(k->kind, sizeof k->kind, str_from(n->kind));
        text_copy(k->beneficiary_kind, sizeof k->beneficiary_kind, str_from(n->beneficiary_kind));
        text_copy(k->ref_kind, sizeof k->ref_kind, str_from(n->ref_kind));
}

int payment_claim_add(struct tx *tx, struct call *c, const struct payment_claim_new *n, int64_t *claim, struct error *err)
{
        struct payment_claim k;
        struct payee found;
        char whole[24], part[24];
        int rc = 0;

        claim_of(&k, c, n);
        if (n->amount <= 0 || n->account_part < 0 || n->account_part > n->amount || (n->account_part > 0) != (n->account != 0))
                return error_raise(err, SB_CLAIM_AMOUNT, "%s|%s", money_text(n->amount, whole),
                                   money_text(n->account_part, part));
        rc = ids_next(c->house->ids, &k.id, err);
        if (rc == 0 && k.posted)
                rc = ids_next(c->house->ids, &k.txn, err);
        if (rc == 0 && n->payee == NULL)
                rc = payee_registered(tx, c->house, &k, &found, err);
        else if (rc == 0)
                found = *n->payee;
        if (rc == 0 && *found.account)
                rc = payee_insert(tx, c, &k, &found, "stands", "", &k.payee, err);
        explicit_bzero(&found, sizeof found);
        rc = rc ? rc : claim_insert(tx, &k, err);
        if (rc == 0 && k.posted)
                rc = claim_post(tx, c, &k, n->entry, err);
        *claim = k.id;
        return rc;
}

/* --- taken back ------------------------------------------------------------------------------------------------------------------ */

int payment_claim_cancel(struct tx *tx, struct call *c, int64_t claim, const char *reason, struct error *err)
{
        struct house *h = c->house;
        struct payment_claim k;
        int64_t reversal;
        int rc = claim_read(tx, h->home, claim, &k, err);

        if (rc == 0 && strcmp(k.state, "open") != 0 && strcmp(k.state, "returned") != 0 && strcmp(k.state, "corrected") != 0)
                rc = claim_state_refuse(&k, err);
        rc = rc ? rc : claim_state_set(tx, &k, "cancelled", err);
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE payment_claim SET reason = ?1@text WHERE home = ?2@int AND id = ?3@int", "tii",
                             reason, (int64_t)k.home, k.id);
        if (rc == 0 && k.posted)
                rc = ledger_reverse(tx, h->ids, k.home, k.txn, clock_today(h->clock), c->who.staff, clock_now(h->clock),
                                    &reversal, err);
        return rc;
}

int payment_claim_sums(struct tx *tx, int32_t home, const char *ref_kind, int64_t ref, struct payment_claim_sums *out,
                       struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT state, CAST(SUM(amount_fen) AS @int) FROM payment_claim WHERE home = ?1@int AND ref_kind = "
                          "?2@text AND ref = ?3@int GROUP BY state",
                          "iti", (int64_t)home, ref_kind, ref);

        *out = (struct payment_claim_sums){0};
        while ((rc = row_next(rc, q, err)) == 1) {
                struct str state = stmt_text(q, 0);
                fen_t sum = stmt_int(q, 1);

                if (str_is(state, "open"))
                        out->open += sum;
                else if (str_is(state, "listed"))
                        out->listed += sum;
                else if (str_is(state, "paid"))
                        out->paid += sum;
                else if (str_is(state, "cancelled"))
                        out->cancelled += sum;
                else
                        out->returned += sum;
        }
        return rc;
}
