/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the translator and the matcher of pattern.h; nobody else includes it.
 */
#ifndef ENGINE_FEEL_PATTERN_INTERNAL_H
#define ENGINE_FEEL_PATTERN_INTERNAL_H

#include "engine/feel/pattern.h"

struct pattern_flags {
        bool dot_all, multiline, caseless, extended, literal;
};

/* "smixq" → flags; false for another letter. */
bool pattern_flags_read(struct pattern_flags *f, struct str flags);
/* XPath's pattern → PCRE2's (with UTF, UCP and, by the flag, CASELESS; nothing else set). Returns 0, or ERR
 * with SB_FEEL_PATTERN. */
int pattern_translate(struct buf *out, struct str pattern, const struct pattern_flags *f, struct error *err);

#endif
