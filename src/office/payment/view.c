/* SPDX-License-Identifier: Apache-2.0
 *
 * What people see of payment runs.
 */
#include "office/json.h"

#include "office/payment/claim.h"

#include <string.h>

struct view {
        struct call *call;
        int64_t run, pool, after;
        const char *state, *kind;
        int limit;
        json_t *out, *items;
        char next[48];
};

static void run_put(json_t *o, const struct payment_run *r, const struct pool *pool, enum lang lang)
{
        char number[32], hex[65];

        put_int(o, "id", r->id);
        put_text(o, "number", readable_number(PAYMENT_RUN_PREFIX, r->home, r->id, number));
        put_int(o, "pool", r->pool);
        put_text(o, "pool_name", lang == LANG_EN ? pool->name_en : pool->name_zh);
        put_month(o, "month", r->month);
        put_int(o, "sequence", r->sequence);
        put_text(o, "kind", r->kind);
        put_text(o, "state", r->state);
        put_int(o, "due_count", r->due_count);
        put_money(o, "due", r->due);
        put_int(o, "stopped_count", r->stopped_count);
        put_money(o, "account", r->account);
        put_money(o, "fund", r->fund);
        put_text(o, "list_hash", hash_hex(&r->list_hash, hex));
        if (r->pay_day)
                put_day(o, "pay_day", r->pay_day);
        else
                put_value(o, "pay_day", json_null());
}

static int staff_put(struct tx *tx, json_t *o, const char *name, int64_t staff, struct error *err)
{
        struct stmt *q = NULL;
        json_t *who;
        int rc;

        if (staff == 0) {
                put_value(o, name, json_null());
                return 0;
        }
        rc = tx_one(&q, tx, err, "SELECT display FROM staff WHERE id = ?1@int", "i", staff);
        if (rc < 0)
                return rc;
        who = json_object();
        put_int(who, "id", staff);
        put_str(who, "display", rc == 1 ? stmt_text(q, 0) : STR(""));
        put_value(o, name, who);
        return 0;
}

/* How far the run's own work is: of the newest run row that belongs to it. */
static int progress_put(struct tx *tx, json_t *o, const struct payment_run *r, struct error *err)
{
        char like[64];
        struct stmt *q = NULL;
        json_t *p;
        int64_t started, ended, done;
        int rc;

        text_format(like, sizeof(like), "{\"payment_run\":%lld}", (long long)r->id);
        rc = tx_one(
            &q, tx, err,
            "SELECT id, total, done, started_at, ended_at, state, error FROM run WHERE home = ?1@int AND (id = ?2@int OR "
            "(kind IN ('payment.release', 'payment.file') AND inputs = ?3@text)) ORDER BY created_at DESC, id DESC LIMIT 1",
            "iit", (int64_t)r->home, r->id, like);
        if (rc <= 0)
                return rc;
        p = json_object();
        done = stmt_int(q, 2);
        started = stmt_int(q, 3);
        ended = stmt_int(q, 4);
        put_int(p, "run", stmt_int(q, 0));
        put_int(p, "total", stmt_int(q, 1));
        put_int(p, "done", done);
        put_int(p, "rate", ended > started && started ? done * 1000000 / (ended - started) : 0);
        put_str(p, "state", stmt_text(q, 5));
        if (!stmt_null(q, 6))
                put_str(p, "error", stmt_text(q, 6));
        put_value(o, "progress", p);
        return 0;
}

/* What the bank answered to them; the files stand in the order of their parts. */
static int answers_put(struct tx *tx, json_t *files, const struct payment_run *r, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT b.part, b.lines, b.total_fen, b.returned, b.returned_fen, s.at FROM bank_return b JOIN bank_statement s "
            "ON s.home = b.home AND s.id = b.statement WHERE b.home = ?1@int AND b.run = ?2@int",
            "ii", (int64_t)r->home, r->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *answer = json_object();

                put_int(answer, "paid", stmt_int(q, 1) - stmt_int(q, 3));
                put_money(answer, "paid_sum", stmt_int(q, 2) - stmt_int(q, 4));
                put_int(answer, "returned", stmt_int(q, 3));
                put_money(answer, "returned_sum", stmt_int(q, 4));
                put_instant(answer, "at", stmt_int(q, 5));
                put_value(json_array_get(files, (size_t)stmt_int(q, 0) - 1), "answer", answer);
        }
        return rc;
}

static int files_put(struct tx *tx, json_t *o, const struct payment_run *r, struct error *err)
{
        json_t *files = json_array();
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT hash, name, size FROM payment_file WHERE home = ?1@int AND run = ?2@int ORDER BY name LIMIT 200",
                     "ii", (int64_t)r->home, r->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *f = json_object();
                struct hash h = {{0}};
                char hex[65];

                if (stmt_blob(q, 0).n == HASH_BYTES)
                        memcpy(h.b, stmt_blob(q, 0).p, HASH_BYTES);
                put_text(f, "hash", hash_hex(&h, hex));
                put_str(f, "name", stmt_text(q, 1));
                put_int(f, "size", stmt_int(q, 2));
                json_array_append_new(files, f);
        }
        rc = rc ? rc : answers_put(tx, files, r, err);
        put_value(o, "files", files);
        return rc;
}

static int reasons_put(struct tx *tx, json_t *o, const struct payment_run *r, struct error *err)
{
        json_t *reasons = json_array();
        struct stmt *q = NULL;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT state, reason, COUNT(*), CAST(SUM(amount_fen) AS @int) FROM payment_row WHERE home = ?1@int AND "
                     "month = ?2@int "
                     "AND run = ?3@int AND (reason <> '' OR state = 'returned') GROUP BY state, reason ORDER BY state, reason",
                     "iii", (int64_t)r->home, (int64_t)r->month, r->id);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *x = json_object();
                put_str(x, "state", stmt_text(q, 0));
                put_str(x, "reason", str_is(stmt_text(q, 0), "returned") ? STR("returned") : stmt_text(q, 1));
                put_int(x, "count", stmt_int(q, 2));
                put_money(x, "amount", stmt_int(q, 3));
                json_array_append_new(reasons, x);
        }
        put_value(o, "reasons", reasons);
        return rc;
}

static int ledger_put(struct tx *tx, json_t *o, const struct payment_run *r, struct error *err)
{
        fen_t bank = 0, payable = 0, claims = 0;
        json_t *l;
        int rc = ledger_balance(tx, r->home, r->pool, LEDGER_BANK, DAY_END, &bank, err);

        if (rc == 0)
                rc = ledger_balance(tx, r->home, r->pool, LEDGER_PAYABLE, DAY_END, &payable, err);
        l = json_object();
        put_money(l, "bank", bank);
        put_money(l, "payable", payable == 0 ? 0 : -payable);
        if (rc == 0 && payment_run_claims(r))
                rc = claims_owed(tx, r->home, r->pool, &claims, err);
        put_money(l, "shortfall",
                  bank + payable + claims < r->due && strcmp(r->state, "computed") == 0 ? r->due - bank - payable - claims : 0);
        put_value(o, "ledger", l);
        return rc;
}

static int previous_put(struct tx *tx, json_t *o, const struct payment_run *r, struct error *err)
{
        struct stmt *q = NULL;
        json_t *p;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT id, month, due_count, due_fen, stopped_count FROM payment_run WHERE home = ?1@int AND pool = ?2@int "
                   "AND kind = 'month' AND month < ?3@int AND state IN ('releasing', 'released', 'filed', 'settled') ORDER BY "
                   "month DESC, "
                   "sequence DESC LIMIT 1",
                   "iii", (int64_t)r->home, r->pool, (int64_t)r->month);

        if (rc < 0)
                return rc;
        if (rc == 0 || payment_run_claims(r)) {
                put_value(o, "previous", json_null());
                return 0;
        }
        p = json_object();
        put_int(p, "id", stmt_int(q, 0));
        put_month(p, "month", (month_t)stmt_int(q, 1));
        put_int(p, "count", stmt_int(q, 2));
        put_money(p, "total", stmt_int(q, 3));
        put_int(p, "stopped", stmt_int(q, 4));
        put_value(o, "previous", p);
        return 0;
}

/* Its case, and where that stands: a task of a role at a node. */
static int case_put(struct tx *tx, json_t *o, const struct payment_run *r, struct error *err)
{
        struct stmt *q = NULL;
        int64_t instance = 0;
        int rc = tx_one(&q, tx, err,
                        "SELECT id, number FROM case_any WHERE home = ?1@int AND subject_kind = 'payment_run' AND subject = "
                        "?2@int ORDER BY id DESC LIMIT 1",
                        "ii", (int64_t)r->home, r->id);

        if (rc == 1) {
                instance = stmt_int(q, 0);
                put_int(o, "case", instance);
                put_str(o, "case_number", stmt_text(q, 1));
                rc = tx_one(
                    &q, tx, err,
                    "SELECT id, node, role FROM task WHERE home = ?1@int AND instance = ?2@int AND state = 'open' ORDER BY "
                    "id LIMIT 1",
                    "ii", (int64_t)r->home, instance);
        }
        if (rc == 1) {
                json_t *task = json_object();
                put_int(task, "id", stmt_int(q, 0));
                put_str(task, "node", stmt_text(q, 1));
                put_str(task, "role", stmt_text(q, 2));
                put_value(o, "task", task);
        }
        return rc < 0 ? rc : 0;
}

static int get_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct payment_run r;
        struct pool pool;
        int rc = payment_run_read(tx, v->call->house->home, v->run, &r, err);

        if (rc == 0)
                rc = pool_read(tx, r.pool, &pool, err);
        if (rc)
                return rc;
        json_decref(v->out);
        v->out = json_object();
        run_put(v->out, &r, &pool, v->call->who.lang);
        rc = staff_put(tx, v->out, "entered_by", r.entered_by, err);
        rc = rc ? rc : staff_put(tx, v->out, "released_by", r.released_by, err);
        rc = rc ? rc : progress_put(tx, v->out, &r, err);
        rc = rc ? rc : files_put(tx, v->out, &r, err);
        rc = rc ? rc : reasons_put(tx, v->out, &r, err);
        rc = rc ? rc : ledger_put(tx, v->out, &r, err);
        rc = rc ? rc : case_put(tx, v->out, &r, err);
        return rc ? rc : previous_put(tx, v->out, &r, err);
}

static int view_take(struct view *v, int rc, json_t **out, struct error *err)
{
        if (rc == 0 && !v->out)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0) {
                *out = v->out;
                v->out = NULL;
        }
        json_decref(v->out);
        json_decref(v->items);
        return rc;
}

/* The form of the bank's files (null: ISO 20022), and whether it answers them; of a month that the system before has paid neither. */
static int form_put(struct view *v, struct error *err)
{
        struct payment_law law;
        struct error none = {0};
        json_t *rows = NULL, *row, *form = json_null();
        size_t i;
        int rc = 0;

        if (payment_law_of(v->call->house, v->run, &law, &none) != 0)
                return 0;
        if (*law.payer.layout != '\0')
                rc = pack_table(law.pack, "layouts.csv", &rows, err);
        json_array_foreach(rows, i, row)
        {
                if (strcmp(json_text(row, "layout"), law.payer.layout) == 0)
                        form = json_string(json_text(row, v->call->who.lang == LANG_EN ? "title_en" : "title_zh"));
        }
        json_decref(rows);
        put_value(v->out, "form", form);
        put_value(v->out, "answers", json_boolean(*law.payer.return_layout != '\0'));
        return rc;
}

int payment_get_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c};
        int rc = json_get_int(in, "run", true, &v.run, err);

        rc = rc ? rc : store_read(c->house->store, get_apply, &v, err);
        return view_take(&v, rc ? rc : form_put(&v, err), out, err);
}

static int list_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        int64_t ids[200];
        int n = 0, rc;
        struct stmt *q = NULL;

        json_decref(v->items);
        v->items = json_array();
        rc = tx_query(
            &q, tx, err,
            "SELECT id FROM payment_run WHERE home = ?1@int AND (?2@int = 0 OR pool = ?2@int) AND (?3@int = 0 OR id < ?3@int) "
            "AND state <> 'takeover' AND (?5@text = '' OR kind = ?5@text) ORDER BY id DESC LIMIT ?4@int",
            "iiiit", (int64_t)v->call->house->home, v->pool, v->after, (int64_t)v->limit, v->kind);
        while (rc == 0 && n < 200 && (rc = stmt_step(q, err)) == 1) {
                ids[n++] = stmt_int(q, 0);
                rc = 0;
        }
        for (int i = 0; rc >= 0 && i < n; i++) {
                struct payment_run r;
                struct pool pool;
                json_t *o = json_object();

                rc = payment_run_read(tx, v->call->house->home, ids[i], &r, err);
                rc = rc ? rc : pool_read(tx, r.pool, &pool, err);
                if (rc == 0)
                        run_put(o, &r, &pool, v->call->who.lang);
                json_array_append_new(v->items, o);
        }
        v->next[0] = 0;
        if (n == v->limit)
                text_format(v->next, sizeof(v->next), "%lld", (long long)ids[n - 1]);
        return rc < 0 ? rc : 0;
}

int payment_list_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c, .kind = ""};
        int rc = list_page(in, &v.limit, &v.after, err);

        if (rc == 0)
                rc = json_get_int(in, "pool", false, &v.pool, err);
        if (rc == 0)
                rc = json_get_text(in, "kind", false, &v.kind, err);
        if (rc == 0)
                rc = store_read(c->house->store, list_apply, &v, err);
        if (rc == 0) {
                rc = list_answer(out, v.items, *v.next ? v.next : NULL, err);
                v.items = NULL;
        }
        json_decref(v.items);
        return rc;
}

static void payment_put(struct view *v, struct stmt *q)
{
        json_t *o = json_object();
        char number[32];

        put_int(o, "award", stmt_int(q, 0));
        put_text(o, "number", readable_number('A', v->call->house->home, stmt_int(q, 0), number));
        put_int(o, "person", stmt_int(q, 1));
        put_str(o, "state", stmt_text(q, 2));
        put_str(o, "reason", stmt_text(q, 3));
        put_money(o, "amount", stmt_int(q, 4));
        put_money(o, "account", stmt_int(q, 5));
        put_money(o, "fund", stmt_int(q, 6));
        put_int(o, "months", stmt_int(q, 7));
        put_str(o, "return_code", stmt_text(q, 8));
        json_array_append_new(v->items, o);
        text_format(v->next, sizeof(v->next), "%lld", (long long)stmt_int(q, 0));
}

static int payments_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct view *v = ctx;
        struct house *h = v->call->house;
        struct payment_run r;
        struct stmt *q = NULL;
        int n = 0, rc = payment_run_read(tx, h->home, v->run, &r, err);

        json_decref(v->items);
        v->items = json_array();
        if (rc == 0 && payment_run_claims(&r)) {
                struct claim_page page = {v->run, v->after, v->state, v->limit, v->items, ""};

                rc = claim_page_read(tx, v->call, &page, err);
                text_copy(v->next, sizeof v->next, str_from(page.next));
                return rc;
        }
        if (rc == 0)
                rc = tx_query(
                    &q, tx, err,
                    "SELECT award, person, state, reason, amount_fen, account_fen, fund_fen, months, return_code FROM payment "
                    "WHERE home = ?1@int AND month = ?2@int AND run = ?3@int AND award > ?4@int AND (?5@text = '' OR state = "
                    "?5@text) "
                    "ORDER BY award LIMIT ?6@int",
                    "iiiiti", (int64_t)h->home, (int64_t)r.month, v->run, v->after, v->state, (int64_t)v->limit);
        while ((rc = row_next(rc, q, err)) == 1) {
                payment_put(v, q);
                n++;
        }
        if (n < v->limit)
                v->next[0] = 0;
        for (size_t i = 0; rc == 0 && i < json_array_size(v->items); i++) {
                json_t *o = json_array_get(v->items, i);
                struct error none = {0};
                struct person p;

                if (person_read(tx, h, h->home, json_integer_value(json_object_get(o, "person")), &p, &none) == 0)
                        put_text(o, "name", p.name);
                person_dispose(&p);
        }
        return rc;
}

int payment_payments_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct view v = {.call = c, .state = ""};
        int rc = list_page(in, &v.limit, &v.after, err);

        if (rc == 0)
                rc = json_get_int(in, "run", true, &v.run, err);
        if (rc == 0)
                rc = json_get_text(in, "state", false, &v.state, err);
        if (rc == 0)
                rc = store_read(c->house->store, payments_apply, &v, err);
        if (rc == 0) {
                rc = list_answer(out, v.items, *v.next ? v.next : NULL, err);
                v.items = NULL;
        }
        json_decref(v.items);
        return rc;
}
