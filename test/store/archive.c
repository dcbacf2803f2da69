/* SPDX-License-Identifier: Apache-2.0
 *
 * The log of an SQLite database as a file, in each form that it may have, whole and damaged; copies of a database, and what is said of
 * files that are none.
 */
#include "store/archive.h"
#include "base/text.h"
#include "store/store.h"
#include "support/pg.h"
#include "testing.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FRAMES = 16, FRAME_HEAD = 24, HEAD = 32 };

static const char *scratch_path(char out[200], const char *name)
{
        return text_format(out, 200, "%s/%s", test_scratch(), name);
}

static bool is_there(const char *path)
{
        return access(path, F_OK) == 0;
}

static void file_put(const char *path, const void *bytes, size_t n)
{
        struct error err = {0};

        unlink(path);
        assert_ok(file_write(path, bytes, n, &err), err);
}

/* --- a log made by hand, as the documents of SQLite describe it ------------------------------------------------------------------------ */

struct log_made {
        struct buf bytes;
        bool big_endian; /* the words of its checksums */
        uint32_t page_size, salt[2], sum[2];
        char path[200];
};

static void add_u32(struct buf *b, uint32_t v)
{
        unsigned char x[4] = {(unsigned char)(v >> 24), (unsigned char)(v >> 16), (unsigned char)(v >> 8), (unsigned char)v};

        buf_add(b, x, 4);
}

static void add_sum(struct log_made *l, size_t at, size_t n)
{
        for (size_t i = at; i < at + n; i += 8) {
                uint32_t w[2];
                for (size_t k = 0; k < 2; k++) {
                        const unsigned char *p = (const unsigned char *)l->bytes.p + i + 4 * k;
                        w[k] = l->big_endian ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                                             : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
                }
                l->sum[0] += w[0] + l->sum[1];
                l->sum[1] += w[1] + l->sum[0];
        }
}

static void log_begin(struct log_made *l, bool big_endian, uint32_t page_size, uint32_t salt)
{
        memset(l, 0, sizeof *l);
        buf_init(&l->bytes, (size_t)4 << 20);
        l->big_endian = big_endian;
        l->page_size = page_size;
        l->salt[0] = salt;
        l->salt[1] = salt * 7;
        scratch_path(l->path, "by_hand.db");
        add_u32(&l->bytes, 0x377f0682u | big_endian);
        add_u32(&l->bytes, 3007000);
        add_u32(&l->bytes, page_size);
        add_u32(&l->bytes, 5); /* the number of the log */
        add_u32(&l->bytes, l->salt[0]);
        add_u32(&l->bytes, l->salt[1]);
        add_sum(l, 0, 24);
        add_u32(&l->bytes, l->sum[0]);
        add_u32(&l->bytes, l->sum[1]);
}

/* A page full of `what`; pages: it ends a transaction, and so large is the database. */
static void log_frame_add(struct log_made *l, uint32_t page, uint32_t pages, char what)
{
        static char body[65536];
        size_t at = l->bytes.n;

        memset(body, what, l->page_size);
        add_u32(&l->bytes, page);
        add_u32(&l->bytes, pages);
        add_u32(&l->bytes, l->salt[0]);
        add_u32(&l->bytes, l->salt[1]);
        add_sum(l, at, 8);
        /* The sum goes over the page, which stands behind it. */
        size_t hole = l->bytes.n;
        add_u32(&l->bytes, 0);
        add_u32(&l->bytes, 0);
        buf_add(&l->bytes, body, l->page_size);
        add_sum(l, hole + 8, l->page_size);
        struct buf sum;
        buf_init(&sum, 64);
        add_u32(&sum, l->sum[0]);
        add_u32(&sum, l->sum[1]);
        memcpy(l->bytes.p + hole, sum.p, 8);
        buf_dispose(&sum);
}

static void log_put(const struct log_made *l, size_t n)
{
        char name[220];

        file_put(text_format(name, sizeof name, "%s-wal", l->path), l->bytes.p, n);
}

/* Two transactions, of two frames and of one, and a frame of one that has not ended. */
static void log_usual(struct log_made *l, bool big_endian, uint32_t page_size)
{
        log_begin(l, big_endian, page_size, 1234567);
        log_frame_add(l, 1, 0, 'a');
        log_frame_add(l, 2, 2, 'b');
        log_frame_add(l, 3, 3, 'c');
        log_frame_add(l, 1, 0, 'd');
        log_put(l, l->bytes.n);
}

struct taken {
        uint32_t page[FRAMES], pages[FRAMES];
        char what[FRAMES + 1];
        int count, fails_at;
        const struct log_made *spoils; /* what it reads is written over by another log */
};

static int take(void *ctx, uint32_t page, uint32_t pages, const void *bytes, size_t n, struct error *err)
{
        struct taken *t = ctx;
        const char *p = bytes;

        assert_true(t->count < FRAMES);
        t->page[t->count] = page;
        t->pages[t->count] = pages;
        t->what[t->count++] = p[0];
        for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], p[0]);
        if (t->spoils != NULL) {
                char name[220];
                assert_int_equal(truncate(text_format(name, sizeof name, "%s-wal", t->spoils->path), HEAD + 100), 0);
        }
        return t->count == t->fails_at ? error_raise(err, SB_OVERFLOW, "%s", "on purpose") : 0;
}

/* What is told from nothing on; its place. */
static struct taken all_of(const struct log_made *l, struct log_place *at)
{
        struct taken t = {.count = 0};
        struct error err = {0};

        *at = (struct log_place){.frame = 0};
        assert_ok(log_read(l->path, at, NULL, take, &t, &err), err);
        return t;
}

static void test_a_log_of_either_byte_order_and_of_any_page(void **state)
{
        static const uint32_t sizes[] = {512, 1024, 4096, 65536};

        (void)state;
        for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++)
                for (int big = 0; big < 2; big++) {
                        struct log_made l;
                        struct log_place at;
                        log_usual(&l, big == 1, sizes[k]);
                        struct taken t = all_of(&l, &at);
                        assert_string_equal(t.what, "abc");
                        assert_true(t.page[0] == 1 && t.page[1] == 2 && t.page[2] == 3);
                        assert_true(t.pages[0] == 0 && t.pages[1] == 2 && t.pages[2] == 3);
                        assert_true(at.frame == 3 && at.page_size == sizes[k] && at.checkpoint == 5 && at.salt[0] == 1234567);
                        buf_dispose(&l.bytes);
                }
}

static void test_a_log_whose_head_is_damaged_is_none(void **state)
{
        struct log_made l;
        struct log_place at;

        (void)state;
        log_usual(&l, false, 512);
        for (size_t i = 0; i < HEAD; i++) {
                l.bytes.p[i] = (char)(l.bytes.p[i] ^ 0x40);
                log_put(&l, l.bytes.n);
                struct taken t = all_of(&l, &at);
                assert_true(t.count == 0 && at.frame == 0 && at.page_size == 0);
                l.bytes.p[i] = (char)(l.bytes.p[i] ^ 0x40);
        }
        for (size_t n = 0; n <= HEAD; n += 8) { /* it is just being written, or nothing else is */
                log_put(&l, n);
                struct taken t = all_of(&l, &at);
                assert_int_equal(t.count, 0);
                assert_int_equal(at.page_size, n < HEAD ? 0 : 512);
        }
        buf_dispose(&l.bytes);
        /* Pages that no database has, though the sum is right. */
        static const uint32_t sizes[] = {256, 131072};
        for (size_t k = 0; k < 2; k++) {
                log_begin(&l, true, sizes[k], 9);
                log_put(&l, l.bytes.n);
                struct taken t = all_of(&l, &at);
                assert_true(t.count == 0 && at.page_size == 0);
                buf_dispose(&l.bytes);
        }
}

static void test_a_log_ends_where_it_is_damaged(void **state)
{
        static const size_t frame = FRAME_HEAD + 512;
        struct log_made l;
        struct log_place at;

        (void)state;
        log_usual(&l, false, 512);
        for (size_t i = 0; i < frame; i += i < FRAME_HEAD ? 1 : 97) { /* in the third frame */
                size_t place = HEAD + 2 * frame + i;
                l.bytes.p[place] = (char)(l.bytes.p[place] ^ 1);
                log_put(&l, l.bytes.n);
                struct taken t = all_of(&l, &at);
                assert_string_equal(t.what, "ab");
                assert_int_equal(at.frame, 2);
                l.bytes.p[place] = (char)(l.bytes.p[place] ^ 1);
        }
        l.bytes.p[HEAD + frame + 3]++; /* in the second: then the first is no transaction */
        log_put(&l, l.bytes.n);
        assert_int_equal(all_of(&l, &at).count, 0);
        l.bytes.p[HEAD + frame + 3]--;
        log_put(&l, HEAD + 3 * frame - 1); /* cut in the third */
        assert_string_equal(all_of(&l, &at).what, "ab");
        log_put(&l, HEAD + 2 * frame - 1);
        assert_int_equal(all_of(&l, &at).count, 0);
        buf_dispose(&l.bytes);
}

static void test_who_reads_on_gets_what_came_since(void **state)
{
        struct log_made l, next;
        struct log_place at, none = {.frame = 0};
        struct taken t = {.count = 0};
        struct error err = {0};

        (void)state;
        log_usual(&l, false, 512);
        all_of(&l, &at);
        assert_ok(log_read(l.path, &at, NULL, take, &t, &err), err);
        assert_int_equal(t.count, 0);
        log_frame_add(&l, 2, 3, 'e'); /* the third transaction ends */
        log_put(&l, l.bytes.n);
        assert_ok(log_read(l.path, &none, NULL, NULL, NULL, &err), err); /* only where it ends */
        assert_int_equal(none.frame, 5);
        assert_ok(log_read(l.path, &at, NULL, take, &t, &err), err);
        assert_string_equal(t.what, "de");
        assert_int_equal(at.frame, 5);
        /* A log of the same salts that ends before it: nothing new, and nothing goes back. */
        log_put(&l, HEAD + 3 * (FRAME_HEAD + 512));
        assert_ok(log_read(l.path, &at, NULL, take, &t, &err), err);
        assert_true(t.count == 2 && at.frame == 5);
        /* The next log begins from its first frame; so does one with one other salt. */
        for (int k = 0; k < 2; k++) {
                struct log_place before = at;
                log_begin(&next, false, 512, k == 0 ? 77 : 78);
                log_frame_add(&next, 1, 1, 'n');
                log_put(&next, next.bytes.n);
                before.salt[k] = next.salt[k];
                t = (struct taken){.count = 0};
                assert_ok(log_read(next.path, &before, NULL, take, &t, &err), err);
                assert_string_equal(t.what, "n");
                assert_true(before.frame == 1 && before.salt[0] == next.salt[0] && before.salt[1] == next.salt[1]);
                buf_dispose(&next.bytes);
        }
        buf_dispose(&l.bytes);
}

static void test_until_a_place_that_was_read_before(void **state)
{
        struct log_made l;
        struct log_place end, at = {.frame = 0};
        struct taken t = {.count = 0};
        struct error err = {0};

        (void)state;
        log_usual(&l, false, 512);
        all_of(&l, &end);
        log_frame_add(&l, 2, 3, 'e');
        log_put(&l, l.bytes.n);
        assert_ok(log_read(l.path, &at, &end, take, &t, &err), err);
        assert_string_equal(t.what, "abc"); /* not what came since */
        assert_int_equal(at.frame, 3);
        /* A place that this log does not have: whoever asks comes again. */
        for (int k = 0; k < 4; k++) {
                struct log_place other = end;
                if (k == 0)
                        other.salt[0]++;
                else if (k == 1)
                        other.salt[1]++;
                else
                        other.frame = k == 2 ? 4 : 6; /* within a transaction; behind the end */
                at = (struct log_place){.frame = 0};
                err = (struct error){0};
                assert_int_equal(log_read(l.path, &at, &other, take, &t, &err), ERR_SOFT);
                assert_int_equal(err.code, SB_STORE_BUSY);
                assert_int_equal(at.frame, 0);
        }
        buf_dispose(&l.bytes);
}

static void test_who_takes_may_fail_and_the_log_may_change(void **state)
{
        struct log_made l;
        struct log_place at = {.frame = 0};
        struct taken t = {.fails_at = 2};
        struct error err = {0};

        (void)state;
        log_usual(&l, false, 4096);
        assert_error(log_read(l.path, &at, NULL, take, &t, &err), err, SB_OVERFLOW);
        assert_true(t.count == 2 && at.frame == 0); /* it comes again from the start */
        t = (struct taken){.spoils = &l};
        assert_error(log_read(l.path, &at, NULL, take, &t, &err), err, SB_STORE_CORRUPT);
        assert_true(t.count == 1 && at.frame == 0);
        buf_dispose(&l.bytes);
}

static void test_a_log_that_is_not_there_or_cannot_be_read(void **state)
{
        struct log_place at = {.frame = 0};
        struct error err = {0};
        char path[200], name[220];

        (void)state;
        scratch_path(path, "nolog.db");
        assert_ok(log_read(path, &at, NULL, NULL, NULL, &err), err);
        assert_int_equal(at.page_size, 0);
        assert_int_equal(mkdir(text_format(name, sizeof name, "%s-wal", path), 0700), 0);
        assert_error(log_read(path, &at, NULL, NULL, NULL, &err), err, SB_IO);
        file_put(path, "x", 1);
        text_format(name, sizeof name, "%s/below", path); /* no folder */
        assert_error(log_read(name, &at, NULL, NULL, NULL, &err), err, SB_IO);
}

/* --- a database -------------------------------------------------------------------------------------------------------------------------- */

static int add(struct tx *tx, void *ctx, struct error *err)
{
        int rc =
            tx_exec(tx, err, "CREATE TABLE IF NOT EXISTS thing (id @int NOT NULL, body @text, PRIMARY KEY (id)) @table", "");

        for (int64_t i = 0; rc == 0 && i < 300; i++)
                rc = tx_exec(tx, err, "INSERT INTO thing (id, body) VALUES (?1@int, ?2@text)", "it", *(int64_t *)ctx + i,
                             "some text of some length, so that there are pages");
        return rc;
}

static int count(struct tx *tx, void *ctx, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err, "SELECT COUNT(*) FROM thing", "");

        *(int64_t *)ctx = rc == 1 ? stmt_int(q, 0) : -1;
        return rc < 0 ? rc : 0;
}

static struct store *opened(const char *path)
{
        struct store_options options = {.create = true, .readers = 1};
        struct store *s = NULL;
        struct error err = {0};
        char url[256];

        assert_ok(store_open(&s, text_format(url, sizeof url, "sqlite:%s", path), &options, &err), err);
        return s;
}

/* Of the file alone, without its log; −1: there is no such table. */
static int64_t rows_in(const char *path)
{
        struct error err = {0};
        struct buf bytes;
        char other[200];
        int64_t n = -1;

        buf_init(&bytes, (size_t)8 << 20);
        assert_ok(file_read(&bytes, path, (size_t)8 << 20, &err), err);
        file_put(scratch_path(other, "alone.db"), bytes.p, bytes.n);
        buf_dispose(&bytes);
        struct store *s = opened(other);
        (void)store_read(s, count, &n, &err);
        store_close(s);
        return n;
}

static int nothing_left(void *ctx, struct error *err)
{
        int *calls = ctx;

        return ++*calls == 1 ? error_raise(err, SB_OVERFLOW, "%s", "on purpose") : 0;
}

static void test_a_log_that_is_archived_is_worked_in_when_it_was_taken(void **state)
{
        struct log_place at = {.frame = 0};
        struct error err = {0};
        int64_t id = 1;
        int calls = 0;
        char path[200];

        (void)state;
        scratch_path(path, "works.db");
        assert_ok(archive_mark(path, true, &err), err);
        struct store *s = opened(path);
        assert_ok(store_write(s, add, &id, &err), err);
        assert_ok(log_read(path, &at, NULL, NULL, NULL, &err), err);
        assert_true(at.frame > 0);
        assert_error(log_work_in(path, nothing_left, &calls, &err), err, SB_OVERFLOW);
        assert_int_equal(rows_in(path), -1); /* it could not be taken: it stays in the log */
        assert_ok(log_work_in(path, nothing_left, &calls, &err), err);
        assert_int_equal(calls, 2);
        assert_int_equal(rows_in(path), 300);
        id = 1000;
        assert_ok(store_write(s, add, &id, &err), err);
        store_close(s);
        assert_int_equal(rows_in(path), 300); /* also when everybody has closed it */
        s = opened(path);
        int64_t n = 0;
        assert_ok(store_read(s, count, &n, &err), err);
        assert_int_equal(n, 600);
        store_close(s);
}

static void test_a_mark_beside_the_database(void **state)
{
        struct error err = {0};
        struct buf text;
        char path[200], name[220];

        (void)state;
        scratch_path(path, "marked.db");
        text_format(name, sizeof name, "%s-archive", path);
        assert_ok(archive_mark(path, false, &err), err); /* there is none */
        assert_false(archive_marked(path));
        file_put(name, "of somebody", 11);
        assert_true(archive_marked(path));
        assert_ok(archive_mark(path, true, &err), err); /* it is there, and stays as it is */
        buf_init(&text, 100);
        assert_ok(file_read(&text, name, 100, &err), err);
        assert_int_equal(text.n, 11);
        buf_dispose(&text);
        assert_ok(archive_mark(path, false, &err), err);
        assert_false(archive_marked(path));
        assert_ok(archive_mark(path, true, &err), err);
        assert_true(archive_marked(path));
        assert_ok(archive_mark(path, false, &err), err);
        assert_int_equal(mkdir(name, 0700), 0);
        assert_error(archive_mark(path, false, &err), err, SB_IO);
        assert_true(archive_marked(path));
        scratch_path(path, "nowhere/marked.db");
        assert_error(archive_mark(path, true, &err), err, SB_IO);

        assert_string_equal(archive_path("sqlite:some/where.db"), "some/where.db");
        assert_null(archive_path("sqlite::memory:"));
        assert_null(archive_path("postgresql://somebody@somewhere/x"));
}

static void test_a_copy_is_of_one_moment(void **state)
{
        struct error err = {0};
        int64_t id = 1, n = 0;
        char path[200], copy[200], junk[4096];

        (void)state;
        scratch_path(path, "source.db");
        scratch_path(copy, "copy.db");
        struct store *s = opened(path);
        assert_ok(store_write(s, add, &id, &err), err);
        assert_ok(archive_copy(path, copy, &err), err);
        id = 1000;
        assert_ok(store_write(s, add, &id, &err), err);
        assert_error(archive_copy(path, copy, &err), err, SB_IO); /* it is there, and stays */
        struct store *c = opened(copy);
        assert_ok(store_read(c, count, &n, &err), err);
        assert_int_equal(n, 300);
        store_close(c);
        store_close(s);
        assert_ok(archive_sound(copy, &err), err);

        scratch_path(copy, "none.db");
        scratch_path(path, "absent.db");
        assert_error(archive_copy(path, copy, &err), err, SB_STORE_OPEN);
        assert_false(is_there(copy)); /* nothing half done stays */
        assert_false(is_there(path));
        memset(junk, 'x', sizeof junk);
        file_put(scratch_path(path, "junk.db"), junk, sizeof junk);
        assert_error(archive_copy(path, copy, &err), err, SB_STORE_CORRUPT);
        assert_false(is_there(copy));
        int calls = 1;
        assert_error(log_work_in(path, nothing_left, &calls, &err), err, SB_STORE_CORRUPT);
        scratch_path(path, "absent.db");
        assert_error(log_work_in(path, nothing_left, &calls, &err), err, SB_STORE_OPEN);
        assert_int_equal(calls, 1);
}

static void test_a_file_that_is_damaged_is_not_sound(void **state)
{
        struct error err = {0};
        struct buf bytes;
        int64_t id = 1;
        char path[200], damaged[200];

        (void)state;
        scratch_path(path, "whole.db");
        struct store *s = opened(path);
        assert_ok(store_write(s, add, &id, &err), err);
        store_close(s);
        assert_ok(archive_sound(path, &err), err);
        buf_init(&bytes, (size_t)8 << 20);
        assert_ok(file_read(&bytes, path, (size_t)8 << 20, &err), err);
        scratch_path(damaged, "damaged.db");
        memset(bytes.p + bytes.n - 8192, 0xff, 8192); /* a page of the table */
        file_put(damaged, bytes.p, bytes.n);
        assert_error(archive_sound(damaged, &err), err, SB_STORE_CORRUPT);
        file_put(damaged, bytes.p, 8192 + 100); /* cut */
        assert_error(archive_sound(damaged, &err), err, SB_STORE_CORRUPT);
        memset(bytes.p, 'x', 100);
        file_put(damaged, bytes.p, bytes.n);
        assert_error(archive_sound(damaged, &err), err, SB_STORE_CORRUPT);
        buf_dispose(&bytes);
        assert_error(archive_sound(scratch_path(damaged, "absent.db"), &err), err, SB_STORE_OPEN);
}

static void test_pages_are_put_into_a_file(void **state)
{
        struct error err = {0};
        struct rlimit before, narrow;
        struct stat st;
        char path[200], page[1024];

        (void)state;
        memset(page, 'p', sizeof page);
        file_put(scratch_path(path, "pages.db"), page, 100);
        int fd = open(path, O_RDWR | O_CLOEXEC);
        assert_true(fd >= 0);
        assert_ok(archive_page(fd, sizeof page, 3, 0, page, &err), err);
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_size, 3 * sizeof page);
        assert_ok(archive_page(fd, sizeof page, 1, 2, page, &err), err); /* and the file ends after two */
        assert_int_equal(fstat(fd, &st), 0);
        assert_int_equal(st.st_size, 2 * sizeof page);
        /* There is room for so much. */
        assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
        void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
        narrow = before;
        narrow.rlim_cur = 4 * sizeof page + 100;
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &narrow), 0);
        int rc = archive_page(fd, sizeof page, 5, 0, page, &err); /* a part */
        enum error_code short_write = err.code;
        err = (struct error){0};
        int second = archive_page(fd, sizeof page, 1, 1000, page, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        signal(SIGXFSZ, handler);
        assert_int_equal(rc, ERR);
        assert_int_equal(short_write, SB_IO);
        assert_int_equal(second, ERR);
        assert_int_equal(err.code, SB_IO);
        close(fd);
        fd = open(path, O_RDONLY | O_CLOEXEC);
        assert_error(archive_page(fd, sizeof page, 1, 0, page, &err), err, SB_IO);
        close(fd);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_log_of_either_byte_order_and_of_any_page),
            cmocka_unit_test(test_a_log_whose_head_is_damaged_is_none),
            cmocka_unit_test(test_a_log_ends_where_it_is_damaged),
            cmocka_unit_test(test_who_reads_on_gets_what_came_since),
            cmocka_unit_test(test_until_a_place_that_was_read_before),
            cmocka_unit_test(test_who_takes_may_fail_and_the_log_may_change),
            cmocka_unit_test(test_a_log_that_is_not_there_or_cannot_be_read),
            cmocka_unit_test(test_a_log_that_is_archived_is_worked_in_when_it_was_taken),
            cmocka_unit_test(test_a_mark_beside_the_database),
            cmocka_unit_test(test_a_copy_is_of_one_moment),
            cmocka_unit_test(test_a_file_that_is_damaged_is_not_sound),
            cmocka_unit_test(test_pages_are_put_into_a_file),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
