#!/usr/bin/env bash
# The same session with our IMAP server and with Dovecot, and two hundred messages as both show them. imap_dovecot_differences.txt lists
# what differs, and what the RFC says of it.
. "$(dirname "$0")/lib.sh"
need python3 dovecot
[ "$(awk '{ print $3 }' /proc/self/uid_map)" = 4294967295 ] || skip "Dovecot takes mail only to users that this one may not become"
chmod 755 "$work"
mkdir "$work/dovecot-mail" "$work/dovecot-home"
chown nobody:nogroup "$work/dovecot-mail" "$work/dovecot-home"
cat > "$work/dovecot.conf" << CONF
base_dir = $work/dovecot-run
log_path = $work/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:$work/dovecot-mail:LAYOUT=fs
mail_save_crlf = yes
first_valid_uid = 1
auth_failure_delay = 0
namespace inbox {
  inbox = yes
  separator = /
}
passdb {
  driver = static
  args = password=pickle
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$work/dovecot-home
}
service imap-login {
  inet_listener imap {
    port = 2243
  }
  inet_listener imaps {
    port = 0
  }
}
CONF
dovecot -F -c "$work/dovecot.conf" > "$work/dovecot-out.log" 2>&1 &
dovecot=$!
serve imap.lua --listen plain:143=127.0.0.1:2143
until_seen "$work/netstage.log" '127.0.0.1:2143 listens' 10
for ((i = 0; i < 200; i++)); do
  (exec 3<> /dev/tcp/127.0.0.1/2243) 2> /dev/null && break
  read -rt 0.05 <> <(:) || true
done
python3 "$source/tests/peers/imap_compare.py" 2143 2243 "$source/tests/peers/imap_dovecot_differences.txt" > "$work/compare.log" 2>&1 || fail "ours and Dovecot differ in another way than listed"
tail -1 "$work/compare.log"
kill "$dovecot"
stop
