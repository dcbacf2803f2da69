/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/shebao-file-XXXXXX";

static const char *path(const char *name)
{
        static char out[128];
        return text_format(out, sizeof out, "%s/%s", folder, name);
}

static int count_files(void)
{
        int n = 0;
        DIR *d = opendir(folder);
        while (readdir(d) != NULL)
                n++;
        closedir(d);
        return n - 2;
}

static void writes_and_reads_back(void **state)
{
        (void)state;
        struct error err = {0};
        struct buf b;
        buf_init(&b, 1 << 20);
        char *big = calloc(1, 100000);
        memset(big, 'x', 100000);
        assert_ok(file_write(path("a"), "one", 3, &err), err);
        assert_ok(file_write(path("a"), big, 100000, &err), err);
        assert_int_equal(count_files(), 1);
        assert_ok(file_read(&b, path("a"), 100000, &err), err);
        assert_int_equal(b.n, 100000);
        buf_clear(&b);
        assert_error(file_read(&b, path("a"), 99999, &err), err, SB_LIMIT);
        assert_ok(file_write(path("a"), "", 0, &err), err);
        buf_clear(&b);
        assert_ok(file_read(&b, path("a"), 0, &err), err);
        assert_int_equal(b.n, 0);
        unlink(path("a"));
        buf_dispose(&b);
        free(big);
}

static void leaves_nothing_half_done(void **state)
{
        (void)state;
        struct error err = {0};
        struct buf b;
        buf_init(&b, 100);
        assert_error(file_read(&b, path("none"), 10, &err), err, SB_IO);
        assert_error(file_read(&b, folder, 10, &err), err, SB_IO);
        assert_error(file_write(path("no/such"), "x", 1, &err), err, SB_IO);
        mkdir(path("dir"), 0700);
        assert_error(file_write(path("dir"), "x", 1, &err), err, SB_IO);
        rmdir(path("dir"));
        assert_int_equal(count_files(), 0);
        assert_error(file_write("/dev/full/x", "x", 1, &err), err, SB_IO);
        buf_dispose(&b);
}

/* As root, a device that was written to by a new file in its place would be gone. */
static void writes_into_what_is_no_file(void **state)
{
        (void)state;
        struct error err = {0};
        char said[8] = "";
        struct stat there;
        assert_int_equal(mkfifo(path("pipe"), 0600), 0);
        int fd = open(path("pipe"), O_RDONLY | O_NONBLOCK);
        assert_true(fd >= 0);
        assert_ok(file_write(path("pipe"), "three", 5, &err), err);
        assert_int_equal(read(fd, said, sizeof said), 5);
        assert_string_equal(said, "three");
        close(fd);
        assert_int_equal(stat(path("pipe"), &there), 0);
        assert_true(S_ISFIFO(there.st_mode));
        unlink(path("pipe"));
        assert_int_equal(count_files(), 0);
}

static int set_up(void **state)
{
        (void)state;
        return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
        (void)state;
        return rmdir(folder);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(writes_and_reads_back),
            cmocka_unit_test(leaves_nothing_half_done),
            cmocka_unit_test(writes_into_what_is_no_file),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
