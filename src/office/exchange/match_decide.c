/* SPDX-License-Identifier: Apache-2.0
 *
 * What people do with a match: look whether it is the same person, tell them, hear them, and decide. No benefit is held before the person was told and
 * was heard or let the days pass, and not by who looked or told.
 */
#include "office/exchange/match.h"

#include "office/json.h"

#include <string.h>

int match_read(struct tx *tx, int32_t home, int64_t id, struct match *out, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT batch, line, person, confidence, hearing_days, looked_by, told_by, heard_by, feed, content, state, "
                   "event_day, told_day, hear_until FROM exchange_match WHERE home = ?1@int AND id = ?2@int",
                   "ii", (int64_t)home, id);

        *out = (struct match){.home = home, .id = id};
        if (rc == 0)
                return error_raise(err, SB_EXCHANGE_MATCH, "%lld", (long long)id);
        if (rc < 0)
                return rc;
        out->batch = stmt_int(q, 0);
        out->line = stmt_int(q, 1);
        out->person = stmt_int(q, 2);
        out->confidence = stmt_int(q, 3);
        out->hearing_days = stmt_int(q, 4);
        out->looked_by = stmt_int(q, 5);
        out->told_by = stmt_int(q, 6);
        out->heard_by = stmt_int(q, 7);
        text_copy(out->feed, sizeof out->feed, stmt_text(q, 8));
        text_copy(out->content, sizeof out->content, stmt_text(q, 9));
        text_copy(out->state, sizeof out->state, stmt_text(q, 10));
        out->event = (day_t)stmt_int(q, 11);
        out->told = (day_t)stmt_int(q, 12);
        out->hear_until = (day_t)stmt_int(q, 13);
        return 0;
}

struct step {
        struct match m;
        const char *decision, *note, *means, *reference;
        day_t day;
        month_t month;
};

/* The match in the state that the step begins in; the person's row is held, so that two do not decide at once. */
static int match_hold(struct tx *tx, struct call *c, struct step *s, const char *state, struct error *err)
{
        int64_t id = s->m.id;
        int rc = match_read(tx, c->house->home, id, &s->m, err);

        rc = rc ? rc : person_touch(tx, c->house->home, s->m.person, 0, NULL, err);
        rc = rc ? rc : match_read(tx, c->house->home, id, &s->m, err);
        if (rc == 0 && strcmp(s->m.state, state) != 0)
                rc = error_raise(err, SB_EXCHANGE_MATCH_STATE, "%lld|%s", (long long)id, s->m.state);
        return rc;
}

static int said(const struct step *s, const char *state, struct change *change, json_t **out, struct error *err)
{
        change->subject_kind = "exchange_match";
        change->subject = s->m.id;
        change->audit = json_pack("{s:s,s:s}", "from", s->m.state, "state", state);
        *out = json_pack("{s:I,s:s}", "match", (json_int_t)s->m.id, "state", state);
        return *out == NULL || change->audit == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- the same person? ---------------------------------------------------------------------------------------------------------------------- */

static int look_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct step *s = ctx;
        const char *state = strcmp(s->decision, "same") == 0 ? "tell" : "other";
        int rc = match_hold(tx, c, s, "look", err);

        rc = rc ? rc
                : tx_exec(tx, err,
                          "UPDATE exchange_match SET state = ?3@text, looked_by = ?4@int, looked_at = ?5@int, note = ?6@text, "
                          "version "
                          "= version + 1 WHERE home = ?1@int AND id = ?2@int",
                          "iitiit", (int64_t)s->m.home, s->m.id, state, c->who.staff, (int64_t)clock_now(c->house->clock),
                          s->note);
        return rc ? rc : said(s, state, change, out, err);
}

int match_look(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct step s = {.note = ""};
        int rc = json_get_int(in, "match", true, &s.m.id, err);

        rc = rc ? rc : json_get_text(in, "decision", true, &s.decision, err);
        rc = rc ? rc : json_get_text(in, "note", true, &s.note, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "exchange.match_look"), in, look_apply, &s, out, err);
}

/* --- told ------------------------------------------------------------------------------------------------------------------------------------ */

static int told_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct step *s = ctx;
        int rc = match_hold(tx, c, s, "tell", err);

        if (rc == 0 && s->m.hearing_days < 0) /* the pack does not know how long: nobody guesses */
                rc = error_raise(err, SB_EXCHANGE_HEARING, "%s", s->m.feed);
        rc =
            rc ? rc
               : tx_exec(
                     tx, err,
                     "UPDATE exchange_match SET state = 'hearing', told_by = ?3@int, told_day = ?4@int, told_means = ?5@text, "
                     "told_reference = ?6@text, hear_until = ?7@int, version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                     "iiiitti", (int64_t)s->m.home, s->m.id, c->who.staff, (int64_t)s->day, s->means, s->reference,
                     (int64_t)(s->day + (day_t)s->m.hearing_days));
        return rc ? rc : said(s, "hearing", change, out, err);
}

int match_told(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct step s = {.reference = "", .day = clock_today(c->house->clock)};
        day_t today = s.day;
        int rc = json_get_int(in, "match", true, &s.m.id, err);

        rc = rc ? rc : json_get_text(in, "means", true, &s.means, err);
        rc = rc ? rc : json_get_text(in, "reference", false, &s.reference, err);
        rc = rc ? rc : json_get_day(in, "day", false, &s.day, err);
        if (rc == 0 && s.day > today)
                rc = error_raise(err, SB_FIELD_TYPE, "%s|%s", "day", ERROR_BOTH("a day that has come", "不晚于今天的日期"));
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "exchange.match_told"), in, told_apply, &s, out, err);
}

/* --- heard ----------------------------------------------------------------------------------------------------------------------------------- */

static int heard_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct step *s = ctx;
        int rc = match_hold(tx, c, s, "hearing", err);

        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "UPDATE exchange_match SET heard_by = ?3@int, heard_at = ?4@int, heard = ?5@text, version = version + 1 "
                      "WHERE home = ?1@int AND id = ?2@int",
                      "iiiit", (int64_t)s->m.home, s->m.id, c->who.staff, (int64_t)clock_now(c->house->clock), s->note);
        return rc ? rc : said(s, "hearing", change, out, err);
}

int match_heard(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct step s = {.note = ""};
        int rc = json_get_int(in, "match", true, &s.m.id, err);

        rc = rc ? rc : json_get_text(in, "heard", true, &s.note, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "exchange.match_heard"), in, heard_apply, &s, out, err);
}

/* --- decided --------------------------------------------------------------------------------------------------------------------------------- */

enum { AWARDS_MAX = 20 };

static int awards_read(struct tx *tx, const struct match *m, int64_t awards[AWARDS_MAX], int *count, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id FROM award WHERE home = ?1@int AND person = ?2@int AND state = 'active' AND known_to = ?3@int "
                     "ORDER BY id LIMIT 20",
                     "iii", (int64_t)m->home, m->person, (int64_t)INSTANT_END);

        *count = 0;
        while ((rc = row_next(rc, q, err)) == 1 && *count < AWARDS_MAX)
                awards[(*count)++] = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

static int awards_hold(struct tx *tx, struct call *c, const struct step *s, struct error *err)
{
        int64_t awards[AWARDS_MAX];
        int count = 0;
        int rc = awards_read(tx, &s->m, awards, &count, err);

        for (int i = 0; rc == 0 && i < count; i++)
                rc = award_hold(tx, c->house->ids, s->m.home, awards[i],
                                strcmp(s->m.content, "deaths") == 0 ? "death" : "prison", s->month, c->who.staff,
                                clock_now(c->house->clock), err);
        return rc;
}

/* Somebody else than who looked or told, after the person was heard or the days are over. */
static int decision_may(const struct call *c, const struct step *s, struct error *err)
{
        char day[16];

        if (c->who.staff == s->m.looked_by || c->who.staff == s->m.told_by)
                return error_raise(err, SB_EXCHANGE_MATCH_OWN, "%s", "");
        if (s->m.heard_by == 0 && clock_today(c->house->clock) <= s->m.hear_until)
                return error_raise(err, SB_EXCHANGE_HEARING_RUNS, "%s", day_text(s->m.hear_until, day));
        return 0;
}

static int decide_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct step *s = ctx;
        bool stop = strcmp(s->decision, "stop") == 0;
        int rc = match_hold(tx, c, s, "hearing", err);

        rc = rc ? rc : decision_may(c, s, err);
        if (rc == 0 && s->month == 0)
                s->month = month_of(s->m.event) + 1;
        if (rc == 0 && stop)
                rc = awards_hold(tx, c, s, err);
        rc = rc ? rc
                : tx_exec(tx, err,
                          "UPDATE exchange_match SET state = ?3@text, decided_by = ?4@int, decided_at = ?5@int, stop_month = "
                          "?6@int, "
                          "note = ?7@text, version = version + 1 WHERE home = ?1@int AND id = ?2@int",
                          "iitiiit", (int64_t)s->m.home, s->m.id, stop ? "stopped" : "kept", c->who.staff,
                          (int64_t)clock_now(c->house->clock), (int64_t)(stop ? s->month : 0), s->note);
        return rc ? rc : said(s, stop ? "stopped" : "kept", change, out, err);
}

int match_decide(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct step s = {.note = ""};
        int rc = json_get_int(in, "match", true, &s.m.id, err);

        rc = rc ? rc : json_get_text(in, "decision", true, &s.decision, err);
        rc = rc ? rc : json_get_text(in, "note", true, &s.note, err);
        rc = rc ? rc : json_get_month(in, "month_from", false, &s.month, err);
        return rc ? rc
                  : verb_change(c, registry_find(c->house->verbs, "exchange.match_decide"), in, decide_apply, &s, out, err);
}
