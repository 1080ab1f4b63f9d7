#!/usr/bin/env bash
# dig asks our name server and our resolver: every type, aliases, referrals, what does not exist, EDNS, long answers and TCP.
. "$(dirname "$0")/lib.sh"
need dig
serve names.lua --tap lan1=tap0 --for 60s
until_device tap0
ip address add 10.77.5.1/24 dev tap0
until_seen "$work/run.jsonl" '"LISTENING"' 10

# asks SERVER ARGUMENT...: dig's answer in $work/dig, or the end.
asks() {
  local server=$1
  shift
  timeout 20 dig "@$server" +tries=1 +time=5 "$@" > "$work/dig" 2>&1 || { cat "$work/dig"; fail "dig @$server $*: status $?"; }
  if grep -v 'recursion requested but not available' "$work/dig" | grep -qiE 'warning|malformed|mismatch'; then cat "$work/dig"; fail "dig @$server $* warns"; fi
}
# says PATTERN...: each matches a line of what dig printed.
says() {
  for pattern in "$@"; do grep -qE "$pattern" "$work/dig" || { cat "$work/dig"; fail "dig's answer has no line like: $pattern"; }; done
}
never() { if grep -qE "$1" "$work/dig"; then cat "$work/dig"; fail "dig's answer has a line like: $1"; fi; }
count() { [ "$(grep -cE "$1" "$work/dig")" = "$2" ] || { cat "$work/dig"; fail "not $2 lines like: $1"; }; }

# The server with authority, as it is, with and without EDNS, by UDP and TCP.
for how in "" +noedns +tcp "+bufsize=512" "+bufsize=4096" +norec; do
  asks 10.77.5.5 $how mail.hamburger.edu
  says 'status: NOERROR' 'flags: qr aa' '^mail\.hamburger\.edu\.\s+3600\s+IN\s+A\s+192\.0\.2\.25$'
  asks 10.77.5.5 $how hamburger.edu MX
  says '^hamburger\.edu\..*MX\s+10 mail\.hamburger\.edu\.$' '^hamburger\.edu\..*MX\s+20 backup\.hamburger\.edu\.$' '^mail\.hamburger\.edu\..*A\s+192\.0\.2\.25$' 'ANSWER: 2, AUTHORITY: 0'
  asks 10.77.5.5 $how hamburger.edu TXT
  says '"v=spf1 mx -all"'
  asks 10.77.5.5 $how -x 192.0.2.25
  says '^25\.2\.0\.192\.in-addr\.arpa\..*PTR\s+mail\.hamburger\.edu\.$'
  asks 10.77.5.5 $how www.hamburger.edu
  says 'CNAME\s+mail\.hamburger\.edu\.$' '^mail\.hamburger\.edu\..*A\s+192\.0\.2\.25$'
  asks 10.77.5.5 $how no.hamburger.edu
  says 'status: NXDOMAIN' 'flags: qr aa' '^hamburger\.edu\.\s+300\s+IN\s+SOA\s+ns\.hamburger\.edu\. hostmaster\.hamburger\.edu\. 1 3600 600 604800 300$'
  asks 10.77.5.5 $how mail.hamburger.edu MX
  says 'status: NOERROR' 'ANSWER: 0, AUTHORITY: 1' 'SOA'
  asks 10.77.5.5 $how x.y.lab.hamburger.edu
  says '^x\.y\.lab\.hamburger\.edu\..*A\s+192\.0\.2\.77$'
  asks 10.77.5.5 $how www.cs.hamburger.edu
  says 'status: NOERROR' 'ANSWER: 0, AUTHORITY: 1' '^cs\.hamburger\.edu\..*NS\s+ns\.cs\.hamburger\.edu\.$' '^ns\.cs\.hamburger\.edu\..*A\s+10\.77\.5\.9$'
  never 'flags: qr aa'
  asks 10.77.5.5 $how www.example.org
  says 'status: REFUSED'
done
asks 10.77.5.5 +edns=1 +noednsneg mail.hamburger.edu
says 'status: BADVERS'
asks 10.77.5.5 hamburger.edu ANY
says 'MX' 'TXT' 'SOA' 'NS'
asks 10.77.5.5 hamburger.edu AXFR +noidnout +onesoa
says 'Transfer failed'
asks 10.77.5.5 hamburger.edu TYPE65
says 'status: NOERROR' 'ANSWER: 0, AUTHORITY: 1'
asks 10.77.5.5 +subnet=10.0.0.0/8 +cookie mail.hamburger.edu
says '192\.0\.2\.25'

# Long answers: cut, and then fetched over TCP; within 1232 octets they need no TCP.
asks 10.77.5.5 +noedns +ignore many.hamburger.edu
says 'flags: qr aa tc' 'ANSWER: 0'
asks 10.77.5.5 +noedns many.hamburger.edu
says 'Truncated, retrying in TCP mode' 'ANSWER: 60' 'SERVER: 10\.77\.5\.5.*TCP'
asks 10.77.5.5 +bufsize=1232 many.hamburger.edu
says 'ANSWER: 60' 'SERVER: 10\.77\.5\.5.*UDP'
asks 10.77.5.5 +bufsize=4096 huge.hamburger.edu TXT
says 'Truncated, retrying in TCP mode'
count '^huge\.hamburger\.edu\..*TXT' 20
# Several queries on one connection.
asks 10.77.5.5 +tcp +keepopen mail.hamburger.edu hamburger.edu MX www.hamburger.edu
count 'status: NOERROR' 3

# The resolver walks down from the root.
asks 10.77.5.2 hamburger.edu MX
says 'flags: qr rd ra' 'status: NOERROR' '^hamburger\.edu\.\s+3600\s+IN\s+MX\s+10 mail\.hamburger\.edu\.$'
asks 10.77.5.2 www.hamburger.edu
says 'CNAME' 'A\s+192\.0\.2\.25$'
asks 10.77.5.2 -x 192.0.2.25
says 'PTR\s+mail\.hamburger\.edu\.$'
asks 10.77.5.2 no.hamburger.edu
says 'status: NXDOMAIN' 'SOA'
asks 10.77.5.2 +tcp hamburger.edu TXT
says 'v=spf1' 'SERVER: 10\.77\.5\.2.*TCP'
asks 10.77.5.2 huge.hamburger.edu TXT
says 'Truncated, retrying in TCP mode'
count '^huge\.hamburger\.edu\..*TXT' 20
asks 10.77.5.2 +norec mail.hamburger.edu
says 'status: REFUSED'
asks 10.77.5.2 many.hamburger.edu
says 'ANSWER: 60'
# dig's own walk, by the servers alone; it asks the system's resolver for their addresses: ours.
echo "nameserver 10.77.5.2" > "$work/resolv.conf"
if mount --bind "$work/resolv.conf" /etc/resolv.conf 2> /dev/null; then
  timeout 20 dig @10.77.5.3 +trace +nodnssec mail.hamburger.edu > "$work/dig" 2>&1 || { cat "$work/dig"; fail "dig +trace: status $?"; }
  says '^edu\..*NS\s+ns\.edu\.$' '^hamburger\.edu\..*NS\s+ns\.hamburger\.edu\.$' '^mail\.hamburger\.edu\..*A\s+192\.0\.2\.25$'
  timeout 20 getent ahostsv4 www.hamburger.edu > "$work/dig" || fail "the C library's own resolver finds nothing"
  says '^192\.0\.2\.25 +STREAM'
fi

stop
clean_capture
