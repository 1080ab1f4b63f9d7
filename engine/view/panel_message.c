#include <math.h>
#include <stdio.h>
#include <string.h>

#include "observe/record.h"
#include "view/panels.h"

static bool shows_said(const MessagePanel *panel) { return panel->turned_to < panel->carried_count; }

/* What the panel describes: the stream's message as a whole, or the frame. */
static Bytes described_octets(const MessagePanel *panel, const Story *story) {
    if (shows_said(panel))
        return record_octets(story->trace, trace_get(story->trace, panel->carried[panel->turned_to]));
    return frame_store_get(trace_frames(story->trace), panel->described);
}

void message_panel_turn(MessagePanel *panel, const Story *story, uint32_t to) {
    if (panel->message == STORY_NONE || to > panel->carried_count) return;
    panel->turned_to = to;
    panel->field = panel->hovered = STORY_NONE;
    panel->scroll = 0;
    if (shows_said(panel))
        record_describe(story->trace, trace_get(story->trace, panel->carried[to]), &panel->description);
    else
        describe_frame(described_octets(panel, story), &panel->description);
    /* All layers but the innermost start folded; what only fills the frame is none. */
    unsigned layers = 0;
    for (size_t i = 0; i < panel->description.count; i++)
        layers += panel->description.fields[i].depth == 0 &&
                  strcmp(panel->description.fields[i].key, "ethernet.padding") != 0;
    panel->folded = layers > 1 ? (1u << (layers - 1)) - 1 : 0;
}

void message_panel_show(MessagePanel *panel, const Story *story, uint32_t message) {
    if (message == panel->message && (message == STORY_NONE || panel->described == story->messages[message].frame))
        return;
    panel->message = message;
    if (message == STORY_NONE) return;
    panel->described = story->messages[message].frame;
    panel->carried_count = said_records_of(story, message, panel->carried, CARRIED_MOST);
    message_panel_turn(panel, story, 0);
}

void message_panel_free(MessagePanel *panel) { description_free(&panel->description); }

/* ---- Drawing ---- */

typedef struct {
    MessagePanel *panel;
    const Scene *scene;
    const Pen *pen;
    Rect box;
    float row; /* height of a line */
} Page;

static const char *endpoint(const Page *page, Ipv4Address address, bool broadcast, const char *host, Text *to) {
    if (broadcast)
        text_put(to, strings_get(page->pen->words, "message.everyone"));
    else if (host && *host)
        text_put(to, host);
    if (address || broadcast) {
        text_put(to, to->size ? "  " : "");
        ipv4_print(to, address);
    }
    return text_get(to);
}

static float turn_width(const Pen *pen, const char *name, bool on) {
    float size = pen->type.small;
    return font_width(on ? FONT_BOLD : FONT_REGULAR, size, name, strlen(name)) + size;
}

/* A chip that turns the panel to what is carried, or to the segment itself. */
static void draw_turn(const Page *page, Point right_middle, const char *name, uint32_t to, bool on) {
    const Pen *pen = page->pen;
    float size = pen->type.small, width = turn_width(pen, name, on);
    Rect chip = {right_middle.x - width, right_middle.y - size * 0.85f, width, size * 1.7f};
    draw_list_id(pen->list, hit_id(HIT_CARRIED, to));
    draw_list_box(pen->list, chip, size * 0.5f, on ? pen->theme->tone_soft[TONE_ACTIVE] : pen->theme->sunken, 0, 0);
    draw_list_id(pen->list, 0);
    Color ink = on ? pen->theme->tone_ink[TONE_ACTIVE] : pen->theme->ink_soft;
    draw_list_text(pen->list, (Point){chip.x + chip.w / 2, right_middle.y}, TEXT_CENTER,
                   on ? FONT_BOLD : FONT_REGULAR, size, ink, 0, name);
}

/* Several messages may share a segment (pipelining): from right to left, the last one first. */
static void draw_carried(const Page *page, Point right_middle, float left) {
    for (uint32_t i = page->panel->carried_count; i-- > 0;) {
        Text name = text_new();
        said_put_name(page->scene->story->trace, page->panel->carried[i], &name);
        bool on = i == page->panel->turned_to;
        float width = turn_width(page->pen, text_get(&name), on);
        if (right_middle.x - width > left) draw_turn(page, right_middle, text_get(&name), i, on);
        right_middle.x -= width + page->pen->type.unit * 0.25f;
        text_free(&name);
    }
}

static float draw_title(const Page *page, float y) {
    const Pen *pen = page->pen;
    const StoryMessage *m = &page->scene->story->messages[page->panel->message];
    bool said = shows_said(page->panel);
    uint32_t record = said ? page->panel->carried[page->panel->turned_to] : STORY_NONE;
    Text said_name = text_new();
    if (said) said_put_name(page->scene->story->trace, record, &said_name);
    const char *name =
        said && said_name.size ? pen_word(pen, "message", text_get(&said_name)) : pen_message_name(pen, m);
    float size = pen->type.message, width = font_width(FONT_BOLD, size, name, strlen(name)) + size * 1.3f,
          height = roundf(size * 1.7f);
    draw_list_box(pen->list, (Rect){page->box.x, y, roundf(width), height}, height / 2,
                  pen_message_color(pen, page->panel->description.protocol, said ? text_get(&said_name) : name), 0, 0);
    draw_list_text(pen->list, (Point){page->box.x + width / 2, y + height / 2}, TEXT_CENTER, FONT_BOLD, size,
                   pen->theme->on_accent, 0, name);
    Text clock = text_new(), from = text_new(), to = text_new(), line = text_new();
    pen_put_clock(&clock, m->from_at);
    if (page->panel->carried_count <= 1)
        draw_list_text(pen->list, (Point){page->box.x + page->box.w, y + height / 2}, TEXT_RIGHT, FONT_REGULAR,
                       pen->type.body, pen->theme->ink_soft, 0, text_get(&clock));
    if (page->panel->carried_count > 0) {
        const char *segment = strings_get(pen->words, "message.segment");
        float left = page->box.x + width + pen->type.unit * 0.5f + turn_width(pen, segment, true);
        draw_turn(page, (Point){left, y + height / 2}, segment, said ? page->panel->carried_count : 0, !said);
        if (page->panel->carried_count > 1)
            draw_carried(page, (Point){page->box.x + page->box.w, y + height / 2}, left);
    }
    y += height + pen->type.unit;
    const char *receiver = NULL;
    for (uint32_t i = 0; i < m->count; i++) {
        const StoryTransit *t = &page->scene->story->transits[page->scene->story->by_message[m->first + i]];
        NodeKind kind = trace_directory(page->scene->story->trace)->hosts[t->to].kind;
        if (t->taken && kind != NODE_SWITCH && kind != NODE_HUB) receiver = story_node_name(page->scene->story, t->to);
    }
    text_print(&line, "%s  \xE2\x86\x92  ",
               endpoint(page, m->source, false, story_node_name(page->scene->story, m->sender), &from));
    text_put(&line, endpoint(page, m->destination, m->broadcast, receiver, &to));
    draw_list_text(pen->list, (Point){page->box.x, y + page->row / 2}, TEXT_LEFT, FONT_BOLD, pen->type.body,
                   pen->theme->ink, page->box.w, text_get(&line));
    y += page->row + pen->type.unit * 0.5f;
    Text key = text_new();
    const Description *d = &page->panel->description;
    text_print(&key, "%s.%s", d->protocol, d->message && *d->message ? d->message : "any");
    for (char *c = key.at; *c; c++) *c = *c == ' ' ? '_' : *c; /* no key has a space */
    const char *explanation = said ? NULL : strings_find_in(pen->words, "explain", text_get(&key));
    if (said) y = said_draw(page->scene, pen, (Rect){page->box.x, y, page->box.w, page->box.h}, record);
    if (explanation) {
        Rect room = {page->box.x, y, page->box.w, pen->type.body * 1.4f * 4};
        y += draw_list_paragraph(pen->list, room, TEXT_LEFT, FONT_REGULAR, pen->type.body, 1.4f, pen->theme->ink_soft,
                                 explanation);
    }
    text_free(&key);
    text_free(&said_name);
    text_free(&clock);
    text_free(&from);
    text_free(&to);
    text_free(&line);
    return y + pen->type.unit;
}

static bool is_folded(const MessagePanel *panel, size_t index) {
    unsigned layer = 0;
    for (size_t i = 1; i <= index; i++) layer += panel->description.fields[i].depth == 0;
    return layer < 32 && (panel->folded >> layer & 1);
}

static void draw_field(const Page *page, size_t index, float y) {
    const Pen *pen = page->pen;
    const DescribedField *field = &page->panel->description.fields[index];
    float size = pen->type.small, x = page->box.x, middle = y + page->row / 2, split = x + page->box.w * 0.47f;
    bool selected = page->panel->field == index, hovered = page->panel->hovered == index;
    draw_list_zone(pen->list, (Rect){x, y, page->box.w, page->row}, hit_id(HIT_FIELD, (uint32_t)index));
    if (field->depth == 0) {
        draw_list_box(pen->list, (Rect){x, y + 1, page->box.w, page->row - 2}, pen->type.unit * 0.5f,
                      pen->theme->sunken, 0, 0);
        const char *mark = is_folded(page->panel, index) ? "\xE2\x96\xB6" : "\xE2\x96\xBC"; /* triangles */
        draw_list_text(pen->list, (Point){x + size * 0.9f, middle}, TEXT_CENTER, FONT_REGULAR, size * 0.7f,
                       pen->theme->ink_faint, 0, mark);
        draw_list_text(pen->list, (Point){x + size * 1.8f, middle}, TEXT_LEFT, FONT_BOLD, size, pen->theme->ink, 0,
                       field->name);
        char octets[32];
        snprintf(octets, sizeof octets, "%u B", (unsigned)field->length);
        draw_list_text(pen->list, (Point){x + page->box.w - size * 0.6f, middle}, TEXT_RIGHT, FONT_REGULAR, size,
                       pen->theme->ink_faint, 0, octets);
        return;
    }
    if (selected || hovered)
        draw_list_box(pen->list, (Rect){x, y, page->box.w, page->row}, pen->type.unit * 0.5f,
                      color_fade(pen->theme->accent, selected ? 0.2f : 0.1f), 0, 0);
    float indent = size * (0.4f + 0.9f * (float)field->depth);
    Text name = text_new();
    if (field->option) text_print(&name, "%u  ", field->option);
    const char *value = description_value(&page->panel->description, field);
    Text body = text_new();
    bool lines = strcmp(field->key, "said.body") == 0 || strcmp(field->key, "said.more") == 0;
    if (lines) { /* the first of them rather than their octets */
        Bytes octets = bytes_slice(described_octets(page->panel, page->scene->story), field->offset, 120);
        for (size_t i = 0; i < octets.size; i++) {
            bool prints = octets.at[i] >= ' ' && octets.at[i] <= 126;
            if (octets.at[i] != '\r') text_put_char(&body, prints ? (char)octets.at[i] : ' ');
        }
        value = text_get(&body);
    }
    const char *colon = strcmp(field->key, "said.header") == 0 ? strchr(value, ':') : NULL;
    if (colon) { /* a header field has a name of its own */
        text_put_n(&name, value, (size_t)(colon - value));
        for (value = colon + 1; *value == ' ';) value++;
    } else {
        text_put(&name, field->name);
    }
    if (strncmp(field->key, "said.", 5) == 0) split = x + page->box.w * 0.32f; /* short names, long values */
    draw_list_text(pen->list, (Point){x + indent, middle}, TEXT_LEFT, FONT_REGULAR, size, pen->theme->ink_soft,
                   split - x - indent - size * 0.5f, text_get(&name));
    draw_list_text(pen->list, (Point){split, middle}, TEXT_LEFT, FONT_MONO, size, pen->theme->ink,
                   x + page->box.w - split - size * 0.6f, value);
    text_free(&body);
    text_free(&name);
}

/* Folded layers that follow each other share a line. */
static size_t folded_run(const MessagePanel *panel, size_t from, size_t *end) {
    size_t count = 0, i = from;
    while (i < panel->description.count && is_folded(panel, i)) {
        count += panel->description.fields[i].depth == 0;
        i++;
    }
    *end = i;
    return count;
}

static void draw_folded(const Page *page, size_t from, size_t end, size_t count, float y) {
    const Pen *pen = page->pen;
    float size = pen->type.small, gap = pen->type.unit * 0.5f,
          width = (page->box.w - pen->type.unit * 0.6f + gap) / (float)count, x = page->box.x;
    for (size_t i = from; i < end; i++) {
        const DescribedField *field = &page->panel->description.fields[i];
        if (field->depth != 0) continue;
        Rect chip = {x, y + 1, width - gap, page->row - 2};
        draw_list_zone(pen->list, chip, hit_id(HIT_FIELD, (uint32_t)i));
        draw_list_box(pen->list, chip, gap, pen->theme->sunken, 0, 0);
        draw_list_text(pen->list, (Point){x + size * 0.9f, y + page->row / 2}, TEXT_CENTER, FONT_REGULAR, size * 0.7f,
                       pen->theme->ink_faint, 0, "\xE2\x96\xB6");
        draw_list_text(pen->list, (Point){x + size * 1.8f, y + page->row / 2}, TEXT_LEFT, FONT_BOLD, size,
                       pen->theme->ink_soft, width - size * 2.4f, field->name);
        x += width;
    }
}

static float fields_height(const Page *page) {
    float total = 0;
    for (size_t i = 0, end; i < page->panel->description.count; i++) {
        total += page->row;
        if (folded_run(page->panel, i, &end)) i = end - 1;
    }
    return total;
}

static void draw_fields(const Page *page, Rect box) {
    MessagePanel *panel = page->panel;
    float total = fields_height(page);
    panel->scroll_limit = fmaxf(0, total - box.h);
    panel->scroll = fminf(panel->scroll, panel->scroll_limit);
    float y = box.y - panel->scroll;
    draw_list_clip_push(page->pen->list, box);
    for (size_t i = 0, end; i < panel->description.count; i++) {
        size_t folded = folded_run(panel, i, &end);
        if (y + page->row > box.y && y < box.y + box.h) {
            if (folded)
                draw_folded(page, i, end, folded, y);
            else
                draw_field(page, i, y);
        }
        y += page->row;
        if (folded) i = end - 1;
    }
    draw_list_clip_pop(page->pen->list);
    if (panel->scroll_limit > 0) {
        float height = box.h * box.h / total;
        draw_list_box(page->pen->list,
                      (Rect){box.x + box.w + page->pen->type.unit * 0.4f, box.y + panel->scroll / total * box.h,
                             page->pen->type.unit * 0.4f, height},
                      2, page->pen->theme->wire, 0, 0);
    }
}

/* Octets, sixteen a row, those of the chosen field lit. */
static void draw_octets(const Page *page, Rect box) {
    const Pen *pen = page->pen;
    const MessagePanel *panel = page->panel;
    Bytes frame = described_octets(panel, page->scene->story);
    float size = floorf(fminf(pen->type.small, box.w / (0.602f * 53.8f))), advance = size * 0.602f,
          row = roundf(size * 1.45f);
    uint32_t chosen = panel->hovered != STORY_NONE ? panel->hovered : panel->field;
    size_t low = frame.size, high = frame.size;
    if (chosen != STORY_NONE && chosen < panel->description.count) {
        low = panel->description.fields[chosen].offset;
        high = low + panel->description.fields[chosen].length;
    }
    size_t rows = (frame.size + 15) / 16, visible = (size_t)fmaxf(1, box.h / row), first = 0;
    if (low < frame.size && low / 16 + 2 > visible) first = low / 16 - visible / 2;
    if (first + visible > rows) first = rows > visible ? rows - visible : 0;
    draw_list_clip_push(pen->list, box);
    for (size_t r = first; r < rows && r < first + visible; r++) {
        float y = box.y + ((float)(r - first) + 0.5f) * row;
        char line[64];
        snprintf(line, sizeof line, "%04x", (unsigned)(r * 16));
        draw_list_text(pen->list, (Point){box.x, y}, TEXT_LEFT, FONT_MONO, size, pen->theme->ink_faint, 0, line);
        for (size_t i = r * 16; i < frame.size && i < r * 16 + 16; i++) {
            float x = box.x + advance * (5 + 3 * (float)(i % 16) + (i % 16 >= 8 ? 0.8f : 0));
            bool lit = i >= low && i < high;
            if (lit)
                draw_list_box(pen->list, (Rect){x - advance * 0.3f, y - row / 2, advance * 2.6f, row}, 2,
                              pen->theme->accent, 0, 0);
            snprintf(line, sizeof line, "%02x", frame.at[i]);
            draw_list_text(pen->list, (Point){x, y}, TEXT_LEFT, FONT_MONO, size,
                           lit ? pen->theme->on_accent : pen->theme->ink_soft, 0, line);
        }
    }
    draw_list_clip_pop(pen->list);
}

static void draw_causes(const Page *page, Rect box) {
    enum { MOST = 64 };
    const Pen *pen = page->pen;
    const Story *story = page->scene->story;
    uint32_t chain[MOST];
    uint32_t start = shows_said(page->panel) ? page->panel->carried[page->panel->turned_to]
                                             : story->messages[page->panel->message].seq;
    size_t count = timeline_causes(page->scene->timeline, start, chain, MOST);
    count = count > MOST ? MOST : count;
    float y = box.y, size = pen->type.small;
    bool first = true;
    /* Carriage of frames is left out: what matters is who decided what. */
    for (size_t i = 0; i < count && y + page->row <= box.y + box.h + 1; i++) {
        const TraceRecord *r = trace_get(story->trace, chain[i]);
        if (r->kind == TRACE_FRAME && r->code != FRAME_LOST) continue;
        Text words = text_new(), clock = text_new();
        panel_put_record(page->scene, pen, chain[i], &words);
        pen_put_clock(&clock, r->at);
        draw_list_zone(pen->list, (Rect){box.x, y, box.w, page->row}, hit_id(HIT_CAUSE, chain[i]));
        float dot = size * 0.28f, x = box.x + dot + 1;
        if (!first)
            draw_list_line(pen->list, (Point){x, y - page->row / 2 + dot}, (Point){x, y + page->row / 2 - dot},
                           pen->theme->wire, 1.5f);
        draw_list_circle(pen->list, (Point){x, y + page->row / 2}, dot, first ? pen->theme->accent : pen->theme->wire,
                         0, 0);
        float width = draw_list_text(pen->list, (Point){box.x + box.w, y + page->row / 2}, TEXT_RIGHT, FONT_REGULAR,
                                     size, pen->theme->ink_faint, 0, text_get(&clock));
        draw_list_text(pen->list, (Point){x + size, y + page->row / 2}, TEXT_LEFT, FONT_REGULAR, size, pen->theme->ink,
                       box.w - width - size * 2.5f, text_get(&words));
        text_free(&words);
        text_free(&clock);
        y += page->row;
        first = false;
    }
}

void message_panel_draw(MessagePanel *panel, const Scene *scene, const Pen *pen, Rect box) {
    Page page = {panel, scene, pen, box, roundf(pen->type.small * 1.6f)};
    if (panel->message == STORY_NONE) {
        draw_list_paragraph(pen->list, box, TEXT_LEFT, FONT_REGULAR, pen->type.body, 1.5f, pen->theme->ink_soft,
                            strings_get(pen->words, "message.none"));
        return;
    }
    float y = draw_title(&page, box.y), u = pen->type.unit, bottom = box.y + box.h;
    float heading = pen->type.small * 1.5f + u * 0.5f, left = bottom - y;
    float line = roundf(pen->type.small * 1.45f);
    float causes = page.row * floorf(fminf(8, left * 0.22f / page.row)),
          octets = line * floorf(fminf(10, left * 0.20f / line));
    Bytes shown = described_octets(panel, scene->story);
    octets = fminf(octets, line * (float)((shown.size + 15) / 16));
    Rect fields = {box.x, y, box.w - u * 0.6f, left - causes - octets - 2 * heading - 2 * u};
    /* What the fields leave goes to the causes; three lines stay for a hint. */
    float spare = fields.h - fields_height(&page) - pen->type.small * 1.4f * 3 - u;
    if (spare > 0) causes += page.row * floorf(fminf(spare / page.row, 12));
    fields.h = left - causes - octets - 2 * heading - 2 * u;
    const char *hint = NULL;
    uint32_t chosen = panel->hovered != STORY_NONE ? panel->hovered : panel->field;
    if (chosen != STORY_NONE && chosen < panel->description.count)
        hint = said_field_hint(pen, &panel->description, &panel->description.fields[chosen]);
    if (hint) {
        float height = fminf(3, ceilf(draw_list_paragraph_height(box.w, FONT_REGULAR, pen->type.small, 1.4f, hint) /
                                      (pen->type.small * 1.4f))) *
                       pen->type.small * 1.4f;
        fields.h -= height + u;
        draw_list_paragraph(pen->list, (Rect){box.x, fields.y + fields.h + u * 0.5f, box.w, height}, TEXT_LEFT,
                            FONT_REGULAR, pen->type.small, 1.4f, pen->theme->accent, hint);
    }
    fields.h = fmaxf(1, floorf(fields.h / page.row)) * page.row;
    draw_fields(&page, fields);
    y = bottom - causes - octets - 2 * heading - u;
    y = pen_heading(pen, box.x, y, box.w, strings_get(pen->words, "message.octets"));
    draw_octets(&page, (Rect){box.x, y, box.w, octets});
    y += octets + u;
    y = pen_heading(pen, box.x, y, box.w, strings_get(pen->words, "message.why"));
    draw_causes(&page, (Rect){box.x, y, box.w, bottom - y});
}
