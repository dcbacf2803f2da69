/* SPDX-License-Identifier: Apache-2.0
 *
 * A subcommand of `shebao`: a file each (cmd/NAME.c) with a function below, listed in commands.def
 * with its one-line help. A command parses its arguments, opens what it needs and calls the floors
 * below. Exit codes: 0 done, 1 the input or data are wrong (said on stderr with a code), 2 the call
 * is wrong.
 */
#ifndef CMD_COMMAND_H
#define CMD_COMMAND_H

#include "base/text.h"

struct command {
        const char *name;
        int (*run)(int argc, char **argv); /* argv[0] is the subcommand */
        const char *usage;                 /* "pack check DIR…" lines */
        const char *help;                  /* one sentence */
};

#define COMMAND(symbol, usage, help) int cmd_##symbol(int argc, char **argv);
#include "commands.def"
#undef COMMAND

/* Print an error on stderr as "shebao: SB-0011 text" in the language of LANG; returns 1. */
int command_fail(const struct error *err);
/* The language of the terminal. */
enum lang terminal_lang(void);
/* Print the usage of the subcommand on stderr; returns 2. */
int command_usage(const char *name);
/* The commit that was built, "…-dirty" when something was changed since. */
const char *command_commit(void);
/* Options: --name VALUE. Returns the value and removes both from argv, or NULL. A flag:
 * command_flag. */
const char *command_option(int *argc, char **argv, const char *name);
bool command_flag(int *argc, char **argv, const char *name);
/* Bytes to where --out says, else to standard output. SB_IO. */
int command_put(const char *path, const struct buf *bytes, struct error *err);

#endif
