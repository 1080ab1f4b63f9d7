/* The Mail panel: what lies where, and one letter in its three shapes (row M22) with its parts and how they are encoded (rows
 * M23 to M25). Files: panel_mail.c (the whole and the list), panel_mail_shapes.c (three columns), panel_mail_parts.c (the
 * tree, the choice of an encoding, its steps). */
#ifndef NETSTAGE_VIEW_PANEL_MAIL_H
#define NETSTAGE_VIEW_PANEL_MAIL_H

#include "mail/mime.h"
#include "view/letters.h"
#include "view/panels.h"

/* A letter, read for drawing. Octets are the trace's or the arena's. */
typedef struct {
    Arena *arena;
    LetterOrigin origin;
    Text written;   /* what the user wrote, as text; empty: nobody of this run wrote it */
    Bytes made;     /* as its writer's host made it; empty: it has not left there yet */
    Bytes carried;  /* as SMTP carried it last, before its dots are doubled */
    bool under_way; /* `carried` holds */
    MimeTree tree;  /* of `made` */
} LetterRead;

LetterRead letter_read(const Scene *scene, const MailPanel *panel);
void letter_free(LetterRead *letter);

/* As it was written, as MIME made it, as SMTP carried it, side by side. */
void mail_draw_shapes(const MailPanel *panel, const LetterRead *letter, const Pen *pen, Rect box);
/* The height that the parts are worth: more where the chosen one is encoded. */
float mail_parts_height(const MailPanel *panel, const LetterRead *letter, const Pen *pen);
/* The part tree, and of the chosen part the encoding. */
void mail_draw_parts(const MailPanel *panel, const LetterRead *letter, const Pen *pen, Rect box);

#endif
