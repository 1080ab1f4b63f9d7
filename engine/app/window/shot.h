/* One picture of a run, without a display. */
#ifndef NETSTAGE_APP_WINDOW_SHOT_H
#define NETSTAGE_APP_WINDOW_SHOT_H

#include "view/view.h"

/* Paints the view's picture and writes it as PNG to `path`. `fonts` is the directory of the bundled fonts. False:
 * *error. */
bool shot_write_png(View *view, const char *fonts, int width, int height, const char *path, Text *error) NS_MUST_USE;

#endif
