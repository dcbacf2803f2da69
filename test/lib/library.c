/* SPDX-License-Identifier: Apache-2.0
 *
 * The door of libshebao: answers, errors in two languages, one pack under several threads. */
#include "testing.h"

#include <pthread.h>
#include <shebao.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define THREADS 4
#define ROUNDS 50

static void a_pack_decides(void **state)
{
        struct shebao_pack *pack = NULL;
        char error[SHEBAO_ERROR] = "", *answer = NULL;

        (void)state;
        assert_int_equal(shebao_pack_open(&pack, "packs/cn-hunan", error), 0);
        assert_int_equal(strlen(shebao_pack_hash(pack)), 64);
        assert_int_equal(shebao_decide(pack, "retirement", "retirement", "2026-11-01",
                                       "{\"category\":\"f50\",\"birth\":\"1976-11-08\"}", &answer, error),
                         0);
        assert_non_null(strstr(answer, "\"derivation\":{"));
        assert_non_null(strstr(answer, shebao_pack_hash(pack)));
        shebao_text_free(answer);
        shebao_pack_free(pack);
        shebao_pack_free(NULL);
        shebao_text_free(NULL);
}

static void what_is_wrong_is_said_with_its_code(void **state)
{
        static const char *const inputs[] = {"{", "[]", "{\"birth\":\"1990-02-30\",\"category\":\"male\"}", ""};
        struct shebao_pack *pack = NULL;
        char error[SHEBAO_ERROR] = "", *answer = NULL;

        (void)state;
        assert_int_equal(shebao_pack_open(&pack, "packs/cn-hunan", error), 0);
        for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
                error[0] = '\0';
                assert_int_equal(shebao_decide(pack, "retirement", "retirement", "2026-11-01", inputs[i], &answer, error), -1);
                assert_int_equal(strncmp(error, "SB-0", 4), 0);
        }
        assert_int_equal(shebao_decide(pack, "retirement", "retirement", "2026-02-30", "{}", &answer, error), -1);
        assert_int_equal(shebao_decide(pack, "nothing", "x", "2026-11-01", "{}", &answer, error), -1);
        shebao_pack_free(pack);
        assert_int_equal(shebao_pack_open(&pack, "packs/nowhere", error), -1);
        shebao_language(1);
        char chinese[SHEBAO_ERROR];
        assert_int_equal(shebao_pack_open(&pack, "packs/nowhere", chinese), -1);
        shebao_language(0);
        assert_string_not_equal(error, chinese);
}

static void any_model_decides(void **state)
{
        static const char model[] =
            "<definitions xmlns=\"https://www.omg.org/spec/DMN/20230324/MODEL/\" namespace=\"urn:t\" name=\"t\">"
            "<inputData id=\"i\" name=\"wage\"><variable name=\"wage\" typeRef=\"number\"/></inputData>"
            "<decision id=\"d\" name=\"due\"><variable name=\"due\"/><informationRequirement><requiredInput href=\"#i\"/>"
            "</informationRequirement><literalExpression><text>wage * 0.08</text></literalExpression></decision></definitions>";
        char path[] = "/tmp/shebao-model-XXXXXX", file[64], error[SHEBAO_ERROR], *answer = NULL;
        struct shebao_model *m = NULL;

        (void)state;
        assert_non_null(mkdtemp(path));
        snprintf(file, sizeof file, "%s/t.dmn", path);
        FILE *f = fopen(file, "w");
        assert_non_null(f);
        fputs(model, f);
        fclose(f);
        assert_int_equal(shebao_model_open(&m, file, error), 0);
        assert_int_equal(shebao_model_decide(m, "due", "{\"wage\":\"1234.56\"}", &answer, error), 0);
        assert_non_null(strstr(answer, "98.7648"));
        shebao_text_free(answer);
        assert_int_equal(shebao_model_decide(m, "nothing", "{}", &answer, error), -1);
        shebao_model_free(m);
        assert_int_equal(shebao_model_open(&m, "/nowhere.dmn", error), -1);
        remove(file);
        rmdir(path);
}

static void *decide_often(void *arg)
{
        char error[SHEBAO_ERROR], *answer, inputs[80];
        struct shebao_pack *pack = arg;

        for (int i = 0; i < ROUNDS; i++) {
                snprintf(inputs, sizeof inputs, "{\"category\":\"male\",\"birth\":\"19%02d-0%d-08\"}", 60 + i % 20, 1 + i % 9);
                if (shebao_decide(pack, "retirement", "retirement", "2026-11-01", inputs, &answer, error) != 0)
                        return arg;
                shebao_text_free(answer);
        }
        return NULL;
}

static void one_pack_serves_many_threads(void **state)
{
        pthread_t threads[THREADS];
        struct shebao_pack *pack = NULL;
        char error[SHEBAO_ERROR];

        (void)state;
        assert_int_equal(shebao_pack_open(&pack, "packs/cn-hunan", error), 0);
        for (int i = 0; i < THREADS; i++)
                assert_int_equal(pthread_create(&threads[i], NULL, decide_often, pack), 0);
        for (int i = 0; i < THREADS; i++) {
                void *failed;
                pthread_join(threads[i], &failed);
                assert_null(failed);
        }
        shebao_pack_free(pack);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_pack_decides),
            cmocka_unit_test(what_is_wrong_is_said_with_its_code),
            cmocka_unit_test(any_model_decides),
            cmocka_unit_test(one_pack_serves_many_threads),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
