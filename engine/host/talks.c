#include "host/talks.h"

#include <stdlib.h>
#include <string.h>

#include "host/host.h"

static Sim *sim_of(const Host *host) { return host->stack->sim; }

uint8_t talk_proto_of_port(uint16_t port) {
    switch (port) {
        case 25:
        case 587: return TRACE_PROTO_SMTP;
        case 53: return TRACE_PROTO_DNS;
        case 80: return TRACE_PROTO_HTTP;
        case 110: return TRACE_PROTO_POP3;
        case 143: return TRACE_PROTO_IMAP;
        default: return TRACE_PROTO_TCP;
    }
}

static HostTalks *talks_of(Host *host) {
    if (host->talks) return host->talks;
    HostTalks *talks = arena_alloc(sim_arena(sim_of(host)), sizeof *talks);
    *talks = (HostTalks){.host = host, .machine = trace_add_machine(sim_trace(sim_of(host)), host->id, &talk_spec)};
    host->talks = talks;
    return talks;
}

static void over(void *owner, HostStream *stream, uint32_t cause) { (void)owner, (void)stream, (void)cause; }

static const StreamOwner owner_calls = {NULL, over};

/* A place whose connection has ended and whose name is used anew, or another one. */
static HostTalk *talk_new(HostTalks *talks, const char *name, uint8_t proto, bool server) {
    Host *host = talks->host;
    HostTalk *talk = NULL;
    size_t ended = 0;
    HostTalk *oldest = NULL;
    for (HostTalk *t = talks->talks; t; t = t->next) {
        if (t->stream.in_use) continue;
        if (strcmp(t->name, name) == 0) talk = t;
        ended++;
        oldest = t;
    }
    if (!talk && ended > 64) talk = oldest; /* nobody asks after it any more */
    if (!talk) {
        talk = arena_alloc(sim_arena(sim_of(host)), sizeof *talk);
        *talk = (HostTalk){.next = NULL};
        talk_init(&talk->talk);
        host_stream_init(&talk->stream, host, &talk_stream, &talk->talk, &talk->talk.machine, &owner_calls, talk);
        machine_init(&talk->talk.machine, &talk_spec, &talk->talk, &talk->stream.carrier, talks->machine, 0);
    } else {
        for (HostTalk **at = &talks->talks; *at; at = &(*at)->next) {
            if (*at != talk) continue;
            *at = talk->next;
            break;
        }
    }
    talk->next = talks->talks;
    talks->talks = talk;
    if (!talk->name || strcmp(talk->name, name) != 0) talk->name = arena_text(sim_arena(sim_of(host)), name);
    talk->index = TRACE_NONE;
    talk_begin(&talk->talk, proto, server);
    return talk;
}

HostTalk *host_talk_find(const Host *host, const char *name) {
    for (HostTalk *talk = host->talks ? host->talks->talks : NULL; talk; talk = talk->next)
        if (strcmp(talk->name, name) == 0) return talk;
    return NULL;
}

void host_talk_connect(Host *host, const char *name, const TcpOpen *open, uint32_t cause) {
    HostTalk *talk = talk_new(talks_of(host), name, open->proto, false);
    host_stream_connect(&talk->stream, open, cause);
    talk->index = talk->talk.machine.stream;
}

bool host_talk_write(HostTalk *talk, Bytes octets, uint32_t cause) {
    if (!talk->stream.in_use || talk->talk.machine.state != TALK_OPEN) return false;
    Effects *effects = host_stream_begin(&talk->stream);
    talk_write(&talk->talk, octets, effects);
    host_stream_end(&talk->stream, effects, cause);
    return true;
}

void host_talk_hang_up(HostTalk *talk, bool abort, uint32_t cause) {
    if (!talk->stream.in_use) return;
    if (talk->talk.machine.state == TALK_HALF_CLOSED && !abort) return;
    Effects *effects = host_stream_begin(&talk->stream);
    talk_hang_up(&talk->talk, abort, effects);
    host_stream_end(&talk->stream, effects, cause);
}

/* ---- Ports ---- */

typedef struct {
    Host *host;
    TalkPort *port;
} TalkDoor;

static const TcpUser *accepted(void *self, TcpConnection *connection, void **user, uint32_t cause) {
    TalkDoor *door = self;
    Text name = text_new();
    text_print(&name, "%u-%u", door->port->port, ++door->port->accepted);
    HostTalk *talk = talk_new(talks_of(door->host), text_get(&name), door->port->proto, true);
    text_free(&name);
    const TcpUser *calls = host_stream_accept(&talk->stream, connection, door->port->proto, user, cause);
    talk->index = talk->talk.machine.stream;
    return calls;
}

static bool open_port(Host *host, TalkPort *port) {
    TalkDoor *door = arena_alloc(sim_arena(sim_of(host)), sizeof *door);
    *door = (TalkDoor){host, port};
    TcpListener listener = {.port = port->port,
                            .proto = port->proto,
                            .backlog = 128,
                            .settings = tcp_settings_default,
                            .accepted = accepted,
                            .self = door};
    return tcp_listen(host->stack, &listener);
}

bool host_talk_listen(Host *host, uint16_t number, uint8_t proto) {
    HostTalks *talks = talks_of(host);
    TalkPort *port = NULL;
    for (size_t i = 0; i < talks->port_count; i++)
        if (talks->ports[i]->port == number) port = talks->ports[i];
    if (port && port->open) return false;
    if (!port) {
        port = arena_alloc(sim_arena(sim_of(host)), sizeof *port);
        *port = (TalkPort){.port = number};
        talks->ports = array_grow(talks->ports, &talks->port_capacity, talks->port_count + 1, sizeof *talks->ports);
        talks->ports[talks->port_count++] = port;
    }
    port->proto = proto;
    port->open = !host->stack->powered || open_port(host, port);
    return port->open;
}

void host_talk_listen_end(Host *host, uint16_t number) {
    for (size_t i = 0; host->talks && i < host->talks->port_count; i++) {
        TalkPort *port = host->talks->ports[i];
        if (port->port != number || !port->open) continue;
        port->open = false;
        if (host->stack->powered) tcp_listen_end(host->stack, number);
    }
}

/* ---- Power ---- */

void host_talks_start(Host *host) {
    for (size_t i = 0; host->talks && i < host->talks->port_count; i++)
        if (host->talks->ports[i]->open) (void)!open_port(host, host->talks->ports[i]);
}

void host_talks_stop(Host *host) {
    if (!host->talks) return;
    for (HostTalk *talk = host->talks->talks; talk; talk = talk->next) {
        if (!talk->stream.in_use) continue;
        host_stream_drop(&talk->stream);
        talk->talk.machine.state = TALK_ENDED;
        talk->talk.how = "host.off";
    }
    for (size_t i = 0; i < host->talks->port_count; i++)
        if (host->talks->ports[i]->open) tcp_listen_end(host->stack, host->talks->ports[i]->port);
}

void host_talks_shut_down(Host *host, uint32_t cause) {
    for (HostTalk *talk = host->talks ? host->talks->talks : NULL; talk; talk = talk->next)
        if (talk->stream.in_use) host_talk_hang_up(talk, false, cause);
}

void host_talks_release(Host *host) {
    if (!host->talks) return;
    for (HostTalk *talk = host->talks->talks; talk; talk = talk->next) {
        talk_release(&talk->talk);
        host_stream_release(&talk->stream);
    }
    free(host->talks->ports);
}
