/* The settings of services, as scenarios write them. Spans are texts such as "60s"; addresses and MACs are texts.
 *
 * dhcp_client
 *   initial_delay   "0s" or {"1s","10s"}     RFC 2131 4.4.1: uniform between; default {"1s","10s"}
 *   offer_wait      span, default "0s"       how long offers are collected; 0: the first is taken at once
 *   policy          "first" | "longest" | "server"; `server` names the address of a known server
 *   server          address
 *   lease           span                     asked for in option 51; absent: not asked
 *   request         address                  asked for in option 50
 *   parameters      list of option codes     option 55; default 1 3 6 15 28 51 54 58 59
 *   host_name       text, default the host's name; false: not sent
 *   client_id       text (hex "01:02:…" or words) ; absent: not sent
 *   vendor_class    text
 *   broadcast       true | false             sets the broadcast flag; default false
 *   probe           true | false             ARP probe before use; default true
 *   probe_wait, probe_interval {min,max}, probe_count, announce_count …: RFC 5227's constants, for short classroom runs
 *   decline_wait    span, default "10s"
 *   retry_min       span, default "60s"      least span between renewal retransmissions
 *   remember        true | false             keeps the lease on disk and starts with INIT-REBOOT; default true
 *   release_on_shutdown true | false         default true
 *   inform          true | false             the address is configured by hand; only asks for the rest
 * dhcp_server
 *   pools           list of { subnet = "192.168.1.0/24"?, first, last, router?, dns?, domain?, exclude = { "…", … }? }
 *                   a pair { "192.168.1.100", "192.168.1.199" } is short for first and last
 *   reservations    list of { mac | client_id, address }
 *   router, dns, domain, broadcast: defaults for pools that have none of their own
 *   lease, lease_min, lease_max   spans; default "1h", "0s", none
 *   t1, t2          per cent of the lease, default 50 and 87.5 (given in tenths: "87.5%"); send_t1_t2 true | false
 *   offer_hold      span, default "30s"
 *   ping_check      true | false, ping_wait span default "500ms"; default false
 *   quarantine      span, default "10m"      how long a declined address is not offered
 *   authoritative   true | false, default true
 *   stable_storage  true | false, default true: the lease table survives a crash
 *   server_id       address, default the interface's
 *   options         list of { code, hex | text | ip }
 * dhcp_relay
 *   servers         list of addresses
 *   hop_limit       1..16, default 4 (RFC 1542 section 4.1.1)
 *   agent_option    true | false: option 82; circuit_id, remote_id texts
 *   trust           true | false: a downstream relay's option 82 passes
 *   client_interfaces list of names: where clients are; default all
 * dns_server
 *   zones           table of zones by name ("." the root): { ["example.org"] = { records = {…}, ns?, ttl?, soa? } }
 *     records       list of { name, type, data }, or { name, ttl, type, data } where one lives longer or shorter:
 *                   { "@", "MX", 10, "mail" }, { "mail", "A", "192.0.2.25" }, { "www", "CNAME", "mail" },
 *                   { "@", "TXT", "words" }, { "25", "PTR", "mail.example.org" }, { "sub", "NS", "ns.sub.example.org" }
 *                   names: "@" is the zone itself; "mail" stands in the zone, as does "ns.sub" at the beginning of a
 *                   record; "*" is a wildcard; in the data a name with a dot is whole
 *     ns            name or list of names: its name servers, short for NS records of "@"
 *     ttl           span, default the server's
 *     soa           { primary?, mailbox?, serial?, refresh?, retry?, expire?, minimum? }; minimum (default "5m") is how
 *                   long it may be remembered that there is no such name
 *   names           table of names to addresses: { ["www.example.org"] = "192.168.1.10" }, or to lists of at most 8: the
 *                   short form, for a server that knows these names and says of any other that it does not exist
 *   ttl             span, default "1h"       how long an answer may be remembered
 * dns_resolver     finds out for others, from the root down
 *   roots           address or list of addresses of the root's name servers
 *   retry           span, default "1s"       an answer is awaited as long twice, then twice as long
 *   ttl_most        span, default "7d"       nothing is remembered longer
 *   lack_most       span, default "3h"       nor, that something does not exist
 * mail_server
 *   name            as it greets, default the host's name
 *   domains         whose mail it keeps: a name or a list; its own name always
 *   mailboxes       list of names, or table: { bob = { full_name, quota (octets), busy, online } }
 *   moved           table: { dave = "dave@elsewhere.org" } (251, sent on), or { to, forward = false } (551)
 *   lists           table: { team = { "bob", "carol@crepes.fr" } }
 *   ambiguous       table: { smith = { "jane", "john" } }: 553
 *   replies         table of texts: greeting, helo, ehlo, mail, rcpt, data, accepted, quit, rset, noop, help,
 *                   unknown_user, relay_refused, mailbox_full, too_big, shutting_down; {host}, {client}, {address}, {ip},
 *                   {number} and {size} stand for values
 *   extensions      list out of SIZE 8BITMIME PIPELINING ENHANCEDSTATUSCODES DSN SMTPUTF8 AUTH; default all
 *   size_limit      octets of a message, default 50 MiB; recipients_limit, default 1000; hops_limit, default 100 (RFC 5321
 *                   section 6.3); errors_limit, default 20; connections_limit, default 1000
 *   vrfy, expn      "answer" | "noncommittal" | "disabled"
 *   legacy          true | false: SEND, SOML and SAML are served; default false
 *   eight_bit       "accept" | "strip" | "refuse": octets above 127 without 8BITMIME
 *   users           table of names to passwords: AUTH; auth_required true | false: for any mail
 *   trusted         addresses and prefixes that may send anywhere
 *   no_service      true | false: 554 instead of a greeting
 *   greylist        span; default 0: off
 *   idle            span, default "5m": RFC 5321 section 4.5.3.2.7
 *   ports           one or at most 4, default 25
 *   relay_to        a host that takes all mail for elsewhere; default: by MX
 *   retry, retry_most, give_up, warn   spans of the queue, default "30m", "4h", "5d", "4h"
 *   ehlo, pipelining, space_after_colon  true | false: how it speaks as a client
 *   patience        span: instead of the time-outs of RFC 5321 section 4.5.3.2
 *   disk_latency    span, default "2ms"; disk_size octets, default 1 GiB
 *   nagle, delayed_ack   of its connections
 * mail_agent
 *   address         the user's own
 *   server          name or address of the mail server; port, default 25; user, password for AUTH
 *   name            as it introduces itself, default the host's name
 *   retry, retry_most, give_up, warn, ehlo, pipelining, patience, disk_latency, disk_size, nagle, delayed_ack: as above;
 *                   default "1m", "15m", "1d", 0
 * imap_server      (beside a mail_server: its users, with their passwords there, read their mailboxes)
 *   port            default 143
 *   folders         mailboxes that each user has from the start: a list of names, or table of names to what they are for
 *                   (RFC 6154): "all", "archive", "drafts", "flagged", "junk", "sent", "trash" or ""
 *   size_limit      octets of a message that is appended, default 50 MiB
 *   literals        "plus" | "minus" | "wait": what is offered of RFC 7888, LITERAL+, LITERAL- or nothing; default "plus"
 *   login_disabled  true | false: LOGINDISABLED, AUTHENTICATE alone
 *   idle            span, default "30m" (RFC 3501 section 5.4); login_idle before login, default "3m"
 *   errors_limit    BAD commands in a row, or refused logins, default 20; 0: no limit
 *   connections_limit   default 1000
 *   nagle, delayed_ack   of its connections, default the mail server's
 * pop3_server       beside a mail_server: its mailboxes, and its users with their passwords
 *   port            default 110
 *   name            as it greets, default the mail server's
 *   replies         table of texts: greeting, user, login, refused, noop, quit; {host}, {user}, {messages} and {octets} stand
 *                   for values
 *   apop            true | false: the greeting has a timestamp, and APOP is served; default true
 *   plain           true | false: USER and PASS, and AUTH PLAIN; default true
 *   login_delay     span, default "0s": between one login of a user and the next
 *   idle            span, default "10m": autologout
 *   errors_limit    refused commands, default 20; connections_limit, default 1000
 * pop3_client       fetches a user's mail onto the host's own disk
 *   server          name or address of the mail server; port, default 110
 *   user, password
 *   mode            "keep" | "delete" | "headers" (TOP first, then what is not too big; all stays on the server); default
 *                   "keep"
 *   apop            true | false: where the greeting has a timestamp; default true
 *   retrieve_limit  octets: what is bigger stays a header; of mode "headers"; default: none
 *   size_limit      octets of a message that are taken at all, default 64 MiB
 *   patience        span, default "60s": for each reply
 *   check           span, default "0s": so often by itself; 0: only when told
 *   retry           span, default "30s": after a session that was cut off; tries, default 10: so often in a row
 *   disk_latency    span, default "2ms"; disk_size octets, default 1 GiB
 * imap_client       reads a user's mailbox, which stays at the server; what it knows of it is on the host's own disk
 *   server          name or address of the mail server; port, default 143
 *   user, password
 *   mailbox         default "INBOX"
 *   sent            mailbox for copies of what the host's mail_agent writes; default: none are kept
 *   authenticate    true | false: AUTHENTICATE PLAIN where it is offered, not LOGIN; default false
 *   idle, move      true | false: where they are offered; default true
 *   idle_for        span, default "29m": IDLE is begun anew so often; poll, default "5m": NOOP so often without IDLE;
 *                   "0s": never
 *   patience        span, default "60s": for each response
 *   piece           octets of an attachment that are asked for at once, default 4096
 *   size_limit      octets of a response, default 64 MiB
 *   connect         true | false: as soon as the host is on; default true
 *   retry           span, default "10s": after a connection that was cut off, then twice as long each time; retry_most,
 *                   default "5m"
 *   disk_latency    span, default "2ms"; disk_size octets, default 1 GiB
 * http_server
 *   pages           table: { ["/"] = "text" } or { ["/logo.gif"] = { type = "image/gif", text or octets (hexadecimal) } }
 *   port            default 80
 *   idle            span, default "30s": a connection without a request is closed
 * udp_echo
 *   port            default 7
 * tcp_echo, tcp_discard, tcp_chargen   (RFC 862, 863, 864)
 *   port            default 7, 9, 19
 *   octets          of tcp_chargen: so many, then it closes; default 0: without end
 *   backlog         connections not yet established, default 128
 *   nagle           default true
 *   delayed_ack     span, default "200ms", "500ms" at most; "0s": none is delayed
 *   keep_alive      span, default "0s": never; keep_alive_most, default 8: so many probes unanswered end the connection
 *   user_timeout    span, default "5m"
 *   msl             span, default "2m": TIME-WAIT lasts twice as long
 *   receive_buffer, send_buffer   octets, default 65535, 65536
 *   mss             default 1460
 *   rto_min         span, default "1s"
 */
#ifndef NETSTAGE_HOST_CONFIG_H
#define NETSTAGE_HOST_CONFIG_H

#include "base/value.h"
#include "host/host.h"

/* What a configuration may be checked against: the host it is for, and the networks there are. */
typedef struct {
    Arena *arena;
    const Host *host; /* NULL when only the names of fields are wanted */
    Lan *const *lans;
    size_t lan_count;
} ConfigPlace;

typedef struct {
    DhcpClientConfig client;
    ConflictSettings conflict;
    uint8_t interface;
} DhcpClientSettings;

/* Each reads what scenarios write (see above). False: the reader's error says what and where. */
bool config_read_imap_server(ValueReader *r, const ConfigPlace *place, ImapServiceConfig *config) NS_MUST_USE;
bool config_read_dhcp_client(ValueReader *r, const ConfigPlace *place, DhcpClientSettings *settings) NS_MUST_USE;
bool config_read_dhcp_server(ValueReader *r, const ConfigPlace *place, DhcpServerConfig *config) NS_MUST_USE;
bool config_read_dhcp_relay(ValueReader *r, const ConfigPlace *place, DhcpRelayConfig *config) NS_MUST_USE;
bool config_read_dns_server(ValueReader *r, const ConfigPlace *place, DnsServerConfig *config) NS_MUST_USE;
bool config_read_dns_resolver(ValueReader *r, const ConfigPlace *place, DnsRecursorConfig *config) NS_MUST_USE;
bool config_read_mail_server(ValueReader *r, const ConfigPlace *place, MailConfig *config) NS_MUST_USE;
bool config_read_mail_agent(ValueReader *r, const ConfigPlace *place, MailConfig *config) NS_MUST_USE;
/* Whether a mailbox can be called so. */
bool config_is_folder(const char *name);
/* The settings of a service's connections: nagle and what follows it above. */
void config_read_tcp_settings(ValueReader *r, TcpSettings *settings);
bool config_read_tcp_service(ValueReader *r, TcpServiceKind kind, TcpServiceConfig *config) NS_MUST_USE;
bool config_read_http_server(ValueReader *r, const ConfigPlace *place, HttpServiceConfig *config) NS_MUST_USE;
bool config_read_pop3_server(ValueReader *r, const ConfigPlace *place, Pop3ServiceConfig *config) NS_MUST_USE;
bool config_read_imap_client(ValueReader *r, const ConfigPlace *place, ImapClientServiceConfig *config) NS_MUST_USE;
bool config_read_pop3_client(ValueReader *r, const ConfigPlace *place, Pop3ReaderConfig *config) NS_MUST_USE;
bool config_read_udp_echo(ValueReader *r, uint16_t *port) NS_MUST_USE;

/* A text such as "60s", or whole seconds. */
bool config_span_of(const Value *v, SimTime *span) NS_MUST_USE;
/* Fields that several commands have. Absent fields give `fallback`. */
SimTime config_read_span(ValueReader *r, const char *field, SimTime fallback);
Ipv4Address config_read_address(ValueReader *r, const char *field, Ipv4Address fallback);
/* "2.5%" as parts per million. */
uint32_t config_read_share(ValueReader *r, const char *field, uint32_t fallback);
/* One address or a list of them; returns how many, at most `most`. */
size_t config_read_addresses(ValueReader *r, const char *field, Ipv4Address *list, size_t most);

#endif
