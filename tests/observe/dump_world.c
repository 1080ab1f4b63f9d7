/* dump_world FOLDER: runs two worlds and writes their exports to FOLDER/<world>.{jsonl,pcapng,txt}: `relay`, where
 * all goes well (DHCP across a relay with option 82, renewals, a decline, ping and UDP across the router), and
 * `faults`, where cables lose, double, reorder and corrupt. */
#include <stdio.h>
#include <stdlib.h>

#include "observe/jsonl.h"
#include "observe/pcapng.h"
#include "observe/transcript.h"
#include "worlds.h"

static void build(World *w) {
    for (int n = 1; n <= 2; n++) world_do(w, "{'do':'lan','name':'lan%d','prefix':'10.0.%d.0/24'}", n, n);
    world_do(w, "{'do':'host','name':'r','router':true}");
    for (int n = 1; n <= 2; n++) world_do(w, "{'do':'attach','host':'r','lan':'lan%d','address':'10.0.%d.254'}", n, n);
    world_do(
        w,
        "{'do':'service','host':'r','service':'dhcp_relay','config':{'servers':['10.0.1.1'],'agent_option':true}}");
    world_do(w, "{'do':'boot','host':'r'}");
    world_do(w, "{'do':'host','name':'dhcp1'}");
    world_do(w, "{'do':'attach','host':'dhcp1','lan':'lan1','address':'10.0.1.1','router':'10.0.1.254'}");
    world_do(w,
             "{'do':'service','host':'dhcp1','service':'dhcp_server','config':{'lease':'60s','pools':["
             "{'subnet':'10.0.1.0/"
             "24','first':'10.0.1.100','last':'10.0.1.150','router':'10.0.1.254','dns':['10.0.1.53'],'domain':'"
             "example.org'},"
             "{'subnet':'10.0.2.0/24','first':'10.0.2.100','last':'10.0.2.150','router':'10.0.2.254'}]}}");
    world_do(w, "{'do':'boot','host':'dhcp1'}");
    world_do(w, "{'do':'host','name':'old'}"); /* took an address of the pool by hand */
    world_do(w, "{'do':'attach','host':'old','lan':'lan2','address':'10.0.2.100'}");
    world_do(w, "{'do':'boot','host':'old'}");
    for (int n = 1; n <= 4; n++) {
        world_do(w, "{'do':'host','name':'pc%d'}", n);
        world_do(w, "{'do':'attach','host':'pc%d','lan':'lan%d'}", n, 1 + n % 2);
        world_do(w,
                 "{'do':'service','host':'pc%d','service':'dhcp_client','config':{'initial_delay':['0s','2s'],'"
                 "broadcast':%s,'retry_min':'5s'}}",
                 n, n > 2 ? "true" : "false");
        world_do(w, "{'do':'boot','host':'pc%d'}", n);
    }
}

static Output *open_export(const char *folder, const char *name, const char *kind) {
    Text path = text_new(), error = text_new();
    text_print(&path, "%s/%s.%s", folder, name, kind);
    Output *output = output_to_file(text_get(&path), &error);
    if (!output) {
        fprintf(stderr, "dump_world: %s\n", text_get(&error));
        exit(2);
    }
    text_free(&path);
    text_free(&error);
    return output;
}

static void close_export(Output *output) {
    Text error = text_new();
    if (!output_close(output, &error)) {
        fprintf(stderr, "dump_world: %s\n", text_get(&error));
        exit(2);
    }
    text_free(&error);
}

static void export_world(const World *w, const char *folder, const char *name) {
    const Trace *trace = world_trace(w);
    Output *output = open_export(folder, name, "jsonl");
    jsonl_write(trace, 0, trace_count(trace), output);
    close_export(output);
    output = open_export(folder, name, "pcapng");
    PcapngWriter writer = pcapng_begin(trace, PCAPNG_EVERY_CABLE, "netstage test", output);
    pcapng_update(&writer);
    close_export(output);
    output = open_export(folder, name, "txt");
    TranscriptOptions options = {.states = true, .arp = true, .segments = true, .says = true, .words = &transcript_words_en};
    transcript_export(trace, &options, output);
    close_export(output);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: dump_world FOLDER\n");
        return 2;
    }
    World *w = world_new(7, true);
    build(w);
    world_run(w, 45 * SIM_SECOND);
    world_do(w, "{'do':'ping','host':'pc1','to':'10.0.1.1','count':2}");
    world_do(w, "{'do':'ping','host':'pc2','to':'10.0.9.9'}");
    world_do(w, "{'do':'udp','host':'pc2','to':'10.0.1.1','port':9,'text':'nobody listens'}");
    world_run(w, 100 * SIM_SECOND);
    world_do(w, "{'do':'dhcp','host':'pc1','action':'release'}");
    world_run(w, 200 * SIM_SECOND);
    export_world(w, argv[1], "relay");
    world_free(w);

    w = world_new(8, true);
    build(w);
    for (int n = 1; n <= 4; n++)
        world_do(w, "{'do':'cable','host':'pc%d','loss':20,'duplicate':20,'reorder':20,'corrupt':10}", n);
    world_run(w, 200 * SIM_SECOND);
    world_do(w, "{'do':'unplug','host':'pc1'}");
    world_run(w, 400 * SIM_SECOND);
    export_world(w, argv[1], "faults");
    world_free(w);
    return 0;
}
