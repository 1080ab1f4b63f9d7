/* A conversation followed from outside: however the octets of its two sides are cut, the same commands, replies and
 * contents are noted. Input: the protocol, then pieces, each after an octet that says whose it is and how long. */
#include "base/text.h"
#include "fuzz.h"
#include "proto/talk/follow.h"
#include "sim/trace.h"

static void note(void *self, bool from_client, StreamPart part, Bytes octets) {
    Text *notes = self;
    text_print(notes, "%d %d %zu:", from_client, part, octets.size);
    text_put_n(notes, (const char *)octets.at, octets.size);
}

static void follow(uint8_t proto, Bytes pieces, bool octet_by_octet, Text *notes) {
    Follower follower;
    Listener listener = {notes, note};
    follower_init(&follower);
    follower_begin(&follower, proto);
    for (size_t at = 0; at < pieces.size;) {
        bool from_client = pieces.at[at] & 0x80;
        Bytes piece = bytes_slice(pieces, at + 1, pieces.at[at] & 0x7f);
        at += 1 + piece.size;
        for (size_t i = 0; octet_by_octet && i < piece.size; i++)
            follower_take(&follower, from_client, bytes_slice(piece, i, 1), &listener);
        if (!octet_by_octet) follower_take(&follower, from_client, piece, &listener);
    }
    follower_release(&follower);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    static const uint8_t protocols[] = {TRACE_PROTO_SMTP, TRACE_PROTO_POP3, TRACE_PROTO_IMAP};
    if (size == 0) return 0;
    Text whole = text_new(), cut = text_new();
    uint8_t proto = protocols[at[0] % 3];
    follow(proto, bytes_of(at + 1, size - 1), false, &whole);
    follow(proto, bytes_of(at + 1, size - 1), true, &cut);
    CHECK(whole.size == cut.size && memcmp(text_get(&whole), text_get(&cut), whole.size) == 0);
    text_free(&whole);
    text_free(&cut);
    return 0;
}
