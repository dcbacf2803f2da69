/* SPDX-License-Identifier: Apache-2.0 */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "engine/feel/pattern_internal.h"

#include <assert.h>
#include <pcre2.h>
#include <stdlib.h>
#include <string.h>

#define CACHED 32
#define PATTERN_MAX ((size_t)1 << 14)
#define TRANSLATED_MAX ((size_t)1 << 20)
#define MATCH_STEPS 2000000
#define MATCH_DEPTH 400000
#define MATCH_HEAP_KIB 65536

struct pattern {
        char *text; /* pattern, then flags */
        size_t pattern_n, flags_n;
        uint64_t used;
        struct pattern_flags flags;
        pcre2_code *code;
        pcre2_match_data *found;
        uint32_t groups;
        int empty; /* matches the empty text: 1 yes, 0 no, −1 not asked yet */
};
struct pattern_cache {
        struct pattern slot[CACHED];
        uint64_t clock;
        pcre2_match_context *limits;
};

static int no_memory(struct error *err)
{
        return error_raise(err, SB_MEMORY, "%s", "");
}

static int invalid(struct str s, size_t at, struct error *err)
{
        return error_raise(err, SB_FEEL_PATTERN, "%.*s|%zu", (int)(s.n < 200 ? s.n : 200), s.p, at);
}

struct pattern_cache *pattern_cache_new(void)
{
        struct pattern_cache *c = calloc(1, sizeof *c);

        if (c == NULL)
                return NULL;
        c->limits = pcre2_match_context_create(NULL);
        if (c->limits == NULL) {
                free(c);
                return NULL;
        }
        pcre2_set_match_limit(c->limits, MATCH_STEPS);
        pcre2_set_depth_limit(c->limits, MATCH_DEPTH);
        pcre2_set_heap_limit(c->limits, MATCH_HEAP_KIB);
        return c;
}

static void pattern_end(struct pattern *p)
{
        pcre2_match_data_free(p->found);
        pcre2_code_free(p->code);
        free(p->text);
        *p = (struct pattern){.empty = -1};
}

void pattern_cache_free(struct pattern_cache *c)
{
        if (c == NULL)
                return;
        for (size_t i = 0; i < CACHED; i++)
                pattern_end(&c->slot[i]);
        pcre2_match_context_free(c->limits);
        free(c);
}

static int compile(struct pattern *p, struct str pattern, struct error *err)
{
        struct buf text;
        PCRE2_SIZE where;
        int code;

        buf_init(&text, TRANSLATED_MAX);
        int rc = pattern_translate(&text, pattern, &p->flags, err);
        if (rc == 0) {
                uint32_t options = PCRE2_UTF | PCRE2_UCP | PCRE2_NO_UTF_CHECK | PCRE2_NEVER_BACKSLASH_C |
                                   (p->flags.caseless ? PCRE2_CASELESS : 0);
                p->code = pcre2_compile((PCRE2_SPTR)buf_text(&text), text.n, options, &code, &where, NULL);
                if (p->code == NULL)
                        rc = code == PCRE2_ERROR_NOMEMORY ? no_memory(err) : invalid(pattern, 0, err);
        }
        if (rc == 0) {
                pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &p->groups);
                p->found = pcre2_match_data_create_from_pattern(p->code, NULL);
                rc = p->found == NULL ? no_memory(err) : 0;
        }
        buf_dispose(&text);
        return rc;
}

static int fill(struct pattern *p, struct str pattern, struct str flags, struct error *err)
{
        p->empty = -1;
        if (!pattern_flags_read(&p->flags, flags))
                return invalid(flags, 0, err);
        if (pattern.n > PATTERN_MAX)
                return error_raise(err, SB_LIMIT, "%s|%zu", ERROR_BOTH("a pattern in bytes", "模式的字节数"), PATTERN_MAX);
        if (utf8_check(pattern, NULL) != 0)
                return invalid(pattern, 0, err);
        p->text = malloc(pattern.n + flags.n + 1);
        if (p->text == NULL)
                return no_memory(err);
        if (pattern.n > 0)
                memcpy(p->text, pattern.p, pattern.n);
        if (flags.n > 0)
                memcpy(p->text + pattern.n, flags.p, flags.n);
        p->pattern_n = pattern.n;
        p->flags_n = flags.n;
        return compile(p, pattern, err);
}

static bool same(const struct pattern *p, struct str pattern, struct str flags)
{
        return p->code != NULL && p->pattern_n == pattern.n && p->flags_n == flags.n &&
               (pattern.n == 0 || memcmp(p->text, pattern.p, pattern.n) == 0) &&
               (flags.n == 0 || memcmp(p->text + pattern.n, flags.p, flags.n) == 0);
}

/* The compiled pattern, borrowed until the next call; the one that was not used for longest makes room. */
static int get(struct pattern_cache *c, struct pattern **out, struct str pattern, struct str flags, struct error *err)
{
        struct pattern *oldest = &c->slot[0];

        *out = NULL;
        for (size_t i = 0; i < CACHED; i++) {
                if (same(&c->slot[i], pattern, flags))
                        *out = &c->slot[i];
                if (c->slot[i].used < oldest->used)
                        oldest = &c->slot[i];
        }
        if (*out == NULL) {
                pattern_end(oldest);
                if (fill(oldest, pattern, flags, err) != 0) {
                        pattern_end(oldest);
                        return ERR;
                }
                *out = oldest;
        }
        (*out)->used = ++c->clock;
        return 0;
}

/* Look from a byte on: 1 found, 0 not, ERR for a limit. */
static int look(struct pattern_cache *c, struct pattern *p, struct str s, size_t from, struct error *err)
{
        int rc = pcre2_match(p->code, (PCRE2_SPTR)(s.n == 0 ? "" : s.p), s.n, from, from == 0 ? 0 : PCRE2_NO_UTF_CHECK,
                             p->found, c->limits);

        if (rc >= 0)
                return 1;
        if (rc == PCRE2_ERROR_NOMATCH)
                return 0;
        if (rc == PCRE2_ERROR_NOMEMORY)
                return no_memory(err);
        if (rc <= PCRE2_ERROR_UTF8_ERR1 && rc >= PCRE2_ERROR_UTF8_ERR21)
                return invalid(s, pcre2_get_startchar(p->found), err);
        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the steps of a regular expression", "正则表达式的匹配步数"),
                           MATCH_STEPS);
}

int pattern_matches(struct pattern_cache *c, bool *out, struct str input, struct str pattern, struct str flags,
                    struct error *err)
{
        struct pattern *p;

        if (get(c, &p, pattern, flags, err) != 0)
                return ERR;
        int found = look(c, p, input, 0, err);
        *out = found == 1;
        return found < 0 ? ERR : 0;
}

/* A pattern that does not match the empty text, so that every match moves on. */
static int get_moving(struct pattern_cache *c, struct pattern **out, struct str pattern, struct str flags, struct error *err)
{
        if (get(c, out, pattern, flags, err) != 0)
                return ERR;
        if ((*out)->empty < 0) {
                int found = look(c, *out, (struct str){"", 0}, 0, err);
                if (found < 0)
                        return ERR;
                (*out)->empty = found;
        }
        if ((*out)->empty == 1)
                return error_raise(err, SB_FEEL_PATTERN_EMPTY, "%.*s", (int)(pattern.n < 200 ? pattern.n : 200), pattern.p);
        return 0;
}

/* The next match at or after *at that is not empty: 1 and its ends, 0, ERR. */
static int next_match(struct pattern_cache *c, struct pattern *p, struct str s, size_t at, size_t *start, size_t *end,
                      struct error *err)
{
        for (;;) {
                int found = at > s.n ? 0 : look(c, p, s, at, err);
                if (found != 1)
                        return found;
                const PCRE2_SIZE *v = pcre2_get_ovector_pointer(p->found);
                *start = v[0];
                *end = v[1];
                if (*end > *start)
                        return 1;
                at = *end; /* an anchor in the middle: over one character */
                if (at >= s.n)
                        return 0;
                utf8_next(s, &at);
        }
}

/* A piece of a replacement: a group, or text when group is −1. */
struct piece {
        int group;
        size_t from, n;
};

/* The next piece of a replacement from *at on; ERR when it is not well formed. */
static int piece_next(const struct pattern *p, struct str r, size_t *at, struct piece *out, struct error *err)
{
        size_t i = *at;

        *out = (struct piece){-1, i, 0};
        if (p->flags.literal) {
                out->n = r.n - i;
                *at = r.n;
                return 0;
        }
        if (r.p[i] == '\\') {
                if (i + 1 >= r.n || (r.p[i + 1] != '\\' && r.p[i + 1] != '$'))
                        return invalid(r, i, err);
                *out = (struct piece){-1, i + 1, 1};
                *at = i + 2;
                return 0;
        }
        if (r.p[i] == '$') {
                if (++i >= r.n || r.p[i] < '0' || r.p[i] > '9')
                        return invalid(r, i, err);
                uint32_t n = (uint32_t)(r.p[i++] - '0');
                while (i < r.n && r.p[i] >= '0' && r.p[i] <= '9' && n * 10 + (uint32_t)(r.p[i] - '0') <= p->groups)
                        n = n * 10 + (uint32_t)(r.p[i++] - '0');
                out->group = (int)n;
                *at = i;
                return 0;
        }
        while (i < r.n && r.p[i] != '\\' && r.p[i] != '$')
                i++;
        out->n = i - *at;
        *at = i;
        return 0;
}

static int put_replacement(struct buf *b, const struct pattern *p, struct str input, struct str r, struct error *err)
{
        const PCRE2_SIZE *v = pcre2_get_ovector_pointer(p->found);
        struct piece piece;

        for (size_t at = 0; at < r.n;) {
                if (piece_next(p, r, &at, &piece, err) != 0)
                        return ERR;
                if (piece.group < 0) {
                        buf_add_str(b, (struct str){r.p + piece.from, piece.n});
                } else if ((uint32_t)piece.group <= p->groups && v[2 * piece.group] != PCRE2_UNSET) {
                        size_t from = v[2 * piece.group], to = v[2 * piece.group + 1];
                        buf_add_str(b, (struct str){input.p + from, to - from});
                }
        }
        return 0;
}

int pattern_replace(struct pattern_cache *c, struct arena *a, struct str *out, struct str input, struct str pattern,
                    struct str replacement, struct str flags, size_t result_max, struct error *err)
{
        size_t at = 0, start, end;
        struct pattern *p;
        struct piece piece;
        struct buf b;
        int found, rc = ERR;

        if (get_moving(c, &p, pattern, flags, err) != 0)
                return ERR;
        for (size_t i = 0; i < replacement.n;) /* is wrong also when nothing matches */
                if (piece_next(p, replacement, &i, &piece, err) != 0)
                        return ERR;
        buf_init(&b, result_max);
        while ((found = next_match(c, p, input, at, &start, &end, err)) == 1) {
                buf_add_str(&b, (struct str){input.p + at, start - at});
                if (put_replacement(&b, p, input, replacement, err) != 0 || buf_check(&b, err) != 0)
                        goto done;
                at = end;
        }
        if (found < 0)
                goto done;
        if (at < input.n)
                buf_add_str(&b, (struct str){input.p + at, input.n - at});
        if (buf_check(&b, err) != 0)
                goto done;
        *out = arena_str(a, (struct str){buf_text(&b), b.n});
        rc = out->p == NULL
                 ? error_raise(err, SB_LIMIT, "%s|%s", ERROR_BOTH("memory of an evaluation", "一次计算的内存"), "arena")
                 : 0;
done:
        buf_dispose(&b);
        return rc;
}

int pattern_split(struct pattern_cache *c, struct arena *a, struct str **out, size_t *count, struct str input,
                  struct str pattern, struct str flags, struct error *err)
{
        size_t n = 1, at = 0, start, end;
        struct pattern *p;
        int found;

        if (get_moving(c, &p, pattern, flags, err) != 0)
                return ERR;
        while ((found = next_match(c, p, input, at, &start, &end, err)) == 1) {
                n++;
                at = end;
        }
        if (found < 0)
                return ERR;
        struct str *pieces = arena_array(a, n, sizeof *pieces);
        if (pieces == NULL)
                return error_raise(err, SB_LIMIT, "%s|%s", ERROR_BOTH("memory of an evaluation", "一次计算的内存"), "arena");
        size_t i = 0;
        at = 0;
        while (i + 1 < n && next_match(c, p, input, at, &start, &end, err) == 1) {
                pieces[i++] = (struct str){input.p + at, start - at};
                at = end;
        }
        pieces[i] = (struct str){input.p == NULL ? "" : input.p + at, input.n - at};
        assert(i + 1 == n);
        *out = pieces;
        *count = n;
        return 0;
}

int pattern_check(struct str pattern, struct str flags, struct error *err)
{
        struct pattern p = {.empty = -1};
        int rc = fill(&p, pattern, flags, err);

        pattern_end(&p);
        return rc;
}
