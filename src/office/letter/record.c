/* SPDX-License-Identifier: Apache-2.0 */
#include "office/letter/record.h"

#include "case/pack_store.h"
#include "case/sealed.h"
#include "office/json.h"
#include "office/letter/code.h"
#include "office/letter/content.h"
#include "office/letter/seal.h"

#include <stdlib.h>
#include <string.h>

#define CONTENT_MAX ((size_t)256 << 10)
#define PDF_MAX ((size_t)16 << 20)
#define SEALED_AS "letter.sealed"

struct recording {
        struct tx *tx;
        struct call *call;
        const struct letter_new *n;
        day_t day;
        int year;
        int64_t sequence, key, seal;
        char office_code[40], seal_name[192], seal_kind[64];
};

/* --- what it takes -------------------------------------------------------------------------------------------------------------------- */

/* The next number; its row is held until the letter stands, so that none is left out. */
static int number_take(struct recording *r, struct error *err)
{
        int64_t home = r->call->house->home;
        struct stmt *q;
        int rc =
            tx_exec(r->tx, err,
                    "INSERT INTO letter_number (home, year, office, kind, last) VALUES (?1@int, ?2@int, ?3@int, ?4@text, 1) "
                    "ON CONFLICT (home, year, office, kind) DO UPDATE SET last = letter_number.last + 1",
                    "iiit", home, (int64_t)r->year, r->n->office, r->n->template);

        if (rc == 0)
                rc = tx_one(
                    &q, r->tx, err,
                    "SELECT last FROM letter_number WHERE home = ?1@int AND year = ?2@int AND office = ?3@int AND kind = "
                    "?4@text",
                    "iiit", home, (int64_t)r->year, r->n->office, r->n->template);
        r->sequence = rc == 1 ? stmt_int(q, 0) : 0;
        return rc < 0 ? rc : 0;
}

static int office_read(struct recording *r, struct error *err)
{
        struct stmt *q;
        int rc = tx_one(&q, r->tx, err, "SELECT code FROM office WHERE id = ?1@int", "i", r->n->office);

        if (rc == 1)
                text_copy(r->office_code, sizeof r->office_code, stmt_text(q, 0));
        return rc < 0 ? rc : 0;
}

static int seal_take(struct recording *r, struct error *err)
{
        struct seal_held s;
        char kind[SEAL_KIND], day[16];
        int rc = seal_kind_of(kind, r->n->pack, r->n->template, err);

        if (rc < 0 || kind[0] == '\0')
                return rc;
        rc = seal_find(&s, r->tx, r->n->office, kind, r->day, err);
        if (rc == 0)
                return error_raise(err, SB_LETTER_SEAL, "%s|%s|%s", r->office_code, kind, day_text(r->day, day));
        r->seal = rc == 1 ? s.id : 0;
        text_copy(r->seal_name, sizeof r->seal_name, str_from(s.name_zh));
        return rc < 0 ? rc : seal_kind_text(r->seal_kind, sizeof r->seal_kind, r->n->pack, kind, err);
}

int letter_key_for(struct tx *tx, struct call *c, day_t day, int64_t *number, struct error *err)
{
        struct house *h = c->house;
        struct sign_key key = {"letter", h->home, 0};
        unsigned char own[32];
        struct stmt *q;
        int rc = tx_one(&q, tx, err,
                        "SELECT number, public, valid_to FROM letter_key WHERE home = ?1@int ORDER BY number DESC LIMIT 1", "i",
                        (int64_t)h->home);

        if (rc < 0)
                return rc;
        key.number = rc == 1 ? stmt_int(q, 0) : 0;
        keyring_public_of(h->keys, &key, own);
        /* A key that was ended, or that another key file made, signs no more. */
        bool good = rc == 1 && stmt_int(q, 2) > day && str_equal(stmt_blob(q, 1), (struct str){(const char *)own, 32});
        *number = key.number;
        if (good)
                return 0;
        if (key.number > 0 && stmt_int(q, 2) > day)
                rc = tx_exec(tx, err, "UPDATE letter_key SET valid_to = ?3@int WHERE home = ?1@int AND number = ?2@int", "iii",
                             (int64_t)h->home, key.number, (int64_t)day + 1);
        key.number++;
        keyring_public_of(h->keys, &key, own);
        *number = key.number;
        /* Of two that make it at once, both mean the same key. */
        return rc < 0 ? rc
                      : tx_exec(tx, err,
                                "INSERT INTO letter_key (home, number, public, valid_from, valid_to, actor, at) VALUES "
                                "(?1@int, ?2@int, "
                                "?3@blob, ?4@int, ?5@int, ?6@int, ?7@int) ON CONFLICT (home, number) DO NOTHING",
                                "iibiiii", (int64_t)h->home, key.number, (struct str){(const char *)own, 32}, (int64_t)day,
                                (int64_t)DAY_END, c->who.staff, (int64_t)clock_now(h->clock));
}

/* --- one language ----------------------------------------------------------------------------------------------------------------------- */

/* `word` in the text replaced by the value. */
static void replaced(char *out, size_t size, const char *text, const char *word, const char *value)
{
        const char *at = text == NULL ? NULL : strstr(text, word);

        if (at == NULL)
                text_copy(out, size, str_from(text));
        else
                text_format(out, size, "%.*s%s%s", (int)(at - text), text, value, at + strlen(word));
}

static void short_make(const struct recording *r, const char *lang, char bare[17], char shown[20])
{
        char text[200];

        text_format(text, sizeof text, "%d|%lld|%s|%d|%lld|%s", r->call->house->home, (long long)r->n->office, r->n->template,
                    r->year, (long long)r->sequence, lang);
        struct hash h = keyring_index(r->call->house->keys, "letter", str_from(text));
        text_format(bare, 17, "%02X%02X%02X%02X%02X%02X%02X%02X", h.b[0], h.b[1], h.b[2], h.b[3], h.b[4], h.b[5], h.b[6],
                    h.b[7]);
        text_format(shown, 20, "%.4s %.4s %.4s %.4s", bare, bare + 4, bare + 8, bare + 12);
}

struct writing {
        struct letter page;
        char number[160], numbered[400], verify[400], bare[17], shown[20], code[LETTER_CODE_MAX];
        unsigned char wrapped[WRAPPED_BYTES];
        struct letter_code signed_code;
        struct buf content, sealed;
};

static int row_insert(struct recording *r, struct writing *w, const char *lang, int64_t document, struct error *err)
{
        struct house *h = r->call->house;

        int rc = tx_exec(
            r->tx, err,
            "INSERT INTO letter (home, id, instance, office, template, lang, year, sequence, number, day, subject_kind, "
            "subject, hash, short, key_number, code, wrapped, sealed, seal, state, reason, state_by, state_at) VALUES (?1@int, "
            "?2@int, ?3@int, ?4@int, ?5@text, ?6@text, ?7@int, ?8@int, ?9@text, ?10@int, ?11@text, ?12@int, ?13@blob, "
            "?14@text, ?15@int, ?16@text, ?17@blob, ?18@blob, ?19@int, 'issued', '', ?20@int, ?21@int)",
            "iiiittiititibtitbbiii", (int64_t)h->home, document, r->n->instance, r->n->office, r->n->template, lang,
            (int64_t)r->year, r->sequence, w->number, (int64_t)r->day, r->n->subject_kind, r->n->subject,
            hash_str(&w->signed_code.content), w->bare, r->key, w->code, (struct str){(const char *)w->wrapped, WRAPPED_BYTES},
            (struct str){w->sealed.p, w->sealed.n}, r->seal, r->call->who.staff, (int64_t)clock_now(h->clock));
        /* Until it is set, the document is known by the hash of what it says; so a file closed before that holds it to its words. */
        return rc ? rc
                  : tx_exec(r->tx, err, "UPDATE document SET hash = ?3@blob WHERE home = ?1@int AND id = ?2@int", "iib",
                            (int64_t)h->home, document, hash_str(&w->signed_code.content));
}

static int content_make(struct recording *r, struct writing *w, struct error *err)
{
        json_t *content = letter_content(&w->page);
        const struct sign_key by = {"letter", r->call->house->home, r->key};
        int rc = content == NULL ? error_raise(err, SB_MEMORY, "%s", "") : json_canonical(&w->content, content, err);

        w->signed_code.day = r->day;
        w->signed_code.content = hash_of(buf_text(&w->content), w->content.n);
        text_copy(w->signed_code.issuer, sizeof w->signed_code.issuer, str_from(r->office_code));
        text_copy(w->signed_code.number, sizeof w->signed_code.number, str_from(w->number));
        if (rc == 0)
                rc = letter_code_make(w->code, &w->signed_code, r->call->house->keys, &by, err);
        if (rc == 0)
                rc = sealed_bytes(r->call->house->keys, SEALED_AS, (struct str){w->content.p, w->content.n}, w->wrapped,
                                  &w->sealed, err);
        json_decref(content);
        return rc;
}

static int page_record(struct recording *r, enum lang lang, struct letter_made *out, struct error *err)
{
        struct writing *w = calloc(1, sizeof *w);
        char sequence[24], title[360];
        int64_t id = 0;

        if (w == NULL)
                return error_raise(err, SB_MEMORY, "%s", "");
        w->page = *r->n->pages[lang];
        buf_init(&w->content, CONTENT_MAX);
        buf_init(&w->sealed, CONTENT_MAX + SEAL_OVERHEAD);
        text_format(sequence, sizeof sequence, "%lld", (long long)r->sequence);
        replaced(w->number, sizeof w->number, w->page.number, LETTER_SEQUENCE, sequence);
        short_make(r, lang == LANG_EN ? "en" : "zh", w->bare, w->shown);
        replaced(w->numbered, sizeof w->numbered, w->page.verify_text, LETTER_NUMBER, w->number);
        replaced(w->verify, sizeof w->verify, w->numbered, LETTER_SHORT, w->shown);
        w->page.number = w->number;
        w->page.verify_text = w->verify;
        if (r->seal != 0) {
                w->page.seal_name = r->seal_name;
                w->page.seal_kind = r->seal_kind;
        }
        int rc = content_make(r, w, err);
        if (rc == 0)
                rc = document_store(r->tx, r->call, lang == LANG_EN ? "letter.en" : "letter.zh", r->n->person,
                                    r->n->subject_kind, r->n->subject,
                                    text_format(title, sizeof title, "%s %s", w->page.title, w->number), "application/pdf",
                                    (struct str){"", 0}, &id, err);
        if (rc == 0)
                rc = row_insert(r, w, lang == LANG_EN ? "en" : "zh", id, err);
        if (lang == LANG_ZH) {
                out->document = id;
                text_copy(out->number, sizeof out->number, str_from(w->number));
        }
        buf_dispose(&w->content);
        buf_dispose(&w->sealed);
        free(w);
        return rc;
}

int letter_record(struct tx *tx, struct call *c, const struct letter_new *n, struct letter_made *out, struct error *err)
{
        struct recording r = {.tx = tx, .call = c, .n = n, .day = clock_today(c->house->clock)};
        int m, d;

        day_split(r.day, &r.year, &m, &d);
        int rc = office_read(&r, err);
        rc = rc ? rc : seal_take(&r, err);
        rc = rc ? rc : letter_key_for(tx, c, r.day, &r.key, err);
        rc = rc ? rc : number_take(&r, err);
        rc = rc ? rc : page_record(&r, LANG_ZH, out, err);
        rc = rc ? rc : page_record(&r, LANG_EN, out, err);
        if (rc == 0 && r.seal != 0)
                rc = seal_use_add(tx, c, r.seal, out->document, n->instance, err);
        return rc;
}

int letter_close(struct tx *tx, struct call *c, const char *subject_kind, int64_t subject, const char *state,
                 const char *reason, struct error *err)
{
        return tx_exec(
            tx, err,
            "UPDATE letter SET state = ?4@text, reason = ?5@text, state_by = ?6@int, state_at = ?7@int WHERE home = ?1@int "
            "AND subject_kind = ?2@text AND subject = ?3@int AND state = 'issued'",
            "itittii", (int64_t)c->house->home, subject_kind, subject, state, reason, c->who.staff,
            (int64_t)clock_now(c->house->clock));
}

int letter_close_unserved(struct tx *tx, struct call *c, int64_t instance, int64_t keep, const char *state, const char *reason,
                          struct error *err)
{
        /* Both languages are one letter: what proves the one proves the other. */
        return tx_exec(
            tx, err,
            "UPDATE letter SET state = ?4@text, reason = ?5@text, state_by = ?6@int, state_at = ?7@int WHERE home = ?1@int "
            "AND state = 'issued' AND instance IN (WITH RECURSIVE ended(id) AS (SELECT ?2@int UNION ALL SELECT p.id FROM "
            "process_instance p JOIN ended e ON p.parent = e.id WHERE p.home = ?1@int AND p.state = 'cancelled') SELECT id "
            "FROM ended) AND NOT EXISTS (SELECT 1 FROM letter o WHERE o.home = letter.home AND o.year = letter.year AND "
            "o.office = letter.office AND o.template = letter.template AND o.sequence = letter.sequence AND (o.id = ?3@int OR "
            "EXISTS (SELECT 1 FROM letter_service s WHERE s.home = o.home AND s.document = o.id AND s.served_day > 0)))",
            "iiittii", (int64_t)c->house->home, instance, keep, state, reason, c->who.staff,
            (int64_t)clock_now(c->house->clock));
}

/* --- the PDF ---------------------------------------------------------------------------------------------------------------------------- */

struct rendering {
        struct house *house;
        int64_t document, key;
        bool wanted;
        struct buf content, pdf;
        char code[LETTER_CODE_MAX];
};

static int rendering_read(struct tx *tx, void *ctx, struct error *err)
{
        struct rendering *r = ctx;
        struct stmt *q;
        int rc = tx_one(
            &q, tx, err,
            "SELECT d.size, l.wrapped, l.sealed, l.code, l.key_number FROM letter l JOIN document d ON d.home = l.home AND "
            "d.id = l.id WHERE l.home = ?1@int AND l.id = ?2@int",
            "ii", (int64_t)r->house->home, r->document);

        r->wanted = rc == 1 && stmt_int(q, 0) == 0;
        if (!r->wanted)
                return rc < 0 ? rc : 0;
        text_copy(r->code, sizeof r->code, stmt_text(q, 3));
        r->key = stmt_int(q, 4);
        buf_clear(&r->content);
        return sealed_open(r->house->keys, SEALED_AS, stmt_blob(q, 1), stmt_blob(q, 2), &r->content, err);
}

static int rendering_write(struct tx *tx, void *ctx, struct error *err)
{
        const struct rendering *r = ctx;
        struct hash hash = hash_of(r->pdf.p, r->pdf.n);
        struct call system = {.house = r->house};
        struct stmt *q;
        char hex[65];

        int rc = tx_one(&q, tx, err, "SELECT size FROM document WHERE home = ?1@int AND id = ?2@int", "ii",
                        (int64_t)r->house->home, r->document);
        if (rc != 1 || stmt_int(q, 0) != 0) /* somebody else set it meanwhile: the same bytes */
                return rc < 0 ? rc : 0;
        rc = tx_exec(tx, err,
                     "UPDATE document SET size = ?3@int, hash = ?4@blob, body = ?5@blob WHERE home = ?1@int AND id = ?2@int "
                     "AND size = 0",
                     "iiibb", (int64_t)r->house->home, r->document, (int64_t)r->pdf.n, hash_str(&hash),
                     (struct str){r->pdf.p, r->pdf.n});
        json_t *body = json_pack("{s:s,s:I}", "hash", hash_hex(&hash, hex), "size", (json_int_t)r->pdf.n);
        rc = rc == 0 && body == NULL ? error_raise(err, SB_MEMORY, "%s", "") : rc;
        rc = rc ? rc : audit_add(tx, &system, "letters.set", "document", r->document, body, err);
        json_decref(body);
        return rc;
}

static int pdf_make(struct rendering *r, struct error *err)
{
        const struct sign_key by = {"letter", r->house->home, r->key};
        struct letter *l = calloc(1, sizeof *l);
        json_t *content = NULL;
        int rc = l == NULL ? error_raise(err, SB_MEMORY, "%s", "")
                           : json_read(&content, (struct str){buf_text(&r->content), r->content.n}, err);

        rc = rc ? rc : letter_of_content(l, content, err);
        if (rc == 0) {
                l->verify = r->code;
                rc = letter_pdf(&r->pdf, l, err);
        }
        if (rc == 0)
                rc = letter_pdf_sign(&r->pdf, (struct str){buf_text(&r->content), r->content.n}, r->code, r->house->keys, &by,
                                     err);
        json_decref(content);
        free(l);
        return rc;
}

int letter_render(struct house *h, int64_t document, struct error *err)
{
        struct rendering r = {.house = h, .document = document};

        buf_init(&r.content, CONTENT_MAX);
        buf_init(&r.pdf, PDF_MAX);
        int rc = store_read(h->store, rendering_read, &r, err);
        if (rc == 0 && r.wanted)
                rc = pdf_make(&r, err);
        if (rc == 0 && r.wanted)
                rc = store_write(h->store, rendering_write, &r, err);
        buf_dispose(&r.content);
        buf_dispose(&r.pdf);
        return rc;
}
