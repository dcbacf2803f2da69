/* SPDX-License-Identifier: Apache-2.0
 *
 * A tax bureau and its treasury, played on bad wires (征缴伙伴): it keeps books of its own of what it was told is owed, holds due (at times wrongly, for
 * a while), collects, and tells of all that in messages. By a seed, messages are lost, come twice, in another order, late or damaged. What
 * it knows it knows from the messages alone; whether the office's list of differences is right is asked of these books.
 */
#ifndef TEST_PARTNERS_BUREAU_H
#define TEST_PARTNERS_BUREAU_H

#include "office/town.h"

#include "base/rng.h"

enum { OWED_MAX = 4000, DOCS_MAX = 2000, LETTERS_MAX = 3000 };
enum wire { WIRE_DUE, WIRE_RECEIPTS, WIRE_TREASURY, WIRES };

struct owed { /* what we were told an employer owes */
        char uscc[24], scheme[8];
        month_t month;
        fen_t amount, held; /* held: what we hold due, as last told */
        bool wrong;         /* held is another amount, until we notice */
};
struct doc { /* money that we collected */
        char reference[40], uscc[24];
        month_t month;
        fen_t amount;
        day_t day;
};
/* A message that we sent, or think that we sent. */
struct letter {
        enum wire wire;
        int64_t sequence, lines;
        fen_t sum;
        char *bytes;
        bool answered;    /* as far as we know */
        bool arrived;     /* the office has it: not known to us, for the judge */
        int first, count; /* of the things it tells of: owed_told, or docs */
};

struct bureau {
        struct town *town;
        struct actor machine, bank; /* accounts of both */
        struct rng dice;
        bool calm; /* the wires are good */
        struct owed owed[OWED_MAX];
        int owed_count;
        struct doc docs[DOCS_MAX];
        int doc_count, receipts_told, treasury_told;
        /* What each message of the wire `due` said, one after the other. */
        struct owed told[OWED_MAX];
        int told_count;
        struct letter letters[LETTERS_MAX];
        int letter_count;
        int64_t next[WIRES], taken; /* taken: the last batch of assessments that we have in our books */
        int lost, repeated, damaged, swapped, refused;
};

struct bureau *bureau_new(struct town *t, uint64_t seed);
void bureau_free(struct bureau *b);
/* Fetch what the office has for us, as far as the wire lets us. */
void bureau_fetch(struct bureau *b);
/* Employers pay, some of what they owe and never more; everything before `all` that is open. */
void bureau_collect(struct bureau *b, month_t all);
/* Tell of what is new, and again of what was not answered or was asked for. */
void bureau_tell(struct bureau *b);
/* The number of letters of a wire that the office can have applied: those that arrived, up to the first that did not. */
int64_t bureau_applied(const struct bureau *b, enum wire wire);

#endif
