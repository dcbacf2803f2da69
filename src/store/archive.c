/* SPDX-License-Identifier: Apache-2.0 */
#include "store/archive.h"

#include "store/sqlite.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEAD_BYTES = 32, FRAME_HEAD = 24, PAGE_MAX = 65536, BUSY_MS = 20000 };

static int io(struct error *err, const char *path)
{
        char why[128];
        return error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
}

const char *archive_path(const char *url)
{
        return strncmp(url, "sqlite:", 7) == 0 && url[7] != ':' ? url + 7 : NULL;
}

bool archive_marked(const char *path)
{
        char name[PATH_MAX];
        text_format(name, sizeof name, "%s-archive", path);
        return access(name, F_OK) == 0;
}

int archive_mark(const char *path, bool on, struct error *err)
{
        char name[PATH_MAX];
        text_format(name, sizeof name, "%s-archive", path);
        if (on && !archive_marked(path)) {
                return file_write(name, "The log of this database is archived: shebao serve --archive.\n", 62, err);
        }
        return !on && unlink(name) != 0 && errno != ENOENT ? io(err, name) : 0;
}

/* --- the database through SQLite ------------------------------------------------------------------------------------------------- */

static int open_db(sqlite3 **out, const char *path, int flags, struct error *err)
{
        int rc = 0;
        if (sqlite3_open_v2(path, out, flags, NULL) != SQLITE_OK) {
                rc = sqlite_raise(*out, path, err); /* of no connection it says: no memory */
        }
        if (rc == 0) {
                sqlite3_busy_timeout(*out, BUSY_MS);
                sqlite3_db_config(*out, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
                sqlite3_wal_autocheckpoint(*out, 0);
        }
        return rc;
}

static int does(sqlite3 *db, const char *sql, const char *path, struct error *err)
{
        return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : sqlite_raise(db, path, err);
}

/* All of one database into another; what went wrong is known to the other when it is finished. */
static int copy_all(sqlite3 *copy, sqlite3 *from, const char *to, struct error *err)
{
        sqlite3_backup *b = sqlite3_backup_init(copy, "main", from, "main");
        int code = b ? sqlite3_backup_step(b, -1) : SQLITE_ERROR;
        return sqlite3_backup_finish(b) == SQLITE_OK && code == SQLITE_DONE ? 0 : sqlite_raise(copy, to, err);
}

int archive_copy(const char *path, const char *to, struct error *err)
{
        sqlite3 *from = NULL, *copy = NULL;
        int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0) {
                return io(err, to);
        }
        close(fd);
        int rc = open_db(&from, path, SQLITE_OPEN_READWRITE, err);
        rc = rc ? rc : open_db(&copy, to, SQLITE_OPEN_READWRITE, err);
        rc = rc ? rc : copy_all(copy, from, to, err);
        sqlite3_close(copy);
        sqlite3_close(from);
        if (rc != 0) {
                unlink(to);
        }
        return rc;
}

int log_work_in(const char *path, int (*take)(void *ctx, struct error *err), void *ctx, struct error *err)
{
        sqlite3 *holds = NULL, *works = NULL;
        int rc = open_db(&holds, path, SQLITE_OPEN_READWRITE, err);
        rc = rc ? rc : open_db(&works, path, SQLITE_OPEN_READWRITE, err);
        rc = rc ? rc : does(holds, "BEGIN IMMEDIATE", path, err);
        /* A connection that has read nothing yet does not know that there is a log. */
        rc = rc ? rc : does(works, "SELECT COUNT(*) FROM sqlite_master", path, err);
        rc = rc ? rc : take(ctx, err);
        /* Nobody can write meanwhile: what is worked in was taken. */
        if (rc == 0 && sqlite3_wal_checkpoint_v2(works, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL) != SQLITE_OK) {
                rc = sqlite_raise(works, path, err);
        }
        sqlite3_close(holds);
        sqlite3_close(works);
        return rc;
}

int archive_sound(const char *path, struct error *err)
{
        sqlite3 *db = NULL;
        sqlite3_stmt *q = NULL;
        int rc = open_db(&db, path, SQLITE_OPEN_READWRITE, err);
        if (rc == 0 &&
            (sqlite3_prepare_v2(db, "PRAGMA integrity_check(1)", -1, &q, NULL) != SQLITE_OK || sqlite3_step(q) != SQLITE_ROW)) {
                rc = sqlite_raise(db, path, err);
        }
        const char *says = rc == 0 ? (const char *)sqlite3_column_text(q, 0) : "ok";
        if (strcmp(says, "ok") != 0) {
                rc = error_raise(err, SB_STORE_CORRUPT, "%s", says);
        }
        sqlite3_finalize(q);
        sqlite3_close(db);
        return rc;
}

/* --- the log as a file: https://sqlite.org/fileformat2.html#the_write_ahead_log --------------------------------------------------- */

static uint32_t big(const unsigned char *p)
{
        return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t word(const unsigned char *p, bool big_endian)
{
        return big_endian ? big(p) : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static void checksum(uint32_t s[2], const unsigned char *p, size_t n, bool big_endian)
{
        for (size_t i = 0; i + 8 <= n; i += 8) {
                s[0] += word(p + i, big_endian) + s[1];
                s[1] += word(p + i + 4, big_endian) + s[0];
        }
}

struct log {
        FILE *file;
        bool big_endian;
        uint32_t sum[2];
        struct log_place head;
        unsigned char frame[FRAME_HEAD + PAGE_MAX];
};

/* 1 there is a log; 0 none yet. */
static int log_open(struct log *l, const char *path, struct error *err)
{
        char name[PATH_MAX];
        unsigned char h[HEAD_BYTES];
        text_format(name, sizeof name, "%s-wal", path);
        l->file = fopen(name, "re");
        if (!l->file) {
                return errno == ENOENT ? 0 : io(err, name);
        }
        if (fread(h, sizeof h, 1, l->file) != 1) {
                return ferror(l->file) ? io(err, name) : 0;
        }
        l->big_endian = (big(h) & 1) != 0;
        l->sum[0] = l->sum[1] = 0;
        checksum(l->sum, h, 24, l->big_endian);
        l->head = (struct log_place){.checkpoint = big(h + 12), .salt = {big(h + 16), big(h + 20)}, .page_size = big(h + 8)};
        bool good = (big(h) & ~1u) == 0x377f0682u && l->head.page_size >= 512 && l->head.page_size <= PAGE_MAX &&
                    l->sum[0] == big(h + 24) && l->sum[1] == big(h + 28);
        return good ? 1 : 0; /* a head that is just being written is none */
}

/* The next frame of this log, whole and in its chain: 1; 0 the log ends here. */
static int log_next(struct log *l)
{
        size_t n = FRAME_HEAD + l->head.page_size;
        if (fread(l->frame, n, 1, l->file) != 1 || big(l->frame + 8) != l->head.salt[0] ||
            big(l->frame + 12) != l->head.salt[1]) {
                return 0;
        }
        checksum(l->sum, l->frame, 8, l->big_endian);
        checksum(l->sum, l->frame + FRAME_HEAD, l->head.page_size, l->big_endian);
        return l->sum[0] == big(l->frame + 16) && l->sum[1] == big(l->frame + 20);
}

static bool same_log(const struct log_place *a, const struct log_place *b)
{
        return a->salt[0] == b->salt[0] && a->salt[1] == b->salt[1];
}

/* To the last commit, or so many frames. */
static int64_t log_committed(struct log *l, int64_t most)
{
        int64_t committed = 0;
        for (int64_t number = 1; number <= most && log_next(l); number++) {
                committed = big(l->frame + 4) != 0 ? number : committed;
        }
        return committed;
}

static int log_tell(struct log *l, int64_t first, int64_t committed, log_frame *each, void *ctx, struct error *err)
{
        int rc = 0;
        for (int64_t i = 1; rc == 0 && i <= committed; i++) {
                if (!log_next(l)) {
                        rc = error_raise(err, SB_STORE_CORRUPT, "%s", "the log changed while it was read");
                } else if (i > first) {
                        rc = each(ctx, big(l->frame), big(l->frame + 4), l->frame + FRAME_HEAD, l->head.page_size, err);
                }
        }
        return rc;
}

static int log_from(struct log *l, const char *path, struct log_place *at, const struct log_place *until, log_frame *each,
                    void *ctx, struct error *err)
{
        int64_t first = same_log(at, &l->head) ? at->frame : 0;
        uint32_t sum[2] = {l->sum[0], l->sum[1]};
        long begin = ftell(l->file);
        int64_t committed = log_committed(l, until ? until->frame : INT64_MAX);
        if (ferror(l->file)) { /* what cannot be read is not the end */
                return io(err, path);
        }
        if (until && (!same_log(until, &l->head) || committed != until->frame)) {
                return error_raise_soft(err, SB_STORE_BUSY, "%s", "");
        }
        if (each && committed > first) {
                l->sum[0] = sum[0];
                l->sum[1] = sum[1];
                int rc = fseek(l->file, begin, SEEK_SET) == 0 ? log_tell(l, first, committed, each, ctx, err) : io(err, path);
                if (rc != 0) {
                        return rc;
                }
        }
        *at = l->head;
        at->frame = committed > first ? committed : first;
        return 0;
}

int log_read(const char *path, struct log_place *at, const struct log_place *until, log_frame *each, void *ctx,
             struct error *err)
{
        struct log *l = malloc(sizeof *l);
        if (!l) {
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        int rc = log_open(l, path, err);
        if (rc == 1) {
                rc = log_from(l, path, at, until, each, ctx, err);
        }
        if (l->file) {
                fclose(l->file);
        }
        free(l);
        return rc;
}

int archive_page(int fd, uint32_t page_size, uint32_t page, uint32_t pages, const void *bytes, struct error *err)
{
        ssize_t n = pwrite(fd, bytes, page_size, (off_t)(page - 1) * (off_t)page_size);
        if (n != (ssize_t)page_size || (pages > 0 && ftruncate(fd, (off_t)pages * (off_t)page_size) != 0)) {
                return io(err, "restore");
        }
        return 0;
}
