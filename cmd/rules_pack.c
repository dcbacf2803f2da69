/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_pack.h"

#include "pack/pack.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

bool rules_pack_path(const char *path, char *dir, size_t dir_size, char *model, size_t model_size)
{
        const char *slash = strrchr(path, '/'), *base = slash == NULL ? path : slash + 1;
        size_t n = strlen(base), folder = slash == NULL ? 0 : (size_t)(slash - path);
        char manifest[PATH_MAX];

        if (n < 5 || strcmp(base + n - 4, ".dmn") != 0 || folder < 5 || memcmp(path + folder - 5, "rules", 5) != 0 ||
            (folder > 5 && path[folder - 6] != '/'))
                return false;
        text_copy(dir, dir_size, folder == 5 ? STR(".") : (struct str){path, folder - 6});
        text_copy(model, model_size, (struct str){base, n - 4});
        text_format(manifest, sizeof manifest, "%s/pack.json", dir);
        return access(manifest, R_OK) == 0;
}

int rules_pack_eval(const char *dir, const char *model, const char *decision, day_t day, const json_t *inputs, bool explain,
                    json_t **out, struct error *err)
{
        struct pack *p = NULL;
        json_t *result = NULL, *derivation = NULL;
        char diagnostic[200] = "";

        int rc = pack_open(&p, dir, err);
        if (rc == 0)
                rc = pack_try(p, model, decision, day, inputs, &result, explain ? &derivation : NULL, diagnostic, err);
        if (rc == 0 && (*out = json_pack("{s:O}", "result", result)) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        if (rc == 0 && explain)
                json_object_set(*out, "derivation", derivation);
        if (rc == 0 && diagnostic[0] != '\0')
                json_object_set_new(*out, "diagnostic", json_string(diagnostic));
        json_decref(result);
        json_decref(derivation);
        pack_free(p);
        return rc;
}
