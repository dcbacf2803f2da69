/* SPDX-License-Identifier: Apache-2.0 */
#include "office/office.h"

#include "case/bulk.h"
#include "case/map.h"
#include "case/past.h"
#include "office/account/account.h"
#include "office/arrears/arrears.h"
#include "office/contribution/contribution.h"
#include "office/desk/desk.h"
#include "office/emergency/emergency.h"
#include "office/exchange/match.h"
#include "office/import/import.h"
#include "office/letter/issue.h"
#include "office/letter/seal.h"
#include "office/manual/manual.h"
#include "office/merge/merge.h"
#include "office/payment/payment.h"
#include "office/pension/pension.h"
#include "office/portal/portal.h"
#include "office/privacy/privacy.h"
#include "office/registry/registry.h"
#include "office/roster/roster.h"
#include "office/rules/rules.h"
#include "office/signin/signin.h"
#include "office/staff/staff.h"
#include "office/window/window.h"

const struct verb *const office_verbs[] = {
    registry_verbs, contribution_verbs, pension_verbs, payment_verbs, import_verbs, rules_verbs,  desk_verbs,
    staff_verbs,    kin_verbs,          admit_verbs,   change_verbs,  bulk_verbs,   map_verbs,    window_verbs,
    issue_verbs,    service_verbs,      verify_verbs,  seal_verbs,    past_verbs,   manual_verbs, signin_verbs,
    privacy_verbs,  emergency_verbs,    account_verbs, arrears_verbs, claim_verbs,  cancel_verbs, exchange_verbs,
    merge_verbs,    roster_verbs,       match_verbs,   portal_verbs,  NULL,
};

const struct run_kind *const office_runs[] = {
    &import_run,
    &payment_compute_kind,
    &payment_claims_kind,
    &payment_release_kind,
    &payment_file_kind,
    &bulk_plan_kind,
    &bulk_approve_kind,
    &case_archive_kind,
    &account_interest_kind,
    &account_reverse_kind,
    &roster_post_kind,
    &roster_reverse_kind,
    NULL,
};

const struct scope_rule *const office_scopes[] = {
    case_scopes,    pool_scopes,     registry_scopes, kin_scopes,       contribution_scopes,
    pension_scopes, payment_scopes,  import_scopes,   emergency_scopes, desk_scopes,
    claim_scopes,   exchange_scopes, roster_scopes,   match_scopes,     NULL,
};
