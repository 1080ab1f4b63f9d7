/* Any octets as a message: parts lie within their parents, faults within the input. What was read without a fault holds the
 * same parts and contents after it was encoded anew. */
#include "fuzz.h"
#include "mail/encoding_choice.h"
#include "mail/entity.h"
#include "mail/mime.h"
#include "mail/reencode.h"
#include "mail/report.h"

static void check_spans(const MimeTree *tree, size_t size) {
    size_t count = 0;
    for (const MimePart *p = tree->root; p; p = mime_next(p)) {
        CHECK(++count <= tree->part_count);
        CHECK(p->offset <= p->body_offset && p->body_offset + p->body.size == p->offset + p->size);
        CHECK(p->offset + p->size <= size);
        if (p->parent) CHECK(p->offset >= p->parent->body_offset);
        if (p->parent) CHECK(p->offset + p->size <= p->parent->offset + p->parent->size);
        for (size_t i = 0; i < p->header.count; i++) {
            const HeaderField *f = &p->header.fields[i];
            CHECK(f->offset >= p->offset && f->offset + f->size <= p->body_offset);
            CHECK(f->value_offset + f->value.size <= f->offset + f->size);
        }
    }
    CHECK(count == tree->part_count);
}

static void check_faults(const MailFaults *faults, size_t size) {
    for (size_t i = 0; i < faults->count; i++) fuzz_check_fault(faults->items[i], size);
}

static Bytes without_end(Arena *arena, Bytes text) {
    text = canonical_lines(arena, text);
    while (text.size > 0 && ascii_is_space(text.at[text.size - 1])) text.size--;
    return text;
}

static void check_same(Arena *arena, const MimeTree *a, const MimeTree *b) {
    CHECK(a->part_count == b->part_count);
    const MimePart *p = a->root, *q = b->root;
    for (; p && q; p = mime_next(p), q = mime_next(q)) {
        CHECK(bytes_equal(p->type_name, q->type_name) && bytes_equal(p->subtype, q->subtype));
        CHECK(p->child_count == q->child_count);
        if (p->first || p->type == MIME_MULTIPART) continue;
        Bytes x = mime_part_octets(arena, p, NULL), y = mime_part_octets(arena, q, NULL);
        CHECK(bytes_equal(without_end(arena, x), without_end(arena, y)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    Arena *arena = arena_new();
    for (LineRule lines = LINES_CRLF; lines <= LINES_LENIENT; lines++) {
        MailFaults faults = mail_faults(arena);
        MimeTree tree = mime_read(arena, bytes_of(at, size), (MimeRules){.lines = lines}, &faults);
        check_spans(&tree, size);
        for (const MimePart *p = tree.root; p; p = mime_next(p)) {
            Bytes text = mime_part_text(arena, p, &faults);
            CHECK(charset_utf8_valid(text) == text.size);
            CHECK(charset_utf8_valid(mime_part_filename(p)) == mime_part_filename(p).size);
        }
        check_faults(&faults, size);
        MailFaults report_faults = mail_faults(arena);
        ReportRead report;
        if (report_read(arena, &tree, &report, &report_faults)) check_faults(&report_faults, size);
        for (int eight_bit = 0; eight_bit < 2; eight_bit++) {
            Bytes again = reencode(arena, &tree, (MailCarrier){.eight_bit = eight_bit});
            MimeTree second = mime_read(arena, again, (MimeRules){0}, NULL);
            check_spans(&second, again.size);
            if (faults.count == 0) check_same(arena, &tree, &second);
        }
    }
    arena_free(arena);
    return 0;
}
