/* SPDX-License-Identifier: Apache-2.0
 *
 * What strangers bring to have a letter verified: the code from its paper, the PDF itself, the file of keys; and the content of a
 * letter as it is kept.
 */
#include "office/letter/code.h"
#include "office/letter/content.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str text = {(const char *)data, size};
        struct error err = {0}, pdf = {0}, json = {0};
        struct letter_code code;
        struct letter_pdf_seen seen;
        unsigned char key[32] = {1};
        json_t *value = NULL;

        if ((letter_code_read(&code, text, &err) == 0) != (err.code == SB_OK))
                abort();
        error_clear(&err);
        if (letter_code_verify(text, key, &err) == 0) /* nobody has the secret of this key */
                abort();
        if ((letter_pdf_verify(&seen, text, &pdf) == 0) != (pdf.code == SB_OK))
                abort();
        if (json_read(&value, text, &json) == 0 && json_is_object(value)) {
                struct letter letter;
                struct error fault = {0};
                letter_key_find(key, value, "00000000", 20000, &fault);
                error_clear(&fault);
                if ((letter_of_content(&letter, value, &fault) == 0) != (fault.code == SB_OK))
                        abort();
        }
        json_decref(value);
        return 0;
}
