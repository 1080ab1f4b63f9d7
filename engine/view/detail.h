/* What a message is about, in a few words beside its name: the address that DHCP offers, what a command is given, what a
 * reply says, what DNS is asked. */
#ifndef NETSTAGE_VIEW_DETAIL_H
#define NETSTAGE_VIEW_DETAIL_H

#include "view/story.h"

/* Appends it; nothing where there is nothing to tell. The text may be of any length: who draws it cuts it. */
void message_put_detail(const Story *story, const StoryMessage *message, Text *to);

#endif
