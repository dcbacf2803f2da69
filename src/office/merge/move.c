/* SPDX-License-Identifier: Apache-2.0 */
#include "office/merge/merge.h"

#include "office/account/account.h"
#include "office/registry/registry.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 2000 };

/* --- rows that are dated: believed of one until now, of the other from now on --------------------------------------------------------- */

/* What the two statements of a kind have as parameters: ?1 home, ?2 the row, ?3 now, ?4 its new id, ?5 whose it is from now on, ?6 no end. */
struct kind {
        const char *name, *list, *close, *copy;
        const char *
            still; /* is the row that was opened still believed, and of the record that was kept: ?1 home, ?2 row, ?3 no end, ?4 kept */
};

static const struct kind DATED[] = {
    {"contribution",
     "SELECT id, 0 FROM contribution WHERE home = ?1@int AND person = ?2@int AND known_to = ?3@int AND ?4@int <> 0 ORDER BY id",
     "UPDATE contribution SET known_to = ?3@int WHERE home = ?1@int AND id = ?2@int",
     "INSERT INTO contribution (home, id, person, employer_home, employer, scheme, pool, kind, month_from, month_to, base_fen, "
     "known_from, known_to, source) SELECT home, ?4@int, ?5@int, employer_home, employer, scheme, pool, kind, month_from, "
     "month_to, base_fen, ?3@int, ?6@int, source FROM contribution WHERE home = ?1@int AND id = ?2@int",
     "SELECT id FROM contribution WHERE home = ?1@int AND id = ?2@int AND known_to = ?3@int AND person = ?4@int"},
    /* a spell that the other record knows already is closed and not opened again */
    {"employment",
     "SELECT a.id, (SELECT COUNT(*) FROM employment b WHERE b.home = a.home AND b.person = ?4@int AND b.known_to = ?3@int AND "
     "b.employer_home = a.employer_home AND b.employer = a.employer AND b.valid_from <= a.valid_from AND b.valid_to >= "
     "a.valid_to) FROM employment a WHERE a.home = ?1@int AND a.person = ?2@int AND a.known_to = ?3@int ORDER BY a.id",
     "UPDATE employment SET known_to = ?3@int WHERE home = ?1@int AND id = ?2@int",
     "INSERT INTO employment (home, id, person, employer_home, employer, category, valid_from, valid_to, known_from, known_to, "
     "source) SELECT home, ?4@int, ?5@int, employer_home, employer, category, valid_from, valid_to, ?3@int, ?6@int, source "
     "FROM "
     "employment WHERE home = ?1@int AND id = ?2@int",
     "SELECT id FROM employment WHERE home = ?1@int AND id = ?2@int AND known_to = ?3@int AND person = ?4@int"},
};

struct row {
        int64_t old, new;
};

static int rows_read(struct stmt *q, int rc, struct row **out, size_t *count, struct error *err)
{
        struct row *rows = calloc(ROWS_MAX, sizeof *rows);

        *count = 0;
        *out = rows;
        if (rows == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        while ((rc = row_next(rc, q, err)) == 1) {
                if (*count == ROWS_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the rows of a record", "档案的记录条数"),
                                           ROWS_MAX);
                rows[(*count)++] = (struct row){stmt_int(q, 0), stmt_int(q, 1)};
        }
        return rc;
}

static int row_note(struct tx *tx, const struct person_merge *m, const char *kind, const struct row *r, struct error *err)
{
        return tx_exec(tx, err,
                       "INSERT INTO person_merge_row (home, merge, kind, old, new) VALUES (?1@int, ?2@int, ?3@text, ?4@int, "
                       "?5@int)",
                       "iitii", (int64_t)m->home, m->id, kind, r->old, r->new);
}

/* One row: closed, and opened of `person` under a new id, which is set. */
static int row_turn(struct tx *tx, struct house *h, const struct kind *k, struct row *r, int64_t person, struct error *err)
{
        int64_t now = clock_now(h->clock);
        int rc = ids_next(h->ids, &r->new, err);

        return rc ? rc
                  : tx_exec(tx, err, k->copy, "iiiiii", (int64_t)h->home, r->old, now, r->new, person, (int64_t)INSTANT_END);
}

static int row_close(struct tx *tx, struct house *h, const struct kind *k, int64_t id, struct error *err)
{
        return tx_exec(tx, err, k->close, "iii", (int64_t)h->home, id, (int64_t)clock_now(h->clock));
}

static int dated_move(struct tx *tx, struct house *h, const struct person_merge *m, const struct kind *k, struct error *err)
{
        struct row *rows = NULL;
        struct stmt *q = NULL;
        size_t count = 0;
        int rc = tx_query(&q, tx, err, k->list, "iiii", (int64_t)m->home, m->gone, (int64_t)INSTANT_END, m->kept);

        rc = rows_read(q, rc, &rows, &count, err);
        for (size_t i = 0; rc == 0 && i < count; i++) {
                bool known = rows[i].new != 0;
                rows[i].new = 0;
                rc = row_close(tx, h, k, rows[i].old, err);
                if (rc == 0 && !known)
                        rc = row_turn(tx, h, k, &rows[i], m->kept, err);
                rc = rc ? rc : row_note(tx, m, k->name, &rows[i], err);
        }
        free(rows);
        return rc;
}

static int moved_refuse(const struct person_merge *m, struct error *err)
{
        char number[32];

        return error_raise(err, SB_MERGE_MOVED, "%s", readable_number('P', m->home, m->kept, number));
}

/* What was believed before the merge is believed again, in new rows; the rows of the merge no more. */
static int dated_back(struct tx *tx, struct house *h, const struct person_merge *m, const struct kind *k, struct error *err)
{
        struct row *rows = NULL;
        struct stmt *q = NULL;
        size_t count = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT old, new FROM person_merge_row WHERE home = ?1@int AND merge = ?2@int AND kind = ?3@text ORDER "
                     "BY old",
                     "iit", (int64_t)m->home, m->id, k->name);

        rc = rows_read(q, rc, &rows, &count, err);
        for (size_t i = 0; rc == 0 && i < count; i++) {
                struct row *r = &rows[i];
                if (r->new != 0) {
                        rc = tx_one(&q, tx, err, k->still, "iiii", (int64_t)m->home, r->new, (int64_t)INSTANT_END, m->kept);
                        rc = rc == 0 ? moved_refuse(m, err) : rc < 0 ? rc : row_close(tx, h, k, r->new, err);
                }
                rc = rc ? rc : row_turn(tx, h, k, r, m->gone, err);
        }
        free(rows);
        return rc;
}

/* --- kin and household: the row says whose it is ---------------------------------------------------------------------------------------- */

/* list: ?1 home, ?2 the record that goes, ?3 the one that is kept; turn: ?1 home, ?2 row, ?3 whose. */
struct tie_kind {
        const char *name, *list, *turn;
};

static const struct tie_kind TIES[] = {
    {"kin_person", "SELECT id, 0 FROM kinship WHERE home = ?1@int AND person = ?2@int AND relative <> ?3@int ORDER BY id",
     "UPDATE kinship SET person = ?3@int WHERE home = ?1@int AND id = ?2@int"},
    {"kin_relative", "SELECT id, 0 FROM kinship WHERE home = ?1@int AND relative = ?2@int AND person <> ?3@int ORDER BY id",
     "UPDATE kinship SET relative = ?3@int WHERE home = ?1@int AND id = ?2@int"},
    {"household",
     "SELECT a.id, 0 FROM household_member a WHERE a.home = ?1@int AND a.person = ?2@int AND NOT EXISTS (SELECT 1 FROM "
     "household_member b WHERE b.home = a.home AND b.person = ?3@int AND b.household = a.household) ORDER BY a.id",
     "UPDATE household_member SET person = ?3@int WHERE home = ?1@int AND id = ?2@int"},
};

static int tie_move(struct tx *tx, const struct person_merge *m, const struct tie_kind *k, struct error *err)
{
        struct row *rows = NULL;
        struct stmt *q = NULL;
        size_t count = 0;
        int rc = tx_query(&q, tx, err, k->list, "iii", (int64_t)m->home, m->gone, m->kept);

        rc = rows_read(q, rc, &rows, &count, err);
        for (size_t i = 0; rc == 0 && i < count; i++) {
                rows[i].new = rows[i].old;
                rc = tx_exec(tx, err, k->turn, "iii", (int64_t)m->home, rows[i].old, m->kept);
                rc = rc ? rc : row_note(tx, m, k->name, &rows[i], err);
        }
        free(rows);
        return rc;
}

static int tie_back(struct tx *tx, const struct person_merge *m, const struct tie_kind *k, struct error *err)
{
        struct row *rows = NULL;
        struct stmt *q = NULL;
        size_t count = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT old, new FROM person_merge_row WHERE home = ?1@int AND merge = ?2@int AND kind = ?3@text ORDER "
                     "BY old",
                     "iit", (int64_t)m->home, m->id, k->name);

        rc = rows_read(q, rc, &rows, &count, err);
        for (size_t i = 0; rc == 0 && i < count; i++)
                rc = tx_exec(tx, err, k->turn, "iii", (int64_t)m->home, rows[i].old, m->gone);
        free(rows);
        return rc;
}

/* --- personal accounts -------------------------------------------------------------------------------------------------------------------- */

enum { ENTRIES_MAX = 4000 };

struct moving {
        struct personal_entry *entries; /* of the record that goes, negative, and of the one that is kept */
        size_t count;
        struct posting postings[2 * 32]; /* the control account of each pool: out and in */
        size_t posting_count;
};

struct account_row {
        int64_t id, pool;
        char scheme[32];
        fen_t balance;
};

/* Each month from which money counts keeps its own amount, so that the interest of the year is that of one account. */
static int months_read(struct tx *tx, const struct person_merge *m, const struct account_row *a, int64_t into, instant_t now,
                       struct moving *v, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT counts, CAST(SUM(amount_fen) AS @int) FROM (SELECT " ENTRY_MONTH " AS counts, e.amount_fen FROM "
                     "personal_entry e " ENTRY_JOIN "WHERE e.home = ?1@int AND e.account = ?2@int) x GROUP BY counts HAVING "
                     "SUM(amount_fen) <> 0 ORDER BY counts",
                     "ii", (int64_t)m->home, a->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (v->count + 2 > ENTRIES_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the months of an account", "个人账户的月数"),
                                           ENTRIES_MAX / 2);
                struct personal_entry e = {.home = m->home,
                                           .month = (month_t)stmt_int(q, 0),
                                           .account = a->id,
                                           .transaction = m->txn,
                                           .kind = "transfer",
                                           .amount = -stmt_int(q, 1),
                                           .at = now};
                v->entries[v->count++] = e;
                e.account = into;
                e.amount = -e.amount;
                v->entries[v->count++] = e;
        }
        return rc;
}

static int account_move(struct tx *tx, struct house *h, const struct person_merge *m, const struct account_row *a,
                        struct moving *v, struct error *err)
{
        int64_t into;
        int rc = personal_account_open(tx, h->ids, m->home, m->kept, a->scheme, a->pool, &into, err);

        rc = rc ? rc : months_read(tx, m, a, into, clock_now(h->clock), v, err);
        v->postings[v->posting_count++] = (struct posting){a->pool, LEDGER_PERSONAL, a->balance};
        v->postings[v->posting_count++] = (struct posting){a->pool, LEDGER_PERSONAL, -a->balance};
        return rc;
}

static int accounts_read(struct tx *tx, const struct person_merge *m, struct account_row *rows, size_t max, size_t *count,
                         struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, pool, scheme, balance_fen FROM personal_account WHERE home = ?1@int AND person = ?2@int AND "
                     "balance_fen <> 0 ORDER BY id",
                     "ii", (int64_t)m->home, m->gone);

        *count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (*count == max)
                        return error_raise(err, SB_LIMIT, "%s|%zu", ERROR_BOTH("the accounts of a record", "档案的个人账户数"),
                                           max);
                struct account_row *r = &rows[(*count)++];
                *r = (struct account_row){.id = stmt_int(q, 0), .pool = stmt_int(q, 1), .balance = stmt_int(q, 3)};
                text_copy(r->scheme, sizeof r->scheme, stmt_text(q, 2));
        }
        return rc;
}

static int accounts_move(struct tx *tx, struct call *c, struct person_merge *m, struct error *err)
{
        struct house *h = c->house;
        struct account_row rows[32];
        struct moving v = {.entries = calloc(ENTRIES_MAX, sizeof *v.entries)};
        size_t count = 0;
        day_t today = clock_today(h->clock);
        int rc = v.entries == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                   : accounts_read(tx, m, rows, sizeof rows / sizeof rows[0], &count, err);

        if (rc == 0 && count > 0)
                rc = ids_next(h->ids, &m->txn, err);
        for (size_t i = 0; rc == 0 && i < count; i++)
                rc = account_move(tx, h, m, &rows[i], &v, err);
        if (rc == 0 && count > 0) {
                struct ledger_transaction t = {.home = h->home,
                                               .month = month_of(today),
                                               .id = m->txn,
                                               .day = today,
                                               .kind = "account.merge",
                                               .ref_kind = "person_merge",
                                               .ref_id = m->id,
                                               .actor = c->who.staff,
                                               .at = clock_now(h->clock),
                                               .postings = v.postings,
                                               .count = v.posting_count};
                rc = ledger_post(tx, h->ids, &t, err);
                rc = rc ? rc : personal_account_add_many(tx, h->ids, v.entries, v.count, err);
        }
        free(v.entries);
        return rc;
}

/* --- the number --------------------------------------------------------------------------------------------------------------------------- */

static int number_turn(struct tx *tx, struct house *h, const struct hash *index, int64_t person, struct error *err)
{
        return tx_exec(tx, err, "UPDATE directory SET person = ?3@int WHERE id_index = ?1@blob AND home = ?2@int", "bii",
                       (struct str){(const char *)index->b, sizeof index->b}, (int64_t)h->home, person);
}

static int number_of(struct tx *tx, struct house *h, int64_t person, struct hash *out, struct error *err)
{
        struct person p = {.id = 0};
        int rc = person_read(tx, h, h->home, person, &p, err);

        if (rc == 0)
                *out = person_index(h->keys, str_from(p.id_number));
        person_dispose(&p);
        return rc;
}

static int state_turn(struct tx *tx, const struct person_merge *m, const char *state, struct error *err)
{
        return tx_exec(tx, err, "UPDATE person SET state = ?3@text WHERE home = ?1@int AND id = ?2@int", "iit",
                       (int64_t)m->home, m->gone, state);
}

/* --- both ways ---------------------------------------------------------------------------------------------------------------------------- */

int merge_move(struct tx *tx, struct call *c, struct person_merge *m, struct error *err)
{
        struct hash index;
        int rc = number_of(tx, c->house, m->gone, &index, err);

        for (size_t i = 0; rc == 0 && i < sizeof DATED / sizeof DATED[0]; i++)
                rc = dated_move(tx, c->house, m, &DATED[i], err);
        for (size_t i = 0; rc == 0 && i < sizeof TIES / sizeof TIES[0]; i++)
                rc = tie_move(tx, m, &TIES[i], err);
        rc = rc ? rc : accounts_move(tx, c, m, err);
        rc = rc ? rc : number_turn(tx, c->house, &index, m->kept, err);
        return rc ? rc : state_turn(tx, m, MERGED, err);
}

int merge_back(struct tx *tx, struct call *c, const struct person_merge *m, struct error *err)
{
        struct house *h = c->house;
        struct hash gone, kept;
        int64_t reversal;
        int rc = number_of(tx, h, m->gone, &gone, err);

        rc = rc ? rc : number_of(tx, h, m->kept, &kept, err);
        if (rc == 0 && memcmp(&gone, &kept, sizeof gone) == 0) /* the number was corrected to that of the other */
                rc = moved_refuse(m, err);
        for (size_t i = 0; rc == 0 && i < sizeof DATED / sizeof DATED[0]; i++)
                rc = dated_back(tx, h, m, &DATED[i], err);
        for (size_t i = 0; rc == 0 && i < sizeof TIES / sizeof TIES[0]; i++)
                rc = tie_back(tx, m, &TIES[i], err);
        if (rc == 0 && m->txn != 0)
                rc = ledger_reverse(tx, h->ids, m->home, m->txn, clock_today(h->clock), c->who.staff, clock_now(h->clock),
                                    &reversal, err);
        rc = rc ? rc : number_turn(tx, h, &gone, m->gone, err);
        return rc ? rc : state_turn(tx, m, "active", err);
}
