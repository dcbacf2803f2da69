/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of dates, times and durations (DMN 1.5, 10.3.4.1, 10.3.4.7, 10.3.4.9). The clock is the
 * caller's.
 */
#include "engine/feel/builtin.h"

#define US_PER_DAY INT64_C(86400000000)

static struct feel_value of_moment(enum feel_kind kind, struct temporal t)
{
        return (struct feel_value){.kind = kind, .moment = t};
}

static bool is_moment(const struct feel_value *v)
{
        return v->kind == FEEL_DATE || v->kind == FEEL_DATE_TIME;
}

static void unwrap(struct feel_value *v)
{
        if (v->kind == FEEL_LIST && v->count == 1)
                *v = v->items[0];
}

BUILTIN(date)
{
        struct temporal t;
        int64_t year, month, day;

        (void)n;
        unwrap(&a[0]);
        if (overload == 1) {
                if (builtin_whole(&a[0], &year) && builtin_whole(&a[1], &month) && builtin_whole(&a[2], &day) &&
                    temporal_make_date(&t, year, month, day))
                        return give(out, of_moment(FEEL_DATE, t));
                return builtin_bad(m, f, out);
        }
        if (is_moment(&a[0]))
                return give(out, of_moment(FEEL_DATE, temporal_date_of(&a[0].moment)));
        if (a[0].kind == FEEL_STRING && temporal_parse_date(&t, a[0].string))
                return give(out, of_moment(FEEL_DATE, t));
        return builtin_bad(m, f, out);
}

BUILTIN(date_and_time)
{
        struct temporal t;

        (void)n;
        unwrap(&a[0]);
        if (overload == 1) {
                unwrap(&a[1]);
                if (is_moment(&a[0]) && a[1].kind == FEEL_TIME && temporal_join(&t, &a[0].moment, &a[1].moment))
                        return give(out, of_moment(FEEL_DATE_TIME, t));
                return builtin_bad(m, f, out);
        }
        if (a[0].kind == FEEL_DATE_TIME)
                return give(out, a[0]);
        if (a[0].kind == FEEL_DATE) { /* midnight in UTC, as the conversion of a date says */
                t = a[0].moment;
                t.zoned = true;
                return give(out, of_moment(FEEL_DATE_TIME, t));
        }
        if (a[0].kind == FEEL_STRING && temporal_parse_date_time(&t, a[0].string, m->zones))
                return give(out, of_moment(FEEL_DATE_TIME, t));
        return builtin_bad(m, f, out);
}

BUILTIN(time)
{
        struct temporal t;
        int64_t hour, minute;

        unwrap(&a[0]);
        if (overload == 1) {
                bool offset = n > 3 && a[3].kind == FEEL_DAYS;
                if (builtin_whole(&a[0], &hour) && builtin_whole(&a[1], &minute) && a[2].kind == FEEL_NUMBER &&
                    (offset || n < 4 || a[3].kind == FEEL_NULL) &&
                    temporal_make_time(&t, hour, minute, a[2].number, offset ? &a[3].ns : NULL))
                        return give(out, of_moment(FEEL_TIME, t));
                return builtin_bad(m, f, out);
        }
        if (a[0].kind == FEEL_TIME)
                return give(out, a[0]);
        if (a[0].kind == FEEL_DATE)
                return give(out, of_moment(FEEL_TIME, (struct temporal){.zoned = true}));
        if (a[0].kind == FEEL_DATE_TIME)
                return give(out, of_moment(FEEL_TIME, temporal_time_of(&a[0].moment)));
        if (a[0].kind == FEEL_STRING && temporal_parse_time(&t, a[0].string, m->zones))
                return give(out, of_moment(FEEL_TIME, t));
        return builtin_bad(m, f, out);
}

BUILTIN(duration)
{
        struct feel_value v;

        UNUSED_ARGUMENTS;
        unwrap(&a[0]);
        if (a[0].kind == FEEL_DAYS || a[0].kind == FEEL_MONTHS)
                return give(out, a[0]);
        if (a[0].kind == FEEL_STRING && feel_from_text(m, "duration", a[0].string, &v))
                return give(out, v);
        return builtin_bad(m, f, out);
}

BUILTIN(years_and_months_duration)
{
        UNUSED_ARGUMENTS;
        return give(out,
                    (struct feel_value){.kind = FEEL_MONTHS, .months = temporal_months_between(&a[0].moment, &a[1].moment)});
}

BUILTIN(day_of_year)
{
        UNUSED_ARGUMENTS;
        return give(out, feel_int(temporal_day_of_year(a[0].moment.day)));
}

BUILTIN(day_of_week)
{
        UNUSED_ARGUMENTS;
        return give(out, feel_string(str_from(temporal_weekday_name(temporal_weekday(a[0].moment.day)))));
}

BUILTIN(month_of_year)
{
        int64_t year;
        int month, day;

        UNUSED_ARGUMENTS;
        temporal_day_split(a[0].moment.day, &year, &month, &day);
        return give(out, feel_string(str_from(temporal_month_name(month))));
}

BUILTIN(week_of_year)
{
        UNUSED_ARGUMENTS;
        return give(out, feel_int(temporal_week_of_year(a[0].moment.day)));
}

BUILTIN(last_day_of_month)
{
        int64_t year;
        int month, day;

        UNUSED_ARGUMENTS;
        temporal_day_split(temporal_month_last(a[0].moment.day), &year, &month, &day);
        return give(out, feel_int(day));
}

BUILTIN(now)
{
        int64_t local = m->now;
        struct temporal t = {.zoned = true, .zone = m->now_zone};

        UNUSED_ARGUMENTS;
        if (!m->has_now)
                return give(out, feel_null(m, "this evaluation has no clock"));
        if (m->now_zone != NULL) {
                int64_t seconds = local >= 0 ? local / 1000000 : -((-local + 999999) / 1000000);
                t.offset_s = zone_offset_utc(m->now_zone, seconds);
                local += (int64_t)t.offset_s * 1000000;
        }
        t.day = local >= 0 ? local / US_PER_DAY : -((-local + US_PER_DAY - 1) / US_PER_DAY);
        t.ns = (local - t.day * US_PER_DAY) * 1000;
        return give(out, of_moment(FEEL_DATE_TIME, t));
}

BUILTIN(today)
{
        int rc = builtin_now(m, f, overload, a, n, out);

        if (rc == 0 && out->kind == FEEL_DATE_TIME)
                *out = of_moment(FEEL_DATE, temporal_date_of(&out->moment));
        return rc;
}

BUILTIN(is)
{
        UNUSED_ARGUMENTS;
        return give(out, feel_bool(a[0].kind == a[1].kind && feel_is(&a[0], &a[1])));
}
