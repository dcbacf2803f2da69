/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines as they are handed in: JSON of the page, or the rows of a CSV, which become the same objects.
 */
#include "office/roster/roster.h"

#include "base/csv.h"
#include "office/json.h"

#include <stdlib.h>
#include <string.h>

static const char *const COLUMNS[] = {"act", "id_number", "number", "name", "day", "wage", "category", "telephone", "reason"};
#define COLUMN_COUNT (sizeof COLUMNS / sizeof COLUMNS[0])
#define CELL_MAX 400

static int limit_refuse(struct error *err)
{
        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the lines of a batch", "批次的行数"), ROSTER_LINES);
}

static int row_take(json_t *lines, const int columns[COLUMN_COUNT], const struct str *fields, size_t count, struct error *err)
{
        json_t *o = json_object();

        if (json_array_size(lines) >= ROSTER_LINES) {
                json_decref(o);
                return limit_refuse(err);
        }
        for (size_t i = 0; i < COLUMN_COUNT; i++) {
                int k = columns[i];
                struct str cell = k < 0 || (size_t)k >= count ? (struct str){"", 0} : str_trim(fields[k]);
                if (cell.n > CELL_MAX)
                        cell.n = CELL_MAX;
                if (cell.n > 0)
                        put_str(o, COLUMNS[i], cell);
        }
        return o == NULL || json_array_append_new(lines, o) < 0 ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int csv_lines(struct call *c, const char *encoding, json_t *lines, struct error *err)
{
        struct csv_reader *r = NULL;
        const struct str *fields;
        int columns[COLUMN_COUNT] = {0};
        size_t count;
        int rc = csv_open_text(&r, c->body, strcmp(encoding, "gb18030") == 0 ? CSV_GB18030 : CSV_UTF8, err);

        if (rc == 0)
                rc = csv_header(r, err);
        for (size_t i = 0; rc == 0 && i < COLUMN_COUNT; i++)
                columns[i] = csv_column(r, COLUMNS[i]);
        if (rc == 0 && (csv_column(r, "day") < 0 || (csv_column(r, "id_number") < 0 && csv_column(r, "number") < 0)))
                rc = error_raise(err, SB_IMPORT_COLUMN, "%s|%s", csv_column(r, "day") < 0 ? "day" : "id_number",
                                 "act, id_number, name, day, wage");
        while (rc == 0 && (rc = csv_next(r, &fields, &count, err)) == 1)
                rc = row_take(lines, columns, fields, count, err);
        csv_close(r);
        return rc;
}

static int lines_make(struct roster *r, const json_t *lines, bool joins, struct error *err)
{
        json_t *line;
        size_t i;

        if (json_array_size(lines) > ROSTER_LINES)
                return limit_refuse(err);
        if (json_array_size(lines) == 0) {
                error_raise(err, SB_CONTRIBUTION_NO_LINES, "%s", "");
                return error_where(err, "lines");
        }
        r->lines = calloc(json_array_size(lines), sizeof *r->lines);
        if (r->lines == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        json_array_foreach(lines, i, line)
        {
                const char *act = json_text(line, "act");
                r->lines[r->count++] =
                    (struct roster_line){.in = line, .joins = strcmp(act, "join") == 0 || (act[0] == '\0' && joins)};
        }
        return 0;
}

int roster_read(struct roster *r, struct call *c, const json_t *in, struct error *err)
{
        const json_t *lines = json_object_get(in, "lines");
        int rc = 0;

        *r = (struct roster){.call = c, .note = json_text(in, "note")};
        r->employer.id = json_int_or(in, "employer", 0);
        if (c->body.n > 0) {
                lines = r->owned = json_array();
                rc = r->owned == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                      : csv_lines(c, json_text_or(in, "encoding", "utf-8"), r->owned, err);
        }
        if (rc == 0)
                rc = lines_make(r, lines, strcmp(json_text_or(in, "act", "join"), "leave") != 0, err);
        if (rc < 0)
                roster_dispose(r);
        return rc;
}

void roster_dispose(struct roster *r)
{
        for (size_t i = 0; i < r->count; i++) {
                json_decref(r->lines[i].faults);
                json_decref(r->lines[i].notices);
        }
        if (r->lines != NULL)
                explicit_bzero(r->lines, r->count * sizeof *r->lines);
        free(r->lines);
        json_decref(r->owned);
        json_decref(r->totals);
        r->lines = NULL;
        r->owned = r->totals = NULL;
        r->count = 0;
}

int roster_finding(json_t **list, const char *field, const struct error *why, struct error *err)
{
        char name[8], zh[512], en[512];
        json_t *o = json_object();

        if (*list == NULL)
                *list = json_array();
        put_text(o, "field", field);
        put_text(o, "code", error_name(why->code, name));
        put_text(o, "zh", error_text(why, LANG_ZH, zh, sizeof zh));
        put_text(o, "en", error_text(why, LANG_EN, en, sizeof en));
        return o == NULL || json_array_append_new(*list, o) < 0 ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}
