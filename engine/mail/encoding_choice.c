#include "mail/encoding_choice.h"

#include "mail/base64.h"
#include "mail/quoted_printable.h"

OctetSurvey octet_survey(Bytes octets) {
    OctetSurvey s = {.size = octets.size, .first_eight_bit = octets.size, .first_bare = octets.size};
    size_t start = 0;
    for (size_t i = 0; i <= octets.size; i++) {
        bool end = i == octets.size;
        bool crlf = !end && octets.at[i] == '\r' && i + 1 < octets.size && octets.at[i + 1] == '\n';
        if (end || crlf) {
            if (i - start > s.longest_line) {
                s.longest_line = i - start;
                s.longest_line_at = start;
            }
            if (crlf || i > start) s.lines++;
            i += crlf;
            start = i + 1;
            continue;
        }
        uint8_t c = octets.at[i];
        if (c >= 0x80) {
            if (s.eight_bit++ == 0) s.first_eight_bit = i;
        } else if (c == 0) {
            s.nul++;
        } else if (c == '\r' || c == '\n') {
            if (s.bare_cr + s.bare_lf == 0) s.first_bare = i;
            s.bare_cr += c == '\r';
            s.bare_lf += c == '\n';
        }
    }
    return s;
}

const char *encoding_why_name(EncodingWhy why) {
    static const char *const names[] = {
#define X(name, identifier) identifier,
        ENCODING_WHYS(X)
#undef X
    };
    CHECK((size_t)why < sizeof names / sizeof names[0]);
    return names[why];
}

EncodingChoice encoding_choose(Bytes octets, bool is_text, MailCarrier carrier) {
    EncodingChoice c = {.survey = octet_survey(octets)};
    const OctetSurvey *s = &c.survey;
    bool lines = s->longest_line <= SMTP_LINE_MOST && s->nul == 0 && s->bare_cr == 0 && s->bare_lf == 0;
    c.size[MIME_7BIT] = c.size[MIME_8BIT] = c.size[MIME_BINARY] = octets.size;
    c.size[MIME_QUOTED_PRINTABLE] = quoted_printable_size(octets, is_text ? QP_TEXT : QP_BINARY);
    c.size[MIME_BASE64] = base64_encoded_size(octets.size, BASE64_LINE);
    c.possible[MIME_QUOTED_PRINTABLE] = c.possible[MIME_BASE64] = true;
    c.possible[MIME_7BIT] = lines && s->eight_bit == 0;
    c.possible[MIME_8BIT] = lines && carrier.eight_bit;
    c.possible[MIME_BINARY] = carrier.binary;

    if (c.possible[MIME_7BIT] && is_text) c.encoding = MIME_7BIT, c.why = ENCODING_ASCII;
    else if (c.possible[MIME_8BIT] && is_text) c.encoding = MIME_8BIT, c.why = ENCODING_CARRIER_8BIT;
    else if (c.possible[MIME_BINARY]) c.encoding = MIME_BINARY, c.why = ENCODING_CARRIER_BINARY;
    else if (!is_text || s->nul > 0) c.encoding = MIME_BASE64, c.why = ENCODING_NOT_TEXT;
    else if (s->eight_bit == 0) c.encoding = MIME_QUOTED_PRINTABLE, c.why = ENCODING_LONG_LINES;
    else if (c.size[MIME_QUOTED_PRINTABLE] <= c.size[MIME_BASE64])
        c.encoding = MIME_QUOTED_PRINTABLE, c.why = ENCODING_MOSTLY_ASCII;
    else c.encoding = MIME_BASE64, c.why = ENCODING_FEW_ASCII;
    return c;
}

Bytes encoding_apply(Arena *arena, Bytes octets, bool is_text, MimeEncoding encoding) {
    switch (encoding) {
        case MIME_QUOTED_PRINTABLE: return quoted_printable_encode(arena, octets, is_text ? QP_TEXT : QP_BINARY);
        case MIME_BASE64: return base64_encode_all(arena, octets, BASE64_LINE);
        case MIME_7BIT:
        case MIME_8BIT:
        case MIME_BINARY:
        case MIME_OTHER_ENCODING: return octets;
    }
    CHECK_UNREACHABLE();
}
