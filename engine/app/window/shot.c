#include "app/window/shot.h"

#include <stdlib.h>

#include "app/window/glyphs.h"
#include "base/arena.h"
#include "view/png.h"
#include "view/raster.h"

bool shot_write_png(View *view, const char *fonts, int width, int height, const char *path, Text *error) {
    Glyphs *glyphs;
    if (!glyphs_new(fonts, &glyphs, error)) return false;
    Raster *raster = raster_new();
    DrawList *list = draw_list_new();
    Framebuffer to = {memory_new((size_t)width * (size_t)height * 4), width, height, width};
    view_layout(view, (float)width, (float)height);
    view_draw(view, list);
    raster_draw(raster, &to, list, glyphs_mask, glyphs);
    bool written = png_write_file(path, &to, error);
    free(to.pixels);
    draw_list_free(list);
    raster_free(raster);
    glyphs_free(glyphs);
    return written;
}
