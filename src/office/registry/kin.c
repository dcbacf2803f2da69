/* SPDX-License-Identifier: Apache-2.0
 *
 * Who belongs to whom: households (同户) and kinship (近亲属), each for a period and with its source.
 */
#include "office/json.h"

#include "office/registry/registry.h"

#include <string.h>

/* Blood and marriage (kinship, either way), or the same household, today. */
static int kin_within(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err)
{
        int64_t person = json_integer_value(json_object_get(value, "person"));
        int64_t other = json_integer_value(json_object_get(value, "other")), today = clock_today(c->house->clock);
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT 1 FROM kinship WHERE home = ?1@int AND ((person = ?2@int AND relative = ?3@int) OR (person = ?3@int AND "
            "relative = ?2@int)) AND valid_from <= ?4@int AND valid_to > ?4@int UNION ALL SELECT 1 FROM household_member a "
            "JOIN "
            "household_member b ON b.home = a.home AND b.household = a.household WHERE a.home = ?1@int AND a.person = ?2@int "
            "AND "
            "b.person = ?3@int AND a.valid_from <= ?4@int AND a.valid_to > ?4@int AND b.valid_from <= ?4@int AND b.valid_to > "
            "?4@int LIMIT 1",
            "iiii", (int64_t)c->house->home, person, other, today);

        *within = rc == 1;
        return rc < 0 ? rc : 0;
}
const struct scope_rule kin_scopes[] = {{"kin", "The family", "该亲属关系", kin_within, NULL}, {0}};

struct tie {
        int64_t id, person, other; /* other: the relative, or the household's first person */
        const char *kind, *source;
        day_t from, to;
};

static int tie_said(const struct tie *t, struct change *change, json_t **out, struct error *err)
{
        change->subject_kind = "person";
        change->subject = t->person;
        change->audit = json_pack("{s:I}", "other", (json_int_t)t->other);
        *out = json_pack("{s:I}", "id", (json_int_t)t->id);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

static int kin_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct tie *t = ctx;
        int rc = tx_exec(tx, err,
                         "INSERT INTO kinship (home, id, person, relative, kind, valid_from, valid_to, source, actor, "
                         "entered_at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@text, ?6@int, ?7@int, ?8@text, ?9@int, "
                         "?10@int)",
                         "iiiitiitii", (int64_t)c->house->home, t->id, t->person, t->other, t->kind, (int64_t)t->from,
                         (int64_t)t->to, t->source, c->who.staff, clock_now(c->house->clock));

        return rc == 0 ? tie_said(t, change, out, err) : rc;
}

/* The household of `other`, which it founds when it has none; both are members from then on. */
static int household_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct tie *t = ctx;
        int64_t home = c->house->home, household = t->id, members[2] = {t->other, t->person}, id = t->id;
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT household FROM household_member WHERE home = ?1@int AND person = ?2@int AND valid_from <= "
                        "?3@int AND valid_to > ?3@int ORDER BY id DESC LIMIT 1",
                        "iii", home, t->other, (int64_t)t->from);
        bool known = rc == 1;

        if (known)
                household = stmt_int(q, 0);
        rc = rc < 0 ? rc : 0;
        for (int k = known ? 1 : 0; rc == 0 && k < 2; k++) {
                rc = tx_exec(tx, err,
                             "INSERT INTO household_member (home, id, household, person, valid_from, valid_to, source, actor, "
                             "entered_at) VALUES (?1@int, ?2@int, ?3@int, ?4@int, ?5@int, ?6@int, ?7@text, ?8@int, ?9@int)",
                             "iiiiiitii", home, id, household, members[k], (int64_t)t->from, (int64_t)t->to, t->source,
                             c->who.staff, clock_now(c->house->clock));
                if (rc == 0 && k == 0)
                        rc = ids_next(c->house->ids, &id, err);
        }
        return rc == 0 ? tie_said(t, change, out, err) : rc;
}

static int tie_take(struct call *c, const json_t *in, const char *other, struct tie *t, struct error *err)
{
        *t = (struct tie){.kind = "", .from = clock_today(c->house->clock), .to = DAY_END};
        int rc = json_get_int(in, "person", true, &t->person, err);

        rc = rc ? rc : json_get_int(in, other, true, &t->other, err);
        rc = rc ? rc : json_get_text(in, "kind", false, &t->kind, err);
        rc = rc ? rc : json_get_text(in, "source", true, &t->source, err);
        rc = rc ? rc : json_get_day(in, "valid_from", false, &t->from, err);
        rc = rc ? rc : json_get_day(in, "last_day", false, &t->to, err);
        if (rc == 0 && t->to < DAY_END)
                t->to++;
        if (rc == 0 && (t->to <= t->from || t->person == t->other))
                rc = error_raise(err, SB_FIELD_TYPE, "%s|%s", other,
                                 ERROR_BOTH("another person, for a period that does not end before it begins",
                                            "另一人，且期间截止日不早于起始日"));
        return rc ? rc : ids_next(c->house->ids, &t->id, err);
}

static int kin_add(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct tie t;
        int rc = tie_take(c, in, "relative", &t, err);

        return rc ? rc : verb_change(c, registry_find(c->house->verbs, "registry.kin_add"), in, kin_apply, &t, out, err);
}

static int household_add(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct tie t;
        int rc = tie_take(c, in, "with", &t, err);

        return rc ? rc
                  : verb_change(c, registry_find(c->house->verbs, "registry.household_add"), in, household_apply, &t, out, err);
}

/* --- of one person --------------------------------------------------------------------------------------------------------- */

struct ties {
        struct call *call;
        int64_t person;
        json_t *items;
};

static int ties_named(struct tx *tx, struct ties *t, struct error *err)
{
        struct house *h = t->call->house;
        json_t *o;
        size_t k;
        int rc = 0;

        json_array_foreach(t->items, k, o)
        {
                struct person p = {.id = 0};
                if (rc == 0)
                        rc = person_read(tx, h, h->home, json_integer_value(json_object_get(o, "other")), &p, err);
                if (rc == 0)
                        put_text(o, "name", p.name);
                person_dispose(&p);
        }
        return rc;
}

/* Both ends of a kinship, and all who share a household with the person for some time. */
static int ties_read(struct tx *tx, void *ctx, struct error *err)
{
        struct ties *t = ctx;
        struct stmt *q = NULL;
        int rc = tx_query(
            &q, tx, err,
            "SELECT 'kin' AS tie, id, kind, relative AS other, valid_from, valid_to, source FROM kinship WHERE home = ?1@int "
            "AND person = ?2@int UNION ALL SELECT 'kin', id, kind || '_of', person, valid_from, valid_to, source FROM kinship "
            "WHERE home = ?1@int AND relative = ?2@int UNION ALL SELECT 'household', b.id, 'household', b.person, "
            "b.valid_from, b.valid_to, b.source FROM household_member a JOIN household_member b ON b.home = a.home AND "
            "b.household = a.household AND b.person <> a.person AND b.valid_from < a.valid_to AND a.valid_from < b.valid_to "
            "WHERE a.home = ?1@int AND a.person = ?2@int ORDER BY 6 DESC, 2 DESC LIMIT 200",
            "ii", (int64_t)t->call->house->home, t->person);

        json_array_clear(t->items);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                put_str(o, "tie", stmt_text(q, 0));
                put_int(o, "id", stmt_int(q, 1));
                put_str(o, "kind", stmt_text(q, 2));
                put_day(o, "valid_from", (day_t)stmt_int(q, 4));
                put_last_day(o, "last_day", (day_t)stmt_int(q, 5));
                put_str(o, "source", stmt_text(q, 6));
                put_int(o, "other", stmt_int(q, 3));
                json_array_append_new(t->items, o);
        }
        return rc == 0 ? ties_named(tx, t, err) : rc;
}

static int relations(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct ties t = {.call = c, .items = json_array()};
        int rc = json_get_int(in, "person", true, &t.person, err);

        rc = rc ? rc : store_read(c->house->store, ties_read, &t, err);
        if (rc < 0) {
                json_decref(t.items);
                return rc;
        }
        return list_answer(out, t.items, NULL, err);
}

static int relation_end_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct tie *t = ctx;
        int64_t changed = 0, home = c->house->home, today = clock_today(c->house->clock);
        int rc = tx_exec_changed(tx, &changed, err,
                                 strcmp(t->kind, "kin") == 0
                                     ? "UPDATE kinship SET valid_to = ?3@int WHERE home = ?1@int AND id = ?2@int AND valid_to "
                                       "> ?3@int"
                                     : "UPDATE household_member SET valid_to = ?3@int WHERE home = ?1@int AND id = ?2@int AND "
                                       "valid_to > ?3@int",
                                 "iii", home, t->id, today);

        if (rc == 0 && changed == 0)
                rc = error_raise(err, SB_REGISTRY_RELATION, "%s", "");
        return rc == 0 ? tie_said(t, change, out, err) : rc;
}

/* From today on they are no family, or the other has left the household. */
static int relation_end(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct tie t = {.source = ""};
        int rc = json_get_int(in, "relation", true, &t.id, err);

        rc = rc ? rc : json_get_text(in, "tie", true, &t.kind, err);
        rc = rc ? rc : json_get_int(in, "person", true, &t.person, err);
        return rc ? rc
                  : verb_change(c, registry_find(c->house->verbs, "registry.relation_end"), in, relation_end_apply, &t, out,
                                err);
}

#define PERIOD                                                                                                                 \
        "\"source\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":200},\"valid_from\":{\"type\":\"string\",\"format\":"   \
        "\"date\"},\"last_day\":{\"type\":\"string\",\"format\":\"date\"}}}"
#define WHO(other)                                                                                                             \
        "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"person\",\"" other                                \
        "\",\"source\"],\"properties\":{\"person\":{\"type\":\"integer\",\"minimum\":1},\"" other                              \
        "\":{\"type\":\"integer\",\"minimum\":1},"

const struct verb kin_verbs[] = {
    {"registry.kin_add", VERB_WRITE, "people.relations", "POST", "/api/kinships", "Record that two persons are family",
     "登记近亲属关系",
     WHO("relative") "\"kind\":{\"enum\":[\"spouse\",\"parent\",\"child\",\"sibling\",\"grandparent\",\"grandchild\",\"in_"
                     "law\"]}," PERIOD,
     "{\"type\":\"object\"}", kin_add, SCOPE_EVERYWHERE},
    {"registry.household_add", VERB_WRITE, "people.relations", "POST", "/api/household-members",
     "Record that two persons live in one household", "登记同户人员", WHO("with") PERIOD, "{\"type\":\"object\"}",
     household_add, SCOPE_EVERYWHERE},
    {"registry.relations", VERB_READ, "people.relations_read", "GET", "/api/persons/{person}/relations",
     "Family and household of a person", "人员的近亲属与同户人员",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"person\"],\"properties\":{\"person\":{\"type\":"
     "\"integer\",\"minimum\":1,\"x-opens\":\"person\"}}}",
     "{\"type\":\"object\"}", relations, SCOPE_EVERYWHERE},
    {"registry.relation_end", VERB_WRITE, "people.relations", "POST", "/api/relations/{relation}/end",
     "End a relation of family or household today", "终止近亲属或同户关系",
     "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"relation\",\"tie\",\"person\"],\"properties\":{"
     "\"relation\":{\"type\":\"integer\",\"minimum\":1},\"tie\":{\"enum\":[\"kin\",\"household\"]},\"person\":{\"type\":"
     "\"integer\",\"minimum\":1}}}",
     "{\"type\":\"object\"}", relation_end, SCOPE_EVERYWHERE},
    {0},
};
