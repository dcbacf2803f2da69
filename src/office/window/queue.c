/* SPDX-License-Identifier: Apache-2.0
 *
 * The queue as counters, the hall's screen and planners of staff see it. The screen tells numbers and counters, nothing of persons.
 */
#include "office/window/window.h"

#include "case/answer.h"

#include <string.h>

struct queue {
        struct call *call;
        struct hall hall;
        day_t from, to;
        json_t *o;
};

static int rows_read(struct tx *tx, struct queue *v, bool waiting, json_t *into, struct error *err)
{
        struct stmt *q = NULL;
        char label[16];
        const char *sql = waiting
                              ? "SELECT id, number, service, reason, counter, state, calls, arrived_at, called_at, started_at, "
                                "staff FROM ticket WHERE home = ?1@int AND office = ?2@int AND day = ?3@int AND state = "
                                "'waiting' ORDER BY priority, id LIMIT 300"
                              : "SELECT id, number, service, reason, counter, state, calls, arrived_at, called_at, started_at, "
                                "staff FROM ticket WHERE home = ?1@int AND office = ?2@int AND day = ?3@int AND state IN "
                                "('called', 'serving') ORDER BY called_at DESC, id LIMIT 100";
        int rc = tx_query(&q, tx, err, sql, "iii", (int64_t)v->call->house->home, v->hall.office,
                          (int64_t)clock_today(v->call->house->clock));

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                char service[64];
                text_copy(service, sizeof service, stmt_text(q, 2));
                put_int(o, "ticket", stmt_int(q, 0));
                put_text(o, "label", hall_label(label, &v->hall, service, stmt_int(q, 1)));
                put_text(o, "service", service);
                put_str(o, "reason", stmt_text(q, 3));
                put_str(o, "counter", stmt_text(q, 4));
                put_str(o, "state", stmt_text(q, 5));
                put_int(o, "calls", stmt_int(q, 6));
                put_instant(o, "arrived_at", stmt_int(q, 7));
                if (!waiting)
                        put_instant(o, "called_at", stmt_int(q, 8));
                if (stmt_int(q, 9) != 0)
                        put_instant(o, "started_at", stmt_int(q, 9));
                put_bool(o, "mine", stmt_int(q, 10) == v->call->who.staff);
                json_array_append_new(into, o);
        }
        return rc;
}

static int queue_read(struct tx *tx, void *ctx, struct error *err)
{
        struct queue *v = ctx;
        json_t *waiting = json_array(), *called = json_array();

        json_object_clear(v->o);
        put_value(v->o, "waiting", waiting);
        put_value(v->o, "called", called);
        put_text(v->o, "name_zh", v->hall.name_zh);
        put_text(v->o, "name_en", v->hall.name_en);
        put_instant(v->o, "now", clock_now(v->call->house->clock));
        int rc = rows_read(tx, v, true, waiting, err);
        return rc ? rc : rows_read(tx, v, false, called, err);
}

int hall_queue(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct queue v = {.call = c, .o = json_object()};
        int rc = hall_open(c, &v.hall, err);

        (void)in;
        rc = rc ? rc : store_read(c->house->store, queue_read, &v, err);
        if (rc == 0)
                *out = json_incref(v.o);
        json_decref(v.o);
        hall_close(&v.hall);
        return rc;
}

/* For the screen: who is called to which counter, who comes next, how many wait. */
int hall_board(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        json_t *row, *whole = NULL;
        size_t i;
        int rc = hall_queue(c, in, &whole, err);

        if (rc < 0)
                return rc;
        json_t *called = json_array(), *next = json_array();
        json_array_foreach(json_object_get(whole, "called"), i, row)
        {
                if (i < 8)
                        json_array_append_new(called, json_pack("{s:O,s:O,s:O}", "label", json_object_get(row, "label"),
                                                                "counter", json_object_get(row, "counter"), "state",
                                                                json_object_get(row, "state")));
        }
        json_array_foreach(json_object_get(whole, "waiting"), i, row)
        {
                if (i < 8)
                        json_array_append(next, json_object_get(row, "label"));
        }
        *out = json_pack("{s:O,s:O,s:o,s:o,s:I,s:O}", "name_zh", json_object_get(whole, "name_zh"), "name_en",
                         json_object_get(whole, "name_en"), "called", called, "next", next, "waiting",
                         (json_int_t)json_array_size(json_object_get(whole, "waiting")), "now", json_object_get(whole, "now"));
        json_decref(whole);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* --- arrivals, waiting and service times, by day, hour, service and counter --------------------------------------------------------- */

static int statistics_read(struct tx *tx, void *ctx, struct error *err)
{
        struct queue *v = ctx;
        json_t *items = json_array();
        struct stmt *q = NULL;
        /* The hour of arrival in Asia/Shanghai: the day begins at an instant that is told with its row. */
        int rc =
            tx_query(&q, tx, err,
                     "SELECT day, CAST((arrived_at - (day * 86400000000 - 28800000000)) / 3600000000 AS @int), service, "
                     "counter, COUNT(*), CAST(SUM(CASE WHEN started_at <> 0 THEN 1 ELSE 0 END) AS @int), CAST(SUM(CASE WHEN "
                     "started_at <> 0 THEN (started_at - arrived_at) / 1000000 ELSE 0 END) AS @int), CAST(SUM(CASE WHEN "
                     "finished_at <> 0 AND started_at <> 0 THEN 1 ELSE 0 END) AS @int), CAST(SUM(CASE WHEN finished_at <> 0 "
                     "AND started_at <> 0 THEN (finished_at - started_at) / 1000000 ELSE 0 END) AS @int), CAST(SUM(CASE WHEN "
                     "state = 'no_show' THEN 1 ELSE 0 END) AS @int) FROM ticket WHERE home = ?1@int AND day >= ?3@int AND day "
                     "<= ?4@int AND office IN " OFFICE_SUBTREE("?2@int") " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4 LIMIT 5000",
                     "iiii", (int64_t)v->call->house->home, v->call->who.office, (int64_t)v->from, (int64_t)v->to);

        json_object_clear(v->o);
        put_value(v->o, "items", items);
        put_value(v->o, "next", json_null());
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_day(o, "day", (day_t)stmt_int(q, 0));
                put_int(o, "hour", stmt_int(q, 1));
                put_str(o, "service", stmt_text(q, 2));
                put_str(o, "counter", stmt_text(q, 3));
                put_int(o, "arrived", stmt_int(q, 4));
                put_int(o, "served", stmt_int(q, 5));
                put_int(o, "wait_seconds", stmt_int(q, 5) == 0 ? 0 : stmt_int(q, 6) / stmt_int(q, 5));
                put_int(o, "service_seconds", stmt_int(q, 7) == 0 ? 0 : stmt_int(q, 8) / stmt_int(q, 7));
                put_int(o, "no_show", stmt_int(q, 9));
                json_array_append_new(items, o);
        }
        return rc;
}

int hall_statistics(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct queue v = {
            .call = c, .o = json_object(), .from = clock_today(c->house->clock), .to = clock_today(c->house->clock)};
        int rc = json_get_day(in, "from", false, &v.from, err);

        rc = rc ? rc : json_get_day(in, "to", false, &v.to, err);
        rc = rc ? rc : store_read(c->house->store, statistics_read, &v, err);
        if (rc == 0)
                *out = json_incref(v.o);
        json_decref(v.o);
        return rc;
}
