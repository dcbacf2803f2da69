/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_internal.h"

#include <stdlib.h>
#include <string.h>

bool table_open(struct table *t, const struct pack *p, const struct pack_item *item, const char *const *columns,
                struct faults *f)
{
        struct error e = {0};
        bool good = true;
        *t = (struct table){.p = p, .item = item, .faults = f};
        if (csv_open_text(&t->csv, item->bytes, CSV_UTF8, &e) != 0 || csv_header(t->csv, &e) != 0) {
                faults_at(f, FAULT, p, item->path, 0, &e);
                return false;
        }
        for (; columns != NULL && *columns != NULL; columns++) {
                if (csv_column(t->csv, *columns) < 0) {
                        faults_tell(f, FAULT, p, item->path, 1, SB_PACK_COLUMN, "%s", *columns);
                        good = false;
                }
        }
        return good;
}

/* A record of the wrong width is told and passed over; any other fault of CSV ends the table. */
bool table_next(struct table *t)
{
        for (;;) {
                struct error e = {0};
                t->fields = NULL;
                int rc = csv_next(t->csv, &t->fields, &t->count, &e);
                t->line = csv_line(t->csv);
                if (rc == 1)
                        return true;
                if (rc == 0)
                        return false;
                bool width = e.code == SB_CSV_SYNTAX && t->fields != NULL && t->count != csv_columns(t->csv);
                faults_at(t->faults, FAULT, t->p, t->item->path, t->line, &e);
                if (!width)
                        return false;
        }
}

struct str table_field(const struct table *t, const char *column)
{
        int i = csv_column(t->csv, column);
        if (i < 0 || (size_t)i >= t->count)
                return (struct str){"", 0};
        return str_trim(t->fields[i]);
}

void table_close(struct table *t)
{
        csv_close(t->csv);
        t->csv = NULL;
}

static int row_object(const struct table *t, json_t **out, struct error *err)
{
        json_t *o = json_object();
        int rc = o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        for (size_t i = 0; rc == 0 && i < csv_columns(t->csv) && i < t->count; i++)
                rc = json_put(o, csv_column_name(t->csv, i), json_stringn(t->fields[i].p, t->fields[i].n), err);
        if (rc == 0) {
                *out = o;
                o = NULL;
        }
        json_decref(o);
        return rc;
}

int table_rows(struct table *t, bool lines, json_t *rows, struct error *err)
{
        int rc = 0;

        while (rc == 0 && table_next(t)) {
                json_t *row = NULL;
                rc = row_object(t, &row, err);
                if (rc == 0 && lines)
                        rc = json_put_int(row, "line", (int64_t)t->line, err);
                if (rc == 0 && json_array_append(rows, row) != 0)
                        rc = error_raise(err, SB_MEMORY, "%s", "");
                json_decref(row);
        }
        return rc;
}

int pack_table(const struct pack *p, const char *file, json_t **out, struct error *err)
{
        const struct pack *owner;
        const struct pack_item *item = files_nearest(p, file, &owner);
        if (item == NULL)
                return error_raise(err, SB_PACK_FILE, "%s|%.150s", p->name, file);
        struct error spare = {0};
        struct faults f = {.first = err == NULL ? &spare : err};
        struct table t;
        json_t *rows = json_array();
        int rc = rows == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        if (rc == 0 && table_open(&t, owner, item, NULL, &f))
                rc = table_rows(&t, false, rows, err);
        if (rows != NULL)
                table_close(&t);
        if (rc == 0 && f.errors > 0)
                rc = ERR;
        if (rc == 0) {
                *out = rows;
                rows = NULL;
        }
        json_decref(rows);
        return rc;
}

int pack_table_maybe(const struct pack *p, const char *file, json_t **out, struct error *err)
{
        const struct pack *owner;

        *out = NULL;
        if (files_nearest(p, file, &owner) != NULL)
                return pack_table(p, file, out, err);
        *out = json_array();
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}
