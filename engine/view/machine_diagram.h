/* A state diagram drawn from a machine's table: the picture can't differ from what runs. */
#ifndef NETSTAGE_VIEW_MACHINE_DIAGRAM_H
#define NETSTAGE_VIEW_MACHINE_DIAGRAM_H

#include "view/pen.h"

enum { MACHINE_NO_STATE = 255, MACHINE_NO_ROW = 65535 };

typedef enum {
    LABELS_NEAR, /* of the last arrow and of those that leave the current state */
    LABELS_ALL,  /* for a slide */
} MachineLabels;

/* Draws the diagram into `area`. `current` is lit, the arrow of `last_row` drawn strongly. */
void machine_diagram_draw(const Pen *pen, const MachineSpec *spec, Rect area, uint8_t current, uint16_t last_row,
                          MachineLabels labels);

#endif
