#include "view/png.h"

#include <png.h>
#include <stdlib.h>

#include "base/arena.h"

bool png_write_file(const char *path, const Framebuffer *from, Text *error) {
    png_image image = {.version = PNG_IMAGE_VERSION,
                       .width = (png_uint_32)from->width,
                       .height = (png_uint_32)from->height,
                       .format = PNG_FORMAT_RGB};
    size_t pixels = (size_t)from->width * (size_t)from->height;
    uint8_t *rgb = memory_new(pixels * 3), *at = rgb;
    for (int y = 0; y < from->height; y++)
        for (int x = 0; x < from->width; x++) {
            uint32_t pixel = from->pixels[(size_t)y * (size_t)from->stride + (size_t)x];
            *at++ = (uint8_t)(pixel >> 16);
            *at++ = (uint8_t)(pixel >> 8);
            *at++ = (uint8_t)pixel;
        }
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    uint8_t *file = memory_new(size);
    bool written = png_image_write_to_memory(&image, file, &size, 0, rgb, 0, NULL) != 0;
    if (!written)
        text_print(error, "%s: %s", path, image.message);
    else
        written = text_write_file(path, bytes_of(file, size), error);
    free(file);
    free(rgb);
    return written;
}
