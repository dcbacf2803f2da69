/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the files of this subject.
 */
#ifndef OFFICE_SIGNIN_OWN_H
#define OFFICE_SIGNIN_OWN_H

#include "case/answer.h"
#include "case/case.h"
#include "office/signin/signin.h"

#define FACTORS_MAX 10
#define RECOVERY_CODES 10
/* Bits of staff.must_change: what an administrator reset and its owner has not set anew. */
#define RESET_PASSWORD 1
#define RESET_FACTORS 2

/* SB_SIGNIN_SESSION without one; SB_SIGNIN_STEP_UP when `careful` and somebody with a second factor has not shown it lately. */
int visit_need(struct tx *tx, const struct call *c, bool careful, struct error *err);
int factors_count(struct tx *tx, int64_t staff, const char *state, int64_t *out, struct error *err);
/* Ten new recovery codes in the place of those that there were; told in `o` as "recovery_codes", kept as hashes. */
int recovery_renew(struct tx *tx, struct house *h, int64_t staff, json_t *o, struct error *err);
struct hash recovery_hash(const struct house *h, int64_t staff, const char *code);
/* The question to a browser, kept with the session for five minutes, for one answer. */
int challenge_put(struct tx *tx, const struct house *h, int64_t session, unsigned char out[CHALLENGE_BYTES], struct error *err);
int challenge_take(struct tx *tx, const struct house *h, int64_t session, unsigned char out[CHALLENGE_BYTES],
                   struct error *err);
/* Reasons against a new password (password.c), SB_SIGNIN_RULE. */
int password_rules(const char *password, const char *login, struct error *err);

#endif
