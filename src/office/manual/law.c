/* SPDX-License-Identifier: Apache-2.0
 *
 * Articles of law: how models, tables and rules cite them, and what a pack knows of them (articles.csv: law, article, titles, own
 * summaries). The packs hold no text of laws, and the manual says so.
 */
#include "office/manual/internal.h"

#include <stdio.h>
#include <string.h>

void law_anchor(char out[64], const char *process, const struct citation *c)
{
        struct hash h = hash_of(c->law, strlen(c->law));
        char hex[65];

        hash_hex(&h, hex);
        text_format(out, 64, "%s-law-%.8s-%s", process, hex, c->article[0] == '\0' ? "0" : c->article);
}

static void remember(json_t *chapter, const struct citation *c)
{
        json_t *known = json_object_get(chapter, "articles"), *one;
        size_t i;

        json_array_foreach(known, i, one) if (strcmp(json_text(one, "law"), c->law) == 0 &&
                                              strcmp(json_text(one, "article"), c->article) == 0) return;
        json_array_append_new(known, json_pack("{s:s,s:s}", "law", c->law, "article", c->article));
}

void law_runs(json_t *runs, json_t *chapter, const char *text)
{
        struct citation c[CITATIONS_MAX];
        size_t n = citations_read(text, c, CITATIONS_MAX);
        char anchor[64], said[200];

        for (size_t i = 0; i < n; i++) {
                bool same = i > 0 && strcmp(c[i].law, c[i - 1].law) == 0 && c[i].article[0] != '\0';
                remember(chapter, &c[i]);
                law_anchor(anchor, json_text(chapter, "process"), &c[i]);
                text_format(said, sizeof said, "%s%s%s%s",
                            i == 0 ? ""
                            : same ? "、"
                                   : "；",
                            same ? "" : c[i].law, same || c[i].article[0] == '\0' ? "" : " ", c[i].article);
                doc_run(runs, said, "chip", anchor, NULL);
        }
}

static const json_t *article_row(const struct manual *m, const struct citation *c)
{
        json_t *row;
        size_t i;

        json_array_foreach(m->articles, i, row) if (strcmp(json_text(row, "law"), c->law) == 0 &&
                                                    strcmp(json_text(row, "article"), c->article) == 0) return row;
        return NULL;
}

/* How the summary is known; one that nobody checked against the text is marked. */
static void evidence_run(const struct manual *m, json_t *runs, const char *evidence)
{
        char key[60], said[200];

        text_format(key, sizeof key, "evidence.%s", evidence);
        text_format(said, sizeof said, SAY(m, "evidence %s: %s", "证据 %s：%s"), evidence, pack_text(m->pack, key, m->lang));
        doc_run(runs, said, strcmp(evidence, "M") == 0 ? "missing" : "quiet", NULL, NULL);
}

void law_section(struct manual *m, json_t *chapter, const char *process)
{
        json_t *blocks =
            doc_section(json_object_get(chapter, "sections"), "law", SAY(m, "The law, by article", "法律依据（逐条）"));
        json_t *cited = json_object_get(chapter, "articles"), *one;
        const char *head[] = {SAY(m, "Article", "条款"),
                              SAY(m, "What it requires (summary, not the text of the law)", "要求（本手册摘要，非法律原文）"),
                              NULL};
        char anchor[64], said[240];
        size_t i;

        if (json_array_size(cited) == 0) {
                doc_note(blocks, "missing", SAY(m, "The model cites no article.", "模型未引用任何条款。"));
                return;
        }
        json_t *rows = doc_table(blocks, "30,70", head, "law");
        json_array_foreach(cited, i, one)
        {
                struct citation c;
                text_copy(c.law, sizeof c.law, str_from(json_text(one, "law")));
                text_copy(c.article, sizeof c.article, str_from(json_text(one, "article")));
                const json_t *known = article_row(m, &c);
                json_t *row = doc_row(rows), *runs = doc_runs(row);
                law_anchor(anchor, process, &c);
                text_format(said, sizeof said, "%s%s%s", c.law, c.article[0] == '\0' ? "" : " ", c.article);
                doc_run(runs, said, "strong", NULL, anchor);
                if (row_text(m, known, "title")[0] != '\0') {
                        text_format(said, sizeof said, "\n%s", row_text(m, known, "title"));
                        doc_run(runs, said, "quiet", NULL, NULL);
                }
                if (row_text(m, known, "summary")[0] != '\0') {
                        runs = doc_runs(row);
                        doc_run(runs, row_text(m, known, "summary"), NULL, NULL, NULL);
                        text_format(said, sizeof said, SAY(m, "\nSource: %s · ", "\n来源：%s · "), json_text(known, "source"));
                        doc_run(runs, said, "quiet", NULL, NULL);
                        evidence_run(m, runs, json_text(known, "evidence"));
                } else
                        doc_run(doc_runs(row),
                                SAY(m, "The text is not held in the packs; look it up in the official publication.",
                                    "政策包未收录条文，请查阅官方公布文本。"),
                                "missing", NULL, NULL);
        }
}
