/* SPDX-License-Identifier: Apache-2.0
 *
 * What was made of manuals, kept for who searches next: one place for each version of a pack, language and day of law, at most
 * MANUAL_SHELF_MAX, the one asked for longest ago gives way. Owned by who opens a house; any number of threads may ask. A changed pack
 * has another hash and is made anew.
 */
#ifndef OFFICE_MANUAL_SHELF_H
#define OFFICE_MANUAL_SHELF_H

#include "office/manual/manual.h"

#define MANUAL_SHELF_MAX 6

struct manual_shelf;

int manual_shelf_new(struct manual_shelf **out, struct error *err);
void manual_shelf_free(struct manual_shelf *s);
/* As manual_search; s NULL keeps nothing. m need not live longer than the call. */
int manual_shelf_search(json_t **out, struct manual_shelf *s, struct manual *m, const char *q, size_t most, struct error *err);
uint64_t manual_shelf_made(struct manual_shelf *s); /* how often chapters had to be made */

#endif
