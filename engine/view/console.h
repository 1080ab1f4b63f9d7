/* The console on the stage: what was typed to a server, what it answered, and a line being typed (row M16). */
#ifndef NETSTAGE_VIEW_CONSOLE_H
#define NETSTAGE_VIEW_CONSOLE_H

#include "base/bytes.h"
#include "view/pen.h"
#include "view/view.h"

typedef struct Console Console;

/* `server` is whom it speaks to, "hamburger.edu:25"; copied. */
Console *console_new(const char *server);
void console_free(Console *console);
/* Octets the server has said, as they come. */
void console_heard(Console *console, Bytes octets);
/* A remark of the program itself: the connection is closed. */
void console_note(Console *console, const char *text);
/* An event while the console has the keyboard. True: it was for the console. *line, if a line was finished, is the line
 * without an end, good until the next call; else NULL. */
bool console_input(Console *console, const ViewEvent *event, const char **line);
/* Draws it into the box. `focused`: the keyboard is its. */
void console_draw(const Console *console, const Pen *pen, Rect box, bool focused);

#endif
