/* Small mail networks, and questions about what became of letters in them. */
#ifndef NETSTAGE_TESTS_MAIL_WORLDS_H
#define NETSTAGE_TESTS_MAIL_WORLDS_H

#include "host/mail_facts.h"
#include "host/world_inside.h"
#include "mail/report.h"
#include "proto/smtp/facts.h"
#include "stack/network.h"

/* One LAN: dns (.53), crepes (.10, mail for crepes.fr, alice and anna), burger (.20, for hamburger.edu, bob and bea), pc
 * (.11, alice's user agent). Settings are added to each service's; NULL: none. Zones are added to the name server's. */
typedef struct {
    const char *crepes, *burger, *agent, *zones, *hamburger_records;
} MailNetwork;

static inline void mail_host(World *w, const char *name, int address, const char *service, const char *config) {
    world_do(w, "{'do':'host','name':'%s'}", name);
    world_do(w, "{'do':'attach','host':'%s','lan':'net','address':'10.0.0.%d','dns':['10.0.0.53']}", name, address);
    if (service) world_do(w, "{'do':'service','host':'%s','service':'%s','config':{%s}}", name, service, config);
    world_do(w, "{'do':'boot','host':'%s','quiet':true}", name);
}

static inline World *mail_network(MailNetwork n) {
    World *w = world_new(3, true);
    char config[4000];
    world_do(w, "{'do':'lan','name':'net','prefix':'10.0.0.0/24','latency':'1ms'}");
    snprintf(config, sizeof config,
             "'zones':{'crepes.fr':{'records':[['@','MX',10,'mail'],['mail','A','10.0.0.10']]},"
             "'hamburger.edu':{'records':[%s]}%s%s}",
             n.hamburger_records ? n.hamburger_records : "['@','MX',10,'mail'],['mail','A','10.0.0.20']", n.zones ? "," : "", n.zones ? n.zones : "");
    mail_host(w, "dns", 53, "dns_server", config);
    snprintf(config, sizeof config, "'name':'mail.crepes.fr','domains':['crepes.fr'],'trusted':['10.0.0.11']%s%s", n.crepes ? "," : "", n.crepes ? n.crepes : "");
    if (!n.crepes || !strstr(n.crepes, "'mailboxes'")) strcat(config, ",'mailboxes':['alice','anna']");
    mail_host(w, "crepes", 10, "mail_server", config);
    snprintf(config, sizeof config, "'name':'mail.hamburger.edu','domains':['hamburger.edu']%s%s", n.burger ? "," : "", n.burger ? n.burger : "");
    if (!n.burger || !strstr(n.burger, "'mailboxes'")) strcat(config, ",'mailboxes':['bob','bea']");
    mail_host(w, "burger", 20, "mail_server", config);
    snprintf(config, sizeof config, "'address':'alice@crepes.fr','server':'10.0.0.10'%s%s", n.agent ? "," : "", n.agent ? n.agent : "");
    mail_host(w, "pc", 11, "mail_agent", config);
    run_for(w, 5 * SIM_SECOND);
    return w;
}

static inline MailService *mail_of(World *w, const char *host) {
    Host *h = network_host(w, host);
    return h->mail_server ? h->mail_server : h->mail_agent;
}

static inline Mailbox *mailbox_of(World *w, const char *host, const char *name) {
    MailStore *store = &mail_of(w, host)->store;
    for (size_t i = 0; i < store->account_count; i++)
        if (strcmp(store->accounts[i].owner, name) == 0) return mailbox_inbox(&store->accounts[i]);
    fail_msg("%s has no mailbox %s", host, name);
    return NULL;
}

static inline Bytes mail_in(World *w, const char *host, const char *name, size_t index) {
    Mailbox *box = mailbox_of(w, host, name);
    assert_true(index < box->count);
    return mail_content_bytes(box->messages[index]->content);
}

static inline bool holds_text(Bytes octets, const char *text) {
    size_t size = strlen(text);
    for (size_t i = 0; i + size <= octets.size; i++)
        if (memcmp(octets.at + i, text, size) == 0) return true;
    return false;
}

static inline size_t queue_length(World *w, const char *host) {
    size_t count = 0;
    for (QueuedMail *mail = mail_of(w, host)->store.queue; mail; mail = mail->next) count++;
    return count;
}

static inline size_t facts_of(World *w, const char *host, const FactSpec *spec) { return facts_since(w, 0, host, spec, NULL, NULL); }

/* What the host said ("> ") and heard ("< ") in SMTP, whole messages in their order. The caller frees it. */
static inline Text smtp_said(World *w, size_t since, const char *host) {
    const Trace *trace = world_trace(w);
    Text text = text_new();
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_MESSAGE || r->small != TRACE_PROTO_SMTP || r->host != world_find(w, host)) continue;
        Bytes octets = frame_store_get(trace_frames(trace), r->message.frame);
        text_put(&text, r->code == MESSAGE_SENT ? "> " : "< ");
        text_put_n(&text, (const char *)octets.at, octets.size);
        if (octets.size < 2 || octets.at[octets.size - 1] != '\n') text_put_char(&text, '\n');
    }
    return text;
}

/* The report in the mailbox, read back; fails the test if it is none. */
static inline ReportRead report_in(Arena *arena, World *w, const char *host, const char *name, size_t index) {
    MailFaults faults = mail_faults(arena);
    MimeTree tree = mime_read(arena, mail_in(w, host, name, index), (MimeRules){0}, &faults);
    ReportRead read;
    assert_true(report_read(arena, &tree, &read, &faults));
    assert_int_equal(faults.count, 0);
    return read;
}

static inline void assert_bytes(Bytes bytes, const char *text) {
    if (bytes.size != strlen(text) || memcmp(bytes.at, text, bytes.size) != 0) fail_msg("\"%.*s\" is not \"%s\"", (int)bytes.size, (const char *)bytes.at, text);
}

#endif
