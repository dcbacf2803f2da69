/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls between cases: a call activity begins a case of its own, with its own number, on the model of the pack that its caller runs
 * on. It gets the inputs of the call and nothing else; what the call's outputs name is taken of its variables when it ends. Its end
 * travels as a message row to the caller, so that neither waits for the other's lock.
 */
#include "case/instance.h"

#include <string.h>

int call_begin(struct tx *tx, struct call *c, const struct instance *parent, const json_t *payload, int64_t token,
               int64_t sequence, int64_t *child, struct error *err)
{
        const char *process = json_string_value(json_object_get(payload, "process"));
        struct origin origin = {.pack = parent->pack, .parent = parent->id, .token = token, .sequence = sequence};
        struct case_start start = {.process = process == NULL ? "" : process,
                                   .subject_kind = parent->subject_kind,
                                   .subject = parent->subject,
                                   .office = parent->office,
                                   .pool = parent->pool,
                                   .variables = json_object_get(payload, "input")};

        return instance_begin(tx, c, &start, &origin, child, err);
}

int call_return(const struct stepping *s, const char *error, struct error *err)
{
        const struct instance *i = s->i;
        char once[60];
        int64_t id;
        bool fresh;
        struct sending m = {.kind = "return",
                            .name = error == NULL ? "" : error,
                            .key = "",
                            .body = error == NULL ? json_object_get(i->state_json, "variables") : NULL,
                            .source = i->id,
                            .target = i->parent,
                            .token = i->parent_token,
                            .sequence = i->parent_sequence,
                            .pool = i->pool,
                            .once = text_format(once, sizeof once, "return-%lld", (long long)i->id)};

        follow_tell(s->mover->follow, i->id);
        return message_insert(s->tx, s->h, &m, &fresh, &id, err);
}

int call_failed(struct stepping *s, bool *failed, struct error *err)
{
        struct instance up = {.id = 0};
        struct error thrown = *err, none = {0};
        char code[64];

        text_copy(code, sizeof code, (struct str){thrown.args, strcspn(thrown.args, "\x1f")});
        bool caught = instance_read(s->tx, s->h, s->i->parent, &up, &none) == 0 &&
                      bpmn_catches(up.model, up.state_json, s->i->parent_token, code);
        instance_dispose(&up);
        if (!caught)
                return ERR;
        error_clear(err);
        *failed = true;
        int rc = instance_end(s->tx, s->h, s->i->id, "failed", err);
        return rc == 0 ? call_return(s, code, err) : rc;
}
