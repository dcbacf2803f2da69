/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct command commands[] = {
#define COMMAND(symbol, usage, help) {#symbol, cmd_##symbol, usage, help},
#include "cmd/commands.def"
#undef COMMAND
};
static const size_t command_count = sizeof commands / sizeof commands[0];

static const struct command *command_find(const char *name)
{
        for (size_t i = 0; i < command_count; i++)
                if (strcmp(commands[i].name, name) == 0)
                        return &commands[i];
        return NULL;
}

/* A usage may have several lines; each stands behind the name of the program. */
static void print_usage(FILE *out, const struct command *c)
{
        for (const char *line = c->usage; *line != '\0';) {
                size_t n = strcspn(line, "\n");
                fprintf(out, "  shebao %.*s\n", (int)n, line);
                line += n + (line[n] == '\n');
        }
}

int command_usage(const char *name)
{
        const struct command *c = command_find(name);
        if (c == NULL)
                return 2;
        fprintf(stderr, "%s: %s\n", c->name, c->help);
        print_usage(stderr, c);
        return 2;
}

static int help_all(FILE *out)
{
        fputs("shebao administers social insurance. Its commands:\n\n", out);
        for (size_t i = 0; i < command_count; i++) {
                print_usage(out, &commands[i]);
                fprintf(out, "      %s\n", commands[i].help);
        }
        fputs("\nExit codes: 0 done, 1 the input or the data are wrong, 2 the call is wrong.\n", out);
        return 0;
}

static int unknown(const char *name)
{
        struct error err = {0};
        error_raise(&err, SB_COMMAND_UNKNOWN, "%.80s", name);
        command_fail(&err);
        return 2;
}

static int help(int argc, char **argv)
{
        if (argc < 2)
                return help_all(stdout);
        const struct command *c = command_find(argv[1]);
        if (c == NULL)
                return unknown(argv[1]);
        printf("%s: %s\n", c->name, c->help);
        print_usage(stdout, c);
        return 0;
}

/* An argument is read by everybody on the machine (ps): a password does not belong there. */
static bool tells_password(const char *argument)
{
        const char *at = strstr(argument, "://");

        if (at != NULL) {
                size_t n = strcspn(at + 3, "/?");
                const char *end = memchr(at + 3, '@', n);
                if (end != NULL && memchr(at + 3, ':', (size_t)(end - at - 3)) != NULL)
                        return true;
        }
        const char *word = at != NULL || strchr(argument, '=') != NULL ? strstr(argument, "password=") : NULL;
        return word != NULL && (word == argument || strchr("?& ", word[-1]) != NULL);
}

static int run(int argc, char **argv)
{
        if (argc < 2) {
                help_all(stderr);
                return 2;
        }
        const char *name = argv[1];
        if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
                return help(argc - 1, argv + 1);
        if (strcmp(name, "--version") == 0)
                return cmd_version(1, argv + 1);
        for (int i = 2; i < argc; i++) {
                struct error err = {0};
                if (tells_password(argv[i])) {
                        error_raise(&err, SB_COMMAND_SECRET, ERROR_BOTH("an argument of %s", "%s的参数"), name, name);
                        return command_fail(&err);
                }
        }
        const struct command *c = command_find(name);
        return c == NULL ? unknown(name) : c->run(argc - 1, argv + 1);
}

int main(int argc, char **argv)
{
        signal(SIGPIPE, SIG_IGN); /* a reader that went away is a write error, told as one */
        signal(SIGXFSZ, SIG_IGN); /* so is a file that may grow no more */
        int rc = run(argc, argv);
        if (fflush(stdout) != 0 || ferror(stdout) != 0) {
                struct error err = {0};
                error_raise(&err, SB_IO, "%s|%s", "stdout", strerror(errno));
                rc = command_fail(&err);
        }
        return rc;
}
