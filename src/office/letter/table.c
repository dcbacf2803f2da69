/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/table.h"

const char *cell(const json_t *row, const char *name)
{
        const char *text = json_string_value(json_object_get(row, name));

        return text == NULL ? "" : text;
}
