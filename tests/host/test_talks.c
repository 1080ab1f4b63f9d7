/* Connections spoken by hand: every arrow of "talk", the commands' mistakes, and a world rebuilt from what was said. */
#include "worlds.h"

#include "proto/talk/talk.h"

static World *two_hosts(uint64_t seed) {
    World *w = world_new(seed, true);
    world_do(w, "{'do':'lan','name':'lan','prefix':'10.0.0.0/24','latency':'1ms'}");
    world_do(w, "{'do':'host','name':'a'}");
    world_do(w, "{'do':'host','name':'b'}");
    world_do(w, "{'do':'attach','host':'a','lan':'lan','address':'10.0.0.1'}");
    world_do(w, "{'do':'attach','host':'b','lan':'lan','address':'10.0.0.2'}");
    world_do(w, "{'do':'service','host':'b','service':'mail_server','config':{'name':'b.example','mailboxes':['bob']}}");
    world_do(w, "{'do':'boot','host':'a','quiet':true}");
    world_do(w, "{'do':'boot','host':'b','quiet':true}");
    world_do(w, "{'do':'listen','host':'b','port':7,'protocol':'tcp'}");
    return w;
}

static void wait_a_second(World *w) { world_run(w, world_now(w) + SIM_SECOND); }

static const char *state_of(World *w, const char *host, const char *name) {
    WorldTalk talk = world_talk(w, world_find(w, host), name);
    return talk.state ? talk.state : "";
}

static const char *how_of(World *w, const char *host, const char *name) {
    WorldTalk talk = world_talk(w, world_find(w, host), name);
    return talk.how ? talk.how : "";
}

static bool rows_taken[32];

static void note_rows(World *w) {
    const Trace *trace = world_trace(w);
    const Directory *d = trace_directory(trace);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind == TRACE_STATE && d->machines[r->machine].spec == &talk_spec) rows_taken[r->state.row] = true;
    }
    world_free(w);
}

/* The texts of SMTP messages of this kind, a line each. */
static void said(World *w, const char *host, MessageCode code, Text *text) {
    const Trace *trace = world_trace(w);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_MESSAGE || r->code != code || r->message.stream == TRACE_NONE) continue;
        if (r->host != world_find(w, host) || r->small != TRACE_PROTO_SMTP) continue;
        Bytes octets = frame_store_get(trace_frames(trace), r->message.frame);
        text_print(text, "%u:%.*s|", r->message.part, (int)octets.size, (const char *)octets.at);
    }
}

static void a_dialogue_is_followed(void **state) {
    (void)state;
    World *w = two_hosts(1);
    world_do(w, "{'do':'connect','host':'a','name':'c','to':'b','port':25}");
    wait_a_second(w);
    assert_string_equal(state_of(w, "a", "c"), "OPEN");
    /* However it is cut, what was said is noted as whole commands and as one content. */
    world_do(w, "{'do':'write','host':'a','name':'c','text':'HE'}");
    world_do(w, "{'do':'write','host':'a','name':'c','octets':'4c4f20780d0a'}");
    wait_a_second(w);
    world_do(w, "{'do':'write','host':'a','name':'c','text':'MAIL FROM:<x@y.z>\\r\\nRCPT TO:<bob@b.example>\\r\\nDATA\\r\\n'}");
    wait_a_second(w);
    world_do(w, "{'do':'write','host':'a','name':'c','text':'one\\r\\n..two\\r\\n'}");
    world_do(w, "{'do':'write','host':'a','name':'c','text':'.\\r\\nQUIT\\r\\n'}");
    wait_a_second(w);
    Text sent = text_new(), heard = text_new();
    said(w, "a", MESSAGE_SENT, &sent);
    said(w, "b", MESSAGE_RECEIVED, &heard);
    assert_string_equal(text_get(&sent), "0:HELO x|0:MAIL FROM:<x@y.z>|0:RCPT TO:<bob@b.example>|0:DATA|2:one\r\n.two\r\n|0:QUIT|");
    assert_string_equal(text_get(&heard), text_get(&sent));
    WorldTalk talk = world_talk(w, world_find(w, "a"), "c");
    assert_true(talk.peer_closed);
    world_do(w, "{'do':'hangup','host':'a','name':'c'}");
    wait_a_second(w);
    assert_string_equal(state_of(w, "a", "c"), "ENDED");
    assert_string_equal(how_of(w, "a", "c"), "tcp.closed");
    text_free(&sent);
    text_free(&heard);
    note_rows(w);
}

static void connections_end_in_many_ways(void **state) {
    (void)state;
    World *w = two_hosts(2);
    world_do(w, "{'do':'connect','host':'a','name':'refused','to':'b','port':9}");
    world_do(w, "{'do':'connect','host':'a','name':'hung-up','to':'b','port':7}");
    world_do(w, "{'do':'hangup','host':'a','name':'hung-up'}");
    world_do(w, "{'do':'connect','host':'a','name':'broken-off','to':'b','port':7}");
    world_do(w, "{'do':'hangup','host':'a','name':'broken-off','abort':true}");
    assert_string_equal(state_of(w, "a", "hung-up"), "ENDED");
    assert_string_equal(state_of(w, "a", "broken-off"), "ENDED");
    wait_a_second(w);
    assert_string_equal(how_of(w, "a", "refused"), "tcp.refused");
    for (int i = 0; i < 3; i++) world_do(w, "{'do':'connect','host':'a','name':'d%d','to':'10.0.0.2','port':7}", i);
    wait_a_second(w);
    const char *first = world_talk_accepted(w, world_find(w, "b"), 7, 1);
    assert_string_equal(first, "7-1");
    assert_null(world_talk_accepted(w, world_find(w, "b"), 7, 4));
    /* b breaks the first off; a breaks the second off after it has hung up; the third is left open by a crash. */
    world_do(w, "{'do':'hangup','host':'b','name':'7-1','abort':true}");
    world_do(w, "{'do':'hangup','host':'a','name':'d1'}");
    wait_a_second(w);
    assert_string_equal(how_of(w, "a", "d0"), "tcp.reset");
    assert_string_equal(state_of(w, "a", "d1"), "HALF_CLOSED");
    world_do(w, "{'do':'hangup','host':'a','name':'d1','abort':true}");
    assert_string_equal(state_of(w, "a", "d1"), "ENDED");
    world_do(w, "{'do':'crash','host':'a'}");
    assert_string_equal(how_of(w, "a", "d2"), "host.off");
    /* A half-closed one whose peer closes too. */
    world_do(w, "{'do':'boot','host':'a','quiet':true}");
    world_do(w, "{'do':'connect','host':'a','name':'e','to':'b','port':7}");
    wait_a_second(w);
    world_do(w, "{'do':'hangup','host':'a','name':'e'}");
    wait_a_second(w);
    world_do(w, "{'do':'hangup','host':'b','name':'7-4'}");
    wait_a_second(w);
    assert_string_equal(how_of(w, "a", "e"), "tcp.closed");
    assert_string_equal(how_of(w, "b", "7-4"), "tcp.closed");
    /* Nothing more can be said then, and that is noted. */
    world_do(w, "{'do':'write','host':'a','name':'e','text':'x'}");
    const Trace *trace = world_trace(w);
    const TraceRecord *last = trace_get(trace, trace_count(trace) - 1);
    assert_int_equal(last->kind, TRACE_IGNORED);
    assert_string_equal(trace_directory(trace)->reasons[last->small], "talk.not_open");
    note_rows(w);
}

static void mistakes_are_told(void **state) {
    (void)state;
    World *w = two_hosts(3);
    world_do(w, "{'do':'connect','host':'a','name':'c','to':'b','port':7}");
    static const struct {
        const char *command, *message;
    } mistakes[] = {
        {"{'do':'connect','host':'a','name':'c','to':'b'}", "a has an open connection of this name"},
        {"{'do':'connect','host':'a','to':'b'}", "a name for the connection"},
        {"{'do':'connect','host':'a','name':'d','to':'c'}", "there is no host \"c\""},
        {"{'do':'write','host':'a','name':'cc','text':'x'}", "there is no connection \"cc\" on this host"},
        {"{'do':'write','host':'a','name':'c','octets':'4'}", "two hexadecimal digits each"},
        {"{'do':'hangup','host':'b','name':'c'}", "there is no connection \"c\" on this host"},
    };
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        Text text = world_refuses(w, "%s", mistakes[i].command);
        if (!strstr(text_get(&text), mistakes[i].message)) fail_msg("%s: %s", mistakes[i].command, text_get(&text));
        text_free(&text);
    }
    world_free(w);
}

static void crowds_leave_no_trace_in_memory(void **state) {
    (void)state;
    World *w = two_hosts(4);
    wait_a_second(w);
    size_t before = 0;
    for (int i = 0; i < 3000; i++) {
        world_do(w, "{'do':'connect','host':'a','name':'c','to':'b','port':25}");
        world_run(w, world_now(w) + 20 * SIM_MILLISECOND);
        world_do(w, "{'do':'write','host':'a','name':'c','text':'QUIT\\r\\n'}");
        world_run(w, world_now(w) + 20 * SIM_MILLISECOND);
        world_do(w, "{'do':'hangup','host':'a','name':'c'}");
        wait_a_second(w);
        assert_string_equal(state_of(w, "a", "c"), "ENDED");
        if (i == 300) before = world_footprint_per_host(w);
    }
    /* The trace grows, and so does the log of commands (three a connection, about 1.5 KB with their parsed values); a
     * connection itself leaves nothing behind: its place, its machines and its buffers are used again. */
    size_t after = world_footprint_per_host(w), most = 2700 * 2048 / 2;
    if (after > before + 2 * most) fail_msg("a host took %zu octets after 300 connections, %zu after 3,000", before, after);
    world_free(w);
}

static void a_world_is_rebuilt(void **state) {
    (void)state;
    World *w = two_hosts(5);
    world_do(w, "{'do':'connect','host':'a','name':'c','to':'b','port':25}");
    wait_a_second(w);
    world_do(w, "{'do':'write','host':'a','name':'c','text':'EHLO x\\r\\nMAIL FROM:<>\\r\\n'}");
    world_run(w, world_now(w) + 3 * SIM_MILLISECOND);
    world_do(w, "{'do':'hangup','host':'a','name':'c'}");
    wait_a_second(w);
    World *again = world_rebuild(w, world_now(w));
    assert_int_equal(trace_count(world_trace(again)), trace_count(world_trace(w)));
    for (size_t i = 0; i < trace_count(world_trace(w)); i++) {
        const TraceRecord *x = trace_get(world_trace(w), i), *y = trace_get(world_trace(again), i);
        assert_memory_equal(x, y, 24);
        if (x->kind == TRACE_MESSAGE)
            assert_true(bytes_equal(frame_store_get(trace_frames(world_trace(w)), x->message.frame),
                                    frame_store_get(trace_frames(world_trace(again)), y->message.frame)));
    }
    world_free(again);
    world_free(w);
}

static void every_arrow_was_taken(void **state) {
    (void)state;
    for (size_t r = 0; r < talk_spec.row_count; r++)
        if (!rows_taken[r])
            fail_msg("row %zu (%s, %s) was taken by no test", r, talk_spec.states[talk_spec.rows[r].from], talk_spec.inputs[talk_spec.rows[r].input].name);
}

/* ---- What one says is what the other hears, part for part ---- */

static void messages(World *w, const char *host, MessageCode code, TraceProto proto, Text *text) {
    const Trace *trace = world_trace(w);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_MESSAGE || r->code != code || r->message.stream == TRACE_NONE) continue;
        if (r->host != world_find(w, host) || r->small != proto) continue;
        Bytes octets = frame_store_get(trace_frames(trace), r->message.frame);
        text_print(text, "%u:%.*s|\n", r->message.part, (int)octets.size, (const char *)octets.at);
    }
}

static void both_note_the_same(World *w, TraceProto proto, size_t least) {
    Text said_here = text_new(), heard_there = text_new(), said_there = text_new(), heard_here = text_new();
    messages(w, "a", MESSAGE_SENT, proto, &said_here);
    messages(w, "b", MESSAGE_RECEIVED, proto, &heard_there);
    messages(w, "b", MESSAGE_SENT, proto, &said_there);
    messages(w, "a", MESSAGE_RECEIVED, proto, &heard_here);
    assert_string_equal(text_get(&said_here), text_get(&heard_there));
    assert_string_equal(text_get(&said_there), text_get(&heard_here));
    assert_true(said_there.size > least);
    text_free(&said_here);
    text_free(&heard_there);
    text_free(&said_there);
    text_free(&heard_here);
}

static World *with_readers(void) {
    World *w = world_new(1, true);
    world_do(w, "{'do':'lan','name':'lan','prefix':'10.0.0.0/24','latency':'1ms'}");
    world_do(w, "{'do':'host','name':'a'}");
    world_do(w, "{'do':'host','name':'b'}");
    world_do(w, "{'do':'attach','host':'a','lan':'lan','address':'10.0.0.1'}");
    world_do(w, "{'do':'attach','host':'b','lan':'lan','address':'10.0.0.2'}");
    world_do(w, "{'do':'service','host':'b','service':'mail_server','config':{'name':'b.example','mailboxes':['bob'],"
                "'users':{'bob':'ketchup'}}}");
    world_do(w, "{'do':'service','host':'b','service':'imap_server','config':{'size_limit':1000}}");
    world_do(w, "{'do':'service','host':'b','service':'pop3_server','config':{}}");
    world_do(w, "{'do':'boot','host':'a','quiet':true}");
    world_do(w, "{'do':'boot','host':'b','quiet':true}");
    return w;
}

static void speak(World *w, const char *const *pieces, size_t count) {
    for (size_t i = 0; i < count; i++) {
        world_do(w, "{'do':'write','host':'a','name':'c','text':'%s'}", pieces[i]);
        wait_a_second(w);
    }
}

static void imap_is_followed(void **state) {
    (void)state;
    static const char *const pieces[] = {
        "a1 LOGIN {3}\\r\\n",
        "bob {7}\\r\\n",
        "ketchup\\r\\n",
        "a2 APPEND INBOX (\\\\Seen) {23}\\r\\n",
        "Subject: x\\r\\n\\r\\nhello {4}\\r\\n",
        "a3 APPEND {5+}\\r\\nINBOX {14+}\\r\\nTo: x\\r\\n\\r\\ny {1}\\r\\n",
        "a4 APPEND INBOX {5000}\\r\\n", /* refused: the literal never comes */
        "a5 NO",
        "OP\\r\\na6 SELECT INBOX\\r\\na7 FETCH 1:* (FLAGS BODY[])\\r\\na8 FETCH 1 (BODY[HEADER] BODY[TEXT])\\r\\n",
        "a9 SEARCH SUBJECT {1}\\r\\n",
        "x TEXT {2+}\\r\\nhe\\r\\n",
        "b1 IDLE\\r\\n",
        "DONE\\r\\nb2 NONSENSE {\\r\\nb3 APPEND Drafts {3}\\r\\n", /* TRYCREATE, before the literal */
        "b5 LOGOUT\\r\\n",
    };
    World *w = with_readers();
    world_do(w, "{'do':'connect','host':'a','name':'c','to':'b','port':143}");
    wait_a_second(w);
    speak(w, pieces, sizeof pieces / sizeof pieces[0]);
    both_note_the_same(w, TRACE_PROTO_IMAP, 1000);
    assert_string_equal(state_of(w, "a", "c"), "OPEN");
    world_free(w);
}

static void pop3_is_followed(void **state) {
    (void)state;
    static const char *const fill[] = {"HELO x\\r\\nMAIL FROM:<x@y.z>\\r\\nRCPT TO:<bob@b.example>\\r\\nDATA\\r\\n",
                                       "Subject: x\\r\\n\\r\\n..dot\\r\\n.\\r\\nQUIT\\r\\n"};
    static const char *const pieces[] = {
        "AUTH PLAIN\\r\\n",
        "*\\r\\n",
        "capa\\r\\nUSER bob\\r\\nPASS ketchup\\r\\n",
        "LIST\\r\\nLIST 1\\r\\nLIST 9\\r\\nUIDL\\r\\nRETR 1\\r\\nRETR 2\\r\\nTOP 1 0\\r\\nTOP 1 x\\r\\n",
        "RE",
        "TR 1\\r\\nUIDL 1\\r\\nTOPS\\r\\nCAPA\\r\\nQUIT\\r\\n",
    };
    World *w = with_readers();
    world_do(w, "{'do':'connect','host':'a','name':'s','to':'b','port':25}");
    wait_a_second(w);
    for (size_t i = 0; i < 2; i++) {
        world_do(w, "{'do':'write','host':'a','name':'s','text':'%s'}", fill[i]);
        wait_a_second(w);
    }
    world_do(w, "{'do':'connect','host':'a','name':'c','to':'b','port':110}");
    wait_a_second(w);
    speak(w, pieces, sizeof pieces / sizeof pieces[0]);
    both_note_the_same(w, TRACE_PROTO_POP3, 500);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dialogue_is_followed),
        cmocka_unit_test(imap_is_followed),
        cmocka_unit_test(pop3_is_followed), cmocka_unit_test(connections_end_in_many_ways),
        cmocka_unit_test(mistakes_are_told),      cmocka_unit_test(crowds_leave_no_trace_in_memory),
        cmocka_unit_test(a_world_is_rebuilt),     cmocka_unit_test(every_arrow_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
