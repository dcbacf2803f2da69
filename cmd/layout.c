/* SPDX-License-Identifier: Apache-2.0
 *
 * A file layout of a pack tried on a file, without a database: read prints the values or every fault, write makes the file.
 */
#include "engine/layout/layout.h"
#include "cmd/command.h"
#include "pack/pack.h"

#include <string.h>

static void print_fault(void *ctx, const struct error *fault)
{
        (void)ctx;
        command_fail(fault);
}

static int read_file(const struct layout *l, const char *path, struct buf *out, int *faults, struct error *err)
{
        struct buf bytes;
        json_t *values = NULL;
        int rc;

        buf_init(&bytes, LAYOUT_FILE_BYTES);
        rc = file_read(&bytes, path, LAYOUT_FILE_BYTES, err);
        if (rc == 0 && layout_read(l, (struct str){buf_text(&bytes), bytes.n}, &values, print_fault, NULL, err) != 0)
                *faults = 1;
        if (rc == 0 && *faults == 0)
                rc = json_canonical(out, values, err);
        buf_add_text(out, "\n");
        json_decref(values);
        buf_dispose(&bytes);
        return rc;
}

static int write_file(const struct layout *l, const char *path, struct buf *out, struct error *err)
{
        json_t *values = NULL;
        int rc = json_read_file(&values, path, err);

        if (rc == 0)
                rc = layout_write(l, values, out, err);
        json_decref(values);
        return rc;
}

int cmd_layout(int argc, char **argv)
{
        const char *dir = command_option(&argc, argv, "--pack"), *to = command_option(&argc, argv, "--out");
        bool reads = argc == 4 && strcmp(argv[1], "read") == 0, writes = argc == 4 && strcmp(argv[1], "write") == 0;
        struct layout *l = NULL;
        struct pack *p = NULL;
        struct error err = {0};
        struct buf out;
        int rc, faults = 0;

        if (dir == NULL || !(reads || writes))
                return command_usage("layout");
        buf_init(&out, 4 * LAYOUT_FILE_BYTES);
        rc = pack_open(&p, dir, &err);
        if (rc == 0)
                rc = pack_layout(p, argv[2], &l, &err);
        if (rc == 0)
                rc = reads ? read_file(l, argv[3], &out, &faults, &err) : write_file(l, argv[3], &out, &err);
        if (rc == 0 && faults == 0)
                rc = buf_check(&out, &err);
        if (rc == 0 && faults == 0)
                rc = command_put(to, &out, &err);
        buf_dispose(&out);
        layout_free(l);
        pack_free(p);
        return rc != 0 ? command_fail(&err) : faults;
}
