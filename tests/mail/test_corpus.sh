#!/usr/bin/env bash
# Our reading of the corpus against Python's email package, there and, encoded anew, back.
set -euo pipefail
cd "${2:?source tree}"
command -v python3 > /dev/null || { echo "python3 is missing"; exit 77; }
python3 tests/mail/compare_mail.py "$NETSTAGE_BUILD/tests/mail_dump_message" tests/mail/corpus/*.eml
