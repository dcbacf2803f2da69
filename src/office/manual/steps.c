/* SPDX-License-Identifier: Apache-2.0
 *
 * The steps of a process as a table, and where it leaves its straight way.
 */
#include "office/manual/internal.h"

#include <stdlib.h>
#include <string.h>

static bool is_gateway(const json_t *node)
{
        const char *kind = json_text(node, "kind");
        size_t n = strlen(kind);

        return n > 7 && strcmp(kind + n - 7, "Gateway") == 0;
}

static bool is_event(const json_t *node)
{
        const char *kind = json_text(node, "kind");
        size_t n = strlen(kind);

        return n > 5 && strcmp(kind + n - 5, "Event") == 0;
}

static const char *word3(const struct manual *m, const char *const (*words)[3], size_t count, const char *key)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(words[i][0], key) == 0)
                        return SAY(m, words[i][1], words[i][2]);
        return key;
}

static const char *phase_said(const struct manual *m, const char *phase)
{
        static const char *const PHASES[][3] = {
            {"ACC", "Acceptance", "受理"}, {"REV", "Review", "审核"},    {"REV2", "Second review", "复核"},
            {"APR", "Approval", "审批"},   {"EXE", "Execution", "办理"}, {"NTF", "Notice", "送达"},
            {"ARC", "Archive", "归档"},
        };
        return word3(m, PHASES, sizeof PHASES / sizeof PHASES[0], phase);
}

static const char *decision_said(const struct manual *m, const char *decision)
{
        static const char *const DECISIONS[][3] = {
            {"approve", "approve", "同意"},
            {"return", "return", "退回"},
            {"refuse", "refuse", "不予批准"},
            {"accept", "accept", "受理"},
            {"ask", "ask for papers", "一次性告知补正"},
            {"withdraw", "withdraw", "撤回"},
            {"transfer", "pass on", "移送"},
            {"reject", "reject", "驳回"},
            {"correct", "correct", "更正"},
        };
        return word3(m, DECISIONS, sizeof DECISIONS / sizeof DECISIONS[0], decision);
}

static const char *trigger_said(const struct manual *m, const char *trigger)
{
        static const char *const TRIGGERS[][3] = {
            {"timer", "when its time has come", "到期时"},
            {"message", "when a message comes", "收到消息时"},
            {"signal", "when a signal comes", "收到信号时"},
            {"error", "when the step fails", "步骤出错时"},
            {"escalation", "when it is escalated", "升级处理时"},
            {"conditional", "when its condition holds", "条件成立时"},
            {"compensate", "to undo what was done", "撤销已办步骤"},
            {"cancel", "when it is cancelled", "取消时"},
            {"terminate", "ends everything", "全部终止"},
            {"link", "goes on elsewhere", "转接"},
        };
        return word3(m, TRIGGERS, sizeof TRIGGERS / sizeof TRIGGERS[0], trigger);
}

/* --- ways on ---------------------------------------------------------------------------------------------------------------------- */

static void step_link(struct manual *m, json_t *runs, const json_t *node, const char *process)
{
        char to[200];

        doc_run(runs, fact_title(m, node), NULL, text_format(to, sizeof to, "%s-step-%s", process, json_text(node, "id")),
                NULL);
}

/* How people read a condition: its name on the diagram, else its words. */
static void condition_said(struct manual *m, const json_t *flow, char *out, size_t size)
{
        const char *title = json_text(flow, SAY(m, "en", "zh")), *condition = json_text(flow, "condition");
        struct buf text;

        buf_init(&text, 4000);
        if (title[0] == '\0' && condition[0] != '\0')
                expression_said(&text, condition, NULL, m->lang);
        text_copy(out, size, str_from(title[0] != '\0' ? title : buf_text(&text)));
        buf_dispose(&text);
}

struct ways {
        struct manual *m;
        const json_t *facts;
        json_t *runs;
        const char *process;
        int told;
};

/* Through gateways to the next steps, each with the conditions on the way. */
static void ways_tell(struct ways *w, const char *from, const char *when, int depth)
{
        json_t *flow;
        size_t i;

        json_array_foreach(json_object_get(w->facts, "flows"), i, flow)
        {
                if (strcmp(json_text(flow, "from"), from) != 0)
                        continue;
                const json_t *next = fact_node(w->facts, json_text(flow, "to"));
                char said[300], all[700];
                condition_said(w->m, flow, said, sizeof said);
                text_format(all, sizeof all, "%s%s%s", when, when[0] != '\0' && said[0] != '\0' ? SAY(w->m, ", ", "，") : "",
                            said);
                if (next != NULL && is_gateway(next) && depth < 6) {
                        ways_tell(w, json_text(next, "id"), all, depth + 1);
                        continue;
                }
                if (w->told++ > 0)
                        doc_run(w->runs, "\n", NULL, NULL, NULL);
                if (all[0] != '\0') {
                        text_format(said, sizeof said, SAY(w->m, "%.250s: ", "%.250s："), all);
                        doc_run(w->runs, said, "quiet", NULL, NULL);
                }
                doc_run(w->runs, "→ ", "quiet", NULL, NULL);
                if (next != NULL)
                        step_link(w->m, w->runs, next, w->process);
        }
}

/* --- the table ---------------------------------------------------------------------------------------------------------------------- */

static const char *input_of(const json_t *node, const char *name)
{
        return json_text(row_find(json_object_get(node, "inputs"), "name", name), "value");
}

static void verb_runs(struct manual *m, json_t *runs, const json_t *node)
{
        const char *name = json_text(node, "verb");
        const struct verb *v = verb_named(name);
        char text[300], intended[100];

        if (name[0] == '\0')
                return;
        if (strcmp(name, "office.not_yet") == 0) {
                struct str s = str_from(input_of(node, "verb"));
                while (s.n > 0 && (s.p[0] == '"' || s.p[0] == ' ')) {
                        s.p++;
                        s.n--;
                }
                while (s.n > 0 && (s.p[s.n - 1] == '"' || s.p[s.n - 1] == ' '))
                        s.n--;
                text_copy(intended, sizeof intended, s);
                doc_run(runs,
                        SAY(m,
                            "\nNot yet: the program cannot do this. The office does it by hand in the next step and records "
                            "it. ",
                            "\n尚未实现：系统暂不能办理，由下一步“手工办理”在系统外办结并登记。"),
                        "missing", NULL, NULL);
                doc_run(runs, intended, "code", NULL, NULL);
        } else if (v == NULL) {
                doc_run(runs, SAY(m, "\nThis program cannot do: ", "\n本程序没有动作："), "missing", NULL, NULL);
                doc_run(runs, name, "code", NULL, NULL);
        } else {
                text_format(text, sizeof text, SAY(m, "\nBy the system: %s ", "\n系统自动：%s "),
                            SAY(m, v->summary_en, v->summary_zh));
                doc_run(runs, text, "quiet", NULL, NULL);
                doc_run(runs, name, "code", NULL, NULL);
        }
}

static void what_cell(struct manual *m, json_t *row, const json_t *node, const char *process)
{
        json_t *runs = doc_runs(row);
        const char *doc = json_text(node, SAY(m, "doc_en", "doc_zh")), *attached = json_text(node, "attached");
        char anchor[200], text[400];

        doc_run(runs, fact_title(m, node), "strong", NULL,
                text_format(anchor, sizeof anchor, "%s-step-%s", process, json_text(node, "id")));
        if (json_text(node, "trigger")[0] != '\0') {
                const char *days = json_text(node, "working_days"), *timer = json_text(node, "timer");
                char when[120] = "";
                if (days[0] != '\0')
                        text_format(when, sizeof when, SAY(m, " (%s working days)", "（%s个工作日）"), days);
                else if (timer[0] != '\0')
                        text_format(when, sizeof when, " (%s)", timer);
                text_format(text, sizeof text, "\n%s%s%s", attached[0] != '\0' ? SAY(m, "meanwhile, ", "办理期间，") : "",
                            trigger_said(m, json_text(node, "trigger")), when);
                doc_run(runs, text, "quiet", NULL, NULL);
        }
        verb_runs(m, runs, node);
        if (doc[0] != '\0') {
                doc_run(runs, "\n", NULL, NULL, NULL);
                doc_run(runs, doc, "quiet", NULL, NULL);
        }
}

static void who_cell(struct manual *m, json_t *row, json_t *chapter, const json_t *node)
{
        const char *role = json_text(node, "role"), *limit = json_text(node, "limit");
        json_t *runs = doc_runs(row), *roles = json_object_get(chapter, "roles"), *one;
        bool known = false;
        char text[120];
        size_t i;

        json_array_foreach(roles, i, one) known = known || strcmp(json_string_value(one), role) == 0;
        if (role[0] != '\0' && !known)
                json_array_append_new(roles, json_string(role));
        if (role[0] != '\0')
                doc_run(runs, role_said(m, role), NULL, NULL, NULL);
        else if (!is_event(node))
                doc_run(runs, SAY(m, "system", "系统"), "quiet", NULL, NULL);
        else
                doc_run(runs, "—", "quiet", NULL, NULL);
        if (limit[0] != '\0') {
                bool calendar = strcmp(json_text(node, "limitUnit"), "CD") == 0;
                text_format(text, sizeof text,
                            calendar ? SAY(m, "\n%s calendar days", "\n%s日") : SAY(m, "\n%s working days", "\n%s个工作日"),
                            limit);
                doc_run(runs, text, "quiet", NULL, NULL);
        }
}

static void ways_cell(struct manual *m, json_t *row, const json_t *facts, const json_t *node, const char *process)
{
        struct ways w = {.m = m, .facts = facts, .runs = doc_runs(row), .process = process};
        struct str decisions = str_from(json_text(node, "decisions"));
        char one[60], text[300] = "";

        for (size_t i = 0; i < decisions.n;) {
                size_t n = 0;
                while (i + n < decisions.n && decisions.p[i + n] != ' ')
                        n++;
                text_copy(one, sizeof one, (struct str){decisions.p + i, n});
                if (n > 0)
                        text_format(text + strlen(text), sizeof text - strlen(text), "%s%s", text[0] == '\0' ? "" : " / ",
                                    decision_said(m, one));
                i += n + 1;
        }
        if (text[0] != '\0') {
                doc_run(w.runs, SAY(m, "decides: ", "可作决定："), "quiet", NULL, NULL);
                doc_run(w.runs, text, NULL, NULL, NULL);
                w.told = 1;
        }
        ways_tell(&w, json_text(node, "id"), "", 0);
        if (w.told == 0)
                doc_run(w.runs, strcmp(json_text(node, "kind"), "endEvent") == 0 ? SAY(m, "the case ends", "事项结束") : "—",
                        "quiet", NULL, NULL);
}

void steps_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "steps", SAY(m, "Steps", "办理步骤"));
        const char *head[] = {SAY(m, "No.", "序号"),    SAY(m, "Step", "步骤"),    SAY(m, "Who, limit", "岗位与时限"),
                              SAY(m, "Way on", "去向"), SAY(m, "Article", "依据"), NULL};
        json_t *rows = doc_table(blocks, "9,35,16,24,16", head, "steps"), *node;
        char text[60];
        int number = 0;
        size_t i;

        json_array_foreach(json_object_get(facts, "nodes"), i, node)
        {
                const char *phase = json_text(node, "phase");
                if (is_gateway(node))
                        continue;
                json_t *row = doc_row(rows), *runs = doc_runs(row);
                if (is_event(node))
                        doc_run(runs, "○", "quiet", NULL, NULL);
                else
                        doc_run(runs, text_format(text, sizeof text, "%d", ++number), "strong", NULL, NULL);
                if (phase[0] != '\0') {
                        doc_run(runs, "\n", NULL, NULL, NULL);
                        doc_run(runs, phase_said(m, phase), "quiet", NULL, NULL);
                }
                what_cell(m, row, node, process);
                who_cell(m, row, chapter, node);
                ways_cell(m, row, facts, node, process);
                if (json_text(node, "article")[0] != '\0')
                        law_runs(doc_runs(row), chapter, json_text(node, "article"));
                else
                        doc_cell(row, "");
        }
}

/* --- exceptions ---------------------------------------------------------------------------------------------------------------------- */

static bool turns_back(const json_t *facts, const json_t *flow)
{
        static const char *const SIGNS[] = {"return", "refuse", "reject", "withdraw", "ask", "not("};
        static const char *const NODES[] = {"correct", "refused", "withdrawn", "returned", "refusal", "not_accepted"};
        const char *condition = json_text(flow, "condition");

        for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++)
                if (strstr(condition, SIGNS[i]) != NULL)
                        return true;
        for (size_t i = 0; i < sizeof NODES / sizeof NODES[0]; i++)
                if (strcmp(json_text(flow, "to"), NODES[i]) == 0)
                        return true;
        return json_text(fact_node(facts, json_text(flow, "from")), "attached")[0] != '\0';
}

static void pauses_tell(struct manual *m, json_t *chapter, json_t *blocks)
{
        const char *head[] = {SAY(m, "The clock stands while", "暂停计时情形"), SAY(m, "Source", "依据"), NULL};
        json_t *rows, *one;
        size_t i;

        if (json_array_size(m->pauses) == 0)
                return;
        rows = doc_table(blocks, "70,30", head, NULL);
        json_array_foreach(m->pauses, i, one)
        {
                const char *name = row_text(m, one, "name")[0] != '\0' ? row_text(m, one, "name") : row_text(m, one, "title");
                const char *source = json_text(one, "source")[0] != '\0' ? json_text(one, "source") : json_text(one, "article");
                json_t *row = doc_row(rows);
                doc_cell(row, name[0] != '\0' ? name : json_text(one, "reason"));
                if (source[0] != '\0')
                        law_runs(doc_runs(row), chapter, source);
                else
                        doc_cell(row, "");
        }
}

void exceptions_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "exceptions",
                                     SAY(m, "Exceptions and refusals", "例外与不予办理"));
        const char *head[] = {SAY(m, "At", "步骤"), SAY(m, "When", "情形"), SAY(m, "Then", "处理"), NULL};
        json_t *rows = NULL, *flow;
        char said[300];
        size_t i;

        json_array_foreach(json_object_get(facts, "flows"), i, flow)
        {
                const json_t *from = fact_node(facts, json_text(flow, "from")), *to = fact_node(facts, json_text(flow, "to"));
                if (from == NULL || to == NULL || !turns_back(facts, flow))
                        continue;
                if (rows == NULL)
                        rows = doc_table(blocks, "30,34,36", head, NULL);
                json_t *row = doc_row(rows);
                doc_cell(row, fact_title(m, from));
                condition_said(m, flow, said, sizeof said);
                doc_cell(row, said[0] != '\0' ? said : trigger_said(m, json_text(from, "trigger")));
                struct ways w = {.m = m, .facts = facts, .runs = doc_runs(row), .process = process};
                if (is_gateway(to))
                        ways_tell(&w, json_text(to, "id"), "", 1);
                else
                        step_link(m, w.runs, to, process);
        }
        if (rows == NULL)
                doc_p(blocks, SAY(m, "The model knows no way back: it goes on in one line.", "模型没有退回路径：按顺序办理。"));
        doc_p(blocks, SAY(m,
                          "A refusal names its reason and article and how to appeal: administrative reconsideration or suit. "
                          "Whoever returns "
                          "a case gives the reason in writing.",
                          "不予办理的，应当书面说明理由、依据和救济途径（行政复议或者行政诉讼）；退回的，应当写明原因。"));
        pauses_tell(m, chapter, blocks);
}
