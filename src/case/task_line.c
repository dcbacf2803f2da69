/* SPDX-License-Identifier: Apache-2.0 */
#include "case/task_line.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MAX = 4000, ROUNDS = 8 };
struct lines {
        int64_t *office;
        char (*role)[16];
        int count;
};

#define ROLES                                                                                                                  \
        "(SELECT 'clerk' AS role, 1 AS bit UNION ALL SELECT 'reviewer', 2 UNION ALL SELECT 'approver', 4 UNION ALL SELECT "    \
        "'finance', 8 UNION ALL SELECT 'auditor', 16 UNION ALL SELECT 'admin', 32) r"

/* Offices and roles: of the tree of the office; or, for what is mine, of each post and of those of who is on leave and whom I stand in
 * for (without any post, the session's role and office count, as in authority.c). */
static int lines_read(struct tx *tx, struct call *c, const struct task_line *l, struct lines *out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "WITH RECURSIVE anchor(id, role) AS (SELECT ?1@int, r.role FROM " ROLES
            " WHERE (r.bit & ?2@int) <> 0 AND (?3@int = 0 OR NOT EXISTS (SELECT 1 FROM post p WHERE p.staff = ?4@int)) UNION "
            "SELECT p.office, p.role FROM post p WHERE ?3@int = 1 AND p.staff = ?4@int AND p.valid_from <= ?5@int AND "
            "p.valid_to "
            "> ?5@int UNION SELECT p.office, p.role FROM substitution s JOIN leave_spell v ON v.staff = s.absent AND v.state = "
            "'confirmed' AND v.valid_from <= ?5@int AND v.valid_to > ?5@int JOIN post p ON p.staff = s.absent AND p.valid_from "
            "<= "
            "?5@int AND p.valid_to > ?5@int WHERE ?3@int = 1 AND s.substitute = ?4@int AND s.valid_from <= ?5@int AND "
            "s.valid_to > "
            "?5@int AND (s.role = '' OR s.role = p.role)), below(id, role) AS (SELECT id, role FROM anchor UNION SELECT o.id, "
            "b.role FROM office o JOIN below b ON o.parent = b.id) SELECT id, role FROM below WHERE (?6@text = '' OR role = "
            "?6@text) AND (?8@int = 0 OR id IN " OFFICE_SUBTREE("?8@int") ") ORDER BY id, role LIMIT ?7@int",
            "iiiiitii", c->who.office, l->mine ? (int64_t)c->who.roles : (int64_t)ROLE_ANY, (int64_t)l->mine, c->who.staff,
            (int64_t)clock_today(c->house->clock), l->role, (int64_t)LINES_MAX, l->office);

        out->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                out->office[out->count] = stmt_int(q, 0);
                text_copy(out->role[out->count], sizeof out->role[0], stmt_text(q, 1));
                out->count++;
        }
        return rc;
}

static bool before(struct task_key a, struct task_key b)
{
        return a.due != b.due ? a.due < b.due : a.id < b.id;
}

struct merging {
        struct task_key best[TASK_PAGE_MAX + 1], horizon;
        int count, room; /* best in order; as many as the page and one */
        bool cut;        /* beyond the horizon a line was not looked at */
};

static void best_add(struct merging *m, struct task_key k)
{
        int at = m->count;

        if (m->count == m->room && !before(k, m->best[m->count - 1]))
                return;
        if (m->count < m->room)
                m->count++;
        else
                at--;
        for (; at > 0 && before(k, m->best[at - 1]); at--)
                m->best[at] = m->best[at - 1];
        m->best[at] = k;
}

/* The next of one line. Somebody else's, and what the rule of four eyes forbids, is no task of mine. */
static int line_read(struct tx *tx, struct call *c, const struct task_line *l, int64_t office, const char *role,
                     struct merging *m, struct error *err)
{
        struct task_key k = {0, 0};
        struct stmt *q = NULL;
        int n = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT t.id, t.due_day, CASE WHEN (?8@int = 0 OR (t.assignee IN (0, ?9@int) AND (t.role = 'clerk' "
                          "OR (i.started_by <> "
                          "?9@int AND NOT EXISTS (SELECT 1 FROM task d WHERE d.home = t.home AND d.instance = t.instance AND "
                          "d.state = 'done' "
                          "AND d.done_by = ?9@int AND d.node <> t.node))))) AND (?10@text = '' OR t.process = ?10@text) AND "
                          "(?12@text = '' OR i.number LIKE '%' || ?12@text || '%') THEN 1 ELSE 0 END FROM "
                          "task t JOIN process_instance i ON i.home = t.home AND i.id = t.instance WHERE t.office = ?1@int AND "
                          "t.state = ?2@text "
                          "AND t.role = ?3@text AND t.home = ?4@int AND (t.due_day, t.id) > (?5@int, ?6@int) AND t.due_day < "
                          "?11@int ORDER BY "
                          "t.due_day, t.id LIMIT ?7@int",
                          "ittiiiiiitit", office, l->state, role, (int64_t)c->house->home, l->after.due, l->after.id,
                          (int64_t)m->room, (int64_t)l->mine, c->who.staff, l->process,
                          l->overdue ? (int64_t)clock_today(c->house->clock) : (int64_t)DAY_END + 1, l->text);

        while ((rc = row_next(rc, q, err)) == 1) {
                k = (struct task_key){.due = stmt_int(q, 1), .id = stmt_int(q, 0)};
                n++;
                if (stmt_int(q, 2) == 1)
                        best_add(m, k);
        }
        if (rc == 0 && n == m->room && (!m->cut || before(k, m->horizon))) {
                m->cut = true;
                m->horizon = k;
        }
        return rc;
}

/* One look at the heads of all lines; what lies beyond the horizon waits for the next. */
static int round_read(struct tx *tx, struct call *c, struct task_line *l, const struct lines *lines, struct error *err)
{
        struct merging m = {.room = l->limit + 1};
        int rc = 0;

        for (int k = 0; rc == 0 && k < lines->count; k++)
                rc = line_read(tx, c, l, lines->office[k], lines->role[k], &m, err);
        for (int k = 0; rc == 0 && k < m.count; k++) {
                if (m.cut && before(m.horizon, m.best[k]))
                        break;
                if (l->count == l->limit) {
                        l->more = true;
                        return 0;
                }
                l->page[l->count++] = m.best[k];
                l->after = m.best[k];
        }
        l->more = m.cut;
        if (m.cut && l->count < l->limit)
                l->after = m.horizon;
        return rc;
}

int task_line_read(struct tx *tx, struct call *c, struct task_line *l, struct error *err)
{
        struct lines lines = {.office = calloc(LINES_MAX, sizeof *lines.office), .role = calloc(LINES_MAX, sizeof *lines.role)};
        int rc = lines.office == NULL || lines.role == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        l->count = 0;
        l->more = false;
        rc = rc ? rc : lines_read(tx, c, l, &lines, err);
        for (int round = 0; rc == 0 && round < ROUNDS; round++) {
                rc = round_read(tx, c, l, &lines, err);
                if (!l->more || l->count == l->limit)
                        break;
        }
        free(lines.office);
        free(lines.role);
        return rc;
}
