/* SPDX-License-Identifier: Apache-2.0
 *
 * What the serving process may do (Landlock, seccomp): open only what it was given, start no program, trace no process, become nobody else. It
 * is entered before the first thread and cannot be left; whoever takes the process over has no more than it had.
 */
#ifndef CMD_SANDBOX_H
#define CMD_SANDBOX_H

#include "base/error.h"

enum sandbox_mode { SANDBOX_OFF, SANDBOX_ON, SANDBOX_MUST };

enum { SANDBOX_PATHS = 48 };
struct sandbox {
        struct {
                char path[1024];
                bool write; /* and make and remove files below it */
        } paths[SANDBOX_PATHS];
        int count;
};
/* A file or folder that may be used; nothing when it is not there. The system's own (fonts, time zones, certificates, libraries) need not be
 * named. */
void sandbox_allow(struct sandbox *s, const char *path, bool write);
/* The folder that a file is in, for what is made and renamed there. */
void sandbox_allow_folder(struct sandbox *s, const char *file, bool write);
/* `on`: what the kernel has; `must`: SB_SANDBOX when it lacks any of it. *whole: nothing is lacking. */
int sandbox_enter(const struct sandbox *s, enum sandbox_mode mode, bool *whole, struct error *err);

#endif
