/* SPDX-License-Identifier: Apache-2.0
 *
 * What the names of a model are called by people: texts "name.NAME" of the pack, and "model.NAME" for the model itself. Names
 * without a text are left out; the page then shows the name. Figures of law are "key:KEY", values that rules write "value:WORD".
 */
#include "office/rules/internal.h"

#include <ctype.h>
#include <string.h>

/* The same word may mean another thing in a model: "name.MODEL.NAME" goes before "name.NAME". */
static void put_label(json_t *labels, const struct pack *p, const char *model, const char *name)
{
        char key[200];

        if (name[0] == '\0' || json_object_get(labels, name) != NULL)
                return;
        for (int own = 1; own >= 0; own--) {
                text_format(key, sizeof key, "name.%s%s%s", own ? model : "", own ? "." : "", name);
                const char *zh = pack_text(p, key, LANG_ZH), *en = pack_text(p, key, LANG_EN);
                if (strcmp(zh, key) != 0) {
                        put_value(labels, name, json_pack("{s:s,s:s}", "zh", zh, "en", en));
                        return;
                }
        }
}

static bool name_char(char c)
{
        return isalnum((unsigned char)c) || c == '_';
}

/* Names that an expression reads, fields among them, and the values that it writes: "value:WORD" by the text "value.WORD". */
static void expression_walk(json_t *labels, const struct pack *p, const char *model, const char *feel)
{
        char word[120], key[140];

        while (*feel != '\0') {
                bool quoted = *feel == '"';
                const char *from = quoted ? feel + 1 : feel;
                size_t n = 0;
                while (from[n] != '\0' && (quoted ? from[n] != '"' : name_char(from[n])))
                        n += quoted && from[n] == '\\' && from[n + 1] != '\0' ? 2 : 1;
                if (n > 0 && n < sizeof word) {
                        text_copy(word, sizeof word, (struct str){from, n});
                        text_format(key, sizeof key, "value%c%s", quoted ? '.' : ':', word);
                        if (!quoted) {
                                put_label(labels, p, model, word);
                        } else if (strcmp(pack_text(p, key, LANG_ZH), key) != 0) {
                                json_t *said =
                                    json_pack("{s:s,s:s}", "zh", pack_text(p, key, LANG_ZH), "en", pack_text(p, key, LANG_EN));
                                key[strlen("value")] = ':';
                                put_value(labels, key, said);
                        }
                }
                feel = from + n;
                if (*feel != '\0' && (quoted || n == 0))
                        feel++;
        }
}

/* Every name in it, at any depth: elements, entries of contexts, fields of types, parameters, columns, and those within expressions. */
static void names_walk(json_t *labels, const struct pack *p, const char *model, const json_t *node, int depth)
{
        const char *key;
        json_t *one;
        size_t i;

        if (depth > 60)
                return;
        if (json_is_string(node)) {
                expression_walk(labels, p, model, json_string_value(node));
        } else if (json_is_array(node)) {
                json_array_foreach((json_t *)(uintptr_t)node, i, one) names_walk(labels, p, model, one, depth + 1);
        } else if (json_is_object(node)) {
                put_label(labels, p, model, json_text(node, "name"));
                json_object_foreach((json_t *)(uintptr_t)node, key, one)
                {
                        if (strcmp(key, "description") != 0 && strcmp(key, "annotations") != 0 && strcmp(key, "article") != 0)
                                names_walk(labels, p, model, one, depth + 1);
                }
        }
}

/* Figures of law carry their titles where they are declared. */
static void keys_walk(json_t *labels, const struct pack *p)
{
        struct error none = {0};
        char name[200];
        json_t *keys = NULL, *one;
        size_t i;

        for (; p != NULL; p = pack_parent(p)) {
                if (pack_table(p, "keys.csv", &keys, &none) < 0)
                        return;
                json_array_foreach(keys, i, one)
                {
                        text_format(name, sizeof name, "key:%s", json_text(one, "key"));
                        if (json_object_get(labels, name) == NULL && json_text(one, "title_zh")[0] != '\0')
                                put_value(
                                    labels, name,
                                    json_pack("{s:s,s:s}", "zh", json_text(one, "title_zh"), "en", json_text(one, "title_en")));
                }
                json_decref(keys);
                keys = NULL;
        }
}

void put_labels(json_t *o, const struct pack *p, const char *model, const json_t *of)
{
        json_t *labels = json_object();
        char name[RULES_PATH_MAX];
        const char *file;

        for (size_t i = 0; (file = pack_file_name(p, "rules", i)) != NULL; i++) {
                size_t n = strlen(file);
                if (n < 5 || strcmp(file + n - 4, ".dmn") != 0)
                        continue;
                text_copy(name, sizeof name, (struct str){file, n - 4});
                char key[RULES_PATH_MAX + 8], plain[RULES_PATH_MAX + 8];
                text_format(key, sizeof key, "model.%s", name);
                const char *zh = pack_text(p, key, LANG_ZH), *en = pack_text(p, key, LANG_EN);
                if (strcmp(zh, key) != 0)
                        put_value(labels, text_format(plain, sizeof plain, "model:%s", name),
                                  json_pack("{s:s,s:s}", "zh", zh, "en", en));
        }
        names_walk(labels, p, model, of, 0);
        keys_walk(labels, p);
        put_value(o, "labels", labels);
}
