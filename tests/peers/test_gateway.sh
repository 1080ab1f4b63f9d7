#!/usr/bin/env bash
# Real mail clients speak to our server through the gateway: swaks, curl, Python's smtplib, and clients that behave badly.
. "$(dirname "$0")/lib.sh"
need swaks curl python3
capture=once
serve gateway.lua --listen hamburger.edu:25=127.0.0.1:2525 --listen hamburger.edu:587=127.0.0.1:2587 --commands "$work/commands"
until_seen "$work/netstage.log" '127.0.0.1:2587 listens' 10

swaks() { command swaks --server 127.0.0.1 --port 2525 --helo tester.example "$@" > "$work/swaks.log" 2>&1; }
said() { grep -qE "$1" "$work/swaks.log" || fail "swaks did not see: $1"; }

swaks --protocol SMTP --from a@there.example --to bob@hamburger.edu || fail "swaks, HELO"
said '<-  250 Hello tester.example, pleased to meet you'
said '<-  221 hamburger.edu closing connection'
swaks --from a@there.example --to bob@hamburger.edu,carol@hamburger.edu || fail "swaks, EHLO and two recipients"
said '<-  250-PIPELINING'
said '<-  250 2.1.5 carol@hamburger.edu'
swaks --pipeline --from a@there.example --to bob@hamburger.edu,carol@hamburger.edu || fail "swaks, pipelining"
status=0
swaks --from a@there.example --to nobody@hamburger.edu || status=$?
[ $status -eq 24 ] || fail "swaks, refused recipient: status $status"
said '<\*\* 550 5.1.1 nobody@hamburger.edu... User unknown'
swaks --from a@there.example --to nobody@hamburger.edu,bob@hamburger.edu || fail "swaks, one of two refused"
status=0
swaks --from a@there.example --to x@elsewhere.example || status=$?
[ $status -eq 24 ] || fail "swaks, relaying: status $status"
said '<\*\* 550 5.7.1'
head -c 3000 /dev/urandom > "$work/picture"
swaks --from a@there.example --to bob@hamburger.edu --attach-type image/gif --attach "@$work/picture" || fail "swaks, attachment"
for mechanism in PLAIN LOGIN; do
  command swaks --server 127.0.0.1 --port 2587 --helo tester.example --auth $mechanism --auth-user alice --auth-password ketchup \
    --from alice@hamburger.edu --to bob@hamburger.edu > "$work/swaks.log" 2>&1 || fail "swaks, AUTH $mechanism"
  said '<-  235 2.7.0'
done
status=0
command swaks --server 127.0.0.1 --port 2587 --helo tester.example --auth PLAIN --auth-user alice --auth-password mustard \
  --from alice@hamburger.edu --to bob@hamburger.edu > "$work/swaks.log" 2>&1 || status=$?
[ $status -eq 28 ] || fail "swaks, wrong password: status $status"

printf 'From: a@there.example\r\nTo: bob@hamburger.edu\r\nSubject: by curl\r\n\r\n.a line with a dot\r\n.\r\nend\r\n' > "$work/letter"
curl -sS --url smtp://127.0.0.1:2525/tester.example --mail-from a@there.example --mail-rcpt bob@hamburger.edu --upload-file "$work/letter" \
  > "$work/curl.log" 2>&1 || fail "curl, a message"
curl -sS --url smtp://127.0.0.1:2525 --mail-rcpt bob --request VRFY > "$work/curl.log" 2>&1 || fail "curl, VRFY"
curl -sS --url smtp://127.0.0.1:2525 --request HELP > "$work/curl.log" 2>&1 || fail "curl, HELP"
curl -sS --url smtp://127.0.0.1:2587 --user alice:ketchup --mail-from alice@hamburger.edu --mail-rcpt carol@hamburger.edu \
  --upload-file "$work/letter" > "$work/curl.log" 2>&1 || fail "curl, AUTH"
status=0
curl -sS --url smtp://127.0.0.1:2525 --mail-from a@there.example --mail-rcpt full@hamburger.edu --upload-file "$work/letter" > "$work/curl.log" 2>&1 || status=$?
[ $status -eq 55 ] && grep -q 552 "$work/curl.log" || fail "curl, full mailbox: status $status"

python3 "$source/tests/peers/gateway_clients.py" "$work" "$server" > "$work/clients.log" 2>&1 || fail "Python's clients"
stop
seen '"fact":"mail.delivered"' '"mailbox":"bob"' '"from":"a@there.example"'
seen '"fact":"smtp.authenticated"' '"user":"alice"'
python3 "$source/tests/peers/gateway_trace.py" "$work" > "$work/trace.log" 2>&1 || fail "what the trace says of what the clients sent"
clean_capture
# The same run again, from what came from outside: the same trace to the byte.
last=$(tail -1 "$work/run.jsonl" | sed -E 's/.*"t":([0-9.]+).*/\1/')
"$program" run "$source/tests/peers/gateway.lua" --quiet --commands "$work/commands" --until "${last}s" --trace "$work/again.jsonl" || fail "the run could not be replayed"
cmp -n "$(stat -c %s "$work/run.jsonl")" "$work/run.jsonl" "$work/again.jsonl" || fail "the replayed run differs"
