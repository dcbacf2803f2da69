/* SPDX-License-Identifier: Apache-2.0
 *
 * One value as the text of a file and back: exact both ways, so that what was written is what is read.
 */
#include "engine/layout/layout_internal.h"

#include <string.h>

bool is_number(enum type type)
{
        return type == DIGITS || type == FEN || type == YUAN || type == COUNT || type == SUM || type == HASH ||
               type == SEQUENCE;
}

bool is_own(enum type type)
{
        return type == CONSTANT || type == COUNT || type == SUM || type == HASH || type == SEQUENCE;
}

enum type amount_type(const struct field *f)
{
        return f->type == SUM ? f->of->type : f->type;
}

bool value_clean(struct str s)
{
        for (size_t i = 0; i < s.n;) {
                int32_t c = utf8_next(s, &i);
                if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfeff || c == 0x2028 || c == 0x2029)
                        return false;
        }
        return true;
}

const char *value_show(struct str s, char out[SHOWN + 1])
{
        text_copy(out, SHOWN + 1, s);
        for (char *c = out; *c != '\0'; c++)
                if ((unsigned char)*c < 0x20 || *c == 0x7f)
                        *c = '?';
        return out;
}

/* --- dates -------------------------------------------------------------------------------------------------------------- */

static const char *const parts[] = {"yyyy", "MM", "dd"};

/* Which part stands at p: 0 year, 1 month, 2 day; -1 a sign. */
static int part_at(const char *p)
{
        for (int k = 0; k < 3; k++)
                if (strncmp(p, parts[k], strlen(parts[k])) == 0)
                        return k;
        return -1;
}

bool pattern_valid(const char *pattern, bool day)
{
        int seen[3] = {0, 0, 0};

        for (const char *p = pattern; *p != '\0';) {
                int k = part_at(p);
                if (k >= 0)
                        seen[k]++;
                else if (strchr("-/. ", *p) == NULL)
                        return false;
                p += k >= 0 ? strlen(parts[k]) : 1;
        }
        return strlen(pattern) <= 14 && seen[0] == 1 && seen[1] == 1 && seen[2] == (day ? 1 : 0);
}

static const char *date_parse(const struct field *f, struct str s, struct value *out)
{
        static const char *const wrong = ERROR_BOTH("it is no date of the pattern", "不是符合格式的日期");
        int64_t number[3] = {0, 0, 1};
        size_t i = 0;

        for (const char *p = f->value; *p != '\0';) {
                int k = part_at(p);
                size_t n = k >= 0 ? strlen(parts[k]) : 1;
                uint64_t part = 0;
                if (i + n > s.n || (k < 0 ? s.p[i] != *p : !text_to_uint((struct str){s.p + i, n}, &part)))
                        return wrong;
                if (k >= 0)
                        number[k] = (int64_t)part;
                i += n;
                p += n;
        }
        if (i != s.n || !day_valid((int)number[0], (int)number[1], (int)number[2]))
                return wrong;
        if (f->type == DATE)
                day_text(day_from((int)number[0], (int)number[1], (int)number[2]), out->iso);
        else
                month_text(month_from((int)number[0], (int)number[1]), out->iso);
        out->text = str_from(out->iso);
        return NULL;
}

static bool date_print(const struct field *f, const struct value *v, char out[64])
{
        struct error local = {0};
        day_t day = 0;
        month_t month = 0;
        int number[3];
        size_t n = 0;

        if (f->type == DATE ? day_parse(&day, v->text, &local) != 0 : month_parse(&month, v->text, &local) != 0)
                return false;
        day_split(f->type == DATE ? day : month_first(month), &number[0], &number[1], &number[2]);
        for (const char *p = f->value; *p != '\0';) {
                int k = part_at(p);
                if (k < 0)
                        text_format(out + n, 64 - n, "%c", *p);
                else
                        text_format(out + n, 64 - n, k == 0 ? "%04d" : "%02d", number[k]);
                p += k >= 0 ? strlen(parts[k]) : 1;
                n += strlen(out + n);
        }
        return true;
}

/* --- numbers and amounts --------------------------------------------------------------------------------------------------- */

static const char *amount_parse(const struct layout *l, enum type type, struct str s, struct value *out)
{
        uint64_t units = 0, rest = 0;

        out->is_number = true;
        if (type == YUAN && l->point) {
                if (s.n < 4 || s.p[s.n - 3] != '.' || !text_to_uint((struct str){s.p, s.n - 3}, &units) ||
                    !text_to_uint((struct str){s.p + s.n - 2, 2}, &rest))
                        return ERROR_BOTH("an amount in yuan has two decimals, as 12.50",
                                          "以元表示的金额应有两位小数，如12.50");
        } else if (!text_to_uint(s, &units)) {
                return ERROR_BOTH("a whole number of at most 18 digits is needed", "应为至多18位的整数");
        }
        if (type == YUAN && __builtin_mul_overflow(units, (uint64_t)100, &units))
                units = UINT64_MAX;
        if (units > (uint64_t)INT64_MAX - rest)
                return ERROR_BOTH("the number is too large", "数值过大");
        out->number = (int64_t)(units + rest);
        return NULL;
}

const char *value_parse(const struct layout *l, const struct field *f, struct str s, struct value *out)
{
        *out = (struct value){.text = s};
        switch (f->type) {
        case DATE:
        case MONTH:
                return date_parse(f, s, out);
        case DIGITS:
                for (size_t i = 0; i < s.n; i++)
                        if (s.p[i] < '0' || s.p[i] > '9')
                                return ERROR_BOTH("only digits are allowed", "只能为数字");
                return NULL;
        case CONSTANT:
                return str_is(s, f->value) ? NULL : ERROR_BOTH("another text is fixed here", "与规定的固定内容不符");
        case FEN:
        case YUAN:
        case SUM:
        case COUNT:
        case HASH:
        case SEQUENCE:
                return amount_parse(l, amount_type(f), s, out);
        case TEXT:
        case TYPES:
                break;
        }
        return NULL;
}

bool value_print(const struct layout *l, const struct field *f, const struct value *v, char out[64])
{
        if (f->type == DATE || f->type == MONTH)
                return date_print(f, v, out);
        if (amount_type(f) != YUAN)
                text_format(out, 64, "%lld", (long long)v->number);
        else if (l->point)
                money_text(v->number, out);
        else
                text_format(out, 64, "%lld", (long long)(v->number / 100));
        return amount_type(f) != YUAN || l->point || v->number % 100 == 0;
}

/* --- charset ---------------------------------------------------------------------------------------------------------------- */

static bool is_ascii(struct str s)
{
        for (size_t i = 0; i < s.n; i++)
                if ((unsigned char)s.p[i] >= 0x80)
                        return false;
        return true;
}

int charset_encode(const struct layout *l, struct str utf8, struct buf *out, struct error *err)
{
        if (l->gb18030 && !is_ascii(utf8))
                return text_to_gb18030(out, utf8, err);
        buf_add_str(out, utf8);
        return buf_check(out, err);
}

int charset_decode(const struct layout *l, struct str bytes, struct buf *out, struct error *err)
{
        if (l->gb18030 && !is_ascii(bytes))
                return text_from_gb18030(out, bytes, err);
        if (utf8_check(bytes, err) != 0)
                return ERR;
        buf_add_str(out, bytes);
        return buf_check(out, err);
}

/* --- totals ----------------------------------------------------------------------------------------------------------------- */

static int64_t power_of_ten(size_t n)
{
        int64_t p = 1;

        while (n-- > 0)
                p *= 10;
        return p;
}

/* The last digits of a text of digits. */
static int64_t digits_modulo(struct str s, int64_t modulus)
{
        wide_t n = 0;

        for (size_t i = 0; i < s.n; i++)
                n = (n * 10 + (s.p[i] - '0')) % modulus;
        return (int64_t)n;
}

bool totals_add(const struct layout *l, struct totals *t, const struct field *f, const struct value *v)
{
        for (enum record r = HEADER; r < RECORDS; r++) {
                for (size_t i = 0; i < l->count[r]; i++) {
                        const struct field *total = &l->fields[r][i];
                        int64_t *sum = &t->sums[r][i];
                        if (total->of != f)
                                continue;
                        if (total->type == HASH) {
                                int64_t modulus = power_of_ten(total->length);
                                *sum = (int64_t)(((wide_t)*sum + digits_modulo(v->text, modulus)) % modulus);
                        } else if (!money_add(*sum, v->number, sum)) {
                                return false;
                        }
                }
        }
        return true;
}

int64_t totals_of(const struct layout *l, const struct totals *t, enum record r, size_t i)
{
        return l->fields[r][i].type == COUNT ? t->lines : t->sums[r][i];
}
