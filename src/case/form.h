/* SPDX-License-Identifier: Apache-2.0
 *
 * The form of an application (申请表): the fields that a process model declares, checked by type. Pure: what needs the database (does
 * this person exist?) is asked elsewhere.
 */
#ifndef CASE_FORM_H
#define CASE_FORM_H

#include "engine/bpmn/bpmn.h"

/* Told once for each field that is wrong. */
typedef void form_report(void *ctx, const char *field, const char *title[2], const char *why[2]);

/* Is it a process that an application begins: does every variable that it begins with have a type? */
bool form_open(const struct bpmn_process *p);
/* Check the fields, of a process or of one of its steps: objects of names and values as people fill them in: money and numbers as text ("1234.50"), dates as ISO text,
 * persons and employers as ids. plain and personal get the values as variables of an instance (numbers as numbers, null where
 * nothing was given). *faults counts. */
int form_check(const struct bpmn_variable *fields, size_t count, const json_t *form, json_t *plain, json_t *personal,
               form_report *report, void *ctx, int *faults, struct error *err);
/* The same as one error: SB_CASE_FORM, which names every field that is wrong, its place the names. */
int form_need(const struct bpmn_variable *fields, size_t count, const json_t *form, json_t *plain, json_t *personal,
              struct error *err);
/* "6222********1234", by the type of the field: what staff see of a personal value. out of at least 600 bytes. */
const char *form_masked(const struct bpmn_variable *v, const char *value, char *out, size_t size);
/* {"name","type","title_zh","title_en","required","personal","values"} */
json_t *form_field_json(const struct bpmn_variable *v);

#endif
