/* The stack's statements. */
#ifndef NETSTAGE_STACK_FACTS_H
#define NETSTAGE_STACK_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_host_powered;           /* on: 1 or 0 */
extern const FactSpec fact_link_plugged;           /* interface, link (directory index), up: 1 or 0 */
extern const FactSpec fact_interface_configured;   /* interface, address, prefix_length, router, name_server */
extern const FactSpec fact_interface_unconfigured; /* interface, address */
extern const FactSpec fact_arp_learned;            /* interface, address, mac */
extern const FactSpec fact_address_conflict;       /* interface, address, mac of the other */
extern const FactSpec fact_address_defended;       /* interface, address, mac of the other */
extern const FactSpec fact_echo_reply;             /* from, sequence, round_trip */
extern const FactSpec fact_echo_failed;            /* to, sequence, reason */
extern const FactSpec fact_tcp_established;        /* local, local_port, remote, remote_port */
extern const FactSpec fact_tcp_ended;              /* how */
extern const FactSpec fact_tcp_retransmission;     /* seq, reason */
extern const FactSpec fact_tcp_congestion;         /* phase, cwnd, ssthresh */
extern const FactSpec fact_tcp_window;             /* open: 1 or 0 */
extern const FactSpec fact_tcp_rto;                /* srtt, rttvar, rto */

#endif
