/* Address conflict detection, RFC 5227: when packets go out, what a conflict does in each state, and that all of the
 * machine's arrows are taken here. */
#include "network.h"

static bool taken[64];

static void note_rows(World *w) {
    const Trace *trace = world_trace(w);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind == TRACE_STATE && trace_directory(trace)->machines[r->machine].spec == &conflict_machine_spec) taken[r->state.row] = true;
    }
}

static void done(World *w) {
    note_rows(w);
    world_free(w);
}

/* pc1 with no address of its own yet, and pc2 and a LAN; pc1 is off. */
static World *one_to_come(uint64_t seed) {
    World *w = world_new(seed, true);
    world_do(w, "{'do':'lan','name':'lan1','prefix':'192.168.1.0/24'}");
    for (int n = 1; n <= 2; n++) {
        world_do(w, "{'do':'host','name':'pc%d'}", n);
        world_do(w, "{'do':'attach','host':'pc%d','lan':'lan1','address':'192.168.1.%d'}", n, n);
    }
    world_do(w, "{'do':'boot','host':'pc2','quiet':true}");
    return w;
}

static const char *state_of(World *w) { return world_machine_state(w, world_find(w, "pc1"), "arp.conflict", 0); }

static ConflictSettings *settings(World *w) { return &network_interface(w, "pc1")->conflict.settings; }

/* An ARP packet from a stranger, by the tap. */
static void stranger(World *w, uint16_t operation, Ipv4Address sender, Ipv4Address target) {
    uint8_t octets[60];
    ByteWriter writer = byte_writer(octets, sizeof octets);
    const uint8_t header[14] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 9, 9, 9, 9, 9, 8, 6};
    byte_writer_put(&writer, header, 14);
    ArpPacket packet = {.operation = operation, .sender_mac = mac_of_number(UINT64_C(0x020909090909)), .sender_ip = sender, .target_ip = target};
    arp_encode(&packet, &writer);
    byte_writer_zeros(&writer, sizeof octets - writer.size);
    frame_in(w, octets, sizeof octets);
    run_for(w, 2 * SIM_MILLISECOND);
}

static const Ipv4Address own = 0xc0a80101;
static void conflicting(World *w) { stranger(w, ARP_REPLY, own, 0xc0a80102); }

/* The times at which pc1 sent ARP packets of this name since `since`. */
static size_t times(World *w, size_t since, const char *name, SimTime *at, size_t most) {
    size_t count = 0;
    for (size_t i = since; i < mark(w); i++) {
        const TraceRecord *r = trace_get(world_trace(w), i);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT || r->host != world_find(w, "pc1")) continue;
        if (strcmp(frame_of(w, r->message.frame).message, name) != 0) continue;
        assert_true(count < most);
        at[count++] = r->at;
    }
    return count;
}

static void probes_and_announcements_in_time(void **state) {
    (void)state;
    SimTime least_wait = SIM_NEVER, most_wait = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        World *w = one_to_come(seed);
        world_do(w, "{'do':'boot','host':'pc1'}");
        run_for(w, 20 * SIM_SECOND);
        SimTime probe[3], announcement[2];
        assert_int_equal(times(w, 0, "ARP probe", probe, 3), 3);
        assert_int_equal(times(w, 0, "ARP announcement", announcement, 2), 2);
        assert_true(probe[0] <= SIM_SECOND); /* PROBE_WAIT */
        if (probe[0] < least_wait) least_wait = probe[0];
        if (probe[0] > most_wait) most_wait = probe[0];
        for (int i = 0; i < 2; i++) assert_true(probe[i + 1] - probe[i] >= SIM_SECOND && probe[i + 1] - probe[i] <= 2 * SIM_SECOND);
        assert_int_equal(announcement[0] - probe[2], 2 * SIM_SECOND);
        assert_int_equal(announcement[1] - announcement[0], 2 * SIM_SECOND);
        assert_string_equal(state_of(w), "IN_USE");
        /* Not used before it is known to be free. */
        TraceRecord configured;
        assert_int_equal(facts_since(w, 0, "pc1", &fact_interface_configured, NULL, &configured), 1);
        assert_int_equal(configured.at, probe[2] + 2 * SIM_SECOND);
        /* A probe carries no sender's address. */
        TraceRecord sent;
        messages_since(w, 0, "pc1", MESSAGE_SENT, "ARP probe", &sent);
        Bytes frame = frame_store_get(trace_frames(world_trace(w)), sent.message.frame);
        assert_memory_equal(frame.at + 14 + 14, "\0\0\0\0", 4);
        assert_memory_equal(frame.at + 14 + 24, "\xc0\xa8\1\1", 4);
        done(w);
    }
    assert_true(most_wait - least_wait > 700 * SIM_MILLISECOND); /* spread over PROBE_WAIT */
}

static void one_probe(void **state) {
    (void)state;
    World *w = one_to_come(1);
    settings(w)->probe_num = 1;
    world_do(w, "{'do':'boot','host':'pc1'}");
    run_for(w, 20 * SIM_SECOND);
    SimTime at[1];
    assert_int_equal(times(w, 0, "ARP probe", at, 1), 1);
    assert_string_equal(state_of(w), "IN_USE");
    done(w);
}

static void announcements_0_1_2_3(void **state) {
    (void)state;
    for (uint8_t n = 0; n <= 3; n++) {
        World *w = one_to_come(1);
        settings(w)->announce_num = n;
        world_do(w, "{'do':'boot','host':'pc1'}");
        run_for(w, 20 * SIM_SECOND);
        SimTime at[3];
        assert_int_equal(times(w, 0, "ARP announcement", at, 3), n);
        assert_string_equal(state_of(w), "IN_USE");
        done(w);
    }
}

static void a_quiet_start_says_nothing_and_is_on_guard(void **state) {
    (void)state;
    World *w = one_to_come(1);
    world_do(w, "{'do':'boot','host':'pc1','quiet':true}");
    run_for(w, 20 * SIM_SECOND);
    assert_int_equal(messages_since(w, 0, "pc1", MESSAGE_SENT, NULL, NULL), 0);
    assert_string_equal(state_of(w), "IN_USE");
    conflicting(w);
    assert_string_equal(state_of(w), "DEFENDING");
    assert_int_equal(settings(w)->announce_num, 2); /* the next start is a usual one */
    done(w);
}

/* While it probes: another's use of the address, or another's probe for it. */
static void a_conflict_while_probing(void **state) {
    (void)state;
    static const char *const states[] = {"PROBE_WAIT", "PROBING", "ANNOUNCE_WAIT"};
    for (int kind = 0; kind < 3; kind++) {
        for (int s = 0; s < 3; s++) {
            World *w = one_to_come(3);
            world_do(w, "{'do':'boot','host':'pc1'}");
            while (strcmp(state_of(w), states[s]) != 0) assert_true(world_step(w, 20 * SIM_SECOND));
            size_t since = mark(w);
            if (kind == 0) stranger(w, ARP_REPLY, own, 0xc0a80102);
            if (kind == 1) stranger(w, ARP_REQUEST, 0, own); /* two who want the same */
            if (kind == 2) stranger(w, ARP_REQUEST, own, own);
            assert_string_equal(state_of(w), "IDLE");
            const int64_t *values = NULL;
            assert_int_equal(facts_since(w, since, "pc1", &fact_address_conflict, &values, NULL), 1);
            assert_int_equal(values[1], own);
            assert_int_equal(values[2], INT64_C(0x020909090909));
            since = mark(w);
            run_for(w, 30 * SIM_SECOND);
            assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, NULL, NULL), 0);
            assert_int_equal(network_interface(w, "pc1")->address, 0);
            done(w);
        }
    }
}

/* What is no conflict: somebody asks for the address, its own packets come back, others' addresses. */
static void no_conflict(void **state) {
    (void)state;
    static const char *const states[] = {"PROBING", "ANNOUNCE_WAIT", "ANNOUNCING", "IN_USE"};
    for (int s = 0; s < 4; s++) {
        World *w = one_to_come(3);
        world_do(w, "{'do':'boot','host':'pc1'}");
        while (strcmp(state_of(w), states[s]) != 0) assert_true(world_step(w, 20 * SIM_SECOND));
        stranger(w, ARP_REQUEST, 0xc0a80107, own);
        stranger(w, ARP_REQUEST, 0xc0a80107, 0xc0a80107);
        stranger(w, ARP_REQUEST, 0, 0xc0a80107);
        if (s >= 2) stranger(w, ARP_REQUEST, 0, own); /* a probe for an address in use is answered, not a conflict */
        uint8_t echo[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 8, 8, 8, 8, 8, 8, 6, 0, 1, 8, 0, 6, 4, 0, 1};
        memcpy(echo + 22, network_interface(w, "pc1")->mac.octet, 6);
        memcpy(echo + 28, "\xc0\xa8\1\1", 4);
        memcpy(echo + 38, "\xc0\xa8\1\1", 4);
        frame_in(w, echo, sizeof echo);
        run_for(w, 20 * SIM_SECOND);
        assert_string_equal(state_of(w), "IN_USE");
        assert_int_equal(facts_since(w, 0, "pc1", &fact_address_conflict, NULL, NULL), 0);
        assert_int_equal(facts_since(w, 0, "pc1", &fact_address_defended, NULL, NULL), 0);
        if (s >= 2) assert_int_equal(messages_since(w, 0, "pc1", MESSAGE_SENT, "ARP reply", NULL), 2);
        done(w);
    }
}

static void it_defends_once_then_gives_up(void **state) {
    (void)state;
    for (int announcing = 0; announcing < 2; announcing++) {
        World *w = one_to_come(1);
        world_do(w, "{'do':'boot','host':'pc1'}");
        while (strcmp(state_of(w), announcing ? "ANNOUNCING" : "IN_USE") != 0) assert_true(world_step(w, 20 * SIM_SECOND));
        run_for(w, SIM_MILLISECOND);
        size_t since = mark(w);
        SimTime at[2], start = world_now(w);
        conflicting(w);
        assert_string_equal(state_of(w), "DEFENDING");
        assert_int_equal(facts_since(w, since, "pc1", &fact_address_defended, NULL, NULL), 1);
        assert_int_equal(times(w, since, "ARP announcement", at, 1), 1);
        assert_int_equal(network_interface(w, "pc1")->address, own);
        if (announcing) { /* the second within DEFEND_INTERVAL: given up at once */
            run_for(w, 9 * SIM_SECOND);
            assert_int_equal(times(w, since, "ARP announcement", at, 1), 1); /* the announcing was over */
            conflicting(w);
            assert_string_equal(state_of(w), "IDLE");
            assert_int_equal(network_interface(w, "pc1")->address, 0);
            assert_int_equal(facts_since(w, since, "pc1", &fact_interface_unconfigured, NULL, NULL), 1);
            assert_int_equal(facts_since(w, since, "pc1", &fact_address_conflict, NULL, NULL), 1);
            since = mark(w);
            run_for(w, 30 * SIM_SECOND);
            assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, NULL, NULL), 0);
        } else { /* later than that: defended again */
            run_for(w, start + 10 * SIM_SECOND - world_now(w));
            assert_string_equal(state_of(w), "DEFENDING");
            run_for(w, 2 * SIM_MILLISECOND);
            assert_string_equal(state_of(w), "IN_USE");
            conflicting(w);
            assert_string_equal(state_of(w), "DEFENDING");
            assert_int_equal(times(w, since, "ARP announcement", at, 2), 2);
            assert_int_equal(network_interface(w, "pc1")->address, own);
        }
        done(w);
    }
}

/* A host told not to defend notes the conflict and goes on: two hosts with one address (row D2). */
static void a_careless_host(void **state) {
    (void)state;
    for (int announcing = 0; announcing < 2; announcing++) {
        World *w = one_to_come(1);
        settings(w)->defend = false;
        world_do(w, "{'do':'boot','host':'pc1'}");
        while (strcmp(state_of(w), announcing ? "ANNOUNCING" : "IN_USE") != 0) assert_true(world_step(w, 20 * SIM_SECOND));
        size_t since = mark(w);
        conflicting(w);
        conflicting(w);
        assert_string_equal(state_of(w), announcing ? "ANNOUNCING" : "IN_USE");
        assert_int_equal(facts_since(w, since, "pc1", &fact_address_conflict, NULL, NULL), 2);
        assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, NULL, NULL), 0);
        assert_int_equal(network_interface(w, "pc1")->address, own);
        done(w);
    }
}

static void taken_away_in_each_state(void **state) {
    (void)state;
    static const char *const states[] = {"PROBE_WAIT", "PROBING", "ANNOUNCE_WAIT", "ANNOUNCING", "IN_USE", "DEFENDING"};
    for (int s = 0; s < 6; s++) {
        World *w = one_to_come(1);
        world_do(w, "{'do':'boot','host':'pc1'}");
        if (s == 5) {
            run_for(w, 20 * SIM_SECOND);
            conflicting(w);
        }
        while (strcmp(state_of(w), states[s]) != 0) assert_true(world_step(w, 60 * SIM_SECOND));
        world_do(w, "{'do':'address','host':'pc1','address':''}");
        assert_string_equal(state_of(w), "IDLE");
        run_for(w, 10 * SIM_MILLISECOND); /* what is under way arrives */
        size_t since = mark(w);
        run_for(w, 30 * SIM_SECOND);
        assert_int_equal(mark(w), since); /* no timer is left */
        assert_int_equal(network_interface(w, "pc1")->address, 0);
        done(w);
    }
}

/* Another address by hand on a running host: the old one is given up at once, the new one probed first. */
static void changed_by_hand(void **state) {
    (void)state;
    World *w = one_to_come(1);
    world_do(w, "{'do':'boot','host':'pc1'}");
    run_for(w, 20 * SIM_SECOND);
    world_do(w, "{'do':'address','host':'pc1','address':'192.168.1.9'}");
    run_for(w, SIM_SECOND);
    assert_string_equal(state_of(w), "PROBING");
    assert_int_equal(network_interface(w, "pc1")->address, 0);
    run_for(w, 20 * SIM_SECOND);
    assert_string_equal(state_of(w), "IN_USE");
    assert_int_equal(network_interface(w, "pc1")->address, 0xc0a80109);
    /* and one that is taken is not */
    world_do(w, "{'do':'address','host':'pc1','address':'192.168.1.2'}");
    run_for(w, 20 * SIM_SECOND);
    assert_string_equal(state_of(w), "IDLE");
    assert_int_equal(facts_since(w, 0, "pc1", &fact_address_conflict, NULL, NULL), 1);
    assert_int_equal(network_interface(w, "pc1")->address, 0);
    done(w);
}

static void a_crash_silences(void **state) {
    (void)state;
    World *w = one_to_come(1);
    world_do(w, "{'do':'boot','host':'pc1'}");
    run_for(w, 2 * SIM_SECOND);
    assert_string_equal(state_of(w), "PROBING");
    world_do(w, "{'do':'crash','host':'pc1'}");
    size_t since = mark(w);
    run_for(w, 30 * SIM_SECOND);
    assert_int_equal(mark(w), since);
    assert_string_equal(state_of(w), "IDLE");
    done(w);
}

static void every_arrow_was_taken(void **state) {
    (void)state;
    size_t missing = 0;
    for (size_t i = 0; i < conflict_machine_spec.row_count; i++) {
        const MachineRow *row = &conflict_machine_spec.rows[i];
        if (taken[i]) continue;
        print_error("not taken: %s, %s [%s]\n", conflict_machine_spec.states[row->from], conflict_machine_spec.inputs[row->input].name, row->guard ? row->guard_name : "-");
        missing++;
    }
    assert_int_equal(missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probes_and_announcements_in_time),
        cmocka_unit_test(one_probe),
        cmocka_unit_test(announcements_0_1_2_3),
        cmocka_unit_test(a_quiet_start_says_nothing_and_is_on_guard),
        cmocka_unit_test(a_conflict_while_probing),
        cmocka_unit_test(no_conflict),
        cmocka_unit_test(it_defends_once_then_gives_up),
        cmocka_unit_test(a_careless_host),
        cmocka_unit_test(taken_away_in_each_state),
        cmocka_unit_test(changed_by_hand),
        cmocka_unit_test(a_crash_silences),
        cmocka_unit_test(every_arrow_was_taken), /* the last */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
