/* SPDX-License-Identifier: Apache-2.0
 *
 * Random walks over random models: whatever the order in which the world answers, no token is lost, no key is used twice, what waits
 * in the state is what was asked of the world and not answered or cancelled yet, and the end comes exactly once. The model is drawn of
 * blocks (sequence, choice, parallel, loop, sub-processes with events beside them, choices by events, inclusive paths, runs over a
 * number), so that it is sound by construction.
 */
#include "bpmn/source.h"

#include "base/rng.h"

#include <stdlib.h>
#include <string.h>

#define MODELS 150
#define STEPS_MAX 4000

struct drawing {
        struct source s;
        struct rng *rng;
        int names, budget;
};

static char *name_new(struct drawing *d, char out[16])
{
        return text_format(out, 16, "n%d", ++d->names);
}

/* A block after the node `from` (reached under `condition`); its last node into out. */
static void block(struct drawing *d, const char *from, const char *condition, int depth, char out[16]);

static void one(struct drawing *d, const char *from, const char *condition, char out[16])
{
        name_new(d, out);
        switch (rng_below(d->rng, 8)) {
        case 3:
                source_node(&d->s, "scriptTask", out, "scriptFormat=\"FEEL\"", "<bpmn:script>{n: n + 1}</bpmn:script>");
                break;
        case 4:
                source_node(&d->s, "userTask", out, "shebao:role=\"clerk\"",
                            rng_below(d->rng, 2) == 0 ? "<bpmn:multiInstanceLoopCharacteristics isSequential=\"true\">"
                                                        "<bpmn:loopCardinality>3</bpmn:loopCardinality>"
                                                        "</bpmn:multiInstanceLoopCharacteristics>"
                                                      : "<bpmn:multiInstanceLoopCharacteristics><bpmn:loopCardinality>2"
                                                        "</bpmn:loopCardinality></bpmn:multiInstanceLoopCharacteristics>");
                break;
        case 5:
                source_node(&d->s, "intermediateThrowEvent", out, "", "<bpmn:signalEventDefinition signalRef=\"s\"/>");
                break;
        case 0:
                source_user(&d->s, out);
                break;
        case 1:
                source_timer(&d->s, out, "PT5M");
                break;
        case 2:
                source_node(&d->s, "task", out, "", "");
                break;
        default:
                source_service(&d->s, out);
                break;
        }
        source_flow(&d->s, from, out, condition);
}

static void choice(struct drawing *d, const char *from, const char *condition, int depth, char out[16])
{
        char split[16], left[16], right[16], attributes[40], merge[16];
        int fallback = d->s.flows + 2;

        name_new(d, split);
        name_new(d, merge);
        source_node(&d->s, "exclusiveGateway", split, text_format(attributes, sizeof attributes, "default=\"f%d\"", fallback),
                    "");
        source_flow(&d->s, from, split, condition);
        /* The default is the next flow that is drawn. */
        name_new(d, right);
        source_service(&d->s, right);
        source_flow(&d->s, split, right, "");
        assert_int_equal(d->s.flows, fallback);
        block(d, split, "modulo(n, 2) = 0", depth + 1, left);
        source_node(&d->s, "exclusiveGateway", merge, "", "");
        source_flow(&d->s, left, merge, "");
        source_flow(&d->s, right, merge, "");
        text_copy(out, 16, str_from(merge));
}

static void parallel(struct drawing *d, const char *from, const char *condition, int depth, char out[16])
{
        char fork[16], end[16], join[16];
        int paths = 2 + (int)rng_below(d->rng, 3);

        name_new(d, fork);
        name_new(d, join);
        source_node(&d->s, "parallelGateway", fork, "", "");
        source_flow(&d->s, from, fork, condition);
        source_node(&d->s, "parallelGateway", join, "", "");
        for (int i = 0; i < paths; i++) {
                block(d, fork, "", depth + 1, end);
                source_flow(&d->s, end, join, "");
        }
        text_copy(out, 16, str_from(join));
}

static void loop(struct drawing *d, const char *from, const char *condition, int depth, char out[16])
{
        char head[16], body[16], service[16], tail[16], attributes[40];

        name_new(d, head);
        source_node(&d->s, "exclusiveGateway", head, "", "");
        source_flow(&d->s, from, head, condition);
        block(d, head, "", depth + 1, body);
        name_new(d, service); /* brings a new n, so that the loop is left some day */
        source_service(&d->s, service);
        source_flow(&d->s, body, service, "");
        name_new(d, tail);
        source_node(&d->s, "exclusiveGateway", tail,
                    text_format(attributes, sizeof attributes, "default=\"f%d\"", d->s.flows + 3), "");
        source_flow(&d->s, service, tail, "");
        source_flow(&d->s, tail, head, "modulo(n, 3) = 0");
        name_new(d, out);
        source_node(&d->s, "task", out, "", "");
        source_flow(&d->s, tail, out, "");
}

#define TIMER "<bpmn:timerEventDefinition><bpmn:timeDuration>PT5M</bpmn:timeDuration></bpmn:timerEventDefinition>"
#define MESSAGE "<bpmn:messageEventDefinition messageRef=\"m\"/>"

/* A sub-process; beside it an event that ends it and comes out where it does, or one that does not and has an end of its own. */
static void inside(struct drawing *d, const char *from, const char *condition, int depth, char out[16])
{
        char sub[16], start[16], last[16], end[16], beside[16], attributes[80], step[16];
        bool interrupts = rng_below(d->rng, 2) == 0;

        name_new(d, sub);
        name_new(d, start);
        name_new(d, end);
        source_flow(&d->s, from, sub, condition);
        buf_add_format(&d->s.xml, "<bpmn:subProcess id=\"%s\">", sub);
        source_start(&d->s, start);
        block(d, start, "", depth + 1, last);
        source_end(&d->s, end);
        source_flow(&d->s, last, end, "");
        buf_add_text(&d->s.xml, "</bpmn:subProcess>");
        name_new(d, beside);
        source_node(&d->s, "boundaryEvent", beside,
                    text_format(attributes, sizeof attributes, "attachedToRef=\"%s\" cancelActivity=\"%s\"", sub,
                                interrupts ? "true" : "false"),
                    rng_below(d->rng, 2) == 0 ? TIMER : MESSAGE);
        name_new(d, step);
        source_user(&d->s, step);
        source_flow(&d->s, beside, step, "");
        name_new(d, out);
        source_node(&d->s, interrupts ? "exclusiveGateway" : "task", out, "", "");
        source_flow(&d->s, sub, out, "");
        if (interrupts) {
                source_flow(&d->s, step, out, "");
                return;
        }
        name_new(d, end);
        source_end(&d->s, end);
        source_flow(&d->s, step, end, "");
}

/* The first of two events decides the way. */
static void events(struct drawing *d, const char *from, const char *condition, char out[16])
{
        char gateway[16], one_of[16], other[16];

        name_new(d, gateway);
        name_new(d, one_of);
        name_new(d, other);
        name_new(d, out);
        source_node(&d->s, "eventBasedGateway", gateway, "", "");
        source_flow(&d->s, from, gateway, condition);
        source_node(&d->s, "intermediateCatchEvent", one_of, "", TIMER);
        source_node(&d->s, "intermediateCatchEvent", other, "", MESSAGE);
        source_node(&d->s, "exclusiveGateway", out, "", "");
        source_flow(&d->s, gateway, one_of, "");
        source_flow(&d->s, gateway, other, "");
        source_flow(&d->s, one_of, out, "");
        source_flow(&d->s, other, out, "");
}

/* One, two or three ways at once, by values; they meet again. */
static void inclusive(struct drawing *d, const char *from, const char *condition, int depth, char out[16])
{
        char split[16], last[16], attributes[40];

        name_new(d, split);
        name_new(d, out);
        source_flow(&d->s, from, split, condition);
        source_node(&d->s, "inclusiveGateway", split,
                    text_format(attributes, sizeof attributes, "default=\"f%d\"", d->s.flows + 1), "");
        name_new(d, last);
        source_user(&d->s, last);
        source_flow(&d->s, split, last, "");
        source_node(&d->s, "inclusiveGateway", out, "", "");
        source_flow(&d->s, last, out, "");
        for (int i = 2; i < 4; i++) {
                char text[40];
                block(d, split, text_format(text, sizeof text, "modulo(n, %d) = 0", i), depth + 1, last);
                source_flow(&d->s, last, out, "");
        }
}

static void block(struct drawing *d, const char *from, const char *condition, int depth, char out[16])
{
        uint32_t what = depth > 4 || d->budget-- <= 0 ? 0 : rng_below(d->rng, 9);
        char middle[16];

        if (what == 1)
                choice(d, from, condition, depth, out);
        else if (what == 2)
                parallel(d, from, condition, depth, out);
        else if (what == 3)
                loop(d, from, condition, depth, out);
        else if (what == 4) {
                block(d, from, condition, depth + 1, middle);
                block(d, middle, "", depth + 1, out);
        } else if (what == 6) {
                inside(d, from, condition, depth, out);
        } else if (what == 7) {
                events(d, from, condition, out);
        } else if (what == 8) {
                inclusive(d, from, condition, depth, out);
        } else {
                one(d, from, condition, out);
        }
}

static struct bpmn_model *draw(struct rng *rng)
{
        struct drawing d = {.rng = rng, .budget = 25};
        char last[16];

        source_begin(&d.s);
        source_start(&d.s, "start");
        source_node(&d.s, "task", "first", "", "");
        source_flow(&d.s, "start", "first", "");
        block(&d, "first", "", 0, last);
        source_end(&d.s, "end");
        source_flow(&d.s, last, "end", "");
        return source_open(&d.s);
}

struct open { /* asked of the world and not answered */
        int64_t token, sequence;
        enum bpmn_effect_kind kind;
};
struct walk {
        struct open *open;
        size_t count, room;
        json_t *used; /* keys "token-sequence" */
        int ends;
};

static void effects_take(struct walk *w, const struct bpmn_step *step)
{
        char key[48];

        for (size_t i = 0; i < step->count; i++) {
                const struct bpmn_effect *e = &step->effects[i];
                if (e->kind == BPMN_DO_CANCEL) {
                        bool found = false;
                        for (size_t k = 0; !found && k < w->count; k++)
                                if ((found = w->open[k].token == e->token && w->open[k].sequence == e->sequence))
                                        w->open[k] = w->open[--w->count];
                        assert_true(found);
                        continue;
                }
                if (e->kind == BPMN_DO_END) {
                        w->ends++;
                        continue;
                }
                text_format(key, sizeof key, "%lld-%lld", (long long)e->token, (long long)e->sequence);
                assert_null(json_object_get(w->used, key));
                json_object_set_new(w->used, key, json_true());
                if (w->count == w->room) {
                        w->room = w->room * 2 + 8;
                        w->open = realloc(w->open, w->room * sizeof *w->open);
                        assert_non_null(w->open);
                }
                w->open[w->count++] = (struct open){e->token, e->sequence, e->kind};
        }
}

/* The tokens that wait for the world are exactly the open effects. */
static void waits_compare(const struct walk *w, const json_t *state)
{
        json_t *token;
        size_t i, waiting = 0;

        json_array_foreach(json_object_get(state, "tokens"), i, token)
        {
                int64_t id = json_integer_value(json_object_get(token, "id")),
                        sequence = json_integer_value(json_object_get(token, "sequence"));
                bool found = false;
                const char *wait = json_string_value(json_object_get(token, "wait"));
                if (strcmp(wait, "join") == 0 || strcmp(wait, "scope") == 0 || strcmp(wait, "done") == 0)
                        continue;
                waiting++;
                for (size_t k = 0; k < w->count; k++)
                        found |= w->open[k].token == id && w->open[k].sequence == sequence;
                assert_true(found);
        }
        assert_int_equal(waiting, w->count);
        assert_int_equal(w->ends, json_array_size(json_object_get(state, "tokens")) == 0);
}

static void text_of(const json_t *state, struct buf *b)
{
        struct error err = {0};

        buf_clear(b);
        assert_ok(json_canonical(b, state, &err), err);
}

/* The same event on the same state, once more from its text, gives the same bytes. */
static void repeat_compare(const struct bpmn_model *m, const char *before, const struct bpmn_event *e, const json_t *after)
{
        struct error err = {0};
        struct bpmn_step again;
        json_t *state = NULL;
        struct buf a, b;

        buf_init(&a, JSON_MAX_BYTES);
        buf_init(&b, JSON_MAX_BYTES);
        assert_ok(json_read(&state, str_from(before), &err), err);
        assert_ok(bpmn_step(&again, m, state, e, &err), err);
        text_of(after, &a);
        text_of(again.state, &b);
        assert_string_equal(buf_text(&a), buf_text(&b));
        bpmn_step_dispose(&again);
        json_decref(state);
        buf_dispose(&a);
        buf_dispose(&b);
}

static void walk(const struct bpmn_model *m, struct rng *rng)
{
        struct walk w = {.used = json_object()};
        json_t *data = json_pack("{s:i}", "n", (int)rng_below(rng, 1000)), *state = NULL;
        struct bpmn_event e = {.kind = BPMN_BEGIN, .data = data};
        struct error err = {0};
        struct bpmn_step step;
        struct buf before;

        buf_init(&before, JSON_MAX_BYTES);
        for (int n = 0; n < STEPS_MAX; n++) {
                text_of(state == NULL ? data : state, &before);
                assert_ok(bpmn_step(&step, m, state, &e, &err), err);
                if (state != NULL)
                        repeat_compare(m, buf_text(&before), &e, step.state);
                effects_take(&w, &step);
                json_decref(state);
                state = json_incref(step.state);
                bpmn_step_dispose(&step);
                json_decref(data);
                data = NULL;
                waits_compare(&w, state);
                if (w.count == 0)
                        break;
                size_t k = rng_below(rng, (uint32_t)w.count);
                data = json_pack("{s:i}", "n", (int)rng_below(rng, 1000));
                bool heard = w.open[k].kind == BPMN_DO_LISTEN;
                e = (struct bpmn_event){.kind = heard                             ? BPMN_HEAR
                                                : w.open[k].kind == BPMN_DO_TIMER ? BPMN_DUE
                                                                                  : BPMN_COMPLETE,
                                        .trigger = BPMN_MESSAGE,
                                        .name = heard ? "m" : NULL,
                                        .token = w.open[k].token,
                                        .sequence = w.open[k].sequence,
                                        .data = data};
                if (!heard) /* who listens beside something listens on, until it is cancelled with it */
                        w.open[k] = w.open[--w.count];
        }
        assert_int_equal(w.ends, 1);
        json_decref(data);
        json_decref(state);
        json_decref(w.used);
        buf_dispose(&before);
        free(w.open);
}

static void no_token_is_lost(void **state)
{
        (void)state;
        for (int i = 0; i < MODELS; i++) {
                struct rng rng = rng_new(20261124, (uint64_t)i);
                struct bpmn_model *m = draw(&rng);
                walk(m, &rng);
                walk(m, &rng);
                bpmn_free(m);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(no_token_is_lost)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
