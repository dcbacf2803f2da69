/* SPDX-License-Identifier: Apache-2.0
 *
 * Official letters (文书) as PDF: red-head paper, title, text, tables, appeal, place of the seal, a code to verify by. Sets what it is
 * given, in Chinese or English, A4, with every character of Unicode that the fonts of the machine have; knows no benefit, no law and no
 * database. The same letter gives the same bytes: the only date in it is the one it is given.
 */
#ifndef OFFICE_LETTER_LETTER_H
#define OFFICE_LETTER_LETTER_H

#include "base/calendar.h"
#include "base/error.h"
#include "base/text.h"

#define LETTER_CELLS 4
#define LETTER_ROWS 40
#define LETTER_PARAGRAPHS 12

/* A table: widths in parts of 100; numbers: bit i: column i is set to the right. */
struct letter_table {
        const char *title;
        const char *head[LETTER_CELLS];
        int widths[LETTER_CELLS];
        unsigned numbers;
        int columns;
        const char *rows[LETTER_ROWS][LETTER_CELLS];
        int row_count;
        bool last_strong; /* the last row is the sum */
};
struct letter {
        enum lang lang;
        const char *body;   /* 发文机关: who decides; the red head */
        const char *number; /* 文号 */
        const char *title;
        const char *addressee;
        const char *paragraphs[LETTER_PARAGRAPHS]; /* before the first table */
        int paragraph_count;
        struct letter_table amounts, derivation;
        const char *between[LETTER_PARAGRAPHS]; /* between the tables */
        int between_count;
        const char *closing[LETTER_PARAGRAPHS]; /* after the tables: appeal route, enquiries */
        int closing_count;
        const char *date; /* as written under the signature */
        day_t day;        /* the document's date */
        const char *seal; /* what stands where the seal goes */
        const char *seal_name,
            *seal_kind;     /* a seal is drawn there: who is on it, and of what kind ("" : not said); NULL none */
        const char *verify; /* what the code says, read by a machine */
        const char *verify_text;
        const char *stamp; /* over every page; NULL none */
};
/* SB_LETTER_FONT when the machine has no font for a character of the letter, SB_LETTER_PDF. */
int letter_pdf(struct buf *out, const struct letter *l, struct error *err);

#endif
