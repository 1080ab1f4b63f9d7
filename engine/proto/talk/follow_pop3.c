/* POP3 (RFC 1939): a reply has one line, or goes on to a line with a dot; which of them, the command says. */
#include <string.h>

#include "base/arena.h"
#include "mail/octets.h"
#include "proto/talk/follow.h"

static Pop3Answer answer_to(Bytes line) {
    static const char *const listings[] = {"LIST", "UIDL"}, *const contents[] = {"RETR", "TOP"};
    size_t end = 0;
    while (end < line.size && line.at[end] != ' ') end++;
    Bytes verb = bytes_slice(line, 0, end);
    while (end < line.size && line.at[end] == ' ') end++;
    if (bytes_equal_nocase(verb, bytes_text("CAPA"))) return POP3_ANSWER_LISTING;
    for (int i = 0; i < 2; i++) {
        if (bytes_equal_nocase(verb, bytes_text(contents[i]))) return POP3_ANSWER_CONTENT;
        /* of one message, it is a line */
        if (bytes_equal_nocase(verb, bytes_text(listings[i])) && end == line.size) return POP3_ANSWER_LISTING;
    }
    return POP3_ANSWER_LINE;
}

static void take_command(Pop3Following *p, Bytes line) {
    p->answers = array_grow(p->answers, &p->capacity, p->count + 1, 1);
    p->answers[p->count++] = (uint8_t)answer_to(line);
}

static Pop3Answer next_answer(Pop3Following *p) {
    if (!p->greeted || p->count == 0) return POP3_ANSWER_LINE;
    Pop3Answer answer = p->answers[0];
    memmove(p->answers, p->answers + 1, --p->count);
    return answer;
}

static void take_status(Follower *f, Bytes line, const Listener *listener) {
    Pop3Following *p = &f->pop3;
    p->body = next_answer(p);
    p->greeted = true;
    p->in_body = p->body != POP3_ANSWER_LINE && line.size >= 3 && memcmp(line.at, "+OK", 3) == 0;
    text_clear(&p->status);
    text_put_bytes(&p->status, line);
    text_put(&p->status, "\r\n");
    if (p->in_body) smtp_content_begin(&f->content, FOLLOW_CONTENT_MOST);
    if (!p->in_body || p->body == POP3_ANSWER_CONTENT)
        listener->note(listener->self, false, STREAM_REPLY, bytes_of(p->status.at, p->status.size));
}

static void end_body(Follower *f, const Listener *listener) {
    Pop3Following *p = &f->pop3;
    Bytes body = bytes_of(f->content.octets, f->content.size);
    p->in_body = false;
    if (p->body == POP3_ANSWER_LISTING) {
        text_put_bytes(&p->status, body);
        text_put(&p->status, ".\r\n");
        listener->note(listener->self, false, STREAM_REPLY, bytes_of(p->status.at, p->status.size));
    } else {
        listener->note(listener->self, false, STREAM_CONTENT, body);
    }
    smtp_content_free(&f->content);
}

void follow_pop3(Follower *f, bool from_client, Bytes octets, const Listener *listener) {
    for (size_t at = 0; at < octets.size;) {
        size_t taken;
        Bytes left = bytes_slice(octets, at, SIZE_MAX), line;
        if (!from_client && f->pop3.in_body) {
            if (smtp_content_take(&f->content, left, &taken)) end_body(f, listener);
        } else if (line_reader_take(from_client ? &f->commands : &f->lines, left, &taken, &line) != LINE_PARTIAL) {
            if (from_client) {
                take_command(&f->pop3, line);
                listener->note(listener->self, true, STREAM_COMMAND, line);
            } else {
                take_status(f, line, listener);
            }
        }
        at += taken;
    }
}
