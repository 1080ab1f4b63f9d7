/* The settings of TCP connections and of the small TCP services. */
#include "host/config.h"

void config_read_tcp_settings(ValueReader *r, TcpSettings *s) {
    *s = tcp_settings_default;
    s->nagle = value_read_truth(r, "nagle", s->nagle);
    s->delayed_ack = config_read_span(r, "delayed_ack", s->delayed_ack);
    s->keep_alive = config_read_span(r, "keep_alive", s->keep_alive);
    s->keep_alive_most = (uint8_t)value_read_number(r, "keep_alive_most", 1, 255, s->keep_alive_most);
    s->user_timeout = config_read_span(r, "user_timeout", s->user_timeout);
    s->msl = config_read_span(r, "msl", s->msl);
    s->receive_buffer = (uint32_t)value_read_number(r, "receive_buffer", 1, 65535, s->receive_buffer);
    s->send_buffer = (uint32_t)value_read_number(r, "send_buffer", 1, 1 << 24, s->send_buffer);
    s->mss = (uint16_t)value_read_number(r, "mss", 64, 1460, s->mss);
    s->rto_min = config_read_span(r, "rto_min", s->rto_min);
}

bool config_read_tcp_service(ValueReader *r, TcpServiceKind kind, TcpServiceConfig *c) {
    static const uint16_t ports[] = {7, 9, 19};
    *c = (TcpServiceConfig){.kind = kind};
    c->port = (uint16_t)value_read_number(r, "port", 1, 65535, ports[kind]);
    c->backlog = (uint8_t)value_read_number(r, "backlog", 1, 255, 128);
    if (kind == TCP_SERVICE_CHARGEN) c->octets = (uint64_t)value_read_number(r, "octets", 0, INT64_C(1000000000000), 0);
    config_read_tcp_settings(r, &c->settings);
    return value_reader_finish(r);
}
