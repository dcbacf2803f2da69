/* SPDX-License-Identifier: Apache-2.0
 *
 * What a verb reads was judged by its schema: every field that a schema names has a type, every limit both ends, and what has another
 * type is refused before the verb runs. The accessors of base/json.h that cannot fail rest on it.
 */
#include "case/case.h"
#include "office/office.h"
#include "testing.h"

#include <string.h>

static struct registry *all_verbs(void)
{
        const struct verb *tables[40] = {case_verbs};
        struct registry *r = NULL;
        struct error err = {0};

        for (size_t i = 0; office_verbs[i] != NULL; i++)
                tables[i + 1] = office_verbs[i];
        assert_ok(registry_new(&r, tables, office_scopes, &err), err);
        return r;
}

/* These look at a field themselves: a declaration tells each fault at its line, a letter takes whom it is to as its model says it. */
static bool judges_itself(const struct verb *v)
{
        return strcmp(v->name, "contribution.declare") == 0 || strcmp(v->name, "contribution.preview") == 0 ||
               strcmp(v->name, "letter.issue") == 0;
}

/* Where a schema says nothing of what stands in a field; NULL when it says something everywhere. */
static const char *unjudged(const json_t *schema, char *place, size_t size)
{
        const json_t *type = json_object_get(schema, "type"), *list = json_object_get(schema, "enum"), *items;
        const char *name;
        json_t *one;

        if (type == NULL && json_array_size(list) == 0)
                return "";
        if (json_is_string(type) && strcmp(json_string_value(type), "array") == 0 &&
            (items = json_object_get(schema, "items")) != NULL)
                return unjudged(items, place, size);
        json_object_foreach(json_object_get(schema, "properties"), name, one)
        {
                const char *below = unjudged(one, place, size);
                char kept[200];
                if (below == NULL)
                        continue;
                text_copy(kept, sizeof kept, str_from(below));
                return text_format(place, size, "%s/%s", name, kept);
        }
        return NULL;
}

static void every_field_of_an_input_has_a_type(void **state)
{
        struct registry *r = all_verbs();
        const struct verb *v;
        char place[240];

        (void)state;
        for (size_t i = 0; (v = registry_at(r, i)) != NULL; i++) {
                const char *where = unjudged(registry_schema_in(r, v), place, sizeof place);
                if (where != NULL && !judges_itself(v))
                        fail_msg("%s: %s", v->name, where);
        }
        registry_free(r);
}

static void a_limit_has_both_ends(void **state)
{
        struct registry *r = all_verbs();
        const struct verb *v;
        int lists = 0;

        (void)state;
        for (size_t i = 0; (v = registry_at(r, i)) != NULL; i++) {
                const json_t *limit = json_object_get(json_object_get(registry_schema_in(r, v), "properties"), "limit");
                if (limit == NULL)
                        continue;
                int64_t least = json_integer_value(json_object_get(limit, "minimum"));
                int64_t most = json_integer_value(json_object_get(limit, "maximum"));
                if (least < 1 || most < least || most > 500)
                        fail_msg("%s: %d-%d", v->name, (int)least, (int)most);
                lists++;
        }
        assert_true(lists > 10);
        registry_free(r);
}

/* A value of none of the types that are read by name. */
static json_t *other_than(const json_t *schema)
{
        const char *type = json_string_value(json_object_get(schema, "type"));

        if (type == NULL || strcmp(type, "string") == 0)
                return json_object_get(schema, "format") == NULL ? json_integer(7) : json_string("2026-02-30");
        return json_string("7");
}

static void what_has_another_type_is_refused(void **state)
{
        struct registry *r = all_verbs();
        const struct verb *v;
        const char *name;
        json_t *property;
        int refused = 0;

        (void)state;
        for (size_t i = 0; (v = registry_at(r, i)) != NULL; i++) {
                const json_t *schema = registry_schema_in(r, v);
                json_t *bare = json_deep_copy(schema);
                json_object_del(bare, "required"); /* each field by itself */
                json_object_foreach(json_object_get(schema, "properties"), name, property)
                {
                        struct error err = {0};
                        json_t *in = json_object();
                        if (json_object_size(property) == 0) { /* of a verb that judges itself */
                                json_decref(in);
                                continue;
                        }
                        if (json_is_array(
                                json_object_get(property, "type"))) { /* of several types: none of them is a list of lists */
                                json_object_set_new(in, name, json_pack("[[]]"));
                        } else {
                                json_object_set_new(in, name, other_than(property));
                        }
                        if (json_check(bare, in, &err) != ERR || err.code != SB_FIELD_TYPE)
                                fail_msg("%s: %s", v->name, name);
                        json_decref(in);
                        refused++;
                }
                json_decref(bare);
        }
        assert_true(refused > 300);
        registry_free(r);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_field_of_an_input_has_a_type),
            cmocka_unit_test(a_limit_has_both_ends),
            cmocka_unit_test(what_has_another_type_is_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
