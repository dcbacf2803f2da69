/* SPDX-License-Identifier: Apache-2.0
 *
 * Access beyond one's office in an emergency (紧急授权): whoever has the duty takes it with a written reason, for the minutes that the pack
 * allows; it ends by itself. Auditors and administrators over them are told at once, everything done under it is marked in the trail, and an
 * auditor reviews it afterwards. It widens where somebody may act (the scope of verbs), never what (duties), and no four eyes become two.
 * Owns the table `emergency_access`; case/audit_trail.c writes `emergency_use`.
 */
#ifndef OFFICE_EMERGENCY_EMERGENCY_H
#define OFFICE_EMERGENCY_EMERGENCY_H

#include "case/verb.h"

extern const struct verb emergency_verbs[];
extern const struct scope_rule emergency_scopes[];
verb_run emergency_begin, emergency_end, emergency_list, emergency_get, emergency_review;

/* The access that somebody has now: *id 0 none, *until when it ends. */
int emergency_now(struct tx *tx, int64_t staff, instant_t now, int64_t *id, instant_t *until, struct error *err);
/* Leave a mark of a call that went beyond the caller's office and wrote nothing itself; before its answer is given. */
int emergency_mark(struct call *c, const struct verb *v, const json_t *in, struct error *err);
/* For the figures of the server: how many there were, how many there are now, how many wait for their review. */
int emergency_count(struct house *h, int64_t *all, int64_t *now, int64_t *waiting, struct error *err);

#endif
