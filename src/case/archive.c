/* SPDX-License-Identifier: Apache-2.0 */
#include "case/archive.h"

#include "base/identity.h"

#include "case/verbs.h"

#include <string.h>

/* The hash of a piece that has none of its own: of its canonical text. */
static int piece_hash(json_t *o, const json_t *content, struct error *err)
{
        struct buf text;
        char hex[65];

        buf_init(&text, JSON_MAX_BYTES);
        int rc = json_canonical(&text, content, err);
        if (rc == 0) {
                struct hash h = hash_of(text.p, text.n);
                put_text(o, "hash", hash_hex(&h, hex));
        }
        buf_dispose(&text);
        return rc;
}

static int steps_add(struct tx *tx, const struct instance *i, json_t *into, struct error *err)
{
        json_t *steps = json_array();
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, node, done_by, done_at, outcome, 'task' FROM task WHERE home = ?1@int AND instance = ?2@int AND "
            "state = 'done' UNION ALL SELECT id, verb, 0, created_at, result, 'verb' FROM effect WHERE home = ?1@int "
            "AND instance = ?2@int AND state = 'done' ORDER BY 4, 1",
            "ii", (int64_t)i->home, i->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object(), *content = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "kind", stmt_text(q, 5));
                put_str(o, "node", stmt_text(q, 1));
                put_instant(o, "at", stmt_int(q, 3));
                put_value(content, "step", json_copy(o));
                put_int(content, "by", stmt_int(q, 2));
                put_str(content, "outcome", stmt_text(q, 4));
                rc = piece_hash(o, content, err);
                json_decref(content);
                json_array_append_new(steps, o);
        }
        put_value(into, "steps", steps);
        return rc;
}

static int decisions_add(struct tx *tx, const struct instance *i, json_t *into, struct error *err)
{
        json_t *decisions = json_array();
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, name, inputs, result, derivation, pack_hash FROM decision WHERE home = ?1@int AND instance = "
                     "?2@int ORDER BY id",
                     "ii", (int64_t)i->home, i->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object(), *content = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "name", stmt_text(q, 1));
                put_str(content, "inputs", stmt_text(q, 2));
                put_str(content, "result", stmt_text(q, 3));
                put_str(content, "derivation", stmt_text(q, 4));
                put_hash(content, "pack", stmt_blob(q, 5));
                rc = piece_hash(o, content, err);
                json_decref(content);
                json_array_append_new(decisions, o);
        }
        put_value(into, "decisions", decisions);
        return rc;
}

/* Documents made for the case, or for its subject since the case began. */
static int documents_add(struct tx *tx, const struct instance *i, json_t *into, struct error *err)
{
        json_t *documents = json_array();
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, number, title, hash FROM document WHERE home = ?1@int AND subject_kind = 'case' AND subject = ?2@int "
            "UNION SELECT id, number, title, hash FROM document WHERE home = ?1@int AND subject_kind = ?3@text AND subject = "
            "?4@int AND created_at >= ?5@int ORDER BY 1 LIMIT 500",
            "iitii", (int64_t)i->home, i->id, i->subject_kind, i->subject, i->started_at);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "number", stmt_text(q, 1));
                put_str(o, "title", stmt_text(q, 2));
                put_hash(o, "hash", stmt_blob(q, 3));
                json_array_append_new(documents, o);
        }
        put_value(into, "documents", documents);
        return rc;
}

static int kept_add(struct tx *tx, const struct instance *i, json_t *into, struct error *err)
{
        json_t *attachments = json_array();
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, title, media_type, size, hash FROM attachment WHERE home = ?1@int AND instance = ?2@int AND "
                     "state = 'kept' ORDER BY id",
                     "ii", (int64_t)i->home, i->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "title", stmt_text(q, 1));
                put_str(o, "media_type", stmt_text(q, 2));
                put_int(o, "size", stmt_int(q, 3));
                put_hash(o, "hash", stmt_blob(q, 4));
                json_array_append_new(attachments, o);
        }
        put_value(into, "attachments", attachments);
        return rc;
}

static int index_make(struct tx *tx, const struct instance *i, const char *number, instant_t now, json_t *o, struct error *err)
{
        char hex[65];
        struct stmt *q;

        put_text(o, "number", number);
        put_text(o, "case", i->number);
        put_text(o, "process", i->process);
        put_text(o, "pack", hash_hex(&i->pack_hash, hex));
        put_instant(o, "started_at", i->started_at);
        put_day(o, "due_day", i->due_day);
        put_instant(o, "archived_at", now);
        int rc = tx_one(&q, tx, err, "SELECT model_hash FROM process_instance WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)i->home, i->id);
        if (rc == 1)
                put_hash(o, "model", stmt_blob(q, 0));
        rc = rc < 0 ? rc : steps_add(tx, i, o, err);
        rc = rc ? rc : decisions_add(tx, i, o, err);
        rc = rc ? rc : documents_add(tx, i, o, err);
        return rc ? rc : kept_add(tx, i, o, err);
}

static int index_write(struct tx *tx, const struct instance *i, const char *number, const json_t *o, instant_t now,
                       struct error *err)
{
        struct buf text;
        struct hash h;

        buf_init(&text, JSON_MAX_BYTES);
        int rc = json_canonical(&text, o, err);
        if (rc == 0) {
                h = hash_of(text.p, text.n);
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO case_archive (home, instance, number, body, hash, archived_at) VALUES (?1@int, ?2@int, "
                    "?3@text, ?4@text, ?5@blob, ?6@int)",
                    "iittbi", (int64_t)i->home, i->id, number, buf_text(&text), hash_str(&h), now);
        }
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE process_instance SET archive_number = ?3@text, archived_at = ?4@int WHERE home = ?1@int AND id = "
                    "?2@int",
                    "iiti", (int64_t)i->home, i->id, number, now);
        if (rc == 0) /* a step of a closed file is not taken back */
                rc = tx_exec(
                    tx, err,
                    "UPDATE task SET before_state = NULL WHERE home = ?1@int AND instance = ?2@int AND before_state IS NOT "
                    "NULL",
                    "ii", (int64_t)i->home, i->id);
        buf_dispose(&text);
        return rc;
}

int archive_make(struct tx *tx, struct call *c, int64_t instance, char number[32], struct error *err)
{
        instant_t now = clock_now(c->house->clock);
        struct instance i = {.id = 0};
        json_t *o = json_object();
        struct stmt *q;
        int64_t id = 0;
        int rc = instance_lock(tx, c->house, instance, &i, err);

        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT number FROM case_archive WHERE home = ?1@int AND instance = ?2@int", "ii",
                            (int64_t)i.home, instance);
        if (rc == 1) {
                text_copy(number, 32, stmt_text(q, 0));
                rc = 0;
        } else if (rc == 0) {
                rc = ids_next(c->house->ids, &id, err);
                if (rc == 0)
                        readable_number('A', i.home, id, number);
                rc = rc ? rc : index_make(tx, &i, number, now, o, err);
                rc = rc ? rc : index_write(tx, &i, number, o, now, err);
        }
        json_decref(o);
        instance_dispose(&i);
        return rc;
}

/* --- verbs ------------------------------------------------------------------------------------------------------------------------------ */

static int archive_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        char number[32];

        (void)ctx;
        int rc = archive_make(tx, c, c->instance, number, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "case";
        change->subject = c->instance;
        change->audit = json_pack("{s:s}", "archive", number);
        *out = json_pack("{s:s}", "number", number);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int case_archive_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        if (c->instance == 0)
                return error_raise(err, SB_CASE_UNKNOWN, "%d", 0);
        return verb_change(c, registry_find(c->house->verbs, "case.archive"), in, archive_apply, NULL, out, err);
}

struct reading {
        struct call *call;
        int64_t id;
        json_t *o;
};

static int file_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct reading *r = ctx;
        struct instance i = {.id = 0};
        struct stmt *q;
        int rc = instance_read(tx, r->call->house, r->id, &i, err);

        json_decref(r->o);
        r->o = NULL;
        if (rc == 0)
                rc = office_allowed(tx, r->call, i.office, i.number, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT body, hash FROM case_archive WHERE home = ?1@int AND instance = ?2@int", "ii",
                            (int64_t)i.home, i.id);
        if (rc == 0)
                rc = error_raise(err, SB_CASE_NOT_ARCHIVED, "%s", i.number);
        if (rc == 1)
                rc = json_read(&r->o, stmt_text(q, 0), err);
        if (rc == 0)
                put_hash(r->o, "hash", stmt_blob(q, 1));
        instance_dispose(&i);
        return rc;
}

int cases_archive_file(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct reading r = {.call = c, .id = json_int_or(in, "case", 0)};
        int rc = store_read(c->house->store, file_apply, &r, err);
        if (rc == 0)
                *out = json_incref(r.o);
        json_decref(r.o);
        return rc;
}
