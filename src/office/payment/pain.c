/* SPDX-License-Identifier: Apache-2.0 */
#include "office/payment/pain.h"

#include "base/xml.h"

#include <assert.h>

#define NAMESPACE "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"

/* A text element of 1 to `max` characters. */
static int element(struct buf *out, const char *name, const char *value, size_t max, struct error *err)
{
        size_t n = utf8_length(str_from(value));

        if (n < 1 || n > max)
                return error_raise(err, SB_PAYMENT_FIELD, "%s|%zu|%zu", name, n, max);
        buf_add_format(out, "<%s>", name);
        xml_put_text(out, str_from(value));
        buf_add_format(out, "</%s>", name);
        return 0;
}

static void amount_text(struct buf *out, fen_t amount)
{
        char text[24];

        buf_add_text(out, money_text(amount, text));
}

static int party(struct buf *out, const char *tag, const char *name, struct error *err)
{
        int rc;

        buf_add_format(out, "<%s>", tag);
        rc = element(out, "Nm", name, 140, err);
        buf_add_format(out, "</%s>", tag);
        return rc;
}

static int account(struct buf *out, const char *tag, const char *number, struct error *err)
{
        int rc;

        buf_add_format(out, "<%s><Id><Othr>", tag);
        rc = element(out, "Id", number, 34, err);
        buf_add_format(out, "</Othr></Id></%s>", tag);
        return rc;
}

/* The debtor's agent is required; without a known bank it is said to be not provided, as ISO 20022 has it. */
static int agent(struct buf *out, const char *tag, const char *bank, bool required, struct error *err)
{
        int rc = 0;

        if (!*bank && !required)
                return 0;
        buf_add_format(out, "<%s><FinInstnId>", tag);
        if (*bank)
                rc = element(out, "Nm", bank, 140, err);
        else
                buf_add_text(out, "<Othr><Id>NOTPROVIDED</Id></Othr>");
        buf_add_format(out, "</FinInstnId></%s>", tag);
        return rc;
}

static void totals(struct buf *out, const struct pain_head *h)
{
        buf_add_format(out, "<NbOfTxs>%lld</NbOfTxs><CtrlSum>", (long long)h->count);
        amount_text(out, h->sum);
        buf_add_text(out, "</CtrlSum>");
}

int pain_begin(struct buf *out, const struct pain_head *h, struct error *err)
{
        char created[32], day[16], payer[512];
        int rc;

        assert(h->count > 0 && h->sum > 0);
        text_format(payer, sizeof(payer), "%s%s", h->demonstration ? "演示 DEMONSTRATION " : "", h->payer);
        buf_add_text(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"" NAMESPACE
                          "\"><CstmrCdtTrfInitn>\n<GrpHdr>");
        rc = element(out, "MsgId", h->message_id, 35, err);
        buf_add_format(out, "<CreDtTm>%.19sZ</CreDtTm>", instant_text(h->created, created));
        totals(out, h);
        rc = rc ? rc : party(out, "InitgPty", payer, err);
        buf_add_text(out, "</GrpHdr>\n<PmtInf>");
        rc = rc ? rc : element(out, "PmtInfId", h->payment_id, 35, err);
        buf_add_text(out, "<PmtMtd>TRF</PmtMtd><BtchBookg>true</BtchBookg>");
        totals(out, h);
        buf_add_format(out, "<PmtTpInf><CtgyPurp><Cd>PENS</Cd></CtgyPurp></PmtTpInf><ReqdExctnDt><Dt>%s</Dt></ReqdExctnDt>",
                       day_text(h->pay_day, day));
        rc = rc ? rc : party(out, "Dbtr", payer, err);
        rc = rc ? rc : account(out, "DbtrAcct", h->payer_account, err);
        rc = rc ? rc : agent(out, "DbtrAgt", h->payer_bank, true, err);
        buf_add_char(out, '\n');
        return rc;
}

int pain_add(struct buf *out, const struct pain_head *h, const struct pain_transfer *t, struct error *err)
{
        char text[400];
        int rc;

        assert(t->amount > 0);
        text_format(text, sizeof(text), "%s%s", h->demonstration ? "演示 DEMONSTRATION " : "", t->text);
        buf_add_text(out, "<CdtTrfTxInf><PmtId>");
        rc = element(out, "EndToEndId", t->end_to_end, 35, err);
        buf_add_text(out, "</PmtId><Amt><InstdAmt Ccy=\"CNY\">");
        amount_text(out, t->amount);
        buf_add_text(out, "</InstdAmt></Amt>");
        rc = rc ? rc : agent(out, "CdtrAgt", t->bank, false, err);
        rc = rc ? rc : party(out, "Cdtr", t->name, err);
        rc = rc ? rc : account(out, "CdtrAcct", t->account, err);
        buf_add_text(out, "<Purp><Cd>PENS</Cd></Purp>");
        if (rc == 0 && *text) {
                buf_add_text(out, "<RmtInf>");
                rc = element(out, "Ustrd", text, 140, err);
                buf_add_text(out, "</RmtInf>");
        }
        buf_add_text(out, "</CdtTrfTxInf>\n");
        return rc;
}

void pain_end(struct buf *out)
{
        buf_add_text(out, "</PmtInf></CstmrCdtTrfInitn></Document>\n");
}
