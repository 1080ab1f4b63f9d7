/* The SDL window around a view. */
#ifndef NETSTAGE_APP_WINDOW_WINDOW_H
#define NETSTAGE_APP_WINDOW_WINDOW_H

#include "view/view.h"

typedef struct {
    const char *title;
    const char *fonts; /* directory of the bundled fonts */
    bool fullscreen;
} WindowConfig;

/* Opens a window and shows the view until it is closed. False: *error says why there is no window. */
bool window_main(View *view, const WindowConfig *config, Text *error) NS_MUST_USE;

#endif
