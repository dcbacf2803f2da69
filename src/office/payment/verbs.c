/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be done with payment runs, files and statements: the verbs and their answers.
 */
#include "office/json.h"
#include "office/payment/payment.h"

#include <assert.h>
#include <string.h>

/* --- release, cancel, file --------------------------------------------------------------------------------------------------- */

struct step {
        int64_t run;
        day_t pay_day;
        struct payment_run row;
        struct payment_sums sums;
        struct hash pack;
        char title[256];
        int64_t id, instance; /* instance: of the case that follows */
};

static int step_read(struct tx *tx, void *ctx, struct error *err)
{
        struct step *s = ctx;
        struct stmt *q = NULL;
        int rc = payment_run_read(tx, s->row.home, s->run, &s->row, err);

        if (rc == 0)
                rc = tx_one(&q, tx, err, "SELECT pack_hash, title FROM run WHERE home = ?1@int AND id = ?2@int", "ii",
                            (int64_t)s->row.home, s->run);
        if (rc < 0)
                return rc;
        if (rc == 1 && stmt_blob(q, 0).n == HASH_BYTES) {
                memcpy(s->pack.b, stmt_blob(q, 0).p, HASH_BYTES);
                text_copy(s->title, sizeof(s->title), stmt_text(q, 1));
        }
        return payment_sums(tx, &s->row, &s->sums, err);
}

static int step_begin(struct step *s, struct call *c, const json_t *in, struct error *err)
{
        int rc = json_get_int(in, "run", true, &s->run, err);

        s->row.home = c->house->home;
        return rc ? rc : store_read(c->house->store, step_read, s, err);
}

static int state_need(const struct payment_run *r, const char *state, struct error *err)
{
        return strcmp(r->state, state) == 0 ? 0 : error_raise(err, SB_PAYMENT_STATE, "%s|%s", r->state, state);
}

/* The state changes once: the version that was looked at is the one that changes. */
static int state_set(struct tx *tx, const struct payment_run *r, const char *to, struct error *err)
{
        int64_t changed = 0;
        int rc =
            tx_exec_changed(tx, &changed, err,
                            "UPDATE payment_run SET state = ?1@text, version = version + 1 WHERE home = ?2@int AND id = ?3@int "
                            "AND version = ?4@int",
                            "tiii", to, (int64_t)r->home, r->id, r->version);

        return rc == 0 && changed != 1 ? error_raise(err, SB_STORE_CONFLICT, "%s", "") : rc;
}

static int follow(struct tx *tx, struct call *c, struct step *s, const char *kind, struct change *change, json_t **out,
                  const char *state, struct error *err)
{
        json_t *inputs = json_object();
        int rc = inputs && (*out = json_object()) ? 0 : error_raise(err, SB_MEMORY, "%s", "");

        put_int(inputs, "payment_run", s->run);
        if (rc == 0)
                rc = ids_next(c->house->ids, &s->id, err);
        if (rc == 0)
                rc = run_create(tx, c, kind, s->title, inputs, &s->pack, s->id, err);
        json_decref(inputs);
        put_int(*out, "id", s->run);
        put_int(*out, "run", s->id);
        put_text(*out, "state", state);
        change->subject_kind = "payment_run";
        change->subject = s->run;
        return rc;
}

static int totals_check(const struct step *s, struct error *err)
{
        char a[24], b[24];

        if (s->sums.due == s->row.due && s->sums.account == s->row.account && s->sums.fund == s->row.fund &&
            s->sums.due_count == s->row.due_count && s->row.account + s->row.fund == s->row.due)
                return 0;
        return error_raise(err, SB_PAYMENT_TOTALS, "%s|%s", money_text(s->sums.due, a), money_text(s->row.due, b));
}

/* The bank must hold what the run needs beyond what is already owed to earlier runs; what claims are owed is owed already, and a run of
 * them pays of it. */
static int funds_check(struct tx *tx, const struct step *s, struct error *err)
{
        fen_t bank = 0, payable = 0, claims = 0;
        char a[24], b[24];
        int rc = ledger_balance(tx, s->row.home, s->row.pool, LEDGER_BANK, DAY_END, &bank, err);

        if (rc == 0)
                rc = ledger_balance(tx, s->row.home, s->row.pool, LEDGER_PAYABLE, DAY_END, &payable, err);
        if (rc == 0 && payment_run_claims(&s->row))
                rc = claims_owed(tx, s->row.home, s->row.pool, &claims, err);
        if (rc == 0 && bank + payable + claims < s->row.due)
                rc = error_raise(err, SB_PAYMENT_FUNDS, "%s|%s", money_text(bank + payable + claims, a),
                                 money_text(s->row.due, b));
        return rc;
}

/* Released on the run's own page: the case's task is done with it, once the reviewers are done with theirs. */
static int case_release(struct tx *tx, struct call *c, struct step *s, struct error *err)
{
        const struct case_ref ref = {PAYMENT_PROCESS, "payment_run", s->run};
        json_t *outcome = json_object();
        bool waits = false;
        int rc = c->instance == 0 ? case_waits(tx, c->house, &ref, "approve", &waits, err) : 0;

        put_text(outcome, "decision", "approve");
        put_day(outcome, "pay_day", s->pay_day);
        if (rc == 1)
                rc = waits ? case_follow(tx, c, &ref, "approve", outcome, &s->instance, err)
                           : error_raise(err, SB_PAYMENT_REVIEW, "%s", "");
        json_decref(outcome);
        return rc;
}

static int release_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct step *s = ctx;
        int64_t changed = 0;
        int rc = state_need(&s->row, "computed", err);

        if (rc == 0 && c->who.staff == s->row.entered_by)
                rc = error_raise(err, SB_PAYMENT_FOUR_EYES, "%s", "");
        if (rc == 0)
                rc = totals_check(s, err);
        if (rc == 0)
                rc = funds_check(tx, s, err);
        if (rc == 0)
                rc = tx_exec_changed(
                    tx, &changed, err,
                    "UPDATE payment_run SET state = 'releasing', released_by = ?1@int, released_at = ?2@int, pay_day = ?3@int, "
                    "version = version + 1 WHERE home = ?4@int AND id = ?5@int AND version = ?6@int",
                    "iiiiii", c->who.staff, (int64_t)clock_now(c->house->clock), (int64_t)s->pay_day, (int64_t)s->row.home,
                    s->run, s->row.version);
        if (rc == 0 && changed != 1)
                rc = error_raise(err, SB_STORE_CONFLICT, "%s", "");
        if (rc == 0)
                rc = follow(tx, c, s, payment_release_kind.kind, change, out, "releasing", err);
        if (rc == 0)
                rc = case_release(tx, c, s, err);
        if (rc == 0) {
                change->audit = json_object();
                put_money(change->audit, "due", s->row.due);
                put_int(change->audit, "due_count", s->row.due_count);
                put_day(change->audit, "pay_day", s->pay_day);
        }
        return rc;
}

/* The case asks for what was done on the run's own page meanwhile: the answer of then. */
static bool released_already(const struct call *c, const struct step *s)
{
        return c->instance != 0 && s->row.released_by != 0 && strcmp(s->row.state, "cancelled") != 0;
}

static int release_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct step s = {.pay_day = clock_today(c->house->clock)};
        char day[16];
        int rc = verb_repeated(c, registry_find(c->house->verbs, "payment.release"), in, out, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = json_get_day(in, "pay_day", false, &s.pay_day, err);
        if (rc == 0)
                rc = step_begin(&s, c, in, err);
        if (rc == 0 && released_already(c, &s)) {
                *out = json_pack("{s:I,s:s}", "id", (json_int_t)s.run, "state", s.row.state);
                return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        /* A case that was decided in time may come to it after midnight: then it is today. */
        if (rc == 0 && c->instance != 0 && s.pay_day < clock_today(c->house->clock))
                s.pay_day = clock_today(c->house->clock);
        if (rc == 0 && s.pay_day < clock_today(c->house->clock))
                rc = error_raise(err, SB_PAYMENT_PAY_DAY, "%s", day_text(s.pay_day, day));
        if (rc == 0)
                rc = case_change(c, registry_find(c->house->verbs, "payment.release"), in, release_apply, &s, out, err);
        return rc;
}

static int cancel_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct step *s = ctx;
        const struct case_ref ref = {PAYMENT_PROCESS, "payment_run", s->run};
        int rc = 0;

        if (strcmp(s->row.state, "freezing") != 0)
                rc = state_need(&s->row, "computed", err);
        if (rc == 0)
                rc = state_set(tx, &s->row, "cancelled", err);
        if (rc == 0)
                rc = claims_unlist(tx, &s->row, err);
        if (rc == 0 && c->instance == 0)
                rc = case_withdraw(tx, c, &ref, err);
        if (rc == 0)
                rc = tx_exec(tx, err,
                             "UPDATE run SET state = 'cancelled', ended_at = ?1@int, lease_owner = NULL, version = version + 1 "
                             "WHERE home = ?2@int "
                             "AND id = ?3@int AND state IN ('queued', 'running', 'paused', 'failed')",
                             "iii", (int64_t)clock_now(c->house->clock), (int64_t)s->row.home, s->run);
        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        put_int(*out, "id", s->run);
        put_text(*out, "state", "cancelled");
        change->subject_kind = "payment_run";
        change->subject = s->run;
        return rc;
}

static int cancel_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct step s = {0};
        int rc = step_begin(&s, c, in, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "payment.cancel"), in, cancel_apply, &s, out, err);
}

static int file_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct step *s = ctx;
        int rc;

        if (s->row.due_count == 0)
                return error_raise(err, SB_PAYMENT_EMPTY, "%s", "");
        rc = state_need(&s->row, "released", err);
        return rc ? rc : follow(tx, c, s, payment_file_kind.kind, change, out, "released", err);
}

static int file_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct step s = {0};
        int rc = step_begin(&s, c, in, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "payment.file"), in, file_apply, &s, out, err);
}

static int file_get_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct raw_reply local = {.file_name = ""}, *raw = c->raw ? c->raw : &local;
        const char *hex = NULL;
        struct hash hash;
        int rc = json_get_text(in, "hash", true, &hex, err);

        if (rc == 0)
                rc = hash_parse(&hash, str_from(hex), err);
        if (rc)
                return rc;
        buf_dispose(&raw->bytes);
        buf_init(&raw->bytes, (size_t)96 << 20);
        rc = payment_file_derive(c->house, &hash, &raw->bytes, raw->file_name, raw->media_type, err);
        if (rc == 0 && !(*out = json_object()))
                rc = error_raise(err, SB_MEMORY, "%s", "");
        put_text(*out, "name", raw->file_name);
        put_int(*out, "size", (int64_t)raw->bytes.n);
        if (!c->raw)
                buf_dispose(&local.bytes);
        return rc;
}

static int statement_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        (void)in;
        return statement_post(c, registry_find(c->house->verbs, "payment.statement"), c->body, out, err);
}

#define RUN_IN                                                                                                                 \
        "{\"type\":\"object\",\"properties\":{\"run\":{\"type\":\"integer\",\"minimum\":1}},\"required\":[\"run\"],"           \
        "\"additionalProperties\":false}"
#define OF_RUN "{\"type\":\"object\",\"properties\":{\"run\":{\"type\":\"integer\",\"minimum\":1}},\"required\":[\"run\"]}"
#define PAGE_IN                                                                                                                \
        "\"cursor\":{\"type\":\"string\",\"maxLength\":64},\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":200}"
#define OBJECT_OUT "{\"type\":\"object\"}"

static int run_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT pool FROM payment_run WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)c->house->home, json_integer_value(value));

        *within = rc == 0;
        return rc == 1 ? pool_within(tx, stmt_int(q, 0), c->who.office, within, err) : rc;
}

static int file_scope(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        struct hash hash;
        struct stmt *q;
        int rc = hash_parse(&hash, str_from(json_string_value(value)), err);

        *within = true;
        if (rc < 0)
                return rc;
        rc = tx_one(&q, tx, err,
                    "SELECT r.pool FROM payment_file f JOIN payment_run r ON r.home = f.home AND r.id = f.run WHERE f.hash = "
                    "?1@blob",
                    "b", hash_str(&hash));
        return rc == 1 ? pool_within(tx, stmt_int(q, 0), c->who.office, within, err) : rc;
}

const struct scope_rule payment_scopes[] = {{"payment_run", "The payment run", "该发放批次", run_scope, NULL},
                                            {"payment_file", "The bank file", "该报盘文件", file_scope, NULL},
                                            {0}};

const struct verb payment_verbs[] = {
    {"payment.run_create", VERB_WRITE, "payments.prepare", "POST", "/api/payment-runs",
     "Make the payment run of a pool and month", "建立某统筹区某月发放批次",
     "{\"type\":\"object\",\"properties\":{\"pool\":{\"type\":\"integer\",\"minimum\":1},\"month\":{\"type\":\"string\","
     "\"format\":\"month\"}},"
     "\"required\":[\"pool\",\"month\"],\"additionalProperties\":false}",
     OBJECT_OUT, payment_create_verb, "pool.pool"},
    {"payment.claims_run", VERB_WRITE, "payments.prepare", "POST", "/api/payment-runs/claims",
     "Make a run of the one-off payments of a pool that are payable on a day", "建立某统筹区非周期发放批次",
     "{\"type\":\"object\",\"properties\":{\"pool\":{\"type\":\"integer\",\"minimum\":1},\"day\":{\"type\":\"string\","
     "\"format\":"
     "\"date\"}},\"required\":[\"pool\"],\"additionalProperties\":false}",
     OBJECT_OUT, payment_claims_run_verb, "pool.pool"},
    {"payment.list", VERB_READ, "payments.read", "GET", "/api/payment-runs", "Payment runs, newest first", "发放批次列表",
     "{\"type\":\"object\",\"properties\":{\"pool\":{\"type\":\"integer\"},\"kind\":{\"type\":\"string\",\"enum\":[\"month\","
     "\"claims\"]}," PAGE_IN "},\"additionalProperties\":false}",
     OBJECT_OUT, payment_list_verb, SCOPE_EVERYWHERE},
    {"payment.get", VERB_READ, "payments.read", "GET", "/api/payment-runs/{run}", "A payment run with its totals and files",
     "发放批次", RUN_IN, OBJECT_OUT, payment_get_verb, "payment_run.run"},
    {"payment.payments", VERB_READ, "payments.read", "GET", "/api/payment-runs/{run}/payments",
     "Who is paid and who stops, and why", "发放明细",
     "{\"type\":\"object\",\"properties\":{\"run\":{\"type\":\"integer\",\"minimum\":1},\"state\":{\"type\":\"string\","
     "\"maxLength\":16}," PAGE_IN "},\"required\":[\"run\"],\"additionalProperties\":false}",
     OBJECT_OUT, payment_payments_verb, "payment_run.run"},
    {"payment.release", VERB_WRITE, "payments.release", "POST", "/api/payment-runs/{run}/release",
     "Release a computed run for payment; never by who made it", "放行发放批次（不得由建立人放行）",
     "{\"type\":\"object\",\"properties\":{\"run\":{\"type\":\"integer\",\"minimum\":1},\"pay_day\":{\"type\":\"string\","
     "\"format\":\"date\"}},"
     "\"required\":[\"run\"],\"additionalProperties\":false}",
     OBJECT_OUT, release_verb, "payment_run.run"},
    {"payment.cancel", VERB_WRITE, "payments.cancel", "POST", "/api/payment-runs/{run}/cancel",
     "Cancel a run that is not released", "取消未放行的批次", RUN_IN, OBJECT_OUT, cancel_verb, "payment_run.run"},
    {"payment.file", VERB_WRITE, "payments.file", "POST", "/api/payment-runs/{run}/file",
     "Make the bank files of a released run", "生成银行报盘文件", RUN_IN, OBJECT_OUT, file_verb, "payment_run.run"},
    {"payment.file_get", VERB_READ, "payments.file_read", "GET", "/api/payment-files/{hash}",
     "The bytes of a bank file, derived again and held against its hash", "下载银行报盘文件",
     "{\"type\":\"object\",\"properties\":{\"hash\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}},\"required\":["
     "\"hash\"],"
     "\"additionalProperties\":false}",
     OBJECT_OUT, file_get_verb, "payment_file.hash"},
    {"payment.statement", VERB_WRITE, "payments.reconcile", "POST", "/api/bank-statements", "Post a bank statement (camt.053)",
     "登记银行对账单", "{\"type\":\"object\",\"x-body\":[\"application/xml\",\"text/xml\"]}", OBJECT_OUT, statement_verb,
     SCOPE_OFFICE},
    {"payment.return", VERB_WRITE, "payments.reconcile", "POST", "/api/payment-runs/{run}/return",
     "Post the bank's return file of a run, in the bank's own form", "登记银行回盘文件",
     "{\"type\":\"object\",\"x-body\":[\"text/plain\",\"application/"
     "octet-stream\"],\"properties\":{\"run\":{\"type\":\"integer\","
     "\"minimum\":1}},\"required\":[\"run\"],\"additionalProperties\":false}",
     OBJECT_OUT, payment_return_verb, "payment_run.run"},
    {"payment.check", VERB_WRITE, NULL, NULL, NULL, "Check a computed run against the month before", "比对发放批次与上月",
     OF_RUN, OBJECT_OUT, payment_check_verb, NULL},
    {"payment.state", VERB_WRITE, NULL, NULL, NULL, "How far a run is: its state, what was paid and what came back",
     "发放批次进度", OF_RUN, OBJECT_OUT, payment_state_verb, NULL},
    {.name = NULL},
};
