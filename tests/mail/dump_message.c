/* dump_message FILE [MORE...]: one line of JSON for each message: what we read in it, for compare_mail.py.
 * dump_message --7bit|--8bit FILE: the message encoded anew for such a carrier. */
#include <stdio.h>
#include <string.h>

#include "mail/address.h"
#include "mail/date.h"
#include "mail/mime.h"
#include "mail/reencode.h"

static void put_bytes(Text *to, const char *key, Bytes value) {
    text_print(to, ",\"%s\":", key);
    text_put_json(to, (const char *)value.at, value.size);
}

/* FNV-1a, 64 bits. */
static uint64_t hash(Bytes octets) {
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < octets.size; i++) h = (h ^ octets.at[i]) * 1099511628211u;
    return h;
}

static void put_addresses(Text *to, Arena *arena, const HeaderField *field) {
    AddressList list = address_list_read(arena, field->value, field->value_offset, NULL);
    text_put(to, ",\"addresses\":[");
    for (size_t i = 0; i < list.count; i++) {
        Text spec = text_new();
        address_put(&spec, list.items[i].local_part, list.items[i].domain);
        text_put(to, i ? ",[" : "[");
        text_put_json(to, (const char *)list.items[i].name.at, list.items[i].name.size);
        text_put(to, ",");
        text_put_json(to, spec.at, spec.size);
        text_put(to, ",");
        Bytes group = list.items[i].group >= 0 ? list.groups[list.items[i].group].name : (Bytes){0};
        text_put_json(to, (const char *)group.at, group.size);
        text_put(to, "]");
        text_free(&spec);
    }
    text_put(to, "]");
}

static void put_fields(Text *to, Arena *arena, const Header *header) {
    static const char *const of_addresses[] = {"From", "To", "Cc", "Bcc", "Reply-To", "Sender"};
    text_put(to, "\"fields\":[");
    bool first = true;
    for (size_t i = 0; i < header->count; i++) {
        const HeaderField *field = &header->fields[i];
        if (field->name.size == 0) continue;
        text_put(to, first ? "{\"name\":" : ",{\"name\":");
        first = false;
        text_put_json(to, (const char *)field->name.at, field->name.size);
        put_bytes(to, "text", header_field_text(arena, field, NULL));
        put_bytes(to, "raw", header_field_unfold(arena, field));
        for (size_t k = 0; k < sizeof of_addresses / sizeof of_addresses[0]; k++)
            if (bytes_is(field->name, of_addresses[k])) put_addresses(to, arena, field);
        MailDate date;
        ParseFault fault;
        if (bytes_is(field->name, "Date") && date_read(field->value, 0, &date, &fault, NULL))
            text_print(to, ",\"date\":[%lld,%d]", (long long)date.at_s, date.zone_minutes);
        text_put(to, "}");
    }
    text_put(to, "]");
}

static void put_part(Text *to, Arena *arena, const MimePart *p) {
    text_put(to, "{");
    put_fields(to, arena, &p->header);
    put_bytes(to, "type", p->type_name);
    put_bytes(to, "subtype", p->subtype);
    put_bytes(to, "encoding", p->encoding_name);
    put_bytes(to, "disposition", p->disposition);
    put_bytes(to, "filename", mime_part_filename(p));
    put_bytes(to, "content_id", p->content_id);
    put_bytes(to, "description", p->content_description);
    text_put(to, ",\"parameters\":{");
    for (size_t i = 0; i < p->parameters.count; i++) {
        if (i) text_put(to, ",");
        text_put_json(to, (const char *)p->parameters.items[i].name.at, p->parameters.items[i].name.size);
        text_put(to, ":");
        text_put_json(to, (const char *)p->parameters.items[i].value.at, p->parameters.items[i].value.size);
    }
    text_put(to, "}");
    if (p->type == MIME_MULTIPART) {
        put_bytes(to, "preamble", p->preamble);
        put_bytes(to, "epilogue", p->epilogue);
    }
    if (!p->first) {
        Bytes octets = mime_part_octets(arena, p, NULL);
        text_print(to, ",\"size\":%zu,\"hash\":\"%016llx\"", octets.size, (unsigned long long)hash(octets));
        if (p->type == MIME_TEXT) put_bytes(to, "text", mime_part_text(arena, p, NULL));
    }
    text_put(to, ",\"parts\":[");
    for (const MimePart *child = p->first; child; child = child->next) {
        if (child != p->first) text_put(to, ",");
        put_part(to, arena, child);
    }
    text_put(to, "]}");
}

int main(int argc, char **argv) {
    bool again = argc == 3 && strncmp(argv[1], "--", 2) == 0;
    for (int i = again ? 2 : 1; i < argc; i++) {
        Text file = text_new(), error = text_new(), to = text_new();
        if (!text_read_file(argv[i], &file, &error)) {
            fprintf(stderr, "%s\n", text_get(&error));
            return 2;
        }
        Arena *arena = arena_new();
        MailFaults faults = mail_faults(arena);
        MimeTree tree = mime_read(arena, bytes_of(file.at, file.size), (MimeRules){.lines = LINES_LENIENT}, &faults);
        if (again) {
            MailCarrier carrier = {.eight_bit = strcmp(argv[1], "--8bit") == 0};
            Bytes octets = reencode(arena, &tree, carrier);
            fwrite(octets.at, 1, octets.size, stdout);
            arena_free(arena);
            text_free(&file);
            return 0;
        }
        text_put(&to, "{\"root\":");
        put_part(&to, arena, tree.root);
        text_put(&to, ",\"faults\":[");
        for (size_t k = 0; k < faults.count; k++)
            text_print(&to, "%s[\"%s\",%zu]", k ? "," : "", faults.items[k].reason, faults.items[k].offset);
        text_put(&to, "]}");
        puts(text_get(&to));
        arena_free(arena);
        text_free(&to);
        text_free(&error);
        text_free(&file);
    }
    return 0;
}
