#!/usr/bin/env bash
# netstage console, the gateway's and the replay's command lines: what they do, and what they say to those who err.
set -u
netstage=$1 root=$2
failures=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$root" || exit 1
export SDL_VIDEODRIVER=dummy
cat > "$work/mail.lua" << 'LUA'
local s = scenario { title = "A mail server", seed = 3 }
local lan = s:lan { name = "lan", prefix = "10.0.0.0/24", latency = "1ms" }
local mail = s:host { name = "mail", on = lan, address = "10.0.0.25" }
mail:mail_server { name = "hamburger.edu", mailboxes = { "bob" } }
s:script(function() mail:boot { quiet = true } s:wait("1s") end)
LUA
complain() { echo "$*"; failures=$((failures + 1)); }
# expect STATUS PATTERN INPUT COMMAND...
expect() {
  local status=$1 pattern=$2 input=$3 got
  shift 3
  printf "$input" | timeout 60 "$netstage" "$@" > "$work/out" 2>&1
  got=$?
  if [ "$got" -ne "$status" ] || ! grep -qE -- "$pattern" "$work/out"; then
    complain "netstage $*: exit status $got ($status expected), and /$pattern/ in:"
    head -5 "$work/out"
  fi
}

printf 'HELO crepes.fr\nREST\nMAIL FROM:<alice@crepes.fr>\nRCPT TO:<bob@hamburger.edu>\nDATA\nSubject: hi\n\nDo you like ketchup?\n.\nQUIT\n' > "$work/dialogue"
"$netstage" console "$work/mail.lua" hamburger.edu:25 --trace "$work/t.jsonl" --pcap "$work/p.pcapng" < "$work/dialogue" > "$work/said" 2> "$work/err" || complain "console: status $?"
[ ! -s "$work/err" ] || complain "console: $(cat "$work/err")"
diff - "$work/said" << 'SAID' || complain "the dialogue differs"
220 hamburger.edu
250 Hello crepes.fr, pleased to meet you
500 Syntax error, command unrecognized
250 alice@crepes.fr... Sender ok
250 bob@hamburger.edu ... Recipient ok
354 Enter mail, end with "." on a line by itself
250 Message accepted for delivery
221 hamburger.edu closing connection
SAID
grep -q '"fact":"mail.delivered"' "$work/t.jsonl" || complain "nothing was delivered"
[ -s "$work/p.pcapng" ] || complain "no capture"
"$netstage" console "$work/mail.lua" 10.0.0.25:25 < "$work/dialogue" 2>&1 | cmp -s - "$work/said" || complain "by address it differs"

# Without QUIT, with nothing at all, with octets that are no text, with a line that is too long: an answer and an end.
expect 0 '^220 hamburger.edu' '' console "$work/mail.lua" mail:25
expect 0 '^250 Hello x' 'HELO x' console "$work/mail.lua" mail:25
expect 0 '^500 ' '\001\377\n' console "$work/mail.lua" mail:25
head -c 3000 /dev/zero | tr '\0' x | timeout 60 "$netstage" console "$work/mail.lua" mail:25 2>&1 | grep -q '^500 Line too long' || complain "a long line"
expect 2 'there is no host "hambuger.edu" in this scenario; did you mean "hamburger.edu"\?' '' console "$work/mail.lua" hambuger.edu:25
expect 2 'mail: HOST:PORT expected' '' console "$work/mail.lua" mail
expect 2 'mail:99999: HOST:PORT expected' '' console "$work/mail.lua" mail:99999
expect 2 'no connection to mail:26: tcp.refused' '' console "$work/mail.lua" mail:26
expect 2 'HOST:PORT expected, for example' '' console "$work/mail.lua"
expect 2 'one HOST:PORT expected, "b:2" is a second' '' console "$work/mail.lua" a:1 b:2
expect 2 'nowhere.lua: No such file' '' console nowhere.lua mail:25

# The gateway.
expect 2 '--listen mail:25: HOST:PORT=127.0.0.1:PORT expected' '' serve "$work/mail.lua" --listen mail:25
expect 2 'there is no host "male"' '' serve "$work/mail.lua" --listen male:25=127.0.0.1:0
expect 2 '192.0.2.1:25: only the loopback network' '' serve "$work/mail.lua" --listen mail:25=192.0.2.1:25
expect 2 'localhost:25: an address and port of this machine expected' '' serve "$work/mail.lua" --listen mail:25=localhost:25
expect 2 '--console goes with --window' '' serve "$work/mail.lua" --console mail:25
expect 0 '127.0.0.1:[0-9]+ listens for mail:25' '' serve "$work/mail.lua" --listen mail:25=127.0.0.1:0 --for 0.2s --commands "$work/commands" --trace "$work/live.jsonl"
if "$netstage" serve --help | grep -q -- --window && "$netstage" serve "$work/mail.lua" --window --for 0.1s > "$work/out" 2>&1; then
  expect 0 'closing the window ends it' '' serve "$work/mail.lua" --listen mail:25=127.0.0.1:0 --window --console mail:25 --for 1s
  expect 2 'there is no host "male"' '' serve "$work/mail.lua" --window --console male:25 --for 1s
else
  grep -qE 'built without its window|no window' "$work/out" || { complain "serve --window:"; head -3 "$work/out"; }
fi

# What came from outside, given again.
[ "$(head -1 "$work/commands")" = '{"netstage":"commands","seed":3}' ] || complain "the head of the commands: $(head -1 "$work/commands")"
"$netstage" run "$work/mail.lua" --quiet --commands "$work/commands" --until 0.15s --trace "$work/again.jsonl" || complain "replaying: status $?"
head -n 10 "$work/live.jsonl" | cmp -s - <(head -n 10 "$work/again.jsonl") || complain "the replayed run differs"
expect 2 'line 1: the commands were given to a run with another seed: --seed 3 expected' '' run "$work/mail.lua" --seed 4 --commands "$work/commands"
echo '{"a":1}' > "$work/other"
expect 2 'other: line 1: this is no file of commands' '' run "$work/mail.lua" --commands "$work/other"
head -c -5 "$work/commands" > "$work/cut"
expect 2 'cut: line [0-9]+: the line has no end: the file was cut off' '' run "$work/mail.lua" --commands "$work/cut"
{ head -1 "$work/commands"; echo '{"t":5,"place":0,"command":{"do":"crash","host":"male"}}'; } > "$work/wrong"
expect 2 'wrong: line 2: .*there is no host "male"' '' run "$work/mail.lua" --commands "$work/wrong"
: > "$work/empty"
expect 2 'empty: line 1: the file is empty' '' run "$work/mail.lua" --commands "$work/empty"
exit $((failures > 0))
