"""The kernel's side of test_tcp.sh: tcp_kernel.py ADDRESS fetch|send|echo|refused SIZE."""
import socket
import sys
import threading
import time
import zlib

address, what, size = sys.argv[1], sys.argv[2], int(sys.argv[3])


def chargen(count):
    lines = []
    for i in range(count // 74 + 1):
        lines.append(bytes(32 + (i + k) % 95 for k in range(72)) + b"\r\n")
    return b"".join(lines)[:count]


def connect(port):
    s = socket.create_connection((address, port), timeout=60)
    s.settimeout(60)
    return s


def read_all(s):
    parts = []
    while part := s.recv(65536):
        parts.append(part)
    return b"".join(parts)


started = time.monotonic()
if what == "fetch":
    s = connect(19)
    got = read_all(s)
    s.close()
    wanted = chargen(size)
    assert len(got) == size, f"{len(got)} octets came"
    assert zlib.crc32(got) == zlib.crc32(wanted) and got == wanted, "other octets came"
elif what == "send":
    data = chargen(size)
    s = connect(9)
    s.sendall(data)
    s.shutdown(socket.SHUT_WR)
    assert read_all(s) == b""
    print("crc32", zlib.crc32(data))
elif what == "echo":
    data = chargen(size)
    s = connect(7)
    writer = threading.Thread(target=lambda: (s.sendall(data), s.shutdown(socket.SHUT_WR)))
    writer.start()
    got = read_all(s)
    writer.join()
    assert got == data, f"{len(got)} octets of {size} came back as they were"
elif what == "refused":
    try:
        connect(4444)
        raise SystemExit("the port was open")
    except ConnectionRefusedError:
        pass
print(f"{what} {size} octets: {time.monotonic() - started:.2f} s")
