#!/usr/bin/env bash
# Our IMAP clients read at a real server, Dovecot, beyond a TAP interface: by LOGIN and by AUTHENTICATE, with IDLE and without, with MOVE and
# without; two on one mailbox see the same.
. "$(dirname "$0")/lib.sh"
need dovecot python3
[ "$(id -u)" = 0 ] && [ "$(wc -l < /proc/self/uid_map)" = 1 ] && grep -qE '^ *0 +0 ' /proc/self/uid_map || skip "Dovecot needs users of its own, so root"
serve imap-reader.lua --tap lan1=tap0
until_device tap0
ip address add 10.77.9.1/24 dev tap0
mkdir "$work/mail" "$work/home"
chmod 755 "$work"
python3 - "$work/mail" << 'PYTHON'
import mailbox, sys
from email.message import EmailMessage
for user in "bob", "carol":
    box = mailbox.Maildir(sys.argv[1] + "/" + user)
    for i in range(12):
        m = EmailMessage()
        m["From"], m["To"], m["Subject"] = '"Alíce" <alice@real.example>', user + "@real.example", "Brief %d: Käse · 薄饼" % i
        m.set_content("Text %d, mit Käse.\n晚上八点见？\n" % i)
        if i % 3 == 2:
            m.add_attachment(bytes(k * i % 251 for k in range(5000)), maintype="image", subtype="gif", filename="bild-%d.gif" % i)
        box.add(m)
PYTHON
chown -R nobody:nogroup "$work/mail" "$work/home"
cat > "$work/dovecot.conf" << CONF
base_dir = $work/run
log_path = $work/dovecot.log
protocols = imap
listen = 10.77.9.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
mail_location = maildir:$work/mail/%u
first_valid_uid = 1
namespace inbox {
  inbox = yes
  separator = /
}
passdb {
  driver = static
  args = password=ketchup
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$work/home/%u
}
service imap-login {
  inet_listener imap {
    port = 143
  }
  inet_listener imaps {
    port = 0
  }
}
CONF
dovecot -F -c "$work/dovecot.conf" > "$work/dovecot-says.log" 2>&1 &
dovecot=$!
until_seen "$work/run.jsonl" 'finished' 60
kill $dovecot
stop
seen '"host":"desk"' '"fact":"imap.headers_read"' '"messages":12'
seen '"host":"desk"' '"fact":"imap.header"' '"from":"Alíce <alice@real.example>","subject":"Brief 3: Käse · 薄饼"'
seen '"host":"desk"' '"fact":"imap.opened"' '"text":"Text 2, mit Käse.\\u000d\\n晚上八点见？'
seen '"host":"desk"' '"fact":"imap.part_whole"' '"part":"2"' '"name":"bild-2.gif"'
seen '"host":"lap"' '"fact":"imap.flag_heard"' '\\\\Flagged \$Work'
seen '"host":"desk"' '"fact":"imap.filed"' '"to":"Größe"'
seen '"host":"old"' '"fact":"imap.filed"' '"to":"Größe"'
seen '"host":"old"' '"name":"UID COPY"'
seen '"host":"desk"' '"name":"UID MOVE"'
seen '"host":"lap"' '"name":"AUTHENTICATE"'
seen '"host":"old"' '"name":"NOOP"'
seen '"host":"wrong"' '"fact":"imap.failed"' '"reason":"imap.no"'
tshark -r "$work/run.pcapng" -Y 'tcp.srcport == 143 && ip.dst == 10.77.9.11 && tcp.len > 0' -T fields -e tcp.payload > "$work/said" 2> /dev/null
python3 - "$work" << 'PYTHON' > "$work/compare.log" 2>&1 || fail "what lies there is not what was done"
import base64, json, mailbox, re, sys
work = sys.argv[1]
def flags(user):
    return {m["Subject"].encode("ascii", "surrogateescape"): m.get_flags() for m in mailbox.Maildir(work + "/mail/" + user)}
def folder(user, name):
    return list(mailbox.Maildir(work + "/mail/" + user + "/." + name))
bob, carol = flags("bob"), flags("carol")
assert len(bob) == 10 and len(carol) == 10, (bob, carol)
assert sorted(f for f in bob.values() if f) in (["F", "S"], ["Fa", "S"]), bob
assert not any(carol.values()), carol
for user in "bob", "carol":
    kept = folder(user, "Gr&APYA3w-e")
    assert len(kept) == 1, kept
sent = folder("bob", "Sent")
assert len(sent) == 1 and sent[0]["Subject"] == "kept" and sent[0].get_flags() == "S"
facts = [json.loads(line) for line in open(work + "/run.jsonl") if '"kind":"fact"' in line and '"imap.' in line]
headers = [f for f in facts if f["host"] == "desk" and f["fact"] == "imap.header"]
assert len(headers) == 12, "headers were fetched again"
assert [f["values"]["messages"] for f in facts if f["host"] == "desk" and f["fact"] == "imap.synchronized"] == [12, 10]
pieces = [(f["values"]["from"], f["values"]["octets"]) for f in facts if f["fact"] == "imap.part_read" and f["values"]["part"] == "2"]
assert [start for start, size in pieces] == [1000 * k for k in range(7)], pieces
said = bytes.fromhex(open(work + "/said").read().replace("\n", ""))
attachment = b""
for start, size in pieces:
    at = re.search(rb"BODY\[2\]<%d> \{%d\}\r\n" % (start, size), said).end()
    attachment += said[at:at + size]
assert base64.b64decode(attachment) == bytes(k * 2 % 251 for k in range(5000))
PYTHON
clean_capture
