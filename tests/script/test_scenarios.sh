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
vary() {
  local file=scenarios/mail/$1.lua setting
  shift
  for setting in "$@"; do run "$file" --set "$setting"; done
}
vary by-hand from=eve@example.org
vary multiple-recipients busy=1m busy=2h
vary vrfy-expn-two-policies policy=answer policy=disabled
vary two-mails-one-connection letters=1 letters=7
vary pipelining delay=10ms delay=1s
vary mx-fallback down=5m down=8h
vary greylisting grey=10s grey=1h
vary queue-and-retry retry=10m down=20000
vary bounce give_up=6h give_up=1d
vary mailbox-full quota=1100 quota=1300
vary size-refused limit=5000 limit=50000
vary loop hops=3 hops=100
vary lossy-link loss=5% loss=20%
vary authenticated "password=open sesame"
vary base64-by-hand text=Hello "text=番茄酱和腌黄瓜都要吗？谢谢，一点点就好，请问多少钱？"
for seed in 1 2 3 4 5; do
  for file in scenarios/dhcp/*.lua scenarios/mail/*.lua; do run "$file" --seed "$seed"; done
done
exit $((failures > 0))
