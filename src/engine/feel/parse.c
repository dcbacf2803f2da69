/* SPDX-License-Identifier: Apache-2.0
 *
 * The grammar of FEEL (DMN 1.5, 10.3.1.2) by recursive descent. Names with blanks and operators are recognised against the
 * names in scope, the longest first.
 */
#include "engine/feel/tree.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 20)
#define DEPTH_MAX 200
#define LIST_MAX 4096

struct locals { /* names that the expression itself brings: for, some, every, function, context */
        const char *names[64];
        size_t count;
};

struct parser {
        struct arena *arena;
        struct str text;
        size_t at;
        int depth;
        const struct feel_scope *scope;
        struct locals locals;
        bool question; /* "?" was seen */
        struct error *err;
        bool failed;
};

static void *fail(struct parser *p, const char *expected)
{
        if (!p->failed) {
                p->failed = true;
                error_raise(p->err, SB_FEEL_SYNTAX, "%s|%zu|%.*s", expected, p->at + 1,
                            (int)(p->text.n - p->at > 40 ? 40 : p->text.n - p->at), p->text.p + p->at);
        }
        return NULL;
}

static void *no_memory(struct parser *p)
{
        if (!p->failed) {
                p->failed = true;
                error_raise(p->err, SB_MEMORY, "%s", "");
        }
        return NULL;
}

static bool is_space_at(struct parser *p, size_t *width)
{
        size_t i = p->at;
        int32_t c;

        if (i >= p->text.n)
                return false;
        c = utf8_next(p->text, &i);
        *width = i - p->at;
        return c == ' ' || (c >= 9 && c <= 13) || c == 0x85 || c == 0xa0 || c == 0x1680 || c == 0x180e || (c >= 0x2000 && c <= 0x200b) ||
               c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
}

static void skip(struct parser *p)
{
        size_t width;

        for (;;) {
                while (is_space_at(p, &width))
                        p->at += width;
                if (p->at + 1 < p->text.n && p->text.p[p->at] == '/' && p->text.p[p->at + 1] == '/') {
                        while (p->at < p->text.n && p->text.p[p->at] != '\n')
                                p->at++;
                } else if (p->at + 1 < p->text.n && p->text.p[p->at] == '/' && p->text.p[p->at + 1] == '*') {
                        const char *end = memmem(p->text.p + p->at + 2, p->text.n - p->at - 2, "*/", 2);
                        p->at = end == NULL ? p->text.n : (size_t)(end - p->text.p) + 2;
                } else {
                        return;
                }
        }
}

static bool name_start(int32_t c)
{
        return c == '_' || c == '?' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c != 0xd7 && c != 0xf7 &&
               (c < 0x2000 || (c > 0x206f && c < 0x3000) || c > 0x3003) && c != 0xfeff);
}

static bool name_part(int32_t c)
{
        return name_start(c) || (c >= '0' && c <= '9') || c == 0xb7;
}

/* Bytes of one simple name at `at`; 0 when there is none. */
static size_t simple_name(struct parser *p, size_t at)
{
        size_t i = at, before = at;

        if (at >= p->text.n || !name_start(utf8_next(p->text, &i)))
                return 0;
        while (i < p->text.n) {
                before = i;
                if (!name_part(utf8_next(p->text, &i)))
                        return before - at;
        }
        return i - at;
}

static bool peek_char(struct parser *p, char c)
{
        skip(p);
        return p->at < p->text.n && p->text.p[p->at] == c;
}

static bool take(struct parser *p, const char *symbol)
{
        size_t n = strlen(symbol);

        skip(p);
        if (p->text.n - p->at < n || memcmp(p->text.p + p->at, symbol, n) != 0)
                return false;
        p->at += n;
        return true;
}

static bool peek_word(struct parser *p, const char *word)
{
        skip(p);
        size_t n = simple_name(p, p->at);
        return n == strlen(word) && memcmp(p->text.p + p->at, word, n) == 0;
}

static bool take_word(struct parser *p, const char *word)
{
        if (!peek_word(p, word))
                return false;
        p->at += strlen(word);
        return true;
}

static bool expect(struct parser *p, const char *symbol)
{
        return take(p, symbol) || (fail(p, symbol), false);
}

/* Bytes of the text at `at` that spell `name`, any blanks between its parts; 0 when they do not. */
static size_t spells(struct parser *p, size_t at, const char *name)
{
        size_t i = at;

        while (*name != '\0') {
                if (*name == ' ') {
                        size_t before = i;
                        while (i < p->text.n && (p->text.p[i] == ' ' || (p->text.p[i] >= 9 && p->text.p[i] <= 13)))
                                i++;
                        if (i == before)
                                return 0;
                        name++;
                } else if (i < p->text.n && p->text.p[i] == *name) {
                        i++;
                        name++;
                } else {
                        return 0;
                }
        }
        size_t j = i;
        if (i < p->text.n && i > at && name_part(utf8_next(p->text, &j))) {
                size_t last = i - 1; /* ends inside a word? */
                if (isalnum((unsigned char)p->text.p[last]) || (unsigned char)p->text.p[last] >= 0x80 || p->text.p[last] == '_')
                        return 0;
        }
        return i - at;
}

static size_t longest_name(struct parser *p, const char **name)
{
        size_t best = 0;

        for (size_t i = 0; i < p->locals.count; i++) {
                size_t n = spells(p, p->at, p->locals.names[i]);
                if (n > best) {
                        best = n;
                        *name = p->locals.names[i];
                }
        }
        for (const struct feel_scope *s = p->scope; s != NULL; s = s->up)
                for (size_t i = 0; i < s->count; i++) {
                        size_t n = spells(p, p->at, s->names[i]);
                        if (n > best) {
                                best = n;
                                *name = s->names[i];
                        }
                }
        for (size_t i = 0; i < feel_builtin_scope.count; i++) {
                size_t n = spells(p, p->at, feel_builtin_scope.names[i]);
                if (n > best) {
                        best = n;
                        *name = feel_builtin_scope.names[i];
                }
        }
        return best;
}

/* A name: the longest one known, else a simple one. */
static const char *take_name(struct parser *p)
{
        const char *name = NULL;

        skip(p);
        size_t simple = simple_name(p, p->at), known = longest_name(p, &name);
        if (known >= simple && known > 0) {
                p->at += known;
                return name;
        }
        if (simple == 0)
                return fail(p, "name");
        name = arena_text(p->arena, (struct str){p->text.p + p->at, simple});
        p->at += simple;
        return name == NULL ? no_memory(p) : name;
}

static struct feel_node *node_new(struct parser *p, enum node_kind kind, uint32_t count, const struct feel_node *const *children)
{
        struct feel_node *n = arena_new_of(p->arena, struct feel_node);
        const struct feel_node **copy = NULL;

        if (n != NULL && count > 0) {
                copy = arena_array(p->arena, count, sizeof(const struct feel_node *));
                if (copy != NULL)
                        memcpy(copy, children, count * sizeof(const struct feel_node *));
        }
        if (n == NULL || (count > 0 && copy == NULL))
                return no_memory(p);
        n->kind = kind;
        n->count = count;
        n->children = copy;
        for (uint32_t i = 0; i < count; i++)
                n->has_question = n->has_question || (children[i] != NULL && children[i]->has_question);
        return n;
}

static struct feel_node *literal(struct parser *p, struct feel_value v)
{
        struct feel_node *n = node_new(p, NODE_LITERAL, 0, NULL);

        if (n != NULL)
                n->value = v;
        return n;
}

static const struct feel_node *expression(struct parser *p);
static const struct feel_node *arithmetic(struct parser *p);
static const struct feel_node *unary_test(struct parser *p);

/* A quoted string with the escapes of FEEL. */
static bool quoted(struct parser *p, struct str *out)
{
        struct buf b;
        size_t i = p->at + 1;

        buf_init(&b, TEXT_MAX * 2);
        while (i < p->text.n && p->text.p[i] != '"') {
                char c = p->text.p[i++];
                if (c != '\\' || i >= p->text.n) {
                        buf_add_char(&b, c);
                        continue;
                }
                char e = p->text.p[i++];
                size_t hex = e == 'u' ? 4 : e == 'U' ? 6 : 0;
                uint32_t code = 0;
                char bytes[4];
                if (hex == 0) {
                        const char *from = "nrtbf", *to = "\n\r\t\b\f", *k = strchr(from, e);
                        buf_add_char(&b, k != NULL && e != '\0' ? to[k - from] : e);
                        continue;
                }
                for (size_t k = 0; k < hex && i < p->text.n && isxdigit((unsigned char)p->text.p[i]); k++, i++)
                        code = code * 16 + (uint32_t)(p->text.p[i] <= '9' ? p->text.p[i] - '0' : (p->text.p[i] | 0x20) - 'a' + 10);
                if (code >= 0xd800 && code < 0xdc00 && i + 6 <= p->text.n && p->text.p[i] == '\\' && p->text.p[i + 1] == 'u') {
                        uint32_t low = 0;
                        for (size_t k = 0; k < 4 && isxdigit((unsigned char)p->text.p[i + 2 + k]); k++)
                                low = low * 16 + (uint32_t)(p->text.p[i + 2 + k] <= '9' ? p->text.p[i + 2 + k] - '0'
                                                                                       : (p->text.p[i + 2 + k] | 0x20) - 'a' + 10);
                        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                        i += 6;
                }
                if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
                        code = 0xfffd;
                buf_add(&b, bytes, utf8_put(bytes, code));
        }
        if (i >= p->text.n) {
                buf_dispose(&b);
                fail(p, "\"");
                return false;
        }
        p->at = i + 1;
        *out = arena_str(p->arena, (struct str){buf_text(&b), b.n});
        buf_dispose(&b);
        if (out->p == NULL)
                no_memory(p);
        return out->p != NULL;
}

static const struct feel_node *number(struct parser *p)
{
        size_t i = p->at;
        struct feel_value v = {.kind = FEEL_NUMBER};

        while (i < p->text.n && isdigit((unsigned char)p->text.p[i]))
                i++;
        if (i + 1 < p->text.n && p->text.p[i] == '.' && isdigit((unsigned char)p->text.p[i + 1]))
                for (i++; i < p->text.n && isdigit((unsigned char)p->text.p[i]);)
                        i++;
        if (i + 1 < p->text.n && (p->text.p[i] | 0x20) == 'e') {
                size_t j = i + 1 + (p->text.p[i + 1] == '+' || p->text.p[i + 1] == '-');
                if (j < p->text.n && isdigit((unsigned char)p->text.p[j]))
                        for (i = j; i < p->text.n && isdigit((unsigned char)p->text.p[i]);)
                                i++;
        }
        if (!decimal_parse(&v.number, (struct str){p->text.p + p->at, i - p->at}))
                return fail(p, "number");
        p->at = i;
        return literal(p, v);
}

static bool local_add(struct parser *p, const char *name)
{
        if (p->locals.count == sizeof(p->locals.names) / sizeof(p->locals.names[0])) {
                fail(p, "fewer local names");
                return false;
        }
        p->locals.names[p->locals.count++] = name;
        return true;
}

/* [a, b, …] or the start of a range: "(", "[" or "]" then two endpoints. `opened` is the bracket already taken. */
static const struct feel_node *range_rest(struct parser *p, const struct feel_node *low, bool low_closed)
{
        const struct feel_node *ends[2] = {low, arithmetic(p)};
        struct feel_node *n = NULL;

        if (ends[1] == NULL)
                return NULL;
        bool closed = peek_char(p, ']');
        if (!closed && !peek_char(p, ')') && !peek_char(p, '['))
                return fail(p, "]");
        p->at++;
        n = node_new(p, NODE_RANGE, 2, ends);
        if (n != NULL) {
                n->low_closed = low_closed;
                n->high_closed = closed;
        }
        return n;
}

static const struct feel_node *list_or_range(struct parser *p)
{
        const struct feel_node *items[256];
        uint32_t count = 0;

        if (take(p, "]"))
                return node_new(p, NODE_LIST, 0, NULL);
        do {
                if (count == 256)
                        return fail(p, "at most 256 items");
                items[count] = expression(p);
                if (items[count++] == NULL)
                        return NULL;
                if (count == 1 && take(p, ".."))
                        return range_rest(p, items[0], true);
        } while (take(p, ","));
        if (!expect(p, "]"))
                return NULL;
        return node_new(p, NODE_LIST, count, items);
}

static const struct feel_node *context(struct parser *p)
{
        const struct feel_node *values[256];
        const char *names[256];
        uint32_t count = 0;
        size_t locals = p->locals.count;
        struct str text;

        if (!take(p, "}")) {
                do {
                        if (count == 256)
                                return fail(p, "at most 256 entries");
                        skip(p);
                        if (peek_char(p, '"')) {
                                if (!quoted(p, &text))
                                        return NULL;
                                names[count] = arena_text(p->arena, text);
                        } else { /* a key may be several words: everything up to the colon */
                                size_t start = p->at, end = start;
                                while (end < p->text.n && p->text.p[end] != ':' && p->text.p[end] != '}' && p->text.p[end] != ',')
                                        end++;
                                struct str key = str_trim((struct str){p->text.p + start, end - start});
                                if (key.n == 0 || end >= p->text.n || p->text.p[end] != ':')
                                        return fail(p, "key:");
                                names[count] = arena_text(p->arena, key);
                                p->at = end;
                        }
                        if (names[count] == NULL)
                                return no_memory(p);
                        if (!expect(p, ":") || (values[count] = expression(p)) == NULL || !local_add(p, names[count]))
                                return NULL;
                        count++;
                } while (take(p, ","));
                if (!expect(p, "}"))
                        return NULL;
        }
        p->locals.count = locals;
        struct feel_node *n = node_new(p, NODE_CONTEXT, count, values);
        const char **copy = arena_array(p->arena, count == 0 ? 1 : count, sizeof(const char *));
        if (n == NULL || copy == NULL)
                return no_memory(p);
        memcpy(copy, names, count * sizeof(const char *));
        n->names = copy;
        return n;
}

/* A type in "instance of" and in parameters: read as text, generics included. */
static const char *type_name(struct parser *p)
{
        size_t start, depth = 0, i;
        static const char *const KNOWN[] = {"years and months duration", "days and time duration", "date and time"};

        skip(p);
        start = p->at;
        for (size_t k = 0; k < 3; k++) {
                size_t n = spells(p, p->at, KNOWN[k]);
                if (n > 0) {
                        p->at += n;
                        return KNOWN[k];
                }
        }
        i = start + simple_name(p, start);
        if (i == start)
                return fail(p, "type");
        if (i < p->text.n && p->text.p[i] == '<') {
                do {
                        depth += p->text.p[i] == '<';
                        depth -= p->text.p[i] == '>' && p->text.p[i - 1] != '-';
                        i++;
                } while (i < p->text.n && depth > 0);
        }
        p->at = i;
        const char *text = arena_text(p->arena, (struct str){p->text.p + start, i - start});
        return text == NULL ? no_memory(p) : text;
}

static const struct feel_node *function_definition(struct parser *p)
{
        const char *names[64];
        uint32_t count = 0;
        size_t locals = p->locals.count;

        if (!expect(p, "("))
                return NULL;
        if (!take(p, ")")) {
                do {
                        if (count == 64 || (names[count] = take_name(p)) == NULL)
                                return fail(p, "parameter");
                        if (take(p, ":") && type_name(p) == NULL)
                                return NULL;
                        if (!local_add(p, names[count++]))
                                return NULL;
                } while (take(p, ","));
                if (!expect(p, ")"))
                        return NULL;
        }
        if (take_word(p, "external"))
                return fail(p, "a body in FEEL (external functions are not run)");
        const struct feel_node *body = expression(p);
        p->locals.count = locals;
        if (body == NULL)
                return NULL;
        struct feel_node *n = node_new(p, NODE_FUNCTION, 1, &body);
        const char **copy = arena_array(p->arena, count == 0 ? 1 : count, sizeof(const char *));
        if (n == NULL || copy == NULL)
                return no_memory(p);
        memcpy(copy, names, count * sizeof(const char *));
        n->names = copy;
        n->value.count = count; /* parameters */
        return n;
}

/* for / some / every: children are the sources (a source "a..b" is a RANGE node) and, last, the body. */
static const struct feel_node *iteration(struct parser *p, enum node_kind kind, const char *body_word)
{
        const struct feel_node *children[33];
        const char *names[32];
        uint32_t count = 0;
        size_t locals = p->locals.count;

        do {
                if (count == 32)
                        return fail(p, "at most 32 variables");
                skip(p);
                size_t n = simple_name(p, p->at), e = p->at + n;
                /* a variable may have several words: up to the word "in" */
                while (n > 0) {
                        size_t j = e;
                        while (j < p->text.n && isspace((unsigned char)p->text.p[j]))
                                j++;
                        size_t w = simple_name(p, j);
                        if (w == 0 || (w == 2 && memcmp(p->text.p + j, "in", 2) == 0))
                                break;
                        e = j + w;
                }
                if (n == 0)
                        return fail(p, "variable");
                names[count] = arena_text(p->arena, (struct str){p->text.p + p->at, e - p->at});
                if (names[count] == NULL)
                        return no_memory(p);
                p->at = e;
                if (!take_word(p, "in"))
                        return fail(p, "in");
                if ((children[count] = expression(p)) == NULL)
                        return NULL;
                if (take(p, "..")) {
                        const struct feel_node *ends[2] = {children[count], expression(p)};
                        struct feel_node *range = ends[1] == NULL ? NULL : node_new(p, NODE_RANGE, 2, ends);
                        if (range == NULL)
                                return NULL;
                        range->low_closed = range->high_closed = true;
                        children[count] = range;
                }
                if (!local_add(p, names[count++]))
                        return NULL;
        } while (take(p, ","));
        if (!take_word(p, body_word))
                return fail(p, body_word);
        if (kind == NODE_FOR && !local_add(p, "partial"))
                return NULL;
        if ((children[count] = expression(p)) == NULL)
                return NULL;
        p->locals.count = locals;
        struct feel_node *n = node_new(p, kind, count + 1, children);
        const char **copy = arena_array(p->arena, count, sizeof(const char *));
        if (n == NULL || copy == NULL)
                return no_memory(p);
        memcpy(copy, names, count * sizeof(const char *));
        n->names = copy;
        return n;
}

static const struct feel_node *conditional(struct parser *p)
{
        const struct feel_node *parts[3];

        if ((parts[0] = expression(p)) == NULL || (!take_word(p, "then") && fail(p, "then") == NULL) ||
            (parts[1] = expression(p)) == NULL || (!take_word(p, "else") && fail(p, "else") == NULL) ||
            (parts[2] = expression(p)) == NULL)
                return NULL;
        return p->failed ? NULL : node_new(p, NODE_IF, 3, parts);
}

static const struct feel_node *word_or_name(struct parser *p)
{
        size_t start = p->at;
        const char *known = NULL;
        size_t simple = simple_name(p, p->at);

        if (longest_name(p, &known) <= simple) { /* keywords, unless a longer name is meant */
                if (take_word(p, "true"))
                        return literal(p, feel_bool(true));
                if (take_word(p, "false"))
                        return literal(p, feel_bool(false));
                if (take_word(p, "null"))
                        return literal(p, (struct feel_value){.kind = FEEL_NULL});
                if (take_word(p, "if"))
                        return conditional(p);
                if (take_word(p, "for"))
                        return iteration(p, NODE_FOR, "return");
                if (take_word(p, "some"))
                        return iteration(p, NODE_SOME, "satisfies");
                if (take_word(p, "every"))
                        return iteration(p, NODE_EVERY, "satisfies");
                if (take_word(p, "function"))
                        return function_definition(p);
        }
        p->at = start;
        const char *name = take_name(p);
        struct feel_node *n = name == NULL ? NULL : node_new(p, NODE_NAME, 0, NULL);
        if (n != NULL) {
                n->name = name;
                n->has_question = strcmp(name, "?") == 0;
        }
        return n;
}

static const struct feel_node *parenthesis(struct parser *p)
{
        const struct feel_node *first = expression(p);

        if (first == NULL)
                return NULL;
        if (take(p, ".."))
                return range_rest(p, first, false);
        return expect(p, ")") ? first : NULL;
}

static const struct feel_node *primary(struct parser *p)
{
        struct feel_value v;
        struct str text;

        skip(p);
        if (p->at >= p->text.n)
                return fail(p, "expression");
        char c = p->text.p[p->at];
        if (isdigit((unsigned char)c) || (c == '.' && p->at + 1 < p->text.n && isdigit((unsigned char)p->text.p[p->at + 1])))
                return number(p);
        if (c == '"') {
                v = (struct feel_value){.kind = FEEL_STRING};
                return quoted(p, &v.string) ? literal(p, v) : NULL;
        }
        if (c == '@') {
                p->at++;
                if (!peek_char(p, '"') || !quoted(p, &text))
                        return fail(p, "\"");
                return feel_temporal_parse(NULL, text, &v) ? literal(p, v) : fail(p, "date, time or duration");
        }
        if (take(p, "("))
                return parenthesis(p);
        if (take(p, "["))
                return list_or_range(p);
        if (c == ']') { /* ]a..b[ */
                p->at++;
                const struct feel_node *low = arithmetic(p);
                return low == NULL || !expect(p, "..") ? NULL : range_rest(p, low, false);
        }
        if (take(p, "{"))
                return context(p);
        return word_or_name(p);
}

static const struct feel_node *call(struct parser *p, const struct feel_node *callee)
{
        const struct feel_node *children[65] = {callee};
        const char *names[64];
        uint32_t count = 0;
        bool named = false;

        while (!take(p, ")")) {
                if (count == 64 || (count > 0 && !expect(p, ",")))
                        return fail(p, "fewer arguments");
                skip(p);
                size_t colon = p->at; /* "name : value" is a named argument */
                while (colon < p->text.n && (name_part((unsigned char)p->text.p[colon]) || (unsigned char)p->text.p[colon] >= 0x80 ||
                                             p->text.p[colon] == ' '))
                        colon++;
                names[count] = NULL;
                if (colon > p->at && colon < p->text.n && p->text.p[colon] == ':' && simple_name(p, p->at) > 0) {
                        names[count] = arena_text(p->arena, str_trim((struct str){p->text.p + p->at, colon - p->at}));
                        p->at = colon + 1;
                        named = true;
                }
                if ((children[++count] = expression(p)) == NULL)
                        return NULL;
        }
        struct feel_node *n = node_new(p, NODE_CALL, count + 1, children);
        if (n != NULL && named) {
                const char **copy = arena_array(p->arena, count, sizeof(const char *));
                if (copy == NULL)
                        return no_memory(p);
                memcpy(copy, names, count * sizeof(const char *));
                n->names = copy;
        }
        return n;
}

static const struct feel_node *postfix(struct parser *p)
{
        const struct feel_node *left = primary(p);

        while (left != NULL) {
                skip(p);
                if (p->at >= p->text.n)
                        return left;
                if (p->text.p[p->at] == '.' && !(p->at + 1 < p->text.n && p->text.p[p->at + 1] == '.')) {
                        p->at++;
                        const char *name = take_name(p);
                        struct feel_node *n = name == NULL ? NULL : node_new(p, NODE_PATH, 1, &left);
                        if (n != NULL)
                                n->name = name;
                        left = n;
                } else if (p->text.p[p->at] == '[') {
                        p->at++;
                        size_t locals = p->locals.count;
                        const struct feel_node *parts[2] = {left, NULL};
                        if (!local_add(p, "item"))
                                return NULL;
                        parts[1] = expression(p);
                        p->locals.count = locals;
                        left = parts[1] == NULL || !expect(p, "]") ? NULL : node_new(p, NODE_FILTER, 2, parts);
                } else if (p->text.p[p->at] == '(') {
                        p->at++;
                        left = call(p, left);
                } else {
                        return left;
                }
        }
        return NULL;
}

static const struct feel_node *instance(struct parser *p)
{
        const struct feel_node *left = postfix(p);

        while (left != NULL && peek_word(p, "instance")) {
                p->at += 8;
                if (!take_word(p, "of"))
                        return fail(p, "of");
                const char *type = type_name(p);
                struct feel_node *n = type == NULL ? NULL : node_new(p, NODE_INSTANCE, 1, &left);
                if (n != NULL)
                        n->name = type;
                left = n;
        }
        return left;
}

static const struct feel_node *negation(struct parser *p)
{
        if (!peek_char(p, '-'))
                return instance(p);
        if (++p->depth > DEPTH_MAX)
                return fail(p, "fewer levels");
        p->at++;
        const struct feel_node *operand = negation(p);
        p->depth--;
        return operand == NULL ? NULL : node_new(p, NODE_NEGATE, 1, &operand);
}

static const struct feel_node *binary(struct parser *p, enum node_kind kind, const struct feel_node *left,
                                      const struct feel_node *right)
{
        const struct feel_node *parts[2] = {left, right};

        return left == NULL || right == NULL ? NULL : node_new(p, kind, 2, parts);
}

static const struct feel_node *power(struct parser *p)
{
        const struct feel_node *left = negation(p);

        while (left != NULL && take(p, "**"))
                left = binary(p, NODE_POWER, left, negation(p));
        return left;
}

static const struct feel_node *product(struct parser *p)
{
        const struct feel_node *left = power(p);

        while (left != NULL) {
                if (take(p, "*"))
                        left = binary(p, NODE_MULTIPLY, left, power(p));
                else if (take(p, "/"))
                        left = binary(p, NODE_DIVIDE, left, power(p));
                else
                        return left;
        }
        return NULL;
}

static const struct feel_node *arithmetic(struct parser *p)
{
        const struct feel_node *left = product(p);

        while (left != NULL) {
                if (take(p, "+"))
                        left = binary(p, NODE_ADD, left, product(p));
                else if (take(p, "-"))
                        left = binary(p, NODE_SUBTRACT, left, product(p));
                else
                        return left;
        }
        return NULL;
}

/* The tests on the right of "in": one, or several in parentheses. */
static const struct feel_node *in_tests(struct parser *p, const struct feel_node *left)
{
        const struct feel_node *items[65] = {left};
        uint32_t count = 1;
        size_t start = p->at;

        if (take(p, "(")) {
                do {
                        if (count == 65 || (items[count++] = unary_test(p)) == NULL)
                                return fail(p, "test");
                } while (take(p, ","));
                if (take(p, ")") && !peek_char(p, '.'))
                        return node_new(p, NODE_IN, count, items);
                p->at = start; /* (a..b] */
        }
        items[1] = unary_test(p);
        return items[1] == NULL ? NULL : node_new(p, NODE_IN, 2, items);
}

static const struct {
        const char *symbol;
        enum node_kind kind;
} COMPARISONS[] = {{"!=", NODE_NOT_EQUAL}, {"<=", NODE_LESS_EQUAL}, {">=", NODE_GREATER_EQUAL}, {"=", NODE_EQUAL},
                   {"<", NODE_LESS}, {">", NODE_GREATER}};
#define COMPARISON_COUNT (sizeof(COMPARISONS) / sizeof(COMPARISONS[0]))

static const struct feel_node *comparison(struct parser *p)
{
        const struct feel_node *left = arithmetic(p);
        size_t k = 0;

        if (left == NULL)
                return NULL;
        for (; k < COMPARISON_COUNT; k++)
                if (take(p, COMPARISONS[k].symbol))
                        return binary(p, COMPARISONS[k].kind, left, arithmetic(p));
        if (take_word(p, "between")) {
                const struct feel_node *parts[3] = {left, arithmetic(p), NULL};
                if (parts[1] == NULL || (!take_word(p, "and") && fail(p, "and") == NULL))
                        return NULL;
                parts[2] = arithmetic(p);
                return parts[2] == NULL ? NULL : node_new(p, NODE_BETWEEN, 3, parts);
        }
        if (take_word(p, "in")) {
                skip(p);
                return in_tests(p, left);
        }
        return left;
}

static const struct feel_node *conjunction(struct parser *p)
{
        const struct feel_node *left = comparison(p);

        while (left != NULL && take_word(p, "and"))
                left = binary(p, NODE_AND, left, comparison(p));
        return left;
}

static const struct feel_node *expression(struct parser *p)
{
        if (++p->depth > DEPTH_MAX)
                return fail(p, "fewer levels");
        const struct feel_node *left = conjunction(p);
        while (left != NULL && take_word(p, "or"))
                left = binary(p, NODE_OR, left, conjunction(p));
        p->depth--;
        return left;
}

/* One positive unary test: a comparison of "?", or an expression. */
static const struct feel_node *unary_test(struct parser *p)
{
        skip(p);
        for (size_t k = 0; k < COMPARISON_COUNT; k++) {
                if (!take(p, COMPARISONS[k].symbol))
                        continue;
                struct feel_node *question = node_new(p, NODE_NAME, 0, NULL);
                if (question == NULL)
                        return NULL;
                question->name = "?";
                question->has_question = true;
                return binary(p, COMPARISONS[k].kind, question, arithmetic(p));
        }
        return expression(p);
}

static const struct feel_node *unary_tests(struct parser *p)
{
        const struct feel_node *items[257];
        uint32_t count = 0;
        bool negated = false;

        skip(p);
        if (p->at < p->text.n && p->text.p[p->at] == '-') {
                size_t at = p->at++;
                skip(p);
                if (p->at == p->text.n)
                        return node_new(p, NODE_ANY, 0, NULL);
                p->at = at;
        }
        size_t start = p->at;
        if (take_word(p, "not") && take(p, "("))
                negated = true;
        else
                p->at = start;
        do {
                if (count == 256)
                        return fail(p, "at most 256 tests");
                items[count] = unary_test(p);
                if (items[count++] == NULL)
                        return NULL;
        } while (take(p, ","));
        if (negated && !expect(p, ")"))
                return NULL;
        skip(p);
        if (p->at != p->text.n)
                return fail(p, "end of the tests");
        return node_new(p, negated ? NODE_NOT_TESTS : NODE_TESTS, count, items);
}

int feel_compile(const struct feel_node **out, struct arena *a, const struct feel_scope *scope, struct str text,
                 enum feel_form form, struct error *err)
{
        struct parser p = {.arena = a, .text = text, .scope = scope, .err = err};
        const struct feel_node *n;

        if (text.n > TEXT_MAX)
                return error_raise(err, SB_LIMIT, "%s|%zu", "FEEL text", TEXT_MAX);
        if (utf8_check(text, err) < 0)
                return ERR;
        if (form == FEEL_UNARY_TESTS) {
                n = unary_tests(&p);
        } else {
                n = expression(&p);
                skip(&p);
                if (n != NULL && p.at != text.n)
                        n = fail(&p, "end of the expression");
        }
        if (n == NULL || p.failed)
                return p.failed ? ERR : error_raise(err, SB_FEEL_SYNTAX, "%s|%zu|%s", "expression", p.at + 1, "");
        *out = n;
        return 0;
}
