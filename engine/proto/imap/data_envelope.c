/* ENVELOPE: RFC 3501 section 7.4.2. */
#include "mail/address.h"
#include "proto/imap/data_inside.h"

/* A field as it is written, unfolded; NIL where it is absent, "" where it is empty. */
static void put_field(Text *to, Arena *arena, const Header *header, const char *name) {
    const HeaderField *field = header_find(header, name);
    imap_put_nstring(to, field ? header_field_unfold(arena, field) : (Bytes){0}, !field);
}

static void put_or_nil(Text *to, Bytes octets) { imap_put_nstring(to, octets, octets.size == 0); }

/* A host that is not told is "": NIL would be a group. */
static void put_address(Text *to, const MailAddress *a) {
    text_put_char(to, '(');
    put_or_nil(to, bytes_trim(a->name.size > 0 ? a->name : a->comment));
    text_put_char(to, ' ');
    put_or_nil(to, a->route);
    text_put_char(to, ' ');
    imap_put_string(to, a->local_part);
    text_put_char(to, ' ');
    imap_put_string(to, a->domain);
    text_put_char(to, ')');
}

static void begin_group(Text *to, Bytes name) {
    text_put(to, "(NIL NIL ");
    imap_put_string(to, bytes_trim(name));
    text_put(to, " NIL)");
}

static void put_list(Text *to, const AddressList *list) {
    size_t group = 0;
    for (size_t i = 0; i <= list->count; i++) {
        for (; group < list->group_count; group++) {
            const AddressGroup *g = &list->groups[group];
            if (i == g->first) begin_group(to, g->name);
            if (i != g->first + g->count) break;
            text_put(to, "(NIL NIL NIL NIL)");
        }
        if (i < list->count) put_address(to, &list->items[i]);
    }
}

/* The addresses of every field of this name. False: there are none. */
static bool put_addresses(Text *to, Arena *arena, const Header *header, const char *name) {
    Text all = text_new();
    const HeaderField *field = header_find(header, name);
    while (field) {
        AddressList list = address_list_read_raw(arena, field->value);
        put_list(&all, &list);
        field = header_find_from(header, name, (size_t)(field - header->fields) + 1);
    }
    bool any = all.size > 0;
    if (any) text_print(to, "(%s)", text_get(&all));
    text_free(&all);
    return any;
}

static void put_addresses_or(Text *to, Arena *arena, const Header *header, const char *name, const char *otherwise) {
    text_put_char(to, ' ');
    if (put_addresses(to, arena, header, name)) return;
    if (!otherwise || !put_addresses(to, arena, header, otherwise)) text_put(to, "NIL");
}

void imap_put_envelope(Text *to, Arena *arena, const Header *header) {
    text_put_char(to, '(');
    put_field(to, arena, header, "Date");
    text_put_char(to, ' ');
    put_field(to, arena, header, "Subject");
    put_addresses_or(to, arena, header, "From", NULL);
    put_addresses_or(to, arena, header, "Sender", "From");
    put_addresses_or(to, arena, header, "Reply-To", "From");
    put_addresses_or(to, arena, header, "To", NULL);
    put_addresses_or(to, arena, header, "Cc", NULL);
    put_addresses_or(to, arena, header, "Bcc", NULL);
    text_put_char(to, ' ');
    put_field(to, arena, header, "In-Reply-To");
    text_put_char(to, ' ');
    put_field(to, arena, header, "Message-ID");
    text_put_char(to, ')');
}
