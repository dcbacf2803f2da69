/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token waits for, told to the world as an effect: its payload, its time, its name and its key.
 */
#include "engine/bpmn/model.h"

#include <stdlib.h>

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

static enum bpmn_effect_kind effect_of(const struct token *t, const struct trigger *thrown)
{
        static const enum bpmn_effect_kind kinds[] = {
            [WAIT_TASK] = BPMN_DO_TASK, [WAIT_SERVICE] = BPMN_DO_SERVICE, [WAIT_SCRIPT] = BPMN_DO_SCRIPT,
            [WAIT_RULE] = BPMN_DO_RULE, [WAIT_EVENT] = BPMN_DO_TIMER,     [WAIT_CALL] = BPMN_DO_CALL};

        if (t->wait == WAIT_THROW)
                return thrown->kind == BPMN_SIGNAL ? BPMN_DO_SIGNAL : BPMN_DO_MESSAGE;
        return kinds[t->wait];
}

static int timer_at(struct walk *w, const struct token *t, const struct trigger *x, instant_t *when)
{
        json_t *variables = NULL;
        int rc = variables_of(w, t, &variables);
        struct value_scope scope = {.variables = variables};

        if (rc == 0)
                rc = expression_instant(x->timer, &scope, x->timer_text, w->now, when, w->err);
        json_decref(variables);
        return rc;
}

static const struct trigger *timer_of(const struct code *c)
{
        for (size_t i = 0; i < c->trigger_count; i++)
                if (c->triggers[i].kind == BPMN_TIMER)
                        return &c->triggers[i];
        return NULL;
}

/* What tells one receiver from another: a text or a whole number. */
static int key_of(struct walk *w, const struct token *t, char out[BPMN_KEY_MAX])
{
        const struct code *c = &w->m->codes[t->node];
        json_t *variables = NULL, *value = NULL;

        out[0] = '\0';
        if (c->key == NULL)
                return 0;
        int rc = variables_of(w, t, &variables);
        struct value_scope scope = {.variables = variables};
        if (rc == 0)
                rc = expression_json(c->key, &scope, c->key_text, &value, w->err);
        if (rc == 0 && json_is_integer(value))
                text_format(out, BPMN_KEY_MAX, "%lld", (long long)json_integer_value(value));
        else if (rc == 0 && json_is_string(value) && json_string_length(value) < BPMN_KEY_MAX)
                text_copy(out, BPMN_KEY_MAX, str_from(json_string_value(value)));
        else if (rc == 0)
                rc = error_raise(w->err, SB_BPMN_EXPRESSION, "%.120s|%s", c->key_text,
                                 ERROR_BOTH("a key is a short text or a whole number", "关联键应为短文本或整数"));
        json_decref(value);
        json_decref(variables);
        return rc;
}

/* What the world may bring to a token: told, so that it can be found without reading every state. */
static int listen(struct walk *w, const struct token *t)
{
        const struct code *c = &w->m->codes[t->node];

        for (size_t i = 0; i < c->trigger_count; i++) {
                const struct trigger *x = &c->triggers[i];
                if (x->kind != BPMN_MESSAGE && x->kind != BPMN_SIGNAL)
                        continue;
                struct bpmn_effect *e = effect_add(w, BPMN_DO_LISTEN, t);
                if (e == NULL)
                        return ERR;
                e->trigger = x->kind;
                e->name = x->name;
                if (key_of(w, t, e->key) < 0)
                        return ERR;
        }
        return 0;
}

int event_arm(struct walk *w, int64_t id)
{
        struct token *t = token_find(w, id);
        const struct trigger *timer = timer_of(&w->m->codes[t->node]);
        int rc = 0;

        if (timer != NULL && t->total == 0)
                t->total = timer->cycle;
        if (timer != NULL)
                rc = wait_begin(w, t, WAIT_EVENT);
        else {
                t->wait = WAIT_EVENT;
                t->sequence++;
        }
        return rc < 0 ? rc : listen(w, t);
}

int wait_begin(struct walk *w, struct token *t, enum wait wait)
{
        const struct code *c = &w->m->codes[t->node];
        const struct trigger *thrown =
            wait != WAIT_THROW ? NULL : &c->triggers[w->m->nodes[t->node].kind == BPMN_SEND_TASK ? 0 : t->begun - 1];
        const struct trigger *timer = wait != WAIT_EVENT ? NULL : timer_of(c);
        char key[BPMN_KEY_MAX] = "";
        json_t *payload = NULL;
        instant_t when = 0;
        int rc = 0;

        t->wait = wait;
        t->sequence++;
        if (wait == WAIT_SERVICE || wait == WAIT_RULE || wait == WAIT_CALL || (wait == WAIT_THROW && c->input_count > 0))
                rc = service_payload(w, t, &payload);
        else if (timer != NULL && timer->working_days == 0)
                rc = timer_at(w, t, timer, &when);
        if (rc == 0 && thrown != NULL)
                rc = key_of(w, t, key);
        struct bpmn_effect *e = rc == 0 ? effect_add(w, effect_of(t, thrown), t) : NULL;
        if (e == NULL) {
                json_decref(payload);
                return ERR;
        }
        e->payload = payload;
        e->at = when;
        e->working_days = timer == NULL ? 0 : timer->working_days;
        e->name = wait == WAIT_SCRIPT ? c->script_text
                  : wait == WAIT_CALL ? c->called_id
                  : thrown != NULL    ? thrown->name
                                      : NULL;
        text_copy(e->key, sizeof e->key, str_from(key));
        return 0;
}
