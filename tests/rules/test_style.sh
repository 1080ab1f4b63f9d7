#!/usr/bin/env bash
# What is quick to count: no marks left behind, no mutable globals in the engine's data segment, files that are one thing.
set -euo pipefail
cd "${2:?source tree}"
faults=0
complain() { echo "$*"; faults=$((faults + 1)); }
marks='\b(TO''DO|FIX''ME|X''XX|HA''CK)\b'
found=$(grep -rnE "$marks" engine tests scenarios lessons assets/lang CMakeLists.txt --include='*.[ch]' --include='*.lua' --include='*.sh' --include='CMakeLists.txt' || true)
[ -z "$found" ] || complain "marks left: $found"
found=$(grep -rnP '\t' engine --include='*.[ch]' || true)
[ -z "$found" ] || complain "tabs: $found"
found=$(find engine -name '*.[ch]' ! -name 'font_advance.c' -exec awk 'END { if (NR > 700) print FILENAME ": " NR " lines" }' {} \;)
[ -z "$found" ] || complain "too long to be one thing: $found"
for layer in base wire sim stack proto mail host observe view script; do
  library=$(dirname "$1")/libns_$layer.a
  [ -e "$library" ] || continue
  # .data.rel.ro holds constants that name one another: they are made read-only before main.
  found=$(objdump -t "$library" 2> /dev/null | awk 'NF > 4 && $(NF-2) ~ /^\.(data|bss|tdata|tbss)$/ && $(NF-1) !~ /^0+$/ { print $NF }' | grep -vE 'asan|ubsan|odr|Lubsan|san_|__unnamed_' || true)
  [ -z "$found" ] || complain "mutable globals in $layer: $found"
done
[ "$faults" -eq 0 ] || exit 1
