/* SPDX-License-Identifier: Apache-2.0
 *
 * A letter goes out (制发): numbered by year, office and kind without a gap, under a seal that the office holds, signed, and kept as what
 * it says. All this is in the transaction of who issues it; its PDF is set when somebody first reads it, from what was kept: most letters of
 * a month are read by nobody in this form, and setting text takes longer than everything else of a case.
 */
#ifndef OFFICE_LETTER_RECORD_H
#define OFFICE_LETTER_RECORD_H

#include "office/letter/letter.h"
#include "office/office.h"

/* What a letter's texts may name before its number is known; filled by letter_record. */
#define LETTER_SEQUENCE "{sequence}" /* in its number */
#define LETTER_NUMBER "{number}"     /* in the lines beside the code */
#define LETTER_SHORT "{code}"

struct letter_new {
        const char *template; /* letters/NAME.json, row of letters.csv */
        struct pack *pack;
        int64_t office, instance, person; /* person 0: nobody in particular */
        const char *subject_kind;
        int64_t subject;
        const struct letter *pages[2]; /* [LANG_ZH], [LANG_EN] */
};
struct letter_made {
        int64_t document; /* of the letter in Chinese, the one that is served */
        char number[160];
};
/* SB_LETTER_SEAL when the kind of letter needs a seal and the office holds none that is valid. */
int letter_record(struct tx *tx, struct call *c, const struct letter_new *n, struct letter_made *out, struct error *err);
/* Letters about a subject hold no longer: state "replaced" or "withdrawn", why. Answers nothing when there are none. */
int letter_close(struct tx *tx, struct call *c, const char *subject_kind, int64_t subject, const char *state,
                 const char *reason, struct error *err);
/* Letters of a case that ended, and of the cases that ended with it, which no service was proven of, hold no longer; keep: a letter, by the
 * document in either language, that does; 0 none. */
int letter_close_unserved(struct tx *tx, struct call *c, int64_t instance, int64_t keep, const char *state, const char *reason,
                          struct error *err);
/* Set the PDF of a letter that has none yet, outside of any transaction. */
int letter_render(struct house *h, int64_t document, struct error *err);

/* The key that signs on a day, made when there is none yet. */
int letter_key_for(struct tx *tx, struct call *c, day_t day, int64_t *number, struct error *err);

#endif
