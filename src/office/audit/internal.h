/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the files of the auditor only.
 */
#ifndef OFFICE_AUDIT_INTERNAL_H
#define OFFICE_AUDIT_INTERNAL_H

#include "office/audit/audit.h"

/* A check that SQL alone can make: it selects the rows that are wrong, as four texts: key, field,
 * expected, found. A list ends with a NULL sql. */
struct audit_check {
        enum error_code code;
        const char *table;
        const char *sql;
};
extern const struct audit_check audit_money[];   /* ledger, contributions, awards, payments */
extern const struct audit_check audit_facts[];   /* what is true for whom, when */
extern const struct audit_check audit_orphans[]; /* rows that refer to nothing */

struct audit {
        struct tx *tx;
        const struct audit_options *options;
        audit_report *report;
        void *ctx;
        struct audit_result result;
        int told; /* findings told of the running check */
};
void audit_check_begin(struct audit *a);
void audit_found(struct audit *a, const struct audit_finding *f);

/* The audit trail: hashes, seals, chain, signatures. */
int audit_trail(struct audit *a, struct error *err);

/* SQL: a number as text, and keys of two and three parts. */
#define T(x) "CAST(" x " AS @text)"
#define KEY2(a, b) T(a) " || '/' || " T(b)
#define KEY3(a, b, c) KEY2(a, b) " || '/' || " T(c)

#endif
