/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing in (登录): sessions, second factors (TOTP, WebAuthn, recovery codes), passwords and their resets, what the pack demands of
 * a role. Owns the tables `session`, `second_factor`, `recovery_code` and `password_past`, and the columns of `staff` that speak of the
 * password. Knows no cookie and no header (http), and no permission (case).
 *
 * What carries a secret is never remembered under its idempotency key, neither as answer nor as hash of the request: the verbs of
 * this subject write their change and its audit row themselves, and none of them harms when it is repeated.
 */
#ifndef OFFICE_SIGNIN_SIGNIN_H
#define OFFICE_SIGNIN_SIGNIN_H

#include "office/staff/staff.h"

/* --- what the pack demands (policy.c) ------------------------------------------------------------------------------------------- */

/* The strictest of the roles, by sign_in.csv of the pack in force; without the table nothing is required. */
struct sign_in_policy {
        bool required; /* a second factor */
        instant_t idle_us, max_us, step_up_us;
};
int sign_in_policy(struct house *h, int64_t pool, uint32_t roles, struct sign_in_policy *out, struct error *err);
/* Does the pack (step_up.csv) ask who has these roles for a fresh factor before this verb? */
int sign_in_step_up(struct house *h, int64_t pool, const char *verb, uint32_t roles, bool *out, struct error *err);

/* --- sessions (session.c) --------------------------------------------------------------------------------------------------------- */

#define TOKEN_TEXT 64
/* How far somebody came. Only a session that is full may do its owner's work. */
enum stage {
        STAGE_FACTOR, /* the password was right; a second factor is to be shown */
        STAGE_CHANGE, /* an administrator reset the password; a new one is to be chosen */
        STAGE_ENROL,  /* the roles need a second factor, and there is none yet */
        STAGE_FULL
};
const char *stage_word(enum stage s); /* factor change enrol full */

struct session {
        int64_t id;
        struct staff staff;
        char csrf[TOKEN_TEXT];
        enum stage stage;
        bool required;
        instant_t factor_at; /* when a second factor was last shown; 0 never */
        instant_t step_up_us, created_at;
        int64_t emergency; /* access beyond the office that the owner has now; 0 none */
        instant_t emergency_until;
};
/* Who stands at the door: told to the owner in the list of their sessions. */
struct visitor {
        const char *address, *agent;
        const char *token; /* of a session that they have already, which ends; "" none */
};
/* SB_HTTP_SIGN_IN when there is none, it ended, or the roles or the office of its owner are not what they were. */
int session_find(struct house *h, const char *token, struct session *out, struct error *err);
/* By name and password: SB_STAFF_PASSWORD. pool: whose pack says what is demanded; 0 none. The token is new each time. */
int session_begin(struct house *h, int64_t pool, const char *login, const char *password, const struct visitor *v,
                  struct session *out, char token[TOKEN_TEXT], struct error *err);
/* For somebody whom another authority vouches for (OIDC). */
int session_begin_as(struct house *h, int64_t pool, const struct staff *staff, const struct visitor *v, struct session *out,
                     char token[TOKEN_TEXT], struct error *err);
int session_end(struct house *h, const char *token, struct error *err);
/* End all of somebody's sessions but `but` (0: all), inside a change. */
int sessions_end(struct tx *tx, int64_t staff, int64_t but, struct error *err);
/* After a factor was shown or set up or a password chosen: where the session stands now. When that is another stage, or `anew`, it gets a
 * new token and CSRF word (*rotated). */
int session_advance(struct house *h, int64_t pool, struct session *s, bool anew, bool *rotated, char token[TOKEN_TEXT],
                    struct error *err);

/* --- second factors ------------------------------------------------------------------------------------------------------------------ */

/* RFC 6238, SHA-1, 30 s, 6 digits (totp.c). */
#define TOTP_SECRET 20
#define TOTP_STEP_S 30
uint32_t totp_code(const unsigned char *secret, size_t n, int64_t step);
/* The step, after `last`, of at most one before and one after `now` whose code it is; 0 none. */
int64_t totp_match(const unsigned char secret[TOTP_SECRET], const char *code, instant_t now, int64_t last);
void base32_text(struct buf *out, const unsigned char *p, size_t n);

/* WebAuthn (webauthn.c), by libfido2. Attestation is not asked for: which maker's key it is does not matter. */
struct rp {                 /* the relying party: us */
        const char *origin; /* https://shebao.example.gov.cn */
        char id[256];       /* its host */
};
void rp_of(struct rp *out, const char *origin);
#define CHALLENGE_BYTES 32
struct webauthn_key {
        struct buf id, public_key; /* the caller's; initialised */
        int algorithm;             /* COSE: -7, -8, -257 */
        uint32_t counter;
};
/* What a browser answered to a registration. SB_SIGNIN_KEY says what does not agree. */
int webauthn_registered(const struct rp *rp, const unsigned char challenge[CHALLENGE_BYTES], struct str client_data,
                        struct str authenticator_data, struct webauthn_key *out, struct error *err);
/* What it answered when asked for the key: origin, challenge, relying party, presence and verification of the user, signature, and
 * a counter that goes on. *counter: the new one. */
int webauthn_shown(const struct rp *rp, const unsigned char challenge[CHALLENGE_BYTES], struct str client_data,
                   struct str authenticator_data, struct str signature, int algorithm, struct str public_key, uint32_t *counter,
                   struct error *err);
/* base64url without padding. */
int base64_take(struct buf *out, const char *text, struct error *err);
int base64_field(const json_t *in, const char *name, struct buf *out, struct error *err);
void base64_put(struct buf *out, const void *p, size_t n);

/* What the owner of a session may show (factor.c): {"methods", "keys", "challenge"…} put into `o`. */
int factors_offer(struct house *h, struct session *s, const struct rp *rp, json_t *o, struct error *err);
/* Take what they show: {"kind":"totp"|"recovery"|"key", …}. SB_SIGNIN_CODE, SB_SIGNIN_KEY; after five wrong ones the session of who has
 * not signed in yet is over. */
int factor_show(struct house *h, struct session *s, const struct rp *rp, const json_t *in, struct error *err);

/* --- accounts of somebody outside of the office (code.c), whom office/portal owns --------------------------------------------------------- */

#define ACCOUNT_CODE 16 /* "K7QF-2MXA-9TRW" */
#define ACCOUNT_NAME 64
#define ACCOUNT_INSURED "insured-%lld" /* as whom a person signs in: by their id, so that no identity number stands in a name */
/* A code of 60 bits to be handed over on paper, and its hash. */
int account_code_make(char code[ACCOUNT_CODE], char hash[128], struct error *err);
/* It stands from now on, until `until`, in the place of password and second factors; the first thing to do is to choose a password. */
int account_code_set(struct tx *tx, struct call *c, int64_t account, const char *hash, instant_t until, struct error *err);
int account_close(struct tx *tx, struct call *c, int64_t account, struct error *err);
/* The name that is meant: an identity number is that of its person, a credit code may be written in small letters. */
int account_name(struct house *h, const char *given, char out[ACCOUNT_NAME], struct error *err);
/* For how many days such a code may be used: code_days of sign_in.csv. SB_PORTAL_TABLE when the pack does not say. */
int account_code_days(struct house *h, const char *role, int64_t *days, struct error *err);

extern const struct verb signin_verbs[];
verb_run security_get, security_totp_begin, security_totp_confirm, security_key_begin, security_key_confirm, security_remove,
    security_recovery; /* factor.c, enrol.c */
verb_run security_password, security_reset, security_session_end, security_sessions_end, security_of, security_end_of,
    security_link; /* account.c */

#endif
