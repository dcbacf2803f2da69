/* SPDX-License-Identifier: Apache-2.0
 *
 * A structured log: one JSON object a line, on a stream that the program gives. No personal data,
 * no secrets: callers log numbers and codes. Passed in, never global.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/clock.h"
#include "base/error.h"
#include <stdio.h>

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log;
struct log *log_new(FILE *out, enum log_level least, struct clock *clock);
void log_free(struct log *l);
/* event: a short dotted name ("http.request"); then pairs of key and value text, ended by NULL.
 * log_event(l, LOG_INFO, "run.done", "run", id, "rows", rows, NULL). NULL log: nothing. */
__attribute__((sentinel)) void log_event(struct log *l, enum log_level level, const char *event, ...);
void log_error(struct log *l, const char *event, const struct error *err);

#endif
