/* SPDX-License-Identifier: Apache-2.0
 *
 * Which tables are kept in sum, and by which key: for who opens an installation to write, and for the auditor.
 */
#ifndef OFFICE_AUDIT_TABLES_H
#define OFFICE_AUDIT_TABLES_H

#include "base/hash.h"
#include "store/store.h"

/* The guard of an installation's tables. The key follows from the installation's signing key alone. */
struct store_guard audit_guard(const struct keyring *keys);

#endif
