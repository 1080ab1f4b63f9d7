#include "view/detail.h"

#include <string.h>

#include "base/arena.h"
#include "mail/message.h"
#include "observe/record.h"

static const char *value_of(const Description *d, const char *key) {
    const DescribedField *field = description_find(d, key);
    return field ? description_value(d, field) : "";
}

/* The address that is offered, asked for or given. */
static void put_address(const Description *d, Text *to) {
    static const char *const keys[] = {"dhcp.yiaddr", "dhcp.option.requested_ip_address", "dhcp.ciaddr"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const char *value = value_of(d, keys[i]);
        if (!*value || strcmp(value, "0.0.0.0") == 0) continue;
        text_put(to, value);
        return;
    }
}

/* The name that is asked for, and of what type; of an answer what it says. */
static void put_question(const Description *d, const char *name, Text *to) {
    const char *address = value_of(d, "dns.address"), *data = value_of(d, "dns.rdata");
    bool asks = strncmp(name, "query", 5) == 0;
    const char *said = asks || !(*data || *address) ? value_of(d, "dns.question") : *data ? data : address;
    size_t size = strlen(said);
    const char *type = strrchr(said, ' ');
    /* "query MX" has told the type. */
    if (asks && type && strlen(name) > 6 && strcmp(name + 6, type + 1) == 0) size = (size_t)(type - said);
    text_put_n(to, said, size);
}

/* Its subject, else its length. */
static void put_subject(Bytes content, Text *to) {
    Arena *arena = arena_new();
    MailFaults faults = mail_faults(arena);
    Message message = message_read(arena, content, LINES_CRLF, &faults);
    const HeaderField *subject = header_find(&message.header, "Subject");
    if (subject) {
        text_put_bytes(to, header_field_text(arena, subject, &faults));
    } else {
        text_print(to, "%zu B", content.size);
    }
    arena_free(arena);
}

static void put_one_line(const char *text, Text *to) {
    for (; *text; text++) text_put_char(to, (unsigned char)*text < ' ' ? ' ' : *text);
}

static void put_said(const Story *story, const TraceRecord *said, Text *to) {
    if (said->message.part == STREAM_CONTENT) {
        if (said->small == TRACE_PROTO_SMTP) put_subject(record_octets(story->trace, said), to);
        else text_print(to, "%zu B", record_octets(story->trace, said).size);
        return;
    }
    Description d = {0};
    record_describe(story->trace, said, &d);
    const char *argument = value_of(&d, "said.argument"), *enhanced = value_of(&d, "said.enhanced");
    put_one_line(argument, to);
    if (said->message.part == STREAM_REPLY && !*argument) {
        if (*enhanced) text_print(to, "%s ", enhanced);
        put_one_line(value_of(&d, "said.text"), to);
    }
    description_free(&d);
}

void message_put_detail(const Story *story, const StoryMessage *m, Text *to) {
    if (!m->protocol || m->several) return;
    if (m->said != STORY_NONE) {
        put_said(story, trace_get(story->trace, m->said), to);
        return;
    }
    bool dhcp = strcmp(m->protocol, "dhcp") == 0, dns = strcmp(m->protocol, "dns") == 0;
    if (!dhcp && !dns) return;
    Description d = {0};
    describe_frame(frame_store_get(trace_frames(story->trace), m->frame), &d);
    if (dhcp) put_address(&d, to);
    else put_question(&d, m->name ? m->name : "", to);
    description_free(&d);
}
