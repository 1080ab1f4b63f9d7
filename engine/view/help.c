#include <math.h>
#include <string.h>

#include "view/stage_parts.h"
#include "view/view_parts.h"

/* The signs of the stage, the ladder and the timeline, each drawn as it is drawn there. */
typedef enum {
    SIGN_MESSAGE,
    SIGN_MINOR,
    SIGN_LOST,
    SIGN_OFF,
    SIGN_TIMER,
    SIGN_LEASE,
    SIGN_UNICAST,
    SIGN_BROADCAST,
    SIGN_BEAT,
    SIGN_MARK,
    SIGN_CHANGE,
    SIGN_IDLE,
    SIGNS
} Sign;

static void draw_pill(const Pen *pen, Point center, float size, Color color, const char *text) {
    float width = font_width(FONT_BOLD, size, text, strlen(text)) + size * 1.2f, height = size * 1.7f;
    draw_list_box(pen->list, (Rect){center.x - width / 2, center.y - height / 2, width, height}, height / 2, color, 0,
                  0);
    draw_list_text(pen->list, center, TEXT_CENTER, FONT_BOLD, size, pen->theme->on_accent, 0, text);
}

static void draw_sign(const Pen *pen, Sign sign, Rect box) {
    const Theme *theme = pen->theme;
    float u = pen->type.unit, scale = pen->type.scale, width = fmaxf(2, roundf(2 * scale));
    Point c = {box.x + box.w / 2, box.y + box.h / 2};
    Point left = {box.x + u, c.y}, right = {box.x + box.w - u, c.y};
    TimelineLease lease = {.held = true, .started_at = 0, .t1_at = 50, .t2_at = 87, .expires_at = 100};
    switch (sign) {
    case SIGN_MESSAGE: draw_pill(pen, c, pen->type.small, theme->message[0], "DISCOVER"); break;
    case SIGN_MINOR: draw_pill(pen, c, pen->type.small, theme->message[6], "ARP"); break;
    case SIGN_LOST:
        draw_list_line(pen->list, (Point){c.x - u, c.y - u}, (Point){c.x + u, c.y + u}, theme->tone[TONE_BAD],
                       3 * scale);
        draw_list_line(pen->list, (Point){c.x - u, c.y + u}, (Point){c.x + u, c.y - u}, theme->tone[TONE_BAD],
                       3 * scale);
        break;
    case SIGN_OFF:
        draw_list_box_dashed(pen->list, (Rect){c.x - 4 * u, c.y - 1.1f * u, 8 * u, 2.2f * u}, u * 0.6f, 0, theme->wire,
                             1.5f * scale, 5 * scale);
        break;
    case SIGN_TIMER:
        draw_list_ring(pen->list, c, u, 0.5f * u, 0, 1, theme->sunken);
        draw_list_ring(pen->list, c, u, 0.5f * u, 0.35f, 1, theme->accent);
        break;
    case SIGN_LEASE: stage_draw_lease_bar(pen, (Rect){box.x + u, c.y - 0.5f * u, box.w - 2 * u, u}, &lease, 25); break;
    case SIGN_UNICAST: draw_list_arrow(pen->list, left, right, theme->message[2], width, 10 * scale); break;
    case SIGN_BROADCAST:
        draw_list_line_dashed(pen->list, left, right, theme->message[0], width, 7 * scale, 4 * scale);
        draw_list_arrow_head(pen->list, left, right, theme->message[0], 10 * scale);
        break;
    case SIGN_BEAT:
        draw_list_polygon(
            pen->list,
            (Point[]){{c.x, c.y + 0.7f * u}, {c.x - 0.8f * u, c.y - 0.7f * u}, {c.x + 0.8f * u, c.y - 0.7f * u}}, 3,
            theme->accent);
        break;
    case SIGN_MARK:
        for (int i = 0; i < 4; i++)
            draw_list_box(pen->list, (Rect){c.x + ((float)i - 1.5f) * 1.5f * u, c.y - 1.1f * u, 2 * scale, 2.2f * u}, 0,
                          theme->message[i], 0, 0);
        break;
    case SIGN_CHANGE:
        for (int i = 0; i < 3; i++)
            draw_list_circle(pen->list, (Point){c.x + ((float)i - 1) * 1.5f * u, c.y}, 0.28f * u, theme->wire, 0, 0);
        break;
    case SIGN_IDLE:
        draw_list_box(pen->list, (Rect){left.x, c.y - 0.3f * u, 3 * u, 0.6f * u}, 0, theme->wire, 0, 0);
        draw_list_box(pen->list, (Rect){right.x - 3 * u, c.y - 0.3f * u, 3 * u, 0.6f * u}, 0, theme->wire, 0, 0);
        break;
    case SIGNS: break;
    }
}

void view_help_draw(const View *view, const Pen *pen) {
    static const char *const keys[] = {"space",  "arrows",   "states", "pages",      "home",
                                       "speed",  "pace",     "panels", "hosts",      "fields",
                                       "detail", "language", "theme",  "fullscreen", "escape", "back"};
    static const char *const signs[SIGNS] = {"message", "minor",     "lost", "off",  "timer",  "lease",
                                             "unicast", "broadcast", "beat", "mark", "change", "idle"};
    enum { COUNT = sizeof keys / sizeof keys[0] };
    float u = pen->type.unit, row = roundf(pen->type.body * 1.95f), h = row * COUNT + 10 * u,
          w = fminf(126 * u, view->width - 4 * u);
    draw_list_box(pen->list, (Rect){0, 0, view->width, view->height}, 0, 0x99000000, 0, 0);
    Rect box = {roundf((view->width - w) / 2), roundf((view->height - h) / 2), w, h};
    pen_card(pen, box);
    float left = box.x + 3 * u, middle = box.x + roundf(w * 0.53f), top = box.y + 7.5f * u;
    draw_list_text(pen->list, (Point){left, box.y + 4 * u}, TEXT_LEFT, FONT_BOLD, pen->type.title, pen->theme->ink, 0,
                   strings_get(pen->words, "help.title"));
    draw_list_text(pen->list, (Point){middle, box.y + 4 * u}, TEXT_LEFT, FONT_BOLD, pen->type.title, pen->theme->ink, 0,
                   strings_get(pen->words, "help.signs"));
    for (int i = 0; i < COUNT; i++) {
        float y = top + ((float)i + 0.5f) * row;
        const char *name = strings_find_in(pen->words, "help.key", keys[i]),
                   *what = strings_find_in(pen->words, "help", keys[i]);
        draw_list_text(pen->list, (Point){left, y}, TEXT_LEFT, FONT_BOLD, pen->type.body, pen->theme->accent, 20 * u,
                       name ? name : keys[i]);
        draw_list_text(pen->list, (Point){left + 21 * u, y}, TEXT_LEFT, FONT_REGULAR, pen->type.body, pen->theme->ink,
                       middle - left - 23 * u, what ? what : keys[i]);
    }
    for (Sign sign = 0; sign < SIGNS; sign++) {
        float y = top + (float)sign * row;
        const char *what = strings_find_in(pen->words, "help.sign", signs[sign]);
        draw_sign(pen, sign, (Rect){middle, y, 13 * u, row});
        draw_list_text(pen->list, (Point){middle + 15 * u, y + row / 2}, TEXT_LEFT, FONT_REGULAR, pen->type.body,
                       pen->theme->ink, box.x + w - middle - 17 * u, what ? what : signs[sign]);
    }
}
