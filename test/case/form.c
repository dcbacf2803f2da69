/* SPDX-License-Identifier: Apache-2.0
 *
 * What a form takes, type by type and at both sides of each limit; how it says what is wrong; and what a scan is by its bytes.
 */
#include "case/form.h"
#include "testing.h"

#include "base/identity.h"
#include "base/json.h"
#include "case/file_store.h"

#include <stdio.h>
#include <string.h>

static json_t *taken(const char *type, const char *values, json_t *value, bool required, struct error *err)
{
        const struct bpmn_variable field = {
            .name = "f", .type = type, .title = {"栏目", "Field"}, .values = values, .required = required};
        json_t *form = json_object(), *plain = json_object(), *personal = json_object(), *out = NULL;

        if (value != NULL)
                json_object_set_new(form, "f", value);
        error_clear(err);
        if (form_need(&field, 1, form, plain, personal, err) == 0)
                out = json_incref(json_object_get(plain, "f"));
        json_decref(form);
        json_decref(plain);
        json_decref(personal);
        return out;
}

static void takes(const char *type, json_t *value, json_t *expected)
{
        struct error err = {0};
        char text[600];
        json_t *got = taken(type, "a b", value, false, &err);

        if (got == NULL || !json_equal(got, expected))
                fail_msg("%s: %s", type, error_text(&err, LANG_EN, text, sizeof text));
        json_decref(got);
        json_decref(expected);
}

static void refuses(const char *type, json_t *value, const char *why)
{
        struct error err = {0};
        char text[600];
        json_t *got = taken(type, "a b", value, false, &err);

        assert_null(got);
        assert_int_equal(err.code, SB_CASE_FORM);
        assert_string_equal(err.where, "f");
        if (strstr(error_text(&err, LANG_EN, text, sizeof text), why) == NULL)
                fail_msg("%s: %s", type, text);
}

static json_t *letters(char letter, size_t n)
{
        char text[700];

        memset(text, letter, n);
        return json_stringn(text, n);
}

static json_t *words(const char *word, int times)
{
        char text[4000] = "";

        for (int i = 0; i < times; i++)
                text_copy(text + strlen(text), sizeof text - strlen(text), str_from(word));
        return json_string(text);
}

static void a_text_is_short_and_plain(void **state)
{
        (void)state;
        takes("text", letters('x', 500), letters('x', 500));
        refuses("text", letters('x', 501), "at most 500 characters");
        takes("text", words("保", 500), words("保", 500)); /* characters, not bytes */
        refuses("text", words("保", 501), "at most 500 characters");
        takes("text", json_string("one\ntwo"), json_string("one\ntwo"));
        refuses("text", json_string("one\ttwo"), "no control characters");
        takes("text", json_integer(7), json_string("7"));
        takes("text", json_real(7.5), json_string("7.5"));
        refuses("text", json_true(), "a text");
        refuses("text", json_pack("[s]", "x"), "a text");
}

static void numbers_keep_their_digits(void **state)
{
        (void)state;
        takes("number", json_string("0"), json_integer(0));
        takes("number", json_string("-12"), json_integer(-12));
        takes("number", json_string("3.25"), json_real(3.25));
        takes("number", json_string("-0.5"), json_real(-0.5));
        takes("number", json_integer(999999999999999), json_integer(999999999999999));
        takes("number", json_string("99999999999999.9"), json_real(99999999999999.9)); /* 15 digits and a point */
        static const char *const wrong[] = {
            "9999999999999999", "999999999999999.9", "-", "1e5", "1.2.3", ".5", "5.", "1,5", "--1", "+1", "一"};
        for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
                refuses("number", json_string(wrong[i]), "a number of at most 15 digits");
        refuses("number", json_real(1e20), "a number of at most 15 digits");
        refuses("number", json_false(), "a text");
}

static void money_is_to_the_fen(void **state)
{
        (void)state;
        takes("money", json_string("1234.50"), json_real(1234.5));
        takes("money", json_string("1234.00"), json_integer(1234));
        takes("money", json_integer(-3), json_integer(-3));
        takes("money", json_real(0.25), json_real(0.25));
        refuses("money", json_string("0.255"), "");
        refuses("money", json_string("yuan"), "");
        refuses("money", json_string("99999999999999999999.00"), "");
        refuses("money", json_string("12345678901234.56"), "a number of at most 15 digits"); /* no real holds it to the fen */
}

static void days_numbers_and_choices_are_checked(void **state)
{
        char number[20] = "99000119900101001", short_phone[] = "1234567", account[40];

        (void)state;
        number[17] = id_number_digit(number);
        takes("date", json_string("2024-02-29"), json_string("2024-02-29"));
        refuses("date", json_string("2023-02-29"), "");
        takes("month", json_string("2026-12"), json_string("2026-12"));
        refuses("month", json_string("2026-13"), "");
        takes("choice", json_string("b"), json_string("b"));
        refuses("choice", json_string("c"), "one of the choices");
        takes("identity", json_string(number), json_string(number));
        number[17] = number[17] == '1' ? '2' : '1';
        refuses("identity", json_string(number), "");
        takes("uscc", json_string("91110000600037341L"), json_string("91110000600037341L"));
        refuses("uscc", json_string("91110000600037341M"), "");
        takes("phone", json_string(short_phone), json_string(short_phone));
        takes("phone", json_string("+86 (10) 555-01 23456789"), json_string("+86 (10) 555-01 23456789")); /* 24 */
        refuses("phone", json_string("123456"), "a telephone number");
        refuses("phone", letters('1', 25), "a telephone number");
        refuses("phone", json_string("1234567x"), "a telephone number");
        memset(account, '1', sizeof account);
        takes("account", json_stringn(account, 8), json_stringn(account, 8));
        takes("account", json_stringn(account, 32), json_stringn(account, 32));
        refuses("account", json_stringn(account, 7), "a bank account number");
        refuses("account", json_stringn(account, 33), "a bank account number");
        refuses("account", json_string("1234 5678"), "a bank account number");
}

static void a_yes_and_a_person_come_in_two_ways(void **state)
{
        (void)state;
        takes("boolean", json_true(), json_true());
        takes("boolean", json_false(), json_false());
        takes("boolean", json_string("true"), json_true());
        takes("boolean", json_string("false"), json_false());
        refuses("boolean", json_string("yes"), "yes or no");
        refuses("boolean", json_integer(1), "yes or no");
        takes("person", json_integer(7), json_integer(7));
        takes("employer", json_string("7"), json_integer(7));
        refuses("person", json_string("seven"), "chosen from the register");
        refuses("person", json_integer(0), "chosen from the register");
        refuses("employer", json_string("-7"), "chosen from the register");
        refuses("person", json_object(), "chosen from the register");
}

static void what_is_left_out_is_null_or_asked_for(void **state)
{
        static const char *const empty[] = {"", "  ", "\n"};
        struct error err = {0};

        (void)state;
        takes("date", NULL, json_null());
        takes("date", json_null(), json_null());
        for (size_t i = 0; i < sizeof empty / sizeof empty[0]; i++) {
                takes("date", json_string(empty[i]), json_null());
                assert_null(taken("date", "", json_string(empty[i]), true, &err));
                assert_int_equal(err.code, SB_CASE_FORM);
        }
        assert_null(taken("date", "", json_null(), true, &err));
        assert_string_equal(err.where, "f");
}

/* Every fault by its field; when there are more than a message holds, those that fit, whole. */
static void many_faults_are_one_error(void **state)
{
        struct bpmn_variable fields[40];
        char names[40][24], text[2][1024];
        json_t *form = json_pack("{s:i}", "stranger", 1), *plain = json_object(), *personal = json_object();
        struct error err = {0};

        (void)state;
        for (int i = 0; i < 40; i++) {
                text_format(names[i], sizeof names[i], "field_number_%d", i);
                fields[i] = (struct bpmn_variable){.name = names[i],
                                                   .type = "date",
                                                   .title = {[LANG_ZH] = "日期", [LANG_EN] = "A day"},
                                                   .values = "",
                                                   .required = true};
        }
        assert_error(form_need(fields, 40, form, plain, personal, &err), err, SB_CASE_FORM);
        assert_true(form_need(fields, 40, form, plain, personal, &err) < 0);
        assert_int_equal(strncmp(err.where, "stranger field_number_0 field_number_1 ", 39), 0);
        assert_null(strstr(err.where, "field_number_39"));
        error_text(&err, LANG_EN, text[0], sizeof text[0]);
        error_text(&err, LANG_ZH, text[1], sizeof text[1]);
        assert_non_null(strstr(text[0], "stranger: no field of this form; A day: required; A day: required"));
        assert_non_null(strstr(text[1], "stranger：本表无此项；日期：必填；日期：必填"));
        assert_int_equal(json_object_size(plain), 0);
        json_decref(form);
        json_decref(plain);
        json_decref(personal);
}

static void what_is_personal_is_shown_masked(void **state)
{
        static const struct {
                const char *type, *value, *shown;
        } cases[] = {{"identity", "990001199001010014", "990001********0014"},
                     {"phone", "13900000001", "139****0001"},
                     {"account", "6222000000001234", "6222********1234"},
                     {"account", "12345678", "12345678"},
                     {"phone", "1234567", "1234567"},
                     {"text", "6222000000001234", "6222000000001234"},
                     {"account", "", ""}};
        char out[600];

        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                const struct bpmn_variable field = {.name = "f", .type = cases[i].type, .values = ""};
                assert_string_equal(form_masked(&field, cases[i].value, out, sizeof out), cases[i].shown);
        }
}

static void a_field_tells_its_choices(void **state)
{
        const struct bpmn_variable field = {
            .name = "kind", .type = "choice", .title = {"类别", "Kind"}, .values = " a  bc ", .required = true};
        const struct bpmn_process form = {.variables = &field, .variable_count = 1};
        const struct bpmn_variable thing = {.name = "thing", .type = ""};
        const struct bpmn_process none = {.variables = &thing, .variable_count = 1};
        json_t *o = form_field_json(&field), *expected = json_pack("[s,s]", "a", "bc");

        (void)state;
        assert_true(json_equal(json_object_get(o, "values"), expected));
        assert_true(json_is_true(json_object_get(o, "required")));
        assert_true(json_is_false(json_object_get(o, "personal")));
        assert_true(form_open(&form));
        assert_false(form_open(&none));
        json_decref(o);
        json_decref(expected);
}

/* --- scans ----------------------------------------------------------------------------------------------------------------------------- */

#define BYTES(text) ((struct str){(text), sizeof(text) - 1})

static void is(struct str bytes, const char *type)
{
        const char *why = NULL, *got = file_type(bytes, &why);

        if (type == NULL) {
                assert_null(got);
                assert_non_null(why);
        } else {
                assert_non_null(got);
                assert_string_equal(got, type);
        }
}

static void a_picture_is_whole_or_refused(void **state)
{
#define JPEG_HEAD "\xff\xd8\xff\xe0\0\4ab"
        (void)state;
        is(BYTES(JPEG_HEAD "\xff\xda\0\2data\xff\xd9"), "image/jpeg");
        is(BYTES(JPEG_HEAD "\xff\xda\0\2data\xff\xd9\0\0\0"), "image/jpeg"); /* padded, as scanners do */
        is(BYTES(JPEG_HEAD "\xff\xda\0\2data"), NULL);                       /* cut off */
        is(BYTES(JPEG_HEAD "\xff\xda\0\2data\xff\0"), NULL);
        is(BYTES(JPEG_HEAD "\xff\xda\0\2data\xfe\xd9"), NULL);
        is(BYTES("\xff\xd8\xff\xe0\0\1\xff\xd9"), NULL);           /* a segment shorter than its length */
        is(BYTES("\xff\xd8\xff\xe0\xff\xffxxxxxx\xff\xd9"), NULL); /* and one longer than the file */
        is(BYTES("\xff\xd8\xff\xe0\0\4abcdef\xff\xd9"), NULL);     /* no segment follows */
        is(BYTES("\xff\xd8\xff\xe0\0\4ab\xff\xd9"), NULL);         /* no picture */
        is(BYTES("\xff\xd8\xff"), NULL);
        is(BYTES("\xff\xd8\xff\0\0\0"), NULL);
        is(BYTES("\xff\xd8\xff\0\0\0\0\0\0\0\0\0"), NULL); /* nothing but padding */
#define PNG_HEAD "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55"
#define PNG_END "\0\0\0\0IEND\xae\x42\x60\x82"
        is(BYTES(PNG_HEAD PNG_END), "image/png");
        is(BYTES(PNG_HEAD "\0\0\0\2IDATxxcrcc" PNG_END), "image/png");
        is(BYTES(PNG_HEAD "\0\0\xff\xffIDATxxcrcc" PNG_END), NULL);
        is(BYTES(PNG_HEAD "\0\0\0\1IENDxcrcc"), NULL);  /* the end holds nothing */
        is(BYTES(PNG_HEAD "\0\0\0\2IDATxxcrcc"), NULL); /* and has to come */
        is(BYTES("\x89PNG\r\n\x1a\n\0\0\0\rIDAT\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55" PNG_END), NULL);
        is(BYTES("\x89PNG\r\n\x1a\n"), NULL);
        is(BYTES("GIF89a"), NULL);
        is(BYTES(""), NULL);
}

static void pdf(const char *body, const char *reference, const char *tail, const char *type)
{
        char text[2400];
        int n = snprintf(text, sizeof text, "%s%s%s", body, reference, tail);

        is((struct str){text, (size_t)n}, type);
}

static void a_document_is_whole_or_refused(void **state)
{
        static const char BODY[] = "%PDF-1.4\n1 0 obj <</Type/Catalog>> endobj\n",
                          TABLE[] = "xref\n0 1\ntrailer <</Root 1 0 R>>\n",
                          STREAM[] = "9 0 obj <</Type/XRef/Root 1 0 R>> stream endstream endobj\n";
        char tail[120], far[1500];
        size_t at = strlen(BODY);

        (void)state;
#define AT(format, n) text_format(tail, sizeof tail, format, n)
        pdf(BODY, TABLE, AT("startxref\n%zu\n%%%%EOF\n", at), "application/pdf");
        pdf(BODY, TABLE, AT("startxref \r\n%zu\r\n%%%%EOF", at), "application/pdf");
        pdf(BODY, STREAM, AT("startxref\n%zu\n%%%%EOF\n", at), "application/pdf");
        pdf(BODY, TABLE, AT("startxref\n1\n%%%%EOF\nstartxref\n%zu\n%%%%EOF\n", at),
            "application/pdf"); /* appended: the last counts */
        pdf(BODY, TABLE, AT("startxref\n%zu\n", at), NULL);
        pdf(BODY, TABLE, AT("%%%%EOF %zu", at), NULL);
        pdf(BODY, TABLE, AT("startxref\n%zu\n%%%%EOF\n", at + 1), NULL); /* nothing of that kind stands there */
        pdf(BODY, TABLE, AT("startxref\n%zu\n%%%%EOF\n", (size_t)0), NULL);
        pdf(BODY, TABLE, AT("startxref\n%zu\n%%%%EOF\n", (size_t)99999), NULL);
        pdf(BODY, TABLE, AT("startxref\n9%zu99999999999999999999999\n%%%%EOF\n", at), NULL);
        pdf(BODY, "xref\n0 1\ntrailer <<>>\n", AT("startxref\n%zu\n%%%%EOF\n", at), NULL); /* no root */
        pdf(BODY, TABLE, AT("startxref\n%zu\n%%%%EOF\n", at - 1), NULL);                   /* a line's end */
        pdf(BODY, TABLE, AT("startxref\n%zux\n%%%%EOF\n", at), "application/pdf"); /* the number ends where no digit follows */
        pdf(BODY, TABLE, AT("startxref\n%%%%EOF %zu\n", at), NULL);
        pdf("%PDF-", "", "", NULL);
        /* The end stands at the end, not somewhere before. */
        memset(far, ' ', sizeof far);
        text_copy(far, sizeof far, STR("startxref\n"));
        far[10] = '4';
        memset(far + 11, ' ', sizeof far - 12);
        far[sizeof far - 1] = '\0';
        pdf(BODY, TABLE, far, NULL);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_text_is_short_and_plain),
            cmocka_unit_test(numbers_keep_their_digits),
            cmocka_unit_test(money_is_to_the_fen),
            cmocka_unit_test(days_numbers_and_choices_are_checked),
            cmocka_unit_test(a_yes_and_a_person_come_in_two_ways),
            cmocka_unit_test(what_is_left_out_is_null_or_asked_for),
            cmocka_unit_test(many_faults_are_one_error),
            cmocka_unit_test(what_is_personal_is_shown_masked),
            cmocka_unit_test(a_field_tells_its_choices),
            cmocka_unit_test(a_picture_is_whole_or_refused),
            cmocka_unit_test(a_document_is_whole_or_refused),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
