#!/usr/bin/env bash
# The same POP3 session with our server and with Dovecot, the same letters in both: every answer has the same status, every listing the
# same numbers and sizes, every message and every TOP the same octets.
. "$(dirname "$0")/lib.sh"
need dovecot python3
[ "$(id -u)" = 0 ] && grep -qE '^ *0 +0 ' /proc/self/uid_map || skip "Dovecot needs users of its own, so root"
capture=once
serve pop3.lua --listen hamburger.edu:25=127.0.0.1:2525 --listen hamburger.edu:110=127.0.0.1:2110
until_seen "$work/netstage.log" '127.0.0.1:2110 listens' 10
mkdir "$work/home"
chmod 755 "$work"
python3 "$source/tests/peers/pop3_beside.py" send "$work/mail" > "$work/send.log" 2>&1 || fail "sending"
chown -R nobody:nogroup "$work/mail" "$work/home"
cat > "$work/dovecot.conf" << CONF
base_dir = $work/run
log_path = $work/dovecot.log
protocols = pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:$work/mail
first_valid_uid = 1
auth_failure_delay = 0
passdb {
  driver = static
  args = password=pickle
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$work/home
}
service pop3-login {
  inet_listener pop3 {
    port = 2610
  }
  inet_listener pop3s {
    port = 0
  }
}
CONF
dovecot -F -c "$work/dovecot.conf" > "$work/dovecot-says.log" 2>&1 &
dovecot=$!
for ((i = 0; i < 200; i++)); do (exec 3<> /dev/tcp/127.0.0.1/2610) 2> /dev/null && break; read -rt 0.05 <> <(:) || true; done
python3 "$source/tests/peers/pop3_beside.py" compare > "$work/compare.log" 2>&1 || fail "the answers differ"
cat "$work/compare.log"
kill $dovecot
stop
