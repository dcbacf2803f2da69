/* SPDX-License-Identifier: Apache-2.0 */
#include "office/signin/signin.h"

#include "case/pack_store.h"

#include <string.h>

#define MINUTE_US ((instant_t)60 * 1000000)
#define IDLE_MINUTES 30
#define MAX_HOURS 12
#define STEP_UP_MINUTES 30

/* The rows of a table of the pack in force; no rows where there is no pack or no such table. */
static int rows_of(struct house *h, int64_t pool, const char *file, json_t **rows, struct error *err)
{
        struct pack *pack = NULL;

        *rows = NULL;
        if (pool == 0)
                return 0;
        int rc = pack_store_for(h->packs, pool, clock_today(h->clock), clock_now(h->clock), &pack, err);
        return rc ? rc : pack_table_maybe(pack, file, rows, err);
}

static bool role_among(const char *role, uint32_t roles)
{
        uint32_t bit = 0;

        return strcmp(role, "*") == 0 || (staff_roles_parse(&bit, str_from(role), NULL) == 0 && (bit & roles) != 0);
}

/* The lower of two spells; a cell that is no whole number above zero changes nothing. */
static void lower(instant_t *us, const json_t *row, const char *column, instant_t unit_us)
{
        int64_t n;

        if (text_to_int(str_from(json_text(row, column)), &n) && n > 0 && n * unit_us < *us)
                *us = n * unit_us;
}

int sign_in_policy(struct house *h, int64_t pool, uint32_t roles, struct sign_in_policy *out, struct error *err)
{
        json_t *rows, *row;
        size_t i;
        int rc = rows_of(h, pool, "sign_in.csv", &rows, err);

        *out = (struct sign_in_policy){.idle_us = IDLE_MINUTES * MINUTE_US,
                                       .max_us = (instant_t)MAX_HOURS * 60 * MINUTE_US,
                                       .step_up_us = STEP_UP_MINUTES * MINUTE_US};
        json_array_foreach(rows, i, row)
        {
                if (!role_among(json_text(row, "role"), roles))
                        continue;
                out->required = out->required || strcmp(json_text(row, "second_factor"), "required") == 0;
                lower(&out->idle_us, row, "idle_minutes", MINUTE_US);
                lower(&out->max_us, row, "max_hours", 60 * MINUTE_US);
                lower(&out->step_up_us, row, "step_up_minutes", MINUTE_US);
        }
        json_decref(rows);
        return rc;
}

int sign_in_step_up(struct house *h, int64_t pool, const char *verb, uint32_t roles, bool *out, struct error *err)
{
        json_t *rows, *row;
        size_t i;
        int rc = rows_of(h, pool, "step_up.csv", &rows, err);

        *out = false;
        json_array_foreach(rows, i, row)
        {
                *out = *out || (strcmp(json_text(row, "verb"), verb) == 0 && role_among(json_text(row, "role"), roles));
        }
        json_decref(rows);
        return rc;
}
