/* The timeline: the stage at chosen moments of a trace told by hand, and, on long random traces, that any way of
 * getting to a place gives the same state as folding from the start. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "observe/fixture.h"
#include "observe/timeline.h"

static void at_chosen_moments(void **state) {
    (void)state;
    Fixture f;
    fixture_make(&f);
    Timeline *tl = timeline_new(f.trace);
    const TimelineState *s = timeline_state(tl);
    assert_int_equal(s->seq_end, 0);
    assert_int_equal(s->host_count, 4);
    assert_int_equal(s->interface_count, 3); /* a switch's ports are none */
    assert_false(s->hosts[FIXTURE_PC1].powered);

    timeline_seek(tl, 0);
    assert_true(s->hosts[FIXTURE_PC1].powered && s->hosts[FIXTURE_SERVER].powered);
    const TimelineInterface *eth = timeline_interface(tl, FIXTURE_SERVER, 0);
    assert_int_equal(eth->address, FIXTURE_SERVER_IP);
    assert_int_equal(eth->prefix_length, 24);
    assert_true(eth->up);
    assert_int_equal(eth->link, f.link[FIXTURE_SERVER]);
    assert_true(mac_equal(eth->mac, fixture_mac(FIXTURE_SERVER)));
    assert_null(timeline_held_lease(tl, FIXTURE_PC1));
    assert_int_not_equal(s->phase, TIMELINE_NONE);
    assert_int_equal(s->beat, TIMELINE_NONE);
    const TimelineMachine *client = timeline_machine(tl, FIXTURE_PC1, "dhcp.client", 0);
    assert_string_equal(timeline_state_name(tl, client), "INIT");
    assert_int_equal(client->record, TIMELINE_NONE);

    timeline_seek(tl, SIM_SECOND); /* the DISCOVER has left */
    assert_string_equal(timeline_state_name(tl, client), "SELECTING");
    assert_int_equal(client->entered_at, SIM_SECOND);
    assert_int_equal(client->from, CLIENT_INIT);
    assert_int_equal(client->timers[CLIENT_TIMER_RETRANSMIT].expires_at, 5 * SIM_SECOND);
    assert_int_equal(client->timers[CLIENT_TIMER_RETRANSMIT].set_at, SIM_SECOND);
    assert_int_equal(client->timers[CLIENT_TIMER_T1].expires_at, SIM_NEVER);
    assert_int_equal(s->beats, 1);
    TimelineFrame frames[4];
    assert_int_equal(timeline_frames(tl, frames, 4), 1);
    assert_int_equal(frames[0].from, FIXTURE_PC1);
    assert_int_equal(frames[0].to, FIXTURE_LAN);
    assert_int_equal(frames[0].arrives_at, SIM_SECOND + SIM_MILLISECOND);
    assert_int_equal(frames[0].code, FRAME_DELIVERED);

    timeline_seek(tl, SIM_SECOND + SIM_MILLISECOND); /* the switch floods it */
    assert_int_equal(timeline_frames(tl, frames, 4), 2);
    assert_int_equal(frames[0].from, FIXTURE_LAN);
    assert_int_equal(frames[0].to, FIXTURE_SERVER);
    assert_int_equal(frames[1].to, FIXTURE_PC2);
    assert_int_equal(timeline_frames(tl, frames, 1), 2);

    timeline_seek(tl, SIM_SECOND + 2 * SIM_MILLISECOND);
    const TimelineMachine *binding = timeline_machine(tl, FIXTURE_SERVER, "dhcp.server", FIXTURE_PC1_IP);
    assert_string_equal(timeline_state_name(tl, binding), "OFFERED");
    assert_int_equal(s->binding_count, 1);
    assert_string_equal(s->bindings[0].state, "OFFERED");
    assert_true(mac_equal(s->bindings[0].client, fixture_mac(FIXTURE_PC1)));

    timeline_seek(tl, 4 * SIM_SECOND);
    assert_string_equal(timeline_state_name(tl, client), "BOUND");
    const TimelineLease *lease = timeline_held_lease(tl, FIXTURE_PC1);
    assert_non_null(lease);
    assert_int_equal(lease->address, FIXTURE_PC1_IP);
    assert_int_equal(lease->server, FIXTURE_SERVER_IP);
    assert_int_equal(lease->expires_at - lease->started_at, 60 * SIM_SECOND);
    assert_int_equal(lease->t1_at, lease->started_at + 30 * SIM_SECOND);
    assert_int_equal(timeline_interface(tl, FIXTURE_PC1, 0)->address, FIXTURE_PC1_IP);
    assert_int_equal(timeline_interface(tl, FIXTURE_PC1, 0)->router, FIXTURE_SERVER_IP);
    assert_int_equal(client->timers[CLIENT_TIMER_RETRANSMIT].expires_at, SIM_NEVER);
    assert_int_equal(client->timers[CLIENT_TIMER_T1].expires_at, lease->t1_at);
    assert_string_equal(s->bindings[0].state, "BOUND");
    assert_int_equal(timeline_frames(tl, frames, 4), 0);

    timeline_seek(tl, 5 * SIM_SECOND); /* a lost frame is on its way too */
    assert_int_equal(timeline_frames(tl, frames, 4), 1);
    assert_int_equal(frames[0].code, FRAME_LOST);

    timeline_seek(tl, 31008 * SIM_MILLISECOND);
    assert_string_equal(timeline_state_name(tl, client), "RENEWING");
    assert_int_equal(client->timers[CLIENT_TIMER_T1].expires_at, SIM_NEVER);
    timeline_seek(tl, 39 * SIM_SECOND);
    assert_string_equal(timeline_state_name(tl, client), "BOUND");
    assert_true(timeline_held_lease(tl, FIXTURE_PC1)->started_at > 31 * SIM_SECOND);

    timeline_seek(tl, 40 * SIM_SECOND); /* without power nothing is left but the cable */
    assert_false(s->hosts[FIXTURE_SERVER].powered);
    assert_int_equal(s->hosts[FIXTURE_SERVER].since, 40 * SIM_SECOND);
    assert_int_equal(timeline_interface(tl, FIXTURE_SERVER, 0)->address, 0);
    assert_true(timeline_interface(tl, FIXTURE_SERVER, 0)->up);
    assert_int_equal(binding->state, BINDING_FREE);
    assert_null(s->bindings[0].state);
    assert_true(s->hosts[FIXTURE_PC1].powered);

    timeline_seek(tl, 45 * SIM_SECOND);
    assert_false(timeline_interface(tl, FIXTURE_PC1, 0)->up);
    timeline_seek(tl, 50 * SIM_SECOND);
    assert_null(timeline_held_lease(tl, FIXTURE_PC1));
    assert_string_equal(s->leases[0].ended, "released");
    assert_int_equal(timeline_interface(tl, FIXTURE_PC1, 0)->address, 0);
    assert_int_equal(s->expectations_held, 1);
    assert_int_equal(s->expectations_failed, 1);
    assert_int_equal(timeline_end(tl), 50 * SIM_SECOND);

    timeline_seek(tl, 0); /* and back to the beginning */
    assert_int_equal(s->binding_count, 1);
    assert_null(s->bindings[0].state);
    assert_int_equal(timeline_interface(tl, FIXTURE_PC1, 0)->address, 0);
    assert_true(timeline_interface(tl, FIXTURE_PC1, 0)->up);
    timeline_free(tl);
    trace_free(f.trace);
}

static void the_index(void **state) {
    (void)state;
    Fixture f;
    fixture_make(&f);
    Timeline *tl = timeline_new(f.trace);
    uint32_t records[64];

    uint32_t beat = timeline_next(tl, 0, TIMELINE_BEATS);
    assert_int_equal(trace_get(f.trace, beat)->code, SAY_BEAT);
    assert_int_equal(timeline_next(tl, beat + 1, TIMELINE_BEATS), TIMELINE_NONE);
    assert_int_equal(timeline_previous(tl, beat, TIMELINE_BEATS), TIMELINE_NONE);
    assert_int_equal(timeline_previous(tl, UINT32_MAX, TIMELINE_BEATS), beat);

    /* every class against a look at every record */
    size_t count, total = 0;
    for (int class = 0; class < TIMELINE_CLASSES; class++) {
        const uint32_t *list = timeline_class(tl, (TimelineClass)(1 << class), &count);
        for (size_t i = 0; i + 1 < count; i++) assert_true(list[i] < list[i + 1]);
        total += count;
    }
    size_t unclassed = 0, sent = 0;
    for (size_t seq = 0; seq < trace_count(f.trace); seq++) {
        const TraceRecord *r = trace_get(f.trace, seq);
        if (r->kind == TRACE_TIMER && r->code != TIMER_EXPIRED) unclassed++;
        if (r->kind == TRACE_FRAME && r->code == FRAME_DELIVERED) unclassed++;
        if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_SENT) {
            sent++;
            assert_int_equal(timeline_next(tl, (uint32_t)seq, TIMELINE_SENT), seq);
            assert_int_equal(timeline_previous(tl, (uint32_t)seq + 1, TIMELINE_SENT | TIMELINE_BEATS), seq);
        }
    }
    assert_int_equal(total + unclassed, trace_count(f.trace));
    timeline_class(tl, TIMELINE_SENT, &count);
    assert_int_equal(count, sent);
    assert_int_equal(sent, 7);
    timeline_class(tl, TIMELINE_LOSSES, &count);
    assert_int_equal(count, 1);

    /* the ACK that bound pc1 goes back to the state change that started it all */
    uint32_t bound = timeline_next(tl, 0, TIMELINE_STATES);
    while (trace_get(f.trace, bound)->state.to != CLIENT_BOUND || trace_get(f.trace, bound)->host != FIXTURE_PC1)
        bound = timeline_next(tl, bound + 1, TIMELINE_STATES);
    count = timeline_causes(tl, bound, records, 64);
    assert_int_equal(records[0], bound);
    for (size_t i = 0; i + 1 < count; i++) assert_int_equal(trace_get(f.trace, records[i])->cause, records[i + 1]);
    const TraceRecord *root = trace_get(f.trace, records[count - 1]);
    assert_int_equal(root->cause, TRACE_NONE);
    assert_int_equal(root->kind, TRACE_STATE);
    assert_int_equal(root->state.to, CLIENT_SELECTING);
    assert_int_equal(timeline_causes(tl, bound, records, 2), count);
    uint32_t ack = timeline_message_of(tl, bound);
    assert_int_equal(trace_get(f.trace, ack)->host, FIXTURE_SERVER);
    assert_int_equal(trace_get(f.trace, ack)->message.frame, f.dhcp_frame[3]);
    assert_int_equal(timeline_message_of(tl, records[0] == bound ? ack : 0), ack);

    count = timeline_consequences(tl, bound, records, 64);
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) assert_int_equal(trace_get(f.trace, records[i])->cause, bound);

    /* the DISCOVER: sent, three transits, ignored by one, received by one */
    count = timeline_frame_records(tl, f.dhcp_frame[0], records, 64);
    assert_int_equal(count, 6);
    static const uint8_t kinds[] = {TRACE_MESSAGE, TRACE_FRAME, TRACE_FRAME, TRACE_FRAME, TRACE_IGNORED, TRACE_MESSAGE};
    for (size_t i = 0; i < count; i++) assert_int_equal(trace_get(f.trace, records[i])->kind, kinds[i]);
    assert_int_equal(timeline_frame_records(tl, 12345, records, 64), 0);

    assert_int_equal(timeline_seq_at(tl, -1), 0);
    assert_int_equal(timeline_seq_at(tl, SIM_NEVER), trace_count(f.trace));
    uint32_t at = timeline_seq_at(tl, 5 * SIM_SECOND);
    assert_true(trace_get(f.trace, at - 1)->at <= 5 * SIM_SECOND && trace_get(f.trace, at)->at > 5 * SIM_SECOND);
    timeline_free(tl);
    trace_free(f.trace);
}

/* ---- Long random traces ---- */

static void random_record(Fixture *f, RandomStream *random) {
    uint32_t host = (uint32_t)(1 + random_below(random, 3));
    f->cause = trace_count(f->trace) > 0 && random_below(random, 4)
                   ? (uint32_t)random_below(random, trace_count(f->trace))
                   : TRACE_NONE;
    if (random_below(random, 3) == 0) f->now += (SimTime)random_below(random, 3 * SIM_MILLISECOND);
    switch (random_below(random, 12)) {
    case 0:
    case 1:
        fixture_step(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, 1, (uint8_t)random_below(random, 5),
                     (uint8_t)random_below(random, 5), 1);
        break;
    case 2:
        fixture_step(f, FIXTURE_SERVER, FIXTURE_BINDINGS, (uint32_t)random_below(random, 200), 1, 0,
                     (uint8_t)random_below(random, 3), 1);
        break;
    case 3:
        fixture_timer(f, FIXTURE_PC2, FIXTURE_CLIENT2, 0, (uint16_t)random_below(random, 3),
                      (TimerCode)random_below(random, 3), f->now + 5);
        break;
    case 4: fixture_fact(f, host, TRACE_NONE, 0, &fixture_powered, (int64_t[]){random_below(random, 8) > 0}); break;
    case 5:
        fixture_fact(f, host, TRACE_NONE, 0, &fixture_configured,
                     (int64_t[]){(int64_t)random_below(random, 3), (int64_t)random_below(random, 99), 24, 1, 2});
        break;
    case 6:
        fixture_fact(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, &fixture_bound,
                     (int64_t[]){0, (int64_t)random_below(random, 99), 2, f->now, 4, 5, 6});
        break;
    case 7: fixture_fact(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, &fixture_unbound, (int64_t[]){1, fact_name("nak")}); break;
    case 8:
        fixture_fact(f, FIXTURE_SERVER, FIXTURE_BINDINGS, 0, &fixture_bindings,
                     (int64_t[]){(int64_t)random_below(random, 300), fact_name("BOUND"),
                                 (int64_t)random_below(random, 1 << 20), f->now});
        break;
    case 9:
        fixture_text(f, random_below(random, 2) ? TRACE_SAY : TRACE_EXPECT, (uint8_t)random_below(random, 2), "{}");
        break;
    case 10: {
        uint32_t mac = (uint32_t)random_below(random, 3);
        if (random_below(random, 40) == 0) { /* a new cable */
            DirectoryLink link = {.name = "new",
                                  .end = {{host, mac, "eth", {2, 2, 2, 2, 2, (uint8_t)mac}}, {0, 9, "port", {0}}},
                                  .added_at = f->now};
            trace_add_link(f->trace, &link);
        }
        fixture_fact(f, host, TRACE_NONE, 0, &fixture_plugged,
                     (int64_t[]){mac, (int64_t)random_below(random, 3), (int64_t)random_below(random, 2)});
        break;
    }
    default:
        fixture_transit(
            f, host, f->link[host], 0, (FrameId)random_below(random, 50), (FrameCode)random_below(random, 5),
            f->now + (SimTime)random_below(
                         random, f->no_delays || random_below(random, 100) ? 5 * SIM_MILLISECOND : SIM_SECOND));
        break;
    }
}

/* Field by field: what lies between fields is anybody's. */
#define SAME(field) assert_int_equal(a->field, b->field)
static void assert_same_host(const TimelineHost *a, const TimelineHost *b) {
    SAME(powered);
    SAME(since);
    SAME(record);
}

static void assert_same_interface(const TimelineInterface *a, const TimelineInterface *b) {
    SAME(host);
    SAME(index);
    SAME(up);
    SAME(prefix_length);
    SAME(address);
    SAME(router);
    SAME(name_server);
    SAME(link);
    SAME(record);
    assert_true(mac_equal(a->mac, b->mac));
}

static void assert_same_machine(const TimelineMachine *a, const TimelineMachine *b) {
    SAME(host);
    SAME(machine);
    SAME(subject);
    SAME(state);
    SAME(from);
    SAME(input);
    SAME(row);
    SAME(stepped_at);
    SAME(entered_at);
    SAME(record);
    for (int i = 0; i < MACHINE_TIMERS; i++) {
        SAME(timers[i].set_at);
        SAME(timers[i].expires_at);
        SAME(timers[i].record);
    }
}

static void assert_same_lease(const TimelineLease *a, const TimelineLease *b) {
    SAME(host);
    SAME(machine);
    SAME(held);
    SAME(address);
    SAME(server);
    SAME(started_at);
    SAME(t1_at);
    SAME(t2_at);
    SAME(expires_at);
    SAME(record);
    assert_ptr_equal(a->ended, b->ended);
}

static void assert_same_binding(const TimelineBinding *a, const TimelineBinding *b) {
    SAME(host);
    SAME(address);
    SAME(expires_at);
    SAME(record);
    assert_ptr_equal(a->state, b->state);
    assert_true(mac_equal(a->client, b->client));
}

static void assert_same_rest(const TimelineState *a, const TimelineState *b) {
    SAME(seq_end);
    SAME(t);
    SAME(say);
    SAME(beat);
    SAME(phase);
    SAME(beats);
    SAME(expectations_held);
    SAME(expectations_failed);
    SAME(links_seen);
    SAME(host_count);
    SAME(interface_count);
    SAME(machine_count);
    SAME(lease_count);
    SAME(binding_count);
    for (size_t i = 0; i < a->host_count; i++) assert_same_host(&a->hosts[i], &b->hosts[i]);
}

static void assert_same_state(const TimelineState *a, const TimelineState *b) {
    assert_same_rest(a, b);
    for (size_t i = 0; i < a->interface_count; i++) assert_same_interface(&a->interfaces[i], &b->interfaces[i]);
    for (size_t i = 0; i < a->machine_count; i++) assert_same_machine(&a->machines[i], &b->machines[i]);
    for (size_t i = 0; i < a->lease_count; i++) assert_same_lease(&a->leases[i], &b->leases[i]);
    for (size_t i = 0; i < a->binding_count; i++) assert_same_binding(&a->bindings[i], &b->bindings[i]);
}

/* A timeline that grew with its trace may have met the slots in another order. */
static void assert_same_slots(const Timeline *one, const Timeline *other) {
    const TimelineState *s = timeline_state(one), *t = timeline_state(other);
    assert_same_rest(s, t);
    for (size_t i = 0; i < t->interface_count; i++)
        assert_same_interface(timeline_interface(one, t->interfaces[i].host, t->interfaces[i].index),
                              &t->interfaces[i]);
    for (size_t i = 0; i < t->machine_count; i++) {
        const TimelineMachine *m = &t->machines[i];
        assert_same_machine(timeline_machine(one, m->host, timeline_machine_name(other, m), m->subject), m);
    }
    for (size_t i = 0; i < t->binding_count; i++) {
        size_t k = 0;
        while (s->bindings[k].address != t->bindings[i].address) k++;
        assert_same_binding(&s->bindings[k], &t->bindings[i]);
    }
}

static void assert_same_frames(Timeline *tl, const Trace *trace) {
    static TimelineFrame frames[10000];
    size_t count = timeline_frames(tl, frames, 10000), found = 0;
    const TimelineState *s = timeline_state(tl);
    for (uint32_t seq = 0; seq < s->seq_end; seq++) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->kind != TRACE_FRAME || r->frame.arrives_at <= s->t) continue;
        assert_true(found < count);
        assert_int_equal(frames[found].record, seq);
        found++;
    }
    assert_int_equal(found, count);
}

static void any_way_to_a_place_is_the_same(void **state) {
    (void)state;
    enum { RECORDS = 12000, PLACES = 150 };
    for (uint64_t seed = 1; seed <= 3; seed++) {
        Fixture f = {.trace = trace_new(true), .cause = TRACE_NONE, .no_delays = seed % 2};
        RandomStream random = random_stream(seed, "timeline", "test");
        fixture_stage(&f);
        Timeline *grown = timeline_new(f.trace); /* takes the trace in piece by piece, moving about meanwhile */
        while (trace_count(f.trace) < RECORDS) {
            random_record(&f, &random);
            if (random_below(&random, 500) == 0) {
                timeline_update(grown);
                timeline_seek(grown, (SimTime)random_below(&random, (uint64_t)f.now + 1));
            }
        }
        timeline_update(grown);
        Timeline *whole = timeline_new(f.trace), *steady = timeline_new(f.trace);
        SimTime times[PLACES];
        for (int i = 0; i < PLACES; i++) times[i] = f.now * i / PLACES;
        for (int i = 0; i < PLACES; i++) {
            SimTime t = times[random_below(&random, PLACES)];
            timeline_seek(whole, t);
            timeline_seek(grown, t);
            /* steady goes there record by record from the start */
            timeline_seek_to(steady, 0, 0);
            for (uint32_t seq = 0; seq < timeline_seq_at(steady, t); seq += 97)
                timeline_seek_to(steady, seq, seq ? trace_get(f.trace, seq - 1)->at : 0);
            timeline_seek(steady, t);
            assert_same_state(timeline_state(whole), timeline_state(steady));
            assert_same_frames(whole, f.trace);
            assert_same_slots(grown, steady);
        }
        /* every place, backwards: between records of one instant too */
        for (uint32_t seq = RECORDS; seq-- > 0;) {
            timeline_seek_to(whole, seq, trace_get(f.trace, seq)->at);
            assert_int_equal(timeline_state(whole)->seq_end, seq);
            assert_int_equal(timeline_state(whole)->t, trace_get(f.trace, seq)->at);
        }
        /* frames under way at every departure, with those that end a block of the index among them */
        for (uint32_t seq = 0; seq < RECORDS; seq++) {
            if (trace_get(f.trace, seq)->kind != TRACE_FRAME) continue;
            timeline_seek_to(whole, seq, trace_get(f.trace, seq)->at);
            assert_same_frames(whole, f.trace);
        }
        /* back in time without a record between */
        SimTime after_last = f.now + 10 * SIM_SECOND;
        timeline_seek(whole, after_last);
        timeline_seek(whole, after_last - 1);
        assert_int_equal(timeline_state(whole)->t, after_last - 1);
        assert_int_equal(timeline_state(whole)->seq_end, RECORDS);
        timeline_free(whole);
        timeline_free(grown);
        timeline_free(steady);
        trace_free(f.trace);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_chosen_moments),
        cmocka_unit_test(the_index),
        cmocka_unit_test(any_way_to_a_place_is_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
