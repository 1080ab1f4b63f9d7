#!/usr/bin/env bash
# A real kernel's TCP and ours, over TAP: 10 MB from it and 10 MB to it, with no loss and with 5 % each way; echo; a closed port.
. "$(dirname "$0")/lib.sh"
need python3
# peer LAN SECONDS WHAT SIZE
peer() {
  timeout "$2" python3 "$source/tests/peers/tcp_kernel.py" "10.77.$1.1" "${@:3}" >> "$work/peer.log" 2>&1 ||
    fail "the peer's $3 on lan$1 failed"
}
serve tcp.lua --tap lan3=tap3 --tap lan4=tap4
for lan in 3 4; do
  until_device tap$lan
  ip addr add 10.77.$lan.2/24 dev tap$lan
done
until_seen "$work/run.jsonl" '"fact":"host.powered"' 10
for lan in 3 4; do
  limit=$((lan == 3 ? 20 : 100))
  peer $lan $limit fetch 10000000
  peer $lan $limit send 10000000
  peer $lan $limit echo 300000
  peer $lan $limit refused 0
done
stop
crc=$(sed -n 's/^crc32 //p' "$work/peer.log" | tail -1)
for lan in 3 4; do seen "\"host\":\"pc$lan\"" '"fact":"tcp.discarded"' '"octets":10000000' "\"crc32\":$crc[,}]"; done
# Ours alone: a kernel may write a checksum that comes out as 0 as 0xffff, which tshark takes amiss.
clean_capture 'ip.src == 10.77.3.1 || ip.src == 10.77.4.1'
grep '"host":"pc3"' "$work/run.jsonl" | grep -q '"fact":"tcp.retransmission"' && fail "something was sent again though nothing was lost"
seen '"host":"pc4"' '"fact":"tcp.retransmission"' '"reason":"tcp.fast_retransmit"'
cat "$work/peer.log"
