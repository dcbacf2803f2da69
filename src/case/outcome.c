/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of steps and of awaited messages, and the verb by which a clerk records the answer that came from outside.
 */
#include "case/outcome.h"

#include "case/answer.h"
#include "case/application.h"
#include "case/form.h"
#include "case/verbs.h"

#include <stdlib.h>
#include <string.h>

/* --- what a step asks ------------------------------------------------------------------------------------------------------------- */

static bool declared(const struct bpmn_node *n, const char *word)
{
        for (size_t i = 0; i < n->field_count; i++)
                if (strcmp(n->fields[i].name, word) == 0)
                        return true;
        return text_has_word("decision note", word);
}

static bool among(const json_t *fields, const char *word)
{
        json_t *one;
        size_t k;

        for (k = 0; (one = json_array_get(fields, k)) != NULL; k++) {
                if (strcmp(json_string_value(json_object_get(one, "name")), word) == 0)
                        return true;
        }
        return false;
}

static json_t *fields_json(const struct pack *pack, const struct bpmn_node *n)
{
        json_t *fields = json_array();

        for (size_t i = 0; n != NULL && i < n->field_count; i++)
                json_array_append_new(fields, application_field(pack, &n->fields[i]));
        return fields;
}

json_t *outcome_fields(const struct pack *pack, const struct bpmn_model *m, const char *node)
{
        const struct bpmn_node *n = m == NULL ? NULL : bpmn_node_find(m, node);
        json_t *fields = fields_json(pack, n);
        char word[64];

        for (size_t i = 0; n != NULL && bpmn_outcome(m, n, i, word) != NULL; i++) {
                struct bpmn_variable text = {.name = word, .type = "text", .title = {word, word}, .values = ""};
                if (!declared(n, word) && !among(fields, word))
                        json_array_append_new(fields, application_field(pack, &text));
        }
        return fields;
}

static void variable_say(json_t *into, const struct instance *i, const struct bpmn_variable *v)
{
        json_t *value = json_object_get(json_object_get(i->state_json, "variables"), v->name);

        if (value != NULL && !json_is_null(value) && strcmp(v->title[LANG_ZH], v->name) != 0)
                put_value(
                    into, v->name,
                    json_pack("{s:s,s:s,s:O}", "title_zh", v->title[LANG_ZH], "title_en", v->title[LANG_EN], "value", value));
}

json_t *variables_said(const struct instance *i)
{
        const struct bpmn_process *p = instance_process(i);
        const struct bpmn_node *n;
        json_t *said = json_object();

        for (size_t k = 0; k < p->variable_count; k++)
                variable_say(said, i, &p->variables[k]);
        for (int k = 0; (n = bpmn_node(i->model, k)) != NULL; k++)
                for (size_t f = 0; f < n->field_count; f++)
                        variable_say(said, i, &n->fields[f]);
        return said;
}

/* --- what it is told -------------------------------------------------------------------------------------------------------------- */

static bool given_at_all(const struct bpmn_variable *v, const json_t *outcome)
{
        return v->required || json_object_get(outcome, v->name) != NULL;
}

int outcome_take(const struct bpmn_node *n, const json_t *outcome, json_t **out, struct error *err)
{
        json_t *form = json_object(), *plain = json_object();
        size_t count = n == NULL ? 0 : n->field_count;
        int rc = 0;

        *out = outcome == NULL ? json_object() : json_copy((json_t *)(uintptr_t)outcome);
        for (size_t i = 0; i < count; i++)
                if (given_at_all(&n->fields[i], *out))
                        put_value(form, n->fields[i].name, json_incref(json_object_get(*out, n->fields[i].name)));
        if (form == NULL || plain == NULL || *out == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0)
                rc = form_need(n == NULL ? NULL : n->fields, count, form, plain, plain, err);
        if (rc == 0 && json_object_update(*out, plain) != 0)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        json_decref(form);
        json_decref(plain);
        if (rc < 0) {
                json_decref(*out);
                *out = NULL;
        }
        return rc;
}

/* --- what it waits for ------------------------------------------------------------------------------------------------------------ */

/* The element at which a token stands. */
static const char *element_of(const struct instance *i, int64_t token)
{
        json_t *t;
        size_t k;

        for (k = 0; (t = json_array_get(json_object_get(i->state_json, "tokens"), k)) != NULL; k++) {
                if (json_integer_value(json_object_get(t, "id")) == token)
                        return json_string_value(json_object_get(t, "node"));
        }
        return "";
}

static json_t *wait_json(const struct instance *i, const struct stmt *q)
{
        char name[200], key[BPMN_KEY_MAX];
        json_t *o = json_object();

        text_copy(name, sizeof name, stmt_text(q, 1));
        text_copy(key, sizeof key, stmt_text(q, 2));
        const struct bpmn_node *n = bpmn_hears(i->model, element_of(i, stmt_int(q, 0)), name);
        struct node_said said = node_said(i->model, n == NULL ? name : n->id);
        put_text(o, "message", name);
        put_text(o, "key", key);
        put_text(o, "node", n == NULL ? "" : n->id);
        put_text(o, "title_zh", said.title[LANG_ZH]);
        put_text(o, "title_en", said.title[LANG_EN]);
        put_value(o, "fields", fields_json(i->pack, n));
        return o;
}

int waits_view(struct tx *tx, struct house *h, const struct instance *i, json_t **out, struct error *err)
{
        struct stmt *q = NULL;
        int rc = tx_query(&q, tx, err,
                          "SELECT token, name, message_key FROM subscription WHERE home = ?1@int AND instance = ?2@int AND "
                          "kind = 'message' ORDER BY token, name",
                          "ii", (int64_t)h->home, i->id);

        *out = json_array();
        while ((rc = row_next(rc, q, err)) == 1) {
                json_array_append_new(*out, wait_json(i, q));
        }
        return rc;
}

/* --- the answer is recorded --------------------------------------------------------------------------------------------------------- */

struct answering {
        int64_t instance, message;
        const char *name, *note;
        const json_t *fields;
};

/* The place at which the case waits for it: its key, token and sequence; SB_CASE_NOT_WAITING. */
static int place_find(struct tx *tx, const struct instance *i, const char *name, struct sending *m, char key[BPMN_KEY_MAX],
                      struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT message_key, token, sequence FROM subscription WHERE home = ?1@int AND instance = ?2@int AND "
                        "kind = 'message' AND name = ?3@text ORDER BY token LIMIT 1",
                        "iit", (int64_t)i->home, i->id, name);

        if (rc == 0)
                return error_raise(err, SB_CASE_NOT_WAITING, "%s", i->number);
        if (rc < 0)
                return rc;
        m->key = text_copy(key, BPMN_KEY_MAX, stmt_text(q, 0));
        m->token = stmt_int(q, 1);
        m->sequence = stmt_int(q, 2);
        return 0;
}

static int answer_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        struct answering *a = ctx;
        char once[120], key[BPMN_KEY_MAX] = "";
        struct sending m = {.kind = "message", .name = a->name, .target = a->instance, .once = once};
        struct instance i = {.id = 0};
        json_t *body = NULL;
        bool fresh = false;
        int rc = instance_lock(tx, c->house, a->instance, &i, err);

        rc = rc ? rc : office_allowed(tx, c, i.office, i.number, err);
        if (rc == 0 && i.paused_at != 0)
                rc = error_raise(err, SB_CASE_PAUSED, "%s", i.number);
        rc = rc ? rc : place_find(tx, &i, a->name, &m, key, err);
        if (rc == 0) {
                answer_once(once, sizeof once, i.id, m.token, m.sequence);
                rc = outcome_take(bpmn_hears(i.model, element_of(&i, m.token), a->name), a->fields, &body, err);
        }
        m.body = body;
        m.token = m.sequence = 0;
        if (rc == 0)
                rc = message_insert(tx, c->house, &m, &fresh, &a->message, err);
        if (rc == 0 && !fresh)
                rc = error_raise(err, SB_CASE_NOT_WAITING, "%s", i.number);
        change->subject_kind = "case";
        change->subject = a->instance;
        change->audit = json_pack("{s:s,s:s}", "message", a->name, "note", a->note);
        if (rc == 0)
                *out = json_pack("{s:I,s:I}", "case", (json_int_t)a->instance, "message", (json_int_t)a->message);
        json_decref(body);
        instance_dispose(&i);
        return rc == 0 && *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
}

int cases_answer(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct answering a = {.instance = json_int_or(in, "case", 0),
                              .name = json_text(in, "message"),
                              .note = json_text(in, "note"),
                              .fields = json_object_get(in, "fields")};
        struct error later = {0};
        int64_t moved = 0;
        int rc = verb_change(c, registry_find(c->house->verbs, "cases.answer"), in, answer_apply, &a, out, err);
        if (rc < 0)
                return rc;
        a.message = json_integer_value(json_object_get(*out, "message"));
        if (message_deliver(c->house, a.message, &moved, &later) < 0 ||
            (moved != 0 && case_work_instance(c->house, moved, &later) < 0))
                log_error(c->house->log, "case.answer.later", &later); /* any worker goes on */
        return 0;
}
