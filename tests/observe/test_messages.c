/* Messages and the transcript, on the trace made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "observe/fixture.h"
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
        cmocka_unit_test_setup_teardown(the_transcript, set_up, tear_down),
        cmocka_unit_test(columns_of_wide_names),
        cmocka_unit_test_setup_teardown(words_of_narration, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
