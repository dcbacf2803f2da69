/* SPDX-License-Identifier: Apache-2.0
 *
 * The disk on which things go wrong, as SQLite calls it: files, locks, the shared index of the log, what a power failure leaves; and two
 * connections of SQLite on it that get into each other's way as they would on any disk.
 */
#include "store/fault.h"
#include "testing.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { WHOLE = 2048, SECTOR = 512, PAGE = 32768 };

static struct disk *fresh(uint64_t seed)
{
        struct error err = {0};
        struct disk *d = NULL;

        assert_ok(disk_new(&d, NULL, seed, &err), err);
        return d;
}

/* --- files ------------------------------------------------------------------------------------------------------------------------- */

static int file_open(sqlite3_file **out, struct disk *d, const char *name, int flags)
{
        sqlite3_vfs *v = sqlite3_vfs_find(disk_vfs(d));
        sqlite3_file *f = calloc(1, (size_t)v->szOsFile);
        int told = 0;

        assert_non_null(f);
        int rc = v->xOpen(v, name, f, flags, &told);
        if (rc != SQLITE_OK) {
                assert_null(f->pMethods); /* else SQLite would close it */
                free(f);
                f = NULL;
        }
        *out = f;
        return rc;
}

static sqlite3_file *made(struct disk *d, const char *name)
{
        sqlite3_file *f = NULL;

        assert_int_equal(file_open(&f, d, name, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MAIN_DB), SQLITE_OK);
        return f;
}

static void file_close(sqlite3_file *f)
{
        assert_int_equal(f->pMethods->xClose(f), SQLITE_OK);
        free(f);
}

static int64_t size_of(sqlite3_file *f)
{
        sqlite3_int64 n = -1;

        assert_int_equal(f->pMethods->xFileSize(f, &n), SQLITE_OK);
        return n;
}

static int put(sqlite3_file *f, int64_t at, char what, int n)
{
        char bytes[WHOLE];

        memset(bytes, what, sizeof bytes);
        return f->pMethods->xWrite(f, bytes, n, at);
}

static int count_of(sqlite3_file *f, char what)
{
        char bytes[WHOLE] = "";
        int n = 0;

        (void)f->pMethods->xRead(f, bytes, WHOLE, 0);
        for (int i = 0; i < WHOLE; i++)
                n += bytes[i] == what;
        return n;
}

static bool is_there(struct disk *d, const char *name)
{
        sqlite3_vfs *v = sqlite3_vfs_find(disk_vfs(d));
        int out = -1;

        assert_int_equal(v->xAccess(v, name, SQLITE_ACCESS_EXISTS, &out), SQLITE_OK);
        return out != 0;
}

static void a_file_has_what_was_written(void **state)
{
        struct disk *d = fresh(1);
        sqlite3_file *f = NULL;
        char bytes[8];

        (void)state;
        assert_int_equal(file_open(&f, d, "a", SQLITE_OPEN_READWRITE), SQLITE_CANTOPEN);
        f = made(d, "a");
        assert_false(is_there(d, "a")); /* a file of no bytes is as good as none */
        assert_int_equal(put(f, 6, 'x', 3), SQLITE_OK);
        assert_true(is_there(d, "a"));
        assert_int_equal(size_of(f), 9);
        assert_int_equal(f->pMethods->xRead(f, bytes, 8, 0), SQLITE_OK);
        assert_memory_equal(bytes, "\0\0\0\0\0\0xx", 8);
        assert_int_equal(f->pMethods->xRead(f, bytes, 8, 5), SQLITE_IOERR_SHORT_READ);
        assert_memory_equal(bytes, "\0xxx\0\0\0\0", 8);
        assert_int_equal(f->pMethods->xRead(f, bytes, 8, 100), SQLITE_IOERR_SHORT_READ);
        assert_memory_equal(bytes, "\0\0\0\0\0\0\0\0", 8);
        assert_int_equal(f->pMethods->xTruncate(f, 7), SQLITE_OK);
        assert_int_equal(f->pMethods->xTruncate(f, 1000000), SQLITE_OK); /* what was cut off does not come back */
        assert_int_equal(size_of(f), 1000000);
        assert_int_equal(count_of(f, 'x'), 1);
        assert_int_equal(f->pMethods->xSectorSize(f), SECTOR);
        file_close(f);
        assert_int_equal(file_open(&f, d, "a", SQLITE_OPEN_READWRITE), SQLITE_OK);
        assert_int_equal(count_of(f, 'x'), 1);
        file_close(f);
        disk_free(d);
        disk_free(NULL);
}

static void a_file_that_is_open_goes_when_it_is_closed(void **state)
{
        struct disk *d = fresh(1), *copy = NULL;
        sqlite3_vfs *v = sqlite3_vfs_find(disk_vfs(d));
        struct error err = {0};

        (void)state;
        assert_int_equal(v->xDelete(v, "a", 1), SQLITE_IOERR_DELETE_NOENT);
        sqlite3_file *kept = made(d, "b"), *f = made(d, "a"), *again = NULL;
        assert_int_equal(put(kept, 0, 'k', 10), SQLITE_OK);
        assert_int_equal(kept->pMethods->xSync(kept, 0), SQLITE_OK);
        assert_int_equal(put(f, 0, 'x', 10), SQLITE_OK);
        assert_int_equal(f->pMethods->xSync(f, 0), SQLITE_OK);
        assert_int_equal(v->xDelete(v, "a", 1), SQLITE_OK);
        assert_false(is_there(d, "a"));
        assert_int_equal(count_of(f, 'x'), 10); /* who has it open has it still */
        again = made(d, "a");
        assert_int_equal(put(again, 0, 'y', 10), SQLITE_OK);
        assert_int_equal(count_of(f, 'x'), 10);
        assert_int_equal(count_of(again, 'y'), 10);
        /* A copy has what is synced of the files that have a name. */
        assert_ok(disk_new(&copy, d, 2, &err), err);
        assert_true(is_there(copy, "b"));
        assert_false(is_there(copy, "a"));
        disk_free(copy);
        file_close(f);
        assert_true(is_there(d, "a"));
        file_close(again);
        assert_int_equal(v->xDelete(v, "a", 1), SQLITE_OK);
        assert_false(is_there(d, "a"));
        disk_fail(d, DISK_WRITE, 1, 1);
        assert_int_equal(v->xDelete(v, "b", 1), SQLITE_IOERR_DELETE);
        assert_true(is_there(d, "b"));
        file_close(kept);
        disk_free(d);
}

static void a_file_without_a_name_is_its_own(void **state)
{
        struct disk *d = fresh(1);
        sqlite3_file *one = made(d, NULL), *two = made(d, NULL);

        (void)state;
        assert_int_equal(put(one, 0, 'x', 10), SQLITE_OK);
        assert_int_equal(size_of(two), 0);
        assert_int_equal(count_of(one, 'x'), 10);
        file_close(one);
        file_close(two);
        disk_free(d);
}

/* --- what goes wrong ------------------------------------------------------------------------------------------------------------------ */

static void a_write_fails_as_it_was_told(void **state)
{
        struct disk *d = fresh(1);
        sqlite3_file *f = made(d, "a");
        bool part = false;

        (void)state;
        assert_int_equal(put(f, 0, 'a', 100), SQLITE_OK);
        disk_fail(d, DISK_WRITE, 2, 1);
        assert_int_equal(put(f, 0, 'b', 100), SQLITE_OK);
        assert_int_equal(put(f, 0, 'c', 100), SQLITE_IOERR_WRITE);
        assert_int_equal(count_of(f, 'b'), 100); /* nothing of it was written */
        assert_int_equal(put(f, 0, 'c', 100), SQLITE_OK);
        disk_fail(d, DISK_FULL, 1, 1);
        assert_int_equal(put(f, 50, 'd', 50), SQLITE_OK); /* there is room for what is there */
        assert_int_equal(put(f, 50, 'e', 51), SQLITE_FULL);
        assert_int_equal(size_of(f), 100);
        for (int i = 0; i < 20; i++) {
                assert_int_equal(put(f, 0, 'a', 100), SQLITE_OK);
                disk_fail(d, DISK_SHORT, 1, 1);
                assert_int_equal(put(f, 0, 'f', 100), SQLITE_IOERR_WRITE);
                int n = count_of(f, 'f');
                assert_true(n < 100 && count_of(f, 'a') == 100 - n);
                part = part || n > 0;
        }
        assert_true(part);
        disk_fail(d, DISK_WRITE, 1, 1);
        assert_int_equal(f->pMethods->xTruncate(f, 5), SQLITE_IOERR_TRUNCATE);
        assert_int_equal(size_of(f), 100);
        disk_fail(d, DISK_SYNC, 1, 1);
        assert_int_equal(f->pMethods->xSync(f, 0), SQLITE_IOERR_FSYNC);
        assert_int_equal(disk_failed(d), 24);
        file_close(f);
        disk_power_off(d);
        disk_restart(d);
        disk_free(d);
}

static void without_power_nothing_is_written(void **state)
{
        struct disk *d = fresh(1);
        sqlite3_file *f = made(d, "a"), *g = NULL;

        (void)state;
        assert_int_equal(put(f, 0, 'a', WHOLE), SQLITE_OK);
        assert_int_equal(f->pMethods->xSync(f, 0), SQLITE_OK);
        disk_fail(d, DISK_POWER, 1, 1);
        assert_int_equal(put(f, 0, 'b', WHOLE), SQLITE_IOERR_WRITE);
        assert_true(disk_down(d));
        assert_true(count_of(f, 'b') == 0); /* nor read */
        for (int i = 0; i < 50; i++)
                assert_int_equal(put(f, 0, 'c', WHOLE), SQLITE_IOERR_WRITE);
        assert_int_equal(f->pMethods->xTruncate(f, 0), SQLITE_IOERR_TRUNCATE);
        assert_int_equal(f->pMethods->xSync(f, 0), SQLITE_IOERR_FSYNC);
        assert_int_equal(file_open(&g, d, "b", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE), SQLITE_CANTOPEN);
        file_close(f);
        disk_restart(d);
        assert_false(disk_down(d));
        f = made(d, "a");
        assert_int_equal(size_of(f), WHOLE);
        assert_int_equal(count_of(f, 'c'), 0);
        assert_int_equal(count_of(f, 'a') + count_of(f, 'b'), WHOLE);
        file_close(f);
        disk_free(d);
}

struct left {
        char bytes[WHOLE];
        int64_t size;
};

/* Two writes over what is sure, and then the power fails. */
static struct left after_a_loss(uint64_t seed, bool cut)
{
        struct disk *d = fresh(seed);
        sqlite3_file *f = made(d, "a");
        struct left l = {.size = 0};

        assert_int_equal(put(f, 0, 'A', WHOLE), SQLITE_OK);
        assert_int_equal(f->pMethods->xSync(f, 0), SQLITE_OK);
        if (cut) {
                assert_int_equal(f->pMethods->xTruncate(f, SECTOR), SQLITE_OK);
        } else {
                assert_int_equal(put(f, 0, 'B', WHOLE / 2), SQLITE_OK);
                assert_int_equal(put(f, WHOLE / 2, 'B', WHOLE / 2), SQLITE_OK);
        }
        file_close(f);
        disk_power_off(d);
        disk_restart(d);
        f = made(d, "a");
        l.size = size_of(f);
        (void)f->pMethods->xRead(f, l.bytes, WHOLE, 0);
        file_close(f);
        disk_free(d);
        return l;
}

static void a_power_failure_loses_what_was_not_synced(void **state)
{
        int none = 0, all = 0, first = 0, second = 0, torn = 0, cut = 0, whole = 0;

        (void)state;
        for (uint64_t seed = 1; seed <= 120; seed++) {
                struct left l = after_a_loss(seed, false);
                unsigned kept = 0;
                assert_int_equal(l.size, WHOLE);
                for (int i = 0; i < WHOLE; i++) { /* a sector is written or not */
                        assert_true(l.bytes[i] == 'A' || l.bytes[i] == 'B');
                        assert_int_equal(l.bytes[i], l.bytes[i / SECTOR * SECTOR]);
                        kept |= (l.bytes[i] == 'B' ? 1u : 0) << i / SECTOR;
                }
                none += kept == 0;
                all += kept == 15;
                first += kept == 3;
                second += kept == 12; /* in any order */
                torn += kept != 0 && kept != 15 && kept != 3 && kept != 12;
                l = after_a_loss(seed, true);
                assert_true(l.size == SECTOR || l.size == WHOLE);
                cut += l.size == SECTOR;
                whole += l.size == WHOLE;
        }
        assert_true(none > 0 && all > 0 && first > 0 && second > 0 && torn > 0 && cut > 0 && whole > 0);
}

static void what_was_cut_and_written_anew_is_synced(void **state)
{
        (void)state;
        for (uint64_t seed = 1; seed <= 10; seed++) {
                struct disk *d = fresh(seed);
                sqlite3_file *f = made(d, "a");
                assert_int_equal(put(f, 0, 'A', 1000), SQLITE_OK);
                assert_int_equal(f->pMethods->xSync(f, 0), SQLITE_OK);
                assert_int_equal(put(f, 500, 'B', 500), SQLITE_OK); /* and cut off again */
                assert_int_equal(put(f, 90, 'b', 50), SQLITE_OK);   /* and the most of this */
                assert_int_equal(f->pMethods->xTruncate(f, 100), SQLITE_OK);
                assert_int_equal(f->pMethods->xTruncate(f, 200), SQLITE_OK);
                assert_int_equal(put(f, 300, 'C', 100), SQLITE_OK);
                assert_int_equal(f->pMethods->xSync(f, 0), SQLITE_OK);
                file_close(f);
                disk_power_off(d);
                disk_restart(d);
                f = made(d, "a");
                assert_int_equal(size_of(f), 400);
                assert_int_equal(count_of(f, 'A'), 90);
                assert_int_equal(count_of(f, 'b'), 10);
                assert_int_equal(count_of(f, 'B'), 0);
                assert_int_equal(count_of(f, 'C'), 100);
                file_close(f);
                disk_free(d);
        }
}

/* --- locks ------------------------------------------------------------------------------------------------------------------------------ */

static int lock(sqlite3_file *f, int level)
{
        return f->pMethods->xLock(f, level);
}

static void unlock(sqlite3_file *f, int level)
{
        assert_int_equal(f->pMethods->xUnlock(f, level), SQLITE_OK);
}

static bool reserved(sqlite3_file *f)
{
        int out = -1;

        assert_int_equal(f->pMethods->xCheckReservedLock(f, &out), SQLITE_OK);
        return out != 0;
}

static void one_may_write_when_nobody_reads(void **state)
{
        struct disk *d = fresh(1);
        sqlite3_file *a = made(d, "a"), *b = made(d, "a"), *c = made(d, "a");

        (void)state;
        assert_int_equal(lock(a, SQLITE_LOCK_SHARED), SQLITE_OK);
        assert_int_equal(lock(b, SQLITE_LOCK_SHARED), SQLITE_OK);
        assert_false(reserved(b));
        assert_int_equal(lock(a, SQLITE_LOCK_RESERVED), SQLITE_OK);
        assert_int_equal(lock(a, SQLITE_LOCK_SHARED), SQLITE_OK); /* it has more */
        assert_true(reserved(b));
        assert_int_equal(lock(b, SQLITE_LOCK_RESERVED), SQLITE_BUSY);
        assert_int_equal(lock(c, SQLITE_LOCK_SHARED), SQLITE_OK); /* one may still read */
        unlock(c, SQLITE_LOCK_NONE);
        assert_int_equal(lock(a, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY); /* b reads; nobody else shall begin to */
        assert_int_equal(lock(c, SQLITE_LOCK_SHARED), SQLITE_BUSY);
        assert_int_equal(lock(b, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
        assert_int_equal(lock(a, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
        unlock(b, SQLITE_LOCK_NONE);
        assert_int_equal(lock(a, SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
        assert_int_equal(lock(c, SQLITE_LOCK_SHARED), SQLITE_BUSY);
        unlock(a, SQLITE_LOCK_SHARED);
        assert_false(reserved(c));
        assert_int_equal(lock(c, SQLITE_LOCK_SHARED), SQLITE_OK);
        unlock(c, SQLITE_LOCK_SHARED); /* nothing to give */
        assert_int_equal(lock(c, SQLITE_LOCK_RESERVED), SQLITE_OK);
        /* Who goes from shared to exclusive, as to roll back what another left, does not take away the other's reserved. */
        assert_int_equal(lock(a, SQLITE_LOCK_EXCLUSIVE), SQLITE_BUSY);
        unlock(a, SQLITE_LOCK_NONE);
        assert_true(reserved(a));
        unlock(c, SQLITE_LOCK_NONE);
        assert_false(reserved(a));
        assert_int_equal(lock(b, SQLITE_LOCK_SHARED), SQLITE_OK);
        assert_int_equal(lock(b, SQLITE_LOCK_EXCLUSIVE), SQLITE_OK);
        unlock(b, SQLITE_LOCK_NONE);
        file_close(a);
        file_close(b);
        file_close(c);
        disk_free(d);
}

static int index_lock(sqlite3_file *f, int first, int n, int flags)
{
        return f->pMethods->xShmLock(f, first, n, flags);
}

static void the_index_of_the_log_is_shared(void **state)
{
        const int take = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE, read = SQLITE_SHM_LOCK | SQLITE_SHM_SHARED;
        const int give = SQLITE_SHM_UNLOCK | SQLITE_SHM_EXCLUSIVE, leave = SQLITE_SHM_UNLOCK | SQLITE_SHM_SHARED;
        struct disk *d = fresh(1);
        sqlite3_file *a = made(d, "a"), *b = made(d, "a");
        void volatile *page = NULL, *same = NULL, *second = NULL;

        (void)state;
        assert_int_equal(a->pMethods->xShmMap(a, 0, PAGE, 0, &page), SQLITE_OK);
        assert_null((void *)(uintptr_t)page); /* nobody made it */
        assert_int_equal(a->pMethods->xShmMap(a, 1, PAGE, 1, &second), SQLITE_OK);
        assert_int_equal(a->pMethods->xShmMap(a, 0, PAGE, 0, &page), SQLITE_OK);
        assert_true(page != NULL && second != NULL && page != second);
        ((volatile char *)page)[PAGE - 1] = 'x';
        assert_int_equal(b->pMethods->xShmMap(b, 0, PAGE, 1, &same), SQLITE_OK);
        assert_true(page == same);

        assert_int_equal(index_lock(a, 2, 3, take), SQLITE_OK);
        assert_int_equal(index_lock(b, 4, 1, read), SQLITE_BUSY);
        assert_int_equal(index_lock(b, 3, 2, take), SQLITE_BUSY);
        assert_int_equal(index_lock(b, 5, 1, read), SQLITE_OK);
        assert_int_equal(index_lock(a, 5, 1, take), SQLITE_BUSY);
        assert_int_equal(index_lock(a, 5, 1, read), SQLITE_OK); /* many read */
        assert_int_equal(index_lock(b, 5, 1, leave), SQLITE_OK);
        assert_int_equal(index_lock(b, 5, 1, take), SQLITE_BUSY);
        assert_int_equal(index_lock(a, 2, 3, give), SQLITE_OK);
        assert_int_equal(index_lock(b, 2, 3, take), SQLITE_OK);
        a->pMethods->xShmBarrier(a);
        assert_int_equal(a->pMethods->xShmUnmap(a, 0), SQLITE_OK); /* and with it what it held */
        assert_int_equal(index_lock(b, 5, 1, take), SQLITE_OK);
        file_close(a);
        file_close(b);
        disk_power_off(d);
        disk_restart(d);
        a = made(d, "a");
        assert_int_equal(index_lock(a, 2, 4, take), SQLITE_OK); /* the dead hold nothing */
        assert_int_equal(a->pMethods->xShmMap(a, 0, PAGE, 1, &page), SQLITE_OK);
        assert_int_equal(((volatile char *)page)[PAGE - 1], 0);
        file_close(a);
        disk_free(d);
}

/* --- SQLite ----------------------------------------------------------------------------------------------------------------------------- */

static sqlite3 *connected(struct disk *d, const char *pragma)
{
        sqlite3 *db = NULL;

        assert_int_equal(
            sqlite3_open_v2("/disk/db", &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, disk_vfs(d)),
            SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, pragma, NULL, NULL, NULL), SQLITE_OK);
        return db;
}

static int said(sqlite3 *db, const char *sql)
{
        return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static int64_t number(sqlite3 *db, const char *sql)
{
        sqlite3_stmt *q = NULL;

        assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &q, NULL), SQLITE_OK);
        int64_t n = sqlite3_step(q) == SQLITE_ROW ? sqlite3_column_int64(q, 0) : -1;
        sqlite3_finalize(q);
        return n;
}

static const char MAKE[] =
    "CREATE TABLE t (n INTEGER PRIMARY KEY, body BLOB); INSERT INTO t (body) VALUES (zeroblob(5000)), (zeroblob(5000))";

static void two_connections_with_a_journal(void **state)
{
        struct disk *d = fresh(1);
        sqlite3 *a = connected(d, "PRAGMA journal_mode=DELETE"), *b = connected(d, "PRAGMA cache_size=10"), *c = NULL;
        sqlite3_stmt *reads = NULL;

        (void)state;
        assert_int_equal(said(a, MAKE), SQLITE_OK);
        assert_int_equal(said(a, "BEGIN IMMEDIATE; INSERT INTO t (body) VALUES ('a')"), SQLITE_OK);
        assert_int_equal(said(b, "BEGIN IMMEDIATE"), SQLITE_BUSY);
        sqlite3_busy_timeout(b, 50);
        assert_int_equal(said(b, "BEGIN IMMEDIATE"), SQLITE_BUSY); /* it waits, and then says so */
        assert_int_equal(number(b, "SELECT COUNT(*) FROM t"), 2);
        assert_int_equal(sqlite3_prepare_v2(b, "SELECT n FROM t", -1, &reads, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(reads), SQLITE_ROW);
        assert_int_equal(said(a, "COMMIT"), SQLITE_BUSY); /* b reads */
        c = connected(d, "PRAGMA temp_store=1");
        assert_int_equal(said(c, "SELECT COUNT(*) FROM t"), SQLITE_BUSY); /* and nobody new may */
        sqlite3_finalize(reads);
        assert_int_equal(said(a, "COMMIT"), SQLITE_OK);
        assert_int_equal(number(c, "SELECT COUNT(*) FROM t"), 3);
        assert_int_equal(said(b, "BEGIN EXCLUSIVE"), SQLITE_OK);
        assert_int_equal(said(c, "SELECT COUNT(*) FROM t"), SQLITE_BUSY);
        assert_int_equal(said(b, "ROLLBACK"), SQLITE_OK);
        /* Files without a name: more than the memory that a temporary table may have. */
        assert_int_equal(said(c, "PRAGMA temp.cache_size=5; CREATE TEMP TABLE x AS WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL "
                                 "SELECT i + 1 FROM r WHERE i < 300) SELECT i, randomblob(3000) AS b FROM r"),
                         SQLITE_OK);
        assert_int_equal(number(c, "SELECT SUM(LENGTH(b)) FROM x"), 900000);
        assert_int_equal(number(c, "SELECT CAST(strftime('%Y', 'now') AS INTEGER)"), 2005); /* a day of its own */
        sqlite3_close(c);
        sqlite3_close(b);
        sqlite3_close(a);
        disk_free(d);
}

static void two_connections_with_a_log(void **state)
{
        struct disk *d = fresh(1);
        sqlite3 *a = connected(d, "PRAGMA journal_mode=WAL"), *b = connected(d, "PRAGMA cache_size=10");
        int in_log = -1, done = -1;

        (void)state;
        assert_int_equal(said(a, MAKE), SQLITE_OK);
        assert_int_equal(said(b, "BEGIN"), SQLITE_OK);
        assert_int_equal(number(b, "SELECT COUNT(*) FROM t"), 2);
        assert_int_equal(said(a, "INSERT INTO t (body) VALUES ('a')"), SQLITE_OK);
        assert_int_equal(number(b, "SELECT COUNT(*) FROM t"), 2); /* as it was when b began */
        assert_int_equal(sqlite3_wal_checkpoint_v2(a, NULL, SQLITE_CHECKPOINT_TRUNCATE, &in_log, &done), SQLITE_BUSY);
        assert_int_equal(said(b, "INSERT INTO t (body) VALUES ('b')"), SQLITE_BUSY); /* what it read is old */
        assert_int_equal(said(b, "ROLLBACK"), SQLITE_OK);
        assert_int_equal(number(b, "SELECT COUNT(*) FROM t"), 3);
        assert_int_equal(said(a, "BEGIN IMMEDIATE"), SQLITE_OK);
        assert_int_equal(said(b, "BEGIN IMMEDIATE"), SQLITE_BUSY);
        assert_int_equal(said(a, "COMMIT"), SQLITE_OK);
        assert_int_equal(sqlite3_wal_checkpoint_v2(a, NULL, SQLITE_CHECKPOINT_TRUNCATE, &in_log, &done), SQLITE_OK);
        assert_int_equal(in_log, 0);
        sqlite3_close(b);
        sqlite3_close(a);
        disk_free(d);
}

/* The journal of old days survives a power failure at each operation as well as the log does. */
static void a_journal_is_rolled_back(void **state)
{
        bool before = false, after = false, done = false;

        (void)state;
        for (int64_t nth = 1; !done; nth++) {
                struct disk *d = fresh((uint64_t)nth);
                sqlite3 *db = connected(d, "PRAGMA journal_mode=DELETE; PRAGMA synchronous=FULL");
                assert_int_equal(said(db, MAKE), SQLITE_OK);
                disk_fail(d, DISK_POWER, nth, 1);
                int rc = said(db, "UPDATE t SET body = randomblob(6000)");
                done = !disk_down(d);
                sqlite3_close(db);
                disk_restart(d);
                db = connected(d, "PRAGMA cache_size=10");
                int64_t changed = number(db, "SELECT COUNT(*) FROM t WHERE LENGTH(body) = 6000");
                assert_true(changed == 0 || changed == 2);
                assert_true(rc != SQLITE_OK || changed == 2);
                assert_int_equal(number(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
                before = before || changed == 0;
                after = after || changed == 2;
                sqlite3_close(db);
                disk_free(d);
        }
        assert_true(before && after);
}

static void a_name_has_an_end(void **state)
{
        struct disk *d = fresh(1);
        sqlite3 *db = NULL;
        char name[200];

        (void)state;
        memset(name, 'n', sizeof name - 1);
        name[sizeof name - 1] = '\0';
        assert_int_equal(sqlite3_open_v2(name, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, disk_vfs(d)), SQLITE_CANTOPEN);
        sqlite3_close(db);
        disk_free(d);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_file_has_what_was_written),
            cmocka_unit_test(a_file_that_is_open_goes_when_it_is_closed),
            cmocka_unit_test(a_file_without_a_name_is_its_own),
            cmocka_unit_test(a_write_fails_as_it_was_told),
            cmocka_unit_test(without_power_nothing_is_written),
            cmocka_unit_test(a_power_failure_loses_what_was_not_synced),
            cmocka_unit_test(what_was_cut_and_written_anew_is_synced),
            cmocka_unit_test(one_may_write_when_nobody_reads),
            cmocka_unit_test(the_index_of_the_log_is_shared),
            cmocka_unit_test(two_connections_with_a_journal),
            cmocka_unit_test(two_connections_with_a_log),
            cmocka_unit_test(a_journal_is_rolled_back),
            cmocka_unit_test(a_name_has_an_end),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
