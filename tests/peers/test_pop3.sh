#!/usr/bin/env bash
# Real mail clients fetch mail from our server through the gateway: Python's poplib, curl, and clients that behave badly.
. "$(dirname "$0")/lib.sh"
need curl python3
capture=once
serve pop3.lua --listen hamburger.edu:25=127.0.0.1:2525 --listen hamburger.edu:110=127.0.0.1:2110 --commands "$work/commands"
until_seen "$work/netstage.log" '127.0.0.1:2110 listens' 10

printf 'From: a@there.example\r\nTo: bob@hamburger.edu\r\nSubject: by curl\r\n\r\n.a line with a dot\r\n.\r\nend\r\n' > "$work/letter"
for to in bob bob carol; do
  curl -sS --url smtp://127.0.0.1:2525/tester.example --mail-from a@there.example --mail-rcpt "$to@hamburger.edu" --upload-file "$work/letter" \
    > "$work/curl.log" 2>&1 || fail "curl, sending"
done
# pop3 ARGUMENT...: what curl printed is in $work/out, the dialogue in $work/curl.log. It does not wait for the answer to its QUIT: the
# maildrop may still be locked.
url=pop3://127.0.0.1:2110
pop3() {
  local status
  for _ in {1..20}; do
    status=0
    curl -sSv --user bob:pickle "$@" > "$work/out" 2> "$work/curl.log" || status=$?
    grep -q 'IN-USE' "$work/curl.log" || break
    read -rt 0.1 <> <(:) || true
  done
  [ $status -eq 0 ] || fail "curl $*"
  tr -d '\r' < "$work/out" > "$work/text"
}
asked() { tr -d '\r' < "$work/curl.log" | grep -qE "^> $1" || fail "curl did not say: $1"; }
pop3 $url/
asked 'LIST$'
[ "$(cut -d' ' -f1 "$work/text" | tr '\n' ' ')" = '1 2 ' ] || fail "curl, list"
size=$(sed -n 's/^1 //p' "$work/text")
pop3 $url/1
asked 'RETR 1$'
[ "$(stat -c %s "$work/out")" = "$size" ] || fail "curl, retr: $(stat -c %s "$work/out") octets for $size"
tail -c "$(stat -c %s "$work/letter")" "$work/out" | cmp - "$work/letter" || fail "curl, retr: another letter"
pop3 --list-only $url/2
asked 'LIST 2$'
pop3 --request UIDL $url/
grep -qE '^2 [0-9]+\.2$' "$work/text" || fail "curl, uidl"
pop3 --request 'TOP 1 1' $url/
[ "$(tail -1 "$work/text")" = '.a line with a dot' ] || fail "curl, top"
pop3 --request STAT --head $url/
grep -qE "^< .OK 2 $((2 * size))" "$work/curl.log" || fail "curl, stat"
pop3 --request NOOP --head $url/
pop3 --request CAPA $url/
grep -q PIPELINING "$work/text" || fail "curl, capa"
# Each way of logging in.
pop3 --login-options AUTH=PLAIN $url/1
asked 'AUTH PLAIN'
pop3 --login-options AUTH=PLAIN --sasl-ir $url/1
asked 'AUTH PLAIN AGJvYgBwaWNrbGU='
pop3 --login-options AUTH=+APOP $url/1
asked 'APOP bob [0-9a-f]{32}$'
status=0
curl -sS --user bob:gherkin $url/ > "$work/curl.log" 2>&1 || status=$?
[ $status -eq 67 ] || fail "curl, wrong password: status $status"
status=0
curl -sS --user bob:pickle $url/3 > "$work/curl.log" 2>&1 || status=$?
[ $status -ne 0 ] || fail "curl, a message that is not there"
pop3 --request DELE --head $url/1
asked 'DELE 1$'
pop3 $url/
[ "$(cut -d' ' -f1 "$work/text" | tr '\n' ' ')" = '1 ' ] || fail "curl, dele"
pop3 --request UIDL $url/
grep -qE '^1 [0-9]+\.2$' "$work/text" || fail "curl, what is left keeps its unique-id"
pop3 --request 'DELE 1' --head $url/
curl -sS --user 'carol:lettuce and onion' --request 'DELE 1' --head $url/ > "$work/curl.log" 2>&1 || fail "curl, carol"

python3 "$source/tests/peers/pop3_clients.py" "$work" "$server" > "$work/clients.log" 2>&1 || fail "Python's clients"
stop
seen '"fact":"pop3.logged_in"' '"user":"bob"' '"method":"pop3.apop"'
seen '"fact":"pop3.logged_in"' '"method":"pop3.auth_plain"'
seen '"fact":"pop3.updated"' '"user":"bob"' '"removed":1' '"left":3'
seen '"fact":"pop3.lost"' '"user":"bob"' '"marked":2'
seen '"fact":"pop3.login_refused"' '"reason":"pop3.in_use"'
clean_capture
# The same run again, from what came from outside: the same trace to the byte.
last=$(tail -1 "$work/run.jsonl" | sed -E 's/.*"t":([0-9.]+).*/\1/')
"$program" run "$source/tests/peers/pop3.lua" --quiet --commands "$work/commands" --until "${last}s" --trace "$work/again.jsonl" || fail "the run could not be replayed"
cmp -n "$(stat -c %s "$work/run.jsonl")" "$work/run.jsonl" "$work/again.jsonl" || fail "the replayed run differs"
