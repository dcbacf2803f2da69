/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluates decisions: what is required first, each once; boxed expressions; decision tables; the derivation.
 */
#include "engine/dmn/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_DEFAULT ((size_t)256 << 20)
#define NEST_MAX 64

struct slot { /* value of an element in this evaluation */
        const struct dmn_model *model;
        size_t index;
        struct feel_value value;
        struct slot *next;
};
struct dmn_context {
        const struct dmn_model *model;
        struct arena *arena;
        struct feel_machine machine;
        const struct feel_entry *inputs;
        size_t input_count;
        struct slot *slots;
        int nest;
        json_t *steps;  /* NULL: no derivation */
        json_t *step;   /* the decision being evaluated; borrowed */
        dmn_describe *describe;
        void *describe_ctx;
};

static int box_eval(struct dmn_context *c, const struct dmn_model *m, const struct box *b, const struct feel_env *env,
                    struct feel_value *out);

static int full(struct dmn_context *c)
{
        return error_raise(c->machine.err, SB_LIMIT, "%s|%s", "memory of an evaluation", "the arena");
}

/* --- derivation --------------------------------------------------------------------------------------------------------- */

static json_t *step_list(json_t *step, const char *name)
{
        json_t *list = json_object_get(step, name);

        if (list == NULL) {
                list = json_array();
                json_object_set_new(step, name, list);
        }
        return list;
}

static void note_entry(struct dmn_context *c, const char *name, const char *article, const struct feel_value *v)
{
        if (c->step == NULL || name == NULL || v->kind == FEEL_FUNCTION)
                return;
        json_t *entry = json_pack("{s:s,s:o}", "name", name, "value", feel_to_json(v));
        if (entry != NULL && article != NULL)
                json_object_set_new(entry, "article", json_string(article));
        json_array_append_new(step_list(c->step, "entries"), entry);
}

static void note_rule(struct dmn_context *c, const struct table *t, size_t rule)
{
        if (c->step == NULL)
                return;
        json_t *entry = json_pack("{s:s,s:s,s:I,s:I}", "table", t->name == NULL ? "" : t->name, "element",
                                  t->element == NULL ? "" : t->element, "at", (json_int_t)t->at, "rule", (json_int_t)rule + 1);
        if (entry != NULL && t->rules[rule].id != NULL)
                json_object_set_new(entry, "id", json_string(t->rules[rule].id));
        if (entry != NULL && t->rules[rule].article != NULL)
                json_object_set_new(entry, "article", json_string(t->rules[rule].article));
        json_array_append_new(step_list(c->step, "rules"), entry);
}

static void note_external(void *ctx, const struct feel_function *f, const struct feel_value *args, size_t count,
                          const struct feel_value *result)
{
        struct dmn_context *c = ctx;

        if (c->step == NULL || c->describe == NULL)
                return;
        json_t *described = c->describe(c->describe_ctx, f, args, count, result);
        json_t *list = step_list(c->step, "parameters");
        size_t i;
        json_t *seen;
        json_array_foreach(list, i, seen)
                if (described != NULL && json_equal(seen, described)) {
                        json_decref(described);
                        return;
                }
        if (described != NULL)
                json_array_append_new(list, described);
}

/* --- types ---------------------------------------------------------------------------------------------------------------- */

static bool builtin_type(const char *type, enum feel_kind *kind)
{
        static const struct {
                const char *name;
                enum feel_kind kind;
        } TYPES[] = {{"number", FEEL_NUMBER}, {"string", FEEL_STRING}, {"boolean", FEEL_BOOLEAN}, {"date", FEEL_DATE},
                     {"time", FEEL_TIME}, {"date and time", FEEL_DATE_TIME}, {"dateTime", FEEL_DATE_TIME},
                     {"days and time duration", FEEL_DAYS}, {"dayTimeDuration", FEEL_DAYS},
                     {"years and months duration", FEEL_MONTHS}, {"yearMonthDuration", FEEL_MONTHS}};

        for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
                if (strcmp(TYPES[i].name, type) == 0) {
                        *kind = TYPES[i].kind;
                        return true;
                }
        return false;
}

static bool conforms(struct dmn_context *c, const struct dmn_model *m, const char *name, const struct type *t, struct feel_value *v,
                     int depth);

static bool allowed(struct dmn_context *c, const struct type *t, const struct feel_value *v)
{
        struct feel_env question = {.name = "?", .value = *v};
        struct feel_value yes;

        if (t->allowed == NULL)
                return true;
        return feel_eval(&c->machine, t->allowed, &question, &yes) == 0 && yes.kind == FEEL_BOOLEAN && yes.boolean;
}

static bool conforms_one(struct dmn_context *c, const struct dmn_model *m, const struct type *t, struct feel_value *v, int depth)
{
        if (t->component_count == 0)
                return (t->base == NULL || conforms(c, m, t->base, NULL, v, depth + 1)) && (v->kind == FEEL_NULL || allowed(c, t, v));
        if (v->kind != FEEL_CONTEXT)
                return v->kind == FEEL_NULL;
        for (size_t i = 0; i < t->component_count; i++) {
                const struct feel_value *part = feel_get(v, t->components[i].name);
                struct feel_value copy;
                if (part == NULL)
                        continue;
                copy = *part;
                if (!conforms(c, m, NULL, &t->components[i], &copy, depth + 1))
                        return false;
        }
        return allowed(c, t, v);
}

/* Whether a value is of a type; null is of every type. A list of one where one is wanted is unwrapped (10.3.2.9.4). */
static bool conforms(struct dmn_context *c, const struct dmn_model *m, const char *name, const struct type *t, struct feel_value *v,
                     int depth)
{
        enum feel_kind kind;

        if (v->kind == FEEL_NULL || depth > NEST_MAX)
                return v->kind == FEEL_NULL;
        if (t == NULL) {
                if (name == NULL || strcmp(name, "Any") == 0)
                        return true;
                t = model_type(m, name);
                if (t == NULL) {
                        if (!builtin_type(name, &kind))
                                return true; /* context, list, function …: not narrowed here */
                        if (v->kind == FEEL_LIST && v->count == 1)
                                *v = v->items[0];
                        return v->kind == kind;
                }
        }
        if (!t->collection) {
                if (v->kind == FEEL_LIST && v->count == 1 && t->component_count > 0)
                        *v = v->items[0];
                return conforms_one(c, m, t, v, depth);
        }
        if (v->kind != FEEL_LIST)
                return conforms_one(c, m, t, v, depth); /* one where a list is wanted */
        for (uint32_t i = 0; i < v->count; i++) {
                struct feel_value item = v->items[i];
                if (!conforms_one(c, m, t, &item, depth))
                        return false;
        }
        return true;
}

static void typed(struct dmn_context *c, const struct dmn_model *m, const char *type, struct feel_value *v)
{
        if (type != NULL && !conforms(c, m, type, NULL, v, 0))
                *v = feel_null(&c->machine, "a value is not of the declared type");
}

/* JSON → value by a declared type: strings of digits become numbers, ISO texts dates. */
static int typed_json(struct dmn_context *c, const struct dmn_model *m, const char *name, const struct type *t, const json_t *json,
                      struct feel_value *out, int depth)
{
        struct feel_machine *fm = &c->machine;
        enum feel_kind kind;
        const char *key;
        json_t *value;
        size_t i = 0;

        if (depth > NEST_MAX)
                return error_raise(fm->err, SB_LIMIT, "%s|%d", "nesting of inputs", NEST_MAX);
        if (t == NULL && name != NULL)
                t = model_type(m, name);
        if (json_is_array(json)) {
                struct feel_value *items = arena_array(c->arena, json_array_size(json) + 1, sizeof *items);
                if (items == NULL)
                        return full(c);
                struct type one = t == NULL ? (struct type){.base = NULL} : *t;
                one.collection = false;
                json_array_foreach(json, i, value)
                        if (typed_json(c, m, NULL, t == NULL ? NULL : &one, value, &items[i], depth + 1) < 0)
                                return ERR;
                *out = (struct feel_value){.kind = FEEL_LIST, .count = (uint32_t)json_array_size(json), .items = items};
                return 0;
        }
        if (json_is_object(json)) {
                struct feel_entry *entries = arena_array(c->arena, json_object_size(json) + 1, sizeof *entries);
                if (entries == NULL)
                        return full(c);
                while (t != NULL && t->component_count == 0 && t->base != NULL && model_type(m, t->base) != NULL)
                        t = model_type(m, t->base);
                json_object_foreach((json_t *)(uintptr_t)json, key, value) {
                        const struct type *part = NULL;
                        for (size_t k = 0; t != NULL && k < t->component_count; k++)
                                if (strcmp(t->components[k].name, key) == 0)
                                        part = &t->components[k];
                        entries[i].name = arena_text(c->arena, str_from(key));
                        if (entries[i].name == NULL)
                                return full(c);
                        if (typed_json(c, m, NULL, part, value, &entries[i++].value, depth + 1) < 0)
                                return ERR;
                }
                *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)json_object_size(json), .entries = entries};
                return 0;
        }
        while (t != NULL && t->base != NULL && model_type(m, t->base) != NULL && depth++ < NEST_MAX)
                t = model_type(m, t->base);
        const char *base = t != NULL ? t->base : name;
        return feel_from_json(fm, json, base != NULL && builtin_type(base, &kind) ? feel_kind_name(kind) : NULL, out, fm->err);
}

/* --- tables ----------------------------------------------------------------------------------------------------------------- */

struct hits {
        size_t *rules;
        size_t count;
};

static int rule_matches(struct dmn_context *c, const struct table *t, const struct rule *rule, const struct feel_value *inputs,
                        const struct feel_env *env, bool *yes)
{
        *yes = true;
        for (size_t i = 0; *yes && i < t->input_count; i++) {
                struct feel_env question = {.name = "?", .value = inputs[i], .up = env};
                struct feel_value v;
                if (rule->tests[i] == NULL)
                        continue;
                if (feel_eval(&c->machine, rule->tests[i], &question, &v) < 0)
                        return ERR;
                *yes = v.kind == FEEL_BOOLEAN && v.boolean;
        }
        return 0;
}

static int output_value(struct dmn_context *c, const struct table *t, const struct feel_node *const *nodes, const struct feel_env *env,
                        struct feel_value *out)
{
        if (t->output_count == 1) {
                *out = (struct feel_value){.kind = FEEL_NULL};
                return nodes[0] == NULL ? 0 : feel_eval(&c->machine, nodes[0], env, out);
        }
        struct feel_entry *entries = arena_array(c->arena, t->output_count, sizeof *entries);
        if (entries == NULL)
                return full(c);
        for (size_t i = 0; i < t->output_count; i++) {
                entries[i].name = t->output_names[i];
                entries[i].value = (struct feel_value){.kind = FEEL_NULL};
                if (nodes[i] != NULL && feel_eval(&c->machine, nodes[i], env, &entries[i].value) < 0)
                        return ERR;
        }
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)t->output_count, .entries = entries};
        return 0;
}

/* Place of a value in the list of output values; one that is not in it comes last. */
static uint32_t rank(struct dmn_context *c, const struct feel_node *order, const struct feel_value *v)
{
        struct feel_value list;
        bool equal;

        if (feel_eval(&c->machine, order, NULL, &list) < 0 || list.kind != FEEL_LIST)
                return 0;
        for (uint32_t i = 0; i < list.count; i++)
                if (feel_equal(&list.items[i], v, &equal) && equal)
                        return i;
        return list.count;
}

static const struct feel_value *output_part(const struct table *t, const struct feel_value *v, size_t i)
{
        return t->output_count == 1 ? v : &v->entries[i].value;
}

static int better(struct dmn_context *c, const struct table *t, const struct feel_value *a, const struct feel_value *b)
{
        for (size_t i = 0; i < t->output_count; i++) {
                if (t->output_order[i] == NULL)
                        continue;
                uint32_t x = rank(c, t->output_order[i], output_part(t, a, i)), y = rank(c, t->output_order[i], output_part(t, b, i));
                if (x != y)
                        return x < y ? -1 : 1;
        }
        return 0;
}

static int aggregate(struct dmn_context *c, const struct table *t, struct feel_value *values, size_t n, struct feel_value *out)
{
        struct decimal sum = decimal_from_int(0);
        int order;

        if (t->aggregation == 0) {
                *out = (struct feel_value){.kind = FEEL_LIST, .count = (uint32_t)n, .items = values};
                return 0;
        }
        if (t->aggregation == '#') {
                *out = (struct feel_value){.kind = FEEL_NUMBER, .number = decimal_from_int((int64_t)n)};
                return 0;
        }
        if (n == 0) {
                *out = (struct feel_value){.kind = FEEL_NULL};
                return 0;
        }
        *out = values[0];
        for (size_t i = 0; i < n; i++) {
                if (t->aggregation == '+') {
                        if (values[i].kind != FEEL_NUMBER || !decimal_add(&sum, sum, values[i].number)) {
                                *out = feel_null(&c->machine, "an output that is summed is no number");
                                return 0;
                        }
                        *out = (struct feel_value){.kind = FEEL_NUMBER, .number = sum};
                } else if (!feel_compare(&values[i], out, &order)) {
                        *out = feel_null(&c->machine, "outputs of different types are compared");
                        return 0;
                } else if (t->aggregation == '<' ? order < 0 : order > 0) {
                        *out = values[i];
                }
        }
        return 0;
}

static int defaults(struct dmn_context *c, const struct table *t, const struct feel_env *env, struct feel_value *out)
{
        bool any = false;

        for (size_t i = 0; i < t->output_count; i++)
                any = any || t->defaults[i] != NULL;
        if (any)
                return output_value(c, t, t->defaults, env, out);
        *out = (struct feel_value){.kind = FEEL_NULL};
        return 0;
}

static int hits_answer(struct dmn_context *c, const struct table *t, const struct hits *h, const struct feel_env *env,
                       struct feel_value *out)
{
        struct feel_value *values = arena_array(c->arena, h->count + 1, sizeof *values);
        bool equal = true;

        if (values == NULL)
                return full(c);
        if (h->count == 0 && (t->policy != HIT_COLLECT || t->aggregation == 0)) {
                bool list = t->policy == HIT_COLLECT || t->policy == HIT_RULE_ORDER || t->policy == HIT_OUTPUT_ORDER;
                if (defaults(c, t, env, out) < 0)
                        return ERR;
                if (list && out->kind == FEEL_NULL)
                        *out = (struct feel_value){.kind = FEEL_LIST, .items = values};
                return 0;
        }
        for (size_t i = 0; i < h->count; i++) {
                note_rule(c, t, h->rules[i]);
                if (output_value(c, t, t->rules[h->rules[i]].outputs, env, &values[i]) < 0)
                        return ERR;
        }
        switch (t->policy) {
        case HIT_UNIQUE:
                *out = h->count == 1 ? values[0] : feel_null(&c->machine, "two rules of a table with unique hits apply");
                return 0;
        case HIT_FIRST:
                *out = values[0];
                return 0;
        case HIT_ANY:
                for (size_t i = 1; equal && i < h->count; i++)
                        equal = feel_equal(&values[0], &values[i], &equal) && equal;
                *out = equal ? values[0] : feel_null(&c->machine, "rules of a table that must agree differ");
                return 0;
        case HIT_PRIORITY:
        case HIT_OUTPUT_ORDER:
                for (size_t i = 1; i < h->count; i++) /* stable: equal ranks stay in the order of the rules */
                        for (size_t k = i; k > 0 && better(c, t, &values[k], &values[k - 1]) < 0; k--) {
                                struct feel_value swap = values[k];
                                values[k] = values[k - 1];
                                values[k - 1] = swap;
                        }
                *out = t->policy == HIT_PRIORITY ? values[0]
                                                 : (struct feel_value){.kind = FEEL_LIST, .count = (uint32_t)h->count, .items = values};
                return 0;
        case HIT_RULE_ORDER:
        case HIT_COLLECT:
                break;
        }
        return aggregate(c, t, values, h->count, out);
}

static int table_eval(struct dmn_context *c, const struct table *t, const struct feel_env *env, struct feel_value *out)
{
        struct feel_value *inputs = arena_array(c->arena, t->input_count + 1, sizeof *inputs);
        struct hits h = {arena_array(c->arena, t->rule_count + 1, sizeof *h.rules), 0};
        struct feel_value ok;
        bool yes;

        if (inputs == NULL || h.rules == NULL)
                return full(c);
        for (size_t i = 0; i < t->input_count; i++) {
                if (feel_eval(&c->machine, t->inputs[i], env, &inputs[i]) < 0)
                        return ERR;
                struct feel_env question = {.name = "?", .value = inputs[i], .up = env};
                if (t->input_values[i] == NULL || inputs[i].kind == FEEL_NULL)
                        continue;
                if (feel_eval(&c->machine, t->input_values[i], &question, &ok) < 0)
                        return ERR;
                if (ok.kind != FEEL_BOOLEAN || !ok.boolean) {
                        *out = feel_null(&c->machine, "an input of a table is none of the allowed values");
                        return 0;
                }
        }
        for (size_t r = 0; r < t->rule_count; r++) {
                if (rule_matches(c, t, &t->rules[r], inputs, env, &yes) < 0)
                        return ERR;
                if (yes)
                        h.rules[h.count++] = r;
                if (yes && t->policy == HIT_FIRST)
                        break;
        }
        return hits_answer(c, t, &h, env, out);
}

/* --- boxed expressions --------------------------------------------------------------------------------------------------------- */

struct closure { /* what a function of the model needs besides its arguments */
        struct dmn_context *context;
        const struct dmn_model *model;
        const struct box *box;
};

static int closure_call(struct feel_machine *fm, const struct feel_function *f, const struct feel_value *args, size_t count,
                        struct feel_value *out)
{
        const struct closure *k = f->ctx;
        struct dmn_context *c = k->context;
        const struct feel_env *env = f->env;

        if (count != k->box->count) {
                *out = feel_null(fm, "a function is called with a wrong number of arguments");
                return 0;
        }
        for (size_t i = 0; i < count; i++) {
                struct feel_env *frame = arena_new_of(c->arena, struct feel_env);
                if (frame == NULL)
                        return full(c);
                *frame = (struct feel_env){.name = k->box->names[i], .value = args[i], .up = env};
                typed(c, k->model, k->box->types[i], &frame->value);
                if (frame->value.kind == FEEL_NULL && args[i].kind != FEEL_NULL) {
                        *out = (struct feel_value){.kind = FEEL_NULL};
                        return 0;
                }
                env = frame;
        }
        if (k->box->parts[0] == NULL) {
                *out = (struct feel_value){.kind = FEEL_NULL};
                return 0;
        }
        if (++c->nest > NEST_MAX * 2) {
                c->nest--;
                return error_raise(fm->err, SB_FEEL_DEPTH, "%d", NEST_MAX * 2);
        }
        int rc = box_eval(c, k->model, k->box->parts[0], env, out);
        c->nest--;
        return rc;
}

static int function_make(struct dmn_context *c, const struct dmn_model *m, const struct box *b, const struct feel_env *env,
                         const char *name, struct feel_value *out)
{
        struct feel_function *f = arena_new_of(c->arena, struct feel_function);
        struct closure *k = arena_new_of(c->arena, struct closure);

        if (f == NULL || k == NULL)
                return full(c);
        *k = (struct closure){c, m, b};
        *f = (struct feel_function){.name = name, .parameters = b->names, .parameter_count = b->count, .env = env, .native = closure_call,
                                    .ctx = k};
        *out = (struct feel_value){.kind = FEEL_FUNCTION, .function = f};
        return 0;
}

static int context_eval(struct dmn_context *c, const struct dmn_model *m, const struct box *b, const struct feel_env *env,
                        struct feel_value *out)
{
        struct feel_entry *entries = arena_array(c->arena, b->count + 1, sizeof *entries);
        struct feel_env *frame = arena_new_of(c->arena, struct feel_env);
        struct feel_value result = {.kind = FEEL_NULL};
        bool has_result = false;
        uint32_t n = 0;

        if (entries == NULL || frame == NULL)
                return full(c);
        *frame = (struct feel_env){.name = NULL, .value = {.kind = FEEL_CONTEXT, .entries = entries}, .up = env};
        for (size_t i = 0; i < b->count; i++) {
                struct feel_value v;
                frame->value.count = n;
                if (box_eval(c, m, b->parts[i], frame, &v) < 0)
                        return ERR;
                typed(c, m, b->types[i], &v);
                note_entry(c, b->names[i], b->articles[i], &v);
                if (b->names[i] == NULL) {
                        result = v;
                        has_result = true;
                } else {
                        entries[n++] = (struct feel_entry){b->names[i], v};
                }
        }
        frame->value.count = n;
        *out = has_result ? result : (struct feel_value){.kind = FEEL_CONTEXT, .count = n, .entries = entries};
        return 0;
}

static int invocation_eval(struct dmn_context *c, const struct dmn_model *m, const struct box *b, const struct feel_env *env,
                           struct feel_value *out)
{
        struct feel_value f, args[64];

        if (b->count > 64)
                return error_raise(c->machine.err, SB_LIMIT, "%s|%d", "arguments", 64);
        if (box_eval(c, m, b->parts[0], env, &f) < 0)
                return ERR;
        if (f.kind != FEEL_FUNCTION) {
                *out = feel_null(&c->machine, "an invocation calls no function");
                return 0;
        }
        for (size_t i = 0; i < f.function->parameter_count && i < 64; i++)
                args[i] = (struct feel_value){.kind = FEEL_NULL};
        for (size_t i = 1; i < b->count; i++) {
                size_t k = 0;
                while (k < f.function->parameter_count && strcmp(f.function->parameters[k], b->names[i]) != 0)
                        k++;
                if (k == f.function->parameter_count) {
                        *out = feel_null(&c->machine, "an invocation binds a parameter that does not exist");
                        return 0;
                }
                if (b->parts[i] != NULL && box_eval(c, m, b->parts[i], env, &args[k]) < 0)
                        return ERR;
        }
        return feel_call(&c->machine, f.function, args, f.function->parameter_count, out);
}

static int cells_eval(struct dmn_context *c, const struct dmn_model *m, const struct box *b, const struct feel_env *env,
                      struct feel_value *out)
{
        size_t columns = b->kind == BOX_LIST ? 1 : b->columns, rows = columns == 0 ? 0 : b->count / columns;
        struct feel_value *items = arena_array(c->arena, rows + 1, sizeof *items);

        if (items == NULL)
                return full(c);
        for (size_t r = 0; r < rows; r++) {
                if (b->kind == BOX_LIST) {
                        if (box_eval(c, m, b->parts[r], env, &items[r]) < 0)
                                return ERR;
                        continue;
                }
                struct feel_entry *entries = arena_array(c->arena, columns, sizeof *entries);
                if (entries == NULL)
                        return full(c);
                for (size_t k = 0; k < columns; k++) {
                        entries[k].name = b->names[k];
                        if (box_eval(c, m, b->parts[r * columns + k], env, &entries[k].value) < 0)
                                return ERR;
                }
                items[r] = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)columns, .entries = entries};
        }
        *out = (struct feel_value){.kind = FEEL_LIST, .count = (uint32_t)rows, .items = items};
        return 0;
}

static int iterator_eval(struct dmn_context *c, const struct dmn_model *m, const struct box *b, const struct feel_env *env,
                         struct feel_value *out)
{
        struct feel_value source, v;
        bool decided = false, unknown = false;

        if (box_eval(c, m, b->parts[0], env, &source) < 0)
                return ERR;
        if (source.kind == FEEL_NULL) {
                *out = feel_null(&c->machine, "the source of an iteration is null");
                return 0;
        }
        uint32_t count = source.kind == FEEL_LIST ? source.count : 1, kept = 0;
        struct feel_value *items = arena_array(c->arena, count + 1, sizeof *items);
        if (items == NULL)
                return full(c);
        for (uint32_t i = 0; i < count && !decided; i++) {
                struct feel_value item = source.kind == FEEL_LIST ? source.items[i] : source;
                struct feel_env *fields = arena_array(c->arena, 2, sizeof *fields);
                if (fields == NULL)
                        return full(c);
                fields[0] = (struct feel_env){.name = NULL, .value = item, .up = env};
                fields[1] = (struct feel_env){.name = b->kind == BOX_FILTER ? "item" : b->names[0], .value = item,
                                              .up = b->kind == BOX_FILTER && item.kind == FEEL_CONTEXT ? &fields[0] : env};
                if (box_eval(c, m, b->parts[1], &fields[1], &v) < 0)
                        return ERR;
                if (b->kind == BOX_FOR) {
                        items[kept++] = v;
                } else if (b->kind == BOX_FILTER) {
                        if (v.kind == FEEL_BOOLEAN && v.boolean)
                                items[kept++] = item;
                } else {
                        unknown = unknown || v.kind != FEEL_BOOLEAN;
                        decided = v.kind == FEEL_BOOLEAN && v.boolean == (b->kind == BOX_SOME);
                }
        }
        if (b->kind == BOX_FOR || b->kind == BOX_FILTER)
                *out = (struct feel_value){.kind = FEEL_LIST, .count = kept, .items = items};
        else if (!decided && unknown)
                *out = (struct feel_value){.kind = FEEL_NULL};
        else
                *out = (struct feel_value){.kind = FEEL_BOOLEAN, .boolean = decided == (b->kind == BOX_SOME)};
        return 0;
}

static int box_eval(struct dmn_context *c, const struct dmn_model *m, const struct box *b, const struct feel_env *env,
                    struct feel_value *out)
{
        struct feel_value test;
        int rc = 0;

        switch (b->kind) {
        case BOX_LITERAL:
                *out = (struct feel_value){.kind = FEEL_NULL};
                rc = b->expression == NULL ? 0 : feel_eval(&c->machine, b->expression, env, out);
                break;
        case BOX_CONTEXT:
                rc = context_eval(c, m, b, env, out);
                break;
        case BOX_TABLE:
                rc = table_eval(c, b->table, env, out);
                break;
        case BOX_INVOCATION:
                rc = invocation_eval(c, m, b, env, out);
                break;
        case BOX_FUNCTION:
                rc = function_make(c, m, b, env, "function", out);
                break;
        case BOX_LIST:
        case BOX_RELATION:
                rc = cells_eval(c, m, b, env, out);
                break;
        case BOX_IF:
                rc = box_eval(c, m, b->parts[0], env, &test);
                if (rc == 0)
                        rc = box_eval(c, m, b->parts[test.kind == FEEL_BOOLEAN && test.boolean ? 1 : 2], env, out);
                break;
        case BOX_FILTER:
        case BOX_FOR:
        case BOX_SOME:
        case BOX_EVERY:
                rc = iterator_eval(c, m, b, env, out);
                break;
        }
        if (rc == 0 && b->kind != BOX_FUNCTION)
                typed(c, m, b->type, out);
        return rc;
}

/* --- elements ------------------------------------------------------------------------------------------------------------------- */

static int element_eval(struct dmn_context *c, const struct dmn_model *m, size_t index, struct feel_value *out);

static int input_value(struct dmn_context *c, const struct dmn_model *m, const struct element *e, struct feel_value *out)
{
        *out = (struct feel_value){.kind = FEEL_NULL};
        for (size_t i = 0; i < c->input_count; i++)
                if (strcmp(c->inputs[i].name, e->face.name) == 0)
                        *out = c->inputs[i].value;
        typed(c, m, e->face.type, out);
        return 0;
}

static bool bound_before(const struct feel_env *env, const struct feel_env *stop, const char *import)
{
        for (; env != stop; env = env->up)
                if (env->name != NULL && strcmp(env->name, import) == 0)
                        return true;
        return false;
}

/* All needs of one import, as a context under the import's name. */
static int import_bind(struct dmn_context *c, const struct element *e, const char *import, struct feel_value *out)
{
        struct feel_entry *entries = arena_array(c->arena, e->need_count + 1, sizeof *entries);
        uint32_t n = 0;

        if (entries == NULL)
                return full(c);
        for (size_t i = 0; i < e->need_count; i++) {
                const struct need *d = &e->needs[i];
                if (d->import == NULL || strcmp(d->import, import) != 0)
                        continue;
                entries[n].name = d->model->elements[d->index].face.name;
                if (element_eval(c, d->model, d->index, &entries[n++].value) < 0)
                        return ERR;
        }
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = n, .entries = entries};
        return 0;
}

/* What an element may name: what it requires, and the functions of the world outside. */
static int env_make(struct dmn_context *c, const struct dmn_model *m, const struct element *e, const struct feel_env **out)
{
        struct feel_env *frames = arena_array(c->arena, e->need_count + m->import_count + 1, sizeof *frames);
        const struct feel_env *env = NULL;
        size_t n = 0;

        if (frames == NULL)
                return full(c);
        for (size_t i = 0; i < m->import_count; i++)
                if (m->imports[i].model == NULL) {
                        frames[n] = (struct feel_env){.name = m->imports[i].name,
                                                      .value = {.kind = FEEL_CONTEXT, .count = (uint32_t)m->external_count,
                                                                .entries = m->external_entries},
                                                      .up = env};
                        env = &frames[n++];
                }
        for (size_t i = 0; i < e->need_count; i++) {
                const struct need *d = &e->needs[i];
                struct feel_value v;
                if (d->import != NULL && bound_before(env, NULL, d->import))
                        continue;
                if (d->import != NULL ? import_bind(c, e, d->import, &v) < 0 : element_eval(c, d->model, d->index, &v) < 0)
                        return ERR;
                frames[n] = (struct feel_env){.name = d->import != NULL ? d->import : d->model->elements[d->index].face.name,
                                              .value = v,
                                              .up = env};
                env = &frames[n++];
        }
        *out = env;
        return 0;
}

static int decision_eval(struct dmn_context *c, const struct dmn_model *m, const struct element *e, struct feel_value *out)
{
        const struct feel_env *env;
        json_t *outer = c->step, *step = NULL;

        if (env_make(c, m, e, &env) < 0)
                return ERR;
        *out = (struct feel_value){.kind = FEEL_NULL};
        if (e->box == NULL) {
                *out = feel_null(&c->machine, "a decision has no logic");
                return 0;
        }
        if (c->steps != NULL) {
                step = json_pack("{s:s,s:s,s:s}", "decision", e->face.name, "id", e->face.id, "model", m->name);
                if (step != NULL && e->face.article != NULL)
                        json_object_set_new(step, "article", json_string(e->face.article));
                c->step = step;
        }
        int rc = box_eval(c, m, e->box, env, out);
        if (rc == 0)
                typed(c, m, e->face.type, out);
        if (step != NULL) {
                if (rc == 0)
                        json_object_set_new(step, "result", feel_to_json(out));
                json_array_append_new(c->steps, step);
                c->step = outer;
        }
        return rc;
}

/* A service: the context of its output decisions, or the one output itself. Its inputs come by name from the caller. */
static int service_eval(struct dmn_context *c, const struct element *e, struct feel_value *out)
{
        struct feel_entry *entries = arena_array(c->arena, e->output_count + 1, sizeof *entries);

        if (entries == NULL)
                return full(c);
        for (size_t i = 0; i < e->output_count; i++) {
                entries[i].name = e->needs[i].model->elements[e->needs[i].index].face.name;
                if (element_eval(c, e->needs[i].model, e->needs[i].index, &entries[i].value) < 0)
                        return ERR;
        }
        *out = e->output_count == 1 ? entries[0].value
                                    : (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)e->output_count, .entries = entries};
        return 0;
}

static int element_eval(struct dmn_context *c, const struct dmn_model *m, size_t index, struct feel_value *out)
{
        const struct element *e = &m->elements[index];
        const struct feel_env *env;
        int rc = 0;

        for (const struct slot *s = c->slots; s != NULL; s = s->next)
                if (s->model == m && s->index == index) {
                        *out = s->value;
                        return 0;
                }
        if (++c->nest > NEST_MAX) {
                c->nest--;
                return error_raise(c->machine.err, SB_DMN_MODEL, "%s", "decisions require each other in a circle");
        }
        if (e->kind == ELEMENT_INPUT) {
                rc = input_value(c, m, e, out);
        } else if (e->kind == ELEMENT_DECISION) {
                rc = decision_eval(c, m, e, out);
        } else if (e->kind == ELEMENT_SERVICE) {
                rc = service_eval(c, e, out);
        } else if (e->box == NULL) {
                *out = feel_null(&c->machine, "a piece of knowledge has no logic");
        } else {
                struct feel_env *self = arena_new_of(c->arena, struct feel_env);
                rc = self == NULL ? full(c) : env_make(c, m, e, &env);
                if (rc == 0) { /* its own name is bound too: recursion */
                        *self = (struct feel_env){.name = e->face.name, .up = env};
                        rc = function_make(c, m, e->box, self, e->face.name, out);
                        self->value = *out;
                }
        }
        c->nest--;
        if (rc < 0)
                return rc;
        struct slot *s = arena_new_of(c->arena, struct slot);
        if (s == NULL)
                return full(c);
        *s = (struct slot){.model = m, .index = index, .value = *out, .next = c->slots};
        c->slots = s;
        return 0;
}

static bool target_find(const struct dmn_model *m, const char *name, size_t *index)
{
        for (size_t i = 0; i < m->element_count; i++) {
                const struct element *e = &m->elements[i];
                bool callable = e->kind == ELEMENT_DECISION || e->kind == ELEMENT_SERVICE;
                if (callable && (strcmp(e->face.name, name) == 0 || strcmp(e->face.id, name) == 0)) {
                        *index = i;
                        return true;
                }
        }
        return false;
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
        *out = c;
        return 0;
}

void dmn_context_free(struct dmn_context *c)
{
        if (c == NULL)
                return;
        arena_free(c->arena);
        free(c);
}

struct arena *dmn_context_arena(struct dmn_context *c)
{
        return c->arena;
}

static int decision_run(struct dmn_context *c, const char *decision, struct feel_value *out, struct error *err)
{
        size_t index;

        if (!target_find(c->model, decision, &index))
                return error_raise(err, SB_DMN_DECISION, "%s|%s", c->model->name, decision);
        c->slots = NULL;
        c->nest = 0;
        int rc = element_eval(c, c->model, index, out);
        if (rc < 0 && err != NULL && err->where[0] == '\0')
                error_where(err, "%s!%s", c->model->name, decision);
        return rc;
}

int dmn_run(struct dmn_context *c, const char *decision, const struct feel_entry *inputs, size_t count, struct feel_value *out,
            struct error *err)
{
        arena_reset(c->arena);
        feel_machine_init(&c->machine, c->arena, NULL, err);
        c->inputs = inputs;
        c->input_count = count;
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
                return full(c);
        json_object_foreach((json_t *)(uintptr_t)json, name, value) {
                const char *type = NULL;
                for (size_t i = 0; i < m->element_count; i++)
                        if (m->elements[i].kind == ELEMENT_INPUT && strcmp(m->elements[i].face.name, name) == 0)
                                type = m->elements[i].face.type;
                entries[n].name = arena_text(c->arena, str_from(name));
                if (entries[n].name == NULL)
                        return full(c);
                if (typed_json(c, m, type, NULL, value, &entries[n++].value, 0) < 0)
                        return error_where(err, "%s!%s", m->name, name);
        }
        c->inputs = entries;
        c->input_count = n;
        return 0;
}

int dmn_eval(const struct dmn_model *m, const struct dmn_call *call, struct dmn_answer *out, struct error *err)
{
        struct dmn_context *c = NULL;
        struct error own = {0};
        struct feel_value v;

        memset(out, 0, sizeof *out);
        err = err == NULL ? &own : err;
        if (dmn_context_new(&c, m, 0, err) < 0)
                return ERR;
        feel_machine_init(&c->machine, c->arena, &call->limits, err);
        c->machine.on_external = call->explain ? note_external : NULL;
        c->machine.on_ctx = c;
        c->describe = call->describe;
        c->describe_ctx = call->describe_ctx;
        c->steps = call->explain ? json_array() : NULL;
        int rc = inputs_read(c, call->inputs, err);
        if (rc == 0)
                rc = decision_run(c, call->decision, &v, err);
        if (rc == 0) {
                out->result = feel_to_json(&v);
                out->diagnostics = c->machine.diagnostics;
                text_copy(out->diagnostic, sizeof out->diagnostic, str_from(c->machine.diagnostic));
                if (call->explain)
                        out->derivation = json_pack("{s:s,s:s,s:i,s:O}", "model", m->name, "decision", call->decision, "semantics",
                                                    DMN_SEMANTICS_VERSION, "steps", c->steps);
                if (out->result == NULL || (call->explain && out->derivation == NULL))
                        rc = error_raise(err, SB_MEMORY, "%s", "");
        }
        if (rc < 0)
                dmn_answer_dispose(out);
        json_decref(c->steps);
        dmn_context_free(c);
        return rc;
}

void dmn_answer_dispose(struct dmn_answer *a)
{
        json_decref(a->result);
        json_decref(a->derivation);
        a->result = a->derivation = NULL;
}
