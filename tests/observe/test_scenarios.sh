#!/bin/bash
# Every scenario that is shipped: its capture and its trace agree with each other and with tshark. Whether its expectations hold is
# another test's question.
set -eu
netstage=$1
source_tree=$2
[ -x "$netstage" ] || { echo "skipped: netstage was not built"; exit 77; }
command -v tshark >/dev/null || { echo "skipped: tshark is not installed"; exit 77; }
command -v python3 >/dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 count=0
for scenario in "$source_tree"/scenarios/*/*.lua; do
    name=$(basename "$(dirname "$scenario")")/$(basename "$scenario" .lua)
    "$netstage" run "$scenario" --quiet --trace "$work/run.jsonl" --pcap "$work/run.pcapng" --capture all 2>"$work/said" >&2 || {
        status=$?
        [ $status -eq 1 ] || { echo "$name: status $status"; cat "$work/said"; failed=1; continue; }
    }
    summary=$(python3 "$source_tree/tests/observe/compare_trace.py" "$work/run.jsonl" "$work/run.pcapng") || failed=1
    echo "$name: $summary"
    count=$((count + 1))
done
[ $count -gt 0 ] || { echo "no scenario was found"; exit 1; }
exit $failed
