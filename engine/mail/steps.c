#include "mail/steps.h"

const char *coding_why_name(CodingWhy why) {
    static const char *const names[] = {
#define X(name, identifier) identifier,
        CODING_WHYS(X)
#undef X
    };
    CHECK((size_t)why < sizeof names / sizeof names[0]);
    return names[why];
}

void coding_step(Arena *arena, CodingSteps *steps, CodingStep step) {
    if (steps->count == steps->most) {
        steps->cut = true;
        return;
    }
    steps->items = mail_grow(arena, steps->items, &steps->capacity, steps->count + 1, sizeof step);
    steps->items[steps->count++] = step;
}
