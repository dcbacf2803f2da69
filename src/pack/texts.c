/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_internal.h"

#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b)
{
        return strcmp(((const struct text_row *)a)->key, ((const struct text_row *)b)->key);
}

static bool in_folder(const char *path, const char *folder, const char *ending)
{
        size_t n = strlen(path), f = strlen(folder), e = strlen(ending);
        return n > f + e && strncmp(path, folder, f) == 0 && strcmp(path + n - e, ending) == 0;
}

static const struct text_row *text_find(const struct text_row *rows, size_t count, const char *key)
{
        struct text_row wanted = {.key = key};
        return count == 0 ? NULL : bsearch(&wanted, rows, count, sizeof *rows, by_key);
}

static void text_take(struct pack *p, struct table *t)
{
        struct str key = table_field(t, "key");
        struct text_row row = {.key = pack_keep(p, key)};
        row.text[LANG_ZH] = pack_keep(p, table_field(t, "zh"));
        row.text[LANG_EN] = pack_keep(p, table_field(t, "en"));
        for (int lang = 0; lang < 2; lang++)
                if (row.text[lang][0] == '\0')
                        faults_tell(t->faults, FAULT, p, t->item->path, t->line, SB_PACK_TRANSLATION, "%s|%s", row.key,
                                    lang == LANG_ZH ? ERROR_BOTH("Chinese", "中文") : ERROR_BOTH("English", "英文"));
        for (size_t i = 0; i < p->text_count; i++)
                if (strcmp(p->texts[i].key, row.key) == 0) {
                        faults_tell(t->faults, FAULT, p, t->item->path, t->line, SB_PACK_TWICE, "%s|texts/", row.key);
                        return;
                }
        p->texts[p->text_count++] = row;
}

/* The ancestors' texts behind the own ones, then in order. */
static void texts_inherit(struct pack *p)
{
        size_t own = p->text_count;
        if (own > 1)
                qsort(p->texts, own, sizeof *p->texts, by_key);
        for (size_t i = 0; p->parent != NULL && i < p->parent->text_count; i++)
                if (text_find(p->texts, own, p->parent->texts[i].key) == NULL)
                        p->texts[p->text_count++] = p->parent->texts[i];
        if (p->text_count > 1)
                qsort(p->texts, p->text_count, sizeof *p->texts, by_key);
}

int texts_read(struct pack *p, struct faults *f, struct error *err)
{
        static const char *const columns[] = {"key", "zh", "en", NULL};
        size_t room = 1 + (p->parent == NULL ? 0 : p->parent->text_count);
        for (size_t i = 0; i < p->item_count; i++)
                for (size_t k = 0; in_folder(p->items[i].path, "texts/", ".csv") && k < p->items[i].bytes.n; k++)
                        room += p->items[i].bytes.p[k] == '\n';
        p->texts = calloc(room + p->item_count, sizeof *p->texts);
        if (p->texts == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < p->item_count; i++) {
                struct table t;
                if (!in_folder(p->items[i].path, "texts/", ".csv"))
                        continue;
                if (table_open(&t, p, &p->items[i], columns, f))
                        while (table_next(&t))
                                text_take(p, &t);
                table_close(&t);
        }
        texts_inherit(p);
        return 0;
}

const char *pack_text(const struct pack *p, const char *key, enum lang lang)
{
        const struct text_row *row = text_find(p->texts, p->text_count, key);
        return row == NULL ? key : row->text[lang];
}

/* Every object of a letter that has one language must have the other. */
static void letter_walk(const struct pack *p, const char *path, const char *place, const json_t *value, struct faults *f)
{
        const char *name;
        json_t *item;
        size_t i;
        if (json_is_array(value)) {
                json_array_foreach(value, i, item) letter_walk(p, path, place, item, f);
                return;
        }
        const char *zh = json_string_value(json_object_get(value, "zh")), *en = json_string_value(json_object_get(value, "en"));
        if ((zh != NULL || en != NULL) && (zh == NULL || en == NULL || zh[0] == '\0' || en[0] == '\0'))
                faults_tell(f, FAULT, p, path, 0, SB_PACK_TRANSLATION, "%s|%s", place,
                            zh == NULL || zh[0] == '\0' ? ERROR_BOTH("Chinese", "中文") : ERROR_BOTH("English", "英文"));
        json_object_foreach((json_t *)(uintptr_t)value, name, item) letter_walk(p, path, name, item, f);
}

int letters_check(const struct pack *p, struct faults *f, struct error *err)
{
        (void)err;
        for (size_t i = 0; i < p->item_count; i++) {
                const struct pack_item *item = &p->items[i];
                json_t *letter = NULL;
                struct error e = {0};
                if (!in_folder(item->path, "letters/", ".json"))
                        continue;
                if (json_read(&letter, item->bytes, &e) != 0)
                        faults_at(f, FAULT, p, item->path, 0, &e);
                else
                        letter_walk(p, item->path, "letter", letter, f);
                json_decref(letter);
        }
        return 0;
}

/* A row of kind "year" says that the table knows that year in full. */
static void holiday_take(struct pack *p, struct table *t)
{
        struct str kind = table_field(t, "kind"), text = table_field(t, "day");
        struct error e = {0};
        day_t day;
        int year, month, number, rc = day_parse(&day, text, &e);
        if (rc == 0 && table_field(t, "source").n == 0)
                rc = error_raise(&e, SB_PARAMETER_SOURCE, "%.*s", (int)text.n, text.p);
        if (rc == 0 && str_is(kind, "year")) {
                day_split(day, &year, &month, &number);
                rc = calendar_cover(p->calendar, year, year, &e);
        } else if (rc == 0 && (str_is(kind, "work") || str_is(kind, "holiday"))) {
                rc = calendar_mark(p->calendar, day, str_is(kind, "work"), &e);
        } else if (rc == 0) {
                rc = error_raise(&e, SB_PACK_CELL, "%.*s|kind|holiday, work, year", (int)kind.n, kind.p);
        }
        if (rc != 0)
                faults_at(t->faults, FAULT, p, t->item->path, t->line, &e);
}

/* From the root down; an ancestor's own faults were told when it was read. */
static void holidays_take(struct pack *p, const struct pack *from, struct faults *f)
{
        static const char *const columns[] = {"day", "kind", "source", NULL};
        const struct pack_item *item = files_find(from, "holidays.csv");
        struct table t;
        if (from->parent != NULL)
                holidays_take(p, from->parent, f);
        if (item == NULL)
                return;
        if (table_open(&t, from, item, columns, f))
                while (table_next(&t))
                        holiday_take(p, &t);
        table_close(&t);
}

int calendar_read(struct pack *p, struct faults *f, struct error *err)
{
        p->calendar = calendar_new(p->name);
        if (p->calendar == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        holidays_take(p, p, f);
        return 0;
}
