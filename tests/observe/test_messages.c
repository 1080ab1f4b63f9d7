/* Messages, the ladder, expectations' questions and the transcript, on the trace made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "observe/check.h"
#include "observe/fixture.h"
#include "observe/ladder.h"
#include "observe/transcript.h"

typedef struct {
    Fixture fixture;
    Timeline *timeline;
    Messages messages;
} Stage;

static int set_up(void **state) {
    Stage *s = calloc(1, sizeof *s);
    fixture_make(&s->fixture);
    s->timeline = timeline_new(s->fixture.trace);
    messages_read(s->timeline, &s->messages);
    *state = s;
    return 0;
}

static int tear_down(void **state) {
    Stage *s = *state;
    messages_free(&s->messages);
    timeline_free(s->timeline);
    trace_free(s->fixture.trace);
    free(s);
    return 0;
}

static void every_message_once(void **state) {
    const Stage *s = *state;
    const Messages *m = &s->messages;
    static const struct {
        const char *name;
        uint32_t from, to;
        bool broadcast, taken;
        uint32_t arrivals;
    } expected[] = {
        {"DISCOVER", FIXTURE_PC1, TIMELINE_NONE, true, true, 2},
        {"OFFER", FIXTURE_SERVER, FIXTURE_PC1, false, true, 1},
        {"REQUEST", FIXTURE_PC1, TIMELINE_NONE, true, true, 2},
        {"ACK", FIXTURE_SERVER, FIXTURE_PC1, false, true, 1},
        {"DISCOVER", FIXTURE_PC2, TIMELINE_NONE, true, false, 1},
        {"REQUEST", FIXTURE_PC1, FIXTURE_SERVER, false, true, 1},
        {"ACK", FIXTURE_SERVER, FIXTURE_PC1, false, true, 1},
    };
    assert_int_equal(m->count, sizeof expected / sizeof *expected);
    for (size_t i = 0; i < m->count; i++) {
        const MessageEntry *entry = &m->list[i];
        assert_string_equal(entry->summary.message, expected[i].name);
        assert_int_equal(entry->host, expected[i].from);
        assert_int_equal(entry->to, expected[i].to);
        assert_int_equal(entry->broadcast, expected[i].broadcast);
        assert_int_equal(message_was_taken(m, entry), expected[i].taken);
        assert_int_equal(entry->arrival_count, expected[i].arrivals);
        assert_int_equal(m->message_of[entry->record], i);
        for (uint32_t k = 0; k < entry->arrival_count; k++) {
            const MessageArrival *arrival = &m->arrivals[entry->first_arrival + k];
            assert_int_equal(m->message_of[arrival->record], i);
            if (i == 4) continue;
            assert_int_equal(arrival->at, entry->at + 2 * SIM_MILLISECOND);
            assert_int_equal(arrival->fate, arrival->host == FIXTURE_PC2 ? ARRIVAL_IGNORED : ARRIVAL_TAKEN);
            assert_int_equal(arrival->reason != NULL, arrival->fate == ARRIVAL_IGNORED);
        }
    }
    const MessageArrival *lost = &m->arrivals[m->list[4].first_arrival];
    assert_int_equal(lost->fate, ARRIVAL_LOST);
    assert_int_equal(lost->host, TIMELINE_NONE);
    assert_int_equal(lost->at, m->list[4].at + SIM_MILLISECOND);
    assert_int_equal(trace_get(s->fixture.trace, lost->record)->code, FRAME_LOST);
}

static void a_clients_mac_names_it_before_it_has_an_address(void **state) {
    Stage *s = *state;
    assert_int_equal(timeline_host_of_mac(s->timeline, fixture_mac(FIXTURE_PC2)), FIXTURE_PC2);
    assert_int_equal(timeline_host_of_mac(s->timeline, fixture_mac(99)), TIMELINE_NONE);
    timeline_seek(s->timeline, SIM_SECOND);
    assert_int_equal(timeline_host_of_address(s->timeline, FIXTURE_PC1_IP), TIMELINE_NONE);
    timeline_seek(s->timeline, 10 * SIM_SECOND);
    assert_int_equal(timeline_host_of_address(s->timeline, FIXTURE_PC1_IP), FIXTURE_PC1);
    assert_int_equal(timeline_host_of_address(s->timeline, 0), TIMELINE_NONE);
}

static void questions(void **state) {
    const Stage *s = *state;
    const Messages *m = &s->messages;
    MessageQuery q = message_query();
    assert_int_equal(messages_count(m, &q), 7);
    q.name = "REQUEST";
    assert_int_equal(messages_count(m, &q), 2);
    q.broadcast = 0;
    assert_int_equal(messages_count(m, &q), 1);
    uint32_t renewal = messages_find(m, &q, 0);
    assert_int_equal(m->list[renewal].at, 31008 * SIM_MILLISECOND);
    assert_int_equal(messages_find(m, &q, renewal + 1), TIMELINE_NONE);
    q.after = q.before = 31008 * SIM_MILLISECOND; /* both ends count */
    assert_int_equal(messages_count(m, &q), 1);
    q.after++;
    q.before++;
    assert_int_equal(messages_count(m, &q), 0);
    q = message_query();
    q.before = 31008 * SIM_MILLISECOND - 1;
    q.from = FIXTURE_PC1;
    assert_int_equal(messages_count(m, &q), 2);
    q.to = FIXTURE_PC1;
    assert_int_equal(messages_count(m, &q), 0);
    q = message_query();
    q.taken = 0;
    assert_int_equal(messages_count(m, &q), 1);
    assert_int_equal(messages_find(m, &q, 0), 4);
    q = message_query();
    q.proto = "arp";
    assert_int_equal(messages_count(m, &q), 0);
    q.proto = "dhcp";
    assert_int_equal(messages_count(m, &q), 7);
}

static void stays(void **state) {
    const Stage *s = *state;
    StateStay list[16];
    static const uint8_t expected[] = {CLIENT_INIT,  CLIENT_SELECTING, CLIENT_REQUESTING,
                                       CLIENT_BOUND, CLIENT_RENEWING,  CLIENT_BOUND};
    assert_int_equal(state_stays(s->timeline, FIXTURE_PC1, "dhcp.client", 0, list, 16), 6);
    for (int i = 0; i < 6; i++) {
        assert_int_equal(list[i].state, expected[i]);
        assert_int_equal(list[i].from, i == 0 ? 0 : list[i - 1].to);
    }
    assert_int_equal(list[1].from, SIM_SECOND);
    assert_int_equal(list[4].from, 31008 * SIM_MILLISECOND);
    assert_int_equal(list[5].to, timeline_end(s->timeline));
    assert_int_equal(state_stays(s->timeline, FIXTURE_PC1, "dhcp.client", 0, list, 2), 6);
    /* the crash ends the binding */
    assert_int_equal(state_stays(s->timeline, FIXTURE_SERVER, "dhcp.server", FIXTURE_PC1_IP, list, 16), 4);
    assert_int_equal(list[2].state, BINDING_BOUND);
    assert_int_equal(list[2].to, 40 * SIM_SECOND);
    assert_int_equal(list[3].state, BINDING_FREE);
    assert_int_equal(state_stays(s->timeline, FIXTURE_PC1, "dhcp.server", 0, list, 16), 0);
    const MachineSpec *spec = timeline_spec(s->timeline, FIXTURE_PC1, "dhcp.client");
    assert_int_equal(machine_state_index(spec, "BOUND"), CLIENT_BOUND);
    assert_int_equal(machine_state_index(spec, "BOUNDED"), -1);
}

static void clashes(void **state) {
    Stage *s = *state;
    AddressClash clash;
    assert_false(leases_clash(s->timeline, &clash));
    Fixture *f = &s->fixture;
    f->now = 60 * SIM_SECOND;
    SimTime ends = f->now + 10 * SIM_SECOND;
    uint32_t first =
        fixture_fact(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, &fixture_bound, (int64_t[]){0, 7, 1, f->now, 0, 0, ends});
    f->now = ends; /* at its very end it is free again */
    fixture_fact(f, FIXTURE_PC2, FIXTURE_CLIENT2, 0, &fixture_bound, (int64_t[]){0, 7, 1, f->now, 0, 0, ends + 10});
    timeline_update(s->timeline);
    assert_false(leases_clash(s->timeline, &clash));
    fixture_fact(f, FIXTURE_PC2, TRACE_NONE, 0, &fixture_powered, (int64_t[]){0}); /* without power none is held */
    first = fixture_fact(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, &fixture_bound,
                         (int64_t[]){0, 7, 1, f->now, 0, 0, ends + 20});
    timeline_update(s->timeline);
    assert_false(leases_clash(s->timeline, &clash));
    f->now = ends + 19;
    uint32_t second =
        fixture_fact(f, FIXTURE_PC2, FIXTURE_CLIENT2, 0, &fixture_bound, (int64_t[]){0, 7, 1, f->now, 0, 0, ends + 90});
    timeline_update(s->timeline);
    assert_true(leases_clash(s->timeline, &clash));
    assert_int_equal(clash.address, 7);
    assert_int_equal(clash.first, FIXTURE_PC1);
    assert_int_equal(clash.second, FIXTURE_PC2);
    assert_int_equal(clash.first_record, first);
    assert_int_equal(clash.second_record, second);
    assert_int_equal(clash.at, ends + 19);
}

static void the_ladder(void **state) {
    const Stage *s = *state;
    Ladder ladder;
    LadderOptions options = {.arp = true, .from = 0, .to = SIM_NEVER};
    ladder_build(s->timeline, &s->messages, &options, &ladder);
    assert_int_equal(ladder.column_count, 3); /* the switch stands in none */
    assert_int_equal(ladder.columns[0].host, FIXTURE_SERVER);
    assert_int_equal(ladder.columns[2].host, FIXTURE_PC2);
    assert_int_equal(ladder.row_count, 7);
    assert_int_equal(ladder.phase_count, 1);
    assert_int_equal(ladder.phases[0].first_row, 0);
    assert_int_equal(ladder.phases[0].row_count, 7);
    const LadderRow *discover = &ladder.rows[0];
    assert_int_equal(discover->column, 1);
    assert_int_equal(discover->phase, 0);
    assert_int_equal(discover->end_count, 2);
    const LadderEnd *ends = &ladder.ends[discover->first_end];
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(ends[i].fate, ends[i].column == 0 ? ARRIVAL_TAKEN : ARRIVAL_IGNORED);
    assert_int_not_equal(ends[0].column, ends[1].column);
    const LadderRow *offer = &ladder.rows[1];
    assert_int_equal(offer->column, 0);
    assert_int_equal(offer->end_count, 1);
    assert_int_equal(ladder.ends[offer->first_end].column, 1);
    assert_int_equal(ladder.ends[offer->first_end].at, offer->sent_at + 2 * SIM_MILLISECOND);
    const LadderRow *lost = &ladder.rows[4];
    assert_int_equal(lost->end_count, 1);
    assert_int_equal(ladder.ends[lost->first_end].fate, ARRIVAL_LOST);
    assert_int_equal(ladder.ends[lost->first_end].column, TIMELINE_NONE);
    ladder_free(&ladder);
    options.from = 30 * SIM_SECOND;
    ladder_build(s->timeline, &s->messages, &options, &ladder);
    assert_int_equal(ladder.row_count, 2);
    assert_int_equal(ladder.column_count, 2); /* pc2 has no part in it */
    ladder_free(&ladder);
}

static void the_transcript(void **state) {
    const Stage *s = *state;
    Text text = text_new(), error = text_new();
    TranscriptOptions options = {.states = true, .says = true, .language = "zh", .words = &transcript_words_en};
    Output *output = output_to_text(&text);
    transcript_write(s->timeline, &s->messages, &options, output);
    assert_true(output_close(output, &error));
    static const char expected[] =
        " 0.000000  == 准备 ==\n"
        " 1.000000  ● 客户广播。\n"
        " 1.000000  pc1     dhcp.client: INIT → SELECTING  (start)\n"
        " 1.000000  pc1   → *      DHCP DISCOVER  0.0.0.0 → 255.255.255.255 broadcast  xid 0x00001234\n"
        " 1.002000  dhcp1   dhcp.server 192.168.1.100: FREE → OFFERED  (start)\n"
        " 1.002000  dhcp1 → pc1    DHCP OFFER     192.168.1.1 → 192.168.1.100 unicast  xid 0x00001234 yiaddr "
        "192.168.1.100 server 192.168.1.1 lease 60\n"
        " 1.004000  pc1     dhcp.client: SELECTING → REQUESTING  (DHCPOFFER)\n"
        " 1.004000  pc1   → *      DHCP REQUEST   0.0.0.0 → 255.255.255.255 broadcast  xid 0x00001234\n"
        " 1.006000  dhcp1   dhcp.server 192.168.1.100: OFFERED → BOUND  (DHCPOFFER)\n"
        " 1.006000  dhcp1 → pc1    DHCP ACK       192.168.1.1 → 192.168.1.100 unicast  xid 0x00001234 yiaddr "
        "192.168.1.100 server 192.168.1.1 lease 60\n"
        " 1.008000  pc1     dhcp.client: REQUESTING → BOUND  (DHCPACK)\n"
        " 5.000000  pc2     dhcp.client: INIT → SELECTING  (start)\n"
        " 5.000000  pc2   → *      DHCP DISCOVER  0.0.0.0 → 255.255.255.255 broadcast  xid 0x00009999  [lost on "
        "pc2-lan1]\n"
        "31.008000  pc1     dhcp.client: BOUND → RENEWING  (T1 expires)\n"
        "31.008000  pc1   → dhcp1  DHCP REQUEST   192.168.1.100 → 192.168.1.1 unicast  xid 0x00001234\n"
        "31.010000  dhcp1 → pc1    DHCP ACK       192.168.1.1 → 192.168.1.100 unicast  xid 0x00001234 yiaddr "
        "192.168.1.100 server 192.168.1.1 lease 60\n"
        "31.012000  pc1     dhcp.client: RENEWING → BOUND  (DHCPACK)\n"
        "50.000000  ✓ pc1 renews at T1\n"
        "50.000000  ✗ pc2 gets an address\n";
    assert_string_equal(text_get(&text), expected);
    text_free(&text);
    text_free(&error);
}

/* A Chinese character takes two columns of a terminal. */
static void columns_of_wide_names(void **state) {
    (void)state;
    Fixture f = {.trace = trace_new(true), .cause = TRACE_NONE};
    fixture_stage(&f);
    DirectoryHost wide = {.name = "电脑1", .kind = NODE_HOST};
    uint32_t host = trace_add_host(f.trace, &wide);
    FrameId frame = fixture_dhcp_frame(&f, FIXTURE_PC1, DHCP_DISCOVER, 0, IPV4_LIMITED_BROADCAST, mac_broadcast, 1);
    fixture_message(&f, FIXTURE_PC1, FIXTURE_CLIENT1, MESSAGE_SENT, frame);
    fixture_message(&f, host, FIXTURE_CLIENT1, MESSAGE_SENT, frame);
    Timeline *timeline = timeline_new(f.trace);
    Messages messages;
    messages_read(timeline, &messages);
    Text text = text_new(), error = text_new();
    Output *output = output_to_text(&text);
    transcript_write(timeline, &messages, &(TranscriptOptions){.words = &transcript_words_en}, output);
    assert_true(output_close(output, &error));
    assert_string_equal(text_get(&text),
                        "0.000000  pc1   → *      DHCP DISCOVER  0.0.0.0 → 255.255.255.255 broadcast  "
                        "xid 0x00000001\n"
                        "0.000000  电脑1 → *      DHCP DISCOVER  0.0.0.0 → 255.255.255.255 broadcast  "
                        "xid 0x00000001\n");
    text_free(&text);
    text_free(&error);
    messages_free(&messages);
    timeline_free(timeline);
    trace_free(f.trace);
}

static void words_of_narration(void **state) {
    Stage *s = *state;
    Fixture *f = &s->fixture;
    static const struct {
        const char *json, *language, *expected;
    } cases[] = {{"{\"en\":\"one\",\"zh\":\"一\"}", "zh", "一"}, {"{\"en\":\"one\"}", "zh", "one"},
                 {"{\"en\":\"one\",\"zh\":\"一\"}", NULL, "one"}, {"\"plain\"", "en", "plain"},
                 {"{}", "en", ""}, {"17", "en", ""}, {"{\"en\":3}", "en", ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t seq = fixture_text(f, TRACE_SAY, SAY_TEXT, cases[i].json);
        Text words = text_new();
        trace_put_words(f->trace, trace_get(f->trace, seq), cases[i].language, &words);
        assert_string_equal(text_get(&words), cases[i].expected);
        text_free(&words);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_message_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clients_mac_names_it_before_it_has_an_address, set_up, tear_down),
        cmocka_unit_test_setup_teardown(questions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(clashes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_ladder, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_transcript, set_up, tear_down),
        cmocka_unit_test(columns_of_wide_names),
        cmocka_unit_test_setup_teardown(words_of_narration, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
