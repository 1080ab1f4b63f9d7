#include "mail/envelope.h"

#include "mail/address.h"

/* The address as a path, held to SMTP's rules. */
static bool make_path(const MailAddress *a, Bytes domain, MailPath *path) {
    if (!path_make(a->local_part, a->domain.size > 0 ? a->domain : domain, path)) return false;
    Text text = text_new();
    text_put_char(&text, '<');
    path_put(&text, path);
    text_put_char(&text, '>');
    size_t end;
    ParseFault fault;
    MailPath again;
    bool good = path_parse(bytes_of(text.at, text.size), PATH_UTF8, &again, &end, &fault) && end == text.size;
    text_free(&text);
    return good;
}

static void add_recipients(Arena *arena, Envelope *e, const HeaderField *field, const char *name, Bytes domain,
                           MailFaults *faults) {
    AddressList list = address_list_read(arena, field->value, field->value_offset, faults);
    for (size_t i = 0; i < list.count; i++) {
        MailPath path;
        if (!make_path(&list.items[i], domain, &path)) {
            mail_fault(faults, "envelope.address", list.items[i].offset);
            continue;
        }
        bool known = false;
        for (size_t k = 0; k < e->count && !known; k++) known = path_equal(&e->recipients[k].path, &path);
        if (known) continue;
        if (e->count == ENVELOPE_MOST) {
            mail_fault(faults, "envelope.too_many", list.items[i].offset);
            return;
        }
        e->recipients = mail_grow(arena, e->recipients, &e->capacity, e->count + 1, sizeof(EnvelopeRecipient));
        e->recipients[e->count++] = (EnvelopeRecipient){path, name};
        if (!bytes_is_ascii(path_local_part(&path)) || !bytes_is_ascii(path_domain(&path))) e->utf8 = true;
    }
}

Envelope envelope_from_header(Arena *arena, const Header *header, Bytes domain, MailFaults *faults) {
    Envelope e = {0};
    static const char *const senders[] = {"Sender", "From"}, *const receivers[] = {"To", "Cc", "Bcc"};
    bool found = false;
    for (size_t s = 0; s < 2 && !found; s++) {
        const HeaderField *field = header_find(header, senders[s]);
        if (!field) continue;
        AddressList list = address_list_read(arena, field->value, field->value_offset, s == 1 ? faults : NULL);
        found = list.count > 0 && make_path(&list.items[0], domain, &e.reverse_path);
        if (list.count > 0 && !found) mail_fault(faults, "envelope.address", list.items[0].offset);
    }
    if (!found) {
        e.reverse_path = (MailPath){0};
        mail_fault(faults, "envelope.no_sender", header->offset);
    }
    if (!bytes_is_ascii(path_local_part(&e.reverse_path)) || !bytes_is_ascii(path_domain(&e.reverse_path)))
        e.utf8 = true;
    for (size_t i = 0; i < 3; i++)
        for (const HeaderField *field = header_find(header, receivers[i]); field;
             field = header_find_from(header, receivers[i], (size_t)(field - header->fields) + 1))
            add_recipients(arena, &e, field, receivers[i], domain, faults);
    if (e.count == 0) mail_fault(faults, "envelope.no_recipients", header->offset + header->size);
    return e;
}
