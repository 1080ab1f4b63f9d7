"""Python's poplib, each method it has, and clients that do what they should not, at the gateway. FOLDER has what curl has left."""
import poplib
import resource
import smtplib
import socket
import sys
import threading
import time

PORT, SMTP = 2110, 2525
poplib._MAXLINE = 100_000


def check(truth, what):
    if not truth:
        raise SystemExit("FAILED: " + what)


def send(message, to="bob"):
    with smtplib.SMTP("127.0.0.1", SMTP, "tester.example") as s:
        check(not s.sendmail("py@there.example", [to + "@hamburger.edu"], message), "sendmail")
    if isinstance(message, str):
        message = message.encode()
    return smtplib._fix_eols(message.decode("latin-1")).encode("latin-1")


def refused(call, *arguments):
    try:
        call(*arguments)
    except poplib.error_proto as why:
        return why.args[0].decode() if isinstance(why.args[0], bytes) else str(why)
    raise SystemExit("FAILED: %s%s was not refused" % (call.__name__, arguments))


def login(user="bob", password="pickle"):
    p = poplib.POP3("127.0.0.1", PORT, timeout=60)
    p.user(user)
    p.pass_(password)
    return p


def content(lines):
    """As it was sent, behind the trace fields that the server has put before it."""
    whole = b"".join(line + b"\r\n" for line in lines)
    check(whole.startswith(b"Return-Path: <py@there.example>\r\nReceived: "), "the trace fields: %r" % whole[:200])
    return whole


# ---- poplib ----

letters = [
    send("Subject: dots\n\n.\n..\n.a\n...\nno dot\n.\n"),
    send("Subject: empty\n\n"),
    send("Subject: 8bit\r\n\r\n汉堡 ä\r\n".encode()),
    send("Subject: a long line\n\n" + "x" * 900 + "\n\n\n\n"),
]
p = poplib.POP3("127.0.0.1", PORT, timeout=60)
p.set_debuglevel(0)
check(p.getwelcome().startswith(b"+OK hamburger.edu POP3 server ready <"), "getwelcome: %r" % p.getwelcome())
offered = p.capa()
check(offered["TOP"] == [] and offered["UIDL"] == [] and offered["SASL"] == ["PLAIN"] and offered["EXPIRE"] == ["NEVER"]
      and "PIPELINING" in offered and "RESP-CODES" in offered, "capa: %s" % offered)
check("unknown command" in refused(p.rpop, "bob"), "rpop: a command that RFC 1939 has no longer")
check("unknown command" in refused(p.utf8), "utf8: not offered")
check("STLS not supported" in refused(p.stls), "stls: not offered")
check("not valid in the AUTHORIZATION state" in refused(p.stat), "stat before a login")
check(b"password required" in p.user("bob"), "user")
check("[AUTH]" in refused(p.pass_, "gherkin"), "pass_: a wrong one")
p.user("bob")
check(b"4 messages" in p.pass_("pickle"), "pass_")
count, size = p.stat()
answer, sizes, _ = p.list()
check(count == 4 and size == sum(int(s.split()[1]) for s in sizes), "stat and list: %d %d %s" % (count, size, sizes))
_, unique, _ = p.uidl()
check(len({u.split()[1] for u in unique}) == 4, "uidl: %s" % unique)
for n, letter in enumerate(letters, 1):
    answer, lines, octets = p.retr(n)
    check(content(lines).endswith(b"\r\n" + letter), "retr %d: %r" % (n, lines))
    check(sum(len(line) + 2 for line in lines) == int(p.list(n).split()[2]) == int(sizes[n - 1].split()[1]), "the size of %d" % n)
    header, body = content(lines).split(b"\r\n\r\n", 1)
    for k in (0, 1, 2, 100):
        _, top, _ = p.top(n, k)
        wanted = header + b"\r\n\r\n" + b"".join(body.splitlines(True)[:k])
        check(content(top) == wanted, "top %d %d: %r" % (n, k, top))
    check(p.uidl(n).split()[2] == unique[n - 1].split()[1], "uidl %d" % n)
for call in (p.retr, p.list, p.uidl, p.dele):
    check("no such message" in refused(call, 5), "%s 5" % call.__name__)
check("no such message" in refused(p.top, 5, 0), "top 5")
check(b"deleted" in p.dele(2), "dele")
check("already deleted" in refused(p.retr, 2) and p.stat()[0] == 3, "a message that is marked")
check(b"4 messages" in p.rset() and p.stat() == (4, size), "rset")
check(p.noop().startswith(b"+OK"), "noop")
p.dele(1)
p.close()  # no QUIT: nothing is deleted
p = login()
check(p.stat() == (4, size), "closed without QUIT: nothing is deleted")
other = poplib.POP3("127.0.0.1", PORT, timeout=60)
other.user("bob")
check("[IN-USE]" in refused(other.pass_, "pickle"), "the maildrop is locked")
check(other.quit().startswith(b"+OK"), "quit before a login")
send("Subject: meanwhile\n\ncomes in\n")
check(p.stat() == (4, size), "what comes meanwhile does not show")
p.dele(2)
check(b"3 messages left" in p.quit(), "quit")
p = poplib.POP3("127.0.0.1", PORT, timeout=60)
check(b"4 messages" in p.apop("bob", "pickle"), "apop")
check([u.split()[1] for u in p.uidl()[1]][:3] == [unique[i].split()[1] for i in (0, 2, 3)], "unique-ids stay")
check(p.retr(4)[1][-1] == b"comes in", "what has come meanwhile")
p.quit()
p = poplib.POP3("127.0.0.1", PORT, timeout=60)
check("[AUTH]" in refused(p.apop, "bob", "gherkin"), "apop with a wrong secret")
check(b"0 messages" in p.apop("carol", "lettuce and onion") and p.list()[1] == [] and p.uidl()[1] == [], "an empty maildrop")
p.quit()

# 10 MB, down and away.
started = time.monotonic()
big = send("Subject: big\n\n" + ("x" * 70 + "\n") * 150000, to="dave")
half_way = time.monotonic()
p = login("dave", "sesame")
check(content(p.retr(1)[1]).endswith(big), "10 MB")
p.dele(1)
check(b"maildrop empty" in p.quit(), "10 MB: quit")
print("10 MB: sent in %.1f s, fetched in %.1f s" % (half_way - started, time.monotonic() - half_way))


# ---- Clients that behave badly: the others are undisturbed all the while ----


def raw():
    c = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    f = c.makefile("rb")
    check(f.readline().startswith(b"+OK "), "greeting")
    return c, f


# It asks for much, closes its side, and reads on: it gets all of it.
much = send("Subject: much\n\n" + ("y" * 70 + "\n") * 50000, to="dave")
gone, gone_file = raw()
gone.sendall(b"USER dave\r\nPASS sesame\r\nRETR 1\r\n")
gone.shutdown(socket.SHUT_WR)
check(gone_file.read().endswith(much + b".\r\n"), "a client that has closed its side")
gone.close()

half, half_file = raw()
half.sendall(b"USER b")  # and then silence
marked, marked_file = raw()
marked.sendall(b"USER bob\r\nPASS pickle\r\nDELE 1\r\nDELE 2\r\n")  # pipelined; and then silence
for _ in range(4):
    check(marked_file.readline().startswith(b"+OK"), "pipelining")
endless, endless_file = raw()
threading.Thread(target=lambda: endless.sendall(b"x" * 10_000_000), daemon=True).start()
deaf, deaf_file = raw()  # asks for much and reads nothing
deaf.sendall(b"USER dave\r\nPASS sesame\r\n" + b"RETR 1\r\n" * 200)
nul, nul_file = raw()
nul.sendall(b"US\0ER\r\n")
check(nul_file.readline().startswith(b"-ERR "), "NUL in a command")
nul.sendall(b"CAPA\nUSER bob\r\n")  # a bare LF ends no command, and what stands before it is none
answers = [nul_file.readline(), nul_file.readline()]
check(answers[0].startswith(b"-ERR ") and answers[1].startswith(b"+OK "), "bare LF: %r" % answers)
nul.sendall(b"\0" * 100000 + b"\r\n")
check(nul_file.readline().startswith(b"-ERR "), "NULs")
for _ in range(20):
    nul.sendall(b"XYZZY\r\n")
answers = nul_file.read().splitlines()
check(answers and all(a.startswith(b"-ERR ") for a in answers) and len(answers) < 20, "too many errors: the connection ends")
nul.close()
many = [raw() for _ in range(500)]
p = login("carol", "lettuce and onion")
send("Subject: undisturbed\n\nby half a command, ten million octets without a newline and 500 idle clients\n", to="carol")
check(p.stat() == (0, 0), "carol's session")
p.quit()
p = login("carol", "lettuce and onion")
check(p.retr(1)[1][-1].startswith(b"by half a command"), "carol's mail")
p.quit()
endless.sendall(b"\r\n")
check(endless_file.readline().startswith(b"-ERR line too long"), "10 MB without a newline")
endless.close()
for c, f in many:
    c.sendall(b"QUIT\r\n")
for c, f in many:
    check(f.readline().startswith(b"+OK "), "one of many: QUIT")
    f.close()
    c.close()

# Ten thousand at once: those the server serves are greeted, some are told to come again, the rest are reset.
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
count = 10_000 if limit == resource.RLIM_INFINITY else min(10_000, limit // 2 - 100)
crowd, greeted = [], {}
for _ in range(count):
    crowd.append(socket.create_connection(("127.0.0.1", PORT), timeout=60))
for c in crowd:
    try:
        word = c.recv(5)
    except ConnectionResetError:
        word = b"reset"
    greeted[word] = greeted.get(word, 0) + 1
print("a crowd of", count, greeted)
check(set(greeted) <= {b"+OK h", b"-ERR ", b"reset"}, "what a crowd is told: %s" % greeted)
if count > 2300:
    check(1900 <= greeted[b"+OK h"] <= 2000 and greeted[b"-ERR "] == 200, "the limit of connections: %s" % greeted)
crowd[0].sendall(b"CAPA\r\n")
crowd[0].recv(1000)
check(b"+OK Capability" in crowd[0].recv(1000), "the first of a crowd is served")
for c in crowd:
    c.close()
with open("/proc/%s/status" % sys.argv[2]) as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print("peak memory: %d kB" % peak)
check(peak < 1_000_000, "memory is bounded: %d kB" % peak)
check(half_file.read() == b"", "half a command, then silence: closed without a word")
check(marked_file.read() == b"", "a session, then silence: closed without a word")
deaf.close()
p = login()
check(p.stat()[0] == 4, "and nothing of what was marked is deleted")
p.quit()
print("all is well")
