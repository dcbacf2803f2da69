/* SPDX-License-Identifier: Apache-2.0
 *
 * The sixteen elements that the national catalogue of government services publishes for each item, and its papers. What no table
 * of the pack says is told as missing, with the name of the column or figure that would say it.
 */
#include "office/manual/internal.h"

#include <stdlib.h>
#include <string.h>

struct elements {
        struct manual *m;
        json_t *chapter, *rows;
        const json_t *facts, *row;
        const char *process;
        int number;
};

static json_t *element(struct elements *e, const char *en, const char *zh)
{
        json_t *row = doc_row(e->rows), *runs = doc_runs(row);
        char name[120];

        text_format(name, sizeof name, "%d  %s", ++e->number, SAY(e->m, en, zh));
        doc_run(runs, name, "strong", NULL, NULL);
        return row;
}

static void missing(struct elements *e, json_t *row, const char *what)
{
        json_t *runs = doc_runs(row);

        doc_run(runs, SAY(e->m, "not in the pack: ", "政策包未载明："), "missing", NULL, NULL);
        doc_run(runs, what, "code", NULL, NULL);
}

/* An element that a column of processes.csv says. */
static void from_column(struct elements *e, const char *en, const char *zh, const char *column)
{
        json_t *row = element(e, en, zh);
        char name[80];

        if (row_text(e->m, e->row, column)[0] != '\0')
                doc_cell(row, row_text(e->m, e->row, column));
        else
                missing(e, row, text_format(name, sizeof name, "processes.csv %s", column));
}

static void legal_basis(struct elements *e)
{
        json_t *row = element(e, "Legal basis", "设定依据");
        const char *cited =
            json_text(e->row, "article")[0] != '\0' ? json_text(e->row, "article") : json_text(e->facts, "article");

        if (cited[0] == '\0')
                missing(e, row, "article");
        else
                law_runs(doc_runs(row), e->chapter, cited);
}

static void conditions(struct elements *e)
{
        json_t *row = element(e, "Conditions", "受理条件"), *runs;
        const char *said = row_text(e->m, e->row, "conditions");

        if (said[0] == '\0' && json_text(e->facts, "id")[0] == '\0') {
                missing(e, row, "processes.csv conditions");
                return;
        }
        runs = doc_runs(row);
        if (said[0] != '\0')
                doc_run(runs, said, NULL, NULL, NULL);
        else
                doc_run(runs, SAY(e->m, "As the rules of this chapter decide", "按本章规则判断"), NULL, NULL, NULL);
        char to[80];
        doc_run(runs, SAY(e->m, " → rules", " →规则"), "chip", text_format(to, sizeof to, "%s-rules", e->process), NULL);
}

static void materials(struct elements *e)
{
        json_t *row = element(e, "Materials", "申请材料"), *runs, *one;
        char to[80], text[200];
        size_t i, n = 0;

        json_array_foreach(e->m->materials, i, one) n += strcmp(json_text(one, "process"), e->process) == 0;
        if (n == 0 && json_array_size(e->m->materials) == 0) {
                missing(e, row, "materials.csv");
                return;
        }
        runs = doc_runs(row);
        text_format(text, sizeof text, SAY(e->m, "%zu in the table of papers", "见材料表，共%zu项"), n);
        doc_run(runs, n == 0 ? SAY(e->m, "none is asked for", "无须提交材料") : text, NULL, NULL, NULL);
        if (n > 0)
                doc_run(runs, SAY(e->m, " → papers", " →材料"), "chip", text_format(to, sizeof to, "%s-materials", e->process),
                        NULL);
}

static bool is_task(const json_t *node)
{
        const char *kind = json_text(node, "kind");

        return strstr(kind, "Task") != NULL || strcmp(kind, "task") == 0 || strcmp(kind, "callActivity") == 0 ||
               strstr(kind, "ubProcess") != NULL;
}

static void procedure(struct elements *e)
{
        json_t *row = element(e, "Procedure", "办理流程"), *runs, *node;
        bool first = true;
        char to[200];
        size_t i;

        if (e->facts == NULL) {
                missing(e, row, "processes/…bpmn");
                return;
        }
        runs = doc_runs(row);
        json_array_foreach(json_object_get(e->facts, "nodes"), i, node)
        {
                if (!is_task(node))
                        continue;
                if (!first)
                        doc_run(runs, " → ", "quiet", NULL, NULL);
                doc_run(runs, fact_title(e->m, node), NULL,
                        text_format(to, sizeof to, "%s-step-%s", e->process, json_text(node, "id")), NULL);
                first = false;
        }
}

static void figure_runs(struct elements *e, json_t *row, const struct parameter *p, const char *key)
{
        json_t *runs = doc_runs(row);
        char text[120], name[60];
        const char *unit = strcmp(p->unit, "working_days") == 0 ? SAY(e->m, "working days", "个工作日")
                           : strcmp(p->unit, "months") == 0     ? SAY(e->m, "months", "个月")
                                                                : SAY(e->m, "calendar days", "日（自然日）");

        text_format(text, sizeof text, "%s %s", p->value, unit);
        doc_run(runs, text, "strong", NULL, NULL);
        doc_run(runs, SAY(e->m, " · source: ", " · 依据："), "quiet", NULL, NULL);
        law_runs(runs, e->chapter, p->source);
        text_format(name, sizeof name, "evidence.%s", p->evidence);
        const char *mark = pack_text(e->m->pack, name, e->m->lang);
        char said[200], from[16];
        text_format(said, sizeof said,
                    SAY(e->m, " · evidence %s: %s · in force from %s · pack %s", " · 证据 %s：%s · 自%s起 · 政策包 %s"),
                    p->evidence, mark, day_text(p->valid_from, from), p->pack);
        doc_run(runs, said, "quiet", NULL, NULL);
        (void)key;
}

/* The figure says by its note whether law or the office set it; without a catalogue a figure with a source of law is the law's. */
static void limit(struct elements *e, bool statutory)
{
        json_t *row = statutory ? element(e, "Statutory limit", "法定办结时限") : element(e, "Committed limit", "承诺办结时限");
        const char *kind = json_text(e->row, "limit_kind");
        bool ours = strcmp(kind, "COMMITTED") == 0 || strcmp(kind, "PERIODIC") == 0;
        const struct parameter *p = NULL;
        char dims[60];

        text_format(dims, sizeof dims, "process=%s", e->process);
        bool known = pack_parameter(e->m->pack, "case_limit", dims, e->m->day, &p, NULL) == 0;
        if (known && ours != statutory)
                figure_runs(e, row, p, "case_limit");
        else if (known && statutory)
                doc_cell(row, SAY(e->m, "the law sets none; see the committed limit", "法律未规定，见承诺时限"));
        else if (known)
                doc_cell(row, SAY(e->m, "as the statutory limit", "同法定时限"));
        else {
                char what[100];
                missing(e, row, text_format(what, sizeof what, "case_limit %s", dims));
        }
        if (known && !statutory && row_text(e->m, e->row, "limit_note")[0] != '\0') {
                json_t *runs = json_array_get(row, 1);
                if (json_is_array(runs)) {
                        doc_run(runs, "\n", NULL, NULL, NULL);
                        doc_run(runs, row_text(e->m, e->row, "limit_note"), "quiet", NULL, NULL);
                }
        }
}

static void fee(struct elements *e)
{
        json_t *row = element(e, "Fee", "收费");

        if (row_text(e->m, e->row, "fee")[0] != '\0')
                doc_cell(row, row_text(e->m, e->row, "fee"));
        else
                doc_cell(row, SAY(e->m, "None: the pack declares no fee, and the system collects none.",
                                  "不收费：政策包未设收费项目，系统不收取任何费用。"));
}

void elements_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process)
{
        json_t *blocks =
            doc_section(json_object_get(chapter, "sections"), "elements", SAY(m, "The sixteen elements", "事项十六要素"));
        struct elements e = {.m = m, .chapter = chapter, .facts = facts, .process = process, .row = manual_row(m, process)};

        e.rows = doc_table(blocks, "24,76", NULL, "elements");
        doc_cell(element(&e, "Name", "事项名称"), json_text(chapter, "title"));
        json_t *code = element(&e, "Code", "事项编码");
        char text[120];
        text_format(text, sizeof text, "%s%s%s", process, json_text(e.row, "code")[0] == '\0' ? "" : " · ",
                    json_text(e.row, "code"));
        doc_cell(code, text);
        from_column(&e, "Type of item", "事项类型", "type");
        from_column(&e, "Competent body", "实施主体", "body");
        legal_basis(&e);
        from_column(&e, "Applicant", "服务对象", "applicant");
        conditions(&e);
        materials(&e);
        procedure(&e);
        limit(&e, true);
        limit(&e, false);
        fee(&e);
        from_column(&e, "Result", "结果名称", "result");
        from_column(&e, "Delivery of the result", "结果送达", "delivery");
        from_column(&e, "Consultation and complaint", "咨询与投诉", "consult");
        from_column(&e, "Appeal", "救济途径", "appeal");
}

/* --- papers ---------------------------------------------------------------------------------------------------------------------- */

static const char *kind_said(const struct manual *m, const char *kind)
{
        static const char *const KINDS[][3] = {{"original", "original", "原件"},
                                               {"copy", "copy", "复印件"},
                                               {"shared", "shared data, not asked of the applicant", "数据共享，不要求提交"},
                                               {"form", "form", "表单"}};

        for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
                if (strcmp(KINDS[i][0], kind) == 0)
                        return SAY(m, KINDS[i][1], KINDS[i][2]);
        return kind;
}

static bool yes(const char *value)
{
        return strcmp(value, "yes") == 0 || strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
}

void materials_section(struct manual *m, json_t *chapter, const char *process)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "materials", SAY(m, "Papers", "申请材料"));
        const char *head[] = {SAY(m, "Paper", "材料"), SAY(m, "Form", "形式"), SAY(m, "Required", "要求"),
                              SAY(m, "Source", "依据"), NULL};
        json_t *rows = NULL, *one;
        char need[200];
        size_t i;

        json_array_foreach(m->materials, i, one)
        {
                if (strcmp(json_text(one, "process"), process) != 0)
                        continue;
                if (rows == NULL)
                        rows = doc_table(blocks, "36,18,26,20", head, NULL);
                json_t *row = doc_row(rows);
                doc_cell(row, row_text(m, one, "name"));
                doc_cell(row, kind_said(m, json_text(one, "kind")));
                text_format(need, sizeof need, "%s%s%s",
                            yes(json_text(one, "required")) ? SAY(m, "required", "必需")
                                                            : SAY(m, "where it applies", "适用时提交"),
                            yes(json_text(one, "promise")) ? SAY(m, "; a promise may stand for it", "；可告知承诺") : "",
                            yes(json_text(one, "gap")) ? SAY(m, "; may be handed in later", "；可容缺受理") : "");
                doc_cell(row, need);
                if (json_text(one, "source")[0] != '\0')
                        law_runs(doc_runs(row), chapter, json_text(one, "source"));
                else
                        doc_cell(row, "—");
        }
        if (rows == NULL && json_array_size(m->materials) == 0)
                doc_note(blocks, "missing",
                         SAY(m, "The pack has no table of papers (materials.csv).", "政策包没有材料表（materials.csv）。"));
        else if (rows == NULL)
                doc_p(blocks, SAY(m, "No paper is asked for: the case rests on data that the office holds or shares.",
                                  "无须提交材料：办理所需数据由经办机构掌握或共享取得。"));
        else
                doc_p(blocks,
                      SAY(m,
                          "What is missing is asked for once, all in one notice; the clock stands until it is handed in. What "
                          "other "
                          "authorities share is not asked of the applicant.",
                          "材料不全的，一次性告知全部所缺材料，补齐前暂停计时；能通过数据共享取得的，不要求申请人提交。"));
}
