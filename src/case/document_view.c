/* SPDX-License-Identifier: Apache-2.0
 *
 * One document and one decision as people read them.
 */
#include "case/access.h"
#include "case/verbs.h"

#include <string.h>

struct paper {
        struct call *call;
        int64_t id;
        json_t *o;
        bool unset; /* a letter that was issued and not set yet */
};

static int document_read(struct tx *tx, void *ctx, struct error *err)
{
        struct paper *p = ctx;
        struct raw_reply *raw = p->call->raw;
        char letter[sizeof "letter."]; /* how the kind begins */
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT number, kind, title, media_type, size, body FROM document WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)p->call->house->home, p->id);

        if (rc == 0)
                return error_raise(err, SB_CASE_DOCUMENT, "%lld", (long long)p->id);
        if (rc < 0)
                return rc;
        json_object_clear(p->o);
        put_int(p->o, "id", p->id);
        put_str(p->o, "number", stmt_text(q, 0));
        put_str(p->o, "kind", stmt_text(q, 1));
        put_str(p->o, "title", stmt_text(q, 2));
        put_str(p->o, "media_type", stmt_text(q, 3));
        put_int(p->o, "size", stmt_int(q, 4));
        p->unset = stmt_int(q, 4) == 0 && strcmp(text_copy(letter, sizeof letter, stmt_text(q, 1)), "letter.") == 0;
        if (raw != NULL) {
                text_copy(raw->media_type, sizeof raw->media_type, stmt_text(q, 3));
                buf_clear(&raw->bytes);
                buf_add_str(&raw->bytes, stmt_blob(q, 5));
                return buf_check(&raw->bytes, err);
        }
        return 0;
}

static const char *const DERIVATION_NONE = "null";

static int decision_read(struct tx *tx, void *ctx, struct error *err)
{
        static const char *const fields[] = {"inputs", "result", "derivation", "dependencies"};
        struct paper *p = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT inputs, result, derivation, dependencies, model, name, semantics, law_day, pack_hash, person, "
                        "instance, known_from FROM "
                        "decision WHERE home = ?1@int AND id = ?2@int",
                        "ii", (int64_t)p->call->house->home, p->id);

        if (rc == 0)
                return error_raise(err, SB_CASE_DECISION_UNKNOWN, "%lld", (long long)p->id);
        json_object_clear(p->o);
        for (int i = 0; rc == 1 && i < 4; i++) {
                json_t *value = NULL;
                if (str_is(stmt_text(q, i), DERIVATION_NONE)) {
                        put_value(p->o, fields[i], json_null());
                        continue;
                }
                int read = json_read(&value, stmt_text(q, i), err);
                if (read < 0)
                        return read;
                put_value(p->o, fields[i], value);
        }
        if (rc < 0)
                return rc;
        put_int(p->o, "id", p->id);
        put_str(p->o, "model", stmt_text(q, 4));
        put_str(p->o, "name", stmt_text(q, 5));
        put_int(p->o, "semantics", stmt_int(q, 6));
        put_day(p->o, "law_day", (day_t)stmt_int(q, 7));
        put_hash(p->o, "pack", stmt_blob(q, 8));
        put_int(p->o, "person", stmt_int(q, 9));
        put_value(p->o, "case", stmt_int(q, 10) == 0 ? json_null() : json_integer(stmt_int(q, 10)));
        put_instant(p->o, "decided_at", stmt_int(q, 11));
        return 0;
}

static int paper_get(struct call *c, const json_t *in, const char *field, store_apply *read, json_t **out, struct error *err)
{
        struct paper p = {.call = c, .id = json_int_or(in, field, 0), .o = json_object()};
        int rc = p.o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, read, &p, err);

        if (rc == 0)
                *out = json_incref(p.o);
        json_decref(p.o);
        return rc;
}

/* The PDF of a letter is set when it is first read. */
static int letter_set(struct call *c, const json_t *in, struct error *err)
{
        const struct verb *render = registry_find(c->house->verbs, "letter.render");
        struct call system = {.house = c->house, .who = {.lang = c->who.lang}};
        json_t *none = NULL;
        int rc = render == NULL ? 0 : verb_call(&system, render, in, &none, err);

        json_decref(none);
        return rc;
}

int documents_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct paper p = {.call = c, .id = json_int_or(in, "document", 0), .o = json_object()};
        int rc = p.o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, document_read, &p, err);

        if (rc == 0 && p.unset) {
                rc = letter_set(c, in, err);
                rc = rc ? rc : store_read(c->house->store, document_read, &p, err);
        }
        if (rc == 0)
                *out = json_incref(p.o);
        json_decref(p.o);
        return rc;
}

/* --- office scope ---------------------------------------------------------------------------------------------------------------- */

/* Whose it is: of the body (any of its offices) that handles the case; without a case it belongs to the record of a person, and is seen by
 * who may read that. `q` was asked for the body. */
static int of_body(struct call *c, int rc, struct stmt *q, bool *within, struct error *err)
{
        if (rc == 1)
                *within = str_is(stmt_text(q, 0), c->who.body);
        return rc != 0 ? (rc < 0 ? rc : 0) : access_has(c, "people.read", within, err);
}

static int document_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT o.body_kind FROM letter l JOIN office o ON o.id = l.office WHERE l.home = ?1@int AND l.id = ?2@int",
                   "ii", (int64_t)c->house->home, json_integer_value(value));

        if (rc == 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT o.body_kind FROM document d JOIN case_any i ON i.home = d.home AND i.id = d.subject JOIN office o "
                    "ON o.id = i.office WHERE d.home = ?1@int AND d.id = ?2@int AND d.subject_kind = 'case'",
                    "ii", (int64_t)c->house->home, json_integer_value(value));
        return of_body(c, rc, q, within, err);
}

static int decision_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT o.body_kind FROM decision d JOIN case_any i ON i.home = d.home AND i.id = d.instance JOIN office o "
                   "ON o.id = i.office WHERE d.home = ?1@int AND d.id = ?2@int",
                   "ii", (int64_t)c->house->home, json_integer_value(value));

        return of_body(c, rc, q, within, err);
}

const struct scope_rule case_scopes[] = {{"document", "The document", "该文件", document_scope, NULL},
                                         {"decision", "The decision", "该决定", decision_scope, NULL},
                                         {0}};

int decisions_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return paper_get(c, in, "decision", decision_read, out, err);
}
