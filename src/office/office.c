/* SPDX-License-Identifier: Apache-2.0 */
#include "office/office.h"

#include "office/contribution/contribution.h"
#include "office/desk/desk.h"
#include "office/payment/payment.h"
#include "office/pension/pension.h"
#include "office/registry/registry.h"
/* Subjects that are still being built stand in the table as soon as their door is there. */
#if __has_include("office/import/import.h")
#include "office/import/import.h"
#define HAS_IMPORT 1
#endif

const struct verb *const office_verbs[] = {
        registry_verbs,
        contribution_verbs,
        pension_verbs,
        payment_verbs,
#ifdef HAS_IMPORT
        import_verbs,
#endif
        desk_verbs,
        NULL,
};

const struct run_kind *const office_runs[] = {
#ifdef HAS_IMPORT
        &import_run,
#endif
        &payment_compute_kind,
        &payment_release_kind,
        &payment_file_kind,
        NULL,
};
