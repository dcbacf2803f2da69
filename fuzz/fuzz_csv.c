/* SPDX-License-Identifier: Apache-2.0 */
#include "base/csv.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever is read can be written, and reading that gives the same records. */
static void check_round(const struct str *fields, size_t count)
{
        struct buf b;
        struct csv_reader *r = NULL;
        const struct str *again = NULL;
        size_t n = 0;
        buf_init(&b, (size_t)4 << 20);
        for (size_t i = 0; i < count; i++)
                csv_put(&b, i == 0, fields[i]);
        csv_end(&b);
        if (b.failed || csv_open_text(&r, (struct str){b.p, b.n}, CSV_UTF8, NULL) != 0)
                abort();
        if (csv_next(r, &again, &n, NULL) != 1 || n != count)
                abort();
        for (size_t i = 0; i < count; i++)
                if (!str_equal(fields[i], again[i]))
                        abort();
        if (csv_next(r, &again, &n, NULL) != 0)
                abort();
        csv_close(r);
        buf_dispose(&b);
}

static void read_all(struct str text, enum csv_encoding encoding, bool header)
{
        struct error err = {0};
        struct csv_reader *r = NULL;
        const struct str *fields = NULL;
        size_t count = 0;
        if (csv_open_text(&r, text, encoding, &err) != 0)
                abort();
        int rc = header ? csv_header(r, &err) : 0;
        while (rc >= 0 && (rc = csv_next(r, &fields, &count, &err)) == 1)
                check_round(fields, count);
        if (rc < 0 && err.code == SB_OK)
                abort();
        csv_close(r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str text = {(const char *)data, size};
        read_all(text, CSV_UTF8, false);
        read_all(text, CSV_UTF8, true);
        read_all(text, CSV_GB18030, false);
        return 0;
}
