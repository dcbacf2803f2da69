/* SPDX-License-Identifier: Apache-2.0
 *
 * What differs between two versions of a process, in words: its steps and ways, who does them and until when, its limit, its papers,
 * what the catalogue says of it.
 */
#include "office/manual/internal.h"

#include <string.h>

struct comparing {
        const struct manual *before, *after;
        json_t *said;
};

static void tell(struct comparing *c, const char *text)
{
        json_array_append_new(c->said, json_string(text));
}

static const char *or_none(const struct manual *m, const char *text)
{
        return text[0] == '\0' ? SAY(m, "none", "无") : text;
}

/* "SUBJECT, WHAT: NEW instead of OLD." */
static void tell_value(struct comparing *c, const char *subject, const char *what, const char *old, const char *new)
{
        char text[1200];

        tell(c, text_format(text, sizeof text,
                            SAY(c->after, "%.200s, %s: %.300s instead of %.300s.", "%.200s的%s：改为%.300s，原为%.300s。"),
                            subject, what, or_none(c->after, new), or_none(c->after, old)));
}

/* --- steps --------------------------------------------------------------------------------------------------------------------------- */

static void step_compare(struct comparing *c, const json_t *before, const json_t *after)
{
        static const char *const FIELDS[][3] = {
            {"role", "who", "岗位"},
            {"limit", "limit", "时限"},
            {"limitUnit", "unit of the limit", "时限单位"},
            {"decisions", "decisions", "可作决定"},
            {"verb", "what the system does", "系统动作"},
            {"article", "article", "依据"},
            {"phase", "phase", "阶段"},
            {"model", "rules", "规则"},
            {"decision", "decision", "决策"},
            {"timer", "time", "定时"},
            {"working_days", "working days", "工作日数"},
            {"kind", "kind of step", "步骤类型"},
        };
        const char *old_title = fact_title(c->after, before), *title = fact_title(c->after, after);
        char text[700], subject[260];

        if (strcmp(old_title, title) != 0)
                tell(c, text_format(text, sizeof text,
                                    SAY(c->after, "Step “%.200s” is now called “%.200s”.", "步骤“%.200s”改称“%.200s”。"),
                                    old_title, title));
        text_format(subject, sizeof subject, SAY(c->after, "Step “%.200s”", "步骤“%.200s”"), title);
        for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
                const char *old = json_text(before, FIELDS[i][0]), *new = json_text(after, FIELDS[i][0]);
                if (strcmp(old, new) != 0)
                        tell_value(c, subject, SAY(c->after, FIELDS[i][1], FIELDS[i][2]),
                                   i == 0 ? role_said(c->before, old) : old, i == 0 ? role_said(c->after, new) : new);
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

/* Ways of `left` that `right` has not, between steps that both have: the others are told as steps. */
static void ways_compare(struct comparing *c, const json_t *left, const json_t *right, bool added)
{
        json_t *flow;
        char text[700];
        size_t i;

        json_array_foreach(json_object_get(left, "flows"), i, flow)
        {
                const char *from = json_text(flow, "from"), *to = json_text(flow, "to");
                if (leads(right, from, to) || fact_node(right, from) == NULL || fact_node(right, to) == NULL)
                        continue;
                text_format(text, sizeof text,
                            added ? SAY(c->after, "From “%.200s” a way leads to “%.200s”.", "新增去向：由“%.200s”至“%.200s”。")
                                  : SAY(c->after, "From “%.200s” no way leads to “%.200s” any more.",
                                        "取消去向：由“%.200s”至“%.200s”。"),
                            fact_title(c->after, fact_node(left, from)), fact_title(c->after, fact_node(left, to)));
                tell(c, text);
        }
}

static void steps_compare(struct comparing *c, const json_t *before, const json_t *after)
{
        json_t *node;
        char text[400];
        size_t i;

        json_array_foreach(json_object_get(after, "nodes"), i, node)
        {
                const json_t *old = fact_node(before, json_text(node, "id"));
                if (old != NULL)
                        step_compare(c, old, node);
                else
                        tell(c, text_format(text, sizeof text, SAY(c->after, "Step “%.200s” was added.", "新增步骤“%.200s”。"),
                                            fact_title(c->after, node)));
        }
        json_array_foreach(json_object_get(before, "nodes"), i, node) if (fact_node(after, json_text(node, "id")) == NULL)
            tell(c, text_format(text, sizeof text, SAY(c->after, "Step “%.200s” was taken out.", "取消步骤“%.200s”。"),
                                fact_title(c->after, node)));
        ways_compare(c, after, before, true);
        ways_compare(c, before, after, false);
}

/* --- the limit, the papers, the catalogue ------------------------------------------------------------------------------------------------ */

static void limit_read(const struct manual *m, const char *process, char *out, size_t size)
{
        const struct parameter *p = NULL;
        char dims[60];

        out[0] = '\0';
        text_format(dims, sizeof dims, "process=%s", process);
        if (pack_parameter(m->pack, "case_limit", dims, m->day, &p, NULL) == 0)
                text_format(out, size, "%s %s", p->value, p->unit);
}

static const json_t *paper_find(const struct manual *m, const char *process, const char *material)
{
        json_t *row;
        size_t i;

        json_array_foreach(m->materials, i, row) if (strcmp(json_text(row, "process"), process) == 0 &&
                                                     strcmp(json_text(row, "material"), material) == 0) return row;
        return NULL;
}

static void papers_compare(struct comparing *c, const char *process)
{
        static const char *const FIELDS[][3] = {{"kind", "form", "形式"},
                                                {"required", "required", "是否必需"},
                                                {"promise", "a promise may stand for it", "可否告知承诺"},
                                                {"gap", "may be handed in later", "可否容缺"},
                                                {"source", "source", "依据"}};
        json_t *row;
        char text[400], subject[260];
        size_t i;

        json_array_foreach(c->after->materials, i, row)
        {
                if (strcmp(json_text(row, "process"), process) != 0)
                        continue;
                const json_t *old = paper_find(c->before, process, json_text(row, "material"));
                text_format(subject, sizeof subject, SAY(c->after, "Paper “%.200s”", "材料“%.200s”"),
                            row_text(c->after, row, "name"));
                if (old == NULL)
                        tell(c, text_format(text, sizeof text, SAY(c->after, "%s is asked for.", "新增%s。"), subject));
                for (size_t k = 0; old != NULL && k < sizeof FIELDS / sizeof FIELDS[0]; k++)
                        if (strcmp(json_text(old, FIELDS[k][0]), json_text(row, FIELDS[k][0])) != 0)
                                tell_value(c, subject, SAY(c->after, FIELDS[k][1], FIELDS[k][2]), json_text(old, FIELDS[k][0]),
                                           json_text(row, FIELDS[k][0]));
        }
        json_array_foreach(c->before->materials, i, row)
        {
                if (strcmp(json_text(row, "process"), process) != 0 ||
                    paper_find(c->after, process, json_text(row, "material")) != NULL)
                        continue;
                text_format(text, sizeof text, SAY(c->after, "Paper “%.200s” is not asked for any more.", "取消材料“%.200s”。"),
                            row_text(c->after, row, "name"));
                tell(c, text);
        }
}

static void catalogue_compare(struct comparing *c, const char *process)
{
        static const char *const FIELDS[][3] = {
            {"name", "name", "名称"},         {"body", "competent body", "实施主体"},   {"applicant", "applicant", "服务对象"},
            {"fee", "fee", "收费"},           {"conditions", "conditions", "受理条件"}, {"result", "result", "结果"},
            {"delivery", "delivery", "送达"}, {"consult", "consultation", "咨询投诉"},  {"appeal", "appeal", "救济途径"},
        };
        const json_t *before = manual_row(c->before, process), *after = manual_row(c->after, process);
        const char *subject = SAY(c->after, "The item", "事项");

        for (size_t i = 0; before != NULL && after != NULL && i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
                const char *old = row_text(c->after, before, FIELDS[i][0]), *new = row_text(c->after, after, FIELDS[i][0]);
                if (strcmp(old, new) != 0)
                        tell_value(c, subject, SAY(c->after, FIELDS[i][1], FIELDS[i][2]), old, new);
        }
}

void process_compare(const struct manual *before, const json_t *facts_before, const struct manual *after,
                     const json_t *facts_after, const char *process, json_t *said)
{
        struct comparing c = {before, after, said};
        const char *subject = SAY(after, "The item", "事项");
        char old[80], new[80];

        if (facts_before == NULL && facts_after == NULL)
                return;
        if (facts_before == NULL || facts_after == NULL) {
                tell(&c, facts_before == NULL ? SAY(after, "The process was added.", "新增本事项的流程模型。")
                                              : SAY(after, "The process was taken out.", "取消本事项的流程模型。"));
                return;
        }
        steps_compare(&c, facts_before, facts_after);
        limit_read(before, process, old, sizeof old);
        limit_read(after, process, new, sizeof new);
        if (strcmp(old, new) != 0)
                tell_value(&c, subject, SAY(after, "limit", "办结时限"), old, new);
        if (strcmp(json_text(facts_before, "risk"), json_text(facts_after, "risk")) != 0)
                tell_value(&c, subject, SAY(after, "class of risk", "风险等级"), json_text(facts_before, "risk"),
                           json_text(facts_after, "risk"));
        if (strcmp(json_text(facts_before, "article"), json_text(facts_after, "article")) != 0)
                tell_value(&c, subject, SAY(after, "article", "依据"), json_text(facts_before, "article"),
                           json_text(facts_after, "article"));
        papers_compare(&c, process);
        catalogue_compare(&c, process);
}
