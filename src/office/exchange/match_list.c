/* SPDX-License-Identifier: Apache-2.0
 *
 * Matches as people see them: the list of what waits, and one with what the partner said beside what the register says.
 */
#include "office/exchange/match.h"

#include "engine/layout/layout.h"
#include "office/json.h"

#include <string.h>

/* --- the list -------------------------------------------------------------------------------------------------------------------------------- */

struct listing {
        struct call *call;
        const char *state;
        int64_t person, after, next;
        int limit;
        json_t *items;
};

static int person_put(struct tx *tx, struct house *h, json_t *o, int64_t person, struct error *err)
{
        struct person p = {.id = 0};
        char masked[32];
        int rc = person_read(tx, h, h->home, person, &p, err);

        if (rc == 0) {
                put_int(o, "person", person);
                put_text(o, "number", p.number);
                put_text(o, "name", p.name);
                put_text(o, "id_number", text_mask(masked, sizeof masked, p.id_number, 6, 4));
        }
        person_dispose(&p);
        return rc;
}

static void day_put(json_t *o, const char *name, int64_t day)
{
        if (day == 0)
                put_value(o, name, json_null());
        else
                put_day(o, name, (day_t)day);
}

static int list(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct house *h = l->call->house;
        struct stmt *q = NULL;
        json_t *o;
        size_t i;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, feed, content, person, confidence, agrees, event_day, state, hear_until, heard_by, at FROM "
                     "exchange_match "
                     "WHERE home = ?1@int AND id < ?2@int AND (?3@text = '' OR state = ?3@text) AND (?4@int = 0 OR person = "
                     "?4@int) ORDER BY "
                     "id DESC LIMIT ?5@int",
                     "iitii", (int64_t)h->home, l->after == 0 ? INT64_MAX : l->after, l->state, l->person, (int64_t)l->limit);

        json_array_clear(l->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                o = json_object();
                put_int(o, "match", stmt_int(q, 0));
                put_str(o, "feed", stmt_text(q, 1));
                put_str(o, "content", stmt_text(q, 2));
                put_int(o, "person", stmt_int(q, 3));
                put_int(o, "confidence", stmt_int(q, 4));
                put_str(o, "agrees", stmt_text(q, 5));
                day_put(o, "event", stmt_int(q, 6));
                put_str(o, "state", stmt_text(q, 7));
                day_put(o, "hear_until", stmt_int(q, 8));
                put_bool(o, "heard", stmt_int(q, 9) != 0);
                put_instant(o, "at", stmt_int(q, 10));
                json_array_append_new(l->items, o);
                l->next = stmt_int(q, 0);
        }
        json_array_foreach(l->items, i, o)
        {
                rc = rc ? rc : person_put(tx, h, o, json_int_or(o, "person", 0), err);
        }
        return rc;
}

int match_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {
            .call = c, .items = json_array(), .state = json_text_or(in, "state", ""), .person = json_int_or(in, "person", 0)};
        char next[24];
        int rc = list_page(in, &l.limit, &l.after, err);

        rc = rc ? rc : store_read(c->house->store, list, &l, err);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        bool more = (int)json_array_size(l.items) == l.limit;
        return list_answer(out, l.items, more ? text_format(next, sizeof next, "%lld", (long long)l.next) : NULL, err);
}

/* --- one ------------------------------------------------------------------------------------------------------------------------------------- */

struct looking {
        struct call *call;
        struct match m;
        struct buf body;
        json_t *out;
};

static int staff_put(struct tx *tx, json_t *o, const char *name, int64_t staff, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT display FROM staff WHERE id = ?1@int", "i", staff);

        if (rc == 1)
                put_str(o, name, stmt_text(q, 0));
        else
                put_text(o, name, "");
        return rc < 0 ? rc : 0;
}

/* What was done with it, in words. */
static int history_put(struct tx *tx, struct looking *l, struct error *err)
{
        struct stmt *q;
        int64_t looked = 0, told = 0, heard = 0, decided = 0;
        int rc = tx_one(
            &q, tx, err,
            "SELECT until_day, looked_by, looked_at, told_by, told_day, told_means, told_reference, hear_until, heard_by, "
            "heard_at, heard, decided_by, decided_at, stop_month, note, agrees FROM exchange_match WHERE home = ?1@int "
            "AND id = ?2@int",
            "ii", (int64_t)l->m.home, l->m.id);

        if (rc == 1) {
                put_day(l->out, "until", (day_t)stmt_int(q, 0));
                looked = stmt_int(q, 1);
                told = stmt_int(q, 3);
                day_put(l->out, "told_day", stmt_int(q, 4));
                put_str(l->out, "told_means", stmt_text(q, 5));
                put_str(l->out, "told_reference", stmt_text(q, 6));
                day_put(l->out, "hear_until", stmt_int(q, 7));
                heard = stmt_int(q, 8);
                put_str(l->out, "heard", stmt_text(q, 10));
                decided = stmt_int(q, 11);
                put_value(l->out, "stop_month", json_null());
                if (stmt_int(q, 13) != 0)
                        put_month(l->out, "stop_month", (month_t)stmt_int(q, 13));
                put_str(l->out, "note", stmt_text(q, 14));
                put_str(l->out, "agrees", stmt_text(q, 15));
        }
        rc = rc < 0 ? rc : staff_put(tx, l->out, "looked_by", looked, err);
        rc = rc ? rc : staff_put(tx, l->out, "told_by", told, err);
        rc = rc ? rc : staff_put(tx, l->out, "heard_by", heard, err);
        rc = rc ? rc : staff_put(tx, l->out, "decided_by", decided, err);
        put_bool(l->out, "own", l->call->who.staff == looked || l->call->who.staff == told);
        return rc;
}

static int awards_put(struct tx *tx, struct looking *l, struct error *err)
{
        struct stmt *q = NULL;
        json_t *items = json_array();
        int rc =
            tx_query(&q, tx, err,
                     "SELECT id, scheme, total_fen, month_from FROM award WHERE home = ?1@int AND person = ?2@int AND state = "
                     "'active' AND known_to = ?3@int ORDER BY id",
                     "iii", (int64_t)l->m.home, l->m.person, (int64_t)INSTANT_END);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "scheme", stmt_text(q, 1));
                put_money(o, "total", stmt_int(q, 2));
                put_month(o, "month_from", (month_t)stmt_int(q, 3));
                json_array_append_new(items, o);
        }
        put_value(l->out, "awards", items);
        return rc;
}

static int look(struct tx *tx, void *ctx, struct error *err)
{
        struct looking *l = ctx;
        struct house *h = l->call->house;
        struct person p = {.id = 0};
        int rc = match_read(tx, h->home, l->m.id, &l->m, err);

        json_object_clear(l->out);
        buf_clear(&l->body);
        rc = rc ? rc : person_read(tx, h, h->home, l->m.person, &p, err);
        if (rc == 0)
                put_day(l->out, "birth", p.birth);
        person_dispose(&p);
        put_int(l->out, "match", l->m.id);
        put_text(l->out, "feed", l->m.feed);
        put_text(l->out, "content", l->m.content);
        put_text(l->out, "state", l->m.state);
        put_int(l->out, "confidence", l->m.confidence);
        put_int(l->out, "hearing_days", l->m.hearing_days);
        day_put(l->out, "event", l->m.event);
        rc = rc ? rc : person_put(tx, h, l->out, l->m.person, err);
        rc = rc ? rc : history_put(tx, l, err);
        rc = rc ? rc : awards_put(tx, l, err);
        return rc ? rc : batch_body(tx, h, l->m.batch, &l->body, err);
}

/* What the partner wrote in the line, its number masked as ours. */
static int told_put(struct looking *l, struct error *err)
{
        struct feed f = {.name = ""};
        struct layout *layout = NULL;
        struct error none = {0};
        json_t *values = NULL, *told = json_object();
        char masked[32];

        if (feed_find(l->call, l->m.feed, &f, &none) == 0 && feed_layout(l->call, &f, &layout, &none) == 0 &&
            layout_read(layout, (struct str){l->body.p, l->body.n}, &values, NULL, NULL, &none) == 0) {
                const json_t *row = json_array_get(json_object_get(values, "lines"), (size_t)l->m.line - 1);
                put_text(told, "name", json_text(row, "name"));
                put_text(told, "id_number", text_mask(masked, sizeof masked, json_text(row, "id_number"), 6, 4));
                put_day(told, "birth", json_day_or(row, "birth", DAY_END));
                put_text(told, "reference", json_text(row, "reference"));
        }
        put_value(l->out, "told", told);
        json_decref(values);
        layout_free(layout);
        return l->out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int match_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct looking l = {.call = c, .out = json_object()};
        int rc = json_get_int(in, "match", true, &l.m.id, err);

        buf_init(&l.body, EXCHANGE_BYTES + 1);
        rc = rc ? rc : store_read(c->house->store, look, &l, err);
        rc = rc ? rc : told_put(&l, err);
        buf_wipe(&l.body);
        if (rc == 0)
                *out = l.out;
        else
                json_decref(l.out);
        return rc;
}

/* --- verbs ----------------------------------------------------------------------------------------------------------------------------------- */

/* A person is served at any counter, and so is what is told of one. */
static int match_anywhere(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        (void)tx, (void)c, (void)value, (void)err;
        *within = true;
        return 0;
}

static int match_person(struct tx *tx, struct call *c, const json_t *value, int64_t *person, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT person FROM exchange_match WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *person = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

const struct scope_rule match_scopes[] = {{"match", "The match", "该比对线索", match_anywhere, match_person}, {0}};

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define MATCH "\"match\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"match\"}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define NOTE(name) "\"" name "\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":400}"
#define PAGED "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":40}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb match_verbs[] = {
    {"exchange.matches", VERB_READ, "exchange.matches", "GET", "/api/exchange/matches",
     "People of ours of whom partners told something, latest first", "外部信息比对线索",
     OBJECT(
         "",
         ID("person") ",\"state\":{\"enum\":[\"look\",\"tell\",\"hearing\",\"stopped\",\"kept\",\"other\",\"noted\"]}," PAGED),
     LIST, match_list, SCOPE_EVERYWHERE},
    {"exchange.match_get", VERB_READ, "exchange.matches", "GET", "/api/exchange/matches/{match}",
     "One match: what the partner said beside the register, and what was done", "比对线索详情", OBJECT("\"match\"", MATCH), ANY,
     match_get, "match.match"},
    {"exchange.match_look", VERB_WRITE, "exchange.match", "POST", "/api/exchange/matches/{match}/look",
     "Say whether it is the same person", "核实是否同一人",
     OBJECT("\"match\",\"decision\",\"note\"", ID("match") ",\"decision\":{\"enum\":[\"same\",\"other\"]}," NOTE("note")), ANY,
     match_look, "match.match"},
    {"exchange.match_told", VERB_WRITE, "exchange.match", "POST", "/api/exchange/matches/{match}/told",
     "Record that the person was told, from when on they may be heard", "登记已告知并起算陈述申辩期",
     OBJECT(
         "\"match\",\"means\"",
         ID("match") ",\"means\":{\"enum\":[\"post\",\"telephone\",\"visit\",\"counter\"]},\"reference\":{\"type\":\"string\","
                     "\"maxLength\":80},\"day\":{\"type\":\"string\",\"format\":\"date\"}"),
     ANY, match_told, "match.match"},
    {"exchange.match_heard", VERB_WRITE, "exchange.match", "POST", "/api/exchange/matches/{match}/heard",
     "Record what the person said", "登记陈述申辩", OBJECT("\"match\",\"heard\"", ID("match") "," NOTE("heard")), ANY,
     match_heard, "match.match"},
    {"exchange.match_decide", VERB_WRITE, "exchange.match_decide", "POST", "/api/exchange/matches/{match}/decision",
     "Hold the benefits from a month on, or let them go on; not by who looked or told", "决定停发或继续发放",
     OBJECT("\"match\",\"decision\",\"note\"",
            ID("match") ",\"decision\":{\"enum\":[\"stop\",\"keep\"]},\"month_from\":{\"type\":"
                        "\"string\",\"format\":\"month\"}," NOTE("note")),
     ANY, match_decide, "match.match"},
    {0},
};
