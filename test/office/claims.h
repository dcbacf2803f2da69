/* SPDX-License-Identifier: Apache-2.0
 *
 * One-off payments as a subject adds them, to the town of payments.h.
 */
#ifndef TEST_OFFICE_CLAIMS_H
#define TEST_OFFICE_CLAIMS_H

#include "office/payments.h"

struct adding {
        struct call call;
        struct payment_claim_new what;
        int64_t claim;
        const char *cancel; /* why it is taken back; NULL: it is added */
};
/* Added, or taken back: the code, SB_OK. */
enum error_code claim_added(struct town *t, struct adding *a);
/* A lump sum of who has the pension at a place. */
struct adding claim_of_person(struct town *t, int place, fen_t amount, fen_t account_part);

#endif
