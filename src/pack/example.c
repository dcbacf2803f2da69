/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/example.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAPPINGS_MAX 64
#define DEFAULT_DAY "\"2025-01-01\""

struct examples {
        json_t *map;
        struct formula *formula;
};
struct run { /* one entry */
        struct examples *examples;
        const json_t *entry, *expected;
        example_pack *pick;
        void *pick_ctx;
        char province[32];
        json_t *names[MAPPINGS_MAX];   /* per mapping of the scheme: the values of its names */
        json_t *results[MAPPINGS_MAX]; /* and the answer of its decision, once asked */
        struct example_answer *answer;
        bool differs, not_runnable, broken;
};

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

/* The pack of a mapping: the entry's own, or by the province of the entry; the national one for a place without a pack. */
static int pack_for(const struct run *r, const json_t *mapping, struct pack **out, struct error *err)
{
        const char *own = json_text(r->entry, "pack"), *name = json_text(mapping, "pack");
        const char *brace = strstr(name, "{province}");
        char full[128];

        if (own[0] != '\0')
                return r->pick(r->pick_ctx, own, NULL, out, err);
        if (brace == NULL)
                return r->pick(r->pick_ctx, name, NULL, out, err);
        text_format(full, sizeof full, "%.*s%s%s", (int)(brace - name), name, r->province, brace + strlen("{province}"));
        return r->pick(r->pick_ctx, r->province[0] == '\0' ? "cn" : full, "cn", out, err);
}

/* Every formula of an object under its key. */
static int formulas(struct run *r, const json_t *mapping, const json_t *names, json_t **out, struct error *err)
{
        const char *key;
        json_t *item, *value;
        int rc = 0;

        *out = json_object();
        json_object_foreach(json_object_get(mapping, "inputs"), key, item)
        {
                if (rc == 0)
                        rc = formula_value(r->examples->formula, names, json_object_get(mapping, "texts"),
                                           json_string_value(item), &value, err);
                if (rc == 0)
                        rc = json_put(*out, key, value, err);
        }
        return rc;
}

static void call_note(struct run *r, const struct pack *pack, const json_t *mapping, const json_t *day, json_t *inputs)
{
        json_array_append_new(r->answer->calls,
                              json_pack("{s:s,s:s,s:s,s:O,s:O}", "pack", pack_name(pack), "model", json_text(mapping, "model"),
                                        "decision", json_text(mapping, "decision"), "day", day, "inputs", inputs));
}

static int decide(struct run *r, const json_t *mapping, const json_t *names, json_t **result, struct error *err)
{
        const char *day_formula = json_object_get(mapping, "day") == NULL ? DEFAULT_DAY : json_text(mapping, "day");
        struct pack *pack = NULL;
        json_t *inputs = NULL, *day = NULL;
        day_t on;

        int rc = pack_for(r, mapping, &pack, err);
        if (rc == 0)
                rc = formula_value(r->examples->formula, names, json_object_get(mapping, "texts"), day_formula, &day, err);
        if (rc == 0)
                rc = day_parse(&on, str_from(json_string_value(day)), err);
        if (rc == 0)
                rc = formulas(r, mapping, names, &inputs, err);
        if (rc == 0)
                call_note(r, pack, mapping, day, inputs);
        if (rc == 0)
                rc = pack_decide(pack, json_text(mapping, "model"), json_text(mapping, "decision"), on, inputs, result, NULL,
                                 err);
        json_decref(inputs);
        json_decref(day);
        return rc;
}

static void fault_note(struct run *r, const char *figure, const json_t *want, const char *en, const char *zh)
{
        json_t *o = json_pack("{s:s,s:b,s:s,s:s}", "figure", figure, "same", 0, "fault_en", en, "fault_zh", zh);

        if (o != NULL && want != NULL)
                json_object_set(o, "expected", (json_t *)(uintptr_t)want);
        json_array_append_new(r->answer->figures, o);
        r->differs = true;
}

static void error_note(struct run *r, const char *figure, const json_t *want, const struct error *err)
{
        char en[1024], zh[1024];

        fault_note(r, figure, want, error_text(err, LANG_EN, en, sizeof en), error_text(err, LANG_ZH, zh, sizeof zh));
        r->broken = true;
}

/* How a figure is compared: exactly, or to a fen where the entry says that its source was verified so ("to 0.01: basic"). */
static const char *comparison(const struct run *r, const char *key)
{
        const char *to = strstr(json_text(r->entry, "verified"), "to 0.01"), *which = to == NULL ? NULL : strchr(to, ':');

        if (to == NULL || (which != NULL && strstr(which, key) == NULL))
                return "want = have";
        return "if want instance of number and have instance of number then abs(want - have) <= 0.01 else want = have";
}

/* One expected figure against the answer of a mapping; the answer is asked once. */
static int figure_check(struct run *r, const json_t *mapping, size_t at, const char *key, json_t *want, const char *formula,
                        struct error *err)
{
        json_t *have = NULL, *same = NULL, *both = NULL, *names = json_copy(r->names[at]);

        int rc = 0;
        if (r->results[at] == NULL)
                rc = decide(r, mapping, r->names[at], &r->results[at], err);
        if (rc == 0) {
                json_object_set(names, "result", r->results[at]);
                rc = formula_value(r->examples->formula, names, json_object_get(mapping, "texts"), formula, &have, err);
        }
        if (rc == 0) {
                both = json_pack("{s:O,s:O}", "want", want, "have", have);
                rc = formula_value(r->examples->formula, both, NULL, comparison(r, key), &same, err);
        }
        if (rc == 0) {
                json_array_append_new(r->answer->figures, json_pack("{s:s,s:b,s:O,s:O}", "figure", key, "same",
                                                                    json_is_true(same), "expected", want, "computed", have));
                r->differs = r->differs || !json_is_true(same);
        }
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
                json_object_foreach(json_object_get(mapping, "outputs"), patterns,
                                    formula) if (fits(patterns, key, globs == 1)) return json_string_value(formula);
        return NULL;
}

/* The first mapping of the scheme that has what it needs and gives the figure. */
static void expect(struct run *r, const json_t *mappings, const char *key, json_t *want)
{
        struct error err = {0};
        char en[256], zh[256];
        size_t at;
        json_t *mapping;

        json_array_foreach((json_t *)(uintptr_t)mappings, at, mapping)
        {
                const char *formula = at < MAPPINGS_MAX ? output_for(mapping, key) : NULL;
                if (formula == NULL || !needs_met(mapping, r->names[at]))
                        continue;
                const char *words = only_words(mapping, r->names[at]);
                if (words != NULL) {
                        fault_note(r, key, want, text_format(en, sizeof en, "%s is given only in words", words),
                                   text_format(zh, sizeof zh, "%s仅以文字说明，无法计算", words));
                        r->not_runnable = true;
                } else if (figure_check(r, mapping, at, key, want, formula, &err) < 0) {
                        error_note(r, key, want, &err);
                }
                return;
        }
        fault_note(r, key, want, "no mapping of the scheme gives it from these inputs", "按所给输入，该算例类型无法得出此项");
        r->broken = true;
}

/* Names of the entry that no mapping knows: they cannot have been used. */
static void unused(struct run *r, const json_t *mappings)
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
                        json_array_append_new(r->answer->unused, json_string(key));
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
static void province_find(struct run *r)
{
        static const char *const SOURCES[] = {"rule_source", "provenance", "source_page", "note"};
        const json_t *places = json_object_get(r->examples->map, "provinces"),
                     *codes = json_object_get(r->examples->map, "codes");
        const char *own = json_text(r->entry, "province"), *found;

        if (own[0] == '\0')
                own = json_text(json_object_get(r->entry, "inputs"), "province");
        found = own[0] == '\0' ? NULL : place_in(places, own);
        if (found == NULL && own[0] != '\0')
                found = own;
        for (size_t i = 0; found == NULL && i < sizeof SOURCES / sizeof SOURCES[0]; i++)
                found = place_in(places, json_text(r->entry, SOURCES[i]));
        for (const char *p = json_text(r->entry, "id"); found == NULL && *p != '\0';) {
                char part[64];
                size_t n = strcspn(p, "-_");
                text_copy(part, sizeof part, (struct str){p, n});
                found = json_string_value(json_object_get(codes, part));
                p += n + (p[n] != '\0');
        }
        text_copy(r->province, sizeof r->province, str_from(found));
}

static enum example_outcome judge(const struct run *r)
{
        const char *status = json_text(r->entry, "status");
        bool expected = strstr(status[0] != '\0' ? status : json_text(r->entry, "verified"), "not reproduce") != NULL;

        if (r->not_runnable)
                return EXAMPLE_NOT_RUNNABLE;
        if (expected && r->differs && !r->broken)
                return EXAMPLE_DIFFERS;
        if (r->differs)
                return EXAMPLE_FAILED;
        return expected ? EXAMPLE_REPRODUCES : EXAMPLE_PASSED;
}

int example_run(struct examples *e, const json_t *entry, example_pack *pick, void *ctx, struct example_answer *out,
                struct error *err)
{
        const json_t *mappings = json_object_get(json_object_get(e->map, "schemes"), json_text(entry, "scheme"));
        struct run r = {.examples = e,
                        .entry = entry,
                        .expected = json_object_get(entry, "expected"),
                        .pick = pick,
                        .pick_ctx = ctx,
                        .answer = out};
        json_t *mapping, *want;
        const char *key;
        size_t at;

        *out = (struct example_answer){EXAMPLE_FAILED, json_array(), json_array(), json_array()};
        if (out->figures == NULL || out->unused == NULL || out->calls == NULL) {
                example_answer_dispose(out);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        province_find(&r);
        json_array_foreach((json_t *)(uintptr_t)mappings, at, mapping) if (at < MAPPINGS_MAX) r.names[at] =
            names_bind(&r, mapping);
        if (mappings == NULL)
                fault_note(&r, "scheme", NULL, "it is not known; examples.json of the national pack has no mapping for it",
                           "未知的算例类型；国家政策包的 examples.json 中没有对应说明");
        else if (json_object_size(r.expected) == 0)
                fault_note(&r, "expected", NULL, "nothing is expected", "没有给出预期结果");
        else
                unused(&r, mappings);
        if (mappings != NULL)
                json_object_foreach((json_t *)(uintptr_t)r.expected, key, want) expect(&r, mappings, key, want);
        out->outcome = mappings == NULL ? EXAMPLE_UNKNOWN : judge(&r);
        for (at = 0; at < MAPPINGS_MAX; at++) {
                json_decref(r.names[at]);
                json_decref(r.results[at]);
        }
        return 0;
}

void example_answer_dispose(struct example_answer *a)
{
        json_decref(a->figures);
        json_decref(a->unused);
        json_decref(a->calls);
        *a = (struct example_answer){0};
}

int examples_open(struct examples **out, const struct pack *p, struct error *err)
{
        struct examples *e = calloc(1, sizeof *e);
        struct str text;

        int rc = e == NULL ? error_raise(err, SB_MEMORY, "%s", "") : formula_new(&e->formula, err);
        if (rc == 0)
                rc = pack_file(p, "examples.json", &text, err);
        if (rc == 0)
                rc = json_read(&e->map, text, err);
        if (rc == 0) {
                *out = e;
                e = NULL;
        }
        examples_free(e);
        return rc;
}

void examples_free(struct examples *e)
{
        if (e == NULL)
                return;
        formula_free(e->formula);
        json_decref(e->map);
        free(e);
}
