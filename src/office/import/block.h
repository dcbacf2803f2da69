/* SPDX-License-Identifier: Apache-2.0
 *
 * A block of an import: about a quarter of a megabyte of whole records, its rows, its faults. Parsed and
 * sealed outside of any transaction, written in one. The kinds of import plug in here.
 */
#ifndef OFFICE_IMPORT_BLOCK_H
#define OFFICE_IMPORT_BLOCK_H

#include "base/csv.h"
#include "office/import/import.h"
#include "office/registry/registry.h"

#define BLOCK_BYTES ((size_t)256 * 1024)
#define RECORD_BYTES ((size_t)1 << 20)
#define COLUMNS_MAX 12

struct fault {
        int64_t line;
        size_t row; /* index of its row, for the record's text */
        bool late;  /* found inside of the transaction */
        const char *field;
        struct error error;
};

struct person_row {
        struct person_facts facts;
        struct person_new made;
};
struct employer_row {
        char name[256], uscc[24], kind[32], industry[32], territory[16], contact[128], bank_name[96], bank_account[64];
};
struct spell_row { /* employments and contributions */
        char id_number[24], uscc[24];
        char label[32]; /* category; kind: paid, deemed */
        char scheme[32];
        int64_t from, to; /* days or months, half open */
        fen_t base;
        int64_t person, employer, pool;
};
struct balance_row {
        char id_number[24], scheme[32];
        fen_t balance;
        int64_t person, pool;
};
struct row {
        int64_t line;
        size_t record, record_n; /* in block.records */
        bool bad;
        union {
                struct person_row *person; /* big: made one by one */
                struct employer_row employer;
                struct spell_row spell;
                struct balance_row balance;
        } u;
};

struct block {
        struct house *house;
        const struct run *run;
        const struct import_kind *kind;
        struct call call; /* the actor who started the import */
        int64_t office;
        bool dry_run;
        struct seal_key key; /* of the run: seals what is kept of bad rows */
        struct row *rows;
        size_t count, cap;
        struct fault *faults;
        size_t fault_count, fault_cap;
        struct buf records;
        struct hash hash; /* of the bytes */
        int64_t first_line, next_line, next_offset;
        bool last, writing;
        int64_t waiting;          /* blocks whose name keys wait, with this one */
        int columns[COLUMNS_MAX]; /* where the kind's columns stand in the file; -1 absent */
        size_t field_count;       /* columns of the file */
        int64_t first_id, next_id, ids_left;
};

struct import_kind {
        const char *name;
        const char *const *columns; /* ended by NULL; required ones first */
        int required;
        int ids; /* of a good row, at most */
        /* Read the fields of a record; faults go to block_fault. 0, or ERR for trouble that is not the row's. */
        int (*parse)(struct block *b, size_t row, const struct str *cells, struct error *err);
        /* Inside the transaction: find what rows refer to, add faults, and (unless dry) write the good ones. */
        int (*write)(struct tx *tx, struct block *b, struct error *err);
};
extern const struct import_kind import_persons, import_employers, import_employments, import_contributions, import_balances;
const struct import_kind *import_kind_find(const char *name);

/* The row is bad because of its column: takes the error over and clears it. Trouble of the machine (memory, store) is no
 * fault of a row: it is left in err and told by ERR. */
int block_fault(struct block *b, size_t row, int column, struct error *fault, struct error *err);
int64_t block_id(struct block *b);
/* Ends a bulk (NULL: none was opened); rc and err of what came before are kept. */
int block_bulk_close(struct bulk *k, int rc, struct error *err);
/* A dry run writes no rows in which a later one of the file could be found again: it notes their keys (keyed hashes, forgotten
 * at the end). *line: where the key stood first, 0 when it is new. */
int block_note(struct tx *tx, struct block *b, struct str key, int64_t row_line, int64_t *line, struct error *err);

/* Look-ups of the kinds, with a memory of the last answer. 0 found, or the fault is raised in err. */
struct lookup {
        char id_number[24], uscc[24], scheme[32], territory[16];
        int64_t person, employer, pool;
};
int lookup_person(struct tx *tx, struct block *b, struct lookup *l, const char *id_number, int64_t *person, struct error *err);
int lookup_employer(struct tx *tx, struct block *b, struct lookup *l, const char *uscc, int64_t *employer, struct error *err);
int lookup_pool(struct tx *tx, struct block *b, struct lookup *l, const char *scheme, int64_t *pool, struct error *err);

/* Reading whole records (source.c). */
struct source {
        const json_t *inputs;
        struct house *house;
        int64_t run;
        struct seal_key key;
};
/* The records from offset on, decoded to UTF-8; *next is where the next block begins, *last when there is none. bytes: of the
 * file as it is, for the hash. */
int source_read(const struct source *s, int64_t offset, struct buf *text, struct hash *hash, int64_t *next, bool *last,
                struct error *err);
/* Length of the whole records at the start of p (all of it when `final`); 0 when not even one ends there. */
size_t records_length(const char *p, size_t n, bool final);

verb_run import_start, import_faults, import_rejected_get;

#endif
