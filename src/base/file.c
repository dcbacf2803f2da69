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

static int close_written(int fd, bool ok, const char *path, struct error *err)
{
        int why = errno;
        if (close(fd) != 0 && ok) {
                ok = false;
                why = errno;
        }
        return ok ? 0 : io_error(err, path, why);
}

/* What is no file (a device, a pipe) is written to and stays what it is. */
static int write_to(const char *path, const void *bytes, size_t n, struct error *err)
{
        int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
        return fd < 0 ? io_error(err, path, errno) : close_written(fd, write_all(fd, bytes, n), path, err);
}

/* A file of this name with these bytes: the one that stood there stays until the new one is whole. */
static int replace(const char *path, const void *bytes, size_t n, struct error *err)
{
        char name[PATH_MAX];
        int fd = temporary(path, name, sizeof name);
        if (fd < 0)
                return io_error(err, path, errno);
        int rc = close_written(fd, write_all(fd, bytes, n) && fsync(fd) == 0, path, err);
        if (rc == 0 && rename(name, path) != 0)
                rc = io_error(err, path, errno);
        if (rc != 0) {
                unlink(name);
                return rc;
        }
        return file_sync_folder(path, err);
}

/* The descriptor of standard output or error when it is this very file, else -1. */
static int standard_stream(const struct stat *file)
{
        for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++) {
                struct stat s;
                if (fstat(fd, &s) == 0 && s.st_dev == file->st_dev && s.st_ino == file->st_ino)
                        return fd;
        }
        return -1;
}

/* A link stays a link. One to our own output (/dev/stdout, sent to a file) is written after what is there; what
 * another leads to is replaced where it stands. */
static int write_through(const char *path, const struct stat *file, const void *bytes, size_t n, struct error *err)
{
        char target[PATH_MAX];
        int fd = standard_stream(file);
        if (fd >= 0)
                return fflush(fd == STDOUT_FILENO ? stdout : stderr) == 0 && write_all(fd, bytes, n)
                           ? 0
                           : io_error(err, path, errno);
        return realpath(path, target) == NULL ? io_error(err, path, errno) : replace(target, bytes, n, err);
}

int file_write(const char *path, const void *bytes, size_t n, struct error *err)
{
        struct stat there;
        if (lstat(path, &there) != 0)
                return replace(path, bytes, n, err);
        bool link = S_ISLNK(there.st_mode);
        if (link && stat(path, &there) != 0)
                return io_error(err, path, errno);
        if (!S_ISREG(there.st_mode))
                return write_to(path, bytes, n, err);
        return link ? write_through(path, &there, bytes, n, err) : replace(path, bytes, n, err);
}
