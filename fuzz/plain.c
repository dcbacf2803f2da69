/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/text.h"

#define INPUT_BYTES ((size_t)4 << 20)
#define DAMAGED 200 /* damaged copies of each input */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* From memory of exactly that size, so that a read beyond the end is seen. */
static void run(const char *bytes, size_t n)
{
        uint8_t *copy = malloc(n == 0 ? 1 : n);
        if (copy == NULL)
                abort();
        if (n > 0)
                memcpy(copy, bytes, n);
        LLVMFuzzerTestOneInput(copy, n);
        free(copy);
}

/* Cut short, with bytes changed, or with a part said twice: by the same seed each time. */
static void run_damaged(const struct buf *input, struct rng *rng)
{
        size_t n = input->n;
        char *copy = malloc(2 * n);
        if (copy == NULL)
                abort();
        memcpy(copy, input->p, n);
        if (rng_below(rng, 4) == 0)
                n = rng_below(rng, (uint32_t)n + 1);
        for (uint32_t i = rng_below(rng, 4); i > 0 && n > 0; i--)
                copy[rng_below(rng, (uint32_t)n)] = (char)rng_u32(rng);
        if (n > 0 && rng_below(rng, 4) == 0) {
                size_t from = rng_below(rng, (uint32_t)n), size = rng_below(rng, (uint32_t)(n - from) + 1);
                memmove(copy + from + size, copy + from, n - from);
                n += size;
        }
        run(copy, n);
        free(copy);
}

static void run_file(const char *path)
{
        struct error err = {0};
        struct buf input;
        struct rng rng = rng_new(1, 0);
        buf_init(&input, INPUT_BYTES);
        if (file_read(&input, path, INPUT_BYTES, &err) != 0) {
                char text[512];
                fprintf(stderr, "%s\n", error_text(&err, LANG_EN, text, sizeof text));
                exit(1);
        }
        run(buf_text(&input), input.n);
        for (int i = 0; i < DAMAGED && input.n > 0; i++)
                run_damaged(&input, &rng);
        buf_dispose(&input);
}

/* A program for machines without libFuzzer: every file of the folder. An empty corpus is a fault.
 */
int main(int argc, char **argv)
{
        struct dirent **names = NULL;
        int n = argc == 2 ? scandir(argv[1], &names, NULL, alphasort) : -1;
        int files = 0;
        for (int i = 0; i < n; i++) {
                if (names[i]->d_name[0] != '.') {
                        char path[1024];
                        run_file(text_format(path, sizeof path, "%s/%s", argv[1], names[i]->d_name));
                        files++;
                }
                free(names[i]);
        }
        free(names);
        printf("%d inputs\n", files);
        return files > 0 ? 0 : 1;
}
