/* SPDX-License-Identifier: Apache-2.0 */
#include "case/map.h"

#include <string.h>

enum { MINUTE_US = 60000000, HOURS_MAX = 8, DAYS_MAX = 3660 };

struct hours {
        int from[HOURS_MAX], to[HOURS_MAX], count; /* minutes of the day */
};

static int minute_of(const char *s)
{
        int64_t h, m;

        if (s == NULL || strlen(s) != 5 || s[2] != ':' || !text_to_int((struct str){s, 2}, &h) ||
            !text_to_int(str_from(s + 3), &m) || h < 0 || h > 24 || m < 0 || m > 59)
                return -1;
        return (int)(h * 60 + m);
}

/* The opening hours that hold for every office; none when the pack says nothing. */
static void hours_read(const struct pack *pack, struct hours *out)
{
        json_t *rows = NULL, *row;
        struct error none = {0};
        size_t i;

        out->count = 0;
        if (pack_table(pack, "hall_hours.csv", &rows, &none) < 0)
                return;
        for (i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
                const char *office = json_string_value(json_object_get(row, "office"));
                int from = minute_of(json_string_value(json_object_get(row, "from")));
                int to = minute_of(json_string_value(json_object_get(row, "to")));
                if (office == NULL || strcmp(office, "*") != 0 || from < 0 || to <= from || out->count == HOURS_MAX)
                        continue;
                out->from[out->count] = from;
                out->to[out->count++] = to;
        }
        json_decref(rows);
}

static int64_t within(const struct hours *h, int64_t from, int64_t to)
{
        int64_t n = 0;

        for (int k = 0; k < h->count; k++) {
                int64_t a = from > h->from[k] ? from : h->from[k], b = to < h->to[k] ? to : h->to[k];
                n += b > a ? b - a : 0;
        }
        return n;
}

int64_t work_minutes(const struct pack *pack, instant_t from, instant_t to)
{
        day_t first = instant_day(from), last = instant_day(to);
        struct error none = {0};
        struct hours hours;
        int64_t n = 0;

        if (to < from || last - first > DAYS_MAX)
                return -1;
        if (first == last)
                return (to - from) / MINUTE_US;
        hours_read(pack, &hours);
        if (hours.count == 0)
                return -1;
        for (day_t d = first; d <= last; d++) {
                bool working = false;
                if (calendar_is_working(pack_calendar(pack), d, &working, &none) < 0)
                        return -1;
                if (working)
                        n += within(&hours, d == first ? (from - day_instant(d)) / MINUTE_US : 0,
                                    d == last ? (to - day_instant(d)) / MINUTE_US : (int64_t)24 * 60);
        }
        return n;
}

int step_time_add(struct tx *tx, const struct instance *i, const struct step_time *s, struct error *err)
{
        instant_t begun = s->taken != 0 ? s->taken : s->done;

        return tx_exec(
            tx, err,
            "INSERT INTO step_time (home, process, node, instance, task, role, office, done_at, waited, worked) VALUES "
            "(?1@int, ?2@text, ?3@text, ?4@int, ?5@int, ?6@text, ?7@int, ?8@int, ?9@int, ?10@int)",
            "ittiitiiii", (int64_t)i->home, i->process, s->node, i->id, s->task, s->role, s->office, s->done,
            begun > s->created ? (begun - s->created) / MINUTE_US : (int64_t)0,
            s->taken == 0 ? (int64_t)-1 : work_minutes(i->pack, s->taken, s->done));
}

int step_time_drop(struct tx *tx, const struct instance *i, int64_t task, struct error *err)
{
        return tx_exec(
            tx, err,
            "DELETE FROM step_time WHERE home = ?1@int AND process = ?2@text AND node = (SELECT node FROM task WHERE home = "
            "?1@int AND id = ?4@int) AND instance = ?3@int AND task = ?4@int",
            "itii", (int64_t)i->home, i->process, i->id, task);
}
