/* SPDX-License-Identifier: Apache-2.0
 *
 * Name keys of imported persons. They are hashes, so that those of one block would touch nearly every page of a large
 * index. They wait instead, block by block and apart by their upper bits, and are merged in the order of the index when
 * those of many blocks have come together: each step then touches a short stretch of it.
 */
#include "office/import/names.h"
#include "office/registry/name.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define PARTS 128
#define PAIR_BYTES 16
/* A step: some 8,000 pairs, a few dozen ms of the writer's time. One row holds no more than a block's pairs of one part. */
#define STEP_PAIRS ((size_t)8192)
#define STEP_ROWS 512

struct name_pair {
        int64_t key, person;
};

static int compare_pairs(const void *a, const void *b)
{
        const struct name_pair *x = a, *y = b;

        if (x->key != y->key)
                return x->key < y->key ? -1 : 1;
        return (x->person > y->person) - (x->person < y->person);
}

/* In the order of signed keys. */
static int64_t part_of(int64_t key)
{
        return (int64_t)(((uint64_t)key ^ (UINT64_C(1) << 63)) / (UINT64_MAX / PARTS + 1));
}

static void number_put(struct buf *b, int64_t v)
{
        for (int i = 0; i < 8; i++)
                buf_add_char(b, (char)((uint64_t)v >> (8 * i) & 255));
}

static int64_t number_get(const char *p)
{
        uint64_t v = 0;

        for (int i = 7; i >= 0; i--)
                v = v << 8 | (unsigned char)p[i];
        return (int64_t)v;
}

/* --- waiting --------------------------------------------------------------------------------------------------------------- */

static int parts_write(struct tx *tx, const struct block *b, const struct name_pair *pairs, size_t n, struct error *err)
{
        struct bulk *k = NULL;
        struct buf bytes;
        int rc = bulk_open(&k, tx, "name_key_pending", "home@int, run@int, part@int, id@int, pairs@blob", err);

        buf_init(&bytes, (size_t)64 << 20);
        for (size_t i = 0; rc == 0 && i < n;) {
                int64_t part = part_of(pairs[i].key);
                buf_clear(&bytes);
                for (; i < n && part_of(pairs[i].key) == part; i++) {
                        number_put(&bytes, pairs[i].key);
                        number_put(&bytes, pairs[i].person);
                }
                bulk_int(k, b->house->home);
                bulk_int(k, b->run->id);
                bulk_int(k, part);
                bulk_int(k, b->first_line);
                bulk_blob(k, (struct str){buf_text(&bytes), bytes.n});
                rc = buf_check(&bytes, err);
                if (rc == 0)
                        rc = bulk_row(k, err);
        }
        buf_dispose(&bytes);
        return block_bulk_close(k, rc, err);
}

int names_wait(struct tx *tx, struct block *b, struct error *err)
{
        size_t n = 0, total = 0;

        for (size_t i = 0; i < b->count; i++)
                total += b->rows[i].bad ? 0 : b->rows[i].u.person->made.key_count;
        struct name_pair *pairs = malloc((total + 1) * sizeof *pairs);
        if (pairs == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < b->count; i++) {
                if (b->rows[i].bad)
                        continue;
                const struct person_new *m = &b->rows[i].u.person->made;
                for (size_t j = 0; j < m->key_count; j++)
                        pairs[n++] = (struct name_pair){m->keys[j], m->id};
        }
        qsort(pairs, n, sizeof *pairs, compare_pairs);
        int rc = parts_write(tx, b, pairs, n, err);
        free(pairs);
        return rc;
}

/* --- merging --------------------------------------------------------------------------------------------------------------- */

struct merge {
        struct house *house;
        const struct run *run; /* whose lease is kept, or NULL */
        int64_t id;
        const char *after;   /* cursor of the run when none wait any more */
        bool one_by_one;     /* some of the keys are there already */
        bool more;           /* out */
        int64_t part, block; /* the last row taken */
        struct name_pair *pairs;
        size_t count;
};

static int pairs_add(struct merge *m, struct str bytes, struct error *err)
{
        size_t n = bytes.n / PAIR_BYTES;
        struct name_pair *bigger = realloc(m->pairs, (m->count + n + 1) * sizeof *bigger);

        if (bigger == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        m->pairs = bigger;
        for (size_t i = 0; i < n; i++)
                m->pairs[m->count++] = (struct name_pair){number_get(bytes.p + i * PAIR_BYTES),
                                                          number_get(bytes.p + i * PAIR_BYTES + PAIR_BYTES / 2)};
        return 0;
}

static int pairs_read(struct tx *tx, struct merge *m, struct error *err)
{
        struct stmt *q;
        int rc = tx_query(&q, tx, err,
                          "SELECT part, id, pairs FROM name_key_pending WHERE home = ?1@int AND run = ?2@int ORDER BY part, id "
                          "LIMIT ?3@int",
                          "iii", (int64_t)m->house->home, m->id, (int64_t)STEP_ROWS);

        m->count = 0;
        m->part = -1;
        while (rc == 0 && m->count < STEP_PAIRS && (rc = stmt_step(q, err)) == 1) {
                m->part = stmt_int(q, 0);
                m->block = stmt_int(q, 1);
                rc = pairs_add(m, stmt_blob(q, 2), err);
        }
        if (rc >= 0 && m->count > 0)
                qsort(m->pairs, m->count, sizeof *m->pairs, compare_pairs);
        return rc < 0 ? rc : 0;
}

static int pairs_write(struct tx *tx, const struct merge *m, struct error *err)
{
        struct bulk *k = NULL;
        int rc = 0;

        for (size_t i = 0; m->one_by_one && rc == 0 && i < m->count; i++)
                rc = name_keys_add(tx, m->house->home, NAME_PERSON, m->pairs[i].person, &m->pairs[i].key, 1, err);
        if (m->one_by_one || m->count == 0)
                return rc;
        rc = bulk_open(&k, tx, "name_key", "key@int, home@int, subject_kind@int, subject@int", err);
        for (size_t i = 0; rc == 0 && i < m->count; i++) {
                bulk_int(k, m->pairs[i].key);
                bulk_int(k, m->house->home);
                bulk_int(k, NAME_PERSON);
                bulk_int(k, m->pairs[i].person);
                rc = bulk_row(k, err);
        }
        return block_bulk_close(k, rc, err);
}

static int merge_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct merge *m = ctx;
        struct stmt *q;
        int64_t home = m->house->home;
        int rc = pairs_read(tx, m, err);

        if (rc == 0)
                rc = pairs_write(tx, m, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "DELETE FROM name_key_pending WHERE home = ?1@int AND run = ?2@int AND (part < ?3@int OR (part = "
                             "?3@int AND id <= ?4@int))",
                             "iiii", home, m->id, m->part, m->block);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT id FROM name_key_pending WHERE home = ?1@int AND run = ?2@int LIMIT 1", "ii",
                            home, m->id);
        m->more = rc == 1;
        if (rc >= 0 && m->run != NULL)
                rc = run_progress(tx, m->run, m->more ? m->run->cursor : str_from(m->after), m->run->total, 0, 0, err);
        return rc < 0 ? rc : 0;
}

static int merge(struct merge *m, struct error *err)
{
        int rc = store_write(m->house->store, merge_apply, m, err);

        /* A correction of a name came first: what it wrote stays. */
        if (rc < 0 && err->code == SB_STORE_UNIQUE) {
                error_clear(err);
                m->one_by_one = true;
                rc = store_write(m->house->store, merge_apply, m, err);
        }
        free(m->pairs);
        return rc;
}

int names_merge(struct house *h, const struct run *r, const char *after, bool *more, struct error *err)
{
        struct merge m = {.house = h, .run = r, .id = r->id, .after = after};
        int rc = merge(&m, err);

        *more = m.more;
        return rc;
}

struct left {
        struct house *house;
        int64_t run;
};

static int left_find(struct tx *tx, void *ctx, struct error *err)
{
        struct left *l = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT p.run FROM name_key_pending p WHERE p.home = ?1@int AND NOT EXISTS (SELECT 1 FROM run r WHERE "
                        "r.home = p.home AND r.id = p.run AND r.state IN ('queued', 'running', 'paused', 'failed')) LIMIT 1",
                        "i", (int64_t)l->house->home);

        l->run = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

int names_settle(struct house *h, bool *worked, struct error *err)
{
        struct left l = {.house = h};
        int rc = store_read(h->store, left_find, &l, err);

        *worked = rc == 0 && l.run != 0;
        if (!*worked)
                return rc;
        struct merge m = {.house = h, .id = l.run};
        return merge(&m, err);
}
