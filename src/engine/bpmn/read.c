/* SPDX-License-Identifier: Apache-2.0
 *
 * BPMN XML → model: elements in the order of the file, then flows bound to them, then the check of the whole (check.c). A fault is
 * told with its element and the reading goes on, so that an editor sees all of them at once.
 */
#include "engine/bpmn/model.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NODES_MAX 5000

/* --- faults -------------------------------------------------------------------------------------------------------------- */

void fault_add(struct faults *f, const char *element, int line, struct error *e)
{
        f->count++;
        e->where[0] = '\0';
        error_where(e, "%.150s line %d", element, line);
        if (f->first->code == SB_OK)
                *f->first = *e;
        if (f->report != NULL)
                f->report(f->ctx, e);
}

void fault_tell(struct faults *f, const char *element, int line, enum error_code code, const char *fmt, ...)
{
        struct error e = {0};
        char text[300];
        va_list args;

        va_start(args, fmt);
        vsnprintf(text, sizeof text, fmt, args);
        va_end(args);
        error_raise(&e, code, "%s", text);
        fault_add(f, element, line, &e);
}

/* --- kinds --------------------------------------------------------------------------------------------------------------- */

static const struct {
        const char *name;
        enum bpmn_kind kind;
} KINDS[] = {
    {"startEvent", BPMN_START},
    {"endEvent", BPMN_END},
    {"intermediateCatchEvent", BPMN_CATCH},
    {"intermediateThrowEvent", BPMN_THROW},
    {"boundaryEvent", BPMN_BOUNDARY},
    {"task", BPMN_TASK},
    {"userTask", BPMN_USER_TASK},
    {"manualTask", BPMN_MANUAL_TASK},
    {"serviceTask", BPMN_SERVICE_TASK},
    {"sendTask", BPMN_SEND_TASK},
    {"receiveTask", BPMN_RECEIVE_TASK},
    {"scriptTask", BPMN_SCRIPT_TASK},
    {"businessRuleTask", BPMN_RULE_TASK},
    {"callActivity", BPMN_CALL},
    {"subProcess", BPMN_SUB_PROCESS},
    {"transaction", BPMN_TRANSACTION},
    {"adHocSubProcess", BPMN_AD_HOC},
    {"exclusiveGateway", BPMN_EXCLUSIVE},
    {"inclusiveGateway", BPMN_INCLUSIVE},
    {"parallelGateway", BPMN_PARALLEL},
    {"eventBasedGateway", BPMN_EVENT_GATEWAY},
    {"complexGateway", BPMN_COMPLEX},
};
#define KIND_COUNT (sizeof KINDS / sizeof KINDS[0])

const char *bpmn_kind_name(enum bpmn_kind kind)
{
        return KINDS[kind].name;
}

static bool in_bpmn(const struct xml_node *n)
{
        return strcmp(n->ns, BPMN_NS) == 0;
}

static const char *keep(struct reader *r, const char *text)
{
        const char *copy = text == NULL ? "" : arena_text(r->m->arena, str_trim(str_from(text)));

        return copy == NULL ? "" : copy;
}

const char *reader_keep(struct reader *r, const char *text)
{
        return keep(r, text);
}

static const char *own(struct reader *r, const struct xml_node *n, const char *name)
{
        return keep(r, xml_attr_ns(n, BPMN_NS_SHEBAO, name));
}

static const char *label(const struct xml_node *n)
{
        const char *id = xml_attr(n, "id");

        return id == NULL ? n->name : id;
}

static void unsupported(struct reader *r, const struct xml_node *n, const char *what)
{
        fault_tell(r->faults, label(n), n->line, SB_BPMN_UNSUPPORTED, "%.100s", what);
}

#define WRONG(r, n, en, zh) fault_tell((r)->faults, label(n), (n)->line, SB_BPMN_MODEL, "%s", ERROR_BOTH(en, zh))

static void titles_read(struct reader *r, const struct xml_node *n, const char *id, const char *title[2])
{
        title[LANG_ZH] = keep(r, xml_attr(n, "name"));
        title[LANG_EN] = own(r, n, "titleEn");
        if (title[LANG_ZH][0] == '\0')
                title[LANG_ZH] = id;
        if (title[LANG_EN][0] == '\0')
                title[LANG_EN] = title[LANG_ZH];
}

/* --- expressions ----------------------------------------------------------------------------------------------------------- */

static const struct feel_node *expression_read(struct reader *r, const struct xml_node *n, const char *text, const char **kept)
{
        const struct feel_node *out = NULL;
        struct error e = {0};

        *kept = keep(r, text);
        if ((*kept)[0] == '\0')
                WRONG(r, n, "an expression is empty", "表达式为空");
        else if (feel_compile(&out, r->m->arena, &r->m->scope, str_from(*kept), FEEL_EXPRESSION, &e) < 0)
                fault_add(r->faults, label(n), n->line, &e);
        return out;
}

const struct feel_node *reader_formula(struct reader *r, const struct xml_node *n, const char *text, const char **kept)
{
        return expression_read(r, n, text, kept);
}

const struct feel_node *reader_expression(struct reader *r, const struct xml_node *n, const char *text, const char **kept)
{
        return expression_read(r, n, r->m->office ? text : translated(r, text), kept);
}

static bool identifier(const char *s)
{
        if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || *s == '_'))
                return false;
        for (; *s != '\0'; s++)
                if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') || *s == '_'))
                        return false;
        return true;
}

static const struct xml_node *extension_next(const struct xml_node *n, const struct xml_node *after, const char *name)
{
        const struct xml_node *all = xml_child(n, "extensionElements");
        const struct xml_node *c = after == NULL ? (all == NULL ? NULL : all->first) : after->next;

        while (c != NULL && !(strcmp(c->ns, BPMN_NS_SHEBAO) == 0 && strcmp(c->name, name) == 0))
                c = c->next;
        return c;
}

static void maps_read(struct reader *r, const struct xml_node *n, const char *name, struct map **out, size_t *count)
{
        size_t room = 0;

        for (const struct xml_node *c = extension_next(n, NULL, name); c != NULL; c = extension_next(n, c, name))
                room++;
        struct map *maps = arena_array(r->m->arena, room + 1, sizeof *maps);
        for (const struct xml_node *c = extension_next(n, NULL, name); maps != NULL && c != NULL;
             c = extension_next(n, c, name)) {
                struct map *map = &maps[(*count)++];
                const char *value = xml_attr(c, "value");
                map->name = keep(r, xml_attr(c, "name"));
                if (!identifier(map->name))
                        WRONG(r, n, "an input or output needs a name of letters, digits and _",
                              "输入输出名称应由字母、数字和下划线组成");
                map->value = expression_read(r, n, value == NULL ? map->name : value, &map->text);
        }
        *out = maps;
}

/* --- elements --------------------------------------------------------------------------------------------------------------- */

static void node_read(struct reader *r, const struct xml_node *n, size_t k)
{
        struct bpmn_model *m = r->m;
        struct bpmn_node *node = &m->nodes[m->node_count];
        struct code *c = &m->codes[m->node_count++];
        const char *id = xml_attr(n, "id");

        *node = (struct bpmn_node){.id = keep(r, id), .kind = KINDS[k].kind, .process = r->process, .line = n->line};
        *c = (struct code){.default_flow = -1,
                           .default_id = keep(r, xml_attr(n, "default")),
                           .parent = r->parent,
                           .attached = -1,
                           .handler = -1,
                           .called = -1,
                           .called_id = "",
                           .attached_id = "",
                           .collection = "",
                           .item = "",
                           .start_quantity = 1,
                           .completion_quantity = 1};
        const char *key = own(r, n, "key");
        if (key[0] != '\0')
                c->key = expression_read(r, n, key, &c->key_text);
        titles_read(r, n, node->id, node->title);
        words_node(r, n, node);
        if (id == NULL)
                WRONG(r, n, "the element has no id", "元素没有 id");
        maps_read(r, n, "input", &c->inputs, &c->input_count);
        maps_read(r, n, "output", &c->outputs, &c->output_count);
        detail_read(r, n, node, c);
        if (r->m->office)
                words_need(r, n, node, c);
}

static void flow_read(struct reader *r, const struct xml_node *n)
{
        struct bpmn_model *m = r->m;
        struct flow *f = &m->flows[m->flow_count++];
        const struct xml_node *condition = xml_child(n, "conditionExpression");

        *f = (struct flow){.id = keep(r, xml_attr(n, "id")),
                           .source_id = keep(r, xml_attr(n, "sourceRef")),
                           .target_id = keep(r, xml_attr(n, "targetRef")),
                           .source = -1,
                           .target = -1,
                           .line = n->line};
        if (f->id[0] == '\0')
                WRONG(r, n, "the element has no id", "元素没有 id");
        if (condition != NULL)
                f->condition = reader_expression(r, n, condition->text, &f->text);
}

static bool harmless(const char *name)
{
        static const char *const names[] = {"documentation",
                                            "extensionElements",
                                            "laneSet",
                                            "dataObject",
                                            "dataObjectReference",
                                            "dataStoreReference",
                                            "property",
                                            "ioSpecification",
                                            "textAnnotation",
                                            "association",
                                            "group",
                                            "auditing",
                                            "monitoring",
                                            "resourceRole",
                                            "performer",
                                            "humanPerformer",
                                            "potentialOwner",
                                            "correlationSubscription",
                                            "artifact",
                                            "category"};

        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

/* What a sub-process has as an activity, beside what runs inside it; read with the activity (read_detail.c). */
static bool of_activity(const struct xml_node *parent, const char *name)
{
        static const char *const names[] = {"incoming", "outgoing", "multiInstanceLoopCharacteristics",
                                            "standardLoopCharacteristics", "completionCondition"};

        for (size_t i = 0; strcmp(parent->name, "process") != 0 && i < sizeof names / sizeof names[0]; i++)
                if (strcmp(names[i], name) == 0)
                        return true;
        return false;
}

static void inside_read(struct reader *r, const struct xml_node *p)
{
        int outer = r->parent;

        for (const struct xml_node *n = p->first; n != NULL; n = n->next) {
                size_t k = 0;
                if (!in_bpmn(n) || harmless(n->name) || of_activity(p, n->name))
                        continue;
                if (strcmp(n->name, "sequenceFlow") == 0) {
                        flow_read(r, n);
                        continue;
                }
                while (k < KIND_COUNT && strcmp(KINDS[k].name, n->name) != 0)
                        k++;
                if (k < KIND_COUNT) {
                        r->parent = outer;
                        int self = (int)r->m->node_count;
                        node_read(r, n, k);
                        r->parent = self;
                        if (KINDS[k].kind >= BPMN_SUB_PROCESS && KINDS[k].kind <= BPMN_AD_HOC)
                                inside_read(r, n);
                        r->parent = outer;
                } else if (r->m->office)
                        unsupported(r, n, n->name);
        }
}

static void process_read(struct reader *r, const struct xml_node *p)
{
        struct bpmn_process *out = &r->m->processes[r->m->process_count];

        r->process = (int)r->m->process_count++;
        r->parent = -1;
        *out = (struct bpmn_process){.id = keep(r, xml_attr(p, "id")),
                                     .start = -1,
                                     .executable = strcmp(keep(r, xml_attr(p, "isExecutable")), "true") == 0};
        titles_read(r, p, out->id, out->title);
        words_process(r, p, out);
        if (out->id[0] == '\0')
                WRONG(r, p, "the element has no id", "元素没有 id");
        inside_read(r, p);
}

/* A global task is read as the task that it stands for; a call runs it. */
static void global_read(struct reader *r, const struct xml_node *n)
{
        static const struct {
                const char *name;
                enum bpmn_kind kind;
        } kinds[] = {{"globalTask", BPMN_TASK},
                     {"globalUserTask", BPMN_USER_TASK},
                     {"globalManualTask", BPMN_MANUAL_TASK},
                     {"globalScriptTask", BPMN_SCRIPT_TASK},
                     {"globalBusinessRuleTask", BPMN_RULE_TASK}};

        r->process = r->parent = -1;
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
                for (size_t k = 0; strcmp(n->name, kinds[i].name) == 0 && k < KIND_COUNT; k++)
                        if (KINDS[k].kind == kinds[i].kind)
                                node_read(r, n, k);
}

/* --- the whole file ----------------------------------------------------------------------------------------------------------- */

static int nodes_count(const struct xml_node *n, int *names)
{
        int count = 1;

        *names += strcmp(n->ns, BPMN_NS_SHEBAO) == 0;
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                count += nodes_count(c, names);
        return count;
}

/* Variables that some element names, so that FEEL recognises them. */
static void names_collect(struct reader *r, const struct xml_node *n)
{
        const char *name = xml_attr(n, "name");

        if (strcmp(n->ns, BPMN_NS_SHEBAO) == 0 && name != NULL && identifier(name))
                r->m->names[r->m->name_count++] = keep(r, name);
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                names_collect(r, c);
}

static int room_make(struct reader *r, const struct xml_node *root, struct error *err)
{
        struct bpmn_model *m = r->m;
        int names = 1, n = nodes_count(root, &names);

        if (n > NODES_MAX)
                return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("elements of a process model", "流程模型的元素"),
                                   NODES_MAX);
        m->nodes = arena_array(m->arena, (size_t)n, sizeof *m->nodes);
        m->codes = arena_array(m->arena, (size_t)n, sizeof *m->codes);
        m->flows = arena_array(m->arena, (size_t)n, sizeof *m->flows);
        m->processes = arena_array(m->arena, (size_t)n, sizeof *m->processes);
        m->amounts = arena_array(m->arena, (size_t)n, sizeof *m->amounts);
        m->names = arena_array(m->arena, (size_t)names, sizeof *m->names);
        if (!m->nodes || !m->codes || !m->flows || !m->processes || !m->amounts || !m->names)
                return error_raise(err, SB_LIMIT, "%s|%zu", ERROR_BOTH("memory of a process model", "流程模型占用的内存"),
                                   BPMN_MEMORY);
        m->names[m->name_count++] = "result";
        names_collect(r, root);
        m->scope = (struct feel_scope){.names = m->names, .count = m->name_count};
        return 0;
}

static int node_index(const struct bpmn_model *m, const char *id)
{
        for (size_t i = 0; i < m->node_count; i++)
                if (strcmp(m->nodes[i].id, id) == 0)
                        return (int)i;
        return -1;
}

static int flows_bind(struct bpmn_model *m, struct error *err)
{
        for (size_t i = 0; i < m->flow_count; i++) {
                struct flow *f = &m->flows[i];
                f->source = node_index(m, f->source_id);
                f->target = node_index(m, f->target_id);
                if (f->source >= 0)
                        m->codes[f->source].out_count++;
                if (f->target >= 0)
                        m->codes[f->target].in_count++;
        }
        for (size_t i = 0; i < m->node_count; i++) {
                struct code *c = &m->codes[i];
                c->in = arena_array(m->arena, c->in_count + 1, sizeof *c->in);
                c->out = arena_array(m->arena, c->out_count + 1, sizeof *c->out);
                if (c->in == NULL || c->out == NULL)
                        return error_raise(err, SB_LIMIT, "%s|%zu",
                                           ERROR_BOTH("memory of a process model", "流程模型占用的内存"), BPMN_MEMORY);
                c->in_count = c->out_count = 0;
        }
        for (size_t i = 0; i < m->flow_count; i++) {
                const struct flow *f = &m->flows[i];
                if (f->source >= 0) {
                        struct code *c = &m->codes[f->source];
                        c->out[c->out_count++] = (int)i;
                        if (strcmp(c->default_id, f->id) == 0)
                                c->default_flow = (int)i;
                }
                if (f->target >= 0)
                        m->codes[f->target].in[m->codes[f->target].in_count++] = (int)i;
        }
        for (size_t i = 0; i < m->node_count; i++)
                if (m->nodes[i].kind == BPMN_START && m->codes[i].parent < 0 && m->nodes[i].trigger == BPMN_NONE &&
                    m->processes[m->nodes[i].process].start < 0)
                        m->processes[m->nodes[i].process].start = (int)i;
        /* People of the office may begin by hand what else a message or a date begins. */
        for (size_t i = 0; m->office && i < m->node_count; i++)
                if (m->nodes[i].kind == BPMN_START && m->codes[i].parent < 0 && m->processes[m->nodes[i].process].start < 0)
                        m->processes[m->nodes[i].process].start = (int)i;
        return 0;
}

static int model_read(struct reader *r, struct str xml, struct error *err)
{
        static const struct xml_limits limits = {.max_bytes = (size_t)4 << 20};
        const struct xml_node *root;
        int rc = xml_parse(&root, r->xml, xml, &limits, err);

        if (rc == 0 && (!in_bpmn(root) || strcmp(root->name, "definitions") != 0)) {
                error_raise(err, SB_BPMN_MODEL, "%s", ERROR_BOTH("the file is no BPMN 2.0 model", "文件不是 BPMN 2.0 模型"));
                rc = error_where(err, "%s line %d", root->name, root->line);
        }
        r->root = root;
        if (rc == 0)
                rc = room_make(r, root, err);
        if (rc < 0)
                return rc;
        for (const struct xml_node *n = root->first; n != NULL; n = n->next)
                if (in_bpmn(n) && strcmp(n->name, "process") == 0)
                        process_read(r, n);
        for (const struct xml_node *n = root->first; n != NULL; n = n->next)
                if (in_bpmn(n) && strncmp(n->name, "global", 6) == 0)
                        global_read(r, n);
        rc = flows_bind(r->m, err);
        for (size_t i = 0; !r->m->office && i < r->m->flow_count; i++)
                if (r->m->flows[i].source < 0 || r->m->flows[i].target < 0)
                        fault_tell(
                            r->faults, r->m->flows[i].id, r->m->flows[i].line, SB_BPMN_MODEL, "%s",
                            ERROR_BOTH("the flow leads from or to an element that is not there", "顺序流的起点或终点不存在"));
        if (rc == 0)
                detail_bind(r->m, root);
        return rc;
}

static int open(struct bpmn_model **out, struct str xml, bool office, bpmn_report *report, void *ctx, struct error *err)
{
        struct error spare = {0}, *e = err == NULL ? &spare : err;
        struct faults faults = {.report = report, .ctx = ctx, .first = e};
        struct bpmn_model *m = calloc(1, sizeof *m);
        struct reader r = {.m = m, .faults = &faults, .xml = arena_new(BPMN_MEMORY)};
        int rc =
            m == NULL || r.xml == NULL || (m->arena = arena_new(BPMN_MEMORY)) == NULL ? error_raise(e, SB_MEMORY, "%s", "") : 0;

        if (rc == 0 && !office)
                rc = bpmn_rules(xml, report, ctx, e);
        if (rc == 0) {
                m->office = office;
                rc = model_read(&r, xml, e);
        }
        if (rc == 0 && office)
                model_check(m, &faults);
        else if (report != NULL && faults.count == 0)
                report(ctx, e);
        if (rc == 0 && faults.count > 0)
                rc = ERR;
        if (rc == 0) {
                *out = m;
                m = NULL;
        }
        arena_free(r.xml);
        bpmn_free(m);
        return rc;
}

int bpmn_open(struct bpmn_model **out, struct str xml, bpmn_report *report, void *ctx, struct error *err)
{
        return open(out, xml, true, report, ctx, err);
}

int bpmn_open_full(struct bpmn_model **out, struct str xml, bpmn_report *report, void *ctx, struct error *err)
{
        return open(out, xml, false, report, ctx, err);
}

void bpmn_free(struct bpmn_model *m)
{
        if (m == NULL)
                return;
        arena_free(m->arena);
        free(m);
}

int bpmn_process_find(const struct bpmn_model *m, const char *id)
{
        for (size_t i = 0; i < m->process_count; i++)
                if (id == NULL ? m->processes[i].executable : strcmp(m->processes[i].id, id) == 0)
                        return (int)i;
        return -1;
}

const struct bpmn_process *bpmn_process(const struct bpmn_model *m, int i)
{
        return i >= 0 && (size_t)i < m->process_count ? &m->processes[i] : NULL;
}

const struct bpmn_node *bpmn_node(const struct bpmn_model *m, int i)
{
        return i >= 0 && (size_t)i < m->node_count ? &m->nodes[i] : NULL;
}

const struct bpmn_node *bpmn_node_find(const struct bpmn_model *m, const char *id)
{
        int i = node_index(m, id);

        return i < 0 ? NULL : &m->nodes[i];
}
