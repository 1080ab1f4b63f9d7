#include "mail/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

enum { ASCII, UTF8 };

static const Charset charsets[] = {
    [ASCII] = {"US-ASCII", NULL, NULL},
    [UTF8] = {"UTF-8", NULL, NULL},
    {"GB2312", "GB18030", "GBK"}, /* written through GBK and held against GB2312 afterwards */
    {"GBK", "GBK", "GBK"},
    {"GB18030", "GB18030", "GB18030"},
    {"Big5", "BIG5", "BIG5"},
    {"ISO-8859-1", "ISO-8859-1", "ISO-8859-1"},
    {"ISO-8859-2", "ISO-8859-2", "ISO-8859-2"},
    {"ISO-8859-3", "ISO-8859-3", "ISO-8859-3"},
    {"ISO-8859-4", "ISO-8859-4", "ISO-8859-4"},
    {"ISO-8859-5", "ISO-8859-5", "ISO-8859-5"},
    {"ISO-8859-6", "ISO-8859-6", "ISO-8859-6"},
    {"ISO-8859-7", "ISO-8859-7", "ISO-8859-7"},
    {"ISO-8859-8", "ISO-8859-8", "ISO-8859-8"},
    {"ISO-8859-9", "ISO-8859-9", "ISO-8859-9"},
    {"ISO-8859-10", "ISO-8859-10", "ISO-8859-10"},
    {"ISO-8859-13", "ISO-8859-13", "ISO-8859-13"},
    {"ISO-8859-14", "ISO-8859-14", "ISO-8859-14"},
    {"ISO-8859-15", "ISO-8859-15", "ISO-8859-15"},
    {"ISO-8859-16", "ISO-8859-16", "ISO-8859-16"},
    {"windows-1250", "CP1250", "CP1250"},
    {"windows-1251", "CP1251", "CP1251"},
    {"windows-1252", "CP1252", "CP1252"},
    {"KOI8-R", "KOI8-R", "KOI8-R"},
    {"Shift_JIS", "SHIFT_JIS", "SHIFT_JIS"},
    {"EUC-JP", "EUC-JP", "EUC-JP"},
    {"ISO-2022-JP", "ISO-2022-JP", "ISO-2022-JP"},
    {"EUC-KR", "EUC-KR", "EUC-KR"},
};

static const struct {
    const char *alias, *name;
} aliases[] = {
    {"ascii", "US-ASCII"},
    {"ansi_x3.4-1968", "US-ASCII"},
    {"iso646-us", "US-ASCII"},
    {"utf8", "UTF-8"},
    {"unicode-1-1-utf-8", "UTF-8"},
    {"gb_2312-80", "GB2312"},
    {"euc-cn", "GB2312"},
    {"x-gbk", "GBK"},
    {"cp936", "GBK"},
    {"windows-936", "GBK"},
    {"ms936", "GBK"},
    {"big5-eten", "Big5"},
    {"cn-big5", "Big5"},
    {"latin1", "ISO-8859-1"},
    {"l1", "ISO-8859-1"},
    {"iso8859-1", "ISO-8859-1"},
    {"iso_8859-1", "ISO-8859-1"},
    {"latin2", "ISO-8859-2"},
    {"latin9", "ISO-8859-15"},
    {"cp1250", "windows-1250"},
    {"cp1251", "windows-1251"},
    {"cp1252", "windows-1252"},
    {"sjis", "Shift_JIS"},
};

const Charset *charset_utf8(void) { return &charsets[UTF8]; }
const Charset *charset_ascii(void) { return &charsets[ASCII]; }

const Charset *charset_find(Bytes label) {
    for (size_t i = 0; i < sizeof aliases / sizeof aliases[0]; i++)
        if (bytes_is(label, aliases[i].alias)) {
            label = bytes_text(aliases[i].name);
            break;
        }
    for (size_t i = 0; i < sizeof charsets / sizeof charsets[0]; i++)
        if (bytes_is(label, charsets[i].name)) return &charsets[i];
    return NULL;
}

size_t charset_utf8_valid(Bytes text) {
    size_t i = 0;
    while (i < text.size) {
        if (text.at[i] < 0x80) {
            i++;
            continue;
        }
        uint32_t c;
        size_t size = utf8_next((const char *)text.at + i, text.size - i, &c);
        if (size == 1) return i;
        i += size;
    }
    return i;
}

static const char replacement[] = "\xef\xbf\xbd"; /* U+FFFD */

/* ASCII (`utf8` false) or UTF-8, with U+FFFD for each octet that is neither. */
static Bytes decode_plain(Arena *arena, bool utf8, const char *reason, Bytes octets, size_t offset,
                          MailFaults *faults) {
    size_t good = utf8 ? charset_utf8_valid(octets) : 0;
    if (!utf8)
        while (good < octets.size && octets.at[good] < 0x80) good++;
    if (good == octets.size) return octets;
    mail_fault(faults, reason, offset + good);
    Text text = text_new();
    text_put_n(&text, (const char *)octets.at, good);
    for (size_t i = good; i < octets.size;) {
        uint32_t c;
        size_t size = utf8 ? utf8_next((const char *)octets.at + i, octets.size - i, &c) : 1;
        if (size == 1 && octets.at[i] >= 0x80) text_put(&text, replacement);
        else text_put_n(&text, (const char *)octets.at + i, size);
        i += size;
    }
    return mail_keep_text(arena, &text);
}

/* All of `from` through the converter; a place it cannot take becomes `instead` (NULL: give up there). The offset of
 * the first such place, or from.size. */
static size_t convert(iconv_t converter, Bytes from, const char *instead, Text *to) {
    char *in = (char *)from.at; /* iconv's signature lacks a const it keeps */
    size_t left = from.size, first = from.size;
    char room[8192];
    while (left > 0) {
        char *out = room;
        size_t free_size = sizeof room;
        size_t result = iconv(converter, &in, &left, &out, &free_size);
        int error = errno;
        text_put_n(to, room, sizeof room - free_size);
        if (result != (size_t)-1 || error == E2BIG) continue;
        if (first == from.size) first = from.size - left;
        if (!instead) return first;
        text_put(to, instead);
        if (error == EINVAL) break; /* the last character is cut short */
        in++;
        left--;
    }
    char *out = room;
    size_t free_size = sizeof room;
    iconv(converter, NULL, NULL, &out, &free_size); /* back to the first shift state */
    text_put_n(to, room, sizeof room - free_size);
    return first;
}

Bytes charset_decode(Arena *arena, const Charset *charset, Bytes octets, size_t offset, MailFaults *faults) {
    if (!charset) return decode_plain(arena, false, "charset.unknown", octets, offset, faults);
    if (!charset->decoder)
        return decode_plain(arena, charset == &charsets[UTF8], "charset.undecodable", octets, offset, faults);
    iconv_t converter = iconv_open("UTF-8", charset->decoder);
    if (converter == (iconv_t)-1) return decode_plain(arena, false, "charset.unknown", octets, offset, faults);
    Text text = text_new();
    size_t first = convert(converter, octets, replacement, &text);
    iconv_close(converter);
    if (first < octets.size) mail_fault(faults, "charset.undecodable", offset + first);
    return mail_keep_text(arena, &text);
}

/* Whether every character of `octets` (GBK) is one of GB2312. */
static bool is_gb2312(Bytes octets) {
    iconv_t converter = iconv_open("UTF-8", "EUC-CN");
    if (converter == (iconv_t)-1) return false;
    Text text = text_new();
    bool all = convert(converter, octets, NULL, &text) == octets.size;
    text_free(&text);
    iconv_close(converter);
    return all;
}

bool charset_encode(Arena *arena, const Charset *charset, Bytes utf8, Bytes *octets) {
    if (charset_utf8_valid(utf8) < utf8.size) return false;
    if (!charset->encoder) {
        if (charset == &charsets[ASCII] && !bytes_is_ascii(utf8)) return false;
        *octets = utf8;
        return true;
    }
    iconv_t converter = iconv_open(charset->encoder, "UTF-8");
    if (converter == (iconv_t)-1) return false;
    Text text = text_new();
    bool all = convert(converter, utf8, NULL, &text) == utf8.size;
    iconv_close(converter);
    *octets = mail_keep_text(arena, &text);
    return all && (strcmp(charset->name, "GB2312") != 0 || is_gb2312(*octets));
}
