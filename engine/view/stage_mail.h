/* Mail on the stage: mailboxes and the queue on a host's card, the roles it plays (row M4), and the connections that stand. */
#ifndef NETSTAGE_VIEW_STAGE_MAIL_H
#define NETSTAGE_VIEW_STAGE_MAIL_H

#include "view/stage.h"

/* Mailboxes with their letters, and what waits in the queue, in one row. */
void stage_draw_mail(const Stage *stage, const Pen *pen, uint32_t host, Point left_middle, float size, float width);
/* Client and server, each where a connection of that role stands; and when the queue tries next. */
void stage_draw_roles(const Stage *stage, const Pen *pen, uint32_t host, Rect row);
/* What a host without power still has on its disk: mailboxes and the queue. */
void stage_draw_disk(const Stage *stage, const Pen *pen, uint32_t host, Rect row);
/* A tube along the cables of every connection that stands, and the state of TCP at each end. */
void stage_draw_tubes(const Stage *stage, const Pen *pen);

#endif
