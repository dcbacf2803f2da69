/* SPDX-License-Identifier: Apache-2.0
 *
 * What was assessed is handed to who collects it (税务机关): a table of the assessments of a declaration, kept as a document of the
 * case by its hash. What the collector's own system takes is not public; the columns are what it needs to collect and report back.
 */
#include "office/contribution/contribution.h"

#include "office/json.h"

struct transfer {
        struct call *call;
        int64_t declaration;
        struct declaration d;
        struct employer employer;
        struct buf csv;
        fen_t amount;
        int64_t rows;
};

static int transfer_rows(struct tx *tx, struct transfer *t, struct error *err)
{
        struct stmt *q = NULL;
        char month[16], due[16], employer[24], person[24], line[512];
        int rc = tx_query(&q, tx, err,
                          "SELECT id, scheme, workers, employer_fen, person_fen FROM assessment WHERE home = ?1@int AND "
                          "declaration = ?2@int ORDER BY scheme, id",
                          "ii", (int64_t)t->call->house->home, t->declaration);

        while ((rc = row_next(rc, q, err)) == 1) {
                struct str scheme = stmt_text(q, 1);
                t->amount += stmt_int(q, 3) + stmt_int(q, 4);
                t->rows++;
                buf_add_text(&t->csv,
                             text_format(line, sizeof line, "%lld,%s,%s,%.*s,%lld,%s,%s,%s\n", (long long)stmt_int(q, 0),
                                         t->employer.uscc, month_text(t->d.month, month), (int)scheme.n, scheme.p,
                                         (long long)stmt_int(q, 2), money_text(stmt_int(q, 3), employer),
                                         money_text(stmt_int(q, 4), person), day_text(t->d.due_day, due)));
        }
        return rc;
}

static int transfer_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct transfer *t = ctx;
        int64_t document = 0;
        char title[320], month[16];
        int rc = declaration_read(tx, c->house->home, t->declaration, &t->d, err);

        if (rc == 0)
                rc = employer_read(tx, c->house, c->house->home, t->d.employer, &t->employer, err);
        buf_clear(&t->csv);
        buf_add_text(&t->csv, "assessment,uscc,month,scheme,workers,employer,person,due_day\n");
        t->amount = 0;
        t->rows = 0;
        if (rc == 0)
                rc = transfer_rows(tx, t, err);
        if (rc == 0)
                rc = buf_check(&t->csv, err);
        text_format(title, sizeof title, "征收移交清册 %s %s", t->employer.name, month_text(t->d.month, month));
        if (rc == 0)
                rc = document_store(tx, c, "collection-transfer", 0, "declaration", t->declaration, title, "text/csv",
                                    (struct str){t->csv.p, t->csv.n}, &document, err);
        if (rc < 0)
                return rc;
        change->subject_kind = "declaration";
        change->subject = t->declaration;
        json_t *o = json_object();
        put_int(o, "document", document);
        put_int(o, "assessments", t->rows);
        put_money(o, "amount", t->amount);
        put_day(o, "due_day", t->d.due_day);
        change->audit = json_deep_copy(o);
        *out = o;
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int contribution_transfer(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct transfer t = {.call = c};
        int rc = json_get_int(in, "declaration", true, &t.declaration, err);

        buf_init(&t.csv, 65536);
        if (rc == 0)
                rc = verb_change(c, registry_find(c->house->verbs, "contribution.transfer"), in, transfer_apply, &t, out, err);
        buf_dispose(&t.csv);
        return rc;
}
