/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by the files of the auditor only.
 */
#ifndef OFFICE_AUDIT_INTERNAL_H
#define OFFICE_AUDIT_INTERNAL_H

#include "base/json.h"
#include "office/audit/audit.h"

/* A check that SQL alone can make: it selects the rows that are wrong, as four texts: key, field,
 * expected, found. A list ends with a NULL sql. */
struct audit_check {
        enum error_code code;
        const char *table;
        const char *sql;
};
extern const struct audit_check audit_money[];   /* ledger, contributions, awards, payments */
extern const struct audit_check audit_adjustments[]; /* corrections of contributions, and what is receivable and waits */
extern const struct audit_check audit_facts[];   /* what is true for whom, when */
extern const struct audit_check audit_orphans[]; /* rows that refer to nothing */

struct audit {
        struct tx *tx; /* NULL: files are verified */
        const struct audit_options *options;
        bool signatures; /* looked at, by */
        unsigned char public_key[32];
        audit_report *report;
        void *ctx;
        struct audit_result result;
        int told; /* findings told of the running check */
};
void audit_check_begin(struct audit *a);
void audit_found(struct audit *a, const struct audit_finding *f);

void audit_begin(struct audit *a, const struct audit_options *options, audit_report *report, void *ctx);
/* A finding about a thing of a home; the values as text. */
void audit_tell(struct audit *a, enum error_code code, const char *table, int64_t home, int64_t id, const char *field,
                const char *expected, const char *found);

/* The audit trail: hashes, seals, chain, signatures. */
int audit_trail(struct audit *a, struct error *err);

/* The late fee of each order, from what was open and what its decision used. */
int audit_late_fees(struct audit *a, struct error *err);

/* Each table against its sum. */
int audit_tables(struct audit *a, struct error *err);

/* trail.c, used also on a file. */
struct trail_row {
        int64_t home, id, at, actor, office, subject;
        struct str verb, kind, body;
};
struct hash trail_row_hash(const struct trail_row *r);
enum { TREE_LEVELS = 64 };
/* Leaves of one seal in order of id, joined without keeping them: waiting[k] is the root of 2^k
 * leaves. Joining neighbours level by level and carrying an odd last one up is the same tree. */
struct tree {
        struct hash waiting[TREE_LEVELS];
        bool filled[TREE_LEVELS];
        int64_t first, last, count;
};
void tree_add(struct tree *t, int64_t id, const struct hash *leaf);
struct seal_row {
        int64_t home, sequence, day, first, last, count, sealed_at;
        struct hash root, previous, head;
        unsigned char signature[64];
        bool formed; /* the blobs have their lengths */
};
void seal_check_root(struct audit *a, const struct seal_row *s, const struct tree *t);
void seal_check_head(struct audit *a, const struct seal_row *s);
/* before: the seal before it, of any home; zero at the beginning. */
void seal_check_chain(struct audit *a, const struct seal_row *s, const struct seal_row *before);

/* anchor.c: an anchor as it stands in a row or a line. */
struct anchor {
        int64_t sequence;
        struct hash previous, hash;
        unsigned char signature[64];
        json_t *body;
};
/* SB_AUDIT_ANCHOR is told, not raised; false: it cannot be used. before: NULL for the first. */
bool anchor_check(struct audit *a, const struct anchor *x, const struct anchor *before);
/* One line of a file; SB_COMMAND_TRAIL. */
int anchor_line(struct anchor *out, struct str line, const char *path, int number, struct error *err);
void anchor_dispose(struct anchor *x);
/* The next line of a text; false at its end. */
bool line_next(struct str *rest, struct str *line, int *number);
#define ANCHORS_MAX ((size_t)256 << 20)
/* The anchors of the database against each other, the seals, and the file of the options. */
int audit_anchors(struct audit *a, struct error *err);

/* SQL: a number as text, and keys of two and three parts. */
#define T(x) "CAST(" x " AS @text)"
#define KEY2(a, b) T(a) " || '/' || " T(b)
#define KEY3(a, b, c) KEY2(a, b) " || '/' || " T(c)

#endif
