/* SPDX-License-Identifier: Apache-2.0
 *
 * What a letter says, as JSON: it is stored with the letter, hashed and signed in its canonical form, and the PDF is set from it alone,
 * whenever that is. The code to verify by is no part of it.
 */
#ifndef OFFICE_LETTER_CONTENT_H
#define OFFICE_LETTER_CONTENT_H

#include "base/json.h"
#include "office/letter/letter.h"

/* A new object; NULL when memory ends. */
json_t *letter_content(const struct letter *l);
/* Texts are borrowed from the content. SB_LETTER_PDF when it is none. */
int letter_of_content(struct letter *out, const json_t *content, struct error *err);

#endif
