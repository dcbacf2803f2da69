/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao export: the canonical export, and its digest.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "office/export/export.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* It holds personal data in clear: for its owner only, and never over another file. */
static int file_open(FILE **out, const char *path, struct error *err)
{
        char why[128];
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

        *out = fd < 0 ? NULL : fdopen(fd, "wb");
        if (*out == NULL) {
                int rc = error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
                if (fd >= 0)
                        close(fd);
                return rc;
        }
        return 0;
}

static int export_all(const struct house_options *options, const char *path, struct hash *digest, int64_t *rows,
                      struct error *err)
{
        struct opened *o = NULL;
        FILE *out = NULL;
        char why[128];
        int rc = house_open(&o, options, err);

        if (rc == 0 && path != NULL)
                rc = file_open(&out, path, err);
        if (rc == 0)
                rc = export_write(&o->house, out, digest, rows, err);
        if (out != NULL && fclose(out) != 0 && rc == 0)
                rc = error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
        house_close(o);
        return rc;
}

int cmd_export(int argc, char **argv)
{
        struct house_options options = {0};
        struct error err = {0};
        struct hash digest;
        char hex[65];
        int64_t rows = 0;
        const char *path = command_option(&argc, argv, "--out");

        if (!house_arguments(&argc, argv, &options) || argc != 1)
                return command_usage("export");
        if (export_all(&options, path, &digest, &rows, &err) < 0)
                return command_fail(&err);
        printf("%s %lld rows\n", hash_hex(&digest, hex), (long long)rows);
        return 0;
}
