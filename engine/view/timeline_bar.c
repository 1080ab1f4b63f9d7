#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/actions.h"
#include "view/panels.h"

typedef struct {
    TimelineBar *bar;
    const Scene *scene;
    const Playback *playback;
    const Pen *pen;
    Rect box;
    uint32_t hovered;
} Strip;

static void draw_triangle(const Pen *pen, float x, float y, float reach, float sign, Color ink) {
    draw_list_polygon(pen->list,
                      (Point[]){{x - sign * reach * 0.6f, y - reach},
                                {x + sign * reach * 0.9f, y},
                                {x - sign * reach * 0.6f, y + reach}},
                      3, ink);
}

static void draw_bars(const Pen *pen, float x, float y, float reach, float width, Color ink) {
    draw_list_box(pen->list, (Rect){x - width / 2, y - reach, width, 2 * reach}, 1, ink, 0, 0);
}

static void draw_glyph(const Pen *pen, ViewAction action, bool playing, Point c, float reach, Color ink) {
    float thin = reach * 0.34f;
    switch (action) {
    case ACTION_PLAY:
        if (playing) {
            draw_bars(pen, c.x - reach * 0.45f, c.y, reach, reach * 0.5f, ink);
            draw_bars(pen, c.x + reach * 0.45f, c.y, reach, reach * 0.5f, ink);
        } else {
            draw_triangle(pen, c.x, c.y, reach * 1.1f, 1, ink);
        }
        break;
    case ACTION_STEP:
        draw_bars(pen, c.x - reach * 0.8f, c.y, reach, thin, ink);
        draw_triangle(pen, c.x + reach * 0.3f, c.y, reach, 1, ink);
        break;
    case ACTION_STEP_BACK:
        draw_bars(pen, c.x + reach * 0.8f, c.y, reach, thin, ink);
        draw_triangle(pen, c.x - reach * 0.3f, c.y, reach, -1, ink);
        break;
    case ACTION_NEXT_BEAT:
        draw_triangle(pen, c.x - reach * 0.5f, c.y, reach * 0.9f, 1, ink);
        draw_triangle(pen, c.x + reach * 0.6f, c.y, reach * 0.9f, 1, ink);
        break;
    case ACTION_PREVIOUS_BEAT:
        draw_triangle(pen, c.x + reach * 0.5f, c.y, reach * 0.9f, -1, ink);
        draw_triangle(pen, c.x - reach * 0.6f, c.y, reach * 0.9f, -1, ink);
        break;
    default: break;
    }
}

static float draw_buttons(const Strip *s, float x, float y) {
    static const ViewAction actions[] = {ACTION_PREVIOUS_BEAT, ACTION_STEP_BACK, ACTION_PLAY, ACTION_STEP,
                                         ACTION_NEXT_BEAT};
    const Pen *pen = s->pen;
    float u = pen->type.unit;
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        bool main = actions[i] == ACTION_PLAY;
        float radius = roundf((main ? 2.9f : 2.2f) * u);
        uint32_t id = hit_id(HIT_BUTTON, actions[i]);
        Point center = {x + radius, y};
        draw_list_id(pen->list, id);
        draw_list_circle(pen->list, center, radius,
                         main               ? pen->theme->accent
                         : s->hovered == id ? pen->theme->sunken
                                            : pen->theme->card,
                         main ? 0 : pen->theme->line, main ? 0 : 1.25f * pen->type.scale);
        draw_list_id(pen->list, 0);
        draw_glyph(pen, actions[i], s->playback->playing, center, radius * 0.38f,
                   main ? pen->theme->on_accent : pen->theme->ink_soft);
        x += 2 * radius + u;
    }
    return x;
}

static void draw_pills(const Strip *s, Rect box) {
    const Pen *pen = s->pen;
    char speed[32];
    double factor = s->playback->speed;
    if (factor >= 1)
        snprintf(speed, sizeof speed, "%d\xC3\x97", (int)factor);
    else
        snprintf(speed, sizeof speed, "1/%d\xC3\x97", (int)(1 / factor + 0.5));
    const char *pace = strings_get(pen->words, s->playback->pace == PACE_EVENTS ? "bar.pace_events" : "bar.pace_clock");
    struct {
        const char *text;
        ViewAction action;
        float width;
    } pills[] = {{pace, ACTION_PACE, 0}, {speed, ACTION_FASTER, 0}};
    float x = box.x + box.w, size = pen->type.small, height = roundf(size * 1.9f);
    for (size_t i = 2; i-- > 0;) {
        float width =
            roundf(fmaxf(size * 3.4f, font_width(FONT_BOLD, size, pills[i].text, strlen(pills[i].text)) + size * 1.6f));
        x -= width;
        Rect pill = {x, roundf(box.y + box.h / 2 - height / 2), width, height};
        draw_list_id(pen->list, hit_id(HIT_BUTTON, pills[i].action));
        draw_list_box(pen->list, pill, height / 2, pen->theme->sunken, 0, 0);
        draw_list_id(pen->list, 0);
        draw_list_text(pen->list, (Point){pill.x + width / 2, pill.y + height / 2}, TEXT_CENTER, FONT_BOLD, size,
                       pen->theme->ink_soft, 0, pills[i].text);
        x -= pen->type.unit;
    }
}

static float track_x(const Strip *s, double p) {
    return s->bar->track.x + s->bar->track.w * (float)(p / fmax(0.001, playback_length(s->playback)));
}

static void draw_marks(const Strip *s) {
    const Pen *pen = s->pen;
    const Schedule *schedule = &s->playback->schedules[s->playback->pace];
    float middle = s->bar->track.y + s->bar->track.h / 2, u = pen->type.unit, last = -100;
    size_t message = 0;
    for (size_t i = 0; i < schedule->stop_count; i++) {
        const StoryMoment *moment = &s->scene->story->moments[schedule->stops[i].moment];
        float x = track_x(s, schedule->stops[i].p);
        if (moment->kind == MOMENT_MESSAGE || moment->kind == MOMENT_DETAIL) {
            const StoryMessage *m = &s->scene->story->messages[message++];
            if (m->weight == WEIGHT_MAJOR && x - last > 1) {
                draw_list_box(pen->list,
                              (Rect){roundf(x) - pen->type.scale, middle - 1.1f * u, 2 * pen->type.scale, 2.2f * u}, 0,
                              pen_message_color(pen, m->protocol, m->name), 0, 0);
                last = x;
            }
        } else if (moment->kind == MOMENT_STATE) {
            draw_list_circle(pen->list, (Point){x, middle + 1.6f * u}, 0.28f * u, pen->theme->wire, 0, 0);
        } else if (moment->kind == MOMENT_BEAT) {
            float top = s->bar->track.y - 0.2f * u;
            draw_list_id(pen->list, hit_id(HIT_MARK, schedule->stops[i].moment));
            draw_list_polygon(pen->list,
                              (Point[]){{x, top + u}, {x - 0.8f * u, top - 0.4f * u}, {x + 0.8f * u, top - 0.4f * u}},
                              3, pen->theme->accent);
            draw_list_id(pen->list, 0);
        }
    }
}

static void draw_track(const Strip *s) {
    const Pen *pen = s->pen;
    Rect track = s->bar->track;
    float u = pen->type.unit, middle = track.y + track.h / 2, thick = roundf(0.6f * u),
          now = track_x(s, s->playback->position);
    const Schedule *schedule = &s->playback->schedules[s->playback->pace];
    draw_list_zone(pen->list, (Rect){track.x - u, track.y - u, track.w + 2 * u, track.h + 2 * u}, hit_id(HIT_TRACK, 0));
    draw_list_box(pen->list, (Rect){track.x, middle - thick / 2, track.w, thick}, thick / 2, pen->theme->sunken, 0, 0);
    draw_list_box(pen->list, (Rect){track.x, middle - thick / 2, track.w, thick}, thick / 2,
                  color_fade(pen->theme->wire, 0.6f), 0, 0);
    /* Idle time that is skipped shows as gaps. */
    for (size_t i = 0; i < schedule->segment_count && s->playback->pace == PACE_EVENTS; i++) {
        const Segment *segment = &schedule->segments[i];
        float x0 = track_x(s, segment->p0), x1 = track_x(s, segment->p1);
        if (segment->idle && segment->t1 - segment->t0 >= SIM_SECOND && x1 - x0 > 3)
            draw_list_box(pen->list, (Rect){x0 + 1, middle - thick / 2, x1 - x0 - 2, thick}, 0, pen->theme->card, 0, 0);
    }
    if (now > track.x)
        draw_list_box(pen->list, (Rect){track.x, middle - thick / 2, now - track.x, thick}, thick / 2,
                      pen->theme->accent, 0, 0);
    draw_marks(s);
    draw_list_circle(pen->list, (Point){now, middle}, 1.1f * u, pen->theme->card, pen->theme->accent,
                     fmaxf(2, 0.4f * u));
}

/* The clock; while idle time is skipped its hand spins. */
static float draw_clock(const Strip *s, Rect box) {
    const Pen *pen = s->pen;
    bool idle;
    Place place = playback_place(s->playback, &idle);
    Text text = text_new();
    pen_put_clock(&text, place.t);
    float size = pen->type.title, radius = roundf(size * 0.55f), width = size * 6.6f;
    Point center = {box.x + radius + 1, box.y + box.h / 2};
    bool spins = idle && s->playback->playing;
    float turns = (float)((double)(place.t % SIM_SECOND) / (double)SIM_SECOND);
    if (spins) turns = (float)fmod(s->playback->position * 2.5, 1);
    Color ink = spins ? pen->theme->accent : pen->theme->ink_soft;
    draw_list_circle(pen->list, center, radius, 0, ink, fmaxf(2, 0.25f * pen->type.unit));
    draw_list_line(pen->list, center,
                   (Point){center.x + radius * 0.72f * turn_sin(turns), center.y - radius * 0.72f * turn_cos(turns)},
                   ink, fmaxf(2, 0.25f * pen->type.unit));
    draw_list_text(pen->list, (Point){center.x + radius + pen->type.unit, center.y}, TEXT_LEFT, FONT_BOLD, size,
                   pen->theme->ink, 0, text_get(&text));
    text_free(&text);
    return width;
}

void timeline_bar_draw(TimelineBar *bar, const Scene *scene, const Playback *playback, const Pen *pen, Rect box,
                       uint32_t hovered) {
    Strip s = {bar, scene, playback, pen, box, hovered};
    float u = pen->type.unit, lower = box.y + box.h - 4.2f * u;
    draw_list_box(pen->list, box, 0, pen->theme->card, 0, 0);
    draw_list_line(pen->list, (Point){box.x, box.y + 0.5f}, (Point){box.x + box.w, box.y + 0.5f}, pen->theme->line, 1);
    bar->track = (Rect){box.x + 3 * u, box.y + 2.2f * u, box.w - 6 * u, 2 * u};
    draw_track(&s);
    draw_clock(&s, (Rect){box.x + 3 * u, lower - 3 * u, 0, 6 * u});
    float buttons = (2.2f * 4 + 2.9f) * 2 * u + 4 * u;
    draw_buttons(&s, box.x + box.w / 2 - buttons / 2, lower);
    draw_pills(&s, (Rect){box.x + box.w - 3 * u - 30 * u, lower - 3 * u, 30 * u, 6 * u});
}
