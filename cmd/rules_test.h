/* SPDX-License-Identifier: Apache-2.0
 *
 * Test cases of the DMN community (testCases.xsd): run a folder of models and cases, say what differs.
 */
#ifndef CMD_RULES_TEST_H
#define CMD_RULES_TEST_H

/* Run every case below the folder; prints failures and, last, "N passed, N failed". Returns the exit code. */
int rules_test(const char *dir);

#endif
