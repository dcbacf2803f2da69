/* SPDX-License-Identifier: Apache-2.0
 *
 * Showing a second factor (第二步验证): at sign-in, and again before what is signed.
 */
#include "office/signin/own.h"

#include "base/rng.h"

#include <assert.h>
#include <ctype.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CHALLENGE_US ((instant_t)5 * 60 * 1000000)
#define TRIES_MAX 5

int visit_need(struct tx *tx, const struct call *c, bool careful, struct error *err)
{
        int64_t factors = 0;

        if (c->visit == NULL)
                return error_raise(err, SB_SIGNIN_SESSION, "%s", "");
        if (!careful || c->visit->fresh)
                return 0;
        int rc = factors_count(tx, c->who.staff, "active", &factors, err);
        return rc == 0 && factors > 0 ? error_raise(err, SB_SIGNIN_STEP_UP, "%s", "") : rc;
}

int factors_count(struct tx *tx, int64_t staff, const char *state, int64_t *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM second_factor WHERE staff = ?1@int AND state = ?2@text", "it", staff,
                        state);

        *out = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

struct hash recovery_hash(const struct house *h, int64_t staff, const char *code)
{
        char text[64];
        size_t n = (size_t)snprintf(text, 24, "%lld:", (long long)staff);

        for (; *code != '\0' && n + 1 < sizeof text; code++)
                if (isalnum((unsigned char)*code))
                        text[n++] = (char)toupper((unsigned char)*code);
        text[n] = '\0';
        struct hash out = keyring_index(h->keys, "recovery", (struct str){text, n});
        sodium_memzero(text, sizeof text);
        return out;
}

int recovery_renew(struct tx *tx, struct house *h, int64_t staff, json_t *o, struct error *err)
{
        json_t *codes = json_array();
        int rc = tx_exec(tx, err, "DELETE FROM recovery_code WHERE staff = ?1@int", "i", staff);

        for (int i = 0; rc == 0 && i < RECOVERY_CODES; i++) {
                unsigned char raw[10]; /* 80 bits: four groups of four letters and digits */
                char code[24];
                struct buf text;
                buf_init(&text, 64);
                random_bytes(raw, sizeof raw);
                base32_text(&text, raw, sizeof raw);
                const char *t = buf_text(&text);
                text_format(code, sizeof code, "%.4s-%.4s-%.4s-%.4s", t, t + 4, t + 8, t + 12);
                struct hash hash = recovery_hash(h, staff, code);
                json_array_append_new(codes, json_string(code));
                rc = tx_exec(tx, err,
                             "INSERT INTO recovery_code (staff, code_hash, created_at, used_at) VALUES (?1@int, ?2@blob, "
                             "?3@int, 0)",
                             "ibi", staff, hash_str(&hash), clock_now(h->clock));
                buf_dispose(&text);
        }
        put_value(o, "recovery_codes", codes);
        return rc;
}

int challenge_put(struct tx *tx, const struct house *h, int64_t session, unsigned char out[CHALLENGE_BYTES], struct error *err)
{
        random_bytes(out, CHALLENGE_BYTES);
        return tx_exec(tx, err, "UPDATE session SET challenge = ?2@blob, challenge_until = ?3@int WHERE id = ?1@int", "ibi",
                       session, (struct str){(const char *)out, CHALLENGE_BYTES}, clock_now(h->clock) + CHALLENGE_US);
}

int challenge_take(struct tx *tx, const struct house *h, int64_t session, unsigned char out[CHALLENGE_BYTES], struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT challenge FROM session WHERE id = ?1@int AND challenge_until > ?2@int @lock", "ii",
                        session, clock_now(h->clock));

        if (rc <= 0 || stmt_blob(q, 0).n != CHALLENGE_BYTES)
                return rc < 0 ? rc
                              : error_raise(err, SB_SIGNIN_KEY, "%s",
                                            ERROR_BOTH("the question was another one, or is over", "验证请求不符或已过期"));
        memcpy(out, stmt_blob(q, 0).p, CHALLENGE_BYTES);
        return tx_exec(tx, err, "UPDATE session SET challenge = NULL, challenge_until = 0 WHERE id = ?1@int", "i", session);
}

/* --- what may be shown ------------------------------------------------------------------------------------------------------------ */

struct offer {
        struct house *house;
        struct session *session;
        const struct rp *rp;
        json_t *o;
};

static int offer_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct offer *f = ctx;
        json_t *keys = json_array();
        unsigned char challenge[CHALLENGE_BYTES];
        bool totp = false;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT kind, credential FROM second_factor WHERE staff = ?1@int AND state = 'active' ORDER BY id",
                          "i", f->session->staff.id);

        json_object_clear(f->o);
        while ((rc = row_next(rc, q, err)) == 1) {
                totp = totp || str_is(stmt_text(q, 0), "totp");
                if (str_is(stmt_text(q, 0), "key")) {
                        struct str id = stmt_blob(q, 1);
                        struct buf text;
                        buf_init(&text, 4096);
                        base64_put(&text, id.p, id.n);
                        json_array_append_new(keys, json_string(buf_text(&text)));
                        buf_dispose(&text);
                }
        }
        rc = rc ? rc : challenge_put(tx, f->house, f->session->id, challenge, err);
        if (rc == 0) {
                struct buf text;
                buf_init(&text, 128);
                base64_put(&text, challenge, sizeof challenge);
                put_text(f->o, "challenge", buf_text(&text));
                put_text(f->o, "rp", f->rp->id);
                put_text(f->o, "origin", f->rp->origin);
                put_bool(f->o, "totp", totp);
                buf_dispose(&text);
        }
        put_value(f->o, "keys", keys);
        return rc;
}

int factors_offer(struct house *h, struct session *s, const struct rp *rp, json_t *o, struct error *err)
{
        struct offer f = {.house = h, .session = s, .rp = rp, .o = o};

        return store_write(h->store, offer_apply, &f, err);
}

/* --- showing it ------------------------------------------------------------------------------------------------------------------- */

struct show {
        struct house *house;
        struct session *session;
        const struct rp *rp;
        const char *kind, *code;
        struct buf credential, data, client, signature; /* what the browser answered */
        /* read */
        unsigned char challenge[CHALLENGE_BYTES];
        struct {
                int64_t id, last;
                unsigned char secret[TOTP_SECRET];
        } totp[FACTORS_MAX];
        int totps;
        int64_t key;
        int algorithm;
        uint32_t counter, counter_now;
        struct buf public_key;
        /* found */
        int64_t factor, step;
};

static int totp_read(struct tx *tx, struct show *w, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, last_step, key_wrapped FROM second_factor WHERE staff = ?1@int AND kind = 'totp' AND state = "
                     "'active' ORDER BY id",
                     "i", w->session->staff.id);

        w->totps = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                struct seal_key key;
                rc = keyring_unwrap(w->house->keys, stmt_blob(q, 2), &key, err);
                if (rc == 0 && w->totps < FACTORS_MAX) {
                        w->totp[w->totps].id = stmt_int(q, 0);
                        w->totp[w->totps].last = stmt_int(q, 1);
                        memcpy(w->totp[w->totps++].secret, key.b, TOTP_SECRET);
                }
                sodium_memzero(&key, sizeof key);
        }
        return rc;
}

static int key_read(struct tx *tx, struct show *w, struct error *err)
{
        struct stmt *q;
        int rc = challenge_take(tx, w->house, w->session->id, w->challenge, err);

        w->key = 0;
        buf_clear(&w->public_key);
        if (rc == 0)
                rc =
                    tx_one(&q, tx, err,
                           "SELECT id, algorithm, public_key, counter FROM second_factor WHERE staff = ?1@int AND credential = "
                           "?2@blob AND state = 'active'",
                           "ib", w->session->staff.id, (struct str){w->credential.p, w->credential.n});
        if (rc <= 0)
                return rc;
        w->key = stmt_int(q, 0);
        w->algorithm = (int)stmt_int(q, 1);
        buf_add_str(&w->public_key, stmt_blob(q, 2));
        w->counter = w->counter_now = (uint32_t)stmt_int(q, 3);
        return 0;
}

static int show_read(struct tx *tx, void *ctx, struct error *err)
{
        struct show *w = ctx;

        return strcmp(w->kind, "totp") == 0 ? totp_read(tx, w, err) : strcmp(w->kind, "key") == 0 ? key_read(tx, w, err) : 0;
}

/* What was shown is right: used up, so that it is not shown twice. */
static int use_up(struct tx *tx, struct show *w, int64_t *taken, struct error *err)
{
        instant_t now = clock_now(w->house->clock);
        struct hash hash;

        if (strcmp(w->kind, "totp") == 0)
                return tx_exec_changed(tx, taken, err,
                                       "UPDATE second_factor SET last_step = ?2@int, used_at = ?3@int WHERE id = ?1@int AND "
                                       "last_step < ?2@int AND state = 'active'",
                                       "iii", w->factor, w->step, now);
        if (strcmp(w->kind, "key") == 0)
                return tx_exec_changed(
                    tx, taken, err,
                    "UPDATE second_factor SET counter = ?2@int, used_at = ?3@int WHERE id = ?1@int AND counter "
                    "= ?4@int AND state = 'active'",
                    "iiii", w->factor, (int64_t)w->counter_now, now, (int64_t)w->counter);
        hash = recovery_hash(w->house, w->session->staff.id, w->code);
        return tx_exec_changed(
            tx, taken, err,
            "UPDATE recovery_code SET used_at = ?3@int WHERE staff = ?1@int AND code_hash = ?2@blob AND used_at = 0", "ibi",
            w->session->staff.id, hash_str(&hash), now);
}

static int show_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct show *w = ctx;
        struct call c = {.house = w->house, .who = staff_actor(&w->session->staff, LANG_ZH)};
        int64_t taken = 0;
        int rc = use_up(tx, w, &taken, err);

        if (rc == 0 && taken == 0)
                return error_raise(err, SB_SIGNIN_CODE, "%s", "");
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE session SET factor_at = ?2@int WHERE id = ?1@int", "ii", w->session->id,
                             clock_now(w->house->clock));
        json_t *body = json_pack("{s:s,s:I}", "kind", w->kind, "factor", (json_int_t)w->factor);
        rc = rc ? rc : audit_add(tx, &c, "security.shown", "staff", w->session->staff.id, body, err);
        json_decref(body);
        return rc;
}

static int wrong_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct show *w = ctx;
        int rc = tx_exec(tx, err, "UPDATE session SET tries = tries + 1 WHERE id = ?1@int", "i", w->session->id);

        return rc ? rc
                  : tx_exec(tx, err, "DELETE FROM session WHERE id = ?1@int AND tries >= ?2@int AND stage = 'factor'", "ii",
                            w->session->id, (int64_t)TRIES_MAX);
}

static int show_check(struct show *w, struct error *err)
{
        instant_t now = clock_now(w->house->clock);

        if (strcmp(w->kind, "recovery") == 0)
                return 0; /* the hash is asked for when it is used up */
        if (strcmp(w->kind, "key") == 0) {
                w->factor = w->key;
                return w->key == 0
                           ? error_raise(err, SB_SIGNIN_KEY, "%s", ERROR_BOTH("nobody set it up here", "该密钥未登记"))
                           : webauthn_shown(w->rp, w->challenge, (struct str){w->client.p, w->client.n},
                                            (struct str){w->data.p, w->data.n}, (struct str){w->signature.p, w->signature.n},
                                            w->algorithm, (struct str){w->public_key.p, w->public_key.n}, &w->counter_now, err);
        }
        for (int i = 0; i < w->totps && w->step == 0; i++)
                if ((w->step = totp_match(w->totp[i].secret, w->code, now, w->totp[i].last)) != 0)
                        w->factor = w->totp[i].id;
        return w->step == 0 ? error_raise(err, SB_SIGNIN_CODE, "%s", "") : 0;
}

static int show_take(struct show *w, const json_t *in, struct error *err)
{
        int rc = json_get_text(in, "kind", true, &w->kind, err);

        if (rc == 0 && strcmp(w->kind, "key") == 0) {
                rc = base64_field(in, "id", &w->credential, err);
                rc = rc ? rc : base64_field(in, "authenticator_data", &w->data, err);
                rc = rc ? rc : base64_field(in, "client_data", &w->client, err);
                return rc ? rc : base64_field(in, "signature", &w->signature, err);
        }
        if (rc == 0 && strcmp(w->kind, "totp") != 0 && strcmp(w->kind, "recovery") != 0)
                rc = error_raise(err, SB_FIELD_TYPE, "%s|%s", "kind", "totp, recovery, key");
        return rc ? rc : json_get_text(in, "code", true, &w->code, err);
}

int factor_show(struct house *h, struct session *s, const struct rp *rp, const json_t *in, struct error *err)
{
        struct show *w = calloc(1, sizeof *w);
        struct error counting = {0}, fault = {0};

        if (w == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        w->house = h;
        w->session = s;
        w->rp = rp;
        buf_init(&w->credential, 2048);
        buf_init(&w->data, 4096);
        buf_init(&w->client, 4096);
        buf_init(&w->signature, 2048);
        buf_init(&w->public_key, 2048);
        int rc = show_take(w, in, &fault);
        rc = rc ? rc : store_write(h->store, show_read, w, &fault);
        rc = rc ? rc : show_check(w, &fault);
        rc = rc ? rc : store_write(h->store, show_apply, w, &fault);
        if (rc < 0 && (fault.code == SB_SIGNIN_CODE || fault.code == SB_SIGNIN_KEY) &&
            store_write(h->store, wrong_apply, w, &counting) < 0)
                fault = counting;
        if (rc < 0 && err != NULL)
                *err = fault;
        buf_dispose(&w->credential);
        buf_dispose(&w->data);
        buf_dispose(&w->client);
        buf_dispose(&w->signature);
        buf_dispose(&w->public_key);
        sodium_memzero(w, sizeof *w);
        free(w);
        return rc;
}
