/* SPDX-License-Identifier: Apache-2.0
 *
 * Decision tables. The values that the tests of a column name cut its domain into atoms: each value and each interval between two
 * (or each text and "any other"). A rule is a box of atoms, so overlaps, gaps and rules that never apply are exact.
 */
#include "engine/check/internal.h"

#include <stdlib.h>
#include <string.h>

/* Bounds of the work on one table: rules looked at, rules, values that a column names, and rules × values. */
#define STEPS_MAX 20000000
#define RULES_MAX 4000
#define POINTS_MAX 2000
#define MARKS_MAX 100000

enum domain { DOMAIN_UNKNOWN, DOMAIN_ORDERED, DOMAIN_TEXT, DOMAIN_TRUTH };
enum member { OUT, IN, UNTOLD };

struct column {
        enum domain domain;
        struct feel_value *points;
        size_t point_count, atom_count;
        bool ordered;  /* a test asks what is less or more */
        bool *allowed; /* per atom */
};
struct cell {
        bool known;
        bool *atoms;
};
struct grid {
        struct place *place;
        const struct xml_node *table;
        struct column *columns;
        struct cell *cells; /* rule × column */
        const struct feel_node **tests;
        size_t column_count, rule_count;
        long steps;
        bool hopeful; /* what cannot be told is taken to match */
        struct feel_machine machine;
};

static void *room(struct grid *g, size_t count, size_t size)
{
        void *p = arena_array(g->place->model->arena, count + 1, size);

        g->place->model->broken = g->place->model->broken || p == NULL;
        return p;
}

/* --- atoms ------------------------------------------------------------------------------------------------------------- */

/* No names but those of built-in functions that are called: the value is the same each time. */
static bool constant(const struct feel_node *n, bool called)
{
        if (n == NULL)
                return true;
        if (n->op == OP_QUESTION)
                return false;
        if (n->op == OP_DYNAMIC)
                return called && builtin_find(str_from(n->name)) != NULL;
        if (n->op == OP_PATH || n->op == OP_FUNCTION || n->op == OP_FOR || n->op == OP_SOME || n->op == OP_EVERY ||
            n->op == OP_FILTER || n->op == OP_CONTEXT)
                return false;
        for (uint32_t i = 0; i < n->count; i++)
                if (!constant(n->children[i], n->op == OP_CALL && i == 0))
                        return false;
        return true;
}

static bool value_of(struct grid *g, const struct feel_node *n, struct feel_value *out)
{
        return n->op != OP_TESTS && n->op != OP_NOT_TESTS && n->op != OP_TEST_ANY && constant(n, false) &&
               feel_eval(&g->machine, n, NULL, out) == 0 &&
               (out->kind == FEEL_BOOLEAN || out->kind == FEEL_NUMBER || out->kind == FEEL_STRING ||
                (out->kind >= FEEL_DATE && out->kind <= FEEL_MONTHS));
}

static bool point_add(struct column *c, const struct feel_value *v)
{
        bool equal;

        for (size_t i = 0; i < c->point_count; i++)
                if (c->points[i].kind == v->kind && feel_equal(&c->points[i], v, &equal) && equal)
                        return true;
        if (c->point_count == POINTS_MAX)
                return false;
        c->points[c->point_count++] = *v;
        return true;
}

static bool asks_order(const struct feel_node *n)
{
        return n->op == OP_RANGE || (n->op >= OP_LESS && n->op <= OP_GREATER_EQUAL) ||
               (n->op == OP_UNARY_RANGE && n->range_op != RANGE_EQUAL && n->range_op != RANGE_NOT_EQUAL);
}

/* Every constant that a test compares with. */
static bool points_collect(struct grid *g, struct column *c, const struct feel_node *n)
{
        struct feel_value v;

        if (n == NULL || n->op == OP_TEST_ANY || n->op == OP_QUESTION)
                return true;
        if (value_of(g, n, &v))
                return point_add(c, &v);
        c->ordered = c->ordered || asks_order(n);
        for (uint32_t i = n->op == OP_CALL; i < n->count; i++)
                if (!points_collect(g, c, n->children[i]))
                        return false;
        return true;
}

static int by_order(const void *a, const void *b)
{
        int order = 0;

        (void)feel_compare(a, b, &order);
        return order;
}

/* Nothing lies between a day or month and the next. */
static bool adjacent(const struct feel_value *a, const struct feel_value *b)
{
        return a->kind == FEEL_DATE ? b->moment.day - a->moment.day == 1 : a->kind == FEEL_MONTHS && b->months - a->months == 1;
}

static void column_close(struct grid *g, struct column *c, const struct type *type)
{
        enum feel_kind kind = c->point_count == 0 ? FEEL_NULL : c->points[0].kind;

        for (size_t i = 1; i < c->point_count; i++)
                if (c->points[i].kind != kind)
                        return; /* values of two kinds: no domain */
        if (type->kind == KIND_BOOLEAN && kind != FEEL_BOOLEAN && kind != FEEL_NULL)
                return;
        if (type->kind == KIND_BOOLEAN || kind == FEEL_BOOLEAN) {
                c->domain = DOMAIN_TRUTH;
                c->atom_count = 2;
        } else if ((kind == FEEL_STRING && !c->ordered) || (kind == FEEL_NULL && type->kind == KIND_STRING)) {
                c->domain = DOMAIN_TEXT;
                c->atom_count = c->point_count + 1;
        } else {
                c->domain = DOMAIN_ORDERED;
                qsort(c->points, c->point_count, sizeof *c->points, by_order);
                c->atom_count = 2 * c->point_count + 1;
        }
        if ((c->allowed = room(g, c->atom_count, sizeof *c->allowed)) != NULL)
                memset(c->allowed, 1, c->atom_count * sizeof *c->allowed);
        for (size_t i = 1; c->allowed != NULL && c->domain == DOMAIN_ORDERED && i < c->point_count; i++)
                c->allowed[2 * i] = !adjacent(&c->points[i - 1], &c->points[i]);
}

/* Where an atom lies by a value of the column: below, at, above. */
static int atom_order(const struct column *c, size_t atom, const struct feel_value *v)
{
        bool equal;

        if (c->domain == DOMAIN_TRUTH)
                return (atom == 1) == v->boolean ? 0 : 1;
        for (size_t i = 0; i < c->point_count; i++)
                if (feel_equal(&c->points[i], v, &equal) && equal) {
                        size_t at = c->domain == DOMAIN_TEXT ? i : 2 * i + 1;
                        return atom == at ? 0 : atom < at ? -1 : 1;
                }
        return 1;
}

static bool is_question(const struct feel_node *n)
{
        return n->op == OP_QUESTION;
}

static enum member of_order(enum feel_op op, int order)
{
        bool in = op == OP_EQUAL        ? order == 0
                  : op == OP_NOT_EQUAL  ? order != 0
                  : op == OP_LESS       ? order < 0
                  : op == OP_LESS_EQUAL ? order <= 0
                  : op == OP_GREATER    ? order > 0
                                        : order >= 0;
        return in ? IN : OUT;
}

static enum member any_of(enum member a, enum member b)
{
        return a == IN || b == IN ? IN : a == UNTOLD || b == UNTOLD ? UNTOLD : OUT;
}

static enum member all_of(enum member a, enum member b)
{
        return a == OUT || b == OUT ? OUT : a == UNTOLD || b == UNTOLD ? UNTOLD : IN;
}

static enum member range_member(struct grid *g, const struct column *c, size_t atom, const struct feel_node *n)
{
        struct feel_value v;
        enum member low = IN, high = IN;

        if (n->children[0] != NULL)
                low = !value_of(g, n->children[0], &v)
                          ? UNTOLD
                          : of_order(n->low_closed ? OP_GREATER_EQUAL : OP_GREATER, atom_order(c, atom, &v));
        if (n->children[1] != NULL)
                high = !value_of(g, n->children[1], &v)
                           ? UNTOLD
                           : of_order(n->high_closed ? OP_LESS_EQUAL : OP_LESS, atom_order(c, atom, &v));
        return all_of(low, high);
}

static enum member member(struct grid *g, const struct column *c, size_t atom, const struct feel_node *n)
{
        static const enum feel_op SIGNS[] = {[RANGE_LESS] = OP_LESS,       [RANGE_LESS_EQUAL] = OP_LESS_EQUAL,
                                             [RANGE_GREATER] = OP_GREATER, [RANGE_GREATER_EQUAL] = OP_GREATER_EQUAL,
                                             [RANGE_EQUAL] = OP_EQUAL,     [RANGE_NOT_EQUAL] = OP_NOT_EQUAL};
        struct feel_value v;
        enum member m = OUT;

        if (n->op == OP_TEST_ANY)
                return IN;
        if (value_of(g, n, &v))
                return of_order(OP_EQUAL, atom_order(c, atom, &v));
        switch (n->op) {
        case OP_EQUAL:
        case OP_NOT_EQUAL:
        case OP_LESS:
        case OP_LESS_EQUAL:
        case OP_GREATER:
        case OP_GREATER_EQUAL:
                return is_question(n->children[0]) && value_of(g, n->children[1], &v) ? of_order(n->op, atom_order(c, atom, &v))
                                                                                      : UNTOLD;
        case OP_RANGE:
                return range_member(g, c, atom, n);
        case OP_UNARY_RANGE:
                return value_of(g, n->children[0], &v) ? of_order(SIGNS[n->range_op], atom_order(c, atom, &v)) : UNTOLD;
        case OP_AND:
                return all_of(member(g, c, atom, n->children[0]), member(g, c, atom, n->children[1]));
        case OP_OR:
                return any_of(member(g, c, atom, n->children[0]), member(g, c, atom, n->children[1]));
        case OP_LIST:
        case OP_TESTS:
        case OP_NOT_TESTS:
                for (uint32_t i = 0; i < n->count; i++)
                        m = any_of(m, member(g, c, atom, n->children[i]));
                return n->op != OP_NOT_TESTS || m == UNTOLD ? m : m == IN ? OUT : IN;
        default:
                return UNTOLD;
        }
}

static void cell_fill(struct grid *g, struct cell *cell, const struct column *c, const struct feel_node *n)
{
        cell->known = n == NULL || n->op == OP_TEST_ANY;
        if (c->domain == DOMAIN_UNKNOWN || (cell->atoms = room(g, c->atom_count, sizeof *cell->atoms)) == NULL)
                return;
        cell->known = true;
        for (size_t a = 0; a < c->atom_count; a++) {
                enum member m = n == NULL ? IN : member(g, c, a, n);
                cell->known = cell->known && m != UNTOLD;
                cell->atoms[a] = m == IN;
        }
}

/* --- reading ------------------------------------------------------------------------------------------------------------ */

static const struct xml_node *allowed_of(const struct model *m, const struct xml_node *input)
{
        const struct xml_node *e = xml_child(input, "inputExpression"), *values = xml_child(input, "inputValues");
        const char *ref = e == NULL ? NULL : xml_attr(e, "typeRef");

        for (const struct xml_node *n = xml_child(m->root, "itemDefinition"); values == NULL && ref != NULL && n != NULL;
             n = xml_next(n, "itemDefinition"))
                if (xml_attr(n, "name") != NULL && strcmp(xml_attr(n, "name"), ref) == 0)
                        values = xml_child(n, "allowedValues");
        return values;
}

static void column_read(struct grid *g, size_t at, const struct xml_node *input, const struct type *type)
{
        struct column *c = &g->columns[at];
        const struct feel_node *allowed = compiled(g->place->model, allowed_of(g->place->model, input), FEEL_UNARY_TESTS);
        bool ok = (c->points = room(g, POINTS_MAX, sizeof *c->points)) != NULL && points_collect(g, c, allowed);

        for (size_t r = 0; ok && r < g->rule_count; r++)
                ok = points_collect(g, c, g->tests[r * g->column_count + at]);
        if (!ok || g->rule_count * c->point_count > MARKS_MAX)
                return;
        column_close(g, c, type);
        for (size_t a = 0; allowed != NULL && c->allowed != NULL && a < c->atom_count; a++)
                c->allowed[a] = c->allowed[a] && member(g, c, a, allowed) != OUT;
        for (size_t r = 0; r < g->rule_count && !g->place->model->broken; r++)
                cell_fill(g, &g->cells[r * g->column_count + at], c, g->tests[r * g->column_count + at]);
}

static bool grid_read(struct grid *g, const struct type *const *types)
{
        size_t r = 0, i;

        for (const struct xml_node *n = xml_child(g->table, "input"); n != NULL; n = xml_next(n, "input"))
                g->column_count++;
        for (const struct xml_node *n = xml_child(g->table, "rule"); n != NULL; n = xml_next(n, "rule"))
                g->rule_count++;
        if (g->column_count == 0 || g->rule_count == 0 || g->rule_count > RULES_MAX)
                return false;
        g->columns = room(g, g->column_count, sizeof *g->columns);
        g->tests = room(g, g->rule_count * g->column_count, sizeof *g->tests);
        g->cells = room(g, g->rule_count * g->column_count, sizeof *g->cells);
        if (g->place->model->broken)
                return false;
        for (const struct xml_node *n = xml_child(g->table, "rule"); n != NULL; n = xml_next(n, "rule"), r++) {
                i = 0;
                for (const struct xml_node *c = xml_child(n, "inputEntry"); c != NULL && i < g->column_count;
                     c = xml_next(c, "inputEntry"))
                        g->tests[r * g->column_count + i++] = compiled(g->place->model, c, FEEL_UNARY_TESTS);
        }
        i = 0;
        for (const struct xml_node *n = xml_child(g->table, "input"); n != NULL; n = xml_next(n, "input"), i++)
                column_read(g, i, n, types[i] == NULL ? &TYPE_ANY : types[i]);
        return !g->place->model->broken;
}

/* --- judging ------------------------------------------------------------------------------------------------------------ */

static const struct cell *cell_at(const struct grid *g, size_t rule, size_t column)
{
        return &g->cells[rule * g->column_count + column];
}

static bool matches(const struct grid *g, size_t rule, size_t column, size_t atom)
{
        const struct cell *c = cell_at(g, rule, column);

        return !c->known ? g->hopeful : c->atoms == NULL || c->atoms[atom];
}

static size_t atoms_of(const struct column *c)
{
        return c->domain == DOMAIN_UNKNOWN ? 1 : c->atom_count;
}

/* Whether some values, in the box of rule `inside` when there is one, are matched by none of the rules; they are the witness. */
static bool uncovered(struct grid *g, size_t column, const size_t *rules, size_t count, long inside, size_t *witness)
{
        const struct column *c = column < g->column_count ? &g->columns[column] : NULL;
        size_t *some = NULL, *before = NULL, before_count = 0;
        bool first = true;

        g->steps += (long)count + 1;
        if (g->steps > STEPS_MAX || c == NULL)
                return c == NULL && count == 0;
        some = calloc(count + 1, sizeof *some);
        before = calloc(count + 1, sizeof *before);
        bool hole = false;
        for (size_t a = 0; some != NULL && before != NULL && !hole && a < atoms_of(c); a++) {
                size_t n = 0;
                if (c->domain != DOMAIN_UNKNOWN && !c->allowed[a])
                        continue;
                if (inside >= 0 && cell_at(g, (size_t)inside, column)->known && !matches(g, (size_t)inside, column, a))
                        continue;
                for (size_t i = 0; i < count; i++)
                        if (matches(g, rules[i], column, a))
                                some[n++] = rules[i];
                if (!first && n == before_count && memcmp(some, before, n * sizeof *some) == 0)
                        continue; /* as the atom before */
                first = false;
                before_count = n;
                memcpy(before, some, n * sizeof *some);
                hole = uncovered(g, column + 1, some, n, inside, witness);
                if (hole)
                        witness[column] = a;
        }
        free(some);
        free(before);
        return hole;
}

static void atom_text(struct buf *b, const struct column *c, size_t atom)
{
        if (c->domain == DOMAIN_UNKNOWN || c->atom_count == 1) {
                buf_add_text(b, "any value");
        } else if (c->domain == DOMAIN_TRUTH) {
                buf_add_text(b, atom == 1 ? "true" : "false");
        } else if (c->domain == DOMAIN_TEXT) {
                if (atom == c->point_count)
                        buf_add_text(b, "any other text");
                else
                        feel_print(b, &c->points[atom]);
        } else if (atom % 2 == 1) {
                feel_print(b, &c->points[atom / 2]);
        } else {
                if (atom > 0) {
                        buf_add_text(b, "> ");
                        feel_print(b, &c->points[atom / 2 - 1]);
                }
                if (atom + 1 < c->atom_count) {
                        buf_add_text(b, atom > 0 ? " and < " : "< ");
                        feel_print(b, &c->points[atom / 2]);
                }
        }
}

static const char *witness_text(const struct grid *g, const size_t *witness, struct buf *b)
{
        const struct xml_node *input = xml_child(g->table, "input");

        for (size_t i = 0; i < g->column_count; i++, input = xml_next(input, "input")) {
                const struct xml_node *text = xml_child(xml_child(input, "inputExpression"), "text");
                const char *label = xml_attr(input, "label");
                struct str name = str_trim(str_from(label != NULL ? label : text == NULL ? "?" : text->text));
                buf_add_format(b, "%s%.*s: ", i == 0 ? "" : "; ", (int)(name.n > 60 ? 60 : name.n), name.p);
                atom_text(b, &g->columns[i], witness[i]);
        }
        return buf_text(b);
}

static void gap_check(struct grid *g)
{
        const struct xml_node *output = xml_child(g->table, "output");
        size_t *all = room(g, g->rule_count, sizeof *all), *witness = room(g, g->column_count, sizeof *witness);
        struct buf text;
        bool hole;

        if (all == NULL || witness == NULL || (output != NULL && xml_child(output, "defaultOutputEntry") != NULL))
                return;
        for (size_t i = 0; i < g->rule_count; i++)
                all[i] = i;
        buf_init(&text, 300);
        g->hopeful = true;
        g->steps = 0;
        hole = uncovered(g, 0, all, g->rule_count, -1, witness);
        if (hole) {
                found(g->place, CHECK_WARNING, SB_RULE_GAP, "%s", witness_text(g, witness, &text));
        } else {
                g->hopeful = false;
                hole = g->steps > STEPS_MAX || uncovered(g, 0, all, g->rule_count, -1, witness);
                if (hole)
                        found(g->place, CHECK_NOTE, SB_RULE_UNTOLD, "%s",
                              ERROR_BOTH("whether some rule always applies", "是否总有规则适用"));
        }
        g->hopeful = false;
        buf_dispose(&text);
}

/* Two rules on a common value: OUT never, IN certainly, UNTOLD perhaps; the witness of the common values. */
static enum member meet(const struct grid *g, size_t a, size_t b, size_t *witness)
{
        enum member m = IN;

        for (size_t i = 0; i < g->column_count; i++) {
                const struct cell *x = cell_at(g, a, i), *y = cell_at(g, b, i);
                const struct column *c = &g->columns[i];
                size_t at = 0;
                if (!x->known || !y->known || c->domain == DOMAIN_UNKNOWN) {
                        m = x->known && y->known ? m : UNTOLD;
                        continue;
                }
                while (at < c->atom_count && !(x->atoms[at] && y->atoms[at] && c->allowed[at]))
                        at++;
                if (at == c->atom_count)
                        return OUT;
                witness[i] = at;
        }
        return m;
}

static const struct xml_node *rule_at(const struct grid *g, size_t k)
{
        const struct xml_node *n = xml_child(g->table, "rule");

        while (n != NULL && k-- > 0)
                n = xml_next(n, "rule");
        return n;
}

/* The outputs of two rules as they are written. */
static bool same_outputs(const struct grid *g, size_t a, size_t b)
{
        const struct xml_node *x = xml_child(rule_at(g, a), "outputEntry"), *y = xml_child(rule_at(g, b), "outputEntry");

        for (; x != NULL && y != NULL; x = xml_next(x, "outputEntry"), y = xml_next(y, "outputEntry")) {
                const struct xml_node *s = xml_child(x, "text"), *t = xml_child(y, "text");
                if (s == NULL || t == NULL || !str_equal(str_trim(str_from(s->text)), str_trim(str_from(t->text))))
                        return false;
        }
        return x == y;
}

static void overlap_check(struct grid *g, bool any)
{
        size_t *witness = room(g, g->column_count, sizeof *witness);
        bool untold = false;
        struct buf text;

        for (size_t a = 0; witness != NULL && a < g->rule_count; a++)
                for (size_t b = a + 1; b < g->rule_count; b++) {
                        enum member m = meet(g, a, b, witness);
                        if (m == OUT || (any && same_outputs(g, a, b)))
                                continue;
                        untold = untold || m == UNTOLD;
                        if (m == UNTOLD)
                                continue;
                        buf_init(&text, 300);
                        g->place->node = rule_at(g, b);
                        found(g->place, CHECK_ERROR, SB_RULE_OVERLAP, "%zu|%zu|%s", a + 1, b + 1,
                              witness_text(g, witness, &text));
                        buf_dispose(&text);
                }
        g->place->node = g->table;
        if (untold)
                found(g->place, CHECK_NOTE, SB_RULE_UNTOLD, "%s",
                      ERROR_BOTH("whether two rules apply at once", "是否有两条规则同时适用"));
}

/* A rule whose tests nothing meets; with FIRST, also one whose values all meet an earlier rule. */
static void reach_check(struct grid *g, bool first)
{
        size_t *earlier = room(g, g->rule_count, sizeof *earlier), *witness = room(g, g->column_count, sizeof *witness);

        for (size_t r = 0; earlier != NULL && witness != NULL && r < g->rule_count; r++) {
                bool reached = uncovered(g, 0, earlier, first ? r : 0, (long)r, witness) || g->steps > STEPS_MAX;
                earlier[r] = r;
                g->place->node = rule_at(g, r);
                if (!reached)
                        found(g->place, CHECK_WARNING, SB_RULE_UNREACHABLE, "%zu", r + 1);
        }
        g->place->node = g->table;
}

/* A column in which every rule takes any value. */
static void column_check(struct grid *g)
{
        for (size_t i = 0; i < g->column_count; i++) {
                bool used = false;
                for (size_t r = 0; r < g->rule_count && !used; r++) {
                        const struct feel_node *n = g->tests[r * g->column_count + i];
                        used = n != NULL && n->op != OP_TEST_ANY;
                }
                if (!used)
                        found(g->place, CHECK_WARNING, SB_RULE_UNUSED,
                              ERROR_BOTH("input %zu of the table", "决策表第%zu个输入"), i + 1, i + 1);
        }
}

void table_check(struct place *p, const struct xml_node *table, const struct type *const *input_types)
{
        struct grid g = {.place = p, .table = table};
        const char *policy = xml_attr(table, "hitPolicy");
        struct error err = {0};

        if (p->model->report == NULL)
                return;
        feel_machine_init(&g.machine, p->model->arena, NULL, &err);
        if (!grid_read(&g, input_types)) {
                if (g.rule_count > RULES_MAX)
                        found(p, CHECK_NOTE, SB_RULE_UNTOLD, "%s",
                              ERROR_BOTH("of so many rules what they leave out", "规则过多时有何遗漏"));
                return;
        }
        bool unique = policy == NULL || strcmp(policy, "UNIQUE") == 0, any = policy != NULL && strcmp(policy, "ANY") == 0;
        bool first = policy != NULL && strcmp(policy, "FIRST") == 0;
        column_check(&g);
        reach_check(&g, first);
        if (unique || any)
                overlap_check(&g, any);
        if (unique || any || first || (policy != NULL && strcmp(policy, "PRIORITY") == 0))
                gap_check(&g);
}
