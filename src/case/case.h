/* SPDX-License-Identifier: Apache-2.0
 *
 * Work in progress: process instances (案件) with their tokens, tasks, timers and effects; decisions with
 * their dependencies; documents; the audit trail; packs in the database; runs. Applies the effects of
 * engine/bpmn exactly once, as rows keyed (instance, token, sequence). Knows no subject of the office:
 * verbs come as a table (verb.h).
 */
#ifndef CASE_CASE_H
#define CASE_CASE_H

#include "case/verb.h"

/* Start a process of the pack in force for the pool ("P17"), inside the caller's transaction. variables: taken as the
 * instance's variables. Answers the instance id and its readable number. */
struct case_start {
        const char *process;
        const char *subject_kind; /* person, employer, payment_run … */
        int64_t subject;
        int64_t office;
        int64_t pool;
        const json_t *variables;
};
int case_start(struct tx *tx, struct call *c, const struct case_start *start, int64_t *instance, struct error *err);

/* Complete a user task: role and office checked; nobody reviews or approves what they entered or reviewed
 * (SB_CASE_FOUR_EYES); SB_CASE_TASK_GONE when it was done or taken by somebody else. outcome: merged into the variables. */
int case_task_complete(struct tx *tx, struct call *c, int64_t task, const json_t *outcome, struct error *err);
int case_task_take(struct tx *tx, struct call *c, int64_t task, struct error *err);
/* Put an own task back, so that anybody may take it. */
int case_task_give_back(struct tx *tx, struct call *c, int64_t task, const char *note, struct error *err);
/* Whether somebody else may do it, were it nobody's: 0, or why not. */
int case_task_may_other(struct tx *tx, struct call *c, int64_t task, int64_t staff, struct error *err);
/* Give a task to a colleague who may do it; theirs are the errors when they may not (case/authority.h). */
int case_task_hand_over(struct tx *tx, struct call *c, int64_t task, int64_t staff, const char *note, struct error *err);
/* Send an open task where its amount can be signed; *office: where it lies now. */
int case_task_route(struct tx *tx, struct call *c, int64_t task, int64_t *office, struct error *err);

/* The case of a subject, for verbs that people call on the subject's own page. */
struct case_ref {
        const char *process, *subject_kind;
        int64_t subject;
};
/* The case that still runs; 0 none. Its number is readable_number('C', …). */
int case_running(struct tx *tx, struct house *h, const struct case_ref *ref, int64_t *instance, struct error *err);
/* Complete the task that waits at `node` of the case, as case_task_complete does; nothing when there is none. Answers the instance
 * (0: no case runs), whose effects follow when the caller is in a case_change. */
int case_follow(struct tx *tx, struct call *c, const struct case_ref *ref, const char *node, const json_t *outcome,
                int64_t *instance, struct error *err);
/* Does the case wait at `node` for somebody? 1 and *waits; 0 when no case runs. */
int case_waits(struct tx *tx, struct house *h, const struct case_ref *ref, const char *node, bool *waits, struct error *err);
/* The case of the calling verb (c->instance) is from now on one of this subject: it was registered by it. */
int case_subject(struct tx *tx, struct call *c, const char *kind, int64_t subject, struct error *err);
/* End the case: nothing of it is wanted any more. Nothing when there is none. */
int case_withdraw(struct tx *tx, struct call *c, const struct case_ref *ref, struct error *err);

/* Do open effects, messages and due timers of this installation until none is left or `limit` were done; *done counts them. An
 * effect whose verb fails hard turns its instance into an incident with the error. Safe to run from many workers. */
int case_work(struct house *h, int limit, int *done, struct error *err);
/* Do the open effects of one instance now (after a task was completed), so that the page shows the result. */
int case_work_instance(struct house *h, int64_t instance, struct error *err);

/* verb_change, and then the effects of the cases that it moved, so that the page shows the result; what is left when that fails is done
 * by any worker. */
int case_change(struct call *c, const struct verb *v, const json_t *in, change_apply *apply, void *ctx, json_t **out,
                struct error *err);

/* Carry running cases of a process over to the model of another pack, where it allows that; report is told each one: why NULL when it
 * moved, else why it cannot. */
struct case_migration {
        const char *process;
        const struct hash *to; /* NULL: the pack in force for the case's pool */
        bool dry_run;
        struct actor who;
        void (*report)(void *ctx, const char *number, const struct error *why);
        void *ctx;
};
int case_migrate(struct house *h, const struct case_migration *m, int *migrated, int *cannot, struct error *err);

/* Verbs of this floor: tasks.list, .take, .complete; cases.get, .list, .retry; documents.get, decisions.get; runs.list, .get, .pause,
 * .resume, .cancel; packs.list, .parameters, .activate. */
extern const struct verb case_verbs[];

/* Tell every case that waits for a message of this name and key (it names what happened, in the caller's transaction); nobody waits:
 * nothing is sent. It is delivered by whoever works next. */
int case_message(struct tx *tx, struct call *c, const char *name, const char *key, const json_t *body, struct error *err);

/* Decisions: evaluate through the pack in force for (pool, day, known now) and store pack hash, inputs, dependencies
 * (table, id, version of every row used), result and derivation. */
struct case_decision {
        const char *model, *name;
        int64_t pool;
        day_t day;
        int64_t person;
        const char *subject_kind;
        int64_t subject;
        const json_t *inputs;
        const json_t *dependencies; /* [["contribution", id], …] */
};
/* Compute only: no transaction is held. */
int decision_compute(struct call *c, const struct case_decision *d, json_t **result, json_t **derivation, struct error *err);
/* Store what was computed. */
int decision_store(struct tx *tx, struct call *c, const struct case_decision *d, const json_t *result, const json_t *derivation,
                   int64_t *id, struct error *err);

/* Documents, kept by content hash. */
int document_store(struct tx *tx, struct call *c, const char *kind, int64_t person, const char *subject_kind, int64_t subject,
                   const char *title, const char *media_type, struct str body, int64_t *id, struct error *err);

/* The audit trail: a row with its own hash; and the sealer that chains them (a Merkle root per home and batch of a day,
 * the head signed). body: canonical JSON without personal data. */
int audit_add(struct tx *tx, struct call *c, const char *verb, const char *subject_kind, int64_t subject, const json_t *body,
              struct error *err);
int audit_seal(struct house *h, instant_t before, int *sealed, struct error *err);
/* SHA-256 of home, id, at, actor, office (decimal), verb, subject_kind, subject (decimal), each ended by '\n', then the body's bytes.
 *
 * A row is born with seal 0. A seal (home, sequence from 1) takes rows of seal 0 and writes its sequence into them; its leaves are
 * their hashes in order of id, first_id … last_id, row_count of them. Merkle: neighbours joined by hash_pair, level by level, an odd
 * last one carried up as it is; a single leaf is the root. head = SHA-256(0x02 ‖ previous ‖ root ‖ "home sequence day first_id last_id
 * row_count" in decimal with single blanks); previous: the head of sequence − 1, 32 zero bytes for the first. signature: Ed25519 over
 * the 32 bytes of head. day: the legal day of sealed_at. */
struct hash audit_row_hash(int32_t home, int64_t id, instant_t at, int64_t actor, int64_t office, const char *verb,
                           const char *subject_kind, int64_t subject, struct str body);

#endif
