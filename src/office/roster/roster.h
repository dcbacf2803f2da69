/* SPDX-License-Identifier: Apache-2.0
 *
 * Joiners and leavers in batches (批量增减员): what an employer hands in for many workers at once, as a file or a list. Each line is checked
 * against the registry and the declarations and shown with what it costs a month; entered by one person, posted by another as one run, in
 * blocks, once; taken back as a whole by a third. Owns roster and roster_line. Spells of employment and persons are the registry's, what a
 * wage comes to is the contribution's; this subject knows no money of its own and posts none: a month is billed when it is declared.
 *
 * States: entered → posting → posted → reversing → reversed; entered → dropped. A line: waiting → done or failed (the world had moved: it is
 * told and left out) → reversed or kept (something rests on it by then). Who is not registered yet is registered with the batch, and stays
 * registered when it is taken back: a number, once given, is not taken away here.
 */
#ifndef OFFICE_ROSTER_ROSTER_H
#define OFFICE_ROSTER_ROSTER_H

#include "case/run.h"
#include "office/contribution/contribution.h"
#include "office/office.h"
#include "office/registry/registry.h"

extern const struct verb roster_verbs[];
extern const struct scope_rule roster_scopes[];
extern const struct run_kind roster_post_kind, roster_reverse_kind;

#define ROSTER_LINES 20000
#define ROSTER_CONTEXT "roster.sealed"

/* One line as it was written down, and what was found out about it. */
struct roster_line {
        const json_t *in; /* id_number, number, name, category, telephone, wage, day, reason, act: texts as written */
        bool joins;
        int64_t person, employment; /* registered; whose spell ends with it */
        char name[256], number[32], masked[32];
        char category[16];
        day_t day; /* the first of a joiner, the last of a leaver */
        fen_t wage, employer, own;
        struct due due; /* the first scheme's, of a joiner */
        bool judged, billed;
        json_t *faults, *notices; /* [{field, code, zh, en}] */
};
struct roster {
        struct call *call;
        struct employer employer;
        const char *note;
        json_t *owned; /* lines read from CSV */
        struct roster_line *lines;
        size_t count, faults, notices;
        int64_t late_days; /* the law's limit to register a worker; 0 not known */
        struct pool pool;  /* whose law that is; id 0 none */
        json_t *totals;    /* by scheme */
        struct error bill; /* why there is no bill; SB_OK */
};
/* The lines of the request: JSON, or CSV in the body. */
int roster_read(struct roster *r, struct call *c, const json_t *in, struct error *err);
void roster_dispose(struct roster *r);
/* Each line against the registry and the declarations, inside the caller's transaction; faults and notices are made anew. */
int roster_check(struct roster *r, struct tx *tx, struct error *err);
/* What each line costs a month more or less, by the pack; outside of a transaction. What the pack does not know is told in r->bill. */
int roster_bill(struct roster *r, struct error *err);
/* {"field","code","zh","en"} added to *list. */
int roster_finding(json_t **list, const char *field, const struct error *why, struct error *err);

/* A batch as it stands. SB_ROSTER. */
struct roster_row {
        int64_t id, employer, lines, run, entered_by, posted_by, version;
        char state[16];
};
int roster_row_read(struct tx *tx, int32_t home, int64_t id, struct roster_row *out, struct error *err);
/* What is sealed of those who were not registered: {"LINE": {name, id_number, …}}; {} when nothing is. */
int roster_sealed(struct tx *tx, struct house *h, int64_t id, json_t **out, struct error *err);

verb_run roster_preview, roster_enter, roster_drop, roster_post, roster_reverse, roster_get, roster_list;

#endif
