#include "view/mail_state.h"

#include <string.h>

bool mail_is_server(const Story *story, uint32_t host) {
    const MailHost *mail = mail_hosts_find(story->mail_hosts, host);
    return mail && mail->server;
}

bool mail_has_queue(const Story *story, uint32_t host) { return mail_hosts_find(story->mail_hosts, host) != NULL; }

/* The value of the field with this name, or 0. */
static int64_t value_of(const Story *story, const TraceRecord *fact, const char *name) {
    const FactSpec *spec = trace_fact_spec(story->trace, fact);
    for (size_t i = 0; i < spec->count; i++)
        if (strcmp(spec->fields[i].name, name) == 0) return trace_fact_values(story->trace, fact)[i];
    return 0;
}

static const char *text_of(const Story *story, const TraceRecord *fact, const char *name) {
    int64_t value = value_of(story, fact, name);
    return value ? trace_fact_name(value) : "";
}

static MailEntryShown *find_entry(MailShown *shown, uint32_t entry) {
    size_t count = shown->queue_count < MAIL_ENTRIES ? shown->queue_count : MAIL_ENTRIES;
    for (size_t i = 0; i < count; i++)
        if (shown->queue[i].entry == entry) return &shown->queue[i];
    return NULL;
}

static MailBoxShown *find_box(MailShown *shown, const char *name) {
    for (size_t i = 0; i < shown->box_count; i++)
        if (strcmp(shown->boxes[i].name, name) == 0) return &shown->boxes[i];
    return NULL;
}

static void deliver(const Story *story, const TraceRecord *fact, MailShown *shown) {
    const char *name = text_of(story, fact, "mailbox");
    MailBoxShown *box = find_box(shown, name);
    shown->letters++;
    if (!box && shown->box_count == MAIL_BOXES) return;
    if (!box) {
        box = &shown->boxes[shown->box_count++];
        *box = (MailBoxShown){.name = name, .last_at = -1};
    }
    box->count++;
    box->unread++;
    box->last_at = fact->at;
}

/* A reader has fetched, flagged or removed messages, or new ones lie there: what INBOX holds now. */
static void change(const Story *story, const TraceRecord *fact, MailShown *shown) {
    MailBoxShown *box = find_box(shown, text_of(story, fact, "owner"));
    if (!box || strcmp(text_of(story, fact, "mailbox"), "INBOX") != 0) return;
    uint32_t messages = (uint32_t)value_of(story, fact, "messages");
    shown->letters = shown->letters - box->count + messages;
    if (messages > box->count) box->last_at = fact->at;
    box->count = messages;
    box->unread = (uint32_t)value_of(story, fact, "unseen");
}

static void enqueue(const Story *story, const TraceRecord *fact, MailShown *shown) {
    if (shown->queue_count < MAIL_ENTRIES)
        shown->queue[shown->queue_count] = (MailEntryShown){.entry = (uint32_t)value_of(story, fact, "entry"),
                                                            .domain = text_of(story, fact, "domain"),
                                                            .from = text_of(story, fact, "from"),
                                                            .recipients = (uint32_t)value_of(story, fact, "recipients"),
                                                            .since = fact->at,
                                                            .next_try = SIM_NEVER,
                                                            .trouble = ""};
    shown->queue_count++;
}

static void dequeue(uint32_t entry, MailShown *shown) {
    MailEntryShown *gone = find_entry(shown, entry);
    if (gone) {
        size_t last = shown->queue_count < MAIL_ENTRIES ? shown->queue_count : MAIL_ENTRIES;
        memmove(gone, gone + 1, (size_t)(shown->queue + last - gone - 1) * sizeof *gone);
    }
    if (shown->queue_count > 0) shown->queue_count--;
}

/* Whether the entry that was put off by the fact `deferred` still waits. */
static bool still_waits(const Story *story, uint32_t deferred, uint32_t entry, uint32_t seq_end) {
    uint32_t host = trace_get(story->trace, deferred)->host;
    for (size_t i = story->wait_end_count; i-- > 0 && story->waits_ended[i] > deferred;) {
        const TraceRecord *r = trace_get(story->trace, story->waits_ended[i]);
        if (story->waits_ended[i] < seq_end && r->host == host && (r->kind == TRACE_FACT || r->state.subject == entry))
            return false;
    }
    return true;
}

static void defer(const Story *story, uint32_t seq, uint32_t seq_end, MailEntryShown *entry) {
    const TraceRecord *fact = trace_get(story->trace, seq);
    if (!entry || !still_waits(story, seq, entry->entry, seq_end)) return;
    entry->waits_since = fact->at;
    entry->next_try = value_of(story, fact, "next_try");
    entry->trouble = text_of(story, fact, "text");
}

void mail_state_at(const Story *story, uint32_t host, uint32_t seq_end, SimTime t, MailShown *shown) {
    const MailHost *mail = mail_hosts_find(story->mail_hosts, host);
    *shown = (MailShown){.any = mail && mail->since < seq_end};
    if (!shown->any) return;
    for (size_t i = 0; i < mail->box_count; i++)
        shown->boxes[shown->box_count++] = (MailBoxShown){.name = mail->boxes[i], .last_at = -1};
    for (size_t i = 0; i < story->mail_count && story->mail[i] < seq_end; i++) {
        const TraceRecord *fact = trace_get(story->trace, story->mail[i]);
        if (fact->host != host) continue;
        const char *name = trace_fact_spec(story->trace, fact)->name;
        if (strcmp(name, "mailbox.changed") == 0) {
            change(story, fact, shown);
            continue;
        }
        name += strlen("mail.");
        uint32_t entry = (uint32_t)value_of(story, fact, "entry");
        if (strcmp(name, "delivered") == 0) deliver(story, fact, shown);
        else if (strcmp(name, "queued") == 0) enqueue(story, fact, shown);
        else if (strcmp(name, "dequeued") == 0) dequeue(entry, shown);
        else if (strcmp(name, "deferred") == 0) defer(story, story->mail[i], seq_end, find_entry(shown, entry));
    }
    for (size_t i = 0; i < shown->queue_count && i < MAIL_ENTRIES; i++)
        if (shown->queue[i].next_try <= t) shown->queue[i].next_try = SIM_NEVER;
}
