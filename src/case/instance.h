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

/* An effect: the verb that a service task asks for, a decision (EFFECT_DECISION), a case that begins (EFFECT_CALL). */
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
        int64_t telling[8]; /* cases that sent something, or for which something may be on its way */
        int told;
        int64_t tasks[8]; /* that the steps opened */
        int task_count;
        int64_t instance; /* the case whose task was done */
        bool within;      /* verbs that allow it are done in the transaction of the step that asks for them */
        bool tried;       /* at least one was */
};
/* work.c: do them, as long as they come first. An error is the transaction's. */
int followup_within(struct tx *tx, struct house *h, struct followup *f, struct error *err);
void followup_clear(struct followup *f); /* NULL: nothing */
void follow_tell(struct followup *f, int64_t instance);

/* An office and those above it, within its body, nearest first. */
enum { CHAIN_MAX = 16 };
struct chain {
        int64_t office[CHAIN_MAX];
        int level[CHAIN_MAX], count;
};

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
        int64_t parent, parent_token, parent_sequence; /* the call that it answers; 0 none */
        json_t *state_json;                            /* of the engine, variables included; NULL before it begins */
        struct pack *pack;                             /* borrowed */
        const struct bpmn_model *model;
        struct chain chain; /* of its office, where it was read already; count 0: it was not */
};
/* Who moves the instance: recorded with the effects that follow, so that a verb knows for whom it works. */
struct mover {
        int64_t staff, office;
        struct followup *follow; /* takes the effects; NULL: any worker does them */
};

/* How a case comes to begin, beside what case_start says. */
struct origin {
        int start;         /* node (index + 1) that a message, signal or date begins; 0 the process begins by itself */
        struct pack *pack; /* whose model it follows; NULL the one in force */
        int64_t parent, token, sequence;
};
int instance_begin(struct tx *tx, struct call *c, const struct case_start *start, const struct origin *origin,
                   int64_t *instance, struct error *err);

/* Lock the row until the transaction ends, read it, find its pack and model. SB_CASE_UNKNOWN, SB_CASE_PAST (case/past.h). */
int instance_lock(struct tx *tx, struct house *h, int64_t id, struct instance *out, struct error *err);
/* The same, of the case of a task that is being locked in the same breath: asked before its id is known, and taken. */
int instance_of_task_ask(struct tx *tx, struct house *h, int64_t task, struct stmt **out, struct error *err);
int instance_take(struct tx *tx, struct house *h, int64_t id, struct stmt *q, struct instance *out, struct error *err);
/* Only read, wherever it is kept. */
int instance_read(struct tx *tx, struct house *h, int64_t id, struct instance *out, struct error *err);
void instance_dispose(struct instance *i);

/* Has it not ended? One with an incident goes on once that is mended. */
bool instance_runs(const struct instance *i);
/* The process that it follows, of its model. */
const struct bpmn_process *instance_process(const struct instance *i);

/* What people read of an element: of a task of the model, of a side task (case/paper.h), else its own name (m NULL: none is known). */
struct node_said {
        const char *title[2];     /* by enum lang; may be the name itself, which is borrowed */
        const char *kind, *phase; /* "" when the model does not know it */
        const char *decisions;    /* NULL when nobody knows it */
};
struct node_said node_said(const struct bpmn_model *m, const char *node); /* view.c */
/* What a process is called, put as `zh` and `en`; its code where m (NULL: none) does not know it (view.c). */
void process_titles(json_t *o, const struct bpmn_model *m, const char *process, const char *zh, const char *en);
/* Nothing of it, or of the cases that it called, is wanted any more: it ends in that state. */
int instance_end(struct tx *tx, struct house *h, int64_t id, const char *state, struct error *err);
int64_t instance_sequence(const struct instance *i, int64_t token); /* at which the token waits; 0: there is no such token */
int instance_step(struct tx *tx, struct house *h, struct instance *i, const struct bpmn_event *e, const struct mover *mover,
                  struct error *err);
/* Stop with an error that a person has to look at. */
int instance_incident(struct tx *tx, struct house *h, int64_t id, const char *node, const struct error *why, struct error *err);

/* End it: nothing of it is wanted any more. */
int instance_cancel(struct tx *tx, struct house *h, int64_t id, struct error *err);

/* {"code","node","zh","en"} of an error, as it is kept. */
json_t *fault_json(const char *node, const struct error *why);
int fault_text(struct buf *out, const char *node, const struct error *why,
               struct error *err); /* out: the caller's to dispose, always */

/* Does `office` lie in the tree of the actor's office? SB_CASE_OFFICE with the case's number. */
int office_allowed(struct tx *tx, const struct call *c, int64_t office, const char *number, struct error *err);

/* May c->who do this open task now? Errors as case_task_complete; only reads. The instance is the caller's to dispose. */
int task_may(struct tx *tx, struct call *c, int64_t task, struct instance *i, struct error *err);
/* case_task_complete, which also tells whether it had written anything when it failed. */
int task_complete_told(struct tx *tx, struct call *c, int64_t task, const json_t *outcome, bool *wrote, struct error *err);

uint32_t role_bit(const char *role); /* 0 unknown */

/* Did a transaction fail only for now (rc and fault are its own)? Whoever comes next tries it again as a whole (work.c). */
bool tried_later(int rc, const struct error *fault);

/* Effects that are no verb: a decision by the pack, a case that begins. */
#define EFFECT_DECISION "decision"
#define EFFECT_CALL "call"

/* effects.c: what a step asks of the world, as rows in the transaction of the step. */
struct thrown {
        int64_t token, sequence;
        const char *name;
        bool signal;
        json_t *data; /* NULL none */
};
struct stepping {
        struct tx *tx;
        struct house *h;
        struct instance *i;
        const struct mover *mover;
        instant_t now;
        bool ended;
        struct thrown *thrown; /* they go on in the same transaction */
        size_t thrown_count;
        struct error held; /* why a day could not be counted: the case stops there, nothing is lost */
        char held_node[64];
};
int tokens_quiet(const struct stepping *s, const json_t *before, const json_t *after, struct error *err);
int effects_write(struct stepping *s, const struct bpmn_step *step, struct error *err);
/* Count again what could not be counted: tasks and timers that are held are open from now. SB_CALENDAR_END when it still cannot. */
int held_release(struct tx *tx, struct house *h, struct instance *i, struct error *err);

/* call.c */
int call_begin(struct tx *tx, struct call *c, const struct instance *parent, const json_t *payload, int64_t token,
               int64_t sequence, int64_t *child, struct error *err);
#define CALL_WITHDRAWN "withdrawn"
/* Tell the caller that this case is at its end: with its variables, or with an error. */
int call_return(const struct stepping *s, const char *error, struct error *err);
/* The step threw an error that nothing here catches: 0 and *failed when the caller catches it, else the error again. */
int call_failed(struct stepping *s, bool *failed, struct error *err);

/* message.c */
struct sending {
        const char *kind, *name, *key;
        const json_t *body; /* NULL none */
        int64_t source, target, token, sequence, office, pool;
        const char *once; /* the same twice is one */
};
int message_insert(struct tx *tx, struct house *h, const struct sending *m, bool *fresh, int64_t *id, struct error *err);
/* The word by which a place that waits hears once, whoever answers it. */
const char *answer_once(char *out, size_t size, int64_t instance, int64_t token, int64_t sequence);
int signal_insert(struct tx *tx, struct house *h, const struct sending *m, struct error *err);
/* Deliver what is on its way: of one case (sent by it or waiting for it), or of all (0). *done counts; touched (may be NULL) is told
 * each case that moved. */
#define TOUCHED_MAX 32
struct touched {
        int64_t ids[TOUCHED_MAX];
        int count;
};
int messages_deliver(struct house *h, int64_t instance, int *done, struct touched *touched, struct error *err);
int message_deliver(struct house *h, int64_t id, int64_t *instance, struct error *err);

/* schedule.c: look for processes that the clock begins, and begin what is due. */
int schedule_work(struct house *h, int *done, struct error *err);
/* timer.c: fire some of the timers that are due; *done counts them. */
int timers_fire(struct house *h, int *done, struct error *err);

#endif
