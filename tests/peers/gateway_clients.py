"""Python's smtplib, and clients that do what they should not, at the gateway. What was sent is left in FOLDER for gateway_trace.py."""
import json
import resource
import smtplib
import socket
import sys
import threading
import time

PORT = 2525
sent = []


def check(truth, what):
    if not truth:
        raise SystemExit("FAILED: " + what)


def send(message, sender="py@there.example", options=()):
    with smtplib.SMTP("127.0.0.1", PORT, "tester.example") as s:
        refused = s.sendmail(sender, ["bob@hamburger.edu"], message, options)
        check(not refused, "sendmail refused: %r" % refused)
    if isinstance(message, str):
        message = message.encode("ascii")
    sent.append(smtplib._fix_eols(message.decode("latin-1")).encode("latin-1").decode("latin-1"))


# Dots at the beginning of lines, alone, doubled; no line end at the end.
send("Subject: dots\n\n.\n..\n.a\n...\nno dot\n.")
send("Subject: empty\n\n")
# 8-bit, announced.
send("Subject: 8bit\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n汉堡 ä\r\n".encode(), options=["BODY=8BITMIME"])
# The null sender.
send("Subject: a report\n\nnobody is to answer this\n", sender="")
# 10 MB, and the size limit beyond it.
started = time.monotonic()
send("Subject: big\n\n" + ("x" * 70 + "\n") * 150000)
print("10 MB in %.1f s" % (time.monotonic() - started))
with smtplib.SMTP("127.0.0.1", PORT, "tester.example") as s:
    s.ehlo()
    code, text = s.mail("py@there.example", ["SIZE=30000000"])
    check(code == 552, "SIZE beyond the limit: %d %s" % (code, text))
    # Every command the module has.
    check(s.helo("x")[0] == 250 and s.ehlo("x")[0] == 250, "HELO, EHLO")
    check(s.verify("bob")[0] == 250 and s.expn("bob")[0] == 550, "VRFY, EXPN")
    check(b"HELO" in s.help(), "HELP")
    check(s.noop()[0] == 250 and s.rset()[0] == 250, "NOOP, RSET")
    check(s.docmd("REST")[0] == 500 and s.docmd("mAiL", "fRoM:<a@b.example>")[0] == 250, "REST, mAiL fRoM")
    check(s.docmd("RCPT", "TO:<nobody@hamburger.edu>")[0] == 550 and s.docmd("DATA")[0] == 554, "DATA without recipients")

# ---- Clients that behave badly: the others are undisturbed all the while ----


def raw():
    c = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    f = c.makefile("rb")
    check(f.readline().startswith(b"220 "), "greeting")
    return c, f


half, half_file = raw()
half.sendall(b"MAIL FR")  # and then silence
endless, endless_file = raw()
threading.Thread(target=lambda: endless.sendall(b"x" * 10_000_000), daemon=True).start()
nul, nul_file = raw()
nul.sendall(b"NO\0OP\r\n")
check(nul_file.readline().startswith(b"500 "), "NUL in a command")
nul.sendall(b"NOOP\nNOOP\r\n")  # a bare LF ends no command, and what stands before it is none
check(nul_file.readline().startswith(b"500 ") and nul_file.readline().startswith(b"250 "), "bare LF")
nul.close()
# Smuggling: only CRLF "." CRLF ends the data.
smuggle, smuggle_file = raw()
for line, code in ((b"EHLO x", b"250"), (b"MAIL FROM:<a@b.example>", b"250"), (b"RCPT TO:<bob@hamburger.edu>", b"250"), (b"DATA", b"354")):
    smuggle.sendall(line + b"\r\n")
    reply = smuggle_file.readline()
    while reply[3:4] == b"-":
        reply = smuggle_file.readline()
    check(reply.startswith(code), "%s: %s" % (line, reply))
smuggle.sendall(b"Subject: one\r\n\r\none\n.\nMAIL FROM:<evil@b.example>\r\nRCPT TO:<bob@hamburger.edu>\r\nDATA\r\ntwo\r\n.\r\nNOOP\r\n")
check(smuggle_file.readline().startswith(b"554 "), "a message with a bare LF")
check(smuggle_file.readline().startswith(b"250 2.0.0 OK"), "one reply for it, and then NOOP's")
smuggle.close()
many = [raw() for _ in range(500)]
send("Subject: undisturbed\n\nby half a command, ten million octets without a newline and 500 idle clients\n")
endless.sendall(b"\r\n")
check(endless_file.readline().startswith(b"500 "), "10 MB without a newline")
endless.close()
for c, f in many:
    c.sendall(b"QUIT\r\n")
for c, f in many:
    check(f.readline().startswith(b"221 "), "one of many: QUIT")
    f.close()
    c.close()

# Ten thousand at once: those the server serves are greeted, some are told to come again, the rest are reset.
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
count = 10_000 if limit == resource.RLIM_INFINITY else min(10_000, limit // 2 - 100)
crowd, greeted = [], {}
for _ in range(count):
    c = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    crowd.append(c)
for c in crowd:
    try:
        word = c.recv(4)
    except ConnectionResetError:
        word = b"reset"
    greeted[word] = greeted.get(word, 0) + 1
print("a crowd of", count, greeted)
check(set(greeted) <= {b"220 ", b"421 ", b"reset"}, "what a crowd is told: %s" % greeted)
if count > 2300:
    check(1900 <= greeted[b"220 "] <= 2000 and greeted[b"421 "] == 200, "the limit of connections: %s" % greeted)
crowd[0].sendall(b"NOOP\r\n")
crowd[0].recv(1000)
check(crowd[0].recv(1000).startswith(b"250 "), "the first of a crowd is served")
for c in crowd:
    c.close()
with open("/proc/%s/status" % sys.argv[2]) as status:
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
print("peak memory: %d kB" % peak)
check(peak < 1_000_000, "memory is bounded: %d kB" % peak)
send("Subject: after the crowd\n\nand nobody is the worse for it\n")
check(half_file.readline().startswith(b"421 "), "half a command, then silence: 421 after the time-out")
check(half_file.readline() == b"", "and the end of the connection")

with open(sys.argv[1] + "/sent.json", "w") as out:
    json.dump(sent, out)
print("all is well")
