/* SPDX-License-Identifier: Apache-2.0
 *
 * Before a task is handed over: who could take it, and how the tasks of a case changed hands so far.
 */
#include "case/authority.h"
#include "case/paper.h"
#include "case/verbs.h"

#include <string.h>

enum { TAKERS_MAX = 60 };
struct taker {
        int64_t staff;
        char display[96], office_zh[96], office_en[96];
        bool on_leave;
};
struct asking {
        struct call *call;
        int64_t task;
        json_t *items;
};

/* Who holds the role where the task lies or above it, and who stands in for one of them today. */
static int takers_read(struct tx *tx, const struct asking *a, struct taker found[TAKERS_MAX], int *count, struct error *err)
{
        int64_t today = clock_today(a->call->house->clock);
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "WITH RECURSIVE above(id, parent, role) AS (SELECT o.id, o.parent, t.role FROM task t JOIN office o ON o.id = "
            "t.office WHERE t.home = ?1@int AND t.id = ?2@int UNION SELECT o.id, o.parent, a.role FROM office o JOIN above a "
            "ON o.id = a.parent), holder(staff, role) AS (SELECT p.staff, p.role FROM post p JOIN above a ON a.id = p.office "
            "AND a.role = p.role WHERE p.valid_from <= ?3@int AND p.valid_to > ?3@int), who(staff) AS (SELECT staff FROM "
            "holder UNION SELECT s.substitute FROM holder h JOIN substitution s ON s.absent = h.staff AND (s.role = '' OR "
            "s.role = h.role) AND s.valid_from <= ?3@int AND s.valid_to > ?3@int JOIN leave_spell l ON l.staff = h.staff AND "
            "l.state = 'confirmed' AND l.valid_from <= ?3@int AND l.valid_to > ?3@int) SELECT f.id, f.display, o.name_zh, "
            "o.name_en, (SELECT COUNT(*) FROM leave_spell l WHERE l.staff = f.id AND l.state = 'confirmed' AND l.valid_from "
            "<= ?3@int AND l.valid_to > ?3@int) FROM who w JOIN staff f ON f.id = w.staff AND f.valid_from <= ?3@int AND "
            "f.valid_to > ?3@int LEFT JOIN office o ON o.id = f.office WHERE f.id <> ?4@int ORDER BY o.level DESC, f.display, "
            "f.id LIMIT ?5@int",
            "iiiii", (int64_t)a->call->house->home, a->task, today, a->call->who.staff, (int64_t)TAKERS_MAX);

        *count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                struct taker *t = &found[(*count)++];
                *t = (struct taker){.staff = stmt_int(q, 0), .on_leave = stmt_int(q, 4) != 0};
                text_copy(t->display, sizeof t->display, stmt_text(q, 1));
                text_copy(t->office_zh, sizeof t->office_zh, stmt_text(q, 2));
                text_copy(t->office_en, sizeof t->office_en, stmt_text(q, 3));
        }
        return rc;
}

/* A refusal by authority is an answer; anything else is a failure. */
static bool refusal(const struct error *e)
{
        switch (e->code) {
        case SB_CASE_ROLE:
        case SB_CASE_OFFICE:
        case SB_CASE_OWN:
        case SB_CASE_RELATED:
        case SB_CASE_FOUR_EYES:
        case SB_CASE_PERSONS:
        case SB_CASE_SIGNING:
        case SB_CASE_STAFF:
                return true;
        default:
                return false;
        }
}

static int taker_tell(struct tx *tx, const struct asking *a, const struct taker *t, struct error *err)
{
        struct error none = {0};
        char text[512];
        json_t *o = json_object();
        int rc = case_task_may_other(tx, a->call, a->task, t->staff, &none);

        if (rc < 0 && !refusal(&none)) {
                json_decref(o);
                error_hand(err, &none);
                return rc;
        }
        put_int(o, "staff", t->staff);
        put_text(o, "display", t->display);
        put_text(o, "office_zh", t->office_zh);
        put_text(o, "office_en", t->office_en);
        put_bool(o, "on_leave", t->on_leave);
        put_bool(o, "may", rc == 0 && !t->on_leave);
        put_text(o, "why", rc == 0 ? "" : error_text(&none, a->call->who.lang, text, sizeof text));
        json_array_append_new(a->items, o);
        return 0;
}

static int takers_tell(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        struct taker found[TAKERS_MAX];
        struct instance i;
        int count = 0;
        int rc = task_may(tx, a->call, a->task, &i, err); /* who may not do it may not hand it over either */

        instance_dispose(&i);
        json_array_clear(a->items);
        rc = rc ? rc : takers_read(tx, a, found, &count, err);
        for (int k = 0; rc == 0 && k < count; k++)
                rc = taker_tell(tx, a, &found[k], err);
        return rc;
}

static int asked(struct asking *a, int (*read)(struct tx *, void *, struct error *), json_t **out, struct error *err)
{
        int rc = store_read(a->call->house->store, read, a, err);

        if (rc < 0) {
                json_decref(a->items);
                return rc;
        }
        return list_answer(out, a->items, NULL, err);
}

int tasks_takers(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asking a = {.call = c, .task = json_int_or(in, "task", 0), .items = json_array()};

        return asked(&a, takers_tell, out, err);
}

/* --- how tasks changed hands -------------------------------------------------------------------------------------------------- */

static int moves_tell(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        struct instance i = {.id = 0};
        struct stmt *q = NULL;
        int rc = instance_read(tx, a->call->house, a->task, &i, err);

        rc = rc ? rc : office_allowed(tx, a->call, i.office, i.number, err);
        json_array_clear(a->items);
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT m.id, m.kind, m.note, m.at, t.node, f.display, g.display, w.display, o.name_zh, o.name_en, "
                    "CASE WHEN m.from_office <> m.to_office THEN 1 ELSE 0 END FROM task_move m CROSS JOIN task_any t "
                    "LEFT JOIN staff f ON f.id = m.from_staff LEFT JOIN staff g ON g.id = "
                    "m.to_staff LEFT JOIN staff w ON w.id = m.actor LEFT JOIN office o ON o.id = m.to_office WHERE "
                    "t.home = m.home AND t.id = m.task AND m.home = ?1@int AND m.instance = ?2@int ORDER BY m.at DESC, m.id "
                    "DESC LIMIT 200",
                    "ii", (int64_t)a->call->house->home, a->task);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                char node[64];
                struct node_said said = node_said(i.model, text_copy(node, sizeof node, stmt_text(q, 4)));
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "kind", stmt_text(q, 1));
                put_str(o, "note", stmt_text(q, 2));
                put_instant(o, "at", stmt_int(q, 3));
                put_text(o, "title_zh", said.title[LANG_ZH]);
                put_text(o, "title_en", said.title[LANG_EN]);
                put_str(o, "from", stmt_text(q, 5));
                put_str(o, "to", stmt_text(q, 6));
                put_str(o, "actor", stmt_text(q, 7));
                if (stmt_int(q, 10) != 0) {
                        put_str(o, "office_zh", stmt_text(q, 8));
                        put_str(o, "office_en", stmt_text(q, 9));
                }
                json_array_append_new(a->items, o);
        }
        instance_dispose(&i);
        return rc;
}

int cases_moves(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asking a = {.call = c, .task = json_int_or(in, "case", 0), .items = json_array()};

        return asked(&a, moves_tell, out, err);
}
