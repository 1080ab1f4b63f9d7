/* IMAP (RFC 3501 section 2.2): lines with literals in them. A client waits for "+" before it sends one, unless it said
 * "{n+}" (RFC 7888); if a tagged response comes instead, the literal never does. */
#include <string.h>
#include <strings.h>

#include "mail/octets.h"
#include "proto/imap/syntax.h"
#include "proto/talk/follow.h"

void follow_imap_begin(ImapFollowing *i) {
    text_free(&i->text);
    *i = (ImapFollowing){0};
}

/* ---- Text ---- */

static void note_rest(ImapFollowing *i, bool from_client, StreamPart part, const Listener *listener) {
    listener->note(listener->self, from_client, part, bytes_of(i->text.at + i->noted, i->text.size - i->noted));
    i->noted = i->text.size;
}

static void end(ImapFollowing *i, bool from_client, const Listener *listener) {
    if (i->noted < i->text.size || i->text.size == 0)
        note_rest(i, from_client, from_client ? STREAM_COMMAND : STREAM_REPLY, listener);
    follow_imap_begin(i);
}

/* Behind a mailbox's name, what APPEND is given is a message. */
static bool appends_here(const ImapFollowing *i) {
    if (i->is_message) return false;
    size_t words = 0, at = 0, verb = 0;
    for (; at < i->text.size; at++) {
        if (i->text.at[at] != ' ' && (at == 0 || i->text.at[at - 1] == ' ')) words++;
        if (words == 2 && verb == 0) verb = at;
    }
    return words >= 4 && i->text.size - verb > 7 && strncasecmp(i->text.at + verb, "APPEND ", 7) == 0;
}

static void begin_literal(ImapFollowing *i, uint64_t size, const Listener *listener) {
    i->is_message = appends_here(i);
    if (i->is_message) note_rest(i, true, STREAM_COMMAND, listener);
    text_put(&i->text, "\r\n");
    if (i->is_message) i->noted = i->text.size;
    i->waits = false;
    i->in_literal = true;
    i->literal_left = size;
}

static size_t take_literal(ImapFollowing *i, Bytes octets) {
    size_t taken = octets.size < i->literal_left ? octets.size : (size_t)i->literal_left;
    text_put_n(&i->text, (const char *)octets.at, taken);
    i->literal_left -= taken;
    return taken;
}

static void end_literal(ImapFollowing *i, bool from_client, const Listener *listener) {
    i->in_literal = false;
    if (from_client && i->is_message && i->noted < i->text.size) note_rest(i, true, STREAM_CONTENT, listener);
}

/* ---- Commands ---- */

static void take_command_line(ImapFollowing *i, Bytes line, const Listener *listener) {
    uint64_t size;
    bool waits;
    text_put_bytes(&i->text, line);
    i->begun = true;
    if (!imap_literal_follows(line, &size, &waits) || size > FOLLOW_CONTENT_MOST) {
        end(i, true, listener);
    } else if (waits) {
        i->waits = true;
        i->waiting = size;
    } else {
        begin_literal(i, size, listener);
    }
}

/* ---- Responses ---- */

static bool is_tagged(const Text *response, const Text *command) {
    const char *space = memchr(command->at, ' ', command->size);
    size_t tag = space ? (size_t)(space - command->at) + 1 : SIZE_MAX;
    return response->size >= tag && memcmp(response->at, command->at, tag) == 0;
}

/* What the server says of a literal that the client is waiting to send. */
static void settle_literal(Follower *f, const Listener *listener) {
    ImapFollowing *c = &f->command;
    if (!c->waits) return;
    if (f->response.text.at[0] == '+') begin_literal(c, c->waiting, listener);
    else if (is_tagged(&f->response.text, &c->text)) end(c, true, listener);
}

static void take_response_line(Follower *f, Bytes line, const Listener *listener) {
    ImapFollowing *r = &f->response;
    uint64_t size;
    bool waits;
    text_put_bytes(&r->text, line);
    text_put(&r->text, "\r\n");
    /* A tagged response ends with text for people. */
    r->in_literal = r->text.at[0] == '*' && imap_literal_follows(line, &size, &waits) && waits &&
                    size <= FOLLOW_CONTENT_MOST;
    if (r->in_literal) {
        r->literal_left = size;
        return;
    }
    settle_literal(f, listener);
    end(r, false, listener);
}

void follow_imap(Follower *f, bool from_client, Bytes octets, const Listener *listener) {
    ImapFollowing *i = from_client ? &f->command : &f->response;
    for (size_t at = 0;;) {
        if (i->in_literal && i->literal_left == 0) end_literal(i, from_client, listener);
        if (at == octets.size) return;
        if (from_client && i->waits) begin_literal(i, i->waiting, listener); /* it did not wait after all */
        size_t taken;
        Bytes left = bytes_slice(octets, at, SIZE_MAX), line;
        if (i->in_literal) taken = take_literal(i, left);
        else if (line_reader_take(from_client ? &f->commands : &f->lines, left, &taken, &line) == LINE_PARTIAL) return;
        else if (from_client) take_command_line(i, line, listener);
        else take_response_line(f, line, listener);
        at += taken;
    }
}
