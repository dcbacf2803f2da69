/* SPDX-License-Identifier: Apache-2.0
 *
 * The index of names: keyed 64-bit hashes of each character, each pair of neighbours, the whole name, its
 * pinyin and its initials. Names themselves are sealed; the index tells nothing without the installation's
 * key. The same on both databases. Knows no table but name_key.
 */
#ifndef OFFICE_REGISTRY_NAME_H
#define OFFICE_REGISTRY_NAME_H

#include "office/office.h"

#define NAME_CHARACTERS_MAX 60
#define NAME_KEYS_MAX 160

/* The keys of a name, sorted, each once; at most NAME_KEYS_MAX. */
size_t name_keys(const struct keyring *k, struct str name, int64_t out[NAME_KEYS_MAX]);

/* A query as keys: all of `all` must be there. whole: the key of the whole text (or its pinyin), alternative: initials, 0 none. */
struct name_query {
        int64_t all[3];
        int all_count;
        int64_t whole, alternative;
        bool pinyin;
};
/* false when the text has nothing to look for. */
bool name_query_make(const struct keyring *k, struct str text, struct name_query *out);

/* Is the query, or its sound, a part of the name? Guards against keys that meet by chance. */
bool name_matches(struct str name, struct str query);

/* Letters of the pinyin of a code point; "" when it has none. */
const char *pinyin_of(int32_t code_point);

/* 1 to NAME_CHARACTERS_MAX characters, valid UTF-8, no control characters. SB_REGISTRY_NAME. */
int name_check(struct str name, struct error *err);

#endif
