/* SPDX-License-Identifier: Apache-2.0
 *
 * Awards as others see them (office.h): the list of a payment run, stops, payees, imported awards.
 */
#include "office/pension/pension.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PAYEE_CONTEXT "award.payee"
#define PAYEE_SEPARATOR '\x1f' /* between name, bank and account: in none of them */

int award_page(struct tx *tx, int32_t home, int64_t pool, instant_t known, int64_t after, struct award_seen *out, int limit,
               struct error *err)
{
        struct stmt *q = NULL;
        int n = 0, rc;

        /* What was believed at `known` counts, whatever became of it since: an award that was replaced while the run froze its list is
         * paid as it was then. "+a.pool": along the key, in order of id; "+b.pool", "+b.id": the older award is looked for among
         * the person's, never along the pool or the whole table. */
        rc = tx_query(&q, tx, err,
                      "SELECT a.id, a.person, a.replaces, a.month_from, a.month_to, a.total_fen, a.account_fen, a.known_from, "
                      "CASE WHEN LENGTH(a.payee_sealed) > 0 THEN 1 ELSE 0 END, "
                      "(SELECT MIN(+b.id) FROM award b WHERE b.home = a.home AND b.person = a.person AND b.scheme = a.scheme "
                      "AND +b.pool = a.pool AND +b.id < a.id AND b.known_from <= ?3@int AND b.known_to > ?3@int "
                      "AND b.month_from < a.month_to AND b.month_to > a.month_from), "
                      "(SELECT MIN(f.death_day) FROM person_fact f WHERE f.home = a.home AND f.person = a.person "
                      "AND f.known_from <= ?3@int AND f.known_to > ?3@int), p.id, p.balance_fen "
                      "FROM award a LEFT JOIN personal_account p ON p.home = a.home AND p.person = a.person "
                      "AND p.scheme = a.scheme AND p.pool = a.pool "
                      "WHERE a.home = ?1@int AND +a.pool = ?2@int AND a.id > ?4@int "
                      "AND a.known_from <= ?3@int AND a.known_to > ?3@int ORDER BY a.id LIMIT ?5@int",
                      "iiiii", (int64_t)home, pool, (int64_t)known, after, (int64_t)limit);
        while (rc == 0 && n < limit && (rc = stmt_step(q, err)) == 1) {
                out[n++] = (struct award_seen){
                    .id = stmt_int(q, 0),
                    .person = stmt_int(q, 1),
                    .replaces = stmt_int(q, 2),
                    .from = (month_t)stmt_int(q, 3),
                    .to = (month_t)stmt_int(q, 4),
                    .total = stmt_int(q, 5),
                    .account_month = stmt_int(q, 6),
                    .known_from = stmt_int(q, 7),
                    .payee = stmt_int(q, 8) != 0,
                    .elder = stmt_int(q, 9),
                    .death = stmt_null(q, 10) ? DAY_END : (day_t)stmt_int(q, 10),
                    .account = stmt_int(q, 11),
                    .balance = stmt_int(q, 12),
                };
                rc = 0;
        }
        return rc < 0 ? rc : n;
}

static int stops_grow(struct award_stop **stops, size_t count, size_t *cap, struct error *err)
{
        struct award_stop *more;

        if (count < *cap)
                return 0;
        *cap = *cap ? *cap * 2 : 64;
        more = realloc(*stops, *cap * sizeof(*more));
        if (!more)
                return error_raise(err, SB_MEMORY, "%s", "");
        *stops = more;
        return 0;
}

int award_stops(struct tx *tx, int32_t home, int64_t first, int64_t last, instant_t since, instant_t known,
                struct award_stop **out, size_t *count, struct error *err)
{
        struct award_stop *stops = NULL;
        struct stmt *q = NULL;
        size_t n = 0, cap = 0;
        int rc;

        rc = tx_query(
            &q, tx, err,
            "SELECT award, reason, month_from, month_to, known_to FROM award_stop WHERE home = ?1@int "
            "AND award >= ?2@int AND award <= ?3@int AND known_from <= ?5@int AND (known_to > ?5@int OR known_to > ?4@int) "
            "ORDER BY award, month_from, id",
            "iiiii", (int64_t)home, first, last, (int64_t)since, (int64_t)known);
        while ((rc = row_next(rc, q, err)) == 1) {
                rc = stops_grow(&stops, n, &cap, err);
                if (rc)
                        break;
                stops[n] = (struct award_stop){.award = stmt_int(q, 0),
                                               .from = (month_t)stmt_int(q, 2),
                                               .to = (month_t)stmt_int(q, 3),
                                               .holds = stmt_int(q, 4) > known};
                text_copy(stops[n++].reason, sizeof(stops->reason), stmt_text(q, 1));
        }
        if (rc == 0) {
                *out = stops;
                *count = n;
                stops = NULL;
        }
        free(stops);
        return rc;
}

/* The stops for this reason that reach past `from` end here: the new one stands for their months too. */
static int hold_take_over(struct tx *tx, int32_t home, int64_t award, const char *reason, month_t *from, instant_t at,
                          struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT MIN(month_from) FROM award_stop WHERE home = ?1@int AND award = ?2@int AND reason = ?3@text AND "
                   "month_to > ?4@int AND known_to = ?5@int",
                   "iitii", (int64_t)home, award, reason, (int64_t)*from, (int64_t)INSTANT_END);

        if (rc != 1 || stmt_null(q, 0))
                return rc < 0 ? rc : 0;
        month_t first = (month_t)stmt_int(q, 0);
        rc = tx_exec(tx, err,
                     "UPDATE award_stop SET known_to = ?6@int WHERE home = ?1@int AND award = ?2@int AND reason = ?3@text AND "
                     "month_to > ?4@int AND known_to = ?5@int",
                     "iitiii", (int64_t)home, award, reason, (int64_t)*from, (int64_t)INSTANT_END, (int64_t)at);
        *from = first < *from ? first : *from;
        return rc;
}

int award_hold(struct tx *tx, struct ids *ids, int32_t home, int64_t award, const char *reason, month_t from, int64_t actor,
               instant_t at, struct error *err)
{
        struct stmt *q = NULL;
        int64_t id = 0;
        int rc = tx_one(
            &q, tx, err,
            "SELECT id FROM award_stop WHERE home = ?1@int AND award = ?2@int AND reason = ?3@text AND month_from <= ?4@int "
            "AND month_to = ?5@int AND known_to = ?6@int",
            "iitiii", (int64_t)home, award, reason, (int64_t)from, (int64_t)MONTH_END, (int64_t)INSTANT_END);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = hold_take_over(tx, home, award, reason, &from, at, err);
        rc = rc ? rc : ids_next(ids, &id, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO award_stop (home, id, award, reason, month_from, month_to, known_from, known_to, actor) "
                    "VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@int, ?6@int, ?7@int, ?8@int, ?9@int)",
                    "iiitiiiii", (int64_t)home, id, award, reason, (int64_t)from, (int64_t)MONTH_END, (int64_t)at,
                    (int64_t)INSTANT_END, actor);
        return rc;
}

int award_unhold(struct tx *tx, int32_t home, int64_t award, const char *reason, instant_t at, struct error *err)
{
        return tx_exec(
            tx, err,
            "UPDATE award_stop SET known_to = ?1@int WHERE home = ?2@int AND award = ?3@int AND reason = ?4@text AND "
            "month_to = ?5@int AND known_to = ?6@int",
            "iiitii", (int64_t)at, (int64_t)home, award, reason, (int64_t)MONTH_END, (int64_t)INSTANT_END);
}

int award_current(struct tx *tx, int32_t home, int64_t award, int64_t *current, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "WITH RECURSIVE line(id) AS (SELECT ?2@int UNION SELECT a.id FROM award b JOIN line l ON b.id = l.id JOIN "
                   "award a ON a.home = b.home AND a.person = b.person AND a.replaces = b.id WHERE b.home = ?1@int) SELECT "
                   "MAX(id) FROM line",
                   "ii", (int64_t)home, award);

        *current = rc == 1 ? stmt_int(q, 0) : award;
        return rc < 0 ? rc : 0;
}

void payee_seal(struct buf *out, const struct seal_key *key, const char *name, const char *bank, const char *account)
{
        unsigned char sealed[sizeof(struct payee) + 2 + SEAL_OVERHEAD];
        char plain[sizeof(struct payee) + 2];
        struct str text = {plain, 0};

        if (!*account)
                return;
        text_format(plain, sizeof(plain), "%s%c%s%c%s", name, PAYEE_SEPARATOR, bank, PAYEE_SEPARATOR, account);
        text.n = strlen(plain);
        seal(key, PAYEE_CONTEXT, text, sealed);
        buf_add(out, sealed, text.n + SEAL_OVERHEAD);
}

static bool field(char *out, size_t size, struct str *rest)
{
        const char *end = rest->n ? memchr(rest->p, PAYEE_SEPARATOR, rest->n) : NULL;
        size_t n = end ? (size_t)(end - rest->p) : rest->n;

        text_copy(out, size, (struct str){rest->p, n});
        rest->p += n + (end != NULL);
        rest->n -= n + (end != NULL);
        return end != NULL;
}

int payee_unseal(struct payee *out, const struct seal_key *key, struct str sealed, struct error *err)
{
        struct str rest;
        struct buf plain;
        int rc;

        buf_init(&plain, sizeof(*out) + 2);
        rc = unseal(key, PAYEE_CONTEXT, sealed, &plain, err);
        rest = (struct str){plain.p, plain.n};
        if (rc == 0 && (!field(out->name, sizeof(out->name), &rest) || !field(out->bank, sizeof(out->bank), &rest) ||
                        field(out->account, sizeof(out->account), &rest)))
                rc = error_raise(err, SB_SEAL_BROKEN, "%s", "");
        buf_dispose(&plain);
        return rc;
}

int payee_open(struct payee *out, const struct keyring *keys, struct str wrapped, struct str sealed, struct error *err)
{
        struct seal_key key;
        int rc = keyring_unwrap(keys, wrapped, &key, err);

        rc = rc ? rc : payee_unseal(out, &key, sealed, err);
        explicit_bzero(&key, sizeof(key));
        return rc;
}

int award_payee(struct tx *tx, struct house *h, int32_t home, int64_t award, struct payee *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT a.payee_sealed, p.key_wrapped FROM award a JOIN person p ON p.home = a.home AND p.id = a.person "
                   "WHERE a.home = ?1@int AND a.id = ?2@int",
                   "ii", (int64_t)home, award);
        char number[32];

        if (rc < 0)
                return rc;
        if (rc == 0)
                return error_raise(err, SB_PENSION_AWARD, "%s", readable_number(AWARD_PREFIX, home, award, number));
        if (stmt_blob(q, 0).n == 0)
                return error_raise(err, SB_PENSION_PAYEE, "%s", readable_number(AWARD_PREFIX, home, award, number));
        return payee_open(out, h->keys, stmt_blob(q, 1), stmt_blob(q, 0), err);
}

static int import_row(struct bulk *b, struct buf *sealed, const struct pool *pool, const struct award_import *r, int64_t actor,
                      instant_t at, struct error *err)
{
        fen_t total = 0;

        if (r->basic < 0 || r->account < 0 || r->transition < 0 || r->extra < 0 || !money_add(r->basic, r->account, &total) ||
            !money_add(total, r->transition, &total) || !money_add(total, r->extra, &total) || total <= 0)
                return error_raise(err, SB_PENSION_PARTS, "%lld", (long long)r->person);
        buf_clear(sealed);
        payee_seal(sealed, r->key, r->payee_name, r->bank_name, r->bank_account);
        bulk_int(b, pool->home);
        bulk_int(b, r->id);
        bulk_int(b, r->person);
        bulk_text(b, str_from(pool->scheme));
        bulk_int(b, pool->id);
        bulk_text(b, STR("imported"));
        bulk_int(b, 0); /* instance */
        bulk_int(b, 0); /* decision */
        bulk_int(b, r->from);
        bulk_int(b, MONTH_END);
        bulk_int(b, r->basic);
        bulk_int(b, r->account);
        bulk_int(b, r->transition);
        bulk_int(b, r->extra);
        bulk_int(b, total);
        bulk_text(b, STR("active"));
        bulk_blob(b, (struct str){sealed->n ? sealed->p : "", sealed->n});
        bulk_int(b, actor);
        bulk_int(b, 0); /* approved_by: the system before */
        bulk_int(b, at);
        bulk_int(b, INSTANT_END);
        bulk_int(b, 0); /* replaces */
        bulk_int(b, 1);
        return bulk_row(b, err);
}

int award_import_bulk(struct tx *tx, const struct pool *pool, const struct award_import *rows, size_t count, int64_t actor,
                      instant_t at, struct error *err)
{
        struct bulk *b = NULL;
        struct buf sealed;
        int rc, closed;

        buf_init(&sealed, 4096);
        rc = bulk_open(
            &b, tx, "award",
            "home@int, id@int, person@int, scheme@text, pool@int, kind@text, instance@int, decision@int, month_from@int, "
            "month_to@int, basic_fen@int, account_fen@int, transition_fen@int, extra_fen@int, total_fen@int, state@text, "
            "payee_sealed@blob, entered_by@int, approved_by@int, known_from@int, known_to@int, replaces@int, version@int",
            err);
        for (size_t i = 0; rc == 0 && i < count; i++) {
                assert(i == 0 || rows[i].id > rows[i - 1].id);
                rc = import_row(b, &sealed, pool, &rows[i], actor, at, err);
        }
        closed = b ? bulk_close(b, err) : 0;
        buf_dispose(&sealed);
        return rc ? rc : closed;
}
