/* SPDX-License-Identifier: Apache-2.0
 *
 * FEEL here against feelin (npm): the same expressions with the same context, parsed in every call and compiled once.
 */
#ifndef BENCH_FEELIN_H
#define BENCH_FEELIN_H

/* Prints its figures; the number of bars that were missed. Says in a word that it is skipped when npm or feelin is not there. */
int bench_feelin(void);

#endif
