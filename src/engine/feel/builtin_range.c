/* SPDX-License-Identifier: Apache-2.0
 *
 * How points and ranges lie to each other (DMN 1.5, 10.3.4.8, after Allen's interval algebra), and range().
 * A point is treated as the range that holds it alone where the specification says so.
 */
#include "engine/feel/builtin.h"

#include "engine/feel/compile.h"

struct span {
        struct feel_value start, end;
        bool from, to; /* the ends belong to it */
        bool point;
};

static bool span_of(const struct feel_value *v, struct span *s)
{
        if (v->kind != FEEL_RANGE) {
                *s = (struct span){*v, *v, true, true, true};
                return true;
        }
        const struct feel_range *r = v->range;
        *s = (struct span){r->low, r->op == RANGE_EQUAL ? r->low : r->high, r->low_closed, r->high_closed, false};
        return r->op != RANGE_NOT_EQUAL;
}

/* A missing end lies beyond everything: −1 or 1 without a comparison. */
static bool order_of(const struct feel_value *x, int x_open, const struct feel_value *y, int y_open, int *order)
{
        if (x->kind == FEEL_NULL || y->kind == FEEL_NULL) {
                int a = x->kind == FEEL_NULL ? x_open : 0, b = y->kind == FEEL_NULL ? y_open : 0;
                *order = (a > b) - (a < b);
                return true;
        }
        return feel_compare(x, y, order);
}

/* The orders of all ends; false when they cannot be compared. */
struct lie {
        struct span a, b;
        int ss, se, es, ee; /* a.start to b.start, a.start to b.end, a.end to b.start, a.end to b.end */
};

static bool lie_of(const struct feel_value *x, const struct feel_value *y, struct lie *l)
{
        return span_of(x, &l->a) && span_of(y, &l->b) && order_of(&l->a.start, -1, &l->b.start, -1, &l->ss) &&
               order_of(&l->a.start, -1, &l->b.end, 1, &l->se) && order_of(&l->a.end, 1, &l->b.start, -1, &l->es) &&
               order_of(&l->a.end, 1, &l->b.end, 1, &l->ee);
}

static bool is_before(const struct lie *l)
{
        return l->es < 0 || (l->es == 0 && !(l->a.to && l->b.from));
}

static bool is_after(const struct lie *l)
{
        return l->se > 0 || (l->se == 0 && !(l->a.from && l->b.to));
}

static bool is_meets(const struct lie *l)
{
        return l->es == 0 && l->a.to && l->b.from;
}

static bool is_met_by(const struct lie *l)
{
        return l->se == 0 && l->a.from && l->b.to;
}

static bool is_overlaps(const struct lie *l)
{
        return (l->es > 0 || is_meets(l)) && (l->se < 0 || is_met_by(l));
}

static bool starts_earlier(const struct lie *l)
{
        return l->ss < 0 || (l->ss == 0 && l->a.from && !l->b.from);
}

static bool is_overlaps_before(const struct lie *l)
{
        return starts_earlier(l) && (l->es > 0 || is_meets(l)) && (l->ee < 0 || (l->ee == 0 && (!l->a.to || l->b.to)));
}

static bool is_finishes(const struct lie *l)
{
        if (l->a.point)
                return l->b.to && l->ee == 0;
        return l->ee == 0 && l->a.to == l->b.to && (l->ss > 0 || (l->ss == 0 && (!l->a.from || l->b.from)));
}

static bool is_starts(const struct lie *l)
{
        if (l->a.point)
                return l->b.from && l->ss == 0;
        return l->ss == 0 && l->a.from == l->b.from && (l->ee < 0 || (l->ee == 0 && (!l->a.to || l->b.to)));
}

static bool is_during(const struct lie *l)
{
        return (l->ss > 0 || (l->ss == 0 && (!l->a.from || l->b.from))) && (l->ee < 0 || (l->ee == 0 && (!l->a.to || l->b.to)));
}

static bool is_coincides(const struct lie *l)
{
        return l->ss == 0 && l->ee == 0 && l->a.from == l->b.from && l->a.to == l->b.to;
}

/* Which arguments may be points: 1 the first, 2 the second, 4 both at once. */
static int relation(struct feel_machine *m, const struct feel_builtin *f, const struct feel_value *a, int points, bool turned,
                    bool (*holds)(const struct lie *), struct feel_value *out)
{
        bool first = a[0].kind != FEEL_RANGE, second = a[1].kind != FEEL_RANGE;
        struct lie l;

        if ((first && second && (points & 4) == 0) || (first && !second && (points & 1) == 0) ||
            (second && !first && (points & 2) == 0))
                return builtin_bad(m, f, out);
        if (!(turned ? lie_of(&a[1], &a[0], &l) : lie_of(&a[0], &a[1], &l)))
                return builtin_bad(m, f, out);
        return give(out, feel_bool(holds(&l)));
}

#define RELATION(id, points, turned, holds)                                                                                    \
        BUILTIN(id)                                                                                                            \
        {                                                                                                                      \
                UNUSED_ARGUMENTS;                                                                                              \
                return relation(m, f, a, points, turned, holds, out);                                                          \
        }
RELATION(before, 7, false, is_before)
RELATION(after, 7, false, is_after)
RELATION(meets, 0, false, is_meets)
RELATION(met_by, 0, false, is_met_by)
RELATION(overlaps, 0, false, is_overlaps)
RELATION(overlaps_before, 0, false, is_overlaps_before)
RELATION(overlaps_after, 0, true, is_overlaps_before)
RELATION(finishes, 1, false, is_finishes)
RELATION(finished_by, 2, true, is_finishes)
RELATION(includes, 2, true, is_during)
RELATION(during, 1, false, is_during)
RELATION(starts, 1, false, is_starts)
RELATION(started_by, 2, true, is_starts)
RELATION(coincides, 4, false, is_coincides)

/* An end of a range in a text: a literal, or a constructor of a date, time or duration from a text. */
static bool end_is_literal(struct compiler *c)
{
        static const char *const MAKERS[] = {"date and time", "date", "time", "duration"};
        struct decimal d;
        struct str s;
        size_t n;

        lex_skip(c);
        if (lex_take(c, "-"))
                lex_skip(c);
        size_t digit = c->at < c->text.n && c->text.p[c->at] == '.' ? c->at + 1 : c->at; /* .5 */
        if (digit < c->text.n && c->text.p[digit] >= '0' && c->text.p[digit] <= '9')
                return lex_number(c, &d);
        bool called = false;
        for (size_t i = 0; i < 4 && !called; i++)
                if ((n = lex_spells(c, c->at, MAKERS[i])) > 0) {
                        c->at += n;
                        called = lex_take(c, "(");
                }
        if (!called)
                lex_take(c, "@");
        lex_skip(c);
        return c->at < c->text.n && c->text.p[c->at] == '"' && lex_string(c, &s) && (!called || lex_take(c, ")"));
}

static bool literal_range(struct compiler *c)
{
        lex_skip(c);
        if (c->at >= c->text.n || (c->text.p[c->at] != '[' && c->text.p[c->at] != '(' && c->text.p[c->at] != ']'))
                return false;
        c->at++;
        if (!end_is_literal(c) || !lex_take(c, "..") || !end_is_literal(c))
                return false;
        return lex_take(c, "]") || lex_take(c, ")") || lex_take(c, "[");
}

BUILTIN(range)
{
        struct compiler c;
        const struct feel_node *node = NULL;
        struct error ignored = {0};
        int order;

        UNUSED_ARGUMENTS;
        compiler_init(&c, m->arena, &ignored);
        c.zones = m->zones;
        c.closed = true;
        c.text = a[0].string;
        bool ok = literal_range(&c) && (lex_skip(&c), c.at == c.text.n) &&
                  compiler_text(&c, a[0].string, FEEL_EXPRESSION, &node) == 0;
        compiler_dispose(&c);
        ok = ok && node->op == OP_CONST && node->value.kind == FEEL_RANGE &&
             feel_compare(&node->value.range->low, &node->value.range->high, &order) && order <= 0;
        return ok ? give(out, node->value) : builtin_bad(m, f, out);
}
