/* SPDX-License-Identifier: Apache-2.0
 *
 * Copying an SQLite database while it works, and its log (WAL) before it is worked into the database. A file PATH-archive beside the
 * database says that its log is archived: then no program of ours works the log in but the one that archives it.
 */
#ifndef STORE_ARCHIVE_H
#define STORE_ARCHIVE_H

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* The path of an address "sqlite:PATH", NULL for another. */
const char *archive_path(const char *url);
/* From now on the log of this database is archived, or no more. Before the database is opened. */
int archive_mark(const char *path, bool on, struct error *err);
bool archive_marked(const char *path);

/* A copy of the database as one moment has it, while others write. to: a new file. */
int archive_copy(const char *path, const char *to, struct error *err);

/* Where in the log: SQLite numbers its logs (checkpoint) and marks each with salts; frames from 1. */
struct log_place {
        uint32_t checkpoint, salt[2], page_size;
        int64_t frame;
};
/* One frame that a transaction committed: a page of the database as it then was; pages: of the whole database where the frame ends a
 * transaction, else 0. */
typedef int log_frame(void *ctx, uint32_t page, uint32_t pages, const void *bytes, size_t n, struct error *err);
/* The committed frames after *at (zero: all) and until `until`, a place that was read before (NULL: all there are); *at moves on. each NULL:
 * only where the log ends. */
int log_read(const char *path, struct log_place *at, const struct log_place *until, log_frame *each, void *ctx,
             struct error *err);
/* Call `take`, which reads what is left of the log, while nobody can write, and then work the log into the database. */
int log_work_in(const char *path, int (*take)(void *ctx, struct error *err), void *ctx, struct error *err);

/* Put pages of frames into a database file that nobody has open, as they come; pages: cut the file to so many. */
int archive_page(int fd, uint32_t page_size, uint32_t page, uint32_t pages, const void *bytes, struct error *err);
/* What SQLite says of a whole database file: SB_STORE_CORRUPT. */
int archive_sound(const char *path, struct error *err);

#endif
