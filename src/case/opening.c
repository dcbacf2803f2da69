/* SPDX-License-Identifier: Apache-2.0 */
#include "case/opening.h"

#include "case/case.h"

#include <string.h>

int opening_add(struct tx *tx, struct call *c, struct opening *o, struct error *err)
{
        int rc = ids_next(c->house->ids, &o->id, err);

        return rc < 0 ? rc
                      : tx_exec(tx, err,
                                "INSERT INTO record_opening (home, id, person, staff, office, day, purpose, instance, note, "
                                "opened_at) "
                                "VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@text, ?8@int, ?9@text, ?10@int)",
                                "iiiiiititi", (int64_t)c->house->home, o->id, o->person, c->who.staff, c->who.office,
                                (int64_t)clock_today(c->house->clock), o->purpose, o->instance, o->note,
                                clock_now(c->house->clock));
}

int opening_today(struct tx *tx, struct call *c, int64_t person, char *out, size_t size, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT purpose FROM record_opening WHERE home = ?1@int AND person = ?2@int AND day = ?3@int AND staff = ?4@int "
            "ORDER BY id DESC LIMIT 1",
            "iiii", (int64_t)c->house->home, person, (int64_t)clock_today(c->house->clock), c->who.staff);

        text_copy(out, size, rc == 1 ? stmt_text(q, 0) : (struct str){"", 0});
        return rc < 0 ? rc : 0;
}

int opening_task(struct tx *tx, struct call *c, int64_t person, int64_t *instance, struct error *err)
{
        struct stmt *q;
        int rc =
            tx_one(&q, tx, err,
                   "SELECT i.id FROM process_instance i JOIN task t ON t.home = i.home AND t.instance = i.id WHERE i.home = "
                   "?1@int AND i.subject_kind = 'person' AND i.subject = ?2@int AND t.state = 'open' AND t.assignee = ?3@int "
                   "ORDER BY i.id DESC LIMIT 1",
                   "iii", (int64_t)c->house->home, person, c->who.staff);

        *instance = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

int opening_case(struct tx *tx, struct call *c, int64_t person, int64_t instance, bool *yes, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT i.office FROM case_any i WHERE i.home = ?1@int AND i.id = ?2@int AND ((i.subject_kind = 'person' AND "
            "i.subject = ?3@int) OR EXISTS (SELECT 1 FROM decision d WHERE d.home = i.home AND d.instance = i.id AND "
            "d.person = ?3@int) OR EXISTS (SELECT 1 FROM award a WHERE a.home = i.home AND a.id = i.subject AND "
            "i.subject_kind = 'award' AND a.person = ?3@int))",
            "iii", (int64_t)c->house->home, instance, person);
        int64_t office = rc == 1 ? stmt_int(q, 0) : 0;

        *yes = false;
        return rc <= 0 ? rc : office_within(tx, office, c->who.office, yes, err);
}

/* --- before a verb ------------------------------------------------------------------------------------------------------------------ */

struct asking {
        struct call *call;
        const struct scope_rule *rule;
        const json_t *value;
        int64_t person, instance;
        bool open;
};

static int ask(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        char purpose[32] = "";
        struct stmt *q;
        int rc = 0;

        a->person = 0;
        if (a->rule->person == NULL)
                a->person = json_integer_value(a->value);
        else
                rc = a->rule->person(tx, a->call, a->value, &a->person, err);
        if (rc == 0 && a->person != 0)
                rc = opening_today(tx, a->call, a->person, purpose, sizeof purpose, err);
        a->open = a->person == 0 || purpose[0] != '\0';
        if (rc < 0 || a->open)
                return rc;
        rc = opening_task(tx, a->call, a->person, &a->instance, err);
        if (rc == 0 && a->instance == 0) /* who does not exist is told by the verb */
                rc = tx_one(&q, tx, err, "SELECT 1 FROM person WHERE home = ?1@int AND id = ?2@int", "ii",
                            (int64_t)a->call->house->home, a->person);
        else
                return rc;
        a->open = rc == 0;
        return rc < 0 ? rc : 0;
}

/* Recorded without a question: the case is in hand. */
static int note_down(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        struct opening o = {.person = a->person, .instance = a->instance, .purpose = PURPOSE_CASE, .note = ""};
        int rc = opening_add(tx, a->call, &o, err);
        json_t *body = json_pack("{s:s,s:I,s:b}", "purpose", PURPOSE_CASE, "case", (json_int_t)a->instance, "asked", 0);

        if (rc == 0 && body == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0)
                rc = audit_add(tx, a->call, "people.open", "person", a->person, body, err);
        json_decref(body);
        return rc;
}

int opening_check(struct call *c, const struct opens *opens, const json_t *in, struct error *err)
{
        if (opens->rule == NULL || c->who.staff == 0 || c->instance != 0)
                return 0;
        struct asking a = {.call = c, .rule = opens->rule, .value = json_object_get(in, opens->field)};
        int rc = store_read(c->house->store, ask, &a, err);
        if (rc < 0 || a.open)
                return rc;
        if (a.instance != 0)
                return store_write(c->house->store, note_down, &a, err);
        error_raise(err, SB_CASE_OPENING, "%lld", (long long)a.person);
        return error_where(err, "person/%lld", (long long)a.person);
}

bool opens_read(struct opens *out, const struct registry *r, const json_t *schema)
{
        const char *field, *kind;
        json_t *property;

        *out = (struct opens){.field = NULL};
        json_object_foreach(json_object_get(schema, "properties"), field, property)
        {
                if ((kind = json_string_value(json_object_get(property, "x-opens"))) == NULL)
                        continue;
                *out = (struct opens){field, registry_scope(r, str_from(kind))};
                return out->rule != NULL;
        }
        return true;
}
