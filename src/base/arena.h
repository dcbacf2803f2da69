/* SPDX-License-Identifier: Apache-2.0
 *
 * One arena a request or batch item, with a cap. Memory is released all at once.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/text.h"

struct arena;

/* cap: bytes that the arena may take in all; more gives NULL from arena_alloc. NULL when out of
 * memory. */
struct arena *arena_new(size_t cap);
void arena_free(struct arena *a);
/* Forget everything, keep the first blocks: after warm-up a loop of equal work allocates nothing.
 */
void arena_reset(struct arena *a);
size_t arena_used(const struct arena *a);

/* Zeroed memory aligned for any type; NULL when the cap is reached. */
void *arena_alloc(struct arena *a, size_t n);
void *arena_array(struct arena *a, size_t count, size_t size); /* checks the product */
char *arena_text(struct arena *a, struct str s);               /* terminated copy */
struct str arena_str(struct arena *a, struct str s);           /* copy; p is NULL when out of cap */
__attribute__((format(printf, 2, 3))) char *arena_format(struct arena *a, const char *fmt, ...);

#define arena_new_of(a, type) ((type *)arena_alloc((a), sizeof(type)))

#endif
