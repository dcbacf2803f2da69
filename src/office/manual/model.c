/* SPDX-License-Identifier: Apache-2.0
 *
 * A process model as data for people, read from its XML alone: also what the office does not execute is told.
 */
#include "office/manual/internal.h"

#include "base/xml.h"
#include "engine/bpmn/diagram.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY ((size_t)32 << 20)

static const char *attr(const struct xml_node *n, const char *name)
{
        const char *v = xml_attr(n, name);

        return v == NULL ? "" : v;
}

static const char *own(const struct xml_node *n, const char *name)
{
        const char *v = xml_attr_ns(n, BPMN_NS_SHEBAO, name);

        return v == NULL ? "" : v;
}

static bool ends_with(const char *text, const char *end)
{
        size_t n = strlen(text), k = strlen(end);

        return n >= k && strcmp(text + n - k, end) == 0;
}

static bool is_bpmn(const struct xml_node *n)
{
        return strcmp(n->ns, BPMN_NS) == 0;
}

static bool is_node(const struct xml_node *n)
{
        return is_bpmn(n) && (ends_with(n->name, "Task") || ends_with(n->name, "task") || ends_with(n->name, "Event") ||
                              ends_with(n->name, "Gateway") || ends_with(n->name, "ubProcess") ||
                              strcmp(n->name, "callActivity") == 0 || strcmp(n->name, "transaction") == 0);
}

static void put_titles(json_t *o, const struct xml_node *n)
{
        const char *en = own(n, "titleEn");

        put_text(o, "zh", attr(n, "name"));
        put_text(o, "en", en[0] == '\0' ? attr(n, "name") : en);
}

/* Two texts: the English one says so by its language or its id. */
static void put_documentation(json_t *o, const struct xml_node *n)
{
        for (const struct xml_node *d = xml_child(n, "documentation"); d != NULL; d = xml_next(d, "documentation")) {
                const char *lang = xml_attr_ns(d, "http://www.w3.org/XML/1998/namespace", "lang");
                bool en = ends_with(attr(d, "id"), "_en") || (lang != NULL && strncmp(lang, "en", 2) == 0);
                if (json_object_get(o, en ? "doc_en" : "doc_zh") == NULL)
                        put_str(o, en ? "doc_en" : "doc_zh", str_trim(str_from(d->text)));
        }
}

static json_t *extensions(const struct xml_node *n, const char *name)
{
        const struct xml_node *e = xml_child(n, "extensionElements");
        json_t *list = json_array();

        for (const struct xml_node *c = e == NULL ? NULL : xml_child(e, name); c != NULL; c = xml_next(c, name)) {
                json_t *o = json_object();
                for (const struct xml_attr *a = c->attrs; a != NULL; a = a->next)
                        put_text(o, a->name, a->value);
                json_array_append_new(list, o);
        }
        return list;
}

static void put_event(json_t *o, const struct xml_node *n)
{
        for (const struct xml_node *d = n->first; d != NULL; d = d->next) {
                if (!is_bpmn(d) || !ends_with(d->name, "EventDefinition"))
                        continue;
                char trigger[60];
                text_copy(trigger, sizeof trigger, (struct str){d->name, strlen(d->name) - strlen("EventDefinition")});
                put_text(o, "trigger", trigger);
                for (const struct xml_node *t = d->first; t != NULL; t = t->next)
                        if (strncmp(t->name, "time", 4) == 0)
                                put_str(o, "timer", str_trim(str_from(t->text)));
                put_text(o, "working_days", own(d, "workingDays")[0] != '\0' ? own(d, "workingDays") : own(n, "workingDays"));
                put_text(o, "error", attr(d, "errorRef"));
        }
}

static json_t *node_read(const struct xml_node *n)
{
        static const char *const WORDS[] = {"phase",     "role",    "limit", "limitUnit", "verb",
                                            "decisions", "article", "model", "decision"};
        json_t *o = json_object();

        put_text(o, "id", attr(n, "id"));
        put_text(o, "kind", n->name);
        put_titles(o, n);
        put_documentation(o, n);
        for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++)
                put_text(o, WORDS[i], own(n, WORDS[i]));
        put_text(o, "attached", attr(n, "attachedToRef"));
        put_text(o, "called", attr(n, "calledElement"));
        put_value(o, "inputs", extensions(n, "input"));
        put_event(o, n);
        return o;
}

static json_t *flow_read(const struct xml_node *n)
{
        const struct xml_node *c = xml_child(n, "conditionExpression");
        json_t *o = json_object();

        put_text(o, "id", attr(n, "id"));
        put_titles(o, n);
        put_text(o, "from", attr(n, "sourceRef"));
        put_text(o, "to", attr(n, "targetRef"));
        put_str(o, "condition", c == NULL ? STR("") : str_trim(str_from(c->text)));
        if (c != NULL && own(n, "titleEn")[0] == '\0') {
                char word[100];
                put_text(o, "en", bpmn_flow_word(word, sizeof word, c->text));
        }
        return o;
}

/* Nodes and flows of a process and of what is nested in it. */
static void inside_read(const struct xml_node *p, json_t *nodes, json_t *flows)
{
        for (const struct xml_node *n = p->first; n != NULL; n = n->next) {
                if (is_node(n)) {
                        json_array_append_new(nodes, node_read(n));
                        if (ends_with(n->name, "ubProcess") || strcmp(n->name, "transaction") == 0)
                                inside_read(n, nodes, flows);
                } else if (is_bpmn(n) && strcmp(n->name, "sequenceFlow") == 0)
                        json_array_append_new(flows, flow_read(n));
        }
}

const json_t *fact_node(const json_t *facts, const char *id)
{
        return row_find(json_object_get(facts, "nodes"), "id", id);
}

const char *fact_title(const struct manual *m, const json_t *fact)
{
        const char *title = json_text(fact, m->lang == LANG_EN ? "en" : "zh");

        return title[0] == '\0' ? json_text(fact, "id") : title;
}

/* As it is walked: from each beginning along the flows, the first way out first. */
static void walk(json_t *order, json_t *nodes, const json_t *flows, const char *id)
{
        json_t *node = (json_t *)(uintptr_t)row_find(nodes, "id", id), *other, *flow;
        size_t i;

        if (node == NULL || json_object_get(node, "seen") != NULL)
                return;
        put_bool(node, "seen", true);
        json_array_append(order, node);
        json_array_foreach((json_t *)(uintptr_t)flows, i, flow) if (strcmp(json_text(flow, "from"), id) == 0)
            walk(order, nodes, flows, json_text(flow, "to"));
        json_array_foreach(nodes, i, other) if (strcmp(json_text(other, "attached"), id) == 0 && id[0] != '\0')
            walk(order, nodes, flows, json_text(other, "id"));
}

static json_t *in_order(json_t *nodes, const json_t *flows)
{
        json_t *order = json_array(), *node;
        size_t i;

        for (int pass = 0; pass < 2; pass++)
                json_array_foreach(nodes, i, node) if (pass == 1 || strcmp(json_text(node, "kind"), "startEvent") == 0)
                    walk(order, nodes, flows, json_text(node, "id"));
        json_array_foreach(order, i, node) json_object_del(node, "seen");
        return order;
}

static void process_read(json_t *o, const struct xml_node *p)
{
        json_t *nodes = json_array(), *flows = json_array();

        put_text(o, "id", attr(p, "id"));
        put_titles(o, p);
        put_documentation(o, p);
        put_text(o, "article", own(p, "article"));
        put_text(o, "risk", own(p, "risk"));
        put_text(o, "amount", own(p, "amount"));
        put_value(o, "variables", extensions(p, "variable"));
        inside_read(p, nodes, flows);
        put_value(o, "nodes", in_order(nodes, flows));
        put_value(o, "flows", flows);
        json_decref(nodes);
}

int model_facts(json_t **out, const struct pack *p, const char *process, struct error *err)
{
        struct arena *a = arena_new(MEMORY);
        const struct xml_node *root = NULL, *n;
        char path[120];
        struct str xml;

        text_format(path, sizeof path, "processes/%s.bpmn", process);
        int rc = a == NULL ? error_raise(err, SB_MEMORY, "%s", "") : pack_file(p, path, &xml, err);
        if (rc == 0 && (rc = xml_parse(&root, a, xml, NULL, err)) < 0)
                error_in(err, path);
        if (rc == 0) {
                n = xml_child(root, "process");
                while (n != NULL && strcmp(attr(n, "id"), process) != 0)
                        n = xml_next(n, "process");
                *out = json_object();
                if (n == NULL)
                        rc = error_raise(err, SB_PACK_PROCESS, "%s|%.100s", pack_name(p), process);
                else
                        process_read(*out, n);
        }
        arena_free(a);
        return rc;
}
