/* SPDX-License-Identifier: Apache-2.0
 *
 * Triggers with their names, loops, scripts, calls, attachment, compensation.
 */
#include "engine/bpmn/model.h"

#include <stdlib.h>
#include <string.h>

static const struct xml_node *find(const struct xml_node *n, const char *id)
{
        const char *own = xml_attr(n, "id");
        const char *bare = strchr(id, ':');

        if (own != NULL && id[0] != '\0' && (strcmp(own, id) == 0 || (bare != NULL && strcmp(own, bare + 1) == 0)))
                return n;
        for (const struct xml_node *c = n->first; c != NULL; c = c->next) {
                const struct xml_node *there = find(c, id);
                if (there != NULL)
                        return there;
        }
        return NULL;
}

static bool attr_is(const struct xml_node *n, const char *name, const char *value)
{
        const char *have = xml_attr(n, name);

        return have != NULL && strcmp(have, value) == 0;
}

static int64_t number(const struct xml_node *n, const char *name, int64_t otherwise)
{
        const char *text = xml_attr(n, name);
        int64_t value;

        return text != NULL && text_to_int(str_from(text), &value) ? value : otherwise;
}

/* --- triggers ------------------------------------------------------------------------------------------------------------- */

static const char *code_of(struct reader *r, const struct xml_node *d, const char *ref, const char *code)
{
        const char *id = xml_attr(d, ref);
        const struct xml_node *there = id == NULL ? NULL : find(r->root, id);
        const char *value = there == NULL ? NULL : xml_attr(there, code);

        return reader_keep(r, value != NULL ? value : id);
}

/* Messages and signals pass between files: in the office they go by their names, in a file of others by their ids. */
static const char *name_of(struct reader *r, const char *id)
{
        const struct xml_node *there = id == NULL || !r->m->office ? NULL : find(r->root, id);
        const char *name = there == NULL ? NULL : xml_attr(there, "name");

        return r->m->office && there == NULL ? "" : reader_keep(r, name != NULL ? name : id);
}

/* "R4/PT10S": how often, and the rest. */
static int64_t cycle_read(const char **text)
{
        const char *slash = strchr(*text, '/');
        int64_t times = -1;

        if ((*text)[0] != 'R' || slash == NULL)
                return -1;
        if (slash > *text + 1 && !text_to_int((struct str){*text + 1, (size_t)(slash - *text - 1)}, &times))
                times = -1;
        *text = slash + 1;
        return times;
}

/* ISO text stands for itself, everything else is FEEL. */
static const struct feel_node *moment_read(struct reader *r, const struct xml_node *d, const char *text, const char **kept)
{
        char quoted[80];
        bool iso = (text[0] == 'P' || (text[0] >= '0' && text[0] <= '9')) && strlen(text) < 60 && strchr(text, '(') == NULL &&
                   strchr(text, '"') == NULL;

        return reader_expression(r, d, iso ? text_format(quoted, sizeof quoted, "\"%s\"", text) : text, kept);
}

/* "2026-01-05/P1M": the first time of a cycle, and the rest. */
static const char *first_read(struct reader *r, const struct xml_node *d, const char *text, struct trigger *t)
{
        const char *slash = text[0] >= '0' && text[0] <= '9' ? strchr(text, '/') : NULL;
        char first[60];

        if (slash == NULL || (size_t)(slash - text) >= sizeof first)
                return text;
        text_copy(first, sizeof first, (struct str){text, (size_t)(slash - text)});
        t->first = moment_read(r, d, first, &t->first_text);
        return slash + 1;
}

static void timer_detail(struct reader *r, const struct xml_node *d, struct trigger *t)
{
        static const char *const kinds[] = {"timeDuration", "timeDate", "timeCycle"};
        t->cycle = 1;
        for (size_t i = 0; i < 3; i++) {
                const struct xml_node *e = xml_child(d, kinds[i]);
                if (e == NULL)
                        continue;
                const char *text = reader_keep(r, e->text);
                if (i == 2) {
                        t->cycle = cycle_read(&text);
                        text = first_read(r, d, text, t);
                }
                t->timer = moment_read(r, d, text, &t->timer_text);
                return;
        }
        fault_tell(r->faults, "timerEventDefinition", d->line, SB_BPMN_MODEL, "%s",
                   ERROR_BOTH("the timer says neither when nor how long", "定时器未说明时刻或时长"));
}

static void trigger_read(struct reader *r, const struct xml_node *event, const struct xml_node *d, enum bpmn_trigger kind,
                         struct trigger *t)
{
        *t = (struct trigger){.kind = kind, .name = "", .cycle = 1};
        if (kind == BPMN_TIMER) {
                t->working_days = words_working_days(r, event, d);
                if (t->working_days == 0)
                        timer_detail(r, d, t);
        } else if (kind == BPMN_MESSAGE)
                t->name = name_of(r, xml_attr(d, "messageRef"));
        else if (kind == BPMN_SIGNAL)
                t->name = name_of(r, xml_attr(d, "signalRef"));
        else if (kind == BPMN_ERROR)
                t->name = code_of(r, d, "errorRef", "errorCode");
        else if (kind == BPMN_ESCALATION)
                t->name = code_of(r, d, "escalationRef", "escalationCode");
        else if (kind == BPMN_LINK)
                t->name = reader_keep(r, xml_attr(d, "name"));
        else if (kind == BPMN_COMPENSATION)
                t->name = reader_keep(r, xml_attr(d, "activityRef"));
        else if (kind == BPMN_CONDITIONAL) {
                const struct xml_node *e = xml_child(d, "condition");
                t->condition = reader_expression(r, d, e == NULL ? "" : e->text, &t->condition_text);
        }
}

static enum bpmn_trigger trigger_kind(const char *name)
{
        static const char *const names[] = {[BPMN_TIMER] = "timer",
                                            [BPMN_MESSAGE] = "message",
                                            [BPMN_SIGNAL] = "signal",
                                            [BPMN_ERROR] = "error",
                                            [BPMN_ESCALATION] = "escalation",
                                            [BPMN_COMPENSATION] = "compensate",
                                            [BPMN_CONDITIONAL] = "conditional",
                                            [BPMN_LINK] = "link",
                                            [BPMN_CANCEL] = "cancel",
                                            [BPMN_TERMINATE] = "terminate"};
        size_t have = strlen(name), tail = strlen("EventDefinition");

        for (enum bpmn_trigger k = BPMN_TIMER; have > tail && k <= BPMN_TERMINATE; k++)
                if (strlen(names[k]) == have - tail && memcmp(name, names[k], have - tail) == 0 &&
                    strcmp(name + have - tail, "EventDefinition") == 0)
                        return k;
        return BPMN_NONE;
}

static void triggers_read(struct reader *r, const struct xml_node *n, struct bpmn_node *node, struct code *c)
{
        size_t room = 1;

        for (const struct xml_node *d = n->first; d != NULL; d = d->next)
                room++;
        c->triggers = arena_array(r->m->arena, room, sizeof *c->triggers);
        for (const struct xml_node *d = n->first; c->triggers != NULL && d != NULL; d = d->next) {
                const struct xml_node *e = d;
                if (strcmp(d->name, "eventDefinitionRef") == 0 && (e = find(r->root, reader_keep(r, d->text))) == NULL)
                        continue;
                enum bpmn_trigger kind = trigger_kind(e->name);
                if (kind != BPMN_NONE && c->trigger_count < 60)
                        trigger_read(r, n, e, kind, &c->triggers[c->trigger_count++]);
        }
        node->trigger = c->trigger_count == 0 ? BPMN_NONE : c->trigger_count > 1 ? BPMN_MULTIPLE : c->triggers[0].kind;
}

/* --- activities ----------------------------------------------------------------------------------------------------------- */

static void throw_read(struct reader *r, const struct xml_node *n, const struct xml_node *d, struct code *c)
{
        enum bpmn_trigger kind = d == NULL ? BPMN_NONE : trigger_kind(d->name);

        if (kind != BPMN_NONE)
                trigger_read(r, n, d, kind, &c->throws[c->throw_count++]);
}

static const struct xml_node *definition_of(struct reader *r, const struct xml_node *event)
{
        for (const struct xml_node *d = event == NULL ? NULL : event->first; d != NULL; d = d->next) {
                if (trigger_kind(d->name) != BPMN_NONE)
                        return d;
                if (strcmp(d->name, "eventDefinitionRef") == 0)
                        return find(r->root, reader_keep(r, d->text));
        }
        return NULL;
}

/* What a multi-instance throws while it runs: by behavior None after each run, One after the first, Complex where conditions hold. */
static void behavior_read(struct reader *r, const struct xml_node *n, const struct xml_node *l, struct code *c)
{
        const char *ref = xml_attr(l, attr_is(l, "behavior", "None") ? "noneBehaviorEventRef" : "oneBehaviorEventRef");
        size_t room = 2;

        for (const struct xml_node *x = l->first; x != NULL; x = x->next)
                room++;
        if ((c->throws = arena_array(r->m->arena, room, sizeof *c->throws)) == NULL)
                return;
        c->throws_once = attr_is(l, "behavior", "One");
        if ((c->throws_once || attr_is(l, "behavior", "None")) && ref != NULL)
                throw_read(r, n, find(r->root, ref), c);
        for (const struct xml_node *x = l->first; attr_is(l, "behavior", "Complex") && x != NULL; x = x->next) {
                const struct xml_node *when = xml_child(x, "condition");
                size_t before = c->throw_count;
                if (strcmp(x->name, "complexBehaviorDefinition") != 0)
                        continue;
                throw_read(r, n, definition_of(r, xml_child(x, "event")), c);
                if (c->throw_count > before && when != NULL)
                        c->throws[before].condition = reader_expression(r, x, when->text, &c->throws[before].condition_text);
        }
}

static void loop_read(struct reader *r, const struct xml_node *n, struct code *c)
{
        const struct xml_node *l = xml_child(n, "standardLoopCharacteristics"), *e;

        if (l != NULL) {
                c->loop = LOOP_STANDARD;
                c->test_before = attr_is(l, "testBefore", "true");
                c->loop_max = number(l, "loopMaximum", 0);
                if (xml_attr(l, "loopMaximum") != NULL && c->loop_max == 0)
                        c->loop_max = -1;
                if ((e = xml_child(l, "loopCondition")) != NULL)
                        c->condition = reader_expression(r, l, e->text, &c->condition_text);
                return;
        }
        if ((l = xml_child(n, "multiInstanceLoopCharacteristics")) == NULL)
                return;
        c->loop = LOOP_MULTI;
        c->sequential = attr_is(l, "isSequential", "true");
        behavior_read(r, n, l, c);
        if ((e = xml_child(l, "loopCardinality")) != NULL)
                c->cardinality = reader_expression(r, l, e->text, &c->cardinality_text);
        if ((e = xml_child(l, "completionCondition")) != NULL)
                c->completion = reader_expression(r, l, e->text, &c->completion_text);
        if ((e = xml_child(l, "loopDataInputRef")) != NULL) {
                const struct xml_node *data = find(r->root, reader_keep(r, e->text));
                c->collection = reader_keep(r, data != NULL && xml_attr(data, "name") ? xml_attr(data, "name") : e->text);
        }
        if ((e = xml_child(l, "inputDataItem")) != NULL)
                c->item = reader_keep(r, xml_attr(e, "name") ? xml_attr(e, "name") : xml_attr(e, "id"));
}

static void script_read(struct reader *r, const struct xml_node *n, struct code *c)
{
        const struct xml_node *s = xml_child(n, "script");
        const char *format = xml_attr(n, "scriptFormat");

        if (s == NULL)
                return;
        if ((format == NULL && r->m->office) ||
            (format != NULL && (strstr(format, "FEEL") != NULL || strstr(format, "feel") != NULL)))
                c->script = reader_expression(r, n, s->text, &c->script_text);
        else
                c->script_text = reader_keep(r, s->text);
}

void detail_read(struct reader *r, const struct xml_node *n, struct bpmn_node *node, struct code *c)
{
        const struct xml_node *e;

        c->attached_id = reader_keep(r, xml_attr(n, "attachedToRef"));
        c->called_id = reader_keep(r, xml_attr(n, "calledElement"));
        c->event_sub = attr_is(n, "triggeredByEvent", "true");
        c->for_compensation = attr_is(n, "isForCompensation", "true");
        c->interrupting = !attr_is(n, node->kind == BPMN_BOUNDARY ? "cancelActivity" : "isInterrupting", "false");
        c->all_triggers = attr_is(n, "parallelMultiple", "true");
        c->instantiate = attr_is(n, "instantiate", "true");
        c->parallel_start = c->instantiate && attr_is(n, "eventGatewayType", "Parallel");
        c->start_quantity = number(n, "startQuantity", 1);
        c->completion_quantity = number(n, "completionQuantity", 1);
        if (node->kind <= BPMN_BOUNDARY)
                triggers_read(r, n, node, c);
        else
                loop_read(r, n, c);
        if (node->kind == BPMN_SCRIPT_TASK)
                script_read(r, n, c);
        if (node->kind == BPMN_AD_HOC) {
                if (c->loop != LOOP_MULTI)
                        c->sequential = attr_is(n, "ordering", "Sequential");
                if (c->completion == NULL && (e = xml_child(n, "completionCondition")) != NULL)
                        c->completion = reader_expression(r, n, e->text, &c->completion_text);
        }
        if (node->kind == BPMN_COMPLEX && (e = xml_child(n, "activationCondition")) != NULL)
                c->condition = reader_expression(r, n, e->text, &c->condition_text);
        if ((node->kind == BPMN_RECEIVE_TASK || node->kind == BPMN_SEND_TASK) &&
            (c->triggers = arena_array(r->m->arena, 1, sizeof *c->triggers)) != NULL) {
                c->trigger_count = 1;
                c->triggers[0] =
                    (struct trigger){.kind = BPMN_MESSAGE, .name = name_of(r, xml_attr(n, "messageRef")), .cycle = 1};
        }
}

/* --- binding ---------------------------------------------------------------------------------------------------------------- */

static int node_of(const struct bpmn_model *m, const char *id)
{
        const struct bpmn_node *n = bpmn_node_find(m, id);

        return n == NULL ? -1 : (int)(n - m->nodes);
}

static void handlers_bind(struct bpmn_model *m, const struct xml_node *n)
{
        const char *from = xml_attr(n, "sourceRef"), *to = xml_attr(n, "targetRef");

        if (strcmp(n->name, "association") == 0 && from != NULL && to != NULL) {
                int event = node_of(m, from), handler = node_of(m, to);
                if (event >= 0 && handler >= 0 && m->nodes[event].kind == BPMN_BOUNDARY && m->codes[event].attached >= 0 &&
                    m->nodes[event].trigger == BPMN_COMPENSATION)
                        m->codes[m->codes[event].attached].handler = handler;
        }
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                handlers_bind(m, c);
}

void detail_bind(struct bpmn_model *m, const struct xml_node *root)
{
        for (size_t i = 0; i < m->node_count; i++) {
                struct code *c = &m->codes[i];
                c->attached = c->attached_id[0] == '\0' ? -1 : node_of(m, c->attached_id);
                const char *bare = strchr(c->called_id, ':');
                if (c->called_id[0] == '\0')
                        continue;
                c->called = bpmn_process_find(m, c->called_id);
                if (c->called < 0 && bare != NULL)
                        c->called = bpmn_process_find(m, bare + 1);
                if (c->called < 0) {
                        c->called = node_of(m, bare == NULL ? c->called_id : bare + 1);
                        c->called_node = c->called >= 0;
                }
        }
        handlers_bind(m, root);
        /* An event sub-process that begins by compensation undoes the sub-process that holds it. */
        for (size_t i = 0; i < m->node_count; i++) {
                int holder = m->codes[i].parent, up = holder < 0 ? -1 : m->codes[holder].parent;
                if (m->nodes[i].kind == BPMN_START && m->nodes[i].trigger == BPMN_COMPENSATION && up >= 0 &&
                    m->codes[holder].event_sub && m->codes[up].handler < 0)
                        m->codes[up].handler = holder;
        }
}

bool begins_by_choice(const struct bpmn_model *m, size_t i, int *gateway)
{
        const struct code *c = &m->codes[i];

        for (size_t k = 0; c->parent < 0 && k < c->in_count; k++) {
                int from = m->flows[c->in[k]].source;
                if (from >= 0 && m->nodes[from].kind == BPMN_EVENT_GATEWAY && m->codes[from].instantiate) {
                        *gateway = from;
                        return true;
                }
        }
        return false;
}

int bpmn_start_find(const struct bpmn_model *m, enum bpmn_trigger kind, const char *name, int after)
{
        for (size_t i = (size_t)(after + 1); i < m->node_count; i++) {
                const struct code *c = &m->codes[i];
                int gateway;
                bool starts = m->nodes[i].kind == BPMN_START || (m->nodes[i].kind == BPMN_RECEIVE_TASK && c->instantiate) ||
                              begins_by_choice(m, i, &gateway);
                for (size_t k = 0; starts && c->parent < 0 && m->nodes[i].process >= 0 && k < c->trigger_count; k++)
                        if (c->triggers[k].kind == kind && strcmp(c->triggers[k].name, name) == 0)
                                return (int)i;
        }
        return -1;
}
