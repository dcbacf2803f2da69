/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluates decisions: what is required first, each once. An activation holds the values of one evaluation of
 * the graph; a decision service called inside of another evaluation has one of its own.
 */
#include "engine/dmn/model.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define POOL_MAX 8
#define MEMORY_DEFAULT ((size_t)256 << 20)

struct activation {
        struct feel_value *values; /* per element: what m->globals is while its decisions run */
        bool *known;
};
struct dmn_context {
        const struct dmn_model *model;
        struct arena *arena;
        struct feel_machine machine;
        bool has_now, explain;
        instant_t now;
        struct activation activation;
        const struct feel_entry *inputs;
        size_t input_count;
        struct trace *trace;
        dmn_describe *describe;
        void *describe_ctx;
};

static int activation_new(struct dmn_context *c, struct activation *a)
{
        a->values = arena_array(c->arena, c->model->element_count + 1, sizeof *a->values);
        a->known = arena_array(c->arena, c->model->element_count + 1, sizeof *a->known);
        return a->values == NULL || a->known == NULL ? feel_out_of_memory(&c->machine) : 0;
}

/* An input of the model by its name; one of an import also by "import.name". */
static const struct feel_value *input_find(const struct dmn_context *c, const struct element *e)
{
        size_t n = strlen(e->face.name);

        for (size_t i = 0; i < c->input_count; i++)
                if (c->inputs[i].name[0] == e->face.name[0] && strcmp(c->inputs[i].name, e->face.name) == 0)
                        return &c->inputs[i].value;
        for (size_t i = 0; e->unit != c->model->main && i < c->input_count; i++) {
                size_t k = strlen(c->inputs[i].name);
                if (k > n + 1 && c->inputs[i].name[k - n - 1] == '.' && strcmp(c->inputs[i].name + k - n, e->face.name) == 0)
                        return &c->inputs[i].value;
                if (c->inputs[i].value.kind == FEEL_CONTEXT)
                        for (size_t u = 0; u < c->model->main->import_count; u++) {
                                const struct import *im = &c->model->main->imports[u];
                                const struct feel_value *v = im->unit == e->unit && strcmp(im->name, c->inputs[i].name) == 0
                                                                 ? feel_get(&c->inputs[i].value, e->face.name)
                                                                 : NULL;
                                if (v != NULL)
                                        return v;
                        }
        }
        return NULL;
}

static int element_eval(struct dmn_context *c, struct activation *a, size_t index);

static int decision_eval(struct dmn_context *c, struct activation *a, size_t index)
{
        const struct element *e = &c->model->elements[index];
        const struct feel_value *globals = c->machine.globals;

        for (size_t i = 0; i < e->need_count; i++)
                if (element_eval(c, a, e->needs[i].index) < 0)
                        return ERR;
        if (e->program == NULL) {
                a->values[index] = feel_null(&c->machine, "a decision has no logic");
                return 0;
        }
        if (c->trace != NULL)
                trace_begin(c->trace, e);
        c->machine.globals = a->values;
        int rc = feel_eval(&c->machine, e->program, NULL, &a->values[index]);
        c->machine.globals = globals;
        if (c->trace != NULL)
                trace_end(c->trace, rc < 0 ? NULL : &a->values[index]);
        return rc;
}

/* Inputs are read when they are needed, from the caller of the whole; inside of a service they are its parameters. */
static int element_eval(struct dmn_context *c, struct activation *a, size_t index)
{
        const struct element *e = &c->model->elements[index];
        const struct feel_value *given;
        int rc = 0;

        if (a->known[index] || e->function != NULL)
                return 0;
        if (e->kind == ELEMENT_DECISION) {
                rc = decision_eval(c, a, index);
        } else if (a == &c->activation && (given = input_find(c, e)) != NULL) {
                a->values[index] = *given;
                rc = type_coerce(&c->machine, e->type, &a->values[index]);
        }
        a->known[index] = rc == 0;
        return rc;
}

/* The one output, or a context of all. */
static int outputs_eval(struct dmn_context *c, struct activation *a, const struct element *e, struct feel_value *out)
{
        struct feel_entry *entries = arena_array(c->arena, e->output_count + 1, sizeof *entries);

        if (entries == NULL)
                return feel_out_of_memory(&c->machine);
        for (size_t i = 0; i < e->output_count; i++) {
                size_t index = e->needs[i].index;
                if (element_eval(c, a, index) < 0)
                        return ERR;
                entries[i] = (struct feel_entry){c->model->elements[index].face.name, a->values[index]};
        }
        *out = e->output_count == 1
                   ? entries[0].value
                   : (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)e->output_count, .entries = entries};
        return 0;
}

int service_call(struct feel_machine *m, const struct feel_function *f, const struct feel_value *args, size_t count,
                 struct feel_value *out)
{
        struct dmn_context *c = m->host;
        const struct element *e = f->ctx;
        struct activation a;

        if (activation_new(c, &a) < 0)
                return ERR;
        for (size_t i = 0; i < count; i++) {
                size_t index = e->needs[e->need_count - e->input_count + i].index;
                a.values[index] = args[i];
                a.known[index] = true;
        }
        return outputs_eval(c, &a, e, out);
}

/* A function of the model called from outside: its parameters by name among the inputs. */
static int function_eval(struct dmn_context *c, const struct element *e, struct feel_value *out)
{
        const struct feel_function *f = e->function;
        struct feel_value *args = arena_array(c->arena, f->parameter_count + 1, sizeof *args);

        if (args == NULL)
                return feel_out_of_memory(&c->machine);
        for (size_t i = 0; i < f->parameter_count; i++)
                for (size_t k = 0; k < c->input_count; k++)
                        if (strcmp(c->inputs[k].name, f->parameters[i]) == 0)
                                args[i] = c->inputs[k].value;
        return feel_call(&c->machine, f, args, f->parameter_count, out);
}

/* A decision before anything else of the same name; then a service, then knowledge. */
static bool target_find(const struct dmn_model *m, const char *name, size_t *index)
{
        static const enum element_kind ORDER[] = {ELEMENT_DECISION, ELEMENT_SERVICE, ELEMENT_KNOWLEDGE, ELEMENT_INPUT};

        for (int k = 0; k < 4; k++)
                for (size_t i = m->main->first; i < m->main->first + m->main->count; i++) {
                        const struct element *e = &m->elements[i];
                        const char *own = xml_attr(e->xml, "name"); /* its variable may be called otherwise */
                        if (e->kind == ORDER[k] && (strcmp(e->face.name, name) == 0 || strcmp(e->face.id, name) == 0 ||
                                                    (own != NULL && strcmp(own, name) == 0))) {
                                *index = i;
                                return true;
                        }
                }
        return false;
}

static int decision_run(struct dmn_context *c, const char *decision, struct feel_value *out, struct error *err)
{
        size_t index;
        int rc;

        if (!target_find(c->model, decision, &index))
                return error_raise(err, SB_DMN_DECISION, "%s|%s", c->model->main->name, decision);
        const struct element *e = &c->model->elements[index];
        c->machine.stack_base = __builtin_frame_address(0);
        rc = activation_new(c, &c->activation);
        if (rc == 0 && e->function != NULL) {
                rc = function_eval(c, e, out);
        } else if (rc == 0) {
                rc = element_eval(c, &c->activation, index);
                *out = c->activation.values[index];
        }
        c->machine.stack_base = NULL;
        if (rc == 0 && c->machine.steps < 0)
                rc = error_raise(err, SB_FEEL_STEPS, "%s", "");
        if (rc < 0 && err != NULL && err->where[0] == '\0')
                error_where(err, "%s!%s", c->model->main->name, decision);
        return rc;
}

static int run_begin(struct dmn_context *c, const struct feel_limits *limits, struct error *err)
{
        feel_machine_again(&c->machine, limits, err);
        c->machine.zones = c->model->zones;
        c->machine.has_now = c->has_now;
        c->machine.now = c->now;
        c->machine.host = c;
        c->machine.globals = NULL;
        c->trace = NULL;
        c->machine.on_external = NULL;
        c->machine.on_note = NULL;
        if (!c->explain)
                return 0;
        c->trace = trace_new(c->arena);
        if (c->trace == NULL)
                return feel_out_of_memory(&c->machine);
        c->machine.on_external = trace_external;
        c->machine.on_note = trace_note;
        c->machine.on_ctx = c->trace;
        return 0;
}

int dmn_context_new(struct dmn_context **out, const struct dmn_model *m, size_t limit, struct error *err)
{
        struct dmn_context *c = calloc(1, sizeof *c);

        if (c != NULL)
                c->arena = arena_new(limit == 0 ? MEMORY_DEFAULT : limit);
        if (c == NULL || c->arena == NULL) {
                free(c);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        c->model = m;
        feel_machine_init(&c->machine, c->arena, NULL, NULL);
        *out = c;
        return 0;
}

void dmn_context_free(struct dmn_context *c)
{
        if (c == NULL)
                return;
        feel_machine_dispose(&c->machine);
        arena_free(c->arena);
        free(c);
}

void dmn_context_now(struct dmn_context *c, instant_t now)
{
        c->has_now = true;
        c->now = now;
}

void dmn_context_explain(struct dmn_context *c, bool explain, dmn_describe *describe, void *describe_ctx)
{
        c->explain = explain;
        c->describe = describe;
        c->describe_ctx = describe_ctx;
}

json_t *dmn_context_derivation(const struct dmn_context *c)
{
        return c->trace == NULL ? json_array() : trace_json(c->trace, c->describe, c->describe_ctx);
}

int dmn_run(struct dmn_context *c, const char *decision, const struct feel_entry *inputs, size_t count, struct feel_value *out,
            struct error *err)
{
        struct error own = {0};

        err = err == NULL ? &own : err;
        arena_reset(c->arena);
        c->inputs = inputs;
        c->input_count = count;
        if (run_begin(c, NULL, err) < 0)
                return ERR;
        return decision_run(c, decision, out, err);
}

static int inputs_read(struct dmn_context *c, const json_t *json, struct error *err)
{
        const struct dmn_model *m = c->model;
        struct feel_entry *entries = arena_array(c->arena, json_object_size(json) + 1, sizeof *entries);
        const char *name;
        json_t *value;
        size_t n = 0;

        if (entries == NULL)
                return feel_out_of_memory(&c->machine);
        json_object_foreach((json_t *)(uintptr_t)json, name, value)
        {
                const struct feel_type *type = &FEEL_TYPES[FEEL_T_ANY];
                for (size_t i = 0; i < m->element_count; i++)
                        if (m->elements[i].kind == ELEMENT_INPUT && m->elements[i].face.name[0] == name[0] &&
                            strcmp(m->elements[i].face.name, name) == 0)
                                type = m->elements[i].type;
                entries[n].name = arena_text(c->arena, str_from(name));
                if (entries[n].name == NULL)
                        return feel_out_of_memory(&c->machine);
                if (json_typed(&c->machine, value, type, &entries[n++].value) < 0)
                        return error_where(err, "%s!%s", m->main->name, name);
        }
        c->inputs = entries;
        c->input_count = n;
        return 0;
}

static int answer_make(struct dmn_context *c, const struct dmn_call *call, const struct feel_value *v, struct dmn_answer *out,
                       struct error *err)
{
        out->result = feel_to_json(v);
        out->diagnostics = c->machine.diagnostics;
        text_copy(out->diagnostic, sizeof out->diagnostic, str_from(c->machine.diagnostic));
        if (call->explain)
                out->derivation = json_pack("{s:s,s:s,s:i,s:o}", "model", c->model->main->name, "decision", call->decision,
                                            "semantics", DMN_SEMANTICS_VERSION, "steps", dmn_context_derivation(c));
        if (out->result == NULL || (call->explain && out->derivation == NULL))
                return error_raise(err, SB_LIMIT, "%s|%s", "the result of a decision", "4,000,000 values");
        return 0;
}

/* Contexts that dmn_eval used and will use again, so that a call need not ask the system for memory. */
struct context_pool {
        pthread_mutex_t lock;
        struct dmn_context *spare[POOL_MAX];
        size_t count;
};

struct context_pool *pool_new(void)
{
        struct context_pool *p = calloc(1, sizeof *p);

        if (p != NULL)
                pthread_mutex_init(&p->lock, NULL);
        return p;
}

void pool_free(struct context_pool *p)
{
        if (p == NULL)
                return;
        for (size_t i = 0; i < p->count; i++)
                dmn_context_free(p->spare[i]);
        pthread_mutex_destroy(&p->lock);
        free(p);
}

static int pool_take(const struct dmn_model *m, struct dmn_context **out, struct error *err)
{
        struct context_pool *p = m->pool;

        pthread_mutex_lock(&p->lock);
        *out = p->count == 0 ? NULL : p->spare[--p->count];
        pthread_mutex_unlock(&p->lock);
        return *out != NULL ? 0 : dmn_context_new(out, m, 0, err);
}

static void pool_give(const struct dmn_model *m, struct dmn_context *c)
{
        struct context_pool *p = m->pool;

        arena_reset(c->arena);
        c->machine.err = NULL;
        pthread_mutex_lock(&p->lock);
        if (p->count < POOL_MAX) {
                p->spare[p->count++] = c;
                c = NULL;
        }
        pthread_mutex_unlock(&p->lock);
        dmn_context_free(c);
}

int dmn_eval(const struct dmn_model *m, const struct dmn_call *call, struct dmn_answer *out, struct error *err)
{
        struct dmn_context *c = NULL;
        struct error own = {0};
        struct feel_value v;

        memset(out, 0, sizeof *out);
        err = err == NULL ? &own : err;
        if (pool_take(m, &c, err) < 0)
                return ERR;
        c->has_now = call->has_now;
        c->now = call->now;
        dmn_context_explain(c, call->explain, call->describe, call->describe_ctx);
        int rc = run_begin(c, &call->limits, err);
        if (rc == 0)
                rc = inputs_read(c, call->inputs, err);
        if (rc == 0)
                rc = decision_run(c, call->decision, &v, err);
        if (rc == 0)
                rc = answer_make(c, call, &v, out, err);
        if (rc < 0)
                dmn_answer_dispose(out);
        pool_give(m, c);
        return rc;
}

void dmn_answer_dispose(struct dmn_answer *a)
{
        json_decref(a->result);
        json_decref(a->derivation);
        a->result = a->derivation = NULL;
}
