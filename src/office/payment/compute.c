/* SPDX-License-Identifier: Apache-2.0
 *
 * The run kind `payment`: freeze and compute. The list is frozen by an instant: awards are read as they were believed then, page by
 * page, so nothing entered later changes it. The cursor is the last award and the hash of the list so far.
 */
#include "office/json.h"

#include "office/payment/payment.h"
#include "office/payment/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 4000
#define CHAIN_MAX 64 /* corrections of one award that are followed */

/* An earlier run of the pool that counts: what it listed as due was paid or is about to be. */
struct prior {
        int64_t id;
        month_t month;
        instant_t known;
        bool takeover;
};
struct block {
        struct house *house;
        const struct run *run;
        int64_t pool;
        month_t month;
        instant_t known;
        int64_t after;
        struct hash list;
        struct prior *priors; /* newest first */
        size_t prior_count;
        struct award_seen *awards;
        int award_count;
        struct award_stop *stops;
        size_t stop_count;
        bool *square; /* by award: paid in the run before, nothing changed since */
        struct plan *plans;
        int64_t total;
        bool end;
};

static void block_dispose(struct block *b)
{
        free(b->priors);
        free(b->awards);
        free(b->stops);
        free(b->square);
        free(b->plans);
}

/* The cursor: "" at the beginning, "AWARD HASH" between, "end HASH" when only the totals are left. */
static int cursor_parse(struct block *b, struct error *err)
{
        struct str s = b->run->cursor;
        const char *space = s.n ? memchr(s.p, ' ', s.n) : NULL;
        struct str head = {s.p, space ? (size_t)(space - s.p) : s.n};

        b->after = 0;
        b->list = hash_of("", 0);
        if (s.n == 0)
                return 0;
        b->end = str_is(head, "end");
        if (!space || (!b->end && !text_to_int(head, &b->after)))
                return error_raise(err, SB_INTERNAL, "%s", "cursor of a payment run");
        return hash_parse(&b->list, (struct str){space + 1, s.n - head.n - 1}, err);
}

static int inputs_parse(struct block *b, struct error *err)
{
        int64_t known = 0;
        int rc = json_get_int(b->run->inputs, "pool", true, &b->pool, err);

        if (rc == 0)
                rc = json_get_month(b->run->inputs, "month", true, &b->month, err);
        if (rc == 0)
                rc = json_get_int(b->run->inputs, "known", true, &known, err);
        b->known = known;
        return rc;
}

static int priors_read(struct block *b, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        size_t cap = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT p.id, p.month, p.state, p.released_at FROM payment_run p WHERE p.home = ?1@int AND p.pool = "
                          "?2@int AND p.kind = 'month' AND p.month <= ?3@int AND p.id <> ?4@int "
                          "AND p.state IN ('takeover', 'releasing', 'released', 'filed', 'settled') "
                          "ORDER BY p.month DESC, p.sequence DESC",
                          "iiii", (int64_t)b->run->home, b->pool, (int64_t)b->month, b->run->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                struct prior *p;

                if (b->prior_count == cap) {
                        cap = cap ? cap * 2 : 16;
                        p = realloc(b->priors, cap * sizeof(*p));
                        if (!p)
                                return error_raise(err, SB_MEMORY, "%s", "");
                        b->priors = p;
                }
                p = &b->priors[b->prior_count++];
                *p = (struct prior){
                    .id = stmt_int(q, 0), .month = (month_t)stmt_int(q, 1), .takeover = str_is(stmt_text(q, 2), "takeover")};
                p->known = stmt_int(q, 3);
        }
        for (size_t i = 0; rc == 0 && i < b->prior_count; i++)
                if (!b->priors[i].takeover)
                        rc = payment_run_known(tx, b->run->home, b->priors[i].id, &b->priors[i].known, err);
        return rc;
}

/* The newest prior run of an earlier month; NULL none. */
static const struct prior *previous(const struct block *b)
{
        for (size_t i = 0; i < b->prior_count; i++)
                if (b->priors[i].month < b->month)
                        return &b->priors[i];
        return NULL;
}

static bool paid_this_month(const struct block *b)
{
        return b->prior_count > 0 && b->priors[0].month == b->month;
}

/* Mark the awards that the previous run paid: a walk along two sorted lists. */
static int square_read(struct block *b, struct tx *tx, struct error *err)
{
        const struct prior *p = previous(b);
        struct stmt *q = NULL;
        int i = 0, rc;

        if (!p || b->award_count == 0 || paid_this_month(b))
                return 0;
        if (p->takeover) {
                for (i = 0; i < b->award_count; i++)
                        b->square[i] = b->awards[i].known_from <= p->known && b->awards[i].replaces == 0;
                return 0;
        }
        rc = tx_query(&q, tx, err,
                      "SELECT award FROM payment WHERE home = ?1@int AND month = ?2@int AND run = ?3@int AND award >= ?4@int "
                      "AND award <= ?5@int AND state IN ('due', 'claimed') ORDER BY award",
                      "iiiii", (int64_t)b->run->home, (int64_t)p->month, p->id, b->awards[0].id,
                      b->awards[b->award_count - 1].id);
        while ((rc = row_next(rc, q, err)) == 1) {
                int64_t award = stmt_int(q, 0);

                while (i < b->award_count && b->awards[i].id < award)
                        i++;
                if (i < b->award_count && b->awards[i].id == award)
                        b->square[i] = true;
        }
        return rc;
}

/* The award, what it replaced, and so on; the last one's first known instant and total. */
struct chain {
        int64_t ids[CHAIN_MAX];
        int count;
        instant_t root_known;
        fen_t root_total;
        month_t root_from;
};
static int chain_read(struct chain *c, struct tx *tx, int32_t home, const struct award_seen *a, struct error *err)
{
        int64_t next = a->replaces;

        *c = (struct chain){
            .ids = {a->id}, .count = 1, .root_known = a->known_from, .root_total = a->total, .root_from = a->from};
        while (next) {
                struct stmt *q = NULL;
                int rc =
                    tx_one(&q, tx, err,
                           "SELECT replaces, known_from, total_fen, month_from FROM award WHERE home = ?1@int AND id = ?2@int",
                           "ii", (int64_t)home, next);
                if (rc != 1 || c->count == CHAIN_MAX)
                        return rc < 0 ? rc
                                      : error_raise(err, SB_LIMIT, "%s|%d",
                                                    ERROR_BOTH("corrections of one award", "同一待遇的更正次数"), CHAIN_MAX);
                c->ids[c->count++] = next;
                next = stmt_int(q, 0);
                c->root_known = stmt_int(q, 1);
                c->root_total = stmt_int(q, 2);
                c->root_from = (month_t)stmt_int(q, 3);
        }
        return 0;
}

static int prior_payment(struct plan_input *in, struct block *b, struct tx *tx, const struct prior *p, int64_t award,
                         struct error *err)
{
        struct stmt *q = NULL;
        int64_t home = b->run->home;
        int rc = tx_one(
            &q, tx, err,
            "SELECT state, amount_fen FROM payment WHERE home = ?1@int AND month = ?2@int AND run = ?3@int AND award = ?4@int",
            "iiii", home, (int64_t)p->month, p->id, award);
        fen_t *sum = p->month == in->month ? &in->paid_now : &in->paid_before, amount = rc == 1 ? stmt_int(q, 1) : 0;

        if (rc != 1)
                return rc;
        /* claimed: it came back, and a one-off payment pays it. */
        bool back = str_is(stmt_text(q, 0), "returned"),
             paid = str_is(stmt_text(q, 0), "due") || str_is(stmt_text(q, 0), "claimed");
        if (back) { /* since the list was frozen: the next run makes it good */
                rc = payment_returned_after(tx, b->run->home, p->id, award, b->known, err);
                if (rc < 0)
                        return rc;
                paid = rc == 1;
                in->returned = in->returned || !paid;
        }
        if (paid && !money_add(*sum, amount, sum))
                return error_raise(err, SB_OVERFLOW, "%lld", (long long)award);
        return 0;
}

/* Everything that was ever paid for the award and its predecessors: for the few that are not plainly square. */
static int history_read(struct plan_input *in, struct block *b, struct tx *tx, struct error *err)
{
        struct chain c;
        int rc = chain_read(&c, tx, b->run->home, in->award, err);

        in->count_from = in->award->from;
        for (size_t i = 0; rc == 0 && i < b->prior_count; i++) {
                const struct prior *p = &b->priors[i];
                month_t begin = c.root_from > in->award->from ? c.root_from : in->award->from;
                fen_t taken_over;

                for (int k = 0; rc == 0 && !p->takeover && k < c.count; k++)
                        rc = prior_payment(in, b, tx, p, c.ids[k], err);
                if (!p->takeover || c.root_known > p->known || p->month < begin)
                        continue;
                if (c.count == 1)
                        in->count_from = p->month + 1;
                else if (__builtin_mul_overflow(c.root_total, p->month + 1 - begin, &taken_over) ||
                         !money_add(in->paid_before, taken_over, &in->paid_before))
                        rc = error_raise(err, SB_OVERFLOW, "%lld", (long long)c.root_total);
        }
        return rc;
}

static int plans_make(struct block *b, struct tx *tx, struct error *err)
{
        const struct prior *p = previous(b);
        size_t s = 0;
        int rc = 0;

        for (int i = 0; rc == 0 && i < b->award_count; i++) {
                const struct award_seen *a = &b->awards[i];
                struct plan_input in = {.award = a, .month = b->month};

                while (s < b->stop_count && b->stops[s].award < a->id)
                        s++;
                in.stops = b->stops ? &b->stops[s] : NULL;
                while (s + in.stop_count < b->stop_count && b->stops[s + in.stop_count].award == a->id)
                        in.stop_count++;
                if (b->square[i] && in.stop_count == 0 && a->replaces == 0) /* what came back of the one before it counts */
                        in.count_from = p->month + 1;
                else
                        rc = history_read(&in, b, tx, err);
                if (rc == 0)
                        rc = plan_make(&b->plans[i], &in, err);
        }
        return rc;
}

static int block_read(struct tx *tx, void *ctx, struct error *err)
{
        struct block *b = ctx;
        const struct prior *p;
        struct stmt *q = NULL;
        int rc = 0;

        free(b->stops);
        b->stops = NULL;
        b->stop_count = b->prior_count = 0;
        memset(b->square, 0, BLOCK * sizeof(*b->square));
        if (b->run->total == 0) {
                rc =
                    tx_one(&q, tx, err, "SELECT COUNT(*) FROM award WHERE home = ?1@int AND pool = ?2@int AND state = 'active'",
                           "ii", (int64_t)b->run->home, b->pool);
                b->total = rc == 1 ? stmt_int(q, 0) : 0;
                rc = rc < 0 ? rc : 0;
        }
        if (rc == 0)
                rc = priors_read(b, tx, err);
        if (rc == 0) {
                b->award_count = award_page(tx, b->run->home, b->pool, b->known, b->after, b->awards, BLOCK, err);
                rc = b->award_count < 0 ? b->award_count : 0;
        }
        p = previous(b);
        if (rc == 0 && b->award_count > 0)
                rc = award_stops(tx, b->run->home, b->awards[0].id, b->awards[b->award_count - 1].id, p ? p->known : 0,
                                 b->known, &b->stops, &b->stop_count, err);
        if (rc == 0)
                rc = square_read(b, tx, err);
        return rc ? rc : plans_make(b, tx, err);
}

/* The list's hash goes on by a row: what a second person releases is exactly what was computed. */
static struct hash list_add(const struct hash *list, const struct award_seen *a, const struct plan *p)
{
        char row[256];
        struct hash h;

        text_format(row, sizeof(row), "%lld|%lld|%d|%s|%lld|%lld|%lld", (long long)a->id, (long long)a->person, p->due,
                    p->reason, (long long)p->amount, (long long)p->account, (long long)p->months);
        h = hash_of(row, strlen(row));
        return hash_pair(list, &h);
}

static void row_put(struct bulk *k, const struct block *b, const struct award_seen *a, const struct plan *p)
{
        bulk_int(k, b->run->home);
        bulk_int(k, b->month);
        bulk_int(k, b->run->id);
        bulk_int(k, a->id);
        bulk_int(k, a->person);
        bulk_text(k, p->due ? STR("due") : STR("stopped"));
        bulk_text(k, str_from(p->reason));
        bulk_int(k, p->amount);
        bulk_int(k, p->account);
        bulk_int(k, p->fund);
        bulk_int(k, p->months);
        bulk_text(k, STR(""));
}

static int block_write(struct tx *tx, void *ctx, struct error *err)
{
        struct block *b = ctx;
        struct bulk *k = NULL;
        struct hash list = b->list;
        char cursor[128], hex[65];
        int rc = bulk_open(&k, tx, "payment",
                           "home@int, month@int, run@int, award@int, person@int, state@text, reason@text, amount_fen@int, "
                           "account_fen@int, fund_fen@int, months@int, return_code@text",
                           err);
        int closed;

        for (int i = 0; rc == 0 && i < b->award_count; i++) {
                if (!b->plans[i].listed)
                        continue;
                list = list_add(&list, &b->awards[i], &b->plans[i]);
                row_put(k, b, &b->awards[i], &b->plans[i]);
                rc = bulk_row(k, err);
        }
        closed = k ? bulk_close(k, err) : 0;
        rc = rc ? rc : closed;
        if (rc == 0 && b->award_count < BLOCK)
                text_format(cursor, sizeof(cursor), "end %s", hash_hex(&list, hex));
        else if (rc == 0)
                text_format(cursor, sizeof(cursor), "%lld %s", (long long)b->awards[b->award_count - 1].id,
                            hash_hex(&list, hex));
        return rc ? rc
                  : run_progress(tx, b->run, str_from(cursor), b->run->total ? b->run->total : b->total, b->award_count, 0,
                                 err);
}

/* --- the end: totals ------------------------------------------------------------------------------------------------- */

struct closing {
        struct house *house;
        const struct run *run;
        struct payment_run row;
        struct payment_sums sums;
        struct hash list;
        json_t *result;
};

static int closing_read(struct tx *tx, void *ctx, struct error *err)
{
        struct closing *c = ctx;
        int rc = payment_run_read(tx, c->run->home, c->run->id, &c->row, err);

        return rc ? rc : payment_sums(tx, &c->row, &c->sums, err);
}

/* Now somebody else has to look at it: the case P21, in the office of who made the run. */
static int case_open(struct tx *tx, const struct closing *c, struct error *err)
{
        char month[16];
        json_t *variables = json_object();
        struct stmt *q = NULL;
        struct call call = {.house = c->house, .who = {.staff = c->run->created_by}};
        struct case_start start = {.process = PAYMENT_PROCESS,
                                   .subject_kind = "payment_run",
                                   .subject = c->run->id,
                                   .pool = c->row.pool,
                                   .variables = variables};
        int64_t instance;
        int rc = tx_one(&q, tx, err, "SELECT office FROM staff WHERE id = ?1@int", "i", c->run->created_by);

        call.who.office = start.office = rc == 1 ? stmt_int(q, 0) : 0;
        put_int(variables, "payment_run", c->run->id);
        put_int(variables, "pool", c->row.pool);
        put_text(variables, "month", month_text(c->row.month, month));
        if (rc >= 0)
                rc = case_start(tx, &call, &start, &instance, err);
        json_decref(variables);
        return rc;
}

static int closing_write(struct tx *tx, void *ctx, struct error *err)
{
        struct closing *c = ctx;
        int64_t changed = 0;
        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE payment_run SET state = 'computed', list_hash = ?1@blob, due_count = ?2@int, due_fen = ?3@int, "
            "stopped_count = ?4@int, account_fen = ?5@int, fund_fen = ?6@int, version = version + 1 "
            "WHERE home = ?7@int AND id = ?8@int AND state = 'freezing'",
            "biiiiiii", hash_str(&c->list), c->sums.due_count, c->sums.due, c->sums.stopped_count, c->sums.account,
            c->sums.fund, (int64_t)c->run->home, c->run->id);

        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_PAYMENT_STATE, "%s|%s", c->row.state, "freezing");
        if (rc == 0)
                rc = case_open(tx, c, err);
        if (rc == 0)
                rc = run_result(tx, c->run, c->result, err);
        return rc ? rc : run_progress(tx, c->run, c->run->cursor, c->run->total, 0, 0, err);
}

int payment_closing(struct house *h, const struct run *run, const struct hash *list, struct error *err)
{
        struct closing c = {.house = h, .run = run, .list = *list, .result = json_object()};
        int rc = c.result ? 0 : error_raise(err, SB_MEMORY, "%s", "");

        if (rc == 0)
                rc = store_read(h->store, closing_read, &c, err);
        /* Killed after the totals and before the run was marked as done: nothing is left to do. */
        if (rc == 0 && strcmp(c.row.state, "computed") == 0)
                goto done;
        if (rc == 0)
                rc = json_put_int(c.result, "due_count", c.sums.due_count, err);
        if (rc == 0)
                rc = json_put_int(c.result, "stopped_count", c.sums.stopped_count, err);
        if (rc == 0)
                rc = json_put_money(c.result, "due", c.sums.due, err);
        if (rc == 0)
                rc = store_write(h->store, closing_write, &c, err);
done:
        json_decref(c.result);
        return rc;
}

static int compute_block(struct house *h, const struct run *run, enum run_result *more, struct error *err)
{
        struct block b = {.house = h, .run = run};
        int rc = inputs_parse(&b, err);

        if (rc == 0)
                rc = cursor_parse(&b, err);
        if (rc == 0 && b.end) {
                *more = RUN_DONE;
                return payment_closing(h, run, &b.list, err);
        }
        b.awards = calloc(BLOCK, sizeof(*b.awards));
        b.square = calloc(BLOCK, sizeof(*b.square));
        b.plans = calloc(BLOCK, sizeof(*b.plans));
        if (rc == 0 && (!b.awards || !b.square || !b.plans))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0)
                rc = store_read(h->store, block_read, &b, err);
        if (rc == 0)
                rc = store_write(h->store, block_write, &b, err);
        *more = RUN_MORE;
        block_dispose(&b);
        return rc;
}

const struct run_kind payment_compute_kind = {"payment", compute_block, NULL};
