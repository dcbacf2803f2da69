/* SPDX-License-Identifier: Apache-2.0 */
#include "office/privacy/privacy.h"

#include "case/pack_store.h"
#include "office/json.h"
#include "pack/permission.h"

#include <string.h>

int openings_list(struct tx *tx, struct call *c, int64_t person, int limit, json_t **out, struct error *err)
{
        json_t *items = json_array();
        struct pack *pack = NULL;
        struct stmt *q = NULL;
        int rc = pack_store_home(c->house->packs, c->house->clock, &pack, err);

        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT r.id, r.opened_at, r.purpose, r.instance, r.note, s.display, o.name_zh, o.name_en, i.number FROM "
                    "record_opening r LEFT JOIN staff s ON s.id = r.staff LEFT JOIN office o ON o.id = r.office LEFT JOIN "
                    "case_any i ON i.home = r.home AND i.id = r.instance WHERE r.home = ?1@int AND r.person = ?2@int ORDER BY "
                    "r.id DESC LIMIT ?3@int",
                    "iii", (int64_t)c->house->home, person, (int64_t)limit);
        while ((rc = row_next(rc, q, err)) == 1) {
                char purpose[32];
                json_t *o = json_object();
                const struct pack_purpose *p = pack_purpose(pack, text_copy(purpose, sizeof purpose, stmt_text(q, 2)));
                put_int(o, "id", stmt_int(q, 0));
                put_instant(o, "opened_at", stmt_int(q, 1));
                put_text(o, "purpose", purpose);
                put_text(o, "purpose_zh", p == NULL ? purpose : p->title[LANG_ZH]);
                put_text(o, "purpose_en", p == NULL ? purpose : p->title[LANG_EN]);
                put_text(o, "basis", p == NULL ? "" : p->basis);
                put_int(o, "case", stmt_int(q, 3));
                put_str(o, "note", stmt_text(q, 4));
                put_str(o, "staff", stmt_text(q, 5));
                put_str(o, "office_zh", stmt_text(q, 6));
                put_str(o, "office_en", stmt_text(q, 7));
                put_str(o, "case_number", stmt_text(q, 8));
                json_array_append_new(items, o);
        }
        if (rc < 0)
                json_decref(items);
        else
                *out = items;
        return rc;
}

struct reading {
        struct call *call;
        int64_t person;
        int limit;
        json_t *items;
};

static int read_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct reading *r = ctx;

        json_decref(r->items);
        r->items = NULL;
        return openings_list(tx, r->call, r->person, r->limit, &r->items, err);
}

int people_openings(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct reading r = {.call = c, .limit = 200};
        int rc = json_get_int(in, "person", true, &r.person, err);

        rc = rc ? rc : store_read(c->house->store, read_apply, &r, err);
        if (rc < 0) {
                json_decref(r.items);
                return rc;
        }
        return list_answer(out, r.items, NULL, err);
}
