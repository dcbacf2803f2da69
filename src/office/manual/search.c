/* SPDX-License-Identifier: Apache-2.0
 *
 * Where words stand in the chapters: by the number of a process, its title, an article of law, or the text of a row or a paragraph.
 */
#include "office/manual/internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 8
#define WORD_BYTES 120
#define ROW_BYTES 20000
#define EXCERPT 90 /* bytes before the word that was found */
#define CHAPTER_HITS_MAX 4

enum { BY_NUMBER, BY_TITLE, BY_ARTICLE, BY_TEXT, WHYS };

struct searching {
        struct manual *m;
        char words[WORDS_MAX][WORD_BYTES];
        size_t word_count;
        struct citation cited; /* what is asked for as an article; article "" : nothing */
        json_t *hits[WHYS];
        const json_t *chapter, *section;
        int in_chapter;
};

static void lower(char *text)
{
        for (; *text != '\0'; text++)
                *text = (char)tolower((unsigned char)*text);
}

static void words_read(struct searching *s, const char *q)
{
        while (*q != '\0' && s->word_count < WORDS_MAX) {
                size_t n = strcspn(q, " \t");
                if (n > 0) {
                        text_copy(s->words[s->word_count], WORD_BYTES, (struct str){q, n});
                        lower(s->words[s->word_count++]);
                }
                q += n;
                q += strspn(q, " \t");
        }
}

/* Where the first word stands in the text, lower case, when all do; NULL. */
static const char *all_in(const struct searching *s, const char *text)
{
        const char *first = NULL;

        for (size_t i = 0; i < s->word_count; i++) {
                const char *at = strstr(text, s->words[i]);
                if (at == NULL)
                        return NULL;
                first = i == 0 ? at : first;
        }
        return first;
}

static void hit_add(struct searching *s, int why, const char *anchor, const char *text)
{
        static const char *const WHY[] = {"number", "title", "article", "text"};
        const char *process = json_text(s->chapter, "process");
        json_t *hit = json_object();

        put_text(hit, "process", process);
        put_text(hit, "title", json_text(s->chapter, "title"));
        put_text(hit, "section", json_text(s->section, "id"));
        put_text(hit, "section_title", json_text(s->section, "title"));
        put_text(hit, "anchor", anchor);
        put_text(hit, "text", text);
        put_text(hit, "why", WHY[why]);
        json_array_append_new(s->hits[why], hit);
        s->in_chapter++;
}

/* A few words around the place, never cut within a character. */
static void excerpt(char out[400], const char *text, size_t at)
{
        size_t from = at > EXCERPT ? at - EXCERPT : 0, n;

        while (from > 0 && ((unsigned char)text[from] & 0xc0) == 0x80)
                from--;
        n = strlen(text + from);
        if (n > 300)
                n = 300;
        while (n > 0 && ((unsigned char)text[from + n] & 0xc0) == 0x80)
                n--;
        text_format(out, 400, "%s%.*s%s", from > 0 ? "…" : "", (int)n, text + from, text[from + n] == '\0' ? "" : "…");
        for (char *c = out; *c != '\0'; c++)
                if (*c == '\n')
                        *c = ' ';
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

static void unit_look(struct searching *s, const json_t *cells, bool several)
{
        char anchor[200] = "", around[400];
        struct buf text;
        json_t *cell;
        size_t i;

        buf_init(&text, ROW_BYTES);
        if (several)
                json_array_foreach((json_t *)(uintptr_t)cells, i, cell)
                {
                        buf_add_text(&text, i == 0 ? "" : " · ");
                        cell_read(&text, cell, anchor, sizeof anchor);
                }
        else
                cell_read(&text, cells, anchor, sizeof anchor);
        if (!text.failed && text.n > 0) {
                char *low = malloc(text.n + 1);
                if (low != NULL) {
                        text_copy(low, text.n + 1, (struct str){text.p, text.n});
                        lower(low);
                        const char *at = all_in(s, low);
                        if (at != NULL && s->in_chapter < CHAPTER_HITS_MAX) {
                                excerpt(around, buf_text(&text), (size_t)(at - low));
                                if (anchor[0] == '\0')
                                        text_format(anchor, sizeof anchor, "%s-%s", json_text(s->chapter, "process"),
                                                    json_text(s->section, "id"));
                                hit_add(s, BY_TEXT, anchor, around);
                        }
                        free(low);
                }
        }
        buf_dispose(&text);
}

static void section_look(struct searching *s)
{
        json_t *block, *row;
        size_t i, k;

        json_array_foreach(json_object_get(s->section, "blocks"), i, block)
        {
                json_array_foreach(json_object_get(block, "rows"), k, row) unit_look(s, row, true);
                if (json_object_get(block, "t") != NULL)
                        unit_look(s, json_object_get(block, "t"), false);
        }
}

static void head_look(struct searching *s)
{
        const char *process = json_text(s->chapter, "process");
        char number[60], title[300];

        s->section = json_array_get(json_object_get(s->chapter, "sections"), 0);
        text_copy(number, sizeof number, str_from(process));
        text_copy(title, sizeof title, str_from(json_text(s->chapter, "title")));
        lower(number);
        lower(title);
        if (s->word_count == 1 && strcmp(number, s->words[0]) == 0)
                hit_add(s, BY_NUMBER, process, json_text(s->chapter, "title"));
        else if (all_in(s, title) != NULL)
                hit_add(s, BY_TITLE, process, json_text(s->chapter, "title"));
}

static void articles_look(struct searching *s)
{
        json_t *one, *sections = json_object_get(s->chapter, "sections");
        char anchor[64], text[240];
        size_t i;

        if (s->cited.article[0] == '\0')
                return;
        json_array_foreach(sections, i, one) if (strcmp(json_text(one, "id"), "law") == 0) s->section = one;
        json_array_foreach(json_object_get(s->chapter, "articles"), i, one)
        {
                struct citation c;
                text_copy(c.law, sizeof c.law, str_from(json_text(one, "law")));
                text_copy(c.article, sizeof c.article, str_from(json_text(one, "article")));
                if (strcmp(c.article, s->cited.article) != 0 || strstr(c.law, s->cited.law) == NULL)
                        continue;
                law_anchor(anchor, json_text(s->chapter, "process"), &c);
                hit_add(s, BY_ARTICLE, anchor, text_format(text, sizeof text, "%s %s", c.law, c.article));
        }
}

static int chapter_look(struct searching *s, const char *process, struct error *err)
{
        json_t *chapter = NULL, *one;
        size_t i;

        int rc = manual_chapter(&chapter, s->m, process, err);
        if (rc == 0) {
                s->chapter = chapter;
                s->in_chapter = 0;
                head_look(s);
                articles_look(s);
                json_array_foreach(json_object_get(chapter, "sections"), i, one)
                {
                        s->section = one;
                        section_look(s);
                }
        }
        json_decref(chapter);
        return rc;
}

int manual_search(json_t **out, struct manual *m, const char *q, size_t most, struct error *err)
{
        struct searching s = {.m = m};
        struct citation cited[2];
        json_t *items = json_array(), *hit;
        size_t i;
        int rc = 0;

        words_read(&s, q);
        if (citations_read(q, cited, 2) == 1)
                s.cited = cited[0];
        for (i = 0; i < WHYS; i++)
                s.hits[i] = json_array();
        for (i = 0; rc == 0 && s.word_count > 0 && i < m->name_count; i++)
                rc = chapter_look(&s, m->names[i], err);
        for (size_t w = 0; w < WHYS; w++) {
                json_array_foreach(s.hits[w], i, hit) if (json_array_size(items) < most) json_array_append(items, hit);
                json_decref(s.hits[w]);
        }
        if (rc == 0)
                *out = json_pack("{s:O}", "items", items);
        json_decref(items);
        return rc < 0 ? rc : *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}
