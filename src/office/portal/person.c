/* SPDX-License-Identifier: Apache-2.0
 *
 * Who am I, and what the register says of me.
 */
#include "office/portal/portal.h"

#include <string.h>

struct me {
        struct call *call;
        json_t *o;
};

static int office_put(struct tx *tx, struct me *m, struct error *err)
{
        struct stmt *q;
        json_t *o = json_object();
        int rc = tx_one(&q, tx, err, "SELECT name_zh, name_en FROM office WHERE id = ?1@int", "i", m->call->who.office);

        if (rc == 1) {
                put_str(o, "name_zh", stmt_text(q, 0));
                put_str(o, "name_en", stmt_text(q, 1));
        }
        put_value(m->o, "office", o);
        return rc < 0 ? rc : 0;
}

static int person_put(struct tx *tx, struct me *m, struct error *err)
{
        struct house *h = m->call->house;
        struct person p;
        char masked[32];
        int rc = person_read(tx, h, h->home, m->call->who.person, &p, err);

        if (rc < 0)
                return rc;
        put_text(m->o, "kind", "insured");
        put_text(m->o, "name", p.name);
        put_text(m->o, "number", p.number);
        put_text(m->o, "id_number_masked", text_mask(masked, sizeof masked, p.id_number, 6, 4));
        put_bool(m->o, "ended", p.death < DAY_END || strcmp(p.state, "active") != 0);
        person_dispose(&p);
        return 0;
}

static int employer_put(struct tx *tx, struct me *m, struct error *err)
{
        struct house *h = m->call->house;
        struct employer e;
        int rc = employer_read(tx, h, h->home, m->call->who.employer, &e, err);

        if (rc < 0)
                return rc;
        put_text(m->o, "kind", "employer");
        put_text(m->o, "name", e.name);
        put_text(m->o, "number", e.number);
        put_text(m->o, "uscc", e.uscc);
        put_bool(m->o, "ended", strcmp(e.state, "active") != 0);
        return 0;
}

static int me_read(struct tx *tx, void *ctx, struct error *err)
{
        struct me *m = ctx;
        const struct actor *who = &m->call->who;

        json_object_clear(m->o);
        int rc = who->person != 0     ? person_put(tx, m, err)
                 : who->employer != 0 ? employer_put(tx, m, err)
                                      : error_raise(err, SB_PORTAL_SELF, "%s", "");
        return rc ? rc : office_put(tx, m, err);
}

int portal_me(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct me m = {.call = c, .o = json_object()};
        json_t *requests = NULL;
        int rc = m.o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, me_read, &m, err);

        (void)in;
        rc = rc ? rc : portal_requests(c, &requests, err);
        if (rc < 0) {
                json_decref(m.o);
                return rc;
        }
        put_value(m.o, "requests", requests);
        *out = m.o;
        return 0;
}

/* --- my record ----------------------------------------------------------------------------------------------------------------------- */

int portal_record(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        static const char *const HEAD[] = {"number",
                                           "name",
                                           "id_number_masked",
                                           "sex",
                                           "birth",
                                           "category",
                                           "age_months",
                                           "bank_name",
                                           "telephone_masked",
                                           "bank_account_masked",
                                           "state",
                                           NULL};
        static const char *const WORK[] = {"employer_name", "category", "from", "to", NULL};
        static const char *const ACCOUNT[] = {"scheme", "pool", "balance", NULL};
        static const char *const AWARD[] = {"number", "scheme", "total", "month_from", "month_to", "state", NULL};
        static const struct {
                const char *name;
                const char *const *fields;
        } LISTS[] = {{"employments", WORK}, {"accounts", ACCOUNT}, {"awards", AWARD}};
        json_t *whole = NULL, *row, *o;
        int64_t person;
        size_t i;
        int rc = portal_person(c, &person, err);

        (void)in;
        rc = rc ? rc : portal_ask(c, "registry.person_get", json_pack("{s:I}", "person", (json_int_t)person), &whole, err);
        if (rc < 0)
                return rc;
        *out = o = json_object();
        portal_copy(o, whole, HEAD);
        for (size_t k = 0; k < sizeof LISTS / sizeof LISTS[0]; k++) {
                json_t *items = json_array();
                json_array_foreach(json_object_get(whole, LISTS[k].name), i, row)
                {
                        json_t *one = json_object();
                        portal_copy(one, row, LISTS[k].fields);
                        json_array_append_new(items, one);
                }
                put_value(o, LISTS[k].name, items);
        }
        json_decref(whole);
        return o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

/* Who has looked at my record: when, for what and where; not what they noted down. */
int portal_openings(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        static const char *const FIELDS[] = {"opened_at", "purpose_zh", "purpose_en", "basis",
                                             "office_zh", "office_en",  "staff",      NULL};
        json_t *whole = NULL, *items = json_array(), *row;
        int64_t person;
        size_t i;
        int rc = portal_person(c, &person, err);

        (void)in;
        rc = rc ? rc : portal_ask(c, "people.openings", json_pack("{s:I}", "person", (json_int_t)person), &whole, err);
        json_array_foreach(json_object_get(whole, "items"), i, row)
        {
                json_t *one = json_object();
                portal_copy(one, row, FIELDS);
                json_array_append_new(items, one);
        }
        json_decref(whole);
        if (rc == 0)
                return list_answer(out, items, NULL, err);
        json_decref(items);
        return rc;
}
