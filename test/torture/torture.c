/* SPDX-License-Identifier: Apache-2.0
 *
 * Every call that can fail, failing (./dev torture). In a build with SHEBAO_TORTURE the allocations, the reads, writes and openings of
 * files, and the statements and copies of databases, of the product's libraries go through this file (names.txt); those that jansson and
 * SQLite make for it too. A call is known by its kind and by the callers above it, so that a place that is reached a thousand times fails
 * once.
 *
 *   SHEBAO_TORTURE=list:FILE   write each such place once a test: key, kind, callers (addresses in the program); and "test SECONDS NAME"
 *                              after each test of a cmocka program
 *   SHEBAO_TORTURE=fail:KEY    the first call of this place fails, as the system would fail it
 *   SHEBAO_TORTURE_TEST=NAME   of a cmocka program, only this test
 */
#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

#define FRAMES 32     /* looked at */
#define CALLERS 3     /* of the program, that tell one place from another … */
#define CALLERS_SQL 5 /* … for SQLite, which is called through the store */
#define PLACES 65536U /* a power of two */

extern const char __executable_start __attribute__((weak)), etext __attribute__((weak)); /* not in a shared library */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t seen[PLACES];
static FILE *list;
static uint64_t fatal;
static bool on;
static __thread bool inside;

/* The callers that belong to the program, nearest first; the first three frames are this file's. */
static int callers(uintptr_t out[CALLERS_SQL], int wanted)
{
        void *frames[FRAMES];
        int n = backtrace(frames, FRAMES), found = 0;

        for (int i = 3; i < n && found < wanted; i++) {
                uintptr_t at = (uintptr_t)frames[i];
                if (at >= (uintptr_t)&__executable_start && at < (uintptr_t)&etext)
                        out[found++] = at - (uintptr_t)&__executable_start;
        }
        return found;
}

static uint64_t key_of(const char *kind, const uintptr_t *caller, int n)
{
        uint64_t h = 1469598103934665603U;

        for (; *kind != '\0'; kind++)
                h = (h ^ (unsigned char)*kind) * 1099511628211U;
        for (int i = 0; i < n; i++)
                h = (h ^ caller[i]) * 1099511628211U;
        return h == 0 ? 1 : h;
}

/* True the first time. */
static bool is_new(uint64_t key)
{
        size_t i = key & (PLACES - 1);

        while (seen[i] != 0 && seen[i] != key)
                i = (i + 1) & (PLACES - 1);
        if (seen[i] == key)
                return false;
        seen[i] = key;
        return true;
}

/* Is this the call that fails? */
static __attribute__((noinline)) bool fails(const char *kind)
{
        uintptr_t caller[CALLERS_SQL];
        bool yes = false;

        if (!on || inside)
                return false;
        inside = true;
        int n = callers(caller, kind[0] == 's' && kind[1] == 'q' ? CALLERS_SQL : CALLERS);
        if (n > 0) {
                uint64_t key = key_of(kind, caller, n);
                pthread_mutex_lock(&lock);
                if (list != NULL && is_new(key)) {
                        fprintf(list, "%016llx %s", (unsigned long long)key, kind);
                        for (int i = 0; i < n; i++)
                                fprintf(list, " %llx", (unsigned long long)caller[i]);
                        fputc('\n', list);
                        fflush(list);
                }
                if (key == fatal) {
                        fatal = 0;
                        yes = true;
                }
                pthread_mutex_unlock(&lock);
        }
        inside = false;
        return yes;
}

/* Called in the place of the names without torture_. */
void *torture_malloc(size_t n);
void *torture_calloc(size_t n, size_t size);
void *torture_realloc(void *p, size_t n);
char *torture_strdup(const char *s);
int torture_open(const char *path, int flags, ...);
FILE *torture_fopen(const char *path, const char *mode);
ssize_t torture_read(int fd, void *to, size_t n);
ssize_t torture_write(int fd, const void *from, size_t n);
size_t torture_fread(void *to, size_t size, size_t n, FILE *f);
size_t torture_fwrite(const void *from, size_t size, size_t n, FILE *f);
int torture_fflush(FILE *f);
int torture_fclose(FILE *f);
int torture_fsync(int fd);
int torture_rename(const char *from, const char *to);
int torture_link(const char *from, const char *to);
int torture_unlink(const char *path);
int torture_mkdir(const char *path, mode_t mode);
char *torture_mkdtemp(char *path);
DIR *torture_opendir(const char *path);
int torture_stat(const char *path, struct stat *out);
int torture_lstat(const char *path, struct stat *out);
int torture_fstat(int fd, struct stat *out);
int torture_fseek(FILE *f, long at, int whence);
int torture_ftruncate(int fd, off_t n);
int torture_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs);
int torture_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **out, const char **tail);
int torture_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **out, const char **tail);
int torture_sqlite3_step(sqlite3_stmt *q);
int torture_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *of, char **why);
sqlite3_backup *torture_sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from, const char *from_name);
int torture_sqlite3_backup_step(sqlite3_backup *b, int pages);
int torture_sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *log, int *done);

/* --- the product's own calls ------------------------------------------------------------------------------------------------------------ */

#define FAIL(kind, code, value)                                                                                                \
        do {                                                                                                                   \
                if (fails(kind)) {                                                                                             \
                        errno = (code);                                                                                        \
                        return (value);                                                                                        \
                }                                                                                                              \
        } while (0)

void *torture_malloc(size_t n)
{
        FAIL("malloc", ENOMEM, NULL);
        return malloc(n);
}

void *torture_calloc(size_t n, size_t size)
{
        FAIL("calloc", ENOMEM, NULL);
        return calloc(n, size);
}

void *torture_realloc(void *p, size_t n)
{
        FAIL("realloc", ENOMEM, NULL);
        return realloc(p, n);
}

char *torture_strdup(const char *s)
{
        FAIL("strdup", ENOMEM, NULL);
        return strdup(s);
}

int torture_open(const char *path, int flags, ...)
{
        va_list more;
        FAIL("open", EMFILE, -1);
        va_start(more, flags);
        int fd = open(path, flags, va_arg(more, int));
        va_end(more);
        return fd;
}

FILE *torture_fopen(const char *path, const char *mode)
{
        FAIL("fopen", EMFILE, NULL);
        return fopen(path, mode);
}

ssize_t torture_read(int fd, void *to, size_t n)
{
        FAIL("read", EIO, -1);
        return read(fd, to, n);
}

ssize_t torture_write(int fd, const void *from, size_t n)
{
        FAIL("write", ENOSPC, -1);
        return write(fd, from, n);
}

/* fread and fwrite say by ferror that they failed; a stream that is closed below does. */
static void break_stream(FILE *f)
{
        int fd = open("/dev/full", O_RDWR | O_CLOEXEC);

        if (fd >= 0) {
                dup2(fd, fileno(f));
                close(fd);
        }
}

size_t torture_fread(void *to, size_t size, size_t n, FILE *f)
{
        FAIL("fread", EIO, 0);
        return fread(to, size, n, f);
}

size_t torture_fwrite(const void *from, size_t size, size_t n, FILE *f)
{
        if (fails("fwrite")) {
                break_stream(f);
                setvbuf(f, NULL, _IONBF, 0);
        }
        return fwrite(from, size, n, f);
}

int torture_fflush(FILE *f)
{
        FAIL("fflush", ENOSPC, EOF);
        return fflush(f);
}

int torture_fclose(FILE *f)
{
        if (fails("fclose")) {
                fclose(f);
                errno = ENOSPC;
                return EOF;
        }
        return fclose(f);
}

int torture_fsync(int fd)
{
        FAIL("fsync", EIO, -1);
        return fsync(fd);
}

int torture_rename(const char *from, const char *to)
{
        FAIL("rename", ENOSPC, -1);
        return rename(from, to);
}

int torture_link(const char *from, const char *to)
{
        FAIL("link", ENOSPC, -1);
        return link(from, to);
}

int torture_unlink(const char *path)
{
        FAIL("unlink", EIO, -1);
        return unlink(path);
}

int torture_mkdir(const char *path, mode_t mode)
{
        FAIL("mkdir", ENOSPC, -1);
        return mkdir(path, mode);
}

char *torture_mkdtemp(char *path)
{
        FAIL("mkdtemp", ENOSPC, NULL);
        return mkdtemp(path);
}

DIR *torture_opendir(const char *path)
{
        FAIL("opendir", EMFILE, NULL);
        return opendir(path);
}

int torture_stat(const char *path, struct stat *out)
{
        FAIL("stat", EACCES, -1);
        return stat(path, out);
}

int torture_lstat(const char *path, struct stat *out)
{
        FAIL("lstat", EACCES, -1);
        return lstat(path, out);
}

int torture_fstat(int fd, struct stat *out)
{
        FAIL("fstat", EIO, -1);
        return fstat(fd, out);
}

int torture_fseek(FILE *f, long at, int whence)
{
        FAIL("fseek", EIO, -1);
        return fseek(f, at, whence);
}

int torture_ftruncate(int fd, off_t n)
{
        FAIL("ftruncate", EIO, -1);
        return ftruncate(fd, n);
}

/* What the store asks of SQLite. Below it allocations and calls to the system fail too (sqlite_settle), but a statement that is kept may
 * need none. The kinds begin with "sq": five callers tell the places apart. */
int torture_sqlite3_open_v2(const char *path, sqlite3 **out, int flags, const char *vfs)
{
        if (fails("sqopen")) {
                *out = NULL;
                return SQLITE_NOMEM;
        }
        return sqlite3_open_v2(path, out, flags, vfs);
}

int torture_sqlite3_prepare_v2(sqlite3 *db, const char *sql, int n, sqlite3_stmt **out, const char **tail)
{
        if (fails("sqprepare")) {
                *out = NULL;
                return SQLITE_IOERR;
        }
        return sqlite3_prepare_v2(db, sql, n, out, tail);
}

int torture_sqlite3_prepare_v3(sqlite3 *db, const char *sql, int n, unsigned flags, sqlite3_stmt **out, const char **tail)
{
        if (fails("sqprepare")) {
                *out = NULL;
                return SQLITE_IOERR;
        }
        return sqlite3_prepare_v3(db, sql, n, flags, out, tail);
}

int torture_sqlite3_step(sqlite3_stmt *q)
{
        FAIL("sqstep", EIO, SQLITE_IOERR);
        return sqlite3_step(q);
}

int torture_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **), void *of, char **why)
{
        FAIL("sqexec", EIO, SQLITE_IOERR);
        return sqlite3_exec(db, sql, row, of, why);
}

sqlite3_backup *torture_sqlite3_backup_init(sqlite3 *to, const char *to_name, sqlite3 *from, const char *from_name)
{
        FAIL("sqbackup", EIO, NULL);
        return sqlite3_backup_init(to, to_name, from, from_name);
}

int torture_sqlite3_backup_step(sqlite3_backup *b, int pages)
{
        FAIL("sqbackup", EIO, SQLITE_IOERR);
        return sqlite3_backup_step(b, pages);
}

int torture_sqlite3_wal_checkpoint_v2(sqlite3 *db, const char *name, int mode, int *log, int *done)
{
        FAIL("sqcheckpoint", EIO, SQLITE_IOERR);
        return sqlite3_wal_checkpoint_v2(db, name, mode, log, done);
}

/* The arenas of the floors above base (names_above.txt): they ask malloc seldom, and any piece may be the one too many. Weak: not every
 * program has arenas. */
extern __typeof__(arena_alloc) arena_alloc __attribute__((weak));
extern __typeof__(arena_array) arena_array __attribute__((weak));
extern __typeof__(arena_text) arena_text __attribute__((weak));
extern __typeof__(arena_str) arena_str __attribute__((weak));
void *torture_arena_alloc(struct arena *a, size_t n);
void *torture_arena_array(struct arena *a, size_t count, size_t size);
char *torture_arena_text(struct arena *a, struct str s);
struct str torture_arena_str(struct arena *a, struct str s);
__attribute__((format(printf, 2, 3))) char *torture_arena_format(struct arena *a, const char *fmt, ...);

void *torture_arena_alloc(struct arena *a, size_t n)
{
        FAIL("arena", ENOMEM, NULL);
        return arena_alloc(a, n);
}

void *torture_arena_array(struct arena *a, size_t count, size_t size)
{
        FAIL("arena", ENOMEM, NULL);
        return arena_array(a, count, size);
}

char *torture_arena_text(struct arena *a, struct str s)
{
        FAIL("arena", ENOMEM, NULL);
        return arena_text(a, s);
}

struct str torture_arena_str(struct arena *a, struct str s)
{
        FAIL("arena", ENOMEM, ((struct str){NULL, 0}));
        return arena_str(a, s);
}

char *torture_arena_format(struct arena *a, const char *fmt, ...)
{
        va_list ap;
        char *said = NULL;

        FAIL("arena", ENOMEM, NULL);
        va_start(ap, fmt);
        int n = vasprintf(&said, fmt, ap);
        va_end(ap);
        char *p = n < 0 ? NULL : arena_text(a, (struct str){said, (size_t)n});
        free(said);
        return p;
}

/* --- jansson and SQLite ---------------------------------------------------------------------------------------------------------------- */

static void *json_alloc(size_t n)
{
        FAIL("json", ENOMEM, NULL);
        return malloc(n);
}

static sqlite3_mem_methods memory;

static void *sql_alloc(int n)
{
        FAIL("sqlite", ENOMEM, NULL);
        return memory.xMalloc(n);
}

static void *sql_realloc(void *p, int n)
{
        FAIL("sqlite", ENOMEM, NULL);
        return memory.xRealloc(p, n);
}

static int sql_open(const char *path, int flags, int mode)
{
        FAIL("sqlite.open", EMFILE, -1);
        return open(path, flags, mode);
}

static ssize_t sql_pread(int fd, void *to, size_t n, off_t at)
{
        FAIL("sqlite.read", EIO, -1);
        return pread(fd, to, n, at);
}

static ssize_t sql_pwrite(int fd, const void *from, size_t n, off_t at)
{
        FAIL("sqlite.write", ENOSPC, -1);
        return pwrite(fd, from, n, at);
}

static int sql_ftruncate(int fd, off_t n)
{
        FAIL("sqlite.truncate", EIO, -1);
        return ftruncate(fd, n);
}

static void sqlite_settle(void)
{
        sqlite3_mem_methods own;

        sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory);
        own = memory;
        own.xMalloc = sql_alloc;
        own.xRealloc = sql_realloc;
        sqlite3_config(SQLITE_CONFIG_MALLOC, &own);
        sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0); /* small pieces are asked of us too */
        sqlite3_initialize();
        sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
        vfs->xSetSystemCall(vfs, "open", (sqlite3_syscall_ptr)sql_open);
        vfs->xSetSystemCall(vfs, "pread", (sqlite3_syscall_ptr)sql_pread);
        vfs->xSetSystemCall(vfs, "pread64", (sqlite3_syscall_ptr)sql_pread);
        vfs->xSetSystemCall(vfs, "pwrite", (sqlite3_syscall_ptr)sql_pwrite);
        vfs->xSetSystemCall(vfs, "pwrite64", (sqlite3_syscall_ptr)sql_pwrite);
        vfs->xSetSystemCall(vfs, "ftruncate", (sqlite3_syscall_ptr)sql_ftruncate);
}

/* --- the tests of a program, each with its own list -------------------------------------------------------------------------------------- */

#define TESTS_MAX 256
int __real__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup,
                                   CMFixtureFunction teardown) __attribute__((weak));
int __wrap__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup,
                                   CMFixtureFunction teardown);

static const struct CMUnitTest *original;
static size_t at_test;

static double seconds(void)
{
        struct timespec t;

        clock_gettime(CLOCK_MONOTONIC, &t);
        return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void run_listed(void **state)
{
        const struct CMUnitTest *t = &original[at_test++];
        double began = seconds();

        t->test_func(state);
        inside = true;
        pthread_mutex_lock(&lock);
        fprintf(list, "test %.3f %s\n", seconds() - began, t->name);
        fflush(list);
        memset(seen, 0, sizeof seen);
        pthread_mutex_unlock(&lock);
        inside = false;
}

int __wrap__cmocka_run_group_tests(const char *group, const struct CMUnitTest *tests, size_t n, CMFixtureFunction setup,
                                   CMFixtureFunction teardown)
{
        static struct CMUnitTest listed[TESTS_MAX], kept[TESTS_MAX];
        size_t m = 0;

        if (list == NULL)
                return __real__cmocka_run_group_tests(group, tests, n, setup, teardown);
        assert(n <= TESTS_MAX);
        for (size_t i = 0; i < n; i++)
                if (strstr(tests[i].name, "postgresql") == NULL) {
                        kept[m] = listed[m] = tests[i];
                        listed[m++].test_func = run_listed;
                }
        original = kept;
        at_test = 0;
        return __real__cmocka_run_group_tests(group, listed, m, setup, teardown);
}

/* --- the beginning ------------------------------------------------------------------------------------------------------------------------- */

/* Of cmocka, where the program is one of its. */
extern void cmocka_set_test_filter(const char *pattern) __attribute__((weak));
extern void cmocka_set_skip_filter(const char *pattern) __attribute__((weak));

static __attribute__((constructor)) void begin(void)
{
        const char *what = getenv("SHEBAO_TORTURE"), *test = getenv("SHEBAO_TORTURE_TEST");
        void *frame[1];

        if (test != NULL && cmocka_set_test_filter != NULL)
                cmocka_set_test_filter(test);
        if (what == NULL)
                return;
        if (cmocka_set_skip_filter != NULL) /* a server of its own for each run would take days */
                cmocka_set_skip_filter("*postgresql*");
        backtrace(frame, 1); /* loads what it needs */
        if (strncmp(what, "list:", 5) == 0 && (list = fopen(what + 5, "ae")) == NULL)
                abort();
        if (strncmp(what, "fail:", 5) == 0)
                fatal = strtoull(what + 5, NULL, 16);
        unsetenv("SHEBAO_TORTURE"); /* what this program starts runs as it is */
        json_set_alloc_funcs(json_alloc, free);
        sqlite_settle();
        on = true;
}
