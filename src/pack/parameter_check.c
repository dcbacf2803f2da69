/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks over the merged figures: gaps, overlaps, and limits of an ancestor that a pack may not
 * loosen. Only what a pack's own rows bring about is told; the rest was told of its parent.
 */
#include "pack/pack_internal.h"

#include <stdio.h>
#include <string.h>

#define FRACTION 9 /* decimals that are compared */

/* A decimal as a whole number of 10^-9; it passed value_fits. */
static wide_t decimal_value(const char *text)
{
        wide_t value = 0;
        int decimals = -1;
        bool negative = text[0] == '-';
        for (const char *c = text + negative; *c != '\0' && decimals < FRACTION; c++) {
                if (*c == '.') {
                        decimals = 0;
                        continue;
                }
                value = value * 10 + (*c - '0');
                decimals += decimals >= 0;
        }
        for (decimals = decimals < 0 ? 0 : decimals; decimals < FRACTION; decimals++)
                value *= 10;
        return negative ? -value : value;
}

/* Limits in different units are compared only where the calendar leaves no doubt: n working days last at least n days, but nobody
 * knows how long at most; a month has 28 to 31 days. */
static bool loosens_time(const struct parameter *own, const struct parameter *parent)
{
        static const struct {
                const char *unit;
                int shortest, longest; /* in days; 0 unknown */
        } times[] = {{"working_days", 1, 0}, {"days", 1, 1}, {"months", 28, 31}};
        wide_t longest = 0, shortest = 0;

        for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
                if (strcmp(times[i].unit, own->unit) == 0)
                        longest = decimal_value(own->value) * times[i].longest;
                if (strcmp(times[i].unit, parent->unit) == 0)
                        shortest = decimal_value(parent->value) * times[i].shortest;
        }
        return longest == 0 || longest > shortest;
}

static bool loosens(const struct key *k, const struct parameter *own_row, const struct parameter *parent_row)
{
        const char *own = own_row->value, *parent = parent_row->value;

        if (strcmp(own_row->unit, parent_row->unit) != 0)
                return k->limit != LIMIT_MAX || loosens_time(own_row, parent_row);
        if (k->unit->kind != UNIT_NUMBER && k->unit->kind != UNIT_WHOLE)
                return strcmp(own, parent) != 0;
        wide_t a = decimal_value(own), b = decimal_value(parent);
        switch (k->limit) {
        case LIMIT_NONE:
                return false;
        case LIMIT_MAX:
                return a > b;
        case LIMIT_MIN:
                return a < b;
        case LIMIT_FIXED:
                return a != b;
        }
        return false;
}

/* Rows a and b speak of a common case: equal dimensions, or a star where they differ. */
static bool meet(const char *a, const char *b)
{
        for (;;) {
                size_t n = strcspn(a, "=;"), m = strcspn(b, "=;");
                bool star = (n == 1 && *a == '*') || (m == 1 && *b == '*');
                if (!star && (n != m || memcmp(a, b, n) != 0))
                        return false;
                a += n;
                b += m;
                if (*a == '\0' || *b == '\0')
                        return *a == *b;
                a++;
                b++;
        }
}

static void limit_check(const struct pack *p, const struct row *r, struct faults *f)
{
        const struct parameter *above;
        size_t n = p->parent == NULL || r->key->limit == LIMIT_NONE ? 0 : pack_parameters(p->parent, r->p.key, &above);
        for (size_t i = 0; i < n; i++) {
                const struct parameter *a = &above[i];
                if (a->valid_from >= r->p.valid_to || r->p.valid_from >= a->valid_to || !meet(a->dims, r->p.dims) ||
                    a->value[0] == '\0')
                        continue;
                if (r->p.value[0] == '\0' || loosens(r->key, &r->p, a)) {
                        faults_tell(f, FAULT, p, r->file, r->line, SB_PACK_LIMIT, "%s|%s|%s|%s", r->p.key, r->p.value, a->pack,
                                    a->value);
                        return;
                }
        }
}

static void neighbours_check(const struct pack *p, const struct row *a, const struct row *b, struct faults *f)
{
        const struct row *told = b->owner == p ? b : a; /* at the line that this pack can correct */
        const struct row *other = told == b ? a : b;
        char from[16], to[16], place[300];
        const char *dims = b->p.dims[0] == '\0' ? "-" : b->p.dims;
        day_text(b->p.valid_from, to);
        if (a->p.valid_to > b->p.valid_from) {
                text_format(place, sizeof place, "%s/%s:%zu", other->owner->name, other->file, other->line);
                faults_tell(f, FAULT, p, told->file, told->line, SB_PARAMETER_OVERLAP, "%s|%s|%s|%s", b->p.key, dims, to,
                            place);
        } else if (a->p.valid_to < b->p.valid_from && !b->key->gaps) {
                faults_tell(f, FAULT, p, told->file, told->line, SB_PARAMETER_GAP, "%s|%s|%s|%s", b->p.key, dims,
                            day_text(a->p.valid_to, from), to);
        }
}

int parameters_check(struct pack *p, struct faults *f, struct error *err)
{
        (void)err;
        for (size_t i = 0; i < p->row_count; i++) {
                const struct row *r = &p->rows[i], *next = r + 1;
                if (r->owner == p)
                        limit_check(p, r, f);
                if (i + 1 < p->row_count && strcmp(r->p.key, next->p.key) == 0 && strcmp(r->p.dims, next->p.dims) == 0 &&
                    (r->owner == p || next->owner == p))
                        neighbours_check(p, r, next, f);
        }
        return 0;
}
