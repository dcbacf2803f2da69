/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock that is passed in: the machine's, or one that stands still until told. Nothing else in
 * the house reads the time of day.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/calendar.h"

struct clock;
struct clock *clock_system(void);             /* UTC of the machine */
struct clock *clock_virtual(instant_t start); /* stands still until clock_set / clock_advance */
void clock_free(struct clock *c);
instant_t clock_now(struct clock *c);
day_t clock_today(struct clock *c); /* legal day in Asia/Shanghai */
void clock_set(struct clock *c, instant_t t);
void clock_advance(struct clock *c, int64_t microseconds);
/* From now on each reading moves a virtual clock on, as the machine's moves between two readings. */
void clock_step(struct clock *c, int64_t microseconds);
/* Monotonic seconds for measuring; not affected by a virtual clock. */
double clock_monotonic(void);

#endif
