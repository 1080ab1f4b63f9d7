#!/usr/bin/env bash
# bench_reading.sh NETSTAGE: POP3 and IMAP commands a second through the gateway, and beside it from Dovecot, with the same mailbox of
# 1,000 messages and the same client. Ours crosses a simulated network and is traced. Needs the packages dovecot-imapd and
# dovecot-pop3d, and root, as Dovecot does. The figures are the client's, which is Python: it sends fifty commands at a time.
set -euo pipefail
program=$(realpath "$1") root=$(cd "$(dirname "$0")/../.." && pwd)
export PATH=$PATH:/usr/sbin
command -v dovecot > /dev/null || { echo "dovecot is not here: it is in the packages dovecot-imapd and dovecot-pop3d"; exit 77; }
echo "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
work=$(mktemp -d)
chmod 755 "$work"
cat > "$work/dovecot.conf" << CONF
base_dir = $work/run
log_path = $work/dovecot.log
protocols = imap pop3
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:$work/mail
mail_max_userip_connections = 1000
first_valid_uid = 1
passdb {
  driver = static
  args = password=ketchup
}
userdb {
  driver = static
  args = uid=nobody gid=nogroup home=$work/home
}
service imap-login {
  inet_listener imap {
    port = 2643
  }
  inet_listener imaps {
    port = 0
  }
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
mkdir "$work/mail" "$work/home"
chown nobody:nogroup "$work/mail" "$work/home"
dovecot -F -c "$work/dovecot.conf" &
theirs=$!
"$program" serve "$root/tests/bench/gateway.lua" --listen hamburger.edu:143=127.0.0.1:2543 --listen hamburger.edu:110=127.0.0.1:2510 2> "$work/netstage.log" &
ours=$!
trap 'kill $ours $theirs 2> /dev/null; wait; rm -rf "$work"' EXIT
for port in 2543 2510 2643 2610; do until (exec 3<> /dev/tcp/127.0.0.1/$port) 2> /dev/null; do read -rt 0.05 <> <(:) || true; done; done
python3 "$root/tests/bench/reading_load.py" netstage 2543 2510 "$ours"
python3 "$root/tests/bench/reading_load.py" dovecot 2643 2610
