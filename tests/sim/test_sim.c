/* The queue, timers, effects and causes of the simulation. */
#define _POSIX_C_SOURCE 200809L /* fork */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "sim/sim.h"

/* True if `run` ends the program by a CHECK; its words are swallowed. */
static bool ends_by_check(void (*run)(void)) {
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr)) _exit(1);
        signal(SIGABRT, SIG_DFL);
        run();
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

/* ---- The queue ---- */

typedef struct {
    Sim *sim;
    char order[64];
    SimTime at[64];
    size_t count;
} Diary;

static void note(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    Diary *diary = self;
    (void)other, (void)cause;
    diary->at[diary->count] = sim_now(diary->sim);
    diary->order[diary->count++] = (char)number;
}

static void note_and_more(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    Diary *diary = self;
    note(self, number, other, cause);
    sim_schedule(diary->sim, sim_now(diary->sim), note, diary, 'z', 0, TRACE_NONE); /* now: behind all that is due now */
}

static void events_at_one_instant_keep_their_order(void **state) {
    (void)state;
    Diary diary = {.sim = sim_new(1, true)};
    Sim *sim = diary.sim;
    sim_schedule(sim, 5, note, &diary, 'e', 0, TRACE_NONE);
    sim_schedule(sim, 3, note_and_more, &diary, 'a', 0, TRACE_NONE);
    sim_schedule(sim, 3, note, &diary, 'b', 0, TRACE_NONE);
    sim_schedule(sim, 3, note, &diary, 'c', 0, TRACE_NONE);
    sim_schedule(sim, 3, note, &diary, 'd', 0, TRACE_NONE);
    assert_int_equal(sim_next_at(sim), 3);
    while (sim_step(sim, 4)) continue;
    assert_string_equal(diary.order, "abcdz");
    assert_int_equal(sim_now(sim), 4); /* nothing more is due: the clock stands where it was told to */
    assert_false(sim_step(sim, SIM_NEVER - 1) && sim_step(sim, SIM_NEVER));
    assert_string_equal(diary.order, "abcdze");
    assert_int_equal(diary.at[5], 5);
    assert_int_equal(sim_now(sim), 5); /* SIM_NEVER moves no clock */
    assert_int_equal(sim_events_done(sim), 6);
    assert_int_equal(sim_next_at(sim), SIM_NEVER);
    sim_free(sim);
}

typedef struct {
    SimTime last_at;
    uint64_t last_number, ran;
    Sim *sim;
} Watch;

static void watch(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    Watch *w = self;
    (void)other, (void)cause;
    SimTime now = sim_now(w->sim);
    assert_true(now > w->last_at || (now == w->last_at && number > w->last_number));
    w->last_at = now;
    w->last_number = number;
    w->ran++;
}

static void a_long_queue_stays_in_order(void **state) {
    (void)state;
    Watch w = {.last_at = -1, .sim = sim_new(1, true)};
    RandomStream random = random_stream(1, "test", "queue");
    for (uint64_t i = 0; i < 5000; i++) {
        sim_schedule(w.sim, sim_now(w.sim) + random_between(&random, 0, 500), watch, &w, i, 0, TRACE_NONE);
        if (i % 3 == 0) (void)!sim_step(w.sim, SIM_NEVER - 1);
    }
    while (sim_step(w.sim, SIM_NEVER)) continue;
    assert_int_equal(w.ran, 5000);
    sim_free(w.sim);
}

static void schedule_in_the_past(void) {
    Diary diary = {.sim = sim_new(1, true)};
    (void)!sim_step(diary.sim, 10);
    sim_schedule(diary.sim, 9, note, &diary, 'x', 0, TRACE_NONE);
}
static void advance_over_an_event(void) {
    Diary diary = {.sim = sim_new(1, true)};
    sim_schedule(diary.sim, 9, note, &diary, 'x', 0, TRACE_NONE);
    sim_advance(diary.sim, 10);
}
static void record_with_a_cause_to_come(void) {
    Sim *sim = sim_new(1, true);
    sim_record_text(sim, TRACE_SAY, SAY_TEXT, TRACE_NONE, "x", 1, 0);
}
static void record_before_the_last(void) {
    Sim *sim = sim_new(1, true);
    trace_add(sim_trace(sim), &(TraceRecord){.at = 5, .cause = TRACE_NONE, .kind = TRACE_SAY});
    trace_add(sim_trace(sim), &(TraceRecord){.at = 4, .cause = TRACE_NONE, .kind = TRACE_SAY});
}
static void a_random_number_below_nothing(void) {
    RandomStream random = random_stream(1, "test", "x");
    (void)random_below(&random, 0);
}

static void what_must_not_be(void **state) {
    (void)state;
    assert_true(ends_by_check(schedule_in_the_past));
    assert_true(ends_by_check(advance_over_an_event));
    assert_true(ends_by_check(record_with_a_cause_to_come));
    assert_true(ends_by_check(record_before_the_last));
    assert_true(ends_by_check(a_random_number_below_nothing));
}

/* ---- A machine and its effects ---- */

enum { A, B, C, STATE_COUNT };
enum { ON_GO, ON_MESSAGE, ON_TIMER, ON_OTHER_TIMER, ON_ANSWER };
enum { TIMER_ONE, TIMER_TWO };

typedef struct {
    Machine machine;
    EffectCarrier carrier;
    Sim *sim;
    int value;
    char log[200]; /* what the carrier was told */
    uint32_t causes[20];
    size_t told;
    uint8_t nested_left;
} Thing;

static const FactSpec fact_noted = {"test.noted", 2, {{"value", FACT_NUMBER}, {"word", FACT_NAME}}};

static bool is_odd(const void *self, const void *argument) {
    (void)argument;
    return ((const Thing *)self)->value % 2 == 1;
}
static bool is_big(const void *self, const void *argument) {
    (void)argument;
    return ((const Thing *)self)->value > 10;
}

static void act(void *self, const void *argument, Effects *effects) {
    Thing *thing = self;
    (void)argument;
    thing->value += 100;
    DatagramTo to = {.destination = 1, .proto = TRACE_PROTO_OTHER};
    uint8_t *octets = effect_send_begin(effects, &to, 100);
    memcpy(octets, "first", 5);
    effect_send_done(effects, 5);
    effect_fact(effects, &fact_noted, (int64_t[]){thing->value, fact_name("word")});
    effect_timer_set(effects, TIMER_ONE, effects->now + 10);
    effect_ask(effects, ASK_PING, 7, "abc", 3);
    octets = effect_send_begin(effects, &to, 100);
    memcpy(octets, "second", 6);
    effect_send_done(effects, 6);
}

static void set_two(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_set(effects, TIMER_TWO, effects->now + 20);
    effect_timer_set(effects, TIMER_ONE, effects->now + 50); /* anew */
}
static void clear_two(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, TIMER_TWO);
    effect_timer_clear(effects, TIMER_TWO); /* clearing what does not run says nothing */
}

static const char *const state_names[] = {"A", "B", "C"};
static const MachineInput inputs[] = {{"go", INPUT_COMMAND}, {"message", INPUT_WIRE}, {"one", INPUT_TIMER}, {"two", INPUT_TIMER}, {"answer", INPUT_ANSWER}};
static const char *const timer_names[] = {"one", "two"};
static const MachineRow rows[] = {
    MACHINE_ROW(A, ON_GO, is_odd, NULL, A, "RFC 0"), MACHINE_ROW(A, ON_GO, is_big, NULL, C, "RFC 0"), MACHINE_ROW(A, ON_GO, NULL, act, B, "RFC 0"),
    MACHINE_ROW(B, ON_GO, NULL, set_two, B, "RFC 0"), MACHINE_ROW(B, ON_MESSAGE, NULL, clear_two, B, "RFC 0"), MACHINE_ROW(B, ON_TIMER, NULL, NULL, C, "RFC 0"),
    MACHINE_ROW(B, ON_OTHER_TIMER, NULL, NULL, A, "RFC 0"), MACHINE_ROW(B, ON_ANSWER, NULL, NULL, B, "RFC 0"),
};
static const MachineSpec spec = {.name = "test.thing", .states = state_names, .state_count = STATE_COUNT, .inputs = inputs, .input_count = 5,
                                 .rows = rows, .row_count = sizeof rows / sizeof rows[0], .timers = timer_names, .timer_count = 2};

static bool step(Thing *thing, uint8_t input, uint32_t cause) {
    Effects *effects = sim_effects(thing->sim);
    bool took = machine_step(&thing->machine, input, NULL, effects);
    sim_apply(thing->sim, effects, cause);
    return took;
}

static void tell(Thing *thing, const char *text, uint32_t cause) {
    strcat(thing->log, text);
    thing->causes[thing->told++] = cause;
}
static void on_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    (void)to, (void)machine;
    char text[32] = "send ";
    memcpy(text + 5, payload.at, payload.size);
    tell(self, strcat(text, ";"), cause);
}
static void on_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    Thing *thing = self;
    (void)machine;
    assert_int_equal(effect->ask.number, 7);
    assert_memory_equal(octets.at, "abc", 3);
    tell(thing, "ask;", cause);
    if (thing->nested_left > 0) { /* answered at once: a step inside the step's effects */
        thing->nested_left--;
        step(thing, ON_ANSWER, cause);
    }
}
static void on_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    (void)machine;
    tell(self, timer == TIMER_ONE ? "one;" : "two;", cause);
    step(self, timer == TIMER_ONE ? ON_TIMER : ON_OTHER_TIMER, cause);
}

static Thing *thing_new(bool keep) {
    Sim *sim = sim_new(1, keep);
    Thing *thing = arena_alloc(sim_arena(sim), sizeof *thing);
    thing->sim = sim;
    uint32_t host = trace_add_host(sim_trace(sim), &(DirectoryHost){.name = "h"});
    thing->carrier = (EffectCarrier){thing, host, on_send, on_ask, on_timer, sim, NULL};
    machine_init(&thing->machine, &spec, thing, &thing->carrier, trace_add_machine(sim_trace(sim), host, &spec), 3);
    return thing;
}

static void the_first_row_whose_guard_holds(void **state) {
    (void)state;
    static const struct {
        int value;
        uint8_t to;
        uint16_t row;
    } cases[] = {{1, A, 0}, {13, A, 0}, {12, C, 1}, {2, B, 2}};
    for (size_t i = 0; i < 4; i++) {
        Thing *thing = thing_new(true);
        thing->value = cases[i].value;
        assert_true(step(thing, ON_GO, TRACE_NONE));
        assert_int_equal(thing->machine.state, cases[i].to);
        const TraceRecord *record = trace_get(sim_trace(thing->sim), 0);
        assert_int_equal(record->kind, TRACE_STATE);
        assert_int_equal(record->state.row, cases[i].row);
        assert_int_equal(record->state.from, A);
        assert_int_equal(record->state.to, cases[i].to);
        assert_int_equal(record->state.input, ON_GO);
        assert_int_equal(record->state.subject, 3);
        sim_free(thing->sim);
    }
}

static void effects_happen_in_order_and_name_their_cause(void **state) {
    (void)state;
    Thing *thing = thing_new(true);
    thing->nested_left = 1;
    uint32_t command = sim_record_text(thing->sim, TRACE_COMMAND, 0, TRACE_NONE, "go", 2, TRACE_NONE);
    step(thing, ON_GO, command);
    assert_string_equal(thing->log, "send first;ask;send second;");
    const Trace *trace = sim_trace(thing->sim);
    static const uint8_t kinds[] = {TRACE_COMMAND, TRACE_STATE, TRACE_FACT, TRACE_TIMER, TRACE_STATE};
    static const uint32_t causes[] = {TRACE_NONE, 0, 1, 1, 1};
    assert_int_equal(trace_count(trace), 5);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(trace_get(trace, i)->kind, kinds[i]);
        assert_int_equal(trace_get(trace, i)->cause, causes[i]);
    }
    for (size_t i = 0; i < 3; i++) assert_int_equal(thing->causes[i], 1); /* all led to by the step */
    const TraceRecord *fact = trace_get(trace, 2);
    assert_ptr_equal(trace_fact_spec(trace, fact), &fact_noted);
    assert_int_equal(trace_fact_values(trace, fact)[0], 100);
    assert_string_equal(trace_fact_name(trace_fact_values(trace, fact)[1]), "word");
    const TraceRecord *set = trace_get(trace, 3);
    assert_int_equal(set->code, TIMER_SET);
    assert_int_equal(set->timer.expires_at, 10);
    sim_free(thing->sim);
}

static void timers_expire_once_and_not_when_set_anew_or_cleared(void **state) {
    (void)state;
    Thing *thing = thing_new(true);
    step(thing, ON_GO, TRACE_NONE); /* one at 10 */
    (void)!sim_step(thing->sim, 5);
    step(thing, ON_GO, TRACE_NONE); /* two at 25, one at 55 */
    (void)!sim_step(thing->sim, 9);
    step(thing, ON_MESSAGE, TRACE_NONE); /* two is cleared */
    thing->log[0] = 0;
    while (sim_step(thing->sim, 1000)) continue;
    assert_string_equal(thing->log, "one;");
    assert_int_equal(thing->machine.state, C);
    const Trace *trace = sim_trace(thing->sim);
    size_t cleared = 0, expired = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *record = trace_get(trace, i);
        if (record->kind != TRACE_TIMER) continue;
        cleared += record->code == TIMER_CLEARED;
        if (record->code != TIMER_EXPIRED) continue;
        expired++;
        assert_int_equal(record->at, 55);
        const TraceRecord *set = trace_get(trace, record->cause); /* led to by its setting */
        assert_int_equal(set->code, TIMER_SET);
        assert_int_equal(set->timer.expires_at, 55);
        assert_int_equal(trace_get(trace, i + 1)->cause, i); /* and the step by the expiry */
    }
    assert_int_equal(cleared, 1);
    assert_int_equal(expired, 1);
    sim_free(thing->sim);
}

static void silence_stops_timers_without_a_word(void **state) {
    (void)state;
    Thing *thing = thing_new(true);
    step(thing, ON_GO, TRACE_NONE);
    sim_machine_silence(&thing->machine);
    size_t count = trace_count(sim_trace(thing->sim));
    while (sim_step(thing->sim, 1000)) continue;
    assert_int_equal(trace_count(sim_trace(thing->sim)), count);
    sim_free(thing->sim);
}

static void what_no_row_takes(void **state) {
    (void)state;
    Thing *thing = thing_new(true);
    uint32_t message = sim_record_message(thing->sim, 0, 0, MESSAGE_RECEIVED, TRACE_PROTO_OTHER, frame_store_add(sim_frames(thing->sim), bytes_of("frame", 5)), 2, 3, 0, TRACE_NONE);
    assert_false(step(thing, ON_MESSAGE, message)); /* from the wire: ignored, visibly */
    assert_int_equal(thing->machine.state, A);
    const Trace *trace = sim_trace(thing->sim);
    const TraceRecord *ignored = trace_get(trace, 1);
    assert_int_equal(ignored->kind, TRACE_IGNORED);
    assert_string_equal(trace_directory(trace)->reasons[ignored->small], "machine.no_arrow");
    assert_int_equal(ignored->ignored.input, ON_MESSAGE);
    assert_int_equal(ignored->ignored.frame, 0); /* that of the message it came in */
    assert_int_equal(ignored->ignored.subject, 3);
    assert_int_equal(ignored->cause, message);
    sim_free(thing->sim);
}

static void take_an_unlisted_timer(void) { step(thing_new(true), ON_TIMER, TRACE_NONE); }
static void give_an_unknown_input(void) { step(thing_new(true), 5, TRACE_NONE); }
static void nest_too_deep(void) {
    Thing *thing = thing_new(true);
    for (int i = 0; i < 1000; i++) sim_effects(thing->sim);
}
static void apply_out_of_turn(void) {
    Thing *thing = thing_new(true);
    Effects *outer = sim_effects(thing->sim);
    sim_effects(thing->sim);
    sim_apply(thing->sim, outer, TRACE_NONE);
}
static void set_a_timer_in_the_past(void) {
    Thing *thing = thing_new(true);
    (void)!sim_step(thing->sim, 10);
    Effects *effects = sim_effects(thing->sim);
    effects->current = &thing->machine;
    effect_timer_set(effects, TIMER_ONE, 9);
}
static void do_nothing(void) {}
static void programmers_errors_end_the_program(void **state) {
    (void)state;
    assert_true(ends_by_check(take_an_unlisted_timer));
    assert_true(ends_by_check(give_an_unknown_input));
    assert_true(ends_by_check(nest_too_deep));
    assert_true(ends_by_check(apply_out_of_turn));
    assert_true(ends_by_check(set_a_timer_in_the_past));
    assert_false(ends_by_check(do_nothing)); /* and nothing else does */
}

/* ---- Trace and frames ---- */

static void records_stay_where_they_are(void **state) {
    (void)state;
    Trace *trace = trace_new(true);
    enum { MANY = 20000 }; /* over several chunks */
    for (uint32_t i = 0; i < MANY; i++) {
        TraceRecord record = {.at = i, .cause = i ? i - 1 : TRACE_NONE, .kind = TRACE_SAY};
        record.text.text_at = trace_put_text(trace, (const char *)&(char[8]){(char)('a' + i % 26)}, 1);
        record.text.text_size = 1;
        assert_int_equal(trace_add(trace, &record), i);
    }
    const TraceRecord *first = trace_get(trace, 0);
    for (uint32_t i = 0; i < MANY; i++) {
        const TraceRecord *record = trace_get(trace, i);
        assert_int_equal(record->at, i);
        assert_int_equal(trace_text(trace, record)[0], 'a' + (int)(i % 26));
        assert_int_equal(trace_text(trace, record)[1], 0);
    }
    assert_ptr_equal(first, trace_get(trace, 0));
    assert_true(trace_keeps(trace));
    assert_int_equal(trace_reason_index(trace, "one"), trace_reason_index(trace, "one"));
    assert_true(trace_reason_index(trace, "two") != trace_reason_index(trace, "one"));
    char again[] = "one"; /* the same words elsewhere in memory are the same reason */
    assert_int_equal(trace_reason_index(trace, again), trace_reason_index(trace, "one"));
    trace_free(trace);
}

static void a_trace_that_keeps_nothing(void **state) {
    (void)state;
    Thing *thing = thing_new(false);
    for (int i = 0; i < 100; i++) {
        thing->machine.state = A;
        thing->value = 2;
        thing->told = 0;
        thing->log[0] = 0;
        step(thing, ON_GO, TRACE_NONE);
    }
    assert_false(trace_keeps(sim_trace(thing->sim)));
    assert_int_equal(trace_count(sim_trace(thing->sim)), 0);
    assert_int_equal(trace_footprint(sim_trace(thing->sim)), 0);
    assert_string_equal(thing->log, "send first;ask;send second;"); /* things happen all the same */
    sim_free(thing->sim);
}

static void frames_are_kept_for_good(void **state) {
    (void)state;
    FrameStore *store = frame_store_new(false);
    const uint8_t *places[3000];
    for (uint32_t i = 0; i < 3000; i++) {
        uint8_t octets[1000];
        memset(octets, (int)i, sizeof octets);
        assert_int_equal(frame_store_add(store, bytes_of(octets, i % 1000)), i);
        places[i] = frame_store_get(store, i).at;
        frame_store_release(store, i); /* no effect */
    }
    for (uint32_t i = 0; i < 3000; i++) {
        Bytes frame = frame_store_get(store, i);
        assert_int_equal(frame.size, i % 1000);
        assert_ptr_equal(frame.at, places[i]); /* octets never move */
        for (size_t k = 0; k < frame.size; k++) assert_int_equal(frame.at[k], (uint8_t)i);
    }
    assert_int_equal(frame_store_count(store), 3000);
    frame_store_free(store);
}

static void transient_frames_are_used_again(void **state) {
    (void)state;
    FrameStore *store = frame_store_new(true);
    FrameId a = frame_store_add(store, bytes_of("aaaa", 4)), b = frame_store_add(store, bytes_of("bb", 2));
    assert_true(a != b);
    frame_store_hold(store, a); /* two holders now */
    frame_store_release(store, a);
    FrameId c = frame_store_add(store, bytes_of("ccc", 3));
    assert_true(c != a && c != b); /* a is held still */
    assert_memory_equal(frame_store_get(store, a).at, "aaaa", 4);
    frame_store_release(store, a);
    FrameId d = frame_store_add(store, bytes_of("d", 1));
    assert_int_equal(d, a); /* the id serves again */
    assert_int_equal(frame_store_get(store, d).size, 1);
    assert_memory_equal(frame_store_get(store, b).at, "bb", 2);
    /* room reserved and not committed is no frame */
    size_t count = frame_store_count(store);
    frame_store_release(store, c);
    memcpy(frame_store_reserve(store, 4), "eeee", 4);
    assert_int_equal(frame_store_add(store, bytes_of("ff", 2)), c);
    assert_int_equal(frame_store_count(store), count);
    for (int i = 0; i < 10000; i++) frame_store_release(store, frame_store_add(store, bytes_of("gg", 2)));
    assert_int_equal(frame_store_count(store), count + 1); /* one place served ten thousand frames */
    frame_store_free(store);
}

static void release_too_often(void) {
    FrameStore *store = frame_store_new(true);
    FrameId a = frame_store_add(store, bytes_of("a", 1));
    frame_store_release(store, a);
    frame_store_release(store, a);
}
static void look_at_no_frame(void) { (void)frame_store_get(frame_store_new(false), 0); }
static void misuse_of_frames(void **state) {
    (void)state;
    assert_true(ends_by_check(release_too_often));
    assert_true(ends_by_check(look_at_no_frame));
}

/* ---- Time ---- */

static void spans(void **state) {
    (void)state;
    static const struct {
        const char *text;
        SimTime time;
    } good[] = {{"1ns", 1}, {"3us", 3000}, {"250ms", 250000000}, {"1.5s", 1500000000}, {"2m", 120 * SIM_SECOND}, {"1h", 3600 * SIM_SECOND},
                {"8d", 691200 * SIM_SECOND}, {"0s", 0}, {".5s", 500000000}, {"1.s", SIM_SECOND}, {"0.000000001s", 1}, {"0.0000000001s", 0},
                {"1.5d", 129600 * SIM_SECOND}, {"0.1h", 360 * SIM_SECOND}, {"12 s", 12 * SIM_SECOND}, {"106750d", INT64_C(106750) * 86400 * SIM_SECOND}, {"1.23456789012345s", 1234567890}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        SimTime time = -1;
        if (!sim_time_parse(good[i].text, &time) || time != good[i].time) fail_msg("%s gave %lld", good[i].text, (long long)time);
    }
    static const char *const bad[] = {"", "s", "1", "1.2.3s", "-1s", "1 week", "1S", "1s ", "ms", ".s", "106752d", "9999999999999999s", "999999999999d", "1e3s", "0.0000000000000001s" /* more digits than are read */};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        SimTime time;
        if (sim_time_parse(bad[i], &time)) fail_msg("\"%s\" was taken", bad[i]);
    }
    static const struct {
        SimTime time;
        int places;
        const char *text;
    } printed[] = {{0, 9, "0.000000000"}, {1, 9, "0.000000001"}, {12500000000, 9, "12.500000000"}, {1999999999, 0, "1"}, {1999999999, 3, "1.999"},
                   {-1500000000, 3, "-1.500"}, {-1, 9, "-0.000000001"}, {INT64_MIN, 9, "-9223372036.854775808"}, {SIM_NEVER, 9, "9223372036.854775807"}};
    for (size_t i = 0; i < sizeof printed / sizeof printed[0]; i++) {
        Text text = text_new();
        sim_time_print(&text, printed[i].time, printed[i].places);
        assert_string_equal(text_get(&text), printed[i].text);
        text_free(&text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_at_one_instant_keep_their_order),
        cmocka_unit_test(a_long_queue_stays_in_order),
        cmocka_unit_test(what_must_not_be),
        cmocka_unit_test(the_first_row_whose_guard_holds),
        cmocka_unit_test(effects_happen_in_order_and_name_their_cause),
        cmocka_unit_test(timers_expire_once_and_not_when_set_anew_or_cleared),
        cmocka_unit_test(silence_stops_timers_without_a_word),
        cmocka_unit_test(what_no_row_takes),
        cmocka_unit_test(programmers_errors_end_the_program),
        cmocka_unit_test(records_stay_where_they_are),
        cmocka_unit_test(a_trace_that_keeps_nothing),
        cmocka_unit_test(frames_are_kept_for_good),
        cmocka_unit_test(transient_frames_are_used_again),
        cmocka_unit_test(misuse_of_frames),
        cmocka_unit_test(spans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
