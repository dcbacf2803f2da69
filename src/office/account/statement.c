/* SPDX-License-Identifier: Apache-2.0
 *
 * The yearly statement (权益记录单) of a person's accounts in a scheme.
 */
#include "office/account/account.h"

#include "office/json.h"

#include <stdlib.h>

struct statement {
        struct call *call;
        int64_t person, year;
        const char *scheme;
        json_t *out;
};

/* What an entry adds to. */
static void entry_put(struct stmt *q, int64_t first, fen_t *opening, fen_t *interest, fen_t *payments, json_t *deposits)
{
        int64_t month = stmt_int(q, 0);
        fen_t amount = stmt_int(q, 3);
        bool earned = str_is(stmt_text(q, 6), "account.interest");

        if (month < first) {
                *opening += amount;
        } else if (earned) {
                *interest += amount;
        } else if (str_is(stmt_text(q, 2), "pension")) {
                *payments -= amount;
        } else {
                json_t *o = json_object();
                put_month(o, "month", (month_t)month);
                put_month(o, "for", (month_t)stmt_int(q, 1));
                put_str(o, "kind", stmt_text(q, 2));
                put_money(o, "amount", amount);
                put_value(o, "employer", stmt_null(q, 4) ? json_null() : json_integer(stmt_int(q, 4)));
                put_value(o, "employer_name",
                          stmt_null(q, 5) ? json_null() : json_stringn(stmt_text(q, 5).p, stmt_text(q, 5).n));
                json_array_append_new(deposits, o);
        }
}

static int rate_put(struct tx *tx, const struct statement *s, int64_t account, json_t *o, struct error *err)
{
        struct stmt *q = NULL;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT l.rate, l.run FROM interest_line l JOIN interest_run r ON r.home = l.home AND r.id = l.run WHERE "
                   "l.home = ?1@int AND l.account = ?2@int AND r.year = ?3@int AND r.state = 'posted'",
                   "iii", (int64_t)s->call->house->home, account, s->year);

        put_value(o, "rate", rc == 1 ? json_stringn(stmt_text(q, 0).p, stmt_text(q, 0).n) : json_null());
        put_value(o, "interest_run", rc == 1 ? json_integer(stmt_int(q, 1)) : json_null());
        return rc < 0 ? rc : 0;
}

#define ENTRIES                                                                                                                \
        "SELECT " ENTRY_MONTH ", e.month, e.kind, e.amount_fen, x.employer, (SELECT MIN(f.name) FROM employer_fact f WHERE "   \
        "f.home = x.home AND f.employer = x.employer AND f.known_to = ?3@int AND f.valid_from <= ?4@int AND f.valid_to > "     \
        "?4@int), COALESCE(o.kind, t.kind) FROM personal_entry e " ENTRY_JOIN                                                  \
        "LEFT JOIN assessment x ON x.home = t.home AND t.ref_kind = 'assessment' AND x.id = t.ref_id WHERE e.home = ?1@int "   \
        "AND e.account = ?2@int AND " ENTRY_MONTH " < ?5@int ORDER BY 1, e.month, e.id"

static int account_put(struct tx *tx, const struct statement *s, int64_t account, json_t *o, struct error *err)
{
        int64_t first = s->year * 12;
        fen_t opening = 0, interest = 0, payments = 0, closing = 0;
        json_t *deposits = json_array();
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err, ENTRIES, "iiiii", (int64_t)s->call->house->home, account, (int64_t)INSTANT_END,
                          (int64_t)clock_today(s->call->house->clock), first + 12);

        while ((rc = row_next(rc, q, err)) == 1) {
                closing += stmt_int(q, 3);
                entry_put(q, first, &opening, &interest, &payments, deposits);
        }
        put_money(o, "opening", opening);
        put_value(o, "deposits", deposits);
        put_money(o, "payments", payments);
        put_money(o, "interest", interest);
        put_money(o, "closing", closing);
        return rc < 0 ? rc : rate_put(tx, s, account, o, err);
}

/* Months of the year that are covered, and those that are not. */
static int months_put(struct tx *tx, const struct statement *s, struct error *err)
{
        struct contribution_run *runs = NULL;
        size_t count = 0;
        json_t *covered = json_array(), *gaps = json_array();
        int rc = contribution_history(tx, s->call->house->home, s->person, s->scheme, &runs, &count, err);

        for (month_t m = (month_t)(s->year * 12); rc == 0 && m < (month_t)(s->year * 12 + 12); m++) {
                bool paid = false;
                char text[16];
                for (size_t i = 0; i < count; i++)
                        paid = paid || (runs[i].from <= m && m < runs[i].to);
                json_array_append_new(paid ? covered : gaps, json_string(month_text(m, text)));
        }
        free(runs);
        put_value(s->out, "covered", covered);
        put_value(s->out, "gaps", gaps);
        return rc;
}

static int statement_read(struct tx *tx, void *ctx, struct error *err)
{
        struct statement *s = ctx;
        json_t *accounts = json_array(), *o;
        struct stmt *q = NULL;
        size_t i;
        int rc =
            tx_query(&q, tx, err,
                     "SELECT a.id, a.pool, p.name_zh, p.name_en FROM personal_account a JOIN pool p ON p.id = a.pool WHERE "
                     "a.home = ?1@int AND a.person = ?2@int AND a.scheme = ?3@text ORDER BY a.id",
                     "iit", (int64_t)s->call->house->home, s->person, s->scheme);

        json_object_clear(s->out);
        put_int(s->out, "person", s->person);
        put_text(s->out, "scheme", s->scheme);
        put_int(s->out, "year", s->year);
        while ((rc = row_next(rc, q, err)) == 1) {
                o = json_object();
                put_int(o, "account", stmt_int(q, 0));
                put_int(o, "pool", stmt_int(q, 1));
                put_str(o, "pool_name", stmt_text(q, s->call->who.lang == LANG_ZH ? 2 : 3));
                json_array_append_new(accounts, o);
        }
        json_array_foreach(accounts, i, o) if (rc == 0) rc =
            account_put(tx, s, json_integer_value(json_object_get(o, "account")), o, err);
        put_value(s->out, "accounts", accounts);
        return rc == 0 ? months_put(tx, s, err) : rc;
}

int account_statement(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct statement s = {.call = c,
                              .person = json_int_or(in, "person", 0),
                              .year = json_int_or(in, "year", 0),
                              .scheme = json_text_or(in, "scheme", "EP"),
                              .out = json_object()};
        int rc = s.out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, statement_read, &s, err);

        if (rc < 0)
                json_decref(s.out);
        else
                *out = s.out;
        return rc;
}
