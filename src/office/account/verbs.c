/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be done with the accounts of a pool: the verbs and their answers.
 */
#include "office/account/account.h"

#include "office/json.h"

/* --- the trial balance ------------------------------------------------------------------------------------------------------ */

struct ask {
        struct call *call;
        int64_t pool;
        struct trial trial;
        json_t *items;
};

static int check_read(struct tx *tx, void *ctx, struct error *err)
{
        struct ask *a = ctx;

        return trial_read(tx, a->call->house->home, a->pool, &a->trial, err);
}

static int interest_check(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct ask a = {.call = c, .pool = json_int_or(in, "pool", 0), .trial.items = json_array()};
        int rc =
            a.trial.items == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, check_read, &a, err);

        if (rc < 0) {
                json_decref(a.trial.items);
                return rc;
        }
        json_t *o = json_object();
        put_int(o, "accounts", a.trial.accounts);
        put_money(o, "sum", a.trial.sum);
        put_money(o, "ledger", a.trial.ledger);
        put_money(o, "difference", a.trial.sum - a.trial.ledger);
        put_int(o, "differences", a.trial.differences);
        put_value(o, "items", a.trial.items);
        *out = o;
        return 0;
}

static int trial_need(struct tx *tx, int32_t home, int64_t pool, struct trial *t, struct error *err)
{
        char sum[24], ledger[24];

        *t = (struct trial){.items = json_array()};
        int rc = t->items == NULL ? error_raise(err, SB_MEMORY, "%s", "") : trial_read(tx, home, pool, t, err);

        json_decref(t->items);
        t->items = NULL;
        if (rc == 0 && (t->differences != 0 || t->sum != t->ledger))
                rc = error_raise(err, SB_ACCOUNT_UNEQUAL, "%s|%s|%lld", money_text(t->sum, sum), money_text(t->ledger, ledger),
                                 (long long)t->differences);
        return rc;
}

/* --- interest of a year ----------------------------------------------------------------------------------------------------- */

struct year {
        int64_t pool, year, id;
        struct pool row;
        struct hash pack;
        const char *reason;
        struct trial trial;
        struct interest_earned probe; /* the rate */
};

static int year_refuse(const struct year *y, const char *why_en_zh, struct error *err)
{
        return error_raise(err, SB_ACCOUNT_YEAR, "%lld|%s", (long long)y->year, why_en_zh);
}

static int year_pool(struct tx *tx, void *ctx, struct error *err)
{
        struct year *y = ctx;

        return pool_read(tx, y->pool, &y->row, err);
}

/* A later year that is posted rests on this one. */
static int later_refuse(struct tx *tx, const struct year *y, int32_t home, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_one(&q, tx, err,
                        "SELECT year FROM interest_run WHERE home = ?1@int AND pool = ?2@int AND year > ?3@int AND state <> "
                        "'reversed'",
                        "iii", (int64_t)home, y->pool, y->year);

        return rc == 1 ? year_refuse(y,
                                     ERROR_BOTH("a later year was posted, which rests on it; that one is taken back first",
                                                "之后年度的利息已经记入且以其为基础，须先冲销之后年度"),
                                     err)
                       : rc;
}

static int run_begin(struct tx *tx, struct call *c, const struct year *y, const char *kind, int64_t id, const json_t *inputs,
                     struct error *err)
{
        char title[256];

        text_format(title, sizeof title, "%s %lld", y->row.name_zh, (long long)y->year);
        return run_create(tx, c, kind, title, inputs, &y->pack, id, err);
}

static int answer(struct year *y, int64_t run, const char *state, struct change *change, json_t **out, struct error *err)
{
        json_t *o = json_object();

        put_int(o, "id", y->id);
        put_int(o, "run", run);
        put_text(o, "state", state);
        change->subject_kind = "interest_run";
        change->subject = y->id;
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* Can the year be posted now? One after the other asks for a pool. */
static int year_ready(struct tx *tx, struct year *y, int32_t home, struct error *err)
{
        struct interest_run before;
        int rc = pool_lock(tx, y->pool, err);

        if (rc == 0)
                rc = interest_run_find(tx, home, y->pool, y->year, &before, err);
        if (rc == 1)
                rc = year_refuse(y, ERROR_BOTH("it was posted already", "该年度利息已经记入"), err);
        if (rc == 0)
                rc = later_refuse(tx, y, home, err);
        return rc == 0 ? trial_need(tx, home, y->pool, &y->trial, err) : rc;
}

static int interest_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct year *y = ctx;
        struct house *h = c->house;
        json_t *inputs = json_pack("{s:I,s:I}", "pool", (json_int_t)y->pool, "year", (json_int_t)y->year);
        int rc = inputs == NULL ? error_raise(err, SB_MEMORY, "%s", "") : year_ready(tx, y, h->home, err);

        if (rc == 0)
                rc = ids_next(h->ids, &y->id, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "INSERT INTO interest_run (home, id, pool, year, state, accounts, total_fen, entered_by, "
                             "entered_at, reversed_by, reversed_at, reason) VALUES (?1@int, ?2@int, ?3@int, ?4@int, 'running', "
                             "0, 0, ?5@int, ?6@int, 0, 0, '')",
                             "iiiiii", (int64_t)h->home, y->id, y->pool, y->year, c->who.staff, clock_now(h->clock));
        if (rc == 0)
                rc = run_begin(tx, c, y, account_interest_kind.kind, y->id, inputs, err);
        json_decref(inputs);
        return rc == 0 ? answer(y, y->id, "running", change, out, err) : rc;
}

/* The rates are asked for before anything is written: a year that the pack does not know posts nothing. */
static int rate_need(struct pack *pack, struct year *y, struct error *err)
{
        struct interest_basis basis = {.opening = 100, .deposits = {100}};

        return interest_decide(pack, y->row.scheme, y->year, &basis, &y->probe, NULL, err);
}

static int year_ask(struct call *c, const json_t *in, struct year *y, struct error *err)
{
        instant_t now = clock_now(c->house->clock);
        struct pack *pack = NULL;
        int rc;

        *y = (struct year){.pool = json_int_or(in, "pool", 0), .year = json_int_or(in, "year", 0)};
        rc = store_read(c->house->store, year_pool, y, err);
        if (rc == 0 && month_of(clock_today(c->house->clock)) < (month_t)(y->year * 12 + 12))
                rc = year_refuse(y, ERROR_BOTH("the year has not ended", "该年度尚未结束"), err);
        if (rc == 0)
                rc = pack_store_for(c->house->packs, y->pool, clock_today(c->house->clock), now, &pack, err);
        if (rc == 0)
                rc = rate_need(pack, y, err);
        if (rc == 0)
                y->pack = *pack_hash(pack);
        return rc;
}

static int interest(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct year y;
        int rc = year_ask(c, in, &y, err);

        return rc < 0 ? rc
                      : verb_change(c, registry_find(c->house->verbs, "account.interest"), in, interest_apply, &y, out, err);
}

/* --- the case of a year: P11 ------------------------------------------------------------------------------------------------ */

#define PROCESS "P11"

static json_t *facts(const struct year *y)
{
        json_t *o = json_object();

        put_int(o, "pool", y->pool);
        put_int(o, "year", y->year);
        put_text(o, "scheme", y->row.scheme);
        put_int(o, "accounts", y->trial.accounts);
        put_money(o, "sum", y->trial.sum);
        put_money(o, "ledger", y->trial.ledger);
        put_text(o, "rate", y->probe.rate);
        return o;
}

static int open_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct year *y = ctx;
        char number[32];
        int64_t instance = 0;
        int rc = year_ready(tx, y, c->house->home, err);

        if (rc == 0)
                rc = case_running(tx, c->house, &(struct case_ref){PROCESS, "pool", y->pool}, &instance, err);
        if (rc == 0 && instance != 0)
                rc = error_raise(err, SB_ACCOUNT_CASE, "%s", readable_number('C', c->house->home, instance, number));
        json_t *variables = facts(y);
        struct case_start start = {.process = PROCESS,
                                   .subject_kind = "pool",
                                   .subject = y->pool,
                                   .office = c->who.office,
                                   .pool = y->pool,
                                   .variables = variables};
        if (rc == 0)
                rc = case_start(tx, c, &start, &instance, err);
        json_decref(variables);
        if (rc < 0)
                return rc;
        change->subject_kind = "pool";
        change->subject = y->pool;
        *out = json_pack("{s:I,s:s}", "case", (json_int_t)instance, "number",
                         readable_number('C', c->house->home, instance, number));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int interest_open(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const struct verb *v = registry_find(c->house->verbs, "account.interest_open");
        struct year y;
        int rc = verb_repeated(c, v, in, out, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = year_ask(c, in, &y, err);
        return rc < 0 ? rc : case_change(c, v, in, open_apply, &y, out, err);
}

static int prepare_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct year *y = ctx;
        int rc = year_ready(tx, y, c->house->home, err);

        if (rc < 0)
                return rc;
        change->subject_kind = "pool";
        change->subject = y->pool;
        *out = facts(y);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int interest_prepare(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct year y;
        int rc = year_ask(c, in, &y, err);

        return rc < 0 ? rc
                      : verb_change(c, registry_find(c->house->verbs, "account.interest_prepare"), in, prepare_apply, &y, out,
                                    err);
}

/* Until the run has ended the step is put off, and asked again. */
static int state_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct interest_run run = {0};
        struct year y = {.id = *(const int64_t *)ctx};
        int rc = interest_run_read(tx, c->house->home, y.id, &run, err);

        y.year = run.year;
        if (rc == 1 && str_is(str_from(run.state), "running"))
                return error_raise_soft(err, SB_ACCOUNT_YEAR, "%lld|%s", (long long)y.year,
                                        ERROR_BOTH("it is being posted", "利息正在记入"));
        if (rc == 0 || (rc == 1 && !str_is(str_from(run.state), "posted")))
                rc = year_refuse(&y, ERROR_BOTH("it is not posted", "该年度利息尚未记入"), err);
        if (rc < 0)
                return rc;
        json_t *o = json_object();
        put_int(o, "accounts", run.accounts);
        put_money(o, "total", run.total);
        change->subject_kind = "interest_run";
        change->subject = run.id;
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int interest_state(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t run = json_int_or(in, "run", 0);

        return verb_change(c, registry_find(c->house->verbs, "account.interest_state"), in, state_apply, &run, out, err);
}

static int reverse_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct year *y = ctx;
        struct house *h = c->house;
        struct interest_run run = {0};
        int64_t id = 0;
        json_t *inputs = NULL;
        int rc = pool_lock(tx, y->pool, err);

        if (rc == 0)
                rc = pool_read(tx, y->pool, &y->row, err);
        if (rc == 0)
                rc = interest_run_find(tx, h->home, y->pool, y->year, &run, err);
        if (rc == 0 || (rc == 1 && !str_is(str_from(run.state), "posted")))
                rc = year_refuse(y, ERROR_BOTH("it is not posted", "该年度利息尚未记入"), err);
        if (rc == 1 && run.entered_by == c->who.staff)
                rc = error_raise(err, SB_ACCOUNT_OWN, "%s", "");
        if (rc == 1)
                rc = later_refuse(tx, y, h->home, err);
        if (rc == 0)
                rc = ids_next(h->ids, &id, err);
        y->id = run.id;
        if (rc == 0)
                rc =
                    tx_exec(tx, err,
                            "UPDATE interest_run SET state = 'reversing', reversed_by = ?1@int, reversed_at = ?2@int, reason = "
                            "?3@text WHERE home = ?4@int AND id = ?5@int",
                            "iitii", c->who.staff, clock_now(h->clock), y->reason, (int64_t)h->home, run.id);
        if (rc == 0 && !(inputs = json_pack("{s:I}", "interest_run", (json_int_t)run.id)))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0)
                rc = run_begin(tx, c, y, account_reverse_kind.kind, id, inputs, err);
        json_decref(inputs);
        return rc == 0 ? answer(y, id, "reversing", change, out, err) : rc;
}

static int interest_reverse(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct year y = {
            .pool = json_int_or(in, "pool", 0), .year = json_int_or(in, "year", 0), .reason = json_text_or(in, "reason", "")};

        return verb_change(c, registry_find(c->house->verbs, "account.interest_reverse"), in, reverse_apply, &y, out, err);
}

/* --- runs ------------------------------------------------------------------------------------------------------------------- */

static int runs_read(struct tx *tx, void *ctx, struct error *err)
{
        struct ask *a = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT id, year, state, accounts, total_fen, entered_by, entered_at, reversed_by, reason FROM "
                          "interest_run WHERE home = ?1@int AND pool = ?2@int ORDER BY year DESC, id DESC LIMIT 200",
                          "ii", (int64_t)a->call->house->home, a->pool);

        json_array_clear(a->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "id", stmt_int(q, 0));
                put_int(o, "year", stmt_int(q, 1));
                put_str(o, "state", stmt_text(q, 2));
                put_int(o, "accounts", stmt_int(q, 3));
                put_money(o, "total", stmt_int(q, 4));
                put_int(o, "entered_by", stmt_int(q, 5));
                put_instant(o, "entered_at", stmt_int(q, 6));
                put_int(o, "reversed_by", stmt_int(q, 7));
                put_str(o, "reason", stmt_text(q, 8));
                json_array_append_new(a->items, o);
        }
        return rc;
}

static int interest_runs(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct ask a = {.call = c, .pool = json_int_or(in, "pool", 0), .items = json_array()};
        int rc = a.items == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, runs_read, &a, err);

        if (rc < 0) {
                json_decref(a.items);
                return rc;
        }
        return list_answer(out, a.items, NULL, err);
}

#define POOL "\"pool\":{\"type\":\"integer\",\"minimum\":1}"
#define YEAR "\"year\":{\"type\":\"integer\",\"minimum\":1993,\"maximum\":2100}"
#define OBJECT(required, properties)                                                                                           \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[" required "],\"properties\":{" properties "}}"
#define ANY "{\"type\":\"object\"}"

const struct verb account_verbs[] = {
    {"account.interest_check", VERB_READ, "ledger.read", "GET", "/api/pools/{pool}/account-check",
     "Trial balance: the personal accounts of a pool against its ledger", "个人账户试算平衡", OBJECT("\"pool\"", POOL), ANY,
     interest_check, "pool.pool"},
    {"account.interest_runs", VERB_READ, "ledger.read", "GET", "/api/pools/{pool}/interest",
     "Interest of the personal accounts of a pool, by year", "个人账户计息批次", OBJECT("\"pool\"", POOL), ANY, interest_runs,
     "pool.pool"},
    {"account.interest_open", VERB_WRITE, "accounts.interest", "POST", "/api/pools/{pool}/interest",
     "Open the case of a year's interest on the personal accounts of a pool", "个人账户年度计息立案",
     OBJECT("\"pool\",\"year\"", POOL "," YEAR), ANY, interest_open, "pool.pool"},
    /* Called by the process. */
    {"account.interest_prepare", VERB_WRITE, NULL, NULL, NULL,
     "Can the interest of a year be posted: the trial balance and the rate", "年度计息前试算平衡并查明利率",
     OBJECT("\"pool\",\"year\"", POOL "," YEAR), ANY, interest_prepare, NULL},
    {"account.interest_state", VERB_WRITE, NULL, NULL, NULL, "How many accounts got how much, once a year is posted",
     "年度利息记入结果", OBJECT("\"run\"", "\"run\":{\"type\":\"integer\",\"minimum\":1}"), ANY, interest_state, NULL},
    {"account.interest", VERB_WRITE, NULL, NULL, NULL, "Post the interest of a year on the personal accounts of a pool",
     "记入个人账户年度利息", OBJECT("\"pool\",\"year\"", POOL "," YEAR), ANY, interest, NULL},
    {"account.interest_reverse", VERB_WRITE, "ledger.reverse", "POST", "/api/pools/{pool}/interest/{year}/reverse",
     "Take the interest of a year back as a whole; never by who let it be posted",
     "整批冲销年度利息（不得由准予记入的人员冲销）",
     OBJECT("\"pool\",\"year\",\"reason\"",
            POOL "," YEAR ",\"reason\":{\"type\":\"string\",\"minLength\":4,\"maxLength\":400}"),
     ANY, interest_reverse, "pool.pool"},
    {"account.statement", VERB_READ, "ledger.account", "GET", "/api/persons/{person}/account-statement",
     "Statement of a person's account for a year", "个人账户年度权益记录",
     OBJECT("\"person\",\"year\"", "\"person\":{\"type\":\"integer\",\"minimum\":1,\"x-opens\":\"person\"}," YEAR
                                   ",\"scheme\":{\"type\":\"string\",\"pattern\":\"^[A-Z]{2,8}$\"}"),
     ANY, account_statement, SCOPE_EVERYWHERE},
    {0},
};
