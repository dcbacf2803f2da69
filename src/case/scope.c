/* SPDX-License-Identifier: Apache-2.0
 *
 * Office scope: may the office of who calls act on the thing that the verb's input names? The rules themselves belong to the
 * subjects that own the things (struct scope_rule); here they are found and asked. */
#include "case/verb.h"

#include <string.h>

int office_within(struct tx *tx, int64_t office, int64_t top, bool *within, struct error *err)
{
        struct stmt *q;
        int rc = 0;

        *within = office == top && office != 0;
        if (*within)
                return 0;
        if (office == 0)
                rc = tx_one(&q, tx, err, "SELECT 1 FROM office WHERE id = ?1@int AND (parent = 0 OR parent = id)", "i", top);
        else
                rc = tx_one(
                    &q, tx, err,
                    "WITH RECURSIVE above(id, parent) AS (SELECT id, parent FROM office WHERE id = ?1@int UNION SELECT "
                    "o.id, o.parent FROM office o JOIN above a ON o.id = a.parent) SELECT 1 FROM above WHERE id = ?2@int",
                    "ii", office, top);
        *within = rc == 1;
        return rc < 0 ? rc : 0;
}

static int rule_ask(struct tx *tx, struct call *c, const struct scope_rule *rule, const json_t *value, struct error *err)
{
        bool within = false;
        int rc = rule->within(tx, c, value, &within, err);

        if (rc == 0 && !within && c->who.emergency != 0)
                c->beyond = within = true; /* which leaves its mark: office/emergency */
        if (rc == 0 && !within)
                rc = error_raise(err, SB_CASE_OFFICE, "%s\x1e%s", rule->what_en, rule->what_zh);
        return rc;
}

int scope_need(struct tx *tx, struct call *c, const char *kind, int64_t id, struct error *err)
{
        const struct scope_rule *rule = registry_scope(c->house->verbs, str_from(kind));
        json_t *value;

        if (c->who.staff == 0 || c->instance != 0) /* of a process: its task was checked */
                return 0;
        if (rule == NULL)
                return error_raise(err, SB_CASE_VERB, "%s|%s", kind, "scope");
        value = json_integer((json_int_t)id);
        int rc = value == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rule_ask(tx, c, rule, value, err);
        json_decref(value);
        return rc;
}

struct scope_work {
        struct call *call;
        const struct scope_rule *rule;
        const json_t *value;
};

static int root_ask(struct tx *tx, void *ctx, struct error *err)
{
        struct scope_work *w = ctx;
        bool within = false;
        int rc = office_within(tx, 0, w->call->who.office, &within, err);

        if (rc == 0 && !within)
                rc = error_raise(err, SB_CASE_OFFICE, "%s\x1e%s", "What concerns the whole installation", "涉及整个系统的事项");
        return rc;
}

static int scope_ask(struct tx *tx, void *ctx, struct error *err)
{
        struct scope_work *w = ctx;

        return rule_ask(tx, w->call, w->rule, w->value, err);
}

int scope_check(struct call *c, const struct verb *v, const json_t *in, struct error *err)
{
        const char *field = v->scope == NULL ? NULL : strchr(v->scope, '.');

        bool root = v->scope != NULL && strcmp(v->scope, SCOPE_ROOT) == 0;
        struct scope_work top = {.call = c};

        if (c->who.staff == 0 || c->instance != 0 || (field == NULL && !root))
                return 0;
        if (root)
                return store_read(c->house->store, root_ask, &top, err);
        struct str kind = {v->scope, (size_t)(field - v->scope)};
        struct scope_work w = {
            .call = c, .rule = registry_scope(c->house->verbs, kind), .value = json_object_get(in, field + 1)};
        return store_read(c->house->store, scope_ask, &w, err);
}

bool scope_declared(const struct verb *v, const struct registry *r, const json_t *schema)
{
        const json_t *required = json_object_get(schema, "required");
        const char *field;
        const json_t *name;
        size_t i;

        if (v->path == NULL ||
            (v->scope != NULL && (strcmp(v->scope, SCOPE_EVERYWHERE) == 0 || strcmp(v->scope, SCOPE_OFFICE) == 0 ||
                                  strcmp(v->scope, SCOPE_ROOT) == 0 || strcmp(v->scope, SCOPE_SELF) == 0)))
                return true;
        if (v->scope == NULL || (field = strchr(v->scope, '.')) == NULL)
                return false;
        if (registry_scope(r, (struct str){v->scope, (size_t)(field - v->scope)}) == NULL)
                return false;
        for (i = 0; (name = json_array_get(required, i)) != NULL; i++) {
                if (strcmp(json_string_value(name), field + 1) == 0)
                        return true;
        }
        return false;
}
