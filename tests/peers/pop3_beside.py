"""pop3_beside.py send FOLDER: sends letters to ours, fetches them, and lays them into FOLDER as a Maildir for Dovecot.
pop3_beside.py compare: says the same to both servers, and compares status and content of every answer."""
import mailbox
import poplib
import smtplib
import socket
import sys

SMTP, OURS, THEIRS = 2525, 2110, 2610
poplib._MAXLINE = 100_000


def letters():
    yield "Subject: dots\n\n.\n..\n.a\n...\nno dot\n.\n"
    yield "Subject: empty\n\n"
    yield "Subject: header alone\n"
    yield "\nbody alone\n"
    yield "Subject: blank lines\n\n\n\n\n\n"
    yield "Subject: many lines\n\n" + "".join("line %d\n" % i for i in range(3000))
    yield "Subject: a folded\n  field\n\nx\n"
    yield "Subject: =?utf-8?q?K=C3=A4se?=\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n.one\n--b\nContent-Type: message/rfc822\n\nSubject: in\n\n..two\n--b--\n"
    for i in range(12):
        yield "Subject: letter %d\n\n%s" % (i, "".join("." * (k % 4) + "x" * (k * 7 % 900) + "\n" for k in range(i * 3)))


def send(folder):
    with smtplib.SMTP("127.0.0.1", SMTP, "tester.example") as s:
        for letter in letters():
            s.sendmail("a@there.example", ["bob@hamburger.edu"], letter)
    mailbox.Maildir(folder)
    p = poplib.POP3("127.0.0.1", OURS)
    p.user("bob")
    p.pass_("pickle")
    for n in range(1, p.stat()[0] + 1):
        # Dovecot numbers messages in the order of their files' names.
        with open("%s/new/%d.M%dP1.here" % (folder, 1_000_000_000 + n, n), "wb") as file:
            file.write(b"".join(line + b"\n" for line in p.retr(n)[1]))
    p.quit()


class Server:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.file = self.socket.makefile("rb")
        self.line()

    def line(self):
        return self.file.readline()

    def say(self, command):
        """Status, first line, and what follows."""
        self.socket.sendall(command.encode("latin-1") + b"\r\n")
        first = self.line()
        words = command.upper().split()
        several = first.startswith(b"+OK") and words and (words[0] in ("CAPA", "RETR", "TOP") or (words[0] in ("LIST", "UIDL") and len(words) == 1))
        rest = []
        while several:
            line = self.line()
            if line in (b".\r\n", b""):
                break
            rest.append(line)
        return first.split(b" ")[0].strip(), first, rest


# What is answered otherwise by Dovecot, and what the RFC says of it.
OTHERWISE = {
    "USER": "RFC 1939 section 7: a string identifying a mailbox (required)",
    "STAT 1": "RFC 1939 section 5: arguments: none",
    "NOOP 1": "RFC 1939 section 5: arguments: none",
}


def compare():
    ours, theirs = Server(OURS), Server(THEIRS)
    faults, said, different = 0, 0, []

    def both(command):
        nonlocal faults, said
        a, b = ours.say(command), theirs.say(command)
        said += 1
        words = command.upper().split()
        verb = words[0] if words else ""
        same = a[0] == b[0]
        if same and a[0] == b"+OK" and verb in ("STAT", "LIST") and len(words) < 3:
            # The numbers are in the first line, or in those that follow.
            same = a[2] == b[2] if verb == "LIST" and len(words) == 1 else a[1].split()[1:3] == b[1].split()[1:3]
        if same and a[0] == b"+OK" and verb in ("RETR", "TOP"):
            same = a[2] == b[2]
        if same and a[0] == b"+OK" and verb == "UIDL":
            same = [line.split()[0] for line in a[2]] == [line.split()[0] for line in b[2]] and all(len(line.split()[1]) <= 70 for line in a[2] + b[2])
        if same or command in OTHERWISE:
            if not same:
                different.append(command)
            return
        faults += 1
        print("%r: ours %r %d lines, theirs %r %d lines" % (command, a[1], len(a[2]), b[1], len(b[2])))
        for x, y in zip(a[2], b[2]):
            if x != y:
                print("   %r against %r" % (x, y))
                break

    # Before the login: both put up with few mistakes, so each has a connection of its own.
    for command in ("STAT", "LIST", "RETR 1", "DELE 1", "NOOP", "RSET", "TOP 1 0", "UIDL", "XTND", "", "PASS pickle", "USER", "CAPA"):
        for first in (), ("USER bob",):
            if first and command == "PASS pickle":
                continue
            ours, theirs = Server(OURS), Server(THEIRS)
            for word in first + (command, "QUIT"):
                both(word)
    ours, theirs = Server(OURS), Server(THEIRS)
    for command in ("USER bob", "PASS wrong", "STAT", "USER bob", "PASS pickle"):
        both(command)
    count = int(ours.say("STAT")[1].split()[1])
    for i, command in enumerate((
            "USER bob", "PASS pickle", "XTND", "", "STAT", "stat", "LIST", "list", "UIDL", "NOOP", "RSET", "RETR", "DELE", "TOP", "TOP 1", "LIST x",
            "LIST 0", "LIST -1", "LIST %d" % (count + 1), "LIST 99999999999999999999", "RETR 0", "RETR x", "DELE 0", "DELE x", "TOP 0 1",
            "TOP x 1", "TOP 1 x", "TOP 1 -1", "UIDL x", "UIDL 0", "UIDL %d" % (count + 1), "STAT 1", "NOOP 1", "CAPA")):
        if i % 10 == 9:
            both("QUIT")
            ours, theirs = Server(OURS), Server(THEIRS)
            both("USER bob")
            both("PASS pickle")
        both(command)
    for n in range(1, count + 1):
        both("LIST %d" % n)
        both("UIDL %d" % n)
        both("RETR %d" % n)
        for lines in (0, 1, 2, 3, 10, 100000):
            both("TOP %d %d" % (n, lines))
    for command in ("DELE 2", "DELE 2", "RETR 2", "TOP 2 0", "LIST 2", "UIDL 2", "LIST", "UIDL", "STAT", "DELE 1", "STAT", "RSET", "STAT", "LIST",
                    "DELE 3", "DELE %d" % count, "STAT", "QUIT"):
        both(command)
    for server in ours, theirs:
        if server.line() != b"":
            faults += 1
            print("not closed after QUIT")
    ours, theirs = Server(OURS), Server(THEIRS)
    for command in ("USER bob", "PASS pickle", "STAT", "LIST", "RETR 2", "DELE 1", "STAT"):
        both(command)
    ours, theirs = ours.socket.close(), theirs.socket.close()
    for command in sorted(set(different)):
        print("%r is answered otherwise: %s" % (command, OTHERWISE[command]))
    print(said, "commands,", faults, "faults")
    if said < 200 or faults or set(different) != set(OTHERWISE):
        raise SystemExit("known and not met: %s" % (set(OTHERWISE) - set(different)))


send(sys.argv[2]) if sys.argv[1] == "send" else compare()
