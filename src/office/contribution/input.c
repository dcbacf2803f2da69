/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"
#include "office/contribution/contribution.h"
#include "office/json.h"

#include <stdlib.h>
#include <string.h>

#define MONTHS_BACK 12

void declaration_input_dispose(struct declaration_input *d)
{
        if (d->lines != NULL)
                explicit_bzero(d->lines, d->count * sizeof *d->lines);
        free(d->lines);
        d->lines = NULL;
        d->count = 0;
}

static int wage_check(fen_t wage, struct error *err)
{
        char text[24];

        return wage >= 0 && wage <= WAGE_MAX ? 0 : error_raise(err, SB_CONTRIBUTION_WAGE, "%s", money_text(wage, text));
}

/* The place is the line's, whatever a parser below said of its own. */
static int line_error(struct error *err, size_t i, const char *field)
{
        if (err != NULL)
                err->where[0] = '\0';
        return error_where(err, "lines[%zu].%s", i, field);
}

static int lines_limit(struct error *err)
{
        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the lines of a declaration", "申报明细行数"), LINES_MAX);
}

static int lines_from_json(const json_t *in, struct declaration_input *out, struct error *err)
{
        const json_t *lines;
        json_t *line;
        size_t i;
        int rc = json_get_array(in, "lines", true, &lines, err);

        if (rc < 0)
                return rc;
        if (json_array_size(lines) > LINES_MAX)
                return lines_limit(err);
        out->lines = calloc(json_array_size(lines) + 1, sizeof *out->lines);
        if (out->lines == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        json_array_foreach(lines, i, line)
        {
                struct declared *d = &out->lines[out->count++];
                const char *field = "person";
                rc = json_get_int(line, "person", true, &d->person, err);
                if (rc == 0) {
                        field = "wage";
                        rc = json_get_money(line, "wage", true, &d->wage, err);
                }
                if (rc == 0)
                        rc = wage_check(d->wage, err);
                if (rc < 0)
                        return line_error(err, i, field);
        }
        return 0;
}

/* --- CSV --------------------------------------------------------------------------------------------------------------- */

struct csv_lines {
        struct call *call;
        struct declaration_input *out;
        size_t cap;
        int id_column, number_column, wage_column;
        char (*ids)[24]; /* identity numbers that wait to be looked up */
};

static int lines_grow(struct csv_lines *x, struct error *err)
{
        size_t cap = x->cap == 0 ? 64 : 2 * x->cap;

        if (x->out->count >= LINES_MAX)
                return lines_limit(err);
        if (x->out->count < x->cap)
                return 0;
        void *lines = realloc(x->out->lines, cap * sizeof *x->out->lines);
        if (lines != NULL)
                x->out->lines = lines;
        void *ids = lines == NULL ? NULL : realloc(x->ids, cap * sizeof *x->ids);
        if (ids == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        x->ids = ids;
        x->cap = cap;
        return 0;
}

static struct str cell(const struct str *fields, size_t count, int column)
{
        return column >= 0 && (size_t)column < count ? str_trim(fields[column]) : STR("");
}

static int csv_line_take(struct csv_lines *x, const struct str *fields, size_t count, struct error *err)
{
        size_t i = x->out->count;
        char prefix;
        int home;
        int rc = lines_grow(x, err);

        if (rc < 0)
                return rc;
        struct declared *d = &x->out->lines[x->out->count++];
        memset(d, 0, sizeof *d);
        x->ids[i][0] = '\0';
        const char *field = x->id_column >= 0 ? "id_number" : "number";
        if (x->id_column >= 0) {
                struct str id = cell(fields, count, x->id_column);
                rc = id_number_check(id, NULL, NULL, err);
                if (rc == 0)
                        text_copy(x->ids[i], sizeof x->ids[i], id);
        } else {
                rc = readable_parse(cell(fields, count, x->number_column), &prefix, &home, &d->person, err);
        }
        if (rc == 0) {
                field = "wage";
                rc = money_parse(&d->wage, cell(fields, count, x->wage_column), err);
        }
        if (rc == 0)
                rc = wage_check(d->wage, err);
        return rc < 0 ? line_error(err, i, field) : 0;
}

static int ids_resolve(struct tx *tx, void *ctx, struct error *err)
{
        struct csv_lines *x = ctx;
        int32_t home;

        for (size_t i = 0; i < x->out->count; i++) {
                if (x->ids[i][0] == '\0')
                        continue;
                int rc = person_find(tx, x->call->house, str_from(x->ids[i]), &home, &x->out->lines[i].person, err);
                if (rc == 0)
                        rc = error_raise(err, SB_IMPORT_PERSON, "%s", "");
                if (rc < 0)
                        return line_error(err, i, "id_number");
        }
        return 0;
}

static int lines_from_csv(struct call *c, const json_t *in, struct declaration_input *out, struct error *err)
{
        struct csv_lines x = {.call = c, .out = out};
        struct csv_reader *r = NULL;
        const struct str *fields;
        size_t count;
        const char *encoding = "utf-8";
        int rc = json_get_text(in, "encoding", false, &encoding, err);

        if (rc == 0)
                rc = csv_open_text(&r, c->body, strcmp(encoding, "gb18030") == 0 ? CSV_GB18030 : CSV_UTF8, err);
        if (rc == 0)
                rc = csv_header(r, err);
        if (rc == 0) {
                x.id_column = csv_column(r, "id_number");
                x.number_column = csv_column(r, "number");
                x.wage_column = csv_column(r, "wage");
                if ((x.id_column < 0 && x.number_column < 0) || x.wage_column < 0)
                        rc = error_raise(err, SB_IMPORT_COLUMN, "%s|%s", x.wage_column < 0 ? "wage" : "id_number",
                                         "id_number, wage");
        }
        while (rc == 0 && (rc = csv_next(r, &fields, &count, err)) == 1)
                rc = csv_line_take(&x, fields, count, err);
        if (rc == 0)
                rc = store_read(c->house->store, ids_resolve, &x, err);
        csv_close(r);
        if (x.ids != NULL)
                explicit_bzero(x.ids, x.cap * sizeof *x.ids);
        free(x.ids);
        return rc;
}

int declaration_input_read(struct call *c, const json_t *in, struct declaration_input *out, struct error *err)
{
        char from[16], to[16], month[16];
        month_t now = month_of(clock_today(c->house->clock));

        memset(out, 0, sizeof *out);
        out->channel = c->body.n > 0 ? "csv" : "form";
        int rc = json_get_int(in, "employer", true, &out->employer, err);
        if (rc == 0)
                rc = json_get_month(in, "month", true, &out->month, err);
        if (rc == 0)
                rc = json_get_text(in, "channel", false, &out->channel, err);
        if (rc == 0 && (out->month > now || out->month < now - MONTHS_BACK)) {
                error_raise(err, SB_CONTRIBUTION_MONTH, "%s|%s|%s", month_text(out->month, month),
                            month_text(now - MONTHS_BACK, from), month_text(now, to));
                rc = error_where(err, "month");
        }
        if (rc == 0)
                rc = c->body.n > 0 ? lines_from_csv(c, in, out, err) : lines_from_json(in, out, err);
        if (rc == 0 && out->count == 0) {
                error_raise(err, SB_CONTRIBUTION_NO_LINES, "%s", "");
                rc = error_where(err, "lines");
        }
        if (rc < 0)
                declaration_input_dispose(out);
        return rc;
}

/* --- check against the registry ------------------------------------------------------------------------------------------ */

static int employed(struct tx *tx, struct house *h, const struct declaration_input *d, int64_t person, struct error *err)
{
        struct stmt *q;

        return tx_one(
            &q, tx, err,
            "SELECT 1 FROM employment WHERE home = ?1@int AND person = ?2@int AND employer_home = ?1@int AND employer = "
            "?3@int AND known_to = ?4@int AND valid_from <= ?6@int AND valid_to > ?5@int",
            "iiiiii", (int64_t)h->home, person, d->employer, (int64_t)INSTANT_END, (int64_t)month_first(d->month),
            (int64_t)month_last(d->month));
}

static int line_check(struct tx *tx, struct call *c, const struct declaration_input *d, struct declared *line,
                      struct error *err)
{
        struct person p;
        char month[16];
        int rc = person_read(tx, c->house, c->house->home, line->person, &p, err);

        if (rc < 0)
                return rc;
        text_copy(line->name, sizeof line->name, str_from(p.name));
        rc = employed(tx, c->house, d, line->person, err);
        if (rc == 0 || (rc == 1 && p.death < month_first(d->month)))
                rc = error_raise(err, SB_CONTRIBUTION_WORKER, "%s|%s", p.name, month_text(d->month, month));
        person_dispose(&p);
        return rc < 0 ? rc : 0;
}

static int compare_persons(const void *a, const void *b)
{
        const struct declared *const *x = a, *const *y = b;

        if ((*x)->person != (*y)->person)
                return (*x)->person < (*y)->person ? -1 : 1;
        return *x < *y ? -1 : *x > *y;
}

/* Mark the lines that name a worker a second time. */
static int mark_twice(const struct declaration_input *d, bool *marks, struct error *err)
{
        const struct declared **order = calloc(d->count + 1, sizeof *order);

        if (order == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < d->count; i++)
                order[i] = &d->lines[i];
        qsort(order, d->count, sizeof *order, compare_persons);
        for (size_t i = 1; i < d->count; i++)
                if (order[i]->person == order[i - 1]->person)
                        marks[order[i] - d->lines] = true;
        free(order);
        return 0;
}

static void fault_add(json_t *faults, const struct error *fault, enum lang lang)
{
        char name[8], text[512];
        json_t *o = json_object();

        put_text(o, "where", fault->where);
        put_text(o, "code", error_name(fault->code, name));
        put_text(o, "text", error_text(fault, lang, text, sizeof text));
        json_array_append_new(faults, o);
}

int declaration_input_check(struct tx *tx, struct call *c, struct declaration_input *d, json_t *faults, struct error *err)
{
        bool *marks = calloc(d->count + 1, sizeof *marks);
        int rc = marks == NULL ? error_raise(err, SB_MEMORY, "%s", "") : mark_twice(d, marks, err);

        for (size_t i = 0; rc == 0 && i < d->count; i++) {
                struct error fault = {0};
                rc = line_check(tx, c, d, &d->lines[i], &fault);
                if (rc == 0 && marks[i])
                        rc = error_raise(&fault, SB_CONTRIBUTION_TWICE, "%s", d->lines[i].name);
                if (rc == 0)
                        continue;
                line_error(&fault, i, "person");
                if (rc == ERR && faults != NULL && error_http(fault.code) < 500) {
                        fault_add(faults, &fault, c->who.lang);
                        rc = 0;
                } else {
                        *err = fault;
                }
        }
        free(marks);
        return rc;
}
