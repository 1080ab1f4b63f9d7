#!/usr/bin/env bash
# Our POP3 clients fetch from a real server, Dovecot, beyond a TAP interface: by APOP and by USER and PASS, kept, deleted, headers first.
. "$(dirname "$0")/lib.sh"
need dovecot python3
[ "$(id -u)" = 0 ] && [ "$(wc -l < /proc/self/uid_map)" = 1 ] && grep -qE '^ *0 +0 ' /proc/self/uid_map || skip "Dovecot needs users of its own, so root"
capture=once
serve pop3-reader.lua --tap lan1=tap0
until_device tap0
ip address add 10.77.8.1/24 dev tap0
mkdir "$work/mail" "$work/home"
chmod 755 "$work"
python3 - "$work/mail" << 'PYTHON'
import mailbox, sys
for user in "keep", "delete", "headers":
    box = mailbox.Maildir(sys.argv[1] + "/" + user)
    for i in range(12):
        body = "".join(".%d\n" % k if k % 3 == 0 else "..\n" if k % 7 == 0 else "line %d\n" % k for k in range(2000 if i == 5 else 3 * i))
        box.add(("From: =?utf-8?q?Al=C3=ADce?= <alice@real.example>\nTo: %s@real.example\nSubject: letter %d\n\n%s" % (user, i, body)).encode())
PYTHON
chown -R nobody:nogroup "$work/mail" "$work/home"
cat > "$work/dovecot.conf" << CONF
base_dir = $work/run
log_path = $work/dovecot.log
protocols = pop3
listen = 10.77.8.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain apop
pop3_lock_session = yes
mail_location = maildir:$work/mail/%u
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = scheme=PLAIN $work/users
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$work/home/%u
}
service pop3-login {
  inet_listener pop3 {
    port = 110
  }
  inet_listener pop3s {
    port = 0
  }
}
CONF
printf '%s:{PLAIN}ketchup\n' keep delete headers > "$work/users"
echo 'wrong:{PLAIN}mustard' >> "$work/users"
dovecot -F -c "$work/dovecot.conf" > "$work/dovecot-says.log" 2>&1 &
dovecot=$!
until_seen "$work/run.jsonl" '"host":"keep".*"fact":"pop3.done","values":\{"messages":12,"new":0' 60
until_seen "$work/run.jsonl" '"host":"delete".*"fact":"pop3.done","values":\{"messages":0,' 60
until_seen "$work/run.jsonl" '"host":"wrong".*"fact":"pop3.failed"' 60
kill $dovecot
stop
seen '"host":"keep"' '"fact":"pop3.done"' '"messages":12,"new":12,"deleted":0'
seen '"host":"again"' '"fact":"pop3.done"' '"messages":12,"new":12,"deleted":0'
seen '"host":"delete"' '"fact":"pop3.done"' '"messages":12,"new":12,"deleted":12'
seen '"host":"headers"' '"fact":"pop3.done"' '"messages":12,"new":11,"deleted":0'
seen '"host":"headers"' '"fact":"pop3.header"' '"from":"Alíce <alice@real.example>","subject":"letter 5"'
seen '"host":"wrong"' '"fact":"pop3.failed"' '"reason":"pop3.refused"'
seen '"host":"delete"' '"proto":"pop3"' '"name":"APOP"'
seen '"host":"again"' '"proto":"pop3"' '"name":"PASS"'
lies() { find "$work/mail/$1/new" "$work/mail/$1/cur" -type f | wc -l; }
[ "$(lies delete) $(lies keep) $(lies headers)" = '0 12 12' ] || fail "letters left: $(lies delete) $(lies keep) $(lies headers)"
python3 - "$work" << 'PYTHON' > "$work/compare.log" 2>&1 || fail "what was fetched is not what lay there"
import json, mailbox, sys
want = {m.as_bytes().replace(b"\n", b"\r\n").decode() for m in mailbox.Maildir(sys.argv[1] + "/mail/keep")}
got = {}
for line in open(sys.argv[1] + "/run.jsonl"):
    if '"part":"content"' in line and '"event":"received"' in line:
        r = json.loads(line)
        got.setdefault(r["host"], []).append(r["fields"]["text"])
assert len(want) == 12
for host in "keep", "again":
    assert sorted(got[host]) == sorted(want), host
assert len(got["delete"]) == 12 and len([t for t in got["headers"] if t.count("\r\n") > 8]) >= 8
PYTHON
clean_capture
