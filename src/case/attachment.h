/* SPDX-License-Identifier: Apache-2.0
 *
 * Attachments of a case (附件): scans as PDF, PNG or JPEG. The row holds the hash of the content, the hash of the sealed file that is
 * kept beside the database (file_store.h), and the wrapped key: without the row the file is noise.
 */
#ifndef CASE_ATTACHMENT_H
#define CASE_ATTACHMENT_H

#include "case/instance.h"

/* [{"id","title","media_type","size","hash","at","by","mine"}], oldest first; mine: the caller may take it away. */
int attachments_view(struct tx *tx, struct call *c, const struct instance *i, json_t **out, struct error *err);

#endif
