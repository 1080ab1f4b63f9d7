"""Python's imaplib at the gateway: each method it has, and the answers a server gives that has no ACL, no quota command and no SORT."""
import imaplib
import socket
import time

HOST, PORT = "127.0.0.1", 2143
called = set()


def check(truth, what):
    if not truth:
        raise SystemExit("FAILED: " + what)


class Client(imaplib.IMAP4):
    """Notes which of its methods are called by us."""

    def __getattribute__(self, name):
        if not name.startswith("_"):
            called.add(name)
        return super().__getattribute__(name)

    def _create_socket(self, timeout):
        made = super()._create_socket(timeout)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # APPEND writes twice, and then waits
        return made


def ok(answer, what=""):
    check(answer[0] == "OK", "%s: %r" % (what, answer))
    return answer[1]


def no(answer, what=""):
    check(answer[0] == "NO", "%s: %r instead of NO" % (what, answer))
    return answer[1]


def bad(call, what):
    """The server does not know the command or the mechanism, and says so."""
    try:
        answer = call()
    except imaplib.IMAP4.error as error:
        check("BAD" in str(error) or "mechanism" in str(error) or "TLS" in str(error), "%s: %s" % (what, error))
    else:
        check(answer[0] == "BAD", "%s: %r instead of BAD" % (what, answer))


LETTER = "From: Alice <alice@crepes.fr>\r\nTo: bob@hamburger.edu\r\nSubject: %s\r\nDate: Mon, 7 Sep 2026 08:00:00 +0000\r\n\r\n%s\r\n"


def letter(subject, text="Do you like ketchup?"):
    return (LETTER % (subject, text)).encode()


m = Client(HOST, PORT)
check("IMAP4REV1" in m.capabilities, "capabilities: %r" % (m.capabilities,))
check(m.welcome.startswith(b"* OK [CAPABILITY IMAP4rev1"), "greeting: %r" % m.welcome)
ok(m.capability())
try:
    m.login("bob", "mustard")
    check(False, "a wrong password was taken")
except imaplib.IMAP4.error as error:
    check("AUTHENTICATIONFAILED" in str(error), "wrong password: %s" % error)
bad(m.starttls, "STARTTLS")
bad(lambda: m.login_cram_md5("bob", "pickle"), "AUTH=CRAM-MD5")
ok(m.login("bob", "pickle"), "LOGIN")
check(m.state == "AUTH", "state: " + m.state)
for capability in ("NAMESPACE", "UIDPLUS", "UNSELECT", "MOVE", "CHILDREN", "SPECIAL-USE"):
    check(capability.encode() in ok(m.capability())[0], capability + " is announced")
ok(m.noop())
check(ok(m.namespace()) == [b'(("" "/")) NIL NIL'], "NAMESPACE")
ok(m.enable("CONDSTORE"), "ENABLE")
ok(m.xatom("ID", '("name" "imaplib")'), "ID")

# Mailboxes.
names = b"\n".join(ok(m.list()))
for line in (b'(\\HasNoChildren) "/" INBOX', b'(\\HasNoChildren \\Sent) "/" Sent', b'(\\HasChildren) "/" Work', b'(\\HasNoChildren) "/" Work/2026'):
    check(line in names, "LIST has %r: %r" % (line, names))
check(ok(m.list('""', "%/%")) == [b'(\\HasNoChildren) "/" Work/2026'], "LIST of a level")
ok(m.create("Projects"))
no(m.create("Projects"), "CREATE twice")
ok(m.create("Projects/netstage"))
ok(m.rename("Projects", "Past"))
no(m.rename("Projects", "Past"), "RENAME of what is not there")
check(ok(m.list('""', "Past*")) == [b'(\\HasChildren) "/" Past', b'(\\HasNoChildren) "/" Past/netstage'], "RENAME takes what is below along")
ok(m.subscribe("Past"))
check(ok(m.lsub('""', "Past")) == [b'() "/" Past'], "LSUB")
ok(m.delete("Past/netstage"))
ok(m.delete("Past"))
check(ok(m.lsub('""', "Past")) == [b'(\\Noselect) "/" Past'], "a subscription outlives its mailbox")
ok(m.unsubscribe("Past"))
no(m.delete("Past"), "DELETE twice")
no(m.select("Past"), "SELECT of what is not there")
no(m.append("Past", None, None, letter("lost")), "APPEND to what is not there")
check("TRYCREATE" in m.untagged_responses, "TRYCREATE: %r" % m.untagged_responses)

# Messages.
check(ok(m.select())[0] == b"0", "INBOX is empty")
check(m.response("PERMANENTFLAGS")[1][0].endswith(b"\\*)"), "PERMANENTFLAGS")
ok(m.append("INBOX", r"(\Flagged)", imaplib.Time2Internaldate(1e9), letter("one")))
ok(m.append("INBOX", None, None, letter("two", "x" * 5000)))
ok(m.append("INBOX", r"(\Seen $Hot)", '"07-Feb-1994 21:52:25 -0800"', letter("three")))
check(ok(m.recent())[-1] == b"3", "RECENT")
check(ok(m.status("INBOX", "(MESSAGES UNSEEN UIDNEXT)")) == [b"INBOX (MESSAGES 3 UIDNEXT 4 UNSEEN 2)"], "STATUS")
check(ok(m.search(None, "ALL")) == [b"1 2 3"], "SEARCH ALL")
check(ok(m.search(None, "SUBJECT", "two", "LARGER", "5000")) == [b"2"], "SEARCH")
check(ok(m.search("UTF-8", "TEXT", "ketchup")) == [b"1 3"], "SEARCH with a charset")
check(ok(m.uid("SEARCH", "KEYWORD", "$Hot")) == [b"3"], "UID SEARCH")
parts = ok(m.fetch("1", "(UID FLAGS INTERNALDATE RFC822)"))
check(parts[0][1] == letter("one"), "FETCH RFC822: %r" % (parts,))
check(b'INTERNALDATE " 9-Sep-2001 01:46:40 +0000"' in parts[0][0], "INTERNALDATE: %r" % parts[0][0])
check(b"\\Seen" in parts[1] or b"\\Seen" in parts[0][0], "what is fetched is seen: %r" % (parts,))
parts = ok(m.fetch("2", "(BODY.PEEK[TEXT]<10.20>)"))
check(parts[0][1] == b"x" * 20, "partial: %r" % (parts,))
bad(lambda: m.partial("2", "RFC822", "1", "20"), "PARTIAL, which IMAP4rev1 has no more")
check(ok(m.store("1:2", "+FLAGS", r"(\Answered)"))[0].startswith(b"1 (FLAGS ("), "STORE")
check(ok(m.store("1", "+FLAGS.SILENT", r"(\Draft)")) == [None], "STORE, silent")
ok(m.copy("1:3", "Sent"))
check(m.response("COPYUID")[1][0].endswith(b" 1:3 1:3"), "COPYUID")
ok(m.uid("COPY", "2", "Trash"))
ok(m.uid("MOVE", "2", "Work/2026"), "UID MOVE")
check(ok(m.search(None, "ALL")) == [b"1 2"], "after MOVE")
ok(m.uid("STORE", "3", "+FLAGS", r"(\Deleted)"))
ok(m.check())
check(ok(m.expunge())[-1] == b"2", "EXPUNGE")
ok(m.close())
check(ok(m.select("Sent", readonly=True)) == [b"3"] and m.is_readonly, "EXAMINE")
no(m.store("1", "+FLAGS", r"(\Seen)"), "STORE where one only reads")
ok(m.unselect())
check(m.state == "AUTH", "UNSELECT")
bad(lambda: m.proxyauth("carol"), "PROXYAUTH")
ok(m.select("Trash"))
bad(lambda: m.fetch("2", "FLAGS"), "a number beyond the mailbox")
bad(lambda: m.fetch("1", "NOTHING"), "an item that is none")

# What it does not have.
for method, arguments in (("getacl", ("INBOX",)), ("setacl", ("INBOX", "bob", "lr")), ("deleteacl", ("INBOX", "bob")), ("myrights", ("INBOX",)),
                          ("getannotation", ("INBOX", '"/comment"', '"value.priv"')), ("setannotation", ("INBOX", '"/comment"', '("value.priv" "x")')),
                          ("getquota", ("x",)), ("getquotaroot", ("INBOX",)), ("setquota", ("x", "(STORAGE 512)")),
                          ("sort", ("(SUBJECT)", "UTF-8", "ALL")), ("thread", ("REFERENCES", "UTF-8", "ALL"))):
    bad(lambda: getattr(m, method)(*arguments), method)
check(m.socket().getpeername() == (HOST, PORT), "socket")
check(m.logout()[0] == "BYE", "LOGOUT")

# AUTHENTICATE; and the layer below.
m = Client(HOST, PORT)
ok(m.authenticate("PLAIN", lambda challenge: b"\0bob\0pickle"), "AUTHENTICATE PLAIN")
m.send(b"x1 NOOP\r\n")
check(m.readline() == b"x1 OK NOOP completed\r\n", "send, readline")
m.send(b"x2 NOOP\r\n")
check(m.read(len("x2 OK NOOP completed\r\n")) == b"x2 OK NOOP completed\r\n", "read")
m.shutdown()
with Client(HOST, PORT) as m:
    answers = [b"bob", b"pickle"]
    ok(m.authenticate("LOGIN", lambda challenge: answers.pop(0)), "AUTHENTICATE LOGIN")
    ok(m.noop())

# IDLE, by hand where imaplib has no method for it: another session's message is announced at once.
watcher, writer = Client(HOST, PORT), Client(HOST, PORT)
for client in (watcher, writer):
    ok(client.login("bob", "pickle"))
ok(watcher.select())
watcher.send(b"i1 IDLE\r\n")
check(watcher.readline().startswith(b"+ "), "IDLE")
before = time.monotonic()
ok(writer.append("INBOX", None, None, letter("while you wait")))
check(watcher.readline() == b"* 2 EXISTS\r\n" and watcher.readline() == b"* 1 RECENT\r\n", "told while it idles")
check(time.monotonic() - before < 5, "at once")
watcher.send(b"DONE\r\n")
check(watcher.readline() == b"i1 OK IDLE completed\r\n", "DONE")
if hasattr(imaplib.IMAP4, "idle"):
    with watcher.idle(duration=2) as idler:
        ok(writer.append("INBOX", None, None, letter("and again")))
        check(next(idler) == ("EXISTS", [b"3"]), "imaplib's idle")
watcher.logout()

# A quota.
m = Client(HOST, PORT)
ok(m.login("small", "onion"))
no(m.append("INBOX", None, None, letter("too much", "x" * 3000)), "a message beyond the quota")
ok(m.append("INBOX", None, None, letter("little")))
m.logout()

# Many messages in one FETCH, one APPEND of 10 MB.
ok(writer.create("Many"))
for i in range(300):
    ok(writer.append("Many", None, None, letter("number %d" % i, "y" * 700)))
big = letter("big", ("z" * 76 + "\r\n") * 130000)
started = time.monotonic()
ok(writer.append("Many", None, None, big))
print("10 MB in, in %.1f s" % (time.monotonic() - started))
ok(writer.select("Many"))
parts = ok(writer.fetch("1:300", "(RFC822)"))
bodies = [part[1] for part in parts if isinstance(part, tuple)]
check(bodies == [letter("number %d" % i, "y" * 700) for i in range(300)], "300 messages in one answer")
started = time.monotonic()
check(ok(writer.fetch("301", "(BODY.PEEK[])"))[0][1] == big, "10 MB come back as they were sent")
print("10 MB out, in %.1f s" % (time.monotonic() - started))
ok(writer.store("1:*", "+FLAGS.SILENT", r"(\Deleted)"))
check(len(ok(writer.expunge())) == 301, "301 expunged")
ok(writer.close())
ok(writer.delete("Many"))
writer.logout()

everything = {name for name in dir(imaplib.IMAP4) if not name.startswith("_") and callable(getattr(imaplib.IMAP4, name))} - {"error", "abort", "readonly", "print_log"}
check(everything <= called, "methods of imaplib that were not tried: %s" % sorted(everything - called))
print("all is well")
