/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao files: the folder of attachments against their rows.
 */
#include "case/file_sweep.h"
#include "cmd/command.h"
#include "cmd/house.h"

#include <stdio.h>

int cmd_files(int argc, char **argv)
{
        struct house_options options = {.found = false};
        struct file_sweep found = {.rows = 0};
        struct opened *o = NULL;
        struct error err = {0};
        bool remove = command_flag(&argc, argv, "--remove");

        if (!house_arguments(&argc, argv, &options) || argc != 1)
                return command_usage("files");
        int rc = house_open(&o, &options, &err);
        if (rc == 0) {
                rc = file_sweep(&o->house, remove, &found, &err);
                house_close(o);
        }
        if (rc < 0)
                return command_fail(&err);
        printf("%lld attachments, %lld without a file; %lld files, %lld named by nobody, %lld removed\n", (long long)found.rows,
               (long long)found.missing, (long long)found.files, (long long)found.orphans, (long long)found.removed);
        return found.missing > 0;
}
