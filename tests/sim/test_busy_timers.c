/* A busy timer (MachineSpec.busy_timers): exact at first, then told as late as can be, and never wrongly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/sim.h"

static const char *const states[] = {"ONLY"};
static const MachineInput inputs[] = {{"expired", INPUT_TIMER}};
static const MachineRow rows[] = {MACHINE_ROW(0, 0, NULL, NULL, 0, "RFC 1")};
static const char *const timers[] = {"busy", "exact"};
static const MachineSpec spec = {
    .name = "busy", MACHINE_LISTS(states, inputs, rows), MACHINE_TIMER_LIST(timers), .busy_timers = 1};

typedef struct {
    Sim *sim;
    EffectCarrier carrier;
    Machine machine;
    SimTime fired_at;
    int fired;
} Thing;

static void on_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    Thing *t = self;
    (void)machine, (void)timer, (void)cause;
    t->fired++;
    t->fired_at = sim_now(t->sim);
}

static Thing *thing_new(void) {
    static Thing t;
    t = (Thing){.sim = sim_new(1, true)};
    uint32_t host = trace_add_host(sim_trace(t.sim), &(DirectoryHost){.name = "h", .kind = NODE_HOST});
    t.carrier = (EffectCarrier){.self = &t, .host = host, .timer = on_timer, .sim = t.sim};
    machine_init(&t.machine, &spec, &t, &t.carrier, trace_add_machine(sim_trace(t.sim), host, &spec), 0);
    return &t;
}

static void set(Thing *t, uint8_t timer, SimTime at) {
    Effects *effects = sim_effects(t->sim);
    effects->current = &t->machine;
    if (at == SIM_NEVER) effect_timer_clear(effects, timer);
    else effect_timer_set(effects, timer, at);
    sim_apply(t->sim, effects, TRACE_NONE);
}

static void run_to(Thing *t, SimTime until) {
    while (sim_step(t->sim, until)) {}
}

static size_t records(const Thing *t) { return trace_count(sim_trace(t->sim)); }
static const TraceRecord *last(const Thing *t) { return trace_get(sim_trace(t->sim), records(t) - 1); }

/* Moves the timer on until its changes are no longer told one by one; it then runs until `at`. */
static void make_busy(Thing *t, uint8_t timer, SimTime at) {
    for (int i = 0; i < MACHINE_TIMER_EXACT; i++) {
        size_t before = records(t);
        set(t, timer, at);
        if (i < MACHINE_TIMER_EXACT - 1) assert_int_equal(records(t), before + 1);
    }
}

static void at_first_every_change_is_told(void **state) {
    (void)state;
    Thing *t = thing_new();
    set(t, 0, 10);
    set(t, 0, 20);
    set(t, 0, 15);
    assert_int_equal(records(t), 3);
    set(t, 0, SIM_NEVER);
    assert_int_equal(records(t), 4);
    assert_int_equal(last(t)->code, TIMER_CLEARED);
    run_to(t, 100);
    assert_int_equal(records(t), 4);
    assert_int_equal(t->fired, 0);
    sim_free(t->sim);
}

static void a_busy_one_is_moved_on_in_silence_and_fires_at_its_last_time(void **state) {
    (void)state;
    Thing *t = thing_new();
    make_busy(t, 0, 10);
    size_t before = records(t);
    set(t, 0, 20);
    set(t, 0, 35);
    assert_int_equal(records(t), before);
    run_to(t, 10); /* when it was due as the trace has it, the trace is told of the new time */
    assert_int_equal(t->fired, 0);
    assert_int_equal(records(t), before + 1);
    assert_int_equal(last(t)->code, TIMER_SET);
    assert_int_equal(last(t)->timer.expires_at, 35);
    assert_true(trace_get(sim_trace(t->sim), last(t)->cause)->kind == TRACE_TIMER);
    run_to(t, 34);
    assert_int_equal(t->fired, 0);
    run_to(t, 35);
    assert_int_equal(t->fired, 1);
    assert_int_equal(t->fired_at, 35);
    assert_int_equal(last(t)->code, TIMER_EXPIRED);
    run_to(t, 100);
    assert_int_equal(t->fired, 1);
    sim_free(t->sim);
}

static void cleared_it_says_so_when_it_would_have_been_due(void **state) {
    (void)state;
    Thing *t = thing_new();
    make_busy(t, 0, 10);
    size_t before = records(t);
    set(t, 0, SIM_NEVER);
    assert_int_equal(t->machine.timers[0].at, SIM_NEVER);
    assert_int_equal(records(t), before);
    run_to(t, 10);
    assert_int_equal(records(t), before + 1);
    assert_int_equal(last(t)->code, TIMER_CLEARED);
    run_to(t, 100);
    assert_int_equal(t->fired, 0);
    assert_int_equal(records(t), before + 1);
    /* Set again it is told at once: nothing is in the queue for it. */
    set(t, 0, 200);
    assert_int_equal(records(t), before + 2);
    run_to(t, 200);
    assert_int_equal(t->fired, 1);
    sim_free(t->sim);
}

static void cleared_and_set_again_before_it_was_due(void **state) {
    (void)state;
    Thing *t = thing_new();
    make_busy(t, 0, 10);
    size_t before = records(t);
    set(t, 0, SIM_NEVER);
    set(t, 0, 12);
    assert_int_equal(records(t), before);
    run_to(t, 50);
    assert_int_equal(t->fired, 1);
    assert_int_equal(t->fired_at, 12);
    sim_free(t->sim);
}

static void an_earlier_time_is_told_at_once(void **state) {
    (void)state;
    Thing *t = thing_new();
    make_busy(t, 0, 50);
    size_t before = records(t);
    set(t, 0, 30);
    assert_int_equal(records(t), before + 1);
    run_to(t, 30);
    assert_int_equal(t->fired, 1);
    run_to(t, 100);
    assert_int_equal(t->fired, 1);
    sim_free(t->sim);
}

static void other_timers_stay_exact(void **state) {
    (void)state;
    Thing *t = thing_new();
    make_busy(t, 1, 10);
    size_t before = records(t);
    set(t, 1, 20);
    assert_int_equal(records(t), before + 1);
    run_to(t, 10);
    assert_int_equal(records(t), before + 1);
    sim_free(t->sim);
}

static void a_machine_used_again_begins_exact(void **state) {
    (void)state;
    Thing *t = thing_new();
    make_busy(t, 0, 10);
    set(t, 0, 20);
    machine_reuse(&t->machine, 5);
    size_t before = records(t);
    run_to(t, 30);
    assert_int_equal(t->fired, 0);
    assert_int_equal(records(t), before);
    set(t, 0, 40);
    set(t, 0, 50);
    assert_int_equal(records(t), before + 2);
    sim_free(t->sim);
}

static void stopped_everything_shown_is_told(void **state) {
    (void)state;
    Thing *t = thing_new();
    make_busy(t, 0, 10);
    set(t, 0, SIM_NEVER); /* cleared, and not yet told */
    set(t, 1, 20);
    size_t before = records(t);
    sim_machine_stop(&t->machine, TRACE_NONE);
    assert_int_equal(records(t), before + 2);
    assert_int_equal(last(t)->code, TIMER_CLEARED);
    assert_int_equal(trace_get(sim_trace(t->sim), before)->code, TIMER_CLEARED);
    run_to(t, 100);
    assert_int_equal(records(t), before + 2);
    assert_int_equal(t->fired, 0);
    sim_machine_stop(&t->machine, TRACE_NONE);
    assert_int_equal(records(t), before + 2);
    sim_free(t->sim);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_first_every_change_is_told),
        cmocka_unit_test(a_busy_one_is_moved_on_in_silence_and_fires_at_its_last_time),
        cmocka_unit_test(cleared_it_says_so_when_it_would_have_been_due),
        cmocka_unit_test(cleared_and_set_again_before_it_was_due),
        cmocka_unit_test(an_earlier_time_is_told_at_once),
        cmocka_unit_test(other_timers_stay_exact),
        cmocka_unit_test(a_machine_used_again_begins_exact),
        cmocka_unit_test(stopped_everything_shown_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
