/* SPDX-License-Identifier: Apache-2.0
 *
 * An independent auditor (稽核): recomputes every balance and total from raw rows, with its own SQL
 * and its own code, and holds them against what the other floors have written. It includes nothing
 * of the ledger or of the subjects, so that a fault of theirs cannot hide itself. It only reads, in
 * one snapshot.
 */
#ifndef OFFICE_AUDIT_AUDIT_H
#define OFFICE_AUDIT_AUDIT_H

#include "base/hash.h"
#include "store/store.h"

struct audit_finding {
        enum error_code code; /* SB_AUDIT_…: what kind of fault */
        const char *table;
        struct str key;      /* "home/id" */
        struct str field;    /* column or account, "" when the kind says it all */
        struct str expected; /* as recomputed */
        struct str found;    /* as stored */
};
typedef void audit_report(void *ctx, const struct audit_finding *f);

struct audit_options {
        const struct keyring *keys;      /* to verify signatures; NULL: they are not looked at, */
        const unsigned char *public_key; /* unless this is given: 32 bytes */
        const char *anchors;             /* file of anchors that was kept outside the database; NULL none */
        int limit;                       /* findings told of one check; 0: 1000. All are counted. */
};
struct audit_result {
        int64_t checks, findings;
};
/* Inside the caller's transaction, of which everything written so far is seen. */
int audit_run_in(struct audit_result *out, struct tx *tx, const struct audit_options *options, audit_report *report, void *ctx,
                 struct error *err);
int audit_run(struct audit_result *out, struct store *s, const struct audit_options *options, audit_report *report, void *ctx,
              struct error *err);

/* The trail as a file that can be verified elsewhere: seals and their rows as lines of JSON, no personal data. Counts the rows. */
int audit_trail_write(struct store *s, const char *path, int64_t *rows, struct error *err);
/* Verify a trail of audit_trail_write and a file of anchors without a database: each row's hash, each seal's root, head and signature, the
 * chains, and that every anchor is of this trail. public_key: 32 bytes of the installation. result.checks counts rows and seals. */
int audit_verify(struct audit_result *out, const char *trail, const char *anchors, const unsigned char *public_key,
                 audit_report *report, void *ctx, struct error *err);

#endif
