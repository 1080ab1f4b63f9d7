#include "stack/lan.h"

#include <stdlib.h>
#include <string.h>

#define TAP_PORT (UINT32_MAX - 1)

Lan *lan_new(Sim *sim, const char *name, bool hub, Ipv4Prefix prefix, const LinkQuality *quality) {
    Lan *lan = arena_alloc(sim_arena(sim), sizeof *lan);
    lan->sim = sim;
    lan->name = arena_text(sim_arena(sim), name);
    lan->hub = hub;
    lan->prefix = prefix;
    lan->quality = *quality;
    lan->ageing = 300 * SIM_SECOND; /* IEEE 802.1D-2004 table 7-5 */
    lan->host = trace_add_host(
        sim_trace(sim), &(DirectoryHost){lan->name, hub ? NODE_HUB : NODE_SWITCH, prefix.network, prefix.length});
    return lan;
}

void lan_release(Lan *lan) {
    free(lan->ports);
    free(lan->stations);
}

static LanStation *station_place(const Lan *lan, uint64_t mac) {
    size_t mask = lan->station_capacity - 1;
    size_t i = (size_t)((mac * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & mask;
    while (lan->stations[i].port != 0 && lan->stations[i].mac != mac) i = (i + 1) & mask;
    return &lan->stations[i];
}

/* An entry is void when it is old or the cable behind it has been pulled. */
static bool station_good(const Lan *lan, const LanStation *station) {
    if (station->port == 0 || sim_now(lan->sim) - station->seen_at > lan->ageing) return false;
    return station->port - 1 == TAP_PORT || lan->ports[station->port - 1]->up;
}

static void learn(Lan *lan, uint64_t mac, uint32_t port) {
    if (2 * (lan->station_count + 1) > lan->station_capacity) {
        LanStation *old = lan->stations;
        size_t old_capacity = lan->station_capacity;
        lan->station_capacity = old_capacity ? old_capacity * 2 : 16;
        lan->stations = memory_new(lan->station_capacity * sizeof(LanStation));
        for (size_t i = 0; i < old_capacity; i++)
            if (old[i].port != 0) *station_place(lan, old[i].mac) = old[i];
        free(old);
    }
    LanStation *place = station_place(lan, mac);
    if (place->port == 0) lan->station_count++;
    *place = (LanStation){mac, port + 1, sim_now(lan->sim)};
}

static void send_out(Lan *lan, uint32_t port, FrameId frame, uint32_t cause) {
    FrameStore *frames = sim_frames(lan->sim);
    if (port == TAP_PORT) {
        if (lan->tap) lan->tap(lan->tap_self, frame_store_get(frames, frame), sim_now(lan->sim));
        return;
    }
    Link *link = lan->ports[port];
    if (!link->up) return; /* a switch does not send where nothing is plugged in */
    frame_store_hold(frames, frame);
    link_send(link, 1, frame, cause);
}

static void receive(void *self, uint32_t port, FrameId frame, uint32_t cause) {
    Lan *lan = self;
    FrameStore *frames = sim_frames(lan->sim);
    Bytes octets = frame_store_get(frames, frame);
    if (octets.size < 14) {
        sim_record_ignored(lan->sim, lan->host, TRACE_NONE, "ethernet.truncated", frame, octets.size, cause);
        frame_store_release(frames, frame);
        return;
    }
    MacAddress destination, source;
    memcpy(destination.octet, octets.at, 6);
    memcpy(source.octet, octets.at + 6, 6);
    const LanStation *known = NULL;
    if (!lan->hub) {
        if (!mac_is_group(source)) learn(lan, mac_number(source), port);
        if (!mac_is_group(destination) && lan->station_capacity > 0)
            known = station_place(lan, mac_number(destination));
        if (known && !station_good(lan, known)) known = NULL;
    }
    if (known && known->port - 1 == port) {
        sim_record_ignored(lan->sim, lan->host, TRACE_NONE, "switch.same_port", frame, 0, cause);
    } else if (known) {
        send_out(lan, known->port - 1, frame, cause);
    } else {
        for (uint32_t i = 0; i < lan->port_count; i++)
            if (i != port) send_out(lan, i, frame, cause);
        if (port != TAP_PORT) send_out(lan, TAP_PORT, frame, cause);
    }
    frame_store_release(frames, frame);
}

LinkEnd lan_new_port(Lan *lan) {
    lan->ports = array_grow(lan->ports, &lan->port_capacity, lan->port_count + 1, sizeof(Link *));
    lan->ports[lan->port_count] = NULL;
    return (LinkEnd){lan, receive, (uint32_t)lan->port_count++, lan->host};
}

void lan_set_port(Lan *lan, uint32_t port, Link *link) { lan->ports[port] = link; }

void lan_receive_from_tap(Lan *lan, FrameId frame, uint32_t cause) { receive(lan, TAP_PORT, frame, cause); }
