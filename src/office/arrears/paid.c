/* SPDX-License-Identifier: Apache-2.0
 *
 * Late fees as money pays them; asked by contribution in the transaction of the receipt.
 */
#include "office/arrears/arrears.h"

#include "office/json.h"

int late_fee_next(struct tx *tx, int32_t home, int64_t employer, bool first, struct late_fee_open *out, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT f.id, f.pool, f.fee_fen - f.received_fen FROM late_fee f WHERE f.home = ?1@int AND f.employer = "
                   "?2@int AND f.state = 'open' AND f.fee_first >= ?3@int ORDER BY f.from_day, f.id LIMIT 1",
                   "iii", (int64_t)home, employer, (int64_t)first);

        if (rc == 1)
                *out = (struct late_fee_open){stmt_int(q, 0), stmt_int(q, 1), stmt_int(q, 2)};
        return rc;
}

int late_fee_pay(struct tx *tx, struct house *h, const struct late_fee_open *fee, const struct late_fee_payment *p,
                 struct error *err)
{
        int64_t id;
        int rc = ids_next(h->ids, &id, err);

        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "INSERT INTO late_fee_allocation (home, id, receipt, late_fee, amount_fen, txn, at) VALUES (?1@int, "
                    "?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@int)",
                    "iiiiiii", (int64_t)h->home, id, p->receipt, fee->id, p->amount, p->transaction,
                    (int64_t)clock_now(h->clock));
        return rc < 0
                   ? rc
                   : tx_exec(tx, err,
                             "UPDATE late_fee SET received_fen = received_fen + ?3@int, state = ?4@text, version = version + "
                             "1 WHERE home = ?1@int AND id = ?2@int",
                             "iiit", (int64_t)h->home, fee->id, p->amount, p->amount == fee->open ? "paid" : "open");
}

int late_fee_owed(struct tx *tx, int32_t home, int64_t employer, fen_t *out, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT CAST(COALESCE(SUM(fee_fen - received_fen), 0) AS @int) FROM late_fee WHERE home = ?1@int AND "
                        "employer = ?2@int AND state = 'open'",
                        "ii", (int64_t)home, employer);

        *out = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

int late_fees_of_receipt(struct tx *tx, int32_t home, int64_t receipt, json_t *items, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT f.id, a.scheme, a.month, l.amount_fen FROM late_fee_allocation l JOIN late_fee f ON f.home = "
                          "l.home AND f.id = l.late_fee JOIN assessment a ON a.home = f.home AND a.id = f.assessment WHERE "
                          "l.home = ?1@int AND l.receipt = ?2@int ORDER BY a.month, f.id",
                          "ii", (int64_t)home, receipt);

        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_int(o, "late_fee", stmt_int(q, 0));
                put_str(o, "scheme", stmt_text(q, 1));
                put_month(o, "month", (month_t)stmt_int(q, 2));
                put_money(o, "amount", stmt_int(q, 3));
                json_array_append_new(items, o);
        }
        return rc;
}

/* --- nothing is owed any more -------------------------------------------------------------------------------------------------- */

static int overdue(struct tx *tx, struct house *h, int64_t employer, fen_t *fees, bool *out, struct error *err)
{
        struct stmt *q;
        int rc = late_fee_owed(tx, h->home, employer, fees, err);

        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT 1 FROM assessment a JOIN declaration d ON d.home = a.home AND d.id = a.declaration WHERE "
                            "a.home = ?1@int AND a.employer = ?2@int AND a.state = 'open' AND d.due_day < ?3@int LIMIT 1",
                            "iii", (int64_t)h->home, employer, (int64_t)clock_today(h->clock));
        *out = rc == 1 || *fees > 0;
        return rc < 0 ? rc : 0;
}

int arrears_settled(struct tx *tx, struct call *c, int64_t employer, struct error *err)
{
        struct house *h = c->house;
        json_t *body = json_object();
        fen_t fees = 0;
        bool owes = true;
        char key[32];
        int rc = overdue(tx, h, employer, &fees, &owes, err);

        put_day(body, "day", clock_today(h->clock));
        if (rc == 0 && !owes)
                rc = tx_exec(
                    tx, err,
                    "UPDATE arrears_order SET state = 'settled', version = version + 1 WHERE home = ?1@int AND employer "
                    "= ?2@int AND state IN ('open', 'enforced')",
                    "ii", (int64_t)h->home, employer);
        if (rc == 0 && !owes)
                rc = case_message(tx, c, "arrears.settled", text_format(key, sizeof key, "%lld", (long long)employer), body,
                                  err);
        json_decref(body);
        return rc;
}
