/* SPDX-License-Identifier: Apache-2.0
 *
 * Expressions of FEEL in words. The structure stays as the law's text has it: only names, figures and signs are put as people say
 * them, so that nothing of the meaning can get lost between the rule and its words.
 */
#include "office/rules/describe.h"

#include <ctype.h>
#include <string.h>

struct said {
        const char *feel, *en, *zh;
};
/* Functions and words, longest first where one begins another. */
static const struct said WORDS[] = {
    {"years and months duration", "years and months between", "相隔年月"},
    {"date and time", "date and time of", "日期时间"},
    {"round half down", "rounded half down", "五舍六入"},
    {"round half even", "rounded half to even", "四舍六入五成双"},
    {"round half up", "rounded half up", "四舍五入"},
    {"substring before", "text before", "之前文本"},
    {"substring after", "text after", "之后文本"},
    {"distinct values", "different values of", "去重"},
    {"string length", "length of", "长度"},
    {"list contains", "among", "包含"},
    {"insert before", "inserted before", "插入"},
    {"round down", "rounded down", "舍去"},
    {"round up", "rounded up", "进位取整"},
    {"instance of", "is a", "类型为"},
    {"is defined", "is known", "已知"},
    {"get value", "value of", "取值"},
    {"index of", "place of", "位置"},
    {"satisfies", " holds that ", "满足"},
    {"concatenate", "joined", "连接"},
    {"otherwise", "otherwise", "否则"},
    {"substring", "part of the text", "截取"},
    {"ceiling", "next whole number above", "向上取整"},
    {"between", "between", "介于"},
    {"decimal", "rounded", "保留小数"},
    {"flatten", "all of", "展开"},
    {"return", ": ", "："},
    {"string", "text of", "文本"},
    {"append", "joined", "连接"},
    {"count", "number of", "个数"},
    {"floor", "whole part of", "取整"},
    {"every", "every ", "每个"},
    {"some", "some ", "某个"},
    {"date", "date", "日期"},
    {"sort", "sorted", "排序"},
    {"mean", "mean of", "平均"},
    {"then", ", then ", "，则"},
    {"else", ", otherwise ", "，否则"},
    {"true", "yes", "是"},
    {"null", "nothing", "空"},
    {"false", "no", "否"},
    {"sum", "sum of", "合计"},
    {"max", "the larger of", "取大"},
    {"min", "the smaller of", "取小"},
    {"abs", "size of", "绝对值"},
    {"all", "all of", "全部"},
    {"any", "any of", "任一"},
    {"and", " and ", "且"},
    {"for", "for each ", "对每个"},
    {"not", "not", "非"},
    {"if", "if ", "如果"},
    {"or", " or ", "或"},
    {"in", " in ", "属于"},
};
static const struct said SIGNS[] = {
    {">=", " ≥ ", " ≥ "}, {"<=", " ≤ ", " ≤ "}, {"!=", " ≠ ", " ≠ "}, {"**", " to the power of ", " 的幂 "},
    {"->", " → ", " → "}, {"..", " to ", "至"}, {"*", " × ", " × "},  {"/", " ÷ ", " ÷ "},
    {"+", " + ", " + "},  {"-", " − ", " − "},  {"=", " = ", " = "},  {">", " > ", " > "},
    {"<", " < ", " < "},  {",", ", ", "，"},    {":", ": ", "："},
};

static bool name_char(char c)
{
        return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 0x80;
}

/* Does `text` begin with these words, each as a whole, blanks between them taken as one? Answers the bytes, 0: no. */
static size_t begins(const char *text, const char *words)
{
        const char *t = text;

        for (; *words != '\0'; words++) {
                if (*words == ' ') {
                        if (!isspace((unsigned char)*t))
                                return 0;
                        while (isspace((unsigned char)*t))
                                t++;
                } else if (*t++ != *words)
                        return 0;
        }
        return name_char(*t) ? 0 : (size_t)(t - text);
}

const char *name_said(const json_t *labels, const char *name, enum lang lang, char *spare, size_t size)
{
        const json_t *label = json_object_get(labels, name);

        if (label != NULL && json_text(label, lang == LANG_EN ? "en" : "zh")[0] != '\0')
                return json_text(label, lang == LANG_EN ? "en" : "zh");
        text_copy(spare, size, str_from(name));
        for (char *p = spare; *p != '\0'; p++)
                if (*p == '_')
                        *p = ' ';
        return spare;
}

struct speaker {
        struct buf *out;
        const json_t *labels;
        enum lang lang;
        bool before; /* what was said last is a value: a minus after it takes away */
};

static void say(struct speaker *s, const char *text)
{
        size_t n = s->out->n;

        /* No two blanks, none at the beginning. */
        while (*text == ' ' && (n == 0 || s->out->p[n - 1] == ' '))
                text++;
        buf_add_text(s->out, text);
}

static const char *word(const struct said *w, enum lang lang)
{
        return lang == LANG_EN ? w->en : w->zh;
}

static size_t string_say(struct speaker *s, const char *text)
{
        const char *end = text + 1;
        char value[200], key[210], spare[220];

        while (*end != '\0' && *end != '"')
                end += *end == '\\' && end[1] != '\0' ? 2 : 1;
        text_copy(value, sizeof value, (struct str){text + 1, (size_t)(end - text - 1)});
        const char *known = name_said(s->labels, text_format(key, sizeof key, "value:%s", value), s->lang, spare, sizeof spare);
        if (known == spare)
                known = name_said(s->labels, value, s->lang, spare, sizeof spare);
        say(s, "“");
        say(s, known != spare ? known : value);
        say(s, "”");
        s->before = true;
        return (size_t)(end - text) + (*end == '"');
}

/* Parts of a day, by their names in the language; whatever a name of the model may mean. */
static const char *part_said(const char *name, enum lang lang)
{
        static const struct said PARTS[] = {{"year", "year", "年"}, {"month", "month", "月"}, {"day", "day", "日"}};

        for (size_t i = 0; i < sizeof PARTS / sizeof PARTS[0]; i++)
                if (strcmp(name, PARTS[i].feel) == 0)
                        return word(&PARTS[i], lang);
        return NULL;
}

static size_t name_say(struct speaker *s, const char *text, bool field)
{
        char name[200], key[220], spare[220];
        size_t n = 0;

        while (name_char(text[n]))
                n++;
        text_copy(name, sizeof name, (struct str){text, n});
        if (strcmp(name, "parameters") == 0 && text[n] == '.') {
                size_t from = n + 1, to = from;
                while (name_char(text[to]))
                        to++;
                text_copy(name, sizeof name, (struct str){text + from, to - from});
                text_format(key, sizeof key, "key:%s", name);
                const char *title = name_said(s->labels, key, s->lang, spare, sizeof spare);
                say(s, "〔");
                say(s, title == spare ? name : title);
                say(s, "〕");
                n = to;
        } else {
                const char *part = field ? part_said(name, s->lang) : NULL;
                say(s, part != NULL ? part : name_said(s->labels, name, s->lang, spare, sizeof spare));
        }
        s->before = true;
        if (text[n] == '.' && text[n + 1] != '.') {
                say(s, s->lang == LANG_EN ? "’s " : "的");
                n++;
        }
        return n;
}

static size_t number_say(struct speaker *s, const char *text)
{
        char number[80];
        size_t n = 0;

        while (isdigit((unsigned char)text[n]) || (text[n] == '.' && isdigit((unsigned char)text[n + 1])))
                n++;
        say(s, text_copy(number, sizeof number, (struct str){text, n}));
        s->before = true;
        return n;
}

static size_t sign_say(struct speaker *s, const char *text)
{
        for (size_t i = 0; i < sizeof SIGNS / sizeof SIGNS[0]; i++) {
                size_t n = strlen(SIGNS[i].feel);
                if (strncmp(text, SIGNS[i].feel, n) != 0)
                        continue;
                if (text[0] == '-' && n == 1 && !s->before)
                        say(s, "−");
                else
                        say(s, word(&SIGNS[i], s->lang));
                s->before = false;
                return n;
        }
        buf_add_char(s->out, *text);
        s->before = *text == ')' || *text == ']' || *text == '}';
        return 1;
}

static size_t word_say(struct speaker *s, const char *text)
{
        for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
                size_t n = begins(text, WORDS[i].feel);
                bool value = n > 0 && (strcmp(WORDS[i].feel, "true") == 0 || strcmp(WORDS[i].feel, "false") == 0 ||
                                       strcmp(WORDS[i].feel, "null") == 0);
                if (n == 0)
                        continue;
                say(s, word(&WORDS[i], s->lang));
                s->before = value;
                return n;
        }
        return 0;
}

void expression_said(struct buf *out, const char *feel, const json_t *labels, enum lang lang)
{
        struct speaker s = {.out = out, .labels = labels, .lang = lang};
        bool field = false; /* after a dot a name is a field, never a word of the language */

        for (const char *t = feel; *t != '\0';) {
                size_t n = 0;
                if (isspace((unsigned char)*t)) {
                        while (isspace((unsigned char)*t))
                                t++;
                        if (lang == LANG_EN)
                                say(&s, " ");
                        continue;
                }
                if (*t == '"')
                        n = string_say(&s, t);
                else if (isdigit((unsigned char)*t))
                        n = number_say(&s, t);
                else if (name_char(*t)) {
                        n = field ? 0 : word_say(&s, t);
                        if (n == 0)
                                n = name_say(&s, t, field);
                        field = t[n - 1] == '.';
                        t += n;
                        continue;
                } else
                        n = sign_say(&s, t);
                field = false;
                t += n;
        }
}

/* --- cells ------------------------------------------------------------------------------------------------------------------- */

/* The end of one test of a list: the next comma outside of strings and brackets. */
static size_t test_end(const char *text)
{
        size_t n = 0;
        int depth = 0;
        bool quoted = false;

        for (; text[n] != '\0'; n++) {
                if (text[n] == '"')
                        quoted = !quoted;
                else if (quoted)
                        continue;
                else if (strchr("([{", text[n]) != NULL)
                        depth++;
                else if (strchr(")]}", text[n]) != NULL)
                        depth--;
                else if (text[n] == ',' && depth <= 0)
                        break;
        }
        return n;
}

static bool range_said(struct buf *out, struct str t, const json_t *labels, enum lang lang)
{
        char low[120], high[120];
        size_t dots = 0;

        if (t.n < 5 || strchr("[(]", t.p[0]) == NULL || strchr("])[", t.p[t.n - 1]) == NULL)
                return false;
        for (size_t i = 1; i + 1 < t.n && dots == 0; i++)
                if (t.p[i] == '.' && t.p[i + 1] == '.')
                        dots = i;
        if (dots == 0)
                return false;
        text_copy(low, sizeof low, str_trim((struct str){t.p + 1, dots - 1}));
        text_copy(high, sizeof high, str_trim((struct str){t.p + dots + 2, t.n - dots - 3}));
        bool open_low = t.p[0] != '[', open_high = t.p[t.n - 1] != ']';
        buf_add_text(out, open_low ? (lang == LANG_EN ? "more than " : "大于") : "");
        expression_said(out, low, labels, lang);
        buf_add_text(out, lang == LANG_EN ? (open_high ? " to less than " : " to ") : open_high ? "至小于" : "至");
        expression_said(out, high, labels, lang);
        return true;
}

static void one_said(struct buf *out, struct str t, const json_t *labels, enum lang lang)
{
        static const struct said COMPARED[] = {{">=", "at least ", "不低于"},   {"<=", "at most ", "不高于"},
                                               {"!=", "other than ", "不等于"}, {">", "more than ", "高于"},
                                               {"<", "less than ", "低于"},     {"=", "", ""}};
        char text[600];

        text_copy(text, sizeof text, t);
        if (range_said(out, t, labels, lang))
                return;
        for (size_t i = 0; i < sizeof COMPARED / sizeof COMPARED[0]; i++) {
                size_t n = strlen(COMPARED[i].feel);
                if (strncmp(text, COMPARED[i].feel, n) != 0)
                        continue;
                buf_add_text(out, word(&COMPARED[i], lang));
                expression_said(out, text + n + strspn(text + n, " "), labels, lang);
                return;
        }
        expression_said(out, text, labels, lang);
}

void test_said(struct buf *out, const char *feel, const json_t *labels, enum lang lang)
{
        struct str all = str_trim(str_from(feel));

        if (all.n == 0 || str_is(all, "-")) {
                buf_add_text(out, lang == LANG_EN ? "any" : "任意");
                return;
        }
        if (all.n > 5 && memcmp(all.p, "not(", 4) == 0 && all.p[all.n - 1] == ')') {
                char inner[600];
                buf_add_text(out, lang == LANG_EN ? "not " : "不是");
                test_said(out, text_copy(inner, sizeof inner, (struct str){all.p + 4, all.n - 5}), labels, lang);
                return;
        }
        for (const char *t = all.p; t < all.p + all.n;) {
                size_t n = test_end(t);
                if (n > (size_t)(all.p + all.n - t))
                        n = (size_t)(all.p + all.n - t);
                if (t > all.p)
                        buf_add_text(out, lang == LANG_EN ? " or " : "或");
                one_said(out, str_trim((struct str){t, n}), labels, lang);
                t += n + 1;
        }
}
