/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* By the usual order of precedence. */
enum lang terminal_lang(void)
{
        const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                const char *value = getenv(names[i]);
                if (value != NULL && value[0] != '\0')
                        return strncmp(value, "zh", 2) == 0 ? LANG_ZH : LANG_EN;
        }
        return LANG_EN;
}

int command_fail(const struct error *err)
{
        char name[8], text[2048];
        fprintf(stderr, "shebao: %s %s\n", error_name(err->code, name), error_text(err, terminal_lang(), text, sizeof text));
        return 1;
}

static void remove_args(int *argc, char **argv, int at, int n)
{
        for (int i = at; i + n <= *argc; i++)
                argv[i] = argv[i + n]; /* also the NULL that ends argv */
        *argc -= n;
}

const char *command_option(int *argc, char **argv, const char *name)
{
        size_t n = strlen(name);
        for (int i = 1; i < *argc; i++) {
                if (strcmp(argv[i], name) == 0 && i + 1 < *argc) {
                        const char *value = argv[i + 1];
                        remove_args(argc, argv, i, 2);
                        return value;
                }
                if (strncmp(argv[i], name, n) == 0 && argv[i][n] == '=') {
                        const char *value = argv[i] + n + 1;
                        remove_args(argc, argv, i, 1);
                        return value;
                }
        }
        return NULL;
}

bool command_flag(int *argc, char **argv, const char *name)
{
        for (int i = 1; i < *argc; i++) {
                if (strcmp(argv[i], name) == 0) {
                        remove_args(argc, argv, i, 1);
                        return true;
                }
        }
        return false;
}

int command_put(const char *path, const struct buf *bytes, struct error *err)
{
        char why[128];

        if (path != NULL)
                return file_write(path, bytes->p, bytes->n, err);
        if ((bytes->n > 0 && fwrite(bytes->p, 1, bytes->n, stdout) != bytes->n) || fflush(stdout) != 0)
                return error_raise(err, SB_IO, "%s|%s", "stdout", strerror_r(errno, why, sizeof why));
        return 0;
}
