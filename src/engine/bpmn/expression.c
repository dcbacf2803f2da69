/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/bpmn/model.h"

#include <stdlib.h>
#include <string.h>

#define DAY_FIRST (-719162) /* 0001-01-01 */

#define EXPRESSION_MEMORY ((size_t)16 << 20)
#define EXPRESSION_STEPS 200000

struct evaluation {
        struct arena *arena;
        struct feel_machine machine;
        struct error fault;
        struct feel_value value;
};

static int wrong(const char *text, const char *both, struct error *err)
{
        return error_raise(err, SB_BPMN_EXPRESSION, "%.120s|%s", text, both);
}

/* e->value lives until evaluation_end. */
static int evaluate(struct evaluation *e, const struct feel_node *n, const struct value_scope *v, const char *text,
                    struct error *err)
{
        struct feel_limits limits = {.steps = EXPRESSION_STEPS};
        struct feel_value variables, result;

        memset(e, 0, sizeof *e);
        e->arena = arena_new(EXPRESSION_MEMORY);
        if (e->arena == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        feel_machine_init(&e->machine, e->arena, &limits, &e->fault);
        int rc = feel_from_json(&e->machine, v->variables, NULL, &variables, err);
        struct feel_env outer = {.value = variables}, inner = {.name = "result", .up = &outer};
        if (rc == 0 && v->result != NULL) {
                rc = feel_from_json(&e->machine, v->result, NULL, &result, err);
                inner.value = result;
        }
        if (rc == 0)
                rc = feel_eval(&e->machine, n, v->result == NULL ? &outer : &inner, &e->value);
        if (rc < 0 && e->fault.code != SB_OK && err != NULL && err->code == SB_OK) {
                *err = e->fault;
                error_where(err, "%.200s", text);
        }
        return rc < 0 ? ERR : 0;
}

static void evaluation_end(struct evaluation *e)
{
        feel_machine_dispose(&e->machine);
        arena_free(e->arena);
}

int expression_bool(const struct feel_node *n, const struct value_scope *v, const char *text, bool *out, struct error *err)
{
        struct evaluation e;
        int rc = evaluate(&e, n, v, text, err);

        /* Null is no answer: a path must not be chosen because something is unknown. */
        if (rc == 0 && e.value.kind != FEEL_BOOLEAN)
                rc = error_raise(err, SB_BPMN_CONDITION, "%.120s|%s", text, feel_kind_name(e.value.kind));
        if (rc == 0)
                *out = e.value.boolean;
        evaluation_end(&e);
        return rc;
}

/* Whole numbers become integers of JSON, other numbers text, so that a key or a count passes through unchanged. */
static json_t *value_json(const struct feel_value *v)
{
        json_t *out = NULL;
        int64_t number;

        switch (v->kind) {
        case FEEL_NUMBER:
                out = feel_to_json(v);
                if (json_is_string(out) && text_to_int(str_from(json_string_value(out)), &number)) {
                        json_decref(out);
                        out = json_integer(number);
                }
                return out;
        case FEEL_LIST:
                out = json_array();
                for (uint32_t i = 0; i < v->count; i++)
                        if (json_array_append_new(out, value_json(&v->items[i])) != 0) {
                                json_decref(out);
                                return NULL;
                        }
                return out;
        case FEEL_CONTEXT:
                out = json_object();
                for (uint32_t i = 0; i < v->count; i++)
                        if (json_object_set_new(out, v->entries[i].name, value_json(&v->entries[i].value)) != 0) {
                                json_decref(out);
                                return NULL;
                        }
                return out;
        default:
                return feel_to_json(v);
        }
}

int expression_json(const struct feel_node *n, const struct value_scope *v, const char *text, json_t **out, struct error *err)
{
        struct evaluation e;
        int rc = evaluate(&e, n, v, text, err);

        if (rc == 0 && (*out = value_json(&e.value)) == NULL)
                rc = wrong(text, ERROR_BOTH("it has no form in JSON", "其结果无法用 JSON 表示"), err);
        evaluation_end(&e);
        return rc;
}

/* A date, or a date and time, of the years 1 to 9999. */
static bool moment_fits(const struct feel_value *v)
{
        return (v->kind == FEEL_DATE || v->kind == FEEL_DATE_TIME) && v->moment.day >= DAY_FIRST && v->moment.day < DAY_END;
}

/* The same day and time so many months later; the last day of a month that has no such day. False when it is out of range. */
static bool months_after(instant_t now, int64_t months, instant_t *out)
{
        day_t today = instant_day(now);
        int year, month, day;

        if (months < 0 || months > MONTH_END)
                return false;
        day_split(today, &year, &month, &day);
        int64_t then = month_from(year, month) + months;
        if (then > MONTH_END)
                return false;
        day_t last = month_last((month_t)then), at = month_first((month_t)then) + day - 1;
        *out = day_instant(at < last ? at : last) + (now - day_instant(today));
        return true;
}

int expression_instant(const struct feel_node *n, const struct value_scope *v, const char *text, instant_t now, instant_t *out,
                       struct error *err)
{
        struct evaluation e;
        int rc = evaluate(&e, n, v, text, err);
        struct feel_value *x = &e.value;

        if (rc == 0 && x->kind == FEEL_STRING) { /* a duration or a time written as ISO text */
                struct feel_value read;
                if (feel_from_text(&e.machine, "days and time duration", x->string, &read) ||
                    feel_from_text(&e.machine, "years and months duration", x->string, &read) ||
                    feel_from_text(&e.machine, "date and time", x->string, &read) ||
                    feel_from_text(&e.machine, "date", x->string, &read))
                        *x = read;
        }
        if (rc == 0 && x->kind == FEEL_DAYS && x->ns >= 0 && x->ns / 1000 < INSTANT_END - now)
                *out = now + (instant_t)(x->ns / 1000);
        else if (rc == 0 && x->kind == FEEL_MONTHS && months_after(now, x->months, out))
                ;
        else if (rc == 0 && moment_fits(x) && x->kind == FEEL_DATE)
                *out = day_instant((day_t)x->moment.day);
        else if (rc == 0 && moment_fits(x) && x->moment.zoned)
                *out = x->moment.day * 86400000000 + x->moment.ns / 1000 - (instant_t)x->moment.offset_s * 1000000;
        else if (rc == 0 && moment_fits(x))
                *out = day_instant((day_t)x->moment.day) + x->moment.ns / 1000;
        else if (rc == 0)
                rc = wrong(text, ERROR_BOTH("a duration or a date is needed", "应为时长或日期"), err);
        evaluation_end(&e);
        return rc;
}

int expression_span(const struct feel_node *n, const struct value_scope *v, const char *text, struct span *out,
                    struct error *err)
{
        struct evaluation e;
        int rc = evaluate(&e, n, v, text, err);
        struct feel_value *x = &e.value;

        if (rc == 0 && x->kind == FEEL_STRING) {
                struct feel_value read;
                if (feel_from_text(&e.machine, "days and time duration", x->string, &read) ||
                    feel_from_text(&e.machine, "years and months duration", x->string, &read))
                        *x = read;
        }
        *out = (struct span){.months = rc == 0 && x->kind == FEEL_MONTHS ? x->months : 0,
                             .us = rc == 0 && x->kind == FEEL_DAYS && x->ns / 1000 <= INT64_MAX ? (int64_t)(x->ns / 1000) : 0};
        if (rc == 0 && ((out->months <= 0 && out->us <= 0) || out->months > MONTH_END || out->us > INSTANT_END))
                rc = wrong(text, ERROR_BOTH("a duration is needed", "应为时长"), err);
        evaluation_end(&e);
        return rc;
}
