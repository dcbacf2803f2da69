/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process P21 asks of a payment run: is it what was to be expected after the month before (for the reviewers, who see the
 * findings), and how far is it.
 */
#include "office/json.h"
#include "office/payment/payment.h"

#include <string.h>

struct asked {
        struct call *call;
        int64_t run;
        struct payment_run row;
        json_t *inputs, *out;
};

static int count_of(struct tx *tx, const char *sql, const struct asked *a, int64_t *count, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, sql, "iiiii", (int64_t)a->row.home, (int64_t)a->row.month, a->run,
                        (int64_t)month_first(a->row.month), (int64_t)INSTANT_END);

        *count = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

/* ?4: the first day of the month; a death before it ends the benefit. ?5: the end of time. */
#define DEAD                                                                                                                   \
        "SELECT COUNT(*) FROM payment y JOIN person_fact f ON f.home = y.home AND f.person = y.person AND f.known_to = "       \
        "?5@int AND f.death_day < ?4@int AND f.valid_from <= ?4@int AND f.valid_to > ?4@int WHERE y.home = "                   \
        "?1@int AND y.month = ?2@int AND y.run = ?3@int AND y.state = 'due'"
#define TWICE                                                                                                                  \
        "SELECT COUNT(*) FROM (SELECT person FROM payment WHERE home = ?1@int AND month = ?2@int AND run = ?3@int AND state "  \
        "= 'due' AND ?4@int < ?5@int GROUP BY person HAVING COUNT(*) > 1) x"

static int previous_put(struct tx *tx, struct asked *a, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT due_count, due_fen FROM payment_run WHERE home = ?1@int AND pool = ?2@int AND kind = 'month' AND month "
            "< ?3@int AND state IN ('releasing', 'released', 'filed', 'settled') ORDER BY month DESC, sequence LIMIT 1",
            "iii", (int64_t)a->row.home, a->row.pool, (int64_t)a->row.month);

        if (rc == 1 && payment_run_claims(&a->row)) /* it has no month before it */
                rc = 0;
        put_bool(a->inputs, "before_known", rc == 1);
        put_int(a->inputs, "persons_before", rc == 1 ? stmt_int(q, 0) : 0);
        put_money(a->inputs, "amount_before", rc == 1 ? stmt_int(q, 1) : 0);
        return rc < 0 ? rc : 0;
}

static int check_read(struct tx *tx, void *ctx, struct error *err)
{
        struct asked *a = ctx;
        int64_t dead = 0, twice = 0;
        fen_t bank = 0, payable = 0;
        int rc = payment_run_read(tx, a->call->house->home, a->run, &a->row, err);

        json_object_clear(a->inputs);
        if (rc == 0)
                rc = previous_put(tx, a, err);
        if (rc == 0)
                rc = count_of(tx, DEAD, a, &dead, err);
        if (rc == 0)
                rc = count_of(tx, TWICE, a, &twice, err);
        if (rc == 0)
                rc = ledger_balance(tx, a->row.home, a->row.pool, LEDGER_BANK, DAY_END, &bank, err);
        if (rc == 0)
                rc = ledger_balance(tx, a->row.home, a->row.pool, LEDGER_PAYABLE, DAY_END, &payable, err);
        put_int(a->inputs, "persons", a->row.due_count);
        put_money(a->inputs, "amount", a->row.due);
        put_int(a->inputs, "dead", dead);
        put_int(a->inputs, "twice", twice);
        put_money(a->inputs, "funds", bank + payable);
        return rc;
}

int payment_check_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.call = c, .inputs = json_object()};
        json_t *facts = json_object();
        struct office_check check = {
            .verb = "payment.check", .name = "payment", .subject_kind = "payment_run", .inputs = a.inputs, .facts = facts};
        int rc = a.inputs == NULL || facts == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                                                   : json_get_int(in, "run", true, &a.run, err);

        if (rc == 0)
                rc = store_read(c->house->store, check_read, &a, err);
        put_int(facts, "persons", a.row.due_count);
        put_money(facts, "amount", a.row.due);
        check.pool = a.row.pool;
        check.subject = a.run;
        if (rc == 0)
                rc = office_check(c, in, &check, out, err);
        json_decref(a.inputs);
        json_decref(facts);
        return rc;
}

static int state_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct asked *a = ctx;
        struct stmt *q;
        int rc = payment_run_read(tx, c->house->home, a->run, &a->row, err);

        if (rc == 0)
                rc = tx_one(&q, tx, err,
                            "SELECT COUNT(*), CAST(COALESCE(SUM(amount_fen), 0) AS @int) FROM payment_row WHERE home = ?1@int "
                            "AND month = ?2@int AND run = ?3@int AND state = 'returned'",
                            "iii", (int64_t)a->row.home, (int64_t)a->row.month, a->run);
        if (rc < 0)
                return rc;
        json_t *o = json_object();
        put_text(o, "state", a->row.state);
        put_int(o, "persons", a->row.due_count);
        put_money(o, "amount", a->row.due);
        put_int(o, "returned", stmt_int(q, 0));
        put_money(o, "returned_amount", stmt_int(q, 1));
        change->subject_kind = "payment_run";
        change->subject = a->run;
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int payment_state_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asked a = {.call = c};
        int rc = json_get_int(in, "run", true, &a.run, err);

        return rc < 0 ? rc : verb_change(c, registry_find(c->house->verbs, "payment.state"), in, state_apply, &a, out, err);
}
