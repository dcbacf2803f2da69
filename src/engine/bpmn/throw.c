/* SPDX-License-Identifier: Apache-2.0
 *
 * Events that are thrown and caught: listeners and what they interrupt, errors and escalations looking for who catches them from
 * the inside out, compensation, cancelling.
 */
#include "engine/bpmn/model.h"

#include <string.h>

/* --- catching -------------------------------------------------------------------------------------------------------------- */

static int sub_process_begin(struct walk *w, int start, int64_t parent)
{
        int node = w->m->codes[start].parent;
        struct token *t = token_begin(w, node, parent, PART_FLOW);

        if (t == NULL)
                return ERR;
        t->wait = WAIT_SCOPE;
        return scope_open(w, t->id, w->m->nodes[node].process, node, start);
}

/* A listener that does not interrupt listens on; a timer as often as it says. */
static int listen_on(struct walk *w, int64_t id, const struct trigger *what)
{
        struct token *t = token_find(w, id);

        if (t == NULL)
                return 0;
        if (what->kind == BPMN_TIMER) {
                if (t->total > 0 && --t->total == 0)
                        return subtree_drop(w, id);
                return event_arm(w, id);
        }
        t->seen = 0;
        return 0;
}

static int listener_fire(struct walk *w, int64_t id, const struct trigger *what)
{
        struct token *t = token_find(w, id);
        int node = t->node;
        int64_t holder = t->parent;
        bool interrupting = w->m->codes[node].interrupting;

        if (w->m->nodes[node].kind == BPMN_START) {
                if (interrupting ? inside_drop(w, holder, true, 0) < 0 : listen_on(w, id, what) < 0)
                        return ERR;
                return sub_process_begin(w, node, holder);
        }
        struct token *host = token_find(w, holder);
        if (host == NULL)
                return error_raise(w->err, SB_BPMN_STATE, "%s", w->m->nodes[node].id);
        int64_t up = host->parent;
        if (w->m->nodes[node].kind != BPMN_BOUNDARY) { /* after an event-based gateway: the first that comes */
                if (subtree_drop(w, holder) < 0)
                        return ERR;
        } else if (interrupting ? subtree_drop(w, holder) < 0 : listen_on(w, id, what) < 0)
                return ERR;
        struct token *next = token_begin(w, node, up, PART_FLOW);
        return next == NULL ? ERR : leave_node(w, token_index(w, next));
}

int event_fire(struct walk *w, int64_t id, size_t trigger)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];

        if (c->all_triggers && c->trigger_count > 1) {
                t->seen |= (int64_t)1 << trigger;
                if (t->seen != ((int64_t)1 << c->trigger_count) - 1)
                        return 0;
        }
        if (t->part == PART_LISTENER && c->triggers[trigger].kind == BPMN_TIMER)
                t->wait = WAIT_NONE; /* it came: nothing is to be cancelled */
        if (t->part == PART_LISTENER)
                return listener_fire(w, id, &c->triggers[trigger]);
        for (size_t i = 0; i < c->trigger_count; i++) /* the time is not waited for any more, when something else came */
                if (i != trigger && c->triggers[i].kind == BPMN_TIMER && effect_add(w, BPMN_DO_CANCEL, t) == NULL)
                        return ERR;
        if (w->m->nodes[t->node].kind == BPMN_RECEIVE_TASK)
                return activity_done(w, id);
        return leave_node(w, token_index(w, t));
}

/* The listener inside a token (0: the process) that catches this; 0 none. */
static int64_t catcher(struct walk *w, int64_t holder, enum bpmn_trigger kind, const char *name, size_t *trigger)
{
        for (int pass = 0; pass < 2; pass++) /* who names it is asked before who catches all */
                for (size_t i = 0; i < w->s.count; i++) {
                        const struct token *t = &w->s.tokens[i];
                        const struct code *c = &w->m->codes[t->node];
                        for (size_t k = 0; t->parent == holder && t->part == PART_LISTENER && k < c->trigger_count; k++) {
                                const char *want = c->triggers[k].name;
                                bool fits =
                                    pass == 0 ? name != NULL && strcmp(want, name) == 0 : name == NULL || want[0] == '\0';
                                if (c->triggers[k].kind == kind && fits) {
                                        *trigger = k;
                                        return t->id;
                                }
                        }
                }
        return 0;
}

/* From the inside out; 0 when nobody catches it. */
static int64_t catcher_up(struct walk *w, int64_t from, enum bpmn_trigger kind, const char *name, size_t *trigger)
{
        for (int64_t at = from;;) {
                int64_t found = catcher(w, at, kind, name, trigger);
                if (found != 0 || at == 0)
                        return found;
                const struct token *t = token_find(w, at);
                at = t == NULL ? 0 : t->parent;
        }
}

int error_throw(struct walk *w, int64_t id, const char *code, const json_t *data)
{
        size_t trigger = 0;
        const char *node = w->m->nodes[token_find(w, id)->node].id;
        int64_t found = catcher_up(w, id, BPMN_ERROR, code, &trigger);

        if (found != 0 && data != NULL && outputs_take(w, token_find(w, found), data) < 0)
                return error_where(w->err, "%s", node);
        if (found != 0)
                return event_fire(w, found, trigger);
        error_raise(w->err, SB_BPMN_THROWN, "%s|%s", code == NULL ? "-" : code, node);
        return error_where(w->err, "%s", node);
}

bool bpmn_catches(const struct bpmn_model *m, const json_t *state, int64_t token, const char *code)
{
        struct error none = {0};
        struct walk w = {.m = m, .err = &none};
        size_t trigger;
        bool caught = state_read(&w.s, m, state, &none) == 0 && token_find(&w, token) != NULL &&
                      catcher_up(&w, token, BPMN_ERROR, code, &trigger) != 0;

        state_dispose(&w.s);
        return caught;
}

int event_throw(struct walk *w, int64_t id, const struct trigger *x)
{
        size_t trigger = 0;

        if (x->kind == BPMN_ERROR)
                return error_throw(w, id, x->name, NULL);
        int64_t found = catcher_up(w, id, x->kind, x->name, &trigger);
        return found == 0 ? 0 : event_fire(w, found, trigger);
}

/* --- compensation ------------------------------------------------------------------------------------------------------------ */

/* What is done inside, and inside of that, is handed to the token that undoes it. */
static void undo_gather(struct walk *w, int64_t id, int64_t scope, const char *only)
{
        for (size_t i = 0; i < w->s.count; i++) {
                struct token *t = &w->s.tokens[i];
                if (t->parent != scope || t->wait != WAIT_DONE ||
                    (only[0] != '\0' && strcmp(w->m->nodes[t->node].id, only) != 0))
                        continue;
                if (w->m->codes[t->node].handler >= 0)
                        t->parent = id;
                else if (w->m->nodes[t->node].kind >= BPMN_CALL && w->m->nodes[t->node].kind <= BPMN_AD_HOC)
                        undo_gather(w, id, t->id, "");
        }
}

static int undo_begin(struct walk *w, int64_t id, const char *only)
{
        struct token *t = token_find(w, id);
        int64_t scope = t->parent;
        const struct token *holder = scope == 0 ? NULL : token_find(w, scope);

        /* In an event sub-process it means what that is in; what undoes holds that itself. */
        if (holder != NULL && w->m->codes[holder->node].event_sub &&
            w->m->codes[w->m->codes[holder->node].parent < 0 ? holder->node : w->m->codes[holder->node].parent].handler !=
                holder->node)
                scope = holder->parent;
        t->wait = WAIT_UNDO;
        undo_gather(w, id, scope, only);
        return 0;
}

static int64_t transaction_of(struct walk *w, const struct token *t)
{
        while (t != NULL && w->m->nodes[t->node].kind != BPMN_TRANSACTION)
                t = t->parent == 0 ? NULL : token_find(w, t->parent);
        return t == NULL ? 0 : t->id;
}

static int cancel_begin(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        int64_t transaction = transaction_of(w, t);

        if (transaction == 0)
                return error_raise(w->err, SB_BPMN_STATE, "%s", w->m->nodes[t->node].id);
        if (inside_drop(w, t->parent, false, id) < 0)
                return ERR;
        token_find(w, id)->wait = WAIT_UNDO;
        undo_gather(w, id, transaction, "");
        return 0;
}

static int cancel_end(struct walk *w, int64_t id)
{
        int64_t transaction = transaction_of(w, token_find(w, id));
        size_t trigger = 0;

        if (transaction == 0)
                return error_raise(w->err, SB_BPMN_STATE, "%s", w->m->nodes[token_find(w, id)->node].id);
        int64_t found = catcher(w, transaction, BPMN_CANCEL, "", &trigger);
        if (found != 0)
                return event_fire(w, found, trigger);
        return activity_done(w, transaction);
}

/* The last that was done and is not undone yet; none: the throw is at its end. */
int undo_next(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id), *last = NULL;
        const struct code *c = &w->m->codes[t->node];

        for (size_t i = 0; i < w->s.count; i++)
                if (w->s.tokens[i].parent == id && w->s.tokens[i].wait == WAIT_DONE)
                        last = &w->s.tokens[i];
        if (last != NULL) {
                last->node = w->m->codes[last->node].handler;
                last->wait = WAIT_NONE;
                return 0;
        }
        if (t->begun > 0 && c->triggers[t->begun - 1].kind == BPMN_CANCEL)
                return cancel_end(w, id);
        return throw_next(w, id);
}

/* --- throwing ---------------------------------------------------------------------------------------------------------------- */

static int terminate(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        int64_t scope = t->parent;

        if (inside_drop(w, scope, scope == 0, id) < 0)
                return ERR;
        t = token_find(w, id);
        token_drop(&w->s, token_index(w, t));
        return 0;
}

static int link_follow(struct walk *w, int64_t id, const char *name)
{
        struct token *t = token_find(w, id);

        for (size_t i = 0; i < w->m->node_count; i++) {
                const struct code *c = &w->m->codes[i];
                bool there = w->m->nodes[i].kind == BPMN_CATCH && c->parent == w->m->codes[t->node].parent &&
                             w->m->nodes[i].process == w->m->nodes[t->node].process;
                for (size_t k = 0; there && k < c->trigger_count; k++)
                        if (c->triggers[k].kind == BPMN_LINK && strcmp(c->triggers[k].name, name) == 0) {
                                t->node = (int)i;
                                return leave_node(w, token_index(w, t));
                        }
        }
        return error_raise(w->err, SB_BPMN_NO_FLOW, "%s", w->m->nodes[t->node].id);
}

/* The next trigger of a throw or end event; none: the token goes on. */
int throw_next(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct code *c = &w->m->codes[t->node];
        size_t trigger = 0;
        int64_t found;

        if ((size_t)t->begun >= c->trigger_count) {
                t->begun = 0;
                if (w->m->nodes[t->node].kind == BPMN_THROW)
                        return leave_node(w, token_index(w, t));
                t->wait = WAIT_NONE;
                return subtree_drop(w, id);
        }
        const struct trigger *x = &c->triggers[t->begun++];
        switch (x->kind) {
        case BPMN_ERROR:
                return error_throw(w, id, x->name, NULL);
        case BPMN_ESCALATION:
                found = catcher_up(w, id, BPMN_ESCALATION, x->name, &trigger);
                if (found != 0 && event_fire(w, found, trigger) < 0)
                        return ERR;
                return token_find(w, id) == NULL ? 0 : throw_next(w, id);
        case BPMN_COMPENSATION:
                return undo_begin(w, id, x->name);
        case BPMN_CANCEL:
                return cancel_begin(w, id);
        case BPMN_TERMINATE:
                return terminate(w, id);
        case BPMN_LINK:
                return link_follow(w, id, x->name);
        default:
                return wait_begin(w, t, WAIT_THROW);
        }
}
