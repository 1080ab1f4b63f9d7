/* How a host carries a protocol over TCP: what is asked for at once is answered whole and in order, however much it is. */
#include "worlds.h"

static World *a_reader_and_a_server(void) {
    World *w = world_new(1, true);
    world_do(w, "{'do':'lan','name':'lan','prefix':'10.0.0.0/24','latency':'1ms'}");
    world_do(w, "{'do':'host','name':'a'}");
    world_do(w, "{'do':'host','name':'b'}");
    world_do(w, "{'do':'attach','host':'a','lan':'lan','address':'10.0.0.1'}");
    world_do(w, "{'do':'attach','host':'b','lan':'lan','address':'10.0.0.2'}");
    world_do(w, "{'do':'service','host':'b','service':'mail_server','config':{'name':'b.example','mailboxes':['bob'],"
                "'users':{'bob':'ketchup'}}}");
    world_do(w, "{'do':'service','host':'b','service':'imap_server','config':{}}");
    world_do(w, "{'do':'boot','host':'a','quiet':true}");
    world_do(w, "{'do':'boot','host':'b','quiet':true}");
    world_do(w, "{'do':'connect','host':'a','name':'c','to':'b','port':143}");
    world_run(w, world_now(w) + SIM_SECOND);
    return w;
}

static void say(World *w, const char *text, SimTime patience) {
    world_do(w, "{'do':'write','host':'a','name':'c','text':'%s'}", text);
    world_run(w, world_now(w) + patience);
}

/* The tagged responses that came, each as "tag status". */
static void tagged(World *w, Text *to) {
    const Trace *trace = world_trace(w);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_RECEIVED || r->small != TRACE_PROTO_IMAP) continue;
        if (r->host != world_find(w, "a") || r->message.stream == TRACE_NONE) continue;
        Bytes octets = frame_store_get(trace_frames(trace), r->message.frame);
        if (octets.size > 6 && octets.at[0] == 't') text_print(to, "%.5s|", (const char *)octets.at);
    }
}

/* FETCH writes piece by piece, as TCP takes it. Between the pieces of one nothing is heard; after it the next is, even if
 * TCP took all of them at once. */
static void commands_at_once_are_answered(const char *item, unsigned messages) {
    World *w = a_reader_and_a_server();
    say(w, "t1 LOGIN bob ketchup\\r\\n", SIM_SECOND);
    char letter[701];
    memset(letter, 'x', 700);
    letter[700] = 0;
    for (unsigned i = 0; i < messages; i++) {
        Text append = text_new();
        text_print(&append, "t2 APPEND INBOX {704+}\\r\\n\\r\\n%s\\r\\n\\r\\n", letter);
        say(w, text_get(&append), SIM_SECOND);
        text_free(&append);
    }
    Text fetches = text_new(), heard = text_new(), expected = text_new();
    text_put(&expected, "t1 OK|");
    for (unsigned i = 0; i < messages; i++) text_put(&expected, "t2 OK|");
    text_put(&fetches, "t3 SELECT INBOX\\r\\n");
    for (int i = 4; i < 10; i++) text_print(&fetches, "t%d FETCH 1:* %s\\r\\n", i, item);
    say(w, text_get(&fetches), 100 * SIM_SECOND);
    for (int i = 3; i < 10; i++) text_print(&expected, "t%d OK|", i);
    tagged(w, &heard);
    assert_string_equal(text_get(&heard), text_get(&expected));
    text_free(&fetches);
    text_free(&heard);
    text_free(&expected);
    world_free(w);
}

static void many_answers_are_whole(void **state) {
    (void)state;
    commands_at_once_are_answered("BODY.PEEK[]", 40);
    commands_at_once_are_answered("BODY.PEEK[]", 100);
    commands_at_once_are_answered("(FLAGS BODY.PEEK[]<0.300>)", 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(many_answers_are_whole)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
