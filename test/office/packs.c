/* SPDX-License-Identifier: Apache-2.0
 *
 * Packs as people see them: which there are and where they are in force, their figures, and their activation.
 */
#include "office/town.h"

#include "case/case.h"

#include <string.h>

static struct town *fresh(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        return t;
}

static void store_pack(struct town *t, const char *dir, char hex[65])
{
        struct pack *p = NULL;

        assert_ok(pack_open(&p, dir, &t->err), t->err);
        assert_ok(pack_store_put(t->house.packs, p, clock_now(t->house.clock), &t->err), t->err);
        hash_hex(pack_hash(p), hex);
        pack_free(p);
}

static const json_t *named(const json_t *list, const char *name)
{
        json_t *one;
        size_t i;

        json_array_foreach(json_object_get(list, "items"), i, one)
        {
                if (strcmp(json_string_value(json_object_get(one, "name")), name) == 0)
                        return one;
        }
        fail_msg("no %s", name);
        return NULL;
}

static void packs_are_listed_with_where_they_are_in_force(void **state)
{
        struct town *t = fresh(state);
        json_t *out = NULL;
        char hex[65];

        store_pack(t, "packs/cn-hunan", hex);
        assert_int_equal(town_call(t, "packs.list", json_object(), &out), SB_OK);
        const json_t *demo = named(out, "demo"), *hunan = named(out, "cn-hunan"), *cn = named(out, "cn");
        assert_true(json_is_true(json_object_get(demo, "demonstration")));
        assert_true(json_array_size(json_object_get(demo, "activations")) > 0);
        const json_t *first = json_array_get(json_object_get(demo, "activations"), 0);
        assert_true(town_whole(first, "pool") > 0);
        assert_true(json_string_length(json_object_get(first, "from")) == 10);
        assert_true(json_is_false(json_object_get(hunan, "demonstration")));
        assert_int_equal(json_array_size(json_object_get(hunan, "activations")), 0);
        assert_string_equal(json_string_value(json_object_get(hunan, "hash")), hex);
        assert_string_equal(json_string_value(json_object_get(hunan, "parent")),
                            json_string_value(json_object_get(cn, "hash")));
        assert_true(json_is_null(json_object_get(cn, "parent")));
        assert_true(json_string_length(json_object_get(hunan, "title_en")) > 0);
        json_decref(out);
        town_free(t);
}

static void figures_are_found_by_name_hash_and_key(void **state)
{
        struct town *t = fresh(state);
        json_t *all = NULL, *one = NULL;
        char hex[65];

        assert_int_equal(town_call(t, "packs.parameters", json_pack("{s:s}", "pack", "demo"), &all), SB_OK);
        const json_t *items = json_object_get(all, "items");
        assert_true(json_array_size(items) > 20);
        const char *key = json_string_value(json_object_get(json_array_get(items, 0), "key"));
        assert_int_equal(town_call(t, "packs.parameters",
                                   json_pack("{s:s,s:s}", "pack", hash_hex(pack_hash(t->pack), hex), "key", key), &one),
                         SB_OK);
        const json_t *few = json_object_get(one, "items");
        assert_in_range(json_array_size(few), 1, json_array_size(items) - 1);
        for (size_t i = 0; i < json_array_size(few); i++) {
                const json_t *p = json_array_get(few, i);
                assert_string_equal(json_string_value(json_object_get(p, "key")), key);
                assert_true(json_string_length(json_object_get(p, "unit")) > 0);
                assert_true(json_string_length(json_object_get(p, "valid_from")) == 10);
                assert_non_null(json_object_get(p, "source"));
        }
        json_decref(one);
        json_decref(all);
        static const char *const unknown[] = {"nowhere", "0000000000000000000000000000000000000000000000000000000000000000"};
        for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
                assert_int_equal(town_call(t, "packs.parameters", json_pack("{s:s}", "pack", unknown[i]), NULL),
                                 SB_CASE_PACK_UNKNOWN);
        town_free(t);
}

static void a_pack_comes_into_force_on_a_day(void **state)
{
        struct town *t = fresh(state);
        int64_t pool = town_pool(t);
        json_t *out = NULL;
        char hex[65], hunan[65];

        hash_hex(pack_hash(t->pack), hex);
        assert_int_equal(town_call(t, "packs.activate",
                                   json_pack("{s:s,s:I,s:s}", "pack", "demo", "pool", (json_int_t)pool, "from", "2027-01-01"),
                                   &out),
                         SB_OK);
        assert_string_equal(json_string_value(json_object_get(out, "pack")), hex);
        assert_string_equal(json_string_value(json_object_get(out, "from")), "2027-01-01");
        assert_int_equal(town_whole(out, "pool"), pool);
        json_decref(out);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM pack_activation WHERE pool = ?1@int", pool), 2);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'packs.activate'"), 1);

        store_pack(t, "packs/cn-hunan", hunan);
        const struct {
                const char *pack, *from;
                enum error_code code;
        } refused[] = {{"nowhere", "2027-01-01", SB_CASE_PACK_UNKNOWN},
                       {hex, "2027-02-30", SB_FIELD_TYPE},
                       {hunan, "2027-01-01", SB_CASE_PACK_KIND}};
        for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
                assert_int_equal(town_call(t, "packs.activate",
                                           json_pack("{s:s,s:I,s:s}", "pack", refused[i].pack, "pool", (json_int_t)pool, "from",
                                                     refused[i].from),
                                           NULL),
                                 refused[i].code);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'packs.activate'"), 1);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(packs_are_listed_with_where_they_are_in_force),
            TEST_ON_BOTH(figures_are_found_by_name_hash_and_key),
            TEST_ON_BOTH(a_pack_comes_into_force_on_a_day),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
