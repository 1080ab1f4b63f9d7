#!/usr/bin/env bash
# Pictures without a display: PNG and SVG, the same bytes each time, of the size asked for; and clear words about mistakes.
set -euo pipefail
netstage=$1
cd "${2:?source tree}"
unset DISPLAY WAYLAND_DISPLAY
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
fail() { echo "$*"; exit 1; }
scenario=scenarios/dhcp/four-messages.lua

"$netstage" shot "$scenario" --out "$out/a.svg" --panel ladder
"$netstage" shot "$scenario" --out "$out/b.svg" --panel ladder
cmp "$out/a.svg" "$out/b.svg" || fail "two drawings of one moment differ"
grep -q '<svg .*width="1280" height="800"' "$out/a.svg" || fail "the SVG has another size"
grep -q '>DISCOVER<' "$out/a.svg" || fail "the ladder shows no DISCOVER"
"$netstage" shot "$scenario" --lang zh --out "$out/zh.svg" --panel leases
grep -q '租用期' "$out/zh.svg" || fail "no Chinese in the Chinese picture"

status=0
"$netstage" shot "$scenario" --size 1024x640 --theme dark --out "$out/a.png" 2> "$out/said" || status=$?
if [ "$status" -ne 0 ]; then
  grep -q 'built without its window' "$out/said" || fail "no PNG: $(cat "$out/said")"
else
  # The IHDR chunk: width and height at octets 16 and 20.
  [ "$(od -An -tx1 -j16 -N8 "$out/a.png" | tr -d ' \n')" = 0000040000000280 ] || fail "the PNG has another size"
  "$netstage" shot "$scenario" --size 1024x640 --theme dark --out "$out/b.png"
  cmp "$out/a.png" "$out/b.png" || fail "two PNGs of one moment differ"
fi

refuses() { # refuses WORDS ARGUMENT...
  local words=$1 status=0
  shift
  "$netstage" "$@" > /dev/null 2> "$out/said" || status=$?
  [ "$status" -eq 2 ] || fail "exit status $status, not 2: $*"
  grep -q -- "$words" "$out/said" || fail "\"$*\" says: $(cat "$out/said")"
}
refuses '--out FILE expected' shot "$scenario"
refuses 'WIDTHxHEIGHT' shot "$scenario" --out "$out/x.svg" --size 10
refuses 'no such host' shot "$scenario" --out "$out/x.svg" --host nobody
refuses 'en or zh' shot "$scenario" --out "$out/x.svg" --lang fr
refuses 'nowhere.lua' shot nowhere.lua --out "$out/x.svg"

"$netstage" machines dhcp.client --svg > "$out/machine.svg"
for state in INIT SELECTING REQUESTING BOUND RENEWING REBINDING INIT-REBOOT REBOOTING; do
  grep -q ">$state<" "$out/machine.svg" || fail "the diagram lacks $state"
done
grep -q '>PROBING<' "$out/machine.svg" && fail "the diagram shows a state that the RFC's figure does not"
echo "pictures are made without a display"
