/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao init: found an installation with its first administrator; shebao staff: add a member of staff.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "case/case.h"
#include "office/staff/staff.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define PASSWORD_MIN 8
#define PASSWORD_MAX 256

/* The first line of a file, or what is typed without echo. */
static int password_read(const char *path, char out[PASSWORD_MAX], struct error *err)
{
        struct termios before, quiet;
        bool terminal = path == NULL && tcgetattr(STDIN_FILENO, &before) == 0;
        char why[128];
        FILE *in = path == NULL ? stdin : fopen(path, "r");

        if (in == NULL)
                return error_raise(err, SB_IO, "%s|%s", path, strerror_r(errno, why, sizeof why));
        if (terminal) {
                fputs("password: ", stderr);
                quiet = before;
                quiet.c_lflag &= ~(tcflag_t)ECHO;
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
        }
        out[0] = '\0';
        if (fgets(out, PASSWORD_MAX, in) == NULL)
                out[0] = '\0';
        out[strcspn(out, "\r\n")] = '\0';
        if (terminal) {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
                fputc('\n', stderr);
        }
        if (path != NULL)
                fclose(in);
        return utf8_length(str_from(out)) < PASSWORD_MIN ? error_raise(err, SB_COMMAND_PASSWORD, "%d", PASSWORD_MIN) : 0;
}

struct adding {
        struct house *house;
        struct staff staff;
        const char *office;
        char hash[128];
};

static int add_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct adding *a = ctx;
        struct call c = {.house = a->house};
        struct buf roles;
        int rc = office_by_code(tx, a->office, &a->staff.office, err);

        if (rc == 0)
                rc = staff_add(tx, &a->staff, a->hash, clock_today(a->house->clock), err);
        if (rc < 0)
                return rc;
        buf_init(&roles, 128);
        staff_roles_text(&roles, a->staff.roles);
        json_t *body = json_pack("{s:s,s:s}", "login", a->staff.login, "roles", buf_text(&roles));
        rc = body == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                          : audit_add(tx, &c, "staff.add", "staff", a->staff.id, body, err);
        json_decref(body);
        buf_dispose(&roles);
        return rc;
}

struct person_of_staff {
        const char *login, *display, *roles, *office, *password_file;
};

static int staff_make(struct opened *o, const struct person_of_staff *p, struct error *err)
{
        struct adding a = {.house = &o->house, .office = p->office == NULL ? "" : p->office};
        char password[PASSWORD_MAX];
        int rc = staff_roles_parse(&a.staff.roles, str_from(p->roles), err);

        text_copy(a.staff.login, sizeof a.staff.login, str_from(p->login));
        text_copy(a.staff.display, sizeof a.staff.display, str_from(p->display == NULL ? p->login : p->display));
        if (rc == 0 && (a.staff.roles & ROLE_OUTSIDE) != 0) /* which is opened at a window */
                rc = error_raise(err, SB_STAFF_ROLE, "%s", p->roles);
        if (rc == 0)
                rc = password_read(p->password_file, password, err);
        if (rc == 0)
                rc = password_hash(a.hash, password, err);
        explicit_bzero(password, sizeof password);
        if (rc == 0)
                rc = ids_next(o->house.ids, &a.staff.id, err);
        if (rc == 0)
                rc = store_write(o->house.store, add_apply, &a, err);
        if (rc == 0)
                printf("%s: %s\n", a.staff.login, p->roles);
        return rc;
}

static int init(const struct house_options *options, const char *pack_dir, const struct person_of_staff *admin,
                struct error *err)
{
        struct opened *o = NULL;
        struct pack *pack = NULL;
        int rc = pack_open(&pack, pack_dir, err);

        if (rc == 0)
                rc = house_open(&o, options, err);
        if (rc == 0)
                rc = setup_found(&o->house, pack, &o->facts, err);
        if (rc == 0)
                rc = staff_make(o, admin, err);
        house_close(o);
        pack_free(pack);
        return rc;
}

int cmd_init(int argc, char **argv)
{
        struct house_options options = {.found = true, .facts = {.home = 1}};
        struct person_of_staff admin = {.roles = "admin"};
        struct error err = {0};
        const char *pack = command_option(&argc, argv, "--pack");

        admin.login = command_option(&argc, argv, "--admin");
        admin.password_file = command_option(&argc, argv, "--password-file");
        if (!house_arguments(&argc, argv, &options) || argc != 1 || pack == NULL || admin.login == NULL)
                return command_usage("init");
        return init(&options, pack, &admin, &err) < 0 ? command_fail(&err) : 0;
}

int cmd_staff(int argc, char **argv)
{
        struct house_options options = {0};
        struct person_of_staff p = {0};
        struct opened *o = NULL;
        struct error err = {0};

        p.roles = command_option(&argc, argv, "--roles");
        p.office = command_option(&argc, argv, "--office");
        p.display = command_option(&argc, argv, "--display");
        p.password_file = command_option(&argc, argv, "--password-file");
        if (!house_arguments(&argc, argv, &options) || argc != 3 || strcmp(argv[1], "add") != 0 || p.roles == NULL)
                return command_usage("staff");
        p.login = argv[2];
        int rc = house_open(&o, &options, &err);
        if (rc == 0)
                rc = staff_make(o, &p, &err);
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}
