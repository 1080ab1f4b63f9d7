#include "mail/xtext.h"

static bool stays(uint8_t c) { return c >= 33 && c <= 126 && c != '+' && c != '='; }

void xtext_put(Text *to, Bytes text) {
    for (size_t i = 0; i < text.size; i++) {
        if (stays(text.at[i])) text_put_char(to, (char)text.at[i]);
        else text_print(to, "+%02X", (unsigned)text.at[i]);
    }
}

bool xtext_decode(Bytes xtext, Text *to, ParseFault *fault) {
    for (size_t i = 0; i < xtext.size; i++) {
        uint8_t c = xtext.at[i];
        if (stays(c)) {
            text_put_char(to, (char)c);
            continue;
        }
        int high = -1, low = -1;
        if (c == '+' && xtext.size - i > 2) {
            high = text_hex_digit((char)xtext.at[i + 1]);
            low = text_hex_digit((char)xtext.at[i + 2]);
        }
        if (high < 0 || low < 0) {
            *fault = (ParseFault){c == '+' ? "xtext.escape" : "xtext.character", i};
            return false;
        }
        text_put_char(to, (char)(high << 4 | low));
        i += 2;
    }
    return true;
}
