/* SPDX-License-Identifier: Apache-2.0
 *
 * Static rules of sequence flows, gateways and of where expressions stand.
 */
#include "engine/bpmn/rules.h"

#include <string.h>

static bool listed(const struct xml_node *n, const char *name, const char *id)
{
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                if (is(c, name) && text_is(c, id))
                        return true;
        return false;
}

static void sequence_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *from = by_id(r, attr(n, "sourceRef")), *to = by_id(r, attr(n, "targetRef"));

        if (artifact(to))
                RULE(r, n, "EXT006", "a flow leads to no artifact", "顺序流不得指向工件");
        if (artifact(from))
                RULE(r, n, "EXT007", "a flow leaves no artifact", "顺序流不得从工件流出");
        if (from != NULL && !artifact(from) && (!flow_node(from) || event_sub_process(from)))
                RULE(r, n, "EXT021", "only activities, gateways and events are sources", "顺序流的起点须为活动、网关或事件");
        if (to != NULL && !artifact(to) && (!flow_node(to) || event_sub_process(to)))
                RULE(r, n, "EXT022", "only activities, gateways and events are targets", "顺序流的终点须为活动、网关或事件");
        if ((from != NULL && !flow_node(from) && !artifact(from)) || (to != NULL && !flow_node(to) && !artifact(to)))
                RULE(r, n, "REF", "a flow joins activities, gateways or events", "顺序流须连接活动、网关或事件");
        if (flow_node(to) && !listed(to, "incoming", attr(n, "id")))
                RULE(r, n, "EXT023", "its target does not list it as incoming", "终点未将其列为流入");
        if (flow_node(from) && !listed(from, "outgoing", attr(n, "id")))
                RULE(r, n, "EXT023", "its source does not list it as outgoing", "起点未将其列为流出");
        if (executable(n) && strcmp(attr(n, "isImmediate"), "false") == 0)
                RULE(r, n, "EXT024", "a flow of an executable process is immediate", "可执行流程的顺序流须为即时");
        if (activity(from) && kid(n, "conditionExpression") != NULL && flows_out(r, from) == 1)
                RULE(r, n, "EXT025", "the only flow out of an activity has no condition", "活动的唯一流出不得带条件");
        if (flow_node(from) && flow_node(to) && process_of(from) != process_of(to))
                RULE(r, n, "EXT152", "a flow does not leave its pool", "顺序流不得跨越池");
        else if (flow_node(from) && flow_node(to) && from->parent != to->parent)
                RULE(r, n, "EXT152", "a flow does not leave its process level", "顺序流不得跨越流程层级");
        if (is(from, "eventBasedGateway") && kid(n, "conditionExpression") != NULL)
                RULE(r, n, "EXT137", "a flow out of an event-based gateway has no condition", "事件网关的流出不得带条件");
}

static void default_rule(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *f = by_id(r, attr(n, "default"));

        if (is(f, "sequenceFlow") && by_id(r, attr(f, "sourceRef")) != n)
                RULE(r, n, "EXT026", "the default flow does not begin here", "默认流不是从该元素流出");
}

static bool waits(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *have[DEFINITIONS_MAX];
        size_t count = definitions_of(r, n, have);

        if (is(n, "receiveTask"))
                return true;
        if (!is(n, "intermediateCatchEvent") || count == 0)
                return false;
        for (size_t i = 0; i < count; i++)
                if (!is(have[i], "messageEventDefinition") && !is(have[i], "signalEventDefinition") &&
                    !is(have[i], "timerEventDefinition") && !is(have[i], "conditionalEventDefinition"))
                        return false;
        return true;
}

static bool waits_for_message(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *have[DEFINITIONS_MAX];

        for (size_t i = 0, count = definitions_of(r, n, have); i < count; i++)
                if (is(have[i], "messageEventDefinition"))
                        return true;
        return false;
}

static bool has_boundary(const struct rules *r, const struct xml_node *n)
{
        for (size_t i = 0; i < r->count; i++)
                if (is(r->all[i], "boundaryEvent") && by_id(r, attr(r->all[i], "attachedToRef")) == n)
                        return true;
        return false;
}

static void event_gateway_rules(const struct rules *r, const struct xml_node *n, size_t out, size_t in)
{
        bool tasks = false, messages = false;

        if (out < 2)
                RULE(r, n, "EXT136", "an event-based gateway needs two flows out", "事件网关至少需要两条流出");
        if (yes(n, "instantiate") && in > 0)
                RULE(r, n, "EXT142", "an instantiating gateway has no flow in", "启动流程的事件网关不得有流入");
        for (size_t i = 0; i < r->flow_count; i++) {
                const struct xml_node *to = by_id(r, attr(r->flows[i], "targetRef"));
                if (to == NULL || by_id(r, attr(r->flows[i], "sourceRef")) != n)
                        continue;
                if (!waits(r, to))
                        RULE(r, to, "EXT138", "an event-based gateway leads to receive tasks and catch events only",
                             "事件网关只能连接接收任务与捕获事件");
                if (is(to, "receiveTask") && has_boundary(r, to))
                        RULE(r, to, "EXT140", "a receive task after an event-based gateway has no boundary event",
                             "事件网关后的接收任务不得有边界事件");
                if (flows_in(r, to) > 1)
                        RULE(r, to, "EXT141", "nothing else leads to the target of an event-based gateway",
                             "事件网关的目标不得有其他流入");
                tasks = tasks || is(to, "receiveTask");
                messages = messages || (is(to, "intermediateCatchEvent") && waits_for_message(r, to));
        }
        if (tasks && messages)
                RULE(r, n, "EXT139", "receive tasks and message events do not mix", "接收任务与消息事件不得混用");
}

static void gateway_rules(const struct rules *r, const struct xml_node *n)
{
        size_t in = flows_in(r, n), out = flows_out(r, n);
        const char *way = attr(n, "gatewayDirection");

        if (strcmp(way, "Converging") == 0 && out > 1)
                RULE(r, n, "EXT017", "a converging gateway has one flow out", "汇合网关只能有一条流出");
        if (strcmp(way, "Diverging") == 0 && in > 1)
                RULE(r, n, "EXT018", "a diverging gateway has one flow in", "分支网关只能有一条流入");
        if (strcmp(way, "Mixed") == 0 && (in < 2 || out < 2))
                RULE(r, n, "EXT019", "a mixed gateway has several flows in and out", "混合网关须有多条流入和流出");
        if (is(n, "eventBasedGateway"))
                event_gateway_rules(r, n, out, in);
        else if (in < 2 && out < 2)
                RULE(r, n, "EXT135", "a gateway has several flows in or out", "网关须有多条流入或流出");
}

/* --- expressions ---------------------------------------------------------------------------------------------------------- */

static bool formal(const struct xml_node *n)
{
        for (const struct xml_attr *a = n->attrs; a != NULL; a = a->next)
                if (strcmp(a->name, "type") == 0 && strcmp(a->ns, "http://www.w3.org/2001/XMLSchema-instance") == 0) {
                        size_t have = strlen(a->value), want = strlen("tFormalExpression");
                        return have >= want && strcmp(a->value + have - want, "tFormalExpression") == 0;
                }
        return false;
}

static bool bodiless(const struct xml_node *n)
{
        return str_trim(str_from(n->text)).n == 0;
}

/* Places whose type is Expression: in an executable process each is formal. */
static bool expression_place(const struct xml_node *n)
{
        static const char *const names[] = {"conditionExpression",
                                            "loopCardinality",
                                            "loopCondition",
                                            "completionCondition",
                                            "activationCondition",
                                            "timeDate",
                                            "timeCycle",
                                            "timeDuration",
                                            "from",
                                            "to"};

        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                if (is(n, names[i]))
                        return true;
        return false;
}

/* Places whose type is FormalExpression whatever xsi:type says. */
static bool formal_place(const struct xml_node *n)
{
        return is(n, "transformation") || is(n, "messagePath") || is(n, "dataPath") ||
               (is(n, "condition") && is(n->parent, "complexBehaviorDefinition"));
}

static bool some_executable(const struct rules *r)
{
        for (const struct xml_node *p = r->root->first; p != NULL; p = p->next)
                if (is(p, "process") && yes(p, "isExecutable"))
                        return true;
        return false;
}

static void expression_rules(const struct rules *r, const struct xml_node *n)
{
        bool runs = executable(n) || (process_of(n) == NULL && some_executable(r));

        if (expression_place(n) && runs && !formal(n))
                RULE(r, n->parent, "EXT012", "an executable process needs formal expressions", "可执行流程须使用形式表达式");
        if (((expression_place(n) && formal(n)) || formal_place(n)) && bodiless(n))
                RULE(r, n->parent, "EXT013", "a formal expression is empty", "形式表达式为空");
        if (is(n, "conditionalEventDefinition") && runs &&
            (kid(n, "condition") == NULL || !formal(kid(n, "condition")) || bodiless(kid(n, "condition"))))
                RULE(r, n->parent, "EXT123", "the condition is not a formal expression", "条件须为形式表达式");
}

void flow_rules(const struct rules *r, const struct xml_node *n)
{
        if (is(n, "sequenceFlow"))
                sequence_rules(r, n);
        if (gateway(n))
                gateway_rules(r, n);
        if (gateway(n) || activity(n))
                default_rule(r, n);
        expression_rules(r, n);
}
