/* Descriptions: they cover every octet, agree with the codecs and with the short view, and survive any damage. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "wire/arp.h"
#include "wire/capture.h"
#include "wire/describe.h"
#include "wire/dhcp.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

static const char *const captures[] = {
    "dora-dhcpd-udhcpc.pcap",    "dora-dnsmasq-dhclient.pcap", "nak-dnsmasq-dhclient.pcap",
    "decline-dhcpd-udhcpc.pcap", "relay-dnsmasq-udhcpc.up.pcap", "expire-dnsmasq-dhclient.pcap"};

static void open_capture(size_t index, Capture *capture) {
    Text path = text_new(), error = text_new();
    text_print(&path, "%s/tests/captures/%s", NETSTAGE_SOURCE, captures[index]);
    if (!capture_open(text_get(&path), capture, &error)) fail_msg("%s", text_get(&error));
    text_free(&path);
    text_free(&error);
}

static const char *value_of(const Description *d, const char *key) {
    const DescribedField *field = description_find(d, key);
    if (!field) fail_msg("no field %s", key);
    return description_value(d, field);
}

/* Fields of depth 1 and the padding, in the order of the octets, leave no octet out; parts lie within their field. */
static void assert_covers(Bytes frame, const Description *d) {
    size_t end = 0;
    const DescribedField *parent = NULL;
    for (size_t i = 0; i < d->count; i++) {
        const DescribedField *f = &d->fields[i];
        assert_true((size_t)f->offset + f->length <= frame.size);
        assert_true(f->value_at < d->values.size);
        if (f->depth == 2) {
            assert_non_null(parent);
            assert_true(f->offset >= parent->offset && f->offset + f->length <= parent->offset + parent->length);
            continue;
        }
        bool padding = f->depth == 0 && strcmp(f->key, "ethernet.padding") == 0;
        if (f->depth == 0 && !padding) {
            parent = NULL;
            continue;
        }
        parent = f;
        assert_true(f->offset <= end);
        if (f->offset + f->length > end) end = f->offset + f->length;
    }
    assert_int_equal(end, frame.size);
}

static void covers_every_octet_of_real_frames(void **state) {
    (void)state;
    Description d = {0};
    size_t frames = 0;
    for (size_t i = 0; i < sizeof captures / sizeof *captures; i++) {
        Capture capture;
        open_capture(i, &capture);
        for (Bytes frame; capture_next(&capture, &frame); frames++) {
            describe_frame(frame, &d);
            assert_null(d.fault.reason);
            assert_covers(frame, &d);
            FrameSummary s;
            frame_summarise(frame, &s);
            assert_string_equal(s.protocol, d.protocol);
            assert_string_equal(s.message, d.message);
            Text address = text_new();
            mac_print(&address, s.destination_mac);
            assert_string_equal(text_get(&address), value_of(&d, "ethernet.destination"));
            text_clear(&address);
            ipv4_print(&address, s.destination);
            bool arp = strcmp(s.protocol, "arp") == 0;
            assert_string_equal(text_get(&address), value_of(&d, arp ? "arp.tpa" : "ipv4.destination"));
            text_free(&address);
            if (strcmp(s.protocol, "dhcp") == 0) {
                const DescribedField *layer = description_find(&d, "dhcp");
                assert_int_equal(layer->offset, s.payload_offset);
                assert_int_equal(layer->length, s.payload_size);
            }
        }
        text_free(&capture.content);
    }
    assert_true(frames > 60);
    description_free(&d);
}

static size_t dhcp_frame(uint8_t *room, size_t capacity, const DhcpMessage *m, Ipv4Address destination, MacAddress to) {
    uint8_t payload[1000];
    ByteWriter p = byte_writer(payload, sizeof payload), w = byte_writer(room, capacity);
    assert_int_equal(dhcp_message_encode(m, &p, sizeof payload), 0);
    EthernetFrame ethernet = {.destination = to, .source = {{2, 0, 0, 0, 0, 1}}, .type = ETHERNET_TYPE_IPV4};
    Ipv4Header ip = {.ttl = 64, .protocol = IPV4_PROTOCOL_UDP, .source = 0x0a000001, .destination = destination};
    ethernet_encode_header(&ethernet, &w);
    ipv4_encode_header(&ip, UDP_HEADER_SIZE + p.size, &w);
    udp_encode(ip.source, destination, DHCP_SERVER_PORT, DHCP_CLIENT_PORT, byte_writer_bytes(&p), &w);
    assert_false(w.overflow);
    return w.size;
}

static void build_ack(DhcpMessage *m) {
    static const Ipv4Address servers[] = {0x0a000035, 0x0a000036};
    dhcp_message_clear(m);
    m->op = BOOTREPLY;
    m->htype = 1;
    m->hlen = 6;
    m->xid = 0x3903f326;
    m->flags = DHCP_FLAG_BROADCAST;
    m->yiaddr = 0x0a000063;
    m->sname = bytes_of("dhcp1", 5);
    memcpy(m->chaddr, "\2\0\0\0\0\7", 6);
    dhcp_option_put_u8(m, DHCP_OPTION_MESSAGE_TYPE, DHCP_ACK);
    dhcp_option_put_u32(m, DHCP_OPTION_LEASE_TIME, 3600);
    dhcp_option_put_ipv4s(m, DHCP_OPTION_DOMAIN_NAME_SERVER, servers, 2);
    dhcp_option_put(m, DHCP_OPTION_PARAMETER_REQUEST_LIST, bytes_of("\1\3", 2));
    dhcp_option_put(m, 224, bytes_of("\1\2", 2));
    dhcp_option_put(m, DHCP_OPTION_RELAY_AGENT_INFORMATION, bytes_of("\1\4eth0\2\2\0\1", 10));
}

static void describes_dhcp_by_the_names_of_the_rfc(void **state) {
    (void)state;
    static DhcpMessage m;
    build_ack(&m);
    uint8_t room[1000];
    Bytes frame = bytes_of(room, dhcp_frame(room, sizeof room, &m, IPV4_LIMITED_BROADCAST, mac_broadcast));
    Description d = {0};
    describe_frame(frame, &d);
    assert_null(d.fault.reason);
    assert_string_equal(d.protocol, "dhcp");
    assert_string_equal(d.message, "ACK");
    static const struct {
        const char *key, *name, *value;
        int depth;
        uint32_t offset, length;
        bool number;
    } expected[] = {
        {"ethernet.type", "Type", "0x0800", 1, 12, 2, false},
        {"ipv4.ttl", "Time to Live", "64", 1, 22, 1, true},
        {"udp.source_port", "Source Port", "67", 1, 34, 2, true},
        {"dhcp.op", "op", "BOOTREPLY", 1, 42, 1, false},
        {"dhcp.xid", "xid", "0x3903f326", 1, 46, 4, false},
        {"dhcp.flags", "flags", "0x8000", 1, 52, 2, false},
        {"dhcp.flags.broadcast", "BROADCAST flag", "1", 2, 52, 1, true},
        {"dhcp.flags.mbz", "MBZ", "0", 2, 52, 2, true},
        {"dhcp.yiaddr", "yiaddr", "10.0.0.99", 1, 58, 4, false},
        {"dhcp.giaddr", "giaddr", "0.0.0.0", 1, 66, 4, false},
        {"dhcp.chaddr", "chaddr", "02:00:00:00:00:07", 1, 70, 16, false},
        {"dhcp.sname", "sname", "dhcp1", 1, 86, 64, false},
        {"dhcp.file", "file", "", 1, 150, 128, false},
        {"dhcp.option.dhcp_message_type", "DHCP Message Type", "ACK", 1, 282, 3, false},
        {"dhcp.option.ip_address_lease_time", "IP Address Lease Time", "3600", 1, 285, 6, true},
        {"dhcp.option.domain_name_server", "Domain Name Server Option", "10.0.0.53, 10.0.0.54", 1, 291, 10, false},
        {"dhcp.option.parameter_request_list", "Parameter Request List", "1, 3", 1, 301, 4, false},
        {"dhcp.requested_option", "Subnet Mask", "1", 2, 303, 1, true},
        {"dhcp.option.unknown", "option", "01:02", 1, 305, 4, false},
        {"dhcp.option.relay_agent_information", "Relay Agent Information", "01:04:65:74:68:30:02:02:00:01", 1, 309,
         12, false},
        {"dhcp.agent.circuit_id", "Agent Circuit ID Sub-option", "eth0", 2, 311, 6, false},
        {"dhcp.agent.remote_id", "Agent Remote ID Sub-option", "00:01", 2, 317, 4, false},
        {"dhcp.option.end", "End Option", "", 1, 321, 1, false},
        {"dhcp.padding", "padding", "", 1, 322, 20, false},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const DescribedField *f = description_find(&d, expected[i].key);
        if (!f) fail_msg("no field %s", expected[i].key);
        assert_string_equal(f->name, expected[i].name);
        assert_string_equal(description_value(&d, f), expected[i].value);
        assert_int_equal(f->depth, expected[i].depth);
        assert_int_equal(f->offset, expected[i].offset);
        assert_int_equal(f->length, expected[i].length);
        assert_int_equal(f->number, expected[i].number);
    }
    assert_int_equal(description_find(&d, "dhcp.option.unknown")->option, 224);
    assert_covers(frame, &d);
    description_free(&d);
}

static void summary_tells_broadcast_from_unicast(void **state) {
    (void)state;
    static DhcpMessage m;
    build_ack(&m);
    uint8_t room[1000];
    FrameSummary s;
    static const MacAddress client = {{2, 0, 0, 0, 0, 7}};
    frame_summarise(bytes_of(room, dhcp_frame(room, sizeof room, &m, 0x0a000063, client)), &s);
    assert_true(s.unicast);
    assert_int_equal(s.source, 0x0a000001);
    assert_int_equal(s.destination, 0x0a000063);
    assert_int_equal(s.source_port, 67);
    assert_int_equal(s.destination_port, 68);
    assert_true(mac_equal(s.destination_mac, client));
    frame_summarise(bytes_of(room, dhcp_frame(room, sizeof room, &m, IPV4_LIMITED_BROADCAST, client)), &s);
    assert_false(s.unicast);
    frame_summarise(bytes_of(room, dhcp_frame(room, sizeof room, &m, 0x0a0000ff, mac_broadcast)), &s);
    assert_false(s.unicast);
}

static void describes_arp_and_icmp(void **state) {
    (void)state;
    uint8_t room[200];
    Description d = {0};
    static const struct {
        ArpPacket packet;
        const char *message;
    } arps[] = {{{ARP_REQUEST, {{2}}, 1, {{0}}, 2}, "ARP request"},
                {{ARP_REPLY, {{2}}, 1, {{4}}, 2}, "ARP reply"},
                {{ARP_REQUEST, {{2}}, 0, {{0}}, 2}, "ARP probe"},
                {{ARP_REQUEST, {{2}}, 2, {{0}}, 2}, "ARP announcement"}};
    for (size_t i = 0; i < 4; i++) {
        uint8_t packet[ARP_SIZE];
        ByteWriter p = byte_writer(packet, sizeof packet), w = byte_writer(room, sizeof room);
        arp_encode(&arps[i].packet, &p);
        EthernetFrame frame = {mac_broadcast, {{2}}, ETHERNET_TYPE_ARP, byte_writer_bytes(&p)};
        ethernet_encode(&frame, &w);
        describe_frame(byte_writer_bytes(&w), &d);
        assert_string_equal(d.protocol, "arp");
        assert_string_equal(d.message, arps[i].message);
        assert_string_equal(value_of(&d, "arp.tpa"), "0.0.0.2");
        assert_covers(byte_writer_bytes(&w), &d);
        FrameSummary s;
        frame_summarise(byte_writer_bytes(&w), &s);
        assert_string_equal(s.message, arps[i].message);
        assert_int_equal(s.source, arps[i].packet.sender_ip);
        assert_int_equal(s.destination, 2);
        assert_false(s.unicast);
    }
    static const struct {
        uint8_t type;
        const char *message;
    } icmps[] = {{ICMP_ECHO_REQUEST, "echo request"}, {ICMP_ECHO_REPLY, "echo reply"},
                 {ICMP_DESTINATION_UNREACHABLE, "destination unreachable"}, {ICMP_TIME_EXCEEDED, "time exceeded"}};
    for (size_t i = 0; i < 4; i++) {
        ByteWriter w = byte_writer(room, sizeof room);
        EthernetFrame frame = {{{4}}, {{2}}, ETHERNET_TYPE_IPV4, {NULL, 0}};
        Ipv4Header ip = {.ttl = 1, .protocol = IPV4_PROTOCOL_ICMP, .source = 1, .destination = 2};
        IcmpMessage icmp = {icmps[i].type, 0, 0x00070009, bytes_of("abcdefgh", 8)};
        ethernet_encode_header(&frame, &w);
        ipv4_encode_header(&ip, 16, &w);
        icmp_encode(&icmp, &w);
        ethernet_encode_padding(&w, 0);
        describe_frame(byte_writer_bytes(&w), &d);
        assert_null(d.fault.reason);
        assert_string_equal(d.message, icmps[i].message);
        if (i < 2) assert_string_equal(value_of(&d, "icmp.sequence"), "9");
        assert_non_null(description_find(&d, "ethernet.padding"));
        assert_covers(byte_writer_bytes(&w), &d);
        FrameSummary s;
        frame_summarise(byte_writer_bytes(&w), &s);
        assert_string_equal(s.protocol, "icmp");
        assert_string_equal(s.message, icmps[i].message);
    }
    description_free(&d);
}

static void faults_are_shown_beside_what_can_be_read(void **state) {
    (void)state;
    static DhcpMessage m;
    build_ack(&m);
    uint8_t room[1000];
    size_t size = dhcp_frame(room, sizeof room, &m, IPV4_LIMITED_BROADCAST, mac_broadcast);
    Description d = {0};
    static const struct {
        size_t at;
        const char *reason;
        size_t offset;
    } cases[] = {
        {24, "ipv4.checksum", 24}, {41, "udp.checksum", 40}, {42, "udp.checksum", 40}, {278, "udp.checksum", 40}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        room[cases[i].at] ^= 0x10;
        describe_frame(bytes_of(room, size), &d);
        assert_string_equal(d.fault.reason, cases[i].reason);
        assert_int_equal(d.fault.offset, cases[i].offset);
        assert_string_equal(d.protocol, "dhcp");
        assert_string_equal(value_of(&d, "dhcp.yiaddr"), "10.0.0.99");
        room[cases[i].at] ^= 0x10;
    }
    room[40] = room[41] = 0; /* no UDP checksum, so that the fault is DHCP's */
    room[278] ^= 1;
    describe_frame(bytes_of(room, size), &d);
    assert_string_equal(d.fault.reason, "dhcp.cookie");
    assert_int_equal(d.fault.offset, 278);
    room[278] ^= 1;
    room[286] = 3; /* the lease time's length: what follows is out of step */
    describe_frame(bytes_of(room, size), &d);
    assert_non_null(d.fault.reason);
    assert_string_equal(value_of(&d, "dhcp.option.ip_address_lease_time"), "00:00:0e");
    describe_frame(bytes_of(room, 10), &d);
    assert_string_equal(d.fault.reason, "ethernet.truncated");
    assert_int_equal(d.fault.offset, 10);
    assert_covers(bytes_of(room, 10), &d);
    description_free(&d);
}

static void survives_damage(void **state) {
    (void)state;
    RandomStream random = random_stream(5, "describe", "damage");
    Description d = {0};
    for (size_t i = 0; i < sizeof captures / sizeof *captures; i++) {
        Capture capture;
        open_capture(i, &capture);
        for (Bytes frame; capture_next(&capture, &frame);)
            for (int round = 0; round < 400; round++) {
                size_t size = round < 100 ? random_below(&random, frame.size + 1) : frame.size;
                uint8_t *octets = memory_new(size);
                memcpy(octets, frame.at, size);
                for (uint64_t n = random_below(&random, 6); n > 0 && size > 0; n--)
                    octets[random_below(&random, size)] = (uint8_t)random_next(&random);
                if (round % 50 == 0 && size > 40) octets[39] -= (uint8_t)random_below(&random, octets[39] + 1U);
                Bytes damaged = bytes_of(octets, size);
                describe_frame(damaged, &d);
                assert_covers(damaged, &d);
                FrameSummary s;
                frame_summarise(damaged, &s);
                assert_true(s.payload_offset + s.payload_size <= size);
                assert_string_equal(s.protocol, d.protocol);
                assert_string_equal(s.message, d.message);
                free(octets);
            }
        text_free(&capture.content);
    }
    description_free(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(covers_every_octet_of_real_frames),
        cmocka_unit_test(describes_dhcp_by_the_names_of_the_rfc),
        cmocka_unit_test(summary_tells_broadcast_from_unicast),
        cmocka_unit_test(describes_arp_and_icmp),
        cmocka_unit_test(faults_are_shown_beside_what_can_be_read),
        cmocka_unit_test(survives_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
