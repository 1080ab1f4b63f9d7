#include "mail/header_write.h"

#include <string.h>

#include "mail/encoded_word.h"
#include "mail/lexer.h"
#include "mail/parameter.h"

enum { WORD_MOST = 900 }; /* a longer word is split into encoded words, so that no line passes 998 */

void header_write_begin(HeaderWriter *w, const char *name) {
    size_t before = w->to->size;
    for (; *name; name++)
        if (*name > ' ' && *name < 127 && *name != ':') text_put_char(w->to, *name);
    text_put_char(w->to, ':');
    w->column = w->name_end = w->to->size - before;
}

static void fold(HeaderWriter *w) {
    text_put(w->to, "\r\n");
    w->column = 0;
}

/* `blanks` and the token, behind a line end if they don't fit. */
static void put_behind(HeaderWriter *w, Bytes blanks, Bytes token) {
    size_t size = blanks.size + token.size;
    bool fits = w->column + size <= HEADER_LINE_WANTED;
    if (!fits && blanks.size > 0 && (w->column > w->name_end || size <= HEADER_LINE_WANTED)) fold(w);
    text_put_bytes(w->to, blanks);
    text_put_bytes(w->to, token);
    w->column += size;
}

void header_write_token(HeaderWriter *w, Bytes token) { put_behind(w, bytes_text(" "), token); }

static void put_encoded(HeaderWriter *w, Bytes text, EncodedWordPlace place) {
    text_put_char(w->to, ' ');
    w->column++;
    encoded_words_encode(w->to, text, w->charset, place, 0, &w->column);
}

/* The next word of `text` at `*at`, with the blanks before it. */
static Bytes next_word(Bytes text, size_t *at, Bytes *blanks) {
    size_t start = *at;
    while (*at < text.size && ascii_is_blank(text.at[*at])) ++*at;
    *blanks = bytes_slice(text, start, *at - start);
    start = *at;
    while (*at < text.size && !ascii_is_blank(text.at[*at])) ++*at;
    return bytes_slice(text, start, *at - start);
}

static bool must_encode(Bytes word) { return word.size > WORD_MOST || encoded_words_needed(word); }

/* A word behind so many blanks that no line could hold them is encoded with them. */
static bool must_encode_behind(Bytes blanks, Bytes word) { return blanks.size > WORD_MOST / 10 || must_encode(word); }

void header_write_text(HeaderWriter *w, Bytes text) {
    text = bytes_trim(text);
    bool first = true;
    for (size_t at = 0; at < text.size;) {
        Bytes blanks, word = next_word(text, &at, &blanks);
        if (!must_encode_behind(blanks, word)) {
            put_behind(w, first ? bytes_text(" ") : blanks, word);
            first = false;
            continue;
        }
        size_t start = (size_t)(word.at - text.at), end = at;
        if (blanks.size > 1) start -= blanks.size - 1; /* all but one would be lost with the folding */
        while (at < text.size) { /* blanks between encoded words would vanish: they are encoded with them */
            Bytes more = next_word(text, &at, &blanks);
            if (!must_encode_behind(blanks, more)) {
                at = end;
                break;
            }
            end = at;
        }
        put_encoded(w, bytes_slice(text, start, end - start), ENCODED_WORD_TEXT);
        first = false;
    }
}

static bool is_atoms(Bytes name) {
    for (size_t i = 0; i < name.size; i++)
        if (!is_atext(name.at[i]) && name.at[i] != ' ') return false;
    return true;
}

static void write_phrase(HeaderWriter *w, Bytes name) {
    if (must_encode(name) || name.size > 200) {
        put_encoded(w, name, ENCODED_WORD_PHRASE);
    } else if (is_atoms(name) && name.at[0] != ' ' && name.at[name.size - 1] != ' ') {
        for (size_t at = 0; at < name.size;) {
            Bytes blanks, word = next_word(name, &at, &blanks);
            put_behind(w, blanks.size > 0 ? blanks : bytes_text(" "), word);
        }
    } else {
        Text quoted = text_new();
        text_put_char(&quoted, '"');
        for (size_t i = 0; i < name.size; i++) {
            if (name.at[i] == '"' || name.at[i] == '\\') text_put_char(&quoted, '\\');
            text_put_char(&quoted, (char)name.at[i]);
        }
        text_put_char(&quoted, '"');
        header_write_token(w, bytes_of(quoted.at, quoted.size));
        text_free(&quoted);
    }
}

/* Control characters have no place in an address: they are left out. */
static Text address_text(const MailAddress *address) {
    Text spec = text_new(), clean = text_new();
    address_put(&spec, address->local_part, address->domain);
    for (size_t i = 0; i < spec.size; i++)
        if ((uint8_t)spec.at[i] >= ' ' && spec.at[i] != 127) text_put_char(&clean, spec.at[i]);
    text_free(&spec);
    return clean;
}

static void write_mailbox(HeaderWriter *w, const MailAddress *address, const char *behind) {
    Text spec = address_text(address), token = text_new();
    bool named = address->name.size > 0;
    if (named) write_phrase(w, address->name);
    text_print(&token, "%s%s%s%s", named ? "<" : "", text_get(&spec), named ? ">" : "", behind);
    header_write_token(w, bytes_of(token.at, token.size));
    text_free(&spec);
    text_free(&token);
}

void header_write_address(HeaderWriter *w, const MailAddress *address, bool comma) {
    write_mailbox(w, address, comma ? "," : "");
}

static void write_group(HeaderWriter *w, const AddressList *list, const AddressGroup *group, bool last) {
    write_phrase(w, group->name.size > 0 ? group->name : bytes_text("group"));
    text_put_char(w->to, ':');
    w->column++;
    for (size_t i = 0; i < group->count; i++)
        write_mailbox(w, &list->items[group->first + i], i + 1 < group->count ? "," : "");
    text_put(w->to, last ? ";" : ";,");
    w->column += 2;
}

void header_write_addresses(HeaderWriter *w, const AddressList *list) {
    size_t group = 0;
    for (size_t i = 0; i < list->count || group < list->group_count;) {
        if (group < list->group_count && list->groups[group].first == i) {
            const AddressGroup *g = &list->groups[group++];
            i += g->count;
            write_group(w, list, g, i == list->count && group == list->group_count);
        } else {
            i++;
            header_write_address(w, &list->items[i - 1], i < list->count || group < list->group_count);
        }
    }
}

void header_write_parameter(HeaderWriter *w, const char *name, Bytes value) {
    ParameterPieces pieces = parameter_write(name, value);
    for (size_t i = 0; i < pieces.count; i++) {
        text_put_char(w->to, ';');
        w->column++;
        header_write_token(w, bytes_of(pieces.items[i].at, pieces.items[i].size));
    }
    parameter_pieces_free(&pieces);
}

void header_write_end(HeaderWriter *w) {
    text_put(w->to, "\r\n");
    w->column = 0;
}

void header_write_text_field(Text *to, const char *name, Bytes text, const Charset *charset) {
    HeaderWriter w = header_writer(to, charset);
    header_write_begin(&w, name);
    header_write_text(&w, text);
    header_write_end(&w);
}
