/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns against the scalar path: random models over random columns, the pension models of the packs, threads, and rows that do not fit.
 */
#include "engine/column/column.h"
#include "base/hash.h"
#include "base/rng.h"
#include "pack/pack.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 2500
#define MODELS 60
#define INPUTS 9
#define OUTPUTS 6

/* --- random models ------------------------------------------------------- */

struct maker {
        struct rng rng;
        struct buf text;
};

static bool chance(struct maker *m, uint32_t percent)
{
        return rng_below(&m->rng, 100) < percent;
}

static void put(struct maker *m, const char *text)
{
        buf_add_text(&m->text, text);
}

static void number(struct maker *m, int depth);
static void boolean(struct maker *m, int depth);

static void two(struct maker *m, const char *sign, int depth)
{
        put(m, "(");
        number(m, depth - 1);
        put(m, sign);
        number(m, depth - 1);
        put(m, ")");
}

static void call(struct maker *m, const char *name, const char *rest, int depth)
{
        put(m, name);
        put(m, "(");
        number(m, depth - 1);
        put(m, rest);
        put(m, ")");
}

static void number(struct maker *m, int depth)
{
        static const char *const LEAVES[] = {"n1", "n2", "n3", "n4", "n5", "0", "1", "12", "0.013", "100", "7.5", "30.4", "2"};
        static const char *const ROUND[] = {"round half up", "round half down", "round up", "round down", "decimal"};
        static const char *const SCALES[] = {", 0", ", 1", ", 2", ", 4"};

        if (depth <= 0) {
                put(m, LEAVES[rng_below(&m->rng, 13)]);
                return;
        }
        switch (rng_below(&m->rng, 14)) {
        case 0:
        case 1:
                two(m, " + ", depth);
                return;
        case 2:
                two(m, " - ", depth);
                return;
        case 3:
        case 4:
                two(m, " * ", depth);
                return;
        case 5:
        case 6: /* a quotient, as the law rounds it */
                put(m, ROUND[rng_below(&m->rng, 5)]);
                put(m, "(");
                if (chance(m, 30)) {
                        number(m, 0);
                        put(m, chance(m, 50) ? " + " : " - ");
                }
                two(m, " / ", depth);
                put(m, SCALES[rng_below(&m->rng, 4)]);
                put(m, ")");
                return;
        case 7:
                call(m, ROUND[rng_below(&m->rng, 5)], SCALES[rng_below(&m->rng, 4)], depth);
                return;
        case 8:
                call(m, chance(m, 50) ? "floor" : "ceiling", "", depth);
                return;
        case 9:
                put(m, chance(m, 50) ? "min(" : "max(");
                number(m, depth - 1);
                put(m, ", ");
                number(m, depth - 1);
                put(m, ")");
                return;
        case 10:
                call(m, chance(m, 50) ? "abs" : "twice", "", depth);
                return;
        case 11:
                put(m, "(if ");
                boolean(m, depth - 1);
                put(m, " then ");
                number(m, depth - 1);
                put(m, " else ");
                number(m, depth - 1);
                put(m, ")");
                return;
        case 12:
                put(m, chance(m, 50) ? "d1.year" : "(-n1)");
                return;
        default:
                if (chance(m, 30))
                        two(m, " / ", depth);
                else
                        number(m, 0);
                return;
        }
}

static void boolean(struct maker *m, int depth)
{
        static const char *const SIGNS[] = {" < ", " <= ", " > ", " >= ", " = ", " != "};
        static const char *const LEAVES[] = {"b1",
                                             "b1",
                                             "k1 = \"drawing\"",
                                             "k1 != \"ended\"",
                                             "d1 < d2",
                                             "d1 >= date(\"2020-06-01\")",
                                             "n1 = null",
                                             "k1 = \"nobody\"",
                                             "n3 between 3 and n1",
                                             "n1 != null"};

        if (depth <= 0) {
                put(m, LEAVES[rng_below(&m->rng, 10)]);
                return;
        }
        put(m, "(");
        if (chance(m, 60)) {
                number(m, depth - 1);
                put(m, SIGNS[rng_below(&m->rng, 6)]);
                number(m, depth - 1);
        } else {
                boolean(m, depth - 1);
                put(m, chance(m, 50) ? " and " : " or ");
                boolean(m, depth - 1);
        }
        put(m, ")");
}

/* Text within XML. */
static void escaped(struct buf *out, const char *text)
{
        for (; *text != '\0'; text++) {
                if (*text == '<')
                        buf_add_text(out, "&lt;");
                else if (*text == '>')
                        buf_add_text(out, "&gt;");
                else
                        buf_add_char(out, *text);
        }
}

static void expression(struct maker *m, struct buf *xml, bool is_boolean, int depth)
{
        m->text.n = 0;
        if (is_boolean)
                boolean(m, depth);
        else
                number(m, depth);
        buf_add_text(xml, "<text>");
        escaped(xml, buf_text(&m->text));
        buf_add_text(xml, "</text>");
}

static void needs(struct buf *xml, int before)
{
        static const char *const NAMES[] = {"n1", "n2", "n3", "n4", "n5", "b1", "k1", "d1", "d2"};

        for (int i = 0; i < INPUTS; i++)
                buf_add_format(xml, "<informationRequirement><requiredInput href=\"#%s\"/></informationRequirement>", NAMES[i]);
        buf_add_text(xml, "<knowledgeRequirement><requiredKnowledge href=\"#twice\"/></knowledgeRequirement>");
        for (int i = 0; i < before; i++)
                buf_add_format(xml, "<informationRequirement><requiredDecision href=\"#o%d\"/></informationRequirement>", i);
}

static void decision_table(struct maker *m, struct buf *xml)
{
        static const char *const NUMBER_TESTS[] = {"-",        "&lt; 10", "[5..20)", "&gt;= 20", "not(1, 2, 3)",
                                                   "1, 2, 30", "&gt; n1"};
        static const char *const TEXT_TESTS[] = {"-", "\"drawing\"", "\"suspended\", \"ended\"", "not(\"drawing\")"};

        buf_add_format(xml, "<decisionTable hitPolicy=\"%s\"><input><inputExpression>", chance(m, 50) ? "FIRST" : "UNIQUE");
        expression(m, xml, false, 1);
        buf_add_text(xml, "</inputExpression></input><input><inputExpression><text>k1</text></inputExpression></input><output "
                          "typeRef=\"number\"/>");
        for (uint32_t rules = 1 + rng_below(&m->rng, 4); rules > 0; rules--) {
                buf_add_format(
                    xml, "<rule><inputEntry><text>%s</text></inputEntry><inputEntry><text>%s</text></inputEntry><outputEntry>",
                    NUMBER_TESTS[rng_below(&m->rng, 7)], TEXT_TESTS[rng_below(&m->rng, 4)]);
                expression(m, xml, false, 2);
                buf_add_text(xml, "</outputEntry></rule>");
        }
        buf_add_text(xml, "</decisionTable>");
}

/* Six decisions: numbers, flags, a table, a context whose entries build on each other, and one that builds on all. */
static void model_make(struct maker *m, struct buf *xml)
{
        static const char *const TYPES[] = {"number",  "number", "number", "number", "number",
                                            "boolean", "string", "date",   "date"};
        static const char *const NAMES[] = {"n1", "n2", "n3", "n4", "n5", "b1", "k1", "d1", "d2"};

        buf_add_text(
            xml,
            "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" id=\"m\" name=\"m\" namespace=\"urn:m\">");
        for (int i = 0; i < INPUTS; i++)
                buf_add_format(xml, "<inputData id=\"%s\" name=\"%s\"><variable name=\"%s\" typeRef=\"%s\"/></inputData>",
                               NAMES[i], NAMES[i], NAMES[i], TYPES[i]);
        buf_add_text(xml, "<businessKnowledgeModel id=\"twice\" name=\"twice\"><variable "
                          "name=\"twice\"/><encapsulatedLogic><formalParameter name=\"x\" "
                          "typeRef=\"number\"/><literalExpression><text>if x > 1000 then x else x * "
                          "2</text></literalExpression></encapsulatedLogic>"
                          "</businessKnowledgeModel>");
        for (int i = 0; i < OUTPUTS; i++) {
                buf_add_format(xml, "<decision id=\"o%d\" name=\"o%d\"><variable name=\"o%d\"/>", i, i, i);
                needs(xml, i == 5 ? 5 : 0);
                if (i == 3) {
                        decision_table(m, xml);
                } else if (i == 4) {
                        buf_add_text(xml,
                                     "<context><contextEntry><variable name=\"p\" typeRef=\"number\"/><literalExpression>");
                        expression(m, xml, false, 2);
                        buf_add_text(
                            xml,
                            "</literalExpression></contextEntry><contextEntry><variable "
                            "name=\"q\"/><literalExpression><text>if p &gt; 3 "
                            "then round half up(p * 1.013, 2) else n1 - p</text></literalExpression></contextEntry></context>");
                } else if (i == 5) {
                        buf_add_text(xml, "<literalExpression><text>if o2 then o4.q + o4.p else round half up(o0 + o4.q, "
                                          "1)</text></literalExpression>");
                } else {
                        buf_add_text(xml, "<literalExpression>");
                        expression(m, xml, i == 2, 3 + i);
                        buf_add_text(xml, "</literalExpression>");
                }
                buf_add_text(xml, "</decision>");
        }
        buf_add_text(xml, "</definitions>");
}

/* --- columns -------------------------------------------------------------- */

static const char *const KINDS[] = {"drawing", "suspended", "ended"};

struct world {
        int64_t n[5][ROWS];
        int8_t flag[ROWS], kind[ROWS];
        int32_t day[2][ROWS];
        uint8_t missing[ROWS];
        struct column_input inputs[INPUTS];
        int64_t data[OUTPUTS + 1][ROWS];
        uint8_t state[OUTPUTS + 1][ROWS];
        struct column_output outputs[OUTPUTS + 1];
        struct column_job job;
};

static int64_t amount(struct rng *r, int column)
{
        static const int64_t SPANS[] = {100000, 40, 1000000000, 3, 5000000};

        if (column == 2 && rng_below(r, 200) == 0) /* now and then beyond what a product can hold */
                return rng_between(r, INT64_MIN / 4, INT64_MAX / 4);
        return rng_between(r, column == 0 || column == 4 ? -SPANS[column] : 0, SPANS[column]);
}

static void world_make(struct world *w, struct rng *r)
{
        static const char *const NAMES[] = {"n1", "n2", "n3", "n4", "n5", "b1", "k1", "d1", "d2"};
        static const int SCALES[] = {2, 0, 2, 0, 4};
        bool gaps = rng_below(r, 3) == 0;

        memset(w, 0, sizeof *w);
        for (int i = 0; i < ROWS; i++) {
                for (int c = 0; c < 5; c++)
                        w->n[c][i] = amount(r, c);
                w->flag[i] = (int8_t)rng_below(r, 2);
                w->kind[i] = (int8_t)rng_below(r, 3);
                w->day[0][i] = (int32_t)(18262 + 31 * rng_below(r, 24));
                w->day[1][i] = (int32_t)rng_between(r, -100000, 100000);
                w->missing[i] = gaps && rng_below(r, 20) == 0;
        }
        for (int i = 0; i < INPUTS; i++)
                w->inputs[i] =
                    i < 5    ? (struct column_input){.name = NAMES[i],
                                                     .kind = COLUMN_NUMBER,
                                                     .bytes = 8,
                                                     .scale = SCALES[i],
                                                     .data = w->n[i]}
                    : i == 5 ? (struct column_input){.name = NAMES[i], .kind = COLUMN_BOOLEAN, .bytes = 1, .data = w->flag}
                    : i == 6 ? (struct column_input){.name = NAMES[i],
                                                     .kind = COLUMN_TEXT,
                                                     .bytes = 1,
                                                     .data = w->kind,
                                                     .texts = KINDS,
                                                     .text_count = 3}
                             : (struct column_input){.name = NAMES[i], .kind = COLUMN_DATE, .bytes = 4, .data = w->day[i - 7]};
        w->inputs[rng_below(r, INPUTS)].missing = w->missing;
        for (int i = 0; i <= OUTPUTS; i++)
                w->outputs[i] = (struct column_output){
                    .decision = i == OUTPUTS ? "o4" : (const char *const[]){"o0", "o1", "o2", "o3", "o4", "o5"}[i],
                    .field = i == 4         ? "p"
                             : i == OUTPUTS ? "q"
                                            : NULL,
                    .kind = i == 2 ? COLUMN_BOOLEAN : COLUMN_NUMBER,
                    .scale = i == 0 ? 2 : 6,
                    .data = w->data[i],
                    .state = w->state[i]};
        w->job = (struct column_job){
            .inputs = w->inputs, .input_count = INPUTS, .outputs = w->outputs, .output_count = OUTPUTS + 1, .rows = ROWS};
}

static struct feel_value value_at(const struct column_input *in, size_t row)
{
        if (in->same != NULL)
                return *in->same;
        if (in->missing != NULL && in->missing[row])
                return (struct feel_value){.kind = FEEL_NULL};
        int64_t v = in->bytes == 1   ? ((const int8_t *)in->data)[row]
                    : in->bytes == 2 ? ((const int16_t *)in->data)[row]
                    : in->bytes == 4 ? ((const int32_t *)in->data)[row]
                                     : ((const int64_t *)in->data)[row];
        switch (in->kind) {
        case COLUMN_NUMBER:
                return (struct feel_value){.kind = FEEL_NUMBER, .number = decimal_from_scaled(v, in->scale)};
        case COLUMN_BOOLEAN:
                return (struct feel_value){.kind = FEEL_BOOLEAN, .boolean = v != 0};
        case COLUMN_DATE:
                return (struct feel_value){.kind = FEEL_DATE, .moment = {.day = v}};
        default:
                return (struct feel_value){.kind = FEEL_STRING, .string = str_from(in->texts[v])};
        }
}

/* What the output should say of a value. */
static enum column_state expected(const struct column_output *o, const struct feel_value *v, int64_t *out)
{
        *out = 0;
        if (v->kind == FEEL_NULL)
                return COLUMN_NULL;
        if (o->kind == COLUMN_NUMBER)
                return v->kind == FEEL_NUMBER && decimal_to_scaled(v->number, o->scale, out) ? COLUMN_OK : COLUMN_MISFIT;
        *out = v->kind == FEEL_BOOLEAN && v->boolean;
        return v->kind == FEEL_BOOLEAN ? COLUMN_OK : COLUMN_MISFIT;
}

/* Every `step`th row again by the scalar path. */
static void agrees(const struct dmn_model *model, const struct column_job *job, const char *what, size_t step)
{
        struct dmn_context *c = NULL;
        struct feel_entry entries[16];
        struct error err = {0};
        struct feel_value v;
        char text[512];

        assert_ok(dmn_context_new(&c, model, (size_t)32 << 20, &err), err);
        for (size_t row = 0; row < job->rows; row += step) {
                for (size_t i = 0; i < job->input_count; i++)
                        entries[i] = (struct feel_entry){job->inputs[i].name, value_at(&job->inputs[i], row)};
                for (size_t i = 0; i < job->output_count; i++) {
                        const struct column_output *o = &job->outputs[i];
                        static const struct feel_value NOTHING = {.kind = FEEL_NULL};
                        int64_t number = 0;
                        error_clear(&err);
                        int rc = dmn_run(c, o->decision, entries, job->input_count, &v, &err);
                        const struct feel_value *f =
                            rc < 0 || o->field == NULL || v.kind != FEEL_CONTEXT ? &v : feel_get(&v, o->field);
                        enum column_state state = rc < 0 ? COLUMN_ERROR : expected(o, f == NULL ? &NOTHING : f, &number);
                        if (state != (enum column_state)o->state[row] || number != o->data[row])
                                fail_msg("row %zu of %s: %lld (%d), not %lld (%d) %s\n%s", row, o->decision,
                                         (long long)o->data[row], o->state[row], (long long)number, state,
                                         rc < 0 ? error_text(&err, LANG_EN, text, sizeof text) : "", what);
                }
        }
        dmn_context_free(c);
}

static void random_models_give_what_the_scalar_path_gives(void **state)
{
        struct world *w = calloc(1, sizeof *w);
        size_t scalar = 0;
        unsigned kernels = 0;

        (void)state;
        for (int k = 0; k < MODELS; k++) {
                struct maker m = {.rng = rng_new(77, (uint64_t)k)};
                struct dmn_options options = {0};
                struct dmn_model *model = NULL;
                struct column_program *programs[OUTPUTS + 1] = {NULL};
                struct error err = {0};
                struct buf xml;
                buf_init(&m.text, 1 << 20);
                buf_init(&xml, 1 << 20);
                model_make(&m, &xml);
                assert_ok(dmn_open(&model, (struct str){buf_text(&xml), xml.n}, &options, &err), err);
                for (int round = 0; round < 2; round++) { /* the second by the plan of the first, as far as it fits */
                        world_make(w, &m.rng);
                        for (size_t i = 0; i <= OUTPUTS; i++) {
                                struct column_job one = w->job;
                                struct column_report report;
                                one.outputs = &w->outputs[i];
                                one.output_count = 1;
                                if (round == 0)
                                        assert_ok(column_open(&programs[i], model, &err), err);
                                assert_ok(column_run(programs[i], &one, &report, &err), err);
                                scalar += report.scalar_rows;
                                kernels += report.kernels;
                        }
                        agrees(model, &w->job, buf_text(&xml), 11);
                }
                for (size_t i = 0; i <= OUTPUTS; i++)
                        column_close(programs[i]);
                dmn_free(model);
                buf_dispose(&xml);
                buf_dispose(&m.text);
        }
        print_message("%u kernels, %.1f %% of the rows by the scalar path\n", kernels,
                      100.0 * (double)scalar / (2.0 * MODELS * ROWS * (OUTPUTS + 1)));
        assert_true(kernels > 1000 && scalar < (size_t)MODELS * ROWS * (OUTPUTS + 1));
        free(w);
}

/* --- the pension models of the packs ------------------------------------------ */

#define PEOPLE 230000

struct pensioners {
        int32_t day[PEOPLE], index[PEOPLE];
        int16_t age[PEOPLE], months[PEOPLE], deemed[PEOPLE];
        int8_t hardship[PEOPLE], kind[PEOPLE];
        int64_t balance[PEOPLE], data[4][PEOPLE];
        uint8_t state[4][PEOPLE];
};

static void pensioners_make(struct pensioners *p)
{
        struct rng r = rng_new(5, 0);

        for (int i = 0; i < PEOPLE; i++) {
                p->day[i] = month_first(month_from(2022, 12) + (month_t)rng_below(&r, 36));
                p->age[i] = (int16_t)(600 + rng_below(&r, 160));
                p->months[i] = (int16_t)(120 + rng_below(&r, 400));
                p->deemed[i] = (int16_t)rng_below(&r, 120);
                p->index[i] = (int32_t)(4000 + rng_below(&r, 26001));
                p->balance[i] = rng_between(&r, 0, 80000000);
                p->hardship[i] = rng_below(&r, 10) == 0;
                p->kind[i] = (int8_t)rng_below(&r, 3);
        }
        p->age[1000] = 30;            /* no divisor: an error of that row */
        p->balance[2000] = INT64_MAX; /* does not fit */
        p->balance[3000] = -12345;
}

static void hash_outputs(const struct pensioners *p, struct hash *out)
{
        struct hash parts[2] = {hash_of(p->data, sizeof p->data), hash_of(p->state, sizeof p->state)};

        *out = hash_of(parts, sizeof parts);
}

/* A notice of the yearly adjustment. */
static void terms_make(struct feel_entry terms[10])
{
        static const char *const NAMES[] = {"fixed", "per_year", "rate",  "age_1", "old_1",
                                            "age_2", "old_2",    "age_3", "old_3", "hardship"};
        static const int64_t TERMS[] = {2500000, 120000, 800, 7000000, 2000000, 7500000, 3500000, 8000000, 6000000, 1000000};

        for (int i = 0; i < 10; i++)
                terms[i] = (struct feel_entry){
                    NAMES[i], {.kind = FEEL_NUMBER, .number = decimal_reduce(decimal_from_scaled(TERMS[i], 5))}};
}

static void pensions_of_a_pack(const char *dir, bool figures)
{
        struct pensioners *p = calloc(1, sizeof *p);
        struct pack *pack = NULL;
        const struct dmn_model *model;
        struct column_program *program = NULL;
        struct column_report report;
        struct error err = {0};
        struct hash first, other;
        struct feel_entry terms[10];

        pensioners_make(p);
        terms_make(terms);
        struct feel_value adjust = {.kind = FEEL_DATE, .moment = {.day = day_from(2025, 1, 1)}};
        struct feel_value notice = {.kind = FEEL_CONTEXT, .count = 10, .entries = terms};
        struct column_input inputs[] = {
            {.name = "day", .kind = COLUMN_DATE, .bytes = 4, .data = p->day},
            {.name = "adjust_day", .same = &adjust},
            {.name = "age_months", .kind = COLUMN_NUMBER, .bytes = 2, .data = p->age},
            {.name = "index", .kind = COLUMN_NUMBER, .bytes = 4, .scale = 4, .data = p->index},
            {.name = "months", .kind = COLUMN_NUMBER, .bytes = 2, .data = p->months},
            {.name = "months_deemed", .kind = COLUMN_NUMBER, .bytes = 2, .data = p->deemed},
            {.name = "balance", .kind = COLUMN_NUMBER, .bytes = 8, .scale = 2, .data = p->balance},
            {.name = "hardship", .kind = COLUMN_BOOLEAN, .bytes = 1, .data = p->hardship},
            {.name = "status", .kind = COLUMN_TEXT, .bytes = 1, .data = p->kind, .texts = KINDS, .text_count = 3},
            {.name = "notice", .same = &notice},
        };
        struct column_output outputs[] = {
            {.decision = "payable", .kind = COLUMN_NUMBER, .scale = 2, .data = p->data[0], .state = p->state[0]},
            {.decision = "award",
             .field = "total",
             .kind = COLUMN_NUMBER,
             .scale = 2,
             .data = p->data[1],
             .state = p->state[1]},
            {.decision = "adjustment",
             .field = "total",
             .kind = COLUMN_NUMBER,
             .scale = 2,
             .data = p->data[2],
             .state = p->state[2]},
            {.decision = "adjustment", .field = "due", .kind = COLUMN_BOOLEAN, .data = p->data[3], .state = p->state[3]},
        };
        struct column_job job = {
            .inputs = inputs, .input_count = 10, .outputs = outputs, .output_count = 4, .rows = PEOPLE, .threads = 1};
        assert_ok(pack_open(&pack, dir, &err), err);
        assert_ok(pack_model(pack, "pension_adjustment", &model, &err), err);
        assert_ok(column_open(&program, model, &err), err);
        assert_ok(column_run(program, &job, &report, &err), err);
        if (figures) {
                print_message("%zu rows of %d by the scalar path\n", report.scalar_rows, PEOPLE);
                assert_true(report.scalar_rows < PEOPLE / 1000);
                assert_int_equal(report.failed_rows, 1);
                assert_int_equal(report.first_failed, 1000);
                assert_int_equal(report.failure.code, SB_PARAMETER_MISSING);
        }
        hash_outputs(p, &first);
        agrees(model, &job, dir, 397);
        for (unsigned threads = 2; threads <= 7; threads += threads == 3 ? 4 : 1) {
                memset(p->data, 1, sizeof p->data);
                job.threads = threads;
                assert_ok(column_run(program, &job, &report, &err), err);
                hash_outputs(p, &other);
                assert_memory_equal(&first, &other, sizeof first);
                threads = threads == 3 ? 6 : threads;
        }
        column_close(program);
        pack_free(pack);
        free(p);
}

static void pensions_give_what_the_scalar_path_gives(void **state)
{
        (void)state;
        pensions_of_a_pack("packs/cn-hunan", true);
        pensions_of_a_pack("packs/demo", false);
}

static void refuses_what_the_model_does_not_have(void **state)
{
        static const char XML[] =
            "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" id=\"m\" name=\"m\" namespace=\"urn:m\">"
            "<inputData id=\"n\" name=\"n\"><variable name=\"n\" typeRef=\"number\"/></inputData><decision id=\"d\" name=\"d\">"
            "<variable name=\"d\"/><informationRequirement><requiredInput href=\"#n\"/></informationRequirement>"
            "<literalExpression><text>string(n) + \"!\"</text></literalExpression></decision></definitions>";
        struct dmn_options options = {0};
        struct dmn_model *model = NULL;
        struct column_program *program = NULL;
        struct column_report report;
        struct error err = {0};
        int64_t in[3] = {1, 2, 3}, data[3];
        uint8_t states[3];
        struct column_input input = {.name = "x", .kind = COLUMN_NUMBER, .bytes = 8, .data = in};
        static const char *const TEXTS[] = {"1!", "3!"};
        struct column_output output = {
            .decision = "e", .kind = COLUMN_TEXT, .data = data, .state = states, .texts = TEXTS, .text_count = 2};
        struct column_job job = {.inputs = &input, .input_count = 1, .outputs = &output, .output_count = 1, .rows = 3};

        (void)state;
        assert_ok(dmn_open(&model, STR(XML), &options, &err), err);
        assert_ok(column_open(&program, model, &err), err);
        assert_error(column_run(program, &job, &report, &err), err, SB_DMN_INPUT);
        input.name = "n";
        assert_error(column_run(program, &job, &report, &err), err, SB_DMN_DECISION);
        output.decision = "d";
        job.rows = 0;
        assert_ok(column_run(program, &job, &report, &err), err);
        job.rows = 3;
        assert_ok(column_run(program, &job, &report, &err), err);
        assert_true(states[0] == COLUMN_OK && data[0] == 0 && states[1] == COLUMN_MISFIT && states[2] == COLUMN_OK &&
                    data[2] == 1);
        column_close(program);
        dmn_free(model);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(refuses_what_the_model_does_not_have),
            cmocka_unit_test(random_models_give_what_the_scalar_path_gives),
            cmocka_unit_test(pensions_give_what_the_scalar_path_gives),
        };
        return cmocka_run_group_tests_name("column", tests, NULL, NULL);
}
