/* SPDX-License-Identifier: Apache-2.0 */
#include "office/registry/registry.h"

#include <string.h>

/* Tagged values, so that a later kind of value needs no new form: "n" name, "i" identity number, "t" telephone,
 * "b" bank, "a" account, each ended by U+001F, which no checked value contains. */
#define SEPARATOR '\x1f'
static const char CONTEXT[] = "person_fact.sealed";

static void put(struct buf *out, char tag, const char *value)
{
        if (value[0] == '\0')
                return;
        buf_add_char(out, tag);
        buf_add_text(out, value);
        buf_add_char(out, SEPARATOR);
}

int payload_seal(const struct seal_key *key, const struct payload *p, struct buf *out, struct error *err)
{
        struct buf plain;
        unsigned char bytes[1024];

        buf_init(&plain, sizeof bytes - SEAL_OVERHEAD);
        put(&plain, 'n', p->name);
        put(&plain, 'i', p->id_number);
        put(&plain, 't', p->telephone);
        put(&plain, 'b', p->bank_name);
        put(&plain, 'a', p->bank_account);
        int rc = buf_check(&plain, err);
        if (rc == 0) {
                seal(key, CONTEXT, (struct str){plain.p, plain.n}, bytes);
                buf_add(out, bytes, plain.n + SEAL_OVERHEAD);
                rc = buf_check(out, err);
        }
        buf_wipe(&plain);
        return rc;
}

static void take(struct payload *out, char tag, struct str value)
{
        switch (tag) {
        case 'n':
                text_copy(out->name, sizeof out->name, value);
                break;
        case 'i':
                text_copy(out->id_number, sizeof out->id_number, value);
                break;
        case 't':
                text_copy(out->telephone, sizeof out->telephone, value);
                break;
        case 'b':
                text_copy(out->bank_name, sizeof out->bank_name, value);
                break;
        case 'a':
                text_copy(out->bank_account, sizeof out->bank_account, value);
                break;
        default: /* of a later version */
                break;
        }
}

int payload_open(const struct seal_key *key, struct str sealed, struct payload *out, struct error *err)
{
        struct buf plain;
        size_t start = 0;

        memset(out, 0, sizeof *out);
        buf_init(&plain, 65536);
        int rc = unseal(key, CONTEXT, sealed, &plain, err);
        for (size_t i = 0; rc == 0 && i < plain.n; i++)
                if (plain.p[i] == SEPARATOR) {
                        if (i > start)
                                take(out, plain.p[start], (struct str){plain.p + start + 1, i - start - 1});
                        start = i + 1;
                }
        buf_wipe(&plain);
        return rc;
}

void payload_dispose(struct payload *p)
{
        explicit_bzero(p, sizeof *p);
}

int text_check(struct str s, size_t max, struct error *err)
{
        bool good = s.n <= max && utf8_check(s, NULL) == 0;

        for (size_t i = 0; good && i < s.n; i++)
                good = (unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7F;
        return good ? 0 : error_raise(err, SB_REGISTRY_TEXT, "%.*s|%zu", (int)(s.n < 60 ? s.n : 60), s.n ? s.p : "", max);
}

char *text_mask(char *out, size_t size, const char *number, size_t head, size_t tail)
{
        size_t n = strlen(number);

        text_copy(out, size, str_from(number));
        for (size_t i = 0; i < strlen(out); i++)
                if (n <= tail || (i + tail < n && (i >= head || n <= head + tail)))
                        out[i] = '*';
        return out;
}
