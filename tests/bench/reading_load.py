"""reading_load.py NAME IMAP-PORT POP3-PORT [PID]: fills bob's mailbox with 1,000 messages and counts commands a second."""
import random
import socket
import sys
import time

name, imap_port, pop3_port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rng = random.Random(7)
MESSAGES = 1000


def message(i):
    words = " ".join(rng.choice(("ketchup", "pickles", "lunch", "crepes", "hamburger", "mustard")) for _ in range(150))
    lines = "\r\n".join(words[k:k + 70] for k in range(0, len(words), 70))
    part = "--b\r\nContent-Type: text/plain\r\n\r\n%s\r\n--b\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n--b--\r\n"
    return ("From: Alice <alice@crepes.fr>\r\nTo: bob@hamburger.edu\r\nSubject: letter %d\r\nDate: Mon, 7 Sep 2026 08:00:00 +0000\r\n"
            "Message-ID: <%d@crepes.fr>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" % (i, i) + part % (lines, "R0lGODlh" * 60)).encode()


class Line:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb", 1 << 20)

    def imap_until(self, tag):
        while True:
            line = self.file.readline()
            if not line:
                raise SystemExit("%s: the connection has ended" % name)
            if line.endswith(b"}\r\n"):
                self.file.read(int(line[line.rindex(b"{") + 1:-3]))
                continue
            if line.startswith(tag + b" "):
                if not line.startswith(tag + b" OK"):
                    raise SystemExit("%s: %r" % (name, line))
                return

    def imap(self, command):
        self.socket.sendall(b"t " + command + b"\r\n")
        self.imap_until(b"t")

    def pop3(self, multiline):
        line = self.file.readline()
        if not line.startswith(b"+OK"):
            raise SystemExit("%s: %r" % (name, line))
        while multiline and line != b".\r\n":
            line = self.file.readline()


def figure(what, count, seconds):
    print("%-9s %-44s %9.0f a second" % (name, what, count / seconds))


imap = Line(imap_port)
imap.file.readline()
imap.imap(b"LOGIN bob ketchup")
letters = [message(i) for i in range(MESSAGES)]
start = time.perf_counter()
for letter in letters:
    imap.socket.sendall(b"t APPEND INBOX {%d}\r\n" % len(letter))
    imap.file.readline()
    imap.socket.sendall(letter + b"\r\n")
    imap.imap_until(b"t")
figure("IMAP APPEND, %d octets" % len(letters[0]), MESSAGES, time.perf_counter() - start)
start = time.perf_counter()
for _ in range(50):
    imap.imap(b"SELECT INBOX")
figure("IMAP SELECT of %d messages" % MESSAGES, 50, time.perf_counter() - start)


def batch(what, commands):
    start = time.perf_counter()
    for k in range(0, len(commands), 50):
        part = commands[k:k + 50]
        imap.socket.sendall(b"".join(b"u%d %s\r\n" % (i, c) for i, c in enumerate(part)))
        imap.imap_until(b"u%d" % (len(part) - 1))
    figure(what, len(commands), time.perf_counter() - start)


numbers = [1 + rng.randrange(MESSAGES) for _ in range(5000)]
start = time.perf_counter()
for _ in range(2000):
    imap.imap(b"NOOP")
figure("IMAP NOOP, one at a time", 2000, time.perf_counter() - start)
batch("IMAP FETCH n FLAGS", [b"FETCH %d FLAGS" % n for n in numbers])
batch("IMAP FETCH n (ENVELOPE BODYSTRUCTURE), first", [b"FETCH %d (ENVELOPE BODYSTRUCTURE)" % n for n in range(1, MESSAGES + 1)])
batch("IMAP FETCH n (ENVELOPE BODYSTRUCTURE)", [b"FETCH %d (ENVELOPE BODYSTRUCTURE)" % n for n in numbers])
batch("IMAP FETCH n BODY.PEEK[]", [b"FETCH %d BODY.PEEK[]" % n for n in numbers])
batch("IMAP FETCH n BODY.PEEK[1]<0.100>", [b"FETCH %d BODY.PEEK[1]<0.100>" % n for n in numbers])
batch("IMAP FETCH 1:* (UID FLAGS), messages", [b"FETCH 1:* (UID FLAGS)"] * 20)
batch("IMAP STORE n +FLAGS (\\Flagged)", [b"STORE %d +FLAGS (\\Flagged)" % n for n in numbers[:1000]])
batch("IMAP SEARCH SUBJECT", [b"SEARCH SUBJECT \"letter 77\""] * 20)
batch("IMAP SEARCH TEXT", [b"SEARCH TEXT \"nothing of the kind\""] * 20)
imap.imap(b"LOGOUT")

pop3 = Line(pop3_port)
pop3.pop3(False)
for command in (b"USER bob", b"PASS ketchup"):
    pop3.socket.sendall(command + b"\r\n")
    pop3.pop3(False)


def pop3_batch(what, commands, multiline):
    start = time.perf_counter()
    for k in range(0, len(commands), 50):
        part = commands[k:k + 50]
        pop3.socket.sendall(b"".join(c + b"\r\n" for c in part))
        for _ in part:
            pop3.pop3(multiline)
    figure(what, len(commands), time.perf_counter() - start)


pop3_batch("POP3 STAT", [b"STAT"] * 5000, False)
pop3_batch("POP3 LIST n", [b"LIST %d" % n for n in numbers], False)
pop3_batch("POP3 UIDL of all", [b"UIDL"] * 50, True)
pop3_batch("POP3 TOP n 0", [b"TOP %d 0" % n for n in numbers], True)
pop3_batch("POP3 RETR n", [b"RETR %d" % n for n in numbers], True)
pop3.socket.sendall(b"QUIT\r\n")
pop3.pop3(False)
if len(sys.argv) > 4:
    with open("/proc/%s/status" % sys.argv[4]) as status:
        print(name, *[" ".join(line.split()) for line in status if line.startswith(("VmHWM", "VmRSS"))])
