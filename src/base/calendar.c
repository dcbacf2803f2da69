/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include <assert.h>
#include <stdio.h>

#define DAY_MICROSECONDS ((int64_t)86400 * 1000000)
#define SHANGHAI_MICROSECONDS ((int64_t)8 * 3600 * 1000000)
#define FIRST_DAY ((day_t)-719162) /* 0001-01-01 */

static bool leap(int year)
{
        return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int days_in_month(int year, int month)
{
        static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
        assert(month >= 1 && month <= 12);
        return month == 2 && leap(year) ? 29 : days[month - 1];
}

bool day_valid(int year, int month, int day)
{
        return year >= 1 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= days_in_month(year, month);
}

/* Days by 400-year eras of 146097 days, with years that begin on 1 March so that a leap day comes
 * last. */
day_t day_from(int year, int month, int day)
{
        assert(day_valid(year, month, day));
        int y = month <= 2 ? year - 1 : year;
        int era = y / 400;
        int of_era = y - era * 400;
        int from_march = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
        return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + from_march - 719468;
}

void day_split(day_t d, int *year, int *month, int *day)
{
        int64_t z = (int64_t)d + 719468;
        int64_t era = (z >= 0 ? z : z - 146096) / 146097;
        int64_t in_era = z - era * 146097;
        int64_t of_era = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
        int64_t in_year = in_era - (365 * of_era + of_era / 4 - of_era / 100);
        int64_t m = (5 * in_year + 2) / 153;
        *day = (int)(in_year - (153 * m + 2) / 5 + 1);
        *month = (int)(m < 10 ? m + 3 : m - 9);
        *year = (int)(of_era + era * 400 + (*month <= 2));
}

int day_weekday(day_t d)
{
        return (int)((((int64_t)d + 3) % 7 + 7) % 7) + 1;
}

/* n digits at p as a number, or −1. */
static int digits(const char *p, int n)
{
        int v = 0;
        for (int i = 0; i < n; i++) {
                if (p[i] < '0' || p[i] > '9')
                        return -1;
                v = v * 10 + (p[i] - '0');
        }
        return v;
}

static bool parse_day(struct str s, day_t *out)
{
        if (s.n != 10 || s.p[4] != '-' || s.p[7] != '-')
                return false;
        int y = digits(s.p, 4), m = digits(s.p + 5, 2), d = digits(s.p + 8, 2);
        if (!day_valid(y, m, d))
                return false;
        *out = day_from(y, m, d);
        return true;
}

int day_parse(day_t *out, struct str s, struct error *err)
{
        if (parse_day(s, out))
                return 0;
        return error_raise(err, SB_DATE_SYNTAX, "%.*s", (int)(s.n < 40 ? s.n : 40), s.n ? s.p : "");
}

char *day_text(day_t d, char out[16])
{
        int y, m, day;
        day_split(d, &y, &m, &day);
        snprintf(out, 16, "%04d-%02u-%02u", y, (unsigned)m % 100, (unsigned)day % 100);
        return out;
}

month_t month_from(int year, int month)
{
        assert(month >= 1 && month <= 12);
        return year * 12 + month - 1;
}

month_t month_of(day_t d)
{
        int y, m, day;
        day_split(d, &y, &m, &day);
        return month_from(y, m);
}

day_t month_first(month_t m)
{
        return day_from(m / 12, m % 12 + 1, 1);
}

day_t month_last(month_t m)
{
        return day_from(m / 12, m % 12 + 1, days_in_month(m / 12, m % 12 + 1));
}

int month_parse(month_t *out, struct str s, struct error *err)
{
        if (s.n == 7 && s.p[4] == '-') {
                int y = digits(s.p, 4), m = digits(s.p + 5, 2);
                if (y >= 1 && m >= 1 && m <= 12) {
                        *out = month_from(y, m);
                        return 0;
                }
        }
        return error_raise(err, SB_MONTH_SYNTAX, "%.*s", (int)(s.n < 40 ? s.n : 40), s.n ? s.p : "");
}

char *month_text(month_t m, char out[16])
{
        snprintf(out, 16, "%04d-%02u", m / 12, (unsigned)(m % 12 + 1) % 100);
        return out;
}

int32_t months_between(day_t birth, day_t day)
{
        int by, bm, bd, y, m, d;
        day_split(birth, &by, &bm, &bd);
        day_split(day, &y, &m, &d);
        int last = days_in_month(y, m);
        int due = bd < last ? bd : last;
        return (y - by) * 12 + (m - bm) - (d < due);
}

day_t instant_day(instant_t t)
{
        int64_t local = t + SHANGHAI_MICROSECONDS;
        int64_t d = local / DAY_MICROSECONDS;
        if (local % DAY_MICROSECONDS < 0)
                d--;
        return (day_t)d;
}

instant_t day_instant(day_t d)
{
        return (int64_t)d * DAY_MICROSECONDS - SHANGHAI_MICROSECONDS;
}

char *instant_text(instant_t t, char out[32])
{
        int64_t d = t / DAY_MICROSECONDS, rest = t % DAY_MICROSECONDS;
        if (rest < 0) {
                d--;
                rest += DAY_MICROSECONDS;
        }
        char day[16];
        day_text((day_t)d, day);
        unsigned seconds = (unsigned)(rest / 1000000);
        snprintf(out, 32, "%.10sT%02u:%02u:%02u.%06uZ", day, seconds / 3600 % 100, seconds / 60 % 60, seconds % 60,
                 (unsigned)(rest % 1000000));
        return out;
}

/* The fraction ".123" at s[*i…], at most six digits, as microseconds; −1 when it is not one. */
static int fraction(struct str s, size_t *i)
{
        if (*i >= s.n || s.p[*i] != '.')
                return 0;
        int v = 0, n = 0;
        for ((*i)++; *i < s.n && s.p[*i] >= '0' && s.p[*i] <= '9'; (*i)++, n++) {
                if (n == 6)
                        return -1;
                v = v * 10 + (s.p[*i] - '0');
        }
        if (n == 0)
                return -1;
        for (; n < 6; n++)
                v *= 10;
        return v;
}

/* "Z" or "+08:00" as minutes. */
static bool parse_offset(struct str s, int *minutes)
{
        *minutes = 0;
        if (s.n == 1 && s.p[0] == 'Z')
                return true;
        if (s.n != 6 || (s.p[0] != '+' && s.p[0] != '-') || s.p[3] != ':')
                return false;
        int h = digits(s.p + 1, 2), m = digits(s.p + 4, 2);
        if (h < 0 || h > 23 || m < 0 || m > 59)
                return false;
        *minutes = (h * 60 + m) * (s.p[0] == '-' ? -1 : 1);
        return true;
}

static bool parse_instant(struct str s, instant_t *out)
{
        day_t d;
        if (s.n < 20 || s.p[10] != 'T' || !parse_day((struct str){s.p, 10}, &d) || s.p[13] != ':' || s.p[16] != ':')
                return false;
        int h = digits(s.p + 11, 2), m = digits(s.p + 14, 2), sec = digits(s.p + 17, 2);
        if (h < 0 || h > 23 || m < 0 || m > 59 || sec < 0 || sec > 59)
                return false;
        size_t i = 19;
        int micro = fraction(s, &i), minutes;
        if (micro < 0 || !parse_offset((struct str){s.p + i, s.n - i}, &minutes))
                return false;
        *out = d * DAY_MICROSECONDS + ((int64_t)(h * 60 + m - minutes) * 60 + sec) * 1000000 + micro;
        return *out >= FIRST_DAY * DAY_MICROSECONDS && *out < (DAY_END + 1) * DAY_MICROSECONDS;
}

int instant_parse(instant_t *out, struct str s, struct error *err)
{
        instant_t t;
        if (!parse_instant(s, &t))
                return error_raise(err, SB_INSTANT_SYNTAX, "%.*s", (int)(s.n < 40 ? s.n : 40), s.n ? s.p : "");
        *out = t;
        return 0;
}
