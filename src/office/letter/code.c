/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/code.h"

#include <string.h>

#define CODE_HEAD "SHEBAO1:"
#define BLOCK_HEAD "%SHEBAO-LETTER-1\n"
#define CONTENT_HEAD "%content "
#define CODE_LINE "%code "
#define PUBLIC_LINE "%public "
#define SIGNATURE_LINE "%signature "
enum { HASH_FIGURES = 64, SIGNATURE_FIGURES = 128, DAY_FIGURES = 10, TAIL_MAX = 64 };

/* --- figures -------------------------------------------------------------------------------------------------------------------------- */

static void figures_put(char *out, const unsigned char *bytes, size_t n)
{
        static const char figures[] = "0123456789ABCDEF";

        for (size_t i = 0; i < n; i++) {
                out[2 * i] = figures[bytes[i] >> 4];
                out[2 * i + 1] = figures[bytes[i] & 15];
        }
        out[2 * n] = '\0';
}

/* One form alone: a signature has one spelling, so that a changed letter of it is a changed signature. */
static bool figures_read(unsigned char *out, size_t n, struct str text)
{
        if (text.n != 2 * n)
                return false;
        for (size_t i = 0; i < text.n; i++) {
                char c = text.p[i];
                int v = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
                if (v < 0)
                        return false;
                out[i / 2] = (unsigned char)(i % 2 == 0 ? v << 4 : out[i / 2] | v);
        }
        return true;
}

char *letter_key_id(const unsigned char public_key[32], char out[LETTER_KEY_ID])
{
        struct hash h = hash_of(public_key, 32);

        figures_put(out, h.b, 4);
        return out;
}

/* --- code ----------------------------------------------------------------------------------------------------------------------------- */

int letter_code_make(char out[LETTER_CODE_MAX], struct letter_code *code, const struct keyring *keys, const struct sign_key *by,
                     struct error *err)
{
        unsigned char public_key[32];
        char hash[HASH_FIGURES + 1], signature[SIGNATURE_FIGURES + 1], day[16];
        struct buf b;

        keyring_public_of(keys, by, public_key);
        letter_key_id(public_key, code->key);
        figures_put(hash, code->content.b, HASH_BYTES);
        buf_init(&b, LETTER_CODE_MAX - 1);
        buf_add_format(&b, CODE_HEAD "%s:%s:%s:%s:%s", code->issuer, code->number, day_text(code->day, day), hash, code->key);
        keyring_sign_by(keys, by, (struct str){buf_text(&b), b.n}, code->signature);
        figures_put(signature, code->signature, 64);
        buf_add_format(&b, ":%s", signature);
        int rc = buf_check(&b, err);
        if (rc == 0)
                text_copy(out, LETTER_CODE_MAX, (struct str){b.p, b.n});
        buf_dispose(&b);
        return rc;
}

/* The last field of *rest, which loses it and its colon. */
static bool field_cut(struct str *rest, struct str *field)
{
        for (size_t i = rest->n; i > 0; i--)
                if (rest->p[i - 1] == ':') {
                        *field = (struct str){rest->p + i, rest->n - i};
                        rest->n = i - 1;
                        return true;
                }
        return false;
}

int letter_code_read(struct letter_code *out, struct str text, struct error *err)
{
        struct str rest = str_trim(text), signature, key, hash, day;
        size_t head = sizeof CODE_HEAD - 1;
        char written[16];
        bool good = rest.n > head && rest.n < LETTER_CODE_MAX && memcmp(rest.p, CODE_HEAD, head) == 0;

        *out = (struct letter_code){.day = 0};
        good =
            good && field_cut(&rest, &signature) && field_cut(&rest, &key) && field_cut(&rest, &hash) && field_cut(&rest, &day);
        good = good && rest.n > head && figures_read(out->signature, 64, signature) && figures_read(out->content.b, 32, hash) &&
               key.n == LETTER_KEY_ID - 1 && day.n == DAY_FIGURES;
        const char *colon = good ? memchr(rest.p + head, ':', rest.n - head) : NULL;
        if (colon == NULL)
                return error_raise(err, SB_LETTER_CODE, "%s", "");
        text_copy(out->key, sizeof out->key, key);
        text_copy(out->issuer, sizeof out->issuer, (struct str){rest.p + head, (size_t)(colon - rest.p) - head});
        text_copy(out->number, sizeof out->number, (struct str){colon + 1, rest.n - (size_t)(colon + 1 - rest.p)});
        if (day_parse(&out->day, day, err) < 0 || !str_is(day, day_text(out->day, written))) {
                error_clear(err);
                return error_raise(err, SB_LETTER_CODE, "%s", "");
        }
        return 0;
}

int letter_code_verify(struct str text, const unsigned char public_key[32], struct error *err)
{
        struct str rest = str_trim(text), signature;
        unsigned char bytes[64];
        struct error none = {0};

        if (!field_cut(&rest, &signature) || !figures_read(bytes, 64, signature) ||
            keyring_verify(public_key, rest, bytes, &none) < 0)
                return error_raise(err, SB_LETTER_CHANGED, "%s", "");
        return 0;
}

/* --- PDF ------------------------------------------------------------------------------------------------------------------------------ */

/* Where `word` begins last in the bytes; NULL nowhere. */
static const char *found_last(struct str bytes, const char *word)
{
        size_t n = strlen(word);

        for (size_t i = bytes.n < n ? 0 : bytes.n - n + 1; i > 0; i--)
                if (memcmp(bytes.p + i - 1, word, n) == 0)
                        return bytes.p + i - 1;
        return NULL;
}

static void pdf_message(char out[96], struct str before, struct str after)
{
        struct hash_state s = hash_begin();
        char hex[65];

        hash_add(&s, before.p, before.n);
        hash_add(&s, after.p, after.n);
        struct hash h = hash_end(&s);
        text_format(out, 96, "shebao letter pdf %s", hash_hex(&h, hex));
}

int letter_pdf_sign(struct buf *pdf, struct str content, const char *code, const struct keyring *keys,
                    const struct sign_key *by, struct error *err)
{
        unsigned char public_key[32], signature[64];
        char figures[SIGNATURE_FIGURES + 1], message[96], tail[TAIL_MAX];
        const char *start = found_last((struct str){buf_text(pdf), pdf->n}, "startxref\n");
        int64_t at;

        if (start == NULL || !text_to_int((struct str){start + 10, strcspn(start + 10, "\n")}, &at))
                return error_raise(err, SB_LETTER_PDF, "%s", "startxref");
        text_format(tail, sizeof tail, "\nstartxref\n%lld\n%%%%EOF\n", (long long)at);
        keyring_public_of(keys, by, public_key);
        figures_put(figures, public_key, 32);
        buf_add_text(pdf, BLOCK_HEAD CONTENT_HEAD);
        buf_add_str(pdf, content);
        buf_add_text(pdf, "\n" CODE_LINE);
        buf_add_text(pdf, code);
        buf_add_text(pdf, "\n" PUBLIC_LINE);
        buf_add_text(pdf, figures);
        buf_add_text(pdf, "\n" SIGNATURE_LINE);
        pdf_message(message, (struct str){buf_text(pdf), pdf->n}, str_from(tail));
        keyring_sign_by(keys, by, str_from(message), signature);
        figures_put(figures, signature, 64);
        buf_add_text(pdf, figures);
        buf_add_text(pdf, tail);
        return buf_check(pdf, err);
}

/* The line at *rest that begins so, without its head and end; *rest goes on after it. */
static bool line_cut(struct str *rest, const char *head, struct str *line)
{
        size_t n = strlen(head);
        const char *end = rest->n < n || memcmp(rest->p, head, n) != 0 ? NULL : memchr(rest->p, '\n', rest->n);

        if (end == NULL)
                return false;
        *line = (struct str){rest->p + n, (size_t)(end - rest->p) - n};
        *rest = (struct str){end + 1, rest->n - (size_t)(end + 1 - rest->p)};
        return true;
}

int letter_pdf_verify(struct letter_pdf_seen *out, struct str pdf, struct error *err)
{
        const size_t mark = sizeof SIGNATURE_LINE - 1;
        size_t reach = SIGNATURE_FIGURES + TAIL_MAX + mark;
        struct str end = {pdf.p + (pdf.n < reach ? 0 : pdf.n - reach), pdf.n < reach ? pdf.n : reach};
        const char *signature = found_last(end, SIGNATURE_LINE), *block;
        struct str before, after, rest, public_key;
        unsigned char bytes[64];
        char message[96], id[LETTER_KEY_ID];
        struct error none = {0};

        *out = (struct letter_pdf_seen){.code_text = {"", 0}};
        if (signature == NULL || (size_t)(pdf.p + pdf.n - signature) < mark + SIGNATURE_FIGURES)
                return error_raise(err, SB_LETTER_UNSIGNED, "%s", "");
        before = (struct str){pdf.p, (size_t)(signature - pdf.p) + mark};
        after = (struct str){signature + mark + SIGNATURE_FIGURES, pdf.n - before.n - SIGNATURE_FIGURES};
        block = found_last(before, BLOCK_HEAD);
        if (block == NULL)
                return error_raise(err, SB_LETTER_UNSIGNED, "%s", "");
        rest = (struct str){block + sizeof BLOCK_HEAD - 1, before.n - (size_t)(block - pdf.p) - (sizeof BLOCK_HEAD - 1)};
        bool good = line_cut(&rest, CONTENT_HEAD, &out->content) && line_cut(&rest, CODE_LINE, &out->code_text) &&
                    line_cut(&rest, PUBLIC_LINE, &public_key) && str_is(rest, SIGNATURE_LINE) &&
                    figures_read(out->public_key, 32, public_key) &&
                    figures_read(bytes, 64, (struct str){signature + mark, SIGNATURE_FIGURES}) &&
                    letter_code_read(&out->code, out->code_text, &none) == 0;
        error_clear(&none);
        pdf_message(message, before, after);
        struct hash said = hash_of(out->content.p, out->content.n);
        good = good && keyring_verify(out->public_key, str_from(message), bytes, &none) == 0 &&
               letter_code_verify(out->code_text, out->public_key, &none) == 0 &&
               strcmp(letter_key_id(out->public_key, id), out->code.key) == 0 &&
               str_equal(hash_str(&said), hash_str(&out->code.content));
        error_clear(&none);
        return good ? 0 : error_raise(err, SB_LETTER_CHANGED, "%s", "");
}

/* --- keys ----------------------------------------------------------------------------------------------------------------------------- */

int letter_key_find(unsigned char public_key[32], const json_t *file, const char *id, day_t day, struct error *err)
{
        const json_t *keys = json_object_get(file, "keys"), *one;
        char own[LETTER_KEY_ID], text[16];

        for (size_t i = 0; i < json_array_size(keys); i++) {
                const char *hex = NULL;
                day_t from, to = DAY_END;
                one = json_array_get(keys, i);
                int rc = json_get_text(one, "public", true, &hex, err);
                rc = rc ? rc : json_get_day(one, "from", true, &from, err);
                rc = rc ? rc : json_get_day(one, "to", false, &to, err);
                if (rc < 0)
                        return rc;
                if (!figures_read(public_key, 32, str_from(hex)))
                        return error_raise(err, SB_LETTER_KEY, "%s|%s", id, day_text(day, text));
                if (strcmp(letter_key_id(public_key, own), id) == 0 && day >= from && day < to)
                        return 0;
        }
        return error_raise(err, SB_LETTER_KEY, "%s|%s", id, day_text(day, text));
}
