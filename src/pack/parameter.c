/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const struct parameter *a, const struct parameter *b)
{
        int c = strcmp(a->key, b->key);
        return c != 0 ? c : strcmp(a->dims, b->dims);
}

int row_compare(const void *a, const void *b)
{
        const struct parameter *x = &((const struct row *)a)->p, *y = &((const struct row *)b)->p;
        int c = compare_names(x, y);
        return c != 0 ? c : (x->valid_from > y->valid_from) - (x->valid_from < y->valid_from);
}

static bool is_decimal(struct str s)
{
        size_t i = s.n > 0 && s.p[0] == '-', digits = 0, dots = 0;
        for (; i < s.n; i++) {
                if (s.p[i] == '.' && digits > 0)
                        dots++;
                else if (s.p[i] >= '0' && s.p[i] <= '9')
                        digits++;
                else
                        return false;
        }
        return digits > 0 && digits <= 28 && dots <= 1 && s.p[s.n - 1] != '.';
}

/* One of the words of "a|b|c". */
static bool is_listed(const char *values, struct str value)
{
        for (const char *p = values;; p++) {
                size_t n = strcspn(p, "|");
                if (str_equal(value, (struct str){p, n}))
                        return true;
                p += n;
                if (*p == '\0')
                        return false;
        }
}

bool value_fits(const struct key *k, struct str value)
{
        int64_t whole;
        day_t day;
        month_t month;
        struct error ignored = {0};
        if (k->values[0] != '\0' && !is_listed(k->values, value))
                return false;
        switch (k->unit->kind) {
        case UNIT_NUMBER:
                return is_decimal(value);
        case UNIT_WHOLE:
                return text_to_int(value, &whole);
        case UNIT_TEXT:
                return value.n > 0;
        case UNIT_DATE:
                return day_parse(&day, value, &ignored) == 0;
        case UNIT_MONTH:
                return month_parse(&month, value, &ignored) == 0;
        case UNIT_BOOL:
                return str_is(value, "true") || str_is(value, "false");
        }
        return false;
}

static const char *kind_text(const struct key *k)
{
        static const char *const texts[] = {ERROR_BOTH("a decimal number", "十进制数"),
                                            ERROR_BOTH("a whole number", "整数"),
                                            ERROR_BOTH("a text", "文本"),
                                            ERROR_BOTH("a date YYYY-MM-DD", "日期 YYYY-MM-DD"),
                                            ERROR_BOTH("a month YYYY-MM", "月份 YYYY-MM"),
                                            ERROR_BOTH("true or false", "true 或 false")};
        return k->values[0] != '\0' ? k->values : texts[k->unit->kind];
}

/* "a=b;c=d" against the declaration; counts the stars. */
static bool dims_fit(const struct key *k, struct str dims, unsigned *stars)
{
        size_t at = 0;
        *stars = 0;
        for (size_t i = 0; i < k->dim_count; i++) {
                size_t n = strlen(k->dims[i]);
                if (dims.n - at <= n || memcmp(dims.p + at, k->dims[i], n) != 0 || dims.p[at + n] != '=')
                        return false;
                size_t from = at + n + 1;
                for (at = from; at < dims.n && dims.p[at] != ';'; at++)
                        if (dims.p[at] == '=')
                                return false;
                if (at == from)
                        return false;
                *stars += at == from + 1 && dims.p[from] == '*';
                bool last = i + 1 == k->dim_count;
                if (last != (at == dims.n))
                        return false;
                at += !last;
        }
        return at == dims.n;
}

static void dims_pattern(const struct key *k, char *out, size_t size)
{
        struct buf b;
        buf_init(&b, size);
        for (size_t i = 0; i < k->dim_count; i++)
                buf_add_format(&b, "%s%s=…", i == 0 ? "" : ";", k->dims[i]);
        text_copy(out, size, str_from(k->dim_count == 0 ? "-" : buf_text(&b)));
        buf_dispose(&b);
}

/* Told at the line of the table; the row is left out, so that one fault does not breed others. */
#define refuse(t, code, ...) (faults_tell((t)->faults, FAULT, (t)->p, (t)->item->path, (t)->line, code, __VA_ARGS__), false)

static bool take_period(struct table *t, struct row *r)
{
        struct str from = table_field(t, "valid_from"), to = table_field(t, "valid_to");
        struct error e = {0};
        r->open = to.n == 0;
        r->p.valid_to = DAY_END;
        if (day_parse(&r->p.valid_from, from, &e) != 0 || (!r->open && day_parse(&r->p.valid_to, to, &e) != 0)) {
                faults_at(t->faults, FAULT, t->p, t->item->path, t->line, &e);
                return false;
        }
        if (r->p.valid_to <= r->p.valid_from)
                return refuse(t, SB_PARAMETER_PERIOD, "%s|%.*s", r->key->name, (int)to.n, to.p);
        return true;
}

static bool take_proof(struct table *t, const struct pack *p, struct row *r)
{
        struct str source = table_field(t, "source"), evidence = table_field(t, "evidence");
        bool known = str_is(evidence, "T") || str_is(evidence, "S") || str_is(evidence, "V") || str_is(evidence, "M") ||
                     str_is(evidence, "P") || str_is(evidence, "R") || (p->demonstration && str_is(evidence, "demo"));
        bool empty = r->p.value[0] == '\0';
        if (source.n == 0 && !empty)
                return refuse(t, SB_PARAMETER_SOURCE, "%s", r->key->name);
        if (!known && !(empty && evidence.n == 0))
                return refuse(t, SB_PARAMETER_EVIDENCE, "%.*s", (int)evidence.n, evidence.p);
        return true;
}

/* The fields of the record into r; false when a fault was told. */
static bool row_take(struct pack *p, struct table *t, struct row *r)
{
        struct str key = table_field(t, "key"), dims = table_field(t, "dimensions"), value = table_field(t, "value"),
                   unit = table_field(t, "unit");
        char name[64], pattern[200];
        *r = (struct row){.owner = p, .file = t->item->path, .line = t->line};
        r->key = key.n < sizeof name ? key_find(p, text_copy(name, sizeof name, key)) : NULL;
        if (r->key == NULL)
                return refuse(t, SB_PARAMETER_UNKNOWN, "%.*s", (int)key.n, key.p);
        if (!dims_fit(r->key, dims, &r->stars)) {
                dims_pattern(r->key, pattern, sizeof pattern);
                return refuse(t, SB_PARAMETER_DIMENSIONS, "%.*s|%s|%s", (int)dims.n, dims.p, r->key->name, pattern);
        }
        if (!is_listed(r->key->units, unit))
                return refuse(t, SB_PARAMETER_UNIT, "%.*s|%s|%s", (int)unit.n, unit.p, r->key->name, r->key->units);
        if (value.n > 0 && !value_fits(r->key, value))
                return refuse(t, SB_PARAMETER_VALUE, "%.*s|%s|%s", (int)value.n, value.p, r->key->name, kind_text(r->key));
        r->p = (struct parameter){.key = r->key->name,
                                  .dims = pack_keep(p, dims),
                                  .value = pack_keep(p, value),
                                  .unit = unit_find(p, unit)->name,
                                  .source = pack_keep(p, table_field(t, "source")),
                                  .evidence = pack_keep(p, table_field(t, "evidence")),
                                  .pack = p->name};
        return take_period(t, r) && take_proof(t, p, r);
}

/* What a figure is worth knowing for: unchecked, not known, or disputed. */
static void row_remark(struct table *t, const struct row *r)
{
        char from[16];
        struct str conflict = table_field(t, "conflict");
        const char *dims = r->p.dims[0] == '\0' ? "-" : r->p.dims;
        if (r->p.value[0] == '\0')
                faults_tell(t->faults, WARNING, t->p, t->item->path, t->line, SB_PARAMETER_EMPTY, "%s|%s|%s", r->p.key, dims,
                            day_text(r->p.valid_from, from));
        else if (strchr("MPR", r->p.evidence[0]) != NULL && r->p.evidence[0] != '\0' && r->p.evidence[1] == '\0')
                faults_tell(t->faults, NOTE, t->p, t->item->path, t->line, SB_PARAMETER_UNCHECKED, "%s|%s", r->p.key, dims);
        if (conflict.n > 0)
                faults_tell(t->faults, NOTE, t->p, t->item->path, t->line, SB_PACK_CONFLICT, "%s|%s|%.*s", r->p.key, dims,
                            (int)(conflict.n > 300 ? 300 : conflict.n), conflict.p);
}

struct rows {
        struct row *at;
        size_t count, room;
};

static int rows_add(struct rows *rows, const struct row *r, struct error *err)
{
        if (rows->count == rows->room) {
                size_t room = rows->room == 0 ? 256 : rows->room * 2;
                struct row *at = realloc(rows->at, room * sizeof *at);
                if (at == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                rows->at = at;
                rows->room = room;
        }
        rows->at[rows->count++] = *r;
        return 0;
}

static int file_take(struct pack *p, const struct pack_item *item, struct rows *own, struct faults *f, struct error *err)
{
        static const char *const columns[] = {"key",      "dimensions", "value",    "unit", "valid_from",
                                              "valid_to", "source",     "evidence", NULL};
        struct table t;
        struct row r;
        int rc = 0;
        bool open = table_open(&t, p, item, columns, f);
        while (rc == 0 && open && table_next(&t)) {
                if (!row_take(p, &t, &r))
                        continue;
                row_remark(&t, &r);
                rc = rows_add(own, &r, err);
        }
        table_close(&t);
        return rc;
}

static bool is_removed(const struct pack *p, const struct row *r, json_t **by)
{
        const json_t *removals = json_object_get(p->manifest, "removals");
        json_t *removal;
        char from[16];
        size_t i;
        json_array_foreach(removals, i, removal)
        {
                const char *dims = json_string_value(json_object_get(removal, "dimensions"));
                const char *day = json_string_value(json_object_get(removal, "valid_from"));
                if (strcmp(json_string_value(json_object_get(removal, "key")), r->p.key) == 0 &&
                    (dims == NULL || strcmp(dims, r->p.dims) == 0) &&
                    (day == NULL || strcmp(day, day_text(r->p.valid_from, from)) == 0)) {
                        *by = removal;
                        return true;
                }
        }
        return false;
}

/* Each removal must remove something, and nothing that is a limit. */
static void removals_check(const struct pack *p, struct faults *f)
{
        const json_t *removals = json_object_get(p->manifest, "removals");
        json_t *removal, *by = NULL;
        size_t i;
        json_array_foreach(removals, i, removal)
        {
                bool found = false, limit = false;
                for (size_t k = 0; p->parent != NULL && k < p->parent->row_count; k++) {
                        const struct row *r = &p->parent->rows[k];
                        if (is_removed(p, r, &by) && by == removal) {
                                found = true;
                                limit = limit || r->key->limit != LIMIT_NONE;
                        }
                }
                const char *dims = json_string_value(json_object_get(removal, "dimensions"));
                const char *day = json_string_value(json_object_get(removal, "valid_from"));
                if (!found || limit)
                        faults_tell(f, FAULT, p, "pack.json", 0, SB_PACK_REMOVAL, "%s|%s|%s|%s",
                                    json_string_value(json_object_get(removal, "key")), dims == NULL ? "*" : dims,
                                    day == NULL ? "*" : day,
                                    limit ? ERROR_BOTH("it is a limit of the parent", "属于上级规定的限值")
                                          : ERROR_BOTH("the parent has no such figure", "上级没有该数值"));
        }
}

/* Same figure given twice in one pack. */
static void twice_check(const struct pack *p, struct rows *own, struct faults *f)
{
        size_t kept = 0;
        for (size_t i = 0; i < own->count; i++) {
                const struct row *r = &own->at[i];
                if (kept > 0 && row_compare(&own->at[kept - 1], r) == 0) {
                        faults_tell(f, FAULT, p, r->file, r->line, SB_PACK_TWICE, "%s %s|%s:%zu", r->p.key, r->p.dims,
                                    own->at[kept - 1].file, own->at[kept - 1].line);
                        continue;
                }
                own->at[kept++] = *r;
        }
        own->count = kept;
}

/* Inherited figures that are neither removed nor replaced, and the own ones; open ends closed by
 * what follows. */
static int rows_merge(struct pack *p, const struct rows *own, struct error *err)
{
        size_t inherited = p->parent == NULL ? 0 : p->parent->row_count, n = 0;
        json_t *by;
        p->rows = calloc(inherited + own->count + 1, sizeof *p->rows);
        p->views = calloc(inherited + own->count + 1, sizeof *p->views);
        if (p->rows == NULL || p->views == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < inherited; i++) {
                const struct row *r = &p->parent->rows[i];
                bool replaced = own->count > 0 && bsearch(r, own->at, own->count, sizeof *r, row_compare) != NULL;
                if (!replaced && !is_removed(p, r, &by))
                        p->rows[n++] = *r;
        }
        for (size_t i = 0; i < own->count; i++)
                p->rows[n++] = own->at[i];
        p->row_count = n;
        if (n > 1)
                qsort(p->rows, n, sizeof *p->rows, row_compare);
        for (size_t i = 0; i < n; i++) {
                struct row *r = &p->rows[i];
                bool followed = i + 1 < n && compare_names(&r->p, &p->rows[i + 1].p) == 0;
                if (r->open)
                        r->p.valid_to = followed ? p->rows[i + 1].p.valid_from : DAY_END;
                p->views[i] = r->p;
        }
        return 0;
}

int parameters_read(struct pack *p, struct faults *f, struct error *err)
{
        struct rows own = {0};
        int rc = 0;
        for (size_t i = 0; rc == 0 && i < p->item_count; i++) {
                const char *path = p->items[i].path;
                size_t n = strlen(path);
                if (strncmp(path, "parameters/", 11) == 0 && n > 4 && strcmp(path + n - 4, ".csv") == 0)
                        rc = file_take(p, &p->items[i], &own, f, err);
        }
        if (rc == 0 && own.count > 1) {
                qsort(own.at, own.count, sizeof *own.at, row_compare);
                twice_check(p, &own, f);
        }
        if (rc == 0) {
                removals_check(p, f);
                rc = rows_merge(p, &own, err);
        }
        free(own.at);
        return rc;
}

/* First row of the key and dims (dims NULL: of the key). */
static size_t lower_bound(const struct pack *p, const char *key, const char *dims)
{
        size_t lo = 0, hi = p->row_count;
        while (lo < hi) {
                size_t mid = lo + (hi - lo) / 2;
                int c = strcmp(p->rows[mid].p.key, key);
                if (c == 0 && dims != NULL)
                        c = strcmp(p->rows[mid].p.dims, dims);
                if (c < 0)
                        lo = mid + 1;
                else
                        hi = mid;
        }
        return lo;
}

/* Does "a=*;b=2" stand for "a=1;b=2"? */
static bool dims_match(const char *pattern, const char *dims)
{
        while (*pattern != '\0' && *dims != '\0') {
                if (*pattern == *dims) {
                        pattern++;
                        dims++;
                } else if (*pattern == '*') {
                        dims += strcspn(dims, ";");
                        pattern++;
                } else {
                        return false;
                }
        }
        return *pattern == *dims;
}

static bool in_force(const struct row *r, day_t day)
{
        return r->p.valid_from <= day && day < r->p.valid_to;
}

static const struct row *row_find(const struct pack *p, const char *key, const char *dims, day_t day)
{
        for (size_t i = lower_bound(p, key, dims); i < p->row_count; i++) {
                const struct row *r = &p->rows[i];
                if (strcmp(r->p.key, key) != 0 || strcmp(r->p.dims, dims) != 0)
                        break;
                if (in_force(r, day))
                        return r;
        }
        const struct row *best = NULL;
        for (size_t i = lower_bound(p, key, NULL); i < p->row_count && strcmp(p->rows[i].p.key, key) == 0; i++) {
                const struct row *r = &p->rows[i];
                if (r->stars > 0 && in_force(r, day) && dims_match(r->p.dims, dims) && (best == NULL || r->stars < best->stars))
                        best = r;
        }
        return best;
}

int pack_parameter(const struct pack *p, const char *key, const char *dims, day_t day, const struct parameter **out,
                   struct error *err)
{
        char text[16], pattern[200];
        unsigned stars;
        const struct row *r = row_find(p, key, dims, day);
        if (r != NULL && r->p.value[0] != '\0') {
                *out = &r->p;
                return 0;
        }
        const struct key *k = key_find(p, key);
        if (k == NULL)
                return error_raise(err, SB_PARAMETER_UNKNOWN, "%.80s", key);
        if (!dims_fit(k, str_from(dims), &stars)) {
                dims_pattern(k, pattern, sizeof pattern);
                return error_raise(err, SB_PARAMETER_DIMENSIONS, "%.100s|%s|%s", dims, key, pattern);
        }
        return error_raise(err, SB_PARAMETER_MISSING, "%s|%.100s|%s|%s", key, dims[0] == '\0' ? "-" : dims, day_text(day, text),
                           p->name);
}

size_t pack_parameters(const struct pack *p, const char *key, const struct parameter **out)
{
        size_t first = lower_bound(p, key, NULL), n = 0;
        while (first + n < p->row_count && strcmp(p->rows[first + n].p.key, key) == 0)
                n++;
        *out = p->views + first;
        return n;
}
