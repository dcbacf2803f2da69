/* SPDX-License-Identifier: Apache-2.0
 *
 * Regular expressions of XPath and XQuery 3.1 (XML Schema's, with anchors, reluctant quantifiers,
 * groups and back references) for matches(), replace() and split(): translated to PCRE2 and run
 * with limits of steps, depth and memory, so that no pattern can hang an evaluation. Knows nothing
 * of FEEL's values.
 *
 * Return values: 0; ERR with SB_FEEL_PATTERN or SB_FEEL_PATTERN_EMPTY for a pattern, flag or replacement that is not valid
 * (FEEL makes it null with the error's text as diagnostic); ERR with SB_LIMIT or SB_MEMORY for a
 * match that costs too much, which ends an evaluation.
 */
#ifndef ENGINE_FEEL_PATTERN_H
#define ENGINE_FEEL_PATTERN_H

#include "base/arena.h"

/* Compiled patterns of one machine by text and flags: the last ones used are kept, so that an
 * expression in a loop compiles once. One thread at a time. */
struct pattern_cache;
struct pattern_cache *pattern_cache_new(void); /* NULL when out of memory */
void pattern_cache_free(struct pattern_cache *c);

/* Flags: any of "smixq", in any order. An empty str for none. */
int pattern_matches(struct pattern_cache *c, bool *out, struct str input, struct str pattern, struct str flags,
                    struct error *err);
/* Every match is replaced: $0 the match, $1 … its groups, \$ and \\ the signs themselves; not valid
 * when the pattern matches the empty string. The result lives in the arena; result_max bytes at
 * most (SB_LIMIT). */
int pattern_replace(struct pattern_cache *c, struct arena *a, struct str *out, struct str input, struct str pattern,
                    struct str replacement, struct str flags, size_t result_max, struct error *err);
/* The pieces between the matches, slices of the input in an array in the arena; n matches give n +
 * 1 pieces (empty ones too). An empty input gives no piece by XPath, one empty piece by FEEL: one
 * is given. */
int pattern_split(struct pattern_cache *c, struct arena *a, struct str **out, size_t *count, struct str input,
                  struct str pattern, struct str flags, struct error *err);
/* Whether a pattern and its flags are valid, for the check of a model. */
int pattern_check(struct str pattern, struct str flags, struct error *err);

#endif
