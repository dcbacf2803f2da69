/* SPDX-License-Identifier: Apache-2.0 */
#include "office/payment/bank_return.h"

#include "engine/layout/layout.h"
#include "office/payment/payment.h"

#include <stdlib.h>
#include <string.h>

bool bank_return_code(struct str code)
{
        for (size_t i = 0; i < code.n; i++)
                if (!((code.p[i] >= 'A' && code.p[i] <= 'Z') || (code.p[i] >= '0' && code.p[i] <= '9')))
                        return false;
        return code.n == 4;
}

/* Where a field of the lines is, from 1; 0 when the layout does not have it. */
static size_t column_of(const struct layout *l, const char *name)
{
        struct layout_field f;

        for (size_t i = 0; layout_field_at(l, "line", i, &f); i++)
                if (strcmp(f.name, name) == 0)
                        return f.own ? 0 : f.column;
        return 0;
}

static int columns_find(struct bank_return *r, const struct layout *l, struct error *err)
{
        const struct {
                const char *name;
                size_t *column;
        } fields[] = {{"reference", &r->reference_column}, {"amount", &r->amount_column}, {"result", &r->result_column}};

        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
                if ((*fields[i].column = column_of(l, fields[i].name)) == 0)
                        return error_raise(err, SB_LAYOUT_FIELD, "%s|%s|%s", fields[i].name, layout_name(l),
                                           ERROR_BOTH("a return file needs it in each line", "回盘文件每行都须有此项"));
        return 0;
}

static int line_refuse(size_t line, size_t column, const char *what, const char *why, struct error *err)
{
        int rc = error_raise(err, SB_PAYMENT_RETURN_LINE, "%.60s|%s", what, why);

        error_where(err, "%zu:%zu", line, column);
        return rc;
}

static int line_take(struct bank_return *r, struct bank_return_line *out, struct arena *a, const json_t *row, int64_t run,
                     struct error *err)
{
        const char *reference = json_text(row, "reference"), *result = json_text(row, "result");
        const json_t *amount = json_object_get(row, "amount");
        int64_t of = 0;

        if (!payment_reference_parse(reference, &of, &out->award) || of != run)
                return line_refuse(out->line, r->reference_column, reference,
                                   ERROR_BOTH("it is no payment of this run", "不是本批次的付款"), err);
        out->amount = json_integer_value(amount);
        if (!json_is_integer(amount) || out->amount <= 0 || !money_add(r->total, out->amount, &r->total))
                return line_refuse(out->line, r->amount_column, reference,
                                   ERROR_BOTH("its amount is none that can be paid", "金额不能支付"), err);
        out->code = "";
        if (strcmp(result, "paid") == 0)
                return 0;
        if (!bank_return_code(str_from(result)))
                return line_refuse(
                    out->line, r->result_column, reference,
                    ERROR_BOTH("its result is neither `paid` nor a reason of return", "处理结果既非成功，也非退回原因"), err);
        out->code = arena_text(a, str_from(result));
        if (out->code == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        r->returned++;
        r->returned_total += out->amount; /* no more than the total */
        return 0;
}

static int by_award(const void *a, const void *b)
{
        const struct bank_return_line *x = a, *y = b;

        if (x->award != y->award)
                return x->award < y->award ? -1 : 1;
        return x->line < y->line ? -1 : x->line > y->line;
}

static int lines_take(struct bank_return *r, struct arena *a, const json_t *rows, size_t before, int64_t run, struct error *err)
{
        struct bank_return_line *lines;
        char reference[48];
        const json_t *row;
        size_t i;

        r->count = json_array_size(rows);
        if (r->count == 0)
                return error_raise(err, SB_PAYMENT_RETURN, "%s", ERROR_BOTH("there is no payment in it", "文件中没有付款"));
        lines = arena_alloc(a, r->count * sizeof *lines);
        if (lines == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        json_array_foreach(rows, i, row)
        {
                lines[i] = (struct bank_return_line){.line = before + i + 1};
                if (line_take(r, &lines[i], a, row, run, err) != 0)
                        return ERR;
        }
        qsort(lines, r->count, sizeof *lines, by_award);
        for (i = 1; i < r->count; i++)
                if (lines[i].award == lines[i - 1].award)
                        return line_refuse(lines[i].line, r->reference_column,
                                           payment_reference(run, lines[i].award, reference),
                                           ERROR_BOTH("the file has it twice", "文件中重复出现"), err);
        r->lines = lines;
        return 0;
}

int bank_return_read(struct bank_return *out, struct arena *a, const struct layout *l, struct str bytes, int64_t run,
                     struct error *err)
{
        struct layout_field none;
        json_t *values = NULL;
        int rc;

        *out = (struct bank_return){.payment = ""};
        rc = columns_find(out, l, err);
        rc = rc ? rc : layout_read(l, bytes, &values, NULL, NULL, err);
        if (rc == 0) {
                const char *said = json_text(json_object_get(values, "header"), "payment");
                if (*said == '\0')
                        said = json_text(json_object_get(values, "trailer"), "payment");
                out->payment = arena_text(a, str_from(said));
                if (out->payment == NULL)
                        rc = error_raise(err, SB_MEMORY, "%s", "");
        }
        /* A header is the first line of the file. */
        rc = rc ? rc : lines_take(out, a, json_object_get(values, "lines"), layout_field_at(l, "header", 0, &none), run, err);
        json_decref(values);
        return rc;
}
