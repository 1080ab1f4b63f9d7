#!/usr/bin/env bash
# Every identifier that mail/ emits has its words, in both languages: reasons, steps of encoders, choices of an encoding.
set -euo pipefail
cd "${2:?source tree}"
faults=0
identifiers() { grep -hoE "\"($1)\.[a-z0-9_]+\"" "${@:2}" | tr -d '"' | sort -u; }
steps=$(identifiers 'base64|quoted_printable' engine/mail/steps.h)
choices=$(identifiers 'encoding' engine/mail/encoding_choice.h)
reasons=$(identifiers 'address|base64|quoted_printable|charset|compose|date|encoded_word|envelope|header|message|mime|parameter|report|xtext' engine/mail/*.c)
[ "$(wc -w <<< "$reasons")" -ge 90 ] || { echo "only $(wc -w <<< "$reasons") reasons found"; faults=1; }
for language in en zh; do
  words=assets/lang/$language/protocol.txt
  for key in $(sed 's/^/reason./' <<< "$reasons") $(sed 's/^/step./' <<< "$steps") $(sed 's/^/choice./' <<< "$choices"); do
    grep -q "^$key = " "$words" || { echo "$words: $key is missing"; faults=1; }
  done
done
exit $faults
