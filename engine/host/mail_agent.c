/* The user's part: a message is composed from what was written, the envelope taken from its fields (row M6), and both
 * handed to the queue. */
#include <string.h>

#include "host/host.h"
#include "host/mail_agent.h"
#include "host/mail_facts.h"
#include "mail/envelope.h"
#include "mail/xtext.h"

static Sim *sim_of(const MailService *service) { return service->host->stack->sim; }

static bool to_smtp_path(SmtpPath *path, const MailPath *from) {
    Text text = text_new();
    path_put(&text, from);
    bool good = smtp_path_set(path, text_get(&text));
    text_free(&text);
    return good;
}

typedef struct {
    SmtpMail mail;
    SmtpJobRecipient *recipients;
    size_t count;
} Sealed;

static void add(Arena *arena, Sealed *sealed, size_t *capacity, const SmtpPath *path, const MailWriting *w) {
    if (sealed->count == *capacity || !sealed->recipients)
        sealed->recipients = mail_grow(arena, sealed->recipients, capacity, sealed->count + 1,
                                       sizeof *sealed->recipients);
    sealed->recipients[sealed->count++] = (SmtpJobRecipient){.path = *path, .notify = w->notify, .orcpt = ""};
}

/* The envelope: from the header, unless another was given. */
static Sealed seal(Arena *arena, const MailWriting *w, const Envelope *envelope, const char *own) {
    Sealed sealed = {.mail = {.ret = w->ret}};
    size_t capacity = 0;
    if (w->envid) {
        Text envid = text_new();
        xtext_put(&envid, bytes_text(w->envid));
        CHECK(envid.size < sizeof sealed.mail.envid);
        memcpy(sealed.mail.envid, text_get(&envid), envid.size + 1);
        text_free(&envid);
    }
    if (w->envelope_from) sealed.mail.path = *w->envelope_from;
    else if (path_is_null(&envelope->reverse_path) && own) (void)!smtp_path_set(&sealed.mail.path, own);
    else (void)!to_smtp_path(&sealed.mail.path, &envelope->reverse_path);
    for (size_t i = 0; i < w->envelope_to_count; i++) add(arena, &sealed, &capacity, &w->envelope_to[i], w);
    for (size_t i = 0; w->envelope_to_count == 0 && i < envelope->count; i++) {
        SmtpPath path;
        if (to_smtp_path(&path, &envelope->recipients[i].path)) add(arena, &sealed, &capacity, &path, w);
    }
    return sealed;
}

static const char *subject_of(Arena *arena, Bytes message) {
    MailFaults faults = mail_faults(arena);
    Message read = message_read(arena, message, LINES_LENIENT, &faults);
    const HeaderField *field = header_find(&read.header, "Subject");
    if (!field) return "";
    Bytes text = header_field_text(arena, field, &faults);
    return arena_text_n(arena, (const char *)text.at, text.size);
}

void mail_write(MailService *service, const MailWriting *w, uint32_t cause) {
    Sim *sim = sim_of(service);
    Arena *arena = arena_new();
    MailFaults faults = mail_faults(arena);
    const char *own = service->config.address;
    Bytes domain = bytes_text(service->config.server.domain_count > 0 ? service->config.server.domains[0]
                                                                      : service->config.server.name);
    SmtpPath self;
    if (own && smtp_path_set(&self, own)) domain = mail_keep(arena, smtp_domain(&self));
    Envelope envelope;
    Bytes octets;
    bool eight_bit = false, utf8 = false;
    if (w->raw.at) { /* as it stands: a message that no user agent has touched */
        octets = w->raw;
        Message message = message_read(arena, octets, LINES_LENIENT, &faults);
        envelope = envelope_from_header(arena, &message.header, domain, &faults);
    } else {
        Draft draft = w->draft;
        draft.at_s = MAIL_CIVIL_START_S + sim_now(sim) / SIM_SECOND;
        draft.domain = domain;
        Composed composed = compose(arena, &draft, &service->random, &faults);
        octets = composed.mime;
        envelope = composed.envelope;
        eight_bit = composed.needs_8bit;
        utf8 = composed.needs_utf8;
    }
    Sealed sealed = seal(arena, w, &envelope, own);
    if (eight_bit) sealed.mail.body = SMTP_BODY_8BITMIME;
    sealed.mail.smtputf8 = utf8;
    Arena *kept = sim_arena(sim);
    const char *subject = arena_text(kept, subject_of(arena, octets));
    uint32_t composed_at = sim_record_fact(sim, service->host->id, TRACE_NONE, 0, &fact_mail_composed,
                                           (int64_t[]){fact_name(arena_text(kept, sealed.mail.path.text)),
                                                       (int64_t)sealed.count, (int64_t)octets.size, fact_name(subject)},
                                           cause);
    if (sealed.count == 0)
        sim_record_ignored(sim, service->host->id, TRACE_NONE, "mail.no_recipients", FRAME_NONE, 0, composed_at);
    else
        mail_submit(service, &sealed.mail, sealed.recipients, sealed.count, mail_content_new(octets.at, octets.size),
                    composed_at);
    if (sealed.count > 0) host_imap_client_keep(service->host, octets, composed_at);
    arena_free(arena);
}
