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
/* The letter on an award in both languages, up to its number: texts, tables, what it was computed from. */
struct award_letters;
/* Outside a transaction. */
int award_letters_make(struct award_letters **out, struct call *c, const struct award_facts *facts, const struct question *q,
                       struct error *err);
void award_letters_free(struct award_letters *l);
/* It goes out; an award that it replaces has no letter in force any more. *document: the letter in Chinese, the one that is served. */
int award_letters_store(struct tx *tx, struct call *c, const struct award_letters *l, int64_t person, int64_t award,
                        int64_t *document, struct error *err);

#endif
