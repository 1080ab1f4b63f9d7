#include "wire/describe_said.h"

#include <string.h>

#include "wire/describe_build.h"

static size_t word_size(Bytes octets, size_t at) {
    size_t size = 0;
    while (at + size < octets.size && octets.at[at + size] > ' ' && octets.at[at + size] < 127) size++;
    return size;
}

/* The line that begins at `at`: its size without its end; *next is where the following one begins. */
static size_t line_size(Bytes octets, size_t at, size_t *next) {
    const uint8_t *end = at < octets.size ? memchr(octets.at + at, '\n', octets.size - at) : NULL;
    size_t stop = end ? (size_t)(end - octets.at) : octets.size;
    *next = end ? stop + 1 : stop;
    return stop > at && octets.at[stop - 1] == '\r' ? stop - at - 1 : stop - at;
}

static bool starts_with(Bytes octets, const char *text) {
    return octets.size >= strlen(text) && memcmp(octets.at, text, strlen(text)) == 0;
}

/* Letters alone, so that no line of a binary upload is taken for a command. */
static const char *verb_of(Bytes octets, char *room) {
    size_t size = word_size(octets, 0), next;
    if (size == 0 || size >= SAID_NAME || size > line_size(octets, 0, &next)) return "";
    for (size_t i = 0; i < size; i++) {
        char c = (char)octets.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter) return "";
        room[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    room[size] = 0;
    return room;
}

static bool is_code(Bytes octets) {
    if (octets.size < 3) return false;
    for (int i = 0; i < 3; i++)
        if (octets.at[i] < '0' || octets.at[i] > '9') return false;
    return true;
}

const char *said_name(const char *protocol, SaidPart part, Bytes octets, char *room) {
    if (part == SAID_CONTENT) return strcmp(protocol, "smtp") == 0 ? "mail" : "content";
    if (part == SAID_COMMAND) return verb_of(octets, room);
    if (strcmp(protocol, "http") == 0 && starts_with(octets, "HTTP/")) {
        size_t version = word_size(octets, 0);
        octets = bytes_slice(octets, version + 1, SIZE_MAX);
    }
    if (!is_code(octets)) return verb_of(octets, room);
    memcpy(room, octets.at, 3);
    room[3] = 0;
    return room;
}

/* A field whose value is the octets themselves. */
static void field(Description *d, Bytes octets, const char *key, const char *name, int depth, size_t at, size_t size) {
    describe_field(d, key, name, depth, at, size);
    describe_put_text_or_hex(d, bytes_slice(octets, at, size));
}

static void describe_command(Description *d, Bytes octets) {
    size_t next, end = line_size(octets, 0, &next), verb = word_size(octets, 0);
    if (verb > end) verb = end;
    field(d, octets, "said.command", "command", 1, 0, verb);
    size_t at = verb;
    while (at < end && octets.at[at] == ' ') at++;
    if (at < end) field(d, octets, "said.argument", "argument", 1, at, end - at);
    if (next < octets.size) field(d, octets, "said.more", "more", 1, next, octets.size - next);
}

/* "5.1.1 " in front of a reply's text: RFC 2034. */
static size_t enhanced_size(Bytes octets, size_t at, size_t end) {
    size_t start = at, dots = 0;
    if (at >= end || !strchr("245", octets.at[at])) return 0;
    while (at < end && (octets.at[at] == '.' || (octets.at[at] >= '0' && octets.at[at] <= '9')))
        dots += octets.at[at++] == '.';
    return dots == 2 && at < end && octets.at[at] == ' ' ? at - start : 0;
}

static void describe_reply(Description *d, Bytes octets) {
    for (size_t at = 0, next; at < octets.size; at = next) {
        size_t size = line_size(octets, at, &next), text = at;
        if (is_code(bytes_slice(octets, at, size))) {
            if (at == 0) {
                uint32_t code = (uint32_t)(octets.at[0] - '0') * 100 + (uint32_t)(octets.at[1] - '0') * 10 + octets.at[2] - '0';
                describe_number(d, "said.code", "code", 1, 0, 3, code);
                static const char *const keys[] = {"said.digit1", "said.digit2", "said.digit3"};
                static const char *const names[] = {"first digit", "second digit", "third digit"};
                for (size_t i = 0; i < 3; i++)
                    describe_number(d, keys[i], names[i], 2, i, 1, (uint32_t)(octets.at[i] - '0'));
            }
            text += size > 3 ? 4 : 3;
        }
        size_t enhanced = enhanced_size(octets, text, at + size);
        if (enhanced > 0) {
            if (at == 0) field(d, octets, "said.enhanced", "enhanced code", 1, text, enhanced);
            text += enhanced + 1;
        }
        field(d, octets, "said.text", "text", 1, text, at + size - text);
    }
}

static void describe_content(Description *d, Bytes octets) {
    size_t at = 0, lines = 0;
    for (size_t next; at < octets.size && lines < 200; at = next, lines++) {
        size_t size = line_size(octets, at, &next);
        if (size == 0) break;
        const uint8_t *colon = memchr(octets.at + at, ':', size);
        bool folded = octets.at[at] == ' ' || octets.at[at] == '\t';
        if (!colon && !folded) {
            if (lines == 0) break;
            field(d, octets, "said.line", "line", 1, at, size);
            continue;
        }
        if (folded) field(d, octets, "said.folded", "(folded)", 1, at, size);
        else field(d, octets, "said.header", "header field", 1, at, size);
    }
    if (at < octets.size && lines > 0) {
        size_t next;
        if (line_size(octets, at, &next) == 0) at = next;
    }
    if (at < octets.size) field(d, octets, "said.body", "body", 1, at, octets.size - at);
}

void describe_said(const char *protocol, SaidPart part, Bytes octets, Description *into) {
    Description *d = into;
    d->count = 0;
    text_clear(&d->values);
    d->fault = (ParseFault){0};
    d->protocol = protocol;
    d->message = part == SAID_CONTENT ? "mail" : "";
    describe_field(d, protocol, protocol, 0, 0, octets.size);
    if (part == SAID_COMMAND) describe_command(d, octets);
    else if (part == SAID_REPLY) describe_reply(d, octets);
    else describe_content(d, octets);
}
