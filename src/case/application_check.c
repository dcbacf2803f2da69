/* SPDX-License-Identifier: Apache-2.0
 *
 * Looking at the form of an application before anything begins: each field by its type, whether whom it names is in the register, and
 * what only the subject can know. Every fault is told by its field, outside of a transaction.
 */
#include "case/application.h"

#include "case/form.h"
#include "case/instance.h"

#include <string.h>

struct checking {
        json_t *faults;
        enum lang lang;
};

static void fault_put(void *ctx, const char *field, const char *title[2], const char *why[2])
{
        struct checking *k = ctx;

        json_array_append_new(k->faults,
                              json_pack("{s:s,s:s,s:s}", "field", field, "title", title[k->lang], "why", why[k->lang]));
}

/* Persons and employers are known to the office alone: those that it has no title for do not exist. */
static int subjects_check(struct call *c, const struct bpmn_process *p, const json_t *plain, form_report *report, void *ctx,
                          int *faults, struct error *err)
{
        static const char *why[2] = {[LANG_ZH] = "登记信息中没有", [LANG_EN] = "not in the register"};
        const struct verb *v = registry_find(c->house->verbs, "desk.titles");
        struct call system = {.house = c->house, .who = {.office = c->who.office, .lang = c->who.lang}};
        json_t *subjects = json_array(), *in = json_pack("{s:O}", "subjects", subjects), *answer = NULL;
        size_t asked[64], n = 0;
        int rc = 0;

        for (size_t i = 0; i < p->variable_count && n < 64; i++) {
                const struct bpmn_variable *f = &p->variables[i];
                const json_t *value = json_object_get(plain, f->name);
                if ((strcmp(f->type, "person") == 0 || strcmp(f->type, "employer") == 0) && json_is_integer(value)) {
                        json_array_append_new(subjects, json_pack("{s:s,s:O}", "kind", f->type, "id", value));
                        asked[n++] = i;
                }
        }
        if (n > 0 && v != NULL)
                rc = verb_call(&system, v, in, &answer, err);
        for (size_t k = 0; rc == 0 && answer != NULL && k < n; k++)
                if (!json_is_string(json_array_get(json_object_get(answer, "titles"), k))) {
                        const struct bpmn_variable *f = &p->variables[asked[k]];
                        const char *title[2] = {f->title[0], f->title[1]};
                        report(ctx, f->name, title, why);
                        (*faults)++;
                }
        json_decref(answer);
        json_decref(in);
        json_decref(subjects);
        return rc;
}

static void faults_report(const struct bpmn_process *p, const json_t *found, form_report *report, void *ctx, int *faults)
{
        json_t *one;
        size_t i;

        for (i = 0; (one = json_array_get(found, i)) != NULL; i++) {
                const char *field = json_string_value(json_object_get(one, "field")),
                           *why[2] = {[LANG_ZH] = json_string_value(json_object_get(one, "zh")),
                                      [LANG_EN] = json_string_value(json_object_get(one, "en"))},
                           *title[2] = {field, field};
                for (size_t v = 0; v < p->variable_count; v++)
                        if (strcmp(p->variables[v].name, field) == 0) {
                                title[LANG_ZH] = p->variables[v].title[LANG_ZH];
                                title[LANG_EN] = p->variables[v].title[LANG_EN];
                        }
                report(ctx, field, title, why);
                (*faults)++;
        }
}

/* Whether the fields fit together and nobody is entered twice is known to the subject alone: it looks at what is right field by field. */
static int subject_check(struct call *c, const struct bpmn_process *p, const json_t *form, form_report *report, void *ctx,
                         int *faults, struct error *err)
{
        struct call system = {.house = c->house, .who = {.office = c->who.office, .lang = c->who.lang}};
        json_t *in, *answer = NULL;

        if (p->check[0] == '\0' || *faults > 0)
                return 0;
        const struct verb *v = registry_find(c->house->verbs, p->check);
        if (v == NULL)
                return error_raise(err, SB_CASE_VERB_UNKNOWN, "%s", p->check);
        in = json_pack("{s:O?}", "form", form);
        int rc = verb_call(&system, v, in, &answer, err);
        if (rc == 0)
                faults_report(p, json_object_get(answer, "faults"), report, ctx, faults);
        json_decref(answer);
        json_decref(in);
        return rc;
}

int application_check(struct call *c, const struct bpmn_process *p, const json_t *form, json_t *faults, struct error *err)
{
        struct checking k = {.faults = faults, .lang = c->who.lang};
        json_t *plain = json_object();
        int count = 0;
        int rc = plain == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                               : form_check(p->variables, p->variable_count, form, plain, plain, fault_put, &k, &count, err);

        rc = rc ? rc : subjects_check(c, p, plain, fault_put, &k, &count, err);
        rc = rc ? rc : subject_check(c, p, form, fault_put, &k, &count, err);
        json_decref(plain);
        return rc;
}

int application_faults_raise(const json_t *faults, enum lang lang, struct error *err)
{
        const char *between = lang == LANG_ZH ? "；" : "; ", *colon = lang == LANG_ZH ? "：" : ": ";
        char text[400] = "", names[240] = "";
        json_t *one;
        size_t i;

        if (json_array_size(faults) == 0)
                return 0;
        for (i = 0; (one = json_array_get(faults, i)) != NULL; i++) {
                const char *field = json_string_value(json_object_get(one, "field")),
                           *title = json_string_value(json_object_get(one, "title")),
                           *why = json_string_value(json_object_get(one, "why"));
                size_t t = strlen(text), n = strlen(names);
                if (t + strlen(title) + strlen(why) + 10 < sizeof text)
                        text_format(text + t, sizeof text - t, "%s%s%s%s", t > 0 ? between : "", title, colon, why);
                if (n + strlen(field) + 2 < sizeof names)
                        text_format(names + n, sizeof names - n, "%s%s", n > 0 ? " " : "", field);
        }
        int rc = error_raise(err, SB_CASE_FORM, "%s", text);
        error_where(err, "%s", names);
        return rc;
}
