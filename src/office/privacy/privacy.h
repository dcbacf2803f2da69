/* SPDX-License-Identifier: Apache-2.0
 *
 * Privacy (个人信息保护): opening the record of a person for a purpose, who opened it and why, openings that look like curiosity and what an
 * auditor found, and a person's own record as a copy. Owns record_alarm; record_opening is case/opening.h. What counts as curiosity, and
 * which purposes there are, is data of the pack (alarms.csv, purposes.csv).
 */
#ifndef OFFICE_PRIVACY_PRIVACY_H
#define OFFICE_PRIVACY_PRIVACY_H

#include "case/opening.h"
#include "office/office.h"

extern const struct verb privacy_verbs[];

verb_run people_open, people_purposes;                                   /* open.c */
verb_run people_openings;                                                /* log.c */
verb_run privacy_alarms, privacy_alarm_decide;                           /* alarm.c */
verb_run people_export;                                                  /* copy.c */
verb_run people_hold, people_hold_end, privacy_retention, privacy_erase; /* retention.c */

/* alarm.c: look at an opening that was just written, and write what it raises; *raised counts. */
int alarms_raise(struct tx *tx, struct call *c, const struct pack *pack, const struct opening *o, int *raised,
                 struct error *err);
/* log.c: who opened the record, newest first, as an array. */
int openings_list(struct tx *tx, struct call *c, int64_t person, int limit, json_t **out, struct error *err);

/* rewrap.c: one round over all wrapped keys, those of a former master key are wrapped by the one in use; *changed counts. When a round
 * changes nothing, nothing needs the former keys. */
int keys_rewrap(struct house *h, int64_t *changed, struct error *err);

#endif
