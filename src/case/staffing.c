/* SPDX-License-Identifier: Apache-2.0
 *
 * What the day brings: offices that change, leave that begins and ends, staff who left. Rights never wait for it, since authority
 * looks at the dates itself; it moves the tasks to where somebody looks for them.
 */
#include "case/authority.h"

#include <string.h>

int task_move_add(struct tx *tx, struct call *c, const struct task_change *m, struct error *err)
{
        int64_t id;
        int rc = ids_next(c->house->ids, &id, err);

        return rc < 0 ? rc
                      : tx_exec(tx, err,
                                "INSERT INTO task_move (home, id, task, instance, kind, from_staff, to_staff, from_office, "
                                "to_office, note, actor, at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@int, ?7@int, "
                                "?8@int, ?9@int, ?10@text, ?11@int, ?12@int)",
                                "iiiitiiiitii", (int64_t)c->house->home, id, m->task, m->instance, m->kind, m->from_staff,
                                m->to_staff, m->from_office, m->to_office, m->note, c->who.staff, clock_now(c->house->clock));
}

/* --- tasks that change hands with the day --------------------------------------------------------------------------------------- */

enum { BATCH = 200 };
struct passing {
        int64_t task, instance, office, from, to, on_behalf_of;
};

/* Move each that the question finds: task, instance, office, assignee, whose it is to be, on whose behalf. */
static int pass_all(struct tx *tx, struct call *c, const char *kind, const char *sql, struct error *err)
{
        int64_t today = clock_today(c->house->clock);
        struct passing p[BATCH];
        int n = BATCH, rc = 0;

        while (rc == 0 && n == BATCH) {
                struct stmt *q = NULL;
                n = 0;
                rc = tx_query(&q, tx, err, sql, "iii", (int64_t)c->house->home, today, (int64_t)BATCH);
                while ((rc = row_next(rc, q, err)) == 1) {
                        p[n++] = (struct passing){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2),
                                                  stmt_int(q, 3), stmt_int(q, 4), stmt_int(q, 5)};
                }
                for (int k = 0; rc == 0 && k < n; k++) {
                        struct task_change m = {p[k].task,   p[k].instance, p[k].from, p[k].to,
                                                p[k].office, p[k].office,   kind,      ""};
                        rc = tx_exec(tx, err,
                                     "UPDATE task SET assignee = ?3@int, on_behalf_of = ?4@int, version = version + 1 WHERE "
                                     "home = ?1@int AND id = ?2@int AND state IN ('open', 'held')",
                                     "iiii", (int64_t)c->house->home, p[k].task, p[k].to, p[k].on_behalf_of);
                        rc = rc ? rc : task_move_add(tx, c, &m, err);
                }
        }
        return rc;
}

#define OPEN_TASKS "FROM task t WHERE t.home = ?1@int AND t.state IN ('open', 'held') AND t.assignee <> 0 "
/* Somebody is on confirmed leave today. */
#define ON_LEAVE(who)                                                                                                          \
        "EXISTS (SELECT 1 FROM leave_spell l WHERE l.staff = " who                                                             \
        " AND l.state = 'confirmed' AND l.valid_from <= ?2@int AND l.valid_to > ?2@int) "
#define STANDS_IN(absent, role)                                                                                                \
        "FROM substitution s WHERE s.absent = " absent " AND (s.role = '' OR s.role = " role                                   \
        ") AND s.valid_from <= ?2@int AND s.valid_to > ?2@int AND NOT " ON_LEAVE("s.substitute")

/* First what goes back, then what goes out: a substitute whose time is over, or who is on leave too, hands on to the next; where
 * nobody stands in, anybody of the office may take it. */
static int tasks_pass(struct tx *tx, struct call *c, struct error *err)
{
        int rc = pass_all(tx, c, "return",
                          "SELECT t.id, t.instance, t.office, t.assignee, t.on_behalf_of, 0 " OPEN_TASKS
                          "AND t.on_behalf_of <> 0 AND (NOT " ON_LEAVE("t.on_behalf_of") " OR NOT EXISTS (SELECT 1 " STANDS_IN(
                              "t.on_behalf_of", "t.role") "AND s.substitute = t.assignee)) ORDER BY t.id LIMIT ?3@int",
                          err);

        if (rc == 0)
                rc = pass_all(
                    tx, c, "left",
                    "SELECT t.id, t.instance, t.office, t.assignee, 0, 0 " OPEN_TASKS
                    "AND (EXISTS (SELECT 1 FROM staff f WHERE f.id = t.assignee AND f.valid_to <= ?2@int) OR (EXISTS (SELECT 1 "
                    "FROM post p WHERE p.staff = t.assignee) AND t.on_behalf_of = 0 AND NOT EXISTS (SELECT 1 FROM post p WHERE "
                    "p.staff = t.assignee AND p.role = t.role AND p.valid_from <= ?2@int AND p.valid_to > ?2@int))) ORDER BY "
                    "t.id LIMIT ?3@int",
                    err);
        if (rc == 0)
                rc = pass_all(
                    tx, c, "leave",
                    "SELECT t.id, t.instance, t.office, t.assignee, COALESCE((SELECT MIN(s.substitute) " STANDS_IN(
                        "t.assignee",
                        "t.role") "), 0), CASE WHEN EXISTS (SELECT 1 " STANDS_IN("t.assignee",
                                                                                 "t.role") ") THEN t.assignee ELSE 0 "
                                                                                           "END " OPEN_TASKS
                                                                                           "AND t.on_behalf_of = 0 "
                                                                                           "AND " ON_LEAVE(
                                                                                               "t.assignee") "ORDER BY t.id "
                                                                                                             "LIMIT ?3@int",
                    err);
        return rc;
}

/* --- offices ------------------------------------------------------------------------------------------------------------------------ */

struct due {
        int64_t id, office, parent;
        char kind[16], zh[96], en[96];
        day_t day;
};

/* An office's posts end with it; its open cases and tasks go to the office that takes over, or to the one above. */
static int office_close(struct tx *tx, const struct due *d, struct error *err)
{
        int rc = tx_exec(tx, err, "UPDATE office SET valid_to = ?2@int WHERE id = ?1@int", "ii", d->office, (int64_t)d->day);

        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE post SET valid_to = CASE WHEN valid_from > ?2@int THEN valid_from ELSE ?2@int END WHERE office = "
                    "?1@int AND valid_to > ?2@int",
                    "ii", d->office, (int64_t)d->day);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE process_instance SET office = ?2@int WHERE office = ?1@int AND state IN ('active', "
                             "'incident')",
                             "ii", d->office, d->parent);
        return rc == 0 ? tx_exec(tx, err,
                                 "UPDATE task SET office = ?2@int, version = version + 1 WHERE office = ?1@int AND state IN "
                                 "('open', 'held')",
                                 "ii", d->office, d->parent)
                       : rc;
}

static int office_apply(struct tx *tx, struct call *c, const struct due *d, struct error *err)
{
        int rc = 0;

        if (strcmp(d->kind, "move") == 0)
                rc = tx_exec(tx, err, "UPDATE office SET parent = ?2@int WHERE id = ?1@int", "ii", d->office, d->parent);
        else if (strcmp(d->kind, "rename") == 0)
                rc = tx_exec(tx, err, "UPDATE office SET name_zh = ?2@text, name_en = ?3@text WHERE id = ?1@int", "itt",
                             d->office, d->zh, d->en);
        else if (strcmp(d->kind, "close") == 0)
                rc = office_close(tx, d, err);
        return rc == 0 ? tx_exec(tx, err, "UPDATE office_change SET applied_at = ?2@int WHERE id = ?1@int", "ii", d->id,
                                 clock_now(c->house->clock))
                       : rc;
}

static int offices_change(struct tx *tx, struct call *c, struct error *err)
{
        int rc = 1;

        while (rc == 1) {
                struct due d;
                struct stmt *q;
                rc =
                    tx_one(&q, tx, err,
                           "SELECT id, office, kind, parent, name_zh, name_en, day FROM office_change WHERE applied_at = 0 AND "
                           "day <= ?1@int ORDER BY day, id LIMIT 1",
                           "i", (int64_t)clock_today(c->house->clock));
                if (rc != 1)
                        break;
                d = (struct due){
                    .id = stmt_int(q, 0), .office = stmt_int(q, 1), .parent = stmt_int(q, 3), .day = (day_t)stmt_int(q, 6)};
                text_copy(d.kind, sizeof d.kind, stmt_text(q, 2));
                text_copy(d.zh, sizeof d.zh, stmt_text(q, 4));
                text_copy(d.en, sizeof d.en, stmt_text(q, 5));
                int done = office_apply(tx, c, &d, err);
                rc = done < 0 ? done : 1;
        }
        return rc;
}

int staffing_sweep(struct tx *tx, struct call *c, bool again, struct error *err)
{
        int64_t home = c->house->home, today = clock_today(c->house->clock);
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT day FROM staffing_day WHERE home = ?1@int", "i", home);
        bool known = rc == 1;

        if (rc < 0 || (known && stmt_int(q, 0) == today && !again))
                return rc < 0 ? rc : 0;
        rc = known ? tx_exec(tx, err, "UPDATE staffing_day SET day = ?2@int WHERE home = ?1@int", "ii", home, today)
                   : tx_exec(tx, err, "INSERT INTO staffing_day (home, day) VALUES (?1@int, ?2@int)", "ii", home, today);
        rc = rc ? rc : offices_change(tx, c, err);
        return rc ? rc : tasks_pass(tx, c, err);
}
