/* SPDX-License-Identifier: Apache-2.0 */
#include "case/clock.h"

#include "case/answer.h"

#include <stdlib.h>
#include <string.h>

#define PAUSES_MAX 200

/* --- counting (pure) ---------------------------------------------------------------------------------------------------------------- */

int clock_limit(const struct pack *p, const char *process, day_t day, struct limit *out, struct error *err)
{
        const struct parameter *figure;
        struct error missing = {0};
        char dims[64];
        int64_t n;

        *out = (struct limit){.unit = LIMIT_NONE};
        text_format(dims, sizeof dims, "process=%s", process);
        if (pack_parameter(p, "case_limit", dims, day, &figure, &missing) < 0) {
                bool unknown = missing.code == SB_PARAMETER_MISSING || missing.code == SB_PARAMETER_UNKNOWN;
                return unknown ? 0 : error_hand(err, &missing);
        }
        if (!text_to_int(str_from(figure->value), &n) || n < 0 || n > 36600)
                return error_raise(err, SB_PARAMETER_VALUE, "%s|%s|%s", figure->value, figure->key, figure->unit);
        out->n = (int)n;
        out->unit = strcmp(figure->unit, "days") == 0     ? LIMIT_DAYS
                    : strcmp(figure->unit, "months") == 0 ? LIMIT_MONTHS
                                                          : LIMIT_WORKING_DAYS;
        return 0;
}

/* The same day n months later; the last day of a month that has no such day (民法典 202). */
static day_t months_later(day_t start, int n)
{
        int year, month, day;

        day_split(start, &year, &month, &day);
        month_t m = month_of(start) + n;
        day_t last = month_last(m), same = month_first(m) + day - 1;
        return same < last ? same : last;
}

static int due_working(const struct calendar *c, day_t start, int n, const struct pause_span *pauses, size_t count, day_t *out,
                       struct error *err)
{
        day_t due;
        int rc = calendar_add_working(c, start, n, &due, err);

        for (size_t i = 0; rc == 0 && i < count; i++) {
                int lost = 0;
                if (pauses[i].from >= due)
                        break;
                rc = calendar_count_working(c, pauses[i].from, pauses[i].to, &lost, err);
                if (rc == 0)
                        rc = calendar_add_working(c, due, lost, &due, err);
        }
        if (rc == 0)
                *out = due;
        return rc;
}

int clock_due(const struct calendar *c, day_t start, struct limit limit, const struct pause_span *pauses, size_t count,
              day_t *out, struct error *err)
{
        if (limit.unit == LIMIT_NONE) {
                *out = DAY_END;
                return 0;
        }
        if (limit.unit == LIMIT_WORKING_DAYS)
                return due_working(c, start, limit.n, pauses, count, out, err);
        day_t due = limit.unit == LIMIT_MONTHS ? months_later(start, limit.n) : start + limit.n;
        for (size_t i = 0; i < count && pauses[i].from < due; i++)
                due += pauses[i].to - pauses[i].from;
        return calendar_add_calendar(c, due, 0, out, err);
}

const char *clock_warning(const struct calendar *c, day_t start, day_t due, day_t today, bool paused)
{
        struct error none = {0};
        int total = 0, left = 0;

        if (paused)
                return "paused";
        if (due >= DAY_END)
                return "none";
        if (today > due)
                return "overdue";
        if (start > today || calendar_count_working(c, start, due, &total, &none) < 0 ||
            calendar_count_working(c, today, due, &left, &none) < 0)
                return "none";
        int used = total - left;
        return total > 0 && used * 5 >= total * 4 ? "late80" : total > 0 && used * 2 >= total ? "half" : "none";
}

/* --- pausing -------------------------------------------------------------------------------------------------------------------------- */

/* The word of a reason: of the pack's table, "" when it has none such. */
static int reason_word(const struct pack *p, const char *reason, enum lang lang, char out[80], struct error *err)
{
        json_t *rows, *row;
        size_t i;
        int rc = pack_table_maybe(p, "pause_reasons.csv", &rows, err);

        out[0] = '\0';
        for (i = 0; (row = json_array_get(rows, i)) != NULL; i++) {
                if (strcmp(json_text(row, "reason"), reason) == 0)
                        text_copy(out, 80, str_from(json_text(row, lang == LANG_ZH ? "name_zh" : "name_en")));
        }
        json_decref(rows);
        return rc;
}

int case_pause(struct tx *tx, struct call *c, struct instance *i, const struct pause *p, struct error *err)
{
        instant_t now = clock_now(c->house->clock);
        char word[80];
        int64_t id;

        if (i->paused_at != 0)
                return error_raise(err, SB_CASE_PAUSED, "%s", i->number);
        if (strcmp(i->state, "active") != 0)
                return error_raise(err, SB_CASE_STATE, "%s|%s", i->number, i->state);
        int rc = reason_word(i->pack, p->reason, LANG_ZH, word, err);
        if (rc == 0 && word[0] == '\0')
                rc = error_raise(err, SB_CASE_PAUSE_REASON, "%s", p->reason);
        rc = rc ? rc : ids_next(c->house->ids, &id, err);
        if (rc == 0)
                rc =
                    tx_exec(tx, err,
                            "INSERT INTO case_pause (home, id, instance, reason, note, document, expected_day, paused_at, "
                            "paused_by, resumed_at, resumed_by, resume_note) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@text, "
                            "?6@text, ?7@int, ?8@int, ?9@int, 0, 0, '')",
                            "iiitttiii", (int64_t)i->home, id, i->id, p->reason, p->note, p->document, (int64_t)p->expected,
                            now, c->who.staff);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE process_instance SET paused_at = ?3@int, pause_reason = ?4@text WHERE home = ?1@int AND id = "
                    "?2@int",
                    "iiit", (int64_t)i->home, i->id, now, p->reason);
        if (rc == 0)
                i->paused_at = now;
        return rc;
}

struct spans {
        struct pause_span items[PAUSES_MAX];
        size_t count;
};

static int spans_read(struct tx *tx, const struct instance *i, struct spans *s, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT paused_at, resumed_at FROM case_pause WHERE home = ?1@int AND instance = ?2@int AND resumed_at > 0 "
            "ORDER BY paused_at, id",
            "ii", (int64_t)i->home, i->id);

        s->count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (s->count == PAUSES_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", i->number, PAUSES_MAX);
                s->items[s->count++] = (struct pause_span){instant_day(stmt_int(q, 0)), instant_day(stmt_int(q, 1))};
        }
        return rc;
}

struct task_due {
        int64_t id;
        day_t due;
};

/* What a task of its own limit is due on; other tasks are due with the case. */
static int task_due_of(const struct instance *i, const struct spans *s, day_t due, const char *node, day_t created, day_t *out,
                       struct error *err)
{
        const struct bpmn_node *n = bpmn_node_find(i->model, node);
        size_t first = 0;
        day_t own = due;
        int rc = 0;

        while (first < s->count && s->items[first].to <= created)
                first++;
        if (n != NULL && n->limit_days > 0)
                rc = clock_due(pack_calendar(i->pack), created,
                               (struct limit){n->limit_days, n->limit_calendar ? LIMIT_DAYS : LIMIT_WORKING_DAYS},
                               s->items + first, s->count - first, &own, err);
        *out = own < due ? own : due;
        return rc;
}

static int tasks_move(struct tx *tx, const struct instance *i, const struct spans *s, day_t due, struct error *err)
{
        struct task_due open[64];
        size_t count = 0;
        char node[64];
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, node, created_at FROM task WHERE home = ?1@int AND instance = ?2@int AND state = 'open' AND "
                     "token > 0 ORDER BY id LIMIT 64",
                     "ii", (int64_t)i->home, i->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                text_copy(node, sizeof node, stmt_text(q, 1));
                open[count].id = stmt_int(q, 0);
                rc = task_due_of(i, s, due, node, instant_day(stmt_int(q, 2)), &open[count].due, err);
                count++;
        }
        for (size_t k = 0; rc == 0 && k < count; k++)
                rc = tx_exec(tx, err, "UPDATE task SET due_day = ?3@int WHERE home = ?1@int AND id = ?2@int", "iii",
                             (int64_t)i->home, open[k].id, (int64_t)open[k].due);
        return rc;
}

int case_resume(struct tx *tx, struct call *c, struct instance *i, const char *note, struct error *err)
{
        instant_t now = clock_now(c->house->clock);
        day_t start = instant_day(i->started_at), due = DAY_END;
        struct limit limit;
        struct spans s;

        if (i->paused_at == 0)
                return error_raise(err, SB_CASE_NOT_PAUSED, "%s", i->number);
        int rc = tx_exec(tx, err,
                         "UPDATE case_pause SET resumed_at = ?3@int, resumed_by = ?4@int, resume_note = ?5@text WHERE home = "
                         "?1@int AND instance = ?2@int AND resumed_at = 0",
                         "iiiit", (int64_t)i->home, i->id, now, c->who.staff, note);
        rc = rc ? rc : spans_read(tx, i, &s, err);
        rc = rc ? rc : clock_limit(i->pack, i->process, start, &limit, err);
        rc = rc ? rc : clock_due(pack_calendar(i->pack), start, limit, s.items, s.count, &due, err);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE process_instance SET paused_at = 0, pause_reason = '', due_day = ?3@int WHERE home = ?1@int "
                    "AND id = ?2@int",
                    "iii", (int64_t)i->home, i->id, (int64_t)due);
        rc = rc ? rc : tasks_move(tx, i, &s, due, err);
        if (rc == 0) {
                i->paused_at = 0;
                i->due_day = due;
        }
        return rc;
}

int case_resume_papers(struct tx *tx, struct call *c, struct instance *i, int missing, bool *resumed, struct error *err)
{
        struct stmt *q;

        *resumed = false;
        if (i->paused_at == 0 || missing > 0)
                return 0;
        int rc = tx_one(&q, tx, err,
                        "SELECT 1 FROM process_instance WHERE home = ?1@int AND id = ?2@int AND pause_reason = 'papers'", "ii",
                        (int64_t)i->home, i->id);
        *resumed = rc == 1;
        return rc == 1 ? case_resume(tx, c, i, "", err) : rc;
}

int pauses_view(struct tx *tx, struct house *h, const struct instance *i, json_t **out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT p.reason, p.note, p.document, p.expected_day, p.paused_at, p.resumed_at, p.resume_note, "
                          "s.display FROM case_pause p LEFT JOIN staff s ON s.id = p.paused_by WHERE p.home = ?1@int AND "
                          "p.instance = ?2@int ORDER BY p.paused_at, p.id",
                          "ii", (int64_t)i->home, i->id);

        (void)h;
        *out = json_array();
        while ((rc = row_next(rc, q, err)) == 1) {
                char reason[40], zh[80], en[80];
                json_t *o = json_object();
                text_copy(reason, sizeof reason, stmt_text(q, 0));
                rc = reason_word(i->pack, reason, LANG_ZH, zh, err);
                rc = rc ? rc : reason_word(i->pack, reason, LANG_EN, en, err);
                put_text(o, "reason", reason);
                put_text(o, "reason_zh", zh[0] == '\0' ? reason : zh);
                put_text(o, "reason_en", en[0] == '\0' ? reason : en);
                put_str(o, "note", stmt_text(q, 1));
                put_str(o, "document", stmt_text(q, 2));
                put_day(o, "expected_day", (day_t)stmt_int(q, 3));
                put_instant(o, "paused_at", stmt_int(q, 4));
                put_value(o, "resumed_at", json_null());
                if (stmt_int(q, 5) > 0)
                        put_instant(o, "resumed_at", stmt_int(q, 5));
                put_str(o, "resume_note", stmt_text(q, 6));
                put_str(o, "by", stmt_text(q, 7));
                json_array_append_new(*out, o);
        }
        return rc;
}
