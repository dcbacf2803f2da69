/* SPDX-License-Identifier: Apache-2.0
 *
 * A correction carried out, in one transaction: reductions, credits and personal accounts, supplements, and how it is settled.
 */
#include "office/contribution/adjust.h"

#include "office/json.h"

#include <stdlib.h>
#include <string.h>

/* What a correction does in the book of one pool. */
struct book {
        int64_t pool, transaction, credit;
        fen_t reduced, excess, account;
};
struct books {
        struct book list[2 * SCHEMES_MAX];
        size_t count;
};

static struct book *book_of(struct books *b, int64_t pool)
{
        for (size_t i = 0; i < b->count; i++)
                if (b->list[i].pool == pool)
                        return &b->list[i];
        if (b->count == sizeof b->list / sizeof *b->list)
                return NULL;
        b->list[b->count] = (struct book){.pool = pool};
        return &b->list[b->count++];
}

static const struct adjust_touched *touched_by(const struct adjusting *x, int64_t assessment)
{
        const struct adjust_touched *t = x->touched;

        while (t->assessment != assessment)
                t++;
        return t;
}

static int books_open(struct adjusting *x, struct books *b, struct error *err)
{
        struct house *h = x->call->house;
        int rc = 0;

        b->count = 0;
        for (size_t i = 0; i < x->touched_count; i++) {
                struct book *k = book_of(b, x->touched[i].pool);
                if (k == NULL)
                        return error_raise(err, SB_LIMIT, "%s|%zu",
                                           ERROR_BOTH("the pools of an adjustment", "调整涉及的统筹区数"),
                                           sizeof b->list / sizeof *b->list);
                k->reduced += x->touched[i].reduced;
                k->excess += x->touched[i].excess;
        }
        for (size_t i = 0; i < x->take_count; i++)
                if (x->takes[i].paid)
                        book_of(b, touched_by(x, x->takes[i].assessment)->pool)->account += x->takes[i].due.account;
        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                rc = ids_next(h->ids, &b->list[i].transaction, err);
                if (rc == 0 && b->list[i].excess > 0)
                        rc = ids_next(h->ids, &b->list[i].credit, err);
        }
        return rc;
}

/* --- what is less ---------------------------------------------------------------------------------------------------------------- */

static int book_post(struct tx *tx, struct adjusting *x, const struct book *b, int64_t adjustment, struct error *err)
{
        struct house *h = x->call->house;
        const struct posting parts[] = {{b->pool, LEDGER_RECEIVABLE, b->excess - b->reduced},
                                        {b->pool, LEDGER_FUND, b->reduced - b->account},
                                        {b->pool, LEDGER_PERSONAL, b->account},
                                        {b->pool, LEDGER_SUSPENSE, -b->excess}};
        struct posting postings[4];
        size_t n = 0;
        day_t today = clock_today(h->clock);

        for (size_t i = 0; i < 4; i++)
                if (parts[i].amount != 0)
                        postings[n++] = parts[i];
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(today),
                                       .id = b->transaction,
                                       .day = today,
                                       .kind = "contribution.adjust",
                                       .ref_kind = "adjustment",
                                       .ref_id = adjustment,
                                       .actor = x->call->who.staff,
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = n};
        return n == 0 ? 0 : ledger_post(tx, h->ids, &t, err);
}

static int credit_insert(struct tx *tx, struct adjusting *x, const struct book *b, int64_t adjustment, struct error *err)
{
        struct house *h = x->call->house;
        char reference[64];

        text_format(reference, sizeof reference, "adjustment %lld/%lld", (long long)adjustment, (long long)b->pool);
        return tx_exec(
            tx, err,
            "INSERT INTO receipt (home, id, employer, amount_fen, day, bank_ref, allocated_fen, state, txn, actor, at, "
            "version, adjustment, refunded_fen) VALUES (?1@int, ?2@int, ?3@int, 0, ?4@int, ?5@text, ?6@int, 'suspense', "
            "?7@int, "
            "?8@int, ?9@int, 1, ?10@int, 0)",
            "iiiitiiiii", (int64_t)h->home, b->credit, x->employer.id, (int64_t)clock_today(h->clock), reference, -b->excess,
            b->transaction, x->call->who.staff, (int64_t)clock_now(h->clock), adjustment);
}

static int books_write(struct tx *tx, struct adjusting *x, const struct books *b, int64_t adjustment, struct error *err)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                rc = book_post(tx, x, &b->list[i], adjustment, err);
                if (rc == 0 && b->list[i].excess > 0)
                        rc = credit_insert(tx, x, &b->list[i], adjustment, err);
        }
        return rc;
}

static int take_insert(struct tx *tx, struct adjusting *x, const struct adjust_take *t, int64_t adjustment, struct error *err)
{
        return tx_exec(
            tx, err,
            "INSERT INTO adjustment_reduction (home, assessment, adjustment, person_home, person, base_fen, employer_fen, "
            "person_fen, account_fen) VALUES (?1@int, ?2@int, ?3@int, ?1@int, ?4@int, ?5@int, ?6@int, ?7@int, ?8@int)",
            "iiiiiiii", (int64_t)x->call->house->home, t->assessment, adjustment, t->person, t->due.base, t->due.employer,
            t->due.person, t->due.account);
}

/* The months of whom was credited: the account part comes back, and the base of the month shrinks. */
static int takes_write(struct tx *tx, struct adjusting *x, struct books *b, int64_t adjustment, struct error *err)
{
        struct house *h = x->call->house;
        struct personal_entry *entries = calloc(x->take_count + 1, sizeof *entries);
        size_t n = 0;
        int rc = entries == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        for (size_t i = 0; rc == 0 && i < x->take_count; i++) {
                const struct adjust_take *t = &x->takes[i];
                const struct adjust_item *m = &x->items[t->item];
                int64_t pool = touched_by(x, t->assessment)->pool;
                rc = take_insert(tx, x, t, adjustment, err);
                if (rc == 0 && t->paid && t->due.account > 0) {
                        struct personal_entry *e = &entries[n++];
                        *e = (struct personal_entry){.home = h->home,
                                                     .month = m->month,
                                                     .transaction = book_of(b, pool)->transaction,
                                                     .kind = "reversal",
                                                     .amount = -t->due.account,
                                                     .at = clock_now(h->clock)};
                        rc = personal_account_open(tx, h->ids, h->home, t->person, m->scheme, pool, &e->account, err);
                }
                const struct history_month past = {t->person, x->employer.id, pool, m->scheme, m->month};
                if (rc == 0 && t->paid && t->due.base > 0)
                        rc = history_change(tx, h, &past, -t->due.base, err);
        }
        if (rc == 0 && n > 0)
                rc = personal_account_add_many(tx, h->ids, entries, n, err);
        free(entries);
        return rc;
}

static int excess_allocate(struct tx *tx, struct adjusting *x, const struct adjust_touched *t, const struct book *b,
                           struct error *err)
{
        struct house *h = x->call->house;
        int64_t id;
        int rc = t->excess == 0 ? 1 : ids_next(h->ids, &id, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        return tx_exec(tx, err,
                       "INSERT INTO allocation (home, id, receipt, assessment, amount_fen, txn, at) VALUES (?1@int, ?2@int, "
                       "?3@int, ?4@int, ?5@int, ?6@int, ?7@int)",
                       "iiiiiii", (int64_t)h->home, id, b->credit, t->assessment, -t->excess, b->transaction,
                       (int64_t)clock_now(h->clock));
}

/* What is owed shrinks; an assessment that is paid by that is credited to whom it still is for. */
static int touched_write(struct tx *tx, struct adjusting *x, const struct adjust_touched *t, const struct book *b,
                         struct error *err)
{
        int64_t home = x->call->house->home;
        fen_t owed = t->owed - t->reduced, received = t->received - t->excess;
        struct paid p = {.assessment = t->assessment,
                         .employer = x->employer.id,
                         .pool = t->pool,
                         .month = t->month,
                         .supplement = t->supplement};
        int rc = excess_allocate(tx, x, t, b, err);

        text_copy(p.scheme, sizeof p.scheme, str_from(t->scheme));
        rc = rc ? rc
                : tx_exec(tx, err,
                          "UPDATE assessment SET reduced_fen = reduced_fen + ?3@int, received_fen = ?4@int, state = ?5@text, "
                          "version "
                          "= version + 1 WHERE home = ?1@int AND id = ?2@int",
                          "iiiit", home, t->assessment, t->reduced, received, received == owed ? "paid" : "open");
        if (rc == 0 && !t->paid && received == owed)
                rc = assessment_credit(tx, x->call, &p, err);
        return rc ? rc : declaration_settle(tx, (int32_t)home, t->assessment, err);
}

static int less_write(struct tx *tx, struct adjusting *x, int64_t adjustment, struct error *err)
{
        struct books b;
        int rc = books_open(x, &b, err);

        rc = rc ? rc : books_write(tx, x, &b, adjustment, err);
        rc = rc ? rc : takes_write(tx, x, &b, adjustment, err);
        for (size_t i = 0; rc == 0 && i < x->touched_count; i++)
                rc = touched_write(tx, x, &x->touched[i], book_of(&b, x->touched[i].pool), err);
        return rc;
}

/* --- what is more ---------------------------------------------------------------------------------------------------------------- */

struct supplement {
        struct adjusting *x;
        const struct adjust_done *done;
        month_t month;
        int64_t declaration, transaction;
        struct posting postings[2 * SCHEMES_MAX];
        size_t posting_count, workers;
};

static bool is_more(const struct adjust_item *i)
{
        return i->more.base + i->more.employer + i->more.person + i->more.account > 0;
}

static int declaration_write(struct tx *tx, struct supplement *s, struct error *err)
{
        struct adjusting *x = s->x;
        struct house *h = x->call->house;

        return tx_exec(
            tx, err,
            "INSERT INTO declaration (home, id, employer, month, state, channel, workers, entered_by, entered_at, "
            "approved_by, approved_at, due_day, pack_hash, replaces, version, adjustment) VALUES (?1@int, ?2@int, ?3@int, "
            "?4@int, 'assessed', 'adjust', ?5@int, 0, ?6@int, ?7@int, ?6@int, ?8@int, ?9@blob, 0, 1, ?10@int)",
            "iiiiiiiibi", (int64_t)h->home, s->declaration, x->employer.id, (int64_t)s->month, (int64_t)s->workers,
            (int64_t)clock_now(h->clock), x->call->who.staff, (int64_t)adjust_due(x, s->done->result, s->month),
            (struct str){(const char *)x->pack.b, sizeof x->pack.b}, s->done->id);
}

static int wage_write(struct tx *tx, struct supplement *s, const struct adjust_item *i, struct error *err)
{
        return tx_exec(
            tx, err,
            "INSERT INTO declaration_line (home, declaration, person_home, person, wage_fen) VALUES (?1@int, ?2@int, "
            "?1@int, ?3@int, ?4@int)",
            "iiii", (int64_t)s->x->call->house->home, s->declaration, i->person, i->wage);
}

/* Nothing to pay: it is paid, and recorded at once. */
static int nothing_due(struct tx *tx, struct supplement *s, const struct adjust_item *i, int64_t assessment, struct error *err)
{
        struct paid p = {
            .assessment = assessment, .employer = s->x->employer.id, .pool = i->pool, .month = i->month, .supplement = true};

        text_copy(p.scheme, sizeof p.scheme, str_from(i->scheme));
        return assessment_credit(tx, s->x->call, &p, err);
}

static int assessment_write(struct tx *tx, struct supplement *s, const struct adjust_item *i, struct error *err)
{
        struct house *h = s->x->call->house;
        struct assessment_new n = {.declaration = s->declaration,
                                   .employer = s->x->employer.id,
                                   .workers = 1,
                                   .transaction = s->transaction,
                                   .month = s->month,
                                   .scheme = i->scheme,
                                   .pool = i->pool,
                                   .total = i->more};
        fen_t due = i->more.employer + i->more.person;
        struct bulk *b = NULL;
        int rc = ids_next(h->ids, &n.id, err);

        rc = rc ? rc : assessment_add(tx, h->home, &n, err);
        rc = rc ? rc : assessment_lines_open(&b, tx, err);
        rc = rc ? rc : assessment_line_add(b, h->home, n.id, i->person, &i->more, err);
        if (b != NULL) {
                int closed = bulk_close(b, rc == 0 ? err : NULL);
                rc = rc == 0 ? closed : rc;
        }
        if (due > 0) {
                s->postings[s->posting_count++] = (struct posting){i->pool, LEDGER_RECEIVABLE, due};
                s->postings[s->posting_count++] = (struct posting){i->pool, LEDGER_FUND, -due};
        } else if (rc == 0) {
                rc = nothing_due(tx, s, i, n.id, err);
        }
        return rc ? rc : declaration_settle(tx, h->home, n.id, err);
}

static int supplement_post(struct tx *tx, struct supplement *s, struct error *err)
{
        struct house *h = s->x->call->house;
        day_t today = clock_today(h->clock);
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(today),
                                       .id = s->transaction,
                                       .day = today,
                                       .kind = "contribution.assess",
                                       .ref_kind = "declaration",
                                       .ref_id = s->declaration,
                                       .actor = s->x->call->who.staff,
                                       .at = clock_now(h->clock),
                                       .postings = s->postings,
                                       .count = s->posting_count};

        return s->posting_count == 0 ? 0 : ledger_post(tx, h->ids, &t, err);
}

/* The items of one month: one declaration of the office itself, an assessment a scheme. */
static int month_write(struct tx *tx, struct supplement *s, size_t first, size_t end, struct error *err)
{
        struct adjusting *x = s->x;
        int64_t id = 0;
        int rc = ids_range(x->call->house->ids, 2, &id, err);
        const struct adjust_item *wage = NULL;

        s->declaration = id;
        s->transaction = id + 1;
        s->posting_count = 0;
        s->workers = 1;
        rc = rc ? rc : declaration_write(tx, s, err);
        for (size_t i = first; rc == 0 && i < end; i++) {
                if (!is_more(&x->items[i]))
                        continue;
                if (wage == NULL)
                        rc = wage_write(tx, s, wage = &x->items[i], err);
                rc = rc ? rc : assessment_write(tx, s, &x->items[i], err);
        }
        return rc ? rc : supplement_post(tx, s, err);
}

static int more_write(struct tx *tx, struct adjusting *x, const struct adjust_done *d, struct error *err)
{
        int rc = 0;

        for (size_t first = 0, end; rc == 0 && first < x->item_count; first = end) {
                struct supplement s = {.x = x, .done = d, .month = x->items[first].month};
                bool any = false;
                for (end = first; end < x->item_count && x->items[end].month == s.month; end++)
                        any |= is_more(&x->items[end]);
                if (any)
                        rc = month_write(tx, &s, first, end, err);
        }
        return rc;
}

/* --- together ------------------------------------------------------------------------------------------------------------------- */

static int lines_write(struct tx *tx, struct adjusting *x, int64_t adjustment, struct error *err)
{
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < x->item_count; i++) {
                const struct adjust_item *m = &x->items[i];
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO adjustment_line (home, adjustment, person_home, person, month, scheme, pool, old_wage_fen, "
                    "old_base_fen, old_employer_fen, old_person_fen, old_account_fen, wage_fen, base_fen, employer_fen, "
                    "person_fen, "
                    "account_fen) VALUES (?1@int, ?2@int, ?1@int, ?3@int, ?4@int, ?5@text, ?6@int, ?7@int, ?8@int, ?9@int, "
                    "?10@int, "
                    "?11@int, ?12@int, ?13@int, ?14@int, ?15@int, ?16@int)",
                    "iiiitiiiiiiiiiii", (int64_t)x->call->house->home, adjustment, m->person, (int64_t)m->month, m->scheme,
                    m->pool, m->old_wage, m->old.base, m->old.employer, m->old.person, m->old.account, m->wage, m->now.base,
                    m->now.employer, m->now.person, m->now.account);
        }
        return rc;
}

static int head_write(struct tx *tx, struct adjusting *x, const struct adjust_done *d, struct error *err)
{
        struct call *c = x->call;

        return tx_exec(
            tx, err,
            "INSERT INTO adjustment (home, id, kind, employer, person, month_from, month_to, settle, reverses, instance, "
            "decision, supplement_fen, reduced_fen, excess_fen, refunded_fen, account_fen, state, actor, at) VALUES (?1@int, "
            "?2@int, ?3@text, ?4@int, ?5@int, ?6@int, ?7@int, ?8@text, ?9@int, ?10@int, ?11@int, ?12@int, ?13@int, ?14@int, "
            "?15@int, ?16@int, 'done', ?17@int, ?18@int)",
            "iitiiiitiiiiiiiiii", (int64_t)c->house->home, d->id, x->kind_word, x->employer.id, x->person, (int64_t)x->from,
            (int64_t)x->to, x->settle_word, x->reverses, c->instance, d->decision, x->supplement, x->reduced, x->excess,
            d->refunded, x->account, c->who.staff, (int64_t)clock_now(c->house->clock));
}

static int settle(struct tx *tx, struct adjusting *x, struct adjust_done *d, struct error *err)
{
        int rc = 0;

        if (x->settle != SETTLE_SET_OFF) {
                if (x->kind != ADJUST_SUSPENSE)
                        rc = credit_use(tx, x->call, x->employer.id, d->id, err);
                rc = rc ? rc : adjust_refund(tx, x, d, err);
        }
        return rc ? rc : suspense_use(tx, x->call, x->employer.id, 0, err);
}

int adjust_carry_out(struct tx *tx, struct adjusting *x, struct adjust_done *d, struct error *err)
{
        int64_t home = x->call->house->home;
        int rc = 0;

        d->refunded = 0;
        if (x->kind == ADJUST_REVERSE) {
                rc = adjust_refund_undo(tx, x, x->reverses, err);
                rc = rc ? rc
                        : tx_exec(tx, err, "UPDATE adjustment SET state = 'reversed' WHERE home = ?1@int AND id = ?2@int", "ii",
                                  home, x->reverses);
        }
        rc = rc ? rc : lines_write(tx, x, d->id, err);
        rc = rc ? rc : less_write(tx, x, d->id, err);
        rc = rc ? rc : more_write(tx, x, d, err);
        rc = rc ? rc : settle(tx, x, d, err);
        return rc ? rc : head_write(tx, x, d, err);
}
