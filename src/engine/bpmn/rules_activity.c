/* SPDX-License-Identifier: Apache-2.0
 *
 * Static rules of activities, of what stands together in one process level, and of calls.
 */
#include "engine/bpmn/rules.h"

#include <string.h>

static bool container(const struct xml_node *n)
{
        return is(n, "process") || is(n, "subProcess") || is(n, "transaction");
}

static bool starter(const struct xml_node *n)
{
        return is(n, "startEvent") || ((is(n, "receiveTask") || is(n, "eventBasedGateway")) && yes(n, "instantiate"));
}

static bool link_event(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *have[DEFINITIONS_MAX];

        for (size_t i = 0, count = definitions_of(r, n, have); i < count; i++)
                if (is(have[i], "linkEventDefinition"))
                        return true;
        return false;
}

static bool compensation(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *have[DEFINITIONS_MAX];

        if (yes(n, "isForCompensation"))
                return true;
        for (size_t i = 0, count = is(n, "boundaryEvent") ? definitions_of(r, n, have) : 0; i < count; i++)
                if (is(have[i], "compensateEventDefinition"))
                        return true;
        return false;
}

static void level_rules(const struct rules *r, const struct xml_node *n)
{
        bool start = false, end = false, event_start = false;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next) {
                start = start || starter(c);
                event_start = event_start || is(c, "startEvent");
                end = end || is(c, "endEvent");
        }
        if (end && !start)
                RULE(r, n, "EXT097", "it has an end event and no start event", "有结束事件而无开始事件");
        if (event_start && !end)
                RULE(r, n, "EXT105", "it has a start event and no end event", "有开始事件而无结束事件");
        for (const struct xml_node *c = n->first; c != NULL; c = c->next) {
                if (!flow_node(c) || event_sub_process(c) || compensation(r, c))
                        continue;
                if (event_start && !starter(c) && !is(c, "boundaryEvent") && flows_in(r, c) == 0 &&
                    !(is(c, "intermediateCatchEvent") && link_event(r, c)))
                        RULE(r, c, "EXT150", "no flow leads to the element", "没有顺序流到达该元素");
                if (end && !is(c, "endEvent") && flows_out(r, c) == 0 && !(is(c, "intermediateThrowEvent") && link_event(r, c)))
                        RULE(r, c, "EXT151", "no flow leads on from the element", "该元素没有流出");
        }
}

/* A script that is one bare word names a procedure of the host: it is in no language, and what its numbers mean shows when the
 * instance begins. */
static bool host_script(const struct xml_node *n)
{
        const struct xml_node *s = is(n, "scriptTask") ? kid(n, "script") : NULL;
        struct str text = s == NULL ? (struct str){0} : str_trim(str_from(s->text));

        for (size_t i = 0; i < text.n; i++) {
                char c = text.p[i];
                if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'))
                        return false;
        }
        return text.n > 0;
}

static void number_rules(const struct rules *r, const struct xml_node *n)
{
        int64_t begin = 1, done = 1;

        text_to_int(str_from(attr(n, "startQuantity")), &begin);
        text_to_int(str_from(attr(n, "completionQuantity")), &done);
        if (begin < 1 && !host_script(n))
                RULE(r, n, "EXT037", "startQuantity is less than 1", "startQuantity 小于 1");
        if (done < 1 && !host_script(n))
                RULE(r, n, "EXT038", "completionQuantity is less than 1", "completionQuantity 小于 1");
}

static void sub_process_rules(const struct rules *r, const struct xml_node *n)
{
        bool work = false;

        if (event_sub_process(n)) {
                if (flows_in(r, n) + flows_out(r, n) + kids(n, "incoming") + kids(n, "outgoing") > 0)
                        RULE(r, n, "EXT057", "an event sub-process has no flows in or out", "事件子流程不得有流入流出");
                if (kids(n, "startEvent") != 1)
                        RULE(r, n, "EXT058", "an event sub-process has exactly one start event",
                             "事件子流程须有且仅有一个开始事件");
        }
        if (is(n, "adHocSubProcess")) {
                for (const struct xml_node *c = n->first; c != NULL; c = c->next) {
                        work = work || activity(c);
                        if (is(c, "startEvent") || is(c, "endEvent") || ends(c, "onversation") || is(c, "conversationLink") ||
                            is(c, "choreographyTask") || is(c, "subChoreography") || is(c, "callChoreography"))
                                RULE(r, c, "EXT062", "an ad-hoc sub-process does not hold it", "即席子流程中不得包含该元素");
                }
                if (!work)
                        RULE(r, n, "EXT061", "an ad-hoc sub-process needs an activity", "即席子流程须至少有一个活动");
        }
        if (kid(n, "ioSpecification") != NULL)
                RULE(r, n, "EXT079", "a sub-process has no ioSpecification", "子流程不得有 ioSpecification");
}

/* --- calls ---------------------------------------------------------------------------------------------------------------- */

static size_t spec_count(const struct xml_node *n, const char *name)
{
        const struct xml_node *io = n == NULL ? NULL : kid(n, "ioSpecification");

        return io == NULL ? 0 : kids(io, name);
}

static const char *structure(const struct rules *r, const struct xml_node *data)
{
        const struct xml_node *item = by_id(r, attr(data, "itemSubjectRef"));

        return item == NULL ? "" : attr(item, "structureRef");
}

/* Whether each datum of one has its like, by structure, in the other. */
static bool spec_covers(const struct rules *r, const struct xml_node *one, const struct xml_node *other, const char *name)
{
        const struct xml_node *a = one == NULL ? NULL : kid(one, "ioSpecification"), *b = kid(other, "ioSpecification");

        for (const struct xml_node *x = a == NULL ? NULL : a->first; x != NULL; x = x->next) {
                bool found = !is(x, name);
                for (const struct xml_node *y = b == NULL ? NULL : b->first; !found && y != NULL; y = y->next)
                        found = is(y, name) && strcmp(structure(r, x), structure(r, y)) == 0 &&
                                yes(x, "isCollection") == yes(y, "isCollection");
                if (!found)
                        return false;
        }
        return true;
}

static bool binding_fits(const struct rules *r, const struct xml_node *called, const struct xml_node *b)
{
        const struct xml_node *op = by_id(r, attr(b, "operationRef")), *in = by_id(r, attr(b, "inputDataRef"));
        const struct xml_node *out = by_id(r, attr(b, "outputDataRef"));
        const struct xml_node *inm = op == NULL ? NULL : by_text(r, kid(op, "inMessageRef"));
        const struct xml_node *outm = op == NULL ? NULL : by_text(r, kid(op, "outMessageRef"));
        const char *want_in = inm == NULL ? "" : attr(inm, "itemRef"), *want_out = outm == NULL ? "" : attr(outm, "itemRef");

        if (op == NULL || in == NULL || (outm != NULL && out == NULL))
                return false;
        /* An input set stands for its data. */
        if (is(in, "inputSet"))
                in = by_text(r, kid(in, "dataInputRefs"));
        if (out != NULL && is(out, "outputSet"))
                out = by_text(r, kid(out, "dataOutputRefs"));
        if (in == NULL || in->parent == NULL || in->parent->parent != called)
                return false;
        return strcmp(attr(in, "itemSubjectRef"), want_in) == 0 &&
               (outm == NULL || (out != NULL && strcmp(attr(out, "itemSubjectRef"), want_out) == 0));
}

static void callable_rules(const struct rules *r, const struct xml_node *n)
{
        if (kid(n, "supportedInterfaceRef") != NULL && kid(n, "ioBinding") == NULL)
                RULE(r, n, "EXT064", "offered as a service, it needs an ioBinding", "作为服务提供时须有 ioBinding");
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                if (is(c, "ioBinding") && !binding_fits(r, n, c))
                        RULE(r, n, "EXT065", "an ioBinding does not fit its operation", "ioBinding 与操作不符");
}

static void call_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *called = by_id(r, attr(n, "calledElement"));
        bool none = called == NULL || !is(called, "process"), has_start = false;

        if (called == NULL)
                return;
        if (spec_count(n, "dataInput") != spec_count(called, "dataInput") ||
            spec_count(n, "dataOutput") != spec_count(called, "dataOutput") || !spec_covers(r, n, called, "dataInput") ||
            !spec_covers(r, n, called, "dataOutput"))
                RULE(r, n, "EXT063", "its data are not those of what it calls", "其数据与被调用元素不符");
        for (const struct xml_node *c = called->first; !none && c != NULL; c = c->next) {
                const struct xml_node *have[DEFINITIONS_MAX];
                has_start = has_start || is(c, "startEvent");
                none = is(c, "startEvent") && definitions_of(r, c, have) == 0;
        }
        if (!none && has_start)
                RULE(r, n, "EXT099", "what it calls has no none start event", "被调用流程没有空开始事件");
}

void activity_rules(const struct rules *r, const struct xml_node *n)
{
        if (container(n))
                level_rules(r, n);
        if (is(n, "process") || (strncmp(n->name, "global", 6) == 0 && ends(n, "Task")))
                callable_rules(r, n);
        if (!activity(n))
                return;
        number_rules(r, n);
        if (is(n, "subProcess") || is(n, "transaction") || is(n, "adHocSubProcess"))
                sub_process_rules(r, n);
        if (is(n, "callActivity"))
                call_rules(r, n);
        if (is(n, "receiveTask") && yes(n, "instantiate") && flows_in(r, n) > 0)
                RULE(r, n, "EXT049", "an instantiating receive task has no flow in", "启动流程的接收任务不得有流入");
        if (is(n, "scriptTask") && kid(n, "script") != NULL && attr(n, "scriptFormat")[0] == '\0' && !host_script(n))
                RULE(r, n, "EXT053", "the script does not say its language", "脚本未说明语言");
}
