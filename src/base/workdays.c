/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define MAX_LIMIT 100000 /* days of a time limit; none in law comes near */

enum mark { UNMARKED, WORK, HOLIDAY };

struct year {
        bool covered;
        unsigned char marks[366]; /* enum mark by day of the year */
};

struct calendar {
        char name[128];
        int first; /* year of years[0] */
        int count;
        struct year *years;
};

struct calendar *calendar_new(const char *name)
{
        struct calendar *c = calloc(1, sizeof *c);
        if (c != NULL)
                text_copy(c->name, sizeof c->name, str_from(name));
        return c;
}

void calendar_free(struct calendar *c)
{
        if (c == NULL)
                return;
        free(c->years);
        free(c);
}

static const struct year *year_get(const struct calendar *c, int year)
{
        if (year < c->first || year >= c->first + c->count)
                return NULL;
        return &c->years[year - c->first];
}

/* The year's row, made with all between when it is not there. NULL when out of memory. */
static struct year *year_make(struct calendar *c, int year)
{
        int first = c->count == 0 || year < c->first ? year : c->first;
        int end = c->count == 0 || year >= c->first + c->count ? year + 1 : c->first + c->count;
        if (c->count == 0 || first != c->first || end != c->first + c->count) {
                struct year *years = calloc((size_t)(end - first), sizeof *years);
                if (years == NULL)
                        return NULL;
                if (c->count > 0)
                        memcpy(years + (c->first - first), c->years, (size_t)c->count * sizeof *years);
                free(c->years);
                c->years = years;
                c->first = first;
                c->count = end - first;
        }
        return &c->years[year - c->first];
}

static int day_of_year(day_t d, int *year)
{
        int m, day;
        day_split(d, year, &m, &day);
        return d - day_from(*year, 1, 1);
}

int calendar_mark(struct calendar *c, day_t d, bool work, struct error *err)
{
        int year, at = day_of_year(d, &year);
        enum mark mark = work ? WORK : HOLIDAY;
        struct year *y = year_make(c, year);
        if (y == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        if (y->marks[at] != UNMARKED && y->marks[at] != mark) {
                char text[16];
                return error_raise(err, SB_CALENDAR_MARK, "%s|%s", c->name, day_text(d, text));
        }
        y->marks[at] = (unsigned char)mark;
        return 0;
}

int calendar_cover(struct calendar *c, int first_year, int last_year, struct error *err)
{
        if (first_year < 1 || last_year > 9999 || first_year > last_year)
                return error_raise(err, SB_NUMBER_SYNTAX, "%d–%d|" ERROR_BOTH("years from 1 to 9999", "年份1至9999"),
                                   first_year, last_year);
        for (int year = first_year; year <= last_year; year++) {
                struct year *y = year_make(c, year);
                if (y == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                y->covered = true;
        }
        return 0;
}

int calendar_is_working(const struct calendar *c, day_t d, bool *out, struct error *err)
{
        int year, at = day_of_year(d, &year);
        const struct year *y = year_get(c, year);
        if (y == NULL || !y->covered) {
                char text[16];
                return error_raise(err, SB_CALENDAR_END, "%s|%s", c->name, day_text(d, text));
        }
        assert(at >= 0 && at < 366);
        *out = y->marks[at] == WORK || (y->marks[at] == UNMARKED && day_weekday(d) <= 5);
        return 0;
}

static int check_limit(int n, struct error *err)
{
        if (n >= 0 && n <= MAX_LIMIT)
                return 0;
        return error_raise(err, SB_NUMBER_SYNTAX, "%d|0–%d", n, MAX_LIMIT);
}

/* The first working day on or after d. */
static int roll(const struct calendar *c, day_t d, day_t *out, struct error *err)
{
        bool working = false;
        int rc = calendar_is_working(c, d, &working, err);
        while (rc == 0 && !working)
                rc = calendar_is_working(c, ++d, &working, err);
        if (rc == 0)
                *out = d;
        return rc;
}

int calendar_add_working(const struct calendar *c, day_t start, int n, day_t *out, struct error *err)
{
        day_t d = start;
        int rc = check_limit(n, err);
        for (; rc == 0 && n > 0; n--)
                rc = roll(c, d + 1, &d, err);
        if (rc == 0)
                *out = d;
        return rc;
}

int calendar_add_calendar(const struct calendar *c, day_t start, int n, day_t *out, struct error *err)
{
        int rc = check_limit(n, err);
        if (rc == 0)
                rc = roll(c, start + n, out, err);
        return rc;
}

int calendar_count_working(const struct calendar *c, day_t start, day_t end, int *out, struct error *err)
{
        int rc = 0, count = 0;
        for (day_t d = start; rc == 0 && d < end; d++) {
                bool working = false;
                rc = calendar_is_working(c, d + 1, &working, err);
                count += working;
        }
        if (rc == 0)
                *out = count;
        return rc;
}
