#define _POSIX_C_SOURCE 200809L /* stat */
#include "observe/output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"

enum { BUFFER = 1 << 18 };

struct Output {
    char *buffer;
    size_t size, capacity;
    Text *text;      /* to memory */
    FILE *file;      /* to a file */
    char *path, *temporary; /* temporary NULL: written in place */
    int failed;      /* errno of the first failure */
};

static Output *output_new(void) {
    Output *o = memory_new(sizeof *o);
    o->capacity = BUFFER;
    o->buffer = memory_resize(NULL, BUFFER);
    return o;
}

Output *output_to_text(Text *text) {
    Output *o = output_new();
    o->text = text;
    return o;
}

/* A device or a pipe is written to, never replaced. */
static bool is_special(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

Output *output_to_file(const char *path, Text *error) {
    Output *o = output_new();
    if (strcmp(path, "-") == 0) {
        o->file = stdout;
        return o;
    }
    size_t size = strlen(path) + 1;
    o->path = memory_resize(NULL, size);
    memcpy(o->path, path, size);
    if (!is_special(path)) {
        o->temporary = memory_resize(NULL, size + 4);
        memcpy(o->temporary, path, size - 1);
        memcpy(o->temporary + size - 1, ".new", 5);
    }
    o->file = fopen(o->temporary ? o->temporary : path, "wb");
    if (o->file) return o;
    text_print(error, "%s: %s", path, strerror(errno));
    free(o->buffer);
    free(o->path);
    free(o->temporary);
    free(o);
    return NULL;
}

static void output_empty(Output *o) {
    if (o->text)
        text_put_n(o->text, o->buffer, o->size);
    else if (!o->failed && o->size > 0 && fwrite(o->buffer, 1, o->size, o->file) != o->size)
        o->failed = errno ? errno : EIO;
    o->size = 0;
}

void output_flush(Output *o) {
    output_empty(o);
    if (o->file && fflush(o->file) != 0 && !o->failed) o->failed = errno;
}

bool output_close(Output *o, Text *error) {
    output_flush(o);
    if (o->path) {
        if (fclose(o->file) != 0 && !o->failed) o->failed = errno;
        if (o->temporary && !o->failed && rename(o->temporary, o->path) != 0) o->failed = errno;
        if (o->temporary && o->failed) remove(o->temporary);
    }
    bool good = !o->failed;
    if (!good) text_print(error, "%s: %s", o->path ? o->path : "standard output", strerror(o->failed));
    free(o->buffer);
    free(o->path);
    free(o->temporary);
    free(o);
    return good;
}

char *output_room(Output *o, size_t most) {
    if (o->capacity - o->size < most) {
        output_empty(o);
        o->buffer = array_grow(o->buffer, &o->capacity, most, 1);
    }
    return o->buffer + o->size;
}

void output_wrote(Output *o, size_t size) {
    CHECK(o->capacity - o->size >= size);
    o->size += size;
}

void output_put(Output *o, const void *at, size_t size) {
    if (size > 0) memcpy(output_room(o, size), at, size);
    output_wrote(o, size);
}

void output_put_text(Output *o, const char *text) { output_put(o, text, strlen(text)); }

/* Writes the digits so that they end before `end`; returns where they begin. */
static char *decimal_before(char *end, uint64_t value) {
    do *--end = (char)('0' + value % 10);
    while (value /= 10);
    return end;
}

void output_put_decimal(Output *o, uint64_t value) {
    char digits[20], *end = digits + sizeof digits, *start = decimal_before(end, value);
    output_put(o, start, (size_t)(end - start));
}

void output_put_seconds(Output *o, int64_t nanoseconds) {
    char digits[32], *end = digits + sizeof digits;
    uint64_t magnitude = nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds;
    uint64_t fraction = magnitude % UINT64_C(1000000000);
    char *at = end;
    for (int i = 0; i < 9; i++, fraction /= 10) *--at = (char)('0' + fraction % 10);
    *--at = '.';
    at = decimal_before(at, magnitude / UINT64_C(1000000000));
    if (nanoseconds < 0) *--at = '-';
    output_put(o, at, (size_t)(end - at));
}

void output_put_json(Output *o, const char *text) {
    size_t size = strlen(text), plain = 0;
    while (plain < size && (unsigned char)text[plain] >= 0x20 && (unsigned char)text[plain] < 0x7f &&
           text[plain] != '"' && text[plain] != '\\')
        plain++;
    if (plain == size) { /* nearly always */
        char *room = output_room(o, size + 2);
        room[0] = '"';
        memcpy(room + 1, text, size);
        room[size + 1] = '"';
        output_wrote(o, size + 2);
        return;
    }
    Text quoted = text_new();
    text_put_json(&quoted, text, size);
    output_put(o, quoted.at, quoted.size);
    text_free(&quoted);
}

void output_put_ipv4(Output *o, uint32_t a) {
    char *room = output_room(o, 16), *at = room;
    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned octet = a >> shift & 255;
        if (octet >= 100) *at++ = (char)('0' + octet / 100);
        if (octet >= 10) *at++ = (char)('0' + octet / 10 % 10);
        *at++ = (char)('0' + octet % 10);
        if (shift > 0) *at++ = '.';
    }
    output_wrote(o, (size_t)(at - room));
}

void output_put_hex(Output *o, Bytes octets, char between) {
    static const char digits[] = "0123456789abcdef";
    char *room = output_room(o, octets.size * 3), *at = room;
    for (size_t i = 0; i < octets.size; i++) {
        if (i > 0 && between) *at++ = between;
        *at++ = digits[octets.at[i] >> 4];
        *at++ = digits[octets.at[i] & 15];
    }
    output_wrote(o, (size_t)(at - room));
}
