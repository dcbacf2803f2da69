/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs in the database as people see them: which there are, where they are in force, their figures; and their activation.
 */
#include "case/access.h"
#include "case/verbs.h"

#include "case/pack_store.h"

#include <string.h>

#define PARAMETERS_MAX 20000

struct listing {
        struct call *call;
        json_t *items;
};

static int activations_read(struct tx *tx, struct call *c, json_t *items, struct error *err)
{
        instant_t now = clock_now(c->house->clock);
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT a.pack_hash, a.pool, p.code, p.name_zh, p.name_en, a.valid_from FROM pack_activation a LEFT "
                          "JOIN pool p ON p.id = "
                          "a.pool WHERE a.known_from <= ?1@int AND a.known_to > ?1@int ORDER BY a.pool, a.valid_from",
                          "i", now);

        while ((rc = row_next(rc, q, err)) == 1) {
                struct hash hash;
                char hex[65];
                json_t *item;
                size_t i;
                (void)hash_take(&hash, stmt_blob(q, 0));
                hash_hex(&hash, hex);
                for (i = 0; (item = json_array_get(items, i)) != NULL; i++) {
                        if (strcmp(json_string_value(json_object_get(item, "hash")), hex) != 0)
                                continue;
                        json_t *a = json_object();
                        put_int(a, "pool", stmt_int(q, 1));
                        put_str(a, "code", stmt_text(q, 2));
                        put_str(a, "name_zh", stmt_text(q, 3));
                        put_str(a, "name_en", stmt_text(q, 4));
                        put_day(a, "from", (day_t)stmt_int(q, 5));
                        json_array_append_new(json_object_get(item, "activations"), a);
                }
        }
        return rc;
}

static int list_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT hash, name, parent_hash, demonstration, stored_at FROM pack ORDER BY name, stored_at DESC LIMIT 1000", "");

        json_array_clear(l->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_hash(o, "hash", stmt_blob(q, 0));
                put_str(o, "name", stmt_text(q, 1));
                put_value(o, "parent", json_null());
                if (!stmt_null(q, 2))
                        put_hash(o, "parent", stmt_blob(q, 2));
                put_bool(o, "demonstration", stmt_int(q, 3) != 0);
                put_instant(o, "stored_at", stmt_int(q, 4));
                put_value(o, "activations", json_array());
                json_array_append_new(l->items, o);
        }
        return rc == 0 ? activations_read(tx, l->call, l->items, err) : rc;
}

int packs_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .items = json_array()};
        json_t *item;
        size_t i;
        int rc = store_read(c->house->store, list_apply, &l, err);

        (void)in;
        for (i = 0; (item = json_array_get(l.items, i)) != NULL; i++) {
                struct pack *pack;
                struct hash hash;
                struct error broken = {0};
                if (rc < 0 || hash_parse(&hash, str_from(json_string_value(json_object_get(item, "hash"))), &broken) < 0 ||
                    pack_store_get(c->house->packs, &hash, &pack, &broken) < 0)
                        continue; /* a damaged pack is listed without its title */
                put_text(item, "title_zh", pack_title(pack, LANG_ZH));
                put_text(item, "title_en", pack_title(pack, LANG_EN));
                put_text(item, "version", pack_version(pack));
        }
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        return list_answer(out, l.items, NULL, err);
}

/* --- one pack -------------------------------------------------------------------------------------------------------------------- */

struct finding {
        const char *name;
        struct hash hash;
        bool found;
};

static int find_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct finding *f = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT hash FROM pack WHERE name = ?1@text ORDER BY stored_at DESC, hash LIMIT 1", "t",
                        f->name);

        f->found = rc == 1 && hash_take(&f->hash, stmt_blob(q, 0));
        return rc < 0 ? rc : 0;
}

/* By hash, or the newest of a name. */
static int pack_of(struct call *c, const json_t *in, struct pack **pack, struct error *err)
{
        struct finding f = {.name = json_text(in, "pack")};
        int rc = 0;

        if (strlen(f.name) == 64 && hash_parse(&f.hash, str_from(f.name), NULL) == 0)
                f.found = true;
        else
                rc = store_read(c->house->store, find_apply, &f, err);
        if (rc == 0 && !f.found)
                rc = error_raise(err, SB_CASE_PACK_UNKNOWN, "%s", f.name);
        return rc == 0 ? pack_store_get(c->house->packs, &f.hash, pack, err) : rc;
}

static json_t *parameter_json(const struct parameter *p)
{
        json_t *o = json_object();

        put_text(o, "key", p->key);
        put_text(o, "dimensions", p->dims);
        put_text(o, "value", p->value);
        put_text(o, "unit", p->unit);
        put_day(o, "valid_from", p->valid_from);
        put_day(o, "valid_to", p->valid_to);
        put_text(o, "source", p->source);
        put_text(o, "evidence", p->evidence);
        put_text(o, "pack", p->pack);
        return o;
}

int packs_parameters(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const char *key = json_text(in, "key");
        struct pack *pack;
        int rc = pack_of(c, in, &pack, err);

        if (rc < 0)
                return rc;
        json_t *items = json_array();
        for (size_t i = 0; i < pack_key_count(pack); i++) {
                const struct parameter *rows;
                const char *name = pack_key_name(pack, i);
                if (key[0] != '\0' && strcmp(key, name) != 0)
                        continue;
                size_t n = pack_parameters(pack, name, &rows);
                for (size_t k = 0; k < n && json_array_size(items) < PARAMETERS_MAX; k++)
                        json_array_append_new(items, parameter_json(&rows[k]));
        }
        return list_answer(out, items, NULL, err);
}

/* --- activation ------------------------------------------------------------------------------------------------------------------ */

struct activation {
        struct pack *pack;
        int64_t pool;
        day_t from;
};

static int activate_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct activation *a = ctx;
        struct house *h = c->house;
        char hex[65], day[16];
        int rc = pack_store_activate(tx, h->ids, a->pool, pack_hash(a->pack), a->from, c->who.staff, clock_now(h->clock), err);

        if (rc < 0)
                return rc;
        change->subject_kind = "pool";
        change->subject = a->pool;
        change->audit = json_pack("{s:s,s:s}", "pack", hash_hex(pack_hash(a->pack), hex), "from", day_text(a->from, day));
        *out = json_pack("{s:I,s:s,s:s}", "pool", (json_int_t)a->pool, "pack", hex, "from", day);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int packs_activate(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct activation a = {.pool = json_int_or(in, "pool", 0), .from = json_day_or(in, "from", 0)};
        int rc = pack_of(c, in, &a.pack, err);

        rc = rc ? rc : access_check(a.pack, c->house->verbs, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "packs.activate"), in, activate_apply, &a, out, err);
}
