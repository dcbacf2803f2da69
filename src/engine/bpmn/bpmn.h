/* SPDX-License-Identifier: Apache-2.0
 *
 * Business processes (BPMN 2.0): XML → compiled model (immutable, shared by threads) → a pure step (model, state, event) →
 * (state, effects). Pure: no clock, no database, no I/O; the same state and event give the same bytes. Tokens walk the model until
 * each waits for somebody (a task), for a verb (a service), for a time (a timer) or for its like (a join); what the world has to
 * do for them is told as effects, keyed (token, sequence). Knows neither staff nor verbs: roles and verbs are words of the model.
 *
 * All of executable BPMN; what a model of the office may not use (scripts of other languages, a start by condition) is refused by
 * the check with SB_BPMN_UNSUPPORTED and the element. Conditions and values are FEEL.
 *
 * Our own attributes and elements stand in the namespace BPMN_NS_SHEBAO (prefix shebao by custom):
 *   process     titleEn, article, risk (L M H), amount (FEEL: yuan), check (a verb), after (a process); extensionElements: <shebao:variable name="person"/> what the
 *               case begins with; a field of its application: type, titleZh, titleEn, required, personal, values
 *   activities  titleEn, article, phase (ACC REV REV2 APR EXE NTF ARC), limit, limitUnit (WD working days, CD calendar days)
 *   userTask    role, decisions ("approve return"); with message events: <shebao:variable …/> for each field of its outcome
 *   serviceTask verb
 *   businessRuleTask model, decision (of the pack): the result, when it is no context, stands in result.value; numbers of decisions
 *               are text, as the pack gives them: number(result.value)
 *   callActivity: the inputs are what the called process begins with, the outputs what is taken of its variables
 *   messages    key (FEEL) on the event or task that sends or awaits: whom it is for; inputs are its body, outputs what is taken
 *   starts      by the clock ("R/2026-01-05/P1M"): schemes, for the pools of which it begins
 *   timers      workingDays on the event or its definition, counted by the pack's calendar
 *   tasks       extensionElements: <shebao:input name="month" value="FEEL"/>, <shebao:output name="decision" value="result.decision"/>;
 *               an input whose value is null is left out. A user task without outputs merges its whole outcome.
 */
#ifndef ENGINE_BPMN_BPMN_H
#define ENGINE_BPMN_BPMN_H

#include "base/calendar.h"
#include "base/json.h"
#include "base/money.h"

#define BPMN_NS "http://www.omg.org/spec/BPMN/20100524/MODEL"
#define BPMN_NS_SHEBAO "urn:shebao:process"

enum bpmn_kind {
        BPMN_START,
        BPMN_END,
        BPMN_CATCH,
        BPMN_THROW,
        BPMN_BOUNDARY,
        BPMN_TASK,
        BPMN_USER_TASK,
        BPMN_MANUAL_TASK,
        BPMN_SERVICE_TASK,
        BPMN_SEND_TASK,
        BPMN_RECEIVE_TASK,
        BPMN_SCRIPT_TASK,
        BPMN_RULE_TASK,
        BPMN_CALL,
        BPMN_SUB_PROCESS,
        BPMN_TRANSACTION,
        BPMN_AD_HOC,
        BPMN_EXCLUSIVE,
        BPMN_INCLUSIVE,
        BPMN_PARALLEL,
        BPMN_EVENT_GATEWAY,
        BPMN_COMPLEX,
};
enum bpmn_trigger {
        BPMN_NONE,
        BPMN_TIMER,
        BPMN_MESSAGE,
        BPMN_SIGNAL,
        BPMN_ERROR,
        BPMN_ESCALATION,
        BPMN_COMPENSATION,
        BPMN_CONDITIONAL,
        BPMN_LINK,
        BPMN_CANCEL,
        BPMN_TERMINATE,
        BPMN_MULTIPLE,
};
const char *bpmn_kind_name(enum bpmn_kind kind); /* as BPMN writes it: "userTask" */

struct bpmn_model;

struct bpmn_node {                 /* borrowed from the model */
        const char *id, *title[2]; /* by enum lang; the id where the model gives none */
        enum bpmn_kind kind;
        enum bpmn_trigger trigger; /* of events */
        int process;               /* index of its process */
        int line;
        const char *role;             /* of a user task; "" */
        const char *verb;             /* of a service task; "" */
        const char *model, *decision; /* of a rule task: of the pack; "" */
        const char *decisions;        /* of a user task, separated by blanks; "" any */
        const char *article;          /* "" */
        const char
            *schemes;      /* of a start by the clock: schemes of the pools for which it begins, separated by blanks; "" all */
        const char *phase; /* ACC REV REV2 APR EXE NTF ARC; "" */
        int limit_days;    /* 0 none */
        bool limit_calendar;                /* counted in calendar days, not in working days */
        const struct bpmn_variable *fields; /* what a person tells beside the decision, or the body of a message has */
        size_t field_count;
};
struct bpmn_variable { /* what a case begins with: a field of its application when it has a type */
        const char *name;
        const char
            *type; /* text number money date month boolean choice person employer identity uscc phone account; "" no field */
        const char *title[2]; /* the name where the model gives none */
        const char *values;   /* of a choice, separated by blanks; "" */
        bool required, personal;
};
struct bpmn_process {
        const char *id, *title[2], *article;
        const char *risk;   /* L M H; "" */
        const char *amount; /* FEEL over the variables: yuan that decides who may sign; "" (bpmn_amount) */
        const char *after;  /* the process whose execution begins this one; "" */
        const char *check;  /* the verb that looks at an application before it begins: {"form"} -> {"faults"}; "" none */
        const struct bpmn_variable *variables;
        size_t variable_count;
        bool executable;
        int start; /* index of the node that begins it; -1 it never begins by itself */
};

/* Read, check and compile a model of the office: names of messages and signals are those that the file gives them, conditions are
 * FEEL, user tasks name a role, services a verb, rule tasks a decision, and every path leads somewhere. report (may be NULL) is told
 * every fault, its place "element line N"; the first is also err. SB_XML_SYNTAX, SB_LIMIT, SB_BPMN_MODEL, SB_BPMN_UNSUPPORTED,
 * SB_FEEL_SYNTAX. */
typedef void bpmn_report(void *ctx, const struct error *fault);
int bpmn_open(struct bpmn_model **out, struct str xml, bpmn_report *report, void *ctx, struct error *err);
/* The same for a model of any maker: judged by bpmn_rules, roles and verbs not needed, unknown words of other makers let through and
 * their conditions translated. */
int bpmn_open_full(struct bpmn_model **out, struct str xml, bpmn_report *report, void *ctx, struct error *err);
void bpmn_free(struct bpmn_model *m);
/* The next node after `after` (-1: first) at which a message or signal of that name begins a process; -1 none. */
int bpmn_start_find(const struct bpmn_model *m, enum bpmn_trigger kind, const char *name, int after);
/* When the timer of a start event begins a process next after an instant, counted from base where the model names no date: 1 and *at,
 * 0 never again. SB_BPMN_EXPRESSION. */
int bpmn_start_next(const struct bpmn_model *m, int node, instant_t base, instant_t after, instant_t *at, struct error *err);
/* The static rules of the standard (EXTnnn, REF) alone, of any model, also one that is not executed here. Errors as bpmn_open. */
int bpmn_rules(struct str xml, bpmn_report *report, void *ctx, struct error *err);

/* The process of this id (NULL: the first that is executable): its index, or -1. */
int bpmn_process_find(const struct bpmn_model *m, const char *id);
const struct bpmn_process *bpmn_process(const struct bpmn_model *m, int i); /* NULL past the end */
const struct bpmn_node *bpmn_node(const struct bpmn_model *m, int i);       /* NULL past the end; in order of the file */
const struct bpmn_node *bpmn_node_find(const struct bpmn_model *m, const char *id);
/* The i-th thing that the outputs of a node read of its outcome ("reference" of result.reference), each as often as it is read. NULL
 * past the last. */
const char *bpmn_outcome(const struct bpmn_model *m, const struct bpmn_node *n, size_t i, char out[64]);
/* The event that hears a message of that name where a token waits: the element itself, or one behind its event gateway. NULL none. */
const struct bpmn_node *bpmn_hears(const struct bpmn_model *m, const char *element, const char *name);
/* What the process says of its amount, over these variables; not known when it says nothing or a value is null. SB_BPMN_EXPRESSION,
 * SB_MONEY_SYNTAX. */
int bpmn_amount(const struct bpmn_model *m, int process, const json_t *variables, bool *known, fen_t *fen, struct error *err);

/* Where a case can come to its execution (phase EXE; without one, past its approval) through fewer than `needed` different people: the
 * node that the fewest reach and how many they are; NULL and `needed` nowhere. Who begins or accepts is one person; whoever is no clerk does
 * one step of a case, or the steps of one role and phase of which bpmn_one_officer says so. SB_MEMORY. */
int bpmn_hands(const struct bpmn_model *m, int process, int needed, const struct bpmn_node **at, int *hands, struct error *err);
/* May one officer do several steps of this phase: preparing and carrying out, never judging. */
bool bpmn_one_officer(const char *phase);

/* What happened. */
enum bpmn_event_kind {
        BPMN_BEGIN,    /* no state yet; data: the first variables */
        BPMN_COMPLETE, /* the task or service at (token, sequence) is done; data: its outcome or the verb's answer */
        BPMN_DUE,      /* the timer at (token, sequence) is due */
        BPMN_FAIL, /* the task at (token, sequence) failed; name: the code of the error, NULL a technical one; data: what the
                          outputs of the event that catches it take */
        BPMN_HEAR, /* a message or signal (trigger) of that name came, for `token` when not 0; nothing happens when
                          nobody waits for it; data: what the waiting element's outputs take of it */
};
struct bpmn_event {
        enum bpmn_event_kind kind;
        int process; /* of BPMN_BEGIN */
        int start;   /* of BPMN_BEGIN: the node (index + 1) that a message or signal begins; 0 the process begins by itself */
        enum bpmn_trigger trigger;
        const char *name;
        int64_t token, sequence;
        const json_t *data; /* an object; NULL an empty one */
        instant_t now;
};
/* What the world has to do. */
enum bpmn_effect_kind {
        BPMN_DO_TASK,    /* let somebody do `node` */
        BPMN_DO_SERVICE, /* call node->verb with payload */
        BPMN_DO_TIMER,   /* wake at `at` */
        BPMN_DO_CANCEL,  /* whatever waits at (token, sequence) is not wanted any more */
        BPMN_DO_SCRIPT,  /* run the script `name`, which is not FEEL */
        BPMN_DO_RULE,    /* decide by the business rules of `node` */
        BPMN_DO_MESSAGE, /* send the message `name`, then complete */
        BPMN_DO_SIGNAL,  /* tell every instance of the signal `name`, this one too, then complete */
        BPMN_DO_CALL,    /* begin the process `name`, which is not of this file, with payload; its end completes */
        BPMN_DO_LISTEN,  /* the message or signal (trigger) `name` for `key` may come to (token, sequence) */
        BPMN_DO_END,     /* the instance has come to its end */
};
#define BPMN_KEY_MAX 120
struct bpmn_effect {
        enum bpmn_effect_kind kind;
        const struct bpmn_node *node; /* NULL of BPMN_DO_END */
        int64_t token, sequence;
        instant_t at;     /* of a timer */
        int working_days; /* of a timer that the world counts by its own calendar, `at` is 0 then; else 0 */
        enum bpmn_trigger trigger;
        const char *name;       /* borrowed from the model; NULL without */
        char key[BPMN_KEY_MAX]; /* of a message, sent or awaited */
        json_t *payload;        /* of a service, rule or call, and of a message that carries something: an object */
};
struct bpmn_step {
        json_t
            *state; /* canonical when written by json_canonical; its variables stand in "variables", its tokens in "tokens" */
        struct bpmn_effect *effects;
        size_t count;
};
/* state NULL for BPMN_BEGIN. The state given is not changed; out is empty when the step fails. SB_BPMN_WAIT (nothing waits there any
 * more), SB_BPMN_NO_FLOW, SB_BPMN_CONDITION, SB_BPMN_EXPRESSION, SB_BPMN_STATE (the state is not of this model), SB_LIMIT. */
int bpmn_step(struct bpmn_step *out, const struct bpmn_model *m, const json_t *state, const struct bpmn_event *e,
              struct error *err);
/* May a state of one model be carried on by another: every element at which it stands is there, of the same kind, at the same place and
 * with the same events beside it. SB_BPMN_FIT with the element and why not. */
int bpmn_state_fits(const struct bpmn_model *from, const struct bpmn_model *to, const json_t *state, struct error *err);
/* Would an error of this code, thrown by what waits at the token, be caught? */
bool bpmn_catches(const struct bpmn_model *m, const json_t *state, int64_t token, const char *code);
void bpmn_step_dispose(struct bpmn_step *s);

#endif
