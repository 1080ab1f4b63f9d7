#!/bin/bash
# tshark on either cable of a loss-free transfer: nothing malformed, no bad checksum, nothing sent again, out of order or
# against a full window. (The two cables carry the same segments, so each is looked at by itself.)
set -eu
command -v tshark >/dev/null || { echo "skipped: tshark is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$NETSTAGE_BUILD/tests/stack_dump_tcp" "$work/both.pcapng" || { echo "the transfer failed"; exit 1; }
failures=0
for cable in 0 1; do
    tshark -r "$work/both.pcapng" -Y "frame.interface_id == $cable" -w "$work/one.pcapng" 2>/dev/null
    segments=$(tshark -r "$work/one.pcapng" -Y 'tcp.len > 0' 2>/dev/null | wc -l)
    [ "$segments" -ge 754 ] || { echo "cable $cable: only $segments segments with data"; failures=$((failures + 1)); }
    bad=$(tshark -r "$work/one.pcapng" -o tcp.check_checksum:TRUE -o ip.check_checksum:TRUE \
        -Y '_ws.malformed || tcp.checksum.status == 0 || ip.checksum.status == 0 || tcp.analysis.flags' 2>/dev/null)
    [ -z "$bad" ] || { echo "cable $cable: tshark complains: $bad"; failures=$((failures + 1)); }
done
# The same eyes on a connection that loses something must find it: both cables at once look like that.
tshark -r "$work/both.pcapng" -Y 'tcp.analysis.retransmission || tcp.analysis.out_of_order' 2>/dev/null | grep -q . ||
    { echo "tshark would find nothing anyway"; failures=$((failures + 1)); }
exit $((failures > 0))
