/* SPDX-License-Identifier: Apache-2.0
 *
 * Ids of a home in blocks. Outside of a transaction a block is taken in a transaction of its own.
 * Inside a closure on SQLite's writer thread, where no second transaction can be, it is taken in
 * the closure's: such ids are for that thread only until the group has committed, and are forgotten
 * when it has not.
 */
#include "store/internal.h"

#include <assert.h>
#include <stdlib.h>

struct range {
        int64_t next, end;
};

struct ids {
        struct store *store;
        int32_t home;
        int block;
        pthread_mutex_t lock;
        pthread_cond_t filled;
        struct range ready;   /* committed: for everybody */
        struct range pending; /* taken in the running group: for the writer thread */
        bool filling;
};

struct hook {
        struct tx_hook base;
        struct ids *ids;
};

struct reservation {
        int32_t home;
        int64_t count;
        int64_t first;
};

static int reserve(struct tx *tx, void *ctx, struct error *err)
{
        struct reservation *r = ctx;
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "INSERT INTO id_block (home, next_id) VALUES (?1@int, ?2@int + 1) "
                        "ON CONFLICT (home) DO UPDATE SET next_id = id_block.next_id + ?2@int "
                        "RETURNING next_id",
                        "ii", (int64_t)r->home, r->count);
        if (rc < 0) {
                return rc;
        }
        assert(rc == 1); /* the row is there afterwards */
        r->first = stmt_int(q, 0) - r->count;
        return stmt_step(q, err);
}

int ids_open(struct ids **out, struct store *s, int32_t home, int block, struct error *err)
{
        if (home < 1 || block < 1) {
                return error_raise(err, SB_INTERNAL, "%s", "a home and a block of ids are positive");
        }
        struct ids *a = calloc(1, sizeof *a);
        if (!a) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        a->store = s;
        a->home = home;
        a->block = block;
        pthread_mutex_init(&a->lock, NULL);
        pthread_cond_init(&a->filled, NULL);
        *out = a;
        return 0;
}

void ids_close(struct ids *a)
{
        if (!a) {
                return;
        }
        pthread_mutex_destroy(&a->lock);
        pthread_cond_destroy(&a->filled);
        free(a);
}

static bool take(struct range *r, int64_t n, int64_t *first)
{
        if (r->end - r->next < n) {
                return false;
        }
        *first = r->next;
        r->next += n;
        return true;
}

static void group_ended(void *ctx, bool committed)
{
        struct hook *h = ctx;
        struct ids *a = h->ids;
        pthread_mutex_lock(&a->lock);
        if (committed && a->ready.end - a->ready.next < a->pending.end - a->pending.next) {
                a->ready = a->pending;
        }
        a->pending = (struct range){0, 0};
        pthread_mutex_unlock(&a->lock);
        free(h);
}

/* On the writer thread, the lock not held. */
static int take_inside(struct ids *a, struct tx *tx, int64_t n, int64_t *first, struct error *err)
{
        pthread_mutex_lock(&a->lock);
        bool done = take(&a->pending, n, first) || take(&a->ready, n, first);
        pthread_mutex_unlock(&a->lock);
        if (done) {
                return 0;
        }
        struct hook *h = malloc(sizeof *h);
        if (!h) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        struct reservation r = {.home = a->home, .count = n > a->block ? n : a->block};
        int rc = reserve(tx, &r, err);
        if (rc != 0) {
                free(h);
                return rc;
        }
        *h = (struct hook){.base = {.end = group_ended, .ctx = h}, .ids = a};
        tx_hook_add(tx, &h->base);
        pthread_mutex_lock(&a->lock);
        a->pending = (struct range){r.first + n, r.first + r.count};
        pthread_mutex_unlock(&a->lock);
        *first = r.first;
        return 0;
}

static int take_outside(struct ids *a, int64_t n, int64_t *first, struct error *err)
{
        int rc = 0;
        pthread_mutex_lock(&a->lock);
        while (rc == 0 && !take(&a->ready, n, first)) {
                if (a->filling) {
                        pthread_cond_wait(&a->filled, &a->lock);
                        continue;
                }
                struct reservation r = {.home = a->home, .count = n > a->block ? n : a->block};
                a->filling = true;
                pthread_mutex_unlock(&a->lock);
                rc = store_write_side(a->store, reserve, &r, err);
                pthread_mutex_lock(&a->lock);
                a->filling = false;
                pthread_cond_broadcast(&a->filled);
                if (rc == 0) {
                        *first = r.first;
                        struct range rest = {r.first + n, r.first + r.count};
                        if (rest.end - rest.next > a->ready.end - a->ready.next) {
                                a->ready = rest;
                        }
                        break;
                }
        }
        pthread_mutex_unlock(&a->lock);
        return rc;
}

int ids_range(struct ids *a, int64_t n, int64_t *first, struct error *err)
{
        assert(n > 0);
        struct tx *tx = a->store->engine->inside(a->store->backend);
        return tx ? take_inside(a, tx, n, first, err) : take_outside(a, n, first, err);
}

int ids_next(struct ids *a, int64_t *out, struct error *err)
{
        return ids_range(a, 1, out, err);
}
