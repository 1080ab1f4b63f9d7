/* Where a domain's mail goes: RFC 5321 section 5.1. The answers come from the host's look-ups. */
#include <string.h>

#include "host/host.h"
#include "host/mail.h"
#include "mail/octets.h"

/* A look-up tells its end before the entry can be gone, unless the power goes, and then it tells nothing. A host can
 * make only so many at once: the entries take turns. */
enum { LOOK_UPS_MOST = 8 };

static bool has_turn(MailEntry *e) {
    MailService *service = e->service;
    bool free = service->look_ups < LOOK_UPS_MOST;
    if (free) service->look_ups++;
    else e->turn = ++service->turns;
    return free;
}

/* A look-up is over: whoever has waited longest is next. */
static void end_turn(MailService *service, uint32_t cause) {
    service->look_ups--;
    if (service->taking_turns) return;
    service->taking_turns = true;
    while (service->look_ups < LOOK_UPS_MOST) {
        MailEntry *next = NULL;
        for (size_t i = 0; i < service->entry_count; i++) {
            MailEntry *e = service->entries[i];
            if (e->mail && e->turn > 0 && (!next || e->turn < next->turn)) next = e;
        }
        if (!next) break;
        next->turn = 0;
        if (next->queue.machine.state == SMTP_QUEUE_RESOLVING) mail_route_find(next, cause);
        else mail_route_connect(next, cause);
    }
    service->taking_turns = false;
}

static void trouble(MailEntry *e, SmtpOutcomeKind kind, const char *enhanced, const char *text) {
    e->trouble = (SmtpOutcome){.kind = kind, .stage = "", .text = text};
    memcpy(e->trouble.enhanced, enhanced, strlen(enhanced) + 1);
}

static void route_found(MailEntry *e, uint32_t cause) {
    Effects *effects = sim_effects(e->service->host->stack->sim);
    smtp_queue_route(&e->queue, e->host_count, effects);
    sim_apply(e->service->host->stack->sim, effects, cause);
}

static void no_route(MailEntry *e, const char *enhanced, const char *text, uint32_t cause) {
    trouble(e, SMTP_OUTCOME_REFUSED, enhanced, text);
    mail_queue_input(e, SMTP_QUEUE_ON_NO_ROUTE, cause);
}

/* "mail.hamburger.edu", without the dot at its end. */
static const char *name_text(MailService *service, const DnsName *name) {
    Text text = text_new();
    dns_name_print(&text, name);
    const char *kept = mail_keep_words(service, text_get(&text));
    text_free(&text);
    return kept;
}

/* RFC 5321 section 5.1: exchangers less preferred than this host itself would only send it back. */
static void use_exchangers(MailEntry *e, const NameAnswer *answer, uint32_t cause) {
    MailService *service = e->service;
    if (answer->count == 1 && answer->exchangers[0].exchanger.size == 1) { /* RFC 7505 */
        no_route(e, "5.1.10", "The domain accepts no mail (null MX)", cause);
        return;
    }
    uint32_t own = UINT32_MAX;
    for (size_t i = 0; i < answer->count; i++)
        if (smtp_text_equal(bytes_text(name_text(service, &answer->exchangers[i].exchanger)),
                            service->config.server.name))
            own = answer->exchangers[i].preference;
    e->host_count = 0;
    for (size_t i = 0; i < answer->count && e->host_count < MAIL_ROUTE_HOSTS; i++)
        if (answer->exchangers[i].preference < own)
            e->hosts[e->host_count++] = name_text(service, &answer->exchangers[i].exchanger);
    if (e->host_count == 0) no_route(e, "5.4.6", "Mail for the domain loops back to this host", cause);
    else route_found(e, cause);
}

static void exchangers_known(void *self, const NameAnswer *answer, uint32_t cause) {
    MailEntry *e = self;
    MailService *service = e->service;
    switch (answer->outcome) {
        case NAME_FOUND: use_exchangers(e, answer, cause); break;
        case NAME_NO_DATA: /* implicit MX */
            e->hosts[0] = e->mail->domain;
            e->host_count = 1;
            route_found(e, cause);
            break;
        case NAME_NONE: no_route(e, "5.1.2", "The domain does not exist", cause); break;
        case NAME_TEMPORARY:
            trouble(e, SMTP_OUTCOME_LATER, "4.4.3", "No name server has answered");
            mail_queue_input(e, SMTP_QUEUE_ON_ROUTE_LATER, cause);
    }
    end_turn(service, cause);
}

void mail_route_find(MailEntry *e, uint32_t cause) {
    const MailService *service = e->service;
    const char *domain = e->mail->domain;
    DnsName name;
    if (service->config.relay_to || domain[0] == '[') {
        e->hosts[0] = domain;
        e->host_count = 1;
        route_found(e, cause);
    } else if (!dns_name_parse(domain, &name)) {
        no_route(e, "5.1.2", "The domain is no name", cause);
    } else if (has_turn(e)) {
        host_look_up_mx(service->host, &name, (NameWaiter){exchangers_known, e}, cause);
    }
}

static void host_failed(MailEntry *e, const char *enhanced, const char *text, uint32_t cause) {
    trouble(e, SMTP_OUTCOME_LATER, enhanced, text);
    mail_queue_input(e, SMTP_QUEUE_ON_HOST_FAILED, cause);
}

static void address_known(void *self, const NameAnswer *answer, uint32_t cause) {
    MailEntry *e = self;
    MailService *service = e->service;
    bool implicit = !e->service->config.relay_to && strcmp(e->hosts[e->queue.host], e->mail->domain) == 0;
    if (answer->outcome == NAME_FOUND && answer->count > 0) {
        for (size_t i = 0; i < answer->count && e->address_count < MAIL_ROUTE_ADDRESSES; i++)
            e->addresses[e->address_count++] = answer->addresses[i];
        (void)mail_route_next_address(e, cause);
    } else if (implicit && (answer->outcome == NAME_NO_DATA || answer->outcome == NAME_NONE)) {
        /* Nobody takes mail there. */
        no_route(e, "5.4.4", "The domain has neither MX nor address", cause);
    } else host_failed(e, "4.4.3", "The mail exchanger's address could not be found", cause);
    end_turn(service, cause);
}

bool mail_route_next_address(MailEntry *e, uint32_t cause) {
    if (e->address_at >= e->address_count) return false;
    mail_queue_connect(e, e->addresses[e->address_at++], cause);
    return true;
}

void mail_route_connect(MailEntry *e, uint32_t cause) {
    e->address_count = e->address_at = 0;
    const char *host = e->hosts[e->queue.host];
    Ipv4Address address;
    char literal[20] = "";
    size_t size = strlen(host);
    if (host[0] == '[' && size < sizeof literal) memcpy(literal, host + 1, size - 2);
    DnsName name;
    if (ipv4_parse(literal[0] ? literal : host, &address)) mail_queue_connect(e, address, cause);
    else if (!dns_name_parse(host, &name)) host_failed(e, "5.1.2", "The host's name is none", cause);
    else if (has_turn(e)) host_look_up(e->service->host, &name, (NameWaiter){address_known, e}, cause);
}
