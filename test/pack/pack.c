/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/fixture.h"

#include <stdio.h>
#include <string.h>

static struct pack *open_named(const struct fixture *f, const char *name)
{
        char dir[128];
        struct error err = {0};
        struct pack *p = NULL;
        assert_ok(pack_open(&p, fixture_dir(f, name, dir), &err), err);
        return p;
}

static const char *figure(const struct pack *p, const char *key, const char *dims, const char *day)
{
        struct error err = {0};
        const struct parameter *found = NULL;
        day_t d;
        assert_ok(day_parse(&d, str_from(day), &err), err);
        assert_ok(pack_parameter(p, key, dims, d, &found, &err), err);
        assert_string_equal(found->key, key);
        return found->value;
}

static void no_figure(const struct pack *p, const char *key, const char *dims, const char *day, enum error_code code)
{
        struct error err = {0};
        const struct parameter *found;
        day_t d;
        assert_ok(day_parse(&d, str_from(day), &err), err);
        assert_error(pack_parameter(p, key, dims, d, &found, &err), err, code);
}

static void figures_by_day(void **state)
{
        struct pack *p = open_named(*state, "land");
        assert_string_equal(pack_name(p), "land");
        assert_string_equal(pack_title(p, LANG_ZH), "国家");
        assert_false(pack_is_demonstration(p));
        assert_string_equal(figure(p, "wage", "", "2020-01-01"), "1000");
        assert_string_equal(figure(p, "wage", "", "2020-12-31"), "1000");
        assert_string_equal(figure(p, "wage", "", "2021-01-01"), "1100.50");
        assert_string_equal(figure(p, "wage", "", "2099-01-01"), "1100.50");
        no_figure(p, "wage", "", "2019-12-31", SB_PARAMETER_MISSING);
        no_figure(p, "income", "", "2020-01-01", SB_PARAMETER_UNKNOWN);
        no_figure(p, "wage", "a=1", "2020-01-01", SB_PARAMETER_DIMENSIONS);
        pack_free(p);
}

static void figures_by_dimension(void **state)
{
        struct pack *p = open_named(*state, "land");
        assert_string_equal(figure(p, "rate", "scheme=EP;party=person", "2021-12-31"), "8");
        assert_string_equal(figure(p, "rate", "scheme=EP;party=person", "2022-01-01"), "2");
        assert_string_equal(figure(p, "rate", "scheme=UI;party=person", "2020-06-01"), "2");
        no_figure(p, "rate", "scheme=UI;party=employer", "2020-06-01", SB_PARAMETER_MISSING);
        no_figure(p, "rate", "party=person;scheme=EP", "2020-06-01", SB_PARAMETER_DIMENSIONS);
        const struct parameter *rows;
        assert_int_equal(pack_parameters(p, "rate", &rows), 2);
        assert_string_equal(rows[0].dims, "scheme=*;party=person");
        assert_int_equal(pack_parameters(p, "income", &rows), 0);
        pack_free(p);
}

static void child_merges(void **state)
{
        const struct fixture *f = *state;
        fixture_child(f, "north", "wage,,900,yuan,2020-01-01,,省1号 1,T\nwage,,1300,yuan,2023-01-01,,省1号 1,T\n");
        struct pack *p = open_named(f, "north");
        assert_string_equal(pack_name(pack_parent(p)), "land");
        assert_string_equal(figure(p, "wage", "", "2020-01-01"), "900");
        assert_string_equal(figure(p, "wage", "", "2022-12-31"), "1100.50");
        assert_string_equal(figure(p, "wage", "", "2023-01-01"), "1300");
        assert_string_equal(figure(pack_parent(p), "wage", "", "2023-01-01"), "1100.50");
        assert_string_equal(pack_text(p, "hello", LANG_EN), "Good day");
        assert_string_equal(pack_text(p, "absent", LANG_EN), "absent");
        pack_free(p);
}

static void child_removes(void **state)
{
        const struct fixture *f = *state;
        fixture_child(f, "north", "");
        fixture_write(f, "north/pack.json",
                      "{\"name\":\"north\",\"title\":{\"zh\":\"省\",\"en\":\"P\"},\"version\":"
                      "\"1\",\"parent\":{\"name\":\"land\"},"
                      "\"removals\":[{\"key\":\"wage\",\"valid_from\":\"2021-01-01\",\"reason\":"
                      "\"not applied\"}]}");
        struct pack *p = open_named(f, "north");
        assert_string_equal(figure(p, "wage", "", "2022-01-01"), "1000");
        pack_free(p);
}

static void unknown_figure_is_missing(void **state)
{
        const struct fixture *f = *state;
        fixture_child(f, "north", "wage,,,yuan,2021-01-01,,,\n");
        struct pack *p = open_named(f, "north");
        assert_string_equal(figure(p, "wage", "", "2020-01-01"), "1000");
        no_figure(p, "wage", "", "2021-01-01", SB_PARAMETER_MISSING);
        pack_free(p);
        fixture_expect(f, "north", 1, SB_PARAMETER_EMPTY, "north/parameters/own.csv:2");
}

static void archive_round_trip(void **state)
{
        const struct fixture *f = *state;
        struct error err = {0};
        struct buf land, north, again;
        fixture_child(f, "north", "wage,,900,yuan,2020-01-01,,省1号 1,T\n");
        struct pack *p = open_named(f, "north"), *parent = NULL, *copy = NULL;
        buf_init(&land, 1 << 20);
        buf_init(&north, 1 << 20);
        buf_init(&again, 1 << 20);
        assert_ok(pack_archive(pack_parent(p), &land, &err), err);
        assert_ok(pack_archive(p, &north, &err), err);
        struct hash h = hash_of(north.p, north.n);
        assert_memory_equal(&h, pack_hash(p), sizeof h);
        assert_ok(pack_open_archive(&parent, (struct str){land.p, land.n}, NULL, &err), err);
        assert_ok(pack_open_archive(&copy, (struct str){north.p, north.n}, parent, &err), err);
        pack_free(parent);
        assert_memory_equal(pack_hash(copy), pack_hash(p), sizeof h);
        assert_string_equal(figure(copy, "wage", "", "2020-01-01"), "900");
        assert_string_equal(figure(copy, "mode", "", "2020-01-01"), "up");
        assert_ok(pack_archive(copy, &again, &err), err);
        assert_int_equal(again.n, north.n);
        assert_memory_equal(again.p, north.p, north.n);
        pack_free(copy);
        pack_free(p);
        buf_dispose(&land);
        buf_dispose(&north);
        buf_dispose(&again);
}

/* Every cut of an archive is refused, and leaks nothing. */
static void archive_damaged(void **state)
{
        const struct fixture *f = *state;
        struct error err = {0};
        struct buf b;
        struct pack *p = open_named(f, "land"), *copy = NULL;
        buf_init(&b, 1 << 20);
        assert_ok(pack_archive(p, &b, &err), err);
        for (size_t n = 0; n < b.n; n += 7) {
                error_clear(&err);
                assert_true(pack_open_archive(&copy, (struct str){b.p, n}, NULL, &err) < 0);
                assert_int_not_equal(err.code, SB_OK);
        }
        error_clear(&err);
        memcpy(strstr(b.p, "keys.csv"), "../x.csv", 8);
        assert_error(pack_open_archive(&copy, (struct str){b.p, b.n}, NULL, &err), err, SB_PACK_ARCHIVE);
        pack_free(p);
        buf_dispose(&b);
}

static void hash_covers_files_and_parent(void **state)
{
        const struct fixture *f = *state;
        fixture_child(f, "north", "");
        struct pack *p = open_named(f, "north");
        struct hash before = *pack_hash(p);
        pack_free(p);
        p = open_named(f, "north");
        assert_memory_equal(&before, pack_hash(p), sizeof before);
        pack_free(p);
        fixture_write(f, "land/texts/a.csv", "key,zh,en\nhello,您好,Hello\n");
        p = open_named(f, "north");
        assert_memory_not_equal(&before, pack_hash(p), sizeof before);
        pack_free(p);
}

static void parent_pinned_by_hash(void **state)
{
        const struct fixture *f = *state;
        char hex[65], text[512], dir[128];
        struct error err = {0};
        struct pack *p = open_named(f, "land");
        hash_hex(pack_hash(p), hex);
        pack_free(p);
        snprintf(text, sizeof text,
                 "{\"name\":\"north\",\"title\":{\"zh\":\"省\",\"en\":\"P\"},\"version\":\"1\","
                 "\"parent\":{\"name\":\"land\",\"hash\":\"%s\"}}",
                 hex);
        fixture_write(f, "north/pack.json", text);
        p = open_named(f, "north");
        pack_free(p);
        fixture_write(f, "land/texts/b.csv", "key,zh,en\nx,一,One\n");
        assert_error(pack_open(&p, fixture_dir(f, "north", dir), &err), err, SB_PACK_PARENT);
}

static void tables_and_files(void **state)
{
        const struct fixture *f = *state;
        struct error err = {0};
        struct str bytes;
        json_t *rows = NULL;
        fixture_write(f, "land/pools.csv", "pool,name\na,\"甲, 乙\"\nb,丙\n");
        fixture_write(f, "land/processes/P17.bpmn", "<land/>");
        fixture_write(f, "land/processes/P06.bpmn", "<land/>");
        fixture_child(f, "north", "");
        fixture_write(f, "north/processes/P17.bpmn", "<north/>");
        struct pack *p = open_named(f, "north");
        assert_ok(pack_table(p, "pools.csv", &rows, &err), err);
        assert_int_equal(json_array_size(rows), 2);
        assert_string_equal(json_string_value(json_object_get(json_array_get(rows, 0), "name")), "甲, 乙");
        json_decref(rows);
        assert_ok(pack_file(p, "processes/P17.bpmn", &bytes, &err), err);
        assert_true(str_is(bytes, "<north/>"));
        assert_error(pack_file(p, "processes/P99.bpmn", &bytes, &err), err, SB_PACK_FILE);
        assert_error(pack_table(p, "absent.csv", &rows, &err), err, SB_PACK_FILE);
        assert_ok(pack_table_maybe(p, "absent.csv", &rows, &err), err);
        assert_int_equal(json_array_size(rows), 0);
        json_decref(rows);
        assert_ok(pack_table_maybe(p, "pools.csv", &rows, &err), err);
        assert_true(json_array_size(rows) > 0);
        json_decref(rows);
        assert_string_equal(pack_file_name(p, "processes", 0), "P06.bpmn");
        assert_string_equal(pack_file_name(p, "processes", 1), "P17.bpmn");
        assert_null(pack_file_name(p, "processes", 2));
        pack_free(p);
}

static void calendar_of_the_pack(void **state)
{
        struct pack *p = open_named(*state, "land");
        struct error err = {0};
        bool working;
        assert_ok(calendar_is_working(pack_calendar(p), day_from(2024, 1, 1), &working, &err), err);
        assert_false(working);
        assert_ok(calendar_is_working(pack_calendar(p), day_from(2024, 2, 4), &working, &err), err);
        assert_true(working);
        assert_error(calendar_is_working(pack_calendar(p), day_from(2025, 1, 1), &working, &err), err, SB_CALENDAR_END);
        pack_free(p);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, fixture_make, fixture_remove)
        const struct CMUnitTest tests[] = {
            WITH(figures_by_day),   WITH(figures_by_dimension),         WITH(child_merges),
            WITH(child_removes),    WITH(unknown_figure_is_missing),    WITH(archive_round_trip),
            WITH(archive_damaged),  WITH(hash_covers_files_and_parent), WITH(parent_pinned_by_hash),
            WITH(tables_and_files), WITH(calendar_of_the_pack),
        };
        int failed = cmocka_run_group_tests_name("pack", tests, NULL, NULL);
        return failed + test_pack_faults();
}
