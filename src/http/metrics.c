/* SPDX-License-Identifier: Apache-2.0 */
#include "http/exchange.h"

#include <pthread.h>
#include <stdlib.h>

/* Upper bounds of the histogram of answer times, in milliseconds. */
static const int BOUNDS_MS[] = {5, 10, 25, 50, 100, 250, 500, 1000, 5000};
#define BOUNDS (sizeof(BOUNDS_MS) / sizeof(BOUNDS_MS[0]))

struct metrics {
        pthread_mutex_t lock;
        uint64_t by_class[6]; /* answers 1xx … 5xx */
        uint64_t bucket[BOUNDS + 1], count;
        double seconds;
};

struct metrics *metrics_new(void)
{
        struct metrics *m = calloc(1, sizeof *m);

        if (m != NULL)
                pthread_mutex_init(&m->lock, NULL);
        return m;
}

void metrics_free(struct metrics *m)
{
        if (m == NULL)
                return;
        pthread_mutex_destroy(&m->lock);
        free(m);
}

void metrics_count(struct metrics *m, int status, double seconds)
{
        size_t b = 0;

        while (b < BOUNDS && seconds * 1000.0 > BOUNDS_MS[b])
                b++;
        pthread_mutex_lock(&m->lock);
        if (status >= 100 && status < 600)
                m->by_class[status / 100]++;
        m->bucket[b]++;
        m->count++;
        m->seconds += seconds;
        pthread_mutex_unlock(&m->lock);
}

void metrics_text(struct metrics *m, struct buf *out)
{
        uint64_t below = 0;

        pthread_mutex_lock(&m->lock);
        buf_add_text(out, "# HELP shebao_http_answers_total Answers by class of status.\n"
                          "# TYPE shebao_http_answers_total counter\n");
        for (int i = 1; i < 6; i++)
                buf_add_format(out, "shebao_http_answers_total{class=\"%dxx\"} %llu\n", i, (unsigned long long)m->by_class[i]);
        buf_add_text(out, "# HELP shebao_http_seconds Time to answer.\n# TYPE shebao_http_seconds histogram\n");
        for (size_t b = 0; b < BOUNDS; b++) {
                below += m->bucket[b];
                buf_add_format(out, "shebao_http_seconds_bucket{le=\"%g\"} %llu\n", BOUNDS_MS[b] / 1000.0,
                               (unsigned long long)below);
        }
        buf_add_format(out,
                       "shebao_http_seconds_bucket{le=\"+Inf\"} %llu\nshebao_http_seconds_sum %.6f\n"
                       "shebao_http_seconds_count %llu\n",
                       (unsigned long long)m->count, m->seconds, (unsigned long long)m->count);
        pthread_mutex_unlock(&m->lock);
}
