/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of values: entries of contexts, of every context of a list, parts of dates, times, durations and
 * ranges (DMN 1.5, tables 65 to 68).
 */
#include "engine/feel/tree.h"

#include <string.h>

enum part {
        PART_NONE,
        PART_YEAR,
        PART_MONTH,
        PART_DAY,
        PART_WEEKDAY,
        PART_HOUR,
        PART_MINUTE,
        PART_SECOND,
        PART_OFFSET,
        PART_ZONE,
        PART_DAYS,
        PART_HOURS,
        PART_MINUTES,
        PART_SECONDS,
        PART_YEARS,
        PART_MONTHS,
        PART_START,
        PART_END,
        PART_START_INCLUDED,
        PART_END_INCLUDED,
};

uint32_t feel_part_code(const char *name)
{
        static const char *const NAMES[] = {
            "",     "year",  "month",   "day",     "weekday", "hour",   "minute", "second", "time offset",    "timezone",
            "days", "hours", "minutes", "seconds", "years",   "months", "start",  "end",    "start included", "end included"};

        for (uint32_t i = 1; i < sizeof NAMES / sizeof NAMES[0]; i++)
                if (strcmp(name, NAMES[i]) == 0)
                        return i;
        return PART_NONE;
}

static bool date_part(const struct temporal *t, uint32_t code, struct feel_value *out)
{
        int64_t year;
        int month, day;

        if (code == PART_WEEKDAY) {
                *out = feel_int(temporal_weekday(t->day));
                return true;
        }
        if (code < PART_YEAR || code > PART_DAY)
                return false;
        temporal_day_split(t->day, &year, &month, &day);
        *out = feel_int(code == PART_YEAR ? year : code == PART_MONTH ? month : day);
        return true;
}

static bool time_part(const struct temporal *t, uint32_t code, struct feel_value *out)
{
        wide_t offset;

        switch (code) {
        case PART_HOUR:
                *out = feel_int(temporal_hour(t));
                return true;
        case PART_MINUTE:
                *out = feel_int(temporal_minute(t));
                return true;
        case PART_SECOND:
                *out = feel_number(temporal_second(t));
                return true;
        case PART_OFFSET:
                *out = temporal_offset(t, &offset) ? (struct feel_value){.kind = FEEL_DAYS, .ns = offset} : feel_nothing();
                return true;
        case PART_ZONE:
                *out = temporal_zone_id(t) != NULL ? feel_string(str_from(temporal_zone_id(t))) : feel_nothing();
                return true;
        default:
                return false;
        }
}

static bool duration_part(const struct feel_value *v, uint32_t code, struct feel_value *out)
{
        struct decimal seconds;
        int hours, minutes;
        int64_t days;

        if (v->kind == FEEL_MONTHS) {
                if (code != PART_YEARS && code != PART_MONTHS)
                        return false;
                *out = feel_int(code == PART_YEARS ? v->months / 12 : v->months % 12);
                return true;
        }
        if (code < PART_DAYS || code > PART_SECONDS)
                return false;
        temporal_ns_split(v->ns, &days, &hours, &minutes, &seconds);
        *out = code == PART_SECONDS ? feel_number(seconds)
                                    : feel_int(code == PART_DAYS    ? days
                                               : code == PART_HOURS ? hours
                                                                    : minutes);
        return true;
}

static bool range_part(const struct feel_range *r, uint32_t code, struct feel_value *out)
{
        switch (code) {
        case PART_START:
                *out = r->low;
                return true;
        case PART_END:
                *out = r->op == RANGE_EQUAL ? r->low : r->high;
                return true;
        case PART_START_INCLUDED:
                *out = feel_bool(r->low_closed);
                return true;
        case PART_END_INCLUDED:
                *out = feel_bool(r->high_closed);
                return true;
        default:
                return false;
        }
}

static bool part(const struct feel_value *v, const char *name, uint32_t code, struct feel_value *out)
{
        const struct feel_value *entry;

        switch (v->kind) {
        case FEEL_CONTEXT:
                entry = feel_get(v, name);
                if (entry != NULL)
                        *out = *entry;
                return entry != NULL;
        case FEEL_DATE:
                return date_part(&v->moment, code, out);
        case FEEL_TIME:
                return time_part(&v->moment, code, out);
        case FEEL_DATE_TIME:
                return date_part(&v->moment, code, out) || time_part(&v->moment, code, out);
        case FEEL_DAYS:
        case FEEL_MONTHS:
                return duration_part(v, code, out);
        case FEEL_RANGE:
                return range_part(v->range, code, out);
        default:
                return false;
        }
}

void feel_property(struct feel_machine *m, const struct feel_value *v, const char *name, uint32_t code, struct feel_value *out)
{
        struct feel_value of = *v, *items;
        char why[160];

        if (of.kind == FEEL_LIST) {
                items = arena_array(m->arena, of.count + 1u, sizeof *items);
                if (items == NULL) {
                        feel_out_of_memory(m);
                        *out = feel_nothing();
                        return;
                }
                for (uint32_t i = 0; i < of.count; i++) {
                        if (of.items[i].kind == FEEL_LIST)
                                items[i] = feel_null(m, "a list has no entries");
                        else
                                feel_property(m, &of.items[i], name, code, &items[i]);
                }
                *out = feel_list(items, of.count);
                return;
        }
        if (part(&of, name, code, out))
                return;
        text_format(why, sizeof why, "a %s has no %.100s", feel_kind_name(of.kind), name);
        *out = feel_null(m, why);
}
