/* What every panel draws with: the list, the look, the words; and the small parts they share. */
#ifndef NETSTAGE_VIEW_PEN_H
#define NETSTAGE_VIEW_PEN_H

#include "view/story.h"
#include "view/strings.h"
#include "view/theme.h"

typedef struct {
    DrawList *list;
    const Theme *theme;
    TypeScale type;
    const Strings *words;
    Language language;
} Pen;

/* ids of what can be hit: the kind in the high byte, a number in the rest. */
typedef enum {
    HIT_NONE,
    HIT_BUTTON, /* a ViewAction */
    HIT_TAB,
    HIT_HOST,
    HIT_MESSAGE, /* StoryMessage index */
    HIT_FIELD,   /* of the description shown */
    HIT_CAUSE,   /* seq of a record in the chain */
    HIT_TRACK,
    HIT_MARK,    /* moment index */
    HIT_MACHINE, /* directory index */
    HIT_PANEL,
    HIT_LETTER,     /* seq of the fact that put it there */
    HIT_PART,       /* of the letter shown, depth first */
    HIT_MAIL_FIELD, /* its offset in the letter */
    HIT_CARRIED,    /* in the segment: its message of this number; one beyond them: the segment itself */
} HitKind;
static inline uint32_t hit_id(HitKind kind, uint32_t number) { return (uint32_t)kind << 24 | (number & 0xFFFFFF); }
static inline HitKind hit_kind(uint32_t id) { return (HitKind)(id >> 24); }
static inline uint32_t hit_number(uint32_t id) { return id & 0xFFFFFF; }

/* The word for an identifier within a family ("state", "message", "reason" …): the language's, else the identifier
 * itself. */
const char *pen_word(const Pen *pen, const char *family, const char *name);

/* How a machine's state is to be seen, by its name. */
Tone tone_of_state(const char *state);
/* The colour that a message's name always has, whoever sends it. */
Color pen_message_color(const Pen *pen, const char *protocol, const char *name);
/* A message's name as shown: "DISCOVER", "ARP request". */
const char *pen_message_name(const Pen *pen, const StoryMessage *message);

/* A state's chip: a dot, then the word on a soft ground. Returns its width; `max_width` 0: as wide as needed. */
float pen_chip(const Pen *pen, Point left_middle, Tone tone, const char *word, float size, float max_width);
/* A machine's state in at most `max_width`: the language's word, else the RFC's, else that in smaller letters. */
float pen_state_chip(const Pen *pen, Point left_middle, const char *state, float size, float max_width);
float pen_chip_width(const char *word, float size);
/* A white card. */
void pen_card(const Pen *pen, Rect box);
/* The heading of a part of a panel. Returns the y below it. */
float pen_heading(const Pen *pen, float x, float y, float width, const char *text);
/* "28 s", "1 min 05 s", "2 h 10 min", "8 d 0 h": a span for people. */
void pen_put_span(Text *to, SimTime span);
/* The clock: "0.000 s" below a minute, then "1:05.3", "1:02:05". */
void pen_put_clock(Text *to, SimTime at);

/* A fact with its values, in the words of `family`.<its name>. False where the language has none: nothing is
 * appended. */
bool pen_put_fact(const Pen *pen, const Story *story, const TraceRecord *fact, const char *family, Text *to);

#endif
