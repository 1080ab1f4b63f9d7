/* The whole window as a value: it is given a trace, events and time, and fills a draw list. No window is needed. */
#ifndef NETSTAGE_VIEW_VIEW_H
#define NETSTAGE_VIEW_VIEW_H

#include "observe/plain.h"
#include "view/draw_list.h"
#include "view/strings.h"
#include "view/theme.h"

typedef struct View View;

typedef enum { PANEL_NONE, PANEL_LADDER, PANEL_MACHINE, PANEL_MESSAGE, PANEL_LEASES, PANEL_MAIL, PANEL_COUNT } ViewPanel;
/* "stage", "ladder", "machine", "message", "leases", "mail"; false where `name` is none of them. */
bool view_panel_parse(const char *name, ViewPanel *panel) NS_MUST_USE;

typedef struct {
    const Trace *trace;                   /* must outlive the view, and not grow meanwhile */
    const Strings *words[LANGUAGE_COUNT]; /* must outlive the view */
    const char *titles[LANGUAGE_COUNT];   /* of the scenario; copied; NULL: none */
    const char *abouts[LANGUAGE_COUNT];   /* what it is about, shown before the first narration; copied; NULL: none */
    Language language;
    ThemeName theme;
    bool live;    /* the run goes on, and the next view will follow this one (view_follow.h): playing does not stop at beats */
    bool present; /* for a lecture: the stage alone, larger type */
} ViewConfig;

View *view_new(const ViewConfig *config);
void view_free(View *view);

/* The size of the picture in pixels. */
void view_layout(View *view, float width, float height);
/* Goes to a time of the run; everything at that instant is shown. */
void view_set_time(View *view, SimTime t);
void view_set_panel(View *view, ViewPanel panel);
/* Selects the host or the last message of this name sent by the place; false if there is none. */
bool view_select_host(View *view, const char *name);
bool view_select_message(View *view, const char *name);

/* Moves on by wall time. True if the picture changed. */
bool view_advance(View *view, double wall_s);
/* Nothing moves until the next event. */
bool view_rests(const View *view);

typedef enum { EVENT_KEY, EVENT_TEXT, EVENT_PRESS, EVENT_RELEASE, EVENT_MOVE, EVENT_WHEEL } ViewEventKind;
typedef enum {
    KEY_NONE,
    KEY_SPACE,
    KEY_LEFT,
    KEY_RIGHT,
    KEY_UP,
    KEY_DOWN,
    KEY_HOME,
    KEY_END,
    KEY_PAGE_UP,
    KEY_PAGE_DOWN,
    KEY_TAB,
    KEY_BACK_TAB,
    KEY_ENTER,
    KEY_BACKSPACE,
    KEY_ESCAPE,
    KEY_F1,
    KEY_F11
} ViewKey;
typedef struct {
    ViewEventKind kind;
    ViewKey key;
    uint32_t text; /* TEXT: a code point */
    float x, y;    /* of the pointer */
    float wheel;   /* lines, upwards positive */
} ViewEvent;
typedef enum { VIEW_SAME = 0, VIEW_CHANGED = 1, VIEW_FULLSCREEN = 2, VIEW_QUIT = 4 } ViewAnswer;
/* The answer is a set of ViewAnswer bits. VIEW_QUIT: back to where the run was chosen. */
unsigned view_input(View *view, const ViewEvent *event);

/* Fills the list (cleared first) with the picture. */
void view_draw(View *view, DrawList *list);
/* The colour behind everything. */
Color view_ground(const View *view);
SimTime view_time(const View *view);
Language view_language(const View *view);
ThemeName view_theme(const View *view);

#endif
