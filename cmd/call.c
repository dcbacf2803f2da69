/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao call: a verb as a member of staff, from the command line; shebao verbs: which there are.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "base/rng.h"
#include "case/access.h"
#include "office/staff/staff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BODY_MAX ((size_t)64 << 20)

struct staff_search {
        struct house *house;
        const char *login;
        struct staff staff;
};

static int staff_search_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct staff_search *s = ctx;

        return staff_by_login(tx, s->login, clock_today(s->house->clock), &s->staff, err);
}

int house_staff(struct house *h, const char *login, struct actor *out, struct error *err)
{
        struct staff_search s = {.house = h, .login = login};
        int rc = store_read(h->store, staff_search_apply, &s, err);

        if (rc == 0)
                *out = staff_actor(&s.staff, terminal_lang());
        return rc;
}

char *house_key(char out[48])
{
        unsigned char raw[16];

        random_bytes(raw, sizeof raw);
        text_copy(out, 48, STR("cli-"));
        for (size_t i = 0; i < sizeof raw; i++)
                text_format(out + 4 + 2 * i, 3, "%02x", raw[i]);
        return out;
}

/* JSON as it stands, or of a file with @. */
static int input_read(const char *text, json_t **out, struct error *err)
{
        if (text == NULL)
                return (*out = json_object()) == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        int rc = text[0] == '@' ? json_read_file(out, text + 1, err) : json_read(out, str_from(text), err);
        if (rc == 0 && !json_is_object(*out))
                rc = error_raise(err, SB_FIELD_TYPE, "%s|%s", "--in", ERROR_BOTH("a JSON object", "JSON 对象"));
        return rc;
}

static int json_print(FILE *out, const json_t *value, struct error *err)
{
        char *text = json_dumps(value, JSON_INDENT(2) | JSON_SORT_KEYS);

        if (text == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        fprintf(out, "%s\n", text);
        free(text);
        return 0;
}

/* A file goes where --out says, else to the terminal's pipe; an answer in JSON too. */
static int answer_put(const char *path, struct raw_reply *raw, const json_t *answer, struct error *err)
{
        struct buf text;
        int rc;

        if (raw->media_type[0] != '\0')
                return command_put(path, &raw->bytes, err);
        if (path == NULL)
                return json_print(stdout, answer, err);
        buf_init(&text, JSON_MAX_BYTES);
        rc = json_canonical(&text, answer, err);
        if (rc == 0)
                rc = file_write(path, text.p, text.n, err);
        buf_dispose(&text);
        return rc;
}

struct calling {
        const char *verb, *login, *in, *body, *type, *key, *out;
};

static int call_run(struct opened *o, const struct calling *a, struct error *err)
{
        struct raw_reply raw = {.media_type = ""};
        struct call c = {.house = &o->house, .key = a->key, .raw = &raw};
        const struct verb *v = registry_find(o->verbs, a->verb);
        json_t *in = NULL, *out = NULL;
        struct buf body;
        char key[48];

        buf_init(&raw.bytes, (size_t)256 << 20);
        buf_init(&body, BODY_MAX);
        int rc = v == NULL ? error_raise(err, SB_CASE_VERB_UNKNOWN, "%.80s", a->verb)
                           : house_staff(&o->house, a->login, &c.who, err);
        if (rc == 0)
                rc = input_read(a->in, &in, err);
        if (rc == 0 && a->body != NULL) {
                rc = file_read(&body, a->body, BODY_MAX, err);
                c.body = (struct str){body.p, body.n};
                c.body_type = a->type != NULL ? a->type : "application/octet-stream";
        }
        if (rc == 0 && v->kind == VERB_WRITE && c.key == NULL)
                c.key = house_key(key);
        if (rc == 0)
                rc = verb_call(&c, v, in, &out, err);
        if (rc == 0)
                rc = answer_put(a->out, &raw, out, err);
        buf_dispose(&raw.bytes);
        buf_dispose(&body);
        json_decref(in);
        json_decref(out);
        return rc;
}

int cmd_call(int argc, char **argv)
{
        struct house_options options = {0};
        struct calling a = {0};
        struct opened *o = NULL;
        struct error err = {0};

        a.login = command_option(&argc, argv, "--as");
        a.in = command_option(&argc, argv, "--in");
        a.body = command_option(&argc, argv, "--body");
        a.type = command_option(&argc, argv, "--type");
        a.key = command_option(&argc, argv, "--key");
        a.out = command_option(&argc, argv, "--out");
        if (!house_arguments(&argc, argv, &options) || argc != 2 || a.login == NULL)
                return command_usage("call");
        a.verb = argv[1];
        int rc = house_open(&o, &options, &err);
        if (rc == 0)
                rc = call_run(o, &a, &err);
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}

/* --- verbs ------------------------------------------------------------------------------------------------------------------ */

static void verb_print(const struct verb *v, bool zh)
{
        printf("%-34s %-5s ", v->name, v->kind == VERB_WRITE ? "write" : "read");
        printf("%s\n    %s\n", v->duty == NULL ? "system" : v->duty, zh ? v->summary_zh : v->summary_en);
}

/* The matrix of authority: a route a line, a role a column; in a cell whose offices, "body:from-to", of the role have it. */
static void cell_print(const struct pack *p, const struct verb *v, const char *role)
{
        const struct permission *rows = NULL;
        bool outside = strcmp(role, "insured") == 0 || strcmp(role, "employer") == 0;
        bool signed_in = strcmp(v->duty, DUTY_SIGNED_IN) == 0, all = signed_in || strcmp(v->duty, DUTY_ALL) == 0;
        size_t n = all ? 0 : pack_permissions(p, v->duty, &rows);
        const char *blank = "";

        printf(",%s", all && (signed_in || !outside) ? BODY_ANY : "");
        for (size_t i = 0; i < n; i++) {
                if (strcmp(rows[i].role, role) != 0)
                        continue;
                printf("%s%s", blank, rows[i].body);
                if (rows[i].level_from != 0)
                        printf(":%d-%d", rows[i].level_from, rows[i].level_to);
                blank = " ";
        }
}

static int matrix_print(const struct registry *r, const char *dir, struct error *err)
{
        static const char *const roles[] = {"clerk", "reviewer", "approver", "finance", "auditor",
                                            "admin", "partner",  "insured",  "employer"};
        const struct verb *v;
        struct pack *p = NULL;
        int rc = pack_open(&p, dir, err);

        rc = rc ? rc : access_check(p, r, err);
        if (rc == 0)
                printf("verb,method,path,kind,duty,scope,clerk,reviewer,approver,finance,auditor,admin,partner,insured,"
                       "employer\n");
        for (size_t i = 0; rc == 0 && (v = registry_at(r, i)) != NULL; i++) {
                if (v->path == NULL)
                        continue;
                printf("%s,%s,%s,%s,%s,%s", v->name, v->method, v->path, v->kind == VERB_WRITE ? "write" : "read", v->duty,
                       v->scope);
                for (size_t k = 0; k < sizeof roles / sizeof roles[0]; k++)
                        cell_print(p, v, roles[k]);
                putchar('\n');
        }
        pack_free(p);
        return rc;
}

int cmd_verbs(int argc, char **argv)
{
        const char *matrix = command_option(&argc, argv, "--matrix");
        struct registry *r = NULL;
        struct error err = {0};
        bool zh = terminal_lang() == LANG_ZH;
        int rc;

        if (argc > 2 || (argc == 2 && matrix != NULL))
                return command_usage("verbs");
        rc = house_verbs(&r, &err);
        if (rc == 0 && matrix != NULL)
                rc = matrix_print(r, matrix, &err);
        for (size_t i = 0; rc == 0 && argc == 1 && matrix == NULL && registry_at(r, i) != NULL; i++)
                verb_print(registry_at(r, i), zh);
        if (rc == 0 && argc == 2) {
                const struct verb *v = registry_find(r, argv[1]);
                if (v == NULL) {
                        rc = error_raise(&err, SB_CASE_VERB_UNKNOWN, "%.80s", argv[1]);
                } else {
                        verb_print(v, zh);
                        printf("    %s %s\n", v->method == NULL ? "-" : v->method, v->path == NULL ? "" : v->path);
                        rc = json_print(stdout, registry_schema_in(r, v), &err);
                }
        }
        registry_free(r);
        return rc < 0 ? command_fail(&err) : 0;
}
