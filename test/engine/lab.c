/* SPDX-License-Identifier: Apache-2.0
 *
 * The bench of lab.h.
 */
#include "lab.h"

#include "engine/check/check.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

const char *const LAB_NAME[LAB_NAMES] = {"n", "s", "b", "d", "t", "z", "y", "m", "l", "k", "p", "ps"};
static const char *const VALUES[LAB_NAMES] = {
    "7",
    "\"abc\"",
    "true",
    "@\"2024-02-29\"",
    "@\"10:30:15\"",
    "@\"2024-02-29T10:30:15\"",
    "@\"P1DT2H3M4S\"",
    "@\"P1Y2M\"",
    "[3, 1, 2]",
    "[\"b\", \"a\"]",
    "{name: \"Li\", age: 61, born: @\"1963-05-17\"}",
    "[{name: \"Li\", age: 61, born: @\"1963-05-17\"}, {name: \"Wu\", age: 17, born: @\"2007-01-31\"}]"};
static const char *const TYPES[LAB_NAMES] = {
    "number",   "string", "boolean", "date",   "time", "dateTime", "days and time duration", "years and months duration",
    "tNumbers", "tTexts", "tPerson", "tPeople"};

static const struct feel_node *compiled(struct lab *l, struct arena *a, const char *text)
{
        struct feel_scope scope = {.names = LAB_NAME, .count = LAB_NAMES, .zones = &l->named};
        const struct feel_node *node = NULL;

        return feel_compile(&node, a, &scope, str_from(text), FEEL_EXPRESSION, &l->err) < 0 ? NULL : node;
}

void lab_open(struct lab *l)
{
        memset(l, 0, sizeof *l);
        l->arena = arena_new((size_t)64 << 20);
        assert_non_null(l->arena);
        assert_ok(zones_open(&l->zones, NULL, &l->err), l->err);
        l->named = (struct temporal_zones){zones_find, l->zones};
        feel_machine_init(&l->machine, l->arena, NULL, &l->err);
        l->machine.zones = &l->named;
        l->machine.has_now = true;
        assert_ok(instant_parse(&l->machine.now, STR("2026-11-28T12:00:00Z"), &l->err), l->err);
}

void lab_close(struct lab *l)
{
        feel_machine_dispose(&l->machine);
        zones_close(l->zones);
        arena_free(l->arena);
}

static void inputs_make(struct lab *l)
{
        for (size_t i = 0; i < LAB_NAMES; i++) {
                l->inputs[i].name = LAB_NAME[i];
                assert_int_equal(feel_eval(&l->machine, compiled(l, l->arena, VALUES[i]), NULL, &l->inputs[i].value), 0);
        }
}

enum lab_end lab_eval(struct lab *l, const char *text, struct feel_value *out)
{
        return lab_eval_within(l, text, 200000, out);
}

enum lab_end lab_eval_within(struct lab *l, const char *text, int64_t steps, struct feel_value *out)
{
        struct feel_limits limits = {.steps = steps, .depth = 100};

        error_clear(&l->err);
        arena_reset(l->arena);
        feel_machine_again(&l->machine, NULL, &l->err);
        inputs_make(l);
        feel_machine_again(&l->machine, &limits, &l->err);
        struct feel_env env = {.value = {.kind = FEEL_CONTEXT, .count = LAB_NAMES, .entries = l->inputs}};
        const struct feel_node *node = compiled(l, l->arena, text);
        if (node == NULL)
                return LAB_SYNTAX;
        assert_int_equal(l->machine.diagnostics, 0);
        return feel_eval(&l->machine, node, &env, out) == 0 ? LAB_VALUE : LAB_ERROR;
}

/* --- examples ------------------------------------------------------------------------------------------------------------- */

const char *lab_shown(struct lab *l, const char *text, struct buf *out)
{
        struct feel_value v;

        buf_clear(out);
        switch (lab_eval(l, text, &v)) {
        case LAB_SYNTAX:
                return "?";
        case LAB_ERROR:
                return "!";
        default:
                feel_print(out, &v);
                return buf_text(out);
        }
}

void lab_judge(const struct lab_example *examples, size_t count)
{
        struct lab l;
        struct buf out;
        int wrong = 0;

        lab_open(&l);
        buf_init(&out, 1 << 20);
        for (size_t i = 0; i < count; i++) {
                const struct lab_example *e = &examples[i];
                const char *have = lab_shown(&l, e->text, &out), *want = e->want == NULL ? "null" : e->want;
                if (strcmp(have, want) == 0 && (e->want != NULL || l.machine.diagnostics > 0))
                        continue;
                print_error("%s: want %s, have %s, %u diagnostics %s\n", e->text, want, have, l.machine.diagnostics,
                            l.machine.diagnostic);
                wrong++;
        }
        assert_int_equal(wrong, 0);
        buf_dispose(&out);
        lab_close(&l);
}

/* --- as a model ------------------------------------------------------------------------------------------------------------ */

static void escaped(struct buf *b, const char *text)
{
        for (; *text != '\0'; text++)
                if (*text == '<')
                        buf_add_text(b, "&lt;");
                else if (*text == '&')
                        buf_add_text(b, "&amp;");
                else
                        buf_add_char(b, *text);
}

/* One decision "all" with an entry for each text; `type`: of the entries, or NULL. */
static void model_write(struct buf *b, const char *const *texts, size_t count, const char *type)
{
        buf_init(b, 16 << 20);
        buf_add_text(b,
                     "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" name=\"m\" namespace=\"urn:m\">"
                     "<itemDefinition name=\"tNumbers\" isCollection=\"true\"><typeRef>number</typeRef></itemDefinition>"
                     "<itemDefinition name=\"tTexts\" isCollection=\"true\"><typeRef>string</typeRef></itemDefinition>"
                     "<itemDefinition name=\"tPeople\" isCollection=\"true\"><typeRef>tPerson</typeRef></itemDefinition>"
                     "<itemDefinition name=\"tPerson\"><itemComponent name=\"name\"><typeRef>string</typeRef></itemComponent>"
                     "<itemComponent name=\"age\"><typeRef>number</typeRef></itemComponent><itemComponent name=\"born\">"
                     "<typeRef>date</typeRef></itemComponent></itemDefinition><itemDefinition name=\"tOdd\"><itemComponent "
                     "name=\"nothing has this\"><typeRef>number</typeRef></itemComponent></itemDefinition>");
        for (size_t i = 0; i < LAB_NAMES; i++)
                buf_add_format(b, "<inputData id=\"i_%s\" name=\"%s\"><variable name=\"%s\" typeRef=\"%s\"/></inputData>",
                               LAB_NAME[i], LAB_NAME[i], LAB_NAME[i], TYPES[i]);
        buf_add_text(b, "<decision id=\"all\" name=\"all\"><variable name=\"all\"/>");
        for (size_t i = 0; i < LAB_NAMES; i++)
                buf_add_format(b, "<informationRequirement><requiredInput href=\"#i_%s\"/></informationRequirement>",
                               LAB_NAME[i]);
        buf_add_text(b, "<context>");
        for (size_t i = 0; i < count; i++) {
                buf_add_format(b, "<contextEntry><variable name=\"entry%zu\"%s%s%s/><literalExpression><text>", i,
                               type == NULL ? "" : " typeRef=\"", type == NULL ? "" : type, type == NULL ? "" : "\"");
                escaped(b, texts[i]);
                buf_add_text(b, "</text></literalExpression></contextEntry>");
        }
        buf_add_text(b, "</context></decision></definitions>");
        assert_false(b->failed);
}

struct hearing {
        struct lab_verdict *out;
        size_t count;
        bool claims;
};

static void hear(void *ctx, int severity, const struct error *finding)
{
        struct hearing *h = ctx;
        const char *at = strstr(finding->where, "entry entry");
        char text[400];

        if (severity != CHECK_ERROR)
                return;
        assert_non_null(at);
        size_t i = strtoul(at + strlen("entry entry"), NULL, 10);
        assert_true(i < h->count);
        struct lab_verdict *v = &h->out[i];
        error_text(finding, LANG_EN, text, sizeof text);
        const char *is = strstr(text, "but is ");
        if (h->claims) {
                if (strstr(text, "the value should be") != NULL && is != NULL)
                        text_format(v->claim, sizeof v->claim, "%.*s", (int)strcspn(is + 7, "."), is + 7);
        } else if (v->errors++ == 0) {
                v->first = finding->code;
                text_format(v->text, sizeof v->text, "%.*s", (int)strcspn(text, "("), text);
        }
}

void lab_check(const char *const *texts, size_t count, struct lab_verdict *out)
{
        /* A type that no value has makes the check say which one it has. */
        static const char *const ASKED[] = {NULL, "number", "tOdd"};
        struct hearing h = {.out = out, .count = count};
        struct error err = {0};

        memset(out, 0, count * sizeof *out);
        for (int i = 0; i < 3; i++) {
                struct buf xml;
                model_write(&xml, texts, count, ASKED[i]);
                h.claims = ASKED[i] != NULL;
                assert_ok(dmn_check((struct str){xml.p, xml.n}, NULL, hear, &h, &err), err);
                buf_dispose(&xml);
        }
}

void lab_decide(struct lab *l, const char *const *texts, size_t count, struct lab_run *out)
{
        struct dmn_options o = {.zones = &l->named, .tolerant = true};
        struct buf xml;

        memset(out, 0, sizeof *out);
        error_clear(&l->err);
        model_write(&xml, texts, count, NULL);
        assert_ok(dmn_open(&out->model, (struct str){xml.p, xml.n}, &o, &l->err), l->err);
        assert_ok(dmn_context_new(&out->context, out->model, (size_t)64 << 20, &l->err), l->err);
        dmn_context_now(out->context, l->machine.now);
        buf_dispose(&xml);
        arena_reset(l->arena);
        feel_machine_again(&l->machine, NULL, &l->err);
        inputs_make(l);
        assert_ok(dmn_run(out->context, "all", l->inputs, LAB_NAMES, &out->values, &l->err), l->err);
        assert_true(out->values.kind == FEEL_CONTEXT && out->values.count == count);
}

void lab_run_dispose(struct lab_run *r)
{
        dmn_context_free(r->context);
        dmn_free(r->model);
}
