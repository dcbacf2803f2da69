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
#define EFFECTS_MAX 10000

static int memory(struct walk *w)
{
        return error_raise(w->err, SB_MEMORY, "%s", "");
}

struct bpmn_effect *effect_add(struct walk *w, enum bpmn_effect_kind kind, const struct token *t)
{
        if (w->out->count == w->room) {
                size_t room = w->room == 0 ? 4 : w->room * 2;
                struct bpmn_effect *more = room > EFFECTS_MAX * 2 ? NULL : realloc(w->out->effects, room * sizeof *more);
                if (more == NULL) {
                        memory(w);
                        return NULL;
                }
                w->out->effects = more;
                w->room = room;
        }
        struct bpmn_effect *e = &w->out->effects[w->out->count++];
        *e = (struct bpmn_effect){.kind = kind};
        if (t != NULL) {
                e->node = &w->m->nodes[t->node];
                e->token = t->id;
                e->sequence = t->sequence;
        }
        return e;
}

/* An error that happened at an element says so, unless it knows its place better. */
static int at(struct walk *w, const struct bpmn_node *n, int rc)
{
        if (rc < 0)
                error_where(w->err, "%s", n->id);
        return rc;
}

/* --- what a token waits for --------------------------------------------------------------------------------------------- */

static int service_payload(struct walk *w, const struct token *t, json_t **out)
{
        const struct code *c = &w->m->codes[t->node];
        json_t *payload = json_object(), *variables = NULL;
        int rc = payload == NULL ? memory(w) : variables_of(w, t, &variables);
        struct value_scope scope = {.variables = variables};

        for (size_t i = 0; rc == 0 && i < c->input_count; i++) {
                json_t *value = NULL;
                rc = expression_json(c->inputs[i].value, &scope, c->inputs[i].text, &value, w->err);
                if (rc == 0 && !json_is_null(value) && json_object_set(payload, c->inputs[i].name, value) != 0)
                        rc = memory(w);
                json_decref(value);
        }
        json_decref(variables);
        if (rc == 0)
                *out = payload;
        else
                json_decref(payload);
        return rc;
}

static enum bpmn_effect_kind effect_of(const struct walk *w, const struct token *t, const struct trigger *thrown)
{
        static const enum bpmn_effect_kind kinds[] = {
            [WAIT_TASK] = BPMN_DO_TASK,     [WAIT_SERVICE] = BPMN_DO_SERVICE, [WAIT_TIMER] = BPMN_DO_TIMER,
            [WAIT_SCRIPT] = BPMN_DO_SCRIPT, [WAIT_RULE] = BPMN_DO_RULE,       [WAIT_EVENT] = BPMN_DO_TIMER};

        (void)w;
        if (t->wait == WAIT_THROW)
                return thrown->kind == BPMN_SIGNAL ? BPMN_DO_SIGNAL : BPMN_DO_MESSAGE;
        return kinds[t->wait];
}

static int timer_at(struct walk *w, const struct token *t, instant_t *when)
{
        const struct code *c = &w->m->codes[t->node];
        const struct feel_node *timer = c->timer;
        const char *text = c->timer_text;
        json_t *variables = NULL;
        int rc = variables_of(w, t, &variables);
        struct value_scope scope = {.variables = variables};

        for (size_t i = 0; t->wait == WAIT_EVENT && i < c->trigger_count; i++)
                if (c->triggers[i].kind == BPMN_TIMER) {
                        timer = c->triggers[i].timer;
                        text = c->triggers[i].timer_text;
                        break;
                }
        if (rc == 0)
                rc = expression_instant(timer, &scope, text, w->now, when, w->err);
        json_decref(variables);
        return rc;
}

int wait_begin(struct walk *w, struct token *t, enum wait wait)
{
        const struct code *c = &w->m->codes[t->node];
        const struct trigger *thrown =
            wait != WAIT_THROW ? NULL : &c->triggers[w->m->nodes[t->node].kind == BPMN_SEND_TASK ? 0 : t->begun - 1];
        json_t *payload = NULL;
        instant_t when = 0;
        int rc = 0;

        t->wait = wait;
        t->sequence++;
        if (wait == WAIT_SERVICE || wait == WAIT_RULE || (wait == WAIT_THROW && c->input_count > 0))
                rc = service_payload(w, t, &payload);
        else if (wait == WAIT_TIMER || wait == WAIT_EVENT)
                rc = timer_at(w, t, &when);
        struct bpmn_effect *e = rc == 0 ? effect_add(w, effect_of(w, t, thrown), t) : NULL;
        if (e == NULL) {
                json_decref(payload);
                return ERR;
        }
        e->payload = payload;
        e->at = when;
        e->name = wait == WAIT_SCRIPT ? c->script_text : thrown != NULL ? thrown->name : NULL;
        return 0;
}

/* --- leaving a node --------------------------------------------------------------------------------------------------------- */

static int flow_holds(struct walk *w, const struct token *t, int flow, bool *holds)
{
        const struct flow *f = &w->m->flows[flow];
        int rc = 0;

        *holds = true;
        if (f->condition != NULL && (rc = token_condition(w, t, f->condition, f->text, holds)) < 0)
                error_where(w->err, "%s", f->id);
        return rc;
}

static int no_flow(struct walk *w, const struct bpmn_node *n)
{
        error_raise(w->err, SB_BPMN_NO_FLOW, "%s", n->id);
        return error_where(w->err, "%s", n->id);
}

/* The flows that a token takes out of its node; chosen has room for all. */
static int flows_choose(struct walk *w, size_t token, int *chosen, size_t *count)
{
        int node = w->s.tokens[token].node;
        const struct bpmn_node *n = &w->m->nodes[node];
        const struct code *c = &w->m->codes[node];
        bool one = n->kind == BPMN_EXCLUSIVE, holds, conditional = false;

        *count = 0;
        for (size_t i = 0; i < c->out_count && !(one && *count == 1); i++) {
                if (c->out[i] == c->default_flow)
                        continue;
                holds = true;
                if (n->kind != BPMN_PARALLEL && flow_holds(w, &w->s.tokens[token], c->out[i], &holds) < 0)
                        return ERR;
                if (holds)
                        chosen[(*count)++] = c->out[i];
                conditional = conditional || (holds && w->m->flows[c->out[i]].condition != NULL);
        }
        /* Beside flows without a condition the default is for when no condition holds. */
        if (c->default_flow >= 0 && (*count == 0 || (n->kind > BPMN_BOUNDARY && n->kind <= BPMN_AD_HOC && !conditional)))
                chosen[(*count)++] = c->default_flow;
        if (w->m->full && c->out_count == 0)
                return 0;
        return *count == 0 && n->kind != BPMN_END ? no_flow(w, n) : 0;
}

/* A token goes on by one flow as itself; where it splits, new tokens go on. */
int leave(struct walk *w, size_t i)
{
        int node = w->s.tokens[i].node;
        size_t count = 0, room = w->m->codes[node].out_count;
        int *chosen = calloc(room + 1, sizeof *chosen);
        int rc = chosen == NULL ? memory(w) : flows_choose(w, i, chosen, &count);

        if (rc == 0 && count == 1) {
                w->s.tokens[i].node = w->m->flows[chosen[0]].target;
                w->s.tokens[i].flow = chosen[0];
                w->s.tokens[i].wait = WAIT_NONE;
                w->s.tokens[i].begun = w->s.tokens[i].done = w->s.tokens[i].total = w->s.tokens[i].seen = 0;
                w->s.tokens[i].held = false;
        } else if (rc == 0) {
                int64_t parent = w->s.tokens[i].parent;
                token_drop(&w->s, i);
                for (size_t k = 0; rc == 0 && k < count; k++) {
                        struct token *t = token_new(&w->s, w->m->flows[chosen[k]].target, chosen[k], w->err);
                        if (t == NULL)
                                rc = ERR;
                        else
                                t->parent = parent;
                }
        }
        free(chosen);
        return rc;
}

/* --- arriving at a node ------------------------------------------------------------------------------------------------------- */

static bool waits_at(const struct token *t, int node, int64_t parent, int flow)
{
        return t->node == node && t->parent == parent && t->wait == WAIT_JOIN && (flow < 0 || t->flow == flow);
}

static size_t waiting_at(const struct walk *w, int node, int64_t parent, int flow)
{
        size_t count = 0;

        for (size_t j = 0; j < w->s.count; j++)
                count += waits_at(&w->s.tokens[j], node, parent, flow);
        return count;
}

/* One token of each flow is consumed; the survivor goes on. */
static int join_fire(struct walk *w, int64_t survivor)
{
        struct token *t = token_find(w, survivor);
        int node = t->node, flow = t->flow;
        int64_t parent = t->parent;
        const struct code *c = &w->m->codes[node];

        for (size_t k = 0; k < c->in_count; k++)
                for (size_t j = 0; c->in[k] != flow && j < w->s.count; j++)
                        if (waits_at(&w->s.tokens[j], node, parent, c->in[k])) {
                                token_drop(&w->s, j);
                                break;
                        }
        return leave(w, token_index(w, token_find(w, survivor)));
}

/* A parallel gateway waits for a token on each flow; then one of each is consumed. */
static int join(struct walk *w, size_t i)
{
        struct token *t = &w->s.tokens[i];
        const struct code *c = &w->m->codes[t->node];

        t->wait = WAIT_JOIN;
        for (size_t k = 0; k < c->in_count; k++)
                if (waiting_at(w, t->node, t->parent, c->in[k]) == 0)
                        return 0;
        return join_fire(w, t->id);
}

/* The nodes from which these flows can be reached without passing the gateway. */
static void upstream(const struct bpmn_model *m, int gateway, const struct walk *w, int64_t parent, bool full, bool *marked)
{
        const struct code *c = &m->codes[gateway];
        bool more = true;

        for (size_t k = 0; k < c->in_count; k++)
                if ((waiting_at(w, gateway, parent, c->in[k]) > 0) == full)
                        marked[m->flows[c->in[k]].source] = true;
        while (more) {
                more = false;
                for (size_t i = 0; i < m->node_count; i++) {
                        const struct code *x = &m->codes[i];
                        for (size_t k = 0; marked[i] && (int)i != gateway && k < x->in_count; k++)
                                if (!marked[m->flows[x->in[k]].source])
                                        marked[m->flows[x->in[k]].source] = more = true;
                        if (marked[i] && x->attached >= 0 && !marked[x->attached])
                                marked[x->attached] = more = true;
                }
        }
}

/* An inclusive gateway waits as long as a token may still come by a flow on which none stands. */
static int inclusive_ready(struct walk *w, const struct token *t, bool *ready)
{
        size_t n = w->m->node_count;
        bool *empty = calloc(2 * n, sizeof *empty), *full = empty == NULL ? NULL : empty + n;

        if (empty == NULL)
                return memory(w);
        upstream(w->m, t->node, w, t->parent, false, empty);
        upstream(w->m, t->node, w, t->parent, true, full);
        *ready = true;
        for (size_t j = 0; j < w->s.count; j++) {
                const struct token *x = &w->s.tokens[j];
                if (x->parent == t->parent && token_live(x) && x->node != t->node && empty[x->node] && !full[x->node])
                        *ready = false;
        }
        free(empty);
        return 0;
}

/* A complex gateway fires when its condition holds over the number of tokens; what comes later is consumed. */
static int complex_ready(struct walk *w, struct token *t, bool *ready)
{
        const struct code *c = &w->m->codes[t->node];
        size_t count = 0;

        if (c->condition == NULL)
                return inclusive_ready(w, t, ready);
        for (size_t k = 0; k < c->in_count; k++)
                count += waiting_at(w, t->node, t->parent, c->in[k]) > 0;
        json_t *before = t->locals;
        t->locals = json_pack("{s:I}", "activationCount", (json_int_t)count);
        int rc = t->locals == NULL ? memory(w) : token_condition(w, t, c->condition, c->condition_text, ready);
        json_decref(t->locals);
        t->locals = before;
        return rc;
}

static struct token *fired_at(struct walk *w, const struct token *t)
{
        for (size_t j = 0; j < w->s.count; j++)
                if (w->s.tokens[j].wait == WAIT_DONE && w->s.tokens[j].node == t->node && w->s.tokens[j].parent == t->parent)
                        return &w->s.tokens[j];
        return NULL;
}

static int complex_fire(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        int64_t left = (int64_t)w->m->codes[t->node].in_count;

        for (size_t k = 0; k < w->m->codes[t->node].in_count; k++)
                left -= waiting_at(w, t->node, t->parent, w->m->codes[t->node].in[k]) > 0;
        if (left > 0) {
                struct token *mark = token_begin(w, t->node, t->parent, PART_FLOW);
                if (mark == NULL)
                        return ERR;
                mark->wait = WAIT_DONE;
                mark->total = left;
        }
        return join_fire(w, id);
}

static int gateway_wait(struct walk *w, size_t i)
{
        struct token *t = &w->s.tokens[i], *mark;

        if (w->m->codes[t->node].in_count < 2)
                return leave(w, i);
        mark = w->m->nodes[t->node].kind == BPMN_COMPLEX ? fired_at(w, t) : NULL;
        t->wait = WAIT_JOIN;
        if (mark == NULL)
                return 0;
        int64_t marked = mark->id;
        token_drop(&w->s, i);
        mark = token_find(w, marked);
        if (--mark->total <= 0)
                token_drop(&w->s, token_index(w, mark));
        return 0;
}

static int choice_wait(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];

        t->wait = WAIT_SCOPE;
        for (size_t k = 0; k < c->out_count; k++) {
                struct token *x = token_begin(w, w->m->flows[c->out[k]].target, id, PART_LISTENER);
                if (x == NULL || event_arm(w, x->id) < 0)
                        return ERR;
        }
        return 0;
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

static int arrive_full(struct walk *w, size_t i)
{
        struct token *t = &w->s.tokens[i];
        const struct bpmn_node *n = &w->m->nodes[t->node];

        switch (n->kind) {
        case BPMN_START:
        case BPMN_BOUNDARY:
        case BPMN_EXCLUSIVE:
                return leave(w, i);
        case BPMN_PARALLEL:
                return join(w, i);
        case BPMN_INCLUSIVE:
        case BPMN_COMPLEX:
                return gateway_wait(w, i);
        case BPMN_EVENT_GATEWAY:
                return at(w, n, choice_wait(w, t->id));
        case BPMN_CATCH:
                return n->trigger == BPMN_LINK ? leave(w, i) : at(w, n, event_arm(w, t->id));
        case BPMN_THROW:
        case BPMN_END:
                return at(w, n, throw_next(w, t->id));
        default:
                return activity_begin(w, t->id);
        }
}

static int arrive(struct walk *w, size_t i)
{
        struct token *t = &w->s.tokens[i];
        const struct bpmn_node *n = &w->m->nodes[t->node];

        switch (n->kind) {
        case BPMN_START:
        case BPMN_TASK:
        case BPMN_MANUAL_TASK:
        case BPMN_EXCLUSIVE:
                return leave(w, i);
        case BPMN_PARALLEL:
                return join(w, i);
        case BPMN_USER_TASK:
                return at(w, n, wait_begin(w, t, WAIT_TASK));
        case BPMN_SERVICE_TASK:
                return at(w, n, wait_begin(w, t, WAIT_SERVICE));
        case BPMN_CATCH:
                return at(w, n, wait_begin(w, t, WAIT_TIMER));
        case BPMN_END:
                if (n->trigger == BPMN_TERMINATE)
                        return terminate(w);
                token_drop(&w->s, i);
                return 0;
        default: /* the check refuses models with other kinds */
                return error_raise(w->err, SB_BPMN_UNSUPPORTED, "%s", bpmn_kind_name(n->kind));
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

static int joins_look(struct walk *w, bool *moved)
{
        for (size_t i = 0; i < w->s.count; i++) {
                struct token *t = &w->s.tokens[i];
                enum bpmn_kind kind = w->m->nodes[t->node].kind;
                bool ready = false;
                if (t->wait != WAIT_JOIN || (kind != BPMN_INCLUSIVE && kind != BPMN_COMPLEX))
                        continue;
                if ((kind == BPMN_COMPLEX ? complex_ready(w, t, &ready) : inclusive_ready(w, t, &ready)) < 0)
                        return at(w, &w->m->nodes[t->node], ERR);
                if (ready) {
                        *moved = true;
                        return kind == BPMN_COMPLEX ? complex_fire(w, t->id) : join_fire(w, t->id);
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
                if (w->s.tokens[i].wait == WAIT_NONE && !(w->m->full && throws(&w->m->nodes[w->s.tokens[i].node]))) {
                        *moved = true;
                        return w->m->full ? arrive_full(w, i) : arrive(w, i);
                }
        if (!w->m->full)
                return 0;
        if ((rc = conditions_look(w, moved)) < 0 || *moved)
                return rc;
        if ((rc = scopes_look(w, moved)) < 0 || *moved)
                return rc;
        if ((rc = joins_look(w, moved)) < 0 || *moved)
                return rc;
        for (size_t i = 0; i < w->s.count; i++)
                if (w->s.tokens[i].wait == WAIT_NONE) {
                        *moved = true;
                        return arrive_full(w, i);
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
        return w->m->full && !children_live(w, 0) ? terminate(w) : 0;
}

/* --- events ------------------------------------------------------------------------------------------------------------------ */

static int outputs_take(struct walk *w, const struct token *t, const json_t *result)
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

/* Everybody who waits for it now hears a signal, the first a message. */
static int hear(struct walk *w, const struct bpmn_event *e)
{
        int64_t last = 0, end = w->s.next;
        bool again = true;

        while (again) {
                again = false;
                for (size_t i = 0; !again && i < w->s.count; i++) {
                        const struct token *t = &w->s.tokens[i];
                        const struct code *c = &w->m->codes[t->node];
                        if (t->wait != WAIT_EVENT || t->id <= last || t->id >= end)
                                continue;
                        for (size_t k = 0; !again && k < c->trigger_count; k++) {
                                if (c->triggers[k].kind != e->trigger || e->name == NULL ||
                                    strcmp(c->triggers[k].name, e->name) != 0)
                                        continue;
                                last = t->id;
                                again = e->trigger == BPMN_SIGNAL;
                                if (event_fire(w, t->id, k) < 0)
                                        return ERR;
                                if (!again)
                                        return 0;
                        }
                }
        }
        return 0;
}

static bool answers(const struct walk *w, const struct token *t, const struct bpmn_event *e)
{
        if (t->sequence != e->sequence)
                return false;
        if (e->kind == BPMN_DUE)
                return t->wait == WAIT_TIMER || (t->wait == WAIT_EVENT && w->m->full);
        return t->wait == WAIT_TASK || t->wait == WAIT_SERVICE || t->wait == WAIT_SCRIPT || t->wait == WAIT_RULE ||
               (t->wait == WAIT_THROW && e->kind == BPMN_COMPLETE);
}

static int due(struct walk *w, const struct token *t, const struct bpmn_event *e)
{
        const struct code *c = &w->m->codes[t->node];

        for (size_t k = 0; k < c->trigger_count; k++)
                if (c->triggers[k].kind == BPMN_TIMER)
                        return event_fire(w, t->id, k);
        return error_raise(w->err, SB_BPMN_WAIT, "%lld|%lld", (long long)e->token, (long long)e->sequence);
}

static int resume_full(struct walk *w, int64_t id, const struct bpmn_event *e)
{
        const struct token *t = token_find(w, id);

        if (e->kind == BPMN_FAIL)
                return error_throw(w, id, e->name);
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
        if (t == NULL || !answers(w, t, e) || (e->kind == BPMN_FAIL && !w->m->full))
                return error_raise(w->err, SB_BPMN_WAIT, "%lld|%lld", (long long)e->token, (long long)e->sequence);
        if (e->kind == BPMN_COMPLETE) {
                none = e->data == NULL ? json_object() : NULL;
                rc = at(w, &w->m->nodes[t->node], outputs_take(w, t, e->data == NULL ? none : e->data));
                json_decref(none);
        }
        if (rc < 0)
                return rc;
        return w->m->full ? resume_full(w, e->token, e) : leave(w, i);
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

static int begin(struct walk *w, const struct bpmn_event *e)
{
        if (bpmn_process(w->m, e->process) == NULL || e->start > (int)w->m->node_count)
                return error_raise(w->err, SB_BPMN_PROCESS, "%d", e->process);
        w->s.process = e->process;
        w->s.next = 1;
        w->s.variables = e->data == NULL ? json_object() : json_deep_copy(e->data);
        if (w->s.variables == NULL)
                return memory(w);
        if (w->m->full)
                return numbers_check(w) < 0 ? ERR : scope_open(w, 0, e->process, -1, e->start - 1);
        return token_new(&w->s, w->m->processes[e->process].start, -1, w->err) == NULL ? ERR : 0;
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
