"""What the clients sent stands in the trace as whole contents, octet for octet (as far as JSON can say octets)."""
import json
import sys

folder = sys.argv[1]
sent = json.load(open(folder + "/sent.json"))
contents = []
for line in open(folder + "/run.jsonl"):
    if '"part":"content"' not in line or '"event":"received"' not in line:
        continue
    contents.append(json.loads(line)["fields"]["text"])
missing = 0
for message in sent:
    if not message.endswith("\r\n"):
        message += "\r\n"
    raw = message.encode("latin-1")
    if raw.decode("utf-8", "replace") not in contents:
        missing += 1
        print("not in the trace as it was sent: %r" % message[:80])
if len(contents) < len(sent) or missing:
    raise SystemExit("%d of %d messages differ" % (missing, len(sent)))
print("%d messages, each as it was sent" % len(sent))
