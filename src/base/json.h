/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON through jansson, with limits and one canonical form. Duplicate keys are refused, integers
 * exact. Amounts and decimals travel as strings ("1234.50"), never as JSON reals.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/calendar.h"
#include "base/money.h"
#include <jansson.h>

#define JSON_MAX_BYTES ((size_t)16 << 20)

/* Parse at most JSON_MAX_BYTES of UTF-8; depth limited; SB_JSON_SYNTAX with line and column. */
int json_read(json_t **out, struct str text, struct error *err);
int json_read_file(json_t **out, const char *path, struct error *err);
/* Canonical form: keys sorted bytewise, no blanks, UTF-8 unescaped. The form that is hashed and
 * stored. */
int json_canonical(struct buf *out, const json_t *value, struct error *err);

/* Typed fields of an object; `required` false leaves *out untouched when the field is absent or
 * null. SB_FIELD_MISSING, SB_FIELD_TYPE name the field. Strings are borrowed from the object. */
int json_get_text(const json_t *o, const char *name, bool required, const char **out, struct error *err);
int json_get_int(const json_t *o, const char *name, bool required, int64_t *out, struct error *err);
int json_get_bool(const json_t *o, const char *name, bool required, bool *out, struct error *err);
int json_get_money(const json_t *o, const char *name, bool required, fen_t *out, struct error *err); /* "12.50" */
int json_get_day(const json_t *o, const char *name, bool required, day_t *out, struct error *err);
int json_get_month(const json_t *o, const char *name, bool required, month_t *out, struct error *err);
int json_get_array(const json_t *o, const char *name, bool required, const json_t **out, struct error *err);
int json_get_object(const json_t *o, const char *name, bool required, const json_t **out, struct error *err);

/* The text of a field, "" when it is absent or no text: cells of a pack's tables, facts, an input that a schema has judged. Borrowed
 * from the object. */
const char *json_text(const json_t *o, const char *name);

/* Fields of an object that a schema has judged (a verb's input), which cannot fail any more: `absent` stands for a field that is not
 * there or null. The schema must name the type, and of a day "format": "date": what it lets through of another type counts as absent. An
 * object that is NULL has no fields. */
const char *json_text_or(const json_t *o, const char *name, const char *absent); /* borrowed from the object */
int64_t json_int_or(const json_t *o, const char *name, int64_t absent);
bool json_bool_or(const json_t *o, const char *name, bool absent);
day_t json_day_or(const json_t *o, const char *name, day_t absent);

/* Set helpers that own the new value; 0 or SB_MEMORY. */
int json_put_text(json_t *o, const char *name, const char *value, struct error *err);
int json_put_int(json_t *o, const char *name, int64_t value, struct error *err);
int json_put_bool(json_t *o, const char *name, bool value, struct error *err);
int json_put_money(json_t *o, const char *name, fen_t value, struct error *err);
int json_put_day(json_t *o, const char *name, day_t value, struct error *err);
int json_put_month(json_t *o, const char *name, month_t value, struct error *err);
int json_put(json_t *o, const char *name, json_t *owned, struct error *err); /* takes the reference, also on error */

/* Check a value against a small JSON Schema (type, properties, required, additionalProperties,
 * items, enum, pattern, minLength, maxLength, minimum, maximum, maxItems, format: date, month,
 * money, decimal): the subset that the route table uses. `where` gets the path of the field. */
int json_check(const json_t *schema, const json_t *value, struct error *err);

#endif
