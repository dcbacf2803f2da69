/* SPDX-License-Identifier: Apache-2.0
 *
 * Registers: values of few combinations become tables that are looked up by the codes of their inputs.
 */
#include "engine/column/plan.h"

#include <string.h>

#define SCALE_MAX 12

int op_emit(struct plan *p, struct op op)
{
        if (p->op_count == p->op_room) {
                size_t room = p->op_room == 0 ? 64 : p->op_room * 2;
                struct op *more = arena_array(p->arena, room, sizeof *more);
                if (more == NULL) {
                        p->failed = true;
                        return 0;
                }
                if (p->op_count > 0)
                        memcpy(more, p->ops, p->op_count * sizeof *more);
                p->ops = more;
                p->op_room = room;
        }
        op.dst = op.kernel == K_BAD ? NO_REG : reg_constant(p, 0);
        if (op.dst != NO_REG)
                p->is_constant[op.dst] = false;
        p->ops[p->op_count++] = op;
        return op.dst;
}

int reg_constant(struct plan *p, int64_t v)
{
        for (int r = 0; r < p->regs; r++)
                if (p->is_constant[r] && p->constants[r] == v && v != 0)
                        return r;
        if (p->regs == p->reg_room) {
                int room = p->reg_room == 0 ? 64 : p->reg_room * 2;
                int64_t *constants = arena_array(p->arena, (size_t)room, sizeof *constants);
                bool *is = arena_array(p->arena, (size_t)room, sizeof *is);
                if (constants == NULL || is == NULL) {
                        p->failed = true;
                        return 0;
                }
                if (p->regs > 0) {
                        memcpy(constants, p->constants, (size_t)p->regs * sizeof *constants);
                        memcpy(is, p->is_constant, (size_t)p->regs * sizeof *is);
                }
                p->constants = constants;
                p->is_constant = is;
                p->reg_room = room;
        }
        p->constants[p->regs] = v;
        p->is_constant[p->regs] = true;
        return p->regs++;
}

int mask_register(struct plan *p)
{
        int wanted = p->mask, chain = wanted;

        if (wanted < 0)
                return NO_REG;
        while (chain >= 0 && p->masks[chain].reg == NO_REG)
                chain = p->masks[chain].up;
        if (chain == wanted)
                return p->masks[wanted].reg;
        struct mask *m = &p->masks[wanted];
        p->mask = m->up;
        int up = mask_register(p);
        p->mask = wanted;
        int own = m->negated ? op_emit(p, (struct op){.kernel = K_NOT, .a = m->cond, .b = NO_REG, .c = NO_REG, .mask = NO_REG})
                             : m->cond;
        m->reg = up == NO_REG ? own : op_emit(p, (struct op){.kernel = K_AND, .a = own, .b = up, .c = NO_REG, .mask = NO_REG});
        return m->reg;
}

void mark_bad(struct plan *p)
{
        int mask = mask_register(p);

        op_emit(p, (struct op){.kernel = K_BAD, .a = NO_REG, .b = NO_REG, .c = NO_REG, .mask = mask});
}

struct cv *cv_reg(struct plan *p, enum reg_kind type, int reg, int scale, int64_t low, int64_t high)
{
        struct cv *v = cv_new(p, CV_REG);

        v->type = type;
        v->reg = reg;
        v->scale = scale;
        v->low = low;
        v->high = high;
        return v;
}

/* The decimals that a number needs; −1: too many for a kernel. */
static int scale_of(struct decimal d)
{
        d = decimal_reduce(d);
        return d.exponent >= 0 ? 0 : -d.exponent <= SCALE_MAX ? -d.exponent : -1;
}

/* A value as a number of a register; false when it is of another kind or does not fit. */
static bool value_fits(struct plan *p, const struct feel_value *v, enum reg_kind type, int scale, int64_t *out)
{
        switch (type) {
        case REG_NUMBER:
                return v->kind == FEEL_NUMBER && decimal_to_scaled(v->number, scale, out) && *out <= COLUMN_MAGNITUDE &&
                       *out >= -COLUMN_MAGNITUDE;
        case REG_BOOLEAN:
                *out = v->boolean;
                return v->kind == FEEL_BOOLEAN;
        case REG_DATE:
                *out = v->moment.day;
                return v->kind == FEEL_DATE;
        case REG_TEXT:
                if (v->kind != FEEL_STRING)
                        return false;
                *out = text_intern(p, v->string);
                return true;
        }
        return false;
}

static bool reg_kind_of(const struct feel_value *v, enum reg_kind *out)
{
        *out = v->kind == FEEL_NUMBER    ? REG_NUMBER
               : v->kind == FEEL_BOOLEAN ? REG_BOOLEAN
               : v->kind == FEEL_DATE    ? REG_DATE
                                         : REG_TEXT;
        return v->kind == FEEL_NUMBER || v->kind == FEEL_BOOLEAN || v->kind == FEEL_DATE || v->kind == FEEL_STRING;
}

struct cv *cv_ready(struct plan *p, struct cv *v)
{
        enum reg_kind type;
        int64_t number;

        if (v->kind == CV_FEW)
                v = cv_table(p, v);
        if (v->kind == CV_REG)
                return v;
        if (v->kind != CV_SAME || !reg_kind_of(&v->value, &type))
                return cv_none(p);
        int scale = type == REG_NUMBER ? scale_of(v->value.number) : 0;
        if (scale < 0 || !value_fits(p, &v->value, type, scale, &number))
                return cv_none(p);
        return cv_reg(p, type, reg_constant(p, number), scale, number, number);
}

/* The places of some rows among the combinations of some inputs. */
static void combinations_of(const struct plan *p, uint64_t inputs, size_t first, size_t n, int64_t *at)
{
        int64_t codes[BLOCK_ROWS];

        memset(at, 0, n * sizeof *at);
        for (size_t i = 0; i < p->job->input_count; i++) {
                if ((inputs >> i & 1) == 0)
                        continue;
                column_codes(&p->domains[i], &p->job->inputs[i], first, n, codes);
                for (size_t r = 0; r < n; r++)
                        at[r] = at[r] * p->domains[i].count + codes[r];
        }
}

/* Which combinations there are among the rows; few: all of them. */
static uint8_t *combinations_used(struct plan *p, uint64_t inputs, size_t size)
{
        for (size_t i = 0; i < p->used_count; i++)
                if (p->used_inputs[i] == inputs)
                        return p->used_of[i];
        uint8_t *used = arena_array(p->arena, size + 1, 1);
        int64_t at[BLOCK_ROWS];

        if (used == NULL) {
                p->failed = true;
                return NULL;
        }
        if (size <= 64 || (inputs & (inputs - 1)) == 0)
                memset(used, 1, size);
        else
                for (size_t row = 0; row < p->job->rows; row += BLOCK_ROWS) {
                        size_t n = p->job->rows - row < BLOCK_ROWS ? p->job->rows - row : BLOCK_ROWS;
                        combinations_of(p, inputs, row, n, at);
                        for (size_t r = 0; r < n; r++)
                                used[at[r]] = 1;
                }
        if (p->used_count < INPUTS_MAX) {
                p->used_inputs[p->used_count] = inputs;
                p->used_of[p->used_count++] = used;
        }
        return used;
}

/* Every combination that there is, by the scalar path. */
static struct feel_value *combinations_run(struct plan *p, struct cv *v, const uint8_t *used, size_t size)
{
        struct feel_value *values = arena_array(p->work, size, sizeof *values);

        if (values == NULL) {
                p->failed = true;
                return NULL;
        }
        for (size_t at = 0; at < size; at++) {
                size_t rest = at;
                values[at] = feel_nothing();
                if (!used[at])
                        continue;
                for (size_t i = p->job->input_count; i-- > 0;) {
                        if ((v->inputs >> i & 1) == 0)
                                continue;
                        p->chosen[i] = p->domains[i].values[rest % p->domains[i].count];
                        rest /= p->domains[i].count;
                }
                if (!combination_scalar(p, v, &values[at]))
                        values[at] = feel_nothing();
        }
        return values;
}

int code_register(struct plan *p, size_t i)
{
        if (p->code_reg[i] == NO_REG)
                p->code_reg[i] = op_emit(
                    p, (struct op){.kernel = K_CODE, .a = NO_REG, .b = NO_REG, .c = NO_REG, .mask = NO_REG, .k = (int64_t)i});
        return p->code_reg[i];
}

static int codes(struct plan *p, uint64_t inputs)
{
        int at = NO_REG;

        for (size_t i = 0; i < p->job->input_count; i++) {
                if ((inputs >> i & 1) == 0)
                        continue;
                int own = code_register(p, i);
                at =
                    at == NO_REG
                        ? own
                        : op_emit(
                              p,
                              (struct op){
                                  .kernel = K_INDEX, .a = at, .b = own, .c = NO_REG, .mask = NO_REG, .k = p->domains[i].count});
        }
        return at;
}

/* The same combination of codes is made once. */
static int codes_once(struct plan *p, uint64_t inputs)
{
        for (size_t i = 0; i < p->index_count; i++)
                if (p->index_inputs[i] == inputs)
                        return p->index_reg[i];
        int reg = codes(p, inputs);
        if (p->index_count < INPUTS_MAX) {
                p->index_inputs[p->index_count] = inputs;
                p->index_reg[p->index_count++] = reg;
        }
        return reg;
}

/* The kind and the decimals that hold them all; false when no value is of a kind that a register has. */
static bool values_kind(const struct feel_value *values, const uint8_t *used, size_t size, enum reg_kind *type, int *scale)
{
        enum reg_kind other;
        bool found = false;

        *scale = 0;
        for (size_t at = 0; at < size; at++) {
                if (!used[at] || !reg_kind_of(&values[at], &other))
                        continue;
                if (!found)
                        *type = other;
                found = true;
                int own = values[at].kind == FEEL_NUMBER ? scale_of(values[at].number) : 0;
                *scale = own > *scale ? own : *scale;
        }
        return found;
}

/* Values of one kind, as numbers; what is not of that kind is left to the scalar path. */
static bool values_table(struct plan *p, struct cv *v, const struct feel_value *values, const uint8_t *used, size_t size)
{
        int64_t *table = arena_array(p->arena, size, sizeof *table);

        if (table == NULL) {
                p->failed = true;
                return false;
        }
        if (!values_kind(values, used, size, &v->type, &v->scale))
                return false;
        v->low = INT64_MAX;
        v->high = INT64_MIN;
        for (size_t at = 0; at < size; at++) {
                if (!used[at] || !value_fits(p, &values[at], v->type, v->scale, &table[at])) {
                        table[at] = NO_VALUE;
                        v->holes = true;
                        continue;
                }
                v->low = table[at] < v->low ? table[at] : v->low;
                v->high = table[at] > v->high ? table[at] : v->high;
        }
        v->values = table;
        return v->low <= v->high;
}

/* One value for all combinations that there are: then it is no table, and branches on it are decided here. */
static bool all_same(struct plan *p, const struct feel_value *values, const uint8_t *used, size_t size, struct feel_value *out)
{
        enum reg_kind type;
        bool first = true;

        for (size_t at = 0; at < size; at++) {
                if (!used[at])
                        continue;
                if (first)
                        *out = values[at];
                else if (!feel_is(out, &values[at]))
                        return false;
                first = false;
        }
        if (first || !reg_kind_of(out, &type))
                return false;
        if (type == REG_TEXT) {
                int64_t text = text_intern(p, out->string);
                out->string = p->texts[text];
        }
        return !p->failed;
}

/* What the scalar path makes on the way is forgotten when the table is filled. */
static void tabulate(struct plan *p, struct cv *v)
{
        struct feel_value same;
        size_t size = 1;

        for (size_t i = 0; i < p->job->input_count; i++)
                size *= (v->inputs >> i & 1) != 0 ? p->domains[i].count : 1;
        uint8_t *used = combinations_used(p, v->inputs, size);
        p->machine.arena = p->work;
        p->machine.stack = NULL;
        struct feel_value *values = used == NULL ? NULL : combinations_run(p, v, used, size);
        if (values != NULL && all_same(p, values, used, size, &same))
                v->table = cv_same(p, same);
        else if (values == NULL || !values_table(p, v, values, used, size))
                v->table = cv_none(p);
        p->machine.arena = p->arena;
        p->machine.stack = NULL;
        arena_reset(p->work);
}

struct cv *cv_table(struct plan *p, struct cv *v)
{
        if (v->kind != CV_FEW)
                return v;
        if (v->table == NULL && v->values == NULL)
                tabulate(p, v);
        if (v->table != NULL && (v->table->kind != CV_REG || !v->holes || v->table_mask == p->mask))
                return v->table;
        int at = codes_once(p, v->inputs), mask = v->holes ? mask_register(p) : NO_REG;
        p->tables++;
        int reg = op_emit(p, (struct op){.kernel = K_GATHER,
                                         .a = at,
                                         .b = NO_REG,
                                         .c = NO_REG,
                                         .mask = mask,
                                         .checked = v->holes,
                                         .table = v->values,
                                         .k = v->low});
        v->table = cv_reg(p, v->type, reg, v->type == REG_NUMBER ? v->scale : 0, v->low, v->high);
        v->table_mask = p->mask;
        return v->table;
}
