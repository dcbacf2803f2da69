/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/table.h"

int letter_table(const struct pack *pack, const char *file, json_t **rows, struct error *err)
{
        struct error absent = {0};
        struct str bytes;

        if (pack_file(pack, file, &bytes, &absent) < 0) {
                error_clear(&absent);
                *rows = json_array();
                return *rows == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        return pack_table(pack, file, rows, err);
}

const char *cell(const json_t *row, const char *name)
{
        const char *text = json_string_value(json_object_get(row, name));

        return text == NULL ? "" : text;
}
