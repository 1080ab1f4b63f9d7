/* A draw list as an SVG document: vector art for slides, the same picture that the rasteriser paints. */
#ifndef NETSTAGE_VIEW_SVG_H
#define NETSTAGE_VIEW_SVG_H

#include "base/text.h"
#include "view/draw_list.h"

/* Appends a whole document. `title` may be NULL; `background` of alpha 0 leaves the ground transparent. The same list
 * gives the same bytes everywhere: two decimals at most, and never a locale's comma. */
void svg_write(Text *to, const DrawList *list, Color background, const char *title);

#endif
