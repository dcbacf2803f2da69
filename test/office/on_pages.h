/* SPDX-License-Identifier: Apache-2.0
 *
 * The processes that begin on the page of their subject (a declaration, money that came, a payment run), not by a form at the desk. They
 * are driven by test_office_process, all others by test_office_every; together these are every process of the pack.
 */
#ifndef TEST_OFFICE_ON_PAGES_H
#define TEST_OFFICE_ON_PAGES_H

#include <stddef.h>

static const char *const on_pages[] = {"P06", "P07", "P08", "P09", "P11", "P17", "P21", NULL};

#endif
