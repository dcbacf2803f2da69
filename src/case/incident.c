/* SPDX-License-Identifier: Apache-2.0
 *
 * What is stuck, in one list: cases that stopped with an error, messages that nobody could take because something failed or nobody took in
 * time, dates at which no process could begin. A case is retried by cases.retry, which knows its steps; the others here.
 */
#include "case/application.h"
#include "case/pack_store.h"
#include "case/verbs.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct stuck {
        struct call *call;
        json_t *items;
        bool more;
};
enum { STUCK_MAX = 200 };

/* A line of the list, to which its error is still to be put; borrowed. */
static json_t *item_new(struct stuck *s, const char *kind, int64_t id, struct str name, instant_t since, struct str number)
{
        json_t *o = json_object();

        put_text(o, "kind", kind);
        put_int(o, "id", id);
        put_str(o, "name", name);
        put_instant(o, "since", since);
        put_str(o, "number", number);
        json_array_append_new(s->items, o);
        return o;
}

/* id, what it is called, error, since; of a message the case that sent it, of a date its pool. */
static int stuck_add(struct tx *tx, struct stuck *s, const char *kind, const char *sql, struct error *err)
{
        const char *lang = s->call->who.lang == LANG_ZH ? "zh" : "en";
        struct stmt *q = NULL;
        int n = 0;
        int rc = tx_query(&q, tx, err, sql, "iii", (int64_t)s->call->house->home, s->call->who.office, (int64_t)STUCK_MAX + 1);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o, *fault = NULL;
                if (n++ == STUCK_MAX) {
                        s->more = true;
                        rc = 0;
                        break;
                }
                o = item_new(s, kind, stmt_int(q, 0), stmt_text(q, 1), stmt_int(q, 3), stmt_text(q, 4));
                if (json_read(&fault, stmt_text(q, 2), NULL) == 0) { /* a date that is only late has none */
                        put_value(o, "code", json_incref(json_object_get(fault, "code")));
                        put_value(o, "node", json_incref(json_object_get(fault, "node")));
                        put_value(o, "detail", json_incref(json_object_get(fault, lang)));
                }
                json_decref(fault);
        }
        return rc;
}

/* --- messages that nobody took -------------------------------------------------------------------------------------------------- */

struct unheard {
        int64_t id, pool;
        instant_t since;
        char name[200];
};

static void unheard_add(struct stuck *s, const struct unheard *u, int64_t days)
{
        struct error fault = {0};
        char detail[300], code[8];
        json_t *o = item_new(s, "message", u->id, str_from(u->name), u->since, STR(""));

        error_raise(&fault, SB_CASE_UNHEARD, "%lld", (long long)days);
        put_text(o, "code", error_name(fault.code, code));
        put_text(o, "node", "");
        put_text(o, "detail", error_text(&fault, s->call->who.lang, detail, sizeof detail));
}

/* A message that waits longer than its pack lets it is told, and stays: who comes late still gets it. */
static int unheard_read(struct tx *tx, struct stuck *s, struct error *err)
{
        struct house *h = s->call->house;
        struct unheard *list = calloc(STUCK_MAX + 1, sizeof *list);
        struct stmt *q = NULL;
        int64_t days = 0;
        int n = 0;
        int rc = list == NULL
                     ? error_raise(err, SB_MEMORY, "%s", "")
                     : tx_query(&q, tx, err,
                                "SELECT m.id, m.pool, m.created_at, m.name FROM message m WHERE m.home = ?1@int AND m.state = "
                                "'waiting' AND (m.office IN " OFFICE_SUBTREE(
                                    "?2@int") " OR EXISTS (SELECT 1 FROM office o WHERE o.id = ?2@int AND o.parent = 0)) ORDER "
                                              "BY m.id LIMIT ?3@int",
                                "iii", (int64_t)h->home, s->call->who.office, (int64_t)STUCK_MAX + 1);

        while ((rc = row_next(rc, q, err)) == 1) {
                assert(n <= STUCK_MAX);
                list[n] = (struct unheard){.id = stmt_int(q, 0), .pool = stmt_int(q, 1), .since = stmt_int(q, 2)};
                text_copy(list[n].name, sizeof list[n].name, stmt_text(q, 3));
                n++;
        }
        s->more |= n > STUCK_MAX;
        for (int k = 0; rc == 0 && k < n && k < STUCK_MAX; k++) {
                if (k == 0 || list[k].pool != list[k - 1].pool)
                        rc = days_of_pack(tx, h, list[k].pool, "message_days", &days, err); /* 0: it waits for ever */
                if (rc == 0 && days > 0 && clock_now(h->clock) - list[k].since >= days * DAY_US)
                        unheard_add(s, &list[k], days);
        }
        free(list);
        return rc;
}

/* A message of nobody's office, and a date, belong to the roots alone. */
static int stuck_read(struct tx *tx, void *ctx, struct error *err)
{
        struct stuck *s = ctx;
        int rc;

        json_array_clear(s->items);
        s->more = false;
        rc = stuck_add(
            tx, s, "case",
            "SELECT id, process, incident, started_at, number FROM process_instance WHERE state = 'incident' AND home = "
            "?1@int AND office IN " OFFICE_SUBTREE("?2@int") " ORDER BY id LIMIT ?3@int",
            err);
        rc = rc ? rc
                : stuck_add(tx, s, "message",
                            "SELECT m.id, m.name, m.error, m.created_at, '' FROM message m WHERE m.home = ?1@int AND m.state = "
                            "'failed' AND m.target = 0 AND (m.office IN " OFFICE_SUBTREE(
                                "?2@int") " OR EXISTS (SELECT 1 FROM office o WHERE o.id = ?2@int AND o.parent = 0)) ORDER BY "
                                          "m.id LIMIT ?3@int",
                            err);
        rc = rc ? rc : unheard_read(tx, s, err);
        return rc ? rc
                  : stuck_add(
                        tx, s, "schedule",
                        "SELECT s.id, s.process, s.error, s.next_at, '' FROM schedule s WHERE s.home = ?1@int AND s.state = "
                        "'failed' AND EXISTS (SELECT 1 FROM office o WHERE o.id = ?2@int AND o.parent = 0) ORDER BY s.id "
                        "LIMIT ?3@int",
                        err);
}

int incidents_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct stuck s = {.call = c, .items = json_array()};
        int rc = s.items == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, stuck_read, &s, err);

        (void)in;
        if (rc == 0)
                *out = json_pack("{s:O,s:b,s:n}", "items", s.items, "more", s.more, "next");
        json_decref(s.items);
        return rc == 0 && *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

/* --- again ------------------------------------------------------------------------------------------------------------------------------- */

struct again {
        const char *kind;
        int64_t id;
};

static int again_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct again *a = ctx;
        bool message = strcmp(a->kind, "message") == 0, within = false;
        int64_t changed = 0, office = 0;
        char text[24];
        struct stmt *q;
        int rc = message ? tx_one(&q, tx, err, "SELECT office FROM message WHERE home = ?1@int AND id = ?2@int @lock", "ii",
                                  (int64_t)c->house->home, a->id)
                         : 0;

        text_format(text, sizeof text, "%lld", (long long)a->id);
        office = message && rc == 1 ? stmt_int(q, 0) : 0;
        if (rc >= 0)
                rc = office_within(tx, office, c->who.office, &within, err);
        if (rc == 0 && !within)
                return error_raise(err, SB_CASE_OFFICE, "%s", text);
        if (rc == 0)
                rc = tx_exec_changed(
                    tx, &changed, err,
                    message
                        ? "UPDATE message SET state = 'open', error = NULL WHERE home = ?1@int AND id = ?2@int AND state IN "
                          "('failed', 'waiting')"
                        : "UPDATE schedule SET state = 'armed', error = NULL WHERE home = ?1@int AND id = ?2@int AND state = "
                          "'failed'",
                    "ii", (int64_t)c->house->home, a->id);
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_CASE_INCIDENT_NONE, "%s", text);
        change->subject_kind = message ? "message" : "schedule";
        change->subject = a->id;
        *out = json_pack("{s:s,s:I}", "kind", a->kind, "id", (json_int_t)a->id);
        return rc;
}

int incidents_retry(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct again a = {.kind = json_text(in, "kind"), .id = json_int_or(in, "id", 0)};

        return verb_change(c, registry_find(c->house->verbs, "incidents.retry"), in, again_apply, &a, out, err);
}
