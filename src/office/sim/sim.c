/* SPDX-License-Identifier: Apache-2.0
 *
 * Day after day: who does what is drawn, the workers come by, each month is held against the model.
 */
#include "office/sim/internal.h"

#include <string.h>

typedef void doing(struct world *w);
static const struct {
        doing *what;
        int weight;
} DOINGS[] = {
    {desk_task, 100}, {desk_beside, 10}, {people_arrive, 3}, {employer_arrive, 1}, {people_move, 3}, {people_correct, 6},
    {people_tie, 2},  {people_leave, 1}, {money_declare, 9}, {money_receive, 8},   {pay_apply, 3},   {pay_stop, 4},
    {pay_state, 2},   {pay_payee, 2},    {pay_run, 6},       {money_statement, 5},
};

static void something(struct world *w)
{
        int total = 0;

        for (size_t i = 0; i < sizeof DOINGS / sizeof DOINGS[0]; i++)
                total += DOINGS[i].weight;
        int n = pick(w, total);
        for (size_t i = 0; i < sizeof DOINGS / sizeof DOINGS[0]; i++) {
                if (n < DOINGS[i].weight) {
                        DOINGS[i].what(w);
                        break;
                }
                n -= DOINGS[i].weight;
        }
        if (w->compare_due && !w->failed)
                compare(w);
}

static void one_day(struct world *w, day_t day)
{
        instant_t morning = day_instant(day) + (instant_t)9 * 3600 * 1000000;

        if (morning > clock_now(w->house.clock))
                clock_set(w->house.clock, morning);
        work(w);
        for (int k = 0, n = 4 + pick(w, 8); k < n && !w->failed; k++) {
                something(w);
                if (chance(w, 20))
                        work(w);
        }
        work(w);
}

static void month_close(struct world *w, day_t day)
{
        char text[16];

        seal_books(w);
        work(w);
        audit(w);
        compare(w);
        sim_trace(w, "%s: %lld calls, %d persons, %d awards, %d cases", day_text(day, text), (long long)w->out->calls,
                  w->m->person_count, w->m->award_count, w->m->case_count);
}

static void days(struct world *w)
{
        day_t first = instant_day(w->t->begins), last = month_first(month_of(first) + w->o->months) - 1;

        for (day_t day = first; day <= last && !w->failed; day++) {
                w->out->day = day;
                if (day_weekday(day) < 6 && chance(w, 60))
                        one_day(w, day);
                if (day == month_last(month_of(day)) && !w->failed)
                        month_close(w, day);
        }
}

int sim_run(struct sim_result *out, const struct sim_template *t, const struct sim_options *o, struct error *err)
{
        struct world w = {.t = t, .o = o, .out = out};

        *out = (struct sim_result){.day = instant_day(t->begins)};
        int rc = world_open(&w, err);
        if (rc == 0)
                days(&w);
        text_format(out->digest, sizeof out->digest, "%016llx", (unsigned long long)(w.digest[0] ^ w.digest[1]));
        world_close(&w);
        return rc;
}
