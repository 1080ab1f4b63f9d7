#include "mail/message_id.h"

#include <inttypes.h>

#include "mail/date.h"
#include "mail/lexer.h"

void message_id_put(Text *to, int64_t at_s, RandomStream *random, Bytes domain) {
    CivilTime t = civil_time(at_s);
    text_print(to, "<%04d%02d%02d%02d%02d%02d.%010" PRIx64 "@", t.year, t.month, t.day, t.hour, t.minute, t.second,
               random_below(random, UINT64_C(1) << 40));
    text_put_bytes(to, domain);
    text_put_char(to, '>');
}

MessageIds message_ids_read(Arena *arena, Bytes value) {
    MessageIds ids = {0};
    Lexer l = lexer(value, 0, NULL);
    for (lexer_skip(&l); !lexer_end(&l); lexer_skip(&l)) {
        if (lexer_is(&l, '"')) {
            lexer_quoted(&l, NULL);
            continue;
        }
        size_t start = ++l.at;
        if (value.at[start - 1] != '<') continue;
        while (!lexer_end(&l) && !lexer_is(&l, '>')) l.at++;
        if (lexer_end(&l)) break;
        Bytes id = bytes_trim(bytes_slice(value, start, l.at - start));
        l.at++;
        if (id.size == 0) continue;
        ids.items = mail_grow(arena, ids.items, &ids.capacity, ids.count + 1, sizeof id);
        ids.items[ids.count++] = id;
    }
    return ids;
}
