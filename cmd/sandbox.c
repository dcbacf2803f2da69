/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/sandbox.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Newer than the header of Debian 12. */
#define ACCESS_TRUNCATE (1ULL << 14)
#define ACCESS_IOCTL_DEV (1ULL << 15)
#define ACCESS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ACCESS_WRITE                                                                                                           \
        (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                      \
         LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER | ACCESS_TRUNCATE)
#define ACCESS_FILE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | ACCESS_TRUNCATE)

void sandbox_allow(struct sandbox *s, const char *path, bool write)
{
        if (path == NULL || path[0] == '\0' || s->count == SANDBOX_PATHS)
                return;
        text_copy(s->paths[s->count].path, sizeof s->paths[0].path, str_from(path));
        s->paths[s->count++].write = write;
}

void sandbox_allow_folder(struct sandbox *s, const char *file, bool write)
{
        char folder[1024];

        if (file == NULL || file[0] == '\0')
                return;
        const char *slash = strrchr(file, '/');
        if (slash == NULL)
                text_copy(folder, sizeof folder, STR("."));
        else
                text_copy(folder, sizeof folder, (struct str){file, slash == file ? 1 : (size_t)(slash - file)});
        sandbox_allow(s, folder, write);
}

static int unable(struct error *err, const char *what)
{
        char why[128];

        return error_raise(err, SB_SANDBOX, "%s|%s", what, strerror_r(errno, why, sizeof why));
}

/* --- files: Landlock -------------------------------------------------------------------------------------------------------------- */

static int rule_add(int ruleset, const char *path, uint64_t access, struct error *err)
{
        struct landlock_path_beneath_attr a = {.allowed_access = access};
        struct stat st;

        a.parent_fd = open(path, O_PATH | O_CLOEXEC);
        if (a.parent_fd < 0)
                return errno == ENOENT || errno == EACCES || errno == ENOTDIR ? 0 : unable(err, path);
        if (fstat(a.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
                a.allowed_access &= ACCESS_FILE;
        long rc = syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &a, 0);
        int number = errno;
        close(a.parent_fd);
        errno = number;
        return rc == 0 ? 0 : unable(err, path);
}

/* 1 done, 0 the kernel has none. */
static int files(const struct sandbox *s, struct error *err)
{
        static const char *const system[] = {"/usr/share",
                                             "/usr/local/share",
                                             "/usr/lib",
                                             "/usr/lib64",
                                             "/lib",
                                             "/lib64",
                                             "/etc",
                                             "/var/cache/fontconfig",
                                             "/var/lib/ghostscript",
                                             "/proc/self",
                                             "/proc/sys",
                                             "/proc/meminfo",
                                             "/proc/cpuinfo",
                                             "/sys/devices/system/cpu",
                                             "/dev/urandom",
                                             "/dev/random",
                                             "/run/systemd/resolve"};
        long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_CREATE_RULESET_VERSION);
        struct landlock_ruleset_attr all = {.handled_access_fs = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1};
        int rc = 0;

        if (abi < 1)
                return 0;
        all.handled_access_fs |=
            (abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) | (abi >= 3 ? ACCESS_TRUNCATE : 0) | (abi >= 5 ? ACCESS_IOCTL_DEV : 0);
        /* Only the first field is of every version. */
        int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof all.handled_access_fs, 0);
        if (ruleset < 0)
                return unable(err, "landlock");
        for (size_t i = 0; rc == 0 && i < sizeof system / sizeof system[0]; i++)
                rc = rule_add(ruleset, system[i], ACCESS_READ & all.handled_access_fs, err);
        rc = rc ? rc : rule_add(ruleset, "/dev/null", ACCESS_FILE & all.handled_access_fs, err);
        for (int i = 0; rc == 0 && i < s->count; i++)
                rc = rule_add(ruleset, s->paths[i].path,
                              (s->paths[i].write ? ACCESS_READ | ACCESS_WRITE : ACCESS_READ) & all.handled_access_fs, err);
        if (rc == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
                rc = unable(err, "landlock");
        close(ruleset);
        return rc < 0 ? rc : 1;
}

/* --- calls of the kernel: seccomp -------------------------------------------------------------------------------------------------- */

static const char *const refused[] = {
    /* other programs, other processes */
    "execve", "execveat", "fork", "vfork", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "kcmp",
    "pidfd_getfd", "pidfd_open", "pidfd_send_signal",
    /* other places */
    "mount", "umount", "umount2", "pivot_root", "chroot", "setns", "unshare", "open_tree", "move_mount", "fsopen", "fsconfig",
    "fsmount", "fspick", "mount_setattr", "name_to_handle_at", "open_by_handle_at", "mknod", "mknodat",
    /* somebody else */
    "setuid", "setgid", "setreuid", "setregid", "setresuid", "setresgid", "setfsuid", "setfsgid", "setgroups", "capset",
    "personality",
    /* the machine */
    "reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "swapon", "swapoff",
    "sethostname", "setdomainname", "settimeofday", "clock_settime", "clock_adjtime", "stime", "acct", "quotactl",
    "quotactl_fd", "syslog", "vhangup", "iopl", "ioperm", "modify_ldt", "nfsservctl", "uselib", "ustat", "sysfs", "_sysctl",
    "lookup_dcookie",
    /* what attacks on the kernel are made of */
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "keyctl", "add_key",
    "request_key", "fanotify_init", "vmsplice", "move_pages", "migrate_pages", "mbind", "set_mempolicy", "remap_file_pages",
    "process_mrelease"};

static bool add(scmp_filter_ctx f, uint32_t action, const char *name)
{
        int number = seccomp_syscall_resolve_name(name);

        return number == __NR_SCMP_ERROR || number < 0 || seccomp_rule_add(f, action, number, 0) == 0;
}

static int calls(struct error *err)
{
        static const int families[] = {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK};
        scmp_filter_ctx f = seccomp_init(SCMP_ACT_ALLOW);
        bool good = f != NULL && seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1) == 0;

        for (size_t i = 0; good && i < sizeof refused / sizeof refused[0]; i++)
                good = add(f, SCMP_ACT_ERRNO(EPERM), refused[i]);
        /* Threads, and nothing else: glibc asks clone3 first, whose flags cannot be looked at, and takes clone when there is none. */
        good =
            good && add(f, SCMP_ACT_ERRNO(ENOSYS), "clone3") &&
            seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0)) == 0;
        /* Sockets of these families alone: local, the network, and how the resolver asks for addresses. */
        good = good &&
               seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, SCMP_A0(SCMP_CMP_GT, AF_NETLINK, 0)) == 0;
        for (int family = 0; good && family <= AF_NETLINK; family++) {
                bool known = false;
                for (size_t i = 0; i < sizeof families / sizeof families[0]; i++)
                        known = known || families[i] == family;
                if (!known)
                        good = seccomp_rule_add(f, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                                                SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)family, 0)) == 0;
        }
        /* Memory is written or executed, never both. */
        good = good &&
               seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mprotect), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, 6, 6)) == 0 &&
               seccomp_rule_add(f, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(mmap), 1, SCMP_A2(SCMP_CMP_MASKED_EQ, 6, 6)) == 0;
        int loaded = good ? seccomp_load(f) : -EINVAL;
        seccomp_release(f);
        errno = -loaded;
        return loaded == 0 ? 0 : unable(err, "seccomp");
}

int sandbox_enter(const struct sandbox *s, enum sandbox_mode mode, bool *whole, struct error *err)
{
        *whole = false;
        if (mode == SANDBOX_OFF)
                return 0;
        if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
                return unable(err, "no_new_privs");
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); /* nobody reads its memory, and it leaves none behind */
        int rc = files(s, err);
        *whole = rc == 1;
        if (rc == 0 && mode == SANDBOX_MUST) {
                errno = ENOSYS;
                return unable(err, "landlock");
        }
        return rc < 0 ? rc : calls(err);
}
