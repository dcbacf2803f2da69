/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao audit: recompute everything from raw rows and say what does not agree.
 */
#include "office/audit/audit.h"
#include "base/json.h"
#include "cmd/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void print_line(void *ctx, const struct audit_finding *f)
{
        char name[8];
        struct error e = {.code = f->code};
        char text[256];
        (void)ctx;
        printf("%s %s %.*s", error_name(f->code, name), f->table, (int)f->key.n, f->key.p);
        if (f->field.n > 0) {
                printf(" %.*s", (int)f->field.n, f->field.p);
        }
        if (f->expected.n > 0 || f->found.n > 0) {
                printf(": expected %.*s, found %.*s", (int)f->expected.n, f->expected.p, (int)f->found.n, f->found.p);
        }
        printf(" — %s\n", error_text(&e, LANG_EN, text, sizeof text));
}

static json_t *text_of(struct str s)
{
        return json_stringn(s.p, s.n);
}

static void add_object(void *ctx, const struct audit_finding *f)
{
        char name[8];
        json_t *o = json_object();
        json_object_set_new(o, "code", json_string(error_name(f->code, name)));
        json_object_set_new(o, "table", json_string(f->table));
        json_object_set_new(o, "key", text_of(f->key));
        json_object_set_new(o, "field", text_of(f->field));
        json_object_set_new(o, "expected", text_of(f->expected));
        json_object_set_new(o, "found", text_of(f->found));
        json_array_append_new(ctx, o);
}

static int print_json(const struct audit_result *result, const json_t *findings)
{
        struct error err = {0};
        struct buf out;
        json_t *o = json_object();
        json_object_set_new(o, "checks", json_integer(result->checks));
        json_object_set_new(o, "count", json_integer(result->findings));
        json_object_set(o, "findings", (json_t *)(uintptr_t)findings);
        buf_init(&out, (size_t)1 << 30);
        int rc = json_canonical(&out, o, &err);
        if (rc == 0) {
                puts(buf_text(&out));
        }
        buf_dispose(&out);
        json_decref(o);
        return rc == 0 ? 0 : command_fail(&err);
}

static int audit(const char *url, const char *key_file, bool json)
{
        struct error err = {0};
        struct store *s = NULL;
        struct keyring *keys = NULL;
        struct audit_result result = {0};
        json_t *findings = json ? json_array() : NULL;
        int rc = 0;
        if (key_file && access(key_file, R_OK) != 0) { /* keyring_open would make one */
                rc = error_raise(&err, SB_IO, "%s|%s", key_file, "not readable");
        } else if (key_file) {
                rc = keyring_open(&keys, key_file, &err);
        }
        if (rc == 0) {
                rc = store_open(&s, url, NULL, &err);
        }
        if (rc == 0) {
                struct audit_options options = {.keys = keys};
                rc = audit_run(&result, s, &options, json ? add_object : print_line, findings, &err);
        }
        if (rc != 0) {
                rc = command_fail(&err);
        } else if (json) {
                rc = print_json(&result, findings);
        } else {
                printf("%lld checks, %lld findings\n", (long long)result.checks, (long long)result.findings);
        }
        json_decref(findings);
        store_close(s);
        keyring_free(keys);
        return rc != 0 ? rc : result.findings > 0;
}

int cmd_audit(int argc, char **argv)
{
        const char *url = command_option(&argc, argv, "--db");
        const char *keys = command_option(&argc, argv, "--keys");
        bool json = command_flag(&argc, argv, "--json");
        return argc != 1 || !url ? command_usage("audit") : audit(url, keys, json);
}
