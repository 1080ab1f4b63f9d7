/* The client as a stream: octets to replies, what each tells, and its entry points. */
#include <stdlib.h>
#include <string.h>

#include "mail/message.h"
#include "proto/pop3/client_inside.h"
#include "proto/pop3/facts.h"

enum { STATUS_MOST = 512 };

/* ---- What is wanted ---- */

static bool is_wanted(const Pop3Client *c, const Pop3Item *item) {
    return !item->known && !item->passed_over && item->size <= c->config->size_most &&
           (c->config->mode != POP3_HEADERS || item->size <= c->config->retrieve_most);
}

static bool is_to_go(const Pop3Client *c, const Pop3Item *item) {
    return c->config->mode == POP3_DELETE && item->known && !item->deleted && !item->passed_over;
}

bool pop3_client_next_top(const Pop3Client *c, size_t *at) {
    if (c->config->mode != POP3_HEADERS) return false;
    for (*at = c->top_from; *at < c->count; ++*at)
        if (!c->items[*at].known && !c->items[*at].passed_over) return true;
    return false;
}

/* One message after another: what is on the disk may go, what is not is fetched. */
static const Pop3Item *next_item(const Pop3Client *c, size_t *at) {
    for (*at = c->from; *at < c->count; ++*at)
        if (is_wanted(c, &c->items[*at]) || is_to_go(c, &c->items[*at])) return &c->items[*at];
    return NULL;
}

bool pop3_client_next_retr(const Pop3Client *c, size_t *at) {
    const Pop3Item *item = next_item(c, at);
    return item && !item->known;
}

bool pop3_client_next_dele(const Pop3Client *c, size_t *at) {
    const Pop3Item *item = next_item(c, at);
    return item && item->known;
}

/* ---- What replies tell ---- */

static bool take_number(const char **at, uint64_t most, uint64_t *number) {
    const char *start = *at;
    *number = 0;
    for (; **at >= '0' && **at <= '9'; ++*at) {
        *number = *number * 10 + (uint64_t)(**at - '0');
        if (*number > most) return false;
    }
    return *at > start;
}

static bool take_space(const char **at) {
    if (**at != ' ') return false;
    while (**at == ' ') ++*at;
    return true;
}

/* "+OK 2 320", and perhaps more that nobody has asked for. */
static bool note_stat(Pop3Client *c) {
    const char *at = text_get(&c->status) + 3;
    uint64_t count;
    if (!take_space(&at) || !take_number(&at, POP3_MESSAGES_MOST, &count) || !take_space(&at) ||
        !take_number(&at, (uint64_t)1 << 60, &c->size))
        return false;
    c->count = (size_t)count;
    c->items = array_grow(c->items, &c->capacity, c->count + 1, sizeof *c->items);
    memset(c->items, 0, c->count * sizeof *c->items);
    return true;
}

/* Each line of a listing, with a NUL instead of its end. */
static const char *next_line(Pop3Client *c, size_t *at) {
    if (*at >= c->body_size) return NULL;
    char *line = (char *)c->body + *at, *end = memchr(line, '\r', c->body_size - *at);
    size_t size = end ? (size_t)(end - line) : c->body_size - *at;
    *at += size + 2;
    line[size] = 0; /* there is room behind the body */
    return line;
}

static Pop3Item *item_of(Pop3Client *c, const char **at) {
    uint64_t number;
    if (!take_number(at, c->count, &number) || number == 0 || !take_space(at)) return NULL;
    return &c->items[number - 1];
}

static bool note_list(Pop3Client *c) {
    const char *line;
    for (size_t at = 0; (line = next_line(c, &at));) {
        Pop3Item *item = item_of(c, &line);
        if (!item || !take_number(&line, (uint64_t)1 << 60, &item->size)) return false;
    }
    return true;
}

static bool note_uidl(Pop3Client *c) {
    const char *line;
    for (size_t at = 0; (line = next_line(c, &at));) {
        Pop3Item *item = item_of(c, &line);
        size_t size = item ? strcspn(line, " ") : 0;
        if (size == 0 || size > POP3_UNIQUE_MOST) return false;
        for (size_t i = 0; i < size; i++)
            if (line[i] < 0x21 || line[i] > 0x7e) return false;
        memcpy(item->unique, line, size);
        item->unique[size] = 0;
        item->known = c->memory.has(c->memory.self, item->unique);
    }
    /* One that was not listed cannot be told from others; it is left for another time. */
    for (size_t i = 0; i < c->count; i++) c->items[i].passed_over |= !c->items[i].unique[0];
    return true;
}

static void state_listed(Pop3Client *c, Effects *effects) {
    int64_t fresh = 0;
    for (size_t i = 0; i < c->count; i++) fresh += !c->items[i].known;
    effect_fact(effects, &fact_pop3_listed, (int64_t[]){(int64_t)c->count, (int64_t)c->size, fresh});
}

static bool note_capa(Pop3Client *c) {
    const char *line;
    for (size_t at = 0; (line = next_line(c, &at));) {
        Bytes text = bytes_text(line);
        c->has_user |= bytes_is(text, "USER");
        if (bytes_is(bytes_slice(text, 0, 5), "SASL "))
            for (size_t i = 5; i < text.size;) {
                size_t end = i;
                while (end < text.size && text.at[end] != ' ') end++;
                c->has_plain |= bytes_is(bytes_slice(text, i, end - i), "PLAIN");
                i = end + 1;
            }
    }
    return true;
}

const char *pop3_header_text(Arena *kept, Bytes message, const char *field) {
    Arena *arena = arena_new();
    MailFaults faults = mail_faults(arena);
    Message read = message_read(arena, message, LINES_LENIENT, &faults);
    const HeaderField *found = header_find(&read.header, field);
    Bytes text = found ? header_field_text(arena, found, &faults) : (Bytes){0};
    const char *words = text.size > 0 ? arena_text_n(kept, (const char *)text.at, text.size) : "";
    arena_free(arena);
    return words;
}

static Bytes body(const Pop3Client *c) { return bytes_of(c->body, c->body_size); }

static void note_top(Pop3Client *c, Effects *effects) {
    c->top_from = c->at + 1;
    effect_fact(effects, &fact_pop3_header,
                (int64_t[]){(int64_t)c->at + 1, (int64_t)c->items[c->at].size,
                            fact_name(pop3_header_text(c->kept, body(c), "From")),
                            fact_name(pop3_header_text(c->kept, body(c), "Subject"))});
}

/* What a reply means to the message it is about, and to what comes next; false: it cannot be understood. */
static bool note_ok(Pop3Client *c, Effects *effects) {
    Bytes stamp;
    switch (c->machine.state) {
        case POP3_CLIENT_GREETING:
            stamp = pop3_stamp_in(bytes_text(text_get(&c->status)));
            memcpy(c->stamp, stamp.size > 0 ? stamp.at : (const uint8_t *)"", stamp.size);
            c->stamp[stamp.size] = 0;
            return true;
        case POP3_CLIENT_CAPA: return note_capa(c);
        case POP3_CLIENT_STAT: return note_stat(c);
        case POP3_CLIENT_LIST: return note_list(c);
        case POP3_CLIENT_UIDL:
            if (!note_uidl(c)) return false;
            state_listed(c, effects);
            return true;
        case POP3_CLIENT_TOP: note_top(c, effects); return true;
        case POP3_CLIENT_DELE:
            c->items[c->at].deleted = true;
            c->deleted++;
            effect_fact(effects, &fact_pop3_deleted, (int64_t[]){(int64_t)c->at + 1});
            return true;
        default: return true;
    }
}

/* What the server does not do to one message does not keep it from the others. */
static void note_err(Pop3Client *c) {
    if (c->machine.state == POP3_CLIENT_TOP) c->top_from = c->at + 1;
    if (c->machine.state == POP3_CLIENT_RETR || c->machine.state == POP3_CLIENT_DELE)
        c->items[c->at].passed_over = true;
}

/* ---- Replies out of octets ---- */

static void step(Pop3Client *c, Pop3ClientInput input, Effects *effects) {
    machine_step(&c->machine, input, NULL, effects);
}

static bool is_status(const Pop3Client *c, const char *word) {
    size_t size = strlen(word);
    return bytes_is(bytes_slice(bytes_text(text_get(&c->status)), 0, size), word) &&
           (c->status.size == size || c->status.at[size] == ' ');
}

static bool is_listing(const Pop3Client *c) {
    return c->machine.state == POP3_CLIENT_CAPA || c->machine.state == POP3_CLIENT_LIST ||
           c->machine.state == POP3_CLIENT_UIDL;
}

static bool is_content(const Pop3Client *c) {
    return c->machine.state == POP3_CLIENT_TOP || c->machine.state == POP3_CLIENT_RETR;
}

static void hear(Pop3Client *c, Effects *effects) {
    Text reply = text_new();
    text_print(&reply, "%s\r\n", text_get(&c->status));
    if (c->in_body && is_listing(c)) {
        text_put_bytes(&reply, body(c));
        text_put(&reply, ".\r\n");
    }
    effect_heard(effects, &c->machine, STREAM_REPLY, bytes_of(reply.at, reply.size));
    text_free(&reply);
}

static void take_nonsense(Pop3Client *c, const char *trouble, Effects *effects) {
    hear(c, effects);
    c->trouble = trouble;
    c->in_body = false;
    step(c, POP3_CLIENT_ON_NONSENSE, effects);
}

static size_t receive_status(Pop3Client *c, Bytes octets, Effects *effects) {
    size_t taken;
    Bytes line;
    LineEnd end = line_reader_take(&c->lines, octets, &taken, &line);
    c->octets += taken;
    if (end == LINE_PARTIAL) return taken;
    text_clear(&c->status);
    for (size_t i = 0; i < line.size; i++) /* it goes into the trace as text */
        text_put_char(&c->status, line.at[i] >= ' ' && line.at[i] < 0x7f ? (char)line.at[i] : '?');
    bool ok = is_status(c, "+OK");
    c->body_size = 0;
    if (end != LINE_WHOLE || (!ok && !is_status(c, "-ERR"))) {
        take_nonsense(c, "pop3.nonsense", effects);
    } else if (ok && (is_listing(c) || is_content(c))) {
        if (is_content(c)) hear(c, effects);
        c->in_body = true;
        c->dots = dot_reader();
    } else {
        hear(c, effects);
        if (!ok) note_err(c);
        else if (!note_ok(c, effects)) c->trouble = "pop3.nonsense";
        step(c, c->trouble ? POP3_CLIENT_ON_NONSENSE : ok ? POP3_CLIENT_ON_OK : POP3_CLIENT_ON_ERR, effects);
    }
    return taken;
}

static size_t receive_body(Pop3Client *c, Bytes octets, Effects *effects) {
    uint64_t most = is_content(c) ? c->config->size_most : POP3_LISTING_MOST;
    Bytes piece = bytes_slice(octets, 0, 16 * 1024);
    c->body = array_grow(c->body, &c->body_capacity, c->body_size + piece.size + 3, 1);
    ByteWriter w = byte_writer(c->body + c->body_size, piece.size + 2);
    size_t taken = dot_read(&c->dots, piece, &w);
    c->octets += taken;
    c->body_size += w.size;
    effects->current = &c->machine;
    if (c->body_size > most) {
        c->body_size = 0;
        take_nonsense(c, "pop3.too_big", effects);
    } else if (c->dots.state != DOTS_ENDED) {
        effect_timer_set(effects, POP3_CLIENT_TIMER_REPLY, effects->now + c->config->patience);
    } else {
        if (is_content(c)) effect_heard(effects, &c->machine, STREAM_CONTENT, body(c));
        else hear(c, effects);
        c->in_body = false;
        if (!note_ok(c, effects)) c->trouble = "pop3.nonsense";
        step(c, c->trouble ? POP3_CLIENT_ON_NONSENSE : POP3_CLIENT_ON_OK, effects);
    }
    return taken;
}

/* ---- The stream ---- */

static void on_connecting(void *self, Effects *effects) { step(self, POP3_CLIENT_ON_CONNECT, effects); }
static void on_opened(void *self, Effects *effects) { step(self, POP3_CLIENT_ON_OPEN, effects); }

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    Pop3Client *c = self;
    size_t at = 0;
    while (at < octets.size) {
        if (c->machine.state == POP3_CLIENT_CLOSING || c->machine.state == POP3_CLIENT_CLOSED) return octets.size;
        if (c->machine.state == POP3_CLIENT_STORING) return at; /* nothing was asked; it waits */
        Bytes left = bytes_slice(octets, at, SIZE_MAX);
        at += c->in_body ? receive_body(c, left, effects) : receive_status(c, left, effects);
    }
    return at;
}

static void on_peer_closed(void *self, Effects *effects) { step(self, POP3_CLIENT_ON_PEER_CLOSED, effects); }

static void on_ended(void *self, const char *how, Effects *effects) {
    Pop3Client *c = self;
    if (c->machine.state != POP3_CLIENT_CLOSED) machine_step(&c->machine, POP3_CLIENT_ON_ENDED, how, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    step(self, POP3_CLIENT_ON_TIMEOUT, effects);
}

const StreamProtocol pop3_client_stream = {TRACE_PROTO_POP3, on_connecting, on_opened, on_receive, NULL,
                                           on_peer_closed,   on_ended,      on_timer};

/* ---- Entry points ---- */

void pop3_client_init(Pop3Client *c) { *c = (Pop3Client){.lines = line_reader(STATUS_MOST - 2)}; }

void pop3_client_begin(Pop3Client *c, const Pop3ClientConfig *config, Pop3Memory memory, Arena *kept) {
    CHECK(!c->items && !c->body);
    c->config = config;
    c->memory = memory;
    c->kept = kept;
    c->in_body = c->has_user = c->has_plain = false;
    c->trouble = c->reason = NULL;
    c->stamp[0] = 0;
    c->count = c->at = c->from = c->top_from = 0;
    c->size = c->octets = c->fetched = c->deleted = c->round_trips = 0;
    c->outcome = POP3_OUTCOME_NONE;
}

MailContent *pop3_client_message(const Pop3Client *c, const char **unique, size_t *number) {
    *unique = c->items[c->at].unique;
    *number = c->at + 1;
    return mail_content_new(c->body, c->body_size);
}

void pop3_client_written(Pop3Client *c, bool written, Effects *effects) {
    if (c->machine.state == POP3_CLIENT_STORING && written) {
        c->items[c->at].known = true;
        c->fetched++;
    }
    step(c, written ? POP3_CLIENT_ON_WRITTEN : POP3_CLIENT_ON_NOT_WRITTEN, effects);
}

void pop3_client_stop(Pop3Client *c, Effects *effects) {
    if (c->machine.state != POP3_CLIENT_CLOSED) step(c, POP3_CLIENT_ON_STOP, effects);
}

void pop3_client_end(Pop3Client *c) {
    line_reader_clear(&c->lines);
    text_clear(&c->status);
    free(c->items);
    free(c->body);
    c->items = NULL;
    c->body = NULL;
    c->capacity = c->body_capacity = c->body_size = c->count = 0;
}

void pop3_client_release(Pop3Client *c) {
    pop3_client_end(c);
    line_reader_free(&c->lines);
    text_free(&c->status);
}
