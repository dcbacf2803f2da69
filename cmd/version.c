/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"
#include "commit.h"

#include <stdio.h>

const char *command_commit(void)
{
        return SHEBAO_COMMIT;
}

int cmd_version(int argc, char **argv)
{
        if (argc != 1)
                return command_usage(argv[0]);
        puts("shebao " SHEBAO_VERSION);
        return 0;
}
