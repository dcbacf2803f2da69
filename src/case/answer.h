/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers of verbs: lists, and fields in the API's own terms. Knows no subject.
 */
#ifndef CASE_ANSWER_H
#define CASE_ANSWER_H

#include "base/json.h"

/* Put a field; nothing happens when o or the value is NULL. An end that is no
 * end (DAY_END, MONTH_END) becomes null. */
void put_int(json_t *o, const char *name, int64_t value);
void put_text(json_t *o, const char *name, const char *value);
void put_str(json_t *o, const char *name, struct str value);
void put_hash(json_t *o, const char *name, struct str hash); /* its bytes, written in hexadecimal; zeros when there are none */
void put_bool(json_t *o, const char *name, bool value);
void put_money(json_t *o, const char *name, fen_t value);
void put_day(json_t *o, const char *name, day_t value);
void put_last_day(json_t *o, const char *name, day_t end); /* half-open end → the last day that people write */
void put_month(json_t *o, const char *name, month_t value);
void put_instant(json_t *o, const char *name, instant_t value);
void put_value(json_t *o, const char *name, json_t *owned);

/* {"items": items, "next": null or the cursor}; takes items. */
int list_answer(json_t **out, json_t *items, const char *next, struct error *err);
/* limit and cursor of a list verb, whose schema bounds the limit (50 when there is none); the cursor a number (0). */
int list_page(const json_t *in, int *limit, int64_t *after, struct error *err);

#endif
