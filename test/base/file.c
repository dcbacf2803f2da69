/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
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

static void assert_holds(const char *name, const char *text)
{
        struct error err = {0};
        struct buf b;
        buf_init(&b, 100);
        assert_ok(file_read(&b, path(name), 100, &err), err);
        assert_string_equal(buf_text(&b), text);
        buf_dispose(&b);
}

static void assert_link(const char *name)
{
        struct stat there;
        assert_int_equal(lstat(path(name), &there), 0);
        assert_true(S_ISLNK(there.st_mode));
}

/* As root, a link like /dev/stdout that was replaced by a file would be gone for the whole machine. */
static void a_link_stays_a_link(void **state)
{
        (void)state;
        struct error err = {0};
        assert_ok(file_write(path("file"), "one", 3, &err), err);
        assert_int_equal(symlink("file", path("link")), 0);
        assert_ok(file_write(path("link"), "two", 3, &err), err);
        assert_link("link");
        assert_holds("file", "two");

        assert_int_equal(symlink("/dev/null", path("null")), 0);
        assert_ok(file_write(path("null"), "three", 5, &err), err);
        assert_link("null");

        assert_int_equal(symlink("nowhere", path("lost")), 0);
        assert_error(file_write(path("lost"), "x", 1, &err), err, SB_IO);
        assert_link("lost");
        assert_int_equal(count_files(), 4);
        const char *names[] = {"link", "null", "lost", "file"};
        for (size_t i = 0; i < 4; i++)
                unlink(path(names[i]));
}

/* The test's own output is given back before anything is judged. */
static void output_sent_to_a_file_is_written_to(void **state)
{
        (void)state;
        struct error err = {0};
        assert_int_equal(symlink("/proc/self/fd/1", path("out")), 0);
        fflush(stdout);
        int own = dup(STDOUT_FILENO), to = open(path("said"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        assert_true(own >= 0 && to >= 0 && dup2(to, STDOUT_FILENO) == STDOUT_FILENO);
        printf("before ");
        int rc = file_write(path("out"), "this", 4, &err);
        printf(" after");
        fflush(stdout);
        dup2(own, STDOUT_FILENO);
        close(own);
        close(to);
        assert_ok(rc, err);
        assert_link("out");
        assert_holds("said", "before this after");
        unlink(path("out"));
        unlink(path("said"));
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
            cmocka_unit_test(a_link_stays_a_link),
            cmocka_unit_test(output_sent_to_a_file_is_written_to),
        };
        return cmocka_run_group_tests(tests, set_up, tear_down);
}
