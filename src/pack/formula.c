/* SPDX-License-Identifier: Apache-2.0
 *
 * FEEL of examples.json: the names are written as a context in front of the expression, so that the
 * text is all it takes.
 */
#include "pack/example.h"

#include "engine/feel/feel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FORMULA_TEXT_MAX ((size_t)4 << 20)
#define FORMULA_MEMORY ((size_t)64 << 20)

struct formula {
        struct arena *arena;
        struct buf text;
};

int formula_new(struct formula **out, struct error *err)
{
        struct formula *f = calloc(1, sizeof *f);

        if (f == NULL || (f->arena = arena_new(FORMULA_MEMORY)) == NULL) {
                free(f);
                return error_raise(err, SB_MEMORY, "%s", "");
        }
        buf_init(&f->text, FORMULA_TEXT_MAX);
        *out = f;
        return 0;
}

void formula_free(struct formula *f)
{
        if (f == NULL)
                return;
        buf_dispose(&f->text);
        arena_free(f->arena);
        free(f);
}

/* Length of a decimal number at the head of the text, 0 for none; "007" is a code, no number. */
static size_t number_length(const char *s)
{
        size_t i = s[0] == '-', digits = 0;

        if (s[i] == '0' && s[i + 1] >= '0' && s[i + 1] <= '9')
                return 0;
        for (; s[i] >= '0' && s[i] <= '9'; i++)
                digits++;
        if (digits > 0 && s[i] == '.' && s[i + 1] >= '0' && s[i + 1] <= '9')
                for (i++; s[i] >= '0' && s[i] <= '9'; i++)
                        digits++;
        return digits > 0 && digits <= 60 ? i : 0;
}

static void add_string(struct buf *b, const json_t *v)
{
        char *quoted = json_dumps(v, JSON_ENCODE_ANY);

        buf_add_text(b, quoted == NULL ? "null" : quoted);
        free(quoted);
}

static void add_value(struct buf *b, const json_t *v, bool text);

static void add_object(struct buf *b, const json_t *o, bool text)
{
        const char *key;
        json_t *item, *name;
        bool first = true;

        buf_add_char(b, '{');
        json_object_foreach((json_t *)(uintptr_t)o, key, item)
        {
                buf_add_text(b, first ? "" : ", ");
                name = json_string(key);
                add_string(b, name);
                json_decref(name);
                buf_add_text(b, ": ");
                add_value(b, item, text);
                first = false;
        }
        buf_add_char(b, '}');
}

static void add_value(struct buf *b, const json_t *v, bool text)
{
        const char *s = json_string_value(v);
        size_t n = s == NULL || text ? 0 : number_length(s);

        if (json_is_object(v)) {
                add_object(b, v, text);
        } else if (json_is_array(v)) {
                buf_add_char(b, '[');
                for (size_t i = 0; i < json_array_size(v); i++) {
                        buf_add_text(b, i == 0 ? "" : ", ");
                        add_value(b, json_array_get(v, i), text);
                }
                buf_add_char(b, ']');
        } else if (n > 0 && s[n] == '\0') {
                buf_add_format(b, "(%s)", s);
        } else if (n > 0 && s[n] == '%' && s[n + 1] == '\0') {
                buf_add_format(b, "(%.*s / 100)", (int)n, s);
        } else if (s != NULL) {
                add_string(b, v);
        } else if (json_is_real(v)) {
                buf_add_format(b, "(%.10f)", json_real_value(v));
        } else if (json_is_integer(v)) {
                buf_add_format(b, "(%" JSON_INTEGER_FORMAT ")", json_integer_value(v));
        } else {
                buf_add_text(b, json_is_true(v) ? "true" : json_is_false(v) ? "false" : "null");
        }
}

static bool listed(const json_t *texts, const char *name)
{
        for (size_t i = 0; i < json_array_size(texts); i++)
                if (strcmp(json_string_value(json_array_get(texts, i)), name) == 0)
                        return true;
        return false;
}

int formula_value(struct formula *f, const json_t *names, const json_t *texts, const char *expression, json_t **out,
                  struct error *err)
{
        const struct feel_node *node;
        struct feel_machine m;
        struct feel_value value;
        const char *key;
        json_t *item;

        buf_clear(&f->text);
        buf_add_char(&f->text, '{');
        json_object_foreach((json_t *)(uintptr_t)names, key, item)
        {
                buf_add_format(&f->text, "%s: ", key);
                add_value(&f->text, item, listed(texts, key));
                buf_add_text(&f->text, ", ");
        }
        buf_add_format(&f->text, "it: %s}.it", expression);
        arena_reset(f->arena);
        int rc = buf_check(&f->text, err);
        if (rc == 0)
                rc = feel_compile(&node, f->arena, NULL, (struct str){f->text.p, f->text.n}, FEEL_EXPRESSION, err);
        if (rc == 0) {
                feel_machine_init(&m, f->arena, NULL, err);
                rc = feel_eval(&m, node, NULL, &value);
        }
        if (rc == 0 && (*out = feel_to_json(&value)) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        return rc;
}
