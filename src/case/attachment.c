/* SPDX-License-Identifier: Apache-2.0 */
#include "case/attachment.h"

#include "case/clock.h"
#include "case/file_store.h"
#include "case/paper.h"
#include "case/sealed.h"
#include "case/verbs.h"

#include <string.h>

#define ATTACHMENT_MAX ((size_t)20 << 20)
static const char SEALED[] = "attachment.file";

struct attaching {
        int64_t id, attachment;
        const char *title, *material, *media_type;
        size_t size;
        struct hash hash, file_hash;
        unsigned char wrapped[WRAPPED_BYTES];
};

/* --- adding --------------------------------------------------------------------------------------------------------------------------- */

static int add_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct attaching *a = ctx;
        struct instance i = {.id = 0};
        json_t *papers = NULL;
        bool resumed = false;
        int missing = 0;
        int rc = instance_lock(tx, c->house, a->id, &i, err);

        rc = rc ? rc : office_allowed(tx, c, i.office, i.number, err);
        if (rc == 0 && !instance_runs(&i))
                rc = error_raise(err, SB_CASE_STATE, "%s|%s", i.number, i.state);
        rc = rc ? rc : ids_next(c->house->ids, &a->attachment, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO attachment (home, id, instance, title, media_type, size, hash, file_hash, wrapped, actor, "
                    "created_at, state) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@text, ?6@int, ?7@blob, ?8@blob, "
                    "?9@blob, ?10@int, ?11@int, 'kept')",
                    "iiittibbbii", (int64_t)i.home, a->attachment, i.id, a->title, a->media_type, (int64_t)a->size,
                    hash_str(&a->hash), hash_str(&a->file_hash), (struct str){(const char *)a->wrapped, sizeof a->wrapped},
                    c->who.staff, clock_now(c->house->clock));
        if (rc == 0 && a->material != NULL) {
                papers = json_pack("[{s:s,s:s,s:I}]", "material", a->material, "state", "given", "attachment",
                                   (json_int_t)a->attachment);
                rc = papers_set(tx, c, &i, papers, &missing, err);
                rc = rc ? rc : case_resume_papers(tx, c, &i, missing, &resumed, err);
                json_decref(papers);
        }
        instance_dispose(&i);
        if (rc < 0)
                return rc;
        change->subject_kind = "case";
        change->subject = a->id;
        change->audit = json_pack("{s:I}", "attachment", (json_int_t)a->attachment);
        *out = json_pack("{s:I,s:s}", "attachment", (json_int_t)a->attachment, "media_type", a->media_type);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int body_check(const struct call *c, struct attaching *a, struct error *err)
{
        const char *why = NULL;
        char most[32];

        if (c->body.n == 0)
                return error_raise(err, SB_CASE_ATTACHMENT, "%s", ERROR_BOTH("it is empty", "文件为空"));
        if (c->body.n > ATTACHMENT_MAX)
                return error_raise(err, SB_CASE_ATTACHMENT, "%s",
                                   text_format(most, sizeof most, "%zu MB > 20 MB", c->body.n >> 20));
        a->media_type = file_type(c->body, &why);
        if (a->media_type == NULL)
                return error_raise(err, SB_CASE_ATTACHMENT, "%s", why);
        a->size = c->body.n;
        a->hash = hash_of(c->body.p, c->body.n);
        return 0;
}

int attachments_add(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const struct verb *v = registry_find(c->house->verbs, "attachments.add");
        struct attaching a = {
            .id = json_int_or(in, "case", 0), .title = json_text(in, "title"), .material = json_text_or(in, "material", NULL)};
        struct buf sealed;
        int rc = body_check(c, &a, err);
        if (rc == 0 && (rc = verb_repeated(c, v, in, out, err)) != 0)
                return rc < 0 ? rc : 0;
        buf_init(&sealed, ATTACHMENT_MAX + SEAL_OVERHEAD);
        rc = rc ? rc : sealed_bytes(c->house->keys, SEALED, c->body, a.wrapped, &sealed, err);
        rc = rc ? rc : file_keep(c->house->files, (struct str){sealed.p, sealed.n}, &a.file_hash, err);
        buf_dispose(&sealed);
        if (rc < 0)
                return rc;
        rc = verb_change(c, v, in, add_apply, &a, out, err);
        if (rc < 0)
                file_forget(c->house->files, &a.file_hash);
        return rc;
}

/* --- reading -------------------------------------------------------------------------------------------------------------------------- */

struct fetching {
        struct call *call;
        int64_t id;
        char title[300], media_type[40], state[12];
        int64_t instance, actor, size;
        instant_t at;
        struct hash hash, file_hash;
        unsigned char wrapped[WRAPPED_BYTES];
};

static int row_read(struct tx *tx, struct fetching *f, struct error *err)
{
        struct call *c = f->call;
        struct instance i = {.id = 0};
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT instance, title, media_type, size, hash, file_hash, wrapped, actor, created_at, state FROM attachment "
            "WHERE home = ?1@int AND id = ?2@int",
            "ii", (int64_t)c->house->home, f->id);

        if (rc == 0 || (rc == 1 && !str_is(stmt_text(q, 9), "kept")))
                return error_raise(err, SB_CASE_ATTACHMENT_UNKNOWN, "%lld", (long long)f->id);
        if (rc < 0)
                return rc;
        f->instance = stmt_int(q, 0);
        text_copy(f->title, sizeof f->title, stmt_text(q, 1));
        text_copy(f->media_type, sizeof f->media_type, stmt_text(q, 2));
        f->size = stmt_int(q, 3);
        f->actor = stmt_int(q, 7);
        f->at = stmt_int(q, 8);
        if (!hash_take(&f->hash, stmt_blob(q, 4)) || !hash_take(&f->file_hash, stmt_blob(q, 5)) ||
            stmt_blob(q, 6).n != sizeof f->wrapped)
                return error_raise(err, SB_CASE_FILE_DAMAGED, "%lld", (long long)f->id);
        memcpy(f->wrapped, stmt_blob(q, 6).p, sizeof f->wrapped);
        rc = instance_read(tx, c->house, f->instance, &i, err);
        rc = rc ? rc : office_allowed(tx, c, i.office, i.number, err);
        instance_dispose(&i);
        return rc;
}

static int row_apply(struct tx *tx, void *ctx, struct error *err)
{
        return row_read(tx, ctx, err);
}

int attachments_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct fetching f = {.call = c, .id = json_int_or(in, "attachment", 0)};
        struct buf sealed, plain;
        char hex[65];
        int rc = store_read(c->house->store, row_apply, &f, err);
        if (rc < 0)
                return rc;
        buf_init(&sealed, ATTACHMENT_MAX + SEAL_OVERHEAD);
        buf_init(&plain, ATTACHMENT_MAX);
        rc = file_load(c->house->files, &f.file_hash, f.title, &sealed, err);
        if (rc == 0)
                rc = sealed_open(c->house->keys, SEALED, (struct str){(const char *)f.wrapped, sizeof f.wrapped},
                                 (struct str){sealed.p, sealed.n}, &plain, err);
        if (rc == 0) {
                struct hash found = hash_of(plain.p, plain.n);
                if (memcmp(&found, &f.hash, sizeof found) != 0)
                        rc = error_raise(err, SB_CASE_FILE_DAMAGED, "%s", f.title);
        }
        if (rc == 0 && c->raw != NULL) {
                text_copy(c->raw->media_type, sizeof c->raw->media_type, str_from(f.media_type));
                buf_clear(&c->raw->bytes);
                buf_add(&c->raw->bytes, plain.p, plain.n);
                rc = buf_check(&c->raw->bytes, err);
        }
        if (rc == 0)
                *out = json_pack("{s:I,s:s,s:s,s:I,s:s}", "id", (json_int_t)f.id, "title", f.title, "media_type", f.media_type,
                                 "size", (json_int_t)f.size, "hash", hash_hex(&f.hash, hex));
        buf_dispose(&sealed);
        buf_dispose(&plain);
        return rc;
}

int attachments_view(struct tx *tx, struct call *c, const struct instance *i, json_t **out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT a.id, a.title, a.media_type, a.size, a.hash, a.created_at, s.display, a.actor, (SELECT COUNT(*) "
            "FROM task_any t WHERE t.home = a.home AND t.instance = a.instance AND t.state = 'done' AND t.done_at > "
            "a.created_at) FROM attachment a LEFT JOIN staff s ON s.id = a.actor WHERE a.home = ?1@int AND a.instance = "
            "?2@int AND a.state = 'kept' ORDER BY a.id LIMIT 500",
            "ii", (int64_t)i->home, i->id);

        *out = json_array();
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "title", stmt_text(q, 1));
                put_str(o, "media_type", stmt_text(q, 2));
                put_int(o, "size", stmt_int(q, 3));
                put_hash(o, "hash", stmt_blob(q, 4));
                put_instant(o, "at", stmt_int(q, 5));
                put_str(o, "by", stmt_text(q, 6));
                put_bool(o, "mine", stmt_int(q, 7) == c->who.staff && stmt_int(q, 8) == 0);
                json_array_append_new(*out, o);
        }
        return rc;
}

/* --- taking away ------------------------------------------------------------------------------------------------------------------------ */

static int remove_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct fetching *f = ctx;
        struct instance i = {.id = 0};
        struct stmt *q;
        int rc = row_read(tx, f, err);

        (void)out;
        rc = rc ? rc : instance_lock(tx, c->house, f->instance, &i, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT 1 FROM task WHERE home = ?1@int AND instance = ?2@int AND state = 'done' AND done_at > "
                            "?3@int LIMIT 1",
                            "iii", (int64_t)i.home, i.id, f->at);
        if (rc == 1 || (rc == 0 && f->actor != c->who.staff))
                rc = error_raise(err, SB_CASE_ATTACHMENT_OWNER, "%s", "");
        /* The key goes with it. */
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE attachment SET state = 'removed', wrapped = ?3@blob WHERE home = ?1@int AND id = ?2@int",
                             "iib", (int64_t)i.home, f->id, (struct str){"", 0});
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE case_paper SET attachment = 0 WHERE home = ?1@int AND instance = ?2@int AND attachment = ?3@int",
                    "iii", (int64_t)i.home, i.id, f->id);
        instance_dispose(&i);
        change->subject_kind = "case";
        change->subject = f->instance;
        if (rc == 0)
                change->audit = json_pack("{s:I}", "attachment", (json_int_t)f->id);
        return rc;
}

int attachments_remove(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct fetching f = {.call = c, .id = json_int_or(in, "attachment", 0)};
        int rc = verb_change(c, registry_find(c->house->verbs, "attachments.remove"), in, remove_apply, &f, out, err);
        if (rc == 0)
                file_forget(c->house->files, &f.file_hash);
        return rc;
}
