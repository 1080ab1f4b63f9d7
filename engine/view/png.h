/* A framebuffer as a PNG file, by libpng. */
#ifndef NETSTAGE_VIEW_PNG_H
#define NETSTAGE_VIEW_PNG_H

#include "base/text.h"
#include "view/raster.h"

/* Writes an opaque picture to `path` ("-": standard output). False: *error says why. */
bool png_write_file(const char *path, const Framebuffer *from, Text *error) NS_MUST_USE;

#endif
