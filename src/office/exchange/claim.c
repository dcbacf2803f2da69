/* SPDX-License-Identifier: Apache-2.0 */
#include "office/exchange/exchange.h"

char *claim_key(char out[CLAIM_KEY], const char *uscc, const char *scheme, month_t month)
{
        char text[16];

        return text_format(out, CLAIM_KEY, "%.18s/%.8s/%s", uscc, scheme, month_text(month, text));
}

int claim_set(struct tx *tx, int32_t home, const struct claim *k, struct error *err)
{
        return tx_exec(
            tx, err,
            "INSERT INTO exchange_claim (home, side, key, employer, month, scheme, amount_fen, day, batch, line) VALUES "
            "(?1@int, ?2@text, ?3@text, ?4@int, ?5@int, ?6@text, ?7@int, ?8@int, ?9@int, ?10@int) ON CONFLICT (home, side, "
            "key) DO UPDATE SET employer = excluded.employer, amount_fen = excluded.amount_fen, day = excluded.day, batch "
            "= excluded.batch, line = excluded.line",
            "ittiitiiii", (int64_t)home, k->side, k->key, k->employer, (int64_t)k->month, k->scheme, k->amount, (int64_t)k->day,
            k->batch, k->line);
}

int claim_once(struct tx *tx, int32_t home, const struct claim *k, bool *same, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT amount_fen, employer FROM exchange_claim WHERE home = ?1@int AND side = ?2@text AND key = ?3@text",
                   "itt", (int64_t)home, k->side, k->key);

        if (rc == 0)
                return claim_set(tx, home, k, err);
        if (rc < 0)
                return rc;
        int64_t known = stmt_int(q, 1);
        *same = stmt_int(q, 0) == k->amount && (k->employer == 0 || known == 0 || known == k->employer);
        /* Whose it is, is known since. */
        rc = *same && known == 0 && k->employer != 0 ? claim_set(tx, home, k, err) : 0;
        return rc ? rc : 1;
}
