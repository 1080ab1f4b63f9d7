/* The commands of connections spoken by hand. */
#include <stdlib.h>
#include <string.h>

#include "host/world_inside.h"

enum { WRITE_MOST = 1024 * 1024 };

typedef struct {
    Host *host;
    const char *name;
    TcpOpen open;
} Dial;

static void dial_found(void *self, const NameAnswer *answer, uint32_t cause) {
    Dial *dial = self;
    if (answer->outcome != NAME_FOUND || answer->count == 0) {
        sim_record_ignored(dial->host->stack->sim, dial->host->id, TRACE_NONE, "talk.name_not_found", FRAME_NONE, 0,
                           cause);
        return;
    }
    dial->open.destination = answer->addresses[0];
    host_talk_connect(dial->host, dial->name, &dial->open, cause);
}

static const char *read_name(Command *c) {
    const char *name = value_read_text(&c->reader, "name", NULL);
    if (!c->reader.names && (!name || !name[0]))
        value_reader_fail(&c->reader, "name", NULL, "a name for the connection");
    return name;
}

void do_connect(Command *c) {
    Host *host = command_read_host(c, "host");
    const char *name = read_name(c);
    DnsName to;
    TcpOpen open = {.destination = command_read_target(c, "to", &to), .settings = tcp_settings_default};
    open.destination_port = (uint16_t)value_read_number(&c->reader, "port", 1, 65535, 25);
    open.proto = talk_proto_of_port(open.destination_port);
    open.settings.nagle = value_read_truth(&c->reader, "nagle", open.settings.nagle);
    HostTalk *talk = host && name ? host_talk_find(host, name) : NULL;
    if (talk && talk->stream.in_use) command_fail(c, "name", "%s has an open connection of this name", host->name);
    if (!command_accept(c) || !host->stack->powered) return;
    if (open.destination) {
        host_talk_connect(host, name, &open, c->cause);
        return;
    }
    Dial *dial = arena_alloc(sim_arena(c->world->sim), sizeof *dial);
    *dial = (Dial){host, arena_text(sim_arena(c->world->sim), name), open};
    host_look_up(host, &to, (NameWaiter){dial_found, dial}, c->cause);
}

static HostTalk *read_talk(Command *c) {
    Host *host = command_read_host(c, "host");
    const char *name = read_name(c);
    HostTalk *talk = host && name ? host_talk_find(host, name) : NULL;
    if (host && name && !talk) command_fail(c, "name", "there is no connection \"%s\" on this host", name);
    return talk;
}

void do_write(Command *c) {
    HostTalk *talk = read_talk(c);
    const char *text = value_read_text(&c->reader, "text", ""), *hex = value_read_text(&c->reader, "octets", NULL);
    size_t size = hex ? strlen(hex) / 2 : strlen(text);
    uint8_t *octets = memory_new(size + 1);
    bool good = !hex || strlen(hex) % 2 == 0;
    for (size_t i = 0; good && hex && i < size; i++) {
        int high = text_hex_digit(hex[2 * i]), low = text_hex_digit(hex[2 * i + 1]);
        good = high >= 0 && low >= 0;
        if (good) octets[i] = (uint8_t)(high << 4 | low);
    }
    if (!hex) memcpy(octets, text, size);
    if (!good || size > WRITE_MOST)
        value_reader_fail(&c->reader, hex ? "octets" : "text", NULL,
                          "at most 1048576 octets; as octets, two hexadecimal digits each,");
    if (command_accept(c) && !host_talk_write(talk, bytes_of(octets, size), c->cause))
        sim_record_ignored(c->world->sim, talk->stream.host->id, talk->talk.machine.id, "talk.not_open", FRAME_NONE, 0,
                           c->cause);
    free(octets);
}

void do_hangup(Command *c) {
    HostTalk *talk = read_talk(c);
    bool abort = value_read_truth(&c->reader, "abort", false);
    if (command_accept(c)) host_talk_hang_up(talk, abort, c->cause);
}

/* ---- Looking at them ---- */

WorldTalk world_talk(const World *world, uint32_t id, const char *name) {
    const Host *host = world_host(world, id);
    const HostTalk *talk = host ? host_talk_find(host, name) : NULL;
    if (!talk) return (WorldTalk){.stream = TRACE_NONE};
    const HostStream *stream = &talk->stream;
    return (WorldTalk){.state = talk_spec.states[talk->talk.machine.state],
                       .how = talk->talk.how,
                       .peer_closed = talk->talk.peer_closed,
                       .stream = talk->index,
                       .unsent = stream->pending_size - stream->pending_at};
}

const char *world_talk_accepted(const World *world, uint32_t id, uint16_t port, uint32_t number) {
    const Host *host = world_host(world, id);
    Text name = text_new();
    text_print(&name, "%u-%u", port, number);
    const HostTalk *talk = host ? host_talk_find(host, text_get(&name)) : NULL;
    text_free(&name);
    return talk ? talk->name : NULL;
}

bool world_talk_listen(World *world, uint32_t id, const char *name, WorldHeard *heard, void *self) {
    Host *host = world_host(world, id);
    HostTalk *talk = host ? host_talk_find(host, name) : NULL;
    if (!talk) return false;
    talk->talk.heard = heard;
    talk->talk.heard_self = self;
    return true;
}
