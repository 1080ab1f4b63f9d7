#!/usr/bin/env bash
# Every shipped scenario: no mistake in it, every expectation holds, in each of its variants and with other seeds; and it speaks
# both languages.
set -u
netstage=$1 root=$2
failures=0
complain() { echo "$*"; failures=$((failures + 1)); }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

run() {
  "$netstage" run --quiet "$@" > "$work/out" 2>&1 || { complain "netstage run $*: exit status $?"; cat "$work/out"; }
}

cd "$root" || exit 1
for file in scenarios/*/*.lua; do
  "$netstage" check "$file" || complain "$file: check finds a mistake"
  run "$file" --transcript "$work/transcript"
  run "$file" --trace "$work/trace"
  grep -q '"kind":"expect"' "$work/trace" || complain "$file: it expects nothing"
  # Narration that lacks a language.
  grep '"kind":"say"' "$work/trace" | grep -v '"zh":"[^"]' | head -3 | while read -r line; do echo "$file: no Chinese in $line"; done > "$work/lacking"
  grep '"kind":"say"' "$work/trace" | grep -v '"en":"[^"]' | head -3 | while read -r line; do echo "$file: no English in $line"; done >> "$work/lacking"
  [ -s "$work/lacking" ] && { cat "$work/lacking"; failures=$((failures + 1)); }
  grep -q 'zh = ' "$file" || complain "$file: no Chinese title"
done

for back in before-t2 after-t2 never; do run scenarios/dhcp/server-crash.lua --set "back=$back"; done
for policy in first longest; do run scenarios/dhcp/two-servers.lua --set "policy=$policy"; done
for lease in 32s 128s 1h; do
  run scenarios/dhcp/nine-steps.lua --set "lease=$lease"
  run scenarios/dhcp/renew.lua --set "lease=$lease"
done
run scenarios/dhcp/starvation.lua --set addresses=3
run scenarios/dhcp/lossy-link.lua --set loss=10%
for seed in 1 2 3 4 5; do
  for file in scenarios/dhcp/*.lua; do run "$file" --seed "$seed"; done
done
exit $((failures > 0))
