/* SPDX-License-Identifier: Apache-2.0
 *
 * Conditions that other makers write in the language of their engines: "${…}" around, "==", "&&", "||", "!", texts in single quotes,
 * x.contains("a") and its like. What is FEEL already passes through.
 */
#include "engine/bpmn/model.h"

#include <string.h>

#define TEXT_MAX ((size_t)1 << 20)
#define DEPTH_MAX 50

struct translation {
        const char *s;
        size_t n, i;
        int depth;
};

static const struct {
        const char *method, *before, *after;
} METHODS[] = {
    {"contains", "contains(", ")"}, {"startsWith", "starts with(", ")"}, {"endsWith", "ends with(", ")"},
    {"equals", "(", ")"},           {"length", "string length(", ")"},   {"isEmpty", "(string length(", ") = 0)"},
    {"size", "count(", ")"},
};

static bool word(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               (unsigned char)c >= 0x80;
}

static char ahead(const struct translation *t, size_t k)
{
        return t->i + k < t->n ? t->s[t->i + k] : '\0';
}

static void expression(struct translation *t, struct buf *out, char end);

/* A text; a double quote within single ones is written as FEEL writes it. */
static void quoted(struct translation *t, struct buf *out)
{
        char quote = t->s[t->i++];

        buf_add_text(out, "\"");
        for (; t->i < t->n && t->s[t->i] != quote; t->i++) {
                if (quote == '\'' && t->s[t->i] == '"')
                        buf_add_text(out, "\\");
                if (t->s[t->i] == '\\' && t->i + 1 < t->n)
                        buf_add(out, t->s + t->i++, 1);
                buf_add(out, t->s + t->i, 1);
        }
        t->i += t->i < t->n;
        buf_add_text(out, "\"");
}

/* ".method(…)" after what stands in operand; false when it is none that is known. */
static bool method(struct translation *t, struct buf *operand)
{
        struct buf arguments;

        for (size_t k = 0; k < sizeof METHODS / sizeof METHODS[0]; k++) {
                size_t n = strlen(METHODS[k].method);
                if (t->i + n + 1 >= t->n || memcmp(t->s + t->i + 1, METHODS[k].method, n) != 0 || t->s[t->i + 1 + n] != '(')
                        continue;
                t->i += n + 2;
                buf_init(&arguments, TEXT_MAX);
                expression(t, &arguments, ')');
                struct buf whole;
                buf_init(&whole, TEXT_MAX);
                buf_add_text(&whole, METHODS[k].before);
                buf_add(&whole, operand->p, operand->n);
                if (arguments.n > 0) {
                        buf_add_text(&whole, strcmp(METHODS[k].method, "equals") == 0 ? " = " : ", ");
                        buf_add(&whole, arguments.p, arguments.n);
                }
                buf_add_text(&whole, METHODS[k].after);
                buf_clear(operand);
                buf_add(operand, whole.p, whole.n);
                buf_dispose(&whole);
                buf_dispose(&arguments);
                return true;
        }
        return false;
}

/* What "!" or a method applies to: a name with its parts and methods, a text, or a group. */
static void operand(struct translation *t, struct buf *out)
{
        struct buf own;

        buf_init(&own, TEXT_MAX);
        while (ahead(t, 0) == ' ')
                t->i++;
        if (ahead(t, 0) == '(') {
                t->i++;
                buf_add_text(&own, "(");
                expression(t, &own, ')');
                buf_add_text(&own, ")");
        } else if (ahead(t, 0) == '"' || ahead(t, 0) == '\'') {
                quoted(t, &own);
        } else {
                while (word(ahead(t, 0)))
                        buf_add(&own, t->s + t->i++, 1);
        }
        while (ahead(t, 0) == '.' && own.n > 0) {
                if (method(t, &own))
                        continue;
                buf_add(&own, t->s + t->i++, 1);
                while (word(ahead(t, 0)))
                        buf_add(&own, t->s + t->i++, 1);
        }
        buf_add(out, own.p, own.n);
        buf_dispose(&own);
}

static bool operator_take(struct translation *t, struct buf *out)
{
        static const struct {
                const char *from, *to;
        } operators[] = {{"&&", " and "}, {"||", " or "}, {"===", "="}, {"==", "="}, {"!==", "!="}, {"!=", "!="}};

        for (size_t k = 0; k < sizeof operators / sizeof operators[0]; k++) {
                size_t n = strlen(operators[k].from);
                if (t->i + n <= t->n && memcmp(t->s + t->i, operators[k].from, n) == 0) {
                        t->i += n;
                        buf_add_text(out, operators[k].to);
                        return true;
                }
        }
        return false;
}

static void expression(struct translation *t, struct buf *out, char end)
{
        t->depth++;
        while (t->i < t->n && t->s[t->i] != end) {
                char c = t->s[t->i];
                size_t before = t->i;
                if (operator_take(t, out))
                        continue;
                if (c == '!') {
                        t->i++;
                        buf_add_text(out, "not(");
                        operand(t, out);
                        buf_add_text(out, ")");
                } else if ((c == '$' || c == '#') && ahead(t, 1) == '{' && t->depth < DEPTH_MAX) {
                        t->i += 2;
                        expression(t, out, '}');
                } else if (t->depth < DEPTH_MAX && (word(c) || c == '(' || c == '"' || c == '\'')) {
                        operand(t, out);
                }
                if (t->i == before)
                        buf_add(out, t->s + t->i++, 1);
        }
        t->i += t->i < t->n;
        t->depth--;
}

const char *translated(struct reader *r, const char *text)
{
        const char *s = reader_keep(r, text);
        struct translation t = {.s = s, .n = strlen(s)};
        struct buf out;

        buf_init(&out, TEXT_MAX);
        expression(&t, &out, '\0');
        const char *kept = out.failed ? NULL : arena_text(r->m->arena, (struct str){out.p, out.n});
        buf_dispose(&out);
        return kept == NULL ? "" : kept;
}
