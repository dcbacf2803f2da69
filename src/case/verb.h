/* SPDX-License-Identifier: Apache-2.0
 *
 * A verb of the trade (经办动作): what an office can do, callable alike by a person over HTTP, by a service
 * task of a process and by the command line. `office` lists its verbs in tables; `cmd` joins them and hands
 * them to `case` and `http`, so that the arrows of the house stay down. Knows no subject.
 */
#ifndef CASE_VERB_H
#define CASE_VERB_H

#include "base/clock.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "store/store.h"

#include <stdatomic.h>

struct pack;
struct pack_store; /* case/pack_store.h */
struct manual_shelf;
struct registry; /* verbs by name, below */
struct followup; /* effects that the caller does right after: case/instance.h */

/* What every floor of one installation shares; made by cmd, lives as long as the program. */
struct house {
        struct store *store;
        struct ids *ids; /* of `home` */
        int32_t home;    /* where new persons and employers of this installation are stored */
        struct clock *clock;
        struct keyring *keys;
        struct pack_store *packs;
        const char *files;            /* folder of what is kept beside the database; NULL none */
        struct manual_shelf *manuals; /* what office/manual keeps; NULL: nothing is kept */
        struct log *log;              /* may be NULL */
        const struct registry *verbs;
        const atomic_bool *stopping; /* the program ends: long work stops after its block; NULL: never */
};

/* Who acts. staff 0 is the system (runs, timers). */
struct actor {
        int64_t staff;
        int64_t office;
        uint32_t roles; /* bits of enum role */
        int level;      /* of the office: 1 province … 5 village; 0: read when authority is asked */
        char body[32];  /* whose office it is: a word of bodies.csv */
        enum lang lang;
        int64_t emergency;        /* access beyond their office that they have now (office/emergency); 0 none */
        int64_t person, employer; /* for whom somebody outside of the office signed in (office/portal); 0 of staff */
};
enum role {
        ROLE_CLERK = 1,    /* 经办（初审） */
        ROLE_REVIEWER = 2, /* 复审 */
        ROLE_APPROVER = 4, /* 审批 */
        ROLE_FINANCE = 8,  /* 财务 */
        ROLE_AUDITOR = 16, /* 稽核 */
        ROLE_ADMIN = 32,   /* 系统管理: offices, staff, packs; no money, no decisions */
        ROLE_PARTNER = 64, /* 数据交换账户: a machine of a partner; messages of its own body and nothing else */
        ROLE_ANY = 127,    /* all of these */
        /* Outside of the office, never beside one of the above: who signs in for themselves reaches verbs of SCOPE_SELF alone. */
        ROLE_INSURED = 128,  /* 参保人本人 */
        ROLE_EMPLOYER = 256, /* 单位网上经办人: the agent of one employer */
};
#define ROLE_OUTSIDE ((uint32_t)(ROLE_INSURED | ROLE_EMPLOYER))

/* An answer that is a file (PDF, CSV, XML) instead of JSON. */
struct raw_reply {
        struct buf bytes;
        char media_type[64];
        char file_name[128]; /* "" : shown, not downloaded */
};

/* The session over HTTP that asks, for verbs about signing in. */
struct visit {
        int64_t session;
        bool required;      /* the roles of who asks need a second factor */
        bool fresh;         /* a second factor was shown a short while ago, as short as the pack demands */
        const char *origin; /* of the web client, https://shebao.example.gov.cn */
};

struct call {
        struct house *house;
        struct actor who;
        const char *key;          /* idempotency key; required for verbs that change something, else NULL */
        int64_t instance;         /* process instance that asks, for `who`; 0 none. Set by case alone */
        struct followup *follow;  /* filled by the steps of cases in this change. Set by case alone */
        struct with_change *with; /* what else belongs to the change of this verb; NULL nothing. Set by case alone */
        struct tx *within;     /* of the step that asks, to which the change belongs; NULL one of its own. Set by case alone */
        struct str body;       /* request body that is not JSON (CSV, XML); borrowed, else empty */
        const char *body_type; /* its media type, NULL without */
        struct raw_reply *raw; /* filled by a verb that answers with a file; NULL: the caller takes JSON only */
        bool beyond;           /* allowed only by who.emergency. Set by the check of the scope */
        const struct visit *visit; /* NULL: no session asks, but the command line, a run, a process */
};

/* What an effect of a process adds to the change of the verb that it calls, in the verb's own transaction: both happen or neither, and the
 * verb needs no key. So a verb that a process calls changes something once. */
struct with_change {
        /* First of all: 0 go on, 1 it is not wanted any more and nothing is to happen. */
        int (*before)(struct tx *tx, void *ctx, struct error *err);
        int (*after)(struct tx *tx, void *ctx, const json_t *answer, struct error *err);
        void *ctx;
        bool happened; /* set by verb_change: committed, or not wanted */
};

/* in: checked against the verb's schema. out: a new object. 0, ERR, ERR_SOFT. */
typedef int verb_run(struct call *c, const json_t *in, json_t **out, struct error *err);

/* Where a verb may act (办理范围), beside who may call it. A verb names the kind of the thing that it acts on and the input that
 * holds it, "employer.employer"; the rule of the kind answers whether it lies within the office of the caller. Subjects offer
 * rules for what they own; the registry refuses a verb of HTTP without a scope, with a kind that nobody knows, or whose input
 * may be left out. These words stand for themselves: */
#define SCOPE_WITHIN                                                                                                           \
        "within" /* only a process, in the transaction of its step: all that the verb reads it reads in its change */
#define SCOPE_EVERYWHERE "everywhere" /* any office: a person is served at any counter (全省通办) */
#define SCOPE_ROOT "root"             /* only an office with none above it: what concerns the installation as a whole */
#define SCOPE_SELF                                                                                                             \
        "self" /* the person or the employer whom who calls signed in for (actor.person, .employer), never an input */
#define SCOPE_OFFICE                                                                                                           \
        "office" /* the verb itself keeps to the caller's subtree: lists (OFFICE_SUBTREE), what is checked under a lock */
struct scope_rule {
        const char *kind;              /* NULL ends the table */
        const char *what_en, *what_zh; /* of the refusal: "The employer", 该单位 */
        /* *within: may somebody of c->who.office act on it? A thing that does not exist is within, so that the verb can say so. */
        int (*within)(struct tx *tx, struct call *c, const json_t *value, bool *within, struct error *err);
        /* *person: whose data it is, 0 nobody's; NULL: the value is the person (case/opening.h). */
        int (*person)(struct tx *tx, struct call *c, const json_t *value, int64_t *person, struct error *err);
};

enum verb_kind { VERB_READ, VERB_WRITE };
#define DUTY_ALL "everyone"        /* whoever of the office is signed in */
#define DUTY_SIGNED_IN "signed-in" /* whoever is signed in, somebody outside of the office too: what they sign in with */

struct verb {
        const char *name; /* "pension.award" */
        enum verb_kind kind;
        const char *
            duty; /* which duty of the pack allows it, "pension.award"; DUTY_ALL; NULL: only the system, from a process or run */
        const char *method; /* GET, POST … ; NULL: not reachable over HTTP */
        const char *path;   /* "/api/persons/{person}"; {…} and query parameters become fields of `in` */
        const char *summary_en, *summary_zh;
        const char *in;  /* JSON Schema text of the input object */
        const char *out; /* JSON Schema text of the answer */
        verb_run *run;
        const char *scope; /* SCOPE_… or "KIND.FIELD"; NULL or SCOPE_WITHIN: called by processes and runs only */
};

/* tables: arrays ended by a verb with NULL name, scopes: arrays ended by a rule with NULL kind; both lists ended by NULL.
 * SB_CASE_VERB when a schema is broken, a name or a route occurs twice, or a verb of HTTP has no duty or no scope. */
int registry_new(struct registry **out, const struct verb *const *tables, const struct scope_rule *const *scopes,
                 struct error *err);
void registry_free(struct registry *r);
const struct verb *registry_find(const struct registry *r, const char *name);
const struct verb *registry_at(const struct registry *r, size_t i); /* NULL at the end */
const json_t *registry_schema_in(const struct registry *r, const struct verb *v);
const struct scope_rule *registry_scope(const struct registry *r, struct str kind); /* NULL when nobody knows the kind */

/* Is an office the top or below it, in the tree as it stands? Office 0 belongs to the root offices alone. */
int office_within(struct tx *tx, int64_t office, int64_t top, bool *within, struct error *err);
/* The ids of an office (an SQL parameter such as "?3@int") and of all below it, for lists. */
#define OFFICE_SUBTREE(top)                                                                                                    \
        "(WITH RECURSIVE below(id) AS (SELECT " top                                                                            \
        " UNION SELECT o.id FROM office o JOIN below b ON o.parent = b.id) SELECT id "                                         \
        "FROM below)"
/* The rules of this floor: "document" and "decision" (document_view.c). */
extern const struct scope_rule case_scopes[];
/* Ask a rule by hand, where the thing stands in no input (a file names its account): SB_CASE_OFFICE when it is not within. */
int scope_need(struct tx *tx, struct call *c, const char *kind, int64_t id, struct error *err);
/* Asked by verb_call and registry_new. */
int scope_check(struct call *c, const struct verb *v, const json_t *in, struct error *err);
bool scope_declared(const struct verb *v, const struct registry *r, const json_t *schema);

/* Check authority, scope and schema, then run. A write whose key was used before answers with its first result
 * (SB_CASE_KEY_REUSED when verb, actor or input differ). */
int verb_call(struct call *c, const struct verb *v, const json_t *in, json_t **out, struct error *err);

/* The one way in which a verb changes something: runs apply in a store_write transaction together with the
 * idempotency row and an audit row (verb, subject, body: canonical JSON without personal data). apply fills
 * *out with the answer and subject. When the key was used, *out is the first answer, and what apply did again is undone:
 * like any closure of the store it may run more than once. */
struct change {
        const char *subject_kind; /* set by apply */
        int64_t subject;
        json_t *audit; /* set by apply or NULL; owned by the change */
};
typedef int change_apply(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err);
int verb_change(struct call *c, const struct verb *v, const json_t *in, change_apply *apply, void *ctx, json_t **out,
                struct error *err);
/* For a verb that asks or computes before its change, where the world may have moved since (the day, a fact): 1 and *out, the first
 * answer, when the same request came before under this key; 0 when it is new; ERR. */
int verb_repeated(struct call *c, const struct verb *v, const json_t *in, json_t **out, struct error *err);

#endif
