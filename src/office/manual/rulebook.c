/* SPDX-License-Identifier: Apache-2.0
 *
 * The rules that decide in a process, in words: those of its rule tasks, and those that process_rules.csv names for its verbs. Each
 * with all that it rests on in the same model, tables as tables.
 */
#include "office/manual/internal.h"

#include <string.h>

#define RULES_DEPTH_MAX 40
#define COLUMNS_MAX 12

struct rulebook {
        struct manual *m;
        json_t *chapter, *blocks;
        const json_t *model, *labels;
        json_t *told; /* ids of elements that stand already */
};

static void logic_tell(struct rulebook *r, const json_t *logic, int depth);

static const char *label(struct rulebook *r, const char *name, char *spare, size_t size)
{
        const char *said = name_said(r->labels, name, r->m->lang, spare, size);

        return said[0] == '\0' ? SAY(r->m, "result", "结果") : said;
}

/* --- in a line ------------------------------------------------------------------------------------------------------------------- */

static void line_say(struct rulebook *r, struct buf *out, const json_t *logic, int depth)
{
        const char *kind = json_text(logic, "kind");
        json_t *one;
        size_t i;

        if (depth > RULES_DEPTH_MAX)
                return;
        if (strcmp(kind, "literal") == 0) {
                expression_said(out, json_text(logic, "text"), r->labels, r->m->lang);
        } else if (strcmp(kind, "invocation") == 0) {
                char spare[200];
                line_say(r, out, json_object_get(logic, "logic"), depth + 1);
                buf_add_text(out, SAY(r->m, " with ", "，其中"));
                json_array_foreach(json_object_get(logic, "entries"), i, one)
                {
                        if (i > 0)
                                buf_add_text(out, SAY(r->m, "; ", "；"));
                        buf_add_text(out, label(r, json_text(one, "name"), spare, sizeof spare));
                        buf_add_text(out, " = ");
                        line_say(r, out, json_object_get(one, "logic"), depth + 1);
                }
        } else if (json_object_get(logic, "parts") != NULL) {
                static const char *const PARTS[][3] = {
                    {"if", "if ", "如果"},        {"then", ", then ", "，则"}, {"else", ", otherwise ", "，否则"},
                    {"in", " in ", "属于"},       {"return", ": ", "："},      {"satisfies", ": ", "满足"},
                    {"match", " where ", "其中"},
                };
                json_array_foreach(json_object_get(logic, "parts"), i, one)
                {
                        for (size_t k = 0; k < sizeof PARTS / sizeof PARTS[0]; k++)
                                if (strcmp(PARTS[k][0], json_text(one, "name")) == 0)
                                        buf_add_text(out, SAY(r->m, PARTS[k][1], PARTS[k][2]));
                        line_say(r, out, json_object_get(one, "logic"), depth + 1);
                }
        } else if (strcmp(kind, "function") == 0) {
                line_say(r, out, json_object_get(logic, "logic"), depth + 1);
        } else
                json_array_foreach(json_object_get(logic, "items"), i, one)
                {
                        buf_add_text(out, i == 0 ? "" : SAY(r->m, "; ", "；"));
                        line_say(r, out, one, depth + 1);
                }
}

/* Is it more than a line: does it hold a table, a context or a relation anywhere? */
static bool boxed(const json_t *logic, int depth)
{
        static const char *const LISTS[] = {"entries", "parts", "items"};
        const char *kind = json_text(logic, "kind");
        json_t *one;
        size_t i;

        if (depth > RULES_DEPTH_MAX || logic == NULL)
                return false;
        if (strcmp(kind, "table") == 0 || strcmp(kind, "context") == 0 || strcmp(kind, "relation") == 0)
                return true;
        for (size_t k = 0; k < sizeof LISTS / sizeof LISTS[0]; k++)
                json_array_foreach(json_object_get(logic, LISTS[k]), i, one)
                {
                        const json_t *inner = k == 2 ? one : json_object_get(one, "logic");
                        if (boxed(inner, depth + 1))
                                return true;
                }
        return boxed(json_object_get(logic, "logic"), depth + 1);
}

static void line_cell(struct rulebook *r, json_t *row, const json_t *logic)
{
        struct buf text;

        buf_init(&text, 20000);
        line_say(r, &text, logic, 0);
        doc_cell(row, buf_text(&text));
        buf_dispose(&text);
}

/* --- tables ------------------------------------------------------------------------------------------------------------------------ */

static const char *hit_said(const struct manual *m, const char *hit, const char *aggregation)
{
        static const char *const HITS[][3] = {
            {"UNIQUE", "Exactly one row applies.", "只适用其中一行。"},
            {"FIRST", "The first row that fits applies.", "自上而下，适用第一条相符的规则。"},
            {"ANY", "Rows that fit agree; any of them applies.", "相符的各行结果一致，适用任一行。"},
            {"PRIORITY", "Of the rows that fit, the result that stands first in the list of results applies.",
             "相符的各行中取优先级最高的结果。"},
            {"RULE ORDER", "All rows that fit apply, in their order.", "相符的各行均适用，按行序列出。"},
            {"OUTPUT ORDER", "All rows that fit apply, in the order of their results.", "相符的各行均适用，按结果排序。"},
            {"COLLECT", "All rows that fit apply.", "相符的各行均适用。"},
        };

        if (strcmp(aggregation, "SUM") == 0)
                return SAY(m, "All rows that fit are added up.", "相符的各行合计。");
        if (strcmp(aggregation, "MAX") == 0)
                return SAY(m, "The largest result of the rows that fit applies.", "取相符各行中的最大值。");
        if (strcmp(aggregation, "MIN") == 0)
                return SAY(m, "The smallest result of the rows that fit applies.", "取相符各行中的最小值。");
        for (size_t i = 0; i < sizeof HITS / sizeof HITS[0]; i++)
                if (strcmp(HITS[i][0], hit) == 0)
                        return SAY(m, HITS[i][1], HITS[i][2]);
        return "";
}

struct heads {
        char text[COLUMNS_MAX][240], widths[COLUMNS_MAX * 5];
        const char *list[COLUMNS_MAX + 1];
        size_t count;
};

static void head_add(struct heads *h, const char *before, const char *text)
{
        if (h->count == COLUMNS_MAX)
                return;
        text_format(h->text[h->count], sizeof h->text[0], "%s%s", before, text);
        h->list[h->count] = h->text[h->count];
        h->count++;
        h->list[h->count] = NULL;
}

/* What a rule says in the other language: "text_en" in the Chinese chapter. */
static bool foreign(const struct rulebook *r, const char *name)
{
        const char *other = SAY(r->m, "_zh", "_en");
        size_t n = strlen(name), k = strlen(other);

        return n > k && strcmp(name + n - k, other) == 0;
}

static void table_heads(struct rulebook *r, const json_t *logic, struct heads *h)
{
        char spare[200];
        json_t *column;
        struct buf text;
        size_t i;

        json_array_foreach(json_object_get(logic, "inputs"), i, column)
        {
                buf_init(&text, 4000);
                if (json_text(column, "label")[0] != '\0')
                        buf_add_text(&text, json_text(column, "label"));
                else
                        expression_said(&text, json_text(column, "text"), r->labels, r->m->lang);
                head_add(h, i == 0 ? SAY(r->m, "When: ", "当：") : SAY(r->m, "and: ", "且："), buf_text(&text));
                buf_dispose(&text);
        }
        json_array_foreach(json_object_get(logic, "outputs"), i, column)
        {
                const char *name =
                    json_text(column, "label")[0] != '\0' ? json_text(column, "label") : json_text(column, "name");
                if (foreign(r, json_text(column, "name")))
                        continue;
                head_add(h, SAY(r->m, "Then: ", "则："), label(r, name, spare, sizeof spare));
        }
        if (json_array_size(json_object_get(logic, "annotations")) > 0)
                head_add(h, "", SAY(r->m, "Basis, remarks", "依据与说明"));
        for (i = 0; i < h->count; i++)
                text_format(h->widths + strlen(h->widths), sizeof h->widths - strlen(h->widths), "%s%d", i == 0 ? "" : ",",
                            100 / (int)h->count);
}

static void table_tell(struct rulebook *r, const json_t *logic)
{
        struct heads *h = &(struct heads){0};
        json_t *rule, *cell, *rows;
        size_t i, k;

        doc_p(r->blocks, hit_said(r->m, json_text(logic, "hit"), json_text(logic, "aggregation")));
        table_heads(r, logic, h);
        rows = doc_table(r->blocks, h->widths, h->list, "rule");
        json_array_foreach(json_object_get(logic, "rules"), i, rule)
        {
                json_t *row = doc_row(rows);
                struct buf text, notes;
                json_array_foreach(json_object_get(rule, "inputs"), k, cell)
                {
                        buf_init(&text, 8000);
                        test_said(&text, json_string_value(cell), r->labels, r->m->lang);
                        if (json_array_size(row) < COLUMNS_MAX)
                                doc_cell(row, buf_text(&text));
                        buf_dispose(&text);
                }
                json_array_foreach(json_object_get(rule, "outputs"), k, cell)
                {
                        if (foreign(r, json_text(json_array_get(json_object_get(logic, "outputs"), k), "name")))
                                continue;
                        buf_init(&text, 8000);
                        expression_said(&text, json_string_value(cell), r->labels, r->m->lang);
                        if (json_array_size(row) < COLUMNS_MAX)
                                doc_cell(row, buf_text(&text));
                        buf_dispose(&text);
                }
                buf_init(&notes, 8000);
                json_array_foreach(json_object_get(rule, "annotations"), k, cell)
                {
                        buf_add_text(&notes, k == 0 ? "" : "; ");
                        buf_add_text(&notes, json_string_value(cell));
                }
                if (json_array_size(json_object_get(logic, "annotations")) > 0 && json_array_size(row) < COLUMNS_MAX)
                        doc_cell(row, buf_text(&notes));
                buf_dispose(&notes);
        }
}

/* --- boxes --------------------------------------------------------------------------------------------------------------------------- */

static void entries_tell(struct rulebook *r, const json_t *entries, const char *named, int depth)
{
        json_t *rows = NULL, *one;
        char spare[200], text[260];
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)entries, i, one)
        {
                const json_t *logic = json_object_get(one, "logic");
                const char *name = json_text(one, "name");
                const char *said = strcmp(named, "entry") == 0 ? label(r, name, spare, sizeof spare) : name;
                if (foreign(r, name))
                        continue;
                if (boxed(logic, 0)) {
                        rows = NULL;
                        doc_p(r->blocks, text_format(text, sizeof text, SAY(r->m, "%s:", "%s："), said));
                        logic_tell(r, logic, depth + 1);
                        continue;
                }
                if (rows == NULL)
                        rows = doc_table(r->blocks, "30,70", NULL, "entries");
                json_t *row = doc_row(rows), *runs = doc_runs(row);
                doc_run(runs, said, "strong", NULL, NULL);
                if (json_text(one, "article")[0] != '\0') {
                        doc_run(runs, "\n", NULL, NULL, NULL);
                        law_runs(runs, r->chapter, json_text(one, "article"));
                }
                line_cell(r, row, logic);
        }
}

static void relation_tell(struct rulebook *r, const json_t *logic)
{
        struct heads *h = &(struct heads){0};
        char spare[200];
        json_t *one, *cell, *rows;
        size_t i, k;

        json_array_foreach(json_object_get(logic, "columns"), i, one)
            head_add(h, "", label(r, json_string_value(one), spare, sizeof spare));
        for (i = 0; i < h->count; i++)
                text_format(h->widths + strlen(h->widths), sizeof h->widths - strlen(h->widths), "%s%d", i == 0 ? "" : ",",
                            100 / (int)h->count);
        rows = doc_table(r->blocks, h->widths, h->list, "rule");
        json_array_foreach(json_object_get(logic, "rows"), i, one)
        {
                json_t *row = doc_row(rows);
                json_array_foreach(one, k, cell) if (k < COLUMNS_MAX) line_cell(r, row, cell);
        }
}

static void logic_tell(struct rulebook *r, const json_t *logic, int depth)
{
        static const char *const PARTS[][3] = {{"if", "If", "如果"}, {"then", "Then", "则"}, {"else", "Otherwise", "否则"}};
        const char *kind = json_text(logic, "kind");
        char spare[200];
        json_t *one;
        size_t i;

        if (logic == NULL || depth > RULES_DEPTH_MAX)
                return;
        if (strcmp(kind, "table") == 0) {
                table_tell(r, logic);
        } else if (strcmp(kind, "relation") == 0) {
                relation_tell(r, logic);
        } else if (strcmp(kind, "context") == 0) {
                entries_tell(r, json_object_get(logic, "entries"), "entry", depth);
        } else if (strcmp(kind, "function") == 0) {
                struct buf text;
                buf_init(&text, 4000);
                buf_add_text(&text, SAY(r->m, "From: ", "已知："));
                json_array_foreach(json_object_get(logic, "parameters"), i, one)
                {
                        buf_add_text(&text, i == 0 ? "" : SAY(r->m, ", ", "、"));
                        buf_add_text(&text, label(r, json_string_value(one), spare, sizeof spare));
                }
                doc_p(r->blocks, buf_text(&text));
                buf_dispose(&text);
                logic_tell(r, json_object_get(logic, "logic"), depth + 1);
        } else if (boxed(logic, 0) && json_object_get(logic, "parts") != NULL) {
                json_t *parts = json_array();
                json_array_foreach(json_object_get(logic, "parts"), i, one)
                {
                        const char *name = json_text(one, "name");
                        for (size_t k = 0; k < sizeof PARTS / sizeof PARTS[0]; k++)
                                if (strcmp(PARTS[k][0], json_text(one, "name")) == 0)
                                        name = SAY(r->m, PARTS[k][1], PARTS[k][2]);
                        json_array_append_new(parts,
                                              json_pack("{s:s,s:O}", "name", name, "logic", json_object_get(one, "logic")));
                }
                entries_tell(r, parts, "part", depth);
                json_decref(parts);
        } else {
                json_t *rows = doc_table(r->blocks, "100", NULL, "formula");
                line_cell(r, doc_row(rows), logic);
        }
}

/* --- decisions ------------------------------------------------------------------------------------------------------------------------- */

static const json_t *element_by(const json_t *model, const char *field, const char *value)
{
        return row_find(json_object_get(model, "elements"), field, value);
}

static void needs_tell(struct rulebook *r, const json_t *element)
{
        struct buf text;
        char spare[200];
        json_t *need;
        size_t i, told = 0;

        buf_init(&text, 8000);
        json_array_foreach(json_object_get(element, "needs"), i, need)
        {
                const json_t *of = element_by(r->model, "id", json_text(need, "ref"));
                if (of == NULL || strcmp(json_text(need, "kind"), "authority") == 0)
                        continue;
                buf_add_text(&text, told++ == 0 ? SAY(r->m, "Rests on: ", "依据的数据与规则：") : SAY(r->m, ", ", "、"));
                buf_add_text(&text, label(r, json_text(of, "name"), spare, sizeof spare));
        }
        if (told > 0)
                doc_p(r->blocks, buf_text(&text));
        buf_dispose(&text);
}

static void element_tell(struct rulebook *r, const json_t *element, int depth)
{
        const char *id = json_text(element, "id");
        char spare[200];
        json_t *need;
        size_t i;

        if (depth > RULES_DEPTH_MAX || json_object_get(r->told, id) != NULL || json_object_get(element, "logic") == NULL)
                return;
        json_object_set_new(r->told, id, json_true());
        doc_h(r->blocks, label(r, json_text(element, "name"), spare, sizeof spare));
        if (json_text(element, "article")[0] != '\0') {
                json_t *b = json_object(), *runs = json_array();
                doc_run(runs, SAY(r->m, "Basis: ", "依据："), "quiet", NULL, NULL);
                law_runs(runs, r->chapter, json_text(element, "article"));
                put_text(b, "k", "p");
                put_value(b, "t", runs);
                json_array_append_new(r->blocks, b);
        }
        if (r->m->lang == LANG_EN && json_text(element, "description")[0] != '\0')
                doc_p(r->blocks, json_text(element, "description"));
        needs_tell(r, element);
        logic_tell(r, json_object_get(element, "logic"), 0);
        json_array_foreach(json_object_get(element, "needs"), i, need)
            element_tell(r, element_by(r->model, "id", json_text(need, "ref")), depth + 1);
}

/* Described once a book. */
static const json_t *model_get(struct manual *m, const char *name, struct error *err)
{
        json_t *known = json_object_get(m->models, name), *model = NULL;
        char path[RULES_PATH_MAX];
        struct str xml;

        if (known != NULL)
                return known;
        if (model_file(m->pack, name, &xml, path, err) < 0 || model_describe(&model, xml, err) < 0)
                return NULL;
        put_labels(model, m->pack, name, json_object_get(model, "elements"));
        json_object_set_new(m->models, name, model);
        return model;
}

static void decision_tell(struct rulebook *r, const char *model, const char *decision)
{
        struct error fault = {0};
        char text[600], said[400], key[200];

        const json_t *before = r->model;
        r->model = model_get(r->m, model, &fault);
        if (r->model != before) /* ids are of one model */
                json_object_clear(r->told);
        if (r->model == NULL) {
                text_format(text, sizeof text, SAY(r->m, "The rules %s cannot be read: %s", "规则%s无法读取：%s"), model,
                            error_text(&fault, r->m->lang, said, sizeof said));
                doc_note(r->blocks, "missing", text);
                return;
        }
        r->labels = json_object_get(r->model, "labels");
        const json_t *element = element_by(r->model, "name", decision);
        if (element == NULL)
                element = element_by(r->model, "id", decision);
        text_format(key, sizeof key, "model.%s", model);
        text_format(said, sizeof said, "%s", pack_text(r->m->pack, key, r->m->lang));
        if (element == NULL) {
                text_format(text, sizeof text, SAY(r->m, "The rules “%s” have no decision %s.", "规则“%s”中没有决策 %s。"),
                            said, decision);
                doc_note(r->blocks, "missing", text);
                return;
        }
        json_t *runs = json_array(), *note = json_object();
        doc_run(runs, text_format(text, sizeof text, SAY(r->m, "From the rules “%s”: ", "取自规则“%s”："), said), NULL, NULL,
                NULL);
        doc_run(runs, text_format(key, sizeof key, "rules/%s.dmn", model), "code", NULL, NULL);
        put_text(note, "k", "note");
        put_text(note, "c", "info");
        put_value(note, "t", runs);
        json_array_append_new(r->blocks, note);
        element_tell(r, element, 0);
}

/* What a verb of a step asks of the rules (verb_rules.csv). */
static size_t verb_rules_tell(struct rulebook *r, const char *verb)
{
        json_t *one;
        size_t i, told = 0;

        json_array_foreach(r->m->verb_rules, i, one)
        {
                if (strcmp(json_text(one, "verb"), verb) != 0)
                        continue;
                decision_tell(r, json_text(one, "model"), json_text(one, "decision"));
                told++;
        }
        return told;
}

void rules_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process)
{
        struct rulebook r = {.m = m,
                             .chapter = chapter,
                             .blocks = doc_section(json_object_get(chapter, "sections"), "rules",
                                                   SAY(m, "The rules in words", "办理规则（文字表述）")),
                             .told = json_object()};
        json_t *one, *asked = json_object();
        size_t i, told = 0;

        json_array_foreach(json_object_get(facts, "nodes"), i, one)
        {
                if (json_object_get(asked, json_text(one, "verb")) == NULL)
                        told += verb_rules_tell(&r, json_text(one, "verb"));
                put_bool(asked, json_text(one, "verb"), true);
                if (json_text(one, "model")[0] == '\0' || json_text(one, "decision")[0] == '\0')
                        continue;
                decision_tell(&r, json_text(one, "model"), json_text(one, "decision"));
                told++;
        }
        json_array_foreach(m->rules, i, one)
        {
                if (strcmp(json_text(one, "process"), process) != 0)
                        continue;
                decision_tell(&r, json_text(one, "model"), json_text(one, "decision"));
                told++;
        }
        if (told == 0)
                doc_p(r.blocks,
                      SAY(m, "No rule of the pack computes anything here: the steps are decided by people, by the law named.",
                          "本事项没有由规则计算的内容：各步骤由人员依照所列法律判断。"));
        json_decref(asked);
        json_decref(r.told);
}
