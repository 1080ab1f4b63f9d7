#!/bin/bash
# Every DHCP frame of the captures of real servers, clients and relays, and of messages made by hand, reads the same for our
# codecs and for tshark.
set -eu
source_tree=$2
dump=$NETSTAGE_BUILD/tests/wire_dump_capture
command -v tshark >/dev/null || { echo "skipped: tshark is not installed"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
odd=$(mktemp)
trap 'rm -f "$odd"' EXIT
python3 "$source_tree/tests/wire/make_odd_capture.py" "$odd"
python3 "$source_tree/tests/wire/compare_capture.py" "$dump" "$source_tree"/tests/captures/*.pcap "$odd"
