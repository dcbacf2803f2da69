/* SPDX-License-Identifier: Apache-2.0
 *
 * The smaller parts of a chapter: what the form asks, which letters go out, who must be different from whom.
 */
#include "office/manual/internal.h"

#include "case/application.h"

#include <string.h>

/* --- the form ---------------------------------------------------------------------------------------------------------------- */

static const char *type_said(const struct manual *m, const char *type)
{
        static const char *const TYPES[][3] = {
            {"text", "text", "文本"},
            {"number", "number", "数字"},
            {"money", "money (yuan)", "金额（元）"},
            {"date", "day", "日期"},
            {"month", "month", "月份"},
            {"boolean", "yes or no", "是否"},
            {"choice", "choice", "选项"},
            {"person", "insured person", "参保人"},
            {"employer", "employer", "用人单位"},
            {"identity", "identity number", "证件号码"},
            {"uscc", "unified social credit code", "统一社会信用代码"},
            {"phone", "telephone", "电话"},
            {"account", "bank account", "银行账户"},
        };

        for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++)
                if (strcmp(TYPES[i][0], type) == 0)
                        return SAY(m, TYPES[i][1], TYPES[i][2]);
        return type;
}

/* The values of a choice, parted by blanks, as the pack calls them. */
static void choices_say(struct manual *m, struct buf *out, const json_t *variable)
{
        char value[120];

        for (const char *v = json_text(variable, "values"); *v != '\0';) {
                size_t n = strcspn(v, " ");
                text_copy(value, sizeof value, (struct str){v, n});
                buf_add_text(out, application_choice(m->pack, json_text(variable, "name"), value, m->lang));
                v += n + strspn(v + n, " ");
                if (*v != '\0')
                        buf_add_text(out, SAY(m, ", ", "、"));
        }
}

void form_section(struct manual *m, json_t *chapter, const json_t *facts)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "form", SAY(m, "The form", "申请表单"));
        const char *head[] = {SAY(m, "Field", "栏目"), SAY(m, "Kind", "类型"), SAY(m, "Remarks", "说明"), NULL};
        json_t *rows = NULL, *one;
        struct buf text;
        size_t i;

        json_array_foreach(json_object_get(facts, "variables"), i, one)
        {
                const char *title = json_text(one, SAY(m, "titleEn", "titleZh"));
                if (rows == NULL)
                        rows = doc_table(blocks, "36,20,44", head, NULL);
                json_t *row = doc_row(rows), *runs = doc_runs(row);
                if (title[0] != '\0')
                        doc_run(runs, title, "strong", NULL, NULL);
                else
                        doc_run(runs, json_text(one, "name"), "code", NULL, NULL);
                doc_cell(row, json_text(one, "type")[0] == '\0' ? SAY(m, "set by the system", "系统填入")
                                                                : type_said(m, json_text(one, "type")));
                buf_init(&text, 8000);
                if (strcmp(json_text(one, "required"), "true") == 0)
                        buf_add_text(&text, SAY(m, "required", "必填"));
                if (strcmp(json_text(one, "personal"), "true") == 0) {
                        buf_add_text(&text, text.n == 0 ? "" : SAY(m, "; ", "；"));
                        buf_add_text(&text, SAY(m, "personal, stored sealed", "个人信息，加密保存"));
                }
                if (json_text(one, "values")[0] != '\0') {
                        buf_add_text(&text, text.n == 0 ? "" : SAY(m, "; ", "；"));
                        buf_add_text(&text, SAY(m, "one of: ", "可选："));
                }
                choices_say(m, &text, one);
                doc_cell(row, buf_text(&text));
                buf_dispose(&text);
        }
        if (rows == NULL)
                doc_p(blocks, SAY(m, "Nothing is asked on a form: the case begins from what the office knows.",
                                  "无须填写表单：依据经办机构已掌握的数据启动。"));
}

/* --- letters --------------------------------------------------------------------------------------------------------------------- */

/* What the office fills in, "{case}", by what it is: the title of the process's own field, or the pack's text "field.case". */
static void filled_cell(struct manual *m, json_t *row, const json_t *facts, const char *text)
{
        struct buf said;

        buf_init(&said, 20000);
        while (*text != '\0') {
                size_t n = strcspn(text, "{"), name;
                char field[100], key[110] = "";
                buf_add(&said, text, n);
                text += n;
                if (*text == '\0')
                        break;
                name = strcspn(text, "}");
                text_copy(field, sizeof field, (struct str){text + 1, name > 0 ? name - 1 : 0});
                const json_t *own = row_find(json_object_get(facts, "variables"), "name", field);
                const char *title = json_text(own, SAY(m, "titleEn", "titleZh"));
                if (title[0] == '\0')
                        title = pack_text(m->pack, text_format(key, sizeof key, "field.%s", field), m->lang);
                buf_add_text(&said, "〔");
                buf_add_text(&said, strcmp(title, key) == 0 ? field : title);
                buf_add_text(&said, "〕");
                text += name + (text[name] == '}' ? 1 : 0);
        }
        doc_cell(row, buf_text(&said));
        buf_dispose(&said);
}

/* Its texts in the order of the file: {zh, en} at any depth, but for what is only form. */
static void texts_walk(struct manual *m, json_t *rows, const json_t *facts, const json_t *node, int depth)
{
        static const char *const FORM[] = {"date", "month", "seal", "verify", "stamp", "page", "number", "formula", "rule"};
        const char *key;
        json_t *one;
        size_t i;

        if (depth > 6)
                return;
        if (json_is_array(node))
                json_array_foreach((json_t *)(uintptr_t)node, i, one) texts_walk(m, rows, facts, one, depth + 1);
        if (!json_is_object(node))
                return;
        if (json_is_string(json_object_get(node, "zh"))) {
                if (json_text(node, SAY(m, "en", "zh"))[0] != '\0')
                        filled_cell(m, doc_row(rows), facts, json_text(node, SAY(m, "en", "zh")));
                return;
        }
        json_object_foreach((json_t *)(uintptr_t)node, key, one)
        {
                bool form = strcmp(key, "title") == 0 && depth == 0; /* the letter's own title stands above */
                for (size_t k = 0; k < sizeof FORM / sizeof FORM[0]; k++)
                        form = form || strcmp(FORM[k], key) == 0;
                if (!form)
                        texts_walk(m, rows, facts, one, depth + 1);
        }
}

static bool letter_tell(struct manual *m, json_t *blocks, const json_t *facts, const char *name)
{
        char path[160];
        struct error unreadable = {0};
        json_t *letter = NULL;
        struct str text;

        text_format(path, sizeof path, "letters/%s.json", name);
        if (pack_file(m->pack, path, &text, NULL) < 0 || json_read(&letter, text, &unreadable) < 0)
                return false;
        const char *title = json_text(json_object_get(letter, "title"), SAY(m, "en", "zh"));
        json_t *heads = json_array(); /* a title may have a field, too */
        filled_cell(m, heads, facts, title[0] == '\0' ? name : title);
        doc_h(blocks, json_string_value(json_array_get(heads, 0)));
        json_decref(heads);
        texts_walk(m, doc_table(blocks, "100", NULL, "letter"), facts, letter, 0);
        json_decref(letter);
        return true;
}

/* The next text that an expression gives: "decision"; one that decides between letters gives several. */
static bool quoted_next(const char **feel, char *out, size_t size)
{
        const char *open = strchr(*feel, '"'), *close = open == NULL ? NULL : strchr(open + 1, '"');

        if (close == NULL)
                return false;
        text_copy(out, size, (struct str){open + 1, (size_t)(close - open) - 1});
        *feel = close + 1;
        return true;
}

/* A letter once; one that a process names and the pack does not have is said to be missing. */
static void letter_once(struct manual *m, json_t *blocks, json_t *told, const json_t *facts, const char *name, bool issued)
{
        char text[300];

        if (json_object_get(told, name) != NULL)
                return;
        if (letter_tell(m, blocks, facts, name)) {
                json_object_set_new(told, name, json_true());
        } else if (issued) {
                text_format(text, sizeof text, SAY(m, "The pack has no letter “%s”.", "政策包没有文书“%s”。"), name);
                doc_note(blocks, "missing", text);
                json_object_set_new(told, name, json_true());
        }
}

/* A verb with a letter of its own: pension.award -> pension-award. */
static void own_letter(char *out, size_t size, const char *verb)
{
        text_copy(out, size, str_from(verb));
        for (char *c = out; *c != '\0'; c++)
                if (*c == '.' || *c == '_')
                        *c = '-';
}

static bool gives_letter(const struct manual *m, const json_t *node)
{
        const char *verb = json_text(node, "verb");
        char name[120], path[160];
        struct str text;

        if (strcmp(verb, "letter.issue") == 0)
                return true;
        own_letter(name, sizeof name, verb);
        return verb[0] != '\0' && pack_file(m->pack, text_format(path, sizeof path, "letters/%s.json", name), &text, NULL) == 0;
}

/* From a beginning along the flows, as far as no letter goes out. */
static void silently(const struct manual *m, json_t *reached, const json_t *facts, const json_t *node)
{
        const char *id = json_text(node, "id");
        json_t *one;
        size_t i;

        if (node == NULL || json_object_get(reached, id) != NULL || gives_letter(m, node))
                return;
        json_object_set_new(reached, id, json_true());
        json_array_foreach(json_object_get(facts, "flows"), i, one) if (strcmp(json_text(one, "from"), id) == 0)
            silently(m, reached, facts, fact_node(facts, json_text(one, "to")));
        json_array_foreach(json_object_get(facts, "nodes"), i, one) if (strcmp(json_text(one, "attached"), id) == 0)
            silently(m, reached, facts, one);
}

/* Ends that a case may come to without any letter, each with the reason that the model gives. */
static void ends_tell(struct manual *m, json_t *blocks, const json_t *facts)
{
        json_t *reached = json_object(), *node;
        char text[900];
        size_t i;

        json_array_foreach(json_object_get(facts, "nodes"), i, node) if (strcmp(json_text(node, "kind"), "startEvent") == 0)
            silently(m, reached, facts, node);
        json_array_foreach(json_object_get(facts, "nodes"), i, node)
        {
                if (strcmp(json_text(node, "kind"), "endEvent") != 0 || json_object_get(reached, json_text(node, "id")) == NULL)
                        continue;
                const char *why = json_text(node, SAY(m, "doc_en", "doc_zh"));
                text_format(text, sizeof text, SAY(m, "May end as “%s” without a letter: %s", "可能以“%s”结束而不出具文书：%s"),
                            fact_title(m, node),
                            why[0] == '\0' ? SAY(m, "the model does not say why.", "模型未说明理由。") : why);
                if (why[0] == '\0')
                        doc_note(blocks, "missing", text);
                else
                        doc_p(blocks, text);
        }
        json_decref(reached);
}

void letters_section(struct manual *m, json_t *chapter, const json_t *facts)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "letters", SAY(m, "Letters", "文书"));
        json_t *told = json_object(), *node;
        char name[120];
        size_t i;

        json_array_foreach(json_object_get(facts, "nodes"), i, node)
        {
                const char *verb = json_text(node, "verb");
                if (strcmp(verb, "letter.issue") == 0) {
                        const char *feel = json_text(row_find(json_object_get(node, "inputs"), "name", "template"), "value");
                        while (quoted_next(&feel, name, sizeof name))
                                letter_once(m, blocks, told, facts, name, true);
                } else if (verb[0] != '\0') {
                        own_letter(name, sizeof name, verb);
                        letter_once(m, blocks, told, facts, name, false);
                }
        }
        if (json_object_size(told) == 0)
                doc_p(blocks, SAY(m, "No letter goes out by this process.", "本事项不出具文书。"));
        else
                ends_tell(m, blocks, facts);
        json_decref(told);
}

/* --- control ---------------------------------------------------------------------------------------------------------------------- */

/* Of an office that must sign: the five levels of the tree. */
static const char *level_said(const struct manual *m, const char *level)
{
        static const char *const LEVELS[][3] = {{"1", "province", "省级"},
                                                {"2", "city", "市级"},
                                                {"3", "county", "县级"},
                                                {"4", "township or street", "乡镇（街道）"},
                                                {"5", "village or community", "村（社区）"}};

        for (size_t i = 0; i < sizeof LEVELS / sizeof LEVELS[0]; i++)
                if (strcmp(LEVELS[i][0], level) == 0)
                        return SAY(m, LEVELS[i][1], LEVELS[i][2]);
        return level;
}

static void signing_tell(struct manual *m, json_t *blocks, const char *process)
{
        const char *head[] = {SAY(m, "Who may sign", "签批人"), SAY(m, "Up to", "金额上限"), NULL};
        json_t *rows = NULL, *one;
        char text[200];
        size_t i;

        json_array_foreach(m->signing, i, one)
        {
                const char *of = json_text(one, "process"), *most = json_text(one, "amount");
                if (most[0] == '\0')
                        most = json_text(one, "up_to");
                if (strcmp(of, process) != 0 && strcmp(of, "*") != 0)
                        continue;
                if (rows == NULL)
                        rows = doc_table(blocks, "60,40", head, NULL);
                json_t *row = doc_row(rows);
                text_format(text, sizeof text, "%s%s%s", role_said(m, json_text(one, "role")),
                            json_text(one, "level")[0] == '\0' ? "" : " · ", level_said(m, json_text(one, "level")));
                doc_cell(row, text);
                if (most[0] == '\0')
                        doc_cell(row, SAY(m, "without limit", "不限"));
                else
                        doc_cell(row, text_format(text, sizeof text, SAY(m, "%s yuan", "%s元"), most));
        }
}

void control_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "control",
                                     SAY(m, "Risk and persons needed", "风险等级与人员要求"));
        const char *risk =
            json_text(facts, "risk")[0] != '\0' ? json_text(facts, "risk") : json_text(manual_row(m, process), "risk");
        const json_t *row = row_find(m->risk, "risk", risk);
        const char *said = strcmp(risk, "H") == 0   ? SAY(m, "high", "高")
                           : strcmp(risk, "M") == 0 ? SAY(m, "medium", "中")
                           : strcmp(risk, "L") == 0 ? SAY(m, "low", "低")
                                                    : risk;
        char text[400];

        if (risk[0] == '\0')
                doc_note(blocks, "missing", SAY(m, "The model names no risk class.", "模型未标明风险等级。"));
        else if (row == NULL) {
                text_format(text, sizeof text,
                            SAY(m, "Risk class: %s. The pack has no table of the persons that a class needs (risk.csv).",
                                "风险等级：%s。政策包没有各等级所需人数表（risk.csv）。"),
                            said);
                doc_note(blocks, "missing", text);
        } else {
                text_format(text, sizeof text,
                            SAY(m, "Risk class: %s. At least %s different persons must have acted in the case.",
                                "风险等级：%s。每件事项至少须由%s名不同人员经办。"),
                            said, json_text(row, "persons"));
                doc_p(blocks, text);
        }
        doc_p(
            blocks,
            SAY(m,
                "Nobody reviews, approves or pays what they entered or decided in another step; nobody acts in the own case or "
                "that of family or household; who pays is never who approves.",
                "任何人不得复审、审批或者支付本人录入或者已在其他步骤办理的事项；不得办理本人、近亲属或者同住家庭成员的事项；支"
                "付与审批不得为同一人。"));
        signing_tell(m, blocks, process);
}
