/* SPDX-License-Identifier: Apache-2.0 */
#include "office/manual/shelf.h"

#include "office/manual/index.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct shelved {
        struct hash pack;
        enum lang lang;
        day_t day;                  /* of law: figures in force stand in the chapters */
        struct manual_index *index; /* NULL while `making`, or in an empty place */
        bool making;                /* somebody makes it; others wait */
        int readers;
        uint64_t used; /* a count: the least was asked for longest ago */
};
struct manual_shelf {
        pthread_mutex_t lock;
        pthread_cond_t made;
        struct shelved places[MANUAL_SHELF_MAX];
        uint64_t asked, makings;
};

int manual_shelf_new(struct manual_shelf **out, struct error *err)
{
        struct manual_shelf *s = calloc(1, sizeof *s);

        if (s == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        pthread_mutex_init(&s->lock, NULL);
        pthread_cond_init(&s->made, NULL);
        *out = s;
        return 0;
}

void manual_shelf_free(struct manual_shelf *s)
{
        if (s == NULL)
                return;
        for (size_t i = 0; i < MANUAL_SHELF_MAX; i++)
                manual_index_free(s->places[i].index);
        pthread_cond_destroy(&s->made);
        pthread_mutex_destroy(&s->lock);
        free(s);
}

uint64_t manual_shelf_made(struct manual_shelf *s)
{
        pthread_mutex_lock(&s->lock);
        uint64_t n = s->makings;
        pthread_mutex_unlock(&s->lock);
        return n;
}

static bool is_of(const struct shelved *x, const struct manual *m)
{
        return (x->index != NULL || x->making) && x->lang == m->lang && x->day == m->day &&
               memcmp(x->pack.b, pack_hash(m->pack)->b, HASH_BYTES) == 0;
}

/* Called with the lock held: the place of this manual, else one that nobody reads, emptied; NULL: all are being read. */
static struct shelved *place_find(struct manual_shelf *s, const struct manual *m)
{
        struct shelved *oldest = NULL;

        for (size_t i = 0; i < MANUAL_SHELF_MAX; i++) {
                struct shelved *x = &s->places[i];
                if (is_of(x, m))
                        return x;
                if (x->readers == 0 && !x->making && (oldest == NULL || x->used < oldest->used))
                        oldest = x;
        }
        if (oldest != NULL) {
                manual_index_free(oldest->index);
                *oldest = (struct shelved){.pack = *pack_hash(m->pack), .lang = m->lang, .day = m->day};
        }
        return oldest;
}

/* The lock is held, but not while the chapters are made. */
static int place_fill(struct manual_shelf *s, struct shelved *x, struct manual *m, struct error *err)
{
        struct manual_index *index = NULL;

        x->making = true;
        pthread_mutex_unlock(&s->lock);
        int rc = manual_index_new(&index, m, err);
        pthread_mutex_lock(&s->lock);
        x->making = false;
        x->index = index;
        s->makings++;
        pthread_cond_broadcast(&s->made);
        return rc;
}

int manual_shelf_search(json_t **out, struct manual_shelf *s, struct manual *m, const char *q, size_t most, struct error *err)
{
        struct shelved *x;
        int rc = 0;

        if (s == NULL)
                return manual_search(out, m, q, most, err);
        pthread_mutex_lock(&s->lock);
        /* Whoever waited looks again: what was made may be gone, or could not be made. */
        while ((x = place_find(s, m)) != NULL && x->making)
                pthread_cond_wait(&s->made, &s->lock);
        if (x != NULL && x->index == NULL)
                rc = place_fill(s, x, m, err);
        if (x != NULL && rc == 0) {
                x->readers++;
                x->used = ++s->asked;
        }
        pthread_mutex_unlock(&s->lock);
        if (x == NULL)
                return manual_search(out, m, q, most, err);
        if (rc == 0) {
                rc = manual_index_search(out, x->index, q, most, err);
                pthread_mutex_lock(&s->lock);
                x->readers--;
                pthread_mutex_unlock(&s->lock);
        }
        return rc;
}
