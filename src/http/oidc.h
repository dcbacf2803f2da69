/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing in by another authority (统一身份认证): OpenID Connect, authorization code with PKCE, beside local accounts. Traffic goes out to the
 * configured issuer and nowhere else. Whom it vouches for must have been linked by an administrator (staff.oidc_subject).
 */
#ifndef HTTP_OIDC_H
#define HTTP_OIDC_H

#include "http/exchange.h"

/* The file of `serve --oidc`: issuer, client_id, client_secret_file (none: a public client), label_zh, label_en. SB_OIDC_SETUP. */
int oidc_open(struct oidc **out, const char *path, struct error *err);
void oidc_free(struct oidc *o);
const char *oidc_label(const struct oidc *o, enum lang lang);
/* GET /oidc/begin: to the issuer. GET /oidc/callback: back, signed in. Both answer with another address. */
int oidc_begin(struct exchange *x, struct error *err);
int oidc_callback(struct exchange *x, struct error *err);

#endif
