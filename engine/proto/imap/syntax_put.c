/* Strings, mailboxes and dates as IMAP writes them, and the patterns of LIST. */
#include <stdlib.h>
#include <string.h>

#include "mail/date.h"
#include "proto/imap/syntax.h"

static bool can_be_quoted(Bytes octets) {
    for (size_t i = 0; i < octets.size; i++) {
        uint8_t c = octets.at[i];
        if (c == 0 || c >= 128 || c == '\r' || c == '\n') return false;
    }
    return true;
}

void imap_put_quoted(Text *to, Bytes octets) {
    CHECK(can_be_quoted(octets));
    text_put_char(to, '"');
    for (size_t i = 0; i < octets.size; i++) {
        char c = (char)octets.at[i];
        if (c == '"' || c == '\\') text_put_char(to, '\\');
        text_put_char(to, c);
    }
    text_put_char(to, '"');
}

void imap_put_literal(Text *to, Bytes octets) {
    text_print(to, "{%zu}\r\n", octets.size);
    size_t start = to->size;
    text_put_bytes(to, octets);
    for (char *nul; (nul = memchr(to->at + start, 0, to->size - start)) != NULL; start = (size_t)(nul - to->at))
        *nul = (char)0x80;
}

void imap_put_string(Text *to, Bytes octets) {
    if (can_be_quoted(octets)) {
        imap_put_quoted(to, octets);
        return;
    }
    imap_put_literal(to, octets);
}

void imap_put_nstring(Text *to, Bytes octets, bool is_nil) {
    if (is_nil) text_put(to, "NIL");
    else imap_put_string(to, octets);
}

void imap_put_astring(Text *to, Bytes octets) {
    bool atom = octets.size > 0 && !bytes_is(octets, "NIL");
    for (size_t i = 0; i < octets.size && atom; i++) {
        uint8_t c = octets.at[i];
        atom = c > ' ' && c < 127 && !strchr("(){%*\"\\", c);
    }
    if (atom) text_put_bytes(to, octets);
    else imap_put_string(to, octets);
}

void imap_put_mailbox(Text *to, Bytes utf8) {
    Text name = text_new();
    imap_utf7_encode(utf8, &name);
    imap_put_astring(to, bytes_of(name.at, name.size));
    text_free(&name);
}

void imap_put_date_time(Text *to, int64_t at_s) {
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t first = civil_seconds(0, 1, 1, 0, 0, 0), last = civil_seconds(9999, 12, 31, 23, 59, 59);
    CivilTime t = civil_time(at_s < first ? first : at_s > last ? last : at_s);
    text_print(to, "\"%2d-%s-%04d %02d:%02d:%02d +0000\"", t.day, months[t.month - 1], t.year, t.hour, t.minute,
               t.second);
}

/* `reached[i]`: what has been read of the pattern can stand for the first i octets of the name. Behind a "*" every place
 * beyond one that is reached is reached too, and further wildcards add nothing. */
bool imap_pattern_matches(Bytes pattern, Bytes name) {
    bool *reached = memory_new((name.size + 1) * sizeof *reached);
    bool any = reached[0] = true, star = false;
    for (size_t p = 0; p < pattern.size && any; p++) {
        uint8_t c = pattern.at[p];
        if (c == '*' || c == '%') {
            if (star || (c == '%' && p > 0 && pattern.at[p - 1] == '%')) continue;
            star = c == '*';
            for (size_t i = 1; i <= name.size; i++)
                if (reached[i - 1] && (star || name.at[i - 1] != MAILBOX_DELIMITER)) reached[i] = true;
            continue;
        }
        any = star = false;
        for (size_t i = name.size; i > 0; i--) {
            reached[i] = reached[i - 1] && name.at[i - 1] == c;
            any = any || reached[i];
        }
        reached[0] = false;
    }
    bool matches = any && reached[name.size];
    free(reached);
    return matches;
}
