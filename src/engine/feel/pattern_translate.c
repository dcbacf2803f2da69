/* SPDX-License-Identifier: Apache-2.0
 *
 * From XPath 3.1's regular expressions (5.6.1 of its functions; XML Schema 1.1 part 2, appendix G) to PCRE2's. A class that subtracts
 * another becomes a look-ahead; escapes of several characters become what XML Schema says they are, which is not what they are in PCRE2.
 */
#include "engine/feel/pattern_internal.h"

#include <string.h>

#define DEPTH_MAX 100 /* groups and classes in one another */
#define QUANTIFIER_MAX 65535
#define GROUPS_MAX 1000
#define LAST_CODE 0x10FFFF

struct range {
        uint32_t first, last;
};
/* NameStartChar and what NameChar adds, in order (XML 1.0, fifth edition, productions 4 and 4a). */
static const struct range NAME_START[] = {
    {':', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},         {0xC0, 0xD6},     {0xD8, 0xF6},
    {0xF8, 0x2FF},    {0x370, 0x37D},   {0x37F, 0x1FFF},  {0x200C, 0x200D},   {0x2070, 0x218F}, {0x2C00, 0x2FEF},
    {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
};
static const struct range NAME[] = {
    {'-', '.'},       {'0', ':'},       {'A', 'Z'},       {'_', '_'},       {'a', 'z'},       {0xB7, 0xB7},
    {0xC0, 0xD6},     {0xD8, 0xF6},     {0xF8, 0x37D},    {0x37F, 0x1FFF},  {0x200C, 0x200D}, {0x203F, 0x2040},
    {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF},
};
static const struct range SPACE[] = {{'\t', '\n'}, {'\r', '\r'}, {' ', ' '}};

static const struct {
        const char *name;
        uint32_t first, last;
} BLOCKS[] = {
#define BLOCK(name, first, last) {name, first, last},
#include "engine/feel/pattern_blocks.def"
#undef BLOCK
};

struct translator {
        struct buf *out;
        struct str in;
        size_t at;
        const struct pattern_flags *flags;
        int depth;
        int groups; /* opened so far */
        bool closed[GROUPS_MAX + 1];
        bool wrong;
};

static bool fail(struct translator *t)
{
        t->wrong = true;
        return false;
}

/* The next character that counts, without moving; −1 at the end. */
static int32_t peek(struct translator *t, bool in_class)
{
        while (t->flags->extended && !in_class && t->at < t->in.n && strchr(" \t\n\r", t->in.p[t->at]) != NULL &&
               t->in.p[t->at] != '\0')
                t->at++;
        size_t i = t->at;
        return i < t->in.n ? utf8_next(t->in, &i) : -1;
}

static int32_t next(struct translator *t, bool in_class)
{
        return peek(t, in_class) < 0 ? -1 : utf8_next(t->in, &t->at);
}

static bool take(struct translator *t, int32_t c, bool in_class)
{
        if (peek(t, in_class) != c)
                return false;
        t->at++;
        return true;
}

/* One character that means itself, in a class or outside. */
static void put_char(struct translator *t, int32_t c)
{
        buf_add_format(t->out, "\\x{%X}", (unsigned)c);
}

static void put_ranges(struct translator *t, const struct range *r, size_t n, bool complement)
{
        uint32_t from = 0;

        for (size_t i = 0; i < n; i++) {
                if (!complement)
                        buf_add_format(t->out, "\\x{%X}-\\x{%X}", r[i].first, r[i].last);
                else if (r[i].first > from)
                        buf_add_format(t->out, "\\x{%X}-\\x{%X}", from, r[i].first - 1);
                from = r[i].last + 1 == 0xD800 ? 0xE000 : r[i].last + 1; /* surrogates are no characters */
        }
        if (complement && from <= LAST_CODE)
                buf_add_format(t->out, "\\x{%X}-\\x{%X}", from, LAST_CODE);
}

static bool category_known(struct str name)
{
        static const char *const NAMES[] = {"L",  "Lu", "Ll", "Lt", "Lm", "Lo", "M",  "Mn", "Mc", "Me", "N",  "Nd",
                                            "Nl", "No", "P",  "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Z",  "Zs",
                                            "Zl", "Zp", "S",  "Sm", "Sc", "Sk", "So", "C",  "Cc", "Cf", "Co", "Cn"};

        for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++)
                if (strlen(NAMES[i]) == name.n && memcmp(NAMES[i], name.p, name.n) == 0)
                        return true;
        return false;
}

/* \p{…} or \P{…}, after the letter, as members of a class. */
static bool property(struct translator *t, bool complement)
{
        if (!take(t, '{', false))
                return fail(t);
        size_t from = t->at;
        const char *end = memchr(t->in.p + from, '}', t->in.n - from);
        if (end == NULL)
                return fail(t);
        struct str name = {t->in.p + from, (size_t)(end - t->in.p) - from};
        if (name.n > 2 && memcmp(name.p, "Is", 2) == 0) {
                for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; i++) {
                        if (strlen(BLOCKS[i].name) != name.n - 2 || memcmp(BLOCKS[i].name, name.p + 2, name.n - 2) != 0)
                                continue;
                        struct range r = {BLOCKS[i].first, BLOCKS[i].last};
                        put_ranges(t, &r, 1, complement);
                        t->at = from + name.n + 1;
                        return true;
                }
                return fail(t);
        }
        if (!category_known(name))
                return fail(t);
        buf_add_format(t->out, "\\%c{%.*s}", complement ? 'P' : 'p', (int)name.n, name.p);
        t->at = from + name.n + 1;
        return true;
}

/* An escape of several characters, as members of a class; false and nothing moved when c is none. */
static bool class_escape(struct translator *t, int32_t c)
{
        switch (c) {
        case 's':
        case 'S':
                put_ranges(t, SPACE, sizeof SPACE / sizeof *SPACE, c == 'S');
                return true;
        case 'i':
        case 'I':
                put_ranges(t, NAME_START, sizeof NAME_START / sizeof *NAME_START, c == 'I');
                return true;
        case 'c':
        case 'C':
                put_ranges(t, NAME, sizeof NAME / sizeof *NAME, c == 'C');
                return true;
        case 'd':
        case 'D':
                buf_add_text(t->out, c == 'd' ? "\\p{Nd}" : "\\P{Nd}");
                return true;
        case 'w':
        case 'W':
                buf_add_text(t->out, c == 'w' ? "\\p{L}\\p{M}\\p{N}\\p{S}" : "\\p{P}\\p{Z}\\p{C}");
                return true;
        case 'p':
        case 'P':
                return property(t, c == 'P');
        default:
                return false;
        }
}

/* The character that \c stands for, −1 when it is no such escape. */
static int32_t single_escape(int32_t c)
{
        switch (c) {
        case 'n':
                return '\n';
        case 'r':
                return '\r';
        case 't':
                return '\t';
        default:
                return c > 0 && c < 0x80 && strchr("\\|.?*+(){}-[]^$", (int)c) != NULL ? c : -1;
        }
}

static bool class(struct translator *t);

/* The upper end of a range after "-"; −1 when it is no character. */
static int32_t range_end(struct translator *t)
{
        int32_t c = next(t, true);

        if (c == '\\')
                return single_escape(next(t, true));
        return c == '[' || c == ']' || c == '-' ? -1 : c;
}

/* One member of a class, or a range. */
static bool class_member(struct translator *t, bool first)
{
        int32_t c = next(t, true);

        if (c == '\\') {
                int32_t e = next(t, true);
                if (class_escape(t, e))
                        return true;
                c = single_escape(e);
                if (t->wrong || c < 0)
                        return fail(t);
        } else if (c == '-') { /* itself at either end, not in between */
                if (!first && peek(t, true) != ']' && peek(t, true) != '-')
                        return fail(t);
                put_char(t, c);
                return true;
        } else if (c < 0 || c == '[' || c == ']') {
                return fail(t);
        }
        put_char(t, c);
        size_t before = t->at;
        if (!take(t, '-', true))
                return true;
        if (peek(t, true) == '[' || peek(t, true) == ']') { /* a subtraction, or a "-" at the end */
                t->at = before;
                return true;
        }
        int32_t end = range_end(t);
        if (end < c)
                return fail(t);
        buf_add_char(t->out, '-');
        put_char(t, end);
        return true;
}

/* A class after its "[": [A-[B]] becomes (?:(?!B)[A]), so that the part before is written aside first. */
static bool class_body(struct translator *t, struct buf *members, struct buf *minus)
{
        struct buf *out = t->out;
        bool first = true;

        t->out = members;
        if (take(t, '^', true))
                buf_add_char(members, '^');
        while (!t->wrong && peek(t, true) != ']') {
                if (!first && peek(t, true) == '-' && t->at + 1 < t->in.n && t->in.p[t->at + 1] == '[') {
                        t->at += 2;
                        t->out = minus;
                        if (!class(t) || peek(t, true) != ']')
                                fail(t);
                        break;
                }
                class_member(t, first);
                first = false;
        }
        t->out = out;
        if (t->wrong || first || !take(t, ']', true))
                return fail(t);
        return true;
}

static bool class(struct translator *t)
{
        struct buf members, minus;

        if (++t->depth > DEPTH_MAX)
                return fail(t);
        buf_init(&members, t->out->max);
        buf_init(&minus, t->out->max);
        if (class_body(t, &members, &minus)) {
                if (minus.n > 0)
                        buf_add_format(t->out, "(?:(?!%s)[%s])", buf_text(&minus), buf_text(&members));
                else
                        buf_add_format(t->out, "[%s]", buf_text(&members));
                t->wrong = t->wrong || buf_check(&members, NULL) != 0 || buf_check(&minus, NULL) != 0;
        }
        buf_dispose(&members);
        buf_dispose(&minus);
        t->depth--;
        return !t->wrong;
}

/* \N: as many digits as name a group that is opened; it must be closed too. */
static bool back_reference(struct translator *t, int32_t digit)
{
        int n = digit - '0';

        for (int32_t c = peek(t, false); c >= '0' && c <= '9' && n * 10 + (c - '0') <= t->groups; c = peek(t, false)) {
                n = n * 10 + (c - '0');
                t->at++;
        }
        if (n > t->groups || !t->closed[n])
                return fail(t);
        buf_add_format(t->out, "(?:\\g{%d})", n);
        return true;
}

static bool escape(struct translator *t)
{
        int32_t c = next(t, false);

        if (c >= '1' && c <= '9')
                return back_reference(t, c);
        int32_t single = single_escape(c);
        if (single >= 0) {
                put_char(t, single);
                return true;
        }
        buf_add_char(t->out, '[');
        if (!class_escape(t, c))
                return fail(t);
        buf_add_char(t->out, ']');
        return true;
}

static bool alternatives(struct translator *t);

static bool group(struct translator *t)
{
        int number = 0;

        if (take(t, '?', false)) {
                if (!take(t, ':', false))
                        return fail(t);
                buf_add_text(t->out, "(?:");
        } else {
                if (t->groups == GROUPS_MAX)
                        return fail(t);
                number = ++t->groups;
                buf_add_char(t->out, '(');
        }
        if (++t->depth > DEPTH_MAX || !alternatives(t) || !take(t, ')', false))
                return fail(t);
        t->depth--;
        t->closed[number] = true;
        buf_add_char(t->out, ')');
        return true;
}

static bool atom(struct translator *t)
{
        int32_t c = next(t, false);

        switch (c) {
        case '\\':
                return escape(t);
        case '[':
                return class(t);
        case '(':
                return group(t);
        case '.':
                buf_add_text(t->out, t->flags->dot_all ? "(?s:.)" : "[^\\n\\r]");
                return true;
        case '^':
                buf_add_text(t->out, t->flags->multiline ? "(?:\\A|(?<=\\n)(?!\\z))" : "(?:\\A)");
                return true;
        case '$':
                buf_add_text(t->out, t->flags->multiline ? "(?:(?=\\n)|\\z)" : "(?:\\z)");
                return true;
        case '?':
        case '*':
        case '+':
        case '{':
        case '}':
        case ']':
                return fail(t);
        default:
                put_char(t, c);
                return true;
        }
}

static bool number(struct translator *t, int *out)
{
        size_t digits = 0;

        *out = 0;
        for (int32_t c = peek(t, false); c >= '0' && c <= '9' && digits < 6; c = peek(t, false), digits++) {
                *out = *out * 10 + (c - '0');
                t->at++;
        }
        return digits > 0 && *out <= QUANTIFIER_MAX;
}

static bool quantifier(struct translator *t)
{
        int low, high;

        if (take(t, '?', false)) {
                buf_add_char(t->out, '?');
        } else if (take(t, '*', false)) {
                buf_add_char(t->out, '*');
        } else if (take(t, '+', false)) {
                buf_add_char(t->out, '+');
        } else if (take(t, '{', false)) {
                if (!number(t, &low))
                        return fail(t);
                if (!take(t, ',', false))
                        buf_add_format(t->out, "{%d}", low);
                else if (peek(t, false) == '}')
                        buf_add_format(t->out, "{%d,}", low);
                else if (number(t, &high) && high >= low)
                        buf_add_format(t->out, "{%d,%d}", low, high);
                else
                        return fail(t);
                if (!take(t, '}', false))
                        return fail(t);
        } else {
                return true;
        }
        if (take(t, '?', false))
                buf_add_char(t->out, '?');
        return true;
}

static bool alternatives(struct translator *t)
{
        for (int32_t c = peek(t, false); c >= 0 && c != ')'; c = peek(t, false)) {
                if (c == '|') {
                        t->at++;
                        buf_add_char(t->out, '|');
                } else if (!atom(t) || !quantifier(t)) {
                        return false;
                }
        }
        return !t->wrong;
}

bool pattern_flags_read(struct pattern_flags *f, struct str flags)
{
        *f = (struct pattern_flags){false, false, false, false, false};
        for (size_t i = 0; i < flags.n; i++) {
                bool *flag = flags.p[i] == 's'   ? &f->dot_all
                             : flags.p[i] == 'm' ? &f->multiline
                             : flags.p[i] == 'i' ? &f->caseless
                             : flags.p[i] == 'x' ? &f->extended
                             : flags.p[i] == 'q' ? &f->literal
                                                 : NULL;
                if (flag == NULL)
                        return false;
                *flag = true;
        }
        return true;
}

int pattern_translate(struct buf *out, struct str pattern, const struct pattern_flags *f, struct error *err)
{
        struct translator t = {.out = out, .in = pattern, .flags = f};

        if (f->literal) {
                while (t.at < t.in.n)
                        put_char(&t, utf8_next(t.in, &t.at));
        } else if (!alternatives(&t) || t.at < t.in.n) {
                return error_raise(err, SB_FEEL_PATTERN, "%.*s|%zu", (int)(pattern.n < 200 ? pattern.n : 200), pattern.p, t.at);
        }
        return buf_check(out, err);
}
