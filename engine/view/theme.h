/* Colours and sizes, by meaning. Two themes; the light one comes first because projectors wash out dark scenes. */
#ifndef NETSTAGE_VIEW_THEME_H
#define NETSTAGE_VIEW_THEME_H

#include "view/draw_list.h"

typedef enum { THEME_LIGHT, THEME_DARK, THEME_COUNT } ThemeName;

/* What a colour says; a word or a shape always says the same, for those who can't tell the colours apart. */
typedef enum {
    TONE_NEUTRAL, /* nothing is going on */
    TONE_ACTIVE,  /* asking, waiting for an answer */
    TONE_GOOD,    /* bound, delivered */
    TONE_WARN,    /* renewing: still good, not for ever */
    TONE_URGENT,  /* rebinding: close to the end */
    TONE_BAD,     /* refused, lost, expired */
    TONE_COUNT
} Tone;

typedef struct {
    Color ground;                /* the window */
    Color card;                  /* panels and hosts on it */
    Color sunken;                /* wells, tracks, table heads */
    Color line;                  /* hairlines and borders */
    Color wire;                  /* cables */
    Color ink;                   /* text */
    Color ink_soft;              /* secondary text */
    Color ink_faint;             /* units, placeholders */
    Color accent;                /* the one accent: selection, focus, now */
    Color on_accent;             /* text on accent and on tones */
    Color tone[TONE_COUNT];      /* strong: fills of small marks, lines */
    Color tone_soft[TONE_COUNT]; /* grounds for ink */
    Color tone_ink[TONE_COUNT];  /* text of that tone on a card, readable */
    Color message[8];            /* one a protocol or message class */
} Theme;

const Theme *theme_get(ThemeName name);

/* Type sizes in whole pixels, and lengths, for a window of some size. At 1280x800 the scale is 1. */
typedef struct {
    float scale;
    float title;   /* scenario, 22 */
    float message; /* names of messages, 18 */
    float label;   /* hosts, states, 16 */
    float body;    /* narration, panels, 15 */
    float small;   /* addresses, bytes, 13: never the only place of something a class must read */
    float unit;    /* 8: gaps are multiples of it */
} TypeScale;

TypeScale type_scale(float width, float height);

#endif
