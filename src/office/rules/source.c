/* SPDX-License-Identifier: Apache-2.0
 *
 * Where rules come from: stored packs, and drafts put together from their origin and their steps.
 */
#include "office/rules/internal.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

static int unknown(struct error *err, const char *name)
{
        return error_raise(err, SB_RULES_SOURCE, "%.80s", name);
}

int draft_read(struct tx *tx, int32_t home, int64_t id, struct draft *out, struct error *err)
{
        struct stmt *q;
        char name[32];

        int rc = tx_one(&q, tx, err,
                        "SELECT d.title, d.state, d.owner, d.version, d.created_at, d.changed_at, d.origin, s.display, "
                        "(SELECT COUNT(*) FROM pack_draft_step p WHERE p.home = d.home AND p.draft = d.id AND p.undone_at = 0) "
                        "FROM pack_draft d LEFT JOIN staff s ON s.id = d.owner WHERE d.home = ?1@int AND d.id = ?2@int",
                        "ii", (int64_t)home, id);
        if (rc == 0 || (rc == 1 && stmt_blob(q, 6).n != HASH_BYTES))
                return unknown(err, text_format(name, sizeof name, DRAFT_PREFIX "%lld", (long long)id));
        if (rc < 0)
                return rc;
        out->id = id;
        text_copy(out->title, sizeof out->title, stmt_text(q, 0));
        text_copy(out->state, sizeof out->state, stmt_text(q, 1));
        out->owner = stmt_int(q, 2);
        out->version = stmt_int(q, 3);
        out->created = stmt_int(q, 4);
        out->changed = stmt_int(q, 5);
        memcpy(out->origin.b, stmt_blob(q, 6).p, HASH_BYTES);
        text_copy(out->owner_name, sizeof out->owner_name, stmt_null(q, 7) ? (struct str){"", 0} : stmt_text(q, 7));
        out->steps = stmt_int(q, 8);
        return 0;
}

json_t *draft_json(const struct draft *d)
{
        json_t *o = json_object();
        char name[32], hex[65];

        put_text(o, "source", text_format(name, sizeof name, DRAFT_PREFIX "%lld", (long long)d->id));
        put_int(o, "id", d->id);
        put_text(o, "title", d->title);
        put_text(o, "state", d->state);
        put_int(o, "owner", d->owner);
        put_text(o, "owner_name", d->owner_name);
        put_int(o, "version", d->version);
        put_int(o, "steps", d->steps);
        put_text(o, "origin", hash_hex(&d->origin, hex));
        put_instant(o, "created_at", d->created);
        put_instant(o, "changed_at", d->changed);
        return o;
}

/* --- stored packs ------------------------------------------------------------------------------------------------------------ */

struct by_name {
        const char *name;
        struct hash hash;
        bool found;
};

static int by_name_read(struct tx *tx, void *ctx, struct error *err)
{
        struct by_name *w = ctx;
        struct stmt *q;

        int rc = tx_one(&q, tx, err, "SELECT hash FROM pack WHERE name = ?1@text ORDER BY stored_at DESC, hash LIMIT 1", "t",
                        w->name);
        w->found = rc == 1 && stmt_blob(q, 0).n == HASH_BYTES;
        if (w->found)
                memcpy(w->hash.b, stmt_blob(q, 0).p, HASH_BYTES);
        return rc < 0 ? rc : 0;
}

static int stored_open(struct source *out, struct call *c, const char *name, struct error *err)
{
        struct by_name w = {.name = name};
        struct error unreadable = {0};
        struct pack *borrowed;

        int rc = 0;
        if (strlen(name) == 64 && hash_parse(&w.hash, str_from(name), &unreadable) == 0)
                w.found = true;
        else
                rc = store_read(c->house->store, by_name_read, &w, err);
        if (rc == 0 && !w.found)
                rc = unknown(err, name);
        if (rc == 0)
                rc = pack_store_get(c->house->packs, &w.hash, &borrowed, err);
        if (rc == 0)
                out->pack = pack_ref(borrowed);
        return rc;
}

/* --- drafts -------------------------------------------------------------------------------------------------------------------- */

struct assembly {
        int32_t home;
        int64_t id;
        struct draft *draft;
        struct arena *arena;
        struct pack_change files[RULES_FILES_MAX];
        size_t count;
};

/* The newest step that holds of each file; the rows come by path, then step. */
static int steps_read(struct tx *tx, void *ctx, struct error *err)
{
        struct assembly *a = ctx;
        struct stmt *q = NULL;

        a->count = 0;
        arena_reset(a->arena);
        int rc = draft_read(tx, a->home, a->id, a->draft, err);
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT s.path, s.content FROM pack_draft_step s WHERE s.home = ?1@int AND s.draft = ?2@int AND "
                    "s.undone_at = 0 AND NOT EXISTS (SELECT 1 FROM pack_draft_step n WHERE n.home = s.home AND n.draft = "
                    "s.draft AND n.path = s.path AND n.undone_at = 0 AND n.step > s.step) ORDER BY s.path",
                    "ii", (int64_t)a->home, a->id);
        while ((rc = row_next(rc, q, err)) == 1) {
                if (a->count == RULES_FILES_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", "files of a draft", RULES_FILES_MAX);
                struct pack_change *f = &a->files[a->count++];
                f->path = arena_text(a->arena, stmt_text(q, 0));
                f->bytes = arena_str(a->arena, stmt_blob(q, 1));
                rc = f->path == NULL || f->bytes.p == NULL
                         ? error_raise(err, SB_LIMIT, "%s|%zu", "bytes of a draft", RULES_ARCHIVE_MAX)
                         : 0;
        }
        return rc;
}

/* Put one more file in its place; the order of paths is bytewise. */
static int file_put(struct assembly *a, const struct pack_change *change, struct error *err)
{
        size_t at = 0;

        while (at < a->count && strcmp(a->files[at].path, change->path) < 0)
                at++;
        if (at < a->count && strcmp(a->files[at].path, change->path) == 0) {
                a->files[at] = *change;
                return 0;
        }
        if (a->count == RULES_FILES_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", "files of a draft", RULES_FILES_MAX);
        memmove(a->files + at + 1, a->files + at, (a->count - at) * sizeof *a->files);
        a->files[at] = *change;
        a->count++;
        return 0;
}

static struct pack *parent_of(const struct pack *p)
{
        return (struct pack *)(uintptr_t)pack_parent(p);
}

static int draft_open(struct source *out, struct call *c, int64_t id, const struct pack_change *change, bool loose,
                      struct error *err)
{
        struct assembly *a = calloc(1, sizeof *a);
        struct error broken = {0};

        if (a == NULL || (a->arena = arena_new(RULES_ARCHIVE_MAX)) == NULL) {
                free(a);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        a->home = c->house->home;
        a->id = id;
        a->draft = &out->draft;
        int rc = store_read(c->house->store, steps_read, a, err);
        if (rc == 0)
                rc = pack_store_get(c->house->packs, &out->draft.origin, &out->origin, err);
        if (rc == 0 && change != NULL)
                rc = file_put(a, change, err);
        if (rc == 0)
                rc = pack_archive_with(out->origin, a->files, a->count, &out->archive, err);
        if (rc == 0 &&
            pack_open_archive(&out->pack, (struct str){out->archive.p, out->archive.n}, parent_of(out->origin), &broken) < 0 &&
            (!loose || broken.code == SB_MEMORY)) {
                *err = broken;
                rc = ERR;
        }
        arena_free(a->arena);
        free(a);
        return rc;
}

static int open_any(struct source *out, struct call *c, const char *name, const struct pack_change *change, bool loose,
                    struct error *err)
{
        int64_t id;

        memset(out, 0, sizeof *out);
        buf_init(&out->archive, RULES_ARCHIVE_MAX);
        int rc;
        if (strncmp(name, DRAFT_PREFIX, sizeof DRAFT_PREFIX - 1) != 0)
                rc = stored_open(out, c, name, err);
        else if (!text_to_int(str_from(name + sizeof DRAFT_PREFIX - 1), &id) || id < 1)
                rc = unknown(err, name);
        else
                rc = draft_open(out, c, id, change, loose, err);
        if (rc < 0)
                source_close(out);
        return rc;
}

int source_open(struct source *out, struct call *c, const char *name, bool loose, struct error *err)
{
        return open_any(out, c, name, NULL, loose, err);
}

int source_open_with(struct source *out, struct call *c, const char *name, const struct pack_change *change, struct error *err)
{
        if (strncmp(name, DRAFT_PREFIX, sizeof DRAFT_PREFIX - 1) != 0) {
                memset(out, 0, sizeof *out);
                return error_raise(err, SB_RULES_NOT_DRAFT, "%.80s", name);
        }
        return open_any(out, c, name, change, false, err);
}

void source_close(struct source *s)
{
        pack_free(s->pack);
        buf_dispose(&s->archive);
        s->pack = NULL;
}
