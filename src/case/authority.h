/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may do what (权限): one rule for every way in which a task is touched. Posts (岗位) give a role at an office and below it;
 * a substitute (代理) has the posts of who is on leave, never those that the absent one holds for somebody else; the pack says
 * up to which amount a role signs at which level (signing.csv), how many persons a class of risk needs (risk.csv), and where small
 * offices send their reviews and approvals (routing.csv). Knows no subject: whether persons are related is asked of the scope rule
 * "kin" of the office, with {"person", "other"}.
 */
#ifndef CASE_AUTHORITY_H
#define CASE_AUTHORITY_H

#include "case/instance.h"

/* What authority_may has to know of a task that is still being read, asked together with it. */
struct authority_asked {
        struct stmt *standing, *hands;
};
int authority_ask(struct tx *tx, const struct call *c, int64_t task, struct authority_asked *out, struct error *err);
/* A task as far as it decides who may do it. on_behalf_of: whose it was before leave moved it to its assignee; 0 nobody's. asked: of
 * this task, by the same actor; NULL: it is asked then. */
struct duty {
        int64_t office, on_behalf_of;
        const char *node, *role, *title;
        const struct authority_asked *asked;
};
/* For whom c->who acts. */
struct acting {
        int64_t on_behalf_of; /* 0 for themselves */
        int level;            /* of the office whose post gives the right, 1 province … 5 village agent; 0 not known */
};
/* 0, or why not: SB_CASE_ROLE, SB_CASE_OFFICE, SB_CASE_OWN, SB_CASE_RELATED, SB_CASE_FOUR_EYES, SB_CASE_PERSONS, SB_CASE_SIGNING.
 * The system (staff 0) may. Two statements where neither amount nor kin is asked. */
int authority_may(struct tx *tx, struct call *c, const struct instance *i, const struct duty *d, struct acting *acting,
                  struct error *err);
/* Somebody else as an actor, with the roles of today's posts and of those on leave whom they stand in for; SB_CASE_STAFF when they
 * are not in office today. */
int authority_actor(struct tx *tx, struct house *h, int64_t staff, struct actor *out, struct error *err);
/* The roles of a member of staff today; `own`: what the row of staff says, for who has no posts at all. */
int authority_roles(struct tx *tx, int64_t staff, day_t today, uint32_t own, uint32_t *out, struct error *err);

/* routing.c: which office gets a new task of that role of a case of `office`: the nearest above that the pack names, and above that one
 * where the amount can be signed. The office itself when the pack says nothing. */
int routing_office(struct tx *tx, const struct instance *i, int64_t office, const char *role, int64_t *out, struct error *err);
/* The way up from the office of a task's case, asked together with it. */
int chain_of_task_ask(struct tx *tx, int64_t home, int64_t task, struct stmt **out, struct error *err);
int chain_take(struct stmt *q, struct chain *out, struct error *err);
/* What a role may sign at a level: *unlimited, or up to *fen (0 nothing). A pack without the table does not limit. */
int signing_power(const struct pack *p, const char *process, const char *role, int level, bool *unlimited, fen_t *fen,
                  struct error *err);
/* The amount of the case by its model; not *known when it says none. */
int signing_amount(const struct instance *i, bool *known, fen_t *fen, struct error *err);
/* The lowest level (the greatest number) at which `role` may sign the amount; 0 none. */
int signing_level(const struct pack *p, const char *process, const char *role, fen_t fen, int *level, struct error *err);
/* How many distinct persons the class of risk needs (risk.csv); 0 the pack does not say. */
int risk_persons(const struct pack *p, const char *risk, int *persons, struct error *err);

/* staffing.c: carry out what became due with the day: offices that change, leave that begins and ends, staff who left. Nothing when
 * it was done for today, unless `again`. */
int staffing_sweep(struct tx *tx, struct call *c, bool again, struct error *err);
/* Keep how a task changed hands. */
struct task_change {
        int64_t task, instance, from_staff, to_staff, from_office, to_office;
        const char *kind, *note; /* take give_back hand_over leave return left route close */
};
int task_move_add(struct tx *tx, struct call *c, const struct task_change *m, struct error *err);

#endif
