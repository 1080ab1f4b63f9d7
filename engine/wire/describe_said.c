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

/* The word at `at`, in any case. */
static bool starts_with_word(Bytes octets, size_t at, const char *word) {
    size_t size = strlen(word);
    if (word_size(octets, at) != size) return false;
    for (size_t i = 0; i < size; i++) {
        char c = (char)octets.at[at + i];
        if ((c >= 'a' && c <= 'z' ? c - 32 : c) != word[i]) return false;
    }
    return true;
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

static bool is(const char *protocol, const char *one) { return strcmp(protocol, one) == 0; }

/* ---- IMAP (RFC 3501 section 2.2): a tag or "*", perhaps a number, then a name ---- */

typedef struct {
    size_t tag, number_at, number, name_at, name, rest_at; /* sizes, and where they begin */
} ImapLine;

static size_t past_space(Bytes octets, size_t at) { return at < octets.size && octets.at[at] == ' ' ? at + 1 : at; }

static ImapLine imap_line(Bytes octets) {
    ImapLine l = {.tag = word_size(octets, 0)};
    size_t at = past_space(octets, l.tag), size = word_size(octets, at);
    l.number_at = at;
    for (size_t i = 0; i < size && octets.at[at + i] >= '0' && octets.at[at + i] <= '9'; i++) l.number++;
    if (l.number > 0 && l.number == size) at = past_space(octets, at + size);
    else l.number = 0;
    l.name_at = at;
    l.name = word_size(octets, at);
    if (l.name == 3 && starts_with_word(octets, at, "UID")) {
        size_t next = past_space(octets, at + 3), verb = word_size(octets, next);
        if (next > at + 3 && verb > 0) l.name = next + verb - at;
    }
    l.rest_at = past_space(octets, at + l.name);
    return l;
}

/* In capitals; "" where it is no name. */
static const char *capitals(Bytes octets, char *room) {
    if (octets.size == 0 || octets.size >= SAID_NAME) return "";
    for (size_t i = 0; i < octets.size; i++) {
        char c = (char)octets.at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ' ')) return "";
        room[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    room[octets.size] = 0;
    return room;
}

static const char *imap_name(SaidPart part, Bytes octets, char *room) {
    if (octets.size > 0 && octets.at[0] == '+') return "+";
    ImapLine l = imap_line(octets);
    if (l.name == 0) return part == SAID_COMMAND && starts_with_word(octets, 0, "DONE") ? "DONE" : "";
    return capitals(bytes_slice(octets, l.name_at, l.name), room);
}

/* "+OK", "-ERR", or "+" (RFC 1939 section 3, RFC 5034 section 4). */
static const char *pop3_name(Bytes octets, char *room) {
    if (starts_with_word(octets, 0, "+OK")) return "+OK";
    if (starts_with_word(octets, 0, "-ERR")) return "-ERR";
    return octets.size > 0 && octets.at[0] == '+' ? "+" : verb_of(octets, room);
}

const char *said_name(const char *protocol, SaidPart part, Bytes octets, char *room) {
    if (part == SAID_CONTENT) return is(protocol, "http") ? "content" : "mail";
    if (is(protocol, "imap")) return imap_name(part, octets, room);
    if (is(protocol, "pop3") && part == SAID_REPLY) return pop3_name(octets, room);
    if (part == SAID_COMMAND) return verb_of(octets, room);
    if (is(protocol, "http") && starts_with(octets, "HTTP/")) {
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

/* Up to the end of the first line, and what follows it. */
static void describe_rest(Description *d, Bytes octets, const char *key, const char *name, size_t at) {
    size_t next, size = line_size(octets, at, &next);
    if (size > 0) field(d, octets, key, name, 1, at, size);
    if (next < octets.size) field(d, octets, "said.more", "more", 1, next, octets.size - next);
}

static void describe_imap(Description *d, SaidPart part, Bytes octets) {
    ImapLine l = imap_line(octets);
    if (l.tag == 0 || (l.name == 0 && part == SAID_COMMAND)) { /* an answer to a challenge, or DONE */
        describe_rest(d, octets, "said.line", "line", 0);
        return;
    }
    field(d, octets, "said.tag", "tag", 1, 0, l.tag);
    if (octets.at[0] == '+') {
        describe_rest(d, octets, "said.text", "text", past_space(octets, l.tag));
        return;
    }
    if (l.number > 0) field(d, octets, "said.number", "number", 1, l.number_at, l.number);
    if (part == SAID_COMMAND) {
        field(d, octets, "said.command", "command", 1, l.name_at, l.name);
        describe_rest(d, octets, "said.argument", "argument", l.rest_at);
    } else {
        if (l.name > 0) field(d, octets, "said.response", "response", 1, l.name_at, l.name);
        describe_rest(d, octets, "said.text", "text", l.rest_at);
    }
}

static void describe_pop3_reply(Description *d, Bytes octets) {
    size_t status = word_size(octets, 0);
    if (status == 0 || (octets.at[0] != '+' && octets.at[0] != '-')) status = 0;
    if (status > 0) field(d, octets, "said.status", "status", 1, 0, status);
    describe_rest(d, octets, "said.text", "text", past_space(octets, status));
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
    if (part != SAID_CONTENT && is(protocol, "imap")) describe_imap(d, part, octets);
    else if (part == SAID_REPLY && is(protocol, "pop3")) describe_pop3_reply(d, octets);
    else if (part == SAID_COMMAND) describe_command(d, octets);
    else if (part == SAID_REPLY) describe_reply(d, octets);
    else describe_content(d, octets);
}
