/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking at rules and trying them: packs and drafts, their models, what a model holds and asks for, a decision with its
 * derivation, and whether a pack is sound. Nothing here is stored.
 */
#include "office/rules/internal.h"

#include "engine/dmn/dmn.h"

#include <stdlib.h>
#include <string.h>

#define LISTED_MAX 200

/* --- packs and drafts ------------------------------------------------------------------------------------------------------------ */

struct listing {
        struct call *call;
        struct hash packs[LISTED_MAX];
        bool in_force[LISTED_MAX];
        size_t pack_count;
        struct draft drafts[LISTED_MAX];
        size_t draft_count;
};

static int packs_read(struct tx *tx, struct listing *l, struct error *err)
{
        instant_t now = clock_now(l->call->house->clock);
        struct stmt *q = NULL;

        int rc =
            tx_query(&q, tx, err,
                     "SELECT p.hash, (SELECT COUNT(*) FROM pack_activation a WHERE a.pack_hash = p.hash AND a.known_from <= "
                     "?1@int AND a.known_to > ?1@int) FROM pack p ORDER BY p.name, p.stored_at DESC, p.hash LIMIT 200",
                     "i", now);
        while ((rc = row_next(rc, q, err)) == 1) {
                if (l->pack_count == LISTED_MAX || stmt_blob(q, 0).n != HASH_BYTES)
                        continue;
                memcpy(l->packs[l->pack_count].b, stmt_blob(q, 0).p, HASH_BYTES);
                l->in_force[l->pack_count++] = stmt_int(q, 1) > 0;
        }
        return rc;
}

static int listing_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        int64_t ids[LISTED_MAX];
        struct stmt *q = NULL;
        size_t n = 0;

        l->pack_count = l->draft_count = 0;
        int rc = packs_read(tx, l, err);
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT id FROM pack_draft WHERE home = ?1@int AND state = 'open' ORDER BY changed_at DESC, id DESC "
                    "LIMIT 200",
                    "i", (int64_t)l->call->house->home);
        while ((rc = row_next(rc, q, err)) == 1) {
                ids[n++] = stmt_int(q, 0);
        }
        for (size_t i = 0; rc == 0 && i < n; i++)
                rc = draft_read(tx, l->call->house->home, ids[i], &l->drafts[l->draft_count++], err);
        return rc;
}

static void put_pack(json_t *o, const struct pack *p)
{
        char hex[65];

        put_text(o, "hash", hash_hex(pack_hash(p), hex));
        put_text(o, "name", pack_name(p));
        put_text(o, "title_zh", pack_title(p, LANG_ZH));
        put_text(o, "title_en", pack_title(p, LANG_EN));
        put_text(o, "edition", pack_version(p));
        put_text(o, "parent", pack_parent(p) == NULL ? "" : pack_name(pack_parent(p)));
        put_bool(o, "demonstration", pack_is_demonstration(p));
}

/* A pack that cannot be opened is listed with what is wrong with it; the others stay usable. */
static void put_damaged(json_t *o, const struct hash *hash, const struct error *fault)
{
        char text[1024], hex[65];

        put_text(o, "hash", hash_hex(hash, hex));
        put_text(o, "name", "");
        put_text(o, "title_zh", error_text(fault, LANG_ZH, text, sizeof text));
        put_text(o, "title_en", error_text(fault, LANG_EN, text, sizeof text));
        put_text(o, "edition", "");
        put_text(o, "parent", "");
        put_bool(o, "demonstration", false);
}

int rules_sources(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing *l = calloc(1, sizeof *l);
        json_t *packs = json_array(), *drafts = json_array();

        (void)in;
        int rc = l == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        if (rc == 0) {
                l->call = c;
                rc = store_read(c->house->store, listing_read, l, err);
        }
        for (size_t i = 0; rc == 0 && i < l->pack_count; i++) {
                struct pack *p = NULL;
                json_t *o = json_object();
                struct error damaged = {0};
                int found = pack_store_get(c->house->packs, &l->packs[i], &p, &damaged);
                if (found == 0) {
                        put_pack(o, p);
                } else if (found == ERR_SOFT) {
                        *err = damaged;
                        rc = found;
                } else {
                        put_damaged(o, &l->packs[i], &damaged);
                }
                put_bool(o, "in_force", l->in_force[i]);
                json_array_append_new(packs, o);
        }
        for (size_t i = 0; rc == 0 && i < l->draft_count; i++) {
                struct pack *p = NULL;
                json_t *o = draft_json(&l->drafts[i]);
                struct error damaged = {0};
                int found = pack_store_get(c->house->packs, &l->drafts[i].origin, &p, &damaged);
                put_text(o, "origin_name", found == 0 ? pack_name(p) : "");
                json_array_append_new(drafts, o);
        }
        free(l);
        if (rc == 0)
                *out = json_pack("{s:O,s:O}", "packs", packs, "drafts", drafts);
        json_decref(packs);
        json_decref(drafts);
        return rc;
}

/* What the head of every page of a source says. */
static void put_source(json_t *o, const struct source *s)
{
        json_t *head = s->draft.id == 0 ? json_object() : draft_json(&s->draft);
        char hex[65];

        put_pack(head, s->pack);
        if (s->draft.id == 0)
                put_text(head, "source", hash_hex(pack_hash(s->pack), hex));
        put_bool(head, "draft", s->draft.id != 0);
        put_value(o, "of", head);
}

/* --- models ------------------------------------------------------------------------------------------------------------------------- */

static bool model_name(const char *file, char out[RULES_PATH_MAX])
{
        size_t n = strlen(file);

        if (n < 5 || strcmp(file + n - 4, ".dmn") != 0)
                return false;
        text_copy(out, RULES_PATH_MAX, (struct str){file, n - 4});
        return true;
}

/* A line of the list: what the model decides, for whom its articles speak. */
static json_t *model_line(const json_t *model)
{
        json_t *o = json_object(), *decisions = json_array(), *articles = json_object(), *element, *list = json_array(),
               *unused;
        const char *article;
        size_t i, inputs = 0;

        put_text(o, "description", json_text(model, "description"));
        json_array_foreach(json_object_get(model, "elements"), i, element)
        {
                if (json_text(element, "article")[0] != '\0')
                        json_object_set_new(articles, json_text(element, "article"), json_true());
                inputs += strcmp(json_text(element, "kind"), "input") == 0;
                if (strcmp(json_text(element, "kind"), "decision") != 0)
                        continue;
                json_array_append_new(decisions,
                                      json_pack("{s:s,s:s,s:s,s:s}", "id", json_text(element, "id"), "name",
                                                json_text(element, "name"), "description", json_text(element, "description"),
                                                "article", json_text(element, "article")));
        }
        json_object_foreach(articles, article, unused) json_array_append_new(list, json_string(article));
        put_value(o, "decisions", decisions);
        put_int(o, "inputs", (int64_t)inputs);
        put_value(o, "articles", list);
        json_decref(articles);
        return o;
}

static void put_fault(json_t *o, const struct error *fault)
{
        char text[1024], code[8];

        put_text(o, "code", error_name(fault->code, code));
        put_text(o, "where", fault->where);
        put_text(o, "text_zh", error_text(fault, LANG_ZH, text, sizeof text));
        put_text(o, "text_en", error_text(fault, LANG_EN, text, sizeof text));
}

int rules_models(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        char name[RULES_PATH_MAX], path[RULES_PATH_MAX];
        json_t *items = json_array();
        struct source s;
        const char *file;

        int rc = source_open(&s, c, json_text(in, "source"), false, err);
        for (size_t i = 0; rc == 0 && (file = pack_file_name(s.pack, "rules", i)) != NULL; i++) {
                struct error fault = {0};
                json_t *model = NULL, *line;
                struct str xml;
                if (!model_name(file, name) || model_file(s.pack, name, &xml, path, NULL) < 0)
                        continue;
                if (model_describe(&model, xml, &fault) == 0) {
                        line = model_line(model);
                } else {
                        line = json_object();
                        json_t *o = json_object();
                        put_fault(o, &fault);
                        put_value(line, "fault", o);
                }
                const struct pack *owner = pack_file_owner(s.pack, path);
                put_text(line, "name", name);
                put_text(line, "pack", pack_name(owner));
                put_bool(line, "own", owner == s.pack);
                json_array_append_new(items, line);
                json_decref(model);
        }
        if (rc == 0) {
                *out = json_object();
                put_source(*out, &s);
                put_labels(*out, s.pack, "", items);
                put_value(*out, "items", items);
                items = NULL;
                source_close(&s);
        }
        json_decref(items);
        return rc;
}

/* What each decision asks for; a decision whose imports are broken asks for nothing that is known. */
static void put_inputs(json_t *model, const struct pack *p, const char *name)
{
        json_t *element;
        size_t i;

        json_array_foreach(json_object_get(model, "elements"), i, element)
        {
                json_t *inputs = NULL;
                struct error broken = {0};
                if (strcmp(json_text(element, "kind"), "decision") == 0 &&
                    model_inputs(&inputs, p, name, json_text(element, "id"), &broken) == 0)
                        put_value(element, "inputs", inputs);
        }
}

int rules_model(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const char *name = json_text(in, "model");
        char path[RULES_PATH_MAX];
        struct error broken = {0};
        json_t *model = NULL;
        struct source s;
        struct str xml;

        int rc = source_open(&s, c, json_text(in, "source"), false, err);
        if (rc < 0)
                return rc;
        rc = model_file(s.pack, name, &xml, path, err);
        if (rc == 0)
                rc = model_describe(&model, xml, err);
        if (rc == 0) {
                const struct pack *owner = pack_file_owner(s.pack, path);
                put_inputs(model, s.pack, name);
                put_text(model, "model", name);
                put_text(model, "path", path);
                put_text(model, "pack", pack_name(owner));
                put_bool(model, "own", owner == s.pack);
                put_str(model, "xml", xml);
                put_labels(model, s.pack, name, json_object_get(model, "elements"));
                put_source(model, &s);
                if (pack_model_check(s.pack, name, &broken) < 0) {
                        json_t *o = json_object();
                        put_fault(o, &broken);
                        put_value(model, "fault", o);
                }
                *out = model;
        }
        source_close(&s);
        return rc;
}

/* --- try -------------------------------------------------------------------------------------------------------------------------------- */

int rules_evaluate(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        json_t *result = NULL, *derivation = NULL;
        const json_t *inputs = NULL;
        char diagnostic[200] = "", hex[65];
        struct source s;
        day_t day;

        int rc = json_get_day(in, "day", true, &day, err);
        if (rc == 0)
                rc = json_get_object(in, "inputs", true, &inputs, err);
        if (rc == 0)
                rc = source_open(&s, c, json_text(in, "source"), false, err);
        if (rc < 0)
                return rc;
        rc = pack_try(s.pack, json_text(in, "model"), json_text(in, "decision"), day, inputs, &result, &derivation, diagnostic,
                      err);
        if (rc == 0) {
                *out = json_object();
                put_value(*out, "result", result);
                put_value(*out, "derivation", derivation);
                put_text(*out, "diagnostic", diagnostic);
                put_day(*out, "day", day);
                put_text(*out, "pack", hash_hex(pack_hash(s.pack), hex));
                put_int(*out, "semantics", DMN_SEMANTICS_VERSION);
        }
        source_close(&s);
        return rc;
}

/* --- check ------------------------------------------------------------------------------------------------------------------------------ */

static void fault_take(void *ctx, int severity, const struct error *fault)
{
        static const char *const NAMES[] = {"note", "warning", "error"};
        json_t *o = json_object();

        put_text(o, "severity", NAMES[severity < 0 || severity > 2 ? 2 : severity]);
        put_fault(o, fault);
        json_array_append_new(ctx, o);
}

int rules_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        json_t *faults = json_array();
        struct source s;
        struct hash h;
        char hex[65];
        int errors = 0;

        int rc = source_open(&s, c, json_text(in, "source"), true, err);
        if (rc == 0) {
                const struct pack *whole = s.origin != NULL ? s.origin : s.pack;
                if (s.draft.id == 0)
                        rc = pack_archive(s.pack, &s.archive, err);
                h = hash_of(s.archive.p, s.archive.n);
                if (rc == 0)
                        rc = pack_check_archive((struct str){s.archive.p, s.archive.n},
                                                (struct pack *)(uintptr_t)pack_parent(whole), fault_take, faults, &errors, err);
                source_close(&s);
        }
        if (rc == 0)
                *out = json_pack("{s:O,s:i,s:s}", "faults", faults, "errors", errors, "hash", hash_hex(&h, hex));
        json_decref(faults);
        return rc;
}
