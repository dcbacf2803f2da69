/* SPDX-License-Identifier: Apache-2.0
 *
 * Making the data of a chapter. Running out of memory leaves parts out; who takes the chapter checks it (manual_chapter).
 */
#include "office/manual/internal.h"

#include <stdlib.h>
#include <string.h>

json_t *doc_section(json_t *sections, const char *id, const char *title)
{
        json_t *section = json_object(), *blocks = json_array();

        put_text(section, "id", id);
        put_text(section, "title", title);
        put_value(section, "blocks", blocks);
        json_array_append_new(sections, section);
        return blocks;
}

static json_t *block(json_t *blocks, const char *kind)
{
        json_t *b = json_object();

        put_text(b, "k", kind);
        json_array_append_new(blocks, b);
        return b;
}

void doc_p(json_t *blocks, const char *text)
{
        put_text(block(blocks, "p"), "t", text);
}

void doc_h(json_t *blocks, const char *text)
{
        put_text(block(blocks, "h"), "t", text);
}

void doc_note(json_t *blocks, const char *kind, const char *text)
{
        json_t *b = block(blocks, "note");

        put_text(b, "c", kind);
        put_text(b, "t", text);
}

json_t *doc_table(json_t *blocks, const char *widths, const char *const *head, const char *kind)
{
        json_t *b = block(blocks, "table"), *w = json_array(), *h = json_array(), *rows = json_array();
        char *end;

        for (const char *at = widths; *at != '\0'; at = *end == ',' ? end + 1 : end)
                json_array_append_new(w, json_integer(strtol(at, &end, 10)));
        for (; head != NULL && *head != NULL; head++)
                json_array_append_new(h, json_string(*head));
        put_value(b, "w", w);
        put_value(b, "head", h);
        put_value(b, "rows", rows);
        if (kind != NULL)
                put_text(b, "c", kind);
        return rows;
}

json_t *doc_row(json_t *rows)
{
        json_t *row = json_array();

        json_array_append_new(rows, row);
        return row;
}

void doc_cell(json_t *row, const char *text)
{
        json_array_append_new(row, json_string(text));
}

json_t *doc_runs(json_t *row)
{
        json_t *runs = json_array();

        json_array_append_new(row, runs);
        return runs;
}

void doc_run(json_t *runs, const char *text, const char *kind, const char *to, const char *id)
{
        json_t *run = json_object();

        put_text(run, "t", text);
        if (kind != NULL)
                put_text(run, "c", kind);
        if (to != NULL)
                put_text(run, "to", to);
        if (id != NULL)
                put_text(run, "id", id);
        json_array_append_new(runs, run);
}
