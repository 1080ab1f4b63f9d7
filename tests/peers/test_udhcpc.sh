#!/usr/bin/env bash
# udhcpc gets, renews and releases a lease from our server.
. "$(dirname "$0")/lib.sh"
need udhcpc
export PEER_LOG=$work/script.log
serve server.lua --tap lan1=tap0
until_device tap0
udhcpc -i tap0 -f -R -s "$source/tests/peers/udhcpc-script" -t 5 -T 1 -x hostname:visitor > "$work/udhcpc.log" 2>&1 &
client=$!
until_seen "$PEER_LOG" '^bound ip=10\.77\.1\.100 mask=24 router=10\.77\.1\.1 dns=10\.77\.1\.1 domain=example\.org lease=120$' 10
kill -USR1 $client
until_seen "$PEER_LOG" '^renew ip=10\.77\.1\.100 ' 10
kill -USR2 $client
until_seen "$work/run.jsonl" '"name":"RELEASE"' 10
kill $client
stop
seen '"name":"DISCOVER"' '"event":"received"' '"host_name":"visitor"'
seen '"name":"REQUEST"' '"event":"received"' '"src":"10.77.1.100"' '"dst":"10.77.1.1"'
seen '"name":"RELEASE"' '"event":"received"' '"src":"10.77.1.100"'
seen '"machine":"dhcp.binding"' '"from":"BOUND"' '"to":"FREE"' 'DHCPRELEASE'
clean_capture
