/* SPDX-License-Identifier: Apache-2.0
 *
 * Pensions of employees (职工基本养老金, rules 1.1–1.8): preview, application, computation, award, stops. Owns the tables `award` and
 * `award_stop`. What an award is worth is decided by the pack's model pension-employee; this folder gathers its inputs, stores the
 * decision with what it depended on, and keeps the award. It pays nothing (payment) and knows no rule, rate or age.
 */
#ifndef OFFICE_PENSION_PENSION_H
#define OFFICE_PENSION_PENSION_H

#include "case/pack_store.h"
#include "office/office.h"

#define AWARD_PREFIX 'A' /* of readable numbers of awards */
#define PENSION_SCHEME "EP"
#define PENSION_MODEL "pension"
#define PENSION_DECISION "award"

extern const struct verb pension_verbs[];
extern const struct scope_rule pension_scopes[];

/* Verbs of grant.c and stop.c. */
int pension_preview(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_check(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_apply(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_compute(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_award(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_award_get(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_stop(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_lift(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_change_state(struct call *c, const json_t *in, json_t **out, struct error *err);
int pension_payee(struct call *c, const json_t *in, json_t **out, struct error *err);

/* End a stop: with `until` it stands for [its beginning, until), with MONTH_END it was for nothing and its months are paid. The old row is
 * closed, never changed. SB_PENSION_STOP, SB_PENSION_MONTHS. */
int stop_lift(struct tx *tx, struct call *c, int64_t award, int64_t stop, month_t until, struct error *err);

/* Add the sealed payee to `out`; nothing when there is no account. */
void payee_seal(struct buf *out, const struct seal_key *key, const char *name, const char *bank, const char *account);
int payee_unseal(struct payee *out, const struct seal_key *key, struct str sealed, struct error *err);
int payee_open(struct payee *out, const struct keyring *keys, struct str wrapped, struct str sealed, struct error *err);

#endif
