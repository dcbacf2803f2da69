/* SPDX-License-Identifier: Apache-2.0
 *
 * For whom who asks has signed in, and how other subjects are asked for them.
 */
#include "office/portal/portal.h"

#include <string.h>

struct owner {
        struct call *call;
        bool ended;
};

static int owner_read(struct tx *tx, void *ctx, struct error *err)
{
        struct owner *o = ctx;
        struct house *h = o->call->house;
        struct person p;
        int rc = person_read(tx, h, h->home, o->call->who.person, &p, err);

        if (rc < 0)
                return rc;
        o->ended = p.death < DAY_END || strcmp(p.state, "active") != 0;
        person_dispose(&p);
        return 0;
}

int portal_person(struct call *c, int64_t *person, struct error *err)
{
        struct owner o = {.call = c};

        *person = c->who.person;
        if ((c->who.roles & ROLE_INSURED) == 0 || c->who.person == 0)
                return error_raise(err, SB_PORTAL_SELF, "%s", "");
        int rc = store_read(c->house->store, owner_read, &o, err);
        return rc == 0 && o.ended ? error_raise(err, SB_PORTAL_ENDED, "%s", "") : rc;
}

int portal_ask(struct call *c, const char *verb, json_t *in, json_t **out, struct error *err)
{
        const struct verb *v = registry_find(c->house->verbs, verb);
        int rc = in == NULL  ? error_raise(err, SB_MEMORY, "%s", "")
                 : v == NULL ? error_raise(err, SB_CASE_VERB_UNKNOWN, "%s", verb)
                             : json_check(registry_schema_in(c->house->verbs, v), in, err);

        *out = NULL;
        rc = rc ? rc : v->run(c, in, out, err);
        if (rc < 0) {
                json_decref(*out);
                *out = NULL;
        }
        json_decref(in);
        return rc;
}

void portal_copy(json_t *o, const json_t *from, const char *const *names)
{
        for (size_t i = 0; names[i] != NULL; i++)
                put_value(o, names[i], json_incref(json_object_get(from, names[i])));
}

static int firm_read(struct tx *tx, void *ctx, struct error *err)
{
        struct owner *o = ctx;
        struct house *h = o->call->house;
        struct employer e;
        int rc = employer_read(tx, h, h->home, o->call->who.employer, &e, err);

        o->ended = rc == 0 && strcmp(e.state, "active") != 0;
        return rc;
}

int portal_employer(struct call *c, int64_t *employer, struct error *err)
{
        struct owner o = {.call = c};

        *employer = c->who.employer;
        if ((c->who.roles & ROLE_EMPLOYER) == 0 || c->who.employer == 0)
                return error_raise(err, SB_PORTAL_SELF, "%s", "");
        int rc = store_read(c->house->store, firm_read, &o, err);
        return rc == 0 && o.ended ? error_raise(err, SB_PORTAL_ENDED, "%s", "") : rc;
}
