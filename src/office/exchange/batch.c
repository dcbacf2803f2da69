/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches as they are kept. The bytes may name people: they are sealed by a key of their own.
 */
#include "office/exchange/exchange.h"

#include "case/sealed.h"

#define CONTEXT "exchange_batch.body"
#define COLUMNS "id, sequence, attempt, lines, code, version, feed, state, place, hash, sum_fen"

static void row_take(const struct stmt *q, struct batch *out)
{
        *out = (struct batch){.id = stmt_int(q, 0),
                              .sequence = stmt_int(q, 1),
                              .attempt = stmt_int(q, 2),
                              .lines = stmt_int(q, 3),
                              .code = stmt_int(q, 4),
                              .version = stmt_int(q, 5),
                              .sum = stmt_int(q, 10)};
        text_copy(out->feed, sizeof out->feed, stmt_text(q, 6));
        text_copy(out->state, sizeof out->state, stmt_text(q, 7));
        text_copy(out->place, sizeof out->place, stmt_text(q, 8));
        (void)hash_take(&out->hash, stmt_blob(q, 9));
}

int batch_read(struct tx *tx, int32_t home, int64_t id, struct batch *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT " COLUMNS " FROM exchange_batch WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)home, id);

        if (rc == 0)
                return error_raise(err, SB_EXCHANGE_BATCH, "%lld", (long long)id);
        if (rc == 1)
                row_take(q, out);
        return rc < 0 ? rc : 0;
}

int batch_of(struct tx *tx, int32_t home, const char *feed, int64_t sequence, struct batch *out, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT " COLUMNS " FROM exchange_batch WHERE home = ?1@int AND feed = ?2@text AND sequence = ?3@int AND "
                   "attempt = 0",
                   "iti", (int64_t)home, feed, sequence);

        if (rc == 1)
                row_take(q, out);
        return rc;
}

/* A refused one is one more attempt at its number. */
static int attempt_of(struct tx *tx, int32_t home, struct batch *b, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT COALESCE(MAX(attempt), 0) + 1 FROM exchange_batch WHERE home = ?1@int AND feed = ?2@text AND "
                        "sequence = ?3@int",
                        "iti", (int64_t)home, b->feed, b->sequence);

        if (rc == 1)
                b->attempt = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

int batch_add(struct tx *tx, struct call *c, struct batch *b, struct str body, struct error *err)
{
        struct house *h = c->house;
        unsigned char wrapped[WRAPPED_BYTES];
        struct buf sealed;
        instant_t now = clock_now(h->clock);
        int rc = ids_next(h->ids, &b->id, err);

        buf_init(&sealed, EXCHANGE_BYTES + 4096);
        rc = rc || b->code == 0 ? rc : attempt_of(tx, h->home, b, err);
        rc = rc ? rc : sealed_bytes(h->keys, CONTEXT, body, wrapped, &sealed, err);
        rc =
            rc ? rc
               : tx_exec(
                     tx, err,
                     "INSERT INTO exchange_batch (home, id, feed, sequence, attempt, state, hash, bytes, lines, sum_fen, code, "
                     "place, repeated, replayed, actor, at, answered_at, wrapped, body, version) VALUES (?1@int, ?2@int, "
                     "?3@text, ?4@int, ?5@int, ?6@text, ?7@blob, ?8@int, ?9@int, ?10@int, ?11@int, ?12@text, 0, 0, ?13@int, "
                     "?14@int, 0, ?15@blob, ?16@blob, 1)",
                     "iitiitbiiiitiibb", (int64_t)h->home, b->id, b->feed, b->sequence, b->attempt, b->state,
                     hash_str(&b->hash), (int64_t)body.n, b->lines, b->sum, b->code, b->place, c->who.staff, now,
                     (struct str){(const char *)wrapped, sizeof wrapped}, (struct str){sealed.p, sealed.n});
        buf_dispose(&sealed);
        return rc;
}

int batch_state(struct tx *tx, struct call *c, struct batch *b, const char *state, struct error *err)
{
        text_copy(b->state, sizeof b->state, str_from(state));
        return tx_exec(
            tx, err,
            "UPDATE exchange_batch SET state = ?3@text, code = ?4@int, answered_at = ?5@int, version = version + 1 WHERE "
            "home = ?1@int AND id = ?2@int",
            "iitii", (int64_t)c->house->home, b->id, state, b->code, clock_now(c->house->clock));
}

int batch_body(struct tx *tx, struct house *h, int64_t id, struct buf *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT wrapped, body FROM exchange_batch WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)h->home, id);

        if (rc == 0)
                return error_raise(err, SB_EXCHANGE_BATCH, "%lld", (long long)id);
        return rc < 0 ? rc : sealed_open(h->keys, CONTEXT, stmt_blob(q, 0), stmt_blob(q, 1), out, err);
}
