#!/usr/bin/env bash
# Our client gets, renews and releases a lease from dnsmasq.
. "$(dirname "$0")/lib.sh"
need dnsmasq
serve client.lua --tap lan1=tap0 --for 40s
until_device tap0
ip address add 10.77.2.1/24 dev tap0
dnsmasq --no-daemon --conf-file=/dev/null --port=0 --interface=tap0 --bind-interfaces --dhcp-authoritative --no-ping \
  --dhcp-range=10.77.2.50,10.77.2.60,255.255.255.0,120s --dhcp-option=3,10.77.2.1 --dhcp-leasefile="$work/leases" --log-dhcp \
  --user=root --pid-file= > "$work/dnsmasq.log" 2>&1 &
until_seen "$work/dnsmasq.log" 'DHCPACK\(tap0\) 10\.77\.2\.[0-9]+' 20
until_seen "$work/dnsmasq.log" 'DHCPRELEASE\(tap0\) 10\.77\.2\.[0-9]+' 20
stop
[ "$(grep -c 'DHCPACK(tap0)' "$work/dnsmasq.log")" -ge 2 ] || fail "dnsmasq saw no renewal"
seen '"kind":"fact"' '"dhcp.bound"' '"server":"10.77.2.1"'
seen '"fact":"echo.reply"'
seen '"kind":"state"' '"from":"RENEWING"' '"to":"BOUND"'
if grep -q '"kind":"expect".*"held":false' "$work/run.jsonl"; then fail "an expectation failed"; fi
clean_capture
