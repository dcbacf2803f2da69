/* SPDX-License-Identifier: Apache-2.0 */
#include "case/sealed.h"

#include <stdlib.h>
#include <string.h>

int sealed_bytes(const struct keyring *k, const char *context, struct str plain, unsigned char wrapped[WRAPPED_BYTES],
                 struct buf *out, struct error *err)
{
        unsigned char *bytes = malloc(plain.n + SEAL_OVERHEAD);
        struct seal_key key;

        if (bytes == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        seal_key_new(&key);
        keyring_wrap(k, &key, wrapped);
        seal(&key, context, plain, bytes);
        explicit_bzero(&key, sizeof key);
        buf_add(out, bytes, plain.n + SEAL_OVERHEAD);
        free(bytes);
        return buf_check(out, err);
}

int sealed_json(const struct keyring *k, const char *context, const json_t *value, unsigned char wrapped[WRAPPED_BYTES],
                struct buf *out, struct error *err)
{
        struct buf text;

        buf_init(&text, (size_t)1 << 20);
        int rc = json_canonical(&text, value, err);
        if (rc == 0)
                rc = sealed_bytes(k, context, (struct str){text.p, text.n}, wrapped, out, err);
        buf_wipe(&text);
        return rc;
}

int sealed_open(const struct keyring *k, const char *context, struct str wrapped, struct str sealed, struct buf *out,
                struct error *err)
{
        struct seal_key key;
        int rc = keyring_unwrap(k, wrapped, &key, err);

        if (rc == 0)
                rc = unseal(&key, context, sealed, out, err);
        explicit_bzero(&key, sizeof key);
        return rc;
}

int sealed_read(const struct keyring *k, const char *context, struct str wrapped, struct str sealed, json_t **out,
                struct error *err)
{
        struct buf text;

        buf_init(&text, (size_t)2 << 20);
        int rc = sealed_open(k, context, wrapped, sealed, &text, err);
        if (rc == 0)
                rc = json_read(out, (struct str){text.p, text.n}, err);
        buf_wipe(&text);
        return rc;
}
