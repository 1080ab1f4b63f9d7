/* dump_tcp FILE: a loss-free transfer of 1 MB from pc1 to pc2 and an answer, with half-close, as a capture; on standard
 * output the names of the cables. */
#include <stdlib.h>

#include "observe/pcapng.h"
#include "tcp_pair.h"

enum { PORT = 7000, SIZE = 1000000 };

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    World *w = network_lan(2, "switch", 1);
    for (int n = 1; n <= 2; n++)
        world_do(w, "{'do':'cable','host':'pc%d','latency':'2ms','bandwidth':100000000}", n);
    static uint8_t there[SIZE], back[SIZE / 10];
    test_fill(there, sizeof there, 1);
    test_fill(back, sizeof back, 2);
    TestUser a = {.to_write = bytes_of(there, sizeof there), .close_after = true};
    TestUser b = {.to_write = bytes_of(back, sizeof back), .close_with_peer = true};
    test_listen(w, "pc2", PORT, NULL, &b);
    test_connect(w, "pc1", 0xc0a80102, PORT, NULL, &a);
    run_for(w, 60 * SIM_SECOND);
    bool whole = bytes_equal(bytes_of(a.got, a.got_size), bytes_of(back, sizeof back)) &&
                 bytes_equal(bytes_of(b.got, b.got_size), bytes_of(there, sizeof there));
    Text error = text_new();
    Output *output = output_to_file(argv[1], &error);
    if (!output) return 2;
    PcapngWriter writer = pcapng_begin(world_trace(w), PCAPNG_EVERY_CABLE, "netstage test", output);
    pcapng_update(&writer);
    bool good = output_close(output, &error) && whole;
    text_free(&error);
    free(a.got);
    free(b.got);
    world_free(w);
    return good ? 0 : 2;
}
