/* The names of MIME: types, subtypes, transfer encodings. */
#include "mail/mime.h"

static const char *const type_names[] = {
#define X(name, text) text,
    MIME_TYPES(X)
#undef X
};

static const char *const encoding_names[] = {
#define X(name, text) text,
    MIME_ENCODINGS(X)
#undef X
};

static size_t find(Bytes name, const char *const *names, size_t count) {
    size_t i = 0;
    while (i < count && !bytes_is(name, names[i])) i++;
    return i;
}

const char *mime_type_name(MimeType type) { return type < MIME_OTHER_TYPE ? type_names[type] : ""; }
MimeType mime_type_find(Bytes name) { return (MimeType)find(name, type_names, MIME_OTHER_TYPE); }
const char *mime_encoding_name(MimeEncoding encoding) {
    return encoding < MIME_OTHER_ENCODING ? encoding_names[encoding] : "";
}
MimeEncoding mime_encoding_find(Bytes name) { return (MimeEncoding)find(name, encoding_names, MIME_OTHER_ENCODING); }

const MimeKind mime_kinds[] = {
    {MIME_TEXT, "plain", "RFC 2046 section 4.1.3", true},
    {MIME_TEXT, "richtext", "RFC 1341 section 7.1.3", true},
    {MIME_MULTIPART, "mixed", "RFC 2046 section 5.1.3", true},
    {MIME_MULTIPART, "alternative", "RFC 2046 section 5.1.4", true},
    {MIME_MULTIPART, "parallel", "RFC 2046 section 5.1.6", true},
    {MIME_MULTIPART, "digest", "RFC 2046 section 5.1.5", true},
    {MIME_MESSAGE, "rfc822", "RFC 2046 section 5.2.1", true},
    {MIME_MESSAGE, "partial", "RFC 2046 section 5.2.2", true},
    {MIME_MESSAGE, "external-body", "RFC 2046 section 5.2.3", true},
    {MIME_IMAGE, "gif", "RFC 1521 section 7.5", true},
    {MIME_IMAGE, "jpeg", "RFC 2046 section 4.2", true},
    {MIME_AUDIO, "basic", "RFC 2046 section 4.3", true},
    {MIME_VIDEO, "mpeg", "RFC 2046 section 4.4", true},
    {MIME_APPLICATION, "octet-stream", "RFC 2046 section 4.5.1", true},
    {MIME_APPLICATION, "postscript", "RFC 2046 section 4.5.2", true},
    {MIME_TEXT, "html", "RFC 2854", false},
    {MIME_TEXT, "enriched", "RFC 1896", false},
    {MIME_TEXT, "rfc822-headers", "RFC 6522 section 4", false},
    {MIME_MULTIPART, "related", "RFC 2387", false},
    {MIME_MULTIPART, "report", "RFC 6522 section 3", false},
    {MIME_MESSAGE, "delivery-status", "RFC 3464 section 2", false},
    {MIME_IMAGE, "png", "RFC 2083", false},
    {MIME_APPLICATION, "pdf", "RFC 8118", false},
};
const size_t mime_kind_count = sizeof mime_kinds / sizeof mime_kinds[0];

const MimeKind *mime_kind_find(Bytes type, Bytes subtype) {
    MimeType number = mime_type_find(type);
    for (size_t i = 0; i < mime_kind_count; i++)
        if (mime_kinds[i].type == number && bytes_is(subtype, mime_kinds[i].subtype)) return &mime_kinds[i];
    return NULL;
}
