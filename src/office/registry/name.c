/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/name.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pinyin_table.h"

/* Readings that a character has as a surname; ICU gives the usual one. Both are indexed. */
static const struct {
        int32_t code_point;
        const char *reading;
} SURNAMES[] = {
    {0x5355, "shan"},  {0x66FE, "zeng"}, {0x4EC7, "qiu"}, {0x533A, "ou"},   {0x89E3, "xie"}, {0x67E5, "zha"},  {0x76D6, "ge"},
    {0x6734, "piao"},  {0x7FDF, "zhai"}, {0x5C09, "yu"},  {0x4E07, "mo"},   {0x4E50, "yue"}, {0x51BC, "xian"}, {0x7F2A, "miao"},
    {0x79CD, "chong"}, {0x79D8, "bi"},   {0x5458, "yun"}, {0x53EC, "shao"}, {0x6298, "she"}, {0x7E41, "po"},   {0x9ED1, "he"},
    {0x6D17, "xian"},  {0x9004, "pang"}, {0x4E5C, "nie"}, {0x90A3, "na"},
};

const char *pinyin_of(int32_t c)
{
        for (size_t i = 0; i < sizeof pinyin_ranges / sizeof pinyin_ranges[0]; i++)
                if (c >= pinyin_ranges[i].first && c <= pinyin_ranges[i].last)
                        return pinyin_syllables[pinyin_ranges[i].syllable[c - pinyin_ranges[i].first]];
        return "";
}

static const char *surname_reading(int32_t c)
{
        for (size_t i = 0; i < sizeof SURNAMES / sizeof SURNAMES[0]; i++)
                if (SURNAMES[i].code_point == c)
                        return SURNAMES[i].reading;
        return NULL;
}

/* What a name is made of, for looking up: Latin letters small, blanks and the dots of foreign names left out. */
static size_t normal(struct str text, int32_t *out, size_t max)
{
        size_t n = 0;

        for (size_t i = 0; i < text.n && n < max;) {
                int32_t c = utf8_next(text, &i);
                if (c < 0)
                        break;
                if (c >= 0xFF01 && c <= 0xFF5E) /* full-width forms */
                        c -= 0xFEE0;
                if (c >= 'A' && c <= 'Z')
                        c += 'a' - 'A';
                if (c <= ' ' || c == 0xB7 || c == 0x2022 || c == 0x30FB || c == 0x3000 || c == '\'' || c == '-')
                        continue;
                out[n++] = c;
        }
        return n;
}

static int64_t key_of(const struct keyring *k, char form, const int32_t *c, size_t n)
{
        char text[1 + 4 * NAME_CHARACTERS_MAX];
        size_t len = 0;

        text[len++] = form;
        for (size_t i = 0; i < n; i++)
                len += utf8_put(text + len, (uint32_t)c[i]);
        return (int64_t)keyring_short(k, "name", (struct str){text, len});
}

static int64_t key_of_text(const struct keyring *k, char form, const char *text, size_t n)
{
        char keyed[512];

        assert(n < sizeof keyed - 1);
        keyed[0] = form;
        memcpy(keyed + 1, text, n);
        return (int64_t)keyring_short(k, "name", (struct str){keyed, n + 1});
}

/* Pinyin and initials of a name; first: the reading of its first character, NULL the usual one. */
struct sound {
        char full[384], initials[NAME_CHARACTERS_MAX + 1];
        size_t full_n, initials_n;
};

static void sound_make(struct sound *s, const int32_t *c, size_t n, const char *first)
{
        s->full_n = s->initials_n = 0;
        for (size_t i = 0; i < n; i++) {
                const char *p = i == 0 && first != NULL ? first : pinyin_of(c[i]);
                char letter[2] = {0};
                if (*p == '\0' && c[i] < 128) {
                        letter[0] = (char)c[i];
                        p = letter;
                }
                size_t len = strlen(p);
                if (len == 0 || s->full_n + len >= sizeof s->full)
                        continue;
                memcpy(s->full + s->full_n, p, len);
                s->full_n += len;
                s->initials[s->initials_n++] = *p;
        }
}

static int compare_keys(const void *a, const void *b)
{
        int64_t x, y;

        memcpy(&x, a, sizeof x);
        memcpy(&y, b, sizeof y);
        return (x > y) - (x < y);
}

size_t name_keys(const struct keyring *k, struct str name, int64_t out[NAME_KEYS_MAX])
{
        int32_t c[NAME_CHARACTERS_MAX];
        size_t n = normal(name, c, NAME_CHARACTERS_MAX), count = 0, kept = 0;
        struct sound s;

        static_assert(NAME_KEYS_MAX >= 2 * NAME_CHARACTERS_MAX + 5, "room");
        for (size_t i = 0; i < n; i++) {
                out[count++] = key_of(k, 'c', c + i, 1);
                if (i + 1 < n)
                        out[count++] = key_of(k, 'p', c + i, 2);
        }
        if (n > 0)
                out[count++] = key_of(k, 'w', c, n);
        const char *surname = n > 0 ? surname_reading(c[0]) : NULL;
        for (int way = 0; way < (surname == NULL ? 1 : 2); way++) {
                sound_make(&s, c, n, way == 0 ? NULL : surname);
                if (s.full_n > 0) {
                        out[count++] = key_of_text(k, 'y', s.full, s.full_n);
                        out[count++] = key_of_text(k, 'i', s.initials, s.initials_n);
                }
        }
        qsort(out, count, sizeof *out, compare_keys);
        for (size_t i = 0; i < count; i++)
                if (kept == 0 || out[kept - 1] != out[i])
                        out[kept++] = out[i];
        return kept;
}

static bool all_ascii(const int32_t *c, size_t n)
{
        for (size_t i = 0; i < n; i++)
                if (c[i] >= 128)
                        return false;
        return n > 0;
}

bool name_query_make(const struct keyring *k, struct str text, struct name_query *out)
{
        int32_t c[NAME_CHARACTERS_MAX];
        size_t n = normal(text, c, NAME_CHARACTERS_MAX);

        memset(out, 0, sizeof *out);
        if (n == 0)
                return false;
        if (all_ascii(c, n)) {
                char letters[NAME_CHARACTERS_MAX];
                for (size_t i = 0; i < n; i++)
                        letters[i] = (char)c[i];
                out->pinyin = true;
                out->whole = key_of_text(k, 'y', letters, n);
                out->alternative = key_of_text(k, 'i', letters, n);
                return true;
        }
        if (n == 1) {
                out->all[out->all_count++] = key_of(k, 'c', c, 1);
                return true;
        }
        out->whole = key_of(k, 'w', c, n);
        out->all[out->all_count++] = key_of(k, 'p', c + n - 2, 2);
        if (n > 2)
                out->all[out->all_count++] = key_of(k, 'p', c, 2);
        if (n > 4)
                out->all[out->all_count++] = key_of(k, 'p', c + n / 2 - 1, 2);
        return true;
}

static bool contains(const int32_t *a, size_t n, const int32_t *b, size_t m)
{
        for (size_t i = 0; i + m <= n; i++)
                if (memcmp(a + i, b, m * sizeof *b) == 0)
                        return true;
        return false;
}

bool name_matches(struct str name, struct str query)
{
        int32_t a[NAME_CHARACTERS_MAX], b[NAME_CHARACTERS_MAX];
        size_t n = normal(name, a, NAME_CHARACTERS_MAX), m = normal(query, b, NAME_CHARACTERS_MAX);
        struct sound s, surname;

        if (m == 0 || n == 0)
                return false;
        if (contains(a, n, b, m))
                return true;
        if (!all_ascii(b, m))
                return false;
        sound_make(&s, a, n, NULL);
        sound_make(&surname, a, n, surname_reading(a[0]));
        char letters[NAME_CHARACTERS_MAX];
        for (size_t i = 0; i < m; i++)
                letters[i] = (char)b[i];
        return (m == s.full_n && memcmp(letters, s.full, m) == 0) ||
               (m == s.initials_n && memcmp(letters, s.initials, m) == 0) ||
               (m == surname.full_n && memcmp(letters, surname.full, m) == 0) ||
               (m == surname.initials_n && memcmp(letters, surname.initials, m) == 0);
}

int name_check(struct str name, struct error *err)
{
        bool good = utf8_check(name, NULL) == 0 && str_trim(name).n == name.n && name.n > 0;

        for (size_t i = 0; good && i < name.n; i++)
                good = (unsigned char)name.p[i] >= ' ' && name.p[i] != 0x7F;
        if (!good || utf8_length(name) > NAME_CHARACTERS_MAX)
                return error_raise(err, SB_REGISTRY_NAME, "%.*s", (int)(name.n < 200 ? name.n : 200), name.p);
        return 0;
}

#define HIT_COLUMNS "SELECT a.subject FROM name_key a "
#define HIT_WHERE "WHERE a.key = ?1@int AND a.home = ?2@int AND a.subject_kind = ?3@int AND a.subject > ?4@int "
#define HIT_ORDER "ORDER BY a.subject LIMIT ?5@int"
#define HIT_ALSO(t, n)                                                                                                         \
        "AND EXISTS (SELECT 1 FROM name_key " t " WHERE " t ".key = ?" n "@int AND " t ".home = a.home AND " t                 \
        ".subject_kind = a.subject_kind AND " t ".subject = a.subject) "

struct collect {
        struct name_hit *out;
        int count, limit;
        bool pinyin;
};

static int collect_rows(struct stmt *q, struct collect *c, struct error *err)
{
        int rc = 0;

        while (c->count < c->limit && (rc = stmt_step(q, err)) == 1) {
                int64_t subject = stmt_int(q, 0);
                int i = 0;
                while (i < c->count && c->out[i].subject != subject)
                        i++;
                if (i == c->count)
                        c->out[c->count++] = (struct name_hit){subject, c->pinyin};
        }
        return rc < 0 ? rc : 0;
}

static int by_key(struct tx *tx, struct house *h, int kind, int64_t key, int64_t after, struct collect *c, struct error *err)
{
        struct stmt *q;
        int rc = tx_query(&q, tx, err, HIT_COLUMNS HIT_WHERE HIT_ORDER, "iiiii", key, (int64_t)h->home, (int64_t)kind, after,
                          (int64_t)c->limit);

        return rc < 0 ? rc : collect_rows(q, c, err);
}

static int by_all(struct tx *tx, struct house *h, int kind, const struct name_query *n, int64_t after, struct collect *c,
                  struct error *err)
{
        struct stmt *q;
        int64_t home = h->home, kind64 = kind, limit = c->limit;
        int rc;

        if (n->all_count == 1)
                return by_key(tx, h, kind, n->all[0], after, c, err);
        if (n->all_count == 2)
                rc = tx_query(&q, tx, err, HIT_COLUMNS HIT_WHERE HIT_ALSO("b", "6") HIT_ORDER, "iiiiii", n->all[0], home,
                              kind64, after, limit, n->all[1]);
        else
                rc = tx_query(&q, tx, err, HIT_COLUMNS HIT_WHERE HIT_ALSO("b", "6") HIT_ALSO("c", "7") HIT_ORDER, "iiiiiii",
                              n->all[0], home, kind64, after, limit, n->all[1], n->all[2]);
        return rc < 0 ? rc : collect_rows(q, c, err);
}

int name_search(struct tx *tx, struct house *h, int kind, struct str query, int64_t after, struct name_hit *out, int limit,
                struct error *err)
{
        struct name_query n;
        struct collect c = {.out = out, .limit = limit};
        int rc = 0;

        if (!name_query_make(h->keys, query, &n))
                return error_raise(err, SB_OFFICE_SEARCH, "%s", "");
        c.pinyin = n.pinyin;
        if (n.whole != 0 && (after == 0 || n.pinyin))
                rc = by_key(tx, h, kind, n.whole, after, &c, err);
        if (rc == 0 && n.alternative != 0 && c.count < limit)
                rc = by_key(tx, h, kind, n.alternative, after, &c, err);
        if (rc == 0 && n.all_count > 0 && c.count < limit)
                rc = by_all(tx, h, kind, &n, after, &c, err);
        return rc < 0 ? rc : c.count;
}
