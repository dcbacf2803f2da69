/* SPDX-License-Identifier: Apache-2.0
 *
 * A bank statement into the book: what left settles a run's files, what came back is a returned payment, what an employer sent is a
 * receipt, everything else waits in suspense with its reference. Once a file, by its hash; all of it or nothing.
 */
#include "office/payment/statement.h"

#include <stdlib.h>
#include <string.h>

#define ARENA_CAP ((size_t)192 << 20)

/* --- whose account ------------------------------------------------------------------------------------------------------ */

struct pool_ids {
        int64_t ids[POOLS_MAX];
        struct pool pools[POOLS_MAX];
        size_t count;
};
static int pools_read(struct tx *tx, void *ctx, struct error *err)
{
        struct pool_ids *p = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, "SELECT id FROM pool ORDER BY id LIMIT 64", "");

        p->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                p->ids[p->count++] = stmt_int(q, 0);
        }
        for (size_t i = 0; rc == 0 && i < p->count; i++)
                rc = pool_read(tx, p->ids[i], &p->pools[i], err);
        return rc;
}

static int account_find(struct account *out, struct house *h, const char *number, struct error *err)
{
        struct pool_ids *p = calloc(1, sizeof(*p));
        instant_t now = clock_now(h->clock);
        int rc = p ? store_read(h->store, pools_read, p, err) : error_raise(err, SB_MEMORY, "%s", "");

        out->count = 0;
        for (size_t i = 0; rc == 0 && i < p->count; i++) {
                struct error fault = {0};
                struct pack *pack = NULL;
                struct payer payer = {.account = ""};
                int one = pack_store_for(h->packs, p->ids[i], instant_day(now), now, &pack, &fault);

                if (one == 0)
                        one = payer_of(pack, &p->pools[i], &payer, &fault);
                if (one == 0 && strcmp(payer.account, number) == 0)
                        out->pools[out->count++] = p->ids[i];
                /* A pool without a pack or an account pays nothing: it is not this one. Of one that cannot be read nothing is known. */
                if (one < 0 && fault.code != SB_CASE_NO_PACK && fault.code != SB_PAYMENT_POOL_ACCOUNT) {
                        rc = one;
                        if (err != NULL)
                                *err = fault;
                }
        }
        free(p);
        if (rc == 0 && out->count == 0)
                rc = error_raise(err, SB_PAYMENT_STATEMENT_ACCOUNT, "%s", number);
        return rc;
}

static bool account_has(const struct account *a, int64_t pool)
{
        for (size_t i = 0; i < a->count; i++)
                if (a->pools[i] == pool)
                        return true;
        return false;
}

static int bank_balance(struct tx *tx, const struct posting_work *w, fen_t *out, struct error *err)
{
        int rc = 0;

        *out = 0;
        for (size_t i = 0; rc == 0 && i < w->account.count; i++) {
                fen_t one = 0;
                rc = ledger_balance(tx, w->call->house->home, w->account.pools[i], LEDGER_BANK, DAY_END, &one, err);
                if (rc == 0 && !money_add(*out, one, out))
                        rc = error_raise(err, SB_OVERFLOW, "%s", "bank");
        }
        return rc;
}

/* --- postings ------------------------------------------------------------------------------------------------------------ */

/* Bank by `amount` (debit positive) against one other account of the pool. */
static int post(struct tx *tx, struct posting_work *w, int64_t pool, enum ledger_kind against, fen_t amount, const char *kind,
                const char *ref_kind, int64_t ref, struct error *err)
{
        struct house *h = w->call->house;
        instant_t now = clock_now(h->clock);
        struct posting postings[2] = {{pool, LEDGER_BANK, amount}, {pool, against, -amount}};
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(instant_day(now)),
                                       .day = instant_day(now),
                                       .kind = kind,
                                       .ref_kind = ref_kind,
                                       .ref_id = ref,
                                       .actor = w->call->who.staff,
                                       .at = now,
                                       .postings = postings,
                                       .count = 2};
        int rc = ids_next(h->ids, &t.id, err);

        if (rc == 0)
                rc = ledger_post(tx, h->ids, &t, err);
        w->row->txn = t.id;
        return rc;
}

static int to_suspense(struct tx *tx, struct posting_work *w, struct error *err)
{
        w->row->state = "suspense";
        w->row->kind = "";
        w->row->matched = 0;
        w->suspense++;
        return post(tx, w, w->account.pools[0], LEDGER_SUSPENSE, w->row->amount, "payment.suspense", "bank_statement", w->id,
                    err);
}

static void matched(struct posting_work *w, const char *kind, int64_t id)
{
        w->row->state = "matched";
        w->row->kind = kind;
        w->row->matched = id;
        w->matched++;
}

void statement_proved(struct posting_work *w, const char *kind, int64_t id)
{
        matched(w, kind, id);
        w->row->state = "proved";
        w->row->txn = 0;
}

/* --- what left: files of runs ---------------------------------------------------------------------------------------------- */

/* "R12F3", with or without the stamp of a demonstration. */
static bool file_reference(const char *text, int64_t *run)
{
        const char *f;

        if (strncmp(text, "DEMO-", 5) == 0)
                text += 5;
        f = strchr(text, 'F');
        return text[0] == 'R' && f && text_to_int((struct str){text + 1, (size_t)(f - text - 1)}, run) && *run > 0;
}

static int64_t run_reference(const struct camt_entry *e, const struct camt_detail *d)
{
        const char *const texts[] = {d ? d->payment_id : "", d ? d->message_id : "", e->batch_payment,      e->batch_message,
                                     e->reference,           d ? d->end_to_end : "", d ? d->remittance : ""};
        int64_t run = 0, award = 0;

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                if (file_reference(texts[i], &run) || payment_reference_parse(texts[i], &run, &award))
                        return run;
        return 0;
}

int statement_settled(struct tx *tx, const struct posting_work *w, int64_t run, fen_t *sum, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT CAST(SUM(-amount_fen) AS @int) FROM bank_entry WHERE home = ?1@int AND matched_kind = 'payment_run' "
                   "AND matched = ?2@int AND state = 'matched'",
                   "ii", (int64_t)w->call->house->home, run);

        *sum = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

/* The bank says that the run was paid: its case goes on by that, whoever brought the statement; when its clock stands, later. */
static int case_settled(struct tx *tx, struct posting_work *w, int64_t run, struct error *err)
{
        const struct case_ref ref = {PAYMENT_PROCESS, "payment_run", run};
        struct call bank = *w->call;
        json_t *outcome = json_pack("{s:s}", "decision", "approve");
        struct error fault = {0};
        int64_t instance = 0;
        int rc = outcome == NULL ? error_raise(&fault, SB_MEMORY, "%s", "") : 0;

        bank.who.staff = 0;
        if (rc == 0)
                rc = case_follow(tx, &bank, &ref, "pay", outcome, &instance, &fault);
        json_decref(outcome);
        if (rc == ERR && fault.code == SB_CASE_PAUSED) /* the money is booked; who lets the case go on does the step */
                return 0;
        if (rc < 0 && err != NULL)
                *err = fault;
        return rc;
}

int statement_settle(struct tx *tx, struct posting_work *w, const struct payment_run *run, fen_t before, struct error *err)
{
        int64_t changed = 0;
        int rc = post(tx, w, run->pool, LEDGER_PAYABLE, w->row->amount, "payment.settle", "payment_run", run->id, err);

        if (rc == 0 && before - w->row->amount == run->due)
                rc = tx_exec_changed(
                    tx, &changed, err,
                    "UPDATE payment_run SET state = 'settled', version = version + 1 WHERE home = ?1@int AND id = ?2@int "
                    "AND state = 'filed'",
                    "ii", (int64_t)run->home, run->id);
        if (rc == 0 && changed == 1)
                rc = claims_paid(tx, run, err);
        if (rc == 0 && changed == 1)
                rc = case_settled(tx, w, run->id, err);
        matched(w, "payment_run", run->id);
        return rc;
}

/* Has a return file of the run settled this, and no statement proved it yet? */
static int debit_proved(struct tx *tx, const struct posting_work *w, int64_t run, bool *proved, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(
            &q, tx, err,
            "SELECT CAST(COALESCE(SUM(CASE WHEN b.statement IS NOT NULL AND e.state = 'matched' THEN -e.amount_fen ELSE 0 "
            "END), 0) AS @int), CAST(COALESCE(SUM(CASE WHEN b.statement IS NULL AND e.state = 'proved' THEN "
            "-e.amount_fen ELSE 0 END), 0) AS @int) FROM bank_entry e LEFT JOIN bank_return b ON b.home = e.home AND "
            "b.statement = e.statement WHERE e.home = ?1@int AND e.matched_kind = 'payment_run' AND e.matched = ?2@int",
            "ii", (int64_t)w->call->house->home, run);

        *proved = rc == 1 && stmt_int(q, 0) > 0 && stmt_int(q, 1) - w->row->amount <= stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

static int debit(struct tx *tx, struct posting_work *w, const struct camt_entry *e, const struct camt_detail *d,
                 struct error *err)
{
        int64_t id = e->reversal ? 0 : run_reference(e, d);
        struct payment_run run;
        struct error none = {0};
        fen_t before = 0;
        bool proved = false;
        int rc = id ? payment_run_read(tx, w->call->house->home, id, &run, &none) : ERR;

        if (rc == ERR_SOFT)
                return error_raise_soft(err, SB_STORE_CONFLICT, "%s", "");
        if (rc == ERR || !account_has(&w->account, run.pool))
                return to_suspense(tx, w, err);
        rc = debit_proved(tx, w, run.id, &proved, err);
        if (rc == 0 && proved)
                statement_proved(w, "payment_run", run.id);
        if (rc || proved)
                return rc;
        if (strcmp(run.state, "filed") != 0 && strcmp(run.state, "released") != 0)
                return to_suspense(tx, w, err);
        rc = statement_settled(tx, w, run.id, &before, err);
        if (rc)
                return rc;
        return before - w->row->amount > run.due ? to_suspense(tx, w, err) : statement_settle(tx, w, &run, before, err);
}

/* --- what came ---------------------------------------------------------------------------------------------------------------- */

static bool payment_named(const struct camt_detail *d, int64_t *run, int64_t *award)
{
        const char *const texts[] = {d->end_to_end, d->instruction_id, d->remittance};

        for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
                if (payment_reference_parse(texts[i], run, award))
                        return true;
        return false;
}

/* The payment of an award is due again, and the award held until somebody knows where to. */
static int award_returned(struct tx *tx, struct posting_work *w, const struct payment_run *run, int64_t award, const char *code,
                          struct error *err)
{
        struct house *h = w->call->house;
        int rc =
            tx_exec(tx, err,
                    "UPDATE payment SET state = 'returned', return_code = ?1@text WHERE home = ?2@int AND month = ?3@int AND "
                    "run = ?4@int AND award = ?5@int",
                    "tiiii", code, (int64_t)h->home, (int64_t)run->month, run->id, award);

        return rc ? rc
                  : award_hold(tx, h->ids, h->home, award, "returned", run->month, w->call->who.staff, clock_now(h->clock),
                               err);
}

int statement_return(struct tx *tx, struct posting_work *w, const struct camt_detail *d, struct error *err)
{
        struct house *h = w->call->house;
        int64_t id = 0, item = 0;
        struct payment_run run;
        struct stmt *q = NULL;
        char code[8];
        int rc;

        if (!payment_named(d, &id, &item))
                return 0;
        rc = tx_one(
            &q, tx, err,
            "SELECT 1 FROM payment_run r JOIN payment_row y ON y.home = r.home AND y.month = r.month AND y.run = r.id "
            "WHERE r.home = ?1@int AND r.id = ?2@int AND r.state IN ('released', 'filed', 'settled') AND y.item = ?3@int "
            "AND y.state = 'due' AND y.amount_fen = ?4@int",
            "iiii", (int64_t)h->home, id, item, w->row->amount);
        if (rc == 1)
                rc = payment_run_read(tx, h->home, id, &run, err) ? ERR : 1;
        if (rc <= 0 || !account_has(&w->account, run.pool))
                return rc < 0 ? rc : 0;
        text_copy(code, sizeof(code), str_from(*d->return_code ? d->return_code : "NARR"));
        rc =
            payment_run_claims(&run) ? claim_returned(tx, &run, item, code, err) : award_returned(tx, w, &run, item, code, err);
        if (rc == 0)
                rc = post(tx, w, run.pool, LEDGER_PAYABLE, w->row->amount, "payment.return", "payment_run", id, err);
        matched(w, "payment", item);
        w->matched--;
        w->returned++;
        w->row->state = "returned";
        return rc ? rc : 1;
}

/* Was it given back by a return file of its run, and no statement proved it yet? 1, 0, ERR. */
static int return_proved(struct tx *tx, struct posting_work *w, const struct camt_detail *d, struct error *err)
{
        int64_t run = 0, award = 0;
        struct stmt *q = NULL;
        int rc;

        if (!payment_named(d, &run, &award))
                return 0;
        rc = tx_one(
            &q, tx, err,
            "SELECT CAST(COALESCE(SUM(CASE WHEN b.run = ?4@int AND e.state = 'returned' THEN 1 ELSE 0 END), 0) AS @int), "
            "CAST(COALESCE(SUM(CASE WHEN b.statement IS NOT NULL AND e.state = 'returned' THEN 1 WHEN b.statement IS NULL AND "
            "e.state = 'proved' THEN -1 ELSE 0 END), 0) AS @int) FROM bank_entry e LEFT JOIN bank_return b ON b.home = e.home "
            "AND b.statement = e.statement WHERE e.home = ?1@int AND e.matched_kind = 'payment' AND e.matched = ?2@int AND "
            "e.amount_fen = ?3@int",
            "iiii", (int64_t)w->call->house->home, award, w->row->amount, run);
        if (rc != 1 || stmt_int(q, 0) == 0 || stmt_int(q, 1) <= 0)
                return rc < 0 ? rc : 0;
        statement_proved(w, "payment", award);
        return 1;
}

/* The employer whom a word names: a unified social credit code, an employer's or a declaration's number. 1, 0, ERR. */
static int employer_named(struct tx *tx, int32_t own_home, struct str word, int64_t *employer, struct error *err)
{
        struct error none = {0};
        struct stmt *q = NULL;
        int32_t home = 0;
        int64_t id = 0;
        char prefix = 0;
        int number_home = 0, rc = 0;

        if (word.n == 18 && uscc_check(word, &none) == 0) {
                rc = employer_find(tx, word, &home, employer, err);
                return rc == 1 && home != own_home ? 0 : rc;
        }
        if (word.n < 6 || readable_parse(word, &prefix, &number_home, &id, &none) != 0 || number_home != own_home)
                return 0;
        if (prefix == 'E')
                rc = tx_one(&q, tx, err, "SELECT id FROM employer WHERE home = ?1@int AND id = ?2@int", "ii", (int64_t)own_home,
                            id);
        else if (prefix == 'D')
                rc = tx_one(&q, tx, err, "SELECT employer FROM declaration WHERE home = ?1@int AND id = ?2@int", "ii",
                            (int64_t)own_home, id);
        if (rc == 1)
                *employer = stmt_int(q, 0);
        return rc;
}

static int employer_in(struct tx *tx, int32_t home, const char *text, int64_t *employer, struct error *err)
{
        static const char inside[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
        int rc = 0;

        while (rc == 0 && *text) {
                size_t n = strspn(text, inside);

                if (n)
                        rc = employer_named(tx, home, (struct str){text, n}, employer, err);
                text += n ? n : 1;
        }
        return rc;
}

/* 1 it is an employer's contribution, 0 not. */
static int employer_credit(struct tx *tx, struct posting_work *w, const struct camt_entry *e, const struct camt_detail *d,
                           struct error *err)
{
        struct house *h = w->call->house;
        const char *const texts[] = {d->remittance, d->end_to_end, e->reference, e->text, d->party};
        int64_t employer = 0, receipt = 0, instance;
        struct stmt *q = NULL;
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < sizeof(texts) / sizeof(texts[0]); i++)
                rc = employer_in(tx, h->home, texts[i], &employer, err);
        if (rc <= 0)
                return rc;
        /* Entered at the counter by the same bank reference before: the entry proves it, nothing is posted again. */
        rc = tx_one(&q, tx, err, "SELECT id, amount_fen, employer FROM receipt WHERE home = ?1@int AND bank_ref = ?2@text",
                    "it", (int64_t)h->home, w->row->reference);
        if (rc < 0)
                return rc;
        if (rc == 1) {
                if (stmt_int(q, 1) != w->row->amount || stmt_int(q, 2) != employer)
                        return 0;
                matched(w, "receipt", stmt_int(q, 0));
                return 1;
        }
        rc = receipt_post(tx, w->call, employer, w->row->amount, w->row->day, w->row->reference, &receipt, &instance, err);
        matched(w, "receipt", receipt);
        return rc ? rc : 1;
}

static int credit(struct tx *tx, struct posting_work *w, const struct camt_entry *e, const struct camt_detail *d,
                  struct error *err)
{
        int rc;

        d = d ? d : &camt_nothing;
        rc = statement_return(tx, w, d, err);
        if (rc == 0)
                rc = return_proved(tx, w, d, err);
        if (rc == 0)
                rc = employer_credit(tx, w, e, d, err);
        if (rc == 0)
                return to_suspense(tx, w, err);
        return rc < 0 ? rc : 0;
}

/* --- entries -------------------------------------------------------------------------------------------------------------- */

int statement_row_write(struct tx *tx, struct posting_work *w, struct error *err)
{
        const struct bank_row *r = w->row;

        return tx_exec(tx, err,
                       "INSERT INTO bank_entry (home, statement, line, amount_fen, day, reference, party, state, matched_kind, "
                       "matched, txn) "
                       "VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@text, ?7@text, ?8@text, ?9@text, ?10@int, ?11@int)",
                       "iiiiittttii", (int64_t)w->call->house->home, w->id, ++w->line, r->amount, (int64_t)r->day, r->reference,
                       r->party, r->state, r->kind, r->matched, r->txn);
}

static int piece(struct tx *tx, struct posting_work *w, const struct camt_entry *e, const struct camt_detail *d, fen_t amount,
                 struct error *err)
{
        struct bank_row row = {.amount = amount, .state = "pending", .kind = ""};
        const char *reference = d && *d->servicer_ref ? d->servicer_ref : e->servicer_ref;
        int rc = 0;

        w->row = &row;
        row.day = e->booked == INT32_MIN ? clock_today(w->call->house->clock) : e->booked;
        /* The bank's own reference of a bulk is the same for each of its pieces; the line makes it one. */
        if (*reference && (!d || e->detail_count < 2 || *d->servicer_ref))
                text_format(row.reference, sizeof(row.reference), "%s", reference);
        else
                text_format(row.reference, sizeof(row.reference), "%.60s/%s/%lld", w->statement->id, reference,
                            (long long)w->line + 1);
        text_format(row.party, sizeof(row.party), "%s", d ? d->party : "");
        w->entries++;
        if (strcmp(e->status, "BOOK") != 0 || amount == 0)
                w->pending++;
        else if (!money_add(w->moved, amount, &w->moved))
                rc = error_raise(err, SB_OVERFLOW, "%s", w->statement->id);
        else
                rc = amount < 0 ? debit(tx, w, e, d, err) : credit(tx, w, e, d, err);
        return rc ? rc : statement_row_write(tx, w, err);
}

/* An entry in its details when their amounts make up the whole of it, else as one. */
static int entry_post(struct tx *tx, struct posting_work *w, const struct camt_entry *e, struct error *err)
{
        struct error none = {0};
        fen_t whole = 0, sum = 0, one;
        bool pieces = e->detail_count > 1;
        int rc = camt_fen(&e->amount, &whole, err);

        if (rc)
                return error_where(err, "%d", e->xml_line);
        for (const struct camt_detail *d = e->details; pieces && d; d = d->next)
                pieces = d->has_amount && camt_fen(&d->amount, &one, &none) == 0 && money_add(sum, one, &sum);
        if (!pieces || sum != whole)
                return piece(tx, w, e, e->details, whole, err);
        for (const struct camt_detail *d = e->details; rc == 0 && d; d = d->next)
                if (camt_fen(&d->amount, &one, err) == 0)
                        rc = piece(tx, w, e, d, one, err);
        return rc;
}

int statement_write(struct tx *tx, struct posting_work *w, struct error *err)
{
        char name[160];

        text_format(name, sizeof(name), "%s", w->statement->id);
        return tx_exec(
            tx, err,
            "INSERT INTO bank_statement (home, id, hash, name, account, opening_fen, closing_fen, entries, actor, at) VALUES "
            "(?1@int, ?2@int, ?3@blob, ?4@text, ?5@text, ?6@int, ?7@int, ?8@int, ?9@int, ?10@int)",
            "iibttiiiii", (int64_t)w->call->house->home, w->id, hash_str(&w->hash), name, w->statement->account, w->opening,
            w->closing, w->entries, w->call->who.staff, (int64_t)clock_now(w->call->house->clock));
}

/* What the bank says must add up before a fen of it is believed. */
static int balances_check(const struct posting_work *w, struct error *err)
{
        fen_t closing = 0;
        char a[24], b[24];

        if (!w->has_opening || !w->has_closing)
                return 0;
        if (!money_add(w->opening, w->moved, &closing) || closing != w->closing)
                return error_raise(err, SB_PAYMENT_STATEMENT_SUM, "%s|%s", money_text(w->closing, a), money_text(closing, b));
        return 0;
}

static int answer_make(struct posting_work *w, fen_t before, fen_t after, json_t **out, struct error *err)
{
        json_t *o = json_object();
        int rc = o ? 0 : error_raise(err, SB_MEMORY, "%s", "");

        rc = rc ? rc : json_put_int(o, "id", w->id, err);
        rc = rc ? rc : json_put_text(o, "account", w->statement->account, err);
        rc = rc ? rc : json_put_int(o, "entries", w->entries, err);
        rc = rc ? rc : json_put_int(o, "matched", w->matched, err);
        rc = rc ? rc : json_put_int(o, "returned", w->returned, err);
        rc = rc ? rc : json_put_int(o, "suspense", w->suspense, err);
        rc = rc ? rc : json_put_int(o, "pending", w->pending, err);
        rc = rc ? rc
                : (w->has_opening ? json_put_money(o, "opening", w->opening, err) : json_put(o, "opening", json_null(), err));
        rc = rc ? rc
                : (w->has_closing ? json_put_money(o, "closing", w->closing, err) : json_put(o, "closing", json_null(), err));
        rc = rc ? rc : json_put_money(o, "ledger_before", before, err);
        rc = rc ? rc : json_put_money(o, "ledger", after, err);
        rc = rc ? rc
                : (w->has_closing ? json_put_money(o, "difference", w->closing - after, err)
                                  : json_put(o, "difference", json_null(), err));
        rc = rc ? rc : json_put_bool(o, "new", true, err);
        if (rc == 0) {
                *out = o;
                o = NULL;
        }
        json_decref(o);
        return rc;
}

/* The statement was read before: say what became of it. 1, 0, ERR. */
static int known_answer(struct tx *tx, struct posting_work *w, json_t **out, struct error *err)
{
        struct stmt *q = NULL;
        json_t *o;
        int rc = tx_one(
            &q, tx, err,
            "SELECT s.id, s.opening_fen, s.closing_fen, s.entries, (SELECT COUNT(*) FROM bank_entry e WHERE e.home = s.home "
            "AND e.statement = s.id AND e.state IN ('matched', 'proved')), (SELECT COUNT(*) FROM bank_entry e WHERE e.home = "
            "s.home "
            "AND e.statement = s.id AND e.state = 'returned'), (SELECT COUNT(*) FROM bank_entry e WHERE e.home = s.home "
            "AND e.statement = s.id AND e.state = 'suspense') FROM bank_statement s WHERE s.home = ?1@int AND s.hash = ?2@blob",
            "ib", (int64_t)w->call->house->home, hash_str(&w->hash));

        if (rc != 1)
                return rc;
        o = json_object();
        rc = o ? 0 : error_raise(err, SB_MEMORY, "%s", "");
        rc = rc ? rc : json_put_int(o, "id", stmt_int(q, 0), err);
        rc = rc ? rc : json_put_text(o, "account", w->statement->account, err);
        rc = rc ? rc : json_put_money(o, "opening", stmt_int(q, 1), err);
        rc = rc ? rc : json_put_money(o, "closing", stmt_int(q, 2), err);
        rc = rc ? rc : json_put_int(o, "entries", stmt_int(q, 3), err);
        rc = rc ? rc : json_put_int(o, "matched", stmt_int(q, 4), err);
        rc = rc ? rc : json_put_int(o, "returned", stmt_int(q, 5), err);
        rc = rc ? rc : json_put_int(o, "suspense", stmt_int(q, 6), err);
        rc = rc ? rc : json_put_bool(o, "new", false, err);
        if (rc) {
                json_decref(o);
                return rc;
        }
        *out = o;
        return 1;
}

static int work_begin(struct posting_work *w, struct error *err)
{
        const struct camt_balance *opening = camt_balance(w->statement, "OPBD"), *closing = camt_balance(w->statement, "CLBD");
        int rc = 0;

        w->has_opening = opening != NULL;
        w->has_closing = closing != NULL;
        w->entries = w->matched = w->returned = w->suspense = w->pending = w->line = 0;
        w->moved = w->opening = w->closing = 0;
        if (opening)
                rc = camt_fen(&opening->amount, &w->opening, err);
        if (rc == 0 && closing)
                rc = camt_fen(&closing->amount, &w->closing, err);
        return rc ? rc : ids_next(w->call->house->ids, &w->id, err);
}

static int statement_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct posting_work *w = ctx;
        fen_t before = 0, after = 0;
        int rc = known_answer(tx, w, out, err);

        if (rc == 0)
                rc = work_begin(w, err);
        else if (rc == 1) {
                w->id = json_integer_value(json_object_get(*out, "id"));
                goto named;
        }
        for (size_t i = 0; rc == 0 && i < w->account.count; i++)
                rc = scope_need(tx, c, "pool", w->account.pools[i], err);
        if (rc == 0)
                rc = bank_balance(tx, w, &before, err);
        for (const struct camt_entry *e = w->statement->entries; rc == 0 && e; e = e->next)
                rc = entry_post(tx, w, e, err);
        if (rc == 0)
                rc = balances_check(w, err);
        if (rc == 0)
                rc = statement_write(tx, w, err);
        if (rc == 0)
                rc = bank_balance(tx, w, &after, err);
        if (rc == 0)
                rc = answer_make(w, before, after, out, err);
        if (rc)
                return rc;
named:
        change->subject_kind = "bank_statement";
        change->subject = w->id;
        change->audit = json_incref(*out);
        return 0;
}

int statement_post(struct call *c, const struct verb *v, struct str xml, json_t **answer, struct error *err)
{
        struct posting_work w = {.call = c, .hash = hash_of(xml.p ? xml.p : "", xml.n)};
        struct arena *a = arena_new(ARENA_CAP);
        struct camt camt;
        char hex[65];
        json_t *in = json_object();
        int rc = a && in ? camt_read(&camt, a, xml, err) : error_raise(err, SB_MEMORY, "%s", "");

        if (rc == 0 && camt.statements->next)
                rc = error_raise(err, SB_PAYMENT_CAMT, "%s",
                                 ERROR_BOTH("there are several statements in one file; send one a file",
                                            "一个文件中有多份对账单，请每个文件只放一份"));
        if (rc == 0) {
                w.statement = camt.statements;
                rc = account_find(&w.account, c->house, w.statement->account, err);
        }
        if (rc == 0)
                rc = json_put_text(in, "hash", hash_hex(&w.hash, hex), err);
        if (rc == 0)
                rc = verb_change(c, v, in, statement_apply, &w, answer, err);
        json_decref(in);
        arena_free(a);
        return rc;
}
