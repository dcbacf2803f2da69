/* SPDX-License-Identifier: Apache-2.0
 *
 * A program in Python that writes lines of expected results, read by a test.
 */
#ifndef TEST_ENGINE_ORACLE_H
#define TEST_ENGINE_ORACLE_H

#include "testing.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct oracle {
        FILE *lines;
        pid_t child;
};

static inline struct oracle oracle_start(const char *script, const char *seed, const char *count)
{
        struct oracle o;
        int ends[2];

        assert_int_equal(pipe(ends), 0);
        o.child = fork();
        assert_true(o.child >= 0);
        if (o.child == 0) {
                dup2(ends[1], STDOUT_FILENO);
                close(ends[0]);
                close(ends[1]);
                execlp("python3", "python3", script, seed, count, (char *)NULL);
                _exit(127);
        }
        close(ends[1]);
        o.lines = fdopen(ends[0], "r");
        assert_non_null(o.lines);
        return o;
}

/* All was read: the program ended well. */
static inline void oracle_end(struct oracle *o)
{
        int status;

        fclose(o->lines);
        assert_int_equal(waitpid(o->child, &status, 0), o->child);
        assert_int_equal(status, 0);
}

#endif
