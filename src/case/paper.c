/* SPDX-License-Identifier: Apache-2.0 */
#include "case/paper.h"

#include "case/answer.h"

#include <string.h>

#define CHECK "promise_check."
#define BROKEN "promise_broken."

/* --- what the pack asks for ----------------------------------------------------------------------------------------------------------- */

static bool yes(const json_t *row, const char *name)
{
        const char *s = json_text(row, name);

        return strcmp(s, "yes") == 0 || strcmp(s, "true") == 0 || strcmp(s, "1") == 0;
}

static json_t *material_json(const json_t *row)
{
        return json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:b,s:s}", "material", json_text(row, "material"), "name_zh",
                         json_text(row, "name_zh"), "name_en", json_text(row, "name_en"), "kind", json_text(row, "kind"),
                         "required", yes(row, "required"), "promise", yes(row, "promise"), "gap", yes(row, "gap"), "source",
                         json_text(row, "source"));
}

int materials_of(const struct pack *p, const char *process, json_t **out, struct error *err)
{
        json_t *rows, *row;
        size_t i;

        *out = json_array();
        if (*out == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = pack_table_maybe(p, "materials.csv", &rows, err); /* a pack that lists none asks for none */
        for (i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
                if (rc == 0 && strcmp(json_text(row, "process"), process) == 0 &&
                    json_array_append_new(*out, material_json(row)) != 0)
                        rc = error_raise(err, SB_MEMORY, "%s", "");
        }
        json_decref(rows);
        return rc;
}

static const json_t *material_find(const json_t *materials, const char *material)
{
        json_t *one;
        size_t i;

        for (i = 0; (one = json_array_get(materials, i)) != NULL; i++) {
                if (strcmp(json_text(one, "material"), material) == 0)
                        return one;
        }
        return NULL;
}

/* --- how one stands --------------------------------------------------------------------------------------------------------------------- */

struct paper {
        const char *material, *state, *note;
        day_t due;
        int64_t attachment;
};

static int paper_take(const json_t *materials, const json_t *one, day_t today, struct paper *out, struct error *err)
{
        *out = (struct paper){.material = json_text(one, "material"),
                              .state = json_text(one, "state"),
                              .note = json_text(one, "note"),
                              .due = json_day_or(one, "due", DAY_END),
                              .attachment = json_int_or(one, "attachment", 0)};
        const json_t *m = material_find(materials, out->material);
        const char *name = m == NULL ? out->material : json_text(m, "name_zh"),
                   *name_en = m == NULL ? name : json_text(m, "name_en");
        bool promised = strcmp(out->state, "promised") == 0, gap = strcmp(out->state, "gap") == 0;
        if (m == NULL)
                return error_raise(err, SB_CASE_PAPER, "%s|%s", out->material,
                                   ERROR_BOTH("the process asks for no such paper", "本事项无此材料"));
        if ((promised && !json_is_true(json_object_get(m, "promise"))) || (gap && !json_is_true(json_object_get(m, "gap"))))
                return error_raise(err, SB_CASE_PAPER, "%s\x1e%s|%s", name_en, name,
                                   promised ? ERROR_BOTH("no promise stands in for it", "不适用告知承诺")
                                            : ERROR_BOTH("nothing is accepted without it", "不适用容缺受理"));
        if ((promised || gap) && (out->due >= DAY_END || out->due <= today))
                return error_raise(err, SB_CASE_PAPER, "%s\x1e%s|%s", name_en, name,
                                   ERROR_BOTH("say by what later day", "须写明今后的补正或核查日期"));
        if (!promised && !gap)
                out->due = DAY_END;
        return 0;
}

/* --- side tasks -------------------------------------------------------------------------------------------------------------------------- */

bool side_task_of(const char *node, struct side_task *out)
{
        if (strncmp(node, CHECK, strlen(CHECK)) == 0)
                *out = (struct side_task){{[LANG_EN] = "Check the promise", [LANG_ZH] = "核查承诺"}, "kept broken"};
        else if (strncmp(node, BROKEN, strlen(BROKEN)) == 0)
                *out = (struct side_task){
                    {[LANG_EN] = "A promise was broken: decide what follows", [LANG_ZH] = "承诺不实：处理决定"},
                    "stands revoke"};
        else
                return false;
        return true;
}

static int side_task_add(struct tx *tx, struct house *h, const struct instance *i, const char *kind, const char *material,
                         const char *role, day_t due, struct error *err)
{
        char node[64];
        int64_t id;
        int rc = ids_next(h->ids, &id, err);

        text_format(node, sizeof node, "%s%s", kind, material);
        return rc < 0 ? rc
                      : tx_exec(tx, err,
                                "INSERT INTO task (home, id, instance, token, process, node, role, office, assignee, state, "
                                "created_at, due_day, done_by, done_at, outcome, version) VALUES (?1@int, ?2@int, ?3@int, 0, "
                                "?4@text, ?5@text, ?6@text, ?7@int, 0, 'open', ?8@int, ?9@int, 0, 0, NULL, 1)",
                                "iiitttiii", (int64_t)i->home, id, i->id, i->process, node, role, i->office,
                                clock_now(h->clock), (int64_t)due);
}

/* A promise that was withdrawn or replaced by the proof needs no check. */
static int check_cancel(struct tx *tx, const struct instance *i, const char *material, struct error *err)
{
        char node[64];

        text_format(node, sizeof node, CHECK "%s", material);
        return tx_exec(
            tx, err,
            "UPDATE task SET state = 'cancelled', version = version + 1 WHERE home = ?1@int AND instance = ?2@int AND "
            "node = ?3@text AND state = 'open'",
            "iit", (int64_t)i->home, i->id, node);
}

int side_task_done(struct tx *tx, struct call *c, const struct instance *i, const char *node, const json_t *outcome,
                   struct error *err)
{
        const char *decision = json_text(outcome, "decision"), *material = node + strlen(CHECK);
        int rc;

        if (strncmp(node, CHECK, strlen(CHECK)) != 0)
                return 0; /* what is decided about a broken promise is the record itself; new cases carry it out */
        rc = tx_exec(
            tx, err,
            "UPDATE case_paper SET state = ?4@text, received_at = ?5@int, actor = ?6@int WHERE home = ?1@int AND instance "
            "= ?2@int AND material = ?3@text AND state = 'promised'",
            "iittii", (int64_t)i->home, i->id, material, decision, clock_now(c->house->clock), c->who.staff);
        if (rc == 0 && strcmp(decision, "broken") == 0)
                rc = side_task_add(tx, c->house, i, BROKEN, material, "approver", clock_today(c->house->clock) + 10, err);
        return rc;
}

/* --- rows ------------------------------------------------------------------------------------------------------------------------------ */

int papers_begin(struct tx *tx, struct call *c, const struct pack *p, const char *process, int64_t instance,
                 const json_t *papers, struct error *err)
{
        int64_t home = c->house->home;
        json_t *materials = NULL, *one;
        struct instance i = {.id = 0};
        int missing = 0;
        size_t k;
        int rc = materials_of(p, process, &materials, err);

        for (k = 0; (one = json_array_get(materials, k)) != NULL; k++) {
                if (rc == 0)
                        rc = tx_exec(tx, err,
                                     "INSERT INTO case_paper (home, instance, material, state, due_day, attachment, asked_at, "
                                     "received_at, note, actor) VALUES (?1@int, ?2@int, ?3@text, 'open', ?4@int, 0, 0, 0, '', "
                                     "?5@int)",
                                     "iitii", home, instance, json_text(one, "material"), (int64_t)DAY_END, c->who.staff);
        }
        if (rc == 0 && json_array_size(papers) > 0) {
                rc = instance_read(tx, c->house, instance, &i, err);
                if (rc == 0)
                        rc = papers_set(tx, c, &i, papers, &missing, err);
                instance_dispose(&i);
        }
        json_decref(materials);
        return rc;
}

static int paper_write(struct tx *tx, struct call *c, const struct instance *i, const struct paper *p, struct error *err)
{
        bool in_hand = strcmp(p->state, "given") == 0 || strcmp(p->state, "shared") == 0;
        instant_t now = clock_now(c->house->clock);
        int64_t changed = 0;
        int rc = tx_exec_changed(
            tx, &changed, err,
            "UPDATE case_paper SET state = ?4@text, due_day = ?5@int, attachment = CASE WHEN ?6@int = 0 THEN attachment ELSE "
            "?6@int END, received_at = ?7@int, note = ?8@text, actor = ?9@int WHERE home = ?1@int AND instance = ?2@int AND "
            "material = ?3@text",
            "iittiiiti", (int64_t)i->home, i->id, p->material, p->state, (int64_t)p->due, p->attachment,
            in_hand ? now : (instant_t)0, p->note, c->who.staff);

        if (rc == 0 && changed == 0) /* a case that began before the pack asked for it */
                rc = tx_exec(tx, err,
                             "INSERT INTO case_paper (home, instance, material, state, due_day, attachment, asked_at, "
                             "received_at, note, actor) VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@int, ?6@int, 0, ?7@int, "
                             "?8@text, ?9@int)",
                             "iittiiiti", (int64_t)i->home, i->id, p->material, p->state, (int64_t)p->due, p->attachment,
                             in_hand ? now : (instant_t)0, p->note, c->who.staff);
        if (rc == 0)
                rc = check_cancel(tx, i, p->material, err);
        if (rc == 0 && strcmp(p->state, "promised") == 0)
                rc = side_task_add(tx, c->house, i, CHECK, p->material, "clerk", p->due, err);
        return rc;
}

int papers_set(struct tx *tx, struct call *c, const struct instance *i, const json_t *papers, int *missing, struct error *err)
{
        json_t *materials = NULL, *one;
        struct stmt *q;
        size_t k;
        int rc = materials_of(i->pack, i->process, &materials, err);

        for (k = 0; (one = json_array_get(papers, k)) != NULL; k++) {
                struct paper p;
                if (rc == 0)
                        rc = paper_take(materials, one, clock_today(c->house->clock), &p, err);
                if (rc == 0)
                        rc = paper_write(tx, c, i, &p, err);
        }
        json_decref(materials);
        if (rc == 0)
                rc = tx_one(
                    &q, tx, err,
                    "SELECT COUNT(*) FROM case_paper WHERE home = ?1@int AND instance = ?2@int AND state = 'missing' AND "
                    "asked_at > 0",
                    "ii", (int64_t)i->home, i->id);
        if (rc == 1)
                *missing = (int)stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------ */

int papers_view(struct tx *tx, struct house *h, const struct instance *i, json_t **out, struct error *err)
{
        json_t *materials = NULL, *o;
        day_t today = clock_today(h->clock);
        char name[64];
        struct stmt *q = NULL;
        int rc = materials_of(i->pack, i->process, &materials, err);

        *out = json_array();
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT material, state, due_day, attachment, asked_at, received_at, note FROM case_paper WHERE home "
                    "= ?1@int AND instance = ?2@int ORDER BY material",
                    "ii", (int64_t)i->home, i->id);
        while ((rc = row_next(rc, q, err)) == 1) {
                bool waits = str_is(stmt_text(q, 1), "gap") || str_is(stmt_text(q, 1), "promised");
                const json_t *m = material_find(materials, text_copy(name, sizeof name, stmt_text(q, 0)));
                o = m == NULL ? json_pack("{s:s,s:s,s:s}", "material", name, "name_zh", name, "name_en", name)
                              : json_deep_copy(m);
                put_str(o, "state", stmt_text(q, 1));
                put_day(o, "due_day", (day_t)stmt_int(q, 2));
                put_bool(o, "overdue", waits && stmt_int(q, 2) < today);
                put_value(o, "attachment", stmt_int(q, 3) == 0 ? json_null() : json_integer(stmt_int(q, 3)));
                put_bool(o, "asked", stmt_int(q, 4) > 0);
                put_value(o, "received_at", json_null());
                if (stmt_int(q, 5) > 0)
                        put_instant(o, "received_at", stmt_int(q, 5));
                put_str(o, "note", stmt_text(q, 6));
                json_array_append_new(*out, o);
        }
        json_decref(materials);
        return rc;
}

/* In the way: what was asked for and has not come, what is needed and nobody has recorded, what was to follow by a day that is over. */
static bool paper_stops(const json_t *material, const char *state, bool asked, day_t due, day_t today)
{
        bool needed = asked || json_is_true(json_object_get(material, "required"));

        if (strcmp(state, "gap") == 0)
                return due < today;
        return (strcmp(state, "missing") == 0 || strcmp(state, "open") == 0) && needed;
}

int papers_complete(struct tx *tx, struct house *h, const struct instance *i, struct error *err)
{
        json_t *materials = NULL;
        struct stmt *q = NULL;

        if (i->application == 0)
                return 0; /* nobody applied: nothing was asked of anybody */
        int rc = tx_query(&q, tx, err,
                          "SELECT material, state, asked_at, due_day FROM case_paper WHERE home = ?1@int AND instance = ?2@int "
                          "AND state IN ('open', 'missing', 'gap') ORDER BY material",
                          "ii", (int64_t)i->home, i->id);
        while ((rc = row_next(rc, q, err)) == 1) {
                char name[64], state[16];
                rc = materials == NULL ? materials_of(i->pack, i->process, &materials, err) : 0;
                const json_t *m = material_find(materials, text_copy(name, sizeof name, stmt_text(q, 0)));
                text_copy(state, sizeof state, stmt_text(q, 1));
                if (rc == 0 && paper_stops(m, state, stmt_int(q, 2) > 0, (day_t)stmt_int(q, 3), clock_today(h->clock)))
                        rc = error_raise(err, SB_CASE_PAPER_MISSING, "%s\x1e%s", m == NULL ? name : json_text(m, "name_en"),
                                         m == NULL ? name : json_text(m, "name_zh"));
        }
        json_decref(materials);
        return rc;
}
