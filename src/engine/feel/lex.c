/* SPDX-License-Identifier: Apache-2.0
 *
 * The smallest parts of FEEL's text: blanks and comments, names, texts, numbers (DMN 1.5, 10.3.1.2).
 */
#include "engine/feel/compile.h"

#include <ctype.h>

#define STRING_MAX ((size_t)2 << 20)

void *lex_fail(struct compiler *c, const char *expected)
{
        if (c->expected == NULL) {
                c->expected = expected;
                c->expected_at = c->at;
        }
        return NULL;
}

void *lex_no_memory(struct compiler *c)
{
        c->broken = true;
        return lex_fail(c, "memory");
}

/* Bytes of the blank at `at`; 0 for none. */
static size_t blank(struct str t, size_t at)
{
        size_t i = at;

        if (at >= t.n)
                return 0;
        unsigned char b = (unsigned char)t.p[at];
        if (b < 0x80)
                return b == ' ' || (b >= 9 && b <= 13);
        int32_t c = utf8_next(t, &i);
        bool yes = c == 0x85 || c == 0xa0 || c == 0x1680 || c == 0x180e || (c >= 0x2000 && c <= 0x200b) || c == 0x2028 ||
                   c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
        return yes ? i - at : 0;
}

void lex_skip(struct compiler *c)
{
        const struct str t = c->text;
        size_t n;

        for (;;) {
                while ((n = blank(t, c->at)) > 0)
                        c->at += n;
                if (c->at + 1 >= t.n || t.p[c->at] != '/')
                        return;
                if (t.p[c->at + 1] == '/') {
                        const char *end = memchr(t.p + c->at, '\n', t.n - c->at);
                        c->at = end == NULL ? t.n : (size_t)(end - t.p);
                } else if (t.p[c->at + 1] == '*') {
                        const char *end = memmem(t.p + c->at + 2, t.n - c->at - 2, "*/", 2);
                        c->at = end == NULL ? t.n : (size_t)(end - t.p) + 2;
                } else {
                        return;
                }
        }
}

static bool name_start(int32_t c)
{
        static const int32_t RANGES[][2] = {{0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},    {0x370, 0x37d},
                                            {0x37f, 0x1fff},  {0x200c, 0x200d}, {0x2070, 0x218f}, {0x2c00, 0x2fef},
                                            {0x3001, 0xd7ff}, {0xf900, 0xfdcf}, {0xfdf0, 0xfffd}, {0x10000, 0xeffff}};

        if (c < 0x80)
                return c == '_' || c == '?' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        for (size_t i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++)
                if (c >= RANGES[i][0] && c <= RANGES[i][1])
                        return c != 0x3001 && c != 0x3002 && c != 0xfeff && c != 0x180e && c != 0x1680;
        return false;
}

bool lex_name_part(int32_t c)
{
        return name_start(c) || (c >= '0' && c <= '9') || c == 0xb7 || (c >= 0x300 && c <= 0x36f) || c == 0x203f || c == 0x2040;
}

/* Bytes of one simple name at `at`; 0 when there is none. */
size_t lex_simple_name(const struct compiler *c, size_t at)
{
        size_t i = at, before;

        if (at >= c->text.n || !name_start(utf8_next(c->text, &i)))
                return 0;
        while (i < c->text.n) {
                unsigned char b = (unsigned char)c->text.p[i];
                if (b < 0x80) {
                        if (!isalnum(b) && b != '_' && b != '?')
                                break;
                        i++;
                        continue;
                }
                before = i;
                if (!lex_name_part(utf8_next(c->text, &i))) {
                        i = before;
                        break;
                }
        }
        return i - at;
}

/* Bytes of the text at `at` that spell `name`, any blanks between its parts; 0 when they do not. */
size_t lex_spells(const struct compiler *c, size_t at, const char *name)
{
        const struct str t = c->text;
        size_t i = at, n;

        if (at >= t.n || t.p[at] != *name)
                return 0;
        while (*name != '\0') {
                if (*name == ' ') {
                        size_t before = i;
                        while ((n = blank(t, i)) > 0)
                                i += n;
                        if (i == before)
                                return 0;
                        name++;
                } else if (i < t.n && t.p[i] == *name) {
                        i++;
                        name++;
                } else {
                        return 0;
                }
        }
        if (i < t.n && i > at) { /* not in the middle of a word */
                size_t j = i;
                unsigned char last = (unsigned char)t.p[i - 1];
                if ((isalnum(last) || last >= 0x80 || last == '_') && lex_name_part(utf8_next(t, &j)))
                        return 0;
        }
        return i - at;
}

bool lex_peek(struct compiler *c, const char *symbol)
{
        size_t n = strlen(symbol);

        lex_skip(c);
        return c->text.n - c->at >= n && memcmp(c->text.p + c->at, symbol, n) == 0;
}

bool lex_take(struct compiler *c, const char *symbol)
{
        if (!lex_peek(c, symbol))
                return false;
        c->at += strlen(symbol);
        return true;
}

bool lex_peek_word(struct compiler *c, const char *word)
{
        size_t n = strlen(word), end;

        lex_skip(c);
        end = c->at + n;
        if (c->text.n - c->at < n || memcmp(c->text.p + c->at, word, n) != 0)
                return false;
        return end == c->text.n || !lex_name_part(utf8_next(c->text, &end));
}

bool lex_take_word(struct compiler *c, const char *word)
{
        if (!lex_peek_word(c, word))
                return false;
        c->at += strlen(word);
        return true;
}

static uint32_t hex_digits(struct str t, size_t at, size_t n)
{
        uint32_t code = 0;

        for (size_t i = at; i < at + n; i++) {
                if (i >= t.n || !isxdigit((unsigned char)t.p[i]))
                        return UINT32_MAX;
                code = code * 16 + (uint32_t)(t.p[i] <= '9' ? t.p[i] - '0' : (t.p[i] | 0x20) - 'a' + 10);
        }
        return code;
}

/* The escape behind a backslash: bytes into out, how many of the text were read; 0 when it is none. */
static size_t escape(struct str t, size_t at, char out[4], size_t *written)
{
        static const char FROM[] = "nrtbf\\\"'", TO[] = "\n\r\t\b\f\\\"'";
        const char *k = at < t.n && t.p[at] != '\0' ? strchr(FROM, t.p[at]) : NULL;

        if (k != NULL) {
                out[0] = TO[k - FROM];
                *written = 1;
                return 1;
        }
        size_t digits = at < t.n && t.p[at] == 'u' ? 4 : at < t.n && t.p[at] == 'U' ? 6 : 0, used = 1 + digits;
        uint32_t code = digits == 0 ? UINT32_MAX : hex_digits(t, at + 1, digits);
        if (code == UINT32_MAX)
                return 0;
        if (code >= 0xd800 && code < 0xdc00 && at + used + 1 < t.n && t.p[at + used] == '\\' && t.p[at + used + 1] == 'u') {
                uint32_t low = hex_digits(t, at + used + 2, 4);
                if (low >= 0xdc00 && low < 0xe000) {
                        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                        used += 6;
                }
        }
        if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
                code = 0xfffd;
        *written = utf8_put(out, code);
        return used;
}

/* A quoted text; the cursor stands on its first quote. */
bool lex_string(struct compiler *c, struct str *out)
{
        const struct str t = c->text;
        size_t end = c->at + 1, n = 0;
        bool escaped = false;

        while (end < t.n && t.p[end] != '"') {
                escaped = escaped || t.p[end] == '\\';
                end += t.p[end] == '\\' ? 2 : 1;
        }
        if (end >= t.n)
                return lex_fail(c, "\"") != NULL;
        char *p = arena_alloc(c->arena, end - c->at);
        if (p == NULL)
                return lex_no_memory(c) != NULL;
        if (!escaped) {
                n = end - c->at - 1;
                memcpy(p, t.p + c->at + 1, n);
        }
        for (size_t i = c->at + 1; escaped && i < end;) {
                size_t written, used = t.p[i] == '\\' ? escape(t, i + 1, p + n, &written) : 0;
                if (used > 0) {
                        n += written;
                        i += used + 1;
                } else {
                        p[n++] = t.p[i++]; /* a backslash before anything else is itself */
                }
        }
        c->at = end + 1;
        *out = (struct str){p, n};
        return true;
}

bool lex_number(struct compiler *c, struct decimal *out)
{
        const struct str t = c->text;
        size_t i = c->at;

        while (i < t.n && isdigit((unsigned char)t.p[i]))
                i++;
        if (i + 1 < t.n && t.p[i] == '.' && isdigit((unsigned char)t.p[i + 1]))
                for (i++; i < t.n && isdigit((unsigned char)t.p[i]);)
                        i++;
        if (i + 1 < t.n && (t.p[i] | 0x20) == 'e') {
                size_t j = i + 1 + (t.p[i + 1] == '+' || t.p[i + 1] == '-');
                if (j < t.n && isdigit((unsigned char)t.p[j]))
                        for (i = j; i < t.n && isdigit((unsigned char)t.p[i]);)
                                i++;
        }
        size_t n = i - c->at;
        if (n <= 18 && memchr(t.p + c->at, '.', n) == NULL && memchr(t.p + c->at, 'e', n) == NULL &&
            memchr(t.p + c->at, 'E', n) == NULL) {
                int64_t v = 0;
                for (size_t k = c->at; k < i; k++)
                        v = v * 10 + (t.p[k] - '0');
                *out = decimal_from_int(v);
        } else if (!decimal_parse(out, (struct str){t.p + c->at, n})) {
                return lex_fail(c, "number") != NULL;
        }
        c->at = i;
        return true;
}

const char *lex_keep(struct compiler *c, struct str s)
{
        char *p = arena_alloc(c->arena, s.n + 1);
        size_t n = 0, k;

        if (p == NULL)
                return lex_no_memory(c);
        for (size_t i = 0; i < s.n;) {
                if ((k = blank(s, i)) > 0) {
                        if (n > 0 && p[n - 1] != ' ')
                                p[n++] = ' ';
                        i += k;
                } else {
                        p[n++] = s.p[i++];
                }
        }
        while (n > 0 && p[n - 1] == ' ')
                n--;
        p[n] = '\0';
        return p;
}

/* Names of arguments and keys are names: parts, blanks and the signs . / - ' + * (10.3.1.2, rule 24). */
const char *lex_label(struct compiler *c, bool context)
{
        const struct str t = c->text;
        size_t i, n;

        lex_skip(c);
        i = c->at;
        if (context && i < t.n && t.p[i] == '"') {
                struct str key;
                if (!lex_string(c, &key))
                        return NULL;
                if (!lex_take(c, ":"))
                        return lex_fail(c, ":");
                const char *kept = arena_text(c->arena, key);
                return kept == NULL ? lex_no_memory(c) : kept;
        }
        if (lex_simple_name(c, i) == 0)
                return context ? lex_fail(c, "name") : NULL;
        while (i < t.n && t.p[i] != ':') {
                size_t j = i;
                if ((n = blank(t, i)) > 0)
                        i += n;
                else if (strchr("./-'+*", t.p[i]) != NULL && t.p[i] != '\0')
                        i++;
                else if (lex_name_part(utf8_next(t, &j)) || (j - i == 3 && memcmp(t.p + i, "\xe2\x80\x99", 3) == 0))
                        i = j;
                else
                        return context ? lex_fail(c, "name:") : NULL;
        }
        if (i >= t.n)
                return context ? lex_fail(c, "name:") : NULL;
        const char *kept = lex_keep(c, (struct str){t.p + c->at, i - c->at});
        c->at = i + 1;
        return kept;
}

bool lex_plain_name(struct str s)
{
        struct compiler c = {.text = s};

        return s.n > 0 && lex_simple_name(&c, 0) == s.n;
}
