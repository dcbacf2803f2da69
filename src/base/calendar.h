/* SPDX-License-Identifier: Apache-2.0
 *
 * Civil time. A day is a number (0 = 1970-01-01, proleptic Gregorian), a month is year×12+month−1,
 * an instant is microseconds UTC. Intervals are half open and never null: DAY_END (9999-12-31)
 * stands for "no end". Legal days are days in Asia/Shanghai (UTC+8 since 1991-09-15; earlier
 * daylight-saving time is of no consequence for days on which records were kept). No clock is read
 * here.
 */
#ifndef BASE_CALENDAR_H
#define BASE_CALENDAR_H

#include "base/text.h"

typedef int32_t day_t;     /* days since 1970-01-01 */
typedef int32_t month_t;   /* year*12 + month-1 */
typedef int64_t instant_t; /* microseconds since 1970-01-01T00:00:00Z */

#define DAY_END ((day_t)2932896)                    /* 9999-12-31 */
#define MONTH_END ((month_t)119999)                 /* 9999-12 */
#define INSTANT_END ((instant_t)253402214400000000) /* 9999-12-31T00:00:00Z */

bool day_valid(int year, int month, int day);
day_t day_from(int year, int month, int day); /* of a valid date */
void day_split(day_t d, int *year, int *month, int *day);
int day_weekday(day_t d); /* 1 Monday … 7 Sunday */
/* "1990-02-28"; SB_DATE_SYNTAX for anything else, also 1990-02-30. Years 0001–9999. */
int day_parse(day_t *out, struct str s, struct error *err);
char *day_text(day_t d, char out[16]); /* "1990-02-28" */

month_t month_from(int year, int month);
month_t month_of(day_t d);
day_t month_first(month_t m);                                   /* first day */
day_t month_last(month_t m);                                    /* last day */
int month_parse(month_t *out, struct str s, struct error *err); /* "2026-11" */
char *month_text(month_t m, char out[16]);
/* Whole months from birth to day, counting a month when its day of birth is reached. */
int32_t months_between(day_t birth, day_t day);
int days_in_month(int year, int month);

day_t instant_day(instant_t t);                /* legal day, Asia/Shanghai */
instant_t day_instant(day_t d);                /* its first instant in Asia/Shanghai */
char *instant_text(instant_t t, char out[32]); /* "2026-11-24T05:41:27.000000Z" */
int instant_parse(instant_t *out, struct str s, struct error *err);

/* A working-day calendar: weekends off, except days that a holiday table marks. Opaque; once all is
 * marked it is only read, and then safe from any thread. */
struct calendar;
struct calendar *calendar_new(const char *name);
void calendar_free(struct calendar *c);
/* Mark a day: work true = make-up working day, false = holiday. SB_CALENDAR_MARK when it is marked
 * the other way already. The years that the table knows in full are told by calendar_cover
 * (inclusive). */
int calendar_mark(struct calendar *c, day_t d, bool work, struct error *err);
int calendar_cover(struct calendar *c, int first_year, int last_year, struct error *err);
/* SB_CALENDAR_END when the table does not cover the year. */
int calendar_is_working(const struct calendar *c, day_t d, bool *out, struct error *err);
/* Due day of a limit of n ≥ 0 working days: day 1 is the next working day after start; 0 gives
 * start. */
int calendar_add_working(const struct calendar *c, day_t start, int n, day_t *out, struct error *err);
/* Due day of n calendar days; a last day that is no working day rolls to the next working day. */
int calendar_add_calendar(const struct calendar *c, day_t start, int n, day_t *out, struct error *err);
/* Working days in (start, end]. */
int calendar_count_working(const struct calendar *c, day_t start, day_t end, int *out, struct error *err);

#endif
