/* SPDX-License-Identifier: Apache-2.0 */
#include "http/jwt.h"

#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <sodium.h>
#include <string.h>

#define TOKEN_MAX 8192
#define LEEWAY_S 60
#define RSA_LEAST_BITS 2048

static int refused(struct error *err, const char *why)
{
        return error_raise(err, SB_OIDC_TOKEN, "%s", why);
}

/* base64url of at most `size` bytes; 0 when it is none. */
static size_t bytes_of(struct str text, unsigned char *out, size_t size)
{
        size_t n = 0;

        return sodium_base642bin(out, size, text.p, text.n, NULL, &n, NULL, sodium_base64_VARIANT_URLSAFE_NO_PADDING) == 0 ? n
                                                                                                                           : 0;
}

static int json_of(struct str text, json_t **out, struct error *err)
{
        unsigned char bytes[TOKEN_MAX];
        struct error broken = {0};
        size_t n = bytes_of(text, bytes, sizeof bytes);

        if (n == 0 || json_read(out, (struct str){(const char *)bytes, n}, &broken) < 0)
                return refused(err, ERROR_BOTH("it cannot be read", "无法解读"));
        return json_is_object(*out) ? 0 : refused(err, ERROR_BOTH("it cannot be read", "无法解读"));
}

static EVP_PKEY *from_params(const char *type, OSSL_PARAM_BLD *build)
{
        OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
        EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
        EVP_PKEY *key = NULL;

        if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
            EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
                key = NULL;
        EVP_PKEY_CTX_free(ctx);
        OSSL_PARAM_free(params);
        return key;
}

static EVP_PKEY *rsa_of(const json_t *jwk)
{
        unsigned char n[1024], e[16];
        size_t n_size = bytes_of(str_from(json_text(jwk, "n")), n, sizeof n);
        size_t e_size = bytes_of(str_from(json_text(jwk, "e")), e, sizeof e);
        OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
        BIGNUM *bn = BN_bin2bn(n, (int)n_size, NULL), *be = BN_bin2bn(e, (int)e_size, NULL);
        EVP_PKEY *key = NULL;

        if (n_size > 0 && e_size > 0 && build != NULL && bn != NULL && be != NULL && BN_num_bits(bn) >= RSA_LEAST_BITS &&
            OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn) == 1 &&
            OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, be) == 1)
                key = from_params("RSA", build);
        OSSL_PARAM_BLD_free(build);
        BN_free(bn);
        BN_free(be);
        return key;
}

static EVP_PKEY *ec_of(const json_t *jwk)
{
        unsigned char point[65] = {4};
        bool whole = strcmp(json_text(jwk, "crv"), "P-256") == 0 &&
                     bytes_of(str_from(json_text(jwk, "x")), point + 1, 32) == 32 &&
                     bytes_of(str_from(json_text(jwk, "y")), point + 33, 32) == 32;
        OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
        EVP_PKEY *key = NULL;

        if (whole && build != NULL && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0) == 1 &&
            OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point) == 1)
                key = from_params("EC", build);
        OSSL_PARAM_BLD_free(build);
        return key;
}

static EVP_PKEY *ed_of(const json_t *jwk)
{
        unsigned char x[32];

        if (strcmp(json_text(jwk, "crv"), "Ed25519") != 0 || bytes_of(str_from(json_text(jwk, "x")), x, sizeof x) != sizeof x)
                return NULL;
        return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x, sizeof x);
}

static const struct algorithm {
        const char *name, *kty;
        EVP_PKEY *(*key)(const json_t *jwk);
} ALGORITHMS[] = {{"RS256", "RSA", rsa_of}, {"ES256", "EC", ec_of}, {"EdDSA", "OKP", ed_of}};

/* r‖s of JOSE as the DER that OpenSSL takes; 0 when it is neither. */
static size_t ecdsa_der(const unsigned char *raw, size_t n, unsigned char *out, size_t size)
{
        ECDSA_SIG *sig = n == 64 ? ECDSA_SIG_new() : NULL;
        BIGNUM *r, *s;
        int length = 0;

        if (sig == NULL)
                return 0;
        r = BN_bin2bn(raw, 32, NULL);
        s = BN_bin2bn(raw + 32, 32, NULL);
        if (r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
                length = i2d_ECDSA_SIG(sig, NULL);
                length = length > 0 && (size_t)length <= size ? i2d_ECDSA_SIG(sig, &out) : 0;
        } else {
                BN_free(r);
                BN_free(s);
        }
        ECDSA_SIG_free(sig);
        return length > 0 ? (size_t)length : 0;
}

static bool signed_by(const struct algorithm *a, const json_t *jwk, struct str what, struct str signature)
{
        unsigned char raw[1024], der[128];
        size_t n = bytes_of(signature, raw, sizeof raw);
        const unsigned char *sig = raw;
        EVP_PKEY *key = a->key(jwk);
        EVP_MD_CTX *ctx = EVP_MD_CTX_new();
        bool ed = strcmp(a->name, "EdDSA") == 0, good = false;

        if (strcmp(a->name, "ES256") == 0) {
                n = ecdsa_der(raw, n, der, sizeof der);
                sig = der;
        }
        if (key != NULL && ctx != NULL && n > 0)
                good = EVP_DigestVerifyInit(ctx, NULL, ed ? NULL : EVP_sha256(), NULL, key) == 1 &&
                       EVP_DigestVerify(ctx, sig, n, (const unsigned char *)what.p, what.n) == 1;
        EVP_MD_CTX_free(ctx);
        EVP_PKEY_free(key);
        return good;
}

/* Of the keys that the header may mean (its kid, when it names one): one for signing, of the kind and algorithm of the header. */
static int signature_check(const json_t *header, const json_t *jwks, struct str what, struct str signature, struct error *err)
{
        const char *alg = json_text(header, "alg"), *kid = json_text(header, "kid");
        const struct algorithm *a = NULL;
        const json_t *keys = json_object_get(jwks, "keys"), *jwk;
        size_t i;

        for (i = 0; i < sizeof ALGORITHMS / sizeof ALGORITHMS[0]; i++)
                if (strcmp(ALGORITHMS[i].name, alg) == 0)
                        a = &ALGORITHMS[i];
        if (a == NULL || json_object_get(header, "crit") != NULL)
                return refused(err, ERROR_BOTH("its algorithm is not one that is taken", "签名算法不被接受"));
        json_array_foreach(keys, i, jwk)
        {
                const char *use = json_text(jwk, "use"), *of = json_text(jwk, "alg");
                if ((kid[0] != '\0' && strcmp(json_text(jwk, "kid"), kid) != 0) || strcmp(json_text(jwk, "kty"), a->kty) != 0 ||
                    (use[0] != '\0' && strcmp(use, "sig") != 0) || (of[0] != '\0' && strcmp(of, a->name) != 0))
                        continue;
                if (signed_by(a, jwk, what, signature))
                        return 0;
        }
        return refused(err, ERROR_BOTH("no key of the issuer signed it", "不是由签发方的密钥签名"));
}

static bool audience_is(const json_t *claims, const char *audience)
{
        const json_t *aud = json_object_get(claims, "aud"), *one;
        const char *azp = json_text(claims, "azp");
        bool among = false;
        size_t i;

        if (json_is_string(aud))
                return strcmp(json_string_value(aud), audience) == 0;
        json_array_foreach(aud, i, one)
        {
                among = among || (json_is_string(one) && strcmp(json_string_value(one), audience) == 0);
        }
        return among && (json_array_size(aud) == 1 || strcmp(azp, audience) == 0);
}

static int claims_check(const json_t *claims, const struct jwt_expected *want, struct error *err)
{
        const json_t *exp = json_object_get(claims, "exp"), *iat = json_object_get(claims, "iat"),
                     *nbf = json_object_get(claims, "nbf");
        json_int_t now = (json_int_t)(want->now / 1000000);

        if (strcmp(json_text(claims, "iss"), want->issuer) != 0)
                return refused(err, ERROR_BOTH("somebody else issued it", "签发方不符"));
        if (!audience_is(claims, want->audience))
                return refused(err, ERROR_BOTH("it is for somebody else", "受众不符"));
        if (!json_is_integer(exp) || json_integer_value(exp) <= now - LEEWAY_S)
                return refused(err, ERROR_BOTH("it has expired", "已过期"));
        if (!json_is_integer(iat) || json_integer_value(iat) > now + LEEWAY_S ||
            (json_is_integer(nbf) && json_integer_value(nbf) > now + LEEWAY_S))
                return refused(err, ERROR_BOTH("it is of the future", "时间在未来"));
        if (strcmp(json_text(claims, "nonce"), want->nonce) != 0)
                return refused(err, ERROR_BOTH("it answers another question", "不是对本次请求的应答"));
        size_t n = strlen(json_text(claims, "sub"));
        return n > 0 && n <= 255 ? 0 : refused(err, ERROR_BOTH("it names nobody", "未指明人员"));
}

int jwt_verify(const char *token, const json_t *jwks, const struct jwt_expected *want, json_t **claims, struct error *err)
{
        const char *first = strchr(token, '.'), *second = first == NULL ? NULL : strchr(first + 1, '.');
        json_t *header = NULL, *body = NULL;

        if (second == NULL || strchr(second + 1, '.') != NULL || strlen(token) > TOKEN_MAX)
                return refused(err, ERROR_BOTH("it cannot be read", "无法解读"));
        int rc = json_of((struct str){token, (size_t)(first - token)}, &header, err);
        rc = rc ? rc : signature_check(header, jwks, (struct str){token, (size_t)(second - token)}, str_from(second + 1), err);
        rc = rc ? rc : json_of((struct str){first + 1, (size_t)(second - first - 1)}, &body, err);
        rc = rc ? rc : claims_check(body, want, err);
        json_decref(header);
        if (rc < 0)
                json_decref(body);
        else
                *claims = body;
        return rc;
}
