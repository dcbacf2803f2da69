/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the static rules share: the tree of a file with its ids and flows. The rules are those of the BPMN 2.0
 * standard that its schema does not express, numbered EXTnnn as BPMNspector does; REF is a reference that leads nowhere.
 */
#ifndef ENGINE_BPMN_RULES_H
#define ENGINE_BPMN_RULES_H

#include "engine/bpmn/model.h"

#define DEFINITIONS_MAX 16

struct rules {
        const struct xml_node *root;
        const struct xml_node **all; /* in order of the file */
        size_t count;
        const struct xml_node **ids; /* those with an id, in order of it */
        size_t id_count;
        const struct xml_node **flows; /* sequence flows */
        size_t flow_count;
        struct faults *faults;
};

#define RULE(r, n, ext, en, zh)                                                                                                \
        fault_tell((r)->faults, rule_label(n), (n)->line, SB_BPMN_MODEL, "%s", ERROR_BOTH(ext " " en, ext " " zh))

const char *rule_label(const struct xml_node *n);
bool is(const struct xml_node *n, const char *name);
bool ends(const struct xml_node *n, const char *tail);
const char *attr(const struct xml_node *n, const char *name); /* "" when absent */
bool yes(const struct xml_node *n, const char *name);
size_t kids(const struct xml_node *n, const char *name);
const struct xml_node *kid(const struct xml_node *n, const char *name); /* first child of the standard's namespace */
bool text_is(const struct xml_node *n, const char *id);                 /* its trimmed text, without a prefix */
const struct xml_node *by_id(const struct rules *r, const char *id);    /* NULL unknown; a prefix may stand before it */
const struct xml_node *by_text(const struct rules *r, const struct xml_node *n);
bool activity(const struct xml_node *n);
bool event(const struct xml_node *n);
bool gateway(const struct xml_node *n);
bool flow_node(const struct xml_node *n);
bool artifact(const struct xml_node *n);
bool event_sub_process(const struct xml_node *n);
const struct xml_node *process_of(const struct xml_node *n);
bool executable(const struct xml_node *n);
size_t flows_in(const struct rules *r, const struct xml_node *n);
size_t flows_out(const struct rules *r, const struct xml_node *n);
/* Its event definitions, its own and those that it refers to. */
size_t definitions_of(const struct rules *r, const struct xml_node *n, const struct xml_node *out[DEFINITIONS_MAX]);

void flow_rules(const struct rules *r, const struct xml_node *n);
void event_rules(const struct rules *r, const struct xml_node *n);
void activity_rules(const struct rules *r, const struct xml_node *n);
void data_rules(const struct rules *r, const struct xml_node *n);

#endif
