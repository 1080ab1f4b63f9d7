#include "view/machine_places.h"

#include <string.h>

/* clang-format off */
/* Where states stand, in thousandths. The client's as in RFC 2131 figure 5; states of our own that the figure leaves
 * out stand beside. The others so that a life runs downwards and its accidents aside. */
static const struct {
    const char *machine, *state;
    short x, y;
} places[] = {
    {"dhcp.client", "INIT-REBOOT", 150, 60},     {"dhcp.client", "INIT", 660, 60},
    {"dhcp.client", "REBOOTING", 150, 330},      {"dhcp.client", "SELECTING", 730, 310},
    {"dhcp.client", "REQUESTING", 450, 480},     {"dhcp.client", "REBINDING", 820, 660},
    {"dhcp.client", "BOUND", 400, 740},          {"dhcp.client", "RENEWING", 640, 930},
    {"dhcp.client", "PROBING", 140, 620},        {"dhcp.client", "OFF", 130, 940},
    {"dhcp.client", "INFORMING", 130, 500},      {"dhcp.client", "INFORMED", 130, 790},
    {"dhcp.binding", "FREE", 500, 60},           {"dhcp.binding", "CHECKING", 150, 340},
    {"dhcp.binding", "OFFERED", 360, 640},       {"dhcp.binding", "BOUND", 620, 930},
    {"dhcp.binding", "DECLINED", 870, 430},      {"arp.conflict", "IDLE", 480, 60},
    {"arp.conflict", "PROBE_WAIT", 140, 290},    {"arp.conflict", "PROBING", 140, 590},
    {"arp.conflict", "ANNOUNCE_WAIT", 190, 930}, {"arp.conflict", "ANNOUNCING", 620, 530},
    {"arp.conflict", "IN_USE", 860, 740},        {"arp.conflict", "DEFENDING", 860, 330},
    /* as in RFC 9293 figure 5 */
    {"tcp", "CLOSED", 500, 50},                  {"tcp", "LISTEN", 500, 210},
    {"tcp", "SYN-RECEIVED", 160, 340},           {"tcp", "SYN-SENT", 840, 340},
    {"tcp", "ESTABLISHED", 500, 480},            {"tcp", "FIN-WAIT-1", 200, 620},
    {"tcp", "CLOSE-WAIT", 820, 620},             {"tcp", "FIN-WAIT-2", 130, 850},
    {"tcp", "CLOSING", 480, 760},                {"tcp", "LAST-ACK", 840, 830},
    {"tcp", "TIME-WAIT", 500, 940},
    /* a session runs downwards, its end up again on the right */
    {"smtp.client", "CLOSED", 830, 40},
    {"smtp.client", "CONNECTING", 420, 40},
    {"smtp.client", "GREETING", 420, 150},
    {"smtp.client", "EHLO", 260, 260},
    {"smtp.client", "HELO", 580, 260},
    {"smtp.client", "AUTH", 110, 370},
    {"smtp.client", "READY", 420, 370},
    {"smtp.client", "MAIL", 420, 490},
    {"smtp.client", "RCPT", 420, 605},
    {"smtp.client", "DATA", 420, 720},
    {"smtp.client", "CONTENT", 560, 840},
    {"smtp.client", "ACCEPT", 260, 940},
    {"smtp.client", "RSET", 640, 605},
    {"smtp.client", "QUIT", 840, 430},
    {"smtp.client", "CLOSING", 840, 230},
    {"smtp.server", "CLOSED", 560, 40},
    {"smtp.server", "GREETED", 340, 170},
    {"smtp.server", "REFUSING", 840, 170},
    {"smtp.server", "READY", 340, 340},
    {"smtp.server", "AUTH", 90, 250},
    {"smtp.server", "MAIL", 380, 500},
    {"smtp.server", "RCPT", 380, 640},
    {"smtp.server", "DATA", 380, 780},
    {"smtp.server", "STORING", 300, 930},
    {"smtp.server", "STORING_LAST", 700, 930},
    {"smtp.server", "CLOSING", 840, 560},
    /* down as a session goes, as in RFC 3501 section 3; what it waits for stands aside */
    {"imap.server", "CLOSED", 620, 40},
    {"imap.server", "NOT_AUTHENTICATED", 420, 180},
    {"imap.server", "AUTHENTICATING", 120, 250},
    {"imap.server", "AUTHENTICATED", 420, 400},
    {"imap.server", "SELECTED", 420, 640},
    {"imap.server", "IDLING", 130, 500},
    {"imap.server", "WRITING", 130, 780},
    {"imap.server", "WRITING_LAST", 430, 940},
    {"imap.server", "FETCHING", 640, 790},
    {"imap.server", "FETCHING_LAST", 760, 940},
    {"imap.server", "LOGOUT", 860, 500},
    {"smtp.queue", "IDLE", 500, 50},
    {"smtp.queue", "RESOLVING", 500, 270},
    {"smtp.queue", "SENDING", 780, 540},
    {"smtp.queue", "DEFERRED", 220, 540},
    {"smtp.queue", "DONE", 500, 920},
    {"dns.resolver", "IDLE", 500, 80},
    {"dns.resolver", "WAITING", 240, 560},
    {"dns.resolver", "BY_TCP", 740, 900},
    {"dns.recursor", "IDLE", 500, 50},
    {"dns.recursor", "LOOKING", 500, 320},
    {"dns.recursor", "ASKING", 240, 620},
    {"dns.recursor", "AWAITING", 840, 520},
    {"dns.recursor", "BY_TCP", 560, 920},
    {"dns.connection", "CLOSED", 500, 60},
    {"dns.connection", "OPEN", 500, 400},
    {"dns.connection", "DRAINING", 180, 740},
    {"dns.connection", "CLOSING", 780, 860},
    {"dns.tcp", "CLOSED", 600, 60},
    {"dns.tcp", "CONNECTING", 240, 330},
    {"dns.tcp", "WAITING", 300, 700},
    {"dns.tcp", "CLOSING", 800, 860},
    {"http.client", "CLOSED", 720, 50},
    {"http.client", "CONNECTING", 280, 150},
    {"http.client", "STATUS", 280, 380},
    {"http.client", "HEADER", 280, 610},
    {"http.client", "BODY", 280, 900},
    {"http.client", "CLOSING", 800, 560},
    {"http.server", "CLOSED", 560, 60},
    {"http.server", "WAITING", 280, 340},
    {"http.server", "HEADER", 280, 760},
    {"http.server", "CLOSING", 800, 560},
    {"talk", "CLOSED", 500, 60},
    {"talk", "CONNECTING", 220, 280},
    {"talk", "OPEN", 560, 460},
    {"talk", "HALF_CLOSED", 250, 720},
    {"talk", "ENDED", 620, 930},
};
/* clang-format on */

bool machine_place(const char *machine, const char *state, Point *at) {
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(places[i].machine, machine) != 0 || strcmp(places[i].state, state) != 0) continue;
        *at = (Point){places[i].x / 1000.0f, places[i].y / 1000.0f};
        return true;
    }
    return false;
}
