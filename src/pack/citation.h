/* SPDX-License-Identifier: Apache-2.0
 *
 * Articles of law as models and tables cite them: "社会保险法 15、16；社会保险经办条例（国令765）18". Knows no law, only how it is written down.
 */
#ifndef PACK_CITATION_H
#define PACK_CITATION_H

#include "base/text.h"

#define CITATIONS_MAX 60 /* of one text */

struct citation {
        char law[160], article[24]; /* the number of the document left out; article "" : the document as a whole */
};
/* Each article on its own, ranges written out. Answers how many, at most `most`. */
size_t citations_read(const char *text, struct citation *out, size_t most);

#endif
