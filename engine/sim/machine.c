#include "sim/machine.h"

#include <string.h>

#include "sim/effects.h"

void machine_init(Machine *machine, const MachineSpec *spec, void *self, const EffectCarrier *carrier, uint32_t id,
                  uint32_t subject) {
    CHECK(spec->timer_count <= MACHINE_TIMERS && spec->state_count <= MACHINE_STATES);
    *machine = (Machine){.spec = spec,
                         .self = self,
                         .carrier = carrier,
                         .id = id,
                         .subject = subject,
                         .stream = UINT32_MAX,
                         .state = spec->initial};
    for (int i = 0; i < MACHINE_TIMERS; i++)
        machine->timers[i] = (MachineTimer){.at = SIM_NEVER, .shown_at = SIM_NEVER, .set_by = UINT32_MAX};
}

void machine_reuse(Machine *machine, uint32_t subject) {
    machine->subject = subject;
    machine->stream = UINT32_MAX;
    machine->state = machine->spec->initial;
    for (int i = 0; i < MACHINE_TIMERS; i++) {
        machine->timers[i].at = machine->timers[i].shown_at = SIM_NEVER;
        machine->timers[i].generation++;
        machine->timers[i].changes = 0;
    }
}

bool machine_step(Machine *machine, uint8_t input, const void *argument, Effects *effects) {
    const MachineSpec *spec = machine->spec;
    CHECK(input < spec->input_count);
    for (size_t i = 0; i < spec->row_count; i++) {
        const MachineRow *row = &spec->rows[i];
        if (row->from != machine->state || row->input != input) continue;
        if (row->guard && !row->guard(machine->self, argument)) continue;
        effects->current = machine;
        Effect *step = effects_add(effects, EFFECT_STEP);
        step->step.row = (uint16_t)i;
        step->step.from = row->from;
        step->step.to = row->to;
        step->step.input = input;
        machine->state = row->to;
        if (row->action) row->action(machine->self, argument, effects);
        return true;
    }
    CHECK(spec->inputs[input].kind != INPUT_TIMER);
    effect_ignored(effects, machine, "machine.no_arrow");
    effects->items[effects->count - 1].ignored.input = input;
    return false;
}

size_t machine_spec_check(const MachineSpec *spec, Text *faults) {
    size_t count = 0;
    bool reached[MACHINE_STATES] = {false};
    reached[spec->initial] = true;
    for (size_t round = 0; round < spec->state_count; round++)
        for (size_t i = 0; i < spec->row_count; i++)
            if (reached[spec->rows[i].from]) reached[spec->rows[i].to] = true;
    for (size_t s = 0; s < spec->state_count; s++) {
        if (!reached[s]) {
            text_print(faults, "%s: state %s is reached by no path\n", spec->name, spec->states[s]);
            count++;
        }
    }
    bool input_used[256] = {false};
    for (size_t i = 0; i < spec->row_count; i++) {
        const MachineRow *row = &spec->rows[i];
        if (row->from >= spec->state_count || row->to >= spec->state_count || row->input >= spec->input_count) {
            text_print(faults, "%s: row %zu names a state or an input that does not exist\n", spec->name, i);
            count++;
            continue;
        }
        input_used[row->input] = true;
        if (!row->ref || strncmp(row->ref, "RFC", 3) != 0) {
            text_print(faults, "%s: row %zu has no reference\n", spec->name, i);
            count++;
        }
        for (size_t k = 0; k < i; k++) {
            const MachineRow *earlier = &spec->rows[k];
            if (earlier->from != row->from || earlier->input != row->input) continue;
            if (!earlier->guard || earlier->guard == row->guard) {
                text_print(faults, "%s: row %zu (%s, %s) never runs: row %zu comes first\n", spec->name, i,
                           spec->states[row->from], spec->inputs[row->input].name, k);
                count++;
            }
        }
    }
    for (size_t i = 0; i < spec->input_count; i++) {
        if (input_used[i]) continue;
        text_print(faults, "%s: no row takes %s\n", spec->name, spec->inputs[i].name);
        count++;
    }
    return count;
}
