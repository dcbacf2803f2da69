/* SPDX-License-Identifier: Apache-2.0 */
#include "case/form.h"

#include "base/identity.h"
#include "base/money.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX 500

struct why {
        char text[2][160];
};

static json_t *wrong(struct why *why, const char *en, const char *zh)
{
        text_copy(why->text[LANG_EN], sizeof why->text[0], str_from(en));
        text_copy(why->text[LANG_ZH], sizeof why->text[0], str_from(zh));
        return NULL;
}

static json_t *said(struct why *why, const struct error *e)
{
        error_text(e, LANG_EN, why->text[LANG_EN], sizeof why->text[0]);
        error_text(e, LANG_ZH, why->text[LANG_ZH], sizeof why->text[0]);
        return NULL;
}

/* --- a value by its type: the variable, or NULL and why not -------------------------------------------------------------------------- */

static json_t *text_value(const char *s, struct why *why)
{
        if (utf8_length(str_from(s)) > TEXT_MAX)
                return wrong(why, "at most 500 characters", "最多500字");
        for (const char *p = s; *p != '\0'; p++)
                if ((unsigned char)*p < ' ' && *p != '\n')
                        return wrong(why, "no control characters", "不得含控制字符");
        return json_string(s);
}

/* Digits with at most one point: what a real holds exactly enough, and FEEL reads as it is written. */
static json_t *number_value(const char *s, struct why *why)
{
        const char *digits = *s == '-' ? s + 1 : s;
        size_t n = strspn(digits, "0123456789.");
        const char *point = strchr(digits, '.');
        int64_t whole;

        if (n == 0 || digits[n] != '\0' || n - (point != NULL) > 15 || digits[0] == '.' || digits[n - 1] == '.' ||
            (point != NULL && strchr(point + 1, '.') != NULL))
                return wrong(why, "a number of at most 15 digits", "应为不超过15位的数字");
        return point == NULL && text_to_int(str_from(s), &whole) ? json_integer(whole) : json_real(strtod(s, NULL));
}

static json_t *money_value(const char *s, struct why *why)
{
        struct error e = {0};
        fen_t fen;

        if (money_parse(&fen, str_from(s), &e) < 0)
                return said(why, &e);
        if (fen % 100 == 0)
                return json_integer(fen / 100);
        return number_value(s, why);
}

static json_t *day_value(const char *s, struct why *why)
{
        struct error e = {0};
        day_t day;

        return day_parse(&day, str_from(s), &e) < 0 ? said(why, &e) : json_string(s);
}

static json_t *month_value(const char *s, struct why *why)
{
        struct error e = {0};
        month_t month;

        return month_parse(&month, str_from(s), &e) < 0 ? said(why, &e) : json_string(s);
}

static json_t *identity_value(const char *s, struct why *why)
{
        struct error e = {0};

        return id_number_check(str_from(s), NULL, NULL, &e) < 0 ? said(why, &e) : json_string(s);
}

static json_t *uscc_value(const char *s, struct why *why)
{
        struct error e = {0};

        return uscc_check(str_from(s), &e) < 0 ? said(why, &e) : json_string(s);
}

static json_t *digits_value(const char *s, const char *allowed, size_t least, size_t most, struct why *why)
{
        size_t n = strlen(s);

        if (n < least || n > most || strspn(s, allowed) != n)
                return least == 7 ? wrong(why, "a telephone number", "应为电话号码")
                                  : wrong(why, "a bank account number", "应为银行账号");
        return json_string(s);
}

static json_t *id_value(const json_t *value, struct why *why)
{
        int64_t id = json_integer_value(value);

        if (json_is_string(value) && !text_to_int(str_from(json_string_value(value)), &id))
                id = 0;
        return id > 0 ? json_integer(id) : wrong(why, "chosen from the register", "应从登记信息中选择");
}

static json_t *boolean_value(const json_t *value, struct why *why)
{
        const char *s = json_string_value(value);

        if (json_is_boolean(value))
                return json_boolean(json_is_true(value));
        if (s != NULL && (strcmp(s, "true") == 0 || strcmp(s, "false") == 0))
                return json_boolean(s[0] == 't');
        return wrong(why, "yes or no", "应为是或否");
}

static json_t *value_of(const struct bpmn_variable *v, const json_t *value, struct why *why)
{
        char number[40];
        const char *s = json_is_integer(value)
                            ? text_format(number, sizeof number, "%lld", (long long)json_integer_value(value))
                        : json_is_real(value) ? text_format(number, sizeof number, "%.15g", json_real_value(value))
                                              : json_string_value(value);

        if (strcmp(v->type, "boolean") == 0)
                return boolean_value(value, why);
        if (strcmp(v->type, "person") == 0 || strcmp(v->type, "employer") == 0)
                return id_value(value, why);
        if (s == NULL)
                return wrong(why, "a text", "应为文字");
        if (strcmp(v->type, "number") == 0)
                return number_value(s, why);
        if (strcmp(v->type, "money") == 0)
                return money_value(s, why);
        if (strcmp(v->type, "date") == 0)
                return day_value(s, why);
        if (strcmp(v->type, "month") == 0)
                return month_value(s, why);
        if (strcmp(v->type, "choice") == 0)
                return text_has_word(v->values, s) ? json_string(s) : wrong(why, "one of the choices", "应为所列选项之一");
        if (strcmp(v->type, "identity") == 0)
                return identity_value(s, why);
        if (strcmp(v->type, "uscc") == 0)
                return uscc_value(s, why);
        if (strcmp(v->type, "phone") == 0)
                return digits_value(s, "0123456789+-() ", 7, 24, why);
        if (strcmp(v->type, "account") == 0)
                return digits_value(s, "0123456789", 8, 32, why);
        return text_value(s, why);
}

/* --- the form --------------------------------------------------------------------------------------------------------------------- */

static bool given(const json_t *value)
{
        const char *s = json_string_value(value);

        return value != NULL && !json_is_null(value) && (s == NULL || str_trim(str_from(s)).n > 0);
}

static const struct bpmn_variable *variable_find(const struct bpmn_variable *fields, size_t count, const char *name)
{
        for (size_t i = 0; i < count; i++)
                if (strcmp(fields[i].name, name) == 0)
                        return &fields[i];
        return NULL;
}

bool form_open(const struct bpmn_process *p)
{
        for (size_t i = 0; i < p->variable_count; i++)
                if (p->variables[i].type[0] == '\0')
                        return false;
        return true;
}

static void unknown_tell(const struct bpmn_variable *fields, size_t count, const json_t *form, form_report *report, void *ctx,
                         int *faults)
{
        static const char *why[2] = {[LANG_EN] = "no field of this form", [LANG_ZH] = "本表无此项"};
        const char *name;
        json_t *value;

        json_object_foreach((json_t *)(uintptr_t)form, name, value)
        {
                if (variable_find(fields, count, name) == NULL) {
                        const char *title[2] = {name, name};
                        report(ctx, name, title, why);
                        (*faults)++;
                }
        }
}

int form_check(const struct bpmn_variable *fields, size_t count, const json_t *form, json_t *plain, json_t *personal,
               form_report *report, void *ctx, int *faults, struct error *err)
{
        bool no_memory = false;

        *faults = 0;
        unknown_tell(fields, count, form, report, ctx, faults);
        for (size_t i = 0; i < count; i++) {
                const struct bpmn_variable *v = &fields[i];
                const json_t *value = json_object_get(form, v->name);
                struct why why = {{"", ""}};
                json_t *out = NULL;

                if (given(value))
                        out = value_of(v, value, &why);
                else if (v->required)
                        wrong(&why, "required", "必填");
                else
                        out = json_null();
                if (why.text[0][0] != '\0') {
                        const char *title[2] = {v->title[0], v->title[1]}, *texts[2] = {why.text[0], why.text[1]};
                        report(ctx, v->name, title, texts);
                        (*faults)++;
                } else if (out == NULL || json_object_set_new(v->personal ? personal : plain, v->name, out) != 0) {
                        no_memory = true;
                }
        }
        return no_memory ? error_raise(err, SB_MEMORY, "%s", "") : 0;
}

struct faults {
        char text[2][220];
        char names[240];
};

static void fault_note(void *ctx, const char *field, const char *title[2], const char *why[2])
{
        struct faults *f = ctx;
        size_t used = strlen(f->names);

        if (used + strlen(field) + 2 < sizeof f->names)
                text_format(f->names + used, sizeof f->names - used, "%s%s", used > 0 ? " " : "", field);
        for (int lang = 0; lang < 2; lang++) {
                const char *between = lang == LANG_ZH ? "；" : "; ", *colon = lang == LANG_ZH ? "：" : ": ";
                used = strlen(f->text[lang]);
                if (used + strlen(title[lang]) + strlen(why[lang]) + 10 < sizeof f->text[0])
                        text_format(f->text[lang] + used, sizeof f->text[0] - used, "%s%s%s%s", used > 0 ? between : "",
                                    title[lang], colon, why[lang]);
        }
}

int form_need(const struct bpmn_variable *fields, size_t count, const json_t *form, json_t *plain, json_t *personal,
              struct error *err)
{
        struct faults f = {.names = ""};
        int faults = 0;
        int rc = form_check(fields, count, form, plain, personal, fault_note, &f, &faults, err);

        if (rc == 0 && faults > 0) {
                rc = error_raise(err, SB_CASE_FORM, "%s\x1e%s", f.text[LANG_EN], f.text[LANG_ZH]);
                error_where(err, "%s", f.names);
        }
        return rc;
}

const char *form_masked(const struct bpmn_variable *v, const char *value, char *out, size_t size)
{
        size_t n = strlen(text_copy(out, size, str_from(value))), head = strcmp(v->type, "identity") == 0 ? 6
                                                                         : strcmp(v->type, "phone") == 0  ? 3
                                                                                                          : 4;
        bool numbers = strcmp(v->type, "identity") == 0 || strcmp(v->type, "phone") == 0 || strcmp(v->type, "account") == 0;

        for (size_t i = head; numbers && i + 4 < n; i++)
                out[i] = '*';
        return out;
}

json_t *form_field_json(const struct bpmn_variable *v)
{
        json_t *values = json_array();

        for (const char *p = v->values; *p != '\0';) {
                size_t n = strcspn(p, " ");
                if (n > 0)
                        json_array_append_new(values, json_stringn(p, n));
                p += n + (p[n] == ' ');
        }
        return json_pack("{s:s,s:s,s:s,s:s,s:b,s:b,s:o}", "name", v->name, "type", v->type, "title_zh", v->title[LANG_ZH],
                         "title_en", v->title[LANG_EN], "required", v->required, "personal", v->personal, "values", values);
}
