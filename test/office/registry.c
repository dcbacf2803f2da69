/* SPDX-License-Identifier: Apache-2.0
 *
 * Registry and search on both engines: what is refused and at which field, what is found and why, what a
 * correction leaves behind, and that nothing personal lies open in the database.
 */
#include "office/town.h"

#include "office/desk/desk.h"
#include "office/privacy/privacy.h"
#include "office/registry/name.h"
#include "office/registry/registry.h"

#include <string.h>

static const struct verb *const TABLES[] = {registry_verbs, desk_verbs, privacy_verbs, NULL};

static struct town *fresh(void **state)
{
        struct town *t = town_new(*(enum test_engine *)*state, TABLES);

        if (t == NULL)
                skip();
        return t;
}

static const char *text_of(const json_t *o, const char *name)
{
        const char *s = json_string_value(json_object_get(o, name));

        return s == NULL ? "" : s;
}

/* --- names ------------------------------------------------------------------------------------------------------------ */

static void pinyin(void **state)
{
        (void)state;
        assert_string_equal(pinyin_of(0x5F20), "zhang");
        assert_string_equal(pinyin_of(0x2CB5A), "chun"); /* 𬭚: beyond the first plane */
        assert_string_equal(pinyin_of(0x4DAE), "yan");   /* 䶮 */
        assert_string_equal(pinyin_of('a'), "");
        assert_string_equal(pinyin_of(0x10FFFF), "");
}

static void names_match(void **state)
{
        (void)state;
        assert_true(name_matches(STR("王小明"), STR("小明")));
        assert_true(name_matches(STR("王小明"), STR("wangxiaoming")));
        assert_true(name_matches(STR("王小明"), STR("Wang Xiaoming")));
        assert_true(name_matches(STR("王小明"), STR("WXM")));
        assert_false(name_matches(STR("王小明"), STR("王明")));
        assert_false(name_matches(STR("王小明"), STR("wangxiao")));
        assert_true(name_matches(STR("单小明"), STR("shanxiaoming"))); /* as a surname */
        assert_true(name_matches(STR("阿布都·热依木"), STR("阿布都热依木")));
        assert_false(name_matches(STR("王小明"), STR("")));
}

static void name_limits(void **state)
{
        struct error err = {0};
        char longest[NAME_CHARACTERS_MAX * 3 + 4] = "";

        (void)state;
        for (int i = 0; i < NAME_CHARACTERS_MAX; i++)
                memcpy(longest + 3 * i, "王", 3);
        assert_ok(name_check(str_from(longest), &err), err);
        memcpy(longest + 3 * NAME_CHARACTERS_MAX, "王", 4);
        assert_error(name_check(str_from(longest), &err), err, SB_REGISTRY_NAME);
        assert_error(name_check(STR(""), &err), err, SB_REGISTRY_NAME);
        assert_error(name_check(STR(" 王"), &err), err, SB_REGISTRY_NAME);
        assert_error(name_check(STR("王\n明"), &err), err, SB_REGISTRY_NAME);
        assert_error(name_check(STR("王\xff"), &err), err, SB_REGISTRY_NAME);
}

static void mask(void **state)
{
        char out[32];

        (void)state;
        assert_string_equal(text_mask(out, sizeof out, "990101198001011234", 6, 4), "990101********1234");
        assert_string_equal(text_mask(out, sizeof out, "13812345678", 3, 4), "138****5678");
        assert_string_equal(text_mask(out, sizeof out, "1234", 3, 4), "****");
        assert_string_equal(text_mask(out, sizeof out, "", 3, 4), "");
}

/* --- registration -------------------------------------------------------------------------------------------------------- */

static enum error_code register_as(struct town *t, const char *name, const char *id, const char *category)
{
        return town_call(t, "registry.person_register",
                         json_pack("{s:s,s:s,s:s}", "name", name, "id_number", id, "category", category), NULL);
}

static void person_refused(void **state)
{
        struct town *t = fresh(state);
        char id[24];

        assert_int_equal(register_as(t, "", town_id("99010119800101123", id), "male"), SB_REGISTRY_NAME);
        assert_string_equal(t->err.where, "name");
        assert_int_equal(register_as(t, "王小明", "99010119900230123X", "male"), SB_ID_NUMBER);
        assert_string_equal(t->err.where, "id_number");
        town_id("99010119800101123", id);
        id[17] = id[17] == '0' ? '1' : '0';
        assert_int_equal(register_as(t, "王小明", id, "male"), SB_ID_NUMBER);
        assert_int_equal(register_as(t, "王小明", town_id("99010119800101123", id), "f55"), SB_REGISTRY_CATEGORY);
        assert_string_equal(t->err.where, "category");
        assert_int_equal(register_as(t, "李小红", town_id("99010119800101124", id), ""), SB_REGISTRY_CATEGORY);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person"), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM name_key"), 0);
        town_free(t);
}

static void person_once(void **state)
{
        struct town *t = fresh(state);
        char id[24];
        json_t *first = NULL, *again = NULL;
        json_t *in = json_pack("{s:s,s:s}", "name", "王小明", "id_number", town_id("99010119800101123", id));

        assert_int_equal(town_call_as(t, 1, ROLE_CLERK, "same-key-1", "registry.person_register", json_incref(in), &first),
                         SB_OK);
        assert_int_equal(town_call_as(t, 1, ROLE_CLERK, "same-key-1", "registry.person_register", json_incref(in), &again),
                         SB_OK);
        assert_true(json_equal(first, again));
        assert_int_equal(town_call_as(t, 1, ROLE_CLERK, "", "registry.person_register", in, NULL), SB_REGISTRY_DUPLICATE);
        assert_non_null(strstr(t->err.args, "P01-"));
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'registry.person_register'"), 1);
        json_decref(first);
        json_decref(again);
        town_free(t);
}

static void role_refused(void **state)
{
        struct town *t = fresh(state);
        char id[24];
        json_t *in = json_pack("{s:s,s:s}", "name", "王小明", "id_number", town_id("99010119800101123", id));

        assert_int_equal(town_call_as(t, 2, ROLE_AUDITOR, "", "registry.person_register", in, NULL), SB_CASE_ROLE);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person"), 0);
        town_free(t);
}

/* --- page, look, correction ------------------------------------------------------------------------------------------------ */

static void person_page(void **state)
{
        struct town *t = fresh(state);
        int64_t id = town_person(t, "李䶮𬭚", "99010119800101124", "f55");
        json_t *out = NULL;

        assert_int_equal(town_call(t, "registry.person_get", json_pack("{s:I}", "person", (json_int_t)id), &out), SB_OK);
        assert_string_equal(text_of(out, "name"), "李䶮𬭚");
        assert_string_equal(text_of(out, "birth"), "1980-01-01");
        assert_string_equal(text_of(out, "sex"), "female");
        assert_memory_equal(text_of(out, "id_number_masked"), "990101********", 14);
        assert_int_equal(json_integer_value(json_object_get(out, "age_months")), 46 * 12 + 10);
        json_decref(out);
        assert_int_equal(town_call(t, "registry.person_get", json_pack("{s:i}", "person", 999999), NULL), SB_REGISTRY_PERSON);

        json_t *look = json_pack("{s:I,s:s}", "person", (json_int_t)id, "reason", " ab ");
        assert_int_equal(town_call(t, "registry.person_reveal", look, NULL), SB_REGISTRY_REASON);
        look = json_pack("{s:I,s:s}", "person", (json_int_t)id, "reason", "核对银行账号");
        assert_int_equal(town_call(t, "registry.person_reveal", look, &out), SB_OK);
        assert_memory_equal(text_of(out, "id_number"), "99010119800101124", 17);
        json_decref(out);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE verb = 'registry.person_reveal'"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM idempotency WHERE response LIKE '%99010119800101124%'"), 0);
        town_free(t);
}

static enum error_code correct(struct town *t, int64_t id, const char *field, const char *value, const char *from, int version,
                               json_t **out)
{
        return town_call(t, "registry.person_correct",
                         json_pack("{s:I,s:s,s:s,s:s,s:s,s:i}", "person", (json_int_t)id, "field", field, "value", value,
                                   "valid_from", from, "source", "户口簿", "version", version),
                         out);
}

static void person_corrected(void **state)
{
        struct town *t = fresh(state);
        int64_t id = town_person(t, "王小明", "99010119800101123", "male");
        json_t *out = NULL;
        char number[24];

        assert_int_equal(correct(t, id, "colour", "red", "2020-05-01", 1, NULL), SB_REGISTRY_FIELD);
        assert_int_equal(correct(t, id, "death", "1979-12-31", "2020-05-01", 1, NULL), SB_REGISTRY_PERIOD);
        assert_int_equal(correct(t, id, "name", "王大明", "2020-05-01", 1, &out), SB_OK);
        assert_int_equal(json_integer_value(json_object_get(out, "version")), 2);
        json_decref(out);
        assert_int_equal(correct(t, id, "telephone", "13900000000", "2020-05-01", 1, NULL), SB_OFFICE_VERSION);
        /* What was believed is closed; before the day the old name still holds, from it on the new one. */
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person_fact WHERE known_to < 253402214400000000"), 1);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person_fact WHERE known_to = 253402214400000000"), 2);
        assert_int_equal(town_call(t, "registry.person_get", json_pack("{s:I}", "person", (json_int_t)id), &out), SB_OK);
        assert_string_equal(text_of(out, "name"), "王大明");
        json_decref(out);
        /* A new identity number is found, the wrong one no more; it cannot be another person's. */
        town_person(t, "赵四", "99010119810101123", "male");
        assert_int_equal(correct(t, id, "id_number", town_id("99010119810101123", number), "2020-05-01", 2, NULL),
                         SB_REGISTRY_DUPLICATE);
        assert_int_equal(correct(t, id, "id_number", town_id("99010119800102123", number), "2020-05-01", 2, NULL), SB_OK);
        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", number), &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", town_id("99010119800101123", number)), &out),
                         SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        town_free(t);
}

/* --- employers and employment ------------------------------------------------------------------------------------------------ */

static enum error_code employ(struct town *t, int64_t person, int64_t employer, const char *from, const char *to, int64_t *id)
{
        json_t *in = json_pack("{s:I,s:I,s:s}", "person", (json_int_t)person, "employer", (json_int_t)employer, "from", from),
               *out = NULL;

        if (to != NULL)
                json_object_set_new(in, "to", json_string(to));
        enum error_code code = town_call(t, "registry.employment_open", in, &out);
        if (id != NULL)
                *id = json_integer_value(json_object_get(out, "id"));
        json_decref(out);
        return code;
}

static void employment(void **state)
{
        struct town *t = fresh(state);
        int64_t person = town_person(t, "王小明", "99010119800101123", "male"), spell;
        int64_t employer = town_employer(t, "云城第一机械厂", "91990101MA0000001", "990101");
        json_t *out = NULL;

        assert_int_equal(employ(t, person, employer, "1979-01-01", NULL, NULL), SB_REGISTRY_PERIOD);
        assert_int_equal(employ(t, person, employer, "2005-01-01", "2004-12-30", NULL), SB_REGISTRY_PERIOD);
        assert_int_equal(employ(t, person, employer, "2001-01-01", "2003-12-31", NULL), SB_OK);
        assert_int_equal(employ(t, person, employer, "2003-12-31", NULL, NULL), SB_REGISTRY_OVERLAP);
        assert_int_equal(employ(t, person, employer, "2004-01-01", NULL, &spell), SB_OK);
        assert_int_equal(employ(t, person, 999999, "2004-01-01", NULL, NULL), SB_REGISTRY_EMPLOYER);
        json_t *workers = json_pack("{s:I,s:s}", "employer", (json_int_t)employer, "month", "2026-10");
        assert_int_equal(town_call(t, "registry.employer_workers", workers, &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 1);
        json_decref(out);
        json_t *end = json_pack("{s:I,s:s,s:s}", "employment", (json_int_t)spell, "to", "2026-09-30", "reason", "resigned");
        assert_int_equal(town_call(t, "registry.employment_end", end, NULL), SB_OK);
        end = json_pack("{s:I,s:s,s:s}", "employment", (json_int_t)spell, "to", "2026-09-29", "reason", "resigned");
        assert_int_equal(town_call(t, "registry.employment_end", end, NULL), SB_REGISTRY_EMPLOYMENT);
        workers = json_pack("{s:I,s:s}", "employer", (json_int_t)employer, "month", "2026-10");
        assert_int_equal(town_call(t, "registry.employer_workers", workers, &out), SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "items")), 0);
        json_decref(out);
        assert_int_equal(town_call(t, "registry.person_timeline", json_pack("{s:I}", "person", (json_int_t)person), &out),
                         SB_OK);
        assert_int_equal(json_array_size(json_object_get(out, "bars")), 2);
        json_decref(out);
        assert_int_equal(town_call(t, "registry.employer_get", json_pack("{s:I}", "employer", (json_int_t)employer), &out),
                         SB_OK);
        assert_string_equal(text_of(out, "name"), "云城第一机械厂");
        json_decref(out);
        town_free(t);
}

/* --- search --------------------------------------------------------------------------------------------------------------------- */

static size_t found(struct town *t, const char *text, const char *kind, const char *why)
{
        json_t *out = NULL, *item;
        size_t i, n = 0;

        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", text), &out), SB_OK);
        json_array_foreach(json_object_get(out, "items"), i, item) n +=
            strcmp(text_of(item, "kind"), kind) == 0 && strcmp(text_of(item, "why"), why) == 0;
        json_decref(out);
        return n;
}

static void search(void **state)
{
        struct town *t = fresh(state);
        char number[32], id[24];
        int64_t person = town_person(t, "王小明", "99010119800101123", "male");

        town_person(t, "王小红", "99010119800101124", "f50");
        town_person(t, "李䶮𬭚", "99010119800101126", "f50");
        town_employer(t, "云城第一机械厂", "91990101MA0000001", "990101");
        assert_int_equal(found(t, "王", "person", "name"), 2);
        assert_int_equal(found(t, "小明", "person", "name"), 1);
        assert_int_equal(found(t, "王小明", "person", "name"), 1);
        assert_int_equal(found(t, "小王", "person", "name"), 0);
        assert_int_equal(found(t, "𬭚", "person", "name"), 1);
        assert_int_equal(found(t, "䶮𬭚", "person", "name"), 1);
        assert_int_equal(found(t, "wangxiaoming", "person", "pinyin"), 1);
        assert_int_equal(found(t, "WXM", "person", "pinyin"), 1);
        assert_int_equal(found(t, "liyanchun", "person", "pinyin"), 1);
        assert_int_equal(found(t, "机械", "employer", "name"), 1);
        assert_int_equal(found(t, "第一机械厂", "employer", "name"), 1);
        assert_int_equal(found(t, "第二机械厂", "employer", "name"), 0);
        assert_int_equal(found(t, readable_number('P', 1, person, number), "person", "number"), 1);
        assert_int_equal(found(t, town_id("99010119800101123", id), "person", "id_number"), 1);
        assert_int_equal(found(t, town_uscc("91990101MA0000001", id), "employer", "number"), 1);
        assert_int_equal(found(t, "P17", "process", "number"), 0); /* no law yet */
        assert_int_equal(town_call(t, "desk.search", json_pack("{s:s}", "q", "  "), NULL), SB_OFFICE_SEARCH);
        town_free(t);
}

/* Processes of the law in force, by number and by words of either language. */
static void process_search(void **state)
{
        struct town *t = town_founded(*(enum test_engine *)*state);

        if (t == NULL)
                skip();
        assert_int_equal(found(t, "p17", "process", "number"), 1);
        assert_true(found(t, "养老", "process", "name") >= 1);
        assert_true(found(t, "pension", "process", "name") >= 1);
        assert_int_equal(found(t, "养", "process", "name"), 0);
        town_free(t);
}

static void sealed(void **state)
{
        struct town *t = fresh(state);

        town_person(t, "王小明", "99010119800101123", "male");
        /* Whatever the engine calls it, the name must not be found in any text that is stored. */
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM audit_row WHERE body LIKE '%王小明%'"), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM idempotency WHERE response LIKE '%王小明%'"), 0);
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM person_fact WHERE length(sealed) > 40"), 1);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(pinyin),     cmocka_unit_test(names_match), cmocka_unit_test(name_limits),
            cmocka_unit_test(mask),       TEST_ON_BOTH(person_refused),  TEST_ON_BOTH(person_once),
            TEST_ON_BOTH(role_refused),   TEST_ON_BOTH(person_page),     TEST_ON_BOTH(person_corrected),
            TEST_ON_BOTH(employment),     TEST_ON_BOTH(search),          TEST_ON_BOTH(sealed),
            TEST_ON_BOTH(process_search),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
