/* SPDX-License-Identifier: Apache-2.0
 *
 * The check of a model: every fault is told with its element, and all of them.
 */
#include "bpmn/source.h"

#include <string.h>

struct seen {
        int count;
        enum error_code codes[16];
        char places[16][80];
};

static void see(void *ctx, const struct error *fault)
{
        struct seen *s = ctx;

        assert_true(s->count < 16);
        s->codes[s->count] = fault->code;
        text_copy(s->places[s->count++], 80, str_from(fault->where));
}

/* The model has exactly this fault at that element. */
static void expect(struct source *s, enum error_code code, const char *element)
{
        struct seen seen = {.count = 0};
        struct bpmn_model *m = NULL;
        struct error err = {0};
        size_t n = strlen(element);

        assert_true(bpmn_open(&m, source_finish(s), see, &seen, &err) < 0);
        assert_null(m);
        if (seen.count != 1 || seen.codes[0] != code || strncmp(seen.places[0], element, n) != 0 || seen.places[0][n] != ' ')
                fail_msg("%d faults, the first %d at %s; one of %d at %s was expected", seen.count, seen.codes[0],
                         seen.places[0], code, element);
        assert_int_equal(err.code, code);
        source_dispose(s);
}

/* start → ask → end, and what a test changes of it. */
static void begin(struct source *s)
{
        source_begin(s);
        source_start(s, "start");
        source_user(s, "ask");
        source_end(s, "end");
        source_flow(s, "start", "ask", "");
        source_flow(s, "ask", "end", "");
}

static void unsound_models_are_refused(void **state)
{
        struct source s;

        (void)state;
        begin(&s);
        source_start(&s, "second");
        source_flow(&s, "second", "ask", "");
        expect(&s, SB_BPMN_MODEL, "P");
        begin(&s);
        source_flow(&s, "ask", "nowhere", "");
        expect(&s, SB_BPMN_MODEL, "f3");
        begin(&s);
        source_node(&s, "userTask", "role", "", "");
        source_flow(&s, "start", "role", "");
        source_flow(&s, "role", "end", "");
        expect(&s, SB_BPMN_MODEL, "role");
        begin(&s);
        source_node(&s, "serviceTask", "verb", "", "");
        source_flow(&s, "start", "verb", "");
        source_flow(&s, "verb", "end", "");
        expect(&s, SB_BPMN_MODEL, "verb");
        begin(&s);
        source_user(&s, "alone");
        source_flow(&s, "alone", "end", "");
        expect(&s, SB_BPMN_MODEL, "alone");
        begin(&s);
        source_user(&s, "stuck");
        source_flow(&s, "ask", "stuck", "true");
        expect(&s, SB_BPMN_MODEL, "stuck");
        begin(&s);
        source_node(&s, "sequenceFlow", "f1", "sourceRef=\"start\" targetRef=\"ask\"", "");
        expect(&s, SB_BPMN_MODEL, "f1");
        begin(&s);
        source_node(&s, "userTask", "limit", "shebao:role=\"clerk\" shebao:limit=\"soon\"", "");
        source_flow(&s, "start", "limit", "");
        source_flow(&s, "limit", "end", "");
        expect(&s, SB_BPMN_MODEL, "limit");
}

static void gateways_are_checked(void **state)
{
        struct source s;

        (void)state;
        begin(&s);
        source_node(&s, "exclusiveGateway", "which", "", "");
        source_flow(&s, "start", "which", "");
        source_flow(&s, "which", "ask", "n > 1");
        source_flow(&s, "which", "end", "");
        expect(&s, SB_BPMN_MODEL, "f5");
        begin(&s);
        source_node(&s, "exclusiveGateway", "which", "default=\"f1\"", "");
        source_flow(&s, "start", "which", "");
        source_flow(&s, "which", "ask", "n > 1");
        source_flow(&s, "which", "end", "n <= 1");
        expect(&s, SB_BPMN_MODEL, "which");
        begin(&s);
        source_node(&s, "exclusiveGateway", "which", "", "");
        source_flow(&s, "start", "which", "");
        source_flow(&s, "which", "ask", "n > ");
        source_flow(&s, "which", "end", "n <= 1");
        expect(&s, SB_FEEL_SYNTAX, "f4");
        begin(&s);
        source_node(&s, "parallelGateway", "fork", "", "");
        source_flow(&s, "start", "fork", "");
        source_flow(&s, "fork", "ask", "n > 1");
        source_flow(&s, "fork", "end", "");
        expect(&s, SB_BPMN_MODEL, "f4");
}

static void refused(const char *kind, const char *attributes, const char *body, enum error_code code)
{
        struct source s;

        begin(&s);
        source_node(&s, kind, "later", attributes, body);
        source_flow(&s, "start", "later", "");
        if (strcmp(kind, "endEvent") != 0)
                source_flow(&s, "later", "end", "");
        expect(&s, code, "later");
}

static void what_the_office_cannot_carry_is_refused(void **state)
{
        struct source s;

        (void)state;
        refused("scriptTask", "scriptFormat=\"groovy\"", "<bpmn:script>x</bpmn:script>", SB_BPMN_UNSUPPORTED);
        refused("scriptTask", "", "", SB_BPMN_UNSUPPORTED);
        refused("businessRuleTask", "", "", SB_BPMN_MODEL);
        refused("businessRuleTask", "shebao:model=\"pension\"", "", SB_BPMN_MODEL);
        refused("callActivity", "", "", SB_BPMN_MODEL);
        refused("sendTask", "", "", SB_BPMN_MODEL);
        refused("receiveTask", "messageRef=\"unknown\"", "", SB_BPMN_MODEL);
        refused("intermediateCatchEvent", "", "", SB_BPMN_MODEL);
        refused("intermediateThrowEvent", "", "<bpmn:signalEventDefinition/>", SB_BPMN_MODEL);
        refused("userTask", "shebao:role=\"clerk\"", "<bpmn:multiInstanceLoopCharacteristics/>", SB_BPMN_MODEL);
        begin(&s);
        source_node(&s, "boundaryEvent", "later", "", "<bpmn:errorEventDefinition/>");
        source_flow(&s, "later", "end", "");
        expect(&s, SB_BPMN_MODEL, "later");
        begin(&s);
        source_node(&s, "subProcess", "later", "triggeredByEvent=\"true\"",
                    "<bpmn:startEvent id=\"in\"/>"
                    "<bpmn:endEvent id=\"out\"/><bpmn:sequenceFlow id=\"i\" sourceRef=\"in\" targetRef=\"out\"/>");
        expect(&s, SB_BPMN_MODEL, "later");
        begin(&s);
        source_node(&s, "startEvent", "later", "",
                    "<bpmn:conditionalEventDefinition><bpmn:condition>true</bpmn:condition></bpmn:conditionalEventDefinition>");
        source_flow(&s, "later", "ask", "");
        expect(&s, SB_BPMN_UNSUPPORTED, "later");
        begin(&s);
        source_node(&s, "spaceShip", "later", "", "");
        expect(&s, SB_BPMN_UNSUPPORTED, "later");
}

static void all_faults_are_told(void **state)
{
        struct source s;
        struct seen seen = {.count = 0};
        struct bpmn_model *m = NULL;
        struct error err = {0};

        (void)state;
        begin(&s);
        source_node(&s, "scriptTask", "later", "", "");
        source_node(&s, "serviceTask", "verb", "", "");
        source_flow(&s, "start", "later", "");
        source_flow(&s, "later", "verb", "");
        source_flow(&s, "verb", "end", "1 +");
        assert_true(bpmn_open(&m, source_finish(&s), see, &seen, &err) < 0);
        assert_int_equal(seen.count, 3);
        source_dispose(&s);
}

static void what_is_no_model_is_an_error(void **state)
{
        static const struct {
                const char *text;
                enum error_code code;
        } files[] = {
            {"", SB_XML_SYNTAX},
            {"<a>", SB_XML_SYNTAX},
            {"<definitions/>", SB_BPMN_MODEL},
            {"<definitions xmlns=\"" BPMN_NS "\"/>", SB_BPMN_MODEL},
            {"<definitions xmlns=\"" BPMN_NS "\"><process id=\"a\"/></definitions>", SB_BPMN_MODEL},
        };
        struct bpmn_model *m = NULL;
        struct error err = {0};

        (void)state;
        for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
                assert_error(bpmn_open(&m, str_from(files[i].text), NULL, NULL, &err), err, files[i].code);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(unsound_models_are_refused),
            cmocka_unit_test(gateways_are_checked),
            cmocka_unit_test(what_the_office_cannot_carry_is_refused),
            cmocka_unit_test(all_faults_are_told),
            cmocka_unit_test(what_is_no_model_is_an_error),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
