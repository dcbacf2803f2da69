/* SPDX-License-Identifier: Apache-2.0
 *
 * Bulk approval as people use it: plan, look at what is listed first, open what has to be opened, start. A plan belongs to who made it:
 * what they opened with their own eyes is what they may answer for.
 */
#include "case/bulk.h"

#include "base/rng.h"
#include "case/instance.h"
#include "case/verbs.h"

#include <string.h>

static void seed_new(char out[65])
{
        unsigned char raw[HASH_BYTES];
        struct hash h;

        random_bytes(raw, sizeof raw);
        memcpy(h.b, raw, sizeof raw);
        hash_hex(&h, out);
}

/* --- plan -------------------------------------------------------------------------------------------------------------------------- */

struct planned {
        const char *step;
        const json_t *filter;
        int64_t office;
};

static int plan_insert(struct tx *tx, struct call *c, const struct planned *p, int64_t id, int64_t run, struct error *err)
{
        struct buf filter;
        char seed[65];

        seed_new(seed);
        buf_init(&filter, (size_t)1 << 16);
        int rc = json_canonical(&filter, p->filter, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO bulk_plan (home, id, step, filter, seed, state, staff, roles, office, run, "
                             "created_at, version) VALUES (?1@int, ?2@int, ?3@text, ?4@text, ?5@text, 'planning', ?6@int, "
                             "?7@int, ?8@int, ?9@int, ?10@int, 1)",
                             "iitttiiiii", (int64_t)c->house->home, id, p->step, buf_text(&filter), seed, c->who.staff,
                             (int64_t)c->who.roles, c->who.office, run, clock_now(c->house->clock));
        buf_dispose(&filter);
        return rc;
}

static int plan_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        const struct planned *p = ctx;
        int64_t id = 0, run = 0;
        bool within = p->office == 0;
        int rc = within ? 0 : office_within(tx, p->office, c->who.office, &within, err);

        if (rc == 0 && !within)
                rc = error_raise(err, SB_CASE_OFFICE, "%lld", (long long)p->office);
        rc = rc ? rc : ids_next(c->house->ids, &id, err);
        rc = rc ? rc : ids_next(c->house->ids, &run, err);
        rc = rc ? rc : plan_insert(tx, c, p, id, run, err);
        if (rc < 0)
                return rc;
        json_t *inputs = json_deep_copy(p->filter);
        put_int(inputs, "plan", id);
        rc = inputs == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                            : run_create(tx, c, "bulk_plan", p->step, inputs, NULL, run, err);
        json_decref(inputs);
        change->subject_kind = "bulk_plan";
        change->subject = id;
        change->audit = json_deep_copy(p->filter);
        *out = json_pack("{s:I,s:I}", "plan", (json_int_t)id, "run", (json_int_t)run);
        return rc;
}

static int do_plan(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct planned p = {.filter = in, .step = json_text(in, "step"), .office = json_int_or(in, "office", 0)};

        return verb_change(c, registry_find(c->house->verbs, "bulk.plan"), in, plan_apply, &p, out, err);
}

/* --- what a plan holds ------------------------------------------------------------------------------------------------------------------ */

struct listing {
        struct call *call;
        struct bulk_plan plan;
        const char *kind, *state;
        int64_t after[3]; /* due day, acceptance, task */
        int limit;
        bool more;
        json_t *o, *items;
};

/* A plan is seen by its office and those above; it is worked on by who made it. */
static int plan_seen(struct tx *tx, struct call *c, int64_t id, struct bulk_plan *out, struct error *err)
{
        char number[24];
        int rc = bulk_plan_read(tx, c->house, id, out, err);

        return rc ? rc : office_allowed(tx, c, out->office, text_format(number, sizeof number, "%lld", (long long)id), err);
}

static int plan_counts(struct tx *tx, struct listing *l, struct error *err)
{
        json_t *counts = json_array();
        int64_t home = l->call->house->home, unopened = 0;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT kind, reason, state, risk, COUNT(*), SUM(CASE WHEN opened_at <> 0 THEN 1 ELSE 0 END) FROM bulk_item "
            "WHERE home = ?1@int AND plan = ?2@int GROUP BY kind, reason, state, risk ORDER BY kind, reason, state, risk",
            "ii", home, l->plan.id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                bool must = !str_is(stmt_text(q, 0), "blind") && str_is(stmt_text(q, 2), "waiting");
                put_str(o, "kind", stmt_text(q, 0));
                put_str(o, "reason", stmt_text(q, 1));
                put_str(o, "state", stmt_text(q, 2));
                put_str(o, "risk", stmt_text(q, 3));
                put_int(o, "count", stmt_int(q, 4));
                put_int(o, "opened", stmt_int(q, 5));
                unopened += must ? stmt_int(q, 4) - stmt_int(q, 5) : 0;
                json_array_append_new(counts, o);
        }
        put_value(l->o, "counts", counts);
        put_int(l->o, "unopened", unopened);
        return rc;
}

static int plan_head(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        json_t *filter = NULL;
        struct stmt *q;

        json_object_clear(l->o);
        int rc = plan_seen(tx, l->call, l->plan.id, &l->plan, err);
        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT filter, created_at FROM bulk_plan WHERE home = ?1@int AND id = ?2@int", "ii",
                            (int64_t)l->call->house->home, l->plan.id);
        if (rc == 1) {
                put_instant(l->o, "created_at", stmt_int(q, 1));
                rc = json_read(&filter, stmt_text(q, 0), err);
                put_value(l->o, "filter", filter);
        }
        if (rc < 0)
                return rc;
        put_int(l->o, "id", l->plan.id);
        put_text(l->o, "step", l->plan.step);
        put_text(l->o, "state", l->plan.state);
        put_text(l->o, "seed", l->plan.seed);
        put_int(l->o, "staff", l->plan.staff);
        put_bool(l->o, "mine", l->plan.staff == l->call->who.staff);
        put_int(l->o, "run", l->plan.run);
        return plan_counts(tx, l, err);
}

static int do_get(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .plan.id = json_int_or(in, "plan", 0), .o = json_object()};
        int rc = store_read(c->house->store, plan_head, &l, err);
        if (rc == 0)
                *out = json_incref(l.o);
        json_decref(l.o);
        return rc;
}

static int plans_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT p.id, p.step, p.state, p.created_at, p.run, p.filter, (SELECT COUNT(*) FROM bulk_item b WHERE b.home = "
            "p.home AND b.plan = p.id) FROM bulk_plan p WHERE p.home = ?1@int AND p.staff = ?2@int AND (?3@int = "
            "0 OR p.id < ?3@int) ORDER BY p.id DESC LIMIT ?4@int",
            "iiii", (int64_t)l->call->house->home, l->call->who.staff, l->after[2], (int64_t)l->limit + 1);

        json_array_clear(l->items);
        l->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object(), *filter = NULL;
                if (json_array_size(l->items) == (size_t)l->limit) {
                        json_decref(o);
                        l->more = true;
                        rc = 0;
                        break;
                }
                put_int(o, "id", stmt_int(q, 0));
                put_str(o, "step", stmt_text(q, 1));
                put_str(o, "state", stmt_text(q, 2));
                put_instant(o, "created_at", stmt_int(q, 3));
                put_int(o, "run", stmt_int(q, 4));
                if (json_read(&filter, stmt_text(q, 5), NULL) == 0)
                        put_value(o, "filter", filter);
                put_int(o, "total", stmt_int(q, 6));
                json_array_append_new(l->items, o);
        }
        return rc;
}

static int do_list(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c, .items = json_array()};
        char next[24];
        int rc = list_page(in, &l.limit, &l.after[2], err);

        rc = rc ? rc : store_read(c->house->store, plans_read, &l, err);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        const json_t *last = json_array_get(l.items, json_array_size(l.items) - 1);
        text_format(next, sizeof next, "%lld", (long long)json_integer_value(json_object_get(last, "id")));
        return list_answer(out, l.items, l.more ? next : NULL, err);
}

/* --- items ------------------------------------------------------------------------------------------------------------------------------ */

static json_t *item_json(const struct stmt *q, enum lang lang)
{
        json_t *o = json_object(), *fault = NULL;

        put_int(o, "task", stmt_int(q, 0));
        put_int(o, "case", stmt_int(q, 1));
        put_day(o, "due_day", (day_t)stmt_int(q, 2));
        put_instant(o, "accepted_at", stmt_int(q, 3));
        put_str(o, "risk", stmt_text(q, 4));
        put_str(o, "kind", stmt_text(q, 5));
        put_str(o, "reason", stmt_text(q, 6));
        put_str(o, "state", stmt_text(q, 7));
        put_bool(o, "opened", stmt_int(q, 8) != 0);
        put_money(o, "amount", stmt_int(q, 9));
        if (!stmt_null(q, 10) && json_read(&fault, stmt_text(q, 10), NULL) == 0) {
                put_value(o, "fault",
                          json_pack("{s:O?,s:O?}", "code", json_object_get(fault, "code"), "detail",
                                    json_object_get(fault, lang == LANG_ZH ? "zh" : "en")));
                json_decref(fault);
        } else {
                put_value(o, "fault", json_null());
        }
        put_str(o, "case_number", stmt_text(q, 11));
        put_str(o, "process", stmt_text(q, 12));
        put_str(o, "subject_kind", stmt_text(q, 13));
        put_int(o, "subject", stmt_int(q, 14));
        return o;
}

static int items_read(struct tx *tx, void *ctx, struct error *err)
{
        struct listing *l = ctx;
        struct stmt *q = NULL;
        int rc = plan_seen(tx, l->call, l->plan.id, &l->plan, err);

        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT b.task, b.instance, b.due_day, b.accepted_at, b.risk, b.kind, b.reason, b.state, b.opened_at, "
                    "b.amount_fen, b.fault, i.number, i.process, i.subject_kind, i.subject FROM bulk_item b CROSS JOIN "
                    "case_any i WHERE i.home = b.home AND i.id = b.instance AND b.home = ?1@int AND b.plan = ?2@int AND "
                    "(?3@text = '' OR b.kind = ?3@text) AND (?4@text = '' OR b.state = ?4@text) AND (b.due_day > ?5@int OR "
                    "(b.due_day = ?5@int AND (b.accepted_at > ?6@int OR (b.accepted_at = ?6@int AND b.task > ?7@int)))) ORDER "
                    "BY b.due_day, b.accepted_at, b.task LIMIT ?8@int",
                    "iittiiii", (int64_t)l->call->house->home, l->plan.id, l->kind, l->state, l->after[0], l->after[1],
                    l->after[2], (int64_t)l->limit + 1);
        json_array_clear(l->items);
        l->more = false;
        while ((rc = row_next(rc, q, err)) == 1) {
                if (json_array_size(l->items) == (size_t)l->limit) {
                        l->more = true;
                        rc = 0;
                        break;
                }
                json_array_append_new(l->items, item_json(q, l->call->who.lang));
        }
        return rc;
}

/* The cursor is "due day-instant-task" of the last row. */
static int items_cursor(const char *cursor, int64_t after[3], struct error *err)
{
        after[0] = INT32_MIN;
        for (int i = 0; cursor[0] != '\0' && i < 3; i++) {
                size_t n = strcspn(cursor, "-");
                if (!text_to_int((struct str){cursor, n}, &after[i]))
                        return error_raise(err, SB_FIELD_TYPE, "%s|%s", "cursor",
                                           ERROR_BOTH("the cursor of the page before", "上一页的游标"));
                cursor += n + (cursor[n] == '-');
        }
        return 0;
}

/* What each row is about, in words; left out where the office cannot tell. */
static int do_items(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct listing l = {.call = c,
                            .plan.id = json_int_or(in, "plan", 0),
                            .kind = json_text(in, "kind"),
                            .state = json_text(in, "state"),
                            .limit = (int)json_int_or(in, "limit", 50),
                            .items = json_array()};
        char next[80];
        instant_t accepted = 0;
        int rc = items_cursor(json_text(in, "cursor"), l.after, err);

        rc = rc ? rc : store_read(c->house->store, items_read, &l, err);
        if (rc < 0) {
                json_decref(l.items);
                return rc;
        }
        const json_t *last = json_array_get(l.items, json_array_size(l.items) - 1);
        day_t due = json_day_or(last, "due_day", DAY_END);
        (void)instant_parse(&accepted, str_from(json_string_value(json_object_get(last, "accepted_at"))), NULL);
        text_format(next, sizeof next, "%lld-%lld-%lld", (long long)due, (long long)accepted,
                    (long long)json_integer_value(json_object_get(last, "task")));
        subject_titles(c, l.items);
        return list_answer(out, l.items, l.more ? next : NULL, err);
}

/* --- work on a plan ----------------------------------------------------------------------------------------------------------------------- */

struct turning {
        int64_t plan, task, instance;
        const char *reason, *to;
        const json_t *inputs;
};

/* The plan for a change: locked, of the caller, and open. */
static int plan_take(struct tx *tx, struct call *c, int64_t id, struct bulk_plan *p, struct error *err)
{
        int rc = tx_exec(tx, err, "UPDATE bulk_plan SET version = version + 1 WHERE home = ?1@int AND id = ?2@int", "ii",
                         (int64_t)c->house->home, id);

        rc = rc ? rc : bulk_plan_read(tx, c->house, id, p, err);
        if (rc == 0 && p->staff != c->who.staff)
                rc = error_raise(err, SB_CASE_BULK_OWNER, "%lld", (long long)id);
        if (rc == 0 && strcmp(p->state, "open") != 0)
                rc = error_raise(err, SB_CASE_BULK_STATE, "%lld|%s", (long long)id, p->state);
        return rc;
}

static int answer_of(const struct turning *t, struct change *change, json_t **out, struct error *err)
{
        change->subject_kind = "bulk_plan";
        change->subject = t->plan;
        *out = json_pack("{s:I,s:I,s:I}", "plan", (json_int_t)t->plan, "task", (json_int_t)t->task, "case",
                         (json_int_t)t->instance);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int item_take(struct tx *tx, struct call *c, struct turning *t, struct error *err)
{
        struct bulk_plan p;
        struct stmt *q;
        int rc = plan_take(tx, c, t->plan, &p, err);

        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT instance FROM bulk_item WHERE home = ?1@int AND plan = ?2@int AND task = ?3@int", "iii",
                            (int64_t)c->house->home, t->plan, t->task);
        else
                return rc;
        if (rc == 1)
                t->instance = stmt_int(q, 0);
        return rc == 0 ? error_raise(err, SB_CASE_BULK_ITEM, "%lld|%lld", (long long)t->task, (long long)t->plan)
                       : (rc < 0 ? rc : 0);
}

static int open_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct turning *t = ctx;
        int rc = item_take(tx, c, t, err);

        rc = rc ? rc
                : tx_exec(tx, err,
                          "UPDATE bulk_item SET opened_at = ?4@int WHERE home = ?1@int AND plan = ?2@int AND task = ?3@int AND "
                          "opened_at = 0",
                          "iiii", (int64_t)c->house->home, t->plan, t->task, clock_now(c->house->clock));
        rc = rc ? rc : answer_of(t, change, out, err);
        if (rc == 0)
                change->audit = json_pack("{s:I}", "case", (json_int_t)t->instance);
        return rc;
}

/* What was opened is what was handed out: the answer holds the case itself. */
static int do_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct turning t = {.plan = json_int_or(in, "plan", 0), .task = json_int_or(in, "task", 0)};
        json_t *file = NULL, *which;
        int rc = verb_change(c, registry_find(c->house->verbs, "bulk.open"), in, open_apply, &t, out, err);
        if (rc < 0)
                return rc;
        which = json_pack("{s:O}", "case", json_object_get(*out, "case"));
        rc = which == NULL ? error_raise(err, SB_MEMORY, "%s", "") : cases_get(c, which, &file, err);
        if (rc == 0)
                put_value(*out, "file", file);
        json_decref(which);
        return rc;
}

static int exclude_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct turning *t = ctx;
        int rc = item_take(tx, c, t, err);

        rc = rc ? rc
                : tx_exec(tx, err,
                          "UPDATE bulk_item SET state = 'excluded', reason = 'excluded' WHERE home = ?1@int AND plan = "
                          "?2@int AND task = ?3@int AND state = 'waiting'",
                          "iii", (int64_t)c->house->home, t->plan, t->task);
        rc = rc ? rc : answer_of(t, change, out, err);
        if (rc == 0)
                change->audit = json_pack("{s:I,s:s}", "case", (json_int_t)t->instance, "reason", t->reason);
        return rc;
}

static int do_exclude(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct turning t = {
            .plan = json_int_or(in, "plan", 0), .task = json_int_or(in, "task", 0), .reason = json_text(in, "reason")};

        return verb_change(c, registry_find(c->house->verbs, "bulk.exclude"), in, exclude_apply, &t, out, err);
}

static int start_allowed(struct tx *tx, struct call *c, const struct turning *t, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN kind <> 'blind' AND opened_at = 0 THEN 1 ELSE 0 END), 0) FROM "
                        "bulk_item WHERE home = ?1@int AND plan = ?2@int AND state = 'waiting'",
                        "ii", (int64_t)c->house->home, t->plan);

        if (rc < 0)
                return rc;
        if (stmt_int(q, 0) == 0)
                return error_raise(err, SB_CASE_BULK_EMPTY, "%lld", (long long)t->plan);
        if (stmt_int(q, 1) > 0)
                return error_raise(err, SB_CASE_BULK_UNOPENED, "%lld", (long long)stmt_int(q, 1));
        return 0;
}

static int start_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct turning *t = ctx;
        struct bulk_plan p;
        int64_t run = 0;
        int rc = plan_take(tx, c, t->plan, &p, err);

        rc = rc ? rc : start_allowed(tx, c, t, err);
        rc = rc ? rc : ids_next(c->house->ids, &run, err);
        /* Roles are those of now: the plan may be from yesterday. */
        rc = rc ? rc
                : tx_exec(tx, err,
                          "UPDATE bulk_plan SET state = 'running', run = ?3@int, roles = ?4@int, office = ?5@int WHERE home = "
                          "?1@int AND id = ?2@int",
                          "iiiii", (int64_t)c->house->home, t->plan, run, (int64_t)c->who.roles, c->who.office);
        rc = rc ? rc : run_create(tx, c, "bulk_approve", p.step, t->inputs, NULL, run, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "bulk_plan";
        change->subject = t->plan;
        *out = json_pack("{s:I,s:I}", "plan", (json_int_t)t->plan, "run", (json_int_t)run);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int do_start(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct turning t = {.inputs = in, .plan = json_int_or(in, "plan", 0)};

        return verb_change(c, registry_find(c->house->verbs, "bulk.start"), in, start_apply, &t, out, err);
}

static int drop_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct turning *t = ctx;
        struct bulk_plan p;
        int rc = plan_take(tx, c, t->plan, &p, err);

        rc = rc ? rc
                : tx_exec(tx, err, "UPDATE bulk_plan SET state = 'dropped' WHERE home = ?1@int AND id = ?2@int", "ii",
                          (int64_t)c->house->home, t->plan);
        return rc ? rc : answer_of(t, change, out, err);
}

static int do_drop(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct turning t = {.plan = json_int_or(in, "plan", 0)};

        return verb_change(c, registry_find(c->house->verbs, "bulk.drop"), in, drop_apply, &t, out, err);
}

/* --- the table -------------------------------------------------------------------------------------------------------------------------- */

#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ID(name) "\"" name "\":{\"type\":\"integer\",\"minimum\":1}"
#define WORD(name) "\"" name "\":{\"type\":\"string\",\"maxLength\":64}"
#define PAGE "\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200},\"cursor\":{\"type\":\"string\",\"maxLength\":70}"
#define ANY "{\"type\":\"object\"}"
#define LIST                                                                                                                   \
        "{\"type\":\"object\",\"required\":[\"items\",\"next\"],\"properties\":{\"items\":{\"type\":\"array\",\"items\":{"     \
        "\"type\":\"object\"}},\"next\":{\"type\":[\"string\",\"null\"]}}}"

const struct verb bulk_verbs[] = {
    {"bulk.plan", VERB_WRITE, "cases.bulk", "POST", "/api/bulk", "Plan a bulk approval: list what waits and draw the sample",
     "拟定批量审批计划（列出待办并抽样）",
     OBJECT("\"step\"", "\"step\":{\"type\":\"string\",\"enum\":[\"review\",\"review2\",\"approve\"]}," WORD("process") "," ID(
                            "office") ",\"due_to\":{\"type\":\"string\",\"format\":\"date\"},\"risk\":{\"type\":\"string\","
                                      "\"enum\":[\"L\",\"M\",\"H\"]}"),
     ANY, do_plan, SCOPE_OFFICE},
    {"bulk.list", VERB_READ, "cases.bulk", "GET", "/api/bulk", "My plans of bulk approval, newest first", "我的批量审批计划",
     OBJECT("", PAGE), LIST, do_list, SCOPE_OFFICE},
    {"bulk.get", VERB_READ, "cases.bulk_read", "GET", "/api/bulk/{plan}", "A plan of bulk approval, counted by kind",
     "批量审批计划概况", OBJECT("\"plan\"", ID("plan")), ANY, do_get, SCOPE_OFFICE},
    {"bulk.items", VERB_READ, "cases.bulk_read", "GET", "/api/bulk/{plan}/items",
     "Cases of a plan in the legal order, with what excludes them or why they failed", "批量审批计划案件清单",
     OBJECT("\"plan\"", ID("plan") "," WORD("kind") "," WORD("state") "," PAGE), LIST, do_items, SCOPE_OFFICE},
    {"bulk.open", VERB_WRITE, "cases.bulk", "POST", "/api/bulk/{plan}/open",
     "Open a case of the plan; that it was opened is recorded", "查看计划中的案件（记录已查看）",
     OBJECT("\"plan\",\"task\"", ID("plan") "," ID("task")), ANY, do_open, SCOPE_OFFICE},
    {"bulk.exclude", VERB_WRITE, "cases.bulk", "POST", "/api/bulk/{plan}/exclude", "Take a case out of the plan, with a reason",
     "将案件移出批量审批计划",
     OBJECT("\"plan\",\"task\",\"reason\"",
            ID("plan") "," ID("task") ",\"reason\":{\"type\":\"string\",\"minLength\":2,\"maxLength\":400}"),
     ANY, do_exclude, SCOPE_OFFICE},
    {"bulk.start", VERB_WRITE, "cases.bulk", "POST", "/api/bulk/{plan}/start",
     "Approve the cases of the plan, once the sample and every case of risk class H were opened", "启动批量审批",
     OBJECT("\"plan\"", ID("plan") ",\"note\":{\"type\":\"string\",\"maxLength\":400}"), ANY, do_start, SCOPE_OFFICE},
    {"bulk.drop", VERB_WRITE, "cases.bulk", "POST", "/api/bulk/{plan}/drop", "Give up a plan that was not started",
     "放弃批量审批计划", OBJECT("\"plan\"", ID("plan")), ANY, do_drop, SCOPE_OFFICE},
    {0},
};
