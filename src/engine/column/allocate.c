/* SPDX-License-Identifier: Apache-2.0
 *
 * The last step of a plan: kernels whose result nobody reads are dropped, unless they find rows that the plan was not made for; and registers are used again when their last reader is past, so that
 * a block's values stay in the cache. Constants keep a register of their own.
 */
#include "engine/column/plan.h"

#include <string.h>

static const int *reads(const struct op *op, int out[4])
{
        out[0] = op->a;
        out[1] = op->b;
        out[2] = op->c;
        out[3] = op->mask;
        return out;
}

static void drop_unread(struct plan *p, bool *read)
{
        size_t kept = 0;
        int from[4];

        for (size_t i = 0; i < p->job->output_count; i++)
                if (p->outputs[i].reg != NO_REG)
                        read[p->outputs[i].reg] = true;
        for (size_t i = p->op_count; i-- > 0;) {
                struct op *op = &p->ops[i];
                if (!op->checked && op->kernel != K_BAD && op->kernel != K_CODE && !read[op->dst]) {
                        op->dst = NO_REG;
                        continue;
                }
                reads(op, from);
                for (int k = 0; k < 4; k++)
                        if (from[k] != NO_REG)
                                read[from[k]] = true;
        }
        for (size_t i = 0; i < p->op_count; i++)
                if (p->ops[i].kernel == K_BAD || p->ops[i].dst != NO_REG)
                        p->ops[kept++] = p->ops[i];
        p->op_count = kept;
}

static int place(const int *where, int reg)
{
        return reg == NO_REG ? NO_REG : where[reg];
}

/* One op: its sources, then the place of its result, which may be that of a source that is read no more. */
static void place_op(struct plan *p, size_t at, int *where, const size_t *last, int *free_list, int *free_count)
{
        struct op *op = &p->ops[at];
        int from[4], original[4];

        reads(op, original);
        for (int k = 0; k < 4; k++)
                from[k] = place(where, original[k]);
        for (int k = 0; k < 4; k++) {
                bool again = original[k] == NO_REG || p->is_constant[original[k]] || last[original[k]] != at;
                for (int j = 0; j < k && !again; j++)
                        again = original[j] == original[k];
                if (!again)
                        free_list[(*free_count)++] = from[k];
        }
        op->a = from[0];
        op->b = from[1];
        op->c = from[2];
        op->mask = from[3];
        if (op->dst == NO_REG)
                return;
        int reg = *free_count > 0 ? free_list[--*free_count] : p->phys++;
        where[op->dst] = reg;
        op->dst = reg;
}

void column_plan_allocate(struct plan *p)
{
        size_t n = (size_t)p->regs + 1, *last = arena_array(p->arena, n, sizeof *last);
        int *where = arena_array(p->arena, n, sizeof *where), *free_list = arena_array(p->arena, n * 2, sizeof *free_list),
            free_count = 0, from[4];
        bool *read = arena_array(p->arena, n, sizeof *read);
        int64_t *constants = arena_array(p->arena, n, sizeof *constants);
        bool *is_constant = arena_array(p->arena, n, sizeof *is_constant);

        if (last == NULL || where == NULL || free_list == NULL || read == NULL || constants == NULL || is_constant == NULL) {
                p->failed = true;
                return;
        }
        drop_unread(p, read);
        for (int r = 0; r < p->regs; r++)
                if (p->is_constant[r] && read[r]) {
                        where[r] = p->phys++;
                        constants[where[r]] = p->constants[r];
                        is_constant[where[r]] = true;
                }
        for (size_t i = 0; i < p->op_count; i++) {
                reads(&p->ops[i], from);
                for (int k = 0; k < 4; k++)
                        if (from[k] != NO_REG)
                                last[from[k]] = i;
        }
        for (size_t i = 0; i < p->job->output_count; i++)
                if (p->outputs[i].reg != NO_REG)
                        last[p->outputs[i].reg] = SIZE_MAX;
        for (size_t i = 0; i < p->op_count; i++)
                place_op(p, i, where, last, free_list, &free_count);
        for (size_t i = 0; i < p->job->output_count; i++)
                p->outputs[i].reg = place(where, p->outputs[i].reg);
        p->constants = constants;
        p->is_constant = is_constant;
}
