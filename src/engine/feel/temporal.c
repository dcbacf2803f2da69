/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/feel/temporal.h"

#include <assert.h>
#include <stddef.h>

#define DAYS_400_YEARS 146097
#define MONTHS_MAX (2LL * 12 * TEMPORAL_YEAR_MAX + 24) /* no date can move further */

static int64_t floor_div(int64_t a, int64_t b)
{
        return a / b - (a % b < 0);
}

static bool leap(int64_t year)
{
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int64_t year, int month)
{
        static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

        return DAYS[month - 1] + (month == 2 && leap(year));
}

bool temporal_day_valid(int64_t year, int month, int day)
{
        return year >= -TEMPORAL_YEAR_MAX && year <= TEMPORAL_YEAR_MAX && month >= 1 && month <= 12 && day >= 1 &&
               day <= month_days(year, month);
}

/* Years begin in March here, so that the leap day is the last of them. */
int64_t temporal_day_from(int64_t year, int month, int day)
{
        int64_t y = year - (month <= 2), era = floor_div(y, 400), of_era = y - era * 400;
        int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

        return era * DAYS_400_YEARS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void temporal_day_split(int64_t day, int64_t *year, int *month, int *dom)
{
        int64_t shifted = day + 719468, era = floor_div(shifted, DAYS_400_YEARS), of_era = shifted - era * DAYS_400_YEARS;
        int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / (DAYS_400_YEARS - 1)) / 365;
        int64_t of_year = of_era - (365 * y + y / 4 - y / 100), m = (5 * of_year + 2) / 153;

        *dom = (int)(of_year - (153 * m + 2) / 5 + 1);
        *month = (int)(m < 10 ? m + 3 : m - 9);
        *year = y + era * 400 + (*month <= 2);
}

bool temporal_day_in_range(int64_t day)
{
        return day >= temporal_day_from(-TEMPORAL_YEAR_MAX, 1, 1) && day <= temporal_day_from(TEMPORAL_YEAR_MAX, 12, 31);
}

int temporal_weekday(int64_t day)
{
        int64_t shifted = day + 3; /* 1970-01-01 was a Thursday */

        return (int)(shifted - 7 * floor_div(shifted, 7)) + 1;
}

int temporal_day_of_year(int64_t day)
{
        int64_t year;
        int month, dom;

        temporal_day_split(day, &year, &month, &dom);
        return (int)(day - temporal_day_from(year, 1, 1)) + 1;
}

int temporal_week_of_year(int64_t day)
{
        return (temporal_day_of_year(day - temporal_weekday(day) + 4) - 1) / 7 + 1; /* the week of its Thursday */
}

int64_t temporal_month_last(int64_t day)
{
        int64_t year;
        int month, dom;

        temporal_day_split(day, &year, &month, &dom);
        return day - dom + month_days(year, month);
}

const char *temporal_weekday_name(int weekday)
{
        static const char *const NAMES[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

        assert(weekday >= 1 && weekday <= 7);
        return NAMES[weekday - 1];
}

const char *temporal_month_name(int month)
{
        static const char *const NAMES[] = {"January", "February", "March",     "April",   "May",      "June",
                                            "July",    "August",   "September", "October", "November", "December"};

        assert(month >= 1 && month <= 12);
        return NAMES[month - 1];
}

bool temporal_make_date(struct temporal *out, int64_t year, int64_t month, int64_t day)
{
        if (month < 1 || month > 12 || day < 1 || day > 31 || !temporal_day_valid(year, (int)month, (int)day))
                return false;
        *out = (struct temporal){.day = temporal_day_from(year, (int)month, (int)day)};
        return true;
}

bool temporal_make_time(struct temporal *out, int64_t hour, int64_t minute, struct decimal second, const wide_t *offset_ns)
{
        int64_t ns;

        if (!decimal_round(&second, second, 9, ROUND_DOWN) || !decimal_to_scaled(second, 9, &ns) || ns < 0 ||
            ns >= 60 * TEMPORAL_NS_PER_S || hour < 0 || hour > 23 || minute < 0 || minute > 59)
                return false;
        *out = (struct temporal){.ns = (hour * 60 + minute) * 60 * TEMPORAL_NS_PER_S + ns};
        if (offset_ns != NULL) {
                wide_t offset = *offset_ns / TEMPORAL_NS_PER_S;
                if (offset < -TEMPORAL_OFFSET_MAX || offset > TEMPORAL_OFFSET_MAX)
                        return false;
                out->zoned = true;
                out->offset_s = (int32_t)offset;
        }
        return true;
}

/* Seconds of the wall clock since 1970. */
static int64_t wall_s(const struct temporal *t)
{
        return t->day * 86400 + t->ns / TEMPORAL_NS_PER_S;
}

bool temporal_with_zone(struct temporal *out, const struct temporal *t, const struct zone *zone)
{
        *out = *t;
        out->zone = zone;
        out->zoned = true;
        out->offset_s = zone_offset_local(zone, wall_s(t));
        return true;
}

bool temporal_join(struct temporal *out, const struct temporal *date, const struct temporal *time)
{
        struct temporal t = *time;

        t.day = date->day;
        if (t.zone != NULL)
                return temporal_with_zone(out, &t, t.zone);
        *out = t;
        return true;
}

struct temporal temporal_date_of(const struct temporal *t)
{
        return (struct temporal){.day = t->day};
}

struct temporal temporal_time_of(const struct temporal *t)
{
        struct temporal time = *t;

        time.day = 0;
        if (time.zone != NULL)
                time.offset_s = TEMPORAL_OFFSET_UNKNOWN;
        return time;
}

int temporal_hour(const struct temporal *t)
{
        return (int)(t->ns / (3600 * TEMPORAL_NS_PER_S));
}

int temporal_minute(const struct temporal *t)
{
        return (int)(t->ns / (60 * TEMPORAL_NS_PER_S) % 60);
}

struct decimal temporal_second(const struct temporal *t)
{
        return decimal_reduce(decimal_from_scaled(t->ns % (60 * TEMPORAL_NS_PER_S), 9));
}

bool temporal_offset(const struct temporal *t, wide_t *out_ns)
{
        *out_ns = (wide_t)t->offset_s * TEMPORAL_NS_PER_S;
        return t->zoned && t->offset_s != TEMPORAL_OFFSET_UNKNOWN;
}

const char *temporal_zone_id(const struct temporal *t)
{
        return t->zone == NULL ? NULL : zone_name(t->zone);
}

static int order_of(wide_t a, wide_t b)
{
        return (a > b) - (a < b);
}

bool temporal_compare_date(const struct temporal *a, const struct temporal *b, int *order)
{
        *order = order_of(a->day, b->day);
        return true;
}

/* Nanoseconds on a common line: UTC, or the wall clock when there is no zone. */
static wide_t line_ns(const struct temporal *t)
{
        return (wide_t)t->day * TEMPORAL_NS_PER_DAY + t->ns - (wide_t)t->offset_s * TEMPORAL_NS_PER_S;
}

static bool times_meet(const struct temporal *a, const struct temporal *b)
{
        return a->zoned == b->zoned && a->zone == b->zone;
}

bool temporal_compare_time(const struct temporal *a, const struct temporal *b, int *order)
{
        *order = order_of(line_ns(a), line_ns(b));
        return times_meet(a, b);
}

bool temporal_compare_date_time(const struct temporal *a, const struct temporal *b, int *order)
{
        *order = order_of(line_ns(a), line_ns(b));
        return a->zoned == b->zoned;
}

static struct temporal whole_second(const struct temporal *t)
{
        struct temporal whole = *t;

        whole.ns -= whole.ns % TEMPORAL_NS_PER_S;
        return whole;
}

bool temporal_equal_time(const struct temporal *a, const struct temporal *b, bool *equal)
{
        struct temporal x = whole_second(a), y = whole_second(b);

        *equal = line_ns(&x) == line_ns(&y);
        return times_meet(a, b);
}

bool temporal_equal_date_time(const struct temporal *a, const struct temporal *b, bool *equal)
{
        struct temporal x = whole_second(a), y = whole_second(b);

        *equal = line_ns(&x) == line_ns(&y);
        return a->zoned == b->zoned;
}

bool temporal_same(const struct temporal *a, const struct temporal *b)
{
        return a->day == b->day && a->ns == b->ns && a->zoned == b->zoned && a->zone == b->zone && a->offset_s == b->offset_s;
}

bool temporal_date_add_months(struct temporal *out, const struct temporal *t, int64_t months)
{
        int64_t year;
        int month, dom;

        if (months > MONTHS_MAX || months < -MONTHS_MAX)
                return false;
        temporal_day_split(t->day, &year, &month, &dom);
        int64_t all = year * 12 + month - 1 + months;
        year = floor_div(all, 12);
        month = (int)(all - year * 12) + 1;
        if (year < -TEMPORAL_YEAR_MAX || year > TEMPORAL_YEAR_MAX)
                return false;
        int last = month_days(year, month);
        *out = *t;
        out->day = temporal_day_from(year, month, dom < last ? dom : last);
        return true;
}

bool temporal_date_time_add_months(struct temporal *out, const struct temporal *t, int64_t months)
{
        if (!temporal_date_add_months(out, t, months))
                return false;
        return out->zone == NULL || temporal_with_zone(out, out, out->zone);
}

static wide_t floor_wide(wide_t a, wide_t b)
{
        return a / b - (a % b < 0);
}

/* Set day and ns from nanoseconds of the wall clock. */
static bool set_wall(struct temporal *t, wide_t wall_ns)
{
        wide_t day = floor_wide(wall_ns, TEMPORAL_NS_PER_DAY);

        t->ns = (int64_t)(wall_ns - day * TEMPORAL_NS_PER_DAY);
        t->day = (int64_t)day;
        return day >= INT64_MIN / 2 && day <= INT64_MAX / 2 && temporal_day_in_range(t->day);
}

bool temporal_date_add_ns(struct temporal *out, const struct temporal *t, wide_t ns)
{
        *out = *t;
        if (!set_wall(out, (wide_t)t->day * TEMPORAL_NS_PER_DAY + ns))
                return false;
        out->ns = 0;
        return true;
}

bool temporal_time_add_ns(struct temporal *out, const struct temporal *t, wide_t ns)
{
        wide_t sum = t->ns + ns;

        *out = *t;
        out->ns = (int64_t)(sum - floor_wide(sum, TEMPORAL_NS_PER_DAY) * TEMPORAL_NS_PER_DAY);
        return true;
}

bool temporal_date_time_add_ns(struct temporal *out, const struct temporal *t, wide_t ns)
{
        struct temporal moved = *t;
        wide_t utc = line_ns(t) + ns;

        if (moved.zone != NULL)
                moved.offset_s = zone_offset_utc(moved.zone, (int64_t)floor_wide(utc, TEMPORAL_NS_PER_S));
        if (!set_wall(&moved, utc + (wide_t)moved.offset_s * TEMPORAL_NS_PER_S))
                return false;
        *out = moved;
        return true;
}

bool temporal_date_sub(wide_t *out_ns, const struct temporal *a, bool a_is_date, const struct temporal *b, bool b_is_date)
{
        bool za = a->zoned, zb = b->zoned;

        if (a_is_date != b_is_date) { /* a date among dates and times is in UTC */
                za = za || a_is_date;
                zb = zb || b_is_date;
        }
        *out_ns = line_ns(a) - line_ns(b);
        return za == zb;
}

bool temporal_time_sub(wide_t *out_ns, const struct temporal *a, const struct temporal *b)
{
        *out_ns = line_ns(a) - line_ns(b);
        return times_meet(a, b);
}

int64_t temporal_months_between(const struct temporal *from, const struct temporal *to)
{
        int64_t from_year, to_year;
        int from_month, to_month, from_dom, to_dom;

        temporal_day_split(from->day, &from_year, &from_month, &from_dom);
        temporal_day_split(to->day, &to_year, &to_month, &to_dom);
        int64_t months = (to_year - from_year) * 12 + to_month - from_month;
        if (months > 0 && to_dom < from_dom)
                months--;
        else if (months < 0 && to_dom > from_dom)
                months++;
        return months;
}

static bool ns_in_range(wide_t ns)
{
        return ns <= TEMPORAL_DURATION_MAX_NS && ns >= -TEMPORAL_DURATION_MAX_NS;
}

bool temporal_ns_add(wide_t *out, wide_t a, wide_t b)
{
        *out = a + b;
        return ns_in_range(*out);
}

static struct decimal decimal_of_ns(wide_t ns)
{
        return (struct decimal){(u128_t)(ns < 0 ? -ns : ns), 0, ns < 0};
}

/* A whole number of nanoseconds in range, what is below is cut off. */
static bool ns_of_decimal(wide_t *out, struct decimal d)
{
        struct decimal limit = decimal_of_ns(TEMPORAL_DURATION_MAX_NS);

        if (!decimal_round(&d, d, 0, ROUND_DOWN) || decimal_compare(decimal_abs(d), limit) > 0)
                return false;
        u128_t v = d.coefficient;
        for (int e = d.exponent; e > 0; e--)
                v *= 10;
        for (int e = d.exponent; e < 0; e++) /* zeros, after the rounding */
                v /= 10;
        *out = d.negative ? -(wide_t)v : (wide_t)v;
        return true;
}

bool temporal_ns_scale(wide_t *out, wide_t ns, struct decimal by)
{
        struct decimal d;

        return decimal_mul(&d, decimal_of_ns(ns), by) && ns_of_decimal(out, d);
}

bool temporal_ns_divide(wide_t *out, wide_t ns, struct decimal by)
{
        struct decimal d;

        return decimal_div(&d, decimal_of_ns(ns), by) && ns_of_decimal(out, d);
}

bool temporal_ns_ratio(struct decimal *out, wide_t a, wide_t b)
{
        return decimal_div(out, decimal_of_ns(a), decimal_of_ns(b));
}

bool temporal_months_add(int64_t *out, int64_t a, int64_t b)
{
        return !__builtin_add_overflow(a, b, out) && *out != INT64_MIN;
}

static bool months_of_decimal(int64_t *out, struct decimal d)
{
        return decimal_round(&d, d, 0, ROUND_DOWN) && decimal_to_int(d, out) && *out != INT64_MIN;
}

bool temporal_months_scale(int64_t *out, int64_t months, struct decimal by)
{
        struct decimal d;

        return decimal_mul(&d, decimal_from_int(months), by) && months_of_decimal(out, d);
}

bool temporal_months_divide(int64_t *out, int64_t months, struct decimal by)
{
        struct decimal d;

        return decimal_div(&d, decimal_from_int(months), by) && months_of_decimal(out, d);
}

bool temporal_months_ratio(struct decimal *out, int64_t a, int64_t b)
{
        return decimal_div(out, decimal_from_int(a), decimal_from_int(b));
}

void temporal_ns_split(wide_t ns, int64_t *days, int *hours, int *minutes, struct decimal *seconds)
{
        wide_t day = TEMPORAL_NS_PER_DAY, hour = 3600 * TEMPORAL_NS_PER_S, minute = 60 * TEMPORAL_NS_PER_S;

        *days = (int64_t)(ns / day);
        *hours = (int)(ns % day / hour);
        *minutes = (int)(ns % hour / minute);
        *seconds = decimal_reduce(decimal_from_scaled((int64_t)(ns % minute), 9));
}
