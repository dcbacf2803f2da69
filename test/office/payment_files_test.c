/* SPDX-License-Identifier: Apache-2.0
 * Bank files: pain.001 against the schema of ISO 20022, camt of others, malformed and damaged statements. */
#include "office/payment/camt.h"
#include "office/payment/pain.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define CONFORMANCE "../shared/conformance/"
#define ARENA_CAP ((size_t)64 << 20)

static bool there(const char *path)
{
        struct stat st;

        if (stat(path, &st) == 0)
                return true;
        print_message("%s is not here: skipped\n", path);
        return false;
}

/* Exit status of xmllint for the bytes against a schema. */
static int xmllint(const char *schema, const struct buf *xml)
{
        char file[] = "/tmp/shebao-pain-XXXXXX";
        int fd = mkstemp(file), status = -1;
        pid_t child;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, xml->p, xml->n), xml->n);
        close(fd);
        child = fork();
        if (child == 0) {
                execlp("xmllint", "xmllint", "--nonet", "--noout", "--schema", schema, file, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        unlink(file);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static const struct pain_head HEAD = {
    .message_id = "DEMO-R12P1",
    .payment_id = "R12P1",
    .created = 1795000000000000,
    .pay_day = 20790,
    .count = 2,
    .sum = 500001,
    .payer = "示例市社会保险基金",
    .payer_bank = "示例银行",
    .payer_account = "6200000000000001",
    .demonstration = true,
};
static const struct pain_transfer TRANSFERS[] = {
    {.end_to_end = "R12A3", .amount = 1, .name = "甲<&>\"乙", .bank = "", .account = "6200000000000002", .text = ""},
    {.end_to_end = "R9007199254740991A9007199254740991",
     .amount = 500000,
     .name = "\xf0\xac\xad\x9a䶮",
     .bank = "示例银行城东支行",
     .account = "6200000000000003",
     .text = "2026-11 基本养老金"},
};

static void pain_make(struct buf *out, const struct pain_head *h)
{
        struct error err = {0};

        buf_init(out, 1 << 20);
        assert_int_equal(pain_begin(out, h, &err), 0);
        for (size_t i = 0; i < 2; i++)
                assert_int_equal(pain_add(out, h, &TRANSFERS[i], &err), 0);
        pain_end(out);
        assert_int_equal(buf_check(out, &err), 0);
}

static void test_pain_valid(void **state)
{
        struct buf a, b;
        struct pain_head plain = HEAD;

        (void)state;
        pain_make(&a, &HEAD);
        pain_make(&b, &HEAD);
        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.p, b.p, a.n);
        assert_non_null(strstr(buf_text(&a), "DEMONSTRATION"));
        assert_non_null(strstr(buf_text(&a), "甲&lt;&amp;&gt;"));
        buf_dispose(&b);
        plain.demonstration = false;
        plain.payer_bank = "";
        pain_make(&b, &plain);
        assert_null(strstr(buf_text(&b), "DEMONSTRATION"));
        if (there(CONFORMANCE "schemas/pain.001.001.09.xsd")) {
                assert_int_equal(xmllint(CONFORMANCE "schemas/pain.001.001.09.xsd", &a), 0);
                assert_int_equal(xmllint(CONFORMANCE "schemas/pain.001.001.09.xsd", &b), 0);
        }
        buf_dispose(&a);
        buf_dispose(&b);
}

static void test_pain_limits(void **state)
{
        struct pain_transfer t = TRANSFERS[0];
        struct error err = {0};
        struct buf b;

        (void)state;
        buf_init(&b, 1 << 20);
        t.account = "12345678901234567890123456789012345";
        assert_int_equal(pain_add(&b, &HEAD, &t, &err), ERR);
        assert_int_equal(err.code, SB_PAYMENT_FIELD);
        error_clear(&err);
        t.account = "1234567890123456789012345678901234";
        assert_int_equal(pain_add(&b, &HEAD, &t, &err), 0);
        t.name = "";
        assert_int_equal(pain_add(&b, &HEAD, &t, &err), ERR);
        assert_int_equal(err.code, SB_PAYMENT_FIELD);
        buf_dispose(&b);
}

static int read_file(struct camt *c, struct arena *a, const char *name, struct error *err)
{
        char path[256];
        struct buf b;
        int rc;

        buf_init(&b, 1 << 24);
        text_format(path, sizeof(path), CONFORMANCE "iso20022/%s", name);
        assert_int_equal(file_read(&b, path, 1 << 24, err), 0);
        rc = camt_read(c, a, (struct str){b.p, b.n}, err);
        buf_dispose(&b);
        return rc;
}

static void test_camt_of_others(void **state)
{
        static const struct {
                const char *file, *version, *account;
                int entries;
                int64_t units; /* of the first entry */
                int scale;
                const char *currency;
                bool credit;
        } cases[] = {
            {"camt053.v2.minimal.xml", "camt.053.001.02", "NL26VAYB8060476890", 1, 885, 2, "EUR", true},
            {"camt053.v2.five.decimals.xml", "camt.053.001.02", "NL26VAYB8060476890", 1, 8850, 3, "EUR", true},
            {"camt053.v4.xml", "camt.053.001.04", "NL26VAYB8060476890", 1, 885, 2, "EUR", true},
            {"camt053.v8.xml", "camt.053.001.08", "NL26VAYB8060476890", 1, 885, 2, "EUR", true},
            {"camt054.v8.xml", "camt.054.001.08", "CH2801234000123456789", 1, 200000, 0, "SEK", false},
            {"camt53.only-Dt-with-DtTm.xml", "camt.053.001.02", "GB33BUKB20201555555555", 0, 0, 0, "", false},
        };

        (void)state;
        if (!there(CONFORMANCE "iso20022"))
                skip();
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct arena *a = arena_new(ARENA_CAP);
                struct error err = {0};
                struct camt c;
                const struct camt_statement *s;

                assert_int_equal(read_file(&c, a, cases[i].file, &err), 0);
                s = c.statements;
                print_message("%s: %s, %s, %d entries\n", cases[i].file, c.version, s->account, s->entry_count);
                assert_string_equal(c.version, cases[i].version);
                assert_int_equal(s->entry_count, cases[i].entries);
                assert_string_equal(s->account, cases[i].account);
                if (s->entries) {
                        fen_t fen;
                        assert_int_equal(s->entries->amount.units, cases[i].units);
                        assert_int_equal(s->entries->amount.scale, cases[i].scale);
                        assert_string_equal(s->entries->amount.currency, cases[i].currency);
                        assert_int_equal(s->entries->amount.credit, cases[i].credit);
                        assert_int_equal(camt_fen(&s->entries->amount, &fen, &err), ERR);
                        assert_int_equal(err.code, SB_PAYMENT_CURRENCY);
                }
                arena_free(a);
        }
}

static void test_camt_wrong(void **state)
{
        struct arena *a = arena_new(ARENA_CAP);
        struct error err = {0};
        struct camt c;

        (void)state;
        if (there(CONFORMANCE "iso20022/camt053.v2.wrong.xml")) {
                assert_int_equal(read_file(&c, a, "camt053.v2.wrong.xml", &err), ERR);
                assert_int_equal(err.code, SB_PAYMENT_CAMT);
        }
        arena_free(a);
}

#define DOCUMENT(inner)                                                                                                        \
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><GrpHdr><MsgId>m</MsgId>"           \
        "</GrpHdr><Stmt><Id>s</Id><Acct><Id><Othr><Id>1</Id></Othr></Id></Acct>" inner "</Stmt></BkToCstmrStmt></Document>"
#define ENTRY(amount, currency, direction, date)                                                                               \
        "<Ntry><Amt Ccy=\"" currency "\">" amount "</Amt><CdtDbtInd>" direction "</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"         \
        "<BookgDt><Dt>" date "</Dt></BookgDt></Ntry>"

static void test_camt_malformed(void **state)
{
        static const struct {
                const char *xml;
                enum error_code code;
        } cases[] = {
            {"", SB_XML_SYNTAX},
            {"<Document", SB_XML_SYNTAX},
            {"<Document/>", SB_PAYMENT_CAMT},
            {"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.001.001.09\"><x/></Document>", SB_PAYMENT_CAMT},
            {"<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><x/></Document>", SB_PAYMENT_CAMT},
            {DOCUMENT("<Ntry/>"), SB_PAYMENT_CAMT},
            {DOCUMENT("<Bal/>"), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("", "CNY", "CRDT", "2026-11-01")), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("-1.00", "CNY", "CRDT", "2026-11-01")), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("1.2.3", "CNY", "CRDT", "2026-11-01")), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("1,00", "CNY", "CRDT", "2026-11-01")), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("1234567890123456789", "CNY", "CRDT", "2026-11-01")), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("1.123456", "CNY", "CRDT", "2026-11-01")), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("1.00", "", "CRDT", "2026-11-01")), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("1.00", "CNY", "X", "2026-11-01")), SB_PAYMENT_CAMT},
            {DOCUMENT(ENTRY("1.00", "CNY", "CRDT", "1990-02-30")), SB_PAYMENT_CAMT},
            {"<!DOCTYPE d [<!ENTITY e \"x\">]><Document>&e;</Document>", SB_XML_SYNTAX},
        };

        (void)state;
        for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
                struct arena *a = arena_new(ARENA_CAP);
                struct error err = {0};
                struct camt c;

                assert_int_equal(camt_read(&c, a, str_from(cases[i].xml), &err), ERR);
                if (err.code != cases[i].code)
                        print_message("case %zu: %d\n", i, err.code);
                assert_int_equal(err.code, cases[i].code);
                arena_free(a);
        }
}

/* A sound statement cut at every byte is refused and hurts nothing. */
static void test_camt_damaged(void **state)
{
        static const char sound[] =
            DOCUMENT(ENTRY("12.50", "CNY", "DBIT", "2026-11-01") ENTRY("0.010", "CNY", "CRDT", "2026-11-01T00:00:00Z"));
        struct arena *a = arena_new(ARENA_CAP);
        struct error err = {0};
        struct camt c;
        fen_t fen;

        (void)state;
        assert_int_equal(camt_read(&c, a, str_from(sound), &err), 0);
        assert_int_equal(camt_fen(&c.statements->entries->amount, &fen, &err), 0);
        assert_int_equal(fen, -1250);
        assert_int_equal(camt_fen(&c.statements->entries->next->amount, &fen, &err), 0);
        assert_int_equal(fen, 1);
        for (size_t n = 0; n < sizeof(sound) - 1; n++) {
                arena_reset(a);
                error_clear(&err);
                assert_int_equal(camt_read(&c, a, (struct str){sound, n}, &err), ERR);
                assert_true(err.code != SB_OK);
        }
        arena_free(a);
}

/* No memory: an error, not a statement with holes. */
static void test_camt_short_of_memory(void **state)
{
        (void)state;
        for (size_t cap = 64; cap < 64 * 1024; cap = cap * 5 / 4) {
                struct arena *a = arena_new(cap);
                struct error err = {0};
                struct camt c;
                int rc;

                assert_non_null(a);
                rc = camt_read(&c, a, str_from(DOCUMENT(ENTRY("12.50", "CNY", "DBIT", "2026-11-01"))), &err);
                if (rc == 0)
                        assert_string_equal(c.statements->account, "1");
                else
                        assert_true(err.code == SB_MEMORY || err.code == SB_LIMIT);
                arena_free(a);
        }
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_pain_valid),           cmocka_unit_test(test_pain_limits),
            cmocka_unit_test(test_camt_of_others),       cmocka_unit_test(test_camt_wrong),
            cmocka_unit_test(test_camt_malformed),       cmocka_unit_test(test_camt_damaged),
            cmocka_unit_test(test_camt_short_of_memory),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
