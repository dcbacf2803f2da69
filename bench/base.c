/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "base/csv.h"
#include "base/hash.h"
#include "base/json.h"
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#define TEXT_BYTES ((size_t)64 << 20)
#define KEYS 1000000

static void fill(struct buf *b)
{
        buf_init(b, TEXT_BYTES + 4096);
        for (int i = 0; b->n < TEXT_BYTES; i++)
                buf_add_format(b,
                               "%d,11010519491231002X,王小明,2024-01-01,5432.10,\"a,b\","
                               "91350100M000100Y43\r\n",
                               i);
}

/* The least that a reader can do: find lines, commas and quotes, and copy the fields. */
static size_t plain_reader(const struct buf *b, char *record)
{
        size_t fields = 0, n = 0;
        bool quoted = false;
        for (const char *p = b->p, *end = b->p + b->n; p < end; p++) {
                if (*p == '"') {
                        quoted = !quoted;
                } else if (!quoted && (*p == ',' || *p == '\n')) {
                        fields++;
                        n = *p == '\n' ? 0 : n;
                } else {
                        record[n++] = *p;
                }
        }
        return fields;
}

static size_t house_reader(const struct buf *b)
{
        struct csv_reader *r = NULL;
        const struct str *f;
        size_t count, fields = 0;
        if (csv_open_text(&r, (struct str){b->p, b->n}, CSV_UTF8, NULL) != 0)
                exit(1);
        while (csv_next(r, &f, &count, NULL) == 1)
                fields += count;
        csv_close(r);
        return fields;
}

static int bench_csv(void)
{
        struct buf b;
        char record[4096];
        fill(&b);
        double t0 = clock_monotonic();
        size_t plain = plain_reader(&b, record);
        double t1 = clock_monotonic();
        size_t house = house_reader(&b);
        double t2 = clock_monotonic();
        if (plain != house)
                exit(1);
        int missed = bench_figure("csv_read", (double)b.n / 1e6 / (t2 - t1), "MB/s", 0);
        missed += bench_figure("csv_read_against_plain", (t2 - t1) / (t1 - t0), "x", 4);
        buf_dispose(&b);
        return missed;
}

static int bench_keys(void)
{
        struct keyring *k = NULL;
        uint64_t sum = 0;
        if (keyring_demo(&k, 1, NULL) != 0)
                exit(1);
        double t0 = clock_monotonic();
        for (int i = 0; i < KEYS; i++)
                sum += keyring_short(k, "name", (struct str){(const char *)&i, sizeof i});
        double t1 = clock_monotonic();
        for (int i = 0; i < KEYS; i++)
                sum += keyring_index(k, "id", (struct str){(const char *)&i, sizeof i}).b[0];
        double t2 = clock_monotonic();
        struct hash h = hash_of(&sum, sizeof sum);
        for (int i = 0; i < KEYS; i++)
                h = hash_of(h.b, sizeof h.b);
        double t3 = clock_monotonic();
        keyring_free(k);
        int missed = bench_figure("key_of_a_name", (t1 - t0) / KEYS * 1e9, "ns", 0);
        missed += bench_figure("key_of_a_number", (t2 - t1) / KEYS * 1e9, "ns", 0);
        return missed + bench_figure("sha256_of_32_bytes", (t3 - t2) / KEYS * 1e9, "ns", 0);
}

int main(void)
{
        return bench_csv() + bench_keys() > 0;
}
