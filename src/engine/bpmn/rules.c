/* SPDX-License-Identifier: Apache-2.0
 *
 * The static rules: the index of a file, references, processes and collaborations. Each element is asked on its own; what is
 * asked of flows, events, activities and data stands in the files of that name.
 */
#include "engine/bpmn/rules.h"

#include <stdlib.h>
#include <string.h>

#define ELEMENTS_MAX 20000

const char *rule_label(const struct xml_node *n)
{
        const char *id = xml_attr(n, "id");

        return id == NULL ? n->name : id;
}

bool is(const struct xml_node *n, const char *name)
{
        return n != NULL && strcmp(n->ns, BPMN_NS) == 0 && strcmp(n->name, name) == 0;
}

bool ends(const struct xml_node *n, const char *tail)
{
        size_t have = strlen(n->name), want = strlen(tail);

        return strcmp(n->ns, BPMN_NS) == 0 && have >= want && strcmp(n->name + have - want, tail) == 0;
}

const char *attr(const struct xml_node *n, const char *name)
{
        const char *value = xml_attr(n, name);

        return value == NULL ? "" : value;
}

bool yes(const struct xml_node *n, const char *name)
{
        return strcmp(attr(n, name), "true") == 0 || strcmp(attr(n, name), "1") == 0;
}

size_t kids(const struct xml_node *n, const char *name)
{
        size_t count = 0;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                count += is(c, name);
        return count;
}

const struct xml_node *kid(const struct xml_node *n, const char *name)
{
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                if (is(c, name))
                        return c;
        return NULL;
}

/* --- the index ------------------------------------------------------------------------------------------------------------ */

static struct str local(struct str id)
{
        id = str_trim(id);
        for (size_t i = 0; i < id.n; i++)
                if (id.p[i] == ':')
                        return (struct str){id.p + i + 1, id.n - i - 1};
        return id;
}

static int compare(struct str id, const struct xml_node *n)
{
        const char *other = attr(n, "id");
        size_t have = strlen(other), less = id.n < have ? id.n : have;
        int rc = memcmp(id.p, other, less);

        return rc != 0 ? rc : id.n < have ? -1 : id.n > have;
}

static int order(const void *a, const void *b)
{
        const struct xml_node *const *x = a, *const *y = b;

        return compare(str_from(attr(*x, "id")), *y);
}

static const struct xml_node *find(const struct rules *r, struct str id)
{
        size_t low = 0, high = r->id_count;

        while (low < high) {
                size_t mid = low + (high - low) / 2;
                int rc = compare(id, r->ids[mid]);
                if (rc == 0)
                        return r->ids[mid];
                if (rc < 0)
                        high = mid;
                else
                        low = mid + 1;
        }
        return NULL;
}

const struct xml_node *by_id(const struct rules *r, const char *id)
{
        struct str whole = str_trim(str_from(id));

        if (whole.n == 0)
                return NULL;
        const struct xml_node *n = find(r, whole);
        return n != NULL ? n : find(r, local(whole));
}

const struct xml_node *by_text(const struct rules *r, const struct xml_node *n)
{
        return n == NULL ? NULL : by_id(r, n->text);
}

bool text_is(const struct xml_node *n, const char *id)
{
        struct str text = str_trim(str_from(n->text)), bare = local(text);
        size_t length = strlen(id);

        return length > 0 &&
               ((text.n == length && memcmp(text.p, id, length) == 0) || (bare.n == length && memcmp(bare.p, id, length) == 0));
}

/* --- kinds of element ----------------------------------------------------------------------------------------------------- */

bool activity(const struct xml_node *n)
{
        return n != NULL && (is(n, "task") || is(n, "callActivity") || is(n, "subProcess") || is(n, "transaction") ||
                             is(n, "adHocSubProcess") ||
                             (ends(n, "Task") && strncmp(n->name, "global", 6) != 0 && !is(n, "choreographyTask")));
}

bool event(const struct xml_node *n)
{
        return n != NULL && (is(n, "startEvent") || is(n, "endEvent") || is(n, "intermediateCatchEvent") ||
                             is(n, "intermediateThrowEvent") || is(n, "boundaryEvent") || is(n, "implicitThrowEvent"));
}

bool gateway(const struct xml_node *n)
{
        return n != NULL && ends(n, "Gateway");
}

static bool choreography_activity(const struct xml_node *n)
{
        return is(n, "choreographyTask") || is(n, "subChoreography") || is(n, "callChoreography");
}

bool flow_node(const struct xml_node *n)
{
        return activity(n) || event(n) || gateway(n) || choreography_activity(n);
}

bool artifact(const struct xml_node *n)
{
        return is(n, "association") || is(n, "group") || is(n, "textAnnotation");
}

bool event_sub_process(const struct xml_node *n)
{
        return (is(n, "subProcess") || is(n, "adHocSubProcess") || is(n, "transaction")) && yes(n, "triggeredByEvent");
}

const struct xml_node *process_of(const struct xml_node *n)
{
        while (n != NULL && !is(n, "process"))
                n = n->parent;
        return n;
}

bool executable(const struct xml_node *n)
{
        const struct xml_node *p = process_of(n);

        return p != NULL && yes(p, "isExecutable");
}

static size_t flows_at(const struct rules *r, const struct xml_node *n, const char *end)
{
        struct str id = str_from(attr(n, "id"));
        size_t count = 0;

        for (size_t i = 0; i < r->flow_count; i++)
                count += id.n > 0 && compare(local(str_from(attr(r->flows[i], end))), n) == 0;
        return count;
}

size_t flows_in(const struct rules *r, const struct xml_node *n)
{
        return flows_at(r, n, "targetRef");
}

size_t flows_out(const struct rules *r, const struct xml_node *n)
{
        return flows_at(r, n, "sourceRef");
}

size_t definitions_of(const struct rules *r, const struct xml_node *n, const struct xml_node *out[DEFINITIONS_MAX])
{
        size_t count = 0;

        for (const struct xml_node *c = n->first; c != NULL && count < DEFINITIONS_MAX; c = c->next) {
                const struct xml_node *d = is(c, "eventDefinitionRef") ? by_text(r, c) : ends(c, "EventDefinition") ? c : NULL;
                if (d != NULL)
                        out[count++] = d;
        }
        return count;
}

/* --- references ----------------------------------------------------------------------------------------------------------- */

static const struct {
        const char *name; /* of the attribute or of the child */
        const char *kind; /* of what it names; "*Tail" any that ends so; "" any */
} REFERENCES[] = {
    {"processRef", "process"},
    {"messageRef", "message"},
    {"operationRef", "operation"},
    {"itemRef", "itemDefinition"},
    {"itemSubjectRef", "itemDefinition"},
    {"errorRef", "error"},
    {"escalationRef", "escalation"},
    {"signalRef", "signal"},
    {"default", "sequenceFlow"},
    {"dataObjectRef", "dataObject"},
    {"dataStoreRef", "dataStore"},
    {"attachedToRef", ""},
    {"activityRef", ""},
    {"calledElement", ""},
    {"incoming", "sequenceFlow"},
    {"outgoing", "sequenceFlow"},
    {"flowNodeRef", ""},
    {"dataInputRefs", "dataInput"},
    {"optionalInputRefs", "dataInput"},
    {"whileExecutingInputRefs", "dataInput"},
    {"dataOutputRefs", "dataOutput"},
    {"optionalOutputRefs", "dataOutput"},
    {"whileExecutingOutputRefs", "dataOutput"},
    {"inputSetRefs", "inputSet"},
    {"outputSetRefs", "outputSet"},
    {"inMessageRef", "message"},
    {"outMessageRef", "message"},
    {"interfaceRef", "interface"},
    {"supportedInterfaceRef", "interface"},
    {"eventDefinitionRef", "*EventDefinition"},
    {"loopDataInputRef", ""},
    {"loopDataOutputRef", ""},
    {"noneBehaviorEventRef", "*EventDefinition"},
    {"oneBehaviorEventRef", "*EventDefinition"},
    {"correlationKeyRef", "correlationKey"},
    {"correlationPropertyRef", "correlationProperty"},
    {"resourceRef", "resource"},
    {"participantRef", "participant"},
    {"innerParticipantRef", "participant"},
    {"outerParticipantRef", "participant"},
    {"choreographyRef", ""},
    {"calledChoreographyRef", ""},
    {"calledCollaborationRef", ""},
    {"initiatingParticipantRef", "participant"},
    {"messageFlowRef", "messageFlow"},
    {"innerMessageFlowRef", "messageFlow"},
    {"outerMessageFlowRef", "messageFlow"},
    {"categoryValueRef", "categoryValue"},
    {"definitionalCollaborationRef", "collaboration"},
    {"sourceRef", ""},
    {"targetRef", ""},
};

/* A name of another file (an import) cannot be followed here. */
static bool foreign(const struct rules *r, const struct xml_node *n, struct str id)
{
        size_t i = 0;

        while (i < id.n && id.p[i] != ':')
                i++;
        if (i == id.n)
                return false;
        const char *uri = xml_prefix_uri(n, (struct str){id.p, i});
        return uri != NULL && strcmp(uri, attr(r->root, "targetNamespace")) != 0 && kid(r->root, "import") != NULL;
}

static void reference(const struct rules *r, const struct xml_node *n, const char *name, const char *text, const char *kind)
{
        struct str id = str_trim(str_from(text));
        const struct xml_node *there = by_id(r, text);
        char what[200];

        if (foreign(r, n, id))
                return;
        if (there != NULL && (kind[0] == '\0' || (kind[0] == '*' ? ends(there, kind + 1) : is(there, kind))))
                return;
        text_format(what, sizeof what, "%s=\"%.*s\"", name, (int)(id.n > 80 ? 80 : id.n), id.p);
        fault_tell(r->faults, rule_label(n), n->line, SB_BPMN_MODEL, "REF %s", what);
}

static bool message_end(const struct xml_node *n)
{
        return n == NULL || is(n, "participant") || activity(n) || event(n) || artifact(n);
}

static bool item_aware(const struct xml_node *n)
{
        return n == NULL || is(n, "dataObject") || is(n, "dataObjectReference") || is(n, "dataStoreReference") ||
               is(n, "dataStore") || is(n, "dataInput") || is(n, "dataOutput") || is(n, "property") || is(n, "inputDataItem") ||
               is(n, "outputDataItem");
}

static void references(const struct rules *r, const struct xml_node *n)
{
        for (size_t i = 0; i < sizeof REFERENCES / sizeof REFERENCES[0]; i++) {
                const char *value = xml_attr(n, REFERENCES[i].name);
                if (value != NULL)
                        reference(r, n, REFERENCES[i].name, value, REFERENCES[i].kind);
                if (is(n, REFERENCES[i].name) && n->first == NULL)
                        reference(r, n->parent, n->name, n->text, REFERENCES[i].kind);
        }
        if (is(n, "boundaryEvent") && by_id(r, attr(n, "attachedToRef")) != NULL &&
            !activity(by_id(r, attr(n, "attachedToRef"))))
                RULE(r, n, "REF", "a boundary event is attached to an activity", "边界事件应附着于活动");
        if (is(n, "messageFlow") &&
            (!message_end(by_id(r, attr(n, "sourceRef"))) || !message_end(by_id(r, attr(n, "targetRef")))))
                RULE(r, n, "REF", "a message flow joins pools, activities or events", "消息流须连接池、活动或事件");
        if ((is(n, "sourceRef") || is(n, "targetRef")) &&
            (is(n->parent, "dataInputAssociation") || is(n->parent, "dataOutputAssociation")) && !item_aware(by_text(r, n)))
                RULE(r, n->parent, "REF", "a data association joins data", "数据关联须连接数据");
        if (is(n, "linkEventDefinition"))
                for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                        if (is(c, "source") || is(c, "target"))
                                reference(r, n, c->name, c->text, "linkEventDefinition");
}

/* --- processes and collaborations ----------------------------------------------------------------------------------------- */

static void process_rules(const struct rules *r, const struct xml_node *n)
{
        if (is(n, "process") && strcmp(attr(n, "processType"), "Public") == 0 && yes(n, "isExecutable"))
                RULE(r, n, "EXT035", "a public process is not executable", "公开流程不得标为可执行");
        if (choreography_activity(n) && is(n->parent, "process"))
                RULE(r, n, "EXT036", "a process holds no choreography activity", "流程中不得有编排活动");
        if (choreography_activity(n) && (is(n->parent, "subProcess") || is(n->parent, "transaction")))
                RULE(r, n, "EXT056", "a sub-process holds no choreography activity", "子流程中不得有编排活动");
        if (is(n, "choreographyRef") && (is(n->parent, "choreography") || is(n->parent, "globalConversation")))
                RULE(r, n->parent, "EXT027", "it refers to no choreography", "此处不得引用编排");
        if (is(n, "globalConversation"))
                for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                        if (is(c, "conversation") || is(c, "subConversation") || is(c, "callConversation") ||
                            is(c, "participantAssociation") || is(c, "messageFlowAssociation") ||
                            is(c, "conversationAssociation") || artifact(c))
                                RULE(r, c, "EXT032", "a global conversation does not hold it", "全局会话中不得包含该元素");
        if (is(n, "choreographyRef") && is(n->parent, "collaboration") && by_text(r, n) != NULL &&
            yes(by_text(r, n), "isClosed") != yes(n->parent, "isClosed"))
                RULE(r, n->parent, "EXT033", "isClosed differs from that of the choreography", "isClosed 与所引用编排不一致");
        if (is(n, "participantMultiplicity")) {
                int64_t low = 0, high = 1;
                text_to_int(str_from(attr(n, "minimum")), &low);
                text_to_int(str_from(attr(n, "maximum")), &high);
                if (low < 0)
                        RULE(r, n->parent, "EXT029", "the minimum is negative", "最小数量为负");
                if (high < 1 || (high < low && xml_attr(n, "maximum") != NULL))
                        RULE(r, n->parent, "EXT030", "the maximum is below one or the minimum", "最大数量小于一或小于最小数量");
        }
}

static const struct xml_node *pool_of(const struct rules *r, const struct xml_node *end)
{
        const struct xml_node *p = is(end, "participant") ? by_id(r, attr(end, "processRef")) : process_of(end);

        return p != NULL ? p : end;
}

static void message_flow_rules(const struct rules *r, const struct xml_node *n)
{
        const struct xml_node *from = by_id(r, attr(n, "sourceRef")), *to = by_id(r, attr(n, "targetRef"));
        const struct xml_node *have[DEFINITIONS_MAX];
        bool message = false;

        if (artifact(to))
                RULE(r, n, "EXT008", "a message flow leads to no artifact", "消息流不得指向工件");
        if (artifact(from))
                RULE(r, n, "EXT009", "a message flow leaves no artifact", "消息流不得从工件流出");
        if (from != NULL && to != NULL && pool_of(r, from) == pool_of(r, to))
                RULE(r, n, "EXT031", "a message flow joins two pools", "消息流须连接不同的池");
        if (is(from, "startEvent"))
                RULE(r, n, "EXT102", "a start event sends no message", "开始事件不得发出消息流");
        if (is(to, "endEvent"))
                RULE(r, n, "EXT108", "an end event receives no message", "结束事件不得接收消息流");
        if (is(to, "intermediateThrowEvent") || is(from, "intermediateCatchEvent"))
                RULE(r, n, "EXT119", "a throw event receives and a catch event sends no message",
                     "抛出事件不得接收、捕获事件不得发出消息流");
        const struct xml_node *e = is(to, "startEvent") ? to : is(from, "endEvent") ? from : NULL;
        if (e == NULL)
                return;
        for (size_t i = 0, count = definitions_of(r, e, have); i < count; i++)
                message = message || is(have[i], "messageEventDefinition");
        if (!message && e == to)
                RULE(r, e, "EXT103", "the start event needs a message definition", "开始事件须有消息定义");
        if (!message && e == from)
                RULE(r, e, "EXT109", "the end event needs a message definition", "结束事件须有消息定义");
}

/* --- the whole ------------------------------------------------------------------------------------------------------------ */

static size_t count_all(const struct xml_node *n)
{
        size_t count = 1;

        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                count += count_all(c);
        return count;
}

static void collect(struct rules *r, const struct xml_node *n)
{
        if (strcmp(n->ns, BPMN_NS) != 0 || is(n, "extensionElements"))
                return;
        r->all[r->count++] = n;
        if (xml_attr(n, "id") != NULL)
                r->ids[r->id_count++] = n;
        if (is(n, "sequenceFlow"))
                r->flows[r->flow_count++] = n;
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                collect(r, c);
}

static int judge(struct rules *r, struct arena *a, struct error *err)
{
        size_t room = count_all(r->root) + 1;

        if (room > ELEMENTS_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("elements of a process model", "流程模型的元素"),
                                   ELEMENTS_MAX);
        r->all = arena_array(a, room, sizeof *r->all);
        r->ids = arena_array(a, room, sizeof *r->ids);
        r->flows = arena_array(a, room, sizeof *r->flows);
        if (r->all == NULL || r->ids == NULL || r->flows == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        collect(r, r->root);
        qsort(r->ids, r->id_count, sizeof *r->ids, order);
        for (size_t i = 0; i + 1 < r->id_count; i++)
                if (strcmp(attr(r->ids[i], "id"), attr(r->ids[i + 1], "id")) == 0)
                        RULE(r, r->ids[i + 1], "REF", "the id is used twice", "id 重复");
        for (size_t i = 0; i < r->count; i++) {
                const struct xml_node *n = r->all[i];
                references(r, n);
                process_rules(r, n);
                if (is(n, "messageFlow"))
                        message_flow_rules(r, n);
                flow_rules(r, n);
                event_rules(r, n);
                activity_rules(r, n);
                data_rules(r, n);
        }
        return 0;
}

int bpmn_rules(struct str xml, bpmn_report *report, void *ctx, struct error *err)
{
        static const struct xml_limits limits = {.max_bytes = (size_t)4 << 20};
        struct error spare = {0}, *e = err == NULL ? &spare : err;
        struct faults faults = {.report = report, .ctx = ctx, .first = e};
        struct rules r = {.faults = &faults};
        struct arena *a = arena_new(BPMN_MEMORY);
        int rc = a == NULL ? error_raise(e, SB_MEMORY, "%s", "") : xml_parse(&r.root, a, xml, &limits, e);

        if (rc == 0 && !is(r.root, "definitions")) {
                error_raise(e, SB_BPMN_MODEL, "%s", ERROR_BOTH("the file is no BPMN 2.0 model", "文件不是 BPMN 2.0 模型"));
                rc = error_where(e, "%s line %d", r.root->name, r.root->line);
        }
        if (rc == 0)
                rc = judge(&r, a, e);
        if (rc < 0 && report != NULL && faults.count == 0)
                report(ctx, e);
        if (rc == 0 && faults.count > 0)
                rc = ERR;
        arena_free(a);
        return rc;
}
