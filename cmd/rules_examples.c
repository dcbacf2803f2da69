/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_examples.h"

#include "cmd/command.h"
#include "pack/pack.h"

#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define PACKS_MAX 64
#define REASON_MAX 4000
#define DEFAULT_DAY "\"2025-01-01\""

struct world {
        char dir[PATH_MAX];
        struct pack *packs[PACKS_MAX];
        size_t pack_count;
        json_t *map; /* examples.json */
        struct formula *formula;
        int passed, failed;
};
struct run { /* one entry */
        const json_t *entry, *expected;
        char province[32];
        json_t *names[PACKS_MAX];   /* per mapping of the scheme: the values of its names */
        json_t *results[PACKS_MAX]; /* and the answer of its decision, once asked */
        struct buf reason;
        bool differs, not_runnable, broken;
};

static const char *text_field(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? "" : s;
}

/* PATTERNS "name|other|*glob*" fits a name; exact only, or by glob. */
static bool fits(const char *patterns, const char *name, bool globs)
{
        char one[128];

        for (const char *p = patterns; *p != '\0';) {
                size_t n = strcspn(p, "|");
                text_copy(one, sizeof one, (struct str){p, n});
                if (globs ? fnmatch(one, name, 0) == 0 : strcmp(one, name) == 0)
                        return true;
                p += n + (p[n] == '|');
        }
        return false;
}

static void canonical(const char *patterns, char out[64])
{
        text_copy(out, 64, (struct str){patterns, strcspn(patterns, "|")});
}

/* The patterns of a mapping, needs first, that fit a name of an entry; NULL: unknown to the
 * mapping. */
static const char *pattern_for(const json_t *mapping, const char *name)
{
        static const char *const LISTS[] = {"needs", "optional"};

        for (int globs = 0; globs < 2; globs++)
                for (size_t l = 0; l < 2; l++) {
                        const json_t *list = json_object_get(mapping, LISTS[l]);
                        for (size_t i = 0; i < json_array_size(list); i++) {
                                const char *patterns = json_string_value(json_array_get(list, i));
                                if (patterns != NULL && fits(patterns, name, globs == 1))
                                        return patterns;
                        }
                }
        return NULL;
}

/* Decimals of the most exactly printed figure that is expected. */
static int decimals_of(const json_t *v)
{
        const char *s = json_string_value(v), *point = s == NULL ? NULL : strchr(s, '.');
        const char *key;
        json_t *item;
        int most = 0;

        if (json_is_object(v)) {
                json_object_foreach((json_t *)(uintptr_t)v, key, item) most =
                    decimals_of(item) > most ? decimals_of(item) : most;
        } else if (point != NULL && strspn(point + 1, "0123456789") == strlen(point + 1)) {
                most = (int)strlen(point + 1);
        }
        return most;
}

/* What an entry gives, under the mapping's own names: every name is there, null when not given.
 * NULL: out of memory. */
static json_t *names_bind(const struct run *r, const json_t *mapping)
{
        static const char *const LISTS[] = {"needs", "optional"};
        json_t *names = json_object(), *item;
        char name[64];
        const char *key;

        for (size_t l = 0; names != NULL && l < 2; l++) {
                const json_t *list = json_object_get(mapping, LISTS[l]);
                for (size_t i = 0; i < json_array_size(list); i++) {
                        canonical(json_string_value(json_array_get(list, i)), name);
                        json_object_set_new(names, name, json_null());
                }
        }
        json_object_foreach(json_object_get(r->entry, "inputs"), key, item)
        {
                const char *patterns = pattern_for(mapping, key);
                if (names == NULL || patterns == NULL)
                        continue;
                canonical(patterns, name);
                if (strcmp(name, key) == 0 || json_is_null(json_object_get(names, name)))
                        json_object_set(names, name, item);
        }
        if (names != NULL)
                json_object_set_new(names, "decimals", json_integer(decimals_of(r->expected)));
        return names;
}

static bool needs_met(const json_t *mapping, const json_t *names)
{
        const json_t *needs = json_object_get(mapping, "needs");
        char name[64];

        for (size_t i = 0; i < json_array_size(needs); i++) {
                canonical(json_string_value(json_array_get(needs, i)), name);
                if (json_is_null(json_object_get(names, name)))
                        return false;
        }
        return true;
}

/* A list that an entry only describes in words cannot be computed from. */
static const char *only_words(const json_t *mapping, const json_t *names)
{
        const json_t *lists = json_object_get(mapping, "lists");

        for (size_t i = 0; i < json_array_size(lists); i++) {
                const char *name = json_string_value(json_array_get(lists, i));
                const json_t *v = json_object_get(names, name);
                if (!json_is_null(v) && !json_is_array(v))
                        return name;
        }
        return NULL;
}

static int pack_named(struct world *w, const char *name, struct pack **out, struct error *err)
{
        char path[PATH_MAX + 64];
        struct pack *p;

        for (size_t i = 0; i < w->pack_count; i++)
                if (strcmp(pack_name(w->packs[i]), name) == 0) {
                        *out = w->packs[i];
                        return 0;
                }
        if (w->pack_count == PACKS_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", "packs", PACKS_MAX);
        text_format(path, sizeof path, "%s/%s", w->dir, name);
        if (pack_open(&p, path, err) < 0)
                return ERR;
        *out = w->packs[w->pack_count++] = p;
        return 0;
}

/* The pack of a mapping: the entry's own, or by the province of the entry; the national one for a
 * place without a pack. */
static int pack_for(struct world *w, const struct run *r, const json_t *mapping, struct pack **out,
                    struct error *err)
{
        const char *own = text_field(r->entry, "pack"), *name = text_field(mapping, "pack");
        const char *brace = strstr(name, "{province}");
        char full[128], path[PATH_MAX + 192];

        if (own[0] != '\0')
                return pack_named(w, own, out, err);
        if (brace == NULL)
                return pack_named(w, name, out, err);
        text_format(full, sizeof full, "%.*s%s%s", (int)(brace - name), name, r->province,
                    brace + strlen("{province}"));
        text_format(path, sizeof path, "%s/%s/pack.json", w->dir, full);
        return pack_named(w, r->province[0] == '\0' || access(path, R_OK) != 0 ? "cn" : full, out,
                          err);
}

/* Every formula of an object under its key. */
static int formulas(struct world *w, const json_t *mapping, const json_t *names, json_t **out,
                    struct error *err)
{
        const char *key;
        json_t *item, *value;
        int rc = 0;

        *out = json_object();
        json_object_foreach(json_object_get(mapping, "inputs"), key, item)
        {
                if (rc == 0)
                        rc = formula_value(w->formula, names, json_object_get(mapping, "texts"),
                                           json_string_value(item), &value, err);
                if (rc == 0)
                        rc = json_put(*out, key, value, err);
        }
        return rc;
}

static int decide(struct world *w, const struct run *r, const json_t *mapping, const json_t *names,
                  json_t **result, struct error *err)
{
        const char *day_formula =
            json_object_get(mapping, "day") == NULL ? DEFAULT_DAY : text_field(mapping, "day");
        struct pack *pack = NULL;
        json_t *inputs = NULL, *day = NULL;
        day_t on;

        int rc = pack_for(w, r, mapping, &pack, err);
        if (rc == 0)
                rc = formula_value(w->formula, names, json_object_get(mapping, "texts"),
                                   day_formula, &day, err);
        if (rc == 0)
                rc = day_parse(&on, str_from(json_string_value(day)), err);
        if (rc == 0)
                rc = formulas(w, mapping, names, &inputs, err);
        if (rc == 0)
                rc = pack_decide(pack, text_field(mapping, "model"),
                                 text_field(mapping, "decision"), on, inputs, result, NULL, err);
        json_decref(inputs);
        json_decref(day);
        return rc;
}

static void reason_add(struct run *r, const char *key, const char *text)
{
        buf_add_format(&r->reason, "%s%s: %s", r->reason.n == 0 ? "" : "; ", key, text);
        r->differs = true;
}

static void reason_values(struct run *r, const char *key, const json_t *want, const json_t *have)
{
        char *w = json_dumps(want, JSON_ENCODE_ANY), *h = json_dumps(have, JSON_ENCODE_ANY);

        buf_add_format(&r->reason, "%s%s: expected %.120s, computed %.120s",
                       r->reason.n == 0 ? "" : "; ", key, w == NULL ? "?" : w, h == NULL ? "?" : h);
        r->differs = true;
        free(w);
        free(h);
}

/* One expected figure against the answer of a mapping; the answer is asked once. */
static int figure_check(struct world *w, struct run *r, const json_t *mapping, size_t at,
                        const char *key, const json_t *want, const char *formula, struct error *err)
{
        json_t *have = NULL, *same = NULL, *both = NULL, *names = json_copy(r->names[at]);

        int rc = 0;
        if (r->results[at] == NULL)
                rc = decide(w, r, mapping, r->names[at], &r->results[at], err);
        if (rc == 0) {
                json_object_set(names, "result", r->results[at]);
                rc = formula_value(w->formula, names, json_object_get(mapping, "texts"), formula,
                                   &have, err);
        }
        if (rc == 0) {
                both = json_pack("{s:O,s:O}", "want", want, "have", have);
                rc = formula_value(w->formula, both, NULL, "want = have", &same, err);
        }
        if (rc == 0 && !json_is_true(same))
                reason_values(r, key, want, have);
        json_decref(have);
        json_decref(same);
        json_decref(both);
        json_decref(names);
        return rc;
}

/* The formula of a mapping for an expected figure, NULL when it gives none. */
static const char *output_for(const json_t *mapping, const char *key)
{
        const char *patterns;
        json_t *formula;

        for (int globs = 0; globs < 2; globs++)
                json_object_foreach(
                    json_object_get(mapping, "outputs"), patterns,
                    formula) if (fits(patterns, key, globs == 1)) return json_string_value(formula);
        return NULL;
}

/* The first mapping of the scheme that has what it needs and gives the figure. */
static void expect(struct world *w, struct run *r, const json_t *mappings, const char *key,
                   const json_t *want)
{
        struct error err = {0};
        char text[1024];
        size_t at;
        json_t *mapping;

        json_array_foreach((json_t *)(uintptr_t)mappings, at, mapping)
        {
                const char *formula = at < PACKS_MAX ? output_for(mapping, key) : NULL;
                if (formula == NULL || !needs_met(mapping, r->names[at]))
                        continue;
                const char *words = only_words(mapping, r->names[at]);
                if (words != NULL) {
                        text_format(text, sizeof text, "%s is given only in words", words);
                        reason_add(r, key, text);
                        r->not_runnable = true;
                } else if (figure_check(w, r, mapping, at, key, want, formula, &err) < 0) {
                        error_text(&err, LANG_EN, text, sizeof text);
                        if (strstr(buf_text(&r->reason), text) == NULL)
                                reason_add(r, key, text);
                        r->broken = true;
                }
                return;
        }
        reason_add(r, key, "no mapping of the scheme gives it from these inputs");
        r->broken = true;
}

/* Names of the entry that no mapping knows: they cannot have been used. */
static void unused(const struct run *r, const json_t *mappings, const char *id)
{
        const char *key;
        json_t *item, *mapping;
        size_t at;

        json_object_foreach(json_object_get(r->entry, "inputs"), key, item)
        {
                bool known = false;
                json_array_foreach((json_t *)(uintptr_t)mappings, at, mapping) known =
                    known || pattern_for(mapping, key) != NULL;
                if (!known)
                        printf("note %s: the input %s is not used\n", id, key);
        }
}

/* The word of a place in a text; the longest wins. */
static const char *place_in(const json_t *places, const char *text)
{
        const char *word, *found = NULL;
        size_t longest = 0;
        json_t *name;

        json_object_foreach((json_t *)(uintptr_t)places, word,
                            name) if (strlen(word) > longest && strcasestr(text, word) != NULL)
        {
                longest = strlen(word);
                found = json_string_value(name);
        }
        return found;
}

/* By the field, then by a word of the sources, last by a part of the id ("hn" of "wi-hn-10"). */
static void province_find(const struct world *w, struct run *r)
{
        static const char *const SOURCES[] = {"rule_source", "provenance", "source_page", "note"};
        const json_t *places = json_object_get(w->map, "provinces"),
                     *codes = json_object_get(w->map, "codes");
        const char *own = text_field(r->entry, "province"), *found;

        if (own[0] == '\0')
                own = text_field(json_object_get(r->entry, "inputs"), "province");
        found = own[0] == '\0' ? NULL : place_in(places, own);
        if (found == NULL && own[0] != '\0')
                found = own;
        for (size_t i = 0; found == NULL && i < sizeof SOURCES / sizeof SOURCES[0]; i++)
                found = place_in(places, text_field(r->entry, SOURCES[i]));
        for (const char *p = text_field(r->entry, "id"); found == NULL && *p != '\0';) {
                char part[64];
                size_t n = strcspn(p, "-_");
                text_copy(part, sizeof part, (struct str){p, n});
                found = json_string_value(json_object_get(codes, part));
                p += n + (p[n] != '\0');
        }
        text_copy(r->province, sizeof r->province, str_from(found));
}

static void run_judge(struct world *w, struct run *r, const char *id)
{
        bool expected = strstr(text_field(r->entry, "status"), "not reproduce") != NULL;

        if (r->not_runnable) {
                printf("not runnable %s: %s\n", id, buf_text(&r->reason));
        } else if (expected && r->differs && !r->broken) {
                printf("expected not to reproduce %s: %s\n", id, buf_text(&r->reason));
        } else if (r->differs) {
                printf("FAIL %s: %s\n", id, buf_text(&r->reason));
                w->failed++;
        } else if (expected) {
                printf("FAIL %s: it reproduces, and its status says that it does not\n", id);
                w->failed++;
        } else {
                w->passed++;
        }
}

static void entry_run(struct world *w, const json_t *entry)
{
        const char *id = text_field(entry, "id"), *scheme = text_field(entry, "scheme"), *key;
        const json_t *mappings = json_object_get(json_object_get(w->map, "schemes"), scheme);
        struct run r = {.entry = entry, .expected = json_object_get(entry, "expected")};
        json_t *mapping, *want;
        size_t at;

        buf_init(&r.reason, REASON_MAX);
        province_find(w, &r);
        json_array_foreach((json_t *)(uintptr_t)mappings, at, mapping) if (at < PACKS_MAX)
            r.names[at] = names_bind(&r, mapping);
        if (mappings == NULL)
                reason_add(
                    &r, "scheme",
                    "it is not known; examples.json of the national pack has no mapping for it");
        else if (json_object_size(r.expected) == 0)
                reason_add(&r, "expected", "nothing is expected");
        else
                unused(&r, mappings, id);
        if (mappings != NULL)
                json_object_foreach((json_t *)(uintptr_t)r.expected, key, want)
                    expect(w, &r, mappings, key, want);
        if (mappings == NULL) {
                printf("FAIL %s: %s (%s)\n", id, buf_text(&r.reason), scheme);
                w->failed++;
        } else {
                run_judge(w, &r, id);
        }
        for (at = 0; at < PACKS_MAX; at++) {
                json_decref(r.names[at]);
                json_decref(r.results[at]);
        }
        buf_dispose(&r.reason);
}

static int file_run(struct world *w, const char *path, struct error *err)
{
        json_t *entries = NULL, *entry;
        size_t at;

        int rc = json_read_file(&entries, path, err);
        if (rc == 0 && !json_is_array(entries))
                rc = error_raise(err, SB_FIELD_TYPE,
                                 "%s|" ERROR_BOTH("a list of entries", "条目列表"), path);
        if (rc == 0)
                json_array_foreach(entries, at, entry) entry_run(w, entry);
        json_decref(entries);
        return rc;
}

/* packs/ here, or beside the folder of the program. */
static void packs_find(char *out, size_t size)
{
        char exe[PATH_MAX] = "";

        text_copy(out, size, STR("packs"));
        if (access("packs/cn/pack.json", R_OK) == 0)
                return;
        ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
        for (int up = 0; n > 0 && up < 3; up++) {
                char *slash = strrchr(exe, '/');
                if (slash == NULL)
                        return;
                *slash = '\0';
                char path[PATH_MAX + 32];
                text_format(path, sizeof path, "%s/packs/cn/pack.json", exe);
                if (access(path, R_OK) == 0) {
                        text_format(out, size, "%s/packs", exe);
                        return;
                }
        }
}

static int world_open(struct world *w, const char *packs, struct error *err)
{
        struct pack *national = NULL;
        struct str text;

        if (packs != NULL)
                text_copy(w->dir, sizeof w->dir, str_from(packs));
        else
                packs_find(w->dir, sizeof w->dir);
        int rc = formula_new(&w->formula, err);
        if (rc == 0)
                rc = pack_named(w, "cn", &national, err);
        if (rc == 0)
                rc = pack_file(national, "examples.json", &text, err);
        if (rc == 0)
                rc = json_read(&w->map, text, err);
        return rc;
}

int rules_examples(const char *packs, int count, char *const *files)
{
        struct world w = {.pack_count = 0};
        struct error err = {0};

        int rc = world_open(&w, packs, &err);
        for (int i = 0; rc == 0 && i < count; i++)
                rc = file_run(&w, files[i], &err);
        if (rc == 0)
                printf("%d passed, %d failed\n", w.passed, w.failed);
        for (size_t i = 0; i < w.pack_count; i++)
                pack_free(w.packs[i]);
        formula_free(w.formula);
        json_decref(w.map);
        if (rc < 0)
                return command_fail(&err);
        return w.failed == 0 ? 0 : 1;
}
