#include "view/theme.h"

#include <math.h>

#include "base/check.h"

/* Hues after Okabe and Ito: blue 0072B2, sky 56B4E9, green 009E73, yellow F0E442, orange E69F00, vermilion D55E00,
 * purple CC79A7. Text tones are darkened (light theme) or lightened (dark theme) until they reach a contrast of
 * 4.5. */
static const Theme themes[THEME_COUNT] = {
    [THEME_LIGHT] =
        {
            .ground = 0xFFF4F5F7,
            .card = 0xFFFFFFFF,
            .sunken = 0xFFECEEF1,
            .line = 0xFFD5D9DF,
            .wire = 0xFF9AA3AF,
            .ink = 0xFF1B2430,
            .ink_soft = 0xFF4D5866,
            .ink_faint = 0xFF747E8B,
            .accent = 0xFF0072B2,
            .on_accent = 0xFFFFFFFF,
            .tone = {0xFF8A94A0, 0xFF0072B2, 0xFF009E73, 0xFFE69F00, 0xFFD55E00, 0xFFB3261E},
            .tone_soft = {0xFFECEEF1, 0xFFE0EFF8, 0xFFDDF3EB, 0xFFFCF0D5, 0xFFFBE4D6, 0xFFF9DEDC},
            .tone_ink = {0xFF4D5866, 0xFF005A8D, 0xFF00694D, 0xFF7A5200, 0xFF9A4300, 0xFF9B1C15},
            .message = {0xFF0072B2, 0xFFA86800, 0xFF007A59, 0xFFA8497D, 0xFFB34F00, 0xFF2A7FB0, 0xFF6B7280, 0xFFB3261E},
        },
    [THEME_DARK] =
        {
            .ground = 0xFF12171E,
            .card = 0xFF1B222B,
            .sunken = 0xFF242D38,
            .line = 0xFF36414E,
            .wire = 0xFF657181,
            .ink = 0xFFF0F3F6,
            .ink_soft = 0xFFB9C2CC,
            .ink_faint = 0xFF8C97A4,
            .accent = 0xFF56B4E9,
            .on_accent = 0xFF0B1117,
            .tone = {0xFF7A8694, 0xFF56B4E9, 0xFF23C394, 0xFFF0B429, 0xFFF2853A, 0xFFF2685E},
            .tone_soft = {0xFF2A333E, 0xFF173448, 0xFF12382E, 0xFF3D3215, 0xFF432A18, 0xFF452220},
            .tone_ink = {0xFFB9C2CC, 0xFF8FCDF2, 0xFF5FDDB6, 0xFFF5CB6B, 0xFFF7AC78, 0xFFF79A93},
            .message = {0xFF56B4E9, 0xFFF0B429, 0xFF23C394, 0xFFE29BC3, 0xFFF2853A, 0xFF8FCDF2, 0xFFA3ADB8, 0xFFF2685E},
        },
};

const Theme *theme_get(ThemeName name) {
    CHECK(name < THEME_COUNT);
    return &themes[name];
}

TypeScale type_scale(float width, float height) {
    float scale = fminf(width / 1280, height / 800);
    scale = fminf(4, fmaxf(0.8f, scale));
    /* Whole pixels: hinted glyphs are drawn at whole sizes. */
    return (TypeScale){.scale = scale,
                       .title = roundf(22 * scale),
                       .message = roundf(18 * scale),
                       .label = roundf(16 * scale),
                       .body = roundf(15 * scale),
                       .small = fmaxf(11, roundf(13 * scale)),
                       .unit = 8 * scale};
}
