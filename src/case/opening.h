/* SPDX-License-Identifier: Apache-2.0
 *
 * Why the record of a person is opened (查阅事由): a verb that shows a person's data marks the field that says whose in
 * its schema ("x-opens": a kind of thing, as "person" or "award"), and is called only by who said why today, or who has a task of a case of the person in hand: that is recorded without a question. An
 * opening holds until the end of the day. Owns record_opening, which is only added to. Which purposes somebody may name is in the
 * pack (permissions.csv, purposes.csv). Knows no subject: the person of an award is asked of the kind's rule.
 */
#ifndef CASE_OPENING_H
#define CASE_OPENING_H

#include "case/verb.h"

#define PURPOSE_CASE "case" /* the purpose that names a case */

/* The marked field of a verb and the rule of its kind; rule NULL: it shows nobody's record. */
struct opens {
        const char *field;
        const struct scope_rule *rule;
};
/* false: it is marked with a kind that nobody knows. Asked by registry_new. */
bool opens_read(struct opens *out, const struct registry *r, const json_t *schema);
/* Asked by verb_call after scope: 0, or SB_CASE_OPENING. The system, and a process, need no purpose. */
int opening_check(struct call *c, const struct opens *opens, const json_t *in, struct error *err);

struct opening {
        int64_t id, person, instance; /* instance: of PURPOSE_CASE, else 0 */
        const char *purpose, *note;
};
/* Write it, in the caller's transaction; *id. The caller writes the audit row. */
int opening_add(struct tx *tx, struct call *c, struct opening *o, struct error *err);
/* A case of this person, for who is at a desk: a task of it in hand. *instance 0: none. */
int opening_task(struct tx *tx, struct call *c, int64_t person, int64_t *instance, struct error *err);
/* Is the case one of this person, at an office of who asks? */
int opening_case(struct tx *tx, struct call *c, int64_t person, int64_t instance, bool *yes, struct error *err);
/* The purpose under which the record stands open to who asks today; "" none. out: at least 32 bytes. */
int opening_today(struct tx *tx, struct call *c, int64_t person, char *out, size_t size, struct error *err);

#endif
