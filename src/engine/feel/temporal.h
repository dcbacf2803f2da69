/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates, times and durations of FEEL (DMN 1.5, 10.3.2.3.4–10.3.2.3.8; XML Schema 1.1 part 2): read,
 * print, take apart, add, compare. Years −999999999 … 999999999, nanoseconds, offsets to the second
 * up to ±18:00, named zones by a provider that the caller gives. Knows nothing of FEEL's values:
 * which kinds an operator takes is for the evaluator; here one function does one thing to given
 * kinds. What has no value answers false, which FEEL makes null.
 */
#ifndef ENGINE_FEEL_TEMPORAL_H
#define ENGINE_FEEL_TEMPORAL_H

#include "base/calendar.h"
#include "base/money.h"
#include "base/zone.h"
#include "engine/feel/decimal.h"

#define TEMPORAL_YEAR_MAX 999999999
#define TEMPORAL_OFFSET_MAX (18 * 3600)
#define TEMPORAL_OFFSET_UNKNOWN INT32_MIN /* of a time in a named zone, whose day is not known */
#define TEMPORAL_NS_PER_S 1000000000LL
#define TEMPORAL_NS_PER_DAY (86400 * TEMPORAL_NS_PER_S)
#define TEMPORAL_TEXT 96 /* bytes of any printed value but one with the name of a zone, which adds its length */
/* Longest days and time duration: 2^63 − 1 seconds; longest years and months duration: 2^63 − 1
 * months. */
#define TEMPORAL_DURATION_MAX_NS ((wide_t)INT64_MAX * TEMPORAL_NS_PER_S)

/* Finds a zone by name, NULL when there is none; what it returns lives as long as the values made
 * with it. */
typedef const struct zone *temporal_zone_find(void *ctx, struct str name);
struct temporal_zones { /* find NULL: no named zone is known */
        temporal_zone_find *find;
        void *ctx;
};

/* A date (ns 0, local), a time (day 0) or a date and time. The wall clock is what is stored; the
 * offset of a date and time in a named zone is kept with it. */
struct temporal {
        int64_t day;             /* days since 1970-01-01, proleptic Gregorian with a year 0 */
        int64_t ns;              /* of that day, 0 … 86,399,999,999,999 */
        const struct zone *zone; /* named zone, or NULL */
        int32_t offset_s;        /* east of Greenwich, when `zoned`; or TEMPORAL_OFFSET_UNKNOWN */
        bool zoned;              /* has an offset or a named zone */
};

enum temporal_kind { TEMPORAL_DATE, TEMPORAL_TIME, TEMPORAL_DATE_TIME, TEMPORAL_DAYS, TEMPORAL_MONTHS };
struct temporal_any { /* what a literal @"…" can hold */
        enum temporal_kind kind;
        union {
                struct temporal moment;
                wide_t ns;      /* TEMPORAL_DAYS */
                int64_t months; /* TEMPORAL_MONTHS */
        };
};

/* Read the whole text, no blanks. Date: "2024-02-29", "-0044-03-15", "99999-01-01" (no leading zero
 * in years of more than four digits). Time: "10:30:00", fraction, "Z", "+08:00", "+08:00:30",
 * "@Asia/Shanghai"; "24:00:00" is 00:00:00. Date and time: date "T" time (24:00:00 is the next
 * day), or a date alone (midnight). Durations as XML Schema: "P1Y2M", "-P1DT2H3M4.5S". zones may be
 * NULL. */
bool temporal_parse_date(struct temporal *out, struct str s);
bool temporal_parse_time(struct temporal *out, struct str s, const struct temporal_zones *zones);
bool temporal_parse_date_time(struct temporal *out, struct str s, const struct temporal_zones *zones);
bool temporal_parse_days(wide_t *out_ns, struct str s);
bool temporal_parse_months(int64_t *out, struct str s);
/* Any of the five by its form (literal @"…", duration()); a date alone is a date. False too for a
 * duration that mixes both. */
bool temporal_parse(struct temporal_any *out, struct str s, const struct temporal_zones *zones);
/* Whether the only reason that temporal_parse refused a text is a named zone that nobody knows, for
 * a better diagnostic. */
bool temporal_unknown_zone(struct str s, const struct temporal_zones *zones);

/* Print canonically: no trailing zeros of a fraction, "Z" for offset 0, zone names as written,
 * "PT0S", "P0M", normalised durations
 * ("P1DT1H", "P1Y2M"). Returns the length that it needs, without the terminator; writes at most
 * size bytes, always terminated. */
size_t temporal_print_date(char *out, size_t size, int64_t day);
size_t temporal_print_time(char *out, size_t size, const struct temporal *t);
size_t temporal_print_date_time(char *out, size_t size, const struct temporal *t);
size_t temporal_print_days(char *out, size_t size, wide_t ns);
size_t temporal_print_months(char *out, size_t size, int64_t months);

/* Civil dates beyond base/calendar.h's years. */
bool temporal_day_valid(int64_t year, int month, int day);
int64_t temporal_day_from(int64_t year, int month, int day); /* of a valid date */
void temporal_day_split(int64_t day, int64_t *year, int *month, int *dom);
bool temporal_day_in_range(int64_t day);
int temporal_weekday(int64_t day);              /* 1 Monday … 7 Sunday */
int temporal_day_of_year(int64_t day);          /* 1 … 366 */
int temporal_week_of_year(int64_t day);         /* ISO 8601 */
int64_t temporal_month_last(int64_t day);       /* last day of its month */
const char *temporal_weekday_name(int weekday); /* "Monday" … as day of week() answers */
const char *temporal_month_name(int month);     /* "January" … */

/* Make from parts; false out of range. A second may have nine decimals. The offset is whole
 * seconds. */
bool temporal_make_date(struct temporal *out, int64_t year, int64_t month, int64_t day);
bool temporal_make_time(struct temporal *out, int64_t hour, int64_t minute, struct decimal second, const wide_t *offset_ns);
/* date and time(date, time), date and time(date and time, zone name): the wall clock of one with
 * the zone of another. */
bool temporal_join(struct temporal *out, const struct temporal *date, const struct temporal *time);
bool temporal_with_zone(struct temporal *out, const struct temporal *t, const struct zone *zone);
struct temporal temporal_date_of(const struct temporal *t); /* the local date */
/* The local time with its offset or zone. Of a date it is local; time(date) is 00:00:00Z, which the
 * caller makes (zoned, offset 0). */
struct temporal temporal_time_of(const struct temporal *t);

/* Parts of a time or date and time. */
int temporal_hour(const struct temporal *t);
int temporal_minute(const struct temporal *t);
struct decimal temporal_second(const struct temporal *t); /* with its fraction */
/* time offset; false when local or unknown. */
bool temporal_offset(const struct temporal *t, wide_t *out_ns);
const char *temporal_zone_id(const struct temporal *t); /* timezone: NULL when there is none with a name */

/* Order: −1, 0, 1. Dates by day; times and dates and times by instant when both have a zone, by
 * wall clock when neither has; false (not comparable) when one has. Times in named zones compare
 * only in the same zone. */
bool temporal_compare_date(const struct temporal *a, const struct temporal *b, int *order);
bool temporal_compare_time(const struct temporal *a, const struct temporal *b, int *order);
bool temporal_compare_date_time(const struct temporal *a, const struct temporal *b, int *order);
/* "=" of times and of dates and times: as the specification's value of a time is made of whole
 * seconds, a fraction of a second does not count. False: not comparable. */
bool temporal_equal_time(const struct temporal *a, const struct temporal *b, bool *equal);
bool temporal_equal_date_time(const struct temporal *a, const struct temporal *b, bool *equal);
/* is(): the same value, zone and offset written alike. */
bool temporal_same(const struct temporal *a, const struct temporal *b);

/* Arithmetic. Months clip to the last day of the month and keep the wall clock; days and time go
 * along the instant in a named zone, wrap within the day for a time, and keep a date a date (whole
 * days, rounded down). */
bool temporal_date_add_months(struct temporal *out, const struct temporal *t, int64_t months);
bool temporal_date_add_ns(struct temporal *out, const struct temporal *t, wide_t ns);
bool temporal_time_add_ns(struct temporal *out, const struct temporal *t, wide_t ns);
bool temporal_date_time_add_months(struct temporal *out, const struct temporal *t, int64_t months);
bool temporal_date_time_add_ns(struct temporal *out, const struct temporal *t, wide_t ns);
/* a − b as a days and time duration. A date among dates and times is its midnight in UTC. False
 * when only one has a zone. */
bool temporal_date_sub(wide_t *out_ns, const struct temporal *a, bool a_is_date, const struct temporal *b, bool b_is_date);
bool temporal_time_sub(wide_t *out_ns, const struct temporal *a, const struct temporal *b);
/* years and months duration(from, to): whole months between the local dates, negative when to is
 * before from. */
int64_t temporal_months_between(const struct temporal *from, const struct temporal *to);

/* Durations: false beyond the longest. Products and quotients with numbers: days to the nanosecond,
 * months to the whole month, both cut towards zero. */
bool temporal_ns_add(wide_t *out, wide_t a, wide_t b);
bool temporal_ns_scale(wide_t *out, wide_t ns, struct decimal by);
bool temporal_ns_divide(wide_t *out, wide_t ns, struct decimal by);
bool temporal_ns_ratio(struct decimal *out, wide_t a, wide_t b);
bool temporal_months_add(int64_t *out, int64_t a, int64_t b);
bool temporal_months_scale(int64_t *out, int64_t months, struct decimal by);
bool temporal_months_divide(int64_t *out, int64_t months, struct decimal by);
bool temporal_months_ratio(struct decimal *out, int64_t a, int64_t b);
/* Parts of a days and time duration, all with its sign. */
void temporal_ns_split(wide_t ns, int64_t *days, int *hours, int *minutes, struct decimal *seconds);

#endif
