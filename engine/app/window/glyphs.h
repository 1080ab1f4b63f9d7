/* Masks of glyphs from the bundled fonts, by SDL_ttf. Needs no display and no SDL_Init. */
#ifndef NETSTAGE_APP_WINDOW_GLYPHS_H
#define NETSTAGE_APP_WINDOW_GLYPHS_H

#include "base/text.h"
#include "view/raster.h"

typedef struct Glyphs Glyphs;

/* Opens the fonts in `directory` (assets/fonts). False: *error says why. */
bool glyphs_new(const char *directory, Glyphs **glyphs, Text *error) NS_MUST_USE;
void glyphs_free(Glyphs *glyphs);
/* A GlyphSource; the context is the Glyphs. */
bool glyphs_mask(void *context, FontFace face, int size_px, int phase, uint32_t code_point, GlyphMask *mask);
/* Call between two pictures: forgets old masks when there are too many of them. */
void glyphs_trim(Glyphs *glyphs);

#endif
