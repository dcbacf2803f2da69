/* SPDX-License-Identifier: Apache-2.0
 *
 * JSON → values by a declared type: strings of digits become numbers, ISO texts dates; an entry that a type has
 * and the object lacks is null.
 */
#include "engine/dmn/model.h"

#include <string.h>

#define NEST_MAX 64

static int typed(struct feel_machine *m, const json_t *json, const struct feel_type *t, struct feel_value *out, int depth);

static int array_read(struct feel_machine *m, const json_t *json, const struct feel_type *t, struct feel_value *out, int depth)
{
        struct feel_value *items = arena_array(m->arena, json_array_size(json) + 1, sizeof *items);
        json_t *value;
        size_t i;

        if (items == NULL)
                return feel_out_of_memory(m);
        json_array_foreach(json, i, value) if (typed(m, value, type_item(t), &items[i], depth + 1) < 0) return ERR;
        *out = feel_list(items, json_array_size(json));
        return 0;
}

static const struct feel_type *field_of(const struct feel_type *t, const char *name, const char **known)
{
        for (size_t i = 0; t->kind == FEEL_T_CONTEXT && i < t->field_count; i++)
                if (strcmp(t->fields[i].name, name) == 0) {
                        *known = t->fields[i].name;
                        return t->fields[i].type;
                }
        return NULL;
}

static int object_read(struct feel_machine *m, const json_t *json, const struct feel_type *t, struct feel_value *out, int depth)
{
        size_t room = json_object_size(json) + (t->kind == FEEL_T_CONTEXT ? t->field_count : 0) + 1, n = 0;
        struct feel_entry *entries = arena_array(m->arena, room, sizeof *entries);
        const char *name;
        json_t *value;

        if (entries == NULL)
                return feel_out_of_memory(m);
        json_object_foreach((json_t *)(uintptr_t)json, name, value)
        {
                const char *known = NULL;
                const struct feel_type *field = field_of(t, name, &known);
                entries[n].name = known != NULL ? known : arena_text(m->arena, str_from(name));
                if (entries[n].name == NULL)
                        return feel_out_of_memory(m);
                if (typed(m, value, field == NULL ? &FEEL_TYPES[FEEL_T_ANY] : field, &entries[n++].value, depth + 1) < 0)
                        return ERR;
        }
        for (size_t i = 0; t->kind == FEEL_T_CONTEXT && i < t->field_count; i++)
                if (json_object_get(json, t->fields[i].name) == NULL)
                        entries[n++].name = t->fields[i].name;
        *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = (uint32_t)n, .entries = entries};
        return 0;
}

static int typed(struct feel_machine *m, const json_t *json, const struct feel_type *t, struct feel_value *out, int depth)
{
        bool plain = t->kind >= FEEL_T_BOOLEAN && t->kind <= FEEL_T_MONTHS;

        if (depth > NEST_MAX)
                return error_raise(m->err, SB_LIMIT, "%s|%d", "nesting of inputs", NEST_MAX);
        if (json_is_array(json))
                return array_read(m, json, t, out, depth);
        if (json_is_object(json))
                return object_read(m, json, type_item(t), out, depth);
        if (t->kind == FEEL_T_LIST)
                return typed(m, json, type_item(t), out, depth + 1); /* one where a list is wanted */
        return feel_from_json(m, json, plain ? type_kind_name(t->kind) : NULL, out, m->err);
}

int json_typed(struct feel_machine *m, const json_t *json, const struct feel_type *t, struct feel_value *out)
{
        return typed(m, json, t, out, 0);
}
