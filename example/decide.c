/* SPDX-License-Identifier: Apache-2.0
 *
 * When may this person retire, by the law of the place?
 *
 *     cc decide.c $(pkg-config --cflags --libs shebao) -o decide
 *     ./decide "$(pkg-config --variable=packs shebao)/cn-hunan" male 1966-11-08
 */
#include <shebao.h>

#include <stdio.h>

int main(int argc, char **argv)
{
        struct shebao_pack *pack;
        char error[SHEBAO_ERROR], inputs[200], *answer;

        if (argc != 4) {
                fprintf(stderr, "decide PACK male|f55|f50 YYYY-MM-DD\n");
                return 2;
        }
        if (shebao_pack_open(&pack, argv[1], error) != 0) {
                fprintf(stderr, "%s\n", error);
                return 1;
        }
        snprintf(inputs, sizeof inputs, "{\"category\":\"%.20s\",\"birth\":\"%.20s\"}", argv[2], argv[3]);
        int rc = shebao_decide(pack, "retirement", "retirement", "2026-11-01", inputs, &answer, error);
        if (rc == 0)
                printf("%s\n", answer);
        else
                fprintf(stderr, "%s\n", error);
        if (rc == 0)
                shebao_text_free(answer);
        shebao_pack_free(pack);
        return rc == 0 ? 0 : 1;
}
