/* SPDX-License-Identifier: Apache-2.0
 *
 * Frictionless table schemas: the resources of the nearest datapackage.json say which columns a
 * table has and what may stand in them (type, required, enum, pattern, minimum, maximum, unique,
 * primaryKey, foreignKeys of one field). A resource's path names its file, or its folder for a
 * table that is split over files
 * ("parameters/"). Cells are checked by the same small JSON Schema checker as the routes.
 */
#include "pack/pack_internal.h"

#include <stdlib.h>
#include <string.h>

struct column {
        const char *name;
        json_t *schema; /* of one cell, as JSON Schema */
        bool required, whole, boolean;
};

struct schema {
        const json_t *resource, *document;
        struct column columns[64];
        size_t count;
};

/* A Table Schema field as the JSON Schema of its cell. */
static int column_make(struct column *c, const json_t *field, struct error *err)
{
        static const char *const same[] = {"pattern", "enum", "minLength", "maxLength", "minimum", "maximum"};
        const char *type = json_text(field, "type"), *format = NULL;
        const json_t *constraints = json_object_get(field, "constraints");
        *c = (struct column){.name = json_text(field, "name"), .schema = json_object()};
        if (c->schema == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        c->required = json_is_true(json_object_get(constraints, "required"));
        c->whole = strcmp(type, "integer") == 0 || strcmp(type, "year") == 0;
        c->boolean = strcmp(type, "boolean") == 0;
        if (strcmp(type, "number") == 0)
                format = "decimal";
        else if (strcmp(type, "date") == 0)
                format = "date";
        else if (strcmp(type, "yearmonth") == 0)
                format = "month";
        int rc = json_put_text(c->schema, "type", c->whole ? "integer" : "string", err);
        if (rc == 0 && format != NULL)
                rc = json_put_text(c->schema, "format", format, err);
        for (size_t i = 0; rc == 0 && i < sizeof same / sizeof same[0]; i++) {
                json_t *value = json_object_get(constraints, same[i]);
                if (value != NULL)
                        rc = json_put(c->schema, same[i], json_incref(value), err);
        }
        return rc;
}

static void schema_dispose(struct schema *s)
{
        for (size_t i = 0; i < s->count; i++)
                json_decref(s->columns[i].schema);
        s->count = 0;
}

static int schema_make(struct schema *s, const json_t *document, const json_t *resource, struct error *err)
{
        const json_t *fields = json_object_get(json_object_get(resource, "schema"), "fields");
        json_t *field;
        size_t i;
        int rc = 0;
        *s = (struct schema){.resource = resource, .document = document};
        if (json_array_size(fields) > sizeof s->columns / sizeof s->columns[0])
                return error_raise(err, SB_LIMIT, "%s|%zu", json_text(resource, "name"),
                                   sizeof s->columns / sizeof s->columns[0]);
        json_array_foreach(fields, i, field)
        {
                if (rc == 0) {
                        rc = column_make(&s->columns[s->count], field, err);
                        s->count += s->columns[s->count].schema != NULL;
                }
        }
        return rc;
}

static void cell_fault(struct table *t, const struct column *c, struct str value, const char *both)
{
        faults_tell(t->faults, FAULT, t->p, t->item->path, t->line, SB_PACK_CELL, "%.*s|%s|%s",
                    (int)(value.n > 120 ? 120 : value.n), value.p, c->name, both);
}

static int cell_check(struct table *t, const struct column *c, struct error *err)
{
        struct str value = table_field(t, c->name);
        int64_t number;
        if (value.n == 0) {
                if (c->required)
                        cell_fault(t, c, value, ERROR_BOTH("it must not be empty", "不得为空"));
                return 0;
        }
        if (c->whole && !text_to_int(value, &number)) {
                cell_fault(t, c, value, ERROR_BOTH("a whole number is needed", "应为整数"));
                return 0;
        }
        if (c->boolean && !str_is(value, "true") && !str_is(value, "false")) {
                cell_fault(t, c, value, ERROR_BOTH("true or false is needed", "应为 true 或 false"));
                return 0;
        }
        struct error e = {0};
        json_t *cell = c->whole ? json_integer(number) : json_stringn(value.p, value.n);
        if (cell == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        if (json_check(c->schema, cell, &e) != 0) {
                const char *why = strchr(e.args, '\x1f');
                cell_fault(t, c, value, why == NULL ? e.args : why + 1);
        }
        json_decref(cell);
        return 0;
}

/* The values of key columns joined by a byte that no text holds. */
static struct str joined(const struct table *t, const json_t *names, struct buf *b)
{
        size_t i;
        json_t *name;
        buf_clear(b);
        if (json_is_string(names)) {
                buf_add_str(b, table_field(t, json_string_value(names)));
        } else {
                json_array_foreach(names, i, name)
                {
                        buf_add_str(b, table_field(t, json_string_value(name)));
                        buf_add_char(b, '\x1f');
                }
        }
        return (struct str){buf_text(b), b->n};
}

/* A set of texts as the members of an object. */
static bool set_has(const json_t *set, struct str s)
{
        return json_object_getn(set, s.p, s.n) != NULL;
}

static int set_add(json_t *set, struct str s, size_t line, struct error *err)
{
        if (json_object_setn_new(set, s.p, s.n, json_integer((json_int_t)line)) != 0)
                return error_raise(err, SB_MEMORY, "%s", "");
        return 0;
}

static int unique_check(struct table *t, const json_t *names, json_t *seen, struct buf *b, struct error *err)
{
        struct str key = joined(t, names, b);
        if (!set_has(seen, key))
                return set_add(seen, key, t->line, err);
        for (size_t i = 0; i < b->n; i++)
                if (b->p[i] == '\x1f')
                        b->p[i] = ' ';
        long long line = json_integer_value(json_object_getn(seen, key.p, key.n));
        faults_tell(t->faults, FAULT, t->p, t->item->path, t->line, SB_PACK_TWICE, "%.100s|%s:%lld", buf_text(b), t->item->path,
                    line);
        return 0;
}

static const json_t *resource_named(const json_t *document, const char *name)
{
        json_t *resource;
        size_t i;
        json_array_foreach(json_object_get(document, "resources"), i, resource)
        {
                if (strcmp(json_text(resource, "name"), name) == 0)
                        return resource;
        }
        return NULL;
}

/* All values of a column of the table that a foreign key refers to, as the pack sees it. */
static int targets(const struct pack *p, const char *path, const char *column, json_t *set, struct error *err)
{
        const struct pack *owner;
        const struct pack_item *item = files_nearest(p, path, &owner);
        struct faults silent = {0};
        struct table t;
        int rc = 0;
        if (item == NULL)
                return 0;
        bool open = table_open(&t, owner, item, NULL, &silent);
        while (rc == 0 && open && table_next(&t))
                rc = set_add(set, table_field(&t, column), t.line, err);
        table_close(&t);
        return rc;
}

static int foreign_check(const struct pack *p, const struct pack_item *item, const struct schema *s, const json_t *foreign,
                         struct faults *f, struct error *err)
{
        const char *column = json_text(foreign, "fields");
        const json_t *reference = json_object_get(foreign, "reference");
        const json_t *resource = json_text(reference, "resource")[0] == '\0'
                                     ? s->resource
                                     : resource_named(s->document, json_text(reference, "resource"));
        json_t *set = json_object();
        struct table t;
        int rc = set == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        if (rc == 0)
                rc = targets(p, json_text(resource, "path"), json_text(reference, "fields"), set, err);
        bool open = rc == 0 && table_open(&t, p, item, NULL, f);
        while (open && table_next(&t)) {
                struct str value = table_field(&t, column);
                if (value.n > 0 && !set_has(set, value))
                        faults_tell(f, FAULT, p, item->path, t.line, SB_PACK_CELL,
                                    "%.*s|%s|" ERROR_BOTH("it is not in %s", "在%s中不存在"),
                                    (int)(value.n > 120 ? 120 : value.n), value.p, column, json_text(resource, "path"),
                                    json_text(resource, "path"));
        }
        if (rc == 0)
                table_close(&t);
        json_decref(set);
        return rc;
}

/* A table that says how each row is known tells of those that nobody checked; figures are told of where they are read. */
static void unchecked_tell(struct table *t, const json_t *names, struct buf *b)
{
        struct str mark = table_field(t, "evidence");

        if (strncmp(t->item->path, "parameters/", 11) == 0 || !(str_is(mark, "M") || str_is(mark, "P") || str_is(mark, "R")))
                return;
        joined(t, names, b);
        for (size_t i = 0; i < b->n; i++)
                if (b->p[i] == '\x1f')
                        b->p[i] = ' ';
        faults_tell(t->faults, NOTE, t->p, t->item->path, t->line, SB_PACK_UNCHECKED, "%s|%.100s", t->item->path, buf_text(b));
}

static int rows_check(struct table *t, const struct schema *s, struct error *err)
{
        const json_t *primary = json_object_get(json_object_get(s->resource, "schema"), "primaryKey");
        json_t *seen = json_object();
        struct buf b;
        int rc = seen == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        buf_init(&b, PACK_MAX_FILE);
        while (rc == 0 && table_next(t)) {
                for (size_t i = 0; rc == 0 && i < s->count; i++)
                        rc = cell_check(t, &s->columns[i], err);
                if (rc == 0 && primary != NULL)
                        rc = unique_check(t, primary, seen, &b, err);
                if (rc == 0)
                        unchecked_tell(t, primary, &b);
        }
        buf_dispose(&b);
        json_decref(seen);
        return rc;
}

static int table_check(const struct pack *p, const struct pack_item *item, const struct schema *s, struct faults *f,
                       struct error *err)
{
        const char *columns[65];
        struct table t;
        json_t *foreign;
        size_t i, needed = 0;
        int rc = 0;
        for (i = 0; i < s->count; i++)
                if (s->columns[i].required)
                        columns[needed++] = s->columns[i].name;
        columns[needed] = NULL;
        bool open = table_open(&t, p, item, columns, f);
        if (open)
                rc = rows_check(&t, s, err);
        table_close(&t);
        json_array_foreach(json_object_get(json_object_get(s->resource, "schema"), "foreignKeys"), i, foreign)
        {
                if (rc == 0 && open)
                        rc = foreign_check(p, item, s, foreign, f, err);
        }
        return rc;
}

/* The resource whose path is the file, or the folder that it stands in. */
static const json_t *resource_of(const json_t *document, const char *path)
{
        json_t *resource;
        size_t i;
        json_array_foreach(json_object_get(document, "resources"), i, resource)
        {
                const char *name = json_text(resource, "path");
                size_t n = strlen(name);
                if (strcmp(name, path) == 0 || (n > 0 && name[n - 1] == '/' && strncmp(path, name, n) == 0))
                        return resource;
        }
        return NULL;
}

static bool is_table(const char *path)
{
        size_t n = strlen(path);
        return n > 4 && strcmp(path + n - 4, ".csv") == 0;
}

int tables_check(const struct pack *p, struct faults *f, struct error *err)
{
        const struct pack *owner = p;
        const struct pack_item *item = files_nearest(p, "datapackage.json", &owner);
        json_t *document = NULL;
        struct error e = {0};
        int rc = 0;
        if (item != NULL && json_read(&document, item->bytes, &e) != 0) {
                faults_at(f, FAULT, owner, item->path, 0, &e);
                return 0;
        }
        for (size_t i = 0; rc == 0 && item != NULL && i < p->item_count; i++) {
                const json_t *resource = is_table(p->items[i].path) ? resource_of(document, p->items[i].path) : NULL;
                struct schema s;
                if (resource == NULL)
                        continue;
                rc = schema_make(&s, document, resource, err);
                if (rc == 0)
                        rc = table_check(p, &p->items[i], &s, f, err);
                schema_dispose(&s);
        }
        json_decref(document);
        return rc;
}
