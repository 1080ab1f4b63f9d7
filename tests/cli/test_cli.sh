#!/usr/bin/env bash
# The command line: exit statuses, help everywhere, messages that name the nearest, files written or left alone.
set -u
netstage=$1 root=$2
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root" || exit 1
nine=scenarios/dhcp/nine-steps.lua

# expect STATUS PATTERN COMMAND...: the exit status, and a pattern in what it says (both outputs together).
expect() {
  local status=$1 pattern=$2 got
  shift 2
  "$netstage" "$@" > "$work/out" 2>&1
  got=$?
  if [ "$got" -ne "$status" ] || { [ -n "$pattern" ] && ! grep -qE -- "$pattern" "$work/out"; }; then
    echo "netstage $*: exit status $got ($status expected), and /$pattern/ in:"
    head -5 "$work/out"
    failures=$((failures + 1))
  fi
}

expect 2 '^Commands:'
expect 0 '^Commands:' --help
expect 0 '^netstage [0-9]+\.[0-9]+\.[0-9]+$' --version
expect 2 'no command "rnu"; did you mean "run"\?' rnu
expect 2 'no command "xyzzy"$' xyzzy
for command in $("$netstage" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'); do
  expect 0 "^netstage $command " "$command" --help
  expect 0 '^Options:' "$command" --help
  expect 2 "^netstage $command: unknown option --frobnicate" "$command" --frobnicate
done
[ "$("$netstage" --help | grep -c '^  [a-z]')" -ge 4 ] || { echo "commands are missing from --help"; failures=$((failures + 1)); }

expect 0 '' run --quiet $nine
expect 0 'held .* both servers offered' run $nine
expect 2 'a scenario expected' run
expect 2 'is a second' run $nine $nine
expect 2 'unknown option --sed; did you mean --seed\?' run $nine --sed 5
expect 2 '--seed needs a value: --seed N' run $nine --seed
expect 2 '--seed x: a whole number expected' run $nine --seed x
expect 2 '--seed -1: a whole number expected' run $nine --seed -1
expect 2 '--quiet takes no value' run $nine --quiet=yes
expect 2 '--until soon: a time such as' run $nine --until soon
expect 2 '--lang de: en or zh expected' run $nine --lang de
expect 2 '--set lease: key=value expected' run $nine --set lease
expect 2 'no setting "leese"; did you mean "lease"\?' run $nine --set leese=1s
expect 2 'nowhere.lua: No such file' run nowhere.lua
expect 2 'unknown option -x' run -x
expect 2 'x: No such file' run -- -x
expect 0 '' run --quiet --seed=7 --set=lease=128s $nine

cat > "$work/fails.lua" << 'LUA'
local s = scenario { title = "It fails" }
print("to standard error", 1, nil)
s:script(function() s:wait("1s") s:expect("pigs fly", function() return false, "no wings" end) s:expect("one and one", 1 + 1 == 2) end)
LUA
expect 1 'FAILED +1\.000 s  pigs fly  \(no wings\)' run "$work/fails.lua"
expect 1 '1 of 2 expectations failed' run "$work/fails.lua"
expect 1 '^to standard error.1.nil$' run "$work/fails.lua"
echo 'local s = scenario { title = "x" } s:lan { name = "lan1" } s:script(function() s:wait("1s") s:wiat("1s") end)' > "$work/late.lua"
expect 2 'late.lua:1: a scenario has nothing called "wiat"; did you mean "wait"\?' run "$work/late.lua"

# Exports: whole files, or none; - is standard output, and then nothing else is on it.
"$netstage" run --quiet $nine --trace "$work/t.jsonl" --pcap "$work/p.pcapng" --ladder "$work/l.svg" --transcript "$work/t.txt" || failures=$((failures + 1))
for file in t.jsonl p.pcapng l.svg t.txt; do [ -s "$work/$file" ] || { echo "$file was not written"; failures=$((failures + 1)); }; done
"$netstage" run $nine --trace - 2> /dev/null | cmp -s - "$work/t.jsonl" || { echo "--trace - differs from the file"; failures=$((failures + 1)); }
python3 -c 'import json, sys; [json.loads(line) for line in open(sys.argv[1])]' "$work/t.jsonl" || failures=$((failures + 1))
python3 -c 'import sys, xml.dom.minidom as x; x.parse(sys.argv[1])' "$work/l.svg" || failures=$((failures + 1))
"$netstage" run --quiet $nine --lang zh --transcript - | grep -q '客户' || { echo "the transcript is not in Chinese"; failures=$((failures + 1)); }
expect 2 'no-such-folder/x: No such file' run --quiet $nine --trace "$work/no-such-folder/x"
# TCP's segments are below what is said, unless they are asked for.
talk=scenarios/mail/hamburger.lua
count_of() { "$netstage" run --quiet $talk --transcript - ${2:-} 2> /dev/null | grep -c "$1" || true; }
[ "$(count_of ' TCP SYN ') $(count_of ' TCP DATA ') $(count_of ' ARP ')" = "2 0 0" ] || { echo "the transcript is full of segments"; failures=$((failures + 1)); }
[ "$(count_of ' TCP DATA ' --segments)" -gt 5 ] && [ "$(count_of ' ARP ' --arp)" -gt 1 ] || { echo "--segments or --arp shows nothing"; failures=$((failures + 1)); }
# What happened until a mistake is written all the same.
"$netstage" run "$work/late.lua" --trace "$work/late.jsonl" 2> /dev/null
[ -s "$work/late.jsonl" ] || { echo "no trace of the run until the mistake"; failures=$((failures + 1)); }

expect 0 '' check scenarios/dhcp/*.lua
echo 'local s = scenario { title = "x", sede = 1 }' > "$work/bad.lua"
expect 2 'bad.lua:1: sede: unknown field "sede"; did you mean "seed"\?' check $nine "$work/bad.lua"
expect 2 'a file expected' check

expect 0 '^dhcp.client +12 states' machines
expect 0 'INIT .*-> SELECTING' machines dhcp.client
expect 0 '^digraph "dhcp.relay"' machines dhcp.relay --dot
expect 0 '<svg ' machines dhcp.client --svg
expect 2 'no machine "dhcp.clint"; did you mean "dhcp.client"\?' machines dhcp.clint
expect 2 'its name expected' machines --svg
exit $((failures > 0))
