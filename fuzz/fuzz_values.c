/* SPDX-License-Identifier: Apache-2.0
 *
 * What people write into a field: days, months, money, identity numbers, codes of employers, and what a scan is.
 */
#include "base/calendar.h"
#include "base/identity.h"
#include "base/money.h"
#include "case/file_store.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct str s = {(const char *)data, size};
        struct error err[4] = {{0}};
        const char *why = NULL;
        day_t day;
        month_t month;
        fen_t fen;
        char text[32];

        if (day_parse(&day, s, &err[0]) == 0 && !str_equal(str_from(day_text(day, text)), s))
                abort();
        if ((month_parse(&month, s, &err[1]) == 0) != (err[1].code == SB_OK))
                abort();
        if ((money_parse(&fen, s, &err[2]) == 0) != (err[2].code == SB_OK))
                abort();
        if ((uscc_check(s, &err[3]) == 0) != (err[3].code == SB_OK))
                abort();
        if (size > 0 && file_type(s, &why) == NULL && why == NULL)
                abort();
        return 0;
}
