/* SPDX-License-Identifier: Apache-2.0
 *
 * How tokens leave a node by its flows, and how they wait for their like: parallel, inclusive, complex and event-based gateways.
 */
#include "engine/bpmn/model.h"

#include <stdlib.h>
#include <string.h>

static int memory(struct walk *w)
{
        return error_raise(w->err, SB_MEMORY, "%s", "");
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
        if (c->out_count == 0)
                return 0;
        return *count == 0 && n->kind != BPMN_END ? no_flow(w, n) : 0;
}

/* A token goes on by one flow as itself; where it splits, new tokens go on. */
int leave_node(struct walk *w, size_t i)
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
        return leave_node(w, token_index(w, token_find(w, survivor)));
}

/* A parallel gateway waits for a token on each flow; then one of each is consumed. */
int join_arrive(struct walk *w, size_t i)
{
        struct token *t = &w->s.tokens[i];
        const struct code *c = &w->m->codes[t->node];

        t->wait = WAIT_JOIN;
        for (size_t k = 0; k < c->in_count; k++)
                if (waiting_at(w, t->node, t->parent, c->in[k]) == 0)
                        return 0;
        return join_fire(w, t->id);
}

/* The nodes from which those flows can be reached without passing the gateway on which a token has come (full), or has not. */
static void upstream(const struct bpmn_model *m, int gateway, const bool *come, bool full, bool *marked)
{
        const struct code *c = &m->codes[gateway];
        bool more = true;

        for (size_t k = 0; k < c->in_count; k++)
                if (come[k] == full)
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

/* Nothing can still come by a flow on which nothing came: what can reach one of the others as well is expected there. */
static int none_to_come(struct walk *w, int node, int64_t parent, const bool *come, bool *none)
{
        size_t n = w->m->node_count;
        bool *empty = calloc(2 * n, sizeof *empty), *full = empty == NULL ? NULL : empty + n;

        if (empty == NULL)
                return memory(w);
        upstream(w->m, node, come, false, empty);
        upstream(w->m, node, come, true, full);
        *none = true;
        for (size_t j = 0; j < w->s.count; j++) {
                const struct token *x = &w->s.tokens[j];
                if (x->parent == parent && token_live(x) && x->node != node && empty[x->node] && !full[x->node])
                        *none = false;
        }
        free(empty);
        return 0;
}

/* An inclusive gateway waits as long as a token may still come by a flow on which none stands. */
static int inclusive_ready(struct walk *w, const struct token *t, bool *ready)
{
        const struct code *c = &w->m->codes[t->node];
        bool *come = calloc(c->in_count + 1, sizeof *come);
        int rc = come == NULL ? memory(w) : 0;

        for (size_t k = 0; rc == 0 && k < c->in_count; k++)
                come[k] = waiting_at(w, t->node, t->parent, c->in[k]) > 0;
        rc = rc ? rc : none_to_come(w, t->node, t->parent, come, ready);
        free(come);
        return rc;
}

/* That a complex gateway has fired and on which of its flows it still awaits a token, a bit for each, in `total`. */
enum { COMPLEX_FLOWS = 62 };

static struct token *fired_at(struct walk *w, int node, int64_t parent)
{
        for (size_t j = 0; j < w->s.count; j++)
                if (w->s.tokens[j].wait == WAIT_DONE && w->s.tokens[j].node == node && w->s.tokens[j].parent == parent)
                        return &w->s.tokens[j];
        return NULL;
}

/* A complex gateway fires when its condition holds over the number of tokens. Until all others have come, or none can come any more, what
 * comes by a flow on which nothing came is consumed, and what comes by another waits for the next time. */
static int complex_ready(struct walk *w, struct token *t, bool *ready)
{
        const struct code *c = &w->m->codes[t->node];
        size_t count = 0;

        if (c->condition == NULL)
                return inclusive_ready(w, t, ready);
        if (fired_at(w, t->node, t->parent) != NULL)
                return 0;
        for (size_t k = 0; k < c->in_count; k++)
                count += waiting_at(w, t->node, t->parent, c->in[k]) > 0;
        json_t *before = t->locals;
        t->locals = json_pack("{s:I}", "activationCount", (json_int_t)count);
        int rc = t->locals == NULL ? memory(w) : token_condition(w, t, c->condition, c->condition_text, ready);
        json_decref(t->locals);
        t->locals = before;
        return rc;
}

static int flows_few(struct walk *w, const struct code *c)
{
        return c->in_count <= COMPLEX_FLOWS
                   ? 0
                   : error_raise(w->err, SB_LIMIT, "%s|%d", ERROR_BOTH("the flows into a complex gateway", "复杂网关的入口数"),
                                 COMPLEX_FLOWS);
}

static int complex_fire(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];
        int64_t left = 0;

        if (flows_few(w, c) < 0)
                return ERR;
        for (size_t k = 0; k < c->in_count; k++)
                if (waiting_at(w, t->node, t->parent, c->in[k]) == 0)
                        left |= (int64_t)1 << k;
        if (left != 0 && c->condition != NULL) {
                struct token *mark = token_begin(w, t->node, t->parent, PART_FLOW);
                if (mark == NULL)
                        return ERR;
                mark->wait = WAIT_DONE;
                mark->total = left;
        }
        return join_fire(w, id);
}

/* What the gateway still awaits cannot come any more: it begins anew. */
static int complex_reset(struct walk *w, size_t i, bool *moved)
{
        const struct token *mark = &w->s.tokens[i];
        bool come[COMPLEX_FLOWS], none = false;

        if (flows_few(w, &w->m->codes[mark->node]) < 0)
                return ERR;
        for (size_t k = 0; k < w->m->codes[mark->node].in_count; k++)
                come[k] = (mark->total & (int64_t)1 << k) == 0;
        int rc = none_to_come(w, mark->node, mark->parent, come, &none);
        if (rc == 0 && none) {
                token_drop(&w->s, i);
                *moved = true;
        }
        return rc;
}

int gateway_wait(struct walk *w, size_t i)
{
        struct token *t = &w->s.tokens[i], *mark;
        const struct code *c = &w->m->codes[t->node];

        if (c->in_count < 2)
                return leave_node(w, i);
        mark = w->m->nodes[t->node].kind == BPMN_COMPLEX ? fired_at(w, t->node, t->parent) : NULL;
        t->wait = WAIT_JOIN;
        for (size_t k = 0; mark != NULL && k < c->in_count && k < COMPLEX_FLOWS; k++) {
                int64_t bit = (int64_t)1 << k, marked = mark->id;
                if (c->in[k] != t->flow || (mark->total & bit) == 0)
                        continue;
                mark->total &= ~bit;
                token_drop(&w->s, i);
                mark = token_find(w, marked);
                if (mark->total == 0)
                        token_drop(&w->s, token_index(w, mark));
                break;
        }
        return 0;
}

int choice_wait(struct walk *w, int64_t id)
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

/* Gateways at which what stands there may go on. */
int joins_look(struct walk *w, bool *moved)
{
        for (size_t i = 0; i < w->s.count; i++) {
                struct token *t = &w->s.tokens[i];
                enum bpmn_kind kind = w->m->nodes[t->node].kind;
                bool ready = false;
                if (t->wait == WAIT_DONE && kind == BPMN_COMPLEX) {
                        if (complex_reset(w, i, moved) < 0)
                                return error_where(w->err, "%s", w->m->nodes[t->node].id);
                        if (*moved)
                                return 0;
                }
                if (t->wait != WAIT_JOIN || (kind != BPMN_INCLUSIVE && kind != BPMN_COMPLEX))
                        continue;
                if ((kind == BPMN_COMPLEX ? complex_ready(w, t, &ready) : inclusive_ready(w, t, &ready)) < 0)
                        return error_where(w->err, "%s", w->m->nodes[t->node].id);
                if (ready) {
                        *moved = true;
                        return kind == BPMN_COMPLEX ? complex_fire(w, t->id) : join_fire(w, t->id);
                }
        }
        return 0;
}
