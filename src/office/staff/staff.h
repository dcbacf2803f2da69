/* SPDX-License-Identifier: Apache-2.0
 *
 * Staff (经办人员): sign-in names, roles and offices. Owns the tables `staff`, `office`, `office_change`, `post`,
 * `leave_spell` and `substitution`. Checks a
 * password; knows no sessions (office/signin), no cookies (http), no permissions (case).
 */
#ifndef OFFICE_STAFF_STAFF_H
#define OFFICE_STAFF_STAFF_H

#include "case/verb.h"

struct staff {
        int64_t id, office, person;       /* person: the member of staff as an insured person, 0 unknown */
        int64_t for_person, for_employer; /* not of staff: for whom somebody outside of the office signs in (office/portal) */
        char login[64], display[96];
        uint32_t roles; /* bits of enum role */
        int level;      /* of the office */
        char body[32];  /* whose office it is */
        char office_code[32], office_zh[96], office_en[96];
};

/* "clerk,reviewer" ⇄ bits. Unknown words are SB_STAFF_ROLE. */
int staff_roles_parse(uint32_t *out, struct str text, struct error *err);
void staff_roles_text(struct buf *out, uint32_t roles);

/* Add a member of staff inside the caller's transaction; the password is hashed with argon2id before (password_hash). */
int staff_add(struct tx *tx, const struct staff *s, const char *password_hash, day_t from, struct error *err);

/* Check name and password. SB_STAFF_PASSWORD for a wrong name or password (the same answer and about the same time for
 * both). A name is never locked: who guesses waits before this is asked (http). *failed: the wrong passwords since the last right one. */
int staff_sign_in(struct house *h, const char *login, const char *password, struct staff *out, int64_t *failed,
                  struct error *err);

/* Read one; SB_STAFF_UNKNOWN when absent or no longer valid today. */
int staff_read(struct tx *tx, int64_t id, day_t today, struct staff *out, struct error *err);
int staff_by_login(struct tx *tx, const char *login, day_t today, struct staff *out, struct error *err);

/* How many hold a post of the role at this very office on a day and are not on leave. */
int staff_present(struct tx *tx, int64_t office, const char *role, day_t day, int64_t *out, struct error *err);

/* Offices, posts, leave and substitution, for the administrator and for staff themselves. */
extern const struct verb staff_verbs[];
verb_run offices_list, offices_get, offices_open, offices_change_verb;              /* offices.c */
verb_run staff_list, posts_appoint, posts_end, staff_end;                           /* posts.c */
verb_run staff_powers;                                                              /* powers.c */
verb_run leave_list, leave_enter, leave_decide, substitution_add, substitution_end; /* leave.c */

/* The actor that a member of staff is. */
struct actor staff_actor(const struct staff *s, enum lang lang);

#endif
