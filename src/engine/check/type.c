/* SPDX-License-Identifier: Apache-2.0
 *
 * Static types of FEEL: enough to tell what cannot be right. What is not known is ANY, and nothing is said of it.
 */
#include "engine/check/internal.h"

#include <string.h>

#define TYPE_DEPTH 16

const struct type TYPE_ANY = {.kind = KIND_ANY}, TYPE_NULL = {.kind = KIND_NULL}, TYPE_BOOLEAN = {.kind = KIND_BOOLEAN},
                  TYPE_NUMBER = {.kind = KIND_NUMBER}, TYPE_STRING = {.kind = KIND_STRING}, TYPE_DATE = {.kind = KIND_DATE},
                  TYPE_TIME = {.kind = KIND_TIME}, TYPE_DATE_TIME = {.kind = KIND_DATE_TIME}, TYPE_DAYS = {.kind = KIND_DAYS},
                  TYPE_MONTHS = {.kind = KIND_MONTHS};
static const struct type ANY_LIST = {.kind = KIND_LIST, .item = &TYPE_ANY};
static const struct type ANY_CONTEXT = {.kind = KIND_CONTEXT, .open = true};

const char *type_text(const struct type *t, enum lang lang)
{
        static const char *const WORDS[][2] = {
            {"任意值", "anything"},      {"空值", "null"},
            {"布尔值", "a truth value"}, {"数字", "a number"},
            {"文本", "a text"},          {"日期", "a date"},
            {"时间", "a time"},          {"日期时间", "a date and time"},
            {"时长", "a duration"},      {"年月时长", "a duration in months"},
            {"列表", "a list"},          {"上下文", "a context"},
            {"区间", "a range"},         {"函数", "a function"},
            {"导入", "an import"},
        };

        return WORDS[t->kind][lang == LANG_EN];
}

void misfit(const struct place *p, const char *what, const struct type *wanted, const struct type *is)
{
        found(p, CHECK_ERROR, SB_RULE_MISFIT, "%s|%s\x1e%s|%s\x1e%s", what, type_text(wanted, LANG_EN),
              type_text(wanted, LANG_ZH), type_text(is, LANG_EN), type_text(is, LANG_ZH));
}

const struct type *list_of(struct model *m, const struct type *item)
{
        struct type *t = arena_new_of(m->arena, struct type);

        if (t == NULL) {
                m->broken = true;
                return &ANY_LIST;
        }
        *t = (struct type){.kind = KIND_LIST, .item = item};
        return t;
}

static const struct type *field_of(const struct type *t, const char *name)
{
        for (size_t i = 0; i < t->count; i++)
                if (strcmp(t->fields[i].name, name) == 0)
                        return t->fields[i].type;
        return NULL;
}

const struct type *join(struct model *m, const struct type *a, const struct type *b)
{
        if (a == b || b->kind == KIND_NULL)
                return a;
        if (a->kind == KIND_NULL)
                return b;
        if (a->kind != b->kind)
                return &TYPE_ANY;
        if (a->kind == KIND_LIST)
                return list_of(m, join(m, a->item, b->item));
        if (a->kind == KIND_CONTEXT || a->kind == KIND_RANGE || a->kind == KIND_FUNCTION)
                return a->kind == KIND_CONTEXT ? &ANY_CONTEXT : &TYPE_ANY;
        return a;
}

bool conforms(const struct type *actual, const struct type *wanted)
{
        if (actual->kind == KIND_ANY || wanted->kind == KIND_ANY || actual->kind == KIND_NULL)
                return true;
        if (wanted->kind == KIND_LIST)
                return conforms(actual->kind == KIND_LIST ? actual->item : actual, wanted->item);
        if (actual->kind == KIND_LIST) /* a list of one stands for its item */
                return conforms(actual->item, wanted);
        if (actual->kind == KIND_DATE && wanted->kind == KIND_DATE_TIME)
                return true;
        if (actual->kind != wanted->kind)
                return false;
        for (size_t i = 0; wanted->kind == KIND_CONTEXT && i < wanted->count; i++) {
                const struct type *have = field_of(actual, wanted->fields[i].name);
                if (have == NULL ? !actual->open : !conforms(have, wanted->fields[i].type))
                        return false;
        }
        return true;
}

static const struct type *simple_type(const char *name)
{
        static const struct {
                const char *name;
                const struct type *type;
        } SIMPLE[] = {{"number", &TYPE_NUMBER},
                      {"string", &TYPE_STRING},
                      {"boolean", &TYPE_BOOLEAN},
                      {"date", &TYPE_DATE},
                      {"time", &TYPE_TIME},
                      {"date and time", &TYPE_DATE_TIME},
                      {"dateTime", &TYPE_DATE_TIME},
                      {"days and time duration", &TYPE_DAYS},
                      {"dayTimeDuration", &TYPE_DAYS},
                      {"years and months duration", &TYPE_MONTHS},
                      {"yearMonthDuration", &TYPE_MONTHS},
                      {"Any", &TYPE_ANY},
                      {"context", &ANY_CONTEXT},
                      {"list", &ANY_LIST}};

        for (size_t i = 0; i < sizeof SIMPLE / sizeof SIMPLE[0]; i++)
                if (strcmp(SIMPLE[i].name, name) == 0)
                        return SIMPLE[i].type;
        return NULL;
}

static const char *local_name(const char *ref)
{
        const char *colon = strrchr(ref, ':');

        return colon == NULL ? ref : colon + 1;
}

/* An itemDefinition or itemComponent. */
static const struct type *type_read(struct model *m, const struct xml_node *n, int depth)
{
        const struct xml_node *ref = xml_child(n, "typeRef");
        const char *collection = xml_attr(n, "isCollection");
        const struct type *t = &TYPE_ANY;
        size_t count = 0;

        if (ref != NULL) {
                t = type_named(m, ref->text, depth + 1);
        } else if (xml_child(n, "itemComponent") != NULL) {
                for (const struct xml_node *c = xml_child(n, "itemComponent"); c != NULL; c = xml_next(c, "itemComponent"))
                        count++;
                struct field *fields = arena_array(m->arena, count, sizeof *fields);
                struct type *made = arena_new_of(m->arena, struct type);
                if (fields == NULL || made == NULL) {
                        m->broken = true;
                        return &TYPE_ANY;
                }
                *made = (struct type){.kind = KIND_CONTEXT, .fields = fields, .count = count};
                count = 0;
                for (const struct xml_node *c = xml_child(n, "itemComponent"); c != NULL;
                     c = xml_next(c, "itemComponent"), count++) {
                        const struct type *of = type_read(m, c, depth + 1);
                        fields[count] =
                            (struct field){xml_attr(c, "name") == NULL ? "" : xml_attr(c, "name"), of == NULL ? &TYPE_ANY : of};
                }
                t = made;
        }
        return t != NULL && collection != NULL && strcmp(collection, "true") == 0 ? list_of(m, t) : t;
}

const struct type *type_named(struct model *m, const char *name, int depth)
{
        const char *local = local_name(name), *dot = strchr(local, '.');
        const struct type *t = simple_type(local);

        if (t != NULL || depth > TYPE_DEPTH)
                return t == NULL ? &TYPE_ANY : t;
        for (const struct xml_node *n = xml_child(m->root, "itemDefinition"); n != NULL; n = xml_next(n, "itemDefinition"))
                if (xml_attr(n, "name") != NULL && strcmp(xml_attr(n, "name"), local) == 0)
                        return type_read(m, n, depth);
        for (size_t i = 0; dot != NULL && i < m->import_count; i++) {
                const struct import *im = &m->imports[i];
                if (strlen(im->name) == (size_t)(dot - local) && strncmp(im->name, local, strlen(im->name)) == 0)
                        return im->model == NULL ? &TYPE_ANY : type_named(im->model, dot + 1, depth + 1);
        }
        return NULL;
}

/* --- expressions ------------------------------------------------------------------------------------------------------- */

static bool is(const struct type *t, enum kind kind)
{
        return t->kind == kind;
}
static bool unknown(const struct type *t)
{
        return t->kind == KIND_ANY || t->kind == KIND_NULL;
}
static bool is_duration(const struct type *t)
{
        return t->kind == KIND_DAYS || t->kind == KIND_MONTHS;
}
static bool is_day(const struct type *t)
{
        return t->kind == KIND_DATE || t->kind == KIND_DATE_TIME;
}

static const struct type *wrong(const struct place *p, const char *what, const struct type *a, const struct type *b)
{
        found(p, CHECK_ERROR, SB_RULE_TYPE, "%s|%s%s%s\x1e%s%s%s", what, type_text(a, LANG_EN), b == NULL ? "" : ", ",
              b == NULL ? "" : type_text(b, LANG_EN), type_text(a, LANG_ZH), b == NULL ? "" : "、",
              b == NULL ? "" : type_text(b, LANG_ZH));
        return &TYPE_ANY;
}

static const struct type *literal_type(const struct feel_value *v)
{
        switch (v->kind) {
        case FEEL_BOOLEAN:
                return &TYPE_BOOLEAN;
        case FEEL_NUMBER:
                return &TYPE_NUMBER;
        case FEEL_STRING:
                return &TYPE_STRING;
        case FEEL_DATE:
                return &TYPE_DATE;
        case FEEL_TIME:
                return &TYPE_TIME;
        case FEEL_DATE_TIME:
                return &TYPE_DATE_TIME;
        case FEEL_DAYS:
                return &TYPE_DAYS;
        case FEEL_MONTHS:
                return &TYPE_MONTHS;
        default:
                return v->kind == FEEL_NULL ? &TYPE_NULL : &TYPE_ANY;
        }
}

static const struct type *name_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        for (struct env *e = env; e != NULL; e = e->up)
                if (strcmp(e->name, n->name) == 0) {
                        e->used = true;
                        if (e->need != NULL)
                                e->need->used = true;
                        return e->type;
                }
        /* a name with a dot is a label of the file that reads like a path: nothing is known of it */
        if (builtin_find(str_from(n->name)) == NULL && strchr(n->name, '.') == NULL)
                found(p, CHECK_ERROR, SB_RULE_NAME, "%s", n->name);
        return &TYPE_ANY;
}

/* year of a date and its like; NULL when there is no such property. */
static const struct type *property(const struct type *t, const char *name)
{
        static const struct {
                const char *name;
                unsigned kinds;
        } NUMBERS[] = {{"year", 1U << KIND_DATE | 1U << KIND_DATE_TIME},
                       {"month", 1U << KIND_DATE | 1U << KIND_DATE_TIME},
                       {"day", 1U << KIND_DATE | 1U << KIND_DATE_TIME},
                       {"weekday", 1U << KIND_DATE | 1U << KIND_DATE_TIME},
                       {"hour", 1U << KIND_TIME | 1U << KIND_DATE_TIME},
                       {"minute", 1U << KIND_TIME | 1U << KIND_DATE_TIME},
                       {"second", 1U << KIND_TIME | 1U << KIND_DATE_TIME},
                       {"days", 1U << KIND_DAYS},
                       {"hours", 1U << KIND_DAYS},
                       {"minutes", 1U << KIND_DAYS},
                       {"seconds", 1U << KIND_DAYS},
                       {"years", 1U << KIND_MONTHS},
                       {"months", 1U << KIND_MONTHS}};
        const unsigned temporal = 1U << KIND_TIME | 1U << KIND_DATE_TIME;

        for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
                if (strcmp(NUMBERS[i].name, name) == 0 && (NUMBERS[i].kinds >> t->kind & 1U) != 0)
                        return &TYPE_NUMBER;
        if ((temporal >> t->kind & 1U) != 0 && (strcmp(name, "time offset") == 0 || strcmp(name, "timezone") == 0))
                return &TYPE_ANY;
        if (t->kind == KIND_RANGE && (strncmp(name, "start", 5) == 0 || strncmp(name, "end", 3) == 0))
                return strchr(name, ' ') != NULL ? &TYPE_BOOLEAN : t->item;
        return NULL;
}

/* What an import gives: only what the element says that it needs. */
static const struct type *imported(const struct place *p, const struct import *im, const char *name)
{
        const struct check_options *o = p->model->options;
        const char *type = NULL;
        size_t count = 0;

        if (im->external) {
                struct type *t;
                if (o->external == NULL)
                        return &TYPE_ANY;
                if (!o->external(o->external_ctx, name, &count, &type)) {
                        found(p, CHECK_ERROR, SB_RULE_NAME, "%s.%s", im->name, name);
                        return &TYPE_ANY;
                }
                struct field *fields = arena_array(p->model->arena, count + 1, sizeof *fields);
                if (fields == NULL || (t = arena_new_of(p->model->arena, struct type)) == NULL) {
                        p->model->broken = true;
                        return &TYPE_ANY;
                }
                for (size_t i = 0; i < count; i++)
                        fields[i] = (struct field){i == 0 ? "day" : "dimension", i == 0 ? &TYPE_DATE_TIME : &TYPE_ANY};
                *t = (struct type){.kind = KIND_FUNCTION,
                                   .fields = fields,
                                   .count = count,
                                   .least = count,
                                   .item = type == NULL ? &TYPE_ANY : type_named(p->model, type, 0)};
                return t;
        }
        for (size_t i = 0; i < p->need_count; i++)
                if (p->needs[i].import != NULL && strcmp(p->needs[i].import, im->name) == 0 &&
                    strcmp(p->needs[i].name, name) == 0) {
                        p->needs[i].used = true;
                        return p->needs[i].type;
                }
        found(p, CHECK_ERROR, SB_RULE_NAME, "%s.%s", im->name, name);
        return &TYPE_ANY;
}

static const struct type *path_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        const struct type *base = infer(p, n->children[0], env), *t;

        if (unknown(base))
                return &TYPE_ANY;
        if (base->kind == KIND_IMPORT)
                return imported(p, base->import, n->name);
        if (base->kind == KIND_LIST) {
                t = base->item->kind == KIND_CONTEXT ? field_of(base->item, n->name) : property(base->item, n->name);
                return t == NULL ? &ANY_LIST : list_of(p->model, t);
        }
        t = base->kind == KIND_CONTEXT ? field_of(base, n->name) : property(base, n->name);
        if (t == NULL && !base->open)
                found(p, CHECK_ERROR, SB_RULE_ENTRY, "%s|%s\x1e%s", n->name, type_text(base, LANG_EN),
                      type_text(base, LANG_ZH));
        return t == NULL ? &TYPE_ANY : t;
}

static const struct type *filter_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        const struct type *list = infer(p, n->children[0], env);
        const struct type *item = list->kind == KIND_LIST ? list->item : list;
        struct env item_env = {.name = "item", .type = item, .up = env}, *inner = &item_env;
        struct env fields[64];

        for (size_t i = 0; item->kind == KIND_CONTEXT && i < item->count && i < 64; i++) {
                fields[i] = (struct env){.name = item->fields[i].name, .type = item->fields[i].type, .up = inner};
                inner = &fields[i];
        }
        if (item->kind == KIND_ANY || (item->kind == KIND_CONTEXT && item->open)) { /* any name may be one of its entries */
                struct place silent = *p;
                struct model quiet = *p->model;
                quiet.report = NULL;
                silent.model = &quiet;
                infer(&silent, n->children[1], inner);
                return &TYPE_ANY;
        }
        const struct type *by = infer(p, n->children[1], inner);
        if (by->kind == KIND_NUMBER)
                return item;
        if (by->kind != KIND_BOOLEAN && !unknown(by))
                wrong(p, ERROR_BOTH("a filter needs a condition or a position", "筛选需要条件或位置"), by, NULL);
        return by->kind == KIND_BOOLEAN ? (list->kind == KIND_LIST ? list : list_of(p->model, item)) : &TYPE_ANY;
}

static const struct type *call_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        const struct feel_node *callee = n->children[0];
        const struct type *f = NULL;
        const char *name = callee->op == OP_DYNAMIC || callee->op == OP_PATH ? callee->name : "the function";
        size_t given = n->count - 1;

        f = infer(p, callee, env);
        if (callee->op == OP_DYNAMIC && f->kind == KIND_ANY && builtin_type(name) != NULL)
                f = builtin_type(name);
        if (f->kind != KIND_FUNCTION && !unknown(f))
                wrong(p, ERROR_BOTH("what is called is no function", "被调用的不是函数"), f, NULL);
        if (f->kind == KIND_FUNCTION && !f->open && (given < f->least || given > f->count))
                found(p, CHECK_ERROR, SB_RULE_ARGUMENTS, "%s|%zu|%zu", name, f->count, given);
        for (size_t i = 0; i < given; i++) {
                const struct type *have = infer(p, n->children[i + 1], env), *want = NULL;
                if (f->kind != KIND_FUNCTION || f->open)
                        continue;
                if (n->names == NULL && i < f->count)
                        want = f->fields[i].type;
                else if (n->names != NULL && n->names[i] != NULL && (want = field_of(f, n->names[i])) == NULL)
                        found(p, CHECK_ERROR, SB_RULE_ENTRY, "%s|%s", n->names[i], name);
                if (want != NULL && !conforms(have, want))
                        misfit(p, name, want, have);
        }
        return f->kind == KIND_FUNCTION ? f->item : &TYPE_ANY;
}

static const struct type *sum_type(const struct place *p, const struct feel_node *n, const struct type *a, const struct type *b)
{
        bool minus = n->op == OP_SUBTRACT;

        if (unknown(a) || unknown(b)) {
                const struct type *known = unknown(a) ? b : a;
                if (is(known, KIND_BOOLEAN) || is(known, KIND_CONTEXT) || is(known, KIND_FUNCTION))
                        return wrong(p,
                                     minus ? ERROR_BOTH("this cannot be subtracted", "不能相减")
                                           : ERROR_BOTH("this cannot be added", "不能相加"),
                                     known, NULL);
                return is(known, KIND_NUMBER) ? known : &TYPE_ANY;
        }
        if (a->kind == b->kind && (is(a, KIND_NUMBER) || is_duration(a) || (!minus && is(a, KIND_STRING))))
                return a;
        if (minus && is_day(a) && is_day(b))
                return &TYPE_DAYS;
        if (minus && is(a, KIND_TIME) && is(b, KIND_TIME))
                return &TYPE_DAYS;
        if ((is_day(a) && is_duration(b)) || (is(a, KIND_TIME) && is(b, KIND_DAYS)))
                return a;
        if (!minus && ((is_day(b) && is_duration(a)) || (is(b, KIND_TIME) && is(a, KIND_DAYS))))
                return b;
        if (is(a, KIND_LIST) || is(b, KIND_LIST))
                return &TYPE_ANY;
        return wrong(
            p, minus ? ERROR_BOTH("these cannot be subtracted", "不能相减") : ERROR_BOTH("these cannot be added", "不能相加"),
            a, b);
}

static const struct type *product_type(const struct place *p, const struct feel_node *n, const struct type *a,
                                       const struct type *b)
{
        if ((is(a, KIND_NUMBER) || unknown(a)) && (is(b, KIND_NUMBER) || unknown(b)))
                return unknown(a) && n->op != OP_POWER && !is(b, KIND_NUMBER) ? &TYPE_ANY
                       : unknown(a) || unknown(b)                             ? &TYPE_ANY
                                                                              : a;
        if (n->op == OP_MULTIPLY && is_duration(b) && (is(a, KIND_NUMBER) || unknown(a)))
                return b;
        if (n->op != OP_POWER && is_duration(a) && (is(b, KIND_NUMBER) || unknown(b)))
                return a;
        if (n->op == OP_DIVIDE && is_duration(a) && a->kind == b->kind)
                return &TYPE_NUMBER;
        if (is(a, KIND_LIST) || is(b, KIND_LIST))
                return &TYPE_ANY;
        return wrong(p,
                     n->op == OP_MULTIPLY ? ERROR_BOTH("these cannot be multiplied", "不能相乘")
                                          : ERROR_BOTH("these cannot be divided", "不能相除"),
                     a, b);
}

static const struct type *compare_type(const struct place *p, const struct feel_node *n, const struct type *a,
                                       const struct type *b)
{
        bool order = n->op != OP_EQUAL && n->op != OP_NOT_EQUAL;

        if (unknown(a) || unknown(b) || is(a, KIND_LIST) || is(b, KIND_LIST))
                return &TYPE_BOOLEAN;
        if (a->kind != b->kind && !(is_day(a) && is_day(b)))
                wrong(p, ERROR_BOTH("these cannot be compared", "不能比较"), a, b);
        else if (order && (is(a, KIND_BOOLEAN) || is(a, KIND_CONTEXT) || is(a, KIND_FUNCTION) || is(a, KIND_RANGE)))
                wrong(p, ERROR_BOTH("there is no order among", "没有大小之分"), a, NULL);
        return &TYPE_BOOLEAN;
}

static const struct type *truth(const struct place *p, const struct feel_node *n, struct env *env, const char *what)
{
        const struct type *t = infer(p, n, env);

        if (!conforms(t, &TYPE_BOOLEAN))
                wrong(p, what, t, NULL);
        return &TYPE_BOOLEAN;
}

static const struct type *iteration_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        struct env vars[33], *inner = env;
        uint32_t count = n->count - 1;

        for (uint32_t i = 0; i < count && i < 32; i++) {
                const struct type *over = infer(p, n->children[i], inner);
                const struct type *item = is(over, KIND_LIST) || is(over, KIND_RANGE) ? over->item : over;
                vars[i] = (struct env){.name = n->names[i], .type = item, .up = inner};
                inner = &vars[i];
        }
        if (n->op == OP_FOR) {
                vars[32] = (struct env){.name = "partial", .type = &ANY_LIST, .up = inner};
                return list_of(p->model, infer(p, n->children[count], &vars[32]));
        }
        return truth(p, n->children[count], inner,
                     ERROR_BOTH("a condition is needed after satisfies", "satisfies 之后须为条件"));
}

static const struct type *context_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        struct field *fields = arena_array(p->model->arena, n->count + 1, sizeof *fields);
        struct env *entries = arena_array(p->model->arena, n->count + 1, sizeof *entries), *inner = env;
        struct type *t = arena_new_of(p->model->arena, struct type);

        if (fields == NULL || entries == NULL || t == NULL) {
                p->model->broken = true;
                return &ANY_CONTEXT;
        }
        for (uint32_t i = 0; i < n->count; i++) {
                fields[i] = (struct field){n->names[i], infer(p, n->children[i], inner)};
                entries[i] = (struct env){.name = n->names[i], .type = fields[i].type, .up = inner};
                inner = &entries[i];
        }
        *t = (struct type){.kind = KIND_CONTEXT, .fields = fields, .count = n->count};
        return t;
}

static const struct type *range_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        const struct type *low = n->children[0] == NULL ? &TYPE_NULL : infer(p, n->children[0], env);
        const struct type *high = n->count < 2 ? low : n->children[1] == NULL ? &TYPE_NULL : infer(p, n->children[1], env);
        struct type *t = arena_new_of(p->model->arena, struct type);

        if (t == NULL) {
                p->model->broken = true;
                return &TYPE_ANY;
        }
        if (!unknown(low) && !unknown(high) && low->kind != high->kind)
                wrong(p, ERROR_BOTH("the ends of a range differ", "区间两端类型不同"), low, high);
        *t = (struct type){.kind = KIND_RANGE, .item = join(p->model, low, high)};
        return t;
}

static const struct type *function_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        struct env vars[64], *inner = env;

        for (uint32_t i = 0; i < n->parameter_count && i < 64; i++) {
                vars[i] = (struct env){.name = n->names[i], .type = &TYPE_ANY, .up = inner};
                inner = &vars[i];
        }
        infer(p, n->children[0]->children[0], inner);
        return &TYPE_ANY;
}

/* One test of a value: a comparison of "?", or something to be equal to or contained in. */
static void test_check(const struct place *p, const struct feel_node *n, const struct type *tested, struct env *env)
{
        struct env question = {.name = "?", .type = tested, .up = env};
        const struct type *t = infer(p, n, &question);

        if (unknown(tested) || unknown(t) || is(t, KIND_BOOLEAN) || is(tested, KIND_LIST))
                return;
        const struct type *with = is(t, KIND_LIST) ? t->item : t;
        if (is(with, KIND_RANGE) && !is(tested, KIND_RANGE))
                with = with->item;
        if (!conforms(with, tested) && !(is_day(with) && is_day(tested)))
                wrong(p, ERROR_BOTH("the test can never be met", "该条件永远不能满足"), tested, with);
}

void infer_tests(const struct place *p, const struct feel_node *n, const struct type *tested, struct env *env)
{
        if (n->op == OP_TEST_ANY)
                return;
        if (n->op != OP_TESTS && n->op != OP_NOT_TESTS) {
                test_check(p, n, tested, env);
                return;
        }
        for (uint32_t i = 0; i < n->count; i++)
                test_check(p, n->children[i], tested, env);
}

static const struct type *binary_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        const struct type *a = infer(p, n->children[0], env), *b = infer(p, n->children[1], env);

        switch (n->op) {
        case OP_ADD:
        case OP_SUBTRACT:
                return sum_type(p, n, a, b);
        case OP_MULTIPLY:
        case OP_DIVIDE:
        case OP_POWER:
                return product_type(p, n, a, b);
        default:
                return compare_type(p, n, a, b);
        }
}

/* Kinds of node whose parts are judged one by one. */
static const struct type *compound_type(const struct place *p, const struct feel_node *n, struct env *env)
{
        const struct type *t;

        switch (n->op) {
        case OP_NEGATE:
                t = infer(p, n->children[0], env);
                return unknown(t) || is(t, KIND_NUMBER) || is_duration(t)
                           ? t
                           : wrong(p, ERROR_BOTH("this has no sign", "不能取负"), t, NULL);
        case OP_AND:
        case OP_OR:
                truth(p, n->children[0], env, ERROR_BOTH("“and” and “or” join conditions, not", "“and”和“or”须连接条件"));
                return truth(p, n->children[1], env,
                             ERROR_BOTH("“and” and “or” join conditions, not", "“and”和“or”须连接条件"));
        case OP_IF:
                truth(p, n->children[0], env, ERROR_BOTH("“if” needs a condition, not", "“if”需要条件"));
                t = infer(p, n->children[1], env);
                return join(p->model, t, infer(p, n->children[2], env));
        case OP_BETWEEN:
                t = infer(p, n->children[0], env);
                for (int i = 1; i < 3; i++)
                        compare_type(p, n, t, infer(p, n->children[i], env));
                return &TYPE_BOOLEAN;
        case OP_IN:
                t = infer(p, n->children[0], env);
                for (uint32_t i = 1; i < n->count; i++)
                        test_check(p, n->children[i], t, env);
                return &TYPE_BOOLEAN;
        case OP_LIST:
                t = &TYPE_NULL;
                for (uint32_t i = 0; i < n->count; i++)
                        t = join(p->model, t, infer(p, n->children[i], env));
                return list_of(p->model, n->count == 0 ? &TYPE_ANY : t);
        case OP_INSTANCE:
                infer(p, n->children[0], env);
                return &TYPE_BOOLEAN;
        default:
                return &TYPE_ANY;
        }
}

const struct type *infer(const struct place *p, const struct feel_node *n, struct env *env)
{
        switch (n->op) {
        case OP_CONST:
                return literal_type(&n->value);
        case OP_DYNAMIC:
        case OP_QUESTION:
                return name_type(p, n, env);
        case OP_PATH:
                return path_type(p, n, env);
        case OP_FILTER:
                return filter_type(p, n, env);
        case OP_CALL:
                return call_type(p, n, env);
        case OP_ADD:
        case OP_SUBTRACT:
        case OP_MULTIPLY:
        case OP_DIVIDE:
        case OP_POWER:
        case OP_EQUAL:
        case OP_NOT_EQUAL:
        case OP_LESS:
        case OP_LESS_EQUAL:
        case OP_GREATER:
        case OP_GREATER_EQUAL:
                return binary_type(p, n, env);
        case OP_FOR:
        case OP_SOME:
        case OP_EVERY:
                return iteration_type(p, n, env);
        case OP_CONTEXT:
                return context_type(p, n, env);
        case OP_RANGE:
        case OP_UNARY_RANGE:
                return range_type(p, n, env);
        case OP_FUNCTION:
                return function_type(p, n, env);
        default:
                return compound_type(p, n, env);
        }
}
