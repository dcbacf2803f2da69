/* SPDX-License-Identifier: Apache-2.0
 *
 * The desk (工作台): one search over persons, employers, cases, processes and runs that says why each was
 * found; what waits today; and the ledger book as people read it. Owns no table; reads what the other
 * subjects and floors keep, and posts nothing but reversals asked for by a second person.
 */
#ifndef OFFICE_DESK_DESK_H
#define OFFICE_DESK_DESK_H

#include "office/office.h"

extern const struct verb desk_verbs[];
extern const struct scope_rule desk_scopes[];

verb_run desk_search, desk_summary, desk_titles, desk_not_yet, ledger_balances, ledger_transactions, ledger_account,
    ledger_transaction_reverse;

#endif
