/* SPDX-License-Identifier: Apache-2.0
 *
 * How few people can carry a case up to its execution. Ways through the model are walked by what counts of them: where they stand and
 * which steps have a person of their own. Sets of steps that are large enough are not followed further, so few remain.
 */
#include "engine/bpmn/model.h"

#include <stdlib.h>
#include <string.h>

/* The clerk who begins or accepts is one person however many steps they do; of the others each step is another's, except that one
 * officer does the steps of one role before the review, or at the execution. */
enum { CLERK = 1, HANDS_MAX = 64 };

struct place { /* reached the node by a flow (-1 otherwise), with these hands */
        int node, flow;
        uint64_t hands;
};
struct ways {
        const struct bpmn_model *m;
        int needed, process;
        struct place *places;
        size_t count, room;
        uint64_t *own; /* by node: the hand that does it; 0 nobody */
};

static int hands_count(uint64_t hands)
{
        int n = 0;

        for (; hands != 0; hands &= hands - 1)
                n++;
        return n;
}

static int place_add(struct ways *w, int node, int flow, uint64_t hands, struct error *err)
{
        if (node < 0 || hands_count(hands) >= w->needed)
                return 0;
        for (size_t i = 0; i < w->count; i++)
                if (w->places[i].node == node && w->places[i].flow == flow && w->places[i].hands == hands)
                        return 0;
        if (w->count == w->room) {
                size_t room = w->room == 0 ? 64 : w->room * 2;
                struct place *more = realloc(w->places, room * sizeof *more);
                if (more == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                w->places = more;
                w->room = room;
        }
        w->places[w->count++] = (struct place){node, flow, hands};
        return 0;
}

static bool same_office_work(const struct bpmn_node *a, const struct bpmn_node *b)
{
        return strcmp(a->role, b->role) == 0 && strcmp(a->phase, b->phase) == 0 && bpmn_one_officer(a->phase);
}

static void owners_find(struct ways *w)
{
        const struct bpmn_model *m = w->m;
        int used = 1;

        for (size_t i = 0; i < m->node_count; i++) {
                const struct bpmn_node *n = &m->nodes[i];
                if (n->kind != BPMN_USER_TASK)
                        continue;
                if (strcmp(n->role, "clerk") == 0)
                        w->own[i] = CLERK;
                for (size_t k = 0; w->own[i] == 0 && k < i; k++)
                        if (m->nodes[k].kind == BPMN_USER_TASK && same_office_work(n, &m->nodes[k]))
                                w->own[i] = w->own[k];
                if (w->own[i] == 0 && used < HANDS_MAX)
                        w->own[i] = (uint64_t)1 << used++;
        }
}

/* A clerk's step after another's can be that other's, who then did both; one before it cannot. */
static uint64_t hand_taken(const struct ways *w, int node, uint64_t hands)
{
        return w->own[node] == CLERK && hands != 0 ? hands : hands | w->own[node];
}

/* All branches come together: with each of these hands go those of any place of the others. */
static int join_pass(struct ways *w, const struct code *c, size_t branch, int done, uint64_t hands, int node,
                     struct error *err);

static int flows_pass(struct ways *w, int node, uint64_t hands, struct error *err)
{
        const struct code *c = &w->m->codes[node];
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < c->out_count; i++)
                rc = place_add(w, w->m->flows[c->out[i]].target, c->out[i], hands, err);
        return rc;
}

static int join_pass(struct ways *w, const struct code *c, size_t branch, int done, uint64_t hands, int node, struct error *err)
{
        int rc = 0;

        if (hands_count(hands) >= w->needed)
                return 0;
        if (branch == c->in_count)
                return flows_pass(w, node, hands, err);
        if (c->in[branch] == done)
                return join_pass(w, c, branch + 1, done, hands, node, err);
        for (size_t i = 0; rc == 0 && i < w->count; i++)
                if (w->places[i].node == node && w->places[i].flow == c->in[branch])
                        rc = join_pass(w, c, branch + 1, done, hands | w->places[i].hands, node, err);
        return rc;
}

/* Into a sub-process, out of it at its ends, to the events at its border, and from one link to the other. */
static int inner_pass(struct ways *w, int node, uint64_t hands, struct error *err)
{
        const struct bpmn_model *m = w->m;
        const struct bpmn_node *n = &m->nodes[node];
        bool link = n->kind == BPMN_THROW && n->trigger == BPMN_LINK;
        int rc = 0, parent = m->codes[node].parent;

        if (n->kind == BPMN_END && parent >= 0)
                rc = flows_pass(w, parent, hands, err);
        for (size_t i = 0; rc == 0 && i < m->node_count; i++) {
                const struct code *c = &m->codes[i];
                bool enters = c->parent == node && c->in_count == 0 && m->nodes[i].kind != BPMN_BOUNDARY;
                bool linked = link && m->nodes[i].kind == BPMN_CATCH && m->nodes[i].trigger == BPMN_LINK &&
                              m->codes[node].trigger_count > 0 && c->trigger_count > 0 &&
                              strcmp(m->codes[node].triggers[0].name, c->triggers[0].name) == 0;
                if (enters || linked || c->attached == node)
                        rc = place_add(w, (int)i, -1, hands, err);
        }
        return rc;
}

static int place_pass(struct ways *w, struct place p, struct error *err)
{
        const struct bpmn_node *n = &w->m->nodes[p.node];
        const struct code *c = &w->m->codes[p.node];
        bool holds = n->kind == BPMN_SUB_PROCESS || n->kind == BPMN_TRANSACTION;
        int rc = inner_pass(w, p.node, p.hands, err);

        if (rc < 0 || holds)
                return rc;
        if (n->kind == BPMN_PARALLEL && c->in_count > 1)
                return join_pass(w, c, 0, p.flow, p.hands, p.node, err);
        return flows_pass(w, p.node, hand_taken(w, p.node, p.hands), err);
}

/* A case that a person begins has that person's hand; what begins by itself has none. */
static int places_begin(struct ways *w, struct error *err)
{
        const struct bpmn_model *m = w->m;
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < m->node_count; i++) {
                const struct bpmn_node *n = &m->nodes[i];
                const struct code *c = &m->codes[i];
                if (n->process == w->process && c->parent < 0 && c->in_count == 0 && n->kind != BPMN_BOUNDARY)
                        rc = place_add(w, (int)i, -1, n->kind == BPMN_START && n->trigger == BPMN_NONE ? CLERK : 0, err);
        }
        return rc;
}

static bool is_phase(const struct bpmn_model *m, int process, const char *phase)
{
        for (size_t i = 0; i < m->node_count; i++)
                if (m->nodes[i].process == process && strcmp(m->nodes[i].phase, phase) == 0)
                        return true;
        return false;
}

bool bpmn_one_officer(const char *phase)
{
        return strcmp(phase, "ACC") == 0 || strcmp(phase, "EXE") == 0;
}

int bpmn_hands(const struct bpmn_model *m, int process, int needed, const struct bpmn_node **at, int *hands, struct error *err)
{
        struct ways w = {.m = m, .needed = needed, .process = process, .own = calloc(m->node_count + 1, sizeof(uint64_t))};
        bool executes = is_phase(m, process, "EXE");
        int rc = w.own == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        *at = NULL;
        *hands = needed;
        if (rc == 0)
                owners_find(&w);
        rc = rc ? rc : places_begin(&w, err);
        for (size_t i = 0; rc == 0 && i < w.count; i++) {
                struct place p = w.places[i];
                const struct bpmn_node *n = &m->nodes[p.node];
                uint64_t done = executes ? p.hands : hand_taken(&w, p.node, p.hands);
                if (strcmp(n->phase, executes ? "EXE" : "APR") == 0 && hands_count(done) < *hands) {
                        *hands = hands_count(done);
                        *at = n;
                }
                rc = place_pass(&w, p, err);
        }
        free(w.places);
        free(w.own);
        return rc;
}
