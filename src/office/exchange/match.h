/* SPDX-License-Identifier: Apache-2.0
 *
 * Matching of persons (人员比对): a line of a message that names somebody is held against the register by the rule of its feed. How sure it is, is the
 * share of the rule's fields that agree. Nothing stops by a match: below the confidence of the pack (or where the pack does not know it) somebody
 * looks; the person is told and may be heard for the days of the pack; another member of staff decides, and only then is a benefit held.
 */
#ifndef OFFICE_EXCHANGE_MATCH_H
#define OFFICE_EXCHANGE_MATCH_H

#include "office/exchange/exchange.h"

extern const struct verb match_verbs[];
extern const struct scope_rule match_scopes[];

/* match_find.c: a line of deaths or prisoners; a match for each person that it may be of. */
int match_line(struct tx *tx, struct applying *a, const json_t *row, struct line *l, struct error *err);

struct match {
        int32_t home;
        int64_t id, batch, line, person, confidence, hearing_days, looked_by, told_by, heard_by;
        char feed[FEED_NAME], content[24], state[16];
        day_t event, told, hear_until;
};
int match_read(struct tx *tx, int32_t home, int64_t id, struct match *out, struct error *err); /* SB_EXCHANGE_MATCH */

verb_run match_list, match_get;                             /* match_list.c */
verb_run match_look, match_told, match_heard, match_decide; /* match_decide.c */

#endif
