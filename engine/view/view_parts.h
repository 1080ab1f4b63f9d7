/* The view's inside, shared by the files that make it up: view.c (state and events), view_draw.c (arrangement and
 * frame). */
#ifndef NETSTAGE_VIEW_VIEW_PARTS_H
#define NETSTAGE_VIEW_VIEW_PARTS_H

#include "view/actions.h"
#include "view/ladder_view.h"
#include "view/panels.h"
#include "view/view.h"

struct View {
    ViewConfig config;
    char *titles[LANGUAGE_COUNT], *abouts[LANGUAGE_COUNT]; /* NULL: none */
    Story *story;
    Timeline *timeline;
    Playback *playback;
    LadderView *ladder;
    Stage stage;
    MessagePanel message;
    TimelineBar bar;
    Language language;
    ThemeName theme;
    ViewPanel panel;
    float width, height;
    TypeScale type;
    Rect top, stage_box, narration, side, bar_box; /* side.w 0: no panel */
    uint32_t host, machine;                        /* chosen; STORY_NONE: none */
    bool message_chosen;                           /* by hand; else the panel follows the run */
    bool help, minor, dragging;
    uint32_t hovered; /* id under the pointer */
    float ladder_scroll, ladder_limit, lease_scroll, lease_limit;
    MailPanel mail;
    DrawList *last; /* the frame before: what a click hits */
};

Pen view_pen(const View *view, DrawList *list);
Scene view_scene(const View *view);
/* Where everything goes for the size and panel at hand. */
void view_arrange(View *view);
void view_help_draw(const View *view, const Pen *pen);

#endif
