/* SPDX-License-Identifier: Apache-2.0
 *
 * ID tokens: what is genuine is taken, by each of the three algorithms; each thing that may be wrong with one is refused.
 */
#include "http/jwt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <string.h>

#define NOW 1790000000

static void base64(struct buf *out, const void *p, size_t n)
{
        char text[8192];

        buf_add_text(out, sodium_bin2base64(text, sizeof text, p, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
}

static void number_put(json_t *jwk, const char *name, EVP_PKEY *key, const char *param)
{
        BIGNUM *n = NULL;
        unsigned char raw[512];
        struct buf text;

        assert_int_equal(EVP_PKEY_get_bn_param(key, param, &n), 1);
        int size = BN_bn2bin(n, raw);
        buf_init(&text, 2048);
        base64(&text, raw, (size_t)size);
        json_object_set_new(jwk, name, json_string(buf_text(&text)));
        buf_dispose(&text);
        BN_free(n);
}

static void part_put(json_t *jwk, const char *name, const unsigned char *p, size_t n)
{
        struct buf text;

        buf_init(&text, 256);
        base64(&text, p, n);
        json_object_set_new(jwk, name, json_string(buf_text(&text)));
        buf_dispose(&text);
}

static json_t *jwks_of(const char *alg, EVP_PKEY *key)
{
        json_t *jwk = json_pack("{s:s,s:s}", "kid", "k1", "use", "sig");
        unsigned char point[65];
        size_t n = sizeof point;

        if (strcmp(alg, "RS256") == 0) {
                json_object_set_new(jwk, "kty", json_string("RSA"));
                number_put(jwk, "n", key, OSSL_PKEY_PARAM_RSA_N);
                number_put(jwk, "e", key, OSSL_PKEY_PARAM_RSA_E);
        } else if (strcmp(alg, "ES256") == 0) {
                json_object_set_new(jwk, "kty", json_string("EC"));
                json_object_set_new(jwk, "crv", json_string("P-256"));
                assert_int_equal(EVP_PKEY_get_octet_string_param(key, "pub", point, sizeof point, &n), 1);
                part_put(jwk, "x", point + 1, 32);
                part_put(jwk, "y", point + 33, 32);
        } else {
                json_object_set_new(jwk, "kty", json_string("OKP"));
                json_object_set_new(jwk, "crv", json_string("Ed25519"));
                assert_int_equal(EVP_PKEY_get_raw_public_key(key, point, &n), 1);
                part_put(jwk, "x", point, n);
        }
        return json_pack("{s:[o]}", "keys", jwk);
}

/* Signature in the form of JOSE. */
static void sign(const char *alg, EVP_PKEY *key, struct str what, struct buf *out)
{
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        unsigned char raw[512];
        size_t n = sizeof raw;

        assert_int_equal(EVP_DigestSignInit(ctx, NULL, strcmp(alg, "EdDSA") == 0 ? NULL : EVP_sha256(), NULL, key), 1);
        assert_int_equal(EVP_DigestSign(ctx, raw, &n, (const unsigned char *)what.p, what.n), 1);
        EVP_MD_CTX_free(ctx);
        if (strcmp(alg, "ES256") == 0) {
                const unsigned char *p = raw;
                ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
                unsigned char flat[64];
                BN_bn2binpad(ECDSA_SIG_get0_r(sig), flat, 32);
                BN_bn2binpad(ECDSA_SIG_get0_s(sig), flat + 32, 32);
                base64(out, flat, sizeof flat);
                ECDSA_SIG_free(sig);
        } else {
                base64(out, raw, n);
        }
}

static char *token_make(const char *header, const char *claims, const char *alg, EVP_PKEY *key)
{
        struct buf text;

        buf_init(&text, 16384);
        base64(&text, header, strlen(header));
        buf_add_char(&text, '.');
        base64(&text, claims, strlen(claims));
        struct buf signature;
        buf_init(&signature, 4096);
        if (key != NULL)
                sign(alg, key, (struct str){text.p, text.n}, &signature);
        buf_add_char(&text, '.');
        buf_add_text(&text, buf_text(&signature));
        buf_dispose(&signature);
        buf_text(&text);
        return buf_take(&text, NULL);
}

static const char GOOD[] =
    "{\"iss\":\"https://"
    "id.example\",\"aud\":\"shebao\",\"sub\":\"u-1\",\"nonce\":\"n-1\",\"iat\":1789999990,\"exp\":1790000300}";
static const struct jwt_expected WANT = {
    .issuer = "https://id.example", .audience = "shebao", .nonce = "n-1", .now = (instant_t)NOW * 1000000};

static void check(char *token, const json_t *jwks, const char *why)
{
        struct error err = {0};
        json_t *claims = NULL;
        char text[512];
        int rc = jwt_verify(token, jwks, &WANT, &claims, &err);

        error_text(&err, LANG_EN, text, sizeof text);
        if (why == NULL) {
                if (rc != 0)
                        print_error("%s\n", text);
                assert_int_equal(rc, 0);
                assert_string_equal(json_text(claims, "sub"), "u-1");
        } else {
                assert_int_equal(rc, ERR);
                assert_int_equal(err.code, SB_OIDC_TOKEN);
                if (strstr(text, why) == NULL)
                        print_error("%s instead of %s\n", text, why);
                assert_non_null(strstr(text, why));
        }
        json_decref(claims);
        free(token);
}

static void what_is_genuine_is_taken(void **state)
{
        EVP_PKEY *keys[] = {EVP_RSA_gen(2048), EVP_EC_gen("P-256"), EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")};
        static const char *const algs[] = {"RS256", "ES256", "EdDSA"};

        (void)state;
        for (int i = 0; i < 3; i++) {
                char header[64];
                json_t *jwks = jwks_of(algs[i], keys[i]);
                text_format(header, sizeof header, "{\"alg\":\"%s\",\"kid\":\"k1\"}", algs[i]);
                check(token_make(header, GOOD, algs[i], keys[i]), jwks, NULL);
                char *spoilt = token_make(header, GOOD, algs[i], keys[i]);
                spoilt[strlen(header) * 4 / 3 + 20] ^= 1;
                check(spoilt, jwks, "no key");
                check(token_make(header, GOOD, algs[(i + 1) % 3], keys[(i + 1) % 3]), jwks, "no key");
                json_decref(jwks);
        }
        for (int i = 0; i < 3; i++)
                EVP_PKEY_free(keys[i]);
}

/* Claims by claims. */
static void what_does_not_agree_is_refused(void **state)
{
        static const struct {
                const char *claims, *why;
        } cases[] = {
            {"{\"iss\":\"https://"
             "evil.example\",\"aud\":\"shebao\",\"sub\":\"u-1\",\"nonce\":\"n-1\",\"iat\":1789999990,\"exp\":1790000300}",
             "issued"},
            {"{\"iss\":\"https://"
             "id.example\",\"aud\":\"other\",\"sub\":\"u-1\",\"nonce\":\"n-1\",\"iat\":1789999990,\"exp\":1790000300}",
             "somebody else"},
            {"{\"iss\":\"https://"
             "id.example\",\"aud\":[\"shebao\",\"other\"],\"azp\":\"other\",\"sub\":\"u-1\",\"nonce\":\"n-1\",\"iat\":"
             "1789999990,\"exp\":1790000300}",
             "somebody else"},
            {"{\"iss\":\"https://"
             "id.example\",\"aud\":\"shebao\",\"sub\":\"u-1\",\"nonce\":\"n-1\",\"iat\":1789990000,\"exp\":1789999000}",
             "expired"},
            {"{\"iss\":\"https://id.example\",\"aud\":\"shebao\",\"sub\":\"u-1\",\"nonce\":\"n-1\",\"iat\":1789999990}",
             "expired"},
            {"{\"iss\":\"https://"
             "id.example\",\"aud\":\"shebao\",\"sub\":\"u-1\",\"nonce\":\"n-1\",\"iat\":1790000900,\"exp\":1790001300}",
             "future"},
            {"{\"iss\":\"https://"
             "id.example\",\"aud\":\"shebao\",\"sub\":\"u-1\",\"nonce\":\"n-2\",\"iat\":1789999990,\"exp\":1790000300}",
             "another question"},
            {"{\"iss\":\"https://id.example\",\"aud\":\"shebao\",\"sub\":\"u-1\",\"iat\":1789999990,\"exp\":1790000300}",
             "another question"},
            {"{\"iss\":\"https://id.example\",\"aud\":\"shebao\",\"nonce\":\"n-1\",\"iat\":1789999990,\"exp\":1790000300}",
             "nobody"},
            {"[]", "cannot be read"},
        };
        EVP_PKEY *key = EVP_EC_gen("P-256");
        json_t *jwks = jwks_of("ES256", key);

        (void)state;
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
                check(token_make("{\"alg\":\"ES256\",\"kid\":\"k1\"}", cases[i].claims, "ES256", key), jwks, cases[i].why);
        check(token_make("{\"alg\":\"none\"}", GOOD, "", NULL), jwks, "algorithm");
        check(token_make("{\"alg\":\"ES256\",\"kid\":\"k1\"}", GOOD, "", NULL), jwks, "no key");
        check(token_make("{\"alg\":\"ES256\",\"kid\":\"k2\"}", GOOD, "ES256", key), jwks, "no key");
        check(token_make("{\"alg\":\"ES256\",\"crit\":[\"x\"]}", GOOD, "ES256", key), jwks, "algorithm");
        check(strdup("a.b"), jwks, "cannot be read");
        check(strdup("a.b.c.d"), jwks, "cannot be read");
        json_decref(jwks);
        EVP_PKEY_free(key);
}

/* The public key of the issuer as the secret of an HMAC: the oldest trick. */
static void a_public_key_is_no_secret(void **state)
{
        EVP_PKEY *key = EVP_RSA_gen(2048);
        json_t *jwks = jwks_of("RS256", key);
        BIO *pem = BIO_new(BIO_s_mem());
        char *secret;
        unsigned char mac[64];
        unsigned n = 0;
        struct buf text;
        static const char header[] = "{\"alg\":\"HS256\",\"kid\":\"k1\"}";

        (void)state;
        PEM_write_bio_PUBKEY(pem, key);
        long size = BIO_get_mem_data(pem, &secret);
        buf_init(&text, 8192);
        base64(&text, header, strlen(header));
        buf_add_char(&text, '.');
        base64(&text, GOOD, strlen(GOOD));
        HMAC(EVP_sha256(), secret, (int)size, (const unsigned char *)text.p, text.n, mac, &n);
        buf_add_char(&text, '.');
        base64(&text, mac, n);
        buf_text(&text);
        check(buf_take(&text, NULL), jwks, "algorithm");
        BIO_free(pem);
        json_decref(jwks);
        EVP_PKEY_free(key);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_genuine_is_taken),
            cmocka_unit_test(what_does_not_agree_is_refused),
            cmocka_unit_test(a_public_key_is_no_secret),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
