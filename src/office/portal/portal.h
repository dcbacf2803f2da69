/* SPDX-License-Identifier: Apache-2.0
 *
 * Portals (网上服务): what the insured and employers do themselves, from a phone. Somebody outside of the office signs in for one person
 * (themselves) or for one employer (its agent, 经办人), with a code that a clerk hands out at a window after a look at the identity document.
 * Whom they act for stands in the session and is no input of any verb: nothing of anybody else can be named. What they ask for becomes a case as at
 * the counter, decided by the same people; which process may be asked for by whom is the pack's (portal.csv). Owns portal_account;
 * reads and changes other subjects' things by their verbs alone.
 */
#ifndef OFFICE_PORTAL_PORTAL_H
#define OFFICE_PORTAL_PORTAL_H

#include "case/answer.h"
#include "office/office.h"

extern const struct verb portal_verbs[];

/* --- for whom (own.c) ------------------------------------------------------------------------------------------------------------- */

/* The person who signed in for themselves; SB_PORTAL_SELF for anybody else, SB_PORTAL_ENDED when the registration has ended. */
int portal_person(struct call *c, int64_t *person, struct error *err);
/* The same of the employer whose agent signed in. */
int portal_employer(struct call *c, int64_t *employer, struct error *err);
/* Ask the verb of another subject, with an input that this subject made (taken): who asks may not call it over HTTP. */
int portal_ask(struct call *c, const char *verb, json_t *in, json_t **out, struct error *err);
/* Fields of an answer that leave the house, each as it is. */
void portal_copy(json_t *o, const json_t *from, const char *const *names);

/* --- what is asked for (apply.c) --------------------------------------------------------------------------------------------------- */

/* What may be asked for by who asks: the rows of portal.csv with request, process and words. */
int portal_requests(struct call *c, json_t **out, struct error *err);
/* Begin the case of a request for whom who asks signed in for. form: without the person and the employer, which are set here. */
int portal_apply(struct call *c, const char *request, const json_t *form, json_t **out, struct error *err);
/* Is the case one that who asks may follow? SB_PORTAL_CASE. */
int portal_case_need(struct call *c, int64_t instance, struct error *err);

verb_run portal_open, portal_open_agent, portal_accounts, portal_agents, portal_close, portal_close_agent; /* account.c */
verb_run portal_me, portal_record, portal_openings, portal_months, portal_account;               /* person.c, months.c */
verb_run portal_form, portal_request, portal_dispute, portal_change;                             /* apply.c */
verb_run portal_applications, portal_application, portal_attach, portal_withdraw, portal_letter; /* follow.c */

#endif
