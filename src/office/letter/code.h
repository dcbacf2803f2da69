/* SPDX-License-Identifier: Apache-2.0
 *
 * What proves a letter without a network: the text of its QR code (issuer, number, day, hash of what the letter says, key, Ed25519
 * signature), the signature over the bytes of its PDF, and the file of public keys against which both are held. Pure: knows no
 * database; an offline verifier needs no more than this.
 *
 * The code is "SHEBAO1:ISSUER:NUMBER:DAY:HASH:KEY:SIGNATURE": ISSUER the office's code, HASH 64 and SIGNATURE 128 upper-case
 * hexadecimal figures, KEY the first 8 of SHA-256 of the public key. Signed are the bytes before the last colon. NUMBER may hold any
 * character, so the four last fields are found from the end.
 *
 * A signed PDF goes on after its last line, in comments, which readers pass over, with what the letter says (canonical JSON), its code
 * and the public key, then "%signature " and 128 figures, then the trailer again. Signed is "shebao letter pdf " and SHA-256 of all
 * bytes but these 128.
 */
#ifndef OFFICE_LETTER_CODE_H
#define OFFICE_LETTER_CODE_H

#include "base/calendar.h"
#include "base/hash.h"
#include "base/json.h"

#define LETTER_CODE_MAX 600
#define LETTER_KEY_ID 9
struct letter_code {
        char issuer[40], number[160];
        day_t day;
        struct hash content;
        char key[LETTER_KEY_ID];
        unsigned char signature[64];
};
char *letter_key_id(const unsigned char public_key[32], char out[LETTER_KEY_ID]);
/* Sign (fills key and signature) and write; SB_LIMIT when a field is too long. */
int letter_code_make(char out[LETTER_CODE_MAX], struct letter_code *code, const struct keyring *keys, const struct sign_key *by,
                     struct error *err);
/* As read from paper: blanks and line ends around it are passed over. SB_LETTER_CODE. */
int letter_code_read(struct letter_code *out, struct str text, struct error *err);
/* SB_LETTER_CHANGED when the signature is not of this text and key. */
int letter_code_verify(struct str text, const unsigned char public_key[32], struct error *err);

/* Append to a PDF what signs it. */
int letter_pdf_sign(struct buf *pdf, struct str content, const char *code, const struct keyring *keys,
                    const struct sign_key *by, struct error *err);
struct letter_pdf_seen {
        struct letter_code code;
        struct str code_text, content; /* borrowed from the PDF */
        unsigned char public_key[32];
};
/* Signature of the bytes, signature of the code, hash of what the letter says: all three by the key that the file names. Whose key it
 * is says only a file of keys. SB_LETTER_UNSIGNED, SB_LETTER_CHANGED. */
int letter_pdf_verify(struct letter_pdf_seen *out, struct str pdf, struct error *err);

/* The file of keys, {"issuer","keys":[{"key","public","from","to"}]}: the key `id` as of `day`. SB_LETTER_KEY when it knows none or the
 * day is not the key's. */
int letter_key_find(unsigned char public_key[32], const json_t *file, const char *id, day_t day, struct error *err);

#endif
