/* SPDX-License-Identifier: Apache-2.0
 *
 * The common subset of SQL into the words of SQLite or PostgreSQL: parameters, types, kinds of
 * table. Texts in quotes and comments pass through untouched.
 */
#include "store/internal.h"

#include <ctype.h>
#include <string.h>

struct word {
        const char *word;
        const char *sqlite, *postgresql;
        const char *postgresql_ddl; /* in CREATE and ALTER; NULL: the same */
        char type;                  /* of a parameter; 0: not for parameters */
};

static const struct word words[] = {
    {"int", "INTEGER", "bigint", NULL, 'i'},
    {"text", "TEXT", "text", "text COLLATE \"C\"", 't'},
    {"blob", "BLOB", "bytea", NULL, 'b'},
    {"real", "REAL", "double precision", NULL, 'r'},
    {"table", "STRICT", "", NULL, 0},
    {"clustered", "STRICT, WITHOUT ROWID", "", NULL, 0},
    {"share", "", "FOR SHARE", NULL, 0}, /* SQLite's writer is alone */
    {"lock", "", "FOR UPDATE", NULL, 0},
    {"skip", "", "FOR UPDATE SKIP LOCKED", NULL, 0},
    {"monthly", "STRICT", "PARTITION BY RANGE (month)", NULL, 0},
};

static const struct word *word_find(const char *p, size_t *length)
{
        size_t n = 0;
        while (isalpha((unsigned char)p[n])) {
                n++;
        }
        *length = n;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
                if (strlen(words[i].word) == n && memcmp(words[i].word, p, n) == 0) {
                        return &words[i];
                }
        }
        return NULL;
}

/* The length of a quoted text or comment that begins at p, 0 when none does. */
static size_t skip_quoted(const char *p)
{
        size_t n = 1;
        if (*p == '\'' || *p == '"') {
                while (p[n] != '\0' && p[n] != *p) {
                        n++;
                }
                return p[n] == '\0' ? n : n + 1;
        }
        if (p[0] == '-' && p[1] == '-') {
                return strcspn(p, "\n");
        }
        return 0;
}

const char *dialect_statement_end(const char *script)
{
        const char *p = script;
        while (*p != '\0' && *p != ';') {
                size_t skip = skip_quoted(p);
                p += skip > 0 ? skip : 1;
        }
        return p;
}

static bool is_ddl(const char *sql)
{
        for (;;) {
                sql += strspn(sql, " \t\r\n");
                if (sql[0] != '-' || sql[1] != '-') {
                        break;
                }
                sql += strcspn(sql, "\n");
        }
        return strncmp(sql, "CREATE", 6) == 0 || strncmp(sql, "ALTER", 5) == 0;
}

/* "?12@int" at p; returns its length, or 0 after raising. */
static size_t parameter(struct buf *out, const char *p, const char *sql, bool postgresql, int *parameters,
                        char types[STORE_PARAMETERS_MAX], struct error *err)
{
        int number = 0;
        size_t n = 1, length = 0;
        const struct word *w = NULL;
        while (isdigit((unsigned char)p[n]) && number <= STORE_PARAMETERS_MAX) {
                number = number * 10 + (p[n] - '0');
                n++;
        }
        if (number >= 1 && number <= STORE_PARAMETERS_MAX && p[n] == '@') {
                w = word_find(p + n + 1, &length);
        }
        if (!w || w->type == 0) {
                error_raise(err, SB_STORE_SQL, "a parameter is not of the form ?1@int|%.200s", sql);
                return 0;
        }
        char seen = types[number - 1];
        if (seen != 0 && seen != w->type) {
                error_raise(err, SB_STORE_SQL, "parameter %d has two types|%.200s", number, sql);
                return 0;
        }
        types[number - 1] = w->type;
        if (number > *parameters) {
                *parameters = number;
        }
        if (postgresql) {
                buf_add_format(out, "$%d::%s", number, w->postgresql);
        } else {
                buf_add_format(out, "?%d", number);
        }
        return n + 1 + length;
}

int dialect_rewrite(struct buf *out, const char *sql, bool postgresql, int *parameters, char types[STORE_PARAMETERS_MAX],
                    struct error *err)
{
        bool ddl = is_ddl(sql);
        const char *p = sql;
        memset(types, 0, STORE_PARAMETERS_MAX);
        *parameters = 0;
        while (*p != '\0') {
                size_t n = skip_quoted(p);
                if (n > 0) {
                        buf_add(out, p, n);
                } else if (*p == '?') {
                        n = parameter(out, p, sql, postgresql, parameters, types, err);
                        if (n == 0) {
                                return ERR;
                        }
                } else if (*p == '@') {
                        const struct word *w = word_find(p + 1, &n);
                        if (!w) {
                                return error_raise(err, SB_STORE_SQL, "unknown word %.20s|%.200s", p, sql);
                        }
                        bool collated = ddl && w->postgresql_ddl;
                        buf_add_text(out, !postgresql ? w->sqlite : collated ? w->postgresql_ddl : w->postgresql);
                        n++;
                } else {
                        n = 1;
                        buf_add_char(out, *p);
                }
                p += n;
        }
        for (int i = 0; i < *parameters; i++) {
                if (types[i] == 0) {
                        return error_raise(err, SB_STORE_SQL, "parameter %d is missing|%.200s", i + 1, sql);
                }
        }
        return buf_check(out, err);
}
