/* SPDX-License-Identifier: Apache-2.0
 *
 * Passkeys and security keys (Web Authentication Level 2, §7.1 and §7.2). libfido2 reads authenticator data and verifies
 * signatures; what the browser says in words (clientDataJSON) is read here.
 */
#include "office/signin/signin.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <sodium.h>
#include <string.h>

#define FLAG_PRESENT 1
#define FLAG_VERIFIED 4
#define CLIENT_DATA_MAX 4096

void rp_of(struct rp *out, const char *origin)
{
        const char *host = strstr(origin, "://");

        out->origin = origin;
        host = host == NULL ? origin : host + 3;
        text_copy(out->id, sizeof out->id, (struct str){host, strcspn(host, ":/")});
}

int base64_take(struct buf *out, const char *text, struct error *err)
{
        unsigned char bytes[4096];
        size_t n = 0;

        if (strlen(text) > sizeof bytes || sodium_base642bin(bytes, sizeof bytes, text, strlen(text), NULL, &n, NULL,
                                                             sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0)
                return error_raise(err, SB_SIGNIN_KEY, "%s", ERROR_BOTH("its answer cannot be read", "应答无法解读"));
        buf_add(out, bytes, n);
        return buf_check(out, err);
}

int base64_field(const json_t *in, const char *name, struct buf *out, struct error *err)
{
        const char *text;
        int rc = json_get_text(in, name, true, &text, err);

        return rc ? rc : base64_take(out, text, err);
}

void base64_put(struct buf *out, const void *p, size_t n)
{
        char text[6000];

        if (sodium_base64_ENCODED_LEN(n, sodium_base64_VARIANT_URLSAFE_NO_PADDING) <= sizeof text)
                buf_add_text(out, sodium_bin2base64(text, sizeof text, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

static int refused(struct error *err, const char *why)
{
        return error_raise(err, SB_SIGNIN_KEY, "%s", why);
}

static int words_check(const struct rp *rp, const char *type, const unsigned char challenge[CHALLENGE_BYTES],
                       struct str client_data, struct error *err)
{
        struct error broken = {0};
        json_t *o = NULL;
        struct buf given;
        int rc = 0;

        if (client_data.n > CLIENT_DATA_MAX || json_read(&o, client_data, &broken) < 0)
                return refused(err, ERROR_BOTH("its answer cannot be read", "应答无法解读"));
        buf_init(&given, 256);
        if (strcmp(json_text(o, "type"), type) != 0)
                rc = refused(err, ERROR_BOTH("it answers another question", "应答类型不符"));
        else if (strcmp(json_text(o, "origin"), rp->origin) != 0 || json_is_true(json_object_get(o, "crossOrigin")))
                rc = refused(err, ERROR_BOTH("it was asked by another site", "来源网站不符"));
        else if (base64_take(&given, json_text(o, "challenge"), &broken) < 0 || given.n != CHALLENGE_BYTES ||
                 sodium_memcmp(given.p, challenge, CHALLENGE_BYTES) != 0)
                rc = refused(err, ERROR_BOTH("the question was another one, or is over", "验证请求不符或已过期"));
        buf_dispose(&given);
        json_decref(o);
        return rc;
}

/* Relying party, presence and verification of the user. */
static int data_check(const struct rp *rp, struct str data, uint8_t flags, struct error *err)
{
        struct hash mine = hash_of(rp->id, strlen(rp->id));

        if (data.n < HASH_BYTES || memcmp(data.p, mine.b, HASH_BYTES) != 0)
                return refused(err, ERROR_BOTH("it belongs to another site", "密钥属于其他网站"));
        if ((flags & FLAG_PRESENT) == 0 || (flags & FLAG_VERIFIED) == 0)
                return refused(err, ERROR_BOTH("it did not make sure who uses it (PIN or fingerprint)",
                                               "密钥未验证使用人（PIN 码或指纹）"));
        return 0;
}

int webauthn_registered(const struct rp *rp, const unsigned char challenge[CHALLENGE_BYTES], struct str client_data,
                        struct str authenticator_data, struct webauthn_key *out, struct error *err)
{
        static const int ALGORITHMS[] = {COSE_ES256, COSE_EDDSA, COSE_RS256};
        fido_cred_t *cred = NULL;
        int rc = words_check(rp, "webauthn.create", challenge, client_data, err);

        if (rc < 0)
                return rc;
        fido_init(0);
        for (size_t i = 0; i < sizeof ALGORITHMS / sizeof ALGORITHMS[0] && out->algorithm == 0; i++) {
                fido_cred_free(&cred);
                cred = fido_cred_new();
                if (cred != NULL && fido_cred_set_type(cred, ALGORITHMS[i]) == FIDO_OK &&
                    fido_cred_set_authdata_raw(cred, (const unsigned char *)authenticator_data.p, authenticator_data.n) ==
                        FIDO_OK)
                        out->algorithm = ALGORITHMS[i];
        }
        if (out->algorithm == 0)
                rc = refused(err, ERROR_BOTH("its kind of key is not one that is taken", "密钥算法不受支持"));
        rc = rc ? rc : data_check(rp, authenticator_data, fido_cred_flags(cred), err);
        if (rc == 0) {
                buf_add(&out->id, fido_cred_id_ptr(cred), fido_cred_id_len(cred));
                buf_add(&out->public_key, fido_cred_pubkey_ptr(cred), fido_cred_pubkey_len(cred));
                out->counter = fido_cred_sigcount(cred);
                rc = buf_check(&out->id, err);
                rc = rc ? rc : buf_check(&out->public_key, err);
        }
        fido_cred_free(&cred);
        return rc;
}

static int signature_check(const fido_assert_t *a, int algorithm, struct str key)
{
        es256_pk_t *es = NULL;
        eddsa_pk_t *ed = NULL;
        rs256_pk_t *rs = NULL;
        int rc = FIDO_ERR_INVALID_ARGUMENT;

        if (algorithm == COSE_ES256 && (es = es256_pk_new()) != NULL && es256_pk_from_ptr(es, key.p, key.n) == FIDO_OK)
                rc = fido_assert_verify(a, 0, algorithm, es);
        else if (algorithm == COSE_EDDSA && (ed = eddsa_pk_new()) != NULL && eddsa_pk_from_ptr(ed, key.p, key.n) == FIDO_OK)
                rc = fido_assert_verify(a, 0, algorithm, ed);
        else if (algorithm == COSE_RS256 && (rs = rs256_pk_new()) != NULL && rs256_pk_from_ptr(rs, key.p, key.n) == FIDO_OK)
                rc = fido_assert_verify(a, 0, algorithm, rs);
        es256_pk_free(&es);
        eddsa_pk_free(&ed);
        rs256_pk_free(&rs);
        return rc;
}

int webauthn_shown(const struct rp *rp, const unsigned char challenge[CHALLENGE_BYTES], struct str client_data, struct str data,
                   struct str signature, int algorithm, struct str public_key, uint32_t *counter, struct error *err)
{
        struct hash client = hash_of(client_data.p, client_data.n);
        int rc = words_check(rp, "webauthn.get", challenge, client_data, err);

        if (rc < 0)
                return rc;
        fido_init(0);
        fido_assert_t *a = fido_assert_new();
        if (a == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        bool read = fido_assert_set_count(a, 1) == FIDO_OK && fido_assert_set_rp(a, rp->id) == FIDO_OK &&
                    fido_assert_set_clientdata_hash(a, client.b, HASH_BYTES) == FIDO_OK &&
                    fido_assert_set_authdata_raw(a, 0, (const unsigned char *)data.p, data.n) == FIDO_OK &&
                    fido_assert_set_sig(a, 0, (const unsigned char *)signature.p, signature.n) == FIDO_OK &&
                    fido_assert_set_up(a, FIDO_OPT_TRUE) == FIDO_OK && fido_assert_set_uv(a, FIDO_OPT_TRUE) == FIDO_OK;
        if (!read)
                rc = refused(err, ERROR_BOTH("its answer cannot be read", "应答无法解读"));
        rc = rc ? rc : data_check(rp, data, fido_assert_flags(a, 0), err);
        if (rc == 0 && signature_check(a, algorithm, public_key) != FIDO_OK)
                rc = refused(err, ERROR_BOTH("its signature is wrong", "签名不正确"));
        if (rc == 0) {
                uint32_t now = fido_assert_sigcount(a, 0);
                /* A counter that stands still or goes back tells of a copy; zero for ever: the key does not count. */
                if ((now != 0 || *counter != 0) && now <= *counter)
                        rc = refused(err, ERROR_BOTH("its counter went back: there may be a copy of it; have it removed",
                                                     "计数器回退，密钥可能被复制；请停用"));
                *counter = now;
        }
        fido_assert_free(&a);
        return rc;
}
