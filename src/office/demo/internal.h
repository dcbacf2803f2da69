/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the demonstration city.
 */
#ifndef OFFICE_DEMO_INTERNAL_H
#define OFFICE_DEMO_INTERNAL_H

#include "base/identity.h"
#include "base/money.h"
#include "base/rng.h"
#include "office/demo/demo.h"
#include "office/office.h"

/* --- law.c: the figures of the pack that the city needs, by year ------------------------------------------------------ */

#define LAW_FIRST 1985
#define LAW_YEARS 80
struct law {
        struct pack *pack;
        day_t today;
        int last;                        /* year of today */
        fen_t wage[LAW_YEARS];           /* average monthly wage (index_wage) */
        int64_t account_rate[LAW_YEARS]; /* hundredths of a percent */
        int64_t interest[LAW_YEARS];     /* hundredths of a percent */
        month_t account_start;
        int64_t floor, ceiling; /* of the base, percent of the average wage */
        struct {
                month_t month[1200]; /* by month of birth from 1930 on; 0 not asked yet */
        } retirement[3];             /* by enum category */
};
enum category { MALE, F55, F50 };
extern const char *const CATEGORY_WORDS[3];
int law_read(struct law *out, struct pack *pack, day_t today, struct error *err);
fen_t law_wage(const struct law *l, int year);
/* The statutory month of retirement, by the pack's model; asked once for each month of birth. */
int law_retirement(struct law *l, enum category c, day_t birth, month_t *out, struct error *err);
/* The divisor of the account by whole years of age; 139 months at 60. SB_PARAMETER_MISSING. */
int law_divisor(const struct law *l, int age, int64_t *out, struct error *err);

/* --- names.c ----------------------------------------------------------------------------------------------------------- */

void name_of_person(struct rng *r, enum sex sex, char out[64]);
void name_of_employer(struct rng *r, int64_t index, char out[160]);

/* --- people.c: one inhabitant after the other ---------------------------------------------------------------------------- */

enum standing {
        WORKER,    /* employed and contributing */
        BETWEEN,   /* has contributed, is not employed now */
        DUE,       /* has reached the month of retirement, works still, has applied for nothing */
        PENSIONER, /* draws a pension that the system before awarded */
};
#define RUNS_MAX 96
struct run_of_base {
        month_t from, to; /* [from, to) */
        fen_t base;
        bool deemed;
        int64_t employer; /* index; -1 none */
};
struct inhabitant {
        char id_number[24], name[64], telephone[16], bank_account[24];
        enum sex sex;
        enum category category;
        enum standing standing;
        day_t birth;
        month_t retirement;
        struct run_of_base runs[RUNS_MAX];
        int run_count;
        int64_t employer, employer_before; /* indexes; -1 none */
        day_t since, since_before;         /* since_before ends where since begins */
        day_t until;                       /* DAY_END: still there */
        fen_t balance;                     /* of the personal account */
        fen_t basic, account, transition;  /* of a pensioner's award */
        month_t award_from;
};
/* CLERK_CENTRE, REVIEWER_CENTRE, REVIEWER_SECOND sit at the centre: second reviews, and what is done for the whole pool. CLERK_AWAY is on
 * leave today. MACHINE is the account by which civil affairs sends its messages. */
enum desk {
        CLERK,
        REVIEWER,
        APPROVER,
        FINANCE,
        AUDITOR,
        ADMIN,
        CLERK_CENTRE,
        REVIEWER_CENTRE,
        REVIEWER_SECOND,
        CLERK_AWAY,
        MACHINE,
        DESKS
};
#define DUE_MAX 16
struct city {
        struct house *house;
        const struct run_kind *const *kinds;
        const struct demo_options *o;
        struct law law;
        struct pool pool;   /* of the pension */
        month_t taken_over; /* last month that the system before handled */
        int64_t employers;
        unsigned char *numbers;            /* which order numbers of a birthday are given: a bit each */
        int64_t staff[DESKS], seat[DESKS]; /* by enum desk: who, and of which office */
        int64_t office;                    /* the counter, which keeps the employers */
        fen_t pensions;                    /* of all awards, a month */
        struct {
                char id_number[24];
                month_t retirement;
        } due[DUE_MAX]; /* some who have reached the age: they apply in the present month */
        int due_count;
};
/* The index-th inhabitant; called with rising index, so that no identity number is given twice. */
int inhabitant_make(struct city *c, int64_t index, struct inhabitant *out, struct error *err);
char *employer_code(int64_t index, char out[24]);
/* The place of an employer: a district of the city. */
const char *employer_territory(int64_t index);

/* --- history.c ------------------------------------------------------------------------------------------------------------ */

/* The runs of bases of a life from `from` to `to` (months), with gaps and changes of wage. */
void history_make(struct city *c, struct rng *r, struct inhabitant *p, month_t from, month_t to);
/* The balance of the personal account that follows from the runs, with interest by the year, at the end of month `until`. */
void history_balance(const struct law *l, struct inhabitant *p, month_t until);
int history_award(struct city *c, struct rng *r, struct inhabitant *p, struct error *err);

/* --- takeover.c: what the system before left ---------------------------------------------------------------------------- */

int takeover(struct city *c, struct error *err);

/* --- hall.c: weeks of tickets behind today ---------------------------------------------------------------------------------- */

int hall_history(struct city *c, struct error *err);

/* --- month.c: what the office does itself ---------------------------------------------------------------------------------- */

int staff_hire(struct city *c, struct error *err);
int office_work(struct city *c, struct error *err);
/* A verb as a member of staff does it; takes `in`. */
int act(struct city *c, enum desk who, const char *verb, json_t *in, struct str body, json_t **out, struct error *err);
/* beside.c: booked slots, a joint service, leave and family: what goes on beside the months. */
int beside_work(struct city *c, struct error *err);
/* Do up to `steps` tasks of a case, each by its role. */
int case_walk(struct city *c, int64_t instance, int steps, struct error *err);
void tell(const struct city *c, const char *stage, int64_t done, int64_t total);

#endif
