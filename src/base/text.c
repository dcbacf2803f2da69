/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct str str_from(const char *terminated)
{
        if (terminated == NULL)
                return (struct str){"", 0};
        return (struct str){terminated, strlen(terminated)};
}

bool str_equal(struct str a, struct str b)
{
        return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool str_is(struct str a, const char *terminated)
{
        return str_equal(a, str_from(terminated));
}

int str_compare(struct str a, struct str b)
{
        size_t n = a.n < b.n ? a.n : b.n;
        int c = n == 0 ? 0 : memcmp(a.p, b.p, n);
        if (c != 0)
                return c < 0 ? -1 : 1;
        return (a.n > b.n) - (a.n < b.n);
}

static bool is_blank(char c)
{
        return c == ' ' || (c >= '\t' && c <= '\r');
}

struct str str_trim(struct str s)
{
        while (s.n > 0 && is_blank(s.p[0])) {
                s.p++;
                s.n--;
        }
        while (s.n > 0 && is_blank(s.p[s.n - 1]))
                s.n--;
        return s;
}

/* The longest beginning of s of at most n bytes that ends between two UTF-8 sequences. */
static size_t whole_sequences(struct str s, size_t n)
{
        if (n >= s.n)
                return s.n;
        size_t cut = n;
        while (cut > 0 && n - cut < 3 && ((unsigned char)s.p[cut] & 0xC0) == 0x80)
                cut--;
        return ((unsigned char)s.p[cut] & 0xC0) == 0x80 ? n : cut;
}

bool text_has_word(const char *words, const char *word)
{
        size_t n = strlen(word);

        for (const char *p = words; n > 0 && (p = strstr(p, word)) != NULL; p += n)
                if ((p == words || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0'))
                        return true;
        return false;
}

char *text_copy(char *out, size_t size, struct str s)
{
        assert(size > 0);
        size_t n = whole_sequences(s, size - 1);
        if (n > 0)
                memcpy(out, s.p, n);
        out[n] = '\0';
        return out;
}

char *text_format(char *out, size_t size, const char *fmt, ...)
{
        assert(size > 0);
        va_list ap;
        va_start(ap, fmt);
        int n = vsnprintf(out, size, fmt, ap);
        va_end(ap);
        if (n < 0) {
                out[0] = '\0';
        } else if ((size_t)n >= size) {
                /* The last sequence may be torn: drop it unless it is whole. */
                size_t end = size - 1, i = end;
                while (i > 0 && end - i < 4 && ((unsigned char)out[i - 1] & 0xC0) == 0x80)
                        i--;
                if (i > 0 && ((unsigned char)out[i - 1] & 0x80) != 0) {
                        size_t at = i - 1;
                        if (utf8_next((struct str){out, end}, &at) < 0)
                                out[i - 1] = '\0';
                }
        }
        return out;
}

void buf_init(struct buf *b, size_t max)
{
        *b = (struct buf){.max = max};
}

void buf_dispose(struct buf *b)
{
        if (b == NULL)
                return;
        free(b->p);
        *b = (struct buf){.max = b->max};
}

void buf_wipe(struct buf *b)
{
        if (b->cap > 0)
                explicit_bzero(b->p, b->cap);
        buf_dispose(b);
}

void buf_clear(struct buf *b)
{
        b->n = 0;
        b->failed = false;
        b->no_memory = false;
        if (b->p != NULL)
                b->p[0] = '\0';
}

static void fail(struct buf *b, bool no_memory)
{
        free(b->p);
        *b = (struct buf){.max = b->max, .failed = true, .no_memory = no_memory};
}

/* Room for n more bytes and a terminator. */
static bool reserve(struct buf *b, size_t n)
{
        if (b->failed)
                return false;
        assert(b->n <= b->max);
        if (n > b->max - b->n) {
                fail(b, false);
                return false;
        }
        if (b->cap > b->n && n < b->cap - b->n)
                return true;
        size_t need = b->n + n + 1;
        size_t cap = b->cap < 64 ? 64 : b->cap;
        while (cap < need)
                cap = cap > SIZE_MAX / 2 ? need : cap * 2;
        if (cap > b->max + 1 && b->max < SIZE_MAX)
                cap = b->max + 1;
        char *p = realloc(b->p, cap);
        if (p == NULL) {
                fail(b, true);
                return false;
        }
        b->p = p;
        b->cap = cap;
        return true;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
        if (!reserve(b, n))
                return;
        if (n > 0)
                memcpy(b->p + b->n, bytes, n);
        b->n += n;
        b->p[b->n] = '\0';
}

void buf_add_str(struct buf *b, struct str s)
{
        buf_add(b, s.p, s.n);
}

void buf_add_text(struct buf *b, const char *terminated)
{
        buf_add_str(b, str_from(terminated));
}

void buf_add_char(struct buf *b, char c)
{
        buf_add(b, &c, 1);
}

void buf_add_format(struct buf *b, const char *fmt, ...)
{
        char small[256];
        va_list ap, again;
        va_start(ap, fmt);
        va_copy(again, ap);
        int n = vsnprintf(small, sizeof small, fmt, ap);
        va_end(ap);
        if (n < 0) {
                fail(b, true);
        } else if ((size_t)n < sizeof small) {
                buf_add(b, small, (size_t)n);
        } else if (reserve(b, (size_t)n)) {
                vsnprintf(b->p + b->n, (size_t)n + 1, fmt, again);
                b->n += (size_t)n;
        }
        va_end(again);
}

int buf_check(const struct buf *b, struct error *err)
{
        if (!b->failed)
                return 0;
        if (b->no_memory)
                return error_raise(err, SB_MEMORY, "%s", "");
        return error_raise(err, SB_LIMIT, ERROR_BOTH("a text", "文本") "|" ERROR_BOTH("%zu bytes", "%zu字节"), b->max, b->max);
}

const char *buf_text(struct buf *b)
{
        return b->failed || b->p == NULL ? "" : b->p;
}

char *buf_take(struct buf *b, size_t *n)
{
        if (!b->failed && b->p == NULL)
                reserve(b, 0);
        if (b->failed) {
                if (n != NULL)
                        *n = 0;
                return NULL;
        }
        char *p = b->p;
        p[b->n] = '\0';
        if (n != NULL)
                *n = b->n;
        *b = (struct buf){.max = b->max};
        return p;
}

bool text_to_uint(struct str s, uint64_t *out)
{
        uint64_t v = 0;
        if (s.n == 0)
                return false;
        for (size_t i = 0; i < s.n; i++) {
                if (s.p[i] < '0' || s.p[i] > '9')
                        return false;
                if (__builtin_mul_overflow(v, (uint64_t)10, &v) || __builtin_add_overflow(v, (uint64_t)(s.p[i] - '0'), &v))
                        return false;
        }
        *out = v;
        return true;
}

bool text_to_int(struct str s, int64_t *out)
{
        bool negative = s.n > 0 && s.p[0] == '-';
        uint64_t v;
        if (!text_to_uint(negative ? (struct str){s.p + 1, s.n - 1} : s, &v))
                return false;
        if (v > (uint64_t)INT64_MAX + (negative ? 1 : 0))
                return false;
        *out = negative ? (int64_t)(0 - v) : (int64_t)v;
        return true;
}
