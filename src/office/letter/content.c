/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/content.h"

#include <string.h>

/* The single texts of a letter by their names. */
static const struct {
        const char *name;
        size_t at;
} TEXTS[] = {
    {"body", offsetof(struct letter, body)},           {"number", offsetof(struct letter, number)},
    {"title", offsetof(struct letter, title)},         {"addressee", offsetof(struct letter, addressee)},
    {"date", offsetof(struct letter, date)},           {"seal", offsetof(struct letter, seal)},
    {"seal_name", offsetof(struct letter, seal_name)}, {"seal_kind", offsetof(struct letter, seal_kind)},
    {"stamp", offsetof(struct letter, stamp)},         {"verify_text", offsetof(struct letter, verify_text)},
};

static const char **text_at(struct letter *l, size_t i)
{
        return (const char **)(void *)((char *)l + TEXTS[i].at);
}

static json_t *list_of(const char *const *texts, int count)
{
        json_t *list = json_array();

        for (int i = 0; i < count; i++)
                json_array_append_new(list, json_string(texts[i] == NULL ? "" : texts[i]));
        return list;
}

static json_t *table_of(const struct letter_table *t)
{
        json_t *o = json_object(), *rows = json_array(), *widths = json_array();

        json_object_set_new(o, "title", json_string(t->title == NULL ? "" : t->title));
        json_object_set_new(o, "head", list_of(t->head, t->columns));
        for (int i = 0; i < t->columns; i++)
                json_array_append_new(widths, json_integer(t->widths[i]));
        json_object_set_new(o, "widths", widths);
        json_object_set_new(o, "numbers", json_integer(t->numbers));
        for (int i = 0; i < t->row_count; i++)
                json_array_append_new(rows, list_of(t->rows[i], t->columns));
        json_object_set_new(o, "rows", rows);
        json_object_set_new(o, "sum", json_boolean(t->last_strong));
        return o;
}

json_t *letter_content(const struct letter *l)
{
        json_t *o = json_object();
        char day[16];

        if (o == NULL)
                return NULL;
        for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
                const char *text = *text_at((struct letter *)(uintptr_t)l, i);
                if (text != NULL)
                        json_object_set_new(o, TEXTS[i].name, json_string(text));
        }
        json_object_set_new(o, "lang", json_string(l->lang == LANG_EN ? "en" : "zh-CN"));
        json_object_set_new(o, "day", json_string(day_text(l->day, day)));
        json_object_set_new(o, "paragraphs", list_of(l->paragraphs, l->paragraph_count));
        json_object_set_new(o, "between", list_of(l->between, l->between_count));
        json_object_set_new(o, "closing", list_of(l->closing, l->closing_count));
        if (l->amounts.row_count > 0)
                json_object_set_new(o, "amounts", table_of(&l->amounts));
        if (l->derivation.row_count > 0)
                json_object_set_new(o, "derivation", table_of(&l->derivation));
        return o;
}

/* --- back ----------------------------------------------------------------------------------------------------------------------------- */

static int list_read(const char **out, int most, const json_t *list)
{
        int n = (int)json_array_size(list);

        n = n < most ? n : most;
        for (int i = 0; i < n; i++) {
                const char *text = json_string_value(json_array_get(list, (size_t)i));
                out[i] = text == NULL ? "" : text;
        }
        return n;
}

static bool table_read(struct letter_table *t, const json_t *o)
{
        const json_t *rows = json_object_get(o, "rows"), *widths = json_object_get(o, "widths");

        *t = (struct letter_table){.title = json_string_value(json_object_get(o, "title"))};
        if (o == NULL)
                return true;
        t->columns = list_read(t->head, LETTER_CELLS, json_object_get(o, "head"));
        t->numbers = (unsigned)json_integer_value(json_object_get(o, "numbers"));
        t->last_strong = json_is_true(json_object_get(o, "sum"));
        for (int i = 0; i < t->columns; i++)
                t->widths[i] = (int)json_integer_value(json_array_get(widths, (size_t)i));
        for (size_t i = 0; i < json_array_size(rows) && t->row_count < LETTER_ROWS; i++)
                list_read(t->rows[t->row_count++], LETTER_CELLS, json_array_get(rows, i));
        return t->columns > 0 && t->title != NULL;
}

int letter_of_content(struct letter *out, const json_t *content, struct error *err)
{
        const char *lang = json_string_value(json_object_get(content, "lang"));
        day_t day = 0;

        *out = (struct letter){.lang = lang != NULL && strcmp(lang, "en") == 0 ? LANG_EN : LANG_ZH};
        for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++)
                *text_at(out, i) = json_string_value(json_object_get(content, TEXTS[i].name));
        out->paragraph_count = list_read(out->paragraphs, LETTER_PARAGRAPHS, json_object_get(content, "paragraphs"));
        out->between_count = list_read(out->between, LETTER_PARAGRAPHS, json_object_get(content, "between"));
        out->closing_count = list_read(out->closing, LETTER_PARAGRAPHS, json_object_get(content, "closing"));
        bool good = table_read(&out->amounts, json_object_get(content, "amounts")) &&
                    table_read(&out->derivation, json_object_get(content, "derivation"));
        int rc = json_get_day(content, "day", true, &day, err);
        out->day = day;
        good = good && out->body != NULL && out->number != NULL && out->title != NULL && out->addressee != NULL &&
               out->date != NULL && out->seal != NULL && out->verify_text != NULL;
        return rc < 0 ? rc : good ? 0 : error_raise(err, SB_LETTER_PDF, "%s", "content");
}
