/* The list that the program opens with: scenarios and lessons to choose from. */
#ifndef NETSTAGE_VIEW_CHOOSER_H
#define NETSTAGE_VIEW_CHOOSER_H

#include "view/theme.h"
#include "view/view.h"

typedef struct {
    const char *group;                 /* its folder: "dhcp" */
    const char *file;                  /* its name there */
    const char *title[LANGUAGE_COUNT]; /* "" where it has none */
    const char *about[LANGUAGE_COUNT];
} ChooserEntry;

typedef struct Chooser Chooser;

/* Entries and words must outlive the chooser. `selected` is the entry that is marked at first. */
Chooser *chooser_new(const ChooserEntry *entries, size_t count, const Strings *const words[LANGUAGE_COUNT],
                     Language language, ThemeName theme, size_t selected);
void chooser_free(Chooser *chooser);
void chooser_layout(Chooser *chooser, float width, float height);
void chooser_draw(Chooser *chooser, DrawList *list);
/* Bits of ViewAnswer; VIEW_QUIT: an entry has been chosen, or the chooser is left. */
unsigned chooser_input(Chooser *chooser, const ViewEvent *event);
/* The entry that was chosen; SIZE_MAX: none. A new list may be chosen from after this. */
size_t chooser_take(Chooser *chooser);
Language chooser_language(const Chooser *chooser);
ThemeName chooser_theme(const Chooser *chooser);

#endif
