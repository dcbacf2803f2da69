/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

#include <stdio.h>
#include <string.h>

enum columns { EN = 1, ZH = 2 };

/* A bar would end the cell of the table. */
static void put_cell(const char *text)
{
        for (; *text != '\0'; text++) {
                if (*text == '|')
                        putchar('\\');
                putchar(*text);
        }
        fputs(" |", stdout);
}

static void put_row(enum error_code code, const char *symbol, int http, const char *en, const char *zh, int columns)
{
        char name[8];
        printf("| %s | %s | %d | ", error_name(code, name), symbol, http);
        if (columns & EN)
                put_cell(en);
        if (columns == (EN | ZH))
                putchar(' ');
        if (columns & ZH)
                put_cell(zh);
        putchar('\n');
}

/* Floors in the order of their numbers: the registry is written in that order. */
static const char *floor_of(int number)
{
        static const struct {
                int first;
                const char *name;
        } floors[] = {{900, "cmd"},       {800, "http"}, {600, "office"}, {500, "ledger"}, {400, "bpmn, case"},
                      {300, "feel, dmn"}, {200, "pack"}, {100, "store"},  {0, "base"}};
        size_t i = 0;
        while (number < floors[i].first)
                i++;
        return floors[i].name;
}

int cmd_errors(int argc, char **argv)
{
        const char *name = argv[0], *lang = command_option(&argc, argv, "--lang");
        int columns = EN | ZH;
        if (lang != NULL)
                columns = strcmp(lang, "en") == 0 ? EN : strcmp(lang, "zh") == 0 ? ZH : 0;
        if (argc != 1 || columns == 0)
                return command_usage(name);
        puts("# Error codes\n\nWritten by `shebao errors` from `src/base/error_codes.def`; a "
             "number is for ever. "
             "{0} {1} … stand for values.");
        enum error_code code;
        const char *symbol, *en, *zh, *floor = "";
        int http;
        for (size_t i = 0; error_registry(i, &code, &symbol, &http, &en, &zh); i++) {
                if (strcmp(floor, floor_of((int)code)) != 0) {
                        floor = floor_of((int)code);
                        printf("\n## %s\n\n| code | symbol | HTTP |%s%s\n|---|---|---|%s\n", floor, columns & EN ? " en |" : "",
                               columns & ZH ? " zh-CN |" : "", columns == (EN | ZH) ? "---|---|" : "---|");
                }
                put_row(code, symbol, http, en, zh, columns);
        }
        return 0;
}
