/* SPDX-License-Identifier: Apache-2.0 */
#include "office/import/block.h"

#include <stdlib.h>
#include <string.h>

/* Balances of personal accounts that the system before kept: a block is one ledger transaction (opening → personal). */

enum { ID_NUMBER, SCHEME, BALANCE };
static const char *const COLUMNS[] = {"id_number", "scheme", "balance", NULL};
#define BALANCE_MAX ((fen_t)100000000000) /* a thousand million yuan: beyond it, a mistake */

static int parse(struct block *b, size_t row, const struct str *c, struct error *err)
{
        struct balance_row *r = &b->rows[row].u.balance;
        struct error fault = {0};
        char text[24];
        int rc = 0;

        if (id_number_check(c[ID_NUMBER], NULL, NULL, &fault) < 0)
                rc = block_fault(b, row, ID_NUMBER, &fault, err);
        text_copy(r->id_number, sizeof r->id_number, c[ID_NUMBER]);
        if (rc == 0 && (c[SCHEME].n == 0 || text_check(c[SCHEME], sizeof r->scheme - 1, &fault) < 0)) {
                error_raise(&fault, SB_IMPORT_SCHEME, "%s", "");
                rc = block_fault(b, row, SCHEME, &fault, err);
        }
        text_copy(r->scheme, sizeof r->scheme, c[SCHEME]);
        if (rc == 0 && money_parse(&r->balance, c[BALANCE], &fault) < 0)
                rc = block_fault(b, row, BALANCE, &fault, err);
        if (rc == 0 && (r->balance < 0 || r->balance > BALANCE_MAX)) {
                error_raise(&fault, SB_CONTRIBUTION_AMOUNT, "%s", money_text(r->balance, text));
                rc = block_fault(b, row, BALANCE, &fault, err);
        }
        return rc;
}

static int account_exists(struct tx *tx, struct block *b, const struct balance_row *r, struct error *err)
{
        struct stmt *q;

        return tx_one(
            &q, tx, err,
            "SELECT 1 FROM personal_account WHERE home = ?1@int AND person = ?2@int AND scheme = ?3@text AND pool = ?4@int",
            "iiti", (int64_t)b->house->home, r->person, r->scheme, r->pool);
}

static int compare_rows(const void *a, const void *b)
{
        const struct row *x = *(const struct row *const *)a, *y = *(const struct row *const *)b;

        if (x->u.balance.person != y->u.balance.person)
                return x->u.balance.person < y->u.balance.person ? -1 : 1;
        int c = strcmp(x->u.balance.scheme, y->u.balance.scheme);
        return c != 0 ? c : (x->line > y->line) - (x->line < y->line);
}

/* The same account twice in a block: the second is bad. */
static int twice_check(struct block *b, struct error *err)
{
        const struct row **order = malloc((b->count + 1) * sizeof *order);
        size_t n = 0;
        int rc = order == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        for (size_t i = 0; rc == 0 && i < b->count; i++)
                if (!b->rows[i].bad)
                        order[n++] = &b->rows[i];
        if (rc == 0)
                qsort(order, n, sizeof *order, compare_rows);
        for (size_t i = 1; rc == 0 && i < n; i++) {
                struct error fault = {0};
                const struct balance_row *x = &order[i - 1]->u.balance, *y = &order[i]->u.balance;
                if (x->person != y->person || strcmp(x->scheme, y->scheme) != 0)
                        continue;
                error_raise(&fault, SB_IMPORT_TWICE, "%lld", (long long)order[i - 1]->line);
                rc = block_fault(b, (size_t)(order[i] - b->rows), ID_NUMBER, &fault, err);
        }
        free(order);
        return rc;
}

static int refer(struct tx *tx, struct block *b, struct error *err)
{
        struct lookup l = {.id_number = ""};
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                struct balance_row *r = &b->rows[i].u.balance;
                struct error fault = {0};
                if (b->rows[i].bad)
                        continue;
                if (lookup_person(tx, b, &l, r->id_number, &r->person, &fault) < 0)
                        rc = block_fault(b, i, ID_NUMBER, &fault, err);
                if (rc == 0 && !b->rows[i].bad && lookup_pool(tx, b, &l, r->scheme, &r->pool, &fault) < 0)
                        rc = block_fault(b, i, SCHEME, &fault, err);
                if (rc < 0 || b->rows[i].bad)
                        continue;
                rc = account_exists(tx, b, r, err);
                if (rc == 1) {
                        error_raise(&fault, SB_IMPORT_ACCOUNT, "%s", "");
                        rc = block_fault(b, i, ID_NUMBER, &fault, err);
                }
        }
        return rc < 0 ? rc : twice_check(b, err);
}

#define BOOKS_MAX 16
struct books {
        struct posting postings[2 * BOOKS_MAX];
        size_t count;
};

static int book_add(struct books *s, int64_t pool, fen_t amount, struct error *err)
{
        size_t i = 0;

        while (i < s->count && s->postings[i].pool != pool)
                i += 2;
        if (i == s->count) {
                if (s->count == 2 * (size_t)BOOKS_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the pools of an import", "导入涉及的统筹区数"),
                                           BOOKS_MAX);
                s->postings[s->count++] = (struct posting){pool, LEDGER_OPENING, 0};
                s->postings[s->count++] = (struct posting){pool, LEDGER_PERSONAL, 0};
        }
        if (!money_add(s->postings[i].amount, amount, &s->postings[i].amount))
                return error_raise(err, SB_OVERFLOW, "%s", ERROR_BOTH("the sum of balances", "余额合计"));
        s->postings[i + 1].amount = -s->postings[i].amount;
        return 0;
}

static int open_accounts(struct tx *tx, struct block *b, struct error *err)
{
        struct house *h = b->house;
        struct personal_opening *o = calloc(b->count + 1, sizeof *o);
        struct books books = {.count = 0};
        day_t today = clock_today(h->clock);
        size_t n = 0;
        int64_t transaction = block_id(b);
        int rc = o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        for (size_t i = 0; rc == 0 && i < b->count; i++) {
                const struct balance_row *r = &b->rows[i].u.balance;
                if (b->rows[i].bad)
                        continue;
                o[n++] = (struct personal_opening){
                    .person = r->person, .scheme = r->scheme, .pool = r->pool, .month = month_of(today), .amount = r->balance};
                rc = r->balance == 0 ? 0 : book_add(&books, r->pool, r->balance, err);
        }
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(today),
                                       .id = transaction,
                                       .day = today,
                                       .kind = "opening",
                                       .ref_kind = "run",
                                       .ref_id = b->run->id,
                                       .actor = b->call.who.staff,
                                       .at = clock_now(h->clock),
                                       .postings = books.postings,
                                       .count = books.count};
        if (rc == 0 && books.count > 0)
                rc = ledger_post(tx, h->ids, &t, err);
        if (rc == 0 && n > 0)
                rc = personal_account_open_many(tx, h->ids, h->home, transaction, "opening", o, n, clock_now(h->clock), err);
        free(o);
        return rc;
}

static int write(struct tx *tx, struct block *b, struct error *err)
{
        int rc = refer(tx, b, err);

        return rc < 0 || b->dry_run ? rc : open_accounts(tx, b, err);
}

const struct import_kind import_balances = {"balances", COLUMNS, 3, 1, parse, write};
