"""IMAP clients that do what they should not, at the gateway: each gets an answer as the RFC has it, memory stays bounded, and one that
behaves is undisturbed all the while. Arguments: the server's process."""
import imaplib
import resource
import socket
import sys
import threading
import time

PORT = 2143
SERVER = sys.argv[1]


def check(truth, what):
    if not truth:
        raise SystemExit("FAILED: " + what)


def memory(field):
    with open("/proc/%s/status" % SERVER) as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field))


class Raw:
    def __init__(self, login=None):
        self.socket = socket.create_connection(("127.0.0.1", PORT), timeout=120)
        self.file = self.socket.makefile("rb")
        self.expect(b"* OK [CAPABILITY ")
        if login:
            self.say(b"l LOGIN " + login + b"\r\n", b"l OK ")

    def expect(self, *beginnings):
        for beginning in beginnings:
            line = self.file.readline()
            check(line.startswith(beginning), "%r instead of %r" % (line[:200], beginning))

    def say(self, octets, *beginnings):
        self.socket.sendall(octets)
        self.expect(*beginnings)

    def gone(self):
        """The server has closed, perhaps with a reset, since it had not read all."""
        try:
            check(self.file.readline() == b"", "the connection is closed")
        except ConnectionResetError:
            pass
        self.socket.close()


good = imaplib.IMAP4("127.0.0.1", PORT)
good.login("bob", "pickle")
good.append("INBOX", None, None, b"Subject: one\r\n\r\nthe only one\r\n")
good.select()


def undisturbed(what):
    started = time.monotonic()
    check(good.noop()[0] == "OK" and good.search(None, "ALL")[0] == "OK", "a client that behaves, " + what)
    took = time.monotonic() - started
    check(took < 10, "a client that behaves waits %.1f s, %s" % (took, what))


undisturbed("before")
half = Raw()
half.socket.sendall(b"a1 LOGIN b")  # and then silence
half_literal = Raw(b"bob pickle")
half_literal.say(b"a1 APPEND INBOX {1000}\r\n", b"+ ")
half_literal.socket.sendall(b"x" * 10)

before = memory("VmRSS")
# A gigabyte announced: waited for, or not.
c = Raw(b"bob pickle")
c.say(b"a1 APPEND INBOX {1073741824}\r\n", b"a1 NO [TOOBIG] ")
c.say(b"a2 LIST {1073741824}\r\n", b"a2 BAD [TOOBIG] ")
c.say(b"a3 NOOP\r\n", b"a3 OK ")
c.say(b"a4 APPEND INBOX {1073741824+}\r\n", b"* BYE ")
c.gone()
c = Raw()
c.say(b"a1 LOGIN {1073741824}\r\n", b"a1 BAD [TOOBIG] ")
c.say(b"a2 LOGIN {99999999999999999999999999}\r\n", b"a2 BAD [TOOBIG] ")
c.say(b"a3 APPEND INBOX {99999999999999999999999999+}\r\n", b"* BYE ")
c.gone()
grown = memory("VmRSS") - before
check(grown < 30_000, "what is announced is not yet taken room for: it has grown by %d kB" % grown)
undisturbed("while a gigabyte is announced")

# A line without an end; a literal's octets without an end.
endless = Raw()
threading.Thread(target=lambda: endless.socket.sendall(b"a1 " + b"x" * 20_000_000), daemon=True).start()
endless_literal = Raw(b"carol lettuce")
endless_literal.say(b"a1 APPEND INBOX {19000000}\r\n", b"+ ")
sender = threading.Thread(target=lambda: endless_literal.socket.sendall(b"y" * 18_000_000), daemon=True)
sender.start()
undisturbed("while others send without an end")
sender.join()

# Ten thousand literals in one command.
many = Raw()
many.socket.sendall(b"a1 LOGIN")
try:
    for _ in range(10_000):
        many.socket.sendall(b" {20+}\r\n" + b"z" * 20)
    many.socket.sendall(b"\r\n")
except (ConnectionResetError, BrokenPipeError):
    pass
try:
    line = many.file.readline()
    check(line.startswith((b"a1 BAD ", b"* BYE ")) or line == b"", "ten thousand literals: %r" % line[:100])
except ConnectionResetError:
    pass

# Nesting ten thousand deep: of keys, of lists, of MIME parts, of messages.
c = Raw(b"bob pickle")
c.say(b"z APPEND INBOX {14+}\r\nSubject: x\r\n\r\n\r\n", b"z OK ")
c.say(b"a0 EXAMINE INBOX\r\n", b"* FLAGS")
while not c.file.readline().startswith(b"a0 OK"):
    pass
c.say(b"a1 SEARCH " + b"(" * 10_000 + b"SEEN" + b")" * 10_000 + b"\r\n", b"a1 BAD ")
c.say(b"a2 SEARCH " + b"NOT " * 10_000 + b"SEEN\r\n", b"a2 BAD ")
c.say(b"a3 SEARCH " + b"OR SEEN " * 8_000 + b"SEEN\r\n", b"a3 BAD ")
c.say(b"a4 FETCH 1 BODY[" + b".".join([b"1"] * 10_000) + b"]\r\n", b"* 1 FETCH (BODY[1.1.", b"a4 OK ")
c.say(b"a5 FETCH " + b",".join([b"1"] * 10_000) + b" (" + b" ".join([b"UID"] * 1_000) + b")\r\n", b"a5 BAD ")
c.say(b"a6 CREATE " + b"/".join([b"x"] * 10_000) + b"\r\n", b"a6 NO ")
c.say(b"a7 LIST \"\" " + b"*%" * 15_000 + b"zz\r\n", b"a7 OK ")
deep = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (i, i) for i in range(10_000))
inside = b"Content-Type: message/rfc822\r\n\r\n" * 10_000 + b"Subject: found\r\n\r\nthe innermost\r\n"
for number, octets in ((1, deep), (2, inside), (3, b"\r\n".join([b"X: y"] * 100_000) + b"\r\n\r\n"), (4, b"To: " + b"(" * 100_000 + b"\r\n\r\n")):
    c.say(b"b%d APPEND Trash {%d}\r\n" % (number, len(octets)), b"+ ")
    c.say(octets + b"\r\n", b"b%d OK " % number)
c.say(b"c0 SELECT Trash\r\n", b"* FLAGS")
while not c.file.readline().startswith(b"c0 OK"):
    pass
c.socket.sendall(b"c1 FETCH 1:* (ENVELOPE BODY BODYSTRUCTURE BODY[1.1.1.1.MIME])\r\n")
while not (line := c.file.readline()).startswith(b"c1 "):
    pass
check(line.startswith(b"c1 OK"), "nested messages are fetched: %r" % line)
c.say(b"c2 SEARCH TEXT innermost\r\n", b"* SEARCH", b"c2 OK ")
undisturbed("after nesting ten thousand deep")
c.socket.sendall(b"c3 STORE 1:* +FLAGS.SILENT (\\Deleted)\r\nc4 CLOSE\r\nc5 LOGOUT\r\n")
c.expect(b"c3 OK", b"c4 OK", b"* BYE", b"c5 OK")

# NULs, bare line feeds, 8-bit, random octets.
c = Raw(b"bob pickle")
c.say(b"a1 NO\0OP\r\n", b"a1 BAD ")
c.say(b"a2 LIST \"\" \"\0\"\r\n", b"a2 BAD ")
c.say(b"a3 APPEND INBOX {3+}\r\na\0b\r\n", b"a3 BAD ")
c.say(b"a4 NOOP\na5 NOOP\r\n", b"a4 BAD ", b"a5 OK ")
c.say(bytes(range(128, 256)) + b"\r\n", b"* BAD ")
c.say(b"a6 NOOP\r\n", b"a6 OK ")
# Twenty thousand commands at once, none of which it reads the answers of.
threading.Thread(target=lambda: c.socket.sendall(b"q FETCH 1:* FLAGS\r\nq LIST \"\" *\r\n" * 10_000), daemon=True).start()
undisturbed("while another reads no answers")
grown = memory("VmRSS") - before
print("grown by %d kB" % grown)
check(grown < 900_000, "memory is bounded: it has grown by %d kB" % grown)  # with sanitizers; a third of it without
c.socket.close()
endless.say(b"\r\n", b"a1 BAD ")
endless.socket.close()
endless_literal.socket.close()

# Ten thousand connections: those the server serves are greeted, some are told to come again, the rest are reset.
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
count = 10_000 if limit == resource.RLIM_INFINITY else min(10_000, limit // 2 - 100)
crowd = [socket.create_connection(("127.0.0.1", PORT), timeout=120) for _ in range(count)]
greeted = {}
for one in crowd:
    try:
        word = one.recv(5)
    except ConnectionResetError:
        word = b"reset"
    greeted[word] = greeted.get(word, 0) + 1
print("a crowd of", count, greeted)
check(set(greeted) <= {b"* OK ", b"* BYE", b"reset"}, "what a crowd is told: %s" % greeted)
if count > 2300:
    check(1900 <= greeted[b"* OK "] <= 2000 and greeted[b"* BYE"] == 200, "the limit of connections: %s" % greeted)
undisturbed("in a crowd")
for one in crowd:
    one.close()
peak = memory("VmHWM")
print("peak memory: %d kB" % peak)
check(peak < 1_500_000, "memory is bounded: %d kB" % peak)
undisturbed("after all this")
half.expect(b"* BYE ")
half.gone()
good.logout()
print("all is well")
