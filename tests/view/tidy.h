/* Is a picture tidy: does no text run over another, and does none leave the window? */
#ifndef NETSTAGE_TESTS_VIEW_TIDY_H
#define NETSTAGE_TESTS_VIEW_TIDY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/draw_list.h"

/* What the eye sees of a text run: its letters' height, cut by its clip. */
static inline Rect tidy_ink_of(const DrawList *list, const DrawItem *item) {
    Rect letters = {item->box.x, item->box.y + item->box.h / 2 - item->size * 0.36f, item->box.w, item->size * 0.72f};
    return rect_intersect(letters, list->clips[item->clip]);
}

/* Does a shape that is painted between the two runs cover the first where they meet? Then only the second is read
 * there. */
static inline bool tidy_is_covered(const DrawList *list, size_t first, size_t second, Rect meeting) {
    for (size_t i = first + 1; i < second; i++) {
        const DrawItem *item = &list->items[i];
        if (item->kind != DRAW_BOX || item->fill >> 24 < 0x80) continue;
        Rect both = rect_intersect(rect_intersect(item->box, list->clips[item->clip]), meeting);
        if (both.w * both.h > 0.8f * meeting.w * meeting.h) return true;
    }
    return false;
}

static inline void assert_tidy(const DrawList *list, const char *where) {
    for (size_t i = 0; i < list->count; i++) {
        const DrawItem *a = &list->items[i];
        if (a->kind != DRAW_TEXT || a->fill >> 24 < 0x80) continue;
        Rect ink = tidy_ink_of(list, a);
        if (ink.w <= 0 || ink.h <= 0) continue;
        /* Lists go on above and below what a panel shows of them; to the sides every run is seen whole. */
        Rect clip = list->clips[a->clip];
        if (a->box.x < clip.x - 2 || a->box.x + a->box.w > clip.x + clip.w + 2)
            fail_msg("%s: \"%.*s\" is cut off at the side, by %.1f and %.1f", where, (int)a->count, list->text + a->start,
                     (double)(clip.x - a->box.x), (double)(a->box.x + a->box.w - clip.x - clip.w));
        if (clip.h >= list->height - 1 && (ink.y < 0 || ink.y + ink.h > list->height))
            fail_msg("%s: \"%.*s\" leaves the window", where, (int)a->count, list->text + a->start);
        for (size_t k = i + 1; k < list->count; k++) {
            const DrawItem *b = &list->items[k];
            if (b->kind != DRAW_TEXT || b->fill >> 24 < 0x80) continue;
            Rect both = rect_intersect(ink, tidy_ink_of(list, b));
            if (both.w > 1.5f && both.h > 1.5f && !tidy_is_covered(list, i, k, both))
                fail_msg("%s: \"%.*s\" and \"%.*s\" overlap by %.1f x %.1f", where, (int)a->count,
                         list->text + a->start, (int)b->count, list->text + b->start, (double)both.w, (double)both.h);
        }
    }
}

#endif
