/* SPDX-License-Identifier: Apache-2.0
 *
 * Notes in the file of a case (备注): what colleagues should know. Sealed, since they may speak of people; nobody changes one.
 */
#include "case/note.h"

#include "case/sealed.h"
#include "case/verbs.h"

static const char SEALED[] = "case_note.sealed";

struct noting {
        int64_t id;
        const char *text;
};

static int note_write(struct tx *tx, struct call *c, const struct noting *n, struct error *err)
{
        struct house *h = c->house;
        unsigned char wrapped[WRAPPED_BYTES];
        struct buf sealed;
        int64_t id;

        buf_init(&sealed, 65536);
        int rc = sealed_bytes(h->keys, SEALED, str_from(n->text), wrapped, &sealed, err);
        rc = rc ? rc : ids_next(h->ids, &id, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO case_note (home, id, instance, wrapped, sealed, actor, created_at) VALUES (?1@int, ?2@int, "
                    "?3@int, ?4@blob, ?5@blob, ?6@int, ?7@int)",
                    "iiibbii", (int64_t)h->home, id, n->id, (struct str){(const char *)wrapped, sizeof wrapped},
                    (struct str){sealed.p, sealed.n}, c->who.staff, clock_now(h->clock));
        buf_dispose(&sealed);
        return rc;
}

static int note_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct noting *n = ctx;
        struct instance i = {.id = 0};
        int rc = instance_read(tx, c->house, n->id, &i, err);

        rc = rc ? rc : office_allowed(tx, c, i.office, i.number, err);
        rc = rc ? rc : note_write(tx, c, n, err);
        instance_dispose(&i);
        if (rc < 0)
                return rc;
        change->subject_kind = "case";
        change->subject = n->id;
        *out = json_pack("{s:I}", "case", (json_int_t)n->id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int cases_note(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct noting n = {.id = json_int_or(in, "case", 0), .text = json_text(in, "text")};

        return verb_change(c, registry_find(c->house->verbs, "cases.note"), in, note_apply, &n, out, err);
}

int notes_view(struct tx *tx, struct house *h, const struct instance *i, json_t **out, struct error *err)
{
        struct buf text;
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT n.id, n.wrapped, n.sealed, n.created_at, s.display FROM case_note n LEFT JOIN staff s ON s.id = "
                     "n.actor WHERE n.home = ?1@int AND n.instance = ?2@int ORDER BY n.id LIMIT 500",
                     "ii", (int64_t)i->home, i->id);

        *out = json_array();
        buf_init(&text, 65536);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                buf_clear(&text);
                rc = sealed_open(h->keys, SEALED, stmt_blob(q, 1), stmt_blob(q, 2), &text, err);
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "text", (struct str){text.p, text.n});
                put_instant(o, "at", stmt_int(q, 3));
                put_str(o, "by", stmt_text(q, 4));
                json_array_append_new(*out, o);
        }
        buf_dispose(&text);
        return rc;
}
