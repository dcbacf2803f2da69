/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/permission.h"
#include "pack/pack_internal.h"

#include <stdlib.h>
#include <string.h>

struct permissions {
        struct pack_duty *duties;
        struct pack_purpose *purposes;
        struct permission *rows; /* by duty, role, body */
        size_t duty_count, purpose_count, row_count, row_room;
        json_t *roles, *bodies; /* rows of the tables, while reading */
};

static int by_duty_name(const void *a, const void *b)
{
        return strcmp(((const struct pack_duty *)a)->name, ((const struct pack_duty *)b)->name);
}

static int by_duty(const void *a, const void *b)
{
        return strcmp(((const struct permission *)a)->duty, ((const struct permission *)b)->duty);
}

static int by_row(const void *a, const void *b)
{
        const struct permission *x = a, *y = b;
        int order = by_duty(a, b);

        order = order != 0 ? order : strcmp(x->role, y->role);
        return order != 0 ? order : strcmp(x->body, y->body);
}

/* The next word of a list divided by blanks; false at the end. */
static bool word_next(struct str *rest, struct str *word)
{
        size_t n = 0;

        while (rest->n > 0 && *rest->p == ' ') {
                rest->p++;
                rest->n--;
        }
        while (n < rest->n && rest->p[n] != ' ')
                n++;
        *word = (struct str){rest->p, n};
        rest->p += n;
        rest->n -= n;
        return n > 0;
}

bool word_listed(const char *words, const char *word)
{
        struct str rest = str_from(words), one;

        while (word_next(&rest, &one))
                if (str_is(one, word))
                        return true;
        return false;
}

static void wrong(struct table *t, struct str value, const char *column)
{
        faults_tell(t->faults, FAULT, t->p, t->item->path, t->line, SB_PACK_PERMISSION, "%.*s|%s",
                    (int)(value.n > 80 ? 80 : value.n), value.p, column);
}

static bool row_known(const json_t *rows, const char *column, struct str word)
{
        const json_t *row;
        size_t i;

        json_array_foreach(rows, i, row)
        {
                if (str_is(word, json_text(row, column)))
                        return true;
        }
        return false;
}

/* A table has at most as many rows as lines. */
static size_t lines_of(const struct pack_item *item)
{
        size_t lines = 1;

        for (size_t i = 0; i < item->bytes.n; i++)
                lines += item->bytes.p[i] == '\n';
        return lines;
}

static int duties_read(struct pack *p, struct permissions *a, struct faults *f, struct error *err)
{
        static const char *const columns[] = {"duty", "title_zh", "title_en", "basis", NULL};
        const struct pack *owner;
        const struct pack_item *item = files_nearest(p, "duties.csv", &owner);
        struct table t;

        if (item == NULL)
                return 0;
        a->duties = calloc(lines_of(item), sizeof *a->duties);
        if (a->duties == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (bool open = table_open(&t, owner, item, columns, f); open && table_next(&t);)
                a->duties[a->duty_count++] = (struct pack_duty){pack_keep(p, table_field(&t, "duty")),
                                                                {[LANG_ZH] = pack_keep(p, table_field(&t, "title_zh")),
                                                                 [LANG_EN] = pack_keep(p, table_field(&t, "title_en"))},
                                                                pack_keep(p, table_field(&t, "basis"))};
        table_close(&t);
        qsort(a->duties, a->duty_count, sizeof *a->duties, by_duty_name);
        return 0;
}

static int purposes_read(struct pack *p, struct permissions *a, struct faults *f, struct error *err)
{
        static const char *const columns[] = {"purpose", "title_zh", "title_en", "basis", NULL};
        const struct pack *owner;
        const struct pack_item *item = files_nearest(p, "purposes.csv", &owner);
        struct table t;

        if (item == NULL)
                return 0;
        a->purposes = calloc(lines_of(item), sizeof *a->purposes);
        if (a->purposes == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (bool open = table_open(&t, owner, item, columns, f); open && table_next(&t);)
                a->purposes[a->purpose_count++] = (struct pack_purpose){pack_keep(p, table_field(&t, "purpose")),
                                                                        {[LANG_ZH] = pack_keep(p, table_field(&t, "title_zh")),
                                                                         [LANG_EN] = pack_keep(p, table_field(&t, "title_en"))},
                                                                        pack_keep(p, table_field(&t, "basis"))};
        table_close(&t);
        return 0;
}

/* "": every level; "3"; "1-3". */
static bool levels_read(struct str text, struct permission *row)
{
        bool one = text.n == 1, range = text.n == 3 && text.p[1] == '-';

        row->level_from = 0;
        row->level_to = 5;
        if (text.n == 0)
                return true;
        if (!one && !range)
                return false;
        row->level_from = text.p[0] - '0';
        row->level_to = text.p[text.n - 1] - '0';
        return row->level_from >= 1 && row->level_to <= 5 && row->level_from <= row->level_to;
}

/* One line gives a row a body. */
static void permission_take(struct pack *p, struct permissions *a, struct table *t)
{
        struct str duty = table_field(t, "duty"), role = table_field(t, "role"), rest = table_field(t, "body"), word;
        struct permission row = {.duty = pack_keep(p, duty), .role = pack_keep(p, role)};
        struct pack_duty wanted = {.name = row.duty};
        size_t before = a->row_count;

        if (a->duty_count == 0 || bsearch(&wanted, a->duties, a->duty_count, sizeof wanted, by_duty_name) == NULL)
                wrong(t, duty, "duty");
        if (a->roles != NULL && !row_known(a->roles, "role", role))
                wrong(t, role, "role");
        if (!levels_read(table_field(t, "level"), &row))
                wrong(t, table_field(t, "level"), "level");
        row.purposes = pack_keep(p, table_field(t, "purpose"));
        for (struct str more = str_from(row.purposes); word_next(&more, &word);) {
                size_t i = 0;
                while (i < a->purpose_count && !str_is(word, a->purposes[i].name))
                        i++;
                if (i == a->purpose_count)
                        wrong(t, word, "purpose");
        }
        while (a->row_count < a->row_room && word_next(&rest, &word)) {
                if (!str_is(word, BODY_ANY) && a->bodies != NULL && !row_known(a->bodies, "body", word))
                        wrong(t, word, "body");
                row.body = pack_keep(p, word);
                a->rows[a->row_count++] = row;
        }
        if (a->row_count == before || word_next(&rest, &word))
                wrong(t, (struct str){"", 0}, "body");
}

static int rows_read(struct pack *p, struct permissions *a, struct faults *f, struct error *err)
{
        static const char *const columns[] = {"duty", "role", "body", "level", "purpose", NULL};
        const struct pack *owner;
        const struct pack_item *item = files_nearest(p, "permissions.csv", &owner);
        struct error none = {0};
        struct table t;

        if (item == NULL)
                return 0;
        if (pack_table(p, "roles.csv", &a->roles, &none) < 0)
                a->roles = NULL;
        if (pack_table(p, "bodies.csv", &a->bodies, &none) < 0)
                a->bodies = NULL;
        a->row_room = lines_of(item) * (1 + json_array_size(a->bodies));
        a->rows = calloc(a->row_room, sizeof *a->rows);
        if (a->rows == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (bool open = table_open(&t, owner, item, columns, f); open && table_next(&t);)
                permission_take(p, a, &t);
        table_close(&t);
        qsort(a->rows, a->row_count, sizeof *a->rows, by_row);
        for (size_t i = 1; i < a->row_count; i++)
                if (by_row(&a->rows[i - 1], &a->rows[i]) == 0)
                        faults_tell(f, FAULT, owner, item->path, 0, SB_PACK_TWICE, "%s %s %s|permissions.csv", a->rows[i].duty,
                                    a->rows[i].role, a->rows[i].body);
        return 0;
}

int permissions_read(struct pack *p, struct faults *f, struct error *err)
{
        struct permissions *a = p->permissions = calloc(1, sizeof *a);
        int rc = a == NULL ? error_raise(err, SB_MEMORY, "%s", "") : duties_read(p, a, f, err);

        rc = rc ? rc : purposes_read(p, a, f, err);
        rc = rc ? rc : rows_read(p, a, f, err);
        if (a != NULL) {
                json_decref(a->roles);
                json_decref(a->bodies);
                a->roles = a->bodies = NULL;
        }
        return rc;
}

void permissions_free(struct pack *p)
{
        if (p->permissions == NULL)
                return;
        free(p->permissions->duties);
        free(p->permissions->purposes);
        free(p->permissions->rows);
        free(p->permissions);
        p->permissions = NULL;
}

size_t pack_duties(const struct pack *p, const struct pack_duty **out)
{
        *out = p->permissions->duties;
        return p->permissions->duty_count;
}

const struct pack_duty *pack_duty(const struct pack *p, const char *name)
{
        struct pack_duty wanted = {.name = name};
        const struct permissions *a = p->permissions;

        return a->duty_count == 0 ? NULL : bsearch(&wanted, a->duties, a->duty_count, sizeof wanted, by_duty_name);
}

size_t pack_purposes(const struct pack *p, const struct pack_purpose **out)
{
        *out = p->permissions->purposes;
        return p->permissions->purpose_count;
}

const struct pack_purpose *pack_purpose(const struct pack *p, const char *name)
{
        for (size_t i = 0; i < p->permissions->purpose_count; i++)
                if (strcmp(p->permissions->purposes[i].name, name) == 0)
                        return &p->permissions->purposes[i];
        return NULL;
}

size_t pack_permissions(const struct pack *p, const char *duty, const struct permission **out)
{
        const struct permissions *a = p->permissions;
        struct permission wanted = {.duty = duty};
        const struct permission *at =
            a->row_count == 0 ? NULL : bsearch(&wanted, a->rows, a->row_count, sizeof wanted, by_duty);
        size_t n = 0;

        if (at == NULL)
                return 0;
        while (at > a->rows && by_duty(at - 1, &wanted) == 0)
                at--;
        while (at + n < a->rows + a->row_count && by_duty(at + n, &wanted) == 0)
                n++;
        *out = at;
        return n;
}

bool permission_covers(const struct permission *row, const char *body, int level)
{
        return (strcmp(row->body, BODY_ANY) == 0 || strcmp(row->body, body) == 0) && level >= row->level_from &&
               level <= row->level_to;
}
