/* SPDX-License-Identifier: Apache-2.0
 *
 * The API without a socket, on a fresh database with a standing clock and fixed keys.
 */
#ifndef TEST_HTTP_FIXTURE_H
#define TEST_HTTP_FIXTURE_H

#include "http/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct fixture {
        struct house house;
        struct http_shared shared;
        struct registry *verbs;
        char token[TOKEN_TEXT], csrf[TOKEN_TEXT];
        char folder[64], url[96];
        int keys; /* idempotency keys made so far */
};

/* tables: verbs, ended by NULL. pack: a folder whose law is in force for pool 1; NULL none. */
struct fixture *fixture_new(const struct verb *const *tables, const char *pack, uint32_t roles);
void fixture_free(struct fixture *f);
/* One more who signs in as LOGIN with the password "demonstration". */
void fixture_staff(struct fixture *f, int64_t id, const char *login, uint32_t roles);
struct exchange *ask(struct fixture *f, const char *method, const char *path, const char *body);
/* Answer and compare the status and, when given, a part of the text; frees the exchange. */
void expect(struct exchange *x, int status, const char *part);
/* Answer with that status; the object, and the cookie and CSRF word when they are new. Frees the exchange. */
json_t *told(struct fixture *f, struct exchange *x, int status);
void sign_in(struct fixture *f, const char *login);

#endif
