#include "app/window/glyphs.h"

#include <SDL_ttf.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define FOOTPRINT_LIMIT ((size_t)48 << 20)
#define SIZE_LIMIT      256

typedef struct {
    uint64_t key; /* 0: free */
    GlyphMask mask;
} Slot;

struct Glyphs {
    char *paths[FONT_COUNT];
    TTF_Font *fonts[FONT_COUNT][SIZE_LIMIT];
    Arena *masks;
    Slot *slots; /* open addressing, a power of two of them */
    size_t slot_count, used;
};

static void reset_masks(Glyphs *g) {
    arena_free(g->masks);
    free(g->slots);
    g->masks = arena_new();
    g->slot_count = 4096;
    g->slots = memory_new(g->slot_count * sizeof *g->slots);
    g->used = 0;
}

/* A glyph four times as wide as it will be shown: from it each quarter-pixel position of the pen is summed up,
 * while the hinting still fits its height to the rows of pixels. */
static TTF_Font *font_of(Glyphs *g, FontFace face, int size_px) {
    TTF_Font **font = &g->fonts[face][size_px];
    if (!*font) {
        *font = TTF_OpenFontDPI(g->paths[face], size_px, 72 * GLYPH_PHASES, 72);
        if (*font) TTF_SetFontHinting(*font, TTF_HINTING_LIGHT);
    }
    return *font;
}

bool glyphs_new(const char *directory, Glyphs **into, Text *error) {
    static const char *const files[FONT_COUNT] = {"NotoSansCJKsc-Regular-subset.otf", "NotoSansCJKsc-Bold-subset.otf",
                                                  "DejaVuSansMono-subset.ttf"};
    if (TTF_Init() != 0) {
        text_print(error, "SDL_ttf: %s", TTF_GetError());
        return false;
    }
    Glyphs *g = memory_new(sizeof *g);
    for (FontFace face = 0; face < FONT_COUNT; face++) {
        Text path = text_new();
        text_print(&path, "%s/%s", directory, files[face]);
        g->paths[face] = path.at;
    }
    reset_masks(g);
    for (FontFace face = 0; face < FONT_COUNT; face++)
        if (!font_of(g, face, 16)) {
            text_print(error, "%s: %s", g->paths[face], TTF_GetError());
            glyphs_free(g);
            return false;
        }
    *into = g;
    return true;
}

void glyphs_free(Glyphs *g) {
    if (!g) return;
    for (FontFace face = 0; face < FONT_COUNT; face++) {
        for (int size = 0; size < SIZE_LIMIT; size++)
            if (g->fonts[face][size]) TTF_CloseFont(g->fonts[face][size]);
        free(g->paths[face]);
    }
    arena_free(g->masks);
    free(g->slots);
    free(g);
    TTF_Quit();
}

void glyphs_trim(Glyphs *g) {
    if (arena_footprint(g->masks) > FOOTPRINT_LIMIT) reset_masks(g);
}

static Slot *slot_of(Slot *slots, size_t count, uint64_t key) {
    size_t at = (size_t)(key * 0x9E3779B97F4A7C15u >> 32) & (count - 1);
    while (slots[at].key && slots[at].key != key) at = (at + 1) & (count - 1);
    return &slots[at];
}

static void grow(Glyphs *g) {
    size_t count = g->slot_count * 2;
    Slot *slots = memory_new(count * sizeof *slots);
    for (size_t i = 0; i < g->slot_count; i++)
        if (g->slots[i].key) *slot_of(slots, count, g->slots[i].key) = g->slots[i];
    free(g->slots);
    g->slots = slots;
    g->slot_count = count;
}

static int floor_quarter(int value) {
    return value >= 0 ? value / GLYPH_PHASES : -((GLYPH_PHASES - 1 - value) / GLYPH_PHASES);
}

static GlyphMask narrowed(Glyphs *g, const SDL_Surface *wide, int left, int ascent, int phase) {
    const uint8_t *pixels = wide->pixels;
    int top = wide->h, bottom = -1;
    for (int y = 0; y < wide->h; y++)
        for (int x = 0; x < wide->w; x++)
            if (pixels[y * wide->pitch + x]) {
                top = y < top ? y : top;
                bottom = y;
            }
    if (bottom < 0) return (GlyphMask){0};
    int first = floor_quarter(left + phase), last = floor_quarter(left + phase + wide->w - 1);
    int width = last - first + 1, height = bottom - top + 1;
    uint8_t *mask = arena_alloc(g->masks, (size_t)(width * height));
    for (int y = 0; y < height; y++)
        for (int x = 0; x < width; x++) {
            unsigned sum = 0;
            for (int i = 0; i < GLYPH_PHASES; i++) {
                int column = (first + x) * GLYPH_PHASES + i - left - phase;
                if (column >= 0 && column < wide->w) sum += pixels[(top + y) * wide->pitch + column];
            }
            mask[y * width + x] = (uint8_t)((sum + GLYPH_PHASES / 2) / GLYPH_PHASES);
        }
    return (GlyphMask){mask, width, height, width, first, top - ascent};
}

static GlyphMask render(Glyphs *g, FontFace face, int size_px, int phase, uint32_t code_point) {
    TTF_Font *font = font_of(g, face, size_px);
    int left = 0, right, low, high, advance;
    if (!font || TTF_GlyphMetrics32(font, code_point, &left, &right, &low, &high, &advance) != 0) return (GlyphMask){0};
    /* Shaded: one byte a pixel, which is the coverage. The surface begins at the pen, or left of it for a glyph that
     * reaches there. */
    SDL_Surface *wide =
        TTF_RenderGlyph32_Shaded(font, code_point, (SDL_Color){255, 255, 255, 255}, (SDL_Color){0, 0, 0, 255});
    if (!wide) return (GlyphMask){0};
    GlyphMask mask = narrowed(g, wide, left < 0 ? left : 0, TTF_FontAscent(font), phase);
    SDL_FreeSurface(wide);
    return mask;
}

bool glyphs_mask(void *context, FontFace face, int size_px, int phase, uint32_t code_point, GlyphMask *mask) {
    Glyphs *g = context;
    if (size_px <= 0 || size_px >= SIZE_LIMIT) return false;
    uint64_t key =
        (uint64_t)1 << 63 | (uint64_t)face << 40 | (uint64_t)size_px << 32 | (uint64_t)phase << 24 | code_point;
    Slot *slot = slot_of(g->slots, g->slot_count, key);
    if (!slot->key) {
        if (g->used * 2 >= g->slot_count) {
            grow(g);
            slot = slot_of(g->slots, g->slot_count, key);
        }
        *slot = (Slot){key, render(g, face, size_px, phase, code_point)};
        g->used++;
    }
    *mask = slot->mask;
    return slot->mask.mask != NULL;
}
