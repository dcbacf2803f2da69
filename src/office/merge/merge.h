/* SPDX-License-Identifier: Apache-2.0
 *
 * Two records of one person (重复参保登记): found, looked at, merged by two members of staff and un-merged. The record that is kept takes over
 * employments, contributions, personal accounts, kin and household, and answers to the number of the other; the other stays as what it was and
 * says where it went. Nothing is overwritten that is dated: rows are believed of one person until the merge and of the other from then on, so that
 * every decision made before can be made again. Owns person_merge and person_merge_row. Knows no law: months that are insured twice are
 * refunded first (清理重复参保), and a benefit is ended first.
 */
#ifndef OFFICE_MERGE_MERGE_H
#define OFFICE_MERGE_MERGE_H

#include "office/office.h"

#define MERGED "merged" /* state of a person whose record went into another */

extern const struct verb merge_verbs[];

struct person_merge {
        int32_t home;
        int64_t id, kept, gone, txn, entered_by;
        char state[16];
};
int merge_read(struct tx *tx, int32_t home, int64_t id, struct person_merge *out, struct error *err); /* SB_MERGE */
int merge_state_refuse(const struct person_merge *m, struct error *err);                              /* SB_MERGE_STATE */

/* What stands against a merge (against.c): [{code, count, text_en, text_zh}], an empty array when nothing does. SB_REGISTRY_PERSON. */
int merge_against(struct tx *tx, const struct person_merge *m, json_t **out, struct error *err);
/* SB_MERGE_AGAINST with the words of both languages when something does. */
int merge_need(struct tx *tx, const struct person_merge *m, struct error *err);

/* Move all rows and balances (move.c), in the transaction of the decision; both persons are locked by the caller. */
int merge_move(struct tx *tx, struct call *c, struct person_merge *m, struct error *err);
/* And back: SB_MERGE_MOVED when a row that was moved has been changed since. */
int merge_back(struct tx *tx, struct call *c, const struct person_merge *m, struct error *err);

verb_run merge_candidates, merge_list, merge_preview;             /* find.c */
verb_run merge_propose, merge_decide, merge_undo, merge_distinct; /* decide.c */

#endif
