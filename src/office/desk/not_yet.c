/* SPDX-License-Identifier: Apache-2.0
 *
 * What the product cannot do yet (尚未接入): a process names the verb that is meant; the step that follows in its model has somebody
 * do it outside the system and record where. Nothing is changed and nothing is claimed.
 */
#include "office/desk/desk.h"
#include "office/json.h"

int desk_not_yet(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        const char *verb = json_string_value(json_object_get(in, "verb"));

        (void)c;
        *out = json_pack("{s:b, s:s}", "done", 0, "verb", verb == NULL ? "" : verb);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}
