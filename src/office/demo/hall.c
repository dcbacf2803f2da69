/* SPDX-License-Identifier: Apache-2.0
 *
 * Ten weeks of the hall behind today: tickets of the counter, more on Mondays and in the morning, so that the forecast of staff has
 * something to go by. They are history, so they are written as rows and not called one by one.
 */
#include "office/demo/internal.h"

enum { WEEKS = 10, MINUTE_US = 60000000, COUNTERS = 3 };

/* Arrivals by half hours from half past eight on, of an ordinary day of a hall of a small city; lunch is closed. */
static const struct {
        int minute, mean;
} HALVES[] = {{510, 2}, {540, 4}, {570, 3}, {600, 3}, {630, 2}, {660, 2}, {690, 1},
              {810, 2}, {840, 3}, {870, 2}, {900, 2}, {930, 1}, {960, 1}};
static const struct {
        const char *name;
        int share, minutes;
} SERVICES[] = {{"register", 25, 12}, {"contribution", 20, 10}, {"pension", 20, 18},
                {"benefit", 10, 17},  {"joint", 5, 28},         {"advice", 20, 7}};

struct hall_day {
        struct city *city;
        struct rng *rng;
        day_t day;
        instant_t free[COUNTERS]; /* when each counter is free again */
        int64_t numbers[sizeof SERVICES / sizeof SERVICES[0]];
};

static size_t service_draw(struct rng *r)
{
        int64_t x = rng_between(r, 0, 99);
        size_t k = 0;

        while (k + 1 < sizeof SERVICES / sizeof SERVICES[0] && x >= SERVICES[k].share)
                x -= SERVICES[k++].share;
        return k;
}

/* Served by the counter that is free first, between half and one and a half of the usual time. */
static int ticket_put(struct tx *tx, struct hall_day *d, instant_t arrived, struct error *err)
{
        size_t s = service_draw(d->rng);
        int at = 0;
        int64_t id;

        for (int k = 1; k < COUNTERS; k++)
                at = d->free[k] < d->free[at] ? k : at;
        bool gone = rng_below(d->rng, 40) == 0;
        instant_t called = d->free[at] > arrived ? d->free[at] : arrived, started = called + 20000000,
                  finished = started + (instant_t)SERVICES[s].minutes * rng_between(d->rng, 30, 90) * 1000000;
        int rc = ids_next(d->city->house->ids, &id, err);
        char counter[2] = {(char)('1' + at), '\0'};

        d->free[at] = gone ? called + MINUTE_US : finished;
        return rc ? rc
                  : tx_exec(tx, err,
                            "INSERT INTO ticket (home, id, office, day, number, service, priority, reason, state, booking, "
                            "counter, "
                            "staff, calls, instance, arrived_at, called_at, started_at, finished_at, version) VALUES (?1@int, "
                            "?2@int, ?3@int, ?4@int, ?5@int, ?6@text, 5, 'none', ?7@text, 0, ?8@text, ?9@int, 1, 0, ?10@int, "
                            "?11@int, ?12@int, ?13@int, 1)",
                            "iiiiitttiiiii", (int64_t)d->city->house->home, id, d->city->office, (int64_t)d->day,
                            ++d->numbers[s], SERVICES[s].name, gone ? "no_show" : "done", counter, d->city->staff[CLERK],
                            arrived, called, gone ? (int64_t)0 : started, gone ? (int64_t)0 : finished);
}

static int day_put(struct tx *tx, struct hall_day *d, struct error *err)
{
        int percent = day_weekday(d->day) == 1 ? 140 : day_weekday(d->day) == 5 ? 80 : 100, rc = 0;

        for (size_t h = 0; rc == 0 && h < sizeof HALVES / sizeof HALVES[0]; h++) {
                int64_t n = (HALVES[h].mean * percent + 50) / 100 + rng_between(d->rng, -1, 1);
                for (int64_t k = 0; rc == 0 && k < n; k++)
                        rc = ticket_put(tx, d,
                                        day_instant(d->day) + (HALVES[h].minute + 30 * k / n) * (instant_t)MINUTE_US +
                                            rng_between(d->rng, 0, 59) * 1000000,
                                        err);
        }
        return rc;
}

static int weeks_put(struct tx *tx, void *ctx, struct error *err)
{
        struct city *c = ctx;
        struct rng rng = rng_new(c->o->seed, 7005);
        int rc = 0;

        for (day_t day = c->law.today - 7 * WEEKS; rc == 0 && day < c->law.today; day++) {
                struct hall_day d = {.city = c, .rng = &rng, .day = day};
                bool working = false;
                rc = calendar_is_working(pack_calendar(c->law.pack), day, &working, err);
                if (rc == 0 && working)
                        rc = day_put(tx, &d, err);
        }
        return rc;
}

int hall_history(struct city *c, struct error *err)
{
        return store_write(c->house->store, weeks_put, c, err);
}
