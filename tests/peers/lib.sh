# Shared by the tests with real DHCP programs. Each runs in a network and process namespace of its own, so that they disturb neither the
# machine nor one another, and end with everything they started. To be sourced with the test's own arguments.
set -euo pipefail
program=$1 source=$2
export PATH=$PATH:/usr/sbin:/sbin

skip() { echo "skipped: $*"; exit 77; }
fail() {
  echo "FAILED: $*"
  for log in "$work"/*.log; do echo "--- $log"; tail -40 "$log"; done
  exit 1
}
need() { for tool in "$@"; do command -v "$tool" > /dev/null || skip "$tool is not installed"; done; }

need ip unshare tshark
if [ -z "${NETSTAGE_APART:-}" ]; then
  [ -r /dev/net/tun ] && [ -w /dev/net/tun ] || skip "/dev/net/tun is not here, or not open to this user"
  how="unshare --net --pid --mount --fork --kill-child"
  if ! $how true 2> /dev/null; then
    how="unshare --user --map-root-user --net --pid --mount --fork --kill-child"
    $how true 2> /dev/null || skip "this machine lets us make no network namespace"
  fi
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  status=0
  NETSTAGE_APART=1 NETSTAGE_WORK=$work $how --mount-proc bash "$0" "$@" || status=$?
  exit $status
fi
work=$NETSTAGE_WORK
# What a test measures is the program's memory, not what the address sanitizer holds back of it.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=16
ip link set lo up

# until_seen FILE PATTERN SECONDS: waits until a line of the file matches.
until_seen() {
  for ((i = 0; i < $3 * 20; i++)); do
    grep -qE "$2" "$1" 2> /dev/null && return 0
    read -rt 0.05 <> <(:) || true
  done
  fail "\"$2\" did not appear in $(basename "$1") within $3 s"
}
# until_device NAME: waits until the TAP interface is there.
until_device() {
  for ((i = 0; i < 100; i++)); do
    ip link show "$1" > /dev/null 2>&1 && return 0
    read -rt 0.05 <> <(:) || true
  done
  fail "interface $1 did not appear"
}
# serve SCENARIO ARGUMENT...: starts netstage in real time; stop ends it and leaves run.jsonl and run.pcapng.
serve() {
  local scenario=$1
  shift
  "$program" serve "$source/tests/peers/$scenario" "$@" --trace - --pcap "$work/run.pcapng" --capture "${capture:-all}" > "$work/run.jsonl" 2> "$work/netstage.log" &
  server=$!
}
stop() {
  kill -INT "$server"
  wait "$server" || fail "netstage ended with status $?"
}
# seen PATTERN...: one line of the trace matches all of them.
seen() {
  local lines
  lines=$(grep -aE "$1" "$work/run.jsonl") || fail "no line of the trace has: $1"
  for pattern in "${@:2}"; do lines=$(grep -aE "$pattern" <<< "$lines") || fail "no line of the trace has: $*"; done
}
# clean_capture [FILTER]: of the frames that match, every one is sound.
clean_capture() {
  local bad
  bad=$(tshark -r "$work/run.pcapng" -o ip.check_checksum:TRUE -o udp.check_checksum:TRUE -o tcp.check_checksum:TRUE \
    -Y "(${1:-frame}) && (_ws.malformed || ip.checksum.status == 0 || udp.checksum.status == 0 || tcp.checksum.status == 0 || icmp.checksum.status == 0)" 2> /dev/null)
  [ -z "$bad" ] || fail "tshark complains: $bad"
}
