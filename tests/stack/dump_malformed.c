/* dump_malformed FILE: the malformed frames of malformed.h as a capture, and their reasons, a line each, on standard
 * output; before each a good one, so that what tshark finds is found in the bad ones alone. */
#include "malformed.h"
#include "observe/pcapng.h"

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    World *w = network_lan(1, "switch", 1);
    static Malformed list[MALFORMED_MOST];
    size_t count = malformed_make(w, "pc1", list);
    for (size_t i = 0; i < count; i++) {
        uint8_t good[100];
        PacketTo to = packet_to(w, "pc1", IPV4_PROTOCOL_ICMP);
        frame_in(w, good, echo_make(&to, ICMP_ECHO_REPLY, good, sizeof good));
        frame_in(w, list[i].octets, list[i].size);
        run_for(w, SIM_SECOND);
        printf("%s\n", list[i].reason);
    }
    Text error = text_new();
    Output *output = output_to_file(argv[1], &error);
    if (!output) return 2;
    PcapngWriter writer = pcapng_begin(world_trace(w), PCAPNG_EVERY_CABLE, "netstage test", output);
    pcapng_update(&writer);
    bool good = output_close(output, &error);
    text_free(&error);
    world_free(w);
    return good ? 0 : 2;
}
