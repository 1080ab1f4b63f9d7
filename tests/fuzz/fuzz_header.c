/* Any octets as the value of a header field, in every way one is read; and what is written is read as it was meant. */
#include "fuzz.h"
#include "mail/date.h"
#include "mail/encoded_word.h"
#include "mail/header_write.h"
#include "mail/message.h"
#include "mail/message_id.h"
#include "mail/parameter.h"
#include "mail/path.h"
#include "mail/xtext.h"

static void check_faults(const MailFaults *faults, size_t size) {
    for (size_t i = 0; i < faults->count; i++) fuzz_check_fault(faults->items[i], size);
}

static bool has_control(Bytes text) {
    for (size_t i = 0; i < text.size; i++)
        if (text.at[i] < ' ' || text.at[i] == 127) return true;
    return false;
}

/* Addresses read without a fault come back as they were. */
static void check_addresses(Arena *arena, Bytes value) {
    MailFaults faults = mail_faults(arena);
    AddressList list = address_list_read(arena, value, 0, &faults);
    check_faults(&faults, value.size);
    for (size_t i = 0; i < list.count; i++) {
        CHECK(list.items[i].offset + list.items[i].size <= value.size);
        CHECK(charset_utf8_valid(list.items[i].name) == list.items[i].name.size);
        faults.count += has_control(list.items[i].name) || has_control(list.items[i].local_part) ||
                        has_control(list.items[i].domain);
    }
    for (size_t i = 0; i < list.group_count; i++) faults.count += has_control(list.groups[i].name);
    Text to = text_new();
    HeaderWriter w = header_writer(&to, charset_utf8());
    header_write_begin(&w, "To");
    header_write_addresses(&w, &list);
    header_write_end(&w);
    Message m = message_read(arena, bytes_of(to.at, to.size), LINES_CRLF, NULL);
    CHECK(m.header.count == 1 && m.header.size == to.size);
    if (faults.count == 0) {
        AddressList again = address_list_read(arena, m.header.fields[0].value, 0, NULL);
        CHECK(again.count == list.count && again.group_count == list.group_count);
        for (size_t i = 0; i < list.count; i++) {
            CHECK(bytes_equal(again.items[i].local_part, list.items[i].local_part));
            CHECK(bytes_equal(again.items[i].domain, list.items[i].domain));
            CHECK(bytes_equal(bytes_trim(again.items[i].name), bytes_trim(list.items[i].name)));
        }
    }
    text_free(&to);
}

/* Any text a user types comes back, and never as two fields. */
static void check_text(Arena *arena, Bytes value) {
    MailFaults faults = mail_faults(arena);
    Bytes text = encoded_words_decode(arena, value, 0, &faults);
    check_faults(&faults, value.size);
    CHECK(charset_utf8_valid(text) == text.size);
    Bytes typed = charset_decode(arena, charset_utf8(), value, 0, NULL);
    Text to = text_new();
    header_write_text_field(&to, "Subject", typed, charset_utf8());
    Message m = message_read(arena, bytes_of(to.at, to.size), LINES_CRLF, NULL);
    CHECK(m.header.count == 1 && m.header.size == to.size && bytes_is_ascii(bytes_of(to.at, to.size)));
    Bytes back = header_field_text(arena, &m.header.fields[0], NULL);
    typed = bytes_trim(typed);
    CHECK(back.size == typed.size);
    for (size_t i = 0; i < back.size; i++) /* a tab before an encoded word becomes a blank */
        CHECK(back.at[i] == typed.at[i] || (back.at[i] == ' ' && typed.at[i] == '\t'));
    text_free(&to);
}

static void check_parameters(Arena *arena, Bytes value) {
    MailFaults faults = mail_faults(arena);
    Parameters all = parameters_read(arena, value, 0, &faults);
    check_faults(&faults, value.size);
    for (size_t i = 0; i < all.count; i++) CHECK(charset_utf8_valid(all.items[i].value) == all.items[i].value.size);
    Bytes typed = charset_decode(arena, charset_utf8(), value, 0, NULL);
    Text to = text_new();
    HeaderWriter w = header_writer(&to, charset_utf8());
    header_write_begin(&w, "Content-Type");
    header_write_parameter(&w, "name", typed);
    Parameters again = parameters_read(arena, bytes_slice(bytes_of(to.at, to.size), 13, to.size), 0, NULL);
    CHECK(again.count == 1 && bytes_equal(again.items[0].value, typed));
    text_free(&to);
}

static void check_path(Bytes value) {
    for (PathRules rules = PATH_STRICT; rules < 16; rules++) {
        MailPath path, again;
        size_t end;
        ParseFault fault = {0};
        if (!path_parse(value, rules, &path, &end, &fault)) {
            fuzz_check_fault(fault, value.size);
            continue;
        }
        CHECK(end <= value.size && end <= PATH_MOST);
        Text to = text_new();
        text_put(&to, "<");
        path_put(&to, &path);
        text_put(&to, ">");
        CHECK(path_parse(bytes_of(to.at, to.size), rules & ~(unsigned)PATH_BARE, &again, &end, &fault));
        CHECK(path_equal(&path, &again) && end == to.size);
        text_free(&to);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    Arena *arena = arena_new();
    Bytes value = bytes_of(at, size);
    check_addresses(arena, value);
    check_text(arena, value);
    check_parameters(arena, value);
    check_path(value);
    message_ids_read(arena, value);
    MailDate date, again;
    ParseFault fault = {0};
    MailFaults faults = mail_faults(arena);
    if (date_read(value, 0, &date, &fault, &faults)) {
        Text to = text_new();
        date_put(&to, date.at_s, date.zone_minutes);
        CHECK(date_read(bytes_of(to.at, to.size), 0, &again, &fault, NULL) && again.at_s == date.at_s);
        text_free(&to);
    } else {
        fuzz_check_fault(fault, size);
    }
    check_faults(&faults, size);
    Text coded = text_new(), plain = text_new();
    xtext_put(&coded, value);
    CHECK(xtext_decode(bytes_of(coded.at, coded.size), &plain, &fault) &&
          bytes_equal(bytes_of(plain.at, plain.size), value));
    text_free(&coded);
    text_free(&plain);
    Message m = message_read(arena, value, LINES_CRLF, NULL);
    CHECK(m.header.offset + m.header.size <= m.body_offset && m.body_offset <= size);
    arena_free(arena);
    return 0;
}
