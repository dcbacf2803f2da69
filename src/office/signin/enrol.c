/* SPDX-License-Identifier: Apache-2.0
 *
 * Setting up second factors and removing them, by their owner.
 */
#include "office/signin/own.h"

#include "base/rng.h"

#include <qrencode.h>
#include <sodium.h>
#include <string.h>

struct enrol {
        struct call *call;
        const json_t *in;
        json_t *o;
        int64_t id;
        const char *label, *code;
        struct seal_key secret;
        unsigned char wrapped[SEAL_KEY_BYTES + SEAL_OVERHEAD];
        unsigned char challenge[CHALLENGE_BYTES];
        struct webauthn_key key;
        char login[64], display[96];
};

/* Set up: the last proof that it works was just given, so it was shown. */
static int became_active(struct tx *tx, struct enrol *e, const char *kind, struct error *err)
{
        struct call *c = e->call;
        struct stmt *q;
        json_t *body = json_pack("{s:s,s:I}", "kind", kind, "factor", (json_int_t)e->id);
        int rc = tx_exec(tx, err, "UPDATE session SET factor_at = ?2@int WHERE id = ?1@int", "ii", c->visit->session,
                         clock_now(c->house->clock));

        put_int(e->o, "id", e->id);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE staff SET must_change = must_change - ?2@int WHERE id = ?1@int AND must_change >= ?2@int",
                             "ii", c->who.staff, (int64_t)RESET_FACTORS);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT 1 FROM recovery_code WHERE staff = ?1@int LIMIT 1", "i", c->who.staff);
        if (rc == 0)
                rc = recovery_renew(tx, c->house, c->who.staff, e->o, err);
        rc = rc < 0 ? rc : audit_add(tx, c, "security.factor_added", "staff", c->who.staff, body, err);
        json_decref(body);
        return rc;
}

static int room_need(struct tx *tx, int64_t staff, struct error *err)
{
        int64_t n = 0;
        int rc = factors_count(tx, staff, "active", &n, err);

        return rc == 0 && n >= FACTORS_MAX ? error_raise(err, SB_SIGNIN_MANY, "%d", FACTORS_MAX) : rc;
}

/* --- TOTP ------------------------------------------------------------------------------------------------------------------------------ */

static int totp_begin_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct enrol *e = ctx;
        struct call *c = e->call;
        struct stmt *q;
        int rc = visit_need(tx, c, true, err);

        rc = rc ? rc : room_need(tx, c->who.staff, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT login FROM staff WHERE id = ?1@int", "i", c->who.staff);
        if (rc == 1)
                text_copy(e->login, sizeof e->login, stmt_text(q, 0));
        rc = rc < 0 ? rc
                    : tx_exec(tx, err, "DELETE FROM second_factor WHERE staff = ?1@int AND state = 'asked'", "i", c->who.staff);
        return rc ? rc
                  : tx_exec(
                        tx, err,
                        "INSERT INTO second_factor (id, staff, kind, label, state, key_wrapped, last_step, algorithm, counter, "
                        "created_at, used_at) VALUES (?1@int, ?2@int, 'totp', ?3@text, 'asked', ?4@blob, 0, 0, 0, ?5@int, 0)",
                        "iitbi", e->id, c->who.staff, e->label, (struct str){(const char *)e->wrapped, sizeof e->wrapped},
                        clock_now(c->house->clock));
}

/* The squares of a QR code, a text of 0 and 1 for each row: a page draws them without a script of its own. */
static int qr_put(json_t *o, const char *text, struct error *err)
{
        QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
        json_t *rows = json_array();

        if (code == NULL) {
                json_decref(rows);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        for (int y = 0; y < code->width; y++) {
                char row[200];
                int n = code->width < (int)sizeof row ? code->width : (int)sizeof row - 1;
                for (int x = 0; x < n; x++)
                        row[x] = (code->data[y * code->width + x] & 1) != 0 ? '1' : '0';
                json_array_append_new(rows, json_stringn(row, (size_t)n));
        }
        QRcode_free(code);
        put_value(o, "qr", rows);
        return 0;
}

int security_totp_begin(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct enrol e = {.call = c, .in = in, .label = "", .o = json_object()};
        struct buf secret, uri;
        int rc = json_get_text(in, "label", false, &e.label, err);

        buf_init(&secret, 128);
        buf_init(&uri, 1024);
        seal_key_new(&e.secret);
        keyring_wrap(c->house->keys, &e.secret, e.wrapped);
        rc = rc ? rc : ids_next(c->house->ids, &e.id, err);
        rc = rc ? rc : store_write(c->house->store, totp_begin_apply, &e, err);
        if (rc == 0) {
                base32_text(&secret, e.secret.b, TOTP_SECRET);
                buf_add_format(&uri, "otpauth://totp/shebao:%s?secret=%s&issuer=shebao&algorithm=SHA1&digits=6&period=30",
                               e.login, buf_text(&secret));
                put_int(e.o, "id", e.id);
                put_text(e.o, "secret", buf_text(&secret));
                put_text(e.o, "uri", buf_text(&uri));
                rc = qr_put(e.o, buf_text(&uri), err);
        }
        sodium_memzero(&e.secret, sizeof e.secret);
        buf_dispose(&secret);
        buf_dispose(&uri);
        if (rc < 0)
                json_decref(e.o);
        else
                *out = e.o;
        return rc;
}

static int totp_confirm_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct enrol *e = ctx;
        struct call *c = e->call;
        struct seal_key key;
        struct stmt *q;
        int rc = visit_need(tx, c, true, err);

        json_object_clear(e->o);
        if (rc == 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT key_wrapped FROM second_factor WHERE id = ?1@int AND staff = ?2@int AND kind = 'totp' AND state "
                    "= 'asked' @lock",
                    "ii", e->id, c->who.staff);
        if (rc <= 0)
                return rc < 0 ? rc : error_raise(err, SB_SIGNIN_NONE, "%lld", (long long)e->id);
        rc = keyring_unwrap(c->house->keys, stmt_blob(q, 0), &key, err);
        int64_t step = rc < 0 ? 0 : totp_match(key.b, e->code, clock_now(c->house->clock), 0);
        sodium_memzero(&key, sizeof key);
        if (rc == 0 && step == 0)
                rc = error_raise(err, SB_SIGNIN_CODE, "%s", "");
        if (rc == 0)
                rc =
                    tx_exec(tx, err,
                            "UPDATE second_factor SET state = 'active', last_step = ?2@int, used_at = ?3@int WHERE id = ?1@int",
                            "iii", e->id, step, clock_now(c->house->clock));
        return rc ? rc : became_active(tx, e, "totp", err);
}

/* Run an apply that fills e->o, and hand it out. */
static int answered(struct enrol *e, store_apply *apply, json_t **out, struct error *err)
{
        int rc = store_write(e->call->house->store, apply, e, err);

        if (rc < 0)
                json_decref(e->o);
        else
                *out = e->o;
        return rc;
}

int security_totp_confirm(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct enrol e = {.call = c, .in = in};
        int rc = json_get_int(in, "factor", true, &e.id, err);

        rc = rc ? rc : json_get_text(in, "code", true, &e.code, err);
        if (rc < 0)
                return rc;
        e.o = json_object();
        return answered(&e, totp_confirm_apply, out, err);
}

/* --- WebAuthn -------------------------------------------------------------------------------------------------------------------------- */

static int key_begin_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct enrol *e = ctx;
        struct call *c = e->call;
        json_t *known = json_array();
        struct stmt *q = NULL;
        int rc = visit_need(tx, c, true, err);

        json_object_clear(e->o);
        rc = rc ? rc : room_need(tx, c->who.staff, err);
        rc = rc ? rc : challenge_put(tx, c->house, c->visit->session, e->challenge, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT login, display FROM staff WHERE id = ?1@int", "i", c->who.staff);
        if (rc == 1) {
                put_str(e->o, "login", stmt_text(q, 0));
                put_str(e->o, "display", stmt_text(q, 1));
        }
        if (rc >= 0)
                rc = tx_query(&q, tx, err,
                              "SELECT credential FROM second_factor WHERE staff = ?1@int AND kind = 'key' AND state = 'active'",
                              "i", c->who.staff);
        while ((rc = row_next(rc, q, err)) == 1) {
                struct buf text;
                buf_init(&text, 4096);
                base64_put(&text, stmt_blob(q, 0).p, stmt_blob(q, 0).n);
                json_array_append_new(known, json_string(buf_text(&text)));
                buf_dispose(&text);
        }
        put_value(e->o, "known", known);
        return rc;
}

int security_key_begin(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct enrol e = {.call = c, .in = in, .o = json_object()};
        struct rp rp;
        int rc = answered(&e, key_begin_apply, out, err);

        if (rc < 0)
                return rc;
        struct buf text;
        buf_init(&text, 512);
        rp_of(&rp, c->visit->origin);
        base64_put(&text, e.challenge, sizeof e.challenge);
        put_text(*out, "challenge", buf_text(&text));
        put_text(*out, "rp", rp.id);
        put_text(*out, "origin", rp.origin);
        /* The handle of the user tells nothing of them. */
        char number[32];
        text_format(number, sizeof number, "%lld", (long long)c->who.staff);
        struct hash handle = keyring_index(c->house->keys, "webauthn", str_from(number));
        buf_clear(&text);
        base64_put(&text, handle.b, HASH_BYTES);
        put_text(*out, "user", buf_text(&text));
        buf_dispose(&text);
        return 0;
}

static int challenge_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct enrol *e = ctx;
        int rc = visit_need(tx, e->call, true, err);

        return rc ? rc : challenge_take(tx, e->call->house, e->call->visit->session, e->challenge, err);
}

static int key_insert(struct tx *tx, void *ctx, struct error *err)
{
        struct enrol *e = ctx;
        struct call *c = e->call;
        int64_t n = 0;
        int rc = room_need(tx, c->who.staff, err);

        json_object_clear(e->o);
        if (rc == 0)
                rc = tx_exec_changed(
                    tx, &n, err,
                    "INSERT INTO second_factor (id, staff, kind, label, state, last_step, credential, algorithm, public_key, "
                    "counter, created_at, used_at) VALUES (?1@int, ?2@int, 'key', ?3@text, 'active', 0, ?4@blob, ?5@int, "
                    "?6@blob, "
                    "?7@int, ?8@int, ?8@int) ON CONFLICT DO NOTHING",
                    "iitbibii", e->id, c->who.staff, e->label, (struct str){e->key.id.p, e->key.id.n},
                    (int64_t)e->key.algorithm, (struct str){e->key.public_key.p, e->key.public_key.n}, (int64_t)e->key.counter,
                    clock_now(c->house->clock));
        if (rc == 0 && n == 0)
                rc = error_raise(err, SB_SIGNIN_KEY, "%s", ERROR_BOTH("it is set up already", "该密钥已登记"));
        return rc ? rc : became_active(tx, e, "key", err);
}

int security_key_confirm(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct enrol e = {.call = c, .in = in, .label = ""};
        struct buf client, data;
        struct rp rp;
        int rc = json_get_text(in, "label", false, &e.label, err);

        buf_init(&client, 4096);
        buf_init(&data, 4096);
        buf_init(&e.key.id, 2048);
        buf_init(&e.key.public_key, 2048);
        rc = rc ? rc : base64_field(in, "client_data", &client, err);
        rc = rc ? rc : base64_field(in, "authenticator_data", &data, err);
        rc = rc ? rc : ids_next(c->house->ids, &e.id, err);
        rc = rc ? rc : store_write(c->house->store, challenge_apply, &e, err);
        if (rc == 0) {
                rp_of(&rp, c->visit->origin);
                rc = webauthn_registered(&rp, e.challenge, (struct str){client.p, client.n}, (struct str){data.p, data.n},
                                         &e.key, err);
        }
        if (rc == 0) {
                e.o = json_object();
                rc = answered(&e, key_insert, out, err);
        }
        buf_dispose(&client);
        buf_dispose(&data);
        buf_dispose(&e.key.id);
        buf_dispose(&e.key.public_key);
        return rc;
}

/* --- removing, recovery codes ------------------------------------------------------------------------------------------------------ */

static int remove_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct enrol *e = ctx;
        struct call *c = e->call;
        int64_t left = 0, n = 0;
        struct stmt *q;
        int rc = visit_need(tx, c, true, err);

        if (rc == 0)
                rc = tx_exec_changed(tx, &n, err, "DELETE FROM second_factor WHERE id = ?1@int AND staff = ?2@int", "ii", e->id,
                                     c->who.staff);
        if (rc == 0 && n == 0)
                rc = error_raise(err, SB_SIGNIN_NONE, "%lld", (long long)e->id);
        rc = rc ? rc : factors_count(tx, c->who.staff, "active", &left, err);
        if (rc == 0 && left == 0) {
                rc = tx_one(&q, tx, err, "SELECT required FROM session WHERE id = ?1@int", "i", c->visit->session);
                if (rc == 1 && stmt_int(q, 0) != 0)
                        return error_raise(err, SB_SIGNIN_LAST, "%s", "");
                rc = rc < 0 ? rc : tx_exec(tx, err, "DELETE FROM recovery_code WHERE staff = ?1@int", "i", c->who.staff);
        }
        json_t *body = json_pack("{s:I}", "factor", (json_int_t)e->id);
        rc = rc ? rc : audit_add(tx, c, "security.factor_removed", "staff", c->who.staff, body, err);
        json_decref(body);
        return rc;
}

int security_remove(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct enrol e = {.call = c, .in = in};
        int rc = json_get_int(in, "factor", true, &e.id, err);

        if (rc < 0)
                return rc;
        e.o = json_object();
        return answered(&e, remove_apply, out, err);
}

static int recovery_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct enrol *e = ctx;
        struct call *c = e->call;
        int64_t n = 0;
        int rc = visit_need(tx, c, true, err);

        json_object_clear(e->o);
        rc = rc ? rc : factors_count(tx, c->who.staff, "active", &n, err);
        if (rc == 0 && n == 0)
                rc = error_raise(err, SB_SIGNIN_NONE, "%s", "");
        rc = rc ? rc : recovery_renew(tx, c->house, c->who.staff, e->o, err);
        return rc ? rc : audit_add(tx, c, "security.recovery", "staff", c->who.staff, NULL, err);
}

int security_recovery(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct enrol e = {.call = c, .in = in, .o = json_object()};

        return answered(&e, recovery_apply, out, err);
}
