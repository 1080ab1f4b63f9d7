/* "Why?": every record names the one that led to it, and the chain ends at a command. */
#include "network.h"

static World *dhcp_behind_a_relay(void) {
    World *w = network_routed(4);
    world_do(w, "{'do':'host','name':'dhcp1'}");
    world_do(w, "{'do':'attach','host':'dhcp1','lan':'lan2','address':'192.168.2.1','router':'192.168.2.254'}");
    world_do(w, "{'do':'service','host':'dhcp1','service':'dhcp_server','config':{'lease':'30s','pools':[{'subnet':'192.168.1.0/24','first':'192.168.1.100','last':'192.168.1.110','router':'192.168.1.254'}]}}");
    world_do(w, "{'do':'service','host':'r','service':'dhcp_relay','config':{'servers':['192.168.2.1']}}");
    world_do(w, "{'do':'boot','host':'dhcp1'}");
    world_do(w, "{'do':'host','name':'new'}");
    world_do(w, "{'do':'attach','host':'new','lan':'lan1'}");
    world_do(w, "{'do':'service','host':'new','service':'dhcp_client','config':{'retry_min':'2s'}}");
    world_do(w, "{'do':'boot','host':'new'}");
    run_for(w, 30 * SIM_SECOND);
    return w;
}

static bool may_lead(const Trace *trace, const TraceRecord *r, const TraceRecord *cause) {
    switch (r->kind) {
        case TRACE_MESSAGE:
            if (r->code == MESSAGE_RECEIVED) return cause->kind == TRACE_FRAME && cause->frame.frame == r->message.frame && cause->frame.arrives_at == r->at;
            /* asked for by a step, a command or an arrival, or an error about what was refused, or said again later */
            return cause->kind == TRACE_STATE || cause->kind == TRACE_COMMAND || cause->kind == TRACE_MESSAGE || cause->kind == TRACE_IGNORED || cause->kind == TRACE_FRAME;
        case TRACE_FRAME: {
            if (cause->kind == TRACE_COMMAND) return r->code == FRAME_LOST || r->code == FRAME_CORRUPTED; /* a fault by hand; or from the tap */
            if (cause->kind == TRACE_MESSAGE) return cause->code == MESSAGE_SENT && cause->host == r->host && (r->code == FRAME_CORRUPTED || r->code == FRAME_DUPLICATE || cause->message.frame == r->frame.frame);
            if (cause->kind != TRACE_FRAME || cause->at + 1 > r->at) return false;
            const DirectoryLink *came = &trace_directory(trace)->links[cause->frame.link];
            return came->end[!cause->small].host == r->host; /* who sends it on is who got it */
        }
        case TRACE_TIMER:
            if (r->code == TIMER_EXPIRED) return cause->kind == TRACE_TIMER && cause->code == TIMER_SET && cause->machine == r->machine && cause->small == r->small && cause->timer.expires_at == r->at;
            return cause->kind == TRACE_STATE && cause->machine == r->machine;
        case TRACE_STATE:
            return cause->kind == TRACE_MESSAGE || cause->kind == TRACE_TIMER || cause->kind == TRACE_COMMAND || cause->kind == TRACE_STATE;
        default: return true;
    }
}

static void every_record_has_a_cause_that_can_lead_to_it(void **state) {
    (void)state;
    World *w = dhcp_behind_a_relay();
    world_do(w, "{'do':'fault','host':'pc3','action':'drop','direction':'from_host'}");
    world_do(w, "{'do':'cable','host':'pc1','loss':'20%%','corrupt':'20%%','duplicate':'20%%'}");
    world_do(w, "{'do':'ping','host':'pc1','to':'192.168.2.3','count':20}");
    world_do(w, "{'do':'ping','host':'pc3','to':'192.168.1.77','count':5}");
    world_do(w, "{'do':'udp','host':'pc3','to':'192.168.1.2','port':9,'count':5,'every':'1s','text':'x'}");
    run_for(w, 60 * SIM_SECOND);
    const Trace *trace = world_trace(w);
    size_t kinds[TRACE_KINDS] = {0};
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        kinds[r->kind]++;
        if (r->kind == TRACE_COMMAND) {
            assert_int_equal(r->cause, TRACE_NONE);
            continue;
        }
        assert_true(r->cause < i);
        const TraceRecord *cause = trace_get(trace, r->cause);
        assert_true(cause->at <= r->at);
        if (!may_lead(trace, r, cause)) fail_msg("record %zu (%s) can't be led to by %u (%s)", i, trace_kind_name(r->kind), (unsigned)r->cause, trace_kind_name(cause->kind));
        const TraceRecord *root = r; /* causes precede, so this ends */
        while (root->kind != TRACE_COMMAND) root = trace_get(trace, root->cause);
    }
    static const TraceKind seen[] = {TRACE_STATE, TRACE_TIMER, TRACE_MESSAGE, TRACE_FRAME, TRACE_FACT, TRACE_IGNORED};
    for (size_t i = 0; i < sizeof seen / sizeof seen[0]; i++) assert_true(kinds[seen[i]] > 10);
    world_free(w);
}

/* The kinds of the chain from a record back to the command, each with its host: "message new < frame lan1 < …". */
static Text chain_of(World *w, const TraceRecord *r) {
    const Trace *trace = world_trace(w);
    Text text = text_new();
    for (;; r = trace_get(trace, r->cause)) {
        text_put(&text, trace_kind_name(r->kind));
        if (r->host != TRACE_NONE) text_print(&text, " %s", trace_directory(trace)->hosts[r->host].name);
        if (r->kind == TRACE_COMMAND) return text;
        text_put(&text, " < ");
    }
}

static void a_message_leads_back_to_the_command(void **state) {
    (void)state;
    World *w = dhcp_behind_a_relay();
    TraceRecord offer;
    assert_int_equal(messages_since(w, 0, "new", MESSAGE_RECEIVED, "OFFER", &offer), 1);
    Text chain = chain_of(w, &offer);
    assert_string_equal(text_get(&chain),
                        "message new < frame lan1 < frame r < message r < state r < message r < " /* the relay hands it back */
                        "frame lan2 < frame dhcp1 < message dhcp1 < state dhcp1 < message dhcp1 < " /* the server offers */
                        "frame lan2 < frame r < message r < state r < message r < " /* the relay asks */
                        "frame lan1 < frame new < message new < state new < timer new < timer new < state new < command");
    text_free(&chain);
    size_t since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, SIM_SECOND);
    const TraceRecord *reply = NULL;
    TraceRecord found;
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_RECEIVED, "echo reply", &found), 1);
    reply = &found;
    chain = chain_of(w, reply);
    assert_string_equal(text_get(&chain), "message pc1 < frame lan1 < frame pc2 < message pc2 < message pc2 < frame lan1 < frame pc1 < message pc1 < command");
    text_free(&chain);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_record_has_a_cause_that_can_lead_to_it), cmocka_unit_test(a_message_leads_back_to_the_command)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
