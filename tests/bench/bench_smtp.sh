#!/usr/bin/env bash
# bench_smtp.sh NETSTAGE: SMTP messages a second through the gateway, from Postfix's smtp-source, and beside it into Postfix's smtp-sink, which
# only throws away. Ours crosses a simulated network, is traced and kept in a mailbox. Needs the package postfix.
set -euo pipefail
program=$1 root=$(cd "$(dirname "$0")/../.." && pwd)
export PATH=$PATH:/usr/sbin
command -v smtp-source > /dev/null || { echo "smtp-source is not here: it is in the package postfix"; exit 77; }
echo "$(uname -sm), $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -1)"
"$program" serve "$root/tests/bench/gateway.lua" --listen hamburger.edu:25=127.0.0.1:2545 2> /dev/null &
ours=$!
smtp-sink -u nobody 127.0.0.1:2546 1000 &
sink=$!
trap 'kill $ours $sink 2> /dev/null' EXIT
for port in 2545 2546; do until (exec 3<> /dev/tcp/127.0.0.1/$port) 2> /dev/null; do read -rt 0.05 <> <(:) || true; done; done
figure() {
  local name=$1 port=$2 sessions=$3 messages=$4 size=$5 start end
  start=$(date +%s%N)
  smtp-source -s "$sessions" -m "$messages" -l "$size" -f a@there.example -t bob@hamburger.edu "127.0.0.1:$port"
  end=$(date +%s%N)
  awk -v n="$messages" -v ns=$((end - start)) -v name="$name" -v s="$sessions" -v l="$size" 'BEGIN { printf "%-10s %3d sessions, %6d octets: %7.0f messages a second\n", name, s, l, n / (ns / 1e9) }'
}
for load in "1 2000 1000" "10 5000 1000" "100 5000 1000" "10 500 100000"; do
  # shellcheck disable=SC2086
  figure netstage 2545 $load
  # shellcheck disable=SC2086
  figure smtp-sink 2546 $load
done
