/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates, times and durations from and to text.
 */
#include "engine/feel/temporal.h"

#include <stdio.h>
#include <string.h>

#define DIGITS_MAX 18 /* of a part of a duration */

static bool take(struct str *s, char c)
{
        if (s->n == 0 || s->p[0] != c)
                return false;
        *s = (struct str){s->p + 1, s->n - 1};
        return true;
}

static size_t digits_ahead(const struct str *s)
{
        size_t n = 0;

        while (n < s->n && s->p[n] >= '0' && s->p[n] <= '9')
                n++;
        return n;
}

/* A number of min to max digits. */
static bool take_number(struct str *s, size_t min, size_t max, int64_t *out)
{
        size_t n = digits_ahead(s);

        if (n < min || n > max)
                return false;
        *out = 0;
        for (size_t i = 0; i < n; i++)
                *out = *out * 10 + (s->p[i] - '0');
        *s = (struct str){s->p + n, s->n - n};
        return true;
}

/* Digits after a point as nanoseconds; what is below is cut off. */
static int64_t take_fraction(struct str *s)
{
        size_t n = digits_ahead(s);
        int64_t ns = 0;

        for (size_t i = 0; i < 9; i++)
                ns = ns * 10 + (i < n ? s->p[i] - '0' : 0);
        *s = (struct str){s->p + n, s->n - n};
        return ns;
}

static bool take_date(struct str *s, int64_t *day)
{
        int64_t year, month, dom;
        bool negative = take(s, '-');

        if (digits_ahead(s) > 4 && s->p[0] == '0')
                return false;
        if (!take_number(s, 4, 9, &year) || !take(s, '-') || !take_number(s, 2, 2, &month) || !take(s, '-') ||
            !take_number(s, 2, 2, &dom))
                return false;
        year = negative ? -year : year;
        if (!temporal_day_valid(year, (int)month, (int)dom))
                return false;
        *day = temporal_day_from(year, (int)month, (int)dom);
        return true;
}

/* "Z", "+08:00", "-03:30:15" */
static bool take_offset(struct str *s, int32_t *out)
{
        int64_t h, m, sec = 0;

        if (take(s, 'Z')) {
                *out = 0;
                return true;
        }
        bool negative = take(s, '-');
        if ((!negative && !take(s, '+')) || !take_number(s, 2, 2, &h) || !take(s, ':') || !take_number(s, 2, 2, &m) || m > 59 ||
            (take(s, ':') && (!take_number(s, 2, 2, &sec) || sec > 59)))
                return false;
        int64_t all = h * 3600 + m * 60 + sec;
        *out = (int32_t)(negative ? -all : all);
        return all <= TEMPORAL_OFFSET_MAX;
}

static const struct zone *zone_find(const struct temporal_zones *zones, struct str name)
{
        return zones == NULL || zones->find == NULL ? NULL : zones->find(zones->ctx, name);
}

/* A time with its zone to the end of the text; *next_day: 24:00:00. */
static bool time_rest(struct temporal *t, struct str s, const struct temporal_zones *zones, bool *next_day)
{
        int64_t h, m, sec, ns = 0;

        if (!take_number(&s, 2, 2, &h) || !take(&s, ':') || !take_number(&s, 2, 2, &m) || !take(&s, ':') ||
            !take_number(&s, 2, 2, &sec))
                return false;
        if (take(&s, '.')) {
                if (digits_ahead(&s) == 0)
                        return false;
                ns = take_fraction(&s);
        }
        *next_day = h == 24 && m == 0 && sec == 0 && ns == 0;
        if ((h > 23 && !*next_day) || m > 59 || sec > 59)
                return false;
        t->ns = (h % 24 * 3600 + m * 60 + sec) * TEMPORAL_NS_PER_S + ns;
        if (s.n == 0)
                return true;
        t->zoned = true;
        if (!take(&s, '@'))
                return take_offset(&s, &t->offset_s) && s.n == 0;
        t->zone = zone_find(zones, s);
        t->offset_s = TEMPORAL_OFFSET_UNKNOWN;
        return t->zone != NULL;
}

bool temporal_parse_date(struct temporal *out, struct str s)
{
        *out = (struct temporal){0};
        return take_date(&s, &out->day) && s.n == 0;
}

bool temporal_parse_time(struct temporal *out, struct str s, const struct temporal_zones *zones)
{
        bool next_day;

        *out = (struct temporal){0};
        return time_rest(out, s, zones, &next_day);
}

bool temporal_parse_date_time(struct temporal *out, struct str s, const struct temporal_zones *zones)
{
        bool next_day = false;

        *out = (struct temporal){0};
        if (!take_date(&s, &out->day))
                return false;
        if (s.n == 0)
                return true;
        if (!take(&s, 'T') || !time_rest(out, s, zones, &next_day))
                return false;
        out->day += next_day;
        return temporal_day_in_range(out->day) && (out->zone == NULL || temporal_with_zone(out, out, out->zone));
}

/* One part "12H" of a duration; 1 taken, 0 not there (the text stays as it is), −1 no duration. */
static int take_part(struct str *s, char letter, int64_t *out)
{
        struct str rest = *s;
        size_t n = digits_ahead(s);

        if (n == 0 || n >= s->n || s->p[n] != letter)
                return 0;
        if (!take_number(&rest, 1, DIGITS_MAX, out) || !take(&rest, letter))
                return -1;
        *s = rest;
        return 1;
}

/* "4.5S" */
static int take_seconds(struct str *s, int64_t *out, int64_t *ns)
{
        struct str rest = *s;

        if (digits_ahead(s) == 0)
                return 0;
        if (!take_number(&rest, 1, DIGITS_MAX, out))
                return -1;
        if (take(&rest, '.'))
                *ns = take_fraction(&rest);
        if (!take(&rest, 'S'))
                return 0;
        *s = rest;
        return 1;
}

bool temporal_parse_days(wide_t *out_ns, struct str s)
{
        int64_t d = 0, h = 0, m = 0, sec = 0, ns = 0;
        bool negative = take(&s, '-');

        if (!take(&s, 'P'))
                return false;
        int parts = take_part(&s, 'D', &d);
        if (parts < 0)
                return false;
        if (take(&s, 'T')) {
                int hours = take_part(&s, 'H', &h), minutes = take_part(&s, 'M', &m);
                int seconds = take_seconds(&s, &sec, &ns);
                if (hours < 0 || minutes < 0 || seconds < 0 || hours + minutes + seconds == 0)
                        return false;
                parts = 1;
        }
        if (parts == 0 || s.n != 0)
                return false;
        wide_t all = (((wide_t)d * 24 + h) * 60 + m) * 60 + sec;
        all = all * TEMPORAL_NS_PER_S + ns;
        *out_ns = negative ? -all : all;
        return all <= TEMPORAL_DURATION_MAX_NS;
}

bool temporal_parse_months(int64_t *out, struct str s)
{
        int64_t years = 0, months = 0;
        bool negative = take(&s, '-');

        if (!take(&s, 'P'))
                return false;
        int y = take_part(&s, 'Y', &years), m = take_part(&s, 'M', &months);
        if (y < 0 || m < 0 || y + m == 0 || s.n != 0)
                return false;
        wide_t all = (wide_t)years * 12 + months;
        *out = (int64_t)(negative ? -all : all);
        return all <= INT64_MAX;
}

bool temporal_parse(struct temporal_any *out, struct str s, const struct temporal_zones *zones)
{
        struct str rest = s;

        take(&rest, '-');
        if (rest.n > 0 && rest.p[0] == 'P') {
                out->kind = TEMPORAL_MONTHS;
                if (temporal_parse_months(&out->months, s))
                        return true;
                out->kind = TEMPORAL_DAYS;
                return temporal_parse_days(&out->ns, s);
        }
        if (digits_ahead(&s) == 2) {
                out->kind = TEMPORAL_TIME;
                return temporal_parse_time(&out->moment, s, zones);
        }
        bool has_time = memchr(s.p, 'T', s.n) != NULL;
        out->kind = has_time ? TEMPORAL_DATE_TIME : TEMPORAL_DATE;
        return has_time ? temporal_parse_date_time(&out->moment, s, zones) : temporal_parse_date(&out->moment, s);
}

bool temporal_unknown_zone(struct str s, const struct temporal_zones *zones)
{
        struct temporal_any any;
        const char *at = memchr(s.p, '@', s.n);

        if (at == NULL)
                return false;
        struct str before = {s.p, (size_t)(at - s.p)}, name = {at + 1, s.n - before.n - 1};
        return temporal_parse(&any, before, zones) && (any.kind == TEMPORAL_TIME || any.kind == TEMPORAL_DATE_TIME) &&
               !any.moment.zoned && zone_find(zones, name) == NULL;
}

/* Where a printed text goes: what does not fit is counted only. */
struct printer {
        char *out;
        size_t size, n;
};

static struct printer printer_of(char *out, size_t size)
{
        if (size > 0)
                out[0] = '\0';
        return (struct printer){out, size, 0};
}

static void put(struct printer *p, const char *text, size_t n)
{
        if (p->n < p->size) {
                size_t room = p->size - p->n - 1, some = n < room ? n : room;
                memcpy(p->out + p->n, text, some);
                p->out[p->n + some] = '\0';
        }
        p->n += n;
}

static void put_char(struct printer *p, char c)
{
        put(p, &c, 1);
}

static void put_number(struct printer *p, uint64_t v, int width)
{
        char text[24];
        int n = snprintf(text, sizeof text, "%0*llu", width, (unsigned long long)v);

        put(p, text, (size_t)n);
}

static void put_fraction(struct printer *p, int64_t ns)
{
        char text[16];

        if (ns == 0)
                return;
        int n = snprintf(text, sizeof text, ".%09lld", (long long)ns);
        while (text[n - 1] == '0')
                n--;
        put(p, text, (size_t)n);
}

static void put_date(struct printer *p, int64_t day)
{
        int64_t year;
        int month, dom;

        temporal_day_split(day, &year, &month, &dom);
        if (year < 0)
                put_char(p, '-');
        put_number(p, (uint64_t)(year < 0 ? -year : year), 4);
        put_char(p, '-');
        put_number(p, (uint64_t)month, 2);
        put_char(p, '-');
        put_number(p, (uint64_t)dom, 2);
}

static void put_offset(struct printer *p, int32_t offset)
{
        uint64_t s = (uint64_t)(offset < 0 ? -offset : offset);

        if (offset == 0) {
                put_char(p, 'Z');
                return;
        }
        put_char(p, offset < 0 ? '-' : '+');
        put_number(p, s / 3600, 2);
        put_char(p, ':');
        put_number(p, s / 60 % 60, 2);
        if (s % 60 != 0) {
                put_char(p, ':');
                put_number(p, s % 60, 2);
        }
}

static void put_time(struct printer *p, const struct temporal *t)
{
        uint64_t s = (uint64_t)(t->ns / TEMPORAL_NS_PER_S);

        put_number(p, s / 3600, 2);
        put_char(p, ':');
        put_number(p, s / 60 % 60, 2);
        put_char(p, ':');
        put_number(p, s % 60, 2);
        put_fraction(p, t->ns % TEMPORAL_NS_PER_S);
        if (t->zone != NULL) {
                put_char(p, '@');
                put(p, zone_name(t->zone), strlen(zone_name(t->zone)));
        } else if (t->zoned) {
                put_offset(p, t->offset_s);
        }
}

size_t temporal_print_date(char *out, size_t size, int64_t day)
{
        struct printer p = printer_of(out, size);

        put_date(&p, day);
        return p.n;
}

size_t temporal_print_time(char *out, size_t size, const struct temporal *t)
{
        struct printer p = printer_of(out, size);

        put_time(&p, t);
        return p.n;
}

size_t temporal_print_date_time(char *out, size_t size, const struct temporal *t)
{
        struct printer p = printer_of(out, size);

        put_date(&p, t->day);
        put_char(&p, 'T');
        put_time(&p, t);
        return p.n;
}

static void put_part(struct printer *p, uint64_t v, char letter)
{
        if (v == 0)
                return;
        put_number(p, v, 1);
        put_char(p, letter);
}

size_t temporal_print_days(char *out, size_t size, wide_t ns)
{
        struct printer p = printer_of(out, size);
        wide_t all = ns < 0 ? -ns : ns;
        uint64_t s = (uint64_t)(all / TEMPORAL_NS_PER_S);
        int64_t fraction = (int64_t)(all % TEMPORAL_NS_PER_S);

        if (ns < 0)
                put_char(&p, '-');
        put_char(&p, 'P');
        put_part(&p, s / 86400, 'D');
        if (s % 86400 != 0 || fraction != 0 || s == 0)
                put_char(&p, 'T');
        put_part(&p, s / 3600 % 24, 'H');
        put_part(&p, s / 60 % 60, 'M');
        if (s % 60 != 0 || fraction != 0 || all == 0) {
                put_number(&p, s % 60, 1);
                put_fraction(&p, fraction);
                put_char(&p, 'S');
        }
        return p.n;
}

size_t temporal_print_months(char *out, size_t size, int64_t months)
{
        struct printer p = printer_of(out, size);
        uint64_t all = months < 0 ? 0 - (uint64_t)months : (uint64_t)months;

        if (months < 0)
                put_char(&p, '-');
        put_char(&p, 'P');
        put_part(&p, all / 12, 'Y');
        if (all % 12 != 0 || all == 0) {
                put_number(&p, all % 12, 1);
                put_char(&p, 'M');
        }
        return p.n;
}
