/* SPDX-License-Identifier: Apache-2.0
 *
 * Where words stand in the chapters: by the number of a process, its title, an article of law, or the text of a row or a paragraph.
 */
#include "office/manual/index.h"

#include <ctype.h>
#include <string.h>

#define WORDS_MAX 8
#define WORD_BYTES 120
#define EXCERPT 90 /* bytes before the word that was found */
#define CHAPTER_HITS_MAX 4

enum { BY_NUMBER, BY_TITLE, BY_ARTICLE, BY_TEXT, WHYS };

struct searching {
        char words[WORDS_MAX][WORD_BYTES];
        size_t word_count;
        struct citation cited; /* what is asked for as an article; article "" : nothing */
        json_t *hits[WHYS];
        const struct index_chapter *chapter;
        int in_chapter;
};
struct place {
        const char *section, *section_title, *anchor, *text;
};

static void words_read(struct searching *s, const char *q)
{
        while (*q != '\0' && s->word_count < WORDS_MAX) {
                size_t n = strcspn(q, " \t");
                if (n > 0) {
                        char *word = text_copy(s->words[s->word_count++], WORD_BYTES, (struct str){q, n});
                        for (; *word != '\0'; word++)
                                *word = (char)tolower((unsigned char)*word);
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

static void hit_add(struct searching *s, int why, const struct place *at)
{
        static const char *const WHY[] = {"number", "title", "article", "text"};
        json_t *hit = json_object();

        put_text(hit, "process", s->chapter->process);
        put_text(hit, "title", s->chapter->title);
        put_text(hit, "section", at->section);
        put_text(hit, "section_title", at->section_title);
        put_text(hit, "anchor", at->anchor);
        put_text(hit, "text", at->text);
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

static void head_look(struct searching *s)
{
        const struct index_chapter *x = s->chapter;
        const struct place at = {x->section, x->section_title, x->process, x->title};

        if (s->word_count == 1 && strcmp(x->low_process, s->words[0]) == 0)
                hit_add(s, BY_NUMBER, &at);
        else if (all_in(s, x->low_title) != NULL)
                hit_add(s, BY_TITLE, &at);
}

static void articles_look(struct searching *s)
{
        char text[240];

        if (s->cited.article[0] == '\0')
                return;
        for (const struct index_article *a = s->chapter->articles; a != NULL; a = a->next)
                if (strcmp(a->article, s->cited.article) == 0 && strstr(a->law, s->cited.law) != NULL)
                        hit_add(s, BY_ARTICLE,
                                &(struct place){"law", s->chapter->law_title, a->anchor,
                                                text_format(text, sizeof text, "%s %s", a->law, a->article)});
}

static void units_look(struct searching *s)
{
        char around[400];

        for (const struct index_unit *u = s->chapter->units; u != NULL && s->in_chapter < CHAPTER_HITS_MAX; u = u->next) {
                const char *at = all_in(s, u->low);
                if (at == NULL)
                        continue;
                excerpt(around, u->text, (size_t)(at - u->low));
                hit_add(s, BY_TEXT, &(struct place){u->section, u->section_title, u->anchor, around});
        }
}

int manual_index_search(json_t **out, const struct manual_index *x, const char *q, size_t most, struct error *err)
{
        struct searching s = {0};
        struct citation cited[2];
        json_t *items = json_array(), *hit;
        size_t i;

        words_read(&s, q);
        if (citations_read(q, cited, 2) == 1)
                s.cited = cited[0];
        for (i = 0; i < WHYS; i++)
                s.hits[i] = json_array();
        for (s.chapter = s.word_count > 0 ? x->first : NULL; s.chapter != NULL; s.chapter = s.chapter->next) {
                s.in_chapter = 0;
                head_look(&s);
                articles_look(&s);
                units_look(&s);
        }
        for (size_t w = 0; w < WHYS; w++) {
                json_array_foreach(s.hits[w], i, hit) if (json_array_size(items) < most) json_array_append(items, hit);
                json_decref(s.hits[w]);
        }
        *out = json_pack("{s:o}", "items", items);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int manual_search(json_t **out, struct manual *m, const char *q, size_t most, struct error *err)
{
        struct manual_index *x = NULL;

        int rc = manual_index_new(&x, m, err);
        rc = rc ? rc : manual_index_search(out, x, q, most, err);
        manual_index_free(x);
        return rc;
}
