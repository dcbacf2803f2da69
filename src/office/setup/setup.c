/* SPDX-License-Identifier: Apache-2.0 */
#include "office/setup/setup.h"

#include "case/case.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static int setting_get(struct tx *tx, const char *name, char *out, size_t size, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT value FROM setting WHERE name = ?1@text", "t", name);

        out[0] = '\0';
        if (rc == 1)
                text_copy(out, size, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

static int setting_put(struct tx *tx, const char *name, const char *value, struct error *err)
{
        return tx_exec(tx, err, "INSERT INTO setting (name, value) VALUES (?1@text, ?2@text)", "tt", name, value);
}

static int facts_read(struct tx *tx, void *ctx, struct error *err)
{
        struct installation *out = ctx;
        struct stmt *q;
        char text[32];
        int64_t home = 0;
        int rc = setting_get(tx, "home", text, sizeof text, err);

        *out = (struct installation){.home = 1};
        if (rc < 0 || text[0] == '\0')
                return rc;
        out->installed = text_to_int(str_from(text), &home);
        out->home = (int32_t)home;
        rc = setting_get(tx, "demonstration", text, sizeof text, err);
        if (rc == 0)
                out->demonstration = text_to_uint(str_from(text), &out->seed);
        if (rc == 0)
                rc = setting_get(tx, "pack", out->pack, sizeof out->pack, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT id FROM pool ORDER BY id LIMIT 1", "");
        if (rc == 1)
                out->pool = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

int installation_read(struct store *s, struct installation *out, struct error *err)
{
        int number;
        int rc = store_migrated(s, &number, err);

        *out = (struct installation){.home = 1};
        return rc < 0 || number == 0 ? rc : store_read(s, facts_read, out, err);
}

/* --- the pack's tables as rows --------------------------------------------------------------------------- */

struct founding {
        struct house *house;
        const struct pack *pack;
        const struct installation *facts;
        json_t *pools, *offices, *seals;
        int64_t *pool_ids, *office_ids, *seal_ids;
        instant_t at;
};

/* An empty day in a table of the pack is no end, or no beginning. */
static int day_cell(const json_t *row, const char *name, day_t otherwise, day_t *out, struct error *err)
{
        const char *s = json_text(row, name);

        *out = otherwise;
        return s[0] == '\0' ? 0 : day_parse(out, str_from(s), err);
}

static int pools_write(struct tx *tx, const struct founding *f, struct error *err)
{
        json_t *row;
        size_t i;

        json_array_foreach(f->pools, i, row)
        {
                day_t from, to;
                int rc = day_cell(row, "valid_from", 0, &from, err);
                if (rc == 0)
                        rc = day_cell(row, "valid_to", DAY_END, &to, err);
                if (rc == 0)
                        rc = tx_exec(tx, err,
                                     "INSERT INTO pool (id, code, scheme, territory, home, name_zh, name_en, valid_from, "
                                     "valid_to) VALUES (?1@int, ?2@text, ?3@text, ?4@text, ?5@int, ?6@text, ?7@text, "
                                     "?8@int, ?9@int)",
                                     "itttittii", f->pool_ids[i], json_text(row, "pool"), json_text(row, "scheme"),
                                     json_text(row, "territory"), (int64_t)f->house->home, json_text(row, "name_zh"),
                                     json_text(row, "name_en"), (int64_t)from, (int64_t)to);
                if (rc == 0)
                        rc = pack_store_activate(tx, f->house->ids, f->pool_ids[i], pack_hash(f->pack), from, 0, f->at, err);
                if (rc < 0)
                        return rc;
        }
        return 0;
}

static int64_t parent_of(const struct founding *f, const json_t *row)
{
        json_t *other;
        size_t i;

        json_array_foreach(f->offices, i, other)
        {
                if (strcmp(json_text(other, "office"), json_text(row, "parent")) == 0)
                        return f->office_ids[i];
        }
        return 0;
}

static int offices_write(struct tx *tx, const struct founding *f, struct error *err)
{
        json_t *row;
        size_t i;

        json_array_foreach(f->offices, i, row)
        {
                day_t from, to;
                int64_t level = 0;
                int rc = day_cell(row, "valid_from", 0, &from, err);
                if (rc == 0)
                        rc = day_cell(row, "valid_to", DAY_END, &to, err);
                text_to_int(str_from(json_text(row, "level")), &level);
                if (rc == 0)
                        rc = tx_exec(tx, err,
                                     "INSERT INTO office (id, code, parent, body, level, name_zh, name_en, territory, "
                                     "valid_from, valid_to, body_kind) VALUES (?1@int, ?2@text, ?3@int, ?4@text, ?5@int, "
                                     "?6@text, ?7@text, ?8@text, ?9@int, ?10@int, ?11@text)",
                                     "itititttiit", f->office_ids[i], json_text(row, "office"), parent_of(f, row),
                                     json_text(row, "body_zh"), level, json_text(row, "name_zh"), json_text(row, "name_en"),
                                     json_text(row, "territory"), (int64_t)from, (int64_t)to,
                                     json_text(row, "body")[0] == '\0' ? "social_insurance" : json_text(row, "body"));
                if (rc < 0)
                        return rc;
        }
        return 0;
}

/* Seals that the offices hold from the beginning, in nobody's care yet. */
static int seals_write(struct tx *tx, const struct founding *f, struct error *err)
{
        json_t *row, *other;
        size_t i, k;

        json_array_foreach(f->seals, i, row)
        {
                day_t from;
                int rc = day_cell(row, "valid_from", 0, &from, err);
                json_array_foreach(f->offices, k, other)
                {
                        if (rc < 0 || strcmp(json_text(other, "office"), json_text(row, "office")) != 0)
                                continue;
                        rc = tx_exec(tx, err,
                                     "INSERT INTO seal (id, office, kind, name_zh, name_en, holder, valid_from, valid_to, "
                                     "end_reason, note, "
                                     "actor, at, ended_by, ended_at) VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@text, 0, "
                                     "?6@int, ?7@int, "
                                     "'', '', 0, ?8@int, 0, 0)",
                                     "iitttiii", f->seal_ids[i], f->office_ids[k], json_text(row, "kind"),
                                     json_text(row, "name_zh"), json_text(row, "name_en"), (int64_t)from, (int64_t)DAY_END,
                                     (int64_t)f->at);
                }
                if (rc < 0)
                        return rc;
        }
        return 0;
}

static int found_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct founding *f = ctx;
        char text[32];
        struct call c = {.house = f->house};
        char hex[65];
        int rc = setting_put(tx, "home", text_format(text, sizeof text, "%d", f->facts->home), err);

        if (rc < 0 && err->code == SB_STORE_UNIQUE) {
                error_clear(err);
                return error_raise(err, SB_SETUP_INSTALLED, "%s", "");
        }
        if (rc == 0 && f->facts->demonstration)
                rc = setting_put(tx, "demonstration",
                                 text_format(text, sizeof text, "%llu", (unsigned long long)f->facts->seed), err);
        if (rc == 0)
                rc = setting_put(tx, "pack", pack_name(f->pack), err);
        if (rc == 0)
                rc = pools_write(tx, f, err);
        if (rc == 0)
                rc = offices_write(tx, f, err);
        if (rc == 0)
                rc = seals_write(tx, f, err);
        if (rc < 0)
                return rc;
        json_t *body = json_pack("{s:s,s:s}", "pack", pack_name(f->pack), "hash", hash_hex(pack_hash(f->pack), hex));
        rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "") : audit_add(tx, &c, "setup.found", "pack", 0, body, err);
        json_decref(body);
        return rc;
}

static int ids_take(struct ids *ids, size_t n, int64_t **out, struct error *err)
{
        int rc = 0;

        *out = calloc(n + 1, sizeof **out);
        if (*out == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; rc == 0 && i < n; i++)
                rc = ids_next(ids, &(*out)[i], err);
        return rc;
}

int setup_found(struct house *h, struct pack *pack, const struct installation *facts, struct error *err)
{
        struct founding f = {.house = h, .pack = pack, .facts = facts, .at = clock_now(h->clock)};
        int rc = pack_store_put(h->packs, pack, f.at, err);

        if (rc == 0)
                rc = pack_table(pack, "pools.csv", &f.pools, err);
        if (rc == 0)
                rc = pack_table(pack, "offices.csv", &f.offices, err);
        if (rc == 0)
                rc = pack_table_maybe(pack, "seals.csv", &f.seals, err);
        if (rc == 0)
                rc = ids_take(h->ids, json_array_size(f.pools), &f.pool_ids, err);
        if (rc == 0)
                rc = ids_take(h->ids, json_array_size(f.offices), &f.office_ids, err);
        if (rc == 0)
                rc = ids_take(h->ids, json_array_size(f.seals), &f.seal_ids, err);
        if (rc == 0)
                rc = store_write(h->store, found_apply, &f, err);
        free(f.pool_ids);
        free(f.office_ids);
        free(f.seal_ids);
        json_decref(f.pools);
        json_decref(f.offices);
        json_decref(f.seals);
        return rc;
}

/* --- a changed pack -------------------------------------------------------------------------------------------- */

struct renewal {
        struct house *house;
        const struct pack *pack;
        bool changed;
};

static int renew_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct renewal *r = ctx;
        struct stmt *q;
        int64_t pools[64];
        day_t from[64];
        int n = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT p.id, p.valid_from, a.pack_hash FROM pool p LEFT JOIN pack_activation a ON a.pool = p.id AND "
                          "a.known_to = ?1@int ORDER BY p.id, a.valid_from DESC, a.known_from DESC, a.id DESC",
                          "i", (int64_t)INSTANT_END);

        while (rc == 0 && n < 64 && (rc = stmt_step(q, err)) == 1) {
                rc = 0;
                if (n > 0 && pools[n - 1] == stmt_int(q, 0))
                        continue;
                pools[n] = stmt_int(q, 0);
                from[n++] = (day_t)stmt_int(q, 1);
                struct str hash = stmt_blob(q, 2);
                r->changed |= hash.n != HASH_BYTES || memcmp(hash.p, pack_hash(r->pack)->b, HASH_BYTES) != 0;
        }
        for (int i = 0; rc == 0 && r->changed && i < n; i++)
                rc = pack_store_activate(tx, r->house->ids, pools[i], pack_hash(r->pack), from[i], 0,
                                         clock_now(r->house->clock), err);
        return rc;
}

int setup_renew(struct house *h, struct pack *pack, bool *changed, struct error *err)
{
        struct renewal r = {.house = h, .pack = pack};
        int rc = pack_store_put(h->packs, pack, clock_now(h->clock), err);

        if (rc == 0)
                rc = store_write(h->store, renew_apply, &r, err);
        *changed = r.changed;
        return rc;
}

struct trimming {
        struct house *house;
        int64_t next;
};

static int trim_apply(struct tx *tx, void *ctx, struct error *err)
{
        const struct trimming *t = ctx;

        return tx_exec(tx, err, "UPDATE id_block SET next_id = ?2@int WHERE home = ?1@int AND next_id > ?2@int", "ii",
                       (int64_t)t->house->home, t->next);
}

int setup_ids_trim(struct house *h, struct error *err)
{
        struct trimming t = {.house = h};
        int rc = ids_next(h->ids, &t.next, err);

        return rc == 0 ? store_write(h->store, trim_apply, &t, err) : rc;
}

int office_by_code(struct tx *tx, const char *code, int64_t *id, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id FROM office WHERE code = ?1@text OR (?1@text = '' AND parent = 0) ORDER BY level, id LIMIT 1",
                   "t", code);

        if (rc == 0)
                return error_raise(err, SB_SETUP_OFFICE, "%s", code);
        if (rc == 1)
                *id = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}
