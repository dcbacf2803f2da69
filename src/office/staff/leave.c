/* SPDX-License-Identifier: Apache-2.0
 *
 * Leave (请假) and substitution (代理). Leave counts once it is confirmed; while it lasts, a substitute has the posts of the absent.
 */
#include "office/staff/own.h"

#include <string.h>

/* The administrator, or an approver of the tree in which the other works, heads them; nobody their own head. */
static int head_of(struct tx *tx, struct call *c, int64_t staff, struct error *err)
{
        int64_t office = 0;
        int rc = staff_office(tx, staff, &office, err);

        if (rc == 0 && (staff == c->who.staff || (c->who.roles & (ROLE_ADMIN | ROLE_APPROVER)) == 0))
                return error_raise(err, SB_CASE_ROLE, "%s",
                                   ERROR_BOTH("the leave or substitution of this colleague", "该人员的请假或代理"));
        return rc ? rc : own_office(tx, c, office, err);
}

struct spell {
        int64_t id, staff, substitute;
        const char *reason, *role, *decision;
        day_t from, to;
};

/* The answer and the audit row name what was entered, too. */
static int told(struct change *change, const struct spell *s, const char *what, json_t **out, struct error *err)
{
        int rc = changed(change, "staff", s->staff,
                         json_pack("{s:I,s:I}", what, (json_int_t)s->id, "substitute", (json_int_t)s->substitute), out, err);

        put_int(*out, what, s->id);
        return rc;
}

static int enter_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct spell *s = ctx;
        bool own = s->staff == c->who.staff;
        struct stmt *q;
        int rc = own ? 0 : head_of(tx, c, s->staff, err);

        if (rc == 0 && s->to <= s->from)
                rc = error_raise(err, SB_STAFF_LEAVE, "%s", ERROR_BOTH("it ends before it begins", "截止日早于起始日"));
        if (rc == 0 && s->to <= clock_today(c->house->clock))
                rc = error_raise(err, SB_STAFF_LEAVE, "%s", ERROR_BOTH("the days have passed", "日期已过"));
        if (rc == 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT 1 FROM leave_spell WHERE staff = ?1@int AND state <> 'cancelled' AND valid_from < ?3@int AND "
                    "valid_to > ?2@int LIMIT 1",
                    "iii", s->staff, (int64_t)s->from, (int64_t)s->to);
        if (rc == 1)
                return error_raise(err, SB_STAFF_LEAVE, "%s", ERROR_BOTH("there is leave in this period", "该期间已有请假"));
        if (rc == 0)
                rc =
                    tx_exec(tx, err,
                            "INSERT INTO leave_spell (id, staff, valid_from, valid_to, reason, state, entered_by, entered_at, "
                            "decided_by, decided_at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@text, ?7@int, ?8@int, "
                            "?9@int, ?10@int)",
                            "iiiittiiii", s->id, s->staff, (int64_t)s->from, (int64_t)s->to, s->reason,
                            own ? "asked" : "confirmed", c->who.staff, clock_now(c->house->clock),
                            own ? (int64_t)0 : c->who.staff, own ? (int64_t)0 : clock_now(c->house->clock));
        rc = rc ? rc : staffing_sweep(tx, c, true, err);
        return rc < 0 ? rc : told(change, s, "leave", out, err);
}

int leave_enter(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct spell s = {.staff = c->who.staff, .reason = ""};
        int rc = json_get_int(in, "staff", false, &s.staff, err);

        rc = rc ? rc : json_get_day(in, "valid_from", true, &s.from, err);
        rc = rc ? rc : end_of(in, true, DAY_END, &s.to, err);
        rc = rc ? rc : json_get_text(in, "reason", false, &s.reason, err);
        rc = rc ? rc : ids_next(c->house->ids, &s.id, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "leave.enter"), in, enter_apply, &s, out, err);
}

static int decide_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct spell *s = ctx;
        bool confirm = strcmp(s->decision, "confirm") == 0;
        char state[16];
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT staff, state FROM leave_spell WHERE id = ?1@int @lock", "i", s->id);

        if (rc == 0)
                return error_raise(err, SB_STAFF_LEAVE, "%s", ERROR_BOTH("there is none", "没有该请假"));
        if (rc < 0)
                return rc;
        s->staff = stmt_int(q, 0);
        text_copy(state, sizeof state, stmt_text(q, 1));
        if (confirm ? strcmp(state, "asked") != 0 : strcmp(state, "cancelled") == 0)
                return error_raise(err, SB_STAFF_LEAVE, "%s", ERROR_BOTH("it was decided already", "已经处理"));
        rc = !confirm && s->staff == c->who.staff ? 0 : head_of(tx, c, s->staff, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE leave_spell SET state = ?2@text, decided_by = ?3@int, decided_at = ?4@int WHERE id = "
                             "?1@int",
                             "itii", s->id, confirm ? "confirmed" : "cancelled", c->who.staff, clock_now(c->house->clock));
        rc = rc ? rc : staffing_sweep(tx, c, true, err);
        return rc < 0 ? rc : changed(change, "staff", s->staff, json_pack("{s:s}", "decision", s->decision), out, err);
}

int leave_decide(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct spell s = {.id = 0};
        int rc = json_get_int(in, "leave", true, &s.id, err);

        rc = rc ? rc : json_get_text(in, "decision", true, &s.decision, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "leave.decide"), in, decide_apply, &s, out, err);
}

/* --- substitution ---------------------------------------------------------------------------------------------------------------- */

/* Nobody proposes whom they like for others, and nobody gives themselves away: own substitutes count like own leave, once a head has
 * confirmed the leave. */
static int substitute_there(struct tx *tx, const struct call *c, const struct spell *s, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT 1 FROM leave_spell WHERE staff = ?1@int AND state <> 'cancelled' AND valid_from < ?3@int AND "
                        "valid_to > ?2@int LIMIT 1",
                        "iii", s->substitute, (int64_t)s->from, (int64_t)s->to);

        if (rc == 1)
                return error_raise(err, SB_STAFF_SUBSTITUTE, "%s",
                                   ERROR_BOTH("they are on leave themselves then, and nobody stands in for a substitute",
                                              "其届时也在请假，代理不得转代理"));
        if (rc == 0 && s->to <= clock_today(c->house->clock))
                return error_raise(err, SB_STAFF_SUBSTITUTE, "%s", ERROR_BOTH("the days have passed", "日期已过"));
        return rc;
}

static int substitute_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct spell *s = ctx;
        struct actor other;
        struct stmt *q;
        int rc = s->staff == c->who.staff ? 0 : head_of(tx, c, s->staff, err);

        rc = rc ? rc : authority_actor(tx, c->house, s->substitute, &other, err);
        if (rc == 0 && (s->staff == s->substitute || s->to <= s->from))
                rc = error_raise(err, SB_STAFF_SUBSTITUTE, "%s",
                                 ERROR_BOTH("somebody else, for a period", "须为他人，且期间有效"));
        rc = rc ? rc : substitute_there(tx, c, s, err);
        if (rc == 0)
                rc =
                    tx_one(&q, tx, err,
                           "SELECT 1 FROM substitution WHERE absent = ?1@int AND (role = ?2@text OR role = '' OR ?2@text = '') "
                           "AND valid_from < ?4@int AND valid_to > ?3@int LIMIT 1",
                           "itii", s->staff, s->role, (int64_t)s->from, (int64_t)s->to);
        if (rc == 1)
                return error_raise(err, SB_STAFF_SUBSTITUTE, "%s",
                                   ERROR_BOTH("somebody stands in already then", "该期间已有代理人"));
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO substitution (id, absent, substitute, role, valid_from, valid_to, entered_by, "
                             "entered_at) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@int, ?6@int, ?7@int, ?8@int)",
                             "iiitiiii", s->id, s->staff, s->substitute, s->role, (int64_t)s->from, (int64_t)s->to,
                             c->who.staff, clock_now(c->house->clock));
        rc = rc ? rc : staffing_sweep(tx, c, true, err);
        return rc < 0 ? rc : told(change, s, "substitution", out, err);
}

int substitution_add(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct spell s = {.staff = c->who.staff, .role = ""};
        int rc = json_get_int(in, "absent", false, &s.staff, err);

        rc = rc ? rc : json_get_int(in, "substitute", true, &s.substitute, err);
        rc = rc ? rc : json_get_text(in, "role", false, &s.role, err);
        rc = rc ? rc : json_get_day(in, "valid_from", true, &s.from, err);
        rc = rc ? rc : end_of(in, true, DAY_END, &s.to, err);
        rc = rc ? rc : ids_next(c->house->ids, &s.id, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "substitution.add"), in, substitute_apply, &s, out, err);
}

static int substitution_end_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out,
                                  struct error *err)
{
        struct spell *s = ctx;
        int64_t today = clock_today(c->house->clock);
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT absent FROM substitution WHERE id = ?1@int AND valid_to > ?2@int @lock", "ii",
                        s->id, today);

        if (rc == 0)
                return error_raise(err, SB_STAFF_SUBSTITUTE, "%s", ERROR_BOTH("it has ended", "代理已终止"));
        if (rc < 0)
                return rc;
        s->staff = stmt_int(q, 0);
        rc = s->staff == c->who.staff ? 0 : head_of(tx, c, s->staff, err);
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE substitution SET valid_to = ?2@int WHERE id = ?1@int", "ii", s->id, today);
        rc = rc ? rc : staffing_sweep(tx, c, true, err);
        return rc < 0 ? rc : changed(change, "staff", s->staff, NULL, out, err);
}

int substitution_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct spell s = {.id = 0};
        int rc = json_get_int(in, "substitution", true, &s.id, err);

        return rc ? rc
                  : verb_change(c, registry_find(c->house->verbs, "substitution.end"), in, substitution_end_apply, &s, out,
                                err);
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------ */

static json_t *leave_json(const struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_int(o, "staff", stmt_int(q, 1));
        put_str(o, "display", stmt_text(q, 2));
        put_day(o, "valid_from", (day_t)stmt_int(q, 3));
        put_last_day(o, "last_day", (day_t)stmt_int(q, 4));
        put_str(o, "reason", stmt_text(q, 5));
        put_str(o, "state", stmt_text(q, 6));
        put_str(o, "decided_by", stmt_text(q, 7));
        return o;
}

static json_t *substitution_json(const struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_int(o, "absent", stmt_int(q, 1));
        put_str(o, "absent_display", stmt_text(q, 2));
        put_int(o, "substitute", stmt_int(q, 3));
        put_str(o, "substitute_display", stmt_text(q, 4));
        put_str(o, "role", stmt_text(q, 5));
        put_day(o, "valid_from", (day_t)stmt_int(q, 6));
        put_last_day(o, "last_day", (day_t)stmt_int(q, 7));
        return o;
}

struct sheet {
        struct call *call;
        bool all;
        json_t *leave, *substitutions;
};

static int sheet_read(struct tx *tx, void *ctx, struct error *err)
{
        struct sheet *s = ctx;
        int64_t me = s->all ? 0 : s->call->who.staff, office = s->call->who.office;
        int rc =
            rows_into(tx, s->leave, leave_json,
                      "SELECT l.id, l.staff, s.display, l.valid_from, l.valid_to, l.reason, l.state, d.display FROM "
                      "leave_spell l JOIN staff s ON s.id = l.staff LEFT JOIN staff d ON d.id = l.decided_by WHERE (l.staff = "
                      "?1@int OR (?1@int = 0 AND s.office IN " OFFICE_SUBTREE(
                          "?2@int") ")) ORDER BY l.valid_from DESC, l.id DESC LIMIT 200",
                      me, office, err);

        return rc ? rc
                  : rows_into(
                        tx, s->substitutions, substitution_json,
                        "SELECT u.id, u.absent, a.display, u.substitute, b.display, u.role, u.valid_from, u.valid_to FROM "
                        "substitution u JOIN staff a ON a.id = u.absent JOIN staff b ON b.id = u.substitute WHERE (u.absent "
                        "= ?1@int OR u.substitute = ?1@int OR (?1@int = 0 AND a.office IN " OFFICE_SUBTREE(
                            "?2@int") ")) ORDER BY u.valid_from DESC, u.id DESC LIMIT 200",
                        me, office, err);
}

int leave_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct sheet s = {.call = c, .leave = json_array(), .substitutions = json_array()};
        int rc = json_get_bool(in, "all", false, &s.all, err);

        rc = rc ? rc : store_read(c->house->store, sheet_read, &s, err);
        if (rc == 0)
                *out = json_pack("{s:O,s:O}", "leave", s.leave, "substitutions", s.substitutions);
        json_decref(s.leave);
        json_decref(s.substitutions);
        return rc;
}
