/* SPDX-License-Identifier: Apache-2.0
 *
 * What an expression begins with: literals, lists and ranges, contexts, functions, if, for, some, every,
 * names; and types as they are written.
 */
#include "engine/feel/compile.h"

#include <ctype.h>

#define PARAMETERS_MAX 64 /* of one function */

/* The other end of a range, the first and ".." read; `n` ends at its bracket. */
const struct feel_node *parse_range_rest(struct compiler *c, const struct feel_node *low, bool low_closed)
{
        const struct feel_node *ends[2] = {low, parse_arithmetic(c)};
        struct feel_node *n;

        if (ends[1] == NULL)
                return NULL;
        bool closed = lex_take(c, "]");
        if (!closed && !lex_take(c, ")") && !lex_take(c, "["))
                return lex_fail(c, "]");
        n = node_new(c, OP_RANGE, ends, 2);
        if (n == NULL)
                return NULL;
        n->low_closed = low_closed;
        n->high_closed = closed;
        return node_finish(c, n);
}

/* Behind "[". */
static const struct feel_node *list_or_range(struct compiler *c)
{
        struct node_list items = {NULL, 0, 0};

        if (lex_take(c, "]"))
                return node_const(c, feel_list(NULL, 0));
        do {
                if (!node_list_add(c, &items, parse_test(c)))
                        return NULL;
                if (items.n == 1 && lex_take(c, ".."))
                        return parse_range_rest(c, items.p[0], true);
        } while (lex_take(c, ","));
        if (!lex_take(c, "]"))
                return lex_fail(c, "]");
        return node_finish(c, node_new(c, OP_LIST, items.p, items.n));
}

/* Behind "(": an expression, an open range, or a test as a value. */
static const struct feel_node *parenthesis(struct compiler *c)
{
        const struct feel_node *n = parse_test(c);

        if (n == NULL)
                return NULL;
        if (lex_take(c, ".."))
                return parse_range_rest(c, n, false);
        if (!lex_take(c, ")"))
                return lex_fail(c, ")");
        return n;
}

/* A function that is the value of an entry may call itself by the entry's name: `slot` is where it stands. */
const struct feel_node *node_named_function(const struct feel_node *n, uint32_t slot)
{
        if (n != NULL && n->op == OP_FUNCTION) {
                struct feel_node *f = (struct feel_node *)(uintptr_t)n;
                f->slot = slot;
                f->low_closed = true;
        }
        return n;
}

static const struct feel_node *context(struct compiler *c)
{
        struct node_list values = {NULL, 0, 0};
        const char **names = NULL;
        uint32_t *slots = NULL;
        size_t room = 0, bindings = c->binding_count;
        struct feel_node *n;

        while (!lex_take(c, "}")) {
                if (values.n > 0 && !lex_take(c, ","))
                        return lex_fail(c, ",");
                if (values.n == room) {
                        room = room == 0 ? 8 : room * 2;
                        const char **more = arena_array(c->arena, room, sizeof(const char *));
                        uint32_t *places = arena_array(c->arena, room, sizeof *places);
                        if (more == NULL || places == NULL)
                                return lex_no_memory(c);
                        if (values.n > 0) {
                                memcpy(more, names, values.n * sizeof(const char *));
                                memcpy(places, slots, values.n * sizeof *places);
                        }
                        names = more;
                        slots = places;
                }
                const char *name = lex_label(c, true);
                struct binding *b;
                if (name == NULL)
                        return NULL;
                size_t before = c->binding_count;
                if ((b = scope_local(c, name, NULL)) == NULL)
                        return NULL;
                lex_skip(c);
                if (!lex_peek_word(c, "function")) /* a function may call itself; nothing else sees its own name */
                        c->binding_count = before;
                if (!node_list_add(c, &values, node_named_function(parse_expression(c), b->slot)))
                        return NULL;
                c->bindings[before] = b;
                c->binding_count = before + 1;
                b->type = values.p[values.n - 1]->type;
                names[values.n - 1] = name;
                slots[values.n - 1] = b->slot;
        }
        c->binding_count = bindings;
        n = node_new(c, OP_CONTEXT, values.p, values.n);
        if (n == NULL)
                return NULL;
        n->names = names;
        n->slots = slots;
        return node_finish(c, n);
}

static const struct feel_node *condition(struct compiler *c)
{
        const struct feel_node *parts[3] = {parse_expression(c), NULL, NULL};

        if (parts[0] == NULL || !lex_take_word(c, "then"))
                return lex_fail(c, "then");
        parts[1] = parse_expression(c);
        if (parts[1] == NULL || !lex_take_word(c, "else"))
                return lex_fail(c, "else");
        parts[2] = parse_expression(c);
        return node_finish(c, node_new(c, OP_IF, parts, 3));
}

/* The range that an iterator counts through, or what its items come from. */
static const struct feel_node *domain(struct compiler *c)
{
        const struct feel_node *low = parse_expression(c);
        const struct feel_node *ends[2] = {low, NULL};
        struct feel_node *n;

        if (low == NULL || !lex_take(c, ".."))
                return low;
        ends[1] = parse_expression(c);
        n = node_new(c, OP_RANGE, ends, 2);
        if (n == NULL)
                return NULL;
        n->low_closed = n->high_closed = true;
        n->overload = 1; /* counts: either end may be the greater */
        n->type = &FEEL_TYPES[FEEL_T_RANGE];
        return n;
}

static const struct feel_type *iterated_type(const struct feel_node *of)
{
        if (of->op == OP_RANGE)
                return of->children[0]->type;
        return of->type->kind == FEEL_T_RANGE ? &FEEL_TYPES[FEEL_T_ANY] : type_item(of->type);
}

/* for, some, every: `last` is the word before the expression that is evaluated. */
static const struct feel_node *iteration(struct compiler *c, enum feel_op op, const char *last)
{
        struct node_list parts = {NULL, 0, 0};
        uint32_t slots[32];
        const char *names[32];
        size_t bindings = c->binding_count;
        uint32_t partial = 0;
        struct feel_node *n;
        struct binding *b;

        do {
                lex_skip(c);
                size_t start = c->at, length = lex_simple_name(c, start);
                /* a name may have blanks: everything up to `in` */
                while (length > 0 && start + length < c->text.n) {
                        c->at = start + length;
                        if (lex_peek_word(c, "in") || c->at >= c->text.n)
                                break;
                        size_t more = lex_simple_name(c, c->at);
                        length = more > 0 ? c->at + more - start : 0;
                }
                if (length == 0 || parts.n == 32)
                        return lex_fail(c, "name in");
                c->at = start + length;
                const char *name = lex_keep(c, (struct str){c->text.p + start, length});
                if (name == NULL || !lex_take_word(c, "in"))
                        return lex_fail(c, "in");
                const struct feel_node *of = domain(c);
                if (!node_list_add(c, &parts, of) || (b = scope_local(c, name, iterated_type(of))) == NULL)
                        return NULL;
                names[parts.n - 1] = name;
                slots[parts.n - 1] = b->slot;
        } while (lex_take(c, ","));
        if (!lex_take_word(c, last))
                return lex_fail(c, last);
        if (op == OP_FOR) {
                if ((b = scope_local(c, "partial", &FEEL_TYPES[FEEL_T_LIST])) == NULL)
                        return NULL;
                partial = b->slot;
        }
        if (!node_list_add(c, &parts, parse_expression(c)))
                return NULL;
        c->binding_count = bindings;
        n = node_new(c, op, parts.p, parts.n);
        uint32_t *kept = arena_array(c->arena, parts.n, sizeof *kept);
        const char **kept_names = arena_array(c->arena, parts.n, sizeof(const char *));
        if (n == NULL || kept == NULL || kept_names == NULL)
                return lex_no_memory(c);
        memcpy(kept, slots, (parts.n - 1) * sizeof *kept);
        memcpy(kept_names, names, (parts.n - 1) * sizeof(const char *));
        n->names = kept_names;
        n->slots = kept;
        n->slot = partial;
        return node_finish(c, n);
}

static const struct feel_type *function_node_type(struct compiler *c, const struct feel_type *result)
{
        struct feel_type *t = arena_new_of(c->arena, struct feel_type);

        if (t == NULL)
                return &FEEL_TYPES[FEEL_T_FUNCTION];
        *t = (struct feel_type){.kind = FEEL_T_FUNCTION, .element = result};
        return t;
}

/* Parameters and body of a function whose scope has begun; the caller ends it, whatever came of it. */
static const struct feel_node *function_inside(struct compiler *c, const char **names, const struct feel_type **types,
                                               size_t *count)
{
        while (!lex_take(c, ")")) {
                if (*count == PARAMETERS_MAX || (*count > 0 && !lex_take(c, ",")))
                        return lex_fail(c, ",");
                lex_skip(c);
                size_t start = c->at, end = start;
                while (end < c->text.n && c->text.p[end] != ',' && c->text.p[end] != ')' && c->text.p[end] != ':')
                        end++;
                const char *name = lex_keep(c, (struct str){c->text.p + start, end - start});
                const struct feel_type *type = NULL;
                if (name == NULL || lex_simple_name(c, start) == 0)
                        return lex_fail(c, "parameter");
                c->at = end;
                if (lex_take(c, ":") && (type = parse_type(c)) == NULL)
                        return NULL;
                if (scope_local(c, name, type) == NULL)
                        return NULL;
                names[*count] = name;
                types[(*count)++] = type;
        }
        if (lex_take_word(c, "external"))
                return lex_fail(c, "a function of FEEL");
        return parse_expression(c);
}

/* Behind "function". */
static const struct feel_node *function(struct compiler *c)
{
        struct function_scope f;
        const char *names[PARAMETERS_MAX];
        const struct feel_type *types[PARAMETERS_MAX];
        size_t count = 0, bindings = c->binding_count;
        struct feel_node *n;

        if (!lex_take(c, "("))
                return lex_fail(c, "(");
        function_begin(c, &f);
        const struct feel_node *body = function_inside(c, names, types, &count);
        c->binding_count = bindings;
        const struct feel_node *root = body == NULL ? NULL : compiler_root(c, body);
        function_end(c);
        if (root == NULL)
                return NULL;
        n = node_new(c, OP_FUNCTION, &root, 1);
        const char **kept = arena_array(c->arena, count + 1, sizeof(const char *));
        const struct feel_type **kept_types = arena_array(c->arena, count + 1, sizeof(const struct feel_type *));
        if (n == NULL)
                return NULL;
        if (kept == NULL || kept_types == NULL)
                return lex_no_memory(c);
        memcpy(kept, names, count * sizeof(const char *));
        memcpy(kept_types, types, count * sizeof(const struct feel_type *));
        n->names = kept;
        n->types = kept_types;
        n->parameter_count = (uint32_t)count;
        n->captures = f.captures;
        n->capture_count = (uint32_t)f.capture_count;
        n->type = function_node_type(c, body->type);
        return n;
}

/* @"…" */
static const struct feel_node *at_literal(struct compiler *c)
{
        struct feel_value v = {.kind = FEEL_NULL};
        struct temporal_any any;
        struct str text;

        c->at++;
        lex_skip(c);
        if (c->at >= c->text.n || c->text.p[c->at] != '"')
                return lex_fail(c, "\"");
        if (!lex_string(c, &text))
                return NULL;
        if (!temporal_parse(&any, text, c->zones)) {
                const char *why =
                    arena_format(c->arena, "%.*s is no date, time or duration", (int)(text.n > 60 ? 60 : text.n), text.p);
                return why == NULL ? lex_no_memory(c) : node_fail(c, why);
        }
        if (any.kind == TEMPORAL_DAYS)
                v = (struct feel_value){.kind = FEEL_DAYS, .ns = any.ns};
        else if (any.kind == TEMPORAL_MONTHS)
                v = (struct feel_value){.kind = FEEL_MONTHS, .months = any.months};
        else
                v = (struct feel_value){.kind = any.kind == TEMPORAL_DATE   ? FEEL_DATE
                                                : any.kind == TEMPORAL_TIME ? FEEL_TIME
                                                                            : FEEL_DATE_TIME,
                                        .moment = any.moment};
        return node_const(c, v);
}

static bool keyword(struct compiler *c, size_t length)
{
        static const char *const WORDS[] = {"then", "else", "return", "satisfies", "and", "or", "in"};

        for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
                if (strlen(WORDS[i]) == length && memcmp(c->text.p + c->at, WORDS[i], length) == 0)
                        return true;
        return false;
}

/* An expression that a word begins; *mine false when the word is a name. */
static const struct feel_node *worded(struct compiler *c, bool *mine)
{
        size_t n = lex_simple_name(c, c->at), at = c->at;
        const char *w = c->text.p + at;

        *mine = true;
        if (n == 1 && *w == '?') {
                c->at++;
                struct feel_node *q = node_new(c, OP_QUESTION, NULL, 0);
                if (q != NULL) {
                        q->name = "?";
                        q->has_question = true;
                        q->type = c->question;
                }
                return q;
        }
        if (n == 4 && memcmp(w, "null", 4) == 0)
                return c->at += 4, node_const(c, feel_nothing());
        if (n == 4 && memcmp(w, "true", 4) == 0)
                return c->at += 4, node_const(c, feel_bool(true));
        if (n == 5 && memcmp(w, "false", 5) == 0)
                return c->at += 5, node_const(c, feel_bool(false));
        if (n == 2 && memcmp(w, "if", 2) == 0)
                return c->at += 2, condition(c);
        if (n == 3 && memcmp(w, "for", 3) == 0)
                return c->at += 3, iteration(c, OP_FOR, "return");
        if (n == 4 && memcmp(w, "some", 4) == 0)
                return c->at += 4, iteration(c, OP_SOME, "satisfies");
        if (n == 5 && memcmp(w, "every", 5) == 0)
                return c->at += 5, iteration(c, OP_EVERY, "satisfies");
        if (n == 8 && memcmp(w, "function", 8) == 0)
                return c->at += 8, function(c);
        if (n == 2 && memcmp(w, "if", 2) == 0)
                return c->at += 2, condition(c);
        if (keyword(c, n))
                return lex_fail(c, "expression");
        *mine = false;
        return NULL;
}

/* A scope may know a name that begins with a word of the language ("for example"): the longest wins. */
static bool longer_name(struct compiler *c)
{
        size_t n = lex_simple_name(c, c->at);

        for (size_t i = 0; i < c->binding_count; i++)
                if (c->bindings[i]->name != NULL && lex_spells(c, c->at, c->bindings[i]->name) > n)
                        return true;
        return false;
}

const struct feel_node *parse_primary(struct compiler *c)
{
        struct feel_value v;
        struct str text;
        bool mine;

        lex_skip(c);
        if (c->at >= c->text.n)
                return lex_fail(c, "expression");
        char next = c->text.p[c->at];
        if (isdigit((unsigned char)next) ||
            (next == '.' && c->at + 1 < c->text.n && isdigit((unsigned char)c->text.p[c->at + 1]))) {
                v.kind = FEEL_NUMBER;
                v.count = 0;
                return lex_number(c, &v.number) ? node_const(c, v) : NULL;
        }
        switch (next) {
        case '"':
                return lex_string(c, &text) ? node_const(c, feel_string(text)) : NULL;
        case '@':
                return at_literal(c);
        case '[':
                c->at++;
                return list_or_range(c);
        case '(':
                c->at++;
                return parenthesis(c);
        case ']': { /* ]1..5] */
                c->at++;
                const struct feel_node *low = parse_arithmetic(c);
                return low == NULL || !lex_take(c, "..") ? lex_fail(c, "..") : parse_range_rest(c, low, false);
        }
        case '{':
                c->at++;
                return context(c);
        default:
                break;
        }
        if (!longer_name(c)) {
                const struct feel_node *n = worded(c, &mine);
                if (mine)
                        return n;
        }
        return name_parse(c);
}

/* Types: plain names, list<…>, range<…>, context<…>, function<…> -> …, names of item definitions. */
static const struct feel_type *generic(struct compiler *c, enum type_kind kind)
{
        struct feel_type *t = arena_new_of(c->arena, struct feel_type);

        if (t == NULL)
                return lex_no_memory(c);
        t->kind = kind;
        t->element = parse_type(c);
        if (t->element == NULL)
                return NULL;
        return lex_take(c, ">") ? t : lex_fail(c, ">");
}

static const struct feel_type *fields(struct compiler *c, enum type_kind kind)
{
        struct feel_type *t = arena_new_of(c->arena, struct feel_type);
        struct feel_field found[64], *kept;
        size_t n = 0;

        if (t == NULL)
                return lex_no_memory(c);
        while (!lex_take(c, ">")) {
                if (n == 64 || (n > 0 && !lex_take(c, ",")))
                        return lex_fail(c, ">");
                found[n].name = "";
                if (kind == FEEL_T_CONTEXT && (found[n].name = lex_label(c, true)) == NULL)
                        return NULL;
                if ((found[n++].type = parse_type(c)) == NULL)
                        return NULL;
        }
        kept = arena_array(c->arena, n + 1, sizeof *kept);
        if (kept == NULL)
                return lex_no_memory(c);
        memcpy(kept, found, n * sizeof *kept);
        *t = (struct feel_type){.kind = kind, .fields = kept, .field_count = n, .fields_known = true};
        if (kind == FEEL_T_FUNCTION && lex_take(c, "->") && (t->element = parse_type(c)) == NULL)
                return NULL;
        return t;
}

const struct feel_type *parse_type(struct compiler *c)
{
        static const char *const LONG[] = {"days and time duration", "years and months duration", "date and time",
                                           "day time duration"};
        const struct feel_type *t = NULL;
        size_t n, dots;

        if (++c->depth > 200)
                return lex_fail(c, "less nesting");
        lex_skip(c);
        for (size_t i = 0; i < 3; i++)
                if ((n = lex_spells(c, c->at, LONG[i])) > 0) {
                        c->at += n;
                        return type_plain(str_from(LONG[i]));
                }
        n = lex_simple_name(c, c->at);
        if (n == 0)
                return lex_fail(c, "type");
        struct str name = {c->text.p + c->at, n};
        size_t start = c->at;
        c->at += n;
        if (lex_take(c, "<")) {
                t = str_is(name, "list")       ? generic(c, FEEL_T_LIST)
                    : str_is(name, "range")    ? generic(c, FEEL_T_RANGE)
                    : str_is(name, "context")  ? fields(c, FEEL_T_CONTEXT)
                    : str_is(name, "function") ? fields(c, FEEL_T_FUNCTION)
                                               : lex_fail(c, "type");
                c->depth--;
                return t;
        }
        /* the longest name, with dots and blanks, that is a type */
        for (dots = c->at; dots < c->text.n;) {
                size_t j = dots, more;
                while (j < c->text.n && (c->text.p[j] == ' ' || c->text.p[j] == '.'))
                        j++;
                more = lex_simple_name(c, j);
                if (j == dots || more == 0)
                        break;
                struct str longer = {c->text.p + start, j + more - start};
                const struct feel_type *found = c->find_type == NULL ? NULL : c->find_type(c->find_ctx, longer);
                if (found != NULL) {
                        t = found;
                        c->at = j + more;
                }
                dots = j + more;
        }
        if (t == NULL && c->find_type != NULL)
                t = c->find_type(c->find_ctx, name);
        if (t == NULL)
                t = type_plain(name);
        c->depth--;
        return t == NULL ? lex_fail(c, "type") : t;
}

const struct feel_type *compiler_type(struct compiler *c, struct str text)
{
        const struct feel_type *t;

        c->text = text;
        c->at = 0;
        c->expected = NULL;
        t = parse_type(c);
        lex_skip(c);
        if (c->at < text.n)
                t = NULL;
        c->expected = NULL;
        return t;
}
