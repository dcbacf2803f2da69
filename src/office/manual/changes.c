/* SPDX-License-Identifier: Apache-2.0
 *
 * How a process came to be as it is: what the pack's table tells (changes.csv).
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
