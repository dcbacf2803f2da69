/* SPDX-License-Identifier: Apache-2.0
 *
 * Codes that a clerk hands out at a window to somebody outside of the office (office/portal), and the names by which they sign in.
 */
#include "office/signin/own.h"

#include "base/rng.h"
#include "case/pack_store.h"
#include "office/office.h"

#include <ctype.h>
#include <string.h>

#define GROUP 4

int account_code_make(char code[ACCOUNT_CODE], char hash[128], struct error *err)
{
        unsigned char raw[8];
        struct buf text;
        size_t n = 0;

        buf_init(&text, 64);
        random_bytes(raw, sizeof raw);
        base32_text(&text, raw, sizeof raw);
        for (size_t i = 0; i < (size_t)3 * GROUP; i++) {
                if (i > 0 && i % GROUP == 0)
                        code[n++] = '-';
                code[n++] = buf_text(&text)[i];
        }
        code[n] = '\0';
        explicit_bzero(raw, sizeof raw);
        buf_wipe(&text);
        buf_dispose(&text);
        return password_hash(hash, code, err);
}

int account_code_set(struct tx *tx, struct call *c, int64_t account, const char *hash, instant_t until, struct error *err)
{
        instant_t now = clock_now(c->house->clock);
        int rc = tx_exec(tx, err, "DELETE FROM second_factor WHERE staff = ?1@int", "i", account);

        rc = rc ? rc : tx_exec(tx, err, "DELETE FROM recovery_code WHERE staff = ?1@int", "i", account);
        rc =
            rc ? rc
               : tx_exec(
                     tx, err,
                     "UPDATE staff SET password = ?2@text, must_change = ?3@int, code_until = ?4@int, failures = 0, reset_by = "
                     "?5@int, reset_at = ?6@int, valid_to = ?7@int, version = version + 1 WHERE id = ?1@int",
                     "itiiiii", account, hash, (int64_t)RESET_PASSWORD, until, c->who.staff, now, (int64_t)DAY_END);
        return rc ? rc : sessions_end(tx, account, 0, err);
}

int account_close(struct tx *tx, struct call *c, int64_t account, struct error *err)
{
        int rc = tx_exec(tx, err, "UPDATE staff SET valid_to = ?2@int, version = version + 1 WHERE id = ?1@int", "ii", account,
                         (int64_t)clock_today(c->house->clock));

        return rc ? rc : sessions_end(tx, account, 0, err);
}

struct naming {
        struct house *house;
        struct str number;
        int64_t person;
};

static int naming_read(struct tx *tx, void *ctx, struct error *err)
{
        struct naming *n = ctx;
        int32_t home;
        int rc = person_find(tx, n->house, n->number, &home, &n->person, err);

        if (rc == 0)
                n->person = 0; /* nobody: as a name that does not exist */
        return rc < 0 ? rc : 0;
}

int account_name(struct house *h, const char *given, char out[ACCOUNT_NAME], struct error *err)
{
        struct naming n = {.house = h, .number = str_trim(str_from(given))};
        struct error none = {0};
        char number[24];
        size_t i = 0;

        text_copy(out, ACCOUNT_NAME, n.number);
        if (n.number.n < 18)
                return 0;
        for (; i < 18; i++)
                number[i] = (char)toupper((unsigned char)n.number.p[i]);
        number[i] = '\0';
        if (n.number.n > 19 && n.number.p[18] == '-' && uscc_check((struct str){number, 18}, &none) == 0)
                memcpy(out, number, 18);
        if (n.number.n != 18 || id_number_check((struct str){number, 18}, NULL, NULL, &none) < 0)
                return 0;
        n.number = (struct str){number, 18};
        int rc = store_read(h->store, naming_read, &n, err);
        explicit_bzero(number, sizeof number);
        if (rc == 0)
                text_format(out, ACCOUNT_NAME, ACCOUNT_INSURED, (long long)n.person);
        return rc;
}

int account_code_days(struct house *h, const char *role, int64_t *days, struct error *err)
{
        struct pack *pack = NULL;
        json_t *rows = NULL, *row;
        size_t i;
        int rc = pack_store_home(h->packs, h->clock, &pack, err);

        *days = 0;
        rc = rc ? rc : pack_table_maybe(pack, "sign_in.csv", &rows, err);
        json_array_foreach(rows, i, row)
        {
                if (strcmp(json_text(row, "role"), role) == 0 && !text_to_int(str_from(json_text(row, "code_days")), days))
                        *days = 0;
        }
        json_decref(rows);
        return rc < 0 || *days > 0 ? rc : error_raise(err, SB_PORTAL_TABLE, "%s|%s", "sign_in.csv", "code_days");
}
