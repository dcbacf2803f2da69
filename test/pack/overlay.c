/* SPDX-License-Identifier: Apache-2.0
 *
 * A child that overrides a model element by element: the parent's elements of the same id give way, new ones come behind, all else
 * stays; the hash is of the file as it is. What cannot be merged is told with its file.
 */
#include "fixture.h"

#include <string.h>

#define ROOT                                                                                                                   \
        "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" xmlns:law=\"urn:shebao:law\" id=\"d\" "           \
        "name=\"m\" "                                                                                                          \
        "namespace=\"urn:shebao:rules:m\""
#define BKM(id, text)                                                                                                          \
        "<businessKnowledgeModel id=\"" id "\" name=\"" id "\"><variable name=\"" id                                           \
        "\"/><encapsulatedLogic><formalParameter "                                                                             \
        "name=\"n\"/><literalExpression><text>" text "</text></literalExpression></encapsulatedLogic>"
#define END "</businessKnowledgeModel>\n"
#define NEED(id, of) "<knowledgeRequirement id=\"" id "\"><requiredKnowledge href=\"#" of "\"/></knowledgeRequirement>"

static const char PARENT[] = "<?xml version=\"1.0\"?>\n<!-- <a> comment -->\n" ROOT
                             ">\n  <description>A > B, \"C\"</description>\n" BKM("double", "n * 2") END BKM("half", "n / 2")
                                 END "  <decision id=\"x\" name=\"x\"><variable name=\"x\"/>" NEED("r1", "double")
                                     NEED("r2", "half") "<literalExpression><text><![CDATA[double(10) + "
                                                        "half(10)]]></text></literalExpression></decision>\n</definitions>\n";

static void child_write(const struct fixture *f, const char *text)
{
        fixture_child(f, "place", "");
        fixture_write(f, "land/rules/m.dmn", PARENT);
        fixture_write(f, "place/rules/m.dmn", text);
}

static void decide(const char *dir, const char *want)
{
        struct error err = {0};
        struct pack *p = NULL;
        json_t *inputs = json_object(), *result = NULL;

        assert_ok(pack_open(&p, dir, &err), err);
        assert_ok(pack_decide(p, "m", "x", day_from(2025, 1, 1), inputs, &result, NULL, &err), err);
        assert_string_equal(json_string_value(result), want);
        json_decref(result);
        json_decref(inputs);
        pack_free(p);
}

static void elements_give_way(void **state)
{
        const struct fixture *f = *state;
        char dir[128];

        child_write(f, ROOT " law:extends=\"land\">" BKM("double", "third(n) * 6") NEED("r3", "third") END BKM("third", "n / 3")
                           END "</definitions>");
        decide(fixture_dir(f, "land", dir), "25");
        decide(fixture_dir(f, "place", dir), "25");
        child_write(f, ROOT " law:extends=\"land\">" BKM("half", "third(n) + 1 - n / 3") NEED("r3", "third")
                           END BKM("third", "n / 3") END "</definitions>");
        decide(fixture_dir(f, "place", dir), "21");
        decide(fixture_dir(f, "land", dir), "25");
}

static void stored_as_it_is(void **state)
{
        const struct fixture *f = *state;
        struct error err = {0};
        struct pack *p = NULL;
        struct str whole;
        struct buf archive;
        char dir[128];

        child_write(f, ROOT " law:extends=\"land\">" BKM("half", "n") END "</definitions>");
        assert_ok(pack_open(&p, fixture_dir(f, "place", dir), &err), err);
        assert_ok(pack_file(p, "rules/m.dmn", &whole, &err), err);
        assert_non_null(memmem(whole.p, whole.n, "n * 2", 5));
        assert_null(memmem(whole.p, whole.n, "n / 2", 5));
        assert_null(memmem(whole.p, whole.n, "extends", 7));
        buf_init(&archive, 1 << 20);
        assert_ok(pack_archive(p, &archive, &err), err);
        assert_non_null(memmem(archive.p, archive.n, "law:extends", 11));
        assert_null(memmem(archive.p, archive.n, "n * 2", 5));
        buf_dispose(&archive);
        pack_free(p);
}

static void unfit_is_told(void **state)
{
        const struct fixture *f = *state;

        child_write(f, ROOT " law:extends=\"nowhere\">" BKM("half", "n") END "</definitions>");
        fixture_expect(f, "place", 2, SB_PACK_OVERLAY, "place/rules/m.dmn");
        child_write(f, "<definitions xmlns=\"https://www.omg.org/spec/DMN/20180521/MODEL/\" xmlns:law=\"urn:shebao:law\" "
                       "law:extends=\"land\" id=\"d\" name=\"m\" namespace=\"urn:shebao:rules:m\">" BKM("half", "n") END
                    "</definitions>");
        fixture_expect(f, "place", 2, SB_PACK_OVERLAY, "place/rules/m.dmn");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(elements_give_way, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(stored_as_it_is, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(unfit_is_told, fixture_make, fixture_remove),
        };

        return cmocka_run_group_tests_name("pack/overlay", tests, NULL, NULL);
}
