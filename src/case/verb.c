/* SPDX-License-Identifier: Apache-2.0 */
#include "case/access.h"
#include "case/instance.h"
#include "case/opening.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct entry {
        const struct verb *verb;
        json_t *schema;
        struct opens opens;
};
struct registry {
        struct entry *entries;
        size_t count;
        const struct scope_rule *const *scopes;
};

static int entry_check(const struct registry *r, const struct verb *v, struct error *err)
{
        if (v->run == NULL || v->in == NULL || (v->path == NULL) != (v->method == NULL))
                return error_raise(err, SB_CASE_VERB, "%s|%s", v->name, "in, run, method and path");
        if (v->path != NULL && v->duty == NULL)
                return error_raise(err, SB_CASE_VERB, "%s|%s", v->name, "duty");
        for (size_t i = 0; i < r->count; i++) {
                const struct verb *o = r->entries[i].verb;
                bool same_route =
                    v->path != NULL && o->path != NULL && strcmp(v->path, o->path) == 0 && strcmp(v->method, o->method) == 0;
                if (strcmp(o->name, v->name) == 0 || same_route)
                        return error_raise(err, SB_CASE_VERB, "%s|%s", v->name, "name, route");
        }
        return 0;
}

static int entry_add(struct registry *r, const struct verb *v, struct error *err)
{
        struct entry *grown = realloc(r->entries, (r->count + 1) * sizeof *grown);
        struct error broken = {0};
        json_t *out = NULL;

        if (grown == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        r->entries = grown;
        int rc = entry_check(r, v, err);
        if (rc < 0)
                return rc;
        if (json_read(&r->entries[r->count].schema, str_from(v->in), &broken) < 0)
                return error_raise(err, SB_CASE_VERB, "%s|%s", v->name, "in");
        r->entries[r->count++].verb = v;
        if (!scope_declared(v, r, r->entries[r->count - 1].schema))
                return error_raise(err, SB_CASE_VERB, "%s|%s", v->name, "scope");
        if (!opens_read(&r->entries[r->count - 1].opens, r, r->entries[r->count - 1].schema))
                return error_raise(err, SB_CASE_VERB, "%s|%s", v->name, "opens");
        if (v->out != NULL && json_read(&out, str_from(v->out), &broken) < 0)
                return error_raise(err, SB_CASE_VERB, "%s|%s", v->name, "out");
        json_decref(out);
        return 0;
}

int registry_new(struct registry **out, const struct verb *const *tables, const struct scope_rule *const *scopes,
                 struct error *err)
{
        struct registry *r = calloc(1, sizeof *r);
        int rc = r == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        if (rc == 0)
                r->scopes = scopes;

        for (size_t t = 0; rc == 0 && tables[t] != NULL; t++)
                for (const struct verb *v = tables[t]; rc == 0 && v->name != NULL; v++)
                        rc = entry_add(r, v, err);
        if (rc == 0) {
                *out = r;
                r = NULL;
        }
        registry_free(r);
        return rc;
}

void registry_free(struct registry *r)
{
        if (r == NULL)
                return;
        for (size_t i = 0; i < r->count; i++)
                json_decref(r->entries[i].schema);
        free(r->entries);
        free(r);
}

const struct verb *registry_find(const struct registry *r, const char *name)
{
        for (size_t i = 0; i < r->count; i++)
                if (strcmp(r->entries[i].verb->name, name) == 0)
                        return r->entries[i].verb;
        return NULL;
}

const struct verb *registry_at(const struct registry *r, size_t i)
{
        return i < r->count ? r->entries[i].verb : NULL;
}

static const struct entry *entry_of(const struct registry *r, const struct verb *v)
{
        for (size_t i = 0; i < r->count; i++)
                if (r->entries[i].verb == v)
                        return &r->entries[i];
        return NULL;
}

const json_t *registry_schema_in(const struct registry *r, const struct verb *v)
{
        const struct entry *e = entry_of(r, v);

        return e == NULL ? NULL : e->schema;
}

const struct scope_rule *registry_scope(const struct registry *r, struct str kind)
{
        for (size_t t = 0; r->scopes[t] != NULL; t++)
                for (const struct scope_rule *rule = r->scopes[t]; rule->kind != NULL; rule++)
                        if (str_is(kind, rule->kind))
                                return rule;
        return NULL;
}

int verb_call(struct call *c, const struct verb *v, const json_t *in, json_t **out, struct error *err)
{
        /* A process acts for the member of staff whose decision led here; its model, not their role, allows the verb. */
        bool system = c->who.staff == 0 || c->instance != 0;
        int rc = system ? 0 : access_may(c, v, err);

        if (rc < 0)
                return rc;
        if (v->kind == VERB_WRITE && c->key == NULL)
                return error_raise(err, SB_CASE_KEY_MISSING, "%s", v->name);
        const struct entry *e = entry_of(c->house->verbs, v);
        rc = e == NULL ? error_raise(err, SB_CASE_VERB_UNKNOWN, "%s", v->name) : json_check(e->schema, in, err);
        if (rc == 0)
                rc = scope_check(c, v, in, err);
        if (rc == 0)
                rc = opening_check(c, &e->opens, in, err);
        if (rc < 0)
                return rc;
        *out = NULL;
        rc = v->run(c, in, out, err);
        if (rc < 0) {
                json_decref(*out);
                *out = NULL;
        }
        return rc;
}

struct change_work {
        struct call *call;
        const struct verb *verb;
        struct hash request;
        change_apply *apply;
        void *ctx;
        json_t **out;
        bool repeated;
};

/* 1 and *out when the key was used by the same request before, 0 when it is new. */
static int first_answer(struct tx *tx, struct change_work *w, struct error *err)
{
        struct call *c = w->call;
        struct stmt *q;

        int rc = tx_one(&q, tx, err,
                        "SELECT verb, actor, request_hash, response FROM idempotency WHERE home = ?1@int AND key = ?2@text",
                        "it", (int64_t)c->house->home, c->key);
        if (rc <= 0)
                return rc;
        if (!str_is(stmt_text(q, 0), w->verb->name) || stmt_int(q, 1) != c->who.staff ||
            !str_equal(stmt_blob(q, 2), hash_str(&w->request)))
                return error_raise(err, SB_CASE_KEY_REUSED, "%s", c->key);
        rc = json_read(w->out, stmt_text(q, 3), err);
        return rc < 0 ? rc : 1;
}

static int answer_remember(struct tx *tx, struct change_work *w, struct error *err)
{
        struct call *c = w->call;
        struct buf text;

        buf_init(&text, JSON_MAX_BYTES);
        int rc = json_canonical(&text, *w->out, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO idempotency (home, key, verb, actor, request_hash, response, at) VALUES "
                             "(?1@int, ?2@text, ?3@text, ?4@int, ?5@blob, ?6@text, ?7@int)",
                             "ittibti", (int64_t)c->house->home, c->key, w->verb->name, c->who.staff, hash_str(&w->request),
                             buf_text(&text), clock_now(c->house->clock));
        buf_dispose(&text);
        return rc;
}

static int change_run(struct tx *tx, void *ctx, struct error *err)
{
        struct change_work *w = ctx;
        struct with_change *with = w->call->with != NULL && !w->call->with->happened ? w->call->with : NULL;
        struct change change = {.subject_kind = ""};

        json_decref(*w->out); /* of an attempt that was rolled back */
        *w->out = NULL;
        followup_clear(w->call->follow);
        int rc = with == NULL ? 0 : with->before(tx, with->ctx, err);
        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = w->apply(tx, w->call, w->ctx, &change, w->out, err);
        if (rc == 0 && *w->out == NULL && (*w->out = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0 && with == NULL)
                rc = answer_remember(tx, w, err);
        if (rc == 0)
                rc = audit_add(tx, w->call, w->verb->name, change.subject_kind, change.subject, change.audit, err);
        if (rc == 0 && with != NULL) /* which stands for the key */
                rc = with->after(tx, with->ctx, *w->out, err);
        if (rc == 0 && w->call->follow != NULL && w->call->follow->within)
                rc = followup_within(tx, w->call->house, w->call->follow, err);
        json_decref(change.audit);
        return rc;
}

static int request_hash(struct hash *out, const struct call *c, const json_t *in, struct error *err)
{
        struct buf text;

        buf_init(&text, JSON_MAX_BYTES);
        int rc = json_canonical(&text, in, err);
        if (rc == 0) {
                struct hash_state s = hash_begin();
                hash_add(&s, text.p, text.n);
                hash_add(&s, c->body.p, c->body.n);
                *out = hash_end(&s);
        }
        buf_dispose(&text);
        return rc;
}

static int repeat_read(struct tx *tx, void *ctx, struct error *err)
{
        struct change_work *w = ctx;

        json_decref(*w->out); /* of an attempt that failed softly */
        *w->out = NULL;
        int rc = first_answer(tx, w, err);
        w->repeated = rc == 1;
        return rc < 0 ? rc : 0;
}

/* A change that failed, at the latest because its key is taken: when it came before under this key its first answer counts. */
static int changed_before(struct change_work *w, int rc, const struct error *fault, struct error *err)
{
        struct error reading = {0};

        followup_clear(w->call->follow);
        if (rc != ERR_SOFT && w->call->with == NULL && store_read(w->call->house->store, repeat_read, w, &reading) < 0)
                fault = &reading;
        else if (w->repeated)
                return 0;
        error_hand(err, fault);
        return rc;
}

int verb_repeated(struct call *c, const struct verb *v, const json_t *in, json_t **out, struct error *err)
{
        struct change_work w = {.call = c, .verb = v, .out = out};
        int rc = request_hash(&w.request, c, in, err);

        *out = NULL;
        if (rc == 0)
                rc = store_read(c->house->store, repeat_read, &w, err);
        return rc < 0 ? rc : w.repeated;
}

/* When it failed with what a process has done in the same transaction, it is tried without: a verb that cannot be done stops the case
 * where it stands, never the step before it. */
static int change_write(struct change_work *w, struct error *fault)
{
        struct followup *f = w->call->follow;
        int rc = store_write(w->call->house->store, change_run, w, fault);

        if (rc < 0 && f != NULL && f->tried) {
                f->within = f->tried = false;
                *fault = (struct error){0};
                rc = store_write(w->call->house->store, change_run, w, fault);
        }
        return rc;
}

int verb_change(struct call *c, const struct verb *v, const json_t *in, change_apply *apply, void *ctx, json_t **out,
                struct error *err)
{
        struct change_work w = {.call = c, .verb = v, .apply = apply, .ctx = ctx, .out = out};
        struct error fault = {0};

        assert(v->kind == VERB_WRITE && c->key != NULL);
        *out = NULL;
        int rc = request_hash(&w.request, c, in, err);
        if (rc == 0 && c->within != NULL)
                rc = change_run(c->within, &w, err);
        else if (rc == 0 && (rc = change_write(&w, &fault)) < 0)
                rc = changed_before(&w, rc, &fault, err);
        if (rc == 0 && c->with != NULL)
                c->with->happened = true;
        if (rc < 0) {
                json_decref(*out);
                *out = NULL;
        }
        return rc;
}
