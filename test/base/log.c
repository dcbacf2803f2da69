/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "base/json.h"
#include "testing.h"

#include <stdlib.h>
#include <string.h>

static void writes_one_object_a_line(void **state)
{
        (void)state;
        char *text = NULL;
        size_t n = 0;
        FILE *out = open_memstream(&text, &n);
        struct clock *clock = clock_virtual(0);
        struct log *l = log_new(out, LOG_INFO, clock);
        struct error err = {0};
        log_event(l, LOG_DEBUG, "not.told", NULL);
        log_event(l, LOG_INFO, "run.done", "run", "7", "odd", "a\"\\\n\x01\xFF养", NULL);
        error_raise(&err, SB_IO, "%s|%s", "x", "y");
        log_error(l, "it.failed", &err);
        char *big = calloc(1, 20000);
        memset(big, 'x', 19999);
        log_event(l, LOG_WARN, "too.big", "what", big, NULL);
        log_event(NULL, LOG_ERROR, "nobody", NULL);
        log_error(NULL, "nobody", &err);
        log_free(l);
        log_free(NULL);
        fclose(out);
        static const char *const events[] = {"run.done", "it.failed", "log.too_long"};
        char *line = text;
        for (int i = 0; i < 3; i++) {
                char *end = strchr(line, '\n');
                assert_non_null(end);
                json_t *o = NULL;
                error_clear(&err);
                assert_ok(json_read(&o, (struct str){line, (size_t)(end - line)}, &err), err);
                assert_string_equal(json_string_value(json_object_get(o, "event")), events[i]);
                assert_string_equal(json_string_value(json_object_get(o, "at")), "1970-01-01T00:00:00.000000Z");
                if (i == 0)
                        assert_string_equal(json_string_value(json_object_get(o, "odd")), "a\"\\\n\x01\xEF\xBF\xBD养");
                if (i == 1)
                        assert_string_equal(json_string_value(json_object_get(o, "code")), "SB-0003");
                json_decref(o);
                line = end + 1;
        }
        assert_int_equal(*line, '\0');
        free(big);
        free(text);
        clock_free(clock);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(writes_one_object_a_line)};
        return cmocka_run_group_tests(tests, NULL, NULL);
}
