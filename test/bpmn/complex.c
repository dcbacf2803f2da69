/* SPDX-License-Identifier: Apache-2.0
 *
 * A complex gateway that two of three tokens open: what comes late is consumed, and it begins anew when all have come or none of the
 * others can come any more.
 */
#include "source.h"

#include <string.h>

enum { OPEN_MAX = 16 };
struct course {
        struct bpmn_model *m;
        json_t *state;
        struct {
                const char *node;
                int64_t token, sequence;
        } open[OPEN_MAX];
        int count, ends;
};

static void step(struct course *r, const struct bpmn_event *e)
{
        struct bpmn_step next;
        struct error err = {0};

        assert_ok(bpmn_step(&next, r->m, r->state, e, &err), err);
        for (size_t i = 0; i < next.count; i++) {
                const struct bpmn_effect *x = &next.effects[i];
                r->ends += x->kind == BPMN_DO_END;
                if (x->kind != BPMN_DO_TASK)
                        continue;
                assert_true(r->count < OPEN_MAX);
                r->open[r->count].node = x->node->id;
                r->open[r->count].token = x->token;
                r->open[r->count++].sequence = x->sequence;
        }
        json_decref(r->state);
        r->state = json_incref(next.state);
        bpmn_step_dispose(&next);
}

/* The oldest task of that node is done. */
static void done(struct course *r, const char *node, const char *outcome)
{
        struct error err = {0};
        json_t *data = NULL;
        int at = 0;

        while (at < r->count && strcmp(r->open[at].node, node) != 0)
                at++;
        if (at == r->count)
                fail_msg("%s is not open", node);
        assert_ok(json_read(&data, str_from(outcome), &err), err);
        struct bpmn_event e = {
            .kind = BPMN_COMPLETE, .token = r->open[at].token, .sequence = r->open[at].sequence, .data = data, .now = 2000000};
        memmove(&r->open[at], &r->open[at + 1], (size_t)(--r->count - at) * sizeof r->open[0]);
        step(r, &e);
        json_decref(data);
}

static int waiting(const struct course *r, const char *node)
{
        int n = 0;

        for (int i = 0; i < r->count; i++)
                n += strcmp(r->open[i].node, node) == 0;
        return n;
}

/* Three do it beside each other, the third may drop out; with two answers it goes on, and perhaps around again. */
static void begin(struct course *r)
{
        struct bpmn_event e = {.kind = BPMN_BEGIN, .now = 1000000};
        struct source s;

        memset(r, 0, sizeof *r);
        source_begin(&s);
        source_start(&s, "start");
        source_node(&s, "exclusiveGateway", "round", "", "");
        source_node(&s, "parallelGateway", "fork", "", "");
        source_user(&s, "a");
        source_user(&s, "b");
        source_user(&s, "c");
        source_node(&s, "exclusiveGateway", "leaves", "", "");
        source_node(&s, "complexGateway", "two", "",
                    "<bpmn:activationCondition>activationCount &gt;= 2</bpmn:activationCondition>");
        source_user(&s, "after");
        source_node(&s, "exclusiveGateway", "more", "", "");
        source_end(&s, "gone");
        source_end(&s, "end");
        source_flow(&s, "start", "round", "");
        source_flow(&s, "round", "fork", "");
        source_flow(&s, "fork", "a", "");
        source_flow(&s, "fork", "b", "");
        source_flow(&s, "fork", "c", "");
        source_flow(&s, "a", "two", "");
        source_flow(&s, "b", "two", "");
        source_flow(&s, "c", "leaves", "");
        source_flow(&s, "leaves", "two", "not(leave)");
        source_flow(&s, "leaves", "gone", "leave");
        source_flow(&s, "two", "after", "");
        source_flow(&s, "after", "more", "");
        source_flow(&s, "more", "round", "again");
        source_flow(&s, "more", "end", "not(again)");
        r->m = source_open(&s);
        step(r, &e);
        assert_int_equal(r->count, 3);
}

static void end(struct course *r)
{
        assert_int_equal(r->count, 0);
        assert_int_equal(r->ends, 1);
        assert_int_equal(json_array_size(json_object_get(r->state, "tokens")), 0);
        json_decref(r->state);
        bpmn_free(r->m);
}

static void what_comes_late_is_consumed(void **state)
{
        struct course r;

        (void)state;
        begin(&r);
        done(&r, "b", "{}");
        assert_int_equal(waiting(&r, "after"), 0);
        done(&r, "a", "{}");
        assert_int_equal(waiting(&r, "after"), 1);
        done(&r, "c", "{\"leave\":false}");
        assert_int_equal(waiting(&r, "after"), 1);
        done(&r, "after", "{\"again\":true}");
        for (int k = 0; k < 2; k++)
                done(&r, k == 0 ? "c" : "a", "{\"leave\":false}");
        assert_int_equal(waiting(&r, "after"), 1);
        done(&r, "b", "{}");
        done(&r, "after", "{\"again\":false}");
        end(&r);
}

static void it_begins_anew_when_none_can_come(void **state)
{
        struct course r;

        (void)state;
        begin(&r);
        done(&r, "a", "{}");
        done(&r, "b", "{}");
        done(&r, "c", "{\"leave\":true}"); /* after it fired */
        done(&r, "after", "{\"again\":true}");
        done(&r, "c", "{\"leave\":true}"); /* and before */
        done(&r, "b", "{}");
        assert_int_equal(waiting(&r, "after"), 0);
        done(&r, "a", "{}");
        assert_int_equal(waiting(&r, "after"), 1);
        done(&r, "after", "{\"again\":true}");
        done(&r, "b", "{}");
        done(&r, "c", "{\"leave\":false}");
        assert_int_equal(waiting(&r, "after"), 1);
        done(&r, "a", "{}");
        done(&r, "after", "{\"again\":false}");
        end(&r);
}

/* A second round overtakes one who still works at the first: their answer is the late one, the others' wait for it. */
static void the_next_round_waits_for_the_last_of_this_one(void **state)
{
        struct course r;

        (void)state;
        begin(&r);
        done(&r, "a", "{}");
        done(&r, "b", "{}");
        done(&r, "after", "{\"again\":true}");
        assert_int_equal(waiting(&r, "c"), 2);
        done(&r, "a", "{}");
        done(&r, "b", "{}");
        assert_int_equal(waiting(&r, "after"), 0);
        done(&r, "c", "{\"leave\":false}");
        assert_int_equal(waiting(&r, "after"), 1);
        done(&r, "c", "{\"leave\":false}");
        done(&r, "after", "{\"again\":false}");
        end(&r);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_comes_late_is_consumed),
            cmocka_unit_test(it_begins_anew_when_none_can_come),
            cmocka_unit_test(the_next_round_waits_for_the_last_of_this_one),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
