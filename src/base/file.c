/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int io_error(struct error *err, const char *path, int number)
{
        char why[128];
        return error_raise(err, SB_IO, "%s|%s", path, strerror_r(number, why, sizeof why));
}

int file_read(struct buf *out, const char *path, size_t max, struct error *err)
{
        int rc = 0;
        size_t total = 0;
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
                return io_error(err, path, errno);
        for (;;) {
                char block[16384];
                ssize_t n = read(fd, block, sizeof block);
                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        rc = io_error(err, path, errno);
                if (n <= 0)
                        break;
                total += (size_t)n;
                if (total > max) {
                        rc = error_raise(err, SB_LIMIT, "%s|" ERROR_BOTH("%zu bytes", "%zu字节"), path, max, max);
                        break;
                }
                buf_add(out, block, (size_t)n);
        }
        close(fd);
        if (rc == 0)
                rc = buf_check(out, err);
        return rc;
}

static bool write_all(int fd, const char *p, size_t n)
{
        while (n > 0) {
                ssize_t done = write(fd, p, n);
                if (done < 0 && errno == EINTR)
                        continue;
                if (done < 0)
                        return false;
                p += done;
                n -= (size_t)done;
        }
        return true;
}

int file_sync_folder(const char *path, struct error *err)
{
        char copy[PATH_MAX];
        text_copy(copy, sizeof copy, str_from(path));
        int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return io_error(err, path, errno);
        int rc = 0;
        if (fsync(fd) != 0 && errno != EINVAL) /* a file system that cannot, need not */
                rc = io_error(err, path, errno);
        close(fd);
        return rc;
}

/* A new file beside path, with the mode that the umask allows. */
static int temporary(const char *path, char *name, size_t size)
{
        for (unsigned i = 0; i < 1000; i++) {
                int n = snprintf(name, size, "%s.%ld.%u.tmp", path, (long)getpid(), i);
                if (n < 0 || (size_t)n >= size) {
                        errno = ENAMETOOLONG;
                        return -1;
                }
                int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
                if (fd >= 0 || errno != EEXIST)
                        return fd;
        }
        return -1;
}

/* What is no file (a device, a pipe) is written to and stays what it is. */
static int write_to(const char *path, const void *bytes, size_t n, struct error *err)
{
        int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        bool ok = fd >= 0 && write_all(fd, bytes, n);
        int why = errno;
        if (fd >= 0 && close(fd) != 0 && ok) {
                ok = false;
                why = errno;
        }
        return ok ? 0 : io_error(err, path, why);
}

int file_write(const char *path, const void *bytes, size_t n, struct error *err)
{
        char name[PATH_MAX];
        struct stat there;
        if (stat(path, &there) == 0 && !S_ISREG(there.st_mode))
                return write_to(path, bytes, n, err);
        int fd = temporary(path, name, sizeof name);
        if (fd < 0)
                return io_error(err, path, errno);
        bool ok = write_all(fd, bytes, n) && fsync(fd) == 0;
        int why = errno;
        if (close(fd) != 0 && ok) {
                ok = false;
                why = errno;
        }
        if (ok && rename(name, path) != 0) {
                ok = false;
                why = errno;
        }
        if (!ok) {
                unlink(name);
                return io_error(err, path, why);
        }
        return file_sync_folder(path, err);
}
