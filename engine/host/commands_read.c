/* What several commands read: hosts, LANs and interfaces by name, and the mistakes made with them. */
#include <stdlib.h>
#include <string.h>

#include "host/world_inside.h"

bool command_fail(Command *c, const char *field, const char *message, const char *name) {
    Text line = text_new();
    text_print(&line, message, name);
    config_error_set(c->reader.error, c->reader.arena, field, "%s", text_get(&line));
    text_free(&line);
    return false;
}

bool command_is_good(const Command *c) { return c->reader.error->message.size == 0; }

void command_fail_unknown(Command *c, const char *field, const char *kind, const char *name) {
    const World *world = c->world;
    const char **names = memory_new((world->node_count + 1) * sizeof *names);
    size_t count = 0;
    bool lans = strcmp(kind, "LAN") == 0;
    for (size_t i = 0; i < world->node_count; i++)
        if ((world->nodes[i].lan != NULL) == lans) names[count++] = world->nodes[i].name;
    const char *nearest = text_nearest(name, names, count);
    if (nearest)
        config_error_set(c->reader.error, c->reader.arena, field, "there is no %s \"%s\"; did you mean \"%s\"?", kind,
                         name, nearest);
    else config_error_set(c->reader.error, c->reader.arena, field, "there is no %s \"%s\"", kind, name);
    free(names);
}

Host *command_read_host(Command *c, const char *field) {
    const char *name = value_read_text(&c->reader, field, NULL);
    if (c->reader.names) return NULL;
    if (!name) {
        value_reader_fail(&c->reader, field, NULL, "the name of a host");
        return NULL;
    }
    uint32_t id = world_find(c->world, name);
    Host *host = world_host(c->world, id);
    if (!host) command_fail_unknown(c, field, "host", name);
    return host;
}

Lan *command_read_lan(Command *c, const char *field) {
    const char *name = value_read_text(&c->reader, field, NULL);
    if (c->reader.names) return NULL;
    if (!name) {
        value_reader_fail(&c->reader, field, NULL, "the name of a LAN");
        return NULL;
    }
    uint32_t id = world_find(c->world, name);
    Lan *lan = id == WORLD_NONE ? NULL : c->world->nodes[id].lan;
    if (!lan) command_fail_unknown(c, field, "LAN", name);
    return lan;
}

Interface *command_read_interface(Command *c, const Host *host) {
    const char *name = value_read_text(&c->reader, "interface", NULL);
    if (!host) return NULL;
    Interface *interface = host_interface(host, name);
    if (!interface)
        command_fail(c, "interface",
                     name ? "no interface \"%s\" here" : "the host has no interface yet: attach it to a LAN first",
                     name ? name : "");
    return interface;
}
