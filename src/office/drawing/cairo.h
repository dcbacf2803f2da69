/* SPDX-License-Identifier: Apache-2.0
 *
 * A drawing set by cairo (PDF, PNG): apart from drawing.h, so that only who prints needs cairo.
 */
#ifndef OFFICE_DRAWING_CAIRO_H
#define OFFICE_DRAWING_CAIRO_H

#include "office/drawing/drawing.h"

#include <pango/pangocairo.h>

/* Draw in the units of the drawing, its left upper corner at (0, 0) of the context as it stands. *missing becomes true when a character has no glyph. */
void drawing_cairo(cairo_t *cr, PangoContext *fonts, const char *family, const struct drawing *d, bool *missing);

#endif
