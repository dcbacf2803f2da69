/* SPDX-License-Identifier: Apache-2.0
 *
 * The step of the process engine: what each element does, what is refused, and that the same input gives the same bytes.
 */
#include "bpmn/source.h"

#include <stdlib.h>
#include <string.h>

/* An instance in a test: its state and the effects of the last step. */
struct run {
        struct bpmn_model *m;
        struct bpmn_step last;
        struct error err;
};

static void begin(struct run *r, const char *variables)
{
        json_t *data = NULL;
        struct bpmn_event e = {.kind = BPMN_BEGIN, .process = bpmn_process_find(r->m, "P"), .now = 1000000};

        assert_ok(json_read(&data, str_from(variables), &r->err), r->err);
        e.data = data;
        assert_ok(bpmn_step(&r->last, r->m, NULL, &e, &r->err), r->err);
        json_decref(data);
}

/* The state passes through its text, as it does in a database. */
static int send(struct run *r, enum bpmn_event_kind kind, int64_t token, int64_t sequence, const char *text)
{
        struct bpmn_step next;
        struct bpmn_event e = {.kind = kind, .token = token, .sequence = sequence, .now = 2000000};
        json_t *data = NULL, *state = NULL;
        struct buf b;

        buf_init(&b, JSON_MAX_BYTES);
        assert_ok(json_read(&data, str_from(text), &r->err), r->err);
        assert_ok(json_canonical(&b, r->last.state, &r->err), r->err);
        assert_ok(json_read(&state, str_from(buf_text(&b)), &r->err), r->err);
        e.data = data;
        int rc = bpmn_step(&next, r->m, state, &e, &r->err);
        if (rc == 0) {
                bpmn_step_dispose(&r->last);
                r->last = next;
        }
        json_decref(data);
        json_decref(state);
        buf_dispose(&b);
        return rc;
}

static void done(struct run *r)
{
        bpmn_step_dispose(&r->last);
        bpmn_free(r->m);
}

static const struct bpmn_effect *effect(const struct run *r, size_t i, enum bpmn_effect_kind kind, const char *node)
{
        assert_true(i < r->last.count);
        const struct bpmn_effect *e = &r->last.effects[i];
        assert_int_equal(e->kind, kind);
        if (node != NULL)
                assert_string_equal(e->node->id, node);
        return e;
}

static int64_t variable(const struct run *r, const char *name)
{
        return json_integer_value(json_object_get(json_object_get(r->last.state, "variables"), name));
}

/* accept → check (service) → amount over 100? approve : pay → end */
static struct bpmn_model *grant(void)
{
        struct source s;

        source_begin(&s);
        source_start(&s, "start");
        source_node(
            &s, "userTask", "accept", "name=\"受理\" shebao:titleEn=\"Accept\" shebao:role=\"clerk\" shebao:limit=\"3\"",
            "<bpmn:extensionElements><shebao:output name=\"accepted\" value=\"result.decision\"/></bpmn:extensionElements>");
        source_service(&s, "check");
        source_node(&s, "exclusiveGateway", "large", "default=\"f5\"", "");
        source_user(&s, "approve");
        source_end(&s, "end");
        source_flow(&s, "start", "accept", "");
        source_flow(&s, "accept", "check", "");
        source_flow(&s, "check", "large", "");
        source_flow(&s, "large", "approve", "n > 100");
        source_flow(&s, "large", "end", "");
        source_flow(&s, "approve", "end", "");
        return source_open(&s);
}

static void a_case_goes_its_way(void **state)
{
        struct run r = {.m = grant()};

        (void)state;
        begin(&r, "{\"n\":7}");
        const struct bpmn_effect *e = effect(&r, 0, BPMN_DO_TASK, "accept");
        assert_int_equal(r.last.count, 1);
        assert_int_equal(e->token, 1);
        assert_int_equal(e->sequence, 1);
        assert_int_equal(e->node->limit_days, 3);
        assert_string_equal(e->node->title[LANG_ZH], "受理");
        assert_string_equal(e->node->title[LANG_EN], "Accept");
        assert_ok(send(&r, BPMN_COMPLETE, 1, 1, "{\"decision\":\"yes\",\"note\":\"x\"}"), r.err);
        e = effect(&r, 0, BPMN_DO_SERVICE, "check");
        assert_int_equal(e->sequence, 2);
        assert_string_equal(e->node->verb, "thing.do");
        assert_int_equal(json_integer_value(json_object_get(e->payload, "n")), 7);
        assert_string_equal(json_string_value(json_object_get(json_object_get(r.last.state, "variables"), "accepted")), "yes");
        assert_null(json_object_get(json_object_get(r.last.state, "variables"), "note"));
        assert_ok(send(&r, BPMN_COMPLETE, 1, 2, "{\"n\":101}"), r.err);
        effect(&r, 0, BPMN_DO_TASK, "approve");
        assert_int_equal(variable(&r, "n"), 101);
        assert_ok(send(&r, BPMN_COMPLETE, 1, 3, "{\"approved_by\":4}"), r.err);
        effect(&r, 0, BPMN_DO_END, NULL);
        assert_int_equal(variable(&r, "approved_by"), 4); /* no outputs: the whole outcome */
        assert_int_equal(json_array_size(json_object_get(r.last.state, "tokens")), 0);
        done(&r);
        r.m = grant();
        begin(&r, "{\"n\":7}");
        assert_ok(send(&r, BPMN_COMPLETE, 1, 1, "{}"), r.err);
        assert_ok(send(&r, BPMN_COMPLETE, 1, 2, "{\"n\":100}"), r.err);
        effect(&r, 0, BPMN_DO_END, NULL);
        done(&r);
}

static void an_event_counts_once(void **state)
{
        struct run r = {.m = grant()};

        (void)state;
        begin(&r, "{\"n\":7}");
        assert_error(send(&r, BPMN_COMPLETE, 1, 2, "{}"), r.err, SB_BPMN_WAIT);
        assert_error(send(&r, BPMN_COMPLETE, 2, 1, "{}"), r.err, SB_BPMN_WAIT);
        assert_error(send(&r, BPMN_DUE, 1, 1, "{}"), r.err, SB_BPMN_WAIT);
        assert_ok(send(&r, BPMN_COMPLETE, 1, 1, "{}"), r.err);
        assert_error(send(&r, BPMN_COMPLETE, 1, 1, "{}"), r.err, SB_BPMN_WAIT);
        done(&r);
}

/* What is not known decides nothing. */
static void an_unknown_value_is_an_error(void **state)
{
        struct run r = {.m = grant()};

        (void)state;
        begin(&r, "{}");
        assert_ok(send(&r, BPMN_COMPLETE, 1, 1, "{}"), r.err);
        assert_null(json_object_get(effect(&r, 0, BPMN_DO_SERVICE, "check")->payload, "n"));
        assert_error(send(&r, BPMN_COMPLETE, 1, 2, "{}"), r.err, SB_BPMN_CONDITION);
        assert_ok(send(&r, BPMN_COMPLETE, 1, 2, "{\"n\":1}"), r.err);
        done(&r);
}

static void no_path_is_an_error(void **state)
{
        struct source s;
        struct run r = {.err = {0}};

        (void)state;
        source_begin(&s);
        source_start(&s, "start");
        source_user(&s, "ask");
        source_node(&s, "exclusiveGateway", "which", "", "");
        source_end(&s, "a");
        source_end(&s, "b");
        source_flow(&s, "start", "ask", "");
        source_flow(&s, "ask", "which", "");
        source_flow(&s, "which", "a", "way = \"a\"");
        source_flow(&s, "which", "b", "way = \"b\"");
        r.m = source_open(&s);
        begin(&r, "{}");
        assert_error(send(&r, BPMN_COMPLETE, 1, 1, "{\"way\":\"c\"}"), r.err, SB_BPMN_NO_FLOW);
        assert_ok(send(&r, BPMN_COMPLETE, 1, 1, "{\"way\":\"b\"}"), r.err);
        done(&r);
}

/* start → fork → (a, b) → join → end */
static void parallel_paths_meet_again(void **state)
{
        struct source s;
        struct run r = {.err = {0}};

        (void)state;
        source_begin(&s);
        source_start(&s, "start");
        source_node(&s, "parallelGateway", "fork", "", "");
        source_user(&s, "a");
        source_user(&s, "b");
        source_node(&s, "parallelGateway", "join", "", "");
        source_user(&s, "after");
        source_end(&s, "end");
        source_flow(&s, "start", "fork", "");
        source_flow(&s, "fork", "a", "");
        source_flow(&s, "fork", "b", "");
        source_flow(&s, "a", "join", "");
        source_flow(&s, "b", "join", "");
        source_flow(&s, "join", "after", "");
        source_flow(&s, "after", "end", "");
        r.m = source_open(&s);
        begin(&r, "{}");
        assert_int_equal(r.last.count, 2);
        int64_t a = effect(&r, 0, BPMN_DO_TASK, "a")->token, b = effect(&r, 1, BPMN_DO_TASK, "b")->token;
        assert_int_not_equal(a, b);
        assert_ok(send(&r, BPMN_COMPLETE, b, 1, "{}"), r.err);
        assert_int_equal(r.last.count, 0);
        assert_ok(send(&r, BPMN_COMPLETE, a, 1, "{}"), r.err);
        assert_int_equal(r.last.count, 1);
        const struct bpmn_effect *after = effect(&r, 0, BPMN_DO_TASK, "after");
        assert_ok(send(&r, BPMN_COMPLETE, after->token, after->sequence, "{}"), r.err);
        effect(&r, 0, BPMN_DO_END, NULL);
        done(&r);
}

static void a_timer_wakes(void **state)
{
        struct source s;
        struct run r = {.err = {0}};

        (void)state;
        source_begin(&s);
        source_start(&s, "start");
        source_timer(&s, "wait", "PT1H");
        source_timer(&s, "longer", "duration(days)");
        source_timer(&s, "until", "day");
        source_end(&s, "end");
        source_flow(&s, "start", "wait", "");
        source_flow(&s, "wait", "longer", "");
        source_flow(&s, "longer", "until", "");
        source_flow(&s, "until", "end", "");
        r.m = source_open(&s);
        begin(&r, "{\"days\":\"P2D\",\"day\":\"2026-11-24\"}");
        assert_int_equal(effect(&r, 0, BPMN_DO_TIMER, "wait")->at, 1000000 + (instant_t)3600 * 1000000);
        assert_ok(send(&r, BPMN_DUE, 1, 1, "{}"), r.err);
        assert_int_equal(effect(&r, 0, BPMN_DO_TIMER, "longer")->at, 2000000 + (instant_t)2 * 86400 * 1000000);
        assert_ok(send(&r, BPMN_DUE, 1, 2, "{}"), r.err);
        assert_int_equal(effect(&r, 0, BPMN_DO_TIMER, "until")->at, day_instant(day_from(2026, 11, 24)));
        assert_ok(send(&r, BPMN_DUE, 1, 3, "{}"), r.err);
        effect(&r, 0, BPMN_DO_END, NULL);
        done(&r);
}

static void terminate_cancels_the_rest(void **state)
{
        struct source s;
        struct run r = {.err = {0}};

        (void)state;
        source_begin(&s);
        source_start(&s, "start");
        source_node(&s, "parallelGateway", "fork", "", "");
        source_user(&s, "a");
        source_user(&s, "b");
        source_end(&s, "end");
        source_node(&s, "endEvent", "stop", "", "<bpmn:terminateEventDefinition/>");
        source_flow(&s, "start", "fork", "");
        source_flow(&s, "fork", "a", "");
        source_flow(&s, "fork", "b", "");
        source_flow(&s, "a", "end", "");
        source_flow(&s, "b", "stop", "");
        r.m = source_open(&s);
        begin(&r, "{}");
        int64_t a = effect(&r, 0, BPMN_DO_TASK, "a")->token, b = effect(&r, 1, BPMN_DO_TASK, "b")->token;
        assert_ok(send(&r, BPMN_COMPLETE, b, 1, "{}"), r.err);
        const struct bpmn_effect *cancelled = effect(&r, 0, BPMN_DO_CANCEL, "a");
        assert_int_equal(cancelled->token, a);
        effect(&r, 1, BPMN_DO_END, NULL);
        assert_error(send(&r, BPMN_COMPLETE, a, 1, "{}"), r.err, SB_BPMN_WAIT);
        done(&r);
}

static void a_loop_without_a_task_ends(void **state)
{
        struct source s;
        struct bpmn_step step;
        struct error err = {0};

        (void)state;
        source_begin(&s);
        source_start(&s, "start");
        source_node(&s, "task", "around", "", "");
        source_node(&s, "exclusiveGateway", "again", "", "");
        source_end(&s, "end");
        source_flow(&s, "start", "around", "");
        source_flow(&s, "around", "again", "");
        source_flow(&s, "again", "around", "true");
        source_flow(&s, "again", "end", "false");
        struct bpmn_model *m = source_open(&s);
        struct bpmn_event e = {.kind = BPMN_BEGIN};
        assert_error(bpmn_step(&step, m, NULL, &e, &err), err, SB_LIMIT);
        bpmn_free(m);
}

static void values_keep_their_kind(void **state)
{
        struct source s;
        struct run r = {.err = {0}};

        (void)state;
        source_begin(&s);
        source_start(&s, "start");
        source_node(&s, "serviceTask", "do", "shebao:verb=\"thing.do\"",
                    "<bpmn:extensionElements><shebao:input name=\"whole\" value=\"whole\"/><shebao:input name=\"money\" "
                    "value=\"money\"/>"
                    "<shebao:input name=\"none\" value=\"none\"/><shebao:input name=\"list\" value=\"[whole, 1.5, {a: yes}]\"/>"
                    "<shebao:input name=\"sum\" value=\"number(money) + whole\"/></bpmn:extensionElements>");
        source_end(&s, "end");
        source_flow(&s, "start", "do", "");
        source_flow(&s, "do", "end", "");
        r.m = source_open(&s);
        begin(&r, "{\"whole\":9007199254740993,\"money\":\"1234.50\",\"yes\":true}");
        struct buf b;
        buf_init(&b, 4096);
        assert_ok(json_canonical(&b, effect(&r, 0, BPMN_DO_SERVICE, "do")->payload, &r.err), r.err);
        assert_string_equal(
            buf_text(&b),
            "{\"list\":[9007199254740993,\"1.5\",{\"a\":true}],\"money\":\"1234.50\",\"sum\":\"9007199254742227.5\","
            "\"whole\":9007199254740993}");
        buf_dispose(&b);
        done(&r);
}

/* A stored state that was damaged, or is of another model, is refused and never executed. */
static void damaged_states_are_refused(void **state)
{
        static const char *const damaged[] = {
            "{}",
            "{\"v\":2,\"process\":\"P\",\"next\":2,\"tokens\":[],\"variables\":{}}",
            "{\"v\":1,\"process\":\"Q\",\"next\":2,\"tokens\":[],\"variables\":{}}",
            "{\"v\":1,\"process\":\"P\",\"next\":2,\"tokens\":{},\"variables\":{}}",
            "{\"v\":1,\"process\":\"P\",\"next\":2,\"tokens\":[],\"variables\":[]}",
            "{\"v\":1,\"process\":\"P\",\"next\":2,\"tokens\":[{\"id\":1,\"node\":\"gone\",\"sequence\":1,\"wait\":\"task\"}],"
            "\"variables\":{}}",
            "{\"v\":1,\"process\":\"P\",\"next\":2,\"tokens\":[{\"id\":1,\"node\":\"accept\",\"sequence\":1,\"wait\":\"sleep\"}"
            "],\"variables\":{}}",
            "{\"v\":1,\"process\":\"P\",\"next\":1,\"tokens\":[{\"id\":1,\"node\":\"accept\",\"sequence\":1,\"wait\":\"task\"}]"
            ",\"variables\":{}}",
            "{\"v\":1,\"process\":\"P\",\"next\":3,\"tokens\":[{\"id\":1,\"node\":\"accept\",\"sequence\":1,\"wait\":\"join\"}]"
            ",\"variables\":{}}",
        };
        struct bpmn_model *m = grant();
        struct bpmn_event e = {.kind = BPMN_COMPLETE, .token = 1, .sequence = 1};
        struct bpmn_step step;
        struct error err = {0};

        (void)state;
        for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
                json_t *json = NULL;
                assert_ok(json_read(&json, str_from(damaged[i]), &err), err);
                assert_true(bpmn_step(&step, m, json, &e, &err) < 0);
                assert_true(err.code == SB_BPMN_STATE || err.code == SB_FIELD_MISSING);
                error_clear(&err);
                json_decref(json);
        }
        bpmn_free(m);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_case_goes_its_way),          cmocka_unit_test(an_event_counts_once),
            cmocka_unit_test(an_unknown_value_is_an_error), cmocka_unit_test(no_path_is_an_error),
            cmocka_unit_test(parallel_paths_meet_again),    cmocka_unit_test(a_timer_wakes),
            cmocka_unit_test(terminate_cancels_the_rest),   cmocka_unit_test(a_loop_without_a_task_ends),
            cmocka_unit_test(values_keep_their_kind),       cmocka_unit_test(damaged_states_are_refused),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
