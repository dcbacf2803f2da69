/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture of a round seal (圆形印章): the administration's name along the rim, a star, the kind of the seal below. Drawn as outlines,
 * so that the text of a letter stays free of it.
 */
#ifndef OFFICE_LETTER_PICTURE_H
#define OFFICE_LETTER_PICTURE_H

#include <pango/pangocairo.h>

/* kind "" : none below the star. radius in points. */
void seal_draw(cairo_t *cr, PangoContext *context, const char *family, const char *name, const char *kind, double x, double y,
               double radius);

#endif
