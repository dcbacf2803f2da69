/* SPDX-License-Identifier: Apache-2.0 */
#include "base/identity.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* GB 32100: digits and capitals without I, O, S, V, Z. */
static const char uscc_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static int refuse(struct error *err, enum error_code code, struct str s, const char *both)
{
        return error_raise(err, code, "%.*s|%s", (int)(s.n < 40 ? s.n : 40), s.n ? s.p : "", both);
}

char id_number_digit(const char first17[17])
{
        static const int weight[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
        int sum = 0;
        for (int i = 0; i < 17; i++)
                sum += (first17[i] - '0') * weight[i];
        return "10X98765432"[sum % 11];
}

int id_number_check(struct str s, day_t *birth, enum sex *sex, struct error *err)
{
        if (s.n != 18)
                return refuse(err, SB_ID_NUMBER, s, ERROR_BOTH("it needs 18 characters", "应为18位"));
        for (int i = 0; i < 17; i++)
                if (s.p[i] < '0' || s.p[i] > '9')
                        return refuse(err, SB_ID_NUMBER, s, ERROR_BOTH("the first 17 are digits", "前17位应为数字"));
        if (s.p[0] == '0')
                return refuse(err, SB_ID_NUMBER, s, ERROR_BOTH("no area begins with 0", "地址码不以0开头"));
        int date = 0;
        for (int i = 6; i < 14; i++)
                date = date * 10 + (s.p[i] - '0');
        if (!day_valid(date / 10000, date / 100 % 100, date % 100))
                return refuse(err, SB_ID_NUMBER, s,
                              ERROR_BOTH("the date of birth (7th to 14th) does not exist", "出生日期（第7至14位）不存在"));
        char digit = id_number_digit(s.p);
        if (s.p[17] == 'x' && digit == 'X')
                return refuse(err, SB_ID_NUMBER, s, ERROR_BOTH("write the last X as a capital", "末位X应大写"));
        if (s.p[17] != digit)
                return refuse(err, SB_ID_NUMBER, s,
                              ERROR_BOTH("the last character does not fit the others", "校验码与前17位不符"));
        if (birth != NULL)
                *birth = day_from(date / 10000, date / 100 % 100, date % 100);
        if (sex != NULL)
                *sex = (s.p[16] - '0') % 2 == 1 ? SEX_MALE : SEX_FEMALE;
        return 0;
}

/* −1 for a character that GB 32100 does not use. */
static int uscc_value(char c)
{
        const char *p = c == '\0' ? NULL : strchr(uscc_alphabet, c);
        return p == NULL ? -1 : (int)(p - uscc_alphabet);
}

char uscc_digit(const char first17[17])
{
        int weight = 1, sum = 0;
        for (int i = 0; i < 17; i++) {
                int v = uscc_value(first17[i]);
                assert(v >= 0);
                sum += v * weight;
                weight = weight * 3 % 31;
        }
        return uscc_alphabet[(31 - sum % 31) % 31];
}

int uscc_check(struct str s, struct error *err)
{
        if (s.n != 18)
                return refuse(err, SB_USCC, s, ERROR_BOTH("it needs 18 characters", "应为18位"));
        for (int i = 0; i < 18; i++)
                if (uscc_value(s.p[i]) < 0)
                        return refuse(err, SB_USCC, s,
                                      ERROR_BOTH("only digits and capitals other than I, O, S, V, Z are used",
                                                 "只能使用数字和除I、O、S、V、Z以外的大写字母"));
        if (s.p[17] != uscc_digit(s.p))
                return refuse(err, SB_USCC, s, ERROR_BOTH("the last character does not fit the others", "校验码与前17位不符"));
        return 0;
}

/* ISO 7064 MOD 11-10 over the digits of a text; other characters are passed over. */
static char mod_11_10(const char *text)
{
        int product = 10;
        for (; *text != '\0'; text++) {
                if (*text < '0' || *text > '9')
                        continue;
                int sum = (product + (*text - '0')) % 10;
                product = (sum == 0 ? 10 : sum) * 2 % 11;
        }
        return (char)('0' + (11 - product) % 10);
}

char *readable_number(char prefix, int home, int64_t id, char out[32])
{
        assert(prefix >= 'A' && prefix <= 'Z' && home >= 0 && home <= 9999 && id >= 0);
        int n = snprintf(out, 32, "%c%02d-%010lld-", prefix, home, (long long)id);
        assert(n > 0 && n < 31);
        out[n] = mod_11_10(out);
        out[n + 1] = '\0';
        return out;
}

int readable_parse(struct str s, char *prefix, int *home, int64_t *id, struct error *err)
{
        const char *form = ERROR_BOTH("it should look like P01-0000001234-8", "应形如 P01-0000001234-7");
        const char *dash = s.n > 0 ? memchr(s.p, '-', s.n) : NULL;
        int64_t h, i;
        if (dash == NULL || s.n < 6 || s.n > 28 || s.p[s.n - 2] != '-' || s.p[0] < 'A' || s.p[0] > 'Z')
                return refuse(err, SB_READABLE_NUMBER, s, form);
        size_t home_n = (size_t)(dash - s.p) - 1;
        size_t id_at = home_n + 2;
        if (home_n < 2 || home_n > 4 || id_at + 2 >= s.n || !text_to_int((struct str){s.p + 1, home_n}, &h) ||
            !text_to_int((struct str){s.p + id_at, s.n - 2 - id_at}, &i) || h < 0 || i < 0)
                return refuse(err, SB_READABLE_NUMBER, s, form);
        char again[32];
        readable_number(s.p[0], (int)h, i, again);
        size_t n = strlen(again);
        if (n != s.n || memcmp(again, s.p, n - 1) != 0)
                return refuse(err, SB_READABLE_NUMBER, s, form);
        if (again[n - 1] != s.p[n - 1])
                return refuse(err, SB_READABLE_NUMBER, s, ERROR_BOTH("the last digit does not fit the others", "校验码不符"));
        if (prefix != NULL)
                *prefix = s.p[0];
        if (home != NULL)
                *home = (int)h;
        if (id != NULL)
                *id = i;
        return 0;
}
