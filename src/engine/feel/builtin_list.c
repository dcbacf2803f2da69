/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of lists (DMN 1.5, 10.3.4.4). What costs more than the list is long is paid for in steps.
 */
#include "engine/feel/builtin.h"

#include <stdlib.h>
#include <string.h>

/* Pay for work that is not done node by node; false when it is too much. */
static bool pay(struct feel_machine *m, size_t steps)
{
        m->steps = (uint64_t)steps > (uint64_t)m->steps ? -1 : m->steps - (int64_t)steps;
        if (m->steps < 0)
                error_raise(m->err, SB_FEEL_STEPS, "%s", "");
        return m->steps >= 0;
}

static bool same(const struct feel_value *x, const struct feel_value *y)
{
        bool equal;

        return feel_equal(x, y, &equal) && equal;
}

BUILTIN(list_contains)
{
        UNUSED_ARGUMENTS;
        if (!pay(m, a[0].count))
                return ERR;
        for (uint32_t i = 0; i < a[0].count; i++)
                if (same(&a[0].items[i], &a[1]))
                        return give(out, feel_bool(true));
        return give(out, feel_bool(false));
}

BUILTIN(count)
{
        UNUSED_ARGUMENTS;
        return give(out, feel_int(a[0].count));
}

static int extreme(struct feel_machine *m, const struct feel_builtin *f, const struct feel_value *list, int sign,
                   struct feel_value *out)
{
        int order;

        if (list->count == 0)
                return builtin_bad(m, f, out);
        struct feel_value best = list->items[0];
        if (!feel_compare(&best, &best, &order))
                return builtin_bad(m, f, out);
        for (uint32_t i = 1; i < list->count; i++) {
                if (!feel_compare(&list->items[i], &best, &order))
                        return builtin_bad(m, f, out);
                if (order * sign > 0)
                        best = list->items[i];
        }
        return give(out, best);
}

BUILTIN(min)
{
        UNUSED_ARGUMENTS;
        return extreme(m, f, &a[0], -1, out);
}

BUILTIN(max)
{
        UNUSED_ARGUMENTS;
        return extreme(m, f, &a[0], 1, out);
}

/* The sum of numbers, or of durations of one kind. */
static bool total(struct feel_machine *m, const struct feel_value *list, struct feel_value *sum)
{
        unsigned diagnostics = m->diagnostics;

        if (list->count == 0)
                return false;
        *sum = list->items[0];
        for (uint32_t i = 1; i < list->count; i++) {
                const struct feel_value *v = &list->items[i];
                if (v->kind == FEEL_NUMBER && sum->kind == FEEL_NUMBER) {
                        if (!decimal_add(&sum->number, sum->number, v->number))
                                return false;
                } else if (v->kind != sum->kind || (v->kind != FEEL_DAYS && v->kind != FEEL_MONTHS)) {
                        return false;
                } else {
                        struct feel_value left = *sum;
                        feel_arithmetic(m, OP_ADD, &left, v, sum);
                }
        }
        return m->diagnostics == diagnostics &&
               (sum->kind == FEEL_NUMBER || sum->kind == FEEL_DAYS || sum->kind == FEEL_MONTHS);
}

BUILTIN(sum)
{
        struct feel_value sum;

        UNUSED_ARGUMENTS;
        return total(m, &a[0], &sum) ? give(out, sum) : builtin_bad(m, f, out);
}

BUILTIN(mean)
{
        struct feel_value sum, count = feel_int(a[0].count);

        UNUSED_ARGUMENTS;
        if (!total(m, &a[0], &sum))
                return builtin_bad(m, f, out);
        feel_arithmetic(m, OP_DIVIDE, &sum, &count, out);
        return 0;
}

BUILTIN(product)
{
        struct decimal d = decimal_from_int(1);

        UNUSED_ARGUMENTS;
        if (a[0].count == 0)
                return builtin_bad(m, f, out);
        for (uint32_t i = 0; i < a[0].count; i++)
                if (a[0].items[i].kind != FEEL_NUMBER || !decimal_mul(&d, d, a[0].items[i].number))
                        return builtin_bad(m, f, out);
        return give(out, feel_number(d));
}

/* all and any: `ends` decides alone; otherwise what is no boolean makes the answer null. */
static int joined(struct feel_machine *m, const struct feel_builtin *f, const struct feel_value *list, bool ends,
                  struct feel_value *out)
{
        bool unknown = false, wrong = false;

        for (uint32_t i = 0; i < list->count; i++) {
                const struct feel_value *v = &list->items[i];
                if (v->kind == FEEL_BOOLEAN && v->boolean == ends)
                        return give(out, *v);
                unknown = unknown || v->kind == FEEL_NULL;
                wrong = wrong || (v->kind != FEEL_NULL && v->kind != FEEL_BOOLEAN);
        }
        if (wrong)
                return builtin_bad(m, f, out);
        return give(out, unknown ? feel_nothing() : feel_bool(!ends));
}

BUILTIN(all)
{
        UNUSED_ARGUMENTS;
        return joined(m, f, &a[0], false, out);
}

BUILTIN(any)
{
        UNUSED_ARGUMENTS;
        return joined(m, f, &a[0], true, out);
}

static int by_order(const void *x, const void *y)
{
        int order = 0;

        feel_compare(x, y, &order);
        return order;
}

/* A sorted copy of a list of numbers; NULL when an item is none, or memory is used up. */
static struct feel_value *sorted_numbers(struct feel_machine *m, const struct feel_value *list)
{
        struct feel_value *copy;

        for (uint32_t i = 0; i < list->count; i++)
                if (list->items[i].kind != FEEL_NUMBER)
                        return NULL;
        copy = builtin_items(m, list->count);
        if (copy == NULL)
                return NULL;
        if (list->count > 0)
                memcpy(copy, list->items, list->count * sizeof *copy);
        qsort(copy, list->count, sizeof *copy, by_order);
        return copy;
}

BUILTIN(median)
{
        const struct feel_value *sorted = sorted_numbers(m, &a[0]);
        size_t count = a[0].count;
        struct decimal d;

        UNUSED_ARGUMENTS;
        if (sorted == NULL || count == 0)
                return builtin_bad(m, f, out);
        if (count % 2 == 1)
                return give(out, sorted[count / 2]);
        if (!decimal_add(&d, sorted[count / 2 - 1].number, sorted[count / 2].number) ||
            !decimal_div(&d, d, decimal_from_int(2)))
                return builtin_bad(m, f, out);
        return give(out, feel_number(d));
}

/* The standard deviation of a sample. */
BUILTIN(stddev)
{
        struct feel_value sum;
        struct decimal mean, squares = decimal_from_int(0), d;

        UNUSED_ARGUMENTS;
        if (a[0].count < 2 || !total(m, &a[0], &sum) || sum.kind != FEEL_NUMBER ||
            !decimal_div(&mean, sum.number, decimal_from_int(a[0].count)))
                return builtin_bad(m, f, out);
        for (uint32_t i = 0; i < a[0].count; i++)
                if (!decimal_sub(&d, a[0].items[i].number, mean) || !decimal_mul(&d, d, d) ||
                    !decimal_add(&squares, squares, d))
                        return builtin_bad(m, f, out);
        if (!decimal_div(&d, squares, decimal_from_int((int64_t)a[0].count - 1)) || !decimal_sqrt(&d, d))
                return builtin_bad(m, f, out);
        return give(out, feel_number(d));
}

BUILTIN(mode)
{
        const struct feel_value *sorted = sorted_numbers(m, &a[0]);
        struct feel_value *found;
        size_t most = 0, kept = 0, run = 0;

        UNUSED_ARGUMENTS;
        if (sorted == NULL)
                return builtin_bad(m, f, out);
        found = builtin_items(m, a[0].count);
        if (found == NULL)
                return ERR;
        for (uint32_t i = 0; i < a[0].count; i++) {
                run = i > 0 && same(&sorted[i], &sorted[i - 1]) ? run + 1 : 1;
                if (run > most) {
                        most = run;
                        kept = 0;
                }
                if (run == most)
                        found[kept++] = sorted[i];
        }
        return give(out, feel_list(found, kept));
}

BUILTIN(sublist)
{
        int64_t start, length, all = a[0].count;

        (void)overload;
        if (!builtin_whole(&a[1], &start) || start == 0 || start > all || start < -all)
                return builtin_bad(m, f, out);
        start = start > 0 ? start - 1 : all + start;
        length = all - start;
        if (n > 2 && (!builtin_whole(&a[2], &length) || length < 0 || length > all - start))
                return builtin_bad(m, f, out);
        return give(out, feel_list(a[0].items + start, (size_t)length));
}

/* The first list with the others behind it. */
static int chained(struct feel_machine *m, const struct feel_value *a, size_t n, struct feel_value *out)
{
        size_t count = 0, at = 0;

        for (size_t i = 0; i < n; i++)
                count += a[i].count;
        if (!pay(m, count))
                return ERR;
        struct feel_value *items = builtin_items(m, count);
        if (items == NULL)
                return ERR;
        for (size_t i = 0; i < n; i++) {
                if (a[i].count > 0)
                        memcpy(items + at, a[i].items, a[i].count * sizeof *items);
                at += a[i].count;
        }
        return give(out, feel_list(items, count));
}

BUILTIN(append)
{
        struct feel_value parts[2] = {a[0], feel_list(a + 1, n - 1)};

        (void)f;
        (void)overload;
        return chained(m, parts, 2, out);
}

BUILTIN(concatenate)
{
        (void)f;
        (void)overload;
        return chained(m, a, n, out);
}

static int distinct(struct feel_machine *m, const struct feel_value *list, struct feel_value *out)
{
        struct feel_value *items = builtin_items(m, list->count);
        size_t kept = 0, k;

        if (items == NULL)
                return ERR;
        for (uint32_t i = 0; i < list->count; i++) {
                if (!pay(m, kept))
                        return ERR;
                for (k = 0; k < kept && !same(&items[k], &list->items[i]);)
                        k++;
                if (k == kept)
                        items[kept++] = list->items[i];
        }
        return give(out, feel_list(items, kept));
}

BUILTIN(distinct_values)
{
        UNUSED_ARGUMENTS;
        return distinct(m, &a[0], out);
}

BUILTIN(union)
{
        struct feel_value all;

        (void)f;
        (void)overload;
        return chained(m, a, n, &all) < 0 ? ERR : distinct(m, &all, out);
}

/* Where newItem goes or an item leaves: 1 the first, −1 the last; false outside of the list. */
static bool place(const struct feel_value *list, const struct feel_value *position, int64_t *index)
{
        int64_t p, all = list->count;

        if (!builtin_whole(position, &p) || p == 0 || p > all || p < -all)
                return false;
        *index = p > 0 ? p - 1 : all + p;
        return true;
}

BUILTIN(insert_before)
{
        int64_t at;

        (void)overload;
        (void)n;
        if (!place(&a[0], &a[1], &at))
                return builtin_bad(m, f, out);
        struct feel_value parts[3] = {feel_list(a[0].items, (size_t)at), feel_list(&a[2], 1),
                                      feel_list(a[0].items + at, a[0].count - (size_t)at)};
        return chained(m, parts, 3, out);
}

BUILTIN(remove)
{
        int64_t at;

        (void)overload;
        (void)n;
        if (!place(&a[0], &a[1], &at))
                return builtin_bad(m, f, out);
        struct feel_value parts[2] = {feel_list(a[0].items, (size_t)at),
                                      feel_list(a[0].items + at + 1, a[0].count - (size_t)at - 1)};
        return chained(m, parts, 2, out);
}

/* By position, or wherever a function of the item and the new one says true. */
BUILTIN(list_replace)
{
        struct feel_value parts[1] = {a[0]}, copy, yes;
        int64_t at = 0;

        (void)n;
        if (a[1].kind != FEEL_FUNCTION && (overload == 1 || !place(&a[0], &a[1], &at)))
                return builtin_bad(m, f, out);
        if (chained(m, parts, 1, &copy) < 0)
                return ERR;
        struct feel_value *items = (struct feel_value *)(uintptr_t)copy.items;
        if (a[1].kind != FEEL_FUNCTION)
                items[at] = a[2];
        for (uint32_t i = 0; a[1].kind == FEEL_FUNCTION && i < copy.count; i++) {
                struct feel_value pair[2] = {items[i], a[2]};
                if (feel_call(m, a[1].function, pair, 2, &yes) < 0)
                        return ERR;
                if (yes.kind != FEEL_BOOLEAN)
                        return builtin_bad(m, f, out);
                if (yes.boolean)
                        items[i] = a[2];
        }
        return give(out, copy);
}

BUILTIN(reverse)
{
        struct feel_value *items = builtin_items(m, a[0].count);

        UNUSED_ARGUMENTS;
        if (items == NULL)
                return ERR;
        for (uint32_t i = 0; i < a[0].count; i++)
                items[i] = a[0].items[a[0].count - 1 - i];
        return give(out, feel_list(items, a[0].count));
}

BUILTIN(index_of)
{
        struct feel_items found = {NULL, 0, 0};

        UNUSED_ARGUMENTS;
        if (!pay(m, a[0].count))
                return ERR;
        for (uint32_t i = 0; i < a[0].count; i++) {
                struct feel_value index = feel_int((int64_t)i + 1);
                if (same(&a[0].items[i], &a[1]) && feel_items_add(m, &found, &index) < 0)
                        return ERR;
        }
        return give(out, feel_list(found.p, found.n));
}

static int leaves(struct feel_machine *m, const struct feel_value *list, struct feel_items *found, int depth)
{
        if (!pay(m, 1) || depth > 500)
                return m->steps < 0 ? ERR : feel_too_deep(m, 500);
        for (uint32_t i = 0; i < list->count; i++) {
                int rc = list->items[i].kind == FEEL_LIST ? leaves(m, &list->items[i], found, depth + 1)
                                                          : feel_items_add(m, found, &list->items[i]);
                if (rc < 0)
                        return rc;
        }
        return 0;
}

BUILTIN(flatten)
{
        struct feel_items found = {NULL, 0, 0};

        UNUSED_ARGUMENTS;
        if (leaves(m, &a[0], &found, 0) < 0)
                return ERR;
        return give(out, feel_list(found.p, found.n));
}

/* Merging halves: stable, and the order may be a function of the model. */
static int sort_range(struct feel_machine *m, const struct feel_function *before, struct feel_value *items,
                      struct feel_value *room, size_t n, bool *wrong)
{
        size_t half = n / 2, i = 0, k = half, at = 0;

        if (n < 2)
                return 0;
        if (sort_range(m, before, items, room, half, wrong) < 0 ||
            sort_range(m, before, items + half, room, n - half, wrong) < 0 || !pay(m, n))
                return ERR;
        while (i < half && k < n) {
                struct feel_value pair[2] = {items[k], items[i]}, yes = {.kind = FEEL_NULL};
                int order = 0;
                if (before != NULL && feel_call(m, before, pair, 2, &yes) < 0)
                        return ERR;
                if (before != NULL ? yes.kind != FEEL_BOOLEAN : !feel_compare(&pair[0], &pair[1], &order))
                        *wrong = true;
                bool later_first = before != NULL ? yes.kind == FEEL_BOOLEAN && yes.boolean : order < 0;
                room[at++] = later_first ? items[k++] : items[i++];
        }
        while (i < half)
                room[at++] = items[i++];
        while (k < n)
                room[at++] = items[k++];
        memcpy(items, room, n * sizeof *items);
        return 0;
}

BUILTIN(sort)
{
        struct feel_value *items = builtin_items(m, a[0].count), *room = builtin_items(m, a[0].count);
        bool wrong = false;

        (void)overload;
        if (items == NULL || room == NULL)
                return ERR;
        if (a[0].count > 0)
                memcpy(items, a[0].items, a[0].count * sizeof *items);
        if (sort_range(m, n > 1 ? a[1].function : NULL, items, room, a[0].count, &wrong) < 0)
                return ERR;
        return wrong ? builtin_bad(m, f, out) : give(out, feel_list(items, a[0].count));
}
