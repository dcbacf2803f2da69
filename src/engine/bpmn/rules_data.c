/* SPDX-License-Identifier: Apache-2.0
 *
 * Static rules of data: inputs and outputs, their sets, associations, the items of messages, and multi-instance data.
 */
#include "engine/bpmn/rules.h"

#include <string.h>

static const struct xml_node *io_of(const struct xml_node *n)
{
        return kid(n, "ioSpecification");
}

static const char *item_structure(const struct rules *r, const struct xml_node *data)
{
        const struct xml_node *item = data == NULL ? NULL : by_id(r, attr(data, "itemSubjectRef"));

        return item == NULL ? "" : attr(item, "structureRef");
}

/* Two item definitions, by id, are one, or are of one structure. */
static bool same_item(const struct rules *r, const char *a, const char *b)
{
        const struct xml_node *x = by_id(r, a), *y = by_id(r, b);

        if (x == NULL || y == NULL)
                return x == y;
        return x == y || (attr(x, "structureRef")[0] != '\0' && strcmp(attr(x, "structureRef"), attr(y, "structureRef")) == 0);
}

static void service_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *op = by_id(r, attr(n, "operationRef")), *io = io_of(n);

        if (op == NULL)
                return;
        const struct xml_node *in = by_text(r, kid(op, "inMessageRef")), *out = by_text(r, kid(op, "outMessageRef"));
        if (io == NULL || kids(io, "inputSet") != 1)
                RULE(r, n, "EXT042", "a service with an operation has exactly one input set",
                     "引用操作的服务任务须恰有一个输入集");
        if (io == NULL)
                return;
        if (kids(io, "outputSet") > 1)
                RULE(r, n, "EXT043", "a service with an operation has at most one output set",
                     "引用操作的服务任务至多一个输出集");
        if (in != NULL && kid(io, "dataInput") != NULL &&
            !same_item(r, attr(in, "itemRef"), attr(kid(io, "dataInput"), "itemSubjectRef")))
                RULE(r, n, "EXT044", "its input is not the item of the operation", "输入与操作的消息项不符");
        if (out != NULL && kid(io, "dataOutput") != NULL &&
            !same_item(r, attr(out, "itemRef"), attr(kid(io, "dataOutput"), "itemSubjectRef")))
                RULE(r, n, "EXT045", "its output is not the item of the operation", "输出与操作的消息项不符");
}

static void message_task_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *message = by_id(r, attr(n, "messageRef")), *io = io_of(n);
        bool send = is(n, "sendTask");

        if (message == NULL || io == NULL)
                return;
        const struct xml_node *data = kid(io, send ? "dataInput" : "dataOutput");
        bool fits = data == NULL || same_item(r, attr(message, "itemRef"), attr(data, "itemSubjectRef"));
        if (send && kids(io, "inputSet") > 1)
                RULE(r, n, "EXT046", "a send task has at most one input set", "发送任务至多一个输入集");
        if (send && kids(io, "dataInput") > 1)
                RULE(r, n, "EXT047", "a send task has at most one input", "发送任务至多一个输入");
        if (send && !fits)
                RULE(r, n, "EXT048", "its input is not the item of the message", "输入与消息项不符");
        if (!send && kids(io, "outputSet") > 1)
                RULE(r, n, "EXT050", "a receive task has at most one output set", "接收任务至多一个输出集");
        if (!send && kids(io, "dataOutput") > 1)
                RULE(r, n, "EXT051", "a receive task has at most one output", "接收任务至多一个输出");
        if (!send && !fits)
                RULE(r, n, "EXT052", "its output is not the item of the message", "输出与消息项不符");
}

/* --- sets ----------------------------------------------------------------------------------------------------------------- */

static bool set_lists(const struct xml_node *set, const char *name, const char *id)
{
        for (const struct xml_node *c = set->first; c != NULL; c = c->next)
                if (is(c, name) && text_is(c, id))
                        return true;
        return false;
}

/* The data stand in an ioSpecification with its sets, or in an event with one set. */
static bool some_set_lists(const struct xml_node *holder, const char *set, const char *name, const char *id)
{
        for (const struct xml_node *c = holder->first; c != NULL; c = c->next)
                if (is(c, set) && set_lists(c, name, id))
                        return true;
        return false;
}

static void set_rules(const struct rules *r, const struct xml_node *n)
{
        static const struct {
                const char *set, *name, *all;
        } parts[] = {{"inputSet", "optionalInputRefs", "dataInputRefs"},
                     {"inputSet", "whileExecutingInputRefs", "dataInputRefs"},
                     {"outputSet", "optionalOutputRefs", "dataOutputRefs"},
                     {"outputSet", "whileExecutingOutputRefs", "dataOutputRefs"}};

        for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
                const struct xml_node *there = is(n, parts[i].name) ? by_text(r, n) : NULL;
                if (there == NULL || !is(n->parent, parts[i].set) || set_lists(n->parent, parts[i].all, attr(there, "id")))
                        continue;
                if (i == 0)
                        RULE(r, n->parent, "EXT085", "an optional input is not one of its inputs", "可选输入不在输入之列");
                else if (i == 1)
                        RULE(r, n->parent, "EXT086", "an input while executing is not one of its inputs",
                             "执行中输入不在输入之列");
                else if (i == 2)
                        RULE(r, n->parent, "EXT089", "an optional output is not one of its outputs", "可选输出不在输出之列");
                else
                        RULE(r, n->parent, "EXT090", "an output while executing is not one of its outputs",
                             "执行中输出不在输出之列");
        }
        if (is(n, "dataInput") && !some_set_lists(n->parent, "inputSet", "dataInputRefs", attr(n, "id")))
                RULE(r, n, "EXT084", "the input is in no input set", "输入不属于任何输入集");
        if (is(n, "dataOutput") && !some_set_lists(n->parent, "outputSet", "dataOutputRefs", attr(n, "id")))
                RULE(r, n, "EXT088", "the output is in no output set", "输出不属于任何输出集");
}

/* --- associations ----------------------------------------------------------------------------------------------------------- */

static const char *item_of(const struct rules *r, const struct xml_node *n)
{
        if (n == NULL)
                return "";
        if (is(n, "dataObjectReference") && attr(n, "itemSubjectRef")[0] == '\0')
                n = by_id(r, attr(n, "dataObjectRef"));
        else if (is(n, "dataStoreReference") && attr(n, "itemSubjectRef")[0] == '\0')
                n = by_id(r, attr(n, "dataStoreRef"));
        return n == NULL ? "" : attr(n, "itemSubjectRef");
}

static void association_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *from = by_text(r, kid(n, "sourceRef")), *to = by_text(r, kid(n, "targetRef"));

        if (kid(n, "transformation") != NULL)
                return;
        if (kids(n, "sourceRef") > 1)
                RULE(r, n, "EXT092", "without a transformation it has one source", "没有转换时只能有一个来源");
        if (from != NULL && to != NULL && item_of(r, from)[0] != '\0' && item_of(r, to)[0] != '\0' &&
            !same_item(r, item_of(r, from), item_of(r, to)))
                RULE(r, n, "EXT091", "source and target are of different items", "来源与目标的数据项不同");
}

/* --- events ------------------------------------------------------------------------------------------------------------------ */

static const char *payload_item(const struct rules *r, const struct xml_node *d)
{
        static const char *const refs[] = {"messageRef", "signalRef", "errorRef", "escalationRef"};

        for (size_t i = 0; i < sizeof refs / sizeof refs[0]; i++) {
                const struct xml_node *x = by_id(r, attr(d, refs[i]));
                if (x != NULL)
                        return attr(x, i == 0 ? "itemRef" : "structureRef");
        }
        return "";
}

static void event_data_rules(const struct rules *r, const struct xml_node *n)
{
        bool throws = is(n, "intermediateThrowEvent") || is(n, "endEvent");
        const char *name = throws ? "dataInput" : "dataOutput";
        const struct xml_node *have[DEFINITIONS_MAX], *data = kid(n, name);
        size_t count = definitions_of(r, n, have);
        bool used = kids(n, throws ? "dataInputAssociation" : "dataOutputAssociation") > 0 || data != NULL ||
                    kids(n, throws ? "inputSet" : "outputSet") > 0;

        if (used && kids(n, name) < count) {
                RULE(r, n, "EXT093", "not every definition has its datum", "并非每个事件定义都有对应数据");
                return;
        }
        for (size_t i = 0; i < count && data != NULL; i++) {
                const char *want = payload_item(r, have[i]);
                if (want[0] != '\0' && by_id(r, want) != NULL && !same_item(r, want, attr(data, "itemSubjectRef")))
                        RULE(r, n, "EXT094", "a datum is not of the item of its definition", "数据与事件定义的数据项不符");
                do
                        data = data->next;
                while (data != NULL && !is(data, name));
        }
}

/* --- multi-instance ---------------------------------------------------------------------------------------------------------- */

static bool collection(const struct rules *r, const struct xml_node *data)
{
        const struct xml_node *item = data == NULL ? NULL : by_id(r, item_of(r, data));

        return data != NULL && (yes(data, "isCollection") || (item != NULL && yes(item, "isCollection")));
}

static void loop_data_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *in = by_text(r, kid(n, "loopDataInputRef")), *one = kid(n, "inputDataItem");
        const struct xml_node *out = by_text(r, kid(n, "loopDataOutputRef")), *each = kid(n, "outputDataItem");
        bool task = !is(n->parent, "subProcess") && !is(n->parent, "transaction") && !is(n->parent, "adHocSubProcess");

        if (executable(n) && kid(n, "loopCardinality") == NULL && kid(n, "loopDataInputRef") == NULL)
                RULE(r, n->parent, "EXT067", "neither a cardinality nor a collection is given", "未给出基数或集合");
        if (executable(n) && task && kid(n, "loopDataInputRef") != NULL &&
            (!is(in, "dataInput") || in->parent->parent != n->parent))
                RULE(r, n->parent, "EXT068", "its collection is not one of its inputs", "集合不是该任务的输入");
        if (out != NULL && each != NULL &&
            (collection(r, each) || (item_structure(r, each)[0] != '\0' && item_structure(r, out)[0] != '\0' &&
                                     strcmp(item_structure(r, each), item_structure(r, out)) != 0)))
                RULE(r, n->parent, "EXT069", "the output item is not one of its collection", "输出项不是集合的元素");
        if (in != NULL && one != NULL &&
            (collection(r, one) || (item_structure(r, one)[0] != '\0' && item_structure(r, in)[0] != '\0' &&
                                    strcmp(item_structure(r, one), item_structure(r, in)) != 0)))
                RULE(r, n->parent, "EXT070", "the input item is not one of its collection", "输入项不是集合的元素");
}

static void object_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *item = by_id(r, attr(n, "itemSubjectRef")), *object = by_id(r, attr(n, "dataObjectRef"));
        const struct xml_node *state = kid(n, "dataState");

        if (item != NULL && xml_attr(n, "isCollection") != NULL && yes(n, "isCollection") != yes(item, "isCollection"))
                RULE(r, n, "EXT020", "isCollection differs from its item definition", "isCollection 与数据项定义不一致");
        if (!is(n, "dataObjectReference") || object == NULL || xml_attr(n, "name") == NULL)
                return;
        char want[512];
        if (state == NULL || attr(state, "name")[0] == '\0')
                text_format(want, sizeof want, "%.250s", attr(object, "name"));
        else
                text_format(want, sizeof want, "%.250s [%.250s]", attr(object, "name"), attr(state, "name"));
        if (strcmp(want, attr(n, "name")) != 0)
                RULE(r, n, "EXT076", "it is not named as its object and state", "名称应为“数据对象名 [状态]”");
}

void data_rules(const struct rules *r, const struct xml_node *n)
{
        if (is(n, "serviceTask"))
                service_rules(r, n);
        if (is(n, "sendTask") || is(n, "receiveTask"))
                message_task_rules(r, n);
        if (is(n, "dataInputAssociation") || is(n, "dataOutputAssociation"))
                association_rules(r, n);
        if (event(n))
                event_data_rules(r, n);
        if (is(n, "multiInstanceLoopCharacteristics"))
                loop_data_rules(r, n);
        set_rules(r, n);
        object_rules(r, n);
}
