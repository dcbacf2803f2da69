/* SPDX-License-Identifier: Apache-2.0
 *
 * XML through expat into a small read-only tree (DMN, BPMN, XForms, ISO 20022), with limits on
 * size, depth, attributes; entity declarations (and so entity bombs) are refused. Also a writer
 * that escapes.
 */
#ifndef BASE_XML_H
#define BASE_XML_H

#include "base/arena.h"

struct xml_attr {
        const char *ns; /* namespace URI, "" without */
        const char *name;
        const char *value;
        struct xml_attr *next;
};
struct xml_prefix {         /* a prefix declared on this element: for QNames in content */
        const char *prefix; /* "" for the default */
        const char *uri;
        struct xml_prefix *next;
};
struct xml_node {
        const char *ns;
        const char *name; /* local name */
        const char *text; /* character data directly inside, concatenated; "" without */
        int line, column; /* of the start tag, from 1 */
        struct xml_attr *attrs;
        struct xml_prefix *prefixes;
        struct xml_node *parent, *first, *next;
};

struct xml_limits {
        size_t max_bytes; /* 0: 16 MiB */
        int max_depth;    /* 0: 100 */
        size_t max_nodes; /* 0: 1,000,000 */
};

/* Parse text into *root, allocated in the arena. SB_XML_SYNTAX with line and column, SB_LIMIT. */
int xml_parse(const struct xml_node **root, struct arena *a, struct str text, const struct xml_limits *limits,
              struct error *err);

const char *xml_attr(const struct xml_node *n, const char *name); /* no namespace; NULL when absent */
const char *xml_attr_ns(const struct xml_node *n, const char *ns, const char *name);
const struct xml_node *xml_child(const struct xml_node *n, const char *name); /* first of that local name */
const struct xml_node *xml_next(const struct xml_node *n, const char *name);  /* next sibling of that name */
const char *xml_prefix_uri(const struct xml_node *n, struct str prefix);      /* in scope at n; NULL unknown */

/* Writer: escapes text and attribute values; characters that XML 1.0 forbids become U+FFFD. */
void xml_put_text(struct buf *out, struct str text);
void xml_put_attr(struct buf *out, const char *name, struct str value);

#endif
