/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/pack_internal.h"

#include <string.h>

static const char *const schema_text =
    "{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"name\",\"title\","
    "\"version\"],\"properties\":{"
    "\"name\":{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9]*(-[a-z0-9]+)*$\",\"maxLength\":60},"
    "\"title\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"zh\",\"en\"],"
    "\"properties\":{"
    "\"zh\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":100},"
    "\"en\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":100}}},"
    "\"version\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":40},"
    "\"parent\":{\"type\":\"object\",\"additionalProperties\":false,\"required\":[\"name\"],"
    "\"properties\":{"
    "\"name\":{\"type\":\"string\",\"pattern\":\"^[a-z][a-z0-9]*(-[a-z0-9]+)*$\",\"maxLength\":60},"
    "\"hash\":{\"type\":\"string\",\"pattern\":\"^[0-9a-f]{64}$\"}}},"
    "\"demonstration\":{\"type\":\"boolean\"},"
    "\"territory\":{\"type\":\"string\",\"pattern\":\"^[0-9]{6}$\"},"
    "\"note\":{\"type\":\"string\",\"maxLength\":2000},"
    "\"removals\":{\"type\":\"array\",\"maxItems\":1000,\"items\":{\"type\":\"object\","
    "\"additionalProperties\":false,\"required\":[\"key\",\"reason\"],\"properties\":{"
    "\"key\":{\"type\":\"string\"},\"dimensions\":{\"type\":\"string\"},"
    "\"valid_from\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"reason\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":500}}}}}}";

static const char *text_of(const json_t *o, const char *name)
{
        const char *value = json_string_value(json_object_get(o, name));
        return value == NULL ? "" : value;
}

static int take_parent(struct pack *p, struct error *err)
{
        const json_t *parent = json_object_get(p->manifest, "parent");
        const char *pin = text_of(parent, "hash");
        if (parent == NULL)
                return 0;
        p->parent_name = text_of(parent, "name");
        if (strcmp(p->parent_name, p->name) == 0)
                return error_raise(err, SB_PACK_PARENT, "%s|" ERROR_BOTH("it is the pack itself", "上级即自身"), p->name);
        p->pinned = pin[0] != '\0';
        return p->pinned ? hash_parse(&p->parent_hash, str_from(pin), err) : 0;
}

/* Texts stay in the JSON object, which lives as long as the pack. */
int manifest_read(struct pack *p, struct error *err)
{
        const struct pack_item *item = files_find(p, "pack.json");
        json_t *schema = NULL;
        if (item == NULL)
                return error_raise(err, SB_PACK_FILE, "%s|pack.json", p->label);
        int rc = json_read(&schema, str_from(schema_text), err);
        if (rc == 0)
                rc = json_read(&p->manifest, item->bytes, err);
        if (rc == 0)
                rc = json_check(schema, p->manifest, err);
        if (rc == 0) {
                const json_t *title = json_object_get(p->manifest, "title");
                p->name = text_of(p->manifest, "name");
                p->title[LANG_ZH] = text_of(title, "zh");
                p->title[LANG_EN] = text_of(title, "en");
                p->version = text_of(p->manifest, "version");
                p->territory = text_of(p->manifest, "territory");
                p->demonstration = json_is_true(json_object_get(p->manifest, "demonstration"));
                rc = take_parent(p, err);
        }
        if (rc != 0) {
                char path[240];
                error_in(err, text_format(path, sizeof path, "%s/pack.json", p->label));
        }
        json_decref(schema);
        return rc;
}
