/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of the evaluator among each other; nobody else includes it.
 */
#ifndef ENGINE_FEEL_RUN_H
#define ENGINE_FEEL_RUN_H

#include "engine/feel/tree.h"

int run_filter(struct feel_machine *m, const struct feel_node *n, struct feel_value *out);
int run_iteration(struct feel_machine *m, const struct feel_node *n, struct feel_value *out);
int run_function(struct feel_machine *m, const struct feel_node *n, struct feel_value *out);
int run_call(struct feel_machine *m, const struct feel_node *n, struct feel_value *out);
int run_builtin(struct feel_machine *m, const struct feel_node *n, struct feel_value *out);
int feel_run_root(struct feel_machine *m, const struct feel_node *n, struct feel_value *out);
int feel_too_deep(struct feel_machine *m, int levels);

/* Items that are not counted before: grows in the arena. */
struct feel_items {
        struct feel_value *p;
        size_t n, room;
};
int feel_items_add(struct feel_machine *m, struct feel_items *items, const struct feel_value *v);

#endif
