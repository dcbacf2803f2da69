/* SPDX-License-Identifier: Apache-2.0
 *
 * for, some, every, and filters.
 */
#include "engine/feel/run.h"

#include <string.h>

#define EXPECTED_MAX 1024

int feel_items_add(struct feel_machine *m, struct feel_items *items, const struct feel_value *v)
{
        if (items->n == items->room) {
                size_t room = items->room == 0 ? 8 : items->room * 2;
                struct feel_value *more = arena_array(m->arena, room, sizeof *more);
                if (more == NULL || room > UINT32_MAX)
                        return feel_out_of_memory(m);
                if (items->n > 0)
                        memcpy(more, items->p, items->n * sizeof *more);
                items->p = more;
                items->room = room;
        }
        items->p[items->n++] = *v;
        return 0;
}

/* What one iterator goes through: items, or a count of numbers or days. */
struct domain {
        const struct feel_value *items;
        struct feel_value single;
        int64_t from, count, step;
        bool days, counts;
};

static bool count_ends(struct domain *d, const struct feel_value *low, const struct feel_value *high)
{
        int64_t a, b;

        if (low->kind == FEEL_DATE && high->kind == FEEL_DATE) {
                a = low->moment.day;
                b = high->moment.day;
                d->days = true;
        } else if (low->kind != FEEL_NUMBER || high->kind != FEEL_NUMBER || !decimal_to_int(low->number, &a) ||
                   !decimal_to_int(high->number, &b)) {
                return false;
        }
        d->counts = true;
        d->from = a;
        d->step = a <= b ? 1 : -1;
        if (__builtin_sub_overflow(a <= b ? b : a, a <= b ? a : b, &d->count) || d->count == INT64_MAX)
                return false;
        d->count++;
        return true;
}

/* A range value as a domain: its open ends are left out, and it never counts down. */
static bool count_range(struct domain *d, const struct feel_range *r)
{
        if (r->op != RANGE_INTERVAL || !count_ends(d, &r->low, &r->high))
                return false;
        if (d->step < 0) {
                d->count = 0;
                return true;
        }
        if (!r->low_closed) {
                d->from++;
                d->count--;
        }
        if (!r->high_closed)
                d->count--;
        if (d->count < 0)
                d->count = 0;
        return true;
}

/* *ok false when there is nothing to go through. */
static int domain_open(struct feel_machine *m, const struct feel_node *n, struct domain *d, bool *ok)
{
        struct feel_value high;

        *d = (struct domain){.step = 1};
        if (n->op == OP_RANGE && n->overload == 1) {
                if (feel_run(m, n->children[0], &d->single) < 0 || feel_run(m, n->children[1], &high) < 0)
                        return ERR;
                *ok = count_ends(d, &d->single, &high);
                return 0;
        }
        if (feel_run(m, n, &d->single) < 0)
                return ERR;
        *ok = d->single.kind != FEEL_NULL;
        if (d->single.kind == FEEL_LIST) {
                d->items = d->single.items;
                d->count = d->single.count;
        } else if (d->single.kind == FEEL_RANGE) {
                *ok = count_range(d, d->single.range);
        } else {
                d->items = &d->single;
                d->count = 1;
        }
        return 0;
}

/* Part by part: a value that is written in pieces and copied as a whole at once makes the processor wait. */
static void domain_at(const struct domain *d, int64_t i, struct feel_value *out)
{
        if (!d->counts) {
                *out = d->items[i];
                return;
        }
        int64_t v = d->from + i * d->step;
        if (d->days) {
                *out = (struct feel_value){.kind = FEEL_DATE, .moment = {.day = v}};
                return;
        }
        out->kind = FEEL_NUMBER;
        out->count = 0;
        out->number.coefficient = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
        out->number.exponent = 0;
        out->number.negative = v < 0;
}

struct iteration {
        const struct feel_node *node;
        struct feel_items items; /* for */
        bool wrong;              /* a domain is nothing that can be gone through, or a condition no boolean */
        bool found, unknown;     /* some, every: the answer is known; a condition was null */
};

/* A result is made where it stays. */
static int iterate_for(struct feel_machine *m, struct iteration *it)
{
        const struct feel_node *n = it->node;
        struct feel_items *items = &it->items;
        struct feel_value v;

        struct feel_value *partial = &m->frame[n->slot];
        partial->kind = FEEL_LIST;
        partial->count = (uint32_t)items->n;
        partial->items = items->p;
        if (items->n == items->room) {
                if (feel_run(m, n->children[n->count - 1], &v) < 0)
                        return ERR;
                return feel_items_add(m, items, &v);
        }
        if (feel_run(m, n->children[n->count - 1], &items->p[items->n]) < 0)
                return ERR;
        items->n++;
        return 0;
}

static int iterate_body(struct feel_machine *m, struct iteration *it)
{
        const struct feel_node *n = it->node;
        struct feel_value v;

        if (n->op == OP_FOR)
                return iterate_for(m, it);
        if (feel_run(m, n->children[n->count - 1], &v) < 0)
                return ERR;
        if (v.kind == FEEL_NULL)
                it->unknown = true;
        else if (v.kind != FEEL_BOOLEAN)
                it->wrong = true;
        else
                it->found = v.boolean == (n->op == OP_SOME);
        return 0;
}

/* Room for as many results as will come, when they are not many. */
static int items_expect(struct feel_machine *m, struct feel_items *items, int64_t count)
{
        if (count <= 0 || count > EXPECTED_MAX)
                return 0;
        items->p = arena_array(m->arena, (size_t)count, sizeof *items->p);
        items->room = (size_t)count;
        return items->p == NULL ? feel_out_of_memory(m) : 0;
}

static int iterate(struct feel_machine *m, struct iteration *it, uint32_t level)
{
        struct domain d;
        bool ok;

        if (domain_open(m, it->node->children[level], &d, &ok) < 0)
                return ERR;
        if (!ok) {
                it->wrong = true;
                return 0;
        }
        bool last = level + 2 == it->node->count;
        if (level == 0 && last && it->node->op == OP_FOR && items_expect(m, &it->items, d.count) < 0)
                return ERR;
        for (int64_t i = 0; i < d.count && !it->wrong && !it->found; i++) {
                if (--m->steps < 0)
                        return error_raise(m->err, SB_FEEL_STEPS, "%s", "");
                domain_at(&d, i, &m->frame[it->node->slots[level]]);
                if ((last ? iterate_body(m, it) : iterate(m, it, level + 1)) < 0)
                        return ERR;
        }
        return 0;
}

int run_iteration(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct iteration it = {.node = n};

        if (iterate(m, &it, 0) < 0)
                return ERR;
        if (it.wrong)
                *out = feel_null(m, n->op == OP_FOR
                                        ? "what is iterated over is null or no range of whole numbers or dates"
                                        : "what should be satisfied is no boolean, or nothing is there to iterate over");
        else if (n->op == OP_FOR)
                *out = feel_list(it.items.p, it.items.n);
        else if (it.found)
                *out = feel_bool(n->op == OP_SOME);
        else if (it.unknown)
                *out = feel_nothing();
        else
                *out = feel_bool(n->op == OP_EVERY);
        return 0;
}

static void item_at(struct feel_machine *m, const struct feel_value *items, uint32_t count, const struct feel_value *index,
                    struct feel_value *out)
{
        int64_t i;

        if (!decimal_to_int(index->number, &i) || i == 0 || i > (int64_t)count || i < -(int64_t)count)
                *out = feel_null(m, "a list has no item at this index");
        else
                *out = items[i > 0 ? i - 1 : (int64_t)count + i];
}

int run_filter(struct feel_machine *m, const struct feel_node *n, struct feel_value *out)
{
        struct feel_value of, v;
        struct feel_items kept = {NULL, 0, 0};
        const struct feel_node *by = n->children[1];

        if (feel_run(m, n->children[0], &of) < 0)
                return ERR;
        if (of.kind == FEEL_NULL && by->type->kind != FEEL_T_NUMBER) {
                *out = feel_null(m, "null is filtered");
                return 0;
        }
        const struct feel_value *items = of.kind == FEEL_LIST ? of.items : &of;
        uint32_t count = of.kind == FEEL_LIST ? of.count : 1;
        if (by->type->kind == FEEL_T_NUMBER) {
                if (feel_run(m, by, &v) < 0)
                        return ERR;
                if (v.kind == FEEL_NUMBER)
                        item_at(m, items, count, &v, out);
                else
                        *out = feel_null(m, "an index is null");
                return 0;
        }
        for (uint32_t i = 0; i < count; i++) {
                m->frame[n->slot] = items[i];
                if (feel_run(m, by, &v) < 0)
                        return ERR;
                if (v.kind == FEEL_NUMBER && i == 0) { /* an index, as it turns out */
                        item_at(m, items, count, &v, out);
                        return 0;
                }
                if (v.kind != FEEL_BOOLEAN && v.kind != FEEL_NULL) {
                        *out = feel_null(m, "a filter is no boolean and no number");
                        return 0;
                }
                if (v.kind == FEEL_BOOLEAN && v.boolean && feel_items_add(m, &kept, &items[i]) < 0)
                        return ERR;
        }
        *out = feel_list(kept.p, kept.n);
        return 0;
}
