/* SPDX-License-Identifier: Apache-2.0
 *
 * Posts (岗位): who has which role at which office, from when to when, and who said so.
 */
#include "office/staff/own.h"

#include <string.h>

int staff_office(struct tx *tx, int64_t staff, int64_t *office, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT office FROM staff WHERE id = ?1@int AND for_person = 0 AND for_employer = 0", "i", staff);

        if (rc == 0)
                return error_raise(err, SB_STAFF_UNKNOWN, "%lld", (long long)staff);
        if (rc == 1)
                *office = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

struct post {
        int64_t staff, office;
        const char *role;
        day_t from, to;
};

static int post_take(struct call *c, const json_t *in, struct post *p, struct error *err)
{
        *p = (struct post){.from = clock_today(c->house->clock), .to = DAY_END};
        int rc = json_get_int(in, "staff", true, &p->staff, err);

        rc = rc ? rc : json_get_int(in, "office", false, &p->office, err);
        rc = rc ? rc : json_get_text(in, "role", false, &p->role, err);
        return rc ? rc : json_get_day(in, "valid_from", false, &p->from, err);
}

static int office_is_open(struct tx *tx, const struct post *p, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT 1 FROM office WHERE id = ?1@int AND valid_from <= ?2@int AND valid_to > ?2@int",
                        "ii", p->office, (int64_t)p->from);

        return rc == 0 ? error_raise(err, SB_STAFF_OFFICE, "%lld", (long long)p->office) : rc < 0 ? rc : 0;
}

/* What was so is not changed afterwards: a post ends today at the earliest. */
static int not_past(const struct call *c, const struct post *p, struct error *err)
{
        return p->to >= clock_today(c->house->clock)
                   ? 0
                   : error_raise(err, SB_STAFF_POST, "%s", ERROR_BOTH("the day has passed", "日期已过"));
}

static int appoint_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct post *p = ctx;
        struct stmt *q;
        int64_t office;
        int rc = own_office(tx, c, p->office, err);

        rc = rc ? rc : office_is_open(tx, p, err);
        rc = rc ? rc : staff_office(tx, p->staff, &office, err);
        if (rc == 0 && p->staff == c->who.staff)
                rc = error_raise(err, SB_STAFF_POST, "%s", ERROR_BOTH("nobody appoints themselves", "不得任命本人"));
        if (rc == 0 && p->to <= p->from)
                rc = error_raise(err, SB_STAFF_POST, "%s", ERROR_BOTH("it ends before it begins", "截止日早于起始日"));
        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT 1 FROM post WHERE staff = ?1@int AND office = ?2@int AND role = ?3@text AND valid_from < "
                            "?5@int AND valid_to > ?4@int LIMIT 1",
                            "iitii", p->staff, p->office, p->role, (int64_t)p->from, (int64_t)p->to);
        if (rc == 1)
                return error_raise(err, SB_STAFF_POST, "%s", ERROR_BOTH("they hold it already then", "该期间已担任此岗位"));
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO post (staff, office, role, valid_from, valid_to, appointed_by, appointed_at) VALUES "
                             "(?1@int, ?2@int, ?3@text, ?4@int, ?5@int, ?6@int, ?7@int)",
                             "iitiiii", p->staff, p->office, p->role, (int64_t)p->from, (int64_t)p->to, c->who.staff,
                             clock_now(c->house->clock));
        return rc < 0 ? rc
                      : changed(change, "staff", p->staff,
                                json_pack("{s:I,s:s}", "office", (json_int_t)p->office, "role", p->role), out, err);
}

int posts_appoint(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct post p;
        int rc = post_take(c, in, &p, err);

        rc = rc ? rc : end_of(in, false, DAY_END, &p.to, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "posts.appoint"), in, appoint_apply, &p, out, err);
}

/* From the first day after the last on they hold it no more; a post that would begin later never begins. */
static int end_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct post *p = ctx;
        int64_t n = 0;
        int rc = own_office(tx, c, p->office, err);

        rc = rc ? rc
                : tx_exec_changed(
                      tx, &n, err,
                      "UPDATE post SET valid_to = ?4@int WHERE staff = ?1@int AND office = ?2@int AND role = ?3@text "
                      "AND valid_to > ?4@int AND valid_from <= ?4@int",
                      "iiti", p->staff, p->office, p->role, (int64_t)p->to);
        if (rc == 0 && n == 0)
                rc = error_raise(err, SB_STAFF_POST, "%s", ERROR_BOTH("they do not hold it then", "届时未担任此岗位"));
        rc = rc ? rc : staffing_sweep(tx, c, true, err);
        return rc < 0 ? rc
                      : changed(change, "staff", p->staff,
                                json_pack("{s:I,s:s}", "office", (json_int_t)p->office, "role", p->role), out, err);
}

int posts_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct post p;
        int rc = post_take(c, in, &p, err);

        rc = rc ? rc : end_of(in, false, clock_today(c->house->clock), &p.to, err);
        rc = rc ? rc : not_past(c, &p, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "posts.end"), in, end_apply, &p, out, err);
}

static int left_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct post *p = ctx;
        int64_t office = 0;
        int rc = staff_office(tx, p->staff, &office, err);

        rc = rc ? rc : own_office(tx, c, office, err);
        if (rc == 0 && p->staff == c->who.staff)
                rc = error_raise(err, SB_STAFF_POST, "%s", ERROR_BOTH("nobody dismisses themselves", "不得办理本人离岗"));
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE staff SET valid_to = ?2@int, version = version + 1 WHERE id = ?1@int", "ii",
                             p->staff, (int64_t)p->to);
        if (rc == 0)
                rc = tx_exec(tx, err, "UPDATE post SET valid_to = ?2@int WHERE staff = ?1@int AND valid_to > ?2@int", "ii",
                             p->staff, (int64_t)p->to);
        rc = rc ? rc : staffing_sweep(tx, c, true, err);
        return rc < 0 ? rc : changed(change, "staff", p->staff, NULL, out, err);
}

int staff_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct post p;
        int rc = post_take(c, in, &p, err);

        rc = rc ? rc : end_of(in, false, clock_today(c->house->clock), &p.to, err);
        rc = rc ? rc : not_past(c, &p, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "staff.end"), in, left_apply, &p, out, err);
}

/* --- who is there ------------------------------------------------------------------------------------------------------------------ */

struct roll {
        struct call *call;
        const char *role;
        json_t *items;
};

static int roll_read(struct tx *tx, void *ctx, struct error *err)
{
        struct roll *r = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT s.id, s.display, p.role, p.office, o.name_zh, o.name_en, (SELECT MAX(l.valid_to) FROM leave_spell l WHERE "
            "l.staff = s.id AND l.state = 'confirmed' AND l.valid_from <= ?2@int AND l.valid_to > ?2@int), (SELECT "
            "MIN(f.display) FROM substitution u JOIN staff f ON f.id = u.substitute WHERE u.absent = s.id AND (u.role = '' OR "
            "u.role = p.role) AND u.valid_from <= ?2@int AND u.valid_to > ?2@int), p.valid_from, p.valid_to, s.login, o.level, "
            /* The state said twice: so both databases see that the index of tasks in hand serves. */
            "(SELECT COUNT(*) FROM task t WHERE t.assignee = s.id AND t.assignee <> 0 AND t.state IN ('open', 'held') AND "
            "t.state = 'open' AND t.role = p.role) FROM post p JOIN staff s ON s.id = p.staff JOIN office o ON o.id = p.office "
            "WHERE p.office IN " OFFICE_SUBTREE(
                "?1@int") " AND p.valid_from <= ?2@int AND p.valid_to > ?2@int AND s.valid_to > ?2@int AND (?3@text = '' OR "
                          "p.role = ?3@text) ORDER BY o.level, o.id, s.display, p.role LIMIT 500",
            "iit", r->call->who.office, (int64_t)clock_today(r->call->house->clock), r->role);

        json_array_clear(r->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "staff", stmt_int(q, 0));
                put_str(o, "display", stmt_text(q, 1));
                put_str(o, "role", stmt_text(q, 2));
                put_int(o, "office", stmt_int(q, 3));
                put_str(o, "office_zh", stmt_text(q, 4));
                put_str(o, "office_en", stmt_text(q, 5));
                put_bool(o, "on_leave", !stmt_null(q, 6));
                put_value(o, "leave_last_day", json_null());
                if (!stmt_null(q, 6))
                        put_last_day(o, "leave_last_day", (day_t)stmt_int(q, 6));
                put_str(o, "substitute", stmt_text(q, 7));
                put_day(o, "valid_from", (day_t)stmt_int(q, 8));
                put_last_day(o, "last_day", (day_t)stmt_int(q, 9));
                put_str(o, "login", stmt_text(q, 10));
                put_int(o, "level", stmt_int(q, 11));
                put_int(o, "open_tasks", stmt_int(q, 12));
                json_array_append_new(r->items, o);
        }
        return rc;
}

int staff_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct roll r = {.call = c, .role = "", .items = json_array()};
        int rc = json_get_text(in, "role", false, &r.role, err);

        rc = rc ? rc : store_read(c->house->store, roll_read, &r, err);
        if (rc < 0) {
                json_decref(r.items);
                return rc;
        }
        return list_answer(out, r.items, NULL, err);
}

int staff_present(struct tx *tx, int64_t office, const char *role, day_t day, int64_t *out, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT COUNT(*) FROM (SELECT DISTINCT p.staff FROM post p JOIN staff s ON s.id = p.staff WHERE p.office = "
                   "?1@int AND p.role = ?2@text AND p.valid_from <= ?3@int AND p.valid_to > ?3@int AND s.valid_to > ?3@int AND "
                   "NOT EXISTS (SELECT 1 FROM leave_spell l WHERE l.staff = p.staff AND l.state = 'confirmed' AND l.valid_from "
                   "<= ?3@int AND l.valid_to > ?3@int)) a",
                   "iti", office, role, (int64_t)day);

        *out = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}
