#!/bin/bash
# The exports of two worlds, one where all goes well and one full of faults, agree with each other and with tshark.
set -eu
source_tree=$2
command -v tshark >/dev/null || { echo "skipped: tshark is not installed"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$NETSTAGE_BUILD/tests/observe_dump_world" "$work"
for world in relay faults; do
    python3 "$source_tree/tests/observe/compare_trace.py" "$work/$world.jsonl" "$work/$world.pcapng"
done
# What each of them must have shown, so that the comparison was not of nothing.
for expected in '"proto":"arp"' '"name":"echo reply"' '"name":"destination unreachable"' '"name":"DECLINE"' '"name":"RELEASE"' \
    '"agent.circuit_id"' '"data":"nobody listens"'; do
    grep -q "$expected" "$work/relay.jsonl" || { echo "the relayed world shows no $expected"; exit 1; }
done
# Whom a message is for: a client by its MAC even where another host uses its address, and whoever is behind a router.
for expected in 'r     → pc1    DHCP OFFER .*10.0.2.100 ' 'pc1   → dhcp1  ICMP echo request ' 'pc2   → r      ICMP echo request '; do
    grep -q "$expected" "$work/relay.txt" || { echo "the transcript of the relayed world has no line: $expected"; exit 1; }
done
for expected in lost duplicate corrupted; do
    grep -q "\"verdict\":\"$expected\"" "$work/faults.jsonl" || { echo "the faulty world has no frame that is $expected"; exit 1; }
done
