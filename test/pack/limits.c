/* SPDX-License-Identifier: Apache-2.0
 *
 * A child may tighten what its parent sets for a process and never loosen it: limits in whatever unit, limits of steps, the steps
 * themselves and the papers that are needed.
 */
#include "fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL_HEAD                                                                                                             \
        "<?xml version=\"1.0\"?><bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" "                 \
        "xmlns:shebao=\"urn:shebao:process\" id=\"d\" targetNamespace=\"urn:t\">\n<bpmn:process id=\"P99\" name=\"流程\" "   \
        "shebao:titleEn=\"Process\" isExecutable=\"true\">\n<bpmn:startEvent id=\"s\"/>\n"
#define TASK(id, attributes)                                                                                                   \
        "<bpmn:userTask id=\"" id "\" name=\"办\" shebao:titleEn=\"Do\" shebao:role=\"clerk\" " attributes "/>\n"
#define FLOW(id, from, to) "<bpmn:sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to "\"/>\n"
#define MODEL_END "<bpmn:endEvent id=\"e\"/>\n</bpmn:process></bpmn:definitions>\n"
#define TWO_STEPS(first, second)                                                                                               \
        MODEL_HEAD TASK("a", first) TASK("b", second) FLOW("f1", "s", "a") FLOW("f2", "a", "b") FLOW("f3", "b", "e") MODEL_END

/* The child has no fault. */
static void north_is_sound(const struct fixture *f)
{
        struct error err = {0};
        char dir[128];
        int errors = -1;

        assert_ok(pack_check(fixture_dir(f, "north", dir), NULL, NULL, &errors, &err), err);
        assert_int_equal(errors, 0);
}

static void term_is(const struct fixture *f, const char *parent, const char *own, bool loosens)
{
        struct error err = {0};
        char text[400], dir[128];
        int errors = -1;

        fixture_write(f, "land/units.csv", "unit,kind,scale\nyuan,number,\nworking_days,whole,\ndays,whole,\nmonths,whole,\n");
        fixture_write(
            f, "land/keys.csv",
            "key,unit,dimensions,values,limit,gaps,title_zh,title_en\nterm,working_days|days|months,,,max,no,时限,Limit\n");
        snprintf(text, sizeof text, HEADER "term,,%s,2020-01-01,,法1号,T\n", parent);
        fixture_write(f, "land/parameters/all.csv", text);
        snprintf(text, sizeof text, "term,,%s,2021-01-01,,x,P\n", own);
        fixture_child(f, "north", text);
        assert_ok(pack_check(fixture_dir(f, "north", dir), NULL, NULL, &errors, &err), err);
        if (errors != (loosens ? 1 : 0))
                fail_msg("%s under %s: %d errors", own, parent, errors);
}

static void limits_of_other_units_are_compared_or_refused(void **state)
{
        static const struct {
                const char *parent, *own;
                bool loosens;
        } cases[] = {
            {"20,working_days", "20,working_days", false},
            {"20,working_days", "21,working_days", true},
            {"20,working_days", "20,days", false},
            {"20,working_days", "21,days", true},
            {"60,days", "60,days", false},
            {"60,days", "5,working_days", true}, /* nobody knows how long they last */
            {"3,months", "84,days", false},
            {"3,months", "85,days", true},
            {"62,days", "2,months", false},
            {"61,days", "2,months", true},
        };

        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                term_is(*state, cases[i].parent, cases[i].own, cases[i].loosens);
        fixture_child(*state, "north", "term,,5,yuan,2021-01-01,,x,T\n");
        fixture_expect(*state, "north", 2, SB_PARAMETER_UNIT, "north/parameters/own.csv:2");
}

static void model_is(const struct fixture *f, const char *own, enum error_code code, const char *place)
{
        fixture_child(f, "north", "");
        fixture_write(f, "land/processes/P99.bpmn",
                      TWO_STEPS("shebao:limit=\"5\" shebao:limitUnit=\"CD\"", "shebao:limit=\"3\""));
        fixture_write(f, "north/processes/P99.bpmn", own);
        if (code != SB_OK) {
                fixture_expect(f, "north", 2, code, place);
                return;
        }
        north_is_sound(f);
}

static void steps_keep_their_place_and_their_time(void **state)
{
        const struct fixture *f = *state;

        model_is(f, TWO_STEPS("shebao:limit=\"5\" shebao:limitUnit=\"CD\"", "shebao:limit=\"3\""), SB_OK, "");
        model_is(f, TWO_STEPS("shebao:limit=\"4\" shebao:limitUnit=\"CD\"", "shebao:limit=\"2\" shebao:limitUnit=\"CD\""),
                 SB_OK, "");
        model_is(f, TWO_STEPS("shebao:limit=\"5\" shebao:limitUnit=\"CD\"", "shebao:limit=\"4\""), SB_PACK_LIMIT, "P99.bpmn:5");
        model_is(f, TWO_STEPS("shebao:limit=\"5\"", "shebao:limit=\"3\""), SB_PACK_LIMIT, "P99.bpmn:4");
        model_is(f, TWO_STEPS("shebao:limit=\"5\" shebao:limitUnit=\"CD\"", ""), SB_PACK_LIMIT, "P99.bpmn:5");
        model_is(f,
                 MODEL_HEAD TASK("a", "shebao:limit=\"5\" shebao:limitUnit=\"CD\"") FLOW("f1", "s", "a") FLOW("f2", "a", "e")
                     MODEL_END,
                 SB_PACK_STEP, "P99.bpmn");
}

static void model_of_class(char *out, size_t size, const char *attributes)
{
        static const char plain[] = TWO_STEPS("", "");
        const char *at = strstr(plain, " isExecutable");

        snprintf(out, size, "%.*s %s%s", (int)(at - plain), plain, attributes, at);
}

/* Nor is a case made one of a lower class, with fewer persons, nor one of an amount that nobody has to sign. */
static void the_class_of_risk_is_not_lowered(void **state)
{
        static const struct {
                const char *above, *own;
                bool loosens;
        } rows[] = {{"shebao:risk=\"M\"", "shebao:risk=\"H\"", false},
                    {"shebao:risk=\"H\"", "shebao:risk=\"M\"", true},
                    {"shebao:risk=\"M\"", "shebao:risk=\"L\"", true},
                    {"", "shebao:risk=\"M\"", true},
                    {"shebao:risk=\"L\" shebao:amount=\"thing\"", "shebao:risk=\"L\"", true}};
        const struct fixture *f = *state;
        char text[4000];

        fixture_child(f, "north", "");
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                model_of_class(text, sizeof text, rows[i].above);
                fixture_write(f, "land/processes/P99.bpmn", text);
                model_of_class(text, sizeof text, rows[i].own);
                fixture_write(f, "north/processes/P99.bpmn", text);
                if (rows[i].loosens)
                        fixture_expect(f, "north", 2, SB_PACK_LIMIT, "P99.bpmn");
                else
                        north_is_sound(f);
        }
}

#define PAPERS "process,material,required\n"

static void papers_that_are_needed_stay_needed(void **state)
{
        const struct fixture *f = *state;

        fixture_write(f, "land/materials.csv", PAPERS "P99,form,yes\nP99,proof,no\n");
        fixture_child(f, "north", "");
        fixture_write(f, "north/materials.csv", PAPERS "P99,form,yes\nP99,more,yes\n");
        north_is_sound(f);
        fixture_write(f, "north/materials.csv", PAPERS "P99,form,no\n");
        fixture_expect(f, "north", 2, SB_PACK_STEP, "north/materials.csv");
        fixture_write(f, "north/materials.csv", PAPERS "P98,form,yes\n");
        fixture_expect(f, "north", 2, SB_PACK_STEP, "north/materials.csv");
}

#define EASED "process,material,required,promise,gap\n"

/* A promise instead of proof, and a paper that follows, are allowed by the parent or not at all; its own papers are the child's affair. */
static void papers_are_not_made_easier(void **state)
{
        static const struct {
                const char *own;
                bool loosens;
        } tables[] = {
            {"P99,form,yes,no,yes\nP99,proof,yes,yes,no\nP99,note,no,no,no\n", false},
            {"P99,form,yes,no,no\nP99,proof,yes,no,no\nP99,note,yes,no,no\nP99,more,yes,yes,yes\n", false},
            {"P99,form,yes,yes,yes\nP99,proof,yes,yes,no\n", true},
            {"P99,form,yes,no,yes\nP99,proof,yes,yes,yes\n", true},
            {"P99,form,yes,no,yes\nP99,proof,yes,yes,no\nP99,note,no,yes,no\n", true},
        };
        const struct fixture *f = *state;
        char text[300];

        fixture_write(f, "land/materials.csv", EASED "P99,form,yes,no,yes\nP99,proof,yes,yes,no\nP99,note,no,no,no\n");
        fixture_child(f, "north", "");
        for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
                snprintf(text, sizeof text, EASED "%s", tables[i].own);
                fixture_write(f, "north/materials.csv", text);
                if (tables[i].loosens)
                        fixture_expect(f, "north", 2, SB_PACK_STEP, "north/materials.csv");
                else
                        north_is_sound(f);
        }
}

#define POWER "process,role,level,amount\n"

static void powers_are(const struct fixture *f, const char *own, enum error_code code)
{
        fixture_write(f, "land/signing.csv",
                      POWER "*,approver,1,\n*,approver,2,5000.00\nP99,approver,1,\nP99,approver,2,300.00\n");
        fixture_child(f, "north", "");
        fixture_write(f, "north/signing.csv", own);
        if (code != SB_OK) {
                fixture_expect(f, "north", 2, code, "north/signing.csv");
                return;
        }
        north_is_sound(f);
}

static void signing_power_is_only_tightened(void **state)
{
        const struct fixture *f = *state;

        powers_are(f, POWER "*,approver,1,\n*,approver,2,5000.00\nP99,approver,1,\nP99,approver,2,300.00\n", SB_OK);
        powers_are(f, POWER "*,approver,1,900.00\n*,approver,2,4999.99\nP99,approver,1,\nP99,approver,2,0.00\n", SB_OK);
        powers_are(f, POWER "*,approver,1,\n*,approver,2,5000.01\nP99,approver,1,\nP99,approver,2,300.00\n", SB_PACK_LIMIT);
        powers_are(f, POWER "*,approver,1,\n*,approver,2,\nP99,approver,1,\nP99,approver,2,300.00\n", SB_PACK_LIMIT);
        powers_are(f, POWER "*,approver,1,\n*,approver,2,5000.00\n", SB_PACK_LIMIT); /* P99 falls under all */
        powers_are(f, POWER "*,approver,1,\n*,approver,2,5000.00\n*,approver,3,1.00\nP99,approver,1,\nP99,approver,2,300.00\n",
                   SB_PACK_LIMIT); /* a level that signed nothing */
        powers_are(f, POWER "*,approver,1,\n*,approver,2,viel\nP99,approver,1,\nP99,approver,2,1.00\n", SB_PACK_CELL);
}

#define RISK "risk,persons,blind_bulk\n"

static void classes_of_risk_keep_their_persons(void **state)
{
        const struct fixture *f = *state;

        fixture_write(f, "land/risk.csv", RISK "L,2,yes\nH,3,no\n");
        fixture_child(f, "north", "");
        fixture_write(f, "north/risk.csv", RISK "L,2,no\nH,4,no\n");
        north_is_sound(f);
        fixture_write(f, "north/risk.csv", RISK "L,2,yes\nH,2,no\n");
        fixture_expect(f, "north", 2, SB_PACK_STEP, "north/risk.csv");
        fixture_write(f, "north/risk.csv", RISK "L,2,yes\nH,3,yes\n");
        fixture_expect(f, "north", 2, SB_PACK_STEP, "north/risk.csv");
        fixture_write(f, "north/risk.csv", RISK "L,2,yes\n");
        fixture_expect(f, "north", 2, SB_PACK_STEP, "north/risk.csv");
}

#define RISKY_HEAD(risk)                                                                                                       \
        "<?xml version=\"1.0\"?><bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" "                 \
        "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:shebao=\"urn:shebao:process\" id=\"d\" "                \
        "targetNamespace=\"urn:t\">\n<bpmn:process id=\"P99\" name=\"流程\" "                                                \
        "shebao:titleEn=\"Process\" isExecutable=\"true\" shebao:risk=" risk ">\n<bpmn:startEvent id=\"s\"/>\n"
#define STEP(id, role, phase)                                                                                                  \
        "<bpmn:userTask id=\"" id "\" name=\"办\" shebao:titleEn=\"Do\" shebao:role=\"" role "\" shebao:phase=\"" phase "\"/"  \
        ">\n"
#define WHEN(id, from, to, condition)                                                                                          \
        "<bpmn:sequenceFlow id=\"" id "\" sourceRef=\"" from "\" targetRef=\"" to                                              \
        "\"><bpmn:conditionExpression xsi:type=\"bpmn:tFormalExpression\">" condition                                          \
        "</bpmn:conditionExpression></bpmn:sequenceFlow>\n"
#define GATEWAY(kind, id) "<bpmn:" kind "Gateway id=\"" id "\"/>\n"
#define STRAIGHT(second, phase, third, last)                                                                                   \
        STEP("x", "clerk", last)                                                                                               \
        STEP("a", "clerk", "ACC")                                                                                              \
        STEP("b", second, phase)                                                                                               \
        STEP("c", third, phase)                                                                                                \
        FLOW("f1", "s", "a") FLOW("f2", "a", "b") FLOW("f3", "b", "c") FLOW("f4", "c", "x") FLOW("f5", "x", "e") MODEL_END
#define SPLIT                                                                                                                  \
        STEP("x", "clerk", "EXE")                                                                                              \
        STEP("a", "clerk", "ACC")                                                                                              \
        STEP("b", "reviewer", "REV")                                                                                           \
        STEP("c", "approver", "APR")                                                                                           \
        FLOW("f1", "s", "a")                                                                                                   \
        FLOW("f2", "a", "g") FLOW("f3", "b", "h") FLOW("f4", "c", "h") FLOW("f5", "h", "x") FLOW("f6", "x", "e")

static void a_model_has_room_for_the_persons_of_its_class(void **state)
{
        static const struct {
                const char *text, *fault; /* the element, where there are too few hands; NULL enough */
        } models[] = {
            {RISKY_HEAD("\"H\"") STRAIGHT("reviewer", "REV", "approver", "EXE"), NULL},
            {RISKY_HEAD("\"H\"") STRAIGHT("reviewer", "REV", "clerk", "EXE"), "x line 4"},
            {RISKY_HEAD("\"L\"") STRAIGHT("reviewer", "REV", "clerk", "EXE"), NULL},
            {RISKY_HEAD("\"L\"") STRAIGHT("clerk", "REV", "clerk", "EXE"), "x line 4"},
            /* of one role and phase one officer does all that is prepared, and nothing that is judged */
            {RISKY_HEAD("\"H\"") STRAIGHT("finance", "ACC", "finance", "EXE"), "x line 4"},
            {RISKY_HEAD("\"H\"") STRAIGHT("reviewer", "REV", "reviewer", "EXE"), NULL},
            /* without an execution the approval has to be reached and done */
            {RISKY_HEAD("\"H\"") STRAIGHT("reviewer", "REV", "reviewer", "APR"), NULL},
            {RISKY_HEAD("\"H\"") STRAIGHT("reviewer", "REV", "clerk", "APR"), "x line 4"},
            /* one way leads around */
            {RISKY_HEAD("\"L\"") SPLIT GATEWAY("exclusive", "g") GATEWAY("exclusive", "h") WHEN("w1", "g", "b", "true")
                 WHEN("w2", "g", "c", "true") MODEL_END,
             NULL},
            {RISKY_HEAD("\"H\"") SPLIT GATEWAY("exclusive", "g") GATEWAY("exclusive", "h") WHEN("w1", "g", "b", "true")
                 WHEN("w2", "g", "c", "true") MODEL_END,
             "x line 4"},
            /* both ways are gone, and come together */
            {RISKY_HEAD("\"H\"") SPLIT GATEWAY("parallel", "g") GATEWAY("parallel", "h") FLOW("w1", "g", "b")
                 FLOW("w2", "g", "c") MODEL_END,
             NULL},
            /* what another process carried out has passed through the hands that its class needs */
            {RISKY_HEAD("\"H\" shebao:after=\"P98\"") STRAIGHT("clerk", "REV", "clerk", "EXE"), NULL},
            {RISKY_HEAD("\"H\" shebao:after=\"P97\"") STRAIGHT("clerk", "REV", "clerk", "EXE"), "x line 4"},
            {RISKY_HEAD("\"H\" shebao:after=\"P96\"") STRAIGHT("clerk", "REV", "clerk", "EXE"), "x line 4"},
        };
        const struct fixture *f = *state;
        struct error err = {0};
        char dir[128], place[80];
        int errors = -1;

        fixture_write(f, "land/risk.csv", RISK "L,2,yes\nH,3,no\n");
        for (int name = 97; name <= 98; name++) {
                char *text = strdup(name == 98 ? models[0].text : models[2].text), path[40];
                assert_non_null(text);
                snprintf(path, sizeof path, "land/processes/P%d.bpmn", name);
                memcpy(strstr(text, "P99"), path + strlen("land/processes/"), 3);
                fixture_write(f, path, text);
                free(text);
        }
        for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
                fixture_write(f, "land/processes/P99.bpmn", models[i].text);
                if (models[i].fault != NULL) {
                        snprintf(place, sizeof place, "land/processes/P99.bpmn!%s", models[i].fault);
                        fixture_expect(f, "land", 2, SB_PACK_PERSONS, place);
                        continue;
                }
                assert_ok(pack_check(fixture_dir(f, "land", dir), NULL, NULL, &errors, &err), err);
                if (errors != 0)
                        fail_msg("model %d: %d errors", (int)i, errors);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(limits_of_other_units_are_compared_or_refused, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(steps_keep_their_place_and_their_time, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(the_class_of_risk_is_not_lowered, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(papers_that_are_needed_stay_needed, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(papers_are_not_made_easier, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(signing_power_is_only_tightened, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(classes_of_risk_keep_their_persons, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(a_model_has_room_for_the_persons_of_its_class, fixture_make, fixture_remove),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
