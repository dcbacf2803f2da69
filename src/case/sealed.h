/* SPDX-License-Identifier: Apache-2.0
 *
 * Personal content of a case as it is kept: JSON or bytes sealed with a key of its own, the key wrapped by the installation's master
 * key. To erase the content is to forget the wrapped key.
 */
#ifndef CASE_SEALED_H
#define CASE_SEALED_H

#include "base/hash.h"
#include "base/json.h"

#define WRAPPED_BYTES (SEAL_KEY_BYTES + SEAL_OVERHEAD)

/* context: table and column, authenticated. The buffer gets the sealed bytes. */
int sealed_bytes(const struct keyring *k, const char *context, struct str plain, unsigned char wrapped[WRAPPED_BYTES],
                 struct buf *out, struct error *err);
int sealed_json(const struct keyring *k, const char *context, const json_t *value, unsigned char wrapped[WRAPPED_BYTES],
                struct buf *out, struct error *err);
int sealed_open(const struct keyring *k, const char *context, struct str wrapped, struct str sealed, struct buf *out,
                struct error *err);
int sealed_read(const struct keyring *k, const char *context, struct str wrapped, struct str sealed, json_t **out,
                struct error *err);

#endif
