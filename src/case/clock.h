/* SPDX-License-Identifier: Apache-2.0
 *
 * The clock of a case (办理时限): the legal limit of its process by the pack, in working days, calendar days or months; day 1 is the
 * next working day, and a calendar limit that ends on a day off rolls to the next working day. While the clock is paused (papers are
 * missing, another authority decides) no day counts, so the due day moves; a pause that begins after the due day revives nothing.
 */
#ifndef CASE_CLOCK_H
#define CASE_CLOCK_H

#include "case/instance.h"

enum limit_unit { LIMIT_NONE, LIMIT_WORKING_DAYS, LIMIT_DAYS, LIMIT_MONTHS };
struct limit {
        int n;
        enum limit_unit unit;
};
/* No day in (from, to] counts: the day on which the pause begins still did, the one after it ends does again. */
struct pause_span {
        day_t from, to;
};

/* The limit of a process in the pack on a day; LIMIT_NONE without a figure. SB_PARAMETER_VALUE. */
int clock_limit(const struct pack *p, const char *process, day_t day, struct limit *out, struct error *err);
/* Due day of a limit that began on start, with pauses in order of time; DAY_END without a limit. SB_CALENDAR_END. */
int clock_due(const struct calendar *c, day_t start, struct limit limit, const struct pause_span *pauses, size_t count,
              day_t *out, struct error *err);
/* "none", "half", "late80", "overdue", "paused": how much of the time is used. The word of a list that cannot count is "none". */
const char *clock_warning(const struct calendar *c, day_t start, day_t due, day_t today, bool paused);

/* Stop the clock of the case, with a reason of pause_reasons.csv. SB_CASE_PAUSED when it stands already, SB_CASE_PAUSE_REASON. */
struct pause {
        const char *reason, *note, *document;
        day_t expected; /* until when, as far as anybody knows; DAY_END not known */
};
int case_pause(struct tx *tx, struct call *c, struct instance *i, const struct pause *p, struct error *err);
/* Let it go on: the due days of the case and of its open tasks move. SB_CASE_NOT_PAUSED. */
int case_resume(struct tx *tx, struct call *c, struct instance *i, const char *note, struct error *err);
/* The same when it stood for papers and none that was asked for is missing any more. */
int case_resume_papers(struct tx *tx, struct call *c, struct instance *i, int missing, bool *resumed, struct error *err);
/* All pauses of the case, oldest first, with their words. */
int pauses_view(struct tx *tx, struct house *h, const struct instance *i, json_t **out, struct error *err);

#endif
