/* SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"
#include "testing.h"

static void adds_within_the_range(void **state)
{
        (void)state;
        fen_t out = 5;
        assert_true(money_add(INT64_MAX - 1, 1, &out));
        assert_true(out == INT64_MAX);
        out = 5;
        assert_false(money_add(INT64_MAX, 1, &out));
        assert_false(money_add(INT64_MIN, -1, &out));
        assert_false(money_sub(INT64_MIN, 1, &out));
        assert_false(money_sub(0, INT64_MIN, &out));
        assert_int_equal(out, 5);
        assert_true(money_sub(INT64_MIN + 1, 1, &out));
        assert_true(out == INT64_MIN);
}

static void rounds_by_every_mode(void **state)
{
        (void)state;
        /* −2.5 −1.5 −1.1 −0.5 0.5 1.1 1.5 1.9 2.5, as tenths */
        static const int tenths[] = {-25, -15, -11, -5, 5, 11, 15, 19, 25};
        static const int expected[][9] = {
            [ROUND_HALF_UP] = {-3, -2, -1, -1, 1, 1, 2, 2, 3},  [ROUND_HALF_EVEN] = {-2, -2, -1, 0, 0, 1, 2, 2, 2},
            [ROUND_HALF_DOWN] = {-2, -1, -1, 0, 0, 1, 1, 2, 2}, [ROUND_UP] = {-3, -2, -2, -1, 1, 2, 2, 2, 3},
            [ROUND_DOWN] = {-2, -1, -1, 0, 0, 1, 1, 1, 2},      [ROUND_CEILING] = {-2, -1, -1, 0, 1, 2, 2, 2, 3},
            [ROUND_FLOOR] = {-3, -2, -2, -1, 0, 1, 1, 1, 2},
        };
        for (int mode = ROUND_HALF_UP; mode <= ROUND_FLOOR; mode++) {
                for (int i = 0; i < 9; i++) {
                        int got = (int)round_div(tenths[i], 10, (enum rounding)mode);
                        int mirrored = (int)round_div(-tenths[i], -10, (enum rounding)mode);
                        if (got != expected[mode][i] || mirrored != got)
                                fail_msg("mode %d of %d tenths: %d", mode, tenths[i], got);
                }
                assert_int_equal((int)round_div(-20, 10, (enum rounding)mode), -2);
        }
}

static void rounds_at_the_ends_of_the_wide_range(void **state)
{
        (void)state;
        wide_t max = (((wide_t)1 << 126) - 1) * 2 + 1, min = -max - 1;
        assert_true(round_div(min, 1, ROUND_HALF_UP) == min);
        assert_true(round_div(max, 2, ROUND_HALF_UP) == max / 2 + 1);
        assert_true(round_div(max, max, ROUND_HALF_EVEN) == 1);
        assert_true(round_div(max - 1, max, ROUND_HALF_UP) == 1);
        assert_true(round_div(1, min, ROUND_HALF_UP) == 0);
        assert_true(round_div(min / 2, min, ROUND_HALF_UP) == 1);
        assert_true(round_div(min / 2, min, ROUND_HALF_DOWN) == 0);
}

static void scales_once(void **state)
{
        (void)state;
        fen_t out = 5;
        assert_true(money_scale(1234567, 8, 100, ROUND_HALF_UP, &out));
        assert_int_equal(out, 98765);
        assert_true(money_scale(INT64_MAX, INT64_MAX, INT64_MAX, ROUND_DOWN, &out));
        assert_true(out == INT64_MAX);
        out = 5;
        assert_false(money_scale(INT64_MAX, 2, 1, ROUND_DOWN, &out));
        assert_false(money_scale(INT64_MIN, -1, 1, ROUND_DOWN, &out));
        assert_int_equal(out, 5);
}

static void parses_yuan(void **state)
{
        (void)state;
        static const struct {
                const char *text;
                fen_t fen;
        } good[] = {{"1234.50", 123450},
                    {"1234.5", 123450},
                    {"12", 1200},
                    {"-0.05", -5},
                    {"0", 0},
                    {"-0", 0},
                    {"0.01", 1},
                    {"92233720368547758.07", INT64_MAX},
                    {"-92233720368547758.08", INT64_MIN}};
        static const char *const bad[] = {"",   "-",   ".5",  "5.",    "1.234", "1,234.50", " 1", "1 ",
                                          "+1", "1e3", "--1", "1.2.3", "0x10",  "１２",     "¥5", "1.-5"};
        struct error err = {0};
        fen_t f;
        for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
                f = 77;
                assert_ok(money_parse(&f, str_from(good[i].text), &err), err);
                assert_true(f == good[i].fen);
        }
        f = 77;
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_error(money_parse(&f, str_from(bad[i]), &err), err, SB_MONEY_SYNTAX);
        assert_error(money_parse(&f, STR("92233720368547758.08"), &err), err, SB_OVERFLOW);
        assert_error(money_parse(&f, STR("-92233720368547758.09"), &err), err, SB_OVERFLOW);
        assert_error(money_parse(&f, STR("99999999999999999999999999999999999999999999999999"), &err), err, SB_OVERFLOW);
        assert_int_equal(f, 77);
}

static void prints(void **state)
{
        (void)state;
        char out[32];
        assert_string_equal(money_text(-5, out), "-0.05");
        assert_string_equal(money_text(INT64_MIN, out), "-92233720368547758.08");
        assert_string_equal(money_grouped(0, out), "0.00");
        assert_string_equal(money_grouped(99999, out), "999.99");
        assert_string_equal(money_grouped(100000, out), "1,000.00");
        assert_string_equal(money_grouped(-123456789, out), "-1,234,567.89");
        assert_string_equal(money_grouped(INT64_MIN, out), "-92,233,720,368,547,758.08");
}

/* The examples of 《支付结算办法》附件一 in the form that omits the 零 that may be omitted, and the
 * edges. */
static void writes_capitals(void **state)
{
        (void)state;
        static const struct {
                fen_t fen;
                const char *text;
        } cases[] = {
            {140950, "壹仟肆佰零玖元伍角"},
            {600714, "陆仟零柒元壹角肆分"},
            {168032, "壹仟陆佰捌拾元叁角贰分"},
            {10700053, "壹拾万柒仟元伍角叁分"},
            {1640902, "壹万陆仟肆佰零玖元零贰分"},
            {32504, "叁佰贰拾伍元零肆分"},
            {1234567, "壹万贰仟叁佰肆拾伍元陆角柒分"},
            {0, "零元整"},
            {1, "壹分"},
            {10, "壹角"},
            {11, "壹角壹分"},
            {100, "壹元整"},
            {1000, "壹拾元整"},
            {1001, "壹拾元零壹分"},
            {10000000, "壹拾万元整"},
            {10000500, "壹拾万零伍元整"},
            {100050000, "壹佰万零伍佰元整"},
            {10000000000, "壹亿元整"},
            {10000000100, "壹亿零壹元整"},
            {10000500000, "壹亿零伍仟元整"},
            {10001000000, "壹亿零壹万元整"},
            {10100000000, "壹亿零壹佰万元整"},
            {11000000000, "壹亿壹仟万元整"},
            {11000500000, "壹亿壹仟万伍仟元整"},
            {100000000000000, "壹万亿元整"},
            {-32504, "负叁佰贰拾伍元零肆分"},
            {INT64_MIN, "负玖亿贰仟贰佰叁拾叁万柒仟贰佰零叁亿陆仟捌佰伍拾肆万柒仟柒佰伍拾捌元零捌分"},
        };
        struct buf b;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                buf_init(&b, 512);
                assert_int_equal(money_capitals(&b, cases[i].fen), 0);
                assert_string_equal(buf_text(&b), cases[i].text);
                buf_dispose(&b);
        }
        buf_init(&b, 8);
        assert_int_equal(money_capitals(&b, 1234567), ERR);
        buf_dispose(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(adds_within_the_range),
            cmocka_unit_test(rounds_by_every_mode),
            cmocka_unit_test(rounds_at_the_ends_of_the_wide_range),
            cmocka_unit_test(scales_once),
            cmocka_unit_test(parses_yuan),
            cmocka_unit_test(prints),
            cmocka_unit_test(writes_capitals),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
