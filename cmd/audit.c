/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao audit: recompute everything from raw rows and say what does not agree; the trail and its anchors for who verifies elsewhere.
 */
#include "office/audit/audit.h"
#include "base/json.h"
#include "case/anchor.h"
#include "case/case.h"
#include "cmd/command.h"
#include "cmd/house.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* The keys, when they can be had: without them nothing is said of signatures. */
static int keys_find(struct keyring **out, const struct house_options *o, struct store *s, struct error *err)
{
        struct installation facts;
        int rc = installation_read(s, &facts, err);
        if (rc == 0) {
                rc = house_keys(out, o, &facts, err);
        }
        if (rc < 0 && o->keys == NULL && err->code == SB_COMMAND_KEYS) {
                error_clear(err);
                rc = 0;
        }
        return rc;
}

static int audit(const struct house_options *o, const char *anchors, bool json)
{
        struct error err = {0};
        struct store *s = NULL;
        struct keyring *keys = NULL;
        struct audit_result result = {0};
        json_t *findings = json ? json_array() : NULL;
        int rc = store_open(&s, o->url, NULL, &err);
        if (rc == 0) {
                rc = keys_find(&keys, o, s, &err);
        }
        if (rc == 0) {
                struct audit_options options = {.keys = keys, .anchors = anchors};
                rc = audit_run(&result, s, &options, json ? add_object : print_line, findings, &err);
        }
        if (rc != 0) {
                rc = command_fail(&err);
        } else if (json) {
                rc = print_json(&result, findings);
        } else {
                printf("%lld checks, %lld findings%s\n", (long long)result.checks, (long long)result.findings,
                       keys ? "" : " (signatures not looked at: --keys)");
        }
        json_decref(findings);
        store_close(s);
        keyring_free(keys);
        return rc != 0 ? rc : result.findings > 0;
}

/* audit anchors: print them, or append what FILE does not hold yet; --now makes one of what is sealed. */
static int anchors(int argc, char **argv)
{
        struct house_options options = {0};
        struct opened *o = NULL;
        struct error err = {0};
        const char *path = command_option(&argc, argv, "--out");
        bool now = command_flag(&argc, argv, "--now"), made = false;
        int written = 0, sealed = 0;
        if (!house_arguments(&argc, argv, &options) || argc != 2) {
                return command_usage("audit");
        }
        int rc = house_open(&o, &options, &err);
        if (rc == 0 && now) {
                rc = audit_seal(&o->house, clock_now(o->house.clock), &sealed, &err);
                rc = rc ? rc : anchor_make(&o->house, true, &made, &err);
        }
        if (rc == 0) {
                rc = anchor_write(o->house.store, path ? path : "/dev/stdout", &written, &err);
        }
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}

struct accept {
        struct house *house;
        struct actor who;
        const char *table, *reason;
};

static int accept_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct accept *a = ctx;
        struct call c = {.house = a->house, .who = a->who};
        json_t *body = json_pack("{s:s,s:s}", "table", a->table, "reason", a->reason);
        int rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_guard_accept(tx, a->table, err);
        rc = rc ? rc : audit_add(tx, &c, "audit.accept", "table", 0, body, err);
        json_decref(body);
        return rc;
}

/* audit accept: take a table as it stands, after a change by other means that was found and is right. */
static int accept_table(int argc, char **argv)
{
        struct house_options options = {0};
        struct opened *o = NULL;
        struct error err = {0};
        struct accept a = {.reason = command_option(&argc, argv, "--reason")};
        const char *login = command_option(&argc, argv, "--as");
        if (!house_arguments(&argc, argv, &options) || argc != 3 || !login || !a.reason) {
                return command_usage("audit");
        }
        int rc = house_open(&o, &options, &err);
        if (rc == 0) {
                a.house = &o->house;
                a.table = argv[2];
                rc = house_staff(&o->house, login, &a.who, &err);
        }
        rc = rc ? rc : store_write(o->house.store, accept_apply, &a, &err);
        if (rc == 0) {
                printf(terminal_lang() == LANG_ZH ? "%s 按现状认可，已记入审计轨迹\n"
                                                  : "%s is taken as it stands; the trail says so\n",
                       a.table);
        }
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}

static int trail(int argc, char **argv)
{
        struct error err = {0};
        struct store *s = NULL;
        const char *url = command_option(&argc, argv, "--db"), *path = command_option(&argc, argv, "--out");
        int64_t rows = 0;
        if (argc != 2 || !url || !path) {
                return command_usage("audit");
        }
        int rc = store_open(&s, url, NULL, &err);
        if (rc == 0) {
                rc = audit_trail_write(s, path, &rows, &err);
        }
        store_close(s);
        if (rc < 0) {
                return command_fail(&err);
        }
        printf("%lld rows\n", (long long)rows);
        return 0;
}

static int key(int argc, char **argv)
{
        struct house_options options = {0};
        struct error err = {0};
        struct store *s = NULL;
        struct keyring *keys = NULL;
        struct installation facts;
        struct hash public_key;
        char hex[65];
        if (!house_arguments(&argc, argv, &options) || argc != 2) {
                return command_usage("audit");
        }
        int rc = store_open(&s, options.url, NULL, &err);
        rc = rc ? rc : installation_read(s, &facts, &err);
        rc = rc ? rc : house_keys(&keys, &options, &facts, &err);
        if (rc == 0) {
                keyring_public(keys, public_key.b);
                puts(hash_hex(&public_key, hex));
        }
        keyring_free(keys);
        store_close(s);
        return rc < 0 ? command_fail(&err) : 0;
}

static int verify(int argc, char **argv)
{
        struct error err = {0};
        struct audit_result result = {0};
        struct hash public_key;
        const char *file = command_option(&argc, argv, "--trail"), *kept = command_option(&argc, argv, "--anchors");
        const char *hex = command_option(&argc, argv, "--key");
        bool json = command_flag(&argc, argv, "--json");
        if (argc != 2 || !file || !kept || !hex) {
                return command_usage("audit");
        }
        json_t *findings = json ? json_array() : NULL;
        int rc = hash_parse(&public_key, str_from(hex), &err);
        if (rc == 0) {
                rc = audit_verify(&result, file, kept, public_key.b, json ? add_object : print_line, findings, &err);
        }
        if (rc != 0) {
                rc = command_fail(&err);
        } else if (json) {
                rc = print_json(&result, findings);
        } else {
                printf("%lld checks, %lld findings\n", (long long)result.checks, (long long)result.findings);
        }
        json_decref(findings);
        return rc != 0 ? rc : result.findings > 0;
}

int cmd_audit(int argc, char **argv)
{
        static const struct {
                const char *name;
                int (*run)(int argc, char **argv);
        } parts[] = {{"accept", accept_table}, {"anchors", anchors}, {"trail", trail}, {"verify", verify}, {"key", key}};
        struct house_options options = {0};
        for (size_t i = 0; argc >= 2 && i < sizeof parts / sizeof *parts; i++) {
                if (strcmp(argv[1], parts[i].name) == 0) {
                        return parts[i].run(argc, argv);
                }
        }
        const char *kept = command_option(&argc, argv, "--anchors");
        bool json = command_flag(&argc, argv, "--json");
        return !house_arguments(&argc, argv, &options) || argc != 1 ? command_usage("audit") : audit(&options, kept, json);
}
