/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_test.h"
#include "pack/model_folder.h"

#include "base/clock.h"
#include "base/xml.h"
#include "command.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define CASE_FILE_MAX ((size_t)16 << 20)

struct tally {
        int passed, failed;
        struct temporal_zones zones;
        instant_t now;
};

/* <value xsi:type="xsd:decimal">, <list><item>, <component name=…>, xsi:nil → a value. */
static bool value_read(struct feel_machine *m, const struct xml_node *n, struct feel_value *out)
{
        const struct xml_node *value = xml_child(n, "value"), *list = xml_child(n, "list");
        struct feel_value *items;
        struct feel_entry *entries;
        uint32_t count = 0;

        *out = (struct feel_value){.kind = FEEL_NULL};
        if (list != NULL && xml_attr_ns(list, "http://www.w3.org/2001/XMLSchema-instance", "nil") == NULL) {
                for (const struct xml_node *c = xml_child(list, "item"); c != NULL; c = xml_next(c, "item"))
                        count++;
                items = arena_array(m->arena, count + 1, sizeof *items);
                count = 0;
                for (const struct xml_node *c = xml_child(list, "item"); c != NULL; c = xml_next(c, "item"))
                        if (!value_read(m, c, &items[count++]))
                                return false;
                *out = (struct feel_value){.kind = FEEL_LIST, .count = count, .items = items};
                return true;
        }
        if (xml_child(n, "component") != NULL) {
                for (const struct xml_node *c = xml_child(n, "component"); c != NULL; c = xml_next(c, "component"))
                        count++;
                entries = arena_array(m->arena, count + 1, sizeof *entries);
                count = 0;
                for (const struct xml_node *c = xml_child(n, "component"); c != NULL; c = xml_next(c, "component")) {
                        entries[count].name = xml_attr(c, "name");
                        if (!value_read(m, c, &entries[count++].value))
                                return false;
                }
                *out = (struct feel_value){.kind = FEEL_CONTEXT, .count = count, .entries = entries};
                return true;
        }
        if (value == NULL)
                return true;
        const char *nil = xml_attr_ns(value, "http://www.w3.org/2001/XMLSchema-instance", "nil");
        const char *type = xml_attr_ns(value, "http://www.w3.org/2001/XMLSchema-instance", "type");
        if (nil != NULL && strcmp(nil, "true") == 0)
                return true;
        const char *colon = type == NULL ? NULL : strchr(type, ':');
        const char *local = colon != NULL ? colon + 1 : type == NULL ? "string" : type;
        static const char *const TYPES[][2] = {
            {"decimal", "number"}, {"double", "number"},          {"integer", "number"},   {"int", "number"},
            {"long", "number"},    {"float", "number"},           {"boolean", "boolean"},  {"date", "date"},
            {"time", "time"},      {"dateTime", "date and time"}, {"duration", "duration"}};
        for (size_t i = 0; i < sizeof(TYPES) / sizeof(TYPES[0]); i++)
                if (strcmp(local, TYPES[i][0]) == 0)
                        return feel_from_text(m, TYPES[i][1], str_trim(str_from(value->text)), out);
        return feel_from_text(m, "string", str_from(value->text), out);
}

/* The suite writes what other engines print of binary floating point: eight digits count. */
static bool near(struct decimal a, struct decimal b)
{
        struct decimal difference, bound, scale = decimal_abs(a), one = decimal_from_int(1);

        if (decimal_compare(a, b) == 0)
                return true;
        if (decimal_compare(scale, one) < 0)
                scale = one;
        return decimal_sub(&difference, a, b) && decimal_mul(&bound, scale, decimal_from_scaled(1, 8)) &&
               decimal_compare(decimal_abs(difference), bound) <= 0;
}

/* Same value; numbers by value. */
static bool same(const struct feel_value *a, const struct feel_value *b)
{
        bool equal;

        if (a->kind == FEEL_LIST && b->kind == FEEL_LIST) {
                equal = a->count == b->count;
                for (uint32_t i = 0; equal && i < a->count; i++)
                        equal = same(&a->items[i], &b->items[i]);
                return equal;
        }
        if (a->kind == FEEL_CONTEXT && b->kind == FEEL_CONTEXT) {
                equal = a->count == b->count;
                for (uint32_t i = 0; equal && i < a->count; i++) {
                        const struct feel_value *other = feel_get(b, a->entries[i].name);
                        equal = other != NULL && same(&a->entries[i].value, other);
                }
                return equal;
        }
        if (a->kind == FEEL_NUMBER && b->kind == FEEL_NUMBER)
                return near(a->number, b->number);
        return feel_equal(a, b, &equal) && equal;
}

static void difference(const char *file, const char *id, const char *result, const struct feel_value *want,
                       const struct feel_value *have, const char *why)
{
        struct buf w, h;

        buf_init(&w, 1 << 16);
        buf_init(&h, 1 << 16);
        feel_print(&w, want);
        feel_print(&h, have);
        printf("FAIL %s case %s %s: expected %.200s, got %.200s%s%s\n", file, id == NULL ? "?" : id,
               result == NULL ? "?" : result, buf_text(&w), buf_text(&h), why[0] == '\0' ? "" : " — ", why);
        buf_dispose(&w);
        buf_dispose(&h);
}

static const char *node_name(const struct xml_node *n)
{
        return xml_attr(n, "name") == NULL ? "" : xml_attr(n, "name");
}

/* One test case: true when every result node is as expected. */
static bool case_run(struct dmn_model *model, const struct xml_node *n, const char *file, const struct tally *tally)
{
        struct dmn_context *c = NULL;
        struct arena *a = arena_new((size_t)64 << 20);
        struct feel_machine m;
        struct error err = {0};
        struct feel_entry inputs[256];
        size_t count = 0;
        bool ok = a != NULL && dmn_context_new(&c, model, 0, &err) == 0;

        feel_machine_init(&m, a, NULL, &err);
        m.zones = &tally->zones;
        if (ok)
                dmn_context_now(c, tally->now);
        for (const struct xml_node *i = xml_child(n, "inputNode"); ok && i != NULL && count < 256;
             i = xml_next(i, "inputNode")) {
                inputs[count].name = node_name(i);
                ok = value_read(&m, i, &inputs[count++].value);
        }
        const char *service = xml_attr(n, "invocableName");
        for (const struct xml_node *r = xml_child(n, "resultNode"); ok && r != NULL; r = xml_next(r, "resultNode")) {
                const struct xml_node *expected = xml_child(r, "expected");
                struct feel_value want = {.kind = FEEL_NULL}, have = {.kind = FEEL_NULL};
                char text[512] = "";
                if (expected != NULL && !value_read(&m, expected, &want))
                        ok = false;
                memset(&err, 0, sizeof err);
                if (dmn_run(c, service != NULL ? service : node_name(r), inputs, count, &have, &err) < 0) {
                        have.kind = FEEL_NULL;
                        error_text(&err, LANG_EN, text, sizeof text);
                }
                if (!same(&want, &have)) {
                        difference(file, xml_attr(n, "id"), node_name(r), &want, &have, text);
                        ok = false;
                }
        }
        dmn_context_free(c);
        arena_free(a);
        return ok;
}

static int cases_run(const char *path, struct tally *tally, struct error *err)
{
        struct arena *a = arena_new((size_t)256 << 20);
        struct model_folder *folder = NULL;
        struct dmn_model *model = NULL;
        const struct xml_node *root = NULL, *name;
        struct error broken = {0};
        struct dmn_options options = {.zones = &tally->zones, .tolerant = true};
        char model_path[1024], text[1024];
        struct buf xml;

        buf_init(&xml, CASE_FILE_MAX);
        int rc = file_read(&xml, path, CASE_FILE_MAX, err);
        if (rc == 0)
                rc = xml_parse(&root, a, (struct str){xml.p, xml.n}, NULL, err);
        if (rc == 0 && strcmp(root->name, "testCases") == 0 && (name = xml_child(root, "modelName")) != NULL) {
                text_format(model_path, sizeof model_path, "%.*s/%s", (int)(strrchr(path, '/') - path), path, name->text);
                if (model_folder_open(&folder, model_path, &options, &model, &broken) < 0)
                        printf("FAIL %s: %s\n", path, error_text(&broken, LANG_EN, text, sizeof text));
                for (const struct xml_node *n = xml_child(root, "testCase"); n != NULL; n = xml_next(n, "testCase")) {
                        if (model != NULL && case_run(model, n, path, tally))
                                tally->passed++;
                        else
                                tally->failed++;
                }
        }
        model_folder_free(folder);
        arena_free(a);
        buf_dispose(&xml);
        return rc;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
        return strcmp((*a)->d_name, (*b)->d_name);
}

static int dir_run(const char *dir, struct tally *tally, struct error *err)
{
        struct dirent **list = NULL;
        int n = scandir(dir, &list, NULL, by_name), rc = 0;

        if (n < 0)
                return error_raise(err, SB_IO, "%s|%s", dir, "it is no folder that can be read");
        for (int i = 0; i < n; i++) {
                char path[1024];
                struct stat st;
                size_t length = strlen(list[i]->d_name);
                text_format(path, sizeof path, "%s/%s", dir, list[i]->d_name);
                if (rc == 0 && list[i]->d_name[0] != '.' && stat(path, &st) == 0) {
                        if (S_ISDIR(st.st_mode))
                                rc = dir_run(path, tally, err);
                        else if (length > 4 && strcmp(list[i]->d_name + length - 4, ".xml") == 0)
                                rc = cases_run(path, tally, err);
                }
                free(list[i]);
        }
        free(list);
        return rc;
}

int rules_test(const char *dir)
{
        struct tally tally = {0};
        struct clock *clock = clock_system();
        struct zones *zones = NULL;
        struct error err = {0};
        int rc = zones_open(&zones, NULL, &err);

        tally.zones = (struct temporal_zones){zones_find, zones};
        if (rc == 0 && clock == NULL)
                rc = error_raise(&err, SB_MEMORY, "%s", "");
        tally.now = clock == NULL ? 0 : clock_now(clock);
        clock_free(clock);
        if (rc == 0)
                rc = dir_run(dir, &tally, &err);
        zones_close(zones);
        if (rc < 0)
                return command_fail(&err);
        printf("%d passed, %d failed\n", tally.passed, tally.failed);
        return tally.failed == 0 ? 0 : 1;
}
