/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/block.h"

#include <stdlib.h>
#include <string.h>

/* Employments and contribution histories: periods of a person that must not overlap. What is recorded already is read once
 * for each person (and scheme or employer) of a block; rows of the block are held against it and against each other. */

/* --- look-ups shared by the kinds ------------------------------------------------------------------------------------------- */

int lookup_person(struct tx *tx, struct block *b, struct lookup *l, const char *id_number, int64_t *person, struct error *err)
{
        int32_t home;

        if (l->person == 0 || strcmp(l->id_number, id_number) != 0) {
                int rc = person_find(tx, b->house, str_from(id_number), &home, &l->person, err);
                if (rc == 0)
                        l->person = 0;
                if (rc <= 0)
                        return rc < 0 ? rc : error_raise(err, SB_IMPORT_PERSON, "%s", "");
                text_copy(l->id_number, sizeof l->id_number, str_from(id_number));
        }
        *person = l->person;
        return 0;
}

int lookup_employer(struct tx *tx, struct block *b, struct lookup *l, const char *uscc, int64_t *employer, struct error *err)
{
        int32_t home;
        struct employer e;

        if (l->employer == 0 || strcmp(l->uscc, uscc) != 0) {
                l->employer = 0;
                int rc = employer_find(tx, str_from(uscc), &home, &l->employer, err);
                if (rc == 1)
                        rc = employer_read(tx, b->house, home, l->employer, &e, err) < 0 ? ERR : 1;
                if (rc <= 0) {
                        l->employer = 0;
                        return rc < 0 ? rc : error_raise(err, SB_IMPORT_EMPLOYER, "%s", uscc);
                }
                text_copy(l->uscc, sizeof l->uscc, str_from(uscc));
                if (strcmp(l->territory, e.territory) != 0)
                        l->scheme[0] = '\0'; /* another place may have another pool */
                text_copy(l->territory, sizeof l->territory, str_from(e.territory));
        }
        *employer = l->employer;
        return 0;
}

int lookup_pool(struct tx *tx, struct block *b, struct lookup *l, const char *scheme, int64_t *pool, struct error *err)
{
        struct pool p;

        if (l->scheme[0] == '\0' || strcmp(l->scheme, scheme) != 0) {
                struct error none = {0};
                l->scheme[0] = '\0';
                int rc = pool_by_scheme(tx, scheme, l->territory, clock_today(b->house->clock), &p, &none);
                if (rc < 0 && none.code == SB_OFFICE_POOL)
                        return error_raise(err, SB_IMPORT_SCHEME, "%s", scheme);
                if (rc < 0) {
                        *err = none;
                        return rc;
                }
                text_copy(l->scheme, sizeof l->scheme, str_from(scheme));
                l->pool = p.id;
        }
        *pool = l->pool;
        return 0;
}

/* --- periods ------------------------------------------------------------------------------------------------------------------ */

#define PERIODS_MAX 1024
struct periods {
        int64_t person, employer; /* employer 0: of any */
        char scheme[32];
        int count;
        struct {
                int64_t from, to;
        } p[PERIODS_MAX];
};

static int periods_fill(struct stmt *q, struct periods *s, struct error *err)
{
        int rc;

        while ((rc = stmt_step(q, err)) == 1) {
                if (s->count == PERIODS_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the periods of a person", "个人期间条数"),
                                           PERIODS_MAX);
                s->p[s->count].from = stmt_int(q, 0);
                s->p[s->count++].to = stmt_int(q, 1);
        }
        return rc;
}

/* The index of a period that overlaps, or -1. */
static int periods_overlap(const struct periods *s, int64_t from, int64_t to)
{
        for (int i = s->count - 1; i >= 0; i--)
                if (s->p[i].from < to && s->p[i].to > from)
                        return i;
        return -1;
}

static int periods_add(struct periods *s, int64_t from, int64_t to, struct error *err)
{
        if (s->count == PERIODS_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the periods of a person", "个人期间条数"), PERIODS_MAX);
        s->p[s->count].from = from;
        s->p[s->count++].to = to;
        return 0;
}

/* Rows in the order of person (then scheme and employer), so that a person's are together whatever the file's order. */
static int compare_rows(const void *a, const void *b)
{
        const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;
        const struct spell_row *s = &x->u.spell, *t = &y->u.spell;

        if (s->person != t->person)
                return s->person < t->person ? -1 : 1;
        int c = strcmp(s->scheme, t->scheme);
        if (c != 0)
                return c;
        if (s->scheme[0] == '\0' && s->employer != t->employer)
                return s->employer < t->employer ? -1 : 1;
        return x->line < y->line ? -1 : 1;
}

/* Hold the person, so that nobody else writes periods at once. SQLite has one writer. The version stays: who corrects a
 * person does so by what they saw of it, and a spell is no part of that. */
static int person_hold(struct tx *tx, struct block *b, int64_t person, struct error *err)
{
        struct stmt *q;

        if (b->dry_run || !store_is_postgresql(b->house->store))
                return 0;
        int rc = tx_one(&q, tx, err, "SELECT id FROM person WHERE home = ?1@int AND id = ?2@int @lock", "ii",
                        (int64_t)b->house->home, person);
        return rc < 0 ? rc : 0;
}

typedef int period_read(struct tx *tx, struct block *b, struct periods *s, struct error *err);
typedef void overlap_raise(struct error *fault, const struct spell_row *r, int64_t from, int64_t to);

static int overlaps_check(struct tx *tx, struct block *b, period_read *read, overlap_raise *raise, int column,
                          struct error *err)
{
        const struct row **order = malloc((b->count + 1) * sizeof *order);
        struct periods *s = calloc(1, sizeof *s);
        size_t n = 0;
        int rc = order == NULL || s == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        for (size_t i = 0; rc == 0 && i < b->count; i++)
                if (!b->rows[i].bad)
                        order[n++] = &b->rows[i];
        if (rc == 0)
                qsort(order, n, sizeof *order, compare_rows);
        for (size_t i = 0; rc == 0 && i < n; i++) {
                const struct spell_row *r = &order[i]->u.spell;
                struct error fault = {0};
                int64_t employer = r->scheme[0] == '\0' ? r->employer : 0;
                if (s->person != r->person || s->employer != employer || strcmp(s->scheme, r->scheme) != 0) {
                        bool known = s->person == r->person;
                        s->count = 0;
                        s->person = r->person;
                        s->employer = employer;
                        text_copy(s->scheme, sizeof s->scheme, str_from(r->scheme));
                        rc = known ? 0 : person_hold(tx, b, r->person, err);
                        if (rc == 0)
                                rc = read(tx, b, s, err);
                }
                int at = rc == 0 ? periods_overlap(s, r->from, r->to) : -1;
                if (rc == 0 && at >= 0) {
                        raise(&fault, r, s->p[at].from, s->p[at].to);
                        rc = block_fault(b, (size_t)(order[i] - b->rows), column, &fault, err);
                } else if (rc == 0) {
                        rc = periods_add(s, r->from, r->to, err);
                }
        }
        free(order);
        free(s);
        return rc;
}

static int bulk_end(struct bulk *k, int rc, struct error *err)
{
        struct error none = {0};

        if (k == NULL)
                return rc;
        int closed = bulk_close(k, rc == 0 ? err : &none);
        return rc == 0 ? closed : rc;
}

/* --- employments -------------------------------------------------------------------------------------------------------------- */

enum { E_ID_NUMBER, E_USCC, E_FROM, E_TO, E_CATEGORY };
static const char *const EMPLOYMENT_COLUMNS[] = {"id_number", "uscc", "from", "to", "category", NULL};

static int check_numbers(struct block *b, size_t row, struct str id, struct str uscc, int uscc_column, bool uscc_needed,
                         struct error *err)
{
        struct error fault = {0};
        int rc = 0;

        if (id_number_check(id, NULL, NULL, &fault) < 0)
                rc = block_fault(b, row, 0, &fault, err);
        else
                text_copy(b->rows[row].u.spell.id_number, sizeof b->rows[row].u.spell.id_number, id);
        if (rc == 0 && (uscc_needed || uscc.n > 0)) {
                if (uscc_check(uscc, &fault) < 0)
                        rc = block_fault(b, row, uscc_column, &fault, err);
                else
                        text_copy(b->rows[row].u.spell.uscc, sizeof b->rows[row].u.spell.uscc, uscc);
        }
        return rc;
}

static int employment_parse(struct block *b, size_t row, const struct str *c, struct error *err)
{
        struct spell_row *s = &b->rows[row].u.spell;
        struct error fault = {0};
        day_t from = 0, to = DAY_END;
        char a[16], z[16];
        int rc = check_numbers(b, row, c[E_ID_NUMBER], c[E_USCC], E_USCC, true, err);

        if (rc == 0 && day_parse(&from, c[E_FROM], &fault) < 0)
                rc = block_fault(b, row, E_FROM, &fault, err);
        if (rc == 0 && c[E_TO].n > 0) {
                if (day_parse(&to, c[E_TO], &fault) < 0)
                        rc = block_fault(b, row, E_TO, &fault, err);
                else
                        to = to >= DAY_END ? DAY_END : to + 1;
        }
        if (rc == 0 && !b->rows[row].bad && from >= to) {
                error_raise(&fault, SB_REGISTRY_PERIOD, "%s|%s", day_text(from, a), day_text(to - 1, z));
                rc = block_fault(b, row, E_TO, &fault, err);
        }
        if (rc == 0 && text_check(c[E_CATEGORY], sizeof s->label - 1, &fault) < 0)
                rc = block_fault(b, row, E_CATEGORY, &fault, err);
        text_copy(s->label, sizeof s->label, c[E_CATEGORY].n == 0 ? STR("worker") : c[E_CATEGORY]);
        s->from = from;
        s->to = to;
        return rc;
}

static int refer(struct tx *tx, struct block *b, int uscc_column, int scheme_column, struct error *err)
{
        struct lookup l = {.id_number = ""};
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                struct spell_row *s = &b->rows[i].u.spell;
                struct error fault = {0};
                if (b->rows[i].bad)
                        continue;
                if (lookup_person(tx, b, &l, s->id_number, &s->person, &fault) < 0)
                        rc = block_fault(b, i, 0, &fault, err);
                s->employer = 0;
                if (rc == 0 && s->uscc[0] != '\0' && lookup_employer(tx, b, &l, s->uscc, &s->employer, &fault) < 0)
                        rc = block_fault(b, i, uscc_column, &fault, err);
                if (rc == 0 && s->scheme[0] != '\0' && lookup_pool(tx, b, &l, s->scheme, &s->pool, &fault) < 0)
                        rc = block_fault(b, i, scheme_column, &fault, err);
        }
        return rc;
}

static int employment_periods(struct tx *tx, struct block *b, struct periods *s, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT valid_from, valid_to FROM employment WHERE home = ?1@int AND person = ?2@int AND employer_home = "
                     "?1@int AND employer = ?3@int AND known_to = ?4@int",
                     "iiii", (int64_t)b->house->home, s->person, s->employer, (int64_t)INSTANT_END);

        return rc < 0 ? rc : periods_fill(q, s, err);
}

static void employment_overlap(struct error *fault, const struct spell_row *r, int64_t from, int64_t to)
{
        char a[16], z[16];

        (void)r;
        error_raise(fault, SB_REGISTRY_OVERLAP, "%s|%s", day_text((day_t)from, a), day_text((day_t)to, z));
}

static int employment_rows(struct tx *tx, struct block *b, struct error *err)
{
        struct bulk *k = NULL;
        instant_t now = clock_now(b->house->clock);
        int rc = bulk_open(&k, tx, "employment",
                           "home@int, id@int, person@int, employer_home@int, employer@int, category@text, valid_from@int, "
                           "valid_to@int, known_from@int, known_to@int, source@text",
                           err);

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                const struct spell_row *s = &b->rows[i].u.spell;
                if (b->rows[i].bad)
                        continue;
                bulk_int(k, b->house->home);
                bulk_int(k, block_id(b));
                bulk_int(k, s->person);
                bulk_int(k, b->house->home);
                bulk_int(k, s->employer);
                bulk_text(k, str_from(s->label));
                bulk_int(k, s->from);
                bulk_int(k, s->to);
                bulk_int(k, now);
                bulk_int(k, INSTANT_END);
                bulk_text(k, STR("import"));
                rc = bulk_row(k, err);
        }
        return bulk_end(k, rc, err);
}

static int employment_write(struct tx *tx, struct block *b, struct error *err)
{
        int rc = refer(tx, b, E_USCC, 0, err);

        if (rc == 0)
                rc = overlaps_check(tx, b, employment_periods, employment_overlap, E_FROM, err);
        return rc < 0 || b->dry_run ? rc : employment_rows(tx, b, err);
}

const struct import_kind import_employments = {"employments", EMPLOYMENT_COLUMNS, 3, 1, employment_parse, employment_write};

/* --- contributions -------------------------------------------------------------------------------------------------------------- */

enum { C_ID_NUMBER, C_SCHEME, C_FROM, C_TO, C_BASE, C_USCC, C_KIND };
static const char *const CONTRIBUTION_COLUMNS[] = {"id_number", "scheme", "from", "to", "base", "uscc", "kind", NULL};
#define BASE_MAX ((fen_t)1000000000)

static int contribution_period(struct block *b, size_t row, const struct str *c, struct error *err)
{
        struct spell_row *s = &b->rows[row].u.spell;
        struct error fault = {0};
        month_t from = 0, to = 0, now = month_of(clock_today(b->house->clock));
        char a[16], z[16];
        int rc = 0;

        if (month_parse(&from, c[C_FROM], &fault) < 0)
                rc = block_fault(b, row, C_FROM, &fault, err);
        if (rc == 0 && month_parse(&to, c[C_TO], &fault) < 0)
                rc = block_fault(b, row, C_TO, &fault, err);
        if (rc == 0 && !b->rows[row].bad && (from > to || to > now)) {
                error_raise(&fault, SB_REGISTRY_PERIOD, "%s|%s", month_text(from, a), month_text(to, z));
                rc = block_fault(b, row, C_TO, &fault, err);
        }
        s->from = from;
        s->to = to + 1;
        return rc;
}

static int contribution_parse(struct block *b, size_t row, const struct str *c, struct error *err)
{
        struct spell_row *s = &b->rows[row].u.spell;
        struct error fault = {0};
        struct str kind = c[C_KIND].n == 0 ? STR("paid") : c[C_KIND];
        char text[24];
        int rc = check_numbers(b, row, c[C_ID_NUMBER], c[C_USCC], C_USCC, false, err);

        if (rc == 0 && (c[C_SCHEME].n == 0 || text_check(c[C_SCHEME], sizeof s->scheme - 1, &fault) < 0)) {
                error_raise(&fault, SB_IMPORT_SCHEME, "%s", "");
                rc = block_fault(b, row, C_SCHEME, &fault, err);
        }
        text_copy(s->scheme, sizeof s->scheme, c[C_SCHEME]);
        if (rc == 0)
                rc = contribution_period(b, row, c, err);
        if (rc == 0 && money_parse(&s->base, c[C_BASE], &fault) < 0)
                rc = block_fault(b, row, C_BASE, &fault, err);
        if (rc == 0 && (s->base < 0 || s->base > BASE_MAX)) {
                error_raise(&fault, SB_CONTRIBUTION_WAGE, "%s", money_text(s->base, text));
                rc = block_fault(b, row, C_BASE, &fault, err);
        }
        if (rc == 0 && !str_is(kind, "paid") && !str_is(kind, "deemed")) {
                error_raise(&fault, SB_FIELD_TYPE, "%s|%s", "kind", ERROR_BOTH("paid or deemed", "paid或deemed"));
                rc = block_fault(b, row, C_KIND, &fault, err);
        }
        text_copy(s->label, sizeof s->label, kind);
        return rc;
}

static int contribution_periods(struct tx *tx, struct block *b, struct periods *s, struct error *err)
{
        struct stmt *q;
        int rc = tx_query(
            &q, tx, err,
            "SELECT month_from, month_to FROM contribution WHERE home = ?1@int AND person = ?2@int AND scheme = ?3@text "
            "AND known_to = ?4@int",
            "iiti", (int64_t)b->house->home, s->person, s->scheme, (int64_t)INSTANT_END);

        return rc < 0 ? rc : periods_fill(q, s, err);
}

static void contribution_overlap(struct error *fault, const struct spell_row *r, int64_t from, int64_t to)
{
        char a[16], z[16];

        (void)r;
        error_raise(fault, SB_CONTRIBUTION_OVERLAP, "%s|%s", month_text((month_t)from, a), month_text((month_t)to - 1, z));
}

static int contribution_rows(struct tx *tx, struct block *b, struct error *err)
{
        struct bulk *k = NULL;
        instant_t now = clock_now(b->house->clock);
        int rc = bulk_open(&k, tx, "contribution",
                           "home@int, id@int, person@int, employer_home@int, employer@int, scheme@text, pool@int, kind@text, "
                           "month_from@int, month_to@int, base_fen@int, known_from@int, known_to@int, source@text",
                           err);

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                const struct spell_row *s = &b->rows[i].u.spell;
                if (b->rows[i].bad)
                        continue;
                bulk_int(k, b->house->home);
                bulk_int(k, block_id(b));
                bulk_int(k, s->person);
                bulk_int(k, b->house->home);
                bulk_int(k, s->employer);
                bulk_text(k, str_from(s->scheme));
                bulk_int(k, s->pool);
                bulk_text(k, str_from(s->label));
                bulk_int(k, s->from);
                bulk_int(k, s->to);
                bulk_int(k, s->base);
                bulk_int(k, now);
                bulk_int(k, INSTANT_END);
                bulk_text(k, STR("import"));
                rc = bulk_row(k, err);
        }
        return bulk_end(k, rc, err);
}

static int contribution_write(struct tx *tx, struct block *b, struct error *err)
{
        int rc = refer(tx, b, C_USCC, C_SCHEME, err);

        if (rc == 0)
                rc = overlaps_check(tx, b, contribution_periods, contribution_overlap, C_FROM, err);
        return rc < 0 || b->dry_run ? rc : contribution_rows(tx, b, err);
}

const struct import_kind import_contributions = {"contributions",    CONTRIBUTION_COLUMNS, 5, 1,
                                                 contribution_parse, contribution_write};
