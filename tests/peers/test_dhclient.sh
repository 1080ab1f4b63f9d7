#!/usr/bin/env bash
# dhclient gets, renews and releases a lease from our server. It renews of itself, at some moment before T1.
. "$(dirname "$0")/lib.sh"
need dhclient
export PEER_LOG=$work/script.log
printf 'initial-interval 1;\nrequest subnet-mask, routers, domain-name-servers;\n' > "$work/dhclient.conf"
serve short-server.lua --tap lan1=tap0
until_device tap0
dhclient -4 -d -cf "$work/dhclient.conf" -lf "$work/leases" -pf "$work/pid" -sf "$source/tests/peers/dhclient-script" -e PEER_LOG="$PEER_LOG" tap0 > "$work/dhclient.log" 2>&1 &
until_seen "$PEER_LOG" '^BOUND ip=10\.77\.1\.100 router=10\.77\.1\.1 dns=10\.77\.1\.1 lease=8$' 15
until_seen "$PEER_LOG" '^RENEW ip=10\.77\.1\.100 ' 15
dhclient -4 -r -cf "$work/dhclient.conf" -lf "$work/leases" -pf "$work/pid" -sf "$source/tests/peers/dhclient-script" -e PEER_LOG="$PEER_LOG" tap0 > "$work/release.log" 2>&1
until_seen "$work/run.jsonl" '"name":"RELEASE"' 10
stop
seen '"name":"REQUEST"' '"event":"received"' '"src":"10.77.1.100"' '"dst":"10.77.1.1"'
seen '"name":"RELEASE"' '"event":"received"'
seen '"machine":"dhcp.binding"' '"from":"BOUND"' '"to":"FREE"' 'DHCPRELEASE'
clean_capture
