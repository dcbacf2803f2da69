/* SPDX-License-Identifier: Apache-2.0
 *
 * `shebao process migrate`: running cases go over to the model of the pack in force. Prints each case, with the reason where it
 * cannot go.
 */
#ifndef CMD_PROCESS_MIGRATE_H
#define CMD_PROCESS_MIGRATE_H

int process_migrate(int argc, char **argv); /* argv[0] is "migrate"; an exit code */

#endif
