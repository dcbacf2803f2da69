/* SPDX-License-Identifier: Apache-2.0
 *
 * Applications (申请): what a case begins with. The model of the process declares the fields of its form (bpmn.h); personal ones are
 * sealed in the row of the application, the others become variables of the case, with `application`, the row's id. A verb that the
 * process calls gets that id and reads the whole form here.
 */
#ifndef CASE_APPLICATION_H
#define CASE_APPLICATION_H

#include "case/case.h"

struct case_application {
        const char *process;
        const json_t *form;      /* names and values as people fill them in (form.h); NULL empty */
        const json_t *applicant; /* {"kind": self employer agent heir guardian operator office, "person"?, "employer"?, "name"?,
                                     "document"?, "valid_to"?}; NULL: the office itself */
        const json_t
            *papers; /* [{"material", "state": given shared promised gap missing, "due"?, "note"?}]; NULL: not looked at */
        const char *subject_kind; /* NULL: the first person or employer of the form, else the application itself */
        int64_t subject;
        int64_t office;          /* that accepts it */
        int64_t handling_office; /* that decides it; 0 the same */
        int64_t pool;            /* 0: the first of the installation */
        const char *channel;     /* how it came: counter, paper, telephone, post, portal; NULL counter */
};
/* Check it and begin its case, inside the caller's transaction. SB_CASE_FORM names every field that is wrong, and the names stand in
 * err->where; SB_CASE_FORM_NONE when the process begins elsewhere; SB_CASE_APPLICANT; SB_CASE_PAPER. */
int case_open(struct tx *tx, struct call *c, const struct case_application *a, int64_t *instance, struct error *err);
/* What is wrong with a form, before anything begins and outside of a transaction: an entry {"field","title","why"} for each fault, in
 * the caller's language. Fields by their types, persons and employers that the register does not have, and what the verb says that the
 * process names in `check`. */
struct bpmn_process;
int application_check(struct call *c, const struct bpmn_process *p, const json_t *form, json_t *faults, struct error *err);
/* The same as one error: SB_CASE_FORM, its place the names of the fields; 0 when there is none. */
int application_faults_raise(const json_t *faults, enum lang lang, struct error *err);
/* {"process", "case", "form": {every field}, "applicant": {…}, "office", "handling_office", "channel"}; personal values in clear: for verbs, not
 * for answers. SB_CASE_APPLICATION. */
int application_read(struct tx *tx, struct house *h, int64_t id, json_t **out, struct error *err);
/* As staff see it: {"fields": [{"name","type","title_zh","title_en","value"}], "applicant", …}, personal values masked. */
struct instance;
struct bpmn_variable;
/* What a choice's value is called: the pack's text "choice.FIELD.VALUE", else "choice.VALUE", else the value. */
const char *application_choice(const struct pack *pack, const char *field, const char *value, enum lang lang);
/* A field of a form with the words of its choices. */
json_t *application_field(const struct pack *pack, const struct bpmn_variable *v);
int application_view(struct tx *tx, struct house *h, const struct instance *i, int64_t id, json_t **out, struct error *err);

/* The pool by whose pack an application without a pool is taken: the first that has one; 0 none. */
int application_pool(struct tx *tx, int64_t *pool, struct error *err);
#define DAY_US ((instant_t)24 * 3600 * 1000000)
/* A figure of days, by the pack of a pool (0: of application_pool) today; 0 when the pack does not say. */
int days_of_pack(struct tx *tx, struct house *h, int64_t pool, const char *key, int64_t *days, struct error *err);
/* Drafts that nobody touched within the days of the pack (draft_days) are forgotten: what was typed is of persons, and was never sent. */
int drafts_sweep(struct tx *tx, struct house *h, struct error *err);

#endif
