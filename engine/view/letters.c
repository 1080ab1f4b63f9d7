#include "view/letters.h"

#include <string.h>

#include "observe/record.h"
#include "view/mail_hosts.h"

/* A dialogue may come between a content and what follows from it, but not a long one. */
enum { CHAIN_MOST = 200, HOPS_MOST = 12 };

static const char *fact_name_of(const Story *s, uint32_t seq) {
    const TraceRecord *r = trace_get(s->trace, seq);
    return r->kind == TRACE_FACT ? trace_fact_spec(s->trace, r)->name : "";
}

static int64_t value_of(const Story *s, uint32_t seq, const char *field) {
    const TraceRecord *r = trace_get(s->trace, seq);
    const FactSpec *spec = trace_fact_spec(s->trace, r);
    for (size_t i = 0; i < spec->count; i++)
        if (strcmp(spec->fields[i].name, field) == 0) return trace_fact_values(s->trace, r)[i];
    return 0;
}

static const char *text_of(const Story *s, uint32_t seq, const char *field) {
    int64_t value = value_of(s, seq, field);
    return value ? trace_fact_name(value) : "";
}

/* ---- What lies where ---- */

static bool has_left(const Story *s, uint32_t queued, uint32_t seq_end) {
    uint32_t host = trace_get(s->trace, queued)->host;
    int64_t entry = value_of(s, queued, "entry");
    for (size_t i = 0; i < s->mail_count && s->mail[i] < seq_end; i++)
        if (s->mail[i] > queued && trace_get(s->trace, s->mail[i])->host == host &&
            strcmp(fact_name_of(s, s->mail[i]), "mail.dequeued") == 0 && value_of(s, s->mail[i], "entry") == entry)
            return true;
    return false;
}

/* A message left the mailbox that mail is delivered to. */
static bool is_removal(const Story *s, uint32_t seq) {
    const char *name = fact_name_of(s, seq);
    return strcmp(name, "pop3.removed") == 0 ||
           (strcmp(name, "imap.removed") == 0 && strcmp(text_of(s, seq, "mailbox"), "INBOX") == 0);
}

/* A reader has removed it from its mailbox. */
static bool is_removed(const Story *s, uint32_t delivered, uint32_t seq_end) {
    uint32_t host = trace_get(s->trace, delivered)->host;
    const char *owner = text_of(s, delivered, "mailbox");
    int64_t uid = value_of(s, delivered, "uid");
    for (size_t i = s->mail_count; i-- > 0 && s->mail[i] > delivered;)
        if (s->mail[i] < seq_end && trace_get(s->trace, s->mail[i])->host == host &&
            is_removal(s, s->mail[i]) && value_of(s, s->mail[i], "uid") == uid &&
            strcmp(text_of(s, s->mail[i], "user"), owner) == 0)
            return true;
    return false;
}

/* Whose mail a host fetches onto its own disk. */
static const char *reader_of(const Story *s, uint32_t host) {
    const MailHost *mail = mail_hosts_find(s->mail_hosts, host);
    return mail && mail->box_count > 0 ? mail->boxes[0] : "";
}

static SimTime next_try_of(const Story *s, uint32_t queued, uint32_t seq_end, SimTime t) {
    uint32_t host = trace_get(s->trace, queued)->host;
    int64_t entry = value_of(s, queued, "entry");
    SimTime next = SIM_NEVER;
    for (size_t i = 0; i < s->mail_count && s->mail[i] < seq_end; i++)
        if (s->mail[i] > queued && trace_get(s->trace, s->mail[i])->host == host &&
            strcmp(fact_name_of(s, s->mail[i]), "mail.deferred") == 0 && value_of(s, s->mail[i], "entry") == entry)
            next = value_of(s, s->mail[i], "next_try");
    return next <= t ? SIM_NEVER : next;
}

size_t letters_at(const Story *s, uint32_t seq_end, SimTime t, Letter *list, size_t most) {
    size_t count = 0;
    for (size_t i = s->mail_count; i-- > 0;) {
        uint32_t seq = s->mail[i];
        if (seq >= seq_end) continue;
        const char *name = fact_name_of(s, seq);
        bool queued = strcmp(name, "mail.queued") == 0, fetched = strcmp(name, "pop3.retrieved") == 0;
        if (!queued && !fetched && strcmp(name, "mail.delivered") != 0) continue;
        if (queued && has_left(s, seq, seq_end)) continue;
        if (!queued && !fetched && is_removed(s, seq, seq_end)) continue;
        uint32_t host = trace_get(s->trace, seq)->host;
        if (count < most)
            list[count] = (Letter){.fact = seq,
                                   .host = host,
                                   .queued = queued,
                                   .place = fetched ? reader_of(s, host)
                                                    : text_of(s, seq, queued ? "domain" : "mailbox"),
                                   .from = text_of(s, seq, "from"),
                                   .next_try = queued ? next_try_of(s, seq, seq_end, t) : SIM_NEVER};
        count++;
    }
    return count;
}

/* ---- Where it comes from ---- */

static bool is_content_of(const Story *s, uint32_t seq, TraceProto proto, MessageCode code) {
    const TraceRecord *r = trace_get(s->trace, seq);
    return r->kind == TRACE_MESSAGE && r->code == code && record_is_said(r) && r->small == proto &&
           r->message.part == STREAM_CONTENT;
}

static bool is_content(const Story *s, uint32_t seq, MessageCode code) {
    return is_content_of(s, seq, TRACE_PROTO_SMTP, code);
}

/* The nearest content among the causes of a record (the record itself left out), or STORY_NONE. */
static uint32_t nearest_content(const Story *s, uint32_t seq, MessageCode code) {
    for (int i = 0; i < CHAIN_MOST; i++) {
        seq = trace_get(s->trace, seq)->cause;
        if (seq == TRACE_NONE) return STORY_NONE;
        if (is_content(s, seq, code)) return seq;
    }
    return STORY_NONE;
}

/* What a reader has fetched ends with what SMTP had brought; before it stands what the server had added. */
static uint32_t brought_by_smtp(const Story *s, uint32_t retrieved) {
    uint32_t fetched = retrieved;
    for (int i = 0; i < CHAIN_MOST && !is_content_of(s, fetched, TRACE_PROTO_POP3, MESSAGE_RECEIVED); i++) {
        fetched = trace_get(s->trace, fetched)->cause;
        if (fetched == TRACE_NONE) return STORY_NONE;
    }
    Bytes whole = record_octets(s->trace, trace_get(s->trace, fetched));
    for (size_t i = s->mail_count; i-- > 0;) {
        if (s->mail[i] > fetched || strcmp(fact_name_of(s, s->mail[i]), "mail.delivered") != 0) continue;
        uint32_t content = nearest_content(s, s->mail[i], MESSAGE_RECEIVED);
        if (content == STORY_NONE) continue;
        Bytes came = record_octets(s->trace, trace_get(s->trace, content));
        if (came.size <= whole.size && bytes_equal(bytes_slice(whole, whole.size - came.size, came.size), came))
            return content;
    }
    return STORY_NONE;
}

/* The queue entry (its fact) that left as this content: told by what came of it; else, while it is under way, the latest
 * of the same size. */
static uint32_t entry_of(const Story *s, uint32_t content) {
    uint32_t host = trace_get(s->trace, content)->host, found = STORY_NONE;
    int64_t entry = 0;
    for (size_t i = 0; i < s->mail_count && entry == 0; i++) {
        const char *name = fact_name_of(s, s->mail[i]);
        if (s->mail[i] < content || trace_get(s->trace, s->mail[i])->host != host) continue;
        if ((strcmp(name, "mail.sent") == 0 || strcmp(name, "mail.refused") == 0) &&
            nearest_content(s, s->mail[i], MESSAGE_SENT) == content)
            entry = value_of(s, s->mail[i], "entry");
    }
    size_t size = record_octets(s->trace, trace_get(s->trace, content)).size;
    for (size_t i = 0; i < s->mail_count && s->mail[i] < content; i++) {
        if (trace_get(s->trace, s->mail[i])->host != host || strcmp(fact_name_of(s, s->mail[i]), "mail.queued") != 0)
            continue;
        bool same = entry ? value_of(s, s->mail[i], "entry") == entry : (size_t)value_of(s, s->mail[i], "size") == size;
        if (same) found = s->mail[i];
    }
    return found;
}

/* The command by which a user wrote what this fact is about, if it follows from one without a content between. */
static uint32_t command_of(const Story *s, uint32_t seq) {
    for (int i = 0; i < CHAIN_MOST && seq != TRACE_NONE; i++) {
        const TraceRecord *r = trace_get(s->trace, seq);
        if (r->kind == TRACE_COMMAND) return strstr(trace_text(s->trace, r), "\"mail\"") ? seq : STORY_NONE;
        if (r->kind == TRACE_MESSAGE) return STORY_NONE;
        seq = r->cause;
    }
    return STORY_NONE;
}

/* A report's content says so; one that never left its host was carried by nobody. */
static bool is_report(const Story *s, uint32_t content) {
    static const char mark[] = "\nAuto-Submitted:";
    Bytes octets = record_octets(s->trace, trace_get(s->trace, content));
    for (size_t i = 0; i + sizeof mark < octets.size && i < 4000; i++)
        if (memcmp(octets.at + i, mark, sizeof mark - 1) == 0) return true;
    return false;
}

LetterOrigin letter_origin(const Story *s, uint32_t seq) {
    LetterOrigin origin = {STORY_NONE, STORY_NONE, STORY_NONE, false};
    if (strcmp(fact_name_of(s, seq), "pop3.retrieved") == 0) seq = brought_by_smtp(s, seq);
    for (int hop = 0; hop < HOPS_MOST && seq != STORY_NONE; hop++) {
        uint32_t content = seq, received = STORY_NONE;
        if (is_content(s, seq, MESSAGE_RECEIVED)) received = seq;
        else if (!is_content(s, seq, MESSAGE_SENT)) {
            origin.written = command_of(s, seq);
            if (origin.written != STORY_NONE) break;
            bool report = !*text_of(s, seq, "from");
            origin.report |= report;
            received = nearest_content(s, seq, MESSAGE_RECEIVED);
            if (received == STORY_NONE || (report && !is_report(s, received))) break;
        }
        if (received != STORY_NONE) {
            content = nearest_content(s, received, MESSAGE_SENT);
            if (content == STORY_NONE) { /* from outside: what was received is all there is */
                if (origin.carried == STORY_NONE) origin.carried = received;
                origin.first = received;
                break;
            }
        }
        if (origin.carried == STORY_NONE) origin.carried = content;
        origin.first = content;
        seq = entry_of(s, content);
    }
    return origin;
}

uint32_t letters_last_carried(const Story *s, uint32_t seq_end) {
    for (uint32_t seq = seq_end; seq-- > 0;)
        if (is_content(s, seq, MESSAGE_SENT) || is_content(s, seq, MESSAGE_RECEIVED)) {
            uint32_t sent = is_content(s, seq, MESSAGE_SENT) ? seq : nearest_content(s, seq, MESSAGE_SENT);
            return sent == STORY_NONE ? seq : sent;
        }
    return STORY_NONE;
}
