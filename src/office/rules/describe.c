/* SPDX-License-Identifier: Apache-2.0
 *
 * A DMN model as data for pages and comparisons, read from its XML alone. A boxed expression is an object with its kind:
 *   literal    text
 *   table      hit, aggregation, inputs [{label, text, type}], outputs [{name, label, type}], annotations [name],
 *              rules [{id, inputs, outputs, annotations: [text]}]; at: which table of its element, counted in the XML from 0
 *   context    entries [{name, article, type, logic}]
 *   function   parameters [name], logic            invocation  logic, entries [{name, logic}]
 *   list       items [logic]                       relation    columns [name], rows [[logic]]
 *   conditional, filter, for, some, every          parts [{name, logic}], variable
 */
#include "office/rules/internal.h"

#include "base/xml.h"

#include <string.h>

#define LAW_NS "urn:shebao:law"
#define LOGIC_DEPTH_MAX 40

struct reader {
        int64_t tables; /* seen so far in this element */
        int depth;
        struct error *err;
};

static json_t *logic_read(struct reader *r, const struct xml_node *n);

static const char *attr(const struct xml_node *n, const char *name)
{
        const char *v = n == NULL ? NULL : xml_attr(n, name);

        return v == NULL ? "" : v;
}

/* Articles stand in an attribute of any namespace, as the engine reads them. */
static const char *article_of(const struct xml_node *n)
{
        for (const struct xml_attr *a = n->attrs; a != NULL; a = a->next)
                if (strcmp(a->name, "article") == 0)
                        return a->value;
        return "";
}

static void put_said(json_t *o, const char *name, const char *value)
{
        if (value[0] != '\0')
                put_text(o, name, value);
}

static struct str child_text(const struct xml_node *n, const char *name)
{
        const struct xml_node *c = n == NULL ? NULL : xml_child(n, name);

        return c == NULL ? (struct str){"", 0} : str_trim(str_from(c->text));
}

static bool is_logic(const struct xml_node *n)
{
        static const char *const NAMES[] = {"literalExpression",
                                            "decisionTable",
                                            "context",
                                            "functionDefinition",
                                            "invocation",
                                            "list",
                                            "relation",
                                            "conditional",
                                            "filter",
                                            "for",
                                            "some",
                                            "every",
                                            "encapsulatedLogic"};

        for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
                if (strcmp(n->name, NAMES[i]) == 0)
                        return true;
        return false;
}

static const struct xml_node *logic_child(const struct xml_node *n)
{
        const struct xml_node *c = n->first;

        while (c != NULL && !is_logic(c))
                c = c->next;
        return c;
}

static void put_logic(struct reader *r, json_t *o, const struct xml_node *parent)
{
        const struct xml_node *c = logic_child(parent);

        if (c != NULL)
                put_value(o, "logic", logic_read(r, c));
}

/* --- tables --------------------------------------------------------------------------------------------------------------- */

static void cells_put(json_t *rule, const char *field, const struct xml_node *n, const char *entry)
{
        json_t *cells = json_array();

        for (const struct xml_node *c = xml_child(n, entry); c != NULL; c = xml_next(c, entry)) {
                struct str text = child_text(c, "text");
                json_array_append_new(cells, json_stringn(text.p, text.n));
        }
        put_value(rule, field, cells);
}

static json_t *table_columns(const struct xml_node *n, const char *element)
{
        json_t *columns = json_array();

        for (const struct xml_node *c = xml_child(n, element); c != NULL; c = xml_next(c, element)) {
                const struct xml_node *e = xml_child(c, "inputExpression");
                json_t *o = json_object();
                put_text(o, "label", attr(c, "label"));
                put_text(o, "name", attr(c, "name"));
                put_text(o, "type", attr(e != NULL ? e : c, "typeRef"));
                put_str(o, "text", child_text(e, "text"));
                json_array_append_new(columns, o);
        }
        return columns;
}

static json_t *table_read(struct reader *r, const struct xml_node *n)
{
        json_t *o = json_object(), *annotations = json_array(), *rules = json_array();

        put_text(o, "kind", "table");
        put_int(o, "at", r->tables++);
        put_text(o, "hit", attr(n, "hitPolicy")[0] == '\0' ? "UNIQUE" : attr(n, "hitPolicy"));
        put_text(o, "aggregation", attr(n, "aggregation"));
        put_value(o, "inputs", table_columns(n, "input"));
        put_value(o, "outputs", table_columns(n, "output"));
        for (const struct xml_node *a = xml_child(n, "annotation"); a != NULL; a = xml_next(a, "annotation"))
                json_array_append_new(annotations, json_string(attr(a, "name")));
        put_value(o, "annotations", annotations);
        for (const struct xml_node *c = xml_child(n, "rule"); c != NULL; c = xml_next(c, "rule")) {
                json_t *rule = json_object();
                put_text(rule, "id", attr(c, "id"));
                cells_put(rule, "inputs", c, "inputEntry");
                cells_put(rule, "outputs", c, "outputEntry");
                cells_put(rule, "annotations", c, "annotationEntry");
                json_array_append_new(rules, rule);
        }
        put_value(o, "rules", rules);
        return o;
}

/* --- the other boxes --------------------------------------------------------------------------------------------------------- */

static json_t *entries_read(struct reader *r, const struct xml_node *n, const char *element, const char *named_by)
{
        json_t *entries = json_array();

        for (const struct xml_node *c = xml_child(n, element); c != NULL; c = xml_next(c, element)) {
                const struct xml_node *name = xml_child(c, named_by);
                json_t *o = json_object();
                put_text(o, "name", attr(name, "name"));
                put_said(o, "type", attr(name, "typeRef"));
                put_said(o, "article", article_of(c));
                put_logic(r, o, c);
                json_array_append_new(entries, o);
        }
        return entries;
}

static json_t *relation_read(struct reader *r, const struct xml_node *n)
{
        json_t *o = json_object(), *columns = json_array(), *rows = json_array();

        put_text(o, "kind", "relation");
        for (const struct xml_node *c = xml_child(n, "column"); c != NULL; c = xml_next(c, "column"))
                json_array_append_new(columns, json_string(attr(c, "name")));
        for (const struct xml_node *c = xml_child(n, "row"); c != NULL; c = xml_next(c, "row")) {
                json_t *row = json_array();
                for (const struct xml_node *cell = c->first; cell != NULL; cell = cell->next)
                        if (is_logic(cell))
                                json_array_append_new(row, logic_read(r, cell));
                json_array_append_new(rows, row);
        }
        put_value(o, "columns", columns);
        put_value(o, "rows", rows);
        return o;
}

/* Boxes whose parts are named by their elements: if then else, in match, in return satisfies. */
static json_t *parts_read(struct reader *r, const struct xml_node *n)
{
        json_t *o = json_object(), *parts = json_array();

        put_text(o, "kind", n->name);
        put_said(o, "variable", attr(n, "iteratorVariable"));
        for (const struct xml_node *c = n->first; c != NULL; c = c->next) {
                if (logic_child(c) == NULL)
                        continue;
                json_t *part = json_object();
                put_text(part, "name", c->name);
                put_logic(r, part, c);
                json_array_append_new(parts, part);
        }
        put_value(o, "parts", parts);
        return o;
}

static json_t *function_read(struct reader *r, const struct xml_node *n)
{
        json_t *o = json_object(), *parameters = json_array();

        put_text(o, "kind", "function");
        for (const struct xml_node *c = xml_child(n, "formalParameter"); c != NULL; c = xml_next(c, "formalParameter"))
                json_array_append_new(parameters, json_string(attr(c, "name")));
        put_value(o, "parameters", parameters);
        put_logic(r, o, n);
        return o;
}

static json_t *list_read(struct reader *r, const struct xml_node *n)
{
        json_t *o = json_object(), *items = json_array();

        put_text(o, "kind", "list");
        for (const struct xml_node *c = n->first; c != NULL; c = c->next)
                if (is_logic(c))
                        json_array_append_new(items, logic_read(r, c));
        put_value(o, "items", items);
        return o;
}

static json_t *box_read(struct reader *r, const struct xml_node *n)
{
        json_t *o;

        if (strcmp(n->name, "decisionTable") == 0)
                return table_read(r, n);
        if (strcmp(n->name, "functionDefinition") == 0 || strcmp(n->name, "encapsulatedLogic") == 0)
                return function_read(r, n);
        if (strcmp(n->name, "relation") == 0)
                return relation_read(r, n);
        if (strcmp(n->name, "list") == 0)
                return list_read(r, n);
        o = json_object();
        if (strcmp(n->name, "literalExpression") == 0) {
                put_text(o, "kind", "literal");
                put_str(o, "text", child_text(n, "text"));
        } else if (strcmp(n->name, "context") == 0) {
                put_text(o, "kind", "context");
                put_value(o, "entries", entries_read(r, n, "contextEntry", "variable"));
        } else if (strcmp(n->name, "invocation") == 0) {
                put_text(o, "kind", "invocation");
                put_logic(r, o, n);
                put_value(o, "entries", entries_read(r, n, "binding", "parameter"));
        } else {
                json_decref(o);
                return parts_read(r, n);
        }
        return o;
}

static json_t *logic_read(struct reader *r, const struct xml_node *n)
{
        if (++r->depth > LOGIC_DEPTH_MAX) {
                error_raise(r->err, SB_LIMIT, "%s|%d", "nesting of boxed expressions", LOGIC_DEPTH_MAX);
                r->depth--;
                return json_null();
        }
        json_t *o = box_read(r, n);
        r->depth--;
        return o;
}

/* --- elements and types ---------------------------------------------------------------------------------------------------------- */

static json_t *needs_read(const struct xml_node *n)
{
        static const char *const REQUIREMENTS[][2] = {{"informationRequirement", "requiredInput"},
                                                      {"informationRequirement", "requiredDecision"},
                                                      {"knowledgeRequirement", "requiredKnowledge"},
                                                      {"authorityRequirement", "requiredAuthority"}};
        static const char *const KINDS[] = {"input", "decision", "knowledge", "authority"};
        json_t *needs = json_array();

        for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
                for (const struct xml_node *c = xml_child(n, REQUIREMENTS[i][0]); c != NULL;
                     c = xml_next(c, REQUIREMENTS[i][0])) {
                        const char *ref = attr(xml_child(c, REQUIREMENTS[i][1]), "href");
                        if (ref[0] != '\0')
                                json_array_append_new(
                                    needs, json_pack("{s:s,s:s}", "kind", KINDS[i], "ref", ref[0] == '#' ? ref + 1 : ref));
                }
        return needs;
}

static json_t *element_read(const struct xml_node *n, const char *kind, struct error *err)
{
        struct reader r = {.err = err};
        json_t *o = json_object();

        put_text(o, "id", attr(n, "id"));
        put_text(o, "kind", kind);
        put_text(o, "name", attr(n, "name"));
        put_said(o, "article", article_of(n));
        put_said(o, "type", attr(xml_child(n, "variable"), "typeRef"));
        struct str description = child_text(n, "description");
        if (description.n > 0)
                put_str(o, "description", description);
        put_value(o, "needs", needs_read(n));
        put_logic(&r, o, n);
        return o;
}

/* A type: {type, values, list, fields [{name, …}]}. */
static json_t *type_read(const struct xml_node *n, int depth)
{
        const struct xml_node *allowed = xml_child(n, "allowedValues");
        json_t *o = json_object(), *fields;

        put_text(o, "name", attr(n, "name"));
        put_str(o, "type", child_text(n, "typeRef"));
        put_bool(o, "list", strcmp(attr(n, "isCollection"), "true") == 0);
        if (allowed == NULL)
                allowed = xml_child(n, "typeConstraint");
        if (allowed != NULL)
                put_str(o, "values", child_text(allowed, "text"));
        if (xml_child(n, "itemComponent") == NULL || depth > LOGIC_DEPTH_MAX)
                return o;
        fields = json_array();
        for (const struct xml_node *c = xml_child(n, "itemComponent"); c != NULL; c = xml_next(c, "itemComponent"))
                json_array_append_new(fields, type_read(c, depth + 1));
        put_value(o, "fields", fields);
        return o;
}

static void definitions_read(json_t *o, const struct xml_node *root, struct error *err)
{
        static const char *const ELEMENTS[][2] = {{"decision", "decision"},
                                                  {"inputData", "input"},
                                                  {"businessKnowledgeModel", "knowledge"},
                                                  {"decisionService", "service"},
                                                  {"knowledgeSource", "source"}};
        json_t *elements = json_array(), *types = json_array(), *imports = json_array();

        put_text(o, "name", attr(root, "name"));
        put_text(o, "namespace", attr(root, "namespace"));
        put_str(o, "description", child_text(root, "description"));
        for (const struct xml_node *n = root->first; n != NULL; n = n->next) {
                for (size_t i = 0; i < sizeof ELEMENTS / sizeof ELEMENTS[0]; i++)
                        if (strcmp(n->name, ELEMENTS[i][0]) == 0)
                                json_array_append_new(elements, element_read(n, ELEMENTS[i][1], err));
                if (strcmp(n->name, "itemDefinition") == 0)
                        json_array_append_new(types, type_read(n, 0));
                if (strcmp(n->name, "import") == 0)
                        json_array_append_new(
                            imports, json_pack("{s:s,s:s}", "name", attr(n, "name"), "namespace", attr(n, "namespace")));
        }
        put_value(o, "elements", elements);
        put_value(o, "types", types);
        put_value(o, "imports", imports);
}

int model_describe(json_t **out, struct str xml, struct error *err)
{
        struct error fault = {0};
        const struct xml_node *root;
        struct arena *a = arena_new((size_t)64 << 20);
        json_t *o = json_object();

        int rc = a == NULL || o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : xml_parse(&root, a, xml, NULL, err);
        if (rc == 0 && strcmp(root->name, "definitions") != 0)
                rc = error_raise(err, SB_DMN_MODEL, "%s",
                                 ERROR_BOTH("its root is not “definitions”", "根元素不是“definitions”"));
        if (rc == 0) {
                definitions_read(o, root, &fault);
                if (fault.code != SB_OK) {
                        *err = fault;
                        rc = ERR;
                }
        }
        if (rc == 0) {
                *out = o;
                o = NULL;
        }
        json_decref(o);
        arena_free(a);
        return rc;
}
