#include "sim/effects.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

void effects_free(Effects *effects) {
    free(effects->items);
    free(effects->octets);
    *effects = (Effects){0};
}

void effects_begin(Effects *effects, SimTime now) {
    effects->count = effects->octets_size = 0;
    effects->current = NULL;
    effects->now = now;
}

Effect *effects_add(Effects *effects, EffectKind kind) {
    effects->items = array_grow(effects->items, &effects->capacity, effects->count + 1, sizeof(Effect));
    Effect *effect = &effects->items[effects->count++];
    effect->kind = (uint8_t)kind;
    effect->machine = effects->current;
    return effect;
}

static uint32_t pool_room(Effects *effects, size_t size) {
    size_t start = (effects->octets_size + 7) / 8 * 8;
    effects->octets = array_grow(effects->octets, &effects->octets_capacity, start + size, 1);
    effects->octets_size = start;
    return (uint32_t)start;
}

uint8_t *effect_send_begin(Effects *effects, const DatagramTo *to, size_t most) {
    Effect *effect = effects_add(effects, EFFECT_SEND);
    effect->send.to = *to;
    effect->send.octets_at = pool_room(effects, most);
    effect->send.size = 0;
    return effects->octets + effect->send.octets_at;
}

void effect_send_done(Effects *effects, size_t size) {
    CHECK(effects->count > 0);
    Effect *effect = &effects->items[effects->count - 1];
    CHECK(effect->kind == EFFECT_SEND && effect->send.octets_at + size <= effects->octets_capacity);
    effect->send.size = (uint32_t)size;
    effects->octets_size = effect->send.octets_at + size;
}

void effect_timer_set(Effects *effects, uint8_t timer, SimTime at) {
    CHECK(timer < effects->current->spec->timer_count && at >= effects->now);
    Effect *effect = effects_add(effects, EFFECT_TIMER_SET);
    effect->timer.timer = timer;
    effect->timer.at = at;
}

void effect_timer_clear(Effects *effects, uint8_t timer) {
    CHECK(timer < effects->current->spec->timer_count);
    effects_add(effects, EFFECT_TIMER_CLEAR)->timer.timer = timer;
}

void effect_fact(Effects *effects, const FactSpec *spec, const int64_t *values) {
    uint32_t at = pool_room(effects, spec->count * sizeof(int64_t));
    if (spec->count > 0) memcpy(effects->octets + at, values, spec->count * sizeof(int64_t));
    effects->octets_size = at + spec->count * sizeof(int64_t);
    Effect *effect = effects_add(effects, EFFECT_FACT);
    effect->fact.spec = spec;
    effect->fact.values_at = at;
}

void effect_ask(Effects *effects, AskKind ask, int64_t number, const void *octets, size_t size) {
    uint32_t at = pool_room(effects, size);
    if (size > 0) memcpy(effects->octets + at, octets, size);
    effects->octets_size = at + size;
    Effect *effect = effects_add(effects, EFFECT_ASK);
    effect->ask.ask = (uint8_t)ask;
    effect->ask.number = number;
    effect->ask.octets_at = at;
    effect->ask.size = (uint32_t)size;
}

static uint32_t pool_put(Effects *effects, Bytes octets) {
    uint32_t at = pool_room(effects, octets.size);
    if (octets.size > 0) memcpy(effects->octets + at, octets.at, octets.size);
    effects->octets_size = at + octets.size;
    return at;
}

static void add_said(Effects *effects, StreamPart part, bool received, uint32_t at, size_t size) {
    Effect *effect = effects_add(effects, EFFECT_SAID);
    effect->said.part = (uint8_t)part;
    effect->said.received = received;
    effect->said.octets_at = at;
    effect->said.size = (uint32_t)size;
}

static void add_write(Effects *effects, uint32_t at, size_t size) {
    Effect *effect = effects_add(effects, EFFECT_WRITE);
    effect->write.octets_at = at;
    effect->write.size = (uint32_t)size;
}

void effect_say(Effects *effects, StreamPart part, Bytes octets) {
    uint32_t at = pool_put(effects, octets);
    add_said(effects, part, false, at, octets.size);
    add_write(effects, at, octets.size);
}

void effect_heard(Effects *effects, Machine *machine, StreamPart part, Bytes octets) {
    effects->current = machine;
    add_said(effects, part, true, pool_put(effects, octets), octets.size);
}

void effect_said(Effects *effects, StreamPart part, Bytes octets) {
    add_said(effects, part, false, pool_put(effects, octets), octets.size);
}

void effect_write(Effects *effects, Bytes octets) { add_write(effects, pool_put(effects, octets), octets.size); }

void effect_close(Effects *effects) { effects_add(effects, EFFECT_CLOSE); }

void effect_abort(Effects *effects) { effects_add(effects, EFFECT_ABORT); }

void effect_ignored(Effects *effects, Machine *machine, const char *reason) {
    effects->current = machine;
    Effect *effect = effects_add(effects, EFFECT_IGNORED);
    effect->ignored.reason = reason;
    effect->ignored.input = 255;
}
