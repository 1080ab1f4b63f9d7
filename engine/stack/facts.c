#include "stack/facts.h"

const FactSpec fact_host_powered = {"host.powered", 1, {{"on", FACT_NUMBER}}};
const FactSpec fact_link_plugged = {
    "link.plugged", 3, {{"interface", FACT_NUMBER}, {"link", FACT_NUMBER}, {"up", FACT_NUMBER}}};
const FactSpec fact_interface_configured = {"interface.configured",
                                            5,
                                            {{"interface", FACT_NUMBER},
                                             {"address", FACT_IPV4},
                                             {"prefix_length", FACT_NUMBER},
                                             {"router", FACT_IPV4},
                                             {"name_server", FACT_IPV4}}};
const FactSpec fact_interface_unconfigured = {
    "interface.unconfigured", 2, {{"interface", FACT_NUMBER}, {"address", FACT_IPV4}}};
const FactSpec fact_arp_learned = {
    "arp.learned", 3, {{"interface", FACT_NUMBER}, {"address", FACT_IPV4}, {"mac", FACT_MAC}}};
const FactSpec fact_address_conflict = {
    "address.conflict", 3, {{"interface", FACT_NUMBER}, {"address", FACT_IPV4}, {"mac", FACT_MAC}}};
const FactSpec fact_address_defended = {
    "address.defended", 3, {{"interface", FACT_NUMBER}, {"address", FACT_IPV4}, {"mac", FACT_MAC}}};
const FactSpec fact_echo_reply = {
    "echo.reply", 3, {{"from", FACT_IPV4}, {"sequence", FACT_NUMBER}, {"round_trip", FACT_SPAN}}};
const FactSpec fact_echo_failed = {
    "echo.failed", 3, {{"to", FACT_IPV4}, {"sequence", FACT_NUMBER}, {"reason", FACT_NAME}}};
const FactSpec fact_tcp_established = {
    "tcp.established",
    4,
    {{"local", FACT_IPV4}, {"local_port", FACT_NUMBER}, {"remote", FACT_IPV4}, {"remote_port", FACT_NUMBER}}};
const FactSpec fact_tcp_ended = {"tcp.ended", 1, {{"how", FACT_NAME}}};
const FactSpec fact_tcp_retransmission = {"tcp.retransmission", 2, {{"seq", FACT_NUMBER}, {"reason", FACT_NAME}}};
const FactSpec fact_tcp_congestion = {
    "tcp.congestion", 3, {{"phase", FACT_NAME}, {"cwnd", FACT_NUMBER}, {"ssthresh", FACT_NUMBER}}};
const FactSpec fact_tcp_window = {"tcp.window", 1, {{"open", FACT_NUMBER}}};
const FactSpec fact_tcp_rto = {"tcp.rto", 3, {{"srtt", FACT_SPAN}, {"rttvar", FACT_SPAN}, {"rto", FACT_SPAN}}};
