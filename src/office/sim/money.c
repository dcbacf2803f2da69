/* SPDX-License-Identifier: Apache-2.0
 *
 * Contributions: declared, estimated, received at the counter and by the bank's statement; and what else a statement says.
 */
#include "office/sim/internal.h"

#include <stdlib.h>
#include <string.h>

static struct m_declaration *declaration_add(struct world *w, int count)
{
        struct model *m = w->m;

        if (m->declaration_count == DECLARATIONS_MAX) {
                sim_fail(w, "the model has no room: DECLARATIONS_MAX");
                return NULL;
        }
        struct m_declaration *d = &m->declarations[m->declaration_count];
        *d = (struct m_declaration){.count = count, .lines = calloc((size_t)count, sizeof(struct m_line))};
        if (d->lines == NULL) {
                sim_fail(w, "no memory");
                return NULL;
        }
        m->declaration_count++;
        return d;
}

/* A month that nobody declared in time. */
static void estimate(struct world *w, struct m_employer *e, month_t month, int clerk)
{
        static const enum error_code no[] = {SB_CONTRIBUTION_NOT_LATE, SB_CONTRIBUTION_NO_BEFORE, SB_CONTRIBUTION_DECLARED,
                                             SB_OK};
        const struct m_declaration *before = NULL;
        json_t *answer = NULL;
        char text[16];

        json_t *in = json_pack("{s:I,s:s}", "employer", (json_int_t)e->id, "month", month_text(month, text));
        if (!allowed(w, ask(w, clerk, "contribution.estimate", in, &answer), "contribution.estimate", no)) {
                json_decref(answer);
                return;
        }
        for (int i = 0; i < w->m->declaration_count; i++)
                if (w->m->declarations[i].employer == e->id && w->m->declarations[i].month == month - 1 &&
                    w->m->declarations[i].state == M_ASSESSED)
                        before = &w->m->declarations[i];
        struct m_declaration *d = before == NULL ? NULL : declaration_add(w, before->count);
        if (d == NULL) {
                sim_fail(w, "%s was estimated from nothing", text);
        } else {
                memcpy(d->lines, before->lines, (size_t)before->count * sizeof *d->lines);
                d->id = number_of(answer, "declaration");
                d->employer = e->id;
                d->month = month;
                d->clerk = clerk;
                d->estimated = true;
                d->state = M_POSTED;
                d->instance = number_of(answer, "case");
                case_opened(w, answer, "P07", d->id);
                e->declared = month;
        }
        json_decref(answer);
}

static json_t *lines_make(struct world *w, const struct m_employer *e, month_t month, struct m_line *lines, int *count)
{
        json_t *list = json_array();
        char wage[24];

        *count = 0;
        for (int i = 0; i < w->m->person_count && *count < LINES; i++) {
                const struct m_person *p = &w->m->persons[i];
                if (p->death < DAY_END || !m_works(w->m, p->id, e->id, month))
                        continue;
                fen_t amount = chance(w, 3) ? 0 : (fen_t)(200000 + pick(w, 3000000));
                lines[(*count)++] = (struct m_line){.person = p->id, .wage = amount};
                json_array_append_new(list,
                                      json_pack("{s:I,s:s}", "person", (json_int_t)p->id, "wage", money_text(amount, wage)));
        }
        return list;
}

/* The next employer in turn that has not declared all it could. */
static struct m_employer *declarer(struct world *w)
{
        month_t now = month_of(clock_today(w->house.clock));

        for (int k = 0, from = pick(w, w->m->employer_count); k < w->m->employer_count; k++) {
                struct m_employer *e = &w->m->employers[(from + k) % w->m->employer_count];
                if (e->declared < now)
                        return e;
        }
        return NULL;
}

static bool assessed(const struct model *m, int64_t employer, month_t month)
{
        for (int i = 0; i < m->declaration_count; i++)
                if (m->declarations[i].employer == employer && m->declarations[i].month == month &&
                    m->declarations[i].state == M_ASSESSED)
                        return true;
        return false;
}

void money_declare(struct world *w)
{
        static const enum error_code no[] = {SB_CONTRIBUTION_DECLARED, SB_CONTRIBUTION_MONTH, SB_OK};
        struct m_employer *e = w->m->employer_count == 0 ? NULL : declarer(w);
        day_t today = clock_today(w->house.clock);
        int clerk = somebody(w, ROLE_CLERK, w->t->counter), count = 0;
        struct m_line lines[LINES];
        json_t *answer = NULL;
        char text[16];

        if (e == NULL || clerk < 0)
                return;
        month_t month = e->declared + 1;
        if (assessed(w->m, e->id, month - 1) ? chance(w, month_of(today) > month + 1 ? 70 : 10) : chance(w, 1)) {
                estimate(w, e, month, clerk);
                return;
        }
        json_t *list = lines_make(w, e, month, lines, &count);
        if (count == 0) {
                json_decref(list);
                e->declared = month; /* nobody works there */
                return;
        }
        json_t *in = json_pack("{s:I,s:s,s:s,s:o}", "employer", (json_int_t)e->id, "month", month_text(month, text), "channel",
                               "api", "lines", list);
        enum error_code code = ask(w, clerk, "contribution.declare", in, &answer);
        if (code == SB_CONTRIBUTION_MONTH)
                e->declared = month; /* too late for that */
        struct m_declaration *d = allowed(w, code, "contribution.declare", no) ? declaration_add(w, count) : NULL;
        if (d != NULL) {
                memcpy(d->lines, lines, (size_t)count * sizeof *d->lines);
                d->id = number_of(answer, "id");
                d->employer = e->id;
                d->month = month;
                d->clerk = clerk;
                d->instance = number_of(answer, "case");
                case_opened(w, answer, "P06", d->id);
                e->declared = month;
        }
        json_decref(answer);
}

/* What the employer owes: of its oldest month, and of all. */
static void owed(const struct world *w, int64_t employer, fen_t *first, fen_t *all)
{
        month_t oldest = MONTH_END;

        *first = *all = 0;
        for (int i = 0; i < w->m->declaration_count; i++) {
                const struct m_declaration *d = &w->m->declarations[i];
                fen_t open = 0;
                if (d->employer != employer || d->state != M_ASSESSED)
                        continue;
                for (int p = 0; p < POOLS; p++)
                        open += d->due[p] - d->received[p];
                *all += open;
                if (open > 0 && d->month < oldest) {
                        oldest = d->month;
                        *first = open;
                }
        }
        for (int i = 0; i < w->m->receipt_count; i++) /* what is on its way already */
                if (w->m->receipts[i].employer == employer)
                        *all -= w->m->receipts[i].amount - w->m->receipts[i].allocated;
}

static fen_t amount_make(struct world *w, int64_t employer)
{
        fen_t first, all;

        owed(w, employer, &first, &all);
        if (all <= 0)
                return chance(w, 3) ? 12345 : 0;
        switch (pick(w, 8)) {
        case 0:
                return all / 2 + 1;
        case 1:
                return all + 10000;
        case 2:
        case 3:
                return first < all ? first : all;
        default:
                return all;
        }
}

void money_receive(struct world *w)
{
        static const enum error_code no[] = {SB_OK};
        struct m_employer *e = w->m->employer_count == 0 ? NULL : &w->m->employers[pick(w, w->m->employer_count)];
        int finance = somebody(w, ROLE_FINANCE, w->t->counter);
        fen_t amount = e == NULL ? 0 : amount_make(w, e->id);
        char reference[40], text[24];
        json_t *answer = NULL;

        if (finance < 0 || amount <= 0)
                return;
        text_format(reference, sizeof reference, "YS%010lld", (long long)++w->numbers);
        json_t *in = json_pack("{s:I,s:s,s:s}", "employer", (json_int_t)e->id, "amount", money_text(amount, text), "bank_ref",
                               reference);
        if (allowed(w, ask(w, finance, "contribution.receive", in, &answer), "contribution.receive", no)) {
                struct m_receipt *r =
                    m_receipt_add(w, number_of(answer, "id"), e->id, amount, number_of(answer, "case"), reference);
                if (r != NULL)
                        case_learn(w, "P08", r->id);
        }
        json_decref(answer);
}

/* --- statements of the bank ------------------------------------------------------------------------------------------------- */

enum { ENTRIES = 12 };

struct entry {
        enum { SETTLES, RETURNS, PAYS, PROVES, NOBODYS } what;
        fen_t amount;
        char reference[40], details[300];
        int run, award, payment, employer; /* indexes */
};
struct statement {
        struct entry entries[ENTRIES];
        int count;
};

static struct entry *entry_add(struct world *w, struct statement *s)
{
        if (s->count == ENTRIES)
                return NULL;
        struct entry *e = &s->entries[s->count++];
        *e = (struct entry){.what = NOBODYS};
        text_format(e->reference, sizeof e->reference, "B%010lld", (long long)++w->numbers);
        return e;
}

static void runs_into(struct world *w, struct statement *s)
{
        for (int i = 0; i < w->m->run_count; i++) {
                struct m_run *r = &w->m->runs[i];
                if (r->settled || strcmp(r->state, "filed") != 0 || r->due == 0)
                        continue;
                struct entry *e = entry_add(w, s);
                if (e == NULL)
                        return;
                e->what = SETTLES;
                e->amount = -r->due;
                e->run = i;
                text_format(e->details, sizeof e->details, "<Btch><PmtInfId>R%lldF1</PmtInfId></Btch>", (long long)r->id);
        }
}

/* Some payment of a run that the bank has carried out. */
static void returns_into(struct world *w, struct statement *s)
{
        int at = w->m->award_count == 0 ? -1 : pick(w, w->m->award_count);
        struct m_award *a = at < 0 ? NULL : &w->m->awards[at];
        int n = a == NULL ? 0 : a->payment_count;

        if (n == 0 || strcmp(a->payments[n - 1].state, "due") != 0)
                return;
        const struct m_run *r = m_run(w->m, a->payments[n - 1].run);
        struct entry *e = r != NULL && r->settled ? entry_add(w, s) : NULL;
        if (e == NULL)
                return;
        e->what = RETURNS;
        e->award = at;
        e->payment = n - 1;
        e->amount = a->payments[n - 1].amount;
        text_format(
            e->details, sizeof e->details,
            "<TxDtls><Refs><EndToEndId>R%lldA%lld</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>",
            (long long)r->id, (long long)a->payments[n - 1].award);
}

static void employers_into(struct world *w, struct statement *s)
{
        for (int k = 0; k < 3; k++) {
                int at = pick(w, w->m->employer_count);
                bool twice = false;
                for (int i = 0; i < s->count; i++)
                        twice = twice || (s->entries[i].what == PAYS && s->entries[i].employer == at);
                fen_t amount = twice ? 0 : amount_make(w, w->m->employers[at].id);
                struct entry *e = amount > 0 ? entry_add(w, s) : NULL;
                if (e == NULL)
                        continue;
                e->what = PAYS;
                e->employer = at;
                e->amount = amount;
                text_format(e->details, sizeof e->details, "<TxDtls><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls>",
                            w->m->employers[at].uscc);
        }
        /* The bank's line of a receipt that the counter has booked. */
        if (w->m->receipt_count > 0 && chance(w, 30)) {
                const struct m_receipt *r = &w->m->receipts[pick(w, w->m->receipt_count)];
                const struct m_employer *m = m_employer(w->m, r->employer);
                struct entry *e = r->reference[0] == 'Y' ? entry_add(w, s) : NULL;
                if (e == NULL)
                        return;
                e->what = PROVES;
                e->amount = r->amount;
                text_copy(e->reference, sizeof e->reference, str_from(r->reference));
                text_format(e->details, sizeof e->details, "<TxDtls><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls>", m->uscc);
        }
}

static const char *account_number(struct world *w, char out[40])
{
        struct error none = {0};
        json_t *table = NULL;

        out[0] = '\0';
        if (pack_table(w->t->pack, "pools.csv", &table, &none) == 0)
                text_copy(out, 40, str_from(json_text(json_array_get(table, 0), "bank_account")));
        json_decref(table);
        return out;
}

static void xml_make(struct world *w, const struct statement *s, struct buf *xml)
{
        char account[40], money[24], day[16];

        buf_add_format(
            xml,
            "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>S%lld</MsgId>"
            "</GrpHdr><Stmt><Id>S%lld</Id><Acct><Id><Othr><Id>%s</Id></Othr></Id></Acct>",
            (long long)w->numbers, (long long)w->numbers, account_number(w, account));
        day_text(clock_today(w->house.clock), day);
        for (int i = 0; i < s->count; i++) {
                const struct entry *e = &s->entries[i];
                bool in = e->amount > 0;
                buf_add_format(
                    xml,
                    "<Ntry><Amt Ccy=\"CNY\">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>%s</Dt>"
                    "</BookgDt><AcctSvcrRef>%s</AcctSvcrRef><NtryDtls>%s</NtryDtls></Ntry>",
                    money_text(in ? e->amount : -e->amount, money), in ? "CRDT" : "DBIT", day, e->reference, e->details);
        }
        buf_add_text(xml, "</Stmt></BkToCstmrStmt></Document>");
}

struct found_receipt {
        const char *reference;
        int64_t id;
};

static int receipt_read_by(struct tx *tx, struct reading *r, struct error *err)
{
        struct found_receipt *f = r->ctx;
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT id FROM receipt WHERE home = ?1@int AND bank_ref = ?2@text", "it",
                        (int64_t)r->w->house.home, f->reference);

        f->id = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static void entry_book(struct world *w, const struct entry *e)
{
        int pool = ep(w);

        if (e->what == SETTLES) {
                w->m->runs[e->run].settled = true;
                m_post(w, pool, LEDGER_PAYABLE, -e->amount);
                m_post(w, pool, LEDGER_BANK, e->amount);
        } else if (e->what == RETURNS) {
                struct m_award *a = &w->m->awards[e->award];
                struct m_payment *y = &a->payments[e->payment];
                text_copy(y->state, sizeof y->state, STR("returned"));
                y->returned = w->out->calls;
                m_post(w, pool, LEDGER_PAYABLE, -e->amount);
                m_post(w, pool, LEDGER_BANK, e->amount);
                /* Paid to another account since: nothing is held. */
                if (y->award == a->ids[a->chain - 1]) {
                        m_hold(w, a, "returned", y->month);
                        m_stops_name(w, a);
                }
        } else if (e->what == PAYS) {
                struct found_receipt f = {.reference = e->reference};
                look(w, receipt_read_by, &f);
                if (f.id == 0) {
                        sim_fail(w, "what an employer paid (%s) was not booked", e->reference);
                        return;
                }
                m_receipt_add(w, f.id, w->m->employers[e->employer].id, e->amount, 0, e->reference);
                case_learn(w, "P08", f.id);
        } else if (e->what == NOBODYS) {
                m_post(w, 0, LEDGER_BANK, e->amount);
                m_post(w, 0, LEDGER_SUSPENSE, -e->amount);
        }
}

void money_statement(struct world *w)
{
        int finance = somebody(w, ROLE_FINANCE, w->t->centre);
        struct statement s = {.count = 0};
        struct buf xml;
        json_t *answer = NULL;

        if (finance < 0 || w->m->employer_count == 0)
                return;
        settle(w);
        runs_into(w, &s);
        if (chance(w, 35))
                returns_into(w, &s);
        employers_into(w, &s);
        struct entry *e = chance(w, 20) ? entry_add(w, &s) : NULL;
        if (e != NULL)
                e->amount = chance(w, 70) ? 4321 : -1234;
        if (s.count == 0)
                return;
        buf_init(&xml, (size_t)1 << 20);
        xml_make(w, &s, &xml);
        struct str bytes = {xml.p, xml.n};
        if (allowed(w, ask_body(w, finance, "payment.statement", json_object(), bytes, &answer), "payment.statement", NULL))
                for (int i = 0; i < s.count && !w->failed; i++)
                        entry_book(w, &s.entries[i]);
        json_decref(answer);
        answer = NULL;
        /* The same file again says what it said, and books nothing. */
        if (chance(w, 25) &&
            allowed(w, ask_body(w, finance, "payment.statement", json_object(), bytes, &answer), "payment.statement", NULL) &&
            !json_is_false(json_object_get(answer, "new")))
                sim_fail(w, "a statement was booked twice");
        json_decref(answer);
        buf_dispose(&xml);
}
