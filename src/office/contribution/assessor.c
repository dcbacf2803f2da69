/* SPDX-License-Identifier: Apache-2.0 */
#include "case/pack_store.h"
#include "office/contribution/contribution.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const char MODEL[] = "contribution";

/* Decided wages, by open addressing; grown at half load. */
struct memo_entry {
        bool used;
        size_t scheme;
        fen_t wage;
        struct due due;
};
struct memo {
        struct memo_entry *entries;
        size_t cap, count;
};

static size_t memo_slot(const struct memo *m, size_t scheme, fen_t wage)
{
        uint64_t x = (uint64_t)wage * 0x9E3779B97F4A7C15u + scheme * 0xD1B54A32D192ED03u;
        size_t i = (size_t)(x >> 20) & (m->cap - 1);

        while (m->entries[i].used && (m->entries[i].wage != wage || m->entries[i].scheme != scheme))
                i = (i + 1) & (m->cap - 1);
        return i;
}

static int memo_grow(struct memo *m, struct error *err)
{
        struct memo bigger = {.cap = m->cap == 0 ? 256 : 2 * m->cap, .count = m->count};

        bigger.entries = calloc(bigger.cap, sizeof *bigger.entries);
        if (bigger.entries == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        for (size_t i = 0; i < m->cap; i++)
                if (m->entries[i].used)
                        bigger.entries[memo_slot(&bigger, m->entries[i].scheme, m->entries[i].wage)] = m->entries[i];
        free(m->entries);
        *m = bigger;
        return 0;
}

/* --- schemes -------------------------------------------------------------------------------------------------------------- */

struct pool_search {
        const char *territory;
        day_t day;
        int32_t home;
        struct assessor *a;
};

static int pools_find(struct tx *tx, struct pool_search *s, char schemes[][32], size_t n, struct error *err)
{
        for (size_t i = 0; i < n; i++) {
                struct error none = {0};
                struct pool *p = &s->a->schemes[s->a->scheme_count].pool;
                int found = pool_by_scheme(tx, schemes[i], s->territory, s->day, p, &none);
                if (found == 0) {
                        s->a->scheme_count++;
                } else if (none.code != SB_OFFICE_POOL) {
                        *err = none;
                        return found;
                }
        }
        return 0;
}

/* The schemes of which a pool is in force at the place. */
static int pools_read(struct tx *tx, void *ctx, struct error *err)
{
        struct pool_search *s = ctx;
        struct stmt *q = NULL;
        char schemes[SCHEMES_MAX][32];
        size_t n = 0;
        int rc = tx_query(&q, tx, err,
                          "SELECT DISTINCT scheme FROM pool WHERE home = ?1@int AND valid_from <= ?2@int AND valid_to > ?2@int "
                          "ORDER BY scheme",
                          "ii", (int64_t)s->home, (int64_t)s->day);

        while ((rc = row_next(rc, q, err)) == 1) {
                if (n == SCHEMES_MAX)
                        return error_raise(err, SB_LIMIT, "%s|%d", ERROR_BOTH("the schemes of an employer", "单位参保险种数"),
                                           SCHEMES_MAX);
                text_copy(schemes[n++], sizeof schemes[0], stmt_text(q, 0));
        }
        s->a->scheme_count = 0;
        return rc < 0 ? rc : pools_find(tx, s, schemes, n, err);
}

/* Do employers declare in this scheme? schemes.csv says who pays: "employer;person". */
static int declared_by_employers(struct pack *pack, const char *scheme, bool *out, struct error *err)
{
        json_t *table = NULL, *row;
        size_t i;
        int rc = pack_table(pack, "schemes.csv", &table, err);

        *out = false;
        if (rc < 0)
                return rc;
        json_array_foreach(table, i, row)
        {
                const char *code = json_string_value(json_object_get(row, "scheme"));
                const char *parties = json_string_value(json_object_get(row, "parties"));
                if (code != NULL && parties != NULL && strcmp(code, scheme) == 0)
                        *out = strstr(parties, "employer") != NULL;
        }
        json_decref(table);
        return 0;
}

int assessor_open(struct assessor *a, struct call *c, const char *territory, month_t month, struct error *err)
{
        struct house *h = c->house;
        struct pool_search s = {.territory = territory, .day = month_first(month), .home = h->home, .a = a};
        size_t kept = 0;
        char day[16];

        memset(a, 0, sizeof *a);
        a->call = c;
        a->month = month;
        a->memo = calloc(1, sizeof *a->memo);
        if (a->memo == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = store_read(h->store, pools_read, &s, err);
        for (size_t i = 0; rc == 0 && i < a->scheme_count; i++) {
                bool declared = false;
                rc = pack_store_for(h->packs, a->schemes[i].pool.id, s.day, clock_now(h->clock), &a->schemes[i].pack, err);
                if (rc == 0)
                        rc = declared_by_employers(a->schemes[i].pack, a->schemes[i].pool.scheme, &declared, err);
                if (rc == 0 && declared)
                        a->schemes[kept++] = a->schemes[i];
        }
        a->scheme_count = kept;
        if (rc == 0 && kept == 0)
                rc = error_raise(err, SB_OFFICE_POOL, "%s|%s", territory, day_text(s.day, day));
        if (rc < 0)
                assessor_close(a);
        return rc;
}

void assessor_close(struct assessor *a)
{
        if (a->memo != NULL)
                free(a->memo->entries);
        free(a->memo);
        a->memo = NULL;
}

/* --- decisions ------------------------------------------------------------------------------------------------------------ */

static int due_from(struct due *out, const json_t *result, struct error *err)
{
        const char *reason = "within";
        int rc = pack_result_money(result, "base", &out->base, err);

        if (rc == 0)
                rc = pack_result_money(result, "employer", &out->employer, err);
        if (rc == 0)
                rc = pack_result_money(result, "person", &out->person, err);
        if (rc == 0)
                rc = pack_result_money(result, "account", &out->account, err);
        if (rc == 0)
                rc = json_get_text(result, "base_reason", false, &reason, err);
        text_copy(out->reason, sizeof out->reason, str_from(reason));
        return rc;
}

static void article_keep(struct scheme_pool *s, const json_t *result)
{
        const char *article = json_string_value(json_object_get(json_object_get(result, "articles"), "employer"));

        if (article != NULL && s->article[0] == '\0')
                text_copy(s->article, sizeof s->article, str_from(article));
}

static int decide(struct assessor *a, size_t scheme, fen_t wage, struct due *out, struct error *err)
{
        char day[16], money[24];
        json_t *result = NULL;
        json_t *inputs = json_pack("{s:s,s:s,s:s}", "scheme", a->schemes[scheme].pool.scheme, "month",
                                   day_text(month_first(a->month), day), "wage", money_text(wage, money));

        if (inputs == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = pack_decide(a->schemes[scheme].pack, MODEL, "line", month_first(a->month), inputs, &result, NULL, err);
        if (rc == 0)
                rc = due_from(out, result, err);
        if (rc == 0)
                article_keep(&a->schemes[scheme], result);
        json_decref(inputs);
        json_decref(result);
        return rc;
}

int assessor_line(struct assessor *a, size_t scheme, fen_t wage, struct due *out, struct error *err)
{
        struct memo *m = a->memo;

        assert(scheme < a->scheme_count);
        if (2 * m->count >= m->cap) {
                int rc = memo_grow(m, err);
                if (rc < 0)
                        return rc;
        }
        struct memo_entry *e = &m->entries[memo_slot(m, scheme, wage)];
        if (!e->used) {
                int rc = decide(a, scheme, wage, &e->due, err);
                if (rc < 0)
                        return rc;
                e->used = true;
                e->scheme = scheme;
                e->wage = wage;
                m->count++;
        }
        *out = e->due;
        return 0;
}

int assessor_sum(struct assessor *a, size_t scheme, const struct due *d, struct error *err)
{
        struct due *t = &a->schemes[scheme].total;

        if (!money_add(t->base, d->base, &t->base) || !money_add(t->employer, d->employer, &t->employer) ||
            !money_add(t->person, d->person, &t->person) || !money_add(t->account, d->account, &t->account))
                return error_raise(err, SB_OVERFLOW, "%s", ERROR_BOTH("the total of a declaration", "申报合计"));
        a->schemes[scheme].workers++;
        return 0;
}

int assessor_due_day(struct assessor *a, day_t *out, struct error *err)
{
        char day[16];
        json_t *result = NULL, *inputs = json_pack("{s:s}", "month", day_text(month_first(a->month), day));

        if (inputs == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        int rc = pack_decide(a->schemes[0].pack, MODEL, "due", month_first(a->month), inputs, &result, NULL, err);
        if (rc == 0)
                rc = json_get_day(result, "due_day", true, out, err);
        json_decref(inputs);
        json_decref(result);
        return rc;
}
