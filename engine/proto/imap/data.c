/* What is worked out of a message's octets once, and kept with them. */
#include "proto/imap/data.h"

#include <stdlib.h>

#include "proto/imap/data_inside.h"

static void digest_free(void *made) {
    ImapDigest *digest = made;
    text_free(&digest->envelope);
    text_free(&digest->body);
    text_free(&digest->bodystructure);
    free(digest->parts);
    free(digest);
}

static ImapDigest *digest_of(MailContent *content) {
    if (!content->digest) {
        content->digest = memory_new(sizeof(ImapDigest));
        content->digest_free = digest_free;
    }
    CHECK(content->digest_free == digest_free);
    return content->digest;
}

static Bytes text_bytes(const Text *text) { return bytes_of(text->at, text->size); }

Bytes imap_envelope(MailContent *content) {
    ImapDigest *digest = digest_of(content);
    if (digest->envelope.size == 0) {
        Arena *arena = arena_new();
        Header header = header_read(arena, mail_content_bytes(content), 0, IMAP_LINES, NULL, NULL, NULL);
        imap_put_envelope(&digest->envelope, arena, &header);
        arena_free(arena);
    }
    return text_bytes(&digest->envelope);
}

/* ---- Parts ---- */

bool imap_holds_message(const MimePart *part) {
    return part->type == MIME_MESSAGE && bytes_is(part->subtype, "rfc822");
}

static uint32_t keep_part(ImapDigest *digest, size_t *capacity, const MimePart *part) {
    uint32_t index = (uint32_t)digest->count++, *link;
    digest->parts = array_grow(digest->parts, capacity, digest->count, sizeof *digest->parts);
    digest->parts[index] = (ImapPart){.offset = part->offset,
                                      .body_offset = part->body_offset,
                                      .end = part->offset + part->size,
                                      .first = IMAP_NO_PART,
                                      .next = IMAP_NO_PART,
                                      .multipart = part->type == MIME_MULTIPART,
                                      .message = imap_holds_message(part),
                                      .separated = part->header.separated};
    if (!digest->parts[index].multipart && !digest->parts[index].message) return index;
    uint32_t last = IMAP_NO_PART;
    for (const MimePart *child = part->first; child; child = child->next) {
        uint32_t kept = keep_part(digest, capacity, child);
        link = last == IMAP_NO_PART ? &digest->parts[index].first : &digest->parts[last].next;
        *link = kept;
        last = kept;
    }
    return index;
}

const ImapDigest *imap_digest_parts(MailContent *content) {
    ImapDigest *digest = digest_of(content);
    if (digest->count > 0) return digest;
    size_t capacity = 0;
    Arena *arena = arena_new();
    MimeTree tree = mime_read(arena, mail_content_bytes(content), (MimeRules){.lines = IMAP_LINES}, NULL);
    keep_part(digest, &capacity, tree.root);
    imap_put_structure(&digest->body, arena, tree.root, false);
    imap_put_structure(&digest->bodystructure, arena, tree.root, true);
    arena_free(arena);
    return digest;
}

Bytes imap_body(MailContent *content) { return text_bytes(&imap_digest_parts(content)->body); }
Bytes imap_bodystructure(MailContent *content) { return text_bytes(&imap_digest_parts(content)->bodystructure); }
