/* SPDX-License-Identifier: Apache-2.0
 *
 * The static rules: a sound model has no fault, and each change of it is told with its rule at its element.
 */
#include "engine/bpmn/bpmn.h"
#include "testing.h"

#include <string.h>

#define HEAD                                                                                                                   \
        "<definitions xmlns=\"" BPMN_NS "\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "                          \
        "targetNamespace=\"t\"><process id=\"p\" isExecutable=\"true\">"
#define TAIL "</process></definitions>"
#define START "<startEvent id=\"s\"><outgoing>f1</outgoing></startEvent>"
#define END "<endEvent id=\"e\"><incoming>f2</incoming></endEvent>"
#define F1 "<sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"a\"/>"
#define F2 "<sequenceFlow id=\"f2\" sourceRef=\"a\" targetRef=\"e\"/>"
#define WAYS "<incoming>f1</incoming><outgoing>f2</outgoing>"

struct seen {
        int count;
        char text[16][400];
};

static void see(void *ctx, const struct error *fault)
{
        struct seen *s = ctx;
        struct error bare = *fault;
        char text[300];

        if (s->count == 16)
                return;
        bare.where[0] = '\0';
        error_text(&bare, LANG_EN, text, sizeof text);
        text_format(s->text[s->count++], 400, "%.80s: %s", fault->where, text);
}

/* Some fault names the rule at the element; rule "" expects none at all. */
static void expect(const char *model, const char *rule, const char *element)
{
        struct seen seen = {.count = 0};
        struct error err = {0};
        char place[100], number[20];
        int rc = bpmn_rules(str_from(model), see, &seen, &err);

        if (rule[0] == '\0') {
                if (rc != 0)
                        fail_msg("a sound model is refused: %s", seen.text[0]);
                return;
        }
        assert_true(rc < 0);
        text_format(place, sizeof place, "%s line ", element);
        text_format(number, sizeof number, " %s ", rule);
        for (int i = 0; i < seen.count; i++)
                if (strncmp(seen.text[i], place, strlen(place)) == 0 && strstr(seen.text[i], number) != NULL)
                        return;
        fail_msg("%s is not told at %s; the first of %d faults: %s", rule, element, seen.count, seen.text[0]);
}

static void a_sound_model_has_no_fault(void **state)
{
        (void)state;
        expect(HEAD START F1 "<task id=\"a\">" WAYS "</task>" F2 END TAIL, "", "");
        expect(HEAD START F1 "<scriptTask id=\"a\" startQuantity=\"0\">" WAYS "<script>WORD</script></scriptTask>" F2 END TAIL,
               "", "");
        expect(HEAD START F1 "<scriptTask id=\"a\" scriptFormat=\"FEEL\">" WAYS
                             "<script>1 + 1</script></scriptTask>" F2 END TAIL,
               "", "");
}

static void each_rule_is_told_at_its_element(void **state)
{
        static const struct {
                const char *model, *rule, *element;
        } cases[] = {
            {HEAD START F1 "<task id=\"a\"><outgoing>f2</outgoing></task>" F2 END TAIL, "EXT023", "f1"},
            {HEAD START F1 "<task id=\"a\" default=\"f1\">" WAYS "</task>" F2 END TAIL, "EXT026", "a"},
            {HEAD START F1 "<task id=\"a\" startQuantity=\"0\">" WAYS "</task>" F2 END TAIL, "EXT037", "a"},
            {HEAD START F1 "<task id=\"a\" completionQuantity=\"-1\">" WAYS "</task>" F2 END TAIL, "EXT038", "a"},
            {HEAD START F1 "<scriptTask id=\"a\">" WAYS "<script>1 + 1</script></scriptTask>" F2 END TAIL, "EXT053", "a"},
            {HEAD START F1 "<exclusiveGateway id=\"a\">" WAYS "</exclusiveGateway>" F2 END TAIL, "EXT135", "a"},
            {HEAD START F1 "<intermediateCatchEvent id=\"a\">" WAYS "</intermediateCatchEvent>" F2 END TAIL, "EXT148", "a"},
            {HEAD START F1 "<intermediateThrowEvent id=\"a\">" WAYS "<linkEventDefinition id=\"l\" name=\"x\"/>"
                           "</intermediateThrowEvent>" F2 END TAIL,
             "EXT125", "a"},
            {HEAD START F1 "<intermediateCatchEvent id=\"a\">" WAYS "<timerEventDefinition id=\"t\"><timeDuration>PT1S"
                           "</timeDuration></timerEventDefinition></intermediateCatchEvent>" F2 END TAIL,
             "EXT012", "t"},
            {HEAD START F1 "<intermediateCatchEvent id=\"a\">" WAYS
                           "<timerEventDefinition id=\"t\"><timeDuration xsi:type=\"tFormalExpression\"> </timeDuration>"
                           "</timerEventDefinition></intermediateCatchEvent>" F2 END TAIL,
             "EXT013", "t"},
            {HEAD START F1 "<task id=\"a\">" WAYS "<multiInstanceLoopCharacteristics/></task>" F2 END TAIL, "EXT067", "a"},
            {HEAD START F1 "<subProcess id=\"a\">" WAYS "<startEvent id=\"x\"/></subProcess>" F2 END TAIL, "EXT101", "x"},
            {HEAD START F1 "<adHocSubProcess id=\"a\">" WAYS "</adHocSubProcess>" F2 END TAIL, "EXT061", "a"},
            {HEAD START F1 "<task id=\"a\">" WAYS "</task><boundaryEvent id=\"b\" attachedToRef=\"a\"/>" F2 END TAIL, "EXT110",
             "b"},
            {HEAD START F1 "<task id=\"a\">" WAYS "</task><task id=\"lost\"/>" F2 END TAIL, "EXT150", "lost"},
            {HEAD START F1 "<task id=\"a\">" WAYS "</task>" F2 END F1 TAIL, "REF", "f1"},
            {HEAD START F1 "<receiveTask id=\"a\" messageRef=\"gone\">" WAYS "</receiveTask>" F2 END TAIL, "REF", "a"},
        };

        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                expect(cases[i].model, cases[i].rule, cases[i].element);
}

static void what_is_no_model_is_an_error(void **state)
{
        struct error err = {0};

        (void)state;
        assert_error(bpmn_rules(str_from("<a/>"), NULL, NULL, &err), err, SB_BPMN_MODEL);
        assert_error(bpmn_rules(str_from("<a"), NULL, NULL, &err), err, SB_XML_SYNTAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_sound_model_has_no_fault),
            cmocka_unit_test(each_rule_is_told_at_its_element),
            cmocka_unit_test(what_is_no_model_is_an_error),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
