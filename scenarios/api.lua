---@meta
--
-- The whole API of scenarios, for editors that understand LuaLS annotations, and for reading. A test holds this file against what
-- the program registers: nothing is missing here, and nothing here is invented.
--
-- A scenario is one file. It first describes the network, then what happens in it:
--
--     local s   = scenario { title = { en = "Four messages", zh = "四个报文" } }
--     local lan = s:lan { name = "lan1", prefix = "192.168.1.0/24" }
--     local srv = s:host { name = "dhcp1", on = lan, address = "192.168.1.1" }
--     srv:dhcp_server { pools = { { "192.168.1.100", "192.168.1.199" } }, lease = "60s" }
--     local pc  = s:host { name = "pc1", on = lan }
--     pc:dhcp_client {}
--     s:script(function()
--       srv:boot() pc:boot()
--       s:wait_state(pc, "BOUND", "30s")
--       s:expect("pc1 has an address", pc.address ~= nil)
--     end)
--
-- What Lua offers besides: everything of the language and of string, table, math, utf8 and coroutine that stays inside; no files, no
-- clock, no loading of code. math.random is the simulation's: the same seed gives the same run. pairs goes in the order of keys.

---A span of time: "500ms", "60s", "1.5m", "2h", "8d"; a whole number means seconds.
---@alias span string|number
---An IPv4 address: "192.168.1.1".
---@alias address string
---A share: "40%".
---@alias share string|number
---A text in English, or in both languages: { en = "…", zh = "…" }.
---@alias Words string|{en: string, zh: string}

---@class ScenarioFields
---@field title Words
---@field about? Words what is to be seen, in a sentence or two
---@field seed? integer of all random numbers; 1 if not given
---@field ends? span when the run ends; else it ends with the last script

---Begins a scenario. A file holds one.
---@param fields ScenarioFields
---@return Scenario
function scenario(fields) end

-- ---- The scenario ------------------------------------------------------------------------------------------------

---@class Scenario
---@field now number simulated time in seconds
---@field set table<string, string|integer|boolean> the settings by name
---@field trace Trace what has happened so far
local Scenario = {}

---@class LanFields
---@field name string
---@field kind? "switch"|"hub"
---@field prefix? string "192.168.1.0/24": hosts on it then need no length in their address
---@field latency? span of each of its cables, one way; "1ms" if not given
---@field bandwidth? integer bits a second; 100000000 if not given

---A switch (or a hub) that hosts are plugged into.
---@param fields LanFields
---@return Lan
function Scenario:lan(fields) end

---@class HostFields
---@field name string
---@field on Lan|string the LAN it is plugged into
---@field interface? string "eth0" if not given
---@field mac? string made up if not given
---@field address? string configured by hand: "192.168.1.1" or "192.168.1.1/24"
---@field router? address its default router, by hand
---@field dns? address|address[] its name servers, by hand
---@field probe? boolean asks by ARP whether the address is free before using it; true if not given
---@field latency? span of its cable
---@field bandwidth? integer of its cable

---A host, switched off. With `on` it is plugged in as well.
---@param fields HostFields
---@return Host
function Scenario:host(fields) end

---@class InterfaceFields
---@field on Lan|string
---@field interface? string
---@field mac? string
---@field address? string
---@field router? address
---@field dns? address|address[]
---@field probe? boolean
---@field latency? span
---@field bandwidth? integer

---@class RouteFields
---@field to string "10.0.0.0/8"
---@field via address the next router

---@class RouterFields
---@field name string
---@field interfaces? InterfaceFields[]
---@field routes? RouteFields[]

---A host that forwards packets between its interfaces.
---@param fields RouterFields
---@return Host
function Scenario:router(fields) end

---@class LinkFields
---@field a Host|string
---@field b Host|string
---@field address_a? string with its length: "10.0.0.1/30"
---@field address_b? string
---@field latency? span
---@field bandwidth? integer

---A cable straight from one host or router to another.
---@param fields LinkFields
function Scenario:link(fields) end

---@class FrameFields
---@field lan Lan|string
---@field octets? string hexadecimal, from the destination address on

---Puts a frame onto a LAN by hand: also a malformed one.
---@param fields FrameFields
function Scenario:frame(fields) end

---@class SettingFields
---@field name string
---@field default string|integer|boolean
---@field en? string what it means
---@field zh? string

---Declares what `netstage run … --set name=value` may change. Gives its value in this run, which has the type of the default.
---@param fields SettingFields
---@return string|integer|boolean
function Scenario:setting(fields) end

---What happens, in order. Several scripts run side by side. Only in here may one wait.
---@param script fun()
function Scenario:script(script) end

---A timer: runs the function as a script of its own when the span has passed.
---@param span span
---@param action fun()
function Scenario:after(span, action) end

---@param span span
function Scenario:wait(span) end

---Waits until the condition holds (it is asked again whenever something happened), at most this long. Whether it held.
---@param condition fun(trace: Trace): boolean
---@param within span
---@return boolean
function Scenario:wait_until(condition, within) end

---Waits for the next message that the query describes, at most `within`. Whether it came.
---@param query MessageQuery|{within: span}
---@return boolean
function Scenario:wait_message(query) end

---Waits until the host's DHCP client is in this state ("BOUND"), at most this long. Whether it got there.
---@param host Host
---@param state string
---@param within span
---@return boolean
function Scenario:wait_state(host, state, within) end

---A sentence for the audience.
---@param words Words
function Scenario:say(words) end

---A sentence where the lecture stops until the presenter clicks.
---@param words Words
function Scenario:beat(words) end

---A new chapter: a bracket in the ladder diagram until the next one.
---@param words Words
function Scenario:phase(words) end

---Judges: a truth at once; a function at once if in a script, else when the run ends. The function may return a second value, a text
---that says what was found.
---@param what string
---@param holds boolean|fun(trace: Trace): boolean, string?
function Scenario:expect(what, holds) end

---Must hold whenever something has happened.
---@param what string
---@param holds fun(trace: Trace): boolean, string?
function Scenario:expect_always(what, holds) end

---Must never hold.
---@param what string
---@param holds fun(trace: Trace): boolean, string?
function Scenario:expect_never(what, holds) end

-- ---- LANs and hosts ----------------------------------------------------------------------------------------------

---@class Lan
---@field name string
local Lan = {}

---@class Host
---@field name string
---@field powered boolean
---@field address? address of its first interface, as it is now
---@field prefix_length? integer
---@field router? address
---@field dns address[]
---@field mac? string
---@field dhcp Dhcp its DHCP client
---@field bindings Binding[] of its DHCP server
local Host = {}

---@class Dhcp
---@field state? string "INIT", "SELECTING", "BOUND" …; nil if the host runs no client
---@field address? address of the lease; nil, as all below, while there is none
---@field server? address
---@field started_at? number seconds; the lease counts from its REQUEST
---@field t1_at? number
---@field t2_at? number
---@field expires_at? number
---@field lease? number its length in seconds
local Dhcp = {}

---@class Binding
---@field address address
---@field state string "FREE", "CHECKING", "OFFERED", "BOUND", "DECLINED"
---@field client string the MAC address
---@field expires_at number seconds

---One more interface.
---@param fields InterfaceFields
function Host:attach(fields) end

---@param fields RouteFields
function Host:route(fields) end

---@class DhcpClientConfig
---@field interface? string
---@field initial_delay? span|span[] before the first DISCOVER: a span, or two to choose between; {"1s", "10s"} if not given
---@field offer_wait? span how long offers are collected; "0s": the first is taken
---@field policy? "first"|"longest"|"server"
---@field server? address of policy "server"
---@field lease? span asked for in option 51
---@field request? address asked for in option 50
---@field parameters? integer[] codes of option 55
---@field host_name? string|false false: not sent
---@field client_id? string words, or octets "01:02:…"
---@field vendor_class? string
---@field maximum_message_size? integer
---@field broadcast? boolean sets the broadcast flag
---@field probe? boolean asks by ARP before using an address; true if not given
---@field remember? boolean keeps the lease on disk, for INIT-REBOOT; true if not given
---@field release_on_shutdown? boolean true if not given
---@field inform? boolean has an address by hand and asks for the rest only
---@field decline_wait? span after a DECLINE; "10s" if not given
---@field retry_min? span between two REQUESTs to renew; "60s" if not given
---@field probe_wait? span RFC 5227's constants, from here on
---@field probe_interval? span|span[]
---@field probe_count? integer
---@field announce_wait? span
---@field announce_count? integer
---@field announce_interval? span
---@field defend_interval? span
---@field defend? boolean

---@param config? DhcpClientConfig
function Host:dhcp_client(config) end

---@class DhcpPool a pair { "192.168.1.100", "192.168.1.199" } is short for first and last
---@field first address
---@field last address
---@field subnet? string "192.168.1.0/24", where it can't be told from the networks known
---@field exclude? (address|address[])[]
---@field router? address
---@field dns? address|address[]
---@field domain? string

---@class DhcpReservation
---@field mac? string
---@field client_id? string
---@field address address

---@class DhcpOption
---@field code integer
---@field text? string
---@field hex? string
---@field ip? address|address[]

---@class DhcpServerConfig
---@field pools DhcpPool[]
---@field reservations? DhcpReservation[]
---@field options? DhcpOption[]
---@field router? address for pools that have none of their own, as dns and domain
---@field dns? address|address[]
---@field domain? string
---@field lease? span|"infinite" "1h" if not given
---@field lease_min? span|"infinite"
---@field lease_max? span|"infinite"
---@field t1? share of the lease; "50%" if not given
---@field t2? share "87.5%" if not given
---@field send_t1_t2? boolean options 58 and 59; true if not given
---@field offer_hold? span how long an offered address is kept back; "30s" if not given
---@field ping_check? boolean pings an address before offering it
---@field ping_wait? span
---@field quarantine? span how long a declined address is not offered; "10m" if not given
---@field authoritative? boolean says NAK to strangers from other networks; true if not given
---@field stable_storage? boolean the table of leases survives a crash; true if not given
---@field server_id? address

---@param config DhcpServerConfig
function Host:dhcp_server(config) end

---@class DhcpRelayConfig
---@field servers address|address[]
---@field hop_limit? integer 4 if not given
---@field agent_option? boolean adds option 82
---@field trust? boolean of option 82 from other relays
---@field circuit_id? string
---@field remote_id? string
---@field client_interfaces? string[] all if not given

---@param config DhcpRelayConfig
function Host:dhcp_relay(config) end

---@class DnsSoa who is in charge of a zone, and how long things hold
---@field primary? string its first name server
---@field mailbox? string of whoever is in charge, with a dot for the @: "hostmaster.example.org"
---@field serial? integer
---@field refresh? span
---@field retry? span
---@field expire? span
---@field minimum? span how long it may be remembered that a name does not exist; "5m" if not given

---@class DnsZone
---@field records? table[] a list each: { "www", "A", "192.0.2.80" }: see below
---@field ns? string|string[] its name servers, short for NS records of "@"
---@field ttl? span the server's if not given
---@field soa? DnsSoa

---@class DnsServerConfig
---@field zones? table<string, DnsZone> by their names, "." the root: { ["example.org"] = { records = { … } } }
---@field names? table<string, address|address[]> { ["www.example.org"] = "192.168.1.10" }: the short form
---@field ttl? span how long an answer may be remembered; "1h" if not given

---A name server.
---
---    srv:dns_server { zones = { ["hamburger.edu"] = {
---      ns = "ns",
---      records = {
---        { "@", "MX", 10, "mail" },                  -- mail for …@hamburger.edu goes to mail.hamburger.edu
---        { "ns", "A", "192.0.2.53" },
---        { "mail", "A", "192.0.2.25" },
---        { "www", "60s", "CNAME", "mail" },          -- an alias, to be remembered for a minute
---        { "@", "TXT", "v=spf1 mx -all" },
---        { "cs", "NS", "ns.cs.hamburger.edu" },      -- cs.hamburger.edu is another server's business,
---        { "ns.cs", "A", "198.51.100.53" },          -- and this is where that is (glue)
---      },
---    } } }
---
---Names: "@" is the zone itself; "mail" stands in the zone, as does "ns.cs" at the beginning of a record; "*" stands in for names
---that are not there; in the data, a name with a dot in it is whole. A zone for addresses is called "2.0.192.in-addr.arpa", with
---records such as { "25", "PTR", "mail.hamburger.edu" }.
---
---With `names` alone: it answers for these names; of any other it says that there is no such name (NXDOMAIN).
---@param config DnsServerConfig
function Host:dns_server(config) end

---@class DnsResolverConfig
---@field roots address|address[] of the root's name servers
---@field retry? span an answer is awaited as long twice, then twice as long; "1s" if not given
---@field ttl_most? span nothing is remembered longer; "7d" if not given
---@field lack_most? span nor, that something does not exist; "3h" if not given

---A resolver for others: it asks the root's name servers and those they refer to, and remembers what it learns. May run beside
---dns_server.
---@param config DnsResolverConfig
function Host:dns_resolver(config) end

---@class UdpEchoConfig
---@field port? integer 7 if not given

---@param config? UdpEchoConfig
function Host:udp_echo(config) end

---@class TcpServiceConfig
---@field port? integer 7 for tcp_echo, 9 for tcp_discard if not given
---@field backlog? integer connections not yet established; 128 if not given
---@field nagle? boolean small pieces wait until what was sent is acknowledged; true if not given
---@field delayed_ack? span at most "500ms"; "200ms" if not given, "0s": none is delayed
---@field keep_alive? span idle time before the peer is asked whether it lives; never if not given
---@field keep_alive_most? integer so many questions unanswered end the connection; 8 if not given
---@field user_timeout? span so long without an acknowledgement ends it; "5m" if not given
---@field msl? span TIME-WAIT lasts twice as long; "2m" if not given
---@field receive_buffer? integer octets, what the window can be; 65535 if not given
---@field send_buffer? integer octets; 65536 if not given
---@field mss? integer the largest piece of data in one segment; 1460 if not given
---@field rto_min? span the least time to wait before a retransmission; "1s" if not given

---Says everything back (RFC 862).
---@param config? TcpServiceConfig
function Host:tcp_echo(config) end

---Throws everything away (RFC 863), and states at the end how much it was: the fact "tcp.discarded".
---@param config? TcpServiceConfig
function Host:tcp_discard(config) end

---@class TcpChargenConfig
---@field port? integer 19 if not given
---@field octets? integer how many, then it closes; without end if not given
---@field backlog? integer connections not yet established; 128 if not given
---@field nagle? boolean small pieces wait until what was sent is acknowledged; true if not given
---@field delayed_ack? span at most "500ms"; "200ms" if not given, "0s": none is delayed
---@field keep_alive? span idle time before the peer is asked whether it lives; never if not given
---@field keep_alive_most? integer so many questions unanswered end the connection; 8 if not given
---@field user_timeout? span so long without an acknowledgement ends it; "5m" if not given
---@field msl? span TIME-WAIT lasts twice as long; "2m" if not given
---@field receive_buffer? integer octets, what the window can be; 65535 if not given
---@field send_buffer? integer octets; 65536 if not given
---@field mss? integer the largest piece of data in one segment; 1460 if not given
---@field rto_min? span the least time to wait before a retransmission; "1s" if not given

---Sends lines of characters (RFC 864).
---@param config? TcpChargenConfig
function Host:tcp_chargen(config) end

---New settings for a service that runs: host:configure("dhcp_server", { … }).
---@param service "dhcp_server"
---@param config DhcpServerConfig
function Host:configure(service, config) end

---@class BootFields
---@field quiet? boolean uses its addresses at once, without asking and telling by ARP

---@param fields? BootFields
function Host:boot(fields) end

---In order: a DHCP client gives its lease back first.
function Host:shutdown() end

---At once: what is not on the disk is lost.
function Host:crash() end

---@class MoveFields
---@field lan Lan|string
---@field interface? string

---Pulls the cable out and plugs it in elsewhere.
---@param lan Lan|string|MoveFields
function Host:move(lan) end

---@class PlugFields
---@field interface? string

---@param fields? PlugFields
function Host:unplug(fields) end

---@param fields? PlugFields
function Host:plug(fields) end

---@class AddressFields
---@field interface? string
---@field router? address
---@field dns? address|address[]
---@field probe? boolean

---Configures an address by hand; "" takes it away.
---@param address string
---@param fields? AddressFields
function Host:set_address(address, fields) end

---@class CableFields
---@field interface? string
---@field direction? "both"|"from_host"|"to_host"
---@field latency? span
---@field bandwidth? integer
---@field loss? share
---@field duplicate? share
---@field reorder? share
---@field corrupt? share
---@field up? boolean

---Changes the quality of the host's cable.
---@param fields CableFields
function Host:cable(fields) end

---@class FaultFields
---@field interface? string
---@field direction? "both"|"from_host"|"to_host"
---@field count? integer 1 if not given
---@field by? span of a delay
---@field message? string only frames with this message ("ACK"); else any

---The next frames on the host's cable are lost.
---@param fields? FaultFields
function Host:drop(fields) end

---@param fields? FaultFields
function Host:duplicate(fields) end

---@param fields? FaultFields
function Host:corrupt(fields) end

---@param fields? FaultFields
function Host:delay(fields) end

---The DHCP client gives its lease back.
function Host:release() end

---It renews now, before T1.
function Host:renew() end

---It asks for parameters only.
function Host:inform() end

---It starts, after a release.
function Host:dhcp_start() end

function Host:dhcp_stop() end

---@class mailbox
---@field full_name? string for VRFY
---@field quota? integer octets; more is refused with 552
---@field busy? boolean 450
---@field online? boolean SEND and SOML find a terminal

---@class moved
---@field to string
---@field forward? boolean true (251, sent on) if not given; false: 551

---@class MailServerConfig
---@field name? string as it greets; the host's name if not given
---@field domains? string|string[] whose mail it keeps, besides its own name
---@field mailboxes? string[]|table<string, mailbox> { "alice", "bob" } or { bob = { quota = 10000 } }
---@field moved? table<string, string|moved> { dave = "dave@elsewhere.org" }
---@field lists? table<string, string[]> { team = { "bob", "carol@crepes.fr" } }
---@field ambiguous? table<string, string[]> { smith = { "jane", "john" } }: 553
---@field replies? table<string, string> texts of replies: greeting, helo, ehlo, mail, rcpt, data, accepted, quit, rset, noop, help,
---unknown_user, relay_refused, mailbox_full, too_big, shutting_down; {host} {client} {address} {ip} {number} {size} stand for values
---@field extensions? string|string[] out of SIZE 8BITMIME PIPELINING ENHANCEDSTATUSCODES DSN SMTPUTF8 AUTH; all if not given
---@field size_limit? integer octets of a message: more is refused with 552
---@field recipients_limit? integer of one message: more are refused with 452
---@field hops_limit? integer Received fields: more is a loop, refused with 554
---@field errors_limit? integer refused commands, then the connection is closed with 421
---@field connections_limit? integer at one time
---@field vrfy? "answer"|"noncommittal"|"disabled" 250 and the like, 252, or 502
---@field expn? "answer"|"noncommittal"|"disabled"
---@field legacy? boolean SEND, SOML and SAML are served
---@field eight_bit? "accept"|"strip"|"refuse" octets above 127 that nobody has announced
---@field users? table<string, string> names and passwords: AUTH
---@field auth_required? boolean for any mail: 530
---@field trusted? string|string[] addresses and prefixes that may send anywhere
---@field no_service? boolean 554 instead of a greeting
---@field greylist? span whom it does not know it asks to come back after so long: 450
---@field idle? span without a command, then 421; "5m" if not given
---@field ports? integer|integer[] 25 if not given
---@field relay_to? string a host that takes all mail for elsewhere; else by MX
---@field retry? span before the second attempt; "30m"; then twice as long each time
---@field retry_most? span but never longer than this; "4h"
---@field give_up? span after so long the sender is told that it was in vain; "5d"
---@field warn? span after so long the sender is told that it takes longer; "4h"; 0: never
---@field ehlo? boolean as a client it begins with EHLO; true if not given
---@field pipelining? boolean as a client it pipelines where the server offers it
---@field space_after_colon? boolean it says "MAIL FROM: <…>", as textbooks print it
---@field patience? span instead of the time-outs of RFC 5321 section 4.5.3.2
---@field disk_latency? span what a write takes; "2ms" if not given
---@field disk_size? integer octets
---@field nagle? boolean of its connections
---@field delayed_ack? span of its connections; 0: none is delayed

---A mail server: it takes mail over SMTP, keeps it in mailboxes, and sends on what is for elsewhere.
---
---    srv:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }
---@param config? MailServerConfig
function Host:mail_server(config) end

---@class Pop3ServerConfig
---@field port? integer 110 if not given
---@field name? string as it greets; the mail server's if not given
---@field replies? table<string, string> texts of replies: greeting, user, login, refused, noop, quit; {host} {user} {messages} {octets}
---stand for values
---@field apop? boolean the greeting has a timestamp, and APOP is served; true if not given
---@field plain? boolean USER and PASS, and AUTH PLAIN, which show the password; true if not given
---@field login_delay? span between one login of a user and the next
---@field idle? span without a command, then the connection is closed and nothing is deleted; "10m" if not given
---@field errors_limit? integer refused commands, then the connection is closed
---@field connections_limit? integer at one time
---@field nagle? boolean of its connections; as the mail_server's if not given
---@field delayed_ack? span of its connections; as the mail_server's if not given

---A POP3 server beside the host's mail server: users fetch their mail from it. Who they are says the mail server's `users`.
---
---    srv:mail_server { mailboxes = { "bob" }, users = { bob = "secret" } }
---    srv:pop3_server {}
---@param config? Pop3ServerConfig
function Host:pop3_server(config) end

---@class Pop3ClientConfig
---@field server string name or address of the user's mail server
---@field port? integer 110 if not given
---@field user string
---@field password string
---@field mode? "keep"|"delete"|"headers" "keep" if not given; "headers": TOP first, then what is not too big, and all stays there
---@field apop? boolean where the greeting has a timestamp; true if not given
---@field retrieve_limit? integer octets: what is bigger stays a header; of mode "headers"
---@field size_limit? integer octets of a message that are taken at all
---@field patience? span for each reply; "60s" if not given
---@field check? span so often by itself; else only when told by check_mail
---@field retry? span after a session that was cut off; "30s" if not given
---@field tries? integer so often in a row; 30 if not given
---@field disk_latency? span what a write takes; "2ms" if not given
---@field disk_size? integer octets
---@field nagle? boolean of its connections
---@field delayed_ack? span of its connections; "0s": none is delayed

---A POP3 client: it fetches the user's mail onto the host's own disk.
---
---    pc:pop3_client { server = "mail.hamburger.edu", user = "bob", password = "secret", mode = "keep" }
---@param config Pop3ClientConfig
function Host:pop3_client(config) end

---The POP3 client fetches mail now; the IMAP client asks for news, going on line if it is not.
function Host:check_mail() end

---@class ImapClientConfig
---@field server string name or address of the user's mail server
---@field port? integer 143 if not given
---@field user string
---@field password string
---@field mailbox? string the one that is read; "INBOX" if not given
---@field sent? string mailbox for copies of what the host's mail_agent writes; none are kept if not given
---@field authenticate? boolean AUTHENTICATE PLAIN where it is offered, not LOGIN
---@field idle? boolean IDLE where it is offered; true if not given
---@field move? boolean MOVE where it is offered, else COPY and EXPUNGE; true if not given
---@field idle_for? span IDLE is begun anew so often; "29m" if not given
---@field poll? span without IDLE: NOOP so often; "5m" if not given, "0s" never
---@field patience? span for each response; "60s" if not given
---@field piece? integer octets of an attachment that are asked for at once; 4096 if not given
---@field size_limit? integer octets of a response
---@field connect? boolean as soon as the host is on; true if not given
---@field retry? span after a connection that was cut off, then twice as long each time; "10s" if not given
---@field retry_most? span but never longer than this; "5m" if not given
---@field disk_latency? span what a write takes; "2ms" if not given
---@field disk_size? integer octets

---An IMAP client: the user reads the mail where it lies, at the server; headers come first, then what is opened.
---
---    pc:imap_client { server = "mail.hamburger.edu", user = "bob", password = "secret" }
---    pc:mail_open(1)
---@param config ImapClientConfig
function Host:imap_client(config) end

---The IMAP client goes on line: by itself when the host boots, unless `connect` is false.
function Host:mail_connect() end

---It goes off line. What is wanted meanwhile is done when it is on line again.
function Host:mail_disconnect() end

---The user opens a message: of those that are known, 1 is the oldest. Its structure is fetched, then the part that is shown,
---then it is marked as read; what is known already is not fetched again.
---@param message integer
function Host:mail_open(message) end

---@class MailPartFields
---@field from? integer the first octet; 0 if not given
---@field octets? integer so many at most; else to the part's end

---The user wants a part of a message: an attachment, piece by piece.
---@param message integer
---@param part string "2", "2.1"
---@param fields? MailPartFields
function Host:mail_part(message, part, fields) end

---@class MailFlagFields
---@field set? boolean false takes the flag away

---The user flags a message: "\\Flagged", "\\Seen", "$Work" …
---@param message integer
---@param flag string
---@param fields? MailFlagFields
function Host:mail_flag(message, flag, fields) end

---The user files a message: it is moved into another mailbox, which is made if there is none of that name.
---@param message integer
---@param mailbox string
function Host:mail_file(message, mailbox) end

---The user deletes a message.
---@param message integer
function Host:mail_delete(message) end

---@class MailAgentConfig
---@field address string the user's own
---@field server string name or address of the user's mail server
---@field port? integer 25 if not given; 587 is for submission
---@field user? string for AUTH
---@field password? string
---@field name? string as it introduces itself
---@field retry? span before the second attempt; "1m"; then twice as long each time
---@field retry_most? span but never longer than this; "15m"
---@field give_up? span after so long the sender is told that it was in vain; "1d"
---@field warn? span after so long the sender is told that it takes longer; 0; 0: never
---@field ehlo? boolean as a client it begins with EHLO; true if not given
---@field pipelining? boolean as a client it pipelines where the server offers it
---@field space_after_colon? boolean it says "MAIL FROM: <…>", as textbooks print it
---@field patience? span instead of the time-outs of RFC 5321 section 4.5.3.2
---@field disk_latency? span what a write takes; "2ms" if not given
---@field disk_size? integer octets
---@field nagle? boolean of its connections
---@field delayed_ack? span of its connections; 0: none is delayed

---A user agent: it hands what the user writes to the user's mail server.
---@param config MailAgentConfig
function Host:mail_agent(config) end

---@class attachment
---@field type? string "image/gif", "message/rfc822" …
---@field name? string of the file
---@field description? string
---@field content_id? string
---@field inline? boolean
---@field text? string
---@field octets? string instead of text: hexadecimal
---@field parameters? table<string, string> more of Content-Type

---@class envelope
---@field from? string "" is the null reverse-path
---@field to? string|string[]

---@class MailFields
---@field from? string
---@field reply_to? string|string[]
---@field to? string|string[]
---@field cc? string|string[]
---@field bcc? string|string[]
---@field subject? string
---@field date? string now if not given
---@field in_reply_to? string
---@field references? string
---@field fields? table<string, string> header fields of the user's own
---@field text? string
---@field html? string the same again as HTML: multipart/alternative
---@field attachments? attachment[]
---@field multipart? string "mixed" if not given; "digest", "parallel" …
---@field charset? string "UTF-8" if not given; "GB2312" …
---@field eight_bit? boolean 8bit where the server takes it (8BITMIME)
---@field raw? string instead of all these: a message as it stands
---@field raw_octets? string the same in hexadecimal
---@field envelope? envelope else it is taken from the header
---@field notify? string|string[] "success", "failure", "delay" or "never": what to report
---@field ret? "none"|"full"|"headers" what a report brings back of the message
---@field envid? string

---The user writes a message; host runs a mail agent (or a mail server).
---@param fields MailFields
function Host:mail(fields) end

---What waits in the queue is tried now.
function Host:run_queue() end

---@class DiskFields
---@field state? "ok"|"failing" failing: every write ends with an error (451)
---@field size? integer octets

---The disk of a mail server or a mail agent.
---@param fields DiskFields
function Host:disk(fields) end

---@class MailboxFields
---@field mailbox string
---@field busy? boolean
---@field online? boolean
---@field quota? integer

---A mailbox's state changes.
---@param fields MailboxFields
function Host:mailbox(fields) end

---@class page
---@field type? string "text/html" if not given
---@field text? string
---@field octets? string instead of text: hexadecimal

---@class ImapServerConfig
---@field port? integer 143 if not given
---@field folders? string[]|table<string, string> each user's mailboxes besides INBOX: { Sent = "sent", Projects = "" }; what they are for: "all", "archive", "drafts", "flagged", "junk", "sent", "trash" or ""
---@field size_limit? integer octets of a message that is appended; 50 MiB if not given
---@field literals? "plus"|"minus"|"wait" RFC 7888: LITERAL+, LITERAL- (4,096 octets at most), or none without waiting; "plus" if not given
---@field login_disabled? boolean AUTHENTICATE alone
---@field idle? span a session without a command is logged out after so long; "30m" if not given
---@field login_idle? span the same before login; "3m" if not given
---@field errors_limit? integer BAD commands in a row, or refused logins, then the connection is closed; 20 if not given, 0: no limit
---@field connections_limit? integer 1000 if not given
---@field nagle? boolean of its connections; as the mail_server's if not given
---@field delayed_ack? span of its connections; as the mail_server's if not given

---An IMAP4rev1 server (RFC 3501) beside the host's mail_server: its `users` read their mailboxes.
---@param config? ImapServerConfig
function Host:imap_server(config) end

---@class HttpServerConfig
---@field pages? table<string, string|page> { ["/"] = "<h1>Hello</h1>", ["/logo.gif"] = { type = "image/gif", octets = "47…" } }
---@field port? integer 80 if not given
---@field idle? span a connection without a request is closed after so long; "30s" if not given

---A small HTTP/1.1 server: GET and HEAD.
---@param config? HttpServerConfig
function Host:http_server(config) end

---@class HttpGetFields
---@field to Host|address
---@field paths string|string[] fetched one after another over one connection
---@field port? integer 80 if not given

---Fetches pages by HTTP/1.1. The end of each is the fact "http.fetched" or "http.failed".
---@param fields HttpGetFields
function Host:http_get(fields) end

---@class ConnectFields
---@field to Host|address
---@field port? integer 25 if not given
---@field name? string of the connection
---@field nagle? boolean small pieces wait until what was sent is acknowledged; true if not given

---Opens a TCP connection that the script speaks over, as at a terminal.
---
---    local c = pc:connect { to = server, port = 25 }
---    c:wait()                          -- 220
---    c:say("HELO crepes.fr")           -- waits for the answer
---    s:expect("250", c:read().name == "220")
---@param fields ConnectFields
---@return Connection
function Host:connect(fields) end

---Listens on a TCP port; the function is run as a script for each connection that comes in.
---@param port integer
---@param handler fun(connection: Connection)
function Host:tcp(port, handler) end

---@class Connection
---@field state string "CONNECTING", "OPEN", "HALF_CLOSED" (closed from here), "ENDED"
---@field how? string ended: "tcp.closed", "tcp.refused", "tcp.reset" …
---@field peer_closed boolean
---@field host string whose end it is
local Connection = {}

---Says a line, its end added, and waits for an answer: a minute, or as long as said. False: none came.
---@param line string
---@param timeout? span
---@return boolean
function Connection:say(line, timeout) end

---Octets as they are.
---@param text string
function Connection:send(text) end

---Waits until there is something to read, or the connection has ended.
---@param timeout? span
---@return boolean
function Connection:wait(timeout) end

---Waits until the connection stands, or has failed.
---@param timeout? span
---@return boolean
function Connection:wait_open(timeout) end

---The next message that came: a command, a reply of all its lines, or content, as { text, name, part, t }; nil: none.
---@return table?
function Connection:read() end

---Nothing more is said from here; what the other side says can still be read.
function Connection:close() end

---RST.
function Connection:abort() end

---@class LookupFields
---@field type? "A"|"NS"|"CNAME"|"SOA"|"PTR"|"MX"|"TXT"|"AAAA" "A" if not given

---Asks the name servers that the host was told of. The end is the fact "dns.resolved" (of another type than A: "dns.answered") or
---"dns.failed".
---@param name string "www.example.org"; of type PTR also an address
---@param fields? LookupFields
function Host:lookup(name, fields) end

---@class PingFields
---@field to Host|address
---@field count? integer
---@field ttl? integer

---The answer is the fact "echo.reply" or "echo.failed". A domain name ("www.example.org") is looked up first.
---@param target Host|address|PingFields
function Host:ping(target) end

---@class SendFields
---@field to Host|address
---@field port? integer 7 if not given
---@field from_port? integer
---@field text? string
---@field octets? string instead of text: hexadecimal
---@field count? integer
---@field every? span

---Sends UDP datagrams.
---@param fields SendFields
function Host:send(fields) end

-- ---- Programs of one's own ---------------------------------------------------------------------------------------

---Opens a UDP port on the host, for a server or client of one's own:
---
---    local echo = host:udp(5000)
---    echo:on_datagram(function(d) echo:send { to = d.from, port = d.from_port, text = d.text:upper() } end)
---@param port integer
---@return Socket
function Host:udp(port) end

---@class Socket
---@field port integer
---@field host string
local Socket = {}

---@class Datagram
---@field text string its octets
---@field host string who received it
---@field t number seconds
---@field from? address nil for 0.0.0.0
---@field from_port integer
---@field to? address
---@field to_port integer
---@field unicast boolean

---What is done with each datagram that comes in: a script of its own, which may wait.
---@param handler fun(datagram: Datagram)
function Socket:on_datagram(handler) end

---@class DatagramFields
---@field to Host|address "255.255.255.255" for everybody on the LAN
---@field port? integer
---@field text? string any octets
---@field octets? string instead of text: hexadecimal
---@field count? integer
---@field every? span

---Sends from the socket's port.
---@param fields DatagramFields
function Socket:send(fields) end

function Socket:close() end

-- ---- What has happened -------------------------------------------------------------------------------------------

---@class Trace
local Trace = {}

---@class MessageQuery
---@field proto? string "dhcp", "arp", "icmp", "udp", "tcp", "dns", "smtp", "pop3", "imap", "http"
---@field name? string "DISCOVER", "SYN", "MAIL", "250", "UID FETCH"
---@field from? Host|string sent by this host
---@field received_by? Host|string instead of messages sent: messages that reached this host
---@field since? span at or after
---@field before? span
---@field after? integer from the record with this number on
---@field unicast? boolean

---@class Message
---@field t number seconds
---@field t_ns integer
---@field seq integer the record's number
---@field host string who sent it; of a received one: who received it
---@field machine? string
---@field proto string
---@field name string
---@field received boolean
---@field unicast boolean
---@field src address
---@field dst address
---@field text? string of what is said over a stream: the octets
---@field part? string of what is said over a stream: "command", "reply" or "content"
---@field fields table<string, string|integer> by their RFC names: giaddr, xid, server_identifier …

---Messages sent (or received, with received_by), in order.
---@param query? MessageQuery
---@return Message[]
function Trace:messages(query) end

---@class FactQuery
---@field name? string "dhcp.bound"
---@field host? Host|string
---@field machine? string
---@field since? span
---@field before? span
---@field after? integer

---@class Fact
---@field t number
---@field t_ns integer
---@field seq integer
---@field host string
---@field machine? string
---@field name string
---@field fields table<string, any>

---@param query? FactQuery
---@return Fact[]
function Trace:facts(query) end

---@class StateQuery
---@field host? Host|string
---@field machine? string "dhcp.client"
---@field from? string
---@field to? string
---@field input? string
---@field since? span
---@field before? span
---@field after? integer

---@class Arrow
---@field t number
---@field t_ns integer
---@field seq integer
---@field host string
---@field machine string
---@field from string
---@field to string
---@field input string
---@field ref string where the RFC asks for it
---@field subject? string|integer of a machine of which the host runs many: the address

---Arrows of state machines that were taken.
---@param query? StateQuery
---@return Arrow[]
function Trace:states(query) end

---@class Cause
---@field t number
---@field t_ns integer
---@field seq integer
---@field host string
---@field machine? string
---@field kind string "message", "fact", "state", "timer", "frame", "command" …
---@field name? string of a message or a fact

---What led to a message, a fact or an arrow: its cause, the cause of that, and so on to the first, which is a command.
---@param record Message|Fact|Arrow
---@return Cause[]
function Trace:causes(record) end

---Whether no address has been in use by two hosts at one time; if one has, the second value says which.
---@return boolean, string?
function Trace:at_most_one_holder() end
