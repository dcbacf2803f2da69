/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <assert.h>
#include <errno.h>
#include <iconv.h>

/* Length of the sequence that a first byte announces, its payload bits, and the least code point
 * that may need that length (less is an overlong form). 0 for a byte that begins nothing. */
static size_t announced(unsigned char b, int32_t *bits, int32_t *least)
{
        if (b < 0x80) {
                *bits = b;
                *least = 0;
                return 1;
        }
        if (b >= 0xC2 && b < 0xE0) {
                *bits = b & 0x1F;
                *least = 0x80;
                return 2;
        }
        if (b >= 0xE0 && b < 0xF0) {
                *bits = b & 0x0F;
                *least = 0x800;
                return 3;
        }
        if (b >= 0xF0 && b < 0xF5) {
                *bits = b & 0x07;
                *least = 0x10000;
                return 4;
        }
        return 0;
}

int32_t utf8_next(struct str s, size_t *i)
{
        assert(*i < s.n);
        int32_t c, least;
        size_t n = announced((unsigned char)s.p[*i], &c, &least);
        if (n == 0 || n > s.n - *i)
                return -1;
        for (size_t k = 1; k < n; k++) {
                unsigned char b = (unsigned char)s.p[*i + k];
                if ((b & 0xC0) != 0x80)
                        return -1;
                c = (c << 6) | (b & 0x3F);
        }
        if (c < least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF))
                return -1;
        *i += n;
        return c;
}

size_t utf8_put(char out[4], uint32_t c)
{
        assert(c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF));
        unsigned char *o = (unsigned char *)out;
        if (c < 0x80) {
                o[0] = (unsigned char)c;
                return 1;
        }
        if (c < 0x800) {
                o[0] = (unsigned char)(0xC0 | (c >> 6));
                o[1] = (unsigned char)(0x80 | (c & 0x3F));
                return 2;
        }
        if (c < 0x10000) {
                o[0] = (unsigned char)(0xE0 | (c >> 12));
                o[1] = (unsigned char)(0x80 | ((c >> 6) & 0x3F));
                o[2] = (unsigned char)(0x80 | (c & 0x3F));
                return 3;
        }
        o[0] = (unsigned char)(0xF0 | (c >> 18));
        o[1] = (unsigned char)(0x80 | ((c >> 12) & 0x3F));
        o[2] = (unsigned char)(0x80 | ((c >> 6) & 0x3F));
        o[3] = (unsigned char)(0x80 | (c & 0x3F));
        return 4;
}

int utf8_check(struct str s, struct error *err)
{
        size_t i = 0;
        while (i < s.n) {
                unsigned char b = (unsigned char)s.p[i];
                if (b != 0 && b < 0x80) {
                        i++;
                        continue;
                }
                size_t at = i;
                if (b == 0 || utf8_next(s, &i) < 0)
                        return error_raise(err, SB_NOT_UTF8, "UTF-8|%zu", at + 1);
        }
        return 0;
}

size_t utf8_length(struct str s)
{
        size_t n = 0;
        for (size_t i = 0; i < s.n; i++)
                n += ((unsigned char)s.p[i] & 0xC0) != 0x80;
        return n;
}

static int convert(struct buf *out, struct str in, const char *to, const char *from, const char *name, struct error *err)
{
        iconv_t cd = iconv_open(to, from);
        if (cd == (iconv_t)-1)
                return error_raise(err, SB_INTERNAL, "iconv %s → %s", from, to);
        int rc = 0;
        char *p = (char *)(uintptr_t)in.p; /* iconv takes a pointer to char * but does not write there */
        size_t left = in.n;
        while (rc == 0 && left > 0) {
                char block[4096];
                char *o = block;
                size_t room = sizeof block;
                size_t done = iconv(cd, &p, &left, &o, &room);
                int why = errno;
                buf_add(out, block, sizeof block - room);
                if (done == (size_t)-1 && why != E2BIG)
                        rc = error_raise(err, SB_NOT_UTF8, "%s|%zu", name, in.n - left + 1);
        }
        iconv_close(cd);
        if (rc == 0)
                rc = buf_check(out, err);
        return rc;
}

int text_from_gb18030(struct buf *out, struct str bytes, struct error *err)
{
        return convert(out, bytes, "UTF-8", "GB18030", "GB18030", err);
}

int text_to_gb18030(struct buf *out, struct str utf8, struct error *err)
{
        return convert(out, utf8, "GB18030", "UTF-8", "UTF-8", err);
}
