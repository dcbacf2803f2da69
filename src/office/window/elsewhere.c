/* SPDX-License-Identifier: Apache-2.0
 *
 * Accepted here for another office (跨区域通办): the case belongs to the office that handles it, which alone decides. The office that
 * accepted it follows it, receives papers for it, and hands out its result.
 */
#include "office/window/window.h"

#include "case/answer.h"

#include <string.h>

struct abroad {
        struct call *call;
        int64_t instance, accepted, handling, before;
        char number[32], state[16];
        const char *receiver;
        json_t *items, *o;
        int limit;
        bool more;
};

/* --- what this office accepted for others ------------------------------------------------------------------------------------------------ */

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct abroad *a = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT a.id, i.id, i.number, i.process, i.state, i.due_day, a.created_at, o.name_zh, o.name_en, "
            "COALESCE(e.handed_at, 0) FROM application a CROSS JOIN case_any i "
            "JOIN office o ON o.id = i.office LEFT JOIN elsewhere e ON e.home = i.home AND e.instance = "
            "i.id WHERE i.home = a.home AND i.id = a.instance AND a.home = ?1@int AND (?3@int = 0 OR a.id < ?3@int) AND "
            "a.handling_office <> 0 AND "
            "a.handling_office <> a.office AND a.office IN " OFFICE_SUBTREE("?2@int") " ORDER BY a.id DESC LIMIT ?4@int",
            "iiii", (int64_t)a->call->house->home, a->call->who.office, a->before, (int64_t)a->limit + 1);

        json_array_clear(a->items);
        a->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (json_array_size(a->items) == (size_t)a->limit) {
                        a->more = true;
                        rc = 0;
                        break;
                }
                json_t *o = json_object();
                put_int(o, "application", stmt_int(q, 0));
                put_int(o, "case", stmt_int(q, 1));
                put_str(o, "number", stmt_text(q, 2));
                put_str(o, "process", stmt_text(q, 3));
                put_str(o, "state", stmt_text(q, 4));
                if (stmt_int(q, 5) < DAY_END)
                        put_day(o, "due_day", (day_t)stmt_int(q, 5));
                put_instant(o, "accepted_at", stmt_int(q, 6));
                put_str(o, "office_zh", stmt_text(q, 7));
                put_str(o, "office_en", stmt_text(q, 8));
                put_bool(o, "handed", stmt_int(q, 9) != 0);
                json_array_append_new(a->items, o);
        }
        return rc;
}

int elsewhere_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct abroad a = {.call = c, .items = json_array()};
        char next[24];
        int rc = list_page(in, &a.limit, &a.before, err);

        rc = rc ? rc : store_read(c->house->store, list_read, &a, err);
        if (rc < 0) {
                json_decref(a.items);
                return rc;
        }
        const json_t *last = json_array_get(a.items, json_array_size(a.items) - 1);
        text_format(next, sizeof next, "%lld", (long long)json_integer_value(json_object_get(last, "application")));
        return list_answer(out, a.items, a.more ? next : NULL, err);
}

/* --- one of them ---------------------------------------------------------------------------------------------------------------------------- */

/* The case as this office accepted it for another: SB_WINDOW_ELSEWHERE when it did not. */
static int abroad_take(struct tx *tx, struct abroad *a, struct error *err)
{
        struct call *c = a->call;
        bool within = false;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT a.office, i.office, i.number, i.state FROM application a CROSS JOIN case_any i "
                        "WHERE i.home = a.home AND i.id = a.instance AND a.home = ?1@int AND a.instance = ?2@int AND "
                        "a.handling_office <> 0 AND "
                        "a.handling_office <> a.office ORDER BY a.id LIMIT 1",
                        "ii", (int64_t)c->house->home, a->instance);

        if (rc == 1) {
                a->accepted = stmt_int(q, 0);
                a->handling = stmt_int(q, 1);
                text_copy(a->number, sizeof a->number, stmt_text(q, 2));
                text_copy(a->state, sizeof a->state, stmt_text(q, 3));
                rc = office_within(tx, a->accepted, c->who.office, &within, err);
        }
        if (rc == 0 && !within)
                rc = error_raise(err, SB_WINDOW_ELSEWHERE, "%lld", (long long)a->instance);
        return rc;
}

static int take_read(struct tx *tx, void *ctx, struct error *err)
{
        return abroad_take(tx, ctx, err);
}

/* As the handling office sees it, without what was decided inside: steps, papers, the clock. */
int elsewhere_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        static const char *const FIELDS[] = {"id",    "number",     "process",       "title_zh",  "title_en",
                                             "state", "started_at", "due_day",       "paused",    "papers",
                                             "tasks", "days_left",  "subject_title", "documents", "application"};
        struct abroad a = {.call = c};
        json_t *which = NULL, *file = NULL;
        int rc = json_get_int(in, "case", true, &a.instance, err);

        rc = rc ? rc : store_read(c->house->store, take_read, &a, err);
        if (rc < 0)
                return rc;
        struct call there = *c;
        there.who.office = a.handling;
        which = json_pack("{s:I}", "case", (json_int_t)a.instance);
        rc = which == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                           : verb_call(&there, registry_find(c->house->verbs, "cases.get"), which, &file, err);
        if (rc == 0) {
                *out = json_object();
                for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++)
                        put_value(*out, FIELDS[i], json_incref(json_object_get(file, FIELDS[i])));
        }
        json_decref(which);
        json_decref(file);
        return rc;
}

/* Papers are received here and stand in the file there; who received them is the member of staff of this office. */
int elsewhere_papers(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct abroad a = {.call = c};
        int rc = json_get_int(in, "case", true, &a.instance, err);

        rc = rc ? rc : store_read(c->house->store, take_read, &a, err);
        if (rc < 0)
                return rc;
        struct call there = *c;
        there.who.office = a.handling;
        return verb_call(&there, registry_find(c->house->verbs, "cases.papers"), in, out, err);
}

static int hand_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct abroad *a = ctx;
        int64_t changed = 0;
        int rc = abroad_take(tx, a, err);

        if (rc == 0 && strcmp(a->state, "done") != 0)
                rc = error_raise(err, SB_WINDOW_HANDED, "%s|%s", a->number, ERROR_BOTH("it is not decided yet", "尚未办结"));
        rc = rc ? rc
                : tx_exec_changed(
                      tx, &changed, err,
                      "INSERT INTO elsewhere (home, instance, accepted_office, accepted_by, accepted_at, handed_at, "
                      "handed_by, receiver) SELECT home, instance, office, actor, created_at, ?3@int, ?4@int, ?5@text "
                      "FROM application WHERE home = ?1@int AND instance = ?2@int ON CONFLICT DO NOTHING",
                      "iiiit", (int64_t)c->house->home, a->instance, clock_now(c->house->clock), c->who.staff, a->receiver);
        if (rc == 0 && changed == 0)
                rc = error_raise(err, SB_WINDOW_HANDED, "%s|%s", a->number, ERROR_BOTH("it was handed out before", "已经发放"));
        if (rc < 0)
                return rc;
        change->subject_kind = "case";
        change->subject = a->instance;
        change->audit = json_pack("{s:s}", "to", a->receiver);
        *out = json_pack("{s:I}", "case", (json_int_t)a->instance);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int elsewhere_hand(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct abroad a = {.call = c};
        int rc = json_get_int(in, "case", true, &a.instance, err);

        rc = rc ? rc : json_get_text(in, "receiver", true, &a.receiver, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "elsewhere.hand"), in, hand_apply, &a, out, err);
}
