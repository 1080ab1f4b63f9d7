#include "observe/transcript.h"

#include <string.h>

#include "base/value.h"

const TranscriptWords transcript_words_en = {"broadcast", "unicast", "lost on", "ignored by"};

typedef struct {
    const Trace *trace;
    const Directory *directory;
    const Messages *messages;
    const TranscriptOptions *options;
    Output *out;
    Description description;
    size_t time_width, host_width, name_width, address_width;
    Text line;
} Transcript;

/* ---- Columns ---- */

/* How many columns of a terminal the text takes: CJK characters take two. */
static size_t text_columns(const char *text) {
    size_t size = strlen(text), columns = 0;
    for (size_t at = 0; at < size;) {
        uint32_t c;
        at += utf8_next(text + at, size - at, &c);
        columns += c >= 0x1100 && (c < 0x1160 || (c >= 0x2e80 && c < 0xa4d0) || (c >= 0xac00 && c < 0xd7a4) ||
                                   (c >= 0xf900 && c < 0xfb00) || (c >= 0xfe30 && c < 0xfe70) ||
                                   (c >= 0xff00 && c < 0xff61) || (c >= 0x20000 && c < 0x40000))
                       ? 2
                       : 1;
    }
    return columns;
}

static void put_padded(Transcript *t, const char *text, size_t width) {
    text_put(&t->line, text);
    for (size_t columns = text_columns(text); columns < width; columns++) text_put_char(&t->line, ' ');
}

static void put_time(Transcript *t, SimTime at) {
    Text time = text_new();
    sim_time_print(&time, at, 6);
    for (size_t size = time.size; size < t->time_width; size++) text_put_char(&t->line, ' ');
    text_put(&t->line, text_get(&time));
    text_put(&t->line, "  ");
    text_free(&time);
}

static void end_line(Transcript *t) {
    while (t->line.size > 0 && t->line.at[t->line.size - 1] == ' ') t->line.at[--t->line.size] = 0;
    text_put_char(&t->line, '\n');
    output_put(t->out, t->line.at, t->line.size);
    text_clear(&t->line);
}

static const char *host_name(const Transcript *t, uint32_t host) {
    return host < t->directory->host_count ? t->directory->hosts[host].name : "";
}

/* "DHCP DISCOVER", "ARP request", "ICMP echo request"; a datagram without a name is "UDP". */
static void message_title(const MessageEntry *m, Text *title) {
    const char *proto = trace_proto_name(m->proto), *name = message_name(m);
    if (strncmp(name, "ARP ", 4) == 0) name += 4;
    for (; *proto; proto++) text_put_char(title, *proto >= 'a' && *proto <= 'z' ? (char)(*proto - 32) : *proto);
    if (!*name) return;
    text_put_char(title, ' ');
    text_put(title, name);
}

/* What only acknowledges or carries on says nothing of its own: what a stream carries has lines of its own. One whose flags
 * have no name is odd enough to be shown. */
static bool is_plain_segment(const MessageEntry *m) {
    return m->proto == TRACE_PROTO_TCP && (strcmp(message_name(m), "ACK") == 0 || strcmp(message_name(m), "DATA") == 0);
}

static bool is_shown(const Transcript *t, const MessageEntry *m) {
    if (is_plain_segment(m) && !t->options->segments) return false;
    return t->options->arp || m->proto != TRACE_PROTO_ARP;
}

/* "0.0.0.0 → 255.255.255.255 broadcast" */
static void message_addresses(const Transcript *t, const MessageEntry *m, Text *addresses) {
    if (m->proto != TRACE_PROTO_ARP) {
        ipv4_print(addresses, m->summary.source);
        text_put(addresses, " → ");
        ipv4_print(addresses, m->summary.destination);
        text_put_char(addresses, ' ');
    }
    text_put(addresses, m->broadcast ? t->options->words->broadcast : t->options->words->unicast);
}

static void measure(Transcript *t) {
    Text text = text_new();
    size_t count = trace_count(t->trace);
    if (count > 0) sim_time_print(&text, trace_get(t->trace, count - 1)->at, 6);
    t->time_width = text.size;
    for (size_t i = 0; i < t->directory->host_count; i++) {
        size_t width = text_columns(t->directory->hosts[i].name);
        if (t->directory->hosts[i].kind != NODE_SWITCH && t->directory->hosts[i].kind != NODE_HUB &&
            width > t->host_width)
            t->host_width = width;
    }
    for (size_t i = 0; i < t->messages->count; i++) {
        if (!is_shown(t, &t->messages->list[i])) continue;
        text_clear(&text);
        message_title(&t->messages->list[i], &text);
        if (text.size > t->name_width) t->name_width = text.size;
        text_clear(&text);
        message_addresses(t, &t->messages->list[i], &text);
        if (text_columns(text_get(&text)) > t->address_width) t->address_width = text_columns(text_get(&text));
    }
    text_free(&text);
}

/* ---- Messages ---- */

/* The fields that tell one message from another, in this order; of DHCP's addresses those that are set. */
static const struct {
    const char *key, *name;
} telling_fields[] = {
    {"dhcp.xid", "xid"},
    {"dhcp.flags.broadcast", "B"},
    {"dhcp.ciaddr", "ciaddr"},
    {"dhcp.yiaddr", "yiaddr"},
    {"dhcp.giaddr", "giaddr"},
    {"dhcp.hops", "hops"},
    {"dhcp.option.requested_ip_address", "requested"},
    {"dhcp.option.server_identifier", "server"},
    {"dhcp.option.ip_address_lease_time", "lease"},
    {"dhcp.option.message", "message"},
    {"dhcp.agent.circuit_id", "circuit_id"},
    {"arp.spa", "spa"},
    {"arp.sha", "sha"},
    {"arp.tpa", "tpa"},
    {"icmp.code", "code"},
    {"icmp.identifier", "id"},
    {"icmp.sequence", "seq"},
    {"dns.id", "id"},
    {"dns.question", "question"},
    {"dns.address", "address"},
    {"dns.rdata", "data"},
    {"dns.ttl", "ttl"},
    {"udp.source_port", "sport"},
    {"udp.destination_port", "dport"},
    {"udp.data", "data"},
    {"said.argument", ""},
    {"said.text", ""},
};

static void put_fields(Transcript *t, const MessageEntry *m) {
    Description *d = &t->description;
    record_describe(t->trace, trace_get(t->trace, m->record), d);
    bool above_udp = strcmp(d->protocol, "dhcp") == 0 || strcmp(d->protocol, "dns") == 0;
    for (size_t i = 0; i < sizeof telling_fields / sizeof *telling_fields; i++) {
        const char *key = telling_fields[i].key;
        if (above_udp && strncmp(key, "udp.", 4) == 0) continue;
        const DescribedField *field = description_find(d, key);
        if (!field) continue;
        const char *value = description_value(d, field);
        if (!*value || (strncmp(key, "icmp.", 5) != 0 && (strcmp(value, "0.0.0.0") == 0 || strcmp(value, "0") == 0)))
            continue;
        if (telling_fields[i].name[0]) text_put_char(&t->line, ' ');
        text_put(&t->line, telling_fields[i].name);
        text_put_char(&t->line, ' ');
        text_put(&t->line, value);
    }
}

/* Of a message that nobody took, the first reason that explains it: that it was lost on its way to whom it was for
 * (of a broadcast: on the sender's own cable), or else who would not have it. ARP asks everyone and concerns one. */
static void put_fate(Transcript *t, const MessageEntry *m) {
    if (message_was_taken(t->messages, m) || (m->broadcast && m->proto == TRACE_PROTO_ARP)) return;
    const MessageArrival *ignored = NULL;
    for (uint32_t i = 0; i < m->arrival_count; i++) {
        const MessageArrival *a = &t->messages->arrivals[m->first_arrival + i];
        const TraceRecord *r = trace_get(t->trace, a->record);
        if (a->fate == ARRIVAL_LOST && (m->broadcast ? r->host == m->host : a->host == m->to)) {
            text_print(&t->line, "  [%s %s]", t->options->words->lost, t->directory->links[r->frame.link].name);
            return;
        }
        if (a->fate == ARRIVAL_IGNORED && !ignored) ignored = a;
    }
    if (ignored)
        text_print(&t->line, "  [%s %s: %s]", t->options->words->ignored, host_name(t, ignored->host), ignored->reason);
}

static void put_message(Transcript *t, const MessageEntry *m) {
    Text title = text_new(), addresses = text_new();
    put_time(t, m->at);
    put_padded(t, host_name(t, m->host), t->host_width);
    text_put(&t->line, " → ");
    put_padded(t, m->broadcast ? "*" : m->to == TIMELINE_NONE ? "?" : host_name(t, m->to), t->host_width);
    text_put(&t->line, "  ");
    message_title(m, &title);
    put_padded(t, text_get(&title), t->name_width);
    text_put(&t->line, "  ");
    message_addresses(t, m, &addresses);
    put_padded(t, text_get(&addresses), t->address_width + 1);
    put_fields(t, m);
    put_fate(t, m);
    end_line(t);
    text_free(&title);
    text_free(&addresses);
}

/* ---- Other records ---- */

static void put_state(Transcript *t, const TraceRecord *r) {
    const MachineSpec *spec = t->directory->machines[r->machine].spec;
    put_time(t, r->at);
    put_padded(t, host_name(t, r->host), t->host_width);
    text_print(&t->line, "   %s", spec->name);
    if (spec->subject && strcmp(spec->subject, "address") == 0) {
        text_put_char(&t->line, ' ');
        ipv4_print(&t->line, r->state.subject);
    }
    text_print(&t->line, ": %s → %s  (%s)", spec->states[r->state.from], spec->states[r->state.to],
               spec->inputs[r->state.input].name);
    end_line(t);
}

static void put_value(Text *line, FactFieldKind kind, int64_t value) {
    switch (kind) {
        case FACT_NUMBER: text_print(line, "%lld", (long long)value); break;
        case FACT_IPV4: ipv4_print(line, (Ipv4Address)value); break;
        case FACT_MAC: mac_print(line, mac_of_number((uint64_t)value)); break;
        case FACT_SPAN:
        case FACT_TIME:
            if (value == SIM_NEVER)
                text_put(line, "∞");
            else
                sim_time_print(line, value, 3);
            break;
        case FACT_NAME:
        case FACT_TEXT: text_put(line, trace_fact_name(value)); break;
    }
}

static void put_fact(Transcript *t, const TraceRecord *r) {
    const FactSpec *spec = trace_fact_spec(t->trace, r);
    const int64_t *values = trace_fact_values(t->trace, r);
    put_time(t, r->at);
    put_padded(t, host_name(t, r->host), t->host_width);
    text_print(&t->line, "   %s", spec->name);
    for (size_t i = 0; i < spec->count; i++) {
        text_print(&t->line, " %s ", spec->fields[i].name);
        put_value(&t->line, spec->fields[i].kind, values[i]);
    }
    end_line(t);
}

void trace_put_words(const Trace *trace, const TraceRecord *record, const char *language, Text *into) {
    Arena *arena = arena_new();
    Text error = text_new();
    Value value;
    if (value_parse(arena, trace_text(trace, record), record->text.text_size, &value, &error)) {
        const Value *words = record->kind == TRACE_EXPECT ? value_get(&value, "text") : NULL;
        if (!words && value.kind == VALUE_MAP) {
            if (language) words = value_get(&value, language);
            if (!words && value.count > 0) words = &value.items[0];
        }
        if (!words && value.kind == VALUE_TEXT) words = &value;
        if (words && words->kind == VALUE_MAP && words->count > 0)
            words = language && value_get(words, language) ? value_get(words, language) : &words->items[0];
        if (words && words->kind == VALUE_TEXT) text_put_n(into, words->text, words->text_size);
    }
    text_free(&error);
    arena_free(arena);
}

static void put_say(Transcript *t, const TraceRecord *r) {
    put_time(t, r->at);
    bool expect = r->kind == TRACE_EXPECT;
    text_put(&t->line, expect                 ? (r->code ? "✓ " : "✗ ")
                       : r->code == SAY_PHASE ? "== "
                       : r->code == SAY_BEAT  ? "● "
                                              : "— ");
    trace_put_words(t->trace, r, t->options->language, &t->line);
    if (!expect && r->code == SAY_PHASE) text_put(&t->line, " ==");
    for (char *at = t->line.at; *at; at++)
        if (*at == '\n') *at = ' ';
    end_line(t);
}

void transcript_write(const Timeline *timeline, const Messages *messages, const TranscriptOptions *options,
                      Output *output) {
    const Trace *trace = timeline_trace(timeline);
    Transcript t = {.trace = trace,
                    .directory = trace_directory(trace),
                    .messages = messages,
                    .options = options,
                    .out = output};
    measure(&t);
    for (uint32_t seq = 0; seq < messages->record_count; seq++) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_SENT) {
            const MessageEntry *m = &messages->list[messages->message_of[seq]];
            if (is_shown(&t, m)) put_message(&t, m);
        } else if (r->kind == TRACE_STATE && options->states && r->state.from != r->state.to) {
            put_state(&t, r);
        } else if (r->kind == TRACE_FACT && options->facts) {
            put_fact(&t, r);
        } else if ((r->kind == TRACE_SAY || r->kind == TRACE_EXPECT) && options->says) {
            put_say(&t, r);
        }
    }
    text_free(&t.line);
    description_free(&t.description);
}

void transcript_export(const Trace *trace, const TranscriptOptions *options, Output *output) {
    Timeline *timeline = timeline_new(trace);
    Messages messages;
    messages_read(timeline, &messages);
    transcript_write(timeline, &messages, options, output);
    messages_free(&messages);
    timeline_free(timeline);
}
