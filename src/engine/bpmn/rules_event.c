/* SPDX-License-Identifier: Apache-2.0
 *
 * Static rules of events: what each may be triggered by, what leads to it and from it, links and compensation.
 */
#include "engine/bpmn/rules.h"

#include <string.h>

/* Whether d is one of the definitions named: "message timer". */
static bool among(const struct xml_node *d, const char *names)
{
        size_t length = strlen(d->name), tail = strlen("EventDefinition");

        for (const char *p = names; *p != '\0';) {
                size_t word = strcspn(p, " ");
                if (length == word + tail && memcmp(d->name, p, word) == 0)
                        return true;
                p += word + (p[word] == ' ');
        }
        return false;
}

static bool all_among(const struct xml_node *const *have, size_t count, const char *names)
{
        for (size_t i = 0; i < count; i++)
                if (!among(have[i], names))
                        return false;
        return true;
}

static bool some_among(const struct xml_node *const *have, size_t count, const char *names)
{
        for (size_t i = 0; i < count; i++)
                if (among(have[i], names))
                        return true;
        return false;
}

static void start_rules(const struct rules *r, const struct xml_node *n, const struct xml_node **have, size_t count)
{
        bool inner = !is(n->parent, "process");

        if (flows_in(r, n) > 0 || kids(n, "incoming") > 0)
                RULE(r, n, "EXT096", "a flow leads into a start event", "开始事件不得有流入");
        if (!inner && !all_among(have, count, "message timer conditional signal"))
                RULE(r, n, "EXT098", "a process does not start by that", "流程不能以此类事件开始");
        if (inner && !event_sub_process(n->parent) && count > 0)
                RULE(r, n, "EXT100", "the start event of a sub-process has no definition", "子流程的开始事件不得有事件定义");
        if (kids(n, "outgoing") == 0)
                RULE(r, n, "EXT101", "nothing leads on from the start event", "开始事件没有流出");
        if (event_sub_process(n->parent) &&
            (!some_among(have, count, "message error escalation compensate conditional signal timer") ||
             !all_among(have, count, "message error escalation compensate conditional signal timer") ||
             (strcmp(attr(n, "isInterrupting"), "false") == 0 && some_among(have, count, "error compensate"))))
                RULE(r, n, "EXT059", "an event sub-process does not start by that", "事件子流程不能以此类事件开始");
}

static void end_rules(const struct rules *r, const struct xml_node *n, const struct xml_node **have, size_t count)
{
        if (flows_out(r, n) > 0 || kids(n, "outgoing") > 0)
                RULE(r, n, "EXT104", "a flow leads out of an end event", "结束事件不得有流出");
        if (some_among(have, count, "cancel") && !is(n->parent, "transaction"))
                RULE(r, n, "EXT106", "only a transaction is cancelled", "只有事务可以取消");
        if (flows_in(r, n) == 0 || kids(n, "incoming") == 0)
                RULE(r, n, "EXT107", "no flow leads to the end event", "没有顺序流到达结束事件");
        if (!all_among(have, count, "message escalation error cancel compensate signal terminate"))
                RULE(r, n, "EXT146", "a process does not end by that", "流程不能以此类事件结束");
}

static bool handler_linked(const struct rules *r, const struct xml_node *n, const struct xml_node **handler)
{
        for (size_t i = 0; i < r->count; i++)
                if (is(r->all[i], "association") && by_id(r, attr(r->all[i], "sourceRef")) == n) {
                        *handler = by_id(r, attr(r->all[i], "targetRef"));
                        return true;
                }
        return false;
}

static void boundary_rules(const struct rules *r, const struct xml_node *n, const struct xml_node **have, size_t count)
{
        bool interrupting = strcmp(attr(n, "cancelActivity"), "false") != 0,
             compensation = some_among(have, count, "compensate");
        const struct xml_node *handler = NULL;

        if (count == 0 || some_among(have, count, "link terminate") ||
            (!interrupting && !all_among(have, count, "message timer escalation conditional signal")))
                RULE(r, n, "EXT110", "a boundary event does not wait for that", "边界事件不能等待此类事件");
        if (some_among(have, count, "cancel") && !is(by_id(r, attr(n, "attachedToRef")), "transaction"))
                RULE(r, n, "EXT111", "cancel is caught at a transaction", "取消事件只能附着于事务");
        if (flows_in(r, n) > 0 || kids(n, "incoming") > 0)
                RULE(r, n, "EXT112", "a flow leads into a boundary event", "边界事件不得有流入");
        if (!compensation && flows_out(r, n) == 0)
                RULE(r, n, "EXT113", "no flow leads out of the boundary event", "边界事件没有流出");
        if (compensation && flows_out(r, n) > 0)
                RULE(r, n, "EXT114", "a compensation boundary event has no flow out", "补偿边界事件不得有流出");
        if (compensation && !handler_linked(r, n, &handler))
                RULE(r, n, "EXT143", "no association leads to the compensation activity", "未关联补偿活动");
        if (compensation && handler != NULL && (!activity(handler) || !yes(handler, "isForCompensation")))
                RULE(r, n, "EXT144", "the activity associated is not for compensation", "所关联的活动不用于补偿");
}

/* --- links ---------------------------------------------------------------------------------------------------------------- */

/* The other ends of a link by name: those of the same level and all. */
static void ends_count(const struct rules *r, const struct xml_node *n, const struct xml_node *link, const char *kind,
                       size_t *here, size_t *all)
{
        const struct xml_node *have[DEFINITIONS_MAX];

        *here = *all = 0;
        for (size_t i = 0; i < r->count; i++)
                for (size_t k = 0, count = is(r->all[i], kind) ? definitions_of(r, r->all[i], have) : 0; k < count; k++)
                        if (is(have[k], "linkEventDefinition") && strcmp(attr(have[k], "name"), attr(link, "name")) == 0) {
                                ++*all;
                                *here += r->all[i]->parent == n->parent;
                        }
}

/* Sources and targets may also be named by id. */
static bool named_away(const struct rules *r, const struct xml_node *n, const struct xml_node *link, const char *name)
{
        for (const struct xml_node *c = link->first; c != NULL; c = c->next) {
                const struct xml_node *other = is(c, name) ? by_text(r, c) : NULL;
                if (other != NULL && other->parent != NULL && other->parent->parent != n->parent)
                        return true;
        }
        return false;
}

/* The other end, named by id, is of another kind or names others and not this one. */
static bool named_wrong(const struct rules *r, const struct xml_node *link, const char *name, const char *back,
                        const char *kind)
{
        for (const struct xml_node *c = link->first; c != NULL; c = c->next) {
                const struct xml_node *other = is(c, name) ? by_text(r, c) : link;
                bool named = other == link || other == NULL || kids(other, back) == 0;
                if (other == NULL || (other != link && !is(other->parent, kind)))
                        return true;
                for (const struct xml_node *d = other->first; !named && d != NULL; d = d->next)
                        named = is(d, back) && by_text(r, d) == link;
                if (!named)
                        return true;
        }
        return false;
}

static void link_rules(const struct rules *r, const struct xml_node *n, const struct xml_node *link)
{
        bool catch = is(n, "intermediateCatchEvent");
        size_t here, all;

        if ((catch && flows_in(r, n) > 0) || (!catch && flows_out(r, n) > 0))
                RULE(r, n, "EXT117", "a link is not both target and source of flows", "链接事件不得同时有流入和流出");
        ends_count(r, n, link, catch ? "intermediateThrowEvent" : "intermediateCatchEvent", &here, &all);
        if ((all > 0 && here == 0) || named_away(r, n, link, catch ? "source" : "target"))
                RULE(r, n, "EXT126", "a link stays in its process level", "链接须在同一流程层级内");
        if (catch && all == 0 && kids(link, "source") == 0)
                RULE(r, n, "EXT124", "the link has no source", "链接没有来源");
        if (!catch && ((kids(link, "target") == 0 && here != 1) || kids(link, "target") > 1))
                RULE(r, n, "EXT125", "the link has not exactly one target", "链接须有且仅有一个目标");
        if (!catch && all == 0 && kids(link, "target") == 0)
                RULE(r, n, "EXT118", "the link leads to no target", "链接没有对应的目标");
        if (catch ? named_wrong(r, link, "source", "target", "intermediateThrowEvent")
                  : named_wrong(r, link, "target", "source", "intermediateCatchEvent"))
                RULE(r, n, "EXT118", "the other end of the link is of the wrong kind", "链接另一端的类型有误");
}

static void between_rules(const struct rules *r, const struct xml_node *n, const struct xml_node **have, size_t count)
{
        bool catch = is(n, "intermediateCatchEvent"), link = some_among(have, count, "link");
        bool loose = is(n->parent, "adHocSubProcess");

        if (!loose && flows_in(r, n) == 0 && !(catch && link))
                RULE(r, n, "EXT115", "no flow leads to the event", "没有顺序流到达该事件");
        if (!loose && flows_out(r, n) == 0 && !(!catch && link))
                RULE(r, n, "EXT116", "no flow leads on from the event", "该事件没有流出");
        if (catch && some_among(have, count, "compensate"))
                RULE(r, n, "EXT122", "compensation is not caught in the flow", "流程中不能捕获补偿事件");
        if (catch && (count == 0 || !all_among(have, count, "message timer conditional link signal")))
                RULE(r, n, "EXT148", "a catch event does not wait for that", "捕获事件不能等待此类事件");
        if (!catch && !all_among(have, count, "message escalation compensate link signal"))
                RULE(r, n, "EXT149", "a throw event does not throw that", "抛出事件不能抛出此类事件");
        for (size_t i = 0; i < count; i++)
                if (is(have[i], "linkEventDefinition"))
                        link_rules(r, n, have[i]);
}

/* --- definitions ------------------------------------------------------------------------------------------------------------ */

static void definition_rules(const struct rules *r, const struct xml_node *n, const struct xml_node *d)
{
        bool throws = is(n, "endEvent") || is(n, "intermediateThrowEvent");

        if (throws && is(d, "escalationEventDefinition")) {
                const struct xml_node *e = by_id(r, attr(d, "escalationRef"));
                if (e == NULL || attr(e, "escalationCode")[0] == '\0')
                        RULE(r, n, "EXT011", "an escalation that is thrown needs a code", "抛出的升级事件须有代码");
        }
        if (is(d, "messageEventDefinition") && executable(n)) {
                if (attr(d, "messageRef")[0] == '\0')
                        RULE(r, n, "EXT127", "it names no message", "未指明消息");
                if (kid(d, "operationRef") == NULL)
                        RULE(r, n, "EXT128", "it names no operation", "未指明操作");
        }
        if (throws && is(d->parent, "definitions"))
                for (size_t i = 0, uses = 0; i < r->count; i++) {
                        uses += is(r->all[i], "eventDefinitionRef") && by_text(r, r->all[i]) == d;
                        if (uses > 1) {
                                RULE(r, n, "EXT095", "what it throws is used elsewhere", "抛出事件的定义在别处也被引用");
                                break;
                        }
                }
}

void event_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *have[DEFINITIONS_MAX];

        if (!event(n))
                return;
        size_t count = definitions_of(r, n, have);
        if (is(n, "startEvent"))
                start_rules(r, n, have, count);
        else if (is(n, "endEvent"))
                end_rules(r, n, have, count);
        else if (is(n, "boundaryEvent"))
                boundary_rules(r, n, have, count);
        else
                between_rules(r, n, have, count);
        for (size_t i = 0; i < count; i++)
                definition_rules(r, n, have[i]);
}
