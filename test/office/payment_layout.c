/* SPDX-License-Identifier: Apache-2.0
 *
 * A pool whose bank has files of its own form: what it is told.
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

/* The demonstration, whose pool of pensions pays by demo.fixed; tests run at the root of the project. */
static int law_make(void **state)
{
        static const char pools[] =
            "pool,scheme,territory,name_zh,name_en,valid_from,valid_to,account_name,bank_name,bank_account,"
            "payment_layout\nYS-EP,EP,990000,云山,Yunshan,1992-01-01,,社会保险基金,云山银行,"
            "9900010000000001,demo.fixed\n";
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

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_bank_is_told_in_its_own_form),
        };
        return cmocka_run_group_tests(tests, law_make, law_remove);
}
