/* SPDX-License-Identifier: Apache-2.0
 *
 * Whatever the models of the national pack ask people has words in both languages: decisions on the page of a case (the web's words), the
 * fields of forms, steps and messages (the model's own), and the values of choices (the pack's texts). Nothing is asked by a bare name.
 */
#include "engine/bpmn/bpmn.h"
#include "testing.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define FOLDER "packs/cn/processes"

struct words {
        struct buf web, choices;
        int asked, faults;
};

static bool chinese(const char *text)
{
        for (; *text != '\0'; text++)
                if ((unsigned char)*text >= 0xe3)
                        return true;
        return false;
}

/* Between "  NAME: {" and its "}", first for Chinese and then for English, stands " WORD: '". */
static bool in_web(struct words *w, const char *object, const char *word)
{
        const char *at = buf_text(&w->web);
        char head[40], key[80];
        int found = 0, languages = 0;

        snprintf(head, sizeof head, "\n  %s: {", object);
        snprintf(key, sizeof key, " %s: '", word);
        while ((at = strstr(at, head)) != NULL) {
                const char *end = strchr(at + 1, '}'), *said = strstr(at, key);
                assert_non_null(end);
                languages++;
                found += said != NULL && said < end && said[strlen(key)] != '\'' &&
                         ((unsigned char)said[strlen(key)] >= 0xe3) == (languages == 1);
                at = end;
        }
        assert_int_equal(languages, 2);
        return found == 2;
}

/* A line "choice.FIELD.VALUE,…,…" or "choice.VALUE,…,…" with both texts. */
static bool in_pack(struct words *w, const char *field, const char *value)
{
        const char *text = buf_text(&w->choices), *at;
        char key[160];

        for (int k = 0; k < 2; k++) {
                snprintf(key, sizeof key, "\nchoice.%s%s%s,", k == 0 ? field : "", k == 0 ? "." : "", value);
                if ((at = strstr(text, key)) == NULL)
                        continue;
                at += strlen(key);
                const char *comma = strchr(at, ','), *line = strchr(at, '\n');
                return comma != NULL && line != NULL && comma > at && comma + 1 < line;
        }
        return false;
}

static void fault(struct words *w, const char *file, const char *node, const char *what)
{
        print_error("%s %s: %s has no words\n", file, node, what);
        w->faults++;
}

static void field_look(struct words *w, const char *file, const char *node, const struct bpmn_variable *v)
{
        char value[80];

        if (v->type[0] == '\0')
                return;
        w->asked++;
        if (!chinese(v->title[LANG_ZH]) || chinese(v->title[LANG_EN]) || strcmp(v->title[LANG_EN], v->name) == 0)
                fault(w, file, node, v->name);
        for (const char *at = v->values; *at != '\0'; at += strspn(at, " ")) {
                size_t n = strcspn(at, " ");
                text_copy(value, sizeof value, (struct str){at, n});
                at += n;
                if (!in_pack(w, v->name, value))
                        fault(w, file, node, value);
        }
}

static bool declared(const struct bpmn_node *n, const char *name)
{
        for (size_t i = 0; i < n->field_count; i++)
                if (strcmp(n->fields[i].name, name) == 0)
                        return true;
        return strcmp(name, "decision") == 0 || strcmp(name, "note") == 0;
}

static void node_look(struct words *w, const char *file, const struct bpmn_model *m, const struct bpmn_node *n)
{
        char word[80], name[64];

        for (size_t i = 0; i < n->field_count; i++)
                field_look(w, file, n->id, &n->fields[i]);
        if (n->kind != BPMN_USER_TASK)
                return;
        for (const char *at = n->decisions; *at != '\0'; at += strspn(at, " ")) {
                size_t k = strcspn(at, " ");
                text_copy(word, sizeof word, (struct str){at, k});
                at += k;
                w->asked++;
                if (!in_web(w, "act", word))
                        fault(w, file, n->id, word);
        }
        for (size_t i = 0; bpmn_outcome(m, n, i, name) != NULL; i++)
                if (!declared(n, name))
                        fault(w, file, n->id, name);
        if (!chinese(n->title[LANG_ZH]) || chinese(n->title[LANG_EN]))
                fault(w, file, n->id, n->title[LANG_EN]);
}

static void file_look(struct words *w, const char *file)
{
        struct bpmn_model *m = NULL;
        const struct bpmn_node *n;
        struct error err = {0};
        struct buf text;
        char path[300];

        snprintf(path, sizeof path, FOLDER "/%s", file);
        buf_init(&text, (size_t)1 << 20);
        assert_ok(file_read(&text, path, (size_t)1 << 20, &err), err);
        assert_ok(bpmn_open(&m, (struct str){text.p, text.n}, NULL, NULL, &err), err);
        for (int p = 0; bpmn_process(m, p) != NULL; p++)
                for (size_t i = 0; i < bpmn_process(m, p)->variable_count; i++)
                        field_look(w, file, "form", &bpmn_process(m, p)->variables[i]);
        for (int i = 0; (n = bpmn_node(m, i)) != NULL; i++)
                node_look(w, file, m, n);
        bpmn_free(m);
        buf_dispose(&text);
}

static void everything_that_is_asked_has_words(void **state)
{
        struct words w = {.asked = 0};
        struct error err = {0};
        struct dirent *entry;

        (void)state;
        buf_init(&w.web, (size_t)1 << 20);
        buf_init(&w.choices, (size_t)1 << 20);
        assert_ok(file_read(&w.web, "web/src/i18n/cases.ts", (size_t)1 << 20, &err), err);
        assert_ok(file_read(&w.choices, "packs/cn/texts/choices.csv", (size_t)1 << 20, &err), err);
        assert_false(in_web(&w, "act", "no_such_word"));
        assert_false(in_pack(&w, "category", "no_such_value"));
        DIR *dir = opendir(FOLDER);
        assert_non_null(dir);
        while ((entry = readdir(dir)) != NULL)
                if (entry->d_name[0] == 'P')
                        file_look(&w, entry->d_name);
        closedir(dir);
        assert_true(w.asked > 1000);
        assert_int_equal(w.faults, 0);
        buf_dispose(&w.web);
        buf_dispose(&w.choices);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(everything_that_is_asked_has_words)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
