/* What the Message panel knows of messages that a stream carries: several in a segment, each with its own explanation. */
#ifndef NETSTAGE_VIEW_PANEL_MESSAGE_H
#define NETSTAGE_VIEW_PANEL_MESSAGE_H

#include "view/panels.h"

/* The record that sent what is shown. */
uint32_t message_record(const MessagePanel *panel, const Story *story);
/* One tab a message of the segment, and one for the segment; nothing for a message of its own frame. Returns the y below. */
float message_draw_layers(const MessagePanel *panel, const Scene *scene, const Pen *pen, Rect box);
/* A sentence on what is shown; of a reply, where there is one, on this reply to this command. */
void message_put_explanation(const MessagePanel *panel, const Scene *scene, const Pen *pen, Text *to);
/* A field of a command, reply or content: what a header field is called, what a digit means. False for any other field. */
bool message_put_said_field(const MessagePanel *panel, const Scene *scene, const Pen *pen, const DescribedField *field,
                            Text *name, Text *value);
/* The explanation of a field, or NULL. */
const char *message_field_hint(const MessagePanel *panel, const Scene *scene, const Pen *pen,
                               const DescribedField *field);

#endif
