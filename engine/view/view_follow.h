/* A view of a run that goes on: as its trace grows, a new view takes over from the one before. */
#ifndef NETSTAGE_VIEW_VIEW_FOLLOW_H
#define NETSTAGE_VIEW_VIEW_FOLLOW_H

#include "view/view.h"

/* Makes `view`, whose trace begins as that of `before`, stand where `before` stands: place, panel, language, theme, what
 * is chosen. One that stood at the end of what it knew plays on. */
void view_follow(View *view, const View *before);

#endif
