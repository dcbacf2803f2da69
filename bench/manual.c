/* SPDX-License-Identifier: Apache-2.0
 *
 * The manual of the national pack: both languages in one PDF, and searching its chapters, made for the question or kept from the one
 * before.
 */
#include "bench/bench.h"

#include "office/manual/shelf.h"

#include <string.h>
#include <time.h>

#define SEARCHES 200
#define PDF_MAX ((size_t)512 << 20)

static double now_s(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int pdf_measure(struct manual *const ms[2], int *missed, struct error *err)
{
        json_t *books[2] = {NULL, NULL};
        struct buf out;
        double begun = now_s();
        int rc = 0;

        buf_init(&out, PDF_MAX);
        for (size_t i = 0; rc == 0 && i < 2; i++)
                rc = manual_book(&books[i], ms[i], NULL, err);
        rc = rc ? rc : manual_pdf(&out, ms, books, 2, err);
        if (rc == 0) {
                *missed += bench_figure("manual_pdf_seconds", now_s() - begun, "s", 20);
                bench_figure("manual_pdf_megabytes", (double)out.n / 1e6, "MB", 0);
        }
        for (size_t i = 0; i < 2; i++)
                json_decref(books[i]);
        buf_dispose(&out);
        return rc;
}

/* As the verb does it: the manual is opened for each question. */
static int search_measure(struct pack *pack, int *missed, struct error *err)
{
        static const char *const ASKED[] = {"退休", "社会保险法 16", "P17", "二次复审", "不予 理由"};
        struct manual_shelf *shelf = NULL;
        double anew = 0, kept = 0;

        int rc = manual_shelf_new(&shelf, err);
        for (int pass = 0; rc == 0 && pass < 2; pass++) {
                int searches = pass == 0 ? 5 : SEARCHES;
                double begun = now_s();
                for (int i = 0; rc == 0 && i < searches; i++) {
                        json_t *out = NULL;
                        struct manual *m = NULL;
                        rc = manual_open(&m, pack, LANG_ZH, day_from(2026, 11, 24), err);
                        rc = rc ? rc : manual_shelf_search(&out, pass == 0 ? NULL : shelf, m, ASKED[i % 5], 60, err);
                        json_decref(out);
                        manual_close(m);
                }
                *(pass == 0 ? &anew : &kept) = (now_s() - begun) * 1e3 / searches;
        }
        if (rc == 0) {
                bench_figure("manual_search_made_anew_ms", anew, "ms", 0);
                *missed += bench_figure("manual_search_ms", kept, "ms", 20);
        }
        manual_shelf_free(shelf);
        return rc;
}

int main(void)
{
        struct manual *ms[2] = {NULL, NULL};
        struct pack *pack = NULL;
        struct error err = {0};
        int missed = 0;
        char text[600];

        int rc = pack_open(&pack, BENCH_PACKS "/cn", &err);
        for (size_t i = 0; rc == 0 && i < 2; i++)
                rc = manual_open(&ms[i], pack, i == 0 ? LANG_ZH : LANG_EN, day_from(2026, 11, 24), &err);
        rc = rc ? rc : search_measure(pack, &missed, &err);
        rc = rc ? rc : pdf_measure(ms, &missed, &err);
        if (rc != 0)
                fprintf(stderr, "%s\n", error_text(&err, LANG_EN, text, sizeof text));
        for (size_t i = 0; i < 2; i++)
                manual_close(ms[i]);
        pack_free(pack);
        return rc != 0 || missed > 0;
}
