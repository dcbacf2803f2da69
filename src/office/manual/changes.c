/* SPDX-License-Identifier: Apache-2.0
 *
 * How a process came to be as it is: what the pack's table tells (changes.csv), and what differs between two models, in words.
 */
#include "office/manual/internal.h"

#include <string.h>

void changes_section(struct manual *m, json_t *chapter, const char *process)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "changes", SAY(m, "Change history", "变更记录"));
        const char *head[] = {SAY(m, "Day", "日期"), SAY(m, "Version", "版本"), SAY(m, "What changed", "变更内容"), NULL};
        json_t *rows = NULL, *one;
        char text[200];
        size_t i;

        text_format(text, sizeof text,
                    SAY(m, "This chapter is made from the pack “%s”, version %s.", "本章由政策包“%s”%s版生成。"),
                    pack_title(m->pack, m->lang), pack_version(m->pack));
        doc_p(blocks, text);
        json_array_foreach(m->changes, i, one)
        {
                const char *of = json_text(one, "process");
                if (strcmp(of, process) != 0 && strcmp(of, "*") != 0)
                        continue;
                if (rows == NULL)
                        rows = doc_table(blocks, "18,16,66", head, NULL);
                json_t *row = doc_row(rows);
                doc_cell(row, json_text(one, "date"));
                doc_cell(row, json_text(one, "version"));
                doc_cell(row, row_text(m, one, "what"));
        }
        if (rows == NULL)
                doc_p(blocks, SAY(m, "The pack records no change of this process.", "政策包没有本事项的变更记录。"));
}

/* --- what differs --------------------------------------------------------------------------------------------------------------- */

static void tell(json_t *rows, const char *text)
{
        doc_cell(doc_row(rows), text);
}

static void node_compare(const struct manual *m, json_t *rows, const json_t *before, const json_t *after)
{
        static const char *const FIELDS[][3] = {
            {"role", "who", "岗位"},
            {"limit", "limit", "时限"},
            {"limitUnit", "unit of the limit", "时限单位"},
            {"decisions", "decisions", "可作决定"},
            {"verb", "verb", "动作"},
            {"article", "article", "依据"},
            {"phase", "phase", "阶段"},
            {"model", "rules", "规则"},
            {"decision", "decision", "决策"},
            {"timer", "time", "定时"},
            {"kind", "kind of step", "步骤类型"},
        };
        const char *title = SAY(m, "en", "zh");
        char text[700];

        if (strcmp(json_text(before, title), json_text(after, title)) != 0) {
                text_format(text, sizeof text, SAY(m, "Step “%.200s” is now called “%.200s”.", "步骤“%.200s”改称“%.200s”。"),
                            fact_title(m, before), fact_title(m, after));
                tell(rows, text);
        }
        for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
                const char *old = json_text(before, FIELDS[i][0]), *new = json_text(after, FIELDS[i][0]);
                bool role = i == 0;
                if (strcmp(old, new) == 0)
                        continue;
                text_format(
                    text, sizeof text,
                    SAY(m, "Step “%.200s”, %s: %.150s instead of %.150s.", "步骤“%.200s”的%s：改为%.150s，原为%.150s。"),
                    fact_title(m, after), SAY(m, FIELDS[i][1], FIELDS[i][2]),
                    new[0] == '\0' ? SAY(m, "none", "无")
                    : role         ? role_said(m, new)
                                   : new,
                    old[0] == '\0' ? SAY(m, "none", "无")
                    : role         ? role_said(m, old)
                                   : old);
                tell(rows, text);
        }
}

static bool leads(const json_t *facts, const char *from, const char *to)
{
        json_t *flow;
        size_t i;

        json_array_foreach(json_object_get(facts, "flows"), i, flow) if (strcmp(json_text(flow, "from"), from) == 0 &&
                                                                         strcmp(json_text(flow, "to"), to) == 0) return true;
        return false;
}

static void flows_compare(const struct manual *m, json_t *rows, const json_t *left, const json_t *right, bool added)
{
        json_t *flow;
        char text[700];
        size_t i;

        json_array_foreach(json_object_get(left, "flows"), i, flow)
        {
                const char *from = json_text(flow, "from"), *to = json_text(flow, "to");
                if (leads(right, from, to) || fact_node(right, from) == NULL || fact_node(right, to) == NULL)
                        continue;
                text_format(
                    text, sizeof text,
                    added ? SAY(m, "From “%.200s” a way leads to “%.200s”.", "新增去向：由“%.200s”至“%.200s”。")
                          : SAY(m, "From “%.200s” no way leads to “%.200s” any more.", "取消去向：由“%.200s”至“%.200s”。"),
                    fact_title(m, fact_node(left, from)), fact_title(m, fact_node(left, to)));
                tell(rows, text);
        }
}

void facts_compare(const struct manual *m, json_t *rows, const json_t *before, const json_t *after)
{
        json_t *node;
        char text[400];
        size_t i;

        json_array_foreach(json_object_get(after, "nodes"), i, node)
        {
                const json_t *old = fact_node(before, json_text(node, "id"));
                if (old != NULL)
                        node_compare(m, rows, old, node);
                else
                        tell(rows, text_format(text, sizeof text, SAY(m, "Step “%.200s” was added.", "新增步骤“%.200s”。"),
                                               fact_title(m, node)));
        }
        json_array_foreach(json_object_get(before, "nodes"), i, node) if (fact_node(after, json_text(node, "id")) == NULL)
            tell(rows, text_format(text, sizeof text, SAY(m, "Step “%.200s” was taken out.", "取消步骤“%.200s”。"),
                                   fact_title(m, node)));
        flows_compare(m, rows, after, before, true);
        flows_compare(m, rows, before, after, false);
}
