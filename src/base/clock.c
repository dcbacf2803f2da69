/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

struct clock {
        bool is_virtual;
        _Atomic int64_t now;  /* of a virtual clock: tests move it while threads read it */
        _Atomic int64_t step; /* by which each reading of it moves it on */
};

static struct clock *make(bool is_virtual, instant_t start)
{
        struct clock *c = calloc(1, sizeof *c);
        if (c == NULL)
                return NULL;
        c->is_virtual = is_virtual;
        atomic_init(&c->now, start);
        atomic_init(&c->step, 0);
        return c;
}

struct clock *clock_system(void)
{
        return make(false, 0);
}

struct clock *clock_virtual(instant_t start)
{
        return make(true, start);
}

void clock_free(struct clock *c)
{
        free(c);
}

instant_t clock_now(struct clock *c)
{
        if (c->is_virtual)
                return atomic_fetch_add(&c->now, atomic_load(&c->step));
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

day_t clock_today(struct clock *c)
{
        return instant_day(clock_now(c));
}

void clock_set(struct clock *c, instant_t t)
{
        assert(c->is_virtual);
        atomic_store(&c->now, t);
}

void clock_advance(struct clock *c, int64_t microseconds)
{
        assert(c->is_virtual);
        atomic_fetch_add(&c->now, microseconds);
}

void clock_step(struct clock *c, int64_t microseconds)
{
        assert(c->is_virtual);
        atomic_store(&c->step, microseconds);
}

double clock_monotonic(void)
{
        struct timespec t;
        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}
