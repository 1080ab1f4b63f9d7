#!/usr/bin/env bash
# Our relay stands between udhcpc and dnsmasq, each in a namespace of its own.
. "$(dirname "$0")/lib.sh"
need udhcpc dnsmasq nsenter
export PEER_LOG=$work/script.log
serve relay.lua --tap lan1=tap0 --tap lan2=tap1
until_device tap0
until_device tap1
unshare --net bash -c 'while :; do read -rt 60 <> <(:) || true; done' &
far=$!
until_seen /proc/$far/cmdline bash 5
for ((i = 0; i < 100; i++)); do [ "$(readlink /proc/$far/ns/net)" != "$(readlink /proc/self/ns/net)" ] && break; read -rt 0.05 <> <(:) || true; done
ip link set tap1 netns $far
in_far() { nsenter --net=/proc/$far/ns/net "$@"; }
in_far ip link set lo up
in_far ip link set tap1 up
in_far ip address add 10.77.4.1/24 dev tap1
in_far ip route add 10.77.3.0/24 via 10.77.4.254
in_far dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=tap1 --bind-interfaces --no-ping \
  --dhcp-range=10.77.3.50,10.77.3.59,255.255.255.0,120s --dhcp-option=3,10.77.3.254 --dhcp-leasefile="$work/leases" --log-dhcp \
  --user=root --pid-file= > "$work/dnsmasq.log" 2>&1 &
until_seen "$work/dnsmasq.log" 'DHCP, IP range' 10
udhcpc -i tap0 -f -R -s "$source/tests/peers/udhcpc-script" -t 5 -T 1 > "$work/udhcpc.log" 2>&1 &
client=$!
until_seen "$PEER_LOG" '^bound ip=10\.77\.3\.5[0-9] mask=24 router=10\.77\.3\.254 ' 15
ip route add 10.77.4.0/24 via 10.77.3.254
kill -USR1 $client
until_seen "$PEER_LOG" '^renew ip=10\.77\.3\.5[0-9] ' 10
kill -USR2 $client
until_seen "$work/dnsmasq.log" 'DHCPRELEASE\(tap1\) 10\.77\.3\.5[0-9]' 10
kill $client
stop
seen '"fact":"dhcp.relayed"' '"giaddr":"10.77.3.254"' '"hops":1' '"to":"10.77.4.1"'
seen '"name":"DISCOVER"' '"event":"sent"' '"host":"relay"' 'relay_agent_information'
seen '"name":"OFFER"' '"event":"received"' '"host":"relay"' 'relay_agent_information'
grep '"name":"OFFER"' "$work/run.jsonl" | grep '"event":"sent"' | grep -q relay_agent_information && fail "the client was shown option 82"
clean_capture
