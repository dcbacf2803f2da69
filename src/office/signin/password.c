/* SPDX-License-Identifier: Apache-2.0
 *
 * Which passwords are taken: long rather than odd (NIST SP 800-63B §5.1.1.2). No rule of capitals and signs, no expiry.
 */
#include "office/signin/own.h"

#include <ctype.h>
#include <string.h>

#define LEAST 12
#define MOST 128
#define DISTINCT_LEAST 5

/* What people take when twelve characters are asked for; compared in small letters, without what stands for nothing at the end. */
static const char *const COMMON[] = {
    "123456789012",   "1234567890123",  "password",     "passw0rd",         "passwordpassword", "qwertyuiop",
    "qwertyuiopasdf", "qwertyqwerty",   "asdfghjkl",    "asdfghjklzxcvbnm", "zxcvbnm",          "1qaz2wsx3edc",
    "1q2w3e4r5t6y",   "qazwsxedc",      "qazwsxedcrfv", "administrator",    "adminadmin",       "administration",
    "letmeinletmein", "welcomewelcome", "iloveyou",     "iloveyouiloveyou", "woaini",           "woainiwoaini",
    "woaini1314520",  "zhongguo",       "zhongguoren",  "shebao",           "shebaoshebao",     "shehuibaoxian",
    "yanglaobaoxian", "mimamima",       "mima",         "changeme",         "changemechangeme", "computer",
    "internet",       "abcdefghijkl",   "abcdefg",      "abc123abc123",     "aa123456",         "a123456789",
    "qq123456",       "asd123456",      "1314520",      "5201314",          "52013141314",      "88888888",
    "66666666",       "demonstration",  "trustno1",     "monkey",           "dragon",           "sunshine",
    "football",       "baseball",       "princess",     "superman",         "starwars",         "master",
    "default",        "secret",         "temporary",
};

static bool common(const char *lower)
{
        size_t n = strlen(lower);

        while (n > 0 && !isalpha((unsigned char)lower[n - 1]))
                n--;
        for (size_t i = 0; i < sizeof COMMON / sizeof COMMON[0]; i++)
                if (strcmp(COMMON[i], lower) == 0 || (n > 0 && strlen(COMMON[i]) == n && strncmp(COMMON[i], lower, n) == 0))
                        return true;
        return false;
}

/* Neighbours that each go one up or one down: 123456789012, fedcba. */
static bool ladder(const char *p)
{
        size_t steps = 0, n = strlen(p);

        for (size_t i = 1; i < n; i++) {
                int d = p[i] - p[i - 1];
                steps += d == 1 || d == -1 || (p[i - 1] == '9' && p[i] == '0');
        }
        return n > 1 && steps + 2 >= n;
}

int password_rules(const char *password, const char *login, struct error *err)
{
        char lower[MOST * 4 + 1];
        bool seen[256] = {false};
        size_t n = utf8_length(str_from(password)), distinct = 0, i;

        if (n < LEAST || strlen(password) > MOST)
                return error_raise(err, SB_SIGNIN_RULE, "%s",
                                   ERROR_BOTH("it has 12 to 128 characters", "长度应为12至128个字符"));
        for (i = 0; password[i] != '\0'; i++) {
                lower[i] = (char)tolower((unsigned char)password[i]);
                distinct += !seen[(unsigned char)lower[i]];
                seen[(unsigned char)lower[i]] = true;
        }
        lower[i] = '\0';
        if (distinct < DISTINCT_LEAST || ladder(lower) || common(lower))
                return error_raise(err, SB_SIGNIN_RULE, "%s",
                                   ERROR_BOTH("it is one of those that are guessed first", "过于常见，容易被猜中"));
        if (strlen(login) >= 3 && strstr(lower, login) != NULL)
                return error_raise(err, SB_SIGNIN_RULE, "%s", ERROR_BOTH("it contains the sign-in name", "不得包含登录名"));
        return 0;
}
