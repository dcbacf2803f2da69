/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/command.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void child_run(const char *folder, char *const argv[], int to)
{
        int dropped = to < 0 ? open("/dev/null", O_WRONLY) : to;

        if (dropped < 0 || (folder != NULL && chdir(folder) != 0))
                _exit(127);
        dup2(dropped, STDOUT_FILENO);
        if (to < 0)
                dup2(dropped, STDERR_FILENO);
        execvp(argv[0], argv);
        _exit(127);
}

/* To the end, so that the writer is never stopped; what does not fit is dropped. */
static void answer_read(int from, char *answer, size_t size)
{
        char part[4096];
        size_t n = 0;
        ssize_t got;

        while ((got = read(from, part, sizeof part)) > 0)
                for (ssize_t i = 0; i < got; i++)
                        if (n + 1 < size)
                                answer[n++] = part[i];
        while (n > 0 && answer[n - 1] == '\n')
                n--;
        answer[n] = '\0';
}

int command_run(const char *folder, char *const argv[], char *answer, size_t size)
{
        int ends[2] = {-1, -1}, status;

        if (answer != NULL && pipe2(ends, O_CLOEXEC) != 0)
                return -1;
        pid_t child = fork();
        if (child == 0)
                child_run(folder, argv, ends[1]);
        if (ends[1] >= 0)
                close(ends[1]);
        if (child > 0 && answer != NULL)
                answer_read(ends[0], answer, size);
        if (ends[0] >= 0)
                close(ends[0]);
        return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
