/* The window of a run that goes on in real time: what real clients do, and what is typed at its console, is shown as it
 * happens, each message for as long as a class needs to see it. */
#ifndef NETSTAGE_APP_LIVE_H
#define NETSTAGE_APP_LIVE_H

#include <signal.h>

#include "bridge/visitor.h"
#include "script/session.h"
#include "view/strings.h"
#include "view/theme.h"

typedef struct {
    Session *session;
    Language language;
    ThemeName theme;
    /* Lets the run go on up to now and waits a little, `wait` at most. False: it is over; *error says why if it is a
     * mistake. */
    bool (*turn)(void *self, SimTime wait, Text *error);
    void *self;
    const VisitorDoor *door;   /* for the console */
    const char *server;        /* whom the console speaks to, "hamburger.edu:25"; NULL: there is no console */
    const volatile sig_atomic_t *stopped;
} LiveConfig;

/* Until the window is closed or the run is over. False: *error says why there is no window, or what was wrong. */
bool live_show(const LiveConfig *config, Text *error) NS_MUST_USE;

#endif
