/* SPDX-License-Identifier: Apache-2.0 */
#include "case/answer.h"

#include "base/hash.h"

/* A field that could not be set for want of memory is missing in the answer; the schema's `required` and the client show
 * it. Nothing of the data depends on it. */
void put_value(json_t *o, const char *name, json_t *owned)
{
        if (o == NULL || owned == NULL)
                json_decref(owned);
        else
                json_object_set_new(o, name, owned);
}

void put_int(json_t *o, const char *name, int64_t value)
{
        put_value(o, name, json_integer(value));
}

void put_text(json_t *o, const char *name, const char *value)
{
        put_value(o, name, json_string(value));
}

void put_str(json_t *o, const char *name, struct str value)
{
        put_value(o, name, json_stringn(value.n == 0 ? "" : value.p, value.n));
}

void put_bool(json_t *o, const char *name, bool value)
{
        put_value(o, name, json_boolean(value));
}

void put_money(json_t *o, const char *name, fen_t value)
{
        char text[24];

        put_text(o, name, money_text(value, text));
}

void put_day(json_t *o, const char *name, day_t value)
{
        char text[16];

        if (value >= DAY_END)
                put_value(o, name, json_null());
        else
                put_text(o, name, day_text(value, text));
}

void put_last_day(json_t *o, const char *name, day_t end)
{
        put_day(o, name, end >= DAY_END ? DAY_END : end - 1);
}

void put_month(json_t *o, const char *name, month_t value)
{
        char text[16];

        if (value >= MONTH_END)
                put_value(o, name, json_null());
        else
                put_text(o, name, month_text(value, text));
}

void put_instant(json_t *o, const char *name, instant_t value)
{
        char text[32];

        put_text(o, name, instant_text(value, text));
}

int list_answer(json_t **out, json_t *items, const char *next, struct error *err)
{
        json_t *o = json_object();

        if (o == NULL || items == NULL) {
                json_decref(o);
                json_decref(items);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        put_value(o, "items", items);
        put_value(o, "next", next == NULL ? json_null() : json_string(next));
        *out = o;
        return 0;
}

int list_page(const json_t *in, int *limit, int64_t *after, struct error *err)
{
        const char *cursor = json_text(in, "cursor");

        *limit = (int)json_int_or(in, "limit", 50);
        *after = 0;
        if (cursor[0] != '\0' && !text_to_int(str_from(cursor), after))
                return error_raise(err, SB_FIELD_TYPE, "%s|%s", "cursor",
                                   ERROR_BOTH("the cursor of the page before", "上一页的游标"));
        return 0;
}

void put_hash(json_t *o, const char *name, struct str hash)
{
        struct hash h;
        char hex[65];

        (void)hash_take(&h, hash);
        put_text(o, name, hash_hex(&h, hex));
}
