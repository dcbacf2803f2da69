/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables that only the manual reads: each fault of a row alone, with its file and line; and how citations of law are read.
 */
#include "pack/citation.h"

#include "pack/fixture.h"

#include <string.h>

#define MODEL                                                                                                                      \
        "<definitions xmlns=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:shebao=\"urn:shebao:process\" id=\"d\" "         \
        "targetNamespace=\"urn:shebao:processes\"><process id=\"P1\" name=\"登记\" shebao:titleEn=\"Registration\" "             \
        "shebao:article=\"甲法 1、2；乙条例（国令7）3\" isExecutable=\"true\"><startEvent id=\"begin\"/><sequenceFlow " \
        "id=\"f1\" sourceRef=\"begin\" targetRef=\"look\"/><serviceTask id=\"look\" name=\"查看\" shebao:titleEn=\"Look\" "      \
        "shebao:verb=\"one.look\"/><sequenceFlow id=\"f2\" sourceRef=\"look\" targetRef=\"end\"/><endEvent "                       \
        "id=\"end\"/></process></definitions>"
#define RULES                                                                                                                  \
        "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" id=\"d\" name=\"sums\" namespace=\"urn:sums\">"   \
        "<decision id=\"n_sum\" name=\"sum\"><variable name=\"sum\"/><literalExpression><text>1</text></literalExpression>"    \
        "</decision></definitions>"
#define LAWS "law,article,title_zh,title_en,summary_zh,summary_en,source,evidence\n"
#define KNOWN LAWS "甲法,1,一,One,一,One,甲法,T\n甲法,2,二,Two,二,Two,甲法,T\n乙条例,3,三,Three,三,Three,乙条例,M\n"

/* A pack with one process whose articles all have summaries. */
static void pack_write(const struct fixture *f)
{
        fixture_child(f, "north", "");
        fixture_write(f, "north/processes/P1.bpmn", MODEL);
        fixture_write(f, "north/rules/sums.dmn", RULES);
        fixture_write(f, "north/articles.csv", KNOWN);
        fixture_write(f, "north/changes.csv", "day,version,process\n");
        fixture_write(f, "north/process_rules.csv", "process,model,decision\n");
        fixture_write(f, "north/verb_rules.csv", "verb,model,decision\n");
}

static void articles_without_a_summary_are_counted_once(void **state)
{
        pack_write(*state);
        fixture_write(*state, "north/articles.csv", LAWS "甲法,1,一,One,一,One,甲法,T\n");
        fixture_expect(*state, "north", 0, SB_PACK_ARTICLES, "north/articles.csv");
}

static void laws_are_named_as_citations_name_them(void **state)
{
        pack_write(*state);
        fixture_write(*state, "north/articles.csv", KNOWN "乙条例（国令7）,4,四,Four,四,Four,乙条例,T\n");
        fixture_expect(*state, "north", 2, SB_PACK_CELL, "north/articles.csv:5");
        fixture_write(*state, "north/articles.csv", KNOWN "甲法,4-5,四,Four,四,Four,甲法,T\n");
        fixture_expect(*state, "north", 2, SB_PACK_CELL, "north/articles.csv:5");
}

static void changes_are_of_a_process_or_of_all(void **state)
{
        pack_write(*state);
        fixture_write(*state, "north/changes.csv", "day,version,process\n2026-01-01,1,*\n2026-01-01,1,P1\n2026-01-01,1,P9\n");
        fixture_expect(*state, "north", 2, SB_PACK_CELL, "north/changes.csv:4");
}

static void rules_that_are_told_exist(void **state)
{
        static const struct {
                const char *file, *row;
        } cases[] = {
            {"verb_rules.csv", "verb,model,decision\none.look,sums,sum\none.see,sums,sum\n"},
            {"verb_rules.csv", "verb,model,decision\none.look,sums,sum\none.look,other,sum\n"},
            {"verb_rules.csv", "verb,model,decision\none.look,sums,sum\none.look,sums,product\n"},
            {"process_rules.csv", "process,model,decision\nP1,sums,n_sum\nP9,sums,sum\n"},
            {"process_rules.csv", "process,model,decision\nP1,sums,n_sum\nP1,other,sum\n"},
            {"process_rules.csv", "process,model,decision\nP1,sums,n_sum\nP1,sums,product\n"},
        };
        char path[100];

        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                pack_write(*state);
                fixture_write(*state, text_format(path, sizeof path, "north/%s", cases[i].file), cases[i].row);
                fixture_expect(*state, "north", 2, SB_PACK_CELL, text_format(path, sizeof path, "north/%s:3", cases[i].file));
        }
}

static void cited(const char *text, const char *wanted)
{
        struct citation c[CITATIONS_MAX];
        size_t n = citations_read(text, c, CITATIONS_MAX);
        char all[1000] = "";

        for (size_t i = 0; i < n; i++)
                text_format(all + strlen(all), sizeof all - strlen(all), "%s%s %s", i == 0 ? "" : "|", c[i].law, c[i].article);
        assert_string_equal(all, wanted);
}

static void citations_are_read(void **state)
{
        (void)state;
        cited("", "");
        cited("社会保险法 15、16；社会保险经办条例（国令765）18", "社会保险法 15|社会保险法 16|社会保险经办条例 18");
        cited("社会保险经办条例(令765) 36-38", "社会保险经办条例 36|社会保险经办条例 37|社会保险经办条例 38");
        cited("国办发〔2019〕13号 三; 社会保险法62", "国办发〔2019〕13号 三 |社会保险法 62");
        cited("社会保险经办条例 12（法无明确期限，拟定承诺）", "社会保险经办条例 12");
        cited("GB/T 32622-2016", "GB/T 32622-2016 ");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(articles_without_a_summary_are_counted_once, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(laws_are_named_as_citations_name_them, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(changes_are_of_a_process_or_of_all, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(rules_that_are_told_exist, fixture_make, fixture_remove),
            cmocka_unit_test(citations_are_read),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
