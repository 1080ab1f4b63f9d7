"""imap_compare.py OURS THEIRS LISTED: the same session with two IMAP servers, at two ports of this machine. Tagged results must agree, and
what they say of each message of imap_corpus.py, read and compared field by field. Each difference must be in the file LISTED, and each
that is listed must occur. A line there is "what | item | item ..."; the comment above says why, and what the RFC has on it."""
import re
import socket
import sys

import imap_corpus

OURS, THEIRS, LISTED = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
found = {}  # (what, item): (ours, theirs)


def differ(what, item, ours, theirs):
    found[what, item] = (ours, theirs)


def compare(what, item, ours, theirs):
    if ours != theirs:
        differ(what, item, ours, theirs)


# ---- Reading responses (RFC 3501 section 9) ----


class Reader:
    """One response, literals in their places: bytes, None for NIL, ints, lists, and Atom."""

    def __init__(self, octets):
        self.octets, self.at = octets, 0

    def value(self):
        c = self.octets[self.at:self.at + 1]
        if c == b"(":
            self.at += 1
            items = []
            while self.octets[self.at:self.at + 1] != b")":
                if self.octets[self.at:self.at + 1] == b" ":
                    self.at += 1
                    continue
                items.append(self.value())
            self.at += 1
            return items
        if c == b'"':
            match = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.S).match(self.octets, self.at)
            self.at = match.end()
            return re.sub(rb"\\(.)", rb"\1", match[1], flags=re.S)
        if c == b"{":
            match = re.compile(rb"\{(\d+)\}\r\n").match(self.octets, self.at)
            size, start = int(match[1]), match.end()
            self.at = start + size
            return self.octets[start:self.at]
        match = re.compile(rb"[^ ()\"{\[\r]+(\[[^\]]*\](<\d+>)?)?").match(self.octets, self.at)
        if not match:
            raise SystemExit("cannot be read: %r" % self.octets[self.at:self.at + 80])
        self.at = match.end()
        word = match[0]
        return None if word.upper() == b"NIL" else int(word) if word.isdigit() else word.decode()


class Server:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        self.number = 0
        self.response()

    def response(self):
        whole = b""
        while True:
            line = self.file.readline()
            if not line:
                raise SystemExit("the connection has ended")
            whole += line
            literal = re.search(rb"\{(\d+)\}\r\n$", line)
            if not literal:
                return whole[:-2]
            whole += self.file.read(int(literal[1]))

    def say(self, command, *literals):
        """The status, its response code, and all untagged responses."""
        self.number += 1
        tag = b"t%d" % self.number
        untagged = []
        if isinstance(command, str):
            command = command.encode()
        pieces = command.split(b"\0")
        for i, piece in enumerate(pieces):
            last = i == len(pieces) - 1
            self.socket.sendall((tag + b" " if i == 0 else b"") + piece + (b"\r\n" if last else b"{%d}\r\n" % len(literals[i])))
            if last:
                break
            answer = self.response()
            while answer.startswith(b"* "):
                untagged.append(answer)
                answer = self.response()
            if not answer.startswith(b"+"):
                return self.status(answer, tag) + (untagged,)
            self.socket.sendall(literals[i])
        while True:
            answer = self.response()
            if answer.startswith(tag + b" "):
                return self.status(answer, tag) + (untagged,)
            if not answer.startswith(b"+ "):
                untagged.append(answer)

    @staticmethod
    def status(answer, tag):
        match = re.match(tag + rb" (OK|NO|BAD)(?: \[([A-Z-]+))?", answer)
        return match[1].decode(), (match[2] or b"").decode()


ours, theirs = Server(OURS), Server(THEIRS)


def both(command, *literals):
    return ours.say(command, *literals), theirs.say(command, *literals)


# ---- The canonical session ----

LETTER = b"From: a@x.example\r\nSubject: canonical\r\n\r\ntext\r\n"
SESSION = [
    ("CAPABILITY",), ("NOOP",), ("SELECT INBOX",), ("LOGIN bob wrong",), ("LOGIN bob pickle",), ("LOGIN bob pickle",), ("CAPABILITY",),
    ("NAMESPACE",), ('ID ("name" "test")',), ("ID NIL",), ("ENABLE X-NOTHING",), ("CHECK",), ("FETCH 1 FLAGS",),
    ("CREATE work",), ("CREATE work",), ("CREATE work/one",), ("CREATE INBOX",), ('CREATE ""',), ("CREATE deep/er/still",), ("CREATE slash/",),
    ('LIST "" *',), ('LIST "" %',), ('LIST "" work/%',), ('LIST work/ %',), ('LIST "" ""',), ('LIST "" inbox',), ('LIST "" "&-"',), ("LIST",),
    ("SUBSCRIBE work/one",), ("SUBSCRIBE INBOX",), ('LSUB "" *',), ('LSUB "" %',), ("UNSUBSCRIBE work/one",), ('LSUB "" *',),
    ("RENAME work/one work/two",), ("RENAME work/one work/three",), ("RENAME work work/two/below",), ("RENAME nothing some",),
    ("DELETE work/two",), ("DELETE work/two",), ("DELETE INBOX",), ('CREATE "&U,BTFw-"',), ('LIST "" "&U,BTFw-"',), ('DELETE "&U,BTFw-"',), ('CREATE "&Jjo!"',),
    ("STATUS work (MESSAGES RECENT UNSEEN)",), ("STATUS work (UIDNEXT)",), ("STATUS nothing (MESSAGES)",), ("STATUS work ()",), ("STATUS work MESSAGES",),
    ("APPEND work \0", LETTER), (r"APPEND work (\Seen $Hot) \0".replace(r"\0", "\0"), LETTER), ('APPEND work (\\Flagged) "07-Feb-1994 21:52:25 -0800" \0', LETTER),
    ("APPEND nothing \0", LETTER), ('APPEND work "31-Feb-94 21:52:25 -0800" \0', LETTER), ("APPEND work",),
    ("STATUS work (MESSAGES UNSEEN UIDNEXT)",), ("SELECT nothing",), ("EXAMINE work",), ("STORE 1 +FLAGS (\\Seen)",), ("EXPUNGE",), ("CLOSE",), ("SELECT work",),
    ("FETCH 1:* (UID FLAGS)",), ("FETCH 1 (UID INTERNALDATE RFC822.SIZE)",), ("FETCH 3 INTERNALDATE",), ("FETCH 1 ALL",), ("FETCH 1 FAST",), ("FETCH 1 FULL",),
    ("FETCH 1 BODY.PEEK[]",), ("FETCH 1 FLAGS",), ("FETCH 1 BODY[]",), ("FETCH 1 (BODY[TEXT]<2.3>)",), ("FETCH 1 RFC822",), ("FETCH 1 RFC822.HEADER",), ("FETCH 1 RFC822.TEXT",),
    ("FETCH 1 BODY[HEADER.FIELDS (Subject X-None)]",), ("FETCH 1 BODY[HEADER.FIELDS.NOT (Subject)]",), ("FETCH 1 BODY[TEXT]<0.0>",), ("FETCH 1 BODY[TEXT]<100.5>",),
    ("FETCH 4 FLAGS",), ("FETCH 0 FLAGS",), ("FETCH 1,3 UID",), ("FETCH * UID",), ("FETCH 9:* UID",), ("FETCH 2:1 UID",), ("FETCH 1 NOTHING",), ("FETCH 1 BODY[1",), ("FETCH 1",),
    ("UID FETCH 2 FLAGS",), ("UID FETCH 77 FLAGS",), ("UID FETCH 77:* FLAGS",), ("UID FETCH 1:* UID",),
    ("STORE 1 FLAGS (\\Answered)",), ("STORE 1 +FLAGS \\Draft",), ("STORE 1 -FLAGS (\\Answered)",), ("STORE 1 +FLAGS.SILENT ($Hot)",), ("STORE 1 FLAGS ()",), ("STORE 1 FLAGS (\\Recent)",),
    ("STORE 1 +FLAGS (\\Strange)",), ("STORE 4 FLAGS ()",), ("STORE 1 FLAGS",), ("STORE 1 FLAGZ (\\Seen)",), ("UID STORE 2 +FLAGS (\\Flagged)",), ("UID STORE 77 FLAGS ()",),
    ("COPY 1:2 INBOX",), ("COPY 1 nothing",), ("COPY 9 INBOX",), ("UID COPY 3 INBOX",), ("UID COPY 77 INBOX",), ("MOVE 1 INBOX",), ("UID MOVE 3 INBOX",), ("UID MOVE 77 INBOX",), ("MOVE 1 nothing",),
    ("FETCH 1:* (UID FLAGS)",), ("SEARCH ALL",), ("UID SEARCH ALL",), ("SEARCH KEYWORD $Hot",), ("SEARCH 2",), ("SEARCH NOTHING",), ("SEARCH",), ("SEARCH CHARSET X-NOTHING TEXT x",),
    ("STORE 1 +FLAGS.SILENT (\\Deleted)",), ("UID EXPUNGE 77",), ("UID EXPUNGE 2",), ("EXPUNGE",), ("FETCH 1 FLAGS",), ("FETCH 1:* FLAGS",), ("UID FETCH 1:* FLAGS",), ("SEARCH ALL",), ("SEARCH 1:*",),
    ("CHECK",), ("NOOP",), ("UNSELECT",), ("UNSELECT",), ("SELECT INBOX",), ("FETCH 1:* FLAGS",), ("STORE 1:* +FLAGS.SILENT (\\Deleted)",), ("CLOSE",), ("CLOSE",),
    ("STATUS INBOX (MESSAGES)",), ("DELETE work",), ("AUTHENTICATE PLAIN",), ("NOOP x",), ("",),
]


# What a server adds of its own and says where it likes to; what it may word as it likes.
def essence(untagged):
    kept = []
    for line in untagged:
        if re.match(rb"\* (OK|NO|BAD|CAPABILITY|ID|NAMESPACE|ENABLED|FLAGS)\b", line, re.I):
            continue
        fetch = re.match(rb"(?s)\* (\d+) FETCH (.*)", line)
        if fetch:
            items = Reader(fetch[2]).value()
            pairs = {str(items[i]).upper(): items[i + 1] for i in range(0, len(items), 2)}
            if "FLAGS" in pairs:
                pairs["FLAGS"] = sorted(flag.lower() for flag in pairs["FLAGS"])
            for name in ("ENVELOPE", "BODY", "BODYSTRUCTURE"):
                pairs.pop(name, None)
            if "INTERNALDATE" in pairs:
                pairs["INTERNALDATE"] = instant(pairs["INTERNALDATE"])
            kept.append(("FETCH", int(fetch[1]), tuple(sorted((k, str(v)) for k, v in pairs.items()))))
            continue
        listed = re.match(rb'(?s)\* (LIST|LSUB) \(([^)]*)\) "(.)" (.*)', line)
        if listed:
            attributes = sorted(set(listed[2].lower().split()) - {rb"\unmarked", rb"\marked"})
            kept.append((listed[1].decode(), attributes, listed[3], Reader(listed[4]).value()))
            continue
        status = re.match(rb"\* STATUS (\S+) (.*)", line)
        if status:
            items = Reader(status[2]).value()
            kept.append(("STATUS", status[1].strip(b'"'), sorted(zip(items[::2], items[1::2]))))
            continue
        kept.append(line.strip().decode("latin-1"))
    return sorted(kept, key=str)


def instant(date):
    import datetime
    text = date.decode()
    when = datetime.datetime.strptime(text.strip(), "%d-%b-%Y %H:%M:%S %z")
    return when.timestamp() if when.year < 2020 else "now"


for number, (command, *literals) in enumerate(SESSION):
    a, b = both(command, *literals)
    name = "%03d %s" % (number, command.replace("\0", "{}"))
    compare("session", name, a[0], b[0])
    if a[0] == b[0] == "OK":
        x, y = essence(a[2]), essence(b[2])
        if x != y:
            differ("said", name, [i for i in x if i not in y], [i for i in y if i not in x])
    for code in ("TRYCREATE", "APPENDUID", "COPYUID", "READ-ONLY", "READ-WRITE", "BADCHARSET", "NONEXISTENT", "ALREADYEXISTS"):
        if (a[1] == code) != (b[1] == code):
            differ("code", name, a[1], b[1])
            break

# ---- The corpus ----

both("CREATE corpus")
messages = imap_corpus.messages()
for position, (name, octets) in enumerate(messages):
    flags = ("\\Seen", "\\Answered", "\\Flagged", "\\Draft", "$Hot")[position % 5] if position % 3 else ""
    date = "%2d-%s-%d %02d:10:00 %s" % (position % 28 + 1, ("Jan", "Feb", "Mar")[position % 3], 1994 + position % 20, position % 24, ("+0000", "-0800", "+0530")[position % 3])
    for server in (ours, theirs):
        if server.say('APPEND corpus (%s) "%s" \0' % (flags, date), octets)[0] != "OK":
            raise SystemExit("%s was not taken" % name)
for server in (ours, theirs):
    if server.say("SELECT corpus")[0] != "OK":
        raise SystemExit("SELECT corpus")


def fetch(server, number, items):
    status, _, untagged = server.say("FETCH %d (%s)" % (number, items))
    for line in untagged:
        match = re.match(rb"(?s)\* %d FETCH (.*)" % number, line)
        if match and status == "OK":
            values = Reader(match[1]).value()
            return {str(values[i]).upper(): values[i + 1] for i in range(0, len(values), 2)}
    return {"STATUS": status}


def lower(value):
    return value.lower() if isinstance(value, bytes) else value


def parameters(value):
    """Names, and charsets (RFC 2046 section 4.1.2), in any case."""
    if value is None:
        return None
    pairs = [(lower(value[i]), value[i + 1]) for i in range(0, len(value), 2)]
    return [(name, lower(what) if name == b"charset" else what) for name, what in pairs]


def disposition(value):
    return value if value is None else (lower(value[0]), parameters(value[1]))


def structure(value, path, into):
    """A part's fields by their names: "1.2 type"."""
    if isinstance(value[0], list):
        count = 0
        while count < len(value) and isinstance(value[count], list):
            structure(value[count], path + [str(count + 1)], into)
            count += 1
        names, values = ("subtype", "parameters", "disposition", "language", "location"), value[count:]
        into[".".join(path), "parts"] = count
    else:
        kind = lower(value[0]), lower(value[1])
        names = ["type", "subtype", "parameters", "id", "description", "encoding", "octets"]
        if kind == (b"message", b"rfc822") and len(value) > 8 and isinstance(value[7], list):
            names += ["envelope", "structure", "lines"]
        elif kind[0] == b"text":
            names += ["lines"]
        names += ["md5", "disposition", "language", "location"]
        values = value
    for name, item in zip(names, values):
        if name == "structure":
            structure(item, path + ["message"], into)
        elif name == "envelope":
            envelope(item, path, into)
        else:
            change = {"parameters": parameters, "disposition": disposition, "type": lower, "subtype": lower, "encoding": lower}.get(name, lambda x: x)
            into[".".join(path), name] = change(item)


ENVELOPE = ("date", "subject", "from", "sender", "reply-to", "to", "cc", "bcc", "in-reply-to", "message-id")


def envelope(value, path, into):
    for name, item in zip(ENVELOPE, value):
        into[".".join(path), name] = item


def compare_fields(what, item, a, b):
    for key in sorted(set(a) | set(b), key=str):
        x, y = a.get(key, "absent"), b.get(key, "absent")
        if x != y:
            differ(what + " " + " ".join(k for k in key if k), item, x, y)


SECTIONS = ("HEADER", "TEXT", "1", "1.MIME", "2", "2.MIME", "3", "1.1", "1.2", "1.1.1", "1.HEADER", "1.TEXT", "2.1", "2.HEADER", "2.TEXT", "2.1.MIME", "3.HEADER", "3.TEXT",
            "HEADER.FIELDS (Subject To)", "HEADER.FIELDS.NOT (Subject To)", "1.1.1.1", "2.2", "4")
for number, (name, octets) in enumerate(messages, 1):
    a, b = (fetch(s, number, "RFC822.SIZE INTERNALDATE FLAGS") for s in (ours, theirs))
    compare("RFC822.SIZE", name, a["RFC822.SIZE"], b["RFC822.SIZE"])
    compare("INTERNALDATE", name, instant(a["INTERNALDATE"]), instant(b["INTERNALDATE"]))
    compare("FLAGS", name, sorted(set(a["FLAGS"]) - {"\\Recent"}), sorted(set(b["FLAGS"]) - {"\\Recent"}))
    tables = []
    for server in (ours, theirs):
        table = {}
        answer = fetch(server, number, "ENVELOPE")
        envelope(answer["ENVELOPE"], [], table)
        tables.append(table)
    compare_fields("ENVELOPE", name, *tables)
    for item in ("BODYSTRUCTURE", "BODY"):
        tables = []
        for server in (ours, theirs):
            table = {}
            structure(fetch(server, number, item)[item], [], table)
            tables.append(table)
        compare_fields(item, name, *tables)
    sections = {}
    for section in SECTIONS:
        a, b = (next(iter(fetch(s, number, "BODY.PEEK[%s]" % section).values())) for s in (ours, theirs))
        sections[section] = b
        above = section.replace(".1.MIME", ".MIME") if section.endswith(".1.MIME") else section[:-2] if section.endswith(".1") else None
        if a is None and b and b == sections.get(above):
            differ("BODY[n.1], MIME", "the only part of a part that has none", "NIL", "the part itself")
        else:
            compare("BODY[%s]" % section, name, a or b"", b or b"")  # NIL or empty: what is not there

# ---- SEARCH ----

SEARCHES = [
    "ALL", "ANSWERED", "UNANSWERED", "FLAGGED", "UNFLAGGED", "SEEN", "UNSEEN", "DRAFT", "UNDRAFT", "DELETED", "UNDELETED", "KEYWORD $Hot", "UNKEYWORD $Hot", "KEYWORD $None",
    "BEFORE 1-Jan-2000", "ON 3-Feb-2000", "SINCE 1-Jan-2005", "BEFORE 1-Mar-1994", "SINCE 5-Jan-1994 BEFORE 10-Jan-1994",
    "SENTBEFORE 7-Sep-2026", "SENTON 7-Sep-2026", "SENTON 1-Feb-1994", "SENTSINCE 8-Sep-2026", "SENTSINCE 1-Jan-1994 SENTBEFORE 1-Jan-2000",
    "LARGER 300", "SMALLER 100", "LARGER 1000 SMALLER 2000", "FROM alice", "FROM crepes.fr", "FROM \"Alice <alice\"", "FROM Gr", "TO bob", "TO x.example", "TO Last", "CC c@x", "BCC d@x", "BCC \"\"",
    "SUBJECT body", "SUBJECT quoted", "SUBJECT number", "SUBJECT \"two three\"", "SUBJECT \"\"", "SUBJECT xxxxxxxxxx", "HEADER Message-ID <1@x.example>", "HEADER Reply-To \"\"", "HEADER X-Nothing 1", "HEADER Content-Type multipart",
    "HEADER Sender \"\"", "HEADER References 0@x", "BODY ketchup", "BODY hello", "BODY \"no header at all\"", "BODY \"end\"", "BODY inside", "BODY preamble", "TEXT alice", "TEXT ketchup", "TEXT inner@x.example", "TEXT inside", "TEXT number",
    "1:10", "5,7,9", "*", "UID 1:10", "NOT 1:190", "OR FROM alice SEEN", "NOT SEEN NOT FLAGGED", "OR (SEEN LARGER 500) (FLAGGED SMALLER 500)", "(1:50 UNSEEN)", "NOT (OR SUBJECT body SUBJECT number)", "TEXT \"\"",
]
CHARSET_SEARCHES = [("UTF-8", "SUBJECT", "汉堡"), ("UTF-8", "SUBJECT", "grüße"), ("UTF-8", "BODY", "Gruß"), ("UTF-8", "BODY", "汉堡"), ("UTF-8", "TO", "汉"), ("UTF-8", "TEXT", "crêpes"), ("UTF-8", "FROM", "Grüße")]
names = [name for name, _ in messages]


def searched(answer):
    return {int(n) for line in answer[2] if line.startswith(b"* SEARCH") for n in line[8:].split()}


def compare_search(program, a, b):
    if a[0] != b[0]:
        differ("SEARCH " + program, "the result", a[0], b[0])
    x, y = searched(a), searched(b)
    for number in sorted(x ^ y):
        differ("SEARCH " + program, names[number - 1], "found" if number in x else "-", "found" if number in y else "-")


for program in SEARCHES:
    compare_search(program, *both("SEARCH " + program))
for charset, key, text in CHARSET_SEARCHES:
    compare_search("%s %s" % (key, text), *both("SEARCH CHARSET %s %s \0" % (charset, key), text.encode(charset)))
print("%d messages, %d commands, %d search programs" % (len(messages), len(SESSION), len(SEARCHES) + len(CHARSET_SEARCHES)))

# ---- Against the list ----

listed = set()
for line in open(LISTED, encoding="utf-8"):
    line = line.rstrip("\n")
    if line and not line.startswith("#"):
        what, _, items = line.partition(" | ")
        for item in items.split(" | "):
            listed.add((what, item))
new = sorted(set(found) - listed)
gone = sorted(listed - set(found))
for key in new:
    print("NOT LISTED: %s | %s: ours %.300r, theirs %.300r" % (*key, *found[key]))
for key in gone:
    print("NO LONGER DIFFERENT: %s | %s" % key)
print("%d differences, %d of them not listed, %d listed in vain" % (len(found), len(new), len(gone)))
sys.exit(1 if new or gone else 0)
