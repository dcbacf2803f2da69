/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the simulation. The model (struct model and what stands below it) knows nothing of the office's code: its figures come
 * from the pack's tables, its events from the audit trail, its arithmetic is its own.
 */
#ifndef OFFICE_SIM_INTERNAL_H
#define OFFICE_SIM_INTERNAL_H

#include "base/rng.h"
#include "case/pack_store.h"
#include "office/office.h"
#include "office/sim/sim.h"
#include "store/fault.h"

enum {
        POOLS = 5,
        KINDS = 10,
        PERSONS_MAX = 512,
        EMPLOYERS_MAX = 64,
        SPELLS_MAX = 2048,
        DECLARATIONS_MAX = 2048,
        LINES = 128,
        RECEIPTS_MAX = 2048,
        AWARDS_MAX = 256,
        STOPS = 24,
        PAYMENTS = 120,
        CHAIN = 24,
        RUNS = 160,
        CASES_MAX = 16384,
        DONE_MAX = 24,
        STAFF_MAX = 40,
        TIES_MAX = 512,
        EVENTS_MAX = 4000,
};

/* --- the model -------------------------------------------------------------------------------------------------------- */

struct m_person {
        int64_t id;
        day_t birth, death;
        int sex;
        char category[8];
        fen_t account[POOLS];
        bool has_account[POOLS];
        int64_t months[POOLS]; /* recorded as paid */
        fen_t bases[POOLS];    /* sum of their bases */
        int64_t busy;          /* the case that decides about it; 0 none */
};
struct m_spell {
        int64_t id, person, employer;
        day_t from, to;
};
struct m_employer {
        int64_t id;
        month_t declared; /* the last month that is declared */
        char uscc[24];
};
enum m_state { M_DRAFT, M_POSTED, M_ASSESSED, M_RETURNED };
struct m_line {
        int64_t person;
        fen_t wage;
        fen_t base, account[POOLS], employer_part[POOLS], person_part[POOLS];
};
struct m_declaration {
        int64_t id, employer, instance;
        int clerk;
        month_t month;
        enum m_state state;
        bool estimated;
        int count;
        struct m_line *lines;
        fen_t due[POOLS], received[POOLS], account[POOLS];
        bool paid[POOLS];
};
struct m_receipt {
        int64_t id, employer, instance;
        fen_t amount, allocated;
        int pool; /* in whose suspense it lies */
        bool checking;
        char reference[64];
};
struct m_stop {
        int64_t id;
        month_t from, to;
        char reason[44];
        bool lifted;
};
struct m_payment {
        int64_t run, award;
        month_t month;
        fen_t amount, part;
        char state[12];   /* due, returned, repaid */
        int64_t returned; /* at which call */
};
struct m_award {
        int64_t ids[CHAIN]; /* the last one holds */
        int chain;
        int64_t person;
        month_t from;
        fen_t total, account;
        bool payee, taken_over;
        struct m_stop stops[STOPS];
        int stop_count;
        struct m_payment payments[PAYMENTS];
        int payment_count;
};
struct m_due {     /* a row of a run */
        int award; /* index */
        int64_t id;
        bool due;
        char reason[44];
        fen_t amount, part;
};
struct m_run {
        int64_t id, instance;
        month_t month;
        char state[16]; /* as last seen */
        int64_t frozen; /* at which call */
        struct m_due rows[AWARDS_MAX];
        int count;
        fen_t due;
        bool counted, posted, settled;
};
struct m_done {
        int64_t task, staff;
        char node[24], decision[12];
};
/* A case as far as people know it. */
struct m_case {
        int64_t id, subject;
        char process[8];
        bool known_end;
        struct m_done done[DONE_MAX];
        int done_count;
        /* what an application says: P02 and P23 */
        int64_t employer;
        day_t from;
        char category[8], action[12], cause[16], uscc[24];
        month_t month;
};
struct m_tie {
        int64_t id, person, other;
        bool kin, ended;
};
struct model {
        struct m_person persons[PERSONS_MAX];
        struct m_employer employers[EMPLOYERS_MAX];
        struct m_spell spells[SPELLS_MAX];
        struct m_declaration declarations[DECLARATIONS_MAX];
        struct m_receipt receipts[RECEIPTS_MAX];
        struct m_award awards[AWARDS_MAX];
        struct m_run runs[RUNS];
        struct m_case cases[CASES_MAX];
        struct m_tie ties[TIES_MAX];
        int person_count, employer_count, spell_count, declaration_count, receipt_count, award_count, run_count, case_count,
            tie_count;
        fen_t book[POOLS][KINDS];
        month_t taken_over;
};

/* --- the world ---------------------------------------------------------------------------------------------------------- */

struct sim_pool {
        int64_t id;
        char scheme[8];
};
struct sim_staff {
        int64_t id, office;
        uint32_t roles;
        day_t away_until;
};
struct sim_template {
        const struct registry *verbs;
        const struct run_kind *const *runs;
        struct pack *pack;
        const char *url; /* NULL: the disk */
        struct disk *disk;
        struct keyring *keys;
        struct pack_store *packs;
        instant_t begins;
        struct sim_pool pools[POOLS];
        struct sim_staff staff[STAFF_MAX];
        int staff_count;
        month_t taken_over;
        int64_t counter, centre; /* offices */
};

struct event { /* a row of the trail */
        char verb[48], kind[24];
        int64_t id, subject, actor;
        instant_t at;
        char body[200];
};
struct world {
        const struct sim_template *t;
        const struct sim_options *o;
        struct disk *disk;
        struct house house;
        struct rng rng, chance; /* who does what; what goes wrong */
        struct model *m;
        struct sim_staff staff[STAFF_MAX];
        struct sim_result *out;
        bool failed, compare_due;
        instant_t seen_at; /* of the last row of the trail */
        int64_t seen_id;   /* the highest of its rows */
        int64_t calls, keys;
        uint64_t digest[2];
        json_t *forms;            /* cases.form by process */
        unsigned char used[1024]; /* which verbs were called, by hash of the name: for the count */
        fen_t bank;               /* what bank statements have said */
        int64_t numbers;          /* for identity numbers, bank references */
        struct event *pending;    /* of the trail, not yet in the model */
        int pending_count;
};

/* world.c */
int world_open(struct world *w, struct error *err);
void world_close(struct world *w);
__attribute__((format(printf, 2, 3))) void sim_fail(struct world *w, const char *fmt, ...);
__attribute__((format(printf, 2, 3))) void sim_trace(struct world *w, const char *fmt, ...);
/* A verb as a member of staff (index) calls it, whatever the disk does: asked again with its key until it is answered. Takes in. */
enum error_code ask(struct world *w, int staff, const char *verb, json_t *in, json_t **out);
enum error_code ask_body(struct world *w, int staff, const char *verb, json_t *in, struct str body, json_t **out);
/* What waits for workers: timers, effects, messages, runs. */
void work(struct world *w);
void seal_books(struct world *w); /* the trail, and the days before this month */
bool chance(struct world *w, int percent);
int pick(struct world *w, int n);
/* Somebody in office with that role, at any office, or at the given one (0 any). −1 nobody. */
int somebody(struct world *w, uint32_t role, int64_t office);
struct reading {
        struct world *w;
        int (*read)(struct tx *tx, struct reading *r, struct error *err);
        void *ctx;
};
void look(struct world *w, int (*read)(struct tx *tx, struct reading *r, struct error *err), void *ctx);
int64_t number_of(const json_t *o, const char *name);
/* sim_fail unless the code is SB_OK or one of those that the trade knows in this place (ended by SB_OK). true: it is SB_OK. */
bool allowed(struct world *w, enum error_code code, const char *what, const enum error_code *refusals);

/* template.c */
int template_read(struct sim_template *t, struct tx *tx, struct error *err);
int city_found(struct house *h, struct sim_template *t, const char *work_dir, struct error *err);

/* model.c */
int model_begin(struct world *w, struct error *err);
void model_free(struct model *m);
struct m_person *m_person(struct model *m, int64_t id);
struct m_employer *m_employer(struct model *m, int64_t id);
struct m_declaration *m_declaration(struct model *m, int64_t id);
struct m_receipt *m_receipt(struct model *m, int64_t id);
struct m_award *m_award(struct model *m, int64_t id); /* by any id of its chain */
struct m_run *m_run(struct model *m, int64_t id);
struct m_case *m_case(struct model *m, int64_t id);
struct m_case *m_case_add(struct world *w, int64_t id, const char *process, int64_t subject);
struct m_person *m_person_add(struct world *w, int64_t id);
struct m_spell *m_spell_add(struct world *w, int64_t id, int64_t person, int64_t employer, day_t from, day_t to);
struct m_receipt *m_receipt_add(struct world *w, int64_t id, int64_t employer, fen_t amount, int64_t instance,
                                const char *reference);
/* The last decision at a node that was not taken back; NULL none. */
const struct m_done *m_decided(const struct m_case *c, const char *node);
void m_assess(struct world *w, struct m_declaration *d);
void m_allocate(struct world *w, int64_t employer, int64_t only);
void m_post(struct world *w, int pool, enum ledger_kind kind, fen_t amount);
bool m_works(const struct model *m, int64_t person, int64_t employer, month_t month);
bool m_related(const struct model *m, int64_t a, int64_t b);
void m_run_freeze(struct world *w, struct m_run *r);
void m_run_split(struct world *w, struct m_run *r);
void m_run_post(struct world *w, struct m_run *r);
int pool_index(const struct world *w, int64_t id);
int ep(const struct world *w); /* the pool of pensions */
/* A stop for some months; for good, once for a reason; and the ids that the office gave the stops of an award. */
void m_stop_add(struct world *w, struct m_award *a, const char *reason, month_t from, month_t to);
void m_hold(struct world *w, struct m_award *a, const char *reason, month_t from);
void m_stops_name(struct world *w, struct m_award *a);

/* events.c: what the trail says that happened since the last look is kept, and is to hold what was acknowledged (verb NULL: nothing was).
 * settle brings it into the model, once who asked has noted what they asked for: before anybody asks for the next thing. */
void events(struct world *w, const char *verb, int64_t actor);
void settle(struct world *w);
/* A case that another one began: P07 of a declaration, P08 of a receipt from a statement, P21 of a run. */
struct m_case *case_learn(struct world *w, const char *process, int64_t subject);

/* compare.c */
void compare(struct world *w);
void audit(struct world *w);

/* desk.c, people.c, money.c, pay.c: what people do; each does one thing, or nothing when there is nothing to do */
json_t *papers_of(struct world *w, const char *process);
void desk_task(struct world *w);
void desk_beside(struct world *w);
json_t *outcome_make(struct world *w, const char *process, const char *node, const char **decision);
void case_opened(struct world *w, const json_t *answer, const char *process, int64_t subject);
void people_arrive(struct world *w);
void people_move(struct world *w);
void people_correct(struct world *w);
void people_tie(struct world *w);
void people_leave(struct world *w);
void employer_arrive(struct world *w);
void money_declare(struct world *w);
void money_receive(struct world *w);
void money_statement(struct world *w);
void pay_apply(struct world *w);
void pay_stop(struct world *w);
void pay_state(struct world *w);
void pay_payee(struct world *w);
void pay_run(struct world *w);

#endif
