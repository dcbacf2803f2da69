/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets (排队号): waiting → called → serving → done, or no_show. Of two counters that call at once each gets another ticket. The four
 * instants of a ticket are what waiting times, service times and the forecast of staff are computed from.
 */
#include "office/window/window.h"

#include "case/answer.h"

#include <string.h>

int ticket_insert(struct tx *tx, struct call *c, const struct hall *h, const struct ticket_new *t, int64_t *id, int64_t *number,
                  struct error *err)
{
        int64_t home = c->house->home, day = clock_today(c->house->clock);
        struct stmt *q;
        int rc =
            tx_exec(tx, err,
                    "INSERT INTO ticket_number (home, office, day, service, last) VALUES (?1@int, ?2@int, ?3@int, ?4@text, 0) "
                    "ON CONFLICT DO NOTHING",
                    "iiit", home, h->office, day, t->service);

        rc = rc ? rc
                : tx_exec(
                      tx, err,
                      "UPDATE ticket_number SET last = last + 1 WHERE home = ?1@int AND office = ?2@int AND day = ?3@int AND "
                      "service = ?4@text",
                      "iiit", home, h->office, day, t->service);
        rc =
            rc ? rc
               : tx_one(&q, tx, err,
                        "SELECT last FROM ticket_number WHERE home = ?1@int AND office = ?2@int AND day = ?3@int AND service = "
                        "?4@text",
                        "iiit", home, h->office, day, t->service);
        if (rc < 0)
                return rc;
        *number = stmt_int(q, 0);
        rc = ids_next(c->house->ids, id, err);
        return rc ? rc
                  : tx_exec(
                        tx, err,
                        "INSERT INTO ticket (home, id, office, day, number, service, priority, reason, state, booking, "
                        "counter, staff, calls, instance, arrived_at, called_at, started_at, finished_at, version) VALUES "
                        "(?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@text, ?7@int, ?8@text, 'waiting', ?9@int, '', 0, 0, 0, "
                        "?10@int, 0, 0, 0, 1)",
                        "iiiiititii", home, *id, h->office, day, *number, t->service, t->rank, t->reason, t->booking,
                        clock_now(c->house->clock));
}

struct ticketing {
        struct hall hall;
        const char *service, *reason, *counter, *to;
        int64_t id, instance;
};

static int told(struct ticketing *t, const char *service, int64_t number, struct change *change, json_t **out,
                struct error *err)
{
        char label[16];

        change->subject_kind = "ticket";
        change->subject = t->id;
        *out = json_pack("{s:I,s:s,s:s}", "ticket", (json_int_t)t->id, "label", hall_label(label, &t->hall, service, number),
                         "service", service);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int ticket_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct ticketing *t = ctx;
        struct ticket_new n = {.service = t->service, .reason = t->reason};
        int64_t number = 0, ahead = 0;
        struct stmt *q;
        int rc = hall_rank(&t->hall, t->reason, &n.rank, err);

        rc = rc ? rc
                : tx_one(&q, tx, err,
                         "SELECT COUNT(*) FROM ticket WHERE home = ?1@int AND office = ?2@int AND day = ?3@int AND state = "
                         "'waiting' AND service = ?4@text AND priority <= ?5@int",
                         "iiiti", (int64_t)c->house->home, t->hall.office, (int64_t)clock_today(c->house->clock), t->service,
                         n.rank);
        if (rc < 0)
                return rc;
        ahead = stmt_int(q, 0);
        rc = ticket_insert(tx, c, &t->hall, &n, &t->id, &number, err);
        rc = rc ? rc : told(t, t->service, number, change, out, err);
        if (rc == 0)
                put_int(*out, "ahead", ahead);
        return rc;
}

int hall_ticket(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct ticketing t = {.reason = "none"};
        int rc = hall_open(c, &t.hall, err);

        rc = rc ? rc : json_get_text(in, "service", true, &t.service, err);
        rc = rc ? rc : json_get_text(in, "reason", false, &t.reason, err);
        if (rc == 0 && hall_service(&t.hall, t.service, err) == NULL)
                rc = ERR;
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "hall.ticket"), in, ticket_apply, &t, out, err);
        hall_close(&t.hall);
        return rc;
}

/* --- call the next ------------------------------------------------------------------------------------------------------------------- */

enum { CANDIDATES = 64 };
struct candidate {
        int64_t id, number;
        char service[64];
};

/* Those whose service this counter gives, in their order. */
static int candidates_read(struct tx *tx, struct call *c, struct ticketing *t, struct candidate *out, int *count,
                           struct error *err)
{
        struct stmt *q;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, number, service FROM ticket WHERE home = ?1@int AND office = ?2@int AND day = ?3@int AND "
                          "state = 'waiting' ORDER BY priority, id LIMIT 1000",
                          "iii", (int64_t)c->house->home, t->hall.office, (int64_t)clock_today(c->house->clock));

        *count = 0;
        while (rc == 0 && *count < CANDIDATES && (rc = stmt_step(q, err)) == 1) {
                struct candidate *k = &out[*count];
                rc = 0;
                *k = (struct candidate){.id = stmt_int(q, 0), .number = stmt_int(q, 1)};
                text_copy(k->service, sizeof k->service, stmt_text(q, 2));
                *count += hall_serves(&t->hall, t->counter, k->service);
        }
        return rc;
}

/* A counter serves one at a time. */
static int counter_free(struct tx *tx, struct call *c, struct ticketing *t, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT 1 FROM ticket WHERE home = ?1@int AND office = ?2@int AND day = ?3@int AND state IN ('called', "
                        "'serving') AND counter = ?4@text LIMIT 1",
                        "iiit", (int64_t)c->house->home, t->hall.office, (int64_t)clock_today(c->house->clock), t->counter);

        return rc == 1 ? error_raise(err, SB_WINDOW_COUNTER_BUSY, "%.20s", t->counter) : rc;
}

static int call_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct ticketing *t = ctx;
        struct candidate candidates[CANDIDATES];
        int64_t changed = 0;
        int count = 0, k = 0;
        int rc = counter_free(tx, c, t, err);

        rc = rc ? rc : candidates_read(tx, c, t, candidates, &count, err);
        for (; rc == 0 && changed == 0 && k < count; k++)
                rc = tx_exec_changed(
                    tx, &changed, err,
                    "UPDATE ticket SET state = 'called', counter = ?3@text, staff = ?4@int, calls = 1, called_at = "
                    "?5@int, version = version + 1 WHERE home = ?1@int AND id = ?2@int AND state = 'waiting'",
                    "iitii", (int64_t)c->house->home, candidates[k].id, t->counter, c->who.staff, clock_now(c->house->clock));
        if (rc < 0)
                return rc;
        if (changed == 0) {
                *out = json_pack("{s:n}", "ticket");
                change->subject_kind = "counter";
                return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        t->id = candidates[k - 1].id;
        return told(t, candidates[k - 1].service, candidates[k - 1].number, change, out, err);
}

int hall_call(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct ticketing t = {0};
        int rc = hall_open(c, &t.hall, err);

        rc = rc ? rc : json_get_text(in, "counter", true, &t.counter, err);
        if (rc == 0 && !hall_serves(&t.hall, t.counter, NULL))
                rc = error_raise(err, SB_WINDOW_COUNTER, "%.20s", t.counter);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "hall.call"), in, call_apply, &t, out, err);
        hall_close(&t.hall);
        return rc;
}

/* --- what happens to a ticket that was called ------------------------------------------------------------------------------------------- */

static int turn_write(struct tx *tx, struct call *c, const struct ticketing *t, struct error *err)
{
        int64_t home = c->house->home;
        instant_t now = clock_now(c->house->clock);

        if (strcmp(t->to, "called") == 0)
                return tx_exec(tx, err,
                               "UPDATE ticket SET calls = calls + 1, called_at = ?3@int, version = version + 1 WHERE home = "
                               "?1@int AND id = ?2@int",
                               "iii", home, t->id, now);
        if (strcmp(t->to, "serving") == 0)
                return tx_exec(tx, err,
                               "UPDATE ticket SET state = 'serving', started_at = ?3@int, version = version + 1 WHERE home = "
                               "?1@int AND id = ?2@int",
                               "iii", home, t->id, now);
        return tx_exec(
            tx, err,
            "UPDATE ticket SET state = ?4@text, finished_at = ?3@int, instance = ?5@int, version = version + 1 WHERE "
            "home = ?1@int AND id = ?2@int",
            "iiiti", home, t->id, now, t->to, t->instance);
}

/* The case that came of it, when nobody says: the last one that the member of staff accepted since they began to serve the ticket. */
static int case_of(struct tx *tx, struct call *c, struct ticketing *t, instant_t started, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT a.instance FROM (SELECT id, instance, actor, created_at FROM application WHERE home = ?1@int "
                   "ORDER BY id DESC LIMIT 300) a WHERE a.actor = ?2@int AND a.created_at >= ?3@int ORDER BY a.id DESC LIMIT 1",
                   "iii", (int64_t)c->house->home, c->who.staff, started);

        if (rc == 1)
                t->instance = stmt_int(q, 0);
        return rc < 0 ? rc : 0;
}

static int turn_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct ticketing *t = ctx;
        struct stmt *q;
        char state[16], service[64];
        int rc = tx_one(
            &q, tx, err,
            "SELECT state, service, number, office, instance, started_at FROM ticket WHERE home = ?1@int AND id = ?2@int @lock",
            "ii", (int64_t)c->house->home, t->id);

        if (rc == 0 || (rc == 1 && stmt_int(q, 3) != t->hall.office))
                return error_raise(err, SB_WINDOW_TICKET, "%lld", (long long)t->id);
        if (rc < 0)
                return rc;
        text_copy(state, sizeof state, stmt_text(q, 0));
        text_copy(service, sizeof service, stmt_text(q, 1));
        int64_t number = stmt_int(q, 2);
        instant_t started = stmt_int(q, 5);
        if (t->instance == 0)
                t->instance = stmt_int(q, 4);
        const char *from = strcmp(t->to, "done") == 0 ? "serving" : "called";
        if (strcmp(state, from) != 0)
                return error_raise(err, SB_WINDOW_TICKET_STATE, "%lld|%s", (long long)t->id, state);
        rc = strcmp(t->to, "done") == 0 && t->instance == 0 ? case_of(tx, c, t, started, err) : 0;
        rc = rc ? rc : turn_write(tx, c, t, err);
        return rc ? rc : told(t, service, number, change, out, err);
}

static int turn(struct call *c, const char *verb, const char *to, const json_t *in, json_t **out, struct error *err)
{
        struct ticketing t = {.to = to};
        int rc = hall_open(c, &t.hall, err);

        rc = rc ? rc : json_get_int(in, "ticket", true, &t.id, err);
        rc = rc ? rc : json_get_int(in, "case", false, &t.instance, err);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, verb), in, turn_apply, &t, out, err);
        hall_close(&t.hall);
        return rc;
}

int hall_recall(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return turn(c, "hall.recall", "called", in, out, err);
}

int hall_no_show(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return turn(c, "hall.no_show", "no_show", in, out, err);
}

int hall_serve(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return turn(c, "hall.serve", "serving", in, out, err);
}

int hall_finish(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return turn(c, "hall.finish", "done", in, out, err);
}
