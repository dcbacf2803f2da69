/* SPDX-License-Identifier: Apache-2.0
 *
 * In the sandbox: what was given works, threads and sockets too; nothing else opens, no program starts, nothing is traced or mounted. Each try
 * is made in a child of its own, for there is no way out.
 */
#include "cmd/sandbox.h"
#include "support/pg.h"
#include "testing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char inside[256], outside[256];

static bool writes(const char *folder, const char *name)
{
        char path[320];
        int fd = open(text_format(path, sizeof path, "%s/%s", folder, name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        bool good = fd >= 0 && write(fd, "x", 1) == 1;
        if (fd >= 0) {
                close(fd);
                unlink(path);
        }
        return good;
}

static bool reads(const char *path)
{
        char byte;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        bool good = fd >= 0 && read(fd, &byte, 1) == 1;
        if (fd >= 0) {
                close(fd);
        }
        return good;
}

static void *nothing(void *arg)
{
        return arg;
}

static bool opens_socket(int family)
{
        int fd = socket(family, family == AF_PACKET ? SOCK_RAW : SOCK_STREAM, 0);
        if (fd >= 0) {
                close(fd);
        }
        return fd >= 0;
}

static bool starts_thread(void)
{
        pthread_t t;
        return pthread_create(&t, NULL, nothing, NULL) == 0 && pthread_join(t, NULL) == 0;
}

static bool forks(void)
{
        pid_t pid = fork();
        if (pid == 0) {
                _exit(0);
        }
        return pid > 0;
}

static bool maps_code(void)
{
        return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

static bool executes(void)
{
        execl("/bin/true", "true", (char *)NULL);
        return false; /* it is reached only when the program did not start */
}

enum what {
        INSIDE,
        OUTSIDE,
        FILE_OUT,
        READ_ONLY,
        FONTS,
        NULL_DEVICE,
        THREAD,
        TCP,
        UNIX_SOCKET,
        PACKET,
        FORK,
        EXEC,
        CODE,
        TRACE,
        MOUNT,
        ROOT,
        END
};
static const struct {
        const char *name;
        bool allowed;
} tries[END] = {[INSIDE] = {"write in what was given", true},
                [OUTSIDE] = {"write elsewhere", false},
                [FILE_OUT] = {"read elsewhere", false},
                [READ_ONLY] = {"write where only reading was given", false},
                [FONTS] = {"read the time zones", true},
                [NULL_DEVICE] = {"write to /dev/null", true},
                [THREAD] = {"start a thread", true},
                [TCP] = {"open a TCP socket", true},
                [UNIX_SOCKET] = {"open a local socket", true},
                [PACKET] = {"open a raw socket", false},
                [FORK] = {"start a process", false},
                [EXEC] = {"start a program", false},
                [CODE] = {"map memory that is written and executed", false},
                [TRACE] = {"be traced", false},
                [MOUNT] = {"mount", false},
                [ROOT] = {"change the root", false}};

static bool does(enum what w)
{
        char path[320];
        switch (w) {
        case INSIDE:
                return writes(inside, "new");
        case OUTSIDE:
                return writes(outside, "new");
        case FILE_OUT:
                return reads(text_format(path, sizeof path, "%s/secret", outside));
        case READ_ONLY:
                return writes("/usr/share", "shebao-test");
        case FONTS:
                return reads("/etc/passwd");
        case NULL_DEVICE: {
                int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
                return fd >= 0 && write(fd, "x", 1) == 1;
        }
        case THREAD:
                return starts_thread();
        case TCP:
                return opens_socket(AF_INET);
        case UNIX_SOCKET:
                return opens_socket(AF_UNIX);
        case PACKET:
                return opens_socket(AF_PACKET);
        case FORK:
                return forks();
        case EXEC:
                return executes();
        case CODE:
                return maps_code();
        case TRACE:
                return ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0;
        case MOUNT:
                return mount("none", inside, "tmpfs", 0, NULL) == 0;
        case ROOT:
                return chroot(inside) == 0;
        default:
                return false;
        }
}

/* 0 it did, 1 it could not, 2 there is no sandbox, 3 not the whole. */
static int in_child(enum what w, bool sandboxed)
{
        int status = 0;
        pid_t pid = fork();
        if (pid == 0) {
                struct sandbox s = {.count = 0};
                struct error err = {0};
                bool whole = true;
                sandbox_allow(&s, inside, true);
                sandbox_allow(&s, "/not/there", true);
                if (sandboxed && sandbox_enter(&s, SANDBOX_ON, &whole, &err) != 0) {
                        _exit(2);
                }
                if (!whole && (w == OUTSIDE || w == FILE_OUT || w == READ_ONLY)) {
                        _exit(3);
                }
                _exit(does(w) ? 0 : 1);
        }
        assert_true(pid > 0);
        assert_int_equal(waitpid(pid, &status, 0), pid);
        return WIFEXITED(status) ? WEXITSTATUS(status) : 4;
}

static void test_only_what_was_given(void **state)
{
        char path[320];
        (void)state;
        text_format(inside, sizeof inside, "%s/inside", test_scratch());
        text_format(outside, sizeof outside, "%s/outside", test_scratch());
        assert_int_equal(mkdir(inside, 0700), 0);
        assert_int_equal(mkdir(outside, 0700), 0);
        assert_int_equal(file_write(text_format(path, sizeof path, "%s/secret", outside), "secret", 6, NULL), 0);
        int wrong = 0;
        for (int w = 0; w < END; w++) {
                int got = in_child((enum what)w, true);
                if (got == 3) {
                        print_message("the kernel has no Landlock: not tried: %s\n", tries[w].name);
                } else if (got != (tries[w].allowed ? 0 : 1)) {
                        print_error("%s: %d\n", tries[w].name, got);
                        wrong++;
                }
        }
        assert_int_equal(wrong, 0);
        /* It is the sandbox that refuses: without it they can. */
        assert_int_equal(in_child(OUTSIDE, false), 0);
        assert_int_equal(in_child(FILE_OUT, false), 0);
        assert_int_equal(in_child(FORK, false), 0);
        assert_int_equal(in_child(CODE, false), 0);
        assert_int_equal(in_child(EXEC, false), 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_only_what_was_given),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
