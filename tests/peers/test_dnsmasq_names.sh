#!/usr/bin/env bash
# Our stub asks dnsmasq: each type, what does not exist, and an answer so long that it comes by TCP.
. "$(dirname "$0")/lib.sh"
need dnsmasq
many=()
for ((i = 1; i <= 60; i++)); do many+=("--host-record=many.hamburger.edu,192.0.3.$i"); done
serve stub.lua --tap lan1=tap0 --for 30s
until_device tap0
ip address add 10.77.6.1/24 dev tap0
dnsmasq --no-daemon --conf-file=/dev/null --interface=tap0 --bind-interfaces --no-resolv --no-hosts --local=/hamburger.edu/ \
  --host-record=mail.hamburger.edu,192.0.2.25 --mx-host=hamburger.edu,mail.hamburger.edu,10 --txt-record=hamburger.edu,"v=spf1 mx -all" \
  --cname=www.hamburger.edu,mail.hamburger.edu "${many[@]}" --log-queries --user=root --pid-file= > "$work/dnsmasq.log" 2>&1 &
until_seen "$work/run.jsonl" '"kind":"say"' 25
stop
if grep '"kind":"expect".*"held":false' "$work/run.jsonl"; then fail "an expectation failed"; fi
[ "$(grep -c '"kind":"expect"' "$work/run.jsonl")" = 9 ] || fail "not all was asked"
seen '"machine":"dns.resolver"' '"to":"BY_TCP"'
seen '"machine":"dns.tcp"' '"from":"WAITING"' '"to":"CLOSING"'
clean_capture
