/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimals: known values and boundaries here; the rest against Python's decimal (decimal_oracle.py).
 */
#include "engine/feel/decimal.h"
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

#define OPERATIONS 300000
#define TEXT_OF_(x) #x
#define TEXT_OF(x) TEXT_OF_(x)

static struct decimal read_number(const char *text)
{
        struct decimal d;

        if (!decimal_parse(&d, str_from(text)))
                fail_msg("not read: %s", text);
        return d;
}

static const char *const MODES[] = {
    [ROUND_HALF_UP] = "half_up", [ROUND_HALF_EVEN] = "half_even", [ROUND_HALF_DOWN] = "half_down", [ROUND_UP] = "up",
    [ROUND_DOWN] = "down",       [ROUND_CEILING] = "ceiling",     [ROUND_FLOOR] = "floor",
};

static bool apply(const char *op, struct decimal a, struct decimal b, struct decimal *out)
{
        static const struct {
                const char *name;
                bool (*two)(struct decimal *, struct decimal, struct decimal);
                bool (*one)(struct decimal *, struct decimal);
        } TABLE[] = {
            {"add", decimal_add, NULL},   {"sub", decimal_sub, NULL},       {"mul", decimal_mul, NULL},
            {"div", decimal_div, NULL},   {"modulo", decimal_modulo, NULL}, {"power", decimal_power, NULL},
            {"sqrt", NULL, decimal_sqrt}, {"exp", NULL, decimal_exp},       {"log", NULL, decimal_log},
        };
        int64_t scale;

        for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
                if (strcmp(op, TABLE[i].name) == 0)
                        return TABLE[i].two != NULL ? TABLE[i].two(out, a, b) : TABLE[i].one(out, a);
        for (int mode = ROUND_HALF_UP; mode <= ROUND_FLOOR; mode++)
                if (strcmp(op, MODES[mode]) == 0)
                        return decimal_to_int(b, &scale) && decimal_round(out, a, (int)scale, (enum rounding)mode);
        assert_string_equal(op, "compare");
        *out = decimal_from_int(decimal_compare(a, b));
        return true;
}

static void agrees_with_python(void **state)
{
        char line[512], op[16], a[128], b[128], expected[128], text[DECIMAL_TEXT];
        int count = 0;

        (void)state;
        struct oracle oracle = oracle_start("test/engine/decimal_oracle.py", "34", TEXT_OF(OPERATIONS));
        while (fgets(line, sizeof line, oracle.lines) != NULL) {
                struct decimal got;
                assert_int_equal(sscanf(line, "%15s %127s %127s %127s", op, a, b, expected), 4);
                bool is = apply(op, read_number(a), read_number(b), &got), should = strcmp(expected, "none") != 0;
                if (is != should || (is && decimal_compare(got, read_number(expected)) != 0))
                        fail_msg("%s %s %s: %s, not %s", op, a, b, is ? decimal_text(got, text) : "none", expected);
                if (is) { /* well formed, and its text is read again */
                        assert_false(got.negative && got.coefficient == 0);
                        assert_true(got.exponent >= DECIMAL_EXP_MIN && got.exponent <= DECIMAL_EXP_MAX);
                        assert_int_equal(decimal_compare(read_number(decimal_text(got, text)), got), 0);
                }
                count++;
        }
        oracle_end(&oracle);
        assert_true(count > OPERATIONS * 99 / 100);
}

static void writes_the_shortest_form(void **state)
{
        static const char *const CASES[][2] = {
            {"0", "0"},
            {"-0", "0"},
            {"0.00", "0"},
            {"0e500", "0"},
            {"1.50", "1.5"},
            {"-.5", "-0.5"},
            {"+7", "7"},
            {"5.", "5"},
            {"1e3", "1000"},
            {"1E+3", "1000"},
            {"12e-4", "0.0012"},
            {"1e39", "1000000000000000000000000000000000000000"},
            {"1e40", "1E+40"},
            {"1e-40", "0.0000000000000000000000000000000000000001"},
            {"1e-41", "1E-41"},
            {"12345678901234567890123456789012345", "12345678901234567890123456789012340"},
            {"12345678901234567890123456789012355", "12345678901234567890123456789012360"},
            {"9999999999999999999999999999999999.5", "10000000000000000000000000000000000"},
            {"18446744073709551616", "18446744073709551616"},
            {"1e-7000", "0"},
            {"1e6144", "1E+6144"},
        };
        char text[DECIMAL_TEXT];

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
                assert_string_equal(decimal_text(read_number(CASES[i][0]), text), CASES[i][1]);
}

static void refuses_what_is_no_number(void **state)
{
        static const char *const CASES[] = {"",    "-",   ".",   "1.2.3", "1e",      "e5",  "1e+-5",  " 1",          "1 ",
                                            "0x1", "1,5", "nan", "inf",   "1e99999", "--1", "1e6145", "1e2147483648"};
        struct decimal d;

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
                if (decimal_parse(&d, str_from(CASES[i])))
                        fail_msg("read: %s", CASES[i]);
}

static void goes_to_whole_numbers_and_fen_exactly(void **state)
{
        int64_t v;

        (void)state;
        assert_true(decimal_to_int(read_number("9223372036854775807"), &v) && v == INT64_MAX);
        assert_true(decimal_to_int(read_number("-9223372036854775808"), &v) && v == INT64_MIN);
        assert_false(decimal_to_int(read_number("9223372036854775808"), &v));
        assert_false(decimal_to_int(read_number("-9223372036854775809"), &v));
        assert_true(decimal_to_int(read_number("12.000"), &v) && v == 12);
        assert_true(decimal_to_int(read_number("1e18"), &v) && v == 1000000000000000000);
        assert_false(decimal_to_int(read_number("1e19"), &v));
        assert_false(decimal_to_int(read_number("0.5"), &v));
        assert_true(decimal_to_fen(read_number("12.3"), &v) && v == 1230);
        assert_true(decimal_to_fen(read_number("-0.010"), &v) && v == -1);
        assert_false(decimal_to_fen(read_number("0.001"), &v));
        assert_int_equal(decimal_compare(decimal_from_fen(-1234), read_number("-12.34")), 0);
        assert_int_equal(decimal_compare(decimal_from_int(INT64_MIN), read_number("-9223372036854775808")), 0);
}

static void reduces_to_one_form(void **state)
{
        struct decimal a = decimal_reduce(read_number("1200e32")), b = decimal_reduce(read_number("12e34"));

        (void)state;
        assert_memory_equal(&a.coefficient, &b.coefficient, sizeof a.coefficient);
        assert_int_equal(a.exponent, b.exponent);
        assert_int_equal(decimal_reduce(read_number("1e6144")).exponent, DECIMAL_EXP_MAX);
        for (int n = 0; n < 34; n++) {
                char text[16];
                snprintf(text, sizeof text, "1e%d", n);
                assert_int_equal(decimal_reduce(read_number(text)).coefficient, 1);
        }
}

static void refuses_scales_beyond_the_range(void **state)
{
        struct decimal d;

        (void)state;
        assert_false(decimal_round(&d, read_number("1.5"), 6177, ROUND_HALF_UP));
        assert_false(decimal_round(&d, read_number("1.5"), -6112, ROUND_HALF_UP));
        assert_true(decimal_round(&d, read_number("1.5"), 6176, ROUND_HALF_UP));
        assert_true(decimal_round(&d, read_number("1.5"), -6111, ROUND_UP));
        assert_int_equal(decimal_compare(d, read_number("1e6111")), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(agrees_with_python),        cmocka_unit_test(writes_the_shortest_form),
            cmocka_unit_test(refuses_what_is_no_number), cmocka_unit_test(goes_to_whole_numbers_and_fen_exactly),
            cmocka_unit_test(reduces_to_one_form),       cmocka_unit_test(refuses_scales_beyond_the_range),
        };
        return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
