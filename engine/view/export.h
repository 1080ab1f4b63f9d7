/* Pictures for slides, without a window: a run as a ladder, a machine as its state diagram. */
#ifndef NETSTAGE_VIEW_EXPORT_H
#define NETSTAGE_VIEW_EXPORT_H

#include "observe/plain.h"
#include "view/strings.h"
#include "view/svg.h"

/* Appends an SVG document: the whole run's ladder diagram. `title` may be NULL. */
void export_ladder_svg(const Trace *trace, const Strings *words, Language language, const char *title, Text *svg);
/* Appends an SVG document: every state and arrow of the RFC's figure, drawn from the table. */
void export_machine_svg(const MachineSpec *spec, const Strings *words, Language language, Text *svg);

#endif
