/* SPDX-License-Identifier: Apache-2.0
 *
 * The runs: interest posted account by account, and a whole year taken back.
 */
#include "office/account/account.h"

#include "office/json.h"

#include <stdlib.h>

#define BLOCK 200
#define ATTEMPTS 5

static void run_row(struct stmt *q, int32_t home, struct interest_run *out)
{
        *out = (struct interest_run){.home = home,
                                     .id = stmt_int(q, 0),
                                     .pool = stmt_int(q, 1),
                                     .year = stmt_int(q, 2),
                                     .accounts = stmt_int(q, 4),
                                     .total = stmt_int(q, 5),
                                     .entered_by = stmt_int(q, 6)};
        text_copy(out->state, sizeof out->state, stmt_text(q, 3));
}

#define RUN_SELECT "SELECT id, pool, year, state, accounts, total_fen, entered_by FROM interest_run WHERE home = ?1@int AND "

int interest_run_read(struct tx *tx, int32_t home, int64_t id, struct interest_run *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, RUN_SELECT "id = ?2@int", "ii", (int64_t)home, id);

        if (rc == 1)
                run_row(q, home, out);
        return rc;
}

int interest_run_find(struct tx *tx, int32_t home, int64_t pool, int64_t year, struct interest_run *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, RUN_SELECT "pool = ?2@int AND year = ?3@int AND state <> 'reversed'", "iii", (int64_t)home,
                        pool, year);

        if (rc == 1)
                run_row(q, home, out);
        return rc;
}

struct line {
        int64_t account;
        struct interest_basis basis;
        struct interest_earned earned;
        json_t *deposits;
};
struct interest {
        struct house *house;
        const struct run *run;
        struct interest_run row;
        struct pool pool;
        int64_t after, txn, versions; /* versions: of the accounts of the block, added up; they only grow */
        struct line *lines;
        size_t count;
        bool moved; /* somebody posted to one of them meanwhile */
};

static int versions_read(struct interest *x, struct tx *tx, int64_t last, int64_t *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT CAST(COALESCE(SUM(version), 0) AS @int) FROM personal_account WHERE home = ?1@int AND pool = "
                        "?2@int AND id > ?3@int AND id <= ?4@int",
                        "iiii", (int64_t)x->row.home, x->row.pool, x->after, last);

        *out = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

/* What came before the year, and by its months; lines and sums both go by account. */
static int entries_read(struct interest *x, struct tx *tx, int64_t last, struct error *err)
{
        int64_t first = x->row.year * 12;
        struct line *l = x->lines, *end = x->lines + x->count;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT account, counts, CAST(SUM(amount_fen) AS @int) FROM (SELECT e.account, e.amount_fen, "
                          "" ENTRY_MONTH " AS counts FROM personal_account a JOIN personal_entry e ON e.home = a.home AND "
                          "e.account = a.id " ENTRY_JOIN "WHERE a.home = ?1@int AND a.pool = ?2@int AND a.id > ?3@int AND "
                          "a.id <= ?4@int) x WHERE counts < ?5@int GROUP BY account, counts ORDER BY account",
                          "iiiii", (int64_t)x->row.home, x->row.pool, x->after, last, first + 12);

        while ((rc = row_next(rc, q, err)) == 1) {
                int64_t month = stmt_int(q, 1) - first;

                while (l < end && l->account < stmt_int(q, 0))
                        l++;
                if (l == end || l->account != stmt_int(q, 0))
                        continue;
                fen_t *to = month < 0 ? &l->basis.opening : &l->basis.deposits[month];
                if (!money_add(*to, stmt_int(q, 2), to))
                        return error_raise(err, SB_OVERFLOW, "%s", ERROR_BOTH("a personal account", "个人账户"));
        }
        return rc;
}

static int block_read(struct tx *tx, void *ctx, struct error *err)
{
        struct interest *x = ctx;
        struct stmt *q = NULL;
        int rc = interest_run_read(tx, x->run->home, x->run->id, &x->row, err);

        x->count = 0;
        if (rc == 0)
                rc = error_raise(err, SB_INTERNAL, "%s", "a run of interest without its row");
        if (rc == 1)
                rc = pool_read(tx, x->row.pool, &x->pool, err);
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT id FROM personal_account WHERE home = ?1@int AND pool = ?2@int AND id > ?3@int ORDER BY id "
                    "LIMIT ?4@int",
                    "iiii", (int64_t)x->row.home, x->row.pool, x->after, (int64_t)BLOCK);
        while ((rc = row_next(rc, q, err)) == 1)
                x->lines[x->count++] = (struct line){.account = stmt_int(q, 0)};
        if (rc < 0 || x->count == 0)
                return rc;
        int64_t last = x->lines[x->count - 1].account;
        rc = versions_read(x, tx, last, &x->versions, err);
        return rc == 0 ? entries_read(x, tx, last, err) : rc;
}

static int post(struct interest *x, struct tx *tx, struct error *err)
{
        instant_t now = clock_now(x->house->clock);
        day_t today = clock_today(x->house->clock);
        month_t month = (month_t)(x->row.year * 12 + 11);
        fen_t up = 0, down = 0;
        struct personal_entry entries[BLOCK];
        struct posting postings[4];
        size_t n = 0;
        struct ledger_transaction t = {.home = x->row.home,
                                       .month = month,
                                       .id = x->txn,
                                       .day = today,
                                       .kind = "account.interest",
                                       .ref_kind = "interest_run",
                                       .ref_id = x->row.id,
                                       .actor = x->row.entered_by,
                                       .at = now,
                                       .postings = postings};

        for (size_t i = 0; i < x->count; i++) {
                fen_t amount = x->lines[i].earned.interest;
                if (amount == 0)
                        continue;
                *(amount > 0 ? &up : &down) += amount;
                entries[n++] =
                    (struct personal_entry){x->row.home, month, x->lines[i].account, x->txn, "interest", amount, now};
        }
        for (int k = 0; k < 2; k++) {
                fen_t sum = k == 0 ? up : down;
                if (sum != 0) {
                        postings[t.count++] = (struct posting){x->row.pool, LEDGER_INTEREST, sum};
                        postings[t.count++] = (struct posting){x->row.pool, LEDGER_PERSONAL, -sum};
                }
        }
        x->row.total = up + down;
        if (n == 0)
                return 0;
        int rc = ledger_post(tx, x->house->ids, &t, err);
        return rc == 0 ? personal_account_add_many(tx, x->house->ids, entries, n, err) : rc;
}

static int lines_write(struct interest *x, struct tx *tx, struct error *err)
{
        struct buf text;
        int rc = 0;

        buf_init(&text, 4096);
        for (size_t i = 0; rc == 0 && i < x->count; i++) {
                const struct line *l = &x->lines[i];
                buf_clear(&text);
                rc = json_canonical(&text, l->deposits, err);
                if (rc == 0)
                        rc =
                            tx_exec(tx, err,
                                    "INSERT INTO interest_line (home, run, account, opening_fen, deposits, rate, interest_fen, "
                                    "txn, at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@text, ?7@int, ?8@int, "
                                    "?9@int)",
                                    "iiiittiii", (int64_t)x->row.home, x->row.id, l->account, l->basis.opening, buf_text(&text),
                                    l->earned.rate, l->earned.interest, l->earned.interest == 0 ? (int64_t)0 : x->txn,
                                    clock_now(x->house->clock));
        }
        buf_dispose(&text);
        return rc;
}

static int block_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct interest *x = ctx;
        char cursor[32];
        int64_t last = x->count == 0 ? x->after : x->lines[x->count - 1].account, versions = 0;
        int rc = versions_read(x, tx, last, &versions, err);

        x->moved = rc == 0 && x->count > 0 && versions != x->versions;
        if (rc < 0 || x->moved)
                return rc;
        rc = post(x, tx, err);
        if (rc == 0)
                rc = lines_write(x, tx, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE interest_run SET accounts = accounts + ?1@int, total_fen = total_fen + ?2@int, state = "
                             "?3@text WHERE home = ?4@int AND id = ?5@int",
                             "iitii", (int64_t)x->count, x->row.total, x->count < BLOCK ? "posted" : "running",
                             (int64_t)x->row.home, x->row.id);
        text_format(cursor, sizeof cursor, "%lld", (long long)last);
        return rc == 0
                   ? run_progress(tx, x->run, str_from(cursor), x->row.accounts + (int64_t)x->count, (int64_t)x->count, 0, err)
                   : rc;
}

static void lines_clear(struct interest *x)
{
        for (size_t i = 0; i < x->count; i++)
                json_decref(x->lines[i].deposits);
        x->count = 0;
}

static int block_decide(struct interest *x, struct error *err)
{
        struct pack *pack = NULL;
        int rc = pack_store_get(x->house->packs, x->run->pack, &pack, err);

        for (size_t i = 0; rc == 0 && i < x->count; i++)
                rc = interest_decide(pack, x->pool.scheme, x->row.year, &x->lines[i].basis, &x->lines[i].earned,
                                     &x->lines[i].deposits, err);
        return rc;
}

static int interest_block(struct house *h, const struct run *run, enum run_result *more, struct error *err)
{
        struct interest x = {.house = h, .run = run, .lines = calloc(BLOCK, sizeof *x.lines)};
        int rc = x.lines == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        if (rc == 0 && run->cursor.n > 0 && !text_to_int(run->cursor, &x.after))
                rc = error_raise(err, SB_INTERNAL, "%s", "cursor of interest");
        if (rc == 0)
                rc = ids_next(h->ids, &x.txn, err);
        for (int attempt = 0; rc == 0 && attempt < ATTEMPTS; attempt++) {
                lines_clear(&x);
                rc = store_read(h->store, block_read, &x, err);
                if (rc == 0)
                        rc = block_decide(&x, err);
                if (rc == 0)
                        rc = store_write(h->store, block_apply, &x, err);
                if (rc != 0 || !x.moved)
                        break;
                if (attempt + 1 == ATTEMPTS)
                        rc = error_raise_soft(err, SB_STORE_CONFLICT, "%s", "");
        }
        *more = x.count < BLOCK ? RUN_DONE : RUN_MORE;
        if (x.lines != NULL)
                lines_clear(&x);
        free(x.lines);
        return rc;
}

const struct run_kind account_interest_kind = {"account.interest", interest_block, NULL};

/* --- taken back ----------------------------------------------------------------------------------------------------------- */

struct back {
        struct house *house;
        const struct run *run;
        int64_t target, after;
        bool done;
};

static int back_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct back *b = ctx;
        struct stmt *q = NULL;
        instant_t now = clock_now(b->house->clock);
        int64_t txn = 0, lines = 0, reversal;
        char cursor[32];
        int rc =
            tx_one(&q, tx, err,
                   "SELECT txn, COUNT(*) FROM interest_line WHERE home = ?1@int AND run = ?2@int AND txn > ?3@int GROUP BY "
                   "txn ORDER BY txn LIMIT 1",
                   "iii", (int64_t)b->run->home, b->target, b->after);

        b->done = rc == 0;
        if (rc == 1) {
                txn = stmt_int(q, 0);
                lines = stmt_int(q, 1);
                rc = ledger_reverse(tx, b->house->ids, b->run->home, txn, clock_today(b->house->clock), b->run->created_by, now,
                                    &reversal, err);
        } else if (rc == 0) {
                rc = tx_exec(tx, err, "UPDATE interest_run SET state = 'reversed' WHERE home = ?1@int AND id = ?2@int", "ii",
                             (int64_t)b->run->home, b->target);
        }
        text_format(cursor, sizeof cursor, "%lld", (long long)(txn == 0 ? b->after : txn));
        return rc == 0 ? run_progress(tx, b->run, str_from(cursor), b->run->done + lines, lines, 0, err) : rc;
}

static int back_block(struct house *h, const struct run *run, enum run_result *more, struct error *err)
{
        struct back b = {.house = h, .run = run};
        int rc = json_get_int(run->inputs, "interest_run", true, &b.target, err);

        if (rc == 0 && run->cursor.n > 0 && !text_to_int(run->cursor, &b.after))
                rc = error_raise(err, SB_INTERNAL, "%s", "cursor of a reversal");
        if (rc == 0)
                rc = store_write(h->store, back_apply, &b, err);
        *more = b.done ? RUN_DONE : RUN_MORE;
        return rc;
}

const struct run_kind account_reverse_kind = {"account.interest_reverse", back_block, NULL};
