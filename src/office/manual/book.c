/* SPDX-License-Identifier: Apache-2.0
 *
 * The whole book: what it is, its chapters, its indexes and words.
 */
#include "office/manual/internal.h"

#include <stdlib.h>
#include <string.h>

/* --- front ----------------------------------------------------------------------------------------------------------------------- */

static void evidence_tell(struct manual *m, json_t *blocks)
{
        static const char *const MARKS[] = {"T", "S", "V", "M", "demo"};
        const char *head[] = {SAY(m, "Mark", "标记"), SAY(m, "What the figure rests on", "数据依据"), NULL};
        json_t *rows = doc_table(blocks, "14,86", head, NULL);
        char key[40];

        for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
                json_t *row = doc_row(rows);
                doc_run(doc_runs(row), MARKS[i], "strong", NULL, NULL);
                doc_cell(row, pack_text(m->pack, text_format(key, sizeof key, "evidence.%s", MARKS[i]), m->lang));
        }
}

static void front_make(struct manual *m, json_t *front)
{
        json_t *about = doc_section(front, "about", SAY(m, "What this manual is", "关于本手册"));
        json_t *read = doc_section(front, "reading", SAY(m, "How to read it", "阅读说明"));

        doc_p(about, SAY(m,
                         "This manual is the system. Each chapter is made from the process model, the rules, the figures and "
                         "the letters "
                         "that the server runs; nobody writes it beside them, and so it cannot drift from what is done.",
                         "本手册即系统。每一章都由服务器实际运行的流程模型、规则、参数和文书生成，不另行编写，因此不会与实际办"
                         "理脱节。"));
        doc_p(about, SAY(m,
                         "The list of processes is composed from national rules: the Social Insurance Law, the regulation on "
                         "handling, and "
                         "the rules on each scheme. It is not Hunan’s own list of unified processes, which is not public.",
                         "事项目录依据国家规定编成，即社会保险法、社会保险经办条例及各险种规定，并非湖南省自己的统一业务流程目"
                         "录；该目录未公开。"));
        if (pack_is_demonstration(m->pack))
                doc_note(about, "missing",
                         SAY(m, "Demonstration: the figures of this pack are synthetic.", "演示：本政策包的数据均为虚构。"));
        doc_p(read, SAY(m,
                        "A chapter begins with the sixteen elements that the national catalogue of government services "
                        "publishes for an item. "
                        "The diagram shows the model in the notation of BPMN 2.0; the table of steps says the same in words: "
                        "who, by when, "
                        "with which decisions, and where it goes on. The rules are the pack’s decision tables in words.",
                        "每章首先列出国家政务服务事项目录规定公布的十六要素。流程图按 BPMN 2.0 "
                        "绘制；办理步骤表以文字说明同一内容：由谁办理、何时办结、"
                        "可作何种决定、下一步去向。办理规则是政策包决策表的文字表述。"));
        doc_p(
            read,
            SAY(m,
                "What the pack does not know is said as missing, with the name of the table or figure that would say it; "
                "nothing is "
                "guessed. What the program cannot do yet is said as “not yet”. Of laws the packs hold numbers of articles and "
                "own "
                "summaries, not the texts.",
                "政策包没有的内容一律标明“未载明”，并注明应由哪张表或哪个参数给出，绝不推测；系统尚不能办理的，标明“尚未实现”。"
                "政策包收录的是条款序号和自编摘要，不含法律原文。"));
        evidence_tell(m, read);
        const char *signs[][2] = {
            {SAY(m, "thin ring", "细圆圈"), SAY(m, "begins", "开始")},
            {SAY(m, "double ring", "双圆圈"), SAY(m, "happens on the way; its sign says what: clock, letter, bolt …",
                                                  "过程中的事件，图标表示种类：时钟、信封、闪电等")},
            {SAY(m, "thick ring", "粗圆圈"), SAY(m, "ends", "结束")},
            {SAY(m, "box with a head", "带人像的方框"), SAY(m, "a step of a person", "由人办理的步骤")},
            {SAY(m, "box with a wheel", "带齿轮的方框"), SAY(m, "a step of the system", "由系统办理的步骤")},
            {SAY(m, "diamond with a cross ×", "菱形（×）"), SAY(m, "one way of several is taken", "择一而行")},
            {SAY(m, "diamond with a plus +", "菱形（＋）"), SAY(m, "all ways are taken at once", "同时并行")},
        };
        const char *head[] = {SAY(m, "Sign in a diagram", "图例"), SAY(m, "Meaning", "含义"), NULL};
        json_t *rows = doc_table(read, "34,66", head, NULL);
        for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
                json_t *row = doc_row(rows);
                doc_cell(row, signs[i][0]);
                doc_cell(row, signs[i][1]);
        }
}

/* --- indexes ------------------------------------------------------------------------------------------------------------------------ */

struct entry {
        const char *law, *article, *process;
};

static int by_law(const void *a, const void *b)
{
        const struct entry *x = a, *y = b;
        int law = strcmp(x->law, y->law);
        long left = strtol(x->article, NULL, 10), right = strtol(y->article, NULL, 10);

        if (law != 0)
                return law;
        return left != right ? (left < right ? -1 : 1) : strcmp(x->process, y->process);
}

static void page_run(json_t *runs, const char *text, const char *to)
{
        doc_run(runs, text, NULL, to, NULL);
        doc_run(runs, " ", NULL, NULL, NULL);
        doc_run(runs, "", "page", to, NULL);
}

static void law_rows(json_t *blocks, struct manual *m, const struct entry *entries, size_t count)
{
        const char *head[] = {SAY(m, "Article", "条款"), SAY(m, "Chapters", "章"), NULL};
        json_t *rows = NULL, *runs = NULL;
        char anchor[64];

        for (size_t i = 0; i < count; i++) {
                bool law = i == 0 || strcmp(entries[i].law, entries[i - 1].law) != 0;
                bool article = law || strcmp(entries[i].article, entries[i - 1].article) != 0;
                struct citation c;
                if (law) {
                        doc_h(blocks, entries[i].law);
                        rows = doc_table(blocks, "24,76", head, "index");
                }
                if (article) {
                        json_t *row = doc_row(rows);
                        doc_cell(row, entries[i].article[0] == '\0' ? SAY(m, "as a whole", "全文") : entries[i].article);
                        runs = doc_runs(row);
                } else
                        doc_run(runs, SAY(m, ", ", "、"), NULL, NULL, NULL);
                text_copy(c.law, sizeof c.law, str_from(entries[i].law));
                text_copy(c.article, sizeof c.article, str_from(entries[i].article));
                law_anchor(anchor, entries[i].process, &c);
                page_run(runs, entries[i].process, anchor);
        }
}

static int law_index(struct manual *m, json_t *back, const json_t *chapters, struct error *err)
{
        json_t *chapter, *one, *blocks = doc_section(back, "index-law", SAY(m, "Index by article of law", "索引：按法律条款"));
        size_t i, k, count = 0, room = 0;
        struct entry *entries;

        json_array_foreach((json_t *)(uintptr_t)chapters, i, chapter) room +=
            json_array_size(json_object_get(chapter, "articles"));
        entries = calloc(room + 1, sizeof *entries);
        if (entries == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        json_array_foreach((json_t *)(uintptr_t)chapters, i, chapter)
            json_array_foreach(json_object_get(chapter, "articles"), k, one) entries[count++] =
                (struct entry){json_text(one, "law"), json_text(one, "article"), json_text(chapter, "process")};
        qsort(entries, count, sizeof *entries, by_law);
        law_rows(blocks, m, entries, count);
        free(entries);
        return 0;
}

static void role_index(struct manual *m, json_t *back, const json_t *chapters)
{
        json_t *blocks = doc_section(back, "index-role", SAY(m, "Index by role", "索引：按岗位"));
        const char *head[] = {SAY(m, "Role", "岗位"), SAY(m, "Chapters", "章"), NULL};
        json_t *rows = doc_table(blocks, "24,76", head, "index"), *role, *chapter, *one;
        size_t i, k, n;

        json_array_foreach(m->roles, i, role)
        {
                json_t *runs = NULL;
                char to[80];
                json_array_foreach((json_t *)(uintptr_t)chapters, k, chapter)
                    json_array_foreach(json_object_get(chapter, "roles"), n, one)
                {
                        if (strcmp(json_string_value(one), json_text(role, "role")) != 0)
                                continue;
                        if (runs == NULL) {
                                json_t *row = doc_row(rows);
                                doc_run(doc_runs(row), role_said(m, json_text(role, "role")), "strong", NULL, NULL);
                                runs = doc_runs(row);
                        } else
                                doc_run(runs, SAY(m, ", ", "、"), NULL, NULL, NULL);
                        page_run(runs, json_text(chapter, "process"),
                                 text_format(to, sizeof to, "%s-steps", json_text(chapter, "process")));
                }
        }
}

static void glossary(struct manual *m, json_t *back)
{
        static const char *const WORDS[][4] = {
            {"pack", "all that belongs to a place, as files: rules, processes, figures, letters", "政策包",
             "一地适用的全部规则、流程、参数和文书文件"},
            {"case", "one run of a process", "办件", "流程的一次办理"},
            {"step", "a piece of a case that one person or the system does", "步骤", "由一人或系统完成的一个环节"},
            {"pool", "a pooling area of a scheme: funds, rates and tables belong to it", "统筹区",
             "一个险种的统筹地区，基金、费率等归属于它"},
            {"base", "the wage on which contributions are computed", "缴费基数", "计算缴费的工资"},
            {"award", "the decision that a benefit is due", "核定", "确认应享受待遇的决定"},
            {"verb", "what the program can do, called alike by a person and by a process", "动作",
             "程序可执行的办理动作，人员和流程均可调用"},
            {"working days", "days of the pack’s calendar on which offices work; day 1 is the next one after acceptance",
             "工作日", "按政策包日历计算的工作日，自受理的次一工作日起算"},
            {"promise instead of proof", "a paper that the applicant’s written promise stands for, checked later", "告知承诺",
             "以申请人书面承诺代替证明，事后核查"},
            {"acceptance with a gap", "a case accepted although a minor paper is handed in later", "容缺受理",
             "次要材料暂缺而先行受理，限期补交"},
            {"ask once", "all missing papers are asked for in one notice", "一次性告知", "一次告知需要补正的全部材料"},
            {"risk class", "how much harm a mistake does: it decides how many different persons must act", "风险等级",
             "差错可能造成的后果大小，决定须由几人经办"},
            {"not yet", "a step that the program cannot do so far; done by hand and recorded", "尚未实现",
             "系统暂不能办理的步骤，在系统外办结并登记"},
        };
        json_t *blocks = doc_section(back, "glossary", SAY(m, "Glossary", "术语"));
        json_t *rows = doc_table(blocks, "28,72", NULL, "entries");

        for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
                json_t *row = doc_row(rows);
                doc_run(doc_runs(row), SAY(m, WORDS[i][0], WORDS[i][2]), "strong", NULL, NULL);
                doc_cell(row, SAY(m, WORDS[i][1], WORDS[i][3]));
        }
}

int manual_book(json_t **out, struct manual *m, const char *process, struct error *err)
{
        json_t *book = json_object(), *front = json_array(), *chapters = json_array(), *back = json_array();
        char hex[65], day[16];
        int rc = 0;

        put_text(book, "title", SAY(m, "Manual of the unified processes", "统一业务流程手册"));
        put_text(book, "subtitle", pack_title(m->pack, m->lang));
        put_text(book, "version", pack_version(m->pack));
        put_text(book, "hash", hash_hex(pack_hash(m->pack), hex));
        put_text(book, "day", day_text(m->day, day));
        put_text(book, "lang", SAY(m, "en", "zh"));
        put_bool(book, "demonstration", pack_is_demonstration(m->pack));
        front_make(m, front);
        for (size_t i = 0; rc == 0 && i < m->name_count; i++) {
                json_t *chapter = NULL;
                if (process != NULL && strcmp(process, m->names[i]) != 0)
                        continue;
                rc = manual_chapter(&chapter, m, m->names[i], err);
                if (rc == 0)
                        json_array_append_new(chapters, chapter);
        }
        if (rc == 0 && json_array_size(chapters) == 0)
                rc = error_raise(err, SB_MANUAL_PROCESS, "%s|%.60s", pack_name(m->pack), process == NULL ? "" : process);
        if (rc == 0)
                rc = law_index(m, back, chapters, err);
        if (rc == 0) {
                role_index(m, back, chapters);
                glossary(m, back);
        }
        put_value(book, "front", front);
        put_value(book, "chapters", chapters);
        put_value(book, "back", back);
        if (rc == 0) {
                *out = book;
                book = NULL;
        }
        json_decref(book);
        return rc;
}
