/* SPDX-License-Identifier: Apache-2.0 */
#include "office/emergency/emergency.h"

#include "case/access.h"
#include "case/answer.h"
#include "case/application.h"
#include "case/case.h"
#include "case/pack_store.h"

#include <string.h>

#define MINUTE_US ((instant_t)60 * 1000000)
#define MINUTES_MOST 60 /* where the pack says nothing */
#define UNREVIEWED_MOST 3
#define LISTED 200

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ACCESS "\"access\":{\"type\":\"integer\",\"minimum\":1}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb emergency_verbs[] = {
    {"emergency.begin", VERB_WRITE, "emergency.take", "POST", "/api/emergency",
     "Take access beyond the own office for a short while, with the reason; auditors and administrators are told at once",
     "紧急授权（限时）",
     OBJECT("\"reason\",\"minutes\"",
            "\"reason\":{\"type\":\"string\",\"minLength\":10,\"maxLength\":500},\"minutes\":{\"type\":"
            "\"integer\",\"minimum\":5,\"maximum\":240}"),
     ANY, emergency_begin, SCOPE_EVERYWHERE},
    {"emergency.end", VERB_WRITE, DUTY_ALL, "POST", "/api/emergency/{access}/end",
     "End such access before its time: one's own, or, as who watches over it, a colleague's", "结束紧急授权",
     OBJECT("\"access\"", ACCESS), ANY, emergency_end, "emergency.access"},
    {"emergency.list", VERB_READ, DUTY_ALL, "GET", "/api/emergency",
     "Own accesses of this kind; for auditors and administrators those of their offices; with open=true, what is in use or "
     "waits for review",
     "紧急授权记录", OBJECT("", "\"open\":{\"type\":\"boolean\"}"), LIST, emergency_list, SCOPE_OFFICE},
    {"emergency.get", VERB_READ, DUTY_ALL, "GET", "/api/emergency/{access}",
     "One of them, with everything that was done under it", "紧急授权详情", OBJECT("\"access\"", ACCESS), ANY, emergency_get,
     "emergency.access"},
    {"emergency.review", VERB_WRITE, "emergency.review", "POST", "/api/emergency/{access}/review",
     "Say afterwards whether it was justified; never one's own", "复核紧急授权",
     OBJECT("\"access\",\"verdict\",\"note\"",
            ACCESS ",\"verdict\":{\"enum\":[\"justified\",\"unjustified\"]},\"note\":{\"type\":"
                   "\"string\",\"minLength\":4,\"maxLength\":500}"),
     ANY, emergency_review, "emergency.access"},
    {0},
};

/* --- where ------------------------------------------------------------------------------------------------------------------------ */

/* The own, and those of the offices that one watches over. */
static int access_within(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT staff, office FROM emergency_access WHERE id = ?1@int", "i",
                        (int64_t)json_integer_value(value));

        *within = rc == 0 || (rc == 1 && stmt_int(q, 0) == c->who.staff);
        if (rc <= 0 || *within)
                return rc < 0 ? rc : 0;
        int64_t office = stmt_int(q, 1);
        bool watches = (c->who.roles & (ROLE_AUDITOR | ROLE_ADMIN)) != 0;
        return watches ? office_within(tx, office, c->who.office, within, err) : 0;
}

const struct scope_rule emergency_scopes[] = {
    {"emergency", "The emergency access", "该紧急授权", access_within, NULL},
    {0},
};

int emergency_now(struct tx *tx, int64_t staff, instant_t now, int64_t *id, instant_t *until, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id, until FROM emergency_access WHERE staff = ?1@int AND until > ?2@int ORDER BY until DESC LIMIT 1",
                   "ii", staff, now);

        *id = rc == 1 ? stmt_int(q, 0) : 0;
        *until = rc == 1 ? stmt_int(q, 1) : 0;
        return rc < 0 ? rc : 0;
}

struct emergency {
        struct call *call;
        int64_t id, minutes, pool;
        const char *reason, *verdict, *note;
        bool open;
        json_t *o, *items;
};

/* --- taking it -------------------------------------------------------------------------------------------------------------------- */

static int pool_read(struct tx *tx, void *ctx, struct error *err)
{
        struct emergency *e = ctx;

        return application_pool(tx, &e->pool, err);
}

/* The most minutes that the pack allows (emergency.csv: limit, minutes). */
static int minutes_most(struct emergency *e, int64_t *out, struct error *err)
{
        struct house *h = e->call->house;
        struct pack *pack = NULL;
        json_t *rows = NULL, *row;
        size_t i;
        int rc = store_read(h->store, pool_read, e, err);

        *out = MINUTES_MOST;
        rc = rc ? rc : pack_store_for(h->packs, e->pool, clock_today(h->clock), clock_now(h->clock), &pack, err);
        rc = rc ? rc : pack_table_maybe(pack, "emergency.csv", &rows, err);
        json_array_foreach(rows, i, row)
        {
                int64_t n;
                if (text_to_int(str_from(json_text(row, "minutes")), &n) && n > 0)
                        *out = n;
        }
        json_decref(rows);
        return rc;
}

/* Somebody else is told: an auditor or an administrator at the office or above it. */
static int watcher_need(struct tx *tx, struct call *c, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "WITH RECURSIVE above(id, parent) AS (SELECT id, parent FROM office WHERE id = ?1@int UNION SELECT "
                        "o.id, o.parent FROM "
                        "office o JOIN above a ON o.id = a.parent) SELECT 1 FROM post p JOIN above a ON a.id = p.office JOIN "
                        "staff s ON s.id = "
                        "p.staff WHERE p.role IN ('auditor', 'admin') AND p.staff <> ?2@int AND p.valid_from <= ?3@int AND "
                        "p.valid_to > ?3@int AND "
                        "s.valid_to > ?3@int LIMIT 1",
                        "iii", c->who.office, c->who.staff, (int64_t)clock_today(c->house->clock));

        return rc == 0 ? error_raise(err, SB_EMERGENCY_NOBODY, "%s", "") : rc < 0 ? rc : 0;
}

static int begin_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct emergency *e = ctx;
        instant_t now = clock_now(c->house->clock), until;
        int64_t have = 0;
        char text[32];
        struct stmt *q;
        int rc = emergency_now(tx, c->who.staff, now, &have, &until, err);

        if (rc == 0 && have != 0)
                rc = error_raise(err, SB_EMERGENCY_OPEN, "%s", instant_text(until, text));
        rc = rc ? rc : watcher_need(tx, c, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM emergency_access WHERE staff = ?1@int AND reviewed_at = 0", "i",
                            c->who.staff);
        if (rc == 1 && stmt_int(q, 0) >= UNREVIEWED_MOST)
                return error_raise(err, SB_EMERGENCY_WAITS, "%d", UNREVIEWED_MOST);
        if (rc < 0)
                return rc;
        until = now + e->minutes * MINUTE_US;
        rc = tx_exec(
            tx, err,
            "INSERT INTO emergency_access (id, staff, office, reason, begun_at, until, ended_by, reviewed_by, reviewed_at, "
            "verdict, note) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@int, ?6@int, 0, 0, 0, '', '')",
            "iiitii", e->id, c->who.staff, c->who.office, e->reason, now, until);
        change->subject_kind = "emergency";
        change->subject = e->id;
        change->audit = json_pack("{s:I,s:s}", "minutes", (json_int_t)e->minutes, "reason", e->reason);
        *out = json_object();
        put_int(*out, "id", e->id);
        put_instant(*out, "until", until);
        return rc;
}

int emergency_begin(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct emergency e = {.call = c};
        char who[24], number[24];
        int64_t most = 0;
        int rc = json_get_text(in, "reason", true, &e.reason, err);

        rc = rc ? rc : json_get_int(in, "minutes", true, &e.minutes, err);
        rc = rc ? rc : minutes_most(&e, &most, err);
        if (rc == 0 && e.minutes > most)
                rc = error_raise(err, SB_EMERGENCY_LONG, "%lld", (long long)most);
        rc = rc ? rc : ids_next(c->house->ids, &e.id, err);
        rc = rc ? rc : verb_change(c, registry_find(c->house->verbs, "emergency.begin"), in, begin_apply, &e, out, err);
        if (rc == 0) {
                text_format(who, sizeof who, "%lld", (long long)c->who.staff);
                text_format(number, sizeof number, "%lld", (long long)e.id);
                log_event(c->house->log, LOG_WARN, "emergency.begin", "access", number, "staff", who, NULL);
        }
        return rc;
}

/* --- ending, reviewing -------------------------------------------------------------------------------------------------------------- */

struct standing {
        int64_t staff;
        instant_t until, reviewed_at;
};

static int standing_read(struct tx *tx, int64_t id, struct standing *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT staff, until, reviewed_at FROM emergency_access WHERE id = ?1@int @lock", "i", id);

        if (rc == 1)
                *out = (struct standing){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
        return rc == 0 ? error_raise(err, SB_EMERGENCY_NONE, "%lld", (long long)id) : rc < 0 ? rc : 0;
}

static int end_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct emergency *e = ctx;
        instant_t now = clock_now(c->house->clock);
        struct standing s = {.staff = 0};
        int rc = standing_read(tx, e->id, &s, err);

        (void)out;
        if (rc == 0 && s.staff != c->who.staff && (c->who.roles & (ROLE_AUDITOR | ROLE_ADMIN)) == 0)
                rc = error_raise(err, SB_EMERGENCY_STATE, "%s", ERROR_BOTH("it is a colleague's", "不是您本人的授权"));
        if (rc == 0 && s.until <= now)
                rc = error_raise(err, SB_EMERGENCY_STATE, "%s", ERROR_BOTH("it has ended", "已经结束"));
        change->subject_kind = "emergency";
        change->subject = e->id;
        return rc ? rc
                  : tx_exec(tx, err, "UPDATE emergency_access SET until = ?2@int, ended_by = ?3@int WHERE id = ?1@int", "iii",
                            e->id, now, c->who.staff);
}

int emergency_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct emergency e = {.call = c};
        int rc = json_get_int(in, "access", true, &e.id, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "emergency.end"), in, end_apply, &e, out, err);
}

static int review_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct emergency *e = ctx;
        instant_t now = clock_now(c->house->clock);
        struct standing s = {.staff = 0};
        int rc = standing_read(tx, e->id, &s, err);

        (void)out;
        if (rc == 0 && s.staff == c->who.staff)
                rc = error_raise(err, SB_EMERGENCY_STATE, "%s", ERROR_BOTH("nobody reviews their own", "不得复核本人的授权"));
        if (rc == 0 && s.until > now)
                rc = error_raise(err, SB_EMERGENCY_STATE, "%s",
                                 ERROR_BOTH("it is still in use; end it first", "仍在使用中，请先结束"));
        if (rc == 0 && s.reviewed_at != 0)
                rc = error_raise(err, SB_EMERGENCY_STATE, "%s", ERROR_BOTH("it was reviewed already", "已经复核"));
        change->subject_kind = "emergency";
        change->subject = e->id;
        change->audit = json_pack("{s:s,s:s}", "verdict", e->verdict, "note", e->note);
        return rc ? rc
                  : tx_exec(tx, err,
                            "UPDATE emergency_access SET reviewed_by = ?2@int, reviewed_at = ?3@int, verdict = ?4@text, note = "
                            "?5@text "
                            "WHERE id = ?1@int",
                            "iiitt", e->id, c->who.staff, now, e->verdict, e->note);
}

int emergency_review(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct emergency e = {.call = c};
        int rc = json_get_int(in, "access", true, &e.id, err);

        rc = rc ? rc : json_get_text(in, "verdict", true, &e.verdict, err);
        rc = rc ? rc : json_get_text(in, "note", true, &e.note, err);
        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "emergency.review"), in, review_apply, &e, out, err);
}

/* --- reading ------------------------------------------------------------------------------------------------------------------------ */

#define ACCESS_COLUMNS                                                                                                         \
        "SELECT e.id, e.staff, s.display, e.office, o.name_zh, o.name_en, e.reason, e.begun_at, e.until, x.display, "          \
        "r.display, "                                                                                                          \
        "e.reviewed_at, e.verdict, e.note, (SELECT COUNT(*) FROM emergency_use u WHERE u.access = e.id) FROM "                 \
        "emergency_access e "                                                                                                  \
        "JOIN staff s ON s.id = e.staff LEFT JOIN office o ON o.id = e.office LEFT JOIN staff x ON x.id = e.ended_by LEFT "    \
        "JOIN "                                                                                                                \
        "staff r ON r.id = e.reviewed_by "

static json_t *access_json(const struct stmt *q, instant_t now)
{
        json_t *o = json_object();

        put_int(o, "id", stmt_int(q, 0));
        put_int(o, "staff", stmt_int(q, 1));
        put_str(o, "display", stmt_text(q, 2));
        put_int(o, "office", stmt_int(q, 3));
        put_str(o, "office_zh", stmt_text(q, 4));
        put_str(o, "office_en", stmt_text(q, 5));
        put_str(o, "reason", stmt_text(q, 6));
        put_instant(o, "begun_at", stmt_int(q, 7));
        put_instant(o, "until", stmt_int(q, 8));
        put_str(o, "ended_by", stmt_text(q, 9));
        put_str(o, "reviewed_by", stmt_text(q, 10));
        if (stmt_int(q, 11) != 0)
                put_instant(o, "reviewed_at", stmt_int(q, 11));
        else
                put_value(o, "reviewed_at", json_null());
        put_str(o, "verdict", stmt_text(q, 12));
        put_str(o, "note", stmt_text(q, 13));
        put_int(o, "uses", stmt_int(q, 14));
        put_text(o, "state", stmt_int(q, 8) > now ? "open" : stmt_int(q, 11) == 0 ? "waits" : "reviewed");
        return o;
}

static int list_read(struct tx *tx, void *ctx, struct error *err)
{
        struct emergency *e = ctx;
        struct call *c = e->call;
        instant_t now = clock_now(c->house->clock);
        bool watches = (c->who.roles & (ROLE_AUDITOR | ROLE_ADMIN)) != 0;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          ACCESS_COLUMNS "WHERE (e.staff = ?1@int OR (?2@int = 1 AND e.office IN " OFFICE_SUBTREE(
                              "?3@int") ")) AND (?4@int = 0 OR e.reviewed_at = 0) ORDER BY e.id DESC LIMIT ?5@int",
                          "iiiii", c->who.staff, (int64_t)watches, c->who.office, (int64_t)e->open, (int64_t)LISTED);

        json_array_clear(e->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_array_append_new(e->items, access_json(q, now));
        }
        return rc;
}

int emergency_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct emergency e = {.call = c, .items = json_array()};
        int rc = json_get_bool(in, "open", false, &e.open, err);

        rc = rc ? rc : store_read(c->house->store, list_read, &e, err);
        if (rc < 0) {
                json_decref(e.items);
                return rc;
        }
        return list_answer(out, e.items, NULL, err);
}

static int get_read(struct tx *tx, void *ctx, struct error *err)
{
        struct emergency *e = ctx;
        json_t *uses = json_array();
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err, ACCESS_COLUMNS "WHERE e.id = ?1@int", "i", e->id);

        json_decref(e->o);
        e->o = rc == 1 ? access_json(q, clock_now(e->call->house->clock)) : NULL;
        if (rc == 0)
                rc = error_raise(err, SB_EMERGENCY_NONE, "%lld", (long long)e->id);
        if (rc == 1)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT audit, at, verb, subject_kind, subject FROM emergency_use WHERE access = ?1@int ORDER BY audit "
                    "LIMIT ?2@int",
                    "ii", e->id, (int64_t)1000);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *u = json_object();
                put_int(u, "audit", stmt_int(q, 0));
                put_instant(u, "at", stmt_int(q, 1));
                put_str(u, "verb", stmt_text(q, 2));
                put_str(u, "subject_kind", stmt_text(q, 3));
                put_int(u, "subject", stmt_int(q, 4));
                const struct verb *v = registry_find(e->call->house->verbs, json_text(u, "verb"));
                put_text(u, "title_zh", v == NULL ? "" : v->summary_zh);
                put_text(u, "title_en", v == NULL ? "" : v->summary_en);
                json_array_append_new(uses, u);
        }
        put_value(e->o, "done", uses);
        return rc;
}

int emergency_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct emergency e = {.call = c};
        int rc = json_get_int(in, "access", true, &e.id, err);

        rc = rc ? rc : store_read(c->house->store, get_read, &e, err);
        if (rc < 0)
                json_decref(e.o);
        else
                *out = e.o;
        return rc;
}

/* --- marks -------------------------------------------------------------------------------------------------------------------------- */

struct mark {
        struct call *call;
        const struct verb *verb;
        const json_t *in;
};

static int mark_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct mark *m = ctx;
        const char *field = strchr(m->verb->scope, '.');
        const json_t *value = field == NULL ? NULL : json_object_get(m->in, field + 1);
        char kind[32];

        text_copy(kind, sizeof kind, field == NULL ? STR("") : (struct str){m->verb->scope, (size_t)(field - m->verb->scope)});
        return audit_add(tx, m->call, m->verb->name, kind, (int64_t)json_integer_value(value), NULL, err);
}

int emergency_mark(struct call *c, const struct verb *v, const json_t *in, struct error *err)
{
        struct mark m = {.call = c, .verb = v, .in = in};

        return store_write(c->house->store, mark_apply, &m, err);
}

struct counting {
        instant_t now;
        int64_t all, open, waiting;
};

static int count_read(struct tx *tx, void *ctx, struct error *err)
{
        struct counting *n = ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT COUNT(*), CAST(COALESCE(SUM(CASE WHEN until > ?1@int THEN 1 ELSE 0 END), 0) AS @int), "
                        "CAST(COALESCE(SUM(CASE WHEN until <= ?1@int AND reviewed_at = 0 THEN 1 ELSE 0 END), 0) AS @int) FROM "
                        "emergency_access",
                        "i", n->now);

        if (rc == 1) {
                n->all = stmt_int(q, 0);
                n->open = stmt_int(q, 1);
                n->waiting = stmt_int(q, 2);
        }
        return rc < 0 ? rc : 0;
}

int emergency_count(struct house *h, int64_t *all, int64_t *now, int64_t *waiting, struct error *err)
{
        struct counting n = {.now = clock_now(h->clock)};
        int rc = store_read(h->store, count_read, &n, err);

        *all = n.all;
        *now = n.open;
        *waiting = n.waiting;
        return rc;
}
