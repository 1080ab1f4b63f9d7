#!/usr/bin/env bash
# The include rule: each folder of engine/ includes from itself and from the layers its link list in engine/CMakeLists.txt names,
# and nothing else. SDL headers stand in app/window alone, Lua's in script/ alone, the operating system's network in bridge/ alone.
set -euo pipefail
cd "${2:?source tree}"
faults=0
complain() { echo "$*"; faults=$((faults + 1)); }

declare -A allowed
while read -r name layers; do allowed[$name]="$name $layers"; done < <(sed -nE 's/^netstage_layer\(([a-z]+) ?([a-z ]*)\)$/\1 \2/p' engine/CMakeLists.txt)
[ "${#allowed[@]}" -ge 10 ] || complain "only ${#allowed[@]} layers found in engine/CMakeLists.txt: is it still written netstage_layer(NAME ...)?"

for folder in engine/*/; do
  name=$(basename "$folder")
  [ "$name" = app ] && continue
  [ -n "${allowed[$name]:-}" ] || { complain "engine/$name has no netstage_layer in engine/CMakeLists.txt"; continue; }
  while IFS=: read -r file _ layer; do
    [[ " ${allowed[$name]} " == *" $layer "* ]] || complain "$file includes from $layer, which $name must not see"
  done < <(grep -rnoE '#include "[a-z]+/' "$folder" --include='*.[ch]' | sed -E 's/#include "([a-z]+)\//\1/')
done

only_in() { # only_in PATTERN FOLDER WHAT
  local found
  found=$(grep -rnE "#include [<\"]($1)" engine --include='*.[ch]' | grep -v "^$2" || true)
  [ -z "$found" ] || complain "$3 outside $2: $found"
}
only_in 'SDL' engine/app/window SDL
only_in 'lua\.h|lauxlib|lualib|lua5' engine/script Lua
only_in 'sys/socket|netinet|net/if|linux/|arpa/' engine/bridge "the operating system's network"

# No floating point where results must not depend on it (comments and view/, app/ aside; script/ converts at its edge).
for folder in base wire sim stack proto mail host; do
  found=$(grep -rnE '\b(float|double)\b' "engine/$folder" --include='*.[ch]' | grep -vE '^\S+\s*(/\*|\*|//)' | grep -vE '/\*[^*]*\b(float|double)' || true)
  [ -z "$found" ] || complain "floating point: $found"
done
[ "$faults" -eq 0 ] || exit 1
echo "${#allowed[@]} layers keep the rule"
