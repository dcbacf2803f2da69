/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this folder share.
 */
#ifndef OFFICE_MANUAL_INTERNAL_H
#define OFFICE_MANUAL_INTERNAL_H

#include "office/json.h"
#include "office/manual/manual.h"
#include "office/rules/describe.h"
#include "pack/citation.h"

#define MANUAL_NAMES_MAX 500
#define MANUAL_NAME 40

struct manual {
        struct pack *pack;
        enum lang lang;
        day_t day;
        char names[MANUAL_NAMES_MAX][MANUAL_NAME];
        size_t name_count;
        /* Tables of the pack; empty arrays where the pack has none. */
        json_t *processes, *materials, *roles, *risk, *signing, *pauses, *articles, *changes, *rules, *verb_rules;
        json_t *models;       /* described rule models by name */
        struct manual *older; /* the version before, owned; NULL none */
        day_t stored;         /* when this version came; 0 not known */
};
/* The phrase of the book's language. */
#define SAY(m, en, zh) ((m)->lang == LANG_EN ? (en) : (zh))

/* "NAME_zh" or "NAME_en" of a row, in the book's language; "" when it is not there. */
const char *row_text(const struct manual *m, const json_t *row, const char *name);
const json_t *row_find(const json_t *table, const char *column, const char *value); /* NULL when there is none */
const char *role_said(const struct manual *m, const char *role);
const json_t *manual_row(const struct manual *m, const char *process); /* of processes.csv, NULL */
bool manual_knows(const struct manual *m, const char *process);

/* doc.c: making a chapter. Functions return borrowed parts of it. */
json_t *doc_section(json_t *sections, const char *id, const char *title); /* its blocks */
void doc_p(json_t *blocks, const char *text);
void doc_h(json_t *blocks, const char *text);
void doc_note(json_t *blocks, const char *kind, const char *text);                                /* info, missing */
json_t *doc_table(json_t *blocks, const char *widths, const char *const *head, const char *kind); /* its rows */
json_t *doc_row(json_t *rows);
void doc_cell(json_t *row, const char *text);
json_t *doc_runs(json_t *row); /* a cell of runs */
void doc_run(json_t *runs, const char *text, const char *kind, const char *to, const char *id);

/* model.c: a process model as data, in order of its flow: {id, zh, en, article, risk, doc_zh, doc_en, variables: [{name, type, zh, en,
 * required, personal, values}], nodes: [{id, kind, trigger, zh, en, phase, role, limit, unit, verb, decisions, article, model, decision,
 * attached, inputs: {name: FEEL}, timer, working_days, error}], flows: [{id, zh, en, from, to, condition, usual}]}. */
int model_facts(json_t **out, const struct pack *p, const char *process, struct error *err);
const json_t *fact_node(const json_t *facts, const char *id);
const char *fact_title(const struct manual *m, const json_t *fact); /* zh or en, "" */

/* law.c. Runs for a citation text, each article a link to the part on law; remembers them in chapter's "articles". */
void law_runs(json_t *runs, json_t *chapter, const char *text);
void law_anchor(char out[64], const char *process, const struct citation *c);
void law_section(struct manual *m, json_t *chapter, const char *process);

/* The parts of a chapter. */
void elements_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process);
void materials_section(struct manual *m, json_t *chapter, const char *process);
void steps_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process);
void exceptions_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process);
void form_section(struct manual *m, json_t *chapter, const json_t *facts);
void control_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process);
void letters_section(struct manual *m, json_t *chapter, const json_t *facts);
void rules_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process);
void changes_section(struct manual *m, json_t *chapter, const json_t *facts, const char *process);
/* What differs between two versions of a process, in words: adds texts to `said`. compare.c */
void process_compare(const struct manual *before, const json_t *facts_before, const struct manual *after,
                     const json_t *facts_after, const char *process, json_t *said);
/* Facts of a process, NULL when the pack has no model of it. */
int manual_facts(json_t **out, const struct manual *m, const char *process, struct error *err);

const struct verb *verb_named(const char *name); /* NULL */
/* html.c */
void html_text(struct buf *out, const json_t *text, const char *prefix);
/* The drawing of a process as <svg>, links to "BEFORE" and the step's id; nothing when the model carries none. */
int diagram_svg(struct buf *out, struct manual *m, const char *process, const char *title, const char *before,
                struct error *err);

#endif
