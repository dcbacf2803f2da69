/* SPDX-License-Identifier: Apache-2.0
 *
 * The manual as an installation has it: of the pack in force, or of the one that a case began with; with the versions before it that
 * the database keeps.
 */
#include "office/manual/internal.h"
#include "office/manual/shelf.h"

#include "case/application.h"
#include "case/pack_store.h"

#include <string.h>

#define OLDER_MAX 6
#define DIAGRAM_MAX ((size_t)16 << 20)
#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define PACK "\"pack\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}"
#define PROCESS "\"process\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":39}"

/* Rules of procedure are public: all staff read all of them. */
const struct verb manual_verbs[] = {
    {"manual.list", VERB_READ, DUTY_ALL, "GET", "/api/manual",
     "The chapters of the manual by group, of the pack in force or another", "业务手册目录", OBJECT("", PACK),
     OBJECT("\"of\",\"items\"", "\"of\":{\"type\":\"object\"},\"items\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"),
     manual_list_verb, SCOPE_EVERYWHERE},
    {"manual.chapter", VERB_READ, DUTY_ALL, "GET", "/api/manual/chapters/{process}",
     "A chapter of the manual: elements, papers, diagram, steps, rules in words, letters, law, changes", "业务手册的一章",
     OBJECT("\"process\"", PROCESS "," PACK),
     OBJECT("\"of\",\"chapter\"", "\"of\":{\"type\":\"object\"},\"chapter\":{\"type\":\"object\"}"), manual_chapter_verb,
     SCOPE_EVERYWHERE},
    {"manual.search", VERB_READ, DUTY_ALL, "GET", "/api/manual/search",
     "Find a process, a step, an article of law or words within the chapters of the manual", "检索业务手册",
     OBJECT("\"q\"", "\"q\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":120}," PACK
                     ",\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200}"),
     OBJECT("\"items\"", "\"items\":{\"type\":\"array\",\"items\":{\"type\":\"object\"}}"), manual_search_verb,
     SCOPE_EVERYWHERE},
    {0},
};

struct opened {
        struct manual *m;
        struct pack *pack, *now; /* borrowed: the one asked for, the one in force */
        const char *name;
        struct hash older[OLDER_MAX];
        day_t stored[OLDER_MAX], at;
        size_t older_count;
};

static int pool_apply(struct tx *tx, void *ctx, struct error *err)
{
        return application_pool(tx, ctx, err);
}

static int in_force(struct call *c, struct pack **out, struct error *err)
{
        int64_t pool = 0;
        int rc = store_read(c->house->store, pool_apply, &pool, err);

        return rc ? rc
                  : pack_store_for(c->house->packs, pool, clock_today(c->house->clock), clock_now(c->house->clock), out, err);
}

/* When this version came, and those of the same name before it, newest first. */
static int older_read(struct tx *tx, void *ctx, struct error *err)
{
        struct opened *o = ctx;
        struct stmt *q = NULL;
        bool past = false;
        struct str own = {(const char *)pack_hash(o->pack)->b, HASH_BYTES};

        o->older_count = 0;
        int rc = tx_query(&q, tx, err, "SELECT hash, stored_at FROM pack WHERE name = ?1@text ORDER BY stored_at DESC, hash",
                          "t", o->name);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct str hash = stmt_blob(q, 0);
                if (hash.n != HASH_BYTES)
                        continue;
                if (memcmp(hash.p, own.p, HASH_BYTES) == 0) {
                        past = true;
                        o->at = instant_day(stmt_int(q, 1));
                } else if (past && o->older_count < OLDER_MAX) {
                        memcpy(o->older[o->older_count].b, hash.p, HASH_BYTES);
                        o->stored[o->older_count++] = instant_day(stmt_int(q, 1));
                }
        }
        return rc;
}

static int versions_open(struct opened *o, struct call *c, struct error *err)
{
        o->name = pack_name(o->pack);
        int rc = store_read(c->house->store, older_read, o, err);

        o->m->stored = o->at;
        for (size_t i = 0; rc == 0 && i < o->older_count; i++) {
                struct pack *p = NULL;
                rc = pack_store_get(c->house->packs, &o->older[i], &p, err);
                rc = rc ? rc : manual_older(o->m, p, o->stored[i], err);
        }
        return rc;
}

static int opened_open(struct opened *o, struct call *c, const json_t *in, struct error *err)
{
        const char *hex = json_text(in, "pack");
        struct hash hash;

        int rc = in_force(c, &o->now, err);
        o->pack = o->now;
        if (rc == 0 && hex[0] != '\0')
                rc = hash_parse(&hash, str_from(hex), err) < 0 ? ERR : pack_store_get(c->house->packs, &hash, &o->pack, err);
        return rc ? rc : manual_open(&o->m, o->pack, c->who.lang, clock_today(c->house->clock), err);
}

static json_t *of_json(const struct opened *o)
{
        json_t *of = json_object();
        char hex[65];

        put_text(of, "hash", hash_hex(pack_hash(o->pack), hex));
        put_text(of, "name", pack_name(o->pack));
        put_text(of, "title_zh", pack_title(o->pack, LANG_ZH));
        put_text(of, "title_en", pack_title(o->pack, LANG_EN));
        put_text(of, "edition", pack_version(o->pack));
        put_bool(of, "demonstration", pack_is_demonstration(o->pack));
        put_bool(of, "in_force", memcmp(pack_hash(o->pack)->b, pack_hash(o->now)->b, HASH_BYTES) == 0);
        put_text(of, "edition_in_force", pack_version(o->now));
        put_day(of, "day", o->m->day);
        return of;
}

/* --- verbs ------------------------------------------------------------------------------------------------------------------------------ */

static int line_add(struct manual *m, const char *process, json_t *items, struct error *err)
{
        const json_t *row = manual_row(m, process);
        json_t *facts = NULL, *o;

        int rc = row_text(m, row, "name")[0] == '\0' ? manual_facts(&facts, m, process, err) : 0;
        if (rc == 0) {
                const char *name = row_text(m, row, "name");
                o = json_object();
                put_text(o, "process", process);
                put_text(o, "title", name[0] != '\0' ? name : facts != NULL ? fact_title(m, facts) : process);
                put_text(o, "group", row_text(m, row, "group"));
                put_text(o, "article", json_text(row, "article"));
                json_array_append_new(items, o);
        }
        json_decref(facts);
        return rc;
}

int manual_list_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct opened o = {0};
        json_t *items = json_array();

        int rc = opened_open(&o, c, in, err);
        for (size_t i = 0; rc == 0 && i < o.m->name_count; i++)
                rc = line_add(o.m, o.m->names[i], items, err);
        if (rc == 0)
                *out = json_pack("{s:o,s:O}", "of", of_json(&o), "items", items);
        json_decref(items);
        manual_close(o.m);
        return rc;
}

/* The diagram stands in its block as it is drawn. */
static int diagrams_put(struct manual *m, json_t *chapter, struct error *err)
{
        json_t *section, *block;
        size_t i, k;
        int rc = 0;

        json_array_foreach(json_object_get(chapter, "sections"), i, section)
            json_array_foreach(json_object_get(section, "blocks"), k, block)
        {
                struct buf svg;
                if (rc < 0 || strcmp(json_text(block, "k"), "diagram") != 0)
                        continue;
                buf_init(&svg, DIAGRAM_MAX);
                rc = diagram_svg(&svg, m, json_text(block, "process"), json_text(chapter, "title"), "#", err);
                rc = rc ? rc : buf_check(&svg, err);
                if (rc == 0)
                        put_text(block, "svg", buf_text(&svg));
                buf_dispose(&svg);
        }
        return rc;
}

int manual_chapter_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct opened o = {0};
        json_t *chapter = NULL;

        int rc = opened_open(&o, c, in, err);
        rc = rc ? rc : versions_open(&o, c, err);
        rc = rc ? rc : manual_chapter(&chapter, o.m, json_text(in, "process"), err);
        rc = rc ? rc : diagrams_put(o.m, chapter, err);
        if (rc == 0)
                *out = json_pack("{s:o,s:O}", "of", of_json(&o), "chapter", chapter);
        json_decref(chapter);
        manual_close(o.m);
        return rc;
}

int manual_search_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct opened o = {0};
        const json_t *limit = json_object_get(in, "limit");

        int rc = opened_open(&o, c, in, err);
        rc = rc ? rc
                : manual_shelf_search(out, c->house->manuals, o.m, json_text(in, "q"),
                                      limit == NULL ? 60 : (size_t)json_integer_value(limit), err);
        manual_close(o.m);
        return rc;
}
