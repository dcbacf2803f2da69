/* SPDX-License-Identifier: Apache-2.0
 *
 * Loops over one block. Flags are whole numbers 0 and 1, so that every loop is one plain pass. Arithmetic whose range was proved is done without
 * signs, because rows that are marked bad already may hold anything.
 */
#include "engine/column/plan.h"

#include <assert.h>

int64_t column_at(const struct column_input *in, size_t row)
{
        switch (in->bytes) {
        case 1:
                return ((const int8_t *)in->data)[row];
        case 2:
                return ((const int16_t *)in->data)[row];
        case 4:
                return ((const int32_t *)in->data)[row];
        default:
                return ((const int64_t *)in->data)[row];
        }
}

#define WIDEN(type)                                                                                                            \
        for (size_t i = 0; i < n; i++)                                                                                         \
        dst[i] = ((const type *)in->data)[first + i]

WIDE_LOOP void column_load(const struct column_input *in, size_t first, size_t n, int64_t *dst)
{
        switch (in->bytes) {
        case 1:
                WIDEN(int8_t);
                break;
        case 2:
                WIDEN(int16_t);
                break;
        case 4:
                WIDEN(int32_t);
                break;
        default:
                WIDEN(int64_t);
        }
}

/* Rows outside of the range that the plan was made for go to the scalar path. */
WIDE_LOOP static void within(const struct domain *d, size_t n, int64_t *dst, uint8_t *bad)
{
        int64_t low = d->low, high = d->high, least = low, most = high;

        for (size_t i = 0; i < n; i++) {
                least = dst[i] < least ? dst[i] : least;
                most = dst[i] > most ? dst[i] : most;
        }
        if (least == low && most == high)
                return;
        for (size_t i = 0; i < n; i++) {
                bool outside = dst[i] < low || dst[i] > high;
                bad[i] |= outside;
                dst[i] = outside ? low : dst[i];
        }
}

#define CODE_OF(type)                                                                                                          \
        for (size_t i = 0; i < n; i++) {                                                                                       \
                uint64_t at = (uint64_t)(int64_t)((const type *)in->data)[first + i] - low;                                    \
                uint16_t c = at <= span ? d->code_of[at] : CODE_NONE;                                                          \
                unknown |= c == CODE_NONE;                                                                                     \
                dst[i] = c;                                                                                                    \
        }

bool column_codes(const struct domain *d, const struct column_input *in, size_t first, size_t n, int64_t *dst)
{
        uint64_t span = (uint64_t)(d->high - d->low), low = (uint64_t)d->low;
        bool unknown = false;

        switch (in->bytes) {
        case 1:
                CODE_OF(int8_t)
                break;
        case 2:
                CODE_OF(int16_t)
                break;
        case 4:
                CODE_OF(int32_t)
                break;
        default:
                CODE_OF(int64_t)
        }
        return unknown;
}

static void code(const struct domain *d, const struct column_input *in, size_t first, size_t n, int64_t *dst, uint8_t *bad)
{
        bool unknown = column_codes(d, in, first, n, dst);

        for (size_t i = 0; unknown && i < n; i++) {
                bad[i] |= dst[i] == CODE_NONE;
                dst[i] = dst[i] == CODE_NONE ? 0 : dst[i];
        }
}

WIDE_LOOP static void index_codes(const struct op *op, size_t n, int64_t *dst, const int64_t *a, const int64_t *b)
{
        for (size_t i = 0; i < n; i++)
                dst[i] = a[i] * op->k + b[i];
}

WIDE_LOOP static void gather(const struct op *op, size_t n, int64_t *dst, const int64_t *a, const int64_t *mask, uint8_t *bad)
{
        const int64_t *table = op->table;

        if (!op->checked) {
                for (size_t i = 0; i < n; i++)
                        dst[i] = table[a[i]];
                return;
        }
        for (size_t i = 0; i < n; i++) {
                int64_t v = table[a[i]];
                bad[i] |= (uint8_t)(v == NO_VALUE && (mask == NULL || mask[i] != 0));
                dst[i] = v == NO_VALUE ? op->k : v;
        }
}

WIDE_LOOP static void arithmetic(const struct op *op, size_t n, int64_t *dst, const int64_t *a, const int64_t *b,
                                 const int64_t *mask, uint8_t *bad)
{
        for (size_t i = 0; op->checked && i < n; i++) {
                int64_t r = 0, y = op->kernel == K_ADDK || op->kernel == K_MULK ? op->k : b[i];
                bool over = op->kernel == K_ADD || op->kernel == K_ADDK ? __builtin_add_overflow(a[i], y, &r)
                            : op->kernel == K_SUB                       ? __builtin_sub_overflow(a[i], y, &r)
                                                                        : __builtin_mul_overflow(a[i], y, &r);
                over = over || r > COLUMN_MAGNITUDE || r < -COLUMN_MAGNITUDE;
                bad[i] |= (uint8_t)(over && (mask == NULL || mask[i] != 0));
                dst[i] = over ? 0 : r;
        }
        if (op->checked)
                return;
        switch (op->kernel) {
        case K_ADD:
                for (size_t i = 0; i < n; i++)
                        dst[i] = (int64_t)((uint64_t)a[i] + (uint64_t)b[i]);
                break;
        case K_SUB:
                for (size_t i = 0; i < n; i++)
                        dst[i] = (int64_t)((uint64_t)a[i] - (uint64_t)b[i]);
                break;
        case K_MUL:
                for (size_t i = 0; i < n; i++)
                        dst[i] = (int64_t)((uint64_t)a[i] * (uint64_t)b[i]);
                break;
        case K_ADDK:
                for (size_t i = 0; i < n; i++)
                        dst[i] = (int64_t)((uint64_t)a[i] + (uint64_t)op->k);
                break;
        default:
                for (size_t i = 0; i < n; i++)
                        dst[i] = (int64_t)((uint64_t)a[i] * (uint64_t)op->k);
        }
}

/* q = floor(n × magic / 2^(63 + shift)) is floor(n / d) for n < 2^63: magic = ceil(2^(63 + shift) / d), shift = ceil(log2 d)
 * (Granlund and Montgomery 1994, theorem 4.2). */
void divide_prepare(struct op *op, uint64_t d)
{
        assert(d > 0 && d <= INT64_MAX);
        op->shift = d == 1 ? 0 : 64 - __builtin_clzll(d - 1);
        u128_t power = (u128_t)1 << (63 + op->shift);
        op->magic = (uint64_t)((power + d - 1) / d);
}

/* What is added to a magnitude before it is divided by d, so that cutting off rounds. */
static inline uint64_t bias(enum rounding mode, bool negative, uint64_t d)
{
        switch (mode) {
        case ROUND_HALF_UP:
        case ROUND_HALF_EVEN:
                return d / 2;
        case ROUND_HALF_DOWN:
                return (d - 1) / 2;
        case ROUND_UP:
                return d - 1;
        case ROUND_CEILING:
                return negative ? 0 : d - 1;
        case ROUND_FLOOR:
                return negative ? d - 1 : 0;
        default:
                return 0;
        }
}

static inline uint64_t divide_by(uint64_t n, uint64_t magic, int shift)
{
        return (uint64_t)((u128_t)n * magic >> 63 >> shift);
}

/* Numbers are below 2^62 here, so that the bias fits. */
WIDE_LOOP static void divide_constant(const struct op *op, size_t n, int64_t *dst, const int64_t *a)
{
        uint64_t d = (uint64_t)op->k, magic = op->magic;
        enum rounding mode = (enum rounding)op->mode;
        uint64_t plus = bias(mode, false, d), minus = bias(mode, true, d);
        int shift = op->shift;

        if (!op->negative && mode != ROUND_HALF_EVEN) {
                for (size_t i = 0; i < n; i++)
                        dst[i] = (int64_t)divide_by((uint64_t)a[i] + plus, magic, shift);
                return;
        }
        for (size_t i = 0; i < n; i++) {
                bool negative = a[i] < 0;
                uint64_t v = (negative ? 0 - (uint64_t)a[i] : (uint64_t)a[i]) + (negative ? minus : plus);
                uint64_t q = divide_by(v, magic, shift);
                if (mode == ROUND_HALF_EVEN && d % 2 == 0 && q * d == v)
                        q &= ~(uint64_t)1;
                dst[i] = negative ? (int64_t)(0 - q) : (int64_t)q;
        }
}

/* Below 2^52 a quotient of doubles is right to one, which the remainder tells. */
static inline uint64_t quotient(uint64_t v, uint64_t d)
{
        if (((v | d) >> 52) != 0)
                return v / d;
        uint64_t q = (uint64_t)(int64_t)((double)(int64_t)v / (double)(int64_t)d);
        int64_t r = (int64_t)(v - q * d);
        return q - (r < 0) + (r >= (int64_t)d);
}

static void divide(const struct op *op, size_t n, int64_t *dst, const int64_t *a, const int64_t *b, const int64_t *mask,
                   uint8_t *bad)
{
        enum rounding mode = (enum rounding)op->mode;

        for (size_t i = 0; i < n; i++) {
                bool negative = a[i] < 0;
                if (b[i] <= 0) {
                        bad[i] |= (uint8_t)(mask == NULL || mask[i] != 0);
                        dst[i] = 0;
                        continue;
                }
                uint64_t d = (uint64_t)b[i];
                uint64_t v = (negative ? 0 - (uint64_t)a[i] : (uint64_t)a[i]) + bias(mode, negative, d);
                uint64_t q = quotient(v, d);
                if (mode == ROUND_HALF_EVEN && d % 2 == 0 && q * d == v)
                        q &= ~(uint64_t)1;
                dst[i] = negative ? (int64_t)(0 - q) : (int64_t)q;
        }
}

WIDE_LOOP static void flags(const struct op *op, size_t n, int64_t *dst, const int64_t *a, const int64_t *b)
{
        switch (op->kernel) {
        case K_LESS:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] < b[i];
                break;
        case K_LESS_EQUAL:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] <= b[i];
                break;
        case K_EQUAL:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] == b[i];
                break;
        case K_AND:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] & b[i];
                break;
        case K_OR:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] | b[i];
                break;
        default:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] ^ 1;
        }
}

WIDE_LOOP static void pick(const struct op *op, size_t n, int64_t *dst, const int64_t *a, const int64_t *b, const int64_t *c)
{
        switch (op->kernel) {
        case K_SELECT:
                for (size_t i = 0; i < n; i++)
                        dst[i] = (a[i] & -c[i]) | (b[i] & (c[i] - 1));
                break;
        case K_MIN:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] < b[i] ? a[i] : b[i];
                break;
        case K_MAX:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] > b[i] ? a[i] : b[i];
                break;
        default:
                for (size_t i = 0; i < n; i++)
                        dst[i] = a[i] < 0 ? (int64_t)(0 - (uint64_t)a[i]) : a[i];
        }
}

static void mark(size_t n, const int64_t *mask, uint8_t *bad)
{
        for (size_t i = 0; i < n; i++)
                bad[i] |= (uint8_t)(mask == NULL || mask[i] != 0);
}

void kernel_run(const struct plan *p, const struct column_job *job, size_t first, size_t n, int64_t **regs, uint8_t *bad)
{
        for (size_t i = 0; i < p->op_count; i++) {
                const struct op *op = &p->ops[i];
                int64_t *dst = op->dst == NO_REG ? NULL : regs[op->dst];
                const int64_t *a = op->a == NO_REG ? NULL : regs[op->a], *b = op->b == NO_REG ? NULL : regs[op->b];
                const int64_t *mask = op->mask == NO_REG ? NULL : regs[op->mask];
                switch ((enum kernel)op->kernel) {
                case K_LOAD:
                        column_load(&job->inputs[op->k], first, n, dst);
                        within(&p->domains[op->k], n, dst, bad);
                        break;
                case K_CODE:
                        code(&p->domains[op->k], &job->inputs[op->k], first, n, dst, bad);
                        break;
                case K_INDEX:
                        index_codes(op, n, dst, a, b);
                        break;
                case K_GATHER:
                        gather(op, n, dst, a, mask, bad);
                        break;
                case K_ADD:
                case K_SUB:
                case K_MUL:
                case K_ADDK:
                case K_MULK:
                        arithmetic(op, n, dst, a, b, mask, bad);
                        break;
                case K_DIV:
                        divide(op, n, dst, a, b, mask, bad);
                        break;
                case K_DIVK:
                        divide_constant(op, n, dst, a);
                        break;
                case K_LESS:
                case K_LESS_EQUAL:
                case K_EQUAL:
                case K_AND:
                case K_OR:
                case K_NOT:
                        flags(op, n, dst, a, b);
                        break;
                case K_SELECT:
                case K_MIN:
                case K_MAX:
                case K_ABS:
                        pick(op, n, dst, a, b, op->c == NO_REG ? NULL : regs[op->c]);
                        break;
                case K_BAD:
                        mark(n, mask, bad);
                        break;
                }
        }
}
