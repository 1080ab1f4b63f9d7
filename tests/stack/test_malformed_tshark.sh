#!/bin/bash
# tshark finds something wrong in every frame that the stack calls malformed, and in none of the good ones between them.
set -eu
command -v tshark >/dev/null || { echo "skipped: tshark is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$NETSTAGE_BUILD/tests/stack_dump_malformed" "$work/capture.pcapng" >"$work/reasons"
tshark -r "$work/capture.pcapng" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -T fields \
    -e _ws.expert.message 2>"$work/errors" >"$work/found" || { cat "$work/errors"; exit 1; }
[ "$(wc -l <"$work/found")" -eq $((2 * $(wc -l <"$work/reasons"))) ] || { echo "not every frame is in the capture"; exit 1; }
failures=0
while read -r reason; do
    IFS= read -r good <&3
    IFS= read -r bad <&3
    [ -z "$good" ] || { echo "tshark finds a good frame wrong: $good"; failures=$((failures + 1)); }
    case $reason in
        # Well made, but for another network than this: tshark reads them.
        arp.hardware_type | arp.protocol_type | arp.hardware_length | arp.operation | ethernet.unknown_type) ;;
        *) [ -n "$bad" ] || { echo "tshark finds nothing wrong: $reason"; failures=$((failures + 1)); } ;;
    esac
done <"$work/reasons" 3<"$work/found"
exit $((failures > 0))
