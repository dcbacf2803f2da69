/* SPDX-License-Identifier: Apache-2.0 */
#include "case/case.h"

#include "base/identity.h"

#include "case/pack_store.h"

#include <string.h>

/* Meaning of the engine under which a decision was made; raised when the same model and inputs may give another result. */
#define DECISION_SEMANTICS 1

static int pack_for(struct call *c, const struct case_decision *d, struct pack **pack, struct error *err)
{
        return pack_store_for(c->house->packs, d->pool, d->day, clock_now(c->house->clock), pack, err);
}

int decision_compute(struct call *c, const struct case_decision *d, json_t **result, json_t **derivation, struct error *err)
{
        struct pack *pack;
        int rc = pack_for(c, d, &pack, err);

        return rc < 0 ? rc : pack_decide(pack, d->model, d->name, d->day, d->inputs, result, derivation, err);
}

struct texts {
        struct buf inputs, dependencies, result, derivation;
};

static int texts_make(struct texts *t, const struct case_decision *d, const json_t *result, const json_t *derivation,
                      struct error *err)
{
        int rc = json_canonical(&t->inputs, d->inputs, err);

        if (rc == 0 && d->dependencies != NULL)
                rc = json_canonical(&t->dependencies, d->dependencies, err);
        else if (rc == 0)
                buf_add_text(&t->dependencies, "[]");
        if (rc == 0)
                rc = json_canonical(&t->result, result, err);
        if (rc == 0 && derivation != NULL)
                rc = json_canonical(&t->derivation, derivation, err);
        else if (rc == 0)
                buf_add_text(&t->derivation, "null");
        return rc;
}

int decision_store(struct tx *tx, struct call *c, const struct case_decision *d, const json_t *result, const json_t *derivation,
                   int64_t *id, struct error *err)
{
        struct texts t;
        struct pack *pack;

        buf_init(&t.inputs, JSON_MAX_BYTES);
        buf_init(&t.dependencies, JSON_MAX_BYTES);
        buf_init(&t.result, JSON_MAX_BYTES);
        buf_init(&t.derivation, JSON_MAX_BYTES);
        int rc = pack_for(c, d, &pack, err);
        if (rc == 0)
                rc = texts_make(&t, d, result, derivation, err);
        if (rc == 0)
                rc = ids_next(c->house->ids, id, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO decision (home, id, person, subject_kind, subject, instance, model, name, pack_hash, "
                    "semantics, "
                    "law_day, inputs, dependencies, result, derivation, actor, known_from) VALUES (?1@int, ?2@int, ?3@int, "
                    "?4@text, ?5@int, ?6@int, ?7@text, ?8@text, ?9@blob, ?10@int, ?11@int, ?12@text, ?13@text, ?14@text, "
                    "?15@text, ?16@int, ?17@int)",
                    "iiitiittbiittttii", (int64_t)c->house->home, *id, d->person, d->subject_kind, d->subject, c->instance,
                    d->model, d->name, (struct str){(const char *)pack_hash(pack)->b, HASH_BYTES}, (int64_t)DECISION_SEMANTICS,
                    (int64_t)d->day, buf_text(&t.inputs), buf_text(&t.dependencies), buf_text(&t.result),
                    buf_text(&t.derivation), c->who.staff, clock_now(c->house->clock));
        buf_dispose(&t.inputs);
        buf_dispose(&t.dependencies);
        buf_dispose(&t.result);
        buf_dispose(&t.derivation);
        return rc;
}

int document_store(struct tx *tx, struct call *c, const char *kind, int64_t person, const char *subject_kind, int64_t subject,
                   const char *title, const char *media_type, struct str body, int64_t *id, struct error *err)
{
        struct hash hash = hash_of(body.p, body.n);
        char number[32];

        int rc = ids_next(c->house->ids, id, err);
        if (rc < 0)
                return rc;
        readable_number('D', c->house->home, *id, number);
        return tx_exec(
            tx, err,
            "INSERT INTO document (home, id, number, kind, person, subject_kind, subject, title, media_type, size, hash, body, "
            "actor, created_at) VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@int, ?6@text, ?7@int, ?8@text, ?9@text, ?10@int, "
            "?11@blob, ?12@blob, ?13@int, ?14@int)",
            "iittitittibbii", (int64_t)c->house->home, *id, number, kind, person, subject_kind, subject, title, media_type,
            (int64_t)body.n, hash_str(&hash), body, c->who.staff, clock_now(c->house->clock));
}
