/* SPDX-License-Identifier: Apache-2.0
 *
 * Each kind of fault, alone, with its file and line.
 */
#include "pack/fixture.h"

#include <string.h>

static void row_faults(void **state)
{
        const struct fixture *f = *state;
        static const struct {
                const char *row;
                enum error_code code;
        } cases[] = {
            {"income,,1,yuan,2020-01-01,,x,T\n", SB_PARAMETER_UNKNOWN},
            {"rate,scheme=EP,1,percent,2020-01-01,,x,T\n", SB_PARAMETER_DIMENSIONS},
            {"rate,scheme=EP;party=,1,percent,2020-01-01,,x,T\n", SB_PARAMETER_DIMENSIONS},
            {"rate,party=person;scheme=EP,1,percent,2020-01-01,,x,T\n", SB_PARAMETER_DIMENSIONS},
            {"wage,a=1,1,yuan,2020-01-01,,x,T\n", SB_PARAMETER_DIMENSIONS},
            {"wage,,1,fen,2020-01-01,,x,T\n", SB_PARAMETER_UNIT},
            {"wage,,1,percent,2020-01-01,,x,T\n", SB_PARAMETER_UNIT},
            {"wage,,12x,yuan,2020-01-01,,x,T\n", SB_PARAMETER_VALUE},
            {"wage,,1e3,yuan,2020-01-01,,x,T\n", SB_PARAMETER_VALUE},
            {"wage,,.5,yuan,2020-01-01,,x,T\n", SB_PARAMETER_VALUE},
            {"days,,2.5,months,2020-01-01,,x,T\n", SB_PARAMETER_VALUE},
            {"mode,,sideways,text,2020-01-01,,x,T\n", SB_PARAMETER_VALUE},
            {"wage,,1,yuan,2020-02-30,,x,T\n", SB_DATE_SYNTAX},
            {"wage,,1,yuan,2020-01-01,2020-13-01,x,T\n", SB_DATE_SYNTAX},
            {"wage,,1,yuan,2020-01-01,2020-01-01,x,T\n", SB_PARAMETER_PERIOD},
            {"wage,,1,yuan,2020-01-01,,,T\n", SB_PARAMETER_SOURCE},
            {"wage,,1,yuan,2020-01-01,,x,Z\n", SB_PARAMETER_EVIDENCE},
            {"wage,,1,yuan,2020-01-01,,x,\n", SB_PARAMETER_EVIDENCE},
            {"wage,,1,yuan,2020-01-01,,x,demo\n", SB_PARAMETER_EVIDENCE},
            {"wage,,1,yuan,2020-01-01\n", SB_CSV_SYNTAX},
        };
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                fixture_child(f, "north", cases[i].row);
                fixture_expect(f, "north", 2, cases[i].code, "north/parameters/own.csv:2");
        }
        fixture_child(f, "north", "wage,,\"1,yuan\n");
        fixture_expect(f, "north", 2, SB_CSV_SYNTAX, "north/parameters/own.csv:3");
}

static void unchecked_is_a_note(void **state)
{
        fixture_child(*state, "north", "wage,,1,yuan,2020-01-01,,x,M\n");
        fixture_expect(*state, "north", 0, SB_PARAMETER_UNCHECKED, "north/parameters/own.csv:2");
}

static void unchecked_row_of_a_table_is_a_note(void **state)
{
        fixture_child(*state, "north", "");
        fixture_write(*state, "north/datapackage.json",
                      "{\"name\": \"north\", \"resources\": [{\"name\": \"ways\", \"path\": \"ways.csv\", \"profile\": "
                      "\"tabular-data-resource\", \"schema\": {\"fields\": [{\"name\": \"way\", \"type\": \"string\"}, "
                      "{\"name\": \"evidence\", \"type\": \"string\"}], \"primaryKey\": \"way\"}}]}");
        fixture_write(*state, "north/ways.csv", "way,evidence\npost,S\ncounter,M\n");
        fixture_expect(*state, "north", 0, SB_PACK_UNCHECKED, "north/ways.csv:3");
}

static void conflict_is_a_note(void **state)
{
        fixture_child(*state, "north", "");
        fixture_write(*state, "north/parameters/own.csv",
                      "key,dimensions,value,unit,valid_from,valid_to,source,evidence,conflict\n"
                      "wage,,1,yuan,2020-01-01,,x,S,another page prints 2\n");
        fixture_expect(*state, "north", 0, SB_PACK_CONFLICT, "north/parameters/own.csv:2");
}

static void overlap(void **state)
{
        fixture_child(*state, "north", "wage,,1,yuan,2020-06-01,2021-03-01,x,T\n");
        fixture_expect(*state, "north", 2, SB_PARAMETER_OVERLAP, "north/parameters/own.csv:2");
}

static void gap(void **state)
{
        fixture_child(*state, "north", "wage,,1,yuan,2018-01-01,2019-01-01,x,T\n");
        fixture_expect(*state, "north", 2, SB_PARAMETER_GAP, "north/parameters/own.csv:2");
        fixture_child(*state, "north", "mode,,up,text,2018-01-01,2019-01-01,x,T\n"); /* declared with gaps */
        int errors = -1;
        char dir[128];
        struct error err = {0};
        assert_ok(pack_check(fixture_dir(*state, "north", dir), NULL, NULL, &errors, &err), err);
        assert_int_equal(errors, 0);
}

static void twice(void **state)
{
        fixture_child(*state, "north", "wage,,1,yuan,2022-01-01,,x,T\nwage,,2,yuan,2022-01-01,,x,T\n");
        fixture_expect(*state, "north", 2, SB_PACK_TWICE, "north/parameters/own.csv:3");
}

static void limits_cannot_be_loosened(void **state)
{
        const struct fixture *f = *state;
        char dir[128];
        struct error err = {0};
        int errors = -1;
        fixture_child(f, "north", "days,,21,months,2021-01-01,,x,T\n");
        fixture_expect(f, "north", 2, SB_PACK_LIMIT, "north/parameters/own.csv:2");
        fixture_child(f, "north", "mode,,down,text,2020-01-01,,x,T\n");
        fixture_expect(f, "north", 2, SB_PACK_LIMIT, "north/parameters/own.csv:2");
        fixture_child(f, "north", "days,,15,months,2021-01-01,,x,T\nmode,,up,text,2021-01-01,,x,T\n");
        assert_ok(pack_check(fixture_dir(f, "north", dir), NULL, NULL, &errors, &err), err);
        assert_int_equal(errors, 0);
        fixture_write(f, "north/pack.json",
                      "{\"name\":\"north\",\"title\":{\"zh\":\"省\",\"en\":\"P\"},\"version\":"
                      "\"1\",\"parent\":{\"name\":\"land\"},"
                      "\"removals\":[{\"key\":\"days\",\"reason\":\"too short\"}]}");
        fixture_expect(f, "north", 2, SB_PACK_REMOVAL, "north/pack.json");
}

static void removal_of_nothing(void **state)
{
        fixture_child(*state, "north", "");
        fixture_write(*state, "north/pack.json",
                      "{\"name\":\"north\",\"title\":{\"zh\":\"省\",\"en\":\"P\"},\"version\":\"1\","
                      "\"parent\":{\"name\":\"land\"},"
                      "\"removals\":[{\"key\":\"wage\",\"valid_from\":\"2001-01-01\",\"reason\":\"none\"}]}");
        fixture_expect(*state, "north", 2, SB_PACK_REMOVAL, "north/pack.json");
}

static void declarations(void **state)
{
        const struct fixture *f = *state;
        static const char *const rows[] = {"Big,yuan,,,,no,名,Name\n",        "other,gold,,,,no,名,Name\n",
                                           "other,yuan,,,most,no,名,Name\n",  "other,yuan,a b,,,no,名,Name\n",
                                           "other,yuan,,,,perhaps,名,Name\n", "other,yuan,,,,no,,Name\n"};
        char text[512];
        fixture_child(f, "north", "");
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
                snprintf(text, sizeof text, "key,unit,dimensions,values,limit,gaps,title_zh,title_en\n%s", rows[i]);
                fixture_write(f, "north/keys.csv", text);
                fixture_expect(f, "north", 2, SB_PACK_KEY, "north/keys.csv:2");
        }
        fixture_write(f, "north/keys.csv",
                      "key,unit,dimensions,values,limit,gaps,title_zh,title_en\nwage,yuan,,,,no,名,Name\n");
        fixture_expect(f, "north", 2, SB_PACK_TWICE, "north/keys.csv:2");
        fixture_write(f, "north/keys.csv", "key,unit,dimensions,values,limit,gaps,title_zh\n");
        fixture_expect(f, "north", 2, SB_PACK_COLUMN, "north/keys.csv:1");
        fixture_write(f, "north/keys.csv", "key,unit,dimensions,values,limit,gaps,title_zh,title_en\n");
        fixture_write(f, "north/units.csv", "unit,kind,scale\ndecade,length,\n");
        fixture_expect(f, "north", 2, SB_PACK_KEY, "north/units.csv:2");
        fixture_write(f, "north/units.csv", "unit,kind,scale\nyuan,number,\n");
        fixture_expect(f, "north", 2, SB_PACK_TWICE, "north/units.csv:2");
}

static void translations(void **state)
{
        const struct fixture *f = *state;
        fixture_child(f, "north", "");
        fixture_write(f, "north/texts/a.csv", "key,zh,en\nx,一,One\ny,二,\n");
        fixture_expect(f, "north", 2, SB_PACK_TRANSLATION, "north/texts/a.csv:3");
        fixture_write(f, "north/texts/a.csv", "key,zh,en\nx,一,One\nx,二,Two\n");
        fixture_expect(f, "north", 2, SB_PACK_TWICE, "north/texts/a.csv:3");
        fixture_write(f, "north/texts/a.csv", "key,zh,en\n");
        fixture_write(f, "north/letters/l.json", "{\"parts\":[{\"text\":{\"zh\":\"甲\"}}]}");
        fixture_expect(f, "north", 2, SB_PACK_TRANSLATION, "north/letters/l.json");
        fixture_write(f, "north/letters/l.json", "{\"parts\":\n[}");
        fixture_expect(f, "north", 2, SB_JSON_SYNTAX, "north/letters/l.json:2:2");
}

static void holidays(void **state)
{
        const struct fixture *f = *state;
        fixture_child(f, "north", "");
        fixture_write(f, "north/holidays.csv", "day,kind,source\n2024-01-01,work,x\n");
        fixture_expect(f, "north", 2, SB_CALENDAR_MARK, "north/holidays.csv:2");
        fixture_write(f, "north/holidays.csv", "day,kind,source\n2024-01-02,feast,x\n");
        fixture_expect(f, "north", 2, SB_PACK_CELL, "north/holidays.csv:2");
        fixture_write(f, "north/holidays.csv", "day,kind,source\n2024-02-30,holiday,x\n");
        fixture_expect(f, "north", 2, SB_DATE_SYNTAX, "north/holidays.csv:2");
        fixture_write(f, "north/holidays.csv", "day,kind,source\n2024-01-02,holiday,\n");
        fixture_expect(f, "north", 2, SB_PARAMETER_SOURCE, "north/holidays.csv:2");
}

static void table_schemas(void **state)
{
        const struct fixture *f = *state;
        static const struct {
                const char *text;
                enum error_code code;
                const char *place;
        } cases[] = {
            {"office,parent,level,from\na,,1,2020-01-01\nb,a,9,2020-01-01\n", SB_PACK_CELL, "land/offices.csv:3"},
            {"office,parent,level,from\na,,x,2020-01-01\n", SB_PACK_CELL, "land/offices.csv:2"},
            {"office,parent,level,from\na,,1,2020-02-30\n", SB_PACK_CELL, "land/offices.csv:2"},
            {"office,parent,level,from\n,,1,2020-01-01\n", SB_PACK_CELL, "land/offices.csv:2"},
            {"office,parent,level,from\na,,1,2020-01-01\na,,2,2020-01-01\n", SB_PACK_TWICE, "land/offices.csv:3"},
            {"office,parent,level,from\na,,1,2020-01-01\nb,z,2,2020-01-01\n", SB_PACK_CELL, "land/offices.csv:3"},
            {"office,parent,from\na,,2020-01-01\n", SB_PACK_COLUMN, "land/offices.csv:1"},
        };
        fixture_write(f, "land/datapackage.json",
                      "{\"resources\":[{\"name\":\"offices\",\"path\":\"offices.csv\",\"schema\":{"
                      "\"fields\":["
                      "{\"name\":\"office\",\"type\":\"string\",\"constraints\":{\"required\":true,"
                      "\"pattern\":\"^[a-z]+$\"}},"
                      "{\"name\":\"parent\",\"type\":\"string\"},"
                      "{\"name\":\"level\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
                      "\"minimum\":1,\"maximum\":5}},"
                      "{\"name\":\"from\",\"type\":\"date\"}],\"primaryKey\":\"office\","
                      "\"foreignKeys\":[{\"fields\":\"parent\",\"reference\":{\"resource\":\"\","
                      "\"fields\":\"office\"}}]}}]}");
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                fixture_write(f, "land/offices.csv", cases[i].text);
                fixture_expect(f, "land", 2, cases[i].code, cases[i].place);
        }
}

static void manifests(void **state)
{
        const struct fixture *f = *state;
        fixture_write(f, "north/pack.json", "{\"name\":\"north\",\"title\":{\"zh\":\"省\"},\"version\":\"1\"}");
        fixture_expect(f, "north", 2, SB_FIELD_MISSING, "north/pack.json:/title");
        fixture_write(f, "north/pack.json", "{\"name\":\"north\",\n,}");
        fixture_expect(f, "north", 2, SB_JSON_SYNTAX, "north/pack.json:2:1");
        fixture_write(f, "north/pack.json",
                      "{\"name\":\"north\",\"title\":{\"zh\":\"省\",\"en\":\"P\"},\"version\":"
                      "\"1\",\"parent\":{\"name\":\"north\"}}");
        fixture_expect(f, "north", 2, SB_PACK_PARENT, "north/pack.json");
        fixture_expect(f, "absent", 2, SB_IO, "/absent");
        fixture_write(f, "empty/x.txt", "");
        fixture_expect(f, "empty", 2, SB_PACK_FILE, "/empty");
}

static void circle_of_parents(void **state)
{
        const struct fixture *f = *state;
        fixture_write(f, "a/pack.json",
                      "{\"name\":\"a\",\"title\":{\"zh\":\"省\",\"en\":\"P\"},\"version\":\"1\","
                      "\"parent\":{\"name\":\"b\"}}");
        fixture_write(f, "b/pack.json",
                      "{\"name\":\"b\",\"title\":{\"zh\":\"省\",\"en\":\"P\"},\"version\":\"1\","
                      "\"parent\":{\"name\":\"a\"}}");
        fixture_expect(f, "a", 2, SB_PACK_PARENT, "/a");
}

static void demonstration_has_no_heirs(void **state)
{
        const struct fixture *f = *state;
        fixture_write(f, "demo/pack.json",
                      "{\"name\":\"demo\",\"title\":{\"zh\":\"演示\",\"en\":\"Demonstration\"},"
                      "\"version\":\"1\","
                      "\"parent\":{\"name\":\"land\"},\"demonstration\":true}");
        fixture_write(f, "demo/parameters/own.csv", HEADER "wage,,1,yuan,2020-01-01,,synthetic,demo\n");
        char dir[128];
        struct error err = {0};
        struct pack *p = NULL;
        assert_ok(pack_open(&p, fixture_dir(f, "demo", dir), &err), err);
        assert_true(pack_is_demonstration(p));
        pack_free(p);
        fixture_write(f, "heir/pack.json",
                      "{\"name\":\"heir\",\"title\":{\"zh\":\"省\",\"en\":\"P\"},\"version\":\"1\","
                      "\"parent\":{\"name\":\"demo\"}}");
        fixture_expect(f, "heir", 2, SB_PACK_DEMONSTRATION, "heir/pack.json");
}

/* A process that is not sound, names a role that the pack has not, or lacks a language: its file and element are told. */
static void processes(void **state)
{
        static const char HEAD[] =
            "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:shebao=\"urn:shebao:process\">"
            "<bpmn:process id=\"P01\" isExecutable=\"true\"><bpmn:startEvent id=\"start\"/><bpmn:endEvent id=\"end\"/>\n";
        static const char FLOWS[] =
            "<bpmn:sequenceFlow id=\"f1\" sourceRef=\"start\" targetRef=\"ask\"/><bpmn:sequenceFlow id=\"f2\" "
            "sourceRef=\"ask\" targetRef=\"end\"/></bpmn:process></bpmn:definitions>";
        static const struct {
                const char *file, *task, *place;
                enum error_code code;
        } cases[] = {
            {"P01", "<bpmn:userTask id=\"ask\" name=\"问\" shebao:titleEn=\"Ask\"/>", "ask line 2", SB_BPMN_MODEL},
            {"P01", "<bpmn:scriptTask id=\"ask\"/>", "ask line 2", SB_BPMN_UNSUPPORTED},
            {"P01", "<bpmn:userTask id=\"ask\" name=\"问\" shebao:titleEn=\"Ask\" shebao:role=\"king\"/>", "ask line 2",
             SB_BPMN_ROLE},
            {"P01", "<bpmn:userTask id=\"ask\" name=\"问\" shebao:role=\"clerk\"/>", "ask line 2", SB_PACK_TRANSLATION},
            {"P02", "<bpmn:userTask id=\"ask\" name=\"问\" shebao:titleEn=\"Ask\" shebao:role=\"clerk\"/>", "P02",
             SB_BPMN_PROCESS},
        };
        const struct fixture *f = *state;
        char path[64], text[4096], place[128];

        fixture_write(f, "land/roles.csv", "role,name_zh,name_en\nclerk,经办,Clerk\n");
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                const char *pack = strcmp(cases[i].file, "P01") == 0 ? "north" : "south";
                snprintf(path, sizeof path, "%s/processes/%s.bpmn", pack, cases[i].file);
                snprintf(text, sizeof text, "%s%s%s", HEAD, cases[i].task, FLOWS);
                snprintf(place, sizeof place, "%s!%s", path, cases[i].place);
                fixture_child(f, pack, "");
                fixture_write(f, path, text);
                fixture_expect(f, pack, 2, cases[i].code, place);
        }
}

int test_pack_faults(void)
{
#define WITH(test) cmocka_unit_test_setup_teardown(test, fixture_make, fixture_remove)
        const struct CMUnitTest tests[] = {
            WITH(row_faults),
            WITH(unchecked_is_a_note),
            WITH(unchecked_row_of_a_table_is_a_note),
            WITH(conflict_is_a_note),
            WITH(overlap),
            WITH(gap),
            WITH(twice),
            WITH(limits_cannot_be_loosened),
            WITH(removal_of_nothing),
            WITH(declarations),
            WITH(translations),
            WITH(holidays),
            WITH(table_schemas),
            WITH(manifests),
            WITH(circle_of_parents),
            WITH(demonstration_has_no_heirs),
            WITH(processes),
        };
        return cmocka_run_group_tests_name("pack_faults", tests, NULL, NULL);
}
