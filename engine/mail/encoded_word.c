#include "mail/encoded_word.h"

#include <string.h>

#include "mail/base64.h"

enum { LABEL_MOST = 64 };

/* ---- Reading ---- */

/* The word that begins at `at`, where "=?" stands. *closed: whether a "?=" follows at all. */
static bool read_word(Bytes text, size_t at, EncodedWord *word, bool *closed) {
    *closed = true;
    size_t label = at + 2, end = label;
    while (end < text.size && end - label < LABEL_MOST && text.at[end] > ' ' && text.at[end] < 127 &&
           text.at[end] != '?')
        end++;
    if (end == label || end + 2 >= text.size || text.at[end] != '?' || text.at[end + 2] != '?') return false;
    char encoding = ascii_lower((char)text.at[end + 1]);
    if (encoding != 'b' && encoding != 'q') return false;
    size_t start = end + 3, close = start;
    for (;;) {
        const uint8_t *mark = close < text.size ? memchr(text.at + close, '?', text.size - close) : NULL;
        if (!mark || mark + 1 >= text.at + text.size) {
            *closed = false;
            return false;
        }
        close = (size_t)(mark - text.at);
        if (mark[1] == '=') break;
        close++;
    }
    Bytes charset = bytes_slice(text, label, end - label), language = {0};
    const uint8_t *star = memchr(charset.at, '*', charset.size);
    if (star) {
        size_t size = (size_t)(star - charset.at);
        language = bytes_slice(charset, size + 1, charset.size);
        charset.size = size;
    }
    *word = (EncodedWord){
        at, close + 2 - at, charset, language, encoding == 'b' ? 'B' : 'Q', bytes_slice(text, start, close - start)};
    return true;
}

bool encoded_word_find(Bytes text, size_t from, EncodedWord *word) {
    while (from + 1 < text.size) {
        const uint8_t *mark = memchr(text.at + from, '=', text.size - from - 1);
        if (!mark) return false;
        from = (size_t)(mark - text.at);
        bool closed;
        if (mark[1] == '?') {
            if (read_word(text, from, word, &closed)) return true;
            if (!closed) return false; /* nor is any later one */
        }
        from++;
    }
    return false;
}

static Bytes q_octets(Arena *arena, Bytes text) {
    uint8_t *octets = arena_alloc(arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.at[i];
        int high = -1, low = -1;
        if (c == '=' && text.size - i > 2) {
            high = text_hex_digit((char)text.at[i + 1]);
            low = text_hex_digit((char)text.at[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            octets[size++] = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c != '\r' && c != '\n') {
            octets[size++] = c == '_' ? ' ' : c;
        }
    }
    return bytes_of(octets, size);
}

Bytes encoded_word_octets(Arena *arena, const EncodedWord *word, size_t offset, MailFaults *faults) {
    return word->encoding == 'B' ? base64_decode_all(arena, word->text, offset, faults) : q_octets(arena, word->text);
}

/* Encoded words that follow one another in one character set, decoded together. */
typedef struct {
    Arena *arena;
    MailFaults *faults;
    Text octets;
    Bytes label;
    size_t offset; /* of the first of them */
    Text *to;
} Run;

static void end_run(Run *run) {
    if (run->octets.size > 0) {
        Bytes text = charset_decode(run->arena, charset_find(run->label),
                                    mail_keep(run->arena, bytes_of(run->octets.at, run->octets.size)), run->offset,
                                    run->faults);
        text_put_bytes(run->to, text);
    }
    text_clear(&run->octets);
    run->label = (Bytes){0};
}

static void add_word(Run *run, const EncodedWord *word, size_t offset) {
    if (!bytes_equal_nocase(run->label, word->charset)) end_run(run);
    if (run->label.size == 0) {
        run->label = word->charset;
        run->offset = offset;
    } else if (charset_find(run->label) == charset_utf8() && run->octets.size > 0) {
        size_t tail = run->octets.size < 4 ? 0 : run->octets.size - 4; /* a character has four octets at most */
        while (tail < run->octets.size && ((uint8_t)run->octets.at[tail] & 0xc0) == 0x80) tail++;
        Bytes last = bytes_of(run->octets.at + tail, run->octets.size - tail);
        if (charset_utf8_valid(last) < last.size) mail_fault(run->faults, "encoded_word.split_character", offset);
    }
    Bytes octets = encoded_word_octets(run->arena, word, offset, run->faults);
    text_put_bytes(&run->octets, octets);
}

/* Text outside encoded words: unfolded, and held to UTF-8. */
static void put_plain(Run *run, Bytes text, size_t offset) {
    if (text.size == 0) return;
    if (charset_utf8_valid(text) < text.size) {
        mail_fault(run->faults, "header.eight_bit", offset + charset_utf8_valid(text));
        text = charset_decode(run->arena, charset_utf8(), text, offset, NULL);
    }
    for (size_t i = 0; i < text.size;) {
        const uint8_t *end = text.at + i;
        while (end < text.at + text.size && *end != '\r' && *end != '\n') end++;
        text_put_n(run->to, (const char *)text.at + i, (size_t)(end - text.at) - i);
        i = (size_t)(end - text.at);
        while (i < text.size && (text.at[i] == '\r' || text.at[i] == '\n')) i++;
    }
}

static bool is_all_space(Bytes text) { return bytes_trim(text).size == 0; }

/* What may stand beside an encoded word: blanks, the parentheses of a comment, quotes, specials of addresses. */
static bool separates(uint8_t c) { return ascii_is_space(c) || strchr("()\"<>,:;", c); }

static void note_form(const EncodedWord *word, Bytes text, size_t offset, MailFaults *faults) {
    size_t end = word->offset + word->size;
    if (word->size > ENCODED_WORD_MOST) mail_fault(faults, "encoded_word.too_long", offset + word->offset);
    for (size_t i = 0; i < word->text.size; i++)
        if (ascii_is_space(word->text.at[i])) {
            mail_fault(faults, "encoded_word.blank", offset + word->offset);
            break;
        }
    if ((word->offset > 0 && !separates(text.at[word->offset - 1])) || (end < text.size && !separates(text.at[end])))
        mail_fault(faults, "encoded_word.not_separated", offset + word->offset);
}

Bytes encoded_words_decode(Arena *arena, Bytes text, size_t offset, MailFaults *faults) {
    Text to = text_new();
    Run run = {.arena = arena, .faults = faults, .to = &to};
    size_t from = 0;
    EncodedWord word;
    while (encoded_word_find(text, from, &word)) {
        note_form(&word, text, offset, faults);
        Bytes between = bytes_slice(text, from, word.offset - from);
        if (from == 0 || !is_all_space(between)) {
            end_run(&run);
            put_plain(&run, between, offset + from);
        }
        add_word(&run, &word, offset + word.offset);
        from = word.offset + word.size;
    }
    end_run(&run);
    put_plain(&run, bytes_slice(text, from, text.size), offset + from);
    text_free(&run.octets);
    return mail_keep_text(arena, &to);
}

/* ---- Writing ---- */

bool encoded_words_needed(Bytes text) {
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.at[i];
        if (c >= 127 || (c < ' ' && c != '\t')) return true;
        if (c == '=' && i + 1 < text.size && text.at[i + 1] == '?') return true;
    }
    return false;
}

static bool stays_in_q(uint8_t c, EncodedWordPlace place) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return true;
    if (c <= ' ' || c >= 127) return false;
    switch (place) {
        case ENCODED_WORD_PHRASE: return strchr("!*+-/", c) != NULL;
        case ENCODED_WORD_COMMENT: return strchr("=?_()\\\"", c) == NULL;
        case ENCODED_WORD_TEXT: return strchr("=?_", c) == NULL;
    }
    CHECK_UNREACHABLE();
}

static size_t q_size(Bytes octets, EncodedWordPlace place) {
    size_t size = 0;
    for (size_t i = 0; i < octets.size; i++) size += octets.at[i] == ' ' || stays_in_q(octets.at[i], place) ? 1 : 3;
    return size;
}

static void put_word(Arena *arena, Text *to, const char *charset, char encoding, Bytes octets, EncodedWordPlace place) {
    text_print(to, "=?%s?%c?", charset, encoding);
    if (encoding == 'B') {
        text_put_bytes(to, base64_encode_all(arena, octets, 0));
    } else {
        for (size_t i = 0; i < octets.size; i++) {
            uint8_t c = octets.at[i];
            if (c == ' ') text_put_char(to, '_');
            else if (stays_in_q(c, place)) text_put_char(to, (char)c);
            else text_print(to, "=%02X", (unsigned)c);
        }
    }
    text_put(to, "?=");
}

/* Each character's octets in the set, in a row, and where each begins. */
typedef struct {
    Bytes octets;
    size_t *starts, count; /* starts[count] is the end */
} Characters;

static bool split_characters(Arena *arena, Bytes text, const Charset *charset, Characters *all) {
    Text octets = text_new();
    all->starts = arena_alloc(arena, (text.size + 1) * sizeof(size_t));
    all->count = 0;
    bool good = true;
    for (size_t i = 0; i < text.size && good;) {
        uint32_t c;
        size_t size = utf8_next((const char *)text.at + i, text.size - i, &c);
        Bytes one = bytes_slice(text, i, size);
        good = charset_encode(arena, charset, one, &one);
        all->starts[all->count++] = octets.size;
        text_put_bytes(&octets, one);
        i += size;
    }
    all->starts[all->count] = octets.size;
    all->octets = mail_keep_text(arena, &octets);
    return good;
}

void encoded_words_encode(Text *to, Bytes text, const Charset *charset, EncodedWordPlace place, char encoding,
                          size_t *column) {
    Arena *arena = arena_new();
    Characters all;
    text = charset_decode(arena, charset_utf8(), text, 0, NULL);
    if (!split_characters(arena, text, charset, &all)) {
        charset = charset_utf8();
        bool good = split_characters(arena, text, charset, &all);
        CHECK(good);
    }
    if (!encoding) encoding = q_size(all.octets, place) <= (all.octets.size + 2) / 3 * 4 ? 'Q' : 'B';
    size_t frame = strlen(charset->name) + 7;
    for (size_t first = 0; first < all.count;) {
        size_t most = ENCODED_WORD_LINE > *column ? ENCODED_WORD_LINE - *column : 0;
        if (most > ENCODED_WORD_MOST) most = ENCODED_WORD_MOST;
        size_t last = first, q = frame;
        while (last < all.count) {
            Bytes next = bytes_slice(all.octets, all.starts[last], all.starts[last + 1] - all.starts[last]);
            q += q_size(next, place);
            size_t size = encoding == 'Q' ? q : frame + (all.starts[last + 1] - all.starts[first] + 2) / 3 * 4;
            if (size > most) break;
            last++;
        }
        if (last == first && *column > 1) { /* no character fits here: next line */
            if (to->size > 0 && to->at[to->size - 1] == ' ') to->at[--to->size] = 0;
            text_put(to, "\r\n ");
            *column = 1;
            continue;
        }
        if (last == first) last++;
        size_t before = to->size;
        put_word(arena, to, charset->name, encoding,
                 bytes_slice(all.octets, all.starts[first], all.starts[last] - all.starts[first]), place);
        *column += to->size - before;
        first = last;
        if (first < all.count) {
            text_put(to, "\r\n ");
            *column = 1;
        }
    }
    arena_free(arena);
}
