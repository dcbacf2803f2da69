/* SPDX-License-Identifier: Apache-2.0
 *
 * The forecast of staff: what arrives at a hall by hour, from the same weekday of recent weeks and from what is booked; how many must
 * serve so that most do not wait long; and how many are planned. Counters that serve a service in common stand in for each other: they
 * are one group with one line.
 */
#include "office/window/window.h"

#include "case/answer.h"
#include "engine/queue/queue.h"
#include "office/staff/staff.h"
#include "pack/pack.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { HOURS = 24, SERVICES_MAX = 48, COUNTERS_MAX = 96, WEEKS_MAX = 26, FEW_DAYS = 4, FEW_SERVED = 10 };

/* What came in an hour of a day, of a service. */
struct cell {
        double walked[WEEKS_MAX], booked[WEEKS_MAX];
        int64_t ahead; /* booked for the day that is asked */
};
struct service {
        const char *name; /* borrowed from the hall */
        int group;
        double seconds; /* mean time of service */
        int64_t served; /* behind it; fewer than FEW_SERVED: the pack's planned minutes are taken */
        struct cell hours[HOURS];
};
struct forecast {
        struct call call; /* for the office that is asked */
        struct hall hall;
        day_t day;
        int64_t weeks, minutes, share; /* of the wanted wait, and for how many of a hundred */
        day_t basis[WEEKS_MAX];        /* days of that weekday on which the hall was open */
        int basis_count;
        struct service services[SERVICES_MAX];
        int service_count, counter_group[COUNTERS_MAX], counter_count, groups;
        int open[HOURS]; /* minutes of the hour */
        int64_t clerks;
};

/* --- the hall ----------------------------------------------------------------------------------------------------------------------- */

static int service_find(const struct forecast *f, const char *name)
{
        for (int k = 0; k < f->service_count; k++)
                if (strcmp(f->services[k].name, name) == 0)
                        return k;
        return -1;
}

/* Two groups become one, the smaller number stays. */
static void join(struct forecast *f, int a, int b)
{
        int keep = a < b ? a : b, gone = a < b ? b : a;

        for (int k = 0; k < f->service_count; k++)
                if (f->services[k].group == gone)
                        f->services[k].group = keep;
}

/* Services begin each for itself; a counter joins all that it serves. */
static int groups_make(struct forecast *f, struct error *err)
{
        json_t *row;
        size_t i;

        json_array_foreach(f->hall.services, i, row)
        {
                int64_t planned;
                if (f->service_count == SERVICES_MAX || !text_to_int(str_from(json_text(row, "minutes")), &planned))
                        return error_raise(err, SB_WINDOW_TABLE, "%s|%s", "hall_services.csv", "minutes");
                f->services[f->service_count] = (struct service){
                    .name = json_text(row, "service"), .group = f->service_count, .seconds = (double)planned * 60};
                f->service_count++;
        }
        json_array_foreach(f->hall.counters, i, row)
        {
                int first = -1;
                if (!hall_here(&f->hall, row))
                        continue;
                if (f->counter_count == COUNTERS_MAX)
                        return error_raise(err, SB_WINDOW_TABLE, "%s|%s", "hall_counters.csv", "counter");
                for (int k = 0; k < f->service_count; k++) {
                        if (!hall_serves(&f->hall, json_text(row, "counter"), f->services[k].name))
                                continue;
                        if (first >= 0)
                                join(f, f->services[first].group, f->services[k].group);
                        first = first < 0 ? k : first;
                }
                f->counter_group[f->counter_count++] = first; /* the service; its group follows when all are joined */
        }
        for (int k = 0; k < f->counter_count; k++)
                f->counter_group[k] = f->counter_group[k] < 0 ? -1 : f->services[f->counter_group[k]].group;
        return 0;
}

static bool time_of(const char *s, int *minute)
{
        int64_t h, m;

        if (strlen(s) != 5 || s[2] != ':' || !text_to_int((struct str){s, 2}, &h) || !text_to_int(str_from(s + 3), &m) ||
            h < 0 || h > 24 || m < 0 || m > 59)
                return false;
        *minute = (int)(h * 60 + m);
        return true;
}

static int hours_make(struct forecast *f, struct error *err)
{
        bool working = false;
        json_t *row;
        size_t i;
        int rc = calendar_is_working(pack_calendar(f->hall.pack), f->day, &working, err);

        json_array_foreach(f->hall.hours, i, row)
        {
                int from, to;
                if (rc < 0 || !working || !hall_here(&f->hall, row))
                        continue;
                if (!time_of(json_text(row, "from"), &from) || !time_of(json_text(row, "to"), &to))
                        return error_raise(err, SB_WINDOW_TABLE, "%s|%s", "hall_hours.csv", "from, to");
                for (int h = 0; h < HOURS; h++) {
                        int a = from > h * 60 ? from : h * 60, b = to < (h + 1) * 60 ? to : (h + 1) * 60;
                        f->open[h] += b > a ? b - a : 0;
                }
        }
        return rc;
}

/* --- what came ------------------------------------------------------------------------------------------------------------------------ */

/* Days of the weekday on which the hall works, from the first day with a ticket on: before it there is nothing to know. */
static int basis_make(struct tx *tx, struct forecast *f, struct error *err)
{
        day_t today = clock_today(f->call.house->clock);
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT MIN(day) FROM ticket WHERE home = ?1@int AND office = ?2@int AND day >= ?3@int AND day < ?4@int",
                   "iiii", (int64_t)f->call.house->home, f->hall.office, (int64_t)today - 7 * f->weeks, (int64_t)today);

        f->basis_count = 0;
        if (rc < 0 || stmt_null(q, 0))
                return rc < 0 ? rc : 0;
        day_t first = (day_t)stmt_int(q, 0);
        rc = 0;
        for (day_t d = today - 1; rc == 0 && d >= first && f->basis_count < f->weeks; d--) {
                bool working = false;
                if ((f->day - d) % 7 != 0)
                        continue;
                rc = calendar_is_working(pack_calendar(f->hall.pack), d, &working, err);
                if (rc == 0 && working)
                        f->basis[f->basis_count++] = d;
        }
        return rc;
}

static int arrivals_read(struct tx *tx, struct forecast *f, struct error *err)
{
        day_t today = clock_today(f->call.house->clock);
        char name[64];
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT day, CAST((arrived_at - (day * 86400000000 - 28800000000)) / 3600000000 AS @int), service, COUNT(*), "
            "CAST(SUM(CASE WHEN booking <> 0 THEN 1 ELSE 0 END) AS @int) FROM ticket WHERE home = ?1@int AND office = "
            "?2@int AND day >= ?3@int AND day < ?4@int AND (?5@int - day) % 7 = 0 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            "iiiii", (int64_t)f->call.house->home, f->hall.office, (int64_t)today - 7 * f->weeks, (int64_t)today,
            (int64_t)f->day);

        for (int k = 0; k < f->service_count; k++)
                memset(f->services[k].hours, 0, sizeof f->services[k].hours);
        while ((rc = row_next(rc, q, err)) == 1) {
                int at = -1, hour = (int)stmt_int(q, 1);
                text_copy(name, sizeof name, stmt_text(q, 2));
                int s = service_find(f, name);
                for (int k = 0; k < f->basis_count; k++)
                        at = f->basis[k] == stmt_int(q, 0) ? k : at;
                if (s < 0 || at < 0 || hour < 0 || hour >= HOURS)
                        continue; /* a service that is given up, a day on which the hall was closed */
                f->services[s].hours[hour].booked[at] = (double)stmt_int(q, 4);
                f->services[s].hours[hour].walked[at] = (double)(stmt_int(q, 3) - stmt_int(q, 4));
        }
        return rc;
}

static int times_read(struct tx *tx, struct forecast *f, struct error *err)
{
        day_t today = clock_today(f->call.house->clock);
        char name[64];
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT service, COUNT(*), CAST(SUM((finished_at - started_at) / 1000000) AS @int) FROM ticket WHERE home = "
            "?1@int AND office = ?2@int AND day >= ?3@int AND day < ?4@int AND started_at <> 0 AND finished_at > "
            "started_at GROUP BY service ORDER BY service",
            "iiii", (int64_t)f->call.house->home, f->hall.office, (int64_t)today - 7 * f->weeks, (int64_t)today);

        while ((rc = row_next(rc, q, err)) == 1) {
                text_copy(name, sizeof name, stmt_text(q, 0));
                int s = service_find(f, name);
                if (s < 0)
                        continue;
                f->services[s].served = stmt_int(q, 1);
                if (stmt_int(q, 1) >= FEW_SERVED)
                        f->services[s].seconds = (double)stmt_int(q, 2) / (double)stmt_int(q, 1);
        }
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT minute / 60, service, COUNT(*) FROM booking WHERE home = ?1@int AND office = ?2@int AND day = "
                    "?3@int AND state <> 'cancelled' GROUP BY 1, 2 ORDER BY 1, 2",
                    "iii", (int64_t)f->call.house->home, f->hall.office, (int64_t)f->day);
        while ((rc = row_next(rc, q, err)) == 1) {
                text_copy(name, sizeof name, stmt_text(q, 1));
                int s = service_find(f, name);
                if (s >= 0 && stmt_int(q, 0) >= 0 && stmt_int(q, 0) < HOURS)
                        f->services[s].hours[stmt_int(q, 0)].ahead = stmt_int(q, 2);
        }
        return rc;
}

static int forecast_read(struct tx *tx, void *ctx, struct error *err)
{
        struct forecast *f = ctx;
        int rc = basis_make(tx, f, err);

        rc = rc ? rc : arrivals_read(tx, f, err);
        rc = rc ? rc : times_read(tx, f, err);
        return rc ? rc : staff_present(tx, f->hall.office, "clerk", f->day, &f->clerks, err);
}

/* --- what is needed ------------------------------------------------------------------------------------------------------------------- */

struct need {
        double arrivals, low, high, seconds; /* in the hour; seconds: mean service, 0 nothing comes */
        int64_t booked;
};

/* Who walks in as on the mean of the days behind; who books as on that mean, or as many as have booked already. */
static double expected(const struct forecast *f, const struct cell *c)
{
        double walked = 0, booked = 0;

        for (int k = 0; k < f->basis_count; k++) {
                walked += c->walked[k];
                booked += c->booked[k];
        }
        if (f->basis_count > 0) {
                walked /= f->basis_count;
                booked /= f->basis_count;
        }
        return walked + (booked > (double)c->ahead ? booked : (double)c->ahead);
}

/* Where nine of ten days lie: a day scatters about the mean at least as arrivals at random do, and the mean of few days is itself
 * uncertain. */
static void range_make(const struct forecast *f, int group, int hour, struct need *n)
{
        double sum = 0, squares = 0, days = f->basis_count;

        for (int k = 0; k < f->basis_count; k++) {
                double day = 0;
                for (int s = 0; s < f->service_count; s++)
                        if (f->services[s].group == group)
                                day += f->services[s].hours[hour].walked[k] + f->services[s].hours[hour].booked[k];
                sum += day;
                squares += day * day;
        }
        double variance = days < 2 ? 2 * n->arrivals : (squares - sum * sum / days) / (days - 1);
        variance = variance > n->arrivals ? variance : n->arrivals;
        double half = 1.645 * sqrt(variance * (1 + (days > 0 ? 1 / days : 1)));
        n->low = n->arrivals > half ? n->arrivals - half : 0;
        n->high = n->arrivals + half;
}

static void need_make(const struct forecast *f, int group, int hour, struct need *n)
{
        double work = 0;

        *n = (struct need){.booked = 0};
        for (int s = 0; s < f->service_count; s++) {
                const struct service *one = &f->services[s];
                if (one->group != group)
                        continue;
                double came = expected(f, &one->hours[hour]);
                n->arrivals += came;
                n->booked += one->hours[hour].ahead;
                work += came * one->seconds;
        }
        n->seconds = n->arrivals > 0 ? work / n->arrivals : 0;
        range_make(f, group, hour, n);
}

static json_t *rounded(double x, double parts)
{
        return json_real(floor(x * parts + 0.5) / parts);
}

static void need_put(json_t *o, const char *name, const struct forecast *f, double load, double seconds)
{
        int n = queue_servers(load, seconds, (double)f->minutes * 60, (double)f->share / 100);

        put_value(o, name, n < 0 ? json_null() : json_integer(n));
}

static int counters_of(const struct forecast *f, int group)
{
        int n = 0;

        for (int k = 0; k < f->counter_count; k++)
                n += f->counter_group[k] == group;
        return n;
}

/* As many windows as are there, and as there are clerks: shared out by windows where there are several groups. */
static int planned_of(const struct forecast *f, int group)
{
        int counters = counters_of(f, group);
        int64_t share = f->counter_count == 0 ? 0 : f->clerks * counters / f->counter_count;

        return share < counters ? (int)share : counters;
}

static json_t *hour_json(const struct forecast *f, int group, int hour)
{
        struct need n;
        char text[8];
        json_t *o = json_object();
        int planned = planned_of(f, group);

        need_make(f, group, hour, &n);
        /* Load is by the time that the hall is open: what comes in half an hour comes twice as dense. */
        double dense = f->open[hour] > 0 ? 60.0 / f->open[hour] : 1, load = n.arrivals * dense * n.seconds / 3600;
        put_text(o, "hour", text_format(text, sizeof text, "%02d:00", hour));
        put_int(o, "open_minutes", f->open[hour]);
        put_value(o, "arrivals", rounded(n.arrivals, 10));
        put_value(o, "low", rounded(n.low, 10));
        put_value(o, "high", rounded(n.high, 10));
        put_int(o, "booked", n.booked);
        put_value(o, "service_minutes", rounded(n.seconds / 60, 10));
        put_value(o, "load", rounded(load, 100));
        need_put(o, "needed", f, load, n.seconds);
        need_put(o, "needed_high", f, n.high * dense * n.seconds / 3600, n.seconds);
        put_int(o, "planned", planned);
        bool grows = load > QUEUE_LOAD_MAX || planned <= load;
        put_value(o, "wait_minutes",
                  grows && load > 0 ? json_null() : rounded(queue_wait_mean(load, planned, n.seconds) / 60, 10));
        put_value(o, "in_time",
                  grows && load > 0 ? json_null()
                                    : rounded(100 * queue_within(load, planned, n.seconds, (double)f->minutes * 60), 10));
        return o;
}

static json_t *group_json(const struct forecast *f, int group)
{
        json_t *o = json_object(), *counters = json_array(), *services = json_array(), *hours = json_array(), *row;
        int at = 0;
        size_t i;

        json_array_foreach(f->hall.counters, i, row)
        {
                if (hall_here(&f->hall, row) && f->counter_group[at++] == group)
                        json_array_append(counters, row);
        }
        for (int s = 0; s < f->service_count; s++) {
                const struct service *one = &f->services[s];
                if (one->group != group)
                        continue;
                const json_t *told = json_array_get(f->hall.services, (size_t)s);
                double day = 0;
                for (int h = 0; h < HOURS; h++)
                        day += f->open[h] > 0 ? expected(f, &one->hours[h]) : 0;
                json_array_append_new(services,
                                      json_pack("{s:s,s:s,s:s,s:o,s:o,s:I,s:b}", "service", one->name, "name_zh",
                                                json_text(told, "name_zh"), "name_en", json_text(told, "name_en"), "arrivals",
                                                rounded(day, 10), "service_minutes", rounded(one->seconds / 60, 10), "served",
                                                (json_int_t)one->served, "measured", one->served >= FEW_SERVED));
        }
        for (int h = 0; h < HOURS; h++)
                if (f->open[h] > 0)
                        json_array_append_new(hours, hour_json(f, group, h));
        put_value(o, "counters", counters);
        put_value(o, "services", services);
        put_value(o, "hours", hours);
        return o;
}

static json_t *forecast_json(const struct forecast *f)
{
        json_t *o = json_object(), *groups = json_array(), *days = json_array();
        char text[16];
        bool open = false;

        for (int g = 0; g < f->service_count; g++)
                if (counters_of(f, g) > 0)
                        json_array_append_new(groups, group_json(f, g));
        for (int k = 0; k < f->basis_count; k++)
                json_array_append_new(days, json_string(day_text(f->basis[k], text)));
        for (int h = 0; h < HOURS; h++)
                open = open || f->open[h] > 0;
        put_int(o, "office", f->hall.office);
        put_text(o, "name_zh", f->hall.name_zh);
        put_text(o, "name_en", f->hall.name_en);
        put_day(o, "day", f->day);
        put_int(o, "weekday", day_weekday(f->day));
        put_bool(o, "open", open);
        put_int(o, "weeks", f->weeks);
        put_int(o, "target_minutes", f->minutes);
        put_int(o, "share", f->share);
        put_value(o, "days", days);
        put_bool(o, "few", f->basis_count < FEW_DAYS);
        put_int(o, "enough_days", FEW_DAYS);
        put_int(o, "clerks", f->clerks);
        put_int(o, "counters", f->counter_count);
        put_value(o, "groups", groups);
        return o;
}

/* --- the verb --------------------------------------------------------------------------------------------------------------------------- */

static int input_read(struct forecast *f, const json_t *in, struct error *err)
{
        f->weeks = 8;
        f->minutes = 10;
        f->share = 90;
        f->hall.office = f->call.who.office;
        int rc = json_get_int(in, "office", false, &f->hall.office, err);
        rc = rc ? rc : json_get_int(in, "weeks", false, &f->weeks, err);
        rc = rc ? rc : json_get_int(in, "target_minutes", false, &f->minutes, err);
        return rc ? rc : json_get_int(in, "share", false, &f->share, err);
}

static int office_may(struct tx *tx, void *ctx, struct error *err)
{
        struct forecast *f = ctx;
        bool within = false;
        char office[24];
        int rc = office_within(tx, f->hall.office, f->call.who.office, &within, err);

        if (rc == 0 && !within)
                rc = error_raise(err, SB_CASE_OFFICE, "%s",
                                 text_format(office, sizeof office, "%lld", (long long)f->hall.office));
        return rc;
}

/* The day that is asked, or else the next on which the hall works. */
static int day_read(struct forecast *f, const json_t *in, struct error *err)
{
        int rc = json_get_day(in, "day", false, &f->day, err);

        if (rc == 0 && f->day == 0)
                rc = calendar_add_working(pack_calendar(f->hall.pack), clock_today(f->call.house->clock), 1, &f->day, err);
        return rc;
}

static int forecast_make(struct forecast *f, const json_t *in, struct error *err)
{
        int rc = input_read(f, in, err);

        rc = rc ? rc : store_read(f->call.house->store, office_may, f, err);
        if (rc == 0) {
                f->call.who.office = f->hall.office;
                rc = hall_open(&f->call, &f->hall, err);
        }
        rc = rc ? rc : day_read(f, in, err);
        rc = rc ? rc : groups_make(f, err);
        rc = rc ? rc : hours_make(f, err);
        return rc ? rc : store_read(f->call.house->store, forecast_read, f, err);
}

int hall_forecast(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct forecast *f = calloc(1, sizeof *f);
        int rc = f == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        if (rc == 0) {
                f->call = *c;
                rc = forecast_make(f, in, err);
        }
        if (rc == 0)
                *out = forecast_json(f);
        if (f != NULL)
                hall_close(&f->hall);
        free(f);
        return rc;
}
