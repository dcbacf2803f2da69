/* SPDX-License-Identifier: Apache-2.0
 *
 * Maps (流程图): where a case stands on its diagram, and what a process costs in time and money, node by node, over all cases of an
 * office and those below it. Nothing is told of a single member of staff: the figures are of nodes.
 */
#ifndef CASE_MAP_H
#define CASE_MAP_H

#include "case/instance.h"

extern const struct verb map_verbs[];

verb_run cases_map;                                /* map.c */
verb_run processes_overview, processes_statistics; /* flow.c */

/* step_time.c: a step that was done, as it counts in the map of its process. taken 0: nobody took it before it was decided. */
struct step_time {
        int64_t task, office;
        const char *node, *role;
        instant_t created, taken, done;
};
int step_time_add(struct tx *tx, const struct instance *i, const struct step_time *s, struct error *err);
/* The step was taken back. */
int step_time_drop(struct tx *tx, const struct instance *i, int64_t task, struct error *err);
/* Minutes of work between two instants: the time itself within a day, else what lies in the opening hours of working days
 * (hall_hours.csv of the pack); -1 not known. */
int64_t work_minutes(const struct pack *pack, instant_t from, instant_t to);

#endif
