/* The SDL window: it shows whatever fills a draw list and answers events. */
#ifndef NETSTAGE_APP_WINDOW_WINDOW_H
#define NETSTAGE_APP_WINDOW_WINDOW_H

#include "view/chooser.h"
#include "view/view.h"

typedef struct {
    const char *title;
    const char *fonts; /* directory of the bundled fonts */
    bool fullscreen;
} WindowConfig;

/* What a window shows. */
typedef struct {
    void *self;
    void (*layout)(void *self, float width, float height);
    void (*draw)(void *self, DrawList *list);
    bool (*advance)(void *self, double wall_s);
    bool (*rests)(void *self);
    unsigned (*input)(void *self, const ViewEvent *event); /* bits of ViewAnswer */
    bool (*over)(void *self);                              /* there is nothing more to show; NULL: there always is */
} WindowContent;

WindowContent window_content_of_view(View *view);
WindowContent window_content_of_chooser(Chooser *chooser);

typedef struct Window Window;

/* False: *error says why there is no window. */
bool window_open(const WindowConfig *config, Window **window, Text *error) NS_MUST_USE;
void window_close(Window *window);
/* Shows the content until it answers VIEW_QUIT or is over (true), or the window is closed (false). */
bool window_show(Window *window, const WindowContent *content);

#endif
