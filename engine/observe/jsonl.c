#include "observe/jsonl.h"

#include <string.h>

#include "observe/record.h"
#include "wire/dhcp.h"

typedef struct {
    const Trace *trace;
    const Directory *directory;
    Output *out;
    Description description; /* its memory is used again */
} Jsonl;

static void put(Jsonl *j, const char *text) { output_put_text(j->out, text); }

/* Keys are identifiers of ours and need no escapes. */
static void key(Jsonl *j, const char *name) {
    put(j, ",\"");
    put(j, name);
    put(j, "\":");
}

static void key_text(Jsonl *j, const char *name, const char *value) {
    key(j, name);
    output_put_json(j->out, value);
}

static void key_decimal(Jsonl *j, const char *name, uint64_t value) {
    key(j, name);
    output_put_decimal(j->out, value);
}

static void put_time(Jsonl *j, SimTime t) {
    if (t == SIM_NEVER)
        put(j, "null");
    else
        output_put_seconds(j->out, t);
}

static void key_ipv4(Jsonl *j, const char *name, Ipv4Address address) {
    key(j, name);
    put(j, "\"");
    output_put_ipv4(j->out, address);
    put(j, "\"");
}

static void key_mac(Jsonl *j, const char *name, MacAddress mac) {
    key(j, name);
    put(j, "\"");
    output_put_hex(j->out, bytes_of(mac.octet, 6), ':');
    put(j, "\"");
}

static const char *host_name(const Jsonl *j, uint32_t host) {
    return host < j->directory->host_count ? j->directory->hosts[host].name : NULL;
}

static const MachineSpec *spec_of(const Jsonl *j, const TraceRecord *r) {
    return r->machine < j->directory->machine_count ? j->directory->machines[r->machine].spec : NULL;
}

static void put_subject(Jsonl *j, const MachineSpec *spec, uint32_t subject) {
    if (!spec || !spec->subject) return;
    if (strcmp(spec->subject, "address") == 0)
        key_ipv4(j, "subject", subject);
    else
        key_decimal(j, "subject", subject);
}

static void put_state(Jsonl *j, const TraceRecord *r) {
    const MachineSpec *spec = spec_of(j, r);
    if (!spec) return;
    put_subject(j, spec, r->state.subject);
    key_text(j, "from", spec->states[r->state.from]);
    key_text(j, "to", spec->states[r->state.to]);
    key_text(j, "input", spec->inputs[r->state.input].name);
    key_text(j, "ref", r->state.row < spec->row_count ? spec->rows[r->state.row].ref : "");
}

static void put_timer(Jsonl *j, const TraceRecord *r) {
    static const char *const actions[] = {"set", "cleared", "expired"};
    const MachineSpec *spec = spec_of(j, r);
    if (!spec) return;
    put_subject(j, spec, r->timer.subject);
    key_text(j, "timer", spec->timers[r->small]);
    key_text(j, "action", actions[r->code]);
    if (r->code != TIMER_SET) return;
    key(j, "expires");
    put_time(j, r->timer.expires_at);
}

/* The name of a described field within its protocol: "dhcp.option.router" gives "router". */
static const char *short_key(const DescribedField *field) {
    const char *dot = strchr(field->key, '.');
    if (!dot) return field->key;
    return strncmp(dot, ".option.", 8) == 0 ? dot + 8 : dot + 1;
}

/* A list "a, b" of addresses or numbers as an array. */
static void put_list(Jsonl *j, const char *value, bool quoted) {
    const char *between = "[";
    while (*value) {
        size_t size = strcspn(value, ",");
        put(j, between);
        if (quoted) put(j, "\"");
        output_put(j->out, value, size);
        if (quoted) put(j, "\"");
        between = ",";
        value += size;
        value += strspn(value, ", ");
    }
    put(j, *between == '[' ? "[]" : "]");
}

static void put_field(Jsonl *j, const DescribedField *field, bool *first) {
    const char *value = description_value(&j->description, field);
    put(j, *first ? "\"" : ",\"");
    *first = false;
    if (field->option && strcmp(field->key, "dhcp.option.unknown") == 0) {
        put(j, "option_");
        output_put_decimal(j->out, field->option);
    } else {
        put(j, short_key(field));
    }
    put(j, "\":");
    DhcpValueKind kind = field->option ? dhcp_option_kind(field->option) : DHCP_VALUE_OCTETS;
    if (field->number)
        put(j, value);
    else if (kind == DHCP_VALUE_IPV4_LIST && strchr(value, ':') == NULL)
        put_list(j, value, true);
    else if (kind == DHCP_VALUE_CODES)
        put_list(j, value, false);
    else
        output_put_json(j->out, value);
}

/* A field that says something: no padding, no End option, no part of another but flags and sub-options, and each
 * name once: of several DNS records the first. */
static bool field_counts(const Description *d, size_t i) {
    const DescribedField *f = &d->fields[i];
    if (f->depth == 0 || f->option == DHCP_OPTION_END) return false;
    if (strcmp(f->key, "dhcp.option.pad") == 0 || strcmp(f->key, "dhcp.padding") == 0 ||
        strcmp(f->key, "dhcp.cookie") == 0 || strcmp(f->key, "dhcp.requested_option") == 0 ||
        strcmp(f->key, "dhcp.flags.mbz") == 0)
        return false;
    if (strcmp(f->key, "dhcp.agent.unknown") == 0) return false; /* it is in the option's octets */
    for (size_t k = 0; k < i; k++)
        if (d->fields[k].option == f->option && strcmp(d->fields[k].key, f->key) == 0) return false;
    return true;
}

/* Of a stream's message: lines that stand several times are joined, and the text of replies and content is whole. */
static void put_said(Jsonl *j, const TraceRecord *r) {
    static const char *const keys[] = {"said.tag",  "said.number", "said.command",  "said.argument", "said.response",
                                       "said.code", "said.status", "said.enhanced", "said.text"};
    record_describe(j->trace, r, &j->description);
    key(j, "fields");
    put(j, "{");
    bool first = true;
    for (size_t k = 0; k < sizeof keys / sizeof keys[0] && r->message.part != SAID_CONTENT; k++) {
        Text value = text_new();
        bool number = false, any = false;
        for (size_t i = 0; i < j->description.count; i++) {
            const DescribedField *field = &j->description.fields[i];
            if (strcmp(field->key, keys[k]) != 0) continue;
            if (any) text_put_char(&value, '\n');
            text_put(&value, description_value(&j->description, field));
            number = field->number;
            any = true;
        }
        if (any) {
            put(j, first ? "\"" : ",\"");
            first = false;
            put(j, keys[k] + strlen("said."));
            put(j, "\":");
            if (number) put(j, text_get(&value));
            else output_put_json(j->out, text_get(&value));
        }
        text_free(&value);
    }
    if (r->message.part == SAID_CONTENT) {
        Bytes octets = record_octets(j->trace, r);
        Text text = text_new();
        text_put_json(&text, (const char *)octets.at, octets.size);
        put(j, "\"text\":");
        output_put(j->out, text_get(&text), text.size);
        text_free(&text);
    }
    put(j, "}");
}

/* The frames that carried it: of a sent one the segments that left because of it, of a received one that which
 * brought its last octets. Segments held back by a window have another cause, and are not among them. */
static void put_carriers(Jsonl *j, size_t seq, const TraceRecord *r) {
    put(j, ",\"frames\":[");
    if (r->code == MESSAGE_RECEIVED && r->cause != TRACE_NONE) {
        const TraceRecord *cause = trace_get(j->trace, r->cause);
        if (cause->kind == TRACE_MESSAGE && !record_is_said(cause)) output_put_decimal(j->out, cause->message.frame);
    } else if (r->code == MESSAGE_SENT) {
        const char *between = "";
        for (size_t i = seq + 1; i < trace_count(j->trace); i++) {
            const TraceRecord *next = trace_get(j->trace, i);
            if (next->at != r->at) break;
            if (next->kind != TRACE_MESSAGE || next->cause != seq || record_is_said(next)) continue;
            put(j, between);
            output_put_decimal(j->out, next->message.frame);
            between = ",";
        }
    }
    put(j, "]");
}

static void put_fields(Jsonl *j, Bytes frame, size_t at) {
    describe_frame(frame, &j->description);
    key(j, "fields");
    put(j, "{");
    bool first = true, inside = false;
    for (size_t i = 0; i < j->description.count; i++) {
        const DescribedField *field = &j->description.fields[i];
        if (field->depth == 0) inside = field->offset == at && strcmp(field->key, "ethernet.padding") != 0;
        if (inside && field_counts(&j->description, i)) put_field(j, field, &first);
    }
    put(j, "}");
}

static void put_message(Jsonl *j, size_t seq, const TraceRecord *r) {
    put(j, r->code == MESSAGE_SENT ? ",\"event\":\"sent\"" : ",\"event\":\"received\"");
    key_text(j, "proto", trace_proto_name((uint8_t)r->small));
    Bytes frame = frame_store_get(trace_frames(j->trace), r->message.frame);
    RecordSummary summary;
    record_summarise(j->trace, r, &summary);
    const FrameSummary s = summary.frame;
    key_text(j, "name", s.message);
    key_ipv4(j, "src", s.source);
    key_ipv4(j, "dst", s.destination);
    if (s.source_port || s.destination_port) {
        key_decimal(j, "src_port", s.source_port);
        key_decimal(j, "dst_port", s.destination_port);
    }
    if (record_is_said(r)) {
        key_decimal(j, "stream", r->message.stream);
        key_text(j, "part", record_part(r));
        put_said(j, r);
        put_carriers(j, seq, r);
        return;
    }
    key_mac(j, "src_mac", s.source_mac);
    key_mac(j, "dst_mac", s.destination_mac);
    put_fields(j, frame, strcmp(s.protocol, "udp") == 0 ? s.payload_offset - 8 : s.payload_offset);
    put(j, ",\"frames\":[");
    output_put_decimal(j->out, r->message.frame);
    put(j, "]");
}

static void put_frame(Jsonl *j, const TraceRecord *r) {
    static const char *const verdicts[] = {"delivered", "lost", "duplicate", "corrupted", "link_down"};
    const DirectoryLink *link = &j->directory->links[r->frame.link];
    key_decimal(j, "frame", r->frame.frame);
    key_text(j, "link", link->name);
    key_text(j, "from", host_name(j, link->end[r->small & 1].host));
    key_text(j, "to", host_name(j, link->end[~r->small & 1].host));
    key_decimal(j, "size", frame_store_get(trace_frames(j->trace), r->frame.frame).size);
    key_text(j, "verdict", verdicts[r->code]);
    key(j, "arrives");
    put_time(j, r->frame.arrives_at);
}

static void put_fact(Jsonl *j, const TraceRecord *r) {
    const FactSpec *spec = trace_fact_spec(j->trace, r);
    const int64_t *values = trace_fact_values(j->trace, r);
    put_subject(j, spec_of(j, r), r->fact.subject);
    key_text(j, "fact", spec->name);
    key(j, "values");
    put(j, "{");
    for (size_t i = 0; i < spec->count; i++) {
        put(j, i > 0 ? ",\"" : "\"");
        put(j, spec->fields[i].name);
        put(j, "\":");
        switch (spec->fields[i].kind) {
        case FACT_NUMBER:
            if (values[i] < 0) put(j, "-");
            output_put_decimal(j->out, values[i] < 0 ? -(uint64_t)values[i] : (uint64_t)values[i]);
            break;
        case FACT_IPV4:
            put(j, "\"");
            output_put_ipv4(j->out, (uint32_t)values[i]);
            put(j, "\"");
            break;
        case FACT_MAC:
            put(j, "\"");
            output_put_hex(j->out, bytes_of(mac_of_number((uint64_t)values[i]).octet, 6), ':');
            put(j, "\"");
            break;
        case FACT_SPAN:
        case FACT_TIME: put_time(j, values[i]); break;
        case FACT_NAME:
        case FACT_TEXT: output_put_json(j->out, trace_fact_name(values[i])); break;
        }
    }
    put(j, "}");
}

static void put_ignored(Jsonl *j, const TraceRecord *r) {
    const MachineSpec *spec = spec_of(j, r);
    put_subject(j, spec, r->ignored.subject);
    key_text(j, "reason", j->directory->reasons[r->small]);
    key(j, "frame");
    if (r->ignored.frame == FRAME_NONE)
        put(j, "null");
    else
        output_put_decimal(j->out, r->ignored.frame);
    key_decimal(j, "offset", r->ignored.offset);
    key(j, "input");
    if (spec && r->ignored.input < spec->input_count)
        output_put_json(j->out, spec->inputs[r->ignored.input].name);
    else
        put(j, "null");
}

static void put_record(Jsonl *j, size_t seq) {
    static const char *const says[] = {"text", "beat", "phase"};
    const TraceRecord *r = trace_get(j->trace, seq);
    const MachineSpec *spec = spec_of(j, r);
    put(j, "{\"seq\":");
    output_put_decimal(j->out, seq);
    key(j, "cause");
    if (r->cause == TRACE_NONE)
        put(j, "null");
    else
        output_put_decimal(j->out, r->cause);
    key(j, "t");
    output_put_seconds(j->out, r->at);
    key(j, "host");
    if (host_name(j, r->host))
        output_put_json(j->out, host_name(j, r->host));
    else
        put(j, "null");
    key(j, "machine");
    if (spec)
        output_put_json(j->out, spec->name);
    else
        put(j, "null");
    key_text(j, "kind", trace_kind_name(r->kind));
    switch ((TraceKind)r->kind) {
    case TRACE_STATE: put_state(j, r); break;
    case TRACE_TIMER: put_timer(j, r); break;
    case TRACE_MESSAGE: put_message(j, seq, r); break;
    case TRACE_FRAME: put_frame(j, r); break;
    case TRACE_FACT: put_fact(j, r); break;
    case TRACE_IGNORED: put_ignored(j, r); break;
    case TRACE_COMMAND:
        key(j, "command");
        put(j, trace_text(j->trace, r));
        break;
    case TRACE_SAY:
        key_text(j, "say", says[r->code]);
        key(j, "text");
        put(j, trace_text(j->trace, r));
        break;
    case TRACE_EXPECT:
        put(j, r->code ? ",\"held\":true" : ",\"held\":false");
        key(j, "expect");
        put(j, trace_text(j->trace, r));
        break;
    case TRACE_KINDS: break;
    }
    put(j, "}\n");
}

void jsonl_write(const Trace *trace, size_t from, size_t to, Output *output) {
    Jsonl j = {.trace = trace, .directory = trace_directory(trace), .out = output};
    for (size_t seq = from; seq < to && seq < trace_count(trace); seq++) put_record(&j, seq);
    description_free(&j.description);
}
