/* SPDX-License-Identifier: Apache-2.0
 *
 * One-time codes (RFC 4226, RFC 6238) with HMAC-SHA-1, which is what every authenticator understands.
 */
#include "office/signin/signin.h"

#include <assert.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>
#include <string.h>

#define DIGITS 6

uint32_t totp_code(const unsigned char *secret, size_t n, int64_t step)
{
        unsigned char counter[8], mac[EVP_MAX_MD_SIZE];
        unsigned size = 0;

        for (int i = 0; i < 8; i++)
                counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
        const unsigned char *made = HMAC(EVP_sha1(), secret, (int)n, counter, sizeof counter, mac, &size);
        assert(made != NULL && size == 20);
        unsigned at = mac[19] & 15u;
        uint32_t binary =
            (uint32_t)(mac[at] & 127u) << 24 | (uint32_t)mac[at + 1] << 16 | (uint32_t)mac[at + 2] << 8 | mac[at + 3];
        sodium_memzero(mac, sizeof mac);
        return binary % 1000000;
}

int64_t totp_match(const unsigned char secret[TOTP_SECRET], const char *code, instant_t now, int64_t last)
{
        int64_t step = now / 1000000 / TOTP_STEP_S, found = 0;

        if (strlen(code) != DIGITS || strspn(code, "0123456789") != DIGITS)
                return 0;
        for (int64_t s = step - 1; s <= step + 1; s++) {
                char right[DIGITS + 8];
                text_format(right, sizeof right, "%06u", totp_code(secret, TOTP_SECRET, s));
                if (sodium_memcmp(right, code, DIGITS) == 0 && s > last)
                        found = s;
        }
        return found;
}

void base32_text(struct buf *out, const unsigned char *p, size_t n)
{
        static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        uint32_t bits = 0;
        int have = 0;

        for (size_t i = 0; i < n; i++) {
                bits = bits << 8 | p[i];
                for (have += 8; have >= 5; have -= 5)
                        buf_add_char(out, ALPHABET[bits >> (have - 5) & 31]);
                bits &= (1u << have) - 1;
        }
        if (have > 0)
                buf_add_char(out, ALPHABET[bits << (5 - have) & 31]);
}
