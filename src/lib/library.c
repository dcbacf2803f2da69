/* SPDX-License-Identifier: Apache-2.0
 *
 * The door of libshebao (include/shebao.h) on the floors base, engine and pack: JSON text in, JSON text out. */
#include "shebao.h"

#include "base/zone.h"
#include "engine/dmn/dmn.h"
#include "pack/model_folder.h"
#include "pack/pack.h"

#include <stdlib.h>
#include <string.h>

struct shebao_pack {
        struct pack *pack;
        char hash[2 * HASH_BYTES + 1];
};
struct shebao_model {
        struct model_folder *folder;
        struct dmn_model *model; /* of the folder */
        struct zones *zones;
        struct temporal_zones named;
};

static _Thread_local enum lang language = LANG_EN;

void shebao_language(int chosen)
{
        language = chosen == 1 ? LANG_ZH : LANG_EN;
}

const char *shebao_version(void)
{
        return SHEBAO_VERSION;
}

int shebao_semantics(void)
{
        return DMN_SEMANTICS_VERSION;
}

void shebao_text_free(char *text)
{
        free(text);
}

static int told(int rc, const struct error *err, char out[SHEBAO_ERROR])
{
        char name[8], text[SHEBAO_ERROR - 16];

        if (rc == 0)
                return 0;
        text_format(out, SHEBAO_ERROR, "%s %s", error_name(err->code, name), error_text(err, language, text, sizeof text));
        return -1;
}

/* The object as text of the caller's; takes it. */
static int answer_text(char **out, json_t *answer, struct error *err)
{
        *out = answer == NULL ? NULL : json_dumps(answer, JSON_COMPACT | JSON_SORT_KEYS);
        json_decref(answer);
        return *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

int shebao_pack_open(struct shebao_pack **out, const char *folder, char error[SHEBAO_ERROR])
{
        struct shebao_pack *p = calloc(1, sizeof *p);
        struct error err = {0};
        int rc = p == NULL ? error_raise(&err, SB_MEMORY, "%s", "") : pack_open(&p->pack, folder, &err);

        if (rc == 0) {
                hash_hex(pack_hash(p->pack), p->hash);
                *out = p;
                p = NULL;
        }
        shebao_pack_free(p);
        return told(rc, &err, error);
}

void shebao_pack_free(struct shebao_pack *pack)
{
        if (pack == NULL)
                return;
        pack_free(pack->pack);
        free(pack);
}

const char *shebao_pack_hash(const struct shebao_pack *pack)
{
        return pack->hash;
}

int shebao_decide(const struct shebao_pack *pack, const char *model, const char *decision, const char *day, const char *inputs,
                  char **answer, char error[SHEBAO_ERROR])
{
        json_t *in = NULL, *result = NULL, *derivation = NULL;
        struct error err = {0};
        day_t law;
        int rc = day_parse(&law, str_from(day), &err);

        if (rc == 0)
                rc = json_read(&in, str_from(inputs), &err);
        if (rc == 0)
                rc = pack_decide(pack->pack, model, decision, law, in, &result, &derivation, &err);
        if (rc == 0)
                rc = answer_text(answer,
                                 json_pack("{s:O,s:O,s:s,s:i}", "result", result, "derivation", derivation, "pack", pack->hash,
                                           "semantics", DMN_SEMANTICS_VERSION),
                                 &err);
        json_decref(in);
        json_decref(result);
        json_decref(derivation);
        return told(rc, &err, error);
}

int shebao_model_open(struct shebao_model **out, const char *file, char error[SHEBAO_ERROR])
{
        struct shebao_model *m = calloc(1, sizeof *m);
        struct error err = {0};
        int rc = m == NULL ? error_raise(&err, SB_MEMORY, "%s", "") : zones_open(&m->zones, NULL, &err);

        if (rc == 0) {
                m->named = (struct temporal_zones){zones_find, m->zones};
                struct dmn_options options = {.zones = &m->named};
                rc = model_folder_open(&m->folder, file, &options, &m->model, &err);
        }
        if (rc == 0) {
                *out = m;
                m = NULL;
        }
        shebao_model_free(m);
        return told(rc, &err, error);
}

void shebao_model_free(struct shebao_model *model)
{
        if (model == NULL)
                return;
        model_folder_free(model->folder);
        zones_close(model->zones);
        free(model);
}

int shebao_model_decide(const struct shebao_model *model, const char *decision, const char *inputs, char **answer,
                        char error[SHEBAO_ERROR])
{
        struct dmn_answer a = {NULL, NULL, 0, ""};
        struct error err = {0};
        json_t *in = NULL, *out = NULL;
        int rc = json_read(&in, str_from(inputs), &err);
        struct dmn_call call = {.decision = decision, .inputs = in, .explain = true};

        if (rc == 0)
                rc = dmn_eval(model->model, &call, &a, &err);
        if (rc == 0) {
                out = json_pack("{s:O,s:O}", "result", a.result, "derivation", a.derivation);
                if (a.diagnostics > 0)
                        json_object_set_new(out, "diagnostic", json_string(a.diagnostic));
                rc = answer_text(answer, out, &err);
        }
        dmn_answer_dispose(&a);
        json_decref(in);
        return told(rc, &err, error);
}
