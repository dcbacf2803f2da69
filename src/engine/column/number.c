/* SPDX-License-Identifier: Apache-2.0
 *
 * Arithmetic of registers: whole numbers with a known number of decimals and a known range, never beyond ±2^62: where a result might be, its
 * kernel looks at every row.
 *
 * Why a quotient may be rounded at once, though the scalar path rounds it to 34 digits first: num and den are below 2^63, so the exact value
 * of num / den × 10^s + e, when it is no tie, is further from the next tie than 1 / (2 den), while the scalar path is off by less than |num| ×
 * 10^s × 10^-33 / den, which is less as long as |num| × 10^s < 10^32; and a tie has few digits, which the scalar path keeps exactly.
 */
#include "engine/column/plan.h"

#define SCALE_MAX 12
#define MAGNITUDE_MAX ((wide_t)COLUMN_MAGNITUDE)

static const int64_t TEN[] = {1,        10,        100,        1000,        10000,        100000,       1000000,
                              10000000, 100000000, 1000000000, 10000000000, 100000000000, 1000000000000};

static wide_t least(wide_t a, wide_t b)
{
        return a < b ? a : b;
}

static wide_t most(wide_t a, wide_t b)
{
        return a > b ? a : b;
}

/* A kernel of numbers; when its range does not fit, it is checked row by row. */
static struct cv *number_op(struct plan *p, struct op op, int scale, wide_t low, wide_t high)
{
        op.checked = low < -MAGNITUDE_MAX || high > MAGNITUDE_MAX;
        op.mask = op.checked ? mask_register(p) : NO_REG;
        low = most(low, -MAGNITUDE_MAX);
        high = least(high, MAGNITUDE_MAX);
        return cv_reg(p, REG_NUMBER, op_emit(p, op), scale, (int64_t)low, (int64_t)high);
}

static struct op op_two(enum kernel k, int a, int b)
{
        return (struct op){.kernel = (uint8_t)k, .a = a, .b = b, .c = NO_REG, .mask = NO_REG};
}

static struct op op_constant(enum kernel k, int a, int64_t by)
{
        return (struct op){.kernel = (uint8_t)k, .a = a, .b = NO_REG, .c = NO_REG, .mask = NO_REG, .k = by};
}

struct cv *number_fit(struct plan *p, struct cv *v)
{
        if (v->low >= -MAGNITUDE_MAX && v->high <= MAGNITUDE_MAX)
                return v;
        return number_op(p, op_constant(K_ADDK, v->reg, 0), v->scale, v->low, v->high);
}

struct cv *number_scaled(struct plan *p, struct cv *v, int scale)
{
        int up = scale - v->scale;

        if (up == 0)
                return v;
        if (up < 0 || up > SCALE_MAX)
                return cv_none(p);
        if (v->low == v->high && (wide_t)v->low * TEN[up] <= MAGNITUDE_MAX && (wide_t)v->low * TEN[up] >= -MAGNITUDE_MAX)
                return cv_reg(p, REG_NUMBER, reg_constant(p, v->low * TEN[up]), scale, v->low * TEN[up], v->low * TEN[up]);
        return number_op(p, op_constant(K_MULK, v->reg, TEN[up]), scale, (wide_t)v->low * TEN[up], (wide_t)v->high * TEN[up]);
}

static struct cv *add(struct plan *p, struct cv *a, struct cv *b, bool minus)
{
        int scale = a->scale > b->scale ? a->scale : b->scale;
        struct cv *x = number_scaled(p, a, scale), *y = number_scaled(p, b, scale);

        if (x->kind != CV_REG || y->kind != CV_REG)
                return cv_none(p);
        if (y->low == y->high)
                return y->low == 0 ? x
                                   : number_op(p, op_constant(K_ADDK, x->reg, minus ? -y->low : y->low), scale,
                                               (wide_t)x->low + (minus ? -(wide_t)y->low : y->low),
                                               (wide_t)x->high + (minus ? -(wide_t)y->low : y->low));
        if (minus)
                return number_op(p, op_two(K_SUB, x->reg, y->reg), scale, (wide_t)x->low - y->high, (wide_t)x->high - y->low);
        return number_op(p, op_two(K_ADD, x->reg, y->reg), scale, (wide_t)x->low + y->low, (wide_t)x->high + y->high);
}

static struct cv *multiply(struct plan *p, struct cv *a, struct cv *b)
{
        wide_t ll = (wide_t)a->low * b->low, lh = (wide_t)a->low * b->high, hl = (wide_t)a->high * b->low,
               hh = (wide_t)a->high * b->high;
        wide_t low = least(least(ll, lh), least(hl, hh)), high = most(most(ll, lh), most(hl, hh));
        int scale = a->scale + b->scale;

        if (scale > SCALE_MAX)
                return cv_none(p);
        if (a->low == a->high) {
                struct cv *t = a;
                a = b;
                b = t;
        }
        if (b->low == b->high && b->low == 1)
                return cv_reg(p, REG_NUMBER, a->reg, scale, a->low, a->high);
        if (b->low == b->high)
                return number_op(p, op_constant(K_MULK, a->reg, b->low), scale, low, high);
        return number_op(p, op_two(K_MUL, a->reg, b->reg), scale, low, high);
}

/* A quotient: exact where the divisor is a constant of twos and fives, else a ratio. */
static struct cv *divide_numbers(struct plan *p, struct cv *a, struct cv *b)
{
        if (b->low == b->high && b->low > 0) {
                for (int up = 0; up <= 4; up++)
                        if (TEN[up] % b->low == 0 && a->scale + up - b->scale <= SCALE_MAX) {
                                int64_t by = TEN[up] / b->low;
                                int scale = a->scale + up - b->scale;
                                struct cv *r = by == 1 ? cv_reg(p, REG_NUMBER, a->reg, scale, a->low, a->high)
                                                       : number_op(p, op_constant(K_MULK, a->reg, by), scale,
                                                                   (wide_t)a->low * by, (wide_t)a->high * by);
                                return scale >= 0 ? r
                                                  : (r->scale = 0,
                                                     number_op(p, op_constant(K_MULK, r->reg, TEN[-scale]), 0,
                                                               (wide_t)r->low * TEN[-scale], (wide_t)r->high * TEN[-scale]));
                        }
        }
        struct cv *r = cv_new(p, CV_RATIO);
        r->num = a;
        r->den = b;
        r->scale = a->scale - b->scale;
        return r;
}

/* num / den / 10^s ± e = (num 10^(t−s) ± e den 10^(t−e.s)) / den / 10^t */
static struct cv *ratio_add(struct plan *p, struct cv *ratio, struct cv *e, bool minus, bool reversed)
{
        struct cv plain_num = *ratio->num, plain_den = *ratio->den;

        plain_num.scale = ratio->scale < 0 ? 0 : ratio->scale;
        plain_den.scale = 0;
        struct cv *num = &plain_num;
        if (ratio->scale < 0)
                num = number_op(p, op_constant(K_MULK, num->reg, TEN[-ratio->scale]), 0, (wide_t)num->low * TEN[-ratio->scale],
                                (wide_t)num->high * TEN[-ratio->scale]);
        struct cv *product = multiply(p, e, &plain_den);
        if (product->kind != CV_REG)
                return product;
        struct cv *sum = reversed ? add(p, product, num, minus) : add(p, num, product, minus);
        if (sum->kind != CV_REG)
                return sum;
        struct cv *r = cv_new(p, CV_RATIO);
        r->num = sum;
        r->den = ratio->den;
        r->scale = sum->scale;
        return r;
}

struct cv *number_arithmetic(struct plan *p, enum feel_op op, struct cv *a, struct cv *b)
{
        if (a->kind == CV_RATIO || b->kind == CV_RATIO) {
                if (op != OP_ADD && op != OP_SUBTRACT)
                        return cv_none(p);
                struct cv *ratio = a->kind == CV_RATIO ? a : b, *e = cv_ready(p, a->kind == CV_RATIO ? b : a);
                if (e->kind != CV_REG || e->type != REG_NUMBER || ratio->scale < -SCALE_MAX)
                        return cv_none(p);
                return ratio_add(p, ratio, e, op == OP_SUBTRACT, ratio == b);
        }
        a = cv_ready(p, a);
        b = cv_ready(p, b);
        if (a->kind != CV_REG || b->kind != CV_REG || a->type != REG_NUMBER || b->type != REG_NUMBER)
                return cv_none(p);
        switch (op) {
        case OP_ADD:
        case OP_SUBTRACT:
                return add(p, a, b, op == OP_SUBTRACT);
        case OP_MULTIPLY:
                return multiply(p, a, b);
        case OP_DIVIDE:
                return divide_numbers(p, a, b);
        default:
                return cv_none(p);
        }
}

static wide_t divided(wide_t v, wide_t by, bool down)
{
        return v / by + (down ? -1 : 1);
}

/* v / d, rounded; the range is a unit wider than it need be. */
static struct cv *divide_rounded(struct plan *p, struct cv *num, int64_t d, int scale, enum rounding mode)
{
        struct op op = op_constant(K_DIVK, num->reg, d);

        op.mode = (uint8_t)mode;
        op.negative = num->low < 0;
        divide_prepare(&op, (uint64_t)d);
        wide_t low = num->low >= 0 ? num->low / d : divided(num->low, d, true);
        return cv_reg(p, REG_NUMBER, op_emit(p, op), scale, (int64_t)low, (int64_t)divided(num->high, d, false));
}

static struct cv *ratio_round(struct plan *p, struct cv *v, int scale, enum rounding mode)
{
        struct cv num = *v->num, den = *v->den, *n = &num, *d = &den;
        int up = scale - v->scale;

        num.scale = den.scale = 0;
        if (up > SCALE_MAX || up < -SCALE_MAX)
                return cv_none(p);
        if (up > 0)
                n = number_op(p, op_constant(K_MULK, n->reg, TEN[up]), 0, (wide_t)n->low * TEN[up], (wide_t)n->high * TEN[up]);
        else if (up < 0)
                d = multiply(p, d, cv_reg(p, REG_NUMBER, reg_constant(p, TEN[-up]), 0, TEN[-up], TEN[-up]));
        if (n->kind != CV_REG || d->kind != CV_REG)
                return cv_none(p);
        if (d->low == d->high && d->low > 0)
                return divide_rounded(p, n, d->low, scale, mode);
        struct op op = op_two(K_DIV, n->reg, d->reg);
        op.mode = (uint8_t)mode;
        op.checked = d->low <= 0;
        op.mask = op.checked ? mask_register(p) : NO_REG;
        wide_t by = d->low > 0 ? d->low : 1;
        wide_t low = n->low >= 0 ? 0 : divided(n->low, by, true);
        return cv_reg(p, REG_NUMBER, op_emit(p, op), scale, (int64_t)low, (int64_t)divided(n->high, by, false));
}

struct cv *number_round(struct plan *p, struct cv *v, int scale, enum rounding mode)
{
        if (scale < 0 || scale > SCALE_MAX)
                return cv_none(p);
        if (v->kind == CV_RATIO)
                return ratio_round(p, v, scale, mode);
        v = cv_ready(p, v);
        if (v->kind != CV_REG || v->type != REG_NUMBER || v->scale <= scale)
                return v->kind == CV_REG && v->type == REG_NUMBER ? v : cv_none(p);
        return divide_rounded(p, v, TEN[v->scale - scale], scale, mode);
}

struct cv *number_extreme(struct plan *p, struct cv *a, struct cv *b, bool max)
{
        a = cv_ready(p, a);
        b = cv_ready(p, b);
        if (a->kind != CV_REG || b->kind != CV_REG || a->type != b->type || (a->type != REG_NUMBER && a->type != REG_DATE))
                return cv_none(p);
        if (a->type == REG_NUMBER) {
                int scale = a->scale > b->scale ? a->scale : b->scale;
                a = number_scaled(p, a, scale);
                b = number_scaled(p, b, scale);
                if (a->kind != CV_REG || b->kind != CV_REG)
                        return cv_none(p);
        }
        wide_t low = max ? most(a->low, b->low) : least(a->low, b->low),
               high = max ? most(a->high, b->high) : least(a->high, b->high);
        return cv_reg(p, a->type, op_emit(p, op_two(max ? K_MAX : K_MIN, a->reg, b->reg)), a->scale, (int64_t)low,
                      (int64_t)high);
}

struct cv *number_abs(struct plan *p, struct cv *v)
{
        v = cv_ready(p, v);
        if (v->kind != CV_REG || v->type != REG_NUMBER)
                return cv_none(p);
        if (v->low >= 0)
                return v;
        return cv_reg(p, REG_NUMBER, op_emit(p, op_two(K_ABS, v->reg, NO_REG)), v->scale, 0,
                      (int64_t)most(-(wide_t)v->low, v->high));
}

static struct cv *boolean_reg(struct plan *p, int reg)
{
        return cv_reg(p, REG_BOOLEAN, reg, 0, 0, 1);
}

/* Both of one kind and on one scale; false when no kernel compares them. */
static bool comparable(struct plan *p, struct cv **a, struct cv **b)
{
        *a = cv_ready(p, *a);
        *b = cv_ready(p, *b);
        if ((*a)->kind != CV_REG || (*b)->kind != CV_REG || (*a)->type != (*b)->type)
                return false;
        if ((*a)->type != REG_NUMBER)
                return true;
        int scale = (*a)->scale > (*b)->scale ? (*a)->scale : (*b)->scale;
        *a = number_scaled(p, *a, scale);
        *b = number_scaled(p, *b, scale);
        return (*a)->kind == CV_REG && (*b)->kind == CV_REG;
}

static bool is_null(const struct cv *v)
{
        return v->kind == CV_SAME && v->value.kind == FEEL_NULL;
}

struct cv *cv_compare(struct plan *p, enum feel_op op, struct cv *a, struct cv *b)
{
        bool equality = op == OP_EQUAL || op == OP_NOT_EQUAL;

        if (equality && is_null(a) != is_null(b)) { /* what is in a register is not null */
                struct cv *other = is_null(a) ? b : a;
                if (other->kind == CV_REG || other->kind == CV_RATIO || other->kind == CV_CONTEXT)
                        return cv_same(p, feel_bool(op == OP_NOT_EQUAL));
        }
        if (!comparable(p, &a, &b) || (!equality && a->type != REG_NUMBER && a->type != REG_DATE))
                return cv_none(p);
        bool swap = op == OP_GREATER || op == OP_GREATER_EQUAL;
        enum kernel k = equality ? K_EQUAL : op == OP_LESS || op == OP_GREATER ? K_LESS : K_LESS_EQUAL;
        struct cv *r = boolean_reg(p, op_emit(p, op_two(k, swap ? b->reg : a->reg, swap ? a->reg : b->reg)));
        return op == OP_NOT_EQUAL ? cv_not(p, r) : r;
}

struct cv *cv_not(struct plan *p, struct cv *v)
{
        v = cv_ready(p, v);
        if (v->kind != CV_REG || v->type != REG_BOOLEAN)
                return cv_none(p);
        return boolean_reg(p, op_emit(p, op_two(K_NOT, v->reg, NO_REG)));
}

struct cv *cv_logic(struct plan *p, enum feel_op op, struct cv *a, struct cv *b)
{
        a = cv_ready(p, a);
        b = cv_ready(p, b);
        if (a->kind != CV_REG || b->kind != CV_REG || a->type != REG_BOOLEAN || b->type != REG_BOOLEAN)
                return cv_none(p);
        return boolean_reg(p, op_emit(p, op_two(op == OP_AND ? K_AND : K_OR, a->reg, b->reg)));
}

void mask_enter(struct plan *p, struct cv *cond, bool negated, int *outer)
{
        *outer = p->mask;
        if (p->mask_count == p->mask_room) {
                int room = p->mask_room == 0 ? 32 : p->mask_room * 2;
                struct mask *more = arena_array(p->arena, (size_t)room, sizeof *more);
                if (more == NULL) {
                        p->failed = true;
                        return;
                }
                for (int i = 0; i < p->mask_count; i++)
                        more[i] = p->masks[i];
                p->masks = more;
                p->mask_room = room;
        }
        p->masks[p->mask_count] = (struct mask){*outer, cond->reg, NO_REG, negated};
        p->mask = p->mask_count++;
}

static struct cv *choose_entries(struct plan *p, struct cv *cond, struct cv *a, struct cv *b)
{
        struct cv *r = cv_new(p, CV_CONTEXT);

        r->names = a->names;
        r->count = a->count;
        r->entries = arena_array(p->arena, a->count + 1, sizeof(struct cv *));
        if (r->entries == NULL) {
                p->failed = true;
                return cv_none(p);
        }
        for (size_t i = 0; i < a->count; i++) {
                struct cv *other = NULL;
                for (size_t k = 0; k < b->count; k++)
                        if (str_equal(str_from(a->names[i]), str_from(b->names[k])))
                                other = b->entries[k];
                r->entries[i] = other == NULL ? cv_none(p) : cv_choose(p, cond, a->entries[i], other);
        }
        return r;
}

/* The rows that would take a branch without a kernel go to the scalar path. */
static struct cv *one_branch(struct plan *p, struct cv *cond, struct cv *only, bool bad_if_true)
{
        int outer;

        mask_enter(p, cond, !bad_if_true, &outer);
        mark_bad(p);
        p->mask = outer;
        return only;
}

struct cv *cv_choose(struct plan *p, struct cv *cond, struct cv *a, struct cv *b)
{
        if (a->kind == CV_CONTEXT && b->kind == CV_CONTEXT && a->count == b->count)
                return choose_entries(p, cond, a, b);
        struct cv *x = cv_ready(p, a), *y = cv_ready(p, b);
        if (x->kind == CV_NONE && y->kind == CV_NONE)
                return x;
        if (x->kind == CV_NONE || y->kind == CV_NONE || x->type != y->type)
                return one_branch(p, cond, x->kind == CV_NONE ? y : x, x->kind == CV_NONE);
        if (x->type == REG_NUMBER) {
                int scale = x->scale > y->scale ? x->scale : y->scale;
                x = number_scaled(p, x, scale);
                y = number_scaled(p, y, scale);
                if (x->kind != CV_REG || y->kind != CV_REG)
                        return cv_none(p);
        }
        struct op op = op_two(K_SELECT, x->reg, y->reg);
        op.c = cond->reg;
        return cv_reg(p, x->type, op_emit(p, op), x->scale, (int64_t)least(x->low, y->low), (int64_t)most(x->high, y->high));
}
