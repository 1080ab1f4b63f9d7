/* The DHCP codec: known octets, round trips, overload, split options, the size limit, damage of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "wire/dhcp.h"

enum { OPTIONS_AT = 240, FILE_AT = 108, SNAME_AT = 44 };

/* A message with nothing but the given options field; returns its size. */
static size_t raw_message(uint8_t *room, const void *options, size_t size) {
    memset(room, 0, OPTIONS_AT);
    room[0] = BOOTREPLY;
    room[1] = 1;
    room[2] = 6;
    memcpy(room + 236, "\x63\x82\x53\x63", 4);
    memcpy(room + OPTIONS_AT, options, size);
    return OPTIONS_AT + size;
}

static bool decodes(const uint8_t *at, size_t size, DhcpMessage *message, const char *reason, size_t offset) {
    ParseFault fault = {0};
    if (dhcp_message_decode(bytes_of(at, size), message, &fault)) {
        if (reason) fail_msg("%s was not noticed", reason);
        return true;
    }
    if (reason) {
        assert_string_equal(fault.reason, reason);
        assert_int_equal(fault.offset, offset);
    }
    return false;
}

static void build_discover(DhcpMessage *m) {
    dhcp_message_clear(m);
    m->op = BOOTREQUEST;
    m->htype = 1;
    m->hlen = 6;
    m->xid = 0x3903f326;
    m->secs = 3;
    m->flags = DHCP_FLAG_BROADCAST;
    memcpy(m->chaddr, "\x02\0\0\0\0\x01", 6);
    dhcp_option_put_u8(m, DHCP_OPTION_MESSAGE_TYPE, DHCP_DISCOVER);
    dhcp_option_put_u32(m, DHCP_OPTION_REQUESTED_ADDRESS, 0xc0a80164);
    dhcp_option_put_u16(m, DHCP_OPTION_MAXIMUM_MESSAGE_SIZE, 576);
    dhcp_option_put(m, DHCP_OPTION_PARAMETER_REQUEST_LIST, bytes_of("\1\3\6", 3));
}

static void written_as_the_rfc_draws_it(void **state) {
    (void)state;
    static DhcpMessage m;
    build_discover(&m);
    uint8_t room[600];
    ByteWriter w = byte_writer(room, sizeof room);
    assert_int_equal(dhcp_message_encode(&m, &w, 548), 0);
    assert_int_equal(w.size, DHCP_MINIMUM_SIZE);
    static const uint8_t head[12] = {1, 1, 6, 0, 0x39, 0x03, 0xf3, 0x26, 0, 3, 0x80, 0};
    assert_memory_equal(room, head, 12);
    static const uint8_t chaddr[16] = {2, 0, 0, 0, 0, 1};
    assert_memory_equal(room + 28, chaddr, 16);
    static const uint8_t tail[] = {99, 130, 83, 99, 53, 1, 1,  50, 4, 192, 168, 1, 100,
                                   57, 2,   2,  64, 55, 3, 1, 3,  6, 255, 0,   0};
    assert_memory_equal(room + 236, tail, sizeof tail);
    for (size_t i = 12; i < 28; i++) assert_int_equal(room[i], 0);
    for (size_t i = 44; i < 236; i++) assert_int_equal(room[i], 0);
}

static void assert_same(const DhcpMessage *a, const DhcpMessage *b) {
    assert_int_equal(a->op, b->op);
    assert_int_equal(a->htype, b->htype);
    assert_int_equal(a->hlen, b->hlen);
    assert_int_equal(a->hops, b->hops);
    assert_int_equal(a->xid, b->xid);
    assert_int_equal(a->secs, b->secs);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->ciaddr, b->ciaddr);
    assert_int_equal(a->yiaddr, b->yiaddr);
    assert_int_equal(a->siaddr, b->siaddr);
    assert_int_equal(a->giaddr, b->giaddr);
    assert_memory_equal(a->chaddr, b->chaddr, 16);
    assert_true(bytes_equal(a->sname, b->sname));
    assert_true(bytes_equal(a->file, b->file));
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->option_count, b->option_count);
    for (size_t i = 0; i < a->option_count; i++) {
        assert_int_equal(a->options[i].code, b->options[i].code);
        assert_true(bytes_equal(a->options[i].value, b->options[i].value));
    }
}

/* Random messages come back as they went, long options split and joined on the way; 82 last. */
static void round_trip(void **state) {
    (void)state;
    RandomStream random = random_stream(3, "dhcp", "test");
    static uint8_t pool[4096];
    for (size_t i = 0; i < sizeof pool; i++) pool[i] = (uint8_t)(1 + random_below(&random, 255));
    static DhcpMessage out, in;
    static uint8_t room[8192];
    for (int round = 0; round < 3000; round++) {
        dhcp_message_clear(&out);
        out.op = (uint8_t)(1 + random_below(&random, 2));
        out.htype = 1;
        out.hlen = (uint8_t)random_below(&random, 17);
        out.hops = (uint8_t)random_next(&random);
        out.xid = (uint32_t)random_next(&random);
        out.secs = (uint16_t)random_next(&random);
        out.flags = (uint16_t)random_next(&random);
        out.ciaddr = (uint32_t)random_next(&random);
        out.yiaddr = (uint32_t)random_next(&random);
        out.siaddr = (uint32_t)random_next(&random);
        out.giaddr = (uint32_t)random_next(&random);
        for (int i = 0; i < 16; i++) out.chaddr[i] = (uint8_t)random_next(&random);
        out.sname = bytes_of(pool, random_below(&random, 65));
        out.file = bytes_of(pool + 100, random_below(&random, 129));
        bool used[256] = {[DHCP_OPTION_PAD] = true, [DHCP_OPTION_END] = true, [DHCP_OPTION_OVERLOAD] = true,
                          [DHCP_OPTION_RELAY_AGENT_INFORMATION] = true};
        size_t long_left = 700; /* octets of split options that a reader must be able to join */
        for (uint64_t n = random_below(&random, 20); n > 0; n--) {
            uint8_t code = (uint8_t)random_next(&random);
            if (used[code]) continue;
            used[code] = true;
            size_t size = random_below(&random, 8) == 0 ? random_below(&random, 600) : random_below(&random, 40);
            if (code == DHCP_OPTION_MESSAGE_TYPE) size = 1;
            if (size > 255 && size > long_left) size = 255;
            if (size > 255) long_left -= size;
            dhcp_option_put(&out, code, bytes_of(pool + random_below(&random, 1024), size));
        }
        if (random_below(&random, 2)) dhcp_option_put(&out, DHCP_OPTION_RELAY_AGENT_INFORMATION, bytes_of(pool, 30));
        ByteWriter w = byte_writer(room, sizeof room);
        assert_int_equal(dhcp_message_encode(&out, &w, sizeof room), 0);
        assert_false(w.overflow);
        ParseFault fault = {0};
        if (!dhcp_message_decode(byte_writer_bytes(&w), &in, &fault)) fail_msg("%s at %zu", fault.reason, fault.offset);
        assert_same(&out, &in);
    }
}

static void agent_information_goes_last(void **state) {
    (void)state;
    static DhcpMessage m;
    dhcp_message_clear(&m);
    m.op = BOOTREPLY;
    dhcp_option_put(&m, DHCP_OPTION_RELAY_AGENT_INFORMATION, bytes_of("\1\2ab", 4));
    dhcp_option_put_u8(&m, DHCP_OPTION_MESSAGE_TYPE, DHCP_ACK);
    uint8_t room[400];
    ByteWriter w = byte_writer(room, sizeof room);
    assert_int_equal(dhcp_message_encode(&m, &w, 300), 0);
    static const uint8_t expected[] = {53, 1, 5, 82, 4, 1, 2, 'a', 'b', 255};
    assert_memory_equal(room + OPTIONS_AT, expected, sizeof expected);
}

/* Option 57: what does not fit is left out from the end, but what the exchange needs never is. */
static void the_size_limit_is_kept(void **state) {
    (void)state;
    static uint8_t filler[200];
    for (size_t most = 300; most < 900; most++) {
        static DhcpMessage m, in;
        dhcp_message_clear(&m);
        m.op = BOOTREPLY;
        dhcp_option_put_u8(&m, DHCP_OPTION_MESSAGE_TYPE, DHCP_OFFER);
        dhcp_option_put(&m, DHCP_OPTION_HOST_NAME, bytes_of(filler, 150));
        dhcp_option_put(&m, DHCP_OPTION_DOMAIN_NAME, bytes_of(filler, 200));
        dhcp_option_put_u32(&m, DHCP_OPTION_ROUTER, 1);
        dhcp_option_put_u32(&m, DHCP_OPTION_LEASE_TIME, 60);
        dhcp_option_put_u32(&m, DHCP_OPTION_SERVER_IDENTIFIER, 2);
        dhcp_option_put(&m, DHCP_OPTION_RELAY_AGENT_INFORMATION, bytes_of(filler, 30));
        uint8_t room[1000];
        ByteWriter w = byte_writer(room, sizeof room);
        size_t left_out = dhcp_message_encode(&m, &w, most);
        assert_false(w.overflow);
        assert_true(w.size <= most);
        ParseFault fault;
        assert_true(dhcp_message_decode(byte_writer_bytes(&w), &in, &fault));
        assert_int_equal(in.type, DHCP_OFFER);
        assert_int_equal(in.option_count + left_out, m.option_count);
        assert_non_null(dhcp_option_find(&in, DHCP_OPTION_LEASE_TIME).at);
        assert_non_null(dhcp_option_find(&in, DHCP_OPTION_SERVER_IDENTIFIER).at);
        assert_int_equal(dhcp_option_find(&in, DHCP_OPTION_RELAY_AGENT_INFORMATION).size, 30);
        /* 241 for the frame, 47 for the four that stay, then 6, 202 and 152 */
        size_t stay = OPTIONS_AT + 1 + 3 + 6 + 6 + 32;
        size_t expected = most >= stay + 6 + 202 + 152 ? 0 : most >= stay + 202 + 152 ? 1 : most >= stay + 152 ? 2 : 3;
        assert_int_equal(left_out, expected);
    }
    /* Agent information that fits nowhere goes last of all. */
    static DhcpMessage m;
    static uint8_t long_agent[400];
    dhcp_message_clear(&m);
    m.op = BOOTREPLY;
    dhcp_option_put(&m, DHCP_OPTION_RELAY_AGENT_INFORMATION, bytes_of(long_agent, sizeof long_agent));
    dhcp_option_put_u8(&m, DHCP_OPTION_MESSAGE_TYPE, DHCP_OFFER);
    uint8_t room[600];
    ByteWriter w = byte_writer(room, sizeof room);
    assert_int_equal(dhcp_message_encode(&m, &w, 576), 1);
    assert_int_equal(w.size, DHCP_MINIMUM_SIZE);
}

static void options_in_file_and_sname_are_read(void **state) {
    (void)state;
    static DhcpMessage m;
    uint8_t room[300];
    for (int overload = 0; overload < 4; overload++) {
        uint8_t options[] = {53, 1, 5, 52, 1, (uint8_t)overload, 255};
        size_t size = overload == 0 ? raw_message(room, "\x35\1\5\xff", 4) : raw_message(room, options, sizeof options);
        memcpy(room + FILE_AT, "\3\4\12\0\0\1\xff", 7);
        memcpy(room + SNAME_AT, "\x0c\3pc9\xff", 6);
        assert_true(decodes(room, size, &m, NULL, 0));
        assert_int_equal(m.type, DHCP_ACK);
        assert_int_equal(dhcp_option_find(&m, DHCP_OPTION_ROUTER).at != NULL, (overload & 1) != 0);
        assert_int_equal(dhcp_option_find(&m, DHCP_OPTION_HOST_NAME).at != NULL, (overload & 2) != 0);
        assert_null(dhcp_option_find(&m, DHCP_OPTION_OVERLOAD).at);
        assert_int_equal(m.file.size > 0, !(overload & 1));
        assert_int_equal(m.sname.size > 0, !(overload & 2));
    }
    /* file comes before sname (RFC 2131 section 4.1): seen in an option that both go on with */
    size_t size = raw_message(room, "\x35\1\5\x38\1a\x34\1\3\xff", 10);
    memcpy(room + FILE_AT, "\x38\1b\xff", 4);
    memcpy(room + SNAME_AT, "\x38\1c\xff", 4);
    assert_true(decodes(room, size, &m, NULL, 0));
    Bytes text = dhcp_option_find(&m, DHCP_OPTION_MESSAGE);
    assert_int_equal(text.size, 3);
    assert_memory_equal(text.at, "abc", 3);
    /* written again, what was overloaded stands in the options field */
    uint8_t again[400];
    ByteWriter w = byte_writer(again, sizeof again);
    assert_int_equal(dhcp_message_encode(&m, &w, 400), 0);
    static DhcpMessage second;
    assert_true(decodes(again, w.size, &second, NULL, 0));
    assert_same(&m, &second);
}

static void split_options_are_joined(void **state) {
    (void)state;
    static DhcpMessage m;
    uint8_t room[400];
    /* two options, interleaved: each is joined in its own place */
    static const uint8_t options[] = {6, 2,   10,  0, 15, 1,  'a', 6, 2, 0, 1, 15,
                                      2, 'b', 'c', 6, 4,  10, 0,   0, 2, 6, 0, 255};
    assert_true(decodes(room, raw_message(room, options, sizeof options), &m, NULL, 0));
    assert_int_equal(m.option_count, 2);
    Ipv4Address servers[3];
    assert_int_equal(dhcp_option_ipv4s(&m, DHCP_OPTION_DOMAIN_NAME_SERVER, servers, 3), 2);
    assert_int_equal(servers[0], 0x0a000001);
    assert_int_equal(servers[1], 0x0a000002);
    assert_memory_equal(dhcp_option_find(&m, DHCP_OPTION_DOMAIN_NAME).at, "abc", 3);
}

static void accessors_mind_the_length(void **state) {
    (void)state;
    static DhcpMessage m;
    uint8_t room[400], u8;
    uint16_t u16;
    uint32_t u32;
    Ipv4Address list[4];
    for (uint8_t size = 0; size <= 9; size++) {
        uint8_t options[16] = {51, size, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        options[2 + size] = 255;
        assert_true(decodes(room, raw_message(room, options, 3U + size), &m, NULL, 0));
        assert_int_equal(dhcp_option_find(&m, 51).size, size);
        assert_non_null(dhcp_option_find(&m, 51).at);
        assert_int_equal(dhcp_option_u8(&m, 51, &u8), size == 1);
        assert_int_equal(dhcp_option_u16(&m, 51, &u16), size == 2);
        assert_int_equal(dhcp_option_u32(&m, 51, &u32), size == 4);
        if (size == 4) assert_int_equal(u32, 0x01020304);
        assert_int_equal(dhcp_option_ipv4s(&m, 51, list, 4), size % 4 == 0 ? size / 4 : 0);
        assert_int_equal(dhcp_option_ipv4s(&m, 51, list, 1), size % 4 == 0 && size > 0 ? 1 : 0);
        assert_false(dhcp_option_u8(&m, 50, &u8));
        assert_null(dhcp_option_find(&m, 50).at);
    }
}

static void agent_suboptions(void **state) {
    (void)state;
    Bytes agent = bytes_of("\1\4eth0\2\0\3\1x", 11);
    Bytes circuit = dhcp_agent_suboption(agent, DHCP_AGENT_CIRCUIT_ID),
          remote = dhcp_agent_suboption(agent, DHCP_AGENT_REMOTE_ID);
    assert_int_equal(circuit.size, 4);
    assert_memory_equal(circuit.at, "eth0", 4);
    assert_non_null(remote.at);
    assert_int_equal(remote.size, 0);
    assert_int_equal(dhcp_agent_suboption(agent, 3).size, 1);
    assert_null(dhcp_agent_suboption(agent, 4).at);
    assert_null(dhcp_agent_suboption(bytes_of("\1\4eth", 5), 1).at);
    assert_null(dhcp_agent_suboption(bytes_of("\1", 1), 1).at);
    assert_null(dhcp_agent_suboption(bytes_of(NULL, 0), 1).at);
}

static void malformed_messages_have_reasons(void **state) {
    (void)state;
    static DhcpMessage m;
    uint8_t room[400];
    size_t size = raw_message(room, "\x35\1\5\xff", 4);
    assert_true(decodes(room, size, &m, NULL, 0));
    for (size_t cut = 0; cut < OPTIONS_AT; cut++) assert_false(decodes(room, cut, &m, "dhcp.truncated", cut));
    assert_true(decodes(room, OPTIONS_AT, &m, NULL, 0)); /* no option at all: BOOTP */
    assert_int_equal(m.type, 0);
    assert_false(decodes(room, OPTIONS_AT + 1, &m, "dhcp.option_overrun", OPTIONS_AT));
    assert_false(decodes(room, OPTIONS_AT + 2, &m, "dhcp.option_overrun", OPTIONS_AT));
    assert_true(decodes(room, OPTIONS_AT + 3, &m, NULL, 0)); /* no End option: nothing is in doubt */
    room[0] = 3;
    assert_false(decodes(room, size, &m, "dhcp.op", 0));
    room[0] = 1;
    room[2] = 17;
    assert_false(decodes(room, size, &m, "dhcp.hlen", 2));
    room[2] = 16;
    assert_true(decodes(room, size, &m, NULL, 0));
    room[239] ^= 1;
    assert_false(decodes(room, size, &m, "dhcp.cookie", 236));

    assert_false(decodes(room, raw_message(room, "\0\x35\2\5\5\xff", 6), &m, "dhcp.message_type", 241));
    assert_false(decodes(room, raw_message(room, "\x35\0\xff", 3), &m, "dhcp.message_type", 240));
    assert_false(decodes(room, raw_message(room, "\x35\1\1\x35\1\2\xff", 7), &m, "dhcp.message_type", 243));
    assert_false(decodes(room, raw_message(room, "\x34\1\4\xff", 4), &m, "dhcp.overload", 240));
    assert_false(decodes(room, raw_message(room, "\x34\2\1\1\xff", 5), &m, "dhcp.overload", 240));
    assert_false(decodes(room, raw_message(room, "\x34\1\1\x34\1\1\xff", 7), &m, "dhcp.overload", 243));
    size = raw_message(room, "\x34\1\1\xff", 4);
    room[FILE_AT + 125] = 12;
    room[FILE_AT + 126] = 2;
    assert_false(decodes(room, size, &m, "dhcp.option_overrun", FILE_AT + 125));
    room[FILE_AT + 126] = 1;
    assert_true(decodes(room, size, &m, NULL, 0));

    uint8_t many[600];
    size_t at = 0;
    for (int code = 100; code < 200; code++) {
        many[at++] = (uint8_t)code;
        many[at++] = 0;
    }
    uint8_t big[2000];
    assert_false(decodes(big, raw_message(big, many, at), &m, "dhcp.options_too_many", OPTIONS_AT + 2 * 72));
    for (int i = 0; i < 5; i++) { /* 5 * 255 octets of one option */
        uint8_t *part = big + OPTIONS_AT + i * 257;
        memset(part, 7, 257);
        part[0] = 43;
        part[1] = 255;
    }
    assert_false(decodes(big, OPTIONS_AT + 3 * 257 + 1, &m, "dhcp.option_overrun", OPTIONS_AT + 3 * 257));
    assert_true(decodes(big, OPTIONS_AT + 3 * 257, &m, NULL, 0));
    assert_int_equal(dhcp_option_find(&m, 43).size, 765);
    assert_false(decodes(big, OPTIONS_AT + 5 * 257, &m, "dhcp.joined_too_long", OPTIONS_AT + 3 * 257));
}

static void options_come_and_go(void **state) {
    (void)state;
    static DhcpMessage m;
    build_discover(&m);
    size_t count = m.option_count;
    dhcp_option_put(&m, DHCP_OPTION_RELAY_AGENT_INFORMATION, bytes_of("\1\1a", 3));
    dhcp_option_remove(&m, DHCP_OPTION_RELAY_AGENT_INFORMATION);
    dhcp_option_remove(&m, DHCP_OPTION_RELAY_AGENT_INFORMATION);
    assert_int_equal(m.option_count, count);
    dhcp_option_remove(&m, DHCP_OPTION_MESSAGE_TYPE);
    assert_int_equal(m.type, 0);
    assert_int_equal(m.option_count, count - 1);
    uint16_t most = 0;
    assert_true(dhcp_option_u16(&m, DHCP_OPTION_MAXIMUM_MESSAGE_SIZE, &most));
    assert_int_equal(most, 576);
    Ipv4Address routers[2] = {1, 2}, back[2] = {0};
    dhcp_option_put_ipv4s(&m, DHCP_OPTION_ROUTER, routers, 2);
    assert_int_equal(dhcp_option_ipv4s(&m, DHCP_OPTION_ROUTER, back, 2), 2);
    assert_memory_equal(routers, back, sizeof back);
    dhcp_message_clear(&m);
    assert_int_equal(m.option_count, 0);
    assert_int_equal(m.joined_size, 0);
    assert_int_equal(m.xid, 0);
}

/* Damage of any kind is refused or read, but never read past the end: the message lies in memory of exactly its
 * size. */
static void damage(void **state) {
    (void)state;
    static DhcpMessage m;
    build_discover(&m);
    dhcp_option_put(&m, DHCP_OPTION_RELAY_AGENT_INFORMATION, bytes_of("\1\4eth0\2\2ab", 10));
    uint8_t whole[400];
    ByteWriter w = byte_writer(whole, sizeof whole);
    assert_int_equal(dhcp_message_encode(&m, &w, 300), 0);
    RandomStream random = random_stream(4, "dhcp", "damage");
    size_t refused = 0, rounds = 20000;
    for (size_t round = 0; round < rounds; round++) {
        size_t size = round < w.size ? round : w.size;
        uint8_t *octets = memory_new(size);
        memcpy(octets, whole, size);
        if (round >= w.size)
            for (uint64_t n = 1 + random_below(&random, 4); n > 0; n--) {
                size_t at =
                    random_below(&random, 3) ? OPTIONS_AT + random_below(&random, 40) : random_below(&random, size);
                octets[at] = random_below(&random, 2) ? (uint8_t)random_next(&random)
                                                      : (uint8_t)(octets[at] ^ (1 << random_below(&random, 8)));
            }
        static DhcpMessage in;
        ParseFault fault = {0};
        if (dhcp_message_decode(bytes_of(octets, size), &in, &fault)) {
            for (size_t i = 0; i < in.option_count; i++)
                if (in.options[i].code == DHCP_OPTION_RELAY_AGENT_INFORMATION)
                    dhcp_agent_suboption(in.options[i].value, 99);
            uint8_t again[4000];
            ByteWriter out = byte_writer(again, sizeof again);
            assert_int_equal(dhcp_message_encode(&in, &out, sizeof again), 0);
            static DhcpMessage second;
            assert_true(decodes(again, out.size, &second, NULL, 0));
            assert_int_equal(second.option_count, in.option_count);
        } else {
            refused++;
            assert_non_null(fault.reason);
            assert_true(fault.offset <= size);
        }
        free(octets);
    }
    assert_in_range(refused, 250, rounds - 1000);
}

static void names(void **state) {
    (void)state;
    assert_string_equal(dhcp_message_type_name(DHCP_INFORM), "INFORM");
    assert_null(dhcp_message_type_name(0));
    assert_null(dhcp_message_type_name(9));
    assert_string_equal(dhcp_option_name(3), "router");
    assert_null(dhcp_option_name(4));
    assert_int_equal(dhcp_option_kind(82), DHCP_VALUE_AGENT);
    assert_int_equal(dhcp_option_kind(250), DHCP_VALUE_OCTETS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_as_the_rfc_draws_it),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(agent_information_goes_last),
        cmocka_unit_test(the_size_limit_is_kept),
        cmocka_unit_test(options_in_file_and_sname_are_read),
        cmocka_unit_test(split_options_are_joined),
        cmocka_unit_test(accessors_mind_the_length),
        cmocka_unit_test(agent_suboptions),
        cmocka_unit_test(malformed_messages_have_reasons),
        cmocka_unit_test(options_come_and_go),
        cmocka_unit_test(damage),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
