/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process P04 (参保信息变更) does with an approved application: the facts of a person that the register corrects by itself. What
 * it does not correct so (birthday, first working day, address, the data of an employer) is answered as not done, and a clerk does it.
 */
#include "case/application.h"
#include "office/json.h"
#include "office/registry/registry.h"

#include <string.h>

/* The register's field for an item of the form; NULL a clerk changes it by hand. */
static const char *field_of(const char *item)
{
        static const char *const fields[][2] = {
            {"name", "name"}, {"identity", "id_number"}, {"phone", "telephone"}, {"account", "bank_account"}};

        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
                if (strcmp(fields[i][0], item) == 0)
                        return fields[i][1];
        return NULL;
}

/* An account is changed with its bank, where the form names one. */
static int fields_change(struct tx *tx, struct house *h, const json_t *form, const struct person_change *first,
                         int64_t *version, struct error *err)
{
        struct person_change bank = *first;
        int rc = person_change(tx, h, first, 0, version, err);

        bank.field = "bank_name";
        bank.value = str_from(json_text(form, "bank_name"));
        if (rc == 0 && strcmp(first->field, "bank_account") == 0 && bank.value.n > 0)
                rc = person_change(tx, h, &bank, 0, version, err);
        return rc;
}

static int approved_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        int64_t application = *(const int64_t *)ctx, version = 0;
        json_t *whole = NULL;
        char source[64], number[32];
        int rc = application_read(tx, c->house, application, &whole, err);
        const json_t *form = json_object_get(whole, "form");
        struct person_change x = {.person = json_integer_value(json_object_get(form, "person")),
                                  .field = field_of(json_text(form, "item")),
                                  .value = str_from(json_text(form, "new_value")),
                                  .source = text_format(source, sizeof source, "P04 %lld", (long long)c->instance)};
        bool done = rc == 0 && x.person != 0 && x.field != NULL;

        if (done)
                rc = day_parse(&x.valid_from, str_from(json_text(form, "valid_from")), err);
        if (rc == 0 && done)
                rc = fields_change(tx, c->house, form, &x, &version, err);
        if (rc == 0) {
                change->subject_kind = done ? "person" : "application";
                change->subject = done ? x.person : application;
                change->audit = json_pack("{s:b,s:s,s:s}", "done", done, "field", done ? x.field : "", "source", source);
                *out = json_pack("{s:b,s:s?}", "done", done, "number",
                                 done ? readable_number('P', c->house->home, x.person, number) : NULL);
                if (*out == NULL || change->audit == NULL)
                        rc = error_raise(err, SB_MEMORY, "%s", "");
        }
        json_decref(whole);
        return rc;
}

static int correct_approved(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t application;
        int rc = json_get_int(in, "application", true, &application, err);

        return rc ? rc
                  : verb_change(c, registry_find(c->house->verbs, "registry.correct_approved"), in, approved_apply,
                                &application, out, err);
}

const struct verb change_verbs[] = {
    {"registry.correct_approved", VERB_WRITE, NULL, NULL, NULL, "Correct what an approved application asks to be changed",
     "办理获准的参保信息变更",
     "{\"type\":\"object\",\"properties\":{\"application\":{\"type\":\"integer\",\"minimum\":1}},\"required\":["
     "\"application\"]}",
     "{\"type\":\"object\",\"properties\":{\"done\":{\"type\":\"boolean\"},\"number\":{\"type\":[\"string\",\"null\"]}},"
     "\"required\":[\"done\"]}",
     correct_approved, NULL},
    {0},
};
