/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of strings (DMN 1.5, 10.3.4.3), which count characters, not bytes; not() besides.
 */
#include "engine/feel/builtin.h"
#include "engine/feel/pattern.h"

#include <locale.h>
#include <string.h>
#include <wctype.h>

#define TEXT_MAX ((size_t)16 << 20)

static struct feel_value text_kept(struct feel_machine *m, struct buf *b)
{
        struct str s = {NULL, 0};

        if (!b->failed)
                s = arena_str(m->arena, (struct str){buf_text(b), b->n});
        buf_dispose(b);
        if (s.p == NULL)
                feel_out_of_memory(m);
        return s.p == NULL ? feel_nothing() : feel_string(s);
}

BUILTIN(string)
{
        struct buf b;

        UNUSED_ARGUMENTS;
        if (a[0].kind == FEEL_NULL || a[0].kind == FEEL_STRING)
                return give(out, a[0]);
        buf_init(&b, TEXT_MAX);
        feel_print(&b, &a[0]);
        return give(out, text_kept(m, &b));
}

/* not() of anything but a boolean is null. */
BUILTIN(not )
{
        UNUSED_ARGUMENTS;
        if (a[0].kind == FEEL_LIST && a[0].count == 1)
                a[0] = a[0].items[0];
        if (a[0].kind == FEEL_BOOLEAN)
                return give(out, feel_bool(!a[0].boolean));
        return builtin_bad(m, f, out);
}

BUILTIN(string_length)
{
        UNUSED_ARGUMENTS;
        return give(out, feel_int((int64_t)utf8_length(a[0].string)));
}

/* Byte where character i (from 0) begins. */
static size_t byte_of(struct str s, int64_t i)
{
        size_t at = 0;

        while (i-- > 0 && at < s.n)
                utf8_next(s, &at);
        return at;
}

static bool cut(const struct feel_value *v, int64_t *out)
{
        struct decimal d;

        return v->kind == FEEL_NUMBER && decimal_round(&d, v->number, 0, ROUND_DOWN) && decimal_to_int(d, out);
}

BUILTIN(substring)
{
        int64_t start, length = INT64_MAX, all = (int64_t)utf8_length(a[0].string);
        struct str s = a[0].string;

        (void)overload;
        if (!cut(&a[1], &start) || start == 0 || start > all || start < -all || (n > 2 && (!cut(&a[2], &length) || length < 1)))
                return builtin_bad(m, f, out);
        start = start > 0 ? start - 1 : all + start;
        if (length > all - start)
                length = all - start;
        size_t from = byte_of(s, start);
        struct str rest = {s.p + from, s.n - from};
        return give(out, feel_string((struct str){rest.p, byte_of(rest, length)}));
}

/* Letters beyond ASCII by the tables of the C library, whatever locale the process has. */
static int cased(struct feel_machine *m, struct str s, bool upper, struct feel_value *out)
{
        locale_t unicode = (locale_t)0;
        struct buf b;
        char bytes[4];

        buf_init(&b, TEXT_MAX);
        for (size_t i = 0; i < s.n;) {
                int32_t c = utf8_next(s, &i);
                if (c >= 0x80 && unicode == (locale_t)0)
                        unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
                if (c == 0xdf && upper) {
                        buf_add_text(&b, "SS");
                        continue;
                }
                if (c < 0x80)
                        c = upper ? (c >= 'a' && c <= 'z' ? c - 32 : c) : (c >= 'A' && c <= 'Z' ? c + 32 : c);
                else if (unicode != (locale_t)0)
                        c = (int32_t)(upper ? towupper_l((wint_t)c, unicode) : towlower_l((wint_t)c, unicode));
                buf_add(&b, bytes, utf8_put(bytes, (uint32_t)c));
        }
        if (unicode != (locale_t)0)
                freelocale(unicode);
        return give(out, text_kept(m, &b));
}

BUILTIN(upper_case)
{
        UNUSED_ARGUMENTS;
        return cased(m, a[0].string, true, out);
}

BUILTIN(lower_case)
{
        UNUSED_ARGUMENTS;
        return cased(m, a[0].string, false, out);
}

/* Byte of the first occurrence; s.n + 1 when there is none. */
static size_t position(struct str s, struct str match)
{
        const char *p = match.n == 0 ? s.p : s.n < match.n ? NULL : memmem(s.p, s.n, match.p, match.n);

        return p == NULL ? (match.n == 0 ? 0 : s.n + 1) : (size_t)(p - s.p);
}

BUILTIN(substring_before)
{
        size_t at = position(a[0].string, a[1].string);

        UNUSED_ARGUMENTS;
        return give(out, feel_string((struct str){a[0].string.p, at > a[0].string.n ? 0 : at}));
}

BUILTIN(substring_after)
{
        struct str s = a[0].string;
        size_t at = position(s, a[1].string);

        UNUSED_ARGUMENTS;
        if (at > s.n)
                return give(out, feel_string((struct str){s.p, 0}));
        at += a[1].string.n;
        return give(out, feel_string((struct str){s.p + at, s.n - at}));
}

BUILTIN(contains)
{
        UNUSED_ARGUMENTS;
        return give(out, feel_bool(position(a[0].string, a[1].string) <= a[0].string.n));
}

BUILTIN(starts_with)
{
        struct str s = a[0].string, match = a[1].string;

        UNUSED_ARGUMENTS;
        return give(out, feel_bool(match.n == 0 || (s.n >= match.n && memcmp(s.p, match.p, match.n) == 0)));
}

BUILTIN(ends_with)
{
        struct str s = a[0].string, match = a[1].string;

        UNUSED_ARGUMENTS;
        return give(out, feel_bool(match.n == 0 || (s.n >= match.n && memcmp(s.p + s.n - match.n, match.p, match.n) == 0)));
}

static struct pattern_cache *patterns(struct feel_machine *m)
{
        if (m->patterns == NULL) {
                m->patterns = pattern_cache_new();
                m->own_patterns = m->patterns != NULL;
                if (m->patterns == NULL)
                        feel_out_of_memory(m);
        }
        return m->patterns;
}

/* A pattern that is not valid gives null and says why; one that costs too much ends the evaluation. */
static int pattern_failed(struct feel_machine *m, struct error *why, struct feel_value *out)
{
        char text[200];

        if (why->code == SB_LIMIT || why->code == SB_MEMORY) {
                m->steps = -1;
                if (m->err != NULL && m->err->code == SB_OK)
                        *m->err = *why;
                return ERR;
        }
        return give(out, feel_null(m, error_text(why, LANG_EN, text, sizeof text)));
}

static struct str flags_of(const struct feel_value *v)
{
        return v->kind == FEEL_STRING ? v->string : (struct str){"", 0};
}

BUILTIN(matches)
{
        struct pattern_cache *cache = patterns(m);
        struct error why = {0};
        bool yes = false;

        UNUSED_ARGUMENTS;
        if (cache == NULL)
                return ERR;
        if (pattern_matches(cache, &yes, a[0].string, a[1].string, flags_of(&a[2]), &why) < 0)
                return pattern_failed(m, &why, out);
        return give(out, feel_bool(yes));
}

BUILTIN(replace)
{
        struct pattern_cache *cache = patterns(m);
        struct error why = {0};
        struct str result;

        UNUSED_ARGUMENTS;
        if (cache == NULL)
                return ERR;
        if (pattern_replace(cache, m->arena, &result, a[0].string, a[1].string, a[2].string, flags_of(&a[3]), TEXT_MAX, &why) <
            0)
                return pattern_failed(m, &why, out);
        return give(out, feel_string(result));
}

BUILTIN(split)
{
        struct pattern_cache *cache = patterns(m);
        struct error why = {0};
        struct str *pieces;
        size_t count;

        UNUSED_ARGUMENTS;
        if (cache == NULL)
                return ERR;
        if (pattern_split(cache, m->arena, &pieces, &count, a[0].string, a[1].string, (struct str){"", 0}, &why) < 0)
                return pattern_failed(m, &why, out);
        struct feel_value *items = builtin_items(m, count);
        if (items == NULL)
                return ERR;
        for (size_t i = 0; i < count; i++)
                items[i] = feel_string(pieces[i]);
        return give(out, feel_list(items, count));
}

/* Nulls among the items are left out. */
BUILTIN(string_join)
{
        bool first = true;
        struct buf b;

        (void)overload;
        (void)n;
        for (uint32_t i = 0; i < a[0].count; i++)
                if (a[0].items[i].kind != FEEL_NULL && a[0].items[i].kind != FEEL_STRING)
                        return builtin_bad(m, f, out);
        buf_init(&b, TEXT_MAX);
        for (uint32_t i = 0; i < a[0].count; i++) {
                if (a[0].items[i].kind == FEEL_NULL)
                        continue;
                if (!first && a[1].kind == FEEL_STRING)
                        buf_add_str(&b, a[1].string);
                buf_add_str(&b, a[0].items[i].string);
                first = false;
        }
        return give(out, text_kept(m, &b));
}
