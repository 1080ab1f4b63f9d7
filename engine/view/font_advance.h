/* The generated table of advance widths: font_advance.c is made by assets/fonts/make. */
#ifndef NETSTAGE_VIEW_FONT_ADVANCE_H
#define NETSTAGE_VIEW_FONT_ADVANCE_H

#include <stddef.h>
#include <stdint.h>

/* The code points first .. last are in the font and each is `advance` thousandths of the font size wide. */
typedef struct {
    uint32_t first, last;
    uint16_t advance;
} FontAdvanceRun;

extern const FontAdvanceRun font_advance_regular[], font_advance_bold[], font_advance_mono[];
extern const size_t font_advance_regular_count, font_advance_bold_count, font_advance_mono_count;

#endif
