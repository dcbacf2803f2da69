/* SPDX-License-Identifier: Apache-2.0
 *
 * The manual as an installation answers it: the table of contents, a chapter with every element, searching in both languages, and what
 * differs between two versions of the pack that the database keeps.
 */
#include "office/manual/shelf.h"

#include "case/application.h"

#include "office/town.h"

#include <ctype.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct town *founded(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        return t;
}

static json_t *ask(struct town *t, const char *verb, json_t *in)
{
        json_t *out = NULL;

        assert_int_equal(town_call(t, verb, in, &out), SB_OK);
        assert_non_null(out);
        return out;
}

static const json_t *by(const json_t *list, const char *name, const char *value)
{
        json_t *one;
        size_t i;

        json_array_foreach((json_t *)(uintptr_t)list, i, one) if (strcmp(json_text(one, name), value) == 0) return one;
        return NULL;
}

static void contents_are_listed_by_group(void **state)
{
        struct town *t = founded(state);
        json_t *out = ask(t, "manual.list", json_object()), *one;
        size_t i;

        assert_int_equal(json_array_size(json_object_get(out, "items")), 52);
        json_array_foreach(json_object_get(out, "items"), i, one)
        {
                assert_string_not_equal(json_text(one, "title"), "");
                assert_string_not_equal(json_text(one, "group"), "");
        }
        assert_true(json_is_true(json_object_get(json_object_get(out, "of"), "in_force")));
        json_decref(out);
        town_free(t);
}

/* Sixteen rows of elements, each said or visibly missing. */
static void every_chapter_has_its_elements(void **state)
{
        struct town *t = founded(state);
        json_t *list = ask(t, "manual.list", json_object()), *one;
        size_t i;

        json_array_foreach(json_object_get(list, "items"), i, one)
        {
                json_t *out = ask(t, "manual.chapter", json_pack("{s:s}", "process", json_text(one, "process")));
                const json_t *elements = by(json_object_get(json_object_get(out, "chapter"), "sections"), "id", "elements");
                const json_t *table = json_array_get(json_object_get(elements, "blocks"), 0);
                json_t *row;
                size_t k;
                assert_int_equal(json_array_size(json_object_get(table, "rows")), 16);
                json_array_foreach(json_object_get(table, "rows"), k, row)
                {
                        const json_t *said = json_array_get(row, 1);
                        assert_true(json_is_string(said) ? json_string_length(said) > 0 : json_array_size(said) > 0);
                }
                json_decref(out);
        }
        json_decref(list);
        town_free(t);
}

static void a_chapter_has_a_drawing_and_an_anchor_for_each_step(void **state)
{
        struct town *t = founded(state);
        json_t *out = ask(t, "manual.chapter", json_pack("{s:s}", "process", "P17"));
        char *text = json_dumps(out, 0);

        assert_non_null(strstr(text, "<svg"));
        assert_non_null(strstr(text, "\"id\": \"P17-step-review\""));
        assert_non_null(strstr(text, "\"id\": \"P17-step-approve\""));
        free(text);
        json_decref(out);
        assert_int_equal(town_call(t, "manual.chapter", json_pack("{s:s}", "process", "P99"), NULL), SB_MANUAL_PROCESS);
        town_free(t);
}

static void found(struct town *t, const char *q, const char *process, const char *why)
{
        json_t *out = ask(t, "manual.search", json_pack("{s:s}", "q", q)), *one;
        bool there = false;
        size_t i;

        json_array_foreach(json_object_get(out, "items"), i, one)
        {
                there = there || (strcmp(json_text(one, "process"), process) == 0 && strcmp(json_text(one, "why"), why) == 0);
                assert_string_not_equal(json_text(one, "anchor"), "");
        }
        if (!there)
                print_message("%s is not found by %s\n", process, q);
        assert_true(there);
        json_decref(out);
}

static void words_articles_and_numbers_are_found(void **state)
{
        struct town *t = founded(state);
        json_t *out;

        found(t, "p17", "P17", "number");
        found(t, "退休待遇", "P17", "title");
        found(t, "社会保险法 16", "P17", "article");
        found(t, "社会保险法16", "P17", "article");
        found(t, "二次复审", "P17", "text");
        out = ask(t, "manual.search", json_pack("{s:s}", "q", "龘龘"));
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        town_free(t);
}

static void english_is_searched_in_english(void **state)
{
        struct town *t = founded(state);
        struct manual *m = NULL;
        json_t *out = NULL;

        assert_ok(manual_open(&m, t->pack, LANG_EN, day_from(2026, 11, 24), &t->err), t->err);
        assert_ok(manual_search(&out, m, "SECOND review", 100, &t->err), t->err);
        assert_non_null(by(json_object_get(out, "items"), "process", "P17"));
        json_decref(out);
        manual_close(m);
        town_free(t);
}

/* Names that only programs use: letter_kind, model.checks, {case}; in Chinese also a word of ASCII that stands alone. Addresses are none,
 * and what is set as code is meant to be one. */
static bool is_key(const char *text, enum lang lang)
{
        bool alone = strlen(text) > 1 && strcmp(text, "demo") != 0; /* demo: the mark of a synthetic figure */

        for (const char *t = text; *t != '\0'; t++) {
                alone = alone && (islower((unsigned char)*t) || *t == ' ');
                if (strncmp(t, "http://", 7) == 0 || strncmp(t, "https://", 8) == 0)
                        t += strcspn(t + 1, " \n");
                else if (*t == '{' && t[1 + strspn(t + 1, "abcdefghijklmnopqrstuvwxyz_")] == '}')
                        return true;
                else if (t > text && (*t == '_' || *t == '.') && islower((unsigned char)t[-1]) && islower((unsigned char)t[1]))
                        return true;
        }
        return alone && lang == LANG_ZH;
}

static size_t keys_count(const json_t *node, const char *where, enum lang lang)
{
        static const char *const PLACES[] = {"id", "to", "c", "k", "process", "law"};
        const char *name;
        size_t i, n = 0;
        json_t *one;

        if (json_is_string(node) && is_key(json_string_value(node), lang)) {
                print_message("%s: raw key in “%s”\n", where, json_string_value(node));
                return 1;
        }
        json_array_foreach((json_t *)(uintptr_t)node, i, one) n += keys_count(one, where, lang);
        if (strcmp(json_text(node, "c"), "code") == 0)
                return 0;
        json_object_foreach((json_t *)(uintptr_t)node, name, one)
        {
                bool place = false;
                for (i = 0; i < sizeof PLACES / sizeof PLACES[0]; i++)
                        place = place || strcmp(name, PLACES[i]) == 0;
                n += place || strcmp(name, "roles") == 0 ? 0 : keys_count(one, where, lang);
        }
        return n;
}

static void no_chapter_shows_a_raw_key(void **state)
{
        static const char *const PACKS[] = {"cn", "demo"};
        struct error err = {0};
        size_t keys = 0, chapters = 0, i, k;

        (void)state;
        assert_true(is_key("取自规则“model.checks”", LANG_EN));
        assert_true(is_key("可选：back_payment refund", LANG_EN));
        assert_true(is_key("disabled student", LANG_ZH));
        assert_true(is_key("办件编号{case}", LANG_EN));
        assert_false(is_key("来源：https://a_b.example.org/c_d.html 第一条", LANG_ZH));
        for (i = 0; i < sizeof PACKS / sizeof PACKS[0]; i++)
                for (enum lang lang = LANG_ZH; lang <= LANG_EN; lang++) {
                        struct pack *pack = NULL;
                        struct manual *m = NULL;
                        json_t *book = NULL, *chapter;
                        char path[400];
                        assert_ok(pack_open(&pack, text_format(path, sizeof path, "packs/%s", PACKS[i]), &err), err);
                        assert_ok(manual_open(&m, pack, lang, day_from(2026, 11, 24), &err), err);
                        assert_ok(manual_book(&book, m, NULL, &err), err);
                        json_array_foreach(json_object_get(book, "chapters"), k, chapter)
                        {
                                keys += keys_count(chapter, json_text(chapter, "process"), lang);
                                chapters++;
                        }
                        json_decref(book);
                        manual_close(m);
                        pack_free(pack);
                }
        assert_int_equal(chapters, 4 * 52);
        assert_int_equal(keys, 0);
}

static void shown(struct town *t, const char *process, const char *section, const char *words)
{
        json_t *out = ask(t, "manual.chapter", json_pack("{s:s}", "process", process));
        const json_t *of = by(json_object_get(json_object_get(out, "chapter"), "sections"), "id", section);
        char *text = json_dumps(of, JSON_COMPACT);

        if (text == NULL || strstr(text, words) == NULL)
                print_message("%s, %s: %s is not shown\n", process, section, words);
        assert_true(text != NULL && strstr(text, words) != NULL);
        free(text);
        json_decref(out);
}

/* articles.csv, verb_rules.csv, changes.csv; a summary that nobody checked is marked. */
static void tables_of_the_manual_are_shown(void **state)
{
        struct town *t = founded(state);

        shown(t, "P17", "law", "最低缴费年限");
        shown(t, "P17", "law", "{\"t\":\"证据 T：已查阅原文\",\"c\":\"quiet\"}");
        shown(t, "P17", "law", "{\"t\":\"证据 M：未经核对\",\"c\":\"missing\"}");
        shown(t, "P07", "rules", "取自规则“缴费基数与费额”");
        shown(t, "P07", "rules", "取自规则“业务核验”");
        shown(t, "P21", "rules", "发放核验");
        shown(t, "P06", "changes", "2026-11-28");
        town_free(t);
}

/* Rows of the law whose second cell says that no text is held; each must be one of those that no source was found for. */
static size_t not_held(const json_t *chapter, const char *const *known, size_t count)
{
        json_t *blocks = json_object_get(by(json_object_get(chapter, "sections"), "id", "law"), "blocks"), *block, *row;
        size_t i, k, n = 0;

        json_array_foreach(blocks, i, block) json_array_foreach(json_object_get(block, "rows"), k, row)
        {
                const char *law = json_text(json_array_get(json_array_get(row, 0), 0), "t");
                if (strstr(json_text(json_array_get(json_array_get(row, 1), 0), "t"), "not held") == NULL)
                        continue;
                bool told = false;
                for (size_t j = 0; j < count; j++)
                        told = told || strcmp(law, known[j]) == 0;
                if (!told)
                        print_message("%s cites %s, which articles.csv does not hold\n", json_text(chapter, "process"), law);
                assert_true(told);
                n++;
        }
        return n;
}

static void articles_without_a_text_are_these_alone(void **state)
{
        static const char *const WITHOUT[] = {"人社部发〔2019〕84号", "医保发〔2020〕18号", "基本养老服务清单（2023）"};
        struct error err = {0};
        struct pack *pack = NULL;
        struct manual *m = NULL;
        json_t *book = NULL, *chapter;
        size_t i, n = 0;

        (void)state;
        assert_ok(pack_open(&pack, "packs/cn", &err), err);
        assert_ok(manual_open(&m, pack, LANG_EN, day_from(2026, 11, 24), &err), err);
        assert_ok(manual_book(&book, m, NULL, &err), err);
        json_array_foreach(json_object_get(book, "chapters"), i, chapter) n +=
            not_held(chapter, WITHOUT, sizeof WITHOUT / sizeof WITHOUT[0]);
        assert_int_equal(n, sizeof WITHOUT / sizeof WITHOUT[0]);
        json_decref(book);
        manual_close(m);
        pack_free(pack);
}

/* A second version of the pack with a step renamed, another limit and a paper less: the chapter says so, the chapter of the version before
 * does not. */
static struct pack *changed_pack(struct town *t)
{
        struct str xml, papers;
        struct buf model, materials, archive;
        struct pack *made = NULL;

        assert_ok(pack_file(t->pack, "processes/P17.bpmn", &xml, &t->err), t->err);
        assert_ok(pack_file(t->pack, "materials.csv", &papers, &t->err), t->err);
        char *text = strndup(xml.p, xml.n), *rows = strndup(papers.p, papers.n);
        char *title = strstr(text, "name=\"二次复审\""), *limit = strstr(title, "shebao:limit=\"3\"");
        char *paper = strstr(rows, "\nP17,"), *end = strchr(paper + 1, '\n');
        buf_init(&model, xml.n + 1000);
        buf_init(&materials, papers.n + 10);
        buf_init(&archive, (size_t)64 << 20);
        buf_add(&model, text, (size_t)(title - text));
        buf_add_text(&model, "name=\"第二级复审\"");
        title += strlen("name=\"二次复审\"");
        buf_add(&model, title, (size_t)(limit - title));
        buf_add_text(&model, "shebao:limit=\"2\"");
        buf_add_text(&model, limit + strlen("shebao:limit=\"3\""));
        buf_add(&materials, rows, (size_t)(paper - rows));
        buf_add_text(&materials, end);
        const struct pack_change changes[] = {{"materials.csv", {materials.p, materials.n}},
                                              {"processes/P17.bpmn", {model.p, model.n}}};
        assert_ok(pack_archive_with(t->pack, changes, 2, &archive, &t->err), t->err);
        assert_ok(pack_open_archive(&made, (struct str){archive.p, archive.n}, (struct pack *)(uintptr_t)pack_parent(t->pack),
                                    &t->err),
                  t->err);
        buf_dispose(&model);
        buf_dispose(&materials);
        buf_dispose(&archive);
        free(text);
        free(rows);
        return made;
}

static void versions_are_compared(void **state)
{
        struct town *t = founded(state);
        struct pack *later = changed_pack(t);
        char hex[65];

        assert_ok(pack_store_put(t->house.packs, later, clock_now(t->house.clock) + 1, &t->err), t->err);
        json_t *out =
            ask(t, "manual.chapter", json_pack("{s:s,s:s}", "process", "P17", "pack", hash_hex(pack_hash(later), hex)));
        char *text = json_dumps(json_object_get(out, "chapter"), 0);
        assert_non_null(strstr(text, "步骤“二次复审”改称“第二级复审”"));
        assert_non_null(strstr(text, "步骤“第二级复审”的时限：改为2，原为3"));
        assert_non_null(strstr(text, "取消材料"));
        assert_true(json_is_false(json_object_get(json_object_get(out, "of"), "in_force")));
        free(text);
        json_decref(out);
        out = ask(t, "manual.chapter", json_pack("{s:s}", "process", "P17"));
        text = json_dumps(json_object_get(out, "chapter"), 0);
        assert_null(strstr(text, "第二级复审"));
        free(text);
        json_decref(out);
        pack_free(later);
        town_free(t);
}

static size_t hits(struct town *t, const char *q, const char *pack)
{
        json_t *in = json_pack("{s:s}", "q", q);

        if (pack != NULL)
                json_object_set_new(in, "pack", json_string(pack));
        json_t *out = ask(t, "manual.search", in);
        size_t n = json_array_size(json_object_get(out, "items"));
        json_decref(out);
        return n;
}

struct activation {
        struct town *t;
        const struct pack *pack;
};

static int activate(struct tx *tx, void *ctx, struct error *err)
{
        struct activation *a = ctx;
        int64_t pool = 0;

        int rc = application_pool(tx, &pool, err);
        return rc ? rc
                  : pack_store_activate(tx, a->t->house.ids, pool, pack_hash(a->pack), clock_today(a->t->house.clock), 1,
                                        clock_now(a->t->house.clock), err);
}

/* What is kept is of one version: another, asked for by its hash or in force from now on, is made and searched itself. */
static void a_changed_pack_is_searched(void **state)
{
        struct town *t = founded(state);
        struct pack *later = changed_pack(t);
        char hex[65];

        assert_ok(pack_store_put(t->house.packs, later, clock_now(t->house.clock) + 1, &t->err), t->err);
        hash_hex(pack_hash(later), hex);
        assert_int_equal(hits(t, "第二级复审", NULL), 0);
        assert_true(hits(t, "二次复审", NULL) > 0);
        assert_int_equal(manual_shelf_made(t->house.manuals), 1);
        assert_true(hits(t, "第二级复审", hex) > 0);
        assert_int_equal(manual_shelf_made(t->house.manuals), 2);
        assert_int_equal(hits(t, "第二级复审", NULL), 0);
        assert_ok(store_write(t->house.store, activate, &(struct activation){t, later}, &t->err), t->err);
        assert_true(hits(t, "第二级复审", NULL) > 0);
        assert_int_equal(manual_shelf_made(t->house.manuals), 2);
        pack_free(later);
        town_free(t);
}

struct reader {
        struct manual_shelf *shelf;
        struct pack *pack;
        int seed, wrong;
};

/* Days and languages are more than the shelf has places, so that readers drive each other out. */
static void *reader_run(void *arg)
{
        struct reader *r = arg;

        for (int i = 0; i < MANUAL_SHELF_MAX + 1; i++) {
                int of = (i * 5 + r->seed) % (MANUAL_SHELF_MAX + 1);
                enum lang lang = of % 2 == 0 ? LANG_ZH : LANG_EN;
                struct manual *m = NULL;
                struct error err = {0};
                json_t *out = NULL;
                int rc = manual_open(&m, r->pack, lang, day_from(2026, 11, 24) + of / 2, &err);
                rc =
                    rc ? rc : manual_shelf_search(&out, r->shelf, m, lang == LANG_EN ? "second review" : "二次复审", 100, &err);
                r->wrong += rc != 0 || by(json_object_get(out, "items"), "process", "P17") == NULL;
                json_decref(out);
                manual_close(m);
        }
        return NULL;
}

static void many_threads_share_a_shelf_with_a_bound(void **state)
{
        struct reader readers[4];
        pthread_t threads[4];
        struct manual_shelf *shelf = NULL;
        struct pack *pack = NULL;
        struct error err = {0};

        (void)state;
        assert_ok(pack_open(&pack, "packs/cn", &err), err);
        assert_ok(manual_shelf_new(&shelf, &err), err);
        for (int i = 0; i < 4; i++) {
                readers[i] = (struct reader){shelf, pack, i / 2, 0};
                assert_int_equal(pthread_create(&threads[i], NULL, reader_run, &readers[i]), 0);
        }
        for (int i = 0; i < 4; i++) {
                assert_int_equal(pthread_join(threads[i], NULL), 0);
                assert_int_equal(readers[i].wrong, 0);
        }
        assert_true(manual_shelf_made(shelf) > MANUAL_SHELF_MAX); /* the last ones drove the first out */
        assert_true(manual_shelf_made(shelf) <= 4 * (MANUAL_SHELF_MAX + 1));
        manual_shelf_free(shelf);
        pack_free(pack);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(contents_are_listed_by_group),
            {"every_chapter_has_its_elements", every_chapter_has_its_elements, NULL, NULL, &test_engines[0]},
            {"a_chapter_has_a_drawing_and_an_anchor_for_each_step", a_chapter_has_a_drawing_and_an_anchor_for_each_step, NULL,
             NULL, &test_engines[0]},
            {"words_articles_and_numbers_are_found", words_articles_and_numbers_are_found, NULL, NULL, &test_engines[0]},
            {"english_is_searched_in_english", english_is_searched_in_english, NULL, NULL, &test_engines[0]},
            {"tables_of_the_manual_are_shown", tables_of_the_manual_are_shown, NULL, NULL, &test_engines[0]},
            cmocka_unit_test(no_chapter_shows_a_raw_key),
            cmocka_unit_test(articles_without_a_text_are_these_alone),
            TEST_ON_BOTH(versions_are_compared),
            TEST_ON_BOTH(a_changed_pack_is_searched),
            cmocka_unit_test(many_threads_share_a_shelf_with_a_bound),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
