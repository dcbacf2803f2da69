/* SPDX-License-Identifier: Apache-2.0
 *
 * How a process came to be as it is: what differs between the versions that are known, read from the models and tables themselves, and
 * what the pack tells of itself (changes.csv: day, version, process, what, why; process * is every one).
 */
#include "office/manual/internal.h"

#include <string.h>

static json_t *table_begin(struct manual *m, json_t *blocks)
{
        const char *head[] = {SAY(m, "Day", "日期"), SAY(m, "Version", "版本"), SAY(m, "What changed", "变更内容"),
                              SAY(m, "Why", "原因"), NULL};

        return doc_table(blocks, "14,14,46,26", head, NULL);
}

/* One row for each two versions that differ. Answers how many pairs were looked at. */
static int versions_tell(struct manual *m, json_t *blocks, json_t **rows, const json_t *facts, const char *process)
{
        json_t *later = json_incref((json_t *)(uintptr_t)facts), *one;
        int pairs = 0;
        char day[16];
        size_t i;

        for (const struct manual *v = m; v->older != NULL; v = v->older, pairs++) {
                json_t *earlier = NULL, *said = json_array();
                struct error unreadable = {0};
                if (manual_facts(&earlier, v->older, process, &unreadable) < 0)
                        json_array_append_new(
                            said, json_string(SAY(m, "The model before cannot be read.", "此前的流程模型无法读取。")));
                else
                        process_compare(v->older, earlier, v, later, process, said);
                if (json_array_size(said) > 0) {
                        if (*rows == NULL)
                                *rows = table_begin(m, blocks);
                        json_t *row = doc_row(*rows), *runs;
                        doc_cell(row, v->stored == 0 ? "—" : day_text(v->stored, day));
                        doc_cell(row, pack_version(v->pack));
                        runs = doc_runs(row);
                        json_array_foreach(said, i, one)
                        {
                                doc_run(runs, i == 0 ? "" : "\n", NULL, NULL, NULL);
                                doc_run(runs, json_string_value(one), NULL, NULL, NULL);
                        }
                        doc_cell(row, SAY(m, "read from the two versions", "由两个版本比较得出"));
                }
                json_decref(said);
                json_decref(later);
                later = earlier;
        }
        json_decref(later);
        return pairs;
}

void changes_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process)
{
        json_t *blocks = doc_section(json_object_get(chapter, "sections"), "changes", SAY(m, "Change history", "变更记录"));
        json_t *rows = NULL, *one;
        char text[300];
        size_t i;

        text_format(text, sizeof text,
                    SAY(m, "This chapter is made from the pack “%s”, version %s.", "本章由政策包“%s”%s版生成。"),
                    pack_title(m->pack, m->lang), pack_version(m->pack));
        doc_p(blocks, text);
        int pairs = versions_tell(m, blocks, &rows, facts, process);
        if (pairs > 0 && rows == NULL)
                doc_p(blocks, SAY(m, "Nothing of this process differs between the versions compared.",
                                  "所比较的版本之间，本事项没有差异。"));
        json_array_foreach(m->changes, i, one)
        {
                const char *of = json_text(one, "process");
                if (strcmp(of, process) != 0 && strcmp(of, "*") != 0)
                        continue;
                if (rows == NULL)
                        rows = table_begin(m, blocks);
                json_t *row = doc_row(rows);
                doc_cell(row, json_text(one, "day"));
                doc_cell(row, json_text(one, "version"));
                doc_cell(row, row_text(m, one, "what"));
                doc_cell(row, row_text(m, one, "why"));
        }
        if (rows == NULL && pairs == 0)
                doc_p(blocks, SAY(m, "The pack records no change of this process.", "政策包没有本事项的变更记录。"));
}
