/* SPDX-License-Identifier: Apache-2.0
 *
 * The plain model: what the office should hold, in arrays and with arithmetic of its own. It begins with what the system before left.
 */
#include "office/sim/internal.h"

#include <stdlib.h>
#include <string.h>

int pool_index(const struct world *w, int64_t id)
{
        for (int i = 0; i < POOLS; i++)
                if (w->t->pools[i].id == id)
                        return i;
        return -1;
}

#define FIND(name, array, count)                                                                                               \
        struct name *name(struct model *m, int64_t id)                                                                         \
        {                                                                                                                      \
                for (int i = m->count - 1; i >= 0; i--)                                                                        \
                        if (m->array[i].id == id)                                                                              \
                                return &m->array[i];                                                                           \
                return NULL;                                                                                                   \
        }
FIND(m_person, persons, person_count)
FIND(m_employer, employers, employer_count)
FIND(m_declaration, declarations, declaration_count)
FIND(m_receipt, receipts, receipt_count)
FIND(m_run, runs, run_count)
FIND(m_case, cases, case_count)

struct m_award *m_award(struct model *m, int64_t id)
{
        for (int i = 0; i < m->award_count; i++)
                for (int k = 0; k < m->awards[i].chain; k++)
                        if (m->awards[i].ids[k] == id)
                                return &m->awards[i];
        return NULL;
}

#define ROOM(count, max)                                                                                                       \
        if ((count) >= (max)) {                                                                                                \
                sim_fail(w, "the model has no room: %s", #max);                                                                \
                return NULL;                                                                                                   \
        }

struct m_case *m_case_add(struct world *w, int64_t id, const char *process, int64_t subject)
{
        struct model *m = w->m;

        ROOM(m->case_count, CASES_MAX)
        struct m_case *c = &m->cases[m->case_count++];
        *c = (struct m_case){.id = id, .subject = subject};
        text_copy(c->process, sizeof c->process, str_from(process));
        w->out->cases++;
        return c;
}

struct m_person *m_person_add(struct world *w, int64_t id)
{
        struct model *m = w->m;

        ROOM(m->person_count, PERSONS_MAX)
        struct m_person *p = &m->persons[m->person_count++];
        *p = (struct m_person){.id = id, .death = DAY_END};
        return p;
}

struct m_spell *m_spell_add(struct world *w, int64_t id, int64_t person, int64_t employer, day_t from, day_t to)
{
        struct model *m = w->m;

        ROOM(m->spell_count, SPELLS_MAX)
        struct m_spell *s = &m->spells[m->spell_count++];
        *s = (struct m_spell){id, person, employer, from, to};
        return s;
}

const struct m_done *m_decided(const struct m_case *c, const char *node)
{
        for (int i = c == NULL ? -1 : c->done_count - 1; i >= 0; i--)
                if (strcmp(c->done[i].node, node) == 0)
                        return &c->done[i];
        return NULL;
}

bool m_works(const struct model *m, int64_t person, int64_t employer, month_t month)
{
        for (int i = 0; i < m->spell_count; i++)
                if (m->spells[i].person == person && m->spells[i].employer == employer &&
                    m->spells[i].from <= month_last(month) && m->spells[i].to > month_first(month))
                        return true;
        return false;
}

bool m_related(const struct model *m, int64_t a, int64_t b)
{
        for (int i = 0; i < m->tie_count; i++)
                if (!m->ties[i].ended &&
                    ((m->ties[i].person == a && m->ties[i].other == b) || (m->ties[i].person == b && m->ties[i].other == a)))
                        return true;
        return false;
}

void m_post(struct world *w, int pool, enum ledger_kind kind, fen_t amount)
{
        w->m->book[pool][kind] += amount;
}

/* --- figures of the pack, in thousandths of a percent or in fen ------------------------------------------------------------- */

static int64_t figure(struct world *w, const char *key, const char *dims, day_t day)
{
        const struct parameter *p = NULL;
        struct error err = {0};
        fen_t hundredths = 0;
        char cut[24];

        if (pack_parameter(w->t->pack, key, dims, day, &p, &err) < 0) {
                sim_fail(w, "the pack has no %s %s", key, dims);
                return 0;
        }
        text_copy(cut, sizeof cut, str_from(p->value));
        if (money_parse(&hundredths, str_from(cut), &err) < 0)
                sim_fail(w, "%s is %s", key, p->value);
        return hundredths;
}

static fen_t part(fen_t base, int64_t hundredths_of_percent)
{
        return (fen_t)round_div((wide_t)base * hundredths_of_percent, 10000, ROUND_HALF_UP);
}

static fen_t whole_yuan(fen_t amount)
{
        return (fen_t)round_div((wide_t)amount, 100, ROUND_HALF_UP) * 100;
}

/* --- contributions ------------------------------------------------------------------------------------------------------------ */

static void line_assess(struct world *w, month_t month, struct m_line *l)
{
        day_t day = month_first(month);
        fen_t wage = figure(w, "base_wage", "", day);
        fen_t floor = whole_yuan(part(wage, figure(w, "base_floor_ratio", "", day)));
        fen_t ceiling = whole_yuan(part(wage, figure(w, "base_ceiling_ratio", "", day)));
        char dims[64];

        l->base = l->wage < floor ? floor : l->wage > ceiling ? ceiling : l->wage;
        for (int p = 0; p < POOLS && !w->failed; p++) {
                const char *scheme = w->t->pools[p].scheme;
                text_format(dims, sizeof dims, "scheme=%s;party=employer", scheme);
                int64_t employer = strcmp(scheme, "WI") == 0 ? figure(w, "injury_rate", "class=1", day)
                                                             : figure(w, "contribution_rate", dims, day);
                text_format(dims, sizeof dims, "scheme=%s;party=person", scheme);
                int64_t person = figure(w, "contribution_rate", dims, day);
                text_format(dims, sizeof dims, "scheme=%s", scheme);
                bool has = strcmp(scheme, "EP") == 0 || strcmp(scheme, "EM") == 0;
                l->employer_part[p] = part(l->base, employer);
                l->person_part[p] = part(l->base, person);
                l->account[p] = has ? part(l->base, figure(w, "account_rate", dims, day)) : 0;
        }
}

/* A month that was not declared: 110 % of each line of the month before. */
static void lines_estimate(struct world *w, struct m_declaration *d)
{
        const struct m_declaration *before = NULL;
        int64_t ratio = figure(w, "undeclared_base_ratio", "", month_first(d->month));

        for (int i = 0; i < w->m->declaration_count; i++) {
                const struct m_declaration *b = &w->m->declarations[i];
                if (b->employer == d->employer && b->month == d->month - 1 && b->state == M_ASSESSED)
                        before = b;
        }
        if (before == NULL) {
                sim_fail(w, "declaration %lld was estimated from nothing", (long long)d->id);
                return;
        }
        for (int i = 0; i < d->count; i++) {
                struct m_line *l = &d->lines[i];
                const struct m_line *b = &before->lines[i];
                *l = *b;
                l->base = part(b->base, ratio);
                for (int p = 0; p < POOLS; p++) {
                        l->employer_part[p] = part(b->employer_part[p], ratio);
                        l->person_part[p] = part(b->person_part[p], ratio);
                        l->account[p] = part(b->account[p], ratio);
                }
        }
}

static void credit(struct world *w, struct m_declaration *d, int p)
{
        fen_t sum = 0;

        for (int i = 0; i < d->count; i++) {
                struct m_person *who = m_person(w->m, d->lines[i].person);
                if (who == NULL) {
                        sim_fail(w, "declaration %lld has a stranger", (long long)d->id);
                        return;
                }
                who->months[p]++;
                who->bases[p] += d->lines[i].base;
                who->account[p] += d->lines[i].account[p];
                who->has_account[p] = who->has_account[p] || d->lines[i].account[p] > 0;
                sum += d->lines[i].account[p];
        }
        m_post(w, p, LEDGER_FUND, sum);
        m_post(w, p, LEDGER_PERSONAL, -sum);
}

void m_assess(struct world *w, struct m_declaration *d)
{
        d->state = M_ASSESSED;
        if (d->estimated)
                lines_estimate(w, d);
        for (int i = 0; i < d->count && !d->estimated; i++)
                line_assess(w, d->month, &d->lines[i]);
        for (int p = 0; p < POOLS; p++) {
                for (int i = 0; i < d->count; i++) {
                        d->due[p] += d->lines[i].employer_part[p] + d->lines[i].person_part[p];
                        d->account[p] += d->lines[i].account[p];
                }
                m_post(w, p, LEDGER_RECEIVABLE, d->due[p]);
                m_post(w, p, LEDGER_FUND, -d->due[p]);
                d->paid[p] = d->due[p] == 0;
        }
        m_allocate(w, d->employer, 0);
}

/* The oldest month that is not paid, within it the schemes in their order. */
static struct m_declaration *oldest(struct model *m, int64_t employer, const int order[POOLS], int *pool)
{
        struct m_declaration *best = NULL;

        for (int i = 0; i < m->declaration_count; i++) {
                struct m_declaration *d = &m->declarations[i];
                if (d->employer != employer || d->state != M_ASSESSED || (best != NULL && d->month >= best->month))
                        continue;
                for (int k = 0; k < POOLS; k++)
                        if (!d->paid[order[k]]) {
                                best = d;
                                break;
                        }
        }
        for (int k = 0; best != NULL && k < POOLS; k++)
                if (!best->paid[order[k]]) {
                        *pool = order[k];
                        break;
                }
        return best;
}

/* Assessments of a month stand in the order of the names of their schemes. */
static void scheme_order(const struct world *w, int order[POOLS])
{
        for (int i = 0; i < POOLS; i++)
                order[i] = i;
        for (int i = 0; i < POOLS; i++)
                for (int k = i + 1; k < POOLS; k++)
                        if (strcmp(w->t->pools[order[k]].scheme, w->t->pools[order[i]].scheme) < 0) {
                                int x = order[i];
                                order[i] = order[k];
                                order[k] = x;
                        }
}

static void receipt_spend(struct world *w, struct m_receipt *r, const int order[POOLS])
{
        int pool = 0;

        for (;;) {
                struct m_declaration *d = r->allocated < r->amount ? oldest(w->m, r->employer, order, &pool) : NULL;
                if (d == NULL)
                        return;
                fen_t open = d->due[pool] - d->received[pool], rest = r->amount - r->allocated;
                fen_t amount = rest < open ? rest : open;
                d->received[pool] += amount;
                r->allocated += amount;
                m_post(w, pool, LEDGER_RECEIVABLE, -amount);
                m_post(w, r->pool, LEDGER_SUSPENSE, amount);
                if (pool != r->pool) {
                        m_post(w, r->pool, LEDGER_BANK, -amount);
                        m_post(w, pool, LEDGER_BANK, amount);
                }
                if (d->received[pool] == d->due[pool]) {
                        d->paid[pool] = true;
                        credit(w, d, pool);
                }
        }
}

void m_allocate(struct world *w, int64_t employer, int64_t only)
{
        int order[POOLS];

        scheme_order(w, order);
        for (int i = 0; i < w->m->receipt_count; i++) {
                struct m_receipt *r = &w->m->receipts[i];
                if (r->employer == employer && !r->checking && (only == 0 || r->id == only))
                        receipt_spend(w, r, order);
        }
}

/* Money lies in the book of the employer's last assessment, of its first scheme by name; without one in that of the pension. */
static int suspense_pool(struct world *w, int64_t employer)
{
        int order[POOLS];
        bool assessed = false;

        scheme_order(w, order);
        for (int i = 0; i < w->m->declaration_count; i++)
                assessed =
                    assessed || (w->m->declarations[i].employer == employer && w->m->declarations[i].state == M_ASSESSED);
        if (assessed)
                return order[0];
        for (int p = 0; p < POOLS; p++)
                if (strcmp(w->t->pools[p].scheme, "EP") == 0)
                        return p;
        return 0;
}

struct m_receipt *m_receipt_add(struct world *w, int64_t id, int64_t employer, fen_t amount, int64_t instance,
                                const char *reference)
{
        struct model *m = w->m;

        ROOM(m->receipt_count, RECEIPTS_MAX)
        struct m_receipt *r = &m->receipts[m->receipt_count++];
        *r = (struct m_receipt){.id = id,
                                .employer = employer,
                                .amount = amount,
                                .instance = instance,
                                .pool = suspense_pool(w, employer),
                                .checking = true};
        text_copy(r->reference, sizeof r->reference, str_from(reference));
        m_post(w, r->pool, LEDGER_BANK, amount);
        m_post(w, r->pool, LEDGER_SUSPENSE, -amount);
        return r;
}

/* --- payments -------------------------------------------------------------------------------------------------------------------- */

static const struct m_stop *stopped(const struct m_award *a, month_t m)
{
        const struct m_stop *first = NULL;

        for (int i = 0; i < a->stop_count; i++) {
                const struct m_stop *s = &a->stops[i];
                if (!s->lifted && s->from <= m && m < s->to &&
                    (first == NULL || s->from < first->from || (s->from == first->from && s->id < first->id)))
                        first = s;
        }
        return first;
}

/* What an award gets in a run: everything that is due up to its month and was not paid. What was paid too much is not set off. */
static void due_make(struct world *w, const struct m_run *r, const struct m_award *a, struct m_due *out)
{
        const struct m_person *p = m_person(w->m, a->person);
        month_t end = p->death < DAY_END ? month_of(p->death) + 1 : MONTH_END;
        month_t from = a->taken_over && a->from <= w->m->taken_over ? w->m->taken_over + 1 : a->from;
        fen_t paid = 0, due = 0;
        bool returned = false, this_month = false;

        if (r->month >= end) {
                text_copy(out->reason, sizeof out->reason, STR("death"));
                return;
        }
        if (stopped(a, r->month) != NULL) {
                text_copy(out->reason, sizeof out->reason, str_from(stopped(a, r->month)->reason));
                return;
        }
        if (!a->payee) {
                text_copy(out->reason, sizeof out->reason, STR("no_account"));
                return;
        }
        for (int i = 0; i < a->payment_count; i++) {
                if (strcmp(a->payments[i].state, "due") == 0) {
                        paid += a->payments[i].amount;
                        this_month = this_month || a->payments[i].month == r->month;
                }
                returned = returned || strcmp(a->payments[i].state, "returned") == 0;
        }
        for (month_t m = from; m <= r->month; m++)
                due += stopped(a, m) == NULL ? a->total : 0;
        due -= paid;
        if (!this_month && due < a->total)
                due = a->total;
        if (due <= 0) {
                text_copy(out->reason, sizeof out->reason, STR("paid"));
                return;
        }
        out->due = true;
        out->amount = due;
        text_copy(out->reason, sizeof out->reason,
                  returned                       ? STR("repaid")
                  : due > a->total || this_month ? STR("arrears")
                                                 : STR(""));
        if (w->o->plan_a_fault && w->m->run_count == 3)
                out->amount++;
}

void m_run_freeze(struct world *w, struct m_run *r)
{
        r->count = 0;
        r->frozen = w->out->calls;
        for (int i = 0; i < w->m->award_count; i++) {
                const struct m_award *a = &w->m->awards[i];
                if (a->from > r->month)
                        continue;
                struct m_due *d = &r->rows[r->count++];
                *d = (struct m_due){.award = i, .id = a->ids[a->chain - 1]};
                due_make(w, r, a, d);
        }
}

int ep(const struct world *w)
{
        for (int p = 0; p < POOLS; p++)
                if (strcmp(w->t->pools[p].scheme, "EP") == 0)
                        return p;
        return 0;
}

/* What the account bears, as far as it holds; counted on what it holds when the run is computed. */
void m_run_split(struct world *w, struct m_run *r)
{
        r->due = 0;
        for (int i = 0; i < r->count; i++) {
                struct m_due *d = &r->rows[i];
                const struct m_award *a = &w->m->awards[d->award];
                fen_t balance = m_person(w->m, a->person)->account[ep(w)];
                fen_t wanted = (fen_t)round_div((wide_t)d->amount * a->account, a->total, ROUND_HALF_UP);
                d->part = !d->due ? 0 : wanted < balance ? wanted : balance;
                r->due += d->due ? d->amount : 0;
        }
        r->counted = true;
}

void m_run_post(struct world *w, struct m_run *r)
{
        int pool = ep(w);

        for (int i = 0; i < r->count && !w->failed; i++) {
                struct m_due *d = &r->rows[i];
                struct m_award *a = &w->m->awards[d->award];
                struct m_person *p = m_person(w->m, a->person);
                if (!d->due)
                        continue;
                if (a->payment_count == PAYMENTS) {
                        sim_fail(w, "the model has no room: PAYMENTS");
                        return;
                }
                d->part = d->part < p->account[pool] ? d->part : p->account[pool];
                p->account[pool] -= d->part;
                m_post(w, pool, LEDGER_PERSONAL, d->part);
                m_post(w, pool, LEDGER_FUND, d->amount - d->part);
                m_post(w, pool, LEDGER_PAYABLE, -d->amount);
                /* What came back was never paid: it is taken back, and its part is the account's again. */
                for (int k = 0; k < a->payment_count; k++) {
                        struct m_payment *b = &a->payments[k];
                        if (strcmp(b->state, "returned") != 0 || b->returned > r->frozen)
                                continue;
                        text_copy(b->state, sizeof b->state, STR("repaid"));
                        p->account[pool] += b->part;
                        m_post(w, pool, LEDGER_PERSONAL, -b->part);
                        m_post(w, pool, LEDGER_FUND, -(b->amount - b->part));
                        m_post(w, pool, LEDGER_PAYABLE, b->amount);
                }
                struct m_payment *y = &a->payments[a->payment_count++];
                *y = (struct m_payment){.run = r->id, .award = d->id, .month = r->month, .amount = d->amount, .part = d->part};
                text_copy(y->state, sizeof y->state, STR("due"));
        }
        r->posted = true;
}

/* --- the beginning ---------------------------------------------------------------------------------------------------------------- */

static int persons_begin(struct tx *tx, struct world *w, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT person, sex, birth_day, death_day, category FROM person_fact WHERE known_to = ?1@int ORDER BY "
                     "person",
                     "i", (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                struct m_person *p = m_person(w->m, stmt_int(q, 0));
                rc = 0;
                if (p == NULL && (p = m_person_add(w, stmt_int(q, 0))) == NULL)
                        break;
                p->sex = (int)stmt_int(q, 1);
                p->birth = (day_t)stmt_int(q, 2);
                p->death = (day_t)stmt_int(q, 3);
                text_copy(p->category, sizeof p->category, stmt_text(q, 4));
        }
        return rc;
}

static int work_begin(struct tx *tx, struct world *w, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, "SELECT id, uscc FROM employer ORDER BY id", "");

        while (rc == 0 && w->m->employer_count < EMPLOYERS_MAX && (rc = stmt_step(q, err)) == 1) {
                struct m_employer *e = &w->m->employers[w->m->employer_count++];
                *e = (struct m_employer){.id = stmt_int(q, 0), .declared = w->t->taken_over};
                text_copy(e->uscc, sizeof e->uscc, stmt_text(q, 1));
                rc = 0;
        }
        if (rc == 0)
                rc = tx_query(&q, tx, err,
                              "SELECT id, person, employer, valid_from, valid_to FROM employment WHERE known_to = ?1@int ORDER "
                              "BY id",
                              "i", (int64_t)INSTANT_END);
        while ((rc = row_next(rc, q, err)) == 1) {
                m_spell_add(w, stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2), (day_t)stmt_int(q, 3), (day_t)stmt_int(q, 4));
        }
        return rc;
}

static int money_begin(struct tx *tx, struct world *w, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT pool, kind, CAST(SUM(amount_fen) AS @int) FROM ledger_posting GROUP BY pool, kind", "");

        while ((rc = row_next(rc, q, err)) == 1) {
                w->m->book[pool_index(w, stmt_int(q, 0))][stmt_int(q, 1)] = stmt_int(q, 2);
        }
        if (rc == 0)
                rc = tx_query(&q, tx, err, "SELECT person, pool, balance_fen FROM personal_account", "");
        while ((rc = row_next(rc, q, err)) == 1) {
                struct m_person *p = m_person(w->m, stmt_int(q, 0));
                p->account[pool_index(w, stmt_int(q, 1))] = stmt_int(q, 2);
                p->has_account[pool_index(w, stmt_int(q, 1))] = true;
        }
        if (rc == 0)
                rc =
                    tx_query(&q, tx, err,
                             "SELECT id, person, month_from, total_fen, account_fen, CASE WHEN LENGTH(payee_sealed) > 0 THEN 1 "
                             "ELSE 0 END FROM award WHERE known_to = ?1@int ORDER BY id",
                             "i", (int64_t)INSTANT_END);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct m_award *a = &w->m->awards[w->m->award_count++];
                *a = (struct m_award){.ids = {stmt_int(q, 0)},
                                      .chain = 1,
                                      .person = stmt_int(q, 1),
                                      .from = (month_t)stmt_int(q, 2),
                                      .total = stmt_int(q, 3),
                                      .account = stmt_int(q, 4),
                                      .payee = stmt_int(q, 5) == 1,
                                      .taken_over = true};
        }
        return rc;
}

static int begin_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct world *w = ctx;
        struct stmt *q = NULL;
        int rc = persons_begin(tx, w, err);

        w->m->taken_over = w->t->taken_over;
        rc = rc ? rc : work_begin(tx, w, err);
        rc = rc ? rc : money_begin(tx, w, err);
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT person, pool, CAST(SUM(month_to - month_from) AS @int), CAST(SUM((month_to - month_from) * "
                    "base_fen) AS @int) FROM contribution WHERE known_to = ?1@int GROUP BY person, pool",
                    "i", (int64_t)INSTANT_END);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct m_person *p = m_person(w->m, stmt_int(q, 0));
                p->months[pool_index(w, stmt_int(q, 1))] = stmt_int(q, 2);
                p->bases[pool_index(w, stmt_int(q, 1))] = stmt_int(q, 3);
        }
        if (rc == 0 &&
            (rc = tx_one(&q, tx, err, "SELECT COALESCE(MAX(at), 0), COALESCE(MAX(id), 0) FROM audit_row", "")) == 1) {
                w->seen_at = stmt_int(q, 0);
                w->seen_id = stmt_int(q, 1);
                rc = 0;
        }
        return rc;
}

int model_begin(struct world *w, struct error *err)
{
        return store_read(w->house.store, begin_apply, w, err);
}

void model_free(struct model *m)
{
        for (int i = 0; m != NULL && i < m->declaration_count; i++)
                free(m->declarations[i].lines);
        free(m);
}
