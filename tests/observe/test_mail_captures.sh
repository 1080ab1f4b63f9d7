#!/usr/bin/env bash
# The captures of all mail scenarios in the eyes of tshark: its SMTP dissector reads the commands and replies that the trace tells of, and
# no packet is malformed; where no packet is lost on purpose, TCP has nothing to mend.
set -u
netstage=$1 root=$2
command -v tshark > /dev/null || { echo "skipped: tshark is not installed"; exit 77; }
command -v python3 > /dev/null || { echo "skipped: python3 is not installed"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0 letters=0
for file in "$root"/scenarios/mail/*.lua; do
  name=$(basename "$file" .lua) kind=lossless
  case $name in lossy-link | crash-of-a-server | pop3-broken-connection | imap-partial-fetch) kind=lossy ;; starttls) kind=sealed ;; esac
  "$netstage" run --quiet "$file" --trace "$work/trace" --pcap "$work/pcap" 2> /dev/null
  summary=$(python3 "$root/tests/observe/compare_mail.py" "$work/trace" "$work/pcap" "$kind") || failures=$((failures + 1))
  echo "$name: $summary"
  letters=$((letters + $(sed -nE '1s/.*, ([0-9]+) letters.*/\1/p' <<< "$summary")))
done
[ "$letters" -ge 50 ] || { echo "only $letters letters in all the scenarios: are they read at all?"; failures=$((failures + 1)); }
exit $((failures > 0))
