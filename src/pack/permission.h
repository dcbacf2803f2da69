/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may do what, as the pack says (权限): duties (职责, duties.csv) are natural groups of what staff do; a permission
 * (permissions.csv) gives a duty to a role at a body and at levels of office; a purpose (目的, purposes.csv) is why the record of a
 * person is opened. Each table is of the nearest pack that has it. Knows neither verbs nor staff: the floor of cases asks.
 */
#ifndef PACK_PERMISSION_H
#define PACK_PERMISSION_H

#include "pack/pack.h"

#define BODY_ANY "*"

struct pack_duty {
        const char *name, *title[2], *basis;
};
struct pack_purpose {
        const char *name, *title[2], *basis;
};
struct permission {
        const char *duty, *role;
        const char *body;         /* a word of bodies.csv, or BODY_ANY */
        int level_from, level_to; /* of the office: 1 province … 5 village; from 0: of any */
        const char *purposes;     /* for which purposes, divided by blanks; "" none is asked */
};

size_t pack_duties(const struct pack *p, const struct pack_duty **out); /* in order of their names */
const struct pack_duty *pack_duty(const struct pack *p, const char *name);
size_t pack_purposes(const struct pack *p, const struct pack_purpose **out); /* in the order of the table */
const struct pack_purpose *pack_purpose(const struct pack *p, const char *name);
/* The rows of a duty, a row a body; 0: the pack does not know the duty. */
size_t pack_permissions(const struct pack *p, const char *duty, const struct permission **out);
/* Does a row hold for an office of this body at this level? */
bool permission_covers(const struct permission *row, const char *body, int level);
/* Is a word one of those of a list divided by blanks? */
bool word_listed(const char *words, const char *word);

#endif
