/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of a layout among each other: no two of one name, no byte twice and none unsaid, totals of fields that are there.
 */
#include "engine/layout/layout_internal.h"

#include <string.h>

#define TABLE "layout_fields.csv"

struct field *field_find(const struct layout *l, enum record r, const char *name)
{
        for (size_t i = 0; i < l->count[r]; i++)
                if (strcmp(l->fields[r][i].name, name) == 0)
                        return &l->fields[r][i];
        return NULL;
}

size_t field_column(const struct layout *l, enum record r, const struct field *f)
{
        return l->fixed ? f->from : (size_t)(f - l->fields[r]) + 1;
}

static void twice_judge(const struct layout *l, enum record r, size_t i, struct telling *t)
{
        const struct field *f = &l->fields[r][i];

        for (size_t k = 0; k < i; k++) {
                const struct field *g = &l->fields[r][k];
                if (strcmp(g->name, f->name) == 0)
                        tell(t, TABLE, f->row, SB_LAYOUT_FIELD, "%s|%s|%s", f->name, l->name,
                             ERROR_BOTH("its record has two fields of this name", "同一记录中有两个同名字段"));
                if (g->order == f->order && f->order > 0)
                        tell(t, TABLE, f->row, SB_LAYOUT_FIELD, "%s|%s|%s", f->name, l->name,
                             ERROR_BOTH("another field of its record has the same order", "同一记录中有字段次序相同"));
        }
}

static void places_judge(struct layout *l, enum record r, struct telling *t)
{
        size_t next = 1;

        for (size_t i = 0; i < l->count[r]; i++) {
                const struct field *f = &l->fields[r][i];
                if (!l->fixed || f->from == 0 || f->length == 0)
                        continue;
                if (f->from < next)
                        tell(t, TABLE, f->row, SB_LAYOUT_OVERLAP, "%s|%s|%zu", f->name, l->name, f->from);
                else if (f->from > next)
                        tell(t, TABLE, f->row, SB_LAYOUT_GAP, "%zu|%zu|%s|%s", next, f->from - 1, l->name, f->name);
                if (f->from + f->length > next)
                        next = f->from + f->length;
        }
        l->width[r] = next - 1;
}

static void total_judge(const struct layout *l, struct field *f, struct telling *t)
{
        if (f->type != SUM && f->type != HASH)
                return;
        f->of = field_find(l, LINE, f->value);
        if (f->of == NULL)
                tell(t, TABLE, f->row, SB_LAYOUT_FIELD, "%s|%s|%s", f->name, l->name,
                     ERROR_BOTH("value names no field of the lines", "value 不是明细中的字段"));
        else if (f->type == SUM && f->of->type != FEN && f->of->type != YUAN)
                tell(t, TABLE, f->row, SB_LAYOUT_FIELD, "%s|%s|%s", f->name, l->name,
                     ERROR_BOTH("only amounts are summed", "只能对金额字段求和"));
        else if (f->type == HASH && (f->of->type != DIGITS || f->of->codes != NULL))
                tell(t, TABLE, f->row, SB_LAYOUT_FIELD, "%s|%s|%s", f->name, l->name,
                     ERROR_BOTH("a hash total is made of digits", "校验合计只能由 digits 字段计算"));
}

static const struct field *first_constant(const struct layout *l, enum record r)
{
        for (size_t i = 0; i < l->count[r]; i++)
                if (l->fields[r][i].type == CONSTANT)
                        return &l->fields[r][i];
        return NULL;
}

/* Each record that there is begins its constants with another text: they tell the records apart. */
static void marks_find(struct layout *l)
{
        l->marked = true;
        for (enum record r = HEADER; r < RECORDS; r++) {
                l->marks[r] = first_constant(l, r);
                if (l->count[r] > 0 && l->marks[r] == NULL)
                        l->marked = false;
                for (enum record k = HEADER; k < r; k++)
                        if (l->marks[r] != NULL && l->marks[k] != NULL && strcmp(l->marks[r]->value, l->marks[k]->value) == 0)
                                l->marked = false;
        }
}

void fields_judge(struct layout *l, struct telling *t)
{
        for (enum record r = HEADER; r < RECORDS; r++) {
                for (size_t i = 0; i < l->count[r]; i++) {
                        twice_judge(l, r, i, t);
                        total_judge(l, &l->fields[r][i], t);
                }
                places_judge(l, r, t);
        }
        if (l->count[LINE] == 0)
                tell(t, "layouts.csv", 0, SB_LAYOUT_DECLARED, "%s|%s", l->name,
                     ERROR_BOTH("it has no fields of a line", "没有明细字段"));
        marks_find(l);
}
