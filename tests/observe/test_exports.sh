#!/bin/bash
# The exports of a trace made by hand: JSON lines and capture agree with each other and with tshark.
set -eu
source_tree=$2
command -v tshark >/dev/null || { echo "skipped: tshark is not installed"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$NETSTAGE_BUILD/tests/observe_dump_fixture" "$work"
summary=$(python3 "$source_tree/tests/observe/compare_trace.py" "$work/fixture.jsonl" "$work/fixture.pcapng") || {
    echo "$summary"
    exit 1
}
echo "$summary"
[[ $summary == *" 13 DHCP messages compared"* ]] || { echo "not as many DHCP messages as the fixture has"; exit 1; }
# The head names no machine, and the interfaces have names and descriptions.
about=$(capinfos "$work/fixture.pcapng" 2>/dev/null || true)
for expected in "simulated network" "netstage test" "pc1-lan1" "pc1 eth0 to lan1 port2" "9 (nanoseconds)\|nanoseconds (9)"; do
    if [ -n "$about" ] && ! grep -q "$expected" <<<"$about"; then
        echo "capinfos does not say: $expected"
        echo "$about"
        exit 1
    fi
done
