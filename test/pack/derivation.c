/* SPDX-License-Identifier: Apache-2.0
 *
 * What a derivation promises to those who draw it: each rule that matched names its table by the element (decision or knowledge
 * model) and its place in it, each figure its key and source. And a pack with other bytes in one file is another pack.
 */
#include "testing.h"

#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

static json_t *example_inputs(void)
{
        struct error err = {0};
        json_t *cases = NULL;

        assert_ok(json_read_file(&cases, "packs/demo/cases/award.json", &err), err);
        json_t *inputs = json_incref(json_object_get(json_array_get(cases, 0), "inputs"));
        json_decref(cases);
        assert_non_null(inputs);
        return inputs;
}

static const char *text(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? "" : s;
}

static void rules_name_their_table(void **state)
{
        struct error err = {0};
        struct pack *p = NULL;
        json_t *inputs = example_inputs(), *result = NULL, *derivation = NULL, *step, *one;
        char diagnostic[200] = "?";
        size_t i, j, rules = 0, figures = 0;
        bool knowledge = false;

        (void)state;
        assert_ok(pack_open(&p, "packs/demo", &err), err);
        assert_ok(pack_try(p, "pension", "award", day_from(2025, 11, 1), inputs, &result, &derivation, diagnostic, &err), err);
        json_array_foreach(json_object_get(derivation, "steps"), i, step)
        {
                assert_string_not_equal(text(step, "id"), "");
                assert_string_not_equal(text(step, "model"), "");
                json_array_foreach(json_object_get(step, "rules"), j, one)
                {
                        assert_string_not_equal(text(one, "table"), "");
                        assert_string_not_equal(text(one, "element"), "");
                        assert_true(json_is_integer(json_object_get(one, "at")));
                        assert_true(json_integer_value(json_object_get(one, "rule")) >= 1);
                        knowledge = knowledge || (strcmp(text(one, "table"), "years_of") == 0 &&
                                                  strcmp(text(one, "element"), "n_years_of") == 0 &&
                                                  json_integer_value(json_object_get(one, "at")) == 0);
                        rules++;
                }
                json_array_foreach(json_object_get(step, "parameters"), j, one)
                {
                        assert_string_not_equal(text(one, "key"), "");
                        assert_string_not_equal(text(one, "source"), "");
                        figures++;
                }
        }
        assert_true(rules > 3);
        assert_true(figures > 10);
        assert_true(knowledge); /* a table inside a knowledge model is found as well as one of a decision */
        json_decref(inputs);
        json_decref(result);
        json_decref(derivation);
        pack_free(p);
}

static void other_bytes(void **state)
{
        struct error err = {0};
        struct pack *p = NULL, *changed = NULL, *same = NULL, *parent;
        struct str xml;
        struct buf archive;
        char *text_xml, *at;

        (void)state;
        assert_ok(pack_open(&p, "packs/cn-hunan", &err), err);
        parent = (struct pack *)(uintptr_t)pack_parent(p);
        assert_ok(pack_file(p, "rules/retirement.dmn", &xml, &err), err);
        assert_string_equal(pack_name(pack_file_owner(p, "rules/retirement.dmn")), "cn");
        assert_null(pack_file_owner(p, "rules/none.dmn"));
        text_xml = strndup(xml.p, xml.n);
        at = strstr(text_xml, "- 12 * age_years");
        assert_non_null(at);
        memcpy(at, "+", 1);
        struct pack_change change = {"rules/retirement.dmn", str_from(text_xml)};

        buf_init(&archive, (size_t)64 << 20);
        assert_ok(pack_archive_with(p, NULL, 0, &archive, &err), err);
        assert_ok(pack_open_archive(&same, (struct str){archive.p, archive.n}, parent, &err), err);
        assert_memory_equal(pack_hash(same), pack_hash(p), sizeof(struct hash));
        buf_clear(&archive);
        assert_ok(pack_archive_with(p, &change, 1, &archive, &err), err);
        assert_ok(pack_open_archive(&changed, (struct str){archive.p, archive.n}, parent, &err), err);
        assert_memory_not_equal(pack_hash(changed), pack_hash(p), sizeof(struct hash));
        assert_string_equal(pack_name(pack_file_owner(changed, "rules/retirement.dmn")), "cn-hunan");
        assert_ok(pack_model_check(changed, "retirement", &err), err);

        /* A model that is no longer one: the pack opens, its check and who compiles it say what is wrong. */
        int errors = -1;
        memcpy(strstr(text_xml, "month_number(birth)"), "month_number(birth,", 19);
        buf_clear(&archive);
        assert_ok(pack_archive_with(p, &change, 1, &archive, &err), err);
        assert_ok(pack_check_archive((struct str){archive.p, archive.n}, parent, NULL, NULL, &errors, &err), err);
        assert_true(errors > 0);
        buf_dispose(&archive);
        free(text_xml);
        pack_free(changed);
        pack_free(same);
        pack_free(p);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(rules_name_their_table),
            cmocka_unit_test(other_bytes),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
