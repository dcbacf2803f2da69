/* SPDX-License-Identifier: Apache-2.0
 *
 * Random decision tables against a model of a few lines: what they answer under each hit policy, row by row and in columns, and
 * what the check says of them (gaps, overlaps, rules that never apply, inputs that do not matter) against every point.
 */
#include "base/rng.h"
#include "engine/check/check.h"
#include "engine/column/column.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#define INPUTS_MAX 3
#define RULES_MAX 6
#define ITEMS_MAX 3
#define POINTS_MAX 2500

/* Kinds of inputs. Values are whole numbers 0 … count − 1; between two numbers or texts that a test names there is always another,
 * so tests name odd ones only; of days and months there are no others. */
enum sort { NUMBER, TEXT, TRUTH, DAY, MONTHS, SORTS };
static const int COUNTS[SORTS] = {13, 9, 2, 7, 7};
static const char *const TYPES[SORTS] = {"number", "string", "boolean", "date", "years and months duration"};
static const char *const TEXTS[] = {"", "a", "am", "b", "bm", "c", "cm", "d", "dm"};

struct item { /* low … high, either end may be open to its side */
        bool has_low, has_high, low_closed, high_closed;
        int low, high;
};
struct cell {
        bool any, negated;
        int count;
        struct item items[ITEMS_MAX];
};
struct policy {
        const char *word, *aggregation;
};
enum { UNIQUE, ANY, FIRST, PRIORITY, RULE_ORDER, OUTPUT_ORDER, COLLECT, SUM, MIN, MAX, COUNT, POLICIES };
static const struct policy POLICY[POLICIES] = {
    {"UNIQUE", NULL},  {"ANY", NULL},      {"FIRST", NULL},    {"PRIORITY", NULL}, {"RULE ORDER", NULL}, {"OUTPUT ORDER", NULL},
    {"COLLECT", NULL}, {"COLLECT", "SUM"}, {"COLLECT", "MIN"}, {"COLLECT", "MAX"}, {"COLLECT", "COUNT"}};
struct sheet {
        int input_count, rule_count, output_count, policy;
        enum sort sorts[INPUTS_MAX];
        struct cell allowed[INPUTS_MAX]; /* any: all are */
        struct cell cells[RULES_MAX][INPUTS_MAX];
        int outputs[RULES_MAX][2], defaults[2]; /* −1: none */
        bool order;                             /* texts are ordered, not only told apart */
};

/* --- the model ------------------------------------------------------------------------------------------------------------- */

static bool cell_has(const struct cell *c, int v)
{
        bool in = false;

        for (int i = 0; i < c->count; i++) {
                const struct item *t = &c->items[i];
                in = in || ((!t->has_low || v > t->low || (v == t->low && t->low_closed)) &&
                            (!t->has_high || v < t->high || (v == t->high && t->high_closed)));
        }
        return c->any || in != c->negated;
}

static bool rule_has(const struct sheet *s, int rule, const int *point)
{
        bool yes = true;

        for (int i = 0; i < s->input_count; i++)
                yes = yes && cell_has(&s->cells[rule][i], point[i]);
        return yes;
}

static bool point_allowed(const struct sheet *s, const int *point)
{
        bool yes = true;

        for (int i = 0; i < s->input_count; i++)
                yes = yes && cell_has(&s->allowed[i], point[i]);
        return yes;
}

static bool point_next(const struct sheet *s, int *point)
{
        for (int i = 0; i < s->input_count; i++) {
                if (++point[i] < COUNTS[s->sorts[i]])
                        return true;
                point[i] = 0;
        }
        return false;
}

static int rank(int output)
{
        static const int RANKS[] = {1, 2, 0, 3}; /* the output values are 2, 0, 1 */

        return RANKS[output];
}

/* Hits in the order in which the answer has them; −1: the table gives null whatever the hits. */
static int hits_of(const struct sheet *s, const int *point, int hits[RULES_MAX])
{
        int n = 0;

        if (!point_allowed(s, point))
                return -1;
        for (int r = 0; r < s->rule_count; r++)
                if (rule_has(s, r, point))
                        hits[n++] = r;
        if ((s->policy == UNIQUE && n > 1))
                return -1;
        for (int i = 1; s->policy == ANY && i < n; i++)
                for (int k = 0; k < s->output_count; k++)
                        if (s->outputs[hits[0]][k] != s->outputs[hits[i]][k])
                                return -1;
        if (s->policy == PRIORITY || s->policy == OUTPUT_ORDER)
                for (int i = 1; i < n; i++)
                        for (int k = i; k > 0; k--) {
                                const int *a = s->outputs[hits[k]], *b = s->outputs[hits[k - 1]];
                                bool sooner = rank(a[0]) < rank(b[0]) ||
                                              (s->output_count == 2 && rank(a[0]) == rank(b[0]) && rank(a[1]) < rank(b[1]));
                                if (!sooner)
                                        break;
                                int swap = hits[k];
                                hits[k] = hits[k - 1];
                                hits[k - 1] = swap;
                        }
        return n;
}

static void outputs_write(const struct sheet *s, const int *outputs, struct buf *b)
{
        if (s->output_count == 1)
                buf_add_format(b, "%d", outputs[0]);
        else
                buf_add_format(b, "{o0: %d, o1: %d}", outputs[0], outputs[1]);
}

static int aggregated(const struct sheet *s, const int *hits, int n, int k)
{
        int all = s->outputs[hits[0]][k];

        for (int i = 1; i < n; i++) {
                int v = s->outputs[hits[i]][k];
                all = s->policy == SUM ? all + v : s->policy == MIN ? (v < all ? v : all) : (v > all ? v : all);
        }
        return all;
}

/* What the table answers, as it is printed. */
static const char *expected(const struct sheet *s, const int *point, struct buf *b)
{
        int hits[RULES_MAX], n = hits_of(s, point, hits), one[2];

        buf_clear(b);
        if (n < 0) {
                buf_add_text(b, "null");
        } else if (n == 0 && s->defaults[0] >= 0) {
                outputs_write(s, s->defaults, b);
        } else if (s->policy == COUNT) {
                buf_add_format(b, "%d", n);
        } else if (s->policy >= RULE_ORDER && s->policy <= COLLECT) {
                buf_add_text(b, "[");
                for (int i = 0; i < n; i++) {
                        buf_add_text(b, i == 0 ? "" : ", ");
                        outputs_write(s, s->outputs[hits[i]], b);
                }
                buf_add_text(b, "]");
        } else if (n == 0) {
                buf_add_text(b, "null");
        } else {
                for (int k = 0; k < 2; k++)
                        one[k] = s->policy >= SUM ? aggregated(s, hits, n, k) : s->outputs[hits[0]][k];
                outputs_write(s, one, b);
        }
        return buf_text(b);
}

/* --- as DMN ---------------------------------------------------------------------------------------------------------------- */

static void literal(struct buf *b, enum sort sort, int v)
{
        if (sort == NUMBER)
                buf_add_format(b, "%d", v);
        else if (sort == TEXT)
                buf_add_format(b, "\"%s\"", TEXTS[v]);
        else if (sort == TRUTH)
                buf_add_text(b, v == 1 ? "true" : "false");
        else if (sort == DAY)
                buf_add_format(b, v % 2 == 0 ? "date(2024, 2, %d)" : "@\"2024-02-%02d\"", 20 + v);
        else
                buf_add_format(b, "duration(\"P%dM\")", v + 10);
}

static void item_write(struct buf *b, enum sort sort, const struct item *t)
{
        if (t->has_low && t->has_high && t->low == t->high && t->low_closed && t->high_closed) {
                literal(b, sort, t->low);
        } else if (t->has_low && t->has_high) {
                buf_add_text(b, t->low_closed ? "[" : t->low % 2 == 0 ? "(" : "]");
                literal(b, sort, t->low);
                buf_add_text(b, "..");
                literal(b, sort, t->high);
                buf_add_text(b, t->high_closed ? "]" : t->high % 2 == 0 ? ")" : "[");
        } else {
                buf_add_text(b, t->has_low ? "&gt;" : "&lt;");
                buf_add_text(b, t->low_closed || t->high_closed ? "= " : " ");
                literal(b, sort, t->has_low ? t->low : t->high);
        }
}

static void cell_write(struct buf *b, enum sort sort, const struct cell *c)
{
        buf_add_text(b, "<text>");
        if (c->any)
                buf_add_text(b, "-");
        buf_add_text(b, c->negated ? "not(" : "");
        for (int i = 0; i < c->count; i++) {
                buf_add_text(b, i == 0 ? "" : ", ");
                item_write(b, sort, &c->items[i]);
        }
        buf_add_text(b, c->negated ? ")</text>" : "</text>");
}

static void sheet_write(const struct sheet *s, struct buf *b)
{
        const struct policy *p = &POLICY[s->policy];

        buf_clear(b);
        buf_add_text(b, "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"urn:m\">");
        for (int i = 0; i < s->input_count; i++)
                buf_add_format(b, "<inputData id=\"i%d\" name=\"in%d\"><variable name=\"in%d\" typeRef=\"%s\"/></inputData>", i,
                               i, i, TYPES[s->sorts[i]]);
        buf_add_text(b, "<decision id=\"d\" name=\"d\"><variable name=\"d\"/>");
        for (int i = 0; i < s->input_count; i++)
                buf_add_format(b, "<informationRequirement><requiredInput href=\"#i%d\"/></informationRequirement>", i);
        buf_add_format(b, "<decisionTable hitPolicy=\"%s\"", p->word);
        if (p->aggregation != NULL)
                buf_add_format(b, " aggregation=\"%s\"", p->aggregation);
        buf_add_text(b, ">");
        for (int i = 0; i < s->input_count; i++) {
                buf_add_format(b, "<input><inputExpression><text>in%d</text></inputExpression>", i);
                if (!s->allowed[i].any) {
                        buf_add_text(b, "<inputValues>");
                        cell_write(b, s->sorts[i], &s->allowed[i]);
                        buf_add_text(b, "</inputValues>");
                }
                buf_add_text(b, "</input>");
        }
        for (int k = 0; k < s->output_count; k++) {
                buf_add_format(b, "<output name=\"o%d\" typeRef=\"number\">", k);
                if (s->policy == PRIORITY || s->policy == OUTPUT_ORDER)
                        buf_add_text(b, "<outputValues><text>2, 0, 1</text></outputValues>");
                if (s->defaults[k] >= 0)
                        buf_add_format(b, "<defaultOutputEntry><text>%d</text></defaultOutputEntry>", s->defaults[k]);
                buf_add_text(b, "</output>");
        }
        for (int r = 0; r < s->rule_count; r++) {
                buf_add_text(b, "<rule>");
                for (int i = 0; i < s->input_count; i++) {
                        buf_add_text(b, "<inputEntry>");
                        cell_write(b, s->sorts[i], &s->cells[r][i]);
                        buf_add_text(b, "</inputEntry>");
                }
                for (int k = 0; k < s->output_count; k++)
                        buf_add_format(b, "<outputEntry><text>%d</text></outputEntry>", s->outputs[r][k]);
                buf_add_text(b, "</rule>");
        }
        buf_add_text(b, "</decisionTable></decision></definitions>");
        assert_false(b->failed);
}

/* --- at random ------------------------------------------------------------------------------------------------------------- */

static bool chance(struct rng *r, uint32_t percent)
{
        return rng_below(r, 100) < percent;
}

static int value_at(struct rng *r, enum sort sort)
{
        if (sort == TRUTH)
                return (int)rng_below(r, 2);
        if (sort == DAY || sort == MONTHS) /* there are others before and after */
                return 1 + (int)rng_below(r, (uint32_t)COUNTS[sort] - 2);
        return 1 + 2 * (int)rng_below(r, (uint32_t)COUNTS[sort] / 2);
}

static struct cell cell_make(struct rng *r, enum sort sort, bool order)
{
        struct cell c = {.any = chance(r, 25)};

        if (c.any)
                return c;
        c.negated = chance(r, 20);
        c.count = 1 + (int)rng_below(r, ITEMS_MAX);
        for (int i = 0; i < c.count; i++) {
                struct item *t = &c.items[i];
                int a = value_at(r, sort), b = value_at(r, sort);
                bool one = sort == TRUTH || (sort == TEXT && !order) || chance(r, 40);
                *t = (struct item){
                    .has_low = true, .has_high = true, .low_closed = true, .high_closed = true, .low = a, .high = a};
                if (one)
                        continue;
                *t = (struct item){chance(r, 60), true, chance(r, 50), chance(r, 50), a < b ? a : b, a < b ? b : a};
                t->has_high = !t->has_low || chance(r, 50);
                if (t->has_low != t->has_high) /* a sign has one end */
                        t->low_closed = t->high_closed = chance(r, 50);
                if (t->low == t->high)
                        t->low_closed = t->high_closed = true;
        }
        return c;
}

static struct sheet sheet_make(struct rng *r, int policy)
{
        struct sheet s = {.policy = policy, .order = chance(r, 50)};

        s.input_count = 1 + (int)rng_below(r, INPUTS_MAX);
        s.rule_count = 1 + (int)rng_below(r, RULES_MAX);
        s.output_count = policy == COUNT || chance(r, 70) ? 1 : 2;
        for (int i = 0; i < s.input_count; i++) {
                s.sorts[i] = (enum sort)rng_below(r, i == 2 ? 3 : SORTS);
                s.allowed[i] = chance(r, 70) ? (struct cell){.any = true} : cell_make(r, s.sorts[i], s.order);
                s.allowed[i].negated = false;
                for (int k = 0; k < s.rule_count; k++)
                        s.cells[k][i] = cell_make(r, s.sorts[i], s.order);
        }
        for (int k = 0; k < 2; k++) {
                s.defaults[k] = chance(r, 30) || (k == 1 && s.defaults[0] >= 0) ? (int)rng_below(r, 4) : -1;
                s.defaults[k] = k == 1 && s.defaults[0] < 0 ? -1 : s.defaults[k];
                for (int i = 0; i < s.rule_count; i++)
                        s.outputs[i][k] = (int)rng_below(r, 4);
        }
        return s;
}

/* cmocka cuts what fail_msg is given. */
static void shown(const char *xml)
{
        print_error("%s\n", "of");
        for (size_t n = strlen(xml), at = 0; at < n; at += 800)
                print_error("%.*s", (int)(n - at > 800 ? 800 : n - at), xml + at);
        print_error("\n");
}
#define fail_at(xml, ...)                                                                                                      \
        do {                                                                                                                   \
                shown(xml);                                                                                                    \
                fail_msg(__VA_ARGS__);                                                                                         \
        } while (0)

/* --- row by row ------------------------------------------------------------------------------------------------------------ */

static struct feel_value value_of(enum sort sort, int v)
{
        struct feel_value out = {.kind = FEEL_NUMBER, .number = decimal_from_int(v)};

        if (sort == TEXT)
                out = (struct feel_value){.kind = FEEL_STRING, .string = str_from(TEXTS[v])};
        else if (sort == TRUTH)
                out = (struct feel_value){.kind = FEEL_BOOLEAN, .boolean = v == 1};
        else if (sort == DAY)
                out = (struct feel_value){.kind = FEEL_DATE, .moment = {.day = 19773 + v}}; /* 2024-02-20 and on */
        else if (sort == MONTHS)
                out = (struct feel_value){.kind = FEEL_MONTHS, .months = v + 10};
        return out;
}

static void rows(const struct sheet *s, const struct dmn_model *model, const char *xml)
{
        struct dmn_context *c = NULL;
        struct error err = {0};
        struct buf want, have;
        int point[INPUTS_MAX] = {0}, left = 400;

        buf_init(&want, 1000);
        buf_init(&have, 1000);
        assert_ok(dmn_context_new(&c, model, 1 << 20, &err), err);
        do {
                static const char *const NAMES[] = {"in0", "in1", "in2"};
                struct feel_entry inputs[INPUTS_MAX];
                struct feel_value v;
                for (int i = 0; i < s->input_count; i++)
                        inputs[i] = (struct feel_entry){NAMES[i], value_of(s->sorts[i], point[i])};
                assert_ok(dmn_run(c, "d", inputs, (size_t)s->input_count, &v, &err), err);
                buf_clear(&have);
                feel_print(&have, &v);
                if (strcmp(buf_text(&have), expected(s, point, &want)) != 0)
                        fail_at(xml, "at %d %d %d: want %s, have %s", point[0], point[1], point[2], buf_text(&want),
                                buf_text(&have));
        } while (point_next(s, point) && --left > 0);
        dmn_context_free(c);
        buf_dispose(&want);
        buf_dispose(&have);
}

/* --- in columns ------------------------------------------------------------------------------------------------------------ */

/* All points at once, each five times, as numbers, days, flags and texts by number. */
static void columns(const struct sheet *s, const struct dmn_model *model, const char *xml)
{
        static const char *const NAMES[] = {"in0", "in1", "in2"};
        static const enum column_kind KINDS[] = {COLUMN_NUMBER, COLUMN_TEXT, COLUMN_BOOLEAN, COLUMN_DATE};
        static int32_t data[INPUTS_MAX][POINTS_MAX * 5];
        static int64_t answers[2][POINTS_MAX * 5];
        static uint8_t states[2][POINTS_MAX * 5];
        static int points[POINTS_MAX][INPUTS_MAX];
        struct column_input inputs[INPUTS_MAX];
        struct column_output outputs[2];
        struct column_program *p = NULL;
        struct column_report report;
        struct error err = {0};
        struct buf want, have;
        int point[INPUTS_MAX] = {0};
        size_t n = 0;

        if (s->policy >= RULE_ORDER && s->policy <= COLLECT)
                return;
        do {
                if (n == POINTS_MAX)
                        return;
                memcpy(points[n++], point, sizeof point);
        } while (point_next(s, point));
        for (int i = 0; i < s->input_count; i++) {
                if (s->sorts[i] == MONTHS)
                        return;
                for (size_t k = 0; k < n * 5; k++)
                        data[i][k] = points[k % n][i] + (s->sorts[i] == DAY ? 19773 : 0);
                inputs[i] = (struct column_input){.name = NAMES[i],
                                                  .kind = KINDS[s->sorts[i]],
                                                  .bytes = 4,
                                                  .data = data[i],
                                                  .texts = TEXTS,
                                                  .text_count = sizeof TEXTS / sizeof TEXTS[0]};
        }
        for (int k = 0; k < s->output_count; k++)
                outputs[k] = (struct column_output){.decision = "d",
                                                    .field = s->output_count == 1 ? NULL
                                                             : k == 0             ? "o0"
                                                                                  : "o1",
                                                    .kind = COLUMN_NUMBER,
                                                    .data = answers[k],
                                                    .state = states[k]};
        struct column_job job = {.inputs = inputs,
                                 .input_count = (size_t)s->input_count,
                                 .outputs = outputs,
                                 .output_count = (size_t)s->output_count,
                                 .rows = n * 5};
        assert_ok(column_open(&p, model, &err), err);
        assert_ok(column_run(p, &job, &report, &err), err);
        buf_init(&want, 1000);
        buf_init(&have, 1000);
        for (size_t k = 0; k < n * 5; k++) {
                buf_clear(&have);
                if (states[0][k] != COLUMN_OK)
                        buf_add_text(&have, "null");
                else if (s->output_count == 1)
                        buf_add_format(&have, "%d", (int)answers[0][k]);
                else
                        buf_add_format(&have, "{o0: %d, o1: %d}", (int)answers[0][k], (int)answers[1][k]);
                if (strcmp(buf_text(&have), expected(s, points[k % n], &want)) != 0 || states[0][k] > COLUMN_NULL)
                        fail_at(xml, "row %zu: want %s, have %s (%d)", k, buf_text(&want), buf_text(&have), states[0][k]);
        }
        buf_dispose(&want);
        buf_dispose(&have);
        column_close(p);
}

static void answers(void **state)
{
        struct rng r = rng_new(15, 5);
        struct buf xml;

        (void)state;
        buf_init(&xml, 1 << 20);
        for (int i = 0; i < 25 * POLICIES; i++) {
                struct sheet s = sheet_make(&r, i % POLICIES);
                struct dmn_model *model = NULL;
                struct error err = {0};
                sheet_write(&s, &xml);
                assert_ok(dmn_open(&model, (struct str){xml.p, xml.n}, NULL, &err), err);
                rows(&s, model, buf_text(&xml));
                columns(&s, model, buf_text(&xml));
                dmn_free(model);
        }
        buf_dispose(&xml);
}

/* --- what the check says --------------------------------------------------------------------------------------------------- */

struct saying {
        bool gap, overlaps[RULES_MAX][RULES_MAX], unreachable[RULES_MAX], unused[INPUTS_MAX];
        char other[300];
};

static void hear(void *ctx, int severity, const struct error *finding)
{
        struct saying *s = ctx;
        char text[400];
        int a, b;

        (void)severity;
        error_text(finding, LANG_EN, text, sizeof text);
        if (finding->code == SB_RULE_GAP)
                s->gap = true;
        else if (finding->code == SB_RULE_OVERLAP && sscanf(text, "Rules %d and %d", &a, &b) == 2)
                s->overlaps[a - 1][b - 1] = true;
        else if (finding->code == SB_RULE_UNREACHABLE && sscanf(text, "Rule %d", &a) == 1)
                s->unreachable[a - 1] = true;
        else if (finding->code == SB_RULE_UNUSED && sscanf(text, "“input %d of the table", &a) == 1)
                s->unused[a - 1] = true;
        else if (finding->code != SB_RULE_FIGURE)
                text_copy(s->other, sizeof s->other, str_from(text));
}

static bool same_outputs(const struct sheet *s, int a, int b)
{
        return s->outputs[a][0] == s->outputs[b][0] && (s->output_count == 1 || s->outputs[a][1] == s->outputs[b][1]);
}

/* What is so, by every point. */
static struct saying truth(const struct sheet *s)
{
        struct saying t = {.gap = false};
        int point[INPUTS_MAX] = {0};

        memset(t.unreachable, 1, (size_t)s->rule_count);
        do {
                bool hit = false;
                if (!point_allowed(s, point))
                        continue;
                for (int a = 0; a < s->rule_count; a++) {
                        if (!rule_has(s, a, point))
                                continue;
                        if (s->policy != FIRST || !hit)
                                t.unreachable[a] = false;
                        hit = true;
                        for (int b = a + 1; b < s->rule_count; b++)
                                if (rule_has(s, b, point) &&
                                    (s->policy == UNIQUE || (s->policy == ANY && !same_outputs(s, a, b))))
                                        t.overlaps[a][b] = true;
                }
                t.gap = t.gap || (!hit && s->policy <= PRIORITY && s->defaults[0] < 0);
        } while (point_next(s, point));
        for (int i = 0; i < s->input_count; i++) {
                t.unused[i] = true;
                for (int r = 0; r < s->rule_count; r++)
                        t.unused[i] = t.unused[i] && s->cells[r][i].any;
        }
        return t;
}

static void judged(void **state)
{
        struct rng r = rng_new(15, 6);
        struct buf xml;

        (void)state;
        buf_init(&xml, 1 << 20);
        for (int i = 0; i < 1500; i++) {
                struct sheet s = sheet_make(&r, i % POLICIES);
                struct saying want = truth(&s), have = {.gap = false};
                struct error err = {0};
                sheet_write(&s, &xml);
                assert_ok(dmn_check((struct str){xml.p, xml.n}, NULL, hear, &have, &err), err);
                if (have.gap != want.gap)
                        fail_at(buf_text(&xml), "gap %d, not %d", have.gap, want.gap);
                for (int a = 0; a < s.rule_count; a++) {
                        if (have.unreachable[a] != want.unreachable[a])
                                fail_at(buf_text(&xml), "rule %d never applies: %d, not %d", a + 1, have.unreachable[a],
                                        want.unreachable[a]);
                        for (int b = a + 1; b < s.rule_count; b++)
                                if (have.overlaps[a][b] != want.overlaps[a][b])
                                        fail_at(buf_text(&xml), "rules %d and %d meet: %d, not %d", a + 1, b + 1,
                                                have.overlaps[a][b], want.overlaps[a][b]);
                }
                for (int k = 0; k < s.input_count; k++)
                        assert_int_equal(have.unused[k], want.unused[k]);
                if (have.other[0] != '\0')
                        fail_at(buf_text(&xml), "%s", have.other);
        }
        buf_dispose(&xml);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(answers), cmocka_unit_test(judged)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
