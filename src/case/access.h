/* SPDX-License-Identifier: Apache-2.0
 *
 * May who calls do this at all (权限): a verb names a duty, and the pack that the installation goes by gives duties to roles of bodies
 * at levels of office (pack/permission.h). Where they may do it is the verb's scope (verb.h), and whether in this very case is
 * authority.h. Knows no subject.
 */
#ifndef CASE_ACCESS_H
#define CASE_ACCESS_H

#include "case/verb.h"
#include "pack/permission.h"

/* 0; SB_CASE_ROLE when no role of who calls has the verb's duty, SB_CASE_BODY when their office's body or level has not. */
int access_may(struct call *c, const struct verb *v, struct error *err);
/* The same of a duty and of no verb: *yes. */
int access_has(struct call *c, const char *duty, bool *yes, struct error *err);
/* The duties that somebody has, by name. */
int access_duties(struct call *c, json_t **out, struct error *err);
/* Of which a route names one, or DUTY_ALL: a pack that does not know a duty of a verb, or gives it to nobody, does not carry the office.
 * The first fault: SB_PACK_PERMISSION. */
int access_check(const struct pack *p, const struct registry *r, struct error *err);

#endif
