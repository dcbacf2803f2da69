/* SPDX-License-Identifier: Apache-2.0 */
#include "office/demo/internal.h"

#include "base/csv.h"
#include "office/import/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What the system before left is imported in files of this many inhabitants, so that a file stays small however large
 * the city is. */
#define CHUNK 50000
#define AWARDS_A_BLOCK 2000
#define STREAM_EMPLOYER ((uint64_t)2 << 40)

/* --- files ------------------------------------------------------------------------------------------------------------- */

enum file { PERSONS, EMPLOYMENTS, CONTRIBUTIONS, BALANCES, FILES };
static const struct {
        const char *kind, *header;
} KINDS[FILES] = {
    {"persons", "name,id_number,category,telephone,bank_name,bank_account"},
    {"employments", "id_number,uscc,from,to"},
    {"contributions", "id_number,scheme,from,to,base,uscc,kind"},
    {"balances", "id_number,scheme,balance"},
};

struct table {
        FILE *out;
        char path[1024];
        struct buf record;
        bool first;
};

static int table_io(const struct table *t, struct error *err)
{
        char why[128];

        return error_raise(err, SB_IO, "%s|%s", t->path, strerror_r(errno, why, sizeof why));
}

static int table_open(struct table *t, const struct city *c, const char *kind, const char *header, struct error *err)
{
        text_format(t->path, sizeof t->path, "%s/%s.csv", c->o->work_dir, kind);
        buf_init(&t->record, 4096);
        t->first = true;
        t->out = fopen(t->path, "wb");
        if (t->out == NULL)
                return table_io(t, err);
        return fprintf(t->out, "%s\r\n", header) < 0 ? table_io(t, err) : 0;
}

static void put(struct table *t, const char *field)
{
        csv_put(&t->record, t->first, str_from(field));
        t->first = false;
}

static int table_row(struct table *t, struct error *err)
{
        csv_end(&t->record);
        int rc = buf_check(&t->record, err);

        if (rc == 0 && fwrite(t->record.p, 1, t->record.n, t->out) != t->record.n)
                rc = table_io(t, err);
        buf_clear(&t->record);
        t->first = true;
        return rc;
}

static int table_close(struct table *t, struct error *err)
{
        int rc = 0;

        buf_dispose(&t->record);
        if (t->out != NULL && fclose(t->out) != 0)
                rc = table_io(t, err);
        t->out = NULL;
        return rc;
}

/* --- a file through the import ------------------------------------------------------------------------------------------ */

struct showing {
        const struct city *city;
        char stage[96];
};

static void show(void *ctx, struct str phase, int64_t done, int64_t total, double rate)
{
        const struct showing *s = ctx;

        (void)phase, (void)rate;
        tell(s->city, s->stage, done, total);
}

static int rejected_check(const struct city *c, int64_t run, struct error *err)
{
        struct buf faults;

        buf_init(&faults, 4096);
        int64_t n = import_faults_text(c->house, run, LANG_EN, 1, &faults, err);
        int rc = n < 0 ? ERR : n == 0 ? 0 : error_raise(err, SB_DEMO_STEP, "%.300s", buf_text(&faults));
        buf_dispose(&faults);
        return rc;
}

static int import_file(const struct city *c, const char *kind, const char *path, int64_t first, struct error *err)
{
        struct call call = {.house = c->house, .who = {.staff = c->staff[CLERK], .office = c->office, .roles = ROLE_CLERK}};
        struct import_request q = {.kind = kind, .path = path, .encoding = "utf-8"};
        struct showing s = {.city = c};
        int64_t run = 0;
        int rc = import_create(&call, &q, &run, err);

        if (first > 0)
                text_format(s.stage, sizeof s.stage, "importing %s (inhabitants %lld …)", kind, (long long)first + 1);
        else
                text_format(s.stage, sizeof s.stage, "importing %s", kind);
        if (rc == 0)
                rc = run_work(c->house, c->kinds, run, show, &s, err);
        if (rc == 0)
                rc = rejected_check(c, run, err);
        unlink(path);
        return rc;
}

static int employers_import(struct city *c, struct error *err)
{
        struct table t;
        char name[160], code[24], account[24];
        int rc = table_open(&t, c, "employers", "name,uscc,kind,industry,territory,contact,bank_name,bank_account", err);

        for (int64_t i = 0; rc == 0 && i < c->employers; i++) {
                struct rng r = rng_new(c->o->seed, STREAM_EMPLOYER + (uint64_t)i);
                char class[4];
                name_of_employer(&r, i, name);
                put(&t, name);
                put(&t, employer_code(i, code));
                put(&t, i % 9 == 8 ? "institution" : "enterprise");
                put(&t, text_format(class, sizeof class, "%u", 1 + rng_below(&r, 8)));
                put(&t, employer_territory(i));
                put(&t, "");
                put(&t, "云山银行");
                put(&t, text_format(account, sizeof account, "9901%08u", rng_below(&r, 100000000)));
                rc = table_row(&t, err);
        }
        int closed = table_close(&t, rc == 0 ? err : NULL);
        rc = rc == 0 ? closed : rc;
        return rc < 0 ? rc : import_file(c, "employers", t.path, 0, err);
}

/* --- inhabitants ---------------------------------------------------------------------------------------------------------- */

static int person_write(struct table *t, const struct inhabitant *p, struct error *err)
{
        put(t, p->name);
        put(t, p->id_number);
        put(t, CATEGORY_WORDS[p->category]);
        put(t, p->telephone);
        put(t, p->bank_account[0] == '\0' ? "" : "云山银行");
        put(t, p->bank_account);
        return table_row(t, err);
}

static int employment_write(struct table *t, const struct inhabitant *p, int64_t employer, day_t from, day_t end,
                            struct error *err)
{
        char code[24], text[16];

        put(t, p->id_number);
        put(t, employer_code(employer, code));
        put(t, day_text(from, text));
        put(t, end >= DAY_END ? "" : day_text(end - 1, text));
        return table_row(t, err);
}

static int contributions_write(struct table *t, const struct inhabitant *p, struct error *err)
{
        char text[24], code[24];
        int rc = 0;

        for (int i = 0; rc == 0 && i < p->run_count; i++) {
                const struct run_of_base *run = &p->runs[i];
                put(t, p->id_number);
                put(t, "EP");
                put(t, month_text(run->from, text));
                put(t, month_text(run->to - 1, text));
                put(t, money_text(run->base, text));
                put(t, run->employer < 0 ? "" : employer_code(run->employer, code));
                put(t, run->deemed ? "deemed" : "paid");
                rc = table_row(t, err);
        }
        return rc;
}

static int balance_write(struct table *t, const struct inhabitant *p, struct error *err)
{
        char text[24];

        put(t, p->id_number);
        put(t, "EP");
        put(t, money_text(p->balance, text));
        return table_row(t, err);
}

static int inhabitant_write(struct table t[FILES], const struct inhabitant *p, struct error *err)
{
        int rc = person_write(&t[PERSONS], p, err);

        if (rc == 0 && p->employer_before >= 0)
                rc = employment_write(&t[EMPLOYMENTS], p, p->employer_before, p->since_before, p->since, err);
        if (rc == 0 && p->employer >= 0)
                rc = employment_write(&t[EMPLOYMENTS], p, p->employer, p->since, p->until, err);
        if (rc == 0)
                rc = contributions_write(&t[CONTRIBUTIONS], p, err);
        return rc == 0 ? balance_write(&t[BALANCES], p, err) : rc;
}

/* --- pensions ----------------------------------------------------------------------------------------------------------------- */

struct pensioner {
        char id_number[24];
        month_t from;
        fen_t basic, account, transition;
};
struct pensioners {
        struct city *city;
        struct pensioner *list;
        size_t count, cap;
        /* the block that is being written */
        size_t at, n;
        struct person *persons;
        struct award_import *rows;
};

static int pensioner_add(struct pensioners *ps, const struct inhabitant *p, struct error *err)
{
        if (ps->count == ps->cap) {
                size_t cap = ps->cap == 0 ? 1024 : 2 * ps->cap;
                struct pensioner *bigger = realloc(ps->list, cap * sizeof *bigger);
                if (bigger == NULL)
                        return error_raise(err, SB_MEMORY, "%s", "");
                ps->list = bigger;
                ps->cap = cap;
        }
        struct pensioner *one = &ps->list[ps->count++];
        *one = (struct pensioner){.from = p->award_from, .basic = p->basic, .account = p->account, .transition = p->transition};
        text_copy(one->id_number, sizeof one->id_number, str_from(p->id_number));
        ps->city->pensions += p->basic + p->account + p->transition;
        return 0;
}

static int pensioners_read(struct tx *tx, void *ctx, struct error *err)
{
        struct pensioners *ps = ctx;
        struct house *h = ps->city->house;

        for (size_t i = 0; i < ps->n; i++) {
                const struct pensioner *one = &ps->list[ps->at + i];
                struct person *p = &ps->persons[i];
                int32_t home;
                int64_t id;
                int rc = person_find(tx, h, str_from(one->id_number), &home, &id, err);
                if (rc == 0)
                        rc = error_raise(err, SB_DEMO_STEP, "%s", one->id_number);
                if (rc == 1)
                        rc = person_read(tx, h, home, id, p, err);
                if (rc < 0)
                        return rc;
                ps->rows[i] = (struct award_import){.person = id,
                                                    .from = one->from,
                                                    .basic = one->basic,
                                                    .account = one->account,
                                                    .transition = one->transition,
                                                    .key = &p->key,
                                                    .payee_name = p->name,
                                                    .bank_name = p->bank_name,
                                                    .bank_account = p->bank_account};
        }
        return 0;
}

static int awards_write(struct tx *tx, void *ctx, struct error *err)
{
        struct pensioners *ps = ctx;
        struct city *c = ps->city;

        return award_import_bulk(tx, &c->pool, ps->rows, ps->n, c->staff[CLERK], clock_now(c->house->clock), err);
}

static int awards_block(struct pensioners *ps, struct error *err)
{
        int64_t first = 0;
        int rc = store_read(ps->city->house->store, pensioners_read, ps, err);

        if (rc == 0)
                rc = ids_range(ps->city->house->ids, (int64_t)ps->n, &first, err);
        for (size_t i = 0; i < ps->n; i++)
                ps->rows[i].id = first + (int64_t)i;
        if (rc == 0)
                rc = store_write(ps->city->house->store, awards_write, ps, err);
        for (size_t i = 0; i < ps->n; i++)
                person_dispose(&ps->persons[i]);
        return rc;
}

static int awards_import(struct pensioners *ps, struct error *err)
{
        int rc = 0;

        ps->persons = calloc(AWARDS_A_BLOCK, sizeof *ps->persons);
        ps->rows = calloc(AWARDS_A_BLOCK, sizeof *ps->rows);
        if (ps->persons == NULL || ps->rows == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        for (ps->at = 0; rc == 0 && ps->at < ps->count; ps->at += ps->n) {
                ps->n = ps->count - ps->at < AWARDS_A_BLOCK ? ps->count - ps->at : AWARDS_A_BLOCK;
                rc = awards_block(ps, err);
                tell(ps->city, "taking over pensions", (int64_t)(ps->at + ps->n), (int64_t)ps->count);
        }
        free(ps->persons);
        free(ps->rows);
        return rc;
}

/* Every other one applies; the rest wait for somebody to find them. */
static void due_note(struct city *c, int64_t index, const struct inhabitant *p)
{
        if (c->due_count == DUE_MAX || index / 50 % 2 == 0)
                return;
        text_copy(c->due[c->due_count].id_number, sizeof c->due[0].id_number, str_from(p->id_number));
        c->due[c->due_count++].retirement = p->retirement;
}

/* --- a chunk of inhabitants ---------------------------------------------------------------------------------------------------- */

static int chunk_write(struct city *c, int64_t first, int64_t end, struct table t[FILES], struct pensioners *ps,
                       struct error *err)
{
        int rc = 0;

        for (int i = 0; rc == 0 && i < FILES; i++)
                rc = table_open(&t[i], c, KINDS[i].kind, KINDS[i].header, err);
        for (int64_t i = first; rc == 0 && i < end; i++) {
                struct inhabitant p;
                rc = inhabitant_make(c, i, &p, err);
                if (rc == 0)
                        rc = inhabitant_write(t, &p, err);
                if (rc == 0 && p.standing == PENSIONER)
                        rc = pensioner_add(ps, &p, err);
                if (rc == 0 && p.standing == DUE)
                        due_note(c, i, &p);
                if ((i + 1) % 1000 == 0 || i + 1 == end)
                        tell(c, "making inhabitants", i + 1, c->o->persons);
        }
        for (int i = 0; i < FILES; i++) {
                int closed = table_close(&t[i], rc == 0 ? err : NULL);
                rc = rc == 0 ? closed : rc;
        }
        return rc;
}

static int chunk(struct city *c, int64_t first, int64_t end, struct error *err)
{
        struct table t[FILES] = {{.out = NULL}};
        struct pensioners ps = {.city = c};
        int rc = chunk_write(c, first, end, t, &ps, err);

        for (int i = 0; rc == 0 && i < FILES; i++)
                rc = import_file(c, KINDS[i].kind, t[i].path, c->o->persons > CHUNK ? first : 0, err);
        if (rc == 0)
                rc = awards_import(&ps, err);
        free(ps.list);
        return rc;
}

/* --- books ------------------------------------------------------------------------------------------------------------------------- */

struct opening {
        struct city *city;
        struct pool pools[16];
        size_t pool_count;
        int64_t ids[16];
};

static int pools_read(struct tx *tx, void *ctx, struct error *err)
{
        struct opening *o = ctx;
        struct stmt *q = NULL;
        int64_t ids[16];
        int rc = tx_query(&q, tx, err, "SELECT id FROM pool ORDER BY id LIMIT 16", "");

        o->pool_count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                ids[o->pool_count++] = stmt_int(q, 0);
        }
        for (size_t i = 0; rc == 0 && i < o->pool_count; i++)
                rc = pool_read(tx, ids[i], &o->pools[i], err);
        return rc;
}

/* Money of the pool at the takeover: the bank holds it, the opening account and the fund say where it comes from. The
 * pension fund can pay its pensions for some years. */
static int book_open(struct tx *tx, struct opening *o, size_t i, struct error *err)
{
        struct city *c = o->city;
        struct house *h = c->house;
        bool pension = strcmp(o->pools[i].scheme, c->pool.scheme) == 0;
        fen_t personal = 0, money;
        int rc = ledger_balance(tx, h->home, o->pools[i].id, LEDGER_PERSONAL, DAY_END, &personal, err);

        if (rc < 0)
                return rc;
        money = (pension ? 30 * c->pensions : 0) + 500 * c->o->persons * 100 - personal;
        struct posting postings[] = {
            {o->pools[i].id, LEDGER_BANK, money},
            {o->pools[i].id, LEDGER_FUND, -(money + personal)},
            {o->pools[i].id, LEDGER_OPENING, personal},
        };
        day_t day = clock_today(h->clock);
        struct ledger_transaction t = {.home = h->home,
                                       .month = month_of(day),
                                       .id = o->ids[i],
                                       .day = day,
                                       .kind = "opening",
                                       .ref_kind = "pool",
                                       .ref_id = o->pools[i].id,
                                       .actor = c->staff[FINANCE],
                                       .at = clock_now(h->clock),
                                       .postings = postings,
                                       .count = personal == 0 ? 2 : 3};
        return ledger_post(tx, h->ids, &t, err);
}

static int books_open(struct tx *tx, void *ctx, struct error *err)
{
        struct opening *o = ctx;
        struct city *c = o->city;
        int rc = 0;

        for (size_t i = 0; rc == 0 && i < o->pool_count; i++)
                rc = book_open(tx, o, i, err);
        if (rc == 0)
                rc = payment_takeover(tx, c->house->ids, &c->pool, c->taken_over, c->staff[FINANCE], clock_now(c->house->clock),
                                      err);
        return rc;
}

static int books(struct city *c, struct error *err)
{
        struct opening o = {.city = c};
        int rc = store_read(c->house->store, pools_read, &o, err);

        for (size_t i = 0; rc == 0 && i < o.pool_count; i++)
                rc = ids_next(c->house->ids, &o.ids[i], err);
        return rc == 0 ? store_write(c->house->store, books_open, &o, err) : rc;
}

int takeover(struct city *c, struct error *err)
{
        int rc = employers_import(c, err);

        for (int64_t i = 0; rc == 0 && i < c->o->persons; i += CHUNK)
                rc = chunk(c, i, i + CHUNK < c->o->persons ? i + CHUNK : c->o->persons, err);
        return rc == 0 ? books(c, err) : rc;
}
