/* SPDX-License-Identifier: Apache-2.0
 *
 * The seal register (印章登记): which seals an office holds, who keeps them, from when to when, and each use. What kind of seal a letter
 * needs says letters.csv of the pack. An office that never had a seal of a kind uses that of the next office above of its body's kind
 * (a street's counter has none of its own); one whose seal was ended or lost does not.
 */
#ifndef OFFICE_LETTER_SEAL_H
#define OFFICE_LETTER_SEAL_H

#include "office/office.h"

#define SEAL_KIND 24
struct seal_held {
        int64_t id, office, holder;
        char name_zh[192], name_en[192];
};
/* The kind of seal that a letter needs; "" none, or the pack says nothing. */
int seal_kind_of(char kind[SEAL_KIND], const struct pack *pack, const char *template, struct error *err);
/* What stands below the star (common.json seal_kind); "" for a kind that has no words there. */
int seal_kind_text(char *out, size_t size, const struct pack *pack, const char *kind, struct error *err);
/* 1 found, 0 none that is valid, ERR. */
int seal_find(struct seal_held *out, struct tx *tx, int64_t office, const char *kind, day_t day, struct error *err);
/* Log that a seal was put on a letter, on the order of who acts. */
int seal_use_add(struct tx *tx, struct call *c, int64_t seal, int64_t letter, int64_t instance, struct error *err);

extern const struct verb seal_verbs[];

#endif
