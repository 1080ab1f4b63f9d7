#!/usr/bin/env bash
# Every row of the curriculum that is due has a scenario; every scenario named exists, says in its head which row it shows, and
# every scenario there is shows some row.
set -u
root=$2
rows=$root/tests/curriculum/rows
failures=0
complain() { echo "$*"; failures=$((failures + 1)); }

# "D8 to D17" names the rows between too.
names_row() {
  local head number=${2#D} from to
  head=$(grep -m4 '^--' "$1")
  grep -qE "\b$2\b" <<< "$head" && return 0
  while read -r from to; do
    [ "$number" -ge "$from" ] && [ "$number" -le "$to" ] && return 0
  done < <(grep -oE 'D[0-9]+ to D[0-9]+' <<< "$head" | sed -E 's/D([0-9]+) to D([0-9]+)/\1 \2/')
  return 1
}

for number in $(seq 1 18); do
  scenarios=$(awk -v row="D$number" '$1 == row { for (i = 2; i <= NF; i++) print $i }' "$rows")
  [ -n "$scenarios" ] || complain "D$number: no scenario shows it"
  for scenario in $scenarios; do
    file=$root/scenarios/$scenario.lua
    if [ ! -f "$file" ]; then
      complain "D$number: there is no $scenario.lua"
    elif ! names_row "$file" "D$number"; then
      complain "D$number: $scenario.lua does not say in its head that it shows it"
    fi
  done
done

for file in "$root"/scenarios/*/*.lua; do
  scenario=${file#"$root"/scenarios/}
  grep -qE "[[:space:]]${scenario%.lua}([[:space:]]|$)" "$rows" || complain "$scenario shows no row of the curriculum"
done
exit $((failures > 0))
