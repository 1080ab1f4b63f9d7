/* dump_fixture FOLDER: writes the exports of the trace made by hand (fixture.h) to FOLDER/fixture.*, for
 * compare_trace.py. */
#include <stdio.h>

#include "observe/fixture.h"
#include "observe/jsonl.h"
#include "observe/pcapng.h"

static Output *open_export(const char *folder, const char *name) {
    Text path = text_new(), error = text_new();
    text_print(&path, "%s/%s", folder, name);
    Output *output = output_to_file(text_get(&path), &error);
    if (!output) {
        fprintf(stderr, "dump_fixture: %s\n", text_get(&error));
        exit(2);
    }
    text_free(&path);
    text_free(&error);
    return output;
}

static void close_export(Output *output) {
    Text error = text_new();
    if (!output_close(output, &error)) {
        fprintf(stderr, "dump_fixture: %s\n", text_get(&error));
        exit(2);
    }
    text_free(&error);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: dump_fixture FOLDER\n");
        return 2;
    }
    Fixture f;
    fixture_make(&f);
    Output *output = open_export(argv[1], "fixture.jsonl");
    jsonl_write(f.trace, 0, trace_count(f.trace), output);
    close_export(output);
    output = open_export(argv[1], "fixture.pcapng");
    PcapngWriter writer = pcapng_begin(f.trace, PCAPNG_EVERY_CABLE, "netstage test", output);
    pcapng_update(&writer);
    close_export(output);
    trace_free(f.trace);
    return 0;
}
