/* SPDX-License-Identifier: Apache-2.0
 *
 * Build tool: writes the table of pinyin (no tones) of every Han character that ICU knows, as C.
 * pinyin_make OUT.h
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#define SYLLABLES_MAX 4096
static const struct {
        UChar32 first, last;
} RANGES[] = {{0x3007, 0x3007}, {0x3400, 0x4DBF}, {0x4E00, 0x9FFF}, {0xF900, 0xFAFF}, {0x20000, 0x323AF}};
#define RANGE_COUNT (sizeof RANGES / sizeof RANGES[0])

static char syllables[SYLLABLES_MAX][16];
static int syllable_count = 1; /* 0: no reading */

static int syllable(const char *text)
{
        for (int i = 1; i < syllable_count; i++)
                if (strcmp(syllables[i], text) == 0)
                        return i;
        if (syllable_count == SYLLABLES_MAX)
                exit(1);
        memcpy(syllables[syllable_count], text, strlen(text) + 1);
        return syllable_count++;
}

/* 0 when ICU has no reading of letters a–z. */
static int reading(UTransliterator *t, UChar32 c)
{
        UErrorCode status = U_ZERO_ERROR;
        UChar text[64];
        int32_t n = 0;
        char out[128];
        UBool bad = 0;

        U16_APPEND(text, n, 64, c, bad);
        int32_t limit = n;
        utrans_transUChars(t, text, &n, 64, 0, &limit, &status);
        u_strToUTF8(out, sizeof out, NULL, text, n, &status);
        if (U_FAILURE(status) || bad || strlen(out) == 0 || strlen(out) > 15)
                return 0;
        for (const char *p = out; *p != '\0'; p++)
                if (*p < 'a' || *p > 'z')
                        return 0;
        return syllable(out);
}

int main(int argc, char **argv)
{
        UErrorCode status = U_ZERO_ERROR;
        UChar id[64];
        FILE *f = argc == 2 ? fopen(argv[1], "w") : NULL;

        if (f == NULL)
                return 2;
        u_uastrcpy(id, "Han-Latin; Latin-ASCII; Lower");
        UTransliterator *t = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
        if (U_FAILURE(status)) {
                fprintf(stderr, "pinyin_make: %s\n", u_errorName(status));
                return 1;
        }
        fputs("/* Written by pinyin_make from ICU's Han-Latin. */\n", f);
        for (size_t r = 0; r < RANGE_COUNT; r++) {
                fprintf(f, "static const unsigned short pinyin_%zu[] = {", r);
                for (UChar32 c = RANGES[r].first; c <= RANGES[r].last; c++)
                        fprintf(f, "%s%d,", (c - RANGES[r].first) % 32 == 0 ? "\n" : "", reading(t, c));
                fputs("\n};\n", f);
        }
        fputs("static const struct {\n        int32_t first, last;\n        const unsigned short *syllable;\n} pinyin_ranges[] "
              "= {\n",
              f);
        for (size_t r = 0; r < RANGE_COUNT; r++)
                fprintf(f, "        {0x%X, 0x%X, pinyin_%zu},\n", (unsigned)RANGES[r].first, (unsigned)RANGES[r].last, r);
        fputs("};\nstatic const char pinyin_syllables[][8] = {\n", f);
        for (int i = 0; i < syllable_count; i++)
                fprintf(f, "        \"%.7s\",\n", syllables[i]);
        fputs("};\n", f);
        utrans_close(t);
        return fclose(f) == 0 ? 0 : 1;
}
