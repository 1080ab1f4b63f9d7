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
  local head letter=${2:0:1} number=${2:1} from to
  head=$(grep -m4 '^--' "$1")
  grep -qE "\b$2\b" <<< "$head" && return 0
  while read -r from to; do
    [ "$number" -ge "$from" ] && [ "$number" -le "$to" ] && return 0
  done < <(grep -oE "$letter[0-9]+ to $letter[0-9]+" <<< "$head" | sed -E 's/.([0-9]+) to .([0-9]+)/\1 \2/')
  return 1
}

for row in D{1..18} M{1..26}; do
  scenarios=$(awk -v row="$row" '$1 == row { for (i = 2; i <= NF; i++) print $i }' "$rows")
  [ -n "$scenarios" ] || complain "$row: no scenario shows it"
  for scenario in $scenarios; do
    file=$root/scenarios/$scenario.lua
    if [ ! -f "$file" ]; then
      complain "$row: there is no $scenario.lua"
    elif ! names_row "$file" "$row"; then
      complain "$row: $scenario.lua does not say in its head that it shows it"
    fi
  done
done

for file in "$root"/scenarios/*/*.lua; do
  scenario=${file#"$root"/scenarios/}
  grep -qE "[[:space:]]${scenario%.lua}([[:space:]]|$)" "$rows" || complain "$scenario shows no row of the curriculum"
done
exit $((failures > 0))
