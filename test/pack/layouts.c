/* SPDX-License-Identifier: Apache-2.0
 *
 * File layouts as part of a pack: found with their codes, and judged by `pack check` at their table and line.
 */
#include "fixture.h"

#include "engine/layout/layout.h"

#define LAYOUTS                                                                                                                \
        "layout,title_zh,title_en,kind,charset,delimiter,quote,line_end,decimal\nbank,银行,Bank,fixed,gb18030,,,crlf,point\n"
#define FIELDS "layout,record,order,field,title_zh,title_en,from,length,type,value,pad,fill,required,codes\n"
#define NAME "bank,line,1,name,姓名,Name,1,10,text,,,,yes,\n"
#define STATE "bank,line,2,state,状态,State,11,2,text,,,,yes,states\n"
#define CODES "list,code,value,title_zh,title_en\nstates,00,paid,成功,Paid\nstates,41,AC04,销户,Closed\n"

static void put(const struct fixture *f, const char *fields, const char *codes)
{
        fixture_write(f, "land/layouts.csv", LAYOUTS);
        fixture_write(f, "land/layout_fields.csv", fields);
        fixture_write(f, "land/layout_codes.csv", codes);
}

static void a_layout_is_found_with_its_codes(void **state)
{
        const struct fixture *f = *state;
        struct error err = {0};
        struct pack *p = NULL;
        struct layout *l = NULL;
        json_t *out = NULL;
        char dir[128];
        int errors = -1;

        put(f, FIELDS NAME STATE, CODES);
        assert_ok(pack_check(fixture_dir(f, "land", dir), NULL, NULL, &errors, &err), err);
        assert_int_equal(errors, 0);
        assert_ok(pack_open(&p, dir, &err), err);
        assert_ok(pack_layout(p, "bank", &l, &err), err);
        assert_ok(layout_read(l, STR("\xd5\xc5\xc8\xfd      41\r\n"), &out, NULL, NULL, &err), err);
        assert_string_equal(json_text(json_array_get(json_object_get(out, "lines"), 0), "name"), "张三");
        assert_string_equal(json_text(json_array_get(json_object_get(out, "lines"), 0), "state"), "AC04");
        json_decref(out);
        layout_free(l);
        l = NULL;
        assert_error(pack_layout(p, "bunk", &l, &err), err, SB_LAYOUT_UNKNOWN);
        assert_null(l);
        pack_free(p);
}

static void faults_are_told_at_table_and_line(void **state)
{
        const struct fixture *f = *state;

        put(f, FIELDS NAME "bank,line,2,state,状态,State,10,2,text,,,,yes,\n", CODES);
        fixture_expect(f, "land", 2, SB_LAYOUT_OVERLAP, "land/layout_fields.csv:3");
        put(f, FIELDS NAME "bank,line,2,state,状态,State,12,2,text,,,,yes,\n", CODES);
        fixture_expect(f, "land", 2, SB_LAYOUT_GAP, "land/layout_fields.csv:3");
        put(f, FIELDS NAME "bank,line,2,state,状态,State,11,2,word,,,,yes,\n", CODES);
        fixture_expect(f, "land", 2, SB_LAYOUT_FIELD, "land/layout_fields.csv:3");
        put(f, FIELDS NAME STATE, CODES "states,41,AC06,冻结,Blocked\n");
        fixture_expect(f, "land", 2, SB_LAYOUT_CODE, "land/layout_codes.csv:4");
        put(f, FIELDS NAME "bunk,line,1,name,姓名,Name,1,10,text,,,,yes,\n", CODES);
        fixture_expect(f, "land", 2, SB_LAYOUT_UNKNOWN, "land/layout_fields.csv:3");
        put(f, "layout,record\nbank,line\n", CODES);
        fixture_write(f, "land/layout_fields.csv",
                      "layout,record,order,field,title_zh,title_en,from,length,type,value,pad,fill,required\n");
        fixture_expect(f, "land", 2, SB_PACK_COLUMN, "land/layout_fields.csv:1");
}

#define POOLS "pool,payment_layout\na,\n"
#define LINE(name, order, from, required) "bank,line," order "," name ",姓名,Name," from ",10,text,,,," required ",\n"

static void pools_pay_by_layouts_that_can_be_written(void **state)
{
        const struct fixture *f = *state;
        struct error err = {0};
        char dir[128];
        int errors = -1;

        put(f, FIELDS NAME LINE("branch", "2", "11", "no"), CODES);
        fixture_write(f, "land/pools.csv", POOLS "b,bank\n");
        assert_ok(pack_check(fixture_dir(f, "land", dir), NULL, NULL, &errors, &err), err);
        assert_int_equal(errors, 0);
        fixture_write(f, "land/pools.csv", POOLS "b,bunk\n");
        fixture_expect(f, "land", 2, SB_LAYOUT_UNKNOWN, "land/pools.csv:3");
        put(f, FIELDS NAME LINE("branch", "2", "11", "yes"), CODES);
        fixture_write(f, "land/pools.csv", POOLS "b,bank\n");
        fixture_expect(f, "land", 2, SB_LAYOUT_FIELD, "land/pools.csv:3");
}

#define RETURN(result, list)                                                                                                   \
        "layout,record,order,field,title_zh,title_en,from,length,type,value,pad,fill,required,codes\n"                         \
        "bank,line,1,reference,编号,Reference,1,10,text,,,,yes,\nbank,line,2,amount,金额,Amount,11,10,fen,,,,yes,\n"       \
        "bank,line,3," result ",结果,Result,21,2,text,,,,yes," list "\n"

static void pools_are_answered_by_layouts_that_say_what_became_of_it(void **state)
{
        const struct fixture *f = *state;
        struct error err = {0};
        char dir[128];
        int errors = -1;

        fixture_write(f, "land/pools.csv", "pool,return_layout\na,\nb,bank\n");
        put(f, RETURN("result", "results"),
            "list,code,value,title_zh,title_en\nresults,00,paid,成,Paid\nresults,41,AC04,销,Closed\n");
        assert_ok(pack_check(fixture_dir(f, "land", dir), NULL, NULL, &errors, &err), err);
        assert_int_equal(errors, 0);
        put(f, RETURN("outcome", "results"), "list,code,value,title_zh,title_en\nresults,00,paid,成,Paid\n");
        fixture_expect(f, "land", 2, SB_LAYOUT_FIELD, "land/pools.csv:3");
        put(f, RETURN("result", ""), "list,code,value,title_zh,title_en\nresults,00,paid,成,Paid\n");
        fixture_expect(f, "land", 2, SB_LAYOUT_FIELD, "land/pools.csv:3");
        put(f, RETURN("result", "results"),
            "list,code,value,title_zh,title_en\nresults,00,paid,成,Paid\nresults,41,closed,销,Closed\n");
        fixture_expect(f, "land", 2, SB_LAYOUT_FIELD, "land/pools.csv:3");
        put(f, RETURN("result", "results"), "list,code,value,title_zh,title_en\nresults,41,AC04,销,Closed\n");
        fixture_expect(f, "land", 2, SB_LAYOUT_FIELD, "land/pools.csv:3");
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_layout_is_found_with_its_codes, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(faults_are_told_at_table_and_line, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(pools_pay_by_layouts_that_can_be_written, fixture_make, fixture_remove),
            cmocka_unit_test_setup_teardown(pools_are_answered_by_layouts_that_say_what_became_of_it, fixture_make,
                                            fixture_remove),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
