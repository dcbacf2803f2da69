/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process P23 (待遇暂停、恢复与终止) does when it is approved: all awards of the person that the office pays are stopped from the
 * month, or paid again from it. Who has no award here is answered as not done: the benefit is kept elsewhere, and a clerk sees to it.
 */
#include "office/json.h"

#include "office/pension/pension.h"

#include <string.h>

enum { AWARDS_MAX = 16, STOPS_MAX = 64 };

struct asked {
        int64_t person;
        const char *action, *cause;
        month_t month;
};

/* The awards of a person that are paid, or stopped, today. */
static int awards_of(struct tx *tx, int32_t home, int64_t person, int64_t out[AWARDS_MAX], int *count, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id FROM award WHERE home = ?1@int AND person = ?2@int AND state = 'active' AND known_to = "
                          "?3@int ORDER BY id",
                          "iii", (int64_t)home, person, (int64_t)INSTANT_END);

        *count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (*count == AWARDS_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the awards of a person", "人员的待遇条数"),
                                           AWARDS_MAX);
                out[(*count)++] = stmt_int(q, 0);
        }
        return rc;
}

/* Every stop that reaches past the month ends with it; one that begins no earlier was for nothing, and its months are made good. cause: only
 * stops for it; NULL all. */
static int award_resume(struct tx *tx, struct call *c, int64_t award, month_t month, const char *cause, int *lifted,
                        struct error *err)
{
        int64_t stops[STOPS_MAX];
        month_t from[STOPS_MAX];
        int n = 0;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, month_from, reason FROM award_stop WHERE home = ?1@int AND award = ?2@int AND known_to = ?3@int "
            "AND month_to > ?4@int ORDER BY id",
            "iiii", (int64_t)c->house->home, award, (int64_t)INSTANT_END, (int64_t)month);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (cause != NULL && !str_is(stmt_text(q, 2), cause))
                        continue;
                if (n == STOPS_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the stops of an award", "待遇停发的条数"),
                                           STOPS_MAX);
                stops[n] = stmt_int(q, 0);
                from[n++] = (month_t)stmt_int(q, 1);
        }
        for (int k = 0; rc == 0 && k < n; k++)
                rc = stop_lift(tx, c, award, stops[k], month > from[k] ? month : MONTH_END, err);
        *lifted += n;
        return rc;
}

static int state_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct asked *a = ctx;
        int64_t awards[AWARDS_MAX];
        bool lift = strcmp(a->action, "lift") == 0, resume = lift || strcmp(a->action, "resume") == 0;
        int count = 0, lifted = 0;
        char number[32];
        int rc = awards_of(tx, c->house->home, a->person, awards, &count, err);

        for (int k = 0; rc == 0 && k < count; k++)
                rc = resume ? award_resume(tx, c, awards[k], a->month, lift ? a->cause : NULL, &lifted, err)
                            : award_hold(tx, c->house->ids, c->house->home, awards[k], a->cause, a->month, c->who.staff,
                                         clock_now(c->house->clock), err);
        if (rc == 0 && count > 0 && resume && !lift && lifted == 0)
                rc = error_raise(err, SB_PENSION_STOP, "%s", "");
        if (rc < 0)
                return rc;
        change->subject_kind = count > 0 ? "award" : "person";
        change->subject = count > 0 ? awards[0] : a->person;
        change->audit = json_pack("{s:s,s:s,s:i}", "action", a->action, "cause", a->cause, "awards", count);
        *out = json_pack("{s:b,s:s?,s:i}", "done", count > 0, "number",
                         count > 0 ? readable_number(AWARD_PREFIX, c->house->home, awards[0], number) : NULL, "awards", count);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int pension_change_state(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.action = "", .cause = ""};
        int rc = json_get_int(in, "person", false, &a.person, err);

        /* A case that a message began has no form: the clerk does what was decided. One that is about no award asks for nothing. */
        if (rc == 0 && (a.person == 0 || json_text(in, "action")[0] == '\0')) {
                *out = json_pack("{s:b,s:n}", "done", 0, "number");
                return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        rc = rc ? rc : json_get_text(in, "action", true, &a.action, err);
        rc = rc ? rc : json_get_text(in, "cause", true, &a.cause, err);
        rc = rc ? rc : json_get_month(in, "month", true, &a.month, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "pension.change_state"), in, state_apply, &a, out, err);
}
