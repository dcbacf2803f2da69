/* SPDX-License-Identifier: Apache-2.0
 *
 * An instance (案件) under work, inside a transaction: locked, its state moved by a step of engine/bpmn, what the step asks for
 * written as rows: tasks, effects, timers. Shared by the files of this floor; nobody else writes these tables.
 */
#ifndef CASE_INSTANCE_H
#define CASE_INSTANCE_H

#include "case/case.h"
#include "engine/bpmn/bpmn.h"
#include "pack/pack.h"

/* An effect: the verb that a service task asks for. */
struct effect {
        int64_t id, instance, token, sequence, attempts;
        char verb[80], state[16];
        json_t *payload; /* node, staff, office, input */
};
/* The effects of a change of cases that its caller does right after the transaction; more than these are left to any worker, as are all
 * when the caller is killed. */
struct followup {
        struct effect effects[8];
        int count;
};
void followup_clear(struct followup *f); /* NULL: nothing */

struct instance {
        bool fresh; /* not yet in the table */
        int32_t home;
        int64_t id;
        char number[32], process[40], state[16], subject_kind[32];
        int64_t subject, office, pool, started_by;
        int64_t application;             /* 0 none (case/application.h) */
        instant_t started_at, paused_at; /* paused_at 0: the clock runs (case/clock.h) */
        struct hash model_hash;          /* of a fresh one */
        day_t due_day;
        struct hash pack_hash;
        json_t *state_json; /* of the engine, variables included */
        struct pack *pack;  /* borrowed */
        const struct bpmn_model *model;
};
/* Who moves the instance: recorded with the effects that follow, so that a verb knows for whom it works. */
struct mover {
        int64_t staff, office;
        struct followup *follow; /* takes the effects; NULL: any worker does them */
};

/* Lock the row until the transaction ends, read it, find its pack and model. SB_CASE_UNKNOWN. */
int instance_lock(struct tx *tx, struct house *h, int64_t id, struct instance *out, struct error *err);
/* Only read. */
int instance_read(struct tx *tx, struct house *h, int64_t id, struct instance *out, struct error *err);
void instance_dispose(struct instance *i);
int64_t instance_sequence(const struct instance *i, int64_t token); /* at which the token waits; 0: there is no such token */
int instance_step(struct tx *tx, struct house *h, struct instance *i, const struct bpmn_event *e, const struct mover *mover,
                  struct error *err);
/* Stop with an error that a person has to look at. */
int instance_incident(struct tx *tx, struct house *h, int64_t id, const char *node, const struct error *why, struct error *err);

/* End it: nothing of it is wanted any more. */
int instance_cancel(struct tx *tx, struct house *h, int64_t id, struct error *err);

/* {"code","node","zh","en"} of an error, as it is kept. */
json_t *fault_json(const char *node, const struct error *why);

/* Does `office` lie in the tree of the actor's office? SB_CASE_OFFICE with the case's number. */
int office_allowed(struct tx *tx, const struct call *c, int64_t office, const char *number, struct error *err);

uint32_t role_bit(const char *role); /* 0 unknown */

#endif
