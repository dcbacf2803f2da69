/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was registered before comes back (重新参保): the registration is opened again under its old number, with its whole past.
 */
#include "office/registry/registry.h"

#include <string.h>

int may_return(struct tx *tx, struct house *h, const char *kind, int64_t subject, struct error *err)
{
        struct person p = {.id = 0};
        int64_t id;
        day_t day;
        int rc = cancellation_open(tx, h->home, kind, subject, &id, &day, err);

        if (rc != 1 || strcmp(kind, "person") != 0)
                return rc;
        rc = person_read(tx, h, h->home, subject, &p, err);
        bool lives = rc == 0 && p.death == DAY_END;
        person_dispose(&p);
        return rc ? rc : lives;
}

static int returned(struct tx *tx, struct call *c, const char *kind, int64_t subject, struct error *err)
{
        int64_t id = 0;
        day_t day;
        int rc = cancellation_open(tx, c->house->home, kind, subject, &id, &day, err);

        rc = rc < 0 ? rc : cancellation_end(tx, c, id, "returned", "", err);
        return rc ? rc : state_set(tx, c->house->home, kind, subject, "active", err);
}

int person_return(struct tx *tx, struct call *c, int64_t person, const struct person_facts *f, struct error *err)
{
        struct house *h = c->house;
        struct person p = {.id = 0};
        char source[48];
        int64_t version;
        int rc = person_touch(tx, h->home, person, 0, NULL, err);

        rc = rc ? rc : may_return(tx, h, "person", person, err);
        if (rc != 1)
                return rc == 0 ? 1 : rc;
        rc = person_read(tx, h, h->home, person, &p, err);
        const struct {
                const char *field, *now, *then;
        } facts[] = {{"name", f->sealed.name, p.name},
                     {"telephone", f->sealed.telephone, p.telephone},
                     {"bank_name", f->sealed.bank_name, p.bank_name},
                     {"bank_account", f->sealed.bank_account, p.bank_account},
                     {"category", f->category, p.category}};
        for (size_t i = 0; rc == 0 && i < sizeof facts / sizeof facts[0]; i++) {
                struct person_change x = {.person = person,
                                          .field = facts[i].field,
                                          .value = str_from(facts[i].now),
                                          .valid_from = clock_today(h->clock),
                                          .source = text_format(source, sizeof source, "P02 %lld", (long long)c->instance)};
                if (facts[i].now[0] != '\0' && strcmp(facts[i].now, facts[i].then) != 0)
                        rc = person_change(tx, h, &x, 0, &version, err);
        }
        person_dispose(&p);
        return rc ? rc : returned(tx, c, "person", person, err);
}

/* The facts until yesterday stay believed, those of the new application hold from today on. */
int employer_return(struct tx *tx, struct call *c, int64_t employer, const struct employer_registration *r, struct error *err)
{
        struct house *h = c->house;
        int64_t now = clock_now(h->clock), id;
        struct stmt *q;
        int rc = employer_hold(tx, h, employer, err);

        rc = rc ? rc : may_return(tx, h, "employer", employer, err);
        if (rc != 1)
                return rc == 0 ? 1 : rc;
        rc = tx_one(
            &q, tx, err,
            "SELECT id FROM employer_fact WHERE home = ?1@int AND employer = ?2@int AND known_to = ?3@int AND valid_from < "
            "?4@int AND valid_to > ?4@int",
            "iiii", (int64_t)h->home, employer, (int64_t)INSTANT_END, (int64_t)r->from);
        int64_t old = rc == 1 ? stmt_int(q, 0) : 0;
        rc = rc < 0 ? rc : ids_next(h->ids, &id, err);
        if (rc == 0 && old != 0)
                rc =
                    tx_exec(tx, err,
                            "INSERT INTO employer_fact (home, id, employer, name, kind, industry, territory, office, contact, "
                            "bank_name, bank_account, valid_from, valid_to, known_from, known_to, source) SELECT home, ?3@int, "
                            "employer, name, kind, industry, territory, office, contact, bank_name, bank_account, valid_from, "
                            "?4@int, ?5@int, ?6@int, 'unchanged' FROM employer_fact WHERE home = ?1@int AND id = ?2@int",
                            "iiiiii", (int64_t)h->home, old, id, (int64_t)r->from, now, (int64_t)INSTANT_END);
        if (rc == 0)
                rc = tx_exec(
                    tx, err,
                    "UPDATE employer_fact SET known_to = ?3@int WHERE home = ?1@int AND employer = ?2@int AND known_to = "
                    "?4@int AND valid_to > ?5@int",
                    "iiiii", (int64_t)h->home, employer, now, (int64_t)INSTANT_END, (int64_t)r->from);
        rc = rc ? rc : employer_rows(tx, h, r, employer, err);
        return rc ? rc : returned(tx, c, "employer", employer, err);
}
