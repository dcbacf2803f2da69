/* SPDX-License-Identifier: Apache-2.0
 *
 * ISO 20022 credit transfer file (pain.001.001.09) for a bank: one group, one payment instruction, many transfers in CNY. Bytes
 * depend on the input alone. Knows no run and no award; checks only what the schema limits.
 */
#ifndef OFFICE_PAYMENT_PAIN_H
#define OFFICE_PAYMENT_PAIN_H

#include "base/calendar.h"
#include "base/money.h"

struct pain_head {
        const char *message_id, *payment_id; /* at most 35 characters each */
        instant_t created;
        day_t pay_day;
        int64_t count;
        fen_t sum;
        const char *payer, *payer_bank, *payer_account;
        bool demonstration; /* said in the initiating party's name and in each transfer */
};
struct pain_transfer {
        const char *end_to_end; /* at most 35 characters, unique for ever */
        fen_t amount;           /* over 0 */
        const char *name, *bank, *account;
        const char *text; /* what it is for; "" none */
};
/* begin, `count` transfers whose amounts make `sum`, end. SB_PAYMENT_FIELD names a field that the schema does not take. */
int pain_begin(struct buf *out, const struct pain_head *h, struct error *err);
int pain_add(struct buf *out, const struct pain_head *h, const struct pain_transfer *t, struct error *err);
void pain_end(struct buf *out);

#endif
