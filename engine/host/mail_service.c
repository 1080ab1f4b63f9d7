#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/mail.h"

MailService *mail_service_new(Host *host, const MailConfig *config) {
    Sim *sim = host->stack->sim;
    MailService *service = arena_alloc(sim_arena(sim), sizeof *service);
    *service = (MailService){.host = host, .config = *config};
    service->random = random_stream(sim_seed(sim), host->name, config->receives ? "mail.server" : "mail.agent");
    service->store.size = config->disk_size;
    service->store.account_count = config->mailbox_count;
    service->store.accounts = memory_new((config->mailbox_count + 1) * sizeof(MailAccount));
    for (size_t i = 0; i < config->mailbox_count; i++) {
        MailAccount *account = &service->store.accounts[i];
        mail_account_init(account, config->mailboxes[i], MAIL_CIVIL_START_S);
        account->disk_octets = &service->store.octets;
        account->changed = mail_watch_changed;
        account->listener = service;
    }
    if (config->receives) service->server_machine = trace_add_machine(sim_trace(sim), host->id, &smtp_server_spec);
    service->client_machine = trace_add_machine(sim_trace(sim), host->id, &smtp_client_spec);
    service->queue_machine = trace_add_machine(sim_trace(sim), host->id, &smtp_queue_spec);
    return service;
}

void mail_service_free(MailService *service) {
    mail_disk_crash(service);
    mail_server_release(service);
    mail_queue_release(service);
    service->watchers = NULL;
    mail_store_free(&service->store);
    for (size_t i = 0; i < service->changed_count; i++) mailbox_drop(service->changed[i]);
    free(service->changed);
    free(service->texts);
}

/* ---- Texts ---- */

static const char **text_place(MailService *service, const char *text) {
    uint64_t hash = 14695981039346656037u; /* FNV-1a */
    for (const char *at = text; *at; at++) hash = (hash ^ (uint8_t)*at) * 1099511628211u;
    size_t i = (size_t)hash & (service->text_capacity - 1);
    while (service->texts[i] && strcmp(service->texts[i], text) != 0) i = (i + 1) & (service->text_capacity - 1);
    return &service->texts[i];
}

static void grow_texts(MailService *service) {
    const char **old = service->texts;
    size_t count = service->text_capacity;
    service->text_capacity = count ? 2 * count : 64;
    service->texts = memory_new(service->text_capacity * sizeof *service->texts);
    for (size_t i = 0; i < count; i++)
        if (old[i]) *text_place(service, old[i]) = old[i];
    free(old);
}

const char *mail_keep_words(MailService *service, const char *text) {
    if (!text || !text[0]) return "";
    if (2 * (service->text_count + 1) > service->text_capacity) grow_texts(service);
    const char **place = text_place(service, text);
    if (!*place) {
        *place = arena_text(sim_arena(service->host->stack->sim), text);
        service->text_count++;
    }
    return *place;
}

/* ---- Power ---- */

void mail_service_start(MailService *service, uint32_t cause) {
    if (service->running) return;
    service->running = true;
    if (service->config.receives) mail_server_start(service);
    mail_queue_restore(service, cause);
}

void mail_service_shut_down(MailService *service, uint32_t cause) {
    if (!service->running) return;
    if (service->config.receives) mail_server_shut_down(service, cause);
    mail_queue_shut_down(service, cause);
}

void mail_service_stop(MailService *service) {
    if (!service->running) return;
    service->running = false;
    mail_disk_crash(service);
    mail_server_stop(service);
    mail_queue_stop(service);
    for (size_t i = 0; i < service->config.port_count && service->config.receives; i++)
        tcp_listen_end(service->host->stack, service->config.ports[i]);
}
