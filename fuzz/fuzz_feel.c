/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/feel/feel.h"

#include <stdlib.h>
#include <string.h>

#define MEMORY ((size_t)16 << 20)
#define STEPS 20000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(struct buf *out, const struct feel_value *v)
{
        buf_clear(out);
        feel_print(out, v);
}

/* Evaluated twice it is the same; a value that can be compared equals itself. */
static void evaluate(const struct feel_node *node, const struct feel_env *env)
{
        struct arena *a = arena_new(MEMORY);
        struct feel_limits limits = {.steps = STEPS};
        struct feel_machine m;
        struct error err = {0};
        struct feel_value v;
        struct buf once, again;
        bool equal;

        if (a == NULL)
                abort();
        buf_init(&once, 1 << 20);
        buf_init(&again, 1 << 20);
        feel_machine_init(&m, a, &limits, &err);
        int rc = feel_eval(&m, node, env, &v);
        if ((rc == 0) != (err.code == SB_OK))
                abort();
        if (rc == 0) {
                if (feel_equal(&v, &v, &equal) && !equal && v.kind != FEEL_LIST && v.kind != FEEL_CONTEXT &&
                    v.kind != FEEL_RANGE)
                        abort();
                print(&once, &v);
                json_t *json = feel_to_json(&v);
                json_decref(json);
                arena_reset(a);
                feel_machine_again(&m, &limits, &err);
                if (feel_eval(&m, node, env, &v) < 0)
                        abort();
                print(&again, &v);
                if (strcmp(buf_text(&once), buf_text(&again)) != 0)
                        abort();
        }
        buf_dispose(&once);
        buf_dispose(&again);
        feel_machine_dispose(&m);
        arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        static const char *const NAMES[] = {"a", "monthly base", "a-b", "基数"};
        struct feel_scope scope = {.names = NAMES, .count = 4};
        struct feel_entry entries[] = {
            {"a", {.kind = FEEL_NUMBER, .number = {.coefficient = 3}}},
            {"monthly base", {.kind = FEEL_BOOLEAN, .boolean = true}},
            {"基数", {.kind = FEEL_STRING, .string = {"x", 1}}},
        };
        struct feel_env outer = {.value = {.kind = FEEL_CONTEXT, .count = 3, .entries = entries}};
        struct feel_env question = {.name = "?", .value = entries[0].value, .up = &outer};

        for (int form = FEEL_EXPRESSION; form <= FEEL_UNARY_TESTS; form++) {
                struct arena *a = arena_new(MEMORY);
                const struct feel_node *node = NULL;
                struct error err = {0};
                if (a == NULL)
                        abort();
                int rc = feel_compile(&node, a, &scope, (struct str){(const char *)data, size}, (enum feel_form)form, &err);
                if ((rc == 0) != (err.code == SB_OK))
                        abort();
                if (rc == 0)
                        evaluate(node, &question);
                arena_free(a);
        }
        return 0;
}
