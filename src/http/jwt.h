/* SPDX-License-Identifier: Apache-2.0
 *
 * ID tokens (OpenID Connect Core §3.1.3.7): signed by a key of the issuer's set (RFC 7515, 7517), by RS256, ES256 or EdDSA and nothing
 * else. The algorithm must be that of the key: a public key is never taken for a secret.
 */
#ifndef HTTP_JWT_H
#define HTTP_JWT_H

#include "base/clock.h"
#include "base/json.h"

struct jwt_expected {
        const char *issuer, *audience, *nonce;
        instant_t now;
};
/* The claims of a token that is genuine, for us, answers our question and holds now. SB_OIDC_TOKEN says what does not agree. */
int jwt_verify(const char *token, const json_t *jwks, const struct jwt_expected *want, json_t **claims, struct error *err);

#endif
