/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_t *parse(const char *text)
{
        struct error err = {0};
        json_t *v = NULL;
        assert_ok(json_read(&v, str_from(text), &err), err);
        return v;
}

static void refuses_malformed_text(void **state)
{
        (void)state;
        static const char *const bad[] = {
            "",     "{",    "{\"a\":1,}",  "{\"a\":1,\"a\":2}", "[1] x",       "nul",
            "'a'",  "01",   "\"\\u0000\"", "\"\xFF\"",          "\"\\ud800\"", "[9223372036854775808]",
            "\x00", "1e999"};
        struct error err = {0};
        json_t *v = NULL;
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_error(json_read(&v, str_from(bad[i]), &err), err, SB_JSON_SYNTAX);
        assert_int_equal(json_read(&v, STR("{\n  \"a\": x}"), &err), ERR);
        assert_int_equal(strncmp(err.where, "2:", 2), 0);
        error_clear(&err);
        assert_error(json_read(&v, (struct str){"[1]\0", 4}, &err), err, SB_JSON_SYNTAX);
        assert_null(v);
}

static void limits_depth_and_size(void **state)
{
        (void)state;
        struct error err = {0};
        json_t *v = NULL;
        char text[300];
        memset(text, '[', 101);
        memset(text + 101, ']', 101);
        assert_error(json_read(&v, (struct str){text, 202}, &err), err, SB_LIMIT);
        assert_ok(json_read(&v, (struct str){text + 1, 200}, &err), err);
        json_decref(v);
        /* Brackets in text are no depth. */
        text[0] = '"';
        text[1] = '\\';
        text[2] = '"';
        memset(text + 3, '{', 250);
        text[253] = '"';
        assert_ok(json_read(&v, (struct str){text, 254}, &err), err);
        json_decref(v);
        char *big = malloc(JSON_MAX_BYTES + 1);
        memset(big, ' ', JSON_MAX_BYTES + 1);
        big[0] = '1';
        assert_ok(json_read(&v, (struct str){big, JSON_MAX_BYTES}, &err), err);
        json_decref(v);
        assert_error(json_read(&v, (struct str){big, JSON_MAX_BYTES + 1}, &err), err, SB_LIMIT);
        free(big);
}

static void writes_one_canonical_form(void **state)
{
        (void)state;
        struct error err = {0};
        struct buf b;
        json_t *v = parse(" { \"b\" : [ 1 , -9223372036854775808, true, null ], "
                          "\"a\":\"\\u517b\\/\\n\\\"\",\"B\":{} } ");
        buf_init(&b, 1000);
        assert_ok(json_canonical(&b, v, &err), err);
        assert_string_equal(buf_text(&b), "{\"B\":{},\"a\":\"养/\\n\\\"\",\"b\":[1,-9223372036854775808,true,null]}");
        json_decref(v);
        v = parse(buf_text(&b));
        struct buf again;
        buf_init(&again, 1000);
        assert_ok(json_canonical(&again, v, &err), err);
        assert_string_equal(buf_text(&again), buf_text(&b));
        buf_dispose(&again);
        buf_dispose(&b);
        buf_init(&b, 10);
        assert_error(json_canonical(&b, v, &err), err, SB_LIMIT);
        buf_dispose(&b);
        json_decref(v);
}

static void reads_typed_fields(void **state)
{
        (void)state;
        struct error err = {0};
        json_t *o = parse("{\"t\":\"x\",\"i\":5,\"b\":false,\"m\":\"12.50\",\"d\":\"2024-02-29\","
                          "\"mo\":\"2024-02\","
                          "\"l\":[],\"o\":{},\"n\":null,\"bad\":\"1990-02-30\",\"r\":1.5}");
        const char *t = "kept";
        int64_t i = 0;
        bool b = true;
        fen_t m = 0;
        day_t d = 0;
        month_t mo = 0;
        const json_t *v = NULL;
        assert_ok(json_get_text(o, "t", true, &t, &err), err);
        assert_ok(json_get_int(o, "i", true, &i, &err), err);
        assert_ok(json_get_bool(o, "b", true, &b, &err), err);
        assert_ok(json_get_money(o, "m", true, &m, &err), err);
        assert_ok(json_get_day(o, "d", true, &d, &err), err);
        assert_ok(json_get_month(o, "mo", true, &mo, &err), err);
        assert_ok(json_get_array(o, "l", true, &v, &err), err);
        assert_ok(json_get_object(o, "o", true, &v, &err), err);
        assert_true(strcmp(t, "x") == 0 && i == 5 && !b && m == 1250 && d == day_from(2024, 2, 29));
        assert_int_equal(mo, month_from(2024, 2));
        assert_ok(json_get_text(o, "n", false, &t, &err), err);
        assert_ok(json_get_money(o, "absent", false, &m, &err), err);
        assert_string_equal(t, "x");
        assert_int_equal(m, 1250);
        assert_error(json_get_text(o, "n", true, &t, &err), err, SB_FIELD_MISSING);
        assert_error(json_get_day(o, "absent", true, &d, &err), err, SB_FIELD_MISSING);
        assert_error(json_get_text(o, "i", false, &t, &err), err, SB_FIELD_TYPE);
        assert_error(json_get_int(o, "r", true, &i, &err), err, SB_FIELD_TYPE);
        assert_error(json_get_int(o, "t", true, &i, &err), err, SB_FIELD_TYPE);
        assert_error(json_get_bool(o, "i", true, &b, &err), err, SB_FIELD_TYPE);
        assert_error(json_get_money(o, "i", true, &m, &err), err, SB_FIELD_TYPE);
        assert_error(json_get_money(o, "t", true, &m, &err), err, SB_MONEY_SYNTAX);
        assert_error(json_get_month(o, "t", true, &mo, &err), err, SB_MONTH_SYNTAX);
        assert_error(json_get_array(o, "o", true, &v, &err), err, SB_FIELD_TYPE);
        assert_error(json_get_object(o, "l", true, &v, &err), err, SB_FIELD_TYPE);
        assert_int_equal(json_get_day(o, "bad", true, &d, &err), ERR);
        assert_int_equal(err.code, SB_DATE_SYNTAX);
        assert_string_equal(err.where, "bad");
        json_decref(o);
}

static void puts_typed_fields(void **state)
{
        (void)state;
        struct error err = {0};
        struct buf b;
        json_t *o = json_object();
        buf_init(&b, 1000);
        assert_ok(json_put_text(o, "t", "养", &err), err);
        assert_ok(json_put_int(o, "i", INT64_MIN, &err), err);
        assert_ok(json_put_bool(o, "b", true, &err), err);
        assert_ok(json_put_money(o, "m", -5, &err), err);
        assert_ok(json_put_day(o, "d", 0, &err), err);
        assert_ok(json_put_month(o, "mo", month_from(2026, 1), &err), err);
        assert_ok(json_put(o, "o", json_array(), &err), err);
        assert_error(json_put_text(o, "bad", "\xFF", &err), err, SB_MEMORY);
        assert_ok(json_canonical(&b, o, &err), err);
        assert_string_equal(buf_text(&b), "{\"b\":true,\"d\":\"1970-01-01\",\"i\":-9223372036854775808,\"m\":\"-0.05\","
                                          "\"mo\":\"2026-01\",\"o\":[],\"t\":\"养\"}");
        buf_dispose(&b);
        json_decref(o);
}

static void names_the_file(void **state)
{
        (void)state;
        struct error err = {0};
        json_t *v = NULL;
        char path[] = "/tmp/shebao-json-XXXXXX";
        close(mkstemp(path));
        assert_ok(file_write(path, "[1,\n]", 5, &err), err);
        assert_int_equal(json_read_file(&v, path, &err), ERR);
        assert_int_equal(strncmp(err.where, path, strlen(path)), 0);
        assert_non_null(strstr(err.where, ":2:"));
        error_clear(&err);
        assert_ok(file_write(path, "[1]", 3, &err), err);
        assert_ok(json_read_file(&v, path, &err), err);
        json_decref(v);
        unlink(path);
        assert_error(json_read_file(&v, path, &err), err, SB_IO);
}

static void checks_against_a_schema(void **state)
{
        (void)state;
        static const char schema[] = "{\"type\":\"object\",\"required\":[\"name\"],"
                                     "\"additionalProperties\":false,\"properties\":{"
                                     "\"name\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":"
                                     "3,\"pattern\":\"^[一-龥]+$\"},"
                                     "\"age\":{\"type\":\"integer\",\"minimum\":0,\"maximum\":150},"
                                     "\"big\":{\"type\":\"integer\",\"maximum\":9007199254740992},"
                                     "\"kind\":{\"enum\":[\"a\",\"b\",3]},"
                                     "\"either\":{\"type\":[\"string\",\"null\"]},"
                                     "\"day\":{\"type\":\"string\",\"format\":\"date\"},\"month\":{"
                                     "\"type\":\"string\",\"format\":\"month\"},"
                                     "\"pay\":{\"type\":\"string\",\"format\":\"money\"},\"rate\":{"
                                     "\"type\":\"string\",\"format\":\"decimal\"},"
                                     "\"slow\":{\"type\":\"string\",\"pattern\":\"^(a+)+$\"},"
                                     "\"rows\":{\"type\":\"array\",\"minItems\":1,\"maxItems\":2,"
                                     "\"items\":{\"type\":\"object\",\"required\":[\"x\"],"
                                     "\"additionalProperties\":{\"type\":\"boolean\"}}}}}";
        static const struct {
                const char *value;
                enum error_code code;
                const char *where;
        } cases[] = {
            {"{\"name\":\"王小\"}", SB_OK, ""},
            {"{\"name\":\"王小明\",\"age\":150,\"kind\":3,\"either\":null,\"day\":\"2024-02-29\","
             "\"month\":\"2024-02\","
             "\"pay\":\"1.50\",\"rate\":\"-0.005\",\"big\":9007199254740992,\"rows\":[{\"x\":true}]"
             "}",
             SB_OK, ""},
            {"[]", SB_FIELD_TYPE, "/"},
            {"{}", SB_FIELD_MISSING, "/"},
            {"{\"name\":\"王\"}", SB_FIELD_TYPE, "/name"},
            {"{\"name\":\"王小明明\"}", SB_FIELD_TYPE, "/name"},
            {"{\"name\":\"ab\"}", SB_FIELD_TYPE, "/name"},
            {"{\"name\":\"王小\\n\"}", SB_FIELD_TYPE, "/name"},
            {"{\"name\":\"王小\",\"age\":-1}", SB_FIELD_TYPE, "/age"},
            {"{\"name\":\"王小\",\"age\":151}", SB_FIELD_TYPE, "/age"},
            {"{\"name\":\"王小\",\"age\":1.5}", SB_FIELD_TYPE, "/age"},
            {"{\"name\":\"王小\",\"big\":9007199254740993}", SB_FIELD_TYPE, "/big"},
            {"{\"name\":\"王小\",\"kind\":\"c\"}", SB_FIELD_TYPE, "/kind"},
            {"{\"name\":\"王小\",\"either\":1}", SB_FIELD_TYPE, "/either"},
            {"{\"name\":\"王小\",\"day\":\"1990-02-30\"}", SB_FIELD_TYPE, "/day"},
            {"{\"name\":\"王小\",\"month\":\"1990-13\"}", SB_FIELD_TYPE, "/month"},
            {"{\"name\":\"王小\",\"pay\":\"1.505\"}", SB_FIELD_TYPE, "/pay"},
            {"{\"name\":\"王小\",\"rate\":\"1.\"}", SB_FIELD_TYPE, "/rate"},
            {"{\"name\":\"王小\",\"rate\":\"12345678901234567890123456789012345\"}", SB_FIELD_TYPE, "/rate"},
            {"{\"name\":\"王小\",\"slow\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"}", SB_FIELD_TYPE, "/slow"},
            {"{\"name\":\"王小\",\"rows\":[]}", SB_FIELD_TYPE, "/rows"},
            {"{\"name\":\"王小\",\"rows\":[{\"x\":true},{\"x\":true},{\"x\":true}]}", SB_FIELD_TYPE, "/rows"},
            {"{\"name\":\"王小\",\"rows\":[{\"x\":true},{\"y\":true}]}", SB_FIELD_MISSING, "/rows/1"},
            {"{\"name\":\"王小\",\"rows\":[{\"x\":1}]}", SB_FIELD_TYPE, "/rows/0/x"},
            {"{\"name\":\"王小\",\"other\":1}", SB_FIELD_UNKNOWN, "/"},
        };
        json_t *s = parse(schema);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                struct error err = {0};
                json_t *v = parse(cases[i].value);
                int rc = json_check(s, v, &err);
                if (err.code != cases[i].code || (rc != 0) != (cases[i].code != SB_OK) ||
                    strcmp(err.where, cases[i].where) != 0)
                        fail_msg("%s: %d at %s", cases[i].value, (int)err.code, err.where);
                json_decref(v);
        }
        json_decref(s);
}

static void a_path_may_be_too_long(void **state)
{
        (void)state;
        struct error err = {0};
        struct buf text;
        buf_init(&text, 20000);
        buf_add_text(&text, "{\"a\":{\"b\":{\"");
        for (int i = 0; i < 5000; i++)
                buf_add_char(&text, 'k');
        buf_add_text(&text, "\":1}}}");
        json_t *v = parse(buf_text(&text));
        json_t *s = parse("{\"additionalProperties\":{\"additionalProperties\":{\"additionalProperties\":{}}}}");
        assert_error(json_check(s, v, &err), err, SB_LIMIT);
        json_decref(v);
        json_decref(s);
        buf_dispose(&text);
}

static void reads_what_a_schema_has_judged(void **state)
{
        (void)state;
        json_t *o =
            parse("{\"t\":\"x\",\"i\":5,\"b\":true,\"f\":false,\"d\":\"2024-02-29\",\"n\":null,\"bad\":\"1990-02-30\"}");

        assert_string_equal(json_text_or(o, "t", "y"), "x");
        assert_null(json_text_or(o, "absent", NULL));
        assert_string_equal(json_text_or(o, "n", "y"), "y");
        assert_string_equal(json_text_or(NULL, "t", "y"), "y");
        assert_int_equal(json_int_or(o, "i", 7), 5);
        assert_int_equal(json_int_or(o, "absent", 7), 7);
        assert_int_equal(json_int_or(o, "n", 7), 7);
        assert_int_equal(json_int_or(o, "t", 7), 7);
        assert_int_equal(json_int_or(NULL, "i", 7), 7);
        assert_true(json_bool_or(o, "b", false) && !json_bool_or(o, "f", true));
        assert_true(json_bool_or(o, "n", true) && !json_bool_or(o, "absent", false) && json_bool_or(o, "i", true));
        assert_int_equal(json_day_or(o, "d", DAY_END), day_from(2024, 2, 29));
        assert_int_equal(json_day_or(o, "absent", DAY_END), DAY_END);
        assert_int_equal(json_day_or(o, "n", 3), 3);
        assert_int_equal(json_day_or(o, "bad", 3), 3);
        json_decref(o);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(refuses_malformed_text),
            cmocka_unit_test(limits_depth_and_size),
            cmocka_unit_test(writes_one_canonical_form),
            cmocka_unit_test(reads_typed_fields),
            cmocka_unit_test(puts_typed_fields),
            cmocka_unit_test(names_the_file),
            cmocka_unit_test(reads_what_a_schema_has_judged),
            cmocka_unit_test(checks_against_a_schema),
            cmocka_unit_test(a_path_may_be_too_long),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
