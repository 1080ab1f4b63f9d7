#!/usr/bin/env bash
# Our mail server delivers to a real one, Exim, beyond a TAP interface, and gets its replies right.
. "$(dirname "$0")/lib.sh"
need exim4 python3
capture=once
serve exim.lua --tap lan1=tap0
until_device tap0
ip address add 10.77.8.1/24 dev tap0
mkdir "$work/spool" "$work/mail"
chmod 1777 "$work" "$work/spool" "$work/mail"
cat > "$work/exim.conf" << CONF
primary_hostname = mx.real.example
domainlist local = real.example
spool_directory = $work/spool
log_file_path = $work/exim-%s.log
local_interfaces = 10.77.8.1
acl_smtp_rcpt = check_rcpt
acl_smtp_data = check_data
pid_file_path =
keep_environment =
tls_advertise_hosts =
host_lookup =
begin acl
check_rcpt:
  deny message = no such user here
    local_parts = nobody
  defer message = come back later
    local_parts = later
    !condition = \${if exists{$work/seen}}
    continue = \${run{/bin/touch $work/seen}}
  accept domains = +local
  deny
check_data:
  accept
begin routers
bob:
  driver = accept
  local_parts = bob
  transport = bob
later:
  driver = accept
  local_parts = later
  transport = later
begin transports
bob:
  driver = appendfile
  file = $work/mail/bob
  user = Debian-exim
  return_path_add
later:
  driver = appendfile
  file = $work/mail/later
  user = Debian-exim
  return_path_add
begin retry
* * F,1h,5m
CONF
chmod 644 "$work/exim.conf"
exim4 -C "$work/exim.conf" -bdf -oX 25 > "$work/exim.log" 2>&1 &
exim=$!
until_seen "$work/run.jsonl" '"fact":"mail.dequeued".*"entry":1' 40
for ((i = 0; i < 200; i++)); do [ -s "$work/mail/later" ] && [ "$(grep -c '^From ' "$work/mail/bob" 2> /dev/null)" = 2 ] && break; read -rt 0.1 <> <(:) || true; done
kill $exim
stop
seen '"fact":"mail.sent"' '"recipient":"bob@real.example"' '"code":250'
seen '"fact":"mail.refused"' '"recipient":"nobody@real.example"' '"code":550' 'no such user here'
seen '"fact":"mail.deferred"' 'come back later'
seen '"fact":"mail.sent"' '"recipient":"later@real.example"' '"code":250'
seen '"fact":"mail.reported"' '"kind":"mail.failed"' '"recipient":"nobody@real.example"'
seen '"fact":"mail.delivered"' '"mailbox":"alice"' '"from":""'
python3 - "$work" << 'PY' || fail "what Exim has in its mailboxes"
import email, email.policy, mailbox, sys
box = mailbox.mbox(sys.argv[1] + "/mail/bob")
messages = [email.message_from_bytes(m.as_bytes(), policy=email.policy.default) for m in box]
assert len(messages) == 2, len(messages)
first = next(m for m in messages if "Gr" in m["subject"])
second = next(m for m in messages if m["subject"] == "eight bits")
assert first["subject"] == "Grüße 你好", first["subject"]
assert first["return-path"] == "<alice@ours.example>"
parts = list(first.walk())
assert [p.get_content_type() for p in parts] == ["multipart/mixed", "text/plain", "image/gif"]
assert parts[1].get_content() == "Do you like ketchup?\n.\n..dots\nHow about pickles?\n", parts[1].get_content()
assert parts[2].get_filename() == "smile.gif" and parts[2].get_content().startswith(b"GIF89a")
assert second.get_content().strip() == ("汉堡包 " * 3000).strip()
PY
clean_capture
