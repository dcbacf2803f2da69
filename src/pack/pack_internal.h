/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of this floor share: the open pack, and the sink that faults go to. A pack is
 * built once, bottom up (files, manifest, parent, tables), and then only read; compiled models are
 * the one exception and have their own lock (decide.c).
 */
#ifndef PACK_PACK_INTERNAL_H
#define PACK_PACK_INTERNAL_H

#include "base/arena.h"
#include "base/csv.h"
#include "engine/bpmn/bpmn.h"
#include "pack/pack.h"

#include <stdatomic.h>

#define PACK_MAX_FILE ((size_t)16 << 20)
#define PACK_MAX_BYTES ((size_t)128 << 20)
#define PACK_MAX_FILES 20000
#define PACK_MAX_DEPTH 8 /* of inheritance */
#define PACK_PATH_MAX 200

enum severity { NOTE, WARNING, FAULT };

/* Faults are told to `report` (may be NULL); the first of severity FAULT is kept in `first`. */
struct faults {
        pack_report *report;
        void *ctx;
        int errors;
        struct error *first, scratch;
};
void faults_add(struct faults *f, int severity, const struct error *e);
/* faults_tell(f, severity, p, file, line, CODE, "%s|%s", …): at file:line of pack p; line 0: no
 * line. */
#define faults_tell(f, severity, p, file, line, code, ...)                                                                     \
        ((f)->scratch = (struct error){0}, (void)error_raise(&(f)->scratch, code, __VA_ARGS__),                                \
         faults_at(f, severity, p, file, line, &(f)->scratch))
/* Tell an error that happened in a file; what it says of the place (a line) is kept behind the
 * file. */
void faults_at(struct faults *f, int severity, const struct pack *p, const char *file, size_t line, struct error *e);

struct pack_item { /* a file */
        const char *path;
        struct str bytes;
        struct str whole; /* a model merged with the parent's (overlay.c); NULL: the bytes are all */
};

enum unit_kind { UNIT_NUMBER, UNIT_WHOLE, UNIT_TEXT, UNIT_DATE, UNIT_MONTH, UNIT_BOOL };
struct unit {
        const char *name;
        enum unit_kind kind;
        int scale; /* a model sees value × 10^−scale: 2 for percent, 3 for per mille */
};

enum limit { LIMIT_NONE, LIMIT_MAX, LIMIT_MIN, LIMIT_FIXED };
struct key {
        const char *name;
        const struct unit *unit; /* the first of units: all of them are of its kind */
        const char *units;       /* "a|b": the units that a figure may have */
        const char *dims[8];     /* names in order */
        size_t dim_count;
        const char *values; /* "a|b|c": the words allowed; "" any */
        enum limit limit;   /* a child may not go above, below, or away from the figure of its parent */
        bool gaps;          /* a time without a figure between two figures is all right */
        const struct pack *owner;
        size_t line;
};

struct row {
        struct parameter p;
        const struct key *key;
        const struct pack *owner;
        const char *file;
        size_t line;
        bool open;      /* no valid_to written: lasts until the next figure */
        unsigned stars; /* number of dimensions that stand for any value */
};

struct text_row {
        const char *key, *text[2];
};

struct models;
struct processes;
struct permissions;

struct pack {
        atomic_int refs;
        struct pack *parent; /* counted */
        struct arena *arena;
        const char *label; /* folder as given, or the name: how faults name its files */
        const char *name, *title[2], *version, *territory;
        bool demonstration;
        const char *parent_name;
        bool pinned;
        struct hash parent_hash, hash;
        json_t *manifest;
        struct pack_item *items;
        size_t item_count;
        struct unit *units; /* own and inherited */
        size_t unit_count;
        struct key *keys; /* own and inherited, by name */
        size_t key_count;
        struct row *rows; /* own and inherited, by key, dims, valid_from */
        size_t row_count;
        struct parameter *views; /* of rows, side by side, for pack_parameters */
        struct text_row *texts;  /* own and inherited, by key */
        size_t text_count;
        struct calendar *calendar;
        struct models *models;           /* decide.c */
        struct processes *processes;     /* process.c */
        struct permissions *permissions; /* permission.c; NULL only until loaded */
        bool full;                       /* the arena had no room for a text: told once, at the end of loading */
};

/* A copy that lives as long as the pack; "" when there is no room (p->full). */
const char *pack_keep(struct pack *p, struct str s);

/* files.c: own files of a folder or an archive, sorted by path; the canonical archive. */
int files_read(struct pack *p, const char *dir, struct error *err);
int files_unpack(struct pack *p, struct str archive, struct hash *parent, bool *has_parent, struct error *err);
const struct pack_item *files_find(const struct pack *p, const char *path); /* own only */
const struct pack_item *files_nearest(const struct pack *p, const char *path, const struct pack **owner);

/* overlay.c: own models that override those of an ancestor element by element. */
int overlays_read(struct pack *p, struct faults *f, struct error *err);

/* manifest.c */
int manifest_read(struct pack *p, struct error *err);

/* table.c: a CSV of the pack read record by record. */
struct table {
        const struct pack *p;
        const struct pack_item *item;
        struct csv_reader *csv;
        struct faults *faults;
        const struct str *fields;
        size_t count, line;
};
/* Opens and checks that the columns are there (a list ended by NULL); false when it was told as a
 * fault. */
bool table_open(struct table *t, const struct pack *p, const struct pack_item *item, const char *const *columns,
                struct faults *f);
bool table_next(struct table *t);                                  /* false at the end or after a fault that ends reading */
struct str table_field(const struct table *t, const char *column); /* trimmed; empty when there is no such column */
void table_close(struct table *t);
/* The records that are left, each an object of texts, into the array; lines: with the integer "line". */
int table_rows(struct table *t, bool lines, json_t *rows, struct error *err);
/* Check own CSV files against the schemas of the nearest datapackage.json. */
int tables_check(const struct pack *p, struct faults *f, struct error *err);

/* layouts.c */
int layouts_check(const struct pack *p, struct faults *f, struct error *err);

/* permission.c: duties.csv, permissions.csv, purposes.csv of the nearest pack that has each. */
int permissions_read(struct pack *p, struct faults *f, struct error *err);
void permissions_free(struct pack *p);

/* keys.c: units.csv and keys.csv, own and inherited. */
int keys_read(struct pack *p, struct faults *f, struct error *err);
const struct key *key_find(const struct pack *p, const char *name);
const struct unit *unit_find(const struct pack *p, struct str name);

/* parameter.c, parameter_check.c */
int parameters_read(struct pack *p, struct faults *f, struct error *err);
bool value_fits(const struct key *k, struct str value);
int parameters_check(struct pack *p, struct faults *f, struct error *err);
int row_compare(const void *a, const void *b);

/* texts.c: texts, letters, calendar. */
int texts_read(struct pack *p, struct faults *f, struct error *err);
int letters_check(const struct pack *p, struct faults *f, struct error *err);
int calendar_read(struct pack *p, struct faults *f, struct error *err);

/* decide.c */
#define PARAMETERS_NS "urn:shebao:parameters"
int model_resolve(void *ctx, const char *ns, const char *location, struct str *xml, struct error *err); /* ctx: the pack */
int models_new(struct pack *p, struct error *err);
/* rule_check.c: what pack_rules_check finds, as faults of the pack; only of the pack's own models. */
int model_rules_check(struct pack *p, const char *model, struct faults *f, struct error *err);
void models_free(struct pack *p);
int models_check(struct pack *p, struct faults *f, struct error *err);

/* process.c */
/* The path of the file in a folder that comes next in order, inherited ones included; after NULL: the first. NULL at the end. */
const char *pack_path_after(const struct pack *p, const char *folder, const char *after);

int processes_new(struct pack *p, struct error *err);
void processes_free(struct pack *p);
/* What a child's model or table of papers leaves out or gives more time than its parent's (process_check.c). */
struct bpmn_model;
void process_loosens(struct pack *p, const char *file, const char *name, const struct bpmn_model *own, struct faults *f);
void materials_loosen(struct pack *p, struct faults *f);
void authority_loosens(struct pack *p, struct faults *f); /* signing.c */
void persons_check(struct pack *p, const struct bpmn_model *m, const char *name, bpmn_report *report, void *ctx);
int processes_check(struct pack *p, struct faults *f, struct error *err);

/* manual_check.c: what only the manual reads. */
int manual_check(struct pack *p, struct faults *f, struct error *err);

#endif
