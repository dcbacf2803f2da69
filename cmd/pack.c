/* SPDX-License-Identifier: Apache-2.0 */
#include "case/access.h"
#include "cmd/command.h"
#include "cmd/house.h"

#include <stdio.h>
#include <string.h>

struct counts {
        int errors, warnings;
        bool brief; /* notes are counted by nobody and left out */
};

static void print_fault(void *ctx, int severity, const struct error *fault)
{
        static const char *const words[] = {"note", "warning", "error"};
        struct counts *c = ctx;
        struct error bare = *fault;
        char name[8], text[2048];
        bare.where[0] = '\0';
        c->errors += severity == 2;
        c->warnings += severity == 1;
        if (severity == 2 || !c->brief)
                printf("%s %s %s %s\n", words[severity], fault->where[0] == '\0' ? "-" : fault->where,
                       error_name(fault->code, name), error_text(&bare, LANG_EN, text, sizeof text));
}

/* Does the pack say of every verb of this program who has its duty? A pack that has the tables, or inherits them, must. */
static int duties_check(const char *dir, const struct registry *verbs, struct counts *c, struct error *err)
{
        struct error fault = {0};
        struct pack *p = NULL;
        int rc = pack_open(&p, dir, err);

        if (rc == 0 && pack_file_owner(p, "permissions.csv") != NULL && access_check(p, verbs, &fault) < 0) {
                error_where(&fault, "%s/permissions.csv", dir);
                print_fault(c, 2, &fault);
        }
        pack_free(p);
        return rc;
}

static int check(int argc, char **argv)
{
        struct counts c = {.brief = command_flag(&argc, argv, "--errors")};
        struct registry *verbs = NULL;
        struct error err = {0};
        if (argc < 2)
                return command_usage("pack");
        int rc = house_verbs(&verbs, &err);
        for (int i = 1; rc == 0 && i < argc; i++) {
                int errors;
                rc = pack_check(argv[i], print_fault, &c, &errors, &err);
                if (rc == 0 && errors == 0)
                        rc = duties_check(argv[i], verbs, &c, &err);
        }
        registry_free(verbs);
        if (rc != 0)
                return command_fail(&err);
        printf("%d packs, %d errors, %d warnings\n", argc - 1, c.errors, c.warnings);
        return c.errors == 0 ? 0 : 1;
}

static void print_parameter(const struct parameter *p)
{
        char from[16], to[16];
        printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", p->key, p->dims, p->value, p->unit, day_text(p->valid_from, from),
               p->valid_to == DAY_END ? "" : day_text(p->valid_to, to), p->source, p->evidence, p->pack);
}

static int show(int argc, char **argv)
{
        struct error err = {0};
        struct pack *p = NULL;
        char hex[65];
        if (argc != 2 && argc != 3)
                return command_usage("pack");
        if (pack_open(&p, argv[1], &err) != 0)
                return command_fail(&err);
        int rc = 0;
        if (argc == 2) {
                printf("%s %s · %s %s\nversion %s\nhash %s\n", pack_name(p), pack_title(p, LANG_ZH), pack_title(p, LANG_EN),
                       pack_is_demonstration(p) ? "· demonstration 演示" : "", pack_version(p), hash_hex(pack_hash(p), hex));
                for (const struct pack *up = pack_parent(p); up != NULL; up = pack_parent(up))
                        printf("inherits %s %s\n", pack_name(up), hash_hex(pack_hash(up), hex));
                for (size_t i = 0; i < pack_key_count(p); i++) {
                        const struct parameter *rows;
                        printf("%s\t%zu\n", pack_key_name(p, i), pack_parameters(p, pack_key_name(p, i), &rows));
                }
        } else {
                const struct parameter *rows;
                size_t n = pack_parameters(p, argv[2], &rows);
                if (n == 0) {
                        error_raise(&err, SB_PARAMETER_UNKNOWN, "%.80s", argv[2]);
                        rc = command_fail(&err);
                }
                for (size_t i = 0; i < n; i++)
                        print_parameter(&rows[i]);
        }
        pack_free(p);
        return rc;
}

static int hash(int argc, char **argv)
{
        struct error err = {0};
        struct pack *p = NULL;
        char hex[65];
        if (argc != 2)
                return command_usage("pack");
        if (pack_open(&p, argv[1], &err) != 0)
                return command_fail(&err);
        printf("%s %s\n", hash_hex(pack_hash(p), hex), pack_name(p));
        pack_free(p);
        return 0;
}

int cmd_pack(int argc, char **argv)
{
        const char *verb = argc > 1 ? argv[1] : "";
        if (strcmp(verb, "check") == 0)
                return check(argc - 1, argv + 1);
        if (strcmp(verb, "show") == 0)
                return show(argc - 1, argv + 1);
        if (strcmp(verb, "hash") == 0)
                return hash(argc - 1, argv + 1);
        return command_usage(argv[0]);
}
