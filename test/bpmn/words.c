/* SPDX-License-Identifier: Apache-2.0
 *
 * The office's own words on processes, variables and activities, and what they may not say.
 */
#include "engine/bpmn/bpmn.h"
#include "testing.h"

#include <string.h>

#define MODEL(process, variables, task)                                                                                        \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO "\"><process id=\"P\" name=\"流程\" "            \
        "isExecutable=\"true\" " process "><extensionElements>" variables "</extensionElements><startEvent id=\"s\"/>"         \
        "<userTask id=\"t\" name=\"受理\" shebao:role=\"clerk\" " task "/><endEvent id=\"e\"/><sequenceFlow id=\"f1\" "        \
        "sourceRef=\"s\" targetRef=\"t\"/><sequenceFlow id=\"f2\" sourceRef=\"t\" targetRef=\"e\"/></process></definitions>"

static void what_a_model_says_is_read(void **state)
{
        static const char text[] =
            MODEL("shebao:risk=\"H\" shebao:article=\"法 1\" shebao:amount=\"total * 12\"",
                  "<shebao:variable name=\"total\" type=\"money\" titleZh=\"月额\" titleEn=\"Monthly\" required=\"true\"/>"
                  "<shebao:variable name=\"phone\" type=\"phone\" personal=\"true\"/>"
                  "<shebao:variable name=\"way\" type=\"choice\" values=\"counter post\"/><shebao:variable name=\"person\"/>",
                  "shebao:phase=\"ACC\" shebao:limit=\"30\" shebao:limitUnit=\"CD\" shebao:decisions=\"approve return\"");
        struct bpmn_model *m = NULL;
        struct error err = {0};
        json_t *variables = NULL;
        bool known = false;
        fen_t fen = 0;

        (void)state;
        assert_ok(bpmn_open(&m, str_from(text), NULL, NULL, &err), err);
        const struct bpmn_process *p = bpmn_process(m, 0);
        assert_string_equal(p->risk, "H");
        assert_string_equal(p->article, "法 1");
        assert_int_equal(p->variable_count, 4);
        assert_string_equal(p->variables[0].title[LANG_ZH], "月额");
        assert_string_equal(p->variables[0].title[LANG_EN], "Monthly");
        assert_true(p->variables[0].required && !p->variables[0].personal);
        assert_true(p->variables[1].personal && !p->variables[1].required);
        assert_string_equal(p->variables[2].values, "counter post");
        assert_string_equal(p->variables[3].type, "");
        assert_string_equal(p->variables[3].title[LANG_EN], "person");
        const struct bpmn_node *n = bpmn_node_find(m, "t");
        assert_string_equal(n->phase, "ACC");
        assert_int_equal(n->limit_days, 30);
        assert_true(n->limit_calendar);
        assert_ok(json_read(&variables, str_from("{\"total\":1000}"), &err), err);
        assert_ok(bpmn_amount(m, 0, variables, &known, &fen, &err), err);
        assert_true(known);
        assert_int_equal(fen, 1200000);
        json_object_clear(variables);
        assert_ok(bpmn_amount(m, 0, variables, &known, &fen, &err), err);
        assert_false(known);
        json_decref(variables);
        bpmn_free(m);
}

static void what_it_may_not_say_is_refused(void **state)
{
        static const char *const wrong[] = {
            MODEL("shebao:risk=\"X\"", "", ""),
            MODEL("", "<shebao:variable name=\"a\" type=\"colour\"/>", ""),
            MODEL("", "<shebao:variable name=\"a\" type=\"choice\"/>", ""),
            MODEL("", "<shebao:variable name=\"a\" type=\"text\" values=\"a b\"/>", ""),
            MODEL("", "", "shebao:phase=\"LATER\""),
            MODEL("", "", "shebao:limit=\"0\""),
            MODEL("", "", "shebao:limit=\"-3\""),
            MODEL("", "", "shebao:limit=\"soon\""),
            MODEL("", "", "shebao:limit=\"99999999\""),
            MODEL("", "", "shebao:limit=\"3\" shebao:limitUnit=\"HOURS\""),
        };

        (void)state;
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
                struct bpmn_model *m = NULL;
                struct error err = {0};
                assert_error(bpmn_open(&m, str_from(wrong[i]), NULL, NULL, &err), err, SB_BPMN_MODEL);
                assert_null(m);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(what_a_model_says_is_read),
                                           cmocka_unit_test(what_it_may_not_say_is_refused)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
