/* SPDX-License-Identifier: Apache-2.0
 *
 * Tasks and cases as people read them. Titles come from the model of the pack that the case started with; the
 * title of a subject comes from the office, by its verb desk.titles, since this floor knows no subject.
 */
#include "case/verbs.h"

#include "case/application.h"
#include "case/attachment.h"
#include "case/clock.h"
#include "case/instance.h"
#include "case/note.h"
#include "case/outcome.h"
#include "case/pack_store.h"
#include "case/paper.h"
#include "case/task_line.h"
#include "case/undo.h"

#include <stdlib.h>
#include <string.h>

/* --- what rows have in common --------------------------------------------------------------------------------------------------- */

static struct pack *pack_of(struct call *c, const json_t *o)
{
        struct error none = {0};
        struct pack *pack;
        struct hash hash;

        if (hash_parse(&hash, str_from(json_text(o, "pack")), &none) < 0 ||
            pack_store_get(c->house->packs, &hash, &pack, &none) < 0)
                return NULL;
        return pack;
}

static const struct bpmn_model *model_of(struct pack *pack, const char *process)
{
        const struct bpmn_model *m;
        struct error none = {0};

        return pack != NULL && pack_process(pack, process, &m, &none) == 0 ? m : NULL;
}

/* Working days until the due day by the pack's calendar; below zero when it has passed. */
static void days_left_put(json_t *o, const struct pack *pack, day_t today, day_t due)
{
        struct error none = {0};
        int n = 0;

        put_day(o, "due_day", due);
        if (pack == NULL || due >= DAY_END ||
            calendar_count_working(pack_calendar(pack), due >= today ? today : due, due >= today ? due : today, &n, &none) < 0)
                put_value(o, "days_left", json_null());
        else
                put_int(o, "days_left", due >= today ? n : -n);
}

struct node_said node_said(const struct bpmn_model *m, const char *node)
{
        const struct bpmn_node *n = m == NULL ? NULL : bpmn_node_find(m, node);
        struct side_task side = {.title = {node, node}};

        if (n != NULL)
                return (struct node_said){{n->title[0], n->title[1]}, bpmn_kind_name(n->kind), n->phase, n->decisions};
        side_task_of(node, &side);
        return (struct node_said){{side.title[0], side.title[1]}, "", "", side.decisions};
}

static void node_titles(json_t *o, const struct node_said *said)
{
        put_text(o, "title_zh", said->title[LANG_ZH]);
        put_text(o, "title_en", said->title[LANG_EN]);
        put_text(o, "phase", said->phase);
}

void process_titles(json_t *o, const struct bpmn_model *m, const char *process, const char *zh, const char *en)
{
        const struct bpmn_process *p = m == NULL ? NULL : bpmn_process(m, bpmn_process_find(m, process));

        put_text(o, zh, p == NULL ? process : p->title[LANG_ZH]);
        put_text(o, en, p == NULL ? process : p->title[LANG_EN]);
}

/* "subject_title" of each row; left out when the office cannot tell. */
void subject_titles(struct call *c, json_t *rows)
{
        const struct verb *v = registry_find(c->house->verbs, "desk.titles");
        struct call system = {.house = c->house, .who = {.office = c->who.office, .lang = c->who.lang}};
        json_t *subjects = json_array(), *in = json_pack("{s:O}", "subjects", subjects), *answer = NULL, *row;
        struct error none = {0};
        size_t i;

        for (i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
                json_array_append_new(subjects, json_pack("{s:O,s:O}", "kind", json_object_get(row, "subject_kind"), "id",
                                                          json_object_get(row, "subject")));
        }
        if (v != NULL && in != NULL && verb_call(&system, v, in, &answer, &none) == 0) {
                for (i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
                        json_t *title = json_array_get(json_object_get(answer, "titles"), i);
                        if (json_is_string(title))
                                json_object_set(row, "subject_title", title);
                }
        }
        json_decref(answer);
        json_decref(in);
        json_decref(subjects);
}

/* --- tasks ------------------------------------------------------------------------------------------------------------------------ */

struct list {
        struct call *call;
        const char *state, *process, *subject_kind;
        struct task_line line; /* of tasks */
        int64_t subject, after;
        day_t after_day;
        int limit;
        json_t *items;
        bool more;
};

#define TASK_COLUMNS                                                                                                           \
        "t.id, t.instance, t.process, t.node, t.role, t.assignee, t.created_at, t.due_day, t.state, i.number, "                \
        "i.subject_kind, i.subject, "                                                                                          \
        "i.pack_hash, i.paused_at, t.office, t.on_behalf_of, (SELECT display FROM staff WHERE id = t.assignee), (SELECT "      \
        "display FROM staff WHERE id = t.on_behalf_of)"

static json_t *task_json(const struct stmt *q)
{
        bool open = str_is(stmt_text(q, 8), "open");
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_int(o, "case", stmt_int(q, 1));
        put_str(o, "process", stmt_text(q, 2));
        put_str(o, "node", stmt_text(q, 3));
        put_str(o, "role", stmt_text(q, 4));
        put_value(o, "assignee", stmt_int(q, 5) == 0 ? json_null() : json_integer(stmt_int(q, 5)));
        put_instant(o, "created_at", stmt_int(q, 6));
        put_int(o, "due", stmt_int(q, 7));
        put_text(o, "state", open && stmt_int(q, 5) != 0 ? "taken" : open ? "open" : "done");
        put_str(o, "case_number", stmt_text(q, 9));
        put_str(o, "subject_kind", stmt_text(q, 10));
        put_int(o, "subject", stmt_int(q, 11));
        put_hash(o, "pack", stmt_blob(q, 12));
        put_bool(o, "paused", stmt_int(q, 13) != 0);
        put_int(o, "office", stmt_int(q, 14));
        put_value(o, "on_behalf_of", stmt_int(q, 15) == 0 ? json_null() : json_integer(stmt_int(q, 15)));
        put_str(o, "assignee_display", stmt_text(q, 16));
        put_str(o, "on_behalf_display", stmt_text(q, 17));
        return o;
}

/* What may be decided, as the model says; null: anything. */
static void decisions_put(json_t *o, const struct node_said *said)
{
        const char *decisions = said->decisions == NULL ? "" : said->decisions;
        json_t *list = decisions[0] == '\0' ? json_null() : json_array();

        for (const char *p = decisions; *p != '\0';) {
                size_t length = strcspn(p, " ");
                if (length > 0)
                        json_array_append_new(list, json_stringn(p, length));
                p += length + (p[length] == ' ');
        }
        put_value(o, "decisions", list);
}

static void risk_put(json_t *o, const struct bpmn_model *m, const char *process)
{
        const struct bpmn_process *p = m == NULL ? NULL : bpmn_process(m, bpmn_process_find(m, process));

        put_text(o, "risk", p == NULL ? "" : p->risk);
}

/* How much of the task's time is used, in a word. */
static void warning_put(struct call *c, json_t *o, const struct pack *pack)
{
        instant_t created = 0;
        bool paused = json_is_true(json_object_get(o, "paused"));
        day_t due = (day_t)json_integer_value(json_object_get(o, "due"));

        if (pack == NULL)
                return;
        (void)instant_parse(&created, str_from(json_text(o, "created_at")), NULL);
        put_text(o, "warning",
                 clock_warning(pack_calendar(pack), instant_day(created), due, clock_today(c->house->clock), paused));
}

static void task_tell(struct call *c, json_t *o)
{
        const char *process = json_text(o, "process"), *node = json_text(o, "node");
        struct pack *pack = pack_of(c, o);
        const struct bpmn_model *m = model_of(pack, process);
        struct node_said said = node_said(m, node);

        process_titles(o, m, process, "process_title_zh", "process_title_en");
        node_titles(o, &said);
        decisions_put(o, &said);
        put_value(o, "asks", outcome_fields(pack, m, node));
        days_left_put(o, pack, clock_today(c->house->clock), (day_t)json_integer_value(json_object_get(o, "due")));
        risk_put(o, m, process);
        warning_put(c, o, pack);
        json_object_del(o, "due");
}

static int tasks_read(struct tx *tx, void *ctx, struct error *err)
{
        struct list *l = ctx;
        struct task_line line = l->line;
        int rc = task_line_read(tx, l->call, &line, err);

        json_array_clear(l->items);
        for (int k = 0; rc == 0 && k < line.count; k++) {
                struct stmt *q;
                rc = tx_one(&q, tx, err,
                            "SELECT " TASK_COLUMNS
                            " FROM task t JOIN process_instance i ON i.home = t.home AND i.id = t.instance "
                            "WHERE t.home = ?1@int AND t.id = ?2@int",
                            "ii", (int64_t)l->call->house->home, line.page[k].id);
                if (rc == 1)
                        json_array_append_new(l->items, task_json(q));
                rc = rc < 0 ? rc : 0;
        }
        l->more = line.more;
        l->after_day = (day_t)line.after.due;
        l->after = line.after.id;
        return rc;
}

/* The cursor is "due day-id" of the last row. */
static int task_cursor(const json_t *in, struct list *l, struct error *err)
{
        const char *cursor = json_text(in, "cursor"), *cut = strchr(cursor, '-');
        int64_t day = INT32_MIN;

        l->limit = (int)json_int_or(in, "limit", 50);
        if (cursor[0] != '\0' && (cut == NULL || !text_to_int((struct str){cursor, (size_t)(cut - cursor)}, &day) ||
                                  !text_to_int(str_from(cut + 1), &l->after) || day < 0 || day > DAY_END))
                return error_raise(err, SB_FIELD_TYPE, "%s|%s", "cursor",
                                   ERROR_BOTH("the cursor of the page before", "上一页的游标"));
        l->after_day = (day_t)day;
        return 0;
}

int tasks_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct list l = {.call = c, .state = json_text_or(in, "state", "open"), .items = json_array()};
        const char *warning = json_text(in, "warning");
        char next[48];
        json_t *row;
        size_t i;
        int rc = task_cursor(in, &l, err);

        l.line = (struct task_line){.state = l.state,
                                    .process = json_text(in, "process"),
                                    .role = json_text(in, "role"),
                                    .text = json_text(in, "text"),
                                    .mine = json_bool_or(in, "mine", false),
                                    .overdue = json_bool_or(in, "overdue", false),
                                    .office = json_int_or(in, "office", 0),
                                    .limit = l.limit,
                                    .after = {.due = l.after_day, .id = l.after}};
        rc = rc ? rc : store_read(c->house->store, tasks_read, &l, err);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        for (i = 0; (row = json_array_get(l.items, i)) != NULL; i++)
                task_tell(c, row);
        /* The calendar of each case's pack says how late it is, so that no query can: a page may come out short. */
        for (i = warning[0] == '\0' ? 0 : json_array_size(l.items); i > 0; i--) {
                const char *is = json_string_value(json_object_get(json_array_get(l.items, i - 1), "warning"));
                if (is == NULL || strcmp(is, warning) != 0)
                        json_array_remove(l.items, i - 1);
        }
        subject_titles(c, l.items);
        return list_answer(out, l.items,
                           l.more ? text_format(next, sizeof next, "%d-%lld", l.after_day, (long long)l.after) : NULL, err);
}

/* --- cases ------------------------------------------------------------------------------------------------------------------------ */

static int cases_read(struct tx *tx, void *ctx, struct error *err)
{
        struct list *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT id, number, process, state, subject_kind, subject, started_at, ended_at, due_day, pack_hash FROM "
            "case_any WHERE office IN " OFFICE_SUBTREE(
                "?1@int") " AND home = ?2@int AND (?3@int = 0 OR id < ?3@int) "
                          "AND (?4@text = '' OR state = ?4@text) AND (?5@text = '' OR process = ?5@text) AND (?6@text = '' OR "
                          "(subject_kind = ?6@text AND subject = ?7@int)) ORDER BY id DESC LIMIT ?8@int",
            "iiitttii", l->call->who.office, (int64_t)l->call->house->home, l->after, l->state, l->process, l->subject_kind,
            l->subject, (int64_t)l->limit + 1);

        json_array_clear(l->items);
        l->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                if (json_array_size(l->items) == (size_t)l->limit) {
                        json_decref(o);
                        l->more = true;
                        rc = 0;
                        break;
                }
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "number", stmt_text(q, 1));
                put_str(o, "process", stmt_text(q, 2));
                put_str(o, "state", stmt_text(q, 3));
                put_str(o, "subject_kind", stmt_text(q, 4));
                put_int(o, "subject", stmt_int(q, 5));
                put_instant(o, "started_at", stmt_int(q, 6));
                put_value(o, "ended_at", json_null());
                if (stmt_int(q, 7) != 0)
                        put_instant(o, "ended_at", stmt_int(q, 7));
                put_int(o, "due", stmt_int(q, 8));
                put_hash(o, "pack", stmt_blob(q, 9));
                json_array_append_new(l->items, o);
        }
        return rc;
}

static void case_tell(struct call *c, json_t *o)
{
        const char *process = json_text(o, "process");
        struct pack *pack = pack_of(c, o);

        process_titles(o, model_of(pack, process), process, "title_zh", "title_en");
        days_left_put(o, pack, clock_today(c->house->clock), (day_t)json_integer_value(json_object_get(o, "due")));
        json_object_del(o, "due");
        json_object_del(o, "pack");
}

int cases_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct list l = {.call = c,
                         .state = json_text(in, "state"),
                         .process = json_text(in, "process"),
                         .subject_kind = json_text(in, "subject_kind"),
                         .subject = json_int_or(in, "subject", 0),
                         .items = json_array()};
        char next[24];
        json_t *row;
        size_t i;
        int64_t last = 0;
        int rc = list_page(in, &l.limit, &l.after, err);

        rc = rc ? rc : store_read(c->house->store, cases_read, &l, err);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        for (i = 0; (row = json_array_get(l.items, i)) != NULL; i++) {
                last = json_integer_value(json_object_get(row, "id"));
                case_tell(c, row);
        }
        subject_titles(c, l.items);
        return list_answer(out, l.items, l.more ? text_format(next, sizeof next, "%lld", (long long)last) : NULL, err);
}

/* --- one case --------------------------------------------------------------------------------------------------------------------- */

struct file {
        struct call *call;
        int64_t id;
        struct instance i;
        json_t *o;
};

/* What stands in the file beside the steps: application, papers, pauses, notes, archive. */
static int file_parts(struct tx *tx, struct file *f, struct error *err)
{
        json_t *application = NULL, *papers = NULL, *pauses = NULL, *notes = NULL, *attachments = NULL, *reasons = NULL;
        int64_t undo = 0;
        struct house *h = f->call->house;
        struct stmt *q;
        int rc = f->i.application == 0 ? 0 : application_view(tx, h, &f->i, f->i.application, &application, err);

        rc = rc ? rc : papers_view(tx, h, &f->i, &papers, err);
        rc = rc ? rc : pauses_view(tx, h, &f->i, &pauses, err);
        rc = rc ? rc : notes_view(tx, h, &f->i, &notes, err);
        rc = rc ? rc : pack_table_maybe(f->i.pack, "pause_reasons.csv", &reasons, err);
        rc = rc ? rc : attachments_view(tx, f->call, &f->i, &attachments, err);
        rc = rc ? rc : undo_offer(tx, f->call, &f->i, &undo, err);
        put_value(f->o, "pause_reasons", reasons);
        put_value(f->o, "attachments", attachments);
        put_value(f->o, "undo", undo == 0 ? json_null() : json_integer(undo));
        put_value(f->o, "application", application == NULL ? json_null() : application);
        put_value(f->o, "papers", papers);
        put_value(f->o, "pauses", pauses);
        put_value(f->o, "notes", notes);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT archive_number, archived_at FROM case_any WHERE home = ?1@int AND id = ?2@int",
                            "ii", (int64_t)f->i.home, f->id);
        if (rc == 1 && stmt_int(q, 1) != 0) {
                put_str(f->o, "archive_number", stmt_text(q, 0));
                put_instant(f->o, "archived_at", stmt_int(q, 1));
        }
        return rc < 0 ? rc : 0;
}

static int file_head(struct tx *tx, struct file *f, struct error *err)
{
        json_t *incident = NULL, *told;
        struct stmt *q;
        char hex[65];
        int rc = instance_read(tx, f->call->house, f->id, &f->i, err);

        if (rc == 0)
                rc = office_allowed(tx, f->call, f->i.office, f->i.number, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT incident FROM case_any WHERE home = ?1@int AND id = ?2@int", "ii",
                            (int64_t)f->i.home, f->id);
        if (rc < 0)
                return rc;
        if (!stmt_null(q, 0) && json_read(&incident, stmt_text(q, 0), NULL) == 0) {
                const char *lang = f->call->who.lang == LANG_ZH ? "zh" : "en";
                told = json_object();
                put_value(told, "code", json_incref(json_object_get(incident, "code")));
                put_value(told, "node", json_incref(json_object_get(incident, "node")));
                put_value(told, "detail", json_incref(json_object_get(incident, lang)));
                put_value(f->o, "incident", told);
                json_decref(incident);
        } else {
                put_value(f->o, "incident", json_null());
        }
        put_int(f->o, "id", f->id);
        put_text(f->o, "number", f->i.number);
        put_text(f->o, "process", f->i.process);
        put_text(f->o, "state", f->i.state);
        put_text(f->o, "subject_kind", f->i.subject_kind);
        put_int(f->o, "subject", f->i.subject);
        put_instant(f->o, "started_at", f->i.started_at);
        put_text(f->o, "pack", hash_hex(&f->i.pack_hash, hex));
        put_value(f->o, "variables", json_incref(json_object_get(f->i.state_json, "variables")));
        process_titles(f->o, f->i.model, f->i.process, "title_zh", "title_en");
        days_left_put(f->o, f->i.pack, clock_today(f->call->house->clock), f->i.due_day);
        put_text(f->o, "warning",
                 clock_warning(pack_calendar(f->i.pack), instant_day(f->i.started_at), f->i.due_day,
                               clock_today(f->call->house->clock), f->i.paused_at != 0));
        put_bool(f->o, "paused", f->i.paused_at != 0);
        risk_put(f->o, f->i.model, f->i.process);
        return file_parts(tx, f, err);
}

static json_t *kin_json(const struct stmt *q)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_str(o, "number", stmt_text(q, 1));
        put_str(o, "process", stmt_text(q, 2));
        put_str(o, "state", stmt_text(q, 3));
        return o;
}

/* The case that called this one, and those that it called. */
static int file_kin(struct tx *tx, struct file *f, struct error *err)
{
        json_t *children = json_array();
        struct stmt *q = NULL;
        int rc = f->i.parent == 0 ? 0
                                  : tx_one(&q, tx, err,
                                           "SELECT id, number, process, state FROM case_any WHERE home = ?1@int AND id = "
                                           "?2@int",
                                           "ii", (int64_t)f->i.home, f->i.parent);

        put_value(f->o, "parent", rc == 1 ? kin_json(q) : json_null());
        if (rc >= 0)
                rc = tx_query(&q, tx, err,
                              "SELECT id, number, process, state FROM case_any WHERE home = ?1@int AND parent = ?2@int ORDER "
                              "BY id LIMIT 200",
                              "ii", (int64_t)f->i.home, f->id);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_array_append_new(children, kin_json(q));
        }
        put_value(f->o, "children", children);
        return rc;
}

static int file_tasks(struct tx *tx, struct file *f, struct error *err)
{
        json_t *tasks = json_array();
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT " TASK_COLUMNS
                          " FROM task t JOIN process_instance i ON i.home = t.home AND i.id = t.instance WHERE t.home = ?1@int "
                          "AND t.instance = ?2@int AND t.state = 'open' ORDER BY t.id",
                          "ii", (int64_t)f->i.home, f->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_array_append_new(tasks, task_json(q));
        }
        put_value(f->o, "tasks", tasks);
        return rc;
}

static json_t *step_json(const struct file *f, const char *node, instant_t at, struct str actor)
{
        struct node_said said = node_said(f->i.model, node);
        json_t *o = json_object();

        put_text(o, "node", node);
        node_titles(o, &said);
        put_instant(o, "at", at);
        if (actor.n > 0)
                put_str(o, "actor_display", actor);
        return o;
}

/* Who did what, in order of time: the start, tasks, and what the system did in between. */
static int file_history(struct tx *tx, struct file *f, struct error *err)
{
        json_t *history = json_array(), *json, *o;
        char node[64];
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, "SELECT display FROM staff WHERE id = ?1@int", "i", f->i.started_by);
        const struct bpmn_process *p = instance_process(&f->i);

        put_value(f->o, "history", history);
        if (rc >= 0 && p->start >= 0)
                json_array_append_new(history, step_json(f, bpmn_node(f->i.model, p->start)->id, f->i.started_at,
                                                         rc == 1 ? stmt_text(q, 0) : (struct str){"", 0}));
        if (rc >= 0)
                rc = tx_query(&q, tx, err,
                              "SELECT t.done_at, t.id, t.node, s.display, t.outcome, b.display FROM task_any t LEFT JOIN staff "
                              "s ON s.id = "
                              "t.done_by LEFT JOIN staff b ON b.id = t.on_behalf_of WHERE t.home = "
                              "?1@int AND t.instance = ?2@int AND t.state = 'done' UNION ALL SELECT e.created_at, e.id, "
                              "e.payload, NULL, NULL, NULL FROM "
                              "effect_any e WHERE e.home = ?1@int AND e.instance = ?2@int AND e.state = 'done' ORDER BY 1, 2",
                              "ii", (int64_t)f->i.home, f->id);
        while ((rc = row_next(rc, q, err)) == 1) {
                json = NULL;
                text_copy(node, sizeof node, stmt_text(q, 2));
                if (node[0] == '{' && json_read(&json, stmt_text(q, 2), NULL) == 0) {
                        const char *name = json_string_value(json_object_get(json, "node"));
                        text_copy(node, sizeof node, str_from(name));
                }
                json_decref(json);
                json = NULL;
                o = step_json(f, node, stmt_int(q, 0), stmt_text(q, 3));
                if (!stmt_null(q, 4) && json_read(&json, stmt_text(q, 4), NULL) == 0)
                        put_value(o, "outcome", json);
                if (!stmt_null(q, 5))
                        put_str(o, "on_behalf_display", stmt_text(q, 5));
                json_array_append_new(history, o);
        }
        return rc;
}

static int file_decisions(struct tx *tx, struct file *f, struct error *err)
{
        json_t *decisions = json_array();
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, name, model, law_day FROM decision WHERE home = ?1@int AND instance = ?2@int ORDER BY id",
                          "ii", (int64_t)f->i.home, f->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "name", stmt_text(q, 1));
                put_str(o, "model", stmt_text(q, 2));
                put_day(o, "law_day", (day_t)stmt_int(q, 3));
                json_array_append_new(decisions, o);
        }
        put_value(f->o, "decisions", decisions);
        return rc;
}

/* Documents made since the case began for its subject, or for what its variables name (an award, a declaration). */
static int documents_of(struct tx *tx, struct file *f, const char *kind, int64_t subject, json_t *into, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, number, kind, title, media_type, size FROM document WHERE home = ?1@int AND subject_kind "
                          "= ?2@text AND subject = "
                          "?3@int AND created_at >= ?4@int ORDER BY id LIMIT 50",
                          "itii", (int64_t)f->i.home, kind, subject, f->i.started_at);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "number", stmt_text(q, 1));
                put_str(o, "kind", stmt_text(q, 2));
                put_str(o, "title", stmt_text(q, 3));
                put_str(o, "media_type", stmt_text(q, 4));
                put_int(o, "size", stmt_int(q, 5));
                json_array_append_new(into, o);
        }
        return rc;
}

static int file_documents(struct tx *tx, struct file *f, struct error *err)
{
        json_t *documents = json_array(), *value;
        const char *name;
        int rc = documents_of(tx, f, f->i.subject_kind, f->i.subject, documents, err);

        json_object_foreach(json_object_get(f->i.state_json, "variables"), name, value)
        {
                bool same = strcmp(name, f->i.subject_kind) == 0 && json_integer_value(value) == f->i.subject;
                if (rc == 0 && json_is_integer(value) && !same)
                        rc = documents_of(tx, f, name, json_integer_value(value), documents, err);
        }
        put_value(f->o, "documents", documents);
        return rc;
}

static int file_read_case(struct tx *tx, void *ctx, struct error *err)
{
        struct file *f = ctx;
        json_t *waits = NULL;

        json_object_clear(f->o);
        instance_dispose(&f->i);
        int rc = file_head(tx, f, err);
        rc = rc ? rc : file_kin(tx, f, err);
        rc = rc ? rc : file_tasks(tx, f, err);
        rc = rc ? rc : waits_view(tx, f->call->house, &f->i, &waits, err);
        put_value(f->o, "waits", waits);
        if (rc == 0)
                put_value(f->o, "said", variables_said(&f->i));
        rc = rc ? rc : file_history(tx, f, err);
        rc = rc ? rc : file_decisions(tx, f, err);
        return rc ? rc : file_documents(tx, f, err);
}

int cases_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct file f = {.call = c, .id = json_int_or(in, "case", 0), .o = json_object()};
        json_t *one = json_array(), *task;
        size_t i;
        int rc = f.o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, file_read_case, &f, err);

        if (rc == 0) {
                for (i = 0; (task = json_array_get(json_object_get(f.o, "tasks"), i)) != NULL; i++)
                        task_tell(c, task);
                json_array_append(one, f.o);
                subject_titles(c, one);
                *out = json_incref(f.o);
        }
        json_decref(one);
        json_decref(f.o);
        instance_dispose(&f.i);
        return rc;
}
