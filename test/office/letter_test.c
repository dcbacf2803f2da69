/* SPDX-License-Identifier: Apache-2.0
 * Letters: the same bytes for the same letter, every character printed, the stamp of a demonstration on every page. */
#include "office/letter/code.h"
#include "office/letter/content.h"
#include "office/letter/letter.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/cairo_leak.h"
#include "testing.h"

static struct letter sample(enum lang lang)
{
        return (struct letter){
            .lang = lang,
            .body = "云城市社会保险事务中心（演示）",
            .number = "云社养核〔2026〕A01-0000001234-7号",
            .title = "职工基本养老金核定决定书",
            .addressee = "\xf0\xac\xad\x9a䶮（公民身份号码 990101********1234）：",
            .paragraphs = {"你提出的职工基本养老金领取申请，本机构已经受理并审查完毕。依据《中华人民共和国社会保险法》第十五条"
                           "、第十六条和"
                           "《国务院关于完善企业职工基本养老保险制度的决定》（国发〔2005〕38号），核定如下：",
                           "自2026年12月起，按月发给你基本养老金3697.23元（大写：叁仟陆佰玖拾柒元贰角叁分）。"},
            .paragraph_count = 2,
            .amounts = {.title = "养老金组成",
                        .head = {"项目", "计算", "依据", "月金额（元）"},
                        .widths = {20, 40, 22, 18},
                        .numbers = 8,
                        .columns = 4,
                        .row_count = 4,
                        .last_strong = true,
                        .rows = {{"基础养老金", "（7,694.00＋5,742.03）÷2×37.42×1%", "国发〔2005〕38号 六", "2,513.88"},
                                 {"个人账户养老金", "78,885.37÷139", "国发〔2005〕38号 附件", "567.52"},
                                 {"过渡性养老金", "5,742.03×8.25×1.3%", "国发〔1997〕26号", "615.83"},
                                 {"合计", "叁仟陆佰玖拾柒元贰角叁分", "", "3,697.23"}}},
            .derivation = {.title = "计算过程",
                           .head = {"项目", "数值", "规则"},
                           .widths = {34, 26, 40},
                           .columns = 3,
                           .row_count = 3,
                           .rows = {{"实际缴费", "350个月", "缴费记录"},
                                    {"平均缴费工资指数", "0.7463", "Σ 缴费基数÷当年平均工资，按月加权"},
                                    {"计发月数", "139", "60岁"}}},
            .closing = {"如不服本决定，可以自收到本决定书之日起六十日内依法申请行政复议，或者自收到之日起六个月内依法向人民法院"
                        "提起行政诉讼。"},
            .closing_count = 1,
            .date = "2026年11月24日",
            .day = 20781,
            .seal = "（盖章处）",
            .verify = "shebao:A01-0000001234-7:0123456789abcdef",
            .verify_text = "扫描二维码核验真伪\n核验码 0123 4567 89AB CDEF",
            .stamp = "演示 DEMONSTRATION",
        };
}

static void make(struct buf *out, const struct letter *l)
{
        struct error err = {0};

        buf_init(out, 1 << 24);
        assert_ok(letter_pdf(out, l, &err), err);
        assert_true(out->n > 1000 && memcmp(out->p, "%PDF-1.", 7) == 0);
}

static void test_letter_same_bytes(void **state)
{
        struct letter l = sample(LANG_ZH);
        struct buf a, b;

        (void)state;
        make(&a, &l);
        make(&b, &l);
        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.p, b.p, a.n);
        l.day++;
        buf_dispose(&b);
        make(&b, &l);
        assert_true(a.n != b.n || memcmp(a.p, b.p, a.n) != 0);
        if (getenv("SHEBAO_LETTER"))
                assert_int_equal(file_write(getenv("SHEBAO_LETTER"), a.p, a.n, NULL), 0);
        buf_dispose(&a);
        buf_dispose(&b);
}

/* The text of a PDF through pdftotext; "" without that program. */
static void text_of(struct buf *out, const struct buf *pdf)
{
        char in[] = "/tmp/shebao-letter-XXXXXX", to[64];
        int fd = mkstemp(in), status = -1;
        struct error err = {0};
        pid_t child;

        assert_true(fd >= 0);
        assert_int_equal(write(fd, pdf->p, pdf->n), (ssize_t)pdf->n);
        close(fd);
        text_format(to, sizeof(to), "%s.txt", in);
        child = fork();
        if (child == 0) {
                execlp("pdftotext", "pdftotext", "-layout", in, to, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        buf_init(out, 1 << 20);
        if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
                assert_ok(file_read(out, to, 1 << 20, &err), err);
        else
                print_message("pdftotext is not here: the text is not looked at\n");
        unlink(in);
        unlink(to);
}

static int count(const char *text, const char *what)
{
        int n = 0;

        for (const char *at = strstr(text, what); at; at = strstr(at + 1, what))
                n++;
        return n;
}

static void test_letter_text(void **state)
{
        struct letter l = sample(LANG_ZH);
        struct buf pdf, text;
        int pages;

        (void)state;
        for (; l.closing_count < 10; l.closing_count++)
                l.closing[l.closing_count] = l.closing[0];
        for (; l.derivation.row_count < 30; l.derivation.row_count++)
                memcpy(l.derivation.rows[l.derivation.row_count], l.derivation.rows[0], sizeof(l.derivation.rows[0]));
        make(&pdf, &l);
        text_of(&text, &pdf);
        if (text.n) {
                pages = count(buf_text(&text), "\f");
                assert_true(pages >= 2);
                assert_non_null(strstr(buf_text(&text), "\xf0\xac\xad\x9a䶮"));
                assert_non_null(strstr(buf_text(&text), "叁仟陆佰玖拾柒元贰角叁分"));
                assert_non_null(strstr(buf_text(&text), "3,697.23"));
                assert_true(count(buf_text(&text), "DEMONSTRATION") >= pages);
        }
        buf_dispose(&text);
        buf_dispose(&pdf);
        l.stamp = NULL;
        make(&pdf, &l);
        text_of(&text, &pdf);
        if (text.n)
                assert_null(strstr(buf_text(&text), "DEMONSTRATION"));
        buf_dispose(&text);
        buf_dispose(&pdf);
}

static void test_letter_unknown_character(void **state)
{
        struct letter l = sample(LANG_ZH);
        struct error err = {0};
        struct buf out;

        (void)state;
        l.addressee = "\xf3\xb0\x80\x80"; /* a private character that no font has */
        buf_init(&out, 1 << 24);
        assert_int_equal(letter_pdf(&out, &l, &err), ERR);
        assert_int_equal(err.code, SB_LETTER_FONT);
        buf_dispose(&out);
}

/* --- what proves a letter ------------------------------------------------------------------------------------------------------------ */

static const struct sign_key BY = {"letter", 1, 1}, OTHER = {"letter", 1, 2};

static void coded(char out[LETTER_CODE_MAX], const struct keyring *keys, struct str content)
{
        struct letter_code code = {.issuer = "YS-01", .number = "云社养核:〔2026〕1号", .day = 20781};
        struct error err = {0};

        code.content = hash_of(content.p, content.n);
        assert_ok(letter_code_make(out, &code, keys, &BY, &err), err);
}

static void test_code_every_byte(void **state)
{
        struct keyring *keys;
        struct error err = {0};
        struct letter_code seen;
        unsigned char key[32];
        char code[LETTER_CODE_MAX], around[LETTER_CODE_MAX + 8];

        (void)state;
        assert_ok(keyring_demo(&keys, 3, &err), err);
        coded(code, keys, STR("{}"));
        keyring_public_of(keys, &BY, key);
        assert_ok(letter_code_read(&seen, str_from(text_format(around, sizeof around, " %s\r\n", code)), &err), err);
        assert_ok(letter_code_verify(str_from(around), key, &err), err);
        assert_string_equal(seen.issuer, "YS-01");
        assert_string_equal(seen.number, "云社养核:〔2026〕1号"); /* its own colon is no trouble */
        assert_int_equal(seen.day, 20781);
        for (size_t i = 0; code[i] != '\0'; i++) {
                code[i] ^= 1;
                assert_int_equal(letter_code_verify(str_from(code), key, &err), ERR);
                error_clear(&err);
                code[i] ^= 1;
        }
        keyring_public_of(keys, &OTHER, key);
        assert_int_equal(letter_code_verify(str_from(code), key, &err), ERR);
        assert_int_equal(err.code, SB_LETTER_CHANGED);
        error_clear(&err);
        assert_int_equal(letter_code_read(&seen, STR("https://example.org/"), &err), ERR);
        assert_int_equal(err.code, SB_LETTER_CODE);
        keyring_free(keys);
}

static enum error_code seen_as(struct str pdf)
{
        struct letter_pdf_seen seen;
        struct error err = {0};

        return letter_pdf_verify(&seen, pdf, &err) == 0 ? SB_OK : err.code;
}

static void test_pdf_any_byte(void **state)
{
        struct letter l = sample(LANG_ZH);
        struct keyring *keys;
        struct error err = {0};
        struct buf pdf, text;
        char code[LETTER_CODE_MAX];

        (void)state;
        assert_ok(keyring_demo(&keys, 3, &err), err);
        buf_init(&text, 1 << 16);
        json_t *content = letter_content(&l);
        assert_ok(json_canonical(&text, content, &err), err);
        coded(code, keys, (struct str){text.p, text.n});
        l.verify = code;
        make(&pdf, &l);
        assert_int_equal(seen_as((struct str){pdf.p, pdf.n}), SB_LETTER_UNSIGNED);
        assert_ok(letter_pdf_sign(&pdf, (struct str){text.p, text.n}, code, keys, &BY, &err), err);
        assert_int_equal(seen_as((struct str){pdf.p, pdf.n}), SB_OK);
        /* A prime step through the pages, and each byte of what signs them. */
        for (size_t i = 0; i<pdf.n; i += pdf.n - i> 900 ? 211 : 1) {
                pdf.p[i] ^= 1;
                if (seen_as((struct str){pdf.p, pdf.n}) == SB_OK)
                        fail_msg("byte %zu of %zu may change", i, pdf.n);
                pdf.p[i] ^= 1;
        }
        for (size_t cut = 1; cut < 400; cut++)
                assert_int_not_equal(seen_as((struct str){pdf.p, pdf.n - cut}), SB_OK);
        buf_add_text(&pdf, "%");
        assert_int_not_equal(seen_as((struct str){pdf.p, pdf.n}), SB_OK);
        json_decref(content);
        buf_dispose(&pdf);
        buf_dispose(&text);
        keyring_free(keys);
}

/* What is stored of a letter is all of it: set again from that it has the same bytes. */
static void test_content_is_all(void **state)
{
        struct letter l = sample(LANG_ZH), back;
        struct error err = {0};
        struct buf a, b;

        (void)state;
        l.seal_name = "云城市社会保险事务中心（演示）";
        l.seal_kind = "业务专用章";
        json_t *content = letter_content(&l);
        assert_ok(letter_of_content(&back, content, &err), err);
        back.verify = l.verify;
        make(&a, &l);
        make(&b, &back);
        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.p, b.p, a.n);
        json_decref(content);
        buf_dispose(&a);
        buf_dispose(&b);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_letter_same_bytes),
            cmocka_unit_test(test_letter_text),
            cmocka_unit_test(test_letter_unknown_character),
            cmocka_unit_test(test_code_every_byte),
            cmocka_unit_test(test_pdf_any_byte),
            cmocka_unit_test(test_content_is_all),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
