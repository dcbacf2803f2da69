/* SPDX-License-Identifier: Apache-2.0 */
#include "office/signin/own.h"

#include "base/rng.h"
#include "office/emergency/emergency.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

/* seen_at is written at most once a minute, so that reading pages does not write. */
#define SESSION_TOUCH_US ((instant_t)60 * 1000000)
/* Who has shown a password and nothing more has so long for the rest. */
#define UNFINISHED_US ((instant_t)10 * 60 * 1000000)

static const char *const STAGES[] = {"factor", "change", "enrol", "full"};

const char *stage_word(enum stage s)
{
        return STAGES[s];
}

static enum stage stage_of(struct str word)
{
        for (int i = STAGE_FACTOR; i < STAGE_FULL; i++)
                if (str_is(word, STAGES[i]))
                        return (enum stage)i;
        return str_is(word, STAGES[STAGE_FULL]) ? STAGE_FULL : STAGE_FACTOR;
}

static void token_new(char out[TOKEN_TEXT])
{
        unsigned char raw[32];

        random_bytes(raw, sizeof raw);
        sodium_bin2base64(out, TOKEN_TEXT, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        sodium_memzero(raw, sizeof raw);
}

struct session_work {
        struct house *house;
        struct hash token, former;
        instant_t now, seen;
        day_t today;
        bool found, changed, anew;
        struct session *session;
        struct sign_in_policy policy;
        const struct visitor *visitor;
        int64_t failed;
};

static int session_read(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;
        struct session *s = w->session;
        struct stmt *q;

        w->found = false;
        int rc = tx_one(&q, tx, err,
                        "SELECT staff, seen_at, csrf, id, stage, required, factor_at, step_up_us, created_at, roles, office "
                        "FROM session WHERE token_hash = ?1@blob AND expires_at > ?2@int AND seen_at > ?2@int - idle_us",
                        "bi", hash_str(&w->token), w->now);
        if (rc <= 0)
                return rc;
        int64_t staff = stmt_int(q, 0), roles = stmt_int(q, 9), office = stmt_int(q, 10);
        w->seen = stmt_int(q, 1);
        text_copy(s->csrf, sizeof s->csrf, stmt_text(q, 2));
        s->id = stmt_int(q, 3);
        s->stage = stage_of(stmt_text(q, 4));
        s->required = stmt_int(q, 5) != 0;
        s->factor_at = stmt_int(q, 6);
        s->step_up_us = stmt_int(q, 7);
        s->created_at = stmt_int(q, 8);
        rc = staff_read(tx, staff, w->today, &s->staff, err);
        rc = rc ? rc : emergency_now(tx, staff, w->now, &s->emergency, &s->emergency_until, err);
        w->found = rc == 0;
        w->changed = rc == 0 && (s->staff.roles != (uint32_t)roles || s->staff.office != office);
        return rc;
}

static int session_touch(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;

        return tx_exec(tx, err, "UPDATE session SET seen_at = ?2@int WHERE token_hash = ?1@blob", "bi", hash_str(&w->token),
                       w->now);
}

static int session_delete(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;

        return tx_exec(tx, err, "DELETE FROM session WHERE token_hash = ?1@blob", "b", hash_str(&w->token));
}

int session_find(struct house *h, const char *token, struct session *out, struct error *err)
{
        struct session_work w = {.now = clock_now(h->clock), .today = clock_today(h->clock), .session = out};
        struct error fault = {0};

        if (token[0] == '\0')
                return error_raise(err, SB_HTTP_SIGN_IN, "%s", "");
        w.token = hash_of(token, strlen(token));
        int rc = store_read(h->store, session_read, &w, &fault);
        if (rc < 0 && fault.code != SB_STAFF_UNKNOWN) {
                if (err != NULL)
                        *err = fault;
                return rc;
        }
        /* What somebody may do has changed, or they left: the session was opened for another. */
        if (rc < 0 || w.changed) {
                rc = store_write(h->store, session_delete, &w, err);
                return rc < 0 ? rc : error_raise(err, SB_HTTP_SIGN_IN, "%s", "");
        }
        if (!w.found)
                return error_raise(err, SB_HTTP_SIGN_IN, "%s", "");
        if (w.now - w.seen > SESSION_TOUCH_US)
                return store_write(h->store, session_touch, &w, err);
        return 0;
}

/* What still stands between the owner and their work. */
static int stage_settle(struct tx *tx, struct session *s, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT s.must_change, (SELECT COUNT(*) FROM second_factor f WHERE f.staff = s.id AND f.state = "
                        "'active') FROM staff s WHERE s.id = ?1@int",
                        "i", s->staff.id);

        if (rc <= 0)
                return rc < 0 ? rc : error_raise(err, SB_STAFF_UNKNOWN, "%lld", (long long)s->staff.id);
        bool factors = stmt_int(q, 1) > 0;
        if (factors && s->factor_at == 0)
                s->stage = STAGE_FACTOR;
        else if ((stmt_int(q, 0) & RESET_PASSWORD) != 0)
                s->stage = STAGE_CHANGE;
        else
                s->stage = s->required && !factors ? STAGE_ENROL : STAGE_FULL;
        return 0;
}

static int session_insert(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;
        struct session *s = w->session;
        int rc = tx_exec(tx, err, "DELETE FROM session WHERE expires_at <= ?1@int OR seen_at <= ?1@int - idle_us", "i", w->now);

        if (rc == 0 && w->visitor->token[0] != '\0')
                rc = tx_exec(tx, err, "DELETE FROM session WHERE token_hash = ?1@blob", "b", hash_str(&w->former));
        rc = rc ? rc : stage_settle(tx, s, err);
        if (rc < 0)
                return rc;
        return tx_exec(
            tx, err,
            "INSERT INTO session (token_hash, id, staff, stage, roles, office, csrf, created_at, seen_at, expires_at, idle_us, "
            "factor_at, step_up_us, required, tries, failed_before, address, agent, challenge_until) VALUES (?1@blob, ?2@int, "
            "?3@int, ?4@text, ?5@int, ?6@int, ?7@text, ?8@int, ?8@int, ?9@int, ?10@int, 0, ?11@int, ?12@int, 0, ?13@int, "
            "?14@text, ?15@text, 0)",
            "biitiitiiiiiitt", hash_str(&w->token), s->id, s->staff.id, stage_word(s->stage), (int64_t)s->staff.roles,
            s->staff.office, s->csrf, w->now, w->now + (s->stage == STAGE_FULL ? w->policy.max_us : UNFINISHED_US),
            w->policy.idle_us, s->step_up_us, (int64_t)s->required, w->failed, w->visitor->address, w->visitor->agent);
}

static int session_open(struct house *h, int64_t pool, int64_t failed, const struct visitor *v, struct session *out,
                        char token[TOKEN_TEXT], struct error *err)
{
        struct session_work w = {.now = clock_now(h->clock), .session = out, .visitor = v, .failed = failed};
        int rc = sign_in_policy(h, pool, out->staff.roles, &w.policy, err);

        rc = rc ? rc : ids_next(h->ids, &out->id, err);
        if (rc < 0)
                return rc;
        out->required = w.policy.required;
        out->step_up_us = w.policy.step_up_us;
        out->factor_at = 0;
        out->created_at = w.now;
        token_new(token);
        token_new(out->csrf);
        w.token = hash_of(token, strlen(token));
        w.former = hash_of(v->token, strlen(v->token));
        return store_write(h->store, session_insert, &w, err);
}

int session_begin(struct house *h, int64_t pool, const char *login, const char *password, const struct visitor *v,
                  struct session *out, char token[TOKEN_TEXT], struct error *err)
{
        int64_t failed = 0;
        char name[ACCOUNT_NAME];
        int rc = account_name(h, login, name, err);

        rc = rc ? rc : staff_sign_in(h, name, password, &out->staff, &failed, err);

        return rc < 0 ? rc : session_open(h, pool, failed, v, out, token, err);
}

int session_begin_as(struct house *h, int64_t pool, const struct staff *staff, const struct visitor *v, struct session *out,
                     char token[TOKEN_TEXT], struct error *err)
{
        out->staff = *staff;
        return session_open(h, pool, 0, v, out, token, err);
}

int session_end(struct house *h, const char *token, struct error *err)
{
        struct session_work w = {.token = hash_of(token, strlen(token))};

        return store_write(h->store, session_delete, &w, err);
}

int sessions_end(struct tx *tx, int64_t staff, int64_t but, struct error *err)
{
        return tx_exec(tx, err, "DELETE FROM session WHERE staff = ?1@int AND id <> ?2@int", "ii", staff, but);
}

static int advance_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;
        struct session *s = w->session;
        enum stage before = s->stage;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT factor_at FROM session WHERE id = ?1@int", "i", s->id);

        if (rc <= 0)
                return rc < 0 ? rc : error_raise(err, SB_HTTP_SIGN_IN, "%s", "");
        s->factor_at = stmt_int(q, 0);
        rc = stage_settle(tx, s, err);
        w->changed = rc == 0 && (w->anew || s->stage != before);
        if (rc < 0 || !w->changed)
                return rc;
        return tx_exec(
            tx, err,
            "UPDATE session SET token_hash = ?2@blob, stage = ?3@text, csrf = ?4@text, tries = 0, seen_at = ?5@int, expires_at "
            "= CASE WHEN ?7@int = 1 THEN created_at + ?6@int ELSE expires_at END WHERE id = ?1@int",
            "ibttiii", s->id, hash_str(&w->token), stage_word(s->stage), s->csrf, w->now, w->policy.max_us,
            (int64_t)(s->stage == STAGE_FULL));
}

int session_advance(struct house *h, int64_t pool, struct session *s, bool anew, bool *rotated, char token[TOKEN_TEXT],
                    struct error *err)
{
        struct session_work w = {.now = clock_now(h->clock), .anew = anew};
        struct session now = *s;
        char fresh[TOKEN_TEXT];
        int rc = sign_in_policy(h, pool, s->staff.roles, &w.policy, err);

        token_new(fresh);
        token_new(now.csrf);
        w.session = &now;
        w.token = hash_of(fresh, strlen(fresh));
        rc = rc ? rc : store_write(h->store, advance_apply, &w, err);
        *rotated = rc == 0 && w.changed;
        if (*rotated) {
                *s = now;
                memcpy(token, fresh, sizeof fresh);
        }
        sodium_memzero(fresh, sizeof fresh);
        return rc;
}
