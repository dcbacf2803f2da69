/* SPDX-License-Identifier: Apache-2.0
 *
 * Contributions (缴费): declarations of employers, assessment of base and amount due, money received and
 * what it pays. Owns contribution, declaration, declaration_line, assessment, assessment_line, receipt and
 * allocation. What is due is decided by the pack (contribution.dmn); this subject knows no rate, floor or
 * ceiling. Books: an assessment debits the receivable and credits the fund; money debits the bank and
 * credits suspense, where the case P08 matches it: then it pays what is assessed, oldest month first, and what is over waits for the
 * next assessment;
 * when an assessment is paid in full its account part moves from the fund to the personal accounts and its
 * month joins each worker's history.
 */
#ifndef OFFICE_CONTRIBUTION_CONTRIBUTION_H
#define OFFICE_CONTRIBUTION_CONTRIBUTION_H

#include "office/office.h"

extern const struct verb contribution_verbs[];
extern const struct scope_rule contribution_scopes[];

#define SCHEMES_MAX 8
#define LINES_MAX 100000
#define WAGE_MAX ((fen_t)1000000000) /* 10,000,000.00 yuan a month: beyond it, a mistake */

/* One worker's line as declared. */
struct declared {
        int64_t person;
        fen_t wage;
        char name[256]; /* filled by the check */
};
struct declaration_input {
        int64_t employer;
        month_t month;
        const char *channel;
        struct declared *lines;
        size_t count;
};
/* Read the JSON form, or the CSV in the body (columns id_number or number, and wage). Faults of form are told at their
 * line: lines[3].wage. */
int declaration_input_read(struct call *c, const json_t *in, struct declaration_input *out, struct error *err);
void declaration_input_dispose(struct declaration_input *d);
/* Each worker known, alive, employed here in the month, once; wages possible; names filled. faults NULL: the first fault
 * is the error; else every fault is added to it as {where, code, text}. */
int declaration_input_check(struct tx *tx, struct call *c, struct declaration_input *d, json_t *faults, struct error *err);

/* What the pack says of one wage in one scheme. */
struct due {
        fen_t base, employer, person, account;
        char reason[12]; /* floor, ceiling, within */
};
struct scheme_pool {
        struct pool pool;
        struct pack *pack; /* borrowed from the pack store */
        char article[200];
        int64_t workers;
        struct due total; /* sums of the declaration */
};
struct assessor {
        struct call *call;
        month_t month;
        struct scheme_pool schemes[SCHEMES_MAX];
        size_t scheme_count;
        struct memo *memo; /* (scheme, wage) → due */
};
/* The schemes in which the employer's workers are insured, with the pool and the pack in force for each. */
int assessor_open(struct assessor *a, struct call *c, const char *territory, month_t month, struct error *err);
/* What is due for a wage in a scheme; decided once for each different wage. */
int assessor_line(struct assessor *a, size_t scheme, fen_t wage, struct due *out, struct error *err);
int assessor_sum(struct assessor *a, size_t scheme, const struct due *d, struct error *err); /* add to the totals */
int assessor_due_day(struct assessor *a, day_t *out, struct error *err);
void assessor_close(struct assessor *a);

/* A declaration row. */
struct declaration {
        int64_t id, employer, workers, entered_by, approved_by, version;
        int64_t adjustment; /* 0, or the one that assessed it */
        month_t month;
        day_t due_day;
        char state[16], channel[16];
};
int declaration_read(struct tx *tx, int32_t home, int64_t id, struct declaration *out, struct error *err);

/* One assessment in the making: a declaration with what each line comes to. */
struct declared_line {
        int64_t person;
        fen_t wage;
};
struct assessing {
        struct call *call;
        struct declaration d;
        struct employer employer;
        struct declared_line *lines;
        size_t count;
        bool estimated;     /* the month was not declared */
        struct due *before; /* estimated: by scheme and line, what the month before came to */
        struct assessor a;
        int64_t ids[SCHEMES_MAX], transaction;
};
/* Read a declaration and compute its totals; end it with assessing_close, also when it fails. */
int assessing_open(struct assessing *x, struct call *c, int64_t declaration, struct error *err);
void assessing_close(struct assessing *x);
fen_t assessing_due(const struct assessing *x); /* both parties, all schemes */
/* Of a month that was not declared: fill x->before; and what line i owes in scheme s. */
int estimate_read(struct assessing *x, struct error *err);
int estimate_line(struct assessing *x, size_t s, size_t i, struct due *out, struct error *err);
/* Open P07 for a declaration; staff 0: by the office itself. */
int assessment_case(struct tx *tx, struct call *c, const struct declaration *d, int64_t pool, int64_t staff, int64_t *instance,
                    struct error *err);

/* A row of assessment, with a debt (or none) of its own transaction, and the lines of its workers. */
struct assessment_new {
        int64_t id, declaration, employer, workers, transaction;
        month_t month;
        const char *scheme;
        int64_t pool;
        struct due total;
};
int assessment_add(struct tx *tx, int32_t home, const struct assessment_new *n, struct error *err);
struct bulk;
int assessment_lines_open(struct bulk **b, struct tx *tx, struct error *err);
int assessment_line_add(struct bulk *b, int32_t home, int64_t assessment, int64_t person, const struct due *d,
                        struct error *err);

/* The declaration of an assessment is paid when all its assessments are. */
int declaration_settle(struct tx *tx, int32_t home, int64_t assessment, struct error *err);
/* Let the credits of an adjustment pay what it assessed itself. */
int credit_use(struct tx *tx, struct call *c, int64_t employer, int64_t adjustment, struct error *err);
/* Let what is in suspense for the employer, or (only) one receipt of it, pay open assessments, oldest first. */
int suspense_use(struct tx *tx, struct call *c, int64_t employer, int64_t only, struct error *err);
/* A receipt as it stands: {id, state, amount, allocated, suspense, allocations, case, …}. */
int receipt_read(struct call *c, int64_t receipt, json_t **out, struct error *err);

/* The month that an assessment paid in full adds to each worker's history and personal account: its lines less what adjustments took
 * off. supplement: the lines are what is more than was assessed before, and the base of a recorded month grows by theirs. */
struct paid {
        int64_t assessment, employer, pool;
        month_t month;
        char scheme[32];
        bool supplement;
};
int assessment_credit(struct tx *tx, struct call *c, const struct paid *p, struct error *err);

/* A month of a worker's history at an employer. */
struct history_month {
        int64_t person, employer, pool;
        const char *scheme;
        month_t month;
};
/* A run of the same base at the same employer that ends where this month begins is closed and stands again, a month longer, so that
 * what was known before can still be read; else a run begins. A month that is recorded already is not counted twice. */
int history_extend(struct tx *tx, struct house *h, const struct history_month *m, fen_t base, struct error *err);
/* The base of the month grows by `more` (below 0: shrinks; to 0: the month is recorded no more). A month that is not recorded begins so. */
int history_change(struct tx *tx, struct house *h, const struct history_month *m, fen_t more, struct error *err);

verb_run contribution_check, contribution_post, contribution_assessment_open, contribution_compute, contribution_transfer,
    contribution_estimate, contribution_match, contribution_allocate, contribution_receipt_get;
verb_run contribution_declare, contribution_preview, contribution_assess, contribution_return, contribution_get,
    contribution_list, contribution_receive, contribution_history_get;

#endif
