/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of differences (差异清单): the sides are held against each other, and what is not equal is a difference. It begins on the day on which
 * it is first found and ends on the day on which it is found no more; one whose amounts change ends, and another begins. So the list of a
 * day is what the last look of that day found.
 *
 *   due_missing, due_extra, due_amount            what we told is owed, against what they hold due
 *   treasury_missing, treasury_extra, treasury_amount   what they say they collected, against what the treasury took in
 *   not_booked                                    what they say they collected, and our books do not have
 */
#include "office/exchange/exchange.h"

#include <stdlib.h>

#define PAGE 500

struct found {
        char kind[24], key[CLAIM_KEY], scheme[32];
        int64_t employer;
        month_t month;
        fen_t ours, theirs;
};
struct finding {
        struct house *house;
        int64_t seen, open;
        struct found rows[PAGE];
        size_t count;
};

#define PAIR(side, other, missing, amount)                                                                                     \
        "SELECT a.key, a.employer, a.month, a.scheme, a.amount_fen, COALESCE(b.amount_fen, 0), CASE WHEN b.key IS NULL THEN "  \
        "'" missing "' ELSE '" amount                                                                                          \
        "' END FROM exchange_claim a LEFT JOIN exchange_claim b ON b.home = a.home AND b.side = '" other                       \
        "' AND b.key = a.key WHERE a.home = ?1@int AND a.side = '" side                                                        \
        "' AND a.key > ?2@text AND a.amount_fen <> COALESCE(b.amount_fen, 0) ORDER BY a.key LIMIT ?3@int"
#define ALONE(side, other, extra)                                                                                              \
        "SELECT a.key, a.employer, a.month, a.scheme, 0, a.amount_fen, '" extra                                                \
        "' FROM exchange_claim a LEFT JOIN exchange_claim b ON b.home = a.home AND b.side = '" other                           \
        "' AND b.key = a.key WHERE a.home = ?1@int AND a.side = '" side                                                        \
        "' AND a.key > ?2@text AND a.amount_fen <> 0 AND b.key IS NULL ORDER BY a.key LIMIT ?3@int"
/* A receipt whose transaction was reversed is in the books no more. */
#define BOOKED                                                                                                                 \
        "SELECT a.key, a.employer, a.month, a.scheme, COALESCE(r.amount_fen, 0), a.amount_fen, 'not_booked' FROM "             \
        "exchange_claim a LEFT JOIN receipt r ON r.home = a.home AND r.bank_ref = a.key AND NOT EXISTS (SELECT 1 FROM "        \
        "ledger_transaction t WHERE t.home = r.home AND t.reverses = r.txn) WHERE a.home = ?1@int AND a.side = 'paid' AND "    \
        "a.key > ?2@text AND a.amount_fen <> COALESCE(r.amount_fen, 0) ORDER BY a.key LIMIT ?3@int"

static const char *const QUERIES[] = {
    PAIR("sent", "due", "due_missing", "due_amount"),
    ALONE("due", "sent", "due_extra"),
    PAIR("paid", "treasury", "treasury_missing", "treasury_amount"),
    ALONE("treasury", "paid", "treasury_extra"),
    BOOKED,
};

/* The next rows after the last key. */
static int page_read(struct tx *tx, struct finding *f, const char *sql, struct error *err)
{
        struct stmt *q = NULL;
        char after[CLAIM_KEY] = "";

        if (f->count > 0)
                text_copy(after, sizeof after, str_from(f->rows[f->count - 1].key));
        int rc = tx_query(&q, tx, err, sql, "iti", (int64_t)f->house->home, after, (int64_t)PAGE);
        f->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                struct found *r = &f->rows[f->count++];
                *r = (struct found){.employer = stmt_int(q, 1),
                                    .month = (month_t)stmt_int(q, 2),
                                    .ours = stmt_int(q, 4),
                                    .theirs = stmt_int(q, 5)};
                text_copy(r->key, sizeof r->key, stmt_text(q, 0));
                text_copy(r->scheme, sizeof r->scheme, stmt_text(q, 3));
                text_copy(r->kind, sizeof r->kind, stmt_text(q, 6));
        }
        return rc;
}

static int difference_keep(struct tx *tx, struct finding *f, const struct found *r, struct error *err)
{
        struct house *h = f->house;
        int64_t id, changed = 0;
        int rc =
            tx_exec_changed(tx, &changed, err,
                            "UPDATE exchange_difference SET seen = ?6@int WHERE home = ?1@int AND kind = ?2@text AND key = "
                            "?3@text AND until = ?7@int AND ours_fen = ?4@int AND theirs_fen = ?5@int",
                            "ittiiii", (int64_t)h->home, r->kind, r->key, r->ours, r->theirs, f->seen, (int64_t)DAY_END);

        f->open++;
        if (rc < 0 || changed > 0)
                return rc;
        rc = ids_next(h->ids, &id, err);
        return rc ? rc
                  : tx_exec(
                        tx, err,
                        "INSERT INTO exchange_difference (home, id, kind, key, employer, month, scheme, ours_fen, theirs_fen, "
                        "since, until, seen) VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@int, ?6@int, ?7@text, ?8@int, "
                        "?9@int, "
                        "?10@int, ?11@int, ?12@int)",
                        "iittiitiiiii", (int64_t)h->home, id, r->kind, r->key, r->employer, (int64_t)r->month, r->scheme,
                        r->ours, r->theirs, (int64_t)clock_today(h->clock), (int64_t)DAY_END, f->seen);
}

static int query_keep(struct tx *tx, struct finding *f, const char *sql, struct error *err)
{
        int rc;

        f->count = 0;
        do {
                rc = page_read(tx, f, sql, err);
                for (size_t i = 0; rc == 0 && i < f->count; i++)
                        rc = difference_keep(tx, f, &f->rows[i], err);
        } while (rc == 0 && f->count == PAGE);
        return rc;
}

int differences_find(struct tx *tx, struct house *h, int64_t *open, struct error *err)
{
        struct finding *f = calloc(1, sizeof *f);
        int rc = f == NULL ? error_raise(err, SB_MEMORY, "%s", "") : ids_next(h->ids, &f->seen, err);

        if (f != NULL)
                f->house = h;
        for (size_t i = 0; rc == 0 && i < sizeof QUERIES / sizeof QUERIES[0]; i++)
                rc = query_keep(tx, f, QUERIES[i], err);
        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "UPDATE exchange_difference SET until = ?2@int WHERE home = ?1@int AND until = ?3@int AND seen <> ?4@int",
                      "iiii", (int64_t)h->home, (int64_t)clock_today(h->clock), (int64_t)DAY_END, f->seen);
        if (rc == 0)
                *open = f->open;
        free(f);
        return rc;
}
