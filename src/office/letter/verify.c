/* SPDX-License-Identifier: Apache-2.0
 *
 * What anybody may ask of a letter that they hold: is it ours, unchanged, and does it still hold? Says the number, the day, the office
 * and the kind, which stand on the letter, and nothing of persons. The public keys are handed out, so that all but the last question
 * can be answered without us.
 */
#include "office/letter/issue.h"

#include "case/pack_store.h"
#include "office/json.h"
#include "office/letter/code.h"
#include "office/letter/record.h"
#include "office/letter/table.h"

#include <string.h>

enum { ASKED_MINUTE_MAX = 240 };
#define MINUTE_US ((instant_t)60 * 1000000)

/* --- keys ------------------------------------------------------------------------------------------------------------------------------ */

struct keys_read {
        struct call *call;
        json_t *keys;
        char issuer[192];
};

static int keys_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct keys_read *k = ctx;
        struct stmt *q = NULL;
        char id[LETTER_KEY_ID], hex[65];
        int rc = tx_one(&q, tx, err, "SELECT body FROM office WHERE parent = 0 OR parent = id ORDER BY id LIMIT 1", "");

        if (rc == 1)
                text_copy(k->issuer, sizeof k->issuer, stmt_text(q, 0));
        json_array_clear(k->keys);
        if (rc >= 0)
                rc = tx_query(&q, tx, err,
                              "SELECT public, valid_from, valid_to FROM letter_key WHERE home = ?1@int ORDER BY number", "i",
                              (int64_t)k->call->house->home);
        while ((rc = row_next(rc, q, err)) == 1) {
                json_t *o = json_object();
                struct str key = stmt_blob(q, 0);
                if (key.n != 32)
                        continue;
                for (size_t i = 0; i < 32; i++)
                        text_format(hex + 2 * i, 3, "%02X", (unsigned)(unsigned char)key.p[i]);
                put_text(o, "key", letter_key_id((const unsigned char *)key.p, id));
                put_text(o, "algorithm", "Ed25519");
                put_text(o, "public", hex);
                put_day(o, "from", (day_t)stmt_int(q, 1));
                put_day(o, "to", (day_t)stmt_int(q, 2));
                json_array_append_new(k->keys, o);
        }
        return rc;
}

static int keys_file(struct call *c, json_t **out, struct error *err)
{
        struct keys_read k = {.call = c, .keys = json_array()};
        int rc = k.keys == NULL ? error_raise(err, SB_MEMORY, "%s", "") : store_read(c->house->store, keys_apply, &k, err);

        if (rc == 0) {
                *out = json_pack("{s:s,s:O}", "issuer", k.issuer, "keys", k.keys);
                rc = *out == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;
        }
        json_decref(k.keys);
        return rc;
}

static int key_change(struct tx *tx, struct call *c, void *ctx, struct change *change, json_t **out, struct error *err)
{
        day_t today = clock_today(c->house->clock);
        int64_t number;
        int rc = letter_key_for(tx, c, today, &number, err);

        (void)ctx;
        if (rc == 0) {
                /* What was signed today stays good today. */
                rc = tx_exec(tx, err, "UPDATE letter_key SET valid_to = ?3@int WHERE home = ?1@int AND number = ?2@int", "iii",
                             (int64_t)c->house->home, number, (int64_t)today + 1);
                struct sign_key next = {"letter", c->house->home, number + 1};
                unsigned char own[32];
                keyring_public_of(c->house->keys, &next, own);
                rc = rc ? rc
                        : tx_exec(tx, err,
                                  "INSERT INTO letter_key (home, number, public, valid_from, valid_to, actor, at) VALUES "
                                  "(?1@int, ?2@int, "
                                  "?3@blob, ?4@int, ?5@int, ?6@int, ?7@int)",
                                  "iibiiii", (int64_t)c->house->home, number + 1, (struct str){(const char *)own, 32},
                                  (int64_t)today, (int64_t)DAY_END, c->who.staff, (int64_t)clock_now(c->house->clock));
                number++;
        }
        change->subject_kind = "letter_key";
        change->subject = number;
        if (rc == 0 && (*out = json_pack("{s:I}", "number", (json_int_t)number)) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        return rc;
}

static int letters_keys(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        (void)in;
        return keys_file(c, out, err);
}

static int letters_key_change(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        return verb_change(c, registry_find(c->house->verbs, "letters.key_change"), in, key_change, NULL, out, err);
}

/* --- asking ---------------------------------------------------------------------------------------------------------------------------- */

struct asking {
        struct call *call;
        struct letter_code code;
        struct str text; /* of the code; empty when only the short one was given */
        char bare[17];
        bool busy, known, packed;
        struct hash pack; /* by which it was written; when packed */
        instant_t now;
        json_t *o;
};

static int gate_apply(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        int64_t home = a->call->house->home, minute = a->now / MINUTE_US;
        struct stmt *q;
        int rc = tx_exec(
            tx, err,
            "INSERT INTO letter_gate (home, minute, asked) VALUES (?1@int, ?2@int, 1) ON CONFLICT (home) DO UPDATE SET asked = "
            "CASE WHEN letter_gate.minute = ?2@int THEN letter_gate.asked + 1 ELSE 1 END, minute = ?2@int",
            "ii", home, minute);

        rc = rc ? rc : tx_one(&q, tx, err, "SELECT asked FROM letter_gate WHERE home = ?1@int", "i", home);
        a->busy = rc == 1 && stmt_int(q, 0) > ASKED_MINUTE_MAX;
        return rc < 0 ? rc : 0;
}

static void titles_put(struct asking *a, const char *template)
{
        json_t *rows = NULL, *row;
        struct error none = {0};
        struct pack *pack = NULL;
        size_t i;

        if (a->packed && pack_store_get(a->call->house->packs, &a->pack, &pack, &none) == 0 &&
            pack_table_maybe(pack, "letters.csv", &rows, &none) == 0)
                json_array_foreach(rows, i, row)
                {
                        if (strcmp(cell(row, "letter"), template) != 0)
                                continue;
                        put_text(a->o, "title_zh", cell(row, "name_zh"));
                        put_text(a->o, "title_en", cell(row, "name_en"));
                }
        error_clear(&none);
        json_decref(rows);
}

#define FOUND                                                                                                                  \
        "SELECT l.number, l.day, l.state, l.template, l.state_at, o.body, i.pack_hash FROM letter l JOIN office o ON o.id = "  \
        "l.office "                                                                                                            \
        "LEFT JOIN case_any i ON i.home = l.home AND i.id = l.instance WHERE l.home = ?1@int AND "
static int found_read(struct tx *tx, void *ctx, struct error *err)
{
        struct asking *a = ctx;
        int64_t home = a->call->house->home;
        char template[40];
        struct stmt *q;
        int rc = a->text.n == 0 ? tx_one(&q, tx, err, FOUND "l.short = ?2@text", "it", home, a->bare)
                                : tx_one(&q, tx, err, FOUND "l.number = ?2@text AND l.hash = ?3@blob", "itb", home,
                                         a->code.number, hash_str(&a->code.content));

        a->known = rc == 1;
        if (rc != 1)
                return rc;
        put_str(a->o, "number", stmt_text(q, 0));
        put_day(a->o, "day", (day_t)stmt_int(q, 1));
        put_text(a->o, "state",
                 str_is(stmt_text(q, 2), "issued")     ? "valid"
                 : str_is(stmt_text(q, 2), "replaced") ? "replaced"
                                                       : "withdrawn");
        text_copy(template, sizeof template, stmt_text(q, 3));
        a->packed = stmt_blob(q, 6).n == HASH_BYTES;
        if (a->packed)
                memcpy(a->pack.b, stmt_blob(q, 6).p, HASH_BYTES);
        if (!str_is(stmt_text(q, 2), "issued"))
                put_instant(a->o, "state_at", stmt_int(q, 4));
        put_str(a->o, "body", stmt_text(q, 5));
        put_text(a->o, "letter", template);
        return 0;
}

static void state_put(struct asking *a, const char *state)
{
        put_text(a->o, "state", state);
        if (a->code.number[0] != '\0') {
                put_text(a->o, "number", a->code.number);
                put_day(a->o, "day", a->code.day);
        }
}

/* The signature of the code by one of our keys on its day. */
static int signature_check(struct asking *a, bool *good, struct error *err)
{
        unsigned char key[32];
        json_t *file = NULL;
        struct error none = {0};
        int rc = keys_file(a->call, &file, err);

        *good = rc == 0 && letter_key_find(key, file, a->code.key, a->code.day, &none) == 0 &&
                letter_code_verify(a->text, key, &none) == 0;
        error_clear(&none);
        json_decref(file);
        return rc;
}

/* 16 figures with blanks anywhere. */
static bool short_read(char bare[17], const char *text)
{
        size_t n = 0;

        for (; *text != '\0'; text++) {
                char c = *text >= 'a' && *text <= 'f' ? (char)(*text - 'a' + 'A') : *text;
                if (c == ' ')
                        continue;
                if (n == 16 || !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')))
                        return false;
                bare[n++] = c;
        }
        bare[n] = '\0';
        return n == 16;
}

/* changed: what is asked about does not agree with itself. */
static int subject_read(struct asking *a, const char *text, bool *changed, struct error *err)
{
        struct error why = {0};
        int rc = 0;

        *changed = false;
        if (a->call->body.n > 0) {
                struct letter_pdf_seen seen;
                rc = letter_pdf_verify(&seen, a->call->body, &why);
                a->code = seen.code;
                a->text = seen.code_text;
                *changed = rc < 0 && why.code == SB_LETTER_CHANGED;
        } else if (!short_read(a->bare, text)) {
                a->text = str_trim(str_from(text));
                rc = letter_code_read(&a->code, a->text, &why);
        }
        if (rc < 0 && !*changed)
                error_raise(err, why.code, "%s", "");
        rc = rc < 0 && !*changed ? ERR : 0;
        error_clear(&why);
        return rc;
}

static int answer_make(struct asking *a, bool changed, struct error *err)
{
        bool good = true;
        int rc = 0;

        if (!changed && a->text.n > 0)
                rc = signature_check(a, &good, err);
        if (rc == 0 && !changed && good)
                rc = store_read(a->call->house->store, found_read, a, err);
        if (rc < 0)
                return rc;
        if (changed)
                state_put(a, "changed");
        else if (!good)
                state_put(a, "forged");
        else if (!a->known)
                state_put(a, "unknown");
        else
                titles_put(a, json_string_value(json_object_get(a->o, "letter")));
        put_text(a->o, "by", a->call->body.n > 0 ? "pdf" : a->text.n > 0 ? "code" : "short");
        return 0;
}

static int letters_verify(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        struct asking a = {.call = c, .now = clock_now(c->house->clock), .o = json_object()};
        const char *text = "";
        bool changed = false;
        int rc = a.o == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_get_text(in, "code", false, &text, err);

        rc = rc ? rc : store_write(c->house->store, gate_apply, &a, err);
        if (rc == 0 && a.busy)
                rc = error_raise(err, SB_LETTER_BUSY, "%s", "");
        rc = rc ? rc : subject_read(&a, text, &changed, err);
        rc = rc ? rc : answer_make(&a, changed, err);
        if (rc == 0)
                *out = json_incref(a.o);
        json_decref(a.o);
        return rc;
}

/* Asked by documents.get of the floor below for a letter whose PDF is not set yet. */
static int letter_render_verb(struct call *c, const json_t *in, json_t **out, struct error *err)
{
        int64_t document;
        int rc = json_get_int(in, "document", true, &document, err);

        rc = rc ? rc : letter_render(c->house, document, err);
        if (rc == 0 && (*out = json_object()) == NULL)
                rc = error_raise(err, SB_MEMORY, "%s", "");
        return rc;
}

#define ANY "{\"type\":\"object\"}"
#define NOTHING "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{}}"
const struct verb verify_verbs[] = {
    {"letter.render", VERB_READ, NULL, NULL, NULL, "Set the PDF of a letter that has none yet", "排版文书",
     "{\"type\":\"object\",\"required\":[\"document\"],\"properties\":{\"document\":{\"type\":\"integer\",\"minimum\":1}}}",
     ANY, letter_render_verb, NULL},
    /* Reached without a session by POST /api/public/verify. */
    {"letters.verify", VERB_READ, NULL, NULL, NULL, "Is a letter genuine, unchanged and in force", "文书核验",
     "{\"type\":\"object\",\"additionalProperties\":false,\"x-body\":true,\"properties\":{\"code\":{\"type\":\"string\","
     "\"maxLength\":600}}}",
     ANY, letters_verify, NULL},
    {"letters.keys", VERB_READ, DUTY_ALL, "GET", "/api/letters/keys",
     "The public keys by which letters are verified without a network", "文书签名公钥", NOTHING, ANY, letters_keys,
     SCOPE_EVERYWHERE},
    {"letters.key_change", VERB_WRITE, "system.keys", "POST", "/api/letters/keys", "Sign with a new key from today on",
     "更换文书签名密钥", NOTHING, ANY, letters_key_change, SCOPE_ROOT},
    {0},
};
