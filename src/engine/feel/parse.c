/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar of FEEL (DMN 1.5, 10.3.1.2) by recursive descent: operators, tests, and the front door
 * feel_compile. What begins an expression is in parse_primary.c.
 */
#include "engine/feel/compile.h"

#define TEXT_MAX ((size_t)1 << 20)
#define DEPTH_MAX 400
#define AGAIN_MAX 100 /* readings of a text a second time, so that nesting cannot double them */

static const struct feel_node *postfix(struct compiler *c);

static bool deeper(struct compiler *c)
{
        if (++c->depth > DEPTH_MAX) {
                lex_fail(c, "less nesting");
                return false;
        }
        return true;
}

/* Whatever nests comes through here, or through parse_expression. */
static const struct feel_node *negation(struct compiler *c)
{
        const struct feel_node *n;

        if (!deeper(c))
                return NULL;
        if (lex_take(c, "-")) {
                n = negation(c);
                n = node_finish(c, node_new(c, OP_NEGATE, &n, 1));
        } else {
                n = postfix(c);
        }
        c->depth--;
        return n;
}

static const struct feel_node *power(struct compiler *c)
{
        const struct feel_node *n = negation(c);

        while (n != NULL && lex_take(c, "**"))
                n = node_binary(c, OP_POWER, n, negation(c));
        return n;
}

static const struct feel_node *product(struct compiler *c)
{
        const struct feel_node *n = power(c);

        while (n != NULL) {
                if (lex_peek(c, "*") && !lex_peek(c, "**") && lex_take(c, "*"))
                        n = node_binary(c, OP_MULTIPLY, n, power(c));
                else if (lex_take(c, "/"))
                        n = node_binary(c, OP_DIVIDE, n, power(c));
                else
                        break;
        }
        return n;
}

const struct feel_node *parse_arithmetic(struct compiler *c)
{
        const struct feel_node *n = product(c);

        while (n != NULL) {
                if (lex_take(c, "+"))
                        n = node_binary(c, OP_ADD, n, product(c));
                else if (lex_peek(c, "-") && lex_take(c, "-"))
                        n = node_binary(c, OP_SUBTRACT, n, product(c));
                else
                        break;
        }
        return n;
}

static bool comparison_sign(struct compiler *c, enum feel_op *op)
{
        static const struct {
                const char *sign;
                enum feel_op op;
        } SIGNS[] = {{"<=", OP_LESS_EQUAL}, {">=", OP_GREATER_EQUAL}, {"!=", OP_NOT_EQUAL},
                     {"<", OP_LESS},        {">", OP_GREATER},        {"=", OP_EQUAL}};

        lex_skip(c);
        if (c->at >= c->text.n || strchr("<>!=", c->text.p[c->at]) == NULL)
                return false;
        for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++)
                if (lex_take(c, SIGNS[i].sign)) {
                        *op = SIGNS[i].op;
                        return true;
                }
        return false;
}

/* "< 10" and its like, the sign not taken yet: a range that is open to one side. */
static const struct feel_node *unary_range(struct compiler *c)
{
        enum feel_op op;
        struct feel_node *n;

        if (!comparison_sign(c, &op))
                return lex_fail(c, "comparison");
        const struct feel_node *end = parse_arithmetic(c);
        n = node_new(c, OP_UNARY_RANGE, &end, 1);
        if (n == NULL)
                return NULL;
        n->range_op = op == OP_LESS         ? RANGE_LESS
                      : op == OP_LESS_EQUAL ? RANGE_LESS_EQUAL
                      : op == OP_GREATER    ? RANGE_GREATER
                      : op == OP_EQUAL      ? RANGE_EQUAL
                      : op == OP_NOT_EQUAL  ? RANGE_NOT_EQUAL
                                            : RANGE_GREATER_EQUAL;
        return node_finish(c, n);
}

static bool at_sign(struct compiler *c)
{
        lex_skip(c);
        return c->at < c->text.n && (strchr("<>=", c->text.p[c->at]) != NULL || lex_peek(c, "!="));
}

/* One positive unary test. */
const struct feel_node *parse_test(struct compiler *c)
{
        return at_sign(c) ? unary_range(c) : parse_expression(c);
}

/* What stands behind `in`: one test, or several in parentheses; "(1..5)" is one, an open range. */
static const struct feel_node *in_tests(struct compiler *c, const struct feel_node *tested)
{
        struct node_list tests = {NULL, 0, 0};
        size_t start;

        if (!node_list_add(c, &tests, tested))
                return NULL;
        lex_skip(c);
        start = c->at;
        if (lex_take(c, "(")) {
                do {
                        if (!node_list_add(c, &tests, parse_test(c)))
                                return NULL;
                        if (tests.n == 2 && lex_take(c, "..")) {
                                tests.p[1] = parse_range_rest(c, tests.p[1], false);
                                return node_finish(c, node_new(c, OP_IN, tests.p, tests.n));
                        }
                } while (lex_take(c, ","));
                if (!lex_take(c, ")"))
                        return lex_fail(c, ")");
                lex_skip(c);
                if (c->at == c->text.n || strchr(".[(*/+-", c->text.p[c->at]) == NULL || lex_peek(c, ".."))
                        return node_finish(c, node_new(c, OP_IN, tests.p, tests.n));
                if (++c->again > AGAIN_MAX)
                        return lex_fail(c, "less nesting");
                c->at = start; /* an expression that begins with a parenthesis, then */
                tests.n = 1;
        }
        if (!node_list_add(c, &tests, at_sign(c) ? unary_range(c) : parse_arithmetic(c)))
                return NULL;
        return node_finish(c, node_new(c, OP_IN, tests.p, tests.n));
}

static const struct feel_node *between(struct compiler *c, const struct feel_node *n)
{
        const struct feel_node *parts[3] = {n, parse_arithmetic(c), NULL};

        if (parts[1] == NULL || !lex_take_word(c, "and"))
                return lex_fail(c, "and");
        parts[2] = parse_arithmetic(c);
        return node_finish(c, node_new(c, OP_BETWEEN, parts, 3));
}

static const struct feel_node *comparison(struct compiler *c)
{
        const struct feel_node *n = parse_arithmetic(c);
        enum feel_op op;

        while (n != NULL) {
                lex_skip(c);
                if (c->at >= c->text.n)
                        break;
                if (comparison_sign(c, &op))
                        n = node_binary(c, op, n, parse_arithmetic(c));
                else if (c->text.p[c->at] == 'b' && lex_take_word(c, "between"))
                        n = between(c, n);
                else if (c->text.p[c->at] == 'i' && lex_take_word(c, "in"))
                        n = in_tests(c, n);
                else
                        break;
        }
        return n;
}

static const struct feel_node *conjunction(struct compiler *c)
{
        const struct feel_node *n = comparison(c);

        while (n != NULL && lex_take_word(c, "and"))
                n = node_binary(c, OP_AND, n, comparison(c));
        return n;
}

const struct feel_node *parse_expression(struct compiler *c)
{
        const struct feel_node *n;

        if (!deeper(c))
                return NULL;
        n = conjunction(c);
        while (n != NULL && lex_take_word(c, "or"))
                n = node_binary(c, OP_OR, n, conjunction(c));
        c->depth--;
        return n;
}

static const struct feel_node *call(struct compiler *c, const struct feel_node *f)
{
        struct node_list args = {NULL, 0, 0};
        const char *names[64];
        size_t count = 0;
        bool named = false;

        if (lex_take(c, ")"))
                return node_call(c, f, NULL, NULL, 0);
        do {
                const char *label = lex_label(c, false);
                if (count == 64)
                        return lex_fail(c, "at most 64 arguments");
                if (count > 0 && named != (label != NULL))
                        return lex_fail(c, named ? "name:" : "argument without a name");
                named = label != NULL;
                names[count++] = label;
                if (!node_list_add(c, &args, parse_expression(c)))
                        return NULL;
        } while (lex_take(c, ","));
        if (!lex_take(c, ")"))
                return lex_fail(c, ")");
        return node_call(c, f, named ? names : NULL, args.p, args.n);
}

static const struct feel_node *filter(struct compiler *c, const struct feel_node *of)
{
        size_t bindings = c->binding_count;
        const struct feel_type *item = type_item(of->type);
        const struct feel_node *parts[2] = {of, NULL};
        struct binding *by_name = scope_local(c, "item", item), *entries;
        struct feel_node *n;

        if (by_name == NULL || (entries = scope_add(c, BIND_ITEM, "item", item)) == NULL)
                return NULL;
        entries->slot = by_name->slot;
        parts[1] = parse_expression(c);
        c->binding_count = bindings;
        if (parts[1] == NULL || !lex_take(c, "]"))
                return lex_fail(c, "]");
        n = node_new(c, OP_FILTER, parts, 2);
        if (n == NULL)
                return NULL;
        n->slot = by_name->slot;
        return node_finish(c, n);
}

/* What an attempt that came to nothing leaves behind: scopes of functions that ended in the middle, depth. */
struct state {
        struct function_scope *function;
        size_t bindings;
        int depth;
};

static struct state state_of(const struct compiler *c)
{
        return (struct state){c->function, c->binding_count, c->depth};
}

static void state_back(struct compiler *c, const struct state *s)
{
        c->function = s->function;
        c->binding_count = s->bindings;
        c->depth = s->depth;
}

/* "expr[": a filter, unless the bracket ends an open range as in "[1..10[". */
static const struct feel_node *filter_or_end(struct compiler *c, const struct feel_node *of, bool *ended)
{
        size_t at = c->at - 1;
        const char *expected = c->expected;
        size_t expected_at = c->expected_at;
        const struct state before = state_of(c);
        const struct feel_node *n = filter(c, of);

        *ended = n == NULL && !c->broken;
        if (*ended) {
                state_back(c, &before);
                c->at = at;
                if (expected == NULL) { /* keep the first complaint for the case that nothing else fits */
                        c->expected = NULL;
                        c->expected_at = expected_at;
                }
                return of;
        }
        return n;
}

static const struct feel_node *instance(struct compiler *c, const struct feel_node *of)
{
        struct feel_node *n;

        if (!lex_take_word(c, "of"))
                return lex_fail(c, "of");
        const struct feel_type *type = parse_type(c);
        if (type == NULL)
                return NULL;
        n = node_new(c, OP_INSTANCE, &of, 1);
        if (n != NULL)
                n->of = type;
        return node_finish(c, n);
}

static const struct feel_node *postfix(struct compiler *c)
{
        const struct feel_node *n = parse_primary(c);
        bool ended = false;
        size_t depth = 0;

        while (n != NULL && !ended) {
                lex_skip(c);
                if (c->at >= c->text.n)
                        break;
                char next = c->text.p[c->at];
                if (next != '.' && next != '[' && next != '(' && next != 'i')
                        break;
                if (++depth > DEPTH_MAX)
                        return lex_fail(c, "less nesting");
                if (next == '.' && !lex_peek(c, "..")) {
                        c->at++;
                        n = node_path(c, n, member_name_parse(c, n->type));
                } else if (next == '[') {
                        c->at++;
                        n = filter_or_end(c, n, &ended);
                } else if (next == '(') {
                        c->at++;
                        n = call(c, n);
                } else if (next == 'i' && lex_take_word(c, "instance")) {
                        n = instance(c, n);
                } else {
                        break;
                }
        }
        return n;
}

static const struct feel_node *unary_tests(struct compiler *c)
{
        struct node_list tests = {NULL, 0, 0};
        enum feel_op op = OP_TESTS;
        size_t start;
        struct feel_node *n;

        lex_skip(c);
        if (lex_peek(c, "-")) {
                size_t at = c->at++;
                lex_skip(c);
                if (c->at == c->text.n)
                        return node_finish(c, node_new(c, OP_TEST_ANY, NULL, 0));
                c->at = at;
        }
        const struct state before = state_of(c);
        start = c->at;
        if (lex_take_word(c, "not") && lex_take(c, "(")) {
                do {
                        if (!node_list_add(c, &tests, parse_test(c)))
                                break;
                } while (lex_take(c, ","));
                if (c->expected == NULL && lex_take(c, ")") && (lex_skip(c), c->at == c->text.n))
                        op = OP_NOT_TESTS;
        }
        if (op == OP_TESTS) { /* not(…) may also begin an expression */
                state_back(c, &before);
                c->at = start;
                c->expected = NULL;
                tests.n = 0;
                do {
                        if (!node_list_add(c, &tests, parse_test(c)))
                                return NULL;
                } while (lex_take(c, ","));
        }
        n = node_new(c, op, tests.p, tests.n);
        return node_finish(c, n);
}

static int report(struct compiler *c)
{
        size_t at = c->expected_at < c->text.n ? c->expected_at : c->text.n, end = at;

        if (c->broken)
                return error_raise(c->err, SB_LIMIT, "%s|%s", "memory of an expression", "the arena");
        for (size_t i = at; i < c->text.n && i - at < 40;) {
                if (utf8_next(c->text, &i) < 0)
                        break;
                end = i;
        }
        return error_raise(c->err, SB_FEEL_SYNTAX, "%s|%zu|%.*s", c->expected, at + 1, (int)(end - at), c->text.p + at);
}

int compiler_text(struct compiler *c, struct str text, enum feel_form form, const struct feel_node **out)
{
        const struct feel_node *n;

        if (text.n > TEXT_MAX)
                return error_raise(c->err, SB_LIMIT, "%s|%zu", "an expression", TEXT_MAX);
        if (utf8_check(text, c->err) < 0)
                return ERR;
        c->text = text;
        c->at = 0;
        c->depth = 0;
        c->again = 0;
        c->expected = NULL;
        const struct state before = state_of(c);
        n = form == FEEL_EXPRESSION ? parse_expression(c) : unary_tests(c);
        state_back(c, &before);
        lex_skip(c);
        if (n != NULL && c->expected == NULL && c->at < c->text.n)
                lex_fail(c, "end");
        if (n == NULL || c->expected != NULL) {
                if (c->expected == NULL)
                        lex_fail(c, "expression");
                return report(c);
        }
        *out = n;
        return 0;
}

int feel_parse(const struct feel_node **out, struct arena *a, const struct feel_scope *scope, struct str text,
               enum feel_form form, struct error *err)
{
        struct compiler c;

        compiler_init(&c, a, err);
        c.outer = scope;
        c.zones = scope == NULL ? NULL : scope->zones;
        c.plain = true;
        int rc = compiler_text(&c, text, form, out);
        compiler_dispose(&c);
        return rc;
}

int feel_compile(const struct feel_node **out, struct arena *a, const struct feel_scope *scope, struct str text,
                 enum feel_form form, struct error *err)
{
        struct compiler c;
        const struct feel_node *body = NULL;

        compiler_init(&c, a, err);
        c.outer = scope;
        c.zones = scope == NULL ? NULL : scope->zones;
        int rc = compiler_text(&c, text, form, &body);
        if (rc == 0 && (*out = compiler_root(&c, body)) == NULL)
                rc = report(&c);
        compiler_dispose(&c);
        return rc;
}
