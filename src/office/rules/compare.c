/* SPDX-License-Identifier: Apache-2.0
 *
 * What changed from one pack or draft to another: models, their elements (tables row by row, other expressions by their text), and
 * dated figures. Elements are matched by their id, else by kind and name; entries of a context by their name.
 */
#include "office/rules/internal.h"

#include <string.h>

#define CHANGES_MAX 2000
#define FIGURES_MAX 1000

struct diff {
        json_t *changes;
        const char *element, *name, *kind;
        struct error *err;
};

/* --- expressions ------------------------------------------------------------------------------------------------------------------- */

/* One change of the element at hand; takes table. */
static int change_add(struct diff *d, const char *path, const char *what, const char *before, const char *after, json_t *table)
{
        json_t *o = json_object();

        put_text(o, "element", d->element);
        put_text(o, "name", d->name);
        put_text(o, "kind", d->kind);
        put_text(o, "path", path);
        put_text(o, "what", what);
        if (table != NULL) {
                put_value(o, "table", table);
        } else {
                put_text(o, "before", before);
                put_text(o, "after", after);
        }
        if (json_array_size(d->changes) >= CHANGES_MAX) {
                json_decref(o);
                return error_raise(d->err, SB_LIMIT, "%s|%d", "changes", CHANGES_MAX);
        }
        return json_array_append_new(d->changes, o) == 0 ? 0 : error_raise(d->err, SB_MEMORY, "%s", "");
}

/* An expression as a text for people, when it is not compared part by part. */
static void logic_text(struct buf *b, const json_t *logic, int indent)
{
        const char *kind = json_text(logic, "kind");
        static const char *const PARTS[] = {"entries", "parts", "items"};
        json_t *one;
        size_t i;

        if (strcmp(kind, "literal") == 0) {
                buf_add_text(b, json_text(logic, "text"));
                return;
        }
        buf_add_format(b, "[%s]", kind);
        if (strcmp(kind, "table") == 0)
                buf_add_format(b, " %s, %zu", json_text(logic, "hit"), json_array_size(json_object_get(logic, "rules")));
        for (size_t p = 0; p < sizeof PARTS / sizeof PARTS[0]; p++)
                json_array_foreach(json_object_get(logic, PARTS[p]), i, one)
                {
                        const json_t *inner = json_object_get(one, "logic");
                        buf_add_format(b, "\n%*s%s: ", 2 * indent + 2, "", json_text(one, "name"));
                        logic_text(b, inner != NULL ? inner : one, indent + 1);
                }
        if (json_object_get(logic, "logic") != NULL) {
                buf_add_format(b, "\n%*s", 2 * indent + 2, "");
                logic_text(b, json_object_get(logic, "logic"), indent + 1);
        }
}

static int texts_differ(struct diff *d, const char *path, const json_t *before, const json_t *after)
{
        struct buf b, a;

        buf_init(&b, (size_t)1 << 20);
        buf_init(&a, (size_t)1 << 20);
        if (before != NULL)
                logic_text(&b, before, 0);
        if (after != NULL)
                logic_text(&a, after, 0);
        int rc = change_add(d, path,
                            before == NULL  ? "added"
                            : after == NULL ? "removed"
                                            : "text",
                            buf_text(&b), buf_text(&a), NULL);
        buf_dispose(&b);
        buf_dispose(&a);
        return rc;
}

static int logic_compare(struct diff *d, const char *path, const json_t *before, const json_t *after);

static const json_t *entry_named(const json_t *entries, const char *name)
{
        json_t *one;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)entries, i, one)
        {
                if (strcmp(json_text(one, "name"), name) == 0)
                        return one;
        }
        return NULL;
}

static void path_join(char out[512], const char *path, const char *name)
{
        text_format(out, 512, "%s%s%s", path, path[0] == '\0' ? "" : ".", name[0] == '\0' ? "=" : name);
}

static int entries_compare(struct diff *d, const char *path, const json_t *before, const json_t *after)
{
        char inner[512];
        json_t *one;
        size_t i;
        int rc = 0;

        json_array_foreach((json_t *)(uintptr_t)after, i, one)
        {
                const json_t *old = entry_named(before, json_text(one, "name"));
                path_join(inner, path, json_text(one, "name"));
                if (rc == 0 && old != NULL && strcmp(json_text(old, "article"), json_text(one, "article")) != 0)
                        rc = change_add(d, inner, "article", json_text(old, "article"), json_text(one, "article"), NULL);
                if (rc == 0)
                        rc = logic_compare(d, inner, json_object_get(old, "logic"), json_object_get(one, "logic"));
        }
        json_array_foreach((json_t *)(uintptr_t)before, i, one)
        {
                path_join(inner, path, json_text(one, "name"));
                if (rc == 0 && entry_named(after, json_text(one, "name")) == NULL)
                        rc = logic_compare(d, inner, json_object_get(one, "logic"), NULL);
        }
        return rc;
}

/* Ids of tables and rules say nothing about what a rule means. */
static bool logic_same(const json_t *before, const json_t *after)
{
        json_t *b = json_deep_copy(before), *a = json_deep_copy(after), *lists[2] = {b, a}, *rule;
        size_t i;

        for (size_t side = 0; side < 2; side++) {
                json_object_del(lists[side], "at");
                json_array_foreach(json_object_get(lists[side], "rules"), i, rule) json_object_del(rule, "id");
        }
        bool same = json_equal(b, a);
        json_decref(b);
        json_decref(a);
        return same;
}

static int logic_compare(struct diff *d, const char *path, const json_t *before, const json_t *after)
{
        const char *kind = json_text(before, "kind");
        json_t *table = NULL;

        if ((before == NULL && after == NULL) || (before != NULL && after != NULL && logic_same(before, after)))
                return 0;
        if (before == NULL || after == NULL || strcmp(kind, json_text(after, "kind")) != 0)
                return texts_differ(d, path, before, after);
        if (strcmp(kind, "table") == 0) {
                int rc = table_compare(&table, before, after, d->err);
                return rc < 0 ? rc : change_add(d, path, "table", "", "", table);
        }
        if (strcmp(kind, "context") == 0)
                return entries_compare(d, path, json_object_get(before, "entries"), json_object_get(after, "entries"));
        if (strcmp(kind, "function") == 0 &&
            json_equal(json_object_get(before, "parameters"), json_object_get(after, "parameters")))
                return logic_compare(d, path, json_object_get(before, "logic"), json_object_get(after, "logic"));
        return texts_differ(d, path, before, after);
}

/* --- elements ------------------------------------------------------------------------------------------------------------------------ */

static const json_t *element_like(const json_t *elements, const json_t *wanted)
{
        const json_t *named = NULL;
        json_t *one;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)elements, i, one)
        {
                if (strcmp(json_text(one, "kind"), json_text(wanted, "kind")) != 0)
                        continue;
                if (json_text(wanted, "id")[0] != '\0' && strcmp(json_text(one, "id"), json_text(wanted, "id")) == 0)
                        return one;
                if (strcmp(json_text(one, "name"), json_text(wanted, "name")) == 0)
                        named = one;
        }
        return named;
}

static void diff_at(struct diff *d, const json_t *element)
{
        d->element = json_text(element, "id");
        d->name = json_text(element, "name");
        d->kind = json_text(element, "kind");
}

static int element_compare(struct diff *d, const json_t *before, const json_t *after)
{
        static const char *const TEXTS[] = {"name", "article", "description", "type"};
        int rc = 0;

        diff_at(d, after);
        for (size_t i = 0; rc == 0 && i < sizeof TEXTS / sizeof TEXTS[0]; i++)
                if (strcmp(json_text(before, TEXTS[i]), json_text(after, TEXTS[i])) != 0)
                        rc = change_add(d, "", TEXTS[i], json_text(before, TEXTS[i]), json_text(after, TEXTS[i]), NULL);
        return rc == 0 ? logic_compare(d, "", json_object_get(before, "logic"), json_object_get(after, "logic")) : rc;
}

/* A whole element came or went: its logic is told when it has one. */
static int element_alone(struct diff *d, const json_t *before, const json_t *after)
{
        const json_t *b = json_object_get(before, "logic"), *a = json_object_get(after, "logic");

        diff_at(d, after != NULL ? after : before);
        if (b == NULL && a == NULL)
                return change_add(d, "", after != NULL ? "added" : "removed", json_text(before, "description"),
                                  json_text(after, "description"), NULL);
        return texts_differ(d, "", b, a);
}

int models_compare(json_t **out, const json_t *before, const json_t *after, struct error *err)
{
        const json_t *old = json_object_get(before, "elements"), *new = json_object_get(after, "elements");
        struct diff d = {.changes = json_array(), .err = err};
        json_t *one;
        size_t i;

        int rc = d.changes == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        json_array_foreach((json_t *)(uintptr_t) new, i, one)
        {
                const json_t *was = element_like(old, one);
                if (rc == 0)
                        rc = was != NULL ? element_compare(&d, was, one) : element_alone(&d, NULL, one);
        }
        json_array_foreach((json_t *)(uintptr_t)old, i, one)
        {
                if (rc == 0 && element_like(new, one) == NULL)
                        rc = element_alone(&d, one, NULL);
        }
        if (rc == 0) {
                *out = d.changes;
                d.changes = NULL;
        }
        json_decref(d.changes);
        return rc;
}

/* --- packs ------------------------------------------------------------------------------------------------------------------------------ */

struct pair {
        struct source before, after;
};

/* "with" names the earlier version; a draft is compared with its origin when nothing is named. */
static int pair_open(struct pair *p, struct call *c, const json_t *in, struct error *err)
{
        const char *with = json_text(in, "with");
        char hex[65];

        memset(p, 0, sizeof *p);
        int rc = source_open(&p->after, c, json_text(in, "source"), false, err);
        if (rc == 0 && with[0] == '\0' && p->after.draft.id == 0)
                rc = error_raise(err, SB_FIELD_MISSING, "%s", "with");
        if (rc == 0)
                rc = source_open(&p->before, c, with[0] != '\0' ? with : hash_hex(&p->after.draft.origin, hex), false, err);
        return rc;
}

static void pair_close(struct pair *p)
{
        source_close(&p->before);
        source_close(&p->after);
}

static int described(json_t **out, const struct pack *p, const char *model, struct error *err)
{
        char path[RULES_PATH_MAX];
        struct str xml;

        if (model_file(p, model, &xml, path, NULL) < 0) {
                *out = json_object(); /* not there: everything of the other came or went */
                return 0;
        }
        return model_describe(out, xml, err);
}

static int changes_of(json_t **out, const struct pair *p, const char *model, struct error *err)
{
        json_t *before = NULL, *after = NULL;

        int rc = described(&before, p->before.pack, model, err);
        if (rc == 0)
                rc = described(&after, p->after.pack, model, err);
        if (rc == 0)
                rc = models_compare(out, before, after, err);
        json_decref(before);
        json_decref(after);
        return rc;
}

static void put_versions(json_t *o, const struct pair *p)
{
        const struct source *sides[] = {&p->before, &p->after};
        static const char *const NAMES[] = {"before", "after"};
        char hex[65];

        for (size_t i = 0; i < 2; i++)
                put_value(o, NAMES[i],
                          json_pack("{s:s,s:s,s:s,s:s,s:s}", "hash", hash_hex(pack_hash(sides[i]->pack), hex), "name",
                                    pack_name(sides[i]->pack), "title_zh", pack_title(sides[i]->pack, LANG_ZH), "title_en",
                                    pack_title(sides[i]->pack, LANG_EN), "draft", sides[i]->draft.title));
}

int rules_model_compare(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        json_t *changes = NULL;
        struct pair p;

        int rc = pair_open(&p, c, in, err);
        if (rc == 0)
                rc = changes_of(&changes, &p, json_text(in, "model"), err);
        if (rc == 0) {
                *out = json_object();
                put_text(*out, "model", json_text(in, "model"));
                put_versions(*out, &p);
                put_value(*out, "changes", changes);
        }
        pair_close(&p);
        return rc;
}

/* A line for each model whose bytes differ or that one side lacks. */
static int model_lines(json_t *models, const struct pair *p, const struct pack *of, bool only_missing, struct error *err)
{
        char path[RULES_PATH_MAX], model[RULES_PATH_MAX];
        const char *file;
        int rc = 0;

        for (size_t i = 0; rc == 0 && (file = pack_file_name(of, "rules", i)) != NULL; i++) {
                struct str before = {NULL, 0}, after = {NULL, 0};
                json_t *changes = NULL;
                size_t n = strlen(file);
                if (n < 5 || strcmp(file + n - 4, ".dmn") != 0)
                        continue;
                text_copy(model, sizeof model, (struct str){file, n - 4});
                bool had = model_file(p->before.pack, model, &before, path, NULL) == 0;
                bool has = model_file(p->after.pack, model, &after, path, NULL) == 0;
                if ((only_missing && has) || (had && has && str_equal(before, after)))
                        continue;
                rc = changes_of(&changes, p, model, err);
                if (rc == 0)
                        json_array_append_new(models, json_pack("{s:s,s:s,s:I}", "model", model, "state",
                                                                !had   ? "added"
                                                                : !has ? "removed"
                                                                       : "changed",
                                                                "changes", (json_int_t)json_array_size(changes)));
                json_decref(changes);
        }
        return rc;
}

static const struct parameter *figure_like(const struct parameter *rows, size_t n, const struct parameter *wanted)
{
        for (size_t i = 0; i < n; i++)
                if (rows[i].valid_from == wanted->valid_from && strcmp(rows[i].dims, wanted->dims) == 0)
                        return &rows[i];
        return NULL;
}

static void figure_add(json_t *figures, const char *state, const struct parameter *before, const struct parameter *after)
{
        const struct parameter *one = after != NULL ? after : before;
        json_t *o = json_object();

        put_text(o, "state", state);
        put_text(o, "key", one->key);
        put_text(o, "dimensions", one->dims);
        put_text(o, "unit", one->unit);
        put_day(o, "valid_from", one->valid_from);
        put_text(o, "source", one->source);
        if (before != NULL) {
                put_text(o, "before", before->value);
                put_day(o, "before_to", before->valid_to);
        }
        if (after != NULL) {
                put_text(o, "after", after->value);
                put_day(o, "after_to", after->valid_to);
        }
        json_array_append_new(figures, o);
}

static void key_compare(json_t *figures, const struct pair *p, const char *key)
{
        const struct parameter *old = NULL, *new = NULL, *was;
        size_t n = pack_parameters(p->before.pack, key, &old), m = pack_parameters(p->after.pack, key, &new);

        for (size_t i = 0; i < m && json_array_size(figures) < FIGURES_MAX; i++) {
                was = figure_like(old, n, &new[i]);
                if (was == NULL)
                        figure_add(figures, "added", NULL, &new[i]);
                else if (strcmp(was->value, new[i].value) != 0 || was->valid_to != new[i].valid_to ||
                         strcmp(was->source, new[i].source) != 0)
                        figure_add(figures, "changed", was, &new[i]);
        }
        for (size_t i = 0; i < n && json_array_size(figures) < FIGURES_MAX; i++)
                if (figure_like(new, m, &old[i]) == NULL)
                        figure_add(figures, "removed", &old[i], NULL);
}

static json_t *figures_compare(const struct pair *p)
{
        json_t *figures = json_array();
        const struct parameter *rows;

        for (size_t i = 0; i < pack_key_count(p->after.pack); i++)
                key_compare(figures, p, pack_key_name(p->after.pack, i));
        for (size_t i = 0; i < pack_key_count(p->before.pack); i++)
                if (pack_parameters(p->after.pack, pack_key_name(p->before.pack, i), &rows) == 0)
                        key_compare(figures, p, pack_key_name(p->before.pack, i));
        return figures;
}

int rules_compare(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        json_t *models = json_array();
        struct pair p;

        int rc = pair_open(&p, c, in, err);
        if (rc == 0)
                rc = model_lines(models, &p, p.after.pack, false, err);
        if (rc == 0)
                rc = model_lines(models, &p, p.before.pack, true, err);
        if (rc == 0) {
                *out = json_object();
                put_versions(*out, &p);
                put_value(*out, "models", json_incref(models));
                put_value(*out, "figures", figures_compare(&p));
        }
        pair_close(&p);
        json_decref(models);
        return rc;
}
