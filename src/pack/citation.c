/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/citation.h"

#include <ctype.h>
#include <string.h>

static bool starts(struct str s, const char *with)
{
        size_t n = strlen(with);

        return s.n >= n && memcmp(s.p, with, n) == 0;
}

/* Without what only repeats the number of the document: 社会保险经办条例（国令765） and (令765) are the same law. */
static void law_name(char out[160], struct str s)
{
        static const char *const OPEN[] = {"（国令", "(国令", "（令", "(令"};
        size_t n = 0;

        s = str_trim(s);
        for (size_t i = 0; i < s.n && n < 158;) {
                bool skipped = false;
                for (size_t k = 0; k < sizeof OPEN / sizeof OPEN[0] && !skipped; k++)
                        if (starts((struct str){s.p + i, s.n - i}, OPEN[k])) {
                                while (i < s.n && !starts((struct str){s.p + i, s.n - i}, "）") && s.p[i] != ')')
                                        i++;
                                i += i < s.n && s.p[i] == ')' ? 1 : strlen("）");
                                skipped = true;
                        }
                if (!skipped)
                        out[n++] = s.p[i++];
        }
        out[n] = '\0';
        struct str t = str_trim((struct str){out, n});
        memmove(out, t.p, t.n);
        out[t.n] = '\0';
}

/* Where the numbers of articles begin in "NAME 15、16" or "NAME）18": after a blank or a bracket, to the end. n: none do. */
static size_t numbers_at(struct str s)
{
        size_t at = s.n;

        while (at > 0) {
                char c = s.p[at - 1];
                if (isdigit((unsigned char)c) || c == ',' || c == '-' || c == ' ')
                        at--;
                else if (at >= 3 && (memcmp(s.p + at - 3, "、", 3) == 0 || memcmp(s.p + at - 3, "–", 3) == 0 ||
                                     memcmp(s.p + at - 3, "至", 3) == 0 || memcmp(s.p + at - 3, "，", 3) == 0))
                        at -= 3;
                else
                        break;
        }
        static const char *const ENDS[] = {"）", "法", "例", "定"}; /* of a law, a regulation, a provision */
        bool bracket = at > 0 && s.p[at - 1] == ')';
        for (size_t k = 0; k < sizeof ENDS / sizeof ENDS[0]; k++)
                bracket = bracket || (at >= 3 && memcmp(s.p + at - 3, ENDS[k], 3) == 0);
        while (at < s.n && s.p[at] == ' ' && !bracket)
                bracket = true;
        if (!bracket || at == s.n || starts(s, "GB/T") || starts(s, "MZ/T"))
                return s.n;
        return at;
}

static void numbers_read(struct str law, struct str numbers, struct citation *out, size_t *count, size_t most)
{
        size_t i = 0;
        long last = 0;
        bool range = false;

        while (i < numbers.n && *count < most) {
                if (isdigit((unsigned char)numbers.p[i])) {
                        long value = 0;
                        while (i < numbers.n && isdigit((unsigned char)numbers.p[i]) && value < 100000)
                                value = value * 10 + (numbers.p[i++] - '0');
                        long from = range && value - last < 60 ? last + 1 : value;
                        for (long n = from; n <= value && *count < most; n++) {
                                law_name(out[*count].law, law);
                                text_format(out[*count].article, sizeof out[*count].article, "%ld", n);
                                (*count)++;
                        }
                        last = value;
                        range = false;
                } else {
                        range = range || numbers.p[i] == '-' || starts((struct str){numbers.p + i, numbers.n - i}, "–") ||
                                starts((struct str){numbers.p + i, numbers.n - i}, "至");
                        i++;
                }
        }
}

/* Without a remark in brackets at the end, which says how sure a figure is: "条例 12（法无明确期限，拟定承诺）". */
static struct str without_remark(struct str s)
{
        static const char *const REMARKS[] = {"承诺", "凭记忆", "待核"};

        if (s.n < 6 || memcmp(s.p + s.n - 3, "）", 3) != 0)
                return s;
        size_t open = s.n - 3;
        while (open > 0 && !starts((struct str){s.p + open, s.n - open}, "（"))
                open--;
        for (size_t i = open; i < s.n; i++)
                for (size_t k = 0; k < sizeof REMARKS / sizeof REMARKS[0]; k++)
                        if (starts((struct str){s.p + i, s.n - i}, REMARKS[k]))
                                return str_trim((struct str){s.p, open});
        return s;
}

static void part_read(struct str part, struct citation *out, size_t *count, size_t most)
{
        part = without_remark(str_trim(part));
        size_t at = numbers_at(part), before = *count;

        if (part.n == 0 || *count == most)
                return;
        numbers_read((struct str){part.p, at}, (struct str){part.p + at, part.n - at}, out, count, most);
        if (*count > before)
                return;
        law_name(out[*count].law, part);
        out[*count].article[0] = '\0';
        (*count)++;
}

size_t citations_read(const char *text, struct citation *out, size_t most)
{
        struct str s = str_from(text);
        size_t count = 0, from = 0;

        for (size_t i = 0; i <= s.n; i++) {
                bool wide = i + 3 <= s.n && memcmp(s.p + i, "；", 3) == 0;
                if (i < s.n && s.p[i] != ';' && !wide)
                        continue;
                part_read((struct str){s.p + from, i - from}, out, &count, most);
                from = i + (wide ? 3 : 1);
        }
        return count;
}
