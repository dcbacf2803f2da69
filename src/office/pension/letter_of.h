/* SPDX-License-Identifier: Apache-2.0
 *
 * The decision letter of an award: what of a decision goes into it, in both languages. How a letter looks is office/letter's.
 */
#ifndef OFFICE_PENSION_LETTER_OF_H
#define OFFICE_PENSION_LETTER_OF_H

#include "office/pension/question.h"

struct award_facts {
        int64_t award, decision, replaces;
        month_t from;
        fen_t basic, account, transition, extra, total;
};
struct award_letters {
        struct buf zh, en;
        char title_zh[128], title_en[128];
};
void award_letters_init(struct award_letters *l);
void award_letters_dispose(struct award_letters *l);
/* Outside a transaction: setting text takes its time. */
int award_letters_make(struct award_letters *l, struct call *c, const struct award_facts *facts, const struct question *q,
                       struct error *err);
/* *document: the letter in Chinese, the one that is served. */
int award_letters_store(struct tx *tx, struct call *c, const struct award_letters *l, int64_t person, int64_t award,
                        int64_t *document, struct error *err);

#endif
