/* SPDX-License-Identifier: Apache-2.0
 *
 * Tables that are kept by months. ATTACH PARTITION takes SHARE UPDATE EXCLUSIVE on the table, which lets readers and writers pass and
 * holds off only another ATTACH; the check on the new table proves its bounds, so that nothing is scanned.
 */
#include "store/internal.h"

#include <assert.h>
#include <ctype.h>

int store_month(struct tx *tx, const char *table, month_t month, struct error *err)
{
        struct buf sql;
        char part[80];

        if (!tx->engine->postgresql)
                return 0;
        for (const char *p = table; *p != '\0'; p++)
                assert(islower((unsigned char)*p) || *p == '_');
        assert(month >= 0 && month < MONTH_END);
        text_format(part, sizeof part, "%s_%04d%02d", table, month / 12, month % 12 + 1);
        buf_init(&sql, 1 << 12);
        buf_add_format(&sql,
                       "DO $$ BEGIN IF to_regclass('%s') IS NULL THEN LOCK TABLE %s IN SHARE UPDATE EXCLUSIVE MODE; "
                       "IF to_regclass('%s') IS NULL THEN CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS INCLUDING INDEXES); "
                       "ALTER TABLE %s ADD CHECK (month >= %d AND month < %d); "
                       "ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%d) TO (%d); END IF; END IF; END $$",
                       part, table, part, part, table, part, month, month + 1, table, part, month, month + 1);
        struct error mine = {0};
        if (buf_check(&sql, &mine) == 0)
                (void)tx->engine->script(tx, buf_text(&sql), &mine);
        buf_dispose(&sql);
        return mine.code == SB_OK ? 0 : tx_failed(tx, &mine, err);
}
