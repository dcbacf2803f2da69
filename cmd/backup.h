/* SPDX-License-Identifier: Apache-2.0
 *
 * Backups of a house that is open (cmd/backup_folder.h), for the command and for the server.
 */
#ifndef CMD_BACKUP_H
#define CMD_BACKUP_H

#include "cmd/backup_folder.h"
#include "cmd/house.h"

/* A copy now, old ones taken away, and both noted in the installation and its trail. */
int backup_now(struct house *h, const struct backup_folder *b, const char *path, int keep_days, struct backup_copy *copy,
               struct error *err);

#endif
