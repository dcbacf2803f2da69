/* SPDX-License-Identifier: Apache-2.0
 *
 * Functions of contexts (DMN 1.5, 10.3.4.10).
 */
#include "engine/feel/builtin.h"

#include <string.h>

/* A context that is being put together. */
struct entries {
        struct feel_entry *p;
        size_t n, room;
};

static const char *name_of(struct feel_machine *m, struct str s)
{
        const char *name = arena_text(m->arena, s);

        if (name == NULL)
                feel_out_of_memory(m);
        return name;
}

/* Set an entry; -1 memory, 0 it was there (and is replaced), 1 it is new. */
static int entry_set(struct feel_machine *m, struct entries *e, const char *name, const struct feel_value *v)
{
        for (size_t i = 0; i < e->n; i++)
                if (strcmp(e->p[i].name, name) == 0) {
                        e->p[i].value = *v;
                        return 0;
                }
        if (e->n == e->room) {
                size_t room = e->room == 0 ? 8 : e->room * 2;
                struct feel_entry *more = arena_array(m->arena, room, sizeof *more);
                if (more == NULL)
                        return feel_out_of_memory(m);
                if (e->n > 0)
                        memcpy(more, e->p, e->n * sizeof *more);
                e->p = more;
                e->room = room;
        }
        e->p[e->n++] = (struct feel_entry){name, *v};
        m->steps -= (int64_t)e->n;
        return m->steps < 0 ? error_raise(m->err, SB_FEEL_STEPS, "%s", "") : 1;
}

static struct feel_value context_of(const struct entries *e)
{
        return (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)e->n, .entries = e->p};
}

static int entries_of(struct feel_machine *m, const struct feel_value *context, struct entries *e)
{
        for (uint32_t i = 0; i < context->count; i++)
                if (entry_set(m, e, context->entries[i].name, &context->entries[i].value) < 0)
                        return ERR;
        return 0;
}

BUILTIN(get_value)
{
        UNUSED_ARGUMENTS;
        for (uint32_t i = 0; i < a[0].count; i++)
                if (str_is(a[1].string, a[0].entries[i].name))
                        return give(out, a[0].entries[i].value);
        return builtin_bad(m, f, out);
}

BUILTIN(get_entries)
{
        struct feel_value *items = builtin_items(m, a[0].count);

        UNUSED_ARGUMENTS;
        if (items == NULL)
                return ERR;
        for (uint32_t i = 0; i < a[0].count; i++) {
                struct feel_entry *pair = arena_array(m->arena, 2, sizeof *pair);
                if (pair == NULL)
                        return feel_out_of_memory(m);
                pair[0] = (struct feel_entry){"key", feel_string(str_from(a[0].entries[i].name))};
                pair[1] = (struct feel_entry){"value", a[0].entries[i].value};
                items[i] = (struct feel_value){.kind = FEEL_CONTEXT, .count = 2, .entries = pair};
        }
        return give(out, feel_list(items, a[0].count));
}

/* context(entries): each an entry with key and value, no key twice. */
BUILTIN(context)
{
        struct entries e = {NULL, 0, 0};

        UNUSED_ARGUMENTS;
        for (uint32_t i = 0; i < a[0].count; i++) {
                const struct feel_value *entry = &a[0].items[i], *key, *value;
                const char *name;
                if (entry->kind != FEEL_CONTEXT || (key = feel_get(entry, "key")) == NULL || key->kind != FEEL_STRING ||
                    (value = feel_get(entry, "value")) == NULL)
                        return builtin_bad(m, f, out);
                if ((name = name_of(m, key->string)) == NULL)
                        return ERR;
                int set = entry_set(m, &e, name, value);
                if (set < 0)
                        return ERR;
                if (set == 0)
                        return builtin_bad(m, f, out);
        }
        return give(out, context_of(&e));
}

static int put(struct feel_machine *m, const struct feel_builtin *f, const struct feel_value *context,
               const struct feel_value *keys, size_t count, const struct feel_value *value, struct feel_value *out)
{
        struct entries e = {NULL, 0, 0};
        struct feel_value inner = *value;
        const char *name;

        if (count == 0 || keys[0].kind != FEEL_STRING || context->kind != FEEL_CONTEXT)
                return builtin_bad(m, f, out);
        if ((name = name_of(m, keys[0].string)) == NULL)
                return ERR;
        if (count > 1) {
                const struct feel_value *deeper = feel_get(context, name);
                if (deeper == NULL || deeper->kind != FEEL_CONTEXT || count > 64)
                        return builtin_bad(m, f, out);
                if (put(m, f, deeper, keys + 1, count - 1, value, &inner) < 0)
                        return ERR;
                if (inner.kind == FEEL_NULL)
                        return give(out, inner);
        }
        if (entries_of(m, context, &e) < 0 || entry_set(m, &e, name, &inner) < 0)
                return ERR;
        return give(out, context_of(&e));
}

BUILTIN(context_put)
{
        (void)n;
        (void)overload;
        if (a[1].kind == FEEL_LIST)
                return put(m, f, &a[0], a[1].items, a[1].count, &a[2], out);
        return put(m, f, &a[0], &a[1], 1, &a[2], out);
}

BUILTIN(context_merge)
{
        struct entries e = {NULL, 0, 0};

        UNUSED_ARGUMENTS;
        for (uint32_t i = 0; i < a[0].count; i++) {
                if (a[0].items[i].kind != FEEL_CONTEXT)
                        return builtin_bad(m, f, out);
                if (entries_of(m, &a[0].items[i], &e) < 0)
                        return ERR;
        }
        return give(out, context_of(&e));
}
