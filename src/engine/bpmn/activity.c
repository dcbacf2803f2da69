/* SPDX-License-Identifier: Apache-2.0
 *
 * Activities: a token that stands at one holds, as its children, the listeners at its boundary, the runs of its loop and what runs
 * inside. It goes on when nothing that lives is left in it.
 */
#include "engine/bpmn/model.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define RUNS_MAX 1000

static int memory(struct walk *w)
{
        return error_raise(w->err, SB_MEMORY, "%s", "");
}

static int at(struct walk *w, int node, int rc)
{
        if (rc < 0)
                error_where(w->err, "%s", w->m->nodes[node].id);
        return rc;
}

struct token *token_find(struct walk *w, int64_t id)
{
        for (size_t i = 0; i < w->s.count; i++)
                if (w->s.tokens[i].id == id)
                        return &w->s.tokens[i];
        return NULL;
}

size_t token_index(const struct walk *w, const struct token *t)
{
        return (size_t)(t - w->s.tokens);
}

struct token *token_begin(struct walk *w, int node, int64_t parent, enum part part)
{
        struct token *t = token_new(&w->s, node, -1, w->err);

        if (t != NULL) {
                t->parent = parent;
                t->part = part;
        }
        return t;
}

bool token_live(const struct token *t)
{
        return t->part != PART_LISTENER && t->wait != WAIT_DONE;
}

bool children_live(const struct walk *w, int64_t parent)
{
        for (size_t i = 0; i < w->s.count; i++)
                if (w->s.tokens[i].parent == parent && token_live(&w->s.tokens[i]))
                        return true;
        return false;
}

/* The locals of the token and of what it stands in, over the variables of the instance. */
int variables_of(struct walk *w, const struct token *t, json_t **out)
{
        json_t *merged = NULL;

        for (; t != NULL; t = t->parent == 0 ? NULL : token_find(w, t->parent)) {
                if (t->locals == NULL)
                        continue;
                if (merged == NULL && (merged = json_object()) == NULL)
                        return memory(w);
                if (json_object_update_missing(merged, t->locals) != 0) {
                        json_decref(merged);
                        return memory(w);
                }
        }
        if (merged != NULL && json_object_update_missing(merged, w->s.variables) != 0) {
                json_decref(merged);
                return memory(w);
        }
        *out = merged == NULL ? json_incref(w->s.variables) : merged;
        return 0;
}

int token_condition(struct walk *w, const struct token *t, const struct feel_node *n, const char *text, bool *holds)
{
        struct value_scope scope = {0};
        json_t *variables = NULL;
        int rc = variables_of(w, t, &variables);

        scope.variables = variables;
        if (rc == 0)
                rc = expression_bool(n, &scope, text, holds, w->err);
        json_decref(variables);
        return rc;
}

/* --- leaving nothing behind ------------------------------------------------------------------------------------------------ */

static int token_cancel(struct walk *w, size_t i)
{
        const struct token *t = &w->s.tokens[i];
        bool told = t->wait != WAIT_NONE && t->wait != WAIT_JOIN && t->wait != WAIT_SCOPE && t->wait != WAIT_DONE &&
                    t->wait != WAIT_UNDO;

        if (told && effect_add(w, BPMN_DO_CANCEL, t) == NULL)
                return ERR;
        token_drop(&w->s, i);
        return 0;
}

int subtree_drop(struct walk *w, int64_t id)
{
        int rc = inside_drop(w, id, true, 0);

        for (size_t i = w->s.count; rc == 0 && i-- > 0;)
                if (w->s.tokens[i].parent == id)
                        rc = subtree_drop(w, w->s.tokens[i].id), i = w->s.count;
        struct token *t = token_find(w, id);
        return rc == 0 && t != NULL ? token_cancel(w, token_index(w, t)) : rc;
}

int inside_drop(struct walk *w, int64_t parent, bool listeners, int64_t but)
{
        int rc = 0;

        for (size_t i = w->s.count; rc == 0 && i-- > 0;) {
                const struct token *t = &w->s.tokens[i];
                if (t->parent != parent || t->id == but || t->wait == WAIT_DONE || (!listeners && t->part == PART_LISTENER))
                        continue;
                rc = subtree_drop(w, t->id);
                i = w->s.count;
        }
        return rc;
}

/* --- scopes ------------------------------------------------------------------------------------------------------------------ */

static bool inside(const struct bpmn_model *m, size_t i, int process, int node)
{
        return m->nodes[i].process == process && m->codes[i].parent == node;
}

static bool begins_itself(const struct bpmn_model *m, size_t i)
{
        const struct bpmn_node *n = &m->nodes[i];
        const struct code *c = &m->codes[i];

        return c->in_count == 0 && n->kind != BPMN_BOUNDARY && n->kind != BPMN_START && !c->event_sub && !c->for_compensation &&
               !c->instantiate && !(n->kind == BPMN_CATCH && n->trigger == BPMN_LINK);
}

static int listeners_arm(struct walk *w, int64_t id, int process, int node)
{
        for (size_t i = 0; i < w->m->node_count; i++) {
                int holder = w->m->codes[i].parent;
                if (w->m->nodes[i].kind != BPMN_START || w->m->nodes[i].trigger == BPMN_COMPENSATION || holder < 0 ||
                    !w->m->codes[holder].event_sub || !inside(w->m, (size_t)holder, process, node))
                        continue;
                struct token *t = token_begin(w, (int)i, id, PART_LISTENER);
                if (t == NULL || event_arm(w, t->id) < 0)
                        return ERR;
        }
        return 0;
}

/* A process that only a date or a condition begins, begun by hand: it waits for that (another maker's), or does not (the office's). */
static int waiting_start(struct walk *w, int64_t id, int process)
{
        for (size_t i = 0; i < w->m->node_count; i++) {
                const struct bpmn_node *n = &w->m->nodes[i];
                bool waits = n->trigger == BPMN_TIMER || n->trigger == BPMN_CONDITIONAL;
                if (!inside(w->m, i, process, -1) || n->kind != BPMN_START || (!waits && !w->m->office))
                        continue;
                struct token *t = token_begin(w, (int)i, id, PART_FLOW);
                return t == NULL || w->m->office ? (t == NULL ? ERR : 0) : event_arm(w, t->id);
        }
        return 0;
}

/* The other events of a gateway that begins a process and needs all of them. */
static int choice_begin(struct walk *w, int64_t id, int start)
{
        int gateway;

        if (!begins_by_choice(w->m, (size_t)start, &gateway) || !w->m->codes[gateway].parallel_start)
                return 0;
        const struct code *c = &w->m->codes[gateway];
        for (size_t k = 0; k < c->out_count; k++)
                if (w->m->flows[c->out[k]].target != start &&
                    token_begin(w, w->m->flows[c->out[k]].target, id, PART_FLOW) == NULL)
                        return ERR;
        return 0;
}

int scope_open(struct walk *w, int64_t id, int process, int node, int start)
{
        const struct bpmn_model *m = w->m;
        bool any = false, ad_hoc = node >= 0 && m->nodes[node].kind == BPMN_AD_HOC;

        if (listeners_arm(w, id, process, node) < 0)
                return ERR;
        if (start >= 0) {
                struct token *t = choice_begin(w, id, start) < 0 ? NULL : token_begin(w, start, id, PART_FLOW);
                return t == NULL ? ERR : leave_node(w, token_index(w, t));
        }
        if (ad_hoc && m->codes[node].sequential)
                return 0;
        for (size_t i = 0; i < m->node_count; i++) {
                if (!inside(m, i, process, node) || m->nodes[i].kind != BPMN_START || m->nodes[i].trigger != BPMN_NONE)
                        continue;
                any = true;
                if (token_begin(w, (int)i, id, PART_FLOW) == NULL)
                        return ERR;
        }
        bool plain = any;
        for (size_t i = 0; !plain && i < m->node_count; i++) {
                if (!inside(m, i, process, node) || !begins_itself(m, i))
                        continue;
                any = true;
                if (token_begin(w, (int)i, id, PART_FLOW) == NULL)
                        return ERR;
        }
        return any || id != 0 ? 0 : waiting_start(w, id, process);
}

/* The next activity of an ad-hoc sub-process; NULL when it is at its end. */
static int ad_hoc_next(struct walk *w, struct token *t, bool *begun)
{
        const struct code *c = &w->m->codes[t->node];
        int64_t k = 0;
        bool ends = false;

        *begun = false;
        if (c->completion != NULL && t->begun > 0 && token_condition(w, t, c->completion, c->completion_text, &ends) < 0)
                return ERR;
        for (size_t i = 0; !ends && c->sequential && i < w->m->node_count; i++) {
                if (!inside(w->m, i, w->m->nodes[t->node].process, t->node) || !begins_itself(w->m, i) || k++ != t->begun)
                        continue;
                t->begun++;
                *begun = true;
                return token_begin(w, (int)i, t->id, PART_FLOW) == NULL ? ERR : 0;
        }
        return 0;
}

/* --- loops -------------------------------------------------------------------------------------------------------------------- */

static int runs_count(struct walk *w, const struct token *t, int64_t *out)
{
        const struct code *c = &w->m->codes[t->node];
        json_t *variables = NULL, *value = NULL;
        int rc = variables_of(w, t, &variables);
        struct value_scope scope = {.variables = variables};

        if (rc == 0 && c->cardinality != NULL) {
                rc = expression_json(c->cardinality, &scope, c->cardinality_text, &value, w->err);
                *out = json_is_integer(value) ? json_integer_value(value) : -1;
        } else if (rc == 0) {
                const json_t *list = json_object_get(variables, c->collection);
                *out = json_is_array(list) ? (int64_t)json_array_size(list) : -1;
        }
        if (rc == 0 && *out < 0)
                rc = error_raise(w->err, SB_BPMN_EXPRESSION, "%.120s|%s",
                                 c->cardinality != NULL ? c->cardinality_text : c->collection,
                                 ERROR_BOTH("a number of runs, or a list, is needed", "应为运行次数或列表"));
        if (rc == 0 && *out > RUNS_MAX)
                rc = error_raise(w->err, SB_LIMIT, "%s|%d", ERROR_BOTH("runs of a loop", "循环运行次数"), RUNS_MAX);
        json_decref(value);
        json_decref(variables);
        return rc;
}

static int run_begin(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];
        int64_t k = ++t->begun;
        struct token *run = token_begin(w, t->node, id, PART_BODY);

        if (run == NULL || (run->locals = json_pack("{s:I}", "loopCounter", (json_int_t)k)) == NULL)
                return run == NULL ? ERR : memory(w);
        const json_t *list = c->collection[0] == '\0' ? NULL : json_object_get(w->s.variables, c->collection);
        if (list != NULL && c->item[0] != '\0' &&
            json_object_set(run->locals, c->item, json_array_get(list, (size_t)(k - 1))) != 0)
                return memory(w);
        return 0;
}

static int loop_begin(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];
        int rc = 0;

        if (c->loop == LOOP_STANDARD)
                return 0;
        rc = runs_count(w, t, &t->total);
        for (int64_t k = 0; rc == 0 && !c->sequential && k < token_find(w, id)->total; k++)
                rc = run_begin(w, id);
        return rc;
}

/* Another run, or none: the loop is at its end. */
static int loop_more(struct walk *w, int64_t id, bool *begun)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];
        bool more = !t->held;

        if (c->loop == LOOP_MULTI)
                more = more && t->begun < t->total;
        else if (c->loop_max > 0 && t->begun >= c->loop_max)
                more = false;
        else if (t->begun >= RUNS_MAX)
                return error_raise(w->err, SB_LIMIT, "%s|%d", ERROR_BOTH("runs of a loop", "循环运行次数"), RUNS_MAX);
        else if (c->condition != NULL && (c->test_before || t->begun > 0)) {
                if (token_condition(w, t, c->condition, c->condition_text, &more) < 0)
                        return ERR;
        } else if (c->condition == NULL && c->loop_max <= 0)
                more = t->begun == 0;
        *begun = more;
        return more ? run_begin(w, id) : 0;
}

/* --- the course of an activity ------------------------------------------------------------------------------------------------ */

/* False while tokens are still missing. */
static bool tokens_gather(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        int64_t want = w->m->codes[t->node].start_quantity, have = 0;
        int node = t->node;
        int64_t parent = t->parent;

        if (want <= 1)
                return true;
        t->wait = WAIT_JOIN;
        for (size_t i = 0; i < w->s.count; i++)
                have += w->s.tokens[i].node == node && w->s.tokens[i].parent == parent && w->s.tokens[i].wait == WAIT_JOIN;
        if (have < want)
                return false;
        for (size_t i = w->s.count; want > 1 && i-- > 0;)
                if (w->s.tokens[i].node == node && w->s.tokens[i].parent == parent && w->s.tokens[i].wait == WAIT_JOIN &&
                    w->s.tokens[i].id != id) {
                        token_drop(&w->s, i);
                        want--;
                }
        token_find(w, id)->wait = WAIT_NONE;
        return true;
}

int activity_begin(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        int node = t->node;

        if (t->part == PART_BODY)
                return body_begin(w, id);
        if (!tokens_gather(w, id))
                return 0;
        for (size_t i = 0; i < w->m->node_count; i++) {
                if (w->m->nodes[i].kind != BPMN_BOUNDARY || w->m->codes[i].attached != node ||
                    w->m->nodes[i].trigger == BPMN_COMPENSATION)
                        continue;
                struct token *b = token_begin(w, (int)i, id, PART_LISTENER);
                if (b == NULL || event_arm(w, b->id) < 0)
                        return ERR;
        }
        if (w->m->codes[node].loop == LOOP_NONE)
                return body_begin(w, id);
        token_find(w, id)->wait = WAIT_SCOPE;
        return at(w, node, loop_begin(w, id));
}

static int script_run(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];
        json_t *variables = NULL, *value = NULL;
        int rc = variables_of(w, t, &variables);
        struct value_scope scope = {.variables = variables};

        if (rc == 0)
                rc = expression_json(c->script, &scope, c->script_text, &value, w->err);
        json_t *result = rc == 0 ? value : NULL;
        for (size_t i = 0; rc == 0 && i < c->output_count; i++) {
                struct value_scope with = {.variables = variables, .result = result};
                json_t *out = NULL;
                rc = expression_json(c->outputs[i].value, &with, c->outputs[i].text, &out, w->err);
                if (rc == 0 && json_object_set_new(w->s.variables, c->outputs[i].name, out) != 0)
                        rc = memory(w);
        }
        if (rc == 0 && c->output_count == 0 && json_is_object(result) && json_object_update(w->s.variables, result) != 0)
                rc = memory(w);
        json_decref(value);
        json_decref(variables);
        return rc == 0 ? activity_done(w, id) : rc;
}

static int call_begin(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];
        int depth = 0;

        for (const struct token *up = t; up != NULL && depth < 100; up = up->parent == 0 ? NULL : token_find(w, up->parent))
                depth++;
        if (depth >= 100)
                return error_raise(w->err, SB_LIMIT, "%s|%d", ERROR_BOTH("depth of calls", "调用深度"), 100);
        if (c->called < 0) /* of another file */
                return wait_begin(w, t, WAIT_CALL);
        t->wait = WAIT_SCOPE;
        if (c->called_node)
                return token_begin(w, c->called, id, PART_FLOW) == NULL ? ERR : 0;
        return scope_open(w, id, c->called, -1, -1);
}

/* The start of an event sub-process that undoes; -1 of everything else. */
static int undoing_start(const struct bpmn_model *m, int node)
{
        for (size_t i = 0; m->codes[node].event_sub && i < m->node_count; i++)
                if (m->codes[i].parent == node && m->nodes[i].kind == BPMN_START && m->nodes[i].trigger == BPMN_COMPENSATION)
                        return (int)i;
        return -1;
}

int body_begin(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        int node = t->node; /* the token moves in memory */
        const struct bpmn_node *n = &w->m->nodes[node];

        switch (n->kind) {
        case BPMN_USER_TASK:
                return at(w, node, wait_begin(w, t, WAIT_TASK));
        case BPMN_SERVICE_TASK:
                return at(w, node, wait_begin(w, t, WAIT_SERVICE));
        case BPMN_RULE_TASK:
                return at(w, node, wait_begin(w, t, WAIT_RULE));
        case BPMN_SCRIPT_TASK:
                return w->m->codes[t->node].script != NULL ? at(w, node, script_run(w, id))
                                                           : at(w, node, wait_begin(w, t, WAIT_SCRIPT));
        case BPMN_SEND_TASK:
                return at(w, node, wait_begin(w, t, WAIT_THROW));
        case BPMN_RECEIVE_TASK:
                return event_arm(w, id);
        case BPMN_CALL:
                return at(w, node, call_begin(w, id));
        case BPMN_SUB_PROCESS:
        case BPMN_TRANSACTION:
        case BPMN_AD_HOC:
                t->wait = WAIT_SCOPE;
                return scope_open(w, id, n->process, t->node, undoing_start(w->m, t->node));
        default:
                return activity_done(w, id);
        }
}

/* What is done stays, for its compensation, with what is done inside. */
static int done_keep(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        bool keep = w->m->codes[t->node].handler >= 0;

        /* What undoes is not undone, nor is what it was to undo and did not. */
        for (size_t i = w->s.count; undoing_start(w->m, t->node) >= 0 && i-- > 0;)
                if (w->s.tokens[i].parent == id && w->s.tokens[i].wait == WAIT_DONE) {
                        token_drop(&w->s, i);
                        t = token_find(w, id);
                }
        for (size_t i = 0; !keep && i < w->s.count; i++)
                keep = w->s.tokens[i].parent == id && w->s.tokens[i].wait == WAIT_DONE;
        if (!keep)
                return 0;
        struct token *d = token_begin(w, t->node, t->parent, PART_FLOW);
        if (d == NULL)
                return ERR;
        d->wait = WAIT_DONE;
        for (size_t i = 0; i < w->s.count; i++)
                if (w->s.tokens[i].parent == id && w->s.tokens[i].wait == WAIT_DONE)
                        w->s.tokens[i].parent = d->id;
        return 0;
}

/* A run of the loop is done: what the loop throws for it is caught at its boundary or further out. */
static int run_throw(struct walk *w, int64_t id)
{
        for (size_t i = 0;; i++) {
                const struct token *t = token_find(w, id);
                const struct code *c = t == NULL ? NULL : &w->m->codes[t->node];
                bool holds = true;
                if (c == NULL || i >= c->throw_count || (c->throws_once && t->done > 1))
                        return 0;
                const struct trigger *x = &c->throws[i];
                if (x->condition != NULL && at(w, t->node, token_condition(w, t, x->condition, x->condition_text, &holds)) < 0)
                        return ERR;
                if (holds && event_throw(w, id, x) < 0)
                        return ERR;
        }
}

int activity_done(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];
        int64_t up = t->parent;
        bool ends = false;

        if (t->part == PART_BODY) {
                struct token *outer = token_find(w, up);
                outer->done++;
                t->wait = WAIT_NONE; /* it was answered: nothing is to be cancelled */
                if (c->loop == LOOP_MULTI && c->completion != NULL &&
                    at(w, t->node, token_condition(w, t, c->completion, c->completion_text, &ends)) < 0)
                        return ERR;
                outer->held = outer->held || ends;
                if (subtree_drop(w, id) < 0 || run_throw(w, up) < 0)
                        return ERR;
                return ends && token_find(w, up) != NULL ? inside_drop(w, up, false, 0) : 0;
        }
        if (done_keep(w, id) < 0 || inside_drop(w, id, true, 0) < 0)
                return ERR;
        for (int64_t k = 1; k < c->completion_quantity; k++) {
                struct token *more = token_begin(w, token_find(w, id)->node, up, PART_FLOW);
                if (more == NULL || leave_node(w, token_index(w, more)) < 0)
                        return ERR;
        }
        return leave_node(w, token_index(w, token_find(w, id)));
}

int scope_next(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        int node = t->node; /* the token moves in memory */
        const struct bpmn_node *n = &w->m->nodes[node];
        bool begun = false;
        int rc = 0;

        if (w->m->codes[t->node].loop != LOOP_NONE && t->part != PART_BODY)
                rc = at(w, node, loop_more(w, id, &begun));
        else if (n->kind == BPMN_AD_HOC)
                rc = at(w, node, ad_hoc_next(w, t, &begun));
        if (rc < 0 || begun)
                return rc;
        return activity_done(w, id);
}
