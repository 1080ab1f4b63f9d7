/* TCP by transcript: one host, 10.0.0.1, and a peer at 10.0.0.2 whose segments are written by hand.
 *
 * Each file of tests/stack/tcp/ is read from top to bottom; a line is one of
 *
 *   host NAME=VALUE ...      a new host: nagle=no delayed=0s keepalive=60s probes=3 timeout=100s msl=30s buffer=4096 send=8192
 *                            mss=1000 rtomin=200ms iss=N (the peer's first number)
 *   listen PORT [backlog=N] [refuse]     unlisten PORT
 *   open PORT [source=N]     active open to the peer's port, from ours (5000 unless told)
 *   write N, close, abort, forget, hold (read nothing from now on), read N
 *   at close|abort|forget|write WHEN     what the user does when it is told so (WHEN: opened, readable, closed)
 *   @TIME                    the clock goes on to TIME
 *   < FLAGS NAME=VALUE ...   a segment arrives: seq= ack= win= len= mss= port= (the peer's) to= (ours) scale= urg=
 *   > FLAGS NAME=VALUE ...   the next segment sent is this one; what is not named is not looked at, but len= is 0 then
 *   < icmp TYPE CODE seq=N   an ICMP error about our segment with that number; quoted=N octets of it, proto=N
 *   state NAME [PORT]        the connection (with the peer's port) is in this state; "state none": there is none
 *   told NAME ...            all that the user was told since the last line that did something, in order
 *   timer NAME TIME|off      it runs and will expire then
 *   ignored REASON           the last thing ignored, since the last line that did something
 *   fact NAME NAME=VALUE...  stated since then
 *   window N, cwnd N, ssthresh N, unread N, unsent N, unacked N, rto TIME, srtt TIME    of the connection
 *   power off
 *
 * FLAGS are letters: S A F R P U. Numbers are relative to the first of each side; #N is absolute. Without seq= a segment
 * of the peer follows its last one, without ack= it acknowledges all we have sent. Every segment sent must be
 * expected before the next line that does something. When all transcripts have run, every row of the table must have
 * been taken. */
#include <stdlib.h>

#include "tcp_play.h"

static void every_transcript_holds(void **state) {
    (void)state;
    static const char *const files[] = {"figures", "opening", "closing", "resets", "sequence", "retransmission", "congestion", "windows", "acks", "timers", "icmp", "time-wait"};
    const char *only = getenv("TRANSCRIPT");
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char path[400];
        snprintf(path, sizeof path, NETSTAGE_SOURCE "/tests/stack/tcp/%s.txt", files[i]);
        if (!only || strcmp(only, files[i]) == 0) run_file(path);
    }
}

static void a_port_is_listened_on_once(void **state) {
    (void)state;
    run_text("host\nlisten 5000");
    TcpListener l = {.port = 5000, .settings = tcp_settings_default, .accepted = on_accepted};
    assert_false(tcp_listen(play.stack, &l));
    run_text("listen 5001");
    tcp_listen_end(play.stack, 5000);
    assert_true(tcp_listen(play.stack, &l));
    tcp_listen_end(play.stack, 4000); /* nobody does */
    size_t opened = 0, closed = 0;
    for (size_t i = 0; i < trace_count(sim_trace(play.sim)); i++) {
        const TraceRecord *r = trace_get(sim_trace(play.sim), i);
        opened += r->kind == TRACE_STATE && r->state.to == TCP_LISTEN;
        closed += r->kind == TRACE_STATE && r->state.to == TCP_CLOSED;
    }
    assert_int_equal(opened, 3);
    assert_int_equal(closed, 1);
    end_host();
}

static void dynamic_ports_are_taken_in_turn(void **state) {
    (void)state;
    run_text("host\nlisten 65535\nopen 80 source=49152\n> S");
    Tcp *tcp = play.stack->tcp;
    tcp->next_port = 65534;
    assert_int_equal(tcp_free_port(tcp, ours, peers, 80), 65534);
    assert_int_equal(tcp_free_port(tcp, ours, peers, 80), 49153); /* one is listened on, one in use */
    tcp->next_port = 49152;
    assert_int_equal(tcp_free_port(tcp, ours, peers, 81), 49152);
    end_host();
}

/* Section 3.4.1: M ticks every 4 microseconds, F depends on the addresses, the ports and a secret. */
static void initial_sequence_numbers(void **state) {
    (void)state;
    run_text("host\nopen 80\n> S");
    uint32_t first = play.flows[0].iss;
    run_text("abort\nopen 81\n> S\nabort");
    assert_int_not_equal(play.flows[1].iss, first);
    run_text("@40us\nopen 80\n> S");
    assert_int_equal(play.flows[0].iss - first, 10);
    uint16_t port = play.stack->tcp->next_port;
    end_host();
    run_text("host\nopen 80\n> S"); /* the same seed, the same secret */
    assert_int_equal(play.flows[0].iss, first);
    assert_int_equal(play.stack->tcp->next_port, port);
    end_host();
    play.seed = 2;
    run_text("host\nopen 80\n> S");
    assert_int_not_equal(play.flows[0].iss, first);
    assert_int_not_equal(play.stack->tcp->next_port, port);
    end_host();
    play.seed = 1;
}

/* What the queue holds for a connection that is gone does not touch the one that has its memory now. */
static void memory_used_again_hears_nothing_of_its_past(void **state) {
    (void)state;
    run_text("host\nopen 80\n> S");
    const TcpConnection *first = play.user->c;
    run_text("abort\n@500ms\nopen 81\n> S");
    assert_ptr_equal(play.user->c, first);
    uint32_t number = tcp_status(play.user->c).number;
    run_text("@1400ms");
    size_t set = 0;
    for (size_t i = 0; i < trace_count(sim_trace(play.sim)); i++) {
        const TraceRecord *r = trace_get(sim_trace(play.sim), i);
        set += r->kind == TRACE_TIMER && r->timer.subject == number && r->small == TCP_TIMER_RETRANSMISSION;
    }
    assert_int_equal(set, 1);
    /* Closed and aborted in one breath: there is nobody left to be told. */
    run_text("@1500ms\n> S\nopen 82\n> S");
    TcpConnection *c = play.user->c;
    tcp_close(c, TRACE_NONE);
    tcp_abort(c, TRACE_NONE);
    settle();
    assert_int_equal(tcp_connection_count(play.stack), 1);
    assert_int_equal(play.user->c == c, true);
    assert_int_equal(play.told_count, 0);
    end_host();
}

static void every_row_was_taken(void **state) {
    (void)state;
    if (getenv("TRANSCRIPT")) skip();
    size_t missing = 0;
    for (size_t i = 0; i < tcp_spec.row_count; i++) {
        if (taken[i]) continue;
        const MachineRow *r = &tcp_spec.rows[i];
        print_error("row %zu is taken by no transcript: %s, %s -> %s\n", i, tcp_spec.states[r->from], tcp_spec.inputs[r->input].name, tcp_spec.states[r->to]);
        missing++;
    }
    assert_int_equal(missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_transcript_holds),
        cmocka_unit_test(a_port_is_listened_on_once),
        cmocka_unit_test(dynamic_ports_are_taken_in_turn),
        cmocka_unit_test(initial_sequence_numbers),
        cmocka_unit_test(memory_used_again_hears_nothing_of_its_past),
        cmocka_unit_test(every_row_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
