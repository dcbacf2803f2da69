/* SPDX-License-Identifier: Apache-2.0
 *
 * A pack (政策包): all that belongs to a place, as files of open standards. This floor reads a pack
 * with its parents, checks it, merges dated parameters, finds models, processes, forms, letters and
 * texts, computes its hash, and hands out DMN models bound to the parameters. It sees files and
 * bytes, no database (the database stores a pack whole, by hash: see case/pack_store.h).
 *
 *   NAME/pack.json       name, title zh/en, parent (name and, once pinned, hash), version, demonstration,
 *                        territory (GB/T 2260), removals
 *   NAME/keys.csv        the parameters: key, unit, dimensions (a;b), values, limit, gaps, titles; units.csv: the units
 *   NAME/parameters/     CSV: key, dimensions (a=b;c=d), value, unit, valid_from, valid_to, source, evidence
 *   NAME/TABLE.csv       schemes, pools, offices, roles, chart (ledger), holidays
 *   NAME/layouts.csv, layout_fields.csv, layout_codes.csv  files of banks and other partners (engine/layout/layout.h)
 *   NAME/datapackage.json  Frictionless table schemas of the tables, inherited as any file
 *   NAME/rules/ (DMN)  NAME/processes/ (BPMN)  NAME/forms/ (XForms)  NAME/letters/ (JSON)  NAME/texts/ (CSV)
 *   NAME/cases/          worked examples (JSON)
 */
#ifndef PACK_PACK_H
#define PACK_PACK_H

#include "base/calendar.h"
#include "base/hash.h"
#include "base/json.h"

struct pack;

/* Read DIR and, recursively, its parents (looked for beside DIR). Any fault is an error naming file
 * and line. */
int pack_open(struct pack **out, const char *dir, struct error *err);
/* Read one stored form (pack_archive) with its already opened parent (NULL: none); takes a
 * reference to the parent. */
int pack_open_archive(struct pack **out, struct str archive, struct pack *parent, struct error *err);
void pack_free(struct pack *p); /* counted: parents live as long as a child */
struct pack *pack_ref(struct pack *p);

const char *pack_name(const struct pack *p);
const char *pack_title(const struct pack *p, enum lang lang);
const char *pack_version(const struct pack *p);
const char *pack_territory(const struct pack *p); /* GB/T 2260, "" for none */
bool pack_is_demonstration(const struct pack *p);
const struct pack *pack_parent(const struct pack *p);
const struct hash *pack_hash(const struct pack *p); /* of its canonical archive; covers the parent's hash */
int pack_archive(const struct pack *p, struct buf *out, struct error *err);
/* The archive that the pack would have with some of its own files replaced or added; changes in
 * bytewise order of their paths, each path once. The pack itself never changes. */
struct pack_change {
        const char *path;
        struct str bytes;
};
int pack_archive_with(const struct pack *p, const struct pack_change *changes, size_t count, struct buf *out,
                      struct error *err);

/* Report every fault (not only the first): gaps, overlaps, unknown units, missing sources,
 * unchecked evidence, models that do not compile, missing translations. severity 2 error, 1
 * warning, 0 note. */
typedef void pack_report(void *ctx, int severity, const struct error *fault);
int pack_check(const char *dir, pack_report *report, void *ctx, int *errors, struct error *err);
/* The same for one stored form; its parents are taken as they are. */
int pack_check_archive(struct str archive, struct pack *parent, pack_report *report, void *ctx, int *errors, struct error *err);

/* A dated parameter. dims: "scheme=EP;party=person" in the order of the key's declaration; "" for
 * none. In a table a dimension may be "*": for every value that has no row of its own in force.
 * valid_to is the first day on which the figure no longer holds; left empty in the file, the figure
 * holds until the next row's valid_from. */
struct parameter {
        const char *key, *dims;
        const char *value; /* as written; "" is a figure that is not known */
        const char *unit;  /* yuan, percent, months, years, ratio, count, text, date, month, … by units.csv */
        day_t valid_from, valid_to;
        const char *source, *evidence; /* law and article; T S V M or demo */
        const char *pack;              /* name of the pack that holds it */
};
/* The figure in force on day. SB_PARAMETER_UNKNOWN (no such key), SB_PARAMETER_MISSING (known key,
 * no figure for these dimensions on this day, or an empty one): the message names key, dimensions
 * and day. */
int pack_parameter(const struct pack *p, const char *key, const char *dims, day_t day, const struct parameter **out,
                   struct error *err);
/* All rows of a key, inherited ones included, in order of dims and date; returns the number. */
size_t pack_parameters(const struct pack *p, const char *key, const struct parameter **out);
/* Names of the declared keys, inherited ones included, in order. */
size_t pack_key_count(const struct pack *p);
const char *pack_key_name(const struct pack *p, size_t i);
/* Rows of a table file (offices.csv, roles.csv …) of the nearest pack that has it, as an array of
 * objects. */
int pack_table(const struct pack *p, const char *file, json_t **out, struct error *err);
/* The same of a table that a pack may do without: no rows then. */
int pack_table_maybe(const struct pack *p, const char *file, json_t **out, struct error *err);
/* A file layout by its name (layouts.csv …); the caller frees it. SB_LAYOUT_UNKNOWN, or what is wrong with its declaration. */
struct layout;
int pack_layout(const struct pack *p, const char *name, struct layout **out, struct error *err);
/* Over rows of signing.csv: what a role may sign at a level (1 province … 5 village agent). *unlimited, or up to *fen; without rows for
 * the role there is no limit. The rows of the process, where there are any, stand in the place of those for all ("*"). */
int signing_power_of(const json_t *rows, const char *process, const char *role, int level, bool *unlimited, fen_t *fen,
                     struct error *err);
/* Which rows those are, of any table with the columns process and role: the process itself, "*", or NULL. */
const char *signing_rows_for(const json_t *rows, const char *process, const char *role);
bool signing_row_is(const json_t *row, const char *process, const char *role);
/* A file of the pack or its nearest ancestor ("processes/P17.bpmn"); borrowed bytes; a model that overrides another element by
 * element comes whole. SB_PACK_FILE when absent. */
int pack_file(const struct pack *p, const char *path, struct str *out, struct error *err);
/* What a pack has to hold at rules/NAME.dmn for its model to be `whole`: only the elements that differ from the model of its ancestor
 * (law:extends) when that says the same to the byte, else the whole text. */
int pack_overlay_make(const struct pack *p, const char *path, struct str whole, struct buf *out, struct error *err);
/* The pack that holds that file: the pack itself or an ancestor; NULL when there is none. */
const struct pack *pack_file_owner(const struct pack *p, const char *path);
/* Names of the files in a folder, inherited ones included, sorted; call from i = 0 until NULL. */
const char *pack_file_name(const struct pack *p, const char *folder, size_t i);
/* A text of the texts folder by key; the key itself when it is missing. */
const char *pack_text(const struct pack *p, const char *key, enum lang lang);
/* The working-day calendar of the pack (holidays.csv merged from the root down). */
const struct calendar *pack_calendar(const struct pack *p);

/* Decisions. A model is compiled once per pack and shared between threads. Inputs and result are
 * JSON objects in the model's own terms (yuan, dates as ISO text); the derivation (may be NULL)
 * names rules, values, parameters with source and article. Day is the date whose law is asked for.
 * A missing figure is an error (SB_PARAMETER_MISSING), never null. */
int pack_decide(struct pack *p, const char *model, const char *decision, day_t day, const json_t *inputs, json_t **result,
                json_t **derivation, struct error *err);
/* An amount of yuan, which a model answers as text or as a whole JSON number; as it stands, and by its name in a result. */
int pack_money(const json_t *v, fen_t *out, struct error *err);
int pack_result_money(const json_t *result, const char *name, fen_t *out, struct error *err);
/* The same for who tries a rule out: diagnostic (at least 200 bytes) gets the first mistake that gave a
 * null, "" when there was none. */
int pack_try(struct pack *p, const char *model, const char *decision, day_t day, const json_t *inputs, json_t **result,
             json_t **derivation, char *diagnostic, struct error *err);
/* The compiled model itself, for who runs it over many rows (engine/dmn, engine/column); borrowed until the pack is freed. */
struct dmn_model;
int pack_model(struct pack *p, const char *model, const struct dmn_model **out, struct error *err);
/* Compile a model, as the first decision by it would: 0, or what is wrong with it and at which element. */
int pack_model_check(struct pack *p, const char *model, struct error *err);
/* Report what is wrong with the rules of a model beyond that (engine/check/check.h): types, gaps, overlaps, rules that never apply,
 * inputs that nobody uses, figures that belong in a parameter. where: "rules/NAME.dmn:LINE!ELEMENT". severity as pack_check. */
int pack_rules_check(struct pack *p, const char *model, pack_report *report, void *ctx, struct error *err);

/* A process model (processes/NAME.bpmn with a process of that id), compiled once per pack, shared between threads, borrowed
 * until the pack is freed. SB_PACK_PROCESS when the pack has none. */
struct bpmn_model;
/* Names of the process models, inherited ones included, in order; false past the last. */
bool pack_process_name(const struct pack *p, size_t i, char *out, size_t size);
int pack_process(struct pack *p, const char *name, const struct bpmn_model **out, struct error *err);

#endif
