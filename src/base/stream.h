/* SPDX-License-Identifier: Apache-2.0
 *
 * Files sealed under a key, of any length, written and read from the front (XChaCha20-Poly1305 as a stream): a byte that was changed, a
 * piece that was left out, moved or cut off at the end is found. context says what the file is and is part of what is sealed.
 */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include "base/hash.h"

struct sealer;
/* A new file of mode 0600; appears under its name when it is whole. SB_IO. */
int sealer_open(struct sealer **out, const char *path, const unsigned char key[SEAL_KEY_BYTES], const char *context,
                struct error *err);
int sealer_add(struct sealer *s, const void *bytes, size_t n, struct error *err);
/* Ends and syncs it; frees s, also on error. */
int sealer_close(struct sealer *s, struct error *err);
void sealer_abort(struct sealer *s); /* nothing is left of it */

struct opener;
int opener_open(struct opener **out, const char *path, const unsigned char key[SEAL_KEY_BYTES], const char *context,
                struct error *err);
/* Exactly n bytes: 1; 0 at the end, before the first of them. SB_SEAL_BROKEN with the file. */
int opener_read(struct opener *o, void *bytes, size_t n, struct error *err);
void opener_close(struct opener *o);

#endif
