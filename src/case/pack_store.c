/* SPDX-License-Identifier: Apache-2.0 */
#include "case/pack_store.h"

#include "case/application.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define PACK_DEPTH_MAX 8
#define PACKS_MAX 256
#define HOME_S 2.0 /* for so long the answer of pack_store_home is taken again */

struct pack_store {
        struct store *store;
        pthread_mutex_t lock; /* over the list below; packs themselves are immutable */
        struct pack *open[PACKS_MAX];
        int count;
        struct pack *stand_in, *home; /* counted; borrowed, of the list or the stand-in */
        double home_at;
        day_t home_day;
};

int pack_store_new(struct pack_store **out, struct store *store, struct error *err)
{
        struct pack_store *s = calloc(1, sizeof *s);

        if (s == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        s->store = store;
        pthread_mutex_init(&s->lock, NULL);
        *out = s;
        return 0;
}

void pack_store_free(struct pack_store *s)
{
        if (s == NULL)
                return;
        for (int i = 0; i < s->count; i++)
                pack_free(s->open[i]);
        pack_free(s->stand_in);
        pthread_mutex_destroy(&s->lock);
        free(s);
}

void pack_store_rebind(struct pack_store *s, struct store *store)
{
        s->store = store;
}

static struct pack *open_find(struct pack_store *s, const struct hash *hash)
{
        for (int i = 0; i < s->count; i++)
                if (memcmp(pack_hash(s->open[i])->b, hash->b, HASH_BYTES) == 0)
                        return s->open[i];
        return NULL;
}

static int open_add(struct pack_store *s, struct pack *owned, struct error *err)
{
        if (s->count == PACKS_MAX) {
                pack_free(owned);
                return error_raise(err, SB_LIMIT, "%s|%d", "packs", PACKS_MAX);
        }
        s->open[s->count++] = owned;
        return 0;
}

struct put_work {
        const struct pack *pack;
        struct buf archive;
        instant_t at;
};

static int put_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct put_work *w = ctx;
        const struct pack *parent = pack_parent(w->pack);
        struct stmt *q;

        int rc = tx_one(&q, tx, err, "SELECT 1 FROM pack WHERE hash = ?1@blob", "b", hash_str(pack_hash(w->pack)));
        if (rc != 0)
                return rc < 0 ? rc : 0;
        struct str bytes = {w->archive.p, w->archive.n};
        if (parent == NULL)
                return tx_exec(
                    tx, err,
                    "INSERT INTO pack (hash, name, parent_hash, demonstration, archive, stored_at) VALUES (?1@blob, ?2@text, "
                    "NULL, ?3@int, ?4@blob, ?5@int)",
                    "btibi", hash_str(pack_hash(w->pack)), pack_name(w->pack), (int64_t)pack_is_demonstration(w->pack), bytes,
                    w->at);
        return tx_exec(
            tx, err,
            "INSERT INTO pack (hash, name, parent_hash, demonstration, archive, stored_at) VALUES (?1@blob, ?2@text, ?3@blob, "
            "?4@int, ?5@blob, ?6@int)",
            "btbibi", hash_str(pack_hash(w->pack)), pack_name(w->pack), hash_str(pack_hash(parent)),
            (int64_t)pack_is_demonstration(w->pack), bytes, w->at);
}

int pack_store_put(struct pack_store *s, struct pack *p, instant_t at, struct error *err)
{
        for (const struct pack *one = p; one != NULL; one = pack_parent(one)) {
                struct put_work w = {.pack = one, .at = at};
                buf_init(&w.archive, (size_t)64 << 20);
                int rc = pack_archive(one, &w.archive, err);
                if (rc == 0)
                        rc = buf_check(&w.archive, err);
                if (rc == 0)
                        rc = store_write(s->store, put_apply, &w, err);
                buf_dispose(&w.archive);
                if (rc < 0)
                        return rc;
        }
        pthread_mutex_lock(&s->lock);
        s->home = NULL; /* it is stored to be put in force */
        int rc = open_find(s, pack_hash(p)) == NULL ? open_add(s, pack_ref(p), err) : 0;
        pthread_mutex_unlock(&s->lock);
        return rc;
}

struct get_work {
        const struct hash *hash;
        struct buf archive;
        struct hash parent;
        bool found, has_parent;
};

static int get_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct get_work *w = ctx;
        struct stmt *q;

        buf_clear(&w->archive);
        int rc = tx_one(&q, tx, err, "SELECT archive, parent_hash FROM pack WHERE hash = ?1@blob", "b", hash_str(w->hash));
        w->found = rc == 1;
        if (rc <= 0)
                return rc;
        buf_add_str(&w->archive, stmt_blob(q, 0));
        w->has_parent = hash_take(&w->parent, stmt_blob(q, 1));
        return buf_check(&w->archive, err);
}

/* Called with the lock held. */
static int get_locked(struct pack_store *s, const struct hash *hash, int depth, struct pack **borrowed, struct error *err)
{
        struct get_work w = {.hash = hash};
        struct pack *parent = NULL, *opened = NULL;
        char hex[65];

        *borrowed = open_find(s, hash);
        if (*borrowed != NULL)
                return 0;
        if (depth == PACK_DEPTH_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", "parents of a pack", PACK_DEPTH_MAX);
        buf_init(&w.archive, (size_t)64 << 20);
        int rc = store_read(s->store, get_apply, &w, err);
        if (rc == 0 && !w.found)
                rc = error_raise(err, SB_CASE_PACK_UNKNOWN, "%s", hash_hex(hash, hex));
        if (rc == 0 && w.has_parent)
                rc = get_locked(s, &w.parent, depth + 1, &parent, err);
        if (rc == 0)
                rc = pack_open_archive(&opened, (struct str){w.archive.p, w.archive.n}, parent, err);
        if (rc == 0 && memcmp(pack_hash(opened)->b, hash->b, HASH_BYTES) != 0) {
                pack_free(opened);
                rc = error_raise(err, SB_CASE_PACK_UNKNOWN, "%s", hash_hex(hash, hex));
        } else if (rc == 0) {
                rc = open_add(s, opened, err);
        }
        if (rc == 0)
                *borrowed = opened;
        buf_dispose(&w.archive);
        return rc;
}

int pack_store_get(struct pack_store *s, const struct hash *hash, struct pack **borrowed, struct error *err)
{
        pthread_mutex_lock(&s->lock);
        int rc = get_locked(s, hash, 0, borrowed, err);
        pthread_mutex_unlock(&s->lock);
        return rc;
}

int pack_store_activate(struct tx *tx, struct ids *ids, int64_t pool, const struct hash *pack, day_t from, int64_t actor,
                        instant_t at, struct error *err)
{
        struct stmt *q;
        int64_t id, demonstration;

        int rc = tx_one(&q, tx, err, "SELECT demonstration FROM pack WHERE hash = ?1@blob", "b", hash_str(pack));
        if (rc == 0)
                return error_raise(err, SB_CASE_PACK_UNKNOWN, "%s", "");
        demonstration = rc == 1 ? stmt_int(q, 0) : 0;
        if (rc == 1) /* made-up figures and people never meet real ones */
                rc = tx_one(
                    &q, tx, err,
                    "SELECT p.name FROM pack_activation a JOIN pack p ON p.hash = a.pack_hash WHERE p.demonstration <> ?1@int "
                    "ORDER BY a.id LIMIT 1",
                    "i", demonstration);
        if (rc == 1)
                return error_raise(err, SB_CASE_PACK_KIND, "%.*s", (int)stmt_text(q, 0).n, stmt_text(q, 0).p);
        if (rc == 0)
                rc = ids_next(ids, &id, err);
        /* What was believed of the time from `from` on ends now; it is closed, not overwritten. */
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE pack_activation SET known_to = ?3@int WHERE pool = ?1@int AND valid_from >= ?2@int AND "
                             "known_to = ?4@int",
                             "iiii", pool, (int64_t)from, at, INSTANT_END);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO pack_activation (id, pool, pack_hash, valid_from, valid_to, known_from, known_to, "
                             "actor) VALUES "
                             "(?1@int, ?2@int, ?3@blob, ?4@int, ?5@int, ?6@int, ?7@int, ?8@int)",
                             "iibiiiii", id, pool, hash_str(pack), (int64_t)from, (int64_t)DAY_END, at, INSTANT_END, actor);
        if (rc == 0) /* the processes that the clock begins are looked for (schedule.c) */
                rc = tx_exec(tx, err, "UPDATE schedule SET next_at = 0 WHERE pool = 0 AND process = ''", "");
        return rc;
}

struct for_work {
        int64_t pool;
        day_t day;
        instant_t known;
        struct hash hash;
        bool found;
};

static int for_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct for_work *w = ctx;
        struct stmt *q;

        /* The newest beginning wins, so an activation ends where the next one begins. */
        int rc = tx_one(
            &q, tx, err,
            "SELECT pack_hash FROM pack_activation WHERE pool = ?1@int AND valid_from <= ?2@int AND valid_to > ?2@int AND "
            "known_from <= ?3@int AND known_to > ?3@int ORDER BY valid_from DESC, known_from DESC, id DESC LIMIT 1",
            "iii", w->pool, (int64_t)w->day, w->known);
        w->found = rc == 1 && hash_take(&w->hash, stmt_blob(q, 0));
        return rc < 0 ? rc : 0;
}

int pack_store_for(struct pack_store *s, int64_t pool, day_t day, instant_t known, struct pack **borrowed, struct error *err)
{
        return pack_store_for_in(s, NULL, pool, day, known, borrowed, err);
}

int pack_store_for_in(struct pack_store *s, struct tx *tx, int64_t pool, day_t day, instant_t known, struct pack **borrowed,
                      struct error *err)
{
        struct for_work w = {.pool = pool, .day = day, .known = known};
        char text[16];

        int rc = tx == NULL ? store_read(s->store, for_apply, &w, err) : for_apply(tx, &w, err);
        if (rc == 0 && !w.found)
                rc = error_raise(err, SB_CASE_NO_PACK, "%lld|%s", (long long)pool, day_text(day, text));
        return rc < 0 ? rc : pack_store_get(s, &w.hash, borrowed, err);
}

/* --- whose law this installation goes by ---------------------------------------------------------------------------------------- */

struct home_work {
        struct pack_store *packs;
        day_t day;
        instant_t now;
        struct for_work found;
};

static int home_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct home_work *w = ctx;
        struct stmt *q;
        int64_t pool = 0;
        int rc = application_pool(tx, &pool, err);

        w->found = (struct for_work){.pool = pool, .day = w->day, .known = w->now};
        if (rc == 0 && pool != 0)
                rc = for_apply(tx, &w->found, err);
        if (rc < 0 || w->found.found || pool == 0)
                return rc;
        rc = tx_one(&q, tx, err, "SELECT pack_hash FROM pack_activation WHERE pool = ?1@int ORDER BY valid_from, id LIMIT 1",
                    "i", pool);
        w->found.found = rc == 1 && hash_take(&w->found.hash, stmt_blob(q, 0));
        return rc < 0 ? rc : 0;
}

void pack_store_stand_in(struct pack_store *s, struct pack *pack)
{
        pthread_mutex_lock(&s->lock);
        pack_free(s->stand_in);
        s->stand_in = pack_ref(pack);
        s->home = NULL;
        pthread_mutex_unlock(&s->lock);
}

int pack_store_home(struct pack_store *s, struct clock *clock, struct pack **borrowed, struct error *err)
{
        struct home_work w = {.packs = s, .day = clock_today(clock), .now = clock_now(clock)};
        char text[16];

        pthread_mutex_lock(&s->lock);
        struct pack *known = s->home_day == w.day && clock_monotonic() - s->home_at < HOME_S ? s->home : NULL;
        pthread_mutex_unlock(&s->lock);
        *borrowed = known;
        if (known != NULL)
                return 0;
        int rc = store_read(s->store, home_apply, &w, err);
        if (rc == 0 && w.found.found)
                rc = pack_store_get(s, &w.found.hash, borrowed, err);
        if (rc < 0)
                return rc;
        pthread_mutex_lock(&s->lock);
        if (!w.found.found)
                *borrowed = s->stand_in;
        s->home = *borrowed;
        s->home_at = clock_monotonic();
        s->home_day = w.day;
        pthread_mutex_unlock(&s->lock);
        return *borrowed == NULL ? error_raise(err, SB_CASE_NO_PACK, "%lld|%s", 0LL, day_text(w.day, text)) : 0;
}
