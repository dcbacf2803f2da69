/* SPDX-License-Identifier: Apache-2.0
 *
 * Prepares every SQL statement of the program on both engines. The statements are taken from the
 * floors' archives (SQL_ARCHIVES, set by CMake): each constant text that begins with SELECT,
 * INSERT, UPDATE, DELETE or WITH. A piece that is put together at run time is not a statement: it
 * ends with a blank or holds a '%', and is left out.
 */
#include "support/pg.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const verbs[] = {"SELECT ", "INSERT INTO ", "UPDATE ", "DELETE FROM ", "WITH "};

static bool is_statement(const char *text, size_t n)
{
        bool begins = false;
        for (size_t i = 0; i < sizeof verbs / sizeof *verbs && !begins; i++) {
                begins = strncmp(text, verbs[i], strlen(verbs[i])) == 0;
        }
        return begins && text[n - 1] != ' ' && !strchr(text, '%');
}

static int prepare(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q = NULL;
        return tx_prepare(&q, tx, ctx, err);
}

/* Returns how many statements the archive holds; counts those refused. */
static size_t check_archive(struct store *s, const char *path, size_t *refused)
{
        struct buf file;
        struct error err = {0};
        size_t found = 0;
        buf_init(&file, (size_t)1 << 30);
        if (file_read(&file, path, (size_t)1 << 30, &err) != 0) {
                fail_msg("cannot read %s", path);
        }
        const char *p = file.p, *end = file.p + file.n;
        while (p < end) {
                size_t n = strnlen(p, (size_t)(end - p));
                if (n > 6 && p + n < end && is_statement(p, n)) {
                        err = (struct error){0};
                        found++;
                        if (store_read(s, prepare, (void *)(uintptr_t)p, &err) != 0) {
                                char text[1024];
                                fprintf(stderr, "%s: %s\n  %s\n", path, error_text(&err, LANG_EN, text, sizeof text), p);
                                ++*refused;
                        }
                }
                p += n + 1;
        }
        /* The statements are keys of the caches: the store must not outlive them. */
        store_close(s);
        buf_dispose(&file);
        return found;
}

static void test_every_statement_is_understood(void **state)
{
        size_t found = 0, refused = 0;
        char archives[] = SQL_ARCHIVES, url[256], *rest = archives;
        if (!test_store_url(*(enum test_engine *)*state, url)) {
                skip();
        }
        store_close(test_store_open(url));
        for (char *path = strsep(&rest, "|"); path; path = strsep(&rest, "|")) {
                found += check_archive(test_store_open(url), path, &refused);
        }
        printf("%zu statements, %zu refused\n", found, refused);
        assert_true(found > 10);
        assert_int_equal(refused, 0);
}

static void test_a_wrong_statement_is_found(void **state)
{
        struct store *s = test_store_new(*(enum test_engine *)*state);
        char path[200];
        struct error err = {0};
        size_t refused = 0;
        const char bytes[] = "x\0SELECT home FROM person\0SELECT nothing FROM person\0UPDATE person SET state = ?1\0"
                             "SELECT SUM(version) FROM person\0SELECT \0";
        if (!s) {
                skip();
        }
        bool postgresql = store_is_postgresql(s);
        text_format(path, sizeof path, "%s/archive", test_scratch());
        assert_int_equal(file_write(path, bytes, sizeof bytes, &err), 0);
        assert_int_equal(check_archive(s, path, &refused), 4);
        assert_int_equal(refused, postgresql ? 3 : 2); /* a sum without CAST is no fault on SQLite */
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(test_a_wrong_statement_is_found),
            TEST_ON_BOTH(test_every_statement_is_understood),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
