/* SPDX-License-Identifier: Apache-2.0 */
#include "base/xml.h"

#include <expat.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SEPARATOR '\x1f' /* between namespace and name: no character of XML */
#define MAX_BYTES ((size_t)16 << 20)
#define MAX_DEPTH 100
#define MAX_NODES ((size_t)1000000)
#define MAX_ATTRS 1000
#define CHUNK ((size_t)1 << 20)

/* An element that is open: its text grows while its children come. */
struct level {
        struct xml_node *node, *last;
        struct buf text;
};

struct parse {
        XML_Parser parser;
        struct arena *arena;
        struct error *err;
        struct xml_limits limits;
        size_t nodes;
        int depth;            /* open elements */
        struct level *levels; /* max_depth of them */
        struct xml_node *root;
        struct xml_prefix *pending; /* declared before their element starts */
        bool stopped;
};

static void stop(struct parse *p)
{
        p->stopped = true;
        error_where(p->err, "%lu:%lu", XML_GetCurrentLineNumber(p->parser), XML_GetCurrentColumnNumber(p->parser) + 1);
        XML_StopParser(p->parser, XML_FALSE);
}

static void no_memory(struct parse *p)
{
        error_raise(p->err, SB_LIMIT, "%s|%s", ERROR_BOTH("the memory for one XML document", "单个XML文档占用的内存"),
                    ERROR_BOTH("what the caller allows", "调用方允许的大小"));
        stop(p);
}

static void refuse(struct parse *p, const char *both)
{
        error_raise(p->err, SB_XML_SYNTAX, "%s", both);
        stop(p);
}

/* "namespace␟name" in two. False when the arena is full. */
static bool split_name(struct parse *p, const char *full, const char **ns, const char **name)
{
        const char *cut = strchr(full, SEPARATOR);
        *ns = cut == NULL ? "" : arena_text(p->arena, (struct str){full, (size_t)(cut - full)});
        *name = arena_text(p->arena, str_from(cut == NULL ? full : cut + 1));
        return *ns != NULL && *name != NULL;
}

static bool add_attrs(struct parse *p, struct xml_node *n, const char **atts)
{
        struct xml_attr **end = &n->attrs;
        int count = 0;
        for (; *atts != NULL; atts += 2) {
                struct xml_attr *a = arena_new_of(p->arena, struct xml_attr);
                if (++count > MAX_ATTRS) {
                        error_raise(p->err, SB_LIMIT, "%s|%d", ERROR_BOTH("the attributes of an element", "元素的属性数"),
                                    MAX_ATTRS);
                        stop(p);
                        return false;
                }
                if (a == NULL || !split_name(p, atts[0], &a->ns, &a->name) ||
                    (a->value = arena_text(p->arena, str_from(atts[1]))) == NULL) {
                        no_memory(p);
                        return false;
                }
                *end = a;
                end = &a->next;
        }
        return true;
}

static bool within_limits(struct parse *p)
{
        if (p->depth < p->limits.max_depth && p->nodes < p->limits.max_nodes)
                return true;
        if (p->depth >= p->limits.max_depth)
                error_raise(p->err, SB_LIMIT, "%s|%d", ERROR_BOTH("the depth of XML", "XML的层数"), p->limits.max_depth);
        else
                error_raise(p->err, SB_LIMIT, "%s|%zu", ERROR_BOTH("the elements of XML", "XML的元素数"), p->limits.max_nodes);
        stop(p);
        return false;
}

static void on_start(void *data, const char *name, const char **atts)
{
        struct parse *p = data;
        if (p->stopped || !within_limits(p))
                return;
        struct xml_node *n = arena_new_of(p->arena, struct xml_node);
        if (n == NULL || !split_name(p, name, &n->ns, &n->name)) {
                no_memory(p);
                return;
        }
        n->line = (int)XML_GetCurrentLineNumber(p->parser);
        n->column = (int)XML_GetCurrentColumnNumber(p->parser) + 1;
        n->text = "";
        n->prefixes = p->pending;
        p->pending = NULL;
        if (!add_attrs(p, n, atts))
                return;
        if (p->depth == 0) {
                p->root = n;
        } else {
                struct level *up = &p->levels[p->depth - 1];
                n->parent = up->node;
                if (up->last == NULL)
                        up->node->first = n;
                else
                        up->last->next = n;
                up->last = n;
        }
        struct level *l = &p->levels[p->depth++];
        l->node = n;
        l->last = NULL;
        buf_clear(&l->text);
        p->nodes++;
}

static void on_end(void *data, const char *name)
{
        struct parse *p = data;
        (void)name;
        if (p->stopped)
                return;
        struct level *l = &p->levels[--p->depth];
        if (l->text.n > 0)
                l->node->text = arena_text(p->arena, (struct str){l->text.p, l->text.n});
        if (l->text.failed || l->node->text == NULL)
                no_memory(p);
}

static void on_text(void *data, const char *s, int n)
{
        struct parse *p = data;
        if (!p->stopped && p->depth > 0)
                buf_add(&p->levels[p->depth - 1].text, s, (size_t)n);
}

static void on_prefix(void *data, const char *prefix, const char *uri)
{
        struct parse *p = data;
        if (p->stopped)
                return;
        struct xml_prefix *x = arena_new_of(p->arena, struct xml_prefix);
        if (x == NULL || (x->prefix = arena_text(p->arena, str_from(prefix))) == NULL ||
            (x->uri = arena_text(p->arena, str_from(uri))) == NULL) {
                no_memory(p);
                return;
        }
        x->next = p->pending;
        p->pending = x;
}

static void on_entity(void *data, const char *name, int is_parameter, const char *value, int n, const char *base,
                      const char *system_id, const char *public_id, const char *notation)
{
        (void)name, (void)is_parameter, (void)value, (void)n;
        (void)base, (void)system_id, (void)public_id, (void)notation;
        refuse(data, ERROR_BOTH("it declares an entity, which is not allowed here", "声明了实体，此处不允许"));
}

static void on_skipped(void *data, const char *name, int is_parameter)
{
        (void)name, (void)is_parameter;
        refuse(data, ERROR_BOTH("it uses an entity that is not declared", "使用了未声明的实体"));
}

/* Expat reads UTF-8, UTF-16, Latin-1 and ASCII; editors on Windows also write their own code page. */
static int XMLCALL on_encoding(void *ctx, const XML_Char *name, XML_Encoding *e)
{
        /* 0x80 to 0x9F, where it differs from Latin-1; -1 is no character. */
        static const int upper[32] = {
            0x20AC, -1,     0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
            0x2039, 0x0152, -1,     0x017D, -1,     -1,     0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
            0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, -1,     0x017E, 0x0178,
        };

        (void)ctx;
        if (strcasecmp(name, "windows-1252") != 0 && strcasecmp(name, "cp1252") != 0)
                return XML_STATUS_ERROR;
        for (int i = 0; i < 256; i++)
                e->map[i] = i >= 0x80 && i < 0xA0 ? upper[i - 0x80] : i;
        e->data = NULL;
        e->convert = NULL;
        e->release = NULL;
        return XML_STATUS_OK;
}

static int syntax(struct parse *p)
{
        enum XML_Error code = XML_GetErrorCode(p->parser);
        if (code == XML_ERROR_NO_MEMORY)
                return error_raise(p->err, SB_MEMORY, "%s", "");
        error_raise(p->err, SB_XML_SYNTAX, "%s", XML_ErrorString(code));
        return error_where(p->err, "%lu:%lu", XML_GetCurrentLineNumber(p->parser), XML_GetCurrentColumnNumber(p->parser) + 1);
}

static int feed(struct parse *p, struct str text)
{
        XML_SetUserData(p->parser, p);
        XML_SetElementHandler(p->parser, on_start, on_end);
        XML_SetCharacterDataHandler(p->parser, on_text);
        XML_SetStartNamespaceDeclHandler(p->parser, on_prefix);
        XML_SetEntityDeclHandler(p->parser, on_entity);
        XML_SetSkippedEntityHandler(p->parser, on_skipped);
        XML_SetUnknownEncodingHandler(p->parser, on_encoding, NULL);
        size_t at = 0;
        bool last = false;
        while (!last) {
                size_t n = text.n - at < CHUNK ? text.n - at : CHUNK;
                last = at + n == text.n;
                enum XML_Status ok = XML_Parse(p->parser, n == 0 ? "" : text.p + at, (int)n, last);
                if (p->stopped)
                        return ERR;
                if (ok != XML_STATUS_OK)
                        return syntax(p);
                at += n;
        }
        return 0;
}

static struct xml_limits limits_of(const struct xml_limits *l)
{
        struct xml_limits all = l == NULL ? (struct xml_limits){0} : *l;
        if (all.max_bytes == 0)
                all.max_bytes = MAX_BYTES;
        if (all.max_depth <= 0)
                all.max_depth = MAX_DEPTH;
        if (all.max_nodes == 0)
                all.max_nodes = MAX_NODES;
        return all;
}

int xml_parse(const struct xml_node **root, struct arena *a, struct str text, const struct xml_limits *limits,
              struct error *err)
{
        struct error own = {0}; /* the handlers need an error to look at, also when the caller has none */
        struct parse p = {.arena = a, .err = err == NULL ? &own : err, .limits = limits_of(limits)};
        int rc = 0;
        if (text.n > p.limits.max_bytes)
                return error_raise(err, SB_LIMIT, "%s|" ERROR_BOTH("%zu bytes", "%zu字节"), "XML", p.limits.max_bytes,
                                   p.limits.max_bytes);
        p.parser = XML_ParserCreateNS(NULL, SEPARATOR);
        p.levels = calloc((size_t)p.limits.max_depth, sizeof *p.levels);
        if (p.parser == NULL || p.levels == NULL) {
                rc = error_raise(err, SB_MEMORY, "%s", "");
                goto done;
        }
        for (int i = 0; i < p.limits.max_depth; i++)
                buf_init(&p.levels[i].text, p.limits.max_bytes);
        rc = feed(&p, text);
        if (rc == 0)
                *root = p.root;
done:
        for (int i = 0; p.levels != NULL && i < p.limits.max_depth; i++)
                buf_dispose(&p.levels[i].text);
        free(p.levels);
        if (p.parser != NULL)
                XML_ParserFree(p.parser);
        return rc;
}

const char *xml_attr_ns(const struct xml_node *n, const char *ns, const char *name)
{
        for (const struct xml_attr *a = n->attrs; a != NULL; a = a->next)
                if (strcmp(a->name, name) == 0 && strcmp(a->ns, ns) == 0)
                        return a->value;
        return NULL;
}

const char *xml_attr(const struct xml_node *n, const char *name)
{
        return xml_attr_ns(n, "", name);
}

static const struct xml_node *named(const struct xml_node *n, const char *name)
{
        while (n != NULL && strcmp(n->name, name) != 0)
                n = n->next;
        return n;
}

const struct xml_node *xml_child(const struct xml_node *n, const char *name)
{
        return named(n->first, name);
}

const struct xml_node *xml_next(const struct xml_node *n, const char *name)
{
        return named(n->next, name);
}

const char *xml_prefix_uri(const struct xml_node *n, struct str prefix)
{
        for (; n != NULL; n = n->parent)
                for (const struct xml_prefix *x = n->prefixes; x != NULL; x = x->next)
                        if (str_is(prefix, x->prefix))
                                return x->uri;
        return NULL;
}

static bool forbidden(int32_t c)
{
        return c < 0 || (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0xFFFE || c == 0xFFFF;
}

static void put_escaped(struct buf *out, struct str s, bool attribute)
{
        size_t from = 0, i = 0;
        while (i < s.n) {
                size_t at = i;
                int32_t c = utf8_next(s, &i);
                const char *as = NULL;
                if (c < 0)
                        i = at + 1;
                if (forbidden(c))
                        as = "\xEF\xBF\xBD";
                else if (c == '&')
                        as = "&amp;";
                else if (c == '<')
                        as = "&lt;";
                else if (c == '>')
                        as = "&gt;";
                else if (c == '\r')
                        as = "&#13;"; /* a parser would make it a line feed */
                else if (attribute && c == '"')
                        as = "&quot;";
                else if (attribute && c == '\n')
                        as = "&#10;";
                else if (attribute && c == '\t')
                        as = "&#9;";
                if (as != NULL) {
                        buf_add(out, s.p + from, at - from);
                        buf_add_text(out, as);
                        from = i;
                }
        }
        if (s.n > from)
                buf_add(out, s.p + from, s.n - from);
}

void xml_put_text(struct buf *out, struct str text)
{
        put_escaped(out, text, false);
}

void xml_put_attr(struct buf *out, const char *name, struct str value)
{
        buf_add_format(out, " %s=\"", name);
        put_escaped(out, value, true);
        buf_add_char(out, '"');
}
