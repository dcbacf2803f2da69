/* SPDX-License-Identifier: Apache-2.0
 *
 * Files kept beside the database: by the hash of their bytes, in a folder of the installation. What is kept is sealed before it comes
 * here. A file is on disk before anything refers to it, so that a crash leaves a file too many and never one too few.
 */
#ifndef CASE_FILE_STORE_H
#define CASE_FILE_STORE_H

#include "base/hash.h"

/* The media type by the content itself: application/pdf, image/png, image/jpeg, with its structure looked at; NULL and why not, in
 * both languages (ERROR_BOTH). */
const char *file_type(struct str bytes, const char **why);

/* Write it and sync it and its folders. SB_CASE_FILES when dir is NULL. */
int file_keep(const char *dir, struct str bytes, struct hash *out, struct error *err);
/* Read it and check its hash. SB_CASE_FILE_DAMAGED with `what`. */
int file_load(const char *dir, const struct hash *hash, const char *what, struct buf *out, struct error *err);
bool file_kept(const char *dir, const struct hash *hash);   /* is it there? */
void file_forget(const char *dir, const struct hash *hash); /* as far as possible */

#endif
