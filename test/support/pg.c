/* SPDX-License-Identifier: Apache-2.0 */
#include "support/pg.h"

#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum test_engine test_engines[2] = {TEST_SQLITE, TEST_POSTGRESQL};

enum server_state { NOT_ASKED, RUNNING, ABSENT };

/* Of the test program; a test program has one thread when it asks for databases. */
static struct {
        char folder[64];
        char bin[200];
        enum server_state server;
        pid_t watcher;
        int life; /* closing it, also by dying, tells the watcher to end */
        int databases;
} the;

__attribute__((noreturn, format(printf, 1, 2))) static void give_up(const char *fmt, ...)
{
        va_list args;
        va_start(args, fmt);
        vfprintf(stderr, fmt, args);
        va_end(args);
        fputc('\n', stderr);
        exit(99);
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
        (void)st;
        (void)kind;
        (void)ftw;
        return remove(path);
}

static void remove_folder(void)
{
        nftw(the.folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static pid_t owner;

static void at_end(void)
{
        if (getpid() != owner) {
                return; /* a child that a test forked */
        }
        if (the.watcher > 0) {
                close(the.life);
                waitpid(the.watcher, NULL, 0);
        }
        remove_folder();
}

const char *test_scratch(void)
{
        if (the.folder[0] == '\0') {
                text_format(the.folder, sizeof the.folder, "/tmp/shebao-test-XXXXXX");
                if (!mkdtemp(the.folder) || chmod(the.folder, 0755) != 0) {
                        give_up("no temporary folder");
                }
                owner = getpid();
                atexit(at_end);
        }
        return the.folder;
}

/* Run a program of the PostgreSQL server quietly; 0 when it succeeded. */
static int run_quietly(char *const argv[], const char *log)
{
        pid_t pid = fork();
        if (pid == 0) {
                int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
                int in = open("/dev/null", O_RDONLY);
                dup2(in, 0);
                dup2(out, 1);
                dup2(out, 2);
                execv(argv[0], argv);
                _exit(127);
        }
        int status = -1;
        return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0 ? 0 : -1;
}

static bool find_binaries(void)
{
        for (int version = 19; version >= 13; version--) {
                char name[256];
                text_format(the.bin, sizeof the.bin, "/usr/lib/postgresql/%d/bin", version);
                text_format(name, sizeof name, "%s/initdb", the.bin);
                if (access(name, X_OK) == 0) {
                        return true;
                }
        }
        return false;
}

static void drop_privileges(void)
{
        if (geteuid() != 0) {
                return;
        }
        const struct passwd *user = getpwnam("postgres");
        user = user ? user : getpwnam("nobody");
        if (!user || setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0) {
                _exit(98);
        }
}

static pid_t server_start(const char *home, const char *log)
{
        char program[256], data[128], socket[128];
        text_format(program, sizeof program, "%s/postgres", the.bin);
        text_format(data, sizeof data, "%s/data", home);
        text_format(socket, sizeof socket, "unix_socket_directories=%s", home);
        char *const argv[] = {program,
                              "-D",
                              data,
                              "-c",
                              socket,
                              "-c",
                              "listen_addresses=",
                              "-c",
                              "fsync=off",
                              "-c",
                              "synchronous_commit=off",
                              "-c",
                              "full_page_writes=off",
                              "-c",
                              "max_connections=100",
                              "-c",
                              "shared_buffers=64MB",
                              "-c",
                              "log_min_messages=fatal",
                              NULL};
        pid_t pid = fork();
        if (pid == 0) {
                int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
                dup2(out, 1);
                dup2(out, 2);
                prctl(PR_SET_PDEATHSIG, SIGQUIT);
                execv(program, argv);
                _exit(127);
        }
        return pid;
}

static int server_wait(const char *home, const char *log, pid_t server)
{
        char program[256];
        text_format(program, sizeof program, "%s/pg_isready", the.bin);
        char *const argv[] = {program, "-q", "-h", (char *)(uintptr_t)home, "-U", "postgres", NULL};
        for (int i = 0; i < 600; i++) {
                struct timespec pause = {0, 50000000};
                if (run_quietly(argv, log) == 0) {
                        return 0;
                }
                if (waitpid(server, NULL, WNOHANG) == server) {
                        return -1;
                }
                nanosleep(&pause, NULL);
        }
        return -1;
}

/* The watcher: starts the server, says so on `ready`, ends it when `life` is closed. Never returns.
 */
__attribute__((noreturn)) static void watch(const char *home, int life, int ready)
{
        char initdb[256], data[128], log[128], c = 'r';
        setsid();
        signal(SIGPIPE, SIG_IGN);
        drop_privileges();
        text_format(initdb, sizeof initdb, "%s/initdb", the.bin);
        text_format(data, sizeof data, "%s/data", home);
        text_format(log, sizeof log, "%s/log", home);
        char *const argv[] = {initdb,      "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                              "--no-sync", NULL};
        pid_t server = -1;
        if (chdir(home) == 0 && run_quietly(argv, log) == 0) {
                server = server_start(home, log);
        }
        if (server <= 0 || server_wait(home, log, server) != 0) {
                c = 'x';
        }
        if (write(ready, &c, 1) != 1) {
                c = 'x';
        }
        close(ready);
        while (read(life, &c, 1) > 0) {
        }
        if (server > 0) {
                kill(server, SIGQUIT);
                waitpid(server, NULL, 0);
        }
        nftw(home, remove_one, 16, FTW_DEPTH | FTW_PHYS);
        _exit(0);
}

static void server_ask(void)
{
        char home[80], c = 0;
        int life[2], ready[2];
        const char *only = getenv("SHEBAO_TEST_ENGINE");
        if (only && strcmp(only, "sqlite") == 0) {
                the.server = ABSENT;
                return;
        }
        if (!find_binaries()) {
                fprintf(stderr, "no PostgreSQL server (apt install postgresql): its tests are skipped\n");
                the.server = ABSENT;
                return;
        }
        text_format(home, sizeof home, "%s/pg", test_scratch());
        if (mkdir(home, 0755) != 0 || pipe2(life, O_CLOEXEC) != 0 || pipe2(ready, O_CLOEXEC) != 0) {
                give_up("no folder or pipe for PostgreSQL");
        }
        const struct passwd *user = getpwnam("postgres");
        user = user ? user : getpwnam("nobody");
        if (geteuid() == 0 && (!user || chown(home, user->pw_uid, user->pw_gid) != 0)) {
                give_up("no unprivileged user for PostgreSQL");
        }
        fflush(NULL);
        the.watcher = fork();
        if (the.watcher == 0) {
                close(life[1]);
                close(ready[0]);
                watch(home, life[0], ready[1]);
        }
        close(life[0]);
        close(ready[1]);
        the.life = life[1];
        if (the.watcher < 0 || read(ready[0], &c, 1) != 1 || c != 'r') {
                give_up("PostgreSQL did not start; see %s/log", home);
        }
        close(ready[0]);
        the.server = RUNNING;
}

const char *test_store_url(enum test_engine engine, char out[256])
{
        char name[32];
        int number = ++the.databases;
        if (engine == TEST_SQLITE) {
                return text_format(out, 256, "sqlite:%s/%d.db", test_scratch(), number);
        }
        if (the.server == NOT_ASKED) {
                server_ask();
        }
        if (the.server == ABSENT) {
                return NULL;
        }
        char program[256], home[80], log[96];
        text_format(name, sizeof name, "test%d", number);
        text_format(program, sizeof program, "%s/createdb", the.bin);
        text_format(home, sizeof home, "%s/pg", the.folder);
        text_format(log, sizeof log, "%s/createdb.log", the.folder);
        char *const argv[] = {program, "-h", home, "-U", "postgres", name, NULL};
        if (run_quietly(argv, log) != 0) {
                give_up("no database in PostgreSQL");
        }
        return text_format(out, 256, "postgresql://postgres@/%s?host=%s", name, home);
}

size_t test_store_urls(char urls[2][256])
{
        size_t n = 0;
        n += test_store_url(TEST_SQLITE, urls[n]) != NULL;
        n += test_store_url(TEST_POSTGRESQL, urls[n]) != NULL;
        return n;
}

struct store *test_store_open(const char *url)
{
        struct store_options options = {.create = true};
        struct error err = {0};
        struct store *s = NULL;
        char text[1024];
        struct clock *clock = clock_virtual(day_instant(day_from(2026, 11, 24)));
        if (store_open(&s, url, &options, &err) != 0 || store_migrate(s, clock, &err) != 0) {
                give_up("%s", error_text(&err, LANG_EN, text, sizeof text));
        }
        clock_free(clock);
        return s;
}

struct store *test_store_new(enum test_engine engine)
{
        char url[256];
        return test_store_url(engine, url) ? test_store_open(url) : NULL;
}
