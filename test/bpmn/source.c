/* SPDX-License-Identifier: Apache-2.0 */
#include "bpmn/source.h"

#include "base/xml.h"

#include <string.h>

void source_begin(struct source *s)
{
        s->flows = 0;
        buf_init(&s->xml, (size_t)8 << 20);
        buf_add_text(&s->xml, "<bpmn:definitions xmlns:bpmn=\"" BPMN_NS "\" xmlns:shebao=\"" BPMN_NS_SHEBAO
                              "\"><bpmn:message id=\"m\" name=\"m\"/><bpmn:signal id=\"s\" name=\"s\"/><bpmn:process id=\"P\" "
                              "name=\"流程\" isExecutable=\"true\">");
}

void source_node(struct source *s, const char *kind, const char *id, const char *attributes, const char *body)
{
        buf_add_format(&s->xml, "<bpmn:%s id=\"%s\" %s>%s</bpmn:%s>", kind, id, attributes, body, kind);
}

void source_start(struct source *s, const char *id)
{
        source_node(s, "startEvent", id, "", "");
}

void source_end(struct source *s, const char *id)
{
        source_node(s, "endEvent", id, "", "");
}

void source_user(struct source *s, const char *id)
{
        source_node(s, "userTask", id, "shebao:role=\"clerk\"", "");
}

void source_service(struct source *s, const char *id)
{
        source_node(
            s, "serviceTask", id, "shebao:verb=\"thing.do\"",
            "<bpmn:extensionElements><shebao:input name=\"n\" value=\"n\"/><shebao:output name=\"n\" value=\"result.n\"/>"
            "</bpmn:extensionElements>");
}

void source_timer(struct source *s, const char *id, const char *duration)
{
        char body[300];

        source_node(
            s, "intermediateCatchEvent", id, "",
            text_format(body, sizeof body,
                        "<bpmn:timerEventDefinition><bpmn:timeDuration>%s</bpmn:timeDuration></bpmn:timerEventDefinition>",
                        duration));
}

void source_flow(struct source *s, const char *from, const char *to, const char *condition)
{
        buf_add_format(&s->xml, "<bpmn:sequenceFlow id=\"f%d\" sourceRef=\"%s\" targetRef=\"%s\">", ++s->flows, from, to);
        if (condition[0] != '\0') {
                buf_add_text(&s->xml, "<bpmn:conditionExpression>");
                xml_put_text(&s->xml, str_from(condition));
                buf_add_text(&s->xml, "</bpmn:conditionExpression>");
        }
        buf_add_text(&s->xml, "</bpmn:sequenceFlow>");
}

struct str source_finish(struct source *s)
{
        buf_add_text(&s->xml, "</bpmn:process></bpmn:definitions>");
        assert_false(s->xml.failed);
        return (struct str){s->xml.p, s->xml.n};
}

struct bpmn_model *source_open(struct source *s)
{
        struct bpmn_model *m = NULL;
        struct error err = {0};

        assert_ok(bpmn_open(&m, source_finish(s), NULL, NULL, &err), err);
        source_dispose(s);
        return m;
}

void source_dispose(struct source *s)
{
        buf_dispose(&s->xml);
}
