/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_PROCESS_TEST_H
#define CMD_PROCESS_TEST_H

/* process test DIR: the cases of DIR/cases.json, each a process that is run to its trace with virtual time. */
int process_test(const char *dir);

#endif
