/* SPDX-License-Identifier: Apache-2.0 */
#include "office/payment/camt.h"

#include "base/xml.h"

#include <assert.h>
#include <string.h>

#define CAMT_NAMESPACE "urn:iso:std:iso:20022:tech:xsd:camt.05"
#define DAY_UNKNOWN ((day_t)INT32_MIN)

const struct camt_detail camt_nothing = {.message_id = "",
                                         .payment_id = "",
                                         .instruction_id = "",
                                         .end_to_end = "",
                                         .transaction_id = "",
                                         .servicer_ref = "",
                                         .party = "",
                                         .party_account = "",
                                         .remittance = "",
                                         .return_code = "",
                                         .return_text = ""};

/* The element at a path of local names ("Acct/Id/IBAN"), first of each; NULL when one is missing. */
static const struct xml_node *at(const struct xml_node *n, const char *path)
{
        char name[32];

        while (n && *path) {
                size_t len = strcspn(path, "/");

                assert(len < sizeof(name));
                memcpy(name, path, len);
                name[len] = 0;
                n = xml_child(n, name);
                path += len + (path[len] == '/');
        }
        return n;
}

static struct str trimmed(const struct xml_node *n)
{
        struct str s = str_from(n ? n->text : "");

        while (s.n && strchr(" \t\r\n", s.p[0])) {
                s.p++;
                s.n--;
        }
        while (s.n && strchr(" \t\r\n", s.p[s.n - 1]))
                s.n--;
        return s;
}

/* What is being read into: an arena that once ran out is remembered, so that no text is lost unseen. */
struct reading {
        struct arena *arena;
        bool failed;
};

static const char *keep(struct reading *a, struct str s)
{
        const char *text = arena_text(a->arena, s);

        a->failed = a->failed || !text;
        return text ? text : "";
}

/* The text of the first path that is there; "" when none is. */
static const char *text_at(struct reading *a, const struct xml_node *n, const char *const *paths)
{
        for (; *paths; paths++) {
                struct str s = trimmed(at(n, *paths));
                if (s.n)
                        return keep(a, s);
        }
        return "";
}
#define TEXT_AT(a, n, ...) text_at(a, n, (const char *const[]){__VA_ARGS__, NULL})

static int refuse(struct error *err, const struct xml_node *n, const char *what)
{
        error_raise(err, SB_PAYMENT_CAMT, "%s", what);
        return error_where(err, "%d:%d", n->line, n->column);
}

static int amount_parse(struct camt_amount *out, const struct xml_node *n, struct error *err)
{
        struct str s = trimmed(n);
        const char *currency = xml_attr(n, "Ccy");
        size_t i = 0;
        int digits = 0;
        bool point = false;

        memset(out, 0, sizeof(*out));
        for (; i < s.n; i++) {
                if (s.p[i] == '.' && !point) {
                        point = true;
                        continue;
                }
                if (s.p[i] < '0' || s.p[i] > '9' || ++digits > 18 || (point && ++out->scale > 5))
                        break;
                out->units = out->units * 10 + (s.p[i] - '0');
        }
        if (i < s.n || digits == 0)
                return refuse(err, n,
                              ERROR_BOTH("an amount is not a number of at most 18 digits and 5 decimals",
                                         "金额不是至多18位、5位小数的数字"));
        if (!currency || strlen(currency) != 3)
                return refuse(err, n, ERROR_BOTH("an amount has no currency", "金额缺少币种"));
        text_copy(out->currency, sizeof(out->currency), str_from(currency));
        return 0;
}

/* Dt (date) or DtTm (date and time: its date as the bank wrote it, no conversion of zones). */
static int day_at(day_t *out, const struct xml_node *n, struct error *err)
{
        const struct xml_node *d = at(n, "Dt") ? at(n, "Dt") : at(n, "DtTm");
        struct str s = trimmed(d);
        struct error local = {0};

        *out = DAY_UNKNOWN;
        if (!d)
                return 0;
        if (s.n > 10 && (s.p[10] == 'T' || s.p[10] == '+' || s.p[10] == '-' || s.p[10] == 'Z'))
                s.n = 10;
        if (day_parse(out, s, &local))
                return refuse(err, d, ERROR_BOTH("a date does not exist", "日期不存在"));
        return 0;
}

static int direction(bool *credit, const struct xml_node *n, struct error *err)
{
        struct str s = trimmed(at(n, "CdtDbtInd"));

        if (!str_is(s, "CRDT") && !str_is(s, "DBIT"))
                return refuse(
                    err, n,
                    ERROR_BOTH("an amount is neither credit (CRDT) nor debit (DBIT)", "未注明贷方（CRDT）或借方（DBIT）"));
        *credit = str_is(s, "CRDT");
        return 0;
}

static int balance_read(struct camt_balance *b, const struct xml_node *n, struct error *err)
{
        const struct xml_node *type = at(n, "Tp/CdOrPrtry/Cd") ? at(n, "Tp/CdOrPrtry/Cd") : at(n, "Tp/CdOrPrtry/Prtry");
        int rc;

        if (!at(n, "Amt"))
                return refuse(err, n, ERROR_BOTH("a balance has no amount", "余额缺少金额"));
        text_copy(b->type, sizeof(b->type), trimmed(type));
        rc = amount_parse(&b->amount, at(n, "Amt"), err);
        if (rc == 0)
                rc = direction(&b->amount.credit, n, err);
        if (rc == 0)
                rc = day_at(&b->day, at(n, "Dt"), err);
        return rc;
}

/* Ustrd lines, then structured references, joined by blanks. */
static const char *remittance(struct reading *a, const struct xml_node *detail)
{
        const struct xml_node *info = at(detail, "RmtInf");
        struct buf b;
        const char *out;

        buf_init(&b, 64 * 1024);
        for (const struct xml_node *n = info ? info->first : NULL; n; n = n->next) {
                struct str s = strcmp(n->name, "Ustrd") == 0 ? trimmed(n) : trimmed(at(n, "CdtrRefInf/Ref"));
                if (!s.n)
                        continue;
                if (b.n)
                        buf_add_char(&b, ' ');
                buf_add_str(&b, s);
        }
        a->failed = a->failed || b.failed;
        out = b.failed ? "" : keep(a, (struct str){b.p, b.n});
        buf_dispose(&b);
        return out;
}

static void parties(struct camt_detail *d, struct reading *a, const struct xml_node *n, bool credit)
{
        const struct xml_node *p = at(n, "RltdPties");

        d->party = credit ? TEXT_AT(a, p, "Dbtr/Pty/Nm", "Dbtr/Nm", "UltmtDbtr/Pty/Nm", "UltmtDbtr/Nm")
                          : TEXT_AT(a, p, "Cdtr/Pty/Nm", "Cdtr/Nm", "UltmtCdtr/Pty/Nm", "UltmtCdtr/Nm");
        d->party_account = credit ? TEXT_AT(a, p, "DbtrAcct/Id/IBAN", "DbtrAcct/Id/Othr/Id")
                                  : TEXT_AT(a, p, "CdtrAcct/Id/IBAN", "CdtrAcct/Id/Othr/Id");
}

static int detail_read(struct camt_detail *d, struct reading *a, const struct xml_node *n, const struct camt_entry *e,
                       struct error *err)
{
        const struct xml_node *amount = at(n, "Amt") ? at(n, "Amt") : at(n, "AmtDtls/TxAmt/Amt");
        int rc = 0;

        d->amount = e->amount;
        if (amount) {
                rc = amount_parse(&d->amount, amount, err);
                d->has_amount = true;
                d->amount.credit = e->amount.credit;
                if (rc == 0 && at(n, "CdtDbtInd"))
                        rc = direction(&d->amount.credit, n, err);
        }
        d->message_id = TEXT_AT(a, n, "Refs/MsgId");
        d->payment_id = TEXT_AT(a, n, "Refs/PmtInfId");
        d->instruction_id = TEXT_AT(a, n, "Refs/InstrId");
        d->end_to_end = TEXT_AT(a, n, "Refs/EndToEndId");
        d->transaction_id = TEXT_AT(a, n, "Refs/TxId");
        d->servicer_ref = TEXT_AT(a, n, "Refs/AcctSvcrRef");
        d->remittance = remittance(a, n);
        d->return_code = TEXT_AT(a, n, "RtrInf/Rsn/Cd", "RtrInf/Rsn/Prtry");
        d->return_text = TEXT_AT(a, n, "RtrInf/AddtlInf");
        parties(d, a, n, d->amount.credit);
        return rc;
}

static int details_read(struct camt_entry *e, struct reading *a, const struct xml_node *n, struct error *err)
{
        const struct camt_detail **tail = &e->details;

        for (const struct xml_node *g = xml_child(n, "NtryDtls"); g; g = xml_next(g, "NtryDtls")) {
                if (at(g, "Btch")) {
                        e->batch_message = TEXT_AT(a, g, "Btch/MsgId");
                        e->batch_payment = TEXT_AT(a, g, "Btch/PmtInfId");
                }
                for (const struct xml_node *t = xml_child(g, "TxDtls"); t; t = xml_next(t, "TxDtls")) {
                        struct camt_detail *d = arena_new_of(a->arena, struct camt_detail);
                        if (!d)
                                return error_raise(err, SB_MEMORY, "%s", "");
                        if (detail_read(d, a, t, e, err))
                                return ERR;
                        *tail = d;
                        tail = &d->next;
                        e->detail_count++;
                }
        }
        return 0;
}

static int entry_read(struct camt_entry *e, struct reading *a, const struct xml_node *n, struct error *err)
{
        struct str status = trimmed(at(n, "Sts/Cd"));
        struct str reversal = trimmed(at(n, "RvslInd"));

        if (!at(n, "Amt"))
                return refuse(err, n, ERROR_BOTH("an entry has no amount", "交易缺少金额"));
        e->xml_line = n->line;
        if (amount_parse(&e->amount, at(n, "Amt"), err) || direction(&e->amount.credit, n, err) ||
            day_at(&e->booked, at(n, "BookgDt"), err) || day_at(&e->value, at(n, "ValDt"), err))
                return ERR;
        e->reversal = str_is(reversal, "true") || str_is(reversal, "1");
        text_copy(e->status, sizeof(e->status), status.n ? status : trimmed(at(n, "Sts")));
        e->reference = TEXT_AT(a, n, "NtryRef");
        e->servicer_ref = TEXT_AT(a, n, "AcctSvcrRef");
        e->text = TEXT_AT(a, n, "AddtlNtryInf");
        e->batch_message = "";
        e->batch_payment = "";
        return details_read(e, a, n, err);
}

static int statement_read(struct camt_statement *s, struct reading *a, const struct xml_node *n, struct error *err)
{
        const struct camt_balance **balance = &s->balances;
        const struct camt_entry **entry = &s->entries;

        s->id = TEXT_AT(a, n, "Id");
        s->account = TEXT_AT(a, n, "Acct/Id/IBAN", "Acct/Id/Othr/Id", "Acct/Id/PrtryAcct/Id");
        s->currency = TEXT_AT(a, n, "Acct/Ccy");
        s->created = TEXT_AT(a, n, "CreDtTm");
        if (!*s->account)
                return refuse(err, n, ERROR_BOTH("the statement names no account", "对账单未写明账号"));
        for (const struct xml_node *c = xml_child(n, "Bal"); c; c = xml_next(c, "Bal")) {
                struct camt_balance *b = arena_new_of(a->arena, struct camt_balance);
                if (!b)
                        return error_raise(err, SB_MEMORY, "%s", "");
                if (balance_read(b, c, err))
                        return ERR;
                *balance = b;
                balance = &b->next;
        }
        for (const struct xml_node *c = xml_child(n, "Ntry"); c; c = xml_next(c, "Ntry")) {
                struct camt_entry *e = arena_new_of(a->arena, struct camt_entry);
                if (!e)
                        return error_raise(err, SB_MEMORY, "%s", "");
                e->line = ++s->entry_count;
                if (entry_read(e, a, c, err))
                        return ERR;
                *entry = e;
                entry = &e->next;
        }
        return 0;
}

int camt_read(struct camt *out, struct arena *a, struct str xml, struct error *err)
{
        static const struct xml_limits limits = {.max_bytes = (size_t)64 << 20, .max_depth = 40, .max_nodes = 8000000};
        const struct camt_statement **tail = &out->statements;
        const struct xml_node *root, *message;
        const char *kind;
        struct reading reading = {.arena = a};

        memset(out, 0, sizeof(*out));
        if (xml_parse(&root, a, xml, &limits, err))
                return ERR;
        message = root->first;
        if (strcmp(root->name, "Document") != 0 || strncmp(root->ns, CAMT_NAMESPACE, strlen(CAMT_NAMESPACE)) != 0 || !message)
                return refuse(err, root, ERROR_BOTH("it is no camt.053 document", "不是 camt.053 报文"));
        out->version = keep(&reading, str_from(strrchr(root->ns, ':') + 1));
        kind = strcmp(message->name, "BkToCstmrStmt") == 0           ? "Stmt"
               : strcmp(message->name, "BkToCstmrDbtCdtNtfctn") == 0 ? "Ntfctn"
               : strcmp(message->name, "BkToCstmrAcctRpt") == 0      ? "Rpt"
                                                                     : NULL;
        if (!kind)
                return refuse(err, message, ERROR_BOTH("it is no bank statement", "不是银行对账单"));
        out->message_id = TEXT_AT(&reading, message, "GrpHdr/MsgId");
        for (const struct xml_node *n = xml_child(message, kind); n; n = xml_next(n, kind)) {
                struct camt_statement *s = arena_new_of(a, struct camt_statement);
                if (!s)
                        return error_raise(err, SB_MEMORY, "%s", "");
                if (statement_read(s, &reading, n, err))
                        return ERR;
                *tail = s;
                tail = &s->next;
        }
        if (reading.failed)
                return error_raise(err, SB_LIMIT, "%s|%s", "camt",
                                   ERROR_BOTH("the memory of one message", "单个报文的内存上限"));
        if (!out->statements)
                return refuse(err, message, ERROR_BOTH("there is no statement in it", "报文中没有对账单"));
        return 0;
}

const struct camt_balance *camt_balance(const struct camt_statement *s, const char *type)
{
        for (const struct camt_balance *b = s->balances; b; b = b->next)
                if (strcmp(b->type, type) == 0)
                        return b;
        return NULL;
}

int camt_fen(const struct camt_amount *amount, fen_t *out, struct error *err)
{
        int64_t units = amount->units;
        int scale = amount->scale;

        while (scale > 2 && units % 10 == 0) {
                units /= 10;
                scale--;
        }
        if (scale > 2 || strcmp(amount->currency, "CNY") != 0)
                return error_raise(err, SB_PAYMENT_CURRENCY, "%s|%d", amount->currency, scale);
        for (; scale < 2; scale++)
                if (__builtin_mul_overflow(units, (int64_t)10, &units))
                        return error_raise(err, SB_OVERFLOW, "%s", amount->currency);
        *out = amount->credit ? units : -units;
        return 0;
}
