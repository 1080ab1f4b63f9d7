/* Static faults of the machines' tables, and the checker itself on a table that has every fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/dhcp/client.h"
#include "proto/dhcp/relay.h"
#include "proto/dhcp/server.h"
#include "proto/dns/recursor.h"
#include "proto/dns/resolver.h"
#include "proto/dns/server.h"
#include "proto/dns/stream.h"
#include "proto/http/http.h"
#include "proto/pop3/client.h"
#include "proto/pop3/server.h"
#include "proto/smtp/client.h"
#include "proto/smtp/queue.h"
#include "proto/imap/client.h"
#include "proto/imap/server.h"
#include "proto/smtp/server.h"
#include "proto/talk/talk.h"
#include "stack/tcp.h"

static void every_table_is_sound(void **state) {
    (void)state;
    const MachineSpec *specs[] = {&dhcp_client_spec, &dhcp_server_spec, &dhcp_binding_spec, &dhcp_relay_spec, &dns_resolver_spec, &dns_recursor_spec, &dns_server_spec, &dns_connection_spec, &dns_tcp_spec, &conflict_machine_spec, &tcp_spec,
                                  &smtp_server_spec, &smtp_client_spec, &smtp_queue_spec, &imap_server_spec, &http_server_spec, &http_client_spec, &talk_spec, &pop3_server_spec, &pop3_client_spec, &imap_client_spec};
    for (size_t i = 0; i < sizeof specs / sizeof specs[0]; i++) {
        Text faults = text_new();
        if (machine_spec_check(specs[i], &faults) > 0) fail_msg("%s", text_get(&faults));
        text_free(&faults);
    }
}

static void the_checker_finds_faults(void **state) {
    (void)state;
    static const char *const states[] = {"A", "B", "LONELY"};
    static const MachineInput inputs[] = {{"go", INPUT_COMMAND}, {"unused", INPUT_WIRE}};
    static const MachineRow rows[] = {
        MACHINE_ROW(0, 0, NULL, NULL, 1, "RFC 1"),
        MACHINE_ROW(0, 0, NULL, NULL, 0, "RFC 1"), /* shadowed */
        MACHINE_ROW(1, 0, NULL, NULL, 0, "a book"), /* no RFC */
    };
    static const MachineSpec spec = {.name = "faulty", .states = states, .state_count = 3, .inputs = inputs, .input_count = 2, .rows = rows, .row_count = 3};
    Text faults = text_new();
    assert_int_equal(machine_spec_check(&spec, &faults), 4);
    assert_non_null(strstr(text_get(&faults), "LONELY is reached by no path"));
    assert_non_null(strstr(text_get(&faults), "never runs"));
    assert_non_null(strstr(text_get(&faults), "no reference"));
    assert_non_null(strstr(text_get(&faults), "no row takes unused"));
    text_free(&faults);
}

/* RFC 2131 figure 5: its eight states, and each arrow it draws. */
static void the_client_is_figure_5(void **state) {
    (void)state;
    static const struct {
        DhcpClientState from;
        DhcpClientInput input;
        DhcpClientState to;
    } figure[] = {
        {DHCP_CLIENT_INIT_REBOOT, DHCP_CLIENT_ON_DELAY_OVER, DHCP_CLIENT_REBOOTING}, /* -/Send DHCPREQUEST */
        {DHCP_CLIENT_REBOOTING, DHCP_CLIENT_ON_NAK, DHCP_CLIENT_INIT},
        {DHCP_CLIENT_REBOOTING, DHCP_CLIENT_ON_ACK, DHCP_CLIENT_BOUND},
        {DHCP_CLIENT_INIT, DHCP_CLIENT_ON_DELAY_OVER, DHCP_CLIENT_SELECTING}, /* -/Send DHCPDISCOVER */
        {DHCP_CLIENT_SELECTING, DHCP_CLIENT_ON_OFFER, DHCP_CLIENT_SELECTING}, /* collect replies */
        {DHCP_CLIENT_SELECTING, DHCP_CLIENT_ON_OFFERS_IN, DHCP_CLIENT_REQUESTING}, /* select offer/send DHCPREQUEST */
        {DHCP_CLIENT_REQUESTING, DHCP_CLIENT_ON_OFFER, DHCP_CLIENT_REQUESTING}, /* discard */
        {DHCP_CLIENT_REQUESTING, DHCP_CLIENT_ON_NAK, DHCP_CLIENT_INIT},
        {DHCP_CLIENT_REQUESTING, DHCP_CLIENT_ON_ACK, DHCP_CLIENT_BOUND},
        {DHCP_CLIENT_BOUND, DHCP_CLIENT_ON_OFFER, DHCP_CLIENT_BOUND}, /* discard, three times */
        {DHCP_CLIENT_BOUND, DHCP_CLIENT_ON_ACK, DHCP_CLIENT_BOUND},
        {DHCP_CLIENT_BOUND, DHCP_CLIENT_ON_NAK, DHCP_CLIENT_BOUND},
        {DHCP_CLIENT_BOUND, DHCP_CLIENT_ON_T1, DHCP_CLIENT_RENEWING},
        {DHCP_CLIENT_RENEWING, DHCP_CLIENT_ON_ACK, DHCP_CLIENT_BOUND},
        {DHCP_CLIENT_RENEWING, DHCP_CLIENT_ON_NAK, DHCP_CLIENT_INIT},
        {DHCP_CLIENT_RENEWING, DHCP_CLIENT_ON_T2, DHCP_CLIENT_REBINDING},
        {DHCP_CLIENT_REBINDING, DHCP_CLIENT_ON_ACK, DHCP_CLIENT_BOUND},
        {DHCP_CLIENT_REBINDING, DHCP_CLIENT_ON_NAK, DHCP_CLIENT_INIT},
        {DHCP_CLIENT_REBINDING, DHCP_CLIENT_ON_EXPIRY, DHCP_CLIENT_INIT},
    };
    for (size_t i = 0; i < sizeof figure / sizeof figure[0]; i++) {
        bool drawn = false;
        for (size_t r = 0; r < dhcp_client_spec.row_count; r++) {
            const MachineRow *row = &dhcp_client_spec.rows[r];
            drawn = drawn || (row->from == figure[i].from && row->input == figure[i].input && row->to == figure[i].to);
        }
        if (!drawn) fail_msg("arrow %zu of figure 5 is missing", i);
    }
    size_t shown = 0;
    for (size_t s = 0; s < dhcp_client_spec.state_count; s++) shown += !(dhcp_client_spec.beyond_figure >> s & 1);
    assert_int_equal(shown, 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_table_is_sound), cmocka_unit_test(the_checker_finds_faults), cmocka_unit_test(the_client_is_figure_5)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
