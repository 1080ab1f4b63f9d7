#include "view/pen.h"

#include <math.h>
#include <string.h>

const char *pen_word(const Pen *pen, const char *family, const char *name) {
    const char *word = strings_find_in(pen->words, family, name);
    return word ? word : name;
}

Tone tone_of_state(const char *state) {
    static const struct {
        const char *name;
        Tone tone;
    } tones[] = {
        {"BOUND", TONE_GOOD},        {"RENEWING", TONE_WARN},    {"REBINDING", TONE_URGENT}, {"SELECTING", TONE_ACTIVE},
        {"REQUESTING", TONE_ACTIVE}, {"REBOOTING", TONE_ACTIVE}, {"PROBING", TONE_ACTIVE},   {"CHECKING", TONE_ACTIVE},
        {"OFFERED", TONE_ACTIVE},    {"OFFERING", TONE_ACTIVE},  {"DECLINED", TONE_BAD},     {"DECLINING", TONE_BAD},
        {"EXPIRED", TONE_BAD},       {"QUARANTINED", TONE_BAD},  {"CONFLICT", TONE_BAD},     {"INFORMING", TONE_ACTIVE},
        {"INFORMED", TONE_GOOD},     {"CONFIGURED", TONE_GOOD},  {"HELD", TONE_GOOD},        {"ESTABLISHED", TONE_GOOD},
        {"SYN-SENT", TONE_ACTIVE},   {"SYN-RECEIVED", TONE_ACTIVE},
        {"FIN-WAIT-1", TONE_WARN},   {"FIN-WAIT-2", TONE_WARN},
        {"CLOSE-WAIT", TONE_WARN},   {"LAST-ACK", TONE_WARN},  {"CLOSING", TONE_WARN},     {"CONNECTING", TONE_ACTIVE},
        {"GREETED", TONE_ACTIVE},    {"GREETING", TONE_ACTIVE}, {"READY", TONE_GOOD},      {"MAIL", TONE_ACTIVE},
        {"RCPT", TONE_ACTIVE},       {"DATA", TONE_ACTIVE},    {"CONTENT", TONE_ACTIVE},   {"ACCEPT", TONE_ACTIVE},
        {"STORING", TONE_ACTIVE},    {"STORING_LAST", TONE_ACTIVE}, {"AUTH", TONE_ACTIVE}, {"EHLO", TONE_ACTIVE},
        {"HELO", TONE_ACTIVE},       {"RSET", TONE_WARN},      {"QUIT", TONE_WARN},        {"REFUSING", TONE_BAD},
        {"RESOLVING", TONE_ACTIVE},  {"SENDING", TONE_ACTIVE}, {"DEFERRED", TONE_WARN},    {"DONE", TONE_GOOD},
        {"WAITING", TONE_ACTIVE},    {"BY_TCP", TONE_ACTIVE},  {"LOOKING", TONE_ACTIVE},   {"ASKING", TONE_ACTIVE},
        {"AWAITING", TONE_ACTIVE},   {"OPEN", TONE_GOOD},      {"DRAINING", TONE_WARN},    {"STATUS", TONE_ACTIVE},
        {"HEADER", TONE_ACTIVE},     {"BODY", TONE_ACTIVE},    {"HALF_CLOSED", TONE_WARN},
        {"ANNOUNCING", TONE_ACTIVE}, {"PINGING", TONE_ACTIVE},   {"DEFENDING", TONE_URGENT}, {"ABANDONED", TONE_BAD},
    };
    for (size_t i = 0; i < sizeof tones / sizeof tones[0]; i++)
        if (strcmp(tones[i].name, state) == 0) return tones[i].tone;
    return TONE_NEUTRAL;
}

/* The worst of the replies in a name: "250 550 354" gives 5. */
static char worst_digit(const char *name) {
    char worst = 0;
    for (const char *c = name; *c; c++)
        if ((c == name || c[-1] == ' ') && *c >= '1' && *c <= '5' && *c > worst) worst = *c;
    return worst;
}

/* Commands as questions are, replies by how they turn out, the content as what it is all about. */
static int color_of_said(const char *name) {
    if (*name == '+') return strncmp(name, "+OK", 3) == 0 ? 2 : 1;
    if (*name == '-') return 7;
    switch (worst_digit(name)) {
    case '1':
    case '2': return 2;
    case '3': return 1;
    case '4': return 4;
    case '5': return 7;
    default: return strcmp(name, "mail") == 0 || strcmp(name, "content") == 0 ? 3 : 0;
    }
}

Color pen_message_color(const Pen *pen, const char *protocol, const char *name) {
    static const struct {
        const char *name;
        int color;
    } colors[] = {{"DISCOVER", 0}, {"REQUEST", 0}, {"INFORM", 0},  {"OFFER", 1},
                  {"ACK", 2},      {"RELEASE", 3}, {"DECLINE", 4}, {"NAK", 7}};
    if (strcmp(protocol, "dhcp") == 0)
        for (size_t i = 0; i < sizeof colors / sizeof colors[0]; i++)
            if (strcmp(colors[i].name, name) == 0) return pen->theme->message[colors[i].color];
    if (strcmp(protocol, "smtp") == 0 || strcmp(protocol, "http") == 0 || strcmp(protocol, "pop3") == 0 ||
        strcmp(protocol, "imap") == 0)
        return pen->theme->message[color_of_said(name)];
    if (strcmp(protocol, "tcp") == 0) return pen->theme->message[strcmp(name, "RST") == 0 ? 7 : 6];
    if (strcmp(protocol, "arp") == 0) return pen->theme->message[6];
    return pen->theme->message[5];
}

const char *pen_message_name(const Pen *pen, const StoryMessage *message) {
    bool segment = strcmp(message->protocol, "tcp") == 0 && message->name && strcmp(message->name, "DATA") == 0;
    if (segment) return pen_word(pen, "message", "segment"); /* SMTP has a command DATA */
    if (message->name && *message->name) return pen_word(pen, "message", message->name);
    return pen_word(pen, "protocol", message->protocol);
}

float pen_chip_width(const char *word, float size) {
    return font_width(FONT_BOLD, size, word, strlen(word)) + size * 1.9f;
}

float pen_chip(const Pen *pen, Point at, Tone tone, const char *word, float size, float max_width) {
    float width = pen_chip_width(word, size), height = roundf(size * 1.55f);
    if (max_width > 0 && width > max_width) width = max_width;
    draw_list_box(pen->list, (Rect){at.x, at.y - height / 2, width, height}, height / 2, pen->theme->tone_soft[tone], 0,
                  0);
    draw_list_circle(pen->list, (Point){at.x + size * 0.72f, at.y}, size * 0.26f, pen->theme->tone[tone], 0, 0);
    draw_list_text(pen->list, (Point){at.x + size * 1.25f, at.y}, TEXT_LEFT, FONT_BOLD, size,
                   pen->theme->tone_ink[tone], width - size * 1.8f, word);
    return width;
}

float pen_state_chip(const Pen *pen, Point at, const char *state, float size, float max_width) {
    const char *word = pen_word(pen, "state", state);
    if (pen_chip_width(word, size) > max_width) word = state;
    while (size > 9 && pen_chip_width(word, size) > max_width) size -= 1;
    return pen_chip(pen, at, tone_of_state(state), word, size, max_width);
}

void pen_card(const Pen *pen, Rect box) {
    draw_list_box(pen->list, box, pen->type.unit * 1.25f, pen->theme->card, pen->theme->line,
                  fmaxf(1, roundf(pen->type.scale)));
}

float pen_heading(const Pen *pen, float x, float y, float width, const char *text) {
    float size = pen->type.small;
    draw_list_text(pen->list, (Point){x, y + size * 0.75f}, TEXT_LEFT, FONT_BOLD, size, pen->theme->ink_faint, width,
                   text);
    return y + size * 1.5f + pen->type.unit * 0.5f;
}

void pen_put_span(Text *to, SimTime span) {
    int64_t ms = span / SIM_MILLISECOND, s = span / SIM_SECOND;
    if (ms < 1000)
        text_print(to, "%d ms", (int)ms);
    else if (s < 10)
        text_print(to, "%d.%d s", (int)s, (int)(ms % 1000 / 100));
    else if (s < 120)
        text_print(to, "%d s", (int)s);
    else if (s < 3600)
        text_print(to, "%d min %02d s", (int)(s / 60), (int)(s % 60));
    else if (s < 86400)
        text_print(to, "%d h %02d min", (int)(s / 3600), (int)(s % 3600 / 60));
    else
        text_print(to, "%d d %d h", (int)(s / 86400), (int)(s % 86400 / 3600));
}

void pen_put_clock(Text *to, SimTime at) {
    int64_t ms = at / SIM_MILLISECOND, s = at / SIM_SECOND;
    if (s < 60)
        text_print(to, "%d.%03d s", (int)s, (int)(ms % 1000));
    else if (s < 3600)
        text_print(to, "%d:%02d.%03d", (int)(s / 60), (int)(s % 60), (int)(ms % 1000));
    else
        text_print(to, "%d:%02d:%02d.%d", (int)(s / 3600), (int)(s % 3600 / 60), (int)(s % 60), (int)(ms % 1000 / 100));
}

bool pen_put_fact(const Pen *pen, const Story *story, const TraceRecord *r, const char *family, Text *to) {
    const FactSpec *spec = trace_fact_spec(story->trace, r);
    const char *words = strings_find_in(pen->words, family, spec->name);
    if (!words) return false;
    const int64_t *values = trace_fact_values(story->trace, r);
    Text texts[FACT_FIELDS];
    StringsValue named[FACT_FIELDS + 1];
    for (size_t i = 0; i < spec->count; i++) {
        texts[i] = text_new();
        switch (spec->fields[i].kind) {
        case FACT_NUMBER: text_print(&texts[i], "%lld", (long long)values[i]); break;
        case FACT_IPV4: ipv4_print(&texts[i], (Ipv4Address)values[i]); break;
        case FACT_MAC: mac_print(&texts[i], mac_of_number((uint64_t)values[i])); break;
        case FACT_SPAN: pen_put_span(&texts[i], values[i]); break;
        case FACT_TIME:
            if (values[i] == SIM_NEVER)
                text_put(&texts[i], "\xE2\x88\x9E");
            else
                pen_put_clock(&texts[i], values[i]);
            break;
        case FACT_TEXT: text_put(&texts[i], trace_fact_name(values[i])); break;
        case FACT_NAME: text_put(&texts[i], pen_word(pen, "name", trace_fact_name(values[i]))); break;
        }
        named[i] = (StringsValue){spec->fields[i].name, text_get(&texts[i])};
    }
    named[spec->count] = (StringsValue){"host", story_node_name(story, r->host)};
    strings_fill_text(to, words, named, spec->count + 1);
    for (size_t i = 0; i < spec->count; i++) text_free(&texts[i]);
    return true;
}
