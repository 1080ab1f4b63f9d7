/* dump_capture FILE.pcap: what the codecs read in each DHCP frame, one fact a line, for compare_capture.py.
 *
 *   frame N
 *   fault REASON OFFSET               the strict reading or the description refused something
 *   decoded NAME VALUE                a field of the strict reading
 *   option CODE HEX                   an option of it
 *   field KEY DEPTH CODE OFFSET LENGTH VALUE   of the description */
#include <inttypes.h>
#include <stdio.h>

#include "wire/capture.h"
#include "wire/describe.h"
#include "wire/dhcp.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

static void print_octets(const char *name, Bytes octets) {
    printf("%s ", name);
    for (size_t i = 0; i < octets.size; i++) printf("%02x", octets.at[i]);
    printf("\n");
}

static void dump_dhcp(Bytes payload) {
    static DhcpMessage m;
    ParseFault fault;
    if (!dhcp_message_decode(payload, &m, &fault)) {
        printf("fault %s %zu\n", fault.reason, fault.offset);
        return;
    }
    printf("decoded op %u\ndecoded htype %u\ndecoded hlen %u\ndecoded hops %u\n", m.op, m.htype, m.hlen, m.hops);
    printf("decoded xid %" PRIu32 "\ndecoded secs %u\ndecoded flags %u\n", m.xid, m.secs, m.flags);
    printf("decoded ciaddr %" PRIu32 "\ndecoded yiaddr %" PRIu32 "\n", m.ciaddr, m.yiaddr);
    printf("decoded siaddr %" PRIu32 "\ndecoded giaddr %" PRIu32 "\n", m.siaddr, m.giaddr);
    printf("decoded type %u\n", m.type);
    print_octets("decoded chaddr", bytes_of(m.chaddr, m.hlen));
    print_octets("decoded sname", m.sname);
    print_octets("decoded file", m.file);
    for (size_t i = 0; i < m.option_count; i++) {
        printf("option %u", m.options[i].code);
        print_octets("", m.options[i].value);
    }
}

static void dump_frame(size_t number, Bytes frame, Description *d) {
    FrameSummary summary;
    frame_summarise(frame, &summary);
    describe_frame(frame, d);
    if (d->fault.reason) printf("frame %zu\nfault %s %zu\n", number, d->fault.reason, d->fault.offset);
    EthernetFrame ethernet;
    Ipv4Header ip;
    UdpHeader udp;
    ParseFault fault;
    if (!ethernet_decode(frame, &ethernet, &fault) || ethernet.type != ETHERNET_TYPE_IPV4) return;
    if (!ipv4_decode(ethernet.payload, &ip, &fault) || ip.protocol != IPV4_PROTOCOL_UDP) return;
    if (!udp_decode(ip.payload, ip.source, ip.destination, &udp, &fault)) return;
    printf("frame %zu\ndecoded summary_protocol %s\ndecoded summary_message %s\n", number, summary.protocol,
           summary.message);
    dump_dhcp(udp.payload);
    for (size_t i = 0; i < d->count; i++) {
        const DescribedField *f = &d->fields[i];
        printf("field %s %u %u %" PRIu32 " %" PRIu32 " %s\n", f->key, f->depth, f->option, f->offset, f->length,
               description_value(d, f));
    }
}

int main(int argc, char **argv) {
    Capture capture;
    Text error = text_new();
    if (argc != 2) {
        fprintf(stderr, "usage: dump_capture FILE.pcap\n");
        return 2;
    }
    if (!capture_open(argv[1], &capture, &error)) {
        fprintf(stderr, "dump_capture: %s\n", text_get(&error));
        text_free(&error);
        return 2;
    }
    Description description = {0};
    Bytes frame;
    for (size_t number = 1; capture_next(&capture, &frame); number++) dump_frame(number, frame, &description);
    description_free(&description);
    text_free(&capture.content);
    text_free(&error);
    return 0;
}
