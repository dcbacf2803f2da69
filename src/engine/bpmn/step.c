/* SPDX-License-Identifier: Apache-2.0
 *
 * The step. An event moves one token; it, and every token that it begets, is led on until it waits or ends. Order is fixed: tokens
 * in order of id, flows in order of the file, so that the same event on the same state gives the same bytes.
 */
#include "engine/bpmn/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MOVES_MAX 10000

static int memory(struct walk *w)
{
        return error_raise(w->err, SB_MEMORY, "%s", "");
}

/* An error that happened at an element says so, unless it knows its place better. */
static int at(struct walk *w, const struct bpmn_node *n, int rc)
{
        if (rc < 0)
                error_where(w->err, "%s", n->id);
        return rc;
}

static int terminate(struct walk *w)
{
        for (size_t i = 0; i < w->s.count; i++) {
                const struct token *t = &w->s.tokens[i];
                bool asked = t->wait != WAIT_NONE && t->wait != WAIT_JOIN && t->wait != WAIT_SCOPE && t->wait != WAIT_DONE;
                if (asked && effect_add(w, BPMN_DO_CANCEL, t) == NULL)
                        return ERR;
        }
        while (w->s.count > 0)
                token_drop(&w->s, w->s.count - 1);
        return 0;
}

static int arrive(struct walk *w, size_t i)
{
        struct token *t = &w->s.tokens[i];
        const struct bpmn_node *n = &w->m->nodes[t->node];

        switch (n->kind) {
        case BPMN_START:
        case BPMN_BOUNDARY:
        case BPMN_EXCLUSIVE:
                return leave_node(w, i);
        case BPMN_PARALLEL:
                return join_arrive(w, i);
        case BPMN_INCLUSIVE:
        case BPMN_COMPLEX:
                return gateway_wait(w, i);
        case BPMN_EVENT_GATEWAY:
                return at(w, n, choice_wait(w, t->id));
        case BPMN_CATCH:
                return n->trigger == BPMN_LINK ? leave_node(w, i) : at(w, n, event_arm(w, t->id));
        case BPMN_THROW:
        case BPMN_END:
                return at(w, n, throw_next(w, t->id));
        default:
                return activity_begin(w, t->id);
        }
}

static bool throws(const struct bpmn_node *n)
{
        return (n->kind == BPMN_THROW || n->kind == BPMN_END) && n->trigger != BPMN_NONE && n->trigger != BPMN_LINK;
}

/* A listener for a condition comes when it turns true. */
static int conditions_look(struct walk *w, bool *moved)
{
        for (size_t i = 0; i < w->s.count; i++) {
                const struct code *c = &w->m->codes[w->s.tokens[i].node];
                for (size_t k = 0; w->s.tokens[i].wait == WAIT_EVENT && k < c->trigger_count; k++) {
                        struct token *t = &w->s.tokens[i];
                        struct error unknown = {0}, *err = w->err;
                        bool holds = false, held = t->held;
                        if (c->triggers[k].kind != BPMN_CONDITIONAL)
                                continue;
                        w->err = &unknown; /* what is unknown does not hold yet */
                        if (token_condition(w, t, c->triggers[k].condition, c->triggers[k].condition_text, &holds) < 0)
                                holds = false;
                        w->err = err;
                        if (unknown.code != SB_OK && unknown.code != SB_BPMN_CONDITION) {
                                *w->err = unknown;
                                return ERR;
                        }
                        t->held = holds;
                        if (holds && !held) {
                                *moved = true;
                                return event_fire(w, t->id, k);
                        }
                }
        }
        return 0;
}

/* Scopes, loops and compensations in which nothing lives any more. */
static int scopes_look(struct walk *w, bool *moved)
{
        for (size_t i = 0; i < w->s.count; i++) {
                const struct token *t = &w->s.tokens[i];
                if ((t->wait != WAIT_SCOPE && t->wait != WAIT_UNDO) || w->m->nodes[t->node].kind == BPMN_EVENT_GATEWAY ||
                    children_live(w, t->id))
                        continue;
                *moved = true;
                return t->wait == WAIT_UNDO ? undo_next(w, t->id) : scope_next(w, t->id);
        }
        return 0;
}

/* What can move moves, first without throwing: who listens is there before something is thrown. */
static int move(struct walk *w, bool *moved)
{
        int rc;

        for (size_t i = 0; i < w->s.count; i++)
                if (w->s.tokens[i].wait == WAIT_NONE && !throws(&w->m->nodes[w->s.tokens[i].node])) {
                        *moved = true;
                        return arrive(w, i);
                }
        if ((rc = conditions_look(w, moved)) < 0 || *moved)
                return rc;
        if ((rc = scopes_look(w, moved)) < 0 || *moved)
                return rc;
        if ((rc = joins_look(w, moved)) < 0 || *moved)
                return rc;
        for (size_t i = 0; i < w->s.count; i++)
                if (w->s.tokens[i].wait == WAIT_NONE) {
                        *moved = true;
                        return arrive(w, i);
                }
        return 0;
}

static int settle(struct walk *w)
{
        bool moved = true;

        while (moved) {
                moved = false;
                if (move(w, &moved) < 0)
                        return ERR;
                if (moved && ++w->moves > MOVES_MAX)
                        return error_raise(w->err, SB_LIMIT, "%s|%d",
                                           ERROR_BOTH("moves of one step (look for a loop without a task)",
                                                      "单步移动次数（请检查无任务的循环）"),
                                           MOVES_MAX);
        }
        return children_live(w, 0) ? 0 : terminate(w);
}

/* --- events ------------------------------------------------------------------------------------------------------------------ */

int outputs_take(struct walk *w, const struct token *t, const json_t *result)
{
        const struct code *c = &w->m->codes[t->node];
        struct value_scope scope = {.variables = w->s.variables, .result = result};
        json_t *taken = json_object();
        int rc = taken == NULL ? memory(w) : 0;

        /* All are computed before any is written: they see the same variables. */
        for (size_t i = 0; rc == 0 && i < c->output_count; i++) {
                json_t *value = NULL;
                rc = expression_json(c->outputs[i].value, &scope, c->outputs[i].text, &value, w->err);
                if (rc == 0 && json_object_set_new(taken, c->outputs[i].name, value) != 0)
                        rc = memory(w);
        }
        if (rc == 0 && c->output_count == 0 &&
            (w->m->nodes[t->node].kind == BPMN_USER_TASK || w->m->nodes[t->node].kind == BPMN_SCRIPT_TASK) &&
            json_object_update(taken, (json_t *)(uintptr_t)result) != 0)
                rc = memory(w);
        if (rc == 0 && json_object_update(w->s.variables, taken) != 0)
                rc = memory(w);
        json_decref(taken);
        return rc;
}

static bool hears(const struct bpmn_event *e, const struct trigger *x)
{
        return x->kind == e->trigger && e->name != NULL && strcmp(x->name, e->name) == 0;
}

static int hear_at(struct walk *w, const struct bpmn_event *e, int64_t id, size_t trigger)
{
        const struct token *t = token_find(w, id);

        if (e->data != NULL && at(w, &w->m->nodes[t->node], outputs_take(w, t, e->data)) < 0)
                return ERR;
        return event_fire(w, id, trigger);
}

/* Everybody who waits for it now hears a signal, the first (or the one that is meant) a message. */
static int hear(struct walk *w, const struct bpmn_event *e)
{
        int64_t last = 0, end = w->s.next;
        bool again = true;

        while (again) {
                again = false;
                for (size_t i = 0; !again && i < w->s.count; i++) {
                        const struct token *t = &w->s.tokens[i];
                        const struct code *c = &w->m->codes[t->node];
                        if (t->wait != WAIT_EVENT || t->id <= last || t->id >= end || (e->token != 0 && t->id != e->token))
                                continue;
                        for (size_t k = 0; !again && k < c->trigger_count; k++) {
                                if (!hears(e, &c->triggers[k]))
                                        continue;
                                last = t->id;
                                again = e->trigger == BPMN_SIGNAL;
                                if (hear_at(w, e, t->id, k) < 0)
                                        return ERR;
                                if (!again)
                                        return 0;
                        }
                }
        }
        return 0;
}

static bool answers(const struct token *t, const struct bpmn_event *e)
{
        if (t->sequence != e->sequence)
                return false;
        if (e->kind == BPMN_DUE)
                return t->wait == WAIT_EVENT;
        return t->wait == WAIT_TASK || t->wait == WAIT_SERVICE || t->wait == WAIT_SCRIPT || t->wait == WAIT_RULE ||
               t->wait == WAIT_CALL || (t->wait == WAIT_THROW && e->kind == BPMN_COMPLETE);
}

static int due(struct walk *w, const struct token *t, const struct bpmn_event *e)
{
        const struct code *c = &w->m->codes[t->node];

        for (size_t k = 0; k < c->trigger_count; k++)
                if (c->triggers[k].kind == BPMN_TIMER)
                        return event_fire(w, t->id, k);
        return error_raise(w->err, SB_BPMN_WAIT, "%lld|%lld", (long long)e->token, (long long)e->sequence);
}

static int resume_at(struct walk *w, int64_t id, const struct bpmn_event *e)
{
        const struct token *t = token_find(w, id);

        if (e->kind == BPMN_FAIL)
                return error_throw(w, id, e->name, e->data);
        if (e->kind == BPMN_DUE)
                return due(w, t, e);
        if (t->wait == WAIT_THROW && w->m->nodes[t->node].kind != BPMN_SEND_TASK)
                return throw_next(w, id);
        return activity_done(w, id);
}

static int resume(struct walk *w, const struct bpmn_event *e)
{
        json_t *none = NULL;
        size_t i = 0;
        int rc = 0;

        while (i < w->s.count && w->s.tokens[i].id != e->token)
                i++;
        const struct token *t = i < w->s.count ? &w->s.tokens[i] : NULL;
        if (t == NULL || !answers(t, e))
                return error_raise(w->err, SB_BPMN_WAIT, "%lld|%lld", (long long)e->token, (long long)e->sequence);
        if (e->kind == BPMN_COMPLETE) {
                none = e->data == NULL ? json_object() : NULL;
                rc = at(w, &w->m->nodes[t->node], outputs_take(w, t, e->data == NULL ? none : e->data));
                json_decref(none);
        }
        return rc < 0 ? rc : resume_at(w, e->token, e);
}

/* Numbers that mean nothing stop an instance before anything is done. */
static int numbers_check(struct walk *w)
{
        for (size_t i = 0; i < w->m->node_count; i++) {
                const struct code *c = &w->m->codes[i];
                struct value_scope scope = {.variables = w->s.variables};
                struct error spare = {0};
                json_t *runs = NULL;
                bool wrong = c->start_quantity < 1 || c->completion_quantity < 1 || c->loop_max < 0;
                if (c->cardinality != NULL && expression_json(c->cardinality, &scope, c->cardinality_text, &runs, &spare) == 0)
                        wrong = wrong || (json_is_integer(runs) && json_integer_value(runs) < 0);
                json_decref(runs);
                if (!wrong)
                        continue;
                error_raise(w->err, SB_BPMN_MODEL, "%s",
                            ERROR_BOTH("a quantity, maximum or cardinality means nothing", "数量、上限或基数没有意义"));
                return error_where(w->err, "%s", w->m->nodes[i].id);
        }
        return 0;
}

/* What a message brings becomes the first variables, or what the start event takes of it. */
static int variables_begin(struct walk *w, const struct bpmn_event *e)
{
        bool takes = e->start > 0 && e->data != NULL && w->m->codes[e->start - 1].output_count > 0;
        const struct token start = {.node = e->start - 1};

        w->s.variables = e->data == NULL || takes ? json_object() : json_deep_copy(e->data);
        if (w->s.variables == NULL)
                return memory(w);
        return takes ? at(w, &w->m->nodes[start.node], outputs_take(w, &start, e->data)) : 0;
}

static int begin(struct walk *w, const struct bpmn_event *e)
{
        if (bpmn_process(w->m, e->process) == NULL || e->start > (int)w->m->node_count)
                return error_raise(w->err, SB_BPMN_PROCESS, "%d", e->process);
        w->s.process = e->process;
        w->s.next = 1;
        if (variables_begin(w, e) < 0)
                return ERR;
        return numbers_check(w) < 0 ? ERR : scope_open(w, 0, e->process, -1, e->start - 1);
}

int bpmn_step(struct bpmn_step *out, const struct bpmn_model *m, const json_t *state, const struct bpmn_event *e,
              struct error *err)
{
        struct error spare = {0};
        struct walk w = {.m = m, .out = out, .now = e->now, .err = err == NULL ? &spare : err};
        int rc;

        assert((state == NULL) == (e->kind == BPMN_BEGIN));
        memset(out, 0, sizeof *out);
        if (e->kind == BPMN_BEGIN)
                rc = begin(&w, e);
        else if ((rc = state_read(&w.s, m, state, w.err)) == 0)
                rc = e->kind == BPMN_HEAR ? hear(&w, e) : resume(&w, e);
        if (rc == 0)
                rc = settle(&w);
        if (rc == 0 && w.s.count == 0 && effect_add(&w, BPMN_DO_END, NULL) == NULL)
                rc = ERR;
        if (rc == 0 && (out->state = state_write(&w.s, m)) == NULL)
                rc = memory(&w);
        if (rc < 0)
                bpmn_step_dispose(out);
        state_dispose(&w.s);
        return rc;
}

void bpmn_step_dispose(struct bpmn_step *s)
{
        for (size_t i = 0; i < s->count; i++)
                json_decref(s->effects[i].payload);
        free(s->effects);
        json_decref(s->state);
        memset(s, 0, sizeof *s);
}
