/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include "base/rng.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#define SESSION_IDLE_US ((instant_t)30 * 60 * 1000000)
#define SESSION_MAX_US ((instant_t)12 * 3600 * 1000000)
/* seen_at is written at most once a minute, so that reading pages does not write. */
#define SESSION_TOUCH_US ((instant_t)60 * 1000000)

static void token_new(char out[TOKEN_TEXT])
{
        unsigned char raw[32];

        random_bytes(raw, sizeof raw);
        sodium_bin2base64(out, TOKEN_TEXT, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
        sodium_memzero(raw, sizeof raw);
}

struct session_work {
        struct hash token;
        instant_t now, seen;
        day_t today;
        bool found;
        struct session *session;
};

static int session_read(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;
        struct stmt *q;

        w->found = false;
        int rc = tx_one(&q, tx, err,
                        "SELECT staff, seen_at, csrf FROM session WHERE token_hash = ?1@blob AND expires_at > ?2@int "
                        "AND seen_at > ?3@int",
                        "bii", hash_str(&w->token), w->now, w->now - SESSION_IDLE_US);
        if (rc <= 0)
                return rc;
        int64_t staff = stmt_int(q, 0);
        w->seen = stmt_int(q, 1);
        text_copy(w->session->csrf, sizeof w->session->csrf, stmt_text(q, 2));
        rc = staff_read(tx, staff, w->today, &w->session->staff, err);
        w->found = rc == 0;
        return rc;
}

static int session_touch(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;

        return tx_exec(tx, err, "UPDATE session SET seen_at = ?2@int WHERE token_hash = ?1@blob", "bi", hash_str(&w->token),
                       w->now);
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
        if (rc < 0 || !w.found)
                return error_raise(err, SB_HTTP_SIGN_IN, "%s", "");
        if (w.now - w.seen > SESSION_TOUCH_US)
                return store_write(h->store, session_touch, &w, err);
        return 0;
}

static int session_insert(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;
        int rc = tx_exec(tx, err, "DELETE FROM session WHERE expires_at <= ?1@int OR seen_at <= ?2@int", "ii", w->now,
                         w->now - SESSION_IDLE_US);

        if (rc < 0)
                return rc;
        return tx_exec(tx, err,
                       "INSERT INTO session (token_hash, staff, created_at, seen_at, expires_at, csrf) VALUES "
                       "(?1@blob, ?2@int, ?3@int, ?3@int, ?4@int, ?5@text)",
                       "biiit", hash_str(&w->token), w->session->staff.id, w->now, w->now + SESSION_MAX_US, w->session->csrf);
}

int session_begin(struct house *h, const char *login, const char *password, struct session *out, char token[TOKEN_TEXT],
                  struct error *err)
{
        struct session_work w = {.now = clock_now(h->clock), .session = out};

        int rc = staff_sign_in(h, login, password, &out->staff, err);
        if (rc < 0)
                return rc;
        token_new(token);
        token_new(out->csrf);
        w.token = hash_of(token, strlen(token));
        return store_write(h->store, session_insert, &w, err);
}

static int session_delete(struct tx *tx, void *ctx, struct error *err)
{
        struct session_work *w = ctx;

        return tx_exec(tx, err, "DELETE FROM session WHERE token_hash = ?1@blob", "b", hash_str(&w->token));
}

int session_end(struct house *h, const char *token, struct error *err)
{
        struct session_work w = {.token = hash_of(token, strlen(token))};

        return store_write(h->store, session_delete, &w, err);
}
