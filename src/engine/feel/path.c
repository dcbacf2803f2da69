/* SPDX-License-Identifier: Apache-2.0
 *
 * Parts of values: entries of contexts, of every context of a list, parts of dates, times, durations and
 * ranges (DMN 1.5, tables 65 to 68).
 */
#include "engine/feel/tree.h"

#include <string.h>

static bool date_part(const struct temporal *t, const char *name, struct feel_value *out)
{
        int64_t year;
        int month, day;

        if (strcmp(name, "weekday") == 0) {
                *out = feel_int(temporal_weekday(t->day));
                return true;
        }
        temporal_day_split(t->day, &year, &month, &day);
        if (strcmp(name, "year") == 0)
                *out = feel_int(year);
        else if (strcmp(name, "month") == 0)
                *out = feel_int(month);
        else if (strcmp(name, "day") == 0)
                *out = feel_int(day);
        else
                return false;
        return true;
}

static bool time_part(const struct temporal *t, const char *name, struct feel_value *out)
{
        wide_t offset;

        if (strcmp(name, "hour") == 0)
                *out = feel_int(temporal_hour(t));
        else if (strcmp(name, "minute") == 0)
                *out = feel_int(temporal_minute(t));
        else if (strcmp(name, "second") == 0)
                *out = feel_number(temporal_second(t));
        else if (strcmp(name, "time offset") == 0)
                *out = temporal_offset(t, &offset) ? (struct feel_value){.kind = FEEL_DAYS, .ns = offset} : feel_nothing();
        else if (strcmp(name, "timezone") == 0)
                *out = temporal_zone_id(t) != NULL ? feel_string(str_from(temporal_zone_id(t))) : feel_nothing();
        else
                return false;
        return true;
}

static bool days_part(wide_t ns, const char *name, struct feel_value *out)
{
        struct decimal seconds;
        int hours, minutes;
        int64_t days;

        temporal_ns_split(ns, &days, &hours, &minutes, &seconds);
        if (strcmp(name, "days") == 0)
                *out = feel_int(days);
        else if (strcmp(name, "hours") == 0)
                *out = feel_int(hours);
        else if (strcmp(name, "minutes") == 0)
                *out = feel_int(minutes);
        else if (strcmp(name, "seconds") == 0)
                *out = feel_number(seconds);
        else
                return false;
        return true;
}

static bool months_part(int64_t months, const char *name, struct feel_value *out)
{
        if (strcmp(name, "years") == 0)
                *out = feel_int(months / 12);
        else if (strcmp(name, "months") == 0)
                *out = feel_int(months % 12);
        else
                return false;
        return true;
}

static bool range_part(const struct feel_range *r, const char *name, struct feel_value *out)
{
        if (strcmp(name, "start") == 0)
                *out = r->low;
        else if (strcmp(name, "end") == 0)
                *out = r->op == RANGE_EQUAL ? r->low : r->high;
        else if (strcmp(name, "start included") == 0)
                *out = feel_bool(r->low_closed);
        else if (strcmp(name, "end included") == 0)
                *out = feel_bool(r->high_closed);
        else
                return false;
        return true;
}

static bool part(const struct feel_value *v, const char *name, struct feel_value *out)
{
        const struct feel_value *entry;

        switch (v->kind) {
        case FEEL_CONTEXT:
                entry = feel_get(v, name);
                if (entry != NULL)
                        *out = *entry;
                return entry != NULL;
        case FEEL_DATE:
                return date_part(&v->moment, name, out);
        case FEEL_TIME:
                return time_part(&v->moment, name, out);
        case FEEL_DATE_TIME:
                return date_part(&v->moment, name, out) || time_part(&v->moment, name, out);
        case FEEL_DAYS:
                return days_part(v->ns, name, out);
        case FEEL_MONTHS:
                return months_part(v->months, name, out);
        case FEEL_RANGE:
                return range_part(v->range, name, out);
        default:
                return false;
        }
}

void feel_property(struct feel_machine *m, const struct feel_value *v, const char *name, struct feel_value *out)
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
                                feel_property(m, &of.items[i], name, &items[i]);
                }
                *out = feel_list(items, of.count);
                return;
        }
        if (part(&of, name, out))
                return;
        text_format(why, sizeof why, "a %s has no %.100s", feel_kind_name(of.kind), name);
        *out = feel_null(m, why);
}
