#include <math.h>
#include <string.h>

#include "view/machine_diagram.h"
#include "view/panels.h"

static const MachineSpec *spec_of(const Scene *scene, const TimelineMachine *machine) {
    return trace_directory(scene->story->trace)->machines[machine->machine].spec;
}

/* How much a host's machine is worth looking at: its protocols' dialogues above what serves them. */
static int rank_of(const MachineSpec *spec) {
    static const char *const below[] = {"arp.", "tcp", "dns."};
    for (int i = 0; i < 3; i++)
        if (strncmp(spec->name, below[i], strlen(below[i])) == 0) return i == 0 ? 0 : 1;
    return 2;
}

/* Of these slots the one that moved last among the highest in rank; STORY_NONE if none has moved. */
static uint32_t latest_of(const Scene *scene, const uint32_t *slots, size_t count) {
    const TimelineState *state = timeline_state(scene->timeline);
    uint32_t latest = STORY_NONE;
    int best = 1;
    for (size_t i = 0; i < count; i++) {
        uint32_t slot = slots ? slots[i] : (uint32_t)i;
        const TimelineMachine *candidate = &state->machines[slot];
        int rank = rank_of(spec_of(scene, candidate));
        if (candidate->record == TIMELINE_NONE || rank < best) continue;
        if (latest == STORY_NONE || rank > best || candidate->record > state->machines[latest].record) latest = slot;
        best = rank;
    }
    return latest;
}

uint32_t machine_panel_choose(const Scene *scene, uint32_t host, uint32_t machine) {
    const TimelineState *state = timeline_state(scene->timeline);
    if (machine < state->machine_count && (host == STORY_NONE || state->machines[machine].host == host)) return machine;
    if (host < state->host_count) {
        size_t count;
        const uint32_t *slots = timeline_slots(scene->timeline, host, TIMELINE_MACHINES, &count);
        uint32_t latest = latest_of(scene, slots, count);
        if (latest != STORY_NONE) return latest;
        const TimelineMachine *main = stage_main_machine(scene->timeline, host);
        if (main) return (uint32_t)(main - state->machines);
    }
    uint32_t client = STORY_NONE;
    bool mail = false;
    for (uint32_t i = 0; i < state->machine_count; i++) {
        const char *name = spec_of(scene, &state->machines[i])->name;
        mail |= strncmp(name, "smtp.", 5) == 0;
        if (client == STORY_NONE && strstr(name, ".client")) client = i;
    }
    /* Where mail goes from host to host, so does the eye. */
    uint32_t latest = mail ? latest_of(scene, NULL, state->machine_count) : STORY_NONE;
    return latest != STORY_NONE ? latest : client != STORY_NONE ? client : state->machine_count ? 0 : STORY_NONE;
}

/* One tab a kind of machine on the host; of many alike, the one that moved last. */
static float draw_siblings(const Scene *scene, const Pen *pen, Rect box, uint32_t chosen) {
    const TimelineState *state = timeline_state(scene->timeline);
    const MachineSpec *shown[8];
    size_t count = 0;
    float x = box.x, size = pen->type.small, height = roundf(size * 1.9f), y = box.y;
    size_t slot_count;
    const uint32_t *slots =
        timeline_slots(scene->timeline, state->machines[chosen].host, TIMELINE_MACHINES, &slot_count);
    for (size_t i = 0; i < slot_count; i++) {
        const MachineSpec *spec = spec_of(scene, &state->machines[slots[i]]);
        bool again = false;
        for (size_t k = 0; k < count; k++) again |= shown[k] == spec;
        if (again || count == 8) continue;
        shown[count++] = spec;
        uint32_t slot = slots[i];
        for (size_t k = i; k < slot_count; k++) {
            const TimelineMachine *other = &state->machines[slots[k]];
            if (spec_of(scene, other) == spec && other->record != TIMELINE_NONE &&
                (state->machines[slot].record == TIMELINE_NONE || other->record > state->machines[slot].record))
                slot = slots[k];
        }
        bool on = spec == spec_of(scene, &state->machines[chosen]);
        float width = font_width(on ? FONT_BOLD : FONT_REGULAR, size, spec->name, strlen(spec->name)) + size * 1.4f;
        if (x + width > box.x + box.w) x = box.x, y += height + pen->type.unit * 0.5f;
        Rect tab = {roundf(x), y, roundf(width), height};
        draw_list_id(pen->list, hit_id(HIT_MACHINE, slot));
        draw_list_box(pen->list, tab, height / 2, on ? pen->theme->tone_soft[TONE_ACTIVE] : pen->theme->sunken, 0, 0);
        draw_list_id(pen->list, 0);
        draw_list_text(pen->list, (Point){tab.x + tab.w / 2, tab.y + tab.h / 2}, TEXT_CENTER,
                       on ? FONT_BOLD : FONT_REGULAR, size,
                       on ? pen->theme->tone_ink[TONE_ACTIVE] : pen->theme->ink_soft, 0, spec->name);
        x += width + pen->type.unit * 0.75f;
    }
    return y + height;
}

static void put_words(Text *to, const char *identifier) {
    for (; *identifier; identifier++) text_put_char(to, *identifier == '_' ? ' ' : *identifier);
}

static void draw_last_arrow(const Scene *scene, const Pen *pen, Rect box, const TimelineMachine *machine) {
    const MachineSpec *spec = spec_of(scene, machine);
    if (machine->record == TIMELINE_NONE) {
        draw_list_paragraph(pen->list, box, TEXT_LEFT, FONT_REGULAR, pen->type.body, 1.4f, pen->theme->ink_soft,
                            strings_get(pen->words, "machine.untouched"));
        return;
    }
    const MachineRow *row = &spec->rows[machine->row];
    Text line = text_new(), action = text_new(), clock = text_new();
    pen_put_clock(&clock, machine->stepped_at);
    if (row->action) put_words(&action, row->action_name);
    strings_fill(&line, pen->words, row->action ? "machine.last_action" : "machine.last",
                 (StringsValue[]){{"from", spec->states[machine->from]},
                                  {"to", spec->states[machine->state]},
                                  {"input", spec->inputs[machine->input].name},
                                  {"action", text_get(&action)}},
                 4);
    float used = draw_list_paragraph(pen->list, box, TEXT_LEFT, FONT_BOLD, pen->type.body, 1.4f, pen->theme->ink,
                                     text_get(&line));
    text_clear(&line);
    text_print(&line, "%s   %s", text_get(&clock), row->ref ? row->ref : "");
    draw_list_text(pen->list, (Point){box.x, box.y + used + pen->type.small}, TEXT_LEFT, FONT_REGULAR, pen->type.small,
                   pen->theme->ink_faint, box.w, text_get(&line));
    text_free(&line);
    text_free(&action);
    text_free(&clock);
}

void machine_panel_draw(const Scene *scene, const Pen *pen, Rect box, uint32_t chosen) {
    if (chosen == STORY_NONE) {
        draw_list_paragraph(pen->list, box, TEXT_LEFT, FONT_REGULAR, pen->type.body, 1.5f, pen->theme->ink_soft,
                            strings_get(pen->words, "machine.none"));
        return;
    }
    const TimelineMachine *machine = &timeline_state(scene->timeline)->machines[chosen];
    const MachineSpec *spec = spec_of(scene, machine);
    float u = pen->type.unit, y = box.y + pen->type.label * 0.7f;
    const char *state = spec->states[machine->state], *word = pen_word(pen, "state", state);
    float chip = pen_chip_width(word, pen->type.body);
    draw_list_text(pen->list, (Point){box.x, y}, TEXT_LEFT, FONT_BOLD, pen->type.label, pen->theme->ink,
                   box.w - chip - u, story_node_name(scene->story, machine->host));
    pen_chip(pen, (Point){box.x + box.w - chip, y}, tone_of_state(state), word, pen->type.body, 0);
    y = draw_siblings(scene, pen, (Rect){box.x, y + pen->type.label + u * 0.5f, box.w, box.h}, chosen) + 1.5f * u;
    float foot = pen->type.body * 1.4f * 2 + pen->type.small * 1.8f;
    Rect area = {box.x, y, box.w, box.y + box.h - y - foot - 2 * u};
    if (spec->state_count <= 3) area.h *= 0.6f; /* two states need no long arrows */
    uint16_t row = machine->record == TIMELINE_NONE ? MACHINE_NO_ROW : machine->row;
    machine_diagram_draw(pen, spec, area, machine->state, row, LABELS_NEAR);
    draw_last_arrow(scene, pen, (Rect){box.x, box.y + box.h - foot, box.w, pen->type.body * 1.4f * 2 + 1}, machine);
}
