/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"
#include "testing.h"

static void takes_options_out_of_the_arguments(void **state)
{
        (void)state;
        char *argv[] = {"run", "--db", "a", "x", "--lang=zh", "--flag", "--db", NULL};
        int argc = 7;
        assert_string_equal(command_option(&argc, argv, "--db"), "a");
        assert_int_equal(argc, 5);
        assert_string_equal(command_option(&argc, argv, "--lang"), "zh");
        assert_null(command_option(&argc, argv, "--lang"));
        assert_null(command_option(&argc, argv, "--la"));
        assert_true(command_flag(&argc, argv, "--flag"));
        assert_false(command_flag(&argc, argv, "--flag"));
        /* An option without its value stays, so that the command sees a call that is wrong. */
        assert_null(command_option(&argc, argv, "--db"));
        assert_int_equal(argc, 3);
        assert_string_equal(argv[1], "x");
        assert_string_equal(argv[2], "--db");
        assert_null(argv[3]);
}

static void takes_an_empty_value(void **state)
{
        (void)state;
        char *argv[] = {"run", "--a=", "--b", "", NULL};
        int argc = 4;
        assert_string_equal(command_option(&argc, argv, "--a"), "");
        assert_string_equal(command_option(&argc, argv, "--b"), "");
        assert_int_equal(argc, 1);
        assert_null(argv[1]);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(takes_options_out_of_the_arguments),
            cmocka_unit_test(takes_an_empty_value),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
