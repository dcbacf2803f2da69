/* SPDX-License-Identifier: Apache-2.0
 *
 * My months: what was paid for me in each scheme, and the months that are missing, with the employer that I had then.
 */
#include "office/portal/portal.h"

#include <stdlib.h>
#include <string.h>

#define SPELLS_MAX 200
#define SCHEMES_MAX 16

struct spell_of_work {
        month_t from, to; /* [from, to) */
        char employer[192];
};
struct months {
        struct call *call;
        int64_t person;
        struct spell_of_work *spells;
        size_t spell_count;
        char schemes[SCHEMES_MAX][16];
        size_t scheme_count;
};

static int spells_read(struct tx *tx, struct months *m, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT m.valid_from, m.valid_to, f.name FROM employment m LEFT JOIN employer_fact f ON f.home = "
            "m.employer_home AND f.employer = m.employer AND f.known_to = ?3@int AND f.valid_from <= ?4@int AND f.valid_to "
            "> ?4@int WHERE m.home = ?1@int AND m.person = ?2@int AND m.known_to = ?3@int ORDER BY m.valid_from, m.id LIMIT "
            "?5@int",
            "iiiii", (int64_t)m->call->house->home, m->person, (int64_t)INSTANT_END,
            (int64_t)clock_today(m->call->house->clock), (int64_t)SPELLS_MAX);

        m->spell_count = 0;
        while ((rc = row_next(rc, q, err)) == 1) {
                day_t to = (day_t)stmt_int(q, 1);
                struct spell_of_work *s = &m->spells[m->spell_count++];
                s->from = month_of((day_t)stmt_int(q, 0));
                s->to = to >= DAY_END ? MONTH_END : month_of(to - 1) + 1;
                text_copy(s->employer, sizeof s->employer, stmt_text(q, 2));
        }
        return rc;
}

/* Those in which the person ever had a month or an account. */
static int schemes_read(struct tx *tx, void *ctx, struct error *err)
{
        struct months *m = ctx;
        struct stmt *q = NULL;
        int rc = spells_read(tx, m, err);

        rc = rc ? rc
                : tx_query(&q, tx, err,
                           "SELECT scheme FROM contribution WHERE home = ?1@int AND person = ?2@int AND known_to = ?3@int "
                           "UNION SELECT "
                           "scheme FROM personal_account WHERE home = ?1@int AND person = ?2@int ORDER BY 1 LIMIT ?4@int",
                           "iiii", (int64_t)m->call->house->home, m->person, (int64_t)INSTANT_END, (int64_t)SCHEMES_MAX);
        m->scheme_count = 0;
        while ((rc = row_next(rc, q, err)) == 1)
                text_copy(m->schemes[m->scheme_count++], sizeof m->schemes[0], stmt_text(q, 0));
        return rc;
}

/* A gap in which somebody was the employer is one to ask about. */
static void employer_put(const struct months *m, json_t *gap, month_t from, month_t to)
{
        const char *name = NULL;

        for (size_t i = 0; i < m->spell_count && name == NULL; i++)
                if (m->spells[i].from < to && m->spells[i].to > from)
                        name = m->spells[i].employer;
        put_bool(gap, "employed", name != NULL);
        put_value(gap, "employer_name", name == NULL ? json_null() : json_string(name));
}

static month_t month_field(const json_t *o, const char *name)
{
        struct error none = {0};
        month_t m = 0;

        return month_parse(&m, str_from(json_text(o, name)), &none) < 0 ? 0 : m;
}

/* From the last month on record to the one before this one, while there is an employer: what has not come yet. */
static void open_end(const struct months *m, const json_t *items, json_t *gaps)
{
        const json_t *last = json_array_get(items, json_array_size(items) - 1);
        month_t from = last == NULL ? 0 : month_field(last, "to"), to = month_of(clock_today(m->call->house->clock));
        json_t *o = json_object();

        for (size_t i = 0; i < m->spell_count; i++) /* of who was never paid for: from the first work on */
                if (last == NULL && (from == 0 || m->spells[i].from < from))
                        from = m->spells[i].from;
        employer_put(m, o, from, to);
        if (from == 0 || from >= to || !json_is_true(json_object_get(o, "employed"))) {
                json_decref(o);
                return;
        }
        put_month(o, "from", from);
        put_month(o, "to", to);
        put_int(o, "months", to - from);
        put_bool(o, "open", true);
        json_array_append_new(gaps, o);
}

static int scheme_put(struct months *m, const char *scheme, json_t *list, struct error *err)
{
        static const char *const ROW[] = {"from", "to", "months", "base", "kind", "employer_name", "pool", NULL};
        json_t *whole = NULL, *row, *items = json_array(), *gaps, *o;
        size_t i;
        int rc = portal_ask(m->call, "contribution.history",
                            json_pack("{s:I,s:s}", "person", (json_int_t)m->person, "scheme", scheme), &whole, err);

        if (rc < 0) {
                json_decref(items);
                return rc;
        }
        json_array_foreach(json_object_get(whole, "items"), i, row)
        {
                json_t *one = json_object();
                portal_copy(one, row, ROW);
                json_array_append_new(items, one);
        }
        gaps = json_object_get(whole, "gaps");
        json_array_foreach(gaps, i, row)
        {
                employer_put(m, row, month_field(row, "from"), month_field(row, "to"));
                put_bool(row, "open", false);
        }
        open_end(m, items, gaps);
        o = json_object();
        put_text(o, "scheme", scheme);
        put_value(o, "months_paid", json_incref(json_object_get(whole, "months_paid")));
        put_value(o, "months_deemed", json_incref(json_object_get(whole, "months_deemed")));
        put_value(o, "items", items);
        put_value(o, "gaps", json_incref(gaps));
        json_array_append_new(list, o);
        json_decref(whole);
        return 0;
}

int portal_months(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct months m = {.call = c, .spells = calloc(SPELLS_MAX, sizeof *m.spells)};
        json_t *list = json_array();
        int rc = m.spells == NULL || list == NULL ? error_raise(err, SB_MEMORY, "%s", "") : portal_person(c, &m.person, err);

        (void)in;
        rc = rc ? rc : store_read(c->house->store, schemes_read, &m, err);
        for (size_t i = 0; rc == 0 && i < m.scheme_count; i++)
                rc = scheme_put(&m, m.schemes[i], list, err);
        free(m.spells);
        if (rc == 0 && (*out = json_pack("{s:O}", "schemes", list)) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        json_decref(list);
        return rc;
}

/* --- my account ----------------------------------------------------------------------------------------------------------------------- */

int portal_account(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t person, year = json_int_or(in, "year", 0);
        int y, month, day;
        int rc = portal_person(c, &person, err);

        day_split(clock_today(c->house->clock), &y, &month, &day);
        return rc ? rc
                  : portal_ask(c, "account.statement",
                               json_pack("{s:I,s:I,s:s}", "person", (json_int_t)person, "year",
                                         (json_int_t)(year == 0 ? y : year), "scheme", json_text_or(in, "scheme", "EP")),
                               out, err);
}
