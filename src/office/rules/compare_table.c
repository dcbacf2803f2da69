/* SPDX-License-Identifier: Apache-2.0
 *
 * Two versions of a decision table, row by row. Columns are matched by what their heads say. Rows that are the same in all matched
 * columns are matched first, in order (the longest common subsequence); such a row out of that order has moved. Of the rest, rows
 * of the same id, of the same conditions, or with at least half of their cells the same are one row that was changed. What is left
 * was removed or added.
 */
#include "office/rules/internal.h"

#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 64
#define ROWS_MAX 2000
#define PAIRS_MAX 1000000
#define LIKENESS_ID 1000
#define LIKENESS_CONDITIONS 500

struct column {
        const char *kind, *head; /* kind: inputs, outputs, annotations */
        int before, after;       /* place within its kind, -1: not there */
};
struct sheet {
        const json_t *before, *after; /* rules */
        struct column columns[COLUMNS_MAX];
        size_t column_count;
        size_t n, m;
        int *to_after;  /* per row before: its row after, -1 none */
        int *to_before; /* and back */
        bool *moved;    /* per row after */
};

/* --- columns -------------------------------------------------------------------------------------------------------------------------- */

static const char *head_of(const json_t *column)
{
        if (json_is_string(column))
                return json_string_value(column);
        const char *text = json_text(column, "text"), *name = json_text(column, "name");
        return text[0] != '\0' ? text : name[0] != '\0' ? name : json_text(column, "label");
}

static bool column_add(struct sheet *s, const char *kind, const char *head, int before, int after)
{
        if (s->column_count == COLUMNS_MAX)
                return false;
        s->columns[s->column_count++] = (struct column){kind, head, before, after};
        return true;
}

static int place_of(const json_t *heads, const char *head, const bool *taken)
{
        for (size_t i = 0; i < json_array_size(heads) && i < COLUMNS_MAX; i++)
                if (!taken[i] && strcmp(head_of(json_array_get(heads, i)), head) == 0)
                        return (int)i;
        return -1;
}

/* In the order of the later table; columns that went follow. */
static bool columns_match(struct sheet *s, const char *kind, const json_t *before, const json_t *after)
{
        const json_t *old = json_object_get(before, kind), *new = json_object_get(after, kind);
        bool taken[COLUMNS_MAX] = {false}, ok = true;

        for (size_t i = 0; ok && i < json_array_size(new); i++) {
                const char *head = head_of(json_array_get(new, i));
                int at = place_of(old, head, taken);
                /* A lone output is the same column whatever it is called. */
                if (at < 0 && strcmp(kind, "outputs") == 0 && json_array_size(old) == 1 && json_array_size(new) == 1)
                        at = 0;
                if (at >= 0)
                        taken[at] = true;
                ok = column_add(s, kind, head, at, (int)i);
        }
        for (size_t i = 0; ok && i < json_array_size(old) && i < COLUMNS_MAX; i++)
                if (!taken[i])
                        ok = column_add(s, kind, head_of(json_array_get(old, i)), (int)i, -1);
        return ok;
}

static const char *cell(const json_t *rules, size_t row, const char *kind, int at)
{
        const char *text;

        if (at < 0)
                return "";
        text = json_string_value(json_array_get(json_object_get(json_array_get(rules, row), kind), (size_t)at));
        return text == NULL ? "" : text;
}

static bool cell_same(const struct sheet *s, size_t i, size_t j, const struct column *c)
{
        return strcmp(cell(s->before, i, c->kind, c->before), cell(s->after, j, c->kind, c->after)) == 0;
}

/* --- rows ----------------------------------------------------------------------------------------------------------------------------- */

/* Same in every column that both tables have; a column of one table alone does not speak against it. */
static bool row_same(const struct sheet *s, size_t i, size_t j)
{
        for (size_t c = 0; c < s->column_count; c++)
                if (s->columns[c].before >= 0 && s->columns[c].after >= 0 && !cell_same(s, i, j, &s->columns[c]))
                        return false;
        return true;
}

static void pair(struct sheet *s, size_t i, size_t j)
{
        s->to_after[i] = (int)j;
        s->to_before[j] = (int)i;
}

/* The longest common subsequence; lengths[i][j] of the rests from i and j on. */
static int rows_in_order(struct sheet *s, struct error *err)
{
        size_t width = s->m + 1;
        uint16_t *lengths = calloc((s->n + 1) * width, sizeof *lengths);

        if (lengths == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = s->n; i-- > 0;)
                for (size_t j = s->m; j-- > 0;) {
                        uint16_t down = lengths[(i + 1) * width + j], right = lengths[i * width + j + 1];
                        lengths[i * width + j] = row_same(s, i, j) ? (uint16_t)(lengths[(i + 1) * width + j + 1] + 1)
                                                 : down > right    ? down
                                                                   : right;
                }
        for (size_t i = 0, j = 0; i < s->n && j < s->m;) {
                if (row_same(s, i, j))
                        pair(s, i++, j++);
                else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1])
                        i++;
                else
                        j++;
        }
        free(lengths);
        return 0;
}

static void rows_moved(struct sheet *s)
{
        for (size_t i = 0; i < s->n; i++)
                for (size_t j = 0; s->to_after[i] < 0 && j < s->m; j++)
                        if (s->to_before[j] < 0 && row_same(s, i, j)) {
                                pair(s, i, j);
                                s->moved[j] = true;
                        }
}

/* How much speaks for two rows being one that was changed; 0: nothing. */
static int likeness(const struct sheet *s, size_t i, size_t j)
{
        const char *before = json_text(json_array_get(s->before, i), "id"),
                   *after = json_text(json_array_get(s->after, j), "id");
        int shared = 0, same = 0, conditions = 0, conditions_same = 0;

        for (size_t c = 0; c < s->column_count; c++) {
                const struct column *k = &s->columns[c];
                if (k->before < 0 || k->after < 0)
                        continue;
                bool equal = cell_same(s, i, j, k);
                shared++;
                same += equal;
                conditions += strcmp(k->kind, "inputs") == 0;
                conditions_same += strcmp(k->kind, "inputs") == 0 && equal;
        }
        if (before[0] != '\0' && strcmp(before, after) == 0)
                return LIKENESS_ID + same;
        if (conditions > 0 && conditions == conditions_same)
                return LIKENESS_CONDITIONS + same;
        return 2 * same >= shared && same > 0 ? same : 0;
}

struct match {
        int score;
        uint16_t i, j;
};

/* The best pair first; of equal ones the first. */
static int by_score(const void *a, const void *b)
{
        const struct match *x = a, *y = b;

        if (x->score != y->score)
                return x->score > y->score ? -1 : 1;
        return x->i != y->i ? (x->i < y->i ? -1 : 1) : (x->j > y->j) - (x->j < y->j);
}

static size_t left_over(const int *paired, size_t n)
{
        size_t count = 0;

        for (size_t i = 0; i < n; i++)
                count += paired[i] < 0;
        return count;
}

/* Every pair is looked at once. Where very many rows are left, only the same id or the same conditions make a pair, the first
 * that fits; half of the cells would ask for a list of all. */
static int rows_changed(struct sheet *s, struct error *err)
{
        size_t pairs = left_over(s->to_after, s->n) * left_over(s->to_before, s->m), count = 0;
        struct match *list = pairs > 0 && pairs <= PAIRS_MAX ? calloc(pairs, sizeof *list) : NULL;

        if (pairs == 0)
                return 0;
        if (list == NULL && pairs <= PAIRS_MAX)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < s->n; i++)
                for (size_t j = 0; s->to_after[i] < 0 && j < s->m; j++) {
                        int score = s->to_before[j] < 0 ? likeness(s, i, j) : 0;
                        if (list != NULL && score > 0)
                                list[count++] = (struct match){score, (uint16_t)i, (uint16_t)j};
                        else if (score >= LIKENESS_CONDITIONS)
                                pair(s, i, j);
                }
        if (count > 0)
                qsort(list, count, sizeof *list, by_score);
        for (size_t k = 0; k < count; k++)
                if (s->to_after[list[k].i] < 0 && s->to_before[list[k].j] < 0)
                        pair(s, list[k].i, list[k].j);
        free(list);
        return 0;
}

/* A changed row between other neighbours than before has moved as well. */
static void changed_moved(struct sheet *s)
{
        for (size_t j = 0; j < s->m; j++) {
                int i = s->to_before[j];
                if (i < 0 || s->moved[j] || row_same(s, (size_t)i, j))
                        continue;
                for (size_t k = 0; k < s->m && !s->moved[j]; k++)
                        if (k != j && s->to_before[k] >= 0 && !s->moved[k] && row_same(s, (size_t)s->to_before[k], k))
                                s->moved[j] = (k < j) != (s->to_before[k] < i);
        }
}

/* --- answer ----------------------------------------------------------------------------------------------------------------------------- */

static json_t *row_json(const struct sheet *s, int i, int j, const char **state)
{
        json_t *o = json_object(), *cells = json_array();
        bool differs = false;

        for (size_t c = 0; c < s->column_count; c++) {
                const struct column *k = &s->columns[c];
                const char *before = i < 0 ? "" : cell(s->before, (size_t)i, k->kind, k->before);
                const char *after = j < 0 ? "" : cell(s->after, (size_t)j, k->kind, k->after);
                json_t *one = json_object();
                if (i >= 0 && k->before >= 0)
                        put_text(one, "before", before);
                if (j >= 0 && k->after >= 0)
                        put_text(one, "after", after);
                bool changed = i >= 0 && j >= 0 && ((k->before < 0) != (k->after < 0) || strcmp(before, after) != 0);
                put_bool(one, "changed", changed);
                differs = differs || changed;
                json_array_append_new(cells, one);
        }
        *state = i < 0 ? "added" : j < 0 ? "removed" : differs ? "changed" : s->moved[j] ? "moved" : "same";
        put_text(o, "state", *state);
        put_bool(o, "moved", i >= 0 && j >= 0 && s->moved[j]);
        put_value(o, "before", i < 0 ? json_null() : json_integer(i + 1));
        put_value(o, "after", j < 0 ? json_null() : json_integer(j + 1));
        put_value(o, "cells", cells);
        return o;
}

/* Rows as they stand now, each removed one behind the row that it stood behind. */
static json_t *rows_json(const struct sheet *s, json_t *counts)
{
        json_t *rows = json_array();
        const char *state;
        size_t j = 0;

        for (size_t i = 0; i <= s->n; i++) {
                size_t until = i < s->n && s->to_after[i] >= 0 && !s->moved[s->to_after[i]] ? (size_t)s->to_after[i] + 1 : j;
                if (i == s->n)
                        until = s->m;
                for (; j < until; j++) {
                        json_array_append_new(rows, row_json(s, s->to_before[j], (int)j, &state));
                        json_object_set_new(counts, state,
                                            json_integer(json_integer_value(json_object_get(counts, state)) + 1));
                }
                if (i < s->n && s->to_after[i] < 0) {
                        json_array_append_new(rows, row_json(s, (int)i, -1, &state));
                        json_object_set_new(counts, state,
                                            json_integer(json_integer_value(json_object_get(counts, state)) + 1));
                }
        }
        return rows;
}

static json_t *columns_json(const struct sheet *s)
{
        json_t *columns = json_array();

        for (size_t c = 0; c < s->column_count; c++) {
                const struct column *k = &s->columns[c];
                json_array_append_new(columns, json_pack("{s:s,s:s,s:s}", "kind", k->kind, "head", k->head, "state",
                                                         k->before < 0  ? "added"
                                                         : k->after < 0 ? "removed"
                                                                        : "same"));
        }
        return columns;
}

static int sheet_match(struct sheet *s, struct error *err)
{
        s->to_after = calloc(s->n + 1, sizeof *s->to_after);
        s->to_before = calloc(s->m + 1, sizeof *s->to_before);
        s->moved = calloc(s->m + 1, sizeof *s->moved);
        if (s->to_after == NULL || s->to_before == NULL || s->moved == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < s->n; i++)
                s->to_after[i] = -1;
        for (size_t j = 0; j < s->m; j++)
                s->to_before[j] = -1;
        int rc = rows_in_order(s, err);
        if (rc == 0) {
                rows_moved(s);
                rc = rows_changed(s, err);
        }
        if (rc == 0)
                changed_moved(s);
        return rc;
}

int table_compare(json_t **out, const json_t *before, const json_t *after, struct error *err)
{
        struct sheet s = {.before = json_object_get(before, "rules"), .after = json_object_get(after, "rules")};
        json_t *counts = json_object();

        s.n = json_array_size(s.before);
        s.m = json_array_size(s.after);
        int rc = s.n > ROWS_MAX || s.m > ROWS_MAX ? error_raise(err, SB_LIMIT, "%s|%d", "rows of a table", ROWS_MAX) : 0;
        if (rc == 0 && (!columns_match(&s, "inputs", before, after) || !columns_match(&s, "outputs", before, after) ||
                        !columns_match(&s, "annotations", before, after)))
                rc = error_raise(err, SB_LIMIT, "%s|%d", "columns of a table", COLUMNS_MAX);
        if (rc == 0)
                rc = sheet_match(&s, err);
        if (rc == 0) {
                json_t *o = json_object();
                put_text(o, "hit_before", json_text(before, "hit"));
                put_text(o, "hit_after", json_text(after, "hit"));
                put_value(o, "columns", columns_json(&s));
                put_value(o, "rows", rows_json(&s, counts));
                put_value(o, "counts", json_incref(counts));
                *out = o;
        }
        free(s.to_after);
        free(s.to_before);
        free(s.moved);
        json_decref(counts);
        return rc;
}
