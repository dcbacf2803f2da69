/* SPDX-License-Identifier: Apache-2.0
 *
 * File layouts of a pack (layouts.csv, layout_fields.csv, layout_codes.csv of the nearest pack that has each): declared by
 * engine/layout, judged with the pack.
 */
#include "pack/pack_internal.h"

#include "engine/layout/layout.h"

#include <string.h>

#define LAYOUTS "layouts.csv"
#define FIELDS "layout_fields.csv"
#define CODES "layout_codes.csv"
#define POOLS "pools.csv"

static const char *const layout_columns[] = {"layout", "kind", "charset", "delimiter", "quote", "line_end", "decimal", NULL};
static const char *const field_columns[] = {"layout", "record", "order", "field", "title_zh", "title_en", "from", "length",
                                            "type",   "value",  "pad",   "fill",  "required", "codes",    NULL};
static const char *const pool_columns[] = {"pool", NULL};
static const char *const code_columns[] = {"list", "code", "value", NULL};

struct tables {
        json_t *layouts, *fields, *codes;
};

static void tables_drop(struct tables *t)
{
        json_decref(t->layouts);
        json_decref(t->fields);
        json_decref(t->codes);
}

/* The rows of a table with their lines; none when no pack has it. */
static int rows_read(const struct pack *p, const char *file, const char *const *columns, json_t **out, struct faults *f,
                     struct error *err)
{
        const struct pack *owner;
        const struct pack_item *item = files_nearest(p, file, &owner);
        struct table t;
        int rc = 0;

        *out = json_array();
        if (*out == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        if (item == NULL)
                return 0;
        if (table_open(&t, owner, item, columns, f))
                rc = table_rows(&t, true, *out, err);
        table_close(&t);
        return rc;
}

static int tables_read(const struct pack *p, struct tables *t, struct faults *f, struct error *err)
{
        int rc = rows_read(p, LAYOUTS, layout_columns, &t->layouts, f, err);

        if (rc == 0)
                rc = rows_read(p, FIELDS, field_columns, &t->fields, f, err);
        if (rc == 0)
                rc = rows_read(p, CODES, code_columns, &t->codes, f, err);
        return rc;
}

int pack_layout(const struct pack *p, const char *name, struct layout **out, struct error *err)
{
        struct error first = {0};
        struct faults f = {.first = &first};
        struct tables t = {NULL, NULL, NULL};
        int rc = tables_read(p, &t, &f, err);

        if (rc == 0 && f.errors > 0)
                rc = error_hand(err, &first);
        if (rc == 0)
                rc = layout_new(out, name, t.layouts, t.fields, t.codes, NULL, NULL, err);
        tables_drop(&t);
        return rc;
}

/* --- judged with the pack --------------------------------------------------------------------------------------------------- */

struct judging {
        const struct pack *pack;
        struct faults *faults;
};

static void judged(void *ctx, const char *table, size_t line, const struct error *fault)
{
        const struct judging *j = ctx;
        const struct pack *owner = j->pack;
        struct error e = *fault;

        files_nearest(j->pack, table, &owner);
        faults_at(j->faults, FAULT, owner == NULL ? j->pack : owner, table, line, &e);
}

/* Rows of fields that belong to no layout are never read: nobody would see that a name is wrong. */
static void strays_tell(const struct judging *j, const struct tables *t)
{
        json_t *row, *layout;
        size_t i, k;

        json_array_foreach(t->fields, i, row)
        {
                bool known = false;
                struct error e = {0};
                json_array_foreach(t->layouts, k, layout)
                {
                        known = known || strcmp(json_text(layout, "layout"), json_text(row, "layout")) == 0;
                }
                if (known)
                        continue;
                error_raise(&e, SB_LAYOUT_UNKNOWN, "%.80s", json_text(row, "layout"));
                judged((void *)(uintptr_t)j, FIELDS, (size_t)json_int_or(row, "line", 0), &e);
        }
}

/* What the files of payments can say (src/office/payment/bank_file.h): a layout that needs anything else could never be written. */
static bool payment_says(const char *record, const char *field)
{
        static const char *const ends[] = {"message", "payment", "pay_day", "payer", "payer_bank", "payer_account", NULL};
        static const char *const lines[] = {"reference", "name", "bank", "account", "amount", "text", NULL};
        const char *const *known = strcmp(record, "line") == 0 ? lines : ends;

        while (*known != NULL && strcmp(*known, field) != 0)
                known++;
        return *known != NULL;
}

static void field_tell(const struct judging *j, const struct layout *l, size_t line, const char *field, const char *why)
{
        struct error e = {0};

        error_raise(&e, SB_LAYOUT_FIELD, "%s|%s|%s", field, layout_name(l), why);
        judged((void *)(uintptr_t)j, POOLS, line, &e);
}

static void payment_layout_judge(const struct judging *j, const struct layout *l, size_t line)
{
        static const char *const records[] = {"header", "line", "trailer"};
        struct layout_field f;

        for (size_t k = 0; k < 3; k++)
                for (size_t i = 0; layout_field_at(l, records[k], i, &f); i++)
                        if (!f.own && f.required && !payment_says(records[k], f.name))
                                field_tell(j, l, line, f.name,
                                           ERROR_BOTH("a file of payments has no such value", "发放文件中没有这一项"));
}

/* A reason of a return by ISO 20022 (src/office/payment/bank_return.h). */
static bool return_reason(const char *value)
{
        size_t n = strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

        return n == 4 && value[n] == '\0';
}

static void results_judge(const struct judging *j, const struct layout *l, size_t line, size_t i)
{
        const char *value;
        bool paid = false;

        for (size_t k = 0; *(value = layout_code_at(l, "line", i, k)) != '\0'; k++) {
                paid = paid || strcmp(value, "paid") == 0;
                if (strcmp(value, "paid") != 0 && !return_reason(value))
                        field_tell(j, l, line, "result",
                                   ERROR_BOTH("a code of its list is neither `paid` nor a reason by ISO 20022 (AC04)",
                                              "代码表中有的值既非 paid，也非 ISO 20022 退回原因（如 AC04）"));
        }
        if (!paid)
                field_tell(j, l, line, "result", ERROR_BOTH("no code of its list is `paid`", "代码表中没有表示成功的 paid"));
}

static void return_layout_judge(const struct judging *j, const struct layout *l, size_t line)
{
        static const char *const names[] = {"reference", "amount", "result"};
        struct layout_field f;

        for (size_t k = 0; k < 3; k++) {
                size_t i = 0;
                bool found = false;
                while (!found && layout_field_at(l, "line", i, &f)) {
                        found = strcmp(f.name, names[k]) == 0;
                        i += !found;
                }
                if (!found || f.own || !f.required || f.amount != (k == 1) || f.coded != (k == 2))
                        field_tell(
                            j, l, line, names[k],
                            ERROR_BOTH("a return file needs reference, amount (fen or yuan) and result (by a list of codes) in "
                                       "each line",
                                       "回盘文件每行须有 reference、amount（fen 或 yuan）和 result（按代码表），均为必填"));
                else if (k == 2)
                        results_judge(j, l, line, i);
        }
}

typedef void layout_judge(const struct judging *j, const struct layout *l, size_t line);

static int pool_judge(const struct judging *j, const struct tables *t, const json_t *row, const char *column,
                      layout_judge *judge, struct error *err)
{
        const char *name = json_text(row, column);
        size_t line = (size_t)json_int_or(row, "line", 0);
        struct layout *l = NULL;
        struct error e = {0};
        int rc = 0;

        if (*name == '\0')
                return 0;
        if (layout_new(&l, name, t->layouts, t->fields, t->codes, NULL, NULL, &e) == 0)
                judge(j, l, line);
        else if (e.code == SB_MEMORY || e.code == SB_LIMIT)
                rc = error_hand(err, &e);
        else
                judged((void *)(uintptr_t)j, POOLS, line, &e);
        layout_free(l);
        return rc;
}

/* The layouts by which pools pay and are answered. */
static int pools_judge(const struct judging *j, const struct tables *t, struct error *err)
{
        json_t *rows = NULL, *row;
        size_t i;
        int rc = rows_read(j->pack, POOLS, pool_columns, &rows, j->faults, err);

        json_array_foreach(rows, i, row)
        {
                rc = rc ? rc : pool_judge(j, t, row, "payment_layout", payment_layout_judge, err);
                rc = rc ? rc : pool_judge(j, t, row, "return_layout", return_layout_judge, err);
        }
        json_decref(rows);
        return rc;
}

int layouts_check(const struct pack *p, struct faults *f, struct error *err)
{
        struct judging j = {p, f};
        struct tables t = {NULL, NULL, NULL};
        json_t *row;
        size_t i;
        int rc, before = f->errors;

        /* Told of the pack that holds one of the tables, or pools that pay by them; what it inherits whole was told of its parent. */
        if (files_find(p, LAYOUTS) == NULL && files_find(p, FIELDS) == NULL && files_find(p, CODES) == NULL &&
            files_find(p, POOLS) == NULL)
                return 0;
        rc = tables_read(p, &t, f, err);
        if (rc == 0 && f->errors == before) {
                json_array_foreach(t.layouts, i, row)
                {
                        struct layout *l = NULL;
                        struct error e = {0};
                        if (rc == 0 &&
                            layout_new(&l, json_text(row, "layout"), t.layouts, t.fields, t.codes, judged, &j, &e) != 0 &&
                            (e.code == SB_MEMORY || e.code == SB_LIMIT))
                                rc = error_hand(err, &e);
                        layout_free(l);
                }
                strays_tell(&j, &t);
                rc = rc ? rc : pools_judge(&j, &t, err);
        }
        tables_drop(&t);
        return rc;
}
