/* SPDX-License-Identifier: Apache-2.0
 *
 * The state of an instance between steps, as JSON: {"v":1, "process":id, "next":n, "tokens":[{"id","node","sequence","wait","flow"}],
 * "variables":{…}}. Tokens in order of their ids. Elements are named by id, so that a state can be read without its model.
 */
#include "engine/bpmn/model.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define TOKENS_MAX 10000
#define DEPTH_MAX 1000
#define STATE_VERSION 1
#define NUMBER_MAX ((int64_t)1 << 53) /* of what a state counts: it can count on */

static const char *const WAITS[] = {"",      "task",  "service", "join", "script", "rule",
                                    "event", "scope", "throw",   "undo", "done",   "call"};

static int broken(const char *what, struct error *err)
{
        return error_raise(err, SB_BPMN_STATE, "%s", what);
}

static int flow_find(const struct bpmn_model *m, const char *id)
{
        for (size_t i = 0; i < m->flow_count; i++)
                if (strcmp(m->flows[i].id, id) == 0)
                        return (int)i;
        return -1;
}

struct token *token_new(struct state *s, int node, int flow, struct error *err)
{
        if (s->count == TOKENS_MAX) {
                error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("tokens of an instance", "单个流程实例的令牌"), TOKENS_MAX);
                return NULL;
        }
        if (s->count == s->room) {
                size_t room = s->room == 0 ? 8 : s->room * 2;
                struct token *more = realloc(s->tokens, room * sizeof *more);
                if (more == NULL) {
                        error_raise(err, SB_MEMORY, "%s", "");
                        return NULL;
                }
                s->tokens = more;
                s->room = room;
        }
        struct token *t = &s->tokens[s->count++];
        *t = (struct token){.id = s->next++, .node = node, .flow = flow};
        return t;
}

void token_drop(struct state *s, size_t i)
{
        assert(i < s->count);
        json_decref(s->tokens[i].locals);
        memmove(&s->tokens[i], &s->tokens[i + 1], (s->count - i - 1) * sizeof *s->tokens);
        s->count--;
}

/* What only tokens of full models have; each is left out when it is 0. */
static const struct {
        const char *name;
        size_t offset;
} NUMBERS[] = {{"parent", offsetof(struct token, parent)},
               {"begun", offsetof(struct token, begun)},
               {"done", offsetof(struct token, done)},
               {"total", offsetof(struct token, total)},
               {"seen", offsetof(struct token, seen)}};
#define NUMBER_COUNT (sizeof NUMBERS / sizeof NUMBERS[0])

static int64_t *number_at(struct token *t, size_t i)
{
        return (int64_t *)(void *)((char *)t + NUMBERS[i].offset);
}

static bool details_read(struct token *t, const json_t *o)
{
        int64_t part = json_integer_value(json_object_get(o, "part"));
        const json_t *locals = json_object_get(o, "locals");

        for (size_t i = 0; i < NUMBER_COUNT; i++)
                *number_at(t, i) = json_integer_value(json_object_get(o, NUMBERS[i].name));
        t->held = json_is_true(json_object_get(o, "held"));
        t->locals = locals == NULL ? NULL : json_deep_copy(locals);
        if (part < PART_FLOW || part > PART_BODY || (locals != NULL && !json_is_object(t->locals)))
                return false;
        t->part = (enum part)part;
        return t->parent >= 0 && t->parent != t->id && t->begun >= 0 && t->begun <= NUMBER_MAX && t->done >= 0 &&
               t->done <= NUMBER_MAX && t->total >= -1 && t->seen >= 0;
}

static int details_write(const struct token *t, json_t *o)
{
        int rc = 0;

        for (size_t i = 0; i < NUMBER_COUNT; i++) {
                int64_t n = *number_at((struct token *)(uintptr_t)t, i);
                if (n != 0)
                        rc |= json_object_set_new(o, NUMBERS[i].name, json_integer(n));
        }
        if (t->part != PART_FLOW)
                rc |= json_object_set_new(o, "part", json_integer(t->part));
        if (t->held)
                rc |= json_object_set_new(o, "held", json_true());
        if (t->locals != NULL)
                rc |= json_object_set(o, "locals", t->locals);
        return rc;
}

static int token_read(struct state *s, const struct bpmn_model *m, const json_t *o, struct error *err)
{
        const char *node, *wait, *flow = NULL;
        int64_t id, sequence;
        int rc = json_get_int(o, "id", true, &id, err);

        rc = rc ? rc : json_get_int(o, "sequence", true, &sequence, err);
        rc = rc ? rc : json_get_text(o, "node", true, &node, err);
        rc = rc ? rc : json_get_text(o, "wait", true, &wait, err);
        rc = rc ? rc : json_get_text(o, "flow", false, &flow, err);
        if (rc < 0)
                return rc;
        const struct bpmn_node *n = bpmn_node_find(m, node);
        if (n == NULL)
                return broken(node, err);
        struct token *t = token_new(s, (int)(n - m->nodes), flow == NULL ? -1 : flow_find(m, flow), err);
        if (t == NULL)
                return ERR;
        t->id = id;
        t->sequence = sequence;
        /* Before events had names of their own, a catch event waited for its "timer". */
        for (enum wait w = WAIT_TASK; w <= WAIT_CALL; w++)
                if (strcmp(strcmp(wait, "timer") == 0 ? "event" : wait, WAITS[w]) == 0)
                        t->wait = w;
        if (!details_read(t, o))
                return broken(node, err);
        /* Ids rise and stay below the next one, or a key could be used twice. */
        if (t->wait == WAIT_NONE || (t->wait == WAIT_JOIN && t->flow < 0) || sequence < 0 || sequence > NUMBER_MAX ||
            (s->count > 1 && s->tokens[s->count - 2].id >= id))
                return broken(node, err);
        return 0;
}

/* What a token stands inside is there, up to the process, and is not itself inside it. */
static bool rooted(const struct state *s, int64_t parent)
{
        for (int depth = 0; parent != 0; depth++) {
                size_t j = 0;
                while (j < s->count && s->tokens[j].id != parent)
                        j++;
                if (j == s->count || depth > DEPTH_MAX)
                        return false;
                parent = s->tokens[j].parent;
        }
        return true;
}

static const struct token *by_id(const struct state *s, int64_t id)
{
        for (size_t i = 0; i < s->count; i++)
                if (s->tokens[i].id == id)
                        return &s->tokens[i];
        return NULL;
}

/* A run stands in the loop of its element, a listener in what it listens beside. */
static bool part_sound(const struct state *s, const struct bpmn_model *m, const struct token *t)
{
        const struct token *up = by_id(s, t->parent);

        if (t->part == PART_BODY)
                return up != NULL && up->part != PART_BODY && up->node == t->node && up->wait == WAIT_SCOPE &&
                       m->codes[t->node].loop != LOOP_NONE;
        if (t->part == PART_LISTENER)
                return t->wait == WAIT_EVENT && (up != NULL || m->nodes[t->node].kind == BPMN_START);
        if (up == NULL)
                return m->codes[t->node].parent < 0;
        if (up->wait == WAIT_UNDO || up->wait == WAIT_DONE) /* what is undone is handed over */
                return true;
        return m->nodes[up->node].kind == BPMN_CALL ? m->codes[t->node].parent < 0 : m->codes[t->node].parent == up->node;
}

/* The element can wait so, and has the event that it is said to be at. */
static bool wait_sound(const struct state *s, const struct bpmn_model *m, const struct token *t)
{
        const struct token *up = by_id(s, t->parent);
        const struct bpmn_node *n = &m->nodes[t->node];
        const struct code *c = &m->codes[t->node];
        bool throws = n->kind == BPMN_THROW || n->kind == BPMN_END;

        switch (t->wait) {
        case WAIT_EVENT:
                return c->trigger_count > 0 && !throws;
        case WAIT_UNDO:
                return throws && t->begun > 0 && (size_t)t->begun <= c->trigger_count;
        case WAIT_DONE: /* what is handed to who undoes it has somebody that does */
                return up == NULL || up->wait != WAIT_UNDO || c->handler >= 0;
        case WAIT_THROW:
                return c->trigger_count > 0;
        default:
                return true;
        }
}

int state_read(struct state *s, const struct bpmn_model *m, const json_t *json, struct error *err)
{
        const json_t *tokens = json_object_get(json, "tokens"), *variables = json_object_get(json, "variables");
        const char *process;
        int64_t version, next;
        json_t *token;
        size_t i;

        memset(s, 0, sizeof *s);
        int rc = json_get_int(json, "v", true, &version, err);
        rc = rc ? rc : json_get_text(json, "process", true, &process, err);
        rc = rc ? rc : json_get_int(json, "next", true, &next, err);
        if (rc < 0)
                return rc;
        s->process = bpmn_process_find(m, process);
        if (version != STATE_VERSION || s->process < 0 || !json_is_array(tokens) || !json_is_object(variables))
                return broken(process, err);
        json_array_foreach(tokens, i, token)
        {
                rc = token_read(s, m, token, err);
                if (rc < 0)
                        return rc;
        }
        for (size_t k = 0; k < s->count; k++)
                if (!rooted(s, s->tokens[k].parent) || !part_sound(s, m, &s->tokens[k]) || !wait_sound(s, m, &s->tokens[k]))
                        return broken(m->nodes[s->tokens[k].node].id, err);
        if (next < 1 || next > NUMBER_MAX || (s->count > 0 && s->tokens[s->count - 1].id >= next) ||
            (s->count > 0 && s->tokens[0].id < 1))
                return broken("next", err);
        s->next = next;
        s->variables = json_deep_copy(variables);
        return s->variables == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

json_t *state_write(const struct state *s, const struct bpmn_model *m)
{
        json_t *tokens = json_array();

        for (size_t i = 0; i < s->count; i++) {
                const struct token *t = &s->tokens[i];
                json_t *o = json_pack("{s:I,s:s,s:I,s:s}", "id", (json_int_t)t->id, "node", m->nodes[t->node].id, "sequence",
                                      (json_int_t)t->sequence, "wait", WAITS[t->wait]);
                assert(t->wait != WAIT_NONE);
                if (o != NULL && t->wait == WAIT_JOIN &&
                    json_object_set_new(o, "flow", json_string(m->flows[t->flow].id)) != 0) {
                        json_decref(o);
                        o = NULL;
                }
                if (o != NULL && details_write(t, o) != 0) {
                        json_decref(o);
                        o = NULL;
                }
                if (json_array_append_new(tokens, o) != 0) {
                        json_decref(tokens);
                        return NULL;
                }
        }
        return json_pack("{s:i,s:s,s:I,s:o,s:O}", "v", STATE_VERSION, "process", m->processes[s->process].id, "next",
                         (json_int_t)s->next, "tokens", tokens, "variables", s->variables);
}

void state_dispose(struct state *s)
{
        for (size_t i = 0; i < s->count; i++)
                json_decref(s->tokens[i].locals);
        free(s->tokens);
        json_decref(s->variables);
        memset(s, 0, sizeof *s);
}
