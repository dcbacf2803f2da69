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

struct walk {
        const struct bpmn_model *m;
        struct state s;
        struct bpmn_step *out;
        instant_t now;
        size_t room, moves;
        struct error *err;
};

static int memory(struct walk *w)
{
        return error_raise(w->err, SB_MEMORY, "%s", "");
}

static struct bpmn_effect *effect_add(struct walk *w, enum bpmn_effect_kind kind, const struct token *t)
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
        struct value_scope scope = {.variables = w->s.variables};
        json_t *payload = json_object();
        int rc = payload == NULL ? memory(w) : 0;

        for (size_t i = 0; rc == 0 && i < c->input_count; i++) {
                json_t *value = NULL;
                rc = expression_json(c->inputs[i].value, &scope, c->inputs[i].text, &value, w->err);
                if (rc == 0 && !json_is_null(value) && json_object_set(payload, c->inputs[i].name, value) != 0)
                        rc = memory(w);
                json_decref(value);
        }
        if (rc == 0)
                *out = payload;
        else
                json_decref(payload);
        return rc;
}

static int wait_begin(struct walk *w, struct token *t, enum wait wait)
{
        static const enum bpmn_effect_kind kinds[] = {
            [WAIT_TASK] = BPMN_DO_TASK, [WAIT_SERVICE] = BPMN_DO_SERVICE, [WAIT_TIMER] = BPMN_DO_TIMER};
        const struct code *c = &w->m->codes[t->node];
        struct value_scope scope = {.variables = w->s.variables};
        json_t *payload = NULL;
        instant_t when = 0;
        int rc = 0;

        t->wait = wait;
        t->sequence++;
        if (wait == WAIT_SERVICE)
                rc = service_payload(w, t, &payload);
        else if (wait == WAIT_TIMER)
                rc = expression_instant(c->timer, &scope, c->timer_text, w->now, &when, w->err);
        struct bpmn_effect *e = rc == 0 ? effect_add(w, kinds[wait], t) : NULL;
        if (e == NULL) {
                json_decref(payload);
                return ERR;
        }
        e->payload = payload;
        e->at = when;
        return 0;
}

/* --- leaving a node --------------------------------------------------------------------------------------------------------- */

static int flow_holds(struct walk *w, int flow, bool *holds)
{
        const struct flow *f = &w->m->flows[flow];
        struct value_scope scope = {.variables = w->s.variables};
        int rc = 0;

        *holds = true;
        if (f->condition != NULL && (rc = expression_bool(f->condition, &scope, f->text, holds, w->err)) < 0)
                error_where(w->err, "%s", f->id);
        return rc;
}

static int no_flow(struct walk *w, const struct bpmn_node *n)
{
        error_raise(w->err, SB_BPMN_NO_FLOW, "%s", n->id);
        return error_where(w->err, "%s", n->id);
}

/* The flows that a token takes out of its node; chosen has room for all. */
static int flows_choose(struct walk *w, int node, int *chosen, size_t *count)
{
        const struct bpmn_node *n = &w->m->nodes[node];
        const struct code *c = &w->m->codes[node];
        bool one = n->kind == BPMN_EXCLUSIVE, holds;

        *count = 0;
        for (size_t i = 0; i < c->out_count && !(one && *count == 1); i++) {
                if (c->out[i] == c->default_flow)
                        continue;
                holds = true;
                if (n->kind != BPMN_PARALLEL && flow_holds(w, c->out[i], &holds) < 0)
                        return ERR;
                if (holds)
                        chosen[(*count)++] = c->out[i];
        }
        if (*count == 0 && c->default_flow >= 0)
                chosen[(*count)++] = c->default_flow;
        return *count == 0 && n->kind != BPMN_END ? no_flow(w, n) : 0;
}

/* A token goes on by one flow as itself; where it splits, new tokens go on. */
static int leave(struct walk *w, size_t i)
{
        int node = w->s.tokens[i].node;
        size_t count = 0, room = w->m->codes[node].out_count;
        int *chosen = calloc(room + 1, sizeof *chosen);
        int rc = chosen == NULL ? memory(w) : flows_choose(w, node, chosen, &count);

        if (rc == 0 && count == 1) {
                w->s.tokens[i].node = w->m->flows[chosen[0]].target;
                w->s.tokens[i].flow = chosen[0];
                w->s.tokens[i].wait = WAIT_NONE;
        } else if (rc == 0) {
                token_drop(&w->s, i);
                for (size_t k = 0; rc == 0 && k < count; k++)
                        if (token_new(&w->s, w->m->flows[chosen[k]].target, chosen[k], w->err) == NULL)
                                rc = ERR;
        }
        free(chosen);
        return rc;
}

/* --- arriving at a node ------------------------------------------------------------------------------------------------------- */

/* A parallel gateway waits for a token on each flow; then one of each is consumed. */
static int join(struct walk *w, size_t i)
{
        int node = w->s.tokens[i].node;
        const struct code *c = &w->m->codes[node];

        w->s.tokens[i].wait = WAIT_JOIN;
        for (size_t k = 0; k < c->in_count; k++) {
                bool there = false;
                for (size_t j = 0; j < w->s.count; j++)
                        there |=
                            w->s.tokens[j].node == node && w->s.tokens[j].wait == WAIT_JOIN && w->s.tokens[j].flow == c->in[k];
                if (!there)
                        return 0;
        }
        int64_t survivor = w->s.tokens[i].id;
        for (size_t k = 0; k < c->in_count; k++)
                for (size_t j = 0; j < w->s.count; j++)
                        if (w->s.tokens[j].node == node && w->s.tokens[j].wait == WAIT_JOIN &&
                            w->s.tokens[j].flow == c->in[k]) {
                                if (w->s.tokens[j].id != survivor)
                                        token_drop(&w->s, j);
                                break;
                        }
        for (size_t j = 0; j < w->s.count; j++)
                if (w->s.tokens[j].id == survivor)
                        return leave(w, j);
        assert(false);
        return ERR;
}

static int terminate(struct walk *w)
{
        for (size_t i = 0; i < w->s.count; i++) {
                const struct token *t = &w->s.tokens[i];
                if (t->wait != WAIT_NONE && t->wait != WAIT_JOIN && effect_add(w, BPMN_DO_CANCEL, t) == NULL)
                        return ERR;
        }
        w->s.count = 0;
        return 0;
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

/* The first token that waits for nothing is led on, until there is none. */
static int settle(struct walk *w)
{
        for (;;) {
                size_t i = 0;
                while (i < w->s.count && w->s.tokens[i].wait != WAIT_NONE)
                        i++;
                if (i == w->s.count)
                        return 0;
                if (++w->moves > MOVES_MAX)
                        return error_raise(w->err, SB_LIMIT, "%s|%d",
                                           ERROR_BOTH("moves of one step (look for a loop without a task)",
                                                      "单步移动次数（请检查无任务的循环）"),
                                           MOVES_MAX);
                int rc = arrive(w, i);
                if (rc < 0)
                        return rc;
        }
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
        if (rc == 0 && c->output_count == 0 && w->m->nodes[t->node].kind == BPMN_USER_TASK &&
            json_object_update(taken, (json_t *)(uintptr_t)result) != 0)
                rc = memory(w);
        if (rc == 0 && json_object_update(w->s.variables, taken) != 0)
                rc = memory(w);
        json_decref(taken);
        return rc;
}

static int resume(struct walk *w, const struct bpmn_event *e)
{
        json_t *none = NULL;
        size_t i = 0;
        int rc = 0;

        while (i < w->s.count && w->s.tokens[i].id != e->token)
                i++;
        const struct token *t = i < w->s.count ? &w->s.tokens[i] : NULL;
        bool fits = t != NULL && t->sequence == e->sequence &&
                    (e->kind == BPMN_DUE ? t->wait == WAIT_TIMER : t->wait == WAIT_TASK || t->wait == WAIT_SERVICE);
        if (!fits)
                return error_raise(w->err, SB_BPMN_WAIT, "%lld|%lld", (long long)e->token, (long long)e->sequence);
        if (e->kind == BPMN_COMPLETE) {
                none = e->data == NULL ? json_object() : NULL;
                rc = at(w, &w->m->nodes[t->node], outputs_take(w, t, e->data == NULL ? none : e->data));
                json_decref(none);
        }
        return rc == 0 ? leave(w, i) : rc;
}

static int begin(struct walk *w, const struct bpmn_event *e)
{
        if (bpmn_process(w->m, e->process) == NULL)
                return error_raise(w->err, SB_BPMN_PROCESS, "%d", e->process);
        w->s.process = e->process;
        w->s.next = 1;
        w->s.variables = e->data == NULL ? json_object() : json_deep_copy(e->data);
        if (w->s.variables == NULL)
                return memory(w);
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
                rc = resume(&w, e);
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
