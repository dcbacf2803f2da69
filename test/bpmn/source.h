/* SPDX-License-Identifier: Apache-2.0
 *
 * Models written in a test without the noise of XML.
 */
#ifndef TEST_BPMN_SOURCE_H
#define TEST_BPMN_SOURCE_H

#include "engine/bpmn/bpmn.h"
#include "testing.h"

struct source {
        struct buf xml;
        int flows;
};
void source_begin(struct source *s);
/* <bpmn:KIND id="ID" ATTRIBUTES>BODY</…>; attributes and body "" for none. */
void source_node(struct source *s, const char *kind, const char *id, const char *attributes, const char *body);
void source_start(struct source *s, const char *id);
void source_end(struct source *s, const char *id);
void source_user(struct source *s, const char *id);    /* role clerk */
void source_service(struct source *s, const char *id); /* verb thing.do with the input n := n and the output n := result.n */
void source_timer(struct source *s, const char *id, const char *duration);
/* A flow f1, f2 …; condition "" for none. */
void source_flow(struct source *s, const char *from, const char *to, const char *condition);
struct str source_finish(struct source *s);
struct bpmn_model *source_open(struct source *s); /* finishes; the test fails when the model is not sound */
void source_dispose(struct source *s);

#endif
