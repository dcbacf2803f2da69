/* SPDX-License-Identifier: Apache-2.0
 *
 * shebao letter: is a letter genuine and unchanged, said without a network or a database; and the public keys that this takes.
 */
#include "cmd/command.h"
#include "cmd/house.h"

#include "office/letter/code.h"

#include <stdio.h>
#include <string.h>

#define PDF_MAX ((size_t)32 << 20)

/* --- keys ------------------------------------------------------------------------------------------------------------------------------ */

static int keys_ask(struct opened *o, const char *login, json_t **out, struct error *err)
{
        struct call c = {.house = &o->house};
        char key[48];
        json_t *in = json_object(), *none = NULL;
        int rc = in == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        if (rc == 0 && login != NULL) {
                c.key = house_key(key);
                rc = house_staff(&o->house, login, &c.who, err);
                rc = rc ? rc : verb_call(&c, registry_find(o->house.verbs, "letters.key_change"), in, &none, err);
                c.key = NULL;
        }
        rc = rc ? rc : registry_find(o->house.verbs, "letters.keys")->run(&c, in, out, err);
        json_decref(none);
        json_decref(in);
        return rc;
}

static int keys(int argc, char **argv)
{
        struct house_options options = {0};
        struct opened *o = NULL;
        struct error err = {0};
        json_t *file = NULL;
        struct buf text;
        bool rotate = command_flag(&argc, argv, "--rotate");
        const char *login = command_option(&argc, argv, "--as"), *path = command_option(&argc, argv, "--out");

        if (!house_arguments(&argc, argv, &options) || argc != 2 || rotate != (login != NULL))
                return command_usage("letter");
        buf_init(&text, (size_t)1 << 20);
        int rc = house_open(&o, &options, &err);
        rc = rc ? rc : keys_ask(o, login, &file, &err);
        rc = rc ? rc : json_canonical(&text, file, &err);
        if (rc == 0 && path != NULL)
                rc = file_write(path, buf_text(&text), text.n, &err);
        else if (rc == 0)
                puts(buf_text(&text));
        buf_dispose(&text);
        json_decref(file);
        house_close(o);
        return rc < 0 ? command_fail(&err) : 0;
}

/* --- verify ---------------------------------------------------------------------------------------------------------------------------- */

static int pdf_read(struct letter_pdf_seen *seen, struct buf *pdf, const char *path, struct error *err)
{
        int rc = file_read(pdf, path, PDF_MAX, err);

        return rc ? rc : letter_pdf_verify(seen, (struct str){buf_text(pdf), pdf->n}, err);
}

static void tell(const struct letter_code *code, const char *issuer)
{
        char day[16];
        bool zh = terminal_lang() == LANG_ZH;

        printf(zh ? "文书编号 %s\n制发机构 %s\n日期 %s\n密钥 %s\n" : "letter %s\noffice %s\nday %s\nkey %s\n", code->number,
               code->issuer, day_text(code->day, day), code->key);
        if (issuer == NULL)
                puts(zh ? "完整：签发后未被改动。未给出密钥文件（--keys），签发者未经证实"
                        : "intact: not changed since it was signed; by whom is not proven without --keys");
        else
                printf(zh ? "有效：由%s签发，未被改动\n" : "valid: signed by %s, not changed\n", issuer);
}

static int verify(int argc, char **argv)
{
        struct error err = {0};
        struct letter_code code;
        struct letter_pdf_seen seen = {.public_key = {0}};
        unsigned char key[32];
        json_t *file = NULL;
        struct buf pdf;
        const char *text = command_option(&argc, argv, "--code"), *path = command_option(&argc, argv, "--keys");
        int rc = 0;

        /* A code alone names no key: without a file of keys it says nothing. */
        if (argc != (text == NULL ? 3 : 2) || (text != NULL && path == NULL))
                return command_usage("letter");
        buf_init(&pdf, PDF_MAX);
        if (text == NULL) {
                rc = pdf_read(&seen, &pdf, argv[2], &err);
                code = seen.code;
        } else {
                rc = letter_code_read(&code, str_from(text), &err);
        }
        if (rc == 0 && path != NULL)
                rc = json_read_file(&file, path, &err);
        if (rc == 0 && path != NULL)
                rc = letter_key_find(key, file, code.key, code.day, &err);
        if (rc == 0 && text != NULL)
                rc = letter_code_verify(str_from(text), key, &err);
        else if (rc == 0 && path != NULL && memcmp(key, seen.public_key, sizeof key) != 0)
                rc = error_raise(&err, SB_LETTER_CHANGED, "%s", "");
        if (rc == 0) {
                const char *issuer = json_string_value(json_object_get(file, "issuer"));
                tell(&code, path == NULL ? NULL : issuer == NULL ? code.issuer : issuer);
        }
        json_decref(file);
        buf_dispose(&pdf);
        return rc < 0 ? command_fail(&err) : 0;
}

int cmd_letter(int argc, char **argv)
{
        if (argc >= 2 && strcmp(argv[1], "keys") == 0)
                return keys(argc, argv);
        if (argc >= 2 && strcmp(argv[1], "verify") == 0)
                return verify(argc, argv);
        return command_usage("letter");
}
