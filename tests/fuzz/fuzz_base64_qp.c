/* Encoders and decoders of contents: what is encoded comes back, however it is cut; anything can be decoded; the steps tell
 * what was done. And dots: what is stuffed comes back, and never ends early. */
#include "fuzz.h"
#include "mail/base64.h"
#include "mail/dots.h"
#include "mail/quoted_printable.h"

static void check_steps(const CodingSteps *s, Bytes plain, Bytes coded) {
    size_t from = 0, to = 0;
    for (size_t i = 0; i < s->count; i++) {
        CHECK(s->items[i].from == from && s->items[i].to == to);
        from += s->items[i].from_size;
        to += s->items[i].to_size;
    }
    CHECK(s->cut || (from == plain.size && to == coded.size));
}

static void check_lines(Bytes coded) {
    size_t column = 0;
    for (size_t i = 0; i < coded.size; i++) {
        CHECK(coded.at[i] < 127);
        column = coded.at[i] == '\r' || coded.at[i] == '\n' ? 0 : column + 1;
        CHECK(column <= 76);
    }
}

static void check_dots(Arena *arena, Bytes plain, size_t cut, DotRule rule) {
    size_t room = 2 * plain.size + 10;
    ByteWriter w = byte_writer(arena_alloc(arena, room), room);
    DotStuffer s = dot_stuffer(rule);
    dot_stuff(&s, bytes_slice(plain, 0, cut), &w);
    dot_stuff(&s, bytes_slice(plain, cut, plain.size), &w);
    dot_stuff_end(&s, &w);
    Bytes data = byte_writer_bytes(&w);
    ByteWriter back = byte_writer(arena_alloc(arena, room), room);
    DotReader r = dot_reader();
    CHECK(dot_read(&r, data, &back) == data.size && r.state == DOTS_ENDED);
    if (rule == DOTS_REPAIR) CHECK(r.bare_cr.count == 0 && r.bare_lf.count == 0);
    Bytes message = byte_writer_bytes(&back);
    if (rule == DOTS_AS_IT_IS) /* the last line is ended where it was open */
        CHECK(message.size >= plain.size && message.size <= plain.size + 2 &&
              memcmp(message.at, plain.at, plain.size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size == 0) return 0;
    Arena *arena = arena_new();
    size_t cut = at[0] % size;
    Bytes plain = bytes_of(at, size);

    Bytes coded = base64_encode_all(arena, plain, BASE64_LINE);
    check_lines(coded);
    CHECK(bytes_equal(base64_decode_all(arena, coded, 0, NULL), plain));
    CodingSteps steps = base64_encode_steps(arena, plain, BASE64_LINE, 10000);
    check_steps(&steps, plain, coded);
    for (QuotedPrintableKind kind = QP_TEXT; kind <= QP_BINARY; kind++) {
        coded = quoted_printable_encode(arena, plain, kind);
        check_lines(coded);
        CHECK(coded.size == quoted_printable_size(plain, kind));
        MailFaults faults = mail_faults(arena);
        CHECK(bytes_equal(quoted_printable_decode_all(arena, coded, 0, &faults), plain));
        CHECK(faults.count == 0);
        steps = quoted_printable_steps(arena, plain, kind, 10000);
        check_steps(&steps, plain, coded);
    }

    MailFaults faults = mail_faults(arena);
    Bytes whole = base64_decode_all(arena, plain, 0, &faults);
    ByteWriter w = byte_writer(arena_alloc(arena, size + 10), size + 10);
    Base64Decoder d = base64_decoder(0, NULL);
    base64_decode(&d, bytes_slice(plain, 0, cut), &w);
    base64_decode(&d, bytes_slice(plain, cut, size), &w);
    base64_decode_end(&d, &w);
    CHECK(bytes_equal(byte_writer_bytes(&w), whole));
    whole = quoted_printable_decode_all(arena, plain, 0, &faults);
    w = byte_writer(arena_alloc(arena, size + 10), size + 10);
    QuotedPrintableDecoder q = quoted_printable_decoder(0, NULL);
    quoted_printable_decode(&q, bytes_slice(plain, 0, cut), &w);
    quoted_printable_decode(&q, bytes_slice(plain, cut, size), &w);
    quoted_printable_decode_end(&q, &w);
    CHECK(bytes_equal(byte_writer_bytes(&w), whole));
    for (size_t i = 0; i < faults.count; i++) fuzz_check_fault(faults.items[i], size);

    check_dots(arena, plain, cut, DOTS_REPAIR);
    check_dots(arena, plain, cut, DOTS_AS_IT_IS);
    arena_free(arena);
    return 0;
}
