#include "proto/talk/follow.h"

#include <stdlib.h>

#include "sim/trace.h"

enum { LINE_MOST = 64 * 1024 };

/* ---- SMTP ---- */

static void follow_smtp_client(Follower *f, Bytes octets, const Listener *listener) {
    for (size_t at = 0; at < octets.size;) {
        size_t taken;
        Bytes left = bytes_slice(octets, at, SIZE_MAX), line;
        if (f->content_follows) {
            if (smtp_content_take(&f->content, left, &taken)) {
                listener->note(listener->self, true, STREAM_CONTENT, bytes_of(f->content.octets, f->content.size));
                smtp_content_free(&f->content);
                f->content_follows = false;
            }
        } else if (line_reader_take(&f->commands, left, &taken, &line) != LINE_PARTIAL) {
            listener->note(listener->self, true, STREAM_COMMAND, line);
        }
        at += taken;
    }
}

static void follow_smtp_server(Follower *f, Bytes octets, const Listener *listener) {
    for (size_t at = 0; at < octets.size;) {
        size_t taken;
        bool whole = smtp_reply_take(&f->replies, bytes_slice(octets, at, SIZE_MAX), &taken);
        at += taken;
        if (!whole) continue;
        const SmtpReply *reply = &f->replies.reply;
        listener->note(listener->self, false, STREAM_REPLY, bytes_of(reply->raw.at, reply->raw.size));
        if (reply->code != 354) continue;
        f->content_follows = true;
        smtp_content_begin(&f->content, FOLLOW_CONTENT_MOST);
    }
}

/* ---- All ---- */

void follower_take(Follower *f, bool from_client, Bytes octets, const Listener *listener) {
    if (octets.size == 0) return;
    switch (f->proto) {
        case TRACE_PROTO_SMTP:
            if (from_client) follow_smtp_client(f, octets, listener);
            else follow_smtp_server(f, octets, listener);
            return;
        case TRACE_PROTO_POP3: follow_pop3(f, from_client, octets, listener); return;
        case TRACE_PROTO_IMAP: follow_imap(f, from_client, octets, listener); return;
        default: listener->note(listener->self, from_client, from_client ? STREAM_COMMAND : STREAM_REPLY, octets);
    }
}

void follower_init(Follower *f) {
    *f = (Follower){.commands = line_reader(LINE_MOST), .lines = line_reader(LINE_MOST)};
    smtp_reply_reader_init(&f->replies);
}

void follower_begin(Follower *f, uint8_t proto) {
    f->proto = proto;
    f->content_follows = false;
    line_reader_clear(&f->commands);
    line_reader_clear(&f->lines);
    smtp_reply_reader_clear(&f->replies);
    smtp_content_free(&f->content);
    f->pop3.count = 0;
    f->pop3.greeted = f->pop3.in_body = false;
    follow_imap_begin(&f->command);
    follow_imap_begin(&f->response);
}

void follower_release(Follower *f) {
    line_reader_free(&f->commands);
    line_reader_free(&f->lines);
    smtp_reply_reader_free(&f->replies);
    smtp_content_free(&f->content);
    free(f->pop3.answers);
    text_free(&f->pop3.status);
    text_free(&f->command.text);
    text_free(&f->response.text);
}
