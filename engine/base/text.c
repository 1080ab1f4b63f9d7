#define _POSIX_C_SOURCE 200809L /* stat */
#include "base/text.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"

void text_free(Text *text) {
    free(text->at);
    *text = (Text){0};
}

void text_clear(Text *text) {
    text->size = 0;
    if (text->at) text->at[0] = 0;
}

const char *text_get(const Text *text) { return text->at ? text->at : ""; }

void text_put_n(Text *text, const char *more, size_t size) {
    text->at = array_grow(text->at, &text->capacity, text->size + size + 1, 1);
    if (size > 0) memcpy(text->at + text->size, more, size);
    text->size += size;
    text->at[text->size] = 0;
}

void text_put(Text *text, const char *more) { text_put_n(text, more, strlen(more)); }

void text_put_char(Text *text, char c) { text_put_n(text, &c, 1); }

void text_print(Text *text, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    char small[256];
    int size = vsnprintf(small, sizeof small, format, arguments);
    CHECK(size >= 0);
    if ((size_t)size < sizeof small) {
        text_put_n(text, small, (size_t)size);
    } else {
        text->at = array_grow(text->at, &text->capacity, text->size + (size_t)size + 1, 1);
        vsnprintf(text->at + text->size, (size_t)size + 1, format, again);
        text->size += (size_t)size;
    }
    va_end(again);
    va_end(arguments);
}

size_t utf8_next(const char *at, size_t size, uint32_t *code_point) {
    const uint8_t *p = (const uint8_t *)at;
    static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = 0;
    if (p[0] < 0x80) length = 1;
    else if ((p[0] & 0xe0) == 0xc0) length = 2;
    else if ((p[0] & 0xf0) == 0xe0) length = 3;
    else if ((p[0] & 0xf8) == 0xf0) length = 4;
    uint32_t c = 0xfffd;
    if (length == 0 || length > size) {
        length = 1;
    } else if (length == 1) {
        c = p[0];
    } else {
        c = p[0] & (0x7fU >> length);
        for (size_t i = 1; i < length; i++) {
            if ((p[i] & 0xc0) != 0x80) {
                *code_point = 0xfffd;
                return 1;
            }
            c = c << 6 | (p[i] & 0x3f);
        }
        if (c < least[length] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) {
            c = 0xfffd;
            length = 1;
        }
    }
    *code_point = c;
    return length;
}

void text_put_json(Text *text, const char *value, size_t size) {
    text_put_char(text, '"');
    for (size_t i = 0; i < size;) {
        uint32_t c;
        size_t n = utf8_next(value + i, size - i, &c);
        if (c == '"' || c == '\\') text_print(text, "\\%c", (char)c);
        else if (c == '\n') text_put(text, "\\n");
        else if (c < 0x20 || c == 0x7f) text_print(text, "\\u%04x", (unsigned)c);
        else if (c == 0xfffd) text_put(text, "\xef\xbf\xbd");
        else text_put_n(text, value + i, n);
        i += n;
    }
    text_put_char(text, '"');
}

void text_put_xml(Text *text, const char *value) {
    for (; *value; value++) {
        switch (*value) {
            case '&': text_put(text, "&amp;"); break;
            case '<': text_put(text, "&lt;"); break;
            case '>': text_put(text, "&gt;"); break;
            case '"': text_put(text, "&quot;"); break;
            case '\'': text_put(text, "&#39;"); break;
            default: text_put_char(text, *value);
        }
    }
}

int text_hex_digit(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

void text_put_hex(Text *text, Bytes bytes, const char *between) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes.size; i++) {
        if (i > 0) text_put(text, between);
        text_put_char(text, digits[bytes.at[i] >> 4]);
        text_put_char(text, digits[bytes.at[i] & 15]);
    }
}

enum { NEAREST_LONGEST = 48 };

static size_t edit_distance(const char *a, const char *b) {
    size_t la = strlen(a), lb = strlen(b);
    if (la > NEAREST_LONGEST || lb > NEAREST_LONGEST) return SIZE_MAX;
    size_t row[NEAREST_LONGEST + 1];
    for (size_t j = 0; j <= lb; j++) row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t best = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            if (row[j] + 1 < best) best = row[j] + 1;
            if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
            row[j] = best;
        }
    }
    return row[lb];
}

const char *text_nearest(const char *word, const char *const *names, size_t count) {
    const char *nearest = NULL;
    size_t least = strlen(word) / 3 + 2;
    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(word, names[i]);
        if (distance < least) {
            least = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

bool text_read_file(const char *path, Text *into, Text *error) {
    FILE *file = fopen(path, "rb");
    if (!file) {
        text_print(error, "%s: %s", path, strerror(errno));
        return false;
    }
    char part[16384];
    size_t size;
    while ((size = fread(part, 1, sizeof part, file)) > 0) text_put_n(into, part, size);
    bool good = !ferror(file);
    if (!good) text_print(error, "%s: %s", path, strerror(errno));
    fclose(file);
    return good;
}

/* A device or a pipe is written to, never replaced. */
static bool is_special(const char *path) {
    struct stat about;
    return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

bool text_write_file(const char *path, Bytes content, Text *error) {
    if (strcmp(path, "-") == 0) {
        bool good = fwrite(content.at, 1, content.size, stdout) == content.size && fflush(stdout) == 0;
        if (!good) text_print(error, "standard output: %s", strerror(errno));
        return good;
    }
    Text temporary = text_new();
    bool in_place = is_special(path);
    text_print(&temporary, "%s%s", path, in_place ? "" : ".part");
    FILE *file = fopen(temporary.at, "wb");
    bool good = file != NULL;
    if (good) {
        good = fwrite(content.at, 1, content.size, file) == content.size;
        good = fclose(file) == 0 && good;
        if (good && !in_place) good = rename(temporary.at, path) == 0;
    }
    if (!good) {
        text_print(error, "%s: %s", path, strerror(errno));
        if (file && !in_place) remove(temporary.at);
    }
    text_free(&temporary);
    return good;
}
