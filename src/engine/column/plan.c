/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/column/plan.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY_MAX ((size_t)512 << 20)
#define STEPS_MAX 1000000000 /* beyond them rows are left to the scalar path, each with its own limit */

static const struct column_output *output_of(const struct plan *p, size_t i)
{
        return &p->job->outputs[i];
}

/* A column: by its few values, or as it is. */
static struct cv *input_column(struct plan *p, size_t i)
{
        static const enum reg_kind KINDS[] = {REG_NUMBER, REG_BOOLEAN, REG_DATE, REG_TEXT};
        const struct column_input *in = &p->job->inputs[i];
        const struct domain *d = &p->domains[i];

        if (d->count > 0) {
                struct cv *v = few_make(p, FEW_INPUT, NULL, NULL, NULL, i, (uint64_t)1 << i);
                v->count = i;
                code_register(p, i); /* also when all of its values give the same */
                return v;
        }
        if (in->kind == COLUMN_TEXT)
                return cv_none(p);
        struct op load = {
            .kernel = K_LOAD, .checked = true, .a = NO_REG, .b = NO_REG, .c = NO_REG, .mask = NO_REG, .k = (int64_t)i};
        struct cv *v = cv_reg(p, KINDS[in->kind], op_emit(p, load), in->kind == COLUMN_NUMBER ? in->scale : 0, d->low, d->high);
        if (v->type == REG_NUMBER)
                v = number_fit(p, v);
        return cv_coerce(p, v, p->input_types[i]);
}

static struct cv *input_value(struct plan *p, const struct element *e)
{
        for (size_t i = 0; i < p->job->input_count; i++) {
                const struct column_input *in = &p->job->inputs[i];
                if (strcmp(in->name, e->face.name) != 0)
                        continue;
                p->input_types[i] = e->type;
                return in->same != NULL ? cv_coerce(p, cv_same(p, *in->same), e->type) : input_column(p, i);
        }
        return cv_same(p, feel_nothing());
}

static void element_plan(struct plan *p, size_t index)
{
        const struct element *e = &p->model->elements[index];

        if (p->globals[index] != NULL || e->function != NULL || p->failed)
                return;
        if (e->kind == ELEMENT_INPUT) {
                p->globals[index] = input_value(p, e);
                return;
        }
        for (size_t i = 0; i < e->need_count; i++)
                element_plan(p, e->needs[i].index);
        if (e->program == NULL) {
                p->globals[index] = cv_none(p);
                return;
        }
        bool root = e->program->op == OP_ROOT;
        struct env *env = env_new(p, root ? e->program->slot : 0);
        if (env != NULL)
                p->globals[index] = cv_node(p, root ? e->program->children[0] : e->program, env);
}

static int decision_find(const struct plan *p, const char *name, size_t *index, struct error *err)
{
        const struct unit *main = p->model->main;

        for (size_t i = main->first; i < main->first + main->count; i++)
                if (p->model->elements[i].kind == ELEMENT_DECISION &&
                    (strcmp(p->model->elements[i].face.name, name) == 0 || strcmp(p->model->elements[i].face.id, name) == 0)) {
                        *index = i;
                        return 0;
                }
        return error_raise(err, SB_DMN_DECISION, "%s|%s", main->name, name);
}

static struct cv *output_value(struct plan *p, const struct column_output *o, struct cv *v)
{
        if (o->field == NULL)
                return v;
        if (v->kind == CV_CONTEXT) {
                for (size_t i = 0; i < v->count; i++)
                        if (strcmp(v->names[i], o->field) == 0)
                                return v->entries[i];
                return cv_none(p);
        }
        if (v->kind != CV_SAME)
                return cv_none(p);
        struct feel_value field;
        feel_property(&p->machine, &v->value, o->field, feel_part_code(o->field), &field);
        return cv_same(p, field);
}

static int outputs_plan(struct plan *p, struct error *err)
{
        p->outputs = arena_array(p->arena, p->job->output_count + 1, sizeof *p->outputs);
        if (p->outputs == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < p->job->output_count; i++) {
                const struct column_output *o = output_of(p, i);
                struct plan_output *to = &p->outputs[i];
                size_t index = 0;
                if (decision_find(p, o->decision, &index, err) < 0)
                        return ERR;
                element_plan(p, index);
                if (p->failed)
                        break;
                struct cv *v = output_value(p, o, p->globals[index]);
                to->reg = NO_REG;
                if (v->kind == CV_SAME) {
                        to->same = true;
                        to->value = v->value;
                        continue;
                }
                v = cv_ready(p, v);
                if (v->kind == CV_REG && v->type == REG_NUMBER && o->kind == COLUMN_NUMBER && v->scale < o->scale)
                        v = number_scaled(p, v, o->scale);
                if (v->kind != CV_REG)
                        continue;
                to->reg = v->reg;
                to->type = v->type;
                to->scale = v->scale;
        }
        return p->failed ? error_raise(err, SB_LIMIT, "%s|%zu", ERROR_BOTH("memory of a plan in bytes", "计算方案的内存字节数"),
                                       MEMORY_MAX)
                         : 0;
}

int column_plan_make(struct plan **out, const struct dmn_model *model, const struct column_job *job,
                     const struct domain *domains, struct error *err)
{
        struct plan *p = calloc(1, sizeof *p);
        int rc = ERR;

        if (p != NULL)
                p->arena = arena_new(MEMORY_MAX);
        if (p != NULL)
                p->work = arena_new(MEMORY_MAX);
        if (p == NULL || p->arena == NULL || p->work == NULL || dmn_context_new(&p->host, model, 0, err) < 0) {
                rc = error_raise(err, SB_MEMORY, "%s", "");
                goto done;
        }
        p->model = model;
        p->job = job;
        p->mask = -1;
        p->steps = STEPS_MAX;
        for (size_t i = 0; i < job->input_count; i++) {
                p->domains[i] = domains[i];
                p->code_reg[i] = NO_REG;
                p->input_types[i] = &FEEL_TYPES[FEEL_T_ANY];
        }
        feel_machine_init(&p->machine, p->arena, NULL, &p->machine_error);
        p->machine.zones = model->zones;
        p->machine.host = p->host;
        p->machine.stack_base = __builtin_frame_address(0);
        p->globals = arena_array(p->arena, model->element_count + 1, sizeof(struct cv *));
        p->global_values = arena_array(p->arena, model->element_count + 1, sizeof *p->global_values);
        if (p->globals == NULL || p->global_values == NULL) {
                rc = error_raise(err, SB_MEMORY, "%s", "");
                goto done;
        }
        rc = outputs_plan(p, err);
        if (rc == 0)
                column_plan_allocate(p);
        if (rc == 0 && p->failed)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        arena_free(p == NULL ? NULL : p->work);
        if (p != NULL)
                p->work = NULL;
        if (rc == 0) {
                *out = p;
                p = NULL;
        }
done:
        column_plan_free(p);
        return rc;
}

void column_plan_free(struct plan *p)
{
        if (p == NULL)
                return;
        feel_machine_dispose(&p->machine);
        dmn_context_free(p->host);
        arena_free(p->work);
        arena_free(p->arena);
        free(p);
}
