/* SPDX-License-Identifier: Apache-2.0
 *
 * Opening an installation for a subcommand: the database by its address, brought up to the newest migration;
 * ids of its home; keys from a file, or fixed ones for a demonstration; packs; the verbs of all floors. One
 * owner, the subcommand, which closes it.
 */
#ifndef CMD_HOUSE_H
#define CMD_HOUSE_H

#include "case/run.h"
#include "office/audit/audit.h"
#include "office/setup/setup.h"

struct opened {
        struct house house;
        struct installation facts;
        struct registry *verbs;
        char files[1024]; /* see house_options */
};

struct house_options {
        const char *url;
        const char *keys;    /* file of keys; NULL: SHEBAO_KEYS, else PATH.keys beside an SQLite database */
        const char *files;   /* folder of attachments; NULL: SHEBAO_FILES, else PATH.files beside an SQLite database */
        struct clock *clock; /* NULL: the machine's; taken over */
        bool found;          /* the database may be new: facts below are taken, setup_found comes next */
        struct installation facts;
        int id_block;             /* 0: 32, enough for one step; long work takes more */
        bool fast_load;           /* see store_options */
        enum log_level log_level; /* on stderr */
};
/* SB_COMMAND_NOT_INSTALLED, SB_SETUP_INSTALLED (with found), SB_COMMAND_KEYS, and what the floors say. */
int house_open(struct opened **out, const struct house_options *o, struct error *err);
void house_close(struct opened *o);

/* The keys of an installation alone. SB_COMMAND_KEYS. */
int house_keys(struct keyring **out, const struct house_options *o, const struct installation *facts, struct error *err);

/* The options that every subcommand with a database has: --db URL [--keys FILE] [--files DIR]. false: --db is missing. */
bool house_arguments(int *argc, char **argv, struct house_options *out);

/* The file of keys of an installation that is not a demonstration; NULL: none is named. */
const char *house_keys_path(const struct house_options *o, char *out, size_t size);

/* The verbs of all floors. */
int house_verbs(struct registry **out, struct error *err);
/* Who acts, by sign-in name. SB_STAFF_UNKNOWN. */
int house_staff(struct house *h, const char *login, struct actor *out, struct error *err);
/* A new key for a change. Returns out. */
char *house_key(char out[48]);

/* The kinds of runs of all floors. */
const struct run_kind *const *house_runs(void);

/* Progress of long work on stderr: one line that is written again on a terminal, else a line a second. */
struct progress {
        const char *what;
        double last;
        bool open; /* a line is begun */
};
void progress_show(void *progress, struct str phase, int64_t done, int64_t total, double rows_per_s); /* a run_progress_fn */
void progress_end(struct progress *p);

/* Work on a run, or watch it while another program works on it, until it ends. SB_COMMAND_RUN_FAILED. */
int run_follow(struct house *h, int64_t id, struct progress *p, struct error *err);
/* One line: number, kind, state, progress, title; then its result. */
int run_print(struct house *h, int64_t id, struct error *err);

/* What the auditor told: how many findings, and the first in words. house_hear is given to the audit with a house_heard. */
struct house_heard {
        int64_t findings;
        char first[200];
};
void house_hear(void *heard, const struct audit_finding *f);

/* A new empty folder under TMPDIR (/tmp) for what a command writes on its way; the caller removes it. SB_IO. */
int house_work_dir(char out[256], struct error *err);

#endif
