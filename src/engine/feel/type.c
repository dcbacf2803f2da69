/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/feel/tree.h"

#include <string.h>

#define NEST_MAX 64

_Static_assert((int)FEEL_BOOLEAN == (int)FEEL_T_BOOLEAN - 1 && (int)FEEL_MONTHS == (int)FEEL_T_MONTHS - 1,
               "kinds and plain types stand in the same order");

const struct feel_type FEEL_TYPES[FEEL_T_FUNCTION + 1] = {
    [FEEL_T_ANY] = {.kind = FEEL_T_ANY},         [FEEL_T_NULL] = {.kind = FEEL_T_NULL},
    [FEEL_T_BOOLEAN] = {.kind = FEEL_T_BOOLEAN}, [FEEL_T_NUMBER] = {.kind = FEEL_T_NUMBER},
    [FEEL_T_STRING] = {.kind = FEEL_T_STRING},   [FEEL_T_DATE] = {.kind = FEEL_T_DATE},
    [FEEL_T_TIME] = {.kind = FEEL_T_TIME},       [FEEL_T_DATE_TIME] = {.kind = FEEL_T_DATE_TIME},
    [FEEL_T_DAYS] = {.kind = FEEL_T_DAYS},       [FEEL_T_MONTHS] = {.kind = FEEL_T_MONTHS},
    [FEEL_T_LIST] = {.kind = FEEL_T_LIST},       [FEEL_T_CONTEXT] = {.kind = FEEL_T_CONTEXT},
    [FEEL_T_RANGE] = {.kind = FEEL_T_RANGE},     [FEEL_T_FUNCTION] = {.kind = FEEL_T_FUNCTION},
};

const struct feel_type *type_plain(struct str name)
{
        static const struct {
                const char *name;
                enum type_kind kind;
        } NAMES[] = {{"Any", FEEL_T_ANY},
                     {"Null", FEEL_T_NULL},
                     {"number", FEEL_T_NUMBER},
                     {"string", FEEL_T_STRING},
                     {"boolean", FEEL_T_BOOLEAN},
                     {"date", FEEL_T_DATE},
                     {"time", FEEL_T_TIME},
                     {"date and time", FEEL_T_DATE_TIME},
                     {"dateTime", FEEL_T_DATE_TIME},
                     {"days and time duration", FEEL_T_DAYS},
                     {"dayTimeDuration", FEEL_T_DAYS},
                     {"years and months duration", FEEL_T_MONTHS},
                     {"yearMonthDuration", FEEL_T_MONTHS},
                     {"list", FEEL_T_LIST},
                     {"context", FEEL_T_CONTEXT},
                     {"range", FEEL_T_RANGE},
                     {"function", FEEL_T_FUNCTION},
                     {"any", FEEL_T_ANY}};

        for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
                if (str_is(name, NAMES[i].name))
                        return &FEEL_TYPES[NAMES[i].kind];
        return NULL;
}

const char *type_kind_name(enum type_kind kind)
{
        static const char *const NAMES[] = {"Any",
                                            "Null",
                                            "boolean",
                                            "number",
                                            "string",
                                            "date",
                                            "time",
                                            "date and time",
                                            "days and time duration",
                                            "years and months duration",
                                            "list",
                                            "context",
                                            "range",
                                            "function"};

        return NAMES[kind];
}

const struct feel_type *type_item(const struct feel_type *t)
{
        if (t->kind != FEEL_T_LIST)
                return t;
        return t->element == NULL ? &FEEL_TYPES[FEEL_T_ANY] : t->element;
}

const struct feel_type *type_field(const struct feel_type *t, struct str name)
{
        for (size_t i = 0; t->kind == FEEL_T_CONTEXT && i < t->field_count; i++)
                if (str_is(name, t->fields[i].name))
                        return t->fields[i].type;
        return NULL;
}

const struct feel_type *type_list(struct arena *a, const struct feel_type *element)
{
        struct feel_type *t = arena_new_of(a, struct feel_type);

        if (t == NULL)
                return &FEEL_TYPES[FEEL_T_LIST];
        *t = (struct feel_type){.kind = FEEL_T_LIST, .element = element};
        return t;
}

static bool conforms(const struct feel_type *t, const struct feel_type *of, int depth)
{
        if (t == of || of == NULL || of->kind == FEEL_T_ANY || t->kind == FEEL_T_NULL)
                return true;
        if (t->kind != of->kind || depth > NEST_MAX)
                return false;
        if (t->kind == FEEL_T_LIST || t->kind == FEEL_T_RANGE)
                return of->element == NULL ||
                       conforms(t->element == NULL ? &FEEL_TYPES[FEEL_T_ANY] : t->element, of->element, depth + 1);
        if (t->kind == FEEL_T_CONTEXT) {
                for (size_t i = 0; i < of->field_count; i++) {
                        const struct feel_type *mine = type_field(t, str_from(of->fields[i].name));
                        if (mine == NULL || !conforms(mine, of->fields[i].type, depth + 1))
                                return false;
                }
                return true;
        }
        if (t->kind != FEEL_T_FUNCTION || !of->fields_known)
                return true;
        if (!t->fields_known || t->field_count != of->field_count)
                return false;
        for (size_t i = 0; i < of->field_count; i++)
                if (!conforms(of->fields[i].type, t->fields[i].type, depth + 1))
                        return false;
        return of->element == NULL ||
               conforms(t->element == NULL ? &FEEL_TYPES[FEEL_T_ANY] : t->element, of->element, depth + 1);
}

bool type_conforms(const struct feel_type *t, const struct feel_type *of)
{
        return conforms(t, of, 0);
}

const struct feel_type *type_common(const struct feel_type *a, const struct feel_type *b)
{
        if (a == b || b->kind == FEEL_T_NULL)
                return a;
        if (a->kind == FEEL_T_NULL)
                return b;
        if (type_conforms(a, b))
                return b;
        if (type_conforms(b, a))
                return a;
        return a->kind == b->kind && a->kind != FEEL_T_ANY ? &FEEL_TYPES[a->kind] : &FEEL_TYPES[FEEL_T_ANY];
}

static int has(struct feel_machine *m, const struct feel_type *t, const struct feel_value *v, bool *yes, int depth);

/* The unary tests of a type on one value. */
static int passes(struct feel_machine *m, const struct feel_node *tests, const struct feel_value *v, bool *yes)
{
        const struct feel_value *outer = m->question;
        struct feel_value result;

        m->question = v;
        int rc = feel_run(m, tests, &result);
        m->question = outer;
        *yes = rc == 0 && result.kind == FEEL_BOOLEAN && result.boolean;
        return rc;
}

/* A function of the specification: what its parameters take, as far as one type says it. */
static bool builtin_has(const struct feel_type *t, const struct feel_builtin *b)
{
        static const char KINDS[] = "snlcf";
        static const enum type_kind OF[] = {FEEL_T_STRING, FEEL_T_NUMBER, FEEL_T_LIST, FEEL_T_CONTEXT, FEEL_T_FUNCTION};

        for (size_t k = 0; k < 3 && b->overloads[k].kinds != NULL; k++) {
                const struct builtin_overload *o = &b->overloads[k];
                size_t n = strlen(o->kinds), i = 0;
                if (t->field_count < o->least || (t->field_count > n && o->rest == REST_NONE))
                        continue;
                for (; i < t->field_count; i++) {
                        char kind = o->kinds[i < n ? i : n - 1];
                        const char *of = strchr(KINDS, kind);
                        if (of != NULL && o->rest == REST_NONE && t->fields[i].type->kind != OF[of - KINDS])
                                break;
                }
                if (i == t->field_count)
                        return t->element == NULL || b->result == FEEL_T_ANY || t->element->kind == FEEL_T_ANY ||
                               t->element->kind == b->result;
        }
        return false;
}

static bool function_has(const struct feel_type *t, const struct feel_function *f)
{
        if (!t->fields_known)
                return true;
        if (f->builtin != NULL)
                return builtin_has(t, f->builtin);
        if (f->parameter_count != t->field_count)
                return false;
        for (size_t i = 0; i < t->field_count; i++) {
                const struct feel_type *p = f->types == NULL || f->types[i] == NULL ? &FEEL_TYPES[FEEL_T_ANY] : f->types[i];
                if (!type_conforms(t->fields[i].type, p))
                        return false;
        }
        const struct feel_type *result = f->result;
        if (result == NULL && f->body != NULL) /* what is known of its body */
                result = f->body->type->element;
        return t->element == NULL || type_conforms(result == NULL ? &FEEL_TYPES[FEEL_T_ANY] : result, t->element);
}

static int structure_has(struct feel_machine *m, const struct feel_type *t, const struct feel_value *v, bool *yes, int depth)
{
        *yes = true;
        if (t->kind == FEEL_T_LIST)
                for (uint32_t i = 0; *yes && t->element != NULL && i < v->count; i++)
                        if (has(m, t->element, &v->items[i], yes, depth + 1) < 0)
                                return ERR;
        for (size_t i = 0; t->kind == FEEL_T_CONTEXT && *yes && i < t->field_count; i++) {
                const struct feel_value *entry = feel_get(v, t->fields[i].name);
                *yes = entry != NULL;
                if (*yes && has(m, t->fields[i].type, entry, yes, depth + 1) < 0)
                        return ERR;
        }
        if (t->kind == FEEL_T_RANGE && t->element != NULL) {
                if (has(m, t->element, &v->range->low, yes, depth + 1) < 0)
                        return ERR;
                if (*yes)
                        return has(m, t->element, &v->range->high, yes, depth + 1);
        }
        if (t->kind == FEEL_T_FUNCTION)
                *yes = function_has(t, v->function);
        return 0;
}

static int has(struct feel_machine *m, const struct feel_type *t, const struct feel_value *v, bool *yes, int depth)
{
        static const enum type_kind KINDS[] = {FEEL_T_NULL,    FEEL_T_BOOLEAN,   FEEL_T_NUMBER,  FEEL_T_STRING, FEEL_T_DATE,
                                               FEEL_T_TIME,    FEEL_T_DATE_TIME, FEEL_T_DAYS,    FEEL_T_MONTHS, FEEL_T_LIST,
                                               FEEL_T_CONTEXT, FEEL_T_RANGE,     FEEL_T_FUNCTION};

        if (depth > NEST_MAX)
                return error_raise(m->err, SB_FEEL_DEPTH, "%d", NEST_MAX);
        if (--m->steps < 0)
                return error_raise(m->err, SB_FEEL_STEPS, "%s", "");
        *yes = v->kind == FEEL_NULL || t->kind == FEEL_T_ANY || KINDS[v->kind] == t->kind;
        if (!*yes)
                return 0;
        if (v->kind != FEEL_NULL && t->kind >= FEEL_T_LIST && structure_has(m, t, v, yes, depth) < 0)
                return ERR;
        if (*yes && t->base != NULL && has(m, t->base, v, yes, depth + 1) < 0)
                return ERR;
        if (!*yes || v->kind == FEEL_NULL)
                return 0;
        for (uint32_t i = 0; t->allowed != NULL && *yes && i < (t->kind == FEEL_T_LIST ? v->count : 1); i++)
                if (passes(m, t->allowed, t->kind == FEEL_T_LIST ? &v->items[i] : v, yes) < 0)
                        return ERR;
        return *yes && t->allowed_whole != NULL ? passes(m, t->allowed_whole, v, yes) : 0;
}

int type_has(struct feel_machine *m, const struct feel_type *t, const struct feel_value *v, bool *yes)
{
        return has(m, t, v, yes, 0);
}

static void not_of_type(struct feel_machine *m, const struct feel_type *t, struct feel_value *v)
{
        char why[160];

        text_format(why, sizeof why, "a %s is not of the type %s", feel_kind_name(v->kind),
                    t->name != NULL ? t->name : type_kind_name(t->kind));
        *v = feel_null(m, why);
}

int type_coerce(struct feel_machine *m, const struct feel_type *t, struct feel_value *v)
{
        bool yes;

        if (t->kind < FEEL_T_LIST && t->kind > FEEL_T_NULL && (int)v->kind == (int)t->kind - 1 && t->allowed == NULL &&
            t->base == NULL && t->allowed_whole == NULL) /* kinds and plain types stand in the same order */
                return 0;
        if (v->kind == FEEL_NULL || (t->kind == FEEL_T_ANY && t->allowed == NULL && t->base == NULL))
                return 0;
        if (has(m, t, v, &yes, 0) < 0)
                return ERR;
        if (yes)
                return 0;
        if (t->kind == FEEL_T_LIST && v->kind != FEEL_LIST) {
                struct feel_value *item = arena_new_of(m->arena, struct feel_value);
                if (item == NULL)
                        return feel_out_of_memory(m);
                *item = *v;
                *v = feel_list(item, 1);
                if (has(m, t, v, &yes, 0) < 0)
                        return ERR;
                if (!yes)
                        *v = *item;
        } else if (t->kind != FEEL_T_LIST && v->kind == FEEL_LIST && v->count == 1) {
                struct feel_value item = v->items[0];
                if (has(m, t, &item, &yes, 0) < 0)
                        return ERR;
                if (yes)
                        *v = item;
        } else if (t->kind == FEEL_T_DATE_TIME && v->kind == FEEL_DATE) {
                v->kind = FEEL_DATE_TIME;
                v->moment.zoned = true;
                v->moment.ns = 0;
                v->moment.offset_s = 0;
                v->moment.zone = NULL;
                if (has(m, t, v, &yes, 0) < 0)
                        return ERR;
        }
        if (!yes)
                not_of_type(m, t, v);
        return 0;
}
