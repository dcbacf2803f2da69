/* SPDX-License-Identifier: Apache-2.0
 *
 * The bank's answer to one of its files of a run (回盘), in its own form: all of the file leaves the account and settles, what came back is
 * a returned payment, as a statement would have it. It has to answer each payment of the file once and to the fen. Once a file, by its
 * hash, and one answer a file of payments; all of it or nothing. What a statement has posted before, or posts after, is posted once.
 */
#include "office/payment/bank_return.h"
#include "office/payment/statement.h"

#include "engine/layout/layout.h"
#include "office/json.h"

#include <string.h>

#define ARENA_CAP ((size_t)64 << 20)

struct return_work {
        struct posting_work w;
        const struct bank_return *file;
        struct payment_run run;
        int part; /* the file of payments that is answered, from 1 */
        char name[40];
};

/* --- does it fit what was ordered? -------------------------------------------------------------------------------------------- */

static int line_refuse(const struct return_work *x, int64_t award, size_t line, size_t column, const char *why,
                       struct error *err)
{
        char reference[48];
        int rc = error_raise(err, SB_PAYMENT_RETURN_LINE, "%s|%s", payment_reference(x->run.id, award, reference), why);

        if (line > 0)
                error_where(err, "%zu:%zu", line, column);
        return rc;
}

/* Which file of the run it answers: that of its first payment. */
static int part_find(struct return_work *x, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        const char *said = x->file->payment;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT COUNT(*) FROM payment_row WHERE home = ?1@int AND month = ?2@int AND run = ?3@int AND item < ?4@int "
                   "AND state <> 'stopped'",
                   "iiii", (int64_t)x->run.home, (int64_t)x->run.month, x->run.id, x->file->lines[0].award);

        if (rc < 0)
                return rc;
        x->part = (int)(stmt_int(q, 0) / PAYMENT_FILE_ROWS) + 1;
        text_format(x->name, sizeof x->name, "R%lldF%d", (long long)x->run.id, x->part);
        if (*said != '\0' && strcmp(said, x->name) != 0)
                return error_raise(
                    err, SB_PAYMENT_RETURN,
                    ERROR_BOTH("it says that it answers %.60s, its payments are of %s", "文件自称回复%.60s，其付款却属于%s"),
                    said, x->name, said, x->name);
        rc = tx_one(&q, tx, err, "SELECT 1 FROM bank_return WHERE home = ?1@int AND run = ?2@int AND part = ?3@int", "iii",
                    (int64_t)x->run.home, x->run.id, (int64_t)x->part);
        return rc == 1
                   ? error_raise(
                         err, SB_PAYMENT_RETURN,
                         ERROR_BOTH("another one has answered %s before; what has come back since is in the bank's statement",
                                    "%s已有另一份回盘；此后的退回以对账单为准"),
                         x->name, x->name)
                   : rc;
}

static int payment_fits(const struct return_work *x, const struct bank_return_line *line, struct stmt *q, struct error *err)
{
        const struct bank_return *f = x->file;
        int64_t award = stmt_int(q, 0);
        bool back = !str_is(stmt_text(q, 2), "due");

        if (line == NULL || line->award > award)
                return line_refuse(x, award, 0, 0, ERROR_BOTH("the file has no line of it", "文件中没有这一笔"), err);
        if (line->award < award)
                return line_refuse(
                    x, line->award, line->line, f->reference_column,
                    ERROR_BOTH("it is not in the file of payments that this one answers", "不在所回盘的报盘文件中"), err);
        if (line->amount != stmt_int(q, 1))
                return line_refuse(x, award, line->line, f->amount_column,
                                   ERROR_BOTH("its amount is not what was ordered", "金额与报盘不符"), err);
        if (back && *line->code == '\0')
                return line_refuse(
                    x, award, line->line, f->result_column,
                    ERROR_BOTH("it came back by a statement of the bank, and here it is paid", "对账单已作退回，此处却为成功"),
                    err);
        return 0;
}

/* Each payment of the file once, with its amount: both are by award. */
static int lines_check(struct return_work *x, struct tx *tx, struct error *err)
{
        const struct bank_return *f = x->file;
        struct stmt *q = NULL;
        size_t i = 0;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT item, amount_fen, state FROM payment_row WHERE home = ?1@int AND month = ?2@int AND run = ?3@int "
                     "AND state <> 'stopped' ORDER BY item LIMIT ?4@int OFFSET ?5@int",
                     "iiiii", (int64_t)x->run.home, (int64_t)x->run.month, x->run.id, (int64_t)PAYMENT_FILE_ROWS,
                     (int64_t)(x->part - 1) * PAYMENT_FILE_ROWS);

        while ((rc = row_next(rc, q, err)) == 1) {
                rc = payment_fits(x, i < f->count ? &f->lines[i] : NULL, q, err);
                i++;
        }
        if (rc == 0 && i < f->count)
                rc = line_refuse(
                    x, f->lines[i].award, f->lines[i].line, f->reference_column,
                    ERROR_BOTH("it is not in the file of payments that this one answers", "不在所回盘的报盘文件中"), err);
        return rc;
}

/* --- postings ------------------------------------------------------------------------------------------------------------------ */

static struct bank_row *row_begin(struct return_work *x, struct bank_row *row, fen_t amount, const char *reference)
{
        *row = (struct bank_row){.amount = amount, .day = clock_today(x->w.call->house->clock), .state = "", .kind = ""};
        text_copy(row->reference, sizeof row->reference, str_from(reference));
        x->w.row = row;
        x->w.entries++;
        return row;
}

/* Of a run with several files a statement does not say which of them it has settled in part. */
static int parts_check(struct return_work *x, struct tx *tx, fen_t settled, struct error *err)
{
        struct stmt *q = NULL;
        int rc;

        if (settled == 0 || settled == x->run.due || x->run.due_count <= PAYMENT_FILE_ROWS)
                return 0;
        rc = tx_one(
            &q, tx, err,
            "SELECT 1 FROM bank_entry e WHERE e.home = ?1@int AND e.matched_kind = 'payment_run' AND e.matched = ?2@int "
            "AND e.state = 'matched' AND NOT EXISTS (SELECT 1 FROM bank_return b WHERE b.home = e.home AND b.statement = "
            "e.statement) LIMIT 1",
            "ii", (int64_t)x->run.home, x->run.id);
        return rc == 1
                   ? error_raise(
                         err, SB_PAYMENT_RETURN,
                         ERROR_BOTH("statements have settled a part of the run, and do not say of which file; post the rest "
                                    "of %s by statements too",
                                    "对账单已结算该批次的一部分，无法判断属于哪个文件；%s的其余部分也请以对账单登记"),
                         x->name, x->name)
                   : rc;
}

/* The whole file leaves the account, as far as no statement has said so before. */
static int debit_post(struct return_work *x, struct tx *tx, struct error *err)
{
        struct bank_row row;
        fen_t settled = 0, now;
        int rc = statement_settled(tx, &x->w, x->run.id, &settled, err);

        rc = rc ? rc : parts_check(x, tx, settled, err);
        if (rc)
                return rc;
        now = x->run.due - settled < x->file->total ? x->run.due - settled : x->file->total;
        if (now > 0) {
                row_begin(x, &row, -now, x->name);
                rc = statement_settle(tx, &x->w, &x->run, settled, err);
                rc = rc ? rc : statement_row_write(tx, &x->w, err);
        }
        if (rc == 0 && now < x->file->total) {
                row_begin(x, &row, now - x->file->total, x->name);
                statement_proved(&x->w, "payment_run", x->run.id);
                rc = statement_row_write(tx, &x->w, err);
        }
        return rc;
}

static int credit_post(struct return_work *x, struct tx *tx, const struct bank_return_line *line, struct error *err)
{
        struct bank_row row;
        char reference[48];
        struct camt_detail d = camt_nothing;
        int rc;

        d.end_to_end = payment_reference(x->run.id, line->award, reference);
        d.return_code = line->code;
        row_begin(x, &row, line->amount, reference);
        rc = statement_return(tx, &x->w, &d, err);
        if (rc == 0) /* lines_check has seen that it is there, so it came back by a statement */
                statement_proved(&x->w, "payment", line->award);
        return rc < 0 ? rc : statement_row_write(tx, &x->w, err);
}

static int kept(struct return_work *x, struct tx *tx, struct error *err)
{
        const struct bank_return *f = x->file;
        int rc = statement_write(tx, &x->w, err);

        return rc ? rc
                  : tx_exec(
                        tx, err,
                        "INSERT INTO bank_return (home, statement, run, part, lines, total_fen, returned, returned_fen) VALUES "
                        "(?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@int, ?8@int)",
                        "iiiiiiii", (int64_t)x->run.home, x->w.id, x->run.id, (int64_t)x->part, (int64_t)f->count, f->total,
                        (int64_t)f->returned, f->returned_total);
}

/* --- the verb ------------------------------------------------------------------------------------------------------------------- */

static int answer_make(const struct return_work *x, bool new, json_t **out, struct error *err)
{
        const struct bank_return *f = x->file;

        *out = json_object();
        put_int(*out, "id", x->w.id);
        put_text(*out, "file", x->name);
        put_int(*out, "paid", (int64_t)(f->count - f->returned));
        put_money(*out, "paid_sum", f->total - f->returned_total);
        put_int(*out, "returned", (int64_t)f->returned);
        put_money(*out, "returned_sum", f->returned_total);
        put_value(*out, "new", json_boolean(new));
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* The same bytes came before. 1, 0, ERR. */
static int known_find(struct return_work *x, struct tx *tx, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT s.id, b.part FROM bank_statement s JOIN bank_return b ON b.home = s.home AND b.statement = s.id "
                   "WHERE s.home = ?1@int AND s.hash = ?2@blob AND b.run = ?3@int",
                   "ibi", (int64_t)x->run.home, hash_str(&x->w.hash), x->run.id);

        if (rc == 1) {
                x->w.id = stmt_int(q, 0);
                text_format(x->name, sizeof x->name, "R%lldF%lld", (long long)x->run.id, (long long)stmt_int(q, 1));
        }
        return rc;
}

static int file_post(struct return_work *x, struct tx *tx, struct error *err)
{
        struct posting_work *w = &x->w;
        const struct camt_statement *asked = w->statement;
        struct camt_statement s = *asked;
        int rc = 0;

        w->entries = w->matched = w->returned = w->line = 0;
        w->account = (struct account){.pools = {x->run.pool}, .count = 1};
        if (strcmp(x->run.state, "filed") != 0 && strcmp(x->run.state, "settled") != 0)
                rc = error_raise(err, SB_PAYMENT_STATE, "%s|%s", x->run.state, "filed");
        rc = rc ? rc : part_find(x, tx, err);
        rc = rc ? rc : lines_check(x, tx, err);
        rc = rc ? rc : ids_next(w->call->house->ids, &w->id, err);
        rc = rc ? rc : debit_post(x, tx, err);
        for (size_t i = 0; rc == 0 && i < x->file->count; i++)
                if (*x->file->lines[i].code != '\0')
                        rc = credit_post(x, tx, &x->file->lines[i], err);
        s.id = x->name;
        w->statement = &s;
        rc = rc ? rc : kept(x, tx, err);
        w->statement = asked;
        return rc;
}

static int return_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct return_work *x = ctx;
        int known = known_find(x, tx, err), rc = known < 0 ? known : 0;

        (void)c;
        if (known == 0) {
                rc = payment_run_read(tx, x->run.home, x->run.id, &x->run, err);
                rc = rc ? rc : file_post(x, tx, err);
        }
        rc = rc ? rc : answer_make(x, known == 0, out, err);
        if (rc)
                return rc;
        change->subject_kind = "payment_run";
        change->subject = x->run.id;
        change->audit = json_incref(*out);
        return 0;
}

/* The same request is that of the same bytes. */
static int file_change(struct call *c, struct return_work *x, json_t **out, struct error *err)
{
        char hex[65];
        json_t *in = json_pack("{s:I,s:s}", "run", (json_int_t)x->run.id, "hash", hash_hex(&x->w.hash, hex));
        int rc = in == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        rc = rc ? rc : case_change(c, registry_find(c->house->verbs, "payment.return"), in, return_apply, x, out, err);
        json_decref(in);
        return rc;
}

int payment_return_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct payment_law law;
        struct return_work x = {.w.call = c, .w.hash = hash_of(c->body.p ? c->body.p : "", c->body.n)};
        struct arena *a = arena_new(ARENA_CAP);
        struct layout *layout = NULL;
        struct bank_return file;
        struct camt_statement s = {.account = law.payer.account, .id = ""};
        int64_t run = 0;
        int rc = a ? json_get_int(in, "run", true, &run, err) : error_raise(err, SB_MEMORY, "%s", "");

        rc = rc ? rc : payment_law_of(c->house, run, &law, err);
        if (rc == 0 && *law.payer.return_layout == '\0')
                rc = error_raise(
                    err, SB_PAYMENT_RETURN,
                    ERROR_BOTH("the pack has no layout of return files for the pool %s (pools.csv, return_layout); post the "
                               "bank's statement",
                               "政策包没有统筹区%s的回盘格式（pools.csv的return_layout）；请登记银行对账单"),
                    law.pool.code, law.pool.code);
        rc = rc ? rc : pack_layout(law.pack, law.payer.return_layout, &layout, err);
        rc = rc ? rc : bank_return_read(&file, a, layout, c->body, run, err);
        if (rc == 0) {
                x.file = &file;
                x.w.statement = &s;
                x.run.home = law.home;
                x.run.id = run;
                rc = file_change(c, &x, out, err);
        }
        layout_free(layout);
        arena_free(a);
        return rc;
}
