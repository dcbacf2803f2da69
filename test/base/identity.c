/* SPDX-License-Identifier: Apache-2.0 */
#include "base/identity.h"
#include "testing.h"

#include <string.h>

/* 11010519491231002X and 440524188001010014 are the examples of GB 11643-1999 itself. */
static void checks_identity_numbers(void **state)
{
        (void)state;
        struct error err = {0};
        day_t birth = 0;
        enum sex sex = SEX_MALE;
        assert_ok(id_number_check(STR("11010519491231002X"), &birth, &sex, &err), err);
        assert_int_equal(birth, day_from(1949, 12, 31));
        assert_int_equal(sex, SEX_FEMALE);
        assert_ok(id_number_check(STR("440524188001010014"), &birth, &sex, &err), err);
        assert_int_equal(birth, day_from(1880, 1, 1));
        assert_int_equal(sex, SEX_MALE);
        assert_ok(id_number_check(STR("440524188001010014"), NULL, NULL, &err), err);
        static const char *const bad[] = {"",
                                          "11010519491231002",
                                          "11010519491231002XX",
                                          "110105194912310021",
                                          "11010519491231002x",
                                          "1101051949123100X2",
                                          "010105194912310020",
                                          "110105199002300020",
                                          "110105190002290020",
                                          "11010519491331002X",
                                          "一二三四五六"};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_error(id_number_check(str_from(bad[i]), &birth, &sex, &err), err, SB_ID_NUMBER);
}

/* MOD 11-2 finds each single wrong digit and each swap of neighbours. */
static void finds_every_single_slip(void **state)
{
        (void)state;
        const char good[] = "11010519491231002X";
        for (int i = 0; i < 17; i++) {
                for (char d = '0'; d <= '9'; d++) {
                        char s[19];
                        memcpy(s, good, 19);
                        s[i] = d;
                        if (d != good[i])
                                assert_int_not_equal(id_number_digit(s), 'X');
                }
                char s[19];
                memcpy(s, good, 19);
                if (i < 16 && s[i] != s[i + 1]) {
                        s[i] = good[i + 1];
                        s[i + 1] = good[i];
                        assert_int_not_equal(id_number_digit(s), 'X');
                }
        }
}

/* Codes that are public: published in the business register. */
static void checks_credit_codes(void **state)
{
        (void)state;
        struct error err = {0};
        assert_ok(uscc_check(STR("91350100M000100Y43"), &err), err); /* an example of GB 32100-2015 */
        assert_ok(uscc_check(STR("91110000600037341L"), &err), err);
        assert_int_equal(uscc_digit("91350100M000100Y4"), '3');
        static const char *const bad[] = {"",
                                          "91350100M000100Y4",
                                          "91350100M000100Y433",
                                          "91350100M000100Y44",
                                          "91350100m000100Y43",
                                          "91350100O000100Y43",
                                          "9135010IM000100Y43",
                                          "91350100M0001００"};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_error(uscc_check(str_from(bad[i]), &err), err, SB_USCC);
        assert_error(uscc_check((struct str){"91350100M000100Y4\0", 18}, &err), err, SB_USCC);
}

static void readable_numbers_go_round(void **state)
{
        (void)state;
        static const struct {
                char prefix;
                int home;
                int64_t id;
        } cases[] = {{'P', 0, 0}, {'P', 1, 1234}, {'E', 9999, INT64_MAX}, {'Z', 100, 9999999999}, {'A', 99, 10000000000}};
        struct error err = {0};
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                char text[32], prefix;
                int home;
                int64_t id;
                readable_number(cases[i].prefix, cases[i].home, cases[i].id, text);
                assert_ok(readable_parse(str_from(text), &prefix, &home, &id, &err), err);
                assert_int_equal(prefix, cases[i].prefix);
                assert_int_equal(home, cases[i].home);
                assert_true(id == cases[i].id);
                assert_ok(readable_parse(str_from(text), NULL, NULL, NULL, &err), err);
                char wrong[32];
                for (size_t k = 1; text[k] != '\0'; k++) {
                        memcpy(wrong, text, sizeof wrong);
                        wrong[k] = wrong[k] == '-' ? '0' : wrong[k] == '9' ? '8' : (char)(wrong[k] + 1);
                        assert_error(readable_parse(str_from(wrong), NULL, NULL, NULL, &err), err, SB_READABLE_NUMBER);
                }
        }
}

/* By the definition of MOD 11-10 the last sum, check digit included, is 1 modulo 10. */
static int last_sum(const char *text)
{
        int product = 10, sum = 0;
        for (; *text != '\0'; text++) {
                if (*text < '0' || *text > '9')
                        continue;
                sum = (product + (*text - '0')) % 10;
                product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return sum;
}

static void uses_mod_11_10(void **state)
{
        (void)state;
        char text[32];
        assert_string_equal(readable_number('P', 1, 1234, text), "P01-0000001234-8");
        assert_int_equal(last_sum("0794-5"), 1); /* the example of ISO 7064 */
        for (int64_t id = 0; id < 1000; id++)
                assert_int_equal(last_sum(readable_number('P', 1, id, text)), 1);
        struct error err = {0};
        static const char *const bad[] = {"",
                                          "P",
                                          "P01-",
                                          "P1-0000001234-7",
                                          "p01-0000001234-7",
                                          "P01-1234-7",
                                          "P01-00000001234-7",
                                          "P01-0000001234-",
                                          "P01--000001234-7",
                                          "P010000001234-7",
                                          "P01-99999999999999999999-1",
                                          "P12345-0000001234-7",
                                          "P01-000000123a-7"};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_error(readable_parse(str_from(bad[i]), NULL, NULL, NULL, &err), err, SB_READABLE_NUMBER);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(checks_identity_numbers), cmocka_unit_test(finds_every_single_slip),
            cmocka_unit_test(checks_credit_codes),     cmocka_unit_test(readable_numbers_go_round),
            cmocka_unit_test(uses_mod_11_10),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
