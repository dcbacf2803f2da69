/* SPDX-License-Identifier: Apache-2.0
 *
 * libshebao: the rules of social insurance as a library. The same engine and the same packs as in the office that decides, so
 * that a hospital or another agency computes what the office will compute. No database, no network, no global state.
 *
 *     struct shebao_pack *pack;
 *     char *answer, error[SHEBAO_ERROR];
 *     if (shebao_pack_open(&pack, "packs/cn-hunan", error) == 0) {
 *             if (shebao_decide(pack, "retirement", "retirement", "2026-11-01", "{\"category\":\"male\",\"birth\":\"1966-11-08\"}",
 *                               &answer, error) == 0) { puts(answer); shebao_text_free(answer); }
 *             shebao_pack_free(pack);
 *     }
 *
 * Text is UTF-8. A function returns 0, or -1 with a code and a sentence in `error`: "SB-0205 The pack cn-hunan has no figure …"
 * (in Chinese after shebao_language(1)). A pack and a model may be used by many threads at once after they were opened.
 */
#ifndef SHEBAO_H
#define SHEBAO_H

#ifdef __cplusplus
extern "C" {
#endif

#define SHEBAO_ERROR 2048 /* room for an error, in bytes */

const char *shebao_version(void);
/* The semantics of the engine: raised when the same model and inputs may give another result. */
int shebao_semantics(void);

/* A pack: the law of a place as files, with its parents beside it (packs/cn-hunan needs packs/cn). */
struct shebao_pack;
int shebao_pack_open(struct shebao_pack **out, const char *folder, char error[SHEBAO_ERROR]);
void shebao_pack_free(struct shebao_pack *pack); /* accepts NULL */
/* SHA-256 of the pack and its parents as 64 hex digits: says which law an answer rests on. Lives as long as the pack. */
const char *shebao_pack_hash(const struct shebao_pack *pack);

/* Decide by a model of the pack on a day of law ("2026-11-01"). inputs: a JSON object in the model's words, money in yuan.
 * *answer: {"result": …, "derivation": {…}, "pack": hash, "semantics": N}, numbers as strings of digits, the derivation with
 * every rule that fired and every figure with its source and article; end it with shebao_text_free. A figure that the pack does
 * not have is an error that names it. */
int shebao_decide(const struct shebao_pack *pack, const char *model, const char *decision, const char *day, const char *inputs,
                  char **answer, char error[SHEBAO_ERROR]);

/* Any DMN 1.1–1.5 model in a file, with its imports among the files beside it; decided without a pack's figures. */
struct shebao_model;
int shebao_model_open(struct shebao_model **out, const char *file, char error[SHEBAO_ERROR]);
void shebao_model_free(struct shebao_model *model); /* accepts NULL */
/* *answer: {"result": …, "derivation": {…}, "diagnostic": the first mistake that gave a null, if any}. */
int shebao_model_decide(const struct shebao_model *model, const char *decision, const char *inputs, char **answer,
                        char error[SHEBAO_ERROR]);

void shebao_text_free(char *text); /* accepts NULL */
/* The language of errors of this thread: 0 English, 1 Chinese. */
void shebao_language(int language);

#ifdef __cplusplus
}
#endif
#endif
