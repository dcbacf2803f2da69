/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing in: one-time codes (vectors of RFC 6238), recovery codes, security keys made with OpenSSL, what a session may do before it is
 * full, a fresh factor before what is signed, passwords, resets, sessions that end.
 */
#include "http/fixture.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <string.h>

static int verb_done(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        (void)c;
        (void)in;
        (void)err;
        *out = json_object();
        return 0;
}

#define NOTHING "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{}}"
/* Named as step_up.csv of packs/cn names it. */
static const struct verb VERBS[] = {
    {"payment.release", VERB_WRITE, DUTY_ALL, "POST", "/api/release", "Release", "放行", NOTHING, "{\"type\":\"object\"}",
     verb_done, SCOPE_EVERYWHERE},
    {"test.look", VERB_READ, DUTY_ALL, "GET", "/api/look", "Look", "看", NOTHING, "{\"type\":\"object\"}", verb_done,
     SCOPE_EVERYWHERE},
    {0},
};
static const struct verb *const TABLES[] = {VERBS, signin_verbs, NULL};

static int optional_up(void **state)
{
        *state = fixture_new(TABLES, NULL, 0);
        return 0;
}
static int required_up(void **state)
{
        *state = fixture_new(TABLES, "packs/cn", ROLE_APPROVER);
        return 0;
}
static int down(void **state)
{
        fixture_free(*state);
        return 0;
}

/* RFC 6238, appendix B: the last six of its eight digits. */
static void codes_are_those_of_the_rfc(void **state)
{
        static const struct {
                int64_t time;
                uint32_t code;
        } vectors[] = {{59, 94287082},         {1111111109, 7081804},  {1111111111, 14050471},
                       {1234567890, 89005924}, {2000000000, 69279037}, {20000000000, 65353130}};
        const unsigned char *secret = (const unsigned char *)"12345678901234567890";
        char code[8];

        (void)state;
        for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
                int64_t step = vectors[i].time / 30;
                assert_int_equal(totp_code(secret, 20, step), vectors[i].code % 1000000);
                text_format(code, sizeof code, "%06u", vectors[i].code % 1000000);
                instant_t now = vectors[i].time * 1000000;
                assert_int_equal(totp_match(secret, code, now, 0), step);
                assert_int_equal(totp_match(secret, code, now + (instant_t)30 * 1000000, 0), step);
                assert_int_equal(totp_match(secret, code, now, step), 0); /* used */
                assert_int_equal(totp_match(secret, code, now + (instant_t)90 * 1000000, 0), 0);
        }
        assert_int_equal(totp_match(secret, "28708", (instant_t)59 * 1000000, 0), 0);
        assert_int_equal(totp_match(secret, "287082x", (instant_t)59 * 1000000, 0), 0);
        struct buf text;
        buf_init(&text, 64);
        base32_text(&text, secret, 20);
        assert_string_equal(buf_text(&text), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        buf_clear(&text);
        base32_text(&text, (const unsigned char *)"foob", 4);
        assert_string_equal(buf_text(&text), "MZXW6YQ"); /* RFC 4648 §10 without its padding */
        buf_dispose(&text);
}

static void base32_read(const char *text, unsigned char *out, size_t n)
{
        uint32_t bits = 0;
        int have = 0;
        size_t k = 0;

        for (; *text != '\0' && k < n; text++) {
                bits = bits << 5 | (uint32_t)(*text >= 'A' ? *text - 'A' : *text - '2' + 26);
                have += 5;
                if (have >= 8) {
                        out[k++] = (unsigned char)(bits >> (have - 8));
                        have -= 8;
                        bits &= (1u << have) - 1;
                }
        }
}

static void code_now(struct fixture *f, const unsigned char *secret, char *body, size_t size)
{
        uint32_t code = totp_code(secret, TOTP_SECRET, clock_now(f->house.clock) / 1000000 / 30);

        text_format(body, size, "{\"kind\":\"totp\",\"code\":\"%06u\"}", code);
}

static void half_minute(struct fixture *f)
{
        clock_advance(f->house.clock, (instant_t)30 * 1000000);
}

/* Set up one-time codes; the secret, and one of the recovery codes. */
static void enrol(struct fixture *f, unsigned char secret[TOTP_SECRET], char recovery[24])
{
        char path[64], body[64];
        json_t *begun = told(f, ask(f, "POST", "/api/security/totp", "{\"label\":\"phone\"}"), 200);

        base32_read(json_text(begun, "secret"), secret, TOTP_SECRET);
        assert_non_null(strstr(json_text(begun, "uri"), "otpauth://totp/shebao:"));
        assert_true(json_array_size(json_object_get(begun, "qr")) > 20);
        text_format(path, sizeof path, "/api/security/totp/%lld", (long long)json_integer_value(json_object_get(begun, "id")));
        json_decref(begun);
        expect(ask(f, "POST", path, "{\"code\":\"abc\"}"), 403, "SB-0864");
        text_format(body, sizeof body, "{\"code\":\"%06u\"}",
                    totp_code(secret, TOTP_SECRET, clock_now(f->house.clock) / 1000000 / 30));
        json_t *done = told(f, ask(f, "POST", path, body), 200);
        assert_int_equal(json_array_size(json_object_get(done, "recovery_codes")), 10);
        text_copy(recovery, 24, str_from(json_string_value(json_array_get(json_object_get(done, "recovery_codes"), 3))));
        json_decref(done);
        json_decref(told(f, ask(f, "GET", "/api/session", NULL), 200));
}

static void a_required_factor_comes_first(void **state)
{
        struct fixture *f = *state;
        unsigned char secret[TOTP_SECRET];
        char recovery[24], body[96], before[TOKEN_TEXT];

        expect(ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"demonstration\"}"), 200,
               "\"stage\":\"enrol\"");
        sign_in(f, "clerk");
        expect(ask(f, "GET", "/api/look", NULL), 403, "SB-0862");
        expect(ask(f, "POST", "/api/release", "{}"), 403, "SB-0862");
        expect(ask(f, "POST", "/api/security/password", "{\"old\":\"x\",\"new\":\"y\"}"), 403, "SB-0862");
        memcpy(before, f->token, sizeof before);
        enrol(f, secret, recovery);
        assert_string_not_equal(before, f->token); /* another right, another token */
        expect(ask(f, "GET", "/api/look", NULL), 200, NULL);

        /* Signing in from now on: password, then the code; a code is taken once. */
        half_minute(f);
        sign_in(f, "clerk");
        expect(ask(f, "GET", "/api/look", NULL), 403, "SB-0860");
        expect(ask(f, "GET", "/api/security", NULL), 403, "SB-0860");
        expect(ask(f, "POST", "/api/session/factor", "{\"kind\":\"totp\",\"code\":\"000000\"}"), 403, "SB-0864");
        code_now(f, secret, body, sizeof body);
        json_decref(told(f, ask(f, "POST", "/api/session/factor", body), 200));
        expect(ask(f, "GET", "/api/look", NULL), 200, NULL);
        sign_in(f, "clerk");
        expect(ask(f, "POST", "/api/session/factor", body), 403, "SB-0864");

        /* A recovery code, once, however it is typed. */
        text_format(body, sizeof body, "{\"kind\":\"recovery\",\"code\":\"%c%c%c%c %s\"}", recovery[0], recovery[1],
                    recovery[2], recovery[3], recovery + 5);
        json_decref(told(f, ask(f, "POST", "/api/session/factor", body), 200));
        expect(ask(f, "GET", "/api/security", NULL), 200, "\"recovery_left\":9");
        sign_in(f, "clerk");
        expect(ask(f, "POST", "/api/session/factor", body), 403, "SB-0864");
        /* Five wrong ones end what was begun. */
        for (int i = 0; i < 3; i++)
                expect(ask(f, "POST", "/api/session/factor", "{\"kind\":\"totp\",\"code\":\"000000\"}"), 403, "SB-0864");
        expect(ask(f, "POST", "/api/session/factor", "{\"kind\":\"totp\",\"code\":\"000000\"}"), 403, "SB-0864");
        expect(ask(f, "POST", "/api/session/factor", "{\"kind\":\"totp\",\"code\":\"000000\"}"), 401, "SB-0802");
}

static void the_last_required_factor_stays(void **state)
{
        struct fixture *f = *state;
        unsigned char secret[TOTP_SECRET];
        char recovery[24], path[64];

        sign_in(f, "clerk");
        enrol(f, secret, recovery);
        json_t *mine = told(f, ask(f, "GET", "/api/security", NULL), 200);
        json_t *factor = json_array_get(json_object_get(mine, "factors"), 0);
        text_format(path, sizeof path, "/api/security/factors/%lld/remove",
                    (long long)json_integer_value(json_object_get(factor, "id")));
        json_decref(mine);
        expect(ask(f, "POST", path, "{}"), 409, "SB-0866");
}

static void what_is_signed_asks_again(void **state)
{
        struct fixture *f = *state;
        unsigned char secret[TOTP_SECRET];
        char recovery[24], body[96], before[TOKEN_TEXT];

        sign_in(f, "clerk");
        enrol(f, secret, recovery);
        expect(ask(f, "POST", "/api/release", "{}"), 200, NULL);
        clock_advance(f->house.clock, (instant_t)14 * 60 * 1000000);
        expect(ask(f, "POST", "/api/release", "{}"), 200, NULL);
        clock_advance(f->house.clock, (instant_t)2 * 60 * 1000000);
        expect(ask(f, "POST", "/api/release", "{}"), 403, "SB-0863");
        expect(ask(f, "GET", "/api/look", NULL), 200, NULL);
        expect(ask(f, "POST", "/api/security/recovery", "{}"), 403, "SB-0863");
        memcpy(before, f->token, sizeof before);
        code_now(f, secret, body, sizeof body);
        json_decref(told(f, ask(f, "POST", "/api/session/factor", body), 200));
        assert_string_not_equal(before, f->token);
        expect(ask(f, "POST", "/api/release", "{}"), 200, NULL);
        char now[TOKEN_TEXT];
        memcpy(now, f->token, sizeof now);
        memcpy(f->token, before, sizeof before);
        expect(ask(f, "GET", "/api/look", NULL), 401, "SB-0802");
        memcpy(f->token, now, sizeof now);
        /* The pack lets an approver be idle for 20 minutes. */
        clock_advance(f->house.clock, (instant_t)21 * 60 * 1000000);
        expect(ask(f, "GET", "/api/look", NULL), 401, "SB-0802");
}

static void passwords_are_long_and_new(void **state)
{
        struct fixture *f = *state;
        static const char *const refused[] = {"short",         "demonstration",     "111111111111111",   "123456789012345",
                                              "Password1234!", "the-clerk-is-here", "abcdefghijklmnopq", "qwertyuiop12345"};
        char body[160], other[TOKEN_TEXT];

        sign_in(f, "clerk");
        memcpy(other, f->token, sizeof other);
        f->token[0] = '\0';
        sign_in(f, "clerk");
        expect(ask(f, "POST", "/api/security/password", "{\"old\":\"wrong one\",\"new\":\"a field of red poppies\"}"), 403,
               "SB-0868");
        for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
                text_format(body, sizeof body, "{\"old\":\"demonstration\",\"new\":\"%s\"}", refused[i]);
                expect(ask(f, "POST", "/api/security/password", body), 422, "SB-0867");
        }
        expect(ask(f, "POST", "/api/security/password", "{\"old\":\"demonstration\",\"new\":\"a field of red poppies\"}"), 200,
               NULL);
        expect(ask(f, "GET", "/api/look", NULL), 200, NULL);
        clock_advance(f->house.clock, (instant_t)1000000);
        char mine[TOKEN_TEXT];
        memcpy(mine, f->token, sizeof mine);
        memcpy(f->token, other, sizeof other);
        expect(ask(f, "GET", "/api/look", NULL), 401, "SB-0802");
        memcpy(f->token, mine, sizeof mine);
        expect(
            ask(f, "POST", "/api/security/password", "{\"old\":\"a field of red poppies\",\"new\":\"a field of red poppies\"}"),
            422, "used before");
        expect(ask(f, "POST", "/api/security/password", "{\"old\":\"a field of red poppies\",\"new\":\"seven grey herons\"}"),
               200, NULL);
        expect(ask(f, "POST", "/api/security/password", "{\"old\":\"seven grey herons\",\"new\":\"a field of red poppies\"}"),
               422, "used before");
}

static int64_t one(struct fixture *f, const char *sql);

static void an_administrator_resets_with_trace(void **state)
{
        struct fixture *f = *state;
        unsigned char secret[TOTP_SECRET];
        char recovery[24], once[40], body[128], code[96];

        fixture_staff(f, 8, "admin", ROLE_ADMIN);
        fixture_staff(f, 9, "admin2", ROLE_ADMIN);
        sign_in(f, "clerk");
        enrol(f, secret, recovery);
        char clerk[TOKEN_TEXT];
        memcpy(clerk, f->token, sizeof clerk);
        expect(ask(f, "POST", "/api/staff/8/reset", "{\"what\":\"password\",\"reason\":\"lost it\"}"), 403, NULL);
        f->token[0] = '\0';
        sign_in(f, "admin");
        expect(ask(f, "POST", "/api/staff/8/reset", "{\"what\":\"password\",\"reason\":\"lost it\"}"), 409, "SB-0872");
        json_t *reset = told(f, ask(f, "POST", "/api/staff/7/reset", "{\"what\":\"password\",\"reason\":\"lost it\"}"), 200);
        text_copy(once, sizeof once, str_from(json_text(reset, "password")));
        assert_int_equal(strlen(once), 24);
        json_decref(reset);
        /* One administrator alone does not become somebody else. */
        expect(ask(f, "POST", "/api/staff/7/reset", "{\"what\":\"factors\",\"reason\":\"lost it\"}"), 409, "SB-0874");
        expect(ask(f, "GET", "/api/staff/7/security", NULL), 200, "\"must_change\":true");
        f->token[0] = '\0';
        sign_in(f, "admin2");
        expect(ask(f, "POST", "/api/staff/7/reset", "{\"what\":\"factors\",\"reason\":\"lost it\"}"), 200, NULL);
        memcpy(f->token, clerk, sizeof clerk);
        expect(ask(f, "GET", "/api/look", NULL), 401, "SB-0802");
        text_format(body, sizeof body, "{\"login\":\"clerk\",\"password\":\"%s\"}", once);
        json_decref(told(f, ask(f, "POST", "/api/session", body), 200));
        expect(ask(f, "GET", "/api/look", NULL), 403, "SB-0861");
        text_format(body, sizeof body, "{\"old\":\"%s\",\"new\":\"a field of red poppies\"}", once);
        expect(ask(f, "POST", "/api/security/password", body), 200, NULL);
        json_decref(
            told(f, ask(f, "POST", "/api/session", "{\"login\":\"clerk\",\"password\":\"a field of red poppies\"}"), 200));
        expect(ask(f, "GET", "/api/look", NULL), 200, NULL);
        expect(ask(f, "GET", "/api/security", NULL), 200, "\"factors\":[]");
        code_now(f, secret, code, sizeof code);
        expect(ask(f, "POST", "/api/session/factor", code), 403, "SB-0864");
        assert_int_equal(one(f, "SELECT COUNT(*) FROM audit_row WHERE verb = 'security.reset' AND subject = 7"), 2);
        /* Nothing that was secret is kept under a key or in the trail. */
        assert_int_equal(one(f, "SELECT COUNT(*) FROM idempotency"), 0);
}

struct asked {
        const char *sql;
        int64_t answer;
};

static int asked_read(struct tx *tx, void *ctx, struct error *err)
{
        struct asked *a = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, a->sql, "");

        a->answer = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

static int64_t one(struct fixture *f, const char *sql)
{
        struct asked a = {.sql = sql};
        struct error err = {0};

        assert_int_equal(store_read(f->house.store, asked_read, &a, &err), 0);
        return a.answer;
}

static int role_change(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err,
                       "INSERT INTO post (staff, office, role, valid_from, valid_to, appointed_by, appointed_at) VALUES (7, 1, "
                       "'finance', 0, ?1@int, 0, 0)",
                       "i", (int64_t)DAY_END);
}

static int leave(struct tx *tx, void *ctx, struct error *err)
{
        (void)ctx;
        return tx_exec(tx, err, "UPDATE staff SET valid_to = 1 WHERE id = 7", "");
}

static void sessions_end_with_what_they_were_for(void **state)
{
        struct fixture *f = *state;
        struct error err = {0};
        char first[TOKEN_TEXT], path[80];

        sign_in(f, "clerk");
        memcpy(first, f->token, sizeof first);
        sign_in(f, "clerk"); /* signing in again ends the session that was there */
        char second[TOKEN_TEXT];
        memcpy(second, f->token, sizeof second);
        memcpy(f->token, first, sizeof first);
        expect(ask(f, "GET", "/api/look", NULL), 401, NULL);
        f->token[0] = '\0';
        sign_in(f, "clerk");
        json_t *mine = told(f, ask(f, "GET", "/api/security", NULL), 200);
        assert_int_equal(json_array_size(json_object_get(mine, "sessions")), 2);
        int64_t here = json_integer_value(json_object_get(mine, "session"));
        int64_t other = 0;
        for (size_t i = 0; i < 2; i++) {
                json_t *s = json_array_get(json_object_get(mine, "sessions"), i);
                assert_string_equal(json_text(s, "address"), "203.0.113.5");
                if (json_integer_value(json_object_get(s, "id")) != here)
                        other = json_integer_value(json_object_get(s, "id"));
        }
        json_decref(mine);
        text_format(path, sizeof path, "/api/security/sessions/%lld/end", (long long)other);
        expect(ask(f, "POST", path, "{}"), 200, NULL);
        expect(ask(f, "POST", path, "{}"), 404, "SB-0870");
        expect(ask(f, "GET", "/api/look", NULL), 200, NULL);
        assert_int_equal(store_write(f->house.store, role_change, NULL, &err), 0);
        expect(ask(f, "GET", "/api/look", NULL), 401, "SB-0802");
        sign_in(f, "clerk");
        expect(ask(f, "GET", "/api/look", NULL), 200, NULL);
        assert_int_equal(store_write(f->house.store, leave, NULL, &err), 0);
        expect(ask(f, "GET", "/api/look", NULL), 401, "SB-0802");
        assert_int_equal(one(f, "SELECT COUNT(*) FROM session"), 0);
}

/* --- security keys ------------------------------------------------------------------------------------------------------------------ */

struct authenticator {
        EVP_PKEY *key;
        const char *origin, *rp, *type;
        unsigned char flags;
        uint32_t counter;
        char challenge[64];
};

/* rpIdHash, flags, counter; with `whole` the attested credential: AAGUID, id, COSE key (ES256). */
static void data_make(const struct authenticator *a, bool whole, struct buf *out)
{
        struct hash rp = hash_of(a->rp, strlen(a->rp));
        unsigned char flags = (unsigned char)(a->flags | (whole ? 0x40 : 0)), n[4], point[65];
        size_t size = 0;

        buf_add(out, rp.b, HASH_BYTES);
        buf_add(out, &flags, 1);
        for (int i = 0; i < 4; i++)
                n[i] = (unsigned char)(a->counter >> (24 - 8 * i));
        buf_add(out, n, 4);
        if (!whole)
                return;
        buf_add(out, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
        buf_add(out, "\0\020abcdefghijklmnop", 18);
        assert_int_equal(EVP_PKEY_get_octet_string_param(a->key, "pub", point, sizeof point, &size), 1);
        assert_int_equal(size, 65);
        buf_add(out, "\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20", 10);
        buf_add(out, point + 1, 32);
        buf_add(out, "\x22\x58\x20", 3);
        buf_add(out, point + 33, 32);
}

static void client_make(const struct authenticator *a, struct buf *out)
{
        buf_add_format(out, "{\"type\":\"%s\",\"challenge\":\"%s\",\"origin\":\"%s\",\"crossOrigin\":false}", a->type,
                       a->challenge, a->origin);
}

static void field_put(struct buf *out, const char *name, const struct buf *bytes)
{
        buf_add_format(out, ",\"%s\":\"", name);
        base64_put(out, bytes->p, bytes->n);
        buf_add_char(out, '"');
}

static struct exchange *key_new(struct fixture *f, struct authenticator *a)
{
        struct buf data, client, body;
        json_t *asked = told(f, ask(f, "POST", "/api/security/keys", "{}"), 200);

        if (a->challenge[0] == '\0')
                text_copy(a->challenge, sizeof a->challenge, str_from(json_text(asked, "challenge")));
        json_decref(asked);
        buf_init(&data, 1024);
        buf_init(&client, 1024);
        buf_init(&body, 4096);
        data_make(a, true, &data);
        client_make(a, &client);
        buf_add_text(&body, "{\"label\":\"key\"");
        field_put(&body, "client_data", &client);
        field_put(&body, "authenticator_data", &data);
        buf_add_char(&body, '}');
        struct exchange *x = ask(f, "POST", "/api/security/keys/confirm", buf_text(&body));
        buf_dispose(&data);
        buf_dispose(&client);
        buf_dispose(&body);
        return x;
}

static struct exchange *key_show(struct fixture *f, struct authenticator *a, bool spoil)
{
        struct buf data, client, body, signed_bytes, signature, id;
        unsigned char sig[256];
        size_t size = sizeof sig;
        json_t *asked = told(f, ask(f, "POST", "/api/session/challenge", "{}"), 200);
        EVP_MD_CTX *md = EVP_MD_CTX_new();

        assert_int_equal(json_array_size(json_object_get(asked, "keys")), 1);
        if (a->challenge[0] == '\0')
                text_copy(a->challenge, sizeof a->challenge, str_from(json_text(asked, "challenge")));
        json_decref(asked);
        buf_init(&data, 1024);
        buf_init(&client, 1024);
        buf_init(&body, 4096);
        buf_init(&signed_bytes, 4096);
        buf_init(&signature, 1024);
        buf_init(&id, 64);
        data_make(a, false, &data);
        client_make(a, &client);
        struct hash h = hash_of(client.p, client.n);
        buf_add(&signed_bytes, data.p, data.n);
        buf_add(&signed_bytes, h.b, HASH_BYTES);
        assert_int_equal(EVP_DigestSignInit(md, NULL, EVP_sha256(), NULL, a->key), 1);
        assert_int_equal(EVP_DigestSign(md, sig, &size, (unsigned char *)signed_bytes.p, signed_bytes.n), 1);
        EVP_MD_CTX_free(md);
        if (spoil)
                data.p[36] ^= 1; /* the counter, after it was signed */
        buf_add(&signature, sig, size);
        buf_add_text(&id, "abcdefghijklmnop");
        buf_add_text(&body, "{\"kind\":\"key\"");
        field_put(&body, "id", &id);
        field_put(&body, "client_data", &client);
        field_put(&body, "authenticator_data", &data);
        field_put(&body, "signature", &signature);
        buf_add_char(&body, '}');
        struct exchange *x = ask(f, "POST", "/api/session/factor", buf_text(&body));
        buf_dispose(&data);
        buf_dispose(&client);
        buf_dispose(&body);
        buf_dispose(&signed_bytes);
        buf_dispose(&signature);
        buf_dispose(&id);
        return x;
}

static struct authenticator genuine(EVP_PKEY *key, const char *type)
{
        return (struct authenticator){
            .key = key, .origin = "http://localhost:8080", .rp = "localhost", .type = type, .flags = 5, .counter = 9};
}

static void keys_are_checked(void **state)
{
        struct fixture *f = *state;
        EVP_PKEY *key = EVP_EC_gen("P-256"), *stranger = EVP_EC_gen("P-256");
        static const char make[] = "webauthn.create", get[] = "webauthn.get";
        struct authenticator a;

        sign_in(f, "clerk");
        a = genuine(key, make), a.origin = "http://evil.example";
        expect(key_new(f, &a), 403, "another site");
        a = genuine(key, make), a.rp = "evil.example";
        expect(key_new(f, &a), 403, "belongs to another site");
        a = genuine(key, make), a.flags = 1;
        expect(key_new(f, &a), 403, "who uses it");
        a = genuine(key, get);
        expect(key_new(f, &a), 403, "another question");
        a = genuine(key, make);
        text_copy(a.challenge, sizeof a.challenge, STR("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
        expect(key_new(f, &a), 403, "question was another");
        a = genuine(key, make);
        struct exchange *late = key_new(f, &a);
        clock_advance(f->house.clock, (instant_t)6 * 60 * 1000000);
        expect(late, 403, "is over");
        a = genuine(key, make);
        expect(key_new(f, &a), 200, "recovery_codes");
        a = genuine(key, make);
        expect(key_new(f, &a), 403, "set up already");

        sign_in(f, "clerk");
        expect(ask(f, "GET", "/api/look", NULL), 403, "SB-0860");
        a = genuine(key, get), a.counter = 10, a.origin = "http://evil.example";
        expect(key_show(f, &a, false), 403, "another site");
        a = genuine(key, get), a.counter = 10, a.key = stranger;
        expect(key_show(f, &a, false), 403, "signature");
        a = genuine(key, get), a.counter = 10;
        expect(key_show(f, &a, true), 403, "signature");
        sign_in(f, "clerk");
        a = genuine(key, get), a.counter = 10, a.flags = 1;
        expect(key_show(f, &a, false), 403, "who uses it");
        a = genuine(key, get), a.counter = 9;
        expect(key_show(f, &a, false), 403, "counter went back");
        a = genuine(key, get), a.counter = 10;
        json_decref(told(f, key_show(f, &a, false), 200));
        expect(ask(f, "GET", "/api/look", NULL), 200, NULL);
        /* The same answer again: its question was asked once. */
        sign_in(f, "clerk");
        expect(key_show(f, &a, false), 403, "question was another");
        EVP_PKEY_free(key);
        EVP_PKEY_free(stranger);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(codes_are_those_of_the_rfc),
            cmocka_unit_test_setup_teardown(a_required_factor_comes_first, required_up, down),
            cmocka_unit_test_setup_teardown(the_last_required_factor_stays, required_up, down),
            cmocka_unit_test_setup_teardown(what_is_signed_asks_again, required_up, down),
            cmocka_unit_test_setup_teardown(passwords_are_long_and_new, optional_up, down),
            cmocka_unit_test_setup_teardown(an_administrator_resets_with_trace, optional_up, down),
            cmocka_unit_test_setup_teardown(sessions_end_with_what_they_were_for, optional_up, down),
            cmocka_unit_test_setup_teardown(keys_are_checked, optional_up, down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
