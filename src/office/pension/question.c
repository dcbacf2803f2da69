/* SPDX-License-Identifier: Apache-2.0
 *
 * The question put to the pack: everything a pension depends on, gathered in one snapshot with the rows that it came from.
 */
#include "office/pension/question.h"
#include "office/json.h"

#include <stdlib.h>
#include <string.h>

static int depend(json_t *list, const char *table, int64_t id, int64_t version, struct error *err)
{
        json_t *d = json_pack("[s,I,I]", table, (json_int_t)id, (json_int_t)version);

        return d && json_array_append_new(list, d) == 0 ? 0 : error_raise(err, SB_MEMORY, "%s", "");
}

static int history_put(struct question *q, struct tx *tx, int32_t home, struct error *err)
{
        struct contribution_run *runs = NULL;
        json_t *history = json_array();
        size_t n = 0;
        int rc = contribution_history(tx, home, q->person.id, PENSION_SCHEME, &runs, &n, err);

        for (size_t i = 0; rc == 0 && i < n; i++) {
                json_t *o = json_object();

                /* Months at or after the retirement month count no more. */
                if (runs[i].from < q->month && runs[i].to > runs[i].from) {
                        month_t to = runs[i].to < q->month ? runs[i].to : q->month;

                        put_month(o, "from", runs[i].from);
                        put_month(o, "to", to);
                        put_money(o, "base", runs[i].base);
                        put_bool(o, "deemed", runs[i].deemed);
                        json_array_append(history, o);
                        q->pool = runs[i].pool ? runs[i].pool : q->pool;
                        rc = depend(q->dependencies, "contribution", runs[i].id, 0, err);
                }
                json_decref(o);
        }
        free(runs);
        put_value(q->inputs, "history", history);
        return rc;
}

/* Where the person worked last: the base of some cities differs from their province's. */
static int territory_put(struct question *q, struct tx *tx, int32_t home, struct error *err)
{
        struct stmt *s = NULL;
        int rc = tx_one(
            &s, tx, err,
            "SELECT f.territory FROM employment m JOIN employer_fact f ON f.home = m.employer_home AND f.employer = m.employer "
            "AND f.known_to = ?3@int WHERE m.home = ?1@int AND m.person = ?2@int AND m.known_to = ?3@int "
            "ORDER BY m.valid_from DESC, f.valid_from DESC, m.id DESC LIMIT 1",
            "iii", (int64_t)home, q->person.id, (int64_t)INSTANT_END);

        if (rc == 1 && stmt_text(s, 0).n)
                put_str(q->inputs, "territory", stmt_text(s, 0));
        else if (rc >= 0)
                put_text(q->inputs, "territory", q->pool_row.territory);
        return rc < 0 ? rc : 0;
}

static int balance_put(struct question *q, struct tx *tx, int32_t home, struct error *err)
{
        struct stmt *s = NULL;
        int rc = tx_one(&s, tx, err,
                        "SELECT id, version, balance_fen FROM personal_account WHERE home = ?1@int AND person = ?2@int AND "
                        "scheme = ?3@text "
                        "AND pool = ?4@int",
                        "iiti", (int64_t)home, q->person.id, PENSION_SCHEME, q->pool);

        put_money(q->inputs, "balance", rc == 1 ? stmt_int(s, 2) : 0);
        return rc == 1 ? depend(q->dependencies, "personal_account", stmt_int(s, 0), stmt_int(s, 1), err) : rc;
}

static int question_read(struct tx *tx, void *ctx, struct error *err)
{
        struct question *q = ctx;
        struct house *h = q->house;
        int rc;

        json_decref(q->inputs);
        json_decref(q->dependencies);
        q->inputs = json_object();
        q->dependencies = json_array();
        q->pool = 0;
        person_dispose(&q->person);
        rc = q->inputs && q->dependencies ? person_read(tx, h, h->home, q->person_id, &q->person, err)
                                          : error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0)
                rc = depend(q->dependencies, "person", q->person.id, q->person.version, err);
        if (rc == 0)
                rc = history_put(q, tx, h->home, err);
        if (rc == 0 && q->pool == 0)
                rc = error_raise(err, SB_PENSION_HISTORY, "%s", q->person.number);
        if (rc == 0)
                rc = pool_read(tx, q->pool, &q->pool_row, err);
        if (rc == 0)
                rc = balance_put(q, tx, h->home, err);
        if (rc == 0)
                rc = territory_put(q, tx, h->home, err);
        put_text(q->inputs, "category", q->person.category);
        put_day(q->inputs, "birth", q->person.birth);
        put_day(q->inputs, "day", month_first(q->month));
        put_value(q->inputs, "extra_kinds", json_null());
        return rc;
}

int question_ask(struct question *q, struct call *c, int64_t person, month_t month, struct error *err)
{
        int rc;

        *q = (struct question){.house = c->house, .person_id = person, .month = month};
        rc = store_read(c->house->store, question_read, q, err);
        if (rc)
                return rc;
        q->decision = (struct case_decision){.model = PENSION_MODEL,
                                             .name = PENSION_DECISION,
                                             .pool = q->pool,
                                             .day = month_first(month),
                                             .person = person,
                                             .subject_kind = "person",
                                             .subject = person,
                                             .inputs = q->inputs,
                                             .dependencies = q->dependencies};
        return decision_compute(c, &q->decision, &q->result, &q->derivation, err);
}

void question_dispose(struct question *q)
{
        json_decref(q->inputs);
        json_decref(q->dependencies);
        json_decref(q->result);
        json_decref(q->derivation);
        person_dispose(&q->person);
        *q = (struct question){0};
}

/* A figure of a model's result: text, or a whole number. */
static const json_t *figure(const json_t *o, const char *name)
{
        return json_object_get(json_object_get(o, "parts"), name) ? json_object_get(json_object_get(o, "parts"), name)
                                                                  : json_object_get(o, name);
}

int figure_fen(const json_t *result, const char *name, fen_t *out, struct error *err)
{
        const json_t *v = figure(result, name);
        char text[40];

        if (json_is_string(v))
                return money_parse(out, str_from(json_string_value(v)), err);
        if (json_is_integer(v)) {
                text_format(text, sizeof(text), "%lld", (long long)json_integer_value(v));
                return money_parse(out, str_from(text), err);
        }
        if (json_is_real(v)) {
                text_format(text, sizeof(text), "%.17g", json_real_value(v));
                return money_parse(out, str_from(text), err);
        }
        return error_raise(err, SB_PENSION_RESULT, "%s", name);
}

static void copy_all(json_t *to, const json_t *from)
{
        const char *key;
        json_t *value;

        json_object_foreach((json_t *)(uintptr_t)from, key, value) if (!json_is_object(value)) json_object_set(to, key, value);
}

json_t *result_flat(const json_t *result)
{
        static const char *const money[] = {"basic", "account", "transition", "extra",
                                            "total", "balance", "calc_base",  "indexed_wage"};
        const json_t *retirement = json_object_get(result, "retirement");
        json_t *o = json_object();
        fen_t fen;

        copy_all(o, result);
        copy_all(o, json_object_get(result, "parts"));
        if (json_object_get(retirement, "month"))
                json_object_set(o, "statutory_month", json_object_get(retirement, "month"));
        if (json_object_get(retirement, "delay_months"))
                json_object_set(o, "delay_months", json_object_get(retirement, "delay_months"));
        if (json_object_get(o, "age"))
                json_object_set(o, "age_months", json_object_get(o, "age"));
        if (json_object_get(o, "average_index"))
                json_object_set(o, "index", json_object_get(o, "average_index"));
        for (size_t i = 0; i < sizeof(money) / sizeof(money[0]); i++) {
                struct error none = {0};
                if (json_object_get(o, money[i]) && figure_fen(o, money[i], &fen, &none) == 0)
                        put_money(o, money[i], fen);
        }
        json_object_del(o, "reasons");
        json_object_del(o, "eligible");
        return o;
}

bool result_eligible(const json_t *result)
{
        return json_is_true(json_object_get(result, "eligible"));
}

month_t result_from(const json_t *result, month_t otherwise)
{
        const char *from = json_string_value(json_object_get(result, "from"));
        struct error none = {0};
        month_t m;

        return from && month_parse(&m, str_from(from), &none) == 0 ? m : otherwise;
}
