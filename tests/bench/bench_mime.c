/* Transfer encodings and the reading of messages, in MB/s of decoded content, beside coreutils' base64 and Python's binascii.
 *
 *   bench_mime [MEGABYTES]
 *
 * 64 MB by default. Figures only: nothing here passes or fails. Others are left out where they are not installed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "mail/base64.h"
#include "mail/mime.h"
#include "mail/quoted_printable.h"

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void report(const char *what, size_t octets, double seconds) {
    printf("  %-44s %7.0f MB/s  %6.3f s\n", what, (double)octets / 1e6 / seconds, seconds);
}

static bool write_file(const char *path, Bytes octets) {
    Text error = text_new();
    bool good = text_write_file(path, octets, &error);
    if (!good) fprintf(stderr, "%s\n", text_get(&error));
    text_free(&error);
    return good;
}

/* A program's wall time on the file, started anew; the start counts. */
static void other(const char *what, const char *command, size_t octets) {
    double best = 1e9;
    for (int i = 0; i < 3; i++) {
        double start = now_s();
        if (system(command) != 0) {
            printf("  %-44s not there\n", what);
            return;
        }
        double seconds = now_s() - start;
        if (seconds < best) best = seconds;
    }
    report(what, octets, best);
}

typedef Bytes (*Coder)(Arena *arena, Bytes octets);
static Bytes to_base64(Arena *arena, Bytes octets) { return base64_encode_all(arena, octets, BASE64_LINE); }
static Bytes from_base64(Arena *arena, Bytes octets) { return base64_decode_all(arena, octets, 0, NULL); }
static Bytes to_quoted(Arena *arena, Bytes octets) { return quoted_printable_encode(arena, octets, QP_TEXT); }
static Bytes from_quoted(Arena *arena, Bytes octets) { return quoted_printable_decode_all(arena, octets, 0, NULL); }

/* The best of five; the result of the last, in `keep`. */
static Bytes ours(const char *what, Coder coder, Arena *keep, Bytes octets, size_t content) {
    double best = 1e9;
    for (int i = 0; i < 5; i++) {
        Arena *arena = arena_new();
        double start = now_s();
        coder(arena, octets);
        double seconds = now_s() - start;
        if (seconds < best) best = seconds;
        arena_free(arena);
    }
    report(what, content, best);
    return coder(keep, octets);
}

static void python(const char *what, const char *expression, const char *path, size_t octets) {
    char command[400];
    snprintf(command, sizeof command,
             "python3 -c 'import binascii,time; d=open(\"%s\",\"rb\").read(); s=time.perf_counter(); %s; "
             "print(\"  %-44s %%7.0f MB/s  %%6.3f s\" %% (%zu/1e6/(time.perf_counter()-s), time.perf_counter()-s))'",
             path, expression, what, octets);
    fflush(stdout);
    if (system(command) != 0) printf("  %-44s not there\n", what);
}

static void contents(const char *name, Arena *arena, Bytes octets) {
    char plain[64], coded[80], command[400];
    snprintf(plain, sizeof plain, "/tmp/bench_mime.%d", (int)getpid());
    snprintf(coded, sizeof coded, "%s.64", plain);
    printf("%s, %zu MB\n", name, octets.size / 1000000);
    Bytes in_base64 = ours("base64, encode", to_base64, arena, octets, octets.size);
    ours("base64, decode", from_base64, arena, in_base64, octets.size);
    Bytes quoted = ours("quoted-printable, encode", to_quoted, arena, octets, octets.size);
    ours("quoted-printable, decode", from_quoted, arena, quoted, octets.size);
    if (!write_file(plain, octets) || !write_file(coded, in_base64)) exit(2);
    snprintf(command, sizeof command, "base64 -w76 %s > /dev/null", plain);
    other("coreutils base64", command, octets.size);
    snprintf(command, sizeof command, "base64 -w76 %s > %s && base64 -d %s > /dev/null", plain, coded, coded);
    if (system(command) == 0) {
        snprintf(command, sizeof command, "base64 -d %s > /dev/null", coded);
        other("coreutils base64 -d", command, octets.size);
    }
    if (write_file(coded, in_base64))
        python("Python binascii.a2b_base64", "binascii.a2b_base64(d)", coded, octets.size);
    python("Python binascii.b2a_base64 (one line)", "binascii.b2a_base64(d)", plain, octets.size);
    python("Python binascii.b2a_qp", "binascii.b2a_qp(d)", plain, octets.size);
    if (write_file(coded, quoted)) python("Python binascii.a2b_qp", "binascii.a2b_qp(d)", coded, octets.size);
    remove(plain);
    remove(coded);
}

static void reading(Arena *arena, size_t size) {
    Text text = text_new();
    text_put(&text, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n");
    while (text.size < size / 2)
        text_put(&text, "a line of a long text in the preamble, -- with dashes, 76 characters long ..\r\n");
    size_t parts = 0;
    for (; text.size < size; parts++)
        text_print(&text, "--b\r\nContent-Type: text/plain; charset=utf-8\r\nX-Number: %zu\r\n\r\nhi\r\n", parts);
    text_put(&text, "--b--\r\n");
    double start = now_s();
    MimeTree tree = mime_read(arena, bytes_of(text.at, text.size), (MimeRules){.parts_most = 10000000}, NULL);
    double seconds = now_s() - start;
    printf("reading a message of %zu MB, half text and half %zu small parts\n", text.size / 1000000,
           tree.part_count - 1);
    report("mime_read", text.size, seconds);
    text_free(&text);
}

int main(int argc, char **argv) {
    size_t size = (argc > 1 ? strtoul(argv[1], NULL, 10) : 64) * 1000000;
    struct utsname machine;
    if (uname(&machine) == 0)
        printf("%s %s, %ld cores\n", machine.sysname, machine.machine, sysconf(_SC_NPROCESSORS_ONLN));
    Arena *arena = arena_new();
    uint8_t *octets = arena_alloc(arena, size);
    uint64_t x = 88172645463325252u;
    for (size_t i = 0; i < size; i++) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        octets[i] = (uint8_t)(x >> 32);
    }
    contents("random octets", arena, bytes_of(octets, size));
    static const char line[] =
        "Mostly ASCII, as a letter in French is: d\xc3\xa9j\xc3\xa0 vu, caf\xc3\xa9; and = signs.\r\n";
    for (size_t i = 0; i < size; i++) octets[i] = (uint8_t)line[i % (sizeof line - 1)];
    contents("mostly ASCII text", arena, bytes_of(octets, size));
    reading(arena, size);
    arena_free(arena);
    return 0;
}
