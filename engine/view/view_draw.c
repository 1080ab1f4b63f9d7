#include <math.h>
#include <string.h>

#include "view/view_parts.h"

void view_arrange(View *view) {
    float u = view->type.unit, w = view->width, h = view->height;
    float top = roundf(6.5f * u), bar = roundf(11.5f * u), narration = roundf(11 * u);
    bool side = view->panel != PANEL_NONE;
    float side_w = side ? roundf(fminf(fmaxf(52 * u, w * 0.36f), w * 0.44f)) : 0;
    if (view->panel == PANEL_MAIL) side_w = roundf(w * 0.6f); /* three columns */
    view->top = (Rect){0, 0, w, top};
    view->bar_box = (Rect){0, h - bar, w, bar};
    view->side = (Rect){w - side_w, top, side_w, h - top - bar};
    view->narration = (Rect){0, h - bar - narration, w - side_w, narration};
    view->stage_box = (Rect){0, top, w - side_w, h - top - bar - narration};
}

/* ---- The top: title, panels, settings ---- */

static float draw_pill_button(const View *view, const Pen *pen, float right, float y, const char *text, uint32_t id,
                              bool on) {
    float size = pen->type.body,
          width = roundf(fmaxf(size * 2.2f, font_width(FONT_BOLD, size, text, strlen(text)) + size * 1.4f));
    Rect box = {right - width, y - roundf(size), width, roundf(size * 2)};
    draw_list_id(pen->list, id);
    draw_list_box(pen->list, box, box.h / 2,
                  on                    ? pen->theme->accent
                  : view->hovered == id ? pen->theme->sunken
                                        : pen->theme->card,
                  on ? 0 : pen->theme->line, on ? 0 : fmaxf(1, roundf(pen->type.scale)));
    draw_list_id(pen->list, 0);
    draw_list_text(pen->list, (Point){box.x + box.w / 2, y}, TEXT_CENTER, FONT_BOLD, size,
                   on ? pen->theme->on_accent : pen->theme->ink_soft, 0, text);
    return box.x - pen->type.unit;
}

static void draw_top(const View *view, const Pen *pen) {
    float u = pen->type.unit, middle = view->top.h / 2, x = view->width - 2 * u;
    draw_list_box(pen->list, view->top, 0, pen->theme->card, 0, 0);
    draw_list_line(pen->list, (Point){0, view->top.h - 0.5f}, (Point){view->width, view->top.h - 0.5f},
                   pen->theme->line, 1);
    x = draw_pill_button(view, pen, x, middle, "?", hit_id(HIT_BUTTON, ACTION_HELP), view->help);
    x = draw_pill_button(view, pen, x, middle,
                         strings_get(pen->words, view->theme == THEME_LIGHT ? "top.dark" : "top.light"),
                         hit_id(HIT_BUTTON, ACTION_THEME), false);
    x = draw_pill_button(view, pen, x, middle, strings_get(pen->words, "top.other_language"),
                         hit_id(HIT_BUTTON, ACTION_LANGUAGE), false);
    x -= 2 * u;
    static const char *const keys[] = {"panel.stage", "panel.ladder", "panel.machine", "panel.message",
                                      "panel.leases", "panel.mail"};
    for (int i = PANEL_COUNT - 1; i > PANEL_NONE; i--)
        x = draw_pill_button(view, pen, x, middle, strings_get(pen->words, keys[i]), hit_id(HIT_TAB, (uint32_t)i),
                             view->panel == (ViewPanel)i);
    const char *title = view->titles[view->language] ? view->titles[view->language] : "netstage";
    draw_list_text(pen->list, (Point){3 * u, middle}, TEXT_LEFT, FONT_BOLD, pen->type.title, pen->theme->ink, x - 4 * u,
                   title);
}

/* ---- The narration: what is being said about what is shown ---- */

static uint32_t latest_say(const TimelineState *state) {
    uint32_t say = state->say, beat = state->beat;
    if (say == TIMELINE_NONE) return beat;
    return beat == TIMELINE_NONE || say > beat ? say : beat;
}

static void draw_narration(const View *view, const Pen *pen) {
    const TimelineState *state = timeline_state(view->timeline);
    uint32_t say = latest_say(state);
    float u = pen->type.unit;
    Rect box = {view->narration.x + 2 * u, view->narration.y + u * 0.5f, view->narration.w - 4 * u,
                view->narration.h - 2 * u};
    pen_card(pen, box);
    Text text = text_new();
    if (say != TIMELINE_NONE)
        story_say_text(view->story, say, language_name(pen->language), &text);
    else
        text_put(&text, view->abouts[view->language] ? view->abouts[view->language]
                                                     : strings_get(pen->words, "narration.start"));
    Rect inside = {box.x + 2.5f * u, box.y, box.w - 5 * u, box.h};
    draw_list_box(pen->list, (Rect){box.x + u, box.y + 1.5f * u, roundf(0.5f * u), box.h - 3 * u}, 2,
                  pen->theme->accent, 0, 0);
    float size = pen->type.message;
    /* Long narration is set smaller before it is cut. */
    while (size > pen->type.small &&
           draw_list_paragraph_height(inside.w, FONT_REGULAR, size, 1.35f, text_get(&text)) > inside.h - u)
        size -= 1;
    float used = draw_list_paragraph_height(inside.w, FONT_REGULAR, size, 1.35f, text_get(&text));
    used = fminf(used, inside.h - u);
    draw_list_paragraph(pen->list, (Rect){inside.x, inside.y + (inside.h - used) / 2, inside.w, used}, TEXT_LEFT,
                        FONT_REGULAR, size, 1.35f, pen->theme->ink, text_get(&text));
    text_free(&text);
}

/* ---- The panel beside the stage ---- */

/* Without a choice by hand the last message of weight that was sent is shown. */
static void follow_message(View *view, const Scene *scene) {
    if (view->message_chosen && view->message.message != STORY_NONE) return;
    uint32_t latest = STORY_NONE;
    for (size_t i = view->story->message_count; i-- > 0 && latest == STORY_NONE;) {
        const StoryMessage *m = &view->story->messages[i];
        if (m->seq < scene->place.seq_end && m->from_at <= scene->place.t && m->weight == WEIGHT_MAJOR)
            latest = (uint32_t)i;
    }
    message_panel_show(&view->message, view->story, latest);
}

static void draw_side(View *view, const Scene *scene, const Pen *pen) {
    float u = pen->type.unit;
    if (view->side.w <= 0) return;
    draw_list_id(pen->list, hit_id(HIT_PANEL, 0));
    draw_list_box(pen->list, view->side, 0, pen->theme->card, 0, 0);
    draw_list_id(pen->list, 0);
    draw_list_line(pen->list, (Point){view->side.x + 0.5f, view->side.y},
                   (Point){view->side.x + 0.5f, view->side.y + view->side.h}, pen->theme->line, 1);
    Rect inside = rect_inset(view->side, 2 * u);
    draw_list_clip_push(pen->list, view->side);
    switch (view->panel) {
    case PANEL_LADDER:
        view->ladder_limit = ladder_view_draw(view->ladder, pen, inside, scene->place, view->ladder_scroll,
                                              view->stage.selected_message);
        break;
    case PANEL_MACHINE:
        machine_panel_draw(scene, pen, inside, machine_panel_choose(scene, view->host, view->machine));
        break;
    case PANEL_MESSAGE: message_panel_draw(&view->message, scene, pen, inside); break;
    case PANEL_LEASES: view->lease_limit = lease_panel_draw(scene, pen, inside, view->lease_scroll); break;
    case PANEL_MAIL: mail_panel_draw(&view->mail, scene, pen, inside); break;
    case PANEL_NONE:
    case PANEL_COUNT: break;
    }
    draw_list_clip_pop(pen->list);
}

void view_draw(View *view, DrawList *list) {
    Place place = playback_place(view->playback, NULL);
    timeline_seek_to(view->timeline, place.seq_end, place.t);
    Scene scene = view_scene(view);
    draw_list_clear(list, view->width, view->height);
    Pen pen = view_pen(view, list);
    draw_list_box(list, (Rect){0, 0, view->width, view->height}, 0, pen.theme->ground, 0, 0);
    follow_message(view, &scene);
    view->stage.place = place;
    view->stage.selected_host = view->host;
    view->stage.segments = view->minor;
    view->stage.selected_message =
        view->message_chosen || view->panel == PANEL_MESSAGE ? view->message.message : STORY_NONE;
    draw_list_clip_push(list, view->stage_box);
    stage_arrange(&view->stage, &pen, view->stage_box);
    stage_draw(&view->stage, &pen, view->stage_box);
    draw_list_clip_pop(list);
    draw_narration(view, &pen);
    draw_side(view, &scene, &pen);
    timeline_bar_draw(&view->bar, &scene, view->playback, &pen, view->bar_box, view->hovered);
    draw_top(view, &pen);
    if (view->help) view_help_draw(view, &pen);
    /* Hits are looked for in what was shown, and only its shapes matter. */
    draw_list_copy(view->last, list);
}
