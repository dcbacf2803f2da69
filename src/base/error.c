/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "base/text.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define SEPARATOR '\x1f'
#define LANGUAGES '\x1e'

struct entry {
        enum error_code code;
        const char *symbol;
        int http;
        const char *en;
        const char *zh;
};

static const struct entry registry[] = {
#define SB_ERROR(name, number, http, en, zh) {name, #name, http, en, zh},
#include "base/error_codes.def"
#undef SB_ERROR
};
static const size_t registry_count = sizeof registry / sizeof registry[0];

static const struct entry *entry_of(enum error_code code)
{
        for (size_t i = 0; i < registry_count; i++)
                if (registry[i].code == code)
                        return &registry[i];
        return NULL;
}

/* The separators of the format become bytes that a value will not hold. */
static void mark_separators(char *out, size_t size, const char *fmt)
{
        size_t n = strlen(fmt);
        assert(n < size);
        for (size_t i = 0; i <= n; i++)
                out[i] = fmt[i] == '|' ? SEPARATOR : fmt[i];
}

/* A precision such as %.200s cuts between bytes, and a message is text: what is no whole character is left out. */
static void drop_torn(char *text)
{
        struct str s = str_from(text);
        size_t kept = 0;

        for (size_t i = 0; i < s.n;) {
                size_t from = i;
                if (utf8_next(s, &i) < 0) {
                        i = from + 1;
                        continue;
                }
                memmove(text + kept, text + from, i - from);
                kept += i - from;
        }
        text[kept] = '\0';
}

__attribute__((format(printf, 3, 0))) static void fill(struct error *err, enum error_code code, const char *fmt, va_list ap)
{
        char marked[sizeof err->args];
        char text[sizeof err->args + 4]; /* longer: what is cut here is cut again between characters */
        mark_separators(marked, sizeof marked, fmt);
        int n = vsnprintf(text, sizeof text, marked, ap);
        *err = (struct error){.code = code};
        if (n < 0)
                text[0] = '\0';
        drop_torn(text);
        text_copy(err->args, sizeof err->args, str_from(text));
}

int error_raise(struct error *err, enum error_code code, const char *fmt, ...)
{
        assert(code != SB_OK);
        if (err == NULL || err->code != SB_OK)
                return ERR;
        va_list ap;
        va_start(ap, fmt);
        fill(err, code, fmt, ap);
        va_end(ap);
        return ERR;
}

int error_raise_soft(struct error *err, enum error_code code, const char *fmt, ...)
{
        assert(code != SB_OK);
        if (err == NULL || err->code != SB_OK)
                return ERR_SOFT;
        va_list ap;
        va_start(ap, fmt);
        fill(err, code, fmt, ap);
        va_end(ap);
        err->soft = true;
        return ERR_SOFT;
}

int error_hand(struct error *err, const struct error *fault)
{
        assert(fault->code != SB_OK);
        if (err != NULL)
                *err = *fault;
        return fault->soft ? ERR_SOFT : ERR;
}

int error_where(struct error *err, const char *fmt, ...)
{
        if (err == NULL)
                return ERR;
        if (err->code != SB_OK && err->where[0] == '\0') {
                char text[sizeof err->where + 4];
                va_list ap;
                va_start(ap, fmt);
                int n = vsnprintf(text, sizeof text, fmt, ap);
                va_end(ap);
                if (n >= 0)
                        text_copy(err->where, sizeof err->where, str_from(text));
                drop_torn(err->where);
        }
        return err->soft ? ERR_SOFT : ERR;
}

int error_in(struct error *err, const char *file)
{
        if (err == NULL)
                return ERR;
        if (err->code != SB_OK) {
                char place[sizeof err->where];
                text_copy(place, sizeof place, str_from(err->where));
                text_format(err->where, sizeof err->where, "%.150s%s%.100s", file, place[0] == '\0' ? "" : ":", place);
                drop_torn(err->where);
        }
        return err->soft ? ERR_SOFT : ERR;
}

void error_article(struct error *err, const char *article)
{
        if (err != NULL && err->code != SB_OK)
                text_copy(err->article, sizeof err->article, str_from(article));
}

bool error_is(const struct error *err, enum error_code code)
{
        return err != NULL && err->code == code;
}

void error_clear(struct error *err)
{
        if (err != NULL)
                *err = (struct error){0};
}

/* The value of placeholder `index`, in the reader's language where it has both. */
static struct str value_of(const struct error *err, int index, enum lang lang)
{
        const char *p = err->args;
        for (; index > 0; index--) {
                p = strchr(p, SEPARATOR);
                if (p == NULL)
                        return (struct str){"", 0};
                p++;
        }
        struct str v = {p, strcspn(p, "\x1f")};
        const char *both = memchr(v.p, LANGUAGES, v.n);
        if (both == NULL)
                return v;
        size_t first = (size_t)(both - v.p);
        if (lang == LANG_EN)
                return (struct str){v.p, first};
        return (struct str){both + 1, v.n - first - 1};
}

static void expand(struct buf *out, const struct error *err, const char *text, enum lang lang)
{
        for (const char *p = text; *p != '\0'; p++) {
                if (p[0] == '{' && p[1] >= '0' && p[1] <= '9' && p[2] == '}') {
                        buf_add_str(out, value_of(err, p[1] - '0', lang));
                        p += 2;
                } else {
                        buf_add_char(out, *p);
                }
        }
}

const char *error_text(const struct error *err, enum lang lang, char *out, size_t size)
{
        assert(size > 0);
        out[0] = '\0';
        if (err == NULL || err->code == SB_OK)
                return out;
        const struct entry *e = entry_of(err->code);
        struct buf b;
        buf_init(&b, 16384);
        if (e == NULL)
                buf_add_format(&b, "SB-%04d", (int)err->code);
        else
                expand(&b, err, lang == LANG_EN ? e->en : e->zh, lang);
        bool line = err->where[0] >= '0' && err->where[0] <= '9';
        if (line)
                buf_add_format(&b, lang == LANG_EN ? " (line %s)" : "（第%s行）", err->where);
        else if (err->where[0] != '\0')
                buf_add_format(&b, lang == LANG_EN ? " (%s)" : "（%s）", err->where);
        if (err->article[0] != '\0')
                buf_add_format(&b, lang == LANG_EN ? " [%s]" : "【%s】", err->article);
        text_copy(out, size, (struct str){buf_text(&b), b.n});
        buf_dispose(&b);
        return out;
}

const char *error_name(enum error_code code, char out[8])
{
        unsigned n = (unsigned)code;
        assert(n <= 9999);
        snprintf(out, 8, "SB-%04u", n % 10000);
        return out;
}

int error_http(enum error_code code)
{
        const struct entry *e = entry_of(code);
        return e == NULL ? 500 : e->http;
}

bool error_registry(size_t i, enum error_code *code, const char **symbol, int *http, const char **en, const char **zh)
{
        if (i >= registry_count)
                return false;
        const struct entry *e = &registry[i];
        if (code != NULL)
                *code = e->code;
        if (symbol != NULL)
                *symbol = e->symbol;
        if (http != NULL)
                *http = e->http;
        if (en != NULL)
                *en = e->en;
        if (zh != NULL)
                *zh = e->zh;
        return true;
}
