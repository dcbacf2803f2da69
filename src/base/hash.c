/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

static_assert(HASH_BYTES == crypto_hash_sha256_BYTES, "SHA-256");

struct hash hash_of(const void *bytes, size_t n)
{
        struct hash h;
        crypto_hash_sha256(h.b, n == 0 ? (const unsigned char *)"" : bytes, n);
        return h;
}

struct hash hash_keyed(const unsigned char key[HASH_BYTES], const void *bytes, size_t n)
{
        struct hash h;
        crypto_generichash(h.b, sizeof h.b, bytes, n, key, HASH_BYTES);
        return h;
}

struct hash hash_pair(const struct hash *a, const struct hash *b)
{
        struct hash h;
        crypto_hash_sha256_state s;
        crypto_hash_sha256_init(&s);
        crypto_hash_sha256_update(&s, (const unsigned char *)"\x01", 1);
        crypto_hash_sha256_update(&s, a->b, HASH_BYTES);
        crypto_hash_sha256_update(&s, b->b, HASH_BYTES);
        crypto_hash_sha256_final(&s, h.b);
        return h;
}

bool hash_take(struct hash *out, struct str bytes)
{
        bool whole = bytes.n == HASH_BYTES;

        *out = (struct hash){{0}};
        if (whole)
                memcpy(out->b, bytes.p, HASH_BYTES);
        return whole;
}

struct str hash_str(const struct hash *h)
{
        return (struct str){(const char *)h->b, HASH_BYTES};
}

char *hash_hex(const struct hash *h, char out[65])
{
        return sodium_bin2hex(out, 65, h->b, HASH_BYTES);
}

static int nibble(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        return -1;
}

int hash_parse(struct hash *out, struct str hex, struct error *err)
{
        struct hash h;
        bool good = hex.n == 2 * HASH_BYTES;
        for (size_t i = 0; good && i < HASH_BYTES; i++) {
                int high = nibble(hex.p[2 * i]), low = nibble(hex.p[2 * i + 1]);
                good = high >= 0 && low >= 0;
                if (good)
                        h.b[i] = (unsigned char)(high << 4 | low);
        }
        if (!good)
                return error_raise(err, SB_NUMBER_SYNTAX, "%.*s|%s", (int)(hex.n < 80 ? hex.n : 80), hex.n ? hex.p : "",
                                   ERROR_BOTH("64 lower-case hexadecimal digits", "64位小写十六进制数字"));
        *out = h;
        return 0;
}

static_assert(sizeof(struct hash_state) >= sizeof(crypto_hash_sha256_state) &&
                  _Alignof(struct hash_state) >= _Alignof(crypto_hash_sha256_state),
              "the state of libsodium stands in ours");

static crypto_hash_sha256_state *inside(struct hash_state *s)
{
        return (crypto_hash_sha256_state *)(void *)s->inside;
}

struct hash_state hash_begin(void)
{
        struct hash_state s;
        crypto_hash_sha256_init(inside(&s));
        return s;
}

void hash_add(struct hash_state *s, const void *bytes, size_t n)
{
        if (n > 0)
                crypto_hash_sha256_update(inside(s), bytes, n);
}

struct hash hash_end(struct hash_state *s)
{
        struct hash h;
        crypto_hash_sha256_final(inside(s), h.b);
        return h;
}
