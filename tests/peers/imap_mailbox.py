"""Lists a mailbox of carol's at the gateway: a line a message, its flags and its subject, sorted."""
import imaplib
import re
import sys

m = imaplib.IMAP4("127.0.0.1", 2143)
m.login("carol", "lettuce")
m.select(sys.argv[1], readonly=True)
lines = []
for part in m.fetch("1:*", "(FLAGS BODY.PEEK[HEADER.FIELDS (Subject)])")[1] if m.search(None, "ALL")[1][0] else []:
    if isinstance(part, tuple):
        flags = set(re.search(rb"FLAGS \(([^)]*)\)", part[0])[1].split()) - {b"\\Recent"}
        lines.append(b" ".join(sorted(flags)).decode() + "\t" + part[1].decode().strip())
print("".join(line + "\n" for line in sorted(lines)), end="")
m.logout()
