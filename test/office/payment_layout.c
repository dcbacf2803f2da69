/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool whose bank has files of its own form: what it is told, and what it answers.
 */
#include "office/payments.h"

#include "support/cairo_leak.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char root[64]; /* of the law by which towns are founded here */

static void copied(const char *pack)
{
        int status = -1;
        pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
                execlp("cp", "cp", "-r", pack, root, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
}

/* The demonstration, whose pool of pensions pays by demo.fixed and is answered by demo.return; tests run at the root of the project. */
static int law_make(void **state)
{
        static const char pools[] =
            "pool,scheme,territory,name_zh,name_en,valid_from,valid_to,account_name,bank_name,bank_account,"
            "payment_layout,return_layout\nYS-EP,EP,990000,云山,Yunshan,1992-01-01,,社会保险基金,云山银行,"
            "9900010000000001,demo.fixed,demo.return\n";
        static char law[80];
        char path[128];
        struct error err = {0};

        (void)state;
        text_copy(root, sizeof root, STR("/tmp/shebao-bank-XXXXXX"));
        assert_non_null(mkdtemp(root));
        copied("packs/cn");
        copied("packs/demo");
        assert_ok(file_write(text_format(path, sizeof path, "%s/demo/pools.csv", root), pools, strlen(pools), &err), err);
        town_law(text_format(law, sizeof law, "%s/demo", root));
        return 0;
}

static int law_remove(void **state)
{
        int status = -1;
        pid_t child = fork();

        (void)state;
        assert_true(child >= 0);
        if (child == 0) {
                execlp("rm", "rm", "-r", root, (char *)NULL);
                _exit(127);
        }
        assert_int_equal(waitpid(child, &status, 0), child);
        return status;
}

static void a_bank_is_told_in_its_own_form(void **state)
{
        char name[128], media[64];
        struct buf file;
        struct hash hash;
        json_t *out = NULL;
        struct town *t = town_of(state, 3);
        int64_t run = paid(t, NOW_MONTH);
        assert_int_equal(town_call(t, "payment.get", json_pack("{s:I}", "run", (json_int_t)run), &out), SB_OK);
        const json_t *told = json_array_get(json_object_get(out, "files"), 0);
        assert_ok(hash_parse(&hash, str_from(json_text(told, "hash")), &t->err), t->err);
        buf_init(&file, 1 << 16);
        assert_ok(payment_file_derive(&t->house, &hash, &file, name, media, &t->err), t->err);
        assert_string_equal(name, json_text(told, "name"));
        assert_string_equal(name, "YS-EP-2026-11-1-0001.txt");
        assert_string_equal(media, "text/plain; charset=gb18030");
        json_decref(out);
        /* A header with number and sum, three lines, a trailer. */
        assert_true(memcmp(file.p, "HDEMO-R", 7) == 0);
        char total[64], money[24];
        assert_true(memcmp(file.p + 73, "00000003", 8) == 0);
        text_format(total, sizeof total, "%s\r\nD00000001R", money_text(3 * TOTAL, money));
        assert_non_null(memmem(file.p, file.n, total, strlen(total)));
        assert_non_null(memmem(file.p, file.n, "\r\nD00000003R", 12));
        assert_non_null(memmem(file.p, file.n, "\r\nT00000003", 11));
        buf_dispose(&file);
        json_decref(statement_of_file(t, run, "S1"));
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'settled' AND id = ?1@int", run), 1);
        town_audit(t);
        town_free(t);
}

/* --- what it answers ---------------------------------------------------------------------------------------------------------- */

enum { THREE = 3 };

/* The answer to a file of so many payments; a code for each, of the bank's own. */
static char *answer_text(struct town *t, int64_t run, const char *const codes[], char out[1024])
{
        size_t n = 0;
        int count = 0;

        for (; codes[count] != NULL; count++)
                n += strlen(text_format(out + n, 1024 - n, "R%lldA%lld|%d|%s\n", (long long)run, (long long)award(t, count),
                                        TOTAL, codes[count]));
        text_format(out + n, 1024 - n, "%d|%d\n", count, count * TOTAL);
        return out;
}

static enum error_code answered(struct town *t, int64_t run, const char *text, json_t **out)
{
        return town_call_body(t, "payment.return", json_pack("{s:I}", "run", (json_int_t)run), text, out);
}

static void files_stand(struct town *t, int statements, fen_t bank, fen_t payable)
{
        assert_int_equal(town_count(t, "SELECT COUNT(*) FROM bank_statement"), statements);
        assert_int_equal(book(t, LEDGER_BANK), bank);
        assert_int_equal(-book(t, LEDGER_PAYABLE), payable);
        assert_int_equal(book(t, LEDGER_SUSPENSE), 0);
        town_audit(t);
}

static char *return_details(int64_t run, int64_t to, char out[256])
{
        return text_format(
            out, 256,
            "<TxDtls><Refs><EndToEndId>R%lldA%lld</EndToEndId></Refs><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>",
            (long long)run, (long long)to);
}

/* All of the file has left, what came back is due again; the bank's statement of the same money proves it, and posts nothing. */
static void a_bank_answers_in_its_own_form(void **state)
{
        struct town *t = town_of(state, THREE);
        char text[1024], details[256];
        json_t *out = NULL;
        int64_t second = award(t, 1), run = paid(t, NOW_MONTH);

        answer_text(t, run, (const char *const[]){"00", "41", "00", NULL}, text);
        assert_int_equal(answered(t, run, text, &out), SB_OK);
        assert_int_equal(town_whole(out, "paid"), 2);
        assert_int_equal(town_whole(out, "returned"), 1);
        assert_int_equal(town_money(out, "returned_sum"), TOTAL);
        assert_true(json_is_true(json_object_get(out, "new")));
        json_decref(out);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'settled' AND id = ?1@int", run), 1);
        assert_int_equal(
            town_ask(t, "SELECT COUNT(*) FROM payment WHERE state = 'returned' AND return_code = 'AC04' AND award = ?1@int",
                     second),
            1);
        files_stand(t, 1, FUNDS - 2 * TOTAL, TOTAL);
        assert_int_equal(answered(t, run, text, &out), SB_OK); /* the same bytes again */
        assert_true(json_is_false(json_object_get(out, "new")));
        assert_int_equal(town_whole(out, "returned"), 1);
        json_decref(out);
        out = statement_of_file(t, run, "S1");
        assert_int_equal(town_whole(out, "matched"), 1);
        json_decref(out);
        out = statement(t, "S2", true, TOTAL, return_details(run, second, details));
        assert_int_equal(town_whole(out, "matched"), 1);
        json_decref(out);
        files_stand(t, 3, FUNDS - 2 * TOTAL, TOTAL);
        assert_int_equal(town_call(t, "payment.get", json_pack("{s:I}", "run", (json_int_t)run), &out), SB_OK);
        json_t *answer = json_object_get(json_array_get(json_object_get(out, "files"), 0), "answer");
        assert_int_equal(town_whole(answer, "returned"), 1);
        json_decref(out);
        /* Once more is too much: somebody has to look at it. */
        out = statement(t, "S3", true, TOTAL, return_details(run, second, details));
        assert_int_equal(town_whole(out, "suspense"), 1);
        json_decref(out);
        town_free(t);
}

/* What came back is corrected, and paid with the next run. */
static void what_came_back_by_a_file_is_paid_once_more(void **state)
{
        struct town *t = town_of(state, THREE);
        char text[1024];
        int64_t second = award(t, 1), run = paid(t, NOW_MONTH);

        assert_int_equal(answered(t, run, answer_text(t, run, (const char *const[]){"00", "43", "00", NULL}, text), NULL),
                         SB_OK);
        int64_t stop = town_ask(t, "SELECT id FROM award_stop WHERE award = ?1@int", second);
        clock_advance(t->house.clock, 1000000);
        assert_int_equal(
            town_call(t, "pension.lift", json_pack("{s:I,s:I}", "award", (json_int_t)second, "stop", (json_int_t)stop), NULL),
            SB_OK);
        clock_advance(t->house.clock, 1000000);
        run = paid(t, NOW_MONTH);
        assert_int_equal(town_ask(t, "SELECT due_fen FROM payment_run WHERE id = ?1@int", run), TOTAL);
        text_format(text, sizeof text, "R%lldA%lld|%d|00\n1|%d\n", (long long)run, (long long)second, TOTAL, TOTAL);
        assert_int_equal(answered(t, run, text, NULL), SB_OK);
        files_stand(t, 2, FUNDS - 3 * TOTAL, 0);
        town_free(t);
}

/* Statements came first: the whole and one return by them, or the net by one. The file posts what is left. */
static void a_statement_that_came_first_is_not_posted_again(void **state)
{
        struct town *t = town_of(state, THREE);
        char text[1024], details[256];
        int64_t run = paid(t, NOW_MONTH);

        json_decref(statement_of_file(t, run, "S1"));
        json_decref(statement(t, "S2", true, TOTAL, return_details(run, award(t, 0), details)));
        assert_int_equal(answered(t, run, answer_text(t, run, (const char *const[]){"00", "41", "00", NULL}, text), NULL),
                         SB_PAYMENT_RETURN_LINE);
        assert_string_equal(t->err.where, "1:3");
        assert_int_equal(answered(t, run, answer_text(t, run, (const char *const[]){"41", "42", "00", NULL}, text), NULL),
                         SB_OK);
        files_stand(t, 3, FUNDS - TOTAL, 2 * TOTAL);
        town_free(t);

        t = town_of(state, THREE);
        run = paid(t, NOW_MONTH);
        text_format(details, sizeof details, "<Btch><PmtInfId>R%lldF1</PmtInfId></Btch>", (long long)run);
        json_decref(statement(t, "S1", false, 2 * TOTAL, details));
        assert_int_equal(answered(t, run, answer_text(t, run, (const char *const[]){"00", "41", "00", NULL}, text), NULL),
                         SB_OK);
        assert_int_equal(town_ask(t, "SELECT COUNT(*) FROM payment_run WHERE state = 'settled' AND id = ?1@int", run), 1);
        files_stand(t, 2, FUNDS - 2 * TOTAL, TOTAL);
        town_free(t);
}

static void what_does_not_fit_is_refused_whole(void **state)
{
        struct town *t = town_of(state, THREE);
        char text[1024];
        int64_t one = award(t, 0), two = award(t, 1), three = award(t, 2), run = paid(t, NOW_MONTH);
        const long long r = run, a = one, b = two, c = three;
        struct {
                char text[256];
                enum error_code code;
                const char *where;
        } cases[10] = {{.code = SB_LAYOUT_VALUE, .where = "2:3"},        {.code = SB_LAYOUT_TOTAL, .where = "4:2"},
                       {.code = SB_PAYMENT_RETURN_LINE, .where = ""},    {.code = SB_PAYMENT_RETURN_LINE, .where = "3:1"},
                       {.code = SB_PAYMENT_RETURN_LINE, .where = "2:2"}, {.code = SB_PAYMENT_RETURN_LINE, .where = "1:1"},
                       {.code = SB_PAYMENT_RETURN_LINE, .where = "1:1"}, {.code = SB_PAYMENT_RETURN_LINE, .where = "4:1"},
                       {.code = SB_PAYMENT_RETURN, .where = ""},         {.code = SB_LAYOUT_COLUMNS, .where = "1:3"}};

        text_format(cases[0].text, 256, "R%lldA%lld|130000|00\nR%lldA%lld|130000|99\nR%lldA%lld|130000|00\n3|390000\n", r, a, r,
                    b, r, c);
        text_format(cases[1].text, 256, "R%lldA%lld|130000|00\nR%lldA%lld|130000|00\nR%lldA%lld|130000|00\n3|390001\n", r, a, r,
                    b, r, c);
        text_format(cases[2].text, 256, "R%lldA%lld|130000|00\nR%lldA%lld|130000|00\n2|260000\n", r, a, r,
                    c); /* one is missing */
        text_format(cases[3].text, 256, "R%lldA%lld|130000|00\nR%lldA%lld|130000|00\nR%lldA%lld|130000|41\n3|390000\n", r, a, r,
                    c, r, a);
        text_format(cases[4].text, 256, "R%lldA%lld|130000|00\nR%lldA%lld|129999|00\nR%lldA%lld|130000|00\n3|389999\n", r, a, r,
                    b, r, c);
        text_format(cases[5].text, 256, "R%lldA%lld|130000|00\nR%lldA%lld|130000|00\n2|260000\n", r + 1, a, r, b);
        text_format(cases[6].text, 256, "X\x01|130000|00\n1|130000\n");
        text_format(cases[7].text, 256,
                    "R%lldA%lld|130000|00\nR%lldA%lld|130000|00\nR%lldA%lld|130000|00\nR%lldA%lld|1|00\n4|390001\n", r, a, r, b,
                    r, c, r, c + 1000);
        text_format(cases[8].text, 256, "0|0\n");
        text_format(cases[9].text, 256, "R%lldA%lld|130000\n1|130000\n", r, a);
        cases[6].code = SB_LAYOUT_VALUE;
        for (size_t i = 0; i < 10; i++) {
                enum error_code code = answered(t, run, cases[i].text, NULL);
                if (code != cases[i].code || strcmp(t->err.where, cases[i].where) != 0)
                        print_message("case %zu: %d at %s\n", i, code, t->err.where);
                assert_int_equal(code, cases[i].code);
                assert_string_equal(t->err.where, cases[i].where);
        }
        files_stand(t, 0, FUNDS, 3 * TOTAL);
        /* One answer a file; a run that has not left yet has none. */
        assert_int_equal(answered(t, run, answer_text(t, run, (const char *const[]){"00", "00", "00", NULL}, text), NULL),
                         SB_OK);
        assert_int_equal(answered(t, run, answer_text(t, run, (const char *const[]){"00", "00", "41", NULL}, text), NULL),
                         SB_PAYMENT_RETURN);
        clock_advance(t->house.clock, (int64_t)8 * 86400 * 1000000); /* 2026-12-02 */
        run = computed(t, "2026-12");
        assert_int_equal(answered(t, run, answer_text(t, run, (const char *const[]){"00", "00", "00", NULL}, text), NULL),
                         SB_PAYMENT_STATE);
        files_stand(t, 1, FUNDS - 3 * TOTAL, 0);
        town_free(t);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_bank_is_told_in_its_own_form),
            TEST_ON_BOTH(a_bank_answers_in_its_own_form),
            TEST_ON_BOTH(what_came_back_by_a_file_is_paid_once_more),
            TEST_ON_BOTH(a_statement_that_came_first_is_not_posted_again),
            TEST_ON_BOTH(what_does_not_fit_is_refused_whole),
        };
        return cmocka_run_group_tests(tests, law_make, law_remove);
}
