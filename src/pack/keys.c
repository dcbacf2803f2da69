/* SPDX-License-Identifier: Apache-2.0
 *
 * Declarations: units.csv (unit, kind, scale) and keys.csv (key, unit, dimensions, values, limit,
 * gaps and titles). A child sees its ancestors' declarations and adds its own; it declares none of
 * them anew.
 */
#include "pack/pack_internal.h"

#include <stdlib.h>
#include <string.h>

static const char *const kind_names[] = {"number", "whole", "text", "date", "month", "boolean"};
static const char *const limit_names[] = {"", "max", "min", "fixed"};

/* Index of the word in names, or -1. */
static int word_index(struct str word, const char *const *names, int count)
{
        for (int i = 0; i < count; i++)
                if (str_is(word, names[i]))
                        return i;
        return -1;
}

const struct unit *unit_find(const struct pack *p, struct str name)
{
        for (size_t i = 0; i < p->unit_count; i++)
                if (str_is(name, p->units[i].name))
                        return &p->units[i];
        return NULL;
}

static int by_key(const void *a, const void *b)
{
        return strcmp(((const struct key *)a)->name, ((const struct key *)b)->name);
}

const struct key *key_find(const struct pack *p, const char *name)
{
        struct key wanted = {.name = name};
        return p->key_count == 0 ? NULL : bsearch(&wanted, p->keys, p->key_count, sizeof *p->keys, by_key);
}

/* Make room for the inherited elements and `more` own ones. */
static int grow(void **array, size_t *count, const void *inherited, size_t inherited_count, size_t size, size_t more,
                struct error *err)
{
        *array = calloc(inherited_count + more + 1, size);
        if (*array == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        if (inherited_count > 0)
                memcpy(*array, inherited, inherited_count * size);
        *count = inherited_count;
        return 0;
}

static size_t lines_of(const struct pack_item *item)
{
        size_t n = 1;
        for (size_t i = 0; i < item->bytes.n; i++)
                n += item->bytes.p[i] == '\n';
        return n;
}

static void unit_take(struct pack *p, struct table *t)
{
        struct str name = table_field(t, "unit"), scale = table_field(t, "scale");
        int kind = word_index(table_field(t, "kind"), kind_names, 6);
        int64_t digits = 0;
        if (name.n == 0 || kind < 0 || (scale.n > 0 && !text_to_int(scale, &digits)) || digits < 0 || digits > 9) {
                faults_tell(t->faults, FAULT, p, t->item->path, t->line, SB_PACK_KEY,
                            "%.*s|" ERROR_BOTH("a unit needs a name, a kind (number, whole, text, "
                                               "date, month, boolean) and a "
                                               "scale of 0 to 9",
                                               "计量单位须有名称、类别和0至9的位数"),
                            (int)name.n, name.p);
        } else if (unit_find(p, name) != NULL) {
                faults_tell(t->faults, FAULT, p, t->item->path, t->line, SB_PACK_TWICE, "%.*s|%s", (int)name.n, name.p,
                            t->item->path);
        } else {
                p->units[p->unit_count++] = (struct unit){pack_keep(p, name), (enum unit_kind)kind, (int)digits};
        }
}

static int units_read(struct pack *p, struct faults *f, struct error *err)
{
        static const char *const columns[] = {"unit", "kind", "scale", NULL};
        const struct pack_item *item = files_find(p, "units.csv");
        const struct pack *up = p->parent;
        struct table t;
        int rc = grow((void **)&p->units, &p->unit_count, up == NULL ? NULL : up->units, up == NULL ? 0 : up->unit_count,
                      sizeof *p->units, item == NULL ? 0 : lines_of(item), err);
        if (rc != 0 || item == NULL)
                return rc;
        if (table_open(&t, p, item, columns, f))
                while (table_next(&t))
                        unit_take(p, &t);
        table_close(&t);
        return 0;
}

/* A key is a name that FEEL can call: letters, digits, underscore. */
static bool name_is_good(struct str name)
{
        bool good = name.n > 0 && name.n < 64 && name.p[0] >= 'a' && name.p[0] <= 'z';
        for (size_t i = 0; good && i < name.n; i++)
                good = (name.p[i] >= 'a' && name.p[i] <= 'z') || (name.p[i] >= '0' && name.p[i] <= '9') || name.p[i] == '_';
        return good;
}

/* "scheme;party" → names. */
static bool dims_take(struct pack *p, struct key *k, struct str dims)
{
        while (dims.n > 0) {
                const char *end = memchr(dims.p, ';', dims.n);
                struct str name = {dims.p, end == NULL ? dims.n : (size_t)(end - dims.p)};
                if (!name_is_good(name) || k->dim_count == sizeof k->dims / sizeof k->dims[0])
                        return false;
                k->dims[k->dim_count++] = pack_keep(p, name);
                size_t used = name.n + (end != NULL);
                dims.p += used;
                dims.n -= used;
        }
        return true;
}

/* "working_days|days|months" → the first; NULL when one is not declared or of another kind. */
static const struct unit *units_find(const struct pack *p, struct str names)
{
        const struct unit *first = NULL;

        for (;;) {
                const char *bar = names.n == 0 ? NULL : memchr(names.p, '|', names.n);
                struct str name = {names.p, bar == NULL ? names.n : (size_t)(bar - names.p)};
                const struct unit *u = unit_find(p, name);
                if (u == NULL || (first != NULL && u->kind != first->kind))
                        return NULL;
                if (first == NULL)
                        first = u;
                if (bar == NULL)
                        return first;
                names.p += name.n + 1;
                names.n -= name.n + 1;
        }
}

static void key_take(struct pack *p, struct table *t)
{
        struct str name = table_field(t, "key"), unit = table_field(t, "unit"), gaps = table_field(t, "gaps");
        int limit = word_index(table_field(t, "limit"), limit_names, 4);
        struct key k = {.owner = p,
                        .line = t->line,
                        .limit = limit < 0 ? LIMIT_NONE : (enum limit)limit,
                        .gaps = str_is(gaps, "yes"),
                        .unit = units_find(p, unit)};
        const char *wrong = NULL;
        for (size_t i = 0; i < p->key_count; i++) /* not sorted yet */
                if (str_is(name, p->keys[i].name)) {
                        const struct key *first = &p->keys[i];
                        faults_tell(t->faults, FAULT, p, t->item->path, t->line, SB_PACK_TWICE, "%s|%s/keys.csv:%zu",
                                    first->name, first->owner->name, first->line);
                        return;
                }
        if (!name_is_good(name))
                wrong = ERROR_BOTH("a key is lower-case letters, digits and underscores", "参数名只能用小写字母、数字和下划线");
        else if (k.unit == NULL)
                wrong = ERROR_BOTH("its unit is not in units.csv", "其计量单位未在 units.csv 中声明");
        else if (limit < 0)
                wrong = ERROR_BOTH("limit is empty, max, min or fixed", "limit 只能为空、max、min 或 fixed");
        else if (gaps.n > 0 && !k.gaps && !str_is(gaps, "no"))
                wrong = ERROR_BOTH("gaps is yes or no", "gaps 只能为 yes 或 no");
        else if (table_field(t, "title_zh").n == 0 || table_field(t, "title_en").n == 0)
                wrong = ERROR_BOTH("it needs a title in both languages", "须有中英文名称");
        else if (!dims_take(p, &k, table_field(t, "dimensions")))
                wrong = ERROR_BOTH("dimensions are names joined by semicolons", "维度应为以分号分隔的名称");
        if (wrong != NULL) {
                faults_tell(t->faults, FAULT, p, t->item->path, t->line, SB_PACK_KEY, "%.*s|%s", (int)name.n, name.p, wrong);
                return;
        }
        k.name = pack_keep(p, name);
        k.units = pack_keep(p, unit);
        k.values = pack_keep(p, table_field(t, "values"));
        p->keys[p->key_count++] = k;
}

int keys_read(struct pack *p, struct faults *f, struct error *err)
{
        static const char *const columns[] = {"key",  "unit",     "dimensions", "values", "limit",
                                              "gaps", "title_zh", "title_en",   NULL};
        const struct pack_item *item = files_find(p, "keys.csv");
        const struct pack *up = p->parent;
        struct table t;
        int rc = units_read(p, f, err);
        if (rc == 0)
                rc = grow((void **)&p->keys, &p->key_count, up == NULL ? NULL : up->keys, up == NULL ? 0 : up->key_count,
                          sizeof *p->keys, item == NULL ? 0 : lines_of(item), err);
        if (rc != 0 || item == NULL)
                return rc;
        if (table_open(&t, p, item, columns, f))
                while (table_next(&t))
                        key_take(p, &t);
        table_close(&t);
        if (p->key_count > 1)
                qsort(p->keys, p->key_count, sizeof *p->keys, by_key);
        return 0;
}
