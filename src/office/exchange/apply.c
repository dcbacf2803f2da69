/* SPDX-License-Identifier: Apache-2.0
 *
 * What the lines of a message come to. Each kind of content has a function here; a line that cannot be applied stays open with the reason
 * and is tried again when the batch is replayed.
 */
#include "office/exchange/match.h"

#include "engine/layout/layout.h"

#include <string.h>

static fen_t amount_of(const json_t *row)
{
        return json_int_or(row, "amount", 0);
}

static month_t month_of_row(const json_t *row)
{
        month_t m = 0;
        struct error none = {0};

        return json_get_month(row, "month", false, &m, &none) == 0 ? m : 0;
}

static int employer_by(struct tx *tx, struct applying *a, const json_t *row, int64_t *employer, struct error *err)
{
        int32_t home = 0;
        int rc = employer_find(tx, str_from(json_text(row, "uscc")), &home, employer, err);

        if (rc == 1 && home != a->call->house->home)
                rc = 0;
        if (rc == 0)
                *employer = 0;
        return rc < 0 ? rc : 0;
}

static int leave_open(struct line *l, int code)
{
        l->state = "open";
        l->code = code;
        return 0;
}

/* --- money ------------------------------------------------------------------------------------------------------------------------- */

/* Booked before under this reference, at the counter or by a bank statement: this message is the proof of it. 1, 0, ERR. */
static int booked_before(struct tx *tx, struct applying *a, struct line *l, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT id, amount_fen, employer FROM receipt WHERE home = ?1@int AND bank_ref = ?2@text",
                        "it", (int64_t)a->call->house->home, l->reference);

        if (rc != 1)
                return rc;
        if (stmt_int(q, 1) != l->amount || stmt_int(q, 2) != l->subject)
                return leave_open(l, SB_EXCHANGE_REFERENCE), 1;
        l->result_kind = "receipt";
        l->result = stmt_int(q, 0);
        return 1;
}

static int receipt_book(struct tx *tx, struct applying *a, struct line *l, day_t day, struct error *err)
{
        int64_t instance;
        int rc = booked_before(tx, a, l, err);

        if (rc == 0) {
                l->state = "applied";
                l->result_kind = "receipt";
                rc = receipt_post(tx, a->call, l->subject, l->amount, day, l->reference, &l->result, &instance, err);
        }
        return rc < 0 ? rc : 0;
}

/* What a side says of money by its reference; the first word holds. *first: nothing was said of it before this line. */
static int money_claim(struct tx *tx, struct applying *a, const json_t *row, const char *side, struct line *l,
                       struct error *err)
{
        bool same = false;
        struct claim k = {.side = side,
                          .key = l->reference,
                          .scheme = "",
                          .employer = l->subject,
                          .month = month_of_row(row),
                          .amount = l->amount,
                          .day = json_day_or(row, "day", clock_today(a->call->house->clock)),
                          .batch = l->batch,
                          .line = l->line};
        int rc = claim_once(tx, a->call->house->home, &k, &same, err);

        if (rc == 1 && !same) {
                leave_open(l, SB_EXCHANGE_REFERENCE);
                return alarm_open(tx, a->call->house, a->feed->name, "reference", l->line, l->batch, SB_EXCHANGE_REFERENCE,
                                  err);
        }
        if (rc == 1)
                l->state = "known";
        return rc < 0 ? rc : 0;
}

static int receipts_line(struct tx *tx, struct applying *a, const json_t *row, struct line *l, struct error *err)
{
        int rc = employer_by(tx, a, row, &l->subject, err);

        rc = rc ? rc : money_claim(tx, a, row, "paid", l, err);
        if (rc < 0 || strcmp(l->state, "open") == 0)
                return rc;
        if (l->subject == 0)
                return leave_open(l, SB_EXCHANGE_EMPLOYER);
        if (l->amount <= 0)
                return leave_open(l, SB_EXCHANGE_AMOUNT);
        return receipt_book(tx, a, l, json_day_or(row, "day", clock_today(a->call->house->clock)), err);
}

/* Paid back by who collects: told, and a difference until the office has booked it too. */
static int refunds_line(struct tx *tx, struct applying *a, const json_t *row, struct line *l, struct error *err)
{
        int rc = employer_by(tx, a, row, &l->subject, err);

        l->amount = -l->amount;
        l->state = "noted";
        return rc ? rc : money_claim(tx, a, row, "paid", l, err);
}

static int treasury_line(struct tx *tx, struct applying *a, const json_t *row, struct line *l, struct error *err)
{
        int rc = employer_by(tx, a, row, &l->subject, err);

        l->state = "noted";
        return rc ? rc : money_claim(tx, a, row, "treasury", l, err);
}

/* --- what is owed ----------------------------------------------------------------------------------------------------------------- */

static int due_line(struct tx *tx, struct applying *a, const json_t *row, struct line *l, struct error *err)
{
        char key[CLAIM_KEY];
        struct claim k = {.side = "due",
                          .scheme = json_text(row, "scheme"),
                          .month = month_of_row(row),
                          .amount = l->amount,
                          .day = clock_today(a->call->house->clock),
                          .batch = l->batch,
                          .line = l->line};
        int rc = employer_by(tx, a, row, &l->subject, err);

        k.employer = l->subject;
        k.key = claim_key(key, json_text(row, "uscc"), k.scheme, k.month);
        l->state = "noted";
        return rc ? rc : claim_set(tx, a->call->house->home, &k, err);
}

static int record_line(struct tx *tx, struct applying *a, const json_t *row, struct line *l, struct error *err)
{
        (void)tx;
        (void)a;
        (void)row;
        (void)err;
        l->state = "noted";
        return 0;
}

/* --- all ---------------------------------------------------------------------------------------------------------------------------- */

static const struct content {
        const char *name, *fields; /* what each line of the layout must have */
        int (*line)(struct tx *tx, struct applying *a, const json_t *row, struct line *l,
                    struct error *err); /* NULL: it goes out */
        bool personal;
} CONTENTS[] = {
    {"receipts", "reference uscc amount day", receipts_line, false},
    {"refunds", "reference uscc amount day", refunds_line, false},
    {"treasury", "reference amount day", treasury_line, false},
    {"due", "uscc scheme month amount", due_line, false},
    {"deaths", "id_number name birth day", match_line, true},
    {"prisoners", "id_number name birth from", match_line, true},
    {"record", "", record_line, true},
    {"registrations", "uscc", NULL, false},
    {"assessments", "uscc scheme month amount", NULL, false},
};

static const struct content *content_of(const char *name)
{
        for (size_t i = 0; i < sizeof CONTENTS / sizeof CONTENTS[0]; i++)
                if (strcmp(CONTENTS[i].name, name) == 0)
                        return &CONTENTS[i];
        return &CONTENTS[6]; /* kept as it came */
}

bool content_personal(const char *content)
{
        return content_of(content)->personal;
}

static bool layout_has(const struct layout *l, struct str name)
{
        struct layout_field f;

        for (size_t i = 0; layout_field_at(l, "line", i, &f); i++)
                if (str_is(name, f.name) && !f.own)
                        return true;
        return false;
}

int content_check(const struct feed *f, const struct layout *l, struct error *err)
{
        for (const char *p = content_of(f->content)->fields; *p != '\0';) {
                struct str name = {p, strcspn(p, " ")};

                if (!layout_has(l, name))
                        return error_raise(err, SB_EXCHANGE_FIELD, "%s|%.*s", f->layout, (int)name.n, name.p);
                p += name.n;
                p += *p == ' ';
        }
        return 0;
}

int line_write(struct tx *tx, int32_t home, const struct line *l, struct error *err)
{
        return tx_exec(
            tx, err,
            "INSERT INTO exchange_line (home, batch, line, state, reference, subject_kind, subject, confidence, amount_fen, "
            "result_kind, result, code) VALUES (?1@int, ?2@int, ?3@int, ?4@text, ?5@text, ?6@text, ?7@int, ?8@int, ?9@int, "
            "?10@text, ?11@int, ?12@int) ON CONFLICT (home, batch, line) DO UPDATE SET state = excluded.state, subject = "
            "excluded.subject, confidence = excluded.confidence, result_kind = excluded.result_kind, result = "
            "excluded.result, code = excluded.code",
            "iiitttiiitii", (int64_t)home, l->batch, l->line, l->state, l->reference, l->subject_kind, l->subject,
            l->confidence, l->amount, l->result_kind, l->result, (int64_t)l->code);
}

/* Is there nothing to do with it any more? 1, 0, ERR. */
static int line_done(struct tx *tx, struct applying *a, int64_t line, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT 1 FROM exchange_line WHERE home = ?1@int AND batch = ?2@int AND line = ?3@int AND state <> 'open'",
                   "iii", (int64_t)a->call->house->home, a->batch, line);

        return rc;
}

static int line_apply(struct tx *tx, struct applying *a, const json_t *row, int64_t number, struct error *err)
{
        struct line l = {.batch = a->batch,
                         .line = number,
                         .state = "applied",
                         .reference = json_text(row, "reference"),
                         .subject_kind = "employer",
                         .result_kind = "",
                         .confidence = 100,
                         .amount = amount_of(row)};
        int rc = line_done(tx, a, number, err);

        if (rc != 0)
                return rc < 0 ? rc : 0;
        rc = content_of(a->feed->content)->line(tx, a, row, &l, err);
        if (strcmp(l.state, "open") == 0)
                a->open++;
        else
                a->applied++;
        return rc ? rc : line_write(tx, a->call->house->home, &l, err);
}

int batch_apply(struct tx *tx, struct applying *a, const json_t *values, struct error *err)
{
        const json_t *row;
        size_t i;
        int rc = 0;

        a->applied = a->open = 0;
        json_array_foreach(json_object_get(values, "lines"), i, row)
        {
                rc = rc ? rc : line_apply(tx, a, row, (int64_t)i + 1, err);
        }
        return rc;
}
