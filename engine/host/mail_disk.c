/* A disk that takes its time: what is being written when the power goes was not written. */
#include <stdlib.h>

#include "host/host.h"
#include "host/mail.h"

typedef struct DiskWrite {
    struct DiskWrite *next;
    MailService *service;
    DiskDone *done;
    DiskDrop *drop;
    void *what;
    bool lost, surely;
} DiskWrite;

static void finish(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    DiskWrite *write = self;
    MailService *service = write->service;
    (void)number, (void)other;
    if (!write->lost && write->surely && service->store.failing) {
        Sim *sim = service->host->stack->sim;
        sim_schedule(sim, sim_now(sim) + MAIL_DISK_RETRY_S * SIM_SECOND, finish, write, 0, 0, cause);
        return;
    }
    if (!write->lost) {
        for (DiskWrite **at = &service->writes; *at; at = &(*at)->next) {
            if (*at != write) continue;
            *at = write->next;
            break;
        }
    }
    bool lost = write->lost;
    void *what = write->what;
    DiskDone *done = write->done;
    write->next = service->idle_writes;
    service->idle_writes = write;
    if (!lost) done(service, what, !service->store.failing, cause);
}

static void begin(MailService *service, SimTime wait, bool surely, DiskDone *done, DiskDrop *drop, void *what,
                  uint32_t cause) {
    Sim *sim = service->host->stack->sim;
    DiskWrite *write = service->idle_writes;
    if (write) service->idle_writes = write->next;
    else write = arena_alloc(sim_arena(sim), sizeof *write);
    *write = (DiskWrite){service->writes, service, done, drop, what, false, surely};
    service->writes = write;
    sim_schedule(sim, sim_now(sim) + wait + service->config.disk_latency, finish, write, 0, 0, cause);
}

void mail_disk_write(MailService *service, DiskDone *done, DiskDrop *drop, void *what, uint32_t cause) {
    begin(service, 0, false, done, drop, what, cause);
}

void mail_disk_write_surely(MailService *service, SimTime wait, DiskDone *done, DiskDrop *drop, void *what,
                            uint32_t cause) {
    begin(service, wait, true, done, drop, what, cause);
}

void mail_disk_crash(MailService *service) {
    for (DiskWrite *write = service->writes; write; write = write->next) {
        write->lost = true;
        write->drop(write->what);
    }
    service->writes = NULL;
}
