/* SPDX-License-Identifier: Apache-2.0
 *
 * The chapters of one manual as what can be found in them: their rows and paragraphs as plain text, with the place where each stands.
 * Made once from the chapters themselves; afterwards only read, so that any number of threads may ask.
 */
#include "office/manual/index.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define INDEX_BYTES ((size_t)96 << 20)
#define ROW_BYTES 20000

struct making {
        struct manual_index *index;
        struct index_chapter *chapter;
        struct index_unit **unit; /* where the next one goes */
        const json_t *section;
        const char *section_id, *section_title;
        struct buf text; /* of the row that is read */
        bool failed;
};

static const char *kept(struct making *k, const char *text)
{
        char *copy = arena_text(k->index->arena, str_from(text));

        k->failed = k->failed || copy == NULL;
        return copy == NULL ? "" : copy;
}

static const char *kept_low(struct making *k, const char *text)
{
        char *copy = arena_text(k->index->arena, str_from(text));

        k->failed = k->failed || copy == NULL;
        for (char *c = copy; c != NULL && *c != '\0'; c++)
                *c = (char)tolower((unsigned char)*c);
        return copy == NULL ? "" : copy;
}

/* The text of a cell; the first anchor that stands in it, when there is none yet. */
static void cell_read(struct buf *out, const json_t *text, char *anchor, size_t size)
{
        json_t *run;
        size_t i;

        if (json_is_string(text))
                buf_add_text(out, json_string_value(text));
        json_array_foreach((json_t *)(uintptr_t)text, i, run)
        {
                buf_add_text(out, json_text(run, "t"));
                if (anchor[0] == '\0' && json_text(run, "id")[0] != '\0')
                        text_copy(anchor, size, str_from(json_text(run, "id")));
        }
}

static void unit_add(struct making *k, const json_t *cells, bool several)
{
        char anchor[200] = "";
        json_t *cell;
        size_t i;

        buf_clear(&k->text);
        if (several)
                json_array_foreach((json_t *)(uintptr_t)cells, i, cell)
                {
                        buf_add_text(&k->text, i == 0 ? "" : " · ");
                        cell_read(&k->text, cell, anchor, sizeof anchor);
                }
        else
                cell_read(&k->text, cells, anchor, sizeof anchor);
        if (k->text.failed || k->text.n == 0)
                return;
        if (anchor[0] == '\0')
                text_format(anchor, sizeof anchor, "%s-%s", k->chapter->process, k->section_id);
        struct index_unit *u = arena_new_of(k->index->arena, struct index_unit);
        if (u == NULL) {
                k->failed = true;
                return;
        }
        u->section = k->section_id;
        u->section_title = k->section_title;
        u->anchor = kept(k, anchor);
        u->text = kept(k, buf_text(&k->text));
        u->low = kept_low(k, u->text);
        *k->unit = u;
        k->unit = &u->next;
}

static void section_add(struct making *k)
{
        json_t *block, *row;
        size_t i, n;

        k->section_id = kept(k, json_text(k->section, "id"));
        k->section_title = kept(k, json_text(k->section, "title"));
        if (k->chapter->section_title == NULL) {
                k->chapter->section = k->section_id;
                k->chapter->section_title = k->section_title;
        }
        if (strcmp(k->section_id, "law") == 0)
                k->chapter->law_title = k->section_title;
        json_array_foreach(json_object_get(k->section, "blocks"), i, block)
        {
                json_array_foreach(json_object_get(block, "rows"), n, row) unit_add(k, row, true);
                if (json_object_get(block, "t") != NULL)
                        unit_add(k, json_object_get(block, "t"), false);
        }
}

static void articles_add(struct making *k, const json_t *chapter)
{
        struct index_article **at = &k->chapter->articles;
        struct citation c;
        char anchor[64];
        json_t *one;
        size_t i;

        json_array_foreach(json_object_get(chapter, "articles"), i, one)
        {
                struct index_article *a = arena_new_of(k->index->arena, struct index_article);
                if (a == NULL) {
                        k->failed = true;
                        return;
                }
                text_copy(c.law, sizeof c.law, str_from(json_text(one, "law")));
                text_copy(c.article, sizeof c.article, str_from(json_text(one, "article")));
                law_anchor(anchor, k->chapter->process, &c);
                a->law = kept(k, c.law);
                a->article = kept(k, c.article);
                a->anchor = kept(k, anchor);
                *at = a;
                at = &a->next;
        }
}

static int chapter_add(struct making *k, struct manual *m, const char *process, struct error *err)
{
        struct index_chapter *x = arena_new_of(k->index->arena, struct index_chapter);
        json_t *chapter = NULL, *section;
        size_t i;

        int rc = x == NULL ? error_raise(err, SB_MEMORY, "%s", "") : manual_chapter(&chapter, m, process, err);
        if (rc == 0) {
                k->chapter = x;
                k->unit = &x->units;
                x->process = kept(k, process);
                x->title = kept(k, json_text(chapter, "title"));
                x->low_process = kept_low(k, process);
                x->low_title = kept_low(k, x->title);
                articles_add(k, chapter);
                json_array_foreach(json_object_get(chapter, "sections"), i, section)
                {
                        k->section = section;
                        section_add(k);
                }
        }
        json_decref(chapter);
        return rc;
}

int manual_index_new(struct manual_index **out, struct manual *m, struct error *err)
{
        struct making k = {.index = calloc(1, sizeof *k.index)};
        int rc =
            k.index == NULL || (k.index->arena = arena_new(INDEX_BYTES)) == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        struct index_chapter **at = rc == 0 ? &k.index->first : NULL;

        buf_init(&k.text, ROW_BYTES);
        for (size_t i = 0; rc == 0 && i < m->name_count; i++) {
                rc = chapter_add(&k, m, m->names[i], err);
                if (rc == 0) {
                        *at = k.chapter;
                        at = &k.chapter->next;
                }
        }
        if (rc == 0 && k.failed)
                rc = error_raise(err, SB_LIMIT, "%s|%zu", "bytes of a manual that is searched", INDEX_BYTES);
        buf_dispose(&k.text);
        if (rc == 0) {
                *out = k.index;
                k.index = NULL;
        }
        manual_index_free(k.index);
        return rc;
}

void manual_index_free(struct manual_index *x)
{
        if (x == NULL)
                return;
        arena_free(x->arena);
        free(x);
}
