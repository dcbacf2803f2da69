/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of backups of an SQLite installation: copies/TIME.copy, each a whole database as one moment had it; log/NUMBER.log, what was
 * committed since, piece by piece; files/, the attachments, which are sealed before they come to the disk. Copies and log are sealed with the
 * backup key, a key file of its own (base/stream.h). Neither it nor the keys of the installation are ever in the folder.
 */
#ifndef CMD_BACKUP_FOLDER_H
#define CMD_BACKUP_FOLDER_H

#include "base/clock.h"
#include "base/hash.h"
#include "store/archive.h"

struct backup_folder {
        char dir[1024];
        unsigned char key[SEAL_KEY_BYTES];
};
/* *made: there was no such key file, and now there is. dir need not be there. */
int backup_open(struct backup_folder *b, const char *dir, const char *key_file, bool *made, struct error *err);

/* One piece of the log, as its head says. */
struct backup_piece {
        int64_t number;
        instant_t
            time; /* everything in it was committed before, and everything before this time is in it or in an earlier one */
        struct log_place at;
        int64_t from;
};
struct backup_copy {
        instant_t time;
        int64_t piece;       /* the last piece when it was begun */
        struct log_place at; /* where the log was when it was made: it needs the log until there */
        int64_t size;
};

/* The archiver: `last` is where it stands. */
struct archiver {
        struct backup_folder folder;
        char path[1024]; /* the database */
        struct backup_piece last;
        bool gap;               /* the log does not follow on the last piece: a new copy is needed */
        int64_t work_in_frames; /* when the log is worked into the database */
};
int archiver_open(struct archiver *a, const struct backup_folder *b, const char *path, struct error *err);
/* Write what was committed since, if anything; and work the log into the database when it has grown. */
int archiver_step(struct archiver *a, struct clock *clock, struct error *err);

/* A copy now, and the attachments that the folder has not yet. files NULL: none. */
int backup_copy(const struct backup_folder *b, const char *path, const char *files, struct clock *clock,
                struct backup_copy *out, struct error *err);
/* Take away copies older than `days`, but for the newest of them, and the log that only they need. */
int backup_prune(const struct backup_folder *b, instant_t now, int days, int *removed, struct error *err);

/* Oldest first; free(*out). */
int backup_copies(const struct backup_folder *b, struct backup_copy **out, size_t *count, struct error *err);
int backup_pieces(const struct backup_folder *b, struct backup_piece **out, size_t *count, struct error *err);

/* The database as it was at `time` into a new file, sound; attachments into `files` (NULL: not). *reached: of the last piece used, or of the
 * copy. SB_BACKUP_NONE, SB_BACKUP_GAP, SB_RESTORE_EXISTS, SB_SEAL_BROKEN. */
int backup_restore(const struct backup_folder *b, instant_t time, const char *path, const char *files, instant_t *reached,
                   struct error *err);

#endif
